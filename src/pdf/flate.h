/* flate.h: bytes as a PDF's FlateDecode has them. */
#ifndef FACTEUR_PDF_FLATE_H
#define FACTEUR_PDF_FLATE_H

#include "facteur/base.h"

/* flate deflates. false: there is no memory for it. */
bool flate(struct str bytes, struct arena *perm, struct str *out) MUST;

#endif
