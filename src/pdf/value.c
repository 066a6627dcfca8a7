/* value.c: numbers, lengths, colours and words of CSS values. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "pdf/property.h"

bool keyword(const struct keyword *table, size_t len, struct str s, int *out)
{
    for (size_t i = 0; i < len; i++)
        if (str_ieq(s, str_from(table[i].name))) {
            *out = table[i].value;
            return true;
        }
    return false;
}

struct words words_of(struct str s)
{
    struct words w = {.len = 0};
    while ((s = str_trim(s)).len) {
        size_t n = 0;
        int depth = 0;
        while (n < s.len && (depth || !isspace((unsigned char)s.ptr[n]))) {
            depth += s.ptr[n] == '(';
            depth -= s.ptr[n] == ')' && depth;
            n++;
        }
        if (w.len == COUNT(w.at)) {
            w.more = true;
            return w;
        }
        w.at[w.len++] = str_sub(s, 0, n);
        s = str_skip(s, n);
    }
    return w;
}

/* === numbers and lengths === */

static size_t digits(struct str s, size_t at)
{
    size_t n = at;
    while (n < s.len && isdigit((unsigned char)s.ptr[n]))
        n++;
    return n - at;
}

/* number_len measures [+-]digits.digits with an exponent; what ends in "." is none. */
static size_t number_len(struct str s)
{
    size_t n = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
    size_t whole = digits(s, n);
    n += whole;
    if (n < s.len && s.ptr[n] == '.' && digits(s, n + 1))
        n += 1 + digits(s, n + 1);
    else if (!whole)
        return 0;
    if (n < s.len && tolower((unsigned char)s.ptr[n]) == 'e') {
        size_t sign = n + 1 < s.len && (s.ptr[n + 1] == '-' || s.ptr[n + 1] == '+');
        size_t exponent = digits(s, n + 1 + sign);
        n += exponent ? 1 + sign + exponent : 0;
    }
    return n;
}

bool number(struct str s, double *out, struct str *rest)
{
    char z[64];
    size_t n = number_len(s);
    if (!n || n >= sizeof(z))
        return false;
    memcpy(z, s.ptr, n);
    z[n] = '\0';
    *out = strtod(z, NULL);
    *rest = str_skip(s, n);
    return isfinite(*out);
}

static enum verdict no_length(struct str s)
{
    return memchr(s.ptr, '(', s.len) ? VALUE_LACKS : VALUE_DROPPED;
}

enum verdict length(struct str s, struct ems em, struct length *out)
{
    /* n × per / of, in this order: to the last digit as dompdf */
    const struct {
        const char *name;
        double per, of;
    } units[] = {{"", 1, 1},        {"pt", 1, 1},       {"px", 72, 96}, {"in", 72, 1},
                 {"cm", 72, 2.54},  {"mm", 72, 25.4},   {"pc", 12, 1},  {"em", em.own, 1},
                 {"ex", em.own, 2}, {"rem", em.root, 1}};
    double n;
    struct str unit;
    if (!s.len || !number(s, &n, &unit))
        return no_length(s);
    *out = (struct length){LENGTH_PT, n};
    if (str_eq(unit, S("%"))) {
        out->unit = LENGTH_PERCENT;
        return VALUE_SET;
    }
    for (size_t i = 0; i < COUNT(units); i++)
        if (str_ieq(unit, str_from(units[i].name))) {
            out->value = n * units[i].per / units[i].of;
            return VALUE_SET;
        }
    return VALUE_DROPPED;
}

enum verdict length_positive(struct str s, struct ems em, struct length *out)
{
    struct length l;
    enum verdict v = length(s, em, &l);
    if (v == VALUE_SET && l.value < 0)
        return VALUE_DROPPED;
    if (v == VALUE_SET)
        *out = l;
    return v;
}

/* === colours === */

static const struct {
    const char *name;
    unsigned rgb;
} colour_names[] = {{"aliceblue", 0xf0f8ff},
                    {"antiquewhite", 0xfaebd7},
                    {"aqua", 0x00ffff},
                    {"aquamarine", 0x7fffd4},
                    {"azure", 0xf0ffff},
                    {"beige", 0xf5f5dc},
                    {"bisque", 0xffe4c4},
                    {"black", 0x000000},
                    {"blanchedalmond", 0xffebcd},
                    {"blue", 0x0000ff},
                    {"blueviolet", 0x8a2be2},
                    {"brown", 0xa52a2a},
                    {"burlywood", 0xdeb887},
                    {"cadetblue", 0x5f9ea0},
                    {"chartreuse", 0x7fff00},
                    {"chocolate", 0xd2691e},
                    {"coral", 0xff7f50},
                    {"cornflowerblue", 0x6495ed},
                    {"cornsilk", 0xfff8dc},
                    {"crimson", 0xdc143c},
                    {"cyan", 0x00ffff},
                    {"darkblue", 0x00008b},
                    {"darkcyan", 0x008b8b},
                    {"darkgoldenrod", 0xb8860b},
                    {"darkgray", 0xa9a9a9},
                    {"darkgreen", 0x006400},
                    {"darkgrey", 0xa9a9a9},
                    {"darkkhaki", 0xbdb76b},
                    {"darkmagenta", 0x8b008b},
                    {"darkolivegreen", 0x556b2f},
                    {"darkorange", 0xff8c00},
                    {"darkorchid", 0x9932cc},
                    {"darkred", 0x8b0000},
                    {"darksalmon", 0xe9967a},
                    {"darkseagreen", 0x8fbc8f},
                    {"darkslateblue", 0x483d8b},
                    {"darkslategray", 0x2f4f4f},
                    {"darkslategrey", 0x2f4f4f},
                    {"darkturquoise", 0x00ced1},
                    {"darkviolet", 0x9400d3},
                    {"deeppink", 0xff1493},
                    {"deepskyblue", 0x00bfff},
                    {"dimgray", 0x696969},
                    {"dimgrey", 0x696969},
                    {"dodgerblue", 0x1e90ff},
                    {"firebrick", 0xb22222},
                    {"floralwhite", 0xfffaf0},
                    {"forestgreen", 0x228b22},
                    {"fuchsia", 0xff00ff},
                    {"gainsboro", 0xdcdcdc},
                    {"ghostwhite", 0xf8f8ff},
                    {"gold", 0xffd700},
                    {"goldenrod", 0xdaa520},
                    {"gray", 0x808080},
                    {"green", 0x008000},
                    {"greenyellow", 0xadff2f},
                    {"grey", 0x808080},
                    {"honeydew", 0xf0fff0},
                    {"hotpink", 0xff69b4},
                    {"indianred", 0xcd5c5c},
                    {"indigo", 0x4b0082},
                    {"ivory", 0xfffff0},
                    {"khaki", 0xf0e68c},
                    {"lavender", 0xe6e6fa},
                    {"lavenderblush", 0xfff0f5},
                    {"lawngreen", 0x7cfc00},
                    {"lemonchiffon", 0xfffacd},
                    {"lightblue", 0xadd8e6},
                    {"lightcoral", 0xf08080},
                    {"lightcyan", 0xe0ffff},
                    {"lightgoldenrodyellow", 0xfafad2},
                    {"lightgray", 0xd3d3d3},
                    {"lightgreen", 0x90ee90},
                    {"lightgrey", 0xd3d3d3},
                    {"lightpink", 0xffb6c1},
                    {"lightsalmon", 0xffa07a},
                    {"lightseagreen", 0x20b2aa},
                    {"lightskyblue", 0x87cefa},
                    {"lightslategray", 0x778899},
                    {"lightslategrey", 0x778899},
                    {"lightsteelblue", 0xb0c4de},
                    {"lightyellow", 0xffffe0},
                    {"lime", 0x00ff00},
                    {"limegreen", 0x32cd32},
                    {"linen", 0xfaf0e6},
                    {"magenta", 0xff00ff},
                    {"maroon", 0x800000},
                    {"mediumaquamarine", 0x66cdaa},
                    {"mediumblue", 0x0000cd},
                    {"mediumorchid", 0xba55d3},
                    {"mediumpurple", 0x9370db},
                    {"mediumseagreen", 0x3cb371},
                    {"mediumslateblue", 0x7b68ee},
                    {"mediumspringgreen", 0x00fa9a},
                    {"mediumturquoise", 0x48d1cc},
                    {"mediumvioletred", 0xc71585},
                    {"midnightblue", 0x191970},
                    {"mintcream", 0xf5fffa},
                    {"mistyrose", 0xffe4e1},
                    {"moccasin", 0xffe4b5},
                    {"navajowhite", 0xffdead},
                    {"navy", 0x000080},
                    {"oldlace", 0xfdf5e6},
                    {"olive", 0x808000},
                    {"olivedrab", 0x6b8e23},
                    {"orange", 0xffa500},
                    {"orangered", 0xff4500},
                    {"orchid", 0xda70d6},
                    {"palegoldenrod", 0xeee8aa},
                    {"palegreen", 0x98fb98},
                    {"paleturquoise", 0xafeeee},
                    {"palevioletred", 0xdb7093},
                    {"papayawhip", 0xffefd5},
                    {"peachpuff", 0xffdab9},
                    {"peru", 0xcd853f},
                    {"pink", 0xffc0cb},
                    {"plum", 0xdda0dd},
                    {"powderblue", 0xb0e0e6},
                    {"purple", 0x800080},
                    {"red", 0xff0000},
                    {"rosybrown", 0xbc8f8f},
                    {"royalblue", 0x4169e1},
                    {"saddlebrown", 0x8b4513},
                    {"salmon", 0xfa8072},
                    {"sandybrown", 0xf4a460},
                    {"seagreen", 0x2e8b57},
                    {"seashell", 0xfff5ee},
                    {"sienna", 0xa0522d},
                    {"silver", 0xc0c0c0},
                    {"skyblue", 0x87ceeb},
                    {"slateblue", 0x6a5acd},
                    {"slategray", 0x708090},
                    {"slategrey", 0x708090},
                    {"snow", 0xfffafa},
                    {"springgreen", 0x00ff7f},
                    {"steelblue", 0x4682b4},
                    {"tan", 0xd2b48c},
                    {"teal", 0x008080},
                    {"thistle", 0xd8bfd8},
                    {"tomato", 0xff6347},
                    {"turquoise", 0x40e0d0},
                    {"violet", 0xee82ee},
                    {"wheat", 0xf5deb3},
                    {"white", 0xffffff},
                    {"whitesmoke", 0xf5f5f5},
                    {"yellow", 0xffff00},
                    {"yellowgreen", 0x9acd32}};

static struct colour from_rgb(unsigned rgb)
{
    return (struct colour){.r = (rgb >> 16 & 255) / 255.0,
                           .g = (rgb >> 8 & 255) / 255.0,
                           .b = (rgb & 255) / 255.0};
}

/* hex_colour reads #rgb and #rrggbb; what is not opaque is not drawn here. */
static enum verdict hex_colour(struct str s, struct colour *out)
{
    unsigned rgb = 0, alpha = 255;
    bool brief = s.len == 3 || s.len == 4;
    if (!brief && s.len != 6 && s.len != 8)
        return VALUE_DROPPED;
    for (size_t i = 0; i < s.len; i++) {
        int c = tolower((unsigned char)s.ptr[i]);
        if (!isxdigit(c))
            return VALUE_LACKS;
        unsigned digit = (unsigned)(isdigit(c) ? c - '0' : c - 'a' + 10);
        bool of_alpha = i >= (brief ? 3 : 6);
        unsigned *part = of_alpha ? &alpha : &rgb;
        *part = brief ? *part << 8 | digit * 17 : *part << 4 | digit;
    }
    *out = from_rgb(rgb);
    return (alpha & 255) == 255 ? VALUE_SET : VALUE_LACKS;
}

/* part_of_rgb reads 0 to 255, or a percentage of it, rounded as dompdf does. */
static bool part_of_rgb(struct str s, double *out)
{
    struct str unit;
    if (!number(s, out, &unit))
        return false;
    if (str_eq(unit, S("%")))
        *out = round(*out * 2.55);
    else if (unit.len || *out != floor(*out))
        return false;
    return *out >= 0 && *out <= 255;
}

static bool opaque(struct str s, bool *clear)
{
    struct str unit;
    double n;
    if (!number(s, &n, &unit) || (unit.len && !str_eq(unit, S("%"))))
        return false;
    n = unit.len ? n / 100 : n;
    *clear = n <= 0;
    return n >= 1 || *clear;
}

/* rgb_colour reads "r, g, b", "r g b", and with an alpha of 1 or 0. */
static enum verdict rgb_colour(struct str s, struct colour *out)
{
    double part[3];
    struct str at[5];
    size_t len = 0;
    bool clear = false;
    while ((s = str_trim(s)).len && len < COUNT(at)) {
        size_t n = 0;
        while (n < s.len && !isspace((unsigned char)s.ptr[n]) && s.ptr[n] != ',' &&
               s.ptr[n] != '/')
            n++;
        at[len++] = str_sub(s, 0, n);
        s = str_trim(str_skip(s, n));
        if (s.len && (s.ptr[0] == ',' || s.ptr[0] == '/'))
            s = str_skip(s, 1);
    }
    if (len < 3 || len > 4)
        return VALUE_LACKS;
    for (size_t i = 0; i < 3; i++)
        if (!part_of_rgb(at[i], &part[i]))
            return VALUE_LACKS;
    if (len == 4 && !opaque(at[3], &clear))
        return VALUE_LACKS;
    *out = (struct colour){
        .r = part[0] / 255, .g = part[1] / 255, .b = part[2] / 255, .none = clear};
    return VALUE_SET;
}

bool colour_like(struct str s)
{
    struct colour ignored;
    return (s.len && s.ptr[0] == '#') || str_ieq(s, S("currentcolor")) ||
           str_ieq(str_sub(s, 0, 4), S("rgb(")) ||
           str_ieq(str_sub(s, 0, 5), S("rgba(")) || colour(s, &ignored) == VALUE_SET;
}

enum verdict colour(struct str s, struct colour *out)
{
    size_t open = str_ieq(str_sub(s, 0, 4), S("rgb("))    ? 4
                  : str_ieq(str_sub(s, 0, 5), S("rgba(")) ? 5
                                                          : 0;
    if (s.len && s.ptr[0] == '#')
        return hex_colour(str_skip(s, 1), out);
    if (open && str_ends(s, S(")")))
        return rgb_colour(str_sub(s, open, s.len - open - 1), out);
    if (str_ieq(s, S("transparent"))) {
        *out = (struct colour){.none = true};
        return VALUE_SET;
    }
    for (size_t i = 0; i < COUNT(colour_names); i++)
        if (str_ieq(s, str_from(colour_names[i].name))) {
            *out = from_rgb(colour_names[i].rgb);
            return VALUE_SET;
        }
    return no_length(s);
}
