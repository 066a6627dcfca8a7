/* print.c: what queue:work prints: the lines and blocks of the app's Laravel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum { LINE_MAX_BYTES = 16 << 10, DEFAULT_WIDTH = 80 };

/* Laravel's styles, as Symfony's console writes them. */
struct style {
    const char *on, *off;
};

static const struct style gray = {"\033[90m", "\033[39m"},
                          blue = {"\033[34m", "\033[39m"};

static const struct {
    const char *text;
    struct style style;
    /* Laravel 8's word, in a style of its own; NULL: it prints nothing */
    const char *old;
    struct style old_style;
    const char *json, *result, *level; /* --json */
} statuses[] = {
    [PRINT_RUNNING] = {.text = "RUNNING",
                       .style = {"\033[33;1m", "\033[39;22m"},
                       .old = "Processing:",
                       .old_style = {"\033[33m", "\033[39m"},
                       .json = "starting",
                       .level = "info"},
    [PRINT_DONE] = {.text = "DONE",
                    .style = {"\033[32;1m", "\033[39;22m"},
                    .old = "Processed: ",
                    .old_style = {"\033[32m", "\033[39m"},
                    .json = "success",
                    .result = "deleted",
                    .level = "info"},
    [PRINT_RELEASED] = {.text = "FAIL",
                        .style = {"\033[33;1m", "\033[39;22m"},
                        .json = "released_after_exception",
                        .result = "released",
                        .level = "warning"},
    [PRINT_FAILED] = {.text = "FAIL",
                      .style = {"\033[31;1m", "\033[39;22m"},
                      .old = "Failed:    ",
                      .old_style = {"\033[37;41m", "\033[39;49m"},
                      .json = "failed",
                      .result = "deleted", /* it is, by then */
                      .level = "warning"},
};

/* === the terminal === */

static bool wants_colour(const struct work_options *o)
{
    if (o->colour != COLOUR_AUTO)
        return o->colour == COLOUR_ON;
    const char *none = getenv("NO_COLOR");
    return !(none && none[0]) && isatty(STDOUT_FILENO);
}

/* width follows Symfony's Terminal: COLUMNS, then the terminal itself, then 80. */
static size_t width(void)
{
    const char *columns = getenv("COLUMNS");
    int64_t n;
    if (columns && str_to_i64(str_trim(str_from(columns)), &n) && n > 0)
        return (size_t)n;
    struct winsize size;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return DEFAULT_WIDTH;
}

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
    *p = (struct printer){.quiet = o->verbosity < 0,
                          .json = o->json,
                          .colour = wants_colour(o),
                          .verbosity = o->verbosity,
                          .connection = connection};
    p->lines = app_laravel_has(app, 13, 3)    ? LINES_13_3
               : app_laravel_has(app, 12, 20) ? LINES_12_20
               : app_laravel_has(app, 10, 0)  ? LINES_10
               : app_laravel_has(app, 9, 0)   ? LINES_9
                                              : LINES_8;
    return load_zone(p, o->app, perm, e);
}

/* === pieces of a line === */

static void styled(const struct printer *p, struct buf *b, struct style style,
                   struct str text)
{
    if (p->colour)
        buf_add(b, str_from(style.on));
    buf_add(b, text);
    if (p->colour)
        buf_add(b, str_from(style.off));
}

/* Each dot has colours of its own in Laravel's output. */
static void dots(const struct printer *p, struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        styled(p, b, gray, S("."));
}

/* thousands writes 1234567 as "1,234,567". */
static void thousands(struct buf *b, int64_t n)
{
    if (n >= 1000) {
        thousands(b, n / 1000);
        buf_fmt(b, ",%03lld", (long long)(n % 1000));
    } else {
        buf_fmt(b, "%lld", (long long)n);
    }
}

/* runtime prints "4.79ms"; from Laravel 10 on whole units above a second, as "1m 1s". */
static struct str runtime(const struct printer *p, struct arena *tmp, int64_t us)
{
    static const struct {
        int64_t seconds;
        char name;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    struct buf b = buf_new(tmp, 128);
    if (us <= 1000000 || p->lines < LINES_10) {
        int64_t hundredths = (us + 5) / 10;
        thousands(&b, hundredths / 100);
        buf_fmt(&b, ".%02lldms", (long long)(hundredths % 100));
        return buf_str(&b);
    }
    int64_t left = us / 1000000;
    for (size_t i = 0; i < COUNT(units); i++) {
        int64_t n = left / units[i].seconds;
        left %= units[i].seconds;
        if (n)
            buf_fmt(&b, "%s%lld%c", b.len ? " " : "", (long long)n, units[i].name);
    }
    return buf_str(&b);
}

/* verbose writes " id connection queue", before Laravel 12.20 " id", and returns by how
 * much it narrows the dots. */
static size_t verbose(const struct printer *p, struct buf *b, const struct queue_job *j)
{
    if (p->verbosity < 1)
        return 0;
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)j->id);
    buf_byte(b, ' ');
    styled(p, b, gray, str_from(id));
    if (p->lines < LINES_12_20)
        return strlen(id) + 1;
    buf_byte(b, ' ');
    styled(p, b, blue, p->connection);
    buf_byte(b, ' ');
    styled(p, b, blue, j->queue);
    return strlen(id) + str_utf8_len(p->connection) + str_utf8_len(j->queue) + 2;
}

/* put writes a whole line at once, so that the slots do not mix theirs. */
static void put(const struct buf *b)
{
    size_t at = 0;
    while (at < b->len) {
        ssize_t n = write(STDOUT_FILENO, b->ptr + at, b->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody reads any more: the work goes on */
        at += (size_t)n;
    }
}

static size_t room_for_dots(size_t used)
{
    size_t w = width();
    return w > used ? w - used : 0;
}

/* memory writes " 24.5MB" behind the runtime, as Laravel 13.3 does with -v. */
static size_t memory(const struct printer *p, struct buf *b, struct arena *tmp)
{
    if (p->verbosity < 1 || p->lines < LINES_13_3)
        return 0;
    struct str text = str_fmt(tmp, "%.1fMB", (double)rss_bytes() / (1 << 20));
    buf_byte(b, ' ');
    styled(p, b, gray, text);
    return text.len + 1;
}

struct line {
    const struct queue_job *job;
    enum print_status status;
    int64_t runtime_us;
    const struct job_failure *failure; /* with PRINT_FAILED */
    struct str date;
};

static void line_old(const struct printer *p, const struct line *l, struct buf *b,
                     struct arena *tmp)
{
    struct str name = payload_name(&l->job->payload);
    if (!statuses[l->status].old)
        return;
    styled(p, b, statuses[l->status].old_style,
           str_fmt(tmp, "[%.*s][%lld] %s", STR_ARG(l->date), (long long)l->job->id,
                   statuses[l->status].old));
    buf_fmt(b, " %.*s\n", STR_ARG(name));
}

static void line_text(const struct printer *p, const struct line *l, struct buf *b,
                      struct arena *tmp)
{
    struct str name = payload_name(&l->job->payload);
    buf_add(b, S("  "));
    styled(p, b, gray, l->date);
    buf_fmt(b, " %.*s", STR_ARG(name));
    size_t used = str_utf8_len(name) + verbose(p, b, l->job);
    buf_byte(b, ' ');
    if (l->status == PRINT_RUNNING) {
        dots(p, b, room_for_dots(used + 33));
    } else {
        struct buf more = buf_new(tmp, 256);
        struct str took = runtime(p, tmp, l->runtime_us);
        used += memory(p, &more, tmp);
        dots(p, b, room_for_dots(used + took.len + 31));
        buf_byte(b, ' ');
        styled(p, b, gray, took);
        buf_add(b, buf_str(&more));
    }
    buf_byte(b, ' ');
    styled(p, b, statuses[l->status].style, str_from(statuses[l->status].text));
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
    text_member(tmp, a, "connection", p->connection);
    text_member(tmp, a, "queue", j->queue);
    text_member(tmp, a, "job", payload_name(&j->payload));
    text_member(tmp, a, "status", str_from(statuses[l->status].json));
    text_member(tmp, a, "result", str_from(statuses[l->status].result));
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

void print_job(const struct printer *p, const struct queue_job *j, enum print_status s,
               int64_t runtime_us, const struct job_failure *failure)
{
    if (p->quiet)
        return;
    struct arena tmp = arena_open(64 * LINE_MAX_BYTES);
    struct buf b = buf_new(&tmp, 8 * LINE_MAX_BYTES);
    struct line l = {j, s, runtime_us, failure, {0}};
    struct error ignored = {0}; /* both zones were found to exist */
    bool moved = p->zone && clock_zone(p->zone, &ignored);
    l.date = clock_datetime(&tmp, clock_unix());
    if (p->json)
        line_json(p, &l, &b, &tmp);
    else if (p->lines == LINES_8)
        line_old(p, &l, &b, &tmp);
    else
        line_text(p, &l, &b, &tmp);
    if (moved && !clock_zone(p->app_zone, &ignored))
        abort(); /* times would be written in a wrong zone from here on */
    put(&b);
    arena_close(&tmp);
}

/* === blocks === */

static struct style style_of(const char *level)
{
    if (strcmp(level, "ERROR") == 0)
        return (struct style){"\033[37;41m", "\033[39;49m"};
    if (strcmp(level, "WARN") == 0)
        return (struct style){"\033[30;43m", "\033[39;49m"};
    return (struct style){"\033[37;44m", "\033[39;49m"};
}

/* bold_brackets writes the text with what stands in brackets bold. */
static void bold_brackets(const struct printer *p, struct buf *b, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (p->colour && text.ptr[i] == ']')
            buf_add(b, S("\033[22m"));
        buf_byte(b, text.ptr[i]);
        if (p->colour && text.ptr[i] == '[')
            buf_add(b, S("\033[1m"));
    }
}

void print_block(const struct printer *p, const char *level, struct str text)
{
    if (p->quiet || p->json) /* whoever reads JSON finds it in the app's log */
        return;
    struct arena tmp = arena_open(8 * LINE_MAX_BYTES);
    struct buf b = buf_new(&tmp, 4 * LINE_MAX_BYTES);
    bool ends = text.len && strchr(".?!:", text.ptr[text.len - 1]);
    buf_add(&b, S("\n  "));
    styled(p, &b, style_of(level), str_fmt(&tmp, " %s ", level));
    buf_byte(&b, ' ');
    bold_brackets(p, &b, text);
    buf_add(&b, ends ? S("  \n\n") : S(".  \n\n"));
    put(&b);
    arena_close(&tmp);
}
