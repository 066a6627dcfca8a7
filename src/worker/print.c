/* print.c: what queue:work prints: Laravel 12's lines and blocks. */
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
} statuses[] = {
    [PRINT_RUNNING] = {"RUNNING", {"\033[33;1m", "\033[39;22m"}},
    [PRINT_DONE] = {"DONE", {"\033[32;1m", "\033[39;22m"}},
    [PRINT_RELEASED] = {"FAIL", {"\033[33;1m", "\033[39;22m"}},
    [PRINT_FAILED] = {"FAIL", {"\033[31;1m", "\033[39;22m"}},
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

struct printer printer_open(const struct work_options *o, struct str connection)
{
    struct printer p = {.quiet = o->verbosity < 0,
                        .colour = wants_colour(o),
                        .verbosity = o->verbosity,
                        .connection = connection};
    return p;
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

/* runtime prints "4.79ms"; above a second whole units, as "1m 1s". */
static struct str runtime(struct arena *tmp, int64_t us)
{
    static const struct {
        int64_t seconds;
        char name;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    struct buf b = buf_new(tmp, 128);
    if (us <= 1000000) {
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

/* verbose writes " id connection queue" and returns by how much it narrows the dots. */
static size_t verbose(const struct printer *p, struct buf *b, const struct queue_job *j)
{
    if (p->verbosity < 1)
        return 0;
    char id[24];
    snprintf(id, sizeof(id), "%lld", (long long)j->id);
    buf_byte(b, ' ');
    styled(p, b, gray, str_from(id));
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

void print_job(const struct printer *p, const struct queue_job *j, enum print_status s,
               int64_t runtime_us)
{
    if (p->quiet)
        return;
    struct arena tmp = arena_open(4 * LINE_MAX_BYTES);
    struct buf b = buf_new(&tmp, LINE_MAX_BYTES);
    struct str name = payload_name(&j->payload);
    buf_add(&b, S("  "));
    styled(p, &b, gray, clock_datetime(&tmp, clock_unix()));
    buf_fmt(&b, " %.*s", STR_ARG(name));
    size_t used = str_utf8_len(name) + verbose(p, &b, j);
    buf_byte(&b, ' ');
    if (s == PRINT_RUNNING) {
        dots(p, &b, room_for_dots(used + 33));
    } else {
        struct str took = runtime(&tmp, runtime_us);
        dots(p, &b, room_for_dots(used + took.len + 31));
        buf_byte(&b, ' ');
        styled(p, &b, gray, took);
    }
    buf_byte(&b, ' ');
    styled(p, &b, statuses[s].style, str_from(statuses[s].text));
    buf_byte(&b, '\n');
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
    if (p->quiet)
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
