/* before.c: a run file of the version before (4), so that what it holds is settled by
 * the program that comes after an update. Its master and slots hold one flock together.
 */
#include <stdio.h>

#include "run/run_imp.h"

struct slot_before {
    _Atomic int32_t phase;
    _Atomic int32_t pid, ticket;
    int64_t id, attempts, reserved_at, row;
    int64_t renewing;
    int64_t begun_ms;
    _Atomic int64_t deadline_ms;
    int64_t timeout;
    _Atomic int32_t timed_out;
    _Atomic int32_t not_begun;
    _Atomic int32_t exceptions;
    char cause[CAUSE_MAX];
};

struct head_before {
    char magic[8];
    uint32_t version, slots;
    int64_t started_at;
    int32_t master_pid;
    char connection[128];
    int64_t tries;
    char backoff[128];
    _Atomic int64_t tickets, taken;
    _Atomic int32_t stopped;
    _Atomic int32_t outage;
    _Atomic int32_t restart_known;
    char restart[RESTART_MAX];
    _Atomic uint64_t said[1024];
};

/* Its phases: the work's steps were some of them. */
enum { VIEW_BEFORE = 3, MAIL_BEFORE = 5, SENT_BEFORE = 6, PHASES_BEFORE = 7 };
static const char *const steps_before[PHASES_BEFORE] = {
    [VIEW_BEFORE] = "view", [VIEW_BEFORE + 1] = "pdf", [MAIL_BEFORE] = "mail"};

static enum job_phase phase_of(int32_t before)
{
    if (before == SENT_BEFORE)
        return PHASE_SENT;
    return before >= VIEW_BEFORE && before <= MAIL_BEFORE ? PHASE_WORK
           : before > SENT_BEFORE                         ? PHASES
                                                          : (enum job_phase)before;
}

static int32_t phase_before(enum job_phase phase)
{
    if (phase == PHASE_SENT)
        return SENT_BEFORE;
    return phase == PHASE_WORK ? MAIL_BEFORE : (int32_t)phase;
}

static struct head_before *head(const struct run_file *f)
{
    return (struct head_before *)(void *)f->map;
}

static struct slot_before *slot(const struct run_file *f, size_t at)
{
    return (struct slot_before *)(head(f) + 1) + at;
}

static bool read_before(const struct run_file *f, size_t at, struct run_hold *h)
{
    const struct slot_before *s = slot(f, at);
    int32_t phase = s->phase;
    h->now = (struct run_record){.phase = phase_of(phase),
                                 .exceptions = s->exceptions,
                                 .id = s->id,
                                 .attempts = s->attempts,
                                 .reserved_at = s->reserved_at,
                                 .renewing = s->renewing,
                                 .row = s->row,
                                 .not_begun = s->not_begun};
    if (h->now.phase == PHASE_WORK)
        run_name(h->now.step, RUN_STEP, str_from(steps_before[phase]));
    h->dead = true;
    h->tries = head(f)->tries;
    snprintf(h->backoff, sizeof(h->backoff), "%.*s",
             (int)strnlen(head(f)->backoff, sizeof(head(f)->backoff)), head(f)->backoff);
    h->timed_out = s->timed_out;
    h->timeout = s->timeout;
    snprintf(h->cause, CAUSE_MAX, "%.*s", (int)strnlen(s->cause, CAUSE_MAX), s->cause);
    return h->now.phase > PHASE_IDLE && h->now.phase < PHASES;
}

static void write_before(struct run_hold *h)
{
    struct slot_before *s = slot(h->file, h->at);
    s->attempts = h->now.attempts;
    s->reserved_at = h->now.reserved_at;
    s->renewing = h->now.renewing;
    s->exceptions = h->now.exceptions;
    s->phase = phase_before((enum job_phase)h->now.phase);
}

/* Which table it was is not in there: a connection has one. */
static bool ours_before(const struct run_file *f, const struct journal *j)
{
    return strncmp(head(f)->connection, j->connection, sizeof(head(f)->connection)) == 0;
}

const struct run_form run_form_before = {
    .head = sizeof(struct head_before),
    .slot = sizeof(struct slot_before),
    .read = read_before,
    .write = write_before,
    .ours = ours_before,
};
