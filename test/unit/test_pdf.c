/* test_pdf.c: the stages of a document, each by its print, and its pure functions.
 *
 * A case is a folder in test/pdf: input.html, and "boxes" and "pages", the prints of two
 * stages. FACTEUR_WRITE=1 writes them anew: look at the difference before it is kept. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>

#include "test.h"

#include "pdf/document.h"

enum { ROOM = 256 << 20, TEXT_MAX = 16 << 20 };

static struct pdf *renderer(void)
{
    struct error e = {0};
    struct pdf *p = pdf_new(&e);
    if (!p)
        fail_msg("%s", e.text);
    return p;
}

/* === golden cases === */

static void write_golden(const char *path, struct str text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    fclose(f);
}

static void compare(const char *folder, const char *name, struct str got, struct arena *a)
{
    struct error e = {0};
    struct str want = S("");
    char path[512];
    snprintf(path, sizeof(path), "test/pdf/%s/%s", folder, name);
    if (getenv("FACTEUR_WRITE"))
        write_golden(path, got);
    assert_ok(file_read(path, TEXT_MAX, a, &want, &e), e);
    while (got.len && want.len) {
        struct cut ours = str_cut(got, '\n'), theirs = str_cut(want, '\n');
        if (!str_eq(ours.head, theirs.head))
            fail_msg("%s: got \"%.*s\", want \"%.*s\"", path, STR_ARG(ours.head),
                     STR_ARG(theirs.head));
        got = ours.tail;
        want = theirs.tail;
    }
    if (got.len || want.len)
        fail_msg("%s: one of the prints is longer", path);
}

static void run_case(struct pdf *p, const char *folder)
{
    struct arena a = arena_open(ROOM);
    struct error e = {0};
    struct document d = {.source = {.file = folder, .first = &e}};
    char path[512];
    snprintf(path, sizeof(path), "test/pdf/%s/input.html", folder);
    assert_ok(file_read(path, TEXT_MAX, &a, &d.source.text, &e), e);
    assert_ok(document_read(p, &d, &a, &e), e);
    struct pdf_input in = {.width = 595.28, .height = 841.89};
    assert_ok(document_layout(p, &d, &in, &a, &e), e);
    struct buf boxes = buf_new(&a, TEXT_MAX), pages = buf_new(&a, TEXT_MAX);
    print_boxes(&boxes, d.boxes, 0);
    print_pages(&pages, &d.pages);
    compare(folder, "boxes", buf_str(&boxes), &a);
    compare(folder, "pages", buf_str(&pages), &a);
    arena_close(&a);
}

void test_stages_print_as_in_the_golden_cases(void **state)
{
    (void)state;
    struct pdf *p = renderer();
    DIR *dir = opendir("test/pdf");
    size_t n = 0;
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        if (d->d_name[0] == '.')
            continue;
        run_case(p, d->d_name);
        n++;
    }
    closedir(dir);
    pdf_drop(p);
    assert_true(n >= 6);
}

/* === columns === */

static void assert_used(const struct column *c, size_t i, double want)
{
    if (fabs(c[i].used - want) > 1e-6)
        fail_msg("column %zu: got %.4f, want %.4f", i, c[i].used, want);
}

void test_columns_get_their_minimum_when_there_is_no_room(void **state)
{
    (void)state;
    struct column c[] = {{.min = 30, .max = 90}, {.min = 20, .max = 40}};
    columns_share(c, 2, 40);
    assert_used(c, 0, 30);
    assert_used(c, 1, 20);
}

void test_columns_share_room_by_what_they_lack(void **state)
{
    (void)state;
    struct column c[] = {{.min = 30, .max = 90}, {.min = 20, .max = 40}};
    columns_share(c, 2, 90); /* 40 to share, 60 and 20 wanted */
    assert_used(c, 0, 60);
    assert_used(c, 1, 30);
}

void test_columns_share_more_than_they_want_by_their_maximum(void **state)
{
    (void)state;
    struct column c[] = {{.min = 30, .max = 90}, {.min = 20, .max = 30}};
    columns_share(c, 2, 240);
    assert_used(c, 0, 180);
    assert_used(c, 1, 60);
}

void test_percentages_come_before_columns_without_a_wish(void **state)
{
    (void)state;
    struct column c[] = {{.min = 10, .max = 50, .percent = 45},
                         {.min = 5, .max = 5, .percent = 10},
                         {.min = 10, .max = 50, .percent = 45}};
    columns_share(c, 3, 443.733);
    assert_used(c, 0, 199.67985);
    assert_used(c, 1, 44.3733);
    struct column mixed[] = {{.min = 10, .max = 50, .percent = 25},
                             {.min = 10, .max = 10},
                             {.min = 20, .max = 90}};
    columns_share(mixed, 3, 200);
    assert_used(mixed, 0, 50);
    assert_used(mixed, 1, 70); /* the rest in equal parts above the minimum */
    assert_used(mixed, 2, 80);
}

/* === selectors and the cascade === */

static const struct style *style_of(struct document *d, struct pdf *p, struct arena *a,
                                    const char *html, const char *tag)
{
    struct error e = {0};
    *d = (struct document){.source = {.text = str_from(html), .first = &e}};
    assert_ok(document_read(p, d, a, &e), e);
    struct node *n = node_named(d->root, tag);
    assert_non_null(n);
    return n->computed;
}

static void assert_red(const char *css, bool red)
{
    struct pdf *p = renderer();
    struct arena a = arena_open(ROOM);
    struct document d;
    struct str html = str_fmt(&a,
                              "<style>%s</style><div class=\"a b\" id=\"i\"><p>"
                              "<span style=\"color: blue\">x</span></p></div>",
                              css);
    bool is = style_of(&d, p, &a, str_z(&a, html), "span")->colour.r > .9;
    if (is != red)
        fail_msg("%s: the text is %sred", css, is ? "" : "not ");
    arena_close(&a);
    pdf_drop(p);
}

void test_selectors_and_importance(void **state)
{
    (void)state;
    assert_red("span { color: red }", false); /* the style attribute is stronger */
    assert_red("span { color: red !important }", true);
    assert_red("div span { color: red !important }", true);
    assert_red("div > span { color: red !important }", false);
    assert_red(".a.b > p > span { color: red !important }", true);
    assert_red(".A span { color: red !important }", false);
    assert_red("#i span { color: red !important }", true);
    assert_red("h1, p span { color: red !important }", true);
    assert_red("#i span { color: red !important } span { color: blue !important }", true);
    assert_red("span { color: red !important } span { color: blue !important }", false);
}

void test_lengths_have_dompdfs_units(void **state)
{
    (void)state;
    static const struct {
        const char *css;
        double pt;
    } cases[] = {{"10", 10},  {"10pt", 10},   {"10px", 7.5},  {"1in", 72},
                 {"2em", 24}, {"1ex", 6},     {"-3pt", -3},   {"0", 0},
                 {"1pc", 12}, {"25.4mm", 72}, {"2.54cm", 72}, {"1.5em", 18}};
    struct pdf *p = renderer();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a = arena_open(ROOM);
        struct document d;
        struct str html = str_fmt(&a, "<p style=\"margin-top: %s\">x</p>", cases[i].css);
        double got = style_of(&d, p, &a, str_z(&a, html), "p")->margin[TOP].value;
        if (fabs(got - cases[i].pt) > 1e-9)
            fail_msg("%s: %.4f pt", cases[i].css, got);
        arena_close(&a);
    }
    pdf_drop(p);
}

/* === fonts === */

void test_cp1252_holds_french(void **state)
{
    (void)state;
    static const struct {
        uint32_t c;
        int byte;
    } cases[] = {{'A', 'A'},     {0xE9, 0xE9},  {0x20AC, 0x80}, {0x153, 0x9C},
                 {0x2019, 0x92}, {0x178, 0x9F}, {0x10C, -1},    {0x3B1, -1},
                 {0x81, -1},     {0x1F600, -1}, {0x0A, -1},     {0xA0, 0xA0}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(cp1252(cases[i].c), cases[i].byte);
}

void test_metrics_are_the_fonts_rounded(void **state)
{
    (void)state;
    struct error e = {0};
    struct fonts *f = fonts_new(&e);
    struct style s = style_default();
    assert_non_null(f);
    s.families[0] = FAMILY_SERIF;
    struct face *serif = fonts_primary(f, &s);
    assert_true(serif->ascent == 928 && serif->descent == -236);
    assert_int_equal(face_advance(f, serif, 'a'), 596); /* 1220.6 of 2048 */
    s.bold = true;
    assert_true(fonts_primary(f, &s)->ascent == 939);
    s = style_default();
    assert_true(fonts_primary(f, &s)->ascent == 683); /* Times */
    assert_true(fabs(style_line_height(f, &s) - 14.256) < 1e-9);
    fonts_drop(f);
}

/* === findings === */

struct found {
    int n, line, col;
};

static void on_finding(void *arg, const struct finding *f)
{
    struct found *found = arg;
    if (f->severity != FINDING_ERROR)
        return;
    found->n++;
    found->line = f->line;
    found->col = f->col;
}

void test_findings_have_the_place_in_the_source(void **state)
{
    (void)state;
    static const struct {
        const char *html;
        int n, line, col;
    } cases[] = {
        {"<p>a</p>", 0, 0, 0},
        {"<style>\n p {\n  color: red;\n  position: fixed }</style><p>x</p>", 1, 4, 3},
        {"<p\n style=\"clear: wide\">x</p>", 1, 2, 9},
        {"<p>a</p>\n<img src=x>", 1, 2, 1},
        {"<style>/* é */ p::first-line { color: red }</style>", 1, 1, 17},
        {"<style>.unused { position: fixed }</style><p>x</p>", 1, 1, 18},
        {"<p style=\"color: \x1A\">an echo's value is judged when it is there</p>", 0, 0,
         0},
    };
    struct pdf *p = renderer();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct found f = {0};
        bool ok = pdf_check(p, str_from(cases[i].html), "view", on_finding, &f);
        if (ok != (cases[i].n == 0) || f.n != cases[i].n || f.line != cases[i].line ||
            f.col != cases[i].col)
            fail_msg("%s: %d found, the last at %d:%d", cases[i].html, f.n, f.line,
                     f.col);
    }
    pdf_drop(p);
}

/* === the same bytes === */

static struct str rendered(struct pdf *p, struct str html, struct arena *perm,
                           struct arena tmp)
{
    struct pdf_input in = {.html = html, .created = 1795600000, .view = "view"};
    struct error e = {0};
    struct str out = {0};
    char *mark = arena_mark(&tmp);
    assert_ok(pdf_render(p, &in, perm, tmp, &out, &e), e);
    arena_release(&tmp, mark);
    return out;
}

void test_a_letter_has_the_same_bytes_after_any_other(void **state)
{
    (void)state;
    static const char *const others[] = {
        "<p>court</p>",
        "<p style=\"font-family:'DejaVu Sans Mono'\">Łódź Αθήνα ✓ 漢</p>",
        "<p style=\"font-family:Helvetica;text-align:justify;width:90pt\">Un texte en "
        "Helvetica, justifié, avec un ő</p>",
        "<table><tr><td>a<td><b><i>b</i></b></table><ul><li>un<li>deux</ul>",
    };
    struct pdf *p = renderer();
    struct arena perm = arena_open(ROOM), tmp = arena_open(ROOM), each = arena_open(ROOM);
    struct error e = {0};
    struct str html;
    assert_ok(file_read("test/pdf/letter/input.html", 1 << 20, &perm, &html, &e), e);
    struct str first = rendered(p, html, &perm, tmp);
    assert_true(first.len < 25000);
    for (int i = 0; i < 60; i++) {
        rendered(p, str_from(others[(size_t)i % COUNT(others)]), &each, tmp);
        if (!str_eq(first, rendered(p, html, &each, tmp)))
            fail_msg("the letter has other bytes after %d others", i + 1);
        arena_reset(&each);
    }
    pdf_drop(p);
    arena_close(&each);
    arena_close(&tmp);
    arena_close(&perm);
}
