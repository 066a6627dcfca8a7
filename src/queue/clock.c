/* clock.c: this machine's clock beside the server's, and beside what other workers write.
 *
 * Reservations are times of whoever made them: a worker whose clock is ahead takes
 * another's job for abandoned. So the clocks are compared, at first, each minute, and
 * when ours is set; and a reservation is taken back later by as much as they differ.
 */
#include "queue/queue_imp.h"

enum {
    MEASURE_MS = 60000,
    STEP_US = 1000000, /* more than the clock is slewed between two looks at it */
    TOLD_S = 2,        /* a difference that is told */
    SKEW_MAX_S =
        7200, /* beyond it a clock is not off, but wrong: dead jobs wait no longer */
    LEASE_MAX_S = INT32_MAX,
};

int64_t queue_lease(const struct database *q)
{
    int64_t lease = q->o.settings->retry_after;
    lease = lease < QUEUE_LEASE_MIN ? QUEUE_LEASE_MIN
            : lease > LEASE_MAX_S   ? LEASE_MAX_S
                                    : lease;
    int64_t skew = q->clock.ahead_s < 0 ? -q->clock.ahead_s : q->clock.ahead_s;
    int64_t future = q->clock.future_s < lease ? q->clock.future_s : lease;
    return lease + (skew > future ? skew : future);
}

/* tell says what differs, once for each direction and magnitude. */
static void tell(struct database *q, const char *what, int64_t seconds, const char *then)
{
    struct arena tmp = q->scratch;
    int bits = 0;
    while (seconds >> bits)
        bits++;
    if (watch_is_new(q->o.watch, str_fmt(&tmp, "clock %s %d", what, bits)))
        q->o.warn(q->o.arg,
                  str_fmt(&tmp, "%s by %lld s: %s", what, (long long)seconds, then));
}

static const char then_taken[] =
    "jobs that others have reserved are taken back that much later; the clocks of all "
    "hosts with workers must agree (NTP)";

void queue_saw_reserved(struct database *q, int64_t reserved_at)
{
    int64_t future = i64_add(reserved_at, -clock_unix());
    if (!q->o.warn || future < TOLD_S || future > SKEW_MAX_S)
        return;
    if (future > q->clock.future_s)
        q->clock.future_s = future;
    tell(q, "another worker's clock is ahead of this machine's", future, then_taken);
}

/* measure compares the clocks; what the answer's way took is in nobody's favour. */
static bool measure(struct database *q, struct error *e)
{
    struct arena tmp = q->scratch;
    struct db_result r;
    struct str sql =
        S("select timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))");
    int64_t before = clock_unix_us();
    if (!db_run(q->o.db, sql, NULL, 0, &tmp, &r, e))
        return false;
    int64_t after = clock_unix_us(), server = php_to_int(r.cells[0]);
    int64_t ahead = server > after    ? server - after
                    : server < before ? server - before
                                      : 0;
    ahead /= 1000000;
    if (ahead >= TOLD_S)
        tell(q, "this machine's clock is behind the database server's", ahead,
             then_taken);
    if (ahead <= -TOLD_S)
        tell(q, "this machine's clock is ahead of the database server's", -ahead,
             then_taken);
    ahead = ahead > SKEW_MAX_S ? SKEW_MAX_S : ahead < -SKEW_MAX_S ? -SKEW_MAX_S : ahead;
    q->clock = (struct queue_clock){.measured_ms = clock_mono_ms(),
                                    .apart_us = after - clock_mono_us(),
                                    .ahead_s = ahead};
    return true;
}

bool queue_compare_clocks(struct database *q, struct error *e)
{
    const struct queue_clock *c = &q->clock;
    if (!q->o.warn)
        return true;
    int64_t step = clock_unix_us() - clock_mono_us() - c->apart_us;
    bool stepped = step > STEP_US || step < -STEP_US;
    if (c->measured_ms && !stepped && clock_mono_ms() - c->measured_ms < MEASURE_MS)
        return true;
    return measure(q, e);
}

/* === the end of a delay === */

int64_t queue_available(int64_t delay, int64_t now)
{
    int64_t at = i64_add(now, delay);
    if (at > UINT32_MAX)
        return UINT32_MAX;
    return at > 0 ? at : 0;
}
