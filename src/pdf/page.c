/* page.c: boxes → pages. */
#include <math.h>

#include "pdf/page.h"

/* fill_page: the body's box reaches to the page's bottom whatever its height is. */
static void fill_page(struct layout *l, struct box *body, double top)
{
    double edges = body->mt + body->bt + body->pt + body->pb + body->bb + body->mb;
    body->height = fmax(0, l->page_bottom - top - edges);
}

bool pages_layout(struct layout *l, struct box *body, const double margins[4],
                  double width, double height, struct pages *out)
{
    l->page_bottom = height - margins[BOTTOM];
    box_widths(l, body, margins[LEFT], width - margins[LEFT] - margins[RIGHT]);
    body->touched = true;
    flow_reset(body);
    while (body) {
        struct page page = {0};
        if (out->at.len == PAGES_MAX)
            return err_set(l->e, ERR_JOB, "the document has more than %d pages",
                           PAGES_MAX);
        l->rest = NULL;
        l->floats = NULL;
        bool whole = flow_box(l, body, margins[TOP]);
        fill_page(l, body, margins[TOP]);
        page_paint(l, &page, body);
        VEC_PUSH(l->perm, &out->at, page);
        body = whole ? NULL : l->rest;
    }
    return true;
}
