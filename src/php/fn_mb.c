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

/* === title case === */

/* What title case asks of a character: between the letters of a word stand only those
 * that it does not count. */
enum letter { LETTER_CASED, LETTER_PLAIN, LETTER_IGNORED, LETTER_UNKNOWN };

static enum letter letter_of(uint32_t c)
{
    static const uint32_t ignored[] = {0x27, 0x2E, 0x3A, 0x5E, 0x60,   0xA8,  0xAD,
                                       0xAF, 0xB4, 0xB7, 0xB8, 0x2018, 0x2019};
    for (size_t i = 0; i < COUNT(ignored); i++)
        if (c == ignored[i])
            return LETTER_IGNORED;
    if (c < 0xC0) {
        uint32_t low = c | 0x20;
        bool cased =
            (low >= 'a' && low <= 'z' && c < 0x80) || c == 0xAA || c == 0xB5 || c == 0xBA;
        return cased ? LETTER_CASED : LETTER_PLAIN;
    }
    if (c < 0x180)
        return c == 0xD7 || c == 0xF7 ? LETTER_PLAIN : LETTER_CASED;
    /* Dashes, quotes, the bullet, the ellipsis, the euro. */
    bool plain =
        (c >= 0x2010 && c <= 0x2023) || c == 0x2026 || c == 0x202F || c == 0x20AC;
    return plain ? LETTER_PLAIN : LETTER_UNKNOWN;
}

/* At the start of a word these become two letters. */
static bool is_double(uint32_t c)
{
    return c == 0xDF || c == 0x149;
}

static bool title_case(struct php_call *c, struct str s)
{
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    bool in_word = false;
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t code_point = str_utf8(s, &at);
        enum letter letter = letter_of(code_point);
        if (letter == LETTER_UNKNOWN || (is_double(code_point) && !in_word))
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of the character U+%04X is not supported", c->name,
                           (unsigned)code_point);
        php_letters(&b, str_sub(s, from, at - from), in_word ? PHP_LOWER : PHP_UPPER);
        if (letter != LETTER_IGNORED)
            in_word = letter == LETTER_CASED;
    }
    return fn_return_buf(c, &b);
}

static bool well_formed(struct php_call *c, struct str s)
{
    return str_utf8_ok(s) || err_set(c->e, ERR_UNSUPPORTED,
                                     "%s() of malformed UTF-8 is not supported", c->name);
}

/* Str::title($value) */
static bool call_title(struct php_call *c)
{
    struct str s = S("");
    return fn_text(c, 0, "string", &s) && well_formed(c, s) && title_case(c, s);
}

/* mb_convert_case($string, $mode, $encoding = null) */
static bool call_convert_case(struct php_call *c)
{
    enum { MODE_UPPER, MODE_LOWER, MODE_TITLE };
    struct str s = S("");
    int64_t mode = 0;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "mode", &mode) ||
        !utf8_only(c, 2) || !well_formed(c, s))
        return false;
    if (mode == MODE_TITLE)
        return title_case(c, s);
    if (mode != MODE_UPPER && mode != MODE_LOWER)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() in this mode is not supported",
                       c->name);
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    php_letters(&b, s, mode == MODE_UPPER ? PHP_UPPER : PHP_LOWER);
    return fn_return_buf(c, &b);
}

/* === places === */

/* mb_strpos($haystack, $needle, $offset = 0, $encoding = null) */
static bool place(struct php_call *c, bool last)
{
    struct str s = S(""), needle = S("");
    int64_t offset = 0;
    if (!fn_text(c, 0, "haystack", &s) || !fn_text(c, 1, "needle", &needle) ||
        !fn_int(c, 2, "offset", &offset) || !utf8_only(c, 3) || !well_formed(c, s) ||
        !well_formed(c, needle))
        return false;
    int64_t total = (int64_t)count_chars(s);
    int64_t from = offset < 0 && !last ? offset + total : offset;
    if (from < (last ? -total : 0) || from > total)
        return err_set(c->e, ERR_JOB,
                       "%s(): Argument #3 ($offset) must be contained in argument #1 "
                       "($haystack)",
                       c->name);
    if (last && from < 0)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() with a negative offset is not supported", c->name);
    struct str rest = chars(s, (size_t)from, SIZE_MAX);
    ptrdiff_t at = str_find(rest, needle);
    if (last)
        at = fn_find_last(rest, needle);
    if (at < 0)
        return fn_return(c, php_bool(false));
    int64_t n = (int64_t)count_chars(str_sub(rest, 0, (size_t)at));
    return fn_return(c, php_int(from + n));
}

static bool call_strpos(struct php_call *c)
{
    return place(c, false);
}

static bool call_strrpos(struct php_call *c)
{
    return place(c, true);
}

/* mb_str_split($string, $length = 1, $encoding = null) */
static bool call_str_split(struct php_call *c)
{
    struct str s = S("");
    int64_t length = 1;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "length", &length) ||
        !utf8_only(c, 2) || !well_formed(c, s))
        return false;
    if (length < 1)
        return err_set(c->e, ERR_JOB,
                       "mb_str_split(): Argument #2 ($length) must be greater than 0");
    struct php_array *out = php_array_new(c->perm);
    while (s.len > 0) {
        struct str piece = chars(s, 0, (size_t)length);
        php_array_push(c->perm, out, php_string(piece));
        s = str_skip(s, piece.len);
    }
    return fn_return(c, php_from_array(out));
}

const struct php_function fn_mb[] = {
    {"mb_convert_case", 2, 3, call_convert_case},
    {"mb_strpos", 2, 4, call_strpos},
    {"mb_strrpos", 2, 4, call_strrpos},
    {"mb_str_split", 1, 3, call_str_split},
    {"Illuminate\\Support\\Str::title", 1, 1, call_title},
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
