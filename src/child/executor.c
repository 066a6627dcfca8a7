/* executor.c: the executor `php`. All that a job's end means to others is the app's own
 * affair: there is nothing to be begun, and nothing belongs to its end.
 */
#include "child/child_imp.h"

static struct child *child_of(const struct executor *x)
{
    return (struct child *)(uintptr_t)x; /* its first member */
}

static const struct queue_class *classes(const struct executor *x, size_t *len)
{
    (void)x;
    *len = 0; /* any */
    return NULL;
}

static void enter(struct executor *x, struct job_run *r)
{
    (void)x;
    (void)r;
}

static void leave(struct executor *x)
{
    (void)x;
}

static bool begin(struct executor *x, struct job_run *r, enum job_begun *begun,
                  bool *undecodable, struct error *e)
{
    (void)x;
    (void)r;
    (void)e;
    *begun = BEGUN_READY;
    *undecodable = false;
    return true;
}

static bool apart(const struct executor *x)
{
    (void)x;
    return false;
}

static bool work(struct executor *x, struct job_run *r, struct error *e)
{
    return talk_job(child_of(x), r, e);
}

static bool fail(struct executor *x, struct job_run *r, const struct job_failure *why,
                 bool timed_out, struct error *e)
{
    return talk_failed(child_of(x), r, why, timed_out, e);
}

static bool parts(struct executor *x, struct job_run *r, struct ending *end,
                  struct error *e)
{
    (void)x;
    (void)r;
    (void)e;
    end->parts_len = 0;
    return true;
}

static void ended(struct executor *x, const struct job_run *r,
                  const struct job_failure *f)
{
    (void)x;
    (void)r;
    (void)f;
}

static bool withdraw(struct executor *x, struct job_run *r, struct error *e)
{
    (void)x;
    (void)r;
    (void)e;
    return true;
}

static const char *exception(const struct executor *x, int class_index, const char *step)
{
    (void)x;
    (void)class_index;
    (void)step;
    return "RuntimeException";
}

static const struct executor_ops php = {
    .name = "php",
    .classes = classes,
    .enter = enter,
    .leave = leave,
    .begin = begin,
    .apart = apart,
    .work = work,
    .fail = fail,
    .parts = parts,
    .ended = ended,
    .withdraw = withdraw,
    .exception = exception,
};

struct executor *child_executor(struct child *c)
{
    c->base.ops = &php;
    return &c->base;
}
