/* attempt.c: one job, from the claim to its end.
 *
 * Two commits: the claim's, which holds the reservation and the row that says "pending",
 * and the settlement's. Before the first the slot's record names the reservation, so that
 * whoever comes after a crash knows what was under way; between the two no transaction is
 * open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    SETTLE_WAIT_MS = 500, /* doubled up to SETTLE_WAIT_MAX_MS while the server is away */
    SETTLE_WAIT_MAX_MS = 15000,
    BEGIN_TRIES = 5,    /* after a deadlock or a lock wait in the first transaction */
    BEGIN_WAIT_MS = 20, /* doubled each time, and as much again by chance */
    AGAIN_SECONDS = 60, /* a row that is left to PHP is looked at again after so long */
    LOST_TRIES =
        3, /* of reading a job's rows, while the connection comes back each time */
    WRITE_TRIES = 4, /* of what is refused beside the queue, before it is passed over */
};

/* === the record in the run file === */

static void record_claim(struct slot *s, const struct queue_job *j)
{
    s->hold.now = (struct run_record){.id = j->id,
                                      .mark = queue_mark(j),
                                      .attempts = j->attempts,
                                      .reserved_at = j->reserved_at,
                                      .before = j->before,
                                      .executor = "native"};
    size_t classes_len;
    const struct queue_class *classes = jobs_classes(&classes_len);
    struct run_record *r = &s->hold.now;
    run_name(r->class_name, RUN_NAME, str_from(classes[j->class_index].name));
    run_name(r->queue, RUN_NAME, j->queue);
    run_name(r->uuid, RUN_UUID, j->payload.uuid);
    s->hold.leased_ms = clock_mono_ms();
    s->hold.dead = s->hold.timed_out = false;
    s->hold.cause[0] = '\0';
    s->shared->begun_ms = clock_mono_ms();
    s->shared->cause[0] = '\0';
    atomic_store(&s->shared->timed_out, 0);
    atomic_store(&s->shared->let_go, 0);
    run_beat(s->shared);
    slot_phase(s, PHASE_CLAIM);
}

static void set_deadline(struct slot *s, const struct queue_job *j)
{
    int64_t seconds = s->o->timeout;
    if (j->payload.timeout.given)
        seconds = j->payload.timeout.value;
    if (s->o->once || seconds < 0)
        seconds = 0;
    s->shared->timeout = seconds;
    atomic_store(&s->shared->deadline_ms,
                 seconds ? i64_add(clock_mono_ms(), i64_mul(seconds, 1000)) : 0);
}

static void record_idle(struct slot *s)
{
    atomic_store(&s->shared->deadline_ms, 0);
    slot_phase(s, PHASE_IDLE);
}

/* === settling === */

/* written: what the server refuses to write beside the queue (a table is missing, or has
 * a new column) is tried some times more; then it is told, and the job is settled without
 * it: it must neither hold up the queue nor send a mail twice. */
static bool written(struct attempt *a, const char *what, bool ok, struct error *e)
{
    if (ok || e->kind != ERR_JOB)
        return ok;
    if (++a->refusals < WRITE_TRIES) {
        e->kind = ERR_AGAIN;
        return false;
    }
    slot_warn(a->s, str_fmt(&a->s->perm, "job %lld: %s could not be written: %s",
                            (long long)a->job.id, what, e->text));
    err_clear(e);
    return true;
}

static bool also_completed(void *arg, struct error *e)
{
    struct attempt *a = arg;
    return written(a, "its end", job_completed(a->s->jobs, &a->run, e), e);
}

static bool also_failed(void *arg, struct error *e)
{
    struct attempt *a = arg;
    bool ok = (a->killed ? job_killed : job_failed)(a->s->jobs, &a->run, &a->failure, e);
    return written(a, "its failure", ok, e);
}

static bool also_unlock(void *arg, struct error *e)
{
    struct attempt *a = arg;
    return written(a, "the release of its lock", job_unlock(a->s->jobs, &a->run, e), e);
}

static bool also_next(void *arg, struct error *e)
{
    struct attempt *a = arg;
    return job_next(a->s->jobs, &a->run, e);
}

static bool also_batch_completed(void *arg, struct error *e)
{
    struct attempt *a = arg;
    return written(a, "the count of its batch",
                   job_batch_ended(a->s->jobs, &a->run, false, e), e);
}

static bool also_batch_failed(void *arg, struct error *e)
{
    struct attempt *a = arg;
    return written(a, "the count of its batch",
                   job_batch_ended(a->s->jobs, &a->run, true, e), e);
}

/* add_batch puts the job's batch behind what is settled, if it has one. */
static bool add_batch(struct attempt *a, struct settling *also,
                      bool (*fn)(void *, struct error *), struct error *e)
{
    struct db *db;
    if (!job_batch_db(a->s->jobs, &a->run, &db, e))
        return false;
    a->batch =
        (struct settling){.also = fn, .arg = a, .also_db = db, .done = a->batch.done};
    also->next = db ? &a->batch : NULL;
    return true;
}

/* alone writes the attempt's own row when its job is not ours any more. */
static bool alone(struct attempt *a, bool (*also)(void *, struct error *),
                  struct error *e)
{
    struct db *db = a->s->db;
    if (!db_begin(db, e))
        return false;
    if (also(a, e) && db_commit(db, e))
        return true;
    db_rollback(db);
    return false;
}

static bool not_owned(struct attempt *a, bool (*also)(void *, struct error *),
                      struct error *e)
{
    struct slot *s = a->s;
    struct str why = queue_gone(s->queue, &a->job, &s->perm);
    struct str name = payload_name(&a->job.payload);
    slot_warn(s, str_fmt(&s->perm,
                         "job %lld (%.*s): the reservation is not ours any more: %.*s; "
                         "nothing was changed in the queue",
                         (long long)a->job.id, STR_ARG(name), STR_ARG(why)));
    return alone(a, also, e);
}

/* exception_of writes failed_jobs.exception: as PHP prints an exception, and a last line
 * that names the phase. */
static struct str exception_of(struct attempt *a, struct app_exception *x)
{
    struct arena *perm = &a->s->perm;
    *x = (struct app_exception){.class_name = a->failure.class_name,
                                .message = a->failure.message,
                                .step = a->failure.step,
                                .code = a->failure.code,
                                .file = S("facteur")};
    struct str text = app_exception_text(perm, x);
    return str_fmt(perm, "%.*s\nPhase: %s", STR_ARG(text),
                   job_phase_name(a->failure.phase));
}

static bool is_last(struct attempt *a)
{
    if (a->timed_out && a->job.payload.fail_on_timeout)
        return true;
    if (a->hold->now.exceptions == EXCEPTIONS_REACHED)
        return true;
    return retry_is_last(&a->job, a->rules, clock_unix());
}

static bool settle_failure(struct attempt *a, bool *owned, struct str exception,
                           struct error *e)
{
    struct slot *s = a->s;
    struct settling also = {.also = also_failed, .arg = a, .also_db = s->db};
    struct settling unlock = {.also = also_unlock, .arg = a, .also_db = s->queue_db};
    if (a->failure.last) {
        also.next = &unlock;
        return add_batch(a, &unlock, also_batch_failed, e) &&
               queue_fail(s->queue, &a->job, exception, &also, owned, e);
    }
    int64_t delay = retry_delay(&a->job, a->rules);
    if (!queue_release(s->queue, &a->job, delay, &also, owned, e))
        return false;
    return true;
}

/* refused: a job whose end the server will not take is kept aside, unless it is already,
 * or was never reserved. */
static bool refused(const struct attempt *a, const struct error *e)
{
    return e->kind == ERR_JOB && !a->hold->file->parked && !a->job.overflow;
}

/* tell_failure: in the letter's words, as an exception, and as a line. */
static void tell_failure(struct attempt *a, const struct app_exception *x)
{
    struct slot *s = a->s;
    job_log_failed(s->jobs, &a->run, &a->failure);
    app_log_exception(s->app, x, php_null());
    bool timeout_only = a->killed && !a->failure.last; /* Laravel prints nothing then */
    if (!timeout_only)
        print_job(&s->print, &a->job, a->failure.last ? PRINT_FAILED : PRINT_RELEASED,
                  clock_mono_us() - a->begun_us, a->failure.last ? &a->failure : NULL);
}

static bool fail_or_release(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct app_exception x;
    bool owned;
    if (!queue_renewed(s->queue, &a->job, e) || (!a->before && !exceptions_count(a, e)))
        return false;
    a->failure.last = a->failure.last || is_last(a);
    struct str exception = exception_of(a, &x);
    if (!settle_failure(a, &owned, exception, e))
        return false;
    if (!owned) {
        a->failure.last = false; /* whoever has the job goes on with it */
        if (!not_owned(a, also_failed, e))
            return false;
    } else {
        run_ended(s->shared, a->failure.last ? RUN_FAILED : RUN_RELEASED);
    }
    if (!a->hold->file->parked)
        tell_failure(a, &x);
    else if (owned)
        parked_over(a);
    return true;
}

/* attempt_settle_failure: a job that is to be tried again is not kept aside when it
 * cannot be released: its reservation runs out. */
bool attempt_settle_failure(struct attempt *a, struct error *e)
{
    if (fail_or_release(a, e))
        return true;
    struct error beside = {0};
    if (!refused(a, e) || !a->failure.last)
        return false;
    /* The letter's own row tells at once what became of it. */
    (void)!alone(a, also_failed, &beside);
    if (!parked_add(a, false, e))
        return false;
    struct app_exception x;
    (void)exception_of(a, &x);
    tell_failure(a, &x);
    return true;
}

/* take_back: another took the job over, and has let its reservation run out too. The mail
 * is out: the row is completed, whoever would run it next. */
static bool take_back(struct attempt *a, bool *ours, struct error *e)
{
    struct queue_job now;
    uint64_t mark = a->hold->now.mark;
    *ours = false;
    if (!mark)
        return true;
    if (!queue_take_back(a->s->queue, a->job.id, mark, &a->s->perm, &now, ours, e))
        return false;
    if (!*ours)
        return true;
    a->job = now;
    /* Its completion may be refused: the reservation is this one then. */
    a->hold->now.attempts = now.attempts;
    a->hold->now.reserved_at = now.reserved_at;
    a->hold->now.renewing = 0;
    run_publish(a->hold);
    return true;
}

static bool complete(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct settling also = {.also = also_completed, .arg = a, .also_db = s->db};
    struct settling next = {.also = also_next, .arg = a, .also_db = s->queue_db};
    struct settling unlock = {
        .also = also_unlock, .arg = a, .also_db = s->queue_db, .next = &next};
    bool owned = false, ours = true;
    also.next = &unlock;
    if (!queue_renewed(s->queue, &a->job, e) ||
        !add_batch(a, &next, also_batch_completed, e))
        return false;
    /* The row may be freed as often as it is taken back. */
    while (ours && !owned)
        if (!queue_complete(s->queue, &a->job, &also, &owned, e) ||
            (!owned && !take_back(a, &ours, e)))
            return false;
    if (owned && a->hold->file->parked)
        parked_over(a);
    return owned || not_owned(a, also_completed, e);
}

bool attempt_settle_success(struct attempt *a, struct error *e)
{
    if (complete(a, e))
        return true;
    struct error beside = {0};
    if (!refused(a, e))
        return false;
    (void)!alone(a, also_completed, &beside);
    return parked_add(a, true, e);
}

/* settle_for_sure tries again while the server is away: what happened to the mail must
 * reach its row. Told to stop, it leaves that to whoever finds the record. */
static bool settle_for_sure(struct attempt *a,
                            bool (*settle)(struct attempt *, struct error *),
                            struct error *e)
{
    struct slot *s = a->s;
    int64_t wait = SETTLE_WAIT_MS;
    snprintf(s->shared->cause, CAUSE_MAX, "%.*s", STR_ARG(a->failure.message));
    snprintf(s->hold.cause, CAUSE_MAX, "%s", s->shared->cause);
    atomic_store(&s->shared->deadline_ms, 0);
    while (!settle(a, e)) {
        if ((e->kind != ERR_LOST && e->kind != ERR_AGAIN) || s->stopping)
            return false;
        if (slot_outage(s, e))
            slot_warn(s, str_fmt(&s->perm, "job %lld waits to be settled: %s",
                                 (long long)a->job.id, e->text));
        err_clear(e);
        lease_wait(s, wait);
        wait = wait * 2 < SETTLE_WAIT_MAX_MS ? wait * 2 : SETTLE_WAIT_MAX_MS;
    }
    return true;
}

/* === a failed attempt === */

static bool fail_attempt(struct attempt *a, const struct error *why, struct error *e)
{
    enum job_phase phase = (enum job_phase)a->hold->now.phase;
    a->failure = job_failed_as(why, phase, &a->s->perm);
    return settle_for_sure(a, attempt_settle_failure, e);
}

/* reserve_alone commits the claim before the job has rows of its own: what is settled
 * next may be refused and begun anew, and its fence must stand in the table then. */
static bool reserve_alone(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!db_in_transaction(s->queue_db) || a->job.overflow)
        return true;
    if (!db_commit(s->queue_db, e))
        return false;
    slot_phase(s, PHASE_LOAD);
    return true;
}

/* fail_before fails a job that must not even begin. */
static bool fail_before(struct attempt *a, const char *class_name, struct str message,
                        struct error *e)
{
    a->failure = (struct job_failure){.class_name = str_from(class_name),
                                      .message = message,
                                      .phase = PHASE_IDLE,
                                      .last = true};
    a->before = a->killed = true; /* nothing of it was decoded yet */
    return reserve_alone(a, e) && settle_for_sure(a, attempt_settle_failure, e);
}

static bool fail_exceeded(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct str name = payload_name(&a->job.payload);
    bool old = !app_laravel_has(s->app, 10, 10);
    return fail_before(
        a, "Illuminate\\Queue\\MaxAttemptsExceededException",
        str_fmt(&s->perm, "%.*s has been attempted too many times%s.", STR_ARG(name),
                old ? " or run too long. The job may have previously timed out" : ""),
        e);
}

/* fail_lost: what the job's rows are answered with ends the connection, again and again,
 * while the claim before it passes. The library says no more of a row that is longer than
 * the session takes. */
static bool fail_lost(struct attempt *a, struct error *e)
{
    struct error why = {0};
    err_set(&why, ERR_JOB,
            "the connection to the database was lost %d times while the job's rows were "
            "read: one of them may be longer than 64 MB, which is not taken",
            a->s->lost.times);
    a->s->lost.times = 0;
    a->failure = job_failed_as(&why, PHASE_LOAD, &a->s->perm);
    a->before = a->killed = true;
    return reserve_alone(a, e) && settle_for_sure(a, attempt_settle_failure, e);
}

/* fail_overflow settles in the claim's own transaction, since no reservation can be
 * written: what is refused there leaves a row that is nobody's. */
static bool fail_overflow(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    a->failure = (struct job_failure){
        .class_name = S("Facteur\\AttemptsException"),
        .message = str_fmt(&s->perm,
                           "attempts stands at %lld, the most that its column holds: "
                           "another attempt could not be counted",
                           (long long)a->job.attempts),
        .phase = PHASE_IDLE,
        .last = true};
    a->before = a->killed = true;
    if (attempt_settle_failure(a, e))
        return true;
    if (e->kind != ERR_JOB)
        return false;
    db_rollback(s->queue_db);
    slot_warn(s, str_fmt(&s->perm, "job %lld: %.*s; it cannot be failed either: %s",
                         (long long)a->job.id, STR_ARG(a->failure.message), e->text));
    err_clear(e);
    queue_unwatch(s->queue, &a->job, clock_unix() + AGAIN_SECONDS);
    return true;
}

/* === ceilings === */

/* guarded runs fn so that a full arena is an error of the job. */
static bool guarded(struct attempt *a, bool (*fn)(struct attempt *, struct error *),
                    struct error *e)
{
    struct slot *s = a->s;
    jmp_buf full;
    bool ok;
    if (setjmp(full) == 0) {
        arena_guard(&s->perm, &full);
        arena_guard(&s->other, &full);
        ok = fn(a, e);
    } else {
        ok = err_set(e, ERR_JOB, "the letter needs more memory than a job may have");
    }
    arena_guard(&s->perm, NULL);
    arena_guard(&s->other, NULL);
    return ok;
}

static bool load_letter(struct attempt *a, struct error *e)
{
    return job_begin(a->s->jobs, &a->run, &a->begun, &a->undecodable, e);
}

static bool make_letter(struct attempt *a, struct error *e)
{
    return job_handle(a->s->jobs, &a->run, e);
}

/* === the first transaction === */

/* begin_elsewhere: the models live on another connection, so the claim is committed
 * first. */
static bool begin_elsewhere(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!db_commit(s->queue_db, e))
        return false;
    slot_phase(s, PHASE_LOAD);
    if (!db_begin(s->db, e))
        return false;
    if (guarded(a, load_letter, e)) {
        s->hold.now.row = a->run.row;
        run_publish(&s->hold);
        a->committing = true;
        if (db_commit(s->db, e))
            return true;
    }
    db_rollback(s->db);
    a->run.row = 0;
    return false;
}

static bool begin_here(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!guarded(a, load_letter, e))
        return false;
    s->hold.now.row = a->run.row;
    run_publish(&s->hold);
    if (a->begun == BEGUN_NOTHING)
        return reserve_alone(a, e);
    a->committing = true;
    return db_commit(s->queue_db, e);
}

/* leave_to_php says once for each reason why a job is not for facteur after all. Its row
 * is PHP's; after a while it is looked at again, since the view may be another then. */
static void leave_to_php(struct attempt *a, const struct error *why)
{
    struct slot *s = a->s;
    char text[sizeof(why->text) + sizeof(why->file) + 32];
    err_print(why, text, sizeof(text));
    run_ended(s->shared, RUN_LEFT);
    queue_leave(s->queue, &a->job, clock_unix() + AGAIN_SECONDS);
    if (run_said(s->run, str_fmt(&s->perm, "unsupported %s", text)))
        slot_warn(s, str_fmt(&s->perm,
                             "job %lld: %s; jobs that meet this are left for an artisan "
                             "worker, which must stay, and looked at again each minute",
                             (long long)a->job.id, text));
}

static void note_lost(struct slot *s, int64_t id)
{
    if (s->lost.id != id)
        s->lost.times = 0;
    s->lost.id = id;
    s->lost.times++;
}

/* begin_failed decides what a job that could not begin becomes: true when it is dealt
 * with, else the pass has failed. */
static bool begin_failed(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct error why = *e;
    bool reserved = db_in_transaction(s->queue_db) || s->queue_db != s->db;
    if (why.kind == ERR_JOB && reserved) {
        err_clear(e);
        a->failure = job_failed_as(&why, PHASE_CLAIM, &s->perm);
        a->failure.last = a->undecodable;
        if (a->undecodable)
            a->failure.class_name = S("Facteur\\UndecodableException");
        return reserve_alone(a, e) && settle_for_sure(a, attempt_settle_failure, e);
    }
    bool dealt = why.kind == ERR_UNSUPPORTED || why.kind == ERR_AGAIN;
    bool owned;
    if (why.kind == ERR_AGAIN)
        a->again = why;
    if (why.kind == ERR_LOST && !a->committing)
        note_lost(s, a->job.id);
    if (dealt)
        err_clear(e);
    db_rollback(s->queue_db);
    if (why.kind == ERR_UNSUPPORTED)
        leave_to_php(a, &why);
    else
        queue_unwatch(s->queue, &a->job, clock_unix());
    if (s->queue_db != s->db && dealt)
        return queue_give_back(s->queue, &a->job, &owned, e);
    /* Nothing was committed, unless it was the COMMIT's answer that was lost. */
    s->hold.now.not_begun = !dealt;
    run_publish(&s->hold);
    return dealt;
}

/* === the work === */

bool attempt_withdraw(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    bool owned;
    if (!db_begin(s->db, e))
        return false;
    if (!job_withdrawn(s->jobs, &a->run, e) || !db_commit(s->db, e)) {
        db_rollback(s->db);
        return false;
    }
    a->run.row = 0;
    return queue_give_back(s->queue, &a->job, &owned, e);
}

static bool finish(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!settle_for_sure(a, attempt_settle_success, e))
        return false;
    job_log_done(s->jobs, &a->run);
    run_ended(s->shared, RUN_DONE);
    print_job(&s->print, &a->job, PRINT_DONE, clock_mono_us() - a->begun_us, NULL);
    return true;
}

static bool run(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    bool here = s->queue_db == s->db;
    if (!(here ? begin_here : begin_elsewhere)(a, e))
        return begin_failed(a, e);
    if (a->begun == BEGUN_NOTHING)
        return finish(a, e);
    struct error why = {0};
    if (guarded(a, make_letter, &why))
        return finish(a, e);
    if (a->taken) {
        why = (struct error){0};
        err_set(&why, ERR_JOB, "given up: another worker has taken the job over");
    }
    if (why.kind == ERR_UNSUPPORTED) {
        leave_to_php(a, &why);
        return attempt_withdraw(a, e);
    }
    return fail_attempt(a, &why, e);
}

static bool attempt_once(struct slot *s, size_t which, bool *worked, struct error *again,
                         struct error *e)
{
    struct attempt a = {.s = s, .hold = &s->hold, .rules = &s->o->retry};
    if (!queue_claim(s->queue, which, &s->perm, &a.job, worked, e) || !*worked)
        goto over;
    a.run = (struct job_run){.job = &a.job, .perm = &s->perm, .other = &s->other};
    a.begun_us = clock_mono_us();
    s->attempt = &a;
    record_claim(s, &a.job);
    job_entered(s->jobs, &a.run);
    set_deadline(s, &a.job);
    print_job(&s->print, &a.job, PRINT_RUNNING, 0, NULL);
    bool settled;
    if (a.job.overflow)
        settled = fail_overflow(&a, e);
    else if (retry_exceeded(&a.job, a.rules, clock_unix()))
        settled = fail_exceeded(&a, e);
    else if (s->lost.id == a.job.id && s->lost.times >= LOST_TRIES)
        settled = fail_lost(&a, e);
    else
        settled = run(&a, e);
    /* A record that is not idle is settled by whoever finds it. */
    if (settled)
        record_idle(s);
over:
    *again = a.again;
    s->attempt = NULL;
    if (e->kind != ERR_NONE && db_in_transaction(s->queue_db))
        db_rollback(s->queue_db);
    job_left(s->jobs);
    arena_reset(&s->perm);
    arena_reset(&s->other);
    return e->kind == ERR_NONE;
}

bool attempt_next(struct slot *s, size_t which, bool *worked, struct error *e)
{
    struct error again = {0};
    for (int tries = 0;
         attempt_once(s, which, worked, &again, e) && again.kind != ERR_NONE; tries++) {
        if (tries == BEGIN_TRIES)
            return err_set(e, ERR_AGAIN, "jobs cannot be begun: %s", again.text);
        int64_t wait = (int64_t)BEGIN_WAIT_MS << tries;
        slot_wait(s, wait + random() % wait);
    }
    return e->kind == ERR_NONE;
}
