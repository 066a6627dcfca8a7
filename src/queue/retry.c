/* retry.c: when an attempt is the last one, and how long to wait else, as a Laravel
 * worker decides it. */
#include "queue/queue_imp.h"

static int64_t tries_of(const struct queue_job *j, const struct retry_rules *r)
{
    return j->payload.max_tries.given ? j->payload.max_tries.value : r->tries;
}

/* A retryUntil of 0 counts as none; where there is one, tries do not matter. */
static int64_t until_of(const struct queue_job *j)
{
    return j->payload.retry_until.given ? j->payload.retry_until.value : 0;
}

bool retry_exceeded(const struct queue_job *j, const struct retry_rules *r, int64_t now)
{
    int64_t until = until_of(j), tries = tries_of(j, r);
    if (until)
        return now > until;
    return tries != 0 && j->attempts > tries; /* so less than 0 forbids every attempt */
}

bool retry_is_last(const struct queue_job *j, const struct retry_rules *r, int64_t now)
{
    int64_t until = until_of(j), tries = tries_of(j, r);
    if (until)
        return now >= until;
    return tries > 0 && j->attempts >= tries;
}

int64_t retry_delay(const struct queue_job *j, const struct retry_rules *r)
{
    struct str list = r->backoff;
    if (j->payload.has_backoff)
        list = j->payload.backoff;
    else if (j->payload.delay.given)
        return j->payload.delay.value;
    /* One number per attempt; the last stands for all that follow. */
    struct cut one = str_cut(list, ',');
    for (int64_t i = 1; i < j->attempts && one.ok; i++)
        one = str_cut(one.tail, ',');
    return php_to_int(php_string(one.head));
}
