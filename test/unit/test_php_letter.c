/* What every letter is made of, with random values, beside Blade, Eloquent and Carbon. */
#include "oracle.h"
#include "view/view_imp.h"

/* row_of makes a model of an array, and models of the arrays in it. */
static struct php_value row_of(struct arena *a, struct php_value v)
{
    if (v.type != PHP_ARRAY)
        return v;
    struct php_object *o = php_object_new(a, PHP_ROW, S("Row"));
    o->props = php_array_new(a);
    for (size_t i = 0; i < v.a->len; i++)
        php_array_put(a, o->props, v.a->at[i].key, row_of(a, v.a->at[i].value));
    return php_from_object(o);
}

static struct php_array *variables(struct arena *a, struct str serialized)
{
    struct error e = {0};
    struct php_value v;
    struct php_array *vars = php_array_new(a);
    assert_ok(php_unserialize(serialized, &php_default_limits, a, &v, NULL, &e), e);
    for (size_t i = 0; i < v.a->len; i++)
        php_array_put(a, vars, v.a->at[i].key, row_of(a, v.a->at[i].value));
    return vars;
}

static bool render(struct str source, struct php_array *vars, struct arena *a,
                   struct arena tmp, struct str *html, struct error *e)
{
    static const struct php_host host = {.locale = {"fr", 2}};
    struct view view = {.path = "v"};
    view_compile(source, view.path, &host, a, tmp, &view.compiled);
    const struct note *n = compiled_error(&view.compiled);
    if (n)
        return err_set(e, ERR_UNSUPPORTED, "%s", n->text);
    struct render r = {
        .perm = a, .e = e, .scope.host = &host, .html = buf_new(a, VIEW_HTML)};
    if (!render_view(&r, &view, vars))
        return false;
    *html = buf_str(&r.html);
    return true;
}

/* The exception's own message: without the view's name, which Laravel adds. */
static struct str message(const struct error *e)
{
    struct str s = str_from(e->text);
    ptrdiff_t at = str_find(s, S(" (View: "));
    return at < 0 ? s : str_sub(s, 0, (size_t)at);
}

struct tally {
    int cases, refused, failed;
};

/* A case: now, variables, template, "ok" or "error", text or message. */
static void compare(struct arena *a, struct arena tmp, struct str line, struct tally *t)
{
    struct str f[5], html = S("");
    struct error e = {0};
    int64_t now = 0;
    assert_int_equal(oracle_fields(line, f, COUNT(f)), COUNT(f));
    assert_true(str_to_i64(f[0], &now));
    clock_freeze(now);
    struct str template = oracle_unhex(a, f[2]), want = oracle_unhex(a, f[4]);
    struct php_array *vars = variables(a, oracle_unhex(a, f[1]));
    bool ok = render(template, vars, a, tmp, &html, &e);
    struct str got = ok ? html : message(&e);
    bool refused = e.kind == ERR_UNSUPPORTED && !str_eq(want, S("syntax"));
    t->cases++;
    t->refused += refused;
    t->failed += str_eq(f[3], S("error"));
    if (refused)
        printf("# refused: %.*s: %s\n", STR_ARG(template), e.text);
    bool same = str_eq(got, want) || (!ok && e.kind == ERR_UNSUPPORTED) ||
                (!ok && oracle_may_differ(got, want));
    if (!refused && (ok != str_eq(f[3], S("ok")) || !same))
        fail_msg("seed %s: %.*s\nwith %.*s\n got: %.*s\nwant: %.*s", oracle_seed(),
                 STR_ARG(template), STR_ARG(oracle_unhex(a, f[1])), STR_ARG(got),
                 STR_ARG(want));
}

void test_letters_print_what_laravel_prints(void **state)
{
    (void)state;
    const char *vendor = oracle_vendor("letters beside Laravel");
    if (!vendor)
        return;
    struct error e = {0};
    const char *count = oracle_cases("5000");
    struct arena all = arena_open((size_t)1 << 30), a = arena_open(8 << 20),
                 tmp = arena_open(8 << 20);
    assert_ok(clock_zone("Europe/Paris", &e), e);
    struct tally t = {0};
    struct cut lines = {.tail =
                            oracle_run(&all, "letters", vendor, oracle_seed(), count)};
    while (lines.tail.len) {
        lines = str_cut(lines.tail, '\n');
        compare(&a, tmp, lines.head, &t);
        arena_reset(&a);
    }
    clock_freeze(-1);
    oracle_say("letters", t.cases, t.refused);
    int64_t wanted = 0;
    assert_true(str_to_i64(str_from(count), &wanted));
    assert_int_equal(t.cases, wanted);
    assert_int_equal(t.refused, 0);
    assert_in_range(t.failed, 1, t.cases / 2);
    arena_close(&tmp);
    arena_close(&a);
    arena_close(&all);
}
