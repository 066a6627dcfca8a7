/* style.c: the cascade: which declarations reach an element, in which order (CSS 2.1,
 * 6.4; dompdf lets "!important" win over a style attribute). */
#include "pdf/pdf_imp.h"

/* Browser defaults as dompdf has them, as a style sheet. */
const char ua_sheet[] =
    "html, body, div, p, section, header, footer, main, article, address, center, "
    "blockquote, figure, dl, dt, dd, pre, ul, ol, h1, h2, h3, h4, h5, h6, hr, form, "
    "fieldset, nav, aside { display: block }"
    "head, title, style, script, meta, link, base, template { display: none }"
    "li { display: list-item } table { display: table }"
    "thead, tbody, tfoot { display: table-row-group } tr { display: table-row }"
    "td, th { display: table-cell }"
    "h1 { font-size: 2em; margin: .67em 0 } h2 { font-size: 1.5em; margin: .83em 0 }"
    "h3 { font-size: 1.17em; margin: 1em 0 } h4 { margin: 1.33em 0 }"
    "h5 { font-size: .83em; margin: 1.67em 0 } h6 { font-size: .67em; margin: 2.33em 0 }"
    "h1, h2, h3, h4, h5, h6, b, strong, th { font-weight: bold }"
    "p, ul, ol, dl, pre { margin: 1em 0 } ul, ol { padding-left: 40px }"
    "ul ul, ul ol, ol ul, ol ol { margin: 0 } ul { list-style-type: disc }"
    "ol { list-style-type: decimal } dd { margin-left: 40px }"
    "blockquote, figure { margin: 1em 40px }"
    "hr { margin: .5em auto; border: 1px solid #000 }"
    "pre, code, kbd, samp, tt { font-family: monospace } pre { white-space: pre }"
    "i, em, address, cite, dfn, var { font-style: italic } center { text-align: center }"
    "sub { vertical-align: sub } sup { vertical-align: super }"
    "sub, sup { line-height: normal }"
    "ul ul, ol ul { list-style-type: circle }"
    "ul ul ul, ul ol ul, ol ul ul, ol ol ul { list-style-type: square }"
    "small, sub, sup { font-size: smaller } big { font-size: larger } u, ins { "
    "text-decoration: underline }"
    "table { text-align: left; text-indent: 0; border-spacing: 2px }"
    "thead, tbody, tfoot { vertical-align: middle }"
    "th { text-align: center } td, th { padding: 1px }";

enum { KIN_KEY_MAX = 1 << 16 };

struct match {
    const struct declaration *d;
    int level; /* of origin and importance */
    int specificity;
    size_t order;
};

struct cascade {
    struct source *source;
    const struct sheet *sheet;
    struct arena *perm;
    struct match *matches;
    size_t len, cap;
    size_t declarations; /* in the sheet: the ceiling of matches */
    struct map kins;     /* what elements are matched by → struct kin */
    uint64_t kin_ids;
};

/* Elements that no selector can tell apart share their style: of the same tag, id and
 * class, without a style of their own, and with parents who are kin. */
struct kin {
    uint64_t id;
    const struct style *style;
};

static void add(struct cascade *c, const struct declaration *d, int level,
                int specificity, size_t order)
{
    struct match m = {d, d->important ? level + 10 : level, specificity, order};
    /* Insertion keeps the list sorted; it is short. */
    size_t i = c->len++;
    while (i > 0 && (c->matches[i - 1].level > m.level ||
                     (c->matches[i - 1].level == m.level &&
                      c->matches[i - 1].specificity > m.specificity))) {
        c->matches[i] = c->matches[i - 1];
        i--;
    }
    c->matches[i] = m;
}

static void collect_rule(struct cascade *c, const struct rule *r, size_t order,
                         const struct node *n)
{
    int best = -1;
    for (size_t i = 0; i < r->selectors_len; i++)
        if (r->selectors[i].specificity > best && selector_matches(&r->selectors[i], n))
            best = r->selectors[i].specificity;
    if (best < 0)
        return;
    for (size_t i = 0; i < r->declarations_len; i++)
        add(c, &r->declarations[i], r->origin, best, order);
}

static void reserve(struct cascade *c, size_t more)
{
    if (c->declarations + more <= c->cap)
        return;
    c->cap = c->declarations + more;
    c->matches = NEW(c->perm, struct match, c->cap);
}

/* finish computes what depends on several properties. */
static void finish(struct style *s)
{
    for (int i = 0; i < 4; i++) {
        struct border *b = &s->border[i];
        b->solid = b->style != BORDER_NONE;
        b->width = b->line = b->solid ? b->line : 0;
    }
    if (s->line == LINE_NONE)
        return;
    s->lined[s->line] = true;
    s->line_colours[s->line] = s->colour;
}

/* apply sets the font size first, which others are measured in. */
static void apply(struct cascade *c, struct style *s, const struct style *parent,
                  bool root)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < c->len; i++)
            property_apply(c->source, c->matches[i].d, s, parent, pass == 0);
        if (root && pass == 0)
            s->root_size = s->font_size;
    }
    finish(s);
}

static struct style inherit(const struct style *parent)
{
    struct style s = *parent, plain = style_default();
    s.display = DISPLAY_INLINE;
    s.line = LINE_NONE; /* what an ancestor draws reaches all text in it */
    memcpy(s.margin, plain.margin, sizeof(s.margin));
    memcpy(s.padding, plain.padding, sizeof(s.padding));
    memcpy(s.border, plain.border, sizeof(s.border));
    s.width = plain.width;
    s.height = plain.height;
    s.background = plain.background;
    s.valign = plain.valign;
    s.before = s.after = s.inside = BREAK_AUTO;
    s.table_fixed = false;
    s.float_side = FLOAT_NONE;
    s.clear = CLEAR_NONE;
    s.min_width = s.max_width = s.min_height = s.max_height = plain.width;
    return s;
}

/* inherit_in_table: rows and cells take from above what others do not (dompdf's own style
 * sheet says `inherit` there). */
static void inherit_in_table(const struct node *n, struct style *s,
                             const struct style *parent)
{
    bool cell = str_eq(n->tag, S("td")) || str_eq(n->tag, S("th"));
    if (!cell && !str_eq(n->tag, S("tr")))
        return;
    s->valign = parent->valign;
    s->background = parent->background;
}

/* kin_of finds what is known of an element's kin, which may be a new one. */
static struct kin *kin_of(struct cascade *c, const struct node *n)
{
    struct buf key = buf_new(c->perm, KIN_KEY_MAX);
    uint64_t parent = n->parent ? n->parent->kin : 0;
    buf_add(&key, (struct str){(const char *)&parent, sizeof(parent)});
    const struct str parts[] = {n->tag, n->id, n->class_list};
    for (size_t i = 0; i < COUNT(parts); i++) {
        buf_add(&key, parts[i]);
        buf_byte(&key, '\0');
    }
    bool shared = !n->style.len && !key.full;
    struct kin *kin = shared ? map_lookup(&c->kins, buf_str(&key)) : NULL;
    if (kin)
        return kin;
    kin = NEW(c->perm, struct kin, 1);
    kin->id = ++c->kin_ids;
    if (shared)
        map_put(c->perm, &c->kins, buf_str(&key), kin);
    return kin;
}

static void compute(struct cascade *c, struct node *n, const struct style *parent)
{
    struct declaration *own = NULL;
    size_t own_len = 0;
    struct kin *kin = kin_of(c, n);
    n->kin = kin->id;
    n->computed = (struct style *)kin->style;
    if (n->computed)
        return;
    if (n->style.len)
        css_declarations(c->source, n->style, n->style_at, &own, &own_len, c->perm);
    c->len = 0;
    reserve(c, own_len);
    for (size_t i = 0; i < c->sheet->rules.len; i++)
        collect_rule(c, &c->sheet->rules.at[i], i, n);
    for (size_t i = 0; i < own_len; i++)
        add(c, &own[i], 2, 0, i);
    struct style *s = NEW(c->perm, struct style, 1);
    *s = inherit(parent);
    inherit_in_table(n, s, parent);
    apply(c, s, parent, !n->parent);
    n->computed = s;
    kin->style = s;
}

/* compute_below goes down the tree; its depth has the parser's ceiling. */
static void compute_below(struct cascade *c, struct node *n, const struct style *parent)
{
    compute(c, n, parent);
    for (struct node *k = n->first; k; k = k->next)
        if (k->tag.len)
            compute_below(c, k, n->computed);
}

void styles_compute(struct source *s, struct node *root, const struct sheet *sheet,
                    struct arena *perm)
{
    struct cascade c = {.source = s, .sheet = sheet, .perm = perm};
    struct style base = style_default();
    for (size_t i = 0; i < sheet->rules.len; i++)
        c.declarations += sheet->rules.at[i].declarations_len;
    reserve(&c, 0);
    compute_below(&c, root, &base);
}

/* === judging: every declaration once, in the order of the source === */

static void judge(struct source *s, const struct declaration *list, size_t len)
{
    const struct style parent = style_default();
    for (size_t i = 0; i < len; i++) {
        struct style scratch = parent;
        property_apply(s, &list[i], &scratch, &parent, true);
        property_apply(s, &list[i], &scratch, &parent, false);
    }
}

static void judge_below(struct source *s, const struct node *n, struct arena *perm)
{
    struct declaration *own;
    size_t len;
    if (n->style.len) {
        css_declarations(s, n->style, n->style_at, &own, &len, perm);
        judge(s, own, len);
    }
    for (const struct node *k = n->first; k; k = k->next)
        judge_below(s, k, perm);
}

void styles_judge(struct source *s, struct node *root, const struct sheet *sheet,
                  struct arena *perm)
{
    for (size_t i = 0; i < sheet->rules.len; i++)
        if (sheet->rules.at[i].origin == AUTHOR)
            judge(s, sheet->rules.at[i].declarations,
                  sheet->rules.at[i].declarations_len);
    judge_below(s, root, perm);
}

void style_page(struct source *s, const struct sheet *sheet, double out[4])
{
    struct style page = style_default(), parent = page;
    for (int i = 0; i < 4; i++)
        page.margin[i] = (struct length){LENGTH_PT, 12 * 72 / 25.4}; /* 1.2 cm */
    for (size_t i = 0; i < sheet->page.len; i++) {
        const struct declaration *d = &sheet->page.at[i];
        if (str_starts(d->name, S("margin")))
            property_apply(s, d, &page, &parent, false);
        else
            property_in_page(s, d);
    }
    for (int i = 0; i < 4; i++)
        out[i] = page.margin[i].unit == LENGTH_PT ? page.margin[i].value : 0;
}
