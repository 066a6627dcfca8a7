/* border.c: the lines of a border: one side after the other, each of its style, as dompdf
 * draws them (without its slanted corners). */
#include <math.h>

#include "pdf/page.h"

/* HAIRLINE: thinner lines are drawn whole, whatever their style: nobody sees dots. */
#define HAIRLINE .1

/* A side on its way to the page. `along`: the line runs from left to right. */
struct edge {
    struct layout *l;
    struct page *page;
    const struct border_box *box;
    enum side side;
    double thick;
    bool along;
};

static void rect(struct edge *e, double x, double y, double w, double h, struct colour c)
{
    struct mark m = {.kind = MARK_RECT, .x = x, .y = y, .w = w, .h = h, .colour = c};
    if (w > 0 && h > 0 && !c.none)
        VEC_PUSH(e->l->perm, &e->page->marks, m);
}

/* band fills the part of the side's thickness between two ratios, from the outside in. */
static void band(struct edge *e, double from, double to, struct colour c)
{
    const struct border_box *b = e->box;
    const double *t = b->thick;
    double x = b->x + from * t[LEFT], w = b->w - from * (t[LEFT] + t[RIGHT]);
    double y = b->y + from * t[TOP], h = b->h - from * (t[TOP] + t[BOTTOM]);
    double depth = (to - from) * e->thick;
    switch (e->side) {
    case TOP:
        rect(e, x, y, w, depth, c);
        return;
    case BOTTOM:
        rect(e, x, y + h - depth, w, depth, c);
        return;
    case LEFT:
        rect(e, x, y, depth, h, c);
        return;
    case RIGHT:
        rect(e, x + w - depth, y, depth, h, c);
        return;
    }
}

/* shade: dompdf darkens the opacity as well; on white paper that is this. */
static double shade(double part)
{
    return .67 * fmax(part - .33, 0) + .33;
}

/* lit is a side's colour when light comes from above: darker or a little lighter. */
static struct colour lit(struct edge *e, struct colour c, bool sunken)
{
    bool upper = e->side == TOP || e->side == LEFT;
    double *parts[] = {&c.r, &c.g, &c.b};
    for (size_t i = 0; i < COUNT(parts); i++)
        *parts[i] = upper == sunken ? shade(*parts[i]) : fmin(*parts[i] + .16, 1);
    return c;
}

static double length_of(const struct edge *e)
{
    return e->along ? e->box->w : e->box->h;
}

/* dashes: as long as their gaps, about three times as long as the line is thick; an odd
 * number fills the side. */
static void dashes(struct edge *e, struct colour c)
{
    const struct border_box *b = e->box;
    double length = length_of(e), dash = 3 * e->thick;
    double x = e->side == RIGHT ? b->x + b->w - e->thick : b->x;
    double y = e->side == BOTTOM ? b->y + b->h - e->thick : b->y;
    if (length >= dash) {
        double n = round(length / dash);
        n += fmod(n, 2) == 0;
        dash = length / n;
    }
    for (double at = 0; at < length - 1e-6; at += 2 * dash) {
        double len = fmin(dash, length - at);
        if (e->along)
            rect(e, x + at, y, len, e->thick, c);
        else
            rect(e, x, y + at, e->thick, len, c);
    }
}

/* dots: discs as wide as the line is thick, a gap of one or (thin lines) two between. */
static void dots(struct edge *e, struct colour c)
{
    const struct border_box *b = e->box;
    double radius = e->thick / 2, step = (e->thick <= 1 ? 3 : 2) * e->thick;
    double length = length_of(e), run = length - e->thick, n = 0;
    double x = e->side == RIGHT ? b->x + b->w - radius : b->x + radius;
    double y = e->side == BOTTOM ? b->y + b->h - radius : b->y + radius;
    if (length >= step) {
        n = fmax(round(run / step), 1);
        step = run / n;
    }
    for (double i = 0; i <= n; i++) {
        struct mark m = {.kind = MARK_DISC, .x = x, .y = y, .w = radius, .colour = c};
        if (e->along)
            m.x += i * step;
        else
            m.y += i * step;
        VEC_PUSH(e->l->perm, &e->page->marks, m);
    }
}

static void paint(struct edge *e, enum border_style style, struct colour c)
{
    if (e->thick < HAIRLINE)
        style = BORDER_SOLID;
    switch (style) {
    case BORDER_NONE:
        return;
    case BORDER_SOLID:
        band(e, 0, 1, c);
        return;
    case BORDER_DOTTED:
        dots(e, c);
        return;
    case BORDER_DASHED:
        dashes(e, c);
        return;
    case BORDER_DOUBLE:
        band(e, 0, 1 / 3.0, c);
        band(e, 2 / 3.0, 1, c);
        return;
    case BORDER_GROOVE:
    case BORDER_RIDGE:
        band(e, 0, .5, lit(e, c, style == BORDER_GROOVE));
        band(e, .5, 1, lit(e, c, style == BORDER_RIDGE));
        return;
    case BORDER_INSET:
    case BORDER_OUTSET:
        band(e, 0, 1, lit(e, c, style == BORDER_INSET));
        return;
    }
}

void border_paint(struct layout *l, struct page *page, const struct border_box *box)
{
    static const enum side order[] = {TOP, BOTTOM, LEFT, RIGHT};
    for (size_t i = 0; i < COUNT(order); i++) {
        enum side side = order[i];
        struct edge e = {
            l, page, box, side, box->thick[side], side == TOP || side == BOTTOM};
        struct colour c = box->colours[side];
        if (e.thick > 0 && length_of(&e) > 0 && !c.none)
            paint(&e, box->styles[side], c);
    }
}
