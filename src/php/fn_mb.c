/* Functions of strings that count characters, and Laravel's Str beside them. */
#include "php/fn_imp.h"

/* Only UTF-8: the argument may name it. */
static bool utf8_only(struct php_call *c, size_t i)
{
    struct str encoding = S("UTF-8");
    if (!fn_text_or_null(c, i, "encoding", &encoding))
        return false;
    if (str_ieq(encoding, S("UTF-8")) || str_ieq(encoding, S("UTF8")))
        return true;
    return err_set(c->e, ERR_UNSUPPORTED, "%s() in \"%.*s\" is not supported", c->name,
                   STR_ARG(encoding));
}

/* PHP's length of a character goes by its first byte alone. */
static size_t char_size(char first)
{
    unsigned char c = (unsigned char)first;
    if (c < 0xC2 || c > 0xF7)
        return 1;
    return c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static size_t count_chars(struct str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.len; at += char_size(s.ptr[at]))
        n++;
    return n;
}

/* chars returns `len` characters of s, from the one numbered `from`. */
static struct str chars(struct str s, size_t from, size_t len)
{
    size_t at = 0;
    for (; from > 0 && at < s.len; from--)
        at += char_size(s.ptr[at]);
    size_t end = at;
    for (; len > 0 && end < s.len; len--)
        end += char_size(s.ptr[end]);
    return at < s.len ? str_sub(s, at, end - at) : S("");
}

static bool change_case(struct php_call *c, const char *param, enum php_case to)
{
    struct str s = S("");
    if (!fn_text(c, 0, param, &s) || !utf8_only(c, 1))
        return false;
    if (!str_utf8_ok(s))
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of malformed UTF-8 is not supported",
                       c->name);
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    php_letters(&b, s, to);
    return fn_return_buf(c, &b);
}

static bool call_upper(struct php_call *c)
{
    return change_case(c, "string", PHP_UPPER);
}

static bool call_lower(struct php_call *c)
{
    return change_case(c, "string", PHP_LOWER);
}

static bool call_length(struct php_call *c)
{
    struct str s = S("");
    return fn_text(c, 0, "string", &s) && utf8_only(c, 1) &&
           fn_return(c, php_int((int64_t)count_chars(s)));
}

/* mb_substr($string, $start, $length = null, $encoding = null) */
static bool call_substr(struct php_call *c)
{
    struct str s;
    int64_t start, length;
    size_t from, len;
    if (!fn_range(c, "start", &s, &start, &length))
        return false;
    bool too_small = start == INT64_MIN;
    if (too_small || length == INT64_MIN)
        return err_set(c->e, ERR_JOB,
                       "mb_substr(): Argument #%d ($%s) must be between "
                       "-9223372036854775807 and 9223372036854775807",
                       too_small ? 2 : 3, too_small ? "start" : "length");
    if (!utf8_only(c, 3))
        return false;
    fn_clip(count_chars(s), start, length, &from, &len);
    return fn_return_text(c, chars(s, from, len));
}

/* Str::ucfirst($string) */
static bool call_ucfirst(struct php_call *c)
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    if (!str_utf8_ok(s))
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of malformed UTF-8 is not supported",
                       c->name);
    struct str first = chars(s, 0, 1);
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    php_letters(&b, first, PHP_UPPER);
    buf_add(&b, str_skip(s, first.len));
    return fn_return_buf(c, &b);
}

const struct php_function fn_mb[] = {
    {"mb_strtoupper", 1, 2, call_upper},
    {"mb_strtolower", 1, 2, call_lower},
    {"mb_strlen", 1, 2, call_length},
    {"mb_substr", 2, 4, call_substr},
    {"Illuminate\\Support\\Str::upper", 1, 1, call_upper},
    {"Illuminate\\Support\\Str::lower", 1, 1, call_lower},
    {"Illuminate\\Support\\Str::length", 1, 2, call_length},
    {"Illuminate\\Support\\Str::substr", 2, 4, call_substr},
    {"Illuminate\\Support\\Str::ucfirst", 1, 1, call_ucfirst},
    {NULL, 0, 0, NULL},
};
