/* run.c: text → runs, each in one style and one font, measured; where a run may be cut.
 *
 * Opportunities are those of dompdf: behind white space but U+00A0, U+2007 and U+202F,
 * behind hyphens, at soft hyphens. Nothing is kept together at the edges of runs. */
#include <math.h>

#include "pdf/layout.h"

enum { SOFT_HYPHEN = 0xAD };

/* === widths === */

double style_line(const struct style *s)
{
    return s->line_factor ? s->line_height * s->font_size : s->line_height;
}

static double face_height(const struct face *f)
{
    return (f->ascent - f->descent) / 1000;
}

double style_line_height(struct fonts *f, const struct style *s)
{
    return style_line(s) * face_height(fonts_primary(f, s)) * 1.1;
}

static double width_of(const struct style *s, struct extent e)
{
    return (double)e.units * s->font_size / 1000;
}

/* Characters that show nothing where no face has them. */
static bool invisible(uint32_t c)
{
    return c < 0x20 || c == 0x7F || (c >= 0x200B && c <= 0x200F) ||
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

/* advance_of: a character that no font of the list has gets the room that dompdf leaves
 * it; with PDF's own fonts, which print "?", as much as its glyph takes. */
static int advance_of(struct layout *l, const struct style *s, uint32_t c)
{
    struct face *face = fonts_face(l->fonts, s, c);
    if (!face && invisible(c))
        return 0;
    if (!face && fonts_primary(l->fonts, s)->asset)
        return fonts_missing_advance(s);
    if (!face)
        face = fonts_other(l->fonts, s, c);
    return face ? face_advance(l->fonts, face, c) : fonts_missing_advance(s);
}

/* ascii_advances lends the table of the first font, which has most characters; NULL: it
 * could not be read. Below U+0020 it has no glyphs. */
static const uint16_t *ascii_advances(struct layout *l, const struct style *s)
{
    return fonts_primary(l->fonts, s)->advances;
}

static void add_char(struct layout *l, const struct style *s, uint32_t c,
                     struct extent *e)
{
    e->units += advance_of(l, s, c);
    e->chars++;
    e->blanks += c == ' ';
}

/* extent_of measures a text of one run. Soft hyphens count only on demand. */
static struct extent extent_of(struct layout *l, const struct run *r, struct str text,
                               bool soft)
{
    struct extent e = {0};
    const uint16_t *known = ascii_advances(l, r->style);
    for (size_t at = 0; at < text.len;) {
        unsigned char byte = (unsigned char)text.ptr[at];
        if (known && byte < 0x80 && known[byte] != NO_GLYPH) {
            e.units += known[byte];
            e.chars++;
            e.blanks += byte == ' ';
            at++;
            continue;
        }
        uint32_t c = str_utf8(text, &at);
        if (c != SOFT_HYPHEN || soft)
            add_char(l, r->style, c, &e);
    }
    return e;
}

struct extent run_extent(struct layout *l, const struct run *r, struct str text)
{
    return extent_of(l, r, text, false);
}

double run_text_width(const struct run *r)
{
    return width_of(r->style, r->extent);
}

bool run_keeps_blanks(const struct run *r)
{
    return r->style->space == SPACE_PRE || r->style->space == SPACE_PRE_WRAP;
}

/* === one font each === */

static struct extent less(struct extent a, struct extent b)
{
    return (struct extent){a.units - b.units, a.chars - b.chars, a.blanks - b.blanks};
}

void run_cut(struct layout *l, struct box *lines, struct run *r, size_t at)
{
    struct run *rest = NEW(l->perm, struct run, 1);
    *rest = *r;
    rest->text = str_skip(r->text, at);
    r->text = str_sub(r->text, 0, at);
    rest->left_of = r->right_of = NULL;
    rest->left = r->right = 0;
    rest->placed = rest->pushed = false;
    rest->head = !r->outer;
    lines_insert(lines, r, rest);
    if (!r->measured)
        return;
    struct extent visible = extent_of(l, r, r->text, false);
    rest->extent = less(r->extent, visible);
    r->extent = visible;
}

void run_show_hyphen(struct layout *l, struct run *r, bool shown)
{
    struct extent hyphen = extent_of(l, r, S("\xC2\xAD"), true);
    int sign = shown - r->hyphen;
    if (!str_ends(r->text, S("\xC2\xAD")))
        return;
    r->hyphen = shown;
    r->extent.units += sign * hyphen.units;
    r->extent.chars += (size_t)sign;
}

/* questioned puts "?" for what the style's fonts lack. */
static struct str questioned(struct layout *l, const struct style *s, struct str text)
{
    struct buf b = buf_new(l->perm, text.len + 1);
    for (size_t at = 0, from = 0; at < text.len; from = at) {
        uint32_t c = str_utf8(text, &at);
        bool lacks = !fonts_face(l->fonts, s, c) && !invisible(c) && c != SOFT_HYPHEN;
        buf_add(&b, lacks ? S("?") : str_sub(text, from, at - from));
    }
    return buf_str(&b);
}

/* question_marks tells whether dompdf would print such: PDF's own fonts have CP1252. */
static bool question_marks(struct layout *l, const struct run *r)
{
    return l->question_marks && !fonts_primary(l->fonts, r->style)->asset;
}

/* measure_run takes the characters of the first font; what follows becomes a run. */
static void measure_run(struct layout *l, struct box *lines, struct run *r)
{
    struct extent e = {0};
    bool any = false;
    r->measured = false;
    if (r->style->no_family && question_marks(l, r)) /* then dompdf looks at no font */
        r->text = questioned(l, r->style, r->text);
    for (size_t at = 0, start = 0; at < r->text.len; start = at) {
        uint32_t c = str_utf8(r->text, &at);
        struct face *face = fonts_face(l->fonts, r->style, c);
        if (c == SOFT_HYPHEN)
            r->soft = true;
        if (!face && invisible(c))
            continue;
        if (any && (face ? face->font : -1) != (r->face ? r->face->font : -1)) {
            run_cut(l, lines, r, start);
            break;
        }
        if (!face && !fonts_other(l->fonts, r->style, c))
            tell_missing(l, c);
        if (!any)
            r->face = face;
        any = true;
        if (c != SOFT_HYPHEN)
            add_char(l, r->style, c, &e);
    }
    if (any && !r->face && question_marks(l, r)) {
        r->text = questioned(l, r->style, r->text);
        r->face = fonts_primary(l->fonts, r->style);
        e = extent_of(l, r, r->text, false);
    }
    if (!any)
        r->face = fonts_primary(l->fonts, r->style);
    const struct face *f = r->face ? r->face : fonts_primary(l->fonts, r->style);
    r->extent = e;
    r->blank_units = r->face ? face_advance(l->fonts, r->face, ' ') : 0;
    r->height = style_line(r->style) * face_height(f) * 1.1;
    r->ascent = r->style->font_size * face_height(f);
    r->measured = true;
}

static double edge(const struct style *s, enum side side, double containing)
{
    if (!s)
        return 0;
    return length_used(s->margin[side], containing) +
           length_used(s->padding[side], containing) + s->border[side].width;
}

void runs_measure(struct layout *l, struct box *lines, double width)
{
    for (struct run *r = lines->first_run; r; r = r->next) {
        if (r->kind == RUN_TEXT && !r->measured)
            measure_run(l, lines, r);
        if (r->kind == RUN_BREAK)
            r->height = style_line_height(l->fonts, r->style);
        r->left = edge(r->left_of, LEFT, width);
        r->right = edge(r->right_of, RIGHT, width);
    }
}

/* === where to cut === */

enum separator { NOTHING, ONE_BLANK, ONE_SOFT, OTHER };

struct word {
    enum separator separator;
    size_t end;               /* behind the separator */
    struct extent bare, full; /* without it, and with it */
};

bool run_breaking_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A && c != 0x2007) || c == 0x2028 || c == 0x2029 ||
           c == 0x205F || c == 0x3000;
}

/* same_kind tells whether c goes on with a separator that began with `first`. */
static bool same_kind(uint32_t first, uint32_t c)
{
    return run_breaking_space(first) ? run_breaking_space(c) : c == first;
}

static struct word next_word(struct layout *l, const struct run *r, size_t from)
{
    struct word w = {.end = from};
    uint32_t first = 0;
    size_t many = 0, bare_end = r->text.len;
    while (w.end < r->text.len) {
        unsigned char byte = (unsigned char)r->text.ptr[w.end];
        if (!first && byte > ' ' && byte < 0x80 && byte != '-') {
            w.end++;
            continue;
        }
        size_t next = w.end;
        uint32_t c = str_utf8(r->text, &next);
        if (first && !same_kind(first, c))
            break;
        if (!first && (run_breaking_space(c) || c == '-' || c == SOFT_HYPHEN)) {
            first = c;
            bare_end = w.end;
        }
        many += first != 0;
        w.end = next;
    }
    struct str bare = str_sub(r->text, from, (first ? bare_end : w.end) - from);
    w.bare = extent_of(l, r, bare, true);
    w.full = extent_of(l, r, str_sub(r->text, from, w.end - from), true);
    w.separator = !first                              ? NOTHING
                  : first == ' ' && many == 1         ? ONE_BLANK
                  : first == SOFT_HYPHEN && many == 1 ? ONE_SOFT
                                                      : OTHER;
    return w;
}

/* fit_characters takes as many characters of a word as fit, one at least. */
static size_t fit_characters(struct layout *l, const struct run *r, size_t from,
                             size_t end, double room)
{
    struct extent e = {0};
    for (size_t at = from, start = from; at < end; start = at) {
        uint32_t c = str_utf8(r->text, &at);
        struct extent one = extent_of(l, r, str_sub(r->text, start, at - start), true);
        e.units += one.units;
        e.chars += one.chars;
        (void)c;
        if (start > from && !near_or_less(width_of(r->style, e), room))
            return start;
    }
    return end;
}

size_t run_fit(struct layout *l, const struct run *r, double room, bool force)
{
    double edges = r->left + r->right, width = 0;
    if (near_or_less(run_text_width(r) + edges, room))
        return r->text.len;
    if (r->style->space == SPACE_NOWRAP || r->style->space == SPACE_PRE)
        return force ? r->text.len : 0;
    for (size_t at = 0; at < r->text.len;) {
        struct word w = next_word(l, r, at);
        double full = width_of(r->style, w.full), bare = width_of(r->style, w.bare);
        double used = width + edges + (w.separator == ONE_BLANK ? bare : full);
        if (used > 0 && !near_or_less(used, room)) {
            if (!force || width != 0)
                return at;
            bool within = r->style->wrap != WRAP_NORMAL;
            return within ? fit_characters(l, r, at, w.end, room) : w.end;
        }
        width += w.separator == ONE_SOFT ? bare : full;
        at = w.end;
    }
    return r->text.len;
}

/* === extents === */

static double longest_word(struct layout *l, const struct run *r, struct str text)
{
    double longest = 0;
    struct run part = *r;
    part.text = text;
    for (size_t at = 0; at < text.len;) {
        struct word w = next_word(l, &part, at);
        double width = width_of(r->style, w.separator == ONE_BLANK ? w.bare : w.full);
        longest = fmax(longest, width);
        at = w.end;
    }
    return longest;
}

/* trimmed cuts the blanks at the ends of a block's content. */
static struct str trimmed(const struct box *b, const struct run *r)
{
    struct str s = r->text;
    if (run_keeps_blanks(r))
        return s;
    bool begins = !r->prev && b->index == 0;
    bool ends = !r->next && (!b->parent || b->index + 1 == b->parent->kids_len);
    while (begins && s.len && s.ptr[0] == ' ')
        s = str_skip(s, 1);
    while (ends && s.len && s.ptr[s.len - 1] == ' ')
        s.len--;
    return s;
}

/* run_range gives the narrowest and the widest room of one run. */
static void run_range(struct layout *l, const struct box *b, const struct run *r,
                      double *min, double *max)
{
    if (r->kind == RUN_BOX || r->kind == RUN_FLOAT) {
        box_extent(l, r->box, min, max);
        return;
    }
    struct str text = trimmed(b, r);
    bool nowrap = r->style->space == SPACE_NOWRAP || r->style->space == SPACE_PRE;
    *max = width_of(r->style, extent_of(l, r, text, false));
    *min = nowrap ? *max : longest_word(l, r, text);
    *min += r->left + r->right;
    *max += r->left + r->right;
}

void runs_extent(struct layout *l, struct box *b, double *min, double *max)
{
    double unbroken = 0, line = 0;
    *min = *max = 0;
    runs_measure(l, b, 0);
    for (const struct run *r = b->first_run; r; r = r->next) {
        double run_min = 0, run_max = 0;
        if (r->kind == RUN_BREAK) {
            unbroken = line = 0;
            continue;
        }
        run_range(l, b, r, &run_min, &run_max);
        if (r->kind == RUN_FLOAT) { /* a block among them ends a line */
            *min = fmax(*min, run_min);
            *max = fmax(*max, run_max);
            unbroken = line = 0;
            continue;
        }
        bool nowrap = r->style->space == SPACE_NOWRAP || r->style->space == SPACE_PRE;
        unbroken += nowrap ? run_min : 0;
        line += run_max;
        *min = fmax(*min, fmax(run_min, unbroken));
        *max = fmax(*max, line);
    }
}
