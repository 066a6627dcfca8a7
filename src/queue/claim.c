/* claim.c: from an id on the watch list to a reservation. */
#include "queue/queue_imp.h"

enum {
    CLAIM_TRIES = 16,    /* of eight rows each */
    CLAIM_US = 100000,   /* a claim that finds only what it must leave ends after this */
    AGAIN_TRIES = 4,     /* of those, after a deadlock and the like */
    HELD_SECONDS = 2,    /* what this host has in hand is looked at again so much later */
    REFUSED_WAIT_S = 60, /* a row that cannot be reserved is left alone so long */
};

/* === statements === */

static size_t id_args(struct db_arg *args, const int64_t *ids, size_t len)
{
    for (size_t i = 0; i < CLAIM_IDS; i++)
        args[i] = db_int(ids[i < len ? i : len - 1]);
    return CLAIM_IDS;
}

/* due_now says when a row of peek's result is due. */
static int64_t due_now(struct database *q, const struct db_result *r, size_t row)
{
    struct php_value reserved = db_cell(r, row, "reserved_at");
    if (reserved.type == PHP_NULL)
        return php_to_int(db_cell(r, row, "available_at"));
    queue_saw_reserved(q, php_to_int(reserved));
    return i64_add(php_to_int(reserved), queue_lease(q));
}

void queue_read_job(const struct db_result *r, struct arena *perm, struct queue_job *j)
{
    struct php_value payload = db_cell(r, 0, "payload"), queue = db_cell(r, 0, "queue");
    *j = (struct queue_job){
        .id = php_to_int(db_cell(r, 0, "id")),
        .attempts = php_to_int(db_cell(r, 0, "attempts")),
        .reserved_at = php_to_int(db_cell(r, 0, "reserved_at")),
        .created_at = php_to_int(db_cell(r, 0, "created_at")),
        .available_at = php_to_int(db_cell(r, 0, "available_at")),
        .raw = payload.type == PHP_STRING ? payload.s : S(""),
        .queue = queue.type == PHP_STRING ? queue.s : S(""),
    };
    j->payload = payload_parse(j->raw, perm);
}

/* kept asks, where the session's mode cuts what does not fit, what the row says now: a
 * fence that it does not hold would match nothing once the mail is out. */
static bool kept(struct database *q, const struct queue_job *j, int64_t now,
                 struct arena tmp, struct error *e)
{
    struct db_arg arg = db_int(j->id);
    struct db_result r;
    if (!q->lax)
        return true;
    if (!db_run(q->o.db, q->sql.row, &arg, 1, &tmp, &r, e))
        return false;
    int64_t attempts = r.rows ? php_to_int(db_cell(&r, 0, "attempts")) : -1;
    int64_t reserved = r.rows ? php_to_int(db_cell(&r, 0, "reserved_at")) : -1;
    if (attempts == j->attempts + 1 && reserved == now)
        return true;
    return err_set(e, ERR_JOB,
                   "it does not keep its reservation: attempts %lld and reserved_at %lld "
                   "were written, %lld and %lld stand there",
                   (long long)j->attempts + 1, (long long)now, (long long)attempts,
                   (long long)reserved);
}

static bool reserve(struct database *q, struct queue_job *j, int64_t now,
                    struct arena *perm, struct error *e)
{
    j->overflow = j->attempts >= q->attempts_max;
    if (j->overflow)
        return true;
    struct db_arg args[] = {db_int(now), db_int(j->attempts + 1), db_int(j->id)};
    if (!db_run(q->o.db, q->sql.reserve, args, COUNT(args), perm, NULL, e) ||
        !kept(q, j, now, *perm, e))
        return false;
    j->attempts++;
    j->before = j->reserved_at;
    j->reserved_at = now;
    return true;
}

/* === a claim under way === */

enum tried {
    TRIED_NOTHING,
    TRIED_REFUSED,
    TRIED_SCREENED,
    TRIED_HELD,
    TRIED_LEFT,
    TRIED_JOB,
    TRIED_ERROR
};

struct claiming {
    struct database *q;
    struct ending *ended; /* whose end is in the try at hand; NULL: none */
    struct claim *take;
    size_t skip; /* rows that are in other hands at this moment */
    int tries, agains;
    bool moved; /* what it met is off the list, or due later: the next goes further */
    /* the try at hand */
    int64_t ids[CLAIM_IDS], now;
    size_t len;
    const char *reason; /* of a refusal */
    int64_t mark;       /* of the payload that was refused */
};

/* read_mark: a row that is refused is left as it is, and known by its mark. */
static bool read_mark(struct claiming *c, struct error *e)
{
    struct database *q = c->q;
    struct arena tmp = q->scratch;
    struct db_arg arg = db_int(c->take->job->id);
    struct db_result r;
    if (!db_run(q->o.db, q->sql.mark, &arg, 1, &tmp, &r, e))
        return false;
    c->mark = r.rows ? php_to_int(r.cells[0]) : 0;
    return true;
}

/* refused forgets a row, and doubts those behind it: they may be alike. */
static void refused(struct claiming *c)
{
    const struct queue_job *j = c->take->job;
    queue_forget(c->q, c->take->which, j->id, c->mark);
    queue_doubt(c->q, c->take->which, j->id, c->now);
    queue_tell_refused(c->q, c->take->which, j->id, &j->payload, c->reason,
                       c->q->scratch);
}

/* left_alone: nothing can be done with a row, for a while. The rows behind it go on. */
static void left_alone(struct claiming *c, int64_t id, const char *why)
{
    const struct queue_options *o = &c->q->o;
    struct watch_queue *w = watch_lock(o->watch, c->take->which);
    watch_leave(w, id, c->now + REFUSED_WAIT_S);
    watch_unlock(o->watch, c->take->which);
    if (o->refused)
        o->refused(o->arg, o->queues[c->take->which], id, why,
                   "it is left alone for a minute at a time");
}

/* too_long: nobody here can read it; or, where any job is taken, nobody at all. */
static void too_long(struct claiming *c, int64_t id, int64_t mark)
{
    size_t which = c->take->which;
    if (c->take->any) {
        left_alone(c, id, "its payload is longer than 60 MB");
        return;
    }
    queue_tell_refused(c->q, which, id, NULL, NULL, c->q->scratch);
    queue_forget(c->q, which, id, mark);
}

/* begin_try opens the transaction of a try; an end that is joined to it comes first: it
 * is what may say that the reservation is not ours. */
static bool begin_try(struct claiming *c, struct error *e)
{
    struct database *q = c->q;
    bool owned = true;
    if (!db_begin(q->o.db, e))
        return false;
    if (!c->ended)
        return true;
    if (!queue_write_end(q, c->ended, &owned, e))
        return false;
    if (!owned)
        return err_set(e, ERR_AGAIN, "the reservation is not ours any more");
    c->ended->state = ENDING_OPEN;
    return true;
}

/* try_ids locks the first ready row among the ids. The transaction stays open. */
static enum tried try_ids(struct claiming *c, struct error *e)
{
    struct database *q = c->q;
    struct queue_job *j = c->take->job;
    struct db_arg args[CLAIM_IDS + 3];
    struct db_result r;
    size_t n = id_args(args, c->ids, c->len);
    args[n++] = db_text(q->o.queues[c->take->which]);
    args[n++] = db_int(c->now);
    args[n++] = db_int(c->now - queue_lease(q));
    struct str sql = c->take->any ? q->sql.claim_any : q->sql.claim;
    if (!begin_try(c, e) || !db_run(q->o.db, sql, args, n, c->take->perm, &r, e))
        return TRIED_ERROR;
    if (r.rows == 0)
        return TRIED_NOTHING;
    queue_read_job(&r, c->take->perm, j);
    j->class_index = queue_takes(q, j, c->take->perm, &c->reason);
    j->refusal = c->reason;
    if (j->class_index < 0 && !c->take->any)
        return read_mark(c, e) ? TRIED_REFUSED : TRIED_ERROR;
    /* The row is locked: who settled it meanwhile has changed it, who has it says so. */
    if (q->o.held && q->o.held(q->o.arg, j))
        return TRIED_HELD;
    if (reserve(q, j, c->now, c->take->perm, e))
        return TRIED_JOB;
    return e->kind == ERR_JOB ? TRIED_LEFT : TRIED_ERROR;
}

/* end_try ends the transaction of a try that found no job. What was refused or left is
 * locked until here, and an end that stands in it is committed: nothing rolls it back. */
static void end_try(struct claiming *c, enum tried what)
{
    struct error e = {0};
    struct ending *ended = c->ended;
    struct db *db = c->q->o.db;
    bool whole = what != TRIED_ERROR && what != TRIED_LEFT; /* no statement failed */
    if (ended && whole && db_commit(db, &e)) {
        ended->state = ENDING_DONE;
        database_unwatch(&c->q->base, ended->job, 0);
        return;
    }
    db_rollback(db);
    if (!ended)
        return;
    ended->state = ENDING_ALONE;
    ended->doubtful = whole && e.kind == ERR_LOST;
}

/* note_row notes what peek's result says of an id. true: it is ready. */
static bool note_row(struct claiming *c, const struct db_result *r, int64_t id)
{
    size_t row = 0;
    while (row < r->rows && php_to_int(db_cell(r, row, "id")) != id)
        row++;
    if (row == r->rows) {
        queue_forget_id(c->q, c->take->which, id);
        return false;
    }
    struct php_value mark = db_cell(r, row, "too_long");
    if (mark.type != PHP_NULL) {
        too_long(c, id, php_to_int(mark));
        return false;
    }
    int64_t due = due_now(c->q, r, row);
    if (due > c->now)
        queue_postpone(c->q, c->take->which, id, due);
    return due <= c->now;
}

/* peek brings the list up to date for ids that no claim could have: gone, moved, reserved
 * by another, or due later. A row that is ready was locked by another just now; the list
 * keeps it. *left counts such rows. */
static bool peek(struct claiming *c, size_t *left, struct error *e)
{
    struct database *q = c->q;
    size_t which = c->take->which;
    struct arena tmp = q->scratch;
    struct db_arg args[CLAIM_IDS + 1];
    struct db_result r;
    size_t n = id_args(args, c->ids, c->len);
    args[n++] = db_text(q->o.queues[which]);
    struct str sql = c->take->any ? q->sql.peek_any : q->sql.peek;
    if (!db_run(q->o.db, sql, args, n, &tmp, &r, e))
        return false;
    *left = 0;
    for (size_t i = 0; i < c->len; i++)
        *left += note_row(c, &r, c->ids[i]);
    return true;
}

/* after_try does what follows from a try that found no job. false: the claim has failed.
 */
static bool after_try(struct claiming *c, enum tried what, struct error *e)
{
    size_t left_there = 0;
    switch (what) {
    case TRIED_HELD:
        queue_postpone(c->q, c->take->which, c->take->job->id, c->now + HELD_SECONDS);
        c->tries--; /* it is not due any more; nor those of the next three */
        return true;
    case TRIED_LEFT:
        left_alone(c, c->take->job->id, e->text);
        err_clear(e);
        c->moved = true;
        c->tries--;
        return true;
    case TRIED_REFUSED:
        refused(c);
        c->moved = true;
        c->tries--;
        return true;
    case TRIED_SCREENED:
        c->moved = true;
        c->tries--;
        return true;
    case TRIED_NOTHING:
        if (!peek(c, &left_there, e))
            return false;
        c->skip += left_there;
        c->moved = c->moved || left_there < c->len;
        return true;
    default:
        c->q->stale = e->kind == ERR_JOB;
        /* A deadlock is not ours to report: the next try meets the row again. */
        if (e->kind != ERR_AGAIN || ++c->agains == AGAIN_TRIES)
            return false;
        err_clear(e);
        return true;
    }
}

/* next_ids takes the ids of the next try; *doubt: they are to be screened first, which is
 * not worth it where any job is taken. false: none is due. */
static bool next_ids(struct claiming *c, bool *doubt)
{
    enum watch_kind kind = c->take->others ? WATCH_FOREIGN
                           : c->take->any  ? WATCH_ANY
                                           : WATCH_NATIVE;
    size_t which = c->take->which;
    *doubt = false;
    c->now = clock_unix();
    if (c->q->unusable.len)
        return false;
    c->len = queue_due_ids(c->q, which, kind, c->now, c->skip, c->ids);
    *doubt = !c->take->any && queue_doubts(c->q, which, c->ids, c->len);
    return c->len > 0;
}

static enum tried try_next(struct claiming *c, bool doubt, struct error *e)
{
    enum tried what;
    if (doubt)
        return queue_screen(c->q, c->take->which, c->now, e) ? TRIED_SCREENED
                                                             : TRIED_ERROR;
    what = try_ids(c, e);
    if (what == TRIED_JOB) {
        queue_found_job(c->q, c->take->which, c->take->job, c->now);
        c->take->found = true;
    } else {
        end_try(c, what);
    }
    return what;
}

/* claim tries on, each time in a transaction of its own, until a job is found, or none is
 * due that could be had. */
static bool claim(struct claiming *c, struct error *e)
{
    int64_t until = clock_mono_us() + CLAIM_US;
    bool doubt;
    for (; c->tries < CLAIM_TRIES && clock_mono_us() < until; c->tries++) {
        if (!next_ids(c, &doubt))
            return true;
        char *mark = arena_mark(c->take->perm);
        enum tried what = try_next(c, doubt, e);
        if (what == TRIED_JOB)
            return true;
        if (!after_try(c, what, e))
            return false;
        arena_release(c->take->perm, mark);
    }
    c->q->cut = c->moved;
    return true;
}

/* join tries once, in the transaction in which another job ends. *over: the turn is,
 * since there is a job, or the end must be completed alone. */
static bool join(struct claiming *c, struct ending *ended, bool *over, struct error *e)
{
    bool doubt;
    *over = true;
    if (!next_ids(c, &doubt))
        return true; /* it waits */
    if (doubt) {     /* they are screened first, and no end waits for that */
        ended->state = ENDING_ALONE;
        return true;
    }
    c->ended = ended;
    char *mark = arena_mark(c->take->perm);
    enum tried what = try_next(c, false, e);
    c->ended = NULL;
    if (what == TRIED_JOB)
        return true;
    /* Whoever comes back alone meets the same, and that counts. */
    *over = ended->state == ENDING_ALONE;
    if (*over)
        err_clear(e);
    else if (!after_try(c, what, e))
        return false;
    arena_release(c->take->perm, mark);
    return true;
}

bool database_turn(struct queue *base, struct ending *ended, struct claim *take,
                   struct error *e)
{
    struct database *q = database_of(base);
    struct claiming c = {.q = q, .take = take};
    bool over = false;
    take->found = q->cut = false;
    if (!queue_fresh(q, e) || !queue_compare_clocks(q, e))
        return false;
    if (ended && !join(&c, ended, &over, e))
        return false;
    return over || claim(&c, e);
}

bool database_unfinished(const struct queue *base)
{
    const struct database *q = database_of(base);
    return q->unread || q->cut;
}
