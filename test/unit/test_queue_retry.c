/* The retry rules of a Laravel worker: when an attempt may not begin, when it is the
 * last, and how long to wait for the next. */
#include "test.h"

#include "facteur/queue.h"

enum { NOW = 1764079509 };

static struct payload_number none(void)
{
    return (struct payload_number){0};
}

static struct payload_number given(int64_t n)
{
    return (struct payload_number){true, n};
}

/* === tries and retryUntil === */

void test_tries_of_the_payload_beat_the_option(void **state)
{
    (void)state;
    static const struct {
        int64_t option, attempts;
        bool has, exceeded, last;
        int64_t max;
    } cases[] = {
        /* the option alone */
        {1, 1, false, false, true, 0},
        {3, 1, false, false, false, 0},
        {3, 2, false, false, false, 0},
        {3, 3, false, false, true, 0},
        {3, 4, false, true, true, 0},
        /* 0: for ever */
        {0, 1, false, false, false, 0},
        {0, 254, false, false, false, 0},
        /* the payload's */
        {1, 2, true, false, false, 3},
        {1, 3, true, false, true, 3},
        {9, 4, true, true, true, 3},
        {1, 200, true, false, false, 0},
        /* less than nothing: Laravel lets no attempt begin */
        {-1, 1, false, true, false, 0},
        {3, 1, true, true, false, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct queue_job j = {.attempts = cases[i].attempts};
        struct retry_rules r = {.tries = cases[i].option};
        j.payload.max_tries = cases[i].has ? given(cases[i].max) : none();
        if (retry_exceeded(&j, &r, NOW) != cases[i].exceeded)
            fail_msg("case %zu: exceeded is not %d", i, cases[i].exceeded);
        if (retry_is_last(&j, &r, NOW) != cases[i].last)
            fail_msg("case %zu: last is not %d", i, cases[i].last);
    }
}

void test_retry_until_makes_tries_meaningless(void **state)
{
    (void)state;
    static const struct {
        int64_t until, attempts;
        bool exceeded, last;
    } cases[] = {
        {NOW + 1, 99, false, false}, {NOW, 1, false, true}, {NOW - 1, 1, true, true},
        {0, 1, false, true}, /* counts as none, so tries decide */
        {0, 2, true, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct queue_job j = {.attempts = cases[i].attempts};
        struct retry_rules r = {.tries = 1};
        j.payload.retry_until = given(cases[i].until);
        if (retry_exceeded(&j, &r, NOW) != cases[i].exceeded)
            fail_msg("case %zu: exceeded is not %d", i, cases[i].exceeded);
        if (retry_is_last(&j, &r, NOW) != cases[i].last)
            fail_msg("case %zu: last is not %d", i, cases[i].last);
    }
}

/* === waiting === */

void test_the_wait_is_the_payloads_backoff_then_its_delay_then_the_option(void **state)
{
    (void)state;
    static const struct {
        const char *backoff; /* NULL: the payload has none */
        int64_t delay;       /* -1: none */
        const char *option;
        int64_t attempts, wait;
    } cases[] = {
        {NULL, -1, "0", 1, 0},        {NULL, -1, "5", 1, 5},
        {NULL, -1, "5", 9, 5},        {NULL, -1, "1,5,10", 1, 1},
        {NULL, -1, "1,5,10", 2, 5},   {NULL, -1, "1,5,10", 3, 10},
        {NULL, -1, "1,5,10", 99, 10}, {NULL, 30, "5", 1, 30},
        {NULL, 0, "5", 2, 0},         {"7", 30, "5", 1, 7},
        {"7,8", 30, "5", 1, 7},       {"7,8", 30, "5", 2, 8},
        {"7,8", 30, "5", 3, 8},       {"", 30, "5", 1, 0},
        {"3, 4", -1, "5", 2, 4},      {"3s,x", -1, "5", 1, 3},
        {"3s,x", -1, "5", 2, 0},      {"-2", -1, "5", 1, -2},
        {"1e2", -1, "5", 1, 100},     {"2.9", -1, "5", 1, 2},
        {",6", -1, "5", 1, 0},        {",6", -1, "5", 2, 6},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct queue_job j = {.attempts = cases[i].attempts};
        struct retry_rules r = {.tries = 3, .backoff = str_from(cases[i].option)};
        j.payload.has_backoff = cases[i].backoff != NULL;
        j.payload.backoff = str_from(cases[i].backoff);
        j.payload.delay = cases[i].delay < 0 ? none() : given(cases[i].delay);
        int64_t wait = retry_delay(&j, &r);
        if (wait != cases[i].wait)
            fail_msg("case %zu: %lld, not %lld", i, (long long)wait,
                     (long long)cases[i].wait);
    }
}

/* === the same beside the real worker === */

#include "oracle.h"

static struct payload_number number_of(struct str s)
{
    int64_t n;
    return str_to_i64(s, &n) ? given(n) : none();
}

void test_every_combination_is_as_the_real_worker_decides(void **state)
{
    (void)state;
    const char *vendor = oracle_vendor(__func__);
    if (!vendor)
        return;
    struct arena a = arena_open(256 << 20);
    struct str text = oracle_run(&a, "retry", vendor, "", "");
    struct cut line = {.tail = text, .ok = true};
    size_t lines = 0;
    while (line.tail.len) {
        struct str f[8];
        char *mark = arena_mark(&a);
        line = str_cut(line.tail, '\n');
        if (oracle_fields(line.head, f, COUNT(f)) != COUNT(f))
            fail_msg("a line of %zu bytes: %.*s", line.head.len, STR_ARG(line.head));
        /* payload, --tries, --backoff, attempts, now: exceeded, last, wait */
        struct queue_job j = {.raw = f[0], .attempts = number_of(f[3]).value};
        struct retry_rules r = {.tries = number_of(f[1]).value, .backoff = f[2]};
        int64_t now = number_of(f[4]).value;
        j.payload = payload_parse(j.raw, &a);
        if (retry_exceeded(&j, &r, now) != str_eq(f[5], S("1")) ||
            retry_is_last(&j, &r, now) != str_eq(f[6], S("1")) ||
            retry_delay(&j, &r) != number_of(f[7]).value)
            fail_msg("ours: %d %d %lld, Laravel: %.*s", retry_exceeded(&j, &r, now),
                     retry_is_last(&j, &r, now), (long long)retry_delay(&j, &r),
                     STR_ARG(line.head));
        lines++;
        arena_release(&a, mark);
    }
    assert_in_range(lines, 1000, 1000000);
    arena_close(&a);
}
