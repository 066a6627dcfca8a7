/* layout.h: runs become lines, boxes get their places. */
#ifndef FACTEUR_PDF_LAYOUT_H
#define FACTEUR_PDF_LAYOUT_H

#include "pdf/geometry.h"

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
    bool question_marks; /* pdf_input */
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

/* === runs on a line (run.c, inline.c) === */

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

#endif
