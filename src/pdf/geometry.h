/* geometry.h: lengths, edges and outer sizes of boxes (geometry.c). */
#ifndef FACTEUR_PDF_GEOMETRY_H
#define FACTEUR_PDF_GEOMETRY_H

#include "pdf/box.h"

bool near_or_less(double a, double b); /* a <= b, but for rounding */
bool near_equal(double a, double b);

/* length_used resolves a length; auto is 0. */
double length_used(struct length l, double containing);

/* box_edges computes used margins, paddings and borders. */
void box_edges(struct box *b, double containing);

/* box_outer_height is that of the margin box. */
double box_outer_height(const struct box *b);

#endif
