/* pdf_imp.h: the stages of a document, each with types of its own; none looks back.
 *
 *   bytes ─ node.c ─► nodes ─ css*.c, select.c, style.c ─► styles ─ box.c ─► boxes
 *         ─ inline.c, table.c ─► lines, columns ─ page.c ─► pages ─ draw.c ─► PDF
 *
 * Lengths are points; y grows downwards until draw.c turns it round. What is compared is
 * compared with a relative 1e-8, as dompdf does.
 */
#ifndef FACTEUR_PDF_IMP_H
#define FACTEUR_PDF_IMP_H

#include <stdio.h>

#include "facteur/pdf.h"

enum {
    HTML_MAX = 16 << 20,
    DEPTH_MAX = 256,    /* nested elements */
    NODES_MAX = 400000, /* elements and texts */
    PAGES_MAX = 2000,
    FAMILIES_MAX = 8,
};

/* A place in the source, for findings: an offset is enough until somebody asks. */
struct source {
    struct str text;
    const char *file;
    finding_fn *report; /* may be NULL */
    void *arg;
    size_t errors;       /* findings of severity ERROR */
    struct error *first; /* the first of them, when rendering; else NULL */
    struct arena *perm;
};

/* source_find reports; `at` is an offset in the source, SIZE_MAX when there is no place.
 */
void source_find(struct source *s, enum severity severity, size_t at, const char *fmt,
                 ...) PRINTF(4, 5);

bool near_or_less(double a, double b); /* a <= b, but for rounding */
bool near_equal(double a, double b);

/* === nodes (node.c) === */

struct node {
    struct str tag;  /* lower case; empty: a text */
    struct str text; /* of a text: UTF-8, entities decoded */
    struct str id, class_list, style;
    size_t at, style_at; /* offsets in the source */
    struct node *parent, *first, *last, *next, *prev;
    struct style *computed;
    int colspan;
};

/* nodes_parse returns the <html> element. */
struct node *nodes_parse(struct source *s, struct arena *perm, struct error *e);

/* node_named returns the first element of that name in document order, or NULL. */
struct node *node_named(struct node *root, const char *tag);

/* node_text joins the texts below a node. */
struct str node_text(const struct node *n, struct arena *perm);

/* === style sheets (css.c) === */

struct declaration {
    struct str name, value; /* value without "!important" */
    bool important;
    size_t at;
};

struct simple { /* one compound selector: tag, #id, classes */
    struct str tag, id;
    struct str *classes;
    size_t classes_len;
    bool child; /* joined to the one before it by ">"; else by a blank */
};

struct selector {
    struct simple *parts; /* left to right */
    size_t len;
    int specificity;
};

struct rule {
    struct selector *selectors;
    size_t selectors_len;
    struct declaration *declarations;
    size_t declarations_len;
    int origin; /* 0 user agent, 1 author */
};

struct sheet {
    VEC(struct rule) rules;
    VEC(struct declaration) page; /* of @page */
};

/* css_parse adds the rules of a style sheet; `base` is its offset in the source. */
void css_parse(struct source *s, struct str text, size_t base, int origin,
               struct sheet *out, struct arena *perm);

/* css_declarations parses what stands between braces, or in a style attribute. */
void css_declarations(struct source *s, struct str text, size_t base,
                      struct declaration **out, size_t *len, struct arena *perm);

bool selector_matches(const struct selector *sel, const struct node *n);

/* === computed styles (style.c) === */

enum side { TOP, RIGHT, BOTTOM, LEFT };
enum display {
    DISPLAY_INLINE,
    DISPLAY_BLOCK,
    DISPLAY_INLINE_BLOCK,
    DISPLAY_LIST_ITEM,
    DISPLAY_TABLE,
    DISPLAY_ROW_GROUP,
    DISPLAY_ROW,
    DISPLAY_CELL,
    DISPLAY_NONE,
};
enum align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT, ALIGN_JUSTIFY };
enum valign { VALIGN_BASELINE, VALIGN_TOP, VALIGN_MIDDLE, VALIGN_BOTTOM };
enum page_break { BREAK_AUTO, BREAK_ALWAYS, BREAK_AVOID };
enum list_type { LIST_NONE, LIST_DISC, LIST_CIRCLE, LIST_SQUARE, LIST_DECIMAL };
enum transform { TRANSFORM_NONE, TRANSFORM_UPPER, TRANSFORM_LOWER };
enum white_space {
    SPACE_NORMAL,
    SPACE_PRE,
    SPACE_NOWRAP,
    SPACE_PRE_LINE,
    SPACE_PRE_WRAP
};

struct length {
    enum length_unit { LENGTH_AUTO, LENGTH_PT, LENGTH_PERCENT } unit;
    double value;
};

struct colour {
    double r, g, b;
    bool none; /* transparent */
};

struct border {
    double width;
    bool solid; /* false: none */
    bool coloured;
    struct colour colour;
};

struct style {
    enum display display;
    /* inherited */
    double font_size;
    int families[FAMILIES_MAX]; /* enum family */
    int families_len;
    bool bold, italic;
    bool line_factor; /* line_height is a factor of the font's size, else points */
    double line_height;
    struct colour colour;
    enum align align;
    double indent;
    enum transform transform;
    enum white_space space;
    enum list_type list;
    /* not inherited */
    bool underline;
    struct length margin[4], padding[4], width, height;
    struct border border[4];
    struct colour background;
    enum valign valign;
    enum page_break before, after, inside;
    double spacing; /* border-spacing; inherited */
};

extern const char ua_sheet[];

/* styles_compute gives every element its style. */
void styles_compute(struct source *s, struct node *root, const struct sheet *sheet,
                    struct arena *perm);

/* style_page reads @page's margins into `out` (top, right, bottom, left). */
void style_page(struct source *s, const struct sheet *sheet, double out[4]);

/* style_default is what the root inherits from. */
struct style style_default(void);

/* property_apply applies one declaration to a style; parent is what it inherits from.
 */
void property_apply(struct source *source, const struct declaration *d, struct style *s,
                    const struct style *parent);

/* === fonts (font.c) === */

enum family {
    FAMILY_SERIF,
    FAMILY_SANS,
    FAMILY_MONO,
    FAMILY_TIMES,
    FAMILY_HELVETICA,
    FAMILY_COURIER,
    FAMILIES
};

/* A face as layout sees it. `set` says which glyphs: the cut one, or all. */
struct face {
    const char *asset;      /* NULL: one of PDF's own */
    const char *base_name;  /* PDF's own: "Times-Roman" */
    bool single_byte;       /* drawn with CP1252 */
    double ascent, descent; /* 1/1000 em; descent is negative */
    struct str bytes;
    bool loaded;
    int fd;             /* memfd, for libharu */
    uint16_t *advances; /* by code point; 0xFFFF: no glyph */
    size_t advances_len;
    int index; /* in struct fonts */
};

struct fonts;
struct fonts *fonts_new(struct error *e);
void fonts_drop(struct fonts *f);
struct face *fonts_at(struct fonts *f, size_t i); /* NULL behind the last */
size_t fonts_count(void);

/* fonts_primary is the face of the first family: it rules the line's height. */
struct face *fonts_primary(struct fonts *f, const struct style *s);

/* fonts_face finds the face that has the character; NULL: none has. */
struct face *fonts_face(struct fonts *f, const struct style *s, uint32_t code_point);

/* face_advance returns 1/1000 em, or -1 when there is no glyph. */
int face_advance(struct fonts *f, struct face *face, uint32_t code_point);

/* cp1252 returns the byte of a character, or -1. */
int cp1252(uint32_t code_point);

/* === boxes (box.c) === */

enum box_kind { BOX_BLOCK, BOX_LINES, BOX_TABLE, BOX_ROW };

struct inline_item { /* a stretch of text in one style */
    enum item_kind { ITEM_TEXT, ITEM_BREAK, ITEM_BLOCK } kind;
    struct str text;
    const struct style *style;
    struct box *box; /* ITEM_BLOCK */
};

struct box {
    enum box_kind kind;
    const struct style *style;
    const struct node *node;
    struct box *parent;
    struct box **kids;
    size_t index; /* among its parent's kids */
    size_t kids_len;
    bool body;
    /* used values; the ones with 0 are what a page break may have changed for good */
    double mt0, mb0, pt0, pb0, bt0;
    double mt, mb, pt, pb, bt, bb;
    double ml, mr, pl, pr, bl, br;
    double x, width;  /* of the content */
    double y, height; /* of the margin's top edge; of the content */
    bool avoid_inside, avoid_after;
    bool pushed, split;
    size_t lines_laid;
    /* BOX_LINES */
    VEC(struct inline_item) items;
    struct line *lines; /* those still to lay out */
    size_t lines_len;
    /* list items */
    enum list_type marker;
    int ordinal;
    bool marked; /* the marker belongs to an earlier part */
    /* BOX_ROW */
    struct cell *cells;
    size_t cells_len;
};

struct cell {
    struct box *box;
    int column, span;
    double x, width, height; /* of the border box; height of its content */
};

struct box *boxes_build(struct source *s, struct node *body, struct arena *perm,
                        struct error *e);

/* === lines (inline.c) === */

struct fragment { /* text in one face, at one place */
    const struct style *style;
    struct face *face; /* NULL: boxes drawn in place of missing glyphs */
    struct str text;
    double x, width; /* x from the line's start */
    size_t blanks;   /* U+0020 in the text */
    struct box *box; /* an inline block instead of text */
};

struct line {
    struct fragment *at;
    size_t len;
    double width, height;
    double shift, word_extra; /* by alignment, for U+0020 */
    bool forced;              /* ended by <br>, or the last of its block */
    double indent;
};

struct layout {
    struct fonts *fonts;
    struct source *source;
    struct arena *perm;
    struct error *e;
    double page_bottom;
    bool missing_told;
    bool measuring;   /* no page is being filled */
    struct box *rest; /* what a full page leaves to the next */
};

/* lines_break fills box->lines for a width. */
void lines_break(struct layout *l, struct box *b, double width);

/* lines_extent gives the narrowest and the widest width that the text could use. */
void lines_extent(struct layout *l, struct box *b, double *min, double *max);

double style_line_height(struct fonts *f, const struct style *s);

/* === widths, heights, tables (block.c, table.c) === */

/* box_widths computes used margins, paddings and the content's width in a containing
 * block of that width. */
void box_widths(struct layout *l, struct box *b, double x, double containing);

/* columns_share is the distributor of a table's auto layout, a pure function: minimum and
 * maximum, and a wish (percent of the table, or points) per column. */
struct column {
    double min, max, used;
    struct length wish;
};
void columns_share(struct column *c, size_t len, double width);

/* table_layout gives a table its width, its columns and its cells. */
void table_layout(struct layout *l, struct box *table, double containing);

/* table_extent: the narrowest and the widest width that a table could use. */
void table_extent(struct layout *l, struct box *table, double *min, double *max);

/* flow_measure lays a box out without pages, from y on, and returns its height. */
double flow_measure(struct layout *l, struct box *b, double y);

void box_extent(struct layout *l, struct box *b, double *min, double *max);

/* === pages (page.c) === */

struct page {
    VEC(struct mark) marks;
};

/* What is painted, in order. Coordinates from the page's top left corner. */
struct mark {
    enum mark_kind { MARK_TEXT, MARK_RECT, MARK_DISC } kind;
    double x, y, w, h; /* text: the baseline */
    struct colour colour;
    const struct fragment *text;
    double word_extra;
};

struct pages {
    VEC(struct page) at;
};

bool pages_layout(struct layout *l, struct box *body, const double margins[4],
                  double width, double height, struct pages *out);

/* === the file (draw.c) === */

bool draw_pdf(struct fonts *f, const struct pages *pages, const struct pdf_options *o,
              double width, double height, struct str title, struct arena *perm,
              struct str *out, struct error *e);

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
bool document_layout(struct pdf *p, struct document *d, double width, double height,
                     struct arena *perm, struct error *e);

#endif
