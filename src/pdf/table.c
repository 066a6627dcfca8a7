/* table.c: widths of columns and places of cells (separate borders: half the spacing is
 * the table's padding, half the cell's margin). */
#include <math.h>

#include "pdf/pdf_imp.h"

enum { COLUMNS_MAX = 1000 };

/* === the distributor === */

static double sum(const struct column *c, size_t len, char which)
{
    double total = 0;
    for (size_t i = 0; i < len; i++)
        total += which == 'm' ? c[i].min : which == 'M' ? c[i].max : c[i].used;
    return total;
}

/* auto_columns shares the room among columns without a wish: between minimum and maximum
 * in proportion to the difference, above it in proportion to the maximum. */
static void auto_columns(struct column *c, size_t len, double room)
{
    double min = 0, max = 0;
    for (size_t i = 0; i < len; i++)
        if (c[i].wish.unit == LENGTH_AUTO) {
            min += c[i].min;
            max += c[i].max;
        }
    for (size_t i = 0; i < len; i++) {
        if (c[i].wish.unit != LENGTH_AUTO)
            continue;
        if (room <= min)
            c[i].used = c[i].min;
        else if (near_equal(room, max))
            c[i].used = c[i].max;
        else if (room < max)
            c[i].used = c[i].min + (room - min) * (c[i].max - c[i].min) / (max - min);
        else
            c[i].used = max > 0 ? room * c[i].max / max : room / (double)len;
    }
}

static void fixed_columns(struct column *c, size_t len)
{
    for (size_t i = 0; i < len; i++)
        c[i].used =
            c[i].wish.unit == LENGTH_PT ? fmax(c[i].wish.value, c[i].min) : c[i].min;
}

static void percent_columns(struct column *c, size_t len, double width)
{
    double percent = 0, scale;
    size_t autos = 0;
    fixed_columns(c, len);
    for (size_t i = 0; i < len; i++) {
        percent += c[i].wish.unit == LENGTH_PERCENT ? c[i].wish.value : 0;
        autos += c[i].wish.unit == LENGTH_AUTO;
    }
    bool fixed = false;
    for (size_t i = 0; i < len; i++)
        fixed = fixed || c[i].wish.unit == LENGTH_PT;
    scale = percent > 100 || (!autos && !fixed) ? 100 / percent : 1;
    for (size_t i = 0; i < len; i++) {
        if (c[i].wish.unit != LENGTH_PERCENT)
            continue;
        double room = width - (sum(c, len, 'u') - c[i].used);
        c[i].used = fmin(fmax(c[i].wish.value * scale * width / 100, c[i].min),
                         fmax(room, c[i].min));
    }
    double left = width - sum(c, len, 'u');
    for (size_t i = 0; i < len && autos && left > 0; i++)
        if (c[i].wish.unit == LENGTH_AUTO)
            c[i].used += left / (double)autos;
}

void columns_share(struct column *c, size_t len, double width)
{
    bool percent = false, any_auto = false;
    double fixed = 0;
    for (size_t i = 0; i < len; i++) {
        percent = percent || c[i].wish.unit == LENGTH_PERCENT;
        any_auto = any_auto || c[i].wish.unit == LENGTH_AUTO;
        c[i].used = c[i].min;
    }
    if (width <= sum(c, len, 'm'))
        return;
    if (percent) {
        percent_columns(c, len, width);
        return;
    }
    fixed_columns(c, len);
    for (size_t i = 0; i < len; i++)
        if (c[i].wish.unit == LENGTH_PT)
            fixed += c[i].used;
    if (any_auto)
        auto_columns(c, len, width - fixed);
    else
        for (size_t i = 0; i < len && fixed > 0; i++)
            c[i].used *= width / fixed;
}

/* === a table's columns === */

static double edges(const struct box *b)
{
    return b->pl + b->pr + b->bl + b->br;
}

static size_t count_columns(const struct box *table)
{
    size_t n = 0;
    for (size_t r = 0; r < table->kids_len; r++)
        for (size_t i = 0; i < table->kids[r]->cells_len; i++) {
            const struct cell *c = &table->kids[r]->cells[i];
            size_t end = (size_t)(c->column + c->span);
            n = end > n ? end : n;
        }
    return n < COLUMNS_MAX ? n : COLUMNS_MAX;
}

/* note_cell widens the columns that a cell stands in. */
static void note_cell(struct layout *l, struct column *columns, size_t len,
                      const struct box *table, struct cell *c)
{
    double min, max, have_min = 0, have_max = 0;
    if ((size_t)(c->column + c->span) > len)
        return;
    struct length wish = c->box->style->width;
    box_widths(l, c->box, 0, 0);
    box_extent(l, c->box, &min, &max);
    min += table->style->spacing;
    max += table->style->spacing;
    struct column *at = columns + c->column;
    for (int i = 0; i < c->span; i++) {
        have_min += at[i].min;
        have_max += at[i].max;
    }
    for (int i = 0; i < c->span; i++) {
        at[i].min += fmax(0, min - have_min) / c->span;
        at[i].max += fmax(0, max - have_max) / c->span;
    }
    if (c->span > 1 || wish.unit == LENGTH_AUTO)
        return;
    if (wish.unit == LENGTH_PT) /* of the content */
        wish.value += edges(c->box) + table->style->spacing;
    if (at->wish.unit == LENGTH_AUTO || wish.value > at->wish.value)
        at->wish = wish;
}

static struct column *columns_of(struct layout *l, struct box *table, size_t *len)
{
    *len = count_columns(table);
    struct column *c = NEW(l->perm, struct column, *len);
    for (size_t r = 0; r < table->kids_len; r++)
        for (size_t i = 0; i < table->kids[r]->cells_len; i++)
            note_cell(l, c, *len, table, &table->kids[r]->cells[i]);
    for (size_t i = 0; i < *len; i++)
        c[i].max = fmax(c[i].max, c[i].min);
    return c;
}

void table_extent(struct layout *l, struct box *table, double *min, double *max)
{
    size_t len;
    const struct column *c = columns_of(l, table, &len);
    *min = sum(c, len, 'm') + table->style->spacing;
    *max = sum(c, len, 'M') + table->style->spacing;
}

static double table_width(const struct box *table, const struct column *c, size_t len,
                          double containing)
{
    double outer = table->ml + table->mr + edges(table);
    double room = containing - outer, min = sum(c, len, 'm'), max = sum(c, len, 'M');
    struct length w = table->style->width;
    if (w.unit == LENGTH_PERCENT)
        return fmax(containing * w.value / 100 - outer, min);
    if (w.unit == LENGTH_PT)
        return fmax(w.value - table->style->spacing, min);
    return max < room ? max : fmax(room, min);
}

/* place_row places the cells of a row; their contents are laid out from 0 on. */
static void place_row(struct layout *l, struct box *table, struct box *row,
                      const struct column *columns, size_t len)
{
    double half = table->style->spacing / 2;
    row->x = table->x;
    row->width = table->width;
    row->height = 0;
    for (size_t i = 0; i < row->cells_len; i++) {
        struct cell *c = &row->cells[i];
        double x = table->x, width = 0;
        if ((size_t)(c->column + c->span) > len)
            continue;
        for (int n = 0; n < c->column; n++)
            x += columns[n].used;
        for (int n = 0; n < c->span; n++)
            width += columns[c->column + n].used;
        c->x = x + half;
        c->width = width - table->style->spacing;
        box_widths(l, c->box, c->x, c->width);
        c->height = flow_measure(l, c->box, 0);
        row->height = fmax(row->height, c->height + table->style->spacing);
    }
}

void table_layout(struct layout *l, struct box *table, double containing)
{
    size_t len;
    double half = table->style->spacing / 2;
    table->pl += half;
    table->pr += half;
    table->pt0 += half;
    table->pb0 += half;
    struct column *c = columns_of(l, table, &len);
    table->width = table_width(table, c, len, containing);
    columns_share(c, len, table->width);
    table->width = fmax(table->width, sum(c, len, 'u'));
    if (table->style->margin[LEFT].unit == LENGTH_AUTO) {
        double room = containing - table->width - edges(table);
        bool both = table->style->margin[RIGHT].unit == LENGTH_AUTO;
        table->ml = fmax(0, both ? room / 2 : room - table->mr);
    }
    table->x += table->ml + table->bl + table->pl;
    for (size_t r = 0; r < table->kids_len; r++)
        place_row(l, table, table->kids[r], c, len);
}
