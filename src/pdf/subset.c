/* subset.c: a TrueType font with few of its glyphs. */
#include "pdf/subset.h"

enum {
    GLYF_MAX = 32 << 20,
    SHORT_LOCA_MAX = 2 * 0xFFFF,
    LENGTH_MAX = 0xFFFF, /* of a cmap's map */
    HEAD = 54,           /* bytes of a table of fixed size */
    HHEA = 36,
    MAXP = 32,
};

struct cutting {
    const struct truetype *font;
    struct arena *perm;
    const uint16_t *chars;
    size_t chars_len;
    uint16_t *old;    /* glyphs of the characters */
    uint16_t *number; /* by old glyph: the new one; 0: not taken */
    uint16_t *taken;  /* by new glyph: the old one */
    size_t len;
    struct buf glyf;
    uint32_t *ends; /* of each new glyph in glyf */
};

/* === which glyphs === */

static void note_char(void *arg, uint32_t c, unsigned glyph)
{
    struct cutting *k = arg;
    size_t low = 0, high = k->chars_len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (k->chars[middle] < c)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < k->chars_len && k->chars[low] == c)
        k->old[low] = (uint16_t)glyph;
}

static uint16_t take(struct cutting *k, unsigned old)
{
    if (old == 0 || old >= k->font->glyphs)
        return 0;
    if (!k->number[old]) {
        k->number[old] = (uint16_t)k->len;
        k->taken[k->len++] = (uint16_t)old;
    }
    return k->number[old];
}

/* choose numbers the glyphs; parts may be made of parts, so that the list grows while it
 * is gone through. */
static void choose(struct cutting *k)
{
    k->len = 1;
    truetype_chars(k->font, note_char, k);
    for (size_t i = 0; i < k->chars_len; i++)
        take(k, k->old[i]);
    for (size_t i = 0; i < k->len; i++) {
        struct table outline = truetype_outline(k->font, k->taken[i]);
        struct part p = {.last = !outline_has_parts(outline)};
        size_t at = OUTLINE_HEAD;
        while (!p.last && outline_part(outline, &at, &p))
            take(k, p.glyph);
    }
}

/* === outlines === */

static void add(struct buf *b, struct table t)
{
    buf_add(b, (struct str){(const char *)t.at, t.len});
}

static void add_u16(struct buf *b, unsigned v)
{
    const unsigned char bytes[2] = {(unsigned char)(v >> 8), (unsigned char)v};
    add(b, (struct table){bytes, 2});
}

static void add_u32(struct buf *b, uint32_t v)
{
    add_u16(b, v >> 16);
    add_u16(b, v & 0xFFFF);
}

/* points_end walks over the flags of so many points, and gives where their coordinates
 * end: the outline may go on behind. SIZE_MAX: it ends before them. */
static size_t points_end(struct table outline, size_t at, size_t points)
{
    enum { SHORT_X = 2, SHORT_Y = 4, AGAIN = 8, SAME_X = 16, SAME_Y = 32 };
    size_t coordinates = 0;
    for (size_t i = 0, times; i < points; i += times) {
        unsigned flags = at < outline.len ? outline.at[at++] : AGAIN;
        if (flags & AGAIN && at >= outline.len)
            return SIZE_MAX;
        times = flags & AGAIN ? outline.at[at++] + 1U : 1;
        coordinates += times * (flags & SHORT_X ? 1 : flags & SAME_X ? 0 : 2);
        coordinates += times * (flags & SHORT_Y ? 1 : flags & SAME_Y ? 0 : 2);
    }
    return at + coordinates;
}

/* add_contours leaves out the instructions, which stand behind the ends of contours.
 * false: the outline is not whole. */
static bool add_contours(struct buf *b, struct table outline)
{
    size_t contours = (size_t)table_s16(outline, 0), ends = OUTLINE_HEAD + 2 * contours;
    if (ends + 2 > outline.len)
        return false;
    size_t points = contours ? table_u16(outline, ends - 2) + 1U : 0;
    size_t rest = ends + 2 + table_u16(outline, ends);
    size_t end = points_end(outline, rest, points);
    if (end > outline.len)
        return false;
    add(b, (struct table){outline.at, ends});
    add_u16(b, 0);
    add(b, (struct table){outline.at + rest, end - rest});
    return true;
}

static bool add_parts(struct cutting *k, struct table outline)
{
    struct part p = {0};
    size_t at = OUTLINE_HEAD;
    add(&k->glyf, (struct table){outline.at, OUTLINE_HEAD});
    while (!p.last) {
        if (!outline_part(outline, &at, &p))
            return false;
        add_u16(&k->glyf, p.flags & ~(unsigned)PART_INSTRUCTIONS);
        add_u16(&k->glyf, take(k, p.glyph));
        add(&k->glyf, p.place);
    }
    return true;
}

/* cut_outlines fills glyf; an outline that is broken shows nothing. */
static void cut_outlines(struct cutting *k)
{
    k->ends = NEW(k->perm, uint32_t, k->len);
    for (size_t i = 0; i < k->len; i++) {
        struct table outline = truetype_outline(k->font, k->taken[i]);
        size_t begin = k->glyf.len;
        bool whole =
            outline.len && (outline_has_parts(outline) ? add_parts(k, outline)
                                                       : add_contours(&k->glyf, outline));
        if (!whole)
            k->glyf.len = begin;
        if (k->glyf.len % 2)
            buf_byte(&k->glyf, 0);
        k->ends[i] = (uint32_t)k->glyf.len;
    }
}

/* === the other tables === */

static void add_loca(struct cutting *k, struct buf *b)
{
    bool wide = k->glyf.len > SHORT_LOCA_MAX;
    for (size_t i = 0; i <= k->len; i++) {
        uint32_t at = i ? k->ends[i - 1] : 0;
        if (wide)
            add_u32(b, at);
        else
            add_u16(b, at / 2);
    }
}

static void add_hmtx(struct cutting *k, struct buf *b)
{
    for (size_t i = 0; i < k->len; i++) {
        add_u16(b, truetype_advance(k->font, k->taken[i]));
        add_u16(b, (unsigned)truetype_bearing(k->font, k->taken[i]) & 0xFFFF);
    }
}

/* add_fixed copies a table of fixed size, and puts a number of 16 bits into it. */
static void add_fixed(struct buf *b, struct table t, size_t size, size_t at,
                      unsigned value)
{
    size_t begin = b->len;
    for (size_t i = 0; i < size; i++)
        buf_byte(b, i < t.len ? (char)t.at[i] : 0);
    if (b->full)
        return;
    b->ptr[begin + at] = (char)(value >> 8);
    b->ptr[begin + at + 1] = (char)value;
}

struct segment {
    unsigned start, end, delta;
};

/* segments_of finds characters in a row whose glyphs are; the last segment ends the map,
 * and holds nothing. */
static size_t segments_of(const struct cutting *k, struct segment *out)
{
    size_t n = 0;
    for (size_t i = 0; i < k->chars_len; i++) {
        unsigned c = k->chars[i], glyph = k->number[k->old[i]];
        unsigned delta = (glyph - c) & 0xFFFF;
        if (!glyph || c == 0xFFFF)
            continue;
        if (n && out[n - 1].end + 1 == c && out[n - 1].delta == delta)
            out[n - 1].end = c;
        else
            out[n++] = (struct segment){c, c, delta};
    }
    out[n++] = (struct segment){0xFFFF, 0xFFFF, 1};
    return n;
}

/* add_cmap writes one map, format 4 for Windows and Unicode: single bytes of a PDF are
 * looked up in it. false: there are too many segments for its length. */
static bool add_cmap(struct cutting *k, struct buf *b)
{
    struct segment *s = NEW(k->perm, struct segment, k->chars_len + 1);
    size_t n = segments_of(k, s);
    if (16 + 8 * n > LENGTH_MAX)
        return false;
    unsigned half = 1, log = 0;
    while (2 * half <= n) {
        half *= 2;
        log++;
    }
    const unsigned head[] = {0, 1, 3, 1, 0, 12}; /* one map: Windows, Unicode, where */
    const unsigned map[] = {
        4,   (unsigned)(16 + 8 * n),      0, (unsigned)(2 * n), 2 * half,
        log, (unsigned)(2 * n - 2 * half)};
    for (size_t i = 0; i < COUNT(head); i++)
        add_u16(b, head[i]);
    for (size_t i = 0; i < COUNT(map); i++)
        add_u16(b, map[i]);
    for (size_t i = 0; i < n; i++)
        add_u16(b, s[i].end);
    add_u16(b, 0);
    for (size_t i = 0; i < n; i++)
        add_u16(b, s[i].start);
    for (size_t i = 0; i < n; i++)
        add_u16(b, s[i].delta);
    for (size_t i = 0; i < n; i++)
        add_u16(b, 0);
    return true;
}

/* === the file === */

enum { CMAP, GLYF, HEAD_TABLE, HHEA_TABLE, HMTX, LOCA, MAXP_TABLE, TABLES };

static const char tags[TABLES][5] = {"cmap", "glyf", "head", "hhea",
                                     "hmtx", "loca", "maxp"}; /* in order of bytes */

static uint32_t checksum(struct str s)
{
    struct table t = {(const unsigned char *)s.ptr, s.len};
    uint32_t sum = 0;
    for (size_t i = 0; i < t.len; i++)
        sum += (uint32_t)t.at[i] << (24 - 8 * (i % 4));
    return sum;
}

/* assemble puts the tables, each on a multiple of four, behind their directory. */
static struct str assemble(struct arena *perm, struct buf tables[TABLES])
{
    size_t at = 12 + 16 * TABLES, size = at;
    for (size_t i = 0; i < TABLES; i++)
        size += (tables[i].len + 3) / 4 * 4;
    struct buf b = buf_new(perm, size);
    add_u32(&b, 0x10000);
    add_u16(&b, TABLES);
    add_u16(&b, 64); /* what a search by halves needs of seven rows of 16 bytes */
    add_u16(&b, 2);
    add_u16(&b, 16 * TABLES - 64);
    size_t head = 0;
    for (size_t i = 0; i < TABLES; i++) {
        buf_add(&b, str_from(tags[i]));
        add_u32(&b, checksum(buf_str(&tables[i])));
        add_u32(&b, (uint32_t)at);
        add_u32(&b, (uint32_t)tables[i].len);
        if (i == HEAD_TABLE)
            head = at;
        at += (tables[i].len + 3) / 4 * 4;
    }
    for (size_t i = 0; i < TABLES; i++) {
        buf_add(&b, buf_str(&tables[i]));
        while (b.len % 4)
            buf_byte(&b, 0);
    }
    uint32_t adjustment = 0xB1B0AFBA - checksum(buf_str(&b));
    for (size_t i = 0; i < 4; i++)
        b.ptr[head + 8 + i] = (char)(adjustment >> (24 - 8 * i));
    return buf_str(&b);
}

bool subset_make(const struct truetype *t, const uint16_t *chars, size_t len,
                 struct arena *perm, struct subset *out)
{
    struct cutting k = {.font = t,
                        .perm = perm,
                        .chars = chars,
                        .chars_len = len,
                        .old = NEW(perm, uint16_t, len + 1),
                        .number = NEW(perm, uint16_t, t->glyphs),
                        .taken = NEW(perm, uint16_t, t->glyphs),
                        .glyf = buf_new(perm, GLYF_MAX)};
    struct buf tables[TABLES];
    choose(&k);
    cut_outlines(&k);
    for (size_t i = 0; i < TABLES; i++)
        tables[i] = buf_new(perm, GLYF_MAX);
    tables[GLYF] = k.glyf;
    bool fits = add_cmap(&k, &tables[CMAP]) && !k.glyf.full;
    add_fixed(&tables[HEAD_TABLE], t->head, HEAD, 50, k.glyf.len > SHORT_LOCA_MAX);
    memset(tables[HEAD_TABLE].ptr + 8, 0, 4); /* the sum over the file, put in at last */
    add_fixed(&tables[HHEA_TABLE], t->hhea, HHEA, 34, (unsigned)k.len);
    add_fixed(&tables[MAXP_TABLE], t->maxp, MAXP, 4, (unsigned)k.len);
    add_hmtx(&k, &tables[HMTX]);
    add_loca(&k, &tables[LOCA]);
    *out = (struct subset){.glyphs = NEW(perm, uint16_t, len + 1)};
    for (size_t i = 0; i < len; i++)
        out->glyphs[i] = k.number[k.old[i]];
    if (fits)
        out->file = assemble(perm, tables);
    return fits;
}
