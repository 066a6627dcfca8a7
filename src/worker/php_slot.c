/* php_slot.c: a slot and its PHP: whether there is one, who may have a process, and what
 * becomes of jobs when the app cannot be booted.
 *
 * Which slots may have a process is their number's affair, so that nothing is left to be
 * given back by one that dies.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    AWAY_MIN_MS = 1000, /* doubled from failure to failure */
    AWAY_MAX_MS = 60000,
    AWAY_SHARE = 10, /* a try that took long is not repeated before ten times as long */
};

/* === is there a PHP? === */

bool php_open(const struct work_options *o, struct arena *perm, struct php_share **share,
              struct error *e)
{
    const char *program;
    *share = NULL;
    if (o->php == WORK_PHP_OFF)
        return true;
    if (!child_find(o->app, perm, &program, e))
        return false;
    void *shared = mmap(NULL, sizeof(**share), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return err_set(e, ERR_FATAL, "no memory for what slots share");
    *share = shared;
    (*share)->program = program;
    atomic_init(&(*share)->memory_code, -1);
    return true;
}

bool php_is_there(const struct slot *s)
{
    return s->php && !atomic_load(&s->php->failures);
}

bool php_may_take(const struct slot *s)
{
    bool may = s->o->php_slots == 0 || s->number <= s->o->php_slots;
    return may && php_is_there(s);
}

/* === what the app has set on its workers === */

/* obey takes over what the first boot says, and no later one: a worker of artisan's boots
 * its app once. */
static void obey(struct php_share *php, const struct child *c)
{
    const struct child_worker *w = c ? child_worker(c) : NULL;
    if (!w || php->known)
        return;
    atomic_store(&php->restart_unheard, !w->hears_restart);
    atomic_store(&php->pause_unheard, !w->hears_pause);
    atomic_store(&php->memory_code, w->memory_code);
    php->known = true;
}

bool php_hears_restart(const struct php_share *php)
{
    return !php || !atomic_load(&php->restart_unheard);
}

bool php_hears_pause(const struct php_share *php)
{
    return !php || !atomic_load(&php->pause_unheard);
}

int php_memory_code(const struct php_share *php)
{
    int code = php ? atomic_load(&php->memory_code) : -1;
    return code >= 0 ? code : WORK_MEMORY;
}

/* === the process === */

/* lives notes the process in the slot's second entry, for whoever must kill its group. */
static void lives(void *arg, pid_t pid)
{
    struct slot *s = arg;
    struct run_slot *second = &s->run->slots[run_second(s->run, (size_t)s->number - 1)];
    atomic_store(&second->pid, (int32_t)pid);
    second->born = pid ? run_born(pid) : 0;
}

/* opcache_folder is where PHP keeps what it compiled: each user has one, where nobody
 * else may write, for it is code. NULL: nothing is kept. */
static const char *opcache_folder(const struct work_options *o, struct arena *perm)
{
    struct stat st;
    bool made;
    char name[64];
    snprintf(name, sizeof(name), "framework/facteur/opcache-%u", (unsigned)geteuid());
    const char *path = app_storage(o->app, perm, name);
    if (o->php_no_opcache || !folder_given(path, (struct file_owner){0}, &made) ||
        lstat(path, &st) != 0)
        return NULL;
    bool ours = S_ISDIR(st.st_mode) && st.st_uid == geteuid();
    return ours && chmod(path, 0700) == 0 ? path : NULL;
}

static void warn(void *arg, struct str text)
{
    slot_warn(arg, text);
}

void php_print(struct slot *s, const struct queue_job *j, int64_t *begun_us,
               const struct job_news *n)
{
    static const enum print_status statuses[] = {[JOB_PROCESSING] = PRINT_RUNNING,
                                                 [JOB_PROCESSED] = PRINT_DONE,
                                                 [JOB_RELEASED] = PRINT_RELEASED,
                                                 [JOB_FAILED] = PRINT_FAILED};
    enum print_status status = statuses[n->what];
    if (status == PRINT_DONE && n->released)
        status = PRINT_BACK;
    if (status == PRINT_RUNNING)
        *begun_us = clock_mono_us();
    print_result(&s->print, j, status, clock_mono_us() - *begun_us,
                 status == PRINT_FAILED ? &n->why.failure : NULL, n->result);
}

/* other: its time is told from its own beginning. */
static void other(void *arg, const struct job_news *n)
{
    struct slot *s = arg;
    php_print(s, n->other, &s->inner_us, n);
}

/* options_of are those of every process of a master, but for who is told of it. */
static struct child_options options_of(const struct work_options *o,
                                       const struct php_share *php,
                                       const struct queue_settings *settings,
                                       struct arena *perm)
{
    return (struct child_options){
        .app = o->app,
        .php = php ? php->program : NULL,
        .opcache = php ? opcache_folder(o, perm) : NULL,
        .connection = settings->connection,
        .queues = o->queues.len ? o->queues : settings->queue,
        .work = {.name = o->name,
                 .backoff = o->retry.backoff,
                 .memory = o->memory,
                 .timeout = o->timeout,
                 .tries = o->retry.tries,
                 .max_jobs = o->max_jobs,
                 .max_time = o->max_time,
                 .sleep = o->sleep,
                 .rest = o->rest,
                 .force = o->force,
                 .stop_when_empty = o->stop_when_empty,
                 .once = o->once},
        .lines = o->verbosity >= 0,
        .argv = o->argv,
        .argc = o->argc,
        .jobs_max = o->php_max_jobs,
    };
}

struct executor *php_executor(struct slot *s, struct error *e)
{
    if (!s->others) {
        struct child_options o = options_of(s->o, s->php, s->settings, &s->life);
        o.lives = lives;
        o.warn = warn;
        o.other = other;
        o.arg = s;
        s->child = child_open(&o, e);
        s->others = s->child ? child_executor(s->child) : NULL;
    }
    return s->others;
}

/* === what the booted app says of itself === */

/* Nobody looks after this process but the kernel: it ends with the master. */
static void lives_alone(void *arg, pid_t pid)
{
    (void)arg;
    (void)pid;
}

static void runs_no_jobs(void *arg, const struct job_news *n)
{
    (void)arg;
    (void)n;
}

bool php_describe(const struct work_options *o, struct php_share *php,
                  const struct queue_settings *settings, struct arena *perm,
                  const struct php_hears *hears, struct error *e)
{
    struct child_options options = options_of(o, php, settings, perm);
    struct child_asks asks = {.classes = o->classes,
                              .events_ignored = o->events_ignored,
                              .tick = hears->tick,
                              .arg = hears->arg};
    options.work.once = true; /* no listener is told that a worker starts, or ends */
    options.lives = lives_alone;
    options.warn = hears->warn;
    options.other = runs_no_jobs;
    options.arg = hears->arg;
    struct child *c = child_open(&options, e);
    bool ok = c && child_describe(c, &asks, e);
    obey(php, c);
    child_close(c);
    return ok;
}

void php_begins_away(struct php_share *php)
{
    atomic_store(&php->failures, 1);
    atomic_store(&php->away_ms, clock_mono_ms() + AWAY_MIN_MS);
}

/* php_away: the app could not be booted. Its jobs are left alone until it can be. */
void php_away(struct slot *s, const struct error *why, int64_t took_ms)
{
    int64_t wait = AWAY_MIN_MS;
    int32_t failures = atomic_fetch_add(&s->php->failures, 1);
    for (; failures > 0 && wait < AWAY_MAX_MS; failures--)
        wait *= 2;
    wait = wait < AWAY_MAX_MS ? wait : AWAY_MAX_MS;
    wait = wait > took_ms * AWAY_SHARE ? wait : took_ms * AWAY_SHARE;
    atomic_store(&s->php->away_ms, clock_mono_ms() + wait);
    if (run_said(s->run, str_fmt(s->perm, "php %s", why->text)))
        slot_warn(s, str_fmt(s->perm,
                             "%s; until it can be, only jobs of classes that facteur "
                             "runs itself are taken",
                             why->text));
}

static bool beat(void *arg)
{
    struct slot *s = arg;
    slot_wait(s, 0);
    (void)lease_keep(s);
    return !s->stopping;
}

/* php_try boots the app again after it could not be: one slot at a time. */
void php_try(struct slot *s)
{
    struct error e = {0};
    int64_t now = clock_mono_ms(), away = s->php ? atomic_load(&s->php->away_ms) : 0;
    if (!s->php || !atomic_load(&s->php->failures) || now < away ||
        !atomic_compare_exchange_strong(&s->php->away_ms, &away, now + AWAY_MAX_MS))
        return;
    if (!php_executor(s, &e) || !child_boots(s->child, beat, s, &e)) {
        php_away(s, &e, clock_mono_ms() - now);
        return;
    }
    obey(s->php, s->child);
    atomic_store(&s->php->failures, 0);
    slot_warn(s, S("PHP boots the app again: jobs of all classes are taken"));
}

void php_idle(struct slot *s)
{
    if (s->child)
        child_idle(s->child);
}

/* tell_stopping: each worker of artisan's stops for a reason of its own; the slots of a
 * master stop together, for the first that one of them met. */
static void tell_stopping(struct slot *s)
{
    enum stop_reason why = (enum stop_reason)atomic_load(&s->run->head->stopped);
    if (s->child && why != STOP_NONE)
        child_stopping(s->child, why == STOP_MEMORY ? php_memory_code(s->php) : 0,
                       print_reason(why));
}

void php_close(struct slot *s)
{
    tell_stopping(s);
    child_close(s->child);
    s->child = NULL;
    s->others = NULL;
}

/* attempt_hand_over: said once for each reason. */
bool attempt_hand_over(struct attempt *a, const struct error *why)
{
    struct slot *s = a->s;
    struct error e = {0};
    char text[sizeof(why->text) + sizeof(why->file) + 32];
    struct executor *x = php_may_take(s) ? php_executor(s, &e) : NULL;
    if (!x)
        return false;
    err_print(why, text, sizeof(text));
    executor_leave(a->x);
    a->x = x;
    run_name(a->hold->now.executor, sizeof(a->hold->now.executor),
             str_from(executor_name(x)));
    run_publish(a->hold);
    if (run_said(s->run, str_fmt(s->perm, "handed over %s", text)))
        slot_warn(s, str_fmt(s->perm, "job %lld: %s; jobs that meet this are run by PHP",
                             (long long)a->job.id, text));
    return true;
}
