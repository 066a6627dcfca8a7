/* test_queue_all.c: every row of a queue, where somebody runs what is not ours. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/queue_imp.h"
#include "world.h"

/* all_rows: a world in which a claim takes `any` job or only ours. */
static struct world *all_rows(void)
{
    struct world *w = world_new();
    w->takes_all = w->any = true;
    return w;
}

static size_t listed(struct world *w, enum watch_kind kind)
{
    int64_t ids[1000];
    struct watch_queue *q = watch_lock(w->watch, 0);
    size_t n = watch_due(q, kind, INT64_MAX, 0, ids, COUNT(ids));
    watch_unlock(w->watch, 0);
    return n;
}

/* sweep_round goes over some hundred rows, however slow the machine is. */
static void sweep_round(struct world *w)
{
    for (int i = 0; i < 4; i++) {
        look_lock(w->watch, 0)->sweep_spent_us = 0;
        look_unlock(w->watch, 0);
        world_look(w);
    }
}

/* claimed: the ids that come, one after the other, and whose they are: "1, 2 -, ". */
static const char *claimed(struct world *w)
{
    struct queue_job job;
    struct buf b = buf_new(&memory, 4000);
    while (world_claim(w, &job))
        buf_fmt(&b, "%lld%s, ", (long long)job.id, job.class_index < 0 ? " -" : "");
    return str_z(&memory, buf_str(&b));
}

static int64_t add_other(void)
{
    return add_job("default", foreign_json("App\\Jobs\\SendInvoice", "x"));
}

static int64_t add_ours(void)
{
    return add_job("default", letter_json("u", ""));
}

/* === who takes what === */

void test_every_row_is_taken_in_the_order_of_ids(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    static const char *const texts[] = {"", "nothing", "null", "[]", "{}", "{\"job\":7}"};
    add_other();
    add_ours();
    for (size_t i = 0; i < COUNT(texts); i++)
        add_job("default", str_from(texts[i])); /* 3 to 8 */
    add_ours();
    add_other();
    add_job("elsewhere", S("{}"));
    sql("update jobs set available_at=%lld where id=5", (long long)clock_unix() + 60);
    world_open(w);
    world_look(w);
    assert_int_equal(listed(w, WATCH_ANY), 10);
    assert_int_equal(listed(w, WATCH_NATIVE), 2);
    assert_int_equal(world_claim(w, &job), 1);
    assert_int_equal(job.class_index, -1);
    assert_null(job.refusal);
    assert_str(job.payload.display_name, "App\\Jobs\\SendInvoice");
    assert_int_equal(job.attempts, 1);
    assert_string_equal(claimed(w), "2, 3 -, 4 -, 6 -, 7 -, 8 -, 9, 10 -, ");
    assert_int_equal(sql_int("select count(*) from jobs where attempts=1 and "
                             "reserved_at is not null"),
                     9);
    assert_str(buf_str(&w->said), ""); /* nobody is left alone, nor named */
    world_close(w);
}

void test_who_runs_only_ours_takes_only_ours(void **state)
{
    (void)state;
    struct world *w = all_rows();
    for (int i = 0; i < 30; i++)
        add_other();
    add_ours();
    add_other();
    add_ours();
    add_other();
    world_open(w);
    world_look(w);
    w->any = false;
    int64_t before = status_of(w->db, "Com_stmt_execute");
    assert_string_equal(claimed(w), "31, 33, ");
    /* Two claims, and no statement for what others are to have. */
    assert_int_equal(status_of(w->db, "Com_stmt_execute") - before - 1, 2 * 2);
    assert_false(queue_knows_due(w->q, false));
    assert_true(queue_knows_due(w->q, true));
    w->any = true;
    assert_int_equal(strlen(claimed(w)), 9 * strlen("1 -, ") + 23 * strlen("10 -, "));
    assert_false(queue_knows_due(w->q, true));
    world_close(w);
}

void test_where_letters_wait_only_others_are_taken(void **state)
{
    (void)state;
    struct world *w = all_rows();
    add_ours();
    add_other();
    add_ours();
    add_other();
    world_open(w);
    world_look(w);
    w->others = true;
    assert_string_equal(claimed(w), "2 -, 4 -, ");
    w->others = false;
    assert_string_equal(claimed(w), "1, 3, ");
    world_close(w);
}

/* The name of one of our classes stands in it, somewhere: whose it is a claim would have
 * to see. */
void test_what_looks_like_ours_stays_for_others(void **state)
{
    (void)state;
    struct world *w = all_rows();
    add_job("default", foreign_json("App\\Jobs\\Chained", "SendVolunteerLetterJob"));
    add_job("default", S("no SendVolunteerLetterJob"));
    add_job("default", foreign_json("Other\\SendVolunteerLetterJob", "x"));
    add_ours();
    world_open(w);
    world_look(w);
    assert_int_equal(listed(w, WATCH_NATIVE), 4);
    w->any = false;
    assert_string_equal(claimed(w), "4, ");
    assert_int_equal(listed(w, WATCH_ANY), 4);
    assert_int_equal(listed(w, WATCH_NATIVE), 1);
    sweep_round(w);
    assert_int_equal(listed(w, WATCH_NATIVE), 1);
    w->any = true;
    assert_string_equal(claimed(w), "1 -, 2 -, 3 -, ");
    assert_str(buf_str(&w->said), "");
    world_close(w);
}

void test_a_job_of_ours_that_is_refused_stays_for_others(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    for (int i = 0; i < 250; i++)
        add_ours();
    w->refuses = "has middleware";
    w->any = false;
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(w->asked, 250);
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(w->asked, 250); /* once each */
    assert_int_equal(listed(w, WATCH_ANY), 250);
    w->any = true;
    assert_int_equal(world_claim(w, &job), 1);
    assert_int_equal(job.class_index, -1);
    assert_string_equal(job.refusal, "has middleware");
    /* The app changes: they are ours again. */
    w->any = false;
    w->refuses = NULL;
    w->stamp++;
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 2);
    assert_int_equal(job.class_index, 0);
    assert_null(job.refusal);
    assert_str(buf_str(&w->said), "");
    world_close(w);
}

void test_an_expired_reservation_of_any_class_is_taken_over(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    int64_t now = clock_unix(), id = add_other();
    clock_freeze(now * 1000000);
    sql("update jobs set reserved_at=%lld, attempts=1", (long long)now);
    world_open(w);
    clock_freeze((now + 89) * 1000000);
    assert_int_equal(world_next(w, &job), 0);
    clock_freeze((now + 90) * 1000000);
    assert_int_equal(world_next(w, &job), id);
    assert_int_equal(job.attempts, 2);
    assert_int_equal(job.before, now);
    /* It is known when it would come up again, and not before. */
    clock_freeze((now + 179) * 1000000);
    assert_false(queue_knows_due(w->q, true));
    clock_freeze((now + 180) * 1000000);
    assert_true(queue_knows_due(w->q, true));
    assert_false(queue_knows_due(w->q, false));
    clock_freeze(-1);
    world_close(w);
}

static bool held_first(void *arg, const struct queue_job *j)
{
    (void)arg;
    return j->id == 1;
}

void test_what_this_host_has_in_hand_is_passed_whatever_its_class(void **state)
{
    (void)state;
    struct world *w = all_rows();
    add_other();
    add_other();
    w->held = held_first;
    world_open(w);
    world_look(w);
    assert_string_equal(claimed(w), "2 -, ");
    world_close(w);
}

/* === how it ends === */

static void end(struct world *w, struct queue_job *job, enum end_kind kind, int64_t delay)
{
    struct error e = {0};
    bool owned;
    struct ending ending = {
        .job = job, .kind = kind, .delay = delay, .exception = S("it says why")};
    assert_ok(queue_end(w->q, &ending, &owned, &e), e);
    assert_true(owned);
    queue_unwatch(w->q, job, 0);
}

void test_jobs_of_others_end_as_ours_do(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    struct error e = {0};
    bool owned;
    int64_t now = clock_unix();
    clock_freeze(now * 1000000);
    add_other();
    add_other();
    add_job("default", S("nothing"));
    add_other();
    world_open(w);
    assert_int_equal(world_next(w, &job), 1);
    end(w, &job, END_DONE, 0);
    assert_int_equal(world_next(w, &job), 2);
    end(w, &job, END_RELEASED, 10);
    assert_int_equal(world_next(w, &job), 3);
    end(w, &job, END_FAILED, 0);
    assert_int_equal(world_next(w, &job), 4);
    assert_ok(queue_give_back(w->q, &job, &owned, &e), e);
    queue_unwatch(w->q, &job, now);
    assert_int_equal(world_next(w, &job), 4);
    assert_int_equal(job.attempts, 1);
    end(w, &job, END_DONE, 0);
    assert_str(sql_table("select payload, exception, length(uuid) from failed_jobs"),
               "nothing|it says why|36");
    assert_int_equal(world_next(w, &job), 0);
    clock_freeze((now + 10) * 1000000);
    assert_int_equal(world_next(w, &job), 5);
    assert_int_equal(job.attempts, 2);
    clock_freeze(-1);
    world_close(w);
}

void test_an_end_and_a_claim_of_any_class_are_one_commit(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job done, next;
    struct error e = {0};
    struct ending ending = {.job = &done};
    struct claim take = {.any = true, .perm = &memory, .job = &next};
    add_other();
    add_job("default", foreign_json("App\\Jobs\\Chained", "SendVolunteerLetterJob"));
    world_open(w);
    assert_int_equal(world_next(w, &done), 1);
    assert_ok(queue_turn(w->q, &ending, &take, &e), e);
    assert_int_equal(ending.state, ENDING_OPEN); /* who takes all screens nothing */
    assert_true(take.found);
    assert_ok(queue_commit(w->q, &e), e);
    queue_unwatch(w->q, &done, 0);
    assert_str(sql_table("select id, attempts from jobs"), "2|1");
    assert_int_equal(listed(w, WATCH_ANY), 1);
    world_close(w);
}

/* === somebody comes, and goes === */

void test_when_somebody_runs_all_the_queue_is_read_anew(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    add_other();
    add_ours();
    add_job("default", S("nothing"));
    add_ours();
    w->takes_all = false;
    world_open(w);
    assert_int_equal(world_next(w, &job), 2); /* as ever */
    assert_str(buf_str(&w->said), "foreign App\\Jobs\\SendInvoice;");
    assert_int_equal(listed(w, WATCH_ANY), 2);
    w->takes_all = true;
    w->any = false;
    assert_int_equal(world_next(w, &job), 4); /* what was known still is */
    w->any = true;
    assert_string_equal(claimed(w), "1 -, 3 -, ");
    add_other();
    world_look(w);
    assert_string_equal(claimed(w), "5 -, ");
    world_close(w);
}

void test_when_nobody_does_any_more_others_are_left_alone(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job, held;
    add_other();
    add_ours();
    add_job("default", S("nothing"));
    add_job("default", foreign_json("App\\Jobs\\Chained", "SendVolunteerLetterJob"));
    w->but = "u";
    world_open(w);
    assert_int_equal(world_next(w, &held), 1);
    assert_str(buf_str(&w->said), "");
    w->takes_all = w->any = false;
    world_look(w);
    assert_int_equal(listed(w, WATCH_ANY), 2);
    assert_string_equal(claimed(w), "2, ");
    add_other();
    add_ours();
    assert_int_equal(world_next(w, &job), 6);
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(listed(w, WATCH_ANY), 2);
    assert_str(buf_str(&w->said),
               "foreign App\\Jobs\\SendInvoice;foreign App\\Jobs\\Chained;");
    /* What was in hand meanwhile does not come back to the list. */
    queue_unwatch(w->q, &held, clock_unix());
    assert_int_equal(listed(w, WATCH_ANY), 2);
    assert_int_equal(sql_int("select sum(attempts) from jobs where id in (3, 4, 5)"), 0);
    world_close(w);
}

/* What was refused while others ran it is told when nobody does. */
void test_what_was_refused_in_silence_is_told_then(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    add_ours();
    w->refuses = "has middleware";
    w->any = false;
    world_open(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_str(buf_str(&w->said), "");
    w->takes_all = false;
    sweep_round(w);
    assert_int_equal(world_next(w, &job), 0);
    assert_str(buf_str(&w->said), "foreign " LETTER_CLASS " has middleware;");
    world_close(w);
}

void test_ids_that_a_truncate_starts_again_may_be_of_another_kind(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    add_other();
    add_ours();
    world_open(w);
    world_look(w);
    sql("truncate jobs");
    world_look(w);
    add_ours();
    add_other();
    sweep_round(w);
    assert_int_equal(listed(w, WATCH_ANY), 2);
    w->any = false;
    assert_int_equal(world_claim(w, &job), 1);
    assert_int_equal(world_claim(w, &job), 0);
    w->any = true;
    assert_int_equal(world_claim(w, &job), 2);
    world_close(w);
}

/* One look reads a part of so many rows. Somebody goes and comes meanwhile. */
void test_a_switch_in_the_first_pass_loses_nothing(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    struct error e = {0};
    bool found;
    int64_t first = add_ours();
    add_foreign(70000);
    sql("update jobs set available_at=available_at+1000 where id>%lld", (long long)first);
    int64_t ours = add_ours(), other = add_other();
    world_open(w);
    assert_ok(queue_look(w->q, 0, &e), e);
    assert_int_equal(world_claim(w, &job), first);
    assert_ok(queue_look(w->q, 0, &e), e);
    assert_true(queue_unfinished(w->q));
    w->takes_all = w->any = false;
    assert_ok(queue_look(w->q, 0, &e), e);
    assert_int_equal(world_next(w, &job), ours);
    w->takes_all = true;
    assert_ok(queue_look(w->q, 0, &e), e);
    assert_true(queue_unfinished(w->q)); /* read anew */
    w->any = true;
    assert_ok(world_turn(w, 0, &job, &found, &e), e);
    assert_false(found);
    assert_int_equal(world_next(w, &job), other);
    assert_int_equal(world_next(w, &job), 0);
    assert_int_equal(watch_lock(w->watch, 0)->len, 70003);
    watch_unlock(w->watch, 0);
    world_close(w);
}

void test_a_process_that_dies_with_the_lists_lock_loses_no_job(void **state)
{
    (void)state;
    struct world *w = all_rows();
    add_other();
    add_ours();
    add_other();
    world_open(w);
    world_look(w);
    pid_t pid = fork_child();
    if (pid == 0) {
        watch_lock(w->watch, 0);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    assert_int_equal(listed(w, WATCH_ANY), 0);
    world_look(w);
    assert_int_equal(listed(w, WATCH_NATIVE), 1);
    assert_string_equal(claimed(w), "1 -, 2, 3 -, ");
    world_close(w);
}

/* === what is large === */

/* lengthen puts blanks before the payload of a row. */
static void lengthen(int64_t id, int64_t bytes)
{
    sql("set global max_allowed_packet=67108864");
    struct other *client = other_open();
    sql_on(client,
           "update jobs set payload=concat(repeat(' ', %lld), payload) where "
           "id=%lld",
           (long long)bytes, (long long)id);
    other_close(client);
}

void test_long_payloads_are_for_others(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    lengthen(add_other(), 59 << 20);
    lengthen(add_ours(), 5 << 20);
    add_ours();
    world_open(w);
    world_look(w);
    w->any = false;
    assert_string_equal(claimed(w), "3, ");
    assert_int_equal(listed(w, WATCH_ANY), 3);
    assert_int_equal(listed(w, WATCH_NATIVE), 1);
    w->any = true;
    struct arena before = memory;
    assert_int_equal(world_claim(w, &job), 1);
    assert_true(job.raw.len > 59 << 20);
    note("memory for a payload of 59 MB: %td MB", (memory.at - before.at) >> 20);
    assert_in_range(memory.at - before.at, 59 << 20, 400 << 20); /* a slot has 512 */
    assert_str(job.payload.display_name, "App\\Jobs\\SendInvoice");
    end(w, &job, END_RELEASED, 60);
    assert_int_equal(sql_int("select octet_length(payload) > %d from jobs where "
                             "id<>2 and id<>3",
                             59 << 20),
                     1);
    assert_int_equal(world_claim(w, &job), 2);
    assert_int_equal(job.class_index, -1);
    assert_string_equal(job.refusal, "its payload is longer than 4 MB");
    assert_int_equal(w->asked, 1);
    assert_str(buf_str(&w->said), "");
    world_close(w);
}

/* The session takes no such row: it is told, and left alone for a while. */
void test_a_payload_that_nobody_can_take_holds_nothing_up(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    int64_t now = clock_unix();
    clock_freeze(now * 1000000);
    lengthen(add_other(), 61 << 20);
    add_other();
    world_open(w);
    world_look(w);
    assert_string_equal(claimed(w), "2 -, ");
    assert_int_equal(listed(w, WATCH_ANY), 2);
    int64_t before = status_of(w->db, "Com_stmt_execute");
    assert_int_equal(world_claim(w, &job), 0);
    assert_int_equal(status_of(w->db, "Com_stmt_execute") - before - 1, 0);
    assert_str(buf_str(&w->said), "refused 1, it is left alone for a minute at a time;");
    clock_freeze((now + 59) * 1000000);
    assert_false(queue_knows_due(w->q, true));
    clock_freeze((now + 60) * 1000000);
    assert_true(queue_knows_due(w->q, true));
    clock_freeze(-1);
    world_close(w);
}

/* The server's own limit may be lower than when the row came: it sends it all the same,
 * but would break off if it were sent back. */
void test_a_payload_that_the_server_does_not_take_again_ends(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    struct error e = {0};
    bool owned;
    lengthen(add_other(), 20 << 20);
    sql("set global max_allowed_packet=16777216");
    world_open(w);
    assert_int_equal(world_next(w, &job), 1);
    int64_t session = connection_id(w->db);
    struct ending failed = {.job = &job, .kind = END_FAILED, .exception = S("why")};
    assert_false(queue_end(w->q, &failed, &owned, &e));
    assert_int_equal(e.kind, ERR_JOB);
    note("%s", e.text);
    assert_non_null(strstr(e.text, "1153 Got a packet bigger"));
    end(w, &job, END_RELEASED, 60);
    assert_str(sql_table("select id, attempts, reserved_at is null from jobs"), "1|1|1");
    assert_int_equal(connection_id(w->db), session);
    note("%s", str_z(&memory, buf_str(&w->said)));
    world_close(w);
}

void test_a_payload_of_too_many_values_is_for_others(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    add_ours();
    sql("update jobs set payload=concat('{\"many\":[', repeat('1,', 70000), '1],', "
        "substring(payload, 2))");
    world_open(w);
    assert_int_equal(world_next(w, &job), 1);
    assert_int_equal(job.class_index, -1);
    assert_true(job.payload.is_json);
    assert_string_equal(job.refusal, "its payload holds too many values");
    world_close(w);
}

/* === processes === */

/* work takes what it can until nothing is left, and returns how much; 255: something went
 * wrong. */
static int work(struct world *w, bool any)
{
    struct error e = {0};
    struct queue_job job;
    int taken = 0;
    bool owned;
    w->any = any;
    world_open(w);
    world_look(w);
    while (world_claim(w, &job)) {
        bool ours = job.class_index == 0;
        if (!any && !ours)
            return 255;
        if (!queue_end(w->q, &(struct ending){.job = &job}, &owned, &e) || !owned)
            return 255;
        queue_unwatch(w->q, &job, 0);
        taken++;
    }
    return taken > 250 ? 250 : taken;
}

void test_slots_for_all_and_for_ours_share_the_list(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct error e = {0};
    for (int i = 0; i < 200; i++) {
        add_ours();
        add_other();
        add_other();
    }
    w->watch = watch_new(1, &e);
    pid_t pids[4];
    for (size_t i = 0; i < COUNT(pids); i++) {
        pids[i] = fork_child();
        if (pids[i] == 0)
            _exit(work(w, i % 2));
    }
    for (size_t i = 0; i < COUNT(pids); i++) {
        int status;
        waitpid(pids[i], &status, 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
        note("%s: %d%s", i % 2 ? "for all" : "for ours", WEXITSTATUS(status),
             WEXITSTATUS(status) == 250 ? " or more" : "");
    }
    assert_int_equal(sql_int("select count(*) from jobs"), 0);
}

/* === cost: BENCH_ROWS=1000000 for numbers (and the release build) === */

static int64_t rows_of(int64_t few)
{
    const char *many = getenv("BENCH_ROWS");
    return many ? strtoll(many, NULL, 10) : few;
}

static void add_many(int64_t rows)
{
    for (; rows > 0; rows -= 100000)
        add_foreign(rows < 100000 ? rows : 100000);
    sql("analyze table jobs");
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static double median_ms(int64_t *us, size_t len)
{
    qsort(us, len, sizeof(*us), by_size);
    return (double)us[len / 2] / 1000;
}

static int64_t cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
           u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

/* laravel_pops is what artisan asks for each job. */
static int64_t laravel_pops(void)
{
    int64_t now = clock_unix();
    sql("begin");
    int64_t id = sql_int("select * from jobs where queue='default' and "
                         "((reserved_at is null and available_at<=%lld) or "
                         "reserved_at<=%lld) order by id limit 1 for update skip locked",
                         (long long)now, (long long)now - 90);
    sql("rollback");
    return id;
}

void test_a_claim_behind_many_delayed_rows(void **state)
{
    (void)state;
    struct world *w = all_rows();
    struct queue_job job;
    int64_t rows = rows_of(20000), theirs[11], looks[11], claims[11], begun;
    add_many(rows);
    sql("update jobs set available_at=available_at+100000");
    world_open(w);
    world_look(w);
    for (size_t i = 0; i < COUNT(claims); i++) {
        int64_t id = add_other();
        begun = clock_mono_us();
        assert_int_equal(laravel_pops(), id);
        theirs[i] = clock_mono_us() - begun;
        begun = clock_mono_us();
        world_look(w);
        looks[i] = clock_mono_us() - begun;
        begun = clock_mono_us();
        assert_int_equal(world_claim(w, &job), id);
        claims[i] = clock_mono_us() - begun;
        end(w, &job, END_DONE, 0);
    }
    double pop = median_ms(theirs, COUNT(theirs)), look = median_ms(looks, COUNT(looks));
    double claim = median_ms(claims, COUNT(claims));
    note("behind %lld delayed rows: a look %.2f ms, a claim and its commit %.2f ms; "
         "Laravel's pop %.2f ms",
         (long long)rows, look, claim, pop);
    assert_true(look + claim < pop);
    world_close(w);
}

/* takes is the CPU time in us of a job, whose end is joined to the claim of the next. */
static double takes(struct world *w, size_t jobs)
{
    struct error e = {0};
    struct queue_job held[2] = {0};
    struct arena perm[2] = {arena_open(8 << 20), arena_open(8 << 20)};
    struct ending ending = {0};
    struct claim take = {.any = w->any};
    for (size_t i = 0; i < jobs; i++)
        w->any ? add_other() : add_ours();
    world_look(w);
    int64_t begun = cpu_us();
    for (size_t i = 0; i < jobs; i++) {
        take.job = &held[i % 2];
        take.perm = &perm[i % 2];
        arena_reset(take.perm);
        assert_ok(queue_turn(w->q, i ? &ending : NULL, &take, &e), e);
        assert_true(take.found);
        assert_ok(queue_commit(w->q, &e), e);
        if (i)
            queue_unwatch(w->q, ending.job, 0);
        ending = (struct ending){.job = take.job};
    }
    double each = (double)(cpu_us() - begun) / (double)jobs;
    end(w, take.job, END_DONE, 0);
    arena_close(&perm[0]);
    arena_close(&perm[1]);
    return each;
}

/* least: other programs make it more, never less. */
static double least(struct world *w)
{
    double us = takes(w, 100);
    for (int i = 0; i < 9; i++) {
        double again = takes(w, 100);
        us = again < us ? again : us;
    }
    return us;
}

void test_a_claim_behind_many_rows_of_others(void **state)
{
    (void)state;
    struct world *w = all_rows();
    int64_t rows = rows_of(20000);
    world_open(w);
    double all = least(w);
    w->any = false;
    double alone = least(w);
    add_many(rows);
    double behind = least(w);
    note("CPU of a job, deleted with the claim of the next: %.0f us of any class, %.0f "
         "us of ours, %.0f "
         "us "
         "behind %lld of others that are due",
         all, alone, behind, (long long)rows);
    assert_true(behind < 3 * alone);
    assert_true(queue_knows_due(w->q, true));
    world_close(w);
}

/* pass is the time in us of a first pass by a master of its own. */
static int64_t pass(struct world *w, bool all, size_t len)
{
    w->takes_all = all;
    w->watch = NULL;
    world_open(w);
    int64_t begun = clock_mono_us();
    world_look(w);
    int64_t took = clock_mono_us() - begun;
    assert_int_equal(watch_lock(w->watch, 0)->len, all ? len : 0);
    watch_unlock(w->watch, 0);
    watch_drop(w->watch);
    world_close(w);
    return took;
}

void test_the_first_pass_over_rows_of_others(void **state)
{
    (void)state;
    struct world *w = all_rows();
    int64_t rows = rows_of(20000), with[5], without[5], begun, like[5];
    add_many(rows);
    for (size_t i = 0; i < COUNT(with); i++) {
        begun = clock_mono_us();
        assert_int_equal(sql_int("select count(*) from jobs where queue='default' and "
                                 "payload like cast('%%SendVolunteer%%' as binary)"),
                         0);
        like[i] = clock_mono_us() - begun;
        without[i] = pass(w, false, (size_t)rows);
        with[i] = pass(w, true, (size_t)rows);
    }
    double all = median_ms(with, COUNT(with)), few = median_ms(without, COUNT(without));
    note("first pass over %lld rows of others: %.0f ms, where all are watched %.0f ms (x "
         "%.2f); the LIKE alone %.0f ms",
         (long long)rows, few, all, all / few, median_ms(like, COUNT(like)));
    assert_true(all < 5 * few);
}
