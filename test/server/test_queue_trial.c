/* test_queue_trial.c: producers that commit late or never, and consumers that stall,
 * crash, release and give back, all at once: no letter is lost, none is completed twice.
 * Nor is any job, where half of the consumers run every class, now and then.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

enum {
    PRODUCERS = 3,
    CONSUMERS = 4,
    BATCHES = 25, /* per producer */
    BATCH = 12,   /* rows of one transaction */
    RETRY_AFTER = 2,
    DEADLINE_S = 120,
    CRASH = 76, /* or one more: of an even or an odd slot */
    SWITCH_MS = 300,
};

/* Shared by all processes. */
struct trial {
    bool every;     /* jobs of all classes are to be run */
    bool takes_all; /* there is somebody who does, at this moment */
};

static struct trial *trial;
static int slot; /* the odd ones run all classes */

static int below(int n)
{
    return (int)(random() % n);
}

/* === producers === */

static void produce(int me)
{
    struct other *o = other_open();
    srandom((unsigned)me * 7919);
    for (int batch = 0; batch < BATCHES; batch++) {
        sql_on(o, "begin");
        for (int i = 0; i < BATCH; i++) {
            struct str uuid = str_fmt(&memory, "%d-%d-%d", me, batch, i);
            bool ours = below(3) == 0;
            struct str json = ours ? letter_json(str_z(&memory, uuid), "")
                                   : foreign_json("App\\Jobs\\SendInvoiceJob", "x");
            json = str_replace(&memory, json, S("9c8b"), uuid);
            sql_on(
                o,
                "insert into jobs (queue, payload, attempts, available_at, created_at) "
                "values ('default', '%.*s', 0, unix_timestamp()+%d, unix_timestamp())",
                STR_ARG(str_replace(&memory, json, S("\\"), S("\\\\"))),
                below(4) ? 0 : below(3));
            if (ours || trial->every)
                sql_on(o, "insert into made values ('%.*s')", STR_ARG(uuid));
            if (below(6) == 0)
                usleep((useconds_t)below(150000)); /* others get higher ids meanwhile */
        }
        sql_on(o, below(8) ? "commit" : "rollback");
    }
    other_close(o);
}

/* === consumers === */

struct completion {
    struct world *w;
    struct queue_job *job;
};

static bool write_done(void *arg, struct error *e)
{
    const struct completion *c = arg;
    struct db_arg args[] = {db_text(c->job->payload.uuid), db_int(getpid())};
    return db_run(c->w->db, S("insert into done values (?, ?)"), args, COUNT(args),
                  &memory, NULL, e);
}

static bool settle(struct world *w, struct queue_job *job, struct error *e)
{
    struct completion c = {w, job};
    struct ending end = {.job = job,
                         .parts = {{.write = write_done, .arg = &c, .db = w->db}},
                         .parts_len = 1};
    struct ending release = {.job = job, .kind = END_RELEASED, .delay = below(2)};
    bool owned;
    switch (below(trial->every ? 40 : 20)) { /* three times the jobs: each is calmer */
    case 0:
        _exit(CRASH + slot % 2);
    case 1:
        sleep(RETRY_AFTER + 1); /* and somebody else takes it over */
        break;
    case 2:
    case 3:
        return queue_end(w->q, &release, &owned, e);
    case 4:
        return queue_give_back(w->q, job, &owned, e);
    case 5:
        sql("kill %lld", (long long)connection_id(w->db));
        break;
    default:
        break;
    }
    return queue_end(w->q, &end, &owned, e);
}

/* A slot: it ends when nothing is left to be run and the producers are done. */
static void consume(struct world *w, int seed)
{
    srandom((unsigned)seed);
    slot = seed;
    world_open(w);
    for (;;) {
        w->takes_all = trial->takes_all;
        w->any = w->takes_all && slot % 2;
        struct arena before = memory;
        struct queue_job job;
        struct error e = {0};
        if (world_next(w, &job)) {
            if (!w->any && job.class_index < 0)
                _exit(2);
            if (!settle(w, &job, &e) && e.kind != ERR_LOST)
                _exit(1);
        } else if (sql_int(
                       "select (select count(*) from made)=(select count(*) from done) "
                       "and (select finished from producers)")) {
            _exit(0);
        } else {
            usleep(20000);
        }
        arena_release(&memory, before.at);
    }
}

static pid_t start_consumer(struct world *w, int seed)
{
    pid_t pid = fork_child();
    if (pid == 0)
        consume(w, seed);
    return pid;
}

static pid_t start_producer(int me)
{
    pid_t pid = fork_child();
    if (pid == 0) {
        produce(me);
        _exit(0);
    }
    return pid;
}

/* switch_over: somebody comes who runs all classes, or goes; in the end there is one. */
static void switch_over(bool producing)
{
    if (trial->every)
        trial->takes_all = !producing || clock_mono_ms() / SWITCH_MS % 2;
}

static void run_trial(bool every)
{
    struct world *w = world_new();
    struct error e = {0};
    int status, crashes = 0, alive = CONSUMERS, producing = PRODUCERS;
    pid_t producers[PRODUCERS];
    sql("drop table if exists made; create table made (uuid varchar(40) primary key)");
    sql("drop table if exists done; create table done (uuid varchar(40), pid int)");
    sql("drop table if exists producers; create table producers (finished int)");
    sql("insert into producers values (0)");
    w->settings.retry_after = RETRY_AFTER;
    w->watch = watch_new(1, &e);
    trial = mmap(NULL, sizeof(*trial), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    assert_ptr_not_equal(trial, MAP_FAILED);
    trial->every = every;
    for (int i = 0; i < PRODUCERS; i++)
        producers[i] = start_producer(i + 1);
    for (int i = 0; i < CONSUMERS; i++)
        start_consumer(w, i + 100);
    int64_t until = clock_mono_ms() + DEADLINE_S * 1000;
    while (alive && clock_mono_ms() < until) {
        pid_t pid = waitpid(-1, &status, WNOHANG);
        bool producer = false;
        switch_over(producing > 0);
        for (int i = 0; i < PRODUCERS && pid > 0; i++)
            producer = producer || producers[i] == pid;
        if (pid <= 0) {
            usleep(20000);
        } else if (producer) {
            assert_int_equal(status, 0);
            if (--producing == 0)
                sql("update producers set finished=1");
        } else if (WIFEXITED(status) && WEXITSTATUS(status) / 2 == CRASH / 2) {
            start_consumer(w, 2 * ++crashes + WEXITSTATUS(status) % 2 + 1000);
        } else {
            assert_int_equal(status, 0);
            alive--;
        }
    }
    note("%lld jobs to run among %lld others; %d crashes",
         (long long)sql_int("select count(*) from made"),
         (long long)sql_int("select count(*) from jobs"), crashes);
    assert_int_equal(alive, 0);
    assert_str(sql_table("select m.uuid from made m left join done d using (uuid) where "
                         "d.uuid is null"),
               "");
    assert_str(sql_table("select uuid, count(*) from done group by uuid having "
                         "count(*)>1"),
               "");
    assert_int_equal(sql_int("select count(*) from done d left join made m using (uuid) "
                             "where m.uuid is null"),
                     0);
    assert_int_equal(
        sql_int("select count(*) from jobs where attempts>0 or reserved_at is "
                "not null or payload like '%%SendVolunteerLetterJob%%' or %d",
                every),
        0);
    assert_true(crashes > 0);
}

void test_no_letter_is_lost_and_none_completed_twice(void **state)
{
    (void)state;
    run_trial(false);
}

void test_no_job_is_lost_where_every_class_is_run_now_and_then(void **state)
{
    (void)state;
    run_trial(true);
}
