/* property_box.c: properties of boxes: display, sizes, margins, paddings, borders. */
#include "pdf/property.h"

struct ems block_em(const struct setting *g)
{
    double own = g->d->em > 0 ? g->d->em : ROOT_EM;
    return (struct ems){own, g->d->late ? g->em.root : own};
}

/* === kinds of boxes === */

enum verdict set_display(struct setting *g)
{
    static const struct keyword words[] = {
        {"inline", DISPLAY_INLINE},
        {"block", DISPLAY_BLOCK},
        {"flow-root", DISPLAY_BLOCK},
        {"table-caption", DISPLAY_BLOCK},
        {"list-item", DISPLAY_LIST_ITEM},
        {"table", DISPLAY_TABLE},
        {"table-row", DISPLAY_ROW},
        {"table-cell", DISPLAY_CELL},
        {"table-row-group", DISPLAY_ROW_GROUP},
        {"inline-block", DISPLAY_INLINE_BLOCK},
        {"none", DISPLAY_NONE},
    };
    /* dompdf stacks the children of these as blocks */
    static const struct keyword stacked[] = {{"flex", DISPLAY_BLOCK},
                                             {"grid", DISPLAY_BLOCK},
                                             {"inline-flex", DISPLAY_INLINE_BLOCK},
                                             {"inline-grid", DISPLAY_INLINE_BLOCK}};
    static const char *const lacking[] = {"inline-table", "table-header-group",
                                          "table-footer-group", "table-column-group",
                                          "table-column"};
    int display;
    if (keyword(stacked, COUNT(stacked), g->value, &display)) {
        source_find(g->source, FINDING_IGNORED, g->d->at,
                    "display: %.*s – dompdf stacks the children as blocks",
                    STR_ARG(g->value));
        g->s->display = (enum display)display;
        return VALUE_SET;
    }
    for (size_t i = 0; i < COUNT(lacking); i++)
        if (str_ieq(g->value, str_from(lacking[i])))
            return VALUE_LACKS;
    if (str_starts(g->value, S("-dompdf-")))
        return VALUE_LACKS;
    KEYWORD(words, g->value, g->s->display, VALUE_DROPPED);
}

enum verdict set_float(struct setting *g)
{
    static const struct keyword words[] = {
        {"none", FLOAT_NONE}, {"left", FLOAT_LEFT}, {"right", FLOAT_RIGHT}};
    KEYWORD(words, g->value, g->s->float_side, VALUE_LACKS);
}

enum verdict set_clear(struct setting *g)
{
    static const struct keyword words[] = {{"none", CLEAR_NONE},
                                           {"left", CLEAR_LEFT},
                                           {"right", CLEAR_RIGHT},
                                           {"both", CLEAR_BOTH}};
    KEYWORD(words, g->value, g->s->clear, VALUE_LACKS);
}

enum verdict set_valign(struct setting *g)
{
    static const struct keyword words[] = {
        {"baseline", VALIGN_BASELINE}, {"top", VALIGN_TOP},
        {"middle", VALIGN_MIDDLE},     {"bottom", VALIGN_BOTTOM},
        {"sub", VALIGN_SUB},           {"super", VALIGN_SUPER},
        {"text-top", VALIGN_TEXT_TOP}, {"text-bottom", VALIGN_TEXT_BOTTOM}};
    KEYWORD(words, g->value, g->s->valign, VALUE_LACKS);
}

/* === sizes === */

/* size reads a length that is not negative; the words mean auto. */
static enum verdict size(struct setting *g, const char *words, struct ems em,
                         struct length *out)
{
    struct str list = str_from(words);
    while (list.len) {
        struct cut one = str_cut(list, ' ');
        if (str_ieq(g->value, one.head)) {
            *out = (struct length){LENGTH_AUTO, 0};
            return VALUE_SET;
        }
        list = one.tail;
    }
    return length_positive(g->value, em, out);
}

/* no_percent: percentages of a height are not laid out. */
static enum verdict no_percent(enum verdict v, struct length l, struct length *out)
{
    if (v != VALUE_SET)
        return v;
    if (l.unit == LENGTH_PERCENT)
        return VALUE_LACKS;
    *out = l;
    return VALUE_SET;
}

enum verdict set_width(struct setting *g)
{
    return size(g, "auto", g->em, &g->s->width);
}

enum verdict set_height(struct setting *g)
{
    struct length l;
    return no_percent(size(g, "auto", g->em, &l), l, &g->s->height);
}

enum verdict set_min_width(struct setting *g)
{
    return size(g, "auto none", block_em(g), &g->s->min_width);
}

enum verdict set_max_width(struct setting *g)
{
    return size(g, "auto none", block_em(g), &g->s->max_width);
}

enum verdict set_min_height(struct setting *g)
{
    struct length l;
    return no_percent(size(g, "auto none", block_em(g), &l), l, &g->s->min_height);
}

enum verdict set_max_height(struct setting *g)
{
    struct length l;
    return no_percent(size(g, "auto none", block_em(g), &l), l, &g->s->max_height);
}

/* === the four sides === */

static enum side side_of(struct str name)
{
    static const char *const names[] = {
        [TOP] = "-top", [RIGHT] = "-right", [BOTTOM] = "-bottom", [LEFT] = "-left"};
    for (enum side i = TOP; i <= LEFT; i++)
        if (str_has(name, str_from(names[i])))
            return i;
    return TOP;
}

/* four sets top, right, bottom and left from one to four values. As in dompdf each side
 * is dropped alone. */
static enum verdict four(struct setting *g,
                         enum verdict (*set)(struct setting *g, enum side side,
                                             struct str value))
{
    static const int which[][4] = {
        {0, 0, 0, 0}, {0, 1, 0, 1}, {0, 1, 2, 1}, {0, 1, 2, 3}};
    struct words w = words_of(g->value);
    enum verdict all = VALUE_SET;
    if (w.len == 0 || w.len > 4)
        return VALUE_DROPPED;
    for (enum side i = TOP; i <= LEFT; i++) {
        enum verdict v = set(g, i, w.at[which[w.len - 1][i]]);
        if (v == VALUE_LACKS || all == VALUE_SET)
            all = v;
        if (all == VALUE_LACKS)
            return all;
    }
    return all;
}

static enum verdict margin(struct setting *g, enum side side, struct str value)
{
    struct length l = {LENGTH_AUTO, 0};
    enum verdict v = VALUE_SET;
    if (str_ieq(value, S("none")))
        l.unit = LENGTH_PT;
    else if (!str_ieq(value, S("auto")))
        v = length(value, g->em, &l);
    if (v == VALUE_SET)
        g->s->margin[side] = l;
    return v;
}

enum verdict set_margin(struct setting *g)
{
    return four(g, margin);
}

enum verdict set_margin_side(struct setting *g)
{
    return margin(g, side_of(g->d->name), g->value);
}

static enum verdict padding(struct setting *g, enum side side, struct str value)
{
    return length_positive(str_ieq(value, S("none")) ? S("0") : value, g->em,
                           &g->s->padding[side]);
}

enum verdict set_padding(struct setting *g)
{
    return four(g, padding);
}

enum verdict set_padding_side(struct setting *g)
{
    return padding(g, side_of(g->d->name), g->value);
}

/* === borders === */

static bool border_style(struct str s, enum border_style *out)
{
    static const struct keyword words[] = {
        {"none", BORDER_NONE},     {"hidden", BORDER_NONE},   {"solid", BORDER_SOLID},
        {"dotted", BORDER_DOTTED}, {"dashed", BORDER_DASHED}, {"double", BORDER_DOUBLE},
        {"groove", BORDER_GROOVE}, {"ridge", BORDER_RIDGE},   {"inset", BORDER_INSET},
        {"outset", BORDER_OUTSET}};
    int style;
    if (!keyword(words, COUNT(words), s, &style))
        return false;
    *out = (enum border_style)style;
    return true;
}

static enum verdict style_on(struct setting *g, enum side side, struct str value)
{
    return border_style(value, &g->s->border[side].style) ? VALUE_SET : VALUE_DROPPED;
}

static enum verdict width_on(struct setting *g, enum side side, struct str value)
{
    static const struct {
        const char *name;
        double pt;
    } names[] = {{"thin", .5}, {"medium", 1.5}, {"thick", 2.5}};
    struct length l = {LENGTH_PT, 0};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_ieq(value, str_from(names[i].name))) {
            g->s->border[side].line = names[i].pt;
            return VALUE_SET;
        }
    enum verdict v = length_positive(value, g->em, &l);
    if (v == VALUE_SET && l.unit == LENGTH_PERCENT)
        return VALUE_DROPPED;
    if (v == VALUE_SET)
        g->s->border[side].line = l.value;
    return v;
}

static enum verdict colour_on(struct setting *g, enum side side, struct str value)
{
    struct border *b = &g->s->border[side];
    struct colour c;
    bool current = str_ieq(value, S("currentcolor"));
    enum verdict v = current ? VALUE_SET : colour(value, &c);
    if (v != VALUE_SET)
        return v;
    b->coloured = !current;
    if (!current)
        b->colour = c;
    return VALUE_SET;
}

/* border_on sets a side by "1px solid #000" in any order. A width that is none leaves the
 * one before, as in dompdf; two of a kind drop the declaration. */
static enum verdict border_on(struct setting *g, enum side side)
{
    struct words w = words_of(g->value);
    struct border *b = &g->s->border[side], before = *b, reset = {.line = BORDER_MEDIUM};
    bool styled = false, coloured = false, wide = false;
    enum verdict v = VALUE_SET;
    if (w.len == 0)
        return VALUE_DROPPED;
    *b = reset;
    for (size_t i = 0; i < w.len; i++) {
        enum border_style style;
        if (!styled && border_style(w.at[i], &style)) {
            styled = true;
            b->style = style;
        } else if (!coloured && colour_like(w.at[i])) {
            coloured = true;
            v = colour_on(g, side, w.at[i]);
            b->colour = v == VALUE_SET ? b->colour : before.colour;
            b->coloured = v == VALUE_SET ? b->coloured : before.coloured;
        } else if (!wide) {
            wide = true;
            v = width_on(g, side, w.at[i]);
            b->line = v == VALUE_SET ? b->line : before.line;
        } else {
            *b = before;
            return VALUE_DROPPED;
        }
        if (v == VALUE_LACKS)
            return v;
    }
    return v;
}

enum verdict set_border_side(struct setting *g)
{
    return border_on(g, side_of(g->d->name));
}

enum verdict set_border(struct setting *g)
{
    enum verdict v = VALUE_SET;
    for (enum side i = TOP; i <= LEFT && v != VALUE_LACKS; i++)
        v = border_on(g, i);
    return v;
}

enum verdict set_border_width(struct setting *g)
{
    return width_on(g, side_of(g->d->name), g->value);
}

enum verdict set_border_style(struct setting *g)
{
    return style_on(g, side_of(g->d->name), g->value);
}

enum verdict set_border_colour(struct setting *g)
{
    return colour_on(g, side_of(g->d->name), g->value);
}

enum verdict set_border_widths(struct setting *g)
{
    return four(g, width_on);
}

enum verdict set_border_styles(struct setting *g)
{
    return four(g, style_on);
}

enum verdict set_border_colours(struct setting *g)
{
    return four(g, colour_on);
}

/* === backgrounds === */

enum verdict set_fill(struct setting *g)
{
    if (str_ieq(g->value, S("currentcolor")))
        return VALUE_LACKS;
    return colour(g->value, &g->s->background);
}

/* set_background: of the shorthand only the colour is drawn; what tells where an image
 * stands is nothing without one. */
enum verdict set_background(struct setting *g)
{
    static const char *const nothing[] = {"none",     "scroll",   "fixed",     "repeat",
                                          "repeat-x", "repeat-y", "no-repeat", "center",
                                          "top",      "bottom",   "left",      "right"};
    struct words w = words_of(g->value);
    struct colour c = {.none = true};
    for (size_t i = 0; i < w.len; i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT(nothing) && !known; k++)
            known = str_ieq(w.at[i], str_from(nothing[k]));
        if (known)
            continue;
        if (!colour_like(w.at[i]) || str_ieq(w.at[i], S("currentcolor")))
            return VALUE_LACKS;
        enum verdict v = colour(w.at[i], &c);
        if (v != VALUE_SET)
            return v;
    }
    if (!w.len)
        return VALUE_DROPPED;
    g->s->background = c;
    return VALUE_SET;
}

/* === tables === */

enum verdict set_spacing(struct setting *g)
{
    struct words w = words_of(g->value);
    struct length h, v;
    if (w.len == 0 || w.len > 2)
        return VALUE_DROPPED;
    enum verdict verdict = length_positive(w.at[0], block_em(g), &h);
    if (verdict == VALUE_SET)
        verdict = length_positive(w.at[w.len - 1], block_em(g), &v);
    if (verdict != VALUE_SET)
        return verdict;
    if (h.unit == LENGTH_PERCENT || v.unit == LENGTH_PERCENT)
        return VALUE_DROPPED;
    if (h.value != v.value)
        return VALUE_LACKS;
    g->s->spacing = h.value;
    return VALUE_SET;
}

enum verdict set_collapse(struct setting *g)
{
    static const struct keyword words[] = {{"collapse", true}, {"separate", false}};
    KEYWORD(words, g->value, g->s->collapse, VALUE_LACKS);
}

enum verdict set_table_layout(struct setting *g)
{
    static const struct keyword words[] = {{"fixed", true}, {"auto", false}};
    KEYWORD(words, g->value, g->s->table_fixed, VALUE_LACKS);
}
