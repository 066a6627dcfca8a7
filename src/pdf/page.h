/* page.h: pages, and what is painted on them. */
#ifndef FACTEUR_PDF_PAGE_H
#define FACTEUR_PDF_PAGE_H

#include "pdf/layout.h"

/* Text as it is painted: one face, one place. */
struct fragment {
    const struct style *style;
    struct face *face; /* NULL: boxes drawn in place of missing glyphs */
    struct str text;
    const struct own_chars *own; /* of the text's node */
    double size;                 /* as drawn */
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

#endif
