/* box.c: messages as Laravel's console prints them; all of them go to stdout. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/worker.h"

enum { DEFAULT_WIDTH = 80, BOX_MARGIN = 5 };

static size_t box_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    int64_t n;
    if (columns && str_to_i64(str_trim(str_from(columns)), &n) && n > 2 * BOX_MARGIN)
        return (size_t)n - BOX_MARGIN;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 2 * BOX_MARGIN)
        return size.ws_col - (size_t)BOX_MARGIN;
    return DEFAULT_WIDTH - BOX_MARGIN;
}

/* cut_columns returns the first `width` characters of s. */
static struct str cut_columns(struct str s, size_t width)
{
    size_t at = 0;
    for (size_t n = 0; n < width && at < s.len; n++)
        str_utf8(s, &at);
    return str_sub(s, 0, at);
}

static bool colours(const struct invocation *in)
{
    const char *none = getenv("NO_COLOR");
    if (in->ansi)
        return in->ansi > 0;
    return !(none && none[0]) && isatty(STDOUT_FILENO);
}

static void row(bool colour, struct str text, size_t width)
{
    int pad = (int)(width - str_utf8_len(text));
    printf("%s  %.*s%*s  %s\n", colour ? "\033[37;41m" : "", STR_ARG(text), pad, "",
           colour ? "\033[39;49m" : "");
}

void print_box(const struct invocation *in, const struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    struct str rows[64];
    size_t n = 0, widest = 0, max = box_width();
    err_print(e, text, sizeof(text));
    struct cut line = {.tail = str_from(text), .ok = true};
    while (line.ok && n < COUNT(rows)) {
        line = str_cut(line.tail, '\n');
        struct str left = line.head;
        do {
            rows[n] = cut_columns(left, max);
            left = str_skip(left, rows[n].len);
            size_t width = str_utf8_len(rows[n++]);
            widest = width > widest ? width : widest;
        } while (left.len && n < COUNT(rows));
    }
    bool colour = colours(in);
    printf("\n");
    row(colour, S(""), widest);
    for (size_t i = 0; i < n; i++)
        row(colour, rows[i], widest);
    row(colour, S(""), widest);
    printf("\n");
}

void print_info(const struct invocation *in, const char *level, struct str text)
{
    if (in->verbosity < 0)
        return;
    const char *style = strcmp(level, "WARN") == 0    ? "\033[30;43m"
                        : strcmp(level, "ERROR") == 0 ? "\033[37;41m"
                                                      : "\033[37;44m";
    bool colour = colours(in);
    bool ends = text.len && strchr(".?!:", text.ptr[text.len - 1]);
    printf("\n  %s %s %s %.*s%s  \n\n", colour ? style : "", level,
           colour ? "\033[39;49m" : "", STR_ARG(text), ends ? "" : ".");
}
