/* pdf_imp.h: the stages of a document, each with types of its own; none looks back.
 *
 *   bytes ─ node.c ─► nodes ─ css.c, style.c, property.c ─► styles ─ box.c ─► boxes
 *         ─ run.c, inline.c, table.c ─► runs, lines, columns ─ flow.c, break.c, page.c
 *         ─► pages ─ paint.c ─► marks ─ draw.c ─► PDF
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
    SPAN_MAX = 1000, /* columns or rows of one cell */
    COLUMNS_MAX = 1000,
};

/* A place in the source, for findings: an offset is enough until somebody asks. */
struct source {
    struct str text;
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

bool near_or_less(double a, double b); /* a <= b, but for rounding */
bool near_equal(double a, double b);

/* === nodes (node.c) === */

struct attribute {
    struct str name, value; /* name: lower case */
};

struct node {
    struct str tag;  /* lower case; empty: a text */
    struct str text; /* of a text: UTF-8, entities decoded */
    struct str id, class_list, style;
    size_t at, style_at; /* offsets in the source */
    size_t at_end;       /* …of its end, where that is written; 0: it is not */
    size_t at_late;      /* a text: of the last piece that shows something; 0: none */
    /* How the parser came to it: by an end tag without a start, moved out of a table,
     * opened again behind what closed it; <body>: content before its tag opened it. */
    bool from_end_tag, fostered, reopened, early;
    struct node *parent, *first, *last, *next, *prev;
    const struct style *computed;
    uint64_t kin; /* the same for elements that selectors cannot tell apart (style.c) */
    struct attribute *attributes;
    size_t attributes_len;
    int rank;     /* among the elements of its parent, from 1 */
    int elements; /* how many it has */
    int colspan, rowspan;
    struct str start, value; /* of ol and li */
};

/* nodes_parse returns the <html> element. A piece of a document that stands in a
 * `context`
 * ("tbody") is parsed as such; NULL: a whole one. */
struct node *nodes_parse(struct source *s, const char *context, struct arena *perm,
                         struct error *e);

/* node_named returns the first element of that name in document order, or NULL. */
struct node *node_named(struct node *root, const char *tag);

/* node_attribute returns an element's attribute, or NULL. */
const struct attribute *node_attribute(const struct node *n, struct str name);

/* node_text joins the texts below a node. */
struct str node_text(const struct node *n, struct arena *perm);

/* === style sheets (css.c) === */

struct declaration {
    struct str name, value; /* value without "!important" */
    bool important;
    size_t at;
    double em; /* the font size told before it in its block; 0: none */
    bool late; /* of a style attribute: dompdf knows the root's font size by then */
};

enum joint { JOINT_WITHIN, JOINT_CHILD, JOINT_NEXT, JOINT_LATER };

struct condition { /* ".class", "#id", "[name=value]", ":nth-child(2n+1)" */
    enum condition_kind {
        MATCH_CLASS,
        MATCH_ID,
        MATCH_ATTRIBUTE, /* there is one of that name */
        MATCH_VALUE,
        MATCH_WORD,
        MATCH_START,
        MATCH_END,
        MATCH_PART,
        MATCH_NTH,
        MATCH_NTH_LAST,
        MATCH_NTH_TYPE,
        MATCH_NTH_LAST_TYPE,
        MATCH_EMPTY,
        MATCH_ROOT,
        MATCH_TAGS,
        MATCH_NEVER
    } kind;
    struct str name, value;
    int step, from;
};

struct simple {     /* one compound selector: a tag and conditions */
    struct str tag; /* empty: any */
    struct condition *conditions;
    size_t conditions_len;
    enum joint joint; /* to the part before it */
    bool special;     /* more than tag, classes and id decides */
};

struct selector {
    struct simple *parts; /* left to right */
    size_t len;
    int specificity;
    struct str text;
    size_t order; /* of the first selector with this text in the document */
};

struct rule {
    struct selector *selectors;
    size_t selectors_len;
    struct declaration *declarations;
    size_t declarations_len;
    bool lost;  /* a selector of it could not be parsed */
    int origin; /* USER_AGENT or AUTHOR */
};

enum { PAGE, USER_AGENT, HINT, AUTHOR, STYLE_ATTRIBUTE };

/* === what dompdf knows and facteur lacks (dompdf.c): findings === */

/* is_open: not all of it is known before run time. */
bool is_open(const struct source *source, struct str s);

/* property_unknown and value_unknown judge a declaration that property.c does not do. */
void property_unknown(struct source *s, const struct declaration *d);
void value_unknown(struct source *s, const struct declaration *d);
void value_dropped(struct source *s, const struct declaration *d);
void property_in_page(struct source *s, const struct declaration *d);

/* selector_unknown judges a selector that css.c cannot parse; false: it never matches in
 * dompdf either. */
bool selector_unknown(struct source *s, size_t at, struct str selector);

void at_rule_unknown(struct source *s, size_t at, struct str head, struct arena *perm);
void attribute_judge(struct source *s, struct str tag, struct str name, struct str value,
                     size_t at);
void element_judge(struct source *s, struct str tag, size_t at);

/* === what differs from dompdf (differ.c): findings === */

/* differ_judge reports what of a document is rendered otherwise than by dompdf; not
 * `all`: only what depends on what a letter holds. */
void differ_judge(struct source *s, const struct node *root, const struct node *body,
                  bool all);

/* What shows only when pages are made; told once in a document. */
void differ_row_span(struct source *s, const struct node *table);
void differ_split_align(struct source *s, const struct node *n);

struct sheet {
    VEC(struct rule) rules;
    struct map orders; /* text of a selector → its order */
    size_t selectors;
    VEC(struct declaration) page; /* of @page */
};

/* css_parse adds the rules of a style sheet; `base` is its offset in the source. */
void css_parse(struct source *s, struct str text, size_t base, int origin,
               struct sheet *out, struct arena *perm);

/* css_declarations parses what stands between braces, or in a style attribute. */
void css_declarations(struct source *s, struct str text, size_t base,
                      struct declaration **out, size_t *len, struct arena *perm);

/* selector_parse reads one selector; false: it is none that can be matched here. */
bool selector_parse(struct str text, struct selector *out, struct arena *perm);

bool selector_matches(const struct selector *sel, const struct node *n);

/* selector_matches_to: do the first parts of a selector end at the element? */
bool selector_matches_to(const struct selector *sel, size_t parts, const struct node *n);

/* === attributes that are style (presentational_hint.c) === */

/* hints_of writes an element's attributes as declarations. */
struct str hints_of(const struct node *n, struct arena *perm);

bool hint_known(struct str tag, struct str name);

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
enum valign {
    VALIGN_BASELINE,
    VALIGN_TOP,
    VALIGN_MIDDLE,
    VALIGN_BOTTOM,
    VALIGN_SUB,
    VALIGN_SUPER,
    VALIGN_TEXT_TOP,
    VALIGN_TEXT_BOTTOM
};
enum float_side { FLOAT_NONE, FLOAT_LEFT, FLOAT_RIGHT };
enum clear { CLEAR_NONE, CLEAR_LEFT, CLEAR_RIGHT, CLEAR_BOTH };
enum wrap { WRAP_NORMAL, WRAP_WORD, WRAP_ANYWHERE };
enum page_break { BREAK_AUTO, BREAK_ALWAYS, BREAK_AVOID };
enum list_type { LIST_NONE, LIST_DISC, LIST_CIRCLE, LIST_SQUARE, LIST_DECIMAL };
enum transform { TRANSFORM_NONE, TRANSFORM_UPPER, TRANSFORM_LOWER, TRANSFORM_CAPITALIZE };
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

/* length_used resolves a length; auto is 0 (block.c). */
double length_used(struct length l, double containing);

struct colour {
    double r, g, b;
    bool none; /* transparent */
};

enum border_style {
    BORDER_NONE,
    BORDER_SOLID,
    BORDER_DOTTED,
    BORDER_DASHED,
    BORDER_DOUBLE,
    BORDER_GROOVE,
    BORDER_RIDGE,
    BORDER_INSET,
    BORDER_OUTSET
};

#define BORDER_MEDIUM 1.5

struct border {
    double line;  /* the width that is told */
    double width; /* the width that is used: 0 without a style */
    bool solid;   /* it has a style */
    enum border_style style;
    bool coloured; /* else it has the text's colour */
    struct colour colour;
};

/* Lines drawn with the text of an element and of all in it, each in its own colour. */
enum decoration { LINE_NONE, LINE_UNDER, LINE_OVER, LINE_THROUGH, LINES };

struct style {
    enum display display;
    /* inherited */
    double font_size, root_size; /* root_size: of the <html> element */
    int families[FAMILIES_MAX];  /* enum family */
    int families_len;
    bool no_family; /* none of the list is known */
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
    enum decoration line;
    bool lined[LINES]; /* by the element or an ancestor */
    struct colour line_colours[LINES];
    struct length margin[4], padding[4], width, height;
    struct border border[4];
    struct colour background;
    enum valign valign;
    enum page_break before, after, inside;
    double spacing; /* border-spacing; inherited */
    enum float_side float_side;
    enum clear clear;
    struct length min_width, max_width, min_height, max_height; /* auto: no limit */
    int orphans;                                                /* inherited */
    enum wrap wrap;                                             /* inherited */
    bool collapse; /* border-collapse; inherited */
    bool table_fixed;
};

extern const char ua_sheet[];

/* styles_compute gives every element its style. */
void styles_compute(struct source *s, struct node *root, const struct sheet *sheet,
                    struct arena *perm);

/* style_page reads the page's margins, those of the root, into `out` (top, right, bottom,
 * left). */
void style_page(struct source *s, const struct node *root, double out[4]);

/* page_size reads @page's size over width and height, when it is told (page_size.c). */
void page_size(const struct sheet *sheet, double *width, double *height);
bool page_size_parse(struct str value, double *width, double *height);

/* style_default is what the root inherits from. */
struct style style_default(void);

/* property_apply applies one declaration to a style; parent is what it inherits from.
 * What sets the font size is applied first, by a pass of its own (`sizing`). */
void property_apply(struct source *source, const struct declaration *d, struct style *s,
                    const struct style *parent, bool sizing);

/* property_inherited: does an element have from its parent what is not told? */
bool property_inherited(struct str name);

/* property_block_em returns the font size behind a declaration within its block. */
double property_block_em(const struct declaration *d, double before);

/* styles_judge reports what is wrong with the declarations of all rules of the author,
 * whether they match an element or not, and of all style attributes. */
void styles_judge(struct source *s, struct node *root, const struct sheet *sheet,
                  struct arena *perm);

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
enum { NO_GLYPH = 0xFFFF };

struct face {
    const char *asset;      /* NULL: one of PDF's own */
    const char *base_name;  /* PDF's own: "Times-Roman" */
    bool single_byte;       /* drawn with CP1252 */
    double ascent, descent; /* 1/1000 em; descent is negative */
    struct str bytes;
    bool loaded;
    uint16_t *advances; /* by code point; 0xFFFF: no glyph */
    size_t advances_len;
    int index; /* in struct fonts */
    int font;  /* the same for faces that layout takes for one font */
};

struct fonts;
struct fonts *fonts_new(struct error *e);
void fonts_drop(struct fonts *f);
struct face *fonts_at(struct fonts *f, size_t i); /* NULL behind the last */
size_t fonts_count(void);

/* fonts_primary is the face of the first family: it rules the line's height. */
struct face *fonts_primary(struct fonts *f, const struct style *s);

/* fonts_face finds the face that has the character among the style's families; NULL: none
 * has. fonts_other then looks in all that are built in. */
struct face *fonts_face(struct fonts *f, const struct style *s, uint32_t code_point);
struct face *fonts_other(struct fonts *f, const struct style *s, uint32_t code_point);

/* fonts_missing_advance is the room, in 1/1000 em, that dompdf leaves for a character
 * which its first font, a DejaVu, lacks. */
int fonts_missing_advance(const struct style *s);

/* fonts_tab_advance is the room of a tab as it is drawn: none, or with a DejaVu a box's.
 */
int fonts_tab_advance(struct fonts *f, const struct style *s);

/* face_advance returns 1/1000 em, or -1 when there is no glyph. */
int face_advance(struct fonts *f, struct face *face, uint32_t code_point);

/* cp1252 returns the byte of a character, or -1. */
int cp1252(uint32_t code_point);

/* === runs (run.c): stretches of inline content === */

struct extent {    /* of text, before its size is known */
    int64_t units; /* sum of advances, 1/1000 em */
    size_t chars, blanks;
};

/* A run is a text in one style and one font, a line break, an inline block or a float.
 * Line breaks cut a run in two for good; a page break lays the rest out again, from these
 * runs. */
struct run {
    enum run_kind { RUN_TEXT, RUN_BREAK, RUN_BOX, RUN_FLOAT } kind;
    struct run *next, *prev;
    const struct style *style; /* of the element that it stands in */
    const struct style *outer; /* of the inline child of the block around it; or NULL */
    const struct style *left_of, *right_of; /* whose edges stand before and behind it */
    bool head;           /* it begins a child of the block, or what a line cut off */
    bool cell;           /* it stands in a cell directly: its baseline is the line's */
    bool br;             /* a break that is a <br> */
    bool pushed;         /* to this page, by a break */
    bool measured, soft; /* soft: it holds soft hyphens */
    bool hyphen;         /* the one at its end is seen */
    struct str text;
    struct extent extent;  /* without soft hyphens */
    int blank_units;       /* the advance of U+0020 */
    struct face *face;     /* the first of its font; NULL: boxes for missing glyphs */
    double height, ascent; /* of its line box; ascender − descender, points */
    double left, right;    /* margin, border and padding beside it */
    struct box *box;       /* RUN_BOX, RUN_FLOAT */
    /* as placed: */
    bool placed, trimmed; /* trimmed: of the blank at the line's end */
    double x, width;      /* from the line's start; with left and right */
    double y;             /* RUN_FLOAT: x and y are how far its box is moved */
};

/* === boxes (box.c) === */

enum box_kind { BOX_BLOCK, BOX_LINES, BOX_TABLE, BOX_ROW };

struct box {
    enum box_kind kind;
    const struct style *style;
    const struct node *node;
    struct box *parent;
    struct box **kids;
    size_t index; /* among its parent's kids */
    size_t kids_len;
    bool body, cell;
    /* used values; the ones with 0 are what a page break may have changed for good */
    double mt0, mb0, pt0, pb0, bt0;
    double mt, mb, pt, pb, bt, bb;
    double ml, mr, pl, pr, bl, br;
    double x, width;  /* of the content */
    double y, height; /* of the margin's top edge; of the content */
    double indent;    /* of the first line */
    bool avoid_inside, avoid_after;
    bool pushed, split, split_off; /* split_off: it goes on from an earlier page */
    bool touched;                  /* since it was reset */
    /* a block's lines, those of its blocks included: what "orphans" counts */
    size_t lines_begun;
    bool line_empty;
    struct box *waiting; /* list items whose markers wait for a line */
    /* BOX_LINES */
    struct run *first_run, *last_run;
    VEC(struct line) lines;
    /* list items */
    enum list_type marker;
    int ordinal;
    bool marked;              /* the marker stands beside a line, or in an earlier part */
    bool marker_pushed;       /* to this page, by a break */
    struct box *next_waiting; /* behind this one */
    struct run *own_run; /* of a float or an inline block: the run that stands for it, */
    struct box *own_lines;      /* and the lines that the run is in */
    const struct border *shown; /* four, as painted */
    bool measured;              /* `narrowest` and `widest` are known (box_extent) */
    double narrowest, widest;
    /* BOX_TABLE */
    struct column *columns;
    size_t columns_len;
    bool lent_borders; /* its cells paint them */
    bool resumes;      /* it goes on here, with collapsed borders */
    double *beyond;    /* heights of rows that only a rowspan promises */
    size_t beyond_len;
    /* BOX_ROW */
    struct cell *cells;
    size_t cells_len;
    bool header;       /* it stands in a thead */
    struct box *group; /* the first row of its row group */
    bool group_pushed; /* of that row: the whole group, to this page */
};

struct cell {
    struct box *box;
    int column, span, rows;  /* rows: that it spans */
    double x, width, height; /* of the margin box; height of its content */
};

struct box *boxes_build(struct source *s, struct node *body, struct arena *perm,
                        struct error *e);

/* === lines (inline.c) === */

struct line {
    uint64_t id;             /* for floats */
    struct run *first, *end; /* from the first that is placed to the one behind it */
    double y;                /* from the top of its box */
    double width, height;
    double left, right; /* taken by floats */
    double indent;
    double shift, word_extra; /* by alignment; word_extra for each U+0020 */
    size_t words;             /* as justification counts them */
    bool broken;              /* ended by <br>, a newline or a block */
    struct box *markers;      /* list items whose markers stand beside it */
};

struct layout {
    struct fonts *fonts;
    struct source *source;
    struct arena *perm;
    struct error *e;
    double page_bottom;
    bool missing_told, span_told, align_told;
    bool question_marks; /* pdf_options */
    bool measuring;      /* no page is being filled */
    struct box *rest;    /* what a full page leaves to the next */
    struct floating *floats;
    uint64_t lines; /* begun so far */
};

/* === floats (float.c) === */

struct floating { /* a float that may still stand beside a line; the newest comes first */
    struct floating *next;
    const struct box *parent;
    enum float_side side;
    double x, y, width, height; /* of the margin box */
    double containing;          /* width of the containing block */
    bool next_line;             /* it had no room beside what came before it */
    uint64_t line;              /* the last line that minded it */
};

/* floats_beside adds to a line that begins at y what floats take from it. */
void floats_beside(struct layout *l, struct line *line, const struct box *block,
                   double y);

/* floats_clear forgets all floats and returns where content that clears them begins; 0:
 * nothing is in its way. */
double floats_clear(struct layout *l, enum clear clear);

/* float_place puts a float, laid out already, at the side of a line at y. */
void float_place(struct layout *l, struct line *line, const struct box *block,
                 struct run *r, double y);

/* runs_measure cuts a box's texts into runs of one font and measures them, once. */
void runs_measure(struct layout *l, struct box *lines, double width);

/* run_fit finds where a text must be cut to fit a room: 0, nowhere before its first
 * word; its length, it fits. `force`: the first word is taken whatever its width. */
size_t run_fit(struct layout *l, const struct run *r, double room, bool force);

/* run_cut cuts a run in two at a byte; the second part follows it in the list. */
void run_cut(struct layout *l, struct box *lines, struct run *r, size_t at);

/* run_show_hyphen shows or hides the soft hyphen that a text ends with. */
void run_show_hyphen(struct layout *l, struct run *r, bool shown);

double run_text_width(const struct run *r);

/* run_breaking_space: white space but U+00A0, U+2007 and U+202F. */
bool run_breaking_space(uint32_t code_point);

bool run_keeps_blanks(const struct run *r);
struct extent run_extent(struct layout *l, const struct run *r, struct str text);

/* runs_extent gives the narrowest and the widest width that the text could use. */
void runs_extent(struct layout *l, struct box *b, double *min, double *max);

/* style_line is the property line-height in points. */
double style_line(const struct style *s);

/* style_line_height is the height of a line of text in the style's first font. */
double style_line_height(struct fonts *f, const struct style *s);

/* lines_flow lays the runs into lines from b->y on. false: the page ended in it. */
bool lines_flow(struct layout *l, struct box *b);

/* run_box_flow lays a float or an inline block out that begins at y; its width is known.
 * false: the page ended in it. */
bool run_box_flow(struct layout *l, struct box *lines, struct run *r, double y);

/* run_box_width gives it its width, as wide as its text unless it says otherwise, and
 * returns that of its margin box. */
double run_box_width(struct layout *l, struct box *lines, struct run *r);

/* lines_cut leaves the runs from `head` on to a new box, which it returns. */
struct box *lines_cut(struct layout *l, struct box *b, struct run *head);

/* lines_insert puts a run behind another. */
void lines_insert(struct box *lines, struct run *after, struct run *r);

/* lines_align shifts and justifies what is placed, when the box or its page is done. */
void lines_align(struct box *b);

/* === widths, heights, tables (block.c, table.c) === */

/* box_widths computes used margins, paddings and the content's width in a containing
 * block of that width. */
void box_widths(struct layout *l, struct box *b, double x, double containing);

/* box_edges computes used margins, paddings and borders. */
void box_edges(struct box *b, double containing);

/* columns_share is the distributor of a table's auto layout, a pure function: of each
 * column the narrowest and the widest width, and its share of the table if one was asked
 * for. absolute: it has a width of its own, which then is its minimum and maximum. */
struct column {
    double min, max, used;
    double absolute, percent;
};
void columns_share(struct column *c, size_t len, double width);

/* table_spacing is what lies between cells: 0 where borders collapse. */
double table_spacing(const struct box *table);

/* table_beyond adds up the heights that cells give rows from `row` on which the table
 * does not have: dompdf counts those that a rowspan promises. */
double table_beyond(const struct box *table, size_t row);

/* table_layout gives a table its width, its columns and its cells. */
void table_layout(struct layout *l, struct box *table, double containing);

/* table_resume finds the collapsed borders at the top of a table's part on a new page.
 * The page before must be painted: a head's cells are the same boxes. */
void table_resume(struct layout *l, struct box *table);

/* table_extent: the narrowest and the widest width that a table could use. */
void table_extent(struct layout *l, struct box *table, double *min, double *max);

/* flow_measure lays a box out without pages, from y on, and returns its height. */
double flow_measure(struct layout *l, struct box *b, double y);

void box_extent(struct layout *l, struct box *b, double *min, double *max);

/* === pages: flow.c lays blocks out, break.c ends pages, page.c joins them === */

/* A child of a block that a page may end before: a box, or a run that is a head. */
struct frame {
    struct box *box;
    struct run *run; /* BOX_LINES only */
};

/* frame_fits ends the page when a frame passes its bottom (given without the edges of the
 * boxes around it). false: it did. */
bool frame_fits(struct layout *l, struct frame f, double bottom);

/* group_fits asks it for a row group, behind its last row: one whose first row is too
 * high for any page goes to a further one, as dompdf's do. */
bool group_fits(struct layout *l, struct box *last_row);

/* marker_fits asks the same for a list item's marker. */
bool marker_fits(struct layout *l, struct box *item, double bottom);

/* break_forced ends the page before a box whose style, or whose sibling's, demands it. */
bool break_forced(struct layout *l, struct box *b);

/* flow_box lays a box out from y on. false: the page ended in it. */
bool flow_box(struct layout *l, struct box *b, double y);

/* flow_reset forgets a layout; what a break changed for good stays. */
void flow_reset(struct box *b);

/* box_outer_height is that of the margin box. */
double box_outer_height(const struct box *b);

/* Text as it is painted: one face, one place. */
struct fragment {
    const struct style *style;
    struct face *face; /* NULL: boxes drawn in place of missing glyphs */
    struct str text;
    double size; /* as drawn */
    double width;
    size_t blanks; /* U+0020 in the text */
};

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

/* page_paint adds what a laid-out box shows (paint.c). */
void page_paint(struct layout *l, struct page *page, const struct box *b);

/* What is drawn of a border: of the border box, and by side. */
struct border_box {
    double x, y, w, h;
    double thick[4];
    enum border_style styles[4];
    struct colour colours[4];
};

/* border_paint adds the lines of a border (border.c). */
void border_paint(struct layout *l, struct page *page, const struct border_box *box);

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
bool document_layout(struct pdf *p, struct document *d, const struct pdf_options *o,
                     struct arena *perm, struct error *e);

#endif
