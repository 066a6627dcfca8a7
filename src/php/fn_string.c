/* Functions of strings, byte by byte as PHP's are. */
#include "php/fn_imp.h"

/* === small helpers === */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static char to_upper(char c)
{
    return is_lower(c) ? (char)(c - 32) : c;
}

static char to_lower(char c)
{
    return is_upper(c) ? (char)(c + 32) : c;
}

/* map_bytes returns a copy whose bytes went through fn. */
static struct str map_bytes(struct arena *perm, struct str s, char (*fn)(char))
{
    char *bytes = NEW(perm, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        bytes[i] = fn(s.ptr[i]);
    return (struct str){bytes, s.len};
}

/* === case === */

static bool call_strtolower(struct php_call *c)
{
    struct str s = S("");
    return fn_text(c, 0, "string", &s) &&
           fn_return_text(c, map_bytes(c->perm, s, to_lower));
}

static bool call_strtoupper(struct php_call *c)
{
    struct str s = S("");
    return fn_text(c, 0, "string", &s) &&
           fn_return_text(c, map_bytes(c->perm, s, to_upper));
}

static bool first_byte(struct php_call *c, char (*fn)(char))
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    if (s.len == 0)
        return fn_return_text(c, s);
    char first = fn(s.ptr[0]);
    struct str rest = str_skip(s, 1);
    return fn_return_text(c, str_join(c->perm, (struct str){&first, 1}, rest));
}

static bool call_ucfirst(struct php_call *c)
{
    return first_byte(c, to_upper);
}

static bool call_lcfirst(struct php_call *c)
{
    return first_byte(c, to_lower);
}

/* === trimming === */

/* read_set reads a set of bytes as PHP's trim has it: "a..z" is a range. PHP warns of
 * dots that are none. */
static bool read_set(struct php_call *c, struct str s, bool set[256])
{
    memset(set, 0, 256);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char from = (unsigned char)s.ptr[i], to = from;
        if (str_starts(str_skip(s, i + 1), S("..")) && i + 3 < s.len) {
            to = (unsigned char)s.ptr[i + 3];
            i += 3;
        } else if (str_starts(str_skip(s, i), S(".."))) {
            to = 0;
        }
        if (to < from)
            return err_set(c->e, ERR_UNSUPPORTED, "%s(): Invalid '..'-range", c->name);
        for (int byte = from; byte <= to; byte++)
            set[byte] = true;
    }
    return true;
}

enum { TRIM_LEFT = 1, TRIM_RIGHT = 2 };

static bool trim(struct php_call *c, int sides)
{
    struct str s = S(""), characters = {" \n\r\t\v\0", 6};
    bool set[256];
    if (!fn_text(c, 0, "string", &s) || !fn_text(c, 1, "characters", &characters) ||
        !read_set(c, characters, set))
        return false;
    while ((sides & TRIM_LEFT) && s.len && set[(unsigned char)s.ptr[0]])
        s = str_skip(s, 1);
    while ((sides & TRIM_RIGHT) && s.len && set[(unsigned char)s.ptr[s.len - 1]])
        s.len--;
    return fn_return_text(c, s);
}

static bool call_trim(struct php_call *c)
{
    return trim(c, TRIM_LEFT | TRIM_RIGHT);
}

static bool call_ltrim(struct php_call *c)
{
    return trim(c, TRIM_LEFT);
}

static bool call_rtrim(struct php_call *c)
{
    return trim(c, TRIM_RIGHT);
}

/* ucwords($string, $separators = " \t\r\n\f\v"): a letter that became upper case may be
 * a separator itself. */
static bool call_ucwords(struct php_call *c)
{
    struct str s = S(""), separators = S(" \t\r\n\f\v");
    bool set[256], starts = true;
    if (!fn_text(c, 0, "string", &s) || !fn_text(c, 1, "separators", &separators) ||
        !read_set(c, separators, set))
        return false;
    char *bytes = NEW(c->perm, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        bytes[i] = starts ? to_upper(s.ptr[i]) : s.ptr[i];
        starts = set[(unsigned char)bytes[i]];
    }
    return fn_return_text(c, (struct str){bytes, s.len});
}

/* === searching === */

static bool two_texts(struct php_call *c, struct str *haystack, struct str *needle)
{
    *haystack = *needle = S("");
    return fn_text(c, 0, "haystack", haystack) && fn_text(c, 1, "needle", needle);
}

static bool call_str_contains(struct php_call *c)
{
    struct str s, part;
    return two_texts(c, &s, &part) && fn_return(c, php_bool(str_has(s, part)));
}

static bool call_str_starts_with(struct php_call *c)
{
    struct str s, part;
    return two_texts(c, &s, &part) && fn_return(c, php_bool(str_starts(s, part)));
}

static bool call_str_ends_with(struct php_call *c)
{
    struct str s, part;
    return two_texts(c, &s, &part) && fn_return(c, php_bool(str_ends(s, part)));
}

static bool call_strlen(struct php_call *c)
{
    struct str s = S("");
    return fn_text(c, 0, "string", &s) && fn_return(c, php_int((int64_t)s.len));
}

void fn_clip(size_t total, int64_t offset, int64_t length, size_t *from, size_t *len)
{
    int64_t n = (int64_t)total;
    if (offset < 0)
        offset = offset < -n ? 0 : offset + n;
    if (offset > n)
        offset = n;
    int64_t room = n - offset;
    if (length < 0)
        length = length < -room ? 0 : room + length;
    *from = (size_t)offset;
    *len = (size_t)(length < room ? length : room);
}

bool fn_range(struct php_call *c, const char *offset_name, struct str *s, int64_t *offset,
              int64_t *length)
{
    *s = S("");
    *offset = 0;
    *length = INT64_MAX;
    return fn_text(c, 0, "string", s) && fn_int(c, 1, offset_name, offset) &&
           fn_int_or_null(c, 2, "length", length);
}

static bool call_substr(struct php_call *c)
{
    struct str s;
    int64_t offset, length;
    size_t from, len;
    if (!fn_range(c, "offset", &s, &offset, &length))
        return false;
    fn_clip(s.len, offset, length, &from, &len);
    return fn_return_text(c, str_sub(s, from, len));
}

/* === lists === */

/* explode($separator, $string, $limit = PHP_INT_MAX) */
static bool call_explode(struct php_call *c)
{
    struct str separator = S(""), s = S("");
    int64_t limit = INT64_MAX;
    if (!fn_text(c, 0, "separator", &separator) || !fn_text(c, 1, "string", &s) ||
        !fn_int(c, 2, "limit", &limit))
        return false;
    if (separator.len == 0)
        return err_set(c->e, ERR_JOB,
                       "explode(): Argument #1 ($separator) cannot be empty");
    struct php_array *out = php_array_new(c->perm);
    ptrdiff_t at;
    while ((limit < 0 || (int64_t)out->len + 1 < limit) &&
           (at = str_find(s, separator)) >= 0) {
        php_array_push(c->perm, out, php_string(str_sub(s, 0, (size_t)at)));
        s = str_skip(s, (size_t)at + separator.len);
    }
    php_array_push(c->perm, out, php_string(s));
    /* A negative limit drops so many from the end. */
    size_t keep = out->len;
    if (limit < 0)
        keep = limit <= -(int64_t)out->len ? 0 : out->len - (size_t)-limit;
    struct php_array *kept = php_array_new(c->perm);
    for (size_t i = 0; i < keep; i++)
        php_array_push(c->perm, kept, out->at[i].value);
    return fn_return(c, php_from_array(kept));
}

/* implode($separator, $array) or implode($array) */
static bool call_implode(struct php_call *c)
{
    struct str separator = S("");
    bool alone = c->len == 1 || c->args[1].type == PHP_NULL;
    bool is_list = c->args[0].type == PHP_ARRAY;
    if (!is_list && !fn_text_as(c, 0, "separator", "array|string", &separator))
        return false;
    if (!alone && c->args[1].type != PHP_ARRAY)
        return fn_type_error(c, 1, "array", "?array");
    if (!alone && is_list)
        return fn_type_error(c, 0, "separator", "string");
    if (alone && !is_list)
        return err_set(c->e, ERR_JOB,
                       "%s(): Argument #1 ($array) must be of type array, string given",
                       c->name);
    const struct php_array *a = c->args[alone ? 0 : 1].a;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < a->len; i++) {
        struct str s;
        if (!fn_element_text(c, a->at[i].value, &s))
            return false;
        buf_add(&b, i ? separator : S(""));
        buf_add(&b, s);
    }
    return fn_return_buf(c, &b);
}

/* === making longer === */

/* nl2br($string, $use_xhtml = true) */
static bool call_nl2br(struct php_call *c)
{
    struct str s = S("");
    bool xhtml = true;
    if (!fn_text(c, 0, "string", &s) || !fn_bool(c, 1, "use_xhtml", &xhtml))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.ptr[i], next = i + 1 < s.len ? s.ptr[i + 1] : '\0';
        bool pair = (ch == '\r' && next == '\n') || (ch == '\n' && next == '\r');
        if (ch == '\r' || ch == '\n')
            buf_add(&b, xhtml ? S("<br />") : S("<br>"));
        buf_add(&b, str_sub(s, i, pair ? 2 : 1));
        i += pair;
    }
    return fn_return_buf(c, &b);
}

/* str_repeat($string, $times) */
static bool call_str_repeat(struct php_call *c)
{
    struct str s = S("");
    int64_t times = 0;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "times", &times))
        return false;
    if (times < 0)
        return err_set(c->e, ERR_JOB,
                       "str_repeat(): Argument #2 ($times) must be greater "
                       "than or equal to 0");
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (; s.len > 0 && times > 0 && !b.full; times--)
        buf_add(&b, s);
    return fn_return_buf(c, &b);
}

/* str_pad($string, $length, $pad_string = " ", $pad_type = STR_PAD_RIGHT) */
static bool call_str_pad(struct php_call *c)
{
    enum { PAD_LEFT, PAD_RIGHT, PAD_BOTH };
    struct str s = S(""), pad = S(" ");
    int64_t length = 0, type = PAD_RIGHT;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "length", &length) ||
        !fn_text(c, 2, "pad_string", &pad) || !fn_int(c, 3, "pad_type", &type))
        return false;
    if (length <= (int64_t)s.len)
        return fn_return_text(c, s);
    if (pad.len == 0)
        return err_set(c->e, ERR_JOB,
                       "str_pad(): Argument #3 ($pad_string) must be a "
                       "non-empty string");
    if (type < PAD_LEFT || type > PAD_BOTH)
        return err_set(c->e, ERR_JOB,
                       "str_pad(): Argument #4 ($pad_type) must be "
                       "STR_PAD_LEFT, STR_PAD_RIGHT, or STR_PAD_BOTH");
    int64_t fill = length - (int64_t)s.len;
    int64_t left = type == PAD_LEFT ? fill : type == PAD_BOTH ? fill / 2 : 0;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (int64_t i = 0; i < left && !b.full; i++)
        buf_byte(&b, pad.ptr[(size_t)i % pad.len]);
    buf_add(&b, s);
    for (int64_t i = 0; i < fill - left && !b.full; i++)
        buf_byte(&b, pad.ptr[(size_t)i % pad.len]);
    return fn_return_buf(c, &b);
}

/* === paths === */

static struct str without_slashes(struct str s)
{
    while (s.len && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

/* basename($path, $suffix = "") */
static bool call_basename(struct php_call *c)
{
    struct str s = S(""), suffix = S("");
    if (!fn_text(c, 0, "path", &s) || !fn_text(c, 1, "suffix", &suffix))
        return false;
    s = without_slashes(s);
    for (size_t i = s.len; i > 0; i--)
        if (s.ptr[i - 1] == '/') {
            s = str_skip(s, i);
            break;
        }
    if (suffix.len && s.len > suffix.len && str_ends(s, suffix))
        s.len -= suffix.len;
    return fn_return_text(c, s);
}

static struct str parent_of(struct str path)
{
    bool is_absolute = str_starts(path, S("/"));
    struct str s = without_slashes(path);
    while (s.len && s.ptr[s.len - 1] != '/')
        s.len--;
    s = without_slashes(s);
    if (s.len)
        return s;
    return is_absolute ? S("/") : path.len ? S(".") : S("");
}

/* dirname($path, $levels = 1) */
static bool call_dirname(struct php_call *c)
{
    struct str s = S("");
    int64_t levels = 1;
    if (!fn_text(c, 0, "path", &s) || !fn_int(c, 1, "levels", &levels))
        return false;
    if (levels < 1)
        return err_set(c->e, ERR_JOB,
                       "dirname(): Argument #2 ($levels) must be greater "
                       "than or equal to 1");
    for (size_t before = s.len + 1; levels > 0 && s.len < before; levels--) {
        before = s.len;
        s = parent_of(s);
    }
    return fn_return_text(c, s);
}

const struct php_function fn_string[] = {
    {"strtolower", 1, 1, call_strtolower},
    {"strtoupper", 1, 1, call_strtoupper},
    {"ucfirst", 1, 1, call_ucfirst},
    {"lcfirst", 1, 1, call_lcfirst},
    {"ucwords", 1, 2, call_ucwords},
    {"trim", 1, 2, call_trim},
    {"ltrim", 1, 2, call_ltrim},
    {"rtrim", 1, 2, call_rtrim},
    {"chop", 1, 2, call_rtrim},
    {"str_contains", 2, 2, call_str_contains},
    {"str_starts_with", 2, 2, call_str_starts_with},
    {"str_ends_with", 2, 2, call_str_ends_with},
    {"strlen", 1, 1, call_strlen},
    {"substr", 2, 3, call_substr},
    {"nl2br", 1, 2, call_nl2br},
    {"str_repeat", 2, 2, call_str_repeat},
    {"str_pad", 2, 4, call_str_pad},
    {"explode", 2, 3, call_explode},
    {"implode", 1, 2, call_implode},
    {"join", 1, 2, call_implode},
    {"basename", 1, 2, call_basename},
    {"dirname", 1, 2, call_dirname},
    {NULL, 0, 0, NULL},
};
