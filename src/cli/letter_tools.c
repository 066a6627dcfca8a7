/* letter_tools.c: what the commands that make letters by themselves share. */
#include "cli/cli_imp.h"
#include "facteur/jobs.h"
#include "facteur/letter.h"

enum { LETTER_ARENA = 512 << 20 };

static void on_finding(void *arg, const struct finding *f)
{
    struct letter_tools *t = arg;
    if (!t->in)
        return;
    /* What fails is the error that this command ends with. */
    if (f->severity != FINDING_ERROR && t->in->verbosity < 1)
        return;
    struct str place = S("");
    if (f->line)
        place = str_fmt(&t->in->perm, ":%d:%d", f->line, f->col);
    print_info(t->in, "WARN",
               str_fmt(&t->in->perm, "%s%.*s: %s", f->file, STR_ARG(place), f->text));
}

static void on_warning(void *arg, const char *text)
{
    struct letter_tools *t = arg;
    if (t->in)
        print_info(t->in, "WARN", str_from(text));
}

static const struct job_class *const letters[] = {&send_volunteer_letter, NULL};

static bool begin(struct letter_tools *t, bool built_in_views, struct error *e)
{
    t->perm = arena_open(LETTER_ARENA);
    t->tmp = arena_open(LETTER_ARENA);
    t->round = arena_open(LETTER_ARENA);
    if (!t->app || !db_settings_load(t->app, S(""), &t->perm, &t->settings, e))
        return false;
    t->db = db_new(&t->settings);
    struct jobs_options o = {.app = t->app,
                             .classes = letters,
                             .db = t->db,
                             .built_in_views = built_in_views,
                             .report = on_finding,
                             .warn = on_warning,
                             .arg = t};
    t->jobs = jobs_open(&o, e);
    return t->jobs != NULL;
}

bool letter_tools_open(struct letter_tools *t, struct invocation *in, bool built_in_views,
                       struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    *t = (struct letter_tools){.in = in, .app = app_open(&where, e)};
    return begin(t, built_in_views, e);
}

bool letter_tools_take(struct letter_tools *t, struct app *app, struct error *e)
{
    *t = (struct letter_tools){.app = app};
    return begin(t, false, e);
}

bool letter_tools_check(struct letter_tools *t, struct error *e)
{
    if (!jobs_refresh(t->jobs, e))
        return false;
    return jobs_takes(t->jobs, &send_volunteer_letter) ||
           err_set(e, ERR_FATAL,
                   "The letter cannot be made as PHP would make it: see above.");
}

void letter_tools_close(struct letter_tools *t)
{
    arena_close(&t->round);
    arena_close(&t->tmp);
    arena_close(&t->perm);
    if (t->jobs)
        jobs_close(t->jobs);
    db_drop(t->db);
    if (t->app)
        app_close(t->app);
}
