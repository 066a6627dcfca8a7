/* css.c: style sheets → rules. Offsets are kept, so that a finding can name its place. */
#include "pdf/findings.h"
#include "pdf/style.h"

struct css {
    struct source *source;
    struct str text; /* the sheet */
    size_t at, base; /* base: the sheet's offset in the source */
    struct arena *perm;
};

/* === pieces === */

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* skip passes blanks and comments. */
static void skip(struct css *c)
{
    while (c->at < c->text.len) {
        struct str rest = str_skip(c->text, c->at);
        if (blank(rest.ptr[0])) {
            c->at++;
        } else if (str_starts(rest, S("<!--"))) {
            c->at += 4;
        } else if (str_starts(rest, S("-->"))) {
            c->at += 3;
        } else if (str_starts(rest, S("/*"))) {
            ptrdiff_t end = str_find(str_skip(rest, 2), S("*/"));
            c->at = end < 0 ? c->text.len : c->at + 2 + (size_t)end + 2;
        } else {
            return;
        }
    }
}

/* step moves behind one byte, one string or one comment. */
static void step(struct css *c)
{
    char q = c->text.ptr[c->at++];
    if (q == '/' && c->at < c->text.len && c->text.ptr[c->at] == '*') {
        c->at--;
        skip(c);
        return;
    }
    if (q == '\\' && c->at < c->text.len)
        c->at++;
    if (q != '"' && q != '\'')
        return;
    while (c->at < c->text.len && c->text.ptr[c->at] != q)
        c->at += c->text.ptr[c->at] == '\\' ? 2 : 1;
    c->at = c->at < c->text.len ? c->at + 1 : c->text.len;
}

/* until reads to one of the stop characters, outside strings and brackets. */
static struct str until(struct css *c, const char *stops)
{
    size_t from = c->at;
    int depth = 0;
    while (c->at < c->text.len) {
        char ch = c->text.ptr[c->at];
        if (depth == 0 && ch && strchr(stops, ch))
            break;
        depth += ch == '(';
        depth -= ch == ')' && depth > 0;
        step(c);
    }
    return str_trim(str_sub(c->text, from, c->at - from));
}

/* without_comments removes comments from a value, leaving no blank, as dompdf does. */
static struct str without_comments(struct str s, struct arena *perm)
{
    if (!str_has(s, S("/*")))
        return s;
    struct buf b = buf_new(perm, s.len + 1);
    while (s.len) {
        ptrdiff_t open = str_find(s, S("/*"));
        buf_add(&b, open < 0 ? s : str_sub(s, 0, (size_t)open));
        if (open < 0)
            break;
        ptrdiff_t close = str_find(str_skip(s, (size_t)open + 2), S("*/"));
        s = close < 0 ? S("") : str_skip(s, (size_t)open + 2 + (size_t)close + 2);
    }
    return str_trim(buf_str(&b));
}

/* === declarations === */

static bool cut_important(struct str *value)
{
    struct str v = *value;
    ptrdiff_t at = -1, next;
    for (size_t from = 0; (next = str_find(str_skip(v, from), S("!"))) >= 0;) {
        at = (ptrdiff_t)from + next;
        from = (size_t)at + 1;
    }
    if (at < 0 || !str_ieq(str_trim(str_skip(v, (size_t)at + 1)), S("important")))
        return false;
    *value = str_trim(str_sub(v, 0, (size_t)at));
    return true;
}

static void parse_declarations(struct css *c, struct declaration **out, size_t *len)
{
    VEC(struct declaration) list = {0};
    double em = 0;
    for (;;) {
        skip(c);
        while (c->at < c->text.len && c->text.ptr[c->at] == ';') {
            c->at++;
            skip(c);
        }
        if (c->at >= c->text.len || c->text.ptr[c->at] == '}')
            break;
        struct declaration d = {.at = c->base + c->at};
        struct str name = until(c, ":;}");
        if (c->at >= c->text.len || c->text.ptr[c->at] != ':') {
            if (!is_open(c->source, name))
                source_find(c->source, FINDING_IGNORED, d.at,
                            "\"%.*s\" – this is no declaration", STR_ARG(name));
            continue;
        }
        c->at++;
        d.name = str_lower(c->perm, name);
        d.value = without_comments(until(c, ";}"), c->perm);
        d.important = cut_important(&d.value);
        d.em = em;
        if (str_eq(d.name, S("font-size")) || str_eq(d.name, S("font")))
            em = property_block_em(&d, em);
        VEC_PUSH(c->perm, &list, d);
    }
    *out = list.at;
    *len = list.len;
}

void css_declarations(struct source *s, struct str text, size_t base,
                      struct declaration **out, size_t *len, struct arena *perm)
{
    struct css c = {.source = s, .text = text, .base = base, .perm = perm};
    parse_declarations(&c, out, len);
    for (size_t i = 0; i < *len; i++)
        (*out)[i].late = true;
}

/* === selectors === */

/* cut_selector cuts at the next comma outside brackets. */
static struct cut cut_selector(struct str s)
{
    int depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        depth += s.ptr[i] == '(';
        depth -= s.ptr[i] == ')';
        if (s.ptr[i] == ',' && depth <= 0)
            return (struct cut){str_sub(s, 0, i), str_skip(s, i + 1), true};
    }
    return (struct cut){s, S(""), false};
}

/* order_of: rules with the same selector stand together, where its first one stands, as
 * dompdf keeps them. */
static size_t order_of(struct css *c, struct sheet *out, struct str text)
{
    size_t *order = map_lookup(&out->orders, text);
    if (!order) {
        order = NEW(c->perm, size_t, 1);
        *order = ++out->selectors;
        map_put(c->perm, &out->orders, text, order);
    }
    return *order;
}

static void parse_selectors(struct css *c, struct str text, size_t at, struct sheet *out,
                            struct rule *r)
{
    VEC(struct selector) list = {0};
    struct cut one = {.tail = text, .ok = true};
    while (one.ok) {
        one = cut_selector(one.tail);
        struct selector sel = {0};
        struct str s = str_trim(one.head);
        if (selector_parse(s, &sel, c->perm)) {
            sel.order = order_of(c, out, sel.text);
            VEC_PUSH(c->perm, &list, sel);
        } else
            r->lost = selector_unknown(c->source, at, s) || r->lost;
    }
    r->selectors = list.at;
    r->selectors_len = list.len;
}

/* === rules === */

/* skip_block passes "{…}" with what is nested in it. */
static void skip_block(struct css *c)
{
    int depth = 0;
    while (c->at < c->text.len) {
        char ch = c->text.ptr[c->at];
        depth += ch == '{';
        depth -= ch == '}';
        step(c);
        if (ch == '}' && depth <= 0)
            return;
    }
}

static void block(struct css *c, struct declaration **out, size_t *len)
{
    c->at++; /* "{" */
    parse_declarations(c, out, len);
    if (c->at < c->text.len)
        c->at++; /* "}" */
}

static void at_rule(struct css *c, struct sheet *out)
{
    size_t at = c->base + c->at;
    struct str head = until(c, "{;");
    bool page = str_ieq(head, S("@page"));
    if (c->at >= c->text.len || c->text.ptr[c->at] == ';') {
        c->at += c->at < c->text.len;
        at_rule_unknown(c->source, at, head, c->perm);
        return;
    }
    if (page) {
        struct declaration *list;
        size_t len;
        block(c, &list, &len);
        for (size_t i = 0; i < len; i++)
            VEC_PUSH(c->perm, &out->page, list[i]);
        return;
    }
    at_rule_unknown(c->source, at, head, c->perm);
    skip_block(c);
}

void css_parse(struct source *s, struct str text, size_t base, int origin,
               struct sheet *out, struct arena *perm)
{
    struct css c = {.source = s, .text = text, .base = base, .perm = perm};
    for (;;) {
        skip(&c);
        if (c.at >= c.text.len)
            return;
        if (c.text.ptr[c.at] == '@') {
            at_rule(&c, out);
            continue;
        }
        struct rule r = {.origin = origin};
        size_t at = c.base + c.at;
        struct str selectors = without_comments(until(&c, "{"), perm);
        if (c.at >= c.text.len) {
            if (!is_open(s, selectors))
                source_find(s, FINDING_IGNORED, at, "\"%.*s\" – a rule without a block",
                            STR_ARG(selectors));
            return;
        }
        parse_selectors(&c, selectors, at, out, &r);
        block(&c, &r.declarations, &r.declarations_len);
        if (r.selectors_len || r.lost)
            VEC_PUSH(perm, &out->rules, r);
    }
}
