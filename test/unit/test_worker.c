/* test_worker.c: the run folder: files that outlive their writers. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#include "worker/worker_imp.h"

struct house {
    char dir[64];
    struct app *app;
    struct work_options o;
};

/* shell runs a script that finds the house's folder in $1. */
static void shell(const char *script, const char *dir)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", script, "sh", dir, (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static struct house open_house(void)
{
    struct house h = {.dir = "/tmp/facteur-test-XXXXXX"};
    struct error e = {0};
    assert_non_null(mkdtemp(h.dir));
    shell("mkdir -p $1/storage/logs $1/bootstrap", h.dir);
    shell("touch $1/artisan", h.dir);
    struct app_options where = {.dir = h.dir};
    h.app = app_open(&where, &e);
    if (!h.app)
        fail_msg("%s", e.text);
    h.o = (struct work_options){
        .app = h.app, .workers = 2, .retry = {.tries = 3, .backoff = S("1,5")}};
    return h;
}

static void close_house(struct house *h)
{
    app_close(h->app);
    shell("rm -rf $1", h->dir);
}

static bool count_orphan(void *arg, struct run_file *orphan, struct error *e)
{
    int *settle = arg;
    (void)e;
    if (*settle)
        for (size_t i = 0; i < orphan->head->slots; i++)
            orphan->slots[i].phase = PHASE_IDLE;
    (*settle) += 100;
    return true;
}

static int orphans(struct house *h, bool settle)
{
    struct error e = {0};
    int n = settle;
    assert_ok(run_orphans(&h->o, count_orphan, &n, &e), e);
    return n / 100;
}

void test_a_run_file_goes_when_nothing_is_held(void **state)
{
    (void)state;
    struct house h = open_house();
    struct run_file f;
    struct error e = {0};
    struct stat st;
    assert_ok(run_create(&f, &h.o, S("database"), &e), e);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_string_equal(f.head->connection, "database");
    assert_string_equal(f.head->backoff, "1,5");
    run_close(&f);
    assert_int_equal(stat(f.path, &st), -1);
    close_house(&h);
}

void test_a_file_whose_master_lives_is_no_orphan(void **state)
{
    (void)state;
    struct house h = open_house();
    struct run_file f;
    struct error e = {0};
    assert_ok(run_create(&f, &h.o, S("database"), &e), e);
    f.slots[0].phase = PHASE_MAIL;
    assert_int_equal(orphans(&h, true), 0);
    f.slots[0].phase = PHASE_IDLE;
    run_close(&f);
    close_house(&h);
}

void test_an_orphan_stays_until_it_is_settled(void **state)
{
    (void)state;
    struct house h = open_house();
    struct run_file f;
    struct error e = {0};
    struct stat st;
    assert_ok(run_create(&f, &h.o, S("database"), &e), e);
    f.slots[1].phase = PHASE_MAIL;
    run_close(&f); /* as after a kill: the lock is gone, the file is not */
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(orphans(&h, false), 1);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(orphans(&h, true), 1);
    assert_int_equal(stat(f.path, &st), -1);
    close_house(&h);
}

void test_a_child_inherits_the_lock(void **state)
{
    (void)state;
    struct house h = open_house();
    struct run_file f;
    struct error e = {0};
    int wait[2];
    assert_ok(run_create(&f, &h.o, S("database"), &e), e);
    f.slots[0].phase = PHASE_PDF;
    assert_int_equal(pipe(wait), 0);
    pid_t slot = fork();
    if (slot == 0) {
        char c;
        close(wait[1]);
        _exit(read(wait[0], &c, 1) == 0 ? 0 : 1);
    }
    close(wait[0]);
    run_close(&f); /* the master's end; the slot still holds it */
    assert_int_equal(orphans(&h, true), 0);
    close(wait[1]);
    waitpid(slot, NULL, 0);
    assert_int_equal(orphans(&h, true), 1);
    close_house(&h);
}

void test_foreign_bytes_in_the_run_folder_are_left_alone(void **state)
{
    (void)state;
    struct house h = open_house();
    struct stat st;
    char path[256];
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
    struct house h = open_house();
    struct stat st;
    char path[256];
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
    struct house h = open_house();
    struct run_file f;
    struct error e = {0};
    assert_ok(run_create(&f, &h.o, S("database"), &e), e);
    assert_true(run_said(&f, S("a view")));
    assert_false(run_said(&f, S("a view")));
    assert_true(run_said(&f, S("another")));
    run_close(&f);
    close_house(&h);
}
