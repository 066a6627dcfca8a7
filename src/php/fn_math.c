/* Functions of numbers. */
#include <float.h>
#include <math.h>

#include "php/expr_imp.h"
#include "php/fn_imp.h"

/* === round ===
 *
 * PHP 8.2 rounds to the 15 digits that a float certainly has before it rounds to the
 * places asked for, so that 1.005 becomes 1.01. */

static double power_of_ten(int n)
{
    return n >= 0 && n <= 22 ? (double[]){1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                          1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}[n]
                             : pow(10, n);
}

static double scale(double value, int places)
{
    return places >= 0 ? value * power_of_ten(places) : value / power_of_ten(-places);
}

static double half_up(double value)
{
    return value >= 0 ? floor(value + 0.5) : ceil(value - 0.5);
}

double php_round(double value, int places)
{
    enum { MOST = 4 * DBL_DIG };
    if (!isfinite(value) || value == 0)
        return value;
    int certain = 14 - (int)floor(log10(fabs(value)));
    double rounded;
    if (certain > places && certain - 15 < places) {
        int use = certain > MOST ? MOST : certain < -MOST ? -MOST : certain;
        rounded = half_up(scale(value, use));
        use = places - use < -MOST ? -MOST : places - use;
        rounded = rounded / power_of_ten(-use);
    } else {
        rounded = scale(value, places);
        if (fabs(rounded) >= 1e15)
            return value;
    }
    /* A value that is a whole number already needs no second rounding. */
    rounded = half_up(rounded);
    return scale(rounded, -places);
}

static bool number_arg(struct php_call *c, const char *param, struct php_value *out)
{
    struct php_value v = c->args[0];
    bool numeric = v.type == PHP_STRING && php_numeric(v.s, out);
    if (v.type == PHP_INT || v.type == PHP_FLOAT)
        *out = v;
    else if (v.type == PHP_NULL || v.type == PHP_BOOL)
        *out = php_int(php_to_int(v));
    else if (!numeric)
        return fn_type_error(c, 0, param, "int|float");
    return true;
}

/* round($num, $precision = 0): always a float. */
static bool call_round(struct php_call *c)
{
    struct php_value v;
    int64_t places = 0, mode = 1;
    if (!number_arg(c, "num", &v) || !fn_int(c, 1, "precision", &places) ||
        !fn_int(c, 2, "mode", &mode))
        return false;
    if (mode != 1 || places > 1000 || places < -1000)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "round() to %lld places in mode %lld is not supported",
                       (long long)places, (long long)mode);
    if (v.type == PHP_INT && places >= 0)
        return fn_return(c, php_float((double)v.i));
    return fn_return(c, php_float(php_round(php_to_float(v), (int)places)));
}

static bool call_floor(struct php_call *c)
{
    struct php_value v;
    return number_arg(c, "num", &v) && fn_return(c, php_float(floor(php_to_float(v))));
}

static bool call_ceil(struct php_call *c)
{
    struct php_value v;
    return number_arg(c, "num", &v) && fn_return(c, php_float(ceil(php_to_float(v))));
}

static bool call_abs(struct php_call *c)
{
    struct php_value v;
    if (!number_arg(c, "num", &v))
        return false;
    if (v.type == PHP_FLOAT || v.i == INT64_MIN)
        return fn_return(c, php_float(fabs(php_to_float(v))));
    return fn_return(c, php_int(v.i < 0 ? -v.i : v.i));
}

/* intdiv($num1, $num2) */
static bool call_intdiv(struct php_call *c)
{
    int64_t a = 0, b = 0;
    if (!fn_int(c, 0, "num1", &a) || !fn_int(c, 1, "num2", &b))
        return false;
    if (b == 0)
        return err_set(c->e, ERR_JOB, "Division by zero");
    if (a == INT64_MIN && b == -1)
        return err_set(c->e, ERR_JOB, "Division of PHP_INT_MIN by -1 is not an integer");
    return fn_return(c, php_int(a / b));
}

/* extreme serves min and max, of one array or of several values: among equal ones the
 * first. `sign` is that of a later value's comparison which makes it win. */
static bool extreme(struct php_call *c, int sign)
{
    struct php_value best = php_null();
    const struct php_array *a = NULL;
    if (c->len == 1) {
        if (!fn_array_arg(c, 0, "value", &a))
            return false;
        if (a->len == 0)
            return err_set(c->e, ERR_JOB,
                           "%s(): Argument #1 ($value) must contain at "
                           "least one element",
                           c->name);
    }
    size_t len = a ? a->len : c->len;
    for (size_t i = 0; i < len; i++) {
        struct php_value v = a ? php_deref(a->at[i].value) : c->args[i];
        if (i > 0 && (!php_comparable(best, v, c->e) || !php_comparable(v, best, c->e)))
            return false;
        bool wins = i == 0 || php_compare(v, best) == sign;
        if (wins)
            best = v;
    }
    return fn_return(c, best);
}

static bool call_min(struct php_call *c)
{
    return extreme(c, -1);
}

static bool call_max(struct php_call *c)
{
    return extreme(c, 1);
}

static bool call_pow(struct php_call *c)
{
    return php_binary(OP_POW, c->args[0], c->args[1], c->perm, c->result, c->e);
}

typedef double real_fn(double);

static bool of_float(struct php_call *c, real_fn *fn)
{
    double d = 0;
    return fn_float(c, 0, "num", &d) && fn_return(c, php_float(fn(d)));
}

static bool call_sqrt(struct php_call *c)
{
    return of_float(c, sqrt);
}

static bool call_pi(struct php_call *c)
{
    return fn_return(c, php_float(3.14159265358979323846));
}

static bool call_fmod(struct php_call *c)
{
    double a = 0, b = 0;
    return fn_float(c, 0, "num1", &a) && fn_float(c, 1, "num2", &b) &&
           fn_return(c, php_float(fmod(a, b)));
}

static bool call_fdiv(struct php_call *c)
{
    double a = 0, b = 0;
    return fn_float(c, 0, "num1", &a) && fn_float(c, 1, "num2", &b) &&
           fn_return(c, php_float(a / b));
}

static bool call_is_nan(struct php_call *c)
{
    double d = 0;
    return fn_float(c, 0, "num", &d) && fn_return(c, php_bool(isnan(d)));
}

static bool call_is_finite(struct php_call *c)
{
    double d = 0;
    return fn_float(c, 0, "num", &d) && fn_return(c, php_bool(isfinite(d)));
}

static bool call_is_infinite(struct php_call *c)
{
    double d = 0;
    return fn_float(c, 0, "num", &d) && fn_return(c, php_bool(isinf(d)));
}

/* An int in another base: its bits, as if it had no sign. */
static bool in_base(struct php_call *c, unsigned bits)
{
    char text[64];
    int64_t n = 0;
    if (!fn_int(c, 0, "num", &n))
        return false;
    size_t at = sizeof(text);
    for (uint64_t rest = (uint64_t)n; at == sizeof(text) || rest; rest >>= bits)
        text[--at] = "0123456789abcdef"[rest & ((1u << bits) - 1)];
    return fn_return_text(c,
                          str_copy(c->perm, (struct str){text + at, sizeof(text) - at}));
}

static bool call_dechex(struct php_call *c)
{
    return in_base(c, 4);
}

static bool call_decbin(struct php_call *c)
{
    return in_base(c, 1);
}

static bool call_decoct(struct php_call *c)
{
    return in_base(c, 3);
}

const struct php_function fn_math[] = {
    {"pow", 2, 2, call_pow},
    {"sqrt", 1, 1, call_sqrt},
    {"pi", 0, 0, call_pi},
    {"fmod", 2, 2, call_fmod},
    {"fdiv", 2, 2, call_fdiv},
    {"is_nan", 1, 1, call_is_nan},
    {"is_finite", 1, 1, call_is_finite},
    {"is_infinite", 1, 1, call_is_infinite},
    {"dechex", 1, 1, call_dechex},
    {"decbin", 1, 1, call_decbin},
    {"decoct", 1, 1, call_decoct},
    {"round", 1, 3, call_round},
    {"floor", 1, 1, call_floor},
    {"ceil", 1, 1, call_ceil},
    {"abs", 1, 1, call_abs},
    {"intdiv", 2, 2, call_intdiv},
    {"min", 1, -1, call_min},
    {"max", 1, -1, call_max},
    {NULL, 0, 0, NULL},
};
