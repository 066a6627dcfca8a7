/* save.h: libharu's objects → the bytes of a PDF 1.5.
 *
 * libharu writes each object by itself and a table of their places, as PDF 1.3 has them:
 * a fifth of a letter. Here all that are no streams go into streams, and so do the
 * places. */
#ifndef FACTEUR_PDF_SAVE_H
#define FACTEUR_PDF_SAVE_H

#include <hpdf.h>

#include "facteur/base.h"

/* An object that is a stream: what stands behind its dictionary, which has the length. */
struct stream_object {
    HPDF_Dict dict;
    struct str bytes;
};

/* What a document consists of besides libharu's objects. */
struct stream_objects {
    struct stream_object *at; /* in the order in which they were made */
    size_t len, cap;
};

/* save_objects adds the file to the buffer. false: there is no memory for it; libharu's
 * errors are those of the document. */
bool save_objects(HPDF_Doc doc, const struct stream_objects *streams, struct arena *perm,
                  struct buf *out) MUST;

#endif
