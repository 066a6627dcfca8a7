/* slot.c: the life of a slot: open, then pass after pass, until there is reason to stop.
 *
 * Signals are blocked all the time and taken between jobs, so that a letter is finished
 * whatever is asked for meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    SLOT_ARENA = 512 << 20, /* address space; pages are taken when touched */
    LOOK_MS = 500,          /* a busy slot looks for new rows this often */
    OUTAGE_WAIT_MS = 1000,  /* doubled with each failure in a row */
    OUTAGE_WAIT_MAX_MS = 30000,
    PAUSE_WAIT_MS = 1000,
    RECORD_WAIT_MS = 50,
    IDLE_MS = 1000,
    HEAP_KEEP = 16 << 20, /* freed and kept, for the next letter: usual ones take less */
    HEAP_GROW = 1 << 20,  /* asked for at once */
    HEAP_PIECE_MAX = 4 << 20, /* larger pieces go back when they are freed */
};

/* === signals === */

static void on_signal(struct slot *s, int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGQUIT:
    case SIGINT:
        s->stopping = true;
        break;
    case SIGUSR2:
        s->paused = true;
        break;
    case SIGCONT:
        s->paused = false;
        break;
    }
}

static void wait_signals(sigset_t *set)
{
    static const int signals[] = {SIGTERM, SIGQUIT, SIGINT, SIGUSR2, SIGCONT};
    sigemptyset(set);
    for (size_t i = 0; i < COUNT(signals); i++)
        sigaddset(set, signals[i]);
}

void slot_wait(struct slot *s, int64_t ms)
{
    sigset_t set;
    wait_signals(&set);
    int64_t until = clock_mono_ms() + ms;
    for (;;) {
        int64_t left = until - clock_mono_ms();
        left = left > 0 ? left : 0;
        struct timespec t = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        int signal = sigtimedwait(&set, NULL, &t);
        if (signal < 0 && errno != EINTR)
            return;
        if (signal > 0) {
            on_signal(s, signal);
            until = 0; /* a signal ends the sleep; take the others that have come */
        }
    }
}

/* === what is said === */

void slot_warn(struct slot *s, struct str text)
{
    app_log(s->app, APP_WARNING, str_fmt(&s->perm, "facteur: %.*s", STR_ARG(text)),
            php_null());
    print_block(&s->print, "WARN", text);
}

void slot_phase(struct slot *s, enum job_phase phase)
{
    run_step(&s->hold, phase);
    title_set("facteur queue:work %.*s slot %d: %s", STR_ARG(s->settings->connection),
              s->number, job_phase_name(phase));
}

static void on_phase(void *arg, enum job_phase phase)
{
    slot_phase(arg, phase);
    (void)lease_keep(arg); /* whether it was lost is asked before the mail goes out */
}

static bool on_alive(void *arg)
{
    return lease_keep(arg);
}

static void on_warning(void *arg, const char *text)
{
    slot_warn(arg, str_from(text));
}

static bool on_news(void *arg, struct str key)
{
    struct slot *s = arg;
    return run_said(s->run, key);
}

static void on_finding(void *arg, const struct finding *f)
{
    struct slot *s = arg;
    static const char *const kinds[] = {
        [FINDING_ERROR] = " (not supported: the letters are left to an artisan worker)",
        [FINDING_DIFFERS] = " (differs from dompdf)",
        [FINDING_IGNORED] = " (ignored, as dompdf does)",
        [FINDING_FAILS] = "",
    };
    char place[64] = "";
    if (f->line)
        snprintf(place, sizeof(place), ":%d:%d", f->line, f->col);
    struct str text = str_fmt(&s->perm, "%s%s%s%s%s", f->file, place,
                              f->file[0] ? ": " : "", f->text, kinds[f->severity]);
    bool matters = f->severity == FINDING_ERROR || f->severity == FINDING_FAILS;
    if (!matters && s->o->verbosity < 1)
        return;
    if (run_said(s->run, text))
        slot_warn(s, text);
}

static void on_foreign(void *arg, struct str queue, struct str class_name,
                       const char *reason)
{
    struct slot *s = arg;
    if (reason)
        slot_warn(s, str_fmt(&s->perm,
                             "queue [%.*s]: a job of %.*s %s; it is left for an artisan "
                             "worker, which must stay",
                             STR_ARG(queue), STR_ARG(class_name), reason));
    else
        VEC_PUSH(&s->life, &s->foreign, str_copy(&s->life, class_name));
}

static const char *accepts(void *arg, const struct payload *p)
{
    struct slot *s = arg;
    return jobs_accepts(s->jobs, p);
}

static uint64_t stamp(void *arg)
{
    struct slot *s = arg;
    return jobs_stamp(s->jobs);
}

/* on_journal: what is wrong with the run folder is said once by a master. */
static void on_journal(void *arg, struct str text)
{
    struct slot *s = arg;
    if (run_said(s->run, text))
        slot_warn(s, text);
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

static void on_unreadable(void *arg, struct str queue, int64_t id)
{
    struct slot *s = arg;
    slot_warn(s, str_fmt(&s->perm,
                         "queue [%.*s]: job %lld cannot be read and is not known to be "
                         "ours; it is left alone",
                         STR_ARG(queue), (long long)id));
}

static void on_clock(void *arg, struct str text)
{
    slot_warn(arg, text);
}

/* on_refused: what the server refuses to do with a row is said once for each reason. */
static void on_refused(void *arg, struct str queue, int64_t id, const char *why,
                       const char *then)
{
    struct slot *s = arg;
    if (run_said(s->run, str_fmt(&s->perm, "refused %s; %s", why, then)))
        slot_warn(s, str_fmt(&s->perm, "queue [%.*s]: job %lld: %s; %s", STR_ARG(queue),
                             (long long)id, why, then));
}

/* tell_foreign names in one block the classes that were met for the first time. */
static void tell_foreign(struct slot *s, struct str queue)
{
    struct buf b = buf_new(&s->perm, 64 << 10);
    for (size_t i = 0; i < s->foreign.len; i++)
        buf_fmt(&b, "%s%.*s", i ? ", " : "", STR_ARG(s->foreign.at[i]));
    if (s->foreign.len)
        slot_warn(s, str_fmt(&s->perm,
                             "queue [%.*s] holds jobs that facteur does not run; an "
                             "artisan worker must stay for them: %.*s",
                             STR_ARG(queue), STR_ARG(buf_str(&b))));
    s->foreign.len = 0;
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

static bool open_jobs(struct slot *s, struct error *e)
{
    struct jobs_options o = {.app = s->app,
                             .db = s->db,
                             .pool = s->pool,
                             .queue_db = s->queue_db,
                             .report = on_finding,
                             .warn = on_warning,
                             .is_news = on_news,
                             .phase = on_phase,
                             .alive = on_alive,
                             .arg = s};
    s->jobs = jobs_open(&o, e);
    return s->jobs != NULL;
}

/* check_lease warns of a retry_after that is shorter than a letter. */
static void check_lease(struct slot *s)
{
    struct str key = str_fmt(&s->perm, "queue.connections.%.*s.retry_after",
                             STR_ARG(s->settings->connection));
    if (s->settings->retry_after >= QUEUE_LEASE_MIN || !run_said(s->run, key))
        return;
    struct str from = app_config_from(s->app, str_z(&s->perm, key), &s->perm);
    slot_warn(s,
              str_fmt(&s->perm,
                      "%.*s is %lld (%.*s): PHP's workers take jobs that are still "
                      "under way, and run them twice; facteur takes back none that was "
                      "reserved less than %d s ago",
                      STR_ARG(key), (long long)s->settings->retry_after, STR_ARG(from),
                      QUEUE_LEASE_MIN));
}

static bool open_queue(struct slot *s, struct watch *watch, struct error *e)
{
    size_t len;
    const struct queue_class *classes = jobs_classes(&len);
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
        .stamp = stamp,
        .held = held,
        .foreign = on_foreign,
        .unreadable = on_unreadable,
        .refused = on_refused,
        .warn = on_clock,
        .arg = s,
    };
    s->queue = queue_new(&o, e);
    check_lease(s);
    struct str why = s->queue ? queue_unusable(s->queue) : S("");
    if (why.len && run_said(s->run, why))
        slot_warn(s, str_fmt(&s->perm,
                             "the queue connection [%.*s]: %.*s; an artisan worker must "
                             "stay for such jobs",
                             STR_ARG(s->settings->connection), STR_ARG(why)));
    return s->queue != NULL;
}

/* === outages === */

/* A second or more is cut to whole seconds, as Laravel does. */
static int64_t seconds_ms(double seconds)
{
    if (!(seconds > 0))
        return 0;
    if (seconds > 1e9)
        seconds = 1e9;
    return seconds < 1 ? (int64_t)(seconds * 1000) : (int64_t)seconds * 1000;
}

bool slot_outage(struct slot *s, const struct error *e)
{
    int none = OUTAGE_NONE;
    int which = e->kind == ERR_LOST ? OUTAGE_LOST : OUTAGE_REFUSED;
    if (s->outage_waits++ > 0)
        return false;
    atomic_fetch_add(&s->shared->tally.outages, 1);
    return atomic_compare_exchange_strong(&s->run->head->outage, &none, which);
}

/* outage waits after a pass that failed, and says so once per outage. false: it is no
 * outage, the slot must end. */
static bool outage(struct slot *s, struct error *e)
{
    int64_t wait = OUTAGE_WAIT_MS;
    bool once = s->o->once || s->o->stop_when_empty; /* it ends soon: no longer waits */
    if (e->kind == ERR_FATAL)
        return false;
    for (int64_t i = 0; !once && i < s->outage_waits && wait < OUTAGE_WAIT_MAX_MS; i++)
        wait *= 2;
    if (slot_outage(s, e))
        slot_warn(s, str_fmt(&s->perm, "%s; trying again", e->text));
    err_clear(e);
    arena_reset(&s->perm);
    arena_reset(&s->other);
    wait = wait < OUTAGE_WAIT_MAX_MS ? wait : OUTAGE_WAIT_MAX_MS;
    /* Slots that lost the server together do not come back together. */
    lease_wait(s, wait + random() % (wait / 4));
    return true;
}

/* outage_over: slots meet the end of an outage one after the other; the first says so. */
static void outage_over(struct slot *s)
{
    int which = s->outage_waits ? atomic_exchange(&s->run->head->outage, OUTAGE_NONE)
                                : OUTAGE_NONE;
    if (which == OUTAGE_LOST)
        slot_warn(s, S("the connection is back"));
    if (which == OUTAGE_REFUSED)
        slot_warn(s, S("the database does again what it had refused"));
    s->outage_waits = 0;
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
    s->journal.say = on_journal;
    s->journal.arg = s;
    if (!run_leave(s->run, e))
        return false;
    while (!run_take(s->run, at)) {
        if (s->stopping)
            return false;
        slot_wait(s, RECORD_WAIT_MS);
    }
    run_adopt(&s->hold, s->run, at);
    run_beat(s->shared);
    s->shared->born = run_born(getpid());
    atomic_store(&s->shared->pid, (int32_t)getpid());
    return true;
}

/* keep_heap: left to itself malloc may give the heap's end back after each letter, and
 * fault it in again; whether it does hangs on which piece lies there. */
static void keep_heap(void)
{
    mallopt(M_TRIM_THRESHOLD, HEAP_KEEP);
    mallopt(M_TOP_PAD, HEAP_GROW);
    mallopt(M_MMAP_THRESHOLD, HEAP_PIECE_MAX);
}

static bool open_all(struct slot *s, struct watch *watch, struct error *e)
{
    keep_heap();
    s->life = arena_open(SLOT_ARENA);
    s->perm = arena_open(SLOT_ARENA);
    s->other = arena_open(SLOT_ARENA);
    rss_open();
    s->worked_ms = clock_mono_ms();
    s->looked_ms = NEW(&s->life, int64_t, s->queues_len);
    return take_record(s, e) && open_sessions(s, e) && open_jobs(s, e) &&
           orders_open(s, e) && open_database(s, watch, e);
}

static void close_all(struct slot *s)
{
    if (s->queue)
        queue_drop(s->queue);
    if (s->jobs)
        jobs_close(s->jobs);
    orders_close(s);
    failed_drop(s->failed);
    db_pool_drop(s->pool);
    arena_close(&s->other);
    arena_close(&s->perm);
    arena_close(&s->life);
}

/* === a pass === */

/* Tickets keep the slots together under --max-jobs: one is taken before a claim, and
 * given back when there was nothing to claim. A negative limit is reached after the first
 * look, as in Laravel. */
static bool take_ticket(struct slot *s)
{
    int64_t limit = s->o->max_jobs > 0 ? s->o->max_jobs : 1;
    if (!s->o->max_jobs)
        return true;
    int64_t n = atomic_load(&s->run->head->tickets);
    do {
        if (n >= limit)
            return false;
    } while (!atomic_compare_exchange_weak(&s->run->head->tickets, &n, n + 1));
    atomic_store(&s->shared->ticket, 1);
    return true;
}

static void use_ticket(struct slot *s, bool worked)
{
    if (worked)
        atomic_fetch_add(&s->run->head->taken, 1);
    else if (s->o->max_jobs)
        atomic_fetch_sub(&s->run->head->tickets, 1);
    atomic_store(&s->shared->ticket, 0);
}

static bool look(struct slot *s, size_t which, struct error *e)
{
    s->looked_ms[which] = clock_mono_ms();
    if (!queue_look(s->queue, which, e))
        return false;
    tell_foreign(s, s->queues[which]);
    arena_reset(&s->perm);
    arena_reset(&s->other);
    return true;
}

static bool try_queue(struct slot *s, size_t which, bool *worked, struct error *e)
{
    bool fresh = clock_mono_ms() - s->looked_ms[which] < LOOK_MS && s->looked_ms[which];
    if (fresh) {
        if (!attempt_next(s, which, worked, e) || *worked)
            return e->kind == ERR_NONE;
    }
    /* Nothing is known to be ready: only a look can tell that nothing is. */
    bool ok = look(s, which, e) && attempt_next(s, which, worked, e);
    tell_foreign(s, s->queues[which]); /* a claim may have met some, too */
    return ok;
}

/* next_queue: a queue that was not read to its end may hold a job that comes before all
 * of the next one. */
static bool next_queue(struct slot *s, bool worked)
{
    s->unfinished = !worked && queue_unfinished(s->queue);
    return !worked && !s->unfinished;
}

/* is_full: where so many jobs cannot be settled nothing else could be. */
static bool is_full(const struct slot *s)
{
    return s->journal.parked >= PARKED_MAX;
}

/* tell_full says when that begins and ends: the first slot that has counted. Who began
 * to count before that was said does not know better. */
static void tell_full(struct slot *s, int64_t counted_ms)
{
    int64_t told = atomic_load(&s->run->head->full_ms), now = clock_mono_ms();
    bool full = is_full(s);
    if (full == (told > 0) || counted_ms <= (told < 0 ? -told : told) ||
        !atomic_compare_exchange_strong(&s->run->head->full_ms, &told, full ? now : -now))
        return;
    if (full)
        slot_warn(s,
                  str_fmt(&s->perm,
                          "%d jobs of table [%s] are over but cannot be settled: until "
                          "they can be, no further job is begun",
                          PARKED_MAX, s->journal.table));
    else
        slot_warn(s, S("jobs are begun again"));
}

/* look_aside goes through the run folder now and then. */
static bool look_aside(struct slot *s, struct error *e)
{
    if (s->orphans_ms && clock_mono_ms() - s->orphans_ms < lease_look_ms(s))
        return true;
    int64_t now = clock_mono_ms();
    if (!recover_orphans(s, e))
        return false;
    tell_full(s, now);
    return true;
}

/* pass tries the queues in their order; the first that has a job ends it. *wait: so many
 * ms before its turn nothing was tried. */
static bool pass(struct slot *s, bool *worked, int64_t *wait, struct error *e)
{
    *worked = false;
    if (!look_aside(s, e) || !recover(s, e) || !jobs_refresh(s->jobs, e))
        return false;
    arena_reset(&s->perm);
    *wait = 0;
    if (is_full(s))
        return true;
    *wait = pace_turn(s);
    if (*wait || !take_ticket(s))
        return true;
    bool ok = true, next = true;
    for (size_t i = 0; i < s->queues_len && ok && next; i++) {
        if (s->orders.paused[i])
            continue;
        ok = jobs_takes_any(s->jobs) ? try_queue(s, i, worked, e) : look(s, i, e);
        next = ok && next_queue(s, *worked);
    }
    use_ticket(s, *worked);
    pace_learn(s, *worked);
    return ok;
}

/* === stopping === */

/* What /proc/self was for whoever opened it: no slot reads its master's. */
static int statm = -1;

void rss_open(void)
{
    if (statm >= 0)
        close(statm);
    statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

int64_t rss_bytes(void)
{
    char text[128];
    long pages = 0;
    if (statm < 0)
        rss_open();
    ssize_t n = pread(statm, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%*s %ld", &pages) != 1)
        return 0;
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

/* reason_to_stop: in Laravel's order. */
static enum stop_reason reason_to_stop(const struct slot *s, bool worked)
{
    const struct work_options *o = s->o;
    if (o->memory > 0 && rss_bytes() >> 20 >= o->memory)
        return STOP_MEMORY;
    if (s->orders.restart)
        return STOP_RESTART;
    if (o->stop_when_empty && !worked)
        return STOP_EMPTY;
    if (o->stop_when_empty_for > 0 && !worked &&
        clock_mono_ms() - s->worked_ms >= i64_mul(o->stop_when_empty_for, 1000))
        return STOP_EMPTY_FOR;
    if (o->max_time && clock_mono_ms() - s->started_ms >= i64_mul(o->max_time, 1000))
        return STOP_MAX_TIME;
    if (o->max_jobs && atomic_load(&s->run->head->taken) >= o->max_jobs)
        return STOP_MAX_JOBS;
    return STOP_NONE;
}

/* exit_code of a slot that has reason to stop; -1: it goes on. */
static int exit_code(struct slot *s, bool worked)
{
    if (s->stopping)
        return SLOT_LEFT; /* its master knows whether it asked for that */
    if (s->o->once && !s->unfinished)
        return SLOT_DONE;
    enum stop_reason why = reason_to_stop(s, worked);
    if (why == STOP_NONE)
        return -1;
    run_stop(s->run, why);
    return why == STOP_MEMORY ? SLOT_MEMORY : SLOT_DONE;
}

/* sleep_idle sleeps, and ends a mail session that is silent meanwhile. */
static void sleep_idle(struct slot *s, int64_t ms)
{
    int64_t until = clock_mono_ms() + ms, left = ms;
    bool paused = s->paused, looks = true;
    struct error ignored = {0};
    do {
        slot_wait(s, left < IDLE_MS ? left : IDLE_MS);
        jobs_idle(s->jobs);
        looks = looks && look_aside(s, &ignored); /* the next pass meets it again */
        left = until - clock_mono_ms();
    } while (left > 0 && !s->stopping && s->paused == paused);
}

static void pause_or_sleep(struct slot *s, bool worked)
{
    const struct work_options *o = s->o;
    if (!worked)
        sleep_idle(s, o->stop_when_empty ? 0 : seconds_ms(o->sleep));
    else if (seconds_ms(o->rest))
        sleep_idle(s, seconds_ms(o->rest));
    else
        slot_wait(s, 0); /* takes what signals have come */
}

/* === the loop === */

/* halted: no job is begun: paused by signal, or the app is down for maintenance. */
static bool halted(const struct slot *s)
{
    return !s->stopping && (s->paused || s->orders.down);
}

static void show(const struct slot *s, const char *what)
{
    title_set("facteur queue:work %.*s slot %d: %s", STR_ARG(s->settings->connection),
              s->number, what);
}

/* turn is one pass with what comes before and after it. false: the slot cannot go on. */
static bool turn(struct slot *s, bool *worked, struct error *e)
{
    int64_t wait = 0;
    s->unfinished = false;
    bool passed = orders_read(s, e);
    if (passed && s->orders.restart && !s->o->once)
        return true;
    if (passed && halted(s)) {
        int64_t ms = seconds_ms(s->o->sleep);
        if (!recover(s, e))
            return outage(s, e);
        outage_over(s);
        show(s, s->paused ? "paused" : "down for maintenance");
        sleep_idle(s, ms || s->o->once ? ms : PAUSE_WAIT_MS);
        if (!halted(s))
            show(s, job_phase_name(PHASE_IDLE));
        return true;
    }
    passed = passed && pass(s, worked, &wait, e);
    if (*worked)
        s->worked_ms = clock_mono_ms();
    if (!passed && !outage(s, e))
        return false;
    if (passed)
        outage_over(s);
    if (passed && wait) {
        sleep_idle(s, wait < IDLE_MS ? wait : IDLE_MS);
        *worked = true; /* there may be letters */
        return true;
    }
    if (passed && s->unfinished) {
        *worked = true; /* there may be letters, and the next pass finds them */
        return true;
    }
    /* Laravel's --once sleeps after an error as after an empty queue. */
    if (!s->stopping && (passed || s->o->once))
        pause_or_sleep(s, *worked);
    return true;
}

static int loop(struct slot *s, struct error *e)
{
    for (;;) {
        bool worked = false;
        slot_wait(s, 0);
        run_beat(s->shared);
        if (!s->stopping && !turn(s, &worked, e))
            return SLOT_FATAL;
        if (s->outage_waits && !s->stopping && !s->o->once && !s->o->stop_when_empty)
            continue;
        int code = exit_code(s, worked);
        if (code >= 0)
            return code;
    }
}

/* tell_end says why a slot ends that would have gone on. */
static void tell_end(struct slot *s, const struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    if (s->stopping) {
        slot_warn(s,
                  str_fmt(&s->life, "%s; what was under way is settled at the next start",
                          text));
        return;
    }
    app_log(s->app, APP_ERROR, str_fmt(&s->life, "facteur: %s", text), php_null());
    print_block(&s->print, "ERROR", str_from(text));
}

int slot_run(struct slot *s, struct watch *watch)
{
    struct error e = {0};
    int code = SLOT_FATAL;
    srandom((unsigned)getpid() ^ (unsigned)clock_mono_us());
    title_set("facteur queue:work %.*s slot %d: starting",
              STR_ARG(s->settings->connection), s->number);
    if (open_all(s, watch, &e)) {
        title_set("facteur queue:work %.*s slot %d: idle",
                  STR_ARG(s->settings->connection), s->number);
        /* Started while the master stops, only to settle what its predecessor held. */
        if (!s->queue)
            code = SLOT_DONE; /* the server is away */
        else if (!s->stopping)
            code = loop(s, &e);
        else if (recover(s, &e))
            code = SLOT_LEFT;
    }
    if (s->stopping)
        code = SLOT_LEFT; /* what is left unsettled is found at the next start */
    if (e.kind != ERR_NONE)
        tell_end(s, &e);
    close_all(s);
    return code;
}
