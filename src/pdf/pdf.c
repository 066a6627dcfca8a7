/* pdf.c: the stages in their order. */
#include <malloc.h>
#include <stdlib.h>

#include "pdf/pdf_imp.h"

enum {
    A4_WIDTH_100 = 59528,
    A4_HEIGHT_100 = 84189,
    UA_ARENA = 1 << 20,
    KEPT_BYTES = 8 << 20
};

struct pdf {
    struct fonts *fonts;
    struct arena perm;
    struct sheet ua; /* browser defaults, parsed once */
};

struct pdf *pdf_new(struct error *e)
{
    /* What libharu takes for a letter and gives back stays with the process for the next.
     */
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    struct pdf *p = calloc(1, sizeof(*p));
    if (!p) {
        err_set(e, ERR_FATAL, "no memory for the PDF renderer");
        return NULL;
    }
    p->fonts = fonts_new(e);
    if (!p->fonts) {
        free(p);
        return NULL;
    }
    p->perm = arena_open(UA_ARENA);
    struct source none = {.text = S("")};
    css_parse(&none, str_from(ua_sheet), 0, USER_AGENT, &p->ua, &p->perm);
    return p;
}

void pdf_drop(struct pdf *p)
{
    if (!p)
        return;
    fonts_drop(p->fonts);
    arena_close(&p->perm);
    free(p);
}

/* === elements === */

static const char *const known_tags[] = {
    "html",    "head",    "title",  "style",      "meta",    "body",   "h1",     "h2",
    "h3",      "h4",      "h5",     "h6",         "p",       "div",    "span",   "strong",
    "b",       "em",      "i",      "u",          "ins",     "small",  "ul",     "ol",
    "li",      "table",   "thead",  "tbody",      "tfoot",   "tr",     "td",     "th",
    "br",      "sub",     "sup",    "hr",         "section", "header", "footer", "main",
    "article", "address", "center", "blockquote", "pre",     "code",   "dl",     "dt",
    "dd",      "cite",    "dfn",    "var",        "kbd",     "samp",   "tt",     "a"};

static bool known(struct str tag)
{
    for (size_t i = 0; i < COUNT(known_tags); i++)
        if (str_eq(tag, str_from(known_tags[i])))
            return true;
    return false;
}

static struct node *next_node(struct node *n)
{
    if (n->first)
        return n->first;
    while (n && !n->next)
        n = n->parent;
    return n ? n->next : NULL;
}

/* read_sheets parses every <style>, and reports elements that are not known. */
static void read_sheets(struct source *s, struct node *root, struct sheet *sheet,
                        struct arena *perm)
{
    for (struct node *n = root; n; n = next_node(n)) {
        if (n->tag.len && !known(n->tag))
            source_find(s, FINDING_ERROR, n->at, "<%.*s> – this element is not supported",
                        STR_ARG(n->tag));
        if (!str_eq(n->tag, S("style")) || !n->first)
            continue;
        css_parse(s, n->first->text, n->first->at, AUTHOR, sheet, perm);
    }
}

/* === one document === */

static bool read_document(struct pdf *p, struct document *d, struct arena *perm,
                          struct error *e)
{
    d->source.perm = perm;
    d->root = nodes_parse(&d->source, perm, e);
    if (!d->root)
        return false;
    d->body = node_named(d->root, "body");
    if (!d->body)
        return err_set(e, ERR_JOB, "the document has no <body>");
    for (size_t i = 0; i < p->ua.rules.len; i++)
        VEC_PUSH(perm, &d->sheet.rules, p->ua.rules.at[i]);
    read_sheets(&d->source, d->root, &d->sheet, perm);
    return true;
}

bool document_read(struct pdf *p, struct document *d, struct arena *perm, struct error *e)
{
    if (!read_document(p, d, perm, e))
        return false;
    styles_compute(&d->source, d->root, &d->sheet, perm);
    style_page(&d->source, &d->sheet, d->page);
    return true;
}

/* judge_styles judges each declaration once, whether an element of the view matches its
 * rule or not. */
static void judge_styles(struct document *d, struct arena *perm)
{
    for (size_t i = 0; i < d->sheet.rules.len; i++)
        if (d->sheet.rules.at[i].origin == AUTHOR)
            styles_judge(&d->source, d->sheet.rules.at[i].declarations,
                         d->sheet.rules.at[i].declarations_len);
    for (struct node *n = d->root; n; n = next_node(n)) {
        struct declaration *own;
        size_t len;
        if (!n->style.len)
            continue;
        css_declarations(&d->source, n->style, n->style_at, &own, &len, perm);
        styles_judge(&d->source, own, len);
    }
    style_page(&d->source, &d->sheet, d->page);
}

bool pdf_check(struct pdf *p, struct str html, const char *view, finding_fn *report,
               void *arg)
{
    struct arena perm = arena_open((size_t)1 << 30);
    struct error e = {0};
    struct document d = {
        .source = {.text = html, .file = view, .report = report, .arg = arg}};
    struct source quiet = {.text = html, .perm = &perm};
    bool ok = read_document(p, &d, &perm, &e);
    if (ok) {
        judge_styles(&d, &perm);
        styles_compute(&quiet, d.root, &d.sheet, &perm);
        ok = boxes_build(&d.source, d.body, &perm, &e) && d.source.errors == 0;
    }
    if (e.kind != ERR_NONE) {
        struct finding f = {FINDING_ERROR, view, 0, 0, e.text};
        report(arg, &f);
    }
    arena_close(&perm);
    return ok;
}

bool document_layout(struct pdf *p, struct document *d, const struct pdf_options *o,
                     struct arena *perm, struct error *e)
{
    struct layout l = {.fonts = p->fonts, .source = &d->source, .perm = perm, .e = e};
    l.question_marks = o->question_marks;
    d->boxes = boxes_build(&d->source, d->body, perm, e);
    return d->boxes && e->kind == ERR_NONE &&
           pages_layout(&l, d->boxes, d->page, o->width, o->height, &d->pages);
}

bool pdf_render(struct pdf *p, struct str html, const struct pdf_options *options,
                struct arena *perm, struct arena tmp, struct str *out, struct error *e)
{
    struct pdf_options o = *options;
    o.width = o.width > 0 ? o.width : A4_WIDTH_100 / 100.0;
    o.height = o.height > 0 ? o.height : A4_HEIGHT_100 / 100.0;
    struct document d = {.source = {.text = html, .file = options->view, .first = e}};
    if (!document_read(p, &d, &tmp, e) || e->kind != ERR_NONE)
        return false;
    /* What the check lets through surprises only by its characters. */
    d.source.report = options->report;
    d.source.arg = options->arg;
    if (!document_layout(p, &d, &o, &tmp, e))
        return false;
    const struct node *title = node_named(d.root, "title");
    struct str name = title ? str_trim(node_text(title, &tmp)) : S("");
    return draw_pdf(p->fonts, &d.pages, &o, o.width, o.height, name, perm, out, e);
}
