/* php_job.c: a job that runs in PHP. Laravel's worker runs it there, and asks for each
 * change of the queue's rows when it would make it: the end of such a job is settled in
 * the middle of its run, and the run goes on.
 *
 * Phases: the record says `work` in step `php` until the end is asked for; `sent` when
 * its row is about to be deleted, since the job is over then; `failing` with the
 * exception's text while the app's own failed() runs.
 */
#include <stdio.h>

#include "worker/worker_imp.h"

enum { SETTLE_TRIES = 3 /* while a row is locked: by the job itself, it may be */ };

static const char step_php[] = "php", step_failing[] = "failing", step_later[] = "later";

/* === settling, as PHP asks for it === */

/* settled_again: what a job asks for when it has been settled before, as Laravel has it:
 * deleted, it is gone; released, it has a row, of which the later word counts, so that
 * one job stays one job. false: there is nothing to be done. */
static bool settled_again(struct attempt *a, const struct job_settle *how)
{
    enum end_kind before = a->end.kind;
    if (how->kind == END_DONE || (how->kind == END_FAILED && before != END_RELEASED))
        return false;
    a->job.row = before == END_RELEASED && a->end.released ? ROW_FREE : ROW_NONE;
    if (a->job.row == ROW_FREE) {
        a->job.id = a->end.released;
        a->job.reserved_at = 0;
    }
    return true;
}

static bool write_end(struct attempt *a, bool *owned, struct error *e)
{
    struct slot *s = a->s;
    for (int tries = 1;; tries++) {
        if (queue_renewed(s->queue, &a->job, e) && queue_end(s->queue, &a->end, owned, e))
            return true;
        if (e->kind != ERR_AGAIN || tries == SETTLE_TRIES)
            return false;
        err_clear(e);
    }
}

/* settle_asked makes the change; what the server refuses for good is kept aside. */
static bool settle_asked(struct attempt *a, struct error *e)
{
    bool owned = false;
    a->owned = false;
    if (write_end(a, &owned, e)) {
        a->owned = owned;
        if (!owned)
            attempt_tell_not_ours(a);
        return true;
    }
    if (e->kind != ERR_JOB)
        return false;
    if (a->job.row == ROW_RESERVED) {
        a->owned = true;
        return parked_add(a, a->end.kind == END_DONE, e);
    }
    /* What it was settled as before stands. */
    slot_warn(a->s, str_fmt(a->s->perm, "job %lld cannot be settled once more: %s",
                            (long long)a->job.id, e->text));
    err_clear(e);
    return true;
}

/* plan_asked: what the app's own failer keeps is only taken out of the queue here. */
static void plan_asked(struct attempt *a, const struct job_settle *how)
{
    enum end_kind kind = how->kind == END_FAILED && how->kept ? END_DONE : how->kind;
    a->end = (struct ending){
        .job = &a->job, .kind = kind, .delay = how->delay, .exception = how->exception};
    a->failure = how->failure;
    a->exception = how->exception;
}

static bool on_settle(void *arg, const struct job_settle *how, bool *owned)
{
    struct slot *s = arg;
    struct attempt *a = s->attempt;
    struct error e = {0};
    *owned = false;
    if (a->end.job && (!a->owned || !settled_again(a, how)))
        return true;
    plan_asked(a, how);
    if (a->end.kind == END_DONE && a->hold->now.phase != PHASE_IDLE)
        run_step(a->hold, PHASE_SENT, NULL);
    if (!attempt_settle(a, settle_asked, &e)) {
        slot_warn(s, str_fmt(s->perm, "job %lld cannot be settled: %s",
                             (long long)a->job.id, e.text));
        a->end.job = NULL;
        return false;
    }
    *owned = a->owned;
    static const enum run_end ends[] = {
        [END_DONE] = RUN_DONE, [END_RELEASED] = RUN_RELEASED, [END_FAILED] = RUN_FAILED};
    if (*owned && a->job.row == ROW_RESERVED)
        run_ended(s->shared, ends[how->kind]);
    run_step(a->hold, PHASE_IDLE, NULL);
    return true;
}

/* === what PHP says === */

/* note_failing: whoever comes after a death fails the job with this, and no second call.
 */
static void note_failing(struct attempt *a, const struct job_settle *why)
{
    struct slot *s = a->s;
    if (a->end.job)
        return;
    snprintf(s->shared->cause, CAUSE_MAX, "%.*s", STR_ARG(why->exception));
    run_step(a->hold, PHASE_WORK, step_failing);
}

static void on_said(void *arg, const struct job_news *n)
{
    struct slot *s = arg;
    struct attempt *a = s->attempt;
    if (n->what == JOB_PROCESSING && a->told_running)
        a->begun_us = clock_mono_us(); /* it was ours at first, and this was printed */
    else if (n->what <= JOB_FAILED)
        php_print(s, &a->job, &a->begun_us, n);
    else if (n->what == JOB_FAILING)
        note_failing(a, &n->why);
    else if (!a->end.job)
        run_step(a->hold, PHASE_WORK, step_later);
}

/* on_tick: a job that another worker has taken over goes on, as under artisan; what it
 * asks for then is not done. */
static bool on_tick(void *arg)
{
    struct slot *s = arg;
    slot_wait(s, 0);
    if (s->stopping && s->child)
        child_stops(s->child);
    if (s->attempt->end.job)
        run_beat(s->shared);
    else
        (void)lease_keep(s);
    return true;
}

/* on_boot: a worker that is told to stop does not wait for an app to boot. */
static bool on_boot(void *arg)
{
    struct slot *s = arg;
    return on_tick(arg) && !s->stopping;
}

static struct job_calls calls_of(struct slot *s)
{
    return (struct job_calls){.settle = on_settle,
                              .said = on_said,
                              .tick = on_tick,
                              .boots = on_boot,
                              .arg = s};
}

/* === its process is gone === */

static void name_death(struct attempt *a)
{
    struct slot *s = a->s;
    const struct job_outcome *out = &a->run.outcome;
    a->timed_out = a->timed_out || out->timed_out;
    a->failure = (struct job_failure){
        .class_name = S("RuntimeException"),
        .message = str_fmt(s->perm, "%.*s: its PHP process %.*s",
                           STR_ARG(payload_name(&a->job.payload)), STR_ARG(out->text)),
        .where = str_from(step_php),
        .begun = true};
    a->exception = S("");
    a->killed = a->timed_out; /* of which Laravel prints nothing while a try is left */
}

/* settle_failing: its failed() was being called, or had been. It is not called again. */
static bool settle_failing(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    const struct job_outcome *out = &a->run.outcome;
    struct str how = a->failure.message;
    a->failure = out->why.failure;
    a->failure.where = str_from(step_failing);
    a->failure.last = true;
    a->exception = str_fmt(s->perm, "%.*s\n\n(then %.*s)", STR_ARG(out->why.exception),
                           STR_ARG(how));
    return attempt_settle(a, attempt_settle_failure, e);
}

/* tell_app has a fresh process fail it: failed(), listeners, batch, chain and lock are
 * the app's. true: it is settled. */
static bool tell_app(struct attempt *a)
{
    struct slot *s = a->s;
    struct error why = {0};
    struct job_failure f = a->failure;
    struct job_calls calls = calls_of(s);
    struct executor *x = php_is_there(s) ? php_executor(s, &why) : NULL;
    a->run.calls = &calls;
    if (x && executor_fail(x, &a->run, &f, a->timed_out, &why) && a->end.job)
        return true;
    const struct job_outcome *out = &a->run.outcome;
    struct str text = !x             ? S("there is no PHP")
                      : out->failing ? str_fmt(s->perm, "its process %.*s meanwhile",
                                               STR_ARG(out->text))
                                     : str_copy(s->perm, str_from(why.text));
    a->failure = f;
    a->exception = S("");
    slot_warn(
        s, str_fmt(s->perm,
                   "job %lld (%.*s) is failed %s: its failed(), listeners, batch, "
                   "chain and lock %s: %.*s",
                   (long long)a->job.id, STR_ARG(payload_name(&a->job.payload)),
                   out->failing ? "while the app was told" : "without a word to the app",
                   out->failing ? "may not all know" : "were not told", STR_ARG(text)));
    return false;
}

/* leave: it stays reserved until its lease is over, as under artisan. */
static void leave(struct attempt *a, const char *why)
{
    struct slot *s = a->s;
    slot_warn(s,
              str_fmt(s->perm,
                      "job %lld (%.*s) %s: it stays reserved, and comes up again when "
                      "retry_after is over",
                      (long long)a->job.id, STR_ARG(payload_name(&a->job.payload)), why));
}

static bool settle_death(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    slot_warn(s, str_fmt(s->perm, "job %lld: %.*s", (long long)a->job.id,
                         STR_ARG(a->failure.message)));
    if (!exceptions_count(a, e))
        return false;
    a->failure.last = attempt_is_last(a);
    if (a->failure.last && tell_app(a))
        return true;
    return attempt_settle(a, attempt_settle_failure, e);
}

/* recovered: of a failure that was under way the record has the beginning of its text. */
static bool recovered(struct attempt *a, const char *where, struct error *e)
{
    const struct run_hold *h = a->hold;
    if (!a->job.raw.len) { /* its row is gone, or another's: there is nothing to settle */
        attempt_tell_not_ours(a);
        return true;
    }
    if (strcmp(where, step_later) == 0) {
        leave(a, "lost its process in a database transaction in which it was settled");
        return true;
    }
    if (strcmp(where, step_failing) != 0 || !h->cause[0])
        return settle_death(a, e);
    a->exception =
        str_fmt(a->s->perm, "%s\n\n(then %.*s)", h->cause, STR_ARG(a->failure.message));
    a->failure.last = true;
    return attempt_settle_failure(a, e);
}

bool attempt_recover_php(struct attempt *a, const char *where, struct error *e)
{
    struct slot *s = a->s;
    struct attempt *before = s->attempt;
    s->attempt = a;
    bool ok = recovered(a, where, e);
    s->attempt = before;
    return ok;
}

/* === the run === */

/* give_back: it was not begun. */
static bool give_back(struct attempt *a, struct error *e)
{
    bool owned;
    queue_unwatch(a->s->queue, &a->job, clock_unix());
    return queue_give_back(a->s->queue, &a->job, &owned, e);
}

static bool after(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    const struct job_outcome *out = &a->run.outcome;
    if (a->end.job) {
        if (out->dead)
            slot_warn(s, str_fmt(s->perm,
                                 "job %lld (%.*s): its PHP process %.*s, after "
                                 "the job was settled",
                                 (long long)a->job.id,
                                 STR_ARG(payload_name(&a->job.payload)),
                                 STR_ARG(out->text)));
        return true;
    }
    if (out->refused) {
        s->refused = true;
        return give_back(a, e);
    }
    /* What it asked for could not be done, and stands in the record: a job that is over
     * has not died. The next pass settles it, or whoever finds it. */
    if (out->settled)
        return false;
    if (out->later) {
        leave(a, "was settled in a database transaction that was not committed");
        return true;
    }
    if (!out->dead) {
        leave(a, "neither ended nor asked to be tried again");
        return true;
    }
    name_death(a);
    return out->failing ? settle_failing(a, e) : settle_death(a, e);
}

bool attempt_run_php(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct job_calls calls = calls_of(s);
    struct error why = {0};
    int64_t asked = clock_mono_ms();
    slot_phase(s, PHASE_WORK, step_php);
    s->in_php = true;
    a->run.calls = &calls;
    a->end = (struct ending){0};
    if (executor_work(a->x, &a->run, &why))
        return after(a, e);
    if (!s->stopping)
        php_away(s, &why, clock_mono_ms() - asked);
    return give_back(a, e);
}
