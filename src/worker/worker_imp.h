/* worker_imp.h: what the files of src/worker share. */
#ifndef FACTEUR_WORKER_IMP_H
#define FACTEUR_WORKER_IMP_H

#include "facteur/cache.h"
#include "facteur/child.h"
#include "facteur/jobs.h"
#include "facteur/run.h"
#include "facteur/worker.h"

/* === printing (print.c): as the app's Laravel prints === */

/* The versions in which the lines changed. */
enum print_lines {
    LINES_8,
    LINES_9,
    LINES_10,
    LINES_12_20,
    LINES_13_3,
    LINES_13_26,
    LINES_13_30
};

struct printer {
    struct console console;
    struct arena *perm; /* a line is made at its end, and forgotten */
    bool json;
    enum print_lines lines;
    struct str connection;
    bool names_connection;       /* in the line of a paused queue, with json */
    const char *zone, *app_zone; /* zone: of the lines' times; NULL: the app's */
    int slot; /* its number, of several; 0: there is one, or it is the master */
};

bool printer_open(struct printer *p, const struct work_options *o, struct str connection,
                  struct arena *perm, struct error *e) MUST;

enum print_status {
    PRINT_RUNNING,
    PRINT_DONE,
    PRINT_BACK, /* it released itself */
    PRINT_RELEASED,
    PRINT_FAILED
};

/* print_job prints a line of a job; `failure` with PRINT_FAILED. */
void print_job(struct printer *p, const struct queue_job *j, enum print_status s,
               int64_t runtime_us, const struct job_failure *failure);

/* print_result does so with a result, as --json tells it, that is not the status's own.
 */
void print_result(struct printer *p, const struct queue_job *j, enum print_status s,
                  int64_t runtime_us, const struct job_failure *failure,
                  struct str result);

/* print_queue prints that a queue was paused or resumed, as Laravel does from 13.26 on.
 */
void print_queue(struct printer *p, struct str queue, bool paused);

/* print_stopped prints why the worker stops, as Laravel does from 13.30 on; print_reason
 * is Laravel's word for it. */
const char *print_reason(enum stop_reason why);
void print_stopped(struct printer *p, enum stop_reason why, struct str queues, int code,
                   int64_t jobs);

/* print_block prints an information block; level "INFO", "WARN" or "ERROR". */
void print_block(struct printer *p, const char *level, struct str text);

/* === what the app tells its workers (orders.c) === */

struct orders {
    struct cache *store;      /* the default one; NULL: facteur cannot read it */
    struct cache *down_store; /* of maintenance mode; NULL: none, or not readable */
    const char *down_file;
    bool down_in_cache, pausable, all_pausable;
    bool refused;    /* the last reading met a store that refuses */
    int64_t read_ms; /* when; 0: never */
    /* what was read */
    bool restart, down;
    bool *paused; /* by queue */
};

/* === an attempt, and what a slot has in hand === */

struct attempt {
    struct slot *s;
    struct executor *x;              /* who runs it */
    struct run_hold *hold;           /* the slot's, or that of one that is gone */
    const struct retry_rules *rules; /* of the master that reserved the job */
    struct queue_job job;
    struct job_run run;
    struct job_failure failure;
    struct str exception; /* as PHP printed it; empty: it is made of the failure */
    int64_t begun_us;
    enum job_begun begun; /* what beginning it came to */
    bool undecodable;     /* no attempt can ever succeed */
    bool before;          /* it fails without being tried */
    bool killed;          /* the failure is told for a process that is gone */
    bool timed_out;       /* by its deadline */
    bool taken;           /* the lease was lost */
    bool told_running;    /* that it runs was printed */
    bool owned;           /* what PHP asked for was done */
    bool committing;      /* the first transaction was at its COMMIT */
    struct error again;   /* a deadlock before it began: it is claimed again at once */
    struct ending end;    /* as far as it is known: job NULL, nothing yet */
    int64_t ended_us;     /* when its work was done */
};

/* What one job takes: two of them, since a job that is done waits for the claim of the
 * next. */
struct hand {
    struct attempt attempt;
    struct run_hold hold; /* its record in the run file */
    struct arena perm;    /* reset when it is settled */
};

/* === a slot (slot.c) === */

struct slot {
    const struct work_options *o;
    struct printer print;
    struct run_file *run;
    struct run_slot *shared; /* the slot's part of it */
    struct hand hands[2];
    /* The hand that takes the next job, or has the one at work. */
    struct run_hold *hold;
    struct arena *perm; /* reset after each job */
    /* In the other one: a job that is done, and ends when the next one is claimed, or
     * before anything that takes time; NULL: none. */
    struct attempt *ended;
    struct error again; /* why the last attempt is to be begun anew; or none */
    struct journal journal;
    int number; /* 1-based */
    struct app *app;
    const struct queue_settings *settings;
    const struct str *queues;
    size_t queues_len;
    struct db_pool *pool;
    struct db *db, *queue_db; /* of the pool; they may be the same */
    struct failed_store *failed;
    struct queue *queue;
    struct jobs *jobs;         /* as they are opened and closed */
    struct executor *executor; /* of the classes of this program */
    struct php_share *php;     /* NULL: --php=off */
    struct child *child;       /* opened with the first job for PHP */
    int64_t inner_us;          /* when a job began that runs inside another */
    struct executor *others;   /* of all other classes: the child's; NULL: not yet */
    struct orders orders;
    struct arena life;       /* as long as the slot */
    struct arena other;      /* reset after each job */
    int64_t started_ms;      /* of the master */
    bool stopping, paused;   /* by signal */
    bool refused;            /* the app would have no job run now */
    int64_t worked_ms;       /* the end of the last job, or the start */
    int64_t *looked_ms;      /* by queue */
    int64_t orphans_ms;      /* when the run folder was last looked through */
    int64_t refreshed_ms;    /* when the app's files were last looked at */
    int64_t weighed_ms;      /* when the memory of the slot was last looked at */
    int64_t parked_ms;       /* when the jobs kept aside were last looked at */
    bool eased, hurry;       /* one of them was settled: now, or at the last look */
    int64_t outage_waits;    /* passes that failed in a row */
    VEC(struct str) foreign; /* classes met first, to be named; in `life` */
    bool unfinished;         /* the last pass left rows that were not read or tried */
    struct attempt *attempt; /* the job at hand; NULL: none */
    /* The job whose rows could not be read, each time since the connection was lost. */
    struct {
        int64_t id;
        int times;
    } lost;
    int64_t renewed_ms; /* when a renewal was last tried */
    int64_t begun_ms;   /* when the turn at hand was taken (pace.c) */
    int64_t turn_ms;    /* the time it left to others; 0: there is no pace */
    bool letters_wait;  /* it is not this slot's turn: only jobs in PHP are taken */
    bool in_php;        /* the last job ran there */
    bool unproven;      /* the letter at hand is PHP's: its like was not compared yet */
};

enum {
    SLOT_DONE = 0,    /* has reason to stop: empty, max-jobs, max-time, told to */
    SLOT_FATAL = 1,   /* cannot go on; a new one could not either */
    SLOT_LEFT = 3,    /* was told to end: by its master, or by someone else */
    SLOT_MEMORY = 12, /* --memory reached */
};

/* What was read of the app, or of the process, counts so long: a letter takes less. */
enum { SLOT_FRESH_MS = 100 };

/* slot_run is the life of a slot; it returns the exit code. slot_loop is the part between
 * opening and closing. */
int slot_run(struct slot *s, struct watch *watch);
int slot_loop(struct slot *s, struct error *e);

/* === what it opens (slot_open.c) === */

/* slot_open: without s->queue, the server is away, and the slot is to end. */
bool slot_open(struct slot *s, struct watch *watch, struct error *e) MUST;
void slot_close(struct slot *s);

/* === what it says of itself (slot_status.c) === */

/* slot_warn writes a warning to the app's log and the console. */
void slot_warn(struct slot *s, struct str text);

/* slot_must_count: a job was kept aside, or an orphan met: the run folder is gone through
 * before another job is begun. */
bool slot_must_count(const struct slot *s);

/* slot_phase notes how far the job at hand has come. */
void slot_phase(struct slot *s, enum job_phase phase, const char *step);

/* slot_show tells `ps` what the slot does, without a job. */
void slot_show(const struct slot *s, const char *what);

/* === what its parts report (report.c): callbacks of jobs, queue and journal === */

void report_warning(void *arg, const char *text);
void report_finding(void *arg, const struct finding *f);
void report_foreign(void *arg, struct str queue, struct str class_name,
                    const char *reason);
void report_unreadable(void *arg, struct str queue, int64_t id);
void report_refused(void *arg, struct str queue, int64_t id, const char *why,
                    const char *then);
void report_clock(void *arg, struct str text);
void report_journal(void *arg, struct str text);

/* tell_foreign names in one block the classes that report_foreign met first. */
void tell_foreign(struct slot *s, struct str queue);

/* === waiting (slot_wait.c) === */

/* slot_wait sleeps, but not through a signal. */
void slot_wait(struct slot *s, int64_t ms);

/* seconds_ms: of an option. */
int64_t seconds_ms(double seconds);

/* === outages (outage.c) === */

/* slot_outage begins an outage: true for the first slot that meets it, which says so. */
bool slot_outage(struct slot *s, const struct error *e);

/* outage waits after a pass that failed. false: it is no outage, the slot must end. */
bool outage(struct slot *s, struct error *e) MUST;
void outage_over(struct slot *s);

/* === memory (memory.c) === */

/* heap_keep has malloc keep what a letter freed. */
void heap_keep(void);

/* rss_bytes is the resident memory of this process, which after a fork must have called
 * rss_open: it reads /proc/self/statm, kept open. 0: not known. */
void rss_open(void);
int64_t rss_bytes(void);

/* orders_open opens the stores; one that cannot be read is said, and is no error. */
bool orders_open(struct slot *s, struct error *e) MUST;
void orders_close(struct slot *s);

/* orders_read reads anew what is older than a moment. ERR_LOST: a store is away. */
bool orders_read(struct slot *s, struct error *e) MUST;

/* === what systemd is told by the master (notify.c) === */

struct notify {
    char socket[128];    /* as NOTIFY_SOCKET names it; empty: nobody wants to be told */
    int64_t watchdog_ms; /* so long systemd waits for a sign of life; 0: it does not */
    int64_t next_begin_ms, next_feed_ms, next_status_ms;
    bool ready, stopping; /* it has been told */
    char status[96];
};

struct notify_state {
    bool alive; /* slots live, or are ended: a sign of life may be given */
    bool stopping, paused;
    int slots, at_work;
    int64_t taken;
};

/* notify_open takes what systemd has set out of the environment, which is no affair of
 * what is started from here. False: NOTIFY_SOCKET cannot be used, for the reason in e. */
bool notify_open(struct notify *n, struct error *e) MUST;
bool notify_is_wanted(const struct notify *n);

/* notify_begins asks for time while it is not ready yet. notify_turn tells what changed;
 * to be called at each turn of the master's loop, if notify_is_wanted. */
void notify_begins(struct notify *n);
void notify_turn(struct notify *n, const struct notify_state *s);

/* === the pace of all slots (pace.c) === */

struct pace {
    int64_t wait_ms, floor_ms, met_ms; /* as in struct run_pace */
};

/* pace_slower: a letter begun at `begun` met a limit. true: a spell of them begins.
 * pace_faster: one passed. */
bool pace_slower(struct pace *p, int64_t now, int64_t begun, int64_t most);
void pace_faster(struct pace *p, int64_t now);

/* pace_turn takes the turn to begin a letter. Else it says how many ms there are left to
 * wait. --once never waits. */
int64_t pace_turn(struct slot *s);

/* pace_learn comes after each pass that took a turn; `worked`: it had a letter. */
void pace_learn(struct slot *s, bool worked);

/* === are facteur's letters PHP's? (proving.c) ===
 *
 * A way that letters take (jobs.h) is facteur's when so many of it were found equal to
 * PHP's; until then PHP runs them, and a slot asks for one to be compared. The master has
 * that done, one at a time, in a process of its own: it opens the database, which the
 * master does not. */

/* What slots know of it, in memory that they share. */
struct proofs {
    _Atomic uint32_t turn; /* odd while `ways` are written */
    _Atomic uint64_t ways[WORK_WAYS];
    _Atomic uint32_t len;
    /* what is to be compared next: free, being written, ready */
    _Atomic int32_t wanted;
    struct job_sample sample;
    bool sampled; /* it went out as facteur made it */
    /* letters that went out so since the last that was found equal; when one was sampled
     */
    _Atomic int64_t native, sampled_ms;
};

/* What the master knows. */
struct prover {
    struct proofs *shared; /* NULL: nothing is compared */
    bool php;
    const char *record; /* its path */
    pid_t pid;          /* 0: nobody is at it */
    int in;
    int64_t until_ms;
    struct job_sample sample; /* way 0: only what is recorded is asked */
    bool sampled;
    int64_t native;          /* as it stood when it began */
    int64_t rest_ms;         /* so long nothing was asked after the last failure */
    int64_t next_ms;         /* not before */
    uint64_t rest_state;     /* but for letters of another state of the app */
    int64_t looked_ms;       /* at the record */
    struct timespec seen;    /* when it was written */
    bool looked, there;      /* `seen` is; there was one */
    struct work_proof proof; /* the newest answer */
    struct work_proof known; /* the newest that tells which ways are equal */
};

/* proving_open asks the record, and waits for the answer. `tick` is asked now and then,
 * and ends it by false. */
void proving_open(struct prover *p, const struct work_options *o, struct proofs *shared,
                  const char *record, bool (*tick)(void *arg), void *arg);

/* proving_look does what is to be done: begins, ends what takes too long, looks at the
 * record. proving_reaped is told of a child that ended: p->proof is new where it says
 * true. */
void proving_look(struct prover *p, const struct work_options *o);
bool proving_reaped(struct prover *p, const struct work_options *o, pid_t pid);

/* proving_end ends the process that compares, which is still to be reaped. */
void proving_end(const struct prover *p);

/* proving_close waits for what is being compared, or is still to be; true: p->proof is
 * new. */
bool proving_close(struct prover *p, const struct work_options *o,
                   bool (*tick)(void *arg), void *arg);

/* proving_allows is asked by a slot of each letter that is about to go out. */
bool proving_allows(struct slot *s, const struct job_sample *what);

/* === jobs for PHP (php_slot.c, php_job.c) === */

/* What the slots of a master know of the app's PHP, in memory that they share. Times are
 * monotonic. */
struct php_share {
    _Atomic int64_t away_ms;  /* it could not boot the app: not tried before this */
    _Atomic int32_t failures; /* so often in a row; 0: as far as is known it can */
    const char *program;      /* set before the slots begin */
    /* What the app has set on its workers, by its first boot: this worker goes by it. */
    bool known;
    atomic_bool restart_unheard, pause_unheard;
    _Atomic int32_t memory_code; /* -1: WORK_MEMORY */
    struct proofs proofs;
};

/* php_open finds the PHP, where there is to be one; *share NULL: there is none.
 * php_is_there: does this master run what is none of our classes' now? */
bool php_open(const struct work_options *o, struct arena *perm, struct php_share **share,
              struct error *e) MUST;
bool php_is_there(const struct slot *s);

/* php_hears_restart and php_hears_pause: does the app want its workers to look for
 * queue:restart, and for paused queues? php_memory_code is what a worker ends with that
 * has reached --memory. Without an app that was booted: as Laravel has it. */
bool php_hears_restart(const struct php_share *php);
bool php_hears_pause(const struct php_share *php);
int php_memory_code(const struct php_share *php);

/* php_describe asks the booted app what it has become, for all slots, which are not
 * started yet: child_describe. The process is gone afterwards. */
struct php_hears {
    void (*warn)(void *arg, struct str text);
    bool (*tick)(void *arg);
    void *arg;
};
bool php_describe(const struct work_options *o, struct php_share *php,
                  const struct queue_settings *settings, struct arena *perm,
                  const struct php_hears *hears, struct error *e) MUST;

/* php_may_take: may this slot take a job for PHP? php_executor is who runs it. */
bool php_may_take(const struct slot *s);
struct executor *php_executor(struct slot *s, struct error *e) MUST;
void php_idle(struct slot *s);

/* php_print prints what is said of a job; *begun_us: since when it runs. */
void php_print(struct slot *s, const struct queue_job *j, int64_t *begun_us,
               const struct job_news *n);

/* php_begins_away: it could not be booted before the slots began. */
void php_begins_away(struct php_share *php);

/* php_away: the app could not be booted, which took so long. php_try tries again, when it
 * is time. */
void php_away(struct slot *s, const struct error *why, int64_t took_ms);
void php_try(struct slot *s);
void php_close(struct slot *s);

/* attempt_run_php runs the job at hand, which is reserved, in PHP. */
bool attempt_run_php(struct attempt *a, struct error *e) MUST;

/* attempt_hand_over gives a job of ours that cannot be done exactly to PHP, with its
 * reservation. false: there is no PHP. */
bool attempt_hand_over(struct attempt *a, const struct error *why);

/* attempt_recover_php settles a job that ran in PHP, whose slot is gone: `where` is the
 * step in which it was. */
bool attempt_recover_php(struct attempt *a, const char *where, struct error *e) MUST;

/* === one job (attempt.c) === */

/* attempt_next claims a job of the queue and runs it to its end. *worked: there was one.
 * The errors are of the pass, not of the job. */
bool attempt_next(struct slot *s, size_t which, bool *worked, struct error *e) MUST;

/* attempt_end_alone ends the job that waits for the next claim, if there is one, in a
 * commit of its own. */
bool attempt_end_alone(struct slot *s, struct error *e) MUST;

/* === how it begins (begin.c) === */

/* attempt_enter begins an attempt of a job that was claimed: who runs it, its record, its
 * log context, its deadline. attempt_idle: nothing is in hand any more. */
bool attempt_enter(struct attempt *a, struct error *e) MUST;
void attempt_idle(struct slot *s);

/* attempt_tell_running prints that a job of ours runs. */
void attempt_tell_running(struct attempt *a);

/* attempt_is_plain: it may begin; else attempt_fail_early settles it. */
bool attempt_is_plain(const struct attempt *a);
bool attempt_fail_early(struct attempt *a, struct error *e) MUST;

/* attempt_fail_undecodable fails one that no worker could run. */
bool attempt_is_undecodable(const struct attempt *a);
bool attempt_fail_undecodable(struct attempt *a, struct error *e) MUST;

/* attempt_begin loads what the job needs and commits the claim; attempt_begin_failed
 * decides what a job becomes that could not begin. */
bool attempt_begin(struct attempt *a, struct error *e) MUST;
bool attempt_begin_failed(struct attempt *a, struct error *e) MUST;

/* attempt_guarded runs fn so that a full arena is an error of the job. */
bool attempt_guarded(struct attempt *a, bool (*fn)(struct attempt *, struct error *),
                     struct error *e) MUST;

/* attempt_leave leaves a job to PHP, and says why. */
void attempt_leave(struct attempt *a, const struct error *why);

/* === with the end of the one before (joined.c) === */

struct hand *attempt_hand(struct slot *s, const struct attempt *a);

/* attempt_take claims the next job. *joined: the end of the last one stands in the open
 * transaction: attempt_begin_joined goes on in that; where it cannot, attempt_part undoes
 * it, and true has the job claimed anew. */
bool attempt_take(struct attempt *a, size_t which, bool *found, bool *joined,
                  struct error *e) MUST;
bool attempt_begin_joined(struct attempt *a, struct error *e) MUST;
bool attempt_part(struct attempt *a, struct error *e) MUST;

/* === how it ends (settlement.c) === */

/* attempt_fails makes the attempt's failure of an error; one that has no name of its own
 * is named by where it came: a step of the class's, or a phase. */
void attempt_fails(struct attempt *a, const struct error *why, const char *where);

/* attempt_is_last: has a failure of this attempt no other behind it? */
bool attempt_is_last(const struct attempt *a);

/* These settle an attempt: released, or failed for good; or completed. */
bool attempt_settle_failure(struct attempt *a, struct error *e) MUST;
bool attempt_settle_success(struct attempt *a, struct error *e) MUST;

/* attempt_plan_end puts together what belongs to the end of a job that is done;
 * attempt_may_wait: may it wait for the next claim? */
bool attempt_plan_end(struct attempt *a, struct error *e) MUST;
bool attempt_may_wait(struct attempt *a);

/* attempt_tell_not_ours warns that a fence met nothing. */
void attempt_tell_not_ours(struct attempt *a);

/* attempt_tell_done: as lines, in the app's log too. */
void attempt_tell_done(struct attempt *a);

/* attempt_settle tries one of these again while the server is away: what happened to the
 * mail must reach its row. Told to stop, it leaves that to whoever finds the record. */
bool attempt_settle(struct attempt *a, bool (*settle)(struct attempt *, struct error *),
                    struct error *e) MUST;

/* attempt_withdraw gives a job back as if it had never been claimed. */
bool attempt_withdraw(struct attempt *a, struct error *e) MUST;

/* exceptions_count counts this attempt's failure, once, when the payload has a
 * maxExceptions; the record then says whether that many were reached. A store that
 * cannot count is said, and is no error; e is of the queue's database. */
bool exceptions_count(struct attempt *a, struct error *e) MUST;

/* === the lease of the job at hand (lease.c) === */

/* lease_patience is how many seconds an answer of the database may take: the reservation
 * must still be good then. */
int lease_patience(const struct slot *s);

/* lease_keep renews the reservation when a third of retry_after has gone by. false: it is
 * not ours any more; what is not done yet must not be done. Called from between phases
 * and while the transport waits, so a slot that is stuck does not renew. */
bool lease_keep(struct slot *s);

/* lease_renew renews the reservation of a job that is being settled, likewise. */
void lease_renew(struct slot *s, struct attempt *a);

/* lease_of renews what a record names; false: it is not ours any more. */
bool lease_of(struct slot *s, struct run_hold *h);

/* lease_look_ms: so often a slot goes through the run folder. Jobs that are kept aside
 * there are renewed by whichever comes by, in the middle of a letter too. */
int64_t lease_look_ms(const struct slot *s);

/* lease_wait is slot_wait for a slot that may hold something: it is renewed meanwhile. */
void lease_wait(struct slot *s, int64_t ms);

/* === jobs that are over and cannot be settled (parked.c) === */

/* parked_add keeps a job aside whose settlement was refused, for the reason in e: `done`:
 * it is to be completed, else to be put among the failed ones. e is of what hinders that:
 * ERR_AGAIN. */
bool parked_add(struct attempt *a, bool done, struct error *e) MUST;

/* parked_has: is the record's job kept aside already? */
bool parked_has(struct slot *s, const struct run_record *r);

/* parked_over tells that a job is kept aside no more. */
void parked_over(struct attempt *a);

/* parked_failure reads how a parked job failed; *exception: as PHP printed it, or empty.
 */
void parked_failure(const struct run_hold *h, struct arena *perm, struct job_failure *out,
                    struct str *exception);

/* parked_rests: it is not to be tried yet. parked_again: it was refused once more. */
bool parked_rests(const struct run_hold *h);
void parked_again(struct slot *s, struct run_hold *h, const char *why);

/* === after a death (recovery.c) === */

/* recover settles what this slot's predecessor held. */
bool recover(struct slot *s, struct error *e) MUST;

/* recover_orphans settles the files of masters that are gone. */
bool recover_orphans(struct slot *s, struct error *e) MUST;

#endif
