/* queue_failed.c: queue:failed, queue:forget, queue:flush, queue:prune-failed. */
#include "cli/cli_imp.h"

static const struct option_row no_options[] = {{NULL, OPTION_FLAG, NULL, NULL}};

static const struct option_row failed_options[] = {
    {"queue", OPTION_VALUE, NULL, "Only list the failed jobs for the specified queue"},
    {"json", OPTION_FLAG, NULL, "Output the failed jobs as JSON"},
    {NULL, OPTION_FLAG, NULL, NULL},
};
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

/* === as a table, which Laravel 8 prints, and as JSON === */

struct listing {
    struct queue_tools *t;
    bool json;
    size_t listed;
    VEC(struct str) cells; /* Laravel 8: only the last row settles the widths */
};

static const char *const headers[] = {"ID", "Connection", "Queue", "Class", "Failed At"};

static void table_job(struct listing *l, const struct failed_job *job, struct arena *tmp)
{
    struct arena *perm = &l->t->perm;
    struct str cells[] = {job->id, job->connection, job->queue,
                          class_of(l->t, job->payload, tmp), job->failed_at};
    for (size_t i = 0; i < COUNT(headers) && l->cells.len < COUNT(headers); i++)
        VEC_PUSH(perm, &l->cells, str_from(headers[i]));
    for (size_t i = 0; i < COUNT(cells); i++)
        VEC_PUSH(perm, &l->cells, str_copy(perm, cells[i]));
}

static bool json_job(struct listing *l, const struct failed_job *job, struct arena *tmp,
                     struct error *e)
{
    const struct {
        const char *name;
        struct str text;
    } members[] = {
        {"id", job->id},
        {"connection", job->connection},
        {"queue", job->queue},
        {"class", class_of(l->t, job->payload, tmp)},
        {"failed_at", job->failed_at},
    };
    struct php_array *a = php_array_new(tmp);
    struct buf b = buf_new(tmp, 1 << 20);
    for (size_t i = 0; i < COUNT(members); i++)
        php_array_put(tmp, a, php_key_from(str_from(members[i].name)),
                      php_string(members[i].text));
    /* With the driver database an id is a number. */
    if (l->t->failed_settings.driver == FAILED_IDS)
        php_array_put(tmp, a, php_key_from(S("id")), php_int(job->row));
    buf_byte(&b, l->listed ? ',' : '[');
    if (!php_json(&b, php_from_array(a), 0, e))
        return false;
    console_put(l->t->console, buf_str(&b));
    return true;
}

static bool list_one(struct listing *l, const struct failed_job *job, struct arena *tmp,
                     struct error *e)
{
    if (l->json && !json_job(l, job, tmp, e))
        return false;
    if (!l->json && l->t->console->plain) {
        table_job(l, job, tmp);
    } else if (!l->json) {
        if (l->listed == 0)
            console_newline(l->t->console);
        list_job(l->t, job, tmp);
    }
    l->listed++;
    return true;
}

static bool list_all(struct listing *l, struct failed_walk walk, struct error *e)
{
    struct queue_tools *t = l->t;
    struct failed_job *jobs;
    size_t len;
    do {
        arena_reset(&t->tmp);
        if (!failed_next(t->failed, &walk, &t->tmp, &jobs, &len, e))
            return false;
        for (size_t i = 0; i < len; i++)
            if (!list_one(l, &jobs[i], &t->tmp, e))
                return false;
    } while (len);
    return true;
}

static void end_list(struct listing *l)
{
    struct console *console = l->t->console;
    if (l->json)
        console_put(console, l->listed ? S("]\n") : S("[]\n"));
    else if (l->listed == 0)
        console_block(console, "INFO",
                      console->plain ? S("No failed jobs!") : S("No failed jobs found."));
    else if (console->plain)
        console_table(console, l->cells.at, l->listed + 1, COUNT(headers));
    else
        console_newline(console);
}

static int failed(struct queue_tools *t, struct error *e)
{
    const char *ignored;
    struct listing l = {.t = t, .json = option_given(t->in, "json", &ignored)};
    struct failed_walk walk = {.queue = option_text(t->in, "queue")};
    walk.of_queue = php_truthy(php_string(walk.queue));
    if (!queue_tools_failed(t, e) || !list_all(&l, walk, e))
        return 1;
    end_list(&l);
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
    .options = failed_options,
    .run = run_failed,
};

/* === queue:forget === */

static const struct argument_row forget_arguments[] = {
    {"id", true, true, "The IDs of the failed jobs"},
    {NULL, false, false, NULL},
};

/* forget_one takes one id, and says so in the words of Laravels that take more. */
static bool forget_one(struct queue_tools *t, struct str id, bool of_many, bool *gone,
                       struct error *e)
{
    if (!failed_forget(t->failed, id, t->tmp, gone, e))
        return false;
    struct str text = *gone ? text9(t, S("Failed job deleted successfully"))
                            : S("No failed job matches the given ID.");
    if (of_many)
        text = str_fmt(&t->perm,
                       *gone ? "Failed job [%.*s] deleted successfully."
                             : "No failed job matches the ID [%.*s].",
                       STR_ARG(id));
    console_block(t->console, *gone ? "INFO" : "ERROR", text);
    return true;
}

static int forget(struct queue_tools *t, struct error *e)
{
    bool many = app_laravel_has(t->app, 13, 42), gone, missing = false;
    if (!many && t->in->arguments.len > 1) {
        err_set(e, ERR_FATAL,
                "Too many arguments to \"queue:forget\" command, expected arguments "
                "\"id\".");
        return 1;
    }
    if (!queue_tools_failed(t, e))
        return 1;
    for (size_t i = 0; i < t->in->arguments.len; i++) {
        if (!forget_one(t, str_from(argument(t->in, i)), many, &gone, e))
            return 1;
        missing = missing || !gone;
    }
    return missing && app_laravel_major(t->app) >= 10 ? 1 : 0;
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
    {"queue", OPTION_VALUE, NULL, "Flush the failed jobs of the specified queue"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* flushed is what Laravel says to each way of asking. */
static struct str flushed(struct queue_tools *t, struct str hours, struct str queue)
{
    struct arena *a = &t->perm;
    if (hours.len && queue.len)
        return str_fmt(
            a,
            "All jobs on the [%.*s] queue that failed more than %.*s hours ago "
            "have been deleted successfully.",
            STR_ARG(queue), STR_ARG(hours));
    if (hours.len)
        return str_fmt(a,
                       "All jobs that failed more than %.*s hours ago have been deleted "
                       "successfully.",
                       STR_ARG(hours));
    if (queue.len)
        return str_fmt(
            a, "All failed jobs on the [%.*s] queue have been deleted successfully.",
            STR_ARG(queue));
    return text9(t, S("All failed jobs deleted successfully"));
}

static int flush(struct queue_tools *t, struct error *e)
{
    struct str hours = option_text(t->in, "hours"), queue = option_text(t->in, "queue");
    struct failed_flush what = {0};
    if (!php_truthy(php_string(hours)))
        hours = S("");
    if (!php_truthy(php_string(queue)))
        queue = S("");
    what.of_queue = queue.len > 0;
    what.queue = queue;
    what.timed = hours.len > 0;
    if (!queue_tools_failed(t, e) ||
        (what.timed && !queue_tools_before(hours, &what.until, e)) ||
        !failed_flush(t->failed, &what, t->tmp, e))
        return 1;
    console_block(t->console, "INFO", flushed(t, hours, queue));
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
