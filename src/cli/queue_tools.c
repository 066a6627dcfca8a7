/* queue_tools.c: what the commands around a queue share. */
#include "cli/cli_imp.h"

/* One page of failed jobs, in a few forms; more only where a single one is larger. */
enum { TOOLS_ARENA = 1 << 30, HOUR_US = 3600000000 };

int queue_tools_run(struct invocation *in, queue_tools_fn *fn, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct queue_tools t = {.in = in,
                            .console = &in->console,
                            .perm = arena_open(TOOLS_ARENA),
                            .tmp = arena_open(TOOLS_ARENA)};
    int code = 1;
    t.app = app_open(&where, e);
    if (t.app) {
        console_laravel(t.console, app_laravel_major(t.app), app_host(t.app)->locale);
        t.console->base = str_copy(&in->perm, app_base(t.app));
        t.pool = db_pool_new(t.app);
    }
    if (t.pool)
        code = fn(&t, e);
    else if (t.app)
        err_set(e, ERR_FATAL, "no memory for database sessions");
    failed_drop(t.failed);
    db_pool_drop(t.pool);
    arena_close(&t.tmp);
    arena_close(&t.perm);
    if (t.app)
        app_close(t.app);
    return code;
}

bool queue_tools_failed(struct queue_tools *t, struct error *e)
{
    if (failed_settings_load(t->app, &t->perm, &t->failed_settings, e))
        t->failed = failed_open(&t->failed_settings, t->pool, e);
    return t->failed != NULL;
}

struct queue_table *queue_tools_table(struct queue_tools *t, struct str connection,
                                      struct error *e)
{
    for (size_t i = 0; i < t->tables.len && connection.len; i++)
        if (str_eq(queue_table_settings(t->tables.at[i])->connection, connection))
            return t->tables.at[i];
    struct str name = str_copy(&t->perm, connection);
    struct queue_table *table = queue_table_open(t->app, t->pool, name, &t->perm, e);
    if (table)
        VEC_PUSH(&t->perm, &t->tables, table);
    return table;
}

bool queue_tools_before(struct str hours, int64_t *out, struct error *e)
{
    struct php_value n;
    if (!php_numeric(hours, &n))
        return err_set(e, ERR_FATAL, "--hours is \"%.*s\", expected a number.",
                       STR_ARG(hours));
    double at = ((double)clock_unix_us() - php_to_float(n) * HOUR_US) / 1e6;
    /* A date has four digits for its year; NAN is neither. */
    static const double first = -62135596800., last = 253402300799.;
    *out = (int64_t)(at > first ? (at < last ? at : last) : first);
    return true;
}
