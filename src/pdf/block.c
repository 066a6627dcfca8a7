/* block.c: used widths, from the outside in, before anything has a height. */
#include <math.h>

#include "pdf/layout.h"

/* take_width gives a block a content width; `auto` margins share what is left. */
static void take_width(struct box *b, double width, double containing)
{
    const struct style *s = b->style;
    bool flows = b->parent && s->float_side == FLOAT_NONE;
    double room = containing - width - b->ml - b->mr - b->pl - b->pr - b->bl - b->br;
    bool left = s->margin[LEFT].unit == LENGTH_AUTO;
    bool right = s->margin[RIGHT].unit == LENGTH_AUTO;
    b->width = width;
    if (flows && left && room > 0)
        b->ml = right ? room / 2 : room;
}

static void block_width(struct box *b, double containing)
{
    const struct style *s = b->style;
    double ml = b->ml, outer = ml + b->mr + b->pl + b->pr + b->bl + b->br;
    if (b->cell) {
        b->width = containing - outer;
        return;
    }
    double width = fmax(0, containing - outer);
    bool given = s->width.unit != LENGTH_AUTO;
    take_width(b, given ? length_used(s->width, containing) : width, containing);
    double max = length_used(s->max_width, containing);
    double min = length_used(s->min_width, containing);
    if (s->max_width.unit != LENGTH_AUTO && b->width > max) {
        b->ml = ml;
        take_width(b, max, containing);
    }
    if (s->min_width.unit != LENGTH_AUTO && b->width < min) {
        b->ml = ml;
        take_width(b, min, containing);
    }
}

void box_widths(struct layout *l, struct box *b, double x, double containing)
{
    box_edges(b, containing);
    b->x = x;
    if (b->kind == BOX_LINES) {
        b->width = containing;
        b->indent = b->index == 0 ? b->style->indent : 0;
        return;
    }
    if (b->kind == BOX_TABLE) {
        table_layout(l, b, containing);
        return;
    }
    block_width(b, containing);
    b->x += b->ml + b->bl + b->pl;
    for (size_t i = 0; i < b->kids_len; i++)
        box_widths(l, b->kids[i], b->x, b->width);
}

/* limit keeps a width within min-width and max-width; percentages are not known yet. */
static double limit(const struct style *s, double width)
{
    if (s->max_width.unit == LENGTH_PT)
        width = fmin(width, s->max_width.value);
    if (s->min_width.unit == LENGTH_PT)
        width = fmax(width, s->min_width.value);
    return width;
}

static void block_extent(struct layout *l, struct box *b, double *min, double *max)
{
    const struct style *s = b->style;
    bool given = s->width.unit == LENGTH_PT;
    for (size_t i = 0; i < b->kids_len && (!given || b->cell); i++) {
        double kid_min, kid_max;
        box_extent(l, b->kids[i], &kid_min, &kid_max);
        *min = fmax(*min, kid_min);
        *max = fmax(*max, kid_max);
    }
    if (given) /* of a cell it counts where it is more than the content needs */
        *min = *max = b->cell ? fmax(s->width.value, *min) : s->width.value;
    double outer = b->ml + b->mr + b->pl + b->pr + b->bl + b->br;
    *min = limit(s, *min) + outer;
    *max = limit(s, *max) + outer;
}

void box_extent(struct layout *l, struct box *b, double *min, double *max)
{
    if (!b->measured) {
        b->narrowest = b->widest = 0;
        box_edges(b, 0);
        if (b->kind == BOX_LINES)
            runs_extent(l, b, &b->narrowest, &b->widest);
        else if (b->kind == BOX_TABLE)
            table_extent(l, b, &b->narrowest, &b->widest);
        else
            block_extent(l, b, &b->narrowest, &b->widest);
        b->measured = true;
    }
    *min = b->narrowest;
    *max = b->widest;
}
