/* talk.c: what is said between a slot and its PHP process about one job.
 *
 * Until a settlement was asked for the process has the job's time; a second more where it
 * keeps the alarm itself, since Laravel's own handler fails the job then, and tells
 * listeners. What it decides in a transaction of its own it tells as well (`later`): if
 * it dies then, nobody knows whether the transaction was committed.
 */
#include <stdio.h>

#include "child/child_imp.h"

enum {
    GRACE_MS = 1000,     /* for PHP's own alarm to do its work */
    FAIL_MS = 30000,     /* what failed() and its listeners may take in a fresh process */
    HEAD_MAX = 64 << 10, /* bytes of a job's frame, beside the payload */
};

struct talk {
    struct child *c;
    struct job_run *r;
    struct waiting w;
    bool over;       /* `done`, or it will not be run */
    bool stops;      /* it could not be settled: the process must not go on */
    struct str last; /* what PHP said before it ended; empty: nothing */
};

/* === what PHP says === */

/* answer sends a frame about the job at hand. Whoever does not read it ends, and is heard
 * of then. */
static void answer(struct talk *t, const char *name, const char *field)
{
    struct buf json = buf_new(&t->c->talk, 256);
    buf_fmt(&json, "{\"t\":\"%s\",\"n\":%lld%s", name, (long long)t->c->n, field);
    (void)!child_say(t->c, &t->w, &json, S(""));
}

static void on_event(struct talk *t, const struct frame *f)
{
    const struct job_calls *calls = t->r->calls;
    struct job_news n;
    if (!news_read(t->c, f, t->r->perm, &n))
        return;
    calls->said(calls->arg, &n);
    if (n.what == JOB_PROCESSING && t->c->o.lines)
        answer(t, "printed", "");
}

static void on_other(struct talk *t, const struct frame *f)
{
    news_other(t->c, f);
    if (t->c->o.lines)
        answer(t, "printed", "");
}

static void on_failing(struct talk *t, const struct frame *f)
{
    const struct job_calls *calls = t->r->calls;
    struct job_outcome *out = &t->r->outcome;
    out->failing = true;
    out->why = news_failure(t->c, f, t->r->perm);
    calls->said(calls->arg, &(struct job_news){.what = JOB_FAILING, .why = out->why});
}

static void on_later(struct talk *t, const struct frame *f)
{
    const struct job_calls *calls = t->r->calls;
    (void)f;
    t->r->outcome.later = true;
    calls->said(calls->arg, &(struct job_news){.what = JOB_LATER});
}

static void on_settle(struct talk *t, const struct frame *f)
{
    const struct job_calls *calls = t->r->calls;
    struct str how = frame_text(f, "how");
    struct job_settle s = {.kind = END_DONE};
    bool owned = false;
    if (str_eq(how, S("fail")))
        s = news_failure(t->c, f, t->r->perm);
    else if (str_eq(how, S("release")))
        s = (struct job_settle){.kind = END_RELEASED, .delay = frame_int(f, "delay")};
    t->r->outcome.settled = true;
    t->r->outcome.later = false;
    int64_t asked_ms = clock_mono_ms();
    if (!calls->settle(calls->arg, &s, &owned)) {
        t->stops = true;
        return;
    }
    /* How long the database took is not its affair: listeners have their time all the
     * same. */
    if (t->w.until_ms)
        t->w.until_ms += clock_mono_ms() - asked_ms;
    answer(t, "settled", owned ? ",\"owned\":true" : ",\"owned\":false");
}

static void on_timed_out(struct talk *t, const struct frame *f)
{
    (void)f;
    t->r->outcome.timed_out = true;
}

static void on_gone(struct talk *t, const struct frame *f)
{
    struct str text = frame_text(f, "text"), how = frame_text(f, "how");
    if (!text.len && str_eq(how, S("exit")))
        text = S("exit() was called");
    t->last = str_copy(t->r->perm, str_sub(text, 0, NEWS_TEXT_MAX));
}

static void on_refused(struct talk *t, const struct frame *f)
{
    t->r->outcome.refused = true;
    t->r->outcome.text =
        str_copy(t->r->perm, str_sub(frame_text(f, "text"), 0, NEWS_TEXT_MAX));
    t->over = true;
}

static void on_error(struct talk *t, const struct frame *f)
{
    t->last = str_fmt(t->r->perm, "it did not understand what it was told: %.*s",
                      STR_ARG(frame_text(f, "text")));
}

/* tell_open: transactions on other connections than the queue's are no fault of the job
 * to Laravel; they were rolled back all the same. */
static void tell_open(struct talk *t, int64_t open)
{
    struct child *c = t->c;
    const struct queue_job *j = t->r->job;
    c->o.warn(c->o.arg,
              str_fmt(t->r->perm,
                      "job %lld (%.*s) left %lld database transaction(s) open; they were "
                      "rolled back",
                      (long long)j->id, STR_ARG(payload_name(&j->payload)),
                      (long long)open));
}

static void on_done(struct talk *t, const struct frame *f)
{
    struct child *c = t->c;
    int64_t limit = c->o.work.memory;
    bool full = limit > 0 && frame_int(f, "memory") >> 20 >= limit;
    int64_t open = frame_int(f, "open_transactions");
    if (open && t->r->outcome.settled)
        tell_open(t, open);
    c->jobs++;
    c->spent =
        frame_bool(f, "lost") || full || (c->o.jobs_max > 0 && c->jobs >= c->o.jobs_max);
    t->over = true;
}

static void on_files(struct talk *t, const struct frame *f)
{
    files_loaded(&t->c->files, frame_field(f, "files"));
}

static const struct {
    const char *name;
    void (*on)(struct talk *t, const struct frame *f);
} frames[] = {
    {"event", on_event}, {"other", on_other},     {"failing", on_failing},
    {"later", on_later}, {"settle", on_settle},   {"timed_out", on_timed_out},
    {"gone", on_gone},   {"refused", on_refused}, {"error", on_error},
    {"done", on_done},   {"files", on_files},
};

/* understood takes a frame; false: it is none that can come here. */
static bool understood(struct talk *t, const struct frame *f)
{
    struct str name = frame_text(f, "t");
    for (size_t i = 0; i < COUNT(frames); i++)
        if (str_eq(name, str_from(frames[i].name))) {
            frames[i].on(t, f);
            return true;
        }
    return false;
}

/* === its death === */

/* died: whatever it was, the process is gone, and the text says how. */
static void died(struct talk *t, bool kill, const char *why)
{
    struct job_outcome *out = &t->r->outcome;
    struct arena *perm = t->r->perm;
    struct str how = child_gone(t->c, kill);
    out->dead = true;
    if (out->timed_out && !why) /* Laravel's own handler ended it */
        out->text =
            str_fmt(perm, "overran its timeout of %lld s", (long long)t->r->timeout);
    else if (why)
        out->text = str_copy(perm, str_from(why));
    else if (t->last.len)
        out->text = str_fmt(perm, "%.*s (%.*s)", STR_ARG(how), STR_ARG(t->last));
    else
        out->text = str_copy(perm, how);
}

static void died_late(struct talk *t)
{
    char why[128];
    snprintf(why, sizeof(why), "was killed, since its time of %lld s was over",
             (long long)t->r->timeout);
    t->r->outcome.timed_out = true;
    died(t, true, why);
}

/* === the conversation === */

static void hear(struct talk *t)
{
    struct error e = {0};
    char noise[sizeof(e.text) + 32];
    struct frame f;
    switch (child_hear(t->c, &t->w, &f, &e)) {
    case HEARD_FRAME:
        if (!understood(t, &f))
            died(t, true, "sent what cannot come here, and was killed");
        else if (t->stops)
            died(t, true, "was killed, since its job could not be settled");
        break;
    case HEARD_LATE:
        died_late(t);
        break;
    case HEARD_GONE:
        died(t, false, NULL);
        break;
    case HEARD_STOP:
        died(t, true, "was killed, since its job was given up");
        break;
    case HEARD_NOISE:
        snprintf(noise, sizeof(noise), "sent %s, and was killed", e.text);
        died(t, true, noise);
        break;
    }
}

static void converse(struct talk *t)
{
    while (!t->over && !t->r->outcome.dead) {
        char *mark = arena_mark(&t->c->talk);
        hear(t);
        arena_release(&t->c->talk, mark);
    }
    t->c->used_ms = clock_mono_ms();
}

static void write_job(struct talk *t, struct buf *b, const char *type)
{
    const struct queue_job *j = t->r->job;
    buf_fmt(b, "{\"t\":\"%s\",\"n\":%lld,\"row\":{\"id\":%lld,\"queue\":", type,
            (long long)++t->c->n, (long long)j->id);
    buf_json(b, j->queue, 0);
    buf_fmt(b,
            ",\"attempts\":%lld,\"reserved_at\":%lld,\"available_at\":%lld,"
            "\"created_at\":%lld}",
            (long long)j->attempts, (long long)j->reserved_at, (long long)j->available_at,
            (long long)j->created_at);
}

static struct talk talk_of(struct child *c, struct job_run *r)
{
    r->outcome = (struct job_outcome){0};
    return (struct talk){
        .c = c, .r = r, .w = {.tick = r->calls->tick, .arg = r->calls->arg}};
}

static bool ready(struct talk *t, struct error *e)
{
    struct waiting boots = {.tick = t->r->calls->boots, .arg = t->r->calls->arg};
    if (child_ready(t->c, &boots, e))
        return true;
    arena_reset(&t->c->talk);
    return false;
}

bool talk_job(struct child *c, struct job_run *r, struct error *e)
{
    struct talk t = talk_of(c, r);
    if (!ready(&t, e))
        return false;
    struct buf json = buf_new(&c->talk, HEAD_MAX);
    write_job(&t, &json, "job");
    c->told = false;
    if (r->timeout > 0)
        t.w.until_ms = i64_add(clock_mono_ms(), i64_mul(r->timeout, 1000)) +
                       (c->pcntl ? GRACE_MS : 0);
    (void)!child_say(c, &t.w, &json, r->job->raw); /* who does not read ends */
    converse(&t);
    arena_reset(&c->talk);
    return true;
}

bool talk_failed(struct child *c, struct job_run *r, const struct job_failure *why,
                 bool timed_out, struct error *e)
{
    struct talk t = talk_of(c, r);
    if (!ready(&t, e))
        return false;
    struct buf json = buf_new(&c->talk, HEAD_MAX + 8 * NEWS_TEXT_MAX);
    write_job(&t, &json, "fail");
    buf_fmt(&json, ",\"why\":\"%s\",\"text\":", timed_out ? "timeout" : "died");
    buf_json(&json, str_sub(why->message, 0, NEWS_TEXT_MAX), JSON_PLAIN_SLASHES);
    t.w.until_ms = clock_mono_ms() + FAIL_MS;
    (void)!child_say(c, &t.w, &json, r->job->raw);
    converse(&t);
    arena_reset(&c->talk);
    if (!r->outcome.settled && !r->outcome.failing)
        return err_set(e, ERR_JOB, "its process %.*s", STR_ARG(r->outcome.text));
    return true;
}
