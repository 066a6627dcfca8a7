#include <dirent.h>

#include "facteur/php.h"
#include "oracle.h"
#include "php/date_imp.h"
#include "php/fn_imp.h"

static struct arena arena(void)
{
    return arena_open((size_t)256 << 20);
}

/* === what the expressions of the golden cases see === */

static void put(struct arena *a, struct php_array *to, const char *name,
                struct php_value v)
{
    php_array_put(a, to, (struct php_key){.s = str_from(name)}, v);
}

static struct php_value text(const char *z)
{
    return php_string(str_from(z));
}

static struct php_array *variables(struct arena *a)
{
    struct php_array *vars = php_array_new(a), *list = php_array_new(a);
    struct php_array *map = php_array_new(a);
    struct php_object *user = php_object_new(a, PHP_ROW, S("App\\Models\\User"));
    struct php_object *teacher = php_object_new(a, PHP_ROW, S("App\\Models\\Teacher"));
    struct php_object *plain = php_object_new(a, PHP_PLAIN, S("stdClass"));
    put(a, user->props, "name", text("Jean \"Jo\" Peeters"));
    put(a, user->props, "address", php_null());
    put(a, teacher->props, "user", php_from_object(user));
    put(a, plain->props, "p", text("P"));
    for (int i = 1; i <= 3; i++)
        php_array_push(a, list, php_int(i * 10));
    put(a, map, "k", text("v"));
    put(a, map, "list", php_from_array(list));
    put(a, map, "none", php_null());
    put(a, vars, "teacher", php_from_object(teacher));
    put(a, vars, "o", php_from_object(plain));
    put(a, vars, "list", php_from_array(list));
    put(a, vars, "map", php_from_array(map));
    put(a, vars, "n", php_null());
    put(a, vars, "i", php_int(1));
    put(a, vars, "s", text("été"));
    return vars;
}

/* evaluate prints what an expression becomes, or "<kind> line:col: <text>". */
static struct str evaluate(struct arena *a, struct str code)
{
    struct error e = {0};
    struct php_value v;
    struct php_scope scope = {.vars = variables(a)};
    struct php_expr *x = php_parse(code, (struct php_place){"v", 1, 1}, a, &e);
    if (x && php_eval(x, &scope, a, &v, &e))
        return php_dump(v, a);
    return str_fmt(a, "%s %d:%d: %s", err_kind_name(e.kind), e.line, e.col, e.text);
}

/* === golden cases: folders of test/php/ === */

static struct str slurp(struct arena *a, const char *dir, const char *name)
{
    struct str s = S("");
    struct error e = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_ok(file_read(path, 1 << 20, a, &s, &e), e);
    return s;
}

static void each_case(const char *kind, void (*fn)(const char *dir))
{
    char root[64], dir[512];
    struct dirent **names;
    snprintf(root, sizeof(root), "test/php/%s", kind);
    int n = scandir(root, &names, NULL, alphasort), cases = 0;
    assert_true(n >= 0);
    for (int i = 0; i < n; i++) {
        snprintf(dir, sizeof(dir), "%s/%s", root, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            fn(dir);
            cases++;
        }
        free(names[i]);
    }
    free(names);
    assert_true(cases > 0);
}

/* Each line of `input` is an expression, the same line of `output` its outcome. */
static void check_lines(const char *dir)
{
    struct arena a = arena();
    struct cut in = {.tail = slurp(&a, dir, "input"), .ok = true};
    struct cut want = {.tail = slurp(&a, dir, "output"), .ok = true};
    for (int line = 1; in.tail.len; line++) {
        in = str_cut(in.tail, '\n');
        want = str_cut(want.tail, '\n');
        struct str got = evaluate(&a, in.head);
        if (!str_eq(got, want.head))
            fail_msg("%s/input:%d: %.*s\n got: %.*s\nwant: %.*s", dir, line,
                     STR_ARG(in.head), STR_ARG(got), STR_ARG(want.head));
    }
    assert_int_equal(want.tail.len, 0);
    arena_close(&a);
}

void test_expressions_as_in_the_golden_cases(void **state)
{
    (void)state;
    each_case("eval", check_lines);
}

/* === files === */

/* list_holes prints the path, place and reason of each hole. */
static void list_holes(struct buf *b, struct str path, struct php_value v,
                       struct arena *a)
{
    if (v.type == PHP_HOLE)
        buf_fmt(b, "\n%.*s: %d:%d: %s", STR_ARG(path), v.hole->line, v.hole->col,
                v.hole->text);
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++) {
        struct php_key k = v.a->at[i].key;
        struct str name = k.is_int ? str_fmt(a, "%lld", (long long)k.i) : k.s;
        struct str inner = str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(name));
        list_holes(b, inner, v.a->at[i].value, a);
    }
}

/* `input` is a PHP file; `output` its value and holes, or the error. */
static void check_file(const char *dir)
{
    struct arena a = arena();
    struct error e = {0};
    struct php_value v;
    char path[512];
    struct str want = str_trim(slurp(&a, dir, "output"));
    snprintf(path, sizeof(path), "%s/input", dir);
    struct buf b = buf_new(&a, 1 << 20);
    if (php_eval_file(slurp(&a, dir, "input"), path, NULL, &a, &v, &e)) {
        buf_add(&b, php_dump(v, &a));
        list_holes(&b, S(""), v, &a);
    } else {
        assert_string_equal(e.file, path);
        buf_fmt(&b, "%s %d:%d: %s", err_kind_name(e.kind), e.line, e.col, e.text);
    }
    bool same = str_eq(buf_str(&b), want);
    if (!same) /* longer than what fail_msg prints */
        printf("# %s\n# got:\n%.*s\n# want:\n%.*s\n", dir, STR_ARG(buf_str(&b)),
               STR_ARG(want));
    assert_true(same);
    arena_close(&a);
}

void test_files_as_in_the_golden_cases(void **state)
{
    (void)state;
    each_case("file", check_file);
}

/* === ceilings === */

static struct str repeat(struct arena *a, const char *part, int n, const char *end)
{
    struct buf b = buf_new(a, 1 << 20);
    for (int i = 0; i < n; i++)
        buf_add(&b, str_from(part));
    buf_add(&b, str_from(end));
    return buf_str(&b);
}

void test_nesting_has_a_ceiling(void **state)
{
    (void)state;
    static const char *const parts[][2] = {
        {"(", "1"}, {"[", "1"}, {"!", "1"},     {"1.", "1"},  {"1??", "1"},
        {"f(", ""}, {"-", "1"}, {"\"{$a[", ""}, {"1?:", "1"}, {"match(1){1=>", ""},
    };
    struct arena a = arena();
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct error e = {0};
        struct php_place place = {"v", 1, 1};
        struct str code = repeat(&a, parts[i][0], 20000, parts[i][1]);
        assert_null(php_parse(code, place, &a, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
    }
    assert_str(evaluate(&a, repeat(&a, "1+", 500, "1")), "501");
    arena_close(&a);
}

/* === check and uses === */

static void note(void *arg, const struct finding *f)
{
    struct buf *b = arg;
    buf_fmt(b, "%d:%d: %s\n", f->line, f->col, f->text);
}

void test_check_names_what_cannot_be_called(void **state)
{
    (void)state;
    struct arena a = arena();
    struct error e = {0};
    struct buf b = buf_new(&a, 1 << 16);
    struct php_expr *x = php_parse(S("[strlen($a), foo($b->bar()), \\App\\X::y(),\n "
                                     "trim(), NOT_KNOWN, strlen(1, 2)]"),
                                   (struct php_place){"v", 5, 3}, &a, &e);
    assert_non_null(x);
    php_check(x, NULL, note, &b);
    assert_str(
        buf_str(&b),
        "5:16: foo() – facteur cannot call it\n"
        "5:22: ->bar() – facteur cannot call it\n"
        "5:32: App\\X::y() – facteur cannot call it\n"
        "6:2: trim() – wrong number of arguments: trim() expects at least 1 argument, 0 "
        "given\n"
        "6:10: constant NOT_KNOWN – facteur does not know it\n"
        "6:21: strlen() – wrong number of arguments: strlen() expects exactly 1 "
        "argument, "
        "2 given\n");
    arena_close(&a);
}

/* A call that is written out is tried: what is refused then would be in each letter. */
void test_check_makes_the_calls_that_are_written_out(void **state)
{
    (void)state;
    static const struct {
        const char *code, *found; /* found: NULL, nothing */
    } cases[] = {
        {"$d->diffInDays('next monday')", "diffInDays() – with these arguments facteur "
                                          "cannot call it: "},
        {"$d->copy()->isAfter('1/2/3/4')", "isAfter() – with these arguments"},
        {"$d->locale('xx')", "locale() – with these arguments"},
        {"round(2.5, 0, PHP_ROUND_HALF_EVEN)", "round() – with these arguments"},
        {"\\Carbon\\Carbon::parse('first day of next month')",
         "Carbon\\Carbon::parse() – with these arguments"},
        {"$d->diffInDays('2026-01-01')", NULL},
        {"$d->between('2026-01-01', $e)", NULL},
        {"$d->isSameDay('yesterday')", NULL},
        {"$d->diffInDays($x)", NULL},
        {"intdiv(1, 0)", NULL}, /* PHP fails too, if it is reached */
        {"str_repeat('x', 100000000)", NULL},
    };
    struct arena a = arena();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error e = {0};
        struct buf b = buf_new(&a, 1 << 16);
        struct php_expr *x =
            php_parse(str_from(cases[i].code), (struct php_place){"v", 1, 1}, &a, &e);
        assert_non_null(x);
        php_check(x, NULL, note, &b);
        if (cases[i].found ? !str_has(buf_str(&b), str_from(cases[i].found)) : b.len > 0)
            fail_msg("%s: found \"%.*s\"", cases[i].code, (int)b.len, b.ptr);
    }
    arena_close(&a);
}

static void note_chain(void *arg, const struct str *chain, size_t len,
                       struct php_place place)
{
    struct buf *b = arg;
    buf_fmt(b, "%d:%d:", place.line, place.col);
    for (size_t i = 0; i < len; i++)
        buf_fmt(b, " %.*s", STR_ARG(chain[i]));
    buf_byte(b, '\n');
}

void test_uses_are_the_longest_chains_from_variables(void **state)
{
    (void)state;
    struct arena a = arena();
    struct error e = {0};
    struct buf b = buf_new(&a, 1 << 16);
    struct php_expr *x =
        php_parse(S("isset($t->user->name, $a['k']->b[$i]) ? \"x {$c?->d}$e[f]\" : "
                    "trim($g)->h"),
                  (struct php_place){"v", 1, 1}, &a, &e);
    assert_ok(x, e);
    php_uses(x, note_chain, &b);
    assert_str(buf_str(&b),
               "1:7: t user name\n1:23: a k b\n1:34: i\n1:45: c d\n1:52: e f\n"
               "1:66: g\n");
    arena_close(&a);
}

/* === doc/expressions.md === */

static void assert_named(struct str doc, const struct php_function *rows, struct arena *a)
{
    for (; rows->name; rows++) {
        struct str name = str_from(rows->name);
        ptrdiff_t colons = str_find(name, S("::"));
        struct str own = colons < 0 ? name : str_skip(name, (size_t)colons + 2);
        if (!str_has(doc, str_fmt(a, "`%.*s`", STR_ARG(own))))
            fail_msg("doc/expressions.md does not name %s", rows->name);
    }
}

void test_the_doc_names_every_function(void **state)
{
    (void)state;
    static const struct php_function *const tables[] = {
        fn_string, fn_bytes,   fn_search, fn_replace, fn_html, fn_format,
        fn_mb,     fn_ctype,   fn_array,  fn_list,    fn_math, fn_type,
        fn_url,    fn_laravel, fn_str,    fn_case,    fn_date,
    };
    struct arena a = arena();
    struct str doc = slurp(&a, "doc", "expressions.md");
    for (size_t i = 0; i < COUNT(tables); i++)
        assert_named(doc, tables[i], &a);
    assert_named(doc, php_date_class.methods, &a);
    arena_close(&a);
}

/* === beside real PHP === */

/* The value as the oracle prints it, or the message of an exception. */
static struct str outcome(struct arena *a, struct str code, bool *ok)
{
    struct error e = {0};
    struct php_value v;
    struct php_scope scope = {.vars = variables(a)};
    struct php_expr *x = php_parse(code, (struct php_place){"v", 1, 1}, a, &e);
    *ok = x && php_eval(x, &scope, a, &v, &e);
    if (*ok)
        return php_dump(v, a);
    if (!x)
        return S("syntax");
    return str_fmt(a, "%s%s", e.kind == ERR_JOB ? "" : "not supported: ", e.text);
}

/* outcome_in_file is the outcome where it stands in a file, which may call more. */
static struct str outcome_in_file(struct arena *a, struct str code, bool *ok)
{
    static const struct php_function *const more[] = {
        php_text_functions,
        php_arr_functions,
        php_collect_functions,
        php_regex_functions,
        NULL,
    };
    static const char before[] = "<?php $s = 'été'; $list = [10, 20, 30]; $map = "
                                 "['k' => 'v', 'list' => $list, 'none' => null]; return ";
    struct error e = {0};
    struct php_value v;
    struct php_host host = {.more = more};
    struct str file = str_fmt(a, "%s%.*s;", before, STR_ARG(code));
    *ok = php_eval_file(file, "v", &host, a, &v, &e) && v.type != PHP_HOLE;
    if (*ok)
        return php_dump(v, a);
    const struct error *why = e.kind ? &e : v.hole;
    return str_fmt(a, "%s%s", why->kind == ERR_JOB ? "" : "not supported: ", why->text);
}

struct tally {
    struct str (*outcome)(struct arena *a, struct str code, bool *ok);
    int cases, wrong, refused;
};

static void compare_one(struct arena *a, struct str line, struct tally *t)
{
    struct str fields[3];
    bool ok;
    assert_int_equal(oracle_fields(line, fields, COUNT(fields)), 3);
    struct str code = oracle_unhex(a, fields[0]);
    struct str want = oracle_unhex(a, fields[2]), got = t->outcome(a, code, &ok);
    bool refused = str_starts(got, S("not supported: "));
    bool same = refused || (ok == str_eq(fields[1], S("ok")) && str_eq(got, want)) ||
                (!ok && oracle_may_differ(got, want));
    t->cases++;
    t->refused += refused;
    if (refused && getenv("FACTEUR_VERBOSE"))
        printf("# %.*s: %.*s\n", STR_ARG(code), STR_ARG(got));
    if (!same && t->wrong++ < 20)
        print_error("seed %s: %.*s\n got: %.*s\nwant: %.*s\n", oracle_seed(),
                    STR_ARG(code), STR_ARG(got), STR_ARG(want));
}

static void compare_with_php(const char *kind, const char *usual, struct tally t)
{
    const char *count = oracle_cases(usual);
    struct arena a = arena_open((size_t)1 << 30), tmp = arena_open(4 << 20);
    struct cut lines = {.tail =
                            oracle_run(&a, "expressions", kind, oracle_seed(), count)};
    while (lines.tail.len) {
        lines = str_cut(lines.tail, '\n');
        compare_one(&tmp, lines.head, &t);
        arena_reset(&tmp);
    }
    oracle_say(kind, t.cases, t.refused);
    int64_t wanted = 0;
    assert_true(str_to_i64(str_from(count), &wanted));
    assert_int_equal(t.cases, wanted);
    assert_int_equal(t.wrong, 0);
    /* Loud, but too many would hide what is wrong. */
    assert_true(t.refused <= t.cases / 50);
    arena_close(&tmp);
    arena_close(&a);
}

void test_operators_do_what_php_does(void **state)
{
    (void)state;
    compare_with_php("operators", "10000", (struct tally){outcome, 0, 0, 0});
}

void test_functions_do_what_php_does(void **state)
{
    (void)state;
    compare_with_php("functions", "10000", (struct tally){outcome, 0, 0, 0});
}

void test_laravel_s_str_does_what_it_does_there(void **state)
{
    (void)state;
    char kind[1100];
    const char *vendor = oracle_vendor("Str beside Laravel");
    if (!vendor)
        return;
    snprintf(kind, sizeof(kind), "laravel:%s", vendor);
    compare_with_php(kind, "4000", (struct tally){outcome, 0, 0, 0});
}

void test_what_files_may_call_does_what_it_does_there(void **state)
{
    (void)state;
    char kind[1100];
    const char *vendor = oracle_vendor("files beside Laravel");
    if (!vendor)
        return;
    snprintf(kind, sizeof(kind), "files:%s", vendor);
    compare_with_php(kind, "6000", (struct tally){outcome_in_file, 0, 0, 0});
}

void test_numbers_print_as_php_prints_them(void **state)
{
    (void)state;
    compare_with_php("numbers", "5000", (struct tally){outcome, 0, 0, 0});
}
