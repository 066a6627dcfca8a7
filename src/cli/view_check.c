/* view_check.c: view:check: what facteur cannot render, or renders otherwise than dompdf.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"
#include "facteur/letter.h"

enum { EXIT_ERRORS = 1, EXIT_DIFFERS = 2, EXIT_BROKEN = 3 };

#define DASH " – "

static const struct argument_row arguments[] = {
    {"view", false, false, "A view's name, or its file; default: those that jobs reach"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"built-in-views", OPTION_FLAG, NULL,
     "Use facteur's own pair of views where the app has none"},
    {"json", OPTION_FLAG, NULL, "Print the findings as JSON"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static const char *const severities[] = {
    [FINDING_ERROR] = "error",
    [FINDING_DIFFERS] = "differs",
    [FINDING_IGNORED] = "ignored-as-dompdf",
};

struct check {
    struct invocation *in;
    struct app *app;
    struct db_settings settings;
    struct db *db;
    struct jobs *jobs;
    VEC(struct finding) found;
    size_t count[COUNT(severities)];
};

/* construct_len is the length of a text's head: "construct – consequence". */
static size_t construct_len(const char *text)
{
    const char *at = strstr(text, DASH);
    return at ? (size_t)(at - text) : strlen(text);
}

/* same tells whether two findings are one: of what is ignored, one line per construct and
 * view is enough; what two checks find in one place is told by the first. */
static bool same(const struct finding *a, const struct finding *b)
{
    bool place = a->line == b->line && a->col == b->col;
    size_t len = construct_len(a->text);
    return a->severity == b->severity && strcmp(a->file, b->file) == 0 &&
           len == construct_len(b->text) && strncmp(a->text, b->text, len) == 0 &&
           (place || a->severity == FINDING_IGNORED);
}

/* below_app cuts the app's folder off a path: places are told from there. */
static const char *below_app(struct check *c, const char *file)
{
    const char *root = app_path(c->app, &c->in->perm, "");
    size_t len = strlen(root);
    return len > 1 && strncmp(file, root, len) == 0 ? file + len : file;
}

static void on_finding(void *arg, const struct finding *f)
{
    struct check *c = arg;
    struct finding kept = *f;
    kept.file = below_app(c, f->file);
    if (f->severity == FINDING_FAILS)
        kept.severity = FINDING_ERROR;
    for (size_t i = 0; i < c->found.len; i++)
        if (same(&c->found.at[i], &kept))
            return;
    kept.file = str_z(&c->in->perm, str_from(kept.file));
    kept.text = str_z(&c->in->perm, str_from(f->text));
    VEC_PUSH(&c->in->perm, &c->found, kept);
    c->count[kept.severity]++;
}

static void on_warning(void *arg, const char *text)
{
    struct check *c = arg;
    if (c->in->verbosity >= 0)
        fprintf(stderr, "%s\n", text);
}

static int by_place(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    int file = strcmp(a->file, b->file);
    if (file)
        return file;
    return a->line != b->line ? a->line - b->line : a->col - b->col;
}

/* check_all checks what a worker checks at its start; where the database does not answer,
 * the views alone, and says so. */
static bool check_all(struct check *c, struct error *e)
{
    struct error unread = {0};
    if (jobs_refresh(c->jobs, e))
        return true;
    err_wrap(e, "%s",
             letter_check_view(c->jobs, NULL, &unread)
                 ? "Only the views were checked; the models need a database"
                 : unread.text);
    return false;
}

static bool check(struct check *c, struct error *e)
{
    const char *view = argument(c->in, 0);
    if (!view) {
        if (!db_settings_load(c->app, S(""), &c->in->perm, &c->settings, e))
            return false;
        c->db = db_new(&c->settings);
    }
    const char *unused;
    struct jobs_options o = {.app = c->app,
                             .classes = job_classes,
                             .db = c->db,
                             .built_in_views =
                                 option_given(c->in, "built-in-views", &unused),
                             .report = on_finding,
                             .warn = on_warning,
                             .arg = c};
    c->jobs = jobs_open(&o, e);
    if (!c->jobs)
        return false;
    return view ? letter_check_view(c->jobs, view, e) : check_all(c, e);
}

static void print_text(struct check *c, bool all)
{
    for (size_t i = 0; i < c->found.len && c->in->verbosity >= 0; i++) {
        const struct finding *f = &c->found.at[i];
        if (f->line)
            printf("%s:%d:%d: %s (%s)\n", f->file, f->line, f->col, f->text,
                   severities[f->severity]);
        else
            printf("%s%s%s (%s)\n", f->file, f->file[0] ? ": " : "", f->text,
                   severities[f->severity]);
    }
    if (!all)
        return;
    const char *level = c->count[FINDING_ERROR]     ? "ERROR"
                        : c->count[FINDING_DIFFERS] ? "WARN"
                                                    : "INFO";
    print_info(c->in, level,
               str_fmt(&c->in->perm,
                       "%zu errors, %zu differences, %zu ignored as dompdf "
                       "ignores them.",
                       c->count[FINDING_ERROR], c->count[FINDING_DIFFERS],
                       c->count[FINDING_IGNORED]));
}

static json_t *as_json(const struct finding *f)
{
    size_t len = construct_len(f->text);
    const char *consequence =
        f->text[len] ? f->text + len + strlen(DASH) : "the letters stay with PHP";
    return json_pack("{s:s, s:i, s:i, s:s, s:s%, s:s}", "file", f->file, "line", f->line,
                     "column", f->col, "severity", severities[f->severity], "construct",
                     f->text, len, "consequence", consequence);
}

static void print_json(const struct check *c, const struct error *e)
{
    json_t *all = json_object(), *list = json_array(), *counts = json_object();
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    for (size_t i = 0; i < c->found.len; i++)
        json_array_append_new(list, as_json(&c->found.at[i]));
    for (size_t i = 0; i < COUNT(severities); i++)
        json_object_set_new(counts, severities[i], json_integer((json_int_t)c->count[i]));
    json_object_set_new(all, "findings", list);
    json_object_set_new(all, "counts", counts);
    json_object_set_new(all, "failure",
                        e->kind == ERR_NONE ? json_null() : json_string(text));
    json_dumpf(all, stdout, JSON_INDENT(4));
    putchar('\n');
    json_decref(all);
}

/* print prints what was found. With --json an error is part of the document; else it is
 * left for the box that all commands print. */
static void print(struct check *c, struct error *e)
{
    const char *unused;
    if (c->found.len)
        qsort(c->found.at, c->found.len, sizeof(*c->found.at), by_place);
    if (option_given(c->in, "json", &unused)) {
        print_json(c, e);
        err_clear(e);
    } else {
        print_text(c, e->kind == ERR_NONE);
    }
}

static int run(struct invocation *in, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct check c = {.in = in};
    c.app = app_open(&where, e);
    bool ok = c.app && check(&c, e);
    print(&c, e);
    if (c.jobs)
        jobs_close(c.jobs);
    db_drop(c.db);
    if (c.app)
        app_close(c.app);
    return !ok                        ? EXIT_BROKEN
           : c.count[FINDING_ERROR]   ? EXIT_ERRORS
           : c.count[FINDING_DIFFERS] ? EXIT_DIFFERS
                                      : 0;
}

const struct command command_view_check = {
    .name = "view:check",
    .help = "Tell what of a view cannot be rendered as dompdf renders it",
    .arguments = arguments,
    .options = options,
    .run = run,
    .broken = EXIT_BROKEN,
};
