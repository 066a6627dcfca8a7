/* tools.c: what several commands share that is of no queue and no letter. */
#include "cli/cli_imp.h"
#include "facteur/child.h"

enum { PHP_TIMEOUT_S = 60, PHP_MEMORY_MB = 128, PHP_SLEEP_S = 3 };

static void lives(void *arg, pid_t pid)
{
    (void)arg;
    (void)pid; /* it ends with this process */
}

static void no_jobs(void *arg, const struct job_news *n)
{
    (void)arg;
    (void)n;
}

bool always(void *arg)
{
    (void)arg;
    return true;
}

bool php_like_worker(struct app *app, const struct queue_settings *queue,
                     struct arena *perm, struct child_options *out, struct error *e)
{
    static const char *const line[] = {"artisan", "queue:work"};
    void (*warn)(void *arg, struct str text) = out->warn;
    *out = (struct child_options){.app = app,
                                  .connection = queue->connection,
                                  .queues = queue->queue,
                                  .work = {.name = S("default"),
                                           .backoff = S("0"),
                                           .memory = PHP_MEMORY_MB,
                                           .timeout = PHP_TIMEOUT_S,
                                           .sleep = PHP_SLEEP_S,
                                           .tries = 1,
                                           .once = true},
                                  .argv = line,
                                  .argc = COUNT(line),
                                  .lives = lives,
                                  .warn = warn,
                                  .other = no_jobs,
                                  .arg = out->arg};
    return child_find(app, perm, &out->php, e);
}

json_t *json_text(struct str s)
{
    json_t *text = json_stringn(s.ptr, s.len);
    return text ? text : json_string("(not well-formed)");
}
