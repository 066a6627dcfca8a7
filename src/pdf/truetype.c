/* truetype.c: a TrueType font's tables. */
#include "pdf/truetype.h"

/* CHARS_MAX: a broken cmap may tell of the same characters again and again. */
enum { CHARS_MAX = 1 << 18, CHARS_END = 0x110000 };

/* === bytes === */

unsigned table_u16(struct table t, size_t at)
{
    return t.len >= 2 && at <= t.len - 2 ? (unsigned)(t.at[at] << 8 | t.at[at + 1]) : 0;
}

int table_s16(struct table t, size_t at)
{
    return (int16_t)table_u16(t, at);
}

static uint32_t table_u32(struct table t, size_t at)
{
    return (uint32_t)table_u16(t, at) << 16 | table_u16(t, at + 2);
}

static struct table from(struct table t, size_t at)
{
    return at < t.len ? (struct table){t.at + at, t.len - at} : (struct table){0};
}

static struct table slice(struct table t, size_t at, size_t len)
{
    struct table rest = from(t, at);
    return len <= rest.len ? (struct table){rest.at, len} : (struct table){0};
}

static struct table table_named(struct table font, const char *tag)
{
    unsigned n = table_u16(font, 4);
    for (unsigned i = 0; i < n; i++) {
        size_t row = 12 + 16 * (size_t)i;
        if (row + 16 <= font.len && memcmp(font.at + row, tag, 4) == 0)
            return slice(font, table_u32(font, row + 8), table_u32(font, row + 12));
    }
    return (struct table){0};
}

bool truetype_read(struct truetype *t, struct str bytes)
{
    struct table font = {(const unsigned char *)bytes.ptr, bytes.len};
    *t = (struct truetype){.cmap = table_named(font, "cmap"),
                           .glyf = table_named(font, "glyf"),
                           .head = table_named(font, "head"),
                           .hhea = table_named(font, "hhea"),
                           .hmtx = table_named(font, "hmtx"),
                           .loca = table_named(font, "loca"),
                           .maxp = table_named(font, "maxp")};
    t->per_em = table_u16(t->head, 18);
    t->glyphs = table_u16(t->maxp, 4);
    t->metrics = table_u16(t->hhea, 34);
    return t->per_em && t->glyphs && t->metrics;
}

/* === characters === */

struct telling {
    const struct truetype *font;
    truetype_char_fn *fn;
    void *arg;
    size_t left;
};

static void tell(struct telling *t, uint32_t c, unsigned glyph)
{
    if (t->left == 0)
        return;
    t->left--;
    if (glyph && glyph < t->font->glyphs)
        t->fn(t->arg, c, glyph);
}

/* Format 4: segments of the basic plane. */
static void tell_segments(struct telling *t, struct table map)
{
    size_t n = table_u16(map, 6) / 2;
    for (size_t i = 0; i < n && t->left; i++) {
        uint32_t end = table_u16(map, 14 + 2 * i);
        uint32_t start = table_u16(map, 16 + 2 * n + 2 * i);
        unsigned delta = table_u16(map, 16 + 4 * n + 2 * i);
        size_t where = 16 + 6 * n + 2 * i;
        unsigned offset = table_u16(map, where);
        for (uint32_t c = start; c <= end && c != 0xFFFF && t->left; c++) {
            unsigned g =
                offset ? table_u16(map, where + offset + 2 * (size_t)(c - start)) : c;
            if (g || !offset)
                g = (g + delta) & 0xFFFF;
            tell(t, c, g);
        }
    }
}

/* Format 12: groups of all planes. */
static void tell_groups(struct telling *t, struct table map)
{
    uint32_t n = table_u32(map, 12);
    for (uint32_t i = 0; i < n && 16 + 12 * (size_t)i + 12 <= map.len; i++) {
        size_t at = 16 + 12 * (size_t)i;
        uint32_t start = table_u32(map, at), end = table_u32(map, at + 4);
        uint32_t glyph = table_u32(map, at + 8);
        for (uint32_t c = start; c <= end && c < CHARS_END && t->left; c++)
            tell(t, c, glyph + (c - start));
    }
}

void truetype_chars(const struct truetype *font, truetype_char_fn *fn, void *arg)
{
    struct telling t = {.font = font, .fn = fn, .arg = arg, .left = CHARS_MAX};
    unsigned n = table_u16(font->cmap, 2);
    for (unsigned i = 0; i < n && t.left; i++) {
        struct table map = from(font->cmap, table_u32(font->cmap, 8 + 8 * (size_t)i));
        if (table_u16(map, 0) == 4)
            tell_segments(&t, map);
        else if (table_u16(map, 0) == 12)
            tell_groups(&t, map);
    }
}

/* === metrics === */

int truetype_scaled(const struct truetype *t, int units)
{
    int64_t em = t->per_em, doubled = (int64_t)units * 2000 + em;
    int64_t down = doubled / (2 * em);
    return (int)(doubled % (2 * em) < 0 ? down - 1 : down);
}

unsigned truetype_advance(const struct truetype *t, unsigned glyph)
{
    unsigned i = glyph < t->metrics ? glyph : t->metrics - 1;
    return table_u16(t->hmtx, 4 * (size_t)i);
}

int truetype_bearing(const struct truetype *t, unsigned glyph)
{
    size_t at = glyph < t->metrics
                    ? 4 * (size_t)glyph + 2
                    : 4 * (size_t)t->metrics + 2 * (size_t)(glyph - t->metrics);
    return table_s16(t->hmtx, at);
}

/* === outlines === */

struct table truetype_outline(const struct truetype *t, unsigned glyph)
{
    bool wide = table_u16(t->head, 50) != 0;
    size_t at = (size_t)glyph * (wide ? 4 : 2);
    if (glyph >= t->glyphs || at + (wide ? 8 : 4) > t->loca.len)
        return (struct table){0};
    size_t begin = wide ? table_u32(t->loca, at) : 2 * (size_t)table_u16(t->loca, at);
    size_t end =
        wide ? table_u32(t->loca, at + 4) : 2 * (size_t)table_u16(t->loca, at + 2);
    struct table outline =
        begin < end ? slice(t->glyf, begin, end - begin) : (struct table){0};
    if (outline.len < OUTLINE_HEAD)
        outline = (struct table){0};
    return outline;
}

bool outline_has_parts(struct table outline)
{
    return table_s16(outline, 0) < 0;
}

bool outline_part(struct table outline, size_t *at, struct part *out)
{
    enum { WORDS = 1, SCALE = 8, MORE = 0x20, TWO_SCALES = 0x40, FOUR_SCALES = 0x80 };
    if (outline.len < PART_HEAD || *at > outline.len - PART_HEAD)
        return false;
    unsigned flags = table_u16(outline, *at);
    size_t len = (flags & WORDS ? 4U : 2U) + (flags & SCALE         ? 2U
                                              : flags & TWO_SCALES  ? 4U
                                              : flags & FOUR_SCALES ? 8U
                                                                    : 0U);
    *out = (struct part){.flags = flags,
                         .glyph = table_u16(outline, *at + 2),
                         .place = slice(outline, *at + PART_HEAD, len),
                         .last = !(flags & MORE)};
    *at += PART_HEAD + len;
    return out->place.len == len;
}
