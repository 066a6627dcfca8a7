/* run_imp.h: what the files of src/run share. */
#ifndef FACTEUR_RUN_IMP_H
#define FACTEUR_RUN_IMP_H

#include "facteur/run.h"

/* === how a file is read === */

struct run_form {
    size_t head, slot; /* bytes */
    /* Reads a record and what is known beside it; false: it makes no sense. */
    bool (*read)(const struct run_file *f, size_t at, struct run_hold *h);
    void (*write)(struct run_hold *h);
    bool (*ours)(const struct run_file *f, const struct journal *j);
    bool has_mark; /* its records have one */
};
extern const struct run_form run_form_now, run_form_before;

enum { RUN_BEFORE = 4 }; /* the version of run_form_before */

int run_folder(const struct journal *j, char path[static 4096], struct error *e);

/* run_open opens a file of the folder; false: it is not to be read, which is said. form
 * NULL: of a version that is not known, or of a parked job and damaged. */
bool run_open(struct run_file *f, const struct journal *j, int folder, const char *path,
              const char *name);
void run_drop(struct run_file *f);

/* run_read maps an open file and finds its form; of a damaged one that held a parked job
 * the name is left. false: it is no run file. */
bool run_read(struct run_file *f);

/* run_is_name: is it what such files are called? run_is_parked: those of parked jobs. */
bool run_is_name(const char *name);
bool run_is_parked(const char *name);

/* run_names: does a parked job's file bear this id, on this connection? */
bool run_names(const struct run_file *f, const struct journal *j, int64_t id);

/* run_tell says "PATH TEXT" to whoever opened the journal. */
void run_tell(const struct journal *j, const char *path, const char *text);

/* run_is_ours: a file counts when it is ours, or for root the one's whom storage/ belongs
 * to. */
bool run_is_ours(const struct journal *j, uid_t owner);

/* run_here tells the boot and the namespace that this process's pid means something in.
 */
struct run_host run_here(void);
bool run_is_here(const struct run_host *host);

/* run_keys_open derives the keys of seals from the app's; one without a key, or whose key
 * cannot be evaluated, has none. run_key_add derives one; run_keys_close wipes them. */
bool run_keys_open(struct journal *j, struct error *e) MUST;
bool run_key_add(struct journal *j, struct str app_key, struct error *e) MUST;
void run_keys_close(struct journal *j);

/* run_digest makes what all seals of a file begin with: its name and the sealed part of
 * its head. run_seal makes a record's, where the app has a key. */
void run_digest(struct run_file *f);
void run_seal(const struct run_hold *h, uint8_t out[static RUN_SEAL]);

size_t run_slots(const struct run_file *f);

/* run_believed: was the record written by who may write it? */
bool run_believed(const struct run_file *f, size_t at);

/* The locks: of the master, of a slot. */
bool run_lock_head(const struct run_file *f);
bool run_master_lives(const struct run_file *f);
bool run_slot_lives(const struct run_file *f, size_t at);

/* run_is_before: the version before locks its files as a whole, with flock. */
bool run_is_before(const struct run_file *f);

#endif
