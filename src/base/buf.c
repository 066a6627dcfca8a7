#include <stdio.h>
#include <stdlib.h>

#include "facteur/base.h"

struct buf buf_new(struct arena *a, size_t max)
{
    return (struct buf){.arena = a, .max = max};
}

void buf_drop(struct buf *b)
{
    if (!b->arena)
        free(b->ptr);
    *b = (struct buf){.arena = b->arena, .max = b->max};
}

/* room makes place for n more bytes; false sets `full`. */
static bool room(struct buf *b, size_t n)
{
    if (b->full || n > b->max || b->len > b->max - n) {
        b->full = true;
        return false;
    }
    if (b->len + n <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < b->len + n)
        cap *= 2;
    if (!b->arena) {
        char *p = realloc(b->ptr, cap);
        if (!p) {
            b->full = true;
            return false;
        }
        b->ptr = p;
    } else {
        char *p = NEW(b->arena, char, cap);
        if (b->len)
            memcpy(p, b->ptr, b->len);
        b->ptr = p;
    }
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct str s)
{
    if (s.len == 0 || !room(b, s.len))
        return;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
}

void buf_byte(struct buf *b, char c)
{
    if (!room(b, 1))
        return;
    b->ptr[b->len++] = c;
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    /* vsnprintf needs a byte for its NUL, which the next write goes over. */
    if (n < 0 || !room(b, (size_t)n + 1))
        return;
    vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
    b->len += (size_t)n;
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(b, fmt, ap);
    va_end(ap);
}

void buf_utf8(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_byte(b, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_byte(b, (char)(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_byte(b, (char)(0xE0 | c >> 12));
        } else {
            buf_byte(b, (char)(0xF0 | c >> 18));
            buf_byte(b, (char)(0x80 | (c >> 12 & 0x3F)));
        }
        buf_byte(b, (char)(0x80 | (c >> 6 & 0x3F)));
    }
    buf_byte(b, (char)(0x80 | (c & 0x3F)));
}

struct str buf_str(const struct buf *b)
{
    return b->ptr ? (struct str){b->ptr, b->len} : S("");
}

static void json_unicode(struct buf *b, uint32_t c)
{
    if (c >= 0x10000) {
        c -= 0x10000;
        buf_fmt(b, "\\u%04x\\u%04x", 0xD800 + (c >> 10), 0xDC00 + (c & 0x3FF));
    } else {
        buf_fmt(b, "\\u%04x", c);
    }
}

void buf_json(struct buf *b, struct str s, int flags)
{
    buf_byte(b, '"');
    for (size_t at = 0; at < s.len;) {
        uint32_t c = str_utf8(s, &at);
        /* PHP keeps these two escaped: they end a line in old JavaScript. */
        bool always = c == 0x2028 || c == 0x2029;
        if (c == '"' || c == '\\')
            buf_fmt(b, "\\%c", (char)c);
        else if (c == '/' && !(flags & JSON_PLAIN_SLASHES))
            buf_add(b, S("\\/"));
        else if (c == '\b')
            buf_add(b, S("\\b"));
        else if (c == '\f')
            buf_add(b, S("\\f"));
        else if (c == '\n')
            buf_add(b, S("\\n"));
        else if (c == '\r')
            buf_add(b, S("\\r"));
        else if (c == '\t')
            buf_add(b, S("\\t"));
        else if (c < 0x20 || (c >= 0x80 && (always || !(flags & JSON_PLAIN_UNICODE))))
            json_unicode(b, c);
        else
            buf_utf8(b, c);
    }
    buf_byte(b, '"');
}
