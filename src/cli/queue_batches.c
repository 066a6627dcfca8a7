/* queue_batches.c: queue:prune-batches and queue:retry-batch. */
#include "cli/cli_imp.h"

/* === queue:prune-batches === */

static const struct argument_row no_arguments[] = {{NULL, false, false, NULL}};

static const struct option_row prune_options[] = {
    {"hours", OPTION_VALUE, "24", "The number of hours to retain batch data"},
    {"unfinished", OPTION_VALUE, NULL,
     "The number of hours to retain unfinished batch data"},
    {"cancelled", OPTION_VALUE, NULL,
     "The number of hours to retain cancelled batch data"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static bool prune_one(struct queue_tools *t, struct batch_table *batches,
                      enum batch_prune which, struct str hours, struct error *e)
{
    static const char *const words[] = {"", "unfinished ", "cancelled "};
    int64_t before, pruned;
    if (!queue_tools_before(hours, &before, e) ||
        !batch_table_prune(batches, which, before, t->tmp, &pruned, e))
        return false;
    console_block(t->console, "INFO",
                  str_fmt(&t->perm, "%lld %sentries deleted%s", (long long)pruned,
                          words[which], t->console->plain ? "!" : "."));
    return true;
}

/* Before Laravel 10 an option that is given as 0 does not count. */
static bool prune_asked(struct queue_tools *t, const char *name, struct str *hours)
{
    const char *value;
    if (!option_given(t->in, name, &value) || !value)
        return false;
    *hours = str_from(value);
    return app_laravel_major(t->app) >= 10 || php_truthy(php_string(*hours));
}

static int prune(struct queue_tools *t, struct error *e)
{
    struct batch_table *batches = batch_table_open(t->app, t->pool, &t->perm, e);
    struct str hours;
    if (!batches ||
        !prune_one(t, batches, BATCH_FINISHED, option_text(t->in, "hours"), e))
        return 1;
    if (prune_asked(t, "unfinished", &hours) &&
        !prune_one(t, batches, BATCH_UNFINISHED, hours, e))
        return 1;
    if (app_laravel_major(t->app) >= 9 && prune_asked(t, "cancelled", &hours) &&
        !prune_one(t, batches, BATCH_CANCELLED, hours, e))
        return 1;
    return 0;
}

static int run_prune(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, prune, e);
}

const struct command command_queue_prune_batches = {
    .name = "queue:prune-batches",
    .help = "Prune stale entries from the batches database",
    .arguments = no_arguments,
    .options = prune_options,
    .run = run_prune,
};

/* === queue:retry-batch === */

static const struct argument_row retry_arguments[] = {
    {"id", false, true, "The ID of the batch whose failed jobs should be retried"},
    {NULL, false, false, NULL},
};

static const struct option_row retry_options[] = {{NULL, OPTION_FLAG, NULL, NULL}};

/* retry_jobs retries each failed job; one that is gone counts as done, as in Laravel. */
static bool retry_jobs(struct queue_tools *t, const struct str *ids, size_t len,
                       struct error *e)
{
    for (size_t i = 0; i < len; i++) {
        int64_t begun = clock_mono_us();
        bool ok = retry_job(t, ids[i], false, e);
        console_task(t->console, ids[i], clock_mono_us() - begun, ok);
        if (!ok)
            return false;
    }
    return true;
}

/* Laravel 8 has queue:retry itself tell each job. */
static bool retry_aloud(struct queue_tools *t, const struct str *ids, size_t len,
                        struct error *e)
{
    for (size_t i = 0; i < len; i++)
        if (!retry_job(t, ids[i], true, e))
            return false;
    return true;
}

/* retry_known retries a batch that is there and has failed jobs. */
static bool retry_known(struct queue_tools *t, struct str id, const struct str *ids,
                        size_t len, struct error *e)
{
    if (t->console->plain)
        return retry_aloud(t, ids, len, e);
    console_block(t->console, "INFO",
                  str_fmt(&t->perm,
                          "Pushing failed queue jobs of the batch [%.*s] back onto the "
                          "queue.",
                          STR_ARG(id)));
    if (!retry_jobs(t, ids, len, e))
        return false;
    console_newline(t->console);
    return true;
}

static void tell_missing(struct queue_tools *t, struct str id, bool found)
{
    struct str text = S("The given batch does not contain any failed jobs.");
    if (!found)
        text = str_fmt(&t->perm, "Unable to find a batch with ID [%.*s].", STR_ARG(id));
    else if (app_laravel_has(t->app, 13, 42))
        text = str_fmt(&t->perm,
                       "The batch with ID [%.*s] does not contain any failed jobs.",
                       STR_ARG(id));
    console_block(t->console, "ERROR", text);
}

/* retry_batch: *ok false, or an error: how Laravel goes on without failed jobs differs by
 * version. */
static bool retry_batch(struct queue_tools *t, struct batch_table *batches, struct str id,
                        bool *ok, struct error *e)
{
    struct batch_failed failed;
    if (!batch_table_failed(batches, id, &t->perm, &failed, e))
        return false;
    if (failed.len)
        return retry_known(t, id, failed.ids, failed.len, e);
    tell_missing(t, id, failed.found);
    if (app_laravel_major(t->app) < 11)
        return false; /* the command ends */
    if (app_laravel_has(t->app, 13, 42)) {
        *ok = false; /* it goes on, and ends with 1 */
        return true;
    }
    if (failed.found)
        return retry_known(t, id, failed.ids, 0, e);
    console_block(t->console, "INFO",
                  str_fmt(&t->perm,
                          "Pushing failed queue jobs of the batch [%.*s] back onto the "
                          "queue.",
                          STR_ARG(id)));
    /* Here Laravel reads a property of null, and ends with its message. */
    return err_set(e, ERR_FATAL, "Attempt to read property \"failedJobIds\" on null");
}

static bool named_before(const struct invocation *in, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(argument(in, k), argument(in, i)) == 0)
            return true;
    return false;
}

/* Before Laravel 11 the command takes one id. */
static bool one_id(const struct invocation *in, struct error *e)
{
    if (in->arguments.len == 0)
        return err_set(e, ERR_FATAL, "Not enough arguments (missing: \"id\").");
    return in->arguments.len == 1 ||
           err_set(e, ERR_FATAL,
                   "Too many arguments to \"queue:retry-batch\" command, expected "
                   "arguments \"id\".");
}

static int retry(struct queue_tools *t, struct error *e)
{
    struct batch_table *batches = batch_table_open(t->app, t->pool, &t->perm, e);
    bool first = true, ok = true;
    if (app_laravel_major(t->app) < 11 && !one_id(t->in, e))
        return 1;
    if (!batches || !queue_tools_failed(t, e))
        return 1;
    for (size_t i = 0; argument(t->in, i); i++) {
        struct str id = str_from(argument(t->in, i));
        if (named_before(t->in, i) || !php_truthy(php_string(id)))
            continue;
        if (first && app_laravel_major(t->app) >= 11)
            console_block(t->console, "INFO",
                          S("Pushing failed batch jobs back onto the queue."));
        first = false;
        if (!retry_batch(t, batches, id, &ok, e))
            return 1;
    }
    return ok ? 0 : 1;
}

static int run_retry(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, retry, e);
}

const struct command command_queue_retry_batch = {
    .name = "queue:retry-batch",
    .help = "Retry the failed jobs for a batch",
    .arguments = retry_arguments,
    .options = retry_options,
    .run = run_retry,
};
