/* exception.c: an exception as PHP's (string)$e prints it. */
#include "app/app_imp.h"

struct str exception_raw(struct arena *perm, const struct app_exception *x)
{
    struct buf b = buf_new(perm, x->class_name.len + x->message.len + x->file.len + 64);
    buf_add(&b, x->class_name);
    if (x->message.len) {
        buf_add(&b, S(": "));
        buf_add(&b, x->message);
    }
    buf_add(&b, S(" in "));
    buf_add(&b, x->file);
    buf_fmt(&b, ":%d\nStack trace:\n#0 {main}", x->line);
    return buf_str(&b);
}

/* Laravel stores it re-encoded, so that no broken byte stops the insert. */
struct str app_exception_text(struct arena *perm, const struct app_exception *x)
{
    return str_utf8_question(perm, exception_raw(perm, x));
}
