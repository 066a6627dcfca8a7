/* compile.c: places in a view that is compiled, and what is said of them. */
#include <stdio.h>

#include "view/view_imp.h"

void compile_lines(struct compiler *c)
{
    VEC_PUSH(c->tmp, &c->lines, 0);
    for (size_t i = 0; i < c->source.len; i++)
        if (c->source.ptr[i] == '\n')
            VEC_PUSH(c->tmp, &c->lines, i + 1);
}

void compile_place(const struct compiler *c, uint32_t at, int *line, int *col)
{
    size_t low = 0, high = c->lines.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (c->lines.at[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    *line = (int)low + 1;
    *col = (int)(at - c->lines.at[low]) + 1;
}

void compile_note(struct compiler *c, struct note n)
{
    if (!c->quiet && c->out->notes.len < VIEW_FINDINGS)
        VEC_PUSH(c->perm, &c->out->notes, n);
}

void compile_error(struct compiler *c, uint32_t at, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    struct note n = {.severity = FINDING_ERROR, .text = str_z(c->perm, str_from(text))};
    compile_place(c, at, &n.line, &n.col);
    compile_note(c, n);
}

/* compile_failed keeps an error that has its place already. */
void compile_failed(struct compiler *c, uint32_t at, const struct error *e)
{
    struct note n = {FINDING_ERROR, e->line, e->col, str_z(c->perm, str_from(e->text))};
    if (n.line == 0)
        compile_place(c, at, &n.line, &n.col);
    compile_note(c, n);
}

const struct note *compiled_error(const struct compiled *c)
{
    for (size_t i = 0; i < c->notes.len; i++)
        if (c->notes.at[i].severity == FINDING_ERROR)
            return &c->notes.at[i];
    return NULL;
}
