/* letter_dispatch.c: letter:dispatch: jobs that any worker runs, PHP's or ours. */
#include <stdio.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"
#include "facteur/queue.h"

enum { DISPATCH_ARENA = 512 << 20 };

static const struct argument_row arguments[] = {
    {"club", true, false, "The id of the club"},
    {"teacher", false, true, "The ids of the teachers"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"user", OPTION_VALUE, NULL, "The id of the user who sends the letters"},
    {"all", OPTION_FLAG, NULL, "Every teacher of the club who has an address"},
    {"queue", OPTION_VALUE, NULL, "The queue [default: the connection's]"},
    {"delay", OPTION_VALUE, "0", "Seconds to wait before the letters are sent"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct dispatch {
    struct invocation *in;
    struct app *app;
    struct queue_settings settings;
    struct db_settings db_set, queue_set;
    struct db *db, *queue_db;
    struct queue *queue;
    struct letter_dispatch letter;
    int64_t *teachers;
    size_t teachers_len;
    struct arena perm, tmp;
};

static bool option_number(const struct invocation *in, const char *name, int64_t least,
                          int64_t *out, struct error *e)
{
    const char *text;
    *out = 0;
    if (!option_given(in, name, &text))
        return true;
    if (text && str_to_i64(str_from(text), out) && *out >= least)
        return true;
    return err_set(e, ERR_FATAL, "--%s is \"%s\", expected a number from %lld on.", name,
                   text ? text : "", (long long)least);
}

static bool read_teachers(struct dispatch *d, struct error *e)
{
    const char *ignored;
    size_t named = d->in->arguments.len - 1;
    bool all = option_given(d->in, "all", &ignored);
    if (all && named)
        return err_set(e, ERR_FATAL, "Name teachers or give --all, not both.");
    if (all)
        return letter_teachers(d->db, d->letter.club_id, &d->perm, &d->teachers,
                               &d->teachers_len, e);
    if (!named)
        return err_set(e, ERR_FATAL, "Name at least one teacher, or give --all.");
    d->teachers = NEW(&d->perm, int64_t, named);
    d->teachers_len = named;
    for (size_t i = 0; i < named; i++)
        if (!argument_id(d->in, i + 1, "teacher", &d->teachers[i], e))
            return false;
    return true;
}

static bool open_queue(struct dispatch *d, struct error *e)
{
    size_t len;
    if (!queue_settings_load(d->app, S(""), &d->perm, &d->settings, e) ||
        !db_settings_load(d->app, S(""), &d->perm, &d->db_set, e) ||
        !db_settings_load(d->app, d->settings.db_connection, &d->perm, &d->queue_set, e))
        return false;
    d->db = db_new(&d->db_set);
    d->queue_db = db_new(&d->queue_set);
    const struct queue_class *classes = jobs_classes(&len);
    struct queue_options o = {.settings = &d->settings,
                              .db = d->queue_db,
                              .classes = classes,
                              .classes_len = len};
    d->queue = queue_new(&o, e);
    return d->queue != NULL;
}

static bool push(struct dispatch *d, struct error *e)
{
    struct str *payloads = NEW(&d->perm, struct str, d->teachers_len);
    struct str queue = d->letter.queue.len ? d->letter.queue : d->settings.queue;
    if (!queue_settings_named(d->app, &d->settings, queue, e))
        return false;
    for (size_t i = 0; i < d->teachers_len; i++) {
        d->letter.teacher_id = d->teachers[i];
        payloads[i] = letter_payload(d->app, &d->letter, &d->perm);
    }
    if (!queue_push(d->queue, queue, payloads, d->teachers_len, d->letter.delay, d->tmp,
                    e))
        return false;
    print_info(d->in, d->teachers_len ? "INFO" : "WARN",
               str_fmt(&d->perm, "%zu %s of club %lld put on the [%.*s] queue.",
                       d->teachers_len, d->teachers_len == 1 ? "letter" : "letters",
                       (long long)d->letter.club_id, STR_ARG(queue)));
    return true;
}

static bool dispatch(struct dispatch *d, struct error *e)
{
    d->letter.queue = option_text(d->in, "queue");
    return argument_id(d->in, 0, "club", &d->letter.club_id, e) &&
           option_number(d->in, "user", 1, &d->letter.user_id, e) &&
           option_number(d->in, "delay", 0, &d->letter.delay, e) && open_queue(d, e) &&
           read_teachers(d, e) &&
           letter_addressable(d->db, &d->letter, d->teachers, d->teachers_len, &d->perm,
                              e) &&
           push(d, e);
}

static int run(struct invocation *in, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct dispatch d = {
        .in = in, .perm = arena_open(DISPATCH_ARENA), .tmp = arena_open(DISPATCH_ARENA)};
    d.app = app_open(&where, e);
    bool ok = d.app && dispatch(&d, e);
    if (d.queue)
        queue_drop(d.queue);
    db_drop(d.queue_db);
    db_drop(d.db);
    arena_close(&d.tmp);
    arena_close(&d.perm);
    if (d.app)
        app_close(d.app);
    return ok ? 0 : 1;
}

const struct command command_letter_dispatch = {
    .name = "letter:dispatch",
    .help = "Put the letters of a club's teachers on the queue",
    .arguments = arguments,
    .options = options,
    .run = run,
};
