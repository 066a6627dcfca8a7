/* cache_imp.h: what the stores share. A driver is a table of operations over its own
 * state; keys come to it bare. */
#ifndef FACTEUR_CACHE_IMP_H
#define FACTEUR_CACHE_IMP_H

#include "facteur/cache.h"

struct cache {
    struct app *app;
    struct db_pool *pool;
    struct arena arena;   /* settings; lives as long as the store */
    struct arena scratch; /* one call */
    struct str name;      /* the key in cache.stores */
    struct str prefix;
    const struct cache_driver *driver;
    void *store; /* the driver's own */
};

struct cache_driver {
    const char *name;
    bool shared;
    bool (*open)(struct cache *c, struct error *e);
    void (*close)(struct cache *c); /* NULL: nothing to do */
    bool (*read)(struct cache *c, struct str key, struct arena *perm,
                 struct php_value *out, struct error *e);
    /* seconds is not negative; 0: for ever */
    bool (*put)(struct cache *c, struct str key, struct php_value v, int64_t seconds,
                struct error *e);
    bool (*increment)(struct cache *c, struct str key, int64_t *sum, struct error *e);
    bool (*forget)(struct cache *c, struct str key, struct error *e);
    bool (*unlock)(struct cache *c, struct str name, struct str owner, struct error *e);
};

extern const struct cache_driver cache_database, cache_file, cache_redis, cache_array,
    cache_null;

struct db *cache_database_lock_db(const struct cache *c);

/* cache_setting reads cache.stores.<this store>.<option>: absent gives `otherwise`. */
bool cache_setting(struct cache *c, const char *option, struct str otherwise,
                   struct str *out, struct error *e) MUST;

/* cache_setting_path lends its path in the configuration. */
const char *cache_setting_path(struct cache *c, const char *option);

/* cache_encode serializes a value into the scratch arena; cache_decode reads one, null
 * where it is none. */
bool cache_encode(struct cache *c, struct php_value v, struct str *out,
                  struct error *e) MUST;
struct php_value cache_decode(struct str text, struct arena *perm);

/* cache_key puts the prefix before a bare key; cache_flexible_key names the entry beside
 * it in which Cache::flexible notes its time, and which goes with it. */
struct str cache_key(struct cache *c, struct str bare);
struct str cache_flexible_key(struct cache *c, struct str bare);

#endif
