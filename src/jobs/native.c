/* native.c: the executor of the classes of this program. */
#include "jobs/jobs_imp.h"

static struct jobs *jobs_of(const struct executor *x)
{
    return (struct jobs *)(uintptr_t)x; /* its first member */
}

static const struct queue_class *classes(const struct executor *x, size_t *len)
{
    return jobs_classes(jobs_of(x), len);
}

static const char *refuses(struct executor *x, struct queue_job *j, struct arena *perm)
{
    return jobs_refuse(jobs_of(x), j, perm);
}

static uint64_t stamp(const struct executor *x)
{
    return jobs_stamp(jobs_of(x));
}

static bool refresh(struct executor *x, struct error *e)
{
    return jobs_refresh(jobs_of(x), e);
}

static bool takes_any(const struct executor *x)
{
    return jobs_takes_any(jobs_of(x));
}

static void enter(struct executor *x, struct job_run *r)
{
    job_entered(jobs_of(x), r);
}

static void leave(struct executor *x)
{
    job_left(jobs_of(x));
}

/* === the beginning, in the claim's transaction where the models are in its session ===
 */

static bool apart(const struct executor *x)
{
    const struct jobs *js = jobs_of(x);
    return js->o.db != js->o.queue_db;
}

static bool begin(struct executor *x, struct job_run *r, enum job_begun *begun,
                  bool *undecodable, struct error *e)
{
    struct jobs *js = jobs_of(x);
    *begun = BEGUN_NOTHING;
    *undecodable = false;
    return (!apart(x) || db_begin(js->o.db, e)) &&
           job_begin(js, r, begun, undecodable, e);
}

static bool keep(struct executor *x, struct error *e)
{
    return !apart(x) || db_commit(jobs_of(x)->o.db, e);
}

static void undo(struct executor *x)
{
    if (apart(x))
        db_rollback(jobs_of(x)->o.db);
}

/* === the rest === */

static bool work(struct executor *x, struct job_run *r, struct error *e)
{
    return job_handle(jobs_of(x), r, e);
}

static bool parts(struct executor *x, struct job_run *r, struct ending *end,
                  struct error *e)
{
    r->executor = x;
    return job_parts(jobs_of(x), r, end, e);
}

static void ended(struct executor *x, const struct job_run *r,
                  const struct job_failure *f)
{
    if (f)
        job_log_failed(jobs_of(x), r, f);
    else
        job_log_done(jobs_of(x), r);
}

static bool withdraw(struct executor *x, struct job_run *r, struct error *e)
{
    struct jobs *js = jobs_of(x);
    if (!db_begin(js->o.db, e))
        return false;
    if (job_withdrawn(js, r, e) && db_commit(js->o.db, e))
        return true;
    db_rollback(js->o.db);
    return false;
}

static bool began(struct executor *x, int class_index, int64_t row, bool *began,
                  struct error *e)
{
    return job_row_exists(jobs_of(x), class_index, row, began, e);
}

static const char *exception(const struct executor *x, int class_index, const char *step)
{
    return job_exception(jobs_of(x), class_index, step);
}

/* === mailers: each class that sends has one === */

static void idle(struct executor *x)
{
    struct jobs *js = jobs_of(x);
    for (size_t i = 0; i < js->len; i++)
        if (js->classes[i].home.mailer)
            mailer_idle(js->classes[i].home.mailer);
}

static void hang_up(struct executor *x)
{
    struct jobs *js = jobs_of(x);
    for (size_t i = 0; i < js->len; i++)
        if (js->classes[i].home.mailer)
            mailer_hang_up(js->classes[i].home.mailer);
}

static struct mail_pace pace(struct executor *x)
{
    struct jobs *js = jobs_of(x);
    struct mail_pace met = {0};
    /* What one attempt met stands in one of them. */
    for (size_t i = 0; i < js->len && met.met == MAIL_MET_NOTHING; i++)
        if (js->classes[i].home.mailer)
            met = mailer_pace(js->classes[i].home.mailer);
    return met;
}

/* longest asks each for a time to wait, and gives the longest. */
static int64_t longest(const struct jobs *js, int64_t (*ask)(const struct mailer *m))
{
    int64_t longest = 0;
    for (size_t i = 0; i < js->len; i++) {
        const struct mailer *m = js->classes[i].home.mailer;
        int64_t ms = m ? ask(m) : 0;
        longest = ms > longest ? ms : longest;
    }
    return longest;
}

static int64_t gap_ms(const struct executor *x)
{
    return longest(jobs_of(x), mailer_gap_ms);
}

static int64_t rest_ms(const struct executor *x)
{
    return longest(jobs_of(x), mailer_rest_ms);
}

static const struct executor_ops native = {
    .name = "native",
    .classes = classes,
    .refuses = refuses,
    .stamp = stamp,
    .refresh = refresh,
    .takes_any = takes_any,
    .enter = enter,
    .leave = leave,
    .begin = begin,
    .apart = apart,
    .keep = keep,
    .undo = undo,
    .work = work,
    .parts = parts,
    .ended = ended,
    .withdraw = withdraw,
    .began = began,
    .exception = exception,
    .idle = idle,
    .hang_up = hang_up,
    .pace = pace,
    .gap_ms = gap_ms,
    .rest_ms = rest_ms,
};

struct executor *jobs_executor(struct jobs *js)
{
    js->base.ops = &native;
    return &js->base;
}
