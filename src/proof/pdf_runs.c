/* pdf_runs.c: what is written on the pages of a PDF, and where (ISO 32000-1, 7.7.3, 9).
 *
 * A run is what one operator shows: its text by the font's own table of characters, its
 * start on the page, and by how much its blanks were widened. Lines, boxes and pictures
 * are left out.
 */
#include <math.h>

#include "facteur/pdf.h"
#include "proof/proof_imp.h"

enum { PAGES_MAX = 10000, RUNS_MAX = 1 << 20, OPERANDS = 64, STATES = 32, TREE = 32 };
enum { TEXT_MAX = 64 << 20, RUN_MAX = 1 << 20 };

/* === fonts === */

struct range {
    uint32_t from, to, character;
};

struct font {
    const struct pdf_value *ref; /* in the resources: whose it is */
    struct str name;
    bool wide; /* codes of two bytes */
    VEC(struct range) ranges;
};

struct matrix {
    double a, b, c, d, e, f;
};

struct state {
    struct matrix ctm;
    const struct font *font;
    double size, word, leading;
    double colour[4];
    size_t colours;
};

struct reading {
    struct pdf_file *file;
    struct arena *perm;
    struct pdf_pages *out;
    struct pdf_page *page;
    struct pdf_value resources;
    struct state now, saved[STATES];
    size_t depth;
    struct matrix text, line;
    size_t runs;
    VEC(struct font *) fonts;
    struct pdf_value operands[OPERANDS];
    size_t operands_len;
};

static uint32_t code_of(struct str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len && i < 4; i++)
        n = n << 8 | (unsigned char)s.ptr[i];
    return n;
}

/* unicode_of reads a character in UTF-16; of more than one the first. */
static uint32_t unicode_of(struct str s)
{
    uint32_t high = code_of(str_sub(s, 0, 2)), low = code_of(str_sub(s, 2, 2));
    bool pair =
        s.len >= 4 && high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000;
    return pair ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : high;
}

/* add_range takes three values, from, to and the character of `from`; where that is a
 * list, each has its own. */
static void add_range(struct reading *r, struct font *f, const struct pdf_value *v)
{
    uint32_t from = code_of(v[0].s), to = code_of(v[1].s);
    if (v[2].type == PDF_STRING)
        VEC_PUSH(r->perm, &f->ranges, (struct range){from, to, unicode_of(v[2].s)});
    for (size_t i = 0; v[2].type == PDF_ARRAY && i < v[2].len; i++) {
        uint32_t at = from + (uint32_t)i;
        VEC_PUSH(r->perm, &f->ranges, (struct range){at, at, unicode_of(v[2].at[i].s)});
    }
}

/* read_unicode reads a font's table of characters: bfchar has pairs, bfrange triples. */
static void read_unicode(struct reading *r, struct font *f, struct str text)
{
    struct pdf_lexer l = {.in = text, .perm = r->perm};
    struct pdf_value v[3], word;
    size_t want = 0, have = 0;
    while (pdf_next(&l, false, &word)) {
        if (word.type == PDF_WORD) {
            want = str_eq(word.s, S("beginbfchar"))    ? 2
                   : str_eq(word.s, S("beginbfrange")) ? 3
                                                       : 0;
            have = 0;
        } else if (want) {
            v[have++] = word;
            if (have < want)
                continue;
            if (want == 2) {
                v[2] = v[1];
                v[1] = v[0];
            }
            add_range(r, f, v);
            have = 0;
        }
    }
}

/* without_tag takes "ABCDEF+" off, the name of a subset. */
static struct str without_tag(struct str name)
{
    bool tagged = name.len > 7 && name.ptr[6] == '+';
    return tagged ? str_skip(name, 7) : name;
}

static const struct pdf_value *entry_of(struct pdf_value dict, struct str name)
{
    const struct pdf_value *all = dict.at;
    for (size_t i = 0; dict.type == PDF_DICT && i + 1 < dict.len; i += 2)
        if (str_eq(all[i].s, name))
            return all + i + 1;
    return NULL;
}

static const struct font *font_named(struct reading *r, struct str name)
{
    struct pdf_value fonts = pdf_entry(r->file, r->resources, "Font");
    const struct pdf_value *ref = entry_of(fonts, name);
    struct str text;
    if (!ref)
        return NULL;
    for (size_t i = 0; i < r->fonts.len; i++)
        if (r->fonts.at[i]->ref == ref)
            return r->fonts.at[i];
    struct font *f = NEW(r->perm, struct font, 1);
    struct pdf_value dict = pdf_resolve(r->file, *ref);
    f->ref = ref;
    f->name = without_tag(pdf_entry(r->file, dict, "BaseFont").s);
    f->wide = str_eq(pdf_entry(r->file, dict, "Subtype").s, S("Type0"));
    const struct pdf_value *unicode = entry_of(dict, S("ToUnicode"));
    if (unicode && pdf_stream(r->file, *unicode, &text))
        read_unicode(r, f, text);
    VEC_PUSH(r->perm, &r->fonts, f);
    return f;
}

static uint32_t character(const struct font *f, uint32_t code)
{
    uint32_t c = f->wide ? 0xFFFD : pdf_cp1252((unsigned char)code);
    for (size_t i = 0; i < f->ranges.len; i++) {
        const struct range *range = &f->ranges.at[i];
        if (code >= range->from && code <= range->to) {
            c = range->character + (code - range->from);
            break;
        }
    }
    bool sound = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    return sound ? c : 0xFFFD;
}

/* === runs === */

static struct matrix times(struct matrix m, struct matrix n)
{
    return (struct matrix){m.a * n.a + m.b * n.c,       m.a * n.b + m.b * n.d,
                           m.c * n.a + m.d * n.c,       m.c * n.b + m.d * n.d,
                           m.e * n.a + m.f * n.c + n.e, m.e * n.b + m.f * n.d + n.f};
}

/* add_text decodes one string of a run; *blanks counts those that Tw widens. */
static void add_text(const struct font *f, struct str s, struct buf *b, size_t *blanks)
{
    size_t step = f->wide ? 2 : 1;
    for (size_t i = 0; i + step <= s.len; i += step) {
        uint32_t c = character(f, code_of(str_sub(s, i, step)));
        *blanks += !f->wide && s.ptr[i] == ' ';
        /* A soft hyphen that is seen is a hyphen. */
        buf_utf8(b, c == 0xAD ? '-' : c);
    }
}

/* show adds a run; v: a string, or a list of strings and moves. */
static bool show(struct reading *r, const struct pdf_value *v)
{
    const struct state *now = &r->now;
    struct buf b = buf_new(r->perm, RUN_MAX);
    size_t blanks = 0;
    double moved = 0;
    if (!now->font || r->runs++ == RUNS_MAX)
        return false;
    if (v->type == PDF_STRING)
        add_text(now->font, v->s, &b, &blanks);
    for (size_t i = 0; v->type == PDF_ARRAY && i < v->len; i++) {
        if (v->at[i].type == PDF_STRING)
            add_text(now->font, v->at[i].s, &b, &blanks);
        else
            moved -= v->at[i].number * now->size / 1000;
    }
    struct matrix at = times(r->text, now->ctm);
    struct pdf_run run = {.text = buf_str(&b),
                          .font = now->font->name,
                          .size = now->size * sqrt(fabs(at.a * at.d - at.b * at.c)),
                          .x = at.e,
                          .y = at.f,
                          .widened = moved + now->word * (double)blanks,
                          .colours = now->colours};
    memcpy(run.colour, now->colour, sizeof(run.colour));
    if (run.text.len)
        VEC_PUSH(r->perm, &r->page->runs, run);
    return true;
}

/* === operators === */

static double operand(const struct reading *r, size_t i)
{
    return i < r->operands_len ? r->operands[i].number : 0;
}

static struct matrix matrix_of(const struct reading *r)
{
    return (struct matrix){operand(r, 0), operand(r, 1), operand(r, 2),
                           operand(r, 3), operand(r, 4), operand(r, 5)};
}

static void move(struct reading *r, double x, double y)
{
    r->line = times((struct matrix){1, 0, 0, 1, x, y}, r->line);
    r->text = r->line;
}

static void set_colour(struct reading *r)
{
    struct state *now = &r->now;
    now->colours = 0;
    for (size_t i = 0; i < r->operands_len && i < COUNT(now->colour); i++)
        now->colour[now->colours++] = operand(r, i);
}

/* graphics does what is no text; false: it is none of these. */
static bool graphics(struct reading *r, struct str op)
{
    if (str_eq(op, S("q"))) {
        if (r->depth < STATES)
            r->saved[r->depth] = r->now;
        r->depth++;
    } else if (str_eq(op, S("Q"))) {
        r->depth -= r->depth > 0;
        if (r->depth < STATES)
            r->now = r->saved[r->depth];
    } else if (str_eq(op, S("cm"))) {
        r->now.ctm = times(matrix_of(r), r->now.ctm);
    } else if (str_eq(op, S("rg")) || str_eq(op, S("g")) || str_eq(op, S("k"))) {
        set_colour(r);
    } else {
        return false;
    }
    return true;
}

/* placing does what says where and how text is shown; false: it is none of these. */
static bool placing(struct reading *r, struct str op)
{
    struct state *now = &r->now;
    if (str_eq(op, S("BT"))) {
        r->text = r->line = (struct matrix){1, 0, 0, 1, 0, 0};
    } else if (str_eq(op, S("Tf"))) {
        now->font = r->operands_len ? font_named(r, r->operands[0].s) : NULL;
        now->size = operand(r, 1);
    } else if (str_eq(op, S("Td")) || str_eq(op, S("TD"))) {
        if (str_eq(op, S("TD")))
            now->leading = -operand(r, 1);
        move(r, operand(r, 0), operand(r, 1));
    } else if (str_eq(op, S("Tm"))) {
        r->text = r->line = matrix_of(r);
    } else if (str_eq(op, S("TL"))) {
        now->leading = operand(r, 0);
    } else if (str_eq(op, S("Tw"))) {
        now->word = operand(r, 0);
    } else if (str_eq(op, S("T*"))) {
        move(r, 0, -now->leading);
    } else {
        return false;
    }
    return true;
}

static bool operate(struct reading *r, struct str op)
{
    bool next_line = str_eq(op, S("'")) || str_eq(op, S("\""));
    if (graphics(r, op) || placing(r, op))
        return true;
    if (next_line)
        move(r, 0, -r->now.leading);
    if (next_line || str_eq(op, S("Tj")) || str_eq(op, S("TJ")))
        return r->operands_len && show(r, &r->operands[r->operands_len - 1]);
    return true;
}

static bool read_operators(struct reading *r, struct str text)
{
    struct pdf_lexer l = {.in = text, .perm = r->perm};
    struct pdf_value v;
    r->now = (struct state){.ctm = {1, 0, 0, 1, 0, 0}, .colours = 1};
    r->depth = r->operands_len = 0;
    while (pdf_next(&l, false, &v)) {
        if (v.type != PDF_WORD) {
            if (r->operands_len < OPERANDS)
                r->operands[r->operands_len++] = v;
            continue;
        }
        if (str_eq(v.s, S("BI"))) /* a picture in the stream: bytes that are no words */
            return false;
        if (!operate(r, v.s))
            return false;
        r->operands_len = 0;
    }
    return l.at >= text.len;
}

/* === pages === */

static bool read_page(struct reading *r, struct pdf_value page, struct pdf_value box)
{
    const struct pdf_value *contents = entry_of(page, S("Contents"));
    struct pdf_value all =
        contents ? pdf_resolve(r->file, *contents) : (struct pdf_value){0};
    struct pdf_page made = {0};
    struct buf text = buf_new(r->perm, TEXT_MAX);
    if (box.type != PDF_ARRAY || box.len != 4 || r->out->list.len == PAGES_MAX)
        return false;
    made.width = pdf_resolve(r->file, box.at[2]).number;
    made.height = pdf_resolve(r->file, box.at[3]).number;
    if (all.type != PDF_ARRAY)
        all = (struct pdf_value){.at = contents, .len = contents != NULL};
    for (size_t i = 0; i < all.len; i++) {
        struct str part;
        if (!pdf_stream(r->file, all.at[i], &part))
            return false;
        buf_add(&text, part);
        buf_byte(&text, '\n');
    }
    VEC_PUSH(r->perm, &r->out->list, made);
    r->page = &r->out->list.at[r->out->list.len - 1];
    return !text.full && read_operators(r, buf_str(&text));
}

/* read_tree goes down to the pages; what is not said by one is its folder's. */
static bool read_tree(struct reading *r, struct pdf_value node, struct pdf_value box,
                      int depth)
{
    struct pdf_value before = r->resources;
    struct pdf_value kids = pdf_entry(r->file, node, "Kids");
    struct pdf_value own = pdf_entry(r->file, node, "MediaBox");
    struct pdf_value resources = pdf_entry(r->file, node, "Resources");
    bool ok = true;
    if (depth == TREE)
        return false;
    if (own.type == PDF_ARRAY)
        box = own;
    if (resources.type == PDF_DICT)
        r->resources = resources;
    if (kids.type != PDF_ARRAY)
        ok = read_page(r, pdf_resolve(r->file, node), box);
    for (size_t i = 0; kids.type == PDF_ARRAY && ok && i < kids.len; i++)
        ok = read_tree(r, kids.at[i], box, depth + 1);
    r->resources = before;
    return ok;
}

bool pdf_pages_read(struct str bytes, struct arena *perm, struct pdf_pages *out,
                    const char **why)
{
    struct pdf_file f;
    struct reading r = {.file = &f, .perm = perm, .out = out};
    struct pdf_value nothing = {0};
    *out = (struct pdf_pages){0};
    if (!pdf_file_read(bytes, perm, &f, why))
        return false;
    *why = "its pages are not understood";
    for (size_t i = 0; i < f.len; i++) {
        struct pdf_value v = {.type = PDF_REF, .number = (double)i};
        struct pdf_value type = pdf_entry(&f, v, "Type");
        if (type.type == PDF_NAME && str_eq(type.s, S("Catalog")))
            return read_tree(&r, pdf_entry(&f, v, "Pages"), nothing, 0);
    }
    return false;
}
