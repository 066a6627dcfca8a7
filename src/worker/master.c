/* master.c: forks the slots, keeps their deadlines, replaces those that die.
 *
 * The master opens no database and runs no job: there is little in it that can fail. It
 * is right as PID 1 too: it reaps whatever is given to it, and its signals are blocked
 * and waited for, which works where the kernel would drop them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    WATCH_MS = 200,   /* how late a deadline may be kept */
    GRACE_MS = 5000,  /* for a slot that waits for its server when told to stop */
    ASK_MS = 10000,   /* the app may take to say what it has become */
    ASLEEP_MS = 2000, /* a round that comes later: the master was stopped, or slept */
    QUICK_DEATH_MS = 2000, /* a slot that dies sooner is replaced more slowly */
    RESPAWN_MAX_MS = 30000,
};

/* What a slot's arenas may become, all at once. */
static const size_t SLOT_SPACE = (size_t)5 << 30;

struct slot_process {
    pid_t pid; /* 0: none */
    int64_t born_ms, respawn_ms;
    int quick_deaths;
    bool over; /* it ended for good */
};

struct master {
    const struct work_options *o;
    struct queue_settings settings;
    struct str queue_list; /* as it was given, with commas */
    struct str *queues;
    size_t queues_len;
    struct arena perm;
    struct printer print;
    struct journal journal;
    struct run_file run;
    struct watch *watch;
    struct php_share *php;
    struct notify notify;
    struct prover prover;
    struct slot_process *children;
    int64_t started_ms;
    int64_t seen_ms, awake_ms; /* the last round; the first one after a sleep */
    int64_t stopped_ms;        /* when it was told to stop */
    bool stopping, paused;
    int code;
};

/* === set-up === */

/* split_queues takes the list apart as Laravel does: names are not trimmed, and one that
 * PHP takes for false, "" or "0", is the connection's queue. */
static bool split_queues(struct master *m, struct error *e)
{
    bool given = php_truthy(php_string(m->o->queues));
    m->queue_list = given ? m->o->queues : m->settings.queue;
    VEC(struct str) list = {0};
    struct cut name = {.tail = m->queue_list, .ok = true};
    while (name.ok) {
        name = str_cut(name.tail, ',');
        bool own = !php_truthy(php_string(name.head));
        struct str queue = own ? m->settings.queue : name.head;
        if (!queue_settings_named(m->o->app, &m->settings, queue, e))
            return false;
        VEC_PUSH(&m->perm, &list, queue);
    }
    m->queues = list.at;
    m->queues_len = list.len;
    return true;
}

/* say writes a warning to the app's log and the console. */
static void say(void *arg, struct str text)
{
    struct master *m = arg;
    app_log(m->o->app, APP_WARNING, str_fmt(&m->perm, "facteur: %.*s", STR_ARG(text)),
            php_null());
    print_block(&m->print, "WARN", text);
}

/* check_space: a slot that has no room for its arenas would die, and the next one too. */
static bool check_space(struct error *e)
{
    return arena_space(SLOT_SPACE) ||
           err_set(
               e, ERR_FATAL,
               "a slot needs 5 GB of addresses, of which it uses some 30 MB, and they "
               "are not to be had: take `ulimit -v` away (RLIMIT_AS, LimitAS=), or set "
               "vm.overcommit_memory to 0 or 1; --memory and the container's own limit "
               "count what is used");
}

static bool open_journal(struct master *m, struct error *e)
{
    const struct queue_settings *q = &m->settings;
    struct run_place place = {.connection = q->connection,
                              .database = q->db_connection,
                              .table = q->table,
                              .retry_after = q->retry_after,
                              .tries = m->o->retry.tries,
                              .backoff = m->o->retry.backoff};
    if (!journal_open(&m->journal, m->o->app, &place, e))
        return false;
    m->journal.say = say;
    m->journal.arg = m;
    return true;
}

/* find_php: without one only our own classes are run, which is said. */
static bool find_php(struct master *m, struct error *e)
{
    if (php_open(m->o, &m->perm, &m->php, e))
        return true;
    if (m->o->php == WORK_PHP_ALL || e->kind == ERR_FATAL)
        return false;
    say(m,
        str_fmt(&m->perm, "%s: only jobs of classes that facteur runs itself are taken",
                e->text));
    err_clear(e);
    return true;
}

static bool set_up(struct master *m, struct error *e)
{
    if (!check_space(e))
        return false;
    m->perm = arena_open(16 << 20);
    m->started_ms = clock_mono_ms();
    m->children = NEW(&m->perm, struct slot_process, m->o->workers);
    m->run.fd = -1;
    if (!queue_settings_load(m->o->app, m->o->connection, &m->perm, &m->settings, e))
        return false;
    if (!printer_open(&m->print, m->o, m->settings.connection, &m->perm, e))
        return false;
    if (!split_queues(m, e))
        return false;
    m->watch = watch_new(m->queues_len, e);
    if (!m->watch || !open_journal(m, e) || !find_php(m, e))
        return false;
    return run_create(&m->run, &m->journal, m->o->workers, e);
}

static void master_signals(sigset_t *set)
{
    static const int signals[] = {SIGTERM, SIGQUIT, SIGINT, SIGUSR2, SIGCONT, SIGCHLD};
    sigemptyset(set);
    for (size_t i = 0; i < COUNT(signals); i++)
        sigaddset(set, signals[i]);
}

/* === slots === */

/* in_child is what a fresh slot does before its own work. */
static void in_child(struct master *m, int number, pid_t master)
{
    /* A slot whose master is gone finishes its letter and ends. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != master)
        _exit(SLOT_LEFT);
    setpgid(0, 0); /* the terminal's Ctrl-C is for the master */
    struct slot s = {
        .o = m->o,
        .app = m->o->app,
        .print = m->print,
        .run = &m->run,
        .shared = &m->run.slots[number - 1],
        .journal = m->journal,
        .php = m->php,
        .number = number,
        .settings = &m->settings,
        .queues = m->queues,
        .queues_len = m->queues_len,
        .started_ms = m->started_ms,
        .paused = m->paused,
        .stopping = m->stopping,
    };
    s.print.slot = m->o->workers > 1 ? number : 0;
    int code = slot_run(&s, m->watch);
    app_close(s.app); /* this process's own, since the fork */
    exit(code);
}

static bool spawn(struct master *m, int number, struct error *e)
{
    struct slot_process *c = &m->children[number - 1];
    pid_t master = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return err_set(e, ERR_FATAL, "cannot start a slot: %s", strerror(errno));
    if (pid == 0)
        in_child(m, number, master);
    c->pid = pid;
    c->born_ms = clock_mono_ms();
    return true;
}

static bool spawn_due(struct master *m, struct error *e)
{
    for (int i = 0; i < m->o->workers; i++) {
        struct slot_process *c = &m->children[i];
        if (c->pid == 0 && !c->over && clock_mono_ms() >= c->respawn_ms &&
            !spawn(m, i + 1, e))
            return false;
    }
    return true;
}

static void tell_slots(struct master *m, int signal)
{
    for (int i = 0; i < m->o->workers; i++)
        if (m->children[i].pid)
            kill(m->children[i].pid, signal);
}

static void stop(struct master *m, int code)
{
    if (code > m->code)
        m->code = code;
    if (!m->stopping)
        m->stopped_ms = clock_mono_ms();
    m->stopping = true;
    tell_slots(m, SIGTERM);
}

/* === deaths === */

static bool holds(const struct master *m, int i)
{
    return run_furthest(&m->run, (size_t)i) != PHASE_IDLE;
}

static void print_death(char *how, size_t size, int status)
{
    if (WIFSIGNALED(status))
        snprintf(how, size, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, size, "ended with status %d", WEXITSTATUS(status));
}

static void note_cause(struct master *m, int i, int status, const struct rusage *used)
{
    struct run_slot *r = &m->run.slots[i];
    if (!holds(m, i) || r->cause[0])
        return;
    char how[64];
    print_death(how, sizeof(how), status);
    double seconds = (double)(clock_mono_ms() - r->begun_ms) / 1000;
    snprintf(r->cause, CAUSE_MAX, "its process %s after %.1f s, with %ld MB at most", how,
             seconds, used->ru_maxrss >> 10);
}

/* replace has a slot started again, the later the quicker its predecessors died. What it
 * held is settled by its replacement even when the master is stopping. */
static void replace(struct master *m, int i)
{
    struct slot_process *c = &m->children[i];
    int64_t now = clock_mono_ms(), wait = 0;
    c->over = m->stopping && (!holds(m, i) || atomic_load(&m->run.slots[i].let_go));
    c->quick_deaths = now - c->born_ms < QUICK_DEATH_MS ? c->quick_deaths + 1 : 0;
    for (int n = 1; n < c->quick_deaths && wait < RESPAWN_MAX_MS; n++)
        wait = wait ? wait * 2 : 1000;
    /* While stopping there is one more try; then the record stays for the next start. */
    if (m->stopping && c->quick_deaths > 1)
        c->over = true;
    c->respawn_ms = now + (wait < RESPAWN_MAX_MS ? wait : RESPAWN_MAX_MS);
}

/* tell_idle_death: a slot that died with a job is told of by whoever settles that; one
 * without would be replaced in silence. */
static void tell_idle_death(struct master *m, int i, int status)
{
    char how[64], text[160];
    if (holds(m, i) || m->stopping)
        return;
    print_death(how, sizeof(how), status);
    snprintf(text, sizeof(text), "slot %d %s without a job; another takes its place",
             i + 1, how);
    char logged[sizeof(text) + 16];
    snprintf(logged, sizeof(logged), "facteur: %s", text);
    app_log(m->o->app, APP_WARNING, str_from(logged), php_null());
    print_block(&m->print, "WARN", str_from(text));
}

static void on_exit_of(struct master *m, int i, int status, const struct rusage *used)
{
    struct slot_process *c = &m->children[i];
    c->pid = 0;
    run_end_child(&m->run, (size_t)i, true);
    atomic_store(&m->run.slots[i].pid, 0);
    atomic_store(&m->run.slots[i].deadline_ms, 0);
    note_cause(m, i, status, used);
    /* A slot that died with its ticket had a job. */
    if (atomic_exchange(&m->run.slots[i].ticket, 0))
        atomic_fetch_add(&m->run.head->taken, 1);
    switch (WIFEXITED(status) ? WEXITSTATUS(status) : -1) {
    case SLOT_DONE:
        c->over = true;
        break;
    case SLOT_FATAL:
        c->over = true;
        stop(m, WORK_ERROR);
        break;
    case SLOT_MEMORY:
        c->over = true;
        stop(m, php_memory_code(m->php));
        break;
    default:
        tell_idle_death(m, i, status);
        replace(m, i);
    }
}

/* tell_proof tells what was found of a letter; what is equal is not told. */
static void tell_proof(struct master *m)
{
    const struct prover *p = &m->prover;
    const struct work_proof *proof = &p->proof;
    if (!p->sample.way || proof->proven == PROVEN_EQUAL)
        return;
    if (proof->proven == PROVEN_NOT_COMPARED) {
        struct str text =
            str_fmt(&m->perm,
                    "a letter could not be compared with PHP's: %s; its like are run "
                    "by PHP until one can be",
                    proof->why);
        if (run_said(&m->run, text))
            say(m, text);
        return;
    }
    struct str text = str_fmt(&m->perm, "%s – letters are left to PHP", proof->why);
    if (p->sampled) {
        text = str_fmt(&m->perm,
                       "job %lld went out, and %.*s; %lld letters went out as facteur "
                       "makes them since the last that was found equal",
                       (long long)p->sample.job, STR_ARG(text), (long long)p->native);
        app_log(m->o->app, APP_ERROR, str_fmt(&m->perm, "facteur: %.*s", STR_ARG(text)),
                php_null());
        print_block(&m->print, "ERROR", text);
        return;
    }
    say(m, text);
}

static void reap(struct master *m)
{
    int status;
    struct rusage used;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
        for (int i = 0; i < m->o->workers; i++)
            if (m->children[i].pid == pid)
                on_exit_of(m, i, status, &used);
        if (proving_reaped(&m->prover, m->o, pid))
            tell_proof(m);
    }
}

static void keep_deadlines(struct master *m)
{
    int64_t now = clock_mono_ms();
    for (int i = 0; i < m->o->workers; i++) {
        struct run_slot *r = &m->run.slots[i];
        int64_t deadline = atomic_load(&r->deadline_ms);
        if (!m->children[i].pid || !deadline || now < deadline)
            continue;
        atomic_store(&r->timed_out, 1);
        atomic_store(&r->deadline_ms, 0);
        kill(m->children[i].pid, SIGKILL);
    }
}

/* end_stuck ends slots that do not renew what they hold, stopped ones for example: their
 * replacement settles it; nobody else on this host would. What passed while the master
 * itself did not run is not held against them. */
static void end_stuck(struct master *m)
{
    int64_t now = clock_mono_ms();
    if (now - m->seen_ms > ASLEEP_MS)
        m->awake_ms = now;
    m->seen_ms = now;
    for (int i = 0; i < m->o->workers; i++) {
        struct run_slot *r = &m->run.slots[i];
        if (!m->children[i].pid || !run_stuck(&m->run, (size_t)i, m->awake_ms))
            continue;
        if (!r->cause[0])
            snprintf(
                r->cause, CAUSE_MAX,
                "its process did not renew its reservation for %lld s, and was ended",
                (long long)(now - atomic_load(&r->beat_ms)) / 1000);
        run_beat(r); /* it is killed once */
        kill(m->children[i].pid, SIGKILL);
    }
}

/* let_go ends slots that do not obey since the database hangs: nobody knows for how long.
 * The next start settles what they held. */
static void let_go(struct master *m)
{
    int64_t now = clock_mono_ms();
    if (!m->stopping || now - m->stopped_ms < GRACE_MS)
        return;
    for (int i = 0; i < m->o->workers; i++) {
        struct run_slot *r = &m->run.slots[i];
        if (!m->children[i].pid || atomic_load(&r->let_go) ||
            !run_hangs(&m->run, (size_t)i, now - GRACE_MS))
            continue;
        atomic_store(&r->let_go, 1);
        kill(m->children[i].pid, SIGKILL);
        say(m, str_fmt(&m->perm,
                       "slot %d was told to stop, but waits for the database: it is "
                       "ended, and what it held is settled at the next start",
                       i + 1));
    }
}

/* === the loop === */

static void on_signal(struct master *m, int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGQUIT:
    case SIGINT:
        run_stop(&m->run, STOP_INTERRUPTED);
        stop(m, WORK_OK);
        break;
    case SIGUSR2:
        m->paused = true;
        title_set("facteur queue:work %.*s master: paused",
                  STR_ARG(m->settings.connection));
        tell_slots(m, SIGUSR2);
        break;
    case SIGCONT:
        m->paused = false;
        title_set("facteur queue:work %.*s master", STR_ARG(m->settings.connection));
        tell_slots(m, SIGCONT);
        break;
    case SIGCHLD:
        reap(m);
        break;
    }
}

/* settled: the slot lives, and did so for a while, or has ended for good. One that dies
 * again and again as soon as it begins gives no sign of life. */
static bool settled(const struct slot_process *c)
{
    return c->over || (c->pid && (c->quick_deaths == 0 ||
                                  clock_mono_ms() - c->born_ms >= QUICK_DEATH_MS));
}

/* tell_systemd: a worker of which no slot could stay alive is not alive. */
static void tell_systemd(struct master *m)
{
    struct notify_state s = {.stopping = m->stopping,
                             .paused = m->paused,
                             .slots = m->o->workers,
                             .taken = atomic_load(&m->run.head->taken)};
    if (!notify_is_wanted(&m->notify))
        return;
    s.alive = m->stopping;
    for (int i = 0; i < m->o->workers; i++) {
        s.alive = s.alive || settled(&m->children[i]);
        s.at_work += m->children[i].pid && holds(m, i);
    }
    notify_turn(&m->notify, &s);
}

static bool all_over(const struct master *m)
{
    for (int i = 0; i < m->o->workers; i++)
        if (!m->children[i].over)
            return false;
    return true;
}

static bool loop(struct master *m, const sigset_t *set, struct error *e)
{
    struct timespec wait = {.tv_nsec = WATCH_MS * 1000000L};
    while (!all_over(m)) {
        if (!spawn_due(m, e))
            return false;
        int signal = sigtimedwait(set, NULL, &wait);
        if (signal > 0)
            on_signal(m, signal);
        reap(m);
        keep_deadlines(m);
        end_stuck(m);
        let_go(m);
        tell_systemd(m);
        if (!m->stopping)
            proving_look(&m->prover, m->o);
    }
    return true;
}

static void shut_down(struct master *m)
{
    run_close(&m->run);
    journal_close(&m->journal);
    watch_drop(m->watch);
    arena_close(&m->perm);
}

static void tell_why(struct master *m)
{
    struct run_head *h = m->run.head;
    enum stop_reason why = (enum stop_reason)atomic_load(&h->stopped);
    if (why != STOP_NONE)
        print_stopped(&m->print, why, m->queue_list, m->code, atomic_load(&h->taken));
}

static void print_header(struct master *m)
{
    if (!isatty(STDIN_FILENO) || m->print.lines == LINES_8)
        return;
    print_block(&m->print, "INFO",
                str_fmt(&m->perm, "Processing jobs from the [%.*s] %s.",
                        STR_ARG(m->queue_list), m->queues_len > 1 ? "queues" : "queue"));
}

/* on_hole names a part of the configuration that could not be evaluated. Where its value
 * is needed it is an error of its own. */
static void on_hole(void *arg, const struct finding *f)
{
    struct master *m = arg;
    struct str place = S("");
    if (f->line)
        place = str_fmt(&m->perm, ":%d:%d", f->line, f->col);
    say(m, str_fmt(&m->perm, "%s%.*s: %s", f->file, STR_ARG(place), f->text));
}

/* is_wanted: no signal is pending that is to end the master, which has not begun yet. */
static bool is_wanted(void *arg)
{
    struct master *m = arg;
    sigset_t pending;
    notify_begins(&m->notify);
    return sigpending(&pending) == 0 && !sigismember(&pending, SIGTERM) &&
           !sigismember(&pending, SIGINT) && !sigismember(&pending, SIGQUIT);
}

/* goes_on: and there is time. */
static bool goes_on(void *arg)
{
    struct master *m = arg;
    return is_wanted(arg) && clock_mono_ms() - m->started_ms < ASK_MS;
}

/* goes_on_to_end: nobody waits for a worker that was told to stop. */
static bool goes_on_to_end(void *arg)
{
    const struct master *m = arg;
    return !m->stopping && is_wanted(arg);
}

/* ask_app has the booted app say what it has become. Where it cannot be booted letters go
 * by what its source says, as with --php=off. */
static bool ask_app(struct master *m, struct error *e)
{
    struct php_hears hears = {.warn = say, .tick = goes_on, .arg = m};
    if (!m->php || php_describe(m->o, m->php, &m->settings, &m->perm, &hears, e))
        return true;
    if (e->kind == ERR_FATAL)
        return false;
    php_begins_away(m->php);
    if (run_said(&m->run, str_fmt(&m->perm, "php %s", e->text)))
        say(m, str_fmt(&m->perm,
                       "%s; until it can be, only jobs of classes that facteur runs "
                       "itself are taken; nobody asked the app what keeps letters in "
                       "PHP, which go by its source",
                       e->text));
    err_clear(e);
    return true;
}

/* open_proofs asks what is known of letters beside PHP's. Those of a way that is not
 * known are PHP's, where there is one. */
static void open_proofs(struct master *m)
{
    if (m->o->prove <= 0 || m->o->php == WORK_PHP_ALL)
        return;
    proving_open(&m->prover, m->o, m->php ? &m->php->proofs : NULL,
                 app_storage(m->o->app, &m->perm, "framework/facteur/proven"), is_wanted,
                 m);
    if (!m->php && m->prover.proof.proven == PROVEN_NOT_COMPARED && is_wanted(m))
        say(m, str_fmt(&m->perm,
                       "nobody compared facteur's letters with PHP's (--prove): %s",
                       m->prover.proof.why));
}

int worker_run(const struct work_options *o, struct error *e)
{
    struct master m = {.o = o};
    struct error untold = {0};
    sigset_t set, before;
    bool told = notify_open(&m.notify, &untold);
    signal(SIGPIPE, SIG_IGN); /* nobody reads what is printed: the work goes on */
    signal(SIGXFSZ, SIG_IGN); /* a file beyond its limit is an error, with its path */
    if (!set_up(&m, e)) {
        shut_down(&m);
        return WORK_ERROR;
    }
    master_signals(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    title_set("facteur queue:work %.*s master", STR_ARG(m.settings.connection));
    print_header(&m);
    if (!told)
        say(&m, str_from(untold.text));
    app_config_holes(o->app, on_hole, &m);
    bool asked = ask_app(&m, e);
    if (asked)
        open_proofs(&m);
    if (!asked || !loop(&m, &set, e)) {
        stop(&m, WORK_ERROR);
        proving_end(&m.prover);
        while (waitpid(-1, NULL, 0) > 0)
            ;
    } else if (proving_close(&m.prover, o, goes_on_to_end, &m)) {
        tell_proof(&m);
    }
    m.stopping = true;
    tell_systemd(&m);
    sigprocmask(SIG_SETMASK, &before, NULL);
    tell_why(&m);
    shut_down(&m);
    return m.code;
}
