/* queue_retry.c: queue:retry: failed jobs go back to their queues, in chunks of one
 * transaction each, so that a job is in one of the two tables, never in both or none.
 *
 * Where the tables live on two connections, jobs are pushed and committed first: what a
 * crash leaves behind is then in both, as with Laravel's own command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"

enum { RETRY_TRIES = 5, BAR_FROM = 2 * FAILED_PAGE };

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
    struct retry_payload payload;
    struct encrypter *encrypter;
    bool silent, announced;
    bool bar; /* a progress bar stands for the lines */
    int64_t done, total;
};

/* === one chunk === */

struct chunk {
    struct retry *r;
    struct failed_walk *walk; /* NULL: the one job `id` */
    struct str id;
    struct failed_job *jobs; /* as they were read */
    size_t read, len;        /* the first `len` of them go back together */
    bool pushed;             /* and are committed, on a connection of their own */
    bool unknown;            /* whether they are, nobody can tell */
    struct error refused;    /* why jobs[len] cannot go back, which ends the command */
};

static bool chunk_read(struct chunk *c, struct error *e)
{
    struct queue_tools *t = c->r->t;
    if (c->walk)
        return failed_next(t->failed, c->walk, &t->tmp, &c->jobs, &c->read, e);
    if (!failed_find(t->failed, c->id, true, &t->tmp, &c->jobs, e))
        return false;
    c->read = c->jobs ? 1 : 0;
    return true;
}

/* chunk_prepare makes the payloads anew, and cuts the chunk before a job that is for
 * another connection's table, or cannot go back at all. */
static struct queue_table *chunk_prepare(struct chunk *c, struct queue_push *push)
{
    struct queue_tools *t = c->r->t;
    struct queue_table *table = NULL, *its;
    err_clear(&c->refused);
    for (c->len = 0; c->len < c->read; c->len++) {
        const struct failed_job *job = &c->jobs[c->len];
        its = queue_tools_table(t, job->connection, &c->refused);
        push[c->len] = (struct queue_push){.queue = job->queue};
        if (!its || (table && its != table) ||
            !queue_retry_payload(&c->r->payload, job->payload, &t->tmp,
                                 &push[c->len].payload, &c->refused))
            break;
        table = its;
    }
    if (c->len < c->read && c->walk) /* what is left is met again */
        c->walk->below = c->jobs[c->len].row + 1;
    return table;
}

/* push_apart pushes in a transaction of the jobs' own connection. */
static bool push_apart(struct chunk *c, struct queue_table *table,
                       const struct queue_push *push, struct error *e)
{
    struct db *db = queue_table_db(table);
    if (!db_begin(db, e))
        return false;
    if (!queue_table_push(table, push, c->len, c->r->t->tmp, e)) {
        db_rollback(db);
        return false;
    }
    c->unknown = true;
    if (!db_commit(db, e)) {
        db_rollback(db);
        return false;
    }
    c->unknown = false;
    c->pushed = true;
    return true;
}

static bool chunk_move(struct chunk *c, struct error *e)
{
    struct queue_tools *t = c->r->t;
    struct queue_push push[FAILED_PAGE];
    if (!chunk_read(c, e))
        return false;
    struct queue_table *table = chunk_prepare(c, push);
    if (c->len == 0)
        return true;
    bool ok = queue_table_db(table) == failed_db(t->failed)
                  ? queue_table_push(table, push, c->len, t->tmp, e)
                  : push_apart(c, table, push, e);
    return ok && failed_remove(t->failed, c->jobs, c->len, t->tmp, e);
}

static bool chunk_transact(struct chunk *c, bool *in_commit, struct error *e)
{
    struct queue_tools *t = c->r->t;
    struct db *db = failed_db(t->failed);
    *in_commit = false;
    if (db && !db_begin(db, e))
        return false;
    /* What has been pushed already only waits to be forgotten. */
    if (!(c->pushed ? failed_remove(t->failed, c->jobs, c->len, t->tmp, e)
                    : chunk_move(c, e)))
        return false;
    *in_commit = true;
    return !db || db_commit(db, e);
}

/* chunk_gone decides what a COMMIT did whose answer was lost. */
static bool chunk_gone(struct chunk *c, bool *gone, struct error *e)
{
    struct queue_tools *t = c->r->t;
    struct failed_job *job;
    if (c->len == 0 || c->pushed)
        return true;
    if (!failed_find(t->failed, c->jobs[0].id, false, &t->tmp, &job, e))
        return false;
    *gone = !job;
    return true;
}

static void wait_a_little(int tries)
{
    unsigned base = 20000u << tries;
    usleep(base + (unsigned)random() % base);
}

/* chunk_run moves one chunk; after a deadlock or a lost connection it begins again. */
static bool chunk_run(struct chunk *c, struct error *e)
{
    struct failed_walk before = c->walk ? *c->walk : (struct failed_walk){0};
    struct db *db = failed_db(c->r->t->failed);
    bool in_commit, gone = false;
    for (int tries = 0; !chunk_transact(c, &in_commit, e); tries++) {
        bool lost = e->kind == ERR_LOST;
        if (db)
            db_rollback(db);
        if ((!lost && e->kind != ERR_AGAIN) || c->unknown || tries == RETRY_TRIES)
            return false;
        err_clear(e);
        wait_a_little(tries);
        if (in_commit && lost && !chunk_gone(c, &gone, e))
            return false;
        if (gone)
            return true;
        if (c->walk && !c->pushed)
            *c->walk = before;
    }
    return true;
}

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

static bool retry_chunk(struct retry *r, struct chunk *c, struct error *e)
{
    int64_t begun = clock_mono_us();
    c->r = r;
    if (!chunk_run(c, e))
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
    struct chunk c = {.id = id};
    if (!retry_chunk(r, &c, e))
        return false;
    if (c.read == 0)
        tell_missing(r, id);
    return true;
}

static bool retry_walk(struct retry *r, struct failed_walk walk, struct error *e)
{
    struct chunk c;
    walk.lock = true;
    if (isatty(STDOUT_FILENO)) {
        if (!failed_count(r->t->failed, &walk, r->t->tmp, &r->total, e))
            return false;
        r->bar = r->total >= BAR_FROM;
    }
    do {
        arena_reset(&r->t->tmp);
        c = (struct chunk){.walk = &walk};
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

static struct retry retry_open(struct queue_tools *t)
{
    struct error no_key = {0};
    struct retry r = {.t = t, .encrypter = encrypter_open(t->app, &no_key)};
    r.payload = (struct retry_payload){
        .encrypter = r.encrypter, .now = clock_unix(), .until = until, .arg = t};
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
