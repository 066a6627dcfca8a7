/* subset.h: a TrueType font with few of its glyphs, for a PDF.
 *
 * Glyphs are numbered anew: 0 stays what a missing one looks like, then one for each
 * character in order, then what these are made of. Outlines, advances and bearings are
 * those of the font; hinting and all tables that a PDF's reader does not need are left
 * out. The same characters give the same bytes. */
#ifndef FACTEUR_PDF_SUBSET_H
#define FACTEUR_PDF_SUBSET_H

#include "pdf/truetype.h"

struct subset {
    struct str file;
    uint16_t *glyphs; /* by place in the characters: the new number; 0: it has none */
};

/* subset_make takes characters of the basic plane, each once, in order. false: the
 * result is larger than such a font can be. */
bool subset_make(const struct truetype *t, const uint16_t *chars, size_t len,
                 struct arena *perm, struct subset *out) MUST;

#endif
