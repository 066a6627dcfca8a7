/* directives.c: directives that packages make. To Blade without them, and to facteur,
 * they are text. */
#include <ctype.h>

#include "letter/letter_imp.h"

struct looking {
    struct letters *ls;
    const struct app_boot_finding *made; /* by whom, and its name behind an "@" */
    bool ok;
};

/* in_view looks for the directive in what is text for facteur. */
static void in_view(void *arg, const char *file, struct str text)
{
    struct looking *l = arg;
    struct str name = l->made->touches;
    for (size_t at = 0; l->ok && at < text.len;) {
        ptrdiff_t found = str_find(str_skip(text, at), name);
        if (found < 0)
            return;
        size_t from = at + (size_t)found;
        at = from + name.len;
        bool before = from > 0 && isalnum((unsigned char)text.ptr[from - 1]);
        bool behind = at < text.len &&
                      (isalnum((unsigned char)text.ptr[at]) || text.ptr[at] == '_');
        struct use_place place = {file, php_source_line(text, from), 0};
        if (!before && !behind)
            l->ok =
                jobs_report(l->ls->o, &place,
                            "%.*s – a package makes this directive, %s:%d: needs PHP",
                            STR_ARG(name), l->made->finding.file, l->made->finding.line);
    }
}

struct making {
    struct letters *ls;
    struct error *e;
    bool ok;
};

static void on_made(void *arg, const struct app_boot_finding *f)
{
    struct making *m = arg;
    struct looking l = {m->ls, f, true};
    for (size_t i = 0; str_starts(f->touches, S("@")) && i < LETTER_VIEWS; i++) {
        struct error missing = {0}; /* that is told elsewhere */
        if (!view_skeletons(m->ls->views, str_from(letter_views[i]), in_view, &l,
                            &missing) &&
            missing.kind == ERR_FATAL)
            *m->e = missing;
    }
    m->ok = l.ok && m->ok;
}

bool letter_directives(struct letters *ls, bool *ok, struct error *e)
{
    struct making m = {ls, e, *ok};
    app_boot_findings(ls->o->app, on_made, &m);
    *ok = m.ok;
    return e->kind == ERR_NONE;
}
