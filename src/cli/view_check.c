/* view_check.c: view:check: what facteur cannot render, or renders otherwise than dompdf.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"

enum { EXIT_ERRORS = 1, EXIT_DIFFERS = 2 };

static const struct argument_row arguments[] = {
    {"view", false, false, "A view's name, or its file; default: those that jobs reach"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
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

/* same tells whether two findings are one: of what is ignored, one line per construct and
 * view is enough. */
static bool same(const struct finding *a, const struct finding *b)
{
    bool place = a->line == b->line && a->col == b->col;
    return a->severity == b->severity && strcmp(a->file, b->file) == 0 &&
           strcmp(a->text, b->text) == 0 && (place || a->severity == FINDING_IGNORED);
}

static void on_finding(void *arg, const struct finding *f)
{
    struct check *c = arg;
    for (size_t i = 0; i < c->found.len; i++)
        if (same(&c->found.at[i], f))
            return;
    struct finding kept = *f;
    kept.file = str_z(&c->in->perm, str_from(f->file));
    kept.text = str_z(&c->in->perm, str_from(f->text));
    VEC_PUSH(&c->in->perm, &c->found, kept);
    c->count[f->severity]++;
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

/* view_named turns a file's path into a view's name: what stands behind the last
 * "views/", with dots. */
static struct str view_named(struct arena *perm, struct str given)
{
    struct str end = S(".blade.php");
    if (!str_ends(given, end))
        return given;
    char *name = str_z(perm, str_sub(given, 0, given.len - end.len));
    char *from = name;
    for (char *at = name; (at = strstr(at, "views/")); at += 6)
        if (at == name || at[-1] == '/')
            from = at + 6;
    for (char *c = from; *c; c++)
        if (*c == '/')
            *c = '.';
    return str_from(from);
}

/* check_one needs no database; check_all does, for the tables of the models. */
static bool check_one(struct check *c, const char *given, struct error *e)
{
    return jobs_check_view(c->jobs, view_named(&c->in->perm, str_from(given)), e);
}

static bool check(struct check *c, struct error *e)
{
    const char *view = argument(c->in, 0);
    if (!db_settings_load(c->app, S(""), &c->in->perm, &c->settings, e))
        return false;
    c->db = db_new(&c->settings);
    struct jobs_options o = {
        .app = c->app, .db = c->db, .report = on_finding, .warn = on_warning, .arg = c};
    c->jobs = jobs_open(&o, e);
    if (!c->jobs)
        return false;
    return view ? check_one(c, view, e) : jobs_refresh(c->jobs, e);
}

static void print_text(struct check *c)
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

/* as_json splits a finding's text at its dash: "construct – consequence". */
static json_t *as_json(const struct finding *f)
{
    static const char dash[] = " – ";
    const char *at = strstr(f->text, dash);
    size_t construct = at ? (size_t)(at - f->text) : strlen(f->text);
    return json_pack("{s:s, s:i, s:i, s:s, s:s%, s:s}", "file", f->file, "line", f->line,
                     "column", f->col, "severity", severities[f->severity], "construct",
                     f->text, construct, "consequence", at ? at + sizeof(dash) - 1 : "");
}

static void print_json(struct check *c)
{
    json_t *all = json_object(), *list = json_array();
    for (size_t i = 0; i < c->found.len; i++)
        json_array_append_new(list, as_json(&c->found.at[i]));
    json_object_set_new(all, "findings", list);
    for (size_t i = 0; i < COUNT(severities); i++)
        json_object_set_new(all, severities[i], json_integer((json_int_t)c->count[i]));
    json_dumpf(all, stdout, JSON_INDENT(4));
    putchar('\n');
    json_decref(all);
}

static int run(struct invocation *in, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct check c = {.in = in};
    const char *unused;
    c.app = app_open(&where, e);
    bool ok = c.app && check(&c, e);
    if (c.found.len)
        qsort(c.found.at, c.found.len, sizeof(*c.found.at), by_place);
    if (ok && option_given(in, "json", &unused))
        print_json(&c);
    else if (ok)
        print_text(&c);
    if (c.jobs)
        jobs_close(c.jobs);
    db_drop(c.db);
    if (c.app)
        app_close(c.app);
    return c.count[FINDING_ERROR] || !ok ? EXIT_ERRORS
           : c.count[FINDING_DIFFERS]    ? EXIT_DIFFERS
                                         : 0;
}

const struct command command_view_check = {
    .name = "view:check",
    .help = "Tell what of a view cannot be rendered as dompdf renders it",
    .arguments = arguments,
    .options = options,
    .run = run,
};
