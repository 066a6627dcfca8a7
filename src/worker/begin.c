/* begin.c: how an attempt begins: its record, the first transaction, and what fails
 * before there is anything to be run.
 *
 * Before that transaction's COMMIT the slot's record names the reservation, so that
 * whoever comes after a crash knows what was under way.
 */
#include <stdio.h>

#include "worker/worker_imp.h"

enum {
    AGAIN_SECONDS = 60, /* a row that is left to PHP is looked at again after so long */
    PHP_GRACE_S =
        75, /* for an app to boot, and for its slot, which keeps the time itself */
    LOST_TRIES =
        3, /* of reading a job's rows, while the connection comes back each time */
};

/* === the record in the run file === */

/* class_of: of another's job, what its payload calls it. */
static struct str class_of(const struct attempt *a)
{
    const struct queue_job *j = &a->job;
    size_t len;
    const struct queue_class *classes = executor_classes(a->s->executor, &len);
    if (j->class_index >= 0)
        return str_from(classes[j->class_index].name);
    return j->payload.command_name.len ? j->payload.command_name
                                       : payload_name(&j->payload);
}

static void record_claim(struct attempt *a)
{
    struct slot *s = a->s;
    const struct queue_job *j = &a->job;
    s->hold->now = (struct run_record){
        .id = j->id,
        .mark = queue_mark(j),
        .attempts = j->attempts,
        .reserved_at = j->reserved_at,
        .before = j->before,
    };
    struct run_record *r = &s->hold->now;
    run_name(r->class_name, RUN_NAME, class_of(a));
    run_name(r->queue, RUN_NAME, j->queue);
    run_name(r->uuid, RUN_UUID, j->payload.uuid);
    run_name(r->executor, sizeof(r->executor), str_from(executor_name(a->x)));
    s->hold->leased_ms = clock_mono_ms();
    s->hold->dead = s->hold->timed_out = false;
    s->hold->cause[0] = '\0';
    s->shared->begun_ms = clock_mono_ms();
    s->shared->cause[0] = '\0';
    atomic_store(&s->shared->timed_out, 0);
    atomic_store(&s->shared->let_go, 0);
    run_beat(s->shared);
    slot_phase(s, PHASE_CLAIM, NULL);
}

/* set_deadline: of a job in PHP its slot keeps the time; it may be late itself. */
static void set_deadline(struct attempt *a)
{
    struct slot *s = a->s;
    const struct queue_job *j = &a->job;
    int64_t grace = a->x == s->executor ? 0 : PHP_GRACE_S;
    int64_t seconds = s->o->timeout;
    if (j->payload.timeout.given)
        seconds = j->payload.timeout.value;
    if (s->o->once || seconds < 0 ||
        j->payload.crowded) /* PHP has read it, and its time */
        seconds = 0;
    a->run.timeout = seconds;
    s->shared->timeout = seconds;
    int64_t ms = i64_mul(i64_add(seconds, grace), 1000);
    atomic_store(&s->shared->deadline_ms, seconds ? i64_add(clock_mono_ms(), ms) : 0);
}

void attempt_idle(struct slot *s)
{
    atomic_store(&s->shared->deadline_ms, 0);
    slot_phase(s, PHASE_IDLE, NULL);
}

bool attempt_enter(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    a->x = a->job.class_index >= 0 ? s->executor : php_executor(s, e);
    if (!a->x)
        return false;
    a->run = (struct job_run){.job = &a->job, .perm = s->perm, .other = &s->other};
    a->begun_us = clock_mono_us();
    s->attempt = a;
    record_claim(a);
    executor_enter(a->x, &a->run);
    set_deadline(a);
    return true;
}

void attempt_tell_running(struct attempt *a)
{
    struct slot *s = a->s;
    if (a->x != s->executor)
        return; /* PHP says so */
    print_job(&s->print, &a->job, PRINT_RUNNING, 0, NULL);
    a->told_running = true;
}

/* === what fails before it begins === */

/* reserve_alone commits the claim before the job has rows of its own: what is settled
 * next may be refused and begun anew, and its fence must stand in the table then. */
static bool reserve_alone(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!queue_is_open(s->queue) || a->job.overflow)
        return true;
    if (!queue_commit(s->queue, e))
        return false;
    slot_phase(s, PHASE_LOAD, NULL);
    return true;
}

/* fail_before fails a job that must not even begin. */
static bool fail_before(struct attempt *a, const char *class_name, struct str message,
                        struct error *e)
{
    a->failure = (struct job_failure){.class_name = str_from(class_name),
                                      .message = message,
                                      .where = str_from(job_phase_name(PHASE_IDLE)),
                                      .last = true};
    a->before = a->killed = true; /* nothing of it was decoded yet */
    return reserve_alone(a, e) && attempt_settle(a, attempt_settle_failure, e);
}

bool attempt_is_undecodable(const struct attempt *a)
{
    const struct payload *p = &a->job.payload;
    return a->x != a->s->executor && !p->crowded && (!p->is_json || !p->job.len);
}

bool attempt_fail_undecodable(struct attempt *a, struct error *e)
{
    return fail_before(
        a, "Facteur\\UndecodableException",
        a->job.payload.is_json
            ? S("the payload names no job: its key \"job\" is missing or no text")
            : S("the payload is no JSON object"),
        e);
}

static bool fail_exceeded(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct str name = payload_name(&a->job.payload);
    bool old = !app_laravel_has(s->app, 10, 10);
    return fail_before(
        a, "Illuminate\\Queue\\MaxAttemptsExceededException",
        str_fmt(s->perm, "%.*s has been attempted too many times%s.", STR_ARG(name),
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
    attempt_fails(a, &why, job_phase_name(PHASE_LOAD));
    a->before = a->killed = true;
    return reserve_alone(a, e) && attempt_settle(a, attempt_settle_failure, e);
}

/* fail_overflow settles in the claim's own transaction, since no reservation can be
 * written: what is refused there leaves a row that is nobody's. */
static bool fail_overflow(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    a->failure = (struct job_failure){
        .class_name = S("Facteur\\AttemptsException"),
        .message = str_fmt(s->perm,
                           "attempts stands at %lld, the most that its column holds: "
                           "another attempt could not be counted",
                           (long long)a->job.attempts),
        .where = str_from(job_phase_name(PHASE_IDLE)),
        .last = true};
    a->before = a->killed = true;
    if (attempt_settle_failure(a, e))
        return true;
    if (e->kind != ERR_JOB)
        return false;
    queue_rollback(s->queue);
    slot_warn(s, str_fmt(s->perm, "job %lld: %.*s; it cannot be failed either: %s",
                         (long long)a->job.id, STR_ARG(a->failure.message), e->text));
    err_clear(e);
    queue_unwatch(s->queue, &a->job, clock_unix() + AGAIN_SECONDS);
    return true;
}

static bool is_exceeded(const struct attempt *a)
{
    /* Of others' jobs Laravel says so itself: their failed() is told. */
    return a->x == a->s->executor && retry_exceeded(&a->job, a->rules, clock_unix());
}

static bool is_lost(const struct attempt *a)
{
    const struct slot *s = a->s;
    return s->lost.id == a->job.id && s->lost.times >= LOST_TRIES;
}

bool attempt_is_plain(const struct attempt *a)
{
    return !a->job.overflow && !is_exceeded(a) && !is_lost(a);
}

bool attempt_fail_early(struct attempt *a, struct error *e)
{
    if (a->job.overflow)
        return fail_overflow(a, e);
    return is_exceeded(a) ? fail_exceeded(a, e) : fail_lost(a, e);
}

/* === ceilings === */

/* guarded runs fn so that a full arena is an error of the job. */
bool attempt_guarded(struct attempt *a, bool (*fn)(struct attempt *, struct error *),
                     struct error *e)
{
    struct slot *s = a->s;
    jmp_buf full;
    bool ok;
    if (setjmp(full) == 0) {
        arena_guard(s->perm, &full);
        arena_guard(&s->other, &full);
        ok = fn(a, e);
    } else {
        ok = err_set(e, ERR_JOB, "the letter needs more memory than a job may have");
    }
    arena_guard(s->perm, NULL);
    arena_guard(&s->other, NULL);
    return ok;
}

static bool load_letter(struct attempt *a, struct error *e)
{
    return executor_begin(a->x, &a->run, &a->begun, &a->undecodable, e);
}

/* === the first transaction === */

/* begin_elsewhere: the models live on another connection, so the claim is committed
 * first. */
static bool begin_elsewhere(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!queue_commit(s->queue, e))
        return false;
    slot_phase(s, PHASE_LOAD, NULL);
    if (attempt_guarded(a, load_letter, e)) {
        s->hold->now.row = a->run.row;
        run_publish(s->hold);
        a->committing = true;
        if (executor_keep(a->x, e))
            return true;
    }
    executor_undo(a->x);
    a->run.row = 0;
    return false;
}

static bool begin_here(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!attempt_guarded(a, load_letter, e) &&
        (e->kind != ERR_UNSUPPORTED || !attempt_hand_over(a, e)))
        return false;
    err_clear(e);
    if (s->hold->now.row != a->run.row) {
        s->hold->now.row = a->run.row;
        run_publish(s->hold);
    }
    a->committing = true;
    if (a->begun == BEGUN_NOTHING)
        return reserve_alone(a, e);
    return queue_commit(s->queue, e);
}

bool attempt_begin(struct attempt *a, struct error *e)
{
    return (executor_apart(a->x) ? begin_elsewhere : begin_here)(a, e);
}

/* leave_to_php says once for each reason why a job is not for facteur after all. Its row
 * is PHP's; after a while it is looked at again, since the view may be another then. */
void attempt_leave(struct attempt *a, const struct error *why)
{
    struct slot *s = a->s;
    char text[sizeof(why->text) + sizeof(why->file) + 32];
    err_print(why, text, sizeof(text));
    run_ended(s->shared, RUN_LEFT);
    queue_leave(s->queue, &a->job, clock_unix() + AGAIN_SECONDS);
    if (run_said(s->run, str_fmt(s->perm, "unsupported %s", text)))
        slot_warn(s, str_fmt(s->perm,
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
bool attempt_begin_failed(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct error why = *e;
    bool reserved = queue_is_open(s->queue) || executor_apart(a->x);
    if (why.kind == ERR_JOB && reserved) {
        err_clear(e);
        attempt_fails(a, &why, job_phase_name(PHASE_CLAIM));
        a->failure.last = a->undecodable;
        if (a->undecodable)
            a->failure.class_name = S("Facteur\\UndecodableException");
        return reserve_alone(a, e) && attempt_settle(a, attempt_settle_failure, e);
    }
    bool dealt = why.kind == ERR_UNSUPPORTED || why.kind == ERR_AGAIN;
    bool owned;
    if (why.kind == ERR_AGAIN)
        a->again = why;
    if (why.kind == ERR_LOST && !a->committing)
        note_lost(s, a->job.id);
    if (dealt)
        err_clear(e);
    queue_rollback(s->queue);
    if (why.kind == ERR_UNSUPPORTED)
        attempt_leave(a, &why);
    else
        queue_unwatch(s->queue, &a->job, clock_unix());
    if (executor_apart(a->x) && dealt)
        return queue_give_back(s->queue, &a->job, &owned, e);
    /* Nothing was committed, unless it was the COMMIT's answer that was lost. */
    s->hold->now.not_begun = !dealt;
    run_publish(s->hold);
    return dealt;
}
