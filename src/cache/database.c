/* database.c: the cache in two tables, `cache` and `cache_locks`. */
#include "cache/cache_imp.h"

/* What Laravel writes for "for ever": ten years. */
enum { TEN_YEARS = 315360000 };

struct database {
    struct db *db, *lock_db;
    struct str read, read_locked, put, change, forget, unlock, unlock_owned;
};

/* === opening === */

static bool find_sessions(struct cache *c, struct database *d, struct error *e)
{
    struct str connection, lock_connection;
    if (!cache_setting(c, "connection", S(""), &connection, e) ||
        !cache_setting(c, "lock_connection", connection, &lock_connection, e))
        return false;
    d->db = db_pool_session(c->pool, cache_setting_path(c, "connection"), connection, e);
    d->lock_db = d->db
                     ? db_pool_session(c->pool, cache_setting_path(c, "lock_connection"),
                                       lock_connection, e)
                     : NULL;
    return d->lock_db;
}

static bool database_open(struct cache *c, struct error *e)
{
    struct database *d = c->store = NEW(&c->arena, struct database, 1);
    struct str table, lock_table;
    if (!cache_setting(c, "table", S("cache"), &table, e) ||
        !cache_setting(c, "lock_table", S("cache_locks"), &lock_table, e) ||
        !find_sessions(c, d, e))
        return false;
    const struct {
        const char *name;
        struct str lock, *sql;
    } texts[] = {
        {"cache_read", S(""), &d->read},
        {"cache_read", S("for update"), &d->read_locked},
        {"cache_put", S(""), &d->put},
        {"cache_change", S(""), &d->change},
        {"cache_forget", S(""), &d->forget},
        {"cache_unlock", S(""), &d->unlock},
        {"cache_unlock_owned", S(""), &d->unlock_owned},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct db_var vars[] = {
            {"cache", db_table(&c->arena, db_settings(d->db), table)},
            {"locks", db_table(&c->arena, db_settings(d->lock_db), lock_table)},
            {"lock", texts[i].lock},
        };
        *texts[i].sql = db_sql(&c->arena, texts[i].name, vars, COUNT(vars));
    }
    return true;
}

/* === entries === */

static bool forget_until(struct cache *c, struct str key, int64_t until, struct error *e)
{
    struct database *d = c->store;
    struct db_arg args[] = {db_text(cache_key(c, key)),
                            db_text(cache_flexible_key(c, key)), db_int(until)};
    return db_run(d->db, d->forget, args, COUNT(args), &c->scratch, NULL, e);
}

/* An entry that has expired is deleted by whoever meets it. */
static bool database_read(struct cache *c, struct str key, struct arena *perm,
                          struct php_value *out, struct error *e)
{
    struct database *d = c->store;
    struct db_arg arg = db_text(cache_key(c, key));
    struct db_result r;
    int64_t now = clock_unix();
    if (!db_run(d->db, d->read, &arg, 1, perm, &r, e))
        return false;
    if (!r.rows)
        return true;
    if (php_to_int(db_cell(&r, 0, "expiration")) <= now)
        return forget_until(c, key, now, e);
    struct php_value text = db_cell(&r, 0, "value");
    if (text.type == PHP_STRING)
        *out = cache_decode(text.s, perm);
    return true;
}

static bool database_put(struct cache *c, struct str key, struct php_value v,
                         int64_t seconds, struct error *e)
{
    struct database *d = c->store;
    struct str text;
    if (!cache_encode(c, v, &text, e))
        return false;
    struct db_arg args[] = {db_text(cache_key(c, key)), db_text(text),
                            db_int(i64_add(clock_unix(), seconds ? seconds : TEN_YEARS))};
    return db_run(d->db, d->put, args, COUNT(args), &c->scratch, NULL, e);
}

/* An expired counter goes on counting, as it does in Laravel. */
static bool count_one(struct cache *c, struct str key, int64_t *sum, struct error *e)
{
    struct database *d = c->store;
    struct db_arg key_arg = db_text(cache_key(c, key));
    struct db_result r;
    struct php_value number, old;
    struct str text;
    *sum = 0;
    if (!db_run(d->db, d->read_locked, &key_arg, 1, &c->scratch, &r, e))
        return false;
    if (!r.rows)
        return true;
    text = db_cell(&r, 0, "value").s;
    old = cache_decode(text, &c->scratch);
    if (old.type != PHP_INT && (old.type != PHP_STRING || !php_numeric(old.s, &number)))
        return true;
    *sum = i64_add(php_to_int(old), 1);
    if (!cache_encode(c, php_int(*sum), &text, e))
        return false;
    struct db_arg args[] = {db_text(text), key_arg};
    return db_run(d->db, d->change, args, COUNT(args), &c->scratch, NULL, e);
}

/* A commit whose outcome is unknown is not repeated: a sum too low lets a job try once
 * more, which does less harm than one too high. */
static bool database_increment(struct cache *c, struct str key, int64_t *sum,
                               struct error *e)
{
    enum { TRIES = 3 };
    struct db *db = ((struct database *)c->store)->db;
    for (int tries = 1;; tries++) {
        bool counted = db_begin(db, e) && count_one(c, key, sum, e);
        if (counted && db_commit(db, e))
            return true;
        db_rollback(db);
        bool again = e->kind == ERR_AGAIN || (e->kind == ERR_LOST && !counted);
        if (!again || tries == TRIES)
            return false;
        err_clear(e);
    }
}

static bool database_forget(struct cache *c, struct str key, struct error *e)
{
    return forget_until(c, key, INT64_MAX, e);
}

/* === locks === */

struct db *cache_database_lock_db(const struct cache *c)
{
    const struct database *d = c->store;
    return d->lock_db;
}

static bool database_unlock(struct cache *c, struct str name, struct str owner,
                            struct error *e)
{
    struct database *d = c->store;
    struct db_arg args[] = {db_text(cache_key(c, name)), db_text(owner)};
    struct str sql = owner.len ? d->unlock_owned : d->unlock;
    return db_run(d->lock_db, sql, args, owner.len ? 2 : 1, &c->scratch, NULL, e);
}

const struct cache_driver cache_database = {
    .name = "database",
    .shared = true,
    .open = database_open,
    .read = database_read,
    .put = database_put,
    .increment = database_increment,
    .forget = database_forget,
    .unlock = database_unlock,
};
