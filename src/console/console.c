/* console.c: lines and blocks as Laravel's console writes them. */
#include "console/console_imp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    DEFAULT_WIDTH = 80,
    WIDTH_MAX = 150, /* of two columns and task lines */
    TEXT_BYTES = 64 << 10,
    ARENA_BYTES = 16 * TEXT_BYTES, /* of a block, with its colours */
};

/* === the terminal === */

struct console console_open(enum console_colours colours, int verbosity)
{
    const char *none = getenv("NO_COLOR");
    bool terminal = !(none && none[0]) && isatty(STDOUT_FILENO);
    return (struct console){
        .quiet = verbosity < 0,
        .colour = colours == COLOUR_AUTO ? terminal : colours == COLOUR_ON,
        .verbosity = verbosity,
        .newlines = 1,
    };
}

/* Carbon's short units. The first language stands for all that are not here. */
static const struct {
    const char *locale, *units[4];
} languages[] = {
    {"en", {"d", "h", "m", "s"}},
    {"fr", {" j", " h", " min", " s"}},
    {"nl", {"d", "u", "min", "s"}},
    {"de", {" Tg.", " Std.", " Min.", " Sek."}},
};

void console_laravel(struct console *c, int major, struct str locale)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        if (str_starts(locale, str_from(languages[i].locale)))
            c->language = (int)i;
    c->plain = major < 9;
    c->short_ms = major < 10;
    c->whole_ms = major < 11;
}

size_t console_width(void)
{
    const char *columns = getenv("COLUMNS");
    if (columns) { /* what is set counts, as PHP's (int) has it: "" and "x" are 0 */
        long long n = strtoll(columns, NULL, 10);
        return n > 0 ? (size_t)n : 0;
    }
    static bool none; /* what is no terminal does not become one */
    struct winsize size = {0};
    if (!none && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
        none = true;
    return size.ws_col ? size.ws_col : DEFAULT_WIDTH;
}

/* === pieces of a line === */

static const struct {
    const char *on, *off;
} styles[] = {
    [STYLE_PLAIN] = {"", ""},
    [STYLE_GRAY] = {"\033[90m", "\033[39m"},
    [STYLE_BLUE] = {"\033[34m", "\033[39m"},
    [STYLE_GREEN] = {"\033[32m", "\033[39m"},
    [STYLE_YELLOW] = {"\033[33m", "\033[39m"},
    [STYLE_GREEN_BOLD] = {"\033[32;1m", "\033[39;22m"},
    [STYLE_YELLOW_BOLD] = {"\033[33;1m", "\033[39;22m"},
    [STYLE_RED_BOLD] = {"\033[31;1m", "\033[39;22m"},
    [STYLE_BOLD] = {"\033[1m", "\033[22m"},
    [STYLE_INFO] = {"\033[37;44m", "\033[39;49m"},
    [STYLE_WARN] = {"\033[30;43m", "\033[39;49m"},
    [STYLE_ERROR] = {"\033[37;41m", "\033[39;49m"},
};

void console_styled(const struct console *c, struct buf *b, enum console_style style,
                    struct str text)
{
    if (text.len == 0)
        return;
    if (c->colour)
        buf_add(b, str_from(styles[style].on));
    buf_add(b, text);
    if (c->colour)
        buf_add(b, str_from(styles[style].off));
}

void console_dots(const struct console *c, struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        console_styled(c, b, STYLE_GRAY, S("."));
}

/* console_brackets writes a text with what stands in brackets bold. */
static void console_brackets(const struct console *c, struct buf *b, struct str text)
{
    while (text.len) {
        ptrdiff_t open = str_find(text, S("["));
        struct str inner = str_skip(text, open < 0 ? text.len : (size_t)open + 1);
        ptrdiff_t close = str_find(inner, S("]"));
        if (close <= 0) { /* "[]" stands for itself, as an open end does */
            size_t n = close < 0 ? text.len : (size_t)open + 2;
            buf_add(b, str_sub(text, 0, n));
            text = str_skip(text, n);
            continue;
        }
        size_t n = (size_t)open;
        buf_add(b, str_sub(text, 0, n));
        console_styled(c, b, STYLE_BOLD, str_sub(text, n, (size_t)close + 2));
        text = str_skip(inner, (size_t)close + 1);
    }
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

struct str console_runtime(const struct console *c, struct arena *perm, int64_t us)
{
    static const int64_t units[] = {86400, 3600, 60, 1}; /* seconds */
    struct buf b = buf_new(perm, 128);
    if (us <= 1000000 || c->short_ms) {
        int64_t hundredths = (us + 5) / 10;
        thousands(&b, hundredths / 100);
        buf_fmt(&b, ".%02lldms", (long long)(hundredths % 100));
        return buf_str(&b);
    }
    int64_t left = us / 1000000;
    for (size_t i = 0; i < COUNT(units); i++) {
        int64_t n = left / units[i];
        left %= units[i];
        if (n)
            buf_fmt(&b, "%s%lld%s", b.len ? " " : "", (long long)n,
                    languages[c->language].units[i]);
    }
    return buf_str(&b);
}

/* === output === */

static int ending_newlines(struct str s)
{
    int n = 0;
    while (s.len && s.ptr[s.len - 1] == '\n') {
        s.len--;
        n++;
    }
    return n;
}

void console_put(struct console *c, struct str bytes)
{
    fflush(stdout); /* what printf wrote stands before it */
    if (bytes.len)
        c->newlines = ending_newlines(bytes);
    while (bytes.len) {
        ssize_t n = write(STDOUT_FILENO, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody reads any more: the work goes on */
        bytes = str_skip(bytes, (size_t)n);
    }
}

void console_newline(struct console *c)
{
    int before = c->newlines;
    if (c->quiet)
        return;
    console_put(c, S("\n"));
    c->newlines = before + 1;
}

void console_line(struct console *c, enum console_style style, struct str text)
{
    if (c->quiet)
        return;
    struct arena tmp = arena_open(ARENA_BYTES);
    struct buf b = buf_new(&tmp, TEXT_BYTES);
    console_styled(c, &b, style, text);
    buf_byte(&b, '\n');
    console_put(c, buf_str(&b));
    arena_close(&tmp);
}

/* relative leaves the app's folder out of a text. */
static struct str relative(const struct console *c, struct arena *tmp, struct str text)
{
    if (c->base.len == 0)
        return text;
    return str_replace(tmp, text, str_fmt(tmp, "%.*s/", STR_ARG(c->base)), S(""));
}

/* squeezed makes one blank of each run, as the HTML does that Laravel's console renders
 * its blocks and columns from. */
static struct str squeezed(struct arena *tmp, struct str text)
{
    struct buf b = buf_new(tmp, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        bool blank = text.ptr[i] && strchr(" \t\r\n", text.ptr[i]);
        if (!blank)
            buf_byte(&b, text.ptr[i]);
        else if (b.len == 0 || b.ptr[b.len - 1] != ' ')
            buf_byte(&b, ' ');
    }
    return buf_str(&b);
}

static bool ends_in(struct str text, const char *chars)
{
    return text.len && text.ptr[text.len - 1] && strchr(chars, text.ptr[text.len - 1]);
}

/* === blocks === */

static const struct {
    const char *level;
    enum console_style block, line; /* line: Laravel 8's */
} levels[] = {
    {"INFO", STYLE_INFO, STYLE_GREEN},
    {"WARN", STYLE_WARN, STYLE_YELLOW},
    {"ERROR", STYLE_ERROR, STYLE_ERROR},
};

static size_t level_of(const char *level)
{
    size_t i = 0;
    while (i + 1 < COUNT(levels) && strcmp(levels[i].level, level) != 0)
        i++;
    return i;
}

void console_block(struct console *c, const char *level, struct str text)
{
    size_t at = level_of(level);
    if (c->quiet)
        return;
    if (c->plain) {
        console_line(c, levels[at].line, text);
        return;
    }
    struct arena tmp = arena_open(ARENA_BYTES);
    struct buf b = buf_new(&tmp, 4 * TEXT_BYTES);
    for (int n = c->newlines; n < 2; n++)
        buf_byte(&b, '\n');
    buf_add(&b, S("  "));
    console_styled(c, &b, levels[at].block, str_fmt(&tmp, " %s ", level));
    buf_byte(&b, ' ');
    text = squeezed(&tmp, str_sub(text, 0, TEXT_BYTES));
    console_brackets(c, &b, relative(c, &tmp, text));
    buf_add(&b, ends_in(text, ".?!:") ? S("  \n\n") : S(".  \n\n"));
    console_put(c, buf_str(&b));
    arena_close(&tmp);
}

static void alert_row(const struct console *c, struct buf *b, struct str text)
{
    size_t margins = 4, width = console_width();
    width = width > margins ? width - margins : 0;
    size_t len = str_utf8_len(text), left = len < width ? (width - len) / 2 : 0;
    struct buf row = buf_new(b->arena, TEXT_BYTES);
    for (size_t i = 0; i < left; i++)
        buf_byte(&row, ' ');
    buf_add(&row, text);
    for (size_t i = left + len; i < width; i++)
        buf_byte(&row, ' ');
    buf_add(b, S("  "));
    console_styled(c, b, STYLE_WARN, buf_str(&row));
    buf_add(b, S("  \n"));
}

static void stars(struct console *c, struct str text)
{
    size_t width = str_utf8_len(text) + 12;
    char line[256] = {0};
    memset(line, '*', width < sizeof(line) ? width : sizeof(line) - 1);
    struct arena tmp = arena_open(ARENA_BYTES);
    console_line(c, STYLE_YELLOW, str_from(line));
    console_line(c, STYLE_YELLOW, str_fmt(&tmp, "*     %.*s     *", STR_ARG(text)));
    console_line(c, STYLE_YELLOW, str_from(line));
    console_newline(c);
    arena_close(&tmp);
}

void console_alert(struct console *c, struct str text)
{
    if (c->quiet)
        return;
    if (c->plain) {
        stars(c, text);
        return;
    }
    struct arena tmp = arena_open(ARENA_BYTES);
    struct buf b = buf_new(&tmp, 4 * TEXT_BYTES), upper = buf_new(&tmp, TEXT_BYTES);
    for (size_t i = 0; i < text.len; i++)
        buf_byte(&upper, text.ptr[i] >= 'a' && text.ptr[i] <= 'z'
                             ? (char)(text.ptr[i] - 'a' + 'A')
                             : text.ptr[i]);
    if (!ends_in(text, ".?!:"))
        buf_byte(&upper, '.');
    buf_byte(&b, '\n');
    alert_row(c, &b, S(""));
    alert_row(c, &b, buf_str(&upper));
    alert_row(c, &b, S(""));
    console_put(c, buf_str(&b));
    arena_close(&tmp);
}

/* === two columns === */

static size_t side_width(const struct console_side *s)
{
    return console_columns_of(s->lead) + console_columns_of(s->text) +
           console_columns_of(s->tail);
}

static void add_side(const struct console *c, struct buf *b, const struct console_side *s)
{
    console_styled(c, b, s->lead_style, s->lead);
    console_brackets(c, b, s->text);
    console_styled(c, b, s->tail_style, s->tail);
}

static struct console_side squeezed_side(struct arena *tmp, const struct console_side *s)
{
    struct console_side out = *s;
    out.lead = squeezed(tmp, str_sub(s->lead, 0, TEXT_BYTES));
    out.text = squeezed(tmp, str_sub(s->text, 0, TEXT_BYTES));
    return out;
}

void console_columns(struct console *c, const struct console_side *first,
                     const struct console_side *second)
{
    if (c->quiet)
        return;
    struct arena tmp = arena_open(ARENA_BYTES);
    struct console_side sides[] = {squeezed_side(&tmp, first),
                                   squeezed_side(&tmp, second)};
    const struct console_side *left = &sides[0], *right = &sides[1];
    struct buf b = buf_new(&tmp, 4 * TEXT_BYTES);
    size_t width = console_width();
    /* two blanks at each end, one on each side of the dots */
    size_t used = side_width(left) + side_width(right) + 6;
    width = width < WIDTH_MAX ? width : WIDTH_MAX;
    buf_add(&b, S("  "));
    add_side(c, &b, left);
    buf_byte(&b, ' ');
    /* Here all dots have their colours in common. */
    struct buf dots = buf_new(&tmp, WIDTH_MAX);
    for (size_t i = used; i < width; i++)
        buf_byte(&dots, '.');
    console_styled(c, &b, STYLE_GRAY, buf_str(&dots));
    buf_byte(&b, ' ');
    add_side(c, &b, right);
    buf_add(&b, S("  \n"));
    console_put(c, buf_str(&b));
    arena_close(&tmp);
}

void console_pair(struct console *c, struct str left, struct str right)
{
    console_columns(c, &(struct console_side){.text = left},
                    &(struct console_side){.text = right});
}

/* === progress === */

void console_progress(struct console *c, int64_t done, int64_t of)
{
    enum { BAR = 28 };
    char bar[BAR + 1];
    int64_t at = of > 0 ? done * BAR / of : BAR;
    for (int64_t i = 0; i < BAR; i++)
        bar[i] = i < at ? '=' : i == at ? '>' : '-';
    bar[BAR] = '\0';
    if (c->quiet)
        return;
    struct arena tmp = arena_open(ARENA_BYTES);
    console_put(c, str_fmt(&tmp, "\r %lld/%lld [%s] %3lld%%", (long long)done,
                           (long long)of, bar, (long long)(of ? done * 100 / of : 100)));
    arena_close(&tmp);
}

/* === tasks === */

static struct str task_runtime(const struct console *c, struct arena *tmp, int64_t us)
{
    if (!c->whole_ms)
        return console_runtime(c, tmp, us);
    struct buf b = buf_new(tmp, 64);
    thousands(&b, (us + 500) / 1000);
    buf_add(&b, S("ms"));
    return buf_str(&b);
}

void console_task(struct console *c, struct str text, int64_t us, bool done)
{
    if (c->quiet)
        return;
    struct arena tmp = arena_open(ARENA_BYTES);
    struct buf b = buf_new(&tmp, 4 * TEXT_BYTES);
    struct str took = task_runtime(c, &tmp, us);
    text = str_sub(text, 0, TEXT_BYTES);
    if (ends_in(text, ".?!:"))
        text.len--;
    text = relative(c, &tmp, text);
    size_t width = console_width(), used = str_utf8_len(text) + took.len + 11;
    width = width < WIDTH_MAX ? width : WIDTH_MAX;
    buf_add(&b, S("  "));
    console_brackets(c, &b, text);
    buf_byte(&b, ' ');
    console_dots(c, &b, width > used ? width - used : 0);
    console_styled(c, &b, STYLE_GRAY, str_fmt(&tmp, " %.*s", STR_ARG(took)));
    buf_byte(&b, ' ');
    console_styled(c, &b, done ? STYLE_GREEN_BOLD : STYLE_RED_BOLD,
                   done ? S("DONE") : S("FAIL"));
    buf_byte(&b, '\n');
    console_put(c, buf_str(&b));
    arena_close(&tmp);
}
