/* test_pdf_style.c: what declarations compute, as dompdf 3.1.6 computes them. */
#include <math.h>

#include "test.h"

#include "pdf/document.h"

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
        {"font: 10pt DejaVu Sans, serif", 10, 12, false, false, FAMILY_TIMES},
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
                             "h2 { font-size: 20pt; text-indent: 2rem }"
                             "h1 { text-indent: 2em; max-width: 2em; font-size: 20pt }"
                             "</style><p>x</p><h1>y</h1><h2>z</h2>");
    assert_near(of(&t, "p")->indent, 40);
    assert_near(of(&t, "p")->margin[LEFT].value, 20);
    assert_near(of(&t, "h2")->indent, 40);
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

/* === selectors === */

/* The elements of a document, one letter each, that a selector matches. */
static struct str matched(struct styled *t, const char *selector, struct arena *a)
{
    struct selector sel = {0};
    struct buf b = buf_new(a, 256);
    if (!selector_parse(str_from(selector), &sel, a))
        return S("?");
    for (struct node *n = t->d.body; n;) {
        struct str name = n->id.len ? n->id : n->tag;
        if (n->tag.len && selector_matches(&sel, n)) {
            buf_add(&b, b.len ? S(" ") : S(""));
            buf_add(&b, name);
        }
        if (n->first) {
            n = n->first;
            continue;
        }
        while (n && !n->next)
            n = n->parent;
        n = n ? n->next : NULL;
    }
    return b.len ? buf_str(&b) : S("");
}

void test_selectors_match_as_in_dompdf(void **state)
{
    (void)state;
    static const struct {
        const char *selector, *want;
    } cases[] = {
        {"*", "body d p1 b p2 i u p3 ul l1 l2 l3 l4 l5"},
        {"P", "p1 p2 p3"},
        {".X", ""},
        {".x", "d p2"},
        {".x.y", "p2"},
        {"p.x#p2", "p2"},
        {"#D", ""},
        {"div p", "p1 p2 p3"},
        {"body>p", ""},
        {"div > p > b", "b"},
        {"div> p", ""},
        {"div> b", "b"}, /* dompdf reads "div > * b" */
        {"div *", "p1 b p2 i u p3"},
        {"p + p", "p2 p3"},
        {"p ~ p", "p2 p3"},
        {"p.x + p", "p3"},
        {"ul :first-child", "l1"},
        {"li:last-child", "l5"},
        {"li:nth-child(2)", "l2"},
        {"li:nth-child(odd)", "l1 l3 l5"},
        {"li:nth-child(even)", "l2 l4"},
        {"li:nth-child( 2n + 1 )", "l1 l3 l5"},
        {"li:nth-child(n+4)", "l4 l5"},
        {"li:nth-child(-n+2)", "l1 l2"},
        {"li:nth-child(3n-1)", "l2 l5"},
        {"li:nth-child(n)", "l1 l2 l3 l4 l5"},
        {"li:nth-child(ODD)", ""},
        {"li:nth-child(0n+1)", ""},
        {"li:nth-last-child(2)", "l4"},
        {"u:first-of-type", "u"},
        {"i:nth-of-type(1)", "i"},
        {"p:last-of-type", "p3"},
        {"u:first-child", ""},
        {":matches(b, i) ", "b i"},
        {"p:empty", "p3"},
        {"[title]", "p1 p2"},
        {"[title=\"a b\"]", "p1"},
        {"p[title~=b]", "p1"},
        {"[title^='a']", "p1"},
        {"[title$=c]", "p2"},
        {"[title*=' ']", "p1"},
        {"[TITLE]", ""},
        {"p:not(.x)", "?"},
        {"p::before", "?"},
        {"p..x", "?"},
        {"", "?"},
    };
    struct styled t = styled(
        "<body><div id=d class=x><p id=p1 title='a b'><b id=b>x</b></p>"
        "<p id=p2 class=' y x' title=c><i id=i>x</i><u id=u>x</u></p><p id=p3> </p></div>"
        "<ul><li id=l1>1<li id=l2>2<li id=l3>3<li id=l4>4<li id=l5>5</ul></body>");
    struct arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str got = matched(&t, cases[i].selector, &a);
        if (!str_eq(got, str_from(cases[i].want)))
            fail_msg("%s: \"%.*s\"", cases[i].selector, STR_ARG(got));
    }
    arena_close(&a);
    styled_drop(&t);
}

void test_a_failing_selector_takes_few_steps(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct buf b = buf_new(&a, 1 << 16);
    buf_add(&b, S("<style>h6 * * * * * * * * * b { color: red }</style>"));
    for (int i = 0; i < 200; i++)
        buf_add(&b, S("<div>"));
    buf_add(&b, S("<b>x</b>"));
    struct styled t = styled(str_z(&a, buf_str(&b)));
    assert_near(of(&t, "b")->colour.r, 0);
    styled_drop(&t);
    arena_close(&a);
}

/* === the cascade === */

static void assert_colour(const char *head, unsigned rgb)
{
    struct arena a = arena_open(1 << 20);
    struct str html =
        str_fmt(&a, "%s<div class='a b' id=i><p class='c'>x</p></div>", head);
    struct styled t = styled(str_z(&a, html));
    struct colour c = of(&t, "p")->colour;
    unsigned got = (unsigned)lround(c.r * 255) << 16 | (unsigned)lround(c.g * 255) << 8 |
                   (unsigned)lround(c.b * 255);
    if (got != rgb)
        fail_msg("%s: %06x", head, got);
    styled_drop(&t);
    arena_close(&a);
}

void test_the_stronger_declaration_wins_as_in_dompdf(void **state)
{
    (void)state;
    assert_colour("<style>p { color: red } * { color: blue }</style>", 0xff0000);
    assert_colour("<style>.c { color: red } div p { color: blue }</style>", 0xff0000);
    assert_colour("<style>#i p { color: red } .a.b .c { color: blue }</style>", 0xff0000);
    assert_colour("<style>p { color: red } div, p { color: blue }</style>", 0xff);
    assert_colour("<style>div p, hr::x, p { color: red }</style>", 0xff0000);
    /* a combinator counts like a tag */
    assert_colour("<style>div .c { color: red } p.c { color: blue }</style>", 0xff0000);
    /* rules of one selector stand where its first one stands */
    assert_colour("<style>.c { color: red } p:first-child { } [class] { color: blue }"
                  ".c { color: lime }</style>",
                  0xff);
    assert_colour("<style>p { color: red !important } .c { color: blue }</style>",
                  0xff0000);
    assert_colour("<style>p { color: red !IMPORTANT; color: blue }</style>", 0xff0000);
}

static const char table[] =
    "<style>td { padding: 3pt } .w { width: 9pt }</style>"
    "<table border=2 cellpadding=4 cellspacing=6 width=300 align=center bgcolor=#ff0000>"
    "<tr align=right valign=bottom bgcolor=00ff00><th class=w width=50% align=left "
    "nowrap=nowrap>x</th><td height=20>y</td></tr></table>";

void test_attributes_are_weak_rules(void **state)
{
    (void)state;
    struct styled t = styled(table);
    const struct style *s = of(&t, "table"), *th = of(&t, "th"), *td = of(&t, "td");
    assert_near(s->border[LEFT].width, 1.5);
    assert_near(s->spacing, 4.5);
    assert_near(s->width.value, 300);
    assert_int_equal(s->margin[LEFT].unit, LENGTH_AUTO);
    assert_near(s->background.r, 1);
    assert_near(th->padding[LEFT].value, 3); /* 4px */
    assert_near(td->padding[LEFT].value, 3); /* the rule's 3pt is stronger */
    assert_near(th->width.value, 9);
    assert_int_equal(th->align, ALIGN_LEFT);
    assert_int_equal(td->align, ALIGN_RIGHT);
    assert_int_equal(td->valign, VALIGN_BOTTOM);
    assert_int_equal(th->space, SPACE_NOWRAP);
    assert_near(td->height.value, 20);
    assert_near(td->background.g, 1);
    assert_near(td->border[TOP].width, .75); /* the table has a border */
    styled_drop(&t);
}

void test_elements_look_as_dompdfs_sheet_says(void **state)
{
    (void)state;
    struct styled t = styled(
        "<a href=x>l</a><h5>a</h5><dl><dt>t<dd><ul><li>x<ol><li>y<ul><li>z</ul></ol></ul>"
        "</dl><hr><mark>m</mark><s>s</s><font size=+1 face=Courier>f</font>"
        "<table><tr style='vertical-align: top; background: lime'><td>c</table>"
        "<center>c</center><blockquote type=cite>q</blockquote><code>c</code>");
    assert_near(of(&t, "a")->colour.b, 204 / 255.0);
    assert_true(of(&t, "a")->lined[LINE_UNDER]);
    assert_near(of(&t, "h5")->margin[TOP].value, 12 * .83 * 1.67);
    assert_near(of(&t, "dd")->margin[LEFT].value, 30);
    assert_near(of(&t, "ul")->margin[TOP].value, 0); /* lists nest in dl too */
    assert_int_equal(of(&t, "ul")->list, LIST_DISC);
    assert_int_equal(of(&t, "ol")->list, LIST_DECIMAL);
    assert_near(of(&t, "hr")->border[BOTTOM].width, .75);
    assert_near(of(&t, "mark")->background.b, 0);
    assert_true(of(&t, "s")->lined[LINE_THROUGH]);
    assert_near(of(&t, "font")->font_size, 14);
    assert_int_equal(of(&t, "font")->families[0], FAMILY_COURIER);
    assert_int_equal(of(&t, "td")->valign, VALIGN_TOP);
    assert_near(of(&t, "td")->background.g, 1);
    assert_int_equal(of(&t, "center")->align, ALIGN_CENTER);
    assert_near(of(&t, "blockquote")->border[LEFT].width, .5);
    assert_int_equal(of(&t, "code")->families[0], FAMILY_COURIER);
    styled_drop(&t);
}

/* === the page === */

static void assert_page(const char *css, double top, double left)
{
    struct arena a = arena_open(1 << 20);
    struct str html = str_fmt(&a, "<style>%s</style><p>x</p>", css);
    struct styled t = styled(str_z(&a, html));
    if (fabs(t.d.page[TOP] - top) > 1e-6 || fabs(t.d.page[LEFT] - left) > 1e-6)
        fail_msg("%s: %g %g", css, t.d.page[TOP], t.d.page[LEFT]);
    styled_drop(&t);
    arena_close(&a);
}

void test_the_root_is_the_page(void **state)
{
    (void)state;
    assert_page("", 1.2 * 72 / 2.54, 1.2 * 72 / 2.54);
    assert_page("@page { margin: 10pt 20pt }", 10, 20);
    assert_page("@page { margin: 10pt } @page { margin-left: 1in; margin-top: bad }", 10,
                72);
    assert_page("* { margin: 0 } @page { margin: 10pt }", 0, 0);
    assert_page("html { margin-top: 3pt } @page { margin: 10pt !important }", 10, 10);
    struct styled t = styled("<style>@page { font-size: 20pt; color: red }</style><p>x");
    assert_near(of(&t, "p")->font_size, 20);
    assert_near(of(&t, "p")->colour.r, 1);
    styled_drop(&t);
}

void test_sizes_of_paper(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool ok;
        double width, height;
    } cases[] = {
        {"A5", true, 419.53, 595.28},
        {"a5 LANDSCAPE", true, 595.28, 419.53},
        {"landscape", true, 841.89, 595.28},
        {"auto", true, 595.28, 841.89},
        {"100pt 200pt", true, 100, 200},
        {"10cm", true, 720 / 2.54, 720 / 2.54},
        {"200pt 100pt portrait", true, 100, 200},
        {"A5 10pt", false, 0, 0},
        {"-1pt", false, 0, 0},
        {"b9", false, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double w = 595.28, h = 841.89;
        assert_int_equal(page_size_parse(str_from(cases[i].value), &w, &h), cases[i].ok);
        if (cases[i].ok &&
            (fabs(w - cases[i].width) > 1e-9 || fabs(h - cases[i].height) > 1e-9))
            fail_msg("%s: %g %g", cases[i].value, w, h);
    }
}

/* === painted borders === */

static void assert_marks(enum border_style style, size_t want, double first_width)
{
    struct arena a = arena_open(1 << 20);
    struct layout l = {.perm = &a};
    struct page page = {0};
    struct border_box box = {.w = 100, .h = 20, .thick = {2, 2, 2, 2}};
    for (int i = 0; i < 4; i++)
        box.styles[i] = style;
    border_paint(&l, &page, &box);
    if (page.marks.len != want || fabs(page.marks.at[0].w - first_width) > 1e-9)
        fail_msg("style %d: %zu marks, the first %g wide", style, page.marks.len,
                 page.marks.at[0].w);
    arena_close(&a);
}

void test_borders_are_drawn_in_every_style(void **state)
{
    (void)state;
    assert_marks(BORDER_SOLID, 4, 100);
    assert_marks(BORDER_DOUBLE, 8, 100);
    assert_marks(BORDER_RIDGE, 8, 100);
    assert_marks(BORDER_INSET, 4, 100);
    /* 17 dashes and gaps fill 100, 3 fill 20 */
    assert_marks(BORDER_DASHED, 2 * 9 + 2 * 2, 100 / 17.0);
    /* 98 has steps of 4 about 25 times (from 24.5), 18 about 5 times (from 4.5) */
    assert_marks(BORDER_DOTTED, 2 * 26 + 2 * 6, 1);
}
