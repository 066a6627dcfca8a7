/* document.h: the stages of a document, each with a header of its own, which includes
 * those that it rests on. Findings are told from any of them (findings.h).
 *
 *   bytes ─ node.c ─► nodes ─ css.c, style.c, property.c ─► styles ─ box.c ─► boxes
 *         ─ run.c, inline.c, table.c ─► runs, lines, columns ─ flow.c, break.c, page.c
 *         ─► pages ─ paint.c ─► marks ─ content.c ─► operators ─ draw.c ─► PDF
 *
 * Lengths are points; y grows downwards until draw.c turns it round. What is compared is
 * compared with a relative 1e-8, as dompdf does.
 */
#ifndef FACTEUR_PDF_DOCUMENT_H
#define FACTEUR_PDF_DOCUMENT_H

#include "pdf/embed.h"
#include "pdf/page.h"

/* === the file (draw.c) === */

/* What is printed: input->width and height are the paper's. */
struct print {
    const struct pages *pages;
    const struct pdf_input *input;
    struct embeds *kept; /* fonts of other documents, and of this one */
    struct str title;
};

bool draw_pdf(struct fonts *f, const struct print *p, struct arena *perm, struct str *out,
              struct error *e);

/* === prints of the stages, for tests (print.c) === */

void print_boxes(struct buf *b, const struct box *box, int depth);
void print_pages(struct buf *b, const struct pages *pages);

/* A document on its way through the stages up to the pages (pdf.c); `boxes` is the tree
 * as page breaks left it. */
struct document {
    struct source source;
    struct node *root, *body;
    struct sheet sheet;
    double page[4]; /* its margins */
    struct box *boxes;
    struct pages pages;
};
bool document_read(struct pdf *p, struct document *d, struct arena *perm,
                   struct error *e);
bool document_layout(struct pdf *p, struct document *d, const struct pdf_input *in,
                     struct arena *perm, struct error *e);

#endif
