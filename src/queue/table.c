/* table.c: a connection's table as the commands beside the worker use it. */
#include "queue/queue_imp.h"

struct queue_table {
    struct queue_settings set;
    struct db *db;
    struct str insert, insert_many, clear, sizes, names;
};

static struct str many_rows(struct arena *perm, size_t rows)
{
    struct buf b = buf_new(perm, 64 << 10);
    for (size_t i = 0; i < rows; i++)
        buf_add(&b, i ? S(", (?, 0, null, ?, ?, ?)") : S("(?, 0, null, ?, ?, ?)"));
    return buf_str(&b);
}

struct queue_table *queue_table_open(struct app *app, struct db_pool *pool,
                                     struct str connection, struct arena *perm,
                                     struct error *e)
{
    struct queue_table *t = NEW(perm, struct queue_table, 1);
    if (!queue_settings_load(app, connection, perm, &t->set, e))
        return NULL;
    t->db = db_pool_session(pool, t->set.db_setting, t->set.db_connection, e);
    if (!t->db)
        return NULL;
    struct db_var vars[] = {
        {"jobs", db_table(perm, db_settings(t->db), t->set.table)},
        {"rows", many_rows(perm, QUEUE_PUSH)},
    };
    struct {
        const char *name;
        struct str *sql;
    } texts[] = {
        {"insert", &t->insert}, {"insert_many", &t->insert_many},
        {"clear", &t->clear},   {"sizes", &t->sizes},
        {"names", &t->names},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].sql = db_sql(perm, texts[i].name, vars, COUNT(vars));
    return t;
}

const struct queue_settings *queue_table_settings(const struct queue_table *t)
{
    return &t->set;
}

struct db *queue_table_db(const struct queue_table *t)
{
    return t->db;
}

/* === pushing === */

/* named: of a name that PHP takes for false, "" or "0", the connection's queue is meant.
 */
static struct str named(const struct queue_table *t, struct str queue)
{
    return php_truthy(php_string(queue)) ? queue : queue_table_settings(t)->queue;
}

static bool push_many(struct queue_table *t, const struct queue_push *jobs,
                      struct arena tmp, struct error *e)
{
    struct db_arg *args = NEW(&tmp, struct db_arg, QUEUE_PUSH * 4);
    int64_t now = clock_unix();
    for (size_t i = 0; i < QUEUE_PUSH; i++) {
        args[i * 4] = db_text(named(t, jobs[i].queue));
        args[i * 4 + 1] = db_int(queue_available(jobs[i].delay, now));
        args[i * 4 + 2] = db_int(now);
        args[i * 4 + 3] = db_text(jobs[i].payload);
    }
    return db_run(t->db, t->insert_many, args, QUEUE_PUSH * 4, &tmp, NULL, e);
}

static bool push_one(struct queue_table *t, const struct queue_push *job,
                     struct arena tmp, struct error *e)
{
    int64_t now = clock_unix();
    struct db_arg args[] = {db_text(named(t, job->queue)), db_int(0),
                            db_int(queue_available(job->delay, now)), db_int(now),
                            db_text(job->payload)};
    return db_run(t->db, t->insert, args, COUNT(args), &tmp, NULL, e);
}

bool queue_table_push(struct queue_table *t, const struct queue_push *jobs, size_t len,
                      struct arena tmp, struct error *e)
{
    if (len == QUEUE_PUSH)
        return push_many(t, jobs, tmp, e);
    for (size_t i = 0; i < len; i++)
        if (!push_one(t, &jobs[i], tmp, e))
            return false;
    return true;
}

/* === clearing and counting === */

bool queue_table_clear(struct queue_table *t, struct str queue, struct arena tmp,
                       int64_t *cleared, struct error *e)
{
    struct db_arg args[] = {db_text(named(t, queue))};
    struct db_result r;
    if (!db_run(t->db, t->clear, args, 1, &tmp, &r, e))
        return false;
    *cleared = (int64_t)r.matched;
    return true;
}

bool queue_table_sizes(struct queue_table *t, struct str queue, struct arena tmp,
                       struct queue_sizes *out, struct error *e)
{
    int64_t now = clock_unix();
    struct db_arg args[] = {db_int(now), db_int(now), db_int(now),
                            db_text(named(t, queue))};
    struct db_result r;
    if (!db_run(t->db, t->sizes, args, COUNT(args), &tmp, &r, e))
        return false;
    *out = (struct queue_sizes){
        .all = php_to_int(db_cell(&r, 0, "size")),
        .pending = php_to_int(db_cell(&r, 0, "pending")),
        .delayed = php_to_int(db_cell(&r, 0, "delayed")),
        .reserved = php_to_int(db_cell(&r, 0, "reserved")),
        .has_oldest = db_cell(&r, 0, "oldest").type != PHP_NULL,
        .oldest = php_to_int(db_cell(&r, 0, "oldest")),
    };
    return true;
}

bool queue_table_names(struct queue_table *t, struct arena *perm, struct str **names,
                       size_t *len, struct error *e)
{
    struct db_result r;
    if (!db_run(t->db, t->names, NULL, 0, perm, &r, e))
        return false;
    *names = NEW(perm, struct str, r.rows + 1);
    for (*len = 0; *len < r.rows; ++*len)
        (*names)[*len] = db_cell(&r, *len, "queue").s;
    return true;
}
