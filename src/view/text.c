/* text.c: the view between the passes, and the passes that lift things out of it: raw
 * blocks, comments, and the tags of components. */
#include <stdio.h>

#include "view/view_imp.h"

/* === text === */

bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

struct str text_str(const struct text *t)
{
    return (struct str){t->bytes.len ? t->bytes.at : "", t->bytes.len};
}

static void text_byte(struct compiler *c, struct text *out, char byte, uint32_t origin)
{
    VEC_PUSH(c->tmp, &out->bytes, byte);
    VEC_PUSH(c->tmp, &out->origins, origin);
}

void text_add(struct compiler *c, struct text *out, const struct text *in, size_t from,
              size_t to)
{
    for (size_t i = from; i < to; i++)
        text_byte(c, out, in->bytes.at[i], in->origins.at[i]);
}

void text_mark(struct compiler *c, struct text *out, struct mark m)
{
    /* ">" is what the code of the mark would end with in Laravel's text. */
    text_byte(c, out, '>', ORIGIN_MARK | (uint32_t)c->marks.len);
    VEC_PUSH(c->tmp, &c->marks, m);
}

bool text_marked(const struct text *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (t->origins.at[i] & ORIGIN_MARK)
            return true;
    return false;
}

uint32_t text_origin(const struct compiler *c, const struct text *t, size_t at)
{
    if (at >= t->origins.len)
        return (uint32_t)c->source.len;
    uint32_t origin = t->origins.at[at];
    return origin & ORIGIN_MARK ? c->marks.at[origin & ~ORIGIN_MARK].at : origin;
}

struct text pass_source(struct compiler *c)
{
    struct text out = {0};
    for (size_t i = 0; i < c->source.len; i++)
        text_byte(c, &out, c->source.ptr[i], (uint32_t)i);
    return out;
}

/* === raw blocks === */

/* find_unescaped finds `word` at or behind `from` where no "@" stands before it. */
static ptrdiff_t find_unescaped(struct str s, size_t from, struct str word)
{
    for (;;) {
        ptrdiff_t hit = str_find(str_skip(s, from), word);
        if (hit < 0)
            return -1;
        size_t at = from + (size_t)hit;
        if (at == 0 || s.ptr[at - 1] != '@')
            return (ptrdiff_t)at;
        from = at + 1;
    }
}

/* store_raw puts Laravel's placeholder for verbatim text: later passes can see it (what
 * follows its "@" is not at a word's end, for one). */
static void store_raw(struct compiler *c, struct text *out, const struct text *in,
                      size_t at, size_t from, size_t to)
{
    char name[48];
    int len = snprintf(name, sizeof(name), "@__raw_block_%zu__@", c->marks.len);
    struct mark m = {.kind = MARK_RAW,
                     .at = text_origin(c, in, at),
                     .code_at = text_origin(c, in, from),
                     .code = str_sub(text_str(in), from, to - from)};
    for (int i = 0; i < len; i++)
        text_byte(c, out, name[i], ORIGIN_MARK | (uint32_t)c->marks.len);
    VEC_PUSH(c->tmp, &c->marks, m);
}

static struct text pass_verbatim(struct compiler *c, const struct text *in)
{
    struct text out = {0};
    struct str s = text_str(in);
    size_t done = 0;
    for (;;) {
        ptrdiff_t at = find_unescaped(s, done, S("@verbatim"));
        if (at < 0)
            break;
        size_t from = (size_t)at + S("@verbatim").len;
        ptrdiff_t len = str_find(str_skip(s, from), S("@endverbatim"));
        if (len < 0)
            break;
        size_t to = from + (size_t)len, content = from;
        while (content < to && is_space(s.ptr[content]))
            content++;
        text_add(c, &out, in, done, (size_t)at);
        text_add(c, &out, in, from, content);
        store_raw(c, &out, in, (size_t)at, content, to);
        done = to + S("@endverbatim").len;
    }
    text_add(c, &out, in, done, s.len);
    return out;
}

static struct text pass_php_blocks(struct compiler *c, const struct text *in)
{
    struct text out = {0};
    struct str s = text_str(in);
    size_t done = 0;
    for (;;) {
        ptrdiff_t at = find_unescaped(s, done, S("@php"));
        if (at < 0)
            break;
        size_t from = (size_t)at + S("@php").len;
        ptrdiff_t len = str_find(str_skip(s, from), S("@endphp"));
        if (len < 0)
            break;
        compile_error(c, text_origin(c, in, (size_t)at),
                      "@php – PHP code in a view is not run");
        c->unsupported = true;
        text_add(c, &out, in, done, (size_t)at);
        done = from + (size_t)len + S("@endphp").len;
    }
    text_add(c, &out, in, done, s.len);
    return out;
}

struct text pass_raw_blocks(struct compiler *c, const struct text *in)
{
    ptrdiff_t at = str_find(text_str(in), S("@__raw_block_"));
    if (at >= 0)
        compile_error(c, text_origin(c, in, (size_t)at),
                      "@__raw_block_ – Blade uses this text for itself");
    struct text verbatim = pass_verbatim(c, in);
    return pass_php_blocks(c, &verbatim);
}

/* === comments === */

struct text pass_comments(struct compiler *c, const struct text *in)
{
    struct text out = {0};
    struct str s = text_str(in);
    size_t done = 0;
    for (;;) {
        ptrdiff_t at = str_find(str_skip(s, done), S("{{--"));
        if (at < 0)
            break;
        size_t from = done + (size_t)at;
        ptrdiff_t len = str_find(str_skip(s, from + 4), S("--}}"));
        if (len < 0)
            break;
        text_add(c, &out, in, done, from);
        done = from + 4 + (size_t)len + 4;
    }
    text_add(c, &out, in, done, s.len);
    return out;
}

/* === components === */

static void skip_spaces(struct str s, size_t *at)
{
    while (*at < s.len && is_space(s.ptr[*at]))
        ++*at;
}

void pass_components(struct compiler *c, const struct text *in)
{
    struct str s = text_str(in);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '<')
            continue;
        size_t at = i + 1;
        skip_spaces(s, &at);
        if (at < s.len && s.ptr[at] == '/')
            at++;
        skip_spaces(s, &at);
        size_t name = at;
        if (at + 1 >= s.len || s.ptr[at] != 'x' ||
            (s.ptr[at + 1] != '-' && s.ptr[at + 1] != ':'))
            continue;
        while (at < s.len && (is_word(s.ptr[at]) || s.ptr[at] == '-' || s.ptr[at] == ':'))
            at++;
        compile_error(c, text_origin(c, in, i), "<%.*s> – components are not rendered",
                      (int)(at - name < 60 ? at - name : 60), s.ptr + name);
        c->unsupported = true;
    }
}
