/* fuzz_layout: any bytes draw a document of what is laid out: styles, lists, tables,
 * floats, page breaks. It ends, in bounded memory; it has no more pages than content; and
 * no text stands in a page's margins. */
#include <stdlib.h>

#include "pdf/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH = 6, TEXTS = 400, WIDTH = 400, HEIGHT = 500, MARGIN = 40 };

struct drawing_bytes {
    const uint8_t *at;
    size_t left;
    struct buf *html;
    int depth, texts;
};

static unsigned next(struct drawing_bytes *d, unsigned below)
{
    if (!d->left)
        return 0;
    d->left--;
    return *d->at++ % below;
}

static const char *const tags[] = {"p",  "div", "h2",      "ul", "ol",     "blockquote",
                                   "li", "pre", "section", "b",  "strong", "em"};
static const char *const styles[] = {
    "margin:%upt",
    "margin-top:%upt",
    "margin-bottom:%upt",
    "padding:%upt",
    "padding-bottom:%upt",
    "border:1px solid;margin-left:%upt",
    "text-align:justify;text-indent:%upt",
    "font-size:%upt",
    "line-height:%u.3pt",
    "page-break-before:always;margin-right:%upt",
    "page-break-after:always;margin-top:%upt",
    "page-break-after:avoid;margin-top:%upt",
    "page-break-inside:avoid;margin-top:%upt",
    "page-break-before:avoid;margin-top:%upt",
    "orphans:%u",
    "display:inline-block;margin-right:%upt",
    "float:left;width:80pt;margin-right:%upt",
    "float:right;width:90pt;margin-left:%upt",
    "clear:both;margin-top:%upt",
    "white-space:pre-line;margin-top:%upt",
};
static const char *const texts[] = {
    "un ",
    "deux mots ",
    "porte-à-faux ",
    "Grundstücksverkehrsgenehmigungs- ",
    "\n",
    "Łódź → ✓ ",
    "<br>",
    "a&shy;b&nbsp;c ",
    "quelques mots de plus pour remplir une ligne entière "};

static void element(struct drawing_bytes *d);

static void content(struct drawing_bytes *d)
{
    for (unsigned n = 1 + next(d, 6); n > 0 && d->texts < TEXTS; n--) {
        d->texts++;
        if (d->depth < DEPTH && next(d, 3) == 0)
            element(d);
        else
            buf_add(d->html, str_from(texts[next(d, COUNT(texts))]));
    }
}

static void style(struct drawing_bytes *d)
{
    buf_add(d->html, S(" style=\""));
    for (unsigned n = next(d, 3); n > 0; n--) {
        char one[64];
        snprintf(one, sizeof(one), styles[next(d, COUNT(styles))], 4 + next(d, 12));
        buf_fmt(d->html, "%s;", one);
    }
    buf_add(d->html, S("\""));
}

static void table(struct drawing_bytes *d)
{
    unsigned columns = 1 + next(d, 3), head = next(d, 2);
    buf_fmt(d->html, "<table>%s", head ? "<thead><tr><th>N</th></tr></thead>" : "");
    for (unsigned rows = next(d, 8); rows > 0; rows--) {
        buf_add(d->html, S("<tr"));
        style(d);
        buf_add(d->html, S(">"));
        for (unsigned i = 0; i < columns; i++)
            buf_fmt(d->html, "<td>%s</td>", texts[next(d, COUNT(texts))]);
        buf_add(d->html, S("</tr>"));
    }
    buf_add(d->html, S("</table>"));
}

static void element(struct drawing_bytes *d)
{
    unsigned which = next(d, COUNT(tags) + 1);
    if (which == COUNT(tags)) {
        table(d);
        return;
    }
    d->depth++;
    buf_fmt(d->html, "<%s", tags[which]);
    style(d);
    buf_add(d->html, S(">"));
    content(d);
    buf_fmt(d->html, "</%s>", tags[which]);
    d->depth--;
}

/* inside tells whether a text stands between the page's upper and lower margin. */
static bool inside(const struct mark *m)
{
    return m->y > MARGIN - 1e-6 && m->y < HEIGHT - MARGIN + 1e-6;
}

/* strays tells of what dompdf lets stand outside: an inline block stands on 0.8 of its
 * line's height, which it makes itself, and reaches above it; a float that finds no room
 * beside another goes down after the page was asked. */
static bool strays(const struct buf *html)
{
    struct str s = {html->ptr, html->len};
    return str_has(s, S("inline-block")) || str_has(s, S("float:"));
}

static void look(const struct document *doc, const struct buf *html, int drawn)
{
    if (doc->pages.at.len > (size_t)(2 * drawn + 4)) {
        fprintf(stderr, "%zu pages of %d texts:\n%.*s\n", doc->pages.at.len, drawn,
                (int)html->len, html->ptr);
        abort();
    }
    for (size_t i = 0; i < doc->pages.at.len && !strays(html); i++)
        for (size_t k = 0; k < doc->pages.at.at[i].marks.len; k++) {
            const struct mark *m = &doc->pages.at.at[i].marks.at[k];
            if (m->kind != MARK_TEXT || inside(m))
                continue;
            fprintf(stderr, "page %zu: \"%.*s\" at %.2f:\n%.*s\n", i + 1,
                    STR_ARG(m->text->text), m->y, (int)html->len, html->ptr);
            abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdf *pdf;
    static struct arena perm;
    static jmp_buf full;
    struct error e = {0};
    if (!pdf) {
        pdf = pdf_new(&e);
        perm = arena_open(256 << 20);
        if (!pdf)
            abort();
    }
    arena_guard(&perm, &full);
    if (setjmp(full) == 0) {
        struct buf html = buf_new(&perm, 1 << 20);
        struct drawing_bytes d = {.at = data, .left = size, .html = &html};
        buf_fmt(&html, "<style>@page { margin: %dpt } body { margin: 0 }</style>",
                MARGIN);
        while (d.left && d.texts < TEXTS)
            element(&d);
        struct document doc = {.source = {.text = buf_str(&html), .first = &e}};
        struct pdf_input in = {.width = WIDTH, .height = HEIGHT};
        if (document_read(pdf, &doc, &perm, &e) && e.kind == ERR_NONE &&
            document_layout(pdf, &doc, &in, &perm, &e))
            look(&doc, &html, d.texts);
    } else {
        abort(); /* such a document is small */
    }
    arena_reset(&perm);
    return 0;
}
