/* lease.c: a reservation is renewed while its job is at work, and while it is settled.
 *
 * Another worker, PHP's too, takes a job whose reservation is older than retry_after. A
 * third of that leaves two more tries when the server does not answer at once.
 */
#include "worker/worker_imp.h"

enum {
    RENEWALS = 3,
    TRY_MS = 1000,
    WAIT_MS = 500,
    LOOKS = 4, /* into the run folder while a reservation counts */
    LOOK_MAX_MS = 10000,
    PATIENCE_MIN_S = 2,
    PATIENCE_MAX_S = 90,
};

static int64_t interval(const struct slot *s)
{
    int64_t third = s->settings->retry_after / RENEWALS;
    return third > 0 ? third : 1;
}

int lease_patience(const struct slot *s)
{
    int64_t seconds = i64_mul(s->settings->retry_after, 2) / RENEWALS;
    return seconds < PATIENCE_MIN_S   ? PATIENCE_MIN_S
           : seconds > PATIENCE_MAX_S ? PATIENCE_MAX_S
                                      : (int)seconds;
}

/* aged: a third of the lease has gone by, by the clock that is set or by the one that
 * never is: when the first was set back, others still count from when it was right. */
static bool aged(const struct slot *s, const struct run_hold *h, int64_t reserved_at)
{
    int64_t third = interval(s);
    return clock_unix() - reserved_at >= third ||
           (h->leased_ms && clock_mono_ms() - h->leased_ms >= i64_mul(third, 1000));
}

/* tell_refused says once for each reason that a lease cannot be kept. */
static void tell_refused(struct slot *s, const struct queue_job *j, const struct error *e)
{
    if (run_said(s->run, str_fmt(s->perm, "renew %s", e->text)))
        slot_warn(s, str_fmt(s->perm,
                             "job %lld: its reservation cannot be renewed: %s; when "
                             "retry_after is over, another worker may run it",
                             (long long)j->id, e->text));
}

/* renew tells the record first: whoever settles for this process must know both times. */
static bool renew(struct slot *s, struct run_hold *h, struct queue_job *j)
{
    struct error e = {0};
    bool owned = true;
    int64_t now = clock_unix(), begun_ms = clock_mono_ms();
    /* A clock that was set back shortens no lease. */
    if (now <= j->reserved_at)
        now = j->reserved_at + interval(s);
    h->now.renewing = now;
    run_publish(h);
    bool ok = queue_renew(s->queue, j, now, &owned, &e);
    h->now.reserved_at = j->reserved_at;
    run_publish(h);
    h->now.renewing = j->renewing;
    run_publish(h);
    if (!ok && e.kind == ERR_JOB)
        tell_refused(s, j, &e);
    if (ok)
        h->leased_ms = begun_ms;
    /* No answer is no loss: the fence decides in the end. It is tried again at the next
     * call. */
    return !ok || owned;
}

/* due: is it time to renew, and can it be done now? */
static bool due(struct slot *s, const struct run_hold *h, const struct queue_job *j)
{
    int64_t ms = clock_mono_ms();
    if (queue_is_open(s->queue) || !aged(s, h, j->reserved_at) ||
        ms - s->renewed_ms < TRY_MS)
        return false;
    s->renewed_ms = ms;
    return true;
}

bool lease_of(struct slot *s, struct run_hold *h)
{
    struct run_record *r = &h->now;
    struct queue_job j = {.id = r->id,
                          .attempts = r->attempts,
                          .reserved_at = r->reserved_at,
                          .renewing = r->renewing};
    return queue_is_open(s->queue) || !aged(s, h, r->reserved_at) || renew(s, h, &j);
}

int64_t lease_look_ms(const struct slot *s)
{
    int64_t lease = s->settings->retry_after;
    if (lease >= LOOK_MAX_MS / 1000 * LOOKS)
        return LOOK_MAX_MS;
    return lease > LOOKS ? lease * 1000 / LOOKS : 1000;
}

static void renew_one(void *arg, struct run_hold *parked)
{
    (void)lease_of(arg, parked); /* one that was lost is told when it is tried again */
}

/* renew_parked renews the reservations of jobs that are kept aside, whoever kept them. */
static void renew_parked(struct slot *s)
{
    int64_t ms = clock_mono_ms();
    if (queue_is_open(s->queue) || ms - s->parked_ms < lease_look_ms(s))
        return;
    s->parked_ms = ms;
    journal_parked(&s->journal, renew_one, s);
}

bool lease_keep(struct slot *s)
{
    struct attempt *a = s->attempt;
    run_beat(s->shared);
    renew_parked(s);
    if (!a || a->taken)
        return !a;
    if (due(s, a->hold, &a->job))
        a->taken = !renew(s, a->hold, &a->job);
    return !a->taken;
}

/* A lost reservation is told by the settlement itself. */
void lease_renew(struct slot *s, struct attempt *a)
{
    run_beat(s->shared);
    if (!a->job.overflow && due(s, a->hold, &a->job))
        (void)renew(s, a->hold, &a->job);
}

/* renew_held renews what the slot's record names, with or without a job at hand. */
static void renew_held(struct slot *s)
{
    int64_t ms = clock_mono_ms();
    run_beat(s->shared);
    renew_parked(s);
    if (s->attempt) {
        lease_renew(s, s->attempt);
    } else if (ms - s->renewed_ms >= TRY_MS) {
        s->renewed_ms = ms;
        for (size_t i = 0; i < COUNT(s->hands); i++)
            if (s->hands[i].hold.now.phase > PHASE_CLAIM &&
                s->ended != &s->hands[i].attempt)
                (void)lease_of(s, &s->hands[i].hold);
    }
}

void lease_wait(struct slot *s, int64_t ms)
{
    int64_t until = clock_mono_ms() + ms, left = ms;
    bool stopping = s->stopping;
    do {
        slot_wait(s, left < WAIT_MS ? left : WAIT_MS);
        if (s->queue)
            renew_held(s);
        left = until - clock_mono_ms();
    } while (left > 0 && s->stopping == stopping);
}
