/* print.c: what queue:work prints: the lines and blocks of the app's Laravel. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "worker/worker_imp.h"

enum { LINE_MAX_BYTES = 16 << 10 };

static const struct {
    const char *text;
    enum console_style style;
    /* Laravel 8's word, in a style of its own; NULL: it prints nothing */
    const char *old;
    enum console_style old_style;
    const char *json, *result, *level; /* --json */
} statuses[] = {
    [PRINT_RUNNING] = {.text = "RUNNING",
                       .style = STYLE_YELLOW_BOLD,
                       .old = "Processing:",
                       .old_style = STYLE_YELLOW,
                       .json = "starting",
                       .level = "info"},
    [PRINT_DONE] = {.text = "DONE",
                    .style = STYLE_GREEN_BOLD,
                    .old = "Processed: ",
                    .old_style = STYLE_GREEN,
                    .json = "success",
                    .result = "deleted",
                    .level = "info"},
    [PRINT_BACK] = {.text = "RELEASED",
                    .style = STYLE_YELLOW_BOLD,
                    .json = "success",
                    .result = "released",
                    .level = "info"},
    [PRINT_RELEASED] = {.text = "FAIL",
                        .style = STYLE_YELLOW_BOLD,
                        .json = "released_after_exception",
                        .result = "released",
                        .level = "warning"},
    [PRINT_FAILED] = {.text = "FAIL",
                      .style = STYLE_RED_BOLD,
                      .old = "Failed:    ",
                      .old_style = STYLE_ERROR,
                      .json = "failed",
                      .result = "deleted", /* it is, by then */
                      .level = "warning"},
};

/* load_zone reads queue.output_timezone, which Laravel has from 9 on. */
static bool load_zone(struct printer *p, struct app *app, struct arena *perm,
                      struct error *e)
{
    struct str zone;
    if (!app_config_string(app, "app.timezone", S("UTC"), &zone, e))
        return false;
    p->app_zone = str_z(perm, zone);
    if (p->lines < LINES_9 ||
        !app_config_string(app, "queue.output_timezone", S(""), &zone, e))
        return e->kind == ERR_NONE;
    if (zone.len == 0)
        return true;
    p->zone = str_z(perm, zone);
    bool known = clock_zone(p->zone, e) || err_wrap(e, "queue.output_timezone");
    return known && clock_zone(p->app_zone, e);
}

bool printer_open(struct printer *p, const struct work_options *o, struct str connection,
                  struct arena *perm, struct error *e)
{
    const struct app *app = o->app;
    *p = (struct printer){.console = console_open(o->colour, o->verbosity),
                          .json = o->json,
                          .perm = perm,
                          .connection = connection};
    console_laravel(&p->console, app_laravel_major(app), app_host(app)->locale);
    p->names_connection = app_laravel_has(app, 13, 34);
    p->lines = app_laravel_has(app, 13, 30)   ? LINES_13_30
               : app_laravel_has(app, 13, 26) ? LINES_13_26
               : app_laravel_has(app, 13, 3)  ? LINES_13_3
               : app_laravel_has(app, 12, 20) ? LINES_12_20
               : app_laravel_has(app, 10, 0)  ? LINES_10
               : app_laravel_has(app, 9, 0)   ? LINES_9
                                              : LINES_8;
    return load_zone(p, o->app, perm, e);
}

/* === pieces of a line === */

static struct str connection_of(const struct printer *p, const struct queue_job *j)
{
    return j->connection.len ? j->connection : p->connection;
}

/* verbose writes " id connection queue", before Laravel 12.20 " id", and returns by how
 * much it narrows the dots. */
static size_t verbose(const struct printer *p, struct buf *b, const struct queue_job *j)
{
    if (p->console.verbosity < 1)
        return 0;
    char id[24];
    struct str connection = connection_of(p, j);
    snprintf(id, sizeof(id), "%.0lld", (long long)j->id); /* one without a row has none */
    buf_byte(b, ' ');
    console_styled(&p->console, b, STYLE_GRAY, str_from(id));
    if (p->lines < LINES_12_20)
        return strlen(id) + 1;
    buf_byte(b, ' ');
    console_styled(&p->console, b, STYLE_BLUE, connection);
    buf_byte(b, ' ');
    console_styled(&p->console, b, STYLE_BLUE, j->queue);
    return strlen(id) + str_utf8_len(connection) + str_utf8_len(j->queue) + 2;
}

static size_t room_for_dots(size_t used)
{
    size_t w = console_width();
    return w > used ? w - used : 0;
}

/* with_memory puts " 24.5MB" behind the runtime, as Laravel 13.3 does with -v; PHP prints
 * a whole number without its zero. */
static struct str with_memory(const struct printer *p, struct str took, struct arena *tmp)
{
    if (p->console.verbosity < 1 || p->lines < LINES_13_3)
        return took;
    struct str number = str_fmt(tmp, "%.1f", (double)rss_bytes() / (1 << 20));
    if (str_ends(number, S(".0")))
        number.len -= 2;
    return str_fmt(tmp, "%.*s %.*sMB", STR_ARG(took), STR_ARG(number));
}

/* pairing writes the slot's number where RUNNING and DONE of several slots would stand
 * between each other with nothing to tell them apart; -v has the job's id for that. It
 * returns by how much it narrows the dots. */
static size_t pairing(const struct printer *p, struct buf *b)
{
    char number[16];
    if (p->slot == 0 || p->console.verbosity > 0)
        return 0;
    snprintf(number, sizeof(number), "[%d]", p->slot);
    buf_byte(b, ' ');
    console_styled(&p->console, b, STYLE_GRAY, str_from(number));
    return strlen(number) + 1;
}

struct line {
    const struct queue_job *job;
    enum print_status status;
    int64_t runtime_us;
    const struct job_failure *failure; /* with PRINT_FAILED */
    struct str date, result;
};

static void line_old(const struct printer *p, const struct line *l, struct buf *b,
                     struct arena *tmp)
{
    struct str name = payload_name(&l->job->payload);
    if (!statuses[l->status].old)
        return;
    console_styled(&p->console, b, statuses[l->status].old_style,
                   str_fmt(tmp, "[%.*s][%.0lld] %s", STR_ARG(l->date),
                           (long long)l->job->id, statuses[l->status].old));
    buf_fmt(b, " %.*s\n", STR_ARG(name));
}

static void line_text(const struct printer *p, const struct line *l, struct buf *b,
                      struct arena *tmp)
{
    struct str name = payload_name(&l->job->payload);
    buf_add(b, S("  "));
    console_styled(&p->console, b, STYLE_GRAY, l->date);
    buf_fmt(b, " %.*s", STR_ARG(name));
    size_t used = str_utf8_len(name) + pairing(p, b) + verbose(p, b, l->job);
    buf_byte(b, ' ');
    if (l->status == PRINT_RUNNING) {
        console_dots(&p->console, b, room_for_dots(used + 33));
    } else {
        struct str took = console_runtime(&p->console, tmp, l->runtime_us);
        took = with_memory(p, took, tmp);
        console_dots(&p->console, b, room_for_dots(used + took.len + 31));
        buf_byte(b, ' ');
        console_styled(&p->console, b, STYLE_GRAY, took);
    }
    buf_byte(b, ' ');
    console_styled(&p->console, b, statuses[l->status].style,
                   str_from(statuses[l->status].text));
    buf_byte(b, '\n');
}

/* === --json === */

static void member(struct arena *tmp, struct php_array *a, const char *name,
                   struct php_value v)
{
    if (php_truthy(v)) /* Laravel leaves out what is not */
        php_array_put(tmp, a, php_key_from(str_from(name)), v);
}

static void text_member(struct arena *tmp, struct php_array *a, const char *name,
                        struct str text)
{
    member(tmp, a, name, php_string(text));
}

static void line_json(const struct printer *p, const struct line *l, struct buf *b,
                      struct arena *tmp)
{
    struct php_array *a = php_array_new(tmp);
    const struct queue_job *j = l->job;
    struct error e = {0};
    int64_t now = clock_unix_us();
    text_member(tmp, a, "level", str_from(statuses[l->status].level));
    member(tmp, a, "id", php_int(j->id));
    text_member(tmp, a, "uuid", j->payload.uuid);
    text_member(tmp, a, "connection", connection_of(p, j));
    text_member(tmp, a, "queue", j->queue);
    text_member(tmp, a, "job", payload_name(&j->payload));
    text_member(tmp, a, "status", str_from(statuses[l->status].json));
    text_member(tmp, a, "result", l->result);
    member(tmp, a, "attempts", php_int(j->attempts));
    if (l->failure) {
        text_member(tmp, a, "exception", l->failure->class_name);
        text_member(tmp, a, "message", str_utf8_question(tmp, l->failure->message));
    }
    text_member(tmp, a, "timestamp", php_date_format(tmp, now, S("Y-m-d\\TH:i:s.uP")));
    if (l->status != PRINT_RUNNING)
        member(tmp, a, "duration", php_float((double)l->runtime_us / 1e6));
    if (php_json(b, php_from_array(a), 0, &e))
        buf_byte(b, '\n');
}

/* in_zone sets the zone of the lines' times; back_to_app the app's again. */
static bool in_zone(const struct printer *p)
{
    struct error ignored = {0}; /* both zones were found to exist */
    return p->zone && clock_zone(p->zone, &ignored);
}

static void back_to_app(const struct printer *p, bool moved)
{
    struct error ignored = {0};
    if (moved && !clock_zone(p->app_zone, &ignored))
        abort(); /* times would be written in a wrong zone from here on */
}

void print_job(struct printer *p, const struct queue_job *j, enum print_status s,
               int64_t runtime_us, const struct job_failure *failure)
{
    print_result(p, j, s, runtime_us, failure, str_from(statuses[s].result));
}

void print_result(struct printer *p, const struct queue_job *j, enum print_status s,
                  int64_t runtime_us, const struct job_failure *failure,
                  struct str result)
{
    if (p->console.quiet)
        return;
    struct arena tmp = *p->perm;
    struct buf b = buf_new(&tmp, 8 * LINE_MAX_BYTES);
    struct line l = {j, s, runtime_us, failure, {0}, result};
    bool moved = in_zone(p);
    l.date = clock_datetime(&tmp, clock_unix());
    if (p->json)
        line_json(p, &l, &b, &tmp);
    else if (p->lines == LINES_8)
        line_old(p, &l, &b, &tmp);
    else
        line_text(p, &l, &b, &tmp);
    back_to_app(p, moved);
    console_put(&p->console, buf_str(&b));
}

/* === a queue that is paused or resumed === */

static void queue_json(const struct printer *p, struct str queue, bool paused,
                       struct buf *b, struct arena *tmp)
{
    struct php_array *a = php_array_new(tmp);
    struct error e = {0};
    int64_t now = clock_unix_us();
    text_member(tmp, a, "level", S("warning"));
    if (p->names_connection)
        text_member(tmp, a, "connection", p->connection);
    text_member(tmp, a, "queue", queue);
    text_member(tmp, a, "status", paused ? S("paused") : S("resumed"));
    text_member(tmp, a, "timestamp", php_date_format(tmp, now, S("Y-m-d\\TH:i:s.uP")));
    if (php_json(b, php_from_array(a), 0, &e))
        buf_byte(b, '\n');
}

static void queue_text(const struct printer *p, struct str queue, bool paused,
                       struct buf *b, struct arena *tmp)
{
    buf_add(b, S("  "));
    console_styled(&p->console, b, STYLE_GRAY, clock_datetime(tmp, clock_unix()));
    buf_add(b, S(" Queue "));
    console_styled(&p->console, b, STYLE_BLUE, queue);
    buf_byte(b, ' ');
    console_styled(&p->console, b, paused ? STYLE_YELLOW_BOLD : STYLE_GREEN_BOLD,
                   paused ? S("PAUSED") : S("RESUMED"));
    buf_byte(b, '\n');
}

void print_queue(struct printer *p, struct str queue, bool paused)
{
    if (p->console.quiet || p->lines < LINES_13_26)
        return;
    struct arena tmp = *p->perm;
    struct buf b = buf_new(&tmp, LINE_MAX_BYTES);
    bool moved = in_zone(p);
    (p->json ? queue_json : queue_text)(p, queue, paused, &b, &tmp);
    back_to_app(p, moved);
    console_put(&p->console, buf_str(&b));
}

/* === why the worker stops === */

static const struct {
    const char *json, *text;
} reasons[] = {
    [STOP_INTERRUPTED] = {"interrupted", "Interrupted"},
    [STOP_MEMORY] = {"memory", "Memory limit exceeded"},
    [STOP_RESTART] = {"restart_signal", "Received restart signal"},
    [STOP_EMPTY] = {"empty", "Queue empty"},
    [STOP_EMPTY_FOR] = {"empty_for", "Queue empty for the configured duration"},
    [STOP_MAX_TIME] = {"max_time", "Maximum run time exceeded"},
    [STOP_MAX_JOBS] = {"max_jobs", "Maximum jobs exceeded"},
};

const char *print_reason(enum stop_reason why)
{
    return reasons[why].json;
}

struct stopped {
    enum stop_reason why;
    struct str queues;
    int code;
    int64_t jobs;
};

static void stopped_json(const struct printer *p, const struct stopped *s, struct buf *b,
                         struct arena *tmp)
{
    struct php_array *a = php_array_new(tmp);
    struct error e = {0};
    double memory = round((double)rss_bytes() / (1 << 20) * 10) / 10;
    text_member(tmp, a, "level", s->code ? S("warning") : S("info"));
    if (p->names_connection) {
        text_member(tmp, a, "connection", p->connection);
        text_member(tmp, a, "queue", s->queues);
    }
    text_member(tmp, a, "status", S("stopped"));
    text_member(tmp, a, "reason", str_from(reasons[s->why].json));
    php_array_put(tmp, a, php_key_from(S("exit_code")), php_int(s->code));
    php_array_put(tmp, a, php_key_from(S("jobs_processed")), php_int(s->jobs));
    php_array_put(tmp, a, php_key_from(S("memory")), php_float(memory));
    text_member(tmp, a, "timestamp",
                php_date_format(tmp, clock_unix_us(), S("Y-m-d\\TH:i:s.uP")));
    if (php_json(b, php_from_array(a), 0, &e))
        buf_byte(b, '\n');
}

void print_stopped(struct printer *p, enum stop_reason why, struct str queues, int code,
                   int64_t jobs)
{
    if (p->console.quiet || p->lines < LINES_13_30)
        return;
    struct arena tmp = *p->perm;
    struct buf b = buf_new(&tmp, LINE_MAX_BYTES);
    bool moved = in_zone(p);
    if (p->json) {
        stopped_json(p, &(struct stopped){why, queues, code, jobs}, &b, &tmp);
    } else {
        buf_add(&b, S("  "));
        console_styled(&p->console, &b, STYLE_GRAY, clock_datetime(&tmp, clock_unix()));
        buf_add(&b, S(" Worker "));
        console_styled(&p->console, &b, STYLE_YELLOW_BOLD, S("STOPPED"));
        buf_byte(&b, ' ');
        console_styled(&p->console, &b, STYLE_GRAY, str_from(reasons[why].text));
        buf_byte(&b, '\n');
    }
    back_to_app(p, moved);
    console_put(&p->console, buf_str(&b));
}

void print_block(struct printer *p, const char *level, struct str text)
{
    if (!p->json) /* whoever reads JSON finds it in the app's log */
        console_block(&p->console, level, text);
}
