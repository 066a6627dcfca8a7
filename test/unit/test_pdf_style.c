/* test_pdf_style.c: what declarations compute, as dompdf 3.1.6 computes them. */
#include <math.h>

#include "test.h"

#include "pdf/pdf_imp.h"

/* A document's styles: of the first element of a tag. */
struct styled {
    struct pdf *pdf;
    struct arena a;
    struct document d;
};

static struct styled styled(const char *html)
{
    struct error e = {0};
    struct styled s = {.pdf = pdf_new(&e), .a = arena_open(64 << 20)};
    assert_non_null(s.pdf);
    s.d = (struct document){.source = {.text = str_from(html)}};
    assert_ok(document_read(s.pdf, &s.d, &s.a, &e), e);
    return s;
}

static void styled_drop(struct styled *s)
{
    arena_close(&s->a);
    pdf_drop(s->pdf);
}

static const struct style *of(const struct styled *s, const char *tag)
{
    struct node *n = node_named(s->d.root, tag);
    assert_non_null(n);
    return n->computed;
}

#define assert_near(got, want) assert_true(fabs((got) - (want)) < 1e-9)

/* === fonts === */

struct font_case {
    const char *css;
    double size, line; /* line: in points */
    bool bold, italic;
    int family;
};

static void assert_font(const struct font_case *c)
{
    struct arena a = arena_open(1 << 20);
    struct str html =
        str_fmt(&a, "<div style='font-size: 20pt'><p style=\"%s\">x</p></div>", c->css);
    struct styled t = styled(str_z(&a, html));
    const struct style *s = of(&t, "p");
    double line = s->line_height * (s->line_factor ? s->font_size : 1);
    if (fabs(s->font_size - c->size) > 1e-9 || fabs(line - c->line) > 1e-9 ||
        s->bold != c->bold || s->italic != c->italic || s->families[0] != c->family)
        fail_msg("%s: %g/%g %d %d %d", c->css, s->font_size, line, s->bold, s->italic,
                 s->families[0]);
    styled_drop(&t);
    arena_close(&a);
}

void test_font_properties_compute_as_in_dompdf(void **state)
{
    (void)state;
    static const struct font_case cases[] = {
        {"font-size: 150%", 30, 36, false, false, FAMILY_TIMES},
        {"font-size: 2em", 40, 48, false, false, FAMILY_TIMES},
        {"font-size: 1.5rem", 18, 21.6, false, false, FAMILY_TIMES},
        {"font-size: 2ex", 20, 24, false, false, FAMILY_TIMES},
        {"font-size: small", 10.668, 12.8016, false, false, FAMILY_TIMES},
        {"font-size: xx-large", 24, 28.8, false, false, FAMILY_TIMES},
        {"font-size: smaller", 160 / 9.0, 64 / 3.0, false, false, FAMILY_TIMES},
        {"font-size: 10px; font-size: -1px", 7.5, 9, false, false, FAMILY_TIMES},
        {"font-size: 10; font-size: 5vw", 10, 12, false, false, FAMILY_TIMES},
        {"font-size: 10.px", 20, 24, false, false, FAMILY_TIMES},
        {"line-height: 150%; font-size: 10pt", 10, 15, false, false, FAMILY_TIMES},
        {"line-height: 2em; font-size: 10pt", 10, 20, false, false, FAMILY_TIMES},
        {"line-height: 13px", 20, 9.75, false, false, FAMILY_TIMES},
        {"font-weight: 700; font-style: oblique", 20, 24, true, true, FAMILY_TIMES},
        {"font-weight: 900", 20, 24, true, false, FAMILY_TIMES},
        {"font-weight: 650", 20, 24, false, false, FAMILY_TIMES},
        {"font-weight: bold; font-weight: 1001", 20, 24, true, false, FAMILY_TIMES},
        {"font: 10pt/1.5 Arial, sans-serif", 10, 15, false, false, FAMILY_HELVETICA},
        {"font: italic bold 10px 'dejavu SANS'", 7.5, 9, true, true, FAMILY_SANS},
        {"font: bold 10px", 20, 24, false, false, FAMILY_TIMES},
        {"font: 10 serif", 20, 24, false, false, FAMILY_TIMES},
        {"line-height: 3; font: 10pt serif", 10, 12, false, false, FAMILY_TIMES},
        {"font: bold 10pt serif; font-size: 8pt", 8, 9.6, true, false, FAMILY_TIMES},
        {"font-family: Arial", 20, 24, false, false, FAMILY_TIMES},
        {"font-family: Arial, Helvetica", 20, 24, false, false, FAMILY_HELVETICA},
        {"font-family: Courier New, MONOSPACE", 20, 24, false, false, FAMILY_COURIER},
        {"font-family: 'DejaVu Serif'", 20, 24, false, false, FAMILY_SERIF},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_font(&cases[i]);
}

void test_a_block_is_measured_in_its_own_font_size(void **state)
{
    (void)state;
    struct styled t = styled("<style>p { font-size: 20pt; text-indent: 2em; margin: 1em }"
                             "h1 { text-indent: 2em; max-width: 2em; font-size: 20pt }"
                             "</style><p>x</p><h1>y</h1>");
    assert_near(of(&t, "p")->indent, 40);
    assert_near(of(&t, "p")->margin[LEFT].value, 20);
    /* dompdf has not seen the size yet */
    assert_near(of(&t, "h1")->indent, 24);
    assert_near(of(&t, "h1")->max_width.value, 24);
    styled_drop(&t);
}

/* === borders === */

static void assert_border(const char *css, enum side side, double width, unsigned rgb)
{
    struct arena a = arena_open(1 << 20);
    struct str html = str_fmt(&a, "<p style=\"color: #010203; %s\">x</p>", css);
    struct styled t = styled(str_z(&a, html));
    const struct style *s = of(&t, "p");
    struct border b = s->border[side];
    struct colour c = b.coloured ? b.colour : s->colour;
    unsigned got = (unsigned)lround(c.r * 255) << 16 | (unsigned)lround(c.g * 255) << 8 |
                   (unsigned)lround(c.b * 255);
    if (fabs(b.width - width) > 1e-9 || got != rgb || b.solid != (width > 0))
        fail_msg("%s: %g %06x", css, b.width, got);
    styled_drop(&t);
    arena_close(&a);
}

void test_borders_take_width_style_and_colour_from_where_they_are_told(void **state)
{
    (void)state;
    assert_border("border: 2pt solid red", LEFT, 2, 0xff0000);
    assert_border("border: solid", TOP, 1.5, 0x010203);
    assert_border("border: thin solid; border-right: #00f thick solid", RIGHT, 2.5, 0xff);
    assert_border("border: thin solid; border-right: none", RIGHT, 0, 0x010203);
    assert_border("border-width: 1pt 2pt 3pt; border-style: solid none", BOTTOM, 3,
                  0x010203);
    assert_border("border-width: 1pt 2pt 3pt; border-style: solid none", LEFT, 0,
                  0x010203);
    assert_border("border-color: red lime; border: 1pt solid; border-top-color: navy",
                  TOP, 1, 0x80);
    assert_border("border-left-width: 2em; border-left-style: solid; font-size: 5pt",
                  LEFT, 10, 0x010203);
    assert_border("border: 1pt solid red; border: 1pt 2pt solid", TOP, 1, 0xff0000);
    assert_border("border: 2pt solid; border: wide solid", TOP, 2, 0x010203);
    assert_border("border: 2pt solid; border-width: 5%", TOP, 2, 0x010203);
    assert_border("border: 1pt solid currentColor", TOP, 1, 0x010203);
    assert_border("border: 1pt solid; border-style: hidden", TOP, 0, 0x010203);
}

/* === colours === */

void test_colours_in_all_notations(void **state)
{
    (void)state;
    assert_border("border: 1pt solid #ABC", TOP, 1, 0xaabbcc);
    assert_border("border: 1pt solid #abcdefFF", TOP, 1, 0xabcdef);
    assert_border("border: 1pt solid RGB(1, 2,3)", TOP, 1, 0x010203);
    assert_border("border: 1pt solid rgb(10% 20% 100% / 1)", TOP, 1, 0x1a33ff);
    assert_border("border: 1pt solid rgba(255, 0, 255, 1)", TOP, 1, 0xff00ff);
    assert_border("border: 1pt solid RebeccaPurple", TOP, 0, 0x010203);
    assert_border("border: 1pt solid LightSteelBlue", TOP, 1, 0xb0c4de);
    struct styled t = styled("<p style='background: red; background: none'>x</p>"
                             "<h1 style='background: no-repeat #0f0 center'>y</h1>");
    assert_true(of(&t, "p")->background.none);
    assert_near(of(&t, "h1")->background.g, 1);
    styled_drop(&t);
}

/* === keywords of the cascade === */

void test_inherit_initial_and_unset(void **state)
{
    (void)state;
    struct styled t = styled(
        "<div style='margin: 7pt; color: red; font-size: 20pt'>"
        "<p style='margin: inherit; color: initial; font-size: initial'>x</p>"
        "<h1 style='margin: unset; color: unset; font-size: inherit'>y</h1></div>");
    assert_near(of(&t, "p")->margin[LEFT].value, 7);
    assert_near(of(&t, "p")->colour.r, 0);
    assert_near(of(&t, "p")->font_size, 12);
    assert_near(of(&t, "h1")->margin[TOP].value, 0);
    assert_near(of(&t, "h1")->colour.r, 1);
    assert_near(of(&t, "h1")->font_size, 20);
    styled_drop(&t);
}

void test_sides_are_dropped_alone(void **state)
{
    (void)state;
    struct styled t = styled("<p style='margin: 3pt; margin: 1pt 5vw auto'>x</p>"
                             "<h1 style='padding: 2pt; padding: 1pt -1pt none'>y</h1>");
    assert_near(of(&t, "p")->margin[TOP].value, 1);
    assert_near(of(&t, "p")->margin[RIGHT].value, 3);
    assert_int_equal(of(&t, "p")->margin[BOTTOM].unit, LENGTH_AUTO);
    assert_near(of(&t, "h1")->padding[RIGHT].value, 2);
    assert_near(of(&t, "h1")->padding[BOTTOM].value, 0);
    styled_drop(&t);
}

void test_a_decoration_reaches_all_in_the_element(void **state)
{
    (void)state;
    struct styled t = styled("<p style='text-decoration: underline; color: red'>x"
                             "<b style='text-decoration: line-through; color: blue'>y"
                             "<i style='text-decoration: none'>z</i></b></p>");
    const struct style *s = of(&t, "i");
    assert_true(s->lined[LINE_UNDER] && s->lined[LINE_THROUGH] && !s->lined[LINE_OVER]);
    assert_near(s->line_colours[LINE_UNDER].r, 1);
    assert_near(s->line_colours[LINE_THROUGH].b, 1);
    assert_false(of(&t, "p")->lined[LINE_THROUGH]);
    styled_drop(&t);
}
