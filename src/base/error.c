#include <stdio.h>

#include "facteur/base.h"

/* whole_chars takes away a character that the end of the room has cut: error texts go to
 * the database, and a strict server refuses a broken one. */
static void whole_chars(char *text, size_t size)
{
    size_t len = strlen(text), at = len;
    if (len + 1 < size)
        return;
    while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
        at--;
    if (at > 0 && (unsigned char)text[at - 1] >= 0xC0) {
        size_t from = at - 1;
        if (!str_utf8_ok((struct str){text + from, len - from}))
            text[from] = '\0';
    }
}

bool err_set(struct error *e, enum err_kind kind, const char *fmt, ...)
{
    if (e->kind != ERR_NONE)
        return false;
    e->kind = kind;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    whole_chars(e->text, sizeof(e->text));
    return false;
}

bool err_place(struct error *e, const char *file, int line, int col)
{
    if (e->kind == ERR_NONE || e->file[0])
        return false;
    snprintf(e->file, sizeof(e->file), "%s", file);
    e->line = line;
    e->col = col;
    return false;
}

bool err_thrown(struct error *e, const char *exception, int code, const char *step)
{
    if (e->kind == ERR_NONE || e->exception)
        return false;
    e->exception = exception;
    e->code = code;
    snprintf(e->step, sizeof(e->step), "%s", step);
    whole_chars(e->step, sizeof(e->step));
    return false;
}

bool err_wrap(struct error *e, const char *fmt, ...)
{
    char old[sizeof(e->text)];
    memcpy(old, e->text, sizeof(old));
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof(e->text))
        snprintf(e->text + n, sizeof(e->text) - (size_t)n, ": %s", old);
    whole_chars(e->text, sizeof(e->text));
    return false;
}

void err_clear(struct error *e)
{
    *e = (struct error){0};
}

const char *err_kind_name(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return "none";
    case ERR_JOB:
        return "job";
    case ERR_LOST:
        return "connection lost";
    case ERR_AGAIN:
        return "try again";
    case ERR_UNSUPPORTED:
        return "unsupported";
    case ERR_FATAL:
        return "fatal";
    }
    return "unknown";
}

void err_print(const struct error *e, char *out, size_t size)
{
    if (!e->file[0])
        snprintf(out, size, "%s", e->text);
    else if (!e->line)
        snprintf(out, size, "%s: %s", e->file, e->text);
    else if (!e->col)
        snprintf(out, size, "%s:%d: %s", e->file, e->line, e->text);
    else
        snprintf(out, size, "%s:%d:%d: %s", e->file, e->line, e->col, e->text);
}
