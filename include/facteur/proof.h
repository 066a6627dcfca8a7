/* proof: is a letter that facteur makes the one that PHP makes?
 *
 * A letter is what leaves the house for it: mails with their envelope, the HTML of its
 * views, its rows, its lines in the app's log. Two of them are taken apart into facts,
 * and these are compared one by one: mails by fields and decoded parts, a PDF by its
 * pages and what is written on them, all else byte for byte but for a list of masks.
 */
#ifndef FACTEUR_PROOF_H
#define FACTEUR_PROOF_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/php.h"

struct proof_mail {
    struct str from; /* envelope */
    const struct str *to;
    size_t to_len;
    struct str bytes;
};

struct proof_view {
    struct str name; /* its file */
    struct str html;
};

struct proof_letter {
    const struct proof_mail *mails;
    size_t mails_len;
    const struct proof_view *views;
    size_t views_len;
    struct php_value rows;  /* a list of arrays by column */
    struct php_value lines; /* a list of {level, message, context} */
};

struct proof_result {
    VEC(struct str) differences; /* "mail 1 subject: facteur "…", PHP "…"" */
    size_t facts, pages, runs;   /* that PHP's letter has */
};

/* proof_compare compares what facteur made with what PHP made. */
void proof_compare(const struct proof_letter *ours, const struct proof_letter *theirs,
                   struct arena *perm, struct proof_result *out);

/* proof_mask lends the i-th line of what is not compared; NULL: there are no more. */
const char *proof_mask(size_t i);

/* === what was found equal (record.c) === */

enum { PROOF_STAMP = 65 }; /* with its NUL */

enum { PROOF_WAYS = 256 };

struct proof_record {
    char stamp[PROOF_STAMP];
    struct str php; /* who made the others */
    int64_t at;     /* Unix seconds */
    /* How many letters were equal, by the branches that their views took. */
    size_t len;
    struct proof_way {
        uint64_t path;
        int64_t letters;
    } ways[PROOF_WAYS];
};

/* proof_record_add counts letters of one path; where there is no room for another one
 * nothing is known of it. proof_record_raise has it know at least so many of them.
 * proof_record_letters counts all. */
void proof_record_add(struct proof_record *r, uint64_t path, int64_t letters);
void proof_record_raise(struct proof_record *r, uint64_t path, int64_t letters);
int64_t proof_record_letters(const struct proof_record *r);

/* proof_stamp is another text when a letter may be: the app's files (PHP, views, .env,
 * what Composer installed, fonts), its settings, or this program have changed.
 * ERR_UNSUPPORTED: they cannot be read, or there is no APP_KEY. */
bool proof_stamp(struct app *app, struct arena tmp, char out[static PROOF_STAMP],
                 struct error *e) MUST;

/* proof_record_read reads what was written for this app; false: there is none, or it
 * bears no seal of this app's key. proof_record_write puts it there, or to `path`. */
bool proof_record_read(struct app *app, struct arena *perm, struct proof_record *out);
bool proof_record_write(struct app *app, const char *path, const struct proof_record *r,
                        struct arena *perm, struct error *e) MUST;
void proof_record_drop(struct app *app, struct arena *perm);

#endif
