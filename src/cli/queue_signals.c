/* queue_signals.c: queue:restart, queue:pause, queue:resume: what workers are told
 * through the app's default cache store. */
#include "cli/cli_imp.h"
#include "facteur/cache.h"

static const struct argument_row queue_argument[] = {
    {"queue", false, false, "The name of the queue, or connection:queue"},
    {NULL, false, false, NULL},
};

static const struct option_row pause_options[] = {
    {"all", OPTION_FLAG, NULL, "All queues on all connections (Laravel 13.25)"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* tell_workers opens the store and calls fn; a store that ends with this process would
 * tell nobody, which Laravel does not say. */
typedef bool tell_fn(struct queue_tools *t, struct cache *c, struct error *e);

static int tell_workers(struct queue_tools *t, tell_fn *fn, struct error *e)
{
    struct cache *c = cache_open(t->app, t->pool, S(""), e);
    if (!c)
        return 1;
    if (!cache_is_shared(c))
        console_block(t->console, "WARN",
                      str_fmt(&t->perm,
                              "The cache store [%.*s] is seen by no other process: no "
                              "worker will know.",
                              STR_ARG(cache_name(c))));
    bool ok = fn(t, c, e);
    cache_close(c);
    return ok ? 0 : 1;
}

/* === queue:restart === */

static bool restart(struct queue_tools *t, struct cache *c, struct error *e)
{
    struct str text = S("Broadcasting queue restart signal.");
    if (!cache_put(c, S("illuminate:queue:restart"), php_int(clock_unix()), CACHE_FOREVER,
                   e))
        return false;
    if (t->console->plain)
        console_line(t->console, STYLE_GREEN, text);
    else
        console_block(t->console, "INFO", text);
    return true;
}

static int tell_restart(struct queue_tools *t, struct error *e)
{
    return tell_workers(t, restart, e);
}

static int run_restart(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, tell_restart, e);
}

/* === queue:pause and queue:resume === */

struct target {
    struct str key, text;
};

/* target_of splits "connection:queue" as Laravel does. */
static bool target_of(struct queue_tools *t, struct target *out, struct error *e)
{
    struct str name = str_from(argument(t->in, 0)), connection;
    const char *ignored;
    if (option_given(t->in, "all", &ignored)) {
        *out = (struct target){S("illuminate:queues:paused"),
                               S("on all queues across all connections")};
        return true;
    }
    struct cut cut = str_cut(name, ':');
    if (!app_config_string(t->app, "queue.default", S("sync"), &connection, e))
        return false;
    struct str queue = cut.ok ? cut.tail : name;
    if (cut.ok)
        connection = cut.head;
    if (!php_truthy(php_string(queue)))
        queue = S("default");
    out->text = str_fmt(&t->perm, "%.*s:%.*s", STR_ARG(connection), STR_ARG(queue));
    out->key = str_fmt(&t->perm, "illuminate:queue:paused:%.*s", STR_ARG(out->text));
    out->text = str_fmt(&t->perm, "on queue [%.*s]", STR_ARG(out->text));
    return true;
}

static void tell_done(struct queue_tools *t, const struct target *target,
                      const char *what)
{
    console_block(t->console, "INFO",
                  str_fmt(&t->perm, "Job processing %.*s has been %s.",
                          STR_ARG(target->text), what));
}

static bool pause_queue(struct queue_tools *t, struct cache *c, struct error *e)
{
    struct target target;
    if (!target_of(t, &target, e) ||
        !cache_put(c, target.key, php_bool(true), CACHE_FOREVER, e))
        return false;
    tell_done(t, &target, "paused");
    return true;
}

static bool resume_queue(struct queue_tools *t, struct cache *c, struct error *e)
{
    struct target target;
    if (!target_of(t, &target, e) || !cache_forget(c, target.key, e))
        return false;
    tell_done(t, &target, "resumed");
    return true;
}

/* applies says whether the app's Laravel has what was asked for. */
static bool applies(struct queue_tools *t, struct error *e)
{
    const char *ignored;
    bool all = option_given(t->in, "all", &ignored);
    bool named =
        argument(t->in, 0) && php_truthy(php_string(str_from(argument(t->in, 0))));
    if (!app_laravel_has(t->app, 12, 40))
        return err_set(
            e, ERR_FATAL,
            "Pausing came with Laravel 12.40; this app has %.*s, and its workers "
            "would not notice.",
            STR_ARG(app_laravel_version(t->app)));
    if (all && !app_laravel_has(t->app, 13, 25))
        return err_set(e, ERR_FATAL, "The \"--all\" option does not exist.");
    if (!argument(t->in, 0) && !app_laravel_has(t->app, 13, 25))
        return err_set(e, ERR_FATAL, "Not enough arguments (missing: \"queue\").");
    if (all || named || !app_laravel_has(t->app, 13, 25))
        return true;
    console_block(t->console, "ERROR",
                  S("A queue name is required unless the --all option is used."));
    return false;
}

static int tell_pause(struct queue_tools *t, struct error *e)
{
    return applies(t, e) ? tell_workers(t, pause_queue, e) : 1;
}

static int tell_resume(struct queue_tools *t, struct error *e)
{
    return applies(t, e) ? tell_workers(t, resume_queue, e) : 1;
}

static int run_pause(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, tell_pause, e);
}

static int run_resume(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, tell_resume, e);
}

const struct command command_queue_restart = {
    .name = "queue:restart",
    .help = "Restart queue worker daemons after their current job",
    .run = run_restart,
};

const struct command command_queue_pause = {
    .name = "queue:pause",
    .help = "Pause job processing for a specific queue",
    .arguments = queue_argument,
    .options = pause_options,
    .run = run_pause,
};

const struct command command_queue_resume = {
    .name = "queue:resume",
    .alias = "queue:continue",
    .help = "Resume job processing for a paused queue",
    .arguments = queue_argument,
    .options = pause_options,
    .run = run_resume,
};
