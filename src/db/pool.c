/* pool.c: the sessions of a process. */
#include <stdlib.h>

#include "facteur/db.h"

enum { POOL_BYTES = 4 << 20, SESSIONS_MAX = 16 };

struct db_pool {
    struct app *app;
    struct arena perm; /* settings */
    int answer_s;
    struct db *sessions[SESSIONS_MAX];
    size_t len;
};

struct db_pool *db_pool_new(struct app *app)
{
    struct db_pool *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->app = app;
    p->perm = arena_open(POOL_BYTES);
    return p;
}

void db_pool_drop(struct db_pool *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->len; i++)
        db_drop(p->sessions[i]);
    arena_close(&p->perm);
    free(p);
}

void db_pool_hurry(struct db_pool *p, int answer_s)
{
    p->answer_s = answer_s;
}

/* blame tells which setting named a connection that cannot be used. */
static void blame(struct db_pool *p, const char *setting, struct error *e)
{
    err_wrap(e, "%s", setting);
    app_config_blame(p->app, setting, e);
}

struct db *db_pool_session(struct db_pool *p, const char *setting, struct str name,
                           struct error *e)
{
    struct db_settings *set = NEW(&p->perm, struct db_settings, 1);
    if (!db_settings_load(p->app, name, &p->perm, set, e)) {
        if (setting && name.len)
            blame(p, setting, e);
        return NULL;
    }
    set->answer_s = p->answer_s;
    for (size_t i = 0; i < p->len; i++)
        if (str_eq(db_settings(p->sessions[i])->name, set->name))
            return p->sessions[i];
    struct db *db = p->len < SESSIONS_MAX ? db_new(set) : NULL;
    if (db)
        p->sessions[p->len++] = db;
    else
        err_set(e, ERR_FATAL, "no room for another database session");
    return db;
}
