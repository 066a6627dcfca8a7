#include "facteur/base.h"

/* === comparing === */

struct str str_from(const char *z)
{
    return z ? (struct str){z, strlen(z)} : S("");
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_ieq(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int d = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return d ? d : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq((struct str){s.ptr, prefix.len}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           str_eq((struct str){s.ptr + (s.len - suffix.len), suffix.len}, suffix);
}

ptrdiff_t str_find(struct str s, struct str part)
{
    if (part.len == 0)
        return 0;
    if (s.len < part.len)
        return -1;
    const char *hit = memmem(s.ptr, s.len, part.ptr, part.len);
    return hit ? hit - s.ptr : -1;
}

bool str_has(struct str s, struct str part)
{
    return str_find(s, part) >= 0;
}

/* === cutting === */

struct str str_skip(struct str s, size_t n)
{
    if (n >= s.len)
        return (struct str){s.ptr ? s.ptr + s.len : "", 0};
    return (struct str){s.ptr + n, s.len - n};
}

struct str str_sub(struct str s, size_t from, size_t len)
{
    s = str_skip(s, from);
    if (len < s.len)
        s.len = len;
    return s;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

struct str str_trim(struct str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = str_skip(s, 1);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

struct cut str_cut(struct str s, char sep)
{
    const char *hit = s.len ? memchr(s.ptr, sep, s.len) : NULL;
    if (!hit)
        return (struct cut){s, str_skip(s, s.len), false};
    size_t at = (size_t)(hit - s.ptr);
    return (struct cut){{s.ptr, at}, str_skip(s, at + 1), true};
}

int64_t i64_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

int64_t i64_mul(int64_t a, int64_t b)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
    return product;
}

bool str_to_i64(struct str s, int64_t *out)
{
    bool negative = s.len && s.ptr[0] == '-';
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = str_skip(s, 1);
    if (s.len == 0)
        return false;
    int64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        int digit = s.ptr[i] - '0';
        /* Counting below zero reaches INT64_MIN as well. */
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, digit, &n))
            return false;
    }
    if (!negative && n == INT64_MIN)
        return false;
    *out = negative ? n : -n;
    return true;
}

/* === made in an arena === */

struct str str_copy(struct arena *a, struct str s)
{
    char *p = NEW(a, char, s.len + 1);
    if (s.len)
        memcpy(p, s.ptr, s.len);
    return (struct str){p, s.len};
}

char *str_z(struct arena *a, struct str s)
{
    char *p = NEW(a, char, s.len + 1);
    if (s.len)
        memcpy(p, s.ptr, s.len);
    return p;
}

struct str str_join(struct arena *a, struct str left, struct str right)
{
    char *p = NEW(a, char, left.len + right.len + 1);
    if (left.len)
        memcpy(p, left.ptr, left.len);
    if (right.len)
        memcpy(p + left.len, right.ptr, right.len);
    return (struct str){p, left.len + right.len};
}

struct str str_lower(struct arena *a, struct str s)
{
    char *p = NEW(a, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        p[i] = ascii_lower(s.ptr[i]);
    return (struct str){p, s.len};
}

struct str str_replace(struct arena *a, struct str s, struct str from, struct str to)
{
    struct buf b = buf_new(a, SIZE_MAX);
    for (;;) {
        ptrdiff_t at = str_find(s, from);
        if (at < 0)
            break;
        buf_add(&b, str_sub(s, 0, (size_t)at));
        buf_add(&b, to);
        s = str_skip(s, (size_t)at + from.len);
    }
    buf_add(&b, s);
    return buf_str(&b);
}

struct str str_fmt(struct arena *a, const char *fmt, ...)
{
    struct buf b = buf_new(a, SIZE_MAX);
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    return buf_str(&b);
}
