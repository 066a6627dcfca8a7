/* record.c: what a slot holds, as it stands in its file; and what all slots of a master
 * know together. */
#include <assert.h>
#include <stdio.h>

#include "run/run_imp.h"

/* A server may let one wait longer than a short lease. */
enum { STUCK_MIN_MS = 15000 };

static const char *const phase_names[PHASES] = {
    [PHASE_IDLE] = "idle", [PHASE_CLAIM] = "claim", [PHASE_LOAD] = "load",
    [PHASE_WORK] = "work", [PHASE_SENT] = "sent",
};

const char *job_phase_name(enum job_phase phase)
{
    return phase >= 0 && phase < PHASES ? phase_names[phase] : "unknown";
}

const char *run_where(const struct run_record *r)
{
    bool named = r->phase == PHASE_WORK && r->step[0] && memchr(r->step, '\0', RUN_STEP);
    return named ? r->step : job_phase_name((enum job_phase)r->phase);
}

/* === records === */

size_t run_second(const struct run_file *f, size_t at)
{
    return at + f->workers;
}

struct run_slot *run_own(const struct run_file *f, size_t at)
{
    return &f->slots[at < f->workers ? at : at - f->workers];
}

int32_t run_phase_of(const struct run_slot *slot)
{
    return __atomic_load_n(&slot->record.phase, __ATOMIC_SEQ_CST);
}

static void write_now(struct run_hold *h)
{
    struct run_slot *slot = &h->file->slots[h->at];
    struct run_record fresh = h->now;
    fresh.phase = run_phase_of(slot);
    memcpy(&slot->record, &fresh, sizeof(fresh));
    __atomic_store_n(&slot->record.phase, h->now.phase, __ATOMIC_SEQ_CST);
    if (h->now.phase == PHASE_IDLE) /* nobody reads it; nor is what it was sealed still */
        memset(slot->seal, 0, RUN_SEAL);
    else
        run_seal(h, slot->seal);
}

static bool read_now(const struct run_file *f, size_t at, struct run_hold *h)
{
    const struct run_slot *slot = run_own(f, at);
    h->now = f->slots[at].record;
    h->dead = true;
    h->tries = f->head->tries;
    snprintf(h->backoff, sizeof(h->backoff), "%.*s",
             (int)strnlen(f->head->backoff, sizeof(f->head->backoff)), f->head->backoff);
    if (!f->sealed_only) { /* what the master notes is not sealed */
        h->dead = !atomic_load(&slot->let_go);
        h->timed_out = atomic_load(&slot->timed_out);
        h->timeout = slot->timeout;
        snprintf(h->cause, CAUSE_MAX, "%.*s", (int)strnlen(slot->cause, CAUSE_MAX),
                 slot->cause);
    }
    return h->now.phase > PHASE_IDLE && h->now.phase < PHASES;
}

static bool ours_now(const struct run_file *f, const struct journal *j)
{
    return strncmp(f->head->database, j->database, RUN_NAME) == 0 &&
           strncmp(f->head->table, j->table, RUN_NAME) == 0;
}

const struct run_form run_form_now = {
    .head = sizeof(struct run_head),
    .slot = sizeof(struct run_slot),
    .read = read_now,
    .write = write_now,
    .ours = ours_now,
    .has_mark = true,
};

void run_publish(struct run_hold *h)
{
    h->file->form->write(h);
}

/* may_step: a job is claimed where nothing is held, and comes to no phase again; its work
 * has steps. */
static bool may_step(enum job_phase from, enum job_phase to)
{
    if (to == PHASE_IDLE)
        return true;
    if (from == PHASE_WORK && to == PHASE_WORK)
        return true;
    return from == PHASE_IDLE ? to == PHASE_CLAIM : to > from && to < PHASES;
}

void run_step(struct run_hold *h, enum job_phase to, const char *step)
{
    struct run_slot *slot = h->file->slots ? &h->file->slots[h->at] : NULL;
    enum job_phase from = (enum job_phase)h->now.phase;
    int64_t now = clock_mono_us();
    assert(may_step(from, to) && !step == (to != PHASE_WORK));
    if (from == PHASE_IDLE && to == PHASE_IDLE)
        return; /* it stands there: a seal costs more than it */
    if (slot && h->stepped_us)
        atomic_fetch_add(&run_own(h->file, h->at)->tally.phase_us[from],
                         now - h->stepped_us);
    h->stepped_us = now;
    h->now.phase = (int32_t)to;
    if (step)
        run_name(h->now.step, RUN_STEP, str_from(step));
    run_publish(h);
}

void run_ended(struct run_slot *slot, enum run_end how)
{
    atomic_fetch_add(&slot->tally.ended[how], 1);
}

void run_name(char *out, size_t size, struct str name)
{
    size_t len = name.len < size ? name.len : size - 1;
    memset(out, 0, size);
    if (len)
        memcpy(out, name.ptr, len);
}

void run_adopt(struct run_hold *h, struct run_file *f, size_t at)
{
    *h = (struct run_hold){.file = f, .at = at};
    (void)read_now(f, at, h);
}

void run_beat(struct run_slot *slot)
{
    atomic_store(&slot->beat_ms, clock_mono_ms());
}

int32_t run_furthest(const struct run_file *f, size_t at)
{
    size_t first = (size_t)(run_own(f, at) - f->slots), second = run_second(f, first);
    int32_t a = run_phase_of(&f->slots[first]);
    int32_t b = f->parked ? a : run_phase_of(&f->slots[second]);
    return a > b ? a : b;
}

bool run_stuck(const struct run_file *f, size_t at, int64_t awake_ms)
{
    int64_t retry_after = f->journal->retry_after;
    int64_t beat = atomic_load(&run_own(f, at)->beat_ms), limit = STUCK_MIN_MS;
    /* Up to there nothing is committed: who waits for the server holds nobody up. */
    if (run_furthest(f, at) <= PHASE_CLAIM)
        return false;
    if (retry_after > limit / 1000)
        limit = retry_after < INT64_MAX / 1000 ? retry_after * 1000 : INT64_MAX;
    return clock_mono_ms() - (beat > awake_ms ? beat : awake_ms) >= limit;
}

bool run_hangs(const struct run_file *f, size_t at, int64_t since_ms)
{
    int32_t phase = run_furthest(f, at);
    return (phase <= PHASE_CLAIM || phase == PHASE_SENT) &&
           atomic_load(&run_own(f, at)->beat_ms) < since_ms;
}

void run_stop(struct run_file *f, enum stop_reason why)
{
    int32_t none = STOP_NONE;
    atomic_compare_exchange_strong(&f->head->stopped, &none, (int32_t)why);
}

bool run_said(struct run_file *f, struct str text)
{
    uint64_t hash = str_hash(text) | 1;
    for (size_t i = 0; i < SAID_MAX; i++) {
        uint64_t there = 0;
        if (atomic_compare_exchange_strong(&f->head->said[i], &there, hash))
            return true;
        if (there == hash)
            return false;
    }
    return false;
}
