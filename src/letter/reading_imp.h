/* reading_imp.h: what the files share that read the class which sends the letters.
 *
 * Its methods are run with symbols in the place of a letter's data, once for each way
 * that they can go. What they would do comes out as lines, and these are compared with
 * what facteur does (reading.c). */
#ifndef FACTEUR_READING_IMP_H
#define FACTEUR_READING_IMP_H

#include "letter/letter_imp.h"

#define SENDS_CLASS "App\\Models\\VolunteerLetterSend"
#define MAILABLE "Illuminate\\Mail\\Mailable"

/* Where the way goes other than to a mail. */
enum miss { MISS_NOTHING, MISS_CLUB, MISS_TEACHER, MISS_USER, MISS_EMAIL, MISS_EMPTY };
enum fault { FAULT_NONE, FAULT_VIEW, FAULT_PDF, FAULT_MAIL };

struct reading_line {
    struct str text;
    struct php_place place;
};

/* A file that the class has written, by its path; `there` until it is deleted. */
struct reading_file {
    struct str path;
    bool there;
};

struct reading {
    struct letters *ls;
    const struct job_source *source;
    struct arena *perm;
    struct php_host host;
    struct php_runner runner;
    struct map classes; /* const struct php_declared, by name */
    bool beside;        /* a file holds more than its class, which was told */
    /* one way through */
    enum miss miss;
    enum fault fault;
    bool others_there; /* files and folders that it did not write itself */
    VEC(struct reading_line) lines;
    VEC(struct reading_file) written;
    struct php_value club, teacher, row;
    struct php_place row_changed;
    struct map places;   /* of what the mail has, by its name */
    struct php_place at; /* of the method of the mail that is run */
};

/* === what is done, written down (reading_line.c) === */

/* reading_line notes what is done. */
void reading_line(struct reading *r, struct php_place at, const char *fmt, ...)
    PRINTF(3, 4);

/* reading_text writes a value as lines have it. */
struct str reading_text(struct reading *r, struct php_value v);

/* reading_refuse says that an effect is not one that facteur knows; false always. */
bool reading_refuse(const struct php_effect *d, struct error *e);

/* reading_judge is the runner's judge (reading_judge.c). */
bool reading_judge(void *arg, const struct php_effect *d, struct php_value *out,
                   struct error *e);

/* === the mail's class (reading_mail.c) === */

/* reading_mailable is what is made, or asked of what was made, while its methods run. */
bool reading_mailable(struct reading *r, const struct php_effect *d, bool *known,
                      struct php_value *out, struct error *e);

/* What the line of a part is that facteur makes as the class says it. */
#define AS_SAID "of texts and columns"

/* reading_mail notes the lines of a mail that is sent; `pending` is what Mail::to() made,
 * or null. */
bool reading_mail(struct reading *r, const struct php_effect *d, struct php_value pending,
                  struct php_value mailable, struct error *e);

/* plan_take keeps a part of the mail as it is said (plan.c); false: facteur cannot make
 * it so. */
bool plan_take(struct reading *r, struct str name, struct php_value v,
               struct php_place place);

/* reading_mail_gives says whether the mailable gives its view a variable of that name
 * beside the two that facteur gives. */
bool reading_mail_gives(const struct letters *ls, struct str name);

#endif
