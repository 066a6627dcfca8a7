/* queue_imp.h: what the files of src/queue share. */
#ifndef FACTEUR_QUEUE_IMP_H
#define FACTEUR_QUEUE_IMP_H

#include "facteur/queue.h"

enum {
    CLAIM_IDS = 8,  /* rows that one claim names; as many as claim.sql has places */
    READ_IDS = 100, /* rows read by name at once; as read.sql and screen.sql */
    /* Statements, and in passing the row of a job: payloads are longtext. */
    QUEUE_ARENA = 256 << 20,
    /* READ_IDS payloads of PAYLOAD_INLINE, or a single one of PAYLOAD_MAX, each in three
     * copies at most. */
    LOOK_ARENA = 64 << 20,
    PAYLOAD_INLINE = 8 << 10, /* as {inline} in screen */
    /* {max} in claim and peek: a candidate that is longer is not ours; and no claim takes
     * what is longer than the second, which still fits into a packet of 64 MB. */
    PAYLOAD_MAX = 4 << 20,
    PAYLOAD_ANY = 60 << 20,
    /* Transactions may commit this much later than their id is given. */
    SETTLE_SECONDS = 30,
    LOOK_MARGIN = 10000, /* ids kept in view until that much history exists */
};

/* === backends === */

struct queue {
    const struct queue_ops *ops;
};

/* What a backend does: the functions of queue.h, each under its own name. */
struct queue_ops {
    const char *driver; /* as queue.connections.*.driver names it */
    void (*drop)(struct queue *q);
    struct str (*unusable)(const struct queue *q);
    bool (*look)(struct queue *q, size_t which, struct error *e);
    bool (*unfinished)(const struct queue *q);
    bool (*knows_due)(const struct queue *q, bool any);
    void (*unwatch)(struct queue *q, const struct queue_job *j, int64_t due);
    void (*leave)(struct queue *q, const struct queue_job *j, int64_t until);
    bool (*turn)(struct queue *q, struct ending *ended, struct claim *take,
                 struct error *e);
    bool (*may_wait)(const struct queue *q, const struct ending *end);
    bool (*commit)(struct queue *q, struct error *e);
    void (*rollback)(struct queue *q);
    bool (*is_open)(const struct queue *q);
    bool (*end)(struct queue *q, struct ending *end, bool *owned, struct error *e);
    bool (*tell_end)(struct queue *q, struct ending *end, struct error *e);
    bool (*give_back)(struct queue *q, const struct queue_job *j, bool *owned,
                      struct error *e);
    bool (*renew)(struct queue *q, struct queue_job *j, int64_t now, bool *owned,
                  struct error *e);
    bool (*renewed)(struct queue *q, struct queue_job *j, struct error *e);
    bool (*load)(struct queue *q, const struct reservation *r, struct arena *perm,
                 struct queue_job *out, bool *found, struct error *e);
    bool (*take_back)(struct queue *q, struct queue_key key, struct arena *perm,
                      struct queue_job *out, bool *found, struct error *e);
    bool (*reserve_again)(struct queue *q, const struct reservation *r, int64_t before,
                          bool *done, struct error *e);
    struct str (*gone)(struct queue *q, const struct queue_job *j, struct arena *perm);
};

/* === the backend `database` === */

/* Statements of one connection, their names filled in once. */
struct queue_sql {
    struct str ids, page_end, read, pass, pass_dense, sweep, foreign, highest;
    struct str read_all, pass_all, pass_all_dense; /* where every row is watched */
    struct str screen, long_one, mark, reserve, load, row;
    struct str claim, claim_any, peek, peek_any; /* PAYLOAD_MAX and PAYLOAD_ANY */
    struct str remove, remove_unreserved, remove_free, renew, give_back, release;
    struct str insert, take_back, reserve_again;
};

/* What was last known of the clocks (clock.c). */
struct queue_clock {
    int64_t measured_ms; /* monotonic; 0: never */
    int64_t apart_us;    /* wall clock less monotonic, then */
    int64_t ahead_s;     /* the server's before ours; below 0: behind */
    int64_t future_s;    /* the latest reservation that was seen, before ours */
};

struct watch_queue;

/* Which entries of a watch list: all; those of jobs of ours; those of them that are in
 * doubt. */
enum watch_kind { WATCH_ANY, WATCH_NATIVE, WATCH_DOUBTFUL, WATCH_FOREIGN, WATCH_KINDS };

struct database {
    struct queue base;
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
    bool unread;         /* the last look: rows stand there that were not read yet */
    bool cut; /* the last claim: it ended before it had tried all that is due */
};

static inline struct database *database_of(const struct queue *base)
{
    return (struct database *)(uintptr_t)base; /* its first member */
}

/* What of queue_ops lies outside database.c: a queue is looked at, claimed from, and its
 * jobs are settled. */
bool database_look(struct queue *base, size_t which, struct error *e);
bool database_unfinished(const struct queue *base);
bool database_knows_due(const struct queue *base, bool any);
void database_unwatch(struct queue *base, const struct queue_job *j, int64_t due);
void database_leave(struct queue *base, const struct queue_job *j, int64_t until);
bool database_turn(struct queue *base, struct ending *ended, struct claim *take,
                   struct error *e);
bool database_may_wait(const struct queue *base, const struct ending *end);
bool database_end(struct queue *base, struct ending *end, bool *owned, struct error *e);
bool database_tell_end(struct queue *base, struct ending *end, struct error *e);
bool database_give_back(struct queue *base, const struct queue_job *j, bool *owned,
                        struct error *e);
bool database_renew(struct queue *base, struct queue_job *j, int64_t now, bool *owned,
                    struct error *e);
bool database_renewed(struct queue *base, struct queue_job *j, struct error *e);
bool database_load(struct queue *base, const struct reservation *r, struct arena *perm,
                   struct queue_job *out, bool *found, struct error *e);
bool database_take_back(struct queue *base, struct queue_key key, struct arena *perm,
                        struct queue_job *out, bool *found, struct error *e);
bool database_reserve_again(struct queue *base, const struct reservation *r,
                            int64_t before, bool *done, struct error *e);
struct str database_gone(struct queue *base, const struct queue_job *j,
                         struct arena *perm);

/* queue_inspect asks what the table is like, and writes the statements for it. */
bool queue_inspect(struct database *q, struct error *e) MUST;

/* queue_fresh looks at the table again where a statement was refused: a column, an index
 * or a right may be back. */
bool queue_fresh(struct database *q, struct error *e) MUST;

/* queue_available is the time that a delay ends: one beyond what the column holds would
 * be refused each time. */
int64_t queue_available(int64_t delay, int64_t now);

/* queue_compare_clocks measures what differs, now and then, and tells it. */
bool queue_compare_clocks(struct database *q, struct error *e) MUST;

/* queue_write_end writes a job's end into the open transaction; not owned: nothing was
 * changed. */
bool queue_write_end(struct database *q, struct ending *end, bool *owned,
                     struct error *e) MUST;

/* queue_lease is the age in seconds from which a reservation counts as abandoned. */
int64_t queue_lease(const struct database *q);

/* queue_saw_reserved: a row of ours is reserved since then. */
void queue_saw_reserved(struct database *q, int64_t reserved_at);

/* queue_screen decides about those of a queue's due candidates of whom it is not known
 * that they are ours, some hundred at once, without a lock. */
bool queue_screen(struct database *q, size_t which, int64_t now, struct error *e) MUST;

/* queue_doubt has those behind `id` screened: it was refused, and they may be alike. */
void queue_doubt(struct database *q, size_t which, int64_t id, int64_t now);

/* queue_forget drops a candidate that is refused until its row changes, or what `accepts`
 * goes by; where every row is watched it stays, for others. queue_refused: is it known as
 * such? `mark`: its payload's, as the server tells it. */
void queue_forget(struct database *q, size_t which, int64_t id, int64_t mark);
bool queue_refused(const struct database *q, const struct watch_queue *w, int64_t id,
                   int64_t mark);

/* queue_tell_refused says once whose a candidate is that is not ours, or why one of ours
 * stays with PHP, where others are to run it; p NULL: it is too long to be read. */
void queue_tell_refused(const struct database *q, size_t which, int64_t id,
                        const struct payload *p, const char *reason, struct arena tmp);

/* queue_due_ids gives the next ids of a queue that are due, CLAIM_IDS at most;
 * queue_doubts: are some of them to be screened first? queue_postpone and queue_forget_id
 * change one's entry; queue_found_job notes that it was claimed. */
size_t queue_due_ids(struct database *q, size_t which, enum watch_kind kind, int64_t now,
                     size_t skip, int64_t *ids);
bool queue_doubts(struct database *q, size_t which, const int64_t *ids, size_t len);
void queue_postpone(struct database *q, size_t which, int64_t id, int64_t due);
void queue_forget_id(struct database *q, size_t which, int64_t id);
void queue_found_job(struct database *q, size_t which, const struct queue_job *j,
                     int64_t now);

/* queue_read_job reads a job's row, but for its class (claim.c). */
void queue_read_job(const struct db_result *r, struct arena *perm, struct queue_job *j);

/* queue_takes returns the class's index of a job that is ours and can be run, else -1;
 * *reason: why one of ours cannot, or cannot be told apart. perm: where what is read of
 * it is kept; NULL: it is only asked. */
int queue_takes(const struct database *q, struct queue_job *j, struct arena *perm,
                const char **reason);

/* queue_foreign_is_new: is this the first time that a class is met, or for this reason?
 */
bool queue_foreign_is_new(const struct database *q, struct str class_name,
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
                 struct failed_job **out, struct error *e);
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
    bool native;   /* it is ours, for all that is known */
    bool doubt;    /* to be screened before it is claimed as such */
    /* in the tree: where the lower and the higher ids stand, and when the first of each
     * kind comes due, here or under it */
    uint32_t below, above;
    int64_t soonest[WATCH_KINDS];
};

/* What is known of a row that was refused: it is not looked at again while both hold. */
struct watch_refusal {
    int64_t id;
    uint32_t mark;  /* of its payload */
    uint32_t stamp; /* of what `accepts` goes by */
};

/* What is known of one queue. Fields of looking belong to the holder of look_lock, the
 * list to the holder of watch_lock. */
struct watch_queue {
    /* looking */
    bool all;          /* every row is watched; written with both locks */
    bool paged;        /* the first pass is done; written with both locks */
    bool full;         /* the list had no room for what the last page held */
    bool named;        /* the classes of other people's jobs were asked for */
    int64_t cursor;    /* first pass: the highest id read */
    int64_t chunk;     /* ids of its next page; 0: it has not begun */
    int64_t top;       /* the highest id when it began */
    int64_t floor;     /* every later look begins above it */
    int64_t looked_us; /* monotonic; when the last look began to read */
    int64_t samples[SETTLE_SECONDS + 1]; /* highest id by second, ring */
    int64_t sample_second;
    int64_t samples_len;
    int64_t sweep_cursor;
    int64_t sweep_spent_us, sweep_since_us;
    int64_t *seen; /* ids above floor, ascending */
    size_t seen_len;
    int64_t view_cursor; /* where the next look reads below the newest ids */
    /* the list (watch_list.c) */
    bool lost;    /* it was emptied: set with watch_lock, cleared with both locks */
    bool claimed; /* a job was found */
    struct watch_entry *list;      /* WATCH_MAX of them, from 1 on */
    uint32_t root;                 /* of the tree */
    uint32_t unused, used;         /* entries: given back; the highest that was given */
    size_t len;                    /* in the tree */
    struct watch_refusal *refused; /* by id, modulo WATCH_MAX */
};

enum { WATCH_MAX = 1 << 20 }; /* entries, ids seen, and refusals, per queue */

/* watch_switch has every row of a queue watched, which is then read anew; or only ours:
 * the other entries leave the list. look_lock is held. */
void watch_switch(struct watch *w, size_t which, bool all);

/* watch_empty takes all entries off the list. */
void watch_empty(struct watch_queue *w);

/* watch_put adds an entry, of a job of ours, or changes its due time; false: there is no
 * room. */
bool watch_put(struct watch_queue *w, int64_t id, int64_t due);
/* watch_found does so for a row that was read: whose it is, as far as the server sees. */
enum watch_whose { WATCH_OTHERS, WATCH_PERHAPS, WATCH_OURS };
bool watch_found(struct watch_queue *w, int64_t id, int64_t due, enum watch_whose whose);
/* watch_disown: an entry is not one of ours. watch_keep_ours takes all such off the list.
 */
void watch_disown(struct watch_queue *w, int64_t id);
void watch_keep_ours(struct watch_queue *w);
/* watch_leave keeps an entry from being tried before a time, whatever is put meanwhile.
 */
void watch_leave(struct watch_queue *w, int64_t id, int64_t until);
void watch_remove(struct watch_queue *w, int64_t id);

/* watch_due writes up to `max` ids of a kind that are due, lowest first, leaving out the
 * first `skip`, and returns their number. */
size_t watch_due(const struct watch_queue *w, enum watch_kind kind, int64_t now,
                 size_t skip, int64_t *ids, size_t max);

/* watch_doubts: is one of these in doubt? watch_doubt doubts up to `max` of ours that are
 * due behind an id; watch_trust ends the doubt in one. */
bool watch_doubts(const struct watch_queue *w, const int64_t *ids, size_t len);
void watch_doubt(struct watch_queue *w, int64_t after, int64_t now, size_t max);
void watch_trust(struct watch_queue *w, int64_t id);

/* watch_refuse remembers a refusal and takes its entry off the list, or, where every row
 * is watched, keeps it as not ours; watch_refused: is the row still as it was then? Rows
 * whose ids are WATCH_MAX apart share one place. */
void watch_refuse(struct watch_queue *w, struct watch_refusal r);
bool watch_refused(const struct watch_queue *w, struct watch_refusal r);

/* watch_paged says of any queue whether its first pass is done. */
bool watch_paged(struct watch *w, size_t which);

/* watch_is_new says once for each name that it is new (by hash; at most some thousands).
 */
bool watch_is_new(struct watch *w, struct str name);

#endif
