/* orders.c: what the app tells its workers through its cache: restart, paused queues,
 * maintenance.
 *
 * The value of queue:restart that the first slot reads is the master's: a slot that
 * replaces a dead one later must not take a newer value for the one it began with.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    REFUSED_MS = 10000, /* a store that refuses is asked again after this */
};

static const char restart_key[] = "illuminate:queue:restart";
static const char all_paused_key[] = "illuminate:queues:paused";
static const char down_key[] = "illuminate:foundation:down";

/* === opening === */

/* blind says once that a store does not let us see what the app tells. */
static void blind(struct slot *s, const char *what, const struct error *e)
{
    struct str text = str_fmt(s->perm, "%s cannot be seen: %s", what, e->text);
    if (run_said(s->run, text))
        slot_warn(s, text);
}

static struct cache *open_store(struct slot *s, struct str name, const char *what)
{
    struct error e = {0};
    struct cache *c = cache_open(s->app, s->pool, name, &e);
    if (!c)
        blind(s, what, &e);
    return c;
}

/* Since Laravel 9 `down` writes where app.maintenance says. */
static bool open_maintenance(struct slot *s, struct error *e)
{
    struct orders *g = &s->orders;
    struct str driver, store;
    if (app_laravel_major(s->app) < 9)
        return true;
    if (!app_config_string(s->app, "app.maintenance.driver", S("file"), &driver, e) ||
        !app_config_string(s->app, "app.maintenance.store", S(""), &store, e))
        return false;
    if (str_eq(driver, S("cache")))
        g->down_store = open_store(s, store, "maintenance mode");
    g->down_in_cache = str_eq(driver, S("cache"));
    return true;
}

bool orders_open(struct slot *s, struct error *e)
{
    struct orders *g = &s->orders;
    g->paused = NEW(&s->life, bool, s->queues_len);
    g->pausable = app_laravel_has(s->app, 12, 40);
    g->all_pausable = app_laravel_has(s->app, 13, 25);
    g->down_file = app_storage(s->app, &s->life, "framework/down");
    g->store = open_store(s, S(""), "queue:restart and queue:pause");
    return open_maintenance(s, e);
}

void orders_close(struct slot *s)
{
    cache_close(s->orders.store);
    cache_close(s->orders.down_store);
}

/* === reading === */

static bool read_restart(struct slot *s, struct error *e)
{
    struct orders *g = &s->orders;
    struct run_head *h = s->run->head;
    struct php_value v;
    struct str text = S("");
    char now[RESTART_MAX];
    int32_t unknown = RESTART_UNKNOWN;
    if (!cache_read(g->store, str_from(restart_key), &s->other, &v, e) ||
        (php_truthy(v) && !php_to_string(v, &s->other, &text, e)))
        return false;
    snprintf(now, sizeof(now), "%.*s", STR_ARG(text));
    if (atomic_compare_exchange_strong(&h->restart_known, &unknown, RESTART_BEING_SET)) {
        memcpy(h->restart, now, sizeof(now));
        atomic_store(&h->restart_known, RESTART_KNOWN);
    }
    /* While another slot is setting it, what was read just now is the same. */
    g->restart =
        atomic_load(&h->restart_known) == RESTART_KNOWN && strcmp(now, h->restart);
    return true;
}

static bool read_flag(struct slot *s, struct cache *c, struct str key, bool *out,
                      struct error *e)
{
    struct php_value v;
    if (!cache_read(c, key, &s->other, &v, e))
        return false;
    *out = php_truthy(v);
    return true;
}

static bool read_paused(struct slot *s, size_t which, bool all, struct error *e)
{
    struct orders *g = &s->orders;
    struct str queue = s->queues[which];
    bool paused = all;
    struct str key = str_fmt(&s->other, "illuminate:queue:paused:%.*s:%.*s",
                             STR_ARG(s->settings->connection), STR_ARG(queue));
    if (!all && !read_flag(s, g->store, key, &paused, e))
        return false;
    if (paused != g->paused[which])
        print_queue(&s->print, queue, paused);
    g->paused[which] = paused;
    return true;
}

static bool read_pauses(struct slot *s, struct error *e)
{
    struct orders *g = &s->orders;
    bool all = false;
    if (!php_hears_pause(s->php)) {
        memset(g->paused, 0, s->queues_len * sizeof(g->paused[0]));
        return true;
    }
    if (g->all_pausable && !read_flag(s, g->store, str_from(all_paused_key), &all, e))
        return false;
    for (size_t i = 0; i < s->queues_len && g->pausable; i++)
        if (!read_paused(s, i, all, e))
            return false;
    return true;
}

static bool read_store(struct slot *s, struct error *e)
{
    if (!s->o->once && php_hears_restart(s->php) && !read_restart(s, e))
        return false;
    return read_pauses(s, e);
}

static bool read_down(struct slot *s, struct error *e)
{
    struct orders *g = &s->orders;
    if (s->o->force)
        return true;
    struct stat st;
    if (!g->down_in_cache)
        return file_stat(g->down_file, &st, &g->down, e);
    if (g->down_store)
        return read_flag(s, g->down_store, str_from(down_key), &g->down, e);
    return true;
}

static bool due(struct orders *g, int64_t now)
{
    return !g->read_ms || now - g->read_ms >= (g->refused ? REFUSED_MS : SLOT_FRESH_MS);
}

bool orders_read(struct slot *s, struct error *e)
{
    struct orders *g = &s->orders;
    int64_t now = clock_mono_ms();
    if (!due(g, now))
        return true;
    /* A store of this process alone has nothing to tell. */
    bool ok =
        (!g->store || !cache_is_shared(g->store) || read_store(s, e)) && read_down(s, e);
    g->refused = !ok && e->kind != ERR_LOST && e->kind != ERR_AGAIN;
    if (g->refused) {
        blind(s, "queue:restart, queue:pause and maintenance mode", e);
        err_clear(e);
    }
    if (ok || g->refused)
        g->read_ms = now;
    arena_reset(&s->other);
    return ok || g->refused;
}
