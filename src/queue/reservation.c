/* reservation.c: reservations of processes that are gone, read back, repeated, or taken
 * back, for whoever settles what they held.
 */
#include "queue/queue_imp.h"

bool database_reserve_again(struct queue *base, const struct reservation *r,
                            int64_t before, bool *done, struct error *e)
{
    struct database *q = database_of(base);
    struct arena tmp = q->scratch;
    struct db_result result;
    struct db_arg args[] = {db_int(r->reserved_at), db_int(r->attempts), db_int(r->id),
                            db_int(r->attempts - 1), before ? db_int(before) : db_null()};
    *done = false;
    if (!db_run(q->o.db, q->sql.reserve_again, args, COUNT(args), &tmp, &result, e))
        return false;
    *done = result.matched == 1;
    return true;
}

uint64_t queue_mark(const struct queue_job *j)
{
    return str_hash(j->payload.uuid.len ? j->payload.uuid : j->raw);
}

/* take_back_row: *found, then the row is locked and reserved, and the transaction open.
 */
static bool take_back_row(struct database *q, struct queue_key key, struct arena *perm,
                          struct queue_job *out, bool *found, struct error *e)
{
    int64_t now = clock_unix();
    struct db_arg args[] = {db_int(key.id), db_int(now - queue_lease(q))};
    struct db_result r;
    if (!db_begin(q->o.db, e) ||
        !db_run(q->o.db, q->sql.take_back, args, COUNT(args), perm, &r, e))
        return false;
    if (r.rows == 0)
        return true;
    queue_read_job(&r, perm, out);
    *found = queue_mark(out) == key.mark;
    if (!*found)
        return true;
    out->class_index =
        queue_ours(q->o.classes, q->o.classes_len, &out->payload, out->raw);
    struct db_arg keep[] = {db_int(now), db_int(out->attempts), db_int(key.id)};
    out->reserved_at = now;
    return db_run(q->o.db, q->sql.reserve, keep, COUNT(keep), perm, NULL, e) &&
           db_commit(q->o.db, e);
}

bool database_take_back(struct queue *base, struct queue_key key, struct arena *perm,
                        struct queue_job *out, bool *found, struct error *e)
{
    struct database *q = database_of(base);
    *found = false;
    bool ok = take_back_row(q, key, perm, out, found, e);
    if (!ok || !*found)
        db_rollback(q->o.db);
    return ok;
}

bool database_load(struct queue *base, const struct reservation *r, struct arena *perm,
                   struct queue_job *out, bool *found, struct error *e)
{
    struct database *q = database_of(base);
    struct db_arg args[] = {db_int(r->id), db_int(r->attempts), db_int(r->reserved_at)};
    struct db_result result;
    *found = false;
    if (!db_run(q->o.db, q->sql.load, args, COUNT(args), perm, &result, e))
        return false;
    if (result.rows == 0)
        return true;
    queue_read_job(&result, perm, out);
    out->class_index =
        queue_ours(q->o.classes, q->o.classes_len, &out->payload, out->raw);
    *found = true;
    return true;
}
