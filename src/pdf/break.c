/* break.c: where a page ends. When something passes its bottom, the best place is looked
 * for backwards, as dompdf does: before the frame, in it, before the sibling before it,
 * at last before the parent. The tree is split there, and the right part is the next
 * page's whole tree. */
#include <math.h>

#include "pdf/findings.h"
#include "pdf/layout.h"

/* === frames === */

static bool *pushed(struct frame f)
{
    return f.run ? &f.run->pushed : &f.box->pushed;
}

/* blank: text that shows nothing. */
static bool blank(const struct run *r)
{
    return r->kind == RUN_TEXT && !r->text.len && !r->outer;
}

/* head_before returns the last head before r, r itself excluded; NULL: there is none. */
static struct run *head_before(struct run *r)
{
    do {
        r = r->prev;
    } while (r && !r->head);
    return r;
}

static struct run *last_head(const struct box *lines)
{
    struct run *r = lines->last_run;
    while (r && !r->head)
        r = r->prev;
    return r;
}

static bool last_of(const struct box *b, size_t kids, struct frame *out)
{
    while (kids > 0) {
        struct box *kid = b->kids[--kids];
        if (kid->kind != BOX_LINES) {
            *out = (struct frame){kid, NULL};
            return true;
        }
        struct run *r = last_head(kid);
        if (r) {
            *out = (struct frame){kid, r};
            return true;
        }
    }
    return false;
}

/* before finds the sibling before a frame, blank text passed over. */
static bool before(struct frame f, struct frame *out)
{
    const struct box *parent = f.box->parent;
    struct run *r = f.run ? head_before(f.run) : NULL;
    size_t kids = f.box->index;
    for (;;) {
        while (r && blank(r))
            r = head_before(r);
        if (r) {
            *out = (struct frame){f.box, r};
            return true;
        }
        if (!parent || !last_of(parent, kids, out))
            return false;
        if (!out->run || !blank(out->run))
            return true;
        f = *out;
        r = out->run;
        kids = f.box->index;
    }
}

/* === splitting === */

static struct box *copy_of(struct layout *l, const struct box *b)
{
    struct box *c = NEW(l->perm, struct box, 1);
    *c = *b;
    c->pushed = c->split_off = c->touched = true;
    c->marker_pushed = false;
    c->waiting = NULL;
    c->indent = 0;
    return c;
}

/* headers_for counts the thead's rows that a table repeats before one of its rows. */
static size_t headers_for(const struct box *table, size_t at)
{
    size_t headers = 0;
    while (headers < table->kids_len && table->kids[headers]->header)
        headers++;
    bool repeats = table->kind == BOX_TABLE && at > headers;
    return repeats ? headers : 0;
}

/* spans_past: does a cell of a row before `at` reach it, or go beyond it? */
static bool spans_past(const struct box *table, size_t at)
{
    for (size_t i = 0; table->kind == BOX_TABLE && i < at && i < table->kids_len; i++)
        for (size_t k = 0; k < table->kids[i]->cells_len; k++)
            if (i + (size_t)table->kids[i]->cells[k].rows > at)
                return true;
    return false;
}

/* split_parent makes the part of a parent that goes to the next page: `carry` for the kid
 * at `from` − 1, and those from `from` on. The one left behind keeps its first `keep`. */
static struct box *split_parent(struct layout *l, struct box *parent, struct box *carry,
                                size_t from, size_t keep)
{
    struct box *c = copy_of(l, parent);
    size_t headers = headers_for(parent, from - 1);
    if (!l->span_told && spans_past(parent, from - 1)) {
        l->span_told = true;
        differ_row_span(l->source, parent->node);
    }
    c->kids_len = headers + parent->kids_len - from + 1;
    c->kids = NEW(l->perm, struct box *, c->kids_len);
    for (size_t i = 0; i < headers; i++) {
        c->kids[i] = NEW(l->perm, struct box, 1);
        *c->kids[i] = *parent->kids[i];
    }
    c->kids[headers] = carry;
    for (size_t i = from; i < parent->kids_len; i++)
        c->kids[headers + i - from + 1] = parent->kids[i];
    for (size_t i = 0; i < c->kids_len; i++) {
        c->kids[i]->index = i;
        c->kids[i]->parent = c;
    }
    parent->kids_len = keep;
    parent->split = true;
    if (!parent->body) {
        parent->mb = parent->mb0 = parent->pb = parent->pb0 = parent->bb = 0;
        c->mt0 = 0;
        c->bt0 = c->pt0 = 0;
        if (parent->kind == BOX_TABLE) { /* it has half the spacing of its cells again */
            c->pt0 = table_spacing(parent) / 2;
            c->resumes = parent->style->collapse;
        }
    }
    return c;
}

/* split_run lets a float or an inline block go on as `part` on the next page; returns the
 * lines that begin with it. */
static struct box *split_run(struct layout *l, const struct box *first, struct box *part)
{
    if (!l->align_told && first->own_run->kind == RUN_BOX &&
        first->style->align != ALIGN_LEFT) {
        l->align_told = true;
        differ_split_align(l->source, first->node);
    }
    struct box *lines = first->own_lines;
    struct run *r = NEW(l->perm, struct run, 1);
    *r = *first->own_run;
    r->placed = false;
    r->box = part;
    part->own_run = r;
    lines_insert(lines, first->own_run, r);
    struct box *rest = lines_cut(l, lines, r);
    lines_align(lines);
    return rest;
}

static void split(struct layout *l, struct frame at, bool keep_margin)
{
    struct box *carry = at.box, *parent = at.box->parent;
    size_t from = at.box->index + 1, keep = at.box->index;
    if (at.run) {
        carry = lines_cut(l, at.box, at.run);
        keep += at.box->first_run != NULL;
        lines_align(at.box);
    }
    if (at.run && at.run->box) {
        at.run->box->touched = at.run->box->pushed = true;
        flow_reset(at.run->box);
    }
    if (!keep_margin)
        carry->mt0 = 0;
    carry->pushed = carry->touched = true;
    while (parent) {
        struct box *part = split_parent(l, parent, carry, from, keep);
        const struct box *split_one = parent;
        carry = part;
        if (parent->own_run) {
            carry = split_run(l, parent, part);
            split_one = parent->own_lines;
        }
        from = split_one->index + 1;
        keep = split_one->index + 1;
        parent = split_one->parent;
    }
    flow_reset(carry);
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

static bool run_may_break(const struct box *block, const struct run *r)
{
    if (r->br)
        return false;
    bool on_line = r->placed || r->outer || r->kind == RUN_BREAK;
    size_t lines = block->lines_begun - (on_line && block->line_empty);
    return lines > (size_t)block->style->orphans;
}

/* box_may_break judges a block, a row or a float by its siblings. */
static bool box_may_break(const struct layout *l, struct frame f, const struct style *s,
                          double y)
{
    const struct box *parent = f.box->parent;
    struct frame prev;
    if (s->before == BREAK_AVOID)
        return false;
    if (before(f, &prev))
        return prev.run || !prev.box->avoid_after;
    if (parent->body || f.box->kind == BOX_ROW)
        return false;
    double edge = parent->y + parent->mt + parent->bt + parent->pt;
    return y > edge && !near_equal(y, edge) && near_or_less(edge, l->page_bottom);
}

static bool may_break(const struct layout *l, struct frame f)
{
    struct box *parent = f.box->parent;
    struct frame prev;
    if (!parent || kept_together(parent))
        return false;
    if (f.run && f.run->kind == RUN_FLOAT)
        return box_may_break(l, f, f.run->style, f.box->y);
    if (f.run)
        return run_may_break(parent, f.run) && (!parent->body || before(f, &prev));
    return box_may_break(l, f, f.box->style, f.box->y);
}

/* walk_back looks for the best break at or before f; false: there is none. from_child:
 * what f holds has been looked at. */
static bool walk_back(const struct layout *l, struct frame f, bool from_child,
                      struct frame *out)
{
    struct frame it = f, next;
    bool moved = false;
    for (;;) {
        if (*pushed(it)) {
            moved = true;
        } else if (may_break(l, it)) {
            *out = it;
            return true;
        }
        if (!from_child && !it.run && last_of(it.box, it.box->kids_len, &next)) {
            it = next;
            moved = false;
            continue;
        }
        if (moved)
            return false;
        if (before(it, &next)) {
            it = next;
            from_child = false;
            continue;
        }
        /* A marker that was moved to this page stands before the first child. */
        struct box *up = it.box->parent;
        if (!up || up->marker_pushed)
            return false;
        it = (struct frame){up, NULL};
        if (up->own_run)
            it = (struct frame){up->own_lines, up->own_run};
        from_child = true;
    }
}

static bool page_holds(const struct layout *l, const struct box *around, double bottom)
{
    for (const struct box *p = around; p; p = p->parent)
        bottom += p->mb + p->bb + p->pb;
    return near_or_less(bottom, l->page_bottom);
}

/* fails_within tells of a row whether a text in it passes the page's bottom: texts in the
 * blocks of a cell are asked one by one, those directly in it are not. */
static bool fails_within(const struct layout *l, const struct box *row)
{
    for (size_t i = 0; i < row->cells_len; i++) {
        const struct cell *c = &row->cells[i];
        bool blocks = false;
        for (size_t k = 0; k < c->box->kids_len; k++)
            blocks = blocks || c->box->kids[k]->kind != BOX_LINES;
        if (blocks && !page_holds(l, row->parent, row->y + box_outer_height(c->box)))
            return true;
    }
    return false;
}

bool frame_fits(struct layout *l, struct frame f, double bottom)
{
    struct frame at = f;
    if (l->measuring || *pushed(f) || page_holds(l, f.box->parent, bottom))
        return true;
    /* What is pushed is never asked again: the frame that failed, which in a row may be a
     * text, and the one that the break falls before. */
    bool within = f.box->kind == BOX_ROW && fails_within(l, f.box);
    if (!walk_back(l, f, false, &at))
        at = f;
    split(l, at, false);
    *pushed(f) = !within || at.box == f.box;
    return false;
}

bool group_fits(struct layout *l, struct box *last_row)
{
    struct box *table = last_row->parent, *first = last_row->group;
    size_t next = last_row->index + 1;
    bool ends = next == table->kids_len || table->kids[next]->group != first;
    if (l->measuring || !ends || first->parent != table || first->group_pushed ||
        page_holds(l, table, last_row->y + last_row->height))
        return true;
    split(l, (struct frame){first, NULL}, false);
    first->group_pushed = true;
    return false;
}

bool marker_fits(struct layout *l, struct box *item, double bottom)
{
    struct frame at, f = {item, NULL};
    if (l->measuring || item->marker_pushed || page_holds(l, item, bottom))
        return true;
    split(l, walk_back(l, f, true, &at) ? at : f, false);
    item->marker_pushed = true;
    return false;
}

/* === forced breaks === */

static bool demands_after(const struct box *b)
{
    struct frame last;
    if (b->style->after == BREAK_ALWAYS)
        return true;
    if (b->kind == BOX_ROW || !last_of(b, b->kids_len, &last))
        return false;
    while (last.run && blank(last.run))
        if (!before(last, &last))
            return false;
    return !last.run && last.box->kind != BOX_ROW &&
           last.box->style->after == BREAK_ALWAYS;
}

/* A text, blank or not, breaks as well before itself when the box before it demands it.
 */
bool break_forced(struct layout *l, struct box *b)
{
    struct frame f = {b, b->first_run}, prev;
    if (l->measuring || *pushed(f))
        return false;
    bool demanded = !f.run && b->style->before == BREAK_ALWAYS;
    if (!demanded)
        demanded = before(f, &prev) && !prev.run && demands_after(prev.box);
    if (!demanded)
        return false;
    split(l, f, true);
    return true;
}
