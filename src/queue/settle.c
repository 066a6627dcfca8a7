/* settle.c: the end of a reservation: completed, released, failed, given back.
 *
 * The fenced DELETE comes first: it is what may wait for another's lock, and what may say
 * that the reservation is not ours any more.
 */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "queue/queue_imp.h"

enum {
    SETTLE_TRIES = 5,
    REFUSED_TRIES = 3,
    PART_TRIES = 4, /* of a part that may fail, before it is left out */
};

/* What becomes of the row in `jobs`. A released one that the server lets nobody delete,
 * or whose successor it refuses, is given back as it is; where not even that is allowed
 * it stays reserved until its lease is over. */
enum row_end { BY_DELETE, BY_UPDATE, BY_NOTHING };

struct settlement {
    struct database *q;
    const struct queue_job *j;
    struct ending *ending;
    /* what follows the delete in the same transaction; NULL: nothing */
    bool (*then)(struct settlement *s, struct error *e);
    enum row_end end;
    bool row_refused; /* the last error was of the row in `jobs`, not of what is beside it
                       */
    int64_t delay;    /* release */
    struct failed_job failed; /* fail */
    bool stored;              /* fail outside the transaction: the row is written */
    struct arena tmp;
};

/* === statements of one settlement === */

static size_t fence(const struct queue_job *j, struct db_arg *args)
{
    args[0] = db_int(j->id);
    args[1] = db_int(j->attempts);
    args[2] = db_int(j->reserved_at);
    return 3;
}

static bool update_row(struct settlement *s, bool *owned, struct error *e)
{
    struct db_arg args[4] = {db_int(queue_available(s->delay, clock_unix()))};
    struct db_result r;
    struct arena tmp = s->tmp;
    size_t n = 1 + fence(s->j, args + 1);
    if (!db_run(s->q->o.db, s->q->sql.release, args, n, &tmp, &r, e))
        return false;
    *owned = r.matched == 1;
    return true;
}

static bool remove_row(struct settlement *s, bool *owned, struct error *e)
{
    struct db_arg args[3];
    struct db_result r;
    struct database *q = s->q;
    size_t n = fence(s->j, args);
    bool free = s->j->row == ROW_FREE;
    /* An overflowed row was never reserved by us; its lock is still held. */
    struct str sql = s->j->overflow ? q->sql.remove_unreserved
                     : free         ? q->sql.remove_free
                                    : q->sql.remove;
    struct arena tmp = s->tmp;
    *owned = true;
    if (s->j->row == ROW_NONE)
        return true;
    if (!db_run(q->o.db, sql, args, s->j->overflow || free ? 2 : n, &tmp, &r, e))
        return false;
    *owned = r.matched == 1;
    return true;
}

static bool insert_again(struct settlement *s, struct error *e)
{
    int64_t now = clock_unix();
    struct arena tmp = s->tmp;
    struct db_result r;
    struct db_arg args[] = {db_text(s->j->queue), db_int(s->j->attempts),
                            db_int(queue_available(s->delay, now)), db_int(now),
                            db_text(s->j->raw)};
    if (!db_run(s->q->o.db, s->q->sql.insert, args, COUNT(args), &tmp, &r, e))
        return false;
    s->ending->released = (int64_t)r.insert_id;
    return true;
}

static bool failed_elsewhere(const struct settlement *s)
{
    return failed_db(s->q->o.failed) != s->q->o.db;
}

/* store_failed writes the row of failed_jobs. When that is refused, nothing is changed.
 */
static bool store_failed(struct settlement *s, struct error *e)
{
    if (s->stored)
        return true;
    if (!failed_log(s->q->o.failed, &s->failed, s->tmp, e))
        return false;
    s->stored = failed_elsewhere(s);
    return true;
}

/* === the transaction === */

static void wait_a_little(int tries)
{
    unsigned base = 20000u << tries;
    usleep(base + (unsigned)random() % base);
}

static bool elsewhere(const struct settlement *s, const struct part *p)
{
    return p->db && p->db != s->q->o.db;
}

/* left_elsewhere: are there rows of another connection still to be written? */
static bool left_elsewhere(const struct settlement *s)
{
    for (size_t i = 0; i < s->ending->parts_len; i++)
        if (elsewhere(s, &s->ending->parts[i]) && !s->ending->parts[i].done)
            return true;
    return false;
}

/* write_part: one that may fail is tried some times, and then left out, which is told. */
static bool write_part(struct settlement *s, struct part *p, struct error *e)
{
    const struct queue_options *o = &s->q->o;
    struct arena tmp = s->tmp;
    if (p->write(p->arg, e))
        return true;
    if (e->kind != ERR_JOB || !p->may_fail)
        return false;
    if (++s->ending->refusals < PART_TRIES) {
        e->kind = ERR_AGAIN;
        return false;
    }
    if (o->warn)
        o->warn(o->arg, str_fmt(&tmp, "job %lld: %s could not be written: %s",
                                (long long)s->j->id, p->what, e->text));
    err_clear(e);
    return true;
}

static bool run_elsewhere(struct settlement *s, struct part *p, struct error *e)
{
    struct db *db = p->db ? p->db : s->q->o.db;
    if (db_begin(db, e) && write_part(s, p, e) && db_commit(db, e)) {
        p->done = elsewhere(s, p);
        return true;
    }
    db_rollback(db);
    return false;
}

/* all_elsewhere writes the rows of other connections. */
static bool all_elsewhere(struct settlement *s, struct error *e)
{
    int tries = 0;
    for (size_t i = 0; i < s->ending->parts_len;) {
        struct part *p = &s->ending->parts[i];
        if (!elsewhere(s, p) || p->done || run_elsewhere(s, p, e)) {
            i++;
            continue;
        }
        if (e->kind != ERR_AGAIN || tries++ == SETTLE_TRIES)
            return false;
        err_clear(e);
        wait_a_little(tries);
    }
    return true;
}

/* all_here runs what belongs into the queue's own transaction. */
static bool all_here(struct settlement *s, struct error *e)
{
    for (size_t i = 0; i < s->ending->parts_len; i++)
        if (!elsewhere(s, &s->ending->parts[i]) &&
            !write_part(s, &s->ending->parts[i], e))
            return false;
    return true;
}

/* end_row does with the row in `jobs` what is to be done with it. */
static bool end_row(struct settlement *s, bool *owned, struct error *e)
{
    *owned = true;
    if (s->end == BY_NOTHING)
        return true;
    if (s->end == BY_UPDATE)
        return update_row(s, owned, e);
    return remove_row(s, owned, e) && (!*owned || !s->then || s->then(s, e));
}

/* is_single: one statement is a transaction of its own, and saves two round trips. */
static bool is_single(const struct settlement *s)
{
    return s->end == BY_DELETE && !s->then && s->ending->parts_len == 0 &&
           s->j->row != ROW_NONE && !db_in_transaction(s->q->o.db);
}

static bool transact(struct settlement *s, bool *owned, bool *in_commit, struct error *e)
{
    struct db *db = s->q->o.db;
    *in_commit = is_single(s);
    if (*in_commit) {
        s->row_refused = !remove_row(s, owned, e);
        return !s->row_refused;
    }
    /* A claim that cannot be reserved is settled in the claim's own transaction. */
    if (!db_in_transaction(db) && !db_begin(db, e))
        return false;
    s->row_refused = !end_row(s, owned, e);
    if (s->row_refused)
        return false;
    if (!*owned) {
        db_rollback(db);
        return true;
    }
    if (!all_here(s, e))
        return false;
    *in_commit = true;
    return db_commit(db, e);
}

enum row_state { ROW_GONE, ROW_OURS, ROW_CHANGED };

static bool read_row(struct database *q, const struct queue_job *j, enum row_state *state,
                     struct db_result *r, struct arena *tmp, struct error *e)
{
    struct db_arg args[] = {db_int(j->id)};
    if (!db_run(q->o.db, q->sql.row, args, 1, tmp, r, e))
        return false;
    *state = r->rows == 0 ? ROW_GONE
             : php_to_int(db_cell(r, 0, "attempts")) == j->attempts &&
                     php_to_int(db_cell(r, 0, "reserved_at")) == j->reserved_at
                 ? ROW_OURS
                 : ROW_CHANGED;
    return true;
}

/* committed decides what a COMMIT did whose answer was lost, once the fence finds no row
 * any more: the row is gone, and a failed job stands among the failed ones. */
static bool committed(struct settlement *s, bool *done, struct error *e)
{
    struct arena tmp = s->tmp;
    struct db_result r;
    enum row_state state;
    if (!read_row(s->q, s->j, &state, &r, &tmp, e))
        return false;
    *done = state == ROW_GONE;
    return !*done || s->then != store_failed ||
           failed_twin(s->q->o.failed, &s->failed, s->tmp, done, e);
}

/* still_ours asks before rows of another connection are written, which no rollback of
 * this one would take back. */
static bool still_ours(struct settlement *s, bool *ours, struct error *e)
{
    struct arena tmp = s->tmp;
    struct db_result r;
    enum row_state state;
    *ours = s->j->overflow; /* its row is locked by the claim */
    if (*ours)
        return true;
    if (!read_row(s->q, s->j, &state, &r, &tmp, e))
        return false;
    *ours = state == ROW_OURS;
    return true;
}

/* may_again: is the transaction to be done once more at once? A refusal may have been a
 * trigger's, or a right's, of a moment. */
static bool may_again(const struct error *e, int tries, bool commit_lost)
{
    switch (e->kind) {
    case ERR_AGAIN:
        return tries < SETTLE_TRIES;
    case ERR_LOST:
        return commit_lost && tries < SETTLE_TRIES;
    case ERR_JOB:
        return tries < REFUSED_TRIES;
    default:
        return false;
    }
}

/* When a COMMIT's answer is lost, the transaction is simply begun again: its fenced
 * delete waits for a COMMIT that is still under way, and then tells whether it took
 * place. What was begun in the claim's own transaction is gone with that. */
static bool settle(struct settlement *s, bool *owned, struct error *e)
{
    bool in_commit;
    bool in_claim = db_in_transaction(s->q->o.db);
    *owned = false;
    if (left_elsewhere(s)) {
        bool ours;
        if (!still_ours(s, &ours, e) || (ours && !all_elsewhere(s, e)))
            return false;
        if (!ours)
            return true;
    }
    for (int tries = 0; !transact(s, owned, &in_commit, e); tries++) {
        db_rollback(s->q->o.db);
        s->ending->doubtful = s->ending->doubtful || (in_commit && e->kind == ERR_LOST);
        /* Without a fence nobody could tell whether it took place. */
        if (in_claim ||
            !may_again(e, tries, s->ending->doubtful && s->j->row != ROW_NONE))
            return false;
        err_clear(e);
        wait_a_little(tries);
    }
    if (!*owned && s->ending->doubtful && !committed(s, owned, e))
        return false;
    if (*owned)
        database_unwatch(&s->q->base, s->j, 0);
    return true;
}

/* say_kept tells that a row could not be settled as it should be. */
static void say_kept(const struct settlement *s, const struct error *why)
{
    static const char *const then[] = {
        [BY_UPDATE] = "its row is given back as it is",
        [BY_NOTHING] = "its row stays reserved until retry_after is over",
    };
    const struct queue_options *o = &s->q->o;
    if (o->refused)
        o->refused(o->arg, s->j->queue, s->j->id, why->text, then[s->end]);
}

/* settle_kept settles a job that is to run again: what is refused for good is done in a
 * smaller way, so that the queue does not stand still. */
static bool settle_kept(struct settlement *s, bool *owned, struct error *e)
{
    while (!settle(s, owned, e)) {
        if (e->kind != ERR_JOB || !s->row_refused)
            return false;
        assert(s->end < BY_NOTHING);
        s->end++;
        say_kept(s, e);
        err_clear(e);
    }
    if (*owned && s->end == BY_UPDATE)
        database_unwatch(&s->q->base, s->j, queue_available(s->delay, clock_unix()));
    if (*owned && s->end == BY_NOTHING)
        database_unwatch(&s->q->base, s->j, clock_unix() + queue_lease(s->q));
    return true;
}

/* === entry points === */

static struct settlement settlement(struct database *q, struct ending *end)
{
    struct settlement s = {
        .q = q, .j = end->job, .ending = end, .delay = end->delay, .tmp = q->arena};
    const struct queue_job *j = end->job;
    if (end->kind == END_RELEASED)
        s.then = insert_again;
    if (end->kind != END_FAILED)
        return s;
    s.then = store_failed;
    s.failed = (struct failed_job){
        .id = j->payload.uuid,
        .connection = j->connection.len ? j->connection : q->o.settings->connection,
        .queue = j->queue,
        .payload = j->raw};
    /* A server's own words may hold bytes that a strict column refuses. */
    s.failed.exception = str_utf8_question(&s.tmp, end->exception);
    return s;
}

bool database_end(struct queue *base, struct ending *end, bool *owned, struct error *e)
{
    struct database *q = database_of(base);
    struct settlement s = settlement(q, end);
    return (end->kind == END_RELEASED ? settle_kept : settle)(&s, owned, e);
}

bool queue_write_end(struct database *q, struct ending *end, bool *owned, struct error *e)
{
    struct settlement s = settlement(q, end);
    assert(db_in_transaction(q->o.db) && !left_elsewhere(&s));
    return end_row(&s, owned, e) && (!*owned || all_here(&s, e));
}

bool database_tell_end(struct queue *base, struct ending *end, struct error *e)
{
    struct database *q = database_of(base);
    struct settlement s = settlement(q, end);
    for (size_t i = 0; i < end->parts_len; i++)
        if (end->parts[i].tells && !run_elsewhere(&s, &end->parts[i], e))
            return false;
    return true;
}

/* What waits is one transaction with the claim, and undone with it. Without SKIP LOCKED
 * the claim itself may wait; where the mode cuts what does not fit, rows are read back.
 */
bool database_may_wait(const struct queue *base, const struct ending *end)
{
    const struct database *q = database_of(base);
    bool may = db_skip_locked(q->o.db) && !q->lax;
    for (size_t i = 0; i < end->parts_len; i++) {
        const struct part *p = &end->parts[i];
        may = may && !p->hurried && (!p->db || p->db == q->o.db);
    }
    return may;
}

/* given_back: is the row as queue_give_back leaves it? */
static bool given_back(struct database *q, const struct queue_job *j, bool *done,
                       struct error *e)
{
    struct arena tmp = q->arena;
    struct db_result r;
    enum row_state state;
    if (!read_row(q, j, &state, &r, &tmp, e))
        return false;
    *done = state == ROW_CHANGED && db_cell(&r, 0, "reserved_at").type == PHP_NULL &&
            php_to_int(db_cell(&r, 0, "attempts")) == i64_add(j->attempts, -1);
    return true;
}

bool database_give_back(struct queue *base, const struct queue_job *j, bool *owned,
                        struct error *e)
{
    struct database *q = database_of(base);
    struct settlement s = {.q = q, .j = j, .end = BY_NOTHING};
    struct db_arg args[3];
    struct db_result r;
    bool lost = false;
    size_t n = fence(j, args);
    for (int tries = 0;; tries++) {
        struct arena tmp = q->arena;
        if (db_run(q->o.db, q->sql.give_back, args, n, &tmp, &r, e))
            break;
        lost = lost || e->kind == ERR_LOST;
        if (e->kind == ERR_JOB && tries == REFUSED_TRIES) {
            say_kept(&s, e);
            err_clear(e);
            *owned = true;
            return true;
        }
        if (!may_again(e, tries, lost))
            return false;
        err_clear(e);
        wait_a_little(tries);
    }
    *owned = r.matched == 1;
    return *owned || !lost || given_back(q, j, owned, e);
}

/* === the lease === */

bool database_renewed(struct queue *base, struct queue_job *j, struct error *e)
{
    struct database *q = database_of(base);
    struct arena tmp = q->arena;
    struct queue_job renewed = *j;
    struct db_result r;
    enum row_state state;
    if (!j->renewing)
        return true;
    renewed.reserved_at = j->renewing;
    if (!read_row(q, &renewed, &state, &r, &tmp, e))
        return false;
    if (state == ROW_OURS)
        j->reserved_at = j->renewing;
    j->renewing = 0;
    return true;
}

bool database_renew(struct queue *base, struct queue_job *j, int64_t now, bool *owned,
                    struct error *e)
{
    struct database *q = database_of(base);
    struct arena tmp = q->arena;
    struct db_arg args[4] = {db_int(now)};
    struct db_result r;
    if (!database_renewed(&q->base, j, e))
        return false;
    j->renewing = now;
    size_t n = 1 + fence(j, args + 1);
    if (!db_run(q->o.db, q->sql.renew, args, n, &tmp, &r, e))
        return false;
    *owned = r.matched == 1;
    if (*owned)
        j->reserved_at = now;
    j->renewing = 0;
    return true;
}

struct str database_gone(struct queue *base, const struct queue_job *j,
                         struct arena *perm)
{
    struct database *q = database_of(base);
    struct error e = {0};
    struct db_result r;
    enum row_state state;
    if (!read_row(q, j, &state, &r, perm, &e))
        return S("it cannot be read now");
    if (state == ROW_GONE)
        return S("the row is gone: completed by another worker, cleared or truncated");
    struct php_value reserved = db_cell(&r, 0, "reserved_at");
    if (reserved.type == PHP_NULL)
        return S("it was released by another");
    return str_fmt(perm, "another worker took it over: attempt %lld, reserved at %lld",
                   (long long)php_to_int(db_cell(&r, 0, "attempts")),
                   (long long)php_to_int(reserved));
}
