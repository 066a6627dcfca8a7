/* charset.c: sets of characters. */
#include "pdf/charset.h"
#include "facteur/pdf.h"

/* === CP1252 === */

static const uint16_t cp1252_high[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

int cp1252(uint32_t c)
{
    if ((c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c <= 0xFF))
        return (int)c;
    for (int i = 0; i < 32; i++)
        if (c && cp1252_high[i] == c)
            return 0x80 + i;
    return -1;
}

uint32_t pdf_cp1252(unsigned char byte)
{
    uint32_t high = byte >= 0x80 && byte < 0xA0 ? cp1252_high[byte - 0x80] : byte;
    return high ? high : 0xFFFD;
}

/* === sets === */

void charset_add(struct charset *s, uint32_t c)
{
    if (c < CHARSET_END)
        s->bits[c / 64] |= (uint64_t)1 << c % 64;
}

bool charset_has(const struct charset *s, uint32_t c)
{
    return c < CHARSET_END && (s->bits[c / 64] >> c % 64 & 1);
}

struct chars charset_chars(const struct charset *s, struct arena *perm)
{
    struct chars out = {0};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(s->bits); i++)
        if (s->bits[i]) /* most have none */
            n += (size_t)__builtin_popcountll(s->bits[i]);
    out.at = NEW(perm, uint16_t, n + 1);
    for (size_t i = 0; i < COUNT(s->bits); i++)
        for (uint64_t left = s->bits[i]; left; left &= left - 1)
            out.at[out.len++] = (uint16_t)(64 * i + (size_t)__builtin_ctzll(left));
    return out;
}

/* === blocks === */

/* A font with names in it holds so much more than it shows, and serves so many more
 * letters: over 2,000 with names, streets and towns from all over Belgium 22.8 KB a
 * letter and 0.2 fonts made for it, where a font of its own for each has 20.1 KB and 1.9.
 * All of Latin-1 would take some 43 KB in four faces. */
static const char *const blocks[] = {
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789",
    " \u00A0",
    "',-.",
    "&():/\u2019\u2013",
    "èéêëïç",
    "àâîôùûüÿœæ",
    "ÉÈÊÇ",
    "ÀÂËÎÏÔÙÛÜŸŒÆ",
    "ñòóöáíú",
    "äåìøßãõýšž",
    "ÄÅÌÍÑÒÓÖØÚÁÃÕÝŠŽ",
};

static bool stands_in(struct str block, uint32_t c)
{
    for (size_t at = 0; at < block.len;)
        if (str_utf8(block, &at) == c)
            return true;
    return false;
}

struct str charset_block(uint32_t c)
{
    for (size_t i = 0; i < COUNT(blocks); i++)
        if (stands_in(str_from(blocks[i]), c))
            return str_from(blocks[i]);
    return S("");
}
