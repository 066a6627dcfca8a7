/* table.c: rows in a frame, as Symfony's table helper draws them. */
#include "console/console_imp.h"

enum { TABLE_BYTES = 64 << 20, ROW_BYTES = 256 << 10 };

struct table {
    const struct str *cells;
    size_t rows, cols;
    size_t *widths;
};

static void rule(const struct table *t, struct buf *b)
{
    for (size_t col = 0; col < t->cols; col++) {
        buf_byte(b, '+');
        for (size_t i = 0; i < t->widths[col] + 2; i++)
            buf_byte(b, '-');
    }
    buf_add(b, S("+\n"));
}

static void table_row(const struct console *c, const struct table *t, size_t row,
                      struct buf *b)
{
    for (size_t col = 0; col < t->cols; col++) {
        struct str cell = t->cells[row * t->cols + col];
        buf_add(b, S("| "));
        console_styled(c, b, row ? STYLE_PLAIN : STYLE_GREEN, cell);
        for (size_t i = str_utf8_len(cell); i <= t->widths[col]; i++)
            buf_byte(b, ' ');
    }
    buf_add(b, S("|\n"));
}

void console_table(struct console *c, const struct str *cells, size_t rows, size_t cols)
{
    if (c->quiet)
        return;
    struct arena tmp = arena_open(TABLE_BYTES);
    struct table t = {cells, rows, cols, NEW(&tmp, size_t, cols)};
    for (size_t i = 0; i < rows * cols; i++) {
        size_t width = str_utf8_len(cells[i]);
        if (width > t.widths[i % cols])
            t.widths[i % cols] = width;
    }
    for (size_t row = 0; row < rows; row++) {
        char *mark = arena_mark(&tmp);
        struct buf b = buf_new(&tmp, ROW_BYTES);
        if (row < 2)
            rule(&t, &b);
        table_row(c, &t, row, &b);
        if (row + 1 == rows)
            rule(&t, &b);
        console_put(c, buf_str(&b));
        arena_release(&tmp, mark);
    }
    arena_close(&tmp);
}
