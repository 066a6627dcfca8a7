/* failed_retry.c: failed jobs go back to their queues, in chunks of one transaction each,
 * so that a job is in one of the two tables, never in both or none.
 *
 * Where the tables live on two connections, jobs are pushed and committed first: what a
 * crash leaves behind is then in both, as with Laravel's own command.
 */
#include <stdlib.h>
#include <unistd.h>

#include "queue/queue_imp.h"

enum { RETRY_TRIES = 5 };

static bool chunk_read(const struct failed_retry *r, struct failed_chunk *c,
                       struct error *e)
{
    if (c->walk)
        return failed_next(r->failed, c->walk, r->tmp, &c->jobs, &c->read, e);
    if (!failed_find(r->failed, c->id, true, r->tmp, &c->jobs, e))
        return false;
    c->read = c->jobs ? 1 : 0;
    return true;
}

/* chunk_prepare makes the payloads anew, and cuts the chunk before a job that is for
 * another connection's table, or cannot go back at all. */
static struct queue_table *chunk_prepare(const struct failed_retry *r,
                                         struct failed_chunk *c, struct queue_push *push)
{
    struct queue_table *table = NULL, *its;
    err_clear(&c->refused);
    for (c->len = 0; c->len < c->read; c->len++) {
        const struct failed_job *job = &c->jobs[c->len];
        its = r->table(r->arg, job->connection, &c->refused);
        push[c->len] = (struct queue_push){.queue = job->queue};
        if (!its || (table && its != table) ||
            !queue_retry_payload(&r->payload, job->payload, r->tmp, &push[c->len].payload,
                                 &c->refused))
            break;
        table = its;
    }
    if (c->len < c->read && c->walk) /* what is left is met again */
        c->walk->below = c->jobs[c->len].row + 1;
    return table;
}

/* push_apart pushes in a transaction of the jobs' own connection. */
static bool push_apart(const struct failed_retry *r, struct failed_chunk *c,
                       struct queue_table *table, const struct queue_push *push,
                       struct error *e)
{
    struct db *db = queue_table_db(table);
    if (!db_begin(db, e))
        return false;
    if (!queue_table_push(table, push, c->len, *r->tmp, e)) {
        db_rollback(db);
        return false;
    }
    c->unknown = true;
    if (!db_commit(db, e)) {
        db_rollback(db);
        return false;
    }
    c->unknown = false;
    c->pushed = true;
    return true;
}

static bool chunk_move(const struct failed_retry *r, struct failed_chunk *c,
                       struct error *e)
{
    struct queue_push push[FAILED_PAGE];
    if (!chunk_read(r, c, e))
        return false;
    struct queue_table *table = chunk_prepare(r, c, push);
    if (c->len == 0)
        return true;
    bool ok = queue_table_db(table) == failed_db(r->failed)
                  ? queue_table_push(table, push, c->len, *r->tmp, e)
                  : push_apart(r, c, table, push, e);
    return ok && failed_remove(r->failed, c->jobs, c->len, *r->tmp, e);
}

static bool chunk_transact(const struct failed_retry *r, struct failed_chunk *c,
                           bool *in_commit, struct error *e)
{
    struct db *db = failed_db(r->failed);
    *in_commit = false;
    if (db && !db_begin(db, e))
        return false;
    /* What has been pushed already only waits to be forgotten. */
    if (!(c->pushed ? failed_remove(r->failed, c->jobs, c->len, *r->tmp, e)
                    : chunk_move(r, c, e)))
        return false;
    *in_commit = true;
    return !db || db_commit(db, e);
}

/* chunk_gone decides what a COMMIT did whose answer was lost. */
static bool chunk_gone(const struct failed_retry *r, const struct failed_chunk *c,
                       bool *gone, struct error *e)
{
    struct failed_job *job;
    if (c->len == 0 || c->pushed)
        return true;
    if (!failed_find(r->failed, c->jobs[0].id, false, r->tmp, &job, e))
        return false;
    *gone = !job;
    return true;
}

static void wait_a_little(int tries)
{
    unsigned base = 20000u << tries;
    usleep(base + (unsigned)random() % base);
}

bool failed_retry(const struct failed_retry *r, struct failed_chunk *c, struct error *e)
{
    struct failed_walk before = c->walk ? *c->walk : (struct failed_walk){0};
    struct db *db = failed_db(r->failed);
    bool in_commit, gone = false;
    for (int tries = 0; !chunk_transact(r, c, &in_commit, e); tries++) {
        bool lost = e->kind == ERR_LOST;
        if (db)
            db_rollback(db);
        if ((!lost && e->kind != ERR_AGAIN) || c->unknown || tries == RETRY_TRIES)
            return false;
        err_clear(e);
        wait_a_little(tries);
        if (in_commit && lost && !chunk_gone(r, c, &gone, e))
            return false;
        if (gone)
            return true;
        if (c->walk && !c->pushed)
            *c->walk = before;
    }
    return true;
}
