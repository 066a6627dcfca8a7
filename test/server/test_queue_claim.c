/* test_queue_claim.c: from a known id to a reservation, and pushing. */
#include <sys/wait.h>
#include <unistd.h>

#include "queue/queue_imp.h"
#include "world.h"

static struct str row_of(int64_t id)
{
    return sql_table("select queue, attempts, reserved_at, available_at from jobs where "
                     "id=%lld",
                     (long long)id);
}

static bool claim(struct world *w, struct queue_job *job)
{
    struct error e = {0};
    bool found;
    assert_ok(world_turn(w, 0, job, &found, &e), e);
    return found;
}

/* === reserving === */

void test_a_claim_reserves_the_row_as_laravel_does(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    clock_freeze(1764079509000000);
    int64_t id = add_job("default", letter_json("u-1", "\"delay\":5,"));
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_str(row_of(id), "default|0|null|1764079509"); /* not committed yet */
    assert_ok(db_commit(w->db, &e), e);
    assert_str(row_of(id), "default|1|1764079509|1764079509");
    assert_int_equal(job.id, id);
    assert_int_equal(job.attempts, 1);
    assert_int_equal(job.reserved_at, 1764079509);
    assert_int_equal(job.created_at, 1764079509);
    assert_int_equal(job.class_index, 0);
    assert_false(job.overflow);
    assert_str(job.queue, "default");
    assert_str(job.payload.uuid, "u-1");
    assert_true(str_eq(job.raw, letter_json("u-1", "\"delay\":5,")));
    clock_freeze(-1);
    world_close(w);
}

void test_a_claim_that_is_rolled_back_leaves_the_row(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    db_rollback(w->db);
    assert_int_equal(sql_int("select attempts from jobs"), 0);
    queue_unwatch(w->q, &job, clock_unix());
    assert_int_equal(world_claim(w, &job), id);
    world_close(w);
}

void test_jobs_are_claimed_in_the_order_of_their_ids(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t ids[30];
    for (size_t i = 0; i < COUNT(ids); i++)
        ids[i] = add_job("default", letter_json("u", ""));
    sql("update jobs set available_at=available_at+100 where id=%lld", (long long)ids[3]);
    world_open(w);
    world_look(w);
    for (size_t i = 0; i < COUNT(ids); i++)
        if (i != 3)
            assert_int_equal(world_claim(w, &job), ids[i]);
    assert_int_equal(world_claim(w, &job), 0);
    world_close(w);
}

void test_a_claim_passes_rows_that_another_holds(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct other *o = other_open();
    for (int i = 0; i < 30; i++)
        add_job("default", letter_json("u", ""));
    world_open(w);
    world_look(w);
    /* More than one claim names, and none of them is waited for. */
    sql_on(o, "begin; select id from jobs order by id limit 21 for update");
    int64_t begun = clock_mono_ms();
    assert_int_equal(world_claim(w, &job), 22);
    assert_in_range(clock_mono_ms() - begun, 0, 2000);
    sql_on(o, "rollback");
    assert_int_equal(world_claim(w, &job), 1);
    other_close(o);
    world_close(w);
}

void test_the_list_learns_what_others_did(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    for (int i = 0; i < 6; i++)
        add_job("default", letter_json("u", ""));
    world_open(w);
    world_look(w);
    sql("delete from jobs where id=1");
    sql("update jobs set reserved_at=%lld, attempts=1 where id=2",
        (long long)clock_unix());
    sql("update jobs set queue='other' where id=3");
    sql("update jobs set available_at=%lld where id=4", (long long)clock_unix() + 60);
    sql("update jobs set available_at=0 where id=5"); /* by hand: due, not gone */
    sql("update jobs set payload='{}' where id=6");
    assert_int_equal(world_claim(w, &job), 5);
    assert_int_equal(world_claim(w, &job), 0);
    struct watch_queue *list = watch_lock(w->watch, 0);
    struct buf left = buf_new(&memory, 1000);
    int64_t ids[6];
    size_t len = watch_due(list, WATCH_ANY, INT64_MAX, 0, ids, COUNT(ids));
    for (size_t i = 0; i < len; i++)
        buf_fmt(&left, "%lld ", (long long)ids[i]);
    watch_unlock(w->watch, 0);
    assert_str(buf_str(&left), "2 4 5 ");
    assert_int_equal(sql_int("select attempts from jobs where id=6"), 0);
    world_close(w);
}

void test_what_is_refused_at_the_claim_is_left_untouched(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    world_open(w);
    world_look(w);
    w->refuses = "has middleware";
    assert_int_equal(world_claim(w, &job), 0);
    assert_str(buf_str(&w->said), "foreign " LETTER_CLASS " has middleware;");
    assert_int_equal(sql_int("select attempts from jobs where id=%lld", (long long)id),
                     0);
    w->refuses = NULL;
    assert_int_equal(world_claim(w, &job), 0); /* forgotten, until the sweep */
    world_close(w);
}

/* === attempts at their maximum === */

static void overflow(struct world *w, int64_t max)
{
    struct queue_job job;
    struct error e = {0};
    bool owned;
    int64_t id = add_job("default", letter_json("u-255", ""));
    sql("update jobs set attempts=%lld", (long long)max);
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_true(job.overflow);
    assert_int_equal(job.attempts, max);
    assert_int_equal(sql_int("select attempts from jobs where id=%lld", (long long)id),
                     max);
    assert_ok(queue_end(w->q,
                        &(struct ending){
                            .job = &job, .kind = END_FAILED, .exception = S("too many")},
                        &owned, &e),
              e);
    assert_true(owned);
    assert_int_equal(sql_int("select count(*) from jobs"), 0);
    assert_str(sql_table("select uuid, exception from failed_jobs"), "u-255|too many");
    assert_int_equal(world_claim(w, &job), 0);
    world_close(w);
}

void test_a_row_at_255_fails_without_being_reserved(void **state)
{
    (void)state;
    overflow(world_new(), 255);
}

/* Laravel 13 has a smallint there. */
void test_a_wider_column_holds_more_attempts(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    sql("alter table jobs modify attempts smallint unsigned not null");
    add_job("default", letter_json("u", ""));
    sql("update jobs set attempts=255");
    world_open(w);
    world_look(w);
    assert_true(world_claim(w, &job));
    assert_int_equal(job.attempts, 256);
    world_close(w);
    w = world_new();
    sql("alter table jobs modify attempts smallint unsigned not null");
    overflow(w, 65535);
}

void test_an_expired_row_at_255_fails_too(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    bool owned;
    add_job("default", letter_json("u", ""));
    sql("update jobs set attempts=255, reserved_at=%lld", (long long)clock_unix() - 100);
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_true(job.overflow);
    assert_ok(queue_end(w->q,
                        &(struct ending){
                            .job = &job, .kind = END_FAILED, .exception = S("too many")},
                        &owned, &e),
              e);
    assert_true(owned);
    assert_int_equal(sql_int("select count(*) from jobs"), 0);
    world_close(w);
}

/* === servers of other kinds === */

void test_a_server_without_skip_locked_gets_a_plain_lock(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    w->server.version = S("10.5.9-MariaDB");
    world_open(w);
    assert_false(db_skip_locked(w->db));
    assert_true(str_ends(database_of(w->q)->sql.claim, S(" limit 1 for update")));
    assert_int_equal(world_next(w, &job), id);
    world_close(w);
}

void test_without_skip_locked_claims_wait_and_none_is_doubled(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct error e = {0};
    for (int i = 0; i < 60; i++)
        add_job("default", letter_json("u", ""));
    w->server.version = S("5.7.44");
    w->watch = watch_new(1, &e);
    pid_t pids[3];
    for (size_t i = 0; i < COUNT(pids); i++) {
        pids[i] = fork_child();
        if (pids[i])
            continue;
        struct queue_job job;
        bool owned;
        int taken = 0;
        world_open(w);
        world_look(w);
        while (world_claim(w, &job)) {
            if (!queue_end(w->q, &(struct ending){.job = &job}, &owned, &e) || !owned)
                _exit(255);
            taken++;
        }
        _exit(taken);
    }
    int sum = 0;
    for (size_t i = 0; i < COUNT(pids); i++) {
        int status;
        waitpid(pids[i], &status, 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
        sum += WEXITSTATUS(status);
    }
    assert_int_equal(sum, 60);
    assert_int_equal(sql_int("select count(*) from jobs"), 0);
}

/* === foreign rows are neither locked nor changed === */

void test_only_our_row_is_locked(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    add_foreign(50);
    for (int i = 0; i < 10; i++)
        add_job("default", letter_json("u", ""));
    add_foreign(50);
    int64_t ours = sql_int("select min(id) from jobs where payload like "
                           "'%%SendVolunteerLetterJob%%'");
    world_open(w);
    world_look(w);
    int64_t connection = connection_id(w->db);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, ours);
    int64_t locked = sql_int("select trx_rows_locked from information_schema.innodb_trx "
                             "where trx_mysql_thread_id=%lld",
                             (long long)connection);
    note("rows that InnoDB counts as locked by a claim: %lld", (long long)locked);
    assert_in_range(locked, 1, 2);
    /* Every other row can be had by somebody else at this moment. */
    assert_int_equal(sql_int("select count(*) from (select id from jobs for update skip "
                             "locked) x"),
                     109);
    struct other *o = other_open();
    sql_on(o,
           "set innodb_lock_wait_timeout=1; begin; "
           "update jobs set attempts=7 where id<>%lld; rollback",
           (long long)ours);
    /* and new jobs can be pushed */
    add_foreign(1);
    assert_ok(db_commit(w->db, &e), e);
    other_close(o);
    world_close(w);
}

void test_the_servers_log_shows_that_foreign_rows_are_only_read(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    bool owned;
    add_foreign(1100);
    int64_t ours = add_job("default", letter_json("u", ""));
    add_job("default",
            foreign_json("App\\Jobs\\Chained", "App\\\\Jobs\\\\SendVolunteerLetterJob"));
    struct str before =
        sql_text("select sha2(group_concat(id, queue, attempts, "
                 "coalesce(reserved_at, 'null'), available_at, created_at, "
                 "sha2(payload, 256) order by id), 256) from jobs where id<>%lld",
                 (long long)ours);
    sql("set global log_output='TABLE'");
    sql("truncate mysql.general_log");
    sql("set global general_log=on");
    world_open(w);
    assert_int_equal(world_next(w, &job), ours);
    assert_ok(queue_end(w->q, &(struct ending){.job = &job}, &owned, &e), e);
    assert_int_equal(world_next(w, &job), 0);
    sql("set global general_log=off");
    struct str wrote = sql_table(
        "select argument from mysql.general_log where user_host like '%%app%%' and "
        "command_type in ('Execute', 'Query') and (argument regexp "
        "'^(update|delete|insert|replace|lock|truncate)' or argument regexp 'for "
        "update')");
    struct str lines = str_replace(&memory, wrote, S("\n"), S(";\n"));
    note("%.*s", STR_ARG(lines));
    struct str id = str_fmt(&memory, "%lld", (long long)ours);
    struct str want = str_fmt(
        &memory,
        "select * from `jobs` force index (primary) where id in "
        "(%s,%s,%s,%s,%s,%s,%s,%s) "
        "and queue='default' and ((reserved_at is null and available_at<=%lld) or "
        "reserved_at<=%lld) and octet_length(payload)<=4194304 order by id limit 1 for "
        "update skip locked\n"
        "update `jobs` set reserved_at=%lld, attempts=1 where id=%s\n"
        "delete from `jobs` where id=%s and attempts=1 and reserved_at=%lld",
        id.ptr, id.ptr, id.ptr, id.ptr, id.ptr, id.ptr, id.ptr, id.ptr,
        (long long)job.reserved_at, (long long)job.reserved_at - 90,
        (long long)job.reserved_at, id.ptr, id.ptr, (long long)job.reserved_at);
    assert_str(wrote, str_z(&memory, want));
    assert_str(sql_text("select sha2(group_concat(id, queue, attempts, "
                        "coalesce(reserved_at, 'null'), available_at, created_at, "
                        "sha2(payload, 256) order by id), 256) from jobs"),
               str_z(&memory, before));
    world_close(w);
}

/* === a PHP worker beside us === */

/* pop does what Laravel's DatabaseQueue does, and deletes what it popped of a class. */
static int php_worker(const char *pattern)
{
    struct other *o = other_open();
    int taken = 0, misses = 0;
    while (misses < 20) {
        sql_on(o,
               "begin; set @id=null; select id, attempts into @id, @a from jobs where "
               "queue='default' and ((reserved_at is null and available_at<="
               "unix_timestamp()) or (reserved_at<=unix_timestamp()-90)) order by id "
               "asc limit 1 for update skip locked; update jobs set "
               "reserved_at=unix_timestamp(), attempts=@a+1 where id=@id; commit; "
               "insert into php_took select id, payload like '%s' from jobs where "
               "id=@id; delete from jobs where id=@id",
               pattern);
        int64_t now = sql_int("select count(*) from php_took");
        misses = now == taken ? misses + 1 : 0;
        taken = (int)now;
    }
    other_close(o);
    return taken;
}

void test_a_php_worker_and_facteur_share_one_table(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    bool owned;
    sql("drop table if exists php_took; create table php_took (id bigint, ours int)");
    for (int i = 0; i < 150; i++) {
        add_job("default", letter_json("u", ""));
        if (i % 5 == 0)
            add_foreign(1);
    }
    int64_t foreign = sql_int("select count(*) from jobs where payload not like "
                              "'%%SendVolunteerLetterJob%%'");
    world_open(w);
    world_look(w);
    pid_t pid = fork_child();
    if (pid == 0) {
        php_worker("%%SendVolunteerLetterJob%%");
        _exit(0);
    }
    int64_t ours = 0;
    while (world_next(w, &job)) {
        assert_ok(queue_end(w->q, &(struct ending){.job = &job}, &owned, &e), e);
        if (!owned)
            fail_msg("job %lld is not ours: %s", (long long)job.id,
                     str_z(&memory, queue_gone(w->q, &job, &memory)));
        ours++;
    }
    waitpid(pid, NULL, 0);
    note("letters: %lld by facteur, %lld by the other", (long long)ours,
         (long long)sql_int("select sum(ours) from php_took"));
    assert_int_equal(ours + sql_int("select sum(ours) from php_took"), 150);
    assert_int_equal(sql_int("select count(*) from php_took where ours=0"), foreign);
    assert_int_equal(sql_int("select count(*) from jobs"), 0);
    world_close(w);
}

/* === loading a reservation again === */

void test_a_reservation_is_loaded_by_its_fence(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job, again;
    struct error e = {0};
    bool found;
    add_job("default", letter_json("u-9", ""));
    world_open(w);
    assert_true(world_next(w, &job));
    assert_ok(queue_load(w->q, &(struct reservation){job.id, 1, job.reserved_at}, &memory,
                         &again, &found, &e),
              e);
    assert_true(found);
    assert_str(again.payload.uuid, "u-9");
    assert_int_equal(again.class_index, 0);
    assert_int_equal(again.attempts, 1);
    assert_ok(queue_load(w->q, &(struct reservation){job.id, 2, job.reserved_at}, &memory,
                         &again, &found, &e),
              e);
    assert_false(found);
    assert_ok(queue_load(w->q, &(struct reservation){job.id, 1, job.reserved_at - 1},
                         &memory, &again, &found, &e),
              e);
    assert_false(found);
    world_close(w);
}

/* === a server that refuses === */

void test_a_row_that_cannot_be_reserved_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    int64_t first = add_job("default", letter_json("u-1", ""));
    int64_t second = add_job("default", letter_json("u-2", ""));
    clock_freeze(clock_unix() * 1000000);
    sql("create trigger odd before update on jobs for each row if new.id=%lld then "
        "signal "
        "sqlstate '45000' set message_text='not this one'; end if",
        (long long)first);
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, second);
    assert_ok(db_commit(w->db, &e), e);
    assert_false(claim(w, &job)); /* not again and again */
    assert_str(
        buf_str(&w->said),
        str_z(&memory,
              str_fmt(&memory, "refused %lld, it is left alone for a minute at a time;",
                      (long long)first)));
    sql("drop trigger odd");
    clock_freeze((clock_unix() + 60) * 1000000);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, first);
    db_rollback(w->db);
    clock_freeze(-1);
    world_close(w);
}

/* More rows than one claim tries are refused: the one behind them is found all the same.
 */
void test_many_rows_that_are_refused_are_no_tries(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    for (int i = 0; i < 40; i++)
        add_job("default", letter_json("u", ""));
    int64_t last = add_job("default", letter_json("u-last", ""));
    sql("create trigger odd before update on jobs for each row if new.id<>%lld then "
        "signal sqlstate '45000'; end if",
        (long long)last);
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, last);
    db_rollback(w->db);
    world_close(w);
}

/* More rows than one claim tries are gone: the queue only looks empty. */
void test_many_rows_that_are_gone_are_no_empty_queue(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    bool found;
    for (int i = 0; i < 200; i++)
        add_job("default", letter_json("u", ""));
    int64_t last = add_job("default", letter_json("u-last", ""));
    world_open(w);
    world_look(w);
    sql("delete from jobs where id<>%lld", (long long)last);
    assert_ok(world_turn(w, 0, &job, &found, &e), e);
    if (!found) {
        assert_true(queue_unfinished(w->q));
        assert_ok(world_turn(w, 0, &job, &found, &e), e);
    }
    assert_true(found);
    assert_int_equal(job.id, last);
    db_rollback(w->db);
    world_close(w);
}

/* Rows that others have locked stay on the list: who finds only such waits, and does not
 * go round. */
void test_many_rows_in_other_hands_end_the_claim(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct other *o = other_open();
    for (int i = 0; i < 200; i++)
        add_job("default", letter_json("u", ""));
    world_open(w);
    world_look(w);
    sql_on(o, "begin; select id from jobs for update");
    assert_false(claim(w, &job));
    assert_false(queue_unfinished(w->q));
    sql_on(o, "rollback");
    assert_true(claim(w, &job));
    db_rollback(w->db);
    other_close(o);
    world_close(w);
}

static bool held_below(void *arg, const struct queue_job *j)
{
    (void)arg;
    return j->id <= 40;
}

void test_many_rows_that_are_held_are_no_tries(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    for (int i = 0; i < 41; i++)
        add_job("default", letter_json("u", ""));
    w->held = held_below;
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, 41);
    db_rollback(w->db);
    world_close(w);
}

/* In a lax mode a column may keep less than was written: the fence would match nothing.
 */
void test_a_reservation_that_the_row_does_not_keep_is_none(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    w->server.has_modes = true;
    w->server.modes = S("NO_ENGINE_SUBSTITUTION");
    int64_t first = add_job("default", letter_json("u-1", ""));
    int64_t second = add_job("default", letter_json("u-2", ""));
    sql("alter table jobs modify attempts decimal(1,0) not null");
    sql("update jobs set attempts=9 where id=%lld", (long long)first);
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, second);
    assert_true(str_starts(buf_str(&w->said),
                           str_fmt(&memory, "refused %lld,", (long long)first)));
    db_rollback(w->db);
    assert_str(sql_table("select attempts, reserved_at from jobs order by id"),
               "9|null\n0|null");
    world_close(w);
}

void test_the_largest_number_of_attempts_is_heeded_in_a_lax_mode(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    w->server.has_modes = true;
    w->server.modes = S("");
    add_job("default", letter_json("u-1", ""));
    sql("update jobs set attempts=255");
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job));
    assert_true(job.overflow);
    db_rollback(w->db);
    world_close(w);
}

static void refuses(struct world *w, const char *part)
{
    struct error e = {0};
    struct queue_job job;
    bool found;
    if (queue_look(w->q, 0, &e) && world_turn(w, 0, &job, &found, &e))
        fail_msg("nothing was refused");
    if (e.kind != ERR_JOB || !strstr(e.text, part))
        fail_msg("%s: %s", err_kind_name(e.kind), e.text);
}

/* A column, an index or the table goes and comes again: the queue goes on as before. */
void test_a_table_that_changes_is_looked_at_anew(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_job("default", letter_json("u-1", ""));
    world_open(w);
    sql("rename table jobs to elsewhere");
    refuses(w, "1146");
    refuses(w, "1146");
    sql("rename table elsewhere to jobs");
    world_look(w);
    sql("alter table jobs rename column available_at to later");
    refuses(w, "1054");
    refuses(w, "no column `available_at`");
    sql("alter table jobs rename column later to available_at");
    sql("alter table jobs drop index jobs_queue_index");
    struct error e = {0};
    if (!queue_look(w->q, 0, &e))
        note("%s", e.text);
    assert_true(world_next(w, &job));
    world_close(w);
}

/* === ids === */

void test_ids_that_are_no_numbers_are_left_alone_and_said(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    sql("alter table jobs modify id char(36) not null default (uuid())");
    add_job("default", letter_json("u-1", ""));
    world_open(w);
    assert_true(str_has(queue_unusable(w->q), S("`id` of the table `jobs` is char(36)")));
    world_look(w);
    assert_false(claim(w, &job));
    world_close(w);
}

void test_ids_out_of_range_are_left_alone_and_said(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    world_open(w);
    assert_str(queue_unusable(w->q), "");
    world_close(w);
    add_job("default", letter_json("u-1", ""));
    add_job("default", letter_json("u-2", ""));
    sql("update jobs set id=18446744073709551615 order by id desc limit 1");
    world_open(w);
    assert_true(str_has(queue_unusable(w->q), S("ids below 1 or beyond")));
    world_look(w);
    assert_true(claim(w, &job));
    assert_str(job.payload.uuid, "u-1");
    struct error e = {0};
    assert_ok(db_commit(w->db, &e), e);
    world_look(w);
    assert_false(claim(w, &job));
    world_close(w);
    sql("update jobs set id=0 where id>9");
    w->watch = NULL;
    world_open(w);
    assert_true(str_has(queue_unusable(w->q), S("ids below 1 or beyond")));
    world_look(w);
    assert_false(claim(w, &job));
    world_close(w);
}

/* A payload that grew since it was read is not asked for. */
void test_a_payload_that_grew_is_left_alone(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t first = add_job("default", letter_json("u-1", ""));
    add_job("default", letter_json("u-2", ""));
    world_open(w);
    world_look(w);
    sql("update jobs set payload=concat(payload, repeat(' ', %d)) where id=%lld",
        PAYLOAD_MAX, (long long)first);
    assert_true(claim(w, &job));
    assert_str(job.payload.uuid, "u-2");
    struct error e = {0};
    assert_ok(db_commit(w->db, &e), e);
    assert_false(claim(w, &job));
    world_close(w);
}

/* === leases and clocks === */

static void reserved(int64_t id, int64_t ago)
{
    sql("update jobs set attempts=1, reserved_at=%lld where id=%lld",
        (long long)clock_unix() - ago, (long long)id);
}

/* retry_after that is nothing, or less: what was reserved a moment ago is under way. */
void test_a_reservation_has_a_shortest_lease(void **state)
{
    (void)state;
    static const int64_t after[] = {0, 1, -1, INT64_MIN, -9000000000};
    for (size_t i = 0; i < COUNT(after); i++) {
        struct world *w = world_new();
        struct queue_job job;
        int64_t id = add_job("default", letter_json("u-1", ""));
        clock_freeze(clock_unix() * 1000000);
        w->settings.retry_after = after[i];
        world_open(w);
        world_look(w);
        assert_true(claim(w, &job));
        struct error e = {0};
        assert_ok(db_commit(w->db, &e), e);
        assert_false(claim(w, &job));
        clock_freeze((clock_unix() + QUEUE_LEASE_MIN - 1) * 1000000);
        assert_false(claim(w, &job));
        clock_freeze((clock_unix() + 1) * 1000000);
        assert_true(claim(w, &job));
        assert_int_equal(job.id, id);
        db_rollback(w->db);
        clock_freeze(-1);
        world_close(w);
    }
}

/* PHP_INT_MAX, a common "never", and rows with numbers that nobody meant. */
void test_numbers_at_their_ends_are_no_overflow(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    sql("alter table jobs modify reserved_at bigint, modify available_at bigint not "
        "null, "
        "modify attempts bigint not null");
    w->settings.retry_after = INT64_MAX;
    int64_t ids[4];
    for (size_t i = 0; i < COUNT(ids); i++)
        ids[i] = add_job("default", letter_json("u", ""));
    sql("update jobs set reserved_at=9223372036854775807 where id=%lld",
        (long long)ids[0]);
    sql("update jobs set reserved_at=-9223372036854775808 where id=%lld",
        (long long)ids[1]);
    sql("update jobs set available_at=9223372036854775807 where id=%lld",
        (long long)ids[2]);
    sql("update jobs set available_at=-9223372036854775808, attempts=9223372036854775807 "
        "where id=%lld",
        (long long)ids[3]);
    world_open(w);
    world_look(w);
    assert_true(claim(w, &job)); /* reserved before time began */
    assert_int_equal(job.id, ids[1]);
    db_rollback(w->db);
    sql("delete from jobs where id=%lld", (long long)ids[1]);
    assert_true(claim(w, &job));
    assert_int_equal(job.id, ids[3]);
    assert_true(job.overflow);
    db_rollback(w->db);
    sql("delete from jobs where id=%lld", (long long)ids[3]);
    assert_false(claim(w, &job));
    assert_int_equal(queue_available(INT64_MAX, 5), UINT32_MAX);
    assert_int_equal(queue_available(INT64_MIN, 5), 0);
    assert_int_equal(queue_available(-2, 5), 3);
    world_close(w);
}

/* The session's own time stands for a server whose clock is another. */
static struct world *world_with_clock(int64_t ahead)
{
    struct world *w = world_new();
    w->server.has_init = true;
    w->server.init =
        str_fmt(&memory, "SET timestamp=%lld", (long long)clock_unix() + ahead);
    w->compares = true;
    return w;
}

void test_clocks_that_agree_are_not_told(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    w->compares = true;
    world_open(w);
    assert_false(claim(w, &job));
    assert_str(buf_str(&w->said), "");
    assert_int_equal(queue_lease(database_of(w->q)), 90);
    world_close(w);
}

void test_clocks_that_differ_are_told_and_allowed_for(void **state)
{
    (void)state;
    static const int64_t ahead[] = {30, -30};
    static const char *const what[] = {"behind", "ahead of"};
    for (size_t i = 0; i < COUNT(ahead); i++) {
        struct world *w = world_with_clock(ahead[i]);
        struct queue_job job;
        int64_t id = add_job("default", letter_json("u-1", ""));
        reserved(id, 100); /* expired, if this clock is right */
        world_open(w);
        world_look(w);
        assert_false(claim(w, &job));
        struct str said = buf_str(&w->said);
        assert_true(str_has(
            said, str_fmt(&memory, "clock is %s the database server's", what[i])));
        assert_true(str_has(said, S(" s: jobs that others have reserved")));
        assert_false(claim(w, &job));
        assert_str(buf_str(&w->said), str_z(&memory, said)); /* once */
        reserved(id, 125);
        world_look(w);
        struct error e = {0};
        watch_lock(w->watch, 0)->list[0].due = 0;
        watch_unlock(w->watch, 0);
        assert_true(claim(w, &job));
        assert_ok(db_commit(w->db, &e), e);
        world_close(w);
    }
}

/* A clock that is set while the worker runs is noticed before the next claim. */
void test_a_clock_that_steps_is_measured_anew(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    w->compares = true;
    int64_t id = add_job("default", letter_json("u-1", ""));
    reserved(id, 0); /* by another */
    world_open(w);
    world_look(w);
    assert_false(claim(w, &job));
    clock_freeze((clock_unix() + 3600) * 1000000);
    assert_false(claim(w, &job)); /* it looks an hour old */
    assert_true(str_has(buf_str(&w->said), S("ahead of the database server's by 3")));
    clock_freeze(-1);
    world_close(w);
}

void test_a_reservation_in_the_future_is_told(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->compares = true;
    int64_t id = add_job("default", letter_json("u-1", ""));
    reserved(id, -20);
    world_open(w);
    world_look(w);
    assert_true(str_has(buf_str(&w->said),
                        S("another worker's clock is ahead of this machine's by ")));
    assert_in_range(queue_lease(database_of(w->q)), 90 + 15, 90 + 20);
    world_close(w);
}
