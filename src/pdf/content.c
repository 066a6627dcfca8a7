/* content.c: marks → operators. */
#include <math.h>

#include "pdf/content.h"

enum { CONTENT_MAX = 64 << 20, FINE = 5, PLACES = 3 };

/* COORDINATE_MAX: numbers that no reader takes for places. */
#define COORDINATE_MAX 1e9

struct writing {
    struct content *c;
    struct buf b;
    /* what the page was told last */
    const struct face *face;
    double size, word;
    struct colour fill;
};

/* === numbers === */

static void digits(struct buf *b, int64_t n)
{
    char out[24];
    size_t at = sizeof(out);
    do
        out[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    buf_add(b, (struct str){out + at, sizeof(out) - at});
}

/* number writes so many decimals at most, and a blank. */
static void number(struct buf *b, double value, int decimals)
{
    int64_t unit = decimals == FINE ? 100000 : 1000;
    double limited = fmax(-COORDINATE_MAX, fmin(value, COORDINATE_MAX));
    int64_t n = llround(limited * (double)unit);
    if (n < 0)
        buf_byte(b, '-');
    n = n < 0 ? -n : n;
    digits(b, n / unit);
    if (n % unit)
        buf_byte(b, '.');
    for (n %= unit; n > 0; n = n * 10 % unit)
        buf_byte(b, (char)('0' + n * 10 / unit));
    buf_byte(b, ' ');
}

static void numbers(struct buf *b, const double *values, size_t len, const char *operator)
{
    for (size_t i = 0; i < len; i++)
        number(b, values[i], PLACES);
    buf_add(b, str_from(operator));
    buf_byte(b, '\n');
}

#define OPERATOR(b, name, ...)                                                           \
    numbers((b), (const double[]){__VA_ARGS__},                                          \
            sizeof((const double[]){__VA_ARGS__}) / sizeof(double), (name))

/* === text === */

/* shown_in gives what is shown in a face so far. */
static struct shown *shown_in(struct writing *w, const struct face *f)
{
    struct shown **shown = &w->c->shown[f->index];
    if (!*shown)
        *shown = NEW(w->c->perm, struct shown, 1);
    w->c->on_page[f->index] = true;
    return *shown;
}

/* is_own tells whether a fragment's character is the view's own. */
static bool is_own(const struct fragment *f, uint32_t c)
{
    int byte = f->own ? cp1252(c) : 0;
    return !f->own || (byte >= 0 && f->own->bits[byte / 64] >> byte % 64 & 1);
}

/* letters writes a fragment's string in its face's encoding. */
static void letters(struct writing *w, const struct fragment *f)
{
    static const char hex[] = "0123456789abcdef";
    struct shown *shown = shown_in(w, f->face);
    bool single = f->face->single_byte;
    buf_byte(&w->b, single ? '(' : '<');
    for (size_t at = 0; at < f->text.len;) {
        uint32_t c = str_utf8(f->text, &at);
        int byte = single ? cp1252(c) : 0;
        if (byte < 0 || c >= CHARSET_END)
            continue;
        charset_add(is_own(f, c) ? &shown->own : &shown->data, c);
        if (byte == '(' || byte == ')' || byte == '\\')
            buf_byte(&w->b, '\\');
        if (single)
            buf_byte(&w->b, (char)byte);
        for (int shift = 12; !single && shift >= 0; shift -= 4)
            buf_byte(&w->b, hex[c >> shift & 15]);
    }
    buf_add(&w->b, single ? S(") Tj\n") : S("> Tj\n"));
}

static void set_fill(struct writing *w, struct colour c)
{
    if (c.r == w->fill.r && c.g == w->fill.g && c.b == w->fill.b)
        return;
    OPERATOR(&w->b, "rg", c.r, c.g, c.b);
    w->fill = c;
}

/* missing_boxes draws an outline for each character that no face has. */
static void missing_boxes(struct writing *w, const struct mark *m)
{
    double em = m->text->size, x = m->x;
    OPERATOR(&w->b, "RG", m->colour.r, m->colour.g, m->colour.b);
    OPERATOR(&w->b, "w", em / 20);
    for (size_t at = 0; at < m->text->text.len; x += m->text->width) {
        str_utf8(m->text->text, &at);
        OPERATOR(&w->b, "re", x + .1 * em, w->c->height - m->y, .8 * em, .75 * em);
    }
    buf_add(&w->b, S("S\n"));
}

static void filled(struct writing *w, double x, double y, double width, double height)
{
    OPERATOR(&w->b, "re", x, y, width, height);
    buf_add(&w->b, S("f\n"));
}

/* decorate draws the lines that go with a text. Their places are dompdf's: it takes 1.1
 * times the font's height for the run's. */
static void decorate(struct writing *w, const struct mark *m)
{
    const struct fragment *f = m->text;
    const struct style *s = f->style;
    bool own = f->face->asset != NULL;
    double em = s->font_size, thick = em * (own ? .044 : .05);
    double under = em * (own ? .063 : .1);
    double high = em * (f->face->ascent - f->face->descent) / 1000;
    double width = f->width + m->word_extra * (double)f->blanks;
    const double below[LINES] = {[LINE_UNDER] = .1 * high + under + thick / 2,
                                 [LINE_OVER] = thick / 2 - high,
                                 [LINE_THROUGH] = -.23 * high};
    for (int i = LINE_UNDER; i < LINES; i++) {
        if (!s->lined[i])
            continue;
        set_fill(w, s->line_colours[i]);
        filled(w, m->x, w->c->height - m->y - below[i] - thick / 2, width, thick);
    }
}

static void text(struct writing *w, const struct mark *m)
{
    const struct fragment *f = m->text;
    if (f->size <= 0)
        return; /* nothing can be seen of it */
    if (!f->face) {
        missing_boxes(w, m);
        return;
    }
    set_fill(w, m->colour);
    buf_add(&w->b, S("BT\n"));
    if (w->face != f->face || w->size != f->size) {
        buf_add(&w->b, S("/F"));
        digits(&w->b, f->face->index);
        buf_byte(&w->b, ' ');
        OPERATOR(&w->b, "Tf", f->size);
    }
    if (m->word_extra != w->word) {
        number(&w->b, m->word_extra, FINE);
        buf_add(&w->b, S("Tw\n"));
    }
    OPERATOR(&w->b, "Td", m->x, w->c->height - m->y);
    letters(w, f);
    buf_add(&w->b, S("ET\n"));
    w->face = f->face;
    w->size = f->size;
    w->word = m->word_extra;
    decorate(w, m);
}

/* === shapes === */

/* RING_WIDTH: of a circle that is not filled, in radii. ARC: how far the handles of a
 * quarter of a circle reach. */
#define RING_WIDTH (.04 / .175)
#define ARC .552

static void circle(struct buf *b, double x, double y, double r)
{
    double h = r * ARC;
    OPERATOR(b, "m", x - r, y);
    OPERATOR(b, "c", x - r, y + h, x - h, y + r, x, y + r);
    OPERATOR(b, "c", x + h, y + r, x + r, y + h, x + r, y);
    OPERATOR(b, "c", x + r, y - h, x + h, y - r, x, y - r);
    OPERATOR(b, "c", x - h, y - r, x - r, y - h, x - r, y);
}

static void shape(struct writing *w, const struct mark *m)
{
    double y = w->c->height - m->y;
    bool ring = m->kind == MARK_DISC && m->h == 1;
    set_fill(w, m->colour);
    if (m->kind == MARK_RECT) {
        filled(w, m->x, y - m->h, m->w, m->h);
        return;
    }
    if (m->h == 2) { /* a square */
        filled(w, m->x - m->w, y - m->w, 2 * m->w, 2 * m->w);
        return;
    }
    if (ring) { /* before the path begins */
        OPERATOR(&w->b, "RG", m->colour.r, m->colour.g, m->colour.b);
        OPERATOR(&w->b, "w", m->w * RING_WIDTH);
    }
    circle(&w->b, m->x, y, m->w);
    buf_add(&w->b, ring ? S("S\n") : S("f\n"));
}

/* === pages === */

struct content content_new(double height, struct arena *perm)
{
    return (struct content){.height = height,
                            .shown = NEW(perm, struct shown *, fonts_count()),
                            .on_page = NEW(perm, bool, fonts_count()),
                            .perm = perm};
}

bool content_page(struct content *c, const struct page *page, struct str *out)
{
    struct writing w = {.c = c, .b = buf_new(c->perm, CONTENT_MAX)};
    memset(c->on_page, 0, fonts_count() * sizeof(*c->on_page));
    for (size_t i = 0; i < page->marks.len; i++) {
        const struct mark *m = &page->marks.at[i];
        (m->kind == MARK_TEXT ? text : shape)(&w, m);
    }
    *out = buf_str(&w.b);
    return !w.b.full;
}
