/* box.h: boxes, and the runs of text in them. */
#ifndef FACTEUR_PDF_BOX_H
#define FACTEUR_PDF_BOX_H

#include "pdf/font.h"

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
    const struct own_chars *own; /* of the text's node */
    struct extent extent;        /* without soft hyphens */
    int blank_units;             /* the advance of U+0020 */
    struct face *face;     /* the first of its font; NULL: boxes for missing glyphs */
    double height, ascent; /* of its line box; ascender − descender, points */
    double left, right;    /* margin, border and padding beside it */
    struct box *box;       /* RUN_BOX, RUN_FLOAT */
    /* as placed: */
    bool placed, trimmed; /* trimmed: of the blank at the line's end */
    double x, width;      /* from the line's start; with left and right */
    double y;             /* RUN_FLOAT: x and y are how far its box is moved */
};

/* run_breaking_space: white space but U+00A0, U+2007 and U+202F. */
bool run_breaking_space(uint32_t code_point);

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

#endif
