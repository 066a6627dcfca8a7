/* log_channel.c: entries of logging.channels made into handlers, as Laravel's LogManager
 * makes them. A driver is a row in drivers[].
 */
#include <stdio.h>

#include "app/app_imp.h"

/* Stacks may name stacks; one that names itself would never end. */
enum { MAX_NESTING = 8 };

struct maker {
    struct app *app;
    struct str name; /* in logging.channels */
    const struct php_array *config;
    int nesting;
    struct log_channel *out;
    struct error *e;
};

/* === reading an entry === */

/* setting lends a key's value; NULL: absent or null. */
static const struct php_value *setting(const struct maker *m, const char *key)
{
    const struct php_value *v = php_array_named(m->config, key);
    return v && v->type != PHP_NULL ? v : NULL;
}

static bool refuse_hole(struct maker *m, const struct php_value *v)
{
    if (v->type != PHP_HOLE)
        return true;
    *m->e = *v->hole;
    return false;
}

static bool text(struct maker *m, const char *key, struct str otherwise, struct str *out)
{
    const struct php_value *v = setting(m, key);
    *out = otherwise;
    return !v || (refuse_hole(m, v) && php_to_string(*v, &m->app->perm, out, m->e));
}

static bool flag(const struct maker *m, const char *key, bool otherwise)
{
    const struct php_value *v = setting(m, key);
    return v ? php_truthy(*v) : otherwise;
}

static int64_t number(const struct maker *m, const char *key, int64_t otherwise)
{
    const struct php_value *v = setting(m, key);
    return v ? php_to_int(*v) : otherwise;
}

static char *absolute(struct maker *m, struct str path)
{
    if (str_starts(path, S("file://")))
        path = str_skip(path, 7);
    return path_join(&m->app->perm, m->app->base, path);
}

/* handler_new adds a handler with what all kinds have. */
static struct log_handler *handler_new(struct maker *m, enum handler_kind kind)
{
    struct str level;
    struct log_handler *h = NEW(&m->app->perm, struct log_handler, 1);
    *h = (struct log_handler){.kind = kind, .bubble = flag(m, "bubble", true)};
    h->locking = flag(m, "locking", false);
    h->permission = number(m, "permission", -1);
    if (!text(m, "level", S("debug"), &level))
        return NULL;
    if (!log_level_from(level, &h->level)) {
        err_set(m->e, ERR_FATAL, "Invalid log level \"%.*s\".", STR_ARG(level));
        return NULL;
    }
    VEC_PUSH(&m->app->perm, &m->out->handlers, h);
    return h;
}

/* === drivers === */

static bool make_file(struct maker *m, enum handler_kind kind)
{
    struct str path;
    struct log_handler *h = handler_new(m, kind);
    if (!h || !text(m, "path", S(""), &path))
        return false;
    if (path.len == 0)
        return err_set(m->e, ERR_FATAL, "it has no path");
    h->path = absolute(m, path);
    h->owner = app_owner(m->app);
    return true;
}

static bool make_single(struct maker *m)
{
    return make_file(m, HANDLER_FILE);
}

static bool make_daily(struct maker *m)
{
    if (!make_file(m, HANDLER_ROTATING))
        return false;
    /* "max_files" is Laravel 13's name. */
    m->out->handlers.at[0]->max_files = number(m, "max_files", number(m, "days", 7));
    return true;
}

static bool make_monthly(struct maker *m)
{
    if (!make_file(m, HANDLER_ROTATING))
        return false;
    m->out->handlers.at[0]->monthly = true;
    m->out->handlers.at[0]->max_files = number(m, "max_files", 3);
    return true;
}

static bool make_errorlog(struct maker *m)
{
    return handler_new(m, HANDLER_ERRORLOG) != NULL;
}

/* stream_option reads one argument of Monolog's StreamHandler. */
static bool stream_option(struct maker *m, struct log_handler *h,
                          const struct php_entry *arg)
{
    struct str name = arg->key.is_int ? S("") : arg->key.s, stream;
    struct php_value v = php_deref(arg->value);
    if (!refuse_hole(m, &v))
        return false;
    if (str_eq(name, S("bubble")))
        h->bubble = php_truthy(v);
    else if (str_eq(name, S("useLocking")))
        h->locking = php_truthy(v);
    else if (str_eq(name, S("filePermission")))
        h->permission = v.type == PHP_NULL ? -1 : php_to_int(v);
    else if (!str_eq(name, S("stream")))
        return err_set(m->e, ERR_UNSUPPORTED,
                       "the argument \"%.*s\" of StreamHandler is not supported",
                       STR_ARG(name));
    else if (!php_to_string(v, &m->app->perm, &stream, m->e))
        return false;
    else if (str_eq(stream, S("php://stderr")))
        h->fd = 2;
    else if (str_eq(stream, S("php://stdout")) || str_eq(stream, S("php://output")))
        h->fd = 1;
    else if (str_has(stream, S("://")) && !str_starts(stream, S("file://")))
        return err_set(m->e, ERR_UNSUPPORTED, "the stream \"%.*s\" is not supported",
                       STR_ARG(stream));
    else {
        h->kind = HANDLER_FILE;
        h->path = absolute(m, stream);
        h->owner = app_owner(m->app);
    }
    return true;
}

static bool make_stream(struct maker *m)
{
    static const char *const lists[] = {"with", "handler_with"};
    struct log_handler *h = handler_new(m, HANDLER_STREAM);
    if (!h)
        return false;
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct php_value *with = setting(m, lists[i]);
        if (with && !refuse_hole(m, with))
            return false;
        for (size_t j = 0; with && with->type == PHP_ARRAY && j < with->a->len; j++)
            if (!stream_option(m, h, &with->a->at[j]))
                return false;
    }
    if (h->kind == HANDLER_STREAM && h->fd == 0)
        return err_set(m->e, ERR_FATAL, "its StreamHandler has no stream");
    return true;
}

static bool make_monolog(struct maker *m)
{
    struct str class;
    if (!text(m, "handler", S(""), &class))
        return false;
    if (class.len && class.ptr[0] == '\\')
        class = str_skip(class, 1);
    if (str_eq(class, S("Monolog\\Handler\\StreamHandler")))
        return make_stream(m);
    if (str_eq(class, S("Monolog\\Handler\\ErrorLogHandler")))
        return make_errorlog(m);
    if (!str_eq(class, S("Monolog\\Handler\\NullHandler")))
        return err_set(m->e, ERR_UNSUPPORTED, "the handler \"%.*s\" is not supported",
                       STR_ARG(class));
    /* The null handler keeps what it takes from the handlers behind it. */
    struct log_handler *h = handler_new(m, HANDLER_NULL);
    if (h)
        h->bubble = false;
    return h != NULL;
}

static struct log_channel *channel_new(struct app *a, struct str name, int nesting,
                                       struct error *e);
static void say(struct str name, const struct error *e, const char *then);

/* add_child takes over a channel's handlers and its processor. */
static void add_child(struct maker *m, const struct log_channel *child, bool ignore)
{
    for (size_t i = 0; i < child->handlers.len; i++) {
        struct log_handler *h = NEW(&m->app->perm, struct log_handler, 1);
        *h = *child->handlers.at[i];
        h->bubble |= ignore;
        h->quiet |= ignore;
        VEC_PUSH(&m->app->perm, &m->out->handlers, h);
    }
    m->out->placeholders |= child->placeholders;
}

/* make_stack leaves out a channel that cannot be made when another one can: Laravel puts
 * its emergency channel there, which would write every line of laravel.log twice. */
static bool make_stack(struct maker *m)
{
    const struct php_value *list = setting(m, "channels");
    bool ignore = flag(m, "ignore_exceptions", false);
    struct php_array *names = php_array_new(&m->app->perm);
    struct error first = {0};
    if (list && !refuse_hole(m, list))
        return false;
    if (list && list->type == PHP_ARRAY)
        names = list->a;
    for (struct cut c = {.ok = list && list->type == PHP_STRING,
                        .tail = list && list->type == PHP_STRING ? list->s : S("")};
         c.ok;) {
        c = str_cut(c.tail, ',');
        php_array_push(&m->app->perm, names, php_string(c.head));
    }
    for (size_t i = 0; i < names->len; i++) {
        struct str name;
        struct error e = {0};
        if (!php_to_string(php_deref(names->at[i].value), &m->app->perm, &name, m->e))
            return false;
        name = str_trim(name);
        const struct log_channel *child = channel_new(m->app, name, m->nesting + 1, &e);
        if (child)
            add_child(m, child, ignore);
        else {
            say(name, &e, "the stack does without it");
            first = first.kind ? first : e;
        }
    }
    if (m->out->handlers.len == 0 && first.kind) {
        *m->e = first;
        return false;
    }
    return true;
}

static const struct {
    const char *name;
    bool (*make)(struct maker *m);
} drivers[] = {
    {"stack", make_stack},     {"single", make_single},     {"daily", make_daily},
    {"monthly", make_monthly}, {"errorlog", make_errorlog}, {"monolog", make_monolog},
};

/* === what changes the lines beyond a driver === */

static bool is_psr_processor(const struct php_value *v)
{
    struct php_value one = php_deref(*v);
    if (one.type == PHP_ARRAY) {
        const struct php_value *class = php_array_named(one.a, "processor");
        one = class ? *class : php_null();
    }
    struct str name = one.type == PHP_STRING ? one.s : S("");
    return str_eq(str_skip(name, name.len && name.ptr[0] == '\\'),
                  S("Monolog\\Processor\\PsrLogMessageProcessor"));
}

/* set_formatter: Laravel's own lines, or JSON as Monolog makes it unasked. */
static bool set_formatter(struct maker *m)
{
    const struct php_value *with = setting(m, "formatter_with");
    struct str class;
    if (!text(m, "formatter", S(""), &class))
        return false;
    class = str_skip(class, class.len && class.ptr[0] == '\\');
    if (class.len == 0)
        return true;
    if (!str_eq(class, S("Monolog\\Formatter\\JsonFormatter")))
        return err_set(m->e, ERR_UNSUPPORTED, "the formatter \"%.*s\" is not supported",
                       STR_ARG(class));
    if (with && (with->type != PHP_ARRAY || with->a->len))
        return err_set(m->e, ERR_UNSUPPORTED,
                       "\"formatter_with\" of a JsonFormatter is not supported");
    for (size_t i = 0; i < m->out->handlers.len; i++)
        m->out->handlers.at[i]->json = true;
    return true;
}

/* check_extras refuses what would make other lines or hold them back. */
static bool check_extras(struct maker *m)
{
    const struct php_value *tap = setting(m, "tap"), *list = setting(m, "processors");
    if (setting(m, "action_level"))
        return err_set(m->e, ERR_UNSUPPORTED, "\"action_level\" is not supported");
    if (tap && (tap->type != PHP_ARRAY || tap->a->len))
        return err_set(m->e, ERR_UNSUPPORTED, "\"tap\" is not supported");
    for (size_t i = 0; list && list->type == PHP_ARRAY && i < list->a->len; i++) {
        if (!is_psr_processor(&list->a->at[i].value))
            return err_set(m->e, ERR_UNSUPPORTED,
                           "a processor other than PsrLogMessageProcessor is not "
                           "supported");
        m->out->placeholders = true;
    }
    m->out->placeholders |= flag(m, "replace_placeholders", false);
    return true;
}

/* === channels === */

static struct log_channel *channel_new(struct app *a, struct str name, int nesting,
                                       struct error *e)
{
    struct str path = str_fmt(&a->perm, "logging.channels.%.*s", STR_ARG(name)), driver;
    const struct php_value *v = app_config(a, str_z(&a->perm, path));
    struct log_channel *c = NEW(&a->perm, struct log_channel, 1);
    struct maker m = {a, name, NULL, nesting, c, e};
    if (nesting > MAX_NESTING) {
        err_set(e, ERR_FATAL, "stacks are nested more than %d deep", MAX_NESTING);
        return NULL;
    }
    if (v && !refuse_hole(&m, v))
        return NULL;
    if (!v || v->type != PHP_ARRAY) {
        err_set(e, ERR_FATAL, "it is not defined");
        return NULL;
    }
    m.config = v->a;
    if (!text(&m, "driver", S(""), &driver) || !text(&m, "name", a->env_name, &c->name) ||
        !check_extras(&m))
        return NULL;
    for (size_t i = 0; i < COUNT(drivers); i++)
        if (str_eq(driver, str_from(drivers[i].name)))
            return drivers[i].make(&m) &&
                           /* a stack has its channels' own */
                           (drivers[i].make == make_stack || set_formatter(&m))
                       ? c
                       : NULL;
    err_set(e, ERR_UNSUPPORTED, "the driver \"%.*s\" is not supported", STR_ARG(driver));
    return NULL;
}

/* emergency_new is the channel that Laravel takes when it cannot make the right one. */
static struct log_channel *emergency_new(struct app *a)
{
    struct error ignored = {0};
    struct str path = S("");
    struct log_channel *c = NEW(&a->perm, struct log_channel, 1);
    struct log_handler *h = NEW(&a->perm, struct log_handler, 1);
    if (!app_config_string(a, "logging.channels.emergency.path", S(""), &path,
                           &ignored) ||
        path.len == 0)
        path = str_from(app_storage(a, &a->perm, "logs/laravel.log"));
    *h = (struct log_handler){.kind = HANDLER_FILE, .bubble = true, .permission = -1};
    h->path = path_join(&a->perm, a->base, path);
    h->owner = app_owner(a);
    c->name = S("laravel");
    VEC_PUSH(&a->perm, &c->handlers, h);
    return c;
}

static void say(struct str name, const struct error *e, const char *then)
{
    char cause[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, cause, sizeof(cause));
    fprintf(stderr, "facteur: log channel [%.*s]: %s; %s\n", STR_ARG(name), cause, then);
}

struct log_channel *log_channel_lookup(struct app *a, struct str name)
{
    struct error e = {0};
    struct log_channel *c = map_lookup(&a->channels, name);
    if (c)
        return c;
    name = str_copy(&a->perm, name);
    c = channel_new(a, name, 0, &e);
    if (!c) {
        c = emergency_new(a);
        struct str then = str_fmt(&a->perm, "lines go to %s", c->handlers.at[0]->path);
        say(name, &e, str_z(&a->perm, then));
    }
    map_put(&a->perm, &a->channels, name, c);
    return c;
}
