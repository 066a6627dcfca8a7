/* style.h: what all declarations come to, for each element. */
#ifndef FACTEUR_PDF_STYLE_H
#define FACTEUR_PDF_STYLE_H

#include "pdf/css.h"

/* === attributes that are style (presentational_hint.c) === */

/* hints_of writes an element's attributes as declarations. */
struct str hints_of(const struct node *n, struct arena *perm);

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

enum family {
    FAMILY_SERIF,
    FAMILY_SANS,
    FAMILY_MONO,
    FAMILY_TIMES,
    FAMILY_HELVETICA,
    FAMILY_COURIER,
    FAMILIES
};

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

#endif
