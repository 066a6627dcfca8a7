/* boot_note.c: what the app does when it starts that leaves letters to PHP. */
#include <stdio.h>

#include "app/app_imp.h"

void boot_note(struct boot *b, struct php_place at, struct str touches, const char *fmt,
               ...)
{
    struct app *a = b->app;
    struct buf text = buf_new(&a->perm, 8192);
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    const char *file = at.file ? at.file : "";
    if (strncmp(file, a->base.ptr, a->base.len) == 0 && file[a->base.len] == '/')
        file += a->base.len + 1;
    struct app_boot_finding *f = NEW(&a->perm, struct app_boot_finding, 1);
    f->touches = str_copy(&a->perm, touches);
    f->finding = (struct finding){.severity = FINDING_ERROR,
                                  .file = file,
                                  .line = at.line,
                                  .col = at.col,
                                  .text = str_z(&a->perm, buf_str(&text))};
    for (size_t i = 0; i < b->findings.len; i++) {
        const struct finding *old = &b->findings.at[i]->finding;
        if (old->line == at.line && old->col == at.col && strcmp(old->file, file) == 0 &&
            strcmp(old->text, f->finding.text) == 0)
            return; /* a method that is called twice */
    }
    VEC_PUSH(&a->perm, &b->findings, f);
}

void app_boot_findings(const struct app *a, app_boot_fn *fn, void *arg)
{
    for (size_t i = 0; a->boot && i < a->boot->findings.len; i++)
        fn(arg, a->boot->findings.at[i]);
}

static bool is_told(const struct boot *b, struct php_place at, struct str touches)
{
    for (size_t i = 0; at.line && i < b->findings.len; i++) {
        const struct app_boot_finding *old = b->findings.at[i];
        const char *file = app_path(b->app, &b->app->perm, old->finding.file);
        if (old->finding.line == at.line && strcmp(file, at.file) == 0 &&
            (!old->touches.len || str_ieq(old->touches, touches) ||
             str_eq(old->touches, S(APP_BOOT_JOBS))))
            return true;
    }
    return false;
}

void app_boot_add(struct app *a, struct php_place at, struct str touches, struct str text)
{
    at.file = str_z(&a->perm, str_from(at.file));
    if (!is_told(a->boot, at, touches))
        boot_note(a->boot, at, touches, "%.*s", STR_ARG(text));
}
