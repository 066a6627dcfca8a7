/* Numbers as text, both ways, by PHP's rules. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "php/values_imp.h"

static bool is_digit(struct str s, size_t i)
{
    return i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* === text → number === */

/* Where the parts of a number stand. */
struct parts {
    size_t start;    /* of the sign or first digit */
    size_t mantissa; /* of the first digit or point */
    size_t exponent; /* behind the mantissa */
    size_t end;
    bool integral; /* neither point nor exponent */
};

/* number = [sign] (digits ["." [digits]] | "." digits) [("e"|"E") [sign] digits] */
static bool find_parts(struct str s, struct parts *p)
{
    size_t i = 0;
    while (i < s.len && is_blank(s.ptr[i]))
        i++;
    p->start = i;
    if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
        i++;
    p->mantissa = i;
    p->integral = true;
    size_t digits = 0;
    for (; is_digit(s, i); i++)
        digits++;
    if (i < s.len && s.ptr[i] == '.' && (digits || is_digit(s, i + 1))) {
        p->integral = false;
        for (i++; is_digit(s, i); i++)
            digits++;
    }
    p->exponent = p->end = i;
    if (digits == 0)
        return false;
    if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
        i++;
        if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
            i++;
        if (is_digit(s, i)) {
            while (is_digit(s, i))
                i++;
            p->integral = false;
            p->end = i;
        }
    }
    return true;
}

/* How many digits can decide between two floats; a digit that stands for all that follow
 * decides the rest. */
enum { DECIDING_DIGITS = 780 };

/* The written exponent, cut at a size that is zero or infinity for any mantissa that a
 * string can hold. */
static int64_t written_exponent(struct str s, const struct parts *p)
{
    size_t i = p->exponent;
    if (i >= p->end)
        return 0;
    i++;
    bool minus = s.ptr[i] == '-';
    if (minus || s.ptr[i] == '+')
        i++;
    int64_t value = 0;
    for (; i < p->end; i++)
        if (value < (int64_t)1 << 50)
            value = value * 10 + (s.ptr[i] - '0');
    return minus ? -value : value;
}

/* strtod wants a terminated string, and s may be a lent piece of any length: so it gets
 * the digits that matter and the exponent that goes with them. */
static double to_double(struct str s, const struct parts *p)
{
    char text[DECIDING_DIGITS + 32];
    size_t len = 0;
    int64_t exponent = written_exponent(s, p);
    bool behind_point = false, dropped = false;
    if (s.ptr[p->start] == '-')
        text[len++] = '-';
    size_t first = len;
    for (size_t i = p->mantissa; i < p->exponent; i++) {
        char c = s.ptr[i];
        if (c == '.') {
            behind_point = true;
            continue;
        }
        bool leading_zero = c == '0' && len == first;
        bool kept = !leading_zero && len - first < DECIDING_DIGITS;
        if (kept)
            text[len++] = c;
        else
            dropped |= c != '0';
        exponent += !kept && !leading_zero;
        exponent -= behind_point;
    }
    if (dropped) {
        text[len++] = '1';
        exponent--;
    }
    if (len == first)
        text[len++] = '0';
    if (exponent > 99999)
        exponent = 99999;
    if (exponent < -99999)
        exponent = -99999;
    snprintf(text + len, sizeof(text) - len, "e%d", (int)exponent);
    return strtod(text, NULL);
}

/* Where the significant digits before a point or exponent are so many, PHP takes the
 * number for one that overflowed, whatever follows. */
enum { OVERFLOW_DIGITS = 20 };

static int significant_digits(struct str s, const struct parts *p)
{
    size_t i = p->mantissa;
    while (i < p->exponent && s.ptr[i] == '0')
        i++;
    int n = 0;
    for (; i < p->exponent && s.ptr[i] != '.' && n < OVERFLOW_DIGITS; i++)
        n++;
    return n;
}

size_t php_scan_number(struct str s, struct php_value *out, int *overflow)
{
    struct parts p;
    if (!find_parts(s, &p))
        return 0;
    int64_t i;
    bool fits = p.integral && str_to_i64(str_sub(s, p.start, p.end - p.start), &i);
    /* PHP takes the lowest int for one that overflowed when anything follows it. */
    if (fits && (i != INT64_MIN || p.end == s.len)) {
        *overflow = 0;
        *out = php_int(i);
        return p.end;
    }
    bool over = p.integral || significant_digits(s, &p) >= OVERFLOW_DIGITS;
    *overflow = !over ? 0 : s.ptr[p.start] == '-' ? -1 : 1;
    *out = php_float(to_double(s, &p));
    return p.end;
}

size_t php_scan_float(struct str s, double *out)
{
    struct parts p;
    if (!find_parts(s, &p))
        return 0;
    *out = to_double(s, &p);
    return p.end;
}

bool php_numeric(struct str s, struct php_value *out)
{
    int overflow;
    size_t i = php_scan_number(s, out, &overflow);
    if (i == 0)
        return false;
    while (i < s.len && is_blank(s.ptr[i]))
        i++;
    return i == s.len;
}

/* === casts === */

#define TWO_63 9223372036854775808.0 /* the first float above the ints */
#define TWO_64 18446744073709551616.0

/* A float outside of the ints wraps round, as (int) does on 64-bit machines. */
static int64_t wrap(double d)
{
    if (!isfinite(d))
        return 0;
    if (d >= -TWO_63 && d < TWO_63)
        return (int64_t)d;
    double rest = fmod(d, TWO_64);
    if (rest < 0)
        rest += TWO_64;
    return rest < TWO_64 ? (int64_t)(uint64_t)rest : 0;
}

/* In a string it is the nearest int instead, as strtol has it. */
static int64_t saturate(double d)
{
    if (!isfinite(d))
        return 0;
    if (d >= TWO_63)
        return INT64_MAX;
    return d < -TWO_63 ? INT64_MIN : (int64_t)d;
}

static int64_t string_to_int(struct str s)
{
    struct php_value v;
    int overflow;
    if (php_scan_number(s, &v, &overflow) == 0)
        return 0;
    return v.type == PHP_INT ? v.i : saturate(v.d);
}

int64_t php_to_int(struct php_value v)
{
    v = php_deref(v);
    switch (v.type) {
    case PHP_BOOL:
        return v.b;
    case PHP_INT:
        return v.i;
    case PHP_FLOAT:
        return wrap(v.d);
    case PHP_STRING:
        return string_to_int(v.s);
    case PHP_ARRAY:
        return v.a->len > 0;
    case PHP_OBJECT:
        return 1;
    case PHP_NULL:
    case PHP_REF:
    case PHP_HOLE:
        break;
    }
    return 0;
}

double php_to_float(struct php_value v)
{
    v = php_deref(v);
    double d = 0;
    if (v.type == PHP_STRING)
        php_scan_float(v.s, &d);
    else
        d = v.type == PHP_FLOAT ? v.d : (double)php_to_int(v);
    return d;
}

/* === number → text === */

/* 0.DIGITS × 10^point */
struct decimal {
    char digits[24];
    int len, point;
};

/* The value (not negative) correctly rounded to so many digits. */
static struct decimal rounded(double value, int digits)
{
    char text[40];
    struct decimal d = {0};
    snprintf(text, sizeof(text), "%.*e", digits - 1, value);
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9')
            d.digits[d.len++] = *p;
    d.point = (int)strtol(*p ? p + 1 : p, NULL, 10) + 1;
    return d;
}

static bool reads_back(const struct decimal *d, double value)
{
    char text[40];
    snprintf(text, sizeof(text), "0.%.*se%d", d->len, d->digits, d->point);
    return strtod(text, NULL) == value;
}

/* next_up adds one to the last digit; false: a carry out of the first. */
static bool next_up(struct decimal *d)
{
    for (int i = d->len - 1; i >= 0; i--) {
        if (d->digits[i] != '9') {
            d->digits[i]++;
            return true;
        }
        d->digits[i] = '0';
    }
    return false;
}

/* The fewest digits that read back to value. Fifteen are right if any fewer are, except
 * where floats get sparse near zero. At a power of two the floats below lie closer than
 * those above, so the next decimal up may read back where the nearest does not. */
static struct decimal shortest(double value)
{
    for (int digits = value < DBL_MIN ? 1 : 15; digits < 17; digits++) {
        struct decimal d = rounded(value, digits);
        if (reads_back(&d, value))
            return d;
        if (next_up(&d) && reads_back(&d, value))
            return d;
    }
    return rounded(value, 17);
}

/* More digits before the point, or more zeros behind it, ask for an exponent. */
static bool wants_exponent(const struct decimal *d, enum php_precision precision)
{
    return d->point < -3 || d->point > (precision == PHP_ECHO ? 14 : 17);
}

/* PHP's dtoa leaves the zeros of a whole number of 15 digits when it rounds the last one
 * down from exactly half: 100000000000005.0 is 1.0000000000000E+14. */
static bool keeps_zeros(double size)
{
    if (size < 1e14 || size >= 1e15 || size != floor(size))
        return false;
    int64_t n = (int64_t)size;
    return n % 10 == 5 && n / 10 % 2 == 0;
}

struct str php_float_text(double value, enum php_precision precision, char exponent,
                          char out[PHP_FLOAT_TEXT])
{
    if (isnan(value))
        return S("NAN");
    if (isinf(value))
        return value > 0 ? S("INF") : S("-INF");
    const char *sign = signbit(value) ? "-" : "";
    double size = fabs(value);
    struct decimal d = precision == PHP_ECHO ? rounded(size, 14) : shortest(size);
    bool whole = precision == PHP_ECHO && keeps_zeros(size);
    while (d.len > 1 && d.digits[d.len - 1] == '0' && !whole)
        d.len--;
    int n;
    if (size == 0)
        n = snprintf(out, PHP_FLOAT_TEXT, "%s0", sign);
    else if (wants_exponent(&d, precision))
        n = snprintf(out, PHP_FLOAT_TEXT, "%s%c.%.*s%c%+d", sign, d.digits[0],
                     d.len > 1 ? d.len - 1 : 1, d.len > 1 ? d.digits + 1 : "0", exponent,
                     d.point - 1);
    else if (d.point <= 0)
        n = snprintf(out, PHP_FLOAT_TEXT, "%s0.%.*s%.*s", sign, -d.point, "000", d.len,
                     d.digits);
    else if (d.len <= d.point)
        n = snprintf(out, PHP_FLOAT_TEXT, "%s%.*s%.*s", sign, d.len, d.digits,
                     d.point - d.len, "0000000000000000");
    else
        n = snprintf(out, PHP_FLOAT_TEXT, "%s%.*s.%.*s", sign, d.point, d.digits,
                     d.len - d.point, d.digits + d.point);
    return (struct str){out, (size_t)n};
}
