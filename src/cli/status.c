/* status.c: status: what workers are doing, and what the queue and the letters are like.
 * It reads the run folder and the tables; no worker is asked.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/proof.h"
#include "facteur/run.h"

enum { WATCH_S = 2, NEWEST = 5, DAY_S = 86400, STAMP_ARENA = 128 << 20, TITLE_MAX = 256 };

static const struct argument_row arguments[] = {{NULL, false, false, NULL}};

static const struct option_row options[] = {
    {"watch", OPTION_FLAG, NULL, "Go on, every two seconds, until Ctrl-C"},
    {"json", OPTION_FLAG, NULL, "Output it as JSON"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct status {
    struct queue_tools *t;
    json_t *all;      /* what --json prints; the text is made of it */
    const char *path; /* of the run file that was met last */
    json_t *worker;   /* its entry */
};

static void put_text(json_t *o, const char *name, struct str s)
{
    json_object_set_new(o, name, json_text(s));
}

static void put_time(struct status *s, json_t *o, const char *name, int64_t at)
{
    put_text(o, name, clock_datetime(&s->t->perm, at));
}

/* trouble: a part that could not be read is told, and the others are shown. */
static void trouble(struct status *s, const char *what, struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    put_text(json_object_get(s->all, "errors"), what, str_from(text));
    err_clear(e);
}

/* === workers === */

/* title_of gives what a process says of itself behind "slot 1: "; empty: it cannot be
 * seen from here. */
static struct str title_of(struct status *s, int32_t pid)
{
    char path[64], text[TITLE_MAX];
    snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    FILE *f = pid > 0 ? fopen(path, "r") : NULL;
    size_t len = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    struct str title = str_copy(&s->t->perm, (struct str){text, len});
    while (title.len && title.ptr[title.len - 1] == '\0')
        title.len--;
    ptrdiff_t at = str_find(title, S(": "));
    return str_starts(title, S("facteur ")) && at > 0 ? str_skip(title, (size_t)at + 2)
                                                      : S("");
}

static void new_worker(struct status *s, const struct run_view *v)
{
    const struct run_head *h = v->head;
    const struct run_pace *pace = &h->pace;
    s->path = str_z(&s->t->perm, str_from(v->path));
    s->worker = json_object();
    json_array_append_new(json_object_get(s->all, "workers"), s->worker);
    put_text(s->worker, "connection", str_from(h->connection));
    put_text(s->worker, "table", str_from(h->table));
    json_object_set_new(s->worker, "pid", json_integer(h->master_pid));
    put_time(s, s->worker, "since", h->started_at);
    const char *state = !v->master_lives          ? "gone"
                        : atomic_load(&h->outage) ? "waits for the database"
                        : atomic_load(&pace->wait_ms) > 0
                            ? "slowed down by the mail server"
                        : atomic_load(&h->stopped) ? "stops"
                                                   : "works";
    json_object_set_new(s->worker, "state", json_string(state));
    json_object_set_new(s->worker, "slots", json_array());
}

static bool same_file(const struct status *s, const struct run_view *v)
{
    return s->worker && strcmp(s->path, v->path) == 0;
}

/* slot_entry finds the slot of either record. */
static json_t *slot_entry(struct status *s, const struct run_view *v)
{
    json_t *list = json_object_get(s->worker, "slots");
    size_t first = v->at % (v->head->slots / 2 ? v->head->slots / 2 : 1);
    json_t *slot = json_array_get(list, first);
    if (slot)
        return slot;
    const struct run_tally *tally = &v->slot->tally;
    slot = json_object();
    json_array_append_new(list, slot);
    struct str title = title_of(s, atomic_load(&v->slot->pid));
    json_object_set_new(slot, "pid", json_integer(atomic_load(&v->slot->pid)));
    put_text(slot, "state", !v->slot_lives ? S("gone") : title.len ? title : S("idle"));
    json_object_set_new(slot, "done", json_integer(atomic_load(&tally->ended[RUN_DONE])));
    json_object_set_new(slot, "failed",
                        json_integer(atomic_load(&tally->ended[RUN_FAILED])));
    json_object_set_new(slot, "released",
                        json_integer(atomic_load(&tally->ended[RUN_RELEASED])));
    json_object_set_new(slot, "jobs", json_array());
    return slot;
}

static void put_job(struct status *s, json_t *list, const struct run_view *v)
{
    const struct run_record *r = &v->record;
    json_t *job = json_object();
    json_array_append_new(list, job);
    json_object_set_new(job, "id", json_integer(r->id));
    put_text(job, "class", str_from(r->class_name));
    put_text(job, "queue", str_from(r->queue));
    put_text(job, "step", str_from(run_where(r)));
    json_object_set_new(job, "attempt", json_integer(r->attempts));
    if (!v->parked && v->slot)
        json_object_set_new(job, "seconds",
                            json_integer((clock_mono_ms() - v->slot->begun_ms) / 1000));
    (void)s;
}

static bool on_record(void *arg, const struct run_view *v)
{
    struct status *s = arg;
    if (!v->head) {
        put_text(json_object_get(s->all, "errors"), v->path,
                 S("a run file of another version, or a damaged one"));
        return true;
    }
    if (v->parked) {
        put_job(s, json_object_get(s->all, "parked"), v);
        return true;
    }
    if (!same_file(s, v))
        new_worker(s, v);
    json_t *slot = slot_entry(s, v);
    if (v->record.phase != PHASE_IDLE)
        put_job(s, json_object_get(slot, "jobs"), v);
    return true;
}

static void workers(struct status *s)
{
    struct error e = {0};
    s->worker = NULL;
    char *folder = app_storage(s->t->app, &s->t->perm, "framework/facteur");
    if (!run_each(folder, on_record, s, &e))
        trouble(s, "workers", &e);
}

/* === queues === */

static bool put_queue(struct status *s, struct queue_table *table, struct str name,
                      struct error *e)
{
    struct queue_sizes sizes;
    if (!queue_table_sizes(table, name, s->t->tmp, &sizes, e))
        return false;
    json_t *queue = json_object();
    json_array_append_new(json_object_get(s->all, "queues"), queue);
    put_text(queue, "name", name);
    json_object_set_new(queue, "waiting", json_integer(sizes.pending));
    json_object_set_new(queue, "delayed", json_integer(sizes.delayed));
    json_object_set_new(queue, "reserved", json_integer(sizes.reserved));
    json_object_set_new(queue, "oldest_seconds",
                        sizes.has_oldest ? json_integer(clock_unix() - sizes.oldest)
                                         : json_null());
    return true;
}

static void queues(struct status *s)
{
    struct queue_tools *t = s->t;
    struct error e = {0};
    struct queue_table *table = queue_tools_table(t, S(""), &e);
    struct str *names;
    size_t len = 0;
    bool ok = table && queue_table_names(table, &t->perm, &names, &len, &e);
    for (size_t i = 0; ok && i < len; i++)
        ok = put_queue(s, table, names[i], &e);
    if (ok && !len)
        ok = put_queue(s, table, queue_table_settings(table)->queue, &e);
    if (!ok)
        trouble(s, "queues", &e);
}

/* === letters === */

static struct str table_of_sends(struct status *s, struct db *db)
{
    return db_table(&s->t->perm, db_settings(db), S("volunteer_letter_sends"));
}

static bool count_letters(struct status *s, struct db *db, struct error *e)
{
    struct db_result r;
    json_t *letters = json_object_get(s->all, "letters");
    if (!db_run(db,
                str_fmt(&s->t->perm,
                        "select status, count(*) as n from %.*s group by status order by "
                        "status",
                        STR_ARG(table_of_sends(s, db))),
                NULL, 0, &s->t->perm, &r, e))
        return false;
    for (size_t i = 0; i < r.rows; i++)
        json_object_set_new(letters, str_z(&s->t->perm, db_cell(&r, i, "status").s),
                            json_integer(php_to_int(db_cell(&r, i, "n"))));
    return true;
}

static bool newest_letters(struct status *s, struct db *db, struct error *e)
{
    static const char *const columns[] = {"recipient_email", "status", "created_at",
                                          "error_message"};
    struct db_result r;
    json_t *list = json_object_get(s->all, "newest");
    if (!db_run(db,
                str_fmt(&s->t->perm,
                        "select id, recipient_email, status, created_at, error_message "
                        "from %.*s order by id desc limit %d",
                        STR_ARG(table_of_sends(s, db)), NEWEST),
                NULL, 0, &s->t->perm, &r, e))
        return false;
    for (size_t i = 0; i < r.rows; i++) {
        json_t *letter = json_object();
        json_array_append_new(list, letter);
        json_object_set_new(letter, "id", json_integer(php_to_int(db_cell(&r, i, "id"))));
        for (size_t k = 0; k < COUNT(columns); k++) {
            struct php_value v = db_cell(&r, i, columns[k]);
            if (v.type == PHP_STRING)
                put_text(letter, columns[k], v.s);
        }
    }
    return true;
}

static void letters(struct status *s)
{
    struct error e = {0};
    struct db *db = db_pool_session(s->t->pool, NULL, S(""), &e);
    if (!db || !count_letters(s, db, &e) || !newest_letters(s, db, &e))
        trouble(s, "letters", &e);
}

/* === failures === */

static void failures(struct status *s)
{
    struct queue_tools *t = s->t;
    struct error e = {0};
    struct failed_walk walk = {0};
    struct failed_job *jobs;
    struct str since = clock_datetime(&t->perm, clock_unix() - DAY_S);
    int64_t count = 0;
    size_t len = 1;
    bool ok = t->failed || queue_tools_failed(t, &e), old = false;
    while (ok && len && !old) {
        struct arena page = t->tmp;
        ok = failed_next(t->failed, &walk, &page, &jobs, &len, &e);
        for (size_t i = 0; ok && i < len && !old; i++) {
            old = str_cmp(jobs[i].failed_at, since) < 0;
            count += !old;
        }
    }
    if (ok)
        json_object_set_new(s->all, "failed_last_day", json_integer(count));
    else
        trouble(s, "failed", &e);
}

/* === proof === */

static void proof(struct status *s)
{
    struct queue_tools *t = s->t;
    struct proof_record r;
    struct arena tmp = arena_open(STAMP_ARENA);
    char stamp[PROOF_STAMP];
    struct error unknown = {0};
    bool there = proof_record_read(t->app, &t->perm, &r);
    bool holds =
        there && proof_stamp(t->app, tmp, stamp, &unknown) && strcmp(stamp, r.stamp) == 0;
    json_object_set_new(s->all, "letters_found_equal",
                        json_integer(holds ? proof_record_letters(&r) : 0));
    arena_close(&tmp);
}

static json_t *gather(struct status *s)
{
    static const char *const lists[] = {"workers", "parked", "queues", "newest"};
    s->all = json_object();
    for (size_t i = 0; i < COUNT(lists); i++)
        json_object_set_new(s->all, lists[i], json_array());
    json_object_set_new(s->all, "letters", json_object());
    json_object_set_new(s->all, "errors", json_object());
    put_time(s, s->all, "at", clock_unix());
    workers(s);
    queues(s);
    letters(s);
    failures(s);
    proof(s);
    return s->all;
}

/* === as text === */

static const char *text(json_t *o, const char *name)
{
    const char *value = json_string_value(json_object_get(o, name));
    return value ? value : "";
}

static long long number(json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static void heading(struct status *s, const char *title)
{
    struct console_side left = {.lead = str_from(title), .lead_style = STYLE_GREEN_BOLD};
    console_newline(s->t->console);
    console_columns(s->t->console, &left, &(struct console_side){0});
}

static void pair(struct status *s, const char *left, struct str right)
{
    console_pair(s->t->console, str_from(left), right);
}

static struct str short_class(const char *name)
{
    const char *last = strrchr(name, '\\');
    return str_from(last ? last + 1 : name);
}

static void show_slot(struct status *s, size_t number_of, json_t *slot)
{
    struct arena *perm = &s->t->perm;
    json_t *jobs = json_object_get(slot, "jobs"), *job;
    size_t i;
    struct str left = str_fmt(perm, "  slot %zu: %lld done, %lld failed", number_of + 1,
                              number(slot, "done"), number(slot, "failed"));
    if (json_array_size(jobs) == 0)
        pair(s, str_z(perm, left), str_from(text(slot, "state")));
    for (i = 0; (job = json_array_get(jobs, i)); i++) {
        struct str what = short_class(text(job, "class"));
        pair(s, str_z(perm, left),
             str_fmt(perm, "job %lld, %.*s: %s, %lld s", number(job, "id"), STR_ARG(what),
                     text(job, "step"), number(job, "seconds")));
    }
}

static void show_workers(struct status *s)
{
    struct arena *perm = &s->t->perm;
    json_t *worker, *slot, *list = json_object_get(s->all, "workers");
    size_t i, k;
    heading(s, "Workers");
    if (json_array_size(list) == 0)
        pair(s, "none of facteur's", S(""));
    for (i = 0; (worker = json_array_get(list, i)); i++) {
        pair(s,
             str_z(perm,
                   str_fmt(perm, "%s, master %lld, since %s", text(worker, "connection"),
                           number(worker, "pid"), text(worker, "since"))),
             str_from(text(worker, "state")));
        for (k = 0; (slot = json_array_get(json_object_get(worker, "slots"), k)); k++)
            show_slot(s, k, slot);
    }
}

/* ago tells seconds as people do. */
static struct str ago(struct arena *perm, int64_t seconds)
{
    static const struct {
        int64_t from, unit;
        const char *name;
    } units[] = {{2 * DAY_S, DAY_S, "days"}, {7200, 3600, "h"}, {120, 60, "min"}};
    for (size_t i = 0; i < COUNT(units); i++)
        if (seconds >= units[i].from)
            return str_fmt(perm, "%lld %s", (long long)(seconds / units[i].unit),
                           units[i].name);
    return str_fmt(perm, "%lld s", (long long)seconds);
}

static void show_queues(struct status *s)
{
    struct arena *perm = &s->t->perm;
    json_t *queue;
    size_t i;
    heading(s, "Queues");
    for (i = 0; (queue = json_array_get(json_object_get(s->all, "queues"), i)); i++) {
        json_t *oldest = json_object_get(queue, "oldest_seconds");
        struct str since = json_is_integer(oldest)
                               ? str_fmt(perm, ", the oldest for %.*s",
                                         STR_ARG(ago(perm, json_integer_value(oldest))))
                               : S("");
        pair(s, text(queue, "name"),
             str_fmt(perm, "%lld waiting%.*s; %lld delayed, %lld reserved",
                     number(queue, "waiting"), STR_ARG(since), number(queue, "delayed"),
                     number(queue, "reserved")));
    }
    if (json_object_get(s->all, "failed_last_day"))
        pair(s, "failed in the last 24 hours",
             str_fmt(perm, "%lld", number(s->all, "failed_last_day")));
    if (json_array_size(json_object_get(s->all, "parked")))
        pair(s, "over, but cannot be settled",
             str_fmt(perm, "%zu", json_array_size(json_object_get(s->all, "parked"))));
}

/* show_why tells the beginning of what went wrong, in a line of its own. */
static void show_why(struct status *s, const char *why)
{
    struct str line = str_cut(str_from(why), '\n').head;
    size_t room = console_width() - 8, at = 0;
    for (size_t n = 0; at < line.len && n < room; n++)
        (void)str_utf8(line, &at);
    if (line.len)
        console_line(s->t->console, STYLE_GRAY,
                     str_fmt(&s->t->perm, "    %.*s%s", STR_ARG(str_sub(line, 0, at)),
                             at < line.len ? "…" : ""));
}

static void show_letters(struct status *s)
{
    struct arena *perm = &s->t->perm;
    json_t *letter, *counts = json_object_get(s->all, "letters");
    size_t i;
    heading(s, "Letters");
    for (void *at = json_object_iter(counts); at; at = json_object_iter_next(counts, at))
        pair(s, json_object_iter_key(at),
             str_fmt(perm, "%lld",
                     (long long)json_integer_value(json_object_iter_value(at))));
    pair(s, "found equal to PHP's",
         str_fmt(perm, "%lld", number(s->all, "letters_found_equal")));
    for (i = 0; (letter = json_array_get(json_object_get(s->all, "newest"), i)); i++) {
        pair(s,
             str_z(perm, str_fmt(perm, "%s  %s", text(letter, "created_at"),
                                 text(letter, "recipient_email"))),
             str_from(text(letter, "status")));
        show_why(s, text(letter, "error_message"));
    }
}

static void show(struct status *s)
{
    json_t *errors = json_object_get(s->all, "errors");
    show_workers(s);
    show_queues(s);
    show_letters(s);
    console_newline(s->t->console);
    for (void *at = json_object_iter(errors); at; at = json_object_iter_next(errors, at))
        console_block(s->t->console, "ERROR",
                      str_fmt(&s->t->perm, "%s: %s", json_object_iter_key(at),
                              json_string_value(json_object_iter_value(at))));
}

/* === the command === */

static void print_json(struct status *s)
{
    json_dumpf(s->all, stdout, JSON_INDENT(4));
    putchar('\n');
    fflush(stdout);
}

static int status(struct queue_tools *t, struct error *e)
{
    struct status s = {.t = t};
    const char *unused;
    bool watch = option_given(t->in, "watch", &unused);
    bool json = option_given(t->in, "json", &unused), troubled;
    (void)e;
    do {
        gather(&s);
        if (watch && !json && isatty(STDOUT_FILENO))
            console_put(t->console, S("\033[H\033[2J"));
        if (json)
            print_json(&s);
        else
            show(&s);
        troubled = json_object_size(json_object_get(s.all, "errors")) > 0;
        json_decref(s.all);
        arena_reset(&t->tmp);
    } while (watch && sleep(WATCH_S) == 0);
    return troubled;
}

static int run(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, status, e);
}

const struct command command_status = {
    .name = "status",
    .help = "Tell what workers are doing, and what the queues and the letters are like",
    .arguments = arguments,
    .options = options,
    .run = run,
};
