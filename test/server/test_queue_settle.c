/* test_queue_settle.c: completing, releasing, failing, giving back: fenced and atomic. */
#include <sys/wait.h>
#include <unistd.h>

#include "proxy.h"
#include "queue/queue_imp.h"
#include "world.h"

enum { NOW = 1764079509 }; /* 2025-11-25 14:05:09 UTC */

/* What a settlement writes beside the queue's own rows. */
struct beside {
    struct db *db;
    int runs;
    bool fails;
};

static bool write_beside(void *arg, struct error *e)
{
    struct beside *b = arg;
    b->runs++;
    if (b->fails)
        return err_set(e, ERR_JOB, "beside fails");
    return db_run(b->db, S("update beside set n=n+1"), NULL, 0, &memory, NULL, e);
}

struct claimed {
    struct world *w;
    struct queue_job job;
    struct beside beside;
    struct ending end; /* with one part */
};

static struct claimed *open_claimed(struct world *w, struct str payload)
{
    struct claimed *c = NEW(&memory, struct claimed, 1);
    sql("drop table if exists beside; create table beside (n int)");
    sql("insert into beside values (0)");
    clock_freeze((int64_t)NOW * 1000000);
    struct error e = {0};
    if (!clock_zone("Europe/Paris", &e))
        fail_msg("%s", e.text);
    add_job("default", payload);
    world_open(w);
    assert_true(world_next(w, &c->job));
    c->w = w;
    c->beside.db = w->db;
    c->end = (struct ending){.job = &c->job, .parts_len = 1};
    c->end.parts[0] =
        (struct part){.write = write_beside, .arg = &c->beside, .db = w->db};
    return c;
}

static struct claimed *claimed(void)
{
    return open_claimed(world_new(), letter_json("u-1", ""));
}

static void close_claimed(struct claimed *c)
{
    clock_freeze(-1);
    world_close(c->w);
}

static struct str counts(void)
{
    return sql_table("select (select count(*) from jobs), (select count(*) from "
                     "failed_jobs), (select n from beside)");
}

enum way { COMPLETE, RELEASE, FAIL, WAYS };

static bool settle(struct claimed *c, enum way way, bool *owned, struct error *e)
{
    static const enum end_kind kinds[WAYS] = {END_DONE, END_RELEASED, END_FAILED};
    c->end.kind = kinds[way];
    c->end.delay = 7;
    c->end.exception = S("Why: it failed");
    return queue_end(c->w->q, &c->end, owned, e);
}

/* What stands in the tables when it is done: jobs, failed_jobs, beside. */
static const char *const done[WAYS] = {"0|0|1", "1|0|1", "0|1|1"};

/* === the rows === */

void test_completing_deletes_the_row_and_writes_beside(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    int64_t commits = status_of(c->w->db, "Com_commit");
    assert_ok(settle(c, COMPLETE, &owned, &e), e);
    assert_true(owned);
    assert_str(counts(), "0|0|1");
    assert_int_equal(status_of(c->w->db, "Com_commit") - commits, 1);
    assert_int_equal(world_claim(c->w, &c->job), 0);
    close_claimed(c);
}

void test_releasing_is_a_new_row_with_the_same_bytes(void **state)
{
    (void)state;
    struct str payload = letter_json("u-1", "\"extra\":\"h\\u00e9\\/\",");
    struct claimed *c = open_claimed(world_new(), payload);
    struct error e = {0};
    bool owned;
    int64_t id = c->job.id;
    sql("update jobs set created_at=1, available_at=2");
    clock_freeze((int64_t)(NOW + 5) * 1000000);
    assert_ok(settle(c, RELEASE, &owned, &e), e);
    assert_true(owned);
    assert_str(counts(), "1|0|1");
    struct str want = str_fmt(&memory, "%lld|default|1|null|%d|%d", (long long)id + 1,
                              NOW + 12, NOW + 5);
    assert_str(sql_table("select id, queue, attempts, reserved_at, available_at, "
                         "created_at from jobs"),
               str_z(&memory, want));
    assert_str(sql_text("select payload from jobs"), str_z(&memory, payload));
    assert_int_equal(world_next(c->w, &c->job), 0);
    clock_freeze((int64_t)(NOW + 12) * 1000000);
    assert_int_equal(world_next(c->w, &c->job), id + 1);
    assert_int_equal(c->job.attempts, 2);
    close_claimed(c);
}

void test_failing_writes_the_row_that_artisan_reads(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_str(counts(), "0|1|1");
    /* failed_at is in the app's zone, which is not the server's. */
    assert_str(sql_table("select uuid, connection, queue, exception, failed_at from "
                         "failed_jobs"),
               "u-1|database|default|Why: it failed|2025-11-25 15:05:09");
    assert_str(sql_text("select payload from failed_jobs"),
               str_z(&memory, letter_json("u-1", "")));
    close_claimed(c);
}

void test_failing_in_the_form_without_uuid(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct error e = {0};
    struct str text;
    bool owned;
    sql("drop table failed_jobs");
    assert_ok(file_read("sql/schema/failed_jobs_legacy.sql", 1 << 16, &memory, &text, &e),
              e);
    sql("%.*s", STR_ARG(text));
    w->settings.failed.driver = FAILED_IDS;
    struct claimed *c = open_claimed(w, letter_json("u-1", ""));
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_str(sql_table("select connection, queue, exception, failed_at from "
                         "failed_jobs"),
               "database|default|Why: it failed|2025-11-25 15:05:09");
    close_claimed(c);
}

/* available_at is an unsigned number of 32 bits. */
void test_a_release_beyond_what_the_column_holds_is_cut(void **state)
{
    (void)state;
    static const struct {
        int64_t delay;
        const char *available_at;
    } cases[] = {{9999999999, "4294967295"}, {INT64_MAX, "4294967295"}, {INT64_MIN, "0"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        c->end.kind = END_RELEASED;
        c->end.delay = cases[i].delay;
        assert_ok(queue_end(c->w->q, &c->end, &owned, &e), e);
        assert_true(owned);
        assert_str(sql_text("select available_at from jobs"), cases[i].available_at);
        close_claimed(c);
    }
}

void test_a_uuid_that_is_too_long_is_replaced(void **state)
{
    (void)state;
    struct claimed *c = open_claimed(
        world_new(), letter_json(str_z(&memory, str_fmt(&memory, "%0256d", 1)), ""));
    struct error e = {0};
    bool owned;
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_int_equal(sql_int("select length(uuid) from failed_jobs"), 36);
    close_claimed(c);
}

/* What failed_jobs refuses is not lost, and nobody may run it again. */
void test_a_job_that_failed_jobs_refuses_stays_reserved(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "drop table failed_jobs",
        "alter table failed_jobs drop column uuid",
        "alter table failed_jobs modify exception varchar(3) not null",
    };
    for (size_t i = 0; i < COUNT(broken); i++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        sql("%s", broken[i]);
        assert_false(settle(c, FAIL, &owned, &e));
        assert_int_equal(e.kind, ERR_JOB);
        assert_true(str_starts(str_from(e.text), S("SQLSTATE[")));
        assert_str(sql_table("select attempts, reserved_at is null from jobs"), "1|0");
        assert_int_equal(sql_int("select n from beside"), 0);
        close_claimed(c);
    }
}

void test_failing_with_the_driver_null_stores_nothing(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct error e = {0};
    bool owned;
    w->settings.failed.driver = FAILED_NONE;
    struct claimed *c = open_claimed(w, letter_json("u-1", ""));
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_str(counts(), "0|0|1");
    close_claimed(c);
}

void test_a_job_without_a_uuid_or_with_one_that_is_taken_fails_under_a_new_one(
    void **state)
{
    (void)state;
    struct error e = {0};
    bool owned;
    struct claimed *c = open_claimed(world_new(), S("broken " LETTER_CLASS));
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_int_equal(sql_int("select count(*) from failed_jobs where uuid regexp "
                             "'^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                             "[0-9a-f]{12}$'"),
                     1);
    close_claimed(c);
    struct world *w = world_new();
    sql("insert into failed_jobs (uuid, connection, queue, payload, exception) values "
        "('u-1', 'database', 'default', 'older', 'older')");
    c = open_claimed(w, letter_json("u-1", ""));
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_int_equal(sql_int("select count(*) from failed_jobs"), 2);
    assert_int_equal(sql_int("select count(*) from failed_jobs where uuid='u-1' and "
                             "payload='older'"),
                     1);
    close_claimed(c);
}

/* An SMTP server may speak Latin-1; a strict column takes UTF-8 only. */
void test_broken_utf8_in_the_exception_is_replaced(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    struct ending end = {.job = &c->job,
                         .kind = END_FAILED,
                         .exception = S("550 refus\xe9 d\xc3\xa9j\xc3\xa0 \xf0\x9f")};
    assert_ok(queue_end(c->w->q, &end, &owned, &e), e);
    assert_true(owned);
    assert_str(sql_text("select exception from failed_jobs"), "550 refus? déjà ?");
    close_claimed(c);
}

void test_giving_back_leaves_the_row_as_it_was(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    assert_ok(queue_give_back(c->w->q, &c->job, &owned, &e), e);
    assert_true(owned);
    struct str want =
        str_fmt(&memory, "%lld|0|null|%d|%d", (long long)c->job.id, NOW, NOW);
    assert_str(
        sql_table("select id, attempts, reserved_at, available_at, created_at from "
                  "jobs"),
        str_z(&memory, want));
    assert_ok(queue_give_back(c->w->q, &c->job, &owned, &e), e);
    assert_false(owned);
    close_claimed(c);
}

void test_giving_back_survives_a_lost_connection(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    sql("kill %lld", (long long)connection_id(c->w->db));
    assert_ok(queue_give_back(c->w->q, &c->job, &owned, &e), e);
    assert_true(owned);
    assert_int_equal(sql_int("select attempts from jobs"), 0);
    close_claimed(c);
}

/* === the fence === */

static const struct {
    const char *what, *how, *why;
} losses[] = {
    {"taken over", "update jobs set attempts=2, reserved_at=reserved_at+90",
     "another worker took it over: attempt 2, reserved at 1764079599"},
    {"taken over in the same second", "update jobs set attempts=2",
     "another worker took it over: attempt 2, reserved at 1764079509"},
    {"released", "update jobs set reserved_at=null", "it was released by another"},
    {"cleared", "delete from jobs",
     "the row is gone: completed by another worker, cleared or truncated"},
    {"truncated", "truncate jobs",
     "the row is gone: completed by another worker, cleared or truncated"},
};

void test_a_reservation_that_is_lost_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(losses); i++)
        for (enum way way = 0; way < WAYS; way++) {
            struct claimed *c = claimed();
            struct error e = {0};
            bool owned = true;
            sql("%s", losses[i].how);
            struct str before = sql_table("select * from jobs");
            assert_ok(settle(c, way, &owned, &e), e);
            if (owned)
                fail_msg("%s: it is ours still", losses[i].what);
            assert_int_equal(c->beside.runs, 0);
            assert_false(db_in_transaction(c->w->db));
            assert_str(sql_table("select * from jobs"), str_z(&memory, before));
            assert_int_equal(sql_int("select count(*) from failed_jobs"), 0);
            assert_str(queue_gone(c->w->q, &c->job, &memory), losses[i].why);
            close_claimed(c);
        }
}

void test_a_truncated_table_with_the_id_given_again_is_not_ours(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    sql("truncate jobs");
    assert_int_equal(add_job("default", letter_json("u-2", "")), c->job.id);
    assert_ok(settle(c, COMPLETE, &owned, &e), e);
    assert_false(owned);
    assert_int_equal(sql_int("select count(*) from jobs"), 1);
    close_claimed(c);
}

/* === atomic === */

void test_when_what_stands_beside_fails_nothing_is_done(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        struct str before = sql_table("select * from jobs");
        c->beside.fails = true;
        assert_false(settle(c, way, &owned, &e));
        assert_string_equal(e.text, "beside fails");
        assert_false(db_in_transaction(c->w->db));
        assert_str(sql_table("select * from jobs"), str_z(&memory, before));
        assert_str(counts(), "1|0|0");
        c->beside.fails = false;
        err_clear(&e);
        assert_ok(settle(c, way, &owned, &e), e);
        assert_true(owned);
        assert_str(counts(), done[way]);
        close_claimed(c);
    }
}

/* Neither among the failed jobs nor back into the queue: what was done is undone. */
void test_when_the_failed_row_cannot_be_written_the_job_stays(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    sql("alter table failed_jobs add column extra int not null");
    assert_false(settle(c, FAIL, &owned, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_str(sql_table("select id, attempts, reserved_at from jobs"),
               str_z(&memory, str_fmt(&memory, "%lld|1|%d", (long long)c->job.id, NOW)));
    assert_int_equal(sql_int("select n from beside"), 0);
    close_claimed(c);
}

/* === a server that refuses what is to be done with the row === */

/* refuse_all makes each way to change a row of jobs an error, beside the given ones. */
static void refuse(const char *what)
{
    sql("create trigger no_%s before %s on jobs for each row signal sqlstate '45000' set "
        "message_text='no %s here'",
        what, what, what);
}

void test_a_released_row_that_cannot_be_deleted_is_given_back_as_it_is(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    refuse("delete");
    assert_ok(settle(c, RELEASE, &owned, &e), e);
    assert_true(owned);
    assert_str(sql_table("select id, attempts, reserved_at, available_at from jobs"),
               str_z(&memory,
                     str_fmt(&memory, "%lld|1|null|%d", (long long)c->job.id, NOW + 7)));
    assert_int_equal(sql_int("select n from beside"), 1);
    assert_str(
        buf_str(&c->w->said),
        str_z(&memory, str_fmt(&memory, "refused %lld, its row is given back as it is;",
                               (long long)c->job.id)));
    /* The watch list knows it, and the others go on. */
    struct queue_job job;
    add_job("default", letter_json("u-2", ""));
    assert_true(world_next(c->w, &job));
    assert_str(job.payload.uuid, "u-2");
    clock_freeze((int64_t)(NOW + 7) * 1000000);
    assert_int_equal(world_next(c->w, &job), c->job.id);
    close_claimed(c);
}

void test_a_successor_that_is_refused_leaves_the_row(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    sql("alter table jobs add column extra tinyint not null");
    assert_ok(settle(c, RELEASE, &owned, &e), e);
    assert_str(sql_table("select id, attempts, reserved_at, available_at from jobs"),
               str_z(&memory,
                     str_fmt(&memory, "%lld|1|null|%d", (long long)c->job.id, NOW + 7)));
    close_claimed(c);
}

/* As PHP's: the app's own mode lets the new column have its nothing. */
void test_a_lax_mode_takes_the_successor(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->server.has_modes = true;
    w->server.modes = S("NO_ENGINE_SUBSTITUTION");
    struct claimed *c = open_claimed(w, letter_json("u-1", ""));
    struct error e = {0};
    bool owned;
    sql("alter table jobs add column extra tinyint not null");
    assert_ok(settle(c, RELEASE, &owned, &e), e);
    assert_int_equal(sql_int("select count(*) from jobs where id>%lld and extra=0",
                             (long long)c->job.id),
                     1);
    close_claimed(c);
}

void test_a_released_row_that_cannot_be_changed_stays_reserved(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    refuse("delete");
    refuse("update");
    assert_ok(settle(c, RELEASE, &owned, &e), e);
    assert_true(owned);
    assert_str(sql_table("select attempts, reserved_at from jobs"),
               str_z(&memory, str_fmt(&memory, "1|%d", NOW)));
    assert_int_equal(sql_int("select n from beside"), 1);
    err_clear(&e);
    assert_ok(queue_give_back(c->w->q, &c->job, &owned, &e), e);
    assert_true(owned);
    close_claimed(c);
}

/* What was mailed, or has failed for good, must not come back: nothing is done, and the
 * caller knows. */
void test_a_job_that_is_over_and_cannot_be_deleted_stays_reserved(void **state)
{
    (void)state;
    static const enum way over[] = {COMPLETE, FAIL};
    for (size_t i = 0; i < COUNT(over); i++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        refuse("delete");
        assert_false(settle(c, over[i], &owned, &e));
        assert_int_equal(e.kind, ERR_JOB);
        assert_non_null(strstr(e.text, "no delete here"));
        assert_str(sql_table("select attempts, reserved_at from jobs"),
                   str_z(&memory, str_fmt(&memory, "1|%d", NOW)));
        assert_str(counts(), "1|0|0");
        close_claimed(c);
    }
}

void test_a_deadlock_is_tried_again(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        struct other *o = other_open();
        /* The other holds `beside` and then wants our row; it is the heavier one. */
        sql_on(o,
               "drop table if exists heavy; create table heavy (n int); begin; update "
               "beside set n=n; insert into heavy select seq from %s",
               numbers(1000));
        pid_t pid = fork_child();
        if (pid == 0) {
            usleep(300000);
            sql_on(o, "update jobs set available_at=available_at");
            usleep(100000);
            sql_on(o, "rollback");
            _exit(0);
        }
        bool ok = settle(c, way, &owned, &e);
        waitpid(pid, NULL, 0);
        assert_ok(ok, e);
        assert_true(owned);
        assert_in_range(c->beside.runs, 2, 10);
        assert_str(counts(), done[way]);
        other_close(o);
        close_claimed(c);
    }
}

/* === other connections === */

void test_rows_on_another_connection_come_first(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        struct db_settings s = settings_of_server();
        c->beside.db = c->end.parts[0].db = db_new(&s);
        assert_ok(settle(c, way, &owned, &e), e);
        assert_true(owned);
        assert_str(counts(), done[way]);
        assert_false(db_in_transaction(c->beside.db));
        /* Not ours any more: nothing is written, and the caller's own row tells alone. */
        assert_ok(settle(c, way, &owned, &e), e);
        assert_false(owned);
        assert_str(counts(), done[way]);
        db_drop(c->beside.db);
        close_claimed(c);
    }
}

void test_what_was_committed_on_another_connection_is_not_done_again(void **state)
{
    (void)state;
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    struct db_settings s = settings_of_server();
    struct beside here = {.db = c->w->db};
    c->beside.db = c->end.parts[0].db = db_new(&s);
    c->end.parts[1] = (struct part){.write = write_beside, .arg = &here, .db = c->w->db};
    c->end.parts_len = 2;
    here.fails = true;
    assert_false(settle(c, COMPLETE, &owned, &e));
    assert_str(counts(), "1|0|1");
    err_clear(&e);
    here.fails = false;
    assert_ok(settle(c, COMPLETE, &owned, &e), e);
    assert_true(owned);
    assert_str(counts(), "0|0|2");
    assert_int_equal(c->beside.runs, 1);
    db_drop(c->beside.db);
    close_claimed(c);
}

void test_when_rows_on_another_connection_cannot_be_written_the_job_stays(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        struct db_settings s = settings_of_server();
        struct str before = sql_table("select * from jobs");
        c->beside.db = c->end.parts[0].db = db_new(&s);
        c->beside.fails = true;
        assert_false(settle(c, way, &owned, &e));
        assert_false(db_in_transaction(c->beside.db));
        assert_str(sql_table("select * from jobs"), str_z(&memory, before));
        assert_str(counts(), "1|0|0");
        db_drop(c->beside.db);
        close_claimed(c);
    }
}

/* Whose the job is is asked before anything is written that no rollback takes back. */
void test_rows_of_another_connection_wait_for_the_fence(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        struct db_settings s = settings_of_server();
        c->beside.db = c->end.parts[0].db = db_new(&s);
        sql("update jobs set attempts=2");
        assert_ok(settle(c, way, &owned, &e), e);
        assert_false(owned);
        assert_int_equal(c->beside.runs, 0);
        assert_str(counts(), "1|0|0");
        db_drop(c->beside.db);
        close_claimed(c);
    }
}

void test_failed_jobs_on_another_connection_are_written_before_the_row_goes(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct error e = {0};
    bool owned;
    sql("create database if not exists elsewhere");
    sql("grant all on elsewhere.* to app@localhost");
    sql("drop table if exists elsewhere.failed_jobs");
    sql("rename table failed_jobs to elsewhere.failed_jobs");
    w->failed_server = settings_of_server();
    w->failed_server.database = S("elsewhere");
    struct claimed *c = open_claimed(w, letter_json("u-1", ""));
    assert_ok(settle(c, FAIL, &owned, &e), e);
    assert_true(owned);
    assert_int_equal(sql_int("select count(*) from jobs"), 0);
    assert_str(sql_text("select uuid from elsewhere.failed_jobs"), "u-1");
    close_claimed(c);
    /* Its server is away: the job stays. */
    w = world_new();
    sql("drop table elsewhere.failed_jobs");
    sql("rename table failed_jobs to elsewhere.failed_jobs");
    w->failed_server = settings_of_server();
    w->failed_server.socket = S("");
    w->failed_server.port = 1;
    c = open_claimed(w, letter_json("u-1", ""));
    assert_false(settle(c, FAIL, &owned, &e));
    assert_int_equal(e.kind, ERR_LOST);
    assert_int_equal(sql_int("select count(*) from jobs"), 1);
    assert_int_equal(sql_int("select n from beside"), 0);
    close_claimed(c);
    sql("drop database elsewhere");
}

/* Its rows are committed before the job's row goes: what can be doubled, not lost. */
void test_a_failed_row_is_not_written_twice_by_a_settlement_that_tries_again(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct error e = {0};
    bool owned;
    w->failed_server = settings_of_server();
    struct claimed *c = open_claimed(w, letter_json("u-1", ""));
    struct other *o = other_open();
    sql_on(o,
           "drop table if exists heavy; create table heavy (n int); begin; update beside "
           "set "
           "n=n; insert into heavy select seq from %s",
           numbers(1000));
    pid_t pid = fork_child();
    if (pid == 0) {
        usleep(300000);
        sql_on(o, "update jobs set available_at=available_at");
        sql_on(o, "rollback");
        _exit(0);
    }
    bool ok = settle(c, FAIL, &owned, &e);
    waitpid(pid, NULL, 0);
    assert_ok(ok, e);
    assert_true(owned);
    assert_in_range(c->beside.runs, 2, 10);
    assert_str(counts(), "0|1|1");
    other_close(o);
    close_claimed(c);
}

/* === lost connections === */

void test_a_connection_that_died_while_the_letter_was_made_is_no_matter(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        sql("kill %lld", (long long)connection_id(c->w->db));
        assert_ok(settle(c, way, &owned, &e), e);
        assert_true(owned);
        assert_str(counts(), done[way]);
        close_claimed(c);
    }
}

static bool kill_us(void *arg, struct error *e)
{
    struct beside *b = arg;
    if (b->runs++ == 0)
        sql("kill %lld", (long long)connection_id(b->db));
    return db_run(b->db, S("update beside set n=n+1"), NULL, 0, &memory, NULL, e);
}

/* Nothing was committed, and the caller may do it again. */
void test_a_connection_lost_before_the_commit_decides_nothing(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned;
        c->end.parts[0].write = kill_us;
        assert_false(settle(c, way, &owned, &e));
        assert_int_equal(e.kind, ERR_LOST);
        assert_false(db_in_transaction(c->w->db));
        assert_str(counts(), "1|0|0");
        err_clear(&e);
        assert_ok(settle(c, way, &owned, &e), e);
        assert_true(owned);
        assert_str(counts(), done[way]);
        close_claimed(c);
    }
}

static void cut_at_commit(enum proxy_cut cut)
{
    int port = proxy_start();
    for (enum way way = 0; way < WAYS; way++) {
        struct world *w = world_new();
        w->server.socket = S("");
        w->server.port = port;
        struct claimed *c = open_claimed(w, letter_json("u-1", ""));
        struct error e = {0};
        bool owned = false;
        proxy_cut_next(cut);
        bool ok = settle(c, way, &owned, &e);
        assert_true(proxy_was_cut());
        assert_ok(ok, e);
        assert_true(owned);
        assert_str(counts(), done[way]); /* `beside` by one: nothing was done twice */
        close_claimed(c);
    }
    proxy_stop();
}

void test_a_commit_that_never_arrived_is_done_again(void **state)
{
    (void)state;
    cut_at_commit(CUT_BEFORE);
}

void test_a_commit_whose_answer_was_lost_is_recognised(void **state)
{
    (void)state;
    cut_at_commit(CUT_AFTER);
}

void test_a_commit_that_is_still_under_way_is_waited_for(void **state)
{
    (void)state;
    cut_at_commit(CUT_LATE);
}

/* The reservation's own transaction may hold a whole job that had nothing to do. */
void test_a_job_is_settled_in_the_transaction_that_claimed_it(void **state)
{
    (void)state;
    for (enum way way = 0; way < WAYS; way++) {
        struct claimed *c = claimed();
        struct error e = {0};
        bool owned, found;
        sql("update jobs set reserved_at=null");
        queue_unwatch(c->w->q, &c->job, NOW);
        assert_ok(world_turn(c->w, 0, &c->job, &found, &e), e);
        assert_true(found);
        assert_int_equal(c->job.attempts, 2);
        assert_ok(settle(c, way, &owned, &e), e);
        assert_true(owned);
        assert_false(db_in_transaction(c->w->db));
        assert_str(counts(), done[way]);
        close_claimed(c);
    }
}

/* === modes of the app === */

/* every_way claims and settles a job each way, one of them long, beside a foreign row. */
static void every_way(struct str modes)
{
    struct world *w = world_new();
    w->server.has_modes = true;
    w->server.modes = modes;
    char pad[9001] = {0}; /* longer than a payload that is sent with its page */
    memset(pad, 'x', sizeof(pad) - 1);
    struct str member = str_fmt(&memory, "\"pad\":\"%s\",", pad);
    for (enum way way = COMPLETE; way < WAYS; way++) {
        struct error e = {0};
        bool owned;
        if (way == COMPLETE)
            add_job("default", foreign_json("App\\Jobs\\Other", "x"));
        struct claimed *c = open_claimed(
            w, letter_json("u-1", way == RELEASE ? str_z(&memory, member) : ""));
        assert_ok(settle(c, way, &owned, &e), e);
        assert_true(owned);
        assert_true(str_has(buf_str(&w->said), S("foreign App\\Jobs\\Other")));
        close_claimed(c);
        sql("delete from jobs where payload like '%%Letter%%'");
        w->watch = NULL;
        w->said = buf_new(&memory, 1 << 20);
    }
    assert_int_equal(sql_int("select count(*) from failed_jobs"), 1);
}

void test_statements_hold_in_every_mode(void **state)
{
    (void)state;
    bool mariadb = sql_int("select version() like '%%MariaDB%%'") == 1;
    every_way(S("ANSI"));
    every_way(S("ANSI_QUOTES,PIPES_AS_CONCAT,IGNORE_SPACE,NO_BACKSLASH_ESCAPES,"
                "HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION,PAD_CHAR_TO_FULL_LENGTH,"
                "STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY"));
    if (mariadb)
        every_way(S("ORACLE,EMPTY_STRING_IS_NULL,SIMULTANEOUS_ASSIGNMENT,"
                    "TIME_ROUND_FRACTIONAL"));
}

/* === settled once more === */

/* released: the job was released for a minute; what stands there of it is c->job. */
static struct claimed *released(void)
{
    struct claimed *c = claimed();
    struct error e = {0};
    bool owned;
    c->end = (struct ending){.job = &c->job, .kind = END_RELEASED, .delay = 60};
    assert_ok(queue_end(c->w->q, &c->end, &owned, &e), e);
    assert_true(owned && c->end.released > c->job.id);
    c->job.id = c->end.released;
    c->job.reserved_at = 0;
    c->job.row = ROW_FREE;
    return c;
}

static bool ends_as(struct claimed *c, enum end_kind kind, int64_t delay)
{
    struct error e = {0};
    bool owned;
    c->end = (struct ending){
        .job = &c->job, .kind = kind, .delay = delay, .exception = S("X: no in x.php:1")};
    assert_ok(queue_end(c->w->q, &c->end, &owned, &e), e);
    return owned;
}

void test_of_two_releases_the_later_stands(void **state)
{
    struct claimed *c = released();
    (void)state;
    assert_true(ends_as(c, END_RELEASED, 7));
    assert_str(sql_table("select attempts, reserved_at, available_at from jobs"),
               "1|null|1764079516");
    close_claimed(c);
}

void test_a_failure_takes_the_released_row(void **state)
{
    struct claimed *c = released();
    (void)state;
    assert_true(ends_as(c, END_FAILED, 0));
    assert_str(counts(), "0|1|0");
    close_claimed(c);
}

void test_a_released_row_that_another_has_is_left(void **state)
{
    struct claimed *c = released();
    (void)state;
    sql("update jobs set reserved_at=%d, attempts=attempts+1", NOW);
    assert_false(ends_as(c, END_FAILED, 0));
    assert_str(counts(), "1|0|0");
    close_claimed(c);
}

void test_what_was_deleted_is_put_there_again(void **state)
{
    struct claimed *c = claimed();
    (void)state;
    assert_true(ends_as(c, END_DONE, 0));
    c->job.row = ROW_NONE;
    assert_true(ends_as(c, END_RELEASED, 5));
    assert_str(sql_table("select queue, attempts, reserved_at, available_at from jobs"),
               "default|1|null|1764079514");
    close_claimed(c);
}
