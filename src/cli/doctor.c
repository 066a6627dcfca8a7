/* doctor.c: doctor: what is wrong, where it stands, and what to do. It opens what a
 * worker opens, in the same way, and changes nothing.
 */
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/cache.h"
#include "facteur/child.h"
#include "facteur/jobs.h"
#include "facteur/letter.h"
#include "facteur/mail.h"
#include "facteur/proof.h"
#include "facteur/run.h"

enum {
    SKEW_S = 5,
    WAIT_TIMEOUT_S = 60,
    OLD_S = 600, /* a job that waits for longer waits for nobody */
    ROOM_MB = 200,
    TIMEOUT_S = 60, /* of a job that has none: queue:work --timeout */
    STAMP_ARENA = 128 << 20,
};

static const struct argument_row arguments[] = {
    {"connection", false, false, "The queue connection that is to be worked"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"send-to", OPTION_VALUE, NULL, "Send a mail to this address, as letters are sent"},
    {"json", OPTION_FLAG, NULL, "Output the findings as JSON"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

enum gravity { GOOD, NOTE, WRONG };

static const char *const words[] = {[GOOD] = "ok", [NOTE] = "note", [WRONG] = "wrong"};

struct found {
    enum gravity gravity;
    const char *what;     /* which check */
    struct str text;      /* what was found */
    struct str key, from; /* the setting, and where it stands; or empty */
    struct str advice;    /* what to do; or empty */
};

struct doctor {
    struct invocation *in;
    struct app *app;
    struct arena *perm;
    struct queue_settings queue;
    struct db_pool *pool;
    struct db *db; /* of the queue; NULL: it is away */
    const char *what;
    size_t problems; /* of the check at hand */
    VEC(struct found) list;
};

/* === findings === */

static struct found *find(struct doctor *d, enum gravity gravity, struct str text)
{
    struct found f = {.gravity = gravity, .what = d->what, .text = text};
    d->problems += gravity != GOOD;
    VEC_PUSH(d->perm, &d->list, f);
    return &d->list.at[d->list.len - 1];
}

/* of_setting names the setting that a finding is of. */
static void of_setting(struct doctor *d, struct found *f, const char *key)
{
    f->key = str_from(key);
    f->from = app_config_from(d->app, key, d->perm);
}

static struct found *find_error(struct doctor *d, struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    err_clear(e);
    return find(d, WRONG, str_copy(d->perm, str_from(text)));
}

/* === the queue connection === */

/* database_connections lists those that a worker could be told of. */
static struct str database_connections(struct doctor *d)
{
    const struct php_value *all = app_config(d->app, "queue.connections");
    struct buf b = buf_new(d->perm, 4096);
    for (size_t i = 0; all && all->type == PHP_ARRAY && i < all->a->len; i++) {
        const struct php_value *driver = php_path(&all->a->at[i].value, "driver");
        if (driver && driver->type == PHP_STRING && str_eq(driver->s, S("database")))
            buf_fmt(&b, "%sfacteur queue:work %.*s", b.len ? ", or " : "",
                    STR_ARG(all->a->at[i].key.s));
    }
    return buf_str(&b);
}

static bool check_queue(struct doctor *d)
{
    struct error e = {0};
    const char *name = argument(d->in, 0);
    if (queue_settings_load(d->app, str_from(name ? name : ""), d->perm, &d->queue, &e)) {
        find(d, GOOD,
             str_fmt(d->perm, "connection %.*s, table %.*s, queue %.*s",
                     STR_ARG(d->queue.connection), STR_ARG(d->queue.table),
                     STR_ARG(d->queue.queue)));
        return true;
    }
    struct found *f = find_error(d, &e);
    struct str others = database_connections(d);
    if (!name)
        of_setting(d, f, "queue.default");
    f->advice = others.len ? str_fmt(d->perm, "type %.*s", STR_ARG(others))
                           : S("add a connection with the driver \"database\" to "
                               "config/queue.php");
    return false;
}

/* check_lease: a job that takes longer than retry_after is run again meanwhile by
 * artisan's workers. */
static void check_lease(struct doctor *d)
{
    const char *key =
        str_z(d->perm, str_fmt(d->perm, "queue.connections.%.*s.retry_after",
                               STR_ARG(d->queue.connection)));
    if (d->queue.retry_after > 120) {
        find(d, GOOD,
             str_fmt(d->perm, "retry_after is %lld s", (long long)d->queue.retry_after));
        return;
    }
    struct found *f = find(
        d, NOTE,
        str_fmt(d->perm,
                "retry_after is %lld s, a letter may take 120 s (the class's $timeout), "
                "other jobs %d s (--timeout)",
                (long long)d->queue.retry_after, TIMEOUT_S));
    of_setting(d, f, key);
    f->advice = S("set it above the longest timeout, and stopwaitsecs of supervisor too: "
                  "artisan's workers take such a job a second time; facteur renews it");
}

/* === the database === */

static int64_t ask(struct doctor *d, const char *sql, bool *ok)
{
    struct db_result r;
    struct error e = {0};
    *ok = db_run(d->db, str_from(sql), NULL, 0, d->perm, &r, &e) && r.rows;
    return *ok ? php_to_int(r.cells[0]) : 0;
}

static void check_server(struct doctor *d)
{
    struct db_result r;
    struct error e = {0};
    bool ok = db_run(d->db, S("select version()"), NULL, 0, d->perm, &r, &e) && r.rows;
    struct str version = ok && r.cells[0].type == PHP_STRING ? r.cells[0].s : S("?");
    if (db_skip_locked(d->db))
        find(d, GOOD,
             str_fmt(d->perm, "%.*s, which skips locked rows", STR_ARG(version)));
    else
        find(d, NOTE,
             str_fmt(d->perm, "%.*s has no SKIP LOCKED: workers wait for one another",
                     STR_ARG(version)))
            ->advice = S("MySQL from 8.0.1 on, or MariaDB from 10.6 on");
    int64_t skew = ask(d, "select unix_timestamp()", &ok) - clock_unix();
    if (ok && (skew > SKEW_S || skew < -SKEW_S))
        find(d, WRONG,
             str_fmt(d->perm, "the server's clock is %lld s %s this machine's",
                     (long long)(skew < 0 ? -skew : skew),
                     skew < 0 ? "behind" : "ahead of"))
            ->advice =
            S("have both keep time (NTP): jobs are due by this machine's clock");
    int64_t idle = ask(d, "select @@wait_timeout", &ok);
    if (ok && idle < WAIT_TIMEOUT_S)
        find(d, NOTE, str_fmt(d->perm, "wait_timeout is %lld s", (long long)idle))
            ->advice =
            S("an idle worker's session ends so soon; it is opened again, which costs a "
              "moment each time");
}

/* check_table looks at engine and triggers, and tries the rights, of which nothing stays.
 */
static void check_rights(struct doctor *d)
{
    struct str table = db_table(d->perm, db_settings(d->db), d->queue.table);
    struct str tries[] = {
        str_fmt(d->perm,
                "insert into %.*s (queue, payload, attempts, reserved_at, available_at, "
                "created_at) values ('facteur:doctor', '{}', 0, null, 4294967295, 0)",
                STR_ARG(table)),
        str_fmt(d->perm, "update %.*s set attempts = 0 where id = last_insert_id()",
                STR_ARG(table)),
        str_fmt(d->perm, "delete from %.*s where id = last_insert_id()", STR_ARG(table)),
    };
    struct error e = {0};
    bool ok = db_begin(d->db, &e);
    for (size_t i = 0; ok && i < COUNT(tries); i++)
        ok = db_run(d->db, tries[i], NULL, 0, d->perm, NULL, &e);
    db_rollback(d->db);
    if (ok)
        find(d, GOOD,
             str_fmt(d->perm, "rows of %.*s can be written and deleted", STR_ARG(table)));
    else
        find_error(d, &e)->advice = S("grant select, insert, update, delete on it");
}

static void check_table(struct doctor *d)
{
    struct str name = str_fmt(d->perm, "%.*s%.*s", STR_ARG(db_settings(d->db)->prefix),
                              STR_ARG(d->queue.table));
    struct db_arg arg = db_text(name);
    struct db_result r;
    struct error e = {0};
    if (!db_run(
            d->db,
            S("select engine, (select count(*) from information_schema.triggers where "
              "event_object_schema = database() and event_object_table = ?) as "
              "triggers from information_schema.tables where table_schema = "
              "database() and table_name = ?"),
            (struct db_arg[]){arg, arg}, 2, d->perm, &r, &e)) {
        find_error(d, &e);
        return;
    }
    if (!r.rows) {
        struct found *f =
            find(d, WRONG, str_fmt(d->perm, "there is no table %.*s", STR_ARG(name)));
        f->advice = S("php artisan queue:table && php artisan migrate");
        return;
    }
    struct php_value engine = db_cell(&r, 0, "engine");
    bool innodb = engine.type == PHP_STRING && str_ieq(engine.s, S("InnoDB"));
    bool triggers = php_to_int(db_cell(&r, 0, "triggers")) > 0;
    if (!innodb)
        find(d, WRONG,
             str_fmt(d->perm,
                     "the table %.*s is no InnoDB: nothing in it is a transaction",
                     STR_ARG(name)))
            ->advice = str_fmt(d->perm, "alter table %.*s engine=InnoDB", STR_ARG(name));
    if (triggers)
        find(d, NOTE,
             str_fmt(d->perm, "the table %.*s has triggers; its rights were not tried",
                     STR_ARG(name)));
    if (innodb && !triggers)
        check_rights(d);
}

static void check_failed(struct doctor *d)
{
    struct failed_settings settings;
    struct failed_walk walk = {0};
    struct error e = {0};
    int64_t count = 0;
    struct failed_store *store = failed_settings_load(d->app, d->perm, &settings, &e)
                                     ? failed_open(&settings, d->pool, &e)
                                     : NULL;
    if (store && failed_count(store, &walk, *d->perm, &count, &e))
        find(d, GOOD, str_fmt(d->perm, "%lld failed jobs", (long long)count));
    else
        of_setting(d, find_error(d, &e), "queue.failed");
    failed_drop(store);
}

static void check_database(struct doctor *d)
{
    struct error e = {0};
    d->db = db_pool_session(d->pool, d->queue.db_setting, d->queue.db_connection, &e);
    if (!d->db || !db_connect(d->db, &e)) {
        struct found *f = find_error(d, &e);
        of_setting(d, f, "database.connections");
        f->advice = S("see facteur about --only=database for what is used, and where it "
                      "stands");
        d->db = NULL;
        return;
    }
    check_server(d);
    check_table(d);
}

/* === who works, and who waits === */

struct seen {
    int64_t masters, parked;
    struct doctor *d;
};

static bool on_record(void *arg, const struct run_view *v)
{
    struct seen *s = arg;
    s->parked += v->parked;
    s->masters += v->head && !v->parked && v->at == 0 && v->master_lives;
    return true;
}

static void check_workers(struct doctor *d)
{
    struct seen seen = {.d = d};
    struct error e = {0};
    struct queue_sizes sizes = {0};
    struct queue_table *table = NULL;
    char *folder = app_storage(d->app, d->perm, "framework/facteur");
    if (!run_each(folder, on_record, &seen, &e))
        find_error(d, &e)->advice = S("run doctor as the user whose workers they are");
    if (d->db)
        table = queue_table_open(d->app, d->pool, d->queue.connection, d->perm, &e);
    if (table && queue_table_sizes(table, d->queue.queue, *d->perm, &sizes, &e) &&
        sizes.has_oldest && clock_unix() - sizes.oldest > OLD_S) {
        find(d, seen.masters ? NOTE : WRONG,
             str_fmt(d->perm, "%lld jobs wait, the oldest for %lld min",
                     (long long)sizes.pending,
                     (long long)((clock_unix() - sizes.oldest) / 60)))
            ->advice = seen.masters ? S("facteur status tells what its workers are doing")
                                    : S("no worker of facteur's is running here: facteur "
                                        "queue:work");
    }
    if (seen.parked)
        find(d, WRONG,
             str_fmt(d->perm, "%lld jobs are over but cannot be settled",
                     (long long)seen.parked))
            ->advice = S("the app's log says why; facteur status lists them");
    if (!d->problems)
        find(d, GOOD,
             str_fmt(d->perm, "%lld workers here, %lld jobs wait",
                     (long long)seen.masters, (long long)sizes.pending));
    err_clear(&e);
}

/* === what a worker writes to === */

static void check_folder(struct doctor *d, const char *name)
{
    char *path = app_storage(d->app, d->perm, name);
    struct statvfs room;
    if (access(path, W_OK | X_OK) != 0) {
        struct error e = {0};
        (void)file_denied(path, "write below", "w", &e);
        find_error(d, &e)->advice = S("run facteur as the app's own user, or chown it");
        return;
    }
    if (statvfs(path, &room) != 0)
        return;
    int64_t mb = (int64_t)(room.f_bavail * (room.f_frsize >> 10) >> 10);
    if (mb < ROOM_MB)
        find(d, NOTE, str_fmt(d->perm, "%s: %lld MB are left", path, (long long)mb))
            ->advice = S("make room: what is over cannot be recorded on a full disk");
}

static void check_folders(struct doctor *d)
{
    check_folder(d, "framework");
    check_folder(d, "logs");
    if (!d->problems)
        find(d, GOOD, S("storage/framework and storage/logs can be written to"));
}

static void check_cache(struct doctor *d)
{
    struct error e = {0};
    struct php_value v;
    struct cache *c = cache_open(d->app, d->pool, S(""), &e);
    if (c && cache_read(c, S("illuminate:queue:restart"), d->perm, &v, &e)) {
        struct found *f = find(d, cache_is_shared(c) ? GOOD : NOTE,
                               str_fmt(d->perm, "store %.*s", STR_ARG(cache_name(c))));
        if (!cache_is_shared(c)) {
            of_setting(d, f, "cache.default");
            f->advice = S("queue:restart, queue:pause and artisan down are heard by "
                          "nobody: take database, file or redis");
        }
    } else {
        of_setting(d, find_error(d, &e), "cache.default");
    }
    cache_close(c);
}

/* === mails === */

static bool send_test(struct doctor *d, const struct mail_settings *s, struct mailer *m,
                      const char *to, struct error *e)
{
    struct mail_message message = {
        .to = {.address = str_from(to)},
        .subject = S("facteur doctor"),
        .html = S("<p>This mail was sent by facteur doctor --send-to.</p>"),
        .date = clock_unix(),
    };
    struct str bytes;
    char uuid[UUID_TEXT];
    uuid_new(uuid);
    mail_settings_apply(s, &message);
    message.message_id = str_fmt(d->perm, "%s@facteur", uuid);
    if (!mail_build(&message, d->perm, &bytes, e))
        return false;
    struct mail_delivery delivery = {
        .from = message.from.address, .to = str_from(to), .message = bytes};
    return mailer_send(m, &delivery, e);
}

static void check_mail(struct doctor *d)
{
    struct error e = {0};
    struct mail_settings s;
    const char *to;
    struct mailer *m =
        mail_settings_load(d->app, d->perm, &s, &e) ? mailer_open(&s, d->app, &e) : NULL;
    bool send = option_given(d->in, "send-to", &to) && to;
    if (!m || (send && !send_test(d, &s, m, to, &e))) {
        struct found *f = find_error(d, &e);
        of_setting(d, f, "mail.default");
        f->advice =
            S("see facteur about --only=mail for what is used, and where it stands");
    } else if (send) {
        find(d, GOOD, str_fmt(d->perm, "a mail to %s was taken by the server", to));
    } else {
        find(d, GOOD, S("settings are sound; --send-to=ADDRESS sends a mail"));
    }
    if (m)
        mailer_close(m);
}

/* === letters, PHP === */

static void on_finding(void *arg, const struct finding *f)
{
    struct doctor *d = arg;
    if (f->severity != FINDING_ERROR)
        return;
    find(d, NOTE, str_copy(d->perm, str_from(f->text)))->from =
        str_fmt(d->perm, "%s:%d:%d", f->file, f->line, f->col);
}

static void on_warning(void *arg, const char *text)
{
    struct doctor *d = arg;
    find(d, NOTE, str_copy(d->perm, str_from(text)));
}

/* try_newest makes the letter that was recorded last, and sends nothing: which glyphs are
 * missing shows with the data. */
static void try_newest(struct doctor *d, struct jobs *js, struct db *db)
{
    struct letter_request r = {.id = S("doctor")};
    struct letter_trial trial;
    struct arena tmp = arena_open(STAMP_ARENA);
    struct error e = {0};
    size_t found;
    if (letter_newest(db, d->perm, &r, 1, &found, &e) &&
        letter_try(js, &r, d->perm, tmp, &trial, &e)) {
        find(d, GOOD,
             str_fmt(d->perm, "the letter of club %lld and teacher %lld is made",
                     (long long)r.club_id, (long long)r.teacher_id));
    } else if (e.kind != ERR_JOB || r.club_id) {
        find_error(d, &e);
    } else {
        find(d, NOTE, str_copy(d->perm, str_from(e.text)));
    }
    arena_close(&tmp);
}

static void check_letters(struct doctor *d)
{
    struct error e = {0};
    static const struct job_class *const letters[] = {&send_volunteer_letter, NULL};
    struct db *db = db_pool_session(d->pool, NULL, S(""), &e);
    struct jobs_options o = {.app = d->app,
                             .classes = letters,
                             .db = db,
                             .report = on_finding,
                             .warn = on_warning,
                             .arg = d};
    struct jobs *js = db && db_connect(db, &e) ? jobs_open(&o, &e) : NULL;
    if (!js || !jobs_refresh(js, &e))
        find_error(d, &e);
    else if (!jobs_takes(js, &send_volunteer_letter))
        find(d, NOTE, S("volunteers' letters are run by PHP"))->advice =
            S("facteur view:check tells all that keeps them there");
    else
        try_newest(d, js, db);
    jobs_close(js);
}

static void check_proof(struct doctor *d)
{
    struct proof_record r;
    struct arena tmp = arena_open(STAMP_ARENA);
    struct error e = {0};
    char stamp[PROOF_STAMP];
    if (!proof_record_read(d->app, d->perm, &r))
        find(d, NOTE, S("no letter was compared with PHP's yet"))->advice =
            S("facteur letter:prove, or let a worker do it");
    else if (!proof_stamp(d->app, tmp, stamp, &e) || strcmp(stamp, r.stamp) != 0)
        find(d, NOTE, S("the app was changed since letters were compared with PHP's"))
            ->advice = S("facteur letter:prove, or let a worker do it");
    else
        find(d, GOOD, S("letters were found equal to PHP's"));
    arena_close(&tmp);
}

static void warn(void *arg, struct str text)
{
    struct doctor *d = arg;
    find(d, NOTE, str_copy(d->perm, text));
}

static void check_php(struct doctor *d)
{
    struct error e = {0};
    struct child_options o = {.warn = warn, .arg = d};
    struct child *c = NULL;
    if (php_like_worker(d->app, &d->queue, d->perm, &o, &e) && (c = child_open(&o, &e)) &&
        child_boots(c, always, d, &e))
        find(d, GOOD, str_fmt(d->perm, "%s boots the app", o.php));
    else
        find_error(d, &e)->advice = S(
            "without a PHP that boots the app facteur runs letters alone: PHP_BINARY in "
            ".env names another one");
    child_close(c);
}

/* === the list === */

static void after_database(struct doctor *d, void (*check)(struct doctor *d))
{
    if (d->db)
        check(d);
}

static void failed_jobs(struct doctor *d)
{
    after_database(d, check_failed);
}

static void letters(struct doctor *d)
{
    after_database(d, check_letters);
}

static const struct {
    const char *what;
    void (*check)(struct doctor *d);
    bool slow; /* a process is started, or letters are made */
} checks[] = {
    {"Database", check_database, false}, {"Lease", check_lease, false},
    {"Failed Jobs", failed_jobs, false}, {"Workers", check_workers, false},
    {"Folders", check_folders, false},   {"Cache", check_cache, false},
    {"Mail", check_mail, false},         {"PHP", check_php, true},
    {"Letters", letters, true},          {"Proof", check_proof, true},
};

/* line_len is how much of a text goes into a line: up to a blank, where there is one. */
static size_t line_len(struct str text, size_t columns)
{
    size_t at = 0, blank = 0;
    for (size_t n = 0; at < text.len && n < columns; n++) {
        if (text.ptr[at] == ' ')
            blank = at;
        (void)str_utf8(text, &at);
    }
    return at == text.len || !blank ? at : blank;
}

/* tell writes a text in the width of the terminal. */
static void tell(struct doctor *d, enum console_style style, struct str text)
{
    size_t width = console_width();
    while (text.len) {
        size_t len = line_len(text, width > 24 ? width - 6 : 18);
        console_line(&d->in->console, style,
                     str_fmt(d->perm, "    %.*s", STR_ARG(str_sub(text, 0, len))));
        text = str_skip(text, len + (len < text.len && text.ptr[len] == ' '));
    }
}

/* print_text tells what is at least so grave. */
static void print_text(struct doctor *d, enum gravity least)
{
    static const enum console_style styles[] = {
        [GOOD] = STYLE_GREEN_BOLD, [NOTE] = STYLE_YELLOW_BOLD, [WRONG] = STYLE_RED_BOLD};
    struct console *c = &d->in->console;
    const char *what = NULL;
    for (size_t i = 0; i < d->list.len; i++) {
        const struct found *f = &d->list.at[i];
        if (f->gravity < least)
            continue;
        struct console_side left = {.text = str_from(f->what)};
        struct console_side right = {.tail = str_from(words[f->gravity]),
                                     .tail_style = styles[f->gravity]};
        if (!what || strcmp(what, f->what) != 0)
            console_newline(c);
        what = f->what;
        console_columns(c, &left, &right);
        tell(d, STYLE_PLAIN, f->text);
        tell(d, STYLE_GRAY,
             str_fmt(d->perm, "%.*s%s%.*s", STR_ARG(f->key), f->key.len ? ": " : "",
                     STR_ARG(f->from)));
        if (f->advice.len)
            tell(d, STYLE_GRAY, str_fmt(d->perm, "→ %.*s", STR_ARG(f->advice)));
    }
    console_newline(c);
}

static void print_json(struct doctor *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->list.len; i++) {
        const struct found *f = &d->list.at[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "check", f->what, "gravity",
                            words[f->gravity], "found", json_text(f->text), "setting",
                            json_text(f->key), "from", json_text(f->from), "advice",
                            json_text(f->advice)));
    }
    json_dumpf(list, stdout, JSON_INDENT(4));
    putchar('\n');
    json_decref(list);
}

/* examine goes through the checks; `brief`: but for those that take time. */
static void examine(struct doctor *d, bool brief)
{
    d->what = "Queue";
    if (!check_queue(d))
        return;
    for (size_t i = 0; i < COUNT(checks); i++) {
        if (brief && checks[i].slow)
            continue;
        d->what = checks[i].what;
        d->problems = 0;
        checks[i].check(d);
    }
}

void doctor_brief(struct invocation *in, struct app *app)
{
    struct doctor d = {.in = in, .perm = &in->perm, .app = app};
    struct console_side title = {.lead = S("Doctor"), .lead_style = STYLE_GREEN_BOLD};
    size_t grave = 0;
    d.pool = db_pool_new(app);
    if (!d.pool)
        return;
    examine(&d, true);
    for (size_t i = 0; i < d.list.len; i++)
        grave += d.list.at[i].gravity != GOOD;
    console_newline(&in->console);
    console_columns(&in->console, &title, &(struct console_side){0});
    console_line(
        &in->console, STYLE_PLAIN,
        grave ? S("  facteur doctor looks at PHP, mails and letters, too. At once:")
              : S("  Nothing at once; facteur doctor looks at PHP, mails and "
                  "letters, too."));
    print_text(&d, NOTE);
    db_pool_drop(d.pool);
}

static int run(struct invocation *in, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct doctor d = {.in = in, .perm = &in->perm};
    const char *unused;
    enum gravity worst = GOOD;
    d.app = app_open(&where, e);
    d.pool = d.app ? db_pool_new(d.app) : NULL;
    if (!d.pool) {
        if (d.app)
            err_set(e, ERR_FATAL, "no memory for database sessions");
        return WRONG;
    }
    examine(&d, false);
    for (size_t i = 0; i < d.list.len; i++)
        worst = d.list.at[i].gravity > worst ? d.list.at[i].gravity : worst;
    if (option_given(in, "json", &unused))
        print_json(&d);
    else
        print_text(&d, GOOD);
    db_pool_drop(d.pool);
    app_close(d.app);
    return worst == WRONG;
}

const struct command command_doctor = {
    .name = "doctor",
    .help = "Tell what is wrong, where it stands, and what to do",
    .arguments = arguments,
    .options = options,
    .run = run,
};
