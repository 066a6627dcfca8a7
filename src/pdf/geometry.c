/* geometry.c: lengths, edges and outer sizes of boxes, and how numbers are compared. */
#include <math.h>

#include "pdf/geometry.h"

bool near_equal(double a, double b)
{
    double m = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return fabs(a - b) <= 1e-8 * m || fabs(a - b) < 1e-12;
}

bool near_or_less(double a, double b)
{
    return a <= b || near_equal(a, b);
}

double length_used(struct length l, double containing)
{
    return l.unit == LENGTH_PT        ? l.value
           : l.unit == LENGTH_PERCENT ? l.value * containing / 100
                                      : 0;
}

/* Percentages of margins and paddings refer to the containing width, vertical ones too.
 */
void box_edges(struct box *b, double containing)
{
    const struct style *s = b->style;
    bool row = b->kind == BOX_ROW;
    if (b->kind == BOX_LINES || row)
        return;
    if (!b->cell) {
        b->mt0 = length_used(s->margin[TOP], containing);
        b->mb0 = length_used(s->margin[BOTTOM], containing);
        b->ml = length_used(s->margin[LEFT], containing);
        b->mr = length_used(s->margin[RIGHT], containing);
    }
    b->pt0 = length_used(s->padding[TOP], containing);
    b->pb0 = length_used(s->padding[BOTTOM], containing);
    b->pl = length_used(s->padding[LEFT], containing);
    b->pr = length_used(s->padding[RIGHT], containing);
    b->bt0 = b->shown[TOP].width;
    b->bb = b->shown[BOTTOM].width;
    b->bl = b->shown[LEFT].width;
    b->br = b->shown[RIGHT].width;
}

double box_outer_height(const struct box *b)
{
    return b->mt + b->bt + b->pt + b->height + b->pb + b->bb + b->mb;
}
