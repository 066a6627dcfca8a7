#include <jansson.h>

#include "test_app.h"

/* === golden cases: input, real (the process's own environment), output or error === */

static char **lines_of(struct arena *a, struct str text)
{
    VEC(char *) lines = {0};
    while (text.len) {
        struct cut c = str_cut(text, '\n');
        VEC_PUSH(a, &lines, str_z(a, c.head));
        text = c.tail;
    }
    VEC_PUSH(a, &lines, NULL);
    return lines.at;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct map_slot *)a)->key, ((const struct map_slot *)b)->key);
}

/* print_env gives one line per variable: its text, and what env() makes of it. */
static struct str print_env(struct arena *a, const struct env *env)
{
    const int flags = JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE;
    struct buf b = buf_new(a, 1 << 20);
    VEC(struct map_slot) vars = {0};
    for (size_t i = 0; i < env->vars.cap; i++)
        if (env->vars.slots[i].value)
            VEC_PUSH(a, &vars, env->vars.slots[i]);
    if (vars.len)
        qsort(vars.at, vars.len, sizeof(vars.at[0]), by_name);
    for (size_t i = 0; i < vars.len; i++) {
        struct str name = vars.at[i].key, text;
        struct php_value v = php_null();
        buf_add(&b, name);
        if (!env_lookup(env, name, &text)) {
            buf_add(&b, S(" unset\n"));
            continue;
        }
        env_value(env, name, &v);
        buf_byte(&b, ' ');
        buf_json(&b, text, flags);
        if (v.type != PHP_STRING || !str_eq(v.s, text)) {
            struct error e = {0};
            buf_add(&b, S(" env "));
            assert_ok(php_json(&b, v, flags, &e), e);
        }
        buf_byte(&b, '\n');
    }
    return buf_str(&b);
}

static void check_golden(const char *path)
{
    struct arena a = arena_open(64 << 20);
    struct env env;
    struct error e = {0};
    char *real = path_join(&a, str_from(path), S("real"));
    char *want_error = path_join(&a, str_from(path), S("error"));
    struct str input = file_text(&a, path_join(&a, str_from(path), S("input")));
    env_init(&env, &a, lines_of(&a, file_there(real) ? file_text(&a, real) : S("")));
    bool ok = dotenv_load(&env, input, ".env", &e);
    struct str got, want;
    if (file_there(want_error)) {
        char text[4096];
        err_print(&e, text, sizeof(text));
        got = ok ? print_env(&a, &env) : str_fmt(&a, "%s\n", text);
        want = file_text(&a, want_error);
    } else {
        got = ok ? print_env(&a, &env) : str_fmt(&a, "%d: %s\n", e.line, e.text);
        want = file_text(&a, path_join(&a, str_from(path), S("output")));
    }
    if (!str_eq(got, want))
        fail_msg("%s:\n%.*swant:\n%.*s", path, STR_ARG(got), STR_ARG(want));
    arena_close(&a);
}

void test_dotenv_golden_cases(void **state)
{
    (void)state;
    each_case("test/app/dotenv", check_golden);
}

void test_dotenv_error_does_not_repeat_the_line(void **state)
{
    (void)state;
    static const char *const files[] = {"A=s3cret word", "s3cret word",     "=s3cret",
                                        "A=\"s3cret",    "A=\"s3cret\\q\"", "s3-cret=1"};
    struct arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(files); i++) {
        struct env env;
        struct error e = {0};
        env_init(&env, &a, (char *[]){NULL});
        assert_false(dotenv_load(&env, str_from(files[i]), ".env", &e));
        assert_int_equal(e.line, 1);
        assert_int_equal(e.kind, ERR_FATAL);
        assert_null(strstr(e.text, "cret"));
    }
    arena_close(&a);
}

/* === beside the real phpdotenv === */

static void compare_value(struct str file, const struct env *env, const char *name,
                          const json_t *want)
{
    struct str text = S("");
    struct php_value v = php_null();
    bool there = env_lookup(env, str_from(name), &text);
    const json_t *raw = json_array_get(want, 0), *value = json_array_get(want, 1);
    env_value(env, str_from(name), &v);
    struct str want_text = {json_string_value(raw), json_string_length(raw)};
    if (there != json_is_string(raw) || (there && !str_eq(text, want_text)))
        fail_msg("%s is \"%.*s\", phpdotenv says \"%.*s\", in:\n%.*s", name,
                 STR_ARG(text), STR_ARG(want_text), STR_ARG(file));
    bool same =
        json_is_string(value)
            ? v.type == PHP_STRING && str_eq(v.s, (struct str){json_string_value(value),
                                                               json_string_length(value)})
        : json_is_boolean(value) ? v.type == PHP_BOOL && v.b == json_is_true(value)
                                 : v.type == PHP_NULL;
    if (!same)
        fail_msg("env(%s) differs from Laravel's, in:\n%.*s", name, STR_ARG(file));
}

static void compare_file(struct arena *a, struct str file, const json_t *want)
{
    struct env env;
    struct error e = {0};
    const char *name;
    json_t *pair;
    env_init(&env, a, (char *[]){"OUTSIDE=real", "EMPTY=", NULL});
    bool ok = dotenv_load(&env, file, ".env", &e);
    if (ok != json_is_object(want))
        fail_msg("%s, phpdotenv says otherwise, of:\n%.*s", ok ? "taken" : e.text,
                 STR_ARG(file));
    json_object_foreach((json_t *)want, name, pair)
    {
        compare_value(file, &env, name, pair);
    }
}

void test_dotenv_reads_random_files_as_phpdotenv_does(void **state)
{
    (void)state;
    const char *dir = vendor("dotenv beside phpdotenv");
    size_t n = 0, taken = 0;
    if (!dir)
        return;
    struct arena a = arena_open(256 << 20);
    struct str out = oracle(&a, "dotenv", dir, "8", "12000");
    while (out.len) {
        struct cut line = str_cut(out, '\n'), c = str_cut(line.head, '\t');
        char *mark = arena_mark(&a);
        json_t *want =
            json_loadb(c.tail.ptr, c.tail.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(want);
        compare_file(&a, from_hex(&a, c.head), want);
        taken += json_is_object(want);
        json_decref(want);
        arena_release(&a, mark);
        out = line.tail;
        n++;
    }
    assert_int_equal(n, 12000);
    assert_true(taken > 3000);
    arena_close(&a);
}
