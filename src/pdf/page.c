/* page.c: boxes with widths → pages.
 *
 * Blocks are laid out top-down. When something passes the bottom of the page, the best
 * place for a break is looked for backwards, as dompdf does: before the box, in it,
 * before the sibling before it, at last before the parent. The tree is split there, and
 * the right part is the next page's whole tree. */
#include <math.h>

#include "pdf/pdf_imp.h"

/* A place where a page may end: before a box, or before a line of a box of lines. */
struct frame {
    struct box *box;
    size_t line; /* BOX_LINES only */
};

static struct box *frame_parent(struct frame f)
{
    return f.box->parent;
}

static bool is_line(struct frame f)
{
    return f.box->kind == BOX_LINES;
}

static bool frame_pushed(struct frame f)
{
    return f.box->pushed && (!is_line(f) || f.line == 0);
}

static struct frame last_in(struct box *b)
{
    bool lines = b->kind == BOX_LINES && b->lines_len;
    return (struct frame){b, lines ? b->lines_len - 1 : 0};
}

static bool frame_prev(struct frame f, struct frame *out)
{
    if (is_line(f) && f.line > 0) {
        *out = (struct frame){f.box, f.line - 1};
        return true;
    }
    struct box *parent = f.box->parent;
    if (!parent || f.box->index == 0)
        return false;
    *out = last_in(parent->kids[f.box->index - 1]);
    return true;
}

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

static struct box *next_block(const struct box *b)
{
    for (size_t i = b->index + 1; b->parent && i < b->parent->kids_len; i++)
        if (has_margins(b->parent->kids[i]))
            return b->parent->kids[i];
    return NULL;
}

/* collapse_margins goes one level at a time, when a block starts: with the next sibling,
 * then with the first and the last child. */
static void collapse_margins(struct box *b)
{
    bool in_flow = b->parent && b->parent->kind != BOX_ROW && has_margins(b);
    if (!in_flow)
        return;
    struct box *next = next_block(b);
    if (next) {
        b->mb = collapse(b->mb, next->mt);
        next->mt = 0;
    }
    if (b->kind != BOX_BLOCK || b->kids_len == 0)
        return;
    struct box *first = b->kids[0], *last = b->kids[b->kids_len - 1];
    if (b->pt == 0 && b->bt == 0 && has_margins(first)) {
        b->mt = collapse(b->mt, first->mt);
        first->mt = 0;
    }
    if (b->pb == 0 && b->bb == 0 && has_margins(last)) {
        b->mb = collapse(b->mb, last->mb);
        last->mb = 0;
    }
}

/* reset forgets a layout; what a break changed for good is in the values with 0. */
static void reset(struct box *b)
{
    b->mt = b->mt0;
    b->mb = b->mb0;
    b->pt = b->pt0;
    b->pb = b->pb0;
    b->bt = b->bt0;
    b->y = NAN;
    b->lines_laid = 0;
    if (b->kind != BOX_ROW)
        b->height = 0;
    for (size_t i = 0; i < b->kids_len; i++) {
        b->kids[i]->index = i;
        b->kids[i]->parent = b;
        reset(b->kids[i]);
    }
}

/* === splitting === */

static struct box *copy_of(struct layout *l, const struct box *b)
{
    struct box *c = NEW(l->perm, struct box, 1);
    *c = *b;
    c->pushed = true;
    c->marked = true;
    return c;
}

/* split_parent makes the part of a parent that goes to the next page, which begins with
 * `carry`; the one left behind keeps its first `keep` kids. */
static struct box *split_parent(struct layout *l, struct box *parent, struct box *carry,
                                size_t from, size_t keep)
{
    struct box *c = copy_of(l, parent);
    c->kids_len = parent->kids_len - from + 1;
    c->kids = NEW(l->perm, struct box *, c->kids_len);
    c->kids[0] = carry;
    for (size_t i = from; i < parent->kids_len; i++)
        c->kids[i - from + 1] = parent->kids[i];
    parent->kids_len = keep;
    parent->split = true;
    if (!parent->body) {
        parent->mb = parent->mb0 = parent->pb = parent->pb0 = parent->bb = 0;
        c->mt0 = 0;
        if (parent->kind != BOX_TABLE) /* its padding is half the spacing of its cells */
            c->pt0 = c->bt0 = 0;
    }
    return c;
}

static void split(struct layout *l, struct frame at, bool keep_margin)
{
    struct box *carry = at.box, *parent = at.box->parent;
    size_t from = at.box->index + 1, keep = at.box->index;
    if (is_line(at) && at.line > 0) {
        carry = copy_of(l, at.box);
        carry->lines += at.line;
        carry->lines_len -= at.line;
        at.box->lines_len = at.line;
        at.box->split = true;
        keep++;
    }
    if (!keep_margin)
        carry->mt0 = 0;
    carry->pushed = true;
    while (parent) {
        struct box *part = split_parent(l, parent, carry, from, keep);
        carry = part;
        from = parent->index + 1;
        keep = parent->index + 1;
        parent = parent->parent;
    }
    l->rest = carry;
}

/* === where a page may end === */

static bool kept_together(const struct box *b)
{
    for (; b; b = b->parent)
        if (b->avoid_inside)
            return true;
    return false;
}

static bool may_break(const struct layout *l, struct frame f)
{
    struct box *parent = frame_parent(f);
    struct frame before;
    if (!parent || kept_together(parent))
        return false;
    if (is_line(f))
        return f.box->lines_laid > 2;
    if (frame_prev(f, &before))
        return !before.box->avoid_after && f.box->style->before != BREAK_AVOID;
    if (parent->body)
        return false;
    double edge = parent->y + parent->mt + parent->bt + parent->pt;
    return f.box->y > edge && !near_equal(f.box->y, edge) && edge <= l->page_bottom;
}

static double frame_bottom(struct frame f)
{
    const struct box *b = f.box;
    double bottom = b->y;
    if (is_line(f)) {
        for (size_t i = 0; i <= f.line; i++)
            bottom += b->lines[i].height;
    } else {
        bottom += b->mt + b->bt + b->pt + b->height + b->pb + b->bb + b->mb;
    }
    for (const struct box *p = b->parent; p; p = p->parent)
        bottom += p->mb + p->bb + p->pb;
    return bottom;
}

/* walk_back looks for the best break at or before f; false: there is none. */
static bool walk_back(const struct layout *l, struct frame f, struct frame *out)
{
    struct frame it = f, before;
    bool from_child = false, pushed = false;
    for (;;) {
        if (frame_pushed(it)) {
            pushed = true;
        } else if (may_break(l, it)) {
            *out = it;
            return true;
        }
        if (!from_child && it.box->kind != BOX_LINES && it.box->kids_len) {
            it = last_in(it.box->kids[it.box->kids_len - 1]);
            pushed = false;
            continue;
        }
        if (pushed || !frame_parent(it))
            return false;
        if (frame_prev(it, &before)) {
            it = before;
            from_child = false;
            continue;
        }
        it = (struct frame){frame_parent(it), 0};
        from_child = true;
    }
}

/* fits ends the page when the frame passes its bottom; false: it did. */
static bool fits(struct layout *l, struct frame f)
{
    struct frame at;
    if (l->measuring || frame_pushed(f) || near_or_less(frame_bottom(f), l->page_bottom))
        return true;
    split(l, walk_back(l, f, &at) ? at : f, false);
    if (!is_line(f))
        f.box->pushed = true;
    return false;
}

/* === the flow === */

static bool lay_lines(struct layout *l, struct box *b)
{
    for (size_t i = 0; i < b->lines_len; i++) {
        b->lines_laid++;
        if (!fits(l, (struct frame){b, i}))
            return false;
        b->height += b->lines[i].height;
    }
    return true;
}

static bool forced(const struct layout *l, const struct box *b)
{
    if (l->measuring || b->pushed || b->kind == BOX_LINES || b->kind == BOX_ROW)
        return false;
    if (b->index == 0)
        return false;
    const struct box *before = b->parent->kids[b->index - 1];
    return b->style->before == BREAK_ALWAYS ||
           (before->kind != BOX_LINES && before->style->after == BREAK_ALWAYS);
}

static bool flow(struct layout *l, struct box *b, double y)
{
    b->y = y;
    if (b->kind == BOX_ROW)
        return true;
    if (b->kind == BOX_LINES)
        return lay_lines(l, b);
    collapse_margins(b);
    double top = y + b->mt + b->bt + b->pt, at = top;
    for (size_t i = 0; i < b->kids_len; i++) {
        struct box *k = b->kids[i];
        if (forced(l, k)) {
            split(l, (struct frame){k, 0}, true);
            return false;
        }
        if (!flow(l, k, at))
            return false;
        if (k->kind != BOX_LINES && !fits(l, (struct frame){k, 0}))
            return false;
        at = k->y + k->mt + k->bt + k->pt + k->height + k->pb + k->bb + k->mb;
        b->height = at - top;
    }
    if (b->style->height.unit == LENGTH_PT && b->kind == BOX_BLOCK)
        b->height = b->style->height.value;
    return true;
}

double flow_measure(struct layout *l, struct box *b, double y)
{
    bool before = l->measuring;
    l->measuring = true;
    reset(b);
    bool whole = flow(l, b, y);
    (void)whole; /* without pages nothing ends early */
    l->measuring = before;
    return b->mt + b->bt + b->pt + b->height + b->pb + b->bb + b->mb;
}

/* === painting === */

struct painting {
    struct layout *l;
    struct page *page;
};

static void add_mark(struct painting *p, struct mark m)
{
    VEC_PUSH(p->l->perm, &p->page->marks, m);
}

static void rect(struct painting *p, double x, double y, double w, double h,
                 struct colour c)
{
    if (w > 0 && h > 0 && !c.none)
        add_mark(p, (struct mark){
                        .kind = MARK_RECT, .x = x, .y = y, .w = w, .h = h, .colour = c});
}

static struct colour border_colour(const struct style *s, enum side side)
{
    return s->border[side].coloured ? s->border[side].colour : s->colour;
}

/* paint_edges paints background and borders of a border box. */
static void paint_edges(struct painting *p, const struct box *b, double x, double y,
                        double w, double h)
{
    const struct style *s = b->style;
    rect(p, x, y, w, h, s->background);
    rect(p, x, y, w, b->bt, border_colour(s, TOP));
    rect(p, x, y + h - b->bb, w, b->bb, border_colour(s, BOTTOM));
    rect(p, x, y, b->bl, h, border_colour(s, LEFT));
    rect(p, x + w - b->br, y, b->br, h, border_colour(s, RIGHT));
}

static void paint(struct painting *p, const struct box *b, double dx, double dy);

static void paint_line(struct painting *p, const struct line *line, double x, double top)
{
    double baseline = top + .8 * line->height;
    for (size_t i = 0; i < line->len; i++) {
        const struct fragment *f = &line->at[i];
        if (f->box) {
            double height = f->box->mt + f->box->bt + f->box->pt + f->box->height +
                            f->box->pb + f->box->bb + f->box->mb;
            paint(p, f->box, x + line->shift + f->x, baseline - height);
            continue;
        }
        add_mark(p, (struct mark){.kind = MARK_TEXT,
                                  .x = x + line->shift + f->x,
                                  .y = baseline,
                                  .colour = f->style->colour,
                                  .text = f,
                                  .word_extra = line->word_extra});
    }
}

/* first_line finds the line beside which a marker stands, and its top. */
static const struct line *first_line(const struct box *b, double *top)
{
    if (b->kind == BOX_LINES && b->lines_len && !isnan(b->y)) {
        *top = b->y;
        return b->lines;
    }
    for (size_t i = 0; i < b->kids_len; i++) {
        const struct line *line = first_line(b->kids[i], top);
        if (line)
            return line;
    }
    return NULL;
}

static void paint_number(struct painting *p, const struct box *b, double x,
                         double baseline)
{
    struct fragment *f = NEW(p->l->perm, struct fragment, 1);
    f->style = b->style;
    f->text = str_fmt(p->l->perm, "%d.", b->ordinal);
    f->face = fonts_primary(p->l->fonts, b->style);
    for (size_t i = 0; i < f->text.len; i++) {
        int advance = face_advance(p->l->fonts, f->face, (unsigned char)f->text.ptr[i]);
        f->width += advance * b->style->font_size / 1000;
    }
    add_mark(p, (struct mark){.kind = MARK_TEXT,
                              .x = x - .52 * b->style->font_size - f->width,
                              .y = baseline,
                              .colour = b->style->colour,
                              .text = f});
}

static void paint_marker(struct painting *p, const struct box *b, double dx, double dy)
{
    double top, em = b->style->font_size;
    const struct line *line = first_line(b, &top);
    if (b->marker == LIST_NONE || b->marked || !line)
        return;
    double baseline = top + dy + .8 * line->height;
    if (b->marker == LIST_DECIMAL) {
        paint_number(p, b, b->x + dx - b->pl - b->bl, baseline);
        return;
    }
    add_mark(p, (struct mark){.kind = MARK_DISC,
                              .x = b->x + dx - .695 * em,
                              .y = baseline - .275 * em,
                              .w = .175 * em,
                              .h = b->marker == LIST_SQUARE   ? 2
                                   : b->marker == LIST_CIRCLE ? 1
                                                              : 0,
                              .colour = b->style->colour});
}

static void paint_row(struct painting *p, const struct box *row, double dx, double dy)
{
    for (size_t i = 0; i < row->cells_len; i++) {
        const struct cell *c = &row->cells[i];
        double spacing = row->parent->style->spacing, room = row->height - spacing;
        double top = row->y + dy + spacing / 2;
        double share = c->box->style->valign == VALIGN_MIDDLE   ? .5
                       : c->box->style->valign == VALIGN_BOTTOM ? 1
                                                                : 0;
        double shift = top + share * (room - c->height);
        if (c->width == 0 && c->height == 0)
            continue;
        paint_edges(p, c->box, c->x + dx, top, c->width, room);
        for (size_t k = 0; k < c->box->kids_len; k++)
            paint(p, c->box->kids[k], dx, shift);
    }
}

static void paint(struct painting *p, const struct box *b, double dx, double dy)
{
    if (isnan(b->y))
        return;
    if (b->kind == BOX_LINES) {
        double y = b->y + dy;
        for (size_t i = 0; i < b->lines_len; i++) {
            paint_line(p, &b->lines[i], b->x + dx, y);
            y += b->lines[i].height;
        }
        return;
    }
    if (b->kind == BOX_ROW) {
        paint_row(p, b, dx, dy);
        return;
    }
    paint_edges(p, b, b->x + dx - b->pl - b->bl, b->y + dy + b->mt,
                b->bl + b->pl + b->width + b->pr + b->br,
                b->bt + b->pt + b->height + b->pb + b->bb);
    if (b->style->display == DISPLAY_LIST_ITEM)
        paint_marker(p, b, dx, dy);
    for (size_t i = 0; i < b->kids_len; i++)
        paint(p, b->kids[i], dx, dy);
}

/* === pages === */

bool pages_layout(struct layout *l, struct box *body, const double margins[4],
                  double width, double height, struct pages *out)
{
    l->page_bottom = height - margins[BOTTOM];
    box_widths(l, body, margins[LEFT], width - margins[LEFT] - margins[RIGHT]);
    while (body) {
        struct page page = {0};
        if (out->at.len == PAGES_MAX)
            return err_set(l->e, ERR_JOB, "the document has more than %d pages",
                           PAGES_MAX);
        l->rest = NULL;
        reset(body);
        bool whole = flow(l, body, margins[TOP]);
        struct painting p = {l, &page};
        paint(&p, body, 0, 0);
        VEC_PUSH(l->perm, &out->at, page);
        body = whole ? NULL : l->rest;
    }
    return true;
}
