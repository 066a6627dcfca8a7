/* batches.c: the table job_batches as queue:prune-batches and queue:retry-batch use it.
 */
#include "queue/queue_imp.h"

struct batch_table {
    struct db *db;
    struct str find, prune[BATCH_PRUNES];
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
    t->db = db_pool_session(pool, connection, e);
    if (!t->db)
        return NULL;
    struct db_var vars[] = {{"batches", db_table(perm, db_settings(t->db), table)}};
    struct {
        const char *name;
        struct str *sql;
    } texts[] = {
        {"batch_failed", &t->find},
        {"batch_prune", &t->prune[BATCH_FINISHED]},
        {"batch_prune_unfinished", &t->prune[BATCH_UNFINISHED]},
        {"batch_prune_cancelled", &t->prune[BATCH_CANCELLED]},
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
                        struct str **ids, size_t *len, bool *found, struct error *e)
{
    struct db_arg args[] = {db_text(id)};
    struct db_result r;
    struct php_value v = php_null();
    struct error not_json = {0};
    *len = 0;
    if (!db_run(t->db, t->find, args, 1, perm, &r, e))
        return false;
    *found = r.rows > 0;
    struct php_value text = *found ? db_cell(&r, 0, "failed_job_ids") : php_null();
    if (text.type != PHP_STRING || !php_json_read(text.s, true, perm, &v, &not_json) ||
        v.type != PHP_ARRAY)
        return true;
    *ids = NEW(perm, struct str, v.a->len + 1);
    for (size_t i = 0; i < v.a->len; i++)
        if (!php_to_string(v.a->at[i].value, perm, &(*ids)[(*len)++], e))
            return false;
    return true;
}
