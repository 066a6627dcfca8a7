/* queue_retry.c: queue:retry: which failed jobs go back to their queues, and what is told
 * of it. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"

enum { BAR_FROM = 2 * FAILED_PAGE };

static const struct argument_row arguments[] = {
    {"id", false, true, "The ID of the failed job or \"all\" to retry all jobs"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"queue", OPTION_VALUE, NULL, "Retry all of the failed jobs for the specified queue"},
    {"range", OPTION_VALUE, NULL,
     "Range of job IDs (numeric) to be retried (e.g. 1-5), may be repeated"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct retry {
    struct queue_tools *t;
    struct failed_retry moves;
    struct encrypter *encrypter;
    bool silent, announced;
    bool bar; /* a progress bar stands for the lines */
    int64_t done, total;
};

/* === what is told === */

static void tell_refused(struct retry *r, struct str id, int64_t us)
{
    if (!r->silent && !r->t->console->plain)
        console_task(r->t->console, id, us, false);
}

static void tell_pushed(struct retry *r, struct str id, int64_t us)
{
    struct console *console = r->t->console;
    if (r->silent || r->bar)
        return;
    if (!console->plain) {
        console_task(console, id, us, true);
        return;
    }
    char text[512];
    snprintf(text, sizeof(text),
             "The failed job [%.*s] has been pushed back onto the queue!", STR_ARG(id));
    console_block(console, "INFO", str_from(text));
}

static void tell_missing(struct retry *r, struct str id)
{
    if (!r->silent)
        console_block(r->t->console, "ERROR",
                      str_fmt(&r->t->tmp, "Unable to find failed job with ID [%.*s].",
                              STR_ARG(id)));
}

/* announce says once that jobs go back; Laravel 8 says nothing before it has done it. */
static void announce(struct retry *r)
{
    if (r->announced)
        return;
    r->announced = true;
    if (!r->silent && !r->t->console->plain)
        console_block(r->t->console, "INFO",
                      S("Pushing failed queue jobs back onto the queue."));
}

static bool retry_chunk(struct retry *r, struct failed_chunk *c, struct error *e)
{
    int64_t begun = clock_mono_us();
    if (!failed_retry(&r->moves, c, e))
        return false;
    if (c->read)
        announce(r);
    int64_t each = (clock_mono_us() - begun) / (int64_t)(c->len ? c->len : 1);
    for (size_t i = 0; i < c->len; i++)
        tell_pushed(r, c->jobs[i].id, each);
    r->done += (int64_t)c->len;
    if (r->bar && c->len)
        console_progress(r->t->console, r->done, r->total);
    if (c->refused.kind == ERR_NONE)
        return true;
    if (r->bar)
        console_newline(r->t->console);
    tell_refused(r, c->jobs[c->len].id, each);
    *e = c->refused;
    return false;
}

/* === which jobs === */

static bool retry_one(struct retry *r, struct str id, struct error *e)
{
    arena_reset(&r->t->tmp);
    struct failed_chunk c = {.id = id};
    if (!retry_chunk(r, &c, e))
        return false;
    if (c.read == 0)
        tell_missing(r, id);
    return true;
}

static bool retry_walk(struct retry *r, struct failed_walk walk, struct error *e)
{
    struct failed_chunk c;
    walk.lock = true;
    if (isatty(STDOUT_FILENO)) {
        if (!failed_count(r->t->failed, &walk, r->t->tmp, &r->total, e))
            return false;
        r->bar = r->total >= BAR_FROM;
    }
    do {
        arena_reset(&r->t->tmp);
        c = (struct failed_chunk){.walk = &walk};
        if (!retry_chunk(r, &c, e))
            return false;
    } while (c.read);
    if (r->bar)
        console_newline(r->t->console);
    return true;
}

struct range {
    int64_t from, to; /* to may be the smaller one: then it goes down */
};

static bool only_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0;
}

/* range_of reads "1-5"; whatever else --range holds is passed over, as in Laravel. */
static bool range_of(const char *text, struct range *out)
{
    struct cut ends = str_cut(str_from(text), '-');
    return ends.ok && only_digits(ends.head) && only_digits(ends.tail) &&
           str_to_i64(ends.head, &out->from) && str_to_i64(ends.tail, &out->to);
}

static bool in_range(struct range r, int64_t n)
{
    return r.from <= r.to ? n >= r.from && n <= r.to : n <= r.from && n >= r.to;
}

/* named_before: each id is tried once. */
static bool named_before(const struct invocation *in, size_t args, struct str id)
{
    for (size_t i = 0; i < args; i++)
        if (str_eq(str_from(argument(in, i)), id))
            return true;
    return false;
}

static bool ranged_before(const struct invocation *in, size_t ranges, int64_t n)
{
    struct range r;
    for (size_t i = 0; i < ranges; i++)
        if (range_of(option_value(in, "range", i), &r) && in_range(r, n))
            return true;
    return false;
}

static bool retry_range(struct retry *r, size_t which, struct range range,
                        struct error *e)
{
    const struct invocation *in = r->t->in;
    int64_t step = range.from <= range.to ? 1 : -1;
    for (int64_t n = range.from; in_range(range, n); n += step) {
        char id[24];
        snprintf(id, sizeof(id), "%lld", (long long)n);
        if (n == 0 || ranged_before(in, which, n) ||
            named_before(in, in->arguments.len, str_from(id)))
            continue;
        announce(r);
        if (!retry_one(r, str_from(id), e))
            return false;
    }
    return true;
}

static bool retry_named(struct retry *r, struct error *e)
{
    const struct invocation *in = r->t->in;
    struct range range;
    for (size_t i = 0; i < in->arguments.len; i++) {
        struct str id = str_from(argument(in, i));
        if (!php_truthy(php_string(id)) || named_before(in, i, id))
            continue;
        announce(r);
        if (!retry_one(r, id, e))
            return false;
    }
    for (size_t i = 0; option_value(in, "range", i); i++)
        if (range_of(option_value(in, "range", i), &range) &&
            !retry_range(r, i, range, e))
            return false;
    return true;
}

static bool retry_queue(struct retry *r, struct str queue, struct error *e)
{
    struct failed_walk walk = {.of_queue = true, .queue = queue};
    if (!retry_walk(r, walk, e))
        return false;
    if (!r->announced)
        console_block(r->t->console, "ERROR",
                      str_fmt(&r->t->perm, "Unable to find failed jobs for queue [%.*s].",
                              STR_ARG(queue)));
    return true;
}

/* === entry points === */

static enum retry_until until(void *arg, const struct php_object *command, int64_t *out)
{
    struct queue_tools *t = arg;
    return jobs_retry_until(t->app, command, &t->tmp, out);
}

static struct queue_table *table_of(void *arg, struct str connection, struct error *e)
{
    return queue_tools_table(arg, connection, e);
}

static struct retry retry_open(struct queue_tools *t)
{
    struct error no_key = {0};
    struct retry r = {.t = t, .encrypter = encrypter_open(t->app, &no_key)};
    r.moves = (struct failed_retry){.failed = t->failed,
                                    .payload = {.encrypter = r.encrypter,
                                                .now = clock_unix(),
                                                .until = until,
                                                .arg = t},
                                    .table = table_of,
                                    .arg = t,
                                    .tmp = &t->tmp};
    return r;
}

bool retry_job(struct queue_tools *t, struct str id, bool aloud, struct error *e)
{
    struct retry r = retry_open(t);
    r.silent = !aloud;
    bool ok = retry_one(&r, id, e);
    encrypter_close(r.encrypter);
    return ok;
}

static bool retry_asked(struct retry *r, struct error *e)
{
    const struct invocation *in = r->t->in;
    struct str queue = option_text(in, "queue");
    if (in->arguments.len == 1 && strcmp(argument(in, 0), "all") == 0)
        return retry_walk(r, (struct failed_walk){0}, e);
    if (php_truthy(php_string(queue)))
        return retry_queue(r, queue, e);
    return retry_named(r, e);
}

static int retry(struct queue_tools *t, struct error *e)
{
    if (!queue_tools_failed(t, e))
        return 1;
    struct retry r = retry_open(t);
    bool ok = retry_asked(&r, e);
    encrypter_close(r.encrypter);
    if (!ok)
        return 1;
    if (t->console->plain)
        return 0;
    if (r.announced)
        console_newline(t->console);
    else
        console_block(t->console, "INFO", S("No retryable jobs found."));
    return 0;
}

static int run(struct invocation *in, struct error *e)
{
    return queue_tools_run(in, retry, e);
}

const struct command command_queue_retry = {
    .name = "queue:retry",
    .help = "Retry a failed queue job",
    .arguments = arguments,
    .options = options,
    .run = run,
};
