/* Random values beside the real PHP: test/php/values.php prints them and what PHP makes
 * of them; FACTEUR_SEED chooses others. */
#include "facteur/php.h"
#include "oracle.h"

/* === the records === */

/* php runs the script, whose output is the pipe's; false: there is no php 8.2. */
static bool run_php(const char *seed, struct arena *a, struct str *out)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        execlp("php8.2", "php8.2", "-n", "test/php/values.php", seed, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    struct buf b = buf_new(a, (size_t)64 << 20);
    char piece[65536];
    for (ssize_t n; (n = read(fds[0], piece, sizeof(piece))) > 0;)
        buf_add(&b, (struct str){piece, (size_t)n});
    close(fds[0]);
    int status = -1;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return false;
    assert_int_equal(status, 0);
    *out = buf_str(&b);
    return true;
}

static struct str field(struct str *records)
{
    struct cut c = str_cut(*records, ':');
    int64_t len;
    assert_true(c.ok && str_to_i64(c.head, &len) && (size_t)len <= c.tail.len);
    *records = str_skip(c.tail, (size_t)len);
    return str_sub(c.tail, 0, (size_t)len);
}

enum { MAX_FIELDS = 7 };
typedef void check_fn(const struct str *fields, struct arena *a);

/* Each record of one kind goes to check, with memory of its own. */
static void each_record(const char *name, char kind, int fields, int at_least,
                        check_fn *check)
{
    struct arena all = arena_open((size_t)256 << 20), a = arena_open((size_t)64 << 20);
    struct str records;
    if (!run_php(oracle_seed(), &all, &records)) {
        arena_close(&all);
        arena_close(&a);
        skip();
    }
    static const struct {
        char kind;
        int fields;
    } kinds[] = {{'S', 1}, {'V', 7}, {'C', 2}, {'K', 2}};
    int count = 0;
    while (records.len > 0) {
        char k = records.ptr[0];
        struct str got[MAX_FIELDS];
        int n = 0;
        for (size_t i = 0; i < COUNT(kinds); i++)
            n = kinds[i].kind == k ? kinds[i].fields : n;
        assert_true(n > 0);
        records = str_skip(records, 1);
        for (int i = 0; i < n; i++)
            got[i] = field(&records);
        if (k != kind)
            continue;
        assert_int_equal(n, fields);
        check(got, &a);
        arena_reset(&a);
        count++;
    }
    assert_true(count >= at_least);
    oracle_say(name, count, 0);
    arena_close(&a);
    arena_close(&all);
}

static struct php_value decoded(struct str s, struct arena *a)
{
    struct error e = {0};
    struct php_value v;
    struct str rest;
    if (!php_unserialize(s, &php_default_limits, a, &v, &rest, &e))
        fail_msg("%s, in %.*s", e.text, STR_ARG(s));
    assert_int_equal(rest.len, 0);
    return v;
}

static struct str encoded(struct php_value v, struct arena *a)
{
    struct error e = {0};
    struct buf b = buf_new(a, (size_t)16 << 20);
    assert_ok(php_serialize(&b, v, &e), e);
    return buf_str(&b);
}

static void want(const char *what, struct str got, struct str expected, struct str value)
{
    if (!str_eq(got, expected))
        fail_msg("seed %s: %s: got %.*s, PHP says %.*s, for %.*s", oracle_seed(), what,
                 STR_ARG(got), STR_ARG(expected), STR_ARG(value));
}

/* === the checks === */

static void check_bytes(const struct str *f, struct arena *a)
{
    want("serialize", encoded(decoded(f[0], a), a), f[0], f[0]);
}

void test_graphs_encode_to_the_bytes_they_came_from(void **state)
{
    (void)state;
    each_record("graphs", 'S', 1, 3000, check_bytes);
}

static struct str json_or_refusal(struct php_value v, struct arena *a)
{
    struct error e = {0};
    struct buf b = buf_new(a, 1 << 20);
    return php_json(&b, v, 0, &e) ? buf_str(&b) : S("!");
}

static void check_conversions(const struct str *f, struct arena *a)
{
    struct php_value v = decoded(f[0], a), number;
    struct error e = {0};
    struct str s;
    want("bool", php_truthy(v) ? S("1") : S("0"), f[1], f[0]);
    want("int", str_fmt(a, "%lld", (long long)php_to_int(v)), f[2], f[0]);
    want("float", encoded(php_float(php_to_float(v)), a), f[3], f[0]);
    want("string", php_to_string(v, a, &s, &e) ? s : S("!"), f[4], f[0]);
    want("json", json_or_refusal(v, a), f[5], f[0]);
    bool is_number = v.type == PHP_STRING && php_numeric(v.s, &number);
    want("numeric", is_number ? encoded(number, a) : S("!"), f[6], f[0]);
}

void test_conversions_are_php_s(void **state)
{
    (void)state;
    each_record("conversions", 'V', 7, 5000, check_conversions);
}

static void check_comparisons(const struct str *f, struct arena *a)
{
    struct php_value pair = decoded(f[0], a);
    struct php_value x = pair.a->at[0].value, y = pair.a->at[1].value;
    struct str got =
        str_fmt(a, "%d %d %d", php_compare(x, y), php_equal(x, y), php_identical(x, y));
    want("compare", got, f[1], f[0]);
}

void test_comparisons_are_php_s(void **state)
{
    (void)state;
    each_record("comparisons", 'C', 2, 8000, check_comparisons);
}

static void check_key(const struct str *f, struct arena *a)
{
    struct php_array *array = php_array_new(a);
    php_array_put(a, array, php_key_from(f[0]), php_int(1));
    want("key", encoded(php_from_array(array), a), f[1], f[0]);
}

void test_keys_become_ints_as_in_php(void **state)
{
    (void)state;
    each_record("keys", 'K', 2, 1000, check_key);
}
