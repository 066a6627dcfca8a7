/* jobs_imp.h: what the files of src/jobs share. */
#ifndef FACTEUR_JOBS_IMP_H
#define FACTEUR_JOBS_IMP_H

#include "facteur/cache.h"
#include "facteur/jobs.h"
#include "facteur/mail.h"
#include "facteur/pdf.h"
#include "facteur/view.h"

/* === a class of jobs: its row in the table of jobs.c === */

struct job_source;

struct job_class {
    struct queue_class queue;
    /* check says whether everything the class, of which its PHP declares `source`, needs
     * can be done; it reports why not. false with *e set only when the database is away.
     */
    bool (*check)(struct jobs *js, const struct job_source *source, bool *ok,
                  struct error *e);
    /* touches says whether a class of the app is one that a letter's way goes through. */
    bool (*touches)(struct str class_name);
    /* stamp changes when the result of check may change. */
    bool (*stamp)(struct jobs *js, uint64_t *out, struct error *e);
    bool (*begin)(struct jobs *js, struct job_run *r, enum job_begun *begun,
                  bool *undecodable, struct error *e);
    bool (*handle)(struct jobs *js, struct job_run *r, struct error *e);
    bool (*completed)(struct jobs *js, struct job_run *r, struct error *e);
    bool (*failed)(struct jobs *js, struct job_run *r, const struct job_failure *f,
                   struct error *e);
    bool (*withdrawn)(struct jobs *js, struct job_run *r, struct error *e);
    bool (*killed)(struct jobs *js, struct job_run *r, const struct job_failure *f,
                   struct error *e);
    bool (*row_exists)(struct jobs *js, int64_t row, bool *exists, struct error *e);
    /* the exception of work that failed in a step of its own; NULL: none of these */
    const char *(*exception)(const char *step);
    void (*log_done)(struct jobs *js, const struct job_run *r);
    void (*log_failed)(struct jobs *js, const struct job_run *r,
                       const struct job_failure *f);
};

extern const struct job_class send_volunteer_letter;

/* === the command (command.c) === */

/* command_object decodes data.command, which may be encrypted. ERR_UNSUPPORTED: it cannot
 * be decrypted here. */
bool command_object(struct jobs *js, const struct payload *p, struct arena *perm,
                    const struct php_object **out, struct error *e) MUST;

/* === PHP source, read without running it (php_source.c) === */

/* php_source_clean makes each comment blanks, newlines kept. */
struct str php_source_clean(struct str source, struct arena *perm);

/* php_source_code makes what stands in single quotes blanks too, which is never code. */
struct str php_source_code(struct str source, struct arena *perm);

/* php_source_string returns the offset behind the quoted string that starts at `at`. */
size_t php_source_string(struct str source, size_t at);

/* php_source_word returns the offset behind a whole word, from `from` on; -1: nowhere. */
ptrdiff_t php_source_word(struct str source, struct str word, size_t from);

/* php_source_function finds a method by its name, in any case; *behind: after the name.
 */
bool php_source_function(struct str source, struct str name, size_t *behind);

/* php_source_statement returns what stands from `at` to the next ";". */
struct str php_source_statement(struct str source, size_t at);

/* php_source_property finds where a class declares "$name". */
enum php_source_visibility { PHP_SOURCE_NONE, PHP_SOURCE_PUBLIC, PHP_SOURCE_HIDDEN };
struct php_source_property {
    enum php_source_visibility visibility;
    bool promoted;    /* a constructor's parameter: it has no default */
    bool unclear;     /* one of several in a statement */
    struct str value; /* what it is declared to be; empty: nothing */
};
struct php_source_property php_source_property(struct str source, struct str name);

/* php_source_returned gives the expression of a body that is one return; `behind` as
 * php_source_function has it. */
bool php_source_returned(struct str source, size_t behind, struct str *out);

int php_source_line(struct str source, size_t at);

/* php_source_bases calls fn for each trait that the file's class uses, then for its
 * parent, by their full names. */
typedef void php_source_name_fn(void *arg, struct str name, int line);
void php_source_bases(struct str source, php_source_name_fn *fn, void *arg,
                      struct arena *perm);

/* php_source_interfaces likewise for what the class implements. */
void php_source_interfaces(struct str source, php_source_name_fn *fn, void *arg,
                           struct arena *perm);

/* === a job class as its PHP declares it (job_source.c) === */

enum unique { UNIQUE_NO, UNIQUE_UNTIL_DONE, UNIQUE_UNTIL_PROCESSING };

struct php_file {
    const char *file;
    struct str source;
};

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

/* job_source_load reads the class and reports what it does beside what facteur knows;
 * false: then it is refused. */
bool job_source_load(struct jobs *js, const char *class_name, struct job_source *out);

/* job_source_readable: may the class's file be read, if there is one? models_readable
 * asks likewise for the models. */
bool job_source_readable(struct app *app, struct str class_name, struct arena *perm,
                         struct error *e) MUST;
bool models_readable(struct app *app, struct arena *perm, struct error *e) MUST;

/* job_source_look reads a class of which only the declarations matter, and reports
 * nothing. false: not all of them can be read. */
bool job_source_look(struct jobs *js, struct str class_name, struct arena *perm,
                     struct job_source *out);

/* job_source_stamp mixes the state of its file into *stamp, source_stamp that of any file
 * of the app. */
void job_source_stamp(struct jobs *js, struct str class_name, uint64_t *stamp);
void source_stamp(struct jobs *js, const char *file, struct arena tmp, uint64_t *stamp);

/* === what its properties and methods give (job_source_value.c) === */

/* job_source_default evaluates what a public property is declared to be; null: it has no
 * default, or is not declared, or not public. false: it cannot be told. */
bool job_source_default(struct jobs *js, const struct job_source *s, const char *name,
                        struct arena *perm, struct php_value *out);

/* job_source_returns evaluates a method that is one `return`, of the given object. */
bool job_source_returns(struct jobs *js, const struct job_source *s, const char *method,
                        const struct php_object *self, struct arena *perm,
                        struct php_value *out);
bool job_source_has_method(const struct job_source *s, const char *name);

/* === a job's payload, as createPayload makes it (job_payload.c) === */

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

/* A job as it was dispatched, with what its class declares. */
struct dispatched {
    const struct job_source *source;
    const struct payload *payload;
    const struct php_object *command;
};

/* === the lock of a unique job (unique.c) === */

struct job_lock {
    enum unique unique;
    struct str name, owner; /* owner empty: whoever's it is */
    struct cache *cache;
};

/* The cache stores in which locks are, opened when one is met. */
struct job_stores {
    struct {
        struct str name;
        struct cache *cache;
    } at[4];
    size_t len;
};
void stores_close(struct jobs *js);

/* unique_plan finds the job's lock. ERR_UNSUPPORTED: facteur cannot release it. */
bool unique_plan(struct jobs *js, const struct dispatched *d, struct arena *perm,
                 struct job_lock *out, struct error *e) MUST;

/* unique_release releases it; a store that is away is warned of: the lock expires. An
 * error is that of a transaction that the lock's row belongs to. */
bool unique_release(struct jobs *js, const struct job_lock *l, struct error *e) MUST;

/* === the next job of a chain (chain.c) === */

struct job_chain {
    struct queue_table *table; /* where the next job goes; NULL: there is none */
    struct str queue;
    int64_t delay;
    struct job_payload payload;
};

struct chains; /* what is known of the classes of such jobs */

struct chains *chains_new(void); /* NULL: no memory */
void chains_drop(struct chains *c);

/* chain_plan makes the next job as dispatchNextJobInChain does: its command with the rest
 * of the chain on it, its payload by what its class declares. ERR_UNSUPPORTED: only PHP
 * can. */
bool chain_plan(struct jobs *js, const struct dispatched *d, struct arena *perm,
                struct job_chain *out, struct error *e) MUST;

/* === the log context of a dispatch (context.c) === */

/* context_part lends one of its parts, "data" or "hidden"; NULL: it has none. */
const struct php_array *context_part(const struct payload *p, const char *part);

/* context_read decodes the part that the log shows. false: it holds what only PHP can
 * show, or read. */
bool context_read(struct jobs *js, const struct payload *p, struct arena *perm,
                  struct php_value *out);

/* === what a job's payload holds (content.c) === */

struct job_content {
    uint64_t stamp; /* of the job's class, by whose source it was read */
    const struct php_object *command; /* NULL: `undecodable` says why */
    struct error undecodable;
    struct php_value context; /* for the lines of the log; null: none that can be read */
    struct str batch_id;      /* empty: none */
    struct job_chain chain;
    struct job_lock lock;
    bool skips_cancelled, skips; /* by middleware that the job carries */
    struct error error;          /* PHP must end it after all, and why */
    /* What dependents_read found; not asked for a process that is gone. */
    struct batch batch;
    struct error batch_error;
};

/* content_read reads it, all but the batch. */
struct job_content *content_read(struct jobs *js, const struct queue_job *j,
                                 struct arena *perm);

/* job_command lends the command; false: *e says why there is none. */
bool job_command(const struct job_run *r, const struct php_object **out,
                 struct error *e) MUST;

/* === what a job's end means to others (dependents.c) === */

bool dependents_open(struct jobs *js, struct error *e) MUST;
void dependents_close(struct jobs *js);

/* dependents_read reads a payload, and finds its batch. It says why only PHP can run the
 * job; NULL: facteur can. `claimed`: it is to be run now. */
const char *dependents_read(struct jobs *js, const struct queue_job *j, bool claimed,
                            struct arena *perm, const struct job_content **out);

/* dependents_begin: *skip: middleware, or the class in its cancelled batch, does nothing
 * with the job. An error: its batch could not be asked for. */
bool dependents_begin(struct jobs *js, struct job_run *r, bool *skip,
                      struct error *e) MUST;

/* dependents_work is told when the job is about to be worked on, or skipped. */
bool dependents_work(struct jobs *js, struct job_run *r, struct error *e) MUST;

/* === models: what the views may see of a table === */

enum model_id { MODEL_CLUB, MODEL_TEACHER, MODEL_USER, MODELS };

enum cast_kind {
    CAST_NONE,
    CAST_STRING,
    CAST_INT,
    CAST_FLOAT,
    CAST_DECIMAL,
    CAST_BOOL,
    CAST_JSON,
    CAST_DATE,
    CAST_DATETIME,
    CAST_TIMESTAMP
};

struct cast {
    enum cast_kind kind;
    int64_t decimals;
};

/* cast_of reads a cast's name: "decimal:2". false: facteur does not do it. */
bool cast_of(struct str text, struct cast *out);

/* cast_apply gives a column's value as the view sees it. ERR_UNSUPPORTED: PHP must. */
bool cast_apply(const struct cast *c, struct php_value v, struct arena *perm,
                struct php_value *out, struct error *e) MUST;

struct column {
    struct str name;
    struct cast cast;
};

/* A model, as its PHP file and its table tell. Columns are those to select, and no
 * other: a hidden one can never be among them. */
struct model {
    const char *name;      /* "Club" */
    struct str class_name; /* "App\\Models\\Club" */
    struct str table;      /* without the prefix */
    bool soft_deletes;     /* there is a column deleted_at, and the model honours it */
    VEC(struct column) columns;
};

/* model_load reads app/Models/<Name>.php, if there is one, and the table's columns. What
 * the model does that facteur cannot is reported; *ok false: the class is refused. */
struct model_source {
    struct model model;
    const char *file; /* the class's own, as findings name it */
    /* The class's, its app's parents' and traits' PHP, without comments, in the order in
     * which they are asked; none: there is no file. */
    VEC(struct php_file) files;
    struct map table_columns;
    struct map hidden;
    const struct php_array *casts;
    bool timestamps;
};

struct use_place {
    const char *file;
    int line, col;
};

bool model_load(struct jobs *js, enum model_id which, struct model_source *out, bool *ok,
                struct error *e);

/* model_use adds a column that a view reads; false: it may not be read, and this was
 * reported. */
bool model_use(struct jobs *js, struct model_source *m, struct str column,
               const struct use_place *at);

/* model_need adds a column that the job itself reads, if the table has it. */
void model_need(struct jobs *js, struct model_source *m, struct str column);

/* model_is_ours says whether the class is a model that letters read or write. */
bool model_is_ours(struct str class_name);

/* model_stamp mixes the file's state into *stamp. */
void model_stamp(struct jobs *js, enum model_id which, uint64_t *stamp);

/* The views of a letter, by name. */
enum { LETTER_VIEW, MAIL_VIEW, LETTER_VIEWS };
extern const char *const letter_views[LETTER_VIEWS];

/* === what is thrown where a view is missing (missing_view.c) === */

struct missing_view {
    bool guarded; /* the class asks whether the view exists; else Laravel throws */
    bool clear;   /* what it throws then is known */
    const char *exception, *file;
    struct str text;
    int code, line, col;
};
void missing_view_read(struct jobs *js, const struct job_source *s, struct str view,
                       struct arena *perm, struct missing_view *out);

/* missing_view_fail puts the class's own exception in the place of Laravel's;
 * ERR_UNSUPPORTED where it is not known. It returns false always. */
bool missing_view_fail(const struct missing_view *m, struct error *e);

/* === a slot's warm state === */

struct letter_sql {
    struct str models, club, teacher, insert, sent, failed, last_pending, withdraw,
        exists;
};

struct jobs {
    struct executor base;
    struct jobs_options o;
    struct arena perm;  /* as long as this lives */
    struct arena check; /* what the newest check found */
    struct arena tmp;
    struct arena accept; /* what jobs_refuse looks at, and keeps not */
    struct views *views;
    struct pdf *pdf;
    struct mail_settings mail;
    struct error mail_error; /* the mailer cannot be used, and why */
    struct mailer *mailer;
    struct dependents *dependents;
    struct chains *chains;
    struct job_stores stores;
    struct encrypter *encrypter; /* made when it is first needed */
    struct error encrypter_error;
    bool batch_refused;     /* a job, for its batch's callbacks */
    char refusal[1024];     /* what jobs_refuse said last */
    struct map differences; /* that letters showed: "view – consequence" */
    /* by class */
    struct class_state {
        uint64_t stamp;
        bool checked, taken;
        struct job_source source;
    } * classes;
    /* what the check of the letter made */
    struct model models[MODELS];
    struct letter_sql sql;
    struct missing_view missing[LETTER_VIEWS];
};

/* === what is reported (report.c) === */

/* jobs_report reports an error finding in printf's form; it returns false always. */
bool jobs_report(struct jobs *js, const struct use_place *at, const char *fmt, ...)
    PRINTF(3, 4);

/* jobs_step says that the work has come to a step; jobs_sent that what cannot be undone
 * is done. */
void jobs_step(struct jobs *js, const char *step);
void jobs_sent(struct jobs *js);

/* === what the executor (native.c) asks of the classes === */

const char *jobs_refuse(struct jobs *js, struct queue_job *j, struct arena *perm);
uint64_t jobs_stamp(const struct jobs *js);
void job_entered(struct jobs *js, struct job_run *r);
void job_left(struct jobs *js);
bool job_begin(struct jobs *js, struct job_run *r, enum job_begun *begun,
               bool *undecodable, struct error *e);
bool job_handle(struct jobs *js, struct job_run *r, struct error *e);
bool job_withdrawn(struct jobs *js, struct job_run *r, struct error *e);
bool job_row_exists(struct jobs *js, int class_index, int64_t row, bool *exists,
                    struct error *e);
void job_log_done(struct jobs *js, const struct job_run *r);
void job_log_failed(struct jobs *js, const struct job_run *r,
                    const struct job_failure *f);
const char *job_exception(int class_index, const char *step);
bool job_parts(struct jobs *js, struct job_run *r, struct ending *end, struct error *e);

/* === what belongs to a job's end (parts.c) === */

bool job_completed(struct jobs *js, struct job_run *r, struct error *e);
bool job_failed(struct jobs *js, struct job_run *r, const struct job_failure *f,
                struct error *e);
/* job_killed is job_failed for a process that is gone: only the job's payload and the id
 * of its row are known. */
bool job_killed(struct jobs *js, struct job_run *r, const struct job_failure *f,
                struct error *e);

/* The job's batch. job_batch_db gives the session that its table is in; NULL: there is no
 * batch. job_batch_ended counts the job's end, in a transaction of that session. */
bool job_batch_db(struct jobs *js, struct job_run *r, struct db **out, struct error *e);
bool job_batch_ended(struct jobs *js, struct job_run *r, bool failed, struct error *e);

/* job_unlock releases the lock of a unique job that has ended, in the settlement's
 * transaction where the lock is a row of that. job_ends_here: it has no such lock. */
bool job_unlock(struct jobs *js, struct job_run *r, struct error *e);
bool job_ends_here(const struct job_run *r);

/* job_next pushes the next job of the chain, in the transaction that completes this one.
 */
bool job_next(struct jobs *js, struct job_run *r, struct error *e);

/* === letters (letter.c) === */

/* The steps of its work, as `ps`, the run folder and error texts name them. */
#define LETTER_STEP_VIEW "view"
#define LETTER_STEP_PDF "pdf"
#define LETTER_STEP_MAIL "mail"

/* letter_check_view checks one view by itself: as a letter, or as the mail's. */
bool letter_check_view(struct jobs *js, struct str name, struct error *e);

bool letter_stamp(struct jobs *js, uint64_t *out, struct error *e);
bool letter_check(struct jobs *js, const struct job_source *source, bool *ok,
                  struct error *e);

/* The ids of a command, as they stand in it. */
struct letter_ids {
    struct php_value club, teacher;
};

/* letter_load reads club, teacher and user. *found false: one of them, or the address, is
 * missing; the error is for a database that does not answer, or refuses. */
bool letter_load(struct jobs *js, const struct letter_ids *ids, struct arena *perm,
                 struct letter *out, bool *found, struct error *e);

/* letter_make renders and builds the mail; `uuid` names the job in warnings. */
bool letter_make(struct jobs *js, struct letter *l, struct str id, struct arena *perm,
                 struct arena tmp, struct error *e);

#endif
