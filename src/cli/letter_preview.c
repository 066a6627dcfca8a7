/* letter_preview.c: letter:preview: a letter and its mail, neither sent nor recorded. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"

enum { PREVIEW_ARENA = 512 << 20 };

static const struct argument_row arguments[] = {
    {"club", true, false, "The id of the club"},
    {"teacher", true, false, "The id of the teacher"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"pdf", OPTION_VALUE, NULL, "Write the letter to this file"},
    {"eml", OPTION_VALUE, NULL, "Write the mail to this file"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct preview {
    struct invocation *in;
    struct app *app;
    struct db_settings settings;
    struct db *db;
    struct jobs *jobs;
    struct arena perm, tmp;
};

static void on_finding(void *arg, const struct finding *f)
{
    struct preview *p = arg;
    if (f->severity != FINDING_ERROR && p->in->verbosity < 1)
        return;
    struct str place = S("");
    if (f->line)
        place = str_fmt(&p->in->perm, ":%d:%d", f->line, f->col);
    print_info(p->in, "WARN",
               str_fmt(&p->in->perm, "%s%.*s: %s", f->file, STR_ARG(place), f->text));
}

static void on_warning(void *arg, const char *text)
{
    struct preview *p = arg;
    print_info(p->in, "WARN", str_from(text));
}

static bool write_file(const char *path, struct str bytes, struct error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set(e, ERR_FATAL, "%s: cannot write: %s", path, strerror(errno));
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            err_set(e, ERR_FATAL, "%s: cannot write: %s", path, strerror(errno));
            break;
        }
        at += (size_t)n;
    }
    if (close(fd) != 0)
        err_set(e, ERR_FATAL, "%s: cannot write: %s", path, strerror(errno));
    return e->kind == ERR_NONE;
}

/* write_option writes to the file that an option names; without the option, nothing. */
static bool write_option(struct preview *p, const char *name, struct str bytes,
                         struct error *e)
{
    const char *path;
    if (!option_given(p->in, name, &path))
        return true;
    if (!path || !path[0])
        return err_set(e, ERR_FATAL, "--%s needs the name of a file.", name);
    return write_file(path, bytes, e);
}

static bool make(struct preview *p, struct letter *l, struct error *e)
{
    int64_t club, teacher;
    if (!argument_id(p->in, 0, "club", &club, e) ||
        !argument_id(p->in, 1, "teacher", &teacher, e) ||
        !db_settings_load(p->app, S(""), &p->perm, &p->settings, e))
        return false;
    p->db = db_new(&p->settings);
    struct jobs_options o = {
        .app = p->app, .db = p->db, .report = on_finding, .warn = on_warning, .arg = p};
    p->jobs = jobs_open(&o, e);
    if (!p->jobs || !jobs_refresh(p->jobs, e))
        return false;
    if (!jobs_takes_any(p->jobs))
        return err_set(e, ERR_FATAL,
                       "The letter cannot be made as PHP would make it: see above.");
    return jobs_letter(p->jobs, club, teacher, S("preview"), &p->perm, p->tmp, l, e);
}

static bool preview(struct preview *p, struct error *e)
{
    struct letter l;
    if (!make(p, &l, e) || !write_option(p, "pdf", l.pdf, e) ||
        !write_option(p, "eml", l.mail, e))
        return false;
    print_info(p->in, "INFO",
               str_fmt(&p->perm,
                       "Letter of %.*s for %.*s <%.*s>: PDF of %zu bytes, mail of %zu "
                       "bytes; nothing was sent.",
                       STR_ARG(l.club_name), STR_ARG(l.teacher_name), STR_ARG(l.email),
                       l.pdf.len, l.mail.len));
    return true;
}

static int run(struct invocation *in, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct preview p = {
        .in = in, .perm = arena_open(PREVIEW_ARENA), .tmp = arena_open(PREVIEW_ARENA)};
    p.app = app_open(&where, e);
    bool ok = p.app && preview(&p, e);
    arena_close(&p.tmp);
    arena_close(&p.perm);
    if (p.jobs)
        jobs_close(p.jobs);
    db_drop(p.db);
    if (p.app)
        app_close(p.app);
    return ok ? 0 : 1;
}

const struct command command_letter_preview = {
    .name = "letter:preview",
    .help = "Make a volunteer's letter and mail without sending them",
    .arguments = arguments,
    .options = options,
    .run = run,
};
