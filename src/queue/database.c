/* database.c: the backend `database`: a table of jobs. */
#include <stdlib.h>

#include "queue/queue_imp.h"

static struct str unusable(const struct queue *base)
{
    const struct database *q = database_of(base);
    if (q->odd_ids)
        return S(
            "it holds ids below 1 or beyond 9223372036854775807, which are left alone");
    return q->unusable;
}

static void drop(struct queue *base)
{
    struct database *q = database_of(base);
    arena_close(&q->scratch);
    arena_close(&q->arena);
    free(q);
}

static bool commit(struct queue *base, struct error *e)
{
    return db_commit(database_of(base)->o.db, e);
}

static void rollback(struct queue *base)
{
    db_rollback(database_of(base)->o.db);
}

static bool is_open(const struct queue *base)
{
    return db_in_transaction(database_of(base)->o.db);
}

static const struct queue_ops database_ops = {
    .driver = "database",
    .drop = drop,
    .unusable = unusable,
    .look = database_look,
    .unfinished = database_unfinished,
    .knows_due = database_knows_due,
    .unwatch = database_unwatch,
    .leave = database_leave,
    .turn = database_turn,
    .may_wait = database_may_wait,
    .commit = commit,
    .rollback = rollback,
    .is_open = is_open,
    .end = database_end,
    .tell_end = database_tell_end,
    .give_back = database_give_back,
    .renew = database_renew,
    .renewed = database_renewed,
    .load = database_load,
    .take_back = database_take_back,
    .reserve_again = database_reserve_again,
    .gone = database_gone,
};

struct queue *queue_new(const struct queue_options *o, struct error *e)
{
    struct database *q = calloc(1, sizeof(*q));
    if (!q) {
        err_set(e, ERR_FATAL, "no memory for a queue");
        return NULL;
    }
    q->base.ops = &database_ops;
    q->o = *o;
    q->arena = arena_open(QUEUE_ARENA);
    q->scratch = arena_open(LOOK_ARENA);
    if (!queue_inspect(q, e)) {
        /* A table or a right that is missing does not come by waiting. */
        if (e->kind == ERR_JOB)
            e->kind = db_fault(o->db) == DB_UNKNOWN ? ERR_AGAIN : ERR_FATAL;
        drop(&q->base);
        return NULL;
    }
    return &q->base;
}
