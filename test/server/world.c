#include "world.h"

const struct queue_class letter_classes[1] = {
    {.name = LETTER_CLASS, .sieve = "SendVolunteerLetterJob"}};

/* === what the queue says === */

static void on_foreign(void *arg, struct str queue, struct str class_name,
                       const char *reason)
{
    struct world *w = arg;
    (void)queue;
    buf_fmt(&w->said, "foreign %.*s%s%s;", STR_ARG(class_name), reason ? " " : "",
            reason ? reason : "");
}

static void on_unreadable(void *arg, struct str queue, int64_t id)
{
    struct world *w = arg;
    (void)queue;
    buf_fmt(&w->said, "unreadable %lld;", (long long)id);
}

static void on_refused(void *arg, struct str queue, int64_t id, const char *why,
                       const char *then)
{
    struct world *w = arg;
    (void)queue;
    note("%s", why);
    buf_fmt(&w->said, "refused %lld, %s;", (long long)id, then);
}

static void on_warning(void *arg, struct str text)
{
    struct world *w = arg;
    buf_fmt(&w->said, "%.*s;", STR_ARG(text));
}

static const char *accepts(void *arg, struct queue_job *j, struct arena *perm)
{
    struct world *w = arg;
    (void)perm;
    w->asked++;
    return w->but && str_eq(j->payload.uuid, str_from(w->but)) ? NULL : w->refuses;
}

static bool takes_all(void *arg)
{
    const struct world *w = arg;
    return w->takes_all;
}

static uint64_t stamp(void *arg)
{
    struct world *w = arg;
    return w->stamp;
}

/* === opening === */

static void run_file(const char *path)
{
    struct error e = {0};
    struct str text;
    assert_ok(file_read(path, 1 << 20, &memory, &text, &e), e);
    sql("%.*s", STR_ARG(text));
}

/* heard: what is said during a claim must not lie among what the claim gives back. */
static struct buf heard(void)
{
    struct buf b = buf_new(&memory, 1 << 20);
    buf_fmt(&b, "%*s", 1 << 16, "");
    b.len = 0;
    return b;
}

struct world *world_new(void)
{
    struct world *w = NEW(&memory, struct world, 1);
    /* A test that failed may have left a transaction open. */
    sql_kill_others();
    sql("drop table if exists jobs, failed_jobs");
    run_file("sql/schema/jobs.sql");
    run_file("sql/schema/failed_jobs.sql");
    w->server = settings_of_server();
    w->settings = (struct queue_settings){
        .connection = S("database"),
        .table = S("jobs"),
        .queue = S("default"),
        .retry_after = 90,
        .failed = {.driver = FAILED_UUIDS, .table = S("failed_jobs")}};
    w->queues[0] = S("default");
    w->queues_len = 1;
    w->said = heard();
    return w;
}

static void open_queue(struct world *w)
{
    struct error e = {0};
    struct queue_options o = {.settings = &w->settings,
                              .db = w->db,
                              .failed = w->failed,
                              .watch = w->watch,
                              .queues = w->queues,
                              .queues_len = w->queues_len,
                              .classes = letter_classes,
                              .classes_len = 1,
                              .accepts = accepts,
                              .stamp = stamp,
                              .takes_all = takes_all,
                              .held = w->held,
                              .foreign = on_foreign,
                              .unreadable = on_unreadable,
                              .refused = on_refused,
                              .warn = w->compares ? on_warning : NULL,
                              .arg = w};
    w->q = queue_new(&o, &e);
    if (!w->q)
        fail_msg("%s", e.text);
}

void world_open(struct world *w)
{
    struct error e = {0};
    w->db = db_new(&w->server);
    w->failed_db = w->failed_server.name.len ? db_new(&w->failed_server) : w->db;
    w->failed = failed_new(&w->settings.failed, w->failed_db, &e);
    if (!w->watch)
        w->watch = watch_new(w->queues_len, &e);
    if (!w->watch)
        fail_msg("%s", e.text);
    open_queue(w);
}

struct world *world_slot(struct world *first)
{
    struct world *w = NEW(&memory, struct world, 1);
    *w = *first;
    w->said = heard();
    world_open(w);
    return w;
}

void world_close(struct world *w)
{
    queue_drop(w->q);
    failed_drop(w->failed);
    if (w->failed_db != w->db)
        db_drop(w->failed_db);
    db_drop(w->db);
}

/* === rows === */

struct str letter_json(const char *uuid, const char *more)
{
    struct buf b = buf_new(&memory, 1 << 20);
    buf_fmt(&b,
            "{\"uuid\":\"%s\",\"displayName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\","
            "\"job\":\"Illuminate\\\\Queue\\\\CallQueuedHandler@call\",\"maxTries\":3,"
            "\"maxExceptions\":null,\"failOnTimeout\":false,\"backoff\":null,"
            "\"timeout\":120,\"retryUntil\":null,%s\"data\":{\"commandName\":"
            "\"App\\\\Jobs\\\\SendVolunteerLetterJob\",\"command\":"
            "\"O:31:\\\"App\\\\Jobs\\\\SendVolunteerLetterJob\\\":2:{"
            "s:9:\\\"\\u0000*\\u0000clubId\\\";i:1;s:12:\\\"\\u0000*\\u0000teacherId"
            "\\\";i:2;}\"}}",
            uuid, more);
    return buf_str(&b);
}

struct str foreign_json(const char *class_name, const char *body)
{
    struct buf b = buf_new(&memory, 64 << 20);
    struct str name = str_replace(&memory, str_from(class_name), S("\\"), S("\\\\"));
    buf_fmt(&b,
            "{\"uuid\":\"9c8b\",\"displayName\":\"%.*s\",\"job\":"
            "\"Illuminate\\\\Queue\\\\CallQueuedHandler@call\",\"data\":{\"commandName\":"
            "\"%.*s\",\"command\":\"%s\"}}",
            STR_ARG(name), STR_ARG(name), body);
    return buf_str(&b);
}

int64_t add_job(const char *queue, struct str payload)
{
    struct buf b = buf_new(NULL, 128 << 20);
    for (size_t i = 0; i < payload.len; i++)
        buf_fmt(&b, "%02x", (unsigned char)payload.ptr[i]);
    sql("insert into jobs (queue, payload, attempts, available_at, created_at) values "
        "('%s', x'%.*s', 0, %lld, %lld)",
        queue, STR_ARG(buf_str(&b)), (long long)clock_unix(), (long long)clock_unix());
    buf_drop(&b);
    return sql_int("select last_insert_id()");
}

void add_foreign(int64_t rows)
{
    struct str json = foreign_json("App\\Jobs\\SendInvoiceJob", "%s");
    struct cut parts = str_cut(json, '%');
    struct str head = str_replace(&memory, parts.head, S("\\"), S("\\\\"));
    sql("insert into jobs (queue, payload, attempts, available_at, created_at) "
        "select 'default', concat('%.*s', repeat('x', 750), '%.*s'), 0, %lld, %lld "
        "from %s",
        STR_ARG(head), STR_ARG(str_skip(parts.tail, 1)), (long long)clock_unix(),
        (long long)clock_unix(), numbers(rows));
}

/* === a pass === */

void world_look(struct world *w)
{
    struct error e = {0};
    for (size_t i = 0; i < w->queues_len; i++)
        do
            assert_ok(queue_look(w->q, i, &e), e);
        while (queue_unfinished(w->q));
}

bool world_turn(struct world *w, size_t which, struct queue_job *out, bool *found,
                struct error *e)
{
    struct claim take = {
        .which = which, .any = w->any, .others = w->others, .perm = &memory, .job = out};
    bool ok = queue_turn(w->q, NULL, &take, e);
    *found = take.found;
    return ok;
}

int64_t world_claim(struct world *w, struct queue_job *out)
{
    struct error e = {0};
    bool found = false;
    for (size_t i = 0; i < w->queues_len && !found; i++)
        do
            assert_ok(world_turn(w, i, out, &found, &e), e);
        while (!found && queue_unfinished(w->q));
    if (!found) {
        assert_false(db_in_transaction(w->db));
        return 0;
    }
    assert_true(db_in_transaction(w->db));
    assert_ok(db_commit(w->db, &e), e);
    return out->id;
}

int64_t world_next(struct world *w, struct queue_job *out)
{
    world_look(w);
    return world_claim(w, out);
}
