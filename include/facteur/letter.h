/* letter: volunteers' letters, App\Jobs\SendVolunteerLetterJob: the class of their jobs,
 * letters made without a job, and jobs as the app dispatches them.
 *
 * A letter is made of a club, a teacher and the teacher's user, by two of the app's
 * views: the PDF and the mail that it goes out with.
 */
#ifndef FACTEUR_LETTER_H
#define FACTEUR_LETTER_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/db.h"
#include "facteur/jobs.h"

extern const struct job_class send_volunteer_letter;

/* === without a job === */

/* Whose letter is made, and the local part of its Message-ID. */
struct letter_request {
    int64_t club_id, teacher_id;
    struct str id;
};

struct letter {
    int64_t club_id, teacher_id;
    struct str club_name, teacher_name, email;
    struct str html; /* of the mail */
    struct str page; /* the HTML that became the PDF */
    struct str pdf, mail;
    struct str from;        /* envelope */
    const struct str *more; /* its recipients behind the email's */
    size_t more_len;
    void *models;  /* what the views see */
    uint64_t path; /* which branches its views took (view_page) */
};

/* letter_preview makes the letter of a club and a teacher: the PDF and the mail as it
 * would be sent. ERR_JOB: one of them is missing, or has no address. */
bool letter_preview(struct jobs *js, const struct letter_request *r, struct arena *perm,
                    struct arena tmp, struct letter *out, struct error *e) MUST;

/* letter_try makes the letter as its job would, with its row and its line in the log, and
 * rolls back: nothing is sent, recorded or logged. Errors as letter_preview. */
struct letter_trial {
    struct letter letter;
    struct str from; /* envelope */
    const struct str *to;
    size_t to_len;
    struct php_value rows;  /* a list of one array, by column */
    struct php_value lines; /* a list of one {level, message, context} */
};
bool letter_try(struct jobs *js, const struct letter_request *r, struct arena *perm,
                struct arena tmp, struct letter_trial *out, struct error *e) MUST;

/* letter_way names all that letters of one path have in common: the branches that their
 * views took, and the state of the files that the class was checked with last. */
uint64_t letter_way(struct jobs *js, uint64_t path);

/* letter_check_view reports what is to be said of one view (its name, or the path of a
 * .blade.php file) and of those it includes, without a database: of its models nothing is
 * known. NULL: each view that a letter is made of. False: a view cannot be read. */
bool letter_check_view(struct jobs *js, const char *view, struct error *e) MUST;

/* letter_view_file gives the name of a view that letters are made of, and its file.
 * ERR_JOB: the app has none. */
enum { LETTER_VIEW, MAIL_VIEW, LETTER_VIEWS };
bool letter_view_file(struct app *app, size_t which, struct arena *perm, struct str *name,
                      struct str *file, struct error *e) MUST;

/* === dispatching === */

/* letter_payload makes the payload that the app's own dispatch would make. */
struct letter_dispatch {
    int64_t club_id, teacher_id;
    int64_t user_id;  /* 0: none */
    struct str queue; /* empty: the connection's */
    int64_t delay;    /* seconds; 0: none */
};
struct str letter_payload(const struct app *app, const struct letter_dispatch *d,
                          struct arena *perm);

/* letter_addressable: do club, user and teachers exist, and have the teachers an address?
 * ERR_FATAL names those of which it is not so: their jobs would end without a letter. */
bool letter_addressable(struct db *db, const struct letter_dispatch *d,
                        const int64_t *teachers, size_t len, struct arena *perm,
                        struct error *e) MUST;

/* letter_newest finds clubs and teachers of the letters that were recorded last, at most
 * `most`, each once; where none was, any teacher who has an address, and any club.
 * ERR_JOB: there is no letter to be made. */
bool letter_newest(struct db *db, struct arena *perm, struct letter_request *out,
                   size_t most, size_t *found, struct error *e) MUST;

/* letter_teachers lists the teachers of a club that have an address, by id. */
bool letter_teachers(struct db *db, int64_t club_id, struct arena *perm, int64_t **ids,
                     size_t *len, struct error *e) MUST;

#endif
