/* flow.c: boxes with widths, laid out top-down, with collapsing margins. */
#include <math.h>

#include "pdf/layout.h"

/* === margins === */

static double collapse(double a, double b)
{
    if (a < 0 && b < 0)
        return fmin(a, b);
    return a < 0 || b < 0 ? a + b : fmax(a, b);
}

static bool has_margins(const struct box *b)
{
    return b->kind == BOX_BLOCK || b->kind == BOX_TABLE;
}

/* The part of an item on a later page has a marker too, which is not seen. */
static bool has_marker(const struct box *b)
{
    return b->style->display == DISPLAY_LIST_ITEM;
}

/* childless heads are texts and <br>; a text that lines have cut is several. */
static bool childless(const struct run *r)
{
    return r->head && !r->outer && (r->kind == RUN_TEXT || r->kind == RUN_BREAK);
}

/* hides tells whether a stretch of inline content keeps margins from collapsing across
 * it: it has a childless child, the nearest one not counted (NULL: all are). */
static bool hides(const struct box *lines, const struct run *nearest)
{
    for (const struct run *r = lines->first_run; r; r = r->next)
        if (r != nearest && childless(r))
            return true;
    return false;
}

static const struct run *last_head(const struct box *lines)
{
    const struct run *r = lines->last_run;
    while (r && !r->head)
        r = r->prev;
    return r;
}

/* beside returns the box that a margin meets behind (or, from the end, before) the
 * first: a stretch of text is passed only if just its nearest child is bare. */
static struct box *beside(const struct box *parent, size_t i, bool down)
{
    if (i < parent->kids_len && parent->kids[i]->kind == BOX_LINES) {
        const struct box *lines = parent->kids[i];
        bool marker = i == 0 && has_marker(parent); /* the nearest is the marker */
        const struct run *nearest = down ? lines->first_run : last_head(lines);
        if (hides(lines, marker && down ? NULL : nearest))
            return NULL;
        i += down ? 1 : (size_t)-1;
    }
    struct box *b = i < parent->kids_len ? parent->kids[i] : NULL;
    return b && has_margins(b) ? b : NULL;
}

/* kid_margin is the margin of a first or last child as dompdf takes it when it collapses
 * with its parent's: a percentage of what contains the parent. */
static double kid_margin(const struct box *b, const struct box *kid, enum side side,
                         double now)
{
    struct length l = kid->style->margin[side];
    return now != 0 && l.unit == LENGTH_PERCENT ? length_used(l, b->parent->width) : now;
}

/* collapse_margins goes one level at a time, when a block starts: with the next sibling,
 * then with the first and the last child. */
static void collapse_margins(struct box *b)
{
    if (!b->parent || b->cell || b->own_run || !has_margins(b))
        return;
    struct box *next = beside(b->parent, b->index + 1, true);
    if (next) {
        b->mb = collapse(b->mb, next->mt);
        next->mt = 0;
        next->touched = true;
    }
    if (b->kind != BOX_BLOCK)
        return;
    struct box *first = b->pt == 0 && b->bt == 0 ? beside(b, 0, true) : NULL;
    if (first) {
        b->mt = collapse(b->mt, kid_margin(b, first, TOP, first->mt));
        first->mt = 0;
        first->touched = true;
    }
    struct box *last =
        b->pb == 0 && b->bb == 0 ? beside(b, b->kids_len - 1, false) : NULL;
    if (last) {
        b->mb = collapse(b->mb, kid_margin(b, last, BOTTOM, last->mb));
        last->mb = 0;
        last->touched = true;
    }
}

void flow_reset(struct box *b)
{
    if (!b->touched)
        return;
    b->touched = false;
    b->mt = b->mt0;
    b->mb = b->mb0;
    b->pt = b->pt0;
    b->pb = b->pb0;
    b->bt = b->bt0;
    b->y = NAN;
    if (b->kind != BOX_ROW)
        b->height = 0;
    for (size_t i = 0; i < b->kids_len; i++)
        flow_reset(b->kids[i]);
}

/* === the flow === */

static double used_height(const struct box *b)
{
    const struct style *s = b->style;
    double height = s->height.unit == LENGTH_PT ? s->height.value : b->height;
    if (s->max_height.unit == LENGTH_PT)
        height = fmin(height, s->max_height.value);
    if (s->min_height.unit == LENGTH_PT)
        height = fmax(height, s->min_height.value);
    return height;
}

/* clear_floats moves *at below the floats that a block clears: by dompdf's measure lower
 * still by the block's whole height where that is given. */
static void clear_floats(struct layout *l, struct box *b, const struct box *kid,
                         double *at)
{
    if (kid->style->clear == CLEAR_NONE || kid->kind == BOX_ROW)
        return;
    b->lines_begun += kid->index > 0;
    double lowest = floats_clear(l, kid->style->clear);
    if (lowest <= 0)
        return;
    *at = lowest;
    if (kid->style->height.unit == LENGTH_PT)
        *at += kid->mt + kid->bt + kid->pt + kid->style->height.value + kid->pb +
               kid->bb + kid->mb;
}

/* flow_kid lays a block's child out at *at, which moves below it. */
static bool flow_kid(struct layout *l, struct box *b, struct box *kid, double *at)
{
    if (break_forced(l, kid))
        return false;
    if (kid->kind == BOX_LINES) {
        if (!flow_box(l, kid, *at))
            return false;
        *at += kid->height;
        return true;
    }
    clear_floats(l, b, kid, at);
    b->lines_begun++; /* the line before it ends, its own begins */
    b->line_empty = true;
    if (kid->kind == BOX_BLOCK) {
        kid->waiting = b->waiting;
        b->waiting = NULL;
    }
    if (!flow_box(l, kid, *at))
        return false;
    b->lines_begun++;
    double height = kid->kind == BOX_ROW ? kid->height : box_outer_height(kid);
    struct frame f = {kid, NULL};
    if (!frame_fits(l, f, kid->y + height))
        return false;
    *at += fmax(0, height);
    return kid->kind != BOX_ROW || group_fits(l, kid);
}

/* wait_for_line lets an item's marker wait, behind those of the items around it. */
static void wait_for_line(struct box *item)
{
    struct box **end = &item->waiting;
    while (*end)
        end = &(*end)->next_waiting;
    *end = item;
    item->next_waiting = NULL;
    item->marked = false;
}

/* grow_to gives a box that the page's end splits the height of what it keeps, the child
 * that is split among it. */
static void grow_to(struct box *b, size_t i, double top)
{
    const struct box *kid = i < b->kids_len ? b->kids[i] : NULL;
    if (!kid || isnan(kid->y) || kid->kind == BOX_ROW)
        return;
    double height = kid->kind == BOX_LINES ? kid->height : box_outer_height(kid);
    b->height = fmax(b->height, kid->y + height - top);
}

bool flow_box(struct layout *l, struct box *b, double y)
{
    b->y = y;
    b->touched = true;
    if (b->kind == BOX_ROW)
        return true;
    if (b->kind == BOX_LINES)
        return lines_flow(l, b);
    if (b->resumes)
        table_resume(l, b);
    collapse_margins(b);
    b->lines_begun = 1;
    b->line_empty = true;
    double top = y + b->mt + b->bt + b->pt, at = top;
    if (has_marker(b)) {
        bool shown = b->marker != LIST_NONE;
        wait_for_line(b);
        if (!marker_fits(l, b, top + shown * style_line_height(l->fonts, b->style)))
            return false;
    }
    for (size_t i = 0; i < b->kids_len; i++) {
        if (!flow_kid(l, b, b->kids[i], &at)) {
            grow_to(b, i, top);
            return false;
        }
        b->height = at - top;
    }
    if (b->kind == BOX_TABLE && !b->split)
        b->height += table_beyond(b, SIZE_MAX);
    double height = used_height(b);
    b->height = b->kind == BOX_TABLE ? fmax(b->height, height)
                : b->cell            ? b->height
                                     : height;
    return true;
}

double flow_measure(struct layout *l, struct box *b, double y)
{
    bool before = l->measuring;
    struct floating *floats = l->floats;
    l->measuring = true;
    l->floats = NULL;
    b->touched = true;
    flow_reset(b);
    bool whole = flow_box(l, b, y);
    (void)whole; /* without pages nothing ends early */
    l->measuring = before;
    l->floats = floats;
    return box_outer_height(b);
}
