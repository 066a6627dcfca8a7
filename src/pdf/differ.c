/* differ.c: what is rendered, and not as dompdf renders it: findings, since letters go
 * on. Most of it a view shows before it is rendered; some depends on what a letter holds.
 */
#include <ctype.h>

#include "pdf/findings.h"
#include "pdf/style.h"

struct differ {
    struct source *source;
    const struct node *body;
};

/* name_of writes an element as a finding names it: <div class="box">. */
static const char *name_of(const struct differ *d, const struct node *n)
{
    if (n->class_list.len && n->class_list.len < 80)
        return str_z(d->source->perm, str_fmt(d->source->perm, "<%.*s class=\"%.*s\">",
                                              STR_ARG(n->tag), STR_ARG(n->class_list)));
    return str_z(d->source->perm, str_fmt(d->source->perm, "<%.*s>", STR_ARG(n->tag)));
}

static void find(const struct differ *d, const struct node *n, const char *construct,
                 const char *consequence)
{
    source_find(d->source, FINDING_DIFFERS, n->at, "%s %s – %s", name_of(d, n), construct,
                consequence);
}

static bool is(const struct node *n, const char *tag)
{
    return str_eq(n->tag, str_from(tag));
}

static bool has_border(const struct style *s)
{
    for (int i = 0; i < 4; i++)
        if (s->border[i].width > 0)
            return true;
    return false;
}

/* === tables === */

static bool any_border(const struct node *n)
{
    if (n->computed && has_border(n->computed))
        return true;
    for (const struct node *k = n->first; k; k = k->next)
        if (k->tag.len && !is(k, "table") && any_border(k))
            return true;
    return false;
}

/* count counts the children of a name, and of a second one (which may be NULL). */
static int count(const struct node *n, const char *tag, const char *other)
{
    int found = 0;
    for (const struct node *k = n->first; k; k = k->next)
        found += is(k, tag) || (other && is(k, other));
    return found;
}

/* late_head: a <thead> that rows stand before. */
static bool late_head(const struct node *n)
{
    bool rows = false;
    for (const struct node *k = n->first; k; k = k->next) {
        if (rows && is(k, "thead"))
            return true;
        rows = rows || is(k, "tbody") || is(k, "tr") || is(k, "tfoot");
    }
    return false;
}

static void judge_table(const struct differ *d, const struct node *n)
{
    int rows = count(n, "tr", NULL);
    for (const struct node *k = n->first; k; k = k->next)
        if (is(k, "thead") || is(k, "tbody") || is(k, "tfoot"))
            rows += count(k, "tr", NULL);
    if (n->computed->collapse && any_border(n))
        find(d, n, "with collapsed borders",
             "at the table's outer edges, and at a page's last row, they are drawn half "
             "as wide as dompdf draws them");
    if (late_head(n))
        find(d, n, "with a <thead> behind its rows",
             "it is not repeated on later pages, in dompdf it is");
    if (rows == 0)
        find(d, n, "without rows", "what follows stands up to 1.5 pt higher");
}

static void judge_row(const struct differ *d, const struct node *n)
{
    bool group = is(n, "thead") || is(n, "tbody") || is(n, "tfoot");
    bool empty = group ? count(n, "tr", NULL) == 0 : count(n, "td", "th") == 0;
    /* A piece of a skeleton has its rows elsewhere. */
    if (empty && n->at_end && !(d->source->skeleton && n->first))
        find(d, n, "without cells", "what follows stands up to 1.5 pt elsewhere");
}

/* === boxes === */

static bool floats(const struct node *n)
{
    return n->computed && n->computed->float_side != FLOAT_NONE;
}

static void judge_float(const struct differ *d, const struct node *n)
{
    for (const struct node *k = n->first; k; k = k->next) {
        if (!k->tag.len || !floats(k))
            continue;
        if (n->computed->width.unit == LENGTH_AUTO)
            find(d, n, "floats without a width and holds floats",
                 "what follows it may stand higher or lower than dompdf puts it");
        else if (has_border(n->computed))
            find(d, n, "floats, has a border and holds floats",
                 "what follows it may stand up to 15 pt elsewhere");
        else
            continue;
        return;
    }
}

static void judge_style(const struct differ *d, const struct node *n)
{
    const struct style *s = n->computed;
    bool inside = s->display == DISPLAY_INLINE && s->float_side == FLOAT_NONE;
    if (inside && (!s->background.none || has_border(s)) && !is(n, "br"))
        find(d, n, "has a background or a border and is inline",
             "neither is drawn; dompdf draws both");
    for (int i = 0; i < 4 && s->display == DISPLAY_CELL; i++)
        if (s->padding[i].unit == LENGTH_PERCENT && s->padding[i].value != 0) {
            find(d, n, "with padding in %",
                 "dompdf takes it of the page's size: the cell is larger there");
            return;
        }
}

/* === the tree: gumbo's, where dompdf has libxml2's === */

static void judge_tree(const struct differ *d, const struct node *n)
{
    if (n->from_end_tag)
        source_find(d->source, FINDING_DIFFERS, n->at,
                    "</%.*s> without its start – it makes an empty <%.*s> here and none "
                    "in dompdf: what follows stands lower",
                    STR_ARG(n->tag), STR_ARG(n->tag));
    /* A text that stands in the tree before a table that begins before it. */
    bool moved = n->next && is(n->next, "table") && n->at_late > n->next->at;
    if (n->fostered || moved)
        source_find(d->source, FINDING_DIFFERS, moved ? n->at_late : n->at,
                    "%s directly in a table or a row – it is shown before the table, "
                    "dompdf leaves it out",
                    n->tag.len ? name_of(d, n) : "text");
    if (n->reopened)
        find(d, n, "is not closed where it began",
             "it goes on in what follows; dompdf's parser ends it elsewhere");
}

static bool is_blank_text(const struct node *n)
{
    for (size_t i = 0; i < n->text.len; i++)
        if (!isspace((unsigned char)n->text.ptr[i]))
            return false;
    return true;
}

static bool has_tag(const struct differ *d, const char *tag)
{
    struct str text = d->source->text, wanted = str_from(tag);
    for (size_t i = 0; i + wanted.len <= text.len; i++)
        if (text.ptr[i] == '<' && str_ieq(str_sub(text, i, wanted.len), wanted))
            return true;
    return false;
}

/* judge_early: content in front of <body>, which joins it. */
static void judge_early(const struct differ *d)
{
    const struct node *first = d->body ? d->body->first : NULL;
    bool shown = first && (first->tag.len ||
                           (!is_blank_text(first) && !is_open(d->source, first->text)));
    if (shown && d->body->early && has_tag(d, "<body"))
        source_find(d->source, FINDING_DIFFERS, first->at,
                    "content in front of <body> – dompdf makes a paragraph of it");
}

/* behind finds the offset behind a mark; -1: it is not there. */
static ptrdiff_t behind(struct str s, const char *mark)
{
    ptrdiff_t at = str_find(s, str_from(mark));
    return at < 0 ? -1 : at + (ptrdiff_t)strlen(mark);
}

/* skip_end moves behind blanks, comments and the end of <html>. */
static size_t skip_end(struct str s, size_t at)
{
    for (;;) {
        struct str rest = str_skip(s, at);
        ptrdiff_t end = -1;
        if (str_starts(rest, S("<!--")))
            end = behind(rest, "-->");
        else if (str_ieq(str_sub(rest, 0, 6), S("</html")))
            end = behind(rest, ">");
        if (end >= 0)
            at += (size_t)end;
        else if (rest.len && isspace((unsigned char)rest.ptr[0]))
            at++;
        else
            return at;
    }
}

/* judge_late: content behind </body>, likewise. */
static void judge_late(const struct differ *d)
{
    struct str s = d->source->text;
    size_t at = d->body ? d->body->at_end : 0;
    ptrdiff_t end = at ? str_find(str_skip(s, at), S(">")) : -1;
    if (end < 0)
        return;
    at = skip_end(s, at + (size_t)end + 1);
    if (at < s.len && !is_open(d->source, str_sub(s, at, 1)))
        source_find(d->source, FINDING_DIFFERS, at,
                    "content behind </body> – dompdf makes a paragraph of it");
}

static void judge_below(const struct differ *d, const struct node *n, bool all)
{
    judge_tree(d, n);
    if (n->tag.len && n->computed && n->computed->display != DISPLAY_NONE) {
        if (is(n, "table"))
            judge_table(d, n);
        if (is(n, "tr") || is(n, "thead"))
            judge_row(d, n);
        if (floats(n))
            judge_float(d, n);
        if (all)
            judge_style(d, n);
    }
    for (const struct node *k = n->first; k; k = k->next)
        judge_below(d, k, all);
}

/* === the source itself === */

/* name_len is the length of an entity's name behind "&"; 0: it ends with ";", or is none.
 */
static size_t name_len(struct str s)
{
    size_t n = 0;
    while (n < s.len && isalnum((unsigned char)s.ptr[n]))
        n++;
    bool named = n > 1 && isalpha((unsigned char)s.ptr[0]);
    return named && (n == s.len || s.ptr[n] != ';') ? n : 0;
}

/* judge_entities: gumbo knows some names without ";", libxml2 none. What is written out
 * in the text was not taken for one. */
static void judge_entities(const struct differ *d, const struct node *n)
{
    struct str s = n->tag.len || !n->at_end
                       ? S("")
                       : str_sub(d->source->text, n->at, n->at_end - n->at);
    for (size_t i = 0; i < s.len; i++) {
        size_t len = s.ptr[i] == '&' ? name_len(str_skip(s, i + 1)) : 0;
        struct str name = str_sub(s, i, len + 1);
        if (len == 0 || str_has(n->text, name))
            continue;
        source_find(d->source, FINDING_DIFFERS, n->at + i,
                    "%.*s without \";\" – read as a character here, dompdf's parser "
                    "leaves it as it is",
                    STR_ARG(name));
    }
    for (const struct node *k = n->first; k; k = k->next)
        judge_entities(d, k);
}

/* judge_charset: libxml2 reads what stands before the encoding's name as Latin-1. */
static void judge_charset(const struct differ *d)
{
    struct str s = d->source->text;
    for (size_t i = 0; i + 8 < s.len; i++) {
        if (s.ptr[i] != '<' || !str_ieq(str_sub(s, i, 5), S("<meta")))
            continue;
        ptrdiff_t end = str_find(str_skip(s, i), S(">"));
        struct str tag = str_sub(s, i, end < 0 ? 0 : (size_t)end);
        for (size_t k = 0; k < i && str_has(tag, S("charset")); k++)
            if ((unsigned char)s.ptr[k] >= 0x80 &&
                !is_open(d->source, str_sub(s, k, 3))) {
                source_find(d->source, FINDING_DIFFERS, k,
                            "letters beyond ASCII before <meta charset> – dompdf's "
                            "parser may read them in another encoding");
                return;
            }
        return;
    }
}

static bool is_table_part(struct str name)
{
    static const char *const parts[] = {"td", "th", "tr", "tbody", "thead", "tfoot"};
    for (size_t i = 0; i < COUNT(parts); i++)
        if (str_ieq(name, str_from(parts[i])))
            return true;
    return false;
}

static bool stands_at(const struct node *n, size_t at)
{
    if (n->tag.len && n->at == at)
        return true;
    for (const struct node *k = n->first; k; k = k->next)
        if (stands_at(k, at))
            return true;
    return false;
}

/* judge_lost: a part of a table outside of one is no element of the tree. What is a piece
 * of a document, its table may stand around. */
static void judge_lost(const struct differ *d, const struct node *root)
{
    struct str s = has_tag(d, "<html") || has_tag(d, "<body") ? d->source->text : S("");
    for (size_t i = 0; i + 3 < s.len; i++) {
        size_t n = 0;
        if (str_starts(str_skip(s, i), S("<!--"))) {
            ptrdiff_t end = str_find(str_skip(s, i), S("-->"));
            i = end < 0 ? s.len : i + (size_t)end;
            continue;
        }
        if (s.ptr[i] != '<')
            continue;
        while (i + 1 + n < s.len && isalpha((unsigned char)s.ptr[i + 1 + n]))
            n++;
        struct str name = str_sub(s, i + 1, n);
        if (!is_table_part(name) || stands_at(root, i))
            continue;
        source_find(d->source, FINDING_DIFFERS, i,
                    "<%.*s> outside a table – only its content is shown; dompdf fails",
                    STR_ARG(name));
        return;
    }
}

/* judge_strings: a string in a style sheet that a line's end leaves open. */
static void judge_strings(const struct differ *d, const struct node *n)
{
    struct str s = is(n, "style") && n->first ? n->first->text : S("");
    char quote = '\0';
    size_t open = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!quote && str_starts(str_skip(s, i), S("/*"))) {
            ptrdiff_t end = str_find(str_skip(s, i + 2), S("*/"));
            i = end < 0 ? s.len : i + 3 + (size_t)end;
        } else if (c == '\\') {
            i++;
        } else if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? '\0' : c;
            open = i;
        } else if (quote && c == '\n') {
            source_find(d->source, FINDING_DIFFERS, n->first->at + open,
                        "a string that is not closed on its line – dompdf loses the "
                        "whole style sheet");
            return;
        }
    }
    for (const struct node *k = n->first; k; k = k->next)
        judge_strings(d, k);
}

void differ_judge(struct source *s, const struct node *root, const struct node *body,
                  bool all)
{
    struct differ d = {s, body};
    judge_below(&d, root, all);
    judge_early(&d);
    judge_late(&d);
    judge_entities(&d, root);
    if (!all)
        return;
    judge_charset(&d);
    judge_strings(&d, root);
    judge_lost(&d, root);
}

/* === while pages are made === */

void differ_row_span(struct source *s, const struct node *table)
{
    struct differ d = {s, NULL};
    find(&d, table, "with a rowspan over a page's end",
         "dompdf spreads its rows otherwise, up to 300 pt");
}

void differ_split_align(struct source *s, const struct node *n)
{
    struct differ d = {s, NULL};
    find(&d, n, "is an inline-block that a page's end splits",
         "its part on the next page is aligned otherwise than by dompdf");
}
