/* queue.c: what all backends have in common: each call goes to the one that was opened.
 */
#include "queue/queue_imp.h"

bool queue_look(struct queue *q, size_t which, struct error *e)
{
    return q->ops->look(q, which, e);
}

bool queue_unfinished(const struct queue *q)
{
    return q->ops->unfinished(q);
}

bool queue_knows_due(const struct queue *q, bool any)
{
    return q->ops->knows_due(q, any);
}

struct str queue_unusable(const struct queue *q)
{
    return q->ops->unusable(q);
}

bool queue_turn(struct queue *q, struct ending *ended, struct claim *take,
                struct error *e)
{
    return q->ops->turn(q, ended, take, e);
}

bool queue_may_wait(const struct queue *q, const struct ending *end)
{
    return q->ops->may_wait(q, end);
}

bool queue_commit(struct queue *q, struct error *e)
{
    return q->ops->commit(q, e);
}

void queue_rollback(struct queue *q)
{
    q->ops->rollback(q);
}

bool queue_is_open(const struct queue *q)
{
    return q->ops->is_open(q);
}

bool queue_end(struct queue *q, struct ending *end, bool *owned, struct error *e)
{
    return q->ops->end(q, end, owned, e);
}

bool queue_tell_end(struct queue *q, struct ending *end, struct error *e)
{
    return q->ops->tell_end(q, end, e);
}

bool queue_give_back(struct queue *q, const struct queue_job *j, bool *owned,
                     struct error *e)
{
    return q->ops->give_back(q, j, owned, e);
}

bool queue_renew(struct queue *q, struct queue_job *j, int64_t now, bool *owned,
                 struct error *e)
{
    return q->ops->renew(q, j, now, owned, e);
}

bool queue_renewed(struct queue *q, struct queue_job *j, struct error *e)
{
    return q->ops->renewed(q, j, e);
}

bool queue_load(struct queue *q, const struct reservation *r, struct arena *perm,
                struct queue_job *out, bool *found, struct error *e)
{
    return q->ops->load(q, r, perm, out, found, e);
}

bool queue_take_back(struct queue *q, struct queue_key key, struct arena *perm,
                     struct queue_job *out, bool *found, struct error *e)
{
    return q->ops->take_back(q, key, perm, out, found, e);
}

bool queue_reserve_again(struct queue *q, const struct reservation *r, int64_t before,
                         bool *done, struct error *e)
{
    return q->ops->reserve_again(q, r, before, done, e);
}

void queue_unwatch(struct queue *q, const struct queue_job *j, int64_t due)
{
    q->ops->unwatch(q, j, due);
}

void queue_leave(struct queue *q, const struct queue_job *j, int64_t until)
{
    q->ops->leave(q, j, until);
}

struct str queue_gone(struct queue *q, const struct queue_job *j, struct arena *perm)
{
    return q->ops->gone(q, j, perm);
}

void queue_drop(struct queue *q)
{
    if (q)
        q->ops->drop(q);
}
