/* box.c: messages as Laravel's console prints them; all of them go to stdout. */
#include <stdio.h>

#include "cli/cli_imp.h"

enum { DEFAULT_WIDTH = 80, BOX_MARGIN = 5 };

static size_t box_width(void)
{
    size_t width = console_width();
    return width > 2 * BOX_MARGIN ? width - BOX_MARGIN : DEFAULT_WIDTH - BOX_MARGIN;
}

struct str cut_columns(struct str s, size_t width)
{
    size_t at = 0;
    for (size_t n = 0; n < width && at < s.len; n++)
        str_utf8(s, &at);
    return str_sub(s, 0, at);
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
    bool colour = in->console.colour;
    printf("\n");
    row(colour, S(""), widest);
    for (size_t i = 0; i < n; i++)
        row(colour, rows[i], widest);
    row(colour, S(""), widest);
    printf("\n");
}

void print_info(struct invocation *in, const char *level, struct str text)
{
    console_block(&in->console, level, text);
}
