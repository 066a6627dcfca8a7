/* property.c: the table of properties. A new one is a row, a function, a test. */
#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "pdf/pdf_imp.h"

enum { ROOT_EM = 12 };

struct setting {
    struct source *source;
    const struct declaration *d;
    struct str value;
    struct style *s;
    const struct style *parent;
};

/* === values === */

struct words { /* a value split at blanks, brackets kept together */
    struct str at[8];
    size_t len;
};

static struct words split(struct str s)
{
    struct words w = {.len = 0};
    while ((s = str_trim(s)).len && w.len < COUNT(w.at)) {
        size_t n = 0;
        int depth = 0;
        while (n < s.len && (depth || !isspace((unsigned char)s.ptr[n]))) {
            depth += s.ptr[n] == '(';
            depth -= s.ptr[n] == ')' && depth;
            n++;
        }
        w.at[w.len++] = str_sub(s, 0, n);
        s = str_skip(s, n);
    }
    return w;
}

/* number reads the leading number of a value; *rest is its unit. */
static bool number(struct str s, double *out, struct str *rest)
{
    char z[32];
    size_t n = 0;
    while (n < s.len && n + 1 < sizeof(z) &&
           (isdigit((unsigned char)s.ptr[n]) || s.ptr[n] == '.' ||
            (n == 0 && (s.ptr[0] == '-' || s.ptr[0] == '+')))) {
        z[n] = s.ptr[n];
        n++;
    }
    z[n] = '\0';
    char *end;
    *out = strtod(z, &end);
    *rest = str_skip(s, n);
    return n > 0 && end == z + n && isfinite(*out);
}

/* length reads a length; a bare number is points, as for dompdf. */
static bool length(const struct setting *g, struct str s, double em, struct length *out)
{
    /* n × per / of, in this order: to the last digit as dompdf */
    static const struct {
        const char *name;
        double per, of;
    } units[] = {{"", 1, 1},       {"pt", 1, 1},     {"px", 72, 96}, {"in", 72, 1},
                 {"cm", 72, 2.54}, {"mm", 72, 25.4}, {"pc", 12, 1}};
    double n;
    struct str unit;
    (void)g;
    if (str_ieq(s, S("auto"))) {
        *out = (struct length){LENGTH_AUTO, 0};
        return true;
    }
    if (!number(s, &n, &unit))
        return false;
    *out = (struct length){LENGTH_PT, n};
    if (str_eq(unit, S("%"))) {
        out->unit = LENGTH_PERCENT;
        return true;
    }
    if (str_ieq(unit, S("em")) || str_ieq(unit, S("ex"))) {
        out->value = n * em * (str_ieq(unit, S("ex")) ? .5 : 1);
        return true;
    }
    for (size_t i = 0; i < COUNT(units); i++)
        if (str_ieq(unit, str_from(units[i].name))) {
            out->value = n * units[i].per / units[i].of;
            return true;
        }
    return false;
}

static const struct {
    const char *name;
    unsigned rgb;
} colour_names[] = {
    {"black", 0x000000},    {"white", 0xffffff},     {"red", 0xff0000},
    {"green", 0x008000},    {"blue", 0x0000ff},      {"yellow", 0xffff00},
    {"gray", 0x808080},     {"grey", 0x808080},      {"silver", 0xc0c0c0},
    {"maroon", 0x800000},   {"navy", 0x000080},      {"purple", 0x800080},
    {"teal", 0x008080},     {"olive", 0x808000},     {"orange", 0xffa500},
    {"darkgray", 0xa9a9a9}, {"lightgray", 0xd3d3d3}, {"aqua", 0x00ffff},
    {"lime", 0x00ff00},     {"fuchsia", 0xff00ff},
};

static struct colour from_rgb(unsigned rgb)
{
    return (struct colour){.r = (rgb >> 16 & 255) / 255.0,
                           .g = (rgb >> 8 & 255) / 255.0,
                           .b = (rgb & 255) / 255.0};
}

static bool hex_colour(struct str s, struct colour *out)
{
    unsigned rgb = 0;
    if (s.len != 3 && s.len != 6)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!isxdigit((unsigned char)c))
            return false;
        unsigned digit =
            (unsigned)(isdigit((unsigned char)c) ? c - '0'
                                                 : tolower((unsigned char)c) - 'a' + 10);
        rgb = s.len == 3 ? rgb << 8 | digit * 17 : rgb << 4 | digit;
    }
    *out = from_rgb(rgb);
    return true;
}

static bool rgb_colour(struct str s, struct colour *out)
{
    double part[3];
    struct cut one = {.tail = str_sub(s, 4, s.len - 5), .ok = true};
    for (int i = 0; i < 3; i++) {
        struct str rest;
        one = str_cut(one.tail, ',');
        if (!number(str_trim(one.head), &part[i], &rest) || rest.len)
            return false;
        part[i] = fmin(fmax(part[i], 0), 255) / 255;
    }
    *out = (struct colour){.r = part[0], .g = part[1], .b = part[2]};
    return !one.ok;
}

static bool colour(struct str s, struct colour *out)
{
    if (s.len && s.ptr[0] == '#')
        return hex_colour(str_skip(s, 1), out);
    if (str_ieq(s, S("transparent")) || str_ieq(s, S("none"))) {
        *out = (struct colour){.none = true};
        return true;
    }
    if (str_starts(s, S("rgb(")) && str_ends(s, S(")")))
        return rgb_colour(s, out);
    for (size_t i = 0; i < COUNT(colour_names); i++)
        if (str_ieq(s, str_from(colour_names[i].name))) {
            *out = from_rgb(colour_names[i].rgb);
            return true;
        }
    return false;
}

/* word looks a keyword up; -1: it is none of them. */
struct keyword {
    const char *name;
    int value;
};

static bool keyword(const struct keyword *table, size_t len, struct str s, int *out)
{
    for (size_t i = 0; i < len; i++)
        if (str_ieq(s, str_from(table[i].name))) {
            *out = table[i].value;
            return true;
        }
    return false;
}

#define KEYWORD(table, s, field)                                                         \
    do {                                                                                 \
        int value_;                                                                      \
        if (!keyword((table), COUNT(table), (s), &value_))                               \
            return false;                                                                \
        (field) = value_;                                                                \
        return true;                                                                     \
    } while (0)

/* === fonts === */

static const struct keyword families[] = {
    {"dejavu serif", FAMILY_SERIF},    {"dejavu sans", FAMILY_SANS},
    {"dejavu sans mono", FAMILY_MONO}, {"serif", FAMILY_TIMES},
    {"times", FAMILY_TIMES},           {"times new roman", FAMILY_TIMES},
    {"times-roman", FAMILY_TIMES},     {"sans-serif", FAMILY_HELVETICA},
    {"helvetica", FAMILY_HELVETICA},   {"monospace", FAMILY_COURIER},
    {"courier", FAMILY_COURIER},
};

static bool set_family(struct setting *g)
{
    struct cut one = {.tail = g->value, .ok = true};
    int found[FAMILIES_MAX], len = 0;
    while (one.ok && len < FAMILIES_MAX) {
        one = str_cut(one.tail, ',');
        struct str name = str_trim(one.head);
        if (name.len >= 2 && (name.ptr[0] == '\'' || name.ptr[0] == '"'))
            name = str_sub(name, 1, name.len - 2);
        if (keyword(families, COUNT(families), name, &found[len]))
            len++; /* a family that dompdf does not know is passed over */
    }
    g->s->no_family = len == 0;
    if (len == 0)
        found[len++] = FAMILY_TIMES;
    memcpy(g->s->families, found, sizeof(found));
    g->s->families_len = len;
    return true;
}

static bool set_size(struct setting *g)
{
    static const struct {
        const char *name;
        double factor;
    } names[] = {{"xx-small", .6}, {"x-small", .75}, {"small", .889}, {"medium", 1},
                 {"large", 1.2},   {"x-large", 1.5}, {"xx-large", 2}};
    struct length l;
    double parent = g->parent->font_size;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_ieq(g->value, str_from(names[i].name))) {
            g->s->font_size = 12 * names[i].factor;
            return true;
        }
    if (str_ieq(g->value, S("smaller")) || str_ieq(g->value, S("larger"))) {
        g->s->font_size = parent * (str_ieq(g->value, S("larger")) ? 1.2 : 8 / 9.0);
        return true;
    }
    if (!length(g, g->value, parent, &l) || l.unit == LENGTH_AUTO || l.value < 0)
        return false;
    g->s->font_size = l.unit == LENGTH_PERCENT ? parent * l.value / 100 : l.value;
    return true;
}

static bool set_weight(struct setting *g)
{
    double n = 0;
    struct str rest, value = g->value;
    bool lighter = str_ieq(value, S("lighter"));
    if (str_ieq(value, S("bold")) || str_ieq(value, S("bolder")))
        n = 700;
    else if (str_ieq(value, S("normal")))
        n = 400;
    else if (!lighter && (!number(value, &n, &rest) || rest.len))
        return false;
    g->s->bold = n >= 600;
    if (n != 400 && n != 700)
        source_find(g->source, FINDING_DIFFERS, g->d->at,
                    "font-weight: %.*s – drawn in the same family, %s; dompdf takes "
                    "Times-Bold",
                    STR_ARG(value), g->s->bold ? "bold" : "normal");
    return true;
}

static bool set_italic(struct setting *g)
{
    g->s->italic = str_ieq(g->value, S("italic")) || str_ieq(g->value, S("oblique"));
    return g->s->italic || str_ieq(g->value, S("normal"));
}

static bool set_line_height(struct setting *g)
{
    double n;
    struct str unit;
    struct length l;
    if (str_ieq(g->value, S("normal"))) {
        g->s->line_factor = true;
        g->s->line_height = 1.2;
        return true;
    }
    if (!number(g->value, &n, &unit) || n < 0)
        return false;
    if (!unit.len) { /* a factor: inherited as such */
        g->s->line_factor = true;
        g->s->line_height = n;
        return true;
    }
    if (!length(g, g->value, g->s->font_size, &l))
        return false;
    g->s->line_factor = false;
    g->s->line_height =
        l.unit == LENGTH_PERCENT ? g->s->font_size * l.value / 100 : l.value;
    return true;
}

/* === text === */

static bool set_colour(struct setting *g)
{
    return colour(g->value, &g->s->colour);
}

static bool set_background(struct setting *g)
{
    return colour(g->value, &g->s->background);
}

static bool set_align(struct setting *g)
{
    static const struct keyword words[] = {{"left", ALIGN_LEFT},
                                           {"start", ALIGN_LEFT},
                                           {"center", ALIGN_CENTER},
                                           {"right", ALIGN_RIGHT},
                                           {"justify", ALIGN_JUSTIFY}};
    KEYWORD(words, g->value, g->s->align);
}

static bool set_indent(struct setting *g)
{
    struct length l;
    /* dompdf takes the root's em. */
    if (!length(g, g->value, ROOT_EM, &l) || l.unit != LENGTH_PT)
        return false;
    g->s->indent = l.value;
    return true;
}

static bool set_transform(struct setting *g)
{
    static const struct keyword words[] = {{"none", TRANSFORM_NONE},
                                           {"uppercase", TRANSFORM_UPPER},
                                           {"lowercase", TRANSFORM_LOWER},
                                           {"capitalize", TRANSFORM_CAPITALIZE}};
    KEYWORD(words, g->value, g->s->transform);
}

static bool set_space(struct setting *g)
{
    static const struct keyword words[] = {{"normal", SPACE_NORMAL},
                                           {"nowrap", SPACE_NOWRAP},
                                           {"pre", SPACE_PRE},
                                           {"pre-line", SPACE_PRE_LINE},
                                           {"pre-wrap", SPACE_PRE_WRAP}};
    KEYWORD(words, g->value, g->s->space);
}

static bool set_decoration(struct setting *g)
{
    g->s->underline = str_ieq(g->value, S("underline"));
    return g->s->underline || str_ieq(g->value, S("none"));
}

static bool set_list(struct setting *g)
{
    static const struct keyword words[] = {{"none", LIST_NONE},
                                           {"disc", LIST_DISC},
                                           {"circle", LIST_CIRCLE},
                                           {"square", LIST_SQUARE},
                                           {"decimal", LIST_DECIMAL}};
    KEYWORD(words, g->value, g->s->list);
}

/* === boxes === */

static bool set_display(struct setting *g)
{
    static const struct keyword words[] = {
        {"inline", DISPLAY_INLINE},
        {"block", DISPLAY_BLOCK},
        {"list-item", DISPLAY_LIST_ITEM},
        {"table", DISPLAY_TABLE},
        {"table-row", DISPLAY_ROW},
        {"table-cell", DISPLAY_CELL},
        {"table-row-group", DISPLAY_ROW_GROUP},
        {"inline-block", DISPLAY_INLINE_BLOCK},
        {"none", DISPLAY_NONE},
        /* dompdf stacks the children of these as blocks */
        {"flex", DISPLAY_BLOCK},
        {"grid", DISPLAY_BLOCK},
    };
    bool stacked = str_ieq(g->value, S("flex")) || str_ieq(g->value, S("grid"));
    if (stacked)
        source_find(g->source, FINDING_IGNORED, g->d->at,
                    "display: %.*s – dompdf stacks the children as blocks",
                    STR_ARG(g->value));
    KEYWORD(words, g->value, g->s->display);
}

/* four sets top, right, bottom and left from one to four values. */
static bool four(struct setting *g, struct length out[4], bool may_auto)
{
    struct words w = split(g->value);
    struct length l[4];
    if (w.len == 0 || w.len > 4)
        return false;
    for (size_t i = 0; i < w.len; i++)
        if (!length(g, w.at[i], g->s->font_size, &l[i]) ||
            (!may_auto && (l[i].unit == LENGTH_AUTO || l[i].value < 0)))
            return false;
    out[TOP] = l[0];
    out[RIGHT] = w.len > 1 ? l[1] : l[0];
    out[BOTTOM] = w.len > 2 ? l[2] : l[0];
    out[LEFT] = w.len > 3 ? l[3] : out[RIGHT];
    return true;
}

static enum side side_of(struct str name)
{
    static const char *const names[] = {
        [TOP] = "-top", [RIGHT] = "-right", [BOTTOM] = "-bottom", [LEFT] = "-left"};
    for (enum side i = TOP; i <= LEFT; i++)
        if (str_has(name, str_from(names[i])))
            return i;
    return TOP;
}

static bool set_margin(struct setting *g)
{
    return four(g, g->s->margin, true);
}

static bool set_padding(struct setting *g)
{
    return four(g, g->s->padding, false);
}

static bool set_margin_side(struct setting *g)
{
    struct length l;
    if (!length(g, g->value, g->s->font_size, &l))
        return false;
    g->s->margin[side_of(g->d->name)] = l;
    return true;
}

static bool set_padding_side(struct setting *g)
{
    struct length l;
    if (!length(g, g->value, g->s->font_size, &l) || l.unit == LENGTH_AUTO || l.value < 0)
        return false;
    g->s->padding[side_of(g->d->name)] = l;
    return true;
}

static bool set_width(struct setting *g)
{
    return length(g, g->value, g->s->font_size, &g->s->width) && g->s->width.value >= 0;
}

static bool set_height(struct setting *g)
{
    return length(g, g->value, g->s->font_size, &g->s->height) &&
           g->s->height.unit != LENGTH_PERCENT && g->s->height.value >= 0;
}

/* border_of reads "1px solid #000" in any order. */
static bool border_of(struct setting *g, struct border *out)
{
    struct words w = split(g->value);
    struct border b = {.width = 2.25}; /* medium */
    for (size_t i = 0; i < w.len; i++) {
        struct length l;
        struct str s = w.at[i];
        if (str_ieq(s, S("solid")))
            b.solid = true;
        else if (str_ieq(s, S("none")) || str_ieq(s, S("hidden")))
            b.solid = false;
        else if (str_ieq(s, S("thin")))
            b.width = .75;
        else if (length(g, s, g->s->font_size, &l) && l.unit == LENGTH_PT && l.value >= 0)
            b.width = l.value;
        else if (colour(s, &b.colour))
            b.coloured = true;
        else
            return false;
    }
    if (!b.solid)
        b.width = 0;
    *out = b;
    return true;
}

static bool set_border(struct setting *g)
{
    struct border b;
    if (!border_of(g, &b))
        return false;
    for (int i = 0; i < 4; i++)
        g->s->border[i] = b;
    return true;
}

static bool set_border_side(struct setting *g)
{
    return border_of(g, &g->s->border[side_of(g->d->name)]);
}

static bool set_valign(struct setting *g)
{
    static const struct keyword words[] = {
        {"baseline", VALIGN_BASELINE}, {"top", VALIGN_TOP},
        {"middle", VALIGN_MIDDLE},     {"bottom", VALIGN_BOTTOM},
        {"sub", VALIGN_SUB},           {"super", VALIGN_SUPER},
        {"text-top", VALIGN_TEXT_TOP}, {"text-bottom", VALIGN_TEXT_BOTTOM}};
    KEYWORD(words, g->value, g->s->valign);
}

static bool set_float(struct setting *g)
{
    static const struct keyword words[] = {
        {"none", FLOAT_NONE}, {"left", FLOAT_LEFT}, {"right", FLOAT_RIGHT}};
    KEYWORD(words, g->value, g->s->float_side);
}

static bool set_clear(struct setting *g)
{
    static const struct keyword words[] = {{"none", CLEAR_NONE},
                                           {"left", CLEAR_LEFT},
                                           {"right", CLEAR_RIGHT},
                                           {"both", CLEAR_BOTH}};
    KEYWORD(words, g->value, g->s->clear);
}

static bool set_orphans(struct setting *g)
{
    int64_t n;
    if (!str_to_i64(g->value, &n) || n < 1 || n > 1000)
        return false;
    g->s->orphans = (int)n;
    return true;
}

static bool set_wrap(struct setting *g)
{
    static const struct keyword words[] = {
        {"normal", WRAP_NORMAL}, {"break-word", WRAP_WORD}, {"anywhere", WRAP_ANYWHERE}};
    KEYWORD(words, g->value, g->s->wrap);
}

static bool set_spacing(struct setting *g)
{
    struct length l;
    if (!length(g, g->value, g->s->font_size, &l) || l.unit != LENGTH_PT || l.value < 0)
        return false;
    g->s->spacing = l.value;
    return true;
}

static const struct keyword breaks[] = {
    {"auto", BREAK_AUTO}, {"avoid", BREAK_AVOID}, {"always", BREAK_ALWAYS}};

static bool set_before(struct setting *g)
{
    KEYWORD(breaks, g->value, g->s->before);
}

static bool set_after(struct setting *g)
{
    KEYWORD(breaks, g->value, g->s->after);
}

static bool set_inside(struct setting *g)
{
    KEYWORD(breaks, g->value, g->s->inside);
}

/* limit reads min-width and its kin: a length that is not negative, or `none`. */
static bool limit(struct setting *g, const char *none, struct length *out)
{
    struct length l = {LENGTH_AUTO, 0};
    if (!str_ieq(g->value, str_from(none)) &&
        (!length(g, g->value, g->s->font_size, &l) || l.value < 0))
        return false;
    *out = l;
    return true;
}

static bool set_min_width(struct setting *g)
{
    return limit(g, "auto", &g->s->min_width);
}

static bool set_max_width(struct setting *g)
{
    return limit(g, "none", &g->s->max_width);
}

static bool set_min_height(struct setting *g)
{
    return limit(g, "auto", &g->s->min_height) && g->s->min_height.unit != LENGTH_PERCENT;
}

static bool set_max_height(struct setting *g)
{
    return limit(g, "none", &g->s->max_height) && g->s->max_height.unit != LENGTH_PERCENT;
}

static bool set_collapse(struct setting *g)
{
    g->s->collapse = str_ieq(g->value, S("collapse"));
    return g->s->collapse || str_ieq(g->value, S("separate"));
}

static bool set_table_layout(struct setting *g)
{
    g->s->table_fixed = str_ieq(g->value, S("fixed"));
    return g->s->table_fixed || str_ieq(g->value, S("auto"));
}

/* === the table === */

/* What a property computes, for `inherit`. */
#define FIELD(f) offsetof(struct style, f), sizeof(((struct style *)0)->f)
#define FIELDS(f, last)                                                                  \
    offsetof(struct style, f), offsetof(struct style, last) +                            \
                                   sizeof(((struct style *)0)->last) -                   \
                                   offsetof(struct style, f)

/* A property is a row here, its function, its field in struct style, its test. */
static const struct {
    const char *name;
    bool (*set)(struct setting *g);
    size_t at, size; /* of its field */
} properties[] = {
    {"background", set_background, FIELD(background)},
    {"background-color", set_background, FIELD(background)},
    {"border", set_border, FIELD(border)},
    {"border-bottom", set_border_side, FIELD(border[BOTTOM])},
    {"border-collapse", set_collapse, FIELD(collapse)},
    {"border-left", set_border_side, FIELD(border[LEFT])},
    {"border-right", set_border_side, FIELD(border[RIGHT])},
    {"border-spacing", set_spacing, FIELD(spacing)},
    {"border-top", set_border_side, FIELD(border[TOP])},
    {"clear", set_clear, FIELD(clear)},
    {"color", set_colour, FIELD(colour)},
    {"display", set_display, FIELD(display)},
    {"float", set_float, FIELD(float_side)},
    {"font-family", set_family, FIELDS(families, no_family)},
    {"font-size", set_size, FIELD(font_size)},
    {"font-style", set_italic, FIELD(italic)},
    {"font-weight", set_weight, FIELD(bold)},
    {"height", set_height, FIELD(height)},
    {"line-height", set_line_height, FIELDS(line_factor, line_height)},
    {"list-style", set_list, FIELD(list)},
    {"list-style-type", set_list, FIELD(list)},
    {"margin", set_margin, FIELD(margin)},
    {"margin-bottom", set_margin_side, FIELD(margin[BOTTOM])},
    {"margin-left", set_margin_side, FIELD(margin[LEFT])},
    {"margin-right", set_margin_side, FIELD(margin[RIGHT])},
    {"margin-top", set_margin_side, FIELD(margin[TOP])},
    {"max-height", set_max_height, FIELD(max_height)},
    {"max-width", set_max_width, FIELD(max_width)},
    {"min-height", set_min_height, FIELD(min_height)},
    {"min-width", set_min_width, FIELD(min_width)},
    {"orphans", set_orphans, FIELD(orphans)},
    {"overflow-wrap", set_wrap, FIELD(wrap)},
    {"padding", set_padding, FIELD(padding)},
    {"padding-bottom", set_padding_side, FIELD(padding[BOTTOM])},
    {"padding-left", set_padding_side, FIELD(padding[LEFT])},
    {"padding-right", set_padding_side, FIELD(padding[RIGHT])},
    {"padding-top", set_padding_side, FIELD(padding[TOP])},
    {"page-break-after", set_after, FIELD(after)},
    {"page-break-before", set_before, FIELD(before)},
    {"page-break-inside", set_inside, FIELD(inside)},
    {"table-layout", set_table_layout, FIELD(table_fixed)},
    {"text-align", set_align, FIELD(align)},
    {"text-decoration", set_decoration, FIELD(underline)},
    {"text-indent", set_indent, FIELD(indent)},
    {"text-transform", set_transform, FIELD(transform)},
    {"vertical-align", set_valign, FIELD(valign)},
    {"white-space", set_space, FIELD(space)},
    {"width", set_width, FIELD(width)},
    {"word-wrap", set_wrap, FIELD(wrap)},
};

void property_apply(struct source *source, const struct declaration *d, struct style *s,
                    const struct style *parent)
{
    struct setting g = {source, d, d->value, s, parent};
    for (size_t i = 0; i < COUNT(properties); i++) {
        if (!str_eq(d->name, str_from(properties[i].name)))
            continue;
        size_t at = properties[i].at;
        if (str_ieq(d->value, S("inherit"))) {
            memcpy((char *)s + at, (const char *)parent + at, properties[i].size);
            return;
        }
        if (!properties[i].set(&g))
            value_unknown(source, d);
        return;
    }
    property_unknown(source, d);
}

struct style style_default(void)
{
    struct style s = {.font_size = ROOT_EM,
                      .families = {FAMILY_TIMES},
                      .families_len = 1,
                      .line_factor = true,
                      .line_height = 1.2,
                      .list = LIST_DISC,
                      .spacing = 1.5,
                      .orphans = 2,
                      .background = {.none = true}};
    for (int i = 0; i < 4; i++)
        s.margin[i] = s.padding[i] = (struct length){LENGTH_PT, 0};
    s.width = s.height = (struct length){LENGTH_AUTO, 0};
    return s;
}
