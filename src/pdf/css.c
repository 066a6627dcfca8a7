/* css.c: style sheets → rules. Offsets are kept, so that a finding can name its place. */
#include <ctype.h>

#include "pdf/pdf_imp.h"

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

/* without_comments removes comments from a value. */
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
        buf_byte(&b, ' ');
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
}

/* === selectors === */

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

static struct str take_name(struct str *s)
{
    size_t n = 0;
    while (n < s->len && name_char(s->ptr[n]))
        n++;
    struct str name = str_sub(*s, 0, n);
    *s = str_skip(*s, n);
    return name;
}

/* compound parses tag, #id and classes; false: something else stands there. */
static bool compound(struct css *c, struct str *s, struct simple *out, int *specificity)
{
    VEC(struct str) classes = {0};
    bool any = false;
    if (s->len && s->ptr[0] == '*') {
        *s = str_skip(*s, 1);
        any = true;
    } else {
        out->tag = str_lower(c->perm, take_name(s));
        *specificity += out->tag.len != 0;
        any = out->tag.len != 0;
    }
    while (s->len && (s->ptr[0] == '.' || s->ptr[0] == '#')) {
        bool id = s->ptr[0] == '#';
        *s = str_skip(*s, 1);
        struct str name = take_name(s);
        if (!name.len)
            return false;
        if (id)
            out->id = name;
        else
            VEC_PUSH(c->perm, &classes, name);
        *specificity += id ? 10000 : 100;
        any = true;
    }
    out->classes = classes.at;
    out->classes_len = classes.len;
    return any;
}

static bool parse_selector(struct css *c, struct str s, struct selector *out)
{
    VEC(struct simple) parts = {0};
    bool child = false;
    s = str_trim(s);
    while (s.len) {
        struct simple one = {.child = child};
        child = false;
        if (!compound(c, &s, &one, &out->specificity))
            return false;
        VEC_PUSH(c->perm, &parts, one);
        size_t before = s.len;
        s = str_trim(s);
        if (s.len && s.ptr[0] == '>') {
            child = true;
            s = str_trim(str_skip(s, 1));
        } else if (s.len && before == s.len) {
            return false; /* ":hover", "[x]", "+" */
        }
    }
    out->parts = parts.at;
    out->len = parts.len;
    return parts.len > 0 && !child;
}

static void parse_selectors(struct css *c, struct str text, size_t at, struct rule *r)
{
    VEC(struct selector) list = {0};
    struct cut one = {.tail = text, .ok = true};
    while (one.ok) {
        one = str_cut(one.tail, ',');
        struct selector sel = {0};
        struct str s = str_trim(one.head);
        if (parse_selector(c, s, &sel))
            VEC_PUSH(c->perm, &list, sel);
        else
            r->lost = selector_unknown(c->source, at, s) || r->lost;
    }
    r->selectors = list.at;
    r->selectors_len = list.len;
}

static bool has_class(const struct node *n, struct str name)
{
    struct str list = n->class_list;
    while (list.len) {
        size_t len = 0;
        while (len < list.len && !blank(list.ptr[len]))
            len++;
        if (str_eq(str_sub(list, 0, len), name))
            return true;
        list = str_skip(list, len + 1);
    }
    return false;
}

static bool simple_matches(const struct simple *p, const struct node *n)
{
    if ((p->tag.len && !str_eq(p->tag, n->tag)) || (p->id.len && !str_eq(p->id, n->id)))
        return false;
    for (size_t i = 0; i < p->classes_len; i++)
        if (!has_class(n, p->classes[i]))
            return false;
    return true;
}

/* matches_from: does the chain up to part i end at n? A blank tries every ancestor. */
static bool matches_from(const struct selector *sel, size_t i, const struct node *n)
{
    if (!simple_matches(&sel->parts[i], n))
        return false;
    if (i == 0)
        return true;
    for (const struct node *p = n->parent; p; p = p->parent) {
        if (matches_from(sel, i - 1, p))
            return true;
        if (sel->parts[i].child)
            return false;
    }
    return false;
}

bool selector_matches(const struct selector *sel, const struct node *n)
{
    return matches_from(sel, sel->len - 1, n);
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
        parse_selectors(&c, selectors, at, &r);
        block(&c, &r.declarations, &r.declarations_len);
        if (r.selectors_len || r.lost)
            VEC_PUSH(perm, &out->rules, r);
    }
}
