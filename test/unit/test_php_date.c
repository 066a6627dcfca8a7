#include "facteur/php.h"
#include "oracle.h"
#include "php/date_imp.h"

static struct arena arena(void)
{
    return arena_open((size_t)256 << 20);
}

static void zone(const char *name)
{
    struct error e = {0};
    assert_ok(clock_zone(name, &e), e);
}

static struct str iso(struct arena *a, int64_t us, const char *locale, const char *format)
{
    struct error e = {0};
    struct str out = S("");
    assert_ok(php_date_iso(a, us, str_from(locale), str_from(format), &out, &e), e);
    return out;
}

static const int64_t november =
    1795438809 * (int64_t)1000000; /* 2026-11-23 14:00:09 in Paris */

/* evaluate runs an expression at a frozen time, in an app whose locale is nl. */
static struct str evaluate(struct arena *a, const char *code)
{
    struct error e = {0};
    struct php_value v;
    const struct php_host host = {.locale = S("nl")};
    struct php_scope scope = {.vars = php_array_new(a), .host = &host};
    php_array_put(a, scope.vars, (struct php_key){.s = S("d")}, php_date(a, november));
    clock_freeze(november);
    struct php_expr *x = php_parse(str_from(code), (struct php_place){"v", 1, 1}, a, &e);
    bool ok = x && php_eval(x, &scope, a, &v, &e);
    clock_freeze(-1);
    return ok ? php_dump(v, a) : str_from(str_z(a, str_from(e.text)));
}

void test_date_of_the_letter(void **state)
{
    (void)state;
    struct arena a = arena();
    zone("Europe/Paris");
    assert_str(evaluate(&a, "now()->locale('fr')->isoFormat('D MMMM YYYY')"),
               "\"23 novembre 2026\"");
    assert_str(iso(&a, november, "en", "LLLL"), "Monday, November 23, 2026 2:00 PM");
    arena_close(&a);
}

void test_date_follows_the_zone(void **state)
{
    (void)state;
    struct arena a = arena();
    int64_t night = 1782943200 * (int64_t)1000000; /* 2026-07-01 22:00 UTC */
    zone("UTC");
    assert_str(php_date_format(&a, night, S("c e T I")),
               "2026-07-01T22:00:00+00:00 UTC UTC 0");
    zone("Europe/Paris");
    assert_str(php_date_format(&a, night, S("c e T I")),
               "2026-07-02T00:00:00+02:00 Europe/Paris CEST 1");
    arena_close(&a);
}

void test_dates_are_objects_of_carbon(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"now() . '|' . $d", "\"2026-11-23 14:00:09|2026-11-23 14:00:09\""},
        {"$d == now()", "true"},
        {"$d == '2026-11-23 14:00:09'", "true"},
        {"$d->isoFormat('dddd')", "\"maandag\""},
        {"$d->locale('fr')->isoFormat('l Do') . $d->isoFormat(' dddd')",
         "\"23/11/2026 23 lundi\""},
        {"$d->copy()->locale('fr')->locale . $d->isoFormat(' dddd')", "\"fr maandag\""},
        {"$d->format('D \\\\d W') . $d->translatedFormat(' l jS F')",
         "\"Mon d 48 maandag 23ste november\""},
        {"[$d->year, $d->month, $d->timestamp, $d->tzName]",
         "[2026, 11, 1795438809, \"Europe/Paris\"]"},
        {"now()->monthName", "\"november\""},
        {"date('N', 0)", "\"4\""},
        {"$d->locale('xx')", "dates in the locale \"xx\" are not supported"},
        {"$d->nonsense", "property $nonsense of Illuminate\\Support\\Carbon is not "
                         "supported"},
        {"$d->diffForHumans()",
         "Illuminate\\Support\\Carbon::diffForHumans() is not supported"},
        {"get_debug_type(now())", "\"Illuminate\\\\Support\\\\Carbon\""},
    };
    struct arena a = arena();
    zone("Europe/Paris");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str got = evaluate(&a, cases[i][0]);
        if (!str_eq(got, str_from(cases[i][1])))
            fail_msg("%s: got %.*s, want %s", cases[i][0], STR_ARG(got), cases[i][1]);
    }
    arena_close(&a);
}

/* Eloquent makes a date of an attribute each time it is read. */
void test_a_model_s_date_is_another_object_each_time(void **state)
{
    (void)state;
    struct arena a = arena();
    struct error e = {0};
    struct php_value v;
    zone("Europe/Paris");
    struct php_object *row = php_object_new(&a, PHP_ROW, S("App\\Models\\Club"));
    const struct php_host host = {.locale = S("fr")};
    struct php_scope scope = {.vars = php_array_new(&a), .host = &host};
    php_array_put(&a, row->props, php_key_from(S("at")), php_date(&a, november));
    php_array_put(&a, scope.vars, php_key_from(S("c")), php_from_object(row));
    struct php_expr *x =
        php_parse(S("$c->at->addDay()->format('d ') . $c->at->format('d ') . "
                    "($c->at == $c->at) . ($c->at === $c->at) . $c->at->dayName"),
                  (struct php_place){"v", 1, 1}, &a, &e);
    assert_ok(x, e);
    assert_ok(php_eval(x, &scope, &a, &v, &e), e);
    assert_str(v.s, "24 23 1lundi");
    arena_close(&a);
}

/* === beside real Carbon === */

/* A case: zone, microseconds, locale, function, format, text, now. For a method or a
 * property the format is its name, for code all of it; an int says so. */
static struct str print_case(struct arena *a, const struct str *fields)
{
    struct error e = {0};
    struct php_value v;
    int64_t us = 0, now = 0;
    assert_true(str_to_i64(fields[1], &us) && str_to_i64(fields[6], &now));
    zone(str_z(a, fields[0]));
    struct str format = oracle_unhex(a, fields[4]), kind = fields[3], code;
    bool is_prop = str_eq(kind, S("prop"));
    if (is_prop || str_eq(kind, S("method")))
        code = str_fmt(a, "$d->locale($l)->%.*s%s", STR_ARG(format), is_prop ? "" : "()");
    else if (str_eq(kind, S("code")))
        code = format;
    else
        code = str_fmt(a, "$d->locale($l)->%.*s($f)", STR_ARG(kind));
    struct php_scope scope = {.vars = php_array_new(a)};
    php_array_put(a, scope.vars, (struct php_key){.s = S("d")},
                  date_new(a, us, str_eq(kind, S("code")) ? fields[2] : S("")));
    php_array_put(a, scope.vars, (struct php_key){.s = S("l")}, php_string(fields[2]));
    php_array_put(a, scope.vars, (struct php_key){.s = S("f")}, php_string(format));
    struct php_expr *x = php_parse(code, (struct php_place){"v", 1, 1}, a, &e);
    assert_ok(x, e);
    clock_freeze(now * 1000000);
    bool ok = php_eval(x, &scope, a, &v, &e);
    clock_freeze(-1);
    if (!ok && e.kind == ERR_UNSUPPORTED)
        return S("refused");
    assert_ok(ok, e);
    if (v.type == PHP_BOOL)
        return v.b ? S("true") : S("false");
    if (v.type == PHP_FLOAT)
        return php_dump(v, a);
    if (v.type == PHP_INT)
        return str_fmt(a, "int %lld", (long long)v.i);
    assert_int_equal(v.type, PHP_STRING);
    return v.s;
}

void test_dates_print_as_carbon_prints_them(void **state)
{
    (void)state;
    const char *vendor = oracle_vendor("dates beside Carbon");
    if (!vendor)
        return;
    const char *count = oracle_cases("6000");
    struct arena a = arena_open((size_t)1 << 30), tmp = arena_open(4 << 20);
    struct cut lines = {.tail = oracle_run(&a, "dates", vendor, oracle_seed(), count)};
    int cases = 0, refused = 0;
    for (; lines.tail.len; cases++) {
        struct str fields[7];
        lines = str_cut(lines.tail, '\n');
        assert_int_equal(oracle_fields(lines.head, fields, COUNT(fields)), 7);
        struct str got = print_case(&tmp, fields), want = oracle_unhex(&tmp, fields[5]);
        struct str format = oracle_unhex(&tmp, fields[4]);
        bool is_refused = str_eq(got, S("refused"));
        refused += is_refused;
        if (!is_refused && !str_eq(got, want))
            fail_msg("seed %s: %.*s %.*s %.*s %.*s \"%.*s\"\n got: %.*s\nwant: %.*s",
                     oracle_seed(), STR_ARG(fields[0]), STR_ARG(fields[1]),
                     STR_ARG(fields[2]), STR_ARG(fields[3]), STR_ARG(format),
                     STR_ARG(got), STR_ARG(want));
        arena_reset(&tmp);
    }
    int64_t wanted = 0;
    assert_true(str_to_i64(str_from(count), &wanted));
    assert_int_equal(cases, wanted);
    assert_true(refused <= cases / 100);
    oracle_say("dates", cases, refused);
    arena_close(&tmp);
    arena_close(&a);
}
