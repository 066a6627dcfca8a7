/* jobs: how the classes of jobs that facteur runs itself are run (jobs_class.h).
 *
 * A class is taken only while everything it needs can be done exactly. jobs_refresh asks
 * again when a file changed; until then the rows of a refused class stay untouched, for
 * PHP.
 */
#ifndef FACTEUR_JOBS_H
#define FACTEUR_JOBS_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/db.h"
#include "facteur/mail.h"
#include "facteur/queue.h"
#include "facteur/run.h"

/* === who runs a job ===
 *
 * A worker claims a job, keeps its lease and settles it; an executor runs it: `native`
 * here, by the classes of this program. Room is left for others.
 *
 * The way through a job: executor_begin inside the claim's transaction (reads, and the
 * row that says "pending"), executor_work without any (renders, sends), then the parts of
 * its end inside the settlement's, and executor_ended after it. */

/* What went wrong, for failed_jobs, the log and the row. */
struct job_failure {
    struct str class_name; /* "Facteur\\MailException" */
    struct str message;
    struct str step; /* for its stack trace; empty: none */
    int code;
    bool begun;       /* it was: an attempt that was not had no error of its own */
    struct str where; /* it ended: a step of its class's, or a phase */
    bool last;        /* no try is left */
};

/* === an executor whose jobs are settled while they run ===
 *
 * PHP's listeners see the rows change at the moment at which Laravel changes them: it
 * asks for each change, and waits until it was made. */

struct job_settle {
    enum end_kind kind;         /* END_DONE: the row goes, no more */
    int64_t delay;              /* END_RELEASED, seconds */
    struct job_failure failure; /* END_FAILED: its class and message */
    struct str exception;       /* END_FAILED: for failed_jobs */
    bool kept;                  /* END_FAILED: the app's own failer stores it */
};

enum job_said {
    JOB_PROCESSING, /* lines are printed when Laravel prints them */
    JOB_PROCESSED,
    JOB_RELEASED,
    JOB_FAILED,
    JOB_FAILING, /* its failed() is about to be called */
    JOB_LATER,   /* its end is part of a transaction of its own, which is open */
};

/* What is said of a job: of the one that runs, or of another that runs inside it, on the
 * connection `sync`, which has no row. */
struct job_news {
    enum job_said what;
    const struct queue_job *other; /* NULL: of the one that runs */
    struct str result; /* "deleted", "released" or "failed", as --json has it; or empty */
    struct job_settle why; /* JOB_FAILED, JOB_FAILING */
    bool released;         /* JOB_PROCESSED: Laravel's line says so, as 13's does */
};

struct job_calls {
    /* false: it cannot be settled now, and whoever asked must not go on. *owned: the
     * reservation was ours. */
    bool (*settle)(void *arg, const struct job_settle *s, bool *owned);
    void (*said)(void *arg, const struct job_news *n);
    /* Asked five times a second; false: the job is given up. `boots` likewise before it
     * has begun, while the app is booted. */
    bool (*tick)(void *arg);
    bool (*boots)(void *arg);
    void *arg;
};

/* What came of such a run. */
struct job_outcome {
    bool settled;   /* a settlement was asked for */
    bool later;     /* its end was part of a transaction that never ended */
    bool refused;   /* a listener would have no job run now */
    bool failing;   /* failed() was being called: `why` */
    bool timed_out; /* by its deadline */
    bool dead;      /* its process went with it: `text` says how */
    struct str text;
    struct job_settle why;
};

struct job_run {
    const struct queue_job *job;
    struct arena *perm;  /* what lives until the job is settled */
    struct arena *other; /* a second pool, for what dies with a call */
    int64_t row;         /* of volunteer_letter_sends; 0: none */
    bool skipped; /* by middleware, or since its batch was cancelled: it counts as done */
    void *data;   /* the class's own */
    /* Of its end: NULL, or how it failed; told by another process. */
    const struct job_failure *failure;
    bool killed;
    struct executor *executor; /* set with the parts of its end */
    const struct job_content
        *content; /* what its payload holds; from executor_enter on */
    /* Of an executor whose jobs are settled while they run. */
    const struct job_calls *calls;
    int64_t timeout; /* seconds; 0: none */
    struct job_outcome outcome;
};

enum job_begun {
    BEGUN_READY,   /* go on with executor_work */
    BEGUN_NOTHING, /* there is nothing to do: the job is done */
};

struct executor;

/* executor_name is what records call it. executor_classes lends the classes that it runs,
 * as the queue wants them; executor_class finds one by its name, of which the first bytes
 * may be enough (RUN_NAME); -1: none. */
const char *executor_name(const struct executor *x);
const struct queue_class *executor_classes(const struct executor *x, size_t *len);
int executor_class(const struct executor *x, struct str name);

/* executor_refuses reads the payload of a job of its classes, once: what it holds is
 * j->content from then on, and lives in perm. It says NULL for a job that it runs, else
 * why PHP must; the text is good until the next call. perm NULL: the answer is all that
 * is wanted. executor_stamp is another number when that may be otherwise:
 * the files have changed that it goes by, and executor_refresh has seen it; now and then
 * also where a batch refused a job. */
const char *executor_refuses(struct executor *x, struct queue_job *j, struct arena *perm);
uint64_t executor_stamp(const struct executor *x);

/* executor_refresh looks at what has changed since the last call; it comes before
 * anything else. False: the database did not answer. executor_takes_any: can it run any
 * job now? */
bool executor_refresh(struct executor *x, struct error *e) MUST;
bool executor_takes_any(const struct executor *x);

/* executor_enter comes first, and again after executor_leave. It reads the payload where
 * executor_refuses did not, for a process that is gone, and makes the log context that
 * the job's dispatch had that of this process; executor_leave takes it away. */
void executor_enter(struct executor *x, struct job_run *r);
void executor_leave(struct executor *x);

/* executor_begin decodes the command, reads what the job needs and writes its pending
 * row: in the claim's transaction, or where executor_apart says so in one of its own,
 * which executor_keep commits (its errors are db_commit's) and executor_undo gives up.
 * ERR_JOB: the attempt failed. ERR_UNSUPPORTED: PHP must run it; nothing was written.
 * *undecodable: no attempt can ever succeed. */
bool executor_begin(struct executor *x, struct job_run *r, enum job_begun *begun,
                    bool *undecodable, struct error *e) MUST;
bool executor_apart(const struct executor *x);
bool executor_keep(struct executor *x, struct error *e) MUST;
void executor_undo(struct executor *x);

/* executor_work does the work. An error of kind ERR_UNSUPPORTED came before anything left
 * the house. */
bool executor_work(struct executor *x, struct job_run *r, struct error *e) MUST;

/* executor_fail has a job failed whose process is gone: what belongs to that is the app's
 * own (failed(), listeners, batch, chain, lock). r->calls as in executor_work. false: it
 * could not be told, and nothing was settled. */
bool executor_fail(struct executor *x, struct job_run *r, const struct job_failure *why,
                   bool timed_out, struct error *e) MUST;

/* executor_parts says what belongs to the end of a run: in end->parts, by end->kind.
 * Before it, r->failure is set where the job did not succeed, and r->killed for a process
 * that is gone: only the job's payload and the id of its row are known then. */
bool executor_parts(struct executor *x, struct job_run *r, struct ending *end,
                    struct error *e) MUST;

/* executor_ended writes the job's own lines into the app's log: f NULL: it is done. */
void executor_ended(struct executor *x, const struct job_run *r,
                    const struct job_failure *f);

/* executor_withdraw takes the pending row back: the job returns to the queue as it was.
 */
bool executor_withdraw(struct executor *x, struct job_run *r, struct error *e) MUST;

/* executor_began: was the transaction committed that wrote this row? */
bool executor_began(struct executor *x, int class_index, int64_t row, bool *began,
                    struct error *e) MUST;

/* executor_idle ends what should not stay open without work: the mail session. A slot
 * calls it now and then while there is none; it returns soon. executor_hang_up ends that
 * at once. */
void executor_idle(struct executor *x);
void executor_hang_up(struct executor *x);

/* What a run wants of the worker's pace (mail.h): the first takes what the last attempt's
 * mail met; the others are asked before a claim. */
struct mail_pace executor_pace(struct executor *x);
int64_t executor_gap_ms(const struct executor *x);
int64_t executor_rest_ms(const struct executor *x);

/* executor_exception names the exception of a class whose work failed in this step, where
 * the error has no name of its own; NULL: none in particular. */
const char *executor_exception(const struct executor *x, int class_index,
                               const char *step);

/* What an executor is made of: the functions above, each under its own name. */
struct executor_ops {
    const char *name;
    const struct queue_class *(*classes)(const struct executor *x, size_t *len);
    const char *(*refuses)(struct executor *x, struct queue_job *j, struct arena *perm);
    uint64_t (*stamp)(const struct executor *x);
    bool (*refresh)(struct executor *x, struct error *e);
    bool (*takes_any)(const struct executor *x);
    void (*enter)(struct executor *x, struct job_run *r);
    void (*leave)(struct executor *x);
    bool (*begin)(struct executor *x, struct job_run *r, enum job_begun *begun,
                  bool *undecodable, struct error *e);
    bool (*apart)(const struct executor *x);
    bool (*keep)(struct executor *x, struct error *e);
    void (*undo)(struct executor *x);
    bool (*work)(struct executor *x, struct job_run *r, struct error *e);
    bool (*fail)(struct executor *x, struct job_run *r, const struct job_failure *why,
                 bool timed_out, struct error *e); /* NULL: never asked for */
    bool (*parts)(struct executor *x, struct job_run *r, struct ending *end,
                  struct error *e);
    void (*ended)(struct executor *x, const struct job_run *r,
                  const struct job_failure *f);
    bool (*withdraw)(struct executor *x, struct job_run *r, struct error *e);
    bool (*began)(struct executor *x, int class_index, int64_t row, bool *began,
                  struct error *e);
    const char *(*exception)(const struct executor *x, int class_index, const char *step);
    void (*idle)(struct executor *x);
    void (*hang_up)(struct executor *x);
    struct mail_pace (*pace)(struct executor *x);
    int64_t (*gap_ms)(const struct executor *x);
    int64_t (*rest_ms)(const struct executor *x);
};

struct executor {
    const struct executor_ops *ops;
};

/* === a slot's warm state === */

struct jobs;
struct job_class;

/* What is asked of one job: its way, and by which ids PHP can do it as well. */
struct job_sample {
    uint64_t way;
    uint64_t state; /* of the files that its class was checked with */
    int64_t job, club_id, teacher_id;
};

struct jobs_options {
    struct app *app;
    const struct job_class *const *classes; /* NULL ends them; lent */
    struct db *db; /* of database.default, where the models live */
    /* For batches, and for what a job pushes: the sessions, and the one of the queue that
     * the job's row is in. NULL where no job is run. */
    struct db_pool *pool;
    struct db *queue_db;
    /* The program's own pair of views stands in for those that the app has not. */
    bool built_in_views;
    /* What a check of views and models finds, each time something changed. */
    finding_fn *report;
    /* Whoever hears of jobs' events is not told of these: that keeps none in PHP. */
    bool events_ignored;
    /* A warning in words, for the log and the console. */
    void (*warn)(void *arg, const char *text);
    /* whether nobody beside this process said it yet; NULL: there is nobody */
    bool (*is_news)(void *arg, struct str key);
    /* Called at the start of each phase; and before the mail goes out and while its
     * transport waits: false from `alive` gives the job up. Either may be NULL. */
    void (*phase)(void *arg, enum job_phase phase, const char *step);
    bool (*alive)(void *arg);
    /* May be NULL: all are. Was a job that goes this way (job_way) found to be done as
     * PHP does it? It comes before anything leaves the house; false has PHP do it, whole.
     */
    bool (*proven)(void *arg, const struct job_sample *what);
    void *arg;
};

/* jobs_open opens what can be opened without a database. Options are copied. */
struct jobs *jobs_open(const struct jobs_options *o, struct error *e) MUST;
void jobs_close(struct jobs *js);

/* jobs_executor is how a worker has jobs run by them. */
struct executor *jobs_executor(struct jobs *js);

/* jobs_refresh checks every class whose files changed since the last call. It comes
 * before anything else that a class does: it also writes the statements. False: the
 * database did not answer. */
bool jobs_refresh(struct jobs *js, struct error *e) MUST;

/* jobs_takes: did the class, one of those that jobs were opened with, pass its check? */
bool jobs_takes(struct jobs *js, const struct job_class *class);

/* jobs_readable: may all be read that the jobs of these classes are made of? What is
 * missing is another matter. */
bool jobs_readable(struct app *app, const struct job_class *const *classes,
                   struct error *e) MUST;

/* jobs_retry_until asks the class of a command for its retryUntil(), Unix seconds. */
enum retry_until jobs_retry_until(struct app *app, const struct php_object *command,
                                  struct arena *tmp, int64_t *out);

#endif
