/* Functions that write text as HTML, and read it. */
#include "php/fn_imp.h"

/* The flags that PHP takes when none are given: ENT_QUOTES | ENT_SUBSTITUTE. */
enum { USUAL_FLAGS = 11 };

static bool read_usual(struct php_call *c, struct str *s)
{
    int64_t flags = USUAL_FLAGS;
    *s = S("");
    if (!fn_text(c, 0, "string", s) || !fn_int(c, 1, "flags", &flags))
        return false;
    /* Without substitutes a malformed text becomes empty. */
    if (flags == USUAL_FLAGS || (flags == 3 && str_utf8_ok(*s)))
        return true;
    return err_set(c->e, ERR_UNSUPPORTED, "%s() with these flags is not supported",
                   c->name);
}

/* === writing === */

static bool call_htmlspecialchars(struct php_call *c)
{
    struct str s;
    if (!read_usual(c, &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    php_escape(&b, s);
    return fn_return_buf(c, &b);
}

static bool call_htmlentities(struct php_call *c)
{
    struct str s;
    if (!read_usual(c, &s))
        return false;
    if (!str_utf8_ok(s))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "htmlentities() of malformed UTF-8 is not supported");
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t code_point = str_utf8(s, &at);
        const char *name = php_entity_name(code_point);
        if (name)
            buf_fmt(&b, "&%s;", name);
        else
            buf_add(&b, code_point == '\'' ? S("&#039;") : str_sub(s, from, at - from));
    }
    return fn_return_buf(c, &b);
}

/* === reading === */

static int digit_of(char c, int base)
{
    int low = c | 0x20;
    int value = c >= '0' && c <= '9'       ? c - '0'
                : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                           : 99;
    return value < base ? value : -1;
}

/* The character of "#039" or "#x27"; 0: there is none. */
static uint32_t numbered(struct str name)
{
    bool hex = name.len > 1 && (name.ptr[1] | 0x20) == 'x';
    int base = hex ? 16 : 10;
    struct str digits = str_skip(name, hex ? 2 : 1);
    uint32_t n = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digit_of(digits.ptr[i], base);
        if (digit < 0)
            return 0;
        n = n * (uint32_t)base + (uint32_t)digit;
        if (n > 0x10FFFF)
            return 0;
    }
    /* What HTML 4.01 has no character for stays as it is written. */
    bool allowed = (n >= 0x20 && n <= 0x7E) || n == '\n' || n == '\t' || n == '\r' ||
                   (n >= 0xA0 && n <= 0xD7FF) || n >= 0xE000;
    return digits.len && allowed ? n : 0;
}

static uint32_t entity_char(struct str name)
{
    return str_starts(name, S("#")) ? numbered(name) : php_entity_char(name);
}

static bool is_special(uint32_t code_point)
{
    return code_point && code_point < 0x80 && strchr("&<>\"'", (int)code_point);
}

/* decode replaces entities by their characters; of the special ones alone, or of all. */
static bool decode(struct php_call *c, bool all)
{
    struct str s;
    if (!read_usual(c, &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t at = 0; at < s.len;) {
        struct cut name = str_cut(str_skip(s, at + 1), ';');
        uint32_t code_point = 0;
        if (s.ptr[at] == '&' && name.ok)
            code_point = entity_char(name.head);
        if (code_point && (all || is_special(code_point))) {
            buf_utf8(&b, code_point);
            at += name.head.len + 2;
        } else {
            buf_byte(&b, s.ptr[at++]);
        }
    }
    return fn_return_buf(c, &b);
}

static bool call_html_entity_decode(struct php_call *c)
{
    return decode(c, true);
}

static bool call_htmlspecialchars_decode(struct php_call *c)
{
    return decode(c, false);
}

/* === strip_tags === */

enum state { IN_TEXT, IN_TAG, IN_DECLARATION, IN_COMMENT };

struct strip {
    struct buf out;
    struct str s;
    size_t at;
    enum state state;
    char quote; /* within one: which */
    int depth;  /* of "<" within a tag */
};

static char before(const struct strip *t, size_t n)
{
    return t->at >= n ? t->s.ptr[t->at - n] : '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void toggle_quote(struct strip *t, char c)
{
    if (t->quote == 0 || t->quote == c)
        t->quote = t->quote ? 0 : c;
}

/* A "<" before a blank is text. */
static bool opens(const struct strip *t)
{
    return t->at + 1 >= t->s.len || !is_blank(t->s.ptr[t->at + 1]);
}

/* A ">" ends what it can end: a "<" within the tag, or the tag. */
static void close_tag(struct strip *t)
{
    if (t->depth > 0) {
        t->depth--;
    } else if (!t->quote) {
        t->state = IN_TEXT;
    }
}

static void strip_text(struct strip *t, char c)
{
    if (c == '\0')
        return;
    if (c == '<' && opens(t)) {
        t->state = IN_TAG;
    } else if (c == '>' && t->depth > 0) {
        t->depth--;
    } else {
        buf_byte(&t->out, c);
    }
}

static void strip_tag(struct strip *t, char c)
{
    if (c == '<' && !t->quote && opens(t))
        t->depth++;
    else if (c == '>')
        close_tag(t);
    else if (c == '"' || c == '\'')
        toggle_quote(t, c);
    else if (c == '!' && before(t, 1) == '<')
        t->state = IN_DECLARATION;
}

static void strip_declaration(struct strip *t, char c)
{
    static const char doctype[] = "<!doctyp";
    size_t len = sizeof(doctype) - 1;
    if (c == '>') {
        close_tag(t);
    } else if (c == '"' || c == '\'') {
        if (before(t, 1) != '\\')
            toggle_quote(t, c);
    } else if (c == '-' && before(t, 1) == '-' && before(t, 2) == '!') {
        t->state = IN_COMMENT;
    } else if ((c | 0x20) == 'e' && t->at > 6) {
        size_t from = t->at >= len ? t->at - len : 0;
        if (str_ieq(str_sub(t->s, from, t->at - from), S("<!doctyp")))
            t->state = IN_TAG;
    }
}

static void strip_comment(struct strip *t, char c)
{
    if (c == '>' && !t->quote && before(t, 1) == '-' && before(t, 2) == '-')
        t->state = IN_TEXT;
}

/* strip_tags($string): as PHP does it, character by character, with no idea of HTML. */
static bool call_strip_tags(struct php_call *c)
{
    static void (*const strip[])(struct strip *, char) = {
        [IN_TEXT] = strip_text,
        [IN_TAG] = strip_tag,
        [IN_DECLARATION] = strip_declaration,
        [IN_COMMENT] = strip_comment,
    };
    struct strip t = {.out = buf_new(c->perm, FN_MAX_TEXT), .s = S("")};
    if (!fn_text(c, 0, "string", &t.s))
        return false;
    bool allows = fn_has(c, 1) && c->args[1].type != PHP_NULL;
    if (allows || str_has(t.s, S("<?")))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "strip_tags() that allows tags, or of \"<?\", is not supported");
    for (; t.at < t.s.len; t.at++)
        strip[t.state](&t, t.s.ptr[t.at]);
    return fn_return_buf(c, &t.out);
}

const struct php_function fn_html[] = {
    {"htmlspecialchars", 1, 2, call_htmlspecialchars},
    {"htmlentities", 1, 2, call_htmlentities},
    {"html_entity_decode", 1, 2, call_html_entity_decode},
    {"htmlspecialchars_decode", 1, 2, call_htmlspecialchars_decode},
    {"strip_tags", 1, 2, call_strip_tags},
    {NULL, 0, 0, NULL},
};
