/* dependents.c: what a job's end means to others: its batch, the next job of its chain,
 * its lock.
 *
 * All of it is decoded from the payload when it is first asked for, also for a process
 * that is gone. What only PHP can do is found out before a job is taken.
 */
#include <stdio.h>
#include <stdlib.h>

#include "jobs/jobs_imp.h"

enum {
    BATCHES = 256,         /* verdicts kept, by the hash of the batch's id */
    VERDICT_MS = 5000,     /* so long: a first failure may change one */
    BATCH_ARENA = 1 << 20, /* statements of the table */
    BATCH_MAX = 64 << 20,  /* options, with all that closures carry */
};

struct verdict {
    char id[64];
    int64_t until_ms;
    const char *callbacks; /* NULL: the batch is ours */
};

struct dependents {
    struct arena perm, tmp;
    struct batch_table *table; /* made when the first batch is met */
    struct verdict verdicts[BATCHES];
};

bool dependents_open(struct jobs *js, struct error *e)
{
    js->dependents = calloc(1, sizeof(*js->dependents));
    js->chains = chains_new();
    if (!js->dependents || !js->chains)
        return err_set(e, ERR_FATAL, "no memory for batches and chains");
    js->dependents->perm = arena_open(BATCH_ARENA);
    js->dependents->tmp = arena_open(BATCH_MAX);
    return true;
}

void dependents_close(struct jobs *js)
{
    stores_close(js);
    chains_drop(js->chains);
    if (!js->dependents)
        return;
    arena_close(&js->dependents->tmp);
    arena_close(&js->dependents->perm);
    free(js->dependents);
}

/* === batches === */

static struct str string_prop(const struct php_object *o, const char *name)
{
    const struct php_value *v = php_prop(o, str_from(name));
    return v && v->type == PHP_STRING ? v->s : S("");
}

static struct batch_table *batches(struct jobs *js, struct error *e)
{
    struct dependents *d = js->dependents;
    if (!d->table)
        d->table = batch_table_open(js->o.app, js->o.pool, &d->perm, e);
    return d->table;
}

/* find_batch asks for the batch of a job; callbacks are PHP's, and so is what cannot be
 * read. */
static bool find_batch(struct jobs *js, struct str id, struct batch *out, struct error *e)
{
    struct batch_table *d = batches(js, e);
    if (d && batch_table_find(d, id, js->dependents->tmp, out, e))
        return true;
    if (e->kind != ERR_LOST && e->kind != ERR_AGAIN)
        e->kind = ERR_UNSUPPORTED;
    return err_wrap(e, "belongs to a batch that facteur cannot count");
}

static struct verdict *verdict_of(struct jobs *js, struct str id)
{
    return &js->dependents->verdicts[str_hash(id) % BATCHES];
}

/* batch_refuses says why a batch's job is PHP's; NULL: it is not, or nobody can tell at
 * this moment, and whoever begins the job asks again. */
static const char *batch_refuses(struct jobs *js, struct str id)
{
    struct verdict *v = verdict_of(js, id);
    struct batch batch;
    struct error e = {0};
    bool known = v->until_ms > clock_mono_ms() && str_eq(str_from(v->id), id);
    if (!known) {
        if (!find_batch(js, id, &batch, &e)) {
            snprintf(js->refusal, sizeof(js->refusal), "%s", e.text);
            return e.kind == ERR_UNSUPPORTED ? js->refusal : NULL;
        }
        if (!batch.found || id.len >= sizeof(v->id))
            return NULL;
        *v = (struct verdict){.until_ms = clock_mono_ms() + VERDICT_MS,
                              .callbacks = batch.callbacks};
        memcpy(v->id, id.ptr, id.len);
    }
    if (!v->callbacks)
        return NULL;
    js->batch_refused = true;
    snprintf(js->refusal, sizeof(js->refusal),
             "belongs to a batch with callbacks (%s), which are PHP", v->callbacks);
    return js->refusal;
}

/* === middleware that the job carries === */

/* read_middleware knows what does nothing, or skips. */
static bool read_middleware(const struct php_object *command, struct job_dependents *d,
                            struct error *e)
{
    const struct php_value *list = php_prop(command, S("middleware"));
    for (size_t i = 0; list && list->type == PHP_ARRAY && i < list->a->len; i++) {
        struct php_value v = php_deref(list->a->at[i].value);
        struct str name = v.type == PHP_OBJECT ? v.o->class_name : S("?");
        const struct php_value *skip =
            v.type == PHP_OBJECT ? php_prop(v.o, S("skip")) : NULL;
        if (str_eq(name, S("Illuminate\\Queue\\Middleware\\SkipIfBatchCancelled")))
            d->skips_cancelled = true;
        else if (str_eq(name, S("Illuminate\\Queue\\Middleware\\Skip")) && skip)
            d->skips = d->skips || php_truthy(*skip);
        else
            return err_set(e, ERR_UNSUPPORTED, "has middleware (%.*s)", STR_ARG(name));
    }
    return true;
}

/* === before a job === */

/* holds_models: PHP restores them first, and may find them missing. */
static bool holds_models(const struct php_object *o)
{
    for (size_t i = 0; i < o->props->len; i++) {
        struct php_value v = php_deref(o->props->at[i].value);
        if (v.type == PHP_OBJECT &&
            str_eq(v.o->class_name,
                   S("Illuminate\\Contracts\\Database\\ModelIdentifier")))
            return true;
    }
    return false;
}

/* read_ties decodes all but what the database knows. */
static bool read_ties(struct jobs *js, const struct job_source *source,
                      const struct payload *p, const struct php_object *command,
                      struct arena *perm, struct job_dependents *d, struct error *e)
{
    struct php_value context;
    if (source->batchable)
        d->batch = string_prop(command, "batchId");
    if (!d->batch.len && source->wants_batch)
        return err_set(e, ERR_UNSUPPORTED, "has no batch, which its handle() asks for");
    if (holds_models(command))
        return err_set(e, ERR_UNSUPPORTED, "carries models");
    if (!context_read(js, p, perm, &context))
        return err_set(e, ERR_UNSUPPORTED, "has a log context that only PHP can read");
    return read_middleware(command, d, e) &&
           unique_plan(js, source, p, command, perm, &d->lock, e) &&
           chain_plan(js, p, command, perm, &d->chain, e);
}

const char *dependents_refuse(struct jobs *js, const struct job_source *source,
                              const struct payload *p, const struct php_object *command)
{
    struct job_dependents d = {0};
    struct error e = {0};
    if (read_ties(js, source, p, command, &js->accept, &d, &e))
        return d.batch.len ? batch_refuses(js, d.batch) : NULL;
    snprintf(js->refusal, sizeof(js->refusal), "%s", e.text);
    return js->refusal;
}

/* dependents_of decodes once per run. A command that cannot be decoded has none: Laravel
 * does not count such a job either. */
static const struct job_dependents *dependents_of(struct jobs *js, struct job_run *r)
{
    struct error ignored = {0};
    const struct php_object *o;
    if (r->dependents)
        return r->dependents;
    struct job_dependents *d = NEW(r->perm, struct job_dependents, 1);
    r->dependents = d;
    if (command_object(js, &r->job->payload, r->perm, &o, &ignored) &&
        !read_ties(js, &js->classes[r->job->class_index].source, &r->job->payload, o,
                   r->perm, d, &d->error))
        d->chain.table = NULL;
    return d;
}

bool dependents_begin(struct jobs *js, struct job_run *r, bool *skip, struct error *e)
{
    const struct job_dependents *d = dependents_of(js, r);
    const struct job_source *source = &js->classes[r->job->class_index].source;
    struct batch batch;
    *skip = d->skips;
    if (d->error.kind != ERR_NONE) {
        *e = d->error;
        return false;
    }
    if (!d->batch.len)
        return true;
    if (!find_batch(js, d->batch, &batch, e))
        return false;
    if (batch.callbacks)
        return err_set(e, ERR_UNSUPPORTED, "belongs to a batch with callbacks (%s)",
                       batch.callbacks);
    bool asks = source->skips_cancelled || d->skips_cancelled;
    *skip = *skip || (batch.cancelled && asks);
    return true;
}

bool dependents_work(struct jobs *js, struct job_run *r, struct error *e)
{
    const struct job_lock *l = &dependents_of(js, r)->lock;
    return l->unique != UNIQUE_UNTIL_PROCESSING || unique_release(js, l, e);
}

/* === after it === */

bool job_batch_db(struct jobs *js, struct job_run *r, struct db **out, struct error *e)
{
    const struct job_dependents *d = dependents_of(js, r);
    *out = NULL;
    if (!d->batch.len)
        return true;
    struct batch_table *table = batches(js, e);
    *out = table ? batch_table_db(table) : NULL;
    return table != NULL;
}

bool job_ends_here(struct jobs *js, struct job_run *r)
{
    return dependents_of(js, r)->lock.unique != UNIQUE_UNTIL_DONE;
}

bool job_batch_ended(struct jobs *js, struct job_run *r, bool failed, struct error *e)
{
    const struct job_dependents *d = dependents_of(js, r);
    /* Laravel counts a success only of a class that uses InteractsWithQueue too. */
    if (!failed && !js->classes[r->job->class_index].source.interacts)
        return true;
    return batch_table_ended(js->dependents->table, d->batch, r->job->payload.uuid,
                             failed, js->dependents->tmp, e);
}

bool job_next(struct jobs *js, struct job_run *r, struct error *e)
{
    const struct job_dependents *d = dependents_of(js, r);
    const struct job_chain *c = &d->chain;
    struct arena tmp = js->dependents->tmp;
    /* Only for a process that is gone: whoever begins a job knows better. */
    if (d->error.kind != ERR_NONE)
        js->o.warn(js->o.arg,
                   str_z(&tmp, str_fmt(&tmp, "job %lld %s: it is not dispatched",
                                       (long long)r->job->id, d->error.text)));
    struct queue_push push = {.queue = c->queue, .delay = c->delay};
    return !c->table ||
           (job_payload_json(js->o.app, &c->payload, &tmp, &push.payload, e) &&
            queue_table_push(c->table, &push, 1, tmp, e));
}

bool job_unlock(struct jobs *js, struct job_run *r, struct error *e)
{
    const struct job_lock *l = &dependents_of(js, r)->lock;
    return l->unique != UNIQUE_UNTIL_DONE || unique_release(js, l, e);
}
