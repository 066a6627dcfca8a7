/* inline.c: runs → lines, greedily, as dompdf does it: a run is taken whole if it fits,
 * else word by word; a line is as high as its highest run, with no strut; a page may end
 * before each run that begins a child of the block, within a line too. */
#include <math.h>

#include "pdf/layout.h"

struct filling { /* a box of lines while it is filled */
    struct layout *l;
    struct box *b;
    double width, y; /* y of the line at hand, from the box's top */
    bool fresh;      /* the line at hand has nothing on it yet */
};

static struct line *current(struct filling *f)
{
    return &f->b->lines.at[f->b->lines.len - 1];
}

static void begin_line(struct filling *f)
{
    struct line line = {.id = ++f->l->lines, .y = f->y};
    if (f->l->floats)
        floats_beside(f->l, &line, f->b->parent, f->b->y + f->y);
    VEC_PUSH(f->l->perm, &f->b->lines, line);
    f->fresh = true;
}

static void end_line(struct filling *f, bool broken)
{
    struct line *line = current(f);
    line->broken = broken;
    f->y += line->height;
    if (f->b->parent) {
        f->b->parent->lines_begun++;
        f->b->parent->line_empty = true;
    }
    begin_line(f);
}

static double room(struct filling *f)
{
    const struct line *line = current(f);
    return f->width - line->left - line->indent - line->width - line->right;
}

/* === placing === */

/* count_words counts as justification does: what blanks separate. */
static size_t count_words(struct str s)
{
    size_t words = 0;
    bool in_word = false;
    for (size_t i = 0; i < s.len; i++) {
        bool blank = s.ptr[i] == ' ' || (s.ptr[i] >= 9 && s.ptr[i] <= 13);
        words += !blank && !in_word;
        in_word = !blank;
    }
    return words;
}

/* place_markers puts waiting list markers beside the first line: they count for its
 * height. */
static void place_markers(struct filling *f, struct line *line)
{
    struct box *parent = f->b->parent;
    if (!parent || !parent->waiting || parent->lines_begun > 1)
        return;
    line->markers = parent->waiting;
    parent->waiting = NULL;
    for (struct box *item = line->markers; item; item = item->next_waiting) {
        item->marked = true;
        if (item->marker != LIST_NONE)
            line->height =
                fmax(line->height, style_line_height(f->l->fonts, item->style));
    }
}

static void place(struct filling *f, struct run *r, double width)
{
    struct line *line = current(f);
    r->x = line->indent + line->width;
    r->width = width;
    r->placed = true;
    line->width += width;
    line->height = fmax(line->height, r->height);
    line->words += r->kind == RUN_BOX ? 1 : count_words(r->text);
    if (f->fresh)
        line->first = r;
    line->end = r->next;
    f->fresh = false;
    if (f->b->parent)
        f->b->parent->line_empty = false;
    place_markers(f, line);
}

/* What became of a run: it stands on the line, or wants another one, or the page ended in
 * it. */
enum laid { LAID, WANTS_LINE, ENDED };

/* cut_blanks takes away what blanks a text begins with. */
static void cut_blanks(struct filling *f, struct run *r)
{
    size_t blanks = 0;
    while (blanks < r->text.len && r->text.ptr[blanks] == ' ')
        blanks++;
    if (!blanks)
        return;
    r->text = str_skip(r->text, blanks);
    r->extent = run_extent(f->l, r, r->text);
}

static enum laid lay_text(struct filling *f, struct run *r)
{
    if (f->fresh && !run_keeps_blanks(r))
        cut_blanks(f, r);
    if (!r->text.len && r->left + r->right == 0)
        return LAID;
    const struct line *line = current(f);
    bool force = f->fresh && line->left == 0 && line->right == 0;
    size_t at = run_fit(f->l, r, room(f), force);
    if (at == 0 && r->text.len)
        return WANTS_LINE;
    bool cut = at < r->text.len;
    if (cut) {
        run_cut(f->l, f->b, r, at);
        r->next->head = true;
    }
    if (cut && r->soft)
        run_show_hyphen(f->l, r, true);
    place(f, r, run_text_width(r) + r->left + r->right);
    if (cut)
        end_line(f, false);
    return LAID;
}

/* run_box_width gives it its width, as wide as its text unless it says otherwise, and
 * returns that of its margin box. */
static double run_box_width(struct layout *l, struct box *lines, struct run *r)
{
    struct box *b = r->box;
    double min, max, width = lines->width;
    if (!b->split_off) {
        box_extent(l, b, &min, &max);
        bool given = b->style->width.unit != LENGTH_AUTO;
        box_widths(l, b, 0, given ? width : fmin(max, fmax(min, width)));
    }
    if (b->pushed) /* by a break that was not forced */
        b->mt0 = 0;
    return b->ml + b->bl + b->pl + b->width + b->pr + b->br + b->mr;
}

/* run_box_flow lays a float or an inline block out that begins at y; its width is known.
 * false: the page ended in it. */
static bool run_box_flow(struct layout *l, struct box *lines, struct run *r, double y)
{
    struct box *b = r->box;
    struct floating *floats = l->floats;
    b->parent = lines->parent;
    b->own_lines = lines;
    b->touched = true;
    flow_reset(b);
    l->floats = NULL; /* only those within it stand beside its lines */
    bool whole = flow_box(l, b, y);
    l->floats = floats;
    r->height = box_outer_height(b);
    return whole;
}

static enum laid lay_box(struct filling *f, struct run *r)
{
    double width = run_box_width(f->l, f->b, r);
    if (!near_or_less(width, room(f)))
        end_line(f, false);
    bool whole = run_box_flow(f->l, f->b, r, f->b->y + current(f)->y);
    if (isnan(r->box->y)) /* the page ended before it */
        return ENDED;
    place(f, r, width);
    return whole ? LAID : ENDED;
}

static enum laid lay_run(struct filling *f, struct run *r)
{
    if (r->kind == RUN_TEXT)
        return lay_text(f, r);
    if (r->kind == RUN_BOX)
        return lay_box(f, r);
    struct line *line = current(f);
    line->height = fmax(line->height, r->height);
    end_line(f, r->br); /* a line that ends with a newline is justified */
    if (r->next)
        r->next->head = true;
    return LAID;
}

/* === heads === */

/* clear_floats begins a line below the floats that a head clears. */
static void clear_floats(struct filling *f, struct run *head)
{
    const struct style *s = head->outer ? head->outer : head->br ? head->style : NULL;
    if (!s || s->clear == CLEAR_NONE || !f->l->floats)
        return;
    if (head->prev || f->b->index > 0)
        end_line(f, false);
    double lowest = floats_clear(f->l, s->clear);
    if (lowest > 0)
        f->y = lowest + style_line_height(f->l->fonts, s) - f->b->y;
    struct line *line = current(f);
    line->y = f->y;
    line->left = line->right = 0;
}

/* lay_head lays a child of the block up to its end or to the line's; *next is the run
 * that follows. false: the page ended in it. */
static bool lay_head(struct filling *f, struct run *head, struct run **next)
{
    struct run *r = head;
    do {
        enum laid laid = lay_run(f, r);
        if (laid == ENDED)
            return false;
        if (laid == LAID) {
            r = r->next;
            continue;
        }
        struct line *line = current(f);
        if (line->height == 0)
            line->height = fmax(r->height, 1);
        end_line(f, false);
        if (r != head)
            r->head = true;
    } while (r && (!r->head || r == head));
    *next = r;
    return true;
}

/* head_fits asks whether the page holds a head that has been laid out. */
static bool head_fits(struct filling *f, struct run *head)
{
    if (f->l->measuring || head->kind == RUN_BREAK ||
        (head->kind == RUN_TEXT && !head->text.len && !head->outer))
        return true;
    double y = current(f)->y;
    for (size_t i = f->b->lines.len; head->placed && i-- > 0;) {
        const struct line *line = &f->b->lines.at[i];
        bool here = false;
        for (const struct run *r = line->first; r && r != line->end && !here; r = r->next)
            here = r == head;
        if (here) {
            y = line->y;
            break;
        }
    }
    double height =
        head->outer ? style_line_height(f->l->fonts, head->outer) : head->height;
    return frame_fits(f->l, (struct frame){f->b, head}, f->b->y + y + height);
}

/* lay_float takes a float out of the flow; a text behind it loses its blanks. A page may
 * end in it: then its first part stays. */
static bool lay_float(struct filling *f, struct run *r)
{
    struct line *line = current(f); /* a page that ends in the float may cut it off */
    double y = f->b->y + line->y;
    struct run *next = r->next;
    run_box_width(f->l, f->b, r);
    bool whole = run_box_flow(f->l, f->b, r, y);
    if (whole && !head_fits(f, r))
        return false;
    if (isnan(r->box->y)) /* the page ended before it */
        return false;
    if (next && next->kind == RUN_TEXT && !next->outer)
        cut_blanks(f, next);
    float_place(f->l, line, f->b->parent, r, y);
    return whole;
}

static void close_lines(struct box *b, double y)
{
    if (b->lines.len && !b->lines.at[b->lines.len - 1].first &&
        b->lines.at[b->lines.len - 1].height == 0)
        b->lines.len--;
    b->height = y;
}

/* restore takes back what an earlier layout did to the runs. */
static void restore(struct layout *l, struct box *b)
{
    for (struct run *r = b->first_run; r; r = r->next) {
        r->text.len += r->trimmed;
        if (r->trimmed)
            r->extent = run_extent(l, r, r->text);
        if (r->hyphen)
            run_show_hyphen(l, r, false);
        r->trimmed = r->placed = false;
    }
}

bool lines_flow(struct layout *l, struct box *b)
{
    struct filling f = {.l = l, .b = b, .width = b->width};
    restore(l, b);
    runs_measure(l, b, b->width);
    b->lines.len = 0;
    begin_line(&f);
    current(&f)->indent = b->indent;
    for (struct run *r = b->first_run; r;) {
        struct run *head = r;
        clear_floats(&f, head);
        if (head->kind == RUN_FLOAT) {
            if (!lay_float(&f, head))
                return false;
            r = head->next;
            continue;
        }
        if (!lay_head(&f, head, &r) || !head_fits(&f, head))
            return false;
    }
    close_lines(b, f.y + current(&f)->height);
    lines_align(b);
    return true;
}

/* === cutting at a page's end === */

static bool line_holds(const struct line *line, const struct run *r)
{
    for (const struct run *i = line->first; i && i != line->end; i = i->next)
        if (i == r)
            return true;
    return false;
}

/* shorten takes away the lines from a run on. Of the line that it stands on the words
 * were counted, and stay so. */
static void shorten(struct box *b, struct run *from)
{
    while (from && !from->placed)
        from = from->next;
    size_t i = b->lines.len;
    while (from && i-- > 0 && !line_holds(&b->lines.at[i], from))
        continue;
    if (!from || i >= b->lines.len)
        return;
    struct line *line = &b->lines.at[i];
    b->lines.len = i + (line->first != from);
    line->width = line->height = 0;
    line->end = from;
    for (const struct run *r = line->first; r != from; r = r->next)
        if (r->placed) {
            line->width += r->width;
            line->height = fmax(line->height, r->height);
        }
}

void lines_insert(struct box *lines, struct run *after, struct run *r)
{
    r->prev = after;
    r->next = after->next;
    after->next = r;
    *(r->next ? &r->next->prev : &lines->last_run) = r;
}

struct box *lines_cut(struct layout *l, struct box *b, struct run *head)
{
    struct box *rest = NEW(l->perm, struct box, 1);
    *rest = *b;
    shorten(b, head);
    rest->first_run = head;
    rest->indent = 0;
    memset(&rest->lines, 0, sizeof(rest->lines));
    b->last_run = head->prev;
    if (head->prev)
        head->prev->next = NULL;
    else
        b->first_run = NULL;
    head->prev = NULL;
    head->pushed = true;
    struct line *last = b->lines.len ? &b->lines.at[b->lines.len - 1] : NULL;
    if (last && last->end == head)
        last->end = NULL;
    b->height = last ? last->y + last->height : 0;
    b->split = true;
    return rest;
}

/* === alignment === */

static struct run *last_placed(struct line *line)
{
    struct run *last = NULL;
    for (struct run *r = line->first; r && r != line->end; r = r->next)
        if (r->placed)
            last = r;
    return last;
}

/* trim takes the blank away that ends the line's last run. false: it ends with another
 * thing, in which case dompdf counts the indent twice. */
static bool trim(struct line *line)
{
    struct run *last = last_placed(line);
    if (!last || last->kind != RUN_TEXT || run_keeps_blanks(last))
        return false;
    if (last->trimmed || !last->text.len || last->text.ptr[last->text.len - 1] != ' ')
        return true;
    if (last->next && last->next->kind == RUN_BREAK && !last->next->br)
        return true; /* for dompdf the text ends with the newline */
    last->text.len--;
    last->trimmed = true;
    last->extent.units -= last->blank_units;
    last->extent.chars--;
    last->extent.blanks--;
    last->width = run_text_width(last) + last->left + last->right;
    line->width = 0; /* summed up anew: to the last digit, as dompdf does */
    for (const struct run *r = line->first; r && r != line->end; r = r->next)
        line->width += r->placed ? r->width : 0;
    return true;
}

static void justify(struct line *line, double space)
{
    if (line->words < 2)
        return;
    double extra = space / (double)(line->words - 1), dx = 0;
    line->word_extra = extra;
    for (struct run *r = line->first; r && r != line->end; r = r->next) {
        if (!r->placed)
            continue;
        r->x += dx;
        if (r->kind == RUN_TEXT)
            dx += (double)r->extent.blanks * extra;
    }
}

void lines_align(struct box *b)
{
    for (size_t i = 0; i < b->lines.len; i++) {
        struct line *line = &b->lines.at[i];
        bool last = i + 1 == b->lines.len && !b->split;
        if (!line->first)
            continue;
        double indent = line->indent * (trim(line) ? 1 : 2);
        double space = b->width - line->width - indent;
        line->shift = 0;
        if (b->style->align == ALIGN_CENTER)
            line->shift = (space + line->left - line->right) / 2;
        else if (b->style->align == ALIGN_RIGHT)
            line->shift = space - line->right;
        else
            line->shift = line->left;
        if (b->style->align == ALIGN_JUSTIFY && !last && !line->broken)
            justify(line, b->width - (line->left + line->width + line->right) - indent);
    }
}
