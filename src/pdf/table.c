/* table.c: widths of columns, places of cells, heights of rows, as dompdf has them: half
 * of border-spacing is the table's padding, half the cell's margin; collapsed borders are
 * half the table's, half the cell's. */
#include <math.h>
#include <string.h>

#include "pdf/layout.h"

/* The narrowest and widest width of every column where table-layout is fixed. */
#define FIXED_WIDTH 1e-9

/* === the distributor === */

static bool is_auto(const struct column *c)
{
    return c->absolute <= 0 && c->percent <= 0;
}

static bool is_percent(const struct column *c)
{
    return c->absolute <= 0 && c->percent > 0;
}

/* What the columns of each kind take together. */
struct kinds {
    double min, max;
    double absolute; /* minima of columns of a given width */
    double percent, percent_min;
    double auto_min;
    size_t autos, absolutes;
};

static struct kinds count_kinds(const struct column *c, size_t len)
{
    struct kinds k = {0};
    for (size_t i = 0; i < len; i++) {
        k.min += c[i].min;
        k.max += c[i].max;
        if (c[i].absolute > 0) {
            k.absolute += c[i].min;
            k.absolutes++;
        } else if (is_percent(&c[i])) {
            k.percent += c[i].percent;
            k.percent_min += c[i].min;
        } else {
            k.auto_min += c[i].min;
            k.autos++;
        }
    }
    return k;
}

/* share_autos: columns without a width share the room, between minimum and maximum by
 * the difference, above it by the maximum. */
static void share_autos(struct column *c, size_t len, const struct kinds *k, double width)
{
    double rest = k->max - k->absolute;
    for (size_t i = 0; i < len; i++) {
        c[i].used = c[i].min;
        if (!is_auto(&c[i]))
            continue;
        if (width < k->max)
            c[i].used += (width - k->min) * (c[i].max - c[i].min) / (k->max - k->min);
        else
            c[i].used = c[i].max + (width - k->max) * (rest > 0 ? c[i].max / rest
                                                                : 1 / (double)k->autos);
    }
}

static void share_absolutes(struct column *c, size_t len, const struct kinds *k,
                            double width)
{
    double more = width - k->absolute;
    for (size_t i = 0; i < len; i++)
        c[i].used = c[i].min + more * (k->absolute > 0 ? c[i].min / k->absolute
                                                       : 1 / (double)k->absolutes);
}

/* share_percents: those with a percentage come first, in order, each capped by what the
 * minima of the others leave; the rest goes to the autos in equal parts. */
static void share_percents(struct column *c, size_t len, const struct kinds *k,
                           double width)
{
    double scale = k->percent > 100 || !k->autos ? 100 / k->percent : 1;
    double used = k->auto_min + k->absolute, behind = k->percent_min;
    for (size_t i = 0; i < len; i++) {
        c[i].used = c[i].min;
        if (!is_percent(&c[i]))
            continue;
        behind -= c[i].min;
        double want = fmin(c[i].percent * scale * width / 100, width - used - behind);
        c[i].used = fmax(want, c[i].min);
        used += c[i].used;
    }
    for (size_t i = 0; i < len; i++)
        if (is_auto(&c[i]))
            c[i].used += (width - used) / (double)k->autos;
}

void columns_share(struct column *c, size_t len, double width)
{
    struct kinds k = count_kinds(c, len);
    for (size_t i = 0; i < len; i++)
        c[i].used = width == k.max ? c[i].max : c[i].min;
    if (width == k.max || !(width > k.min))
        return;
    if (k.percent > 0)
        share_percents(c, len, &k, width);
    else if (k.autos)
        share_autos(c, len, &k, width);
    else
        share_absolutes(c, len, &k, width);
}

/* === collapsed borders === */

/* The lines of the grid: `across` lie above each row, `down` left of each column. */
struct grid {
    struct box *table;
    size_t rows, columns;
    struct border *across, *down;
    bool *across_set, *down_set;
};

static struct border *across(struct grid *g, size_t row, size_t column)
{
    return &g->across[row * g->columns + column];
}

static struct border *down(struct grid *g, size_t row, size_t column)
{
    return &g->down[row * (g->columns + 1) + column];
}

/* contend: the wider border wins; of equal ones that which came first. */
static void contend(struct border *at, bool *set, struct border b)
{
    if (!*set || b.width > at->width)
        *at = b;
    *set = true;
}

static struct border own(const struct style *s, enum side side)
{
    struct border b = s->border[side];
    if (!b.coloured)
        b.colour = s->colour;
    b.coloured = true;
    return b;
}

/* contend_around brings the borders of what fills rows [row, row + rows) of the columns
 * [column, column + columns) into the grid. */
static void contend_around(struct grid *g, const struct style *s, size_t row, size_t rows,
                           size_t column, size_t columns)
{
    for (size_t i = row; i < row + rows && i < g->rows; i++) {
        size_t left = i * (g->columns + 1) + column;
        contend(&g->down[left], &g->down_set[left], own(s, LEFT));
        contend(&g->down[left + columns], &g->down_set[left + columns], own(s, RIGHT));
    }
    size_t below = row + rows < g->rows ? row + rows : g->rows;
    for (size_t i = column; i < column + columns; i++) {
        size_t top = row * g->columns + i, bottom = below * g->columns + i;
        contend(&g->across[top], &g->across_set[top], own(s, TOP));
        contend(&g->across[bottom], &g->across_set[bottom], own(s, BOTTOM));
    }
}

static size_t group_size(const struct box *table, size_t first)
{
    size_t n = 1;
    while (first + n < table->kids_len &&
           table->kids[first + n]->group == table->kids[first]->group)
        n++;
    return n;
}

static void fill_grid(struct grid *g)
{
    const struct box *table = g->table;
    for (size_t first = 0, n; first < table->kids_len; first += n) {
        n = group_size(table, first);
        for (size_t r = first; r < first + n; r++) {
            const struct box *row = table->kids[r];
            for (size_t i = 0; i < row->cells_len; i++) {
                const struct cell *c = &row->cells[i];
                contend_around(g, c->box->style, r, (size_t)c->rows, (size_t)c->column,
                               (size_t)c->span);
            }
            contend_around(g, row->style, r, 1, 0, g->columns);
        }
        const struct node *group = table->kids[first]->node->parent;
        if (group != table->node)
            contend_around(g, group->computed, first, n, 0, g->columns);
    }
    contend_around(g, table->style, 0, g->rows, 0, g->columns);
}

static void widest(struct border *out, const struct border *b)
{
    if (b->width > out->width)
        *out = *b;
}

struct area { /* rows and columns of a grid that a box takes; to: behind the last */
    size_t row, row_to, column, column_to;
};

static struct area area_of(const struct grid *g, size_t row, const struct cell *c)
{
    size_t below = row + (size_t)c->rows, column = (size_t)c->column;
    return (struct area){row, below < g->rows ? below : g->rows, column,
                         column + (size_t)c->span};
}

/* halve gives a box half of the borders that won around it. */
static void halve(struct layout *l, struct grid *g, struct box *b, struct area a)
{
    struct border *s = NEW(l->perm, struct border, 4);
    b->shown = s;
    s[TOP] = *across(g, a.row, a.column);
    s[BOTTOM] = *across(g, a.row_to, a.column);
    s[LEFT] = *down(g, a.row, a.column);
    s[RIGHT] = *down(g, a.row, a.column_to);
    for (size_t i = a.column; i < a.column_to; i++) {
        widest(&s[TOP], across(g, a.row, i));
        widest(&s[BOTTOM], across(g, a.row_to, i));
    }
    for (size_t i = a.row; i < a.row_to; i++) {
        widest(&s[LEFT], down(g, i, a.column));
        widest(&s[RIGHT], down(g, i, a.column_to));
    }
    for (enum side i = TOP; i <= LEFT; i++)
        s[i].width /= 2;
}

static void grid_new(struct layout *l, struct grid *g)
{
    size_t lines = (g->rows + 1) * (g->columns + 1);
    g->across = NEW(l->perm, struct border, lines);
    g->down = NEW(l->perm, struct border, lines);
    g->across_set = NEW(l->perm, bool, lines);
    g->down_set = NEW(l->perm, bool, lines);
}

static void collapse_borders(struct layout *l, struct box *table, size_t columns)
{
    struct grid g = {.table = table, .rows = table->kids_len, .columns = columns};
    if (!g.rows || !columns)
        return;
    grid_new(l, &g);
    fill_grid(&g);
    for (size_t r = 0; r < g.rows; r++)
        for (size_t i = 0; i < table->kids[r]->cells_len; i++) {
            struct cell *c = &table->kids[r]->cells[i];
            halve(l, &g, c->box, area_of(&g, r, c));
        }
    halve(l, &g, table, (struct area){0, g.rows, 0, columns});
    table->lent_borders = true;
}

/* === columns === */

double table_spacing(const struct box *table)
{
    return table->style->collapse ? 0 : table->style->spacing;
}

static double edges(const struct box *b)
{
    return b->pl + b->pr + b->bl + b->br;
}

static bool is_fixed(const struct box *table)
{
    return table->style->table_fixed && table->style->width.unit != LENGTH_AUTO;
}

/* note_cell widens the columns that a cell stands in. What spans several columns adds to
 * their maxima only. */
static void note_cell(struct layout *l, struct column *at, const struct cell *c,
                      bool fixed)
{
    double min = 0, max = FIXED_WIDTH, have = 0;
    const struct length wish = c->box->style->width;
    if (!fixed)
        box_extent(l, c->box, &min, &max);
    for (int i = 0; i < c->span; i++)
        have += at[i].max;
    if (c->span == 1 && wish.unit == LENGTH_PERCENT)
        at->percent = fmax(at->percent, wish.value);
    if (c->span == 1 && wish.unit == LENGTH_PT)
        at->absolute = fmax(at->absolute, min);
    if (c->span == 1)
        at->min = fmax(at->min, min);
    for (int i = 0; i < c->span && max > have; i++)
        at[i].max += fixed ? FIXED_WIDTH : (max - have) / c->span;
}

static size_t count_columns(const struct box *table)
{
    size_t n = 0;
    for (size_t r = 0; r < table->kids_len; r++)
        for (size_t i = 0; i < table->kids[r]->cells_len; i++) {
            const struct cell *c = &table->kids[r]->cells[i];
            n = (size_t)(c->column + c->span) > n ? (size_t)(c->column + c->span) : n;
        }
    return n;
}

/* measure_columns does once what widths are made from. */
static void measure_columns(struct layout *l, struct box *table)
{
    if (table->columns)
        return;
    table->columns_len = count_columns(table);
    table->columns = NEW(l->perm, struct column, table->columns_len + 1);
    double half = table_spacing(table) / 2;
    if (table->style->collapse)
        collapse_borders(l, table, table->columns_len);
    for (size_t r = 0; r < table->kids_len; r++)
        for (size_t i = 0; i < table->kids[r]->cells_len; i++) {
            const struct cell *c = &table->kids[r]->cells[i];
            c->box->ml = c->box->mr = c->box->mt0 = c->box->mb0 = half;
            if (r == 0 || !is_fixed(table))
                note_cell(l, table->columns + c->column, c, is_fixed(table));
        }
    for (size_t i = 0; i < table->columns_len; i++)
        if (table->columns[i].absolute > 0)
            table->columns[i].max = table->columns[i].min;
}

/* table_edges: what of a table's width is not its columns'. */
static double table_edges(const struct box *table)
{
    return edges(table) + table_spacing(table);
}

void table_extent(struct layout *l, struct box *table, double *min, double *max)
{
    measure_columns(l, table);
    box_edges(table, 0);
    struct kinds k = count_kinds(table->columns, table->columns_len);
    double outer = table_edges(table) + table->ml + table->mr;
    *min = k.min + outer;
    *max = k.max + outer;
}

static double table_width(const struct box *table, double containing)
{
    struct kinds k = count_kinds(table->columns, table->columns_len);
    double delta = table_edges(table);
    double least = length_used(table->style->min_width, containing) - delta;
    struct length w = table->style->width;
    if (w.unit != LENGTH_AUTO)
        return fmax(fmax(length_used(w, containing) - delta, least), k.min);
    double width = k.max + delta < containing   ? k.max
                   : containing - delta > k.min ? containing - delta
                                                : k.min;
    return fmax(width, least);
}

/* === rows === */

double table_beyond(const struct box *table, size_t row)
{
    double height = 0;
    for (size_t i = 0; i < table->beyond_len && table->kids_len + i < row; i++)
        height += table->beyond[i];
    return height;
}

/* raise makes a row as high as a cell needs it; it may be one that is not there. */
static void raise(struct layout *l, struct box *table, size_t row, double height)
{
    if (row < table->kids_len) {
        table->kids[row]->height = fmax(table->kids[row]->height, height);
        return;
    }
    if (!table->beyond)
        table->beyond = NEW(l->perm, double, SPAN_MAX);
    size_t i = row - table->kids_len;
    table->beyond[i] = fmax(table->beyond[i], height);
    table->beyond_len = i + 1 > table->beyond_len ? i + 1 : table->beyond_len;
}

/* cell_share is a cell's part of the height of each row that it stands in. */
static double cell_share(const struct cell *c)
{
    const struct box *b = c->box;
    double height = fmax(c->height, length_used(b->style->height, 0));
    return height / c->rows + b->mt + b->bt + b->pt + b->pb + b->bb + b->mb;
}

/* lay_cell lays a cell out in its columns, from 0 on. */
static void lay_cell(struct layout *l, struct cell *c)
{
    box_widths(l, c->box, c->x, c->width);
    flow_measure(l, c->box, 0);
    c->height = c->box->height;
}

static void lay_rows(struct layout *l, struct box *table)
{
    const struct column *columns = table->columns;
    double *x = NEW(l->perm, double, table->columns_len + 1);
    x[0] = table->x;
    for (size_t i = 0; i < table->columns_len; i++)
        x[i + 1] = x[i] + columns[i].used;
    for (size_t r = 0; r < table->kids_len; r++) {
        struct box *row = table->kids[r];
        row->x = table->x;
        row->width = table->width;
        for (size_t i = 0; i < row->cells_len; i++) {
            struct cell *c = &row->cells[i];
            c->x = x[c->column];
            c->width = x[c->column + c->span] - c->x;
            lay_cell(l, c);
            for (size_t n = r; n < r + (size_t)c->rows; n++)
                raise(l, table, n, cell_share(c));
        }
    }
}

/* auto_margins centres a table, or moves it to the right. */
static void auto_margins(struct box *table, double containing)
{
    bool left = table->style->margin[LEFT].unit == LENGTH_AUTO;
    bool right = table->style->margin[RIGHT].unit == LENGTH_AUTO;
    double room = containing - table->width - edges(table);
    if (left && right)
        table->ml = fmax(0, room / 2);
    else if (left)
        table->ml = fmax(0, room - table->mr);
}

void table_layout(struct layout *l, struct box *table, double containing)
{
    measure_columns(l, table);
    box_edges(table, containing);
    table->width = table_width(table, containing);
    columns_share(table->columns, table->columns_len, table->width);
    double half = table_spacing(table) / 2;
    table->pl += half;
    table->pr += half;
    table->pt0 += half;
    table->pb0 += half;
    auto_margins(table, containing);
    table->x += table->ml + table->bl + table->pl;
    for (size_t r = 0; r < table->kids_len; r++)
        table->kids[r]->height = 0;
    lay_rows(l, table);
}

/* contend_top brings in what counts where a table goes on: its head, and the row below
 * it; not the table's own border nor that of a group's part, which are cut there. */
static void contend_top(struct grid *g)
{
    for (size_t r = 0; r < g->rows; r++) {
        const struct box *row = g->table->kids[r];
        for (size_t i = 0; i < row->cells_len; i++) {
            const struct cell *c = &row->cells[i];
            contend_around(g, c->box->style, r, (size_t)c->rows, (size_t)c->column,
                           (size_t)c->span);
        }
        contend_around(g, row->style, r, 1, 0, g->columns);
        const struct node *group = row->node->parent;
        bool begins = row->header ? r == 0 : row->group == row;
        size_t rows = row->header ? g->rows - 1 : 1;
        if (begins && group != g->table->node)
            contend_around(g, group->computed, r, rows, 0, g->columns);
    }
}

/* resume_cell gives a cell the lines above it and, in a head, below it. */
static void resume_cell(struct layout *l, struct grid *g, struct cell *c, size_t row)
{
    struct box *b = c->box;
    struct border all[4];
    memcpy(all, b->shown, sizeof(all));
    halve(l, g, b, area_of(g, row, c));
    struct border *s = NEW(l->perm, struct border, 4);
    memcpy(s, all, sizeof(all));
    s[TOP] = b->shown[TOP];
    if (row + 1 < g->rows)
        s[BOTTOM] = b->shown[BOTTOM];
    b->shown = s;
    b->bt0 = s[TOP].width;
    b->bb = s[BOTTOM].width;
    flow_measure(l, b, 0);
}

void table_resume(struct layout *l, struct box *table)
{
    struct grid g = {.table = table, .rows = 1, .columns = table->columns_len};
    while (g.rows < table->kids_len && table->kids[g.rows - 1]->header)
        g.rows++;
    grid_new(l, &g);
    contend_top(&g);
    table->bt0 = 0;
    for (size_t r = 0; r < g.rows; r++) {
        struct box *row = table->kids[r];
        row->height = 0;
        for (size_t i = 0; i < row->cells_len; i++) {
            resume_cell(l, &g, &row->cells[i], r);
            row->height = fmax(row->height, cell_share(&row->cells[i]));
            if (r == 0)
                table->bt0 = fmax(table->bt0, row->cells[i].box->bt0);
        }
    }
    table->bt = table->bt0;
}
