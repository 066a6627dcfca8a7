#include "test.h"

#include <dirent.h>
#include <errno.h>

#include "facteur/php.h"

static bool decode(struct arena *a, struct str in, struct php_value *v, struct error *e)
{
    return php_unserialize(in, &php_default_limits, a, v, NULL, e);
}

static struct php_value decoded(struct arena *a, struct str in)
{
    struct error e = {0};
    struct php_value v;
    if (!decode(a, in, &v, &e))
        fail_msg("%s", e.text);
    return v;
}

static struct str encoded(struct arena *a, struct php_value v)
{
    struct error e = {0};
    struct buf b = buf_new(a, (size_t)64 << 20);
    assert_ok(php_serialize(&b, v, &e), e);
    return buf_str(&b);
}

/* === golden cases: input, and output (the value, then what serialize makes of it) or
 * error === */

static bool read_part(struct arena *a, const char *dir, const char *name, struct str *out)
{
    struct error e = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return file_read(path, 1 << 20, a, out, &e);
}

static void check_case(const char *dir)
{
    struct arena a = arena_open((size_t)64 << 20);
    struct error e = {0};
    struct str in, want, rest, got;
    struct php_value v;
    assert_true(read_part(&a, dir, "input", &in));
    bool ok = php_unserialize(in, &php_default_limits, &a, &v, &rest, &e);
    if (ok) {
        struct str dump = php_dump(v, &a), back = encoded(&a, v);
        struct buf b = buf_new(&a, 1 << 20);
        buf_fmt(&b, "%.*s\n", STR_ARG(dump));
        buf_add(&b, back);
        buf_fmt(&b, "\n%zu bytes follow\n", rest.len);
        got = buf_str(&b);
    } else {
        assert_int_equal(e.kind, ERR_JOB);
        got = str_fmt(&a, "%s\n", e.text);
    }
    if (!read_part(&a, dir, ok ? "output" : "error", &want) || !str_eq(got, want))
        fail_msg("%s: got\n%.*s", dir, STR_ARG(got));
    arena_close(&a);
}

void test_golden_cases(void **state)
{
    (void)state;
    const char *root = "test/php/unserialize";
    int n = 0;
    DIR *d = opendir(root);
    if (!d)
        fail_msg("%s: %s", root, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(d));) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
        check_case(path);
        n++;
    }
    closedir(d);
    assert_true(n > 50);
}

/* === every cut and every flipped byte: an error or a value, within the input === */

static const char graph[] =
    "a:6:{i:0;O:4:\"Leaf\":3:{s:4:\"open\";d:1.5;s:7:\"\0*\0kept\";r:2;"
    "s:10:\"\0Leaf\0same\";S:2:\"\\41b\";}i:1;R:3;i:2;E:6:\"Suit:A\";i:3;"
    "C:1:\"X\":3:{abc}i:4;a:2:{i:0;b:1;s:1:\"k\";N;}i:5;R:9;}";

void test_a_cut_value_is_an_error(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    for (size_t len = 0; len < sizeof(graph) - 1; len++) {
        /* A copy of just these bytes, so that a read behind them is met. */
        char *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, graph, len);
        char *exact = realloc(copy, len ? len : 1);
        struct error e = {0};
        struct php_value v;
        assert_false(decode(&a, (struct str){exact, len}, &v, &e));
        assert_int_equal(e.kind, ERR_JOB);
        free(exact);
        arena_reset(&a);
    }
    decoded(&a, (struct str){graph, sizeof(graph) - 1});
    arena_close(&a);
}

void test_a_changed_byte_is_survived(void **state)
{
    (void)state;
    static const char other[] = "0189;:{}\"aOsRrdNiE-\0\xff";
    struct arena a = arena_open(64 << 20);
    char text[sizeof(graph)];
    for (size_t at = 0; at < sizeof(graph) - 1; at++)
        for (size_t i = 0; i < sizeof(other) - 1; i++) {
            memcpy(text, graph, sizeof(graph));
            text[at] = other[i];
            struct error e = {0};
            struct php_value v;
            struct str s = {text, sizeof(graph) - 1};
            if (decode(&a, s, &v, &e)) {
                php_dump(v, &a);
                encoded(&a, v);
            }
            arena_reset(&a);
        }
    arena_close(&a);
}

/* === ceilings === */

static struct str nested(struct arena *a, int levels)
{
    struct buf b = buf_new(a, 16 << 20);
    for (int i = 0; i < levels; i++)
        buf_add(&b, S("a:1:{i:0;"));
    buf_add(&b, S("N;"));
    for (int i = 0; i < levels; i++)
        buf_byte(&b, '}');
    return buf_str(&b);
}

void test_ceilings_are_errors(void **state)
{
    (void)state;
    struct arena a = arena_open((size_t)256 << 20);
    struct error e = {0};
    struct php_value v;
    decoded(&a, nested(&a, 512));
    assert_false(decode(&a, nested(&a, 513), &v, &e));
    assert_non_null(strstr(e.text, "over 512 levels"));

    struct php_limits few = {.depth = 9, .count = 3, .bytes = 60};
    struct str three = S("a:2:{i:0;N;i:1;N;}"), four = S("a:3:{i:0;N;i:1;N;i:2;N;}");
    err_clear(&e);
    assert_ok(php_unserialize(three, &few, &a, &v, NULL, &e), e);
    assert_false(php_unserialize(four, &few, &a, &v, NULL, &e));
    assert_non_null(strstr(e.text, "over 3 values"));
    err_clear(&e);
    assert_false(php_unserialize(nested(&a, 8), &few, &a, &v, NULL, &e));
    assert_non_null(strstr(e.text, "at most 60"));
    arena_close(&a);
}

/* What a length or a count claims takes no memory before the bytes are there. */
void test_claims_take_no_memory(void **state)
{
    (void)state;
    struct arena a = arena_open((size_t)64 << 20);
    struct php_value v;
    const char *claims[] = {"s:16000000:\"", "S:16000000:\"\\41", "a:16000000:{i:0;",
                            "O:1:\"A\":200000:{s:1:\"a\";", "C:1:\"A\":9999999:{"};
    for (size_t i = 0; i < COUNT(claims); i++) {
        struct error e = {0};
        assert_false(decode(&a, str_from(claims[i]), &v, &e));
        assert_true(arena_used(&a) < 4096);
        arena_reset(&a);
    }

    /* Each level claims as much as the bytes behind it could hold: only once granted. */
    struct buf b = buf_new(&a, 8 << 20);
    for (int i = 0; i < 400; i++)
        buf_add(&b, S("a:1000:{i:0;"));
    for (int i = 0; i < 3000; i++)
        buf_add(&b, S("xxxxxx"));
    size_t before = arena_used(&a);
    struct error e = {0};
    assert_false(decode(&a, buf_str(&b), &v, &e));
    assert_true(arena_used(&a) - before < 1 << 20);
    arena_close(&a);
}

/* === hostile input takes time in proportion to its length === */

static int64_t ms_to_decode(struct arena *a, struct str s)
{
    struct error e = {0};
    struct php_value v;
    struct php_limits much = {.depth = 512, .count = 1 << 22, .bytes = (size_t)64 << 20};
    int64_t start = clock_mono_ms();
    bool ok = php_unserialize(s, &much, a, &v, NULL, &e);
    if (ok)
        encoded(a, v);
    int64_t took = clock_mono_ms() - start;
    if (!ok)
        fail_msg("%s", e.text);
    return took;
}

void test_many_references_take_linear_time(void **state)
{
    (void)state;
    struct arena a = arena_open((size_t)1 << 30);
    struct buf b = buf_new(&a, (size_t)64 << 20);
    enum { N = 100000 };
    buf_fmt(&b, "a:%d:{i:0;a:1:{i:0;O:1:\"A\":0:{}}", N);
    for (int i = 1; i < N; i++)
        buf_fmt(&b, i % 2 ? "i:%d;r:3;" : "i:%d;R:2;", i);
    buf_byte(&b, '}');
    assert_true(ms_to_decode(&a, buf_str(&b)) < 5000);
    arena_close(&a);
}

void test_many_keys_take_linear_time(void **state)
{
    (void)state;
    struct arena a = arena_open((size_t)1 << 30);
    struct buf b = buf_new(&a, (size_t)64 << 20);
    enum { N = 100000 };
    /* Keys that share their low bits, as a table without a good hash would collide. */
    buf_fmt(&b, "a:%d:{", 2 * N);
    for (int i = 0; i < N; i++)
        buf_fmt(&b, "i:%lld;N;s:9:\"%08d/\";N;", (long long)i << 32, i);
    buf_byte(&b, '}');
    assert_true(ms_to_decode(&a, buf_str(&b)) < 5000);
    arena_close(&a);
}

void test_doubling_graphs_do_not_explode(void **state)
{
    (void)state;
    struct arena a = arena_open((size_t)1 << 30);
    struct buf b = buf_new(&a, 1 << 20);
    enum { LEVELS = 200 };
    /* Each object holds the next one twice: 2^200 paths in 8 kB. */
    for (int i = 0; i < LEVELS; i++)
        buf_add(&b, S("O:1:\"A\":2:{s:1:\"a\";"));
    buf_add(&b, S("N;"));
    for (int i = LEVELS; i > 0; i--)
        buf_fmt(&b, "s:1:\"b\";%s%d%s}", i == LEVELS ? "i:" : "r:", i + 1, ";");
    struct php_value v = decoded(&a, buf_str(&b)), w = decoded(&a, buf_str(&b));
    int64_t start = clock_mono_ms();
    assert_false(php_equal(v, w));
    assert_true(php_equal(v, v));
    php_dump(v, &a);
    struct error e = {0};
    struct buf text = buf_new(&a, 1 << 20);
    assert_false(php_json(&text, v, 0, &e));
    assert_str(encoded(&a, v), str_z(&a, buf_str(&b)));
    assert_true(clock_mono_ms() - start < 5000);
    arena_close(&a);
}

/* === serialize === */

void test_serialize_refuses_what_has_no_form(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    static const struct php_class dates = {.name = "Date"};
    struct php_object *o = php_object_new(&a, PHP_NATIVE, S("Date"));
    o->native = &dates;
    struct buf b = buf_new(&a, 1 << 20), small = buf_new(&a, 3);
    struct error e = {0};
    assert_false(php_serialize(&b, php_from_object(o), &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    err_clear(&e);
    assert_false(php_serialize(&small, php_int(12345), &e));
    assert_int_equal(e.kind, ERR_JOB);
    arena_close(&a);
}

void test_serialize_works_without_an_arena(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    struct str text = {graph, sizeof(graph) - 1};
    struct php_value v = decoded(&a, text);
    struct error e = {0};
    struct buf b = buf_new(NULL, 1 << 20);
    assert_ok(php_serialize(&b, v, &e), e);
    assert_true(str_eq(buf_str(&b), encoded(&a, v)));
    buf_drop(&b);
    arena_close(&a);
}

/* What PHP made of a deeper and longer value is written all the same. */
void test_serialize_numbers_thousands_of_objects(void **state)
{
    (void)state;
    struct arena a = arena_open((size_t)256 << 20);
    struct buf b = buf_new(&a, 16 << 20);
    enum { N = 5000 };
    buf_fmt(&b, "a:%d:{", 2 * N);
    for (int i = 0; i < N; i++)
        buf_fmt(&b, "i:%d;O:1:\"A\":0:{}", i);
    for (int i = 0; i < N; i++)
        buf_fmt(&b, "i:%d;r:%d;", N + i, N + 1 - i);
    buf_byte(&b, '}');
    assert_true(str_eq(encoded(&a, decoded(&a, buf_str(&b))), buf_str(&b)));
    arena_close(&a);
}
