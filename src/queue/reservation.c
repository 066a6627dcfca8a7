/* reservation.c: reservations of processes that are gone, read back, repeated, or taken
 * back, for whoever settles what they held.
 */
#include "queue/queue_imp.h"

bool queue_reserve_again(struct queue *q, int64_t id, int64_t attempts,
                         int64_t reserved_at, int64_t before, bool *done, struct error *e)
{
    struct arena tmp = q->scratch;
    struct db_result r;
    struct db_arg args[] = {db_int(reserved_at), db_int(attempts), db_int(id),
                            db_int(attempts - 1), before ? db_int(before) : db_null()};
    *done = false;
    if (!db_run(q->o.db, q->sql.reserve_again, args, COUNT(args), &tmp, &r, e))
        return false;
    *done = r.matched == 1;
    return true;
}

uint64_t queue_mark(const struct queue_job *j)
{
    return str_hash(j->payload.uuid.len ? j->payload.uuid : j->raw);
}

/* take_back_row: *found, then the row is locked and reserved, and the transaction open.
 */
static bool take_back_row(struct queue *q, int64_t id, uint64_t mark, struct arena *perm,
                          struct queue_job *out, bool *found, struct error *e)
{
    int64_t now = clock_unix();
    struct db_arg args[] = {db_int(id), db_int(now - queue_lease(q))};
    struct db_result r;
    if (!db_begin(q->o.db, e) ||
        !db_run(q->o.db, q->sql.take_back, args, COUNT(args), perm, &r, e))
        return false;
    if (r.rows == 0)
        return true;
    queue_read_job(&r, perm, out);
    *found = queue_mark(out) == mark;
    if (!*found)
        return true;
    out->class_index =
        queue_ours(q->o.classes, q->o.classes_len, &out->payload, out->raw);
    struct db_arg keep[] = {db_int(now), db_int(out->attempts), db_int(id)};
    out->reserved_at = now;
    return db_run(q->o.db, q->sql.reserve, keep, COUNT(keep), perm, NULL, e) &&
           db_commit(q->o.db, e);
}

bool queue_take_back(struct queue *q, int64_t id, uint64_t mark, struct arena *perm,
                     struct queue_job *out, bool *found, struct error *e)
{
    *found = false;
    bool ok = take_back_row(q, id, mark, perm, out, found, e);
    if (!ok || !*found)
        db_rollback(q->o.db);
    return ok;
}

bool queue_load(struct queue *q, int64_t id, int64_t attempts, int64_t reserved_at,
                struct arena *perm, struct queue_job *out, bool *found, struct error *e)
{
    struct db_arg args[] = {db_int(id), db_int(attempts), db_int(reserved_at)};
    struct db_result r;
    *found = false;
    if (!db_run(q->o.db, q->sql.load, args, COUNT(args), perm, &r, e))
        return false;
    if (r.rows == 0)
        return true;
    queue_read_job(&r, perm, out);
    out->class_index =
        queue_ours(q->o.classes, q->o.classes_len, &out->payload, out->raw);
    *found = true;
    return true;
}
