/* cast.c: what Eloquent makes of a column on its way out of a model (HasAttributes::
 * castAttribute, Laravel 12). A stored value that it would choke on, or read by guessing,
 * leaves the letter to PHP. */
#include <ctype.h>

#include "letter/letter_imp.h"

enum { DECIMALS_MAX = 30 };

static const struct {
    const char *name;
    enum cast_kind kind;
} kinds[] = {
    {"string", CAST_STRING},
    {"int", CAST_INT},
    {"integer", CAST_INT},
    {"real", CAST_FLOAT},
    {"float", CAST_FLOAT},
    {"double", CAST_FLOAT},
    {"decimal", CAST_DECIMAL},
    {"bool", CAST_BOOL},
    {"boolean", CAST_BOOL},
    {"array", CAST_JSON},
    {"json", CAST_JSON},
    {"date", CAST_DATE},
    {"immutable_date", CAST_DATE},
    {"datetime", CAST_DATETIME},
    {"immutable_datetime", CAST_DATETIME},
    {"custom_datetime", CAST_DATETIME},
    {"timestamp", CAST_TIMESTAMP},
    {"hashed", CAST_NONE}, /* of what is set, not of what is read */
};

bool cast_of(struct str text, struct cast *out)
{
    struct cut c = str_cut(str_trim(text), ':');
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (!str_ieq(c.head, str_from(kinds[i].name)))
            continue;
        *out = (struct cast){.kind = kinds[i].kind};
        bool decimal = out->kind == CAST_DECIMAL;
        /* Only decimals and dates take something behind a colon; a date's format speaks
         * of arrays and JSON. */
        if (c.ok && !decimal && out->kind != CAST_DATE && out->kind != CAST_DATETIME)
            return false;
        return !decimal || (str_to_i64(c.tail, &out->decimals) && out->decimals >= 0 &&
                            out->decimals <= DECIMALS_MAX);
    }
    return false;
}

/* === decimals === */

/* digits_of takes a plain decimal number apart: sign, digits, how many stand behind the
 * point. */
struct decimal {
    bool negative;
    struct str whole, fraction;
};

static bool digits_only(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isdigit((unsigned char)s.ptr[i]))
            return false;
    return true;
}

static bool read_decimal(struct str s, struct decimal *out)
{
    *out = (struct decimal){.negative = str_starts(s, S("-"))};
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = str_skip(s, 1);
    struct cut c = str_cut(s, '.');
    out->whole = c.head;
    out->fraction = c.ok ? c.tail : S("");
    return out->whole.len > 0 && digits_only(out->whole) && digits_only(out->fraction) &&
           (!c.ok || out->fraction.len > 0);
}

/* rounded prints a number with so many decimals, half away from zero. */
static struct str rounded(const struct decimal *d, size_t decimals, struct arena *perm)
{
    size_t len = d->whole.len + decimals, used = 0;
    char *digits = NEW(perm, char, len + 2);
    digits[used++] = '0'; /* for a carry */
    for (size_t i = 0; i < len; i++) {
        size_t behind = i - d->whole.len;
        digits[used++] = i < d->whole.len           ? d->whole.ptr[i]
                         : behind < d->fraction.len ? d->fraction.ptr[behind]
                                                    : '0';
    }
    bool up = decimals < d->fraction.len && d->fraction.ptr[decimals] >= '5';
    for (size_t i = used; up && i-- > 0;) {
        up = digits[i] == '9';
        digits[i] = (char)(up ? '0' : digits[i] + 1);
    }
    size_t from = 0, whole = used - decimals;
    bool zero = true;
    for (size_t i = 0; i < used; i++)
        zero = zero && digits[i] == '0';
    while (from + 1 < whole && digits[from] == '0')
        from++;
    return str_fmt(perm, "%s%.*s%s%.*s", d->negative && !zero ? "-" : "",
                   (int)(whole - from), digits + from, decimals ? "." : "", (int)decimals,
                   digits + whole);
}

static bool cast_decimal(const struct cast *c, struct php_value v, struct arena *perm,
                         struct php_value *out, struct error *e)
{
    struct str s;
    struct decimal d;
    if (!php_to_string(v, perm, &s, e))
        return false;
    if (!read_decimal(s, &d))
        return err_set(e, ERR_UNSUPPORTED, "\"%.*s\" is no plain decimal number",
                       STR_ARG(s));
    *out = php_string(rounded(&d, (size_t)c->decimals, perm));
    return true;
}

/* === JSON === */

/* cast_json: what is no JSON is null. */
static bool cast_json(struct php_value v, struct arena *perm, struct php_value *out,
                      struct error *e)
{
    struct str s;
    struct error ignored = {0};
    if (!php_to_string(v, perm, &s, e))
        return false;
    if (!php_json_read(s, true, perm, out, &ignored))
        *out = php_null();
    return true;
}

/* === dates === */

static bool cast_date(const struct cast *c, struct php_value v, struct arena *perm,
                      struct php_value *out, struct error *e)
{
    struct str s;
    if (!php_to_string(v, perm, &s, e))
        return false;
    struct str day = c->kind == CAST_DATE ? str_sub(s, 0, 10) : s;
    bool plain = s.len >= 10 && isdigit((unsigned char)s.ptr[0]) && s.ptr[4] == '-' &&
                 !str_starts(s, S("0000"));
    if (!plain || !php_date_read(perm, day, out))
        return err_set(e, ERR_UNSUPPORTED, "\"%.*s\" is no date as MySQL writes it",
                       STR_ARG(s));
    if (c->kind == CAST_TIMESTAMP)
        *out = php_int(php_date_unix(*out));
    return true;
}

bool cast_apply(const struct cast *c, struct php_value v, struct arena *perm,
                struct php_value *out, struct error *e)
{
    struct str s;
    *out = v;
    if (v.type == PHP_NULL || c->kind == CAST_NONE)
        return true;
    switch (c->kind) {
    case CAST_NONE:
        break;
    case CAST_STRING:
        if (!php_to_string(v, perm, &s, e))
            return false;
        *out = php_string(s);
        break;
    case CAST_INT:
        *out = php_int(php_to_int(v));
        break;
    case CAST_FLOAT:
        *out = php_float(php_to_float(v));
        break;
    case CAST_BOOL:
        *out = php_bool(php_truthy(v));
        break;
    case CAST_DECIMAL:
        return cast_decimal(c, v, perm, out, e);
    case CAST_JSON:
        return cast_json(v, perm, out, e);
    case CAST_DATE:
    case CAST_DATETIME:
    case CAST_TIMESTAMP:
        return cast_date(c, v, perm, out, e);
    }
    return true;
}
