/* queue: the `jobs` table: look, claim, complete, release, fail, push; payloads.
 *
 * Jobs of the classes we run are found by reading, never by locking: `queue_look` lets
 * the server search each payload once for their names, and keeps the ids on a watch list
 * that the slots share; `queue_turn` locks one of at most eight named rows by primary
 * key, and only then decodes it. Foreign rows are neither locked nor changed. Where
 * somebody runs what is not ours, too, every row is on the list, which knows of each
 * whether it is ours; a claim says which it takes.
 *
 * Every change of a claimed row names the reservation it belongs to (the fence: id,
 * attempts, reserved_at). Where it matches nothing, nothing is changed in `jobs` or
 * `failed_jobs`, and the caller is told.
 *
 * Times are Unix seconds of this machine's clock, as Laravel writes them.
 */
#ifndef FACTEUR_QUEUE_H
#define FACTEUR_QUEUE_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/db.h"

/* === settings: queue.connections.<name> and queue.failed === */

enum failed_driver { FAILED_NONE, FAILED_UUIDS, FAILED_IDS, FAILED_FILE };

struct failed_settings { /* queue.failed */
    enum failed_driver driver;
    struct str database, table; /* key in database.connections; empty: the default */
    const char *path;           /* FAILED_FILE */
    int64_t limit;              /* jobs that the file holds */
    /* the lock of the file cache store that guards it */
    const char *lock_dir, *lock_name;
    struct file_owner owner; /* FAILED_FILE: whose a new file and its lock are */
};

struct queue_settings {
    struct str connection;    /* "database": the key in queue.connections */
    struct str db_connection; /* key in database.connections; empty: the default */
    struct str table;         /* "jobs" */
    struct str queue;         /* "default"; empty: the setting is null */
    /* the paths of the settings that name them */
    const char *db_setting, *table_setting, *queue_setting;
    int64_t retry_after; /* seconds; 60 where config has none */
    struct failed_settings failed;
};

/* queue_settings_load reads the connection (empty name: queue.default). ERR_FATAL: there
 * is none of that name, or its driver is not `database`. */
bool queue_settings_load(struct app *app, struct str name, struct arena *perm,
                         struct queue_settings *out, struct error *e) MUST;

/* queue_settings_named is an error, ERR_FATAL, where a queue has no name because the
 * connection's is null: Laravel looks for rows without a queue then. */
bool queue_settings_named(struct app *app, const struct queue_settings *set,
                          struct str queue, struct error *e) MUST;

bool failed_settings_load(struct app *app, struct arena *perm,
                          struct failed_settings *out, struct error *e) MUST;

/* === payloads === */

struct payload_number {
    bool given; /* false: absent or null, which mean the same */
    int64_t value;
};

struct payload {
    struct str raw; /* lent */
    bool is_json;   /* nothing below is set unless it is an object */
    bool crowded;   /* nor where it holds more values than are read here */
    struct str uuid, display_name, job;
    struct str command_name, command; /* data.commandName, data.command */
    struct payload_number max_tries, max_exceptions, timeout, retry_until, delay;
    bool fail_on_timeout;
    bool has_backoff;
    struct str backoff; /* "1,5,10" */
    /* The log context of whoever dispatched it, an array; null: none. */
    struct php_value context;
    /* It has keys that hooks of the app added when it was made. */
    bool hooked;
};

/* payload_parse reads a payload, of which it lends; text that is no JSON, as PHP reads
 * it, gives is_json = false. */
struct payload payload_parse(struct str raw, struct arena *perm);

/* payload_name is what every message calls the job: displayName, else job. */
struct str payload_name(const struct payload *p);

/* === which jobs are ours === */

/* A class that this program runs. `sieve` is its short name, which finds candidates. */
struct queue_class {
    const char *name; /* "App\\Jobs\\SendVolunteerLetterJob" */
    const char *sieve;
};

/* queue_ours returns the class's index when the payload is one of ours, else -1: JSON
 * whose data.commandName is the class; or text that is no JSON (it was cut, say) and
 * names it: by the commandName that can still be read there, else by the whole name as a
 * word. */
int queue_ours(const struct queue_class *classes, size_t len, const struct payload *p,
               struct str raw);

/* === the watch list, shared by the slots of a master === */

struct watch;

/* watch_new makes shared memory for the named queues; processes forked later share it. */
struct watch *watch_new(size_t queues, struct error *e) MUST;
void watch_drop(struct watch *w);

/* === failed jobs, where queue.failed keeps them ===
 *
 * The store opens no transaction of its own: what is done through a session that the
 * caller has a transaction on belongs to it. */

struct failed_job {
    struct str id; /* as commands name it: the uuid, or the row's number */
    int64_t row;   /* the primary key; 0: the store is no table */
    struct str connection, queue, payload;
    struct str exception; /* only what is to be stored has one */
    struct str failed_at; /* "2026-11-25 14:05:09" in the app's zone */
    char made[UUID_TEXT]; /* where the id stands when failed_log made one */
};

struct failed_store;

/* failed_open takes the session from the pool. failed_new: db may be NULL where nothing
 * is stored. Settings and sessions are lent. */
struct failed_store *failed_open(const struct failed_settings *set, struct db_pool *pool,
                                 struct error *e) MUST;
struct failed_store *failed_new(const struct failed_settings *set, struct db *db,
                                struct error *e) MUST;
void failed_drop(struct failed_store *s);

/* failed_db is the session that the store uses; NULL: it is no table. */
struct db *failed_db(const struct failed_store *s);

/* failed_class is the name of Laravel's class for it, which messages tell. */
const char *failed_class(const struct failed_store *s);

/* failed_log stores a job that failed now. One without an id, or with one that another
 * row holds, gets a new uuid: a unique key must not lose a job. */
bool failed_log(struct failed_store *s, struct failed_job *job, struct arena tmp,
                struct error *e) MUST;

/* failed_twin: does a row of the same uuid tell the very same failure? It decides what
 * became of a COMMIT whose answer was lost; without uuids nothing can tell, and *twin is
 * true. */
bool failed_twin(struct failed_store *s, const struct failed_job *job, struct arena tmp,
                 bool *twin, struct error *e) MUST;

/* A walk through the store, newest first. What fails meanwhile is not met. */
struct failed_walk {
    bool of_queue;
    struct str queue;
    bool lock;     /* rows are locked until the caller's transaction ends */
    bool begun;    /* the rest is the walk's own */
    int64_t below; /* rows from here on have been met */
};

/* failed_next gives the next page: at most FAILED_PAGE jobs, and few megabytes unless a
 * single one is larger. *len 0: that was all. A page whose rows all went meanwhile is
 * passed over. */
enum { FAILED_PAGE = 100 };
bool failed_next(struct failed_store *s, struct failed_walk *w, struct arena *perm,
                 struct failed_job **jobs, size_t *len, struct error *e) MUST;

/* failed_count counts them: all, or those of the walk's queue. */
bool failed_count(struct failed_store *s, const struct failed_walk *w, struct arena tmp,
                  int64_t *count, struct error *e) MUST;

/* failed_find gives the job of an id; NULL: there is none. */
bool failed_find(struct failed_store *s, struct str id, bool lock, struct arena *perm,
                 struct failed_job **out, struct error *e) MUST;

/* failed_remove deletes what failed_next or failed_find gave, at most FAILED_PAGE. */
bool failed_remove(struct failed_store *s, const struct failed_job *jobs, size_t len,
                   struct arena tmp, struct error *e) MUST;

/* failed_forget deletes by id; *gone: there was one. */
bool failed_forget(struct failed_store *s, struct str id, struct arena tmp, bool *gone,
                   struct error *e) MUST;

/* failed_flush deletes: all; or what failed at or before a time, or is of a queue, or
 * both. */
struct failed_flush {
    bool timed, of_queue;
    int64_t until;
    struct str queue;
};
bool failed_flush(struct failed_store *s, const struct failed_flush *what,
                  struct arena tmp, struct error *e) MUST;

/* failed_prune deletes what failed before a time, a thousand at once. */
bool failed_prunes(const struct failed_store *s);
bool failed_prune(struct failed_store *s, int64_t before, struct arena tmp,
                  int64_t *pruned, struct error *e) MUST;

/* === a queue connection, one per process === */

struct queue;

struct queue_job;

struct queue_options {
    const struct queue_settings *settings;
    struct db *db;               /* of settings->db_connection */
    struct failed_store *failed; /* may use the same session */
    struct watch *watch;
    const struct str *queues; /* names, in order of priority */
    size_t queues_len;
    const struct queue_class *classes;
    size_t classes_len;
    /* May be NULL. NULL for a job of our classes that can be run, else a short reason:
     * the job is then left untouched, as a foreign one, and not asked for again until its
     * payload is another, or `stamp`. It may keep what it reads in `perm`, which lives as
     * long as the job, and in j->content; perm NULL: the job is not claimed. */
    const char *(*accepts)(void *arg, struct queue_job *j, struct arena *perm);
    /* May be NULL. A number for all that `accepts` goes by beside the payload. */
    uint64_t (*stamp)(void *arg);
    /* May be NULL: never. Is there somebody in this worker who runs what is none of our
     * classes'? While there is, every row of a queue is watched, and none is foreign: a
     * claim says whether it takes `any`. It may change at any time, in either direction,
     * and is the same for all slots of a master; a look finds it out. */
    bool (*takes_all)(void *arg);
    /* May be NULL. A row is about to be reserved, and is locked; j->reserved_at: 0, or a
     * reservation that ran out. true leaves it, for a little while, to whoever else is
     * known to have it. */
    bool (*held)(void *arg, const struct queue_job *j);
    /* A class of other people's jobs was seen waiting for the first time (reason NULL),
     * or a job of ours that `accepts` refuses for a new reason. Lent for the call. */
    void (*foreign)(void *arg, struct str queue, struct str class_name,
                    const char *reason);
    /* A row that holds one of our names but that nobody can read: left alone. */
    void (*unreadable)(void *arg, struct str queue, int64_t id);
    /* May be NULL. The server refuses what is to be done with a row: `why`, and what
     * becomes of it. It holds nothing up. */
    void (*refused)(void *arg, struct str queue, int64_t id, const char *why,
                    const char *then);
    /* May be NULL: then clocks are not compared. What is to be said of them, and of parts
     * of an end that are left out. */
    void (*warn)(void *arg, struct str text);
    void *arg;
};

/* A reservation that is younger is taken back by nobody here, whatever retry_after says:
 * the job may be under way. */
enum { QUEUE_LEASE_MIN = 3 };

/* queue_new asks the server for the queue index and the size of `attempts`. The options
 * and what they point to are lent. */
struct queue *queue_new(const struct queue_options *o, struct error *e) MUST;
void queue_drop(struct queue *q);

/* queue_unusable says why jobs of the table cannot be run here: its ids are no whole
 * numbers (then nothing of it is looked at), or some are out of range. Empty: they can.
 */
struct str queue_unusable(const struct queue *q);

/* queue_look brings the watch list of one queue up to date: new rows, one piece of the
 * slow sweep. The first looks read on through what stands there: until a row of ours is
 * due, or for a moment where one is. Nothing is decoded. One slot looks at a time; the
 * others wait for it a second at most. The callbacks are called before it returns, with
 * no lock held. */
bool queue_look(struct queue *q, size_t which, struct error *e) MUST;

/* queue_unfinished: the last look or claim of a queue ended before all was read, or
 * tried, that may be due now. A queue in which no job was found then is not empty, nor is
 * the turn of those behind it; the same goes on at once. */
bool queue_unfinished(const struct queue *q);

/* === a claimed job === */

struct queue_job {
    int64_t id, attempts, reserved_at; /* the fence; attempts counts this one */
    int64_t renewing; /* a renewal without an answer: reserved_at may be this; 0: none */
    int64_t created_at, available_at;
    int64_t before; /* reserved_at as the claim found it; 0: null */
    struct str queue;
    struct str connection; /* on which it was reserved; empty: on this one */
    struct str raw;        /* the payload's bytes */
    struct payload payload;
    /* In the classes of queue_options. -1: it is of none of them, or cannot be run here,
     * or nobody can read it; only a claim of any row finds such a job. */
    int class_index;
    /* Why it cannot be run here, though it is of one of our classes, or has more in it
     * than is read here. NULL: there is no such reason. */
    const char *refusal;
    const void *content; /* what `accepts` read of the payload, for its own side */
    /* attempts stood at its column's maximum: it was not counted, the row must fail */
    bool overflow;
    /* Of a job that was settled before: what stands in the queue of it. ROW_FREE: the row
     * that its release put there; ROW_NONE: nothing, a release puts it there again. */
    enum { ROW_RESERVED, ROW_FREE, ROW_NONE } row;
};

/* What belongs to a job's end beside its row in `jobs`. Those that write through the
 * queue's own session are one transaction with it; the others come before, each in one of
 * its own: what happened to the mail must never be unknown because the queue's server is
 * away. */
struct part {
    const char *what; /* "its end", for a warning */
    bool (*write)(void *arg, struct error *e);
    void *arg;
    struct db *db; /* the session it writes to; NULL: the queue's */
    /* It tells what happened, whoever has the job by now. */
    bool tells;
    /* Refused again and again (its table is missing, say) it is left out, which is said:
     * it must neither hold up the queue nor have a mail sent twice. */
    bool may_fail;
    /* It does not wait for another job's claim: others wait for it, or it cannot be
     * undone. */
    bool hurried;
    bool done; /* committed on another connection: it is not written again */
};

enum { PARTS = 4 };

/* How a job ends, and what belongs to it. */
struct ending {
    const struct queue_job *job;
    enum end_kind { END_DONE, END_RELEASED, END_FAILED } kind;
    int64_t delay;        /* END_RELEASED, seconds */
    struct str exception; /* END_FAILED */
    struct part parts[PARTS];
    size_t parts_len;
    enum ending_state {
        ENDING_WAITS, /* nothing was tried: no job was known to be due */
        ENDING_OPEN,  /* it stands in the open transaction, with the claim */
        ENDING_DONE,  /* it was committed */
        ENDING_ALONE, /* nothing is known to have changed: queue_end decides */
    } state;          /* after a turn */
    bool doubtful;    /* a COMMIT that held it got no answer */
    int64_t released; /* END_RELEASED: the id of the row that stands there now; 0: none */
    int refusals;     /* of parts that may fail */
};

/* What a turn takes: the first ready job in a queue. */
struct claim {
    size_t which;       /* of the queues */
    bool any;           /* false: of those that are known to be ours, and can be run */
    bool others;        /* with `any`: only of those that are known not to be */
    struct arena *perm; /* for what was read of the job */
    struct queue_job *job;
    bool found;
};

/* queue_turn opens a transaction in which the job that ended (NULL: none) is completed
 * and the next one is locked and reserved. Found: the caller ends the transaction with
 * queue_commit or queue_rollback, and tells a job that ended in it by queue_unwatch. Not
 * found: no transaction is open.
 *
 * The two are joined where nothing comes between them; whatever else happens leaves the
 * job that ended to be completed alone, before anything else is tried: an error, a lock
 * that is waited for, a fence that matches nothing. It is no error of the turn. */
bool queue_turn(struct queue *q, struct ending *ended, struct claim *take,
                struct error *e) MUST;

/* queue_knows_due: is a job of one of the queues known to be due, for a claim with `any`?
 */
bool queue_knows_due(const struct queue *q, bool any);

/* queue_may_wait: can this end wait for a claim and share its transaction? */
bool queue_may_wait(const struct queue *q, const struct ending *end);

/* The transaction that a turn left open. queue_commit, ERR_LOST: its outcome is unknown.
 * queue_rollback never fails, and does nothing where none is open. */
bool queue_commit(struct queue *q, struct error *e) MUST;
void queue_rollback(struct queue *q);
bool queue_is_open(const struct queue *q);

/* A reservation, as the fence has it. */
struct reservation {
    int64_t id, attempts, reserved_at;
};

/* queue_load reads a reserved row back, to settle it for a process that is gone. *found
 * false: the reservation is not there any more. */
bool queue_load(struct queue *q, const struct reservation *r, struct arena *perm,
                struct queue_job *out, bool *found, struct error *e) MUST;

/* queue_unwatch tells the watch list that a row is not to be tried before `due`
 * (0: never). */
void queue_unwatch(struct queue *q, const struct queue_job *j, int64_t due);

/* queue_leave keeps a row from being tried before `until`, whatever it says itself. */
void queue_leave(struct queue *q, const struct queue_job *j, int64_t until);

/* === the end of a job: one transaction, fenced ===
 *
 * *owned false: the reservation was not ours any more, nothing of `jobs` or `failed_jobs`
 * was changed and no part was written; queue_tell_end writes those that tell. Deadlocks
 * are tried again; when COMMIT's outcome is lost, it is read back. ERR_LOST: the server
 * is away; nothing is decided.
 *
 * END_DONE, ERR_JOB: the server refuses for good to delete the row, or what belongs to
 * its end; nothing was changed. The job is over, and must not run again.
 * END_RELEASED: where the server refuses for good to delete the row, or to take its
 * successor, the job keeps its row: free again, or at worst reserved until its lease is
 * over; `refused` is called.
 * END_FAILED moves the job among the failed ones. ERR_JOB, as above: these may not take
 * it (their table is missing, or of another form). */
bool queue_end(struct queue *q, struct ending *end, bool *owned, struct error *e) MUST;
bool queue_tell_end(struct queue *q, struct ending *end, struct error *e) MUST;

/* === the lease: a reservation counts for retry_after seconds ===
 *
 * queue_renew moves it to `now`. *owned false: it is not ours any more. When the answer
 * is lost, j->renewing keeps what may stand in the row, and queue_renewed asks the row
 * which it is; renewing again and settling come after that. */
bool queue_renew(struct queue *q, struct queue_job *j, int64_t now, bool *owned,
                 struct error *e) MUST;
bool queue_renewed(struct queue *q, struct queue_job *j, struct error *e) MUST;

/* queue_give_back puts a claimed row back as it was: attempts one less, not reserved. */
bool queue_give_back(struct queue *q, const struct queue_job *j, bool *owned,
                     struct error *e) MUST;

/* queue_reserve_again repeats the reservation of a claim that was never committed, if the
 * row still is as the claim found it (`before`: its reserved_at; 0: null). */
bool queue_reserve_again(struct queue *q, const struct reservation *r, int64_t before,
                         bool *done, struct error *e) MUST;

/* queue_mark tells jobs apart that have the same id, as after a TRUNCATE: a hash of the
 * payload's uuid, or of all of it. */
struct queue_key {
    int64_t id;
    uint64_t mark;
};
uint64_t queue_mark(const struct queue_job *j);

/* queue_take_back reserves a row that nobody has at this moment, be it released or its
 * reservation over, without counting an attempt: it is to be completed, not run. *found
 * false: it is gone or in other hands, or its mark is another. */
bool queue_take_back(struct queue *q, struct queue_key key, struct arena *perm,
                     struct queue_job *out, bool *found, struct error *e) MUST;

/* queue_gone says why a fence matched nothing, for the one warning. */
struct str queue_gone(struct queue *q, const struct queue_job *j, struct arena *perm);

/* === a connection's table, as the commands beside the worker use it ===
 *
 * What is done through a session that the caller has a transaction on belongs to it. */

struct queue_table;

/* queue_table_open: the settings' and the pool's session are lent; `perm` keeps the rest.
 * Errors are those of queue_settings_load. */
struct queue_table *queue_table_open(struct app *app, struct db_pool *pool,
                                     struct str connection, struct arena *perm,
                                     struct error *e) MUST;
const struct queue_settings *queue_table_settings(const struct queue_table *t);
struct db *queue_table_db(const struct queue_table *t);

/* queue_table_push inserts at most QUEUE_PUSH jobs. */
enum { QUEUE_PUSH = 100 };
struct queue_push {
    struct str queue, payload;
    int64_t delay; /* seconds */
};
bool queue_table_push(struct queue_table *t, const struct queue_push *jobs, size_t len,
                      struct arena tmp, struct error *e) MUST;

/* queue_table_clear deletes every job of a queue, reserved ones too. */
bool queue_table_clear(struct queue_table *t, struct str queue, struct arena tmp,
                       int64_t *cleared, struct error *e) MUST;

struct queue_sizes {
    int64_t all, pending, delayed, reserved;
    bool has_oldest;
    int64_t oldest; /* available_at of the pending one that waits longest */
};
bool queue_table_sizes(struct queue_table *t, struct str queue, struct arena tmp,
                       struct queue_sizes *out, struct error *e) MUST;

/* queue_table_names gives the queues that have rows, in order. */
bool queue_table_names(struct queue_table *t, struct arena *perm, struct str **names,
                       size_t *len, struct error *e) MUST;

/* === the table of batches === */

struct batch_table;

struct batch_table *batch_table_open(struct app *app, struct db_pool *pool,
                                     struct arena *perm, struct error *e) MUST;

/* batch_table_prune deletes what finished, or for the others was made, before a time. */
enum batch_prune { BATCH_FINISHED, BATCH_UNFINISHED, BATCH_CANCELLED, BATCH_PRUNES };
bool batch_table_prune(struct batch_table *t, enum batch_prune which, int64_t before,
                       struct arena tmp, int64_t *pruned, struct error *e) MUST;

/* batch_table_failed gives the ids of a batch's failed jobs. */
struct batch_failed {
    bool found; /* there is such a batch */
    struct str *ids;
    size_t len;
};
bool batch_table_failed(struct batch_table *t, struct str id, struct arena *perm,
                        struct batch_failed *out, struct error *e) MUST;

/* What a worker must know of a batch before it begins a job of it. */
struct batch {
    bool found; /* false: nothing is to be done about it */
    bool cancelled;
    /* A list of callbacks that the end of one of its jobs could call ("then"), which is
     * PHP's work: such a batch is PHP's, whole, since no worker can know before a job
     * ends whether that will be the batch's last, or its first failure. NULL: none. */
    const char *callbacks;
};

/* batch_table_find: ERR_UNSUPPORTED says that its options cannot be read here. */
bool batch_table_find(struct batch_table *t, struct str id, struct arena tmp,
                      struct batch *out, struct error *e) MUST;

/* batch_table_ended counts a job's end as Laravel does, in the caller's transaction: a
 * success pends no more, and the last one finishes the batch; the first failure cancels a
 * batch that allows none. */
bool batch_table_ended(struct batch_table *t, struct str id, struct str job, bool failed,
                       struct arena tmp, struct error *e) MUST;
struct db *batch_table_db(const struct batch_table *t);

/* === what queue:retry makes of a payload === */

/* What is known of a class's method retryUntil(). */
enum retry_until { UNTIL_NONE, UNTIL_KNOWN, UNTIL_UNKNOWN };

struct retry_payload {
    const struct encrypter *encrypter; /* NULL: the app has no key */
    int64_t now;
    /* Laravel asks the method again. Where it is there but nobody here can tell what it
     * gives, the moment moves by the time that passed since the job was made. */
    enum retry_until (*until)(void *arg, const struct php_object *command, int64_t *out);
    void *arg;
};

/* queue_retry_payload decodes a payload and encodes it again as Laravel does, attempts
 * back at 0. ERR_JOB: it is no JSON, its command cannot be decoded (the text is PHP's),
 * or its retryUntil cannot be told. */
bool queue_retry_payload(const struct retry_payload *r, struct str raw,
                         struct arena *perm, struct str *out, struct error *e) MUST;

/* === failed jobs that go back to their queues === */

struct failed_retry {
    struct failed_store *failed;
    struct retry_payload payload;
    /* Lends the table of a queue connection. */
    struct queue_table *(*table)(void *arg, struct str connection, struct error *e);
    void *arg;
    struct arena *tmp; /* for what is read */
};

/* Some of them, which go back together. */
struct failed_chunk {
    struct failed_walk *walk; /* the next of it; NULL: the one job `id` */
    struct str id;
    struct failed_job *jobs; /* as they were read */
    size_t read, len;        /* the first `len` of them went back */
    struct error refused;    /* why jobs[len] cannot go back at all */
    /* The rest is its own. */
    bool pushed;  /* and they are committed, on a connection of their own */
    bool unknown; /* whether they are, nobody can tell */
};

/* failed_retry moves one chunk in one transaction; after a deadlock or a lost connection
 * it begins again. */
bool failed_retry(const struct failed_retry *r, struct failed_chunk *c,
                  struct error *e) MUST;

/* === the retry rules of a Laravel worker === */

struct retry_rules {
    int64_t tries;      /* --tries; 0: unlimited */
    struct str backoff; /* --backoff, or the larger --delay */
};

/* retry_exceeded: may the attempt not even begin? */
bool retry_exceeded(const struct queue_job *j, const struct retry_rules *r, int64_t now);

/* retry_is_last: after this attempt failed, is there none left? */
bool retry_is_last(const struct queue_job *j, const struct retry_rules *r, int64_t now);

/* retry_delay is the wait before the next attempt, in seconds. */
int64_t retry_delay(const struct queue_job *j, const struct retry_rules *r);

#endif
