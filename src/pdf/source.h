/* source.h: the bytes of a document, its limits, and findings in it. */
#ifndef FACTEUR_PDF_SOURCE_H
#define FACTEUR_PDF_SOURCE_H

#include <stdio.h>

#include "facteur/pdf.h"

enum {
    HTML_MAX = 16 << 20,
    DEPTH_MAX = 256,    /* nested elements */
    NODES_MAX = 400000, /* elements and texts */
    PAGES_MAX = 2000,
    FAMILIES_MAX = 8,
    SPAN_MAX = 1000, /* columns or rows of one cell */
    COLUMNS_MAX = 1000,
};

/* A place in the source, for findings: an offset is enough until somebody asks. */
struct source {
    struct str text;
    struct pieces data; /* of the text: what is not the view's own */
    const char *file;
    finding_fn *report; /* may be NULL */
    void *arg;
    size_t errors;       /* findings of severity ERROR */
    struct error *first; /* the first of them, when rendering; else NULL */
    bool skeleton;       /* the text may have holes and seams */
    struct arena *perm;
};

/* source_find reports; `at` is an offset in the source, SIZE_MAX when there is no place.
 */
void source_find(struct source *s, enum severity severity, size_t at, const char *fmt,
                 ...) PRINTF(4, 5);

#endif
