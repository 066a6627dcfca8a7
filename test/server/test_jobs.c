/* test_jobs.c: two classes of jobs side by side: letters, and notes that only count. Each
 * job goes to its own class, and neither class's check knows of the other.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "server.h"

#include "facteur/jobs_class.h"
#include "facteur/letter.h"

#define NOTE "App\\Jobs\\Note"

enum { LETTER_JOB, NOTE_JOB };

/* === a class of this file's own === */

struct notes {
    int opened, closed, checked, begun, worked, done, failed, withdrawn, lines;
    bool breaks; /* the next one fails */
    char last[64];
};

static struct notes notes;

/* of_note: its functions are given its own home, and no other. */
static struct notes *of_note(struct job_home *h)
{
    assert_string_equal(h->class->queue.name, NOTE);
    assert_ptr_equal(h->state, &notes);
    assert_null(h->mailer);
    return h->state;
}

static bool note_open(struct job_home *h, struct error *e)
{
    (void)e;
    h->state = &notes;
    of_note(h)->opened++;
    return true;
}

static void note_close(struct job_home *h)
{
    of_note(h)->closed++;
}

static bool note_check(struct job_home *h, const struct job_source *source, bool *ok,
                       struct error *e)
{
    (void)e;
    assert_string_equal(source->file, "app/Jobs/Note.php");
    of_note(h)->checked++;
    *ok = true;
    return true;
}

static bool note_touches(struct str class_name)
{
    return str_eq(class_name, S("App\\Models\\Pupil"));
}

static bool note_stamp(struct job_home *h, uint64_t *out, struct error *e)
{
    (void)e;
    of_note(h);
    *out = 1;
    return true;
}

static bool note_begin(struct job_home *h, struct job_run *r, enum job_begun *begun,
                       bool *undecodable, struct error *e)
{
    const struct php_object *command;
    if (!job_command(r, &command, e))
        return !(*undecodable = true);
    struct str text = php_prop(command, S("text"))->s;
    snprintf(of_note(h)->last, sizeof(notes.last), "%.*s", STR_ARG(text));
    of_note(h)->begun++;
    r->data = &notes;
    *begun = BEGUN_READY;
    return true;
}

static bool note_handle(struct job_home *h, struct job_run *r, struct error *e)
{
    assert_ptr_equal(r->data, of_note(h));
    if (notes.breaks)
        return err_set(e, ERR_JOB, "the note is lost");
    notes.worked++;
    return true;
}

static bool note_completed(struct job_home *h, struct job_run *r, struct error *e)
{
    (void)e;
    assert_ptr_equal(r->data, of_note(h));
    notes.done++;
    return true;
}

static bool note_failed(struct job_home *h, struct job_run *r,
                        const struct job_failure *f, struct error *e)
{
    (void)r;
    (void)e;
    of_note(h)->failed++;
    assert_str(f->message, "the note is lost");
    return true;
}

static bool note_withdrawn(struct job_home *h, struct job_run *r, struct error *e)
{
    (void)r;
    (void)e;
    of_note(h)->withdrawn++;
    return true;
}

static bool note_row_exists(struct job_home *h, int64_t row, bool *exists,
                            struct error *e)
{
    (void)e;
    of_note(h);
    *exists = row == 7;
    return true;
}

static const char *note_exception(const char *step)
{
    return strcmp(step, "pdf") == 0 ? "NoteException" : NULL;
}

static void note_log_done(struct job_home *h, const struct job_run *r)
{
    (void)r;
    of_note(h)->lines++;
    app_log(h->o->app, APP_INFO, str_from(notes.last), php_null());
}

static void note_log_failed(struct job_home *h, const struct job_run *r,
                            const struct job_failure *f)
{
    (void)r;
    of_note(h)->lines++;
    app_log(h->o->app, APP_ERROR, f->message, php_null());
}

static const struct job_class note_class = {
    .queue = {NOTE, "Note"},
    .open = note_open,
    .close = note_close,
    .check = note_check,
    .touches = note_touches,
    .stamp = note_stamp,
    .begin = note_begin,
    .handle = note_handle,
    .completed = note_completed,
    .failed = note_failed,
    .withdrawn = note_withdrawn,
    .killed = note_failed,
    .row_exists = note_row_exists,
    .exception = note_exception,
    .log_done = note_log_done,
    .log_failed = note_log_failed,
};

static const struct job_class *const classes[] = {
    [LETTER_JOB] = &send_volunteer_letter, [NOTE_JOB] = &note_class, NULL};

/* === an app, and a slot's jobs === */

struct house {
    char dir[64];
    struct app *app;
    struct db_pool *pool;
    struct db *db;
    struct jobs *jobs;
    struct executor *executor;
    struct buf said;
    struct queue_job job;
    struct job_run run;
    struct arena perm, other;
};

static void on_finding(void *arg, const struct finding *f)
{
    struct house *h = arg;
    buf_fmt(&h->said, "%s:%d %s\n", f->file, f->line, f->text);
}

static void on_warning(void *arg, const char *text)
{
    (void)arg;
    fail_msg("warned: %s", text);
}

static void put(struct house *h, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", h->dir, name);
    for (char *slash = strchr(path + strlen(h->dir) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static struct str text_of(struct house *h, const char *name)
{
    struct error e = {0};
    struct str text = S("");
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", h->dir, name);
    assert_ok(file_read(path, 1 << 20, &memory, &text, &e), e);
    return text;
}

static void make_tables(void)
{
    sql_kill_others();
    sql("delete from volunteer_letter_sends; delete from teachers; delete from clubs; "
        "delete from users");
    sql("insert into clubs (id, name) values (1, 'Les Écuries')");
    sql("insert into users (id, name, email, password) values "
        "(2, 'Zoë', 'zoe@example.test', 'x')");
    sql("insert into teachers (id, user_id) values (2, 2)");
}

static struct house *make_house(void)
{
    struct house *h = NEW(&memory, struct house, 1);
    struct db_settings s = settings_of_server();
    make_tables();
    notes = (struct notes){0};
    h->perm = arena_open(64 << 20);
    h->other = arena_open(64 << 20);
    h->said = buf_new(&memory, 64 << 10);
    snprintf(h->dir, sizeof(h->dir), "%s/house-XXXXXX", server_env("TMP"));
    assert_non_null(mkdtemp(h->dir));
    struct str env = str_fmt(
        &memory,
        "APP_ENV=testing\nLOG_CHANNEL=single\nDB_CONNECTION=mysql\nDB_SOCKET=%.*s\n"
        "DB_DATABASE=%.*s\nDB_USERNAME=%.*s\nDB_PASSWORD=%.*s\nMAIL_MAILER=array\n"
        "MAIL_FROM_ADDRESS=club@example.test\n",
        STR_ARG(s.socket), STR_ARG(s.database), STR_ARG(s.user), STR_ARG(s.password));
    put(h, ".env", str_z(&memory, env));
    put(h, "artisan", "");
    put(h, "storage/logs/laravel.log", "");
    put(h, "composer.lock",
        "{\"packages\":[{\"name\":\"laravel/framework\",\"version\":\"v12.72.0\"}]}\n");
    return h;
}

static void open_house(struct house *h)
{
    struct error e = {0};
    struct app_options where = {.dir = h->dir};
    h->app = app_open(&where, &e);
    assert_ok(h->app, e);
    h->pool = db_pool_new(h->app);
    h->db = db_pool_session(h->pool, NULL, S(""), &e);
    assert_ok(h->db, e);
    struct jobs_options o = {.app = h->app,
                             .classes = classes,
                             .db = h->db,
                             .pool = h->pool,
                             .queue_db = h->db,
                             .built_in_views = true,
                             .report = on_finding,
                             .warn = on_warning,
                             .arg = h};
    h->jobs = jobs_open(&o, &e);
    assert_ok(h->jobs, e);
    h->executor = jobs_executor(h->jobs);
    assert_int_equal(notes.opened, 1);
}

static void refresh(struct house *h)
{
    struct error e = {0};
    assert_ok(executor_refresh(h->executor, &e), e);
}

static void close_house(struct house *h)
{
    jobs_close(h->jobs);
    assert_int_equal(notes.closed, 1);
    db_pool_drop(h->pool);
    app_close(h->app);
    arena_close(&h->perm);
    arena_close(&h->other);
}

/* === the way of one job, as a slot goes it === */

static const char *const commands[] = {
    [LETTER_JOB] = "O:31:\"App\\Jobs\\SendVolunteerLetterJob\":2:{s:6:\"clubId\";i:1;"
                   "s:9:\"teacherId\";i:2;}",
    [NOTE_JOB] = "O:13:\"App\\Jobs\\Note\":1:{s:4:\"text\";s:5:\"hello\";}",
};

/* receive makes a job of the class, and finds whose it is, as the queue does. */
static void receive(struct house *h, int which)
{
    struct buf b = buf_new(&memory, 64 << 10);
    struct error e = {0};
    size_t len;
    const struct queue_class *rows = executor_classes(h->executor, &len);
    assert_int_equal(len, 2);
    buf_fmt(&b, "{\"uuid\":\"u-%d\",\"data\":{\"commandName\":", which);
    assert_ok(php_json(&b, php_string(str_from(rows[which].name)), 0, &e), e);
    buf_fmt(&b, ",\"command\":");
    assert_ok(php_json(&b, php_string(str_from(commands[which])), 0, &e), e);
    buf_fmt(&b, "}}");
    h->job = (struct queue_job){.id = 1, .raw = buf_str(&b)};
    h->job.payload = payload_parse(h->job.raw, &h->perm);
    h->job.class_index = queue_ours(rows, len, &h->job.payload, h->job.raw);
    assert_int_equal(h->job.class_index, which);
    assert_int_equal(executor_class(h->executor, str_from(rows[which].name)), which);
    h->run = (struct job_run){.job = &h->job, .perm = &h->perm, .other = &h->other};
}

static void begin(struct house *h, int which)
{
    struct error e = {0};
    enum job_begun begun;
    bool undecodable;
    receive(h, which);
    assert_null(executor_refuses(h->executor, &h->job, &h->perm));
    executor_enter(h->executor, &h->run);
    assert_ok(db_begin(h->db, &e), e);
    assert_ok(executor_begin(h->executor, &h->run, &begun, &undecodable, &e), e);
    assert_int_equal(begun, BEGUN_READY);
    assert_ok(db_commit(h->db, &e), e);
}

static void end(struct house *h, enum end_kind kind)
{
    struct error e = {0};
    struct ending ending = {.job = &h->job, .kind = kind};
    assert_ok(db_begin(h->db, &e), e);
    assert_ok(executor_parts(h->executor, &h->run, &ending, &e), e);
    assert_true(ending.parts_len > 0);
    for (size_t i = 0; i < ending.parts_len; i++)
        assert_ok(ending.parts[i].write(ending.parts[i].arg, &e), e);
    assert_ok(db_commit(h->db, &e), e);
    executor_ended(h->executor, &h->run, h->run.failure);
    executor_leave(h->executor);
    arena_reset(&h->other);
    arena_reset(&h->perm);
}

static void do_job(struct house *h, int which)
{
    struct error e = {0};
    begin(h, which);
    assert_ok(executor_work(h->executor, &h->run, &e), e);
    end(h, END_DONE);
}

/* rows: each letter's row, as it stands. */
static struct str rows(void)
{
    return sql_table("select club_id, teacher_id, status, error_message from "
                     "volunteer_letter_sends order by id");
}

/* === tests === */

void test_each_job_goes_to_its_own_class(void **state)
{
    (void)state;
    struct house *h = make_house();
    open_house(h);
    refresh(h);
    assert_true(jobs_takes(h->jobs, &send_volunteer_letter));
    assert_true(jobs_takes(h->jobs, &note_class));
    do_job(h, NOTE_JOB);
    assert_str(rows(), "");
    assert_int_equal(executor_pace(h->executor).met, MAIL_MET_NOTHING);
    do_job(h, LETTER_JOB);
    assert_str(rows(), "1|2|sent|null");
    do_job(h, NOTE_JOB);
    assert_str(rows(), "1|2|sent|null");
    assert_string_equal(notes.last, "hello");
    assert_int_equal(notes.begun, 2);
    assert_int_equal(notes.worked, 2);
    assert_int_equal(notes.done, 2);
    assert_int_equal(notes.lines, 2);
    struct str log = text_of(h, "storage/logs/laravel.log");
    struct str letter = S("testing.INFO: SendVolunteerLetterJob - Lettre envoyée");
    assert_true(str_has(log, letter));
    assert_true(str_has(log, S("testing.INFO: hello")));
    close_house(h);
}

void test_each_failure_is_its_own_class(void **state)
{
    (void)state;
    struct house *h = make_house();
    open_house(h);
    refresh(h);
    notes.breaks = true;
    for (int which = LETTER_JOB; which <= NOTE_JOB; which++) {
        struct error e = {0};
        begin(h, which);
        if (which == NOTE_JOB)
            assert_false(executor_work(h->executor, &h->run, &e));
        else
            err_set(&e, ERR_JOB, "the letter is lost");
        struct job_failure f = {
            .message = str_from(e.text), .begun = true, .where = S("pdf")};
        h->run.failure = &f;
        end(h, END_FAILED);
    }
    assert_str(rows(), "1|2|failed|the letter is lost");
    const struct executor *x = h->executor;
    assert_string_equal(executor_exception(x, NOTE_JOB, "pdf"), "NoteException");
    assert_string_equal(executor_exception(x, LETTER_JOB, "pdf"),
                        "Facteur\\PdfException");
    assert_int_equal(notes.failed, 1);
    assert_int_equal(notes.done, 0);
    close_house(h);
}

void test_what_a_dead_process_began_is_asked_of_its_class(void **state)
{
    (void)state;
    struct house *h = make_house();
    struct error e = {0};
    bool began;
    open_house(h);
    refresh(h);
    assert_ok(executor_began(h->executor, NOTE_JOB, 7, &began, &e), e);
    assert_true(began);
    assert_ok(executor_began(h->executor, LETTER_JOB, 7, &began, &e), e);
    assert_false(began);
    begin(h, LETTER_JOB);
    assert_ok(executor_withdraw(h->executor, &h->run, &e), e);
    executor_leave(h->executor);
    assert_str(rows(), "");
    assert_int_equal(notes.withdrawn, 0);
    begin(h, NOTE_JOB);
    assert_ok(executor_withdraw(h->executor, &h->run, &e), e);
    executor_leave(h->executor);
    assert_int_equal(notes.withdrawn, 1);
    close_house(h);
}

/* taken asks which of both are taken now: "letter note". */
static const char *taken(struct house *h)
{
    refresh(h);
    struct str s = str_fmt(&memory, "%s%s",
                           jobs_takes(h->jobs, &send_volunteer_letter) ? "letter " : "",
                           jobs_takes(h->jobs, &note_class) ? "note" : "");
    return str_z(&memory, s);
}

void test_neither_check_touches_the_other(void **state)
{
    (void)state;
    struct house *h = make_house();
    open_house(h);
    assert_string_equal(taken(h), "letter note");
    assert_int_equal(notes.checked, 1);
    do_job(h, LETTER_JOB);
    /* A note that does what facteur does not is PHP's; letters go on as they were. */
    put(h, "app/Jobs/Note.php",
        "<?php\nnamespace App\\Jobs;\nclass Note {\n"
        " function handle() { $this->release(10); }\n}\n");
    assert_string_equal(taken(h), "letter ");
    assert_int_equal(notes.checked, 2);
    assert_true(str_has(buf_str(&h->said), S("app/Jobs/Note.php:4 $this->release()")));
    do_job(h, LETTER_JOB);
    /* A model that only letters read is no affair of notes. */
    put(h, "app/Jobs/Note.php", "<?php\nnamespace App\\Jobs;\nclass Note {\n}\n");
    put(h, "app/Models/Club.php",
        "<?php\nnamespace App\\Models;\nclass Club extends "
        "\\Illuminate\\Database\\Eloquent\\Model {\n"
        " public function getNameAttribute() { return 'x'; }\n}\n");
    assert_string_equal(taken(h), "note");
    assert_true(str_has(buf_str(&h->said), S("Club's name – computed by")));
    assert_int_equal(notes.checked, 3);
    do_job(h, NOTE_JOB);
    struct error e = {0};
    enum job_begun begun;
    bool undecodable;
    receive(h, LETTER_JOB);
    executor_enter(h->executor, &h->run);
    assert_false(executor_begin(h->executor, &h->run, &begun, &undecodable, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    executor_leave(h->executor);
    put(h, "app/Models/Club.php",
        "<?php\nnamespace App\\Models;\nclass Club extends "
        "\\Illuminate\\Database\\Eloquent\\Model { }\n");
    assert_string_equal(taken(h), "letter note");
    assert_int_equal(notes.checked, 3);
    assert_str(rows(), "1|2|sent|null\n1|2|sent|null");
    close_house(h);
}

/* boots makes an app whose start observes the model. */
static struct house *boots(const char *model)
{
    struct house *h = make_house();
    put(h, "bootstrap/providers.php",
        "<?php return [App\\Providers\\AppServiceProvider::class];\n");
    struct str text = str_fmt(
        &memory,
        "<?php\nnamespace App\\Providers;\nuse Illuminate\\Support\\ServiceProvider;\n"
        "class AppServiceProvider extends ServiceProvider {\n"
        "    public function boot(): void\n    {\n"
        "        \\App\\Models\\%s::observe(\\App\\Observers\\Any::class);\n    }\n}\n",
        model);
    put(h, "app/Providers/AppServiceProvider.php", str_z(&memory, text));
    open_house(h);
    return h;
}

void test_what_the_app_does_at_its_start_counts_for_whom_it_touches(void **state)
{
    (void)state;
    static const struct {
        const char *model, *taken;
    } cases[] = {{"Club", "note"}, {"Pupil", "letter "}, {"Other", "letter note"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct house *h = boots(cases[i].model);
        assert_string_equal(taken(h), cases[i].taken);
        close_house(h);
    }
}
