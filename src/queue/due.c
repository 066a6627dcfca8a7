/* due.c: the watch list as those see it who claim and settle: which rows are due. */
#include "queue/queue_imp.h"

size_t queue_due_ids(struct database *q, size_t which, enum watch_kind kind, int64_t now,
                     size_t skip, int64_t *ids)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    size_t n = watch_due(w, kind, now, skip, ids, CLAIM_IDS);
    watch_unlock(q->o.watch, which);
    return n;
}

bool queue_doubts(struct database *q, size_t which, const int64_t *ids, size_t len)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    bool doubt = watch_doubts(w, ids, len);
    watch_unlock(q->o.watch, which);
    return doubt;
}

void queue_postpone(struct database *q, size_t which, int64_t id, int64_t due)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    /* The list may be full: the sweep finds the row again. */
    watch_put(w, id, due);
    watch_unlock(q->o.watch, which);
}

void queue_forget_id(struct database *q, size_t which, int64_t id)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_remove(w, id);
    watch_unlock(q->o.watch, which);
}

static size_t which_queue(const struct database *q, struct str name)
{
    for (size_t i = 0; i < q->o.queues_len; i++)
        if (str_eq(q->o.queues[i], name))
            return i;
    return q->o.queues_len; /* settled for another master: not on our list */
}

/* put_job: the list may be full; the sweep finds the row again. */
static void put_job(struct watch_queue *w, const struct queue_job *j, int64_t due)
{
    watch_put(w, j->id, due);
    if (j->class_index < 0)
        watch_disown(w, j->id);
}

void database_unwatch(struct queue *base, const struct queue_job *j, int64_t due)
{
    struct database *q = database_of(base);
    size_t which = which_queue(q, j->queue);
    if (which == q->o.queues_len)
        return;
    struct watch_queue *w = watch_lock(q->o.watch, which);
    if (!due || (j->class_index < 0 && !w->all))
        watch_remove(w, j->id);
    else
        put_job(w, j, due);
    watch_unlock(q->o.watch, which);
}

void database_leave(struct queue *base, const struct queue_job *j, int64_t until)
{
    struct database *q = database_of(base);
    size_t which = which_queue(q, j->queue);
    if (which == q->o.queues_len)
        return;
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_leave(w, j->id, until);
    watch_unlock(q->o.watch, which);
}

/* found: when this process dies the row comes due again after retry_after. */
void queue_found_job(struct database *q, size_t which, const struct queue_job *j,
                     int64_t now)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    put_job(w, j, now + queue_lease(q));
    w->claimed = true;
    watch_unlock(q->o.watch, which);
}

bool database_knows_due(const struct queue *base, bool any)
{
    const struct database *q = database_of(base);
    bool due = false;
    int64_t id, now = clock_unix();
    for (size_t i = 0; i < q->o.queues_len && !due; i++) {
        const struct watch_queue *w = watch_lock(q->o.watch, i);
        due = watch_due(w, any ? WATCH_ANY : WATCH_NATIVE, now, 0, &id, 1) > 0;
        watch_unlock(q->o.watch, i);
    }
    return due;
}
