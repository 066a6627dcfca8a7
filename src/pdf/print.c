/* print.c: the stages in words, for tests. */
#include <math.h>

#include "pdf/document.h"

static const char *const kinds[] = {[BOX_BLOCK] = "block",
                                    [BOX_LINES] = "lines",
                                    [BOX_TABLE] = "table",
                                    [BOX_ROW] = "row"};

static void indent(struct buf *b, int depth)
{
    for (int i = 0; i < depth; i++)
        buf_add(b, S("  "));
}

static void print_lines(struct buf *b, const struct box *x, int depth)
{
    for (size_t i = 0; i < x->lines.len; i++) {
        const struct line *line = &x->lines.at[i];
        indent(b, depth);
        buf_fmt(b, "line width %.3f height %.3f", line->width, line->height);
        if (line->word_extra != 0)
            buf_fmt(b, " word %.3f", line->word_extra);
        for (const struct run *r = line->first; r && r != line->end; r = r->next)
            if (r->placed)
                buf_fmt(b, " [%.*s]", STR_ARG(r->text));
        buf_byte(b, '\n');
    }
}

void print_boxes(struct buf *b, const struct box *x, int depth)
{
    if (x->kind == BOX_LINES && !x->lines.len) /* white space between blocks */
        return;
    indent(b, depth);
    buf_add(b, str_from(kinds[x->kind]));
    if (x->kind != BOX_LINES)
        buf_fmt(b, " <%.*s>", STR_ARG(x->node->tag));
    buf_fmt(b, " x %.3f width %.3f", x->x, x->width);
    if (x->mt0 != 0 || x->mb0 != 0)
        buf_fmt(b, " margin %.3f %.3f", x->mt0, x->mb0);
    if (x->pt0 != 0 || x->pb0 != 0)
        buf_fmt(b, " padding %.3f %.3f", x->pt0, x->pb0);
    buf_byte(b, '\n');
    if (x->kind == BOX_LINES)
        print_lines(b, x, depth + 1);
    for (size_t i = 0; i < x->cells_len; i++) {
        indent(b, depth + 1);
        buf_fmt(b, "cell %d x %.3f width %.3f height %.3f\n", x->cells[i].column,
                x->cells[i].x, x->cells[i].width, x->cells[i].height);
        for (size_t k = 0; k < x->cells[i].box->kids_len; k++)
            print_boxes(b, x->cells[i].box->kids[k], depth + 2);
    }
    for (size_t i = 0; i < x->kids_len; i++)
        print_boxes(b, x->kids[i], depth + 1);
}

static void print_mark(struct buf *b, const struct mark *m)
{
    if (m->kind == MARK_TEXT)
        buf_fmt(b, "%9.3f %9.3f %5.2f%s%s  %.*s\n", m->x, m->y, m->text->style->font_size,
                m->text->style->bold ? " bold" : "",
                m->text->style->italic ? " italic" : "", STR_ARG(m->text->text));
    else
        buf_fmt(b, "%9.3f %9.3f %s %.3f %.3f\n", m->x, m->y,
                m->kind == MARK_RECT ? "rect" : "disc", m->w, m->h);
}

void print_pages(struct buf *b, const struct pages *pages)
{
    for (size_t i = 0; i < pages->at.len; i++) {
        buf_fmt(b, "page %zu\n", i + 1);
        for (size_t k = 0; k < pages->at.at[i].marks.len; k++)
            print_mark(b, &pages->at.at[i].marks.at[k]);
    }
}
