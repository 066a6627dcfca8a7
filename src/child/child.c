/* child.c: the life of the process beside a slot: started when it is needed, heard,
 * renewed, ended.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "child/child_imp.h"

enum {
    TICK_MS = 200,         /* between two questions whether to go on */
    BOOT_MS = 60000,       /* an app that is not up by then hangs */
    END_MS = 5000,         /* what it may take to end in peace */
    IDLE_MS = 600000,      /* without a job it is ended */
    TALK_ARENA = 96 << 20, /* frames of 16 MiB, as text and as values */
    OPEN_MAX = 64 << 10,   /* bytes of the first frame */
};

/* === open and close === */

struct child *child_open(const struct child_options *o, struct error *e)
{
    struct child *c = calloc(1, sizeof(*c));
    if (!c || !asset_lookup(S("src/child/runner.php"), &c->script)) {
        free(c);
        err_set(e, ERR_FATAL, "no memory for a PHP process");
        return NULL;
    }
    c->o = *o;
    c->talk = arena_open(TALK_ARENA);
    c->p = (struct php_process){.pidfd = -1, .wire = {.in = -1, .out = -1}};
    return c;
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static void add_text(struct buf *b, const char *name, struct str text)
{
    buf_fmt(b, ",\"%s\":", name);
    buf_json(b, text, JSON_PLAIN_SLASHES);
}

/* retire has the process end by itself: the app is terminated, listeners are told. */
static void retire(struct child *c)
{
    struct waiting w = {.until_ms = clock_mono_ms() + END_MS, .tick = always};
    struct buf json = buf_new(&c->talk, 256);
    struct error ignored = {0};
    struct frame f;
    if (!c->p.pid)
        return;
    buf_fmt(&json, "{\"t\":\"end\",\"status\":%d", c->status);
    if (c->reason)
        add_text(&json, "reason", str_from(c->reason));
    enum heard h = HEARD_FRAME;
    bool said = child_say(c, &w, &json, S(""));
    while (said && h == HEARD_FRAME) {
        h = child_hear(c, &w, &f, &ignored);
        if (h == HEARD_FRAME && str_eq(frame_text(&f, "t"), S("other")))
            news_other(c, &f); /* what was to run after the last job */
    }
    (void)child_gone(c, h != HEARD_GONE);
    arena_reset(&c->talk);
}

void child_stopping(struct child *c, int status, const char *reason)
{
    c->status = status;
    c->reason = reason;
}

void child_close(struct child *c)
{
    if (!c)
        return;
    retire(c);
    files_end(&c->files);
    arena_close(&c->talk);
    free(c);
}

/* Only where Laravel's handlers are installed: another process would end. */
void child_stops(struct child *c)
{
    if (c->p.pid && c->pcntl && !c->o.work.once && !c->told)
        kill(c->p.pid, SIGTERM);
    c->told = true;
}

void child_idle(struct child *c)
{
    if (c->p.pid && clock_mono_ms() - c->used_ms >= IDLE_MS)
        retire(c);
}

/* === talking === */

struct saying {
    const struct child *c;
    const struct waiting *w;
};

/* goes_on: who does not read has no more time than who does not answer. One that is gone
 * never will, though what it has started may hold the pipe open. */
static bool goes_on(void *arg)
{
    const struct saying *s = arg;
    bool late = s->w->until_ms && clock_mono_ms() >= s->w->until_ms;
    return !late && process_lives(&s->c->p) && s->w->tick(s->w->arg);
}

bool child_say(struct child *c, const struct waiting *w, struct buf *json, struct str raw)
{
    struct saying s = {c, w};
    buf_byte(json, '}');
    assert(!json->full);
    return wire_send(&c->p.wire, buf_str(json), raw, goes_on, &s);
}

/* heard takes a frame that has come whole. */
static bool took(struct child *c, struct frame *f, enum heard *h, struct error *e)
{
    bool whole;
    if (!wire_take(&c->p.wire, &c->talk, f, &whole, e)) {
        *h = HEARD_NOISE;
        return true;
    }
    *h = HEARD_FRAME;
    return whole;
}

/* rest_of reads what a process said before it ended; what it has started says nothing. */
static enum heard rest_of(struct child *c, struct frame *f, struct error *e)
{
    enum heard h;
    struct pollfd fd = {.fd = c->p.wire.in, .events = POLLIN};
    process_kill(&c->p);
    while (poll(&fd, 1, 0) > 0 && fd.revents & POLLIN && wire_fill(&c->p.wire))
        continue; /* it ends at an end of file, which is no filling */
    return took(c, f, &h, e) ? h : HEARD_GONE;
}

static int64_t patience(const struct waiting *w)
{
    if (!w->until_ms)
        return TICK_MS;
    int64_t left = w->until_ms - clock_mono_ms();
    return left < 0 ? 0 : left < TICK_MS ? left : TICK_MS;
}

enum heard child_hear(struct child *c, const struct waiting *w, struct frame *f,
                      struct error *e)
{
    enum heard h;
    for (;;) {
        int64_t now = clock_mono_ms();
        if (now - c->asked_ms >= TICK_MS) {
            c->asked_ms = now;
            if (!w->tick(w->arg))
                return HEARD_STOP;
        }
        /* One that never stops talking has no more time than any other. */
        if (w->until_ms && now >= w->until_ms + TICK_MS)
            return HEARD_LATE;
        if (took(c, f, &h, e))
            return h;
        struct pollfd fds[] = {{.fd = c->p.wire.in, .events = POLLIN},
                               {.fd = c->p.pidfd, .events = POLLIN}};
        int n = poll(fds, COUNT(fds), (int)patience(w));
        if (n > 0 && fds[1].revents)
            return rest_of(c, f, e);
        if (n > 0 && fds[0].revents && !wire_fill(&c->p.wire))
            wire_deafen(&c->p.wire); /* closed: its end will be told by the process */
        if (n == 0 && w->until_ms && clock_mono_ms() >= w->until_ms)
            return HEARD_LATE;
    }
}

struct str child_gone(struct child *c, bool kill)
{
    char how[128];
    if (kill)
        process_kill(&c->p);
    process_reap(&c->p, how, sizeof(how));
    c->o.lives(c->o.arg, 0);
    return str_copy(&c->talk, str_from(how));
}

bool child_silent(struct child *c, enum heard h, const struct frame *f, const char *what,
                  struct error *e)
{
    struct str said = h == HEARD_FRAME ? frame_text(f, "text") : S("");
    struct str why = str_copy(&c->talk, said.len ? said : str_from(e->text));
    struct str how = child_gone(c, h != HEARD_GONE);
    err_clear(e);
    return err_set(e, ERR_UNSUPPORTED, "%s did not %s: %.*s", c->o.php, what,
                   STR_ARG(why.len ? why : how));
}

/* === booting === */

static void add_options(struct buf *b, const struct child_work *w)
{
    buf_fmt(b, ",\"options\":{\"name\":");
    buf_json(b, w->name, JSON_PLAIN_SLASHES);
    add_text(b, "backoff", w->backoff);
    buf_fmt(b,
            ",\"memory\":%lld,\"timeout\":%lld,\"sleep\":%.15g,\"maxTries\":%lld,"
            "\"force\":%s,\"stopWhenEmpty\":%s,\"maxJobs\":%lld,\"maxTime\":%lld,"
            "\"rest\":%.15g}",
            (long long)w->memory, (long long)w->timeout, w->sleep, (long long)w->tries,
            w->force ? "true" : "false", w->stop_when_empty ? "true" : "false",
            (long long)w->max_jobs, (long long)w->max_time, w->rest);
}

static void write_open(struct child *c, struct buf *b)
{
    const struct child_options *o = &c->o;
    buf_fmt(b, "{\"t\":\"open\",\"v\":1");
    add_text(b, "base", app_base(o->app));
    add_text(b, "connection", o->connection);
    add_text(b, "queues", o->queues);
    buf_fmt(b, ",\"once\":%s,\"lines\":%s,\"argv\":[", o->work.once ? "true" : "false",
            o->lines ? "true" : "false");
    for (size_t i = 0; i < o->argc; i++) {
        buf_fmt(b, "%s", i ? "," : "");
        buf_json(b, str_from(o->argv[i]), JSON_PLAIN_SLASHES);
    }
    buf_byte(b, ']');
    add_options(b, &o->work);
}

/* send_runner: a length, and the text. */
static bool send_runner(struct child *c, const struct waiting *w)
{
    struct saying saying = {c, w};
    char length[4];
    wire_length(length, c->script.len);
    return wire_write(&c->p.wire, (struct str){length, 4}, goes_on, &saying) &&
           wire_write(&c->p.wire, c->script, goes_on, &saying);
}

/* replaced_pop: the app takes jobs in a way of its own, which cannot be ours. */
static bool replaced_pop(const struct child *c, const struct frame *f)
{
    struct php_value names = frame_field(f, "pop");
    for (size_t i = 0; names.type == PHP_ARRAY && i < names.a->len; i++) {
        struct php_value v = names.a->at[i].value;
        if (v.type == PHP_STRING && str_eq(v.s, c->o.work.name))
            return true;
    }
    return false;
}

/* tell_queue: what such a class does otherwise is not done. */
static void tell_queue(struct child *c, struct str name)
{
    if (!str_eq(name, S("Illuminate\\Queue\\DatabaseQueue")))
        c->o.warn(c->o.arg,
                  str_fmt(&c->talk,
                          "the app's queue is a %.*s: jobs are reserved, released and "
                          "deleted as by Laravel's own DatabaseQueue all the same",
                          STR_ARG(name)));
}

/* worker_of reads what the app has set on the worker; an exit code as the system cuts it.
 */
static struct child_worker worker_of(const struct frame *f)
{
    struct php_value code = frame_field(f, "memory_code");
    struct child_worker w = {.hears_restart = frame_bool(f, "restartable"),
                             .hears_pause = frame_bool(f, "pausable"),
                             .memory_code = -1};
    if (code.type == PHP_INT)
        w.memory_code = (int)(code.i & 255);
    return w;
}

const struct child_worker *child_worker(const struct child *c)
{
    return c->greeted ? &c->worker : NULL;
}

static bool greeted(struct child *c, const struct frame *f, struct error *e)
{
    if (frame_int(f, "v") != 1)
        return err_set(e, ERR_UNSUPPORTED, "%s speaks version %lld", c->o.php,
                       (long long)frame_int(f, "v"));
    if (replaced_pop(c, f))
        return err_set(e, ERR_UNSUPPORTED,
                       "the app takes jobs in a way of its own (Worker::popUsing for the "
                       "worker \"%.*s\"): an artisan worker must run them",
                       STR_ARG(c->o.work.name));
    c->pcntl = frame_bool(f, "pcntl");
    c->keeps_failed = frame_bool(f, "logs");
    c->worker = worker_of(f);
    c->greeted = true;
    files_loaded(&c->files, frame_field(f, "files"));
    tell_queue(c, frame_text(f, "queue"));
    return true;
}

/* unbootable says what PHP said of it. */
static bool unbootable(const struct child *c, const struct frame *f, struct error *e)
{
    struct str message = frame_text(f, "message"), file = frame_text(f, "file");
    if (!file.len)
        return err_set(e, ERR_UNSUPPORTED, "%s cannot boot the app: %.*s", c->o.php,
                       STR_ARG(message));
    return err_set(e, ERR_UNSUPPORTED, "%s cannot boot the app: %.*s (%.*s:%lld)",
                   c->o.php, STR_ARG(message), STR_ARG(file),
                   (long long)frame_int(f, "line"));
}

/* why_not says what came instead of a greeting. Fields of a frame are gone with the
 * process. */
static bool why_not(struct child *c, enum heard h, const struct frame *f, struct error *e)
{
    struct error why = *e;
    err_clear(e);
    bool said = h == HEARD_FRAME && str_eq(frame_text(f, "t"), S("unbootable"));
    if (said)
        (void)unbootable(c, f, e);
    struct str how = child_gone(c, h != HEARD_GONE);
    if (said)
        return false;
    if (h == HEARD_LATE)
        return err_set(e, ERR_UNSUPPORTED, "%s did not boot the app in %d s", c->o.php,
                       BOOT_MS / 1000);
    if (h == HEARD_NOISE)
        return err_set(e, ERR_UNSUPPORTED, "%s sent %s", c->o.php, why.text);
    if (h == HEARD_STOP)
        return err_set(e, ERR_UNSUPPORTED, "%s was stopped while it booted the app",
                       c->o.php);
    return err_set(e, ERR_UNSUPPORTED, "%s %.*s before the app was booted", c->o.php,
                   STR_ARG(how));
}

static bool boot(struct child *c, const struct waiting *asks, struct error *e)
{
    struct waiting w = {clock_mono_ms() + BOOT_MS, asks->tick, asks->arg};
    struct buf json = buf_new(&c->talk, OPEN_MAX);
    struct frame f = {0};
    if (!process_begin(&c->p, &c->o, &c->talk, e)) {
        e->kind = ERR_UNSUPPORTED;
        return false;
    }
    c->o.lives(c->o.arg, c->p.pid);
    c->jobs = 0;
    c->spent = false;
    c->used_ms = clock_mono_ms();
    files_begin(&c->files, c->o.app);
    write_open(c, &json);
    /* Who does not read it says why, or ends. */
    bool sent = send_runner(c, &w) && child_say(c, &w, &json, S(""));
    enum heard h = child_hear(c, &w, &f, e);
    if (!sent || h != HEARD_FRAME || !str_eq(frame_text(&f, "t"), S("hello")))
        return why_not(c, h, &f, e);
    if (greeted(c, &f, e))
        return true;
    retire(c);
    return false;
}

bool child_ready(struct child *c, const struct waiting *w, struct error *e)
{
    unsigned seen = process_look(&c->p);
    if (seen & PROCESS_GONE) /* killed since its last job: no job's affair */
        (void)child_gone(c, false);
    else if (c->spent || (c->p.pid && (seen != c->p.unread || files_changed(&c->files))))
        retire(c);
    return c->p.pid || boot(c, w, e);
}

bool child_boots(struct child *c, bool (*tick)(void *arg), void *arg, struct error *e)
{
    struct waiting w = {.tick = tick, .arg = arg};
    bool ok = child_ready(c, &w, e);
    arena_reset(&c->talk);
    return ok;
}
