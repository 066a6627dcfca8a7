/* executor.c: what a worker asks of an executor goes to the one that it has. */
#include "facteur/jobs.h"

const char *executor_name(const struct executor *x)
{
    return x->ops->name;
}

const struct queue_class *executor_classes(const struct executor *x, size_t *len)
{
    return x->ops->classes(x, len);
}

int executor_class(const struct executor *x, struct str name)
{
    size_t len;
    const struct queue_class *classes = executor_classes(x, &len);
    for (size_t i = 0; i < len; i++)
        if (str_eq(str_sub(str_from(classes[i].name), 0, RUN_NAME - 1), name))
            return (int)i;
    return -1;
}

const char *executor_refuses(struct executor *x, struct queue_job *j, struct arena *perm)
{
    return x->ops->refuses(x, j, perm);
}

uint64_t executor_stamp(const struct executor *x)
{
    return x->ops->stamp(x);
}

bool executor_refresh(struct executor *x, struct error *e)
{
    return x->ops->refresh(x, e);
}

bool executor_takes_any(const struct executor *x)
{
    return x->ops->takes_any(x);
}

void executor_enter(struct executor *x, struct job_run *r)
{
    x->ops->enter(x, r);
}

void executor_leave(struct executor *x)
{
    x->ops->leave(x);
}

bool executor_begin(struct executor *x, struct job_run *r, enum job_begun *begun,
                    bool *undecodable, struct error *e)
{
    return x->ops->begin(x, r, begun, undecodable, e);
}

bool executor_apart(const struct executor *x)
{
    return x->ops->apart(x);
}

bool executor_keep(struct executor *x, struct error *e)
{
    return x->ops->keep(x, e);
}

void executor_undo(struct executor *x)
{
    x->ops->undo(x);
}

bool executor_work(struct executor *x, struct job_run *r, struct error *e)
{
    return x->ops->work(x, r, e);
}

bool executor_fail(struct executor *x, struct job_run *r, const struct job_failure *why,
                   bool timed_out, struct error *e)
{
    return x->ops->fail(x, r, why, timed_out, e);
}

bool executor_parts(struct executor *x, struct job_run *r, struct ending *end,
                    struct error *e)
{
    return x->ops->parts(x, r, end, e);
}

void executor_ended(struct executor *x, const struct job_run *r,
                    const struct job_failure *f)
{
    x->ops->ended(x, r, f);
}

bool executor_withdraw(struct executor *x, struct job_run *r, struct error *e)
{
    return x->ops->withdraw(x, r, e);
}

bool executor_began(struct executor *x, int class_index, int64_t row, bool *began,
                    struct error *e)
{
    return x->ops->began(x, class_index, row, began, e);
}

const char *executor_exception(const struct executor *x, int class_index,
                               const char *step)
{
    return x->ops->exception(x, class_index, step);
}

void executor_idle(struct executor *x)
{
    x->ops->idle(x);
}

void executor_hang_up(struct executor *x)
{
    x->ops->hang_up(x);
}

struct mail_pace executor_pace(struct executor *x)
{
    return x->ops->pace(x);
}

int64_t executor_gap_ms(const struct executor *x)
{
    return x->ops->gap_ms(x);
}

int64_t executor_rest_ms(const struct executor *x)
{
    return x->ops->rest_ms(x);
}
