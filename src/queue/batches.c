/* batches.c: the table job_batches, as a worker and queue:prune-batches and
 * queue:retry-batch use it.
 */
#include "queue/queue_imp.h"

enum { IDS_MAX = 64 << 20 }; /* of failed_job_ids */

struct batch_table {
    struct db *db;
    struct str failed_ids, prune[BATCH_PRUNES];
    struct str find, lock, count, finished, cancelled;
};

static bool load(struct app *app, struct str *connection, struct str *table,
                 struct error *e)
{
    struct str driver;
    if (!app_config_string(app, "queue.batching.driver", S("database"), &driver, e) ||
        !app_config_string(app, "queue.batching.database", S(""), connection, e) ||
        !app_config_string(app, "queue.batching.table", S("job_batches"), table, e))
        return false;
    if (str_eq(driver, S("dynamodb")))
        return err_set(e, ERR_FATAL,
                       "queue.batching.driver is \"dynamodb\": facteur knows batches in "
                       "a database only");
    return true;
}

struct batch_table *batch_table_open(struct app *app, struct db_pool *pool,
                                     struct arena *perm, struct error *e)
{
    struct batch_table *t = NEW(perm, struct batch_table, 1);
    struct str connection, table;
    if (!load(app, &connection, &table, e))
        return NULL;
    t->db = db_pool_session(pool, "queue.batching.database", connection, e);
    if (!t->db)
        return NULL;
    struct db_var vars[] = {{"batches", db_table(perm, db_settings(t->db), table)}};
    struct {
        const char *name;
        struct str *sql;
    } texts[] = {
        {"batch_failed", &t->failed_ids},
        {"batch_prune", &t->prune[BATCH_FINISHED]},
        {"batch_prune_unfinished", &t->prune[BATCH_UNFINISHED]},
        {"batch_prune_cancelled", &t->prune[BATCH_CANCELLED]},
        {"batch_find", &t->find},
        {"batch_lock", &t->lock},
        {"batch_count", &t->count},
        {"batch_finished", &t->finished},
        {"batch_cancelled", &t->cancelled},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].sql = db_sql(perm, texts[i].name, vars, COUNT(vars));
    return t;
}

bool batch_table_prune(struct batch_table *t, enum batch_prune which, int64_t before,
                       struct arena tmp, int64_t *pruned, struct error *e)
{
    struct db_arg args[] = {db_int(before)};
    struct db_result r;
    *pruned = 0;
    do {
        struct arena again = tmp;
        if (!db_run(t->db, t->prune[which], args, 1, &again, &r, e))
            return false;
        *pruned += (int64_t)r.matched;
    } while (r.matched);
    return true;
}

bool batch_table_failed(struct batch_table *t, struct str id, struct arena *perm,
                        struct batch_failed *out, struct error *e)
{
    struct db_arg args[] = {db_text(id)};
    struct db_result r;
    struct php_value v = php_null();
    struct error not_json = {0};
    *out = (struct batch_failed){0};
    if (!db_run(t->db, t->failed_ids, args, 1, perm, &r, e))
        return false;
    out->found = r.rows > 0;
    struct php_value text = out->found ? db_cell(&r, 0, "failed_job_ids") : php_null();
    if (text.type != PHP_STRING || !php_json_read(text.s, true, perm, &v, &not_json) ||
        v.type != PHP_ARRAY)
        return true;
    out->ids = NEW(perm, struct str, v.a->len + 1);
    for (size_t i = 0; i < v.a->len; i++)
        if (!php_to_string(v.a->at[i].value, perm, &out->ids[out->len++], e))
            return false;
    return true;
}

/* === a job's end, as a worker tells its batch === */

struct db *batch_table_db(const struct batch_table *t)
{
    return t->db;
}

/* option lends a batch's option; null: it has none of that name. */
static struct php_value option(struct php_value options, const char *name)
{
    const struct php_value *v =
        options.type == PHP_ARRAY
            ? php_array_lookup(options.a, php_key_from(str_from(name)))
            : NULL;
    return v ? *v : php_null();
}

/* read_options decodes the column; false: it cannot be read here. */
static bool read_options(struct php_value column, struct arena *perm,
                         struct php_value *out)
{
    struct error ignored = {0};
    *out = php_null();
    return column.type != PHP_STRING ||
           php_unserialize(column.s, &php_default_limits, perm, out, NULL, &ignored);
}

static bool allows_failures(struct php_value options)
{
    struct php_value v = option(options, "allowFailures");
    return v.type == PHP_BOOL && v.b;
}

/* callbacks_of names a list of callbacks that the end of one of the batch's jobs could
 * call, whichever end it takes and whatever its other jobs do meanwhile. */
static const char *callbacks_of(struct php_value options, int64_t failed_jobs)
{
    static const char *const lists[] = {"then", "finally", "progress", "catch",
                                        "failure"};
    for (size_t i = 0; i < COUNT(lists); i++) {
        bool of_first = strcmp(lists[i], "catch") == 0;
        bool of_allowed = strcmp(lists[i], "failure") == 0;
        if ((of_first && failed_jobs > 0) || (of_allowed && !allows_failures(options)))
            continue;
        if (php_truthy(option(options, lists[i])))
            return lists[i];
    }
    return NULL;
}

bool batch_table_find(struct batch_table *t, struct str id, struct arena tmp,
                      struct batch *out, struct error *e)
{
    struct db_arg args[] = {db_text(id)};
    struct db_result r;
    *out = (struct batch){0};
    if (!db_run(t->db, t->find, args, COUNT(args), &tmp, &r, e))
        return false;
    out->found = r.rows > 0;
    if (!out->found)
        return true;
    struct php_value options;
    int64_t failures = php_to_int(db_cell(&r, 0, "failed_jobs"));
    out->cancelled = db_cell(&r, 0, "cancelled_at").type != PHP_NULL;
    if (!read_options(db_cell(&r, 0, "options"), &tmp, &options))
        return err_set(e, ERR_UNSUPPORTED, "its options cannot be read");
    out->callbacks = callbacks_of(options, failures);
    return true;
}

/* ids_after is failed_job_ids with the job's id in it once, or not at all. */
static bool ids_after(struct php_value column, struct str job, bool failed,
                      struct arena *perm, struct str *out, struct error *e)
{
    struct error ignored = {0};
    struct php_value old = php_null();
    struct php_array *ids = php_array_new(perm);
    struct map seen = {0};
    if (column.type == PHP_STRING && !php_json_read(column.s, true, perm, &old, &ignored))
        old = php_null();
    for (size_t i = 0; old.type == PHP_ARRAY && i < old.a->len; i++) {
        struct str id;
        if (!php_to_string(old.a->at[i].value, perm, &id, e))
            return false;
        if ((!failed && str_eq(id, job)) || (failed && map_lookup(&seen, id)))
            continue;
        map_put(perm, &seen, id, ids);
        php_array_push(perm, ids, old.a->at[i].value);
    }
    if (failed && !map_lookup(&seen, job))
        php_array_push(perm, ids, php_string(job));
    struct buf b = buf_new(perm, IDS_MAX);
    if (!php_json(&b, php_from_array(ids), 0, e))
        return false;
    *out = buf_str(&b);
    return true;
}

bool batch_table_ended(struct batch_table *t, struct str id, struct str job, bool failed,
                       struct arena tmp, struct error *e)
{
    struct db_arg key[] = {db_text(id)};
    struct db_result r;
    struct str ids;
    if (!db_run(t->db, t->lock, key, COUNT(key), &tmp, &r, e))
        return false;
    if (r.rows == 0)
        return true; /* pruned: nobody asks for it any more */
    int64_t pending =
        i64_add(php_to_int(db_cell(&r, 0, "pending_jobs")), failed ? 0 : -1);
    int64_t failures = i64_add(php_to_int(db_cell(&r, 0, "failed_jobs")), failed);
    if (!ids_after(db_cell(&r, 0, "failed_job_ids"), job, failed, &tmp, &ids, e))
        return false;
    struct db_arg counts[] = {db_int(pending), db_int(failures), db_text(ids),
                              db_text(id)};
    if (!db_run(t->db, t->count, counts, COUNT(counts), &tmp, NULL, e))
        return false;
    struct db_arg end[] = {db_int(clock_unix()), db_int(clock_unix()), db_text(id)};
    if (!failed)
        return pending != 0 || db_run(t->db, t->finished, end + 1, 2, &tmp, NULL, e);
    struct php_value options;
    bool allows = read_options(db_cell(&r, 0, "options"), &tmp, &options) &&
                  allows_failures(options);
    return failures != 1 || allows || db_run(t->db, t->cancelled, end, 3, &tmp, NULL, e);
}
