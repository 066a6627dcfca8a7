/* worker: master and slots.
 *
 * The master forks one process per slot, keeps the deadlines, and touches no database. A
 * slot runs one job at a time. A slot that is gone for whatever reason is replaced, and
 * its replacement settles what it held, before it looks for anything.
 *
 * What a slot holds stands in the run folder, storage/framework/facteur/: one locked,
 * memory-mapped file per master (facteur/run.h).
 */
#ifndef FACTEUR_WORKER_H
#define FACTEUR_WORKER_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/console.h"
#include "facteur/queue.h"

struct job_class;  /* jobs_class.h */
struct job_sample; /* jobs.h */

/* What is known of letters beside PHP's: how many of each way (jobs.h) were found equal;
 * and of the sample that was to be compared, whether it is, or in `why` what differs, or
 * why nobody knows. */
enum { WORK_WAYS = 256, WORK_WHY = 1024 };
struct work_proof {
    enum work_proven { PROVEN_EQUAL, PROVEN_ANOTHER, PROVEN_NOT_COMPARED } proven;
    size_t len;
    struct work_way {
        uint64_t way;
        int64_t letters;
    } ways[WORK_WAYS];
    char why[WORK_WHY];
};

/* The options of queue:work; numbers as Laravel reads them. */
struct work_options {
    struct app *app;
    const struct job_class *const *classes; /* of the jobs that it runs; NULL ends them */
    struct str connection;                  /* empty: queue.default */
    struct str queues; /* comma list; empty: the connection's queue */
    int workers;
    bool once, stop_when_empty;
    int64_t stop_when_empty_for; /* seconds; 0: no */
    bool json, force;
    int64_t max_jobs, max_time; /* 0: no limit; both for the whole master */
    int64_t memory;             /* MB of one slot */
    int64_t timeout;            /* seconds; 0: none; the payload's own comes first */
    double sleep, rest;         /* seconds */
    struct retry_rules retry;
    /* Who runs jobs of other classes: nobody; PHP, where the app can be booted; and
     * whether it runs those of our classes too. */
    enum work_php { WORK_PHP_OFF, WORK_PHP_AUTO, WORK_PHP_ALL } php;
    bool events_ignored; /* whoever listens to jobs' events is not told of letters */
    int php_slots;       /* so many slots may have a PHP process; 0: all */
    /* Letters of each way that PHP runs, and that are compared, before facteur does; 0:
     * none. Afterwards one of so many is compared; 0: none. */
    int64_t prove, prove_every;
    /* Compares one; without a sample it tells what is recorded. *out holds what is known
     * of the ways already. The process is its own. */
    void (*proves)(struct app *app, const struct job_sample *what, bool php,
                   struct work_proof *out);
    int64_t php_max_jobs;    /* that one runs before it is renewed; 0: no limit */
    bool php_no_opcache;     /* nothing of what it compiles is kept */
    struct str name;         /* of the worker, for the app's own callbacks */
    const char *const *argv; /* as artisan would be given them */
    size_t argc;
    int verbosity; /* -1 quiet, 0, 1 for -v, … */
    enum console_colours colour;
};

enum {
    WORK_OK = 0,
    WORK_ERROR = 1,
    WORK_MEMORY = 12, /* as Laravel's worker */
};

/* worker_run works until it is told to stop, or has a reason to; it returns the exit
 * code. WORK_ERROR with *e set: it could not begin, or a slot could not go on. */
int worker_run(const struct work_options *o, struct error *e);

#endif
