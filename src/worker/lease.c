/* lease.c: a reservation is renewed while its job is at work.
 *
 * Another worker, PHP's too, takes a job whose reservation is older than retry_after. A
 * third of that leaves two more tries when the server does not answer at once.
 */
#include "worker/worker_imp.h"

enum { RENEWALS = 3, TRY_MS = 1000 };

static int64_t interval(const struct slot *s)
{
    int64_t third = s->settings->retry_after / RENEWALS;
    return third > 0 ? third : 1;
}

/* renew tells the record first: whoever settles for this process must know both times. */
static bool renew(struct slot *s, struct attempt *a, int64_t now)
{
    struct run_slot *r = s->record;
    struct error e = {0};
    bool owned = true;
    r->renewing = now;
    bool ok = queue_renew(s->queue, &a->job, now, &owned, &e);
    r->reserved_at = a->job.reserved_at;
    r->renewing = a->job.renewing;
    /* No answer is no loss: the fence decides in the end. It is tried again at the next
     * call. */
    return !ok || owned;
}

bool lease_keep(struct slot *s)
{
    struct attempt *a = s->attempt;
    int64_t now = clock_unix(), ms = clock_mono_ms();
    if (!a || a->taken)
        return !a;
    if (db_in_transaction(s->queue_db) || now - a->job.reserved_at < interval(s) ||
        ms - s->renewed_ms < TRY_MS)
        return true;
    s->renewed_ms = ms;
    a->taken = !renew(s, a, now);
    return !a->taken;
}
