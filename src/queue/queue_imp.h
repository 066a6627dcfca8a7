/* queue_imp.h: what the files of src/queue share. */
#ifndef FACTEUR_QUEUE_IMP_H
#define FACTEUR_QUEUE_IMP_H

#include "facteur/queue.h"

enum {
    CLAIM_IDS = 8,  /* rows that one claim names; as many as claim.sql has places */
    READ_IDS = 100, /* payloads read by name at once; as read.sql */
    /* Statements, and in passing the row of a job: payloads are longtext. */
    QUEUE_ARENA = 256 << 20,
    /* One page of a look: a thousand rows with payloads of PAYLOAD_INLINE, or a single
     * one of PAYLOAD_MAX, each in three copies at most. */
    LOOK_ARENA = 64 << 20,
    PAYLOAD_INLINE = 8 << 10, /* as {inline} in read, pass and sweep */
    PAYLOAD_MAX = 4 << 20,    /* a candidate that is longer is not ours: {max} in long */
    /* Transactions may commit this much later than their id is given. */
    SETTLE_SECONDS = 30,
    LOOK_MARGIN = 10000, /* ids kept in view until that much history exists */
};

/* Statements of one connection, their names filled in once. */
struct queue_sql {
    struct str ids, read, pass, sweep, long_one, highest, claim, reserve, peek, load, row;
    struct str remove, remove_unreserved, renew, give_back, release;
    struct str insert, take_back, reserve_again;
};

/* What was last known of the clocks (clock.c). */
struct queue_clock {
    int64_t measured_ms; /* monotonic; 0: never */
    int64_t apart_us;    /* wall clock less monotonic, then */
    int64_t ahead_s;     /* the server's before ours; below 0: behind */
    int64_t future_s;    /* the latest reservation that was seen, before ours */
};

struct queue {
    struct queue_options o;
    struct arena arena;   /* statements; settlements use what is behind them */
    struct arena scratch; /* looks and claims */
    struct queue_sql sql;
    int64_t attempts_max;
    struct queue_clock clock;
    bool lax;            /* the session's mode cuts what does not fit */
    bool stale;          /* a statement was refused: the table is looked at anew */
    bool odd_ids;        /* some rows cannot be named by a fence */
    struct str unusable; /* why no job of the table can be run here; empty: they can */
};

/* queue_fresh looks at the table again where a statement was refused: a column, an index
 * or a right may be back. */
bool queue_fresh(struct queue *q, struct error *e) MUST;

/* queue_available is the time that a delay ends: one beyond what the column holds would
 * be refused each time. */
int64_t queue_available(int64_t delay, int64_t now);

/* queue_compare_clocks measures what differs, now and then, and tells it. */
bool queue_compare_clocks(struct queue *q, struct error *e) MUST;

/* queue_lease is the age in seconds from which a reservation counts as abandoned. */
int64_t queue_lease(const struct queue *q);

/* queue_saw_reserved: a row of ours is reserved since then. */
void queue_saw_reserved(struct queue *q, int64_t reserved_at);

/* queue_takes returns the class's index of a job that is ours and can be run, else -1;
 * *reason: why one of ours cannot. */
int queue_takes(const struct queue *q, const struct payload *p, struct str raw,
                const char **reason);

/* queue_foreign_is_new: is this the first time that a class is met, or for this reason?
 */
bool queue_foreign_is_new(const struct queue *q, struct str class_name,
                          const char *reason, struct arena tmp);

/* === stores of failed jobs (failed.c; one file per kind) === */

struct failed_store {
    const struct failed_ops *ops;
    const struct failed_settings *set;
    struct db *db;
    struct arena arena; /* statements */
    struct failed_sql *sql;
};

struct failed_ops {
    const char *class_name;               /* Laravel's */
    void (*open)(struct failed_store *s); /* may be NULL */
    bool (*log)(struct failed_store *s, struct failed_job *job, struct arena tmp,
                struct error *e);
    bool (*twin)(struct failed_store *s, const struct failed_job *job, struct arena tmp,
                 bool *twin, struct error *e);
    bool (*next)(struct failed_store *s, struct failed_walk *w, struct arena *perm,
                 struct failed_job **jobs, size_t *len, struct error *e);
    bool (*count)(struct failed_store *s, const struct failed_walk *w, struct arena tmp,
                  int64_t *count, struct error *e);
    bool (*find)(struct failed_store *s, struct str id, bool lock, struct arena *perm,
                 struct failed_job *out, bool *found, struct error *e);
    bool (*remove)(struct failed_store *s, const struct failed_job *jobs, size_t len,
                   struct arena tmp, struct error *e);
    bool (*forget)(struct failed_store *s, struct str id, struct arena tmp, bool *gone,
                   struct error *e);
    bool (*flush)(struct failed_store *s, const struct failed_flush *what,
                  struct arena tmp, struct error *e);
    bool (*prune)(struct failed_store *s, int64_t before, struct arena tmp,
                  int64_t *pruned, struct error *e);
};

extern const struct failed_ops failed_uuids, failed_ids, failed_file;

/* failed_make_uuid gives the job an id of its own. */
void failed_make_uuid(struct failed_job *job);

/* === the watch list (watch.c) === */

/* watch_lock takes the list of one queue. When its last holder died with it, the list is
 * emptied, and the next look reads the queue anew. */
struct watch_queue *watch_lock(struct watch *w, size_t which);
void watch_unlock(struct watch *w, size_t which);

/* look_lock lets one process look at a time; it is held while SQL runs. NULL: another has
 * held it for LOOK_WAIT_MS, and what it finds is shared anyway. */
enum { LOOK_WAIT_MS = 1000 };
struct watch_queue *look_lock(struct watch *w, size_t which);
void look_unlock(struct watch *w, size_t which);

struct watch_entry {
    int64_t id;
    int64_t due;   /* Unix seconds: not to be tried before */
    int64_t until; /* nor before this, whatever the row says: it is left to PHP */
};

/* What is known of one queue. Fields of looking belong to the holder of look_lock, the
 * list to the holder of watch_lock. */
struct watch_queue {
    /* looking */
    bool paged;                          /* the first pass is done */
    int64_t cursor;                      /* first pass: the highest id read */
    int64_t floor;                       /* every later look begins above it */
    int64_t looked_us;                   /* monotonic; when the last look ended */
    int64_t samples[SETTLE_SECONDS + 1]; /* highest id by second, ring */
    int64_t sample_second;
    int64_t samples_len;
    int64_t sweep_cursor;
    int64_t sweep_spent_us, sweep_since_us;
    int64_t *seen; /* ids above floor, ascending */
    size_t seen_len;
    int64_t view_cursor; /* where the next look reads below the newest ids */
    /* the list, ascending by id */
    bool lost; /* it was emptied: set with watch_lock, cleared with both locks */
    struct watch_entry *list;
    size_t head, len; /* entries are list[head .. head + len) */
};

enum { WATCH_MAX = 1 << 20 }; /* entries, and ids seen, per queue */

/* watch_put adds an entry or changes its due time; false: there is no room. */
bool watch_put(struct watch_queue *w, int64_t id, int64_t due);
/* watch_leave keeps an entry from being tried before a time, whatever is put meanwhile.
 */
void watch_leave(struct watch_queue *w, int64_t id, int64_t until);
void watch_remove(struct watch_queue *w, int64_t id);

/* watch_due writes up to `max` ids that are due, lowest first, leaving out the first
 * `skip`, and returns their number. */
size_t watch_due(const struct watch_queue *w, int64_t now, size_t skip, int64_t *ids,
                 size_t max);

/* watch_is_new says once for each name that it is new (by hash; at most some thousands).
 */
bool watch_is_new(struct watch *w, struct str name);

#endif
