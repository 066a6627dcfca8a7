/* Regular expressions as PHP's preg_… functions have them: PCRE2's, on bytes. */
#ifndef FACTEUR_PHP_REGEX_IMP_H
#define FACTEUR_PHP_REGEX_IMP_H

#include "facteur/php.h"

enum { REGEX_GROUPS = 100 }; /* as many as a replacement can name */

struct regex;

struct regex_match {
    bool found;
    size_t from[REGEX_GROUPS], to[REGEX_GROUPS]; /* SIZE_MAX: the group took no part */
};

/* regex_compile reads a pattern with its delimiters and modifiers; what it made is given
 * back by the arena's reset. `function` is named in PHP's words (ERR_JOB) for a pattern
 * that PCRE does not take; ERR_UNSUPPORTED: its delimiters or modifiers. */
struct regex *regex_compile(struct str pattern, const char *function, struct arena *perm,
                            struct error *e) MUST;

/* regex_find looks for the first match from `at` on; m->found says whether there is one.
 * `not_empty`: only one that begins at `at` and is not empty, as PCRE goes on behind an
 * empty one. It fails where PHP gives up: the search takes too long, or the text is no
 * UTF-8. */
bool regex_find(const struct regex *r, struct str subject, size_t at, bool not_empty,
                struct regex_match *m, struct error *e) MUST;

/* regex_step returns the offset behind the character (byte, without the modifier u) at
 * `at`. */
size_t regex_step(const struct regex *r, struct str subject, size_t at);

#endif
