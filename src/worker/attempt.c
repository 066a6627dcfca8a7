/* attempt.c: one job, from the claim to its end.
 *
 * Two commits: the claim's, which holds the reservation and the row that says "pending",
 * and the settlement's. Before the first the slot's record names the reservation, so that
 * whoever comes after a crash knows what was under way; between the two no transaction is
 * open. From job to job they are one: what is done waits for the next claim, whose
 * transaction begins with its end.
 */
#include <assert.h>
#include <stdlib.h>

#include "worker/worker_imp.h"

enum {
    BEGIN_TRIES = 5,    /* after a deadlock or a lock wait in the first transaction */
    BEGIN_WAIT_MS = 20, /* doubled each time, and as much again by chance */
};

/* === the work === */

static bool fail_attempt(struct attempt *a, const struct error *why, struct error *e)
{
    attempt_fails(a, why, run_where(&a->hold->now));
    return attempt_settle(a, attempt_settle_failure, e);
}

static bool make_letter(struct attempt *a, struct error *e)
{
    return executor_work(a->x, &a->run, e);
}

bool attempt_withdraw(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    bool owned;
    if (!executor_withdraw(a->x, &a->run, e))
        return false;
    a->run.row = 0;
    return queue_give_back(s->queue, &a->job, &owned, e);
}

/* finish: what is done waits for the claim of the next job, or ends at once. */
static bool finish(struct attempt *a, struct error *e)
{
    a->ended_us = clock_mono_us();
    if (attempt_may_wait(a)) {
        atomic_store(&a->s->shared->deadline_ms, 0);
        a->s->ended = a;
        return true;
    }
    if (!attempt_settle(a, attempt_settle_success, e))
        return false;
    attempt_tell_done(a);
    return true;
}

static bool work(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    struct error why = {0};
    assert(!s->ended && !queue_is_open(s->queue));
    s->unproven = false;
    if (a->x != s->executor)
        return attempt_run_php(a, e);
    if (a->begun == BEGUN_NOTHING || attempt_guarded(a, make_letter, &why))
        return finish(a, e);
    if (a->taken) {
        why = (struct error){0};
        err_set(&why, ERR_JOB, "given up: another worker has taken the job over");
    }
    if (why.kind == ERR_UNSUPPORTED && attempt_hand_over(a, &why))
        return executor_withdraw(s->executor, &a->run, e) && attempt_run_php(a, e);
    if (s->unproven) { /* a slot that may have a PHP takes it */
        queue_leave(s->queue, &a->job, clock_unix() + 1);
        return attempt_withdraw(a, e);
    }
    if (why.kind == ERR_UNSUPPORTED) {
        attempt_leave(a, &why);
        return attempt_withdraw(a, e);
    }
    return fail_attempt(a, &why, e);
}

/* === from claim to claim === */

/* run_one runs a job that was claimed by itself. */
static bool run_one(struct attempt *a, struct error *e)
{
    if (attempt_is_undecodable(a))
        return attempt_fail_undecodable(a, e);
    attempt_tell_running(a);
    if (!attempt_is_plain(a))
        return attempt_fail_early(a, e);
    return attempt_begin(a, e) ? work(a, e) : attempt_begin_failed(a, e);
}

/* run_joined: *parted: the job was let go, and is to be claimed by itself. */
static bool run_joined(struct attempt *a, bool *parted, struct error *e)
{
    if (attempt_begin_joined(a, e))
        return work(a, e);
    *parted = attempt_part(a, e);
    return *parted;
}

/* leave: what waits stays in its hand, and the other one takes the next job. */
static void leave(struct attempt *a)
{
    struct slot *s = a->s;
    struct hand *mine = attempt_hand(s, a);
    struct hand *next = s->ended == a ? &s->hands[mine == s->hands] : mine;
    s->attempt = NULL;
    executor_leave(s->executor);
    s->hold = &next->hold;
    s->perm = &next->perm;
    arena_reset(s->perm);
    arena_reset(&s->other);
}

/* hand_at returns the hand at work. */
static struct hand *hand_at(struct slot *s)
{
    return &s->hands[s->hold == &s->hands[1].hold];
}

static bool attempt_once(struct slot *s, size_t which, bool *worked, bool *parted,
                         struct error *e)
{
    struct attempt *a = &hand_at(s)->attempt;
    bool joined = false;
    *a = (struct attempt){
        .s = s, .x = s->executor, .hold = s->hold, .rules = &s->o->retry};
    *parted = false;
    if (attempt_take(a, which, worked, &joined, e) && *worked) {
        bool settled =
            attempt_enter(a, e) && (joined ? run_joined(a, parted, e) : run_one(a, e));
        /* A record that is not idle is settled by whoever finds it. */
        if (settled && s->ended != a)
            attempt_idle(s);
    }
    if (e->kind != ERR_NONE && queue_is_open(s->queue))
        queue_rollback(s->queue);
    s->again = a->again;
    leave(a);
    return e->kind == ERR_NONE;
}

bool attempt_next(struct slot *s, size_t which, bool *worked, struct error *e)
{
    bool parted;
    for (int tries = 0; attempt_once(s, which, worked, &parted, e);) {
        *worked = *worked && !parted;
        if (parted && !slot_must_count(s))
            continue;
        if (s->again.kind == ERR_NONE)
            return true;
        if (tries == BEGIN_TRIES)
            return err_set(e, ERR_AGAIN, "jobs cannot be begun: %s", s->again.text);
        int64_t wait = (int64_t)BEGIN_WAIT_MS << tries++;
        slot_wait(s, wait + random() % wait);
    }
    return false;
}
