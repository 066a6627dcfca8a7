/* cache: the app's cache stores, in the formats of its Laravel version: what
 * queue:restart, queue:pause and `down` write is read here, and the other way round.
 *
 * Stores: database, file, redis; array and null, which no other process can see. Keys are
 * the bare ones ("illuminate:queue:restart"): each store puts its prefix before them.
 */
#ifndef FACTEUR_CACHE_H
#define FACTEUR_CACHE_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/db.h"

struct cache;

/* cache_open makes the store cache.stores.<name> (empty: cache.default) ready; it
 * connects when it is first used. Both pointers are lent. ERR_FATAL: there is no such
 * store, or its driver is none of the above. */
struct cache *cache_open(struct app *app, struct db_pool *pool, struct str name,
                         struct error *e) MUST;
void cache_close(struct cache *c);

/* cache_is_shared: can other processes see what is put here? */
bool cache_is_shared(const struct cache *c);

/* cache_read gives null for what is absent or has expired. ERR_LOST: the store does not
 * answer. */
bool cache_read(struct cache *c, struct str key, struct arena *perm,
                struct php_value *out, struct error *e) MUST;

enum { CACHE_FOREVER = 0 };

/* cache_put writes a value that expires in `seconds`, or never. */
bool cache_put(struct cache *c, struct str key, struct php_value v, int64_t seconds,
               struct error *e) MUST;

/* cache_increment adds one to the number there and gives the sum. A key that is absent is
 * what the app's store makes of it: nothing in the database (sum 0), 1 elsewhere. */
bool cache_increment(struct cache *c, struct str key, int64_t *sum, struct error *e) MUST;
bool cache_forget(struct cache *c, struct str key, struct error *e) MUST;

/* === locks, where Laravel's Cache::lock keeps them === */

/* cache_lock takes a lock for `seconds` (0: the store's default) in the name of `owner`;
 * *taken false: another holds it. */
bool cache_lock(struct cache *c, struct str name, struct str owner, int64_t seconds,
                bool *taken, struct error *e) MUST;

/* cache_unlock releases a lock: whoever holds it where owner is empty, else only that
 * owner's. */
bool cache_unlock(struct cache *c, struct str name, struct str owner,
                  struct error *e) MUST;

#endif
