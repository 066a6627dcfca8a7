#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

/* === strings === */

void test_str_cut_splits_at_the_first_separator(void **state)
{
    (void)state;
    struct cut c = str_cut(S("a=b=c"), '=');
    assert_true(c.ok);
    assert_str(c.head, "a");
    assert_str(c.tail, "b=c");
    c = str_cut(S("none"), '=');
    assert_false(c.ok);
    assert_str(c.head, "none");
    assert_int_equal(c.tail.len, 0);
}

void test_str_to_i64_refuses_what_is_no_whole_number(void **state)
{
    (void)state;
    int64_t n = 7;
    assert_true(str_to_i64(S("-9223372036854775808"), &n));
    assert_true(n == INT64_MIN);
    assert_true(str_to_i64(S("9223372036854775807"), &n));
    assert_true(n == INT64_MAX);
    const char *bad[] = {"",
                         "-",
                         "+",
                         " 1",
                         "1 ",
                         "1.0",
                         "9223372036854775808",
                         "a",
                         "0x1",
                         "-9223372036854775809"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (str_to_i64(str_from(bad[i]), &n))
            fail_msg("\"%s\" was taken", bad[i]);
}

void test_utf8_invalid_bytes_move_by_one(void **state)
{
    (void)state;
    size_t at = 0;
    struct str s = {"\xC3\xA9\xFF\xED\xA0\x80", 6}; /* é, a stray byte, a surrogate */
    assert_int_equal(str_utf8(s, &at), 0xE9);
    assert_int_equal(str_utf8(s, &at), 0xFFFD);
    assert_int_equal(at, 3);
    assert_int_equal(str_utf8(s, &at), 0xFFFD);
    assert_int_equal(at, 4);
    assert_false(str_utf8_ok(s));
    assert_true(str_utf8_ok(S("été \xEF\xBF\xBD")));
    assert_true(str_utf8_ok(S("😀")));
}

void test_str_trim_and_replace(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    assert_str(str_trim(S(" \t a b \r\n")), "a b");
    assert_str(str_replace(&a, S("a-b--c"), S("-"), S("::")), "a::b::::c");
    assert_str(str_replace(&a, S("abc"), S("x"), S("y")), "abc");
    arena_close(&a);
}

/* === arena === */

static int closed[3], closed_len;

static void note_closed(void *ptr)
{
    closed[closed_len++] = *(int *)ptr;
}

void test_arena_reset_runs_deferred_last_in_first_out(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    int ids[] = {1, 2, 3};
    closed_len = 0;
    for (int i = 0; i < 3; i++)
        arena_defer(&a, note_closed, &ids[i]);
    arena_reset(&a);
    assert_int_equal(closed_len, 3);
    assert_int_equal(closed[0], 3);
    assert_int_equal(closed[2], 1);
    arena_reset(&a);
    assert_int_equal(closed_len, 3);
    arena_close(&a);
}

void test_arena_release_closes_what_came_since_the_mark(void **state)
{
    (void)state;
    static int ids[] = {1, 2, 3};
    struct arena a = arena_open(64 << 10);
    closed_len = 0;
    arena_defer(&a, note_closed, &ids[0]);
    char *mark = arena_mark(&a);
    arena_defer(&a, note_closed, &ids[1]);
    arena_defer(&a, note_closed, &ids[2]);
    arena_release(&a, mark);
    assert_int_equal(closed_len, 2);
    assert_int_equal(closed[0], 3);
    assert_int_equal(closed[1], 2);
    (void)NEW(&a, char, 1000); /* over what stood there */
    arena_reset(&a);
    assert_int_equal(closed_len, 3);
    assert_int_equal(closed[2], 1);
    arena_close(&a);
}

void test_arena_full_jumps_to_its_guard(void **state)
{
    (void)state;
    static struct arena a;
    a = arena_open(64 << 10);
    jmp_buf guard;
    volatile int pieces = 0;
    if (setjmp(guard) == 0) {
        arena_guard(&a, &guard);
        for (;; pieces++)
            (void)NEW(&a, char, 1000);
    }
    assert_in_range(pieces, 60, 65);
    arena_reset(&a);
    assert_int_equal(NEW(&a, char, 1000)[999], 0);
    arena_close(&a);
}

void test_arena_memory_is_zeroed_after_reset(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    memset(NEW(&a, char, 5000), 'x', 5000);
    arena_reset(&a);
    char *p = NEW(&a, char, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(p[i], 0);
    arena_close(&a);
}

/* === buffers, vectors, maps === */

void test_buf_keeps_its_ceiling(void **state)
{
    (void)state;
    struct buf b = buf_new(NULL, 10);
    buf_add(&b, S("12345"));
    buf_add(&b, S("678901"));
    assert_true(b.full);
    assert_str(buf_str(&b), "12345");
    buf_drop(&b);
}

void test_buf_json_escapes_as_php_does(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct buf b = buf_new(&a, 1000);
    buf_json(&b, (struct str){"a/\"\\\n\0é😀", 12}, 0);
    assert_str(buf_str(&b), "\"a\\/\\\"\\\\\\n\\u0000\\u00e9\\ud83d\\ude00\"");
    b.len = 0;
    buf_json(&b, S("a/é\xE2\x80\xA8"), JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE);
    assert_str(buf_str(&b), "\"a/é\\u2028\"");
    arena_close(&a);
}

void test_map_holds_a_thousand_keys(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct map m = {0};
    VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        VEC_PUSH(&a, &numbers, i);
    for (int i = 0; i < 1000; i++)
        map_put(&a, &m, str_fmt(&a, "key %d", i), &numbers.at[i]);
    map_put(&a, &m, S("key 7"), &numbers.at[8]);
    assert_int_equal(m.len, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(*(int *)map_lookup(&m, str_fmt(&a, "key %d", i)),
                         i == 7 ? 8 : i);
    assert_null(map_lookup(&m, S("key 1000")));
    arena_close(&a);
}

/* === errors === */

void test_err_first_error_wins(void **state)
{
    (void)state;
    struct error e = {0};
    assert_false(err_set(&e, ERR_JOB, "first %d", 1));
    err_set(&e, ERR_FATAL, "second");
    err_place(&e, "a.blade.php", 3, 4);
    err_place(&e, "b.blade.php", 5, 6);
    err_wrap(&e, "rendering");
    char text[300];
    err_print(&e, text, sizeof(text));
    assert_string_equal(text, "a.blade.php:3:4: rendering: first 1");
    assert_int_equal(e.kind, ERR_JOB);
}

void test_err_never_cuts_a_character(void **state)
{
    (void)state;
    struct error e = {0};
    char text[4001];
    for (int i = 0; i < 4000; i += 2)
        memcpy(text + i, "é", 2);
    text[4000] = '\0';
    err_set(&e, ERR_JOB, "%s", text);
    assert_true(str_utf8_ok(str_from(e.text)));
    assert_int_equal(strlen(e.text), sizeof(e.text) - 2);
}

/* === clock === */

void test_clock_zone_decides_local_time(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct error e = {0};
    assert_ok(clock_zone("Europe/Paris", &e), e);
    assert_str(clock_datetime(&a, 1795593600), "2026-11-25 09:00:00");
    assert_str(clock_datetime(&a, 1783238400), "2026-07-05 10:00:00");
    assert_ok(clock_zone("UTC", &e), e);
    assert_str(clock_datetime(&a, 1795593600), "2026-11-25 08:00:00");
    assert_false(clock_zone("Europe/Nowhere", &e));
    assert_int_equal(e.kind, ERR_FATAL);
    err_clear(&e);
    assert_false(clock_zone("../../etc/passwd", &e));
    arena_close(&a);
}

/* told returns what a program says of TZ, as a row of `env` would. */
static struct str told(void)
{
    struct error e = {0};
    char *argv[] = {"sh", "-c", "env | grep '^TZ='; echo end", NULL};
    int out[2];
    assert_int_equal(pipe(out), 0);
    const int fds[] = {0, out[1], 2};
    struct program p = {.argv = argv, .fds = fds, .fds_len = COUNT(fds)};
    pid_t pid = program_start(&p, &e);
    assert_ok(pid > 0, e);
    close(out[1]);
    static char text[256];
    ssize_t len = 0, n = 0;
    while ((n = read(out[0], text + len, sizeof(text) - (size_t)len)) > 0)
        len += n;
    close(out[0]);
    waitpid(pid, NULL, 0);
    return (struct str){text, (size_t)len};
}

void test_a_program_that_is_started_has_no_zone_of_ours(void **state)
{
    (void)state;
    struct error e = {0};
    struct arena a = arena_open(1 << 20);
    assert_ok(clock_zone("Europe/Paris", &e), e);
    assert_str(clock_zone_name(), "Europe/Paris");
    const char *given = clock_zone_given();
    struct str want = given ? str_fmt(&a, "TZ=%s\nend\n", given) : S("end\n");
    assert_non_null(getenv("TZ"));
    assert_true(str_eq(told(), want));
    assert_ok(clock_zone("UTC", &e), e);
    arena_close(&a);
}

void test_clock_freeze_stops_it(void **state)
{
    (void)state;
    clock_freeze(1795593600123456);
    assert_true(clock_unix() == 1795593600);
    assert_true(clock_unix_us() == 1795593600123456);
    clock_freeze(-1);
    assert_true(clock_unix() > 1700000000);
}

/* === files and assets === */

void test_file_read_names_what_is_wrong(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct error e = {0};
    struct str s;
    assert_false(file_read("/nowhere/at/all", 100, &a, &s, &e));
    assert_non_null(strstr(e.text, "/nowhere/at/all"));
    err_clear(&e);
    assert_false(file_read("/tmp", 100, &a, &s, &e));
    assert_non_null(strstr(e.text, "regular file"));
    arena_close(&a);
}

void test_assets_hold_the_fonts(void **state)
{
    (void)state;
    struct str font;
    assert_true(asset_lookup(S("fonts/DejaVuSerif.ttf"), &font));
    assert_true(font.len > 100000);
    assert_false(asset_lookup(S("fonts/none.ttf"), &font));
}
