/* proving.c: are facteur's letters PHP's? The master has one at a time compared, in a
 * process of its own; slots go by what is known.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    TICK_MS = 200,
    PROVE_MS = 120000,
    LOOK_MS = 1000,        /* at the record */
    SAMPLE_MS = 60000,     /* between two letters that go out and are compared */
    AGAIN_MS = 10000,      /* after one that could not be compared; doubled */
    AGAIN_MAX_MS = 600000, /* up to this */
    HOUR_MS = 3600000,     /* after one that differed; doubled */
    DAY_MS = 24 * HOUR_MS, /* up to this */
};

enum wanted { NOTHING, BEING_WRITTEN, WANTED };

/* === what slots see === */

/* publish shows them the ways of which enough letters were found equal. */
static void publish(struct proofs *shared, const struct work_proof *proof, int64_t enough)
{
    uint32_t len = 0;
    atomic_fetch_add(&shared->turn, 1);
    for (size_t i = 0; i < proof->len; i++)
        if (proof->ways[i].letters >= enough)
            atomic_store(&shared->ways[len++], proof->ways[i].way);
    atomic_store(&shared->len, len);
    atomic_fetch_add(&shared->turn, 1);
}

static bool is_known(struct proofs *shared, uint64_t way)
{
    uint32_t turn = atomic_load(&shared->turn), len = atomic_load(&shared->len);
    bool found = false;
    for (uint32_t i = 0; i < len && i < WORK_WAYS && !found; i++)
        found = atomic_load(&shared->ways[i]) == way;
    return found && turn % 2 == 0 && atomic_load(&shared->turn) == turn;
}

static bool want(struct proofs *shared, const struct job_sample *what, bool sampled)
{
    int32_t nothing = NOTHING;
    if (!atomic_compare_exchange_strong(&shared->wanted, &nothing, BEING_WRITTEN))
        return false;
    shared->sample = *what;
    shared->sampled = sampled;
    atomic_store(&shared->wanted, WANTED);
    return true;
}

/* sample_one has one of so many letters compared that go out, at most one a minute. */
static void sample_one(struct proofs *shared, const struct job_sample *what,
                       int64_t every)
{
    int64_t now = clock_mono_ms(), native = atomic_fetch_add(&shared->native, 1) + 1;
    int64_t last = atomic_load(&shared->sampled_ms);
    if (every > 0 && native >= every && (!last || now - last >= SAMPLE_MS) &&
        want(shared, what, true))
        atomic_store(&shared->sampled_ms, now);
}

bool proving_allows(struct slot *s, const struct job_sample *what)
{
    if (s->o->prove <= 0 || !php_is_there(s))
        return true;
    struct proofs *shared = &s->php->proofs;
    if (is_known(shared, what->way)) {
        sample_one(shared, what, s->o->prove_every);
        return true;
    }
    (void)want(shared, what, false);
    s->unproven = true;
    return false;
}

/* === the process === */

/* prove ends the process; what it writes is the answer. */
static void prove(const struct prover *p, const struct work_options *o, pid_t master,
                  int out)
{
    struct work_proof *proof = calloc(1, sizeof(*proof));
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (!proof || getppid() != master)
        _exit(1);
    if (p->sample.way) /* where nothing can be recorded, this is all that is known */
        *proof = p->known;
    title_set("facteur queue:work: compares a letter with PHP's");
    o->proves(o->app, p->sample.way ? &p->sample : NULL, p->php, proof);
    _exit(write(out, proof, sizeof(*proof)) == (ssize_t)sizeof(*proof) ? 0 : 1);
}

static bool begin(struct prover *p, const struct work_options *o)
{
    int ends[2];
    pid_t master = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fflush(NULL);
    p->pid = fork();
    if (p->pid == 0) {
        close(ends[0]);
        prove(p, o, master, ends[1]);
    }
    close(ends[1]);
    if (p->pid < 0) {
        close(ends[0]);
        p->pid = 0;
        return false;
    }
    p->in = ends[0];
    p->until_ms = clock_mono_ms() + PROVE_MS;
    return true;
}

/* recall asks what is recorded. */
static bool recall(struct prover *p, const struct work_options *o)
{
    p->sample = (struct job_sample){0};
    p->sampled = false;
    return begin(p, o);
}

/* hear reads the answer of a process that is gone; it fits a pipe. */
static void hear(struct prover *p)
{
    size_t got = 0;
    ssize_t n = 1;
    while (got < sizeof(p->proof) && n > 0) {
        n = read(p->in, (char *)&p->proof + got, sizeof(p->proof) - got);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            got += (size_t)n;
    }
    close(p->in);
    p->pid = 0;
    if (got == sizeof(p->proof) && p->proof.len <= WORK_WAYS)
        return;
    p->proof = (struct work_proof){.proven = PROVEN_NOT_COMPARED};
    snprintf(p->proof.why, sizeof(p->proof.why), "%s",
             clock_mono_ms() >= p->until_ms
                 ? "PHP's letter took too long"
                 : "the process that compares them ended early");
}

/* === what comes of it === */

/* saw_record: was it written, or taken away, since it was looked at? */
static bool saw_record(struct prover *p)
{
    struct stat st = {0};
    bool there = stat(p->record, &st) == 0;
    bool news = p->looked && (there != p->there || st.st_mtim.tv_sec != p->seen.tv_sec ||
                              st.st_mtim.tv_nsec != p->seen.tv_nsec);
    p->looked = true;
    p->there = there;
    p->seen = st.st_mtim;
    p->looked_ms = clock_mono_ms();
    return news;
}

static void rest(struct prover *p, int64_t least, int64_t most)
{
    bool again = p->rest_ms >= least && p->rest_ms <= most;
    int64_t twice = p->rest_ms * 2;
    p->rest_ms = !again ? least : twice < most ? twice : most;
    p->next_ms = clock_mono_ms() + p->rest_ms;
    p->rest_state = p->sample.state;
}

static void take_in(struct prover *p, const struct work_options *o)
{
    hear(p);
    (void)saw_record(p); /* it was its own hand */
    bool asked = p->sample.way != 0;
    if (p->proof.proven == PROVEN_ANOTHER)
        p->proof.len = 0;
    if (!asked || p->proof.proven != PROVEN_NOT_COMPARED)
        p->known = p->proof;
    if (p->shared && (!asked || p->proof.proven != PROVEN_NOT_COMPARED))
        publish(p->shared, &p->known, o->prove);
    if (p->proof.proven == PROVEN_ANOTHER)
        rest(p, HOUR_MS, DAY_MS);
    else if (p->proof.proven == PROVEN_NOT_COMPARED && asked)
        rest(p, AGAIN_MS, AGAIN_MAX_MS);
    else
        p->rest_ms = p->next_ms = 0;
    if (p->shared && asked)
        p->native = atomic_load(&p->shared->native);
    if (p->shared && asked && p->proof.proven == PROVEN_EQUAL)
        atomic_store(&p->shared->native, 0);
}

bool proving_reaped(struct prover *p, const struct work_options *o, pid_t pid)
{
    if (!p->pid || pid != p->pid)
        return false;
    take_in(p, o);
    return true;
}

/* wait_for: false: it was told not to go on. */
static bool wait_for(struct prover *p, const struct work_options *o,
                     bool (*tick)(void *arg), void *arg)
{
    pid_t gone = 0;
    bool goes_on = true;
    while (p->pid && gone == 0) {
        struct pollfd fd = {.fd = p->in, .events = POLLIN};
        (void)poll(&fd, 1, TICK_MS);
        goes_on = goes_on && tick(arg);
        if (!goes_on || clock_mono_ms() > p->until_ms)
            kill(p->pid, SIGKILL);
        gone = waitpid(p->pid, NULL, fd.revents ? 0 : WNOHANG);
    }
    if (p->pid)
        take_in(p, o);
    return goes_on;
}

void proving_open(struct prover *p, const struct work_options *o, struct proofs *shared,
                  const char *record, bool (*tick)(void *arg), void *arg)
{
    *p = (struct prover){.shared = shared, .php = shared != NULL, .record = record};
    (void)saw_record(p);
    p->proof.proven = PROVEN_NOT_COMPARED;
    if (recall(p, o))
        (void)wait_for(p, o, tick, arg);
}

/* may_ask: is it time for another letter? An app that was changed is another matter. */
static bool may_ask(const struct prover *p)
{
    return clock_mono_ms() >= p->next_ms ||
           (p->rest_ms >= HOUR_MS && p->shared->sample.state != p->rest_state);
}

/* begin_wanted has the letter compared that a slot asked for. */
static void begin_wanted(struct prover *p, const struct work_options *o)
{
    if (!p->shared || atomic_load(&p->shared->wanted) != WANTED)
        return;
    bool may = may_ask(p);
    p->sample = p->shared->sample;
    p->sampled = p->shared->sampled;
    atomic_store(&p->shared->wanted, NOTHING);
    if (may)
        (void)begin(p, o);
}

void proving_look(struct prover *p, const struct work_options *o)
{
    int64_t now = clock_mono_ms();
    if (p->pid) {
        if (now > p->until_ms)
            kill(p->pid, SIGKILL);
        return;
    }
    if (p->shared && now - p->looked_ms >= LOOK_MS && saw_record(p)) {
        if (!p->there) {
            p->known.len = 0;
            publish(p->shared, &p->known, o->prove);
        } else if (recall(p, o))
            return;
    }
    begin_wanted(p, o);
}

void proving_end(const struct prover *p)
{
    if (p->pid)
        kill(p->pid, SIGKILL);
}

bool proving_close(struct prover *p, const struct work_options *o,
                   bool (*tick)(void *arg), void *arg)
{
    if (!p->pid && tick(arg))
        begin_wanted(p, o);
    return p->pid && wait_for(p, o, tick, arg);
}
