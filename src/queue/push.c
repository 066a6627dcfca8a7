/* push.c: new jobs, a hundred in one statement. */
#include "queue/queue_imp.h"

int64_t queue_available(int64_t delay, int64_t now)
{
    int64_t at = i64_add(now, delay);
    if (at > UINT32_MAX)
        return UINT32_MAX;
    return at > 0 ? at : 0;
}

static bool push_many(struct queue *q, struct str queue, const struct str *payloads,
                      int64_t now, int64_t due, struct arena tmp, struct error *e)
{
    struct db_arg *args = NEW(&tmp, struct db_arg, PUSH_ROWS * 4);
    for (size_t i = 0; i < PUSH_ROWS; i++) {
        args[i * 4] = db_text(queue);
        args[i * 4 + 1] = db_int(due);
        args[i * 4 + 2] = db_int(now);
        args[i * 4 + 3] = db_text(payloads[i]);
    }
    return db_run(q->o.db, q->sql.insert_many, args, PUSH_ROWS * 4, &tmp, NULL, e);
}

static bool push_one(struct queue *q, struct str queue, struct str payload, int64_t now,
                     int64_t due, struct arena tmp, struct error *e)
{
    struct db_arg args[] = {db_text(queue), db_int(0), db_int(due), db_int(now),
                            db_text(payload)};
    return db_run(q->o.db, q->sql.insert, args, COUNT(args), &tmp, NULL, e);
}

static bool push_all(struct queue *q, struct str queue, const struct str *payloads,
                     size_t len, int64_t due, struct arena tmp, struct error *e)
{
    int64_t now = clock_unix();
    size_t at = 0;
    for (; at + PUSH_ROWS <= len; at += PUSH_ROWS)
        if (!push_many(q, queue, payloads + at, now, due, tmp, e))
            return false;
    for (; at < len; at++)
        if (!push_one(q, queue, payloads[at], now, due, tmp, e))
            return false;
    return true;
}

bool queue_push(struct queue *q, struct str queue, const struct str *payloads, size_t len,
                int64_t delay, struct arena tmp, struct error *e)
{
    if (!db_begin(q->o.db, e))
        return false;
    if (!push_all(q, queue, payloads, len, queue_available(delay, clock_unix()), tmp,
                  e) ||
        !db_commit(q->o.db, e)) {
        db_rollback(q->o.db);
        return false;
    }
    return true;
}
