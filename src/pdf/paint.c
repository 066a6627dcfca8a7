/* paint.c: what a laid-out page shows, as marks. */
#include <math.h>
#include <stdlib.h>

#include "facteur/php.h"
#include "pdf/page.h"

struct painting {
    struct layout *l;
    struct page *page;
    struct face *accented; /* of the run at hand */
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

static struct colour border_colour(const struct box *b, enum side side)
{
    struct colour none = {.none = true};
    if (!b->shown[side].solid || b->lent_borders)
        return none;
    return b->shown[side].coloured ? b->shown[side].colour : b->style->colour;
}

/* paint_edges paints background and borders of a border box. */
static void paint_edges(struct painting *p, const struct box *b, double x, double y,
                        double w, double h)
{
    const struct style *s = b->style;
    rect(p, x, y, w, h, s->background);
    struct border_box box = {
        .x = x, .y = y, .w = w, .h = h, .thick = {b->bt, b->br, b->bb, b->bl}};
    for (enum side i = TOP; i <= LEFT; i++) {
        box.styles[i] = b->shown[i].style;
        box.colours[i] = border_colour(b, i);
    }
    border_paint(p->l, p->page, &box);
}

static void paint(struct painting *p, const struct box *b, double dx, double dy);

/* === text === */

/* baseline_of gives where a run's text stands, from the line's top. What is aligned is
 * the element around it, by dompdf's measure: 0.8 of the line's height is its baseline.
 */
static double baseline_of(const struct run *r, double height)
{
    double base = .8 * height;
    if (r->cell)
        return base;
    switch (r->style->valign) {
    case VALIGN_TOP:
    case VALIGN_TEXT_TOP:
        return r->ascent;
    case VALIGN_MIDDLE:
        return (base + r->ascent) / 2;
    case VALIGN_SUB:
        return base + .5 * r->ascent;
    case VALIGN_SUPER:
        return base - .4 * r->ascent;
    case VALIGN_BASELINE:
    case VALIGN_BOTTOM:
    case VALIGN_TEXT_BOTTOM:
        break;
    }
    return base;
}

/* accented finds the face of a run's combining marks: letters are drawn in it as well, so
 * that an accent meets its letter. NULL: it has none. */
static struct face *accented(struct painting *p, const struct run *r)
{
    for (size_t at = 0; at < r->text.len;) {
        unsigned char byte = (unsigned char)r->text.ptr[at];
        if (byte < 0xCC) {
            at++;
            continue;
        }
        uint32_t c = str_utf8(r->text, &at);
        if (c >= 0x300 && c <= 0x36F)
            return fonts_face(p->l->fonts, r->style, c);
    }
    return NULL;
}

/* face_at finds what a character is drawn with; NULL: nothing has it. */
static struct face *face_at(struct painting *p, const struct run *r, size_t at)
{
    uint32_t c = str_utf8(r->text, &at);
    if (!r->face)
        return fonts_other(p->l->fonts, r->style, c);
    if (p->accented && face_advance(p->l->fonts, p->accented, c) >= 0)
        return p->accented;
    return fonts_face(p->l->fonts, r->style, c);
}

/* by_word: PDF's word spacing knows strings of single bytes only. */
static bool by_word(const struct face *face, double word_extra)
{
    return word_extra != 0 && face && !face->single_byte;
}

/* fragment_end: a fragment has one face, and where it must be, one word. Without a face
 * it is one character. */
static size_t fragment_end(struct painting *p, const struct run *r, size_t from,
                           struct face *face, bool words)
{
    bool blank = false;
    size_t at = from;
    while (at < r->text.len) {
        size_t next = at;
        uint32_t c = str_utf8(r->text, &next);
        bool ends = !face || face_at(p, r, at) != face || (words && blank && c != ' ');
        if (at > from && ends)
            return at;
        blank = c == ' ';
        at = next;
    }
    return at;
}

/* drawn_size: dompdf lays text out with its exact size, and draws it with one decimal. */
static double drawn_size(const struct style *s)
{
    char text[32];
    snprintf(text, sizeof(text), "%.1f", s->font_size);
    return strtod(text, NULL);
}

static struct fragment *new_fragment(struct painting *p, const struct run *r,
                                     struct face *face, struct str text)
{
    struct fragment *f = NEW(p->l->perm, struct fragment, 1);
    struct extent e = run_extent(p->l, r, text);
    *f = (struct fragment){.style = r->style, .face = face, .text = text, .own = r->own};
    f->size = drawn_size(r->style);
    f->width = (double)e.units * f->size / 1000;
    f->blanks = e.blanks;
    return f;
}

/* cleaned takes soft hyphens out but for the one that is seen. */
static struct run *cleaned(struct painting *p, const struct run *r)
{
    struct run *copy = NEW(p->l->perm, struct run, 1);
    struct buf b = buf_new(p->l->perm, r->text.len + 1);
    *copy = *r;
    for (size_t at = 0, from = 0; at < r->text.len; from = at) {
        bool soft = str_utf8(r->text, &at) == 0xAD;
        if (!soft || (r->hyphen && at == r->text.len))
            buf_add(&b, str_sub(r->text, from, at - from));
    }
    copy->text = buf_str(&b);
    copy->soft = false;
    return copy;
}

static void add_fragment(struct painting *p, struct fragment *f, double x, double y,
                         double word_extra)
{
    add_mark(p, (struct mark){.kind = MARK_TEXT,
                              .x = x,
                              .y = y,
                              .colour = f->style->colour,
                              .text = f,
                              .word_extra = word_extra});
}

/* paint_strays paints characters that no font of the list has: each in the room left for
 * it, in whatever font has it. */
static void paint_strays(struct painting *p, const struct run *r, double x, double y)
{
    for (size_t at = 0, from = 0; at < r->text.len; from = at) {
        struct face *face = face_at(p, r, from);
        str_utf8(r->text, &at);
        struct fragment *f = new_fragment(p, r, face, str_sub(r->text, from, at - from));
        add_fragment(p, f, x, y, 0);
        x += f->width;
    }
}

/* rounded_extra: in the strings of its own fonts dompdf widens blanks by whole
 * thousandths of an em; PHP's round() looks at 15 digits. */
static double rounded_extra(double extra, const struct style *s)
{
    double thousandths = 1000 / s->font_size * extra;
    return php_round(thousandths, 0) * drawn_size(s) / 1000;
}

/* tab_width is the room of a tab that is kept, in 1/1000 em: dompdf draws one as a box
 * where the first font is a DejaVu, though it measures none. */
static double tab_width(struct painting *p, const struct run *r, struct str text)
{
    return str_eq(text, S("\t")) ? fonts_tab_advance(p->l->fonts, r->style) : 0;
}

static void paint_run(struct painting *p, const struct run *r, double x, double y,
                      double word_extra)
{
    x += r->left;
    if (r->soft)
        r = cleaned(p, r);
    if (!r->face) {
        paint_strays(p, r, x, y);
        return;
    }
    p->accented = accented(p, r);
    if (r->face->asset)
        word_extra = rounded_extra(word_extra, r->style);
    for (size_t at = 0; at < r->text.len;) {
        struct face *face = face_at(p, r, at);
        bool words = by_word(face, word_extra);
        size_t end = fragment_end(p, r, at, face, words);
        struct fragment *f = new_fragment(p, r, face, str_sub(r->text, at, end - at));
        if (!face) /* a character that shows nothing, or a tab */
            f->width = f->size * tab_width(p, r, f->text) / 1000;
        if (face || f->width > 0)
            add_fragment(p, f, x, y, words ? 0 : word_extra);
        x += f->width + word_extra * (double)f->blanks;
        at = end;
    }
}

static size_t placed_on(const struct line *line)
{
    size_t n = 0;
    for (const struct run *r = line->first; r && r != line->end; r = r->next)
        n += r->placed && (r->kind == RUN_BOX || r->text.len);
    return n;
}

/* box_top gives where an inline block stands, from the line's top. */
static double box_top(const struct run *r, const struct line *line)
{
    double below = .8 * line->height - box_outer_height(r->box);
    if (placed_on(line) == 1)
        return 0;
    switch (r->style->valign) {
    case VALIGN_TOP:
        return 0;
    case VALIGN_MIDDLE:
        return below / 2;
    case VALIGN_SUB:
    case VALIGN_BOTTOM:
    case VALIGN_TEXT_BOTTOM:
        return .3 * line->height + below;
    case VALIGN_SUPER:
        return -.2 * line->height + below;
    case VALIGN_TEXT_TOP:
        return line->height - style_line(r->style);
    case VALIGN_BASELINE:
        break;
    }
    return below;
}

static void paint_marker(struct painting *p, const struct box *item, double x,
                         double baseline);

static double ascent_of(struct painting *p, const struct box *item)
{
    const struct face *f = fonts_primary(p->l->fonts, item->style);
    return item->style->font_size * (f->ascent - f->descent) / 1000;
}

/* marker_baseline: an item's marker is aligned as its text is. */
static double marker_baseline(struct painting *p, const struct box *item, double height)
{
    struct run r = {.style = item->style, .ascent = ascent_of(p, item)};
    return baseline_of(&r, height);
}

static void paint_line(struct painting *p, const struct line *line, double x, double dx,
                       double top)
{
    for (const struct box *item = line->markers; item; item = item->next_waiting)
        paint_marker(p, item, item->x + dx + line->shift,
                     top + marker_baseline(p, item, line->height));
    for (const struct run *r = line->first; r && r != line->end; r = r->next) {
        double at = x + line->shift + r->x;
        if (!r->placed)
            continue;
        if (r->kind == RUN_BOX)
            paint(p, r->box, at, top + box_top(r, line) - r->box->y);
        else
            paint_run(p, r, at, top + baseline_of(r, line->height), line->word_extra);
    }
}

static void paint_number(struct painting *p, const struct box *b, double x,
                         double baseline)
{
    struct run r = {.style = b->style, .face = fonts_primary(p->l->fonts, b->style)};
    r.text = str_fmt(p->l->perm, "%d.", b->ordinal);
    r.extent = run_extent(p->l, &r, r.text);
    x -= .52 * b->style->font_size + run_text_width(&r);
    paint_run(p, &r, x, baseline, 0);
}

static void paint_marker(struct painting *p, const struct box *item, double x,
                         double baseline)
{
    double em = item->style->font_size;
    x -= item->pl + item->bl; /* from the content's edge to the border's */
    if (item->marker == LIST_NONE || item->split_off)
        return;
    if (item->marker == LIST_DECIMAL) {
        paint_number(p, item, x, baseline);
        return;
    }
    add_mark(p, (struct mark){.kind = MARK_DISC,
                              .x = x - .695 * em,
                              .y = baseline - .275 * em,
                              .w = .175 * em,
                              .h = item->marker == LIST_SQUARE   ? 2
                                   : item->marker == LIST_CIRCLE ? 1
                                                                 : 0,
                              .colour = item->style->colour});
}

/* paint_alone paints the marker of an item that has no line. */
static void paint_alone(struct painting *p, const struct box *item, double x, double y)
{
    paint_marker(p, item, x, y + item->mt + item->bt + item->pt + ascent_of(p, item));
}

/* cell_height adds up the rows that a cell spans on this page. */
static double cell_height(const struct box *row, const struct cell *c)
{
    double height = 0;
    size_t end = row->index + (size_t)c->rows;
    for (size_t i = row->index; i < end && i < row->parent->kids_len; i++)
        height += row->parent->kids[i]->height;
    return height + (row->parent->split ? 0 : table_beyond(row->parent, end));
}

static void paint_row(struct painting *p, const struct box *row, double dx, double dy)
{
    for (size_t i = 0; i < row->cells_len; i++) {
        const struct cell *c = &row->cells[i];
        const struct box *b = c->box;
        double height = cell_height(row, c) - b->mt - b->mb;
        double room = height - b->bt - b->pt - b->pb - b->bb - c->height;
        double share = b->style->valign == VALIGN_MIDDLE   ? .5
                       : b->style->valign == VALIGN_BOTTOM ? 1
                                                           : 0;
        double y = row->y + dy, shift = fmax(0, room) * share;
        paint_edges(p, b, c->x + b->ml + dx, y + b->mt, c->width - b->ml - b->mr, height);
        for (size_t k = 0; k < b->kids_len; k++)
            paint(p, b->kids[k], dx, y + shift);
    }
}

static void paint(struct painting *p, const struct box *b, double dx, double dy)
{
    if (isnan(b->y))
        return;
    if (b->kind == BOX_LINES) {
        for (const struct run *r = b->first_run; r; r = r->next)
            if (r->kind == RUN_FLOAT && r->placed)
                paint(p, r->box, r->x + dx, r->y + dy);
        for (size_t i = 0; i < b->lines.len; i++)
            paint_line(p, &b->lines.at[i], b->x + dx, dx, b->y + dy + b->lines.at[i].y);
        return;
    }
    if (b->kind == BOX_ROW) {
        paint_row(p, b, dx, dy);
        return;
    }
    paint_edges(p, b, b->x + dx - b->pl - b->bl, b->y + dy + b->mt,
                b->bl + b->pl + b->width + b->pr + b->br,
                b->bt + b->pt + b->height + b->pb + b->bb);
    if (b->style->display == DISPLAY_LIST_ITEM && !b->marked)
        paint_alone(p, b, b->x + dx, b->y + dy);
    for (size_t i = 0; i < b->kids_len; i++)
        paint(p, b->kids[i], dx, dy);
}

void page_paint(struct layout *l, struct page *page, const struct box *b)
{
    struct painting p = {.l = l, .page = page};
    paint(&p, b, 0, 0);
}
