/* property.c: the table of properties, and those of fonts and text. A new property is a
 * row here, its function (that of a box in property_box.c), a test in test_pdf_style.c. A
 * value is set, dropped as dompdf drops it, or told as lacking. */
#include <stddef.h>

#include "pdf/findings.h"
#include "pdf/property.h"

/* === fonts === */

static const struct keyword families[] = {
    {"dejavu serif", FAMILY_SERIF},    {"dejavu sans", FAMILY_SANS},
    {"dejavu sans mono", FAMILY_MONO}, {"serif", FAMILY_TIMES},
    {"times", FAMILY_TIMES},           {"times-roman", FAMILY_TIMES},
    {"sans-serif", FAMILY_HELVETICA},  {"helvetica", FAMILY_HELVETICA},
    {"monospace", FAMILY_COURIER},     {"courier", FAMILY_COURIER},
    {"fixed", FAMILY_COURIER},
};

/* unquoted takes blanks and quotes off both ends of a family's name. */
static struct str unquoted(struct str s)
{
    while (s.len && strchr(" '\"", s.ptr[0]))
        s = str_skip(s, 1);
    while (s.len && strchr(" '\"", s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* family reads a list of names. Of one without quotes the font shorthand loses the blanks
 * in dompdf, so that it is none there. */
static enum verdict family(struct setting *g, struct str list, bool shorthand)
{
    struct cut one = {.tail = list, .ok = true};
    int found[FAMILIES_MAX], len = 0;
    while (one.ok && len < FAMILIES_MAX) {
        one = str_cut(one.tail, ',');
        struct str name = unquoted(str_trim(one.head));
        if (str_ieq(name, S("symbol")) || str_ieq(name, S("zapfdingbats")))
            return VALUE_LACKS;
        bool joined = shorthand && name.len == str_trim(one.head).len &&
                      memchr(name.ptr, ' ', name.len);
        if (!joined && keyword(families, COUNT(families), name, &found[len]))
            len++; /* a family that dompdf does not know is passed over */
    }
    g->s->no_family = len == 0;
    if (len == 0)
        found[len++] = FAMILY_TIMES;
    memcpy(g->s->families, found, sizeof(found));
    g->s->families_len = len;
    return VALUE_SET;
}

static enum verdict set_family(struct setting *g)
{
    return family(g, g->value, false);
}

/* size reads a font size; em and % are the parent's. */
static enum verdict size(struct setting *g, struct str value)
{
    static const struct {
        const char *name;
        double factor;
    } names[] = {{"xx-small", .6}, {"x-small", .75}, {"small", .889}, {"medium", 1},
                 {"large", 1.2},   {"x-large", 1.5}, {"xx-large", 2}};
    struct length l;
    double parent = g->parent->font_size;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_ieq(value, str_from(names[i].name))) {
            g->s->font_size = ROOT_EM * names[i].factor;
            return VALUE_SET;
        }
    if (str_ieq(value, S("smaller")) || str_ieq(value, S("larger"))) {
        g->s->font_size = parent * (str_ieq(value, S("larger")) ? 1.2 : 8 / 9.0);
        return VALUE_SET;
    }
    enum verdict v = length_positive(value, (struct ems){parent, g->em.root}, &l);
    if (v == VALUE_SET)
        g->s->font_size = l.unit == LENGTH_PERCENT ? l.value / 100 * parent : l.value;
    return v;
}

static enum verdict set_size(struct setting *g)
{
    return g->sizing ? size(g, g->value) : VALUE_SET;
}

/* weight: dompdf has fonts of weight 400 and 700; for another hundred it leaves the
 * family, any other number is normal. facteur stays in the family. */
static enum verdict weight(struct setting *g, struct str value)
{
    double n = 100;
    struct str rest = S("");
    if (str_ieq(value, S("bold")) || str_ieq(value, S("bolder")))
        n = 700;
    else if (str_ieq(value, S("normal")))
        n = 400;
    else if (!str_ieq(value, S("lighter")) &&
             (!number(value, &n, &rest) || rest.len || n < 1 || n > 1000))
        return VALUE_DROPPED;
    int whole = (int)n;
    bool hundred = whole % 100 == 0;
    g->s->bold = hundred && whole >= 600;
    if (hundred && whole != 400 && whole != 700)
        source_find(g->source, FINDING_DIFFERS, g->d->at,
                    "font-weight: %.*s – drawn in the same family, %s; dompdf takes "
                    "Times-Bold",
                    STR_ARG(value), g->s->bold ? "bold" : "normal");
    return VALUE_SET;
}

static enum verdict set_weight(struct setting *g)
{
    return weight(g, g->value);
}

static enum verdict italic(struct setting *g, struct str value)
{
    static const struct keyword words[] = {
        {"normal", false}, {"italic", true}, {"oblique", true}};
    KEYWORD(words, value, g->s->italic, VALUE_DROPPED);
}

static enum verdict set_italic(struct setting *g)
{
    return italic(g, g->value);
}

static enum verdict line_height(struct setting *g, struct str value)
{
    double n;
    struct str unit;
    struct length l;
    if (str_ieq(value, S("normal"))) {
        g->s->line_factor = true;
        g->s->line_height = 1.2;
        return VALUE_SET;
    }
    if (number(value, &n, &unit) && !unit.len) { /* a factor: inherited as such */
        if (n < 0)
            return VALUE_LACKS;
        g->s->line_factor = true;
        g->s->line_height = n;
        return VALUE_SET;
    }
    enum verdict v = length_positive(value, g->em, &l);
    if (v != VALUE_SET)
        return v;
    g->s->line_factor = false;
    g->s->line_height = l.unit == LENGTH_PERCENT ? l.value / 100 * g->em.own : l.value;
    return VALUE_SET;
}

static enum verdict set_line_height(struct setting *g)
{
    return line_height(g, g->value);
}

/* is_size: does the word begin the second half of the font shorthand? There a number
 * needs its unit. */
static bool is_size(struct setting *g, struct str word)
{
    struct style scratch = *g->s;
    struct setting probe = *g;
    struct str unit;
    double n;
    probe.s = &scratch;
    if (number(word, &n, &unit) && !unit.len)
        return str_eq(word, S("0"));
    return size(&probe, word) == VALUE_SET;
}

/* set_font: style, variant and weight in any order, then size[/line-height] family. What
 * is not told gets its initial value. */
static enum verdict set_font(struct setting *g)
{
    struct str rest = g->value;
    struct words w = words_of(rest);
    size_t at = 0;
    for (; at < w.len; at++) {
        struct cut slash = str_cut(w.at[at], '/');
        if (is_size(g, slash.head))
            break;
    }
    if (at == w.len || at > 3)
        return VALUE_DROPPED;
    struct cut slash = str_cut(w.at[at], '/');
    const char *end = w.at[at].ptr + w.at[at].len;
    struct str names = str_trim((struct str){end, (size_t)(rest.ptr + rest.len - end)});
    struct str height = slash.ok ? slash.tail : S("normal");
    if ((names.len && names.ptr[0] == '/') || !height.len)
        return VALUE_LACKS; /* blanks round the slash */
    if (!names.len)
        return VALUE_DROPPED;
    if (g->sizing)
        return size(g, slash.head);
    g->s->bold = g->s->italic = false;
    for (size_t i = 0; i < at; i++)
        if (!str_ieq(w.at[i], S("normal")) && italic(g, w.at[i]) != VALUE_SET &&
            weight(g, w.at[i]) != VALUE_SET)
            return VALUE_LACKS;
    enum verdict v = line_height(g, height);
    return v == VALUE_SET ? family(g, names, true) : v;
}

/* === text === */

static enum verdict set_colour(struct setting *g)
{
    struct colour c;
    if (str_ieq(g->value, S("currentcolor")))
        c = g->parent->colour;
    else {
        enum verdict v = colour(g->value, &c);
        if (v != VALUE_SET)
            return v;
    }
    if (c.none)
        return VALUE_LACKS;
    g->s->colour = c;
    return VALUE_SET;
}

static enum verdict set_align(struct setting *g)
{
    static const struct keyword words[] = {{"left", ALIGN_LEFT},
                                           {"center", ALIGN_CENTER},
                                           {"right", ALIGN_RIGHT},
                                           {"justify", ALIGN_JUSTIFY}};
    KEYWORD(words, g->value, g->s->align, VALUE_DROPPED);
}

static enum verdict set_indent(struct setting *g)
{
    struct length l;
    enum verdict v = length(g->value, block_em(g), &l);
    if (v != VALUE_SET)
        return v;
    if (l.unit == LENGTH_PERCENT)
        return VALUE_LACKS;
    g->s->indent = l.value;
    return VALUE_SET;
}

static enum verdict set_transform(struct setting *g)
{
    static const struct keyword words[] = {{"none", TRANSFORM_NONE},
                                           {"uppercase", TRANSFORM_UPPER},
                                           {"lowercase", TRANSFORM_LOWER},
                                           {"capitalize", TRANSFORM_CAPITALIZE}};
    KEYWORD(words, g->value, g->s->transform, VALUE_LACKS);
}

static enum verdict set_space(struct setting *g)
{
    static const struct keyword words[] = {{"normal", SPACE_NORMAL},
                                           {"nowrap", SPACE_NOWRAP},
                                           {"pre", SPACE_PRE},
                                           {"pre-line", SPACE_PRE_LINE},
                                           {"pre-wrap", SPACE_PRE_WRAP}};
    KEYWORD(words, g->value, g->s->space, VALUE_LACKS);
}

static enum verdict set_decoration(struct setting *g)
{
    static const struct keyword words[] = {{"none", LINE_NONE},
                                           {"underline", LINE_UNDER},
                                           {"overline", LINE_OVER},
                                           {"line-through", LINE_THROUGH}};
    KEYWORD(words, g->value, g->s->line, VALUE_LACKS);
}

static enum verdict set_orphans(struct setting *g)
{
    int64_t n;
    if (!str_to_i64(g->value, &n) || n < 1 || n > 1000)
        return VALUE_LACKS;
    g->s->orphans = (int)n;
    return VALUE_SET;
}

static enum verdict set_wrap(struct setting *g)
{
    static const struct keyword words[] = {
        {"normal", WRAP_NORMAL}, {"break-word", WRAP_WORD}, {"anywhere", WRAP_ANYWHERE}};
    KEYWORD(words, g->value, g->s->wrap, VALUE_LACKS);
}

/* === lists === */

static const struct keyword markers[] = {{"none", LIST_NONE},
                                         {"disc", LIST_DISC},
                                         {"circle", LIST_CIRCLE},
                                         {"square", LIST_SQUARE},
                                         {"decimal", LIST_DECIMAL}};

static enum verdict set_marker(struct setting *g)
{
    KEYWORD(markers, g->value, g->s->list, VALUE_LACKS);
}

/* set_list: a marker that stands outside; of an image and of "inside" nothing is known.
 */
static enum verdict set_list(struct setting *g)
{
    struct words w = words_of(g->value);
    int type = LIST_DISC;
    size_t types = 0;
    for (size_t i = 0; i < w.len; i++) {
        if (str_ieq(w.at[i], S("outside")))
            continue;
        if (!keyword(markers, COUNT(markers), w.at[i], &type))
            return VALUE_LACKS;
        types++;
    }
    if (types > 1)
        return VALUE_LACKS;
    g->s->list = (enum list_type)type;
    return VALUE_SET;
}

/* === pages === */

static const struct keyword breaks[] = {{"auto", BREAK_AUTO},
                                        {"avoid", BREAK_AVOID},
                                        {"always", BREAK_ALWAYS},
                                        {"left", BREAK_ALWAYS},
                                        {"right", BREAK_ALWAYS}};

static enum verdict set_before(struct setting *g)
{
    KEYWORD(breaks, g->value, g->s->before, VALUE_LACKS);
}

static enum verdict set_after(struct setting *g)
{
    KEYWORD(breaks, g->value, g->s->after, VALUE_LACKS);
}

static enum verdict set_inside(struct setting *g)
{
    static const struct keyword words[] = {{"auto", BREAK_AUTO}, {"avoid", BREAK_AVOID}};
    KEYWORD(words, g->value, g->s->inside, VALUE_LACKS);
}

/* === the table === */

/* What a property computes, for `inherit` and `initial`. */
#define FIELD(f) offsetof(struct style, f), sizeof(((struct style *)0)->f)
#define FIELDS(f, last)                                                                  \
    offsetof(struct style, f), offsetof(struct style, last) +                            \
                                   sizeof(((struct style *)0)->last) -                   \
                                   offsetof(struct style, f)
#define BORDER(side, f) FIELD(border[side].f)

static const struct property {
    const char *name;
    enum verdict (*set)(struct setting *g);
    size_t at, size; /* of its field */
    bool inherited;
} properties[] = {
    {"background", set_background, FIELD(background), false},
    {"background-color", set_fill, FIELD(background), false},
    {"border", set_border, FIELD(border), false},
    {"border-bottom", set_border_side, FIELD(border[BOTTOM]), false},
    {"border-bottom-color", set_border_colour,
     FIELDS(border[BOTTOM].coloured, border[BOTTOM].colour), false},
    {"border-bottom-style", set_border_style, BORDER(BOTTOM, style), false},
    {"border-bottom-width", set_border_width, BORDER(BOTTOM, line), false},
    {"border-collapse", set_collapse, FIELD(collapse), true},
    {"border-color", set_border_colours, 0, 0, false},
    {"border-left", set_border_side, FIELD(border[LEFT]), false},
    {"border-left-color", set_border_colour,
     FIELDS(border[LEFT].coloured, border[LEFT].colour), false},
    {"border-left-style", set_border_style, BORDER(LEFT, style), false},
    {"border-left-width", set_border_width, BORDER(LEFT, line), false},
    {"border-right", set_border_side, FIELD(border[RIGHT]), false},
    {"border-right-color", set_border_colour,
     FIELDS(border[RIGHT].coloured, border[RIGHT].colour), false},
    {"border-right-style", set_border_style, BORDER(RIGHT, style), false},
    {"border-right-width", set_border_width, BORDER(RIGHT, line), false},
    {"border-spacing", set_spacing, FIELD(spacing), true},
    {"border-style", set_border_styles, 0, 0, false},
    {"border-top", set_border_side, FIELD(border[TOP]), false},
    {"border-top-color", set_border_colour,
     FIELDS(border[TOP].coloured, border[TOP].colour), false},
    {"border-top-style", set_border_style, BORDER(TOP, style), false},
    {"border-top-width", set_border_width, BORDER(TOP, line), false},
    {"border-width", set_border_widths, 0, 0, false},
    {"clear", set_clear, FIELD(clear), false},
    {"color", set_colour, FIELD(colour), true},
    {"display", set_display, FIELD(display), false},
    {"float", set_float, FIELD(float_side), false},
    {"font", set_font, 0, 0, true},
    {"font-family", set_family, FIELDS(families, no_family), true},
    {"font-size", set_size, FIELD(font_size), true},
    {"font-style", set_italic, FIELD(italic), true},
    {"font-weight", set_weight, FIELD(bold), true},
    {"height", set_height, FIELD(height), false},
    {"line-height", set_line_height, FIELDS(line_factor, line_height), true},
    {"list-style", set_list, FIELD(list), true},
    {"list-style-type", set_marker, FIELD(list), true},
    {"margin", set_margin, FIELD(margin), false},
    {"margin-bottom", set_margin_side, FIELD(margin[BOTTOM]), false},
    {"margin-left", set_margin_side, FIELD(margin[LEFT]), false},
    {"margin-right", set_margin_side, FIELD(margin[RIGHT]), false},
    {"margin-top", set_margin_side, FIELD(margin[TOP]), false},
    {"max-height", set_max_height, FIELD(max_height), false},
    {"max-width", set_max_width, FIELD(max_width), false},
    {"min-height", set_min_height, FIELD(min_height), false},
    {"min-width", set_min_width, FIELD(min_width), false},
    {"orphans", set_orphans, FIELD(orphans), true},
    {"overflow-wrap", set_wrap, FIELD(wrap), true},
    {"padding", set_padding, FIELD(padding), false},
    {"padding-bottom", set_padding_side, FIELD(padding[BOTTOM]), false},
    {"padding-left", set_padding_side, FIELD(padding[LEFT]), false},
    {"padding-right", set_padding_side, FIELD(padding[RIGHT]), false},
    {"padding-top", set_padding_side, FIELD(padding[TOP]), false},
    {"page-break-after", set_after, FIELD(after), false},
    {"page-break-before", set_before, FIELD(before), false},
    {"page-break-inside", set_inside, FIELD(inside), false},
    {"table-layout", set_table_layout, FIELD(table_fixed), false},
    {"text-align", set_align, FIELD(align), true},
    {"text-decoration", set_decoration, FIELD(line), false},
    {"text-indent", set_indent, FIELD(indent), true},
    {"text-transform", set_transform, FIELD(transform), true},
    {"vertical-align", set_valign, FIELD(valign), false},
    {"white-space", set_space, FIELD(space), true},
    {"width", set_width, FIELD(width), false},
    {"word-wrap", set_wrap, FIELD(wrap), true},
};

/* Properties of which only the value that changes nothing is done. */
static const struct keyword unchanged[] = {
    {"background-image: none", 0},
    {"border-radius: 0", 0},
    {"direction: ltr", 0},
    {"font-variant: normal", 0},
    {"letter-spacing: 0", 0},
    {"letter-spacing: normal", 0},
    {"list-style-image: none", 0},
    {"list-style-position: outside", 0},
    {"opacity: 1", 0},
    {"outline: 0", 0},
    {"outline: none", 0},
    {"overflow: visible", 0},
    {"position: static", 0},
    {"transform: none", 0},
    {"unicode-bidi: normal", 0},
    {"visibility: visible", 0},
    {"word-break: normal", 0},
    {"word-spacing: 0", 0},
    {"word-spacing: normal", 0},
    {"z-index: auto", 0},
};

/* changes_nothing: with words of at most 40 bytes. */
static bool changes_nothing(const struct declaration *d)
{
    char text[48];
    int ignored;
    if (d->name.len + d->value.len > 40)
        return false;
    snprintf(text, sizeof(text), "%.*s: %.*s", STR_ARG(d->name), STR_ARG(d->value));
    return keyword(unchanged, COUNT(unchanged), str_from(text), &ignored);
}

/* cascade_word does `inherit`, `initial` and `unset`; false: it is none of them. */
static bool cascade_word(struct setting *g, const struct property *p, enum verdict *out)
{
    const struct style plain = style_default();
    bool inherit = str_ieq(g->value, S("inherit"));
    bool unset = str_ieq(g->value, S("unset"));
    if (!inherit && !unset && !str_ieq(g->value, S("initial")))
        return false;
    if (!p->size) {
        *out = VALUE_LACKS;
        return true;
    }
    const struct style *from = inherit || (unset && p->inherited) ? g->parent : &plain;
    if (!g->sizing || str_eq(g->d->name, S("font-size")))
        memcpy((char *)g->s + p->at, (const char *)from + p->at, p->size);
    *out = VALUE_SET;
    return true;
}

static const struct property *property_named(struct str name)
{
    for (size_t i = 0; i < COUNT(properties); i++)
        if (str_eq(name, str_from(properties[i].name)))
            return &properties[i];
    return NULL;
}

bool property_inherited(struct str name)
{
    const struct property *p = property_named(name);
    return p && p->inherited;
}

void property_apply(struct source *source, const struct declaration *d, struct style *s,
                    const struct style *parent, bool sizing)
{
    struct ems em = {s->font_size, s->root_size};
    struct setting g = {source, d, d->value, s, parent, em, sizing};
    enum verdict v;
    const struct property *p = property_named(d->name);
    if (sizing && !str_eq(d->name, S("font-size")) && !str_eq(d->name, S("font")))
        return;
    if (!p) {
        if (!changes_nothing(d))
            property_unknown(source, d);
        return;
    }
    if (!sizing && str_eq(d->name, S("font-size")))
        return;
    if (!cascade_word(&g, p, &v))
        v = str_has(g.value, S("var(")) ? VALUE_LACKS : p->set(&g);
    if (v == VALUE_LACKS)
        value_unknown(source, d);
    else if (v == VALUE_DROPPED)
        value_dropped(source, d);
}

double property_block_em(const struct declaration *d, double before)
{
    struct source quiet = {.text = S("")};
    const struct style parent = style_default();
    struct style s = parent;
    s.font_size = before > 0 ? before : ROOT_EM;
    property_apply(&quiet, d, &s, &parent, true);
    return s.font_size;
}

struct style style_default(void)
{
    struct style s = {.font_size = ROOT_EM,
                      .root_size = ROOT_EM,
                      .families = {FAMILY_TIMES},
                      .families_len = 1,
                      .line_factor = true,
                      .line_height = 1.2,
                      .list = LIST_DISC,
                      .spacing = 1.5,
                      .orphans = 2,
                      .background = {.none = true}};
    for (int i = 0; i < 4; i++) {
        s.margin[i] = s.padding[i] = (struct length){LENGTH_PT, 0};
        s.border[i].line = BORDER_MEDIUM;
    }
    s.width = s.height = (struct length){LENGTH_AUTO, 0};
    s.min_width = s.max_width = s.min_height = s.max_height = s.width;
    return s;
}
