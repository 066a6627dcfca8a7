/* exceptions.c: a job's maxExceptions, counted in the app's default cache store under
 * "job-exceptions:<uuid>", together with PHP's workers (Laravel 8:
 * Worker::markJobAsFailedIfWillExceedMaxExceptions).
 */
#include "worker/worker_imp.h"

enum { DAY_SECONDS = 86400 };

/* count adds one; a counter that is absent, or stands at nothing, begins anew. */
static bool count(struct slot *s, struct cache *c, struct str key, int64_t *sum,
                  struct error *e)
{
    struct php_value v;
    return cache_read(c, key, s->perm, &v, e) &&
           (php_truthy(v) || cache_put(c, key, php_int(0), DAY_SECONDS, e)) &&
           cache_increment(c, key, sum, e);
}

/* not_counted says once per reason that the rule is not kept. */
static void not_counted(struct slot *s, const char *why)
{
    struct str text = str_fmt(s->perm, "maxExceptions cannot be counted: %s", why);
    if (run_said(s->run, text))
        slot_warn(s, text);
}

/* The store may be a table beside the queue's: the claim, if it is still open, is
 * committed before, so that the count stands whatever becomes of the attempt. */
static bool commit_claim(struct attempt *a, struct error *e)
{
    struct slot *s = a->s;
    if (!queue_is_open(s->queue))
        return true;
    if (!queue_commit(s->queue, e))
        return false;
    run_step(a->hold, PHASE_LOAD, NULL);
    return true;
}

bool exceptions_count(struct attempt *a, struct error *e)
{
    const struct payload *p = &a->job.payload;
    struct slot *s = a->s;
    struct error why = {0};
    int64_t sum = 0;
    if (!p->max_exceptions.given || !p->uuid.len ||
        a->hold->now.exceptions != EXCEPTION_NOT_COUNTED)
        return true;
    if (!commit_claim(a, e))
        return false;
    a->hold->now.exceptions = EXCEPTION_COUNTED;
    run_publish(a->hold);
    struct str key = str_join(s->perm, S("job-exceptions:"), p->uuid);
    struct cache *c = s->orders.store;
    if (!c) {
        not_counted(s, "facteur cannot read the app's cache store");
    } else if (!count(s, c, key, &sum, &why)) {
        not_counted(s, why.text);
    } else if (p->max_exceptions.value <= sum) {
        a->hold->now.exceptions = EXCEPTIONS_REACHED;
        run_publish(a->hold);
        if (!cache_forget(c, key, &why))
            not_counted(s, why.text);
    }
    return true;
}
