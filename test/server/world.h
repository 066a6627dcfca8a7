/* world.h: an app's tables on the test server, and a queue that works them. */
#ifndef FACTEUR_TEST_WORLD_H
#define FACTEUR_TEST_WORLD_H

#include "server.h"

#define LETTER_CLASS "App\\Jobs\\SendVolunteerLetterJob"

extern const struct queue_class letter_classes[1];

struct world {
    struct db_settings server, failed_server;
    struct queue_settings settings;
    struct db *db, *failed_db; /* the same session unless failed_server was set */
    struct failed_store *failed;
    struct watch *watch;
    struct str queues[4];
    size_t queues_len;
    bool compares;       /* its clock with the server's */
    const char *refuses; /* what `accepts` says of jobs; NULL: it takes all */
    const char *but;     /* the uuid of one that it takes all the same */
    bool (*held)(void *arg, const struct queue_job *j); /* as queue_options have it */
    uint64_t stamp;                                     /* what it says so by */
    int asked;                                          /* times that it was asked */
    bool takes_all; /* somebody runs what is not ours */
    bool any;       /* claims take it, too */
    bool others;    /* and nothing else */
    struct queue *q;
    struct buf said; /* "foreign CLASS REASON;", "unreadable ID;", "refused ID, THEN;" */
};

/* world_new makes the tables anew and settings as Laravel has them; change what a test
 * needs, then world_open. world_slot adds a session and a queue on the same watch list,
 * as another slot has them. */
struct world *world_new(void);
void world_open(struct world *w);
struct world *world_slot(struct world *first);
void world_close(struct world *w);

/* A payload as the app's dispatch writes it; `more` is put before "data": "\"delay\":5,".
 */
struct str letter_json(const char *uuid, const char *more);
struct str foreign_json(const char *class_name, const char *body);

/* add_job inserts a waiting row by hand and returns its id. */
int64_t add_job(const char *queue, struct str payload);

/* add_foreign inserts rows of other classes, of about a kilobyte each. */
void add_foreign(int64_t rows);

/* look until all was read, then claim: the id of the job that was claimed and committed;
 * 0: none. */
void world_look(struct world *w);
int64_t world_claim(struct world *w, struct queue_job *out);
/* world_turn leaves the transaction open in which it found a job. */
bool world_turn(struct world *w, size_t which, struct queue_job *out, bool *found,
                struct error *e);
int64_t world_next(struct world *w, struct queue_job *out);

#endif
