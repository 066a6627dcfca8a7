/* test_run.c: the run folder: files that outlive their writers. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_shell.h"

#include "run/run_imp.h"

struct house {
    char dir[64];
    struct app *app;
    struct journal journal;
    struct run_hold last; /* the orphan met last */
    struct buf said;
};

static void on_say(void *arg, struct str text)
{
    struct house *h = arg;
    buf_fmt(&h->said, "%.*s\n", STR_ARG(text));
}

static void read_journal(struct house *h)
{
    struct error e = {0};
    struct run_place place = {.connection = S("database"),
                              .table = S("jobs"),
                              .retry_after = 60,
                              .tries = 3,
                              .backoff = S("1,5")};
    assert_ok(journal_open(&h->journal, h->app, &place, &e), e);
    h->journal.say = on_say;
    h->journal.arg = h;
}

static void open_house(struct house *h)
{
    struct error e = {0};
    *h = (struct house){.dir = "build/house-XXXXXX"};
    h->said = buf_new(NULL, 1 << 20);
    assert_non_null(mkdtemp(h->dir));
    shell("mkdir -p $1/storage/logs $1/bootstrap", h->dir);
    shell("touch $1/artisan && printf 'APP_KEY=base64:c2VjcmV0\nDB_CONNECTION=mysql\n' "
          ">$1/.env",
          h->dir);
    struct app_options where = {.dir = h->dir};
    h->app = app_open(&where, &e);
    if (!h->app)
        fail_msg("%s", e.text);
    read_journal(h);
}

static bool has(const struct house *h, const char *text)
{
    return str_has(buf_str(&h->said), str_from(text));
}

static void close_house(struct house *h)
{
    journal_close(&h->journal);
    app_close(h->app);
    buf_drop(&h->said);
    shell("rm -rf $1", h->dir);
}

/* A file as a master with two slots makes it, and as it is left after a kill. */
static void create(struct house *h, struct run_file *f)
{
    struct error e = {0};
    assert_ok(run_create(f, &h->journal, 2, &e), e);
}

static void hold(struct run_file *f, size_t at, enum job_phase phase, int64_t id)
{
    struct run_hold h;
    run_adopt(&h, f, at);
    h.now = (struct run_record){.phase = (int32_t)phase,
                                .id = id,
                                .mark = 77,
                                .attempts = 1,
                                .reserved_at = clock_unix()};
    run_publish(&h);
}

struct settling_of {
    bool settle;
    int n;
    struct run_hold last;
};

static bool on_orphan(void *arg, struct run_hold *orphan, struct error *e)
{
    struct settling_of *s = arg;
    s->n++;
    s->last = *orphan;
    if (!s->settle)
        return err_set(e, ERR_AGAIN, "a lock wait");
    orphan->now.phase = PHASE_IDLE;
    run_publish(orphan);
    return true;
}

static int orphans(struct house *h, bool settle)
{
    struct error e = {0};
    struct settling_of s = {.settle = settle};
    assert_ok(journal_orphans(&h->journal, on_orphan, &s, &e), e);
    h->last = s.last;
    return s.n;
}

static enum journal_answer ask(struct house *h, int64_t id)
{
    return journal_ask(&h->journal, id, 77);
}

/* slot_lives forks a process that holds a slot's record until the descriptor is closed.
 */
static pid_t slot_lives(struct run_file *f, size_t at, int *until)
{
    int wait[2], ready[2];
    char c;
    assert_int_equal(pipe(wait), 0);
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct error e = {0};
        close(wait[1]);
        if (!run_leave(f, &e) || !run_take(f, at) || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(wait[0], &c, 1) == 0 ? 0 : 1);
    }
    close(wait[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    *until = wait[1];
    return pid;
}

static void slot_dies(pid_t pid, int until)
{
    close(until);
    waitpid(pid, NULL, 0);
}

/* === files === */

void test_a_run_file_goes_when_nothing_is_held(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    struct stat st;
    open_house(&h);
    create(&h, &f);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_true(st.st_blocks * 512 >= st.st_size); /* a full disk ends nobody later */
    assert_string_equal(f.head->connection, "database");
    assert_string_equal(f.head->database, "mysql");
    assert_string_equal(f.head->table, "jobs");
    assert_string_equal(f.head->backoff, "1,5");
    run_close(&f);
    assert_int_equal(stat(f.path, &st), -1);
    close_house(&h);
}

void test_an_orphan_stays_until_it_is_settled(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    struct stat st;
    open_house(&h);
    create(&h, &f);
    hold(&f, 1, PHASE_WORK, 7);
    assert_int_equal(orphans(&h, true), 0); /* its master lives */
    run_close(&f);                          /* as after a kill: only the file is left */
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(orphans(&h, false), 1);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(ask(&h, 7), JOURNAL_DEAD);
    assert_int_equal(orphans(&h, true), 1);
    assert_int_equal(h.last.now.id, 7);
    assert_int_equal(h.last.tries, 3);
    assert_string_equal(h.last.backoff, "1,5");
    assert_int_equal(stat(f.path, &st), -1);
    assert_int_equal(ask(&h, 7), JOURNAL_FREE);
    close_house(&h);
}

void test_a_record_lives_as_long_as_its_slot(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    int until;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    hold(&f, 1, PHASE_SENT, 8);
    pid_t slot = slot_lives(&f, 0, &until);
    assert_int_equal(ask(&h, 7), JOURNAL_HELD);
    assert_int_equal(ask(&h, 8), JOURNAL_DEAD);
    run_close(&f); /* the master is gone: the slot goes on, the other one is an orphan */
    assert_int_equal(orphans(&h, true), 1);
    assert_int_equal(h.last.now.id, 8);
    assert_int_equal(ask(&h, 7), JOURNAL_HELD);
    slot_dies(slot, until);
    assert_int_equal(orphans(&h, true), 1);
    assert_int_equal(h.last.now.id, 7);
    close_house(&h);
}

void test_a_dead_slot_of_a_living_master_waits_until_its_reservation_ran_out(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    assert_int_equal(orphans(&h, true), 0);
    clock_freeze((clock_unix() + 61) * 1000000);
    assert_int_equal(orphans(&h, true), 1);
    clock_freeze(-1);
    run_close(&f);
    close_house(&h);
}

void test_a_record_is_known_by_connection_table_id_and_mark(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    struct journal other = h.journal;
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    assert_int_equal(ask(&h, 7), JOURNAL_DEAD);
    assert_int_equal(ask(&h, 8), JOURNAL_FREE);
    assert_int_equal(journal_ask(&h.journal, 7, 78), JOURNAL_FREE);
    snprintf(other.table, sizeof(other.table), "letters");
    assert_int_equal(journal_ask(&other, 7, 77), JOURNAL_FREE);
    other = h.journal;
    snprintf(other.database, sizeof(other.database), "reporting");
    assert_int_equal(journal_ask(&other, 7, 77), JOURNAL_FREE);
    other = h.journal; /* another name for the same table */
    snprintf(other.connection, sizeof(other.connection), "letters");
    assert_int_equal(journal_ask(&other, 7, 77), JOURNAL_DEAD);
    run_close(&f);
    close_house(&h);
}

/* === whom a file is believed === */

void test_a_file_that_others_could_write_is_believed_by_its_seals(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    struct stat st;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    hold(&f, 1, PHASE_SENT, 8);
    shell("chmod -R 775 $1/storage", h.dir);
    hold(&f, 1, PHASE_SENT, 8); /* whoever lives goes on writing */
    f.slots[0].record.id = 9;   /* as another user could */
    assert_int_equal(ask(&h, 9), JOURNAL_HELD);
    assert_int_equal(ask(&h, 8), JOURNAL_DEAD);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(has(&h, "could be written to by others"));
    run_close(&f);
    assert_int_equal(orphans(&h, true), 1); /* also when its mode is right again */
    assert_int_equal(h.last.now.id, 8);
    assert_true(has(&h, "was not sealed with this app's APP_KEY"));
    assert_int_equal(stat(f.path, &st), 0);
    close_house(&h);
}

void test_a_seal_is_of_one_place_in_one_file(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    memcpy(&f.slots[1], &f.slots[0], sizeof(f.slots[0]));
    f.sealed_only = true;
    assert_true(run_believed(&f, 0));
    assert_false(run_believed(&f, 1));
    run_close(&f);
    close_house(&h);
}

void test_a_seal_ends_with_what_it_seals(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    struct run_hold held;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    run_adopt(&held, &f, 0);
    f.sealed_only = true;
    assert_true(run_believed(&f, 0));
    run_step(&held, PHASE_IDLE, NULL);
    f.slots[0].record.phase = PHASE_SENT; /* by another's hand */
    assert_false(run_believed(&f, 0));
    run_close(&f);
    close_house(&h);
}

void test_the_former_app_key_is_believed_too(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    f.sealed_only = true;
    struct journal later = h.journal;
    struct error e = {0};
    later.keys_len = 0;
    assert_ok(run_key_add(&later, S("another"), &e), e);
    f.journal = &later;
    assert_false(run_believed(&f, 0));
    later.keys[later.keys_len++] = h.journal.keys[0];
    assert_true(run_believed(&f, 0));
    run_close(&f);
    later.keys_len--;
    run_keys_close(&later);
    close_house(&h);
}

void test_a_file_with_another_name_or_another_owner_is_not_read(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    create(&h, &f);
    hold(&f, 0, PHASE_SENT, 7);
    run_close(&f);
    shell("cd $1/storage/framework/facteur && ln *.run ../other", h.dir);
    assert_int_equal(ask(&h, 7), JOURNAL_FREE);
    shell("rm $1/storage/framework/other", h.dir);
    assert_int_equal(ask(&h, 7), JOURNAL_DEAD);
    shell("cd $1/storage/framework/facteur && mv *.run ../kept && ln -s ../kept x.run",
          h.dir);
    assert_int_equal(ask(&h, 7), JOURNAL_FREE);
    if (geteuid() == 0) {
        shell("cd $1/storage/framework/facteur && rm x.run && mv ../kept x.run && "
              "chown 12345 x.run",
              h.dir);
        assert_int_equal(ask(&h, 7), JOURNAL_FREE);
        assert_true(has(&h, "belongs to user 12345: it is not read"));
        shell("chown 12345 $1/storage", h.dir); /* root works for whom storage/ is */
        assert_int_equal(ask(&h, 7), JOURNAL_DEAD);
        create(&h, &f);
        struct stat st;
        assert_int_equal(stat(f.path, &st), 0);
        assert_int_equal(st.st_uid, 12345);
        run_close(&f);
    }
    close_house(&h);
}

/* === other versions === */

/* left_by makes a file of another version, which holds jobs 7 and 8 in its two slots. */
static void left_by(struct house *h, uint32_t version, struct run_file *f)
{
    create(h, f);
    hold(f, 0, PHASE_SENT, 7);
    hold(f, 1, PHASE_WORK, 8);
    f->head->version = version;
    run_drop(f);
}

void test_what_a_later_version_holds_is_left_to_it(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    left_by(&h, RUN_VERSION + 1, &f);
    assert_int_equal(ask(&h, 7), JOURNAL_HELD);
    assert_int_equal(ask(&h, 8), JOURNAL_HELD);
    assert_int_equal(ask(&h, 9), JOURNAL_FREE);
    assert_int_equal(orphans(&h, true), 0);
    assert_true(has(&h, "its jobs (7, 8) are not taken"));
    close_house(&h);
}

void test_a_version_that_cannot_be_read_holds_whatever_ran_out(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    left_by(&h, RUN_BEFORE - 1, &f);
    assert_int_equal(ask(&h, 9), JOURNAL_HELD);
    assert_int_equal(orphans(&h, true), 0);
    assert_true(has(&h, "no job whose reservation ran out is taken"));
    close_house(&h);
}

void test_foreign_bytes_in_the_run_folder_are_left_alone(void **state)
{
    (void)state;
    struct house h;
    struct stat st;
    char path[256];
    open_house(&h);
    assert_int_equal(orphans(&h, true), 0); /* makes the folder */
    shell("printf x > $1/storage/framework/facteur/short.run", h.dir);
    shell("head -c 65536 /dev/zero > $1/storage/framework/facteur/zeros.run", h.dir);
    assert_int_equal(orphans(&h, true), 0);
    snprintf(path, sizeof(path), "%s/storage/framework/facteur/zeros.run", h.dir);
    assert_int_equal(stat(path, &st), 0);
    close_house(&h);
}

void test_the_run_folder_is_for_its_owner_alone(void **state)
{
    (void)state;
    struct house h;
    struct stat st;
    char path[256];
    open_house(&h);
    snprintf(path, sizeof(path), "%s/storage/framework/facteur", h.dir);
    shell("mkdir -p -m 0777 $1/storage/framework/facteur", h.dir);
    assert_int_equal(orphans(&h, true), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    close_house(&h);
}

void test_a_thing_is_said_once(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    create(&h, &f);
    assert_true(run_said(&f, S("a view")));
    assert_false(run_said(&f, S("a view")));
    assert_true(run_said(&f, S("another")));
    run_close(&f);
    close_house(&h);
}

struct seen {
    int n, of_others;
    struct run_view last;
    int64_t last_begun;
};

static bool on_view(void *arg, const struct run_view *view)
{
    struct seen *seen = arg;
    seen->n++;
    seen->of_others += !view->head;
    if (view->head && view->record.phase != PHASE_IDLE) {
        seen->last = *view;
        seen->last_begun = view->slot->begun_ms;
    }
    return true;
}

static struct seen look(struct house *h)
{
    struct error e = {0};
    struct seen seen = {0};
    char folder[128];
    snprintf(folder, sizeof(folder), "%s/storage/framework/facteur", h->dir);
    assert_ok(run_each(folder, on_view, &seen, &e), e);
    return seen;
}

void test_whoever_only_looks_sees_each_record(void **state)
{
    (void)state;
    struct house h;
    struct run_file f, later;
    struct stat st;
    open_house(&h);
    assert_int_equal(look(&h).n, 0); /* there is no folder yet, and none is made */
    assert_int_equal(access(h.dir, F_OK), 0);
    create(&h, &f);
    int until;
    pid_t pid = slot_lives(&f, run_second(&f, 1), &until);
    hold(&f, run_second(&f, 1), PHASE_WORK, 7);
    run_own(&f, 1)->begun_ms = 5;
    struct seen seen = look(&h);
    assert_int_equal(seen.n, 4);
    assert_int_equal(seen.last.record.id, 7);
    assert_int_equal(seen.last.at, 3);
    assert_int_equal(seen.last_begun, 5);
    assert_true(seen.last.master_lives && seen.last.slot_lives && !seen.last.parked);
    slot_dies(pid, until);
    assert_false(look(&h).last.slot_lives);
    left_by(&h, RUN_VERSION + 1, &later);
    assert_int_equal(look(&h).of_others, 1);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    run_drop(&later);
    run_close(&f);
    close_house(&h);
}

void test_a_record_goes_forward_and_counts_its_time(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    struct run_hold own;
    open_house(&h);
    create(&h, &f);
    run_adopt(&own, &f, 0);
    own.now.id = 7;
    run_name(own.now.uuid, RUN_UUID, (struct str){0}); /* a payload without one */
    run_name(own.now.class_name, RUN_NAME, S("App\\Jobs\\Letter"));
    for (enum job_phase to = PHASE_CLAIM; to < PHASES; to++)
        run_step(&own, to, to == PHASE_WORK ? "pdf" : NULL);
    struct seen seen = look(&h);
    assert_int_equal(seen.last.record.phase, PHASE_SENT);
    assert_string_equal(seen.last.record.class_name, "App\\Jobs\\Letter");
    usleep(2000);
    run_step(&own, PHASE_IDLE, NULL);
    assert_true(f.slots[0].tally.phase_us[PHASE_SENT] >= 2000);
    assert_int_equal(f.slots[0].tally.phase_us[PHASE_IDLE], 0);
    run_ended(&f.slots[0], RUN_DONE);
    assert_int_equal(f.slots[0].tally.ended[RUN_DONE], 1);
    run_close(&f);
    close_house(&h);
}

/* steps: does a process that makes these two steps end by itself? */
static bool steps(struct run_file *f, enum job_phase first, enum job_phase second)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct run_hold own;
        run_adopt(&own, f, 0);
        fclose(stderr);
        own.now.phase = (int32_t)first;
        run_publish(&own);
        run_step(&own, second, second == PHASE_WORK ? "mail" : NULL);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void test_a_step_is_the_classs_own_word(void **state)
{
    (void)state;
    struct run_record r = {.phase = PHASE_LOAD, .step = "pdf"};
    assert_string_equal(run_where(&r), "load");
    r.phase = PHASE_WORK;
    assert_string_equal(run_where(&r), "pdf");
    r.step[0] = '\0';
    assert_string_equal(run_where(&r), "work");
    memset(r.step, 'x', sizeof(r.step)); /* as another could write it */
    assert_string_equal(run_where(&r), "work");
}

void test_no_record_goes_back(void **state)
{
    (void)state;
    struct house h;
    struct run_file f;
    open_house(&h);
    create(&h, &f);
    assert_true(steps(&f, PHASE_IDLE, PHASE_CLAIM));
    assert_true(steps(&f, PHASE_LOAD, PHASE_SENT)); /* a class with no steps of its own */
    assert_false(steps(&f, PHASE_IDLE, PHASE_LOAD));
    assert_false(steps(&f, PHASE_WORK, PHASE_LOAD));
    assert_true(steps(&f, PHASE_WORK, PHASE_WORK)); /* from one of its steps to another */
    assert_false(steps(&f, PHASE_SENT, PHASE_SENT));
    assert_false(steps(&f, PHASE_SENT, PHASE_CLAIM)); /* another job, before the end */
    assert_true(steps(&f, PHASE_CLAIM, PHASE_IDLE));
    run_close(&f);
    close_house(&h);
}
