/* json: JSON → a value, as PHP's json_decode reads it. */
#include <stdlib.h>

#include "php/values_imp.h"

enum { MAX_DEPTH = 511 }; /* json_decode's default of 512 counts the innermost value */

struct reader {
    struct str in;
    size_t at, depth;
    size_t left; /* values that there is room for */
    bool arrays;
    struct arena *perm;
    struct error *e;
};

/* PHP's own words, as json_last_error_msg tells them. */
static const char syntax_error[] = "Syntax error",
                  utf8_error[] =
                      "Malformed UTF-8 characters, possibly incorrectly encoded",
                  utf16_error[] = "Single unpaired UTF-16 surrogate in unicode escape",
                  control_error[] =
                      "Control character error, possibly incorrectly encoded",
                  state_error[] = "State mismatch (invalid or malformed JSON)",
                  depth_error[] = "Maximum stack depth exceeded",
                  name_error[] = "The decoded property name is invalid";

static bool value(struct reader *r, struct php_value *out);

static bool fail(struct reader *r, const char *why)
{
    return err_set(r->e, ERR_JOB, "%s", why);
}

/* unexpected says what is wrong with the byte at hand. */
static bool unexpected(struct reader *r)
{
    if (r->at == r->in.len)
        return fail(r, syntax_error);
    size_t at = r->at;
    if ((unsigned char)r->in.ptr[at] < 0x20)
        return fail(r, control_error);
    bool broken = str_utf8(r->in, &at) == 0xFFFD && at == r->at + 1;
    return fail(r, broken ? utf8_error : syntax_error);
}

/* peek gives the next byte, or NUL at the end: a NUL in the text is an error anyway. */
static char peek(const struct reader *r)
{
    return r->at < r->in.len ? r->in.ptr[r->at] : '\0';
}

static void blanks(struct reader *r)
{
    while (r->at < r->in.len && memchr(" \t\n\r", r->in.ptr[r->at], 4))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    blanks(r);
    if (r->at == r->in.len || r->in.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* === literals and numbers === */

static bool literal(struct reader *r, struct php_value *out)
{
    const struct {
        struct str word;
        struct php_value v;
    } words[] = {{S("true"), php_bool(true)},
                 {S("false"), php_bool(false)},
                 {S("null"), php_null()}};
    for (size_t i = 0; i < COUNT(words); i++) {
        if (!str_eq(str_sub(r->in, r->at, words[i].word.len), words[i].word))
            continue;
        r->at += words[i].word.len;
        *out = words[i].v;
        return true;
    }
    return unexpected(r);
}

static size_t digits(struct reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at - from;
}

/* A fraction or an exponent that lacks its digits is none: what is left of it is then
 * unexpected. */
static bool fraction(struct reader *r)
{
    size_t from = r->at;
    if (peek(r) != '.')
        return false;
    r->at++;
    if (digits(r))
        return true;
    r->at = from;
    return false;
}

static bool exponent(struct reader *r)
{
    size_t from = r->at;
    if (peek(r) != 'e' && peek(r) != 'E')
        return false;
    r->at++;
    if (peek(r) == '+' || peek(r) == '-')
        r->at++;
    if (digits(r))
        return true;
    r->at = from;
    return false;
}

/* An integer beyond 64 bits is a float. */
static bool number(struct reader *r, struct php_value *out)
{
    size_t from = r->at;
    int64_t i;
    if (peek(r) == '-')
        r->at++;
    if (peek(r) == '0')
        r->at++;
    else if (digits(r) == 0)
        return fail(r, syntax_error);
    bool whole = !fraction(r);
    whole = !exponent(r) && whole;
    struct str text = str_sub(r->in, from, r->at - from);
    if (whole && str_to_i64(text, &i))
        *out = php_int(i);
    else
        *out = php_float(strtod(str_z(r->perm, text), NULL));
    return true;
}

/* === strings === */

static bool hex4(struct reader *r, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        static const char hex[] = "0123456789abcdef0123456789ABCDEF";
        char c = peek(r);
        const char *found = c ? strchr(hex, c) : NULL;
        if (!found)
            return fail(r, syntax_error);
        *out = *out << 4 | (uint32_t)((found - hex) & 15);
    }
    return true;
}

/* A code point above U+FFFF is written as two escapes. */
static bool unicode_escape(struct reader *r, struct buf *b)
{
    uint32_t high, low;
    if (!hex4(r, &high))
        return false;
    if (high < 0xD800 || high > 0xDFFF) {
        buf_utf8(b, high);
        return true;
    }
    if (high > 0xDBFF || !str_starts(str_skip(r->in, r->at), S("\\u")))
        return fail(r, utf16_error);
    r->at += 2;
    if (!hex4(r, &low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail(r, utf16_error);
    buf_utf8(b, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return true;
}

static bool escape(struct reader *r, struct buf *b)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    r->at++;
    if (c == 'u')
        return unicode_escape(r, b);
    const char *found = c ? strchr(from, c) : NULL;
    if (!found)
        return fail(r, syntax_error);
    buf_byte(b, to[found - from]);
    return true;
}

/* plain passes over the bytes that stand for themselves. */
static bool plain(struct reader *r)
{
    while (r->at < r->in.len && r->in.ptr[r->at] != '"' && r->in.ptr[r->at] != '\\') {
        size_t from = r->at;
        if ((unsigned char)r->in.ptr[from] < 0x20)
            return fail(r, control_error);
        if (str_utf8(r->in, &r->at) == 0xFFFD && r->at == from + 1)
            return fail(r, utf8_error);
    }
    return true;
}

/* string reads behind the opening quote; one without escapes is lent from the text. */
static bool string(struct reader *r, struct str *out)
{
    size_t from = r->at;
    if (!plain(r))
        return false;
    if (peek(r) == '"') {
        *out = str_sub(r->in, from, r->at++ - from);
        return true;
    }
    struct buf b = buf_new(r->perm, r->in.len);
    buf_add(&b, str_sub(r->in, from, r->at - from));
    while (peek(r) == '\\') {
        r->at++;
        if (!escape(r, &b))
            return false;
        from = r->at;
        if (!plain(r))
            return false;
        buf_add(&b, str_sub(r->in, from, r->at - from));
    }
    *out = buf_str(&b);
    return take(r, '"') || fail(r, control_error);
}

/* === containers === */

/* closing takes the bracket that is due; the other one has words of its own. */
static bool closing(struct reader *r, char due, char other)
{
    if (take(r, due))
        return true;
    return peek(r) == other ? fail(r, state_error) : unexpected(r);
}

static bool list(struct reader *r, struct php_array *a)
{
    struct php_value v;
    if (take(r, ']'))
        return true;
    if (peek(r) == '}')
        return fail(r, state_error);
    do {
        if (!value(r, &v))
            return false;
        php_array_push(r->perm, a, v);
    } while (take(r, ','));
    return closing(r, ']', '}');
}

static bool member(struct reader *r, struct php_array *a)
{
    struct str name;
    struct php_value v;
    if (!take(r, '"'))
        return unexpected(r);
    if (!string(r, &name))
        return false;
    if (!take(r, ':'))
        return unexpected(r);
    if (!value(r, &v))
        return false;
    if (!r->arrays && name.len && name.ptr[0] == '\0')
        return fail(r, name_error);
    /* "12" is the key 12 of an array, and a property's name stays what it is. */
    struct php_key key = r->arrays ? php_key_from(name) : (struct php_key){.s = name};
    php_array_put(r->perm, a, key, v);
    return true;
}

static bool members(struct reader *r, struct php_array *a)
{
    if (take(r, '}'))
        return true;
    if (peek(r) == ']')
        return fail(r, state_error);
    do {
        if (!member(r, a))
            return false;
    } while (take(r, ','));
    return closing(r, '}', ']');
}

static bool container(struct reader *r, char open, struct php_value *out)
{
    bool ok;
    if (r->depth++ == MAX_DEPTH)
        return fail(r, depth_error);
    if (open == '[') {
        *out = php_from_array(php_array_new(r->perm));
        ok = list(r, out->a);
    } else if (r->arrays) {
        *out = php_from_array(php_array_new(r->perm));
        ok = members(r, out->a);
    } else {
        *out = php_from_object(php_object_new(r->perm, PHP_PLAIN, S("stdClass")));
        ok = members(r, out->o->props);
    }
    r->depth--;
    return ok;
}

static bool value(struct reader *r, struct php_value *out)
{
    struct str text;
    if (r->left-- == 0)
        return err_set(r->e, ERR_UNSUPPORTED, "it has too many values");
    blanks(r);
    char c = peek(r);
    if (c == '[' || c == '{') {
        r->at++;
        return container(r, c, out);
    }
    if (c == '"') {
        r->at++;
        if (!string(r, &text))
            return false;
        *out = php_string(text);
        return true;
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return number(r, out);
    return literal(r, out);
}

static bool whole(struct reader *r, struct php_value *out)
{
    if (!value(r, out))
        return false;
    blanks(r);
    return r->at == r->in.len || unexpected(r);
}

bool php_json_read(struct str in, bool arrays, struct arena *perm, struct php_value *out,
                   struct error *e)
{
    struct reader r = {
        .in = in, .left = SIZE_MAX, .arrays = arrays, .perm = perm, .e = e};
    return whole(&r, out);
}

bool php_json_read_some(struct str in, size_t most, struct arena *perm,
                        struct php_value *out, struct error *e)
{
    struct reader r = {.in = in, .left = most, .arrays = true, .perm = perm, .e = e};
    return whole(&r, out);
}
