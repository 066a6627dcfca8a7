/* jobs_imp.h: what the files of src/jobs share. */
#ifndef FACTEUR_JOBS_IMP_H
#define FACTEUR_JOBS_IMP_H

#include "facteur/cache.h"
#include "facteur/jobs_class.h"
#include "facteur/mail.h"

/* === the command (command.c) === */

/* command_object decodes data.command, which may be encrypted. ERR_UNSUPPORTED: it cannot
 * be decrypted here. */
bool command_object(struct jobs *js, const struct payload *p, struct arena *perm,
                    const struct php_object **out, struct error *e) MUST;

/* === PHP source: what only jobs look for (php_source.c) === */

/* php_source_code makes what stands in single quotes blanks too, which is never code. */
struct str php_source_code(struct str source, struct arena *perm);

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

/* php_source_interfaces likewise for what the class implements. */
void php_source_interfaces(struct str source, php_source_name_fn *fn, void *arg,
                           struct arena *perm);

/* === a job class as its PHP declares it (job_source.c) === */

/* job_source_load reads the class and reports what it does beside what facteur knows;
 * false: then it is refused. */
bool job_source_load(struct jobs *js, const char *class_name, struct arena *perm,
                     struct job_source *out);

/* job_source_look reads a class of which only the declarations matter, and reports
 * nothing. false: not all of them can be read. */
bool job_source_look(struct jobs *js, struct str class_name, struct arena *perm,
                     struct job_source *out);

/* job_source_stamp mixes the state of its file into *stamp. */
void job_source_stamp(struct jobs *js, struct str class_name, uint64_t *stamp);

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

/* === a slot's warm state === */

struct jobs {
    struct executor base;
    struct jobs_options o;
    struct arena perm; /* as long as this lives */
    struct arena tmp;
    struct arena accept; /* what jobs_refuse looks at, and keeps not */
    struct dependents *dependents;
    struct chains *chains;
    struct job_stores stores;
    struct encrypter *encrypter; /* made when it is first needed */
    struct error encrypter_error;
    bool batch_refused; /* a job, for its batch's callbacks */
    char refusal[1024]; /* what jobs_refuse said last */
    /* by class, and their rows as the queue wants them */
    size_t len;
    struct queue_class *rows;
    struct class_state {
        struct job_home home;
        struct arena check; /* what its newest check found */
        uint64_t stamp;
        bool checked, taken;
        struct job_source source;
    } * classes;
};

/* === what the executor (native.c) asks of the classes === */

/* jobs_classes lends the table of classes, as the queue wants it. */
const struct queue_class *jobs_classes(const struct jobs *js, size_t *len);

bool jobs_takes_any(const struct jobs *js);

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
const char *job_exception(const struct jobs *js, int class_index, const char *step);
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

#endif
