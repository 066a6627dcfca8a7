/* Views beside the real BladeCompiler of Laravel 12: what facteur renders must be equal
 * byte for byte, and what Blade or PHP cannot do must not be rendered. */
#include "test_view.h"

struct compared {
    int equal, refused, failed; /* failed: in PHP too */
};

/* render_source renders a template as view_render does. false: it was refused, or it
 * failed as it would in PHP. */
static bool render_source(struct str source, struct arena *a, struct arena tmp,
                          struct str *html, struct error *e)
{
    static const struct php_host host = {.locale = {"fr", 2}};
    struct view view = {.path = "template.blade.php"};
    view_compile(source, view.path, &host, a, tmp, &view.compiled);
    const struct note *n = compiled_error(&view.compiled);
    if (n) {
        err_set(e, ERR_UNSUPPORTED, "%s", n->text);
        return err_place(e, view.path, n->line, n->col);
    }
    struct render r = {
        .perm = a, .e = e, .scope.host = &host, .html = buf_new(a, VIEW_HTML)};
    if (!render_view(&r, &view, variables(a)))
        return false;
    *html = buf_str(&r.html);
    return true;
}

static void complain(const struct record *r, bool ok, struct str got)
{
    printf("--- template:\n%.*s\n--- Blade (%s):\n%.*s\n--- facteur (%s):\n%.*s\n---\n",
           STR_ARG(r->input), r->ok ? "ok" : "error", STR_ARG(r->output),
           ok ? "ok" : "error", STR_ARG(got));
    fail_msg("facteur and Blade do not agree");
}

static struct compared compare(const char *test, const char *seed, const char *count,
                               const char *how)
{
    struct compared sum = {0};
    const char *dir = vendor(test), *other = getenv("FACTEUR_SEED");
    if (!dir)
        return sum;
    if (other)
        seed = other;
    struct arena file = arena_open(256 << 20), a = arena_open(64 << 20),
                 tmp = arena_open(64 << 20);
    struct str records = oracle(&file, dir, "generate", seed, count, how);
    struct record r;
    while (record_next(&records, &r)) {
        struct error e = {0};
        struct str html = {0};
        bool ok = render_source(r.input, &a, tmp, &html, &e);
        if (!ok)
            html = str_from(e.text);
        if (ok != r.ok && (ok || e.kind != ERR_UNSUPPORTED))
            complain(&r, ok, html);
        if (ok && !str_eq(html, r.output))
            complain(&r, ok, html);
        sum.equal += ok;
        sum.failed += !ok && !r.ok;
        sum.refused += !ok && r.ok;
        if (!ok && r.ok && getenv("FACTEUR_VERBOSE"))
            printf("# refused: %d:%d: %s\n%.*s\n", e.line, e.col, e.text,
                   STR_ARG(r.input));
        arena_reset(&a);
        arena_reset(&tmp);
    }
    printf("# %s: %d equal, %d fail in both, %d refused by facteur alone\n", test,
           sum.equal, sum.failed, sum.refused);
    arena_close(&file);
    arena_close(&a);
    arena_close(&tmp);
    return sum;
}

void test_view_prints_what_blade_prints(void **state)
{
    (void)state;
    struct compared sum = compare(__func__, "1", "3000", "tame");
    if (sum.equal + sum.failed + sum.refused == 0)
        return;
    assert_true(sum.equal > 2000);
    /* "{" and "{ foo }}" may meet to code that PHP compiles but never comes to. */
    assert_true(sum.refused <= 3);
}

void test_view_prints_what_blade_prints_or_refuses(void **state)
{
    (void)state;
    struct compared sum = compare(__func__, "2", "6000", "wild");
    if (sum.equal + sum.failed + sum.refused == 0)
        return;
    assert_true(sum.equal > 1000);
    assert_true(sum.refused < sum.equal / 4);
}

void test_golden_outputs_are_blades(void **state)
{
    (void)state;
    const char *dir = vendor(__func__);
    if (!dir)
        return;
    struct arena a = arena_open(64 << 20);
    struct str records = oracle(&a, dir, "cases", "test/view", NULL, NULL), want = {0};
    struct record r;
    struct error e = {0};
    int n = 0;
    for (; record_next(&records, &r); n++) {
        struct str path = str_fmt(&a, "test/view/%.*s/output", STR_ARG(r.input));
        assert_ok(file_read(str_z(&a, path), 1 << 20, &a, &want, &e), e);
        if (!r.ok || !str_eq(r.output, want))
            fail_msg("%.*s: Blade gives\n%.*s", STR_ARG(path), STR_ARG(r.output));
    }
    assert_true(n >= 5);
    arena_close(&a);
}

/* model_of makes a row of an array, and rows of the arrays in it. */
static struct php_value model_of(struct arena *a, const struct php_array *from)
{
    struct php_object *o = php_object_new(a, PHP_ROW, S("App\\Models\\Row"));
    o->props = php_array_new(a);
    for (size_t i = 0; i < from->len; i++) {
        struct php_value v = from->at[i].value;
        php_array_put(a, o->props, from->at[i].key,
                      v.type == PHP_ARRAY ? model_of(a, v.a) : v);
    }
    return php_from_object(o);
}

static struct php_array *letter_variables(struct arena *a, struct php_value data)
{
    struct php_array *vars = php_array_new(a);
    const struct php_value *club = php_path(&data, "club");
    const struct php_value *teacher = php_path(&data, "teacher");
    php_array_put(a, vars, KEY("club"), model_of(a, club->a));
    php_array_put(a, vars, KEY("teacher"), model_of(a, teacher->a));
    php_array_put(a, vars, KEY("clubName"), *php_path(&data, "club.name"));
    php_array_put(a, vars, KEY("teacherName"), *php_path(&data, "teacher.user.name"));
    return vars;
}

void test_default_views_print_what_blade_prints(void **state)
{
    (void)state;
    static const struct php_host host = {.locale = {"en", 2}};
    static const char *const names[] = {"pdf.volunteer-letter",
                                        "emails.volunteer-letter"};
    const char *dir = vendor(__func__);
    if (!dir)
        return;
    struct arena file = arena_open(64 << 20), a = arena_open(16 << 20);
    struct views *v = views_new(NULL, 0, true, &host);
    struct str records = oracle(&file, dir, "letters", "4", "300", "views");
    struct view_page page;
    struct record r;
    struct error e = {0};
    int n = 0;
    assert_ok(clock_zone("Europe/Paris", &e), e);
    clock_freeze(1795424400000000); /* 2026-11-23 10:00 there, as in oracle.php */
    for (; record_next(&records, &r); n++) {
        struct php_value data;
        assert_ok(php_unserialize(r.input, &php_default_limits, &a, &data, NULL, &e), e);
        assert_ok(view_render(v, str_from(names[n % 2]), letter_variables(&a, data), &a,
                              &page, &e),
                  e);
        if (!r.ok || !str_eq(page.html, r.output))
            complain(&r, true, page.html);
        arena_reset(&a);
    }
    clock_freeze(-1);
    assert_int_equal(n, 600);
    views_drop(v);
    arena_close(&file);
    arena_close(&a);
}

void test_view_escapes_as_laravel_does(void **state)
{
    (void)state;
    const char *dir = vendor(__func__);
    if (!dir)
        return;
    struct arena a = arena_open(64 << 20);
    struct str records = oracle(&a, dir, "escape", "3", "20000", NULL);
    struct record r;
    int n = 0;
    for (; record_next(&records, &r); n++) {
        struct buf b = buf_new(&a, 1000);
        php_escape(&b, r.input);
        if (!str_eq(buf_str(&b), r.output))
            fail_msg("%.*s gives %.*s, want %.*s", STR_ARG(r.input), STR_ARG(buf_str(&b)),
                     STR_ARG(r.output));
    }
    assert_int_equal(n, 20000);
    arena_close(&a);
}

void test_laravel_8_doubles_blanks_behind_what_is_no_directive(void **state)
{
    static const struct php_host hosts[] = {{.laravel = 8}, {.laravel = 9}};
    static const char *const made[] = {"@page  { a }\n@media\t (b)  c",
                                       "@page { a }\n@media\t (b)  c"};
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct arena a = arena_open(16 << 20), tmp = arena_open(16 << 20);
        struct error e = {0};
        struct view view = {.path = "template.blade.php"};
        struct render r = {
            .perm = &a, .e = &e, .scope.host = &hosts[i], .html = buf_new(&a, VIEW_HTML)};
        view_compile(S("@page { a }\n@media\t (b)  c"), view.path, &hosts[i], &a, tmp,
                     &view.compiled);
        assert_ok(render_view(&r, &view, variables(&a)), e);
        assert_str(buf_str(&r.html), made[i]);
        arena_close(&a);
        arena_close(&tmp);
    }
}

void test_view_knows_the_names_of_all_directives(void **state)
{
    (void)state;
    const char *dir = vendor(__func__);
    if (!dir)
        return;
    struct arena a = arena_open(16 << 20);
    struct str records = oracle(&a, dir, "directives", NULL, NULL, NULL);
    struct record r;
    int n = 0;
    for (; record_next(&records, &r); n++)
        if (!directive_lookup(r.input))
            fail_msg("@%.*s is a directive of Laravel", STR_ARG(r.input));
    assert_true(n > 100);
    arena_close(&a);
}
