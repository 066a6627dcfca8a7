/* exception.c: an exception as PHP's (string)$e prints it. */
#include "app/app_imp.h"

void exception_trace(struct buf *b, const struct app_exception *x)
{
    if (x->step.len)
        buf_fmt(b, "#0 %.*s\n", STR_ARG(x->step));
    buf_add(b, x->step.len ? S("#1 {main}") : S("#0 {main}"));
}

struct str exception_raw(struct arena *perm, const struct app_exception *x)
{
    struct buf b = buf_new(perm, x->class_name.len + x->message.len + x->step.len +
                                     x->file.len + 64);
    buf_add(&b, x->class_name);
    if (x->message.len) {
        buf_add(&b, S(": "));
        buf_add(&b, x->message);
    }
    buf_add(&b, S(" in "));
    buf_add(&b, x->file);
    buf_fmt(&b, ":%d\nStack trace:\n", x->line);
    exception_trace(&b, x);
    return buf_str(&b);
}

/* Laravel stores it re-encoded, so that no broken byte stops the insert. */
struct str app_exception_text(struct arena *perm, const struct app_exception *x)
{
    return str_utf8_question(perm, exception_raw(perm, x));
}
