/* page.c: boxes → pages. */
#include "pdf/pdf_imp.h"

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
        page_paint(l, &page, body);
        VEC_PUSH(l->perm, &out->at, page);
        body = whole ? NULL : l->rest;
    }
    return true;
}
