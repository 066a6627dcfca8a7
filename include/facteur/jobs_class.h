/* jobs_class: what a class of jobs is made of, for the modules that hold one.
 *
 * A class is a row of functions. Whoever opens jobs (jobs.h) gives those that it runs;
 * each has a home there, with memory for what its check finds and a state of its own, and
 * knows of no other. What its PHP declares and what its jobs' payloads hold is read for
 * it, and what their ends mean to a lock, a chain or a batch is done for it.
 */
#ifndef FACTEUR_JOBS_CLASS_H
#define FACTEUR_JOBS_CLASS_H

#include "facteur/jobs.h"

/* === PHP source, read without running it === */

/* php_source_clean makes each comment blanks, newlines kept. */
struct str php_source_clean(struct str source, struct arena *perm);

/* php_source_string returns the offset behind the quoted string that starts at `at`. */
size_t php_source_string(struct str source, size_t at);

/* php_source_word returns the offset behind a whole word, from `from` on; -1: nowhere. */
ptrdiff_t php_source_word(struct str source, struct str word, size_t from);

/* php_source_function finds a method by its name, in any case; *behind: after the name.
 */
bool php_source_function(struct str source, struct str name, size_t *behind);

/* php_source_statement returns what stands from `at` to the next ";". */
struct str php_source_statement(struct str source, size_t at);

int php_source_line(struct str source, size_t at);

/* php_source_bases calls fn for each trait that the file's class uses, then for its
 * parent, by their full names. */
typedef void php_source_name_fn(void *arg, struct str name, int line);
void php_source_bases(struct str source, php_source_name_fn *fn, void *arg,
                      struct arena *perm);

struct php_file {
    const char *file;
    struct str source;
};

/* source_stamp mixes the state of a file of the app into *stamp. */
void source_stamp(const struct app *app, const char *file, struct arena tmp,
                  uint64_t *stamp);

/* === a class as its PHP declares it === */

enum unique { UNIQUE_NO, UNIQUE_UNTIL_DONE, UNIQUE_UNTIL_PROCESSING };

struct job_source {
    const char *file; /* "app/Jobs/SendVolunteerLetterJob.php" */
    /* It, and those of its traits and parents that are the app's, without comments; none:
     * there is no file, and the class is taken to be the one that facteur knows. */
    VEC(struct php_file) files;
    bool batchable, interacts, encrypted, queueable, queued, serializes;
    /* Properties of Laravel's traits, in PHP's order. */
    VEC(struct str) order;
    bool odd; /* it has a base or an interface of which nothing is known */
    /* It does nothing in a cancelled batch; or only where there is a batch at all. */
    bool skips_cancelled, wants_batch;
    enum unique unique;
};

/* job_source_path is where PSR-4 and Laravel's composer.json put the class. */
char *job_source_path(struct arena *perm, struct str class_name);

/* job_source_readable: may the class's file be read, if there is one? */
bool job_source_readable(struct app *app, struct str class_name, struct arena *perm,
                         struct error *e) MUST;

/* === a class as it runs here === */

/* Where a class lives while jobs are open. */
struct job_home {
    const struct job_class *class;
    const struct jobs_options *o;
    struct arena *check; /* what its newest check found: empty when one begins */
    struct arena *perm;  /* as long as jobs are open */
    struct arena *tmp;   /* copied, for what dies with a call */
    /* Made by `open`: its own, and the mailer that it sends with, if it does: of that the
     * worker's pace is asked, and it is hung up when there is no work. */
    void *state;
    struct mailer *mailer;
    uint64_t checked_as; /* the state of its files, at the newest check */
};

/* job_way mixes what a job did with that state: another one where either is. */
uint64_t job_way(const struct job_home *h, uint64_t path);

struct job_class {
    struct queue_class queue;
    /* open makes what it keeps warm, without a database; close is called after an open
     * that failed, too. NULL: it keeps nothing. */
    bool (*open)(struct job_home *h, struct error *e);
    void (*close)(struct job_home *h);
    /* readable: may all be read that its jobs are made of? NULL: its PHP is all. */
    bool (*readable)(struct app *app, struct arena *perm, struct error *e);
    /* check says whether everything the class, of which its PHP declares `source`, needs
     * can be done; it reports why not. false with *e set only when the database is away.
     */
    bool (*check)(struct job_home *h, const struct job_source *source, bool *ok,
                  struct error *e);
    /* touches says whether a class of the app is one that its jobs' way goes through. */
    bool (*touches)(struct str class_name);
    /* model names the i-th model that they read or write; NULL: there are no more. */
    const char *(*model)(size_t i, struct arena *perm);
    /* stamp changes when the result of check may change. */
    bool (*stamp)(struct job_home *h, uint64_t *out, struct error *e);
    /* begin in the claim's transaction, handle without one; then one of the next four in
     * that of the end, and the line of the log behind it. */
    bool (*begin)(struct job_home *h, struct job_run *r, enum job_begun *begun,
                  bool *undecodable, struct error *e);
    bool (*handle)(struct job_home *h, struct job_run *r, struct error *e);
    bool (*completed)(struct job_home *h, struct job_run *r, struct error *e);
    bool (*failed)(struct job_home *h, struct job_run *r, const struct job_failure *f,
                   struct error *e);
    bool (*withdrawn)(struct job_home *h, struct job_run *r, struct error *e);
    /* killed is `failed` for a process that is gone: only the job's payload and the id of
     * its row are known. */
    bool (*killed)(struct job_home *h, struct job_run *r, const struct job_failure *f,
                   struct error *e);
    bool (*row_exists)(struct job_home *h, int64_t row, bool *exists, struct error *e);
    /* the exception of work that failed in a step of its own; NULL: none of these */
    const char *(*exception)(const char *step);
    void (*log_done)(struct job_home *h, const struct job_run *r);
    void (*log_failed)(struct job_home *h, const struct job_run *r,
                       const struct job_failure *f);
};

/* jobs_home lends the home of a class, which must be one of those that jobs were opened
 * with. */
struct job_home *jobs_home(struct jobs *js, const struct job_class *class);

/* What is told of a job whose way `proven` does not know. */
#define JOBS_UNPROVEN "letters like this were not found equal to PHP's yet"

/* job_boot_allows says whether what the app does at its start leaves the class's jobs as
 * they are; if not, they are PHP's. `report`: what it does is told. */
bool job_boot_allows(const struct job_home *h, bool report);

/* job_command lends the command; false: *e says why there is none. */
bool job_command(const struct job_run *r, const struct php_object **out,
                 struct error *e) MUST;

/* === what is reported === */

struct use_place {
    const char *file;
    int line, col;
};

/* jobs_report reports an error finding in printf's form; it returns false always. */
bool jobs_report(const struct jobs_options *o, const struct use_place *at,
                 const char *fmt, ...) PRINTF(3, 4);

/* jobs_step says that the work has come to a step; jobs_sent that what cannot be undone
 * is done. */
void jobs_step(const struct jobs_options *o, const char *step);
void jobs_sent(const struct jobs_options *o);

/* === a job's payload, as createPayload makes it === */

struct job_payload {
    struct str class_name;
    /* What the object or its class says. */
    struct php_value tries, max_exceptions, fail_on_timeout, count_crashes, backoff,
        timeout, retry_until, batch_id;
    struct str command;
    struct php_value context; /* illuminate:log:context; null: none */
    struct php_value delay;   /* seconds, or null */
};
bool job_payload_json(const struct app *app, const struct job_payload *p,
                      struct arena *perm, struct str *out, struct error *e) MUST;

#endif
