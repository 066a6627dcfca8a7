/* preg_replace and its like, for files alone. */
#include "php/expr_imp.h"
#include "php/fn_imp.h"
#include "php/regex_imp.h"

static bool text_arg(struct php_call *c, size_t i, struct str *out)
{
    if (c->args[i].type == PHP_ARRAY)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of an array is not supported",
                       c->name);
    return fn_text(c, i, "subject", out);
}

static struct regex *pattern_arg(struct php_call *c, struct php_value v)
{
    if (v.type == PHP_STRING)
        return regex_compile(v.s, c->name, c->perm, c->e);
    err_set(c->e, ERR_UNSUPPORTED, "%s() by such a pattern is not supported", c->name);
    return NULL;
}

/* === replacing === */

static bool is_digit(struct str s, size_t at)
{
    return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* reference reads "$1", "${12}" or "\1" at the start of s; 0: there is none, else the
 * bytes that it has. */
static size_t reference(struct str s, size_t *group)
{
    bool brace = str_starts(s, S("${"));
    size_t at = brace ? 2 : 1, from = at;
    *group = 0;
    while (is_digit(s, at) && at - from < 2)
        *group = *group * 10 + (size_t)(s.ptr[at++] - '0');
    if (at == from || (brace && (at >= s.len || s.ptr[at] != '}')))
        return 0;
    return brace ? at + 1 : at;
}

static void add_group(struct buf *b, struct str s, const struct regex_match *m,
                      size_t group)
{
    if (group < REGEX_GROUPS && m->to[group] != SIZE_MAX)
        buf_add(b, str_sub(s, m->from[group], m->to[group] - m->from[group]));
}

/* add_replacement goes as PHP does: a backslash before "\" or "$" gives way to it. */
static void add_replacement(struct buf *b, struct str with, struct str s,
                            const struct regex_match *m)
{
    char last = '\0';
    for (size_t at = 0; at < with.len;) {
        char c = with.ptr[at];
        size_t group, len = 0;
        bool special = c == '\\' || c == '$';
        if (special && last == '\\') {
            b->ptr[b->len - 1] = c;
            last = '\0';
            at++;
            continue;
        }
        if (special)
            len = reference(str_skip(with, at), &group);
        if (len)
            add_group(b, s, m, group);
        else
            buf_byte(b, c);
        at += len ? len : 1;
        last = len ? with.ptr[at - 1] : c;
    }
}

static bool replace(struct php_call *c, const struct regex *r, struct str with,
                    int64_t limit, struct str *s)
{
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    size_t at = 0;
    bool after_empty = false;
    while (limit != 0 && at <= s->len) {
        struct regex_match m;
        if (!regex_find(r, *s, at, after_empty, &m, c->e))
            return false;
        if (!m.found && !after_empty)
            break;
        if (!m.found) {
            size_t next = regex_step(r, *s, at);
            buf_add(&b, str_sub(*s, at, next - at));
            at = next;
            after_empty = false;
            continue;
        }
        buf_add(&b, str_sub(*s, at, m.from[0] - at));
        add_replacement(&b, with, *s, &m);
        at = m.to[0];
        after_empty = m.to[0] == m.from[0];
        limit -= limit > 0;
    }
    buf_add(&b, str_skip(*s, at));
    *s = buf_str(&b);
    return !b.full || fn_return_buf(c, &b);
}

/* preg_replace($pattern, $replacement, $subject, $limit = -1): patterns may be a list,
 * with one replacement or a list of them. */
static bool call_replace(struct php_call *c)
{
    struct str s = S(""), with;
    int64_t limit = -1;
    struct php_entry entry = {.value = c->args[0]};
    struct php_array one = {.at = &entry, .len = 1};
    bool several = c->args[0].type == PHP_ARRAY, lists = c->args[1].type == PHP_ARRAY;
    const struct php_array *patterns = several ? c->args[0].a : &one;
    if (!text_arg(c, 2, &s) || !fn_int(c, 3, "limit", &limit))
        return false;
    if (lists && !several)
        return fn_type_error(c, 0, "pattern",
                             "array when argument #2 ($replacement) is an array");
    for (size_t i = 0; i < patterns->len; i++) {
        struct regex *r = pattern_arg(c, php_deref(patterns->at[i].value));
        struct php_value v = lists ? php_string(S("")) : c->args[1];
        if (lists && i < c->args[1].a->len)
            v = php_deref(c->args[1].a->at[i].value);
        if (!r || !php_to_string(v, c->perm, &with, c->e) ||
            !replace(c, r, with, limit, &s))
            return false;
    }
    return fn_return_text(c, s);
}

/* === asking, parting, quoting === */

/* preg_match($pattern, $subject): the groups, by reference, are not there. */
static bool call_match(struct php_call *c)
{
    struct str s = S("");
    struct regex_match m;
    struct regex *r = pattern_arg(c, c->args[0]);
    if (!r || !text_arg(c, 1, &s) || !regex_find(r, s, 0, false, &m, c->e))
        return false;
    return fn_return(c, php_int(m.found));
}

/* split cuts s at the matches; an empty one is passed over as in a replacement. */
static bool split(struct php_call *c, const struct regex *r, struct str s, bool no_empty,
                  struct php_array *out)
{
    size_t at = 0, last = 0;
    bool after_empty = false;
    for (;;) {
        struct regex_match m;
        if (!regex_find(r, s, at, after_empty, &m, c->e))
            return false;
        if (!m.found && (!after_empty || at >= s.len))
            break;
        after_empty = m.found && m.to[0] == m.from[0];
        if (m.found && (m.from[0] > last || !no_empty))
            php_array_push(c->perm, out, php_string(str_sub(s, last, m.from[0] - last)));
        last = m.found ? m.to[0] : last;
        at = m.found ? last : regex_step(r, s, at);
    }
    if (last < s.len || !no_empty)
        php_array_push(c->perm, out, php_string(str_skip(s, last)));
    return true;
}

/* preg_split($pattern, $subject, $limit = -1, $flags = 0) */
static bool call_split(struct php_call *c)
{
    enum { NO_EMPTY = 1 };
    struct str s = S("");
    int64_t limit = -1, flags = 0;
    struct regex *r = pattern_arg(c, c->args[0]);
    struct php_array *out = php_array_new(c->perm);
    if (!r || !text_arg(c, 1, &s) || !fn_int_or_null(c, 2, "limit", &limit) ||
        !fn_int(c, 3, "flags", &flags))
        return false;
    if (flags & ~(int64_t)NO_EMPTY || limit > 0)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() with a limit or these flags is not supported", c->name);
    return split(c, r, s, flags & NO_EMPTY, out) && fn_return(c, php_from_array(out));
}

/* preg_quote($str, $delimiter = null) */
static bool call_quote(struct php_call *c)
{
    struct str s = S(""), delimiter = S("");
    if (!fn_text(c, 0, "str", &s) || !fn_text_or_null(c, 1, "delimiter", &delimiter))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.ptr[i];
        bool special = ch && strchr(".\\+*?[^]$(){}=!<>|:-#", ch);
        if (special || (delimiter.len && ch == delimiter.ptr[0] && ch))
            buf_byte(&b, '\\');
        if (ch)
            buf_byte(&b, ch);
        else
            buf_add(&b, S("\\000"));
    }
    return fn_return_buf(c, &b);
}

const struct php_function php_regex_functions[] = {
    {"preg_replace", 3, 4, call_replace},
    {"preg_match", 2, 2, call_match},
    {"preg_split", 2, 4, call_split},
    {"preg_quote", 1, 2, call_quote},
    {NULL, 0, 0, NULL},
};
