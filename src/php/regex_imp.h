/* Regular expressions as PHP's preg_… functions have them: the part of PCRE that config
 * files use, on bytes. What is beyond it is refused when the pattern is compiled. */
#ifndef FACTEUR_PHP_REGEX_IMP_H
#define FACTEUR_PHP_REGEX_IMP_H

#include "facteur/php.h"

enum { REGEX_GROUPS = 10 }; /* the whole match, and nine groups */

struct regex;

struct regex_match {
    size_t from[REGEX_GROUPS], to[REGEX_GROUPS]; /* SIZE_MAX: the group took no part */
};

/* regex_compile reads a pattern with its delimiters and modifiers. ERR_UNSUPPORTED: it
 * holds what is not here. */
struct regex *regex_compile(struct str pattern, struct arena *perm, struct error *e) MUST;

/* regex_find looks for the first match from `at` on; *found says whether there is one.
 * `not_empty`: only one that begins at `at` and is not empty, as PCRE goes on behind an
 * empty one. It fails where the search takes too long. */
bool regex_find(const struct regex *r, struct str subject, size_t at, bool not_empty,
                struct arena tmp, struct regex_match *m, bool *found,
                struct error *e) MUST;

#endif
