/* Functions that replace parts of strings. */
#include "php/fn_imp.h"

/* === str_replace === */

struct replacing {
    struct php_call *c;
    bool no_case;
};

/* As str_replace of base, but ASCII letters match in either case. */
static struct str replace_no_case(struct arena *perm, struct str s, struct str from,
                                  struct str to)
{
    struct str lower = str_lower(perm, s), wanted = str_lower(perm, from);
    struct buf b = buf_new(perm, FN_MAX_TEXT);
    for (ptrdiff_t at; (at = str_find(lower, wanted)) >= 0;) {
        buf_add(&b, str_sub(s, 0, (size_t)at));
        buf_add(&b, to);
        s = str_skip(s, (size_t)at + from.len);
        lower = str_skip(lower, (size_t)at + from.len);
    }
    buf_add(&b, s);
    return buf_str(&b);
}

static bool replace_one(const struct replacing *r, struct str *s, struct str from,
                        struct str to)
{
    struct php_call *c = r->c;
    if (from.len == 0)
        return true;
    /* How long it becomes at most, before memory is asked for. */
    size_t most = s->len / from.len;
    if (to.len > from.len && most > FN_MAX_TEXT / to.len)
        return err_set(c->e, ERR_JOB, "%s() makes a string over %d bytes", c->name,
                       FN_MAX_TEXT);
    *s = r->no_case ? replace_no_case(c->perm, *s, from, to)
                    : str_replace(c->perm, *s, from, to);
    return true;
}

/* Each of a list of searches, with the replacement of the same place, or the only one. */
static bool replace_list(const struct replacing *r, const struct php_array *search,
                         struct str *subject)
{
    struct php_value replace = r->c->args[1];
    bool is_list = replace.type == PHP_ARRAY;
    for (size_t i = 0; i < search->len && subject->len > 0; i++) {
        struct str from, to = S("");
        if (!fn_element_text(r->c, search->at[i].value, &from))
            return false;
        if (from.len == 0)
            continue;
        if (!is_list && !fn_text_as(r->c, 1, "replace", "array|string", &to))
            return false;
        if (is_list && i < replace.a->len &&
            !fn_element_text(r->c, replace.a->at[i].value, &to))
            return false;
        if (!replace_one(r, subject, from, to))
            return false;
    }
    return true;
}

static bool replace_in(const struct replacing *r, struct str *subject)
{
    struct php_value search = r->c->args[0];
    struct str from, to;
    if (search.type == PHP_ARRAY)
        return replace_list(r, search.a, subject);
    return fn_text_as(r->c, 0, "search", "array|string", &from) &&
           fn_text_as(r->c, 1, "replace", "array|string", &to) &&
           replace_one(r, subject, from, to);
}

static bool replace_in_each(const struct replacing *r, const struct php_array *subjects)
{
    struct arena *perm = r->c->perm;
    struct php_array *out = php_array_new(perm);
    for (size_t i = 0; i < subjects->len; i++) {
        struct str s;
        if (!fn_element_text(r->c, subjects->at[i].value, &s) || !replace_in(r, &s))
            return false;
        php_array_put(perm, out, subjects->at[i].key, php_string(s));
    }
    return fn_return(r->c, php_from_array(out));
}

/* A parameter of the type array|string. */
static bool list_or_text(struct php_call *c, size_t i, const char *param)
{
    struct str s;
    return c->args[i].type == PHP_ARRAY || fn_text_as(c, i, param, "array|string", &s);
}

/* str_replace($search, $replace, $subject) */
static bool replace(struct php_call *c, bool no_case)
{
    const struct replacing r = {c, no_case};
    struct str s = S("");
    if (fn_has(c, 3))
        return err_set(c->e, ERR_UNSUPPORTED, "%s() that counts is not supported",
                       c->name);
    if (!list_or_text(c, 0, "search") || !list_or_text(c, 1, "replace") ||
        !list_or_text(c, 2, "subject"))
        return false;
    if (c->args[0].type != PHP_ARRAY && c->args[1].type == PHP_ARRAY)
        return err_set(c->e, ERR_JOB,
                       "%s(): Argument #2 ($replace) must be of type string when "
                       "argument #1 ($search) is a string",
                       c->name);
    if (c->args[2].type == PHP_ARRAY)
        return replace_in_each(&r, c->args[2].a);
    return fn_text(c, 2, "subject", &s) && replace_in(&r, &s) && fn_return_text(c, s);
}

static bool call_str_replace(struct php_call *c)
{
    return replace(c, false);
}

static bool call_str_ireplace(struct php_call *c)
{
    return replace(c, true);
}

/* substr_replace($string, $replace, $offset, $length = null) */
static bool call_substr_replace(struct php_call *c)
{
    struct str s = S(""), to = S("");
    int64_t offset = 0, length = INT64_MAX;
    size_t from, len;
    for (size_t i = 0; i < c->len; i++)
        if (c->args[i].type == PHP_ARRAY)
            return err_set(c->e, ERR_UNSUPPORTED, "%s() of an array is not supported",
                           c->name);
    if (!fn_text_as(c, 0, "string", "array|string", &s) ||
        !fn_text_as(c, 1, "replace", "array|string", &to) ||
        !fn_int_as(c, 2, "offset", "array|int", &offset))
        return false;
    bool has_length = fn_has(c, 3) && c->args[3].type != PHP_NULL;
    if (has_length && !fn_int_as(c, 3, "length", "array|int|null", &length))
        return false;
    fn_clip(s.len, offset, length, &from, &len);
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    buf_add(&b, str_sub(s, 0, from));
    buf_add(&b, to);
    buf_add(&b, str_skip(s, from + len));
    return fn_return_buf(c, &b);
}

/* === strtr === */

/* Of the keys that s begins with, the longest one's number; `len`: there is none. */
static size_t longest_key(const struct str *keys, size_t len, struct str s)
{
    size_t found = len;
    for (size_t i = 0; i < len; i++) {
        size_t best = found < len ? keys[found].len : 0;
        if (keys[i].len > best && str_starts(s, keys[i]))
            found = i;
    }
    return found;
}

static bool translate_pairs(struct php_call *c, struct str s, const struct php_array *a)
{
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    struct str *keys = NEW(c->perm, struct str, a->len + 1);
    for (size_t i = 0; i < a->len; i++) {
        struct php_key k = a->at[i].key;
        keys[i] = k.is_int ? str_fmt(c->perm, "%lld", (long long)k.i) : k.s;
    }
    while (s.len > 0 && !b.full) {
        size_t i = longest_key(keys, a->len, s);
        struct str to = str_sub(s, 0, 1);
        if (i < a->len && !fn_element_text(c, a->at[i].value, &to))
            return false;
        buf_add(&b, to);
        s = str_skip(s, i < a->len ? keys[i].len : 1);
    }
    return fn_return_buf(c, &b);
}

static bool translate_bytes(struct php_call *c, struct str s, struct str from,
                            struct str to)
{
    unsigned char map[256];
    for (int i = 0; i < 256; i++)
        map[i] = (unsigned char)i;
    for (size_t i = 0; i < from.len && i < to.len; i++)
        map[(unsigned char)from.ptr[i]] = (unsigned char)to.ptr[i];
    char *bytes = NEW(c->perm, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        bytes[i] = (char)map[(unsigned char)s.ptr[i]];
    return fn_return_text(c, (struct str){bytes, s.len});
}

/* strtr($string, $from, $to), of bytes, or strtr($string, $pairs) */
static bool call_strtr(struct php_call *c)
{
    struct str s = S(""), from = S(""), to = S("");
    bool is_list = c->args[1].type == PHP_ARRAY, has_to = fn_has(c, 2);
    if (!fn_text(c, 0, "string", &s) ||
        (!is_list && !fn_text_as(c, 1, "from", "array|string", &from)) ||
        !fn_text_or_null(c, 2, "to", &to))
        return false;
    has_to = has_to && c->args[2].type != PHP_NULL;
    if (is_list && has_to)
        return fn_type_error(c, 1, "from", "string");
    if (!is_list && !has_to)
        return err_set(
            c->e, ERR_JOB,
            "strtr(): Argument #2 ($from) must be of type array, string given");
    if (is_list)
        return translate_pairs(c, s, c->args[1].a);
    return translate_bytes(c, s, from, to);
}

const struct php_function fn_replace[] = {
    {"str_replace", 3, 4, call_str_replace},
    {"str_ireplace", 3, 4, call_str_ireplace},
    {"substr_replace", 3, 4, call_substr_replace},
    {"strtr", 2, 3, call_strtr},
    {NULL, 0, 0, NULL},
};
