/* JSON beside PHP's own json_decode and json_encode. */
#include "facteur/php.h"
#include "oracle.h"

static struct str told(struct str in, bool arrays, int flags, struct arena *a)
{
    struct error e = {0};
    struct php_value v;
    struct buf b = buf_new(a, 8 << 20);
    if (!php_json_read(in, arrays, a, &v, &e) || !php_json(&b, v, flags, &e))
        return str_fmt(a, "!%s", e.text);
    return buf_str(&b);
}

static void compare(struct str in, struct str got, struct str want)
{
    if (!str_eq(got, want))
        fail_msg("%.*s\n  gives %.*s\n  PHP:  %.*s", STR_ARG(str_sub(in, 0, 2000)),
                 STR_ARG(str_sub(got, 0, 2000)), STR_ARG(str_sub(want, 0, 2000)));
}

void test_json_is_read_and_written_as_php_does(void **state)
{
    (void)state;
    struct arena out = arena_open(512 << 20), a = arena_open(256 << 20);
    struct cut line = {.ok = true};
    int cases = 0;
    line.tail = oracle_run(&out, "json", oracle_seed(), oracle_cases("20000"), "");
    while (line.tail.len) {
        struct str f[3];
        line = str_cut(line.tail, '\n');
        assert_int_equal(oracle_fields(line.head, f, 3), 3);
        struct str in = oracle_unhex(&a, f[0]);
        compare(in, told(in, true, 0, &a), oracle_unhex(&a, f[1]));
        compare(in, told(in, false, JSON_PRETTY, &a), oracle_unhex(&a, f[2]));
        arena_reset(&a);
        cases++;
    }
    assert_true(cases > 100);
    oracle_say("json", cases, 0);
    arena_close(&a);
    arena_close(&out);
}
