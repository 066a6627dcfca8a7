/* charset.h: sets of characters, and the single bytes of CP1252. */
#ifndef FACTEUR_PDF_CHARSET_H
#define FACTEUR_PDF_CHARSET_H

#include "facteur/base.h"

/* Characters of the basic plane. */
enum { CHARSET_END = 0x10000 };

struct charset {
    uint64_t bits[CHARSET_END / 64];
};

void charset_add(struct charset *s, uint32_t code_point); /* beyond the plane: nothing */
bool charset_has(const struct charset *s, uint32_t code_point);

/* charset_chars lists a set in order. */
struct chars {
    uint16_t *at;
    size_t len;
};
struct chars charset_chars(const struct charset *s, struct arena *perm);

/* charset_block gives the characters among which one stands that names and addresses
 * have; empty: it is none of them. A font that needs one of a block gets all. */
struct str charset_block(uint32_t code_point);

/* cp1252 returns the byte of a character, or -1. */
int cp1252(uint32_t code_point);

#endif
