#include "test.h"

#include <math.h>

#include "facteur/php.h"

static struct arena arena(void)
{
    return arena_open((size_t)256 << 20);
}

static struct php_value text(const char *z)
{
    return php_string(str_from(z));
}

/* === arrays === */

void test_array_keeps_order_and_replaces_in_place(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_array *array = php_array_new(&a);
    for (int64_t i = 0; i < 1000; i++)
        php_array_put(&a, array, php_key_from(str_fmt(&a, "k%lld", (long long)i)),
                      php_int(i));
    for (int64_t i = 0; i < 1000; i += 3)
        php_array_put(&a, array, php_key_from(str_fmt(&a, "k%lld", (long long)i)),
                      php_int(-i));
    assert_int_equal(array->len, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        struct str name = str_fmt(&a, "k%lld", (long long)i);
        assert_true(str_eq(array->at[i].key.s, name));
        const struct php_value *v = php_array_lookup(array, php_key_from(name));
        assert_non_null(v);
        assert_true(v->i == (i % 3 ? i : -i));
    }
    assert_null(php_array_named(array, "k1000"));
    arena_close(&a);
}

void test_array_tells_int_and_string_keys_apart(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_array *array = php_array_new(&a);
    for (int64_t i = 0; i < 50; i++) {
        php_array_put(&a, array, php_key_int(i), php_int(i));
        struct php_key raw = {.s = str_fmt(&a, "%lld", (long long)i)};
        php_array_put(&a, array, raw, php_int(i + 100));
    }
    assert_int_equal(array->len, 100);
    assert_true(php_array_named(array, "7")->i == 7);
    assert_true(php_array_lookup(array, (struct php_key){.s = S("7")})->i == 107);
    arena_close(&a);
}

void test_array_push_follows_the_highest_key(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_array *array = php_array_new(&a);
    php_array_put(&a, array, php_key_from(S("x")), php_null());
    php_array_push(&a, array, php_int(1));
    php_array_put(&a, array, php_key_int(-9), php_null());
    php_array_put(&a, array, php_key_int(41), php_null());
    php_array_push(&a, array, php_int(2));
    assert_str(php_dump(php_from_array(array), &a),
               "[\"x\" => null, 0 => 1, -9 => null, 41 => null, 42 => 2]");
    php_array_put(&a, array, php_key_int(INT64_MAX), php_null());
    php_array_push(&a, array, php_int(3));
    assert_int_equal(array->len, 6);

    struct php_array *negative = php_array_new(&a);
    php_array_put(&a, negative, php_key_int(-7), php_null());
    php_array_push(&a, negative, php_int(1));
    assert_str(php_dump(php_from_array(negative), &a), "[-7 => null, -6 => 1]");
    arena_close(&a);
}

void test_key_from_makes_ints_of_what_php_does(void **state)
{
    (void)state;
    const char *ints[] = {"0", "12", "-5", "9223372036854775807", "-9223372036854775808"};
    const char *strings[] = {"",
                             "-",
                             "-0",
                             "012",
                             "+1",
                             "1.0",
                             " 1",
                             "1 ",
                             "1a",
                             "--1",
                             "-01",
                             "9223372036854775808",
                             "1e3",
                             "00",
                             "0x1",
                             "-9223372036854775809",
                             "99999999999999999999"};
    for (size_t i = 0; i < COUNT(ints); i++)
        assert_true(php_key_from(str_from(ints[i])).is_int);
    for (size_t i = 0; i < COUNT(strings); i++)
        assert_false(php_key_from(str_from(strings[i])).is_int);
    assert_true(php_key_from(S("-5")).i == -5);
}

void test_path_walks_nested_arrays(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_array *root = php_array_new(&a), *mail = php_array_new(&a);
    struct php_array *hosts = php_array_new(&a);
    php_array_push(&a, hosts, text("first"));
    php_array_put(&a, mail, php_key_from(S("hosts")), php_from_array(hosts));
    struct php_value cell = php_from_array(mail);
    php_array_put(&a, root, php_key_from(S("mail")),
                  (struct php_value){.type = PHP_REF, .ref = &cell});
    php_array_put(&a, root, php_key_from(S("a.b")), php_int(1));
    struct php_value v = php_from_array(root);
    assert_str(php_path(&v, "mail.hosts.0")->s, "first");
    assert_int_equal(php_path(&v, "a.b")->i, 1);
    assert_null(php_path(&v, "mail.hosts.1"));
    assert_null(php_path(&v, "mail.hosts.0.x"));
    assert_null(php_path(&v, "mail."));
    assert_null(php_path(&v, ""));
    arena_close(&a);
}

/* === objects === */

static void prop(struct arena *a, struct php_object *o, struct str name, int64_t i)
{
    php_array_put(a, o->props, (struct php_key){.s = name}, php_int(i));
}

void test_prop_prefers_what_is_nearer(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_object *o = php_object_new(&a, PHP_PLAIN, S("App\\Job"));
    prop(&a, o, S("\0App\\Base\0id"), 1);
    assert_int_equal(php_prop(o, S("id"))->i, 1);
    prop(&a, o, S("\0App\\Job\0id"), 2);
    assert_int_equal(php_prop(o, S("id"))->i, 2);
    prop(&a, o, S("\0*\0id"), 3);
    assert_int_equal(php_prop(o, S("id"))->i, 3);
    prop(&a, o, S("id"), 4);
    assert_int_equal(php_prop(o, S("id"))->i, 4);
    assert_null(php_prop(o, S("ID")));
    assert_null(php_prop(o, S("\0*\0id")));
    assert_null(php_prop(o, S("")));
    assert_str(php_dump(php_from_object(o), &a),
               "App\\Job {-App\\Base::id: 1, -id: 2, #id: 3, +id: 4}");
    assert_str(php_type_name(php_from_object(o)), "App\\Job");
    arena_close(&a);
}

/* === conversions === */

void test_truth_is_php_s(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_value none = php_from_array(php_array_new(&a));
    assert_false(php_truthy(php_null()));
    assert_false(php_truthy(php_float(-0.0)));
    assert_true(php_truthy(php_float((double)NAN)));
    assert_false(php_truthy(text("")));
    assert_false(php_truthy(text("0")));
    assert_true(php_truthy(text("0.0")));
    assert_true(php_truthy(text(" ")));
    assert_false(php_truthy(none));
    assert_true(php_truthy(php_from_object(php_object_new(&a, PHP_PLAIN, S("A")))));
    arena_close(&a);
}

void test_to_string_prints_floats_as_echo_does(void **state)
{
    (void)state;
    static const struct {
        double d;
        const char *want;
    } rows[] = {
        {0.1 + 0.2, "0.3"},
        {1.0, "1"},
        {1e14, "1.0E+14"},
        {1e15, "1.0E+15"},
        {1e13, "10000000000000"},
        {-0.0, "-0"},
        {0.0001, "0.0001"},
        {0.00001, "1.0E-5"},
        {-1.5e300, "-1.5E+300"},
        {123456789.12345678, "123456789.12346"},
        {2.5, "2.5"},
        {(double)INFINITY, "INF"},
        {-(double)INFINITY, "-INF"},
        {(double)NAN, "NAN"},
    };
    struct arena a = arena();
    struct error e = {0};
    struct str s;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_ok(php_to_string(php_float(rows[i].d), &a, &s, &e), e);
        assert_str(s, rows[i].want);
    }
    arena_close(&a);
}

void test_to_string_refuses_arrays_and_objects(void **state)
{
    (void)state;
    struct arena a = arena();
    struct error e = {0};
    struct str s;
    assert_false(php_to_string(php_from_array(php_array_new(&a)), &a, &s, &e));
    assert_string_equal(e.text, "Array to string conversion");
    err_clear(&e);
    struct php_value o = php_from_object(php_object_new(&a, PHP_PLAIN, S("App\\X")));
    assert_false(php_to_string(o, &a, &s, &e));
    assert_string_equal(e.text,
                        "Object of class App\\X could not be converted to string");
    arena_close(&a);
}

void test_casts_of_strings(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        int64_t i;
        double d;
    } rows[] = {
        {"12abc", 12, 12},
        {" 12", 12, 12},
        {"1e3", 1000, 1000},
        {"1e", 1, 1},
        {".5", 0, 0.5},
        {"-", 0, 0},
        {"", 0, 0},
        {"0x1A", 0, 0},
        {"\n-7.9z", -7, -7.9},
        {"1.", 1, 1},
        {".", 0, 0},
        {"9999999999999999999", INT64_MAX, 1e19},
        {"1e1000", 0, (double)INFINITY},
        {"-1e30", INT64_MIN, -1e30},
        {"1e-99999999999999999999", 0, 0},
        {"abc", 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(php_to_int(text(rows[i].s)) == rows[i].i);
        assert_true(php_to_float(text(rows[i].s)) == rows[i].d);
    }
    assert_true(php_to_int(php_float(1e19)) == -8446744073709551616);
    assert_true(php_to_int(php_float((double)NAN)) == 0);
}

void test_numbers_of_any_length_are_read_exactly(void **state)
{
    (void)state;
    struct arena a = arena();
    struct buf b = buf_new(&a, 1 << 20);
    /* Half way between 1 and the float above it, and a digit far behind that decides. */
    buf_add(&b, S("1.00000000000000011102230246251565404236316680908203125"));
    assert_true(php_to_float(php_string(buf_str(&b))) == 1.0);
    for (int i = 0; i < 5000; i++)
        buf_byte(&b, '0');
    buf_byte(&b, '1');
    assert_true(php_to_float(php_string(buf_str(&b))) == 1.0 + 0x1p-52);
    struct buf zeros = buf_new(&a, 1 << 20);
    buf_add(&zeros, S("0."));
    for (int i = 0; i < 5000; i++)
        buf_byte(&zeros, '0');
    buf_add(&zeros, S("25e5001"));
    assert_true(php_to_float(php_string(buf_str(&zeros))) == 2.5);
    arena_close(&a);
}

void test_numeric_allows_blanks_around_only(void **state)
{
    (void)state;
    struct php_value v;
    assert_true(php_numeric(S(" 12 \n"), &v) && v.type == PHP_INT && v.i == 12);
    assert_true(php_numeric(S("1.50"), &v) && v.type == PHP_FLOAT);
    assert_true(php_numeric(S("9223372036854775808"), &v) && v.type == PHP_FLOAT);
    const char *bad[] = {"", " ", "12a", "1e", "0x1", ".", "- 1", "1 2", "1e5.5"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(php_numeric(str_from(bad[i]), &v));
    assert_false(php_numeric((struct str){"1\0", 2}, &v));
}

/* === comparisons === */

void test_strings_compare_as_numbers_when_both_are(void **state)
{
    (void)state;
    assert_true(php_equal(text("1"), text("01")));
    assert_true(php_equal(text("10"), text("1e1")));
    assert_true(php_equal(text("1 "), text(" 1")));
    assert_false(php_equal(text("abc"), text("ABC")));
    assert_false(php_equal(text("9223372036854775808"), text("9223372036854775809")));
    assert_false(php_equal(text("1e1000"), text("1e1001")));
    assert_true(php_equal(php_int(0), text("0.0")));
    assert_false(php_equal(php_int(0), text("a")));
    assert_false(php_equal(php_int(0), text("")));
    assert_true(php_equal(php_null(), text("")));
    assert_false(php_equal(php_null(), text("0")));
    assert_true(php_equal(php_bool(false), text("0")));
    assert_int_equal(php_compare(text("abc"), php_null()), 1);
    assert_int_equal(php_compare(text("10"), text("9")), 1);
    assert_int_equal(php_compare(text("10a"), text("9a")), -1);
    assert_int_equal(php_compare(php_float((double)NAN), php_float((double)NAN)), 1);
}

static int by_seconds(const struct php_object *a, const struct php_object *b)
{
    const int *x = a->data, *y = b->data;
    return (*x > *y) - (*x < *y);
}

static bool as_text(const struct php_object *o, struct arena *perm, struct str *out,
                    struct error *e)
{
    (void)e;
    const int *seconds = o->data;
    *out = str_fmt(perm, "00:%02d", *seconds);
    return true;
}

void test_natives_compare_by_their_class(void **state)
{
    (void)state;
    static const struct php_class dates = {
        .name = "Date", .text = as_text, .compare = by_seconds};
    struct arena a = arena();
    int seconds[] = {5, 7, 5};
    struct php_value v[3];
    for (int i = 0; i < 3; i++) {
        struct php_object *o = php_object_new(&a, PHP_NATIVE, S("Date"));
        o->native = &dates;
        o->data = &seconds[i];
        v[i] = php_from_object(o);
    }
    assert_int_equal(php_compare(v[0], v[1]), -1);
    assert_true(php_equal(v[0], v[2]));
    assert_false(php_identical(v[0], v[2]));
    assert_true(php_equal(v[0], text("00:05")));
    assert_int_equal(php_compare(text("00:05"), v[1]), -1);
    assert_int_equal(php_compare(v[1], php_null()), 1);
    struct str s;
    struct error e = {0};
    assert_ok(php_to_string(v[1], &a, &s, &e), e);
    assert_str(s, "00:07");
    arena_close(&a);
}

void test_a_hole_says_why_where_its_value_is_needed(void **state)
{
    (void)state;
    struct arena a = arena();
    struct error why = {0}, e = {0};
    err_set(&why, ERR_UNSUPPORTED, "call of a closure");
    err_place(&why, "config/mail.php", 12, 5);
    struct php_value hole = {.type = PHP_HOLE, .hole = &why};
    struct str s;
    struct buf b = buf_new(&a, 100);
    assert_false(php_truthy(hole));
    assert_false(php_to_string(hole, &a, &s, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_int_equal(e.line, 12);
    err_clear(&e);
    assert_false(php_json(&b, hole, 0, &e));
    assert_string_equal(e.file, "config/mail.php");
    err_clear(&e);
    assert_false(php_serialize(&b, hole, &e));
    assert_string_equal(e.text, "call of a closure");
    assert_str(php_dump(hole, &a), "<unevaluated: call of a closure>");
    arena_close(&a);
}

void test_cycles_do_not_hang_anything(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_value roots[2];
    for (int i = 0; i < 2; i++) {
        struct php_object *o = php_object_new(&a, PHP_PLAIN, S("A"));
        struct php_array *list = php_array_new(&a);
        struct php_value *cell = NEW(&a, struct php_value, 1);
        *cell = php_from_array(list);
        php_array_push(&a, list, php_from_object(o));
        php_array_push(&a, list, (struct php_value){.type = PHP_REF, .ref = cell});
        php_array_put(&a, o->props, (struct php_key){.s = S("l")}, *cell);
        roots[i] = php_from_object(o);
    }
    assert_false(php_identical(roots[0], roots[1]));
    assert_int_equal(php_compare(roots[0], roots[1]), 1);
    assert_str(php_dump(roots[0], &a), "A {+l: [*RECURSION*, &*RECURSION*]}");
    struct buf b = buf_new(&a, 1 << 20);
    struct error e = {0};
    assert_false(php_json(&b, roots[0], 0, &e));
    arena_close(&a);
}

/* === JSON === */

void test_json_prints_as_json_encode(void **state)
{
    (void)state;
    struct arena a = arena();
    struct php_array *list = php_array_new(&a), *map = php_array_new(&a);
    php_array_push(&a, list, php_float(1.0));
    php_array_push(&a, list, php_float(1e25));
    php_array_push(&a, list, php_float(0.1));
    php_array_push(&a, list, text("é/\""));
    php_array_put(&a, map, php_key_int(3), php_from_array(list));
    php_array_put(&a, map, php_key_from(S("")), php_from_array(php_array_new(&a)));
    struct php_object *o = php_object_new(&a, PHP_PLAIN, S("A"));
    prop(&a, o, S("\0*\0hidden"), 1);
    prop(&a, o, S("shown"), 2);
    php_array_push(&a, map, php_from_object(o));
    php_array_push(&a, map, php_from_object(php_object_new(&a, PHP_PLAIN, S("A"))));
    struct error e = {0};
    struct buf b = buf_new(&a, 1 << 20);
    assert_ok(php_json(&b, php_from_array(map), 0, &e), e);
    assert_str(buf_str(&b), "{\"3\":[1,1.0e+25,0.1,\"\\u00e9\\/\\\"\"],\"\":[],"
                            "\"4\":{\"shown\":2},\"5\":{}}");
    arena_close(&a);
}

void test_json_refuses_what_php_refuses(void **state)
{
    (void)state;
    struct arena a = arena();
    struct buf b = buf_new(&a, 1 << 20), small = buf_new(&a, 3);
    struct error e = {0};
    assert_false(php_json(&b, php_float((double)INFINITY), 0, &e));
    assert_string_equal(e.text, "Inf and NaN cannot be JSON encoded");
    err_clear(&e);
    assert_false(php_json(&b, text("\xff"), 0, &e));
    err_clear(&e);
    assert_false(php_json(&small, text("long"), 0, &e));
    arena_close(&a);
}
