/* queue_work.c: queue:work. */
#include <stdlib.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"
#include "facteur/worker.h"

enum { WORKERS_MAX = 256 };

static const struct argument_row arguments[] = {
    {"connection", false, false, "The name of the queue connection to work"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"name", OPTION_VALUE, "default", "The name of the worker"},
    {"queue", OPTION_VALUE, NULL, "The names of the queues to work, in order"},
    {"daemon", OPTION_FLAG, NULL, "Run the worker in daemon mode (accepted, no effect)"},
    {"once", OPTION_FLAG, NULL, "Only process the next job on the queue"},
    {"stop-when-empty", OPTION_FLAG, NULL, "Stop when the queue is empty"},
    {"stop-when-empty-for", OPTION_VALUE, "0",
     "Stop when the queue was empty for this many seconds"},
    {"delay", OPTION_VALUE, "0",
     "The number of seconds to delay failed jobs (Deprecated)"},
    {"backoff", OPTION_VALUE, "0",
     "The number of seconds to wait before retrying a job, or a list: 1,5,10"},
    {"max-jobs", OPTION_VALUE, "0", "The number of jobs to process before stopping"},
    {"max-time", OPTION_VALUE, "0", "The number of seconds the worker should run"},
    {"force", OPTION_FLAG, NULL, "Run even in maintenance mode"},
    {"memory", OPTION_VALUE, "128", "The memory limit of a slot in megabytes"},
    {"sleep", OPTION_VALUE, "3",
     "The number of seconds to sleep when no job is available"},
    {"rest", OPTION_VALUE, "0", "The number of seconds to rest between jobs"},
    {"timeout", OPTION_VALUE, "60", "The number of seconds a job can run"},
    {"tries", OPTION_VALUE, "1", "The number of times to attempt a job"},
    {"json", OPTION_FLAG, NULL, "Print a JSON object per line"},
    {"workers", OPTION_VALUE, "1", "The number of slots: jobs run at the same time"},
    {"php", OPTION_VALUE, "auto",
     "Who runs jobs of other classes: auto (the app's own PHP), all (it runs every job), "
     "off"},
    {"native-events", OPTION_VALUE, "php",
     "Where the app listens to jobs' events: php (it runs the letters), ignore (its "
     "listeners are not told of letters)"},
    {"prove", OPTION_VALUE, "3",
     "How many letters of a kind PHP runs, and are compared with facteur's, before "
     "facteur runs its like (0: none)"},
    {"prove-every", OPTION_VALUE, "1000",
     "One of how many letters that facteur runs is compared with PHP's (0: none)"},
    {"php-slots", OPTION_VALUE, "0", "How many slots may have a PHP process (0: all)"},
    {"no-php-opcache", OPTION_FLAG, NULL,
     "Keep nothing of what the PHP processes compile"},
    {"php-max-jobs", OPTION_VALUE, "0",
     "The number of jobs after which a PHP process is renewed"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static bool flag(const struct invocation *in, const char *name)
{
    const char *ignored;
    return option_given(in, name, &ignored);
}

/* backoff is the larger of --backoff and the older --delay, as PHP's max() sees them. */
static struct str backoff(const struct invocation *in)
{
    struct str backoff = option_text(in, "backoff"), delay = option_text(in, "delay");
    return php_compare(php_string(backoff), php_string(delay)) >= 0 ? backoff : delay;
}

/* read_php: FACTEUR_PHP stands in where the option is not given. */
static bool read_php(const struct invocation *in, struct work_options *o, struct error *e)
{
    static const char *const words[] = {
        [WORK_PHP_OFF] = "off", [WORK_PHP_AUTO] = "auto", [WORK_PHP_ALL] = "all"};
    const char *given, *variable = getenv("FACTEUR_PHP");
    struct str word = option_text(in, "php");
    bool named = option_given(in, "php", &given);
    if (!named && variable && *variable)
        word = str_from(variable);
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq(word, str_from(words[i]))) {
            o->php = (enum work_php)i;
            return true;
        }
    return err_set(e, ERR_FATAL, "%s is \"%.*s\", expected auto, all or off.",
                   named ? "--php" : "FACTEUR_PHP", STR_ARG(word));
}

static bool read_events(const struct invocation *in, struct work_options *o,
                        struct error *e)
{
    struct str word = option_text(in, "native-events");
    o->events_ignored = str_eq(word, S("ignore"));
    return o->events_ignored || str_eq(word, S("php")) ||
           err_set(e, ERR_FATAL, "--native-events is \"%.*s\", expected php or ignore.",
                   STR_ARG(word));
}

/* read_prove: FACTEUR_PROVE stands in where the option is not given. */
static bool read_prove(const struct invocation *in, struct work_options *o,
                       struct error *e)
{
    const char *given, *variable = getenv("FACTEUR_PROVE");
    int64_t number;
    o->prove = option_int(in, "prove");
    if (option_given(in, "prove", &given) || !variable || !*variable)
        return true;
    if (!str_to_i64(str_from(variable), &number))
        return err_set(e, ERR_FATAL, "FACTEUR_PROVE is \"%s\", expected a number.",
                       variable);
    o->prove = number;
    return true;
}

/* own_option: artisan knows nothing of it, or it says where the app is. */
static bool own_option(const char *arg)
{
    static const char *const own[] = {
        "--app", "--workers", "--php", "--no-php-opcache", "--native-events", "--prove"};
    for (size_t i = 0; i < COUNT(own); i++)
        if (str_starts(str_from(arg), str_from(own[i])))
            return true;
    return false;
}

/* artisan_line is the command line that the app is to see: packages ask it what runs. */
static void artisan_line(struct invocation *in, struct work_options *o)
{
    const char **line = NEW(&in->perm, const char *, in->argc + 2);
    size_t n = 0;
    bool named = false;
    line[n++] = "artisan";
    line[n++] = in->command->name;
    for (size_t i = 1; i < in->argc; i++) {
        bool is_name = !named && in->argv[i] == in->name;
        named = named || is_name;
        if (is_name)
            continue;
        if (!own_option(in->argv[i]))
            line[n++] = in->argv[i];
        else if (!strchr(in->argv[i], '=') && strncmp(in->argv[i], "--no-", 5) != 0)
            i++; /* its value */
    }
    o->argv = line;
    o->argc = n;
}

static bool read_options(const struct invocation *in, struct work_options *o,
                         struct error *e)
{
    int64_t workers = option_int(in, "workers");
    if (workers < 1 || workers > WORKERS_MAX)
        return err_set(e, ERR_FATAL, "--workers is \"%.*s\", expected 1 to %d.",
                       STR_ARG(option_text(in, "workers")), WORKERS_MAX);
    *o = (struct work_options){
        .classes = job_classes,
        .connection = str_from(argument(in, 0)),
        .queues = option_text(in, "queue"),
        .workers = (int)workers,
        .once = flag(in, "once"),
        .stop_when_empty = flag(in, "stop-when-empty"),
        .stop_when_empty_for = option_int(in, "stop-when-empty-for"),
        .json = flag(in, "json"),
        .force = flag(in, "force"),
        .max_jobs = option_int(in, "max-jobs"),
        .max_time = option_int(in, "max-time"),
        .memory = option_int(in, "memory"),
        .timeout = option_int(in, "timeout"),
        .sleep = option_float(in, "sleep"),
        .rest = option_float(in, "rest"),
        .retry = {.tries = option_int(in, "tries"), .backoff = backoff(in)},
        .name = option_text(in, "name"),
        .php_slots = (int)option_int(in, "php-slots"),
        .php_no_opcache = flag(in, "no-php-opcache"),
        .php_max_jobs = option_int(in, "php-max-jobs"),
        .prove_every = option_int(in, "prove-every"),
        .proves = letter_prove_one,
        .verbosity = in->verbosity,
        .colour = in->colours,
    };
    if (o->once)
        o->workers = 1;
    return read_php(in, o, e) && read_events(in, o, e) && read_prove(in, o, e);
}

static int run(struct invocation *in, struct error *e)
{
    struct work_options o;
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    if (!read_options(in, &o, e))
        return 1;
    artisan_line(in, &o);
    o.app = app_open(&where, e);
    if (!o.app)
        return 1;
    int code = jobs_readable(o.app, job_classes, e) ? worker_run(&o, e) : 1;
    app_close(o.app);
    return code;
}

const struct command command_queue_work = {
    .name = "queue:work",
    .help = "Start processing jobs on the queue as a daemon",
    .arguments = arguments,
    .options = options,
    .run = run,
};
