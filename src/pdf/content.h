/* content.h: a page's marks → the operators that draw them, as a PDF has them. */
#ifndef FACTEUR_PDF_CONTENT_H
#define FACTEUR_PDF_CONTENT_H

#include "pdf/embed.h"
#include "pdf/page.h"

/* What a document shows so far: filled page by page. A face is called "F" and its index.
 */
struct content {
    double height;        /* of a page: PDF's y grows upwards */
    struct shown **shown; /* by index of face: in this document; NULL: nothing */
    bool *on_page;        /* by index of face: on the page at hand */
    struct arena *perm;
};

struct content content_new(double height, struct arena *perm);

/* content_page returns the operators of a page. false: they are too many bytes. */
bool content_page(struct content *c, const struct page *page, struct str *out) MUST;

#endif
