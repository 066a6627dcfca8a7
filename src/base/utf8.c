/* utf8.c: broken UTF-8 mended as PHP's mbstring and json extensions mend it. */
#include "facteur/base.h"

static bool is_trail(struct str s, size_t at)
{
    return at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80;
}

/* is_lead says whether a character can begin with the byte (or the text ends there). */
static bool is_lead(struct str s, size_t at)
{
    if (at >= s.len)
        return true;
    unsigned char c = (unsigned char)s.ptr[at];
    return c < 0x80 || (c >= 0xc2 && c <= 0xf4);
}

static size_t want_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* second_ok refuses what would be overlong, a surrogate or above U+10FFFF. */
static bool second_ok(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

/* sequence measures what stands at `at`: *len bytes, sound or not. mbstring drops the
 * longest beginning of a character, json all bytes up to the next possible lead. */
static bool sequence(struct str s, size_t at, bool json, size_t *len)
{
    unsigned char lead = (unsigned char)s.ptr[at];
    size_t want = want_length(lead), trails = 1, n = 1;
    while (trails < want && is_trail(s, at + trails))
        trails++;
    bool fits = trails < 2 || second_ok(lead, (unsigned char)s.ptr[at + 1]);
    while (n < want && (json ? !is_lead(s, at + n) : fits && n < trails))
        n++;
    *len = n;
    return want > 0 && trails == want && fits;
}

static struct str mend(struct arena *perm, struct str s, struct str with, bool json)
{
    if (str_utf8_ok(s))
        return s;
    struct buf b = buf_new(perm, s.len * with.len + 1);
    for (size_t at = 0, len; at < s.len; at += len) {
        bool ok = sequence(s, at, json, &len);
        buf_add(&b, ok ? str_sub(s, at, len) : with);
    }
    return buf_str(&b);
}

struct str str_utf8_question(struct arena *perm, struct str s)
{
    return mend(perm, s, S("?"), false);
}

struct str str_utf8_replace(struct arena *perm, struct str s)
{
    return mend(perm, s, S("\xef\xbf\xbd"), true);
}
