/* dependents.c: what a job's end means to others: its batch, the next job of its chain,
 * its lock.
 *
 * What the payload says of them was read with it (content.c). What only PHP can do is
 * found out before a job is taken.
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

static struct batch_table *batches(struct jobs *js, struct error *e)
{
    struct dependents *d = js->dependents;
    if (!d->table)
        d->table = batch_table_open(js->o.app, js->o.pool, &d->perm, e);
    return d->table;
}

static struct verdict *verdict_of(struct jobs *js, struct str id)
{
    return &js->dependents->verdicts[str_hash(id) % BATCHES];
}

/* ask_batch: what cannot be read is PHP's. */
static void ask_batch(struct jobs *js, struct job_content *c)
{
    struct error *e = &c->batch_error;
    struct batch_table *table = batches(js, e);
    if (table && batch_table_find(table, c->batch_id, js->dependents->tmp, &c->batch, e))
        return;
    if (e->kind != ERR_LOST && e->kind != ERR_AGAIN)
        e->kind = ERR_UNSUPPORTED;
    err_wrap(e, "belongs to a batch that facteur cannot count");
}

/* find_batch is where the batch of a job is found. `claimed`: for certain; else what was
 * found for a job of the batch a moment ago will do. */
static void find_batch(struct jobs *js, struct job_content *c, bool claimed)
{
    struct str id = c->batch_id;
    struct verdict *v = verdict_of(js, id);
    bool known = v->until_ms > clock_mono_ms() && str_eq(str_from(v->id), id);
    if (known && (v->callbacks || !claimed)) {
        c->batch = (struct batch){.found = true, .callbacks = v->callbacks};
        return;
    }
    ask_batch(js, c);
    if (!c->batch.found || c->batch_error.kind != ERR_NONE || id.len >= sizeof(v->id))
        return;
    *v = (struct verdict){.until_ms = clock_mono_ms() + VERDICT_MS,
                          .callbacks = c->batch.callbacks};
    memcpy(v->id, id.ptr, id.len);
}

/* only_php says why only PHP can run what was read; NULL: facteur can, or nobody can tell
 * at this moment, and whoever begins the job hears of it. */
static const char *only_php(struct jobs *js, const struct job_content *c)
{
    const struct error *const errors[] = {&c->undecodable, &c->error, &c->batch_error};
    for (size_t i = 0; i < COUNT(errors); i++) {
        if (errors[i]->kind != ERR_UNSUPPORTED)
            continue;
        snprintf(js->refusal, sizeof(js->refusal), "%s", errors[i]->text);
        return js->refusal;
    }
    if (!c->batch.callbacks)
        return NULL;
    js->batch_refused = true;
    snprintf(js->refusal, sizeof(js->refusal),
             "belongs to a batch with callbacks (%s), which are PHP", c->batch.callbacks);
    return js->refusal;
}

/* === before a job === */

const char *dependents_read(struct jobs *js, const struct queue_job *j, bool claimed,
                            struct arena *perm, const struct job_content **out)
{
    struct job_content *c = content_read(js, j, perm);
    *out = c;
    if (c->batch_id.len && c->error.kind == ERR_NONE)
        find_batch(js, c, claimed);
    return only_php(js, c);
}

bool dependents_begin(struct jobs *js, struct job_run *r, bool *skip, struct error *e)
{
    const struct job_content *c = r->content;
    const struct job_source *source = &js->classes[r->job->class_index].source;
    *skip = c->skips ||
            (c->batch.cancelled && (source->skips_cancelled || c->skips_cancelled));
    if (c->batch_error.kind == ERR_NONE)
        return true;
    *e = c->batch_error;
    return false;
}

bool dependents_work(struct jobs *js, struct job_run *r, struct error *e)
{
    const struct job_lock *l = &r->content->lock;
    return l->unique != UNIQUE_UNTIL_PROCESSING || unique_release(js, l, e);
}

/* === after it === */

bool job_batch_db(struct jobs *js, struct job_run *r, struct db **out, struct error *e)
{
    *out = NULL;
    if (!r->content->batch_id.len)
        return true;
    struct batch_table *table = batches(js, e);
    *out = table ? batch_table_db(table) : NULL;
    return table != NULL;
}

bool job_ends_here(const struct job_run *r)
{
    return r->content->lock.unique != UNIQUE_UNTIL_DONE;
}

bool job_batch_ended(struct jobs *js, struct job_run *r, bool failed, struct error *e)
{
    /* Laravel counts a success only of a class that uses InteractsWithQueue too. */
    if (!failed && !js->classes[r->job->class_index].source.interacts)
        return true;
    return batch_table_ended(js->dependents->table, r->content->batch_id,
                             r->job->payload.uuid, failed, js->dependents->tmp, e);
}

bool job_next(struct jobs *js, struct job_run *r, struct error *e)
{
    const struct error *why = &r->content->error;
    const struct job_chain *c = &r->content->chain;
    struct arena tmp = js->dependents->tmp;
    /* Only for a process that is gone: whoever begins a job knows better. */
    if (why->kind != ERR_NONE)
        js->o.warn(js->o.arg,
                   str_z(&tmp, str_fmt(&tmp, "job %lld %s: it is not dispatched",
                                       (long long)r->job->id, why->text)));
    struct queue_push push = {.queue = c->queue, .delay = c->delay};
    return !c->table ||
           (job_payload_json(js->o.app, &c->payload, &tmp, &push.payload, e) &&
            queue_table_push(c->table, &push, 1, tmp, e));
}

bool job_unlock(struct jobs *js, struct job_run *r, struct error *e)
{
    const struct job_lock *l = &r->content->lock;
    return l->unique != UNIQUE_UNTIL_DONE || unique_release(js, l, e);
}
