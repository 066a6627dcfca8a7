/* test_queue_look.c: finding our jobs among other people's. */
#include <sys/wait.h>
#include <unistd.h>

#include "queue/queue_imp.h"
#include "world.h"

static int64_t rows_read(struct db *db)
{
    return status_of(db, "Handler_read_next") + status_of(db, "Handler_read_key") +
           status_of(db, "Handler_read_rnd_next") + status_of(db, "Handler_read_first") +
           status_of(db, "Handler_read_prev");
}

/* age lets what the looks have seen become older than transactions may be, and looks. */
static void age(struct world *w)
{
    struct watch_queue *q = look_lock(w->watch, 0);
    q->sample_second -= (int64_t)COUNT(q->samples); /* the ring stays where it is */
    look_unlock(w->watch, 0);
    for (int i = 0; i < 25; i++) /* the floor moves a page at a time */
        world_look(w);
}

static struct watch_queue *peek_at(struct world *w)
{
    struct watch_queue *q = look_lock(w->watch, 0);
    look_unlock(w->watch, 0);
    return q;
}

static size_t listed(struct world *w)
{
    size_t n = watch_lock(w->watch, 0)->len;
    watch_unlock(w->watch, 0);
    return n;
}

/* rest_the_sweep: it has used up its share for a long time. */
static void rest_the_sweep(struct world *w)
{
    struct watch_queue *q = look_lock(w->watch, 0);
    q->sweep_since_us = clock_mono_us();
    q->sweep_spent_us = (int64_t)3600 * 1000000;
    look_unlock(w->watch, 0);
}

static void let_it_sweep(struct world *w)
{
    struct watch_queue *q = look_lock(w->watch, 0);
    q->sweep_spent_us = 0;
    look_unlock(w->watch, 0);
}

/* sweep_round goes over some thousand rows, however slow the machine is. */
static void sweep_round(struct world *w)
{
    for (int i = 0; i < 10; i++) {
        let_it_sweep(w);
        world_look(w);
    }
}

/* === cost === */

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

void test_100000_foreign_rows_cost_one_pass(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_foreign(60000);
    int64_t first = add_job("default", letter_json("u-1", ""));
    add_foreign(40000 - 8191);
    add_foreign(8191); /* without gaps: InnoDB gives ids in powers of two */
    int64_t last = add_job("default", letter_json("u-2", ""));
    world_open(w);
    int64_t read = rows_read(w->db), begun = clock_mono_us();
    world_look(w);
    int64_t took = clock_mono_us() - begun;
    read = rows_read(w->db) - read;
    note("first pass over 100,002 rows: %.1f ms, %lld rows read", (double)took / 1000,
         (long long)read);
    /* Each id once in the index and once with its payload, and the margin again. */
    assert_in_range(read, 200000, 240000);
    assert_true(took < 10000000); /* some machines are slow, and this is the asan build */
    int64_t times[201];
    for (size_t i = 0; i < COUNT(times); i++) {
        begun = clock_mono_us();
        world_look(w);
        times[i] = clock_mono_us() - begun;
    }
    qsort(times, COUNT(times), sizeof(*times), by_size);
    note("later looks: median %.2f ms, longest %.2f ms", (double)times[100] / 1000,
         (double)times[200] / 1000);
    rest_the_sweep(w);
    read = rows_read(w->db);
    world_look(w);
    read = rows_read(w->db) - read;
    note("rows read by a look while 30 s of history do not exist: %lld", (long long)read);
    assert_in_range(read, 0, 4000);
    age(w);
    read = rows_read(w->db);
    begun = clock_mono_us();
    world_look(w);
    took = clock_mono_us() - begun;
    read = rows_read(w->db) - read;
    note("and when they do: %.2f ms, %lld", (double)took / 1000, (long long)read);
    assert_in_range(read, 0, 20);
    assert_int_equal(world_claim(w, &job), first);
    assert_int_equal(world_claim(w, &job), last);
    assert_int_equal(world_claim(w, &job), 0);
    assert_str(buf_str(&w->said), "foreign App\\Jobs\\SendInvoiceJob;");
    world_close(w);
}

void test_each_payload_is_read_once(void **state)
{
    (void)state;
    struct world *w = world_new();
    add_foreign(500);
    world_open(w);
    world_look(w);
    rest_the_sweep(w);
    int64_t before = status_of(w->db, "Com_stmt_execute");
    int64_t sent = status_of(w->db, "Bytes_sent");
    world_look(w);
    note("a look that finds nothing new: %lld statements, %lld bytes",
         (long long)(status_of(w->db, "Com_stmt_execute") - before - 2),
         (long long)(status_of(w->db, "Bytes_sent") - sent));
    add_foreign(3);
    before = status_of(w->db, "Com_stmt_execute");
    world_look(w);
    /* ids, and one read for the three; one is status_of's own */
    assert_int_equal(status_of(w->db, "Com_stmt_execute") - before - 1, 2);
    before = status_of(w->db, "Com_stmt_execute");
    world_look(w);
    assert_int_equal(status_of(w->db, "Com_stmt_execute") - before - 1, 1);
    world_close(w);
}

/* === the first pass goes on beside the work === */

/* next does what a slot does: it claims what is known, and looks when that is nothing.
 * *more: nothing was found, but not all was read or tried. */
static int64_t next(struct world *w, struct queue_job *job, bool *more)
{
    struct error e = {0};
    bool found;
    assert_ok(world_turn(w, 0, job, &found, &e), e);
    if (!found) {
        assert_ok(queue_look(w->q, 0, &e), e);
        assert_ok(world_turn(w, 0, job, &found, &e), e);
    }
    *more = !found && queue_unfinished(w->q);
    if (found)
        assert_ok(db_commit(w->db, &e), e);
    return found ? job->id : 0;
}

void test_the_first_job_does_not_wait_for_the_pass(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    bool more;
    add_foreign(10);
    int64_t first = add_job("default", letter_json("u-1", ""));
    add_foreign(20000);
    int64_t last = add_job("default", letter_json("u-2", ""));
    world_open(w);
    int64_t read = rows_read(w->db);
    assert_int_equal(next(w, &job, &more), first);
    read = rows_read(w->db) - read;
    note("rows read before the first job of 20,012: %lld", (long long)read);
    assert_in_range(read, 1, 400);
    assert_str(buf_str(&w->said), ""); /* nor for the names of others */
    int64_t id;
    int looks = 0;
    while ((id = next(w, &job, &more)) == 0 && more)
        looks++;
    assert_int_equal(id, last);
    assert_str(buf_str(&w->said), "foreign App\\Jobs\\SendInvoiceJob;");
    while ((id = next(w, &job, &more)) == 0 && more)
        looks++;
    assert_int_equal(id, 0);
    assert_in_range(looks, 0, 1000);
    world_close(w);
}

/* More rows than one look pages through: nothing was found, and that is not the end. */
void test_a_queue_that_was_not_read_to_its_end_is_not_empty(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    bool more;
    add_foreign(70000);
    int64_t id = add_job("default", letter_json("u-1", ""));
    world_open(w);
    assert_int_equal(next(w, &job, &more), 0);
    assert_true(more);
    assert_false(peek_at(w)->paged);
    int64_t got;
    while ((got = next(w, &job, &more)) == 0)
        assert_true(more);
    assert_int_equal(got, id);
    while ((got = next(w, &job, &more)) == 0 && more) {
    }
    assert_int_equal(got, 0);
    assert_true(peek_at(w)->paged);
    world_close(w);
}

/* Jobs far apart, one of them delayed, one reserved, and new ones while the pass goes on:
 * each is taken before all with higher ids that are due. */
void test_jobs_come_in_their_order_while_the_pass_goes_on(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    bool more;
    int64_t ids[12], id, last = 0;
    size_t taken = 0;
    for (size_t i = 0; i < COUNT(ids); i++) {
        add_foreign(i % 3 ? 1500 : 1);
        ids[i] = add_job("default", letter_json("u", ""));
    }
    sql("update jobs set available_at=available_at+1000 where id=%lld",
        (long long)ids[2]);
    sql("update jobs set reserved_at=%lld, attempts=1 where id=%lld",
        (long long)clock_unix(), (long long)ids[7]);
    world_open(w);
    while ((id = next(w, &job, &more)) || more) {
        if (!id)
            continue;
        assert_true(id > last);
        last = id;
        if (++taken == 3)
            add_job("default", letter_json("new", ""));
    }
    assert_int_equal(taken, COUNT(ids) - 2 + 1);
    world_close(w);
}

void test_ids_that_a_truncate_starts_again_in_the_pass_are_found(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    bool more;
    add_foreign(70000);
    world_open(w);
    assert_int_equal(next(w, &job, &more), 0);
    assert_true(more);
    sql("truncate jobs");
    assert_int_equal(add_job("default", letter_json("u-1", "")), 1);
    int64_t id;
    do
        id = next(w, &job, &more);
    while (!id && more);
    for (int i = 0; i < 3 && !id; i++) /* the sweep's, at the latest */
        id = next(w, &job, &more);
    assert_int_equal(id, 1);
    world_close(w);
}

/* Rows of other queues between ours, and ids far apart: no row is passed over, whichever
 * way the pages are read. */
void test_the_pass_finds_all_among_rows_of_other_queues(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    bool more;
    add_foreign(12000);
    sql("update jobs set queue='other' where id%%10");
    sql("update jobs set id=id*1000 where id>6000 order by id desc");
    for (int i = 0; i < 3; i++)
        add_job("default", letter_json("u", ""));
    sql("update jobs set payload=%s where queue='default' and id%%2000=0",
        "'run "
        "App\\\\Jobs\\\\SendVolunteerLetterJob"
        "'");
    int64_t want = sql_int("select count(*) from jobs where queue='default' and payload "
                           "like '%%SendVolunteerLetterJob%%'");
    assert_in_range(want, 100, 12000);
    world_open(w);
    int64_t got = 0, id;
    while ((id = next(w, &job, &more)) || more)
        got += id > 0;
    assert_int_equal(got, want);
    world_close(w);
}

/* === what must be found === */

void test_a_letter_committed_late_with_a_lower_id_is_found(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct other *late = other_open();
    add_foreign(20);
    sql_on(late,
           "begin; insert into jobs (queue, payload, attempts, available_at, "
           "created_at) values ('default', '%.*s', 0, 1, 1)",
           STR_ARG(str_replace(&memory, letter_json("late", ""), S("\\"), S("\\\\"))));
    int64_t next = add_job("default", letter_json("next", ""));
    world_open(w);
    assert_int_equal(world_next(w, &job), next);
    add_foreign(20);
    world_look(w);
    rest_the_sweep(w);
    assert_int_equal(world_next(w, &job), 0);
    sql_on(late, "commit");
    assert_int_equal(world_next(w, &job), next - 1);
    assert_str(job.payload.uuid, "late");
    other_close(late);
    world_close(w);
}

void test_a_letter_committed_after_the_floor_passed_it_is_swept_up(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct other *late = other_open();
    sql_on(late,
           "begin; insert into jobs (queue, payload, attempts, available_at, "
           "created_at) values ('default', '%.*s', 0, 1, 1)",
           STR_ARG(str_replace(&memory, letter_json("late", ""), S("\\"), S("\\\\"))));
    add_foreign(300);
    world_open(w);
    world_look(w);
    rest_the_sweep(w);
    age(w);
    assert_int_equal(peek_at(w)->floor, 301);
    sql_on(late, "commit");
    assert_int_equal(world_next(w, &job), 0);
    let_it_sweep(w);
    assert_int_equal(world_next(w, &job), 1);
    other_close(late);
    world_close(w);
}

void test_a_delayed_letter_is_taken_when_it_comes_due(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t now = clock_unix();
    clock_freeze(now * 1000000);
    int64_t id = add_job("default", letter_json("u", ""));
    sql("update jobs set available_at=%lld", (long long)now + 60);
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    clock_freeze((now + 59) * 1000000);
    assert_int_equal(world_next(w, &job), 0);
    clock_freeze((now + 60) * 1000000);
    assert_int_equal(world_next(w, &job), id);
    clock_freeze(-1);
    world_close(w);
}

void test_a_delayed_letter_that_is_hurried_is_found_by_the_sweep(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    sql("update jobs set available_at=available_at+1000");
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    rest_the_sweep(w);
    sql("update jobs set available_at=1");
    assert_int_equal(world_next(w, &job), 0);
    let_it_sweep(w);
    assert_int_equal(world_next(w, &job), id);
    world_close(w);
}

void test_an_expired_reservation_is_taken_over(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t now = clock_unix();
    clock_freeze(now * 1000000);
    int64_t id = add_job("default", letter_json("u", ""));
    sql("update jobs set reserved_at=%lld, attempts=1", (long long)now);
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    clock_freeze((now + 89) * 1000000);
    assert_int_equal(world_next(w, &job), 0);
    clock_freeze((now + 90) * 1000000); /* the boundary counts, as in Laravel */
    assert_int_equal(world_next(w, &job), id);
    assert_int_equal(job.attempts, 2);
    assert_int_equal(job.reserved_at, now + 90);
    clock_freeze(-1);
    world_close(w);
}

void test_ids_that_a_truncate_starts_again_are_found(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_foreign(20000);
    world_open(w);
    world_look(w);
    age(w);
    assert_int_equal(peek_at(w)->floor, 20000);
    sql("truncate jobs");
    world_look(w);
    assert_int_equal(peek_at(w)->floor, 0);
    rest_the_sweep(w);
    int64_t id = add_job("default", letter_json("u", ""));
    assert_int_equal(id, 1);
    assert_int_equal(world_next(w, &job), 1);
    world_close(w);
}

void test_rows_between_a_truncate_and_the_next_look_are_swept_up(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_foreign(20000);
    world_open(w);
    world_look(w);
    age(w);
    sql("truncate jobs");
    add_foreign(100);
    int64_t id = add_job("default", letter_json("u", ""));
    add_foreign(100);
    let_it_sweep(w);
    world_look(w);
    assert_int_equal(world_next(w, &job), id);
    world_close(w);
}

void test_the_newest_rows_going_does_no_harm(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_foreign(100);
    world_open(w);
    world_look(w);
    age(w);
    sql("delete from jobs where id>40");
    world_look(w);
    assert_int_equal(peek_at(w)->floor, 40);
    rest_the_sweep(w);
    int64_t id = add_job("default", letter_json("u", ""));
    assert_int_equal(world_next(w, &job), id);
    world_close(w);
}

void test_rows_written_by_hand_are_found(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_foreign(100);
    world_open(w);
    world_look(w);
    rest_the_sweep(w);
    struct str json = str_replace(&memory, letter_json("u", ""), S("\\"), S("\\\\"));
    sql("insert into jobs values (1000000000000, 'default', '%.*s', 0, null, 0, 0)",
        STR_ARG(json));
    assert_int_equal(world_next(w, &job), 1000000000000);
    sql("insert into jobs values (2000, 'default', '%.*s', 0, null, 0, 0)",
        STR_ARG(json));
    assert_int_equal(world_next(w, &job), 2000);
    age(w);
    rest_the_sweep(w);
    sql("delete from jobs where id=5");
    sql("insert into jobs values (5, 'default', '%.*s', 0, null, 0, 0)", STR_ARG(json));
    assert_int_equal(world_next(w, &job), 0);
    let_it_sweep(w);
    assert_int_equal(world_next(w, &job), 5);
    world_close(w);
}

void test_queues_are_worked_in_their_order(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    w->queues[0] = S("high");
    w->queues[1] = S(" low"); /* Laravel trims nothing */
    w->queues_len = 2;
    int64_t low = add_job(" low", letter_json("u-1", ""));
    int64_t elsewhere = add_job("default", letter_json("u-2", ""));
    int64_t high = add_job("high", letter_json("u-3", ""));
    int64_t higher = add_job("high", letter_json("u-4", ""));
    world_open(w);
    assert_int_equal(world_next(w, &job), high);
    assert_str(job.queue, "high");
    assert_int_equal(world_next(w, &job), higher);
    assert_int_equal(world_next(w, &job), low);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(
        sql_int("select attempts from jobs where id=%lld", (long long)elsewhere), 0);
    world_close(w);
}

void test_an_index_of_more_columns_or_none_is_no_obstacle(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "drop key jobs_queue_index, add key old_index (queue, reserved_at)",
        "drop key jobs_queue_index",
        "drop key jobs_queue_index, add key other_name (queue), add key more (queue, id)",
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct world *w = world_new();
        struct queue_job job;
        sql("alter table jobs %s", changes[i]);
        add_foreign(2500);
        int64_t id = add_job("default", letter_json("u", ""));
        world_open(w);
        assert_int_equal(world_next(w, &job), id);
        int64_t more = add_job("default", letter_json("u", ""));
        assert_int_equal(world_next(w, &job), more);
        world_close(w);
    }
}

void test_the_prefix_of_the_connection_counts(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    sql("drop table if exists club_jobs");
    sql("rename table jobs to club_jobs");
    w->server.prefix = S("club_");
    world_open(w);
    assert_int_equal(world_next(w, &job), id);
    world_close(w);
    sql("drop table club_jobs");
}

void test_a_table_that_is_missing_is_fatal(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct error e = {0};
    sql("drop table jobs");
    struct queue_options o = {.settings = &w->settings, .classes = letter_classes};
    o.db = db_new(&w->server);
    assert_null(queue_new(&o, &e));
    assert_int_equal(e.kind, ERR_FATAL);
    assert_non_null(strstr(e.text, "Table 'app.jobs' doesn't exist"));
    db_drop(o.db);
}

/* === what must be left alone === */

void test_only_whole_names_and_our_own_class_are_ours(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_job("default",
            foreign_json("App\\Jobs\\Chained", "App\\\\Jobs\\\\SendVolunteerLetterJob"));
    add_job("default", foreign_json("App\\Jobs\\SendVolunteerLetterJobV2", "x"));
    add_job("default", foreign_json("Other\\SendVolunteerLetterJob", "x"));
    int64_t broken = add_job("default", S("{\"uuid\": SendVolunteerLetterJob"));
    add_job("default", S("nothing of ours"));
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    world_look(w);
    struct str said = buf_str(&w->said);
    struct str want = str_fmt(&memory,
                              "foreign App\\Jobs\\Chained;"
                              "foreign App\\Jobs\\SendVolunteerLetterJobV2;"
                              "foreign Other\\SendVolunteerLetterJob;unreadable %lld;",
                              (long long)broken);
    assert_str(said, str_z(&memory, want));
    assert_int_equal(listed(w), 0);
    assert_int_equal(sql_int("select sum(attempts) from jobs"), 0);
    world_close(w);
}

void test_text_that_is_no_json_and_names_our_class_is_ours(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct str whole = letter_json("u", "");
    int64_t cut = add_job("default", str_sub(whole, 0, whole.len - 30));
    int64_t plain = add_job("default", S("run " LETTER_CLASS "!"));
    world_open(w);
    assert_int_equal(world_next(w, &job), cut);
    assert_false(job.payload.is_json);
    assert_int_equal(job.class_index, 0);
    assert_true(str_eq(job.raw, str_sub(whole, 0, whole.len - 30)));
    assert_int_equal(world_next(w, &job), plain);
    world_close(w);
}

void test_a_job_of_ours_that_is_refused_is_left_untouched(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    w->refuses = "has middleware";
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    world_look(w);
    assert_str(buf_str(&w->said), "foreign " LETTER_CLASS " has middleware;");
    assert_int_equal(sql_int("select attempts from jobs where id=%lld", (long long)id),
                     0);
    w->refuses = "is encrypted";
    int64_t more = add_job("default", letter_json("u", ""));
    assert_int_equal(world_next(w, &job), 0);
    assert_non_null(strstr(str_z(&memory, buf_str(&w->said)), "is encrypted;"));
    w->refuses = NULL;
    w->stamp++;
    let_it_sweep(w);
    assert_int_equal(world_next(w, &job), id);
    assert_int_equal(world_next(w, &job), more);
    world_close(w);
}

/* Each is asked for once, however often the queue is looked at, until its payload is
 * another, or what the answer goes by. */
void test_what_is_refused_is_not_asked_for_again(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    for (int i = 0; i < 250; i++)
        add_job("default", letter_json("u", ""));
    int64_t last = add_job("default", letter_json("mine", ""));
    w->refuses = "has middleware";
    w->but = "mine";
    world_open(w);
    assert_int_equal(world_next(w, &job), last);
    assert_in_range(w->asked, 251,
                    252); /* the one that was taken may be asked for twice */
    assert_int_equal(listed(w), 1);
    int asked = w->asked;
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(w->asked, asked);
    sql("update jobs set payload=concat(payload, ' ') where id=7");
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(w->asked, asked + 1);
    w->stamp++;
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(w->asked, asked + 1 + 250);
    assert_str(buf_str(&w->said), "foreign " LETTER_CLASS " has middleware;");
    assert_int_equal(
        sql_int("select sum(attempts) from jobs where id<>%lld", (long long)last), 0);
    world_close(w);
}

/* One of many that are refused is locked; the others are read together. */
void test_refusals_are_decided_together(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    struct error e = {0};
    bool found;
    for (int i = 0; i < 1000; i++)
        add_job("default", letter_json("u", ""));
    w->refuses = "has middleware";
    w->but = "mine";
    int64_t last = add_job("default", letter_json("mine", ""));
    world_open(w);
    world_look(w);
    assert_int_equal(w->asked, 0); /* a look decodes nothing */
    int64_t before = status_of(w->db, "Com_stmt_execute");
    do
        assert_ok(world_turn(w, 0, &job, &found, &e), e);
    while (!found && queue_unfinished(w->q));
    assert_true(found);
    assert_int_equal(job.id, last);
    int64_t statements = status_of(w->db, "Com_stmt_execute") - before;
    note("statements to pass 1,000 refusals: %lld", (long long)statements);
    assert_in_range(statements, 10, 60);
    db_rollback(w->db);
    world_close(w);
}

void test_long_payloads_are_read_alone_and_too_long_ones_left(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    sql("set global max_allowed_packet=67108864");
    char *blanks = NEW(&memory, char, (size_t)5 << 20);
    memset(blanks, ' ', (5 << 20) - 1);
    int64_t more = add_job("default", letter_json("u", "          "));
    blanks[100000] = '\0';
    sql("update jobs set payload=concat(repeat(' ', 100000), payload) where id=%lld",
        (long long)more);
    int64_t foreign = add_job("default", foreign_json("App\\Jobs\\Big", "x"));
    sql("update jobs set payload=concat(payload, repeat(' ', 3000000), "
        "'SendVolunteerLetterJob') where id=%lld",
        (long long)foreign);
    int64_t huge = add_job("default", letter_json("u", ""));
    sql("update jobs set payload=concat(repeat(' ', 5000000), payload) where id=%lld",
        (long long)huge);
    world_open(w);
    assert_int_equal(world_next(w, &job), more);
    assert_true(job.raw.len > 100000);
    assert_int_equal(world_next(w, &job), 0);
    struct str want = str_fmt(&memory, "unreadable %lld;unreadable %lld;",
                              (long long)foreign, (long long)huge);
    assert_str(buf_str(&w->said), str_z(&memory, want));
    world_close(w);
}

void test_names_of_foreign_classes_are_said_once(void **state)
{
    (void)state;
    struct world *w = world_new();
    for (int i = 0; i < 3; i++) {
        add_job("default", foreign_json("App\\Jobs\\A", "x"));
        add_job("default", foreign_json("App\\Jobs\\B", "x"));
    }
    world_open(w);
    world_look(w);
    assert_str(buf_str(&w->said), "foreign App\\Jobs\\A;foreign App\\Jobs\\B;");
    add_job("default", foreign_json("App\\Jobs\\C", "x"));
    add_job("default", foreign_json("App\\Jobs\\A", "x"));
    world_look(w);
    assert_str(buf_str(&w->said),
               "foreign App\\Jobs\\A;foreign App\\Jobs\\B;foreign App\\Jobs\\C;");
    /* The list of names is shared as the rest is. */
    struct world *slot = world_slot(w);
    world_look(slot);
    assert_str(buf_str(&slot->said), "");
    world_close(slot);
    world_close(w);
}

/* === shared by processes === */

void test_the_list_is_shared_by_processes(void **state)
{
    (void)state;
    struct world *w = world_new();
    for (int i = 0; i < 400; i++)
        add_job("default", letter_json("u", ""));
    add_foreign(1000);
    struct error e = {0};
    w->watch = watch_new(1, &e);
    pid_t pids[4];
    for (size_t i = 0; i < COUNT(pids); i++) {
        pids[i] = fork_child();
        if (pids[i])
            continue;
        struct queue_job job;
        int taken = 0;
        bool owned;
        world_open(w);
        world_look(w);
        while (world_claim(w, &job)) {
            if (!queue_end(w->q, &(struct ending){.job = &job}, &owned, &e) || !owned)
                _exit(255);
            taken++;
        }
        _exit(taken > 200 ? 200 : taken);
    }
    int sum = 0, least = 1000;
    for (size_t i = 0; i < COUNT(pids); i++) {
        int status;
        waitpid(pids[i], &status, 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
        sum += WEXITSTATUS(status);
        if (WEXITSTATUS(status) < least)
            least = WEXITSTATUS(status);
    }
    note("400 letters by four processes; the one with the fewest had %d", least);
    assert_int_equal(sum, 400);
    assert_int_equal(sql_int("select count(*) from jobs where payload like "
                             "'%%SendVolunteer%%'"),
                     0);
    assert_int_equal(sql_int("select count(*) from jobs"), 1000);
}

void test_a_process_that_dies_with_the_lists_lock_loses_no_letter(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    int64_t id = add_job("default", letter_json("u", ""));
    world_open(w);
    world_look(w);
    pid_t pid = fork_child();
    if (pid == 0) {
        watch_lock(w->watch, 0);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    assert_int_equal(listed(w), 0);
    rest_the_sweep(w);
    assert_int_equal(world_next(w, &job), id);
    pid = fork_child();
    if (pid == 0) {
        look_lock(w->watch, 0);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    int64_t more = add_job("default", letter_json("u", ""));
    assert_int_equal(world_next(w, &job), more);
    world_close(w);
}

void test_a_look_does_not_wait_for_one_that_hangs(void **state)
{
    (void)state;
    struct world *w = world_new();
    int ready[2], over[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(over), 0);
    add_job("default", letter_json("u", ""));
    world_open(w);
    pid_t pid = fork_child();
    if (pid == 0) {
        look_lock(w->watch, 0);
        if (write(ready[1], "x", 1) != 1 || read(over[0], &byte, 1) != 1)
            _exit(1);
        look_unlock(w->watch, 0);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    int64_t begun = clock_mono_ms();
    struct error e = {0};
    assert_ok(queue_look(w->q, 0, &e), e);
    assert_true(queue_unfinished(w->q)); /* who stops at an empty queue does not, now */
    assert_in_range(clock_mono_ms() - begun, LOOK_WAIT_MS, LOOK_WAIT_MS + 2000);
    assert_int_equal(listed(w), 0);
    assert_int_equal(write(over[1], "x", 1), 1);
    waitpid(pid, NULL, 0);
    world_look(w);
    assert_int_equal(listed(w), 1);
    world_close(w);
}

void test_a_connection_lost_in_the_first_pass_is_no_end(void **state)
{
    (void)state;
    struct world *w = world_new();
    struct queue_job job;
    add_foreign(3000);
    int64_t id = add_job("default", letter_json("u", ""));
    world_open(w);
    sql("kill %lld", (long long)connection_id(w->db));
    assert_int_equal(world_next(w, &job), id);
    world_close(w);
}

/* Whoever waits for a look takes it for its own only if it began to read after that was
 * asked for: a row that was released meanwhile would be missed, and the queue called
 * empty. */
void test_a_look_counts_from_when_it_began(void **state)
{
    (void)state;
    struct world *w = world_new();
    world_open(w);
    world_look(w);
    add_foreign(20000);
    int64_t before = clock_mono_us();
    world_look(w);
    int64_t took = clock_mono_us() - before;
    assert_true(peek_at(w)->looked_us - before < took / 2);
    world_close(w);
}
