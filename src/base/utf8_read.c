/* utf8_read.c: code points out of bytes (RFC 3629). */
#include "facteur/base.h"

uint32_t str_utf8(struct str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t left = s.len - *at;
    uint32_t c = p[0], low;
    size_t n;
    if (c < 0x80) {
        *at += 1;
        return c;
    }
    if (c >= 0xC2 && c <= 0xDF) {
        n = 2, c &= 0x1F, low = 0x80;
    } else if (c >= 0xE0 && c <= 0xEF) {
        n = 3, c &= 0x0F, low = 0x800;
    } else if (c >= 0xF0 && c <= 0xF4) {
        n = 4, c &= 0x07, low = 0x10000;
    } else {
        *at += 1;
        return 0xFFFD;
    }
    for (size_t i = 1; i < n; i++) {
        if (i >= left || (p[i] & 0xC0) != 0x80) {
            *at += 1;
            return 0xFFFD;
        }
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < low || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        *at += 1;
        return 0xFFFD;
    }
    *at += n;
    return c;
}

bool str_utf8_ok(struct str s)
{
    for (size_t at = 0; at < s.len;) {
        size_t before = at;
        if (str_utf8(s, &at) == 0xFFFD && at == before + 1)
            return false;
    }
    return true;
}

size_t str_utf8_len(struct str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.len; n++)
        str_utf8(s, &at);
    return n;
}
