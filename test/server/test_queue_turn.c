/* test_queue_turn.c: the end of one job and the claim of the next, in one commit. */
#include <unistd.h>

#include "proxy.h"
#include "queue/queue_imp.h"
#include "world.h"

/* Two jobs: the first one is claimed, and done. */
struct turning {
    struct world *w;
    struct queue_job done, next;
    struct ending end;
    bool part_fails;
    int64_t second; /* the id of the other one */
};

static bool write_part(void *arg, struct error *e)
{
    struct turning *t = arg;
    if (t->part_fails)
        return err_set(e, ERR_JOB, "the part fails");
    return db_run(t->w->db, S("update beside set n=n+1"), NULL, 0, &memory, NULL, e);
}

static void open_turning(struct turning *t, struct world *w)
{
    *t = (struct turning){.w = w};
    sql("drop table if exists beside; create table beside (n int)");
    sql("insert into beside values (0)");
    add_job("default", letter_json("u-1", ""));
    t->second = add_job("default", letter_json("u-2", ""));
    world_open(w);
    assert_true(world_next(w, &t->done));
    t->end = (struct ending){.job = &t->done,
                             .parts = {{.write = write_part, .arg = t, .db = w->db}},
                             .parts_len = 1};
}

/* turn takes a turn, and says what became of the end. */
static enum ending_state turn(struct turning *t, bool *found)
{
    struct error e = {0};
    struct claim take = {.perm = &memory, .job = &t->next};
    assert_true(queue_may_wait(t->w->q, &t->end));
    assert_ok(queue_turn(t->w->q, &t->end, &take, &e), e);
    assert_int_equal(db_in_transaction(t->w->db), take.found);
    *found = take.found;
    return t->end.state;
}

/* rows: those of `jobs`, those that are reserved, and what stands beside. */
static struct str rows(void)
{
    return sql_table("select (select count(*) from jobs), (select count(*) from jobs "
                     "where reserved_at is not null), (select n from beside)");
}

static void complete(struct turning *t)
{
    struct error e = {0};
    bool owned;
    assert_ok(queue_end(t->w->q, &t->end, &owned, &e), e);
    assert_true(owned);
}

void test_the_end_and_the_claim_are_one_commit(void **state)
{
    (void)state;
    struct turning t;
    struct error e = {0};
    bool found;
    open_turning(&t, world_new());
    int64_t commits = status_of(t.w->db, "Com_commit");
    assert_int_equal(turn(&t, &found), ENDING_OPEN);
    assert_true(found);
    assert_int_equal(t.next.id, t.second);
    assert_str(rows(), "2|1|0"); /* nobody sees anything of it yet */
    assert_ok(db_commit(t.w->db, &e), e);
    assert_str(rows(), "1|1|1");
    assert_int_equal(status_of(t.w->db, "Com_commit"), commits + 1);
    world_close(t.w);
}

void test_what_is_rolled_back_is_neither_ended_nor_claimed(void **state)
{
    (void)state;
    struct turning t;
    bool found;
    open_turning(&t, world_new());
    assert_int_equal(turn(&t, &found), ENDING_OPEN);
    db_rollback(t.w->db);
    assert_str(rows(), "2|1|0");
    complete(&t);
    assert_str(rows(), "1|0|1");
    world_close(t.w);
}

void test_where_nothing_is_due_the_end_waits(void **state)
{
    (void)state;
    struct turning t;
    bool found;
    open_turning(&t, world_new());
    queue_unwatch(t.w->q, &(struct queue_job){.id = t.second, .queue = S("default")}, 0);
    assert_false(queue_knows_due(t.w->q, false));
    assert_int_equal(turn(&t, &found), ENDING_WAITS);
    assert_false(found);
    assert_str(rows(), "2|1|0");
    world_close(t.w);
}

void test_what_is_to_be_screened_first_leaves_the_end_alone(void **state)
{
    (void)state;
    struct turning t;
    bool found;
    open_turning(&t, world_new());
    queue_doubt(database_of(t.w->q), 0, t.done.id, clock_unix());
    assert_int_equal(turn(&t, &found), ENDING_ALONE); /* not: there is no job */
    assert_false(found);
    assert_str(rows(), "2|1|0");
    world_close(t.w);
}

/* A try that meets another's row, one that went, or one that PHP must run. */
static void turn_finds_none(const char *change)
{
    struct turning t;
    bool found;
    open_turning(&t, world_new());
    sql("%s", change);
    assert_int_equal(turn(&t, &found), ENDING_DONE);
    assert_false(found);
    assert_int_equal(sql_int("select n from beside"), 1);
    assert_int_equal(sql_int("select count(*) from jobs where payload like '%%u-1%%'"),
                     0);
    assert_int_equal(sql_int("select count(*) from jobs where reserved_at=1"), 0);
    world_close(t.w);
}

void test_a_claim_that_finds_none_rolls_no_end_back(void **state)
{
    (void)state;
    turn_finds_none("delete from jobs where payload like '%u-2%'");
    turn_finds_none("update jobs set available_at=4000000000 where payload like '%u-2%'");
    turn_finds_none(
        "update jobs set payload='{\"data\":{\"commandName\":\"App\\\\\\\\Jobs"
        "\\\\\\\\Other\"}}' where payload like '%u-2%'");
}

void test_where_the_fence_matches_nothing_nothing_is_changed(void **state)
{
    (void)state;
    struct turning t;
    bool found;
    open_turning(&t, world_new());
    sql("update jobs set attempts=7 where id<>%lld", (long long)t.second);
    assert_int_equal(turn(&t, &found), ENDING_ALONE);
    assert_false(found);
    assert_false(t.end.doubtful);
    assert_str(rows(), "2|1|0");
    world_close(t.w);
}

void test_what_is_refused_leaves_the_end_alone(void **state)
{
    (void)state;
    struct turning t;
    struct error e = {0};
    bool found;
    /* what belongs to the end */
    open_turning(&t, world_new());
    t.part_fails = true;
    assert_int_equal(turn(&t, &found), ENDING_ALONE);
    assert_str(rows(), "2|1|0");
    t.part_fails = false;
    complete(&t);
    assert_str(rows(), "1|0|1");
    world_close(t.w);
    /* the reservation of the next */
    open_turning(&t, world_new());
    sql("create trigger no_reserve before update on jobs for each row signal sqlstate "
        "'45000'");
    assert_int_equal(turn(&t, &found), ENDING_ALONE);
    assert_false(found);
    assert_str(rows(), "2|1|0");
    complete(&t);
    assert_str(rows(), "1|0|1");
    /* alone it meets that again, and leaves the row for a minute */
    struct claim take = {.perm = &memory, .job = &t.next};
    assert_ok(queue_turn(t.w->q, NULL, &take, &e), e);
    assert_false(take.found);
    assert_true(str_has(buf_str(&t.w->said), S("refused")));
    sql("drop trigger no_reserve");
    world_close(t.w);
}

static void turn_is_cut(enum proxy_cut cut, const char *want)
{
    int port = proxy_start();
    struct world *w = world_new();
    struct turning t;
    bool found;
    w->server.socket = S("");
    w->server.port = port;
    open_turning(&t, w);
    sql("delete from jobs where id=%lld", (long long)t.second);
    proxy_cut_next(cut);
    assert_int_equal(turn(&t, &found), ENDING_ALONE);
    assert_true(proxy_was_cut());
    assert_true(t.end.doubtful);
    complete(&t); /* owned: it is recognised as done, or done now */
    assert_str(rows(), want);
    world_close(w);
    proxy_stop();
}

void test_a_commit_without_an_answer_is_asked_after(void **state)
{
    (void)state;
    turn_is_cut(CUT_BEFORE, "0|0|1");
    turn_is_cut(CUT_AFTER, "0|0|1");
    turn_is_cut(CUT_LATE, "0|0|1");
}
