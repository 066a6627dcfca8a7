/* Functions that find, count and compare parts of strings, byte by byte. */
#include "php/fn_imp.h"

/* fold gives what is compared when case does not count: ASCII letters alone. */
static struct str fold(struct php_call *c, struct str s, bool no_case)
{
    return no_case ? str_lower(c->perm, s) : s;
}

ptrdiff_t fn_find_last(struct str s, struct str part)
{
    for (size_t at = s.len + 1; at-- > 0;)
        if (str_starts(str_skip(s, at), part))
            return (ptrdiff_t)at;
    return -1;
}

static bool outside(struct php_call *c, int argument, const char *param)
{
    return err_set(c->e, ERR_JOB,
                   "%s(): Argument #%d ($%s) must be contained in argument #1 ($%s)",
                   c->name, argument, param, "haystack");
}

/* === positions === */

struct search {
    struct str haystack, needle;
    int64_t offset;
};

static bool read_search(struct php_call *c, struct search *s)
{
    *s = (struct search){.haystack = S(""), .needle = S("")};
    return fn_text(c, 0, "haystack", &s->haystack) &&
           fn_text(c, 1, "needle", &s->needle) && fn_int(c, 2, "offset", &s->offset);
}

static bool return_place(struct php_call *c, ptrdiff_t at)
{
    return fn_return(c, at < 0 ? php_bool(false) : php_int(at));
}

static bool first_place(struct php_call *c, bool no_case)
{
    struct search s;
    if (!read_search(c, &s))
        return false;
    int64_t len = (int64_t)s.haystack.len,
            from = s.offset < 0 ? s.offset + len : s.offset;
    if (from < 0 || from > len)
        return outside(c, 3, "offset");
    struct str haystack = fold(c, s.haystack, no_case);
    ptrdiff_t at = str_find(str_skip(haystack, (size_t)from), fold(c, s.needle, no_case));
    return return_place(c, at < 0 ? at : at + (ptrdiff_t)from);
}

/* A negative offset says how far from the end the last place may lie. */
static bool last_place(struct php_call *c, bool no_case)
{
    struct search s;
    if (!read_search(c, &s))
        return false;
    int64_t len = (int64_t)s.haystack.len;
    if (s.offset > len || s.offset < -len)
        return outside(c, 3, "offset");
    /* PHP compares one byte beyond ASCII as a signed and as an unsigned char. */
    if (no_case && s.needle.len == 1 && (s.needle.ptr[0] & 0x80))
        return return_place(c, -1);
    struct str part = fold(c, s.haystack, no_case);
    size_t from = s.offset > 0 ? (size_t)s.offset : 0;
    if (s.offset < 0)
        part = str_sub(part, 0, (size_t)(len + s.offset) + s.needle.len);
    ptrdiff_t at = fn_find_last(str_skip(part, from), fold(c, s.needle, no_case));
    return return_place(c, at < 0 ? at : at + (ptrdiff_t)from);
}

static bool call_strpos(struct php_call *c)
{
    return first_place(c, false);
}

static bool call_stripos(struct php_call *c)
{
    return first_place(c, true);
}

static bool call_strrpos(struct php_call *c)
{
    return last_place(c, false);
}

static bool call_strripos(struct php_call *c)
{
    return last_place(c, true);
}

/* === parts === */

/* strstr($haystack, $needle, $before_needle = false) */
static bool part(struct php_call *c, bool no_case)
{
    struct str haystack = S(""), needle = S("");
    bool before = false;
    if (!fn_text(c, 0, "haystack", &haystack) || !fn_text(c, 1, "needle", &needle) ||
        !fn_bool(c, 2, "before_needle", &before))
        return false;
    ptrdiff_t at = str_find(fold(c, haystack, no_case), fold(c, needle, no_case));
    if (at < 0)
        return fn_return(c, php_bool(false));
    return fn_return_text(c, before ? str_sub(haystack, 0, (size_t)at)
                                    : str_skip(haystack, (size_t)at));
}

static bool call_strstr(struct php_call *c)
{
    return part(c, false);
}

static bool call_stristr(struct php_call *c)
{
    return part(c, true);
}

/* strrchr($haystack, $needle): only the needle's first byte counts, the NUL that PHP puts
 * behind an empty one too. */
static bool call_strrchr(struct php_call *c)
{
    struct str haystack = S(""), needle = S("");
    if (!fn_text(c, 0, "haystack", &haystack) || !fn_text(c, 1, "needle", &needle))
        return false;
    struct str first = needle.len ? str_sub(needle, 0, 1) : (struct str){"\0", 1};
    ptrdiff_t at = fn_find_last(haystack, first);
    if (at < 0)
        return fn_return(c, php_bool(false));
    return fn_return_text(c, str_skip(haystack, (size_t)at));
}

/* substr_count($haystack, $needle, $offset = 0, $length = null) */
static bool call_substr_count(struct php_call *c)
{
    struct search s;
    if (!read_search(c, &s))
        return false;
    int64_t len = (int64_t)s.haystack.len,
            from = s.offset < 0 ? s.offset + len : s.offset;
    int64_t length = len - from;
    if (!fn_int_or_null(c, 3, "length", &length))
        return false;
    if (s.needle.len == 0)
        return err_set(c->e, ERR_JOB,
                       "substr_count(): Argument #2 ($needle) cannot be empty");
    if (from < 0 || from > len)
        return outside(c, 3, "offset");
    if (length < 0)
        length += len - from;
    if (length < 0 || length > len - from)
        return outside(c, 4, "length");
    struct str rest = str_sub(s.haystack, (size_t)from, (size_t)length);
    int64_t n = 0;
    for (ptrdiff_t at; (at = str_find(rest, s.needle)) >= 0; n++)
        rest = str_skip(rest, (size_t)at + s.needle.len);
    return fn_return(c, php_int(n));
}

/* === comparing === */

/* The difference of the first bytes that differ, else the sign of the lengths'. */
static int64_t difference(struct str a, struct str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (a.ptr[i] != b.ptr[i])
            return (unsigned char)a.ptr[i] - (unsigned char)b.ptr[i];
    return (a.len > b.len) - (a.len < b.len);
}

/* strcasecmp and strncasecmp. What strcmp gives beyond a sign depends on the machine. */
static bool compare(struct php_call *c, bool is_prefix)
{
    struct str a = S(""), b = S("");
    int64_t length = INT64_MAX;
    if (!fn_text(c, 0, "string1", &a) || !fn_text(c, 1, "string2", &b))
        return false;
    if (is_prefix && !fn_int(c, 2, "length", &length))
        return false;
    if (length < 0)
        return err_set(c->e, ERR_JOB,
                       "%s(): Argument #3 ($length) must be greater than or equal to 0",
                       c->name);
    a = str_sub(fold(c, a, true), 0, (size_t)length);
    b = str_sub(fold(c, b, true), 0, (size_t)length);
    return fn_return(c, php_int(difference(a, b)));
}

static bool call_strcasecmp(struct php_call *c)
{
    return compare(c, false);
}

static bool call_strncasecmp(struct php_call *c)
{
    return compare(c, true);
}

const struct php_function fn_search[] = {
    {"strpos", 2, 3, call_strpos},
    {"stripos", 2, 3, call_stripos},
    {"strrpos", 2, 3, call_strrpos},
    {"strripos", 2, 3, call_strripos},
    {"strstr", 2, 3, call_strstr},
    {"strchr", 2, 3, call_strstr},
    {"stristr", 2, 3, call_stristr},
    {"strrchr", 2, 2, call_strrchr},
    {"substr_count", 2, 4, call_substr_count},
    {"strcasecmp", 2, 2, call_strcasecmp},
    {"strncasecmp", 3, 3, call_strncasecmp},
    {NULL, 0, 0, NULL},
};
