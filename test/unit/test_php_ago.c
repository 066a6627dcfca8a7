/* How long ago something was, beside Carbon's own words. */
#include "facteur/php.h"
#include "oracle.h"

static int64_t number(struct str s)
{
    int64_t n = 0;
    assert_true(str_to_i64(s, &n));
    return n;
}

void test_ago_is_told_as_carbon_tells_it(void **state)
{
    (void)state;
    const char *vendor = oracle_vendor("ago");
    if (!vendor)
        return;
    struct arena out = arena_open(64 << 20), a = arena_open(1 << 20);
    struct cut line = {.ok = true};
    int cases = 0;
    line.tail = oracle_run(&out, "ago", oracle_seed(), oracle_cases("5000"), vendor);
    for (; line.tail.len; cases++) {
        struct str f[4];
        line = str_cut(line.tail, '\n');
        assert_int_equal(oracle_fields(line.head, f, 4), 4);
        struct str got = php_date_ago(&a, number(f[0]), number(f[1]), f[2]);
        if (!str_eq(got, f[3]))
            fail_msg("%.*s: got %.*s", STR_ARG(line.head), STR_ARG(got));
        arena_reset(&a);
    }
    assert_true(cases > 100);
    oracle_say("ago", cases, 0);
    arena_close(&a);
    arena_close(&out);
}
