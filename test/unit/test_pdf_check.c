/* What pdf_check finds in a document or in a view's skeleton: all of it, in the order of
 * the stages, each with its severity and place. */
#include "facteur/pdf.h"
#include "test.h"

struct check {
    struct pdf *pdf;
    struct arena a;
};

static struct check check_open(void)
{
    struct error e = {0};
    struct check c = {.pdf = pdf_new(&e), .a = arena_open(16 << 20)};
    if (!c.pdf)
        fail_msg("%s", e.text);
    return c;
}

static void check_close(struct check *c)
{
    pdf_drop(c->pdf);
    arena_close(&c->a);
}

static void note(void *arg, const struct finding *f)
{
    static const char *const names[] = {"error", "differs", "ignored"};
    buf_fmt(arg, "%s %d:%d %s\n", names[f->severity], f->line, f->col, f->text);
}

static struct str found(struct check *c, const char *html)
{
    struct buf b = buf_new(&c->a, 1 << 16);
    bool ok = pdf_check(c->pdf, str_from(html), "view", note, &b);
    assert_int_equal(ok, !str_has(buf_str(&b), S("error ")));
    return buf_str(&b);
}

void test_check_finds_all_at_once(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(found(&c, "<style>\n"
                         "@import 'a.css';\n"
                         "p { position: fixed; color: red; clear: wide }\n"
                         "li::before { opacity: .5 }\n"
                         "</style>\n"
                         "<video></video><table rules=all><p style='left: 0'>x</p>"),
               "error 6:23 <table rules> – this attribute is not supported\n"
               "error 2:1 @import 'a.css' – this at-rule is not supported\n"
               "error 4:1 selector \"li::before\" – not supported\n"
               "error 6:1 <video> – this element is not supported\n"
               "error 3:5 position – this property is not supported\n"
               "error 3:34 clear: wide – this value is not supported\n"
               "error 4:14 opacity – this property is not supported\n"
               "error 6:43 left – this property is not supported\n"
               "differs 6:16 <table> without rows – what follows stands up to 1.5 pt "
               "higher\n");
    check_close(&c);
}

/* === what is rendered, and not as dompdf renders it === */

struct different {
    const char *html, *found; /* found: "differs 1:2 …"; NULL: nothing */
};

static void each_differs(const struct different *cases, size_t len)
{
    struct check c = check_open();
    for (size_t i = 0; i < len; i++) {
        struct str got = found(&c, cases[i].html);
        struct str want = str_from(cases[i].found ? cases[i].found : "");
        if (!str_starts(got, want) || (want.len == 0 && got.len > 0))
            fail_msg("%s: found %.*s, not %.*s", cases[i].html, STR_ARG(got),
                     STR_ARG(want));
    }
    check_close(&c);
}

void test_check_tells_what_is_drawn_otherwise(void **state)
{
    (void)state;
    static const struct different cases[] = {
        {"<style>table{border-collapse:collapse}td{border:4px solid}</style>\n"
         "<table><tr><td>a</table>",
         "differs 2:1 <table> with collapsed borders – at the table's outer edges"},
        {"<table border=1 cellspacing=0><tr><td>a</table>",
         "differs 1:1 <table> with collapsed borders – "},
        {"<table style='border-collapse:collapse'><tr><td>a</table>", NULL},
        {"<p>a <span class=x style='background:#ff0'>b</span>",
         "differs 1:6 <span class=\"x\"> has a background or a border and is inline – "
         "neither is drawn"},
        {"<p><mark>b</mark>", "differs 1:4 <mark> has a background"},
        {"<p><b style='border-left:1pt solid'>b</b>", "differs 1:4 <b> has a background"},
        {"<p><b style='border-left:1pt none'>b</b>", NULL},
        {"<div style='background:#ff0;border:1pt solid'>b</div>", NULL},
        {"<table><tr><td style='padding:5%'>a</table>",
         "differs 1:12 <td> with padding in % – "},
        {"<table><tr><td style='padding:0%'>a</table>", NULL},
        {"<div style='float:left'><div style='float:left;width:9px'>a</div></div>",
         "differs 1:1 <div> floats without a width and holds floats – "},
        {"<div style='float:left;width:9px;border:1px solid'><i style='float:left'>a",
         "differs 1:1 <div> floats, has a border and holds floats – "},
        {"<table><tr><td>a</tr><thead><tr><td>b</table>",
         "differs 1:1 <table> with a <thead> behind its rows – "},
        {"<table></table>", "differs 1:1 <table> without rows – "},
        {"<table><thead></thead><tr><td>a</table>",
         "differs 1:8 <thead> without cells – "},
        {"<table><tr></tr><tr><td>a</table>", "differs 1:8 <tr> without cells – "},
        {"<table>\x0c<tr>\x0c</tr>\x0c</table>", NULL}, /* directives of a view */
    };
    each_differs(cases, COUNT(cases));
}

void test_check_tells_where_the_trees_differ(void **state)
{
    (void)state;
    static const struct different cases[] = {
        {"<p>a<ul><li>b</ul></p>",
         "differs 1:19 </p> without its start – it makes an empty <p> here"},
        {"<p>a</br>b", "differs 1:5 </br> without its start – "},
        {"<table>text<tr><td>a</table>",
         "differs 1:8 text directly in a table or a row – it is shown before the table, "
         "dompdf leaves it out"},
        {"<p>a</p>x<table><tr>text<td>a</table>",
         "differs 1:21 text directly in a table"},
        {"<table>\x0c<tr>\x1a<td>a</table>", NULL},
        {"<p><a href=x>open<p>next", "differs 1:4 <a> is not closed where it began – "},
        {"<p><b>a</p><p>b", "differs 1:4 <b> is not closed where it began – "},
        {"<p>caf&eacute x", "differs 1:7 &eacute without \";\" – read as a character"},
        {"<p>AT&T &eacute; R&D &amp; &lt x", "differs 1:28 &lt without \";\" – "},
        {"<p>AT&T &eacute; R&D &amp;", NULL},
        {"<html><head>text<title>x</title></head><body>y</body>",
         "differs 1:13 content in front of <body> – "},
        {"<html><body>y</body> after</html>\n", "differs 1:22 content behind </body> – "},
        {"<html><body>y</body>\n</html>\n", NULL},
        {"<html><body><p>x</p><td>y</td></body></html>",
         "differs 1:21 <td> outside a table – "},
        {"<html><body><!-- <td> --><table><tr><td>y</table></html>", NULL},
        {"<tr><td>a piece of a table</td></tr>", NULL},
        {"<html><head><title>é</title><meta charset=utf-8></head><body>x",
         "differs 1:20 letters beyond ASCII before <meta charset> – "},
        {"<html><head><meta charset=utf-8><title>é</title></head><body>x", NULL},
        {"<style>p { font-family: 'Deja\nVu Sans' }</style><p>x",
         "differs 1:25 a string that is not closed on its line – dompdf loses the whole"},
        {"<style>/* it's */ p { font-family: 'DejaVu Sans' }</style><p>x", NULL},
    };
    each_differs(cases, COUNT(cases));
}

/* What a letter holds decides: told when it is rendered. */
void test_rendering_tells_what_only_then_is_known(void **state)
{
    (void)state;
    struct check c = check_open();
    struct arena tmp = arena_open(64 << 20);
    struct error e = {0};
    struct str pdf;
    struct buf b = buf_new(&c.a, 1 << 16), html = buf_new(&c.a, 1 << 16);
    buf_add(&html, S("<table><tr><td rowspan=200>a<td>b</tr>"));
    for (int i = 0; i < 90; i++)
        buf_fmt(&html, "<tr><td>%d</tr>", i);
    buf_add(&html, S("</table><p>x<div style='display:inline-block;text-align:right;"
                     "width:90px'>"));
    for (int i = 0; i < 90; i++)
        buf_fmt(&html, "<p>%d</p>", i);
    buf_add(&html, S("</div></p>"));
    struct pdf_input in = {
        .html = buf_str(&html), .view = "view", .report = note, .arg = &b};
    bool ok = pdf_render(c.pdf, &in, &c.a, tmp, &pdf, &e);
    assert_ok(ok, e);
    assert_true(str_has(buf_str(&b), S("<table> with a rowspan over a page's end – ")));
    assert_true(
        str_has(buf_str(&b), S("<div> is an inline-block that a page's end splits – ")));
    assert_true(str_has(buf_str(&b), S("</p> without its start – ")));
    arena_close(&tmp);
    check_close(&c);
}

void test_sizes_that_the_pdf_cannot_have_lose_no_letter(void **state)
{
    (void)state;
    static const struct {
        const char *html;
        bool refused;
    } cases[] = {
        {"<p style='font-size:0'>a</p>", false},
        {"<p style='font-size:.04pt;text-decoration:underline'>a</p>", false},
        {"<p style='font-size:9000pt;text-align:justify'>a b</p>", false},
        {"<p style='font-size:9000pt'>\xF4\x8F\xBF\xBF</p>", false},
        {"<ul style='font-size:9000pt;list-style:circle'><li></ul>", false},
        {"<p style='margin-left:90000pt;border:90000pt solid'>a</p>", false},
        {"<style>@page{size:1pt 1pt}</style>a", true},
        {"<style>@page{size:3pt 3pt;margin:0}</style>a", false},
        {"<style>@page{size:14400pt 14401pt}</style>a", true},
    };
    struct check c = check_open();
    struct arena tmp = arena_open(64 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error e = {0};
        struct str pdf;
        struct pdf_input in = {.html = str_from(cases[i].html), .view = "view"};
        bool ok = pdf_render(c.pdf, &in, &c.a, tmp, &pdf, &e);
        if (ok == cases[i].refused || (!ok && e.kind != ERR_UNSUPPORTED))
            fail_msg("%s: %s", cases[i].html, ok ? "rendered" : e.text);
        bool passes = !str_has(found(&c, cases[i].html), S("error "));
        assert_int_equal(passes, !cases[i].refused);
    }
    arena_close(&tmp);
    check_close(&c);
}

void test_check_judges_rules_that_match_nothing(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(
        found(&c, "<style>.unused { z-index: 1 } #x b { color: pale }</style>x"),
        "error 1:18 z-index – this property is not supported\n"
        "ignored 1:38 color: pale – dompdf does not know this value and drops it\n");
    check_close(&c);
}

void test_check_tells_once_what_dompdf_ignores(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(found(&c,
                     "<style>p { box-shadow: none } b { box-shadow: 1px; gap: 1px }\n"
                     "a:hover, p { color: red } a:hover { transform: none }\n"
                     "h1 { width: 50vw } h2 { width: 50vw; colr: red }\n"
                     "@media print { p { position: fixed } } @keyframes x { }\n"
                     "p:has(b) { left: 0 } @charset \"UTF-8\"; @page cover { size: A5 }"
                     "</style><script>1</script>"),
               "ignored 2:1 :hover – it never matches in dompdf\n"
               "ignored 4:1 @media print – dompdf does not apply it\n"
               "ignored 4:40 @keyframes x – dompdf does not apply it\n"
               "ignored 5:1 :has – it never matches in dompdf\n"
               "ignored 5:22 @charset \"utf-8\" – dompdf does not apply it\n"
               "ignored 5:40 @page cover – dompdf does not apply it\n"
               "ignored 5:72 <script> – it has no effect in dompdf\n"
               "ignored 1:12 box-shadow – it has no effect in dompdf\n"
               "ignored 1:52 gap – it has no effect in dompdf\n"
               "ignored 3:6 width: 50vw – dompdf does not know this value and drops it\n"
               "ignored 3:38 colr – it has no effect in dompdf\n");
    check_close(&c);
}

void test_check_tells_where_facteur_differs_on_purpose(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(found(&c,
                     "<p style='font-weight: 600'>a</p><p style='font-weight:lighter'>b"
                     "<b style='font-weight:700'>c</b>"),
               "differs 1:11 font-weight: 600 – drawn in the same family, bold; dompdf "
               "takes Times-Bold\n"
               "differs 1:44 font-weight: lighter – drawn in the same family, normal; "
               "dompdf takes Times-Bold\n");
    assert_str(
        found(&c, "<style>div { display: flex; padding: 2vh 1pt }</style>"),
        "ignored 1:14 display: flex – dompdf stacks the children as blocks\n"
        "ignored 1:29 padding: 2vh 1pt – dompdf does not know this value and drops "
        "it\n");
    check_close(&c);
}

void test_check_tells_media_that_apply_from_those_that_do_not(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(
        found(&c, "<style>@media only print and (color), speech { }</style>"),
        "ignored 1:8 @media only print and (color), speech – dompdf does not apply "
        "it\n");
    assert_str(found(&c, "<style>@media print, screen { }</style>"),
               "error 1:8 @media print, screen – this at-rule is not supported\n");
    assert_str(found(&c, "<style>@media not print { }</style>"),
               "error 1:8 @media not print – this at-rule is not supported\n");
    assert_str(found(&c, "<style>@page :first { margin: 0 }</style>"),
               "error 1:8 @page :first – this at-rule is not supported\n");
    check_close(&c);
}

void test_check_leaves_to_run_time_what_an_echo_makes(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(found(&c, "<style>p { color: \x1A  ; width: \x1A px; font-size: 1\x1A;"
                         " \x1A : 1px; border: 1px \x1A red }\n"
                         ".\x1A:foo { margin: 1px } \x1A  \n p { padding: 0 }\n"
                         "i { color: \f red \f blue \f ; \f margin: 0; \f } \x1A</style>"
                         "<p style='\x1A' \x1A>\x1A</p><h\x1A></h\x1A>"),
               "");
    assert_str(
        found(&c, "<style>p { color: \x1A; left: \x1A } i { \f top: 0 \f }</style>"),
        "error 1:22 left – this property is not supported\n"
        "error 1:38 top – this property is not supported\n");
    check_close(&c);
}

void test_rendering_judges_what_the_check_left_open(void **state)
{
    (void)state;
    struct check c = check_open();
    struct arena tmp = arena_open(64 << 20);
    static const char *const cases[] = {"clear: \x1A", "clear: wide \f left", "left: 0"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error e = {0};
        struct str pdf, html = str_fmt(&c.a, "<p>\n<b style='%s'>x</b>", cases[i]);
        struct pdf_input in = {.html = html, .view = "view"};
        assert_false(pdf_render(c.pdf, &in, &c.a, tmp, &pdf, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_true(e.line == 2 && e.col == 11);
    }
    arena_close(&tmp);
    check_close(&c);
}

void test_check_places_are_those_of_the_file(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(
        found(&c, "<style>\r\np { color: \x1A; /* \xFF \xC3\xA9 */\r\n  left: 0 }\r\n"
                  "</style><p style='color: \x1A; top: 0; color: \x1A&amp;'>&amp;</p>"),
        "error 3:3 left – this property is not supported\n"
        "error 4:31 top – this property is not supported\n");
    check_close(&c);
}

void test_check_reads_a_piece_that_begins_within_a_table(void **state)
{
    (void)state;
    struct check c = check_open();
    assert_str(found(&c, "\n<td style='top: 0'>x</td>"),
               "error 2:12 top – this property is not supported\n");
    assert_str(found(&c, "\f    <tr style='top: 0'><td style='left: 0'>x</td></tr>"),
               "error 1:17 top – this property is not supported\n"
               "error 1:36 left – this property is not supported\n");
    check_close(&c);
}
