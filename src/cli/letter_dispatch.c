/* letter_dispatch.c: letter:dispatch: jobs that any worker runs, PHP's or ours. */
#include <stdio.h>

#include "cli/cli_imp.h"
#include "facteur/letter.h"
#include "facteur/queue.h"

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
    struct queue_tools *t;
    struct queue_table *table;
    struct db *db; /* of the letters */
    struct letter_dispatch letter;
    int64_t *teachers;
    size_t teachers_len;
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
    size_t named = d->t->in->arguments.len - 1;
    bool all = option_given(d->t->in, "all", &ignored);
    if (all && named)
        return err_set(e, ERR_FATAL, "Name teachers or give --all, not both.");
    if (all)
        return letter_teachers(d->db, d->letter.club_id, &d->t->perm, &d->teachers,
                               &d->teachers_len, e);
    if (!named)
        return err_set(e, ERR_FATAL, "Name at least one teacher, or give --all.");
    d->teachers = NEW(&d->t->perm, int64_t, named);
    d->teachers_len = named;
    for (size_t i = 0; i < named; i++)
        if (!argument_id(d->t->in, i + 1, "teacher", &d->teachers[i], e))
            return false;
    return true;
}

static bool open_tables(struct dispatch *d, struct error *e)
{
    d->table = queue_tools_table(d->t, S(""), e);
    d->db = d->table ? db_pool_session(d->t->pool, NULL, S(""), e) : NULL;
    return d->db != NULL;
}

/* push_all puts every letter on the queue, or none. */
static bool push_all(struct dispatch *d, const struct queue_push *jobs, struct error *e)
{
    struct db *db = queue_table_db(d->table);
    bool ok = db_begin(db, e);
    for (size_t at = 0, n; ok && at < d->teachers_len; at += n) {
        n = d->teachers_len - at < QUEUE_PUSH ? d->teachers_len - at : QUEUE_PUSH;
        ok = queue_table_push(d->table, jobs + at, n, d->t->tmp, e);
    }
    ok = ok && db_commit(db, e);
    if (!ok)
        db_rollback(db);
    return ok;
}

static bool push(struct dispatch *d, struct error *e)
{
    struct queue_tools *t = d->t;
    const struct queue_settings *set = queue_table_settings(d->table);
    struct queue_push *jobs = NEW(&t->perm, struct queue_push, d->teachers_len);
    struct str queue =
        php_truthy(php_string(d->letter.queue)) ? d->letter.queue : set->queue;
    if (!queue_settings_named(t->app, set, queue, e))
        return false;
    for (size_t i = 0; i < d->teachers_len; i++) {
        d->letter.teacher_id = d->teachers[i];
        jobs[i] =
            (struct queue_push){.queue = queue,
                                .payload = letter_payload(t->app, &d->letter, &t->perm),
                                .delay = d->letter.delay};
    }
    if (!push_all(d, jobs, e))
        return false;
    print_info(t->in, d->teachers_len ? "INFO" : "WARN",
               str_fmt(&t->perm, "%zu %s of club %lld put on the [%.*s] queue.",
                       d->teachers_len, d->teachers_len == 1 ? "letter" : "letters",
                       (long long)d->letter.club_id, STR_ARG(queue)));
    return true;
}

static int dispatch(struct queue_tools *t, struct error *e)
{
    struct dispatch d = {.t = t, .letter.queue = option_text(t->in, "queue")};
    bool ok =
        argument_id(t->in, 0, "club", &d.letter.club_id, e) &&
        option_number(t->in, "user", 1, &d.letter.user_id, e) &&
        option_number(t->in, "delay", 0, &d.letter.delay, e) && open_tables(&d, e) &&
        read_teachers(&d, e) &&
        letter_addressable(d.db, &d.letter, d.teachers, d.teachers_len, &t->perm, e) &&
        push(&d, e);
    return ok ? 0 : 1;
}

static int run(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, dispatch, e);
}

const struct command command_letter_dispatch = {
    .name = "letter:dispatch",
    .help = "Put the letters of a club's teachers on the queue",
    .arguments = arguments,
    .options = options,
    .run = run,
};
