/* embed.h: faces as they stand in a PDF: cut to what is shown in them, deflated, and
 * kept.
 *
 * Cutting and deflating a face costs a third of a letter, and letters of one view show
 * the same characters but for a few names: what was made is kept by face and characters
 * as long as the process, the least used goes first. It is made of these two alone, so
 * that a document's bytes do not depend on those before it. */
#ifndef FACTEUR_PDF_EMBED_H
#define FACTEUR_PDF_EMBED_H

#include "pdf/font.h"

/* What a document shows in a face: of the view's own text, and of the data in it. */
struct shown {
    struct charset own, data;
};

/* The parts of a font, without their links: of what its dictionaries hold, and bytes of
 * streams. One of single bytes has the first four, one of two bytes all. */
enum embed_part {
    EMBED_FONT,
    EMBED_DESCRIPTOR,
    EMBED_FILE_DICT,
    EMBED_FILE,
    EMBED_DESCENDANT,
    EMBED_UNICODE_DICT,
    EMBED_UNICODE, /* what characters its codes mean */
    EMBED_GLYPHS_DICT,
    EMBED_GLYPHS, /* by code: the number of the glyph */
    EMBED_PARTS,
};

struct embed {
    struct str parts[EMBED_PARTS];
};

/* What is kept at most, beyond what one document needs. */
enum { EMBEDS_MAX = 64, EMBEDS_BYTES = 1 << 20 };

struct embeds;
struct embeds *embeds_new(void); /* NULL: no memory */
void embeds_drop(struct embeds *k);

/* embeds_font lends the face with what is shown in it until the next embeds_trim; what it
 * needs to make it comes from the arena. NULL: the face cannot be cut to them. */
const struct embed *embeds_font(struct embeds *k, const struct face *face,
                                const struct shown *shown, struct arena *perm);

/* embeds_trim drops what is beyond the limits, between documents. */
void embeds_trim(struct embeds *k);

/* What is kept, and how many fonts were made so far, for tests. */
struct embeds_state {
    size_t kept, bytes, made;
};
struct embeds_state embeds_state(const struct embeds *k);

#endif
