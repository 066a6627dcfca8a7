/* pdf: HTML with CSS → a PDF file in memory, laid out as dompdf 3.1 does it.
 *
 * Stages, each with types of its own, none looks back: bytes → nodes (libgumbo) → matched
 * rules → style → boxes → lines → pages → PDF (libharu). `struct pdf` holds what stays
 * warm between documents: fonts, their metrics, parsed style sheets.
 * All lengths are points (1/72 inch) as double; y grows downwards.
 */
#ifndef FACTEUR_PDF_H
#define FACTEUR_PDF_H

#include "facteur/base.h"

struct pdf;

/* pdf_new makes a renderer with the built-in faces; each is read when it is first used.
 */
struct pdf *pdf_new(struct error *e) MUST;
void pdf_drop(struct pdf *p);

/* pdf_fonts_made counts the fonts that were made; those of most documents are kept. */
size_t pdf_fonts_made(const struct pdf *p);

/* pdf_cp1252 gives the character of a byte of CP1252, the encoding of simple fonts. */
uint32_t pdf_cp1252(unsigned char byte);

/* What a PDF is made of. */
struct pdf_input {
    struct str html;
    /* What of html differs from letter to letter, as view_render tells it. A font holds
     * what is shown of the rest, and the common characters near those that the data
     * needs, so that the next letter can have it as well. None: it holds what is shown.
     */
    struct pieces data;
    double width, height; /* of the paper; 0: A4 portrait, 595.28 × 841.89 */
    int64_t created;      /* CreationDate, Unix seconds */
    /* dompdf prints "?" for a character that PDF's own fonts (Times, Helvetica, Courier)
     * lack; true does so too. Else the character is taken from a font that has it. */
    bool question_marks;
    const char *view; /* file named in errors and findings */
    finding_fn
        *report; /* run-time surprises (a character without a glyph); may be NULL */
    void *arg;
};

/* pdf_check reports every element, property, value, selector, at-rule and unit of the
 * document that the renderer does not do. false: an ERROR was reported. `view` names the
 * file. The text may be a view's skeleton (view_skeleton). */
bool pdf_check(struct pdf *p, struct str html, const char *view, finding_fn *report,
               void *arg) MUST;

/* pdf_render makes the PDF. ERR_UNSUPPORTED: a construct as in pdf_check; ERR_JOB: the
 * document is beyond a ceiling. */
bool pdf_render(struct pdf *p, const struct pdf_input *in, struct arena *perm,
                struct arena tmp, struct str *out, struct error *e) MUST;

#endif
