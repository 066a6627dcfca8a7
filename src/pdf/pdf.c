/* pdf.c: the stages in their order. */
#include <stdlib.h>

#include "pdf/document.h"
#include "pdf/findings.h"

enum { A4_WIDTH_100 = 59528, A4_HEIGHT_100 = 84189, UA_ARENA = 1 << 20 };

struct pdf {
    struct fonts *fonts;
    struct embeds *kept;
    struct arena perm;
    struct sheet ua; /* browser defaults, parsed once */
};

struct pdf *pdf_new(struct error *e)
{
    struct pdf *p = calloc(1, sizeof(*p));
    if (p)
        p->kept = embeds_new();
    if (!p || !p->kept) {
        free(p);
        err_set(e, ERR_FATAL, "no memory for the PDF renderer");
        return NULL;
    }
    p->fonts = fonts_new(e);
    if (!p->fonts) {
        embeds_drop(p->kept);
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
    embeds_drop(p->kept);
    fonts_drop(p->fonts);
    arena_close(&p->perm);
    free(p);
}

size_t pdf_fonts_made(const struct pdf *p)
{
    return embeds_state(p->kept).made;
}

/* === style sheets === */

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
        if (n->tag.len)
            element_judge(s, n->tag, n->at);
        if (!str_eq(n->tag, S("style")) || !n->first)
            continue;
        css_parse(s, n->first->text, n->first->at, AUTHOR, sheet, perm);
    }
}

/* === one document === */

/* document_parse makes nodes and rules. */
static bool document_parse(struct pdf *p, struct document *d, const char *context,
                           struct arena *perm, struct error *e)
{
    d->source.perm = perm;
    d->root = nodes_parse(&d->source, context, perm, e);
    if (!d->root)
        return false;
    d->body = node_named(d->root, "body");
    for (size_t i = 0; i < p->ua.rules.len; i++)
        VEC_PUSH(perm, &d->sheet.rules, p->ua.rules.at[i]);
    read_sheets(&d->source, d->root, &d->sheet, perm);
    return true;
}

bool document_read(struct pdf *p, struct document *d, struct arena *perm, struct error *e)
{
    if (!document_parse(p, d, NULL, perm, e))
        return false;
    if (!d->body)
        return err_set(e, ERR_JOB, "the document has no <body>");
    styles_compute(&d->source, d->root, &d->sheet, perm);
    style_page(&d->source, d->root, d->page);
    return true;
}

/* === checking === */

/* Of what is ignored, one finding for each construct is enough. */
struct checking {
    finding_fn *report;
    void *arg;
    struct arena *perm;
    struct map ignored;
};

static void report_once(void *arg, const struct finding *f)
{
    struct checking *c = arg;
    if (f->severity == FINDING_IGNORED) {
        struct str text = str_copy(c->perm, str_from(f->text));
        if (map_lookup(&c->ignored, text))
            return;
        map_put(c->perm, &c->ignored, text, c);
    }
    c->report(c->arg, f);
}

/* context_of tells where a piece of a document belongs that begins inside a table, as an
 * included view may; elsewhere HTML would drop its rows. NULL: it is no such piece. */
static const char *context_of(struct str html)
{
    static const struct {
        struct str tag;
        const char *context;
    } tags[] = {{{"<tr", 3}, "tbody"},    {{"<td", 3}, "tr"},
                {{"<th", 3}, "tr"},       {{"<thead", 6}, "table"},
                {{"<tbody", 6}, "table"}, {{"<tfoot", 6}, "table"}};
    html = str_trim(html);
    for (size_t i = 0; i < COUNT(tags); i++) {
        size_t len = tags[i].tag.len;
        if (str_ieq(str_sub(html, 0, len), tags[i].tag) && html.len > len &&
            memchr("> \t\r\n\f/", html.ptr[len], 7))
            return tags[i].context;
    }
    return NULL;
}

/* judge finds all that is wrong with what document_parse made. What styles and boxes are
 * made for here are the boxes' own findings: the declarations have been judged. */
static bool judge(struct document *d, struct arena *perm, struct error *e)
{
    struct source quiet = d->source;
    quiet.report = NULL;
    styles_judge(&d->source, d->root, &d->sheet, perm);
    styles_compute(&quiet, d->root, &d->sheet, perm);
    style_page(&d->source, d->root, d->page);
    differ_judge(&d->source, d->root, d->body, true);
    if (!d->body)
        return true;
    return boxes_build(&d->source, d->body, perm, e) != NULL;
}

bool pdf_check(struct pdf *p, struct str html, const char *view, finding_fn *report,
               void *arg)
{
    struct arena perm = arena_open((size_t)1 << 30);
    struct error e = {0};
    struct checking c = {.report = report, .arg = arg, .perm = &perm};
    struct document d = {.source = {.text = html,
                                    .file = view,
                                    .report = report_once,
                                    .arg = &c,
                                    .skeleton = true}};
    bool ok = document_parse(p, &d, context_of(html), &perm, &e) &&
              judge(&d, &perm, &e) && d.source.errors == 0;
    if (e.kind != ERR_NONE) {
        struct finding f = {FINDING_ERROR, view, 0, 0, e.text};
        report(arg, &f);
    }
    arena_close(&perm);
    return ok;
}

bool document_layout(struct pdf *p, struct document *d, const struct pdf_input *in,
                     struct arena *perm, struct error *e)
{
    struct layout l = {.fonts = p->fonts, .source = &d->source, .perm = perm, .e = e};
    l.question_marks = in->question_marks;
    d->boxes = boxes_build(&d->source, d->body, perm, e);
    return d->boxes && e->kind == ERR_NONE &&
           pages_layout(&l, d->boxes, d->page, in->width, in->height, &d->pages);
}

bool pdf_render(struct pdf *p, const struct pdf_input *input, struct arena *perm,
                struct arena tmp, struct str *out, struct error *e)
{
    struct pdf_input in = *input;
    in.width = in.width > 0 ? in.width : A4_WIDTH_100 / 100.0;
    in.height = in.height > 0 ? in.height : A4_HEIGHT_100 / 100.0;
    struct document d = {
        .source = {.text = in.html, .data = in.data, .file = in.view, .first = e}};
    if (!document_read(p, &d, &tmp, e) || e->kind != ERR_NONE)
        return false;
    page_size(&d.sheet, &in.width, &in.height);
    /* What the check lets through surprises only by its characters. */
    d.source.report = in.report;
    d.source.arg = in.arg;
    if (in.report)
        differ_judge(&d.source, d.root, d.body, false);
    if (!document_layout(p, &d, &in, &tmp, e))
        return false;
    const struct node *title = node_named(d.root, "title");
    struct str name = title ? str_trim(node_text(title, &tmp)) : S("");
    struct print print = {
        .pages = &d.pages, .input = &in, .kept = p->kept, .title = name};
    return draw_pdf(p->fonts, &print, perm, out, e);
}
