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

/* asked_yes puts the question to whoever sits at the terminal; nobody there means no.
 * Before Laravel 10 it is printed to nobody as well. */
static bool asked_yes(struct queue_tools *t)
{
    char answer[64];
    int major = app_laravel_major(t->app);
    bool somebody = isatty(STDIN_FILENO);
    if (t->in->no_interaction || (!somebody && major >= 10))
        return false;
    console_put(t->console,
                major < 9    ? S(" Do you really wish to run this command? (yes/no) "
                                    "[no]:\n > ")
                : major < 10 ? S("\n  Do you really wish to run this command? (yes/no) "
                                 "[no]\n❯ ")
                             : S("\n Are you sure you want to run this command? "
                                 "(yes/no) [no]:\n > "));
    if (!somebody) {
        t->console->newlines = 1; /* Laravel 9 does not count the question */
        return false;
    }
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
                  t->console->plain                ? S("Command Canceled!")
                  : app_laravel_major(t->app) < 10 ? S("Command canceled.")
                                                   : S("Command cancelled."));
    return false;
}

/* What --queue names: one queue, whatever its name holds; from Laravel 13 on a list. */
struct names {
    VEC(struct str) list;
    struct str text; /* as the message tells them */
};

static bool listed(const struct names *n, struct str name)
{
    for (size_t i = 0; i < n->list.len; i++)
        if (str_eq(n->list.at[i], name))
            return true;
    return false;
}

static struct names names_of(struct queue_tools *t, struct str queue)
{
    struct names n = {.text = queue};
    struct cut one = {.tail = queue, .ok = true};
    if (app_laravel_major(t->app) < 13) {
        VEC_PUSH(&t->perm, &n.list, queue);
        return n;
    }
    n.text = S("");
    while (one.ok) {
        one = str_cut(one.tail, ',');
        struct str name = str_trim(one.head);
        if (!php_truthy(php_string(name)) || listed(&n, name))
            continue;
        VEC_PUSH(&t->perm, &n.list, name);
        n.text = str_fmt(&t->perm, "%.*s%s%.*s", STR_ARG(n.text), n.text.len ? ", " : "",
                         STR_ARG(name));
    }
    return n;
}

static void tell(struct queue_tools *t, const struct names *n, int64_t cleared)
{
    bool one = cleared == 1 && app_laravel_major(t->app) >= 10;
    struct str text = str_fmt(&t->perm, "Cleared %lld %s from the [%.*s] %s",
                              (long long)cleared, one ? "job" : "jobs", STR_ARG(n->text),
                              n->list.len == 1 ? "queue" : "queues");
    if (!t->console->plain) {
        console_block(t->console, "INFO", text);
        return;
    }
    struct buf b = buf_new(&t->perm, text.len + 64);
    console_styled(t->console, &b, STYLE_GREEN, text);
    buf_byte(&b, ' ');
    console_line(t->console, STYLE_PLAIN, buf_str(&b));
}

static int clear(struct queue_tools *t, struct error *e)
{
    struct str queue = option_text(t->in, "queue");
    int64_t n, cleared = 0;
    if (!confirmed(t))
        return 1;
    struct queue_table *table = queue_tools_table(t, str_from(argument(t->in, 0)), e);
    if (!table)
        return 1;
    if (!php_truthy(php_string(queue)))
        queue = queue_table_settings(table)->queue;
    struct names names = names_of(t, queue);
    for (size_t i = 0; i < names.list.len; i++, cleared += n)
        if (!queue_table_clear(table, names.list.at[i], t->tmp, &n, e))
            return 1;
    tell(t, &names, cleared);
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
