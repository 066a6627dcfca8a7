/* parts.c: what belongs to the end of a job beside its row in the queue, in the order in
 * which it is written.
 */
#include "jobs/jobs_imp.h"

static struct jobs *jobs_of_run(const struct job_run *r)
{
    return (struct jobs *)r->executor;
}

static bool write_done(void *arg, struct error *e)
{
    struct job_run *r = arg;
    return job_completed(jobs_of_run(r), r, e);
}

static bool write_failed(void *arg, struct error *e)
{
    struct job_run *r = arg;
    return (r->killed ? job_killed : job_failed)(jobs_of_run(r), r, r->failure, e);
}

static bool write_unlock(void *arg, struct error *e)
{
    struct job_run *r = arg;
    return job_unlock(jobs_of_run(r), r, e);
}

static bool write_next(void *arg, struct error *e)
{
    struct job_run *r = arg;
    return job_next(jobs_of_run(r), r, e);
}

static bool write_batch(void *arg, struct error *e)
{
    struct job_run *r = arg;
    return job_batch_ended(jobs_of_run(r), r, r->failure != NULL, e);
}

static void add(struct ending *end, struct part p)
{
    end->parts[end->parts_len++] = p;
}

/* A batch's row is waited for by all its jobs; a lock that was released cannot be taken
 * back: neither waits for another job's claim. */
bool job_parts(struct jobs *js, struct job_run *r, struct ending *end, struct error *e)
{
    bool done = end->kind == END_DONE;
    struct db *batch = NULL;
    end->parts_len = 0;
    add(end, (struct part){.what = done ? "its end" : "its failure",
                           .write = done ? write_done : write_failed,
                           .arg = r,
                           .db = js->o.db,
                           .tells = true,
                           .may_fail = true});
    if (end->kind == END_RELEASED)
        return true;
    add(end, (struct part){.what = "the release of its lock",
                           .write = write_unlock,
                           .arg = r,
                           .db = js->o.queue_db,
                           .may_fail = true,
                           .hurried = !job_ends_here(r)});
    if (done)
        add(end, (struct part){.what = "the next job of its chain",
                               .write = write_next,
                               .arg = r,
                               .db = js->o.queue_db});
    if (!job_batch_db(js, r, &batch, e))
        return false;
    if (batch)
        add(end, (struct part){.what = "the count of its batch",
                               .write = write_batch,
                               .arg = r,
                               .db = batch,
                               .may_fail = true,
                               .hurried = true});
    return true;
}
