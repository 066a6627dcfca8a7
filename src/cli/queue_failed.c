/* queue_failed.c: queue:failed, queue:forget, queue:flush, queue:prune-failed. */
#include "cli/cli_imp.h"

static const struct option_row no_options[] = {{NULL, OPTION_FLAG, NULL, NULL}};
static const struct argument_row no_arguments[] = {{NULL, false, false, NULL}};

/* text9 is a message of Laravel 9 and later, which in 8 ends otherwise. */
static struct str text9(const struct queue_tools *t, struct str text)
{
    return t->console->plain ? str_fmt(&t->in->perm, "%.*s!", STR_ARG(text)) : text;
}

/* === queue:failed === */

static const struct php_value *string_at(const struct php_value *payload,
                                         const char *path)
{
    const struct php_value *v = php_path(payload, path);
    return v && v->type == PHP_STRING ? v : NULL;
}

/* quoted is the first text in double quotes, which Laravel takes for the class. */
static bool quoted(struct str command, struct str *out)
{
    while (command.len) {
        struct cut open = str_cut(command, '"');
        struct cut close = str_cut(open.tail, '"');
        if (!close.ok)
            return false;
        *out = close.head;
        if (close.head.len)
            return true;
        command = str_skip(command, open.head.len + 1);
    }
    return false;
}

/* class_of follows what each Laravel shows: displayName since 12.61. */
static struct str class_of(struct queue_tools *t, struct str payload, struct arena *tmp)
{
    struct error ignored = {0};
    struct php_value v;
    struct str name;
    if (!php_json_read(payload, true, tmp, &v, &ignored) || v.type != PHP_ARRAY)
        return S("");
    const struct php_value *job = string_at(&v, "job");
    const struct php_value *command = string_at(&v, "data.command");
    const struct php_value *display = string_at(&v, "displayName");
    struct str otherwise = job ? job->s : S("");
    if (!command)
        return otherwise;
    if (app_laravel_has(t->app, 12, 61) && display && php_truthy(*display))
        return display->s;
    return quoted(command->s, &name) ? name : otherwise;
}

static void list_job(struct queue_tools *t, const struct failed_job *job,
                     struct arena *tmp)
{
    struct str class_name = class_of(t, job->payload, tmp);
    struct console_side left = {.lead = job->failed_at,
                                .lead_style = STYLE_GRAY,
                                .text = str_fmt(tmp, " %.*s", STR_ARG(job->id))};
    struct console_side right = {
        .lead = str_fmt(tmp, "%.*s@%.*s", STR_ARG(job->connection), STR_ARG(job->queue)),
        .lead_style = STYLE_GRAY};
    if (class_name.len)
        right.text = str_fmt(tmp, " %.*s", STR_ARG(class_name));
    console_columns(t->console, &left, &right);
}

/* Laravel 8 prints a table, whose widths only the last row settles. */
struct table8 {
    VEC(struct str) cells;
};

static void table_job(struct queue_tools *t, struct table8 *table,
                      const struct failed_job *job, struct arena *tmp)
{
    struct str cells[] = {job->id, job->connection, job->queue,
                          class_of(t, job->payload, tmp), job->failed_at};
    for (size_t i = 0; i < COUNT(cells); i++)
        VEC_PUSH(&t->perm, &table->cells, str_copy(&t->perm, cells[i]));
}

static int failed(struct queue_tools *t, struct error *e)
{
    static const char *const headers[] = {"ID", "Connection", "Queue", "Class",
                                          "Failed At"};
    struct failed_walk walk = {0};
    struct table8 table = {{0}};
    struct failed_job *jobs;
    size_t len, listed = 0;
    if (!queue_tools_failed(t, e))
        return 1;
    for (size_t i = 0; i < COUNT(headers); i++)
        VEC_PUSH(&t->perm, &table.cells, str_from(headers[i]));
    for (;; listed += len) {
        arena_reset(&t->tmp);
        if (!failed_next(t->failed, &walk, &t->tmp, &jobs, &len, e))
            return 1;
        if (len == 0)
            break;
        if (listed == 0 && !t->console->plain)
            console_newline(t->console);
        for (size_t i = 0; i < len; i++)
            if (t->console->plain)
                table_job(t, &table, &jobs[i], &t->tmp);
            else
                list_job(t, &jobs[i], &t->tmp);
    }
    if (listed == 0)
        console_block(t->console, "INFO",
                      t->console->plain ? S("No failed jobs!")
                                        : S("No failed jobs found."));
    else if (t->console->plain)
        console_table(t->console, table.cells.at, listed + 1, COUNT(headers));
    else
        console_newline(t->console);
    return 0;
}

static int run_failed(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, failed, e);
}

const struct command command_queue_failed = {
    .name = "queue:failed",
    .help = "List all of the failed queue jobs",
    .arguments = no_arguments,
    .options = no_options,
    .run = run_failed,
};

/* === queue:forget === */

static const struct argument_row forget_arguments[] = {
    {"id", true, false, "The ID of the failed job"},
    {NULL, false, false, NULL},
};

static int forget(struct queue_tools *t, struct error *e)
{
    bool gone;
    if (!queue_tools_failed(t, e) ||
        !failed_forget(t->failed, str_from(argument(t->in, 0)), t->tmp, &gone, e))
        return 1;
    if (gone)
        console_block(t->console, "INFO", text9(t, S("Failed job deleted successfully")));
    else
        console_block(t->console, "ERROR", S("No failed job matches the given ID."));
    return gone || app_laravel_major(t->app) < 10 ? 0 : 1;
}

static int run_forget(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, forget, e);
}

const struct command command_queue_forget = {
    .name = "queue:forget",
    .help = "Delete a failed queue job",
    .arguments = forget_arguments,
    .options = no_options,
    .run = run_forget,
};

/* === queue:flush === */

static const struct option_row flush_options[] = {
    {"hours", OPTION_VALUE, NULL, "The number of hours to retain failed job data"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static int flush(struct queue_tools *t, struct error *e)
{
    struct str hours = option_text(t->in, "hours");
    int64_t until;
    if (!queue_tools_failed(t, e))
        return 1;
    if (!php_truthy(php_string(hours))) {
        if (!failed_flush(t->failed, t->tmp, e))
            return 1;
        console_block(t->console, "INFO",
                      text9(t, S("All failed jobs deleted successfully")));
        return 0;
    }
    if (!queue_tools_before(hours, &until, e) ||
        !failed_flush_until(t->failed, until, t->tmp, e))
        return 1;
    console_block(t->console, "INFO",
                  str_fmt(&t->tmp,
                          "All jobs that failed more than %.*s hours ago have been "
                          "deleted successfully.",
                          STR_ARG(hours)));
    return 0;
}

static int run_flush(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, flush, e);
}

const struct command command_queue_flush = {
    .name = "queue:flush",
    .help = "Flush all of the failed queue jobs",
    .arguments = no_arguments,
    .options = flush_options,
    .run = run_flush,
};

/* === queue:prune-failed === */

static const struct option_row prune_options[] = {
    {"hours", OPTION_VALUE, "24", "The number of hours to retain failed jobs data"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static int prune(struct queue_tools *t, struct error *e)
{
    int64_t before, pruned;
    if (!queue_tools_failed(t, e))
        return 1;
    if (!failed_prunes(t->failed)) {
        console_block(t->console, "ERROR",
                      str_fmt(&t->tmp,
                              "The [%s] failed job storage driver does not support "
                              "pruning.",
                              failed_class(t->failed)));
        return 1;
    }
    if (!queue_tools_before(option_text(t->in, "hours"), &before, e) ||
        !failed_prune(t->failed, before, t->tmp, &pruned, e))
        return 1;
    console_block(t->console, "INFO",
                  text9(t, str_fmt(&t->perm, "%lld entries deleted", (long long)pruned)));
    return 0;
}

static int run_prune(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, prune, e);
}

const struct command command_queue_prune_failed = {
    .name = "queue:prune-failed",
    .help = "Prune stale entries from the failed jobs table",
    .arguments = no_arguments,
    .options = prune_options,
    .run = run_prune,
};
