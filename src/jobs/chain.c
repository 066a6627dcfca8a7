/* chain.c: the next job of a chain, dispatched as Queueable::dispatchNextJobInChain does.
 *
 * What a payload tells of its class – tries, timeout, backoff – stands in the class, not
 * in the chain. It is read out of the app's PHP where that says it in plain properties;
 * a class that says more in methods, or a chain whose failure calls back, is PHP's: found
 * out before the job that carries the chain is taken.
 */
#include <stdlib.h>

#include "jobs/jobs_imp.h"

enum {
    CLASSES = 32,           /* kept at once */
    CLASSES_MAX = 64 << 20, /* their sources */
    COMMAND_MAX = 16 << 20,
};

/* === classes === */

/* What the class declares, and a payload says. */
enum declared {
    TRIES,
    MAX_EXCEPTIONS,
    FAIL_ON_TIMEOUT,
    COUNT_CRASHES,
    BACKOFF,
    TIMEOUT,
    RETRY_UNTIL,
    DECLARED,
};

static const char *const names[DECLARED] = {
    [TRIES] = "tries",
    [MAX_EXCEPTIONS] = "maxExceptions",
    [FAIL_ON_TIMEOUT] = "failOnTimeout",
    [COUNT_CRASHES] = "countCrashesAsExceptions",
    [BACKOFF] = "backoff",
    [TIMEOUT] = "timeout",
    [RETRY_UNTIL] = "retryUntil",
};

struct chain_class {
    struct str name;
    uint64_t stamp;
    struct job_source source;
    struct php_value defaults[DECLARED];
    const char *why; /* it cannot be dispatched here; NULL: it can */
};

struct chains {
    struct arena arena;
    struct chain_class classes[CLASSES];
    size_t len;
};

struct chains *chains_new(void)
{
    struct chains *c = calloc(1, sizeof(*c));
    if (c)
        c->arena = arena_open(CLASSES_MAX);
    return c;
}

void chains_drop(struct chains *c)
{
    if (!c)
        return;
    arena_close(&c->arena);
    free(c);
}

/* Methods that decide about a job while it is dispatched. */
static const char *const deciding[] = {
    "tries",   "backoff",  "retryUntil",    "timeout",     "displayName",
    "queue",   "viaQueue", "viaConnection", "__serialize", "__clone",
    "__sleep", "__wakeup", "__unserialize", "onQueue",     "onConnection"};

/* Properties that a class may have from Laravel's trait alone. */
static const char *const of_trait[] = {"$connection", "$queue",           "$chained",
                                       "$chainQueue", "$chainConnection", "$delay"};

static const char *why_not_dispatch(struct jobs *js, const struct job_source *s)
{
    for (size_t i = 0; i < COUNT(deciding); i++)
        if (job_source_has_method(s, deciding[i]))
            return "has methods that decide how it is queued";
    for (size_t f = 0; f < s->files.len; f++) {
        struct str source = s->files.at[f].source;
        for (size_t i = 0; i < COUNT(of_trait); i++)
            if (php_source_property(source, str_from(of_trait[i])).visibility)
                return "declares properties that Laravel's trait has";
        /* From 13 on attributes say what properties did. */
        if (app_laravel_has(js->o.app, 13, 0) && str_has(source, S("#[")))
            return "has attributes";
    }
    if (!s->queued)
        return "is not queued";
    if (!s->queueable)
        return "does not use Queueable";
    if (s->unique != UNIQUE_NO)
        return "is unique";
    return s->encrypted ? "is encrypted" : NULL;
}

/* is_plain: a number, a text, or a list of such. */
static bool is_plain(struct php_value v)
{
    if (v.type != PHP_ARRAY)
        return v.type != PHP_OBJECT && v.type != PHP_HOLE;
    for (size_t i = 0; i < v.a->len; i++)
        if (!is_plain(v.a->at[i].value))
            return false;
    return true;
}

static void read_class(struct jobs *js, struct chain_class *c)
{
    struct arena *perm = &js->chains->arena;
    bool known = str_starts(c->name, S("App\\")) && !str_has(c->name, S("..")) &&
                 job_source_look(js, c->name, perm, &c->source);
    c->why = known ? why_not_dispatch(js, &c->source)
                   : "is not a class of the app that can be read";
    for (enum declared t = 0; t < DECLARED && !c->why; t++)
        if (!job_source_default(js, &c->source, names[t], perm, &c->defaults[t]) ||
            !is_plain(c->defaults[t]))
            c->why = "declares what cannot be evaluated";
}

/* class_of looks a class up; its file may have changed. */
static const struct chain_class *class_of(struct jobs *js, struct str name)
{
    struct chains *all = js->chains;
    uint64_t stamp = 0;
    job_source_stamp(js, name, &stamp);
    for (size_t i = 0; i < all->len; i++)
        if (str_eq(all->classes[i].name, name) && all->classes[i].stamp == stamp)
            return &all->classes[i];
    if (all->len == CLASSES) {
        arena_reset(&all->arena);
        all->len = 0;
    }
    struct chain_class *c = &all->classes[all->len++];
    *c = (struct chain_class){.name = str_copy(&all->arena, name), .stamp = stamp};
    read_class(js, c);
    return c;
}

/* === the command === */

/* What Laravel sets on the next job, and leaves out where it is the class's default. */
struct setting {
    const char *name;
    struct php_value value;
};

static struct php_value lent(const struct php_object *o, const char *name)
{
    const struct php_value *v = php_prop(o, str_from(name));
    return v ? *v : php_null();
}

/* rest_of drops the first job of the list. */
static struct php_value rest_of(const struct php_array *chained, struct arena *perm)
{
    struct php_array *rest = php_array_new(perm);
    for (size_t i = 1; i < chained->len; i++)
        php_array_push(perm, rest, chained->at[i].value);
    return php_from_array(rest);
}

static struct php_value either(struct php_value own, struct php_value other)
{
    return php_truthy(own) ? own : other;
}

static bool is_default(struct php_value v)
{
    return v.type == PHP_NULL || (v.type == PHP_ARRAY && v.a->len == 0);
}

static size_t place_of(const struct job_source *s, struct str name)
{
    size_t i = 0;
    while (i < s->order.len && !str_eq(s->order.at[i], name))
        i++;
    return i;
}

/* with puts one property where PHP would write it: before the first of the traits' that
 * comes after it. */
static struct php_array *with(const struct php_array *props, const struct job_source *s,
                              struct setting set, bool omit, struct arena *perm)
{
    struct php_array *out = php_array_new(perm);
    struct php_key key = php_key_from(str_from(set.name));
    bool there = php_array_lookup(props, key) != NULL, put = omit;
    size_t place = place_of(s, key.s);
    for (size_t i = 0; i < props->len; i++) {
        const struct php_entry *p = &props->at[i];
        bool same = !p->key.is_int && str_eq(p->key.s, key.s);
        size_t its = p->key.is_int ? 0 : place_of(s, p->key.s);
        if (!put && (same || (!there && its > place && its < s->order.len))) {
            php_array_put(perm, out, key, set.value);
            put = true;
        }
        if (!same)
            php_array_put(perm, out, p->key, p->value);
    }
    if (!put)
        php_array_put(perm, out, key, set.value);
    return out;
}

/* The next job: its object, and what is set on it. */
struct next_job {
    const struct php_object *object;
    const struct job_source *source;
    struct setting settings[6];
};

static bool write_command(struct jobs *js, const struct next_job *next,
                          struct arena *perm, struct str *out, struct error *e)
{
    const struct job_source *s = next->source;
    const struct setting *settings = next->settings;
    /* SerializesModels leaves defaults out since Laravel 9. */
    bool short_form = s->serializes && app_laravel_has(js->o.app, 9, 0);
    struct php_object *o = NEW(perm, struct php_object, 1);
    struct buf b = buf_new(perm, COMMAND_MAX);
    *o = *next->object;
    for (size_t i = 0; i < COUNT(next->settings); i++) {
        /* An empty list is what catch callbacks are after a dispatch, and no default. */
        bool callbacks = strcmp(settings[i].name, "chainCatchCallbacks") == 0;
        struct php_value v = settings[i].value;
        bool omit = short_form && (callbacks ? v.type == PHP_NULL : is_default(v));
        o->props = with(o->props, s, settings[i], omit, perm);
    }
    if (!php_serialize(&b, php_from_object(o), e))
        return false;
    *out = buf_str(&b);
    return true;
}

/* === the plan === */

static bool refuse(struct error *e, struct str class_name, const char *why)
{
    return err_set(e, ERR_UNSUPPORTED, "has another job chained to it, %.*s, that %s",
                   STR_ARG(class_name), why);
}

/* open_table finds the queue that the next job goes to. It must be where the job's own
 * row is: one transaction ends the one and makes the other. */
static bool open_table(struct jobs *js, struct php_value connection, struct str name,
                       struct arena *perm, struct job_chain *out, struct error *e)
{
    struct error why = {0};
    struct str text = connection.type == PHP_STRING ? connection.s : S("");
    out->table = queue_table_open(js->o.app, js->o.pool, text, perm, &why);
    if (!out->table)
        return refuse(e, name, "goes to a queue that facteur does not work");
    if (queue_table_db(out->table) != js->o.queue_db)
        return refuse(e, name, "goes to another database");
    return true;
}

/* kept copies what a class declares: what is known of classes may go before the job that
 * carries the chain is settled. */
static struct php_value kept(struct php_value v, struct arena *perm)
{
    if (v.type == PHP_STRING)
        return php_string(str_copy(perm, v.s));
    if (v.type != PHP_ARRAY)
        return v;
    struct php_array *a = php_array_new(perm);
    for (size_t i = 0; i < v.a->len; i++) {
        struct php_key key = v.a->at[i].key;
        if (!key.is_int)
            key.s = str_copy(perm, key.s);
        php_array_put(perm, a, key, kept(v.a->at[i].value, perm));
    }
    return php_from_array(a);
}

/* declared gives what the payload says: the object's own value, else the class's. */
static struct php_value declared(const struct php_object *o, const struct chain_class *c,
                                 enum declared which, struct arena *perm)
{
    const struct php_value *v =
        php_array_lookup(o->props, php_key_from(str_from(names[which])));
    struct php_value own = v ? *v : php_null();
    return own.type != PHP_NULL ? own : kept(c->defaults[which], perm);
}

/* plan_payload: false with the reason in *why where a value is none that facteur has. */
static bool plan_payload(const struct php_object *next, const struct chain_class *c,
                         struct arena *perm, struct job_chain *out, const char **why)
{
    struct php_value delay = lent(next, "delay"), v[DECLARED];
    for (enum declared t = 0; t < DECLARED; t++) {
        v[t] = declared(next, c, t, perm);
        if (v[t].type == PHP_OBJECT) {
            *why = "carries a moment that only PHP can tell";
            return false;
        }
    }
    if (delay.type != PHP_NULL && delay.type != PHP_INT) {
        *why = "has a delay that only PHP can tell";
        return false;
    }
    out->delay = php_to_int(delay);
    out->payload = (struct job_payload){
        .class_name = next->class_name,
        .tries = v[TRIES],
        .max_exceptions = v[MAX_EXCEPTIONS],
        .fail_on_timeout =
            v[FAIL_ON_TIMEOUT].type == PHP_NULL ? php_bool(false) : v[FAIL_ON_TIMEOUT],
        .count_crashes =
            v[COUNT_CRASHES].type == PHP_NULL ? php_bool(false) : v[COUNT_CRASHES],
        .backoff = v[BACKOFF],
        .timeout = v[TIMEOUT],
        .retry_until = v[RETRY_UNTIL],
        .batch_id = lent(next, "batchId"),
        .delay = delay,
    };
    return true;
}

static bool plan_next(struct jobs *js, const struct php_object *command,
                      const struct php_object *next, struct arena *perm,
                      struct job_chain *out, struct error *e)
{
    const struct chain_class *c = class_of(js, next->class_name);
    const char *why = c->why;
    if (why || !plan_payload(next, c, perm, out, &why))
        return refuse(e, next->class_name, why);
    struct php_value connection =
        either(lent(next, "connection"), lent(command, "chainConnection"));
    struct php_value queue = either(lent(next, "queue"), lent(command, "chainQueue"));
    const struct next_job made = {
        .object = next,
        .source = &c->source,
        .settings = {
            {"chained", rest_of(lent(command, "chained").a, perm)},
            {"connection", connection},
            {"queue", queue},
            {"chainConnection", lent(command, "chainConnection")},
            {"chainQueue", lent(command, "chainQueue")},
            {"chainCatchCallbacks", lent(command, "chainCatchCallbacks")},
        }};
    if (!open_table(js, connection, next->class_name, perm, out, e))
        return false;
    out->queue = php_truthy(queue) && queue.type == PHP_STRING
                     ? queue.s
                     : queue_table_settings(out->table)->queue;
    return write_command(js, &made, perm, &out->payload.command, e);
}

bool chain_plan(struct jobs *js, const struct dispatched *d, struct arena *perm,
                struct job_chain *out, struct error *e)
{
    const struct php_object *command = d->command;
    struct php_value chained = lent(command, "chained"), v = php_null();
    struct error unreadable = {0};
    *out = (struct job_chain){0};
    if (php_truthy(lent(command, "chainCatchCallbacks")))
        return err_set(e, ERR_UNSUPPORTED,
                       "belongs to a chain whose failure calls back, which is PHP");
    if (chained.type != PHP_ARRAY || chained.a->len == 0)
        return true;
    struct php_value first = chained.a->at[0].value;
    if (first.type != PHP_STRING ||
        !php_unserialize(first.s, &php_default_limits, perm, &v, NULL, &unreadable) ||
        v.type != PHP_OBJECT)
        return err_set(e, ERR_UNSUPPORTED, "has a job chained to it that cannot be read");
    if (d->payload->hooked)
        return refuse(e, v.o->class_name, "would get what the app's payload hooks add");
    if (!plan_next(js, command, v.o, perm, out, e)) {
        out->table = NULL;
        return false;
    }
    out->payload.context =
        d->payload->context; /* carried on: it was hydrated for this job */
    return true;
}
