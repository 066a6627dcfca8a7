/* child: jobs of any class, run by the app's own PHP in one process of a slot, which has
 * the app booted and stays: the executor `php`.
 *
 * The process is started with the first job that needs it. It runs Laravel's worker
 * object (runner.php); what Laravel would change in the queue's table it asks for, when
 * Laravel would do it, and waits: struct job_calls. It never touches a reservation
 * itself.
 *
 * Its death is told by the process alone, never by a closed pipe: what a job starts
 * inherits the pipe's ends. It leads a process group, which is killed as a whole.
 */
#ifndef FACTEUR_CHILD_H
#define FACTEUR_CHILD_H

#include "facteur/app.h"
#include "facteur/jobs.h"
#include "facteur/jobs_class.h"

/* child_find finds the app's PHP: PHP_BINARY of the environment or .env, else php or
 * php8.x on the path. ERR_JOB: there is none. */
bool child_find(const struct app *app, struct arena *perm, const char **php,
                struct error *e) MUST;

/* The options of the worker, as Laravel's WorkerOptions has them. */
struct child_work {
    struct str name, backoff;
    int64_t memory, timeout, tries, max_jobs, max_time;
    double sleep, rest;
    bool force, stop_when_empty, once;
};

struct child_options {
    struct app *app;
    const char *php;
    const char *opcache; /* a folder for what it compiles; NULL: nothing is kept */
    struct str connection;
    struct str queues; /* as they were given, with commas */
    struct child_work work;
    bool lines;              /* what is said of jobs is printed: they wait for it */
    const char *const *argv; /* of this worker: what the app takes for artisan's */
    size_t argc;
    int64_t jobs_max; /* after so many it is renewed; 0: never */
    /* A process began, or is gone (0): noted where whoever outlives this one sees it. */
    void (*lives)(void *arg, pid_t pid);
    void (*warn)(void *arg, struct str text);
    /* Of a job that runs inside another, or when the process ends. */
    void (*other)(void *arg, const struct job_news *n);
    void *arg;
};

struct child;

/* child_open starts nothing yet. Options are copied, what they point to is lent. */
struct child *child_open(const struct child_options *o, struct error *e) MUST;

/* child_close ends the process, which has a few seconds for it. child_stopping comes
 * before it where the worker ends: its listeners are told the exit code, and the reason
 * in Laravel's word for it; lent. NULL: there is none. */
void child_close(struct child *c);
void child_stopping(struct child *c, int status, const char *reason);

/* child_executor: executor_work's error is ERR_UNSUPPORTED where the app cannot be
 * booted: its text says which PHP, and what it said. */
struct executor *child_executor(struct child *c);

/* child_boots starts the process where there is none: ERR_UNSUPPORTED as above. `tick` as
 * in struct job_calls. */
bool child_boots(struct child *c, bool (*tick)(void *arg), void *arg,
                 struct error *e) MUST;

/* child_describe boots the app where it is not, and asks it what it has become. What it
 * says that keeps letters in PHP is noted in the app (app_boot_findings): listeners,
 * Mail::alwaysTo, settings that are not as they were evaluated, … ERR_UNSUPPORTED: nobody
 * could be asked. ERR_FATAL: its queue or its database is another than facteur's. */
struct child_asks {
    const struct job_class *const *classes; /* ended by NULL */
    bool events_ignored; /* listeners of jobs' events do not keep letters in PHP */
    bool (*tick)(void *arg);
    void *arg;
};
bool child_describe(struct child *c, const struct child_asks *asks, struct error *e) MUST;

/* child_letter has the app handle one letter's job, of which nothing leaves the house:
 * mails are kept, rows are rolled back (prove.php). What was made is lent until the child
 * is used again, or closed. ERR_UNSUPPORTED: nobody could be asked. */
struct child_letter_asks {
    const struct job_class *class;
    struct str payload;
    struct str table; /* of its rows */
    int64_t club_id, teacher_id;
    bool (*tick)(void *arg);
    void *arg;
};
struct child_letter {
    struct str refused;   /* what it does that cannot be kept in the house; or empty */
    struct str failed;    /* how the job failed; or empty */
    int64_t begun, ended; /* Unix seconds in which its views were rendered */
    /* Lists, as PHP sent them: the letter's rows; {level, message, context}; {from, to,
     * bytes}; {path, bytes}. The bytes of mails and of views follow each other. */
    struct php_value rows, lines, mails, views;
    struct str bytes;
};
bool child_letter(struct child *c, const struct child_letter_asks *asks,
                  struct child_letter *out, struct error *e) MUST;

/* child_worker tells what the app has set on Laravel's worker for all its workers, from
 * 12 on; NULL: no process of this child has booted the app yet. */
struct child_worker {
    bool hears_restart, hears_pause; /* Worker::$restartable, $pausable */
    int memory_code;                 /* $memoryExceededExitCode; -1: Laravel's own */
};
const struct child_worker *child_worker(const struct child *c);

/* child_stops tells the process, once for each job, that the worker is to stop: Laravel
 * 13 tells its jobs. */
void child_stops(struct child *c);

/* child_idle: there is no work. A process that had none for ten minutes is ended. */
void child_idle(struct child *c);

#endif
