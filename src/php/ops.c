/* Operators on values, by PHP 8.2's rules. */
#include <math.h>

#include "php/expr_imp.h"
#include "php/values_imp.h"

enum { MAX_TEXT = 64 << 20 }; /* bytes of one string */

/* ORDER OP */
static const char *const op_names[] = {
    [OP_NONE] = "",          [OP_ADD] = "+",     [OP_SUB] = "-",
    [OP_MUL] = "*",          [OP_DIV] = "/",     [OP_MOD] = "%",
    [OP_POW] = "**",         [OP_CONCAT] = ".",  [OP_SHIFT_LEFT] = "<<",
    [OP_SHIFT_RIGHT] = ">>", [OP_BIT_AND] = "&", [OP_BIT_OR] = "|",
    [OP_BIT_XOR] = "^",
};

/* === operands === */

/* The operands as written, which the TypeError names. */
struct operands {
    enum php_op op;
    struct php_value a, b;
    struct error *e;
};

static bool unsupported_types(const struct operands *o)
{
    struct str a = php_type_name(o->a), b = php_type_name(o->b);
    return err_set(o->e, ERR_JOB, "Unsupported operand types: %.*s %s %.*s", STR_ARG(a),
                   op_names[o->op], STR_ARG(b));
}

static bool string_number(const struct operands *o, struct str s, struct php_value *out)
{
    int overflow;
    if (php_numeric(s, out))
        return true;
    if (php_scan_number(s, out, &overflow))
        return err_set(o->e, ERR_JOB, "A non-numeric value encountered");
    return unsupported_types(o);
}

/* number makes an operand of arithmetic an int or a float. */
static bool number(const struct operands *o, struct php_value v, struct php_value *out)
{
    switch (v.type) {
    case PHP_NULL:
    case PHP_BOOL:
        *out = php_int(php_to_int(v));
        return true;
    case PHP_INT:
    case PHP_FLOAT:
        *out = v;
        return true;
    case PHP_STRING:
        return string_number(o, v.s, out);
    default:
        return unsupported_types(o);
    }
}

/* integer makes an operand of %, shifts and bit operators an int. */
static bool integer(const struct operands *o, struct php_value v, int64_t *out)
{
    struct php_value n;
    if (!number(o, v, &n))
        return false;
    /* A string's float is cut at the ends of the ints, a float itself wraps. */
    *out = php_to_int(v.type == PHP_STRING ? v : n);
    return true;
}

/* === arithmetic === */

static double to_double(struct php_value v)
{
    return v.type == PHP_INT ? (double)v.i : v.d;
}

static struct php_value add(struct php_value a, struct php_value b)
{
    int64_t i;
    if (a.type == PHP_INT && b.type == PHP_INT && !__builtin_add_overflow(a.i, b.i, &i))
        return php_int(i);
    return php_float(to_double(a) + to_double(b));
}

static struct php_value subtract(struct php_value a, struct php_value b)
{
    int64_t i;
    if (a.type == PHP_INT && b.type == PHP_INT && !__builtin_sub_overflow(a.i, b.i, &i))
        return php_int(i);
    return php_float(to_double(a) - to_double(b));
}

static struct php_value multiply(struct php_value a, struct php_value b)
{
    int64_t i;
    if (a.type == PHP_INT && b.type == PHP_INT && !__builtin_mul_overflow(a.i, b.i, &i))
        return php_int(i);
    return php_float(to_double(a) * to_double(b));
}

static bool divide(struct php_value a, struct php_value b, struct php_value *out,
                   struct error *e)
{
    if (to_double(b) == 0)
        return err_set(e, ERR_JOB, "Division by zero");
    bool ints = a.type == PHP_INT && b.type == PHP_INT;
    if (ints && b.i == -1) /* the lowest int becomes a float */
        *out = subtract(php_int(0), a);
    else if (ints && a.i % b.i == 0)
        *out = php_int(a.i / b.i);
    else
        *out = php_float(to_double(a) / to_double(b));
    return true;
}

/* Squaring and multiplying; where the ints end, the rest goes on in floats, which decides
 * the last digits. */
static struct php_value int_power(int64_t base, int64_t exponent)
{
    int64_t result = 1, i;
    if (exponent < 0)
        return php_float(pow((double)base, (double)exponent));
    while (exponent > 0) {
        if (exponent % 2) {
            exponent--;
            if (__builtin_mul_overflow(result, base, &i))
                return php_float((double)result * (double)base *
                                 pow((double)base, (double)exponent));
            result = i;
        } else {
            exponent /= 2;
            if (__builtin_mul_overflow(base, base, &i))
                return php_float((double)result *
                                 pow((double)base * (double)base, (double)exponent));
            base = i;
        }
    }
    return php_int(result);
}

static struct php_value power(struct php_value a, struct php_value b)
{
    if (a.type == PHP_INT && b.type == PHP_INT)
        return int_power(a.i, b.i);
    return php_float(pow(to_double(a), to_double(b)));
}

/* `+` of arrays: what the right one has besides. */
static struct php_value unite(struct arena *perm, const struct php_array *a,
                              const struct php_array *b)
{
    struct php_array *out = php_array_new(perm);
    for (size_t i = 0; i < a->len; i++)
        php_array_copy(perm, out, &a->at[i], false);
    for (size_t i = 0; i < b->len; i++)
        if (!php_array_lookup(out, b->at[i].key))
            php_array_copy(perm, out, &b->at[i], false);
    return php_from_array(out);
}

static bool arithmetic(const struct operands *o, struct arena *perm,
                       struct php_value *out)
{
    struct php_value a, b;
    if (o->op == OP_ADD && o->a.type == PHP_ARRAY && o->b.type == PHP_ARRAY) {
        *out = unite(perm, o->a.a, o->b.a);
        return true;
    }
    if (!number(o, o->a, &a) || !number(o, o->b, &b))
        return false;
    switch (o->op) {
    case OP_ADD:
        *out = add(a, b);
        return true;
    case OP_SUB:
        *out = subtract(a, b);
        return true;
    case OP_MUL:
        *out = multiply(a, b);
        return true;
    case OP_DIV:
        return divide(a, b, out, o->e);
    default:
        *out = power(a, b);
        return true;
    }
}

/* === ints and bits === */

static bool modulo(int64_t a, int64_t b, struct php_value *out, struct error *e)
{
    if (b == 0)
        return err_set(e, ERR_JOB, "Modulo by zero");
    *out = php_int(b == -1 ? 0 : a % b);
    return true;
}

static bool shift(enum php_op op, int64_t a, int64_t by, struct php_value *out,
                  struct error *e)
{
    if (by < 0)
        return err_set(e, ERR_JOB, "Bit shift by negative number");
    if (by >= 64)
        *out = php_int(op == OP_SHIFT_RIGHT && a < 0 ? -1 : 0);
    else if (op == OP_SHIFT_LEFT)
        *out = php_int((int64_t)((uint64_t)a << by));
    else
        *out = php_int(a >> by);
    return true;
}

static bool integers(const struct operands *o, struct php_value *out)
{
    int64_t a, b;
    if (!integer(o, o->a, &a) || !integer(o, o->b, &b))
        return false;
    switch (o->op) {
    case OP_MOD:
        return modulo(a, b, out, o->e);
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
        return shift(o->op, a, b, out, o->e);
    case OP_BIT_AND:
        *out = php_int(a & b);
        return true;
    case OP_BIT_OR:
        *out = php_int(a | b);
        return true;
    default:
        *out = php_int(a ^ b);
        return true;
    }
}

static char bit_op(enum php_op op, char a, char b)
{
    return (char)(op == OP_BIT_AND ? a & b : op == OP_BIT_OR ? a | b : a ^ b);
}

/* Bit operators on two strings go byte by byte; | keeps the longer one's rest. */
static struct php_value bytewise(enum php_op op, struct str a, struct str b,
                                 struct arena *perm)
{
    size_t common = a.len < b.len ? a.len : b.len;
    size_t len = op == OP_BIT_OR ? a.len + b.len - common : common;
    char *out = NEW(perm, char, len + 1);
    for (size_t i = 0; i < common; i++)
        out[i] = bit_op(op, a.ptr[i], b.ptr[i]);
    const char *longer = a.len > b.len ? a.ptr : b.ptr;
    if (len > common)
        memcpy(out + common, longer + common, len - common);
    return php_string((struct str){out, len});
}

/* === comparison === */

/* A date against a string counts as its text. */
static bool native_text(struct php_value *v, struct php_value other, struct arena *perm,
                        struct error *e)
{
    bool has_text =
        v->type == PHP_OBJECT && v->o->kind == PHP_NATIVE && v->o->native->text;
    if (!has_text || other.type != PHP_STRING)
        return true;
    struct str s;
    if (!php_to_string(*v, perm, &s, e))
        return false;
    *v = php_string(s);
    return true;
}

enum { COMPARED_DEPTH = 32 }; /* deeper arrays are compared without a warning */

static bool comparable(struct php_value a, struct php_value b, int depth,
                       struct error *e);

/* Arrays of one length are compared element by element up to the first that differs. */
static bool comparable_arrays(const struct php_array *a, const struct php_array *b,
                              int depth, struct error *e)
{
    if (a->len != b->len || depth > COMPARED_DEPTH)
        return true;
    for (size_t i = 0; i < a->len; i++) {
        struct php_value x = php_deref(a->at[i].value);
        const struct php_value *y = php_array_lookup(b, a->at[i].key);
        if (!y)
            return true;
        bool nested = x.type == PHP_ARRAY || x.type == PHP_OBJECT ||
                      y->type == PHP_ARRAY || y->type == PHP_OBJECT;
        if (nested &&
            (!comparable(x, *y, depth + 1, e) || !comparable(*y, x, depth + 1, e)))
            return false;
        if (!php_equal(x, *y))
            return true;
    }
    return true;
}

static bool comparable(struct php_value a, struct php_value b, int depth, struct error *e)
{
    if (a.type == PHP_ARRAY && b.type == PHP_ARRAY)
        return comparable_arrays(a.a, b.a, depth, e);
    bool number = b.type == PHP_INT || b.type == PHP_FLOAT;
    bool is_row = a.type == PHP_OBJECT && a.o->kind == PHP_ROW;
    if (is_row && (b.type == PHP_STRING || (b.type == PHP_OBJECT && a.o != b.o)))
        return err_set(e, ERR_UNSUPPORTED,
                       "comparing the model %.*s by its contents is not supported",
                       STR_ARG(a.o->class_name));
    if (a.type != PHP_OBJECT || !number)
        return true;
    return err_set(e, ERR_JOB, "Object of class %.*s could not be converted to %s",
                   STR_ARG(a.o->class_name), b.type == PHP_INT ? "int" : "float");
}

bool php_comparable(struct php_value a, struct php_value b, struct error *e)
{
    return comparable(a, b, 0, e);
}

static bool compare(enum php_op op, struct php_value a, struct php_value b,
                    struct php_value *out)
{
    switch (op) {
    case OP_EQUAL:
        *out = php_bool(php_equal(a, b));
        return true;
    case OP_NOT_EQUAL:
        *out = php_bool(!php_equal(a, b));
        return true;
    case OP_SPACESHIP:
        *out = php_int(php_compare(a, b));
        return true;
    /* `a > b` is `b < a`, which matters for what cannot be compared. */
    case OP_LESS:
        *out = php_bool(php_compare(a, b) < 0);
        return true;
    case OP_LESS_EQUAL:
        *out = php_bool(php_compare(a, b) <= 0);
        return true;
    case OP_GREATER:
        *out = php_bool(php_compare(b, a) < 0);
        return true;
    default:
        *out = php_bool(php_compare(b, a) <= 0);
        return true;
    }
}

static bool concat(struct php_value a, struct php_value b, struct arena *perm,
                   struct php_value *out, struct error *e)
{
    struct str x, y;
    /* Where both fail, PHP's exception is that of the second. */
    if (!php_to_string(b, perm, &y, e) || !php_to_string(a, perm, &x, e))
        return false;
    if (x.len + y.len > MAX_TEXT)
        return err_set(e, ERR_JOB, "a string grows over %d bytes", MAX_TEXT);
    *out = php_string(str_join(perm, x, y));
    return true;
}

bool php_binary(enum php_op op, struct php_value a, struct php_value b,
                struct arena *perm, struct php_value *out, struct error *e)
{
    struct operands o = {op, a, b, e};
    switch (op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_POW:
        return arithmetic(&o, perm, out);
    case OP_BIT_AND:
    case OP_BIT_OR:
    case OP_BIT_XOR:
        if (a.type != PHP_STRING || b.type != PHP_STRING)
            return integers(&o, out);
        *out = bytewise(op, a.s, b.s, perm);
        return true;
    case OP_MOD:
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
        return integers(&o, out);
    case OP_CONCAT:
        return concat(a, b, perm, out, e);
    case OP_XOR:
        *out = php_bool(php_truthy(a) != php_truthy(b));
        return true;
    case OP_IDENTICAL:
        *out = php_bool(php_identical(a, b));
        return true;
    case OP_NOT_IDENTICAL:
        *out = php_bool(!php_identical(a, b));
        return true;
    default:
        return php_comparable(a, b, e) && php_comparable(b, a, e) &&
               native_text(&a, b, perm, e) && native_text(&b, a, perm, e) &&
               compare(op, a, b, out);
    }
}

/* === unary operators === */

static bool bit_not(struct php_value a, struct arena *perm, struct php_value *out,
                    struct error *e)
{
    if (a.type == PHP_INT || a.type == PHP_FLOAT) {
        *out = php_int(~php_to_int(a));
        return true;
    }
    struct str type = php_type_name(a);
    if (a.type != PHP_STRING)
        return err_set(e, ERR_JOB, "Cannot perform bitwise not on %.*s", STR_ARG(type));
    char *bytes = NEW(perm, char, a.s.len + 1);
    for (size_t i = 0; i < a.s.len; i++)
        bytes[i] = (char)~a.s.ptr[i];
    *out = php_string((struct str){bytes, a.s.len});
    return true;
}

static bool to_array(struct php_value a, struct arena *perm, struct php_value *out,
                     struct error *e)
{
    if (a.type == PHP_OBJECT && a.o->kind != PHP_PLAIN)
        return err_set(e, ERR_UNSUPPORTED, "(array) of an object is not supported");
    *out = a;
    if (a.type == PHP_ARRAY)
        return true;
    struct php_array *array = php_array_new(perm);
    for (size_t i = 0; a.type == PHP_OBJECT && i < a.o->props->len; i++) {
        const struct php_entry *prop = &a.o->props->at[i];
        struct php_key k = prop->key.is_int ? prop->key : php_key_from(prop->key.s);
        php_array_put(perm, array, k, prop->value);
    }
    if (a.type != PHP_NULL && a.type != PHP_OBJECT)
        php_array_push(perm, array, a);
    *out = php_from_array(array);
    return true;
}

static bool to_number(enum php_op op, struct php_value a, struct php_value *out,
                      struct error *e)
{
    const char *type = op == OP_TO_INT ? "int" : "float";
    if (a.type == PHP_OBJECT)
        return err_set(e, ERR_JOB, "Object of class %.*s could not be converted to %s",
                       STR_ARG(a.o->class_name), type);
    *out = op == OP_TO_INT ? php_int(php_to_int(a)) : php_float(php_to_float(a));
    return true;
}

bool php_unary(enum php_op op, struct php_value a, struct arena *perm,
               struct php_value *out, struct error *e)
{
    struct str s;
    switch (op) {
    case OP_NOT:
        *out = php_bool(!php_truthy(a));
        return true;
    case OP_MINUS:
        return php_binary(OP_MUL, a, php_int(-1), perm, out, e);
    case OP_PLUS:
        return php_binary(OP_MUL, a, php_int(1), perm, out, e);
    case OP_BIT_NOT:
        return bit_not(a, perm, out, e);
    case OP_TO_INT:
    case OP_TO_FLOAT:
        return to_number(op, a, out, e);
    case OP_TO_BOOL:
        *out = php_bool(php_truthy(a));
        return true;
    case OP_TO_ARRAY:
        return to_array(a, perm, out, e);
    default:
        if (!php_to_string(a, perm, &s, e))
            return false;
        *out = php_string(s);
        return true;
    }
}

/* === keys === */

bool php_as_key(struct php_value v, struct php_key *k)
{
    v = php_deref(v);
    switch (v.type) {
    case PHP_NULL:
        *k = (struct php_key){.s = S("")};
        return true;
    case PHP_STRING:
        *k = php_key_from(v.s);
        return true;
    case PHP_BOOL:
    case PHP_INT:
    case PHP_FLOAT:
        *k = php_key_int(php_to_int(v));
        return true;
    default:
        return false;
    }
}

struct php_value php_key_value(struct php_key k)
{
    return k.is_int ? php_int(k.i) : php_string(k.s);
}
