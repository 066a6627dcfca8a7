/* cache.c: which store, which driver, which prefix. */
#include <stdlib.h>

#include "cache/cache_imp.h"

enum {
    SETTINGS_BYTES = 1 << 20,
    SCRATCH_BYTES = 64 << 20,
    FAILOVER_DEPTH = 4,
    TRIES = 3,
};

static const struct cache_driver *const drivers[] = {
    &cache_database, &cache_file, &cache_redis, &cache_array, &cache_null,
};

/* === opening === */

/* first_of names the first store of a failover list. */
static bool first_of(struct cache *c, struct error *e)
{
    struct str path = str_fmt(&c->arena, "cache.stores.%.*s.stores.0", STR_ARG(c->name));
    struct str first;
    if (!app_config_string(c->app, path.ptr, S(""), &first, e))
        return false;
    if (!first.len)
        return err_set(e, ERR_FATAL, "Cache store [%.*s]: \"stores\" names no store.",
                       STR_ARG(c->name));
    c->name = first;
    return true;
}

static const struct cache_driver *driver_named(struct str name)
{
    for (size_t i = 0; i < COUNT(drivers); i++)
        if (str_eq(name, str_from(drivers[i]->name)))
            return drivers[i];
    return NULL;
}

static bool find_driver(struct cache *c, struct error *e)
{
    for (int depth = 0; depth < FAILOVER_DEPTH; depth++) {
        struct str driver;
        if (!cache_setting(c, "driver", S(""), &driver, e))
            return false;
        if (!driver.len)
            return err_set(e, ERR_FATAL, "Cache store [%.*s] is not defined.",
                           STR_ARG(c->name));
        c->driver = driver_named(driver);
        if (c->driver)
            return true;
        if (!str_eq(driver, S("failover")))
            return err_set(e, ERR_UNSUPPORTED,
                           "the cache store \"%.*s\" has the driver \"%.*s\", which "
                           "facteur does not know (database, file, redis, array, null)",
                           STR_ARG(c->name), STR_ARG(driver));
        if (!first_of(c, e))
            return false;
    }
    return err_set(e, ERR_FATAL, "Cache store [%.*s]: failover within failover.",
                   STR_ARG(c->name));
}

/* Laravel 8 to 10 put a colon behind the prefix of the stores that are servers. */
static bool find_prefix(struct cache *c, struct error *e)
{
    struct str common;
    if (!app_config_string(c->app, "cache.prefix", S(""), &common, e) ||
        !cache_setting(c, "prefix", common, &c->prefix, e))
        return false;
    if (c->driver == &cache_redis && c->prefix.len && app_laravel_major(c->app) < 11)
        c->prefix = str_join(&c->arena, c->prefix, S(":"));
    return true;
}

static bool open_store(struct cache *c, struct str name, struct error *e)
{
    c->name = str_copy(&c->arena, name);
    struct str unset = app_config(c->app, "cache.default") ? S("null") : S("file");
    if (!name.len && !app_config_string(c->app, "cache.default", unset, &c->name, e))
        return false;
    /* "null" needs no entry; a default that is null means it. */
    if (str_eq(c->name, S("null"))) {
        c->driver = &cache_null;
        return true;
    }
    return find_driver(c, e) && find_prefix(c, e) &&
           (!c->driver->open || c->driver->open(c, e));
}

struct cache *cache_open(struct app *app, struct db_pool *pool, struct str name,
                         struct error *e)
{
    struct cache *c = calloc(1, sizeof(*c));
    if (!c) {
        err_set(e, ERR_FATAL, "no memory for a cache store");
        return NULL;
    }
    c->app = app;
    c->pool = pool;
    c->arena = arena_open(SETTINGS_BYTES);
    c->scratch = arena_open(SCRATCH_BYTES);
    if (open_store(c, name, e))
        return c;
    cache_close(c);
    return NULL;
}

void cache_close(struct cache *c)
{
    if (!c)
        return;
    if (c->store && c->driver->close)
        c->driver->close(c);
    arena_close(&c->scratch);
    arena_close(&c->arena);
    free(c);
}

struct str cache_name(const struct cache *c)
{
    return c->name;
}

bool cache_is_shared(const struct cache *c)
{
    return c->driver->shared;
}

/* === calls === */

/* once_more says whether a call that may be done twice is to be done again: a connection
 * that went away while it was idle, or a deadlock. */
static bool once_more(int *tries, struct error *e)
{
    if ((e->kind != ERR_LOST && e->kind != ERR_AGAIN) || ++*tries >= TRIES)
        return false;
    err_clear(e);
    return true;
}

bool cache_read(struct cache *c, struct str key, struct arena *perm,
                struct php_value *out, struct error *e)
{
    *out = php_null();
    arena_reset(&c->scratch);
    return c->driver->read(c, key, perm, out, e);
}

bool cache_put(struct cache *c, struct str key, struct php_value v, int64_t seconds,
               struct error *e)
{
    int tries = 0;
    arena_reset(&c->scratch);
    while (!c->driver->put(c, key, v, seconds, e))
        if (!once_more(&tries, e))
            return false;
    return true;
}

bool cache_increment(struct cache *c, struct str key, int64_t *sum, struct error *e)
{
    *sum = 0;
    arena_reset(&c->scratch);
    return c->driver->increment(c, key, sum, e);
}

bool cache_forget(struct cache *c, struct str key, struct error *e)
{
    int tries = 0;
    arena_reset(&c->scratch);
    while (!c->driver->forget(c, key, e))
        if (!once_more(&tries, e))
            return false;
    return true;
}

struct db *cache_lock_db(const struct cache *c)
{
    return c->driver == &cache_database ? cache_database_lock_db(c) : NULL;
}

bool cache_unlock(struct cache *c, struct str name, struct str owner, struct error *e)
{
    struct db *db = cache_lock_db(c);
    /* A deadlock ends the whole transaction, which its owner begins again. */
    int tries = db && db_in_transaction(db) ? TRIES : 0;
    arena_reset(&c->scratch);
    while (!c->driver->unlock(c, name, owner, e))
        if (!once_more(&tries, e))
            return false;
    return true;
}
