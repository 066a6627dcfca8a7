/* truetype.h: a TrueType font's tables, read in place.
 *
 * The bytes may be anything: what stands beyond a table's end reads as 0, and counts and
 * offsets are believed only as far as there are bytes for them. */
#ifndef FACTEUR_PDF_TRUETYPE_H
#define FACTEUR_PDF_TRUETYPE_H

#include "facteur/base.h"

struct table {
    const unsigned char *at;
    size_t len;
};

unsigned table_u16(struct table t, size_t at);
int table_s16(struct table t, size_t at);

struct truetype {
    struct table cmap, glyf, head, hhea, hmtx, loca, maxp;
    unsigned per_em, glyphs;
    unsigned metrics; /* long ones in hmtx */
};

/* truetype_read finds the tables. false: it is no font with TrueType outlines. */
bool truetype_read(struct truetype *t, struct str bytes) MUST;

/* truetype_chars tells the glyph of each character, in no order; of one that is told
 * again the last holds. */
typedef void truetype_char_fn(void *arg, uint32_t code_point, unsigned glyph);
void truetype_chars(const struct truetype *t, truetype_char_fn *fn, void *arg);

/* truetype_scaled gives font units in 1/1000 em, rounded half up. */
int truetype_scaled(const struct truetype *t, int units);

unsigned truetype_advance(const struct truetype *t, unsigned glyph); /* font units */
int truetype_bearing(const struct truetype *t, unsigned glyph);

/* truetype_outline lends a glyph's bytes in glyf; none for one that shows nothing. */
struct table truetype_outline(const struct truetype *t, unsigned glyph);

/* A glyph may be made of others: part after part, each with a place of its own. */
enum { OUTLINE_HEAD = 10, PART_HEAD = 4, PART_INSTRUCTIONS = 0x100 };

struct part {
    unsigned flags, glyph;
    struct table place; /* offsets and scale, as they stand */
    bool last;
};

bool outline_has_parts(struct table outline);

/* outline_part reads the part at *at, the first one at OUTLINE_HEAD, and moves behind
 * it. false: the outline ends before it does. */
bool outline_part(struct table outline, size_t *at, struct part *out) MUST;

#endif
