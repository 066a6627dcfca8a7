/* findings.h: what dompdf does otherwise than is laid out here. */
#ifndef FACTEUR_PDF_FINDINGS_H
#define FACTEUR_PDF_FINDINGS_H

#include "pdf/source.h"

struct declaration;
struct node;

/* === what dompdf knows and facteur lacks (dompdf.c): findings === */

/* is_open: not all of it is known before run time. */
bool is_open(const struct source *source, struct str s);

/* property_unknown and value_unknown judge a declaration that property.c does not do. */
void property_unknown(struct source *s, const struct declaration *d);
void value_unknown(struct source *s, const struct declaration *d);
void value_dropped(struct source *s, const struct declaration *d);
void property_in_page(struct source *s, const struct declaration *d);

/* selector_unknown judges a selector that css.c cannot parse; false: it never matches in
 * dompdf either. */
bool selector_unknown(struct source *s, size_t at, struct str selector);

void at_rule_unknown(struct source *s, size_t at, struct str head, struct arena *perm);
void attribute_judge(struct source *s, struct str tag, struct str name, struct str value,
                     size_t at);
void element_judge(struct source *s, struct str tag, size_t at);

/* === what differs from dompdf (differ.c): findings === */

/* differ_judge reports what of a document is rendered otherwise than by dompdf; not
 * `all`: only what depends on what a letter holds. */
void differ_judge(struct source *s, const struct node *root, const struct node *body,
                  bool all);

/* What shows only when pages are made; told once in a document. */
void differ_row_span(struct source *s, const struct node *table);
void differ_split_align(struct source *s, const struct node *n);

#endif
