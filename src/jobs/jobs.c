/* jobs.c: the table of job classes, and what a slot keeps warm for them. */
#include <stdio.h>
#include <stdlib.h>

#include "jobs/jobs_imp.h"

enum {
    PERM_MAX = 16 << 20,
    CHECK_MAX = 256 << 20, /* views, style sheets and models of one check */
    SCRATCH_MAX = 16 << 20,
    BATCH_AGAIN_S = 30,    /* with its first failure a batch may be facteur's after all */
    ACCEPT_MAX = 64 << 20, /* one command, encrypted and not */
};

static const struct job_class *const table[] = {
    &send_volunteer_letter,
};

/* === opening === */

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

bool jobs_view_file(struct app *app, size_t i, struct arena *perm, struct str *name,
                    struct str *file, struct error *e)
{
    *name = str_from(letter_views[i]);
    struct views *views = open_views(app, false, perm, e);
    bool ok = views && view_file(views, *name, perm, file, e);
    views_drop(views);
    return ok;
}

/* === what the app does when it starts === */

struct boot_check {
    struct jobs *js;
    bool report, ok;
};

static void on_boot(void *arg, const struct app_boot_finding *f)
{
    struct boot_check *c = arg;
    bool ours = f->touches.len == 0;
    for (size_t i = 0; i < COUNT(table); i++)
        ours = ours || table[i]->touches(f->touches);
    if (!ours)
        return;
    c->ok = false;
    if (c->report)
        c->js->o.report(c->js->o.arg, &f->finding);
}

/* boot_allows says whether the app's start leaves letters as they are; if not, what it
 * does is PHP's. */
static bool boot_allows(struct jobs *js, bool report)
{
    struct boot_check c = {js, report, true};
    app_boot_findings(js->o.app, on_boot, &c);
    return c.ok;
}

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

bool jobs_readable(struct app *app, struct error *e)
{
    struct arena perm = arena_open(PERM_MAX);
    struct views *views = open_views(app, false, &perm, e);
    bool ok = views && views_readable(views, e);
    for (size_t i = 0; ok && i < COUNT(table); i++)
        ok = job_source_readable(app, str_from(table[i]->queue.name), &perm, e);
    ok = ok && models_readable(app, &perm, e);
    views_drop(views);
    arena_close(&perm);
    return ok;
}

static bool open_all(struct jobs *js, struct error *e)
{
    js->views = open_views(js->o.app, js->o.built_in_views, &js->perm, e);
    js->pdf = js->views ? pdf_new(e) : NULL;
    if (!js->pdf)
        return false;
    struct error mail = {0};
    if (mail_settings_load(js->o.app, &js->perm, &js->mail, &mail))
        js->mailer = mailer_open(&js->mail, js->o.app, &mail);
    /* A mailer that facteur lacks keeps the class with PHP; a broken setting is told,
     * unless it is one that the app's start makes. */
    if (mail.kind != ERR_NONE && mail.kind != ERR_UNSUPPORTED && boot_allows(js, false)) {
        *e = mail;
        return false;
    }
    js->mail_error = mail;
    return true;
}

struct jobs *jobs_open(const struct jobs_options *o, struct error *e)
{
    struct jobs *js = calloc(1, sizeof(*js));
    if (js)
        js->classes = calloc(COUNT(table), sizeof(*js->classes));
    if (!js || !js->classes) {
        free(js);
        err_set(e, ERR_FATAL, "no memory for the job classes");
        return NULL;
    }
    js->o = *o;
    js->perm = arena_open(PERM_MAX);
    js->check = arena_open(CHECK_MAX);
    js->tmp = arena_open(SCRATCH_MAX);
    js->accept = arena_open(ACCEPT_MAX);
    if (!dependents_open(js, e) || !open_all(js, e)) {
        jobs_close(js);
        return NULL;
    }
    return js;
}

void jobs_close(struct jobs *js)
{
    if (!js)
        return;
    dependents_close(js);
    encrypter_close(js->encrypter);
    if (js->mailer)
        mailer_close(js->mailer);
    if (js->pdf)
        pdf_drop(js->pdf);
    if (js->views)
        views_drop(js->views);
    arena_close(&js->accept);
    arena_close(&js->tmp);
    arena_close(&js->check);
    arena_close(&js->perm);
    free(js->classes);
    free(js);
}

/* === classes === */

const struct queue_class *jobs_classes(size_t *len)
{
    static struct queue_class classes[COUNT(table)];
    for (size_t i = 0; i < COUNT(table); i++)
        classes[i] = table[i]->queue;
    *len = COUNT(table);
    return classes;
}

const char *jobs_refuse(struct jobs *js, struct queue_job *j, struct arena *perm)
{
    const struct job_content *c;
    const char *why = dependents_read(js, j, perm != NULL, perm ? perm : &js->accept, &c);
    j->content = perm && !why ? c : NULL;
    if (!perm)
        arena_reset(&js->accept);
    return why;
}

uint64_t jobs_stamp(const struct jobs *js)
{
    uint64_t stamp = 0;
    for (size_t i = 0; i < COUNT(table); i++)
        stamp = stamp * 31 + js->classes[i].stamp;
    if (js->batch_refused)
        stamp = stamp * 31 + (uint64_t)(clock_unix() / BATCH_AGAIN_S);
    return stamp;
}

/* refresh_class asks a class again when its files changed. */
static bool refresh_class(struct jobs *js, size_t i, struct error *e)
{
    struct class_state *c = &js->classes[i];
    struct error missing = {0};
    uint64_t stamp = 0;
    /* A view that is gone changes the stamp too: to none. */
    if (!table[i]->stamp(js, &stamp, &missing))
        stamp = 1;
    job_source_stamp(js, str_from(table[i]->queue.name), &stamp);
    if (c->checked && c->stamp == stamp)
        return true;
    arena_reset(&js->check);
    c->checked = c->taken = false;
    bool ok = false, booted = boot_allows(js, true);
    bool known = job_source_load(js, table[i]->queue.name, &c->source);
    if (!table[i]->check(js, &c->source, &ok, e))
        return false;
    c->stamp = stamp;
    c->checked = true;
    c->taken = ok && known && booted;
    return true;
}

bool jobs_refresh(struct jobs *js, struct error *e)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (!refresh_class(js, i, e))
            return false;
    return true;
}

bool jobs_check_view(struct jobs *js, const char *view, struct error *e)
{
    struct str name = str_from(view);
    if (!view)
        return letter_check_view(js, str_from(letter_views[LETTER_VIEW]), e) &&
               letter_check_view(js, str_from(letter_views[MAIL_VIEW]), e);
    if (str_ends(name, S(".blade.php")) &&
        !view_of_file(js->views, view, &js->perm, &name, e))
        return false;
    return letter_check_view(js, name, e);
}

/* jobs_takes says whether the class passed its check. */
static bool jobs_takes(const struct jobs *js, int class_index)
{
    return js->classes[class_index].taken;
}

bool jobs_takes_any(const struct jobs *js)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (js->classes[i].taken)
            return true;
    return false;
}

/* === one run, by class === */

static const struct job_class *class_of(const struct job_run *r)
{
    return table[r->job->class_index];
}

void job_entered(struct jobs *js, struct job_run *r)
{
    if (!r->content)
        r->content =
            r->job->content ? r->job->content : content_read(js, r->job, r->perm);
    app_log_extra(js->o.app, r->content->context);
}

void job_left(struct jobs *js)
{
    app_log_extra(js->o.app, php_null());
}

/* read_anew: the class changed since the job was accepted. */
static const char *read_anew(struct jobs *js, struct job_run *r)
{
    if (r->content->stamp == js->classes[r->job->class_index].stamp)
        return NULL;
    return dependents_read(js, r->job, true, r->perm, &r->content);
}

bool job_begin(struct jobs *js, struct job_run *r, enum job_begun *begun,
               bool *undecodable, struct error *e)
{
    if (!refresh_class(js, (size_t)r->job->class_index, e))
        return false;
    if (!jobs_takes(js, r->job->class_index))
        return err_set(e, ERR_UNSUPPORTED, "%s stays with PHP: see the findings",
                       class_of(r)->queue.name);
    const char *why = read_anew(js, r);
    if (why)
        return err_set(e, ERR_UNSUPPORTED, "%s", why);
    if (!dependents_begin(js, r, &r->skipped, e))
        return false;
    if (!r->skipped && !class_of(r)->begin(js, r, begun, undecodable, e))
        return false;
    return dependents_work(js, r, e);
}

bool job_handle(struct jobs *js, struct job_run *r, struct error *e)
{
    return class_of(r)->handle(js, r, e);
}

bool job_completed(struct jobs *js, struct job_run *r, struct error *e)
{
    return class_of(r)->completed(js, r, e);
}

bool job_failed(struct jobs *js, struct job_run *r, const struct job_failure *f,
                struct error *e)
{
    return class_of(r)->failed(js, r, f, e);
}

bool job_withdrawn(struct jobs *js, struct job_run *r, struct error *e)
{
    return class_of(r)->withdrawn(js, r, e);
}

bool job_killed(struct jobs *js, struct job_run *r, const struct job_failure *f,
                struct error *e)
{
    return class_of(r)->killed(js, r, f, e);
}

bool job_row_exists(struct jobs *js, int class_index, int64_t row, bool *exists,
                    struct error *e)
{
    return table[class_index]->row_exists(js, row, exists, e);
}

void job_log_done(struct jobs *js, const struct job_run *r)
{
    if (!r->skipped)
        class_of(r)->log_done(js, r);
}

void job_log_failed(struct jobs *js, const struct job_run *r, const struct job_failure *f)
{
    class_of(r)->log_failed(js, r, f);
}

const char *job_exception(int class_index, const char *step)
{
    return table[class_index]->exception(step);
}
