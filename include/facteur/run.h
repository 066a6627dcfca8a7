/* run: the run folder, storage/framework/facteur/: a journal of who holds what, in
 * files that outlive their writers.
 *
 * <uuid>.run is memory-mapped, one per master, with two records per slot: a job that is
 * over may wait for the commit in which the next one is claimed. Who lives is told
 * by locks (fcntl's open file description locks), never by a pid alone: a master locks
 * the head of its file, a slot its own records' bytes, whoever settles a record of one
 * that is gone likewise. Before a reservation that ran out is taken the journal is asked.
 *
 * <connection>-<id>-<chance>.parked is such a file too, with one record that nobody
 * holds: of a job that is over but cannot be settled now (parked.c).
 *
 * Numbers are in this machine's order. A file of the version before is read too; of later
 * ones what stands first in head and record, which stays.
 */
#ifndef FACTEUR_RUN_H
#define FACTEUR_RUN_H

#include <stdatomic.h>
#include <sys/types.h>

#include "facteur/app.h"

enum {
    RUN_VERSION = 5,
    SAID_MAX = 1024,
    CAUSE_MAX = 512,
    RESTART_MAX = 64,
    RUN_NAME = 128, /* of a connection, a table, a queue, a class: cut to this */
    RUN_UUID = 40,
    RUN_STEP = 16,
    RUN_SEAL = 32,
    RUN_KEYS = 8,              /* APP_KEY and the first of its predecessors */
    PARKED_MAX = 20,           /* of one table: then no further job is begun */
    PARKED_TEXT_MAX = 1 << 20, /* of what failed */
};

/* === phases of a job, as `ps`, the run folder and error texts name them === */

enum job_phase {
    PHASE_IDLE,
    PHASE_CLAIM, /* reserved, but the transaction may not have been committed */
    PHASE_LOAD,  /* reserved for certain; no row of its own yet */
    PHASE_WORK,  /* in a step of its class's own */
    PHASE_SENT,  /* what cannot be undone is done; only the rows are missing */
    PHASES,
};

/* A phase's name, and where a record's job is: the name of its step, or its phase's. */
const char *job_phase_name(enum job_phase phase);

/* === what stands in a file === */

/* What a slot holds. Written by whoever holds the lock of its bytes, with run_publish. */
struct run_record {
    /* The same in all later versions: enum job_phase, 0: nothing is held; the job. */
    int32_t phase;
    int32_t exceptions; /* enum exceptions: of this attempt */
    int64_t id;
    uint64_t mark; /* queue_mark */
    /* The reservation; `before`: what stood there when it was claimed, 0: null. */
    int64_t attempts, reserved_at, before;
    int64_t renewing; /* reserved_at may be this already; 0: no */
    int64_t row;      /* of volunteer_letter_sends; 0: none */
    /* The database went away before the job was begun: it is given back. */
    int64_t not_begun;
    /* of a parked job: when it is tried again, how often it was; a hash of its text */
    int64_t due, tries;
    uint64_t text;
    /* The class that runs it, the queue it was taken from, its uuid; for whoever settles
     * it when its row is gone, and for those who look. */
    char class_name[RUN_NAME], queue[RUN_NAME], uuid[RUN_UUID];
    char executor[8];    /* who runs it: "native" */
    char step[RUN_STEP]; /* of its work, in its class's own word; empty: none yet */
};

/* How jobs of a slot ended. RUN_LEFT: for PHP after all. */
enum run_end { RUN_DONE, RUN_RELEASED, RUN_FAILED, RUN_LEFT, RUN_ENDS };

/* What a slot and its predecessors did since their master began. */
struct run_tally {
    _Atomic int64_t ended[RUN_ENDS];
    _Atomic int64_t phase_us[PHASES]; /* spent in each */
    _Atomic int64_t outages;          /* of the database, that it met */
};

/* A slot's entry. Each has a second one, which holds its second record, and in `pid` and
 * `born` the slot's PHP process, where it has one. */
struct run_slot {
    struct run_record record;
    uint8_t seal[RUN_SEAL]; /* over head and record, for a file that others could write */
    _Atomic int32_t pid, ticket;
    int64_t born;                /* when the pid's process started: /proc/PID/stat, 22 */
    int64_t begun_ms;            /* monotonic, of this boot */
    _Atomic int64_t beat_ms;     /* when its slot last was in a state to renew */
    _Atomic int64_t deadline_ms; /* monotonic; 0: none */
    int64_t timeout;             /* seconds, for the text */
    _Atomic int32_t timed_out;
    _Atomic int32_t let_go; /* ended since the server hung: no fault of the job */
    char cause[CAUSE_MAX];  /* why the attempt ended, where that is known */
    struct run_tally tally;
};

/* How fast letters are begun (pace.c). Times are monotonic. */
struct run_pace {
    _Atomic int64_t wait_ms;    /* between two letters; 0: none */
    _Atomic int64_t floor_ms;   /* what it does not fall below */
    _Atomic int64_t met_ms;     /* when a limit was met last; 0: never */
    _Atomic int64_t next_ms;    /* no letter is begun before */
    _Atomic int32_t connecting; /* the limit is on connections */
};

/* A pid means something in its boot and its namespace only. */
struct run_host {
    char boot[40];
    uint64_t ns_dev, ns_ino;
};

struct run_head {
    /* The same in all later versions. */
    char magic[8];           /* "facteur" */
    uint32_t version, slots; /* slots: entries, with the second ones behind the others */
    uint32_t head_bytes, slot_bytes;
    char connection[RUN_NAME], database[RUN_NAME], table[RUN_NAME];
    /* Of this version. */
    struct run_host host;
    int64_t started_at; /* Unix seconds */
    int64_t master_pid;
    /* the rules of whoever started it, for those who settle after it */
    int64_t tries;
    char backoff[128];
    /* From here on it changes, and is not sealed.
     * counted by the slots, for --max-jobs */
    _Atomic int64_t tickets, taken;
    _Atomic int32_t stopped; /* enum stop_reason: of whoever stopped first */
    _Atomic int32_t outage;  /* enum outage: what was said of the database */
    /* the value of queue:restart that the first slot read (orders.c) */
    _Atomic int32_t restart_known; /* enum restart_known */
    char restart[RESTART_MAX];
    /* when it was said that PARKED_MAX was reached; negative: that it no longer is */
    _Atomic int64_t full_ms;
    _Atomic uint64_t said[SAID_MAX];
    struct run_pace pace;
};

enum outage { OUTAGE_NONE, OUTAGE_LOST, OUTAGE_REFUSED };

enum exceptions { EXCEPTION_NOT_COUNTED, EXCEPTION_COUNTED, EXCEPTIONS_REACHED };

enum stop_reason {
    STOP_NONE,
    STOP_INTERRUPTED,
    STOP_MEMORY,
    STOP_RESTART,
    STOP_EMPTY,
    STOP_EMPTY_FOR,
    STOP_MAX_TIME,
    STOP_MAX_JOBS,
};

enum restart_known { RESTART_UNKNOWN, RESTART_BEING_SET, RESTART_KNOWN };

/* === the journal, as one process sees it === */

struct journal {
    struct app *app;
    /* The key of a record is connection, table and id. `database` is the connection of
     * database.connections, which two queue connections may share. */
    char connection[RUN_NAME], database[RUN_NAME], table[RUN_NAME];
    int64_t retry_after;
    int64_t tries;
    struct str backoff;
    struct evp_mac_ctx_st *keys[RUN_KEYS]; /* of APP_KEY; the first one seals */
    size_t keys_len;
    size_t parked; /* jobs of this table, when the folder was last gone through */
    /* A warning; the same one may come again and again. */
    void (*say)(void *arg, struct str text);
    void *arg;
};

/* Which table's jobs, and by which rules whoever settles after their worker goes. */
struct run_place {
    struct str connection; /* the key in queue.connections */
    struct str database;   /* the one in database.connections; empty: the default */
    struct str table;
    int64_t retry_after; /* seconds */
    int64_t tries;       /* --tries, and --backoff: lent */
    struct str backoff;
};

/* journal_open reads what else it needs from the app's configuration. */
bool journal_open(struct journal *j, struct app *app, const struct run_place *place,
                  struct error *e) MUST;
void journal_close(struct journal *j); /* wipes the keys */

struct run_file {
    const struct journal *journal;
    const struct run_form *form;
    char *map;
    struct run_head *head;  /* NULL: a file of another version */
    struct run_slot *slots; /* likewise */
    size_t workers;         /* entries that are no second ones */
    size_t bytes;
    int fd;
    bool read_only; /* whoever opened it looks, and changes nothing */
    bool parked;
    bool damaged;     /* a parked job's, of which only the name can be read */
    struct str text;  /* behind the records, of a parked job */
    bool sealed_only; /* others could write to it: a record is believed by its seal */
    uint8_t digest[RUN_SEAL]; /* of head and name, for the seals */
    char path[4096];
};

/* A record as one process holds it: its own slot's, or that of one that is gone. */
struct run_hold {
    struct run_file *file;
    size_t at;
    struct run_record now; /* change it, then run_publish */
    int64_t leased_ms;     /* of clock_mono_ms: since when it is reserved; 0: unknown */
    int64_t stepped_us;    /* of clock_mono_us: when it came to its phase; 0: unknown */
    bool dead;             /* whoever wrote the record is gone */
    /* then: the rules of its master, and what that noted */
    int64_t tries;
    char backoff[128];
    bool timed_out;
    int64_t timeout;
    char cause[CAUSE_MAX];
};

/* run_create makes the folder and a file in it whose head is locked. */
bool run_create(struct run_file *f, const struct journal *j, int workers,
                struct error *e) MUST;

/* run_park makes the file of a job that is over but cannot be settled: `text` is what
 * whoever settles it must know. It is on the disk when this returns. */
bool run_park(const struct journal *j, const struct run_record *r, struct str text,
              struct error *e) MUST;

/* run_close gives the file up; it is removed when no slot holds anything. */
void run_close(struct run_file *f);

/* run_leave opens the file anew, as a child must do: what it inherited is the master's
 * lock, which would outlive the master. */
bool run_leave(struct run_file *f, struct error *e) MUST;

/* run_second is where the second record of the slot stands whose first is at `at`;
 * run_own gives the entry that counts for either. */
size_t run_second(const struct run_file *f, size_t at);
struct run_slot *run_own(const struct run_file *f, size_t at);

/* run_take takes the lock of a record where it is free; run_give gives it back. */
bool run_take(const struct run_file *f, size_t at);
void run_give(const struct run_file *f, size_t at);

/* run_adopt reads what stands in the record, for its new slot. */
void run_adopt(struct run_hold *h, struct run_file *f, size_t at);

/* run_publish writes a record, phase last, and seals it. */
void run_publish(struct run_hold *h);

/* run_step is the only way to another phase: forward, or to the end, or from one step of
 * the work to another (`step`; NULL elsewhere). What else h->now says is complete before,
 * and is published with it. */
void run_step(struct run_hold *h, enum job_phase to, const char *step);

/* run_where tells where a record's job is: the name of its step, or of its phase. */
const char *run_where(const struct run_record *r);

/* run_ended counts an end of a job. run_name writes what stands in a head or a record. */
void run_ended(struct run_slot *slot, enum run_end how);
void run_name(char *out, size_t size, struct str name);

/* run_phase_of tells a record's phase; run_furthest how far the one of a slot's jobs has
 * come that came furthest. */
int32_t run_phase_of(const struct run_slot *slot);
int32_t run_furthest(const struct run_file *f, size_t at);

/* run_end_child kills what a slot that is gone left of its PHP process, and of what that
 * started: of its second entry, pid and born tell which. `sure`: by its master, at once,
 * when the process itself may be gone. */
void run_end_child(struct run_file *f, size_t at, bool sure);

/* run_hangs says whether a slot waits for the server since before that moment (monotonic)
 * with nothing in hand that would be lost: what was mailed stands in its record. */
bool run_hangs(const struct run_file *f, size_t at, int64_t since_ms);

/* run_said says once that something is new, whichever slot asks. */
bool run_said(struct run_file *f, struct str text);

/* run_stop records why the worker stops, unless a reason is recorded already. */
void run_stop(struct run_file *f, enum stop_reason why);

/* run_beat: the slot works, and could renew. */
void run_beat(struct run_slot *slot);

/* run_stuck says whether a slot that holds something has not come so far for as long as
 * its reservation counts; awake_ms: what lies before that does not count. */
bool run_stuck(const struct run_file *f, size_t at, int64_t awake_ms);

/* run_born is field 22 of /proc/PID/stat; -1: there is no such process. */
int64_t run_born(pid_t pid);

/* === what others hold (journal.c) === */

/* journal_orphans calls fn, with its lock held, for each record that nobody holds any
 * more: those of masters that are gone, and those of living ones whose reservation ran
 * out. fn settles it, and publishes that; what it could not settle it says (`false`), and
 * the next one is tried, unless the database is away. */
typedef bool journal_orphan_fn(void *arg, struct run_hold *orphan, struct error *e);
bool journal_orphans(struct journal *j, journal_orphan_fn *fn, void *arg,
                     struct error *e) MUST;

enum journal_answer {
    JOURNAL_FREE, /* nobody on this host holds it */
    JOURNAL_HELD, /* a living process does, or one that cannot be judged */
    JOURNAL_DEAD, /* one that is gone: journal_orphans settles it */
};

/* journal_parked calls fn, with its lock held, for each parked job of this table that
 * nobody is settling. */
typedef void journal_parked_fn(void *arg, struct run_hold *parked);
void journal_parked(struct journal *j, journal_parked_fn *fn, void *arg);

/* journal_ask says who holds the job of this id and mark. */
enum journal_answer journal_ask(struct journal *j, int64_t id, uint64_t mark);

/* === reading, for those who only look (each.c) === */

/* One record: a slot's, or that of a job that is kept aside. */
struct run_view {
    const char *path;
    bool parked;
    bool master_lives, slot_lives; /* by their locks */
    const struct run_head
        *head; /* NULL: of another version, or damaged; no more is known */
    const struct run_slot *slot; /* as it changes; of either record */
    size_t at;                   /* of the record */
    struct run_record record;    /* as it stood at one moment */
};

/* run_each calls fn for each record below `folder` until that says false. Nothing is
 * written, no lock is taken; a folder that is not there holds nothing. */
typedef bool run_view_fn(void *arg, const struct run_view *view);
bool run_each(const char *folder, run_view_fn *fn, void *arg, struct error *e) MUST;

#endif
