/* inline.c: text → lines, greedily, by dompdf's rules: opportunities behind blanks and
 * hyphens; a line as high as its tallest run, with no strut; no break between touching
 * runs of different style. */
#include <math.h>

#include "pdf/pdf_imp.h"

enum piece_kind { PIECE_WORD, PIECE_BLANK, PIECE_BREAK, PIECE_BLOCK };

struct piece {
    enum piece_kind kind;
    const struct style *style;
    struct face *face; /* of words and blanks; NULL: no face has its characters */
    struct str text;
    double width, height;
    bool ends; /* a line may end behind it */
    bool keep; /* a blank that is not dropped at the ends of a line */
    struct box *box;
};

typedef VEC(struct piece) piece_list;

bool near_equal(double a, double b)
{
    double m = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return fabs(a - b) <= 1e-8 * m || fabs(a - b) < 1e-12;
}

bool near_or_less(double a, double b)
{
    return a <= b || near_equal(a, b);
}

/* === pieces === */

static double run_height(const struct face *f, const struct style *s)
{
    double line = s->line_factor ? s->line_height * s->font_size : s->line_height;
    return line * (f->ascent - f->descent) / 1000 * 1.1;
}

double style_line_height(struct fonts *f, const struct style *s)
{
    return run_height(fonts_primary(f, s), s);
}

/* Characters that show nothing where no face has them. */
static bool invisible(uint32_t c)
{
    return c < 0x20 || c == 0x7F || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

static void tell_missing(struct layout *l, uint32_t c)
{
    if (l->missing_told)
        return;
    l->missing_told = true;
    struct source *s = l->source;
    if (!s->report)
        return;
    char text[96];
    snprintf(text, sizeof(text), "no font has the character U+%04X: a box stands for it",
             (unsigned)c);
    struct finding f = {FINDING_DIFFERS, s->file ? s->file : "", 0, 0, text};
    s->report(s->arg, &f);
}

struct cutting {
    struct layout *l;
    piece_list *out;
    const struct style *style;
    struct str text;
    size_t from; /* of the piece at hand */
    enum piece_kind kind;
    struct face *face;
    double units; /* its width in 1/1000 em */
    bool hyphen;  /* it ends with one */
};

static void flush(struct cutting *c, size_t to)
{
    if (to == c->from)
        return;
    struct piece p = {.kind = c->kind, .style = c->style, .face = c->face};
    bool nowrap = c->style->space == SPACE_NOWRAP || c->style->space == SPACE_PRE;
    p.text = str_sub(c->text, c->from, to - c->from);
    p.width = c->units * c->style->font_size / 1000;
    const struct face *f = c->face ? c->face : fonts_primary(c->l->fonts, c->style);
    p.height = run_height(f, c->style);
    p.keep = c->style->space == SPACE_PRE || c->style->space == SPACE_PRE_WRAP;
    p.ends = (c->kind == PIECE_BLANK || c->hyphen) && !nowrap;
    VEC_PUSH(c->l->perm, c->out, p);
    c->from = to;
    c->units = 0;
    c->hyphen = false;
}

static void cut_text(struct layout *l, const struct inline_item *item, piece_list *out)
{
    struct cutting c = {.l = l, .out = out, .style = item->style, .text = item->text};
    for (size_t at = 0; at < item->text.len;) {
        size_t start = at;
        uint32_t code = str_utf8(item->text, &at);
        enum piece_kind kind = code == ' ' ? PIECE_BLANK : PIECE_WORD;
        struct face *face = fonts_face(l->fonts, item->style, code);
        if (!face && invisible(code)) {
            flush(&c, start);
            c.from = at;
            continue;
        }
        if (!face)
            tell_missing(l, code);
        if (kind != c.kind || face != c.face || (c.hyphen && code != '-'))
            flush(&c, start);
        c.kind = kind;
        c.face = face;
        c.hyphen = code == '-';
        c.units += face ? face_advance(l->fonts, face, code) : 1025;
    }
    flush(&c, item->text.len);
}

/* cut_block lays an inline block out: as wide as its text, unless it says otherwise. */
static void cut_block(struct layout *l, const struct inline_item *item, double width,
                      piece_list *out)
{
    double min, max;
    box_extent(l, item->box, &min, &max);
    bool fits = item->style->width.unit == LENGTH_AUTO || !isfinite(width);
    box_widths(l, item->box, 0, fits ? fmin(max, fmax(min, width)) : width);
    struct piece p = {.kind = PIECE_BLOCK, .style = item->style, .box = item->box};
    p.height = flow_measure(l, item->box, 0);
    p.width = item->box->ml + item->box->bl + item->box->pl + item->box->width +
              item->box->pr + item->box->br + item->box->mr;
    p.ends = true;
    VEC_PUSH(l->perm, out, p);
}

static piece_list cut(struct layout *l, const struct box *b, double width)
{
    piece_list out = {0};
    for (size_t i = 0; i < b->items.len; i++) {
        const struct inline_item *item = &b->items.at[i];
        if (item->kind == ITEM_TEXT)
            cut_text(l, item, &out);
        else if (item->kind == ITEM_BLOCK)
            cut_block(l, item, width, &out);
        else
            VEC_PUSH(l->perm, &out,
                     (struct piece){.kind = PIECE_BREAK,
                                    .style = item->style,
                                    .height = style_line_height(l->fonts, item->style)});
    }
    return out;
}

/* === lines === */

/* cluster returns the end of what stands together from i on, and its width. */
static size_t cluster(const piece_list *p, size_t i, double *width)
{
    *width = 0;
    do {
        *width += p->at[i].width;
    } while (!p->at[i++].ends && i < p->len && p->at[i].kind == PIECE_WORD);
    return i;
}

static bool joins(const struct fragment *f, const struct piece *p)
{
    return f->style == p->style && f->face == p->face && f->face &&
           f->face->single_byte && f->text.ptr + f->text.len == p->text.ptr;
}

static void add_piece(struct line *line, const struct piece *p, double x)
{
    struct fragment *f = line->len ? &line->at[line->len - 1] : NULL;
    size_t blanks = p->kind == PIECE_BLANK ? p->text.len : 0;
    if (f && !f->box && joins(f, p)) {
        f->text.len += p->text.len;
        f->width += p->width;
        f->blanks += blanks;
        return;
    }
    line->at[line->len++] = (struct fragment){.style = p->style,
                                              .face = p->face,
                                              .text = p->text,
                                              .x = x,
                                              .width = p->width,
                                              .blanks = blanks,
                                              .box = p->box};
}

/* make_line takes the pieces [from, to). Blanks at both ends are not placed; those at the
 * end still count for the height. */
static struct line make_line(struct layout *l, const piece_list *p, size_t from,
                             size_t to)
{
    struct line line = {0};
    size_t end = to;
    double x = 0;
    while (end > from && p->at[end - 1].kind == PIECE_BLANK && !p->at[end - 1].keep)
        end--;
    line.at = NEW(l->perm, struct fragment, end - from);
    for (size_t i = from; i < to; i++) {
        const struct piece *piece = &p->at[i];
        line.height = fmax(line.height, piece->height);
        if (i >= end || piece->kind == PIECE_BREAK)
            continue;
        add_piece(&line, piece, x);
        x += piece->width;
    }
    line.width = x;
    return line;
}

static void align_line(struct line *line, const struct style *s, double width, bool last)
{
    double room = width - line->width - line->indent;
    size_t blanks = 0;
    for (size_t i = 0; i < line->len; i++)
        blanks += line->at[i].blanks;
    if (s->align == ALIGN_CENTER)
        line->shift = room / 2;
    else if (s->align == ALIGN_RIGHT)
        line->shift = room;
    else if (s->align == ALIGN_JUSTIFY && !last && blanks && room > 0)
        line->word_extra = room / (double)blanks;
    line->shift += line->indent;
    double extra = 0;
    for (size_t i = 0; i < line->len; i++) {
        line->at[i].x += extra;
        extra += line->word_extra * (double)line->at[i].blanks;
    }
}

/* one_line returns the end of the line that begins at `from`. */
static size_t one_line(const piece_list *p, size_t from, double width)
{
    double x = 0;
    bool any = false;
    for (size_t i = from; i < p->len;) {
        double w = 0;
        if (p->at[i].kind == PIECE_BREAK)
            return i + 1;
        if (p->at[i].kind == PIECE_BLANK) {
            x += p->at[i++].width;
            continue;
        }
        size_t next = p->at[i].kind == PIECE_WORD ? cluster(p, i, &w) : i + 1;
        if (p->at[i].kind == PIECE_BLOCK)
            w = p->at[i].width;
        bool may_end = i == from || p->at[i - 1].ends || p->at[i - 1].kind == PIECE_BLOCK;
        if (any && may_end && !near_or_less(x + w, width))
            return i;
        x += w;
        any = true;
        i = next;
    }
    return p->len;
}

void lines_break(struct layout *l, struct box *b, double width)
{
    piece_list p = cut(l, b, width);
    VEC(struct line) lines = {0};
    for (size_t from = 0; from < p.len;) {
        double indent = lines.len == 0 ? b->style->indent : 0;
        while (from < p.len && p.at[from].kind == PIECE_BLANK && !p.at[from].keep)
            from++;
        if (from == p.len)
            break;
        size_t to = one_line(&p, from, width - indent);
        struct line line = make_line(l, &p, from, to);
        line.indent = indent;
        line.forced = to == p.len || p.at[to - 1].kind == PIECE_BREAK;
        align_line(&line, b->style, width, line.forced);
        VEC_PUSH(l->perm, &lines, line);
        from = to;
    }
    b->lines = lines.at;
    b->lines_len = lines.len;
}

void lines_extent(struct layout *l, struct box *b, double *min, double *max)
{
    piece_list p = cut(l, b, INFINITY);
    double x = 0, trailing = 0;
    *min = *max = 0;
    for (size_t i = 0; i < p.len;) {
        double w = 0;
        if (p.at[i].kind == PIECE_BREAK) {
            x = trailing = 0;
            i++;
            continue;
        }
        if (p.at[i].kind == PIECE_BLANK) {
            if (x > 0)
                trailing += p.at[i].width;
            i++;
            continue;
        }
        size_t next = p.at[i].kind == PIECE_WORD ? cluster(&p, i, &w) : i + 1;
        if (p.at[i].kind == PIECE_BLOCK)
            w = p.at[i].width;
        *min = fmax(*min, w);
        x += trailing + w;
        trailing = 0;
        *max = fmax(*max, x);
        i = next;
    }
}
