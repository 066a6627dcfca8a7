/* box.c: elements → boxes. Text and inline elements between blocks become boxes of lines
 * of their own. */
#include <ctype.h>

#include "pdf/pdf_imp.h"

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
    x->parent = parent;
    x->avoid_inside = s->inside == BREAK_AVOID && kind != BOX_LINES;
    x->avoid_after = s->after == BREAK_AVOID && kind != BOX_LINES;
    return x;
}

static bool is_block(const struct node *n)
{
    enum display d = n->computed->display;
    return d == DISPLAY_BLOCK || d == DISPLAY_LIST_ITEM || d == DISPLAY_TABLE;
}

static bool blank_char(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool only_blanks(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!blank_char(s.ptr[i]))
            return false;
    return true;
}

/* === text === */

static uint32_t lower_or_upper(uint32_t c, enum transform t)
{
    bool latin_upper = (c >= 0xC0 && c <= 0xDE && c != 0xD7);
    bool latin_lower = (c >= 0xE0 && c <= 0xFE && c != 0xF7);
    if (t == TRANSFORM_UPPER) {
        if ((c >= 'a' && c <= 'z') || latin_lower)
            return c - 32;
        if (c == 0x153)
            return 0x152;
        return c == 0xFF ? 0x178 : c;
    }
    if ((c >= 'A' && c <= 'Z') || latin_upper)
        return c + 32;
    return c == 0x152 ? 0x153 : c;
}

static struct str transformed(struct building *b, struct str s, enum transform t)
{
    if (t == TRANSFORM_NONE)
        return s;
    struct buf out = buf_new(b->perm, HTML_MAX);
    for (size_t at = 0; at < s.len;) {
        uint32_t c = str_utf8(s, &at);
        buf_utf8(&out, lower_or_upper(c, t));
    }
    return buf_str(&out);
}

/* collapsed makes one blank of each stretch of white space within one text. */
static struct str collapsed(struct building *b, struct str s)
{
    char *out = NEW(b->perm, char, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool blank = blank_char(s.ptr[i]);
        if (blank && len && out[len - 1] == ' ')
            continue;
        out[len++] = blank ? ' ' : s.ptr[i];
    }
    return (struct str){out, len};
}

static void add_text(struct building *b, struct box *lines, struct str text,
                     const struct style *s)
{
    struct inline_item item = {.kind = ITEM_TEXT, .style = s};
    bool keep = s->space == SPACE_PRE || s->space == SPACE_PRE_WRAP;
    bool newlines = keep || s->space == SPACE_PRE_LINE;
    text = transformed(b, text, s->transform);
    while (newlines && text.len) {
        struct cut line = str_cut(text, '\n');
        item.text = keep ? line.head : collapsed(b, line.head);
        if (item.text.len)
            VEC_PUSH(b->perm, &lines->items, item);
        if (line.ok)
            VEC_PUSH(b->perm, &lines->items,
                     (struct inline_item){.kind = ITEM_BREAK, .style = s});
        text = line.tail;
    }
    if (newlines)
        return;
    item.text = collapsed(b, text);
    if (item.text.len)
        VEC_PUSH(b->perm, &lines->items, item);
}

static bool build_block(struct building *b, struct node *n, struct box *parent,
                        box_list *out);

static bool add_inline(struct building *b, struct box *lines, struct node *n,
                       const struct style *s)
{
    if (!n->tag.len) {
        add_text(b, lines, n->text, s);
        return true;
    }
    if (n->computed->display == DISPLAY_NONE)
        return true;
    if (str_eq(n->tag, S("br"))) {
        VEC_PUSH(b->perm, &lines->items,
                 (struct inline_item){.kind = ITEM_BREAK, .style = n->computed});
        return true;
    }
    if (n->computed->display == DISPLAY_INLINE_BLOCK) {
        box_list made = {0};
        if (!build_block(b, n, NULL, &made))
            return false;
        VEC_PUSH(b->perm, &lines->items,
                 (struct inline_item){
                     .kind = ITEM_BLOCK, .style = n->computed, .box = made.at[0]});
        return true;
    }
    if (is_block(n)) {
        source_find(b->source, FINDING_ERROR, n->at,
                    "<%.*s> inside an inline element – not supported", STR_ARG(n->tag));
        return true;
    }
    for (struct node *k = n->first; k; k = k->next)
        if (!add_inline(b, lines, k, n->computed))
            return false;
    return true;
}

/* === blocks === */

/* blank_lines: white space between blocks makes no line. */
static bool blank_lines(const struct box *lines)
{
    for (size_t i = 0; i < lines->items.len; i++)
        if (lines->items.at[i].kind != ITEM_TEXT || !only_blanks(lines->items.at[i].text))
            return false;
    return true;
}

static bool build_table(struct building *b, struct node *n, struct box *table);

static bool build_kids(struct building *b, struct node *n, struct box *x)
{
    box_list kids = {0};
    struct box *lines = NULL;
    for (struct node *k = n->first; k; k = k->next) {
        if (k->tag.len && k->computed->display == DISPLAY_NONE)
            continue;
        if (k->tag.len && is_block(k)) {
            lines = NULL;
            if (!build_block(b, k, x, &kids))
                return false;
            continue;
        }
        if (!lines) {
            lines = new_box(b, BOX_LINES, n, n->computed, x);
            VEC_PUSH(b->perm, &kids, lines);
        }
        if (!add_inline(b, lines, k, n->computed))
            return false;
    }
    x->kids = NEW(b->perm, struct box *, kids.len);
    for (size_t i = 0; i < kids.len; i++)
        if (kids.at[i]->kind != BOX_LINES || !blank_lines(kids.at[i]))
            x->kids[x->kids_len++] = kids.at[i];
    return true;
}

static int ordinal_of(const struct node *n)
{
    int i = 1;
    for (const struct node *p = n->prev; p; p = p->prev)
        i += p->tag.len && p->computed->display == DISPLAY_LIST_ITEM;
    return i;
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
    int column = 0;
    for (struct node *k = n->first; k; k = k->next) {
        if (!k->tag.len || k->computed->display != DISPLAY_CELL) {
            if (k->tag.len && k->computed->display != DISPLAY_NONE)
                source_find(b->source, FINDING_ERROR, k->at,
                            "<%.*s> in a table's row – not supported", STR_ARG(k->tag));
            continue;
        }
        struct cell c = {.column = column, .span = k->colspan};
        c.box = new_box(b, BOX_BLOCK, k, k->computed, row);
        if (!build_kids(b, k, c.box))
            return false;
        column += c.span;
        VEC_PUSH(b->perm, &cells, c);
    }
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

static bool build_table(struct building *b, struct node *n, struct box *table)
{
    box_list rows = {0};
    if (!build_rows(b, n, table, &rows))
        return false;
    table->kids = rows.at;
    table->kids_len = rows.len;
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
