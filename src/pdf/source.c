/* source.c: what is found in a source, with its place. */
#include <stdio.h>

#include "pdf/source.h"

static void place_of(struct str text, size_t at, int *line, int *col)
{
    size_t start = 0;
    *line = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        if (text.ptr[i] == '\n') {
            (*line)++;
            start = i + 1;
        }
    *col = (int)(at - start) + 1;
}

void source_find(struct source *s, enum severity severity, size_t at, const char *fmt,
                 ...)
{
    char text[1024];
    int line = 0, col = 0;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    s->errors += severity == FINDING_ERROR;
    if (!s->report && !(s->first && severity == FINDING_ERROR))
        return;
    if (at != SIZE_MAX)
        place_of(s->text, at, &line, &col);
    struct finding f = {severity, s->file ? s->file : "", line, col, text};
    if (s->report)
        s->report(s->arg, &f);
    if (s->first && severity == FINDING_ERROR) {
        err_set(s->first, ERR_UNSUPPORTED, "%s", text);
        err_place(s->first, f.file, line, col);
    }
}
