/* escape.c: htmlspecialchars(…, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8'), with
 * double_encode, as Laravel's e() calls it. */
#include "facteur/php.h"

static bool is_trail(struct str s, size_t at)
{
    return at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80;
}

/* starts_new says whether PHP begins anew at this byte rather than counting it to a
 * broken sequence; the end of the string counts as a beginning. */
static bool starts_new(struct str s, size_t at)
{
    if (at >= s.len)
        return true;
    unsigned char c = (unsigned char)s.ptr[at];
    return c < 0x80 || (c >= 0xC2 && c <= 0xF4);
}

/* broken_len is how many bytes of a broken sequence that begins with a lead byte for
 * `size` bytes PHP replaces by one U+FFFD. */
static size_t broken_len(struct str s, size_t at, size_t size)
{
    for (size_t i = 1; i < size; i++)
        if (starts_new(s, at + i))
            return i;
    return size;
}

static size_t sequence_size(unsigned char lead)
{
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* add_char appends the character at s[at], at least two bytes or broken, and returns its
 * length. */
static size_t add_char(struct buf *out, struct str s, size_t at)
{
    size_t size = sequence_size((unsigned char)s.ptr[at]), have = 1;
    while (have < size && is_trail(s, at + have))
        have++;
    if (have == size && size > 1) {
        struct str bytes = str_sub(s, at, size);
        if (str_utf8_ok(bytes))
            buf_add(out, bytes);
        else /* too long a form, a surrogate, beyond U+10FFFF */
            buf_add(out, S("\xEF\xBF\xBD"));
        return size;
    }
    buf_add(out, S("\xEF\xBF\xBD"));
    return broken_len(s, at, size);
}

static struct str entity(char c)
{
    switch (c) {
    case '&':
        return S("&amp;");
    case '<':
        return S("&lt;");
    case '>':
        return S("&gt;");
    case '"':
        return S("&quot;");
    case '\'':
        return S("&#039;");
    default:
        return S("");
    }
}

void php_escape(struct buf *out, struct str s)
{
    for (size_t at = 0, from = 0; from < s.len; from = at) {
        while (at < s.len && (s.ptr[at] & 0x80) == 0 && entity(s.ptr[at]).len == 0)
            at++;
        buf_add(out, str_sub(s, from, at - from));
        if (at == s.len)
            break;
        if (s.ptr[at] & 0x80)
            at += add_char(out, s, at);
        else
            buf_add(out, entity(s.ptr[at++]));
    }
}
