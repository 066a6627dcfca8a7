/* Laravel's Str, those of its methods that make names of words: snake_case, kebab-case,
 * StudlyCase. Like fn_str.c they take well-formed texts only. */
#include "php/fn_imp.h"

/* read_text reads the text; null is an empty one. */
static bool read_text(struct php_call *c, struct str *out)
{
    *out = S("");
    if (c->args[0].type == PHP_NULL)
        return true;
    if (c->args[0].type != PHP_STRING || !str_utf8_ok(c->args[0].s))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of anything but well-formed text is not supported", c->name);
    *out = c->args[0].s;
    return true;
}

static bool refuse(struct php_call *c, const char *what)
{
    return err_set(c->e, ERR_UNSUPPORTED, "%s() %s is not supported", c->name, what);
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static char to_upper(char c)
{
    return is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

bool fn_is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

/* joined is preg_replace('/\s+/u', '', ucwords($value)). */
static struct str joined(struct php_call *c, struct str s)
{
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    bool starts = true;
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t code_point = str_utf8(s, &at);
        bool blank = fn_is_blank(code_point);
        if (!blank && starts && code_point < 0x80)
            buf_byte(&b, to_upper((char)code_point));
        else if (!blank)
            buf_add(&b, str_sub(s, from, at - from));
        starts = blank && code_point < 0x80;
    }
    return buf_str(&b);
}

/* snaked puts the delimiter before each capital but the first character. */
static bool snaked(struct php_call *c, struct str s, struct str delimiter)
{
    bool plain = s.len > 0;
    for (size_t i = 0; i < s.len; i++)
        plain = plain && is_lower(s.ptr[i]);
    if (plain)
        return fn_return_text(c, s);
    struct str words = joined(c, s);
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < words.len; i++) {
        if (i > 0 && is_upper(words.ptr[i]))
            buf_add(&b, delimiter);
        buf_byte(&b, words.ptr[i]);
    }
    struct buf lower = buf_new(c->perm, FN_MAX_TEXT);
    php_letters(&lower, buf_str(&b), PHP_LOWER);
    return fn_return_buf(c, &lower);
}

/* Str::snake($value, $delimiter = '_'). The delimiter stands in PHP's replacement. */
static bool call_snake(struct php_call *c)
{
    struct str s, delimiter = S("_");
    if (!read_text(c, &s) || !fn_text(c, 1, "delimiter", &delimiter))
        return false;
    for (size_t i = 0; i < delimiter.len; i++)
        if (strchr("$\\{0123456789", delimiter.ptr[i]) || !str_utf8_ok(delimiter))
            return refuse(c, "with this delimiter");
    return snaked(c, s, delimiter);
}

static bool call_kebab(struct php_call *c)
{
    struct str s;
    return read_text(c, &s) && snaked(c, s, S("-"));
}

/* studly: words begin with a capital and touch. Versions differ in which blanks part
 * words: only " " is looked at. */
static bool studly(struct php_call *c, struct buf *b)
{
    struct str s;
    bool starts = true;
    if (!read_text(c, &s))
        return false;
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t code_point = str_utf8(s, &at);
        bool is_break = code_point == ' ' || code_point == '-' || code_point == '_';
        if (!is_break && fn_is_blank(code_point))
            return refuse(c, "of a text with other blanks than spaces");
        struct str letter = is_break ? S("") : str_sub(s, from, at - from);
        if (starts)
            php_letters(b, letter, PHP_UPPER);
        else
            buf_add(b, letter);
        starts = is_break;
    }
    return true;
}

static bool call_studly(struct php_call *c)
{
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    return studly(c, &b) && fn_return_buf(c, &b);
}

/* Str::camel: as studly; lcfirst knows ASCII alone. */
static bool call_camel(struct php_call *c)
{
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    if (!studly(c, &b))
        return false;
    if (b.len && is_upper(b.ptr[0]))
        b.ptr[0] = (char)(b.ptr[0] - 'A' + 'a');
    return fn_return_buf(c, &b);
}

/* Str::ascii($value, $language = 'en') */
static bool call_ascii(struct php_call *c)
{
    struct str s, language = S("en"), ascii;
    if (!read_text(c, &s) || !fn_text(c, 1, "language", &language))
        return false;
    if (!str_eq(language, S("en")))
        return refuse(c, "in this language");
    if (!php_ascii(c->perm, s, &ascii))
        return refuse(c, "of Greek or Bengali letters");
    return fn_return_text(c, ascii);
}

/* Str::squish($value): one blank for a run of them, none at the ends. */
static bool call_squish(struct php_call *c)
{
    struct str s;
    if (!read_text(c, &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    bool pending = false;
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80 || s.ptr[i] == '\0')
            return refuse(c, "of letters beyond ASCII");
        if (fn_is_blank((unsigned char)s.ptr[i])) {
            pending = b.len > 0;
            continue;
        }
        if (pending)
            buf_byte(&b, ' ');
        pending = false;
        buf_byte(&b, s.ptr[i]);
    }
    return fn_return_buf(c, &b);
}

/* matches: "*" stands for any text. */
static bool matches(struct str pattern, struct str s)
{
    struct cut part = str_cut(pattern, '*');
    if (!part.ok)
        return str_eq(pattern, s);
    if (!str_starts(s, part.head))
        return false;
    s = str_skip(s, part.head.len);
    for (part = str_cut(part.tail, '*'); part.ok; part = str_cut(part.tail, '*')) {
        ptrdiff_t at = str_find(s, part.head);
        if (at < 0)
            return false;
        s = str_skip(s, (size_t)at + part.head.len);
    }
    return str_ends(s, part.head);
}

/* Str::is($pattern, $value): a pattern or a list of them. */
static bool call_is(struct php_call *c)
{
    struct php_entry entry = {.value = c->args[0]};
    struct php_array one = {.at = &entry, .len = 1};
    bool is_list = c->args[0].type == PHP_ARRAY, found = false;
    const struct php_array *patterns = is_list ? c->args[0].a : &one;
    struct php_value v = c->args[1];
    for (size_t i = 0; i < patterns->len; i++) {
        struct php_value pattern = php_deref(patterns->at[i].value);
        if (v.type != PHP_STRING || pattern.type != PHP_STRING || !str_utf8_ok(v.s) ||
            !str_utf8_ok(pattern.s))
            return refuse(c, "of anything but well-formed text");
        found = found || matches(pattern.s, v.s);
    }
    return fn_return(c, php_bool(found));
}

#define STR_ROW(name, min, max, fn)                                                      \
    {                                                                                    \
        "Illuminate\\Support\\Str::" name, min, max, fn                                  \
    }

const struct php_function fn_case[] = {
    STR_ROW("snake", 1, 2, call_snake),   STR_ROW("kebab", 1, 1, call_kebab),
    STR_ROW("studly", 1, 1, call_studly), STR_ROW("camel", 1, 1, call_camel),
    STR_ROW("ascii", 1, 2, call_ascii),   STR_ROW("squish", 1, 1, call_squish),
    STR_ROW("is", 2, 2, call_is),         {NULL, 0, 0, NULL},
};
