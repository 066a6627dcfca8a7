/* jobs.c: the classes of jobs, and what a slot keeps warm for them. */
#include <assert.h>
#include <stdlib.h>

#include "jobs/jobs_imp.h"

enum {
    PERM_MAX = 16 << 20,
    CHECK_MAX = 256 << 20, /* views, style sheets and models of one check */
    SCRATCH_MAX = 16 << 20,
    BATCH_AGAIN_S = 30,    /* with its first failure a batch may be facteur's after all */
    ACCEPT_MAX = 64 << 20, /* one command, encrypted and not */
};

/* === what the app does when it starts === */

struct boot_check {
    const struct job_home *home;
    bool report, ok;
};

static void on_boot(void *arg, const struct app_boot_finding *f)
{
    struct boot_check *c = arg;
    const struct jobs_options *o = c->home->o;
    bool of_jobs = str_eq(f->touches, S(APP_BOOT_JOBS));
    if (of_jobs ? o->events_ignored
                : f->touches.len && !c->home->class->touches(f->touches))
        return;
    c->ok = false;
    if (c->report)
        o->report(o->arg, &f->finding);
}

bool job_boot_allows(const struct job_home *h, bool report)
{
    struct boot_check c = {h, report, true};
    app_boot_findings(h->o->app, on_boot, &c);
    return c.ok;
}

/* === opening === */

static bool class_readable(struct app *app, const struct job_class *class,
                           struct error *e)
{
    struct arena perm = arena_open(PERM_MAX);
    bool ok = class->readable
                  ? class->readable(app, &perm, e)
                  : job_source_readable(app, str_from(class->queue.name), &perm, e);
    arena_close(&perm);
    return ok;
}

bool jobs_readable(struct app *app, const struct job_class *const *classes,
                   struct error *e)
{
    for (; *classes; classes++)
        if (!class_readable(app, *classes, e))
            return false;
    return true;
}

/* new_jobs makes an empty home for each class. */
static struct jobs *new_jobs(const struct jobs_options *o)
{
    struct jobs *js = calloc(1, sizeof(*js));
    if (!js)
        return NULL;
    while (o->classes[js->len])
        js->len++;
    js->classes = calloc(js->len, sizeof(*js->classes));
    js->rows = calloc(js->len, sizeof(*js->rows));
    if (!js->classes || !js->rows) {
        free(js->classes);
        free(js->rows);
        free(js);
        return NULL;
    }
    js->o = *o;
    js->perm = arena_open(PERM_MAX);
    js->tmp = arena_open(SCRATCH_MAX);
    js->accept = arena_open(ACCEPT_MAX);
    for (size_t i = 0; i < js->len; i++) {
        struct class_state *c = &js->classes[i];
        c->check = arena_open(CHECK_MAX);
        c->home = (struct job_home){.class = o->classes[i],
                                    .o = &js->o,
                                    .check = &c->check,
                                    .perm = &js->perm,
                                    .tmp = &js->tmp};
        js->rows[i] = o->classes[i]->queue;
    }
    return js;
}

static bool open_classes(struct jobs *js, struct error *e)
{
    for (size_t i = 0; i < js->len; i++) {
        struct job_home *h = &js->classes[i].home;
        if (h->class->open && !h->class->open(h, e))
            return false;
    }
    return true;
}

struct jobs *jobs_open(const struct jobs_options *o, struct error *e)
{
    struct jobs *js = new_jobs(o);
    if (!js) {
        err_set(e, ERR_FATAL, "no memory for the job classes");
        return NULL;
    }
    if (!dependents_open(js, e) || !open_classes(js, e)) {
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
    for (size_t i = 0; i < js->len; i++) {
        struct class_state *c = &js->classes[i];
        if (c->home.class->close)
            c->home.class->close(&c->home);
        arena_close(&c->check);
    }
    arena_close(&js->accept);
    arena_close(&js->tmp);
    arena_close(&js->perm);
    free(js->classes);
    free(js->rows);
    free(js);
}

/* === classes === */

const struct queue_class *jobs_classes(const struct jobs *js, size_t *len)
{
    *len = js->len;
    return js->rows;
}

static struct class_state *state_of(struct jobs *js, const struct job_class *class)
{
    size_t i = 0;
    while (i < js->len && js->classes[i].home.class != class)
        i++;
    assert(i < js->len);
    return &js->classes[i];
}

struct job_home *jobs_home(struct jobs *js, const struct job_class *class)
{
    return &state_of(js, class)->home;
}

uint64_t job_way(const struct job_home *h, uint64_t path)
{
    const uint64_t parts[] = {path, h->checked_as};
    uint64_t way = str_hash((struct str){(const char *)parts, sizeof(parts)});
    return way ? way : 1; /* 0 is none */
}

bool jobs_takes(struct jobs *js, const struct job_class *class)
{
    return state_of(js, class)->taken;
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
    for (size_t i = 0; i < js->len; i++)
        stamp = stamp * 31 + js->classes[i].stamp;
    if (js->batch_refused)
        stamp = stamp * 31 + (uint64_t)(clock_unix() / BATCH_AGAIN_S);
    return stamp;
}

/* refresh_class asks a class again when its files changed. */
static bool refresh_class(struct jobs *js, struct class_state *c, struct error *e)
{
    struct job_home *h = &c->home;
    const struct job_class *class = h->class;
    struct error missing = {0};
    uint64_t stamp = 0;
    /* A view that is gone changes the stamp too: to none. */
    if (!class->stamp(h, &stamp, &missing))
        stamp = 1;
    job_source_stamp(js, str_from(class->queue.name), &stamp);
    if (c->checked && c->stamp == stamp)
        return true;
    arena_reset(&c->check);
    c->checked = c->taken = false;
    bool ok = false, booted = job_boot_allows(h, true);
    bool known = job_source_load(js, class->queue.name, &c->check, &c->source);
    if (!class->check(h, &c->source, &ok, e))
        return false;
    c->stamp = h->checked_as = stamp;
    c->checked = true;
    c->taken = ok && known && booted;
    return true;
}

bool jobs_refresh(struct jobs *js, struct error *e)
{
    for (size_t i = 0; i < js->len; i++)
        if (!refresh_class(js, &js->classes[i], e))
            return false;
    return true;
}

bool jobs_takes_any(const struct jobs *js)
{
    for (size_t i = 0; i < js->len; i++)
        if (js->classes[i].taken)
            return true;
    return false;
}

/* === one run, by class === */

static struct class_state *class_of(struct jobs *js, const struct job_run *r)
{
    return &js->classes[r->job->class_index];
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
    if (r->content->stamp == class_of(js, r)->stamp)
        return NULL;
    return dependents_read(js, r->job, true, r->perm, &r->content);
}

bool job_begin(struct jobs *js, struct job_run *r, enum job_begun *begun,
               bool *undecodable, struct error *e)
{
    struct class_state *c = class_of(js, r);
    const struct job_class *class = c->home.class;
    if (!refresh_class(js, c, e))
        return false;
    if (!c->taken)
        return err_set(e, ERR_UNSUPPORTED, "%s stays with PHP: see the findings",
                       class->queue.name);
    const char *why = read_anew(js, r);
    if (why)
        return err_set(e, ERR_UNSUPPORTED, "%s", why);
    if (!dependents_begin(js, r, &r->skipped, e))
        return false;
    if (!r->skipped && !class->begin(&c->home, r, begun, undecodable, e))
        return false;
    return dependents_work(js, r, e);
}

bool job_handle(struct jobs *js, struct job_run *r, struct error *e)
{
    struct job_home *h = &class_of(js, r)->home;
    return h->class->handle(h, r, e);
}

bool job_completed(struct jobs *js, struct job_run *r, struct error *e)
{
    struct job_home *h = &class_of(js, r)->home;
    return h->class->completed(h, r, e);
}

bool job_failed(struct jobs *js, struct job_run *r, const struct job_failure *f,
                struct error *e)
{
    struct job_home *h = &class_of(js, r)->home;
    return h->class->failed(h, r, f, e);
}

bool job_withdrawn(struct jobs *js, struct job_run *r, struct error *e)
{
    struct job_home *h = &class_of(js, r)->home;
    return h->class->withdrawn(h, r, e);
}

bool job_killed(struct jobs *js, struct job_run *r, const struct job_failure *f,
                struct error *e)
{
    struct job_home *h = &class_of(js, r)->home;
    return h->class->killed(h, r, f, e);
}

bool job_row_exists(struct jobs *js, int class_index, int64_t row, bool *exists,
                    struct error *e)
{
    struct job_home *h = &js->classes[class_index].home;
    return h->class->row_exists(h, row, exists, e);
}

void job_log_done(struct jobs *js, const struct job_run *r)
{
    struct job_home *h = &class_of(js, r)->home;
    if (!r->skipped)
        h->class->log_done(h, r);
}

void job_log_failed(struct jobs *js, const struct job_run *r, const struct job_failure *f)
{
    struct job_home *h = &class_of(js, r)->home;
    h->class->log_failed(h, r, f);
}

const char *job_exception(const struct jobs *js, int class_index, const char *step)
{
    return js->classes[class_index].home.class->exception(step);
}
