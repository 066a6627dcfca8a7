/* joined.c: the end of one job with the claim of the next, in one transaction.
 *
 * Only the straight way is joined: whatever else happens undoes it, ends the first job
 * alone, and leaves the next to a claim of its own.
 */
#include <assert.h>

#include "worker/worker_imp.h"

/* attempt_hand returns the hand that an attempt is in. */
struct hand *attempt_hand(struct slot *s, const struct attempt *a)
{
    return &s->hands[a == &s->hands[1].attempt];
}

/* close_ended: the end of the job that waited is committed. Its record first. */
static void close_ended(struct slot *s)
{
    struct attempt *a = s->ended;
    struct hand *h = attempt_hand(s, a);
    s->ended = NULL;
    run_step(&h->hold, PHASE_IDLE, NULL);
    executor_enter(a->x, &a->run);
    attempt_tell_done(a);
    executor_leave(a->x);
    arena_reset(&h->perm);
}

bool attempt_end_alone(struct slot *s, struct error *e)
{
    struct attempt *a = s->ended;
    if (!a)
        return true;
    assert(!s->attempt && !queue_is_open(s->queue));
    s->attempt = a;
    executor_enter(a->x, &a->run);
    bool ok = attempt_settle(a, attempt_settle_success, e);
    executor_leave(a->x);
    s->attempt = NULL;
    if (ok) {
        close_ended(s);
        slot_show(s, job_phase_name(PHASE_IDLE));
    }
    s->ended = NULL; /* a record that is not idle is settled by the next pass */
    return ok;
}

/* attempt_begin_joined goes on in the transaction in which the last job ends, while
 * nothing is in the way: whatever is, is met again by a claim of its own. */
bool attempt_begin_joined(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (attempt_is_undecodable(a) || !attempt_is_plain(a) || !attempt_begin(a, e))
        return false;
    queue_unwatch(s->queue, &s->ended->job, 0);
    close_ended(s);
    executor_enter(a->x, &a->run);
    attempt_tell_running(a);
    return true;
}

/* attempt_part undoes a joined beginning. The last job is ended alone; whether it was
 * committed, where the COMMIT got no answer, its fence tells. What became of the claim
 * then is found out by its record, as after a claim that was not joined. */
bool attempt_part(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct error why = *e;
    bool lost = a->committing && why.kind == ERR_LOST;
    err_clear(e);
    queue_rollback(s->queue);
    executor_leave(s->executor);
    s->attempt = NULL;
    s->ended->end.doubtful = lost;
    s->hold->now.not_begun = lost;
    run_publish(s->hold);
    if (!lost)
        attempt_idle(s);
    queue_unwatch(s->queue, &a->job, clock_unix());
    if (!attempt_end_alone(s, e))
        return false;
    if (lost)
        *e = why;
    return !lost;
}

/* attempt_take claims the next job; the last one ends with it, or before it. *joined: its
 * end stands in the open transaction. */
bool attempt_take(struct attempt *a, size_t which, bool *found, bool *joined,
                  struct error *e)
{
    struct slot *s = a->s;
    struct claim c = {.which = which,
                      .any = php_may_take(s),
                      .others = s->letters_wait,
                      .perm = s->perm,
                      .job = &a->job};
    struct ending *end = NULL;
    if (s->ended) {
        if (!attempt_plan_end(s->ended, e))
            return false;
        end = &s->ended->end;
    }
    bool ok = queue_turn(s->queue, end, &c, e);
    *found = ok && c.found;
    *joined = *found && end && end->state == ENDING_OPEN;
    if (end && end->state == ENDING_DONE)
        close_ended(s);
    if (!ok || !end || end->state != ENDING_ALONE)
        return ok;
    return attempt_end_alone(s, e) &&
           (slot_must_count(s) || attempt_take(a, which, found, joined, e));
}
