/* retry.c: when an attempt is the last one, and how long to wait else (contract §5). */
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
    return tries > 0 && j->attempts > tries;
}

bool retry_is_last(const struct queue_job *j, const struct retry_rules *r, int64_t now)
{
    int64_t until = until_of(j), tries = tries_of(j, r);
    if (until)
        return now >= until;
    return tries > 0 && j->attempts >= tries;
}

/* leading digits, as PHP's (int): "5s" is 5, "x" is 0. */
static int64_t seconds(struct str s)
{
    int64_t n = 0;
    s = str_trim(s);
    size_t len = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0;
    while (len < s.len && s.ptr[len] >= '0' && s.ptr[len] <= '9')
        len++;
    return str_to_i64(str_sub(s, 0, len), &n) ? n : 0;
}

int64_t retry_delay(const struct queue_job *j, const struct retry_rules *r)
{
    struct str list = r->backoff;
    if (j->payload.has_backoff)
        list = j->payload.backoff;
    else if (j->payload.delay.given)
        return j->payload.delay.value;
    struct cut one = str_cut(list, ',');
    for (int64_t i = 1; i < j->attempts && one.ok; i++)
        one = str_cut(one.tail, ',');
    return seconds(one.head);
}
