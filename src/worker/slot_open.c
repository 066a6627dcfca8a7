/* slot_open.c: what a slot opens, in order, and how its parts are bound to each other. */
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    SLOT_ARENA = 512 << 20, /* address space; pages are taken when touched */
    RECORD_WAIT_MS = 50,
};

/* === what the parts ask === */

static void on_phase(void *arg, enum job_phase phase, const char *step)
{
    slot_phase(arg, phase, step);
    (void)lease_keep(arg); /* whether it was lost is asked before the mail goes out */
}

static bool on_alive(void *arg)
{
    return lease_keep(arg);
}

static bool on_news(void *arg, struct str key)
{
    struct slot *s = arg;
    return run_said(s->run, key);
}

static const char *accepts(void *arg, struct queue_job *j, struct arena *perm)
{
    struct slot *s = arg;
    if (s->o->php == WORK_PHP_ALL)
        return "goes to PHP, as all jobs do (--php=all)";
    return executor_refuses(s->executor, j, perm);
}

static bool takes_all(void *arg)
{
    return php_is_there(arg);
}

static uint64_t stamp(void *arg)
{
    struct slot *s = arg;
    return executor_stamp(s->executor);
}

/* held: a reservation that ran out may be this host's own affair; so may a free row that
 * is kept aside, and that somebody has freed. */
static bool held(void *arg, const struct queue_job *j)
{
    struct slot *s = arg;
    if (!j->reserved_at && !s->journal.parked)
        return false;
    enum journal_answer answer = journal_ask(&s->journal, j->id, queue_mark(j));
    if (answer == JOURNAL_DEAD)
        s->orphans_ms = 0; /* the next pass settles it */
    return answer != JOURNAL_FREE;
}

/* === opening === */

static bool open_sessions(struct slot *s, struct error *e)
{
    const struct queue_settings *q = s->settings;
    s->pool = db_pool_new(s->app);
    if (!s->pool)
        return err_set(e, ERR_FATAL, "no memory for database sessions");
    db_pool_hurry(s->pool, lease_patience(s));
    s->db = db_pool_session(s->pool, NULL, S(""), e);
    s->queue_db =
        s->db ? db_pool_session(s->pool, q->db_setting, q->db_connection, e) : NULL;
    s->failed = s->queue_db ? failed_open(&q->failed, s->pool, e) : NULL;
    return s->failed != NULL;
}

static bool on_proven(void *arg, const struct job_sample *what)
{
    return proving_allows(arg, what);
}

static bool open_jobs(struct slot *s, struct error *e)
{
    struct jobs_options o = {.app = s->app,
                             .classes = s->o->classes,
                             .db = s->db,
                             .pool = s->pool,
                             .queue_db = s->queue_db,
                             .events_ignored = s->o->events_ignored,
                             .report = report_finding,
                             .warn = report_warning,
                             .is_news = on_news,
                             .phase = on_phase,
                             .alive = on_alive,
                             .proven = on_proven,
                             .arg = s};
    s->jobs = jobs_open(&o, e);
    s->executor = s->jobs ? jobs_executor(s->jobs) : NULL;
    return s->jobs != NULL;
}

/* check_lease warns of a retry_after that is shorter than a letter. */
static void check_lease(struct slot *s)
{
    struct str key = str_fmt(s->perm, "queue.connections.%.*s.retry_after",
                             STR_ARG(s->settings->connection));
    if (s->settings->retry_after >= QUEUE_LEASE_MIN || !run_said(s->run, key))
        return;
    struct str from = app_config_from(s->app, str_z(s->perm, key), s->perm);
    slot_warn(s,
              str_fmt(s->perm,
                      "%.*s is %lld (%.*s): PHP's workers take jobs that are still "
                      "under way, and run them twice; facteur takes back none that was "
                      "reserved less than %d s ago",
                      STR_ARG(key), (long long)s->settings->retry_after, STR_ARG(from),
                      QUEUE_LEASE_MIN));
}

static bool open_queue(struct slot *s, struct watch *watch, struct error *e)
{
    size_t len;
    const struct queue_class *classes = executor_classes(s->executor, &len);
    struct queue_options o = {
        .settings = s->settings,
        .db = s->queue_db,
        .failed = s->failed,
        .watch = watch,
        .queues = s->queues,
        .queues_len = s->queues_len,
        .classes = classes,
        .classes_len = len,
        .accepts = accepts,
        .takes_all = takes_all,
        .stamp = stamp,
        .held = held,
        .foreign = report_foreign,
        .unreadable = report_unreadable,
        .refused = report_refused,
        .warn = report_clock,
        .arg = s,
    };
    s->queue = queue_new(&o, e);
    check_lease(s);
    struct str why = s->queue ? queue_unusable(s->queue) : S("");
    if (why.len && run_said(s->run, why))
        slot_warn(s, str_fmt(s->perm,
                             "the queue connection [%.*s]: %.*s; an artisan worker must "
                             "stay for such jobs",
                             STR_ARG(s->settings->connection), STR_ARG(why)));
    return s->queue != NULL;
}

/* open_database waits for a server that is away, except where Laravel's worker would end
 * too: then the queue stays closed. */
static bool open_database(struct slot *s, struct watch *watch, struct error *e)
{
    while (!open_queue(s, watch, e)) {
        /* A table that is not there, a password that is refused: nothing to wait for. */
        if (s->stopping || !outage(s, e))
            return false;
        if (s->o->once || s->o->stop_when_empty) {
            slot_wait(s, seconds_ms(s->o->once ? s->o->sleep : 0));
            return true;
        }
    }
    s->outage_waits++; /* a slot that is gone may have told of it */
    outage_over(s);
    return true;
}

/* take_record waits while another settles what the slot's predecessor held. */
static bool take_record(struct slot *s, struct error *e)
{
    size_t at = (size_t)s->number - 1;
    s->journal.say = report_journal;
    s->journal.arg = s;
    if (!run_leave(s->run, e))
        return false;
    for (size_t i = 0; i < COUNT(s->hands); i++) {
        size_t record = i ? run_second(s->run, at) : at;
        while (!run_take(s->run, record)) {
            if (s->stopping)
                return false;
            slot_wait(s, RECORD_WAIT_MS);
        }
        run_adopt(&s->hands[i].hold, s->run, record);
    }
    run_beat(s->shared);
    run_end_child(s->run, at, false);
    s->shared->born = run_born(getpid());
    atomic_store(&s->shared->pid, (int32_t)getpid());
    return true;
}

bool slot_open(struct slot *s, struct watch *watch, struct error *e)
{
    heap_keep();
    s->life = arena_open(SLOT_ARENA);
    for (size_t i = 0; i < COUNT(s->hands); i++)
        s->hands[i].perm = arena_open(SLOT_ARENA);
    s->hold = &s->hands[0].hold;
    s->perm = &s->hands[0].perm;
    s->other = arena_open(SLOT_ARENA);
    rss_open();
    s->worked_ms = clock_mono_ms();
    s->looked_ms = NEW(&s->life, int64_t, s->queues_len);
    return take_record(s, e) && open_sessions(s, e) && open_jobs(s, e) &&
           orders_open(s, e) && open_database(s, watch, e);
}

void slot_close(struct slot *s)
{
    php_close(s);
    if (s->queue)
        queue_drop(s->queue);
    if (s->jobs)
        jobs_close(s->jobs);
    orders_close(s);
    failed_drop(s->failed);
    db_pool_drop(s->pool);
    arena_close(&s->other);
    for (size_t i = 0; i < COUNT(s->hands); i++)
        arena_close(&s->hands[i].perm);
    arena_close(&s->life);
}
