/* echos.c: the pass that finds {!! raw !!}, {{{ escaped }}} and {{ escaped }} echoes, in
 * that order, as BladeCompiler::compileEchos. */
#include "view/view_imp.h"

struct echo_tags {
    struct str open, close;
    bool escape;
    bool keep_at; /* of "@{{{ x }}}" the "@" stays; the pass for "{{" takes it away */
};

static const struct echo_tags echo_tags[] = {
    {{"{!!", 3}, {"!!}", 3}, false, false},
    {{"{{{", 3}, {"}}}", 3}, true, true},
    {{"{{", 2}, {"}}", 2}, true, false},
};

/* === the code of an echo === */

/* Code points beside white space that Laravel's Str::trim takes off (its
 * INVISIBLE_CHARACTERS): a no-break space typed by mistake is common in French. */
static bool is_invisible(uint32_t cp)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        {0x09, 0x0D},       {0x20, 0x20},       {0x00, 0x00},     {0xA0, 0xA0},
        {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},   {0x115F, 0x1160},
        {0x17B4, 0x17B5},   {0x180E, 0x180E},   {0x2000, 0x200F}, {0x202F, 0x202F},
        {0x205F, 0x2065},   {0x206A, 0x206F},   {0x3000, 0x3000}, {0x2800, 0x2800},
        {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0x1D159, 0x1D159},
        {0x1D173, 0x1D17A}, {0xE0020, 0xE0020},
    };
    for (size_t i = 0; i < COUNT(ranges); i++)
        if (cp >= ranges[i].from && cp <= ranges[i].to)
            return true;
    return false;
}

static bool starts_invisible(struct str s, size_t *len)
{
    *len = 0;
    return s.len > 0 && is_invisible(str_utf8(s, len));
}

static bool ends_invisible(struct str s, size_t *len)
{
    if (s.len == 0)
        return false;
    size_t at = s.len - 1;
    while (at > 0 && (s.ptr[at] & 0xC0) == 0x80)
        at--;
    *len = s.len - at;
    return is_invisible(str_utf8(s, &at));
}

/* trim_code is what Laravel does to the code: invisible characters off both ends, then a
 * semicolon at the very end. *cut is how much went from the front. */
static struct str trim_code(struct str code, size_t *cut)
{
    struct str s = code;
    bool semicolon = str_ends(code, S(";"));
    size_t len;
    if (str_utf8_ok(code)) {
        while (starts_invisible(s, &len))
            s = str_skip(s, len);
        while (ends_invisible(s, &len))
            s.len -= len;
    } else {
        s = str_trim(s);
    }
    if (semicolon && s.len > 0)
        s.len--;
    *cut = s.len ? (size_t)(s.ptr - code.ptr) : 0;
    return s;
}

/* === one pass === */

struct echo { /* offsets in the text */
    size_t start, from, to, end;
    size_t newline; /* bytes of the newline that follows, inside end */
    bool escaped;   /* "@{{ … }}" */
};

/* find_code finds where the code behind an open tag lies: white space, then at least one
 * byte, as little as can be, white space, the closing tag. */
static bool find_code(struct str s, size_t from, struct str close, struct echo *out)
{
    size_t at = from;
    while (at < s.len && is_space(s.ptr[at]))
        at++;
    ptrdiff_t hit = at < s.len ? str_find(str_skip(s, at + 1), close) : -1;
    if (hit >= 0) {
        size_t to = at + 1 + (size_t)hit;
        out->end = to + close.len;
        while (to > at + 1 && is_space(s.ptr[to - 1]))
            to--;
        out->from = at;
        out->to = to;
        return true;
    }
    if (at == from || !str_starts(str_skip(s, at), close))
        return false;
    out->from = at - 1; /* nothing but white space: it counts as the byte */
    out->to = at;
    out->end = at + close.len;
    return true;
}

/* find_echo finds the next echo. An open tag without a close tag behind it stays text,
 * and so do all that follow it. */
static bool find_echo(struct str s, size_t at, const struct echo_tags *tags,
                      struct echo *out)
{
    ptrdiff_t hit = str_find(str_skip(s, at), tags->open);
    if (hit < 0)
        return false;
    size_t open = at + (size_t)hit;
    *out = (struct echo){.start = open};
    if (!find_code(s, open + tags->open.len, tags->close, out))
        return false;
    out->escaped = open > at && s.ptr[open - 1] == '@';
    if (out->escaped)
        out->start--;
    if (str_starts(str_skip(s, out->end), S("\r\n")))
        out->newline = 2;
    else if (str_starts(str_skip(s, out->end), S("\n")))
        out->newline = 1;
    out->end += out->newline;
    return true;
}

/* add_echo replaces an echo by its mark. The newline behind it is doubled, since PHP eats
 * one behind its "?>". */
static void add_echo(struct compiler *c, struct text *out, const struct text *in,
                     const struct echo_tags *tags, const struct echo *echo)
{
    size_t cut;
    struct str code = str_sub(text_str(in), echo->from, echo->to - echo->from);
    struct str trimmed = trim_code(code, &cut);
    struct mark m = {.kind = MARK_ECHO,
                     .at = text_origin(c, in, echo->start),
                     .code_at = text_origin(c, in, echo->from + cut),
                     .code = trimmed,
                     .has_code = true,
                     .escape = tags->escape};
    m.broken = text_marked(in, echo->from, echo->to);
    if (m.broken)
        compile_error(c, m.at, "%s – another echo or a directive stands inside it",
                      tags->open.ptr);
    else if (str_has(code, S("<?")) ||
             (tags->open.len == 3 && (str_has(code, S("{{")) || str_has(code, S("}}")))))
        compile_error(c, m.at, "%s – Blade's own signs stand inside it", tags->open.ptr);
    text_mark(c, out, m);
    text_add(c, out, in, echo->end - echo->newline, echo->end);
    text_add(c, out, in, echo->end - echo->newline, echo->end);
}

static struct text pass_tags(struct compiler *c, const struct text *in,
                             const struct echo_tags *tags)
{
    struct text out = {0};
    struct str s = text_str(in);
    size_t done = 0;
    struct echo echo;
    while (find_echo(s, done, tags, &echo)) {
        text_add(c, &out, in, done, echo.start);
        if (echo.escaped && text_marked(in, echo.start, echo.start + 1))
            compile_error(c, text_origin(c, in, echo.start),
                          "@endverbatim%s – Blade takes the end of the raw block for an "
                          "escape; put a blank between them",
                          tags->open.ptr);
        if (echo.escaped)
            text_add(c, &out, in, echo.start + (tags->keep_at ? 0 : 1), echo.end);
        else
            add_echo(c, &out, in, tags, &echo);
        done = echo.end;
    }
    text_add(c, &out, in, done, s.len);
    return out;
}

struct text pass_echos(struct compiler *c, struct text in)
{
    for (size_t i = 0; i < COUNT(echo_tags); i++)
        in = pass_tags(c, &in, &echo_tags[i]);
    return in;
}
