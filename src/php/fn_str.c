/* Laravel's Str, those of its methods that are plain. They take well-formed texts only:
 * what PHP makes of other values is refused. */
#include "php/fn_imp.h"

enum { MAX_TEXTS = 3 };

/* read_texts reads the first n arguments. */
static bool read_texts(struct php_call *c, size_t n, struct str *out)
{
    for (size_t i = 0; i < n && i < c->len; i++) {
        if (c->args[i].type != PHP_STRING || !str_utf8_ok(c->args[i].s))
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of anything but well-formed text is not supported",
                           c->name);
        out[i] = c->args[i].s;
    }
    return true;
}

static struct str trim_right(struct str s)
{
    while (s.len && (strchr(" \n\r\t\v", s.ptr[s.len - 1])))
        s.len--;
    return s;
}

/* === asking === */

typedef bool has_fn(struct str s, struct str part);

/* contains($haystack, $needles): one needle or a list; null has none. */
static bool has_any(struct php_call *c, has_fn *has)
{
    struct php_array one = {.len = 1};
    struct php_entry entry = {.value = c->args[1]};
    const struct php_array *needles = &one;
    struct str s;
    one.at = &entry;
    if (c->args[0].type == PHP_NULL)
        return fn_return(c, php_bool(false));
    if (!read_texts(c, 1, &s))
        return false;
    if (c->args[1].type == PHP_ARRAY)
        needles = c->args[1].a;
    bool found = false;
    for (size_t i = 0; i < needles->len && !found; i++) {
        struct php_value needle = php_deref(needles->at[i].value);
        if (needle.type != PHP_STRING)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of anything but text is not supported", c->name);
        found = needle.s.len > 0 && has(s, needle.s);
    }
    return fn_return(c, php_bool(found));
}

static bool call_contains(struct php_call *c)
{
    return has_any(c, str_has);
}

static bool call_starts_with(struct php_call *c)
{
    return has_any(c, str_starts);
}

static bool call_ends_with(struct php_call *c)
{
    return has_any(c, str_ends);
}

/* === parts === */

static struct str after(struct str s, struct str search, bool last)
{
    ptrdiff_t at = last ? fn_find_last(s, search) : str_find(s, search);
    return at < 0 || search.len == 0 ? s : str_skip(s, (size_t)at + search.len);
}

static struct str before(struct str s, struct str search, bool last)
{
    ptrdiff_t at = last ? fn_find_last(s, search) : str_find(s, search);
    return at < 0 || search.len == 0 ? s : str_sub(s, 0, (size_t)at);
}

static bool call_after(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    return read_texts(c, 2, t) && fn_return_text(c, after(t[0], t[1], false));
}

static bool call_after_last(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    return read_texts(c, 2, t) && fn_return_text(c, after(t[0], t[1], true));
}

static bool call_before(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    return read_texts(c, 2, t) && fn_return_text(c, before(t[0], t[1], false));
}

static bool call_before_last(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    return read_texts(c, 2, t) && fn_return_text(c, before(t[0], t[1], true));
}

/* between($subject, $from, $to) */
static bool between(struct php_call *c, bool last)
{
    struct str t[MAX_TEXTS];
    if (!read_texts(c, 3, t))
        return false;
    if (t[1].len == 0 || t[2].len == 0)
        return fn_return_text(c, t[0]);
    return fn_return_text(c, before(after(t[0], t[1], false), t[2], last));
}

static bool call_between(struct php_call *c)
{
    return between(c, true);
}

static bool call_between_first(struct php_call *c)
{
    return between(c, false);
}

/* === limits === */

/* The columns that a character takes; -1: one of a script that is not looked at. */
static int width_of(uint32_t code_point)
{
    bool narrow = code_point < 0x1100 || (code_point >= 0x1E00 && code_point < 0x2300);
    return narrow ? 1 : -1;
}

/* cut_to_width gives as much of s as `width` columns hold. */
static bool cut_to_width(struct str s, int64_t width, struct str *out)
{
    size_t at = 0;
    *out = s;
    for (int64_t used = 0; at < s.len;) {
        size_t from = at;
        int columns = width_of(str_utf8(s, &at));
        if (columns < 0)
            return false;
        used += columns;
        if (used <= width)
            continue;
        *out = str_sub(s, 0, from);
        return true;
    }
    return true;
}

/* limit($value, $limit = 100, $end = '...') */
static bool call_limit(struct php_call *c)
{
    struct str t[MAX_TEXTS] = {S(""), S(""), S("...")}, part;
    int64_t limit = 100;
    if (c->args[0].type == PHP_NULL)
        return true;
    if (!read_texts(c, 1, t) || !fn_int(c, 1, "limit", &limit) ||
        !fn_text(c, 2, "end", &t[2]))
        return false;
    if (limit < 0 || !cut_to_width(t[0], limit, &part))
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of such a text is not supported",
                       c->name);
    if (part.len == t[0].len)
        return fn_return_text(c, t[0]);
    return fn_return_text(c, str_join(c->perm, trim_right(part), t[2]));
}

/* pass moves over blanks, or over what is none. */
static size_t pass(struct str s, size_t at, bool blanks)
{
    for (size_t next = at; next < s.len; at = next)
        if (fn_is_blank(str_utf8(s, &next)) != blanks)
            return at;
    return s.len;
}

/* words($value, $words = 100, $end = '...') */
static bool call_words(struct php_call *c)
{
    struct str t[MAX_TEXTS] = {S(""), S(""), S("...")};
    int64_t words = 100;
    if (!read_texts(c, 1, t) || !fn_int(c, 1, "words", &words) ||
        !fn_text(c, 2, "end", &t[2]))
        return false;
    if (words < 1 || words > 65535)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of so many words is not supported",
                       c->name);
    size_t found = 0, at = pass(t[0], 0, true);
    for (int64_t n = 0; n < words && at < t[0].len; n++, found++)
        at = pass(t[0], pass(t[0], at, false), true);
    if (found == 0 || at == t[0].len)
        return fn_return_text(c, t[0]);
    return fn_return_text(c, str_join(c->perm, trim_right(str_sub(t[0], 0, at)), t[2]));
}

/* take($string, $limit): characters, from the end when negative */
static bool call_take(struct php_call *c)
{
    struct str s, whole;
    int64_t limit = 0;
    if (!read_texts(c, 1, &s) || !fn_int(c, 1, "limit", &limit))
        return false;
    size_t from, len, at = 0;
    int64_t total = (int64_t)str_utf8_len(s);
    fn_clip((size_t)total, limit < 0 ? limit : 0, limit < 0 ? INT64_MAX : limit, &from,
            &len);
    whole = s;
    for (; from > 0; from--)
        str_utf8(s, &at);
    whole = str_skip(s, at);
    for (at = 0; len > 0; len--)
        str_utf8(whole, &at);
    return fn_return_text(c, str_sub(whole, 0, at));
}

/* === making === */

/* finish($value, $cap): one cap at the end, however many there were */
static bool call_finish(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    if (!read_texts(c, 2, t))
        return false;
    /* PHP's $ also stands before a last newline. */
    if (str_ends(t[0], S("\n")) && t[1].len)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of a text that ends with a newline is not supported",
                       c->name);
    while (t[1].len && str_ends(t[0], t[1]))
        t[0].len -= t[1].len;
    return fn_return_text(c, str_join(c->perm, t[0], t[1]));
}

/* start($value, $prefix) */
static bool call_start(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    if (!read_texts(c, 2, t))
        return false;
    while (t[1].len && str_starts(t[0], t[1]))
        t[0] = str_skip(t[0], t[1].len);
    return fn_return_text(c, str_join(c->perm, t[1], t[0]));
}

/* wrap($value, $before, $after = $before) */
static bool call_wrap(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    if (!read_texts(c, 3, t))
        return false;
    struct str end = fn_has(c, 2) ? t[2] : t[1];
    return fn_return_text(c, str_join(c->perm, str_join(c->perm, t[1], t[0]), end));
}

/* replaceFirst($search, $replace, $subject) */
static bool replace_one(struct php_call *c, bool last)
{
    struct str t[MAX_TEXTS];
    if (!read_texts(c, 3, t))
        return false;
    ptrdiff_t at = last ? fn_find_last(t[2], t[0]) : str_find(t[2], t[0]);
    if (at < 0 || t[0].len == 0)
        return fn_return_text(c, t[2]);
    struct str head = str_join(c->perm, str_sub(t[2], 0, (size_t)at), t[1]);
    return fn_return_text(c,
                          str_join(c->perm, head, str_skip(t[2], (size_t)at + t[0].len)));
}

static bool call_replace_first(struct php_call *c)
{
    return replace_one(c, false);
}

static bool call_replace_last(struct php_call *c)
{
    return replace_one(c, true);
}

/* remove($search, $subject) */
static bool call_remove(struct php_call *c)
{
    struct str t[MAX_TEXTS];
    if (!read_texts(c, 2, t))
        return false;
    return fn_return_text(c, t[0].len ? str_replace(c->perm, t[1], t[0], S("")) : t[1]);
}

/* reverse($value): its characters */
static bool call_reverse(struct php_call *c)
{
    struct str s;
    if (!read_texts(c, 1, &s))
        return false;
    char *bytes = NEW(c->perm, char, s.len + 1);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        str_utf8(s, &at);
        memcpy(bytes + s.len - at, s.ptr + from, at - from);
    }
    return fn_return_text(c, (struct str){bytes, s.len});
}

enum side { LEFT = 1, RIGHT = 2 };

static void add_pad(struct buf *b, struct str pad, size_t chars)
{
    for (size_t at = 0; chars > 0; chars--) {
        size_t from = at;
        str_utf8(pad, &at);
        buf_add(b, str_sub(pad, from, at - from));
        at = at < pad.len ? at : 0;
    }
}

/* padLeft($value, $length, $pad = ' '): by characters; of an odd rest the right side has
 * one more. */
static bool pad(struct php_call *c, enum side sides)
{
    struct str s, pad = S(" ");
    int64_t length = 0;
    if (!read_texts(c, 1, &s) || !fn_int(c, 1, "length", &length) ||
        !fn_text(c, 2, "pad", &pad))
        return false;
    if (pad.len == 0 || !str_utf8_ok(pad) || length > FN_MAX_TEXT / 4)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of such a length is not supported",
                       c->name);
    int64_t have = (int64_t)str_utf8_len(s);
    size_t more = length > have ? (size_t)(length - have) : 0;
    size_t left = sides == RIGHT ? 0 : sides == LEFT ? more : more / 2;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    add_pad(&b, pad, left);
    buf_add(&b, s);
    add_pad(&b, pad, more - left);
    return fn_return_buf(c, &b);
}

static bool call_pad_left(struct php_call *c)
{
    return pad(c, LEFT);
}

static bool call_pad_right(struct php_call *c)
{
    return pad(c, RIGHT);
}

static bool call_pad_both(struct php_call *c)
{
    return pad(c, LEFT | RIGHT);
}

#define STR_ROW(name, min, max, fn)                                                      \
    {                                                                                    \
        "Illuminate\\Support\\Str::" name, min, max, fn                                  \
    }

const struct php_function fn_str[] = {
    STR_ROW("contains", 2, 2, call_contains),
    STR_ROW("startsWith", 2, 2, call_starts_with),
    STR_ROW("endsWith", 2, 2, call_ends_with),
    STR_ROW("after", 2, 2, call_after),
    STR_ROW("afterLast", 2, 2, call_after_last),
    STR_ROW("before", 2, 2, call_before),
    STR_ROW("beforeLast", 2, 2, call_before_last),
    STR_ROW("between", 3, 3, call_between),
    STR_ROW("betweenFirst", 3, 3, call_between_first),
    STR_ROW("limit", 1, 3, call_limit),
    STR_ROW("words", 1, 3, call_words),
    STR_ROW("take", 2, 2, call_take),
    STR_ROW("finish", 2, 2, call_finish),
    STR_ROW("start", 2, 2, call_start),
    STR_ROW("wrap", 2, 3, call_wrap),
    STR_ROW("replaceFirst", 3, 3, call_replace_first),
    STR_ROW("replaceLast", 3, 3, call_replace_last),
    STR_ROW("remove", 2, 2, call_remove),
    STR_ROW("reverse", 1, 1, call_reverse),
    STR_ROW("padLeft", 2, 3, call_pad_left),
    STR_ROW("padRight", 2, 3, call_pad_right),
    STR_ROW("padBoth", 2, 3, call_pad_both),
    {NULL, 0, 0, NULL},
};
