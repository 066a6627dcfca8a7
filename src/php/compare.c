/* ===, == and <=> by the rules of PHP 8.2. */
#include <math.h>
#include <stdio.h>

#include "php/values_imp.h"

/* Objects may be shared, so that a small payload can describe a graph whose paths never
 * end. A comparison gives up after so many values: "uncomparable". */
enum { MAX_STEPS = 1000000, UNCOMPARABLE = 1 };

struct walk {
    int depth;
    int steps;
};

static bool enter(struct walk *w)
{
    return w->depth < PHP_MAX_DEPTH && ++w->steps <= MAX_STEPS;
}

/* What a value counts as here: references are seen through, a hole is null. */
static struct php_value plain(struct php_value v)
{
    v = php_deref(v);
    return v.type == PHP_HOLE ? php_null() : v;
}

static bool same_object(const struct php_object *a, const struct php_object *b)
{
    if (a == b)
        return true;
    /* A case of an enum is one object in a PHP process. */
    return a->kind == PHP_ENUM && b->kind == PHP_ENUM &&
           str_ieq(a->class_name, b->class_name) && str_eq(a->payload, b->payload);
}

/* === identical === */

static bool same(struct walk *w, struct php_value a, struct php_value b);

static bool same_key(const struct php_key *a, const struct php_key *b)
{
    if (a->is_int || b->is_int)
        return a->is_int && b->is_int && a->i == b->i;
    return str_eq(a->s, b->s);
}

static bool same_array(struct walk *w, const struct php_array *a,
                       const struct php_array *b)
{
    if (a == b)
        return true;
    if (a->len != b->len)
        return false;
    bool ok = true;
    w->depth++;
    for (size_t i = 0; ok && i < a->len; i++)
        ok = same_key(&a->at[i].key, &b->at[i].key) &&
             same(w, a->at[i].value, b->at[i].value);
    w->depth--;
    return ok;
}

static bool same(struct walk *w, struct php_value a, struct php_value b)
{
    a = plain(a);
    b = plain(b);
    if (a.type != b.type || !enter(w))
        return false;
    switch (a.type) {
    case PHP_BOOL:
        return a.b == b.b;
    case PHP_INT:
        return a.i == b.i;
    case PHP_FLOAT:
        return a.d == b.d;
    case PHP_STRING:
        return str_eq(a.s, b.s);
    case PHP_ARRAY:
        return same_array(w, a.a, b.a);
    case PHP_OBJECT:
        return same_object(a.o, b.o);
    case PHP_NULL:
    case PHP_REF:
    case PHP_HOLE:
        break;
    }
    return true;
}

bool php_identical(struct php_value a, struct php_value b)
{
    struct walk w = {0};
    return same(&w, a, b);
}

/* === numbers and strings === */

static int order_ints(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_floats(double a, double b)
{
    return a == b ? 0 : a < b ? -1 : 1; /* NAN: 1 */
}

static int order_bytes(struct str a, struct str b)
{
    int c = str_cmp(a, b);
    return (c > 0) - (c < 0);
}

static double as_float(struct php_value v)
{
    return v.type == PHP_INT ? (double)v.i : v.d;
}

static int order_numbers(struct php_value a, struct php_value b)
{
    if (a.type == PHP_INT && b.type == PHP_INT)
        return order_ints(a.i, b.i);
    return order_floats(as_float(a), as_float(b));
}

/* A numeric string, and on which side of the ints it overflowed (0: it did not). */
struct numeric {
    struct php_value v;
    int overflow;
};

static bool numeric(struct str s, struct numeric *n)
{
    return php_numeric(s, &n->v) && php_scan_number(s, &n->v, &n->overflow) > 0;
}

static int order_strings(struct str a, struct str b)
{
    struct numeric x, y;
    if (!numeric(a, &x) || !numeric(b, &y))
        return order_bytes(a, b);
    bool floats = x.v.type == PHP_FLOAT && y.v.type == PHP_FLOAT;
    bool equal = floats && x.v.d == y.v.d;
    /* Ids too long for an int, and infinities, say nothing as floats. */
    if (equal && ((x.overflow && x.overflow == y.overflow) || isinf(x.v.d)))
        return order_bytes(a, b);
    /* An int against one that overflowed: no float decides that. */
    if (x.v.type == PHP_INT && y.overflow)
        return -y.overflow;
    if (y.v.type == PHP_INT && x.overflow)
        return x.overflow;
    return order_numbers(x.v, y.v);
}

static int order_number_string(struct php_value n, struct str s)
{
    struct php_value v;
    if (n.type == PHP_FLOAT && isnan(n.d))
        return 1;
    if (php_numeric(s, &v))
        return order_numbers(n, v);
    char text[PHP_FLOAT_TEXT];
    if (n.type == PHP_FLOAT)
        return order_bytes(php_float_text(n.d, PHP_ECHO, 'E', text), s);
    int len = snprintf(text, sizeof(text), "%lld", (long long)n.i);
    return order_bytes((struct str){text, (size_t)len}, s);
}

/* === arrays and objects === */

static int order(struct walk *w, struct php_value a, struct php_value b);

/* The longer array is greater; a key that b does not have makes them uncomparable. */
static int order_arrays(struct walk *w, const struct php_array *a,
                        const struct php_array *b)
{
    if (a == b)
        return 0;
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    int result = 0;
    w->depth++;
    for (size_t i = 0; result == 0 && i < a->len; i++) {
        const struct php_value *other = php_array_lookup(b, a->at[i].key);
        result = other ? order(w, a->at[i].value, *other) : UNCOMPARABLE;
    }
    w->depth--;
    return result;
}

static int order_objects(struct walk *w, const struct php_object *a,
                         const struct php_object *b)
{
    if (same_object(a, b))
        return 0;
    if (a->kind == PHP_ENUM || b->kind == PHP_ENUM)
        return UNCOMPARABLE;
    if (a->kind == PHP_NATIVE && b->kind == PHP_NATIVE && a->native == b->native &&
        a->native->compare)
        return a->native->compare(a, b);
    if (!str_ieq(a->class_name, b->class_name) || !str_eq(a->payload, b->payload))
        return UNCOMPARABLE;
    return order_arrays(w, a->props, b->props);
}

/* What prints itself compares with a string as its text. The text is that of a date: the
 * memory is for its length. */
static int order_text(const struct php_object *o, struct str s)
{
    enum { TEXT_MAX = 64 << 10 };
    struct arena tmp = arena_open(TEXT_MAX);
    struct error e = {0};
    struct str text;
    int result = UNCOMPARABLE;
    if (o->native->text(o, &tmp, &text, &e))
        result = order_strings(text, s);
    arena_close(&tmp);
    return result;
}

static bool has_text(struct php_value v)
{
    return v.type == PHP_OBJECT && v.o->kind == PHP_NATIVE && v.o->native->text;
}

/* === everything against everything === */

static bool is_number(struct php_value v)
{
    return v.type == PHP_INT || v.type == PHP_FLOAT;
}

static int order_alike(struct walk *w, struct php_value a, struct php_value b)
{
    switch (a.type) {
    case PHP_STRING:
        return order_strings(a.s, b.s);
    case PHP_ARRAY:
        return order_arrays(w, a.a, b.a);
    case PHP_OBJECT:
        return order_objects(w, a.o, b.o);
    default:
        return order_ints(php_truthy(a), php_truthy(b));
    }
}

static bool is_enum(struct php_value v)
{
    return v.type == PHP_OBJECT && v.o->kind == PHP_ENUM;
}

/* Where one of two that are not alike is an object: it counts as 1 among numbers, is true
 * among bools, and greater than the rest. */
static int order_with_object(struct php_value a, struct php_value b)
{
    if (is_enum(a) || is_enum(b))
        return a.type == PHP_NULL ? -1 : UNCOMPARABLE;
    if (is_number(a) || is_number(b))
        return order_numbers(is_number(a) ? a : php_int(1),
                             is_number(b) ? b : php_int(1));
    if (a.type <= PHP_BOOL || b.type <= PHP_BOOL)
        return order_ints(php_truthy(a), php_truthy(b));
    if (has_text(a) && b.type == PHP_STRING)
        return order_text(a.o, b.s);
    if (has_text(b) && a.type == PHP_STRING)
        return -order_text(b.o, a.s);
    return a.type == PHP_OBJECT ? 1 : -1;
}

static int order(struct walk *w, struct php_value a, struct php_value b)
{
    a = plain(a);
    b = plain(b);
    if (!enter(w))
        return UNCOMPARABLE;
    if (is_number(a) && is_number(b))
        return order_numbers(a, b);
    if (a.type == b.type)
        return order_alike(w, a, b);
    if (a.type == PHP_OBJECT || b.type == PHP_OBJECT)
        return order_with_object(a, b);
    if (a.type == PHP_NULL && b.type == PHP_STRING)
        return b.s.len == 0 ? 0 : -1;
    if (a.type == PHP_STRING && b.type == PHP_NULL)
        return a.s.len == 0 ? 0 : 1;
    if (is_number(a) && b.type == PHP_STRING)
        return order_number_string(a, b.s);
    if (a.type == PHP_STRING && is_number(b)) {
        bool nan = b.type == PHP_FLOAT && isnan(b.d);
        return nan ? 1 : -order_number_string(b, a.s);
    }
    /* null and bool compare as bools; else an array is greater than anything. */
    if (a.type <= PHP_BOOL || b.type <= PHP_BOOL)
        return order_ints(php_truthy(a), php_truthy(b));
    return a.type == PHP_ARRAY ? 1 : -1;
}

int php_compare(struct php_value a, struct php_value b)
{
    struct walk w = {0};
    return order(&w, a, b);
}

bool php_equal(struct php_value a, struct php_value b)
{
    return php_compare(a, b) == 0;
}
