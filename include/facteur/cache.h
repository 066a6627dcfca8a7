/* cache: the app's cache stores, in the formats of its Laravel version: what
 * queue:restart, queue:pause and `down` write is read here, and the other way round.
 *
 * Drivers: database, file, redis; array and null, which no other process can see; and
 * failover, of which the first store counts. Keys are the bare ones
 * ("illuminate:queue:restart"): each store puts its prefix before them.
 *
 * Every call may fail with ERR_LOST (the store does not answer; try again later) or
 * ERR_JOB, ERR_FATAL (it refuses: a table is missing, a password is wrong).
 */
#ifndef FACTEUR_CACHE_H
#define FACTEUR_CACHE_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/db.h"

struct cache;

/* cache_open makes the store cache.stores.<name> (empty: cache.default) ready; it
 * connects when it is first used. Both pointers are lent; sessions of the pool must not
 * be in a transaction when the store is used. ERR_FATAL: there is no such store, in
 * Laravel's words; ERR_UNSUPPORTED: its driver, or an option of it, is none of ours. */
struct cache *cache_open(struct app *app, struct db_pool *pool, struct str name,
                         struct error *e) MUST;
void cache_close(struct cache *c);

struct str cache_name(const struct cache *c);

/* cache_is_shared: can other processes see what is put here? */
bool cache_is_shared(const struct cache *c);

/* cache_read gives null for what is absent, has expired or cannot be read as a value of
 * PHP. A number may come as a string: Redis has no others. */
bool cache_read(struct cache *c, struct str key, struct arena *perm,
                struct php_value *out, struct error *e) MUST;

enum { CACHE_FOREVER = 0 };

/* cache_put writes a value that expires in `seconds`, or never. */
bool cache_put(struct cache *c, struct str key, struct php_value v, int64_t seconds,
               struct error *e) MUST;

/* cache_increment adds one to the number there, whose expiry it keeps, and gives the sum.
 * A key that is absent is what the app's store makes of it: nothing in the database (sum
 * 0), 1 elsewhere. */
bool cache_increment(struct cache *c, struct str key, int64_t *sum, struct error *e) MUST;
bool cache_forget(struct cache *c, struct str key, struct error *e) MUST;

/* cache_lock_db lends the session whose rows locks are; NULL: they are none. */
struct db *cache_lock_db(const struct cache *c);

/* cache_unlock releases what Cache::lock(name) took: whoever holds it where owner is
 * empty, else only that owner's. In a transaction of cache_lock_db it is part of that. */
bool cache_unlock(struct cache *c, struct str name, struct str owner,
                  struct error *e) MUST;

/* === a lock that artisan takes too (file_lock.c) === */

struct file_lock {
    const char *dir, *name;
    struct file_owner given_to; /* of what is made for it */
    int64_t seconds;            /* it is held at most, should nobody release it */
    char owner[40];             /* file_lock's */
};

/* file_lock waits until it has the lock. ERR_LOST: it was not free for so long. */
bool file_lock(struct file_lock *l, int64_t wait_seconds, struct error *e) MUST;
void file_unlock(struct file_lock *l);

#endif
