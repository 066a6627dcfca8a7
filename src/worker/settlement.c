/* settlement.c: the end of an attempt: completed, released, failed, or kept aside; and
 * what is told of it.
 */
#include <stdio.h>

#include "worker/worker_imp.h"

enum {
    SETTLE_WAIT_MS = 500, /* doubled up to SETTLE_WAIT_MAX_MS while the server is away */
    SETTLE_WAIT_MAX_MS = 15000,
};

void attempt_tell_not_ours(struct attempt *a)
{
    struct slot *s = a->s;
    struct str why = queue_gone(s->queue, &a->job, s->perm);
    struct str name = payload_name(&a->job.payload);
    slot_warn(s, str_fmt(s->perm,
                         "job %lld (%.*s): the reservation is not ours any more: %.*s; "
                         "nothing was changed in the queue",
                         (long long)a->job.id, STR_ARG(name), STR_ARG(why)));
}

static bool not_owned(struct attempt *a, struct error *e)
{
    attempt_tell_not_ours(a);
    return queue_tell_end(a->s->queue, &a->end, e);
}

void attempt_fails(struct attempt *a, const struct error *why, const char *where)
{
    char text[sizeof(why->text) + sizeof(why->file) + 32];
    struct arena *perm = a->s->perm;
    const char *name = why->exception;
    if (!name)
        name = executor_exception(a->x, a->job.class_index, where);
    err_print(why, text, sizeof(text));
    a->failure = (struct job_failure){
        .class_name = str_from(name ? name : "Facteur\\JobException"),
        .message = str_copy(perm, str_from(text)),
        .step = str_copy(perm, str_from(why->step)),
        .code = why->code,
        .begun = true,
        .where = str_copy(perm, str_from(where)),
    };
}

/* exception_of writes failed_jobs.exception: as PHP prints an exception, and a last line
 * that names the phase. */
static struct str exception_of(struct attempt *a, struct app_exception *x)
{
    struct arena *perm = a->s->perm;
    if (a->exception.len)
        return a->exception;
    *x = (struct app_exception){.class_name = a->failure.class_name,
                                .message = a->failure.message,
                                .step = a->failure.step,
                                .code = a->failure.code,
                                .file = S("facteur")};
    struct str text = app_exception_text(perm, x);
    return str_fmt(perm, "%.*s\nPhase: %.*s", STR_ARG(text), STR_ARG(a->failure.where));
}

bool attempt_is_last(const struct attempt *a)
{
    if (a->timed_out && a->job.payload.fail_on_timeout)
        return true;
    if (a->hold->now.exceptions == EXCEPTIONS_REACHED)
        return true;
    return retry_is_last(&a->job, a->rules, clock_unix());
}

/* plan says how the job ends, and what belongs to that. What was written of it elsewhere
 * is not written again. */
static bool plan(struct attempt *a, enum end_kind kind, struct error *e)
{
    bool again = a->end.job && a->end.kind == kind;
    if (again)
        return true;
    a->end = (struct ending){.job = &a->job, .kind = kind};
    a->run.failure = kind == END_DONE ? NULL : &a->failure;
    a->run.killed = a->killed;
    if (executor_parts(a->x, &a->run, &a->end, e))
        return true;
    a->end.job = NULL;
    return false;
}

bool attempt_plan_end(struct attempt *a, struct error *e)
{
    return plan(a, END_DONE, e);
}

/* end_job: where a COMMIT got no answer and the row is gone, that may be by another's
 * hand: then the letter's own row would never tell. Of a failed job the row among the
 * failed ones has proved it. */
static bool end_job(struct attempt *a, bool *owned, struct error *e)
{
    struct queue *q = a->s->queue;
    if (!queue_end(q, &a->end, owned, e))
        return false;
    bool proved = !a->end.doubtful || a->end.kind == END_FAILED;
    return !*owned || proved || queue_tell_end(q, &a->end, e);
}

static bool settle_failure(struct attempt *a, bool *owned, struct str exception,
                           struct error *e)
{
    if (!plan(a, a->failure.last ? END_FAILED : END_RELEASED, e))
        return false;
    a->end.exception = exception;
    a->end.delay = a->failure.last ? 0 : retry_delay(&a->job, a->rules);
    return end_job(a, owned, e);
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
    executor_ended(a->x, &a->run, &a->failure);
    if (!a->exception.len) /* else PHP has logged it */
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
    a->failure.last = a->failure.last || attempt_is_last(a);
    struct str exception = exception_of(a, &x);
    if (!settle_failure(a, &owned, exception, e))
        return false;
    if (!owned) {
        a->failure.last = false; /* whoever has the job goes on with it */
        if (!not_owned(a, e))
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
    if (a->end.job)
        (void)!queue_tell_end(a->s->queue, &a->end, &beside);
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
    struct queue_key key = {a->job.id, a->hold->now.mark};
    *ours = false;
    if (!key.mark)
        return true;
    if (!queue_take_back(a->s->queue, key, a->s->perm, &now, ours, e))
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

/* attempt_may_wait: only what whoever finds the record would complete, and what is one
 * transaction. */
bool attempt_may_wait(struct attempt *a)
{
    struct slot *s = a->s;
    struct error e = {0};
    return a->hold->now.phase == PHASE_SENT && !a->job.renewing && !s->stopping &&
           attempt_plan_end(a, &e) && queue_may_wait(s->queue, &a->end);
}

static bool complete(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    bool owned = false, ours = true;
    if (!queue_renewed(s->queue, &a->job, e) || !attempt_plan_end(a, e))
        return false;
    /* The row may be freed as often as it is taken back. */
    while (ours && !owned)
        if (!end_job(a, &owned, e) || (!owned && !take_back(a, &ours, e)))
            return false;
    if (owned && a->hold->file->parked)
        parked_over(a);
    return owned || not_owned(a, e);
}

bool attempt_settle_success(struct attempt *a, struct error *e)
{
    if (complete(a, e))
        return true;
    struct error beside = {0};
    if (!refused(a, e))
        return false;
    (void)!queue_tell_end(a->s->queue, &a->end, &beside);
    return parked_add(a, true, e);
}

void attempt_tell_done(struct attempt *a)
{
    struct slot *s = a->s;
    executor_ended(a->x, &a->run, NULL);
    run_ended(s->shared, RUN_DONE);
    print_job(&s->print, &a->job, PRINT_DONE, a->ended_us - a->begun_us, NULL);
}

bool attempt_settle(struct attempt *a, bool (*settle)(struct attempt *, struct error *),
                    struct error *e)
{
    struct slot *s = a->s;
    int64_t wait = SETTLE_WAIT_MS;
    struct str cause = a->exception.len ? a->exception : a->failure.message;
    snprintf(s->shared->cause, CAUSE_MAX, "%.*s", STR_ARG(cause));
    snprintf(a->hold->cause, CAUSE_MAX, "%s", s->shared->cause);
    atomic_store(&s->shared->deadline_ms, 0);
    while (!settle(a, e)) {
        if ((e->kind != ERR_LOST && e->kind != ERR_AGAIN) || s->stopping)
            return false;
        if (slot_outage(s, e))
            slot_warn(s, str_fmt(s->perm, "job %lld waits to be settled: %s",
                                 (long long)a->job.id, e->text));
        err_clear(e);
        lease_wait(s, wait);
        wait = wait * 2 < SETTLE_WAIT_MAX_MS ? wait * 2 : SETTLE_WAIT_MAX_MS;
    }
    return true;
}
