/* queue_monitor.c: queue:monitor. Without an argument, which Laravel refuses, it shows
 * every queue that has rows. */
#include <stdlib.h>

#include "cli/cli_imp.h"

static const struct argument_row arguments[] = {
    {"queues", false, false,
     "The names of the queues to monitor; without, every queue that has rows"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"max", OPTION_VALUE, "1000", "The number of jobs from which on a queue is in alert"},
    {"json", OPTION_FLAG, NULL, "Output the queue size as JSON"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct watched {
    struct str connection, name;
    struct queue_sizes sizes;
    bool alert;
};

struct monitor {
    struct queue_tools *t;
    VEC(struct watched) queues;
};

/* Which of its lines a Laravel has. */
static bool has_details(const struct queue_tools *t)
{
    return app_laravel_has(t->app, 12, 19);
}

static bool add(struct monitor *m, struct queue_table *table, struct str name,
                struct error *e)
{
    struct queue_tools *t = m->t;
    const struct queue_settings *s = queue_table_settings(table);
    struct watched w = {.connection = s->connection, .name = name};
    struct str counted = name.len ? name : s->queue;
    if (!queue_table_sizes(table, counted, t->tmp, &w.sizes, e))
        return false;
    w.alert =
        php_compare(php_int(w.sizes.all), php_string(option_text(t->in, "max"))) >= 0;
    VEC_PUSH(&t->perm, &m->queues, w);
    return true;
}

static bool add_all(struct monitor *m, struct error *e)
{
    struct queue_table *table = queue_tools_table(m->t, S(""), e);
    struct str *names;
    size_t len;
    if (!table || !queue_table_names(table, &m->t->perm, &names, &len, e))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!add(m, table, names[i], e))
            return false;
    return true;
}

/* "a,redis:b": each name with its connection, or without the default one's. Of a name
 * that is empty the connection's own queue is counted. */
static bool add_named(struct monitor *m, struct str list, struct error *e)
{
    struct cut one = {.tail = list, .ok = true};
    while (one.ok) {
        one = str_cut(one.tail, ',');
        struct cut parts = str_cut(one.head, ':');
        struct queue_table *table =
            queue_tools_table(m->t, parts.ok ? parts.head : S(""), e);
        if (!table || !add(m, table, parts.ok ? parts.tail : parts.head, e))
            return false;
    }
    return true;
}

/* === as text === */

static struct str number(struct queue_tools *t, int64_t n)
{
    return str_fmt(&t->perm, "%lld", (long long)n);
}

static void tell_details(struct queue_tools *t, const struct watched *w)
{
    struct str oldest = S("N/A"), locale = app_host(t->app)->locale;
    if (w->sizes.oldest)
        oldest = php_date_ago(&t->perm, w->sizes.oldest, clock_unix(), locale);
    console_pair(t->console, S("Pending jobs"), number(t, w->sizes.pending));
    console_pair(t->console, S("Delayed jobs"), number(t, w->sizes.delayed));
    console_pair(t->console, S("Reserved jobs"), number(t, w->sizes.reserved));
    console_pair(t->console, S("Oldest pending job"), oldest);
    console_newline(t->console);
}

static void tell_queue(struct queue_tools *t, const struct watched *w)
{
    struct str text = w->name;
    if (app_laravel_major(t->app) >= 10) /* 9 leaves the connection out */
        text = str_fmt(&t->perm, "[%.*s]%s%.*s", STR_ARG(w->connection),
                       w->name.len ? " " : "", STR_ARG(w->name));
    struct console_side left = {.text = text};
    struct console_side right = {
        .text = str_fmt(&t->perm, "[%lld] ", (long long)w->sizes.all),
        .tail = w->alert ? S("ALERT") : S("OK"),
        .tail_style = w->alert ? STYLE_YELLOW_BOLD : STYLE_GREEN_BOLD};
    console_columns(t->console, &left, &right);
    if (has_details(t))
        tell_details(t, w);
}

static void tell_text(struct monitor *m)
{
    struct console_side left = {.lead = S("Queue name"), .lead_style = STYLE_GRAY};
    struct console_side right = {.lead = S("Size / Status"), .lead_style = STYLE_GRAY};
    console_newline(m->t->console);
    console_columns(m->t->console, &left, &right);
    for (size_t i = 0; i < m->queues.len; i++)
        tell_queue(m->t, &m->queues.at[i]);
    console_newline(m->t->console);
}

static void tell_table(struct monitor *m)
{
    static const char *const headers[] = {"Connection", "Queue", "Size", "Status"};
    struct queue_tools *t = m->t;
    VEC(struct str) cells = {0};
    for (size_t i = 0; i < COUNT(headers); i++)
        VEC_PUSH(&t->perm, &cells, str_from(headers[i]));
    for (size_t i = 0; i < m->queues.len; i++) {
        const struct watched *w = &m->queues.at[i];
        struct str row[] = {w->connection, w->name, number(t, w->sizes.all),
                            w->alert ? S("ALERT") : S("OK")};
        for (size_t k = 0; k < COUNT(row); k++)
            VEC_PUSH(&t->perm, &cells, row[k]);
    }
    console_table(t->console, cells.at, m->queues.len + 1, COUNT(headers));
}

/* === as JSON === */

static void member(struct queue_tools *t, struct php_array *a, const char *name,
                   struct php_value v)
{
    php_array_put(&t->perm, a, php_key_from(str_from(name)), v);
}

static struct php_value json_of(struct queue_tools *t, const struct watched *w)
{
    struct php_array *a = php_array_new(&t->perm);
    member(t, a, "connection", php_string(w->connection));
    member(t, a, "queue", php_string(w->name));
    member(t, a, "size", php_int(w->sizes.all));
    if (has_details(t)) {
        member(t, a, "pending", php_int(w->sizes.pending));
        member(t, a, "delayed", php_int(w->sizes.delayed));
        member(t, a, "reserved", php_int(w->sizes.reserved));
        member(t, a, "oldest_pending",
               w->sizes.has_oldest ? php_int(w->sizes.oldest) : php_null());
    }
    member(t, a, "status", php_string(w->alert ? S("ALERT") : S("OK")));
    return php_from_array(a);
}

static bool tell_json(struct monitor *m, struct error *e)
{
    struct queue_tools *t = m->t;
    struct php_array *all = php_array_new(&t->perm);
    struct buf b = buf_new(&t->tmp, 16 << 20);
    for (size_t i = 0; i < m->queues.len; i++)
        php_array_push(&t->perm, all, json_of(t, &m->queues.at[i]));
    if (!php_json(&b, php_from_array(all), 0, e))
        return false;
    buf_byte(&b, '\n');
    console_put(t->console, buf_str(&b));
    return true;
}

static int monitor(struct queue_tools *t, struct error *e)
{
    struct monitor m = {.t = t};
    const char *ignored, *list = argument(t->in, 0);
    if (!(list ? add_named(&m, str_from(list), e) : add_all(&m, e)))
        return 1;
    if (option_given(t->in, "json", &ignored))
        return tell_json(&m, e) ? 0 : 1;
    if (t->console->plain)
        tell_table(&m);
    else
        tell_text(&m);
    return 0;
}

static int run(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, monitor, e);
}

const struct command command_queue_monitor = {
    .name = "queue:monitor",
    .help = "Monitor the size of the specified queues",
    .arguments = arguments,
    .options = options,
    .run = run,
};
