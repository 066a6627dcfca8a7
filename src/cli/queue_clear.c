/* queue_clear.c: queue:clear. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli_imp.h"

static const struct argument_row arguments[] = {
    {"connection", false, false, "The name of the queue connection to clear"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"queue", OPTION_VALUE, NULL, "The name of the queue to clear"},
    {"force", OPTION_FLAG, NULL, "Force the operation to run when in production"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* asked_yes puts the question to whoever sits at the terminal; nobody there means no. */
static bool asked_yes(struct queue_tools *t)
{
    char answer[64];
    if (t->in->no_interaction || !isatty(STDIN_FILENO))
        return false;
    console_put(t->console, t->console->plain
                                ? S(" Do you really wish to run this command? (yes/no) "
                                    "[no]:\n > ")
                                : S("\n Are you sure you want to run this command? "
                                    "(yes/no) [no]:\n > "));
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    console_newline(t->console);
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* confirmed asks only in production, and only without --force. */
static bool confirmed(struct queue_tools *t)
{
    const char *ignored;
    if (!str_eq(app_env(t->app), S("production")) ||
        option_given(t->in, "force", &ignored))
        return true;
    console_alert(t->console, t->console->plain ? S("Application In Production!")
                                                : S("Application In Production"));
    if (asked_yes(t))
        return true;
    console_block(t->console, "WARN",
                  t->console->plain ? S("Command Canceled!") : S("Command cancelled."));
    return false;
}

/* clear_one deletes a queue's jobs; which names --queue holds is the caller's to say. */
static bool clear_one(struct queue_tools *t, struct queue_table *table, struct str queue,
                      struct error *e)
{
    int64_t n;
    if (!queue_table_clear(table, queue, t->tmp, &n, e))
        return false;
    bool one = n == 1 && app_laravel_major(t->app) >= 10;
    console_block(t->console, "INFO",
                  str_fmt(&t->tmp, "Cleared %lld %s from the [%.*s] queue", (long long)n,
                          one ? "job" : "jobs", STR_ARG(queue)));
    return true;
}

static int clear(struct queue_tools *t, struct error *e)
{
    struct str queue = option_text(t->in, "queue");
    if (!confirmed(t))
        return 1;
    struct queue_table *table = queue_tools_table(t, str_from(argument(t->in, 0)), e);
    if (!table)
        return 1;
    if (!php_truthy(php_string(queue)))
        queue = queue_table_settings(table)->queue;
    /* Before Laravel 13 "a,b" is one name. */
    struct cut names = {.tail = queue, .ok = true};
    do {
        if (app_laravel_major(t->app) >= 13)
            names = str_cut(names.tail, ',');
        else
            names = (struct cut){.head = queue};
        if (!clear_one(t, table, names.head, e))
            return 1;
    } while (names.ok);
    return 0;
}

static int run(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, clear, e);
}

const struct command command_queue_clear = {
    .name = "queue:clear",
    .help = "Delete all of the jobs from the specified queue",
    .arguments = arguments,
    .options = options,
    .run = run,
};
