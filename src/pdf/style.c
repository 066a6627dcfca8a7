/* style.c: the cascade: which declarations reach an element, in which order (CSS 2.1,
 * 6.4; dompdf lets "!important" win over a style attribute). */
#include "pdf/style.h"
#include "pdf/findings.h"

/* Browser defaults as dompdf has them, as a style sheet. */
const char ua_sheet[] =
    "html, body, article, aside, details, div, dt, figcaption, footer, form, header, "
    "hgroup, main, nav, section, summary, p, dl, dd, blockquote, figure, address, "
    "center, "
    "h1, h2, h3, h4, h5, h6, pre, ul, ol, menu, dir, hr { display: block }"
    "head, title, style, script, meta, link, base, template, param { display: none }"
    "li { display: list-item } table { display: table }"
    "thead, tbody, tfoot { display: table-row-group } tr { display: table-row }"
    "td, th { display: table-cell }"
    "h1 { font-size: 2em; margin: .67em 0 } h2 { font-size: 1.5em; margin: .83em 0 }"
    "h3 { font-size: 1.17em; margin: 1em 0 } h4 { margin: 1.33em 0 }"
    "h5 { font-size: .83em; margin: 1.67em 0 } h6 { font-size: .67em; margin: 2.33em 0 }"
    "h1, h2, h3, h4, h5, h6, b, strong, th { font-weight: bold }"
    "p, ul, ol, menu, dir, dl, pre { margin: 1em 0 } dd { margin-left: 40px }"
    "ul, ol, menu, dir { padding-left: 40px } blockquote, figure { margin: 1em 40px }"
    "blockquote[type=cite] { margin: 1em 0; padding-left: 1em; border-left: thin solid "
    "blue }"
    ":matches(ul, ol, dir, menu, dl) ul, :matches(ul, ol, dir, menu, dl) ol, "
    ":matches(ul, ol, dir, menu, dl) dir, :matches(ul, ol, dir, menu, dl) menu, "
    ":matches(ul, ol, dir, menu, dl) dl { margin-top: 0; margin-bottom: 0 }"
    "ul, menu, dir { list-style-type: disc } ol { list-style-type: decimal }"
    ":matches(ul, ol, dir, menu) ul, :matches(ul, ol, dir, menu) menu, "
    ":matches(ul, ol, dir, menu) dir { list-style-type: circle }"
    ":matches(ul, ol, dir, menu) :matches(ul, ol, dir, menu) ul, "
    ":matches(ul, ol, dir, menu) :matches(ul, ol, dir, menu) menu, "
    ":matches(ul, ol, dir, menu) :matches(ul, ol, dir, menu) dir { list-style-type: "
    "square }"
    "hr { height: 0; margin: .5em auto; border: 1px inset }"
    "hr[size=1] { border-style: solid none none none }"
    "pre, code, kbd, samp, tt { font-family: fixed } pre { white-space: pre }"
    "nobr { white-space: nowrap }"
    "i, em, address, cite, dfn, var { font-style: italic } center { text-align: center }"
    ":link { color: #00c; text-decoration: underline }"
    "u, ins { text-decoration: underline } s, strike, del { text-decoration: "
    "line-through }"
    "small { font-size: smaller } big { font-size: larger }"
    "sub { vertical-align: sub } sup { vertical-align: super }"
    "sub, sup { font-size: smaller; line-height: normal }"
    "mark { background: yellow; color: black }"
    "table { border-spacing: 2px; border-collapse: separate; margin-top: 0; "
    "margin-bottom: 0; text-indent: 0; text-align: left }"
    "table[border] { border: outset gray }"
    "table[border] td, table[border] th { border: 1px inset gray }"
    "table[border='0'] td, table[border='0'] th { border-width: 0 }"
    "thead, tbody, tfoot { vertical-align: middle }"
    "tr, td, th { vertical-align: inherit; background: inherit }"
    "td, th { padding: 1px } td { text-align: inherit } th { text-align: center }";

enum { KIN_KEY_MAX = 1 << 16 };

struct match {
    const struct declaration *d;
    int level; /* of origin and importance */
    int specificity;
    size_t order; /* of the selector */
};

/* What a selector asks beyond tag, class and id: do its first parts end at the element?
 */
struct probe {
    const struct selector *selector;
    size_t parts;
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
    VEC(struct probe) probes;
};

/* Elements that no selector can tell apart share their style: of the same tag, id, class
 * and hints, equal to every probe, without a style of their own, and with parents who are
 * kin. */
struct kin {
    uint64_t id;
    const struct style *style;
};

static bool stronger(const struct match *a, const struct match *b)
{
    if (a->level != b->level)
        return a->level > b->level;
    if (a->specificity != b->specificity)
        return a->specificity > b->specificity;
    return a->order > b->order;
}

/* add keeps the list sorted; it is short. */
static void add(struct cascade *c, const struct declaration *d, int level,
                int specificity, size_t order)
{
    struct match m = {d, d->important ? level + 10 : level, specificity, order};
    size_t i = c->len++;
    while (i > 0 && stronger(&c->matches[i - 1], &m)) {
        c->matches[i] = c->matches[i - 1];
        i--;
    }
    c->matches[i] = m;
}

static void collect_rule(struct cascade *c, const struct rule *r, const struct node *n)
{
    const struct selector *best = NULL;
    for (size_t i = 0; i < r->selectors_len; i++) {
        const struct selector *s = &r->selectors[i];
        bool better = !best || s->specificity > best->specificity ||
                      (s->specificity == best->specificity && s->order > best->order);
        if (better && selector_matches(s, n))
            best = s;
    }
    for (size_t i = 0; best && i < r->declarations_len; i++)
        add(c, &r->declarations[i], r->origin, best->specificity, best->order);
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

/* kin_of finds what is known of an element's kin, which may be a new one. */
static struct kin *kin_of(struct cascade *c, const struct node *n, struct str hints)
{
    struct buf key = buf_new(c->perm, KIN_KEY_MAX);
    uint64_t parent = n->parent ? n->parent->kin : 0;
    buf_add(&key, (struct str){(const char *)&parent, sizeof(parent)});
    const struct str parts[] = {n->tag, n->id, n->class_list, hints};
    for (size_t i = 0; i < COUNT(parts); i++) {
        buf_add(&key, parts[i]);
        buf_byte(&key, '\0');
    }
    for (size_t i = 0; i < c->probes.len; i++) {
        struct probe p = c->probes.at[i];
        buf_byte(&key, selector_matches_to(p.selector, p.parts, n) ? '1' : '0');
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

/* in_page: can the declaration stand in @page? Its size is read by page_size. */
static bool in_page(struct source *s, const struct declaration *d)
{
    double width = 0, height = 0;
    if (str_eq(d->name, S("size"))) {
        if (!page_size_parse(d->value, &width, &height))
            value_unknown(s, d);
        return false;
    }
    if (str_starts(d->name, S("margin")) || property_inherited(d->name))
        return true;
    property_in_page(s, d);
    return false;
}

/* page_rules: as in dompdf the root element is the page: what @page says is weaker than
 * what any rule says of the root, "* { margin: 0 }" too. */
static void page_rules(struct cascade *c)
{
    for (size_t i = 0; i < c->sheet->page.len; i++)
        if (in_page(c->source, &c->sheet->page.at[i]))
            add(c, &c->sheet->page.at[i], PAGE, 0, i);
}

/* Declarations of one element alone. */
struct own {
    struct declaration *at;
    size_t len;
};

static struct own own_of(struct cascade *c, struct str text, size_t at)
{
    struct own own = {NULL, 0};
    if (text.len)
        css_declarations(c->source, text, at, &own.at, &own.len, c->perm);
    return own;
}

static void compute(struct cascade *c, struct node *n, const struct style *parent)
{
    struct str text = hints_of(n, c->perm);
    struct kin *kin = kin_of(c, n, text);
    n->kin = kin->id;
    n->computed = (struct style *)kin->style;
    if (n->computed)
        return;
    struct own hints = own_of(c, text, n->at);
    struct own style = own_of(c, n->style, n->style_at);
    c->len = 0;
    reserve(c, hints.len + style.len);
    if (!n->parent)
        page_rules(c);
    for (size_t i = 0; i < c->sheet->rules.len; i++)
        collect_rule(c, &c->sheet->rules.at[i], n);
    for (size_t i = 0; i < hints.len; i++) {
        hints.at[i].at = n->at;
        add(c, &hints.at[i], HINT, 0, i);
    }
    for (size_t i = 0; i < style.len; i++)
        add(c, &style.at[i], STYLE_ATTRIBUTE, 0, i);
    struct style *s = NEW(c->perm, struct style, 1);
    *s = inherit(parent);
    for (int i = 0; !n->parent && i < 4; i++)
        s->margin[i] = (struct length){LENGTH_PT, 12 * 72 / 25.4}; /* 1.2 cm */
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

/* find_probes lists what a style may depend on besides tags, classes and ids. */
static void find_probes(struct cascade *c, const struct rule *r)
{
    for (size_t i = 0; i < r->selectors_len; i++)
        for (size_t k = 0; k < r->selectors[i].len; k++) {
            struct probe p = {&r->selectors[i], k + 1};
            if (p.selector->parts[k].special)
                VEC_PUSH(c->perm, &c->probes, p);
        }
}

void styles_compute(struct source *s, struct node *root, const struct sheet *sheet,
                    struct arena *perm)
{
    struct cascade c = {.source = s, .sheet = sheet, .perm = perm};
    struct style base = style_default();
    c.declarations = sheet->page.len;
    for (size_t i = 0; i < sheet->rules.len; i++) {
        c.declarations += sheet->rules.at[i].declarations_len;
        find_probes(&c, &sheet->rules.at[i]);
    }
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
    struct str hints = hints_of(n, perm);
    if (hints.len) {
        css_declarations(s, hints, n->at, &own, &len, perm);
        for (size_t i = 0; i < len; i++)
            own[i].at = n->at;
        judge(s, own, len);
    }
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
    for (size_t i = 0; i < sheet->page.len; i++)
        if (in_page(s, &sheet->page.at[i]))
            judge(s, &sheet->page.at[i], 1);
    judge_below(s, root, perm);
}

void style_page(struct source *s, const struct node *root, double out[4])
{
    for (int i = 0; i < 4; i++) {
        struct length l = root->computed->margin[i];
        if (l.unit == LENGTH_PERCENT)
            source_find(s, FINDING_ERROR, root->at,
                        "the page's margin in %% – this value is not supported");
        out[i] = l.unit == LENGTH_PT ? l.value : 0;
    }
}
