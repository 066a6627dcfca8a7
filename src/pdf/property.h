/* property.h: what the files of the properties share: values (value.c), boxes
 * (property_box.c), fonts, text and the table (property.c). */
#ifndef FACTEUR_PDF_PROPERTY_H
#define FACTEUR_PDF_PROPERTY_H

#include "pdf/style.h"

/* What becomes of a value: it is set, or dompdf too drops the declaration, or dompdf
 * does with it what facteur does not (0: false). */
enum verdict { VALUE_LACKS, VALUE_SET, VALUE_DROPPED };

enum { ROOT_EM = 12 };

/* Font sizes that lengths may be told in. */
struct ems {
    double own, root;
};

struct setting {
    struct source *source;
    const struct declaration *d;
    struct str value;
    struct style *s;
    const struct style *parent;
    struct ems em;
    bool sizing; /* only font sizes are being set: the rest is measured in them */
};

/* === values (value.c) === */

struct words { /* a value split at blanks, brackets kept together */
    struct str at[16];
    size_t len;
    bool more;
};
struct words words_of(struct str s);

struct keyword {
    const char *name;
    int value;
};

/* keyword looks a word up, in any case. */
bool keyword(const struct keyword *table, size_t len, struct str s, int *out);

/* KEYWORD sets a field to what the word means; `unknown` is the verdict on others. */
#define KEYWORD(table, s, field, unknown)                                                \
    do {                                                                                 \
        int value_;                                                                      \
        if (!keyword((table), COUNT(table), (s), &value_))                               \
            return (unknown);                                                            \
        (field) = value_;                                                                \
        return VALUE_SET;                                                                \
    } while (0)

/* number reads the leading number of a value; *rest is its unit. */
bool number(struct str s, double *out, struct str *rest);

/* length reads a length or percentage; a bare number is points, as for dompdf. */
enum verdict length(struct str s, struct ems em, struct length *out);
enum verdict length_positive(struct str s, struct ems em, struct length *out);

enum verdict colour(struct str s, struct colour *out);

/* colour_like: dompdf takes the word in a shorthand for a colour. */
bool colour_like(struct str s);

/* block_em: what dompdf computes while it parses a block of declarations is measured in
 * the font size told before in the same block, or in the initial one; rem too, before
 * there is a root. */
struct ems block_em(const struct setting *g);

/* === boxes (property_box.c) === */

enum verdict set_background(struct setting *g);
enum verdict set_border(struct setting *g);
enum verdict set_border_colour(struct setting *g);
enum verdict set_border_colours(struct setting *g);
enum verdict set_border_side(struct setting *g);
enum verdict set_border_style(struct setting *g);
enum verdict set_border_styles(struct setting *g);
enum verdict set_border_width(struct setting *g);
enum verdict set_border_widths(struct setting *g);
enum verdict set_clear(struct setting *g);
enum verdict set_collapse(struct setting *g);
enum verdict set_display(struct setting *g);
enum verdict set_fill(struct setting *g);
enum verdict set_float(struct setting *g);
enum verdict set_height(struct setting *g);
enum verdict set_margin(struct setting *g);
enum verdict set_margin_side(struct setting *g);
enum verdict set_max_height(struct setting *g);
enum verdict set_max_width(struct setting *g);
enum verdict set_min_height(struct setting *g);
enum verdict set_min_width(struct setting *g);
enum verdict set_padding(struct setting *g);
enum verdict set_padding_side(struct setting *g);
enum verdict set_spacing(struct setting *g);
enum verdict set_table_layout(struct setting *g);
enum verdict set_valign(struct setting *g);
enum verdict set_width(struct setting *g);

#endif
