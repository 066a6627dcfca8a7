/* console: how Laravel's console writes: blocks, two columns, task lines, colours,
 * widths.
 *
 * Everything goes to standard output with one write(2) per piece, so that processes do
 * not mix their lines. A block keeps one blank line between itself and what was printed
 * before it; `newlines` remembers how that ended.
 */
#ifndef FACTEUR_CONSOLE_H
#define FACTEUR_CONSOLE_H

#include "facteur/base.h"

enum console_colours { COLOUR_AUTO, COLOUR_ON, COLOUR_OFF };

struct console {
    bool quiet, colour;
    int verbosity;   /* 1 for -v, … */
    bool plain;      /* Laravel 8: a coloured line in place of each block */
    bool short_ms;   /* Laravel before 10: a runtime is told in milliseconds always */
    bool whole_ms;   /* Laravel 9 and 10: that of a task in whole ones */
    int language;    /* of runtimes of more than a second */
    int newlines;    /* that end what was written last */
    struct str base; /* the app's folder, which texts leave out; empty: unknown */
};

/* console_open asks the terminal and NO_COLOR. verbosity -1: quiet. */
struct console console_open(enum console_colours colours, int verbosity);

/* console_laravel has it print as that major version does, in an app of that locale:
 * runtimes have Carbon's short units, in English, French, Dutch and German. */
void console_laravel(struct console *c, int major, struct str locale);

/* console_width follows Symfony: COLUMNS, then the terminal itself, then 80. */
size_t console_width(void);

/* === pieces of a line === */

/* As Symfony's console writes them. */
enum console_style {
    STYLE_PLAIN,
    STYLE_GRAY,
    STYLE_BLUE,
    STYLE_GREEN,
    STYLE_YELLOW,
    STYLE_GREEN_BOLD,
    STYLE_YELLOW_BOLD,
    STYLE_RED_BOLD,
    STYLE_BOLD,
    STYLE_INFO,  /* white on blue */
    STYLE_WARN,  /* black on yellow */
    STYLE_ERROR, /* white on red */
};

void console_styled(const struct console *c, struct buf *b, enum console_style style,
                    struct str text);

/* console_dots: each dot has colours of its own in Laravel's output. */
void console_dots(const struct console *c, struct buf *b, size_t n);

/* console_runtime returns "4.79ms"; above a second whole units, as "1m 1s". */
struct str console_runtime(const struct console *c, struct arena *perm, int64_t us);

/* === what commands print === */

/* console_put writes the bytes as they are. Nobody who reads is no error. */
void console_put(struct console *c, struct str bytes);

/* console_newline writes an empty line's end; not when quiet. */
void console_newline(struct console *c);

/* console_line writes a text in a style, and ends the line; not when quiet. */
void console_line(struct console *c, enum console_style style, struct str text);

/* console_block writes an information block; level "INFO", "WARN" or "ERROR". */
void console_block(struct console *c, const char *level, struct str text);

/* console_alert writes a text on a yellow bar (Laravel 8: in a frame of asterisks). */
void console_alert(struct console *c, struct str text);

/* A side of a two-column line: `lead` in its style, then `text`, whose brackets are bold,
 * then `tail` in its style. */
struct console_side {
    struct str lead, text, tail;
    enum console_style lead_style, tail_style;
};

void console_columns(struct console *c, const struct console_side *first,
                     const struct console_side *second);

/* console_pair is console_columns of two plain texts. */
void console_pair(struct console *c, struct str left, struct str right);

/* console_table writes rows of `cols` cells in a frame, as Symfony's table helper does;
 * the first row holds the headers. */
void console_table(struct console *c, const struct str *cells, size_t rows, size_t cols);

/* console_progress draws the bar anew, in the line it stands in. */
void console_progress(struct console *c, int64_t done, int64_t of);

/* console_task writes the line of a task that is over: its text, its runtime, how it
 * ended. */
void console_task(struct console *c, struct str text, int64_t us, bool done);

#endif
