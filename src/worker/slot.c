/* slot.c: the life of a slot: pass after pass, until there is reason to stop. */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    LOOK_MS = 500, /* a busy slot looks for new rows this often */
    PAUSE_WAIT_MS = 1000,
    IDLE_MS = 1000,
};

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

/* look: where no job is known to be due what is done does not wait for it to end. */
static bool look(struct slot *s, size_t which, struct error *e)
{
    if (!queue_knows_due(s->queue, php_may_take(s)) && !attempt_end_alone(s, e))
        return false;
    s->looked_ms[which] = clock_mono_ms();
    if (!queue_look(s->queue, which, e))
        return false;
    tell_foreign(s, s->queues[which]);
    arena_reset(s->perm);
    arena_reset(&s->other);
    return true;
}

static bool try_queue(struct slot *s, size_t which, bool *worked, struct error *e)
{
    bool fresh = clock_mono_ms() - s->looked_ms[which] < LOOK_MS && s->looked_ms[which];
    if (fresh) {
        if (!attempt_next(s, which, worked, e) || *worked || slot_must_count(s))
            return e->kind == ERR_NONE;
    }
    /* Nothing is known to be ready: only a look can tell that nothing is. */
    bool ok =
        look(s, which, e) && (slot_must_count(s) || attempt_next(s, which, worked, e));
    tell_foreign(s, s->queues[which]); /* a claim may have met some, too */
    return ok;
}

/* next_queue: a queue that was not read to its end may hold a job that comes before all
 * of the next one. */
static bool next_queue(struct slot *s, bool worked)
{
    s->unfinished = !worked && (queue_unfinished(s->queue) || slot_must_count(s));
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
                  str_fmt(s->perm,
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
    if (!attempt_end_alone(s, e) || !recover_orphans(s, e))
        return false;
    tell_full(s, now);
    return true;
}

/* refresh looks at the files of the app. A job that goes by them looks again when it
 * begins; those in PHP, of which there may be hundreds a second, do not. */
static bool refresh(struct slot *s, struct error *e)
{
    int64_t now = clock_mono_ms();
    if (s->refreshed_ms && now - s->refreshed_ms < SLOT_FRESH_MS)
        return true;
    s->refreshed_ms = now;
    if (executor_refresh(s->executor, e))
        return true;
    s->refreshed_ms = 0;
    return false;
}

/* takes_turn: while a mail server's limit has letters wait, jobs in PHP go on: their
 * mails are not ours. */
static bool takes_turn(struct slot *s, int64_t *wait)
{
    *wait = pace_turn(s);
    s->letters_wait = *wait > 0;
    s->in_php = false;
    return (!*wait || php_may_take(s)) && take_ticket(s);
}

/* learn: a turn that no letter took is given back. */
static void learn(struct slot *s, bool worked, int64_t *wait)
{
    if (!s->letters_wait)
        pace_learn(s, worked && !s->in_php);
    else if (worked)
        *wait = 0;
}

/* pass tries the queues in their order; the first that has a job ends it. *wait: so many
 * ms before its turn no letter was tried. */
static bool pass(struct slot *s, bool *worked, int64_t *wait, struct error *e)
{
    *worked = s->refused = false;
    if (!look_aside(s, e) || !recover(s, e) || !refresh(s, e))
        return false;
    php_try(s);
    arena_reset(s->perm);
    *wait = 0;
    if (is_full(s))
        return true;
    if (!takes_turn(s, wait))
        return true;
    bool ok = true, next = true;
    for (size_t i = 0; i < s->queues_len && ok && next; i++) {
        if (s->orders.paused[i])
            continue;
        bool takes = executor_takes_any(s->executor) || php_may_take(s);
        ok = takes ? try_queue(s, i, worked, e) : look(s, i, e);
        next = ok && next_queue(s, *worked);
    }
    *worked = *worked && !s->refused;
    use_ticket(s, *worked);
    learn(s, *worked, wait);
    return ok;
}

/* === stopping === */

/* is_heavy: where jobs follow one another the memory is not looked at after each. */
static bool is_heavy(struct slot *s, bool worked)
{
    int64_t now = clock_mono_ms();
    if (worked && s->weighed_ms && now - s->weighed_ms < SLOT_FRESH_MS)
        return false;
    s->weighed_ms = now;
    return s->o->memory > 0 && rss_bytes() >> 20 >= s->o->memory;
}

/* reason_to_stop: in Laravel's order. */
static enum stop_reason reason_to_stop(struct slot *s, bool worked)
{
    const struct work_options *o = s->o;
    if (is_heavy(s, worked))
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
    assert(!s->ended && !queue_is_open(s->queue));
    do {
        slot_wait(s, left < IDLE_MS ? left : IDLE_MS);
        executor_idle(s->executor);
        php_idle(s);
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
    php_idle(s);
}

/* === the loop === */

/* halted: no job is begun: paused by signal, or the app is down for maintenance. */
static bool halted(const struct slot *s)
{
    return !s->stopping && (s->paused || s->orders.down);
}

/* end_now ends what is done where the next claim does not come at once. */
static bool end_now(struct slot *s, struct error *e)
{
    struct error why = {0};
    if (attempt_end_alone(s, &why))
        return true;
    if (e->kind == ERR_NONE)
        *e = why;
    return false;
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
        if (!end_now(s, e) || !recover(s, e))
            return outage(s, e);
        outage_over(s);
        slot_show(s, s->paused ? "paused" : "down for maintenance");
        sleep_idle(s, ms || s->o->once ? ms : PAUSE_WAIT_MS);
        if (!halted(s))
            slot_show(s, job_phase_name(PHASE_IDLE));
        return true;
    }
    passed = passed && pass(s, worked, &wait, e);
    bool at_once = passed && *worked && !wait && !seconds_ms(s->o->rest);
    passed = (at_once || end_now(s, e)) && passed;
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

int slot_loop(struct slot *s, struct error *e)
{
    for (;;) {
        bool worked = false;
        slot_wait(s, 0);
        run_beat(s->shared);
        if (!s->stopping && !turn(s, &worked, e))
            return SLOT_FATAL;
        bool away = s->outage_waits && !s->stopping && !s->orders.restart;
        if (away && !s->o->once && !s->o->stop_when_empty)
            continue;
        int code = exit_code(s, worked);
        if (code >= 0)
            return end_now(s, e) ? code : SLOT_FATAL;
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
    if (slot_open(s, watch, &e)) {
        title_set("facteur queue:work %.*s slot %d: idle",
                  STR_ARG(s->settings->connection), s->number);
        /* Started while the master stops, only to settle what its predecessor held. */
        if (!s->queue)
            code = SLOT_DONE; /* the server is away */
        else if (!s->stopping)
            code = slot_loop(s, &e);
        else if (recover(s, &e))
            code = SLOT_LEFT;
    }
    if (s->stopping)
        code = SLOT_LEFT; /* what is left unsettled is found at the next start */
    if (e.kind != ERR_NONE)
        tell_end(s, &e);
    slot_close(s);
    return code;
}
