/* Numbers and templates as text: sprintf, number_format, json_encode. */
#include <math.h>
#include <stdio.h>

#include "php/expr_imp.h"
#include "php/fn_imp.h"

enum { MAX_PRECISION = 53, MAX_DECIMALS = 100, MAX_WIDTH = 1 << 20, FLOAT_TEXT = 400 };

/* === sprintf === */

/* One conversion: %[argnum$][flags][width][.precision]specifier. */
struct conversion {
    int64_t arg; /* from 0; -1: the next one */
    bool left, plus;
    char pad;
    int64_t width, precision; /* precision -1: none */
    char specifier;
};

struct format {
    struct php_call *c;
    struct str rest; /* behind the "%" */
    struct buf out;
    size_t next;         /* argument */
    struct error failed; /* a conversion that failed: PHP goes on to the format's end */
};

static int64_t read_digits(struct str *s)
{
    int64_t n = 0;
    while (s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9') {
        n = n < INT32_MAX ? n * 10 + (s->ptr[0] - '0') : INT32_MAX;
        *s = str_skip(*s, 1);
    }
    return n;
}

static bool read_argument(struct format *f, struct conversion *v)
{
    struct str s = f->rest;
    v->arg = -1;
    size_t before = s.len;
    int64_t number = read_digits(&s);
    if (s.len == before || s.len == 0 || s.ptr[0] != '$')
        return true;
    if (number == 0 || number >= INT32_MAX)
        return err_set(f->c->e, ERR_JOB,
                       "Argument number specifier must be greater than zero and less "
                       "than 2147483647");
    v->arg = number - 1;
    f->rest = str_skip(s, 1);
    return true;
}

static void read_flags(struct format *f, struct conversion *v)
{
    for (; f->rest.len; f->rest = str_skip(f->rest, 1)) {
        char c = f->rest.ptr[0];
        if (c == '-') {
            v->left = true;
        } else if (c == '+') {
            v->plus = true;
        } else if (c == ' ' || c == '0') {
            v->pad = c;
        } else if (c == '\'' && f->rest.len > 1) {
            f->rest = str_skip(f->rest, 1);
            v->pad = f->rest.ptr[0];
        } else {
            return;
        }
    }
}

static bool read_conversion(struct format *f, struct conversion *v)
{
    *v = (struct conversion){.pad = ' ', .precision = -1};
    if (!read_argument(f, v))
        return false;
    read_flags(f, v);
    v->width = read_digits(&f->rest);
    if (str_starts(f->rest, S("."))) {
        f->rest = str_skip(f->rest, 1);
        size_t before = f->rest.len;
        int64_t precision = read_digits(&f->rest);
        v->precision = f->rest.len < before ? precision : -1; /* "%.f" has none */
    }
    if (str_starts(f->rest, S("l")))
        f->rest = str_skip(f->rest, 1);
    if (v->width > MAX_WIDTH || v->precision > MAX_WIDTH)
        return err_set(f->c->e, ERR_UNSUPPORTED,
                       "%s() with such a width is not "
                       "supported",
                       f->c->name);
    if (f->rest.len == 0)
        return err_set(f->c->e, ERR_JOB, "Missing format specifier at end of string");
    v->specifier = f->rest.ptr[0];
    f->rest = str_skip(f->rest, 1);
    return true;
}

/* add_padded fills up to the width; zeros go behind the sign. */
static void add_padded(struct format *f, const struct conversion *v, struct str s,
                       bool is_number)
{
    size_t width = (size_t)v->width, fill = width > s.len ? width - s.len : 0;
    bool sign = is_number && s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
    if (v->left) {
        buf_add(&f->out, s);
        for (; fill > 0; fill--)
            buf_byte(&f->out, v->pad);
        return;
    }
    if (sign && v->pad == '0') {
        buf_byte(&f->out, s.ptr[0]);
        s = str_skip(s, 1);
    }
    for (; fill > 0; fill--)
        buf_byte(&f->out, v->pad);
    buf_add(&f->out, s);
}

/* On the right an int is not filled up with zeros, which would change it. */
static void add_int(struct format *f, const struct conversion *v, struct str s)
{
    struct conversion blank = *v;
    if (v->left && v->pad == '0')
        blank.pad = ' ';
    add_padded(f, &blank, s, true);
}

/* Bits as digits of 1, 3 or 4 bits each; a precision leaves PHP with none of them. */
static void add_bits(struct format *f, const struct conversion *v, uint64_t bits,
                     int each, const char *digits)
{
    char text[64];
    size_t at = sizeof(text);
    do {
        text[--at] = digits[bits & ((1u << each) - 1)];
        bits >>= each;
    } while (bits);
    if (v->precision >= 0)
        at = sizeof(text);
    add_padded(f, v, (struct str){text + at, sizeof(text) - at}, false);
}

/* C pads an exponent to two digits, PHP does not. */
static size_t exponent_text(char *text, size_t size, int precision, double d, char letter)
{
    size_t len = (size_t)snprintf(text, size, "%.*e", precision, d);
    char *e = memchr(text, 'e', len);
    if (!e)
        return len;
    *e = letter;
    if (len - (size_t)(e - text) > 3 && e[2] == '0') {
        memmove(e + 2, e + 3, len - (size_t)(e + 3 - text));
        len--;
    }
    return len;
}

/* PHP's INF and NaN are never filled up; a sign that zeros would stand behind takes the
 * place of their first letter, and any other is lost. */
static void add_infinite(struct format *f, const struct conversion *v, double d)
{
    bool negative = d < 0, sign = !v->left && v->pad == '0' && (negative || v->plus);
    struct str s = isnan(d) ? S("NaN") : S("INF");
    if (sign)
        buf_byte(&f->out, negative ? '-' : '+');
    buf_add(&f->out, str_skip(s, sign));
}

static bool add_float(struct format *f, const struct conversion *v, double d)
{
    char text[FLOAT_TEXT];
    int precision = v->precision < 0 ? 6 : (int)v->precision;
    if (precision > MAX_PRECISION)
        return err_set(f->c->e, ERR_JOB,
                       "Requested precision of %d digits was truncated "
                       "to PHP maximum of %d digits",
                       precision, MAX_PRECISION);
    if (!isfinite(d)) {
        add_infinite(f, v, d);
        return true;
    }
    d += 0.0; /* -0.0 has no sign in PHP */
    bool plus = v->plus && !signbit(d);
    char *number = text + plus;
    size_t len;
    text[0] = '+';
    if (v->specifier == 'e' || v->specifier == 'E')
        len = exponent_text(number, sizeof(text) - 1, precision, d, v->specifier);
    else
        len = (size_t)snprintf(number, sizeof(text) - 1, "%.*f", precision, d);
    add_padded(f, v, (struct str){text, len + plus}, true);
    return true;
}

static bool add_text(struct format *f, const struct conversion *v, struct php_value arg)
{
    struct str s;
    if (!php_to_string(arg, f->c->perm, &s, f->c->e))
        return false;
    if (v->precision >= 0)
        s = str_sub(s, 0, (size_t)v->precision);
    add_padded(f, v, s, false);
    return true;
}

static bool to_number(struct format *f, enum php_op op, struct php_value arg,
                      struct php_value *out)
{
    return php_unary(op, arg, f->c->perm, out, f->c->e);
}

static bool add_converted(struct format *f, const struct conversion *v,
                          struct php_value arg)
{
    struct php_value n;
    switch (v->specifier) {
    case '%': /* "%5%": it has taken an argument */
        buf_byte(&f->out, '%');
        return true;
    case 's':
        return add_text(f, v, arg);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
        return to_number(f, OP_TO_FLOAT, arg, &n) && add_float(f, v, n.d);
    default:
        break;
    }
    if (!to_number(f, OP_TO_INT, arg, &n))
        return false;
    switch (v->specifier) {
    case 'd':
        add_int(
            f, v,
            str_fmt(f->c->perm, v->plus && n.i >= 0 ? "+%lld" : "%lld", (long long)n.i));
        break;
    case 'u':
        add_int(f, v, str_fmt(f->c->perm, "%llu", (unsigned long long)n.i));
        break;
    case 'x':
        add_bits(f, v, (uint64_t)n.i, 4, "0123456789abcdef");
        break;
    case 'X':
        add_bits(f, v, (uint64_t)n.i, 4, "0123456789ABCDEF");
        break;
    case 'o':
        add_bits(f, v, (uint64_t)n.i, 3, "01234567");
        break;
    case 'b':
        add_bits(f, v, (uint64_t)n.i, 1, "01");
        break;
    default: /* c */
        buf_byte(&f->out, (char)(unsigned char)(n.i & 0xFF));
        break;
    }
    return true;
}

static bool check_specifier(struct format *f, char c)
{
    if (c != '\0' && strchr("%sdueEfFxXobc", c))
        return true;
    if (c != '\0' && strchr("gGhH", c))
        return err_set(f->c->e, ERR_UNSUPPORTED, "%s() with %%%c is not supported",
                       f->c->name, c);
    return err_set(f->c->e, ERR_JOB, "Unknown format specifier \"%c\"", c);
}

static bool convert_one(struct format *f, size_t *wanted)
{
    struct conversion v;
    if (str_starts(f->rest, S("%"))) {
        f->rest = str_skip(f->rest, 1);
        buf_byte(&f->out, '%');
        return true;
    }
    if (!read_conversion(f, &v))
        return false;
    size_t arg = v.arg >= 0 ? (size_t)v.arg : f->next++;
    if (arg + 2 > *wanted)
        *wanted = arg + 2;
    if (arg + 1 >= f->c->len)
        return true; /* told at the end, with the number of all */
    if (!check_specifier(f, v.specifier))
        return false;
    struct php_call *c = f->c, apart = *c;
    struct error e = {0};
    apart.e = &e;
    f->c = &apart;
    if (!add_converted(f, &v, c->args[arg + 1]) && f->failed.kind == ERR_NONE)
        f->failed = e;
    f->c = c;
    return true;
}

/* sprintf: a format and its values */
static bool call_sprintf(struct php_call *c)
{
    struct format f = {.c = c, .out = buf_new(c->perm, FN_MAX_TEXT)};
    struct str s = S("");
    size_t wanted = 0;
    if (!fn_text(c, 0, "format", &s))
        return false;
    for (f.rest = s; f.rest.len;) {
        struct cut text = str_cut(f.rest, '%');
        buf_add(&f.out, text.head);
        f.rest = text.tail;
        if (text.ok && !convert_one(&f, &wanted))
            return false;
        if (!text.ok)
            break;
    }
    if (wanted > c->len)
        return err_set(c->e, ERR_JOB, "%zu arguments are required, %zu given", wanted,
                       c->len);
    if (f.failed.kind != ERR_NONE)
        return err_set(c->e, f.failed.kind, "%s", f.failed.text);
    return fn_return_buf(c, &f.out);
}

/* === number_format === */

static void add_grouped(struct buf *b, struct str digits, struct str separator)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0)
            buf_add(b, separator);
        buf_byte(b, digits.ptr[i]);
    }
}

/* number_format($num, $decimals = 0, $decimal_separator = ".", $thousands_separator =
 * ",")
 */
static bool call_number_format(struct php_call *c)
{
    double d = 0;
    int64_t decimals = 0;
    struct str point = S("."), separator = S(",");
    if (!fn_float(c, 0, "num", &d) || !fn_int(c, 1, "decimals", &decimals))
        return false;
    if (!fn_text_or_null(c, 2, "decimal_separator", &point) ||
        !fn_text_or_null(c, 3, "thousands_separator", &separator))
        return false;
    if (!isfinite(d))
        return fn_return_text(c, isnan(d) ? S("nan") : S("inf"));
    if (decimals > MAX_DECIMALS)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "number_format() with so many decimals is "
                       "not supported");
    int places = decimals < 0 ? 0 : (int)decimals;
    d = php_round(d, places);
    struct str digits = str_fmt(c->perm, "%.*f", places, fabs(d));
    struct cut parts = str_cut(digits, '.');
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    if (d < 0)
        buf_byte(&b, '-');
    add_grouped(&b, parts.head, separator);
    if (parts.ok) {
        buf_add(&b, point);
        buf_add(&b, parts.tail);
    }
    return fn_return_buf(c, &b);
}

/* === json_encode === */

static bool holds_object(struct php_value v, int depth)
{
    v = php_deref(v);
    if (v.type == PHP_OBJECT || depth == 0)
        return true;
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++)
        if (holds_object(v.a->at[i].value, depth - 1))
            return true;
    return false;
}

/* json_encode($value, $flags = 0): false for what has no JSON. */
static bool call_json_encode(struct php_call *c)
{
    enum { UNESCAPED_SLASHES = 64, UNESCAPED_UNICODE = 256, DEPTH = 100 };
    int64_t flags = 0;
    if (!fn_int(c, 1, "flags", &flags))
        return false;
    if (flags & ~(UNESCAPED_SLASHES | UNESCAPED_UNICODE))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "json_encode() with these flags is not supported");
    if (holds_object(c->args[0], DEPTH))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "json_encode() of an object is not supported");
    struct error e = {0};
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    int ours = (flags & UNESCAPED_SLASHES ? JSON_PLAIN_SLASHES : 0) |
               (flags & UNESCAPED_UNICODE ? JSON_PLAIN_UNICODE : 0);
    if (!php_json(&b, c->args[0], ours, &e))
        return fn_return(c, php_bool(false));
    return fn_return_buf(c, &b);
}

const struct php_function fn_format[] = {
    {"sprintf", 1, -1, call_sprintf},
    {"number_format", 1, 4, call_number_format},
    {"json_encode", 1, 2, call_json_encode},
    {NULL, 0, 0, NULL},
};
