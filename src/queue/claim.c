/* claim.c: from an id on the watch list to a reservation. */
#include "queue/queue_imp.h"

enum {
    CLAIM_TRIES = 16,    /* of eight rows each */
    CLAIM_US = 100000,   /* a claim that finds only what it must leave ends after this */
    AGAIN_TRIES = 4,     /* of those, after a deadlock and the like */
    HELD_SECONDS = 2,    /* what this host has in hand is looked at again so much later */
    REFUSED_WAIT_S = 60, /* a row that cannot be reserved is left alone so long */
};

/* === the watch list, from a claim's side === */

static size_t due_ids(struct queue *q, size_t which, int64_t now, size_t skip,
                      int64_t *ids, bool *doubt)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    size_t n = watch_due(w, now, skip, ids, CLAIM_IDS);
    *doubt = watch_doubts(w, ids, n);
    watch_unlock(q->o.watch, which);
    return n;
}

static void postpone(struct queue *q, size_t which, int64_t id, int64_t due)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    /* The list may be full: the sweep finds the row again. */
    watch_put(w, id, due);
    watch_unlock(q->o.watch, which);
}

static void forget(struct queue *q, size_t which, int64_t id)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_remove(w, id);
    watch_unlock(q->o.watch, which);
}

static size_t which_queue(const struct queue *q, struct str name)
{
    for (size_t i = 0; i < q->o.queues_len; i++)
        if (str_eq(q->o.queues[i], name))
            return i;
    return q->o.queues_len; /* settled for another master: not on our list */
}

void queue_unwatch(struct queue *q, const struct queue_job *j, int64_t due)
{
    size_t which = which_queue(q, j->queue);
    if (which == q->o.queues_len)
        return;
    if (due)
        postpone(q, which, j->id, due);
    else
        forget(q, which, j->id);
}

void queue_leave(struct queue *q, const struct queue_job *j, int64_t until)
{
    size_t which = which_queue(q, j->queue);
    if (which == q->o.queues_len)
        return;
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_leave(w, j->id, until);
    watch_unlock(q->o.watch, which);
}

/* === statements === */

static size_t id_args(struct db_arg *args, const int64_t *ids, size_t len)
{
    for (size_t i = 0; i < CLAIM_IDS; i++)
        args[i] = db_int(ids[i < len ? i : len - 1]);
    return CLAIM_IDS;
}

/* due_now says when the row of an id is due, from peek's result. false: it is gone, or
 * too long. */
static bool due_now(struct queue *q, size_t which, const struct db_result *r, int64_t id,
                    int64_t *due)
{
    for (size_t row = 0; row < r->rows; row++) {
        if (php_to_int(db_cell(r, row, "id")) != id)
            continue;
        struct php_value mark = db_cell(r, row, "too_long");
        if (mark.type != PHP_NULL) {
            queue_tell_refused(q, q->o.queues[which], id, NULL, NULL, q->scratch);
            queue_forget(q, which, id, php_to_int(mark));
            return false;
        }
        struct php_value reserved = db_cell(r, row, "reserved_at");
        if (reserved.type != PHP_NULL)
            queue_saw_reserved(q, php_to_int(reserved));
        *due = reserved.type == PHP_NULL ? php_to_int(db_cell(r, row, "available_at"))
                                         : i64_add(php_to_int(reserved), queue_lease(q));
        return true;
    }
    return false;
}

/* peek brings the list up to date for ids that no claim could have: gone, moved, reserved
 * by another, or due later. A row that is ready was locked by another just now; the list
 * keeps it. *left counts such rows. */
static bool peek(struct queue *q, size_t which, const int64_t *ids, size_t len,
                 int64_t now, size_t *left, struct error *e)
{
    struct arena tmp = q->scratch;
    struct db_arg args[CLAIM_IDS + 1];
    struct db_result r;
    size_t n = id_args(args, ids, len);
    args[n++] = db_text(q->o.queues[which]);
    if (!db_run(q->o.db, q->sql.peek, args, n, &tmp, &r, e))
        return false;
    *left = 0;
    for (size_t i = 0; i < len; i++) {
        int64_t due;
        if (!due_now(q, which, &r, ids[i], &due))
            forget(q, which, ids[i]);
        else if (due > now)
            postpone(q, which, ids[i], due);
        else
            ++*left;
    }
    return true;
}

static void read_job(const struct db_result *r, struct arena *perm, struct queue_job *j)
{
    struct php_value payload = db_cell(r, 0, "payload"), queue = db_cell(r, 0, "queue");
    *j = (struct queue_job){
        .id = php_to_int(db_cell(r, 0, "id")),
        .attempts = php_to_int(db_cell(r, 0, "attempts")),
        .reserved_at = php_to_int(db_cell(r, 0, "reserved_at")),
        .created_at = php_to_int(db_cell(r, 0, "created_at")),
        .raw = payload.type == PHP_STRING ? payload.s : S(""),
        .queue = queue.type == PHP_STRING ? queue.s : S(""),
    };
    j->payload = payload_parse(j->raw, perm);
}

/* kept asks, where the session's mode cuts what does not fit, what the row says now: a
 * fence that it does not hold would match nothing once the mail is out. */
static bool kept(struct queue *q, const struct queue_job *j, int64_t now,
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

static bool reserve(struct queue *q, struct queue_job *j, int64_t now, struct arena *perm,
                    struct error *e)
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

/* refuse leaves a locked row as it is, and doubts those behind it: they may be alike. */
static bool refuse(struct queue *q, size_t which, const struct queue_job *j,
                   const char *reason, int64_t now, struct error *e)
{
    struct arena tmp = q->scratch;
    struct db_arg arg = db_int(j->id);
    struct db_result r;
    if (!db_run(q->o.db, q->sql.mark, &arg, 1, &tmp, &r, e))
        return false;
    db_rollback(q->o.db);
    queue_forget(q, which, j->id, r.rows ? php_to_int(r.cells[0]) : 0);
    queue_doubt(q, which, j->id, now);
    queue_tell_refused(q, j->queue, j->id, &j->payload, reason, tmp);
    return true;
}

/* leave: the server refuses this row's reservation for good. The rows behind it go on. */
static void leave(struct queue *q, const struct queue_job *j, int64_t now,
                  struct error *e)
{
    db_rollback(q->o.db);
    queue_leave(q, j, now + REFUSED_WAIT_S);
    if (q->o.refused)
        q->o.refused(q->o.arg, j->queue, j->id, e->text,
                     "it is left alone for a minute at a time");
    err_clear(e);
}

enum tried {
    TRIED_NOTHING,
    TRIED_REFUSED,
    TRIED_SCREENED,
    TRIED_HELD,
    TRIED_LEFT,
    TRIED_JOB,
    TRIED_ERROR
};

/* try_ids locks the first ready row among the ids. */
static enum tried try_ids(struct queue *q, size_t which, const int64_t *ids, size_t len,
                          int64_t now, struct arena *perm, struct queue_job *j,
                          struct error *e)
{
    struct db_arg args[CLAIM_IDS + 3];
    struct db_result r;
    size_t n = id_args(args, ids, len);
    args[n++] = db_text(q->o.queues[which]);
    args[n++] = db_int(now);
    args[n++] = db_int(now - queue_lease(q));
    if (!db_begin(q->o.db, e))
        return TRIED_ERROR;
    if (!db_run(q->o.db, q->sql.claim, args, n, perm, &r, e))
        goto failed;
    if (r.rows == 0) {
        db_rollback(q->o.db);
        return TRIED_NOTHING;
    }
    read_job(&r, perm, j);
    const char *reason;
    j->class_index = queue_takes(q, &j->payload, j->raw, &reason);
    if (j->class_index < 0) {
        if (!refuse(q, which, j, reason, now, e))
            goto failed;
        return TRIED_REFUSED;
    }
    /* The row is locked: who settled it meanwhile has changed it, who has it says so. */
    if (q->o.held && q->o.held(q->o.arg, j)) {
        db_rollback(q->o.db);
        return TRIED_HELD;
    }
    if (reserve(q, j, now, perm, e))
        return TRIED_JOB;
    if (e->kind == ERR_JOB) {
        leave(q, j, now, e);
        return TRIED_LEFT;
    }
failed:
    db_rollback(q->o.db);
    return TRIED_ERROR;
}

/* A claim under way. */
struct claiming {
    struct queue *q;
    size_t which, skip; /* rows that are in other hands at this moment */
    int tries, agains;
    bool moved; /* what it met is off the list, or due later: the next goes further */
};

/* tried does what follows from a try that found no job. false: the claim has failed. */
static bool tried(struct claiming *c, enum tried what, const int64_t *ids, size_t len,
                  const struct queue_job *j, int64_t now, struct error *e)
{
    size_t left = 0;
    switch (what) {
    case TRIED_HELD:
        postpone(c->q, c->which, j->id, now + HELD_SECONDS);
        c->tries--; /* it is not due any more; nor those of the next three */
        return true;
    case TRIED_LEFT:
    case TRIED_REFUSED:
    case TRIED_SCREENED:
        c->moved = true;
        c->tries--;
        return true;
    case TRIED_NOTHING:
        if (!peek(c->q, c->which, ids, len, now, &left, e))
            return false;
        c->skip += left;
        c->moved = c->moved || left < len;
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

/* found: when this process dies the row comes due again after retry_after. */
static void found_job(struct queue *q, size_t which, int64_t id, int64_t now)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_put(w, id, now + queue_lease(q));
    w->claimed = true;
    watch_unlock(q->o.watch, which);
}

bool queue_claim(struct queue *q, size_t which, struct arena *perm, struct queue_job *out,
                 bool *found, struct error *e)
{
    struct claiming c = {.q = q, .which = which};
    int64_t until = clock_mono_us() + CLAIM_US;
    *found = q->cut = false;
    if (!queue_fresh(q, e) || !queue_compare_clocks(q, e))
        return false;
    for (; c.tries < CLAIM_TRIES && clock_mono_us() < until; c.tries++) {
        int64_t ids[CLAIM_IDS], now = clock_unix();
        bool doubt = false;
        size_t len = q->unusable.len ? 0 : due_ids(q, which, now, c.skip, ids, &doubt);
        if (len == 0)
            return true;
        char *mark = arena_mark(perm);
        enum tried what;
        if (doubt)
            what = queue_screen(q, which, now, e) ? TRIED_SCREENED : TRIED_ERROR;
        else
            what = try_ids(q, which, ids, len, now, perm, out, e);
        if (what == TRIED_JOB) {
            found_job(q, which, out->id, now);
            *found = true;
            return true;
        }
        if (!tried(&c, what, ids, len, out, now, e))
            return false;
        arena_release(perm, mark);
    }
    q->cut = c.moved;
    return true;
}

bool queue_unfinished(const struct queue *q)
{
    return q->unread || q->cut;
}

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
    read_job(&r, perm, out);
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
    read_job(&r, perm, out);
    out->class_index =
        queue_ours(q->o.classes, q->o.classes_len, &out->payload, out->raw);
    *found = true;
    return true;
}
