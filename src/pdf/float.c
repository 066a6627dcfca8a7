/* float.c: boxes at the side, and what they take from the lines beside them, as dompdf
 * does it: each line asks when it begins; a float that a line is past is forgotten. */
#include <math.h>

#include "pdf/layout.h"

static double margin_width(const struct box *b)
{
    return b->ml + b->bl + b->pl + b->width + b->pr + b->br + b->mr;
}

static bool beside(const struct floating *f, const struct box *block, double y)
{
    double left = block->x - block->pl - block->bl - block->ml;
    return f->y + f->height >= y && left + margin_width(block) >= f->x;
}

/* outside: of a float in another block a line minds what reaches into its own. */
static double outside(double width, const struct box *block, double edge, double other)
{
    return width > 0 && width > other ? width - edge - block->ml : 0;
}

void floats_beside(struct layout *l, struct line *line, const struct box *block, double y)
{
    double inner[2] = {0}, outer[2] = {0}, containing = 0;
    struct floating **at = &l->floats;
    while (*at) {
        struct floating *f = *at;
        bool right = f->side == FLOAT_RIGHT;
        double taken = line->left + line->width + line->right;
        if (f->line == line->id) {
            at = &f->next;
            continue;
        }
        if (containing == 0)
            containing = f->containing;
        if (!f->next_line && containing <= taken + f->width && containing > taken) {
            f->next_line = true;
            at = &f->next;
            continue;
        }
        if (!beside(f, block, y)) {
            *at = f->next;
            continue;
        }
        *(f->parent == block ? &inner[right] : &outer[right]) += f->width;
        f->line = line->id;
        at = &f->next;
    }
    line->left += inner[0] + outside(outer[0], block, block->pl, block->ml + block->pl);
    line->right += inner[1] + outside(outer[1], block, block->pr, block->ml + block->pr);
}

double floats_clear(struct layout *l, enum clear clear)
{
    double lowest = 0;
    for (const struct floating *f = l->floats; f; f = f->next)
        if (clear == CLEAR_BOTH || (clear == CLEAR_LEFT) == (f->side == FLOAT_LEFT))
            lowest = fmax(lowest, f->y + f->height);
    l->floats = NULL;
    return lowest > 0 ? lowest + 1 : 0;
}

void float_place(struct layout *l, struct line *line, const struct box *block,
                 struct run *r, double y)
{
    struct floating *f = NEW(l->perm, struct floating, 1);
    bool right = r->style->float_side == FLOAT_RIGHT;
    bool clear = r->style->clear != CLEAR_NONE;
    double width = margin_width(r->box), x = block->x;
    if (right)
        x += block->width - width - (clear ? 0 : line->right);
    else
        x += clear ? 0 : line->left;
    *f = (struct floating){.next = l->floats,
                           .parent = block,
                           .side = r->style->float_side,
                           .x = block->x,
                           .y = y,
                           .width = width,
                           .height = box_outer_height(r->box),
                           .containing = block->width};
    l->floats = f;
    floats_beside(l, line, block, y);
    if (f->next_line)
        y += line->height;
    f->x = x;
    f->y = y;
    r->x = x;
    r->y = y - r->box->y;
    r->placed = true;
}
