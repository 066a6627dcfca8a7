/* box.c: elements → boxes. Text and inline elements between blocks become boxes of lines
 * of their own. */
#include <ctype.h>

#include "facteur/php.h"
#include "pdf/box.h"

struct building {
    struct source *source;
    struct arena *perm;
    struct error *e;
};

typedef VEC(struct box *) box_list;

static struct box *new_box(struct building *b, enum box_kind kind, const struct node *n,
                           const struct style *s, struct box *parent)
{
    struct box *x = NEW(b->perm, struct box, 1);
    x->kind = kind;
    x->node = n;
    x->style = s;
    x->touched = true;
    x->shown = s->border;
    x->parent = parent;
    x->avoid_inside = s->inside == BREAK_AVOID && kind != BOX_LINES;
    x->avoid_after = s->after == BREAK_AVOID && kind != BOX_LINES;
    return x;
}

static bool is_block(const struct node *n)
{
    enum display d = n->computed->display;
    if (n->computed->float_side != FLOAT_NONE)
        return false; /* it stands among the texts of its block */
    return d == DISPLAY_BLOCK || d == DISPLAY_LIST_ITEM || d == DISPLAY_TABLE;
}

/* === text === */

/* capitalized raises the first letter, and each behind one of these signs. */
static void capitalized(struct buf *out, struct str s)
{
    bool raise = true;
    for (size_t at = 0, from = 0; at < s.len; from = at) {
        uint32_t c = str_utf8(s, &at);
        struct str letter = str_sub(s, from, at - from);
        if (raise)
            php_letters(out, letter, PHP_UPPER);
        else
            buf_add(out, letter);
        raise = c == ' ' || c == '.' || c == ',' || c == '!' || c == '?' || c == '-' ||
                c == '+';
    }
}

static struct str transformed(struct building *b, struct str s, enum transform t)
{
    struct buf out = buf_new(b->perm, HTML_MAX);
    if (t == TRANSFORM_NONE)
        return s;
    if (t == TRANSFORM_CAPITALIZE)
        capitalized(&out, s);
    else
        php_letters(&out, s, t == TRANSFORM_UPPER ? PHP_UPPER : PHP_LOWER);
    return buf_str(&out);
}

/* collapsed makes one blank of each stretch of white space within one text. */
static struct str collapsed(struct building *b, struct str s)
{
    char *out = NEW(b->perm, char, s.len + 1);
    size_t len = 0;
    for (size_t at = 0, from = 0; at < s.len; from = at) {
        bool blank = run_breaking_space(str_utf8(s, &at));
        if (blank && len && out[len - 1] == ' ')
            continue;
        if (blank)
            out[len++] = ' ';
        for (size_t i = from; i < at && !blank; i++)
            out[len++] = s.ptr[i];
    }
    return (struct str){out, len};
}

/* A place in inline content: which inline child of the block it is in, if any. */
struct inside {
    struct box *lines;
    const struct style *outer;   /* NULL: directly in the block */
    bool head;                   /* the next run begins a child of the block */
    bool cell;                   /* the parent is a cell */
    const struct own_chars *own; /* of the text at hand */
};

static struct run *add_run(struct building *b, struct inside *in, enum run_kind kind,
                           const struct style *s)
{
    struct run *r = NEW(b->perm, struct run, 1);
    struct box *lines = in->lines;
    *r = (struct run){
        .kind = kind, .style = s, .outer = in->outer, .cell = in->cell, .own = in->own};
    r->head = in->head || !in->outer;
    in->head = false;
    r->prev = lines->last_run;
    *(r->prev ? &r->prev->next : &lines->first_run) = r;
    lines->last_run = r;
    return r;
}

/* add_text makes runs of a text; at forced line breaks it is cut. */
static void add_text(struct building *b, struct inside *in, struct str text,
                     const struct style *s)
{
    bool keep = s->space == SPACE_PRE || s->space == SPACE_PRE_WRAP;
    bool newlines = keep || s->space == SPACE_PRE_LINE;
    text = transformed(b, text, s->transform);
    while (newlines && text.len) {
        struct cut line = str_cut(text, '\n');
        struct run *r = NULL;
        if (line.head.len) {
            r = add_run(b, in, RUN_TEXT, s);
            r->text = keep ? line.head : collapsed(b, line.head);
        }
        if (line.ok) {
            struct run *end = add_run(b, in, RUN_BREAK, s);
            end->head = end->head && !r;
            in->head = true;
        }
        text = line.tail;
    }
    if (newlines)
        return;
    text = collapsed(b, text);
    if (text.len)
        add_run(b, in, RUN_TEXT, s)->text = text;
}

static bool build_block(struct building *b, struct node *n, struct box *parent,
                        box_list *out);

static bool add_inline(struct building *b, struct inside *in, struct node *n,
                       const struct style *s);

/* add_element adds an inline element's children. Its edges stand beside its first and
 * its last text. */
static bool add_element(struct building *b, struct inside *in, struct node *n)
{
    struct run *before = in->lines->last_run;
    for (struct node *k = n->first; k; k = k->next)
        if (!add_inline(b, in, k, n->computed))
            return false;
    struct run *first = before ? before->next : in->lines->first_run;
    if (first && n->first && !n->first->tag.len)
        first->left_of = n->computed;
    if (first && n->last && !n->last->tag.len)
        in->lines->last_run->right_of = n->computed;
    return true;
}

/* add_float: dompdf floats only what is a child of a block. */
static bool add_float(struct building *b, struct inside *in, struct node *n)
{
    box_list made = {0};
    if (in->outer) {
        source_find(b->source, FINDING_ERROR, n->at,
                    "float of <%.*s> inside an inline element – not supported",
                    STR_ARG(n->tag));
        return true;
    }
    if (!build_block(b, n, NULL, &made))
        return false;
    struct run *r = add_run(b, in, RUN_FLOAT, n->computed);
    r->box = made.at[0];
    r->box->own_run = r;
    return true;
}

static bool add_inline(struct building *b, struct inside *in, struct node *n,
                       const struct style *s)
{
    struct inside inner = *in;
    if (!n->tag.len) {
        in->own = n->own;
        add_text(b, in, n->text, s);
        return true;
    }
    if (n->computed->display == DISPLAY_NONE)
        return true;
    if (is_block(n)) {
        source_find(b->source, FINDING_ERROR, n->at,
                    "<%.*s> inside an inline element – not supported", STR_ARG(n->tag));
        return true;
    }
    if (str_eq(n->tag, S("br"))) {
        add_run(b, in, RUN_BREAK, n->computed)->br = true;
        in->head = true;
        return true;
    }
    if (n->computed->float_side != FLOAT_NONE)
        return add_float(b, in, n);
    if (n->computed->display == DISPLAY_INLINE_BLOCK) {
        box_list made = {0};
        if (!build_block(b, n, NULL, &made))
            return false;
        struct run *r = add_run(b, in, RUN_BOX, n->computed);
        r->box = made.at[0];
        r->box->own_run = r;
        return true;
    }
    if (!in->outer) {
        inner.outer = n->computed;
        inner.head = true;
    }
    inner.cell = false;
    bool ok = add_element(b, &inner, n);
    in->head = inner.head;
    return ok;
}

/* === blocks === */

static bool build_table(struct building *b, struct node *n, struct box *table);

static bool begins_block(const struct node *n)
{
    return n->tag.len && is_block(n);
}

static bool shown(const struct node *n)
{
    return !n->tag.len || n->computed->display != DISPLAY_NONE;
}

static bool build_kids(struct building *b, struct node *n, struct box *x)
{
    box_list kids = {0};
    for (struct node *k = n->first; k;) {
        if (!shown(k)) {
            k = k->next;
            continue;
        }
        if (begins_block(k)) {
            if (!build_block(b, k, x, &kids))
                return false;
            k = k->next;
            continue;
        }
        struct box *lines = new_box(b, BOX_LINES, n, n->computed, x);
        struct inside in = {.lines = lines, .cell = x->cell};
        for (; k && !(shown(k) && begins_block(k)); k = k->next)
            if (shown(k) && !add_inline(b, &in, k, n->computed))
                return false;
        if (lines->first_run)
            VEC_PUSH(b->perm, &kids, lines);
    }
    x->kids = kids.at;
    x->kids_len = kids.len;
    for (size_t i = 0; i < kids.len; i++)
        kids.at[i]->index = i;
    return true;
}

/* ordinal_of counts as dompdf does: `value` begins anew, else one more than the item
 * before it, else the list's `start`. */
static int ordinal_of(const struct node *n)
{
    int64_t value, behind = 0; /* items between the one at hand and n, n included */
    for (const struct node *p = n; p; p = p->prev) {
        bool item = p->tag.len && p->computed->display == DISPLAY_LIST_ITEM;
        if (item && p->value.len && str_to_i64(p->value, &value))
            return (int)(value + behind);
        behind += item;
    }
    if (!n->parent->start.len || !str_to_i64(n->parent->start, &value))
        value = 1;
    return (int)(value + behind - 1);
}

static bool build_block(struct building *b, struct node *n, struct box *parent,
                        box_list *out)
{
    bool table = n->computed->display == DISPLAY_TABLE;
    struct box *x = new_box(b, table ? BOX_TABLE : BOX_BLOCK, n, n->computed, parent);
    VEC_PUSH(b->perm, out, x);
    if (n->computed->display == DISPLAY_LIST_ITEM) {
        x->marker = n->computed->list;
        x->ordinal = ordinal_of(n);
    }
    return table ? build_table(b, n, x) : build_kids(b, n, x);
}

/* === tables === */

static bool build_row(struct building *b, struct node *n, struct box *table,
                      box_list *rows)
{
    struct box *row = new_box(b, BOX_ROW, n, n->computed, table);
    VEC(struct cell) cells = {0};
    for (struct node *k = n->first; k; k = k->next) {
        if (!k->tag.len || k->computed->display != DISPLAY_CELL) {
            if (k->tag.len && k->computed->display != DISPLAY_NONE)
                source_find(b->source, FINDING_ERROR, k->at,
                            "<%.*s> in a table's row – not supported", STR_ARG(k->tag));
            continue;
        }
        struct cell c = {.span = k->colspan, .rows = k->rowspan};
        c.box = new_box(b, BOX_BLOCK, k, k->computed, row);
        c.box->cell = true;
        if (!build_kids(b, k, c.box))
            return false;
        VEC_PUSH(b->perm, &cells, c);
    }
    row->header = str_eq(n->parent->tag, S("thead"));
    struct box *above = rows->len ? rows->at[rows->len - 1] : NULL;
    row->group = above && above->node->parent == n->parent ? above->group : row;
    row->cells = cells.at;
    row->cells_len = cells.len;
    VEC_PUSH(b->perm, rows, row);
    return true;
}

static bool build_rows(struct building *b, struct node *n, struct box *table,
                       box_list *rows)
{
    for (struct node *k = n->first; k; k = k->next) {
        if (!k->tag.len || k->computed->display == DISPLAY_NONE)
            continue;
        bool ok = true;
        if (k->computed->display == DISPLAY_ROW)
            ok = build_row(b, k, table, rows);
        else if (k->computed->display == DISPLAY_ROW_GROUP)
            ok = build_rows(b, k, table, rows);
        else
            source_find(b->source, FINDING_ERROR, k->at,
                        "<%.*s> in a table – not supported", STR_ARG(k->tag));
        if (!ok)
            return false;
    }
    return true;
}

/* place_cells gives each cell of a row the next column that no cell from above fills.
 * taken: for how many more rows each column is filled. */
static bool place_cells(struct building *b, struct box *row, int *taken)
{
    int column = 0;
    for (size_t i = 0; i < row->cells_len; i++) {
        struct cell *c = &row->cells[i];
        while (column < COLUMNS_MAX && taken[column] > 0)
            column++;
        c->column = column;
        column += c->span;
        if (column > COLUMNS_MAX)
            return err_set(b->e, ERR_JOB, "a table has more than %d columns",
                           COLUMNS_MAX);
        for (int k = c->column; k < column; k++)
            taken[k] = c->rows > taken[k] ? c->rows : taken[k];
    }
    for (int k = 0; k < COLUMNS_MAX; k++)
        taken[k] -= taken[k] > 0;
    return true;
}

static bool build_table(struct building *b, struct node *n, struct box *table)
{
    box_list rows = {0};
    if (!build_rows(b, n, table, &rows))
        return false;
    table->kids = rows.at;
    table->kids_len = rows.len;
    int *taken = NEW(b->perm, int, COLUMNS_MAX);
    for (size_t i = 0; i < rows.len; i++) {
        rows.at[i]->index = i;
        if (!place_cells(b, rows.at[i], taken))
            return false;
    }
    return true;
}

struct box *boxes_build(struct source *s, struct node *body, struct arena *perm,
                        struct error *e)
{
    struct building b = {s, perm, e};
    struct box *x = new_box(&b, BOX_BLOCK, body, body->computed, NULL);
    x->body = true;
    return build_kids(&b, body, x) ? x : NULL;
}
