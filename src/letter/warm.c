/* warm.c: what a slot keeps warm for letters: their views, the PDF's fonts, the mailer.
 */
#include <stdio.h>

#include "letter/letter_imp.h"

const char *const letter_views[LETTER_VIEWS] = {
    [LETTER_VIEW] = "pdf.volunteer-letter",
    [MAIL_VIEW] = "emails.volunteer-letter",
};

/* open_views reads config view.paths; without it Laravel's own place. */
static struct views *open_views(const struct app *app, bool built_in, struct arena *perm,
                                struct error *e)
{
    const struct php_value *paths = app_config(app, "view.paths");
    VEC(struct str) folders = {0};
    size_t len = paths && paths->type == PHP_ARRAY ? paths->a->len : 0;
    if (paths && paths->type == PHP_HOLE) {
        *e = *paths->hole;
        err_wrap(e, "the configuration value view.paths cannot be evaluated");
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        struct str folder;
        char path[32];
        snprintf(path, sizeof(path), "view.paths.%zu", i);
        if (!app_config_string(app, path, S(""), &folder, e))
            return NULL;
        VEC_PUSH(perm, &folders, folder);
    }
    if (folders.len == 0)
        VEC_PUSH(perm, &folders, str_from(app_path(app, perm, "resources/views")));
    return views_new(folders.at, folders.len, built_in, app_host(app));
}

bool letter_view_file(struct app *app, size_t which, struct arena *perm, struct str *name,
                      struct str *file, struct error *e)
{
    *name = str_from(letter_views[which]);
    struct views *views = open_views(app, false, perm, e);
    bool ok = views && view_file(views, *name, perm, file, e);
    views_drop(views);
    return ok;
}

/* === may it be read? === */

/* views_readable reads the views with all they include. */
static bool views_readable(struct views *views, struct error *e)
{
    for (size_t i = 0; i < LETTER_VIEWS; i++) {
        struct error why = {0};
        uint64_t stamp;
        if (!view_stamp(views, str_from(letter_views[i]), &stamp, &why) &&
            why.kind == ERR_FATAL) {
            *e = why;
            return false;
        }
    }
    return true;
}

bool letters_readable(struct app *app, struct arena *perm, struct error *e)
{
    struct views *views = open_views(app, false, perm, e);
    bool ok = views && views_readable(views, e) &&
              job_source_readable(app, S(LETTER_CLASS), perm, e) &&
              models_readable(app, perm, e);
    views_drop(views);
    return ok;
}

/* === opening === */

bool letters_open(struct job_home *h, struct error *e)
{
    const struct jobs_options *o = h->o;
    struct letters *ls = h->state = NEW(h->perm, struct letters, 1);
    ls->home = h;
    ls->o = o;
    ls->views = open_views(o->app, o->built_in_views, h->perm, e);
    ls->pdf = ls->views ? pdf_new(e) : NULL;
    if (!ls->pdf)
        return false;
    struct error mail = {0};
    if (mail_settings_load(o->app, h->perm, &ls->mail, &mail))
        h->mailer = mailer_open(&ls->mail, o->app, &mail);
    /* A mailer that facteur lacks keeps the class with PHP; a broken setting is told,
     * unless it is one that the app's start makes. */
    if (mail.kind != ERR_NONE && mail.kind != ERR_UNSUPPORTED &&
        job_boot_allows(h, false)) {
        *e = mail;
        return false;
    }
    ls->mail_error = mail;
    return true;
}

void letters_close(struct job_home *h)
{
    struct letters *ls = h->state;
    if (h->mailer)
        mailer_close(h->mailer);
    if (ls && ls->pdf)
        pdf_drop(ls->pdf);
    if (ls && ls->views)
        views_drop(ls->views);
}
