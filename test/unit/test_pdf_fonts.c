/* test_pdf_fonts.c: faces cut to what is shown in them, and kept between documents. */
#include <stdlib.h>
#include <zlib.h>

#include "test.h"

#include "facteur/pdf.h"
#include "pdf/embed.h"
#include "pdf/subset.h"

enum { ROOM = 256 << 20, INFLATED = 1 << 20, TEXT_MAX = 1 << 20, CHARS = 400 };

/* === a font of few bytes === */

/* Glyph 1 is a letter, 2 an accent, 3 the two together, 4 that with another accent, 5 is
 * made of itself. The letters "a" to "e" have them. */
enum { GLYPHS = 6, LONE = 'a', ACCENT = 'b', TOGETHER = 'c', NESTED = 'd', CIRCLE = 'e' };

static void add_u16(struct buf *b, unsigned v)
{
    buf_byte(b, (char)(v >> 8));
    buf_byte(b, (char)v);
}

static void add_all(struct buf *b, const int *values, size_t len)
{
    for (size_t i = 0; i < len; i++)
        add_u16(b, (unsigned)values[i] & 0xFFFF);
}

#define ADD(b, ...)                                                                      \
    add_all((b), (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / 4)

/* A triangle with three instructions, which a subset leaves out. */
static void add_triangle(struct buf *b, int size)
{
    ADD(b, 1, 0, 0, size, size, 2, 3, 0x0102);
    const char rest[] = {0x03, 0x01, 0x01, 0x01};
    buf_add(b, (struct str){rest, sizeof(rest)});
    ADD(b, 0, size, 0, 0, 0, size);
}

static struct str little_font(struct arena *a)
{
    static const char *const tags[] = {"cmap", "glyf", "head", "hhea",
                                       "hmtx", "loca", "maxp"};
    struct buf t[COUNT(tags)], b = buf_new(a, 1 << 16);
    int ends[GLYPHS + 1] = {0};
    for (size_t i = 0; i < COUNT(tags); i++)
        t[i] = buf_new(a, 1 << 16);
    for (int g = 0; g < GLYPHS; g++) {
        if (g == 1 || g == 2)
            add_triangle(&t[1], 100 * g);
        if (g == 3) /* words, more to come; then bytes, with instructions */
            ADD(&t[1], -1, 0, 0, 300, 300, 0x21, 1, 10, 20, 0x100, 2, 0x0506, 1, 0x7700);
        if (g == 4) /* with a scale */
            ADD(&t[1], -1, 0, 0, 400, 400, 0x29, 3, 1, 2, 0x4000, 1, 2, 30, 40);
        if (g == 5)
            ADD(&t[1], -1, 0, 0, 500, 500, 1, 5, 0, 0);
        ends[g + 1] = (int)t[1].len;
    }
    ADD(&t[0], 0, 1, 3, 1, 0, 12, 4, 32, 0, 4, 4, 1, 0, 'e', 0xFFFF, 0, 'a', 0xFFFF,
        1 - 'a', 1, 0, 0);
    for (int i = 0; i < 27; i++)
        add_u16(&t[2], i == 9 ? 1000 : 0);
    for (int i = 0; i < 18; i++)
        add_u16(&t[3], i == 17 ? GLYPHS - 1 : 0); /* the last advance goes for all */
    for (int i = 0; i < GLYPHS; i++)
        ADD(&t[4], 500 + 10 * i, i);
    for (int i = 0; i <= GLYPHS; i++)
        add_u16(&t[5], (unsigned)ends[i] / 2);
    for (int i = 0; i < 16; i++)
        add_u16(&t[6], i == 2 ? GLYPHS : i == 0);
    ADD(&b, 1, 0, COUNT(tags), 64, 2, 48);
    size_t at = 12 + 16 * COUNT(tags);
    for (size_t i = 0; i < COUNT(tags); at += t[i++].len) {
        buf_add(&b, str_from(tags[i]));
        ADD(&b, 0, 0, 0, (int)at, 0, (int)t[i].len);
    }
    for (size_t i = 0; i < COUNT(tags); i++)
        buf_add(&b, buf_str(&t[i]));
    return buf_str(&b);
}

/* === what a subset holds === */

struct glyphs {
    unsigned of[CHARSET_END]; /* by character; 0: none */
};

static void note(void *arg, uint32_t c, unsigned glyph)
{
    struct glyphs *g = arg;
    if (c < CHARSET_END)
        g->of[c] = glyph;
}

static struct glyphs *glyphs_of(const struct truetype *t, struct arena *a)
{
    struct glyphs *g = NEW(a, struct glyphs, 1);
    truetype_chars(t, note, g);
    return g;
}

/* Contours are the same byte for byte, but for instructions and zeros that fill up. */
static void compare_contours(struct table want, struct table got)
{
    size_t ends = OUTLINE_HEAD + 2 * (size_t)table_s16(want, 0);
    size_t rest = ends + 2 + table_u16(want, ends);
    assert_memory_equal(got.at, want.at, ends);
    assert_int_equal(table_u16(got, ends), 0);
    size_t ours = got.len - ends - 2, theirs = want.len - rest;
    size_t both = ours < theirs ? ours : theirs;
    assert_memory_equal(got.at + ends + 2, want.at + rest, both);
    assert_true(ours - both <= 1 && theirs - both <= 4);
    for (size_t i = both; i < theirs; i++)
        assert_int_equal(want.at[rest + i], 0);
}

static void compare_glyphs(const struct truetype *font, unsigned old,
                           const struct truetype *cut, unsigned new)
{
    struct table want = truetype_outline(font, old), got = truetype_outline(cut, new);
    assert_int_equal(truetype_advance(cut, new), truetype_advance(font, old));
    assert_int_equal(truetype_bearing(cut, new), truetype_bearing(font, old));
    if (!want.len) {
        assert_int_equal(got.len, 0);
        return;
    }
    if (!outline_has_parts(want)) {
        compare_contours(want, got);
        return;
    }
    struct part theirs = {0}, ours;
    assert_memory_equal(got.at, want.at, OUTLINE_HEAD);
    for (size_t at = OUTLINE_HEAD, to = OUTLINE_HEAD; !theirs.last;) {
        assert_true(outline_part(want, &at, &theirs));
        assert_true(outline_part(got, &to, &ours));
        assert_int_equal(ours.flags, theirs.flags & ~(unsigned)PART_INSTRUCTIONS);
        assert_int_equal(ours.place.len, theirs.place.len);
        assert_memory_equal(ours.place.at, theirs.place.at, ours.place.len);
        if (theirs.glyph != old) /* made of itself */
            compare_glyphs(font, theirs.glyph, cut, ours.glyph);
        else
            assert_int_equal(ours.glyph, new);
    }
}

/* compare_all looks at each glyph of a subset, and that it has no others. */
static void compare_all(struct str bytes, const uint16_t *chars, size_t len,
                        struct arena *a)
{
    struct truetype font, cut;
    struct subset s;
    assert_true(truetype_read(&font, bytes));
    assert_true(subset_make(&font, chars, len, a, &s));
    assert_true(truetype_read(&cut, s.file));
    struct glyphs *theirs = glyphs_of(&font, a), *ours = glyphs_of(&cut, a);
    compare_glyphs(&font, 0, &cut, 0);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(ours->of[chars[i]], s.glyphs[i]);
        assert_int_equal(!s.glyphs[i], !theirs->of[chars[i]]);
        compare_glyphs(&font, theirs->of[chars[i]], &cut, s.glyphs[i]);
        ours->of[chars[i]] = 0;
    }
    for (size_t c = 0; c < CHARSET_END; c++)
        assert_int_equal(ours->of[c], 0);
}

static struct str asset(const char *name)
{
    struct str bytes;
    assert_true(asset_lookup(str_from(name), &bytes));
    return bytes;
}

static const char *const some_assets[] = {
    "fonts/DejaVuSerif.ttf", "fonts/DejaVuSans-BoldOblique.ttf",
    "fonts/DejaVuSansMono.ttf", "fonts/DejaVuSerif-Italic.ttf"};

void test_a_subset_has_the_glyphs_of_the_font(void **state)
{
    (void)state;
    struct arena a = arena_open(ROOM);
    uint16_t chars[CHARS];
    for (size_t i = 0; i < COUNT(some_assets); i++) {
        size_t len = 0;
        for (uint16_t c = 0x20; c < 0x180; c++)
            chars[len++] = c;
        chars[len++] = 0x3B1; /* Greek, a sign, and one that no font has */
        chars[len++] = 0x2713;
        chars[len++] = 0xE000;
        compare_all(asset(some_assets[i]), chars, len, &a);
        compare_all(asset(some_assets[i]), chars + 33, 1, &a);
        compare_all(asset(some_assets[i]), NULL, 0, &a);
    }
    arena_close(&a);
}

void test_parts_and_their_parts_come_along(void **state)
{
    (void)state;
    struct arena a = arena_open(ROOM);
    struct str bytes = little_font(&a);
    static const uint16_t sets[][3] = {{NESTED},         {LONE, TOGETHER},
                                       {ACCENT, NESTED}, {LONE, NESTED, CIRCLE},
                                       {CIRCLE},         {TOGETHER, NESTED, 'z'}};
    for (size_t i = 0; i < COUNT(sets); i++) {
        size_t len = 0;
        while (len < 3 && sets[i][len])
            len++;
        compare_all(bytes, sets[i], len, &a);
    }
    struct truetype font, cut;
    struct subset s;
    assert_true(truetype_read(&font, bytes));
    assert_true(subset_make(&font, sets[0], 1, &a, &s));
    assert_true(truetype_read(&cut, s.file));
    assert_int_equal(cut.glyphs, 5); /* what is missing, three parts, the letter */
    assert_int_equal(s.glyphs[0], 1);
    arena_close(&a);
}

void test_a_subset_is_a_small_part_of_the_font(void **state)
{
    (void)state;
    struct arena a = arena_open(ROOM);
    struct truetype font;
    struct subset s;
    static const uint16_t chars[] = {'A', 'b', 0xE9};
    assert_true(truetype_read(&font, asset(some_assets[0])));
    assert_true(subset_make(&font, chars, COUNT(chars), &a, &s));
    assert_true(s.file.len < 1500);
    arena_close(&a);
}

/* === broken fonts === */

static void try_font(struct str bytes, struct arena *a)
{
    struct truetype font, cut;
    struct subset s;
    static const uint16_t chars[] = {LONE, ACCENT, TOGETHER, NESTED, CIRCLE, 0x2713};
    if (!truetype_read(&font, bytes) || !subset_make(&font, chars, COUNT(chars), a, &s))
        return;
    assert_true(truetype_read(&cut, s.file));
    for (unsigned g = 0; g < cut.glyphs; g++) {
        struct table outline = truetype_outline(&cut, g);
        struct part p = {.last = !outline_has_parts(outline)};
        size_t at = OUTLINE_HEAD;
        while (!p.last) {
            assert_true(outline_part(outline, &at, &p));
            assert_true(p.glyph < cut.glyphs);
        }
    }
}

/* Each copy ends where its memory does, so that a read beyond it is noticed. */
static struct str copy_of(struct str bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes.ptr, len);
    return (struct str){copy, len};
}

void test_a_broken_font_is_survived(void **state)
{
    (void)state;
    struct arena a = arena_open(ROOM);
    struct str bytes = little_font(&a);
    for (size_t len = 0; len <= bytes.len; len++) {
        struct str copy = copy_of(bytes, len);
        char *mark = arena_mark(&a);
        try_font(copy, &a);
        arena_release(&a, mark);
        free((char *)(uintptr_t)copy.ptr);
    }
    static const char values[] = {0, 1, 0x7F, (char)0x80, (char)0xFF};
    for (size_t i = 0; i < bytes.len * COUNT(values); i++) {
        struct str copy = copy_of(bytes, bytes.len);
        char *mark = arena_mark(&a);
        ((char *)(uintptr_t)copy.ptr)[i / COUNT(values)] = values[i % COUNT(values)];
        try_font(copy, &a);
        arena_release(&a, mark);
        free((char *)(uintptr_t)copy.ptr);
    }
    arena_close(&a);
}

/* === what stands in the PDF === */

static struct face *face_named(struct fonts *f, const char *asset_name, bool single)
{
    struct style s = {.families = {FAMILY_SERIF}, .families_len = 1};
    for (size_t i = 0; i < fonts_count(); i++) {
        struct face *face = fonts_at(f, i);
        if (!face->asset || strcmp(face->asset, asset_name) != 0 ||
            face->single_byte != single)
            continue;
        fonts_face(f, &s, 0x2713); /* reads all of the family */
        assert_true(face_advance(f, face, ' ') > 0);
        return face;
    }
    fail_msg("there is no face %s", asset_name);
    return NULL;
}

static void add_text(struct charset *s, const char *text)
{
    for (size_t at = 0; at < strlen(text);)
        charset_add(s, str_utf8(str_from(text), &at));
}

static struct str inflated(struct str bytes, struct arena *a)
{
    uLongf len = INFLATED;
    char *out = NEW(a, char, len);
    assert_int_equal(uncompress((Bytef *)out, &len, (const Bytef *)bytes.ptr, bytes.len),
                     Z_OK);
    return (struct str){out, len};
}

struct world {
    struct fonts *fonts;
    struct embeds *kept;
    struct arena a;
};

static struct world world_new(void)
{
    struct error e = {0};
    struct world w = {fonts_new(&e), embeds_new(), arena_open(ROOM)};
    assert_non_null(w.fonts);
    assert_non_null(w.kept);
    return w;
}

static void world_drop(struct world *w)
{
    embeds_drop(w->kept);
    fonts_drop(w->fonts);
    arena_close(&w->a);
}

static const struct embed *with_data(struct world *w, const struct face *f,
                                     const char *own, const char *data)
{
    struct shown *shown = NEW(&w->a, struct shown, 1);
    add_text(&shown->own, own);
    add_text(&shown->data, data);
    const struct embed *e = embeds_font(w->kept, f, shown, &w->a);
    assert_non_null(e);
    return e;
}

static const struct embed *embedded(struct world *w, const struct face *f,
                                    const char *text)
{
    return with_data(w, f, text, "");
}

void test_a_font_of_single_bytes_tells_its_widths(void **state)
{
    (void)state;
    struct world w = world_new();
    const struct face *f = face_named(w.fonts, "Serif", true);
    struct str font = embedded(&w, f, "ca€")->parts[EMBED_FONT];
    char want[64];
    assert_true(str_has(font, S("/Encoding /WinAnsiEncoding")));
    assert_true(str_has(font, S("/FirstChar 97\n/LastChar 128\n")));
    snprintf(want, sizeof(want), "/Widths [%d 0 %d 0 ", f->advances['a'],
             f->advances['c']);
    assert_true(str_has(font, str_from(want)));
    snprintf(want, sizeof(want), " 0 %d]", f->advances[0x20AC]);
    assert_true(str_has(font, str_from(want)));
    world_drop(&w);
}

void test_a_soft_hyphen_is_shown_as_the_hyphen_that_readers_take_for_it(void **state)
{
    (void)state;
    struct world w = world_new();
    const struct face *f = face_named(w.fonts, "Serif", true);
    struct truetype cut;
    struct str file =
        inflated(embedded(&w, f, "\xC2\xAD\xC2\xA0")->parts[EMBED_FILE], &w.a);
    assert_true(truetype_read(&cut, file));
    struct glyphs *g = glyphs_of(&cut, &w.a);
    assert_true(truetype_outline(&cut, g->of['-']).len > 0);
    assert_true(g->of[' '] > 0);
    world_drop(&w);
}

void test_a_font_of_two_bytes_tells_what_its_codes_mean(void **state)
{
    (void)state;
    struct world w = world_new();
    const struct face *f = face_named(w.fonts, "Serif", false);
    const struct embed *e = embedded(&w, f, "łŁĂ");
    struct str unicode = inflated(e->parts[EMBED_UNICODE], &w.a);
    struct str map = inflated(e->parts[EMBED_GLYPHS], &w.a);
    struct truetype cut;
    char want[64];
    assert_true(truetype_read(&cut, inflated(e->parts[EMBED_FILE], &w.a)));
    struct glyphs *g = glyphs_of(&cut, &w.a);
    assert_true(str_has(unicode, S("3 beginbfchar\n<0102> <0102>\n<0141> <0141>\n"
                                   "<0142> <0142>\nendbfchar\n")));
    snprintf(want, sizeof(want), "/W [258 [%d] 321 [%d %d]]", f->advances[0x102],
             f->advances[0x141], f->advances[0x142]);
    assert_true(str_has(e->parts[EMBED_DESCENDANT], str_from(want)));
    assert_int_equal(map.len, 2 * 0x143);
    struct table m = {(const unsigned char *)map.ptr, map.len};
    assert_int_equal(table_u16(m, 2 * 0x142), g->of[0x142]);
    assert_true(g->of[0x142] > 0);
    assert_int_equal(table_u16(m, 2 * 0x103), 0);
    world_drop(&w);
}

/* === what is kept === */

void test_a_font_is_made_once_for_a_face_and_its_characters(void **state)
{
    (void)state;
    struct world w = world_new();
    const struct face *serif = face_named(w.fonts, "Serif", true);
    const struct face *bold = face_named(w.fonts, "Serif-Bold", true);
    const struct embed *first = embedded(&w, serif, "abc");
    assert_ptr_equal(embedded(&w, serif, "cab"), first);
    assert_int_equal(embeds_state(w.kept).made, 1);
    const struct embed *other = embedded(&w, serif, "abd");
    assert_false(str_eq(other->parts[EMBED_FILE], first->parts[EMBED_FILE]));
    assert_false(str_eq(other->parts[EMBED_FONT], first->parts[EMBED_FONT]));
    const struct embed *heavy = embedded(&w, bold, "abc");
    assert_false(str_eq(heavy->parts[EMBED_FILE], first->parts[EMBED_FILE]));
    assert_int_equal(embeds_state(w.kept).made, 3);
    world_drop(&w);
}

void test_what_is_kept_has_an_end_and_what_is_used_stays(void **state)
{
    (void)state;
    struct world w = world_new();
    const struct face *f = face_named(w.fonts, "Serif", true);
    char text[8] = "abc";
    for (int i = 0; i < 5 * EMBEDS_MAX; i++) {
        char *mark = arena_mark(&w.a);
        size_t made = embeds_state(w.kept).made;
        embedded(&w, f, "always");
        assert_true(i == 0 || embeds_state(w.kept).made == made);
        text[0] = (char)('!' + i % 90);
        text[1] = (char)('!' + i / 90);
        embedded(&w, f, text);
        embeds_trim(w.kept);
        arena_release(&w.a, mark);
        assert_true(embeds_state(w.kept).kept <= EMBEDS_MAX);
        assert_true(embeds_state(w.kept).bytes <= EMBEDS_BYTES);
    }
    assert_int_equal(embeds_state(w.kept).kept, EMBEDS_MAX);
    world_drop(&w);
}

/* What a font holds, as text. */
static struct str held(struct world *w, const struct embed *e)
{
    struct buf b = buf_new(&w->a, TEXT_MAX);
    struct truetype cut;
    assert_true(truetype_read(&cut, inflated(e->parts[EMBED_FILE], &w->a)));
    struct glyphs *g = glyphs_of(&cut, &w->a);
    for (uint32_t c = 0; c < CHARSET_END; c++)
        if (g->of[c])
            buf_utf8(&b, c);
    return buf_str(&b);
}

void test_data_brings_the_block_of_a_character(void **state)
{
    (void)state;
    struct world w = world_new();
    const struct face *f = face_named(w.fonts, "Serif", true);
    assert_str(held(&w, with_data(&w, f, "né 1", "né 1")), " 1né");
    assert_str(held(&w, with_data(&w, f, "né", "n5é")), "0123456789né");
    assert_str(held(&w, with_data(&w, f, "a", "ê")), "açèéêëï");
    assert_str(held(&w, with_data(&w, f, "a", "±")), "a±"); /* in no block */
    assert_ptr_equal(with_data(&w, f, "n", "K"), with_data(&w, f, "n", "ABn"));
    const struct face *wide = face_named(w.fonts, "Serif", false);
    assert_str(held(&w, with_data(&w, wide, "Ł", "ł")), "Łł");
    world_drop(&w);
}

/* marked makes html of a text in which data stands between braces. */
static struct pdf_input marked(struct str text, struct arena *a)
{
    struct buf b = buf_new(a, TEXT_MAX);
    VEC(struct piece) data = {0};
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '{')
            from = b.len;
        else if (text.ptr[i] == '}')
            VEC_PUSH(a, &data, (struct piece){from, b.len});
        else
            buf_byte(&b, text.ptr[i]);
    return (struct pdf_input){.html = buf_str(&b),
                              .data = {data.at, data.len},
                              .created = 1795600000,
                              .view = "view"};
}

static struct str rendered(struct pdf *p, struct str text, struct arena *perm)
{
    struct pdf_input in = marked(text, perm);
    struct arena tmp = arena_open(ROOM);
    struct error e = {0};
    struct str out;
    assert_ok(pdf_render(p, &in, perm, tmp, &out, &e), e);
    arena_close(&tmp);
    return out;
}

static struct str letter_to(const char *name, struct arena *a)
{
    return str_fmt(a,
                   "<body style=\"font-family:DejaVu Serif\"><h1>Note</h1><p>Bonjour "
                   "<b>{%s}</b>, {%s} : voici.</p>",
                   name, name);
}

/* objects_of gives the text of a small document's objects. */
static struct str objects_of(struct str pdf, struct arena *a)
{
    ptrdiff_t at = str_find(pdf, S("/Type/ObjStm"));
    assert_true(at > 0);
    pdf = str_skip(pdf, (size_t)at);
    pdf = str_skip(pdf, (size_t)str_find(pdf, S("stream\n")) + strlen("stream\n"));
    return inflated(str_sub(pdf, 0, (size_t)str_find(pdf, S("\nendstream"))), a);
}

/* first_widths gives the advances that stand in a document's first font. */
static struct str first_widths(struct pdf *p, const char *text, struct arena *a)
{
    text = str_z(a, str_fmt(a, "<body style='font-family:DejaVu Serif'>%s", text));
    struct str out = objects_of(rendered(p, str_from(text), a), a);
    ptrdiff_t at = str_find(out, S("/Widths ["));
    assert_true(at > 0);
    out = str_skip(out, (size_t)at + strlen("/Widths ["));
    struct cut cut = str_cut(out, ']');
    return cut.head;
}

static size_t shown_widths(struct pdf *p, const char *text, struct arena *a)
{
    struct str widths = first_widths(p, text, a);
    size_t n = 0;
    while (widths.len) {
        struct cut cut = str_cut(widths, ' ');
        n += !str_eq(cut.head, S("0"));
        widths = cut.tail;
    }
    return n;
}

void test_what_stands_in_data_is_found_in_the_document(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n; /* characters in the font */
    } cases[] = {
        {"<p>Abe</p>", 3},
        {"<p>{Abe}</p>", 26 + 26},
        {"<p>bcA{b}</p>", 3},
        {"<p>bc<i></i>{A}</p>", 2 + 26},
        {"<p>a{5}b</p>", 2 + 10},
        {"<p>a<!-- -->{5}<!-- -->b</p>", 2 + 10},
        {"<p>{5}<!-- -->b</p>", 1 + 10},
        {"<p>a{<b>b</b>}</p>", 1},
        {"<p class=\"{x}\">a</p>", 1},
        {"<p>{}a</p>", 1},
        {"<p>é&eacute;{é}</p>", 1},
        {"<p style=\"text-transform:uppercase\">{a}</p>", 26},
    };
    struct error e = {0};
    struct arena a = arena_open(ROOM);
    struct pdf *p = pdf_new(&e);
    assert_non_null(p);
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = shown_widths(p, cases[i].text, &a);
        if (n != cases[i].n)
            fail_msg("%s: %zu characters, not %zu", cases[i].text, n, cases[i].n);
    }
    pdf_drop(p);
    arena_close(&a);
}

/* Letters one after the other, backwards, and each in a renderer of its own. */
void test_the_order_of_letters_does_not_change_their_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Zoé",     "Łukasz",  "N",     "Xavier Ümit", "Œ", "voici",
        "Ξένια ✓", "Bonjour", "Σ & ļ", "1234567890",  "—", "\xC2\xA0\xC2\xAD-",
    };
    struct error e = {0};
    struct arena a = arena_open(ROOM);
    struct str want[COUNT(names)];
    struct pdf *p = pdf_new(&e);
    assert_non_null(p);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct pdf *alone = pdf_new(&e);
        assert_non_null(alone);
        want[i] = rendered(alone, letter_to(names[i], &a), &a);
        pdf_drop(alone);
    }
    for (size_t i = 0; i < 4 * COUNT(names); i++) {
        size_t which = i < COUNT(names)       ? i
                       : i < 2 * COUNT(names) ? 2 * COUNT(names) - 1 - i
                                              : i * 7 % COUNT(names);
        if (!str_eq(rendered(p, letter_to(names[which], &a), &a), want[which]))
            fail_msg("the letter to %s has other bytes after %zu others", names[which],
                     i);
    }
    pdf_drop(p);
    arena_close(&a);
}
