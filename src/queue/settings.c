/* settings.c: queue.connections.<name> and queue.failed. */
#include "queue/queue_imp.h"

static bool load_path(struct app *app, struct arena *perm, const char *key,
                      const char *otherwise, const char **out, struct error *e)
{
    struct str path;
    if (!app_config_string(app, key, S(""), &path, e))
        return false;
    *out = path.len ? str_z(perm, path) : app_storage(app, perm, otherwise);
    return true;
}

/* Locks stand beside what the file store keeps, unless it has a place for them. */
static bool load_file(struct app *app, struct arena *perm, struct failed_settings *out,
                      struct error *e)
{
    const char *data;
    out->driver = FAILED_FILE;
    out->lock_name = app_laravel_has(app, 12, 36) ? "file-store-lock:laravel-failed-jobs"
                                                  : "laravel-failed-jobs";
    if (!load_path(app, perm, "queue.failed.path", "framework/cache/failed-jobs.json",
                   &out->path, e) ||
        !app_config_int(app, "queue.failed.limit", 100, &out->limit, e) ||
        !load_path(app, perm, "cache.stores.file.path", "framework/cache/data", &data,
                   e) ||
        !load_path(app, perm, "cache.stores.file.lock_path", "", &out->lock_dir, e))
        return false;
    const struct php_value *own = app_config(app, "cache.stores.file.lock_path");
    if (!own || own->type == PHP_NULL)
        out->lock_dir = data;
    out->owner = app_owner(app);
    return true;
}

bool failed_settings_load(struct app *app, struct arena *perm,
                          struct failed_settings *out, struct error *e)
{
    struct str driver = S("");
    *out = (struct failed_settings){0};
    /* A driver that is null, or says so, stores nothing; one that is absent is the oldest
     * form's, as is any name that Laravel does not know. */
    if (app_config(app, "queue.failed.driver") &&
        !app_config_string(app, "queue.failed.driver", S("null"), &driver, e))
        return false;
    const struct php_value *table = app_config(app, "queue.failed.table");
    if (!app_config_string(app, "queue.failed.database", S(""), &out->database, e) ||
        !app_config_string(app, "queue.failed.table", S("failed_jobs"), &out->table, e))
        return false;
    if (str_eq(driver, S("file")) && app_laravel_has(app, 10, 10))
        return load_file(app, perm, out, e);
    if (str_eq(driver, S("dynamodb")))
        return err_set(e, ERR_FATAL,
                       "queue.failed.driver is \"dynamodb\": facteur stores failed jobs "
                       "in a database (database-uuids, database) or in a file (file)");
    if (str_eq(driver, S("database-uuids")))
        out->driver = FAILED_UUIDS;
    else if (str_eq(driver, S("null")) || !table || table->type == PHP_NULL)
        out->driver = FAILED_NONE;
    else
        out->driver = FAILED_IDS;
    return true;
}

bool queue_settings_named(struct app *app, const struct queue_settings *set,
                          struct str queue, struct error *e)
{
    if (queue.len)
        return true;
    err_set(e, ERR_FATAL, "%s names no queue: Laravel's worker finds no job so",
            set->queue_setting);
    return app_config_blame(app, set->queue_setting, e);
}

/* name_connection finds which connection is meant. */
static bool name_connection(struct app *app, struct str *name, struct error *e)
{
    if (name->len)
        return true;
    if (!app_config_string(app, "queue.default", S(""), name, e))
        return false;
    if (name->len)
        return true;
    const struct php_value *v = app_config(app, "queue.default");
    err_set(e, ERR_FATAL,
            v && v->type == PHP_STRING
                ? "The [] queue connection has not been configured."
                : "queue.default is null, which is Laravel's null queue: jobs go "
                  "nowhere");
    return app_config_blame(app, "queue.default", e);
}

/* check_driver: `by_default`: queue.default is to blame. */
static bool check_driver(struct app *app, struct str name, bool by_default,
                         struct arena *perm, struct error *e)
{
    struct str driver;
    struct str path = str_fmt(perm, "queue.connections.%.*s.driver", STR_ARG(name));
    if (!app_config_string(app, str_z(perm, path), S(""), &driver, e))
        return false;
    if (str_eq(driver, S("database")))
        return true;
    if (driver.len == 0)
        err_set(e, ERR_FATAL, "The [%.*s] queue connection has not been configured.",
                STR_ARG(name));
    else
        err_set(e, ERR_FATAL,
                "queue connection [%.*s] has the driver \"%.*s\": facteur works the "
                "driver \"database\" only",
                STR_ARG(name), STR_ARG(driver));
    return by_default && app_config_blame(app, "queue.default", e);
}

bool queue_settings_load(struct app *app, struct str name, struct arena *perm,
                         struct queue_settings *out, struct error *e)
{
    bool by_default = name.len == 0;
    *out = (struct queue_settings){0};
    if (!name_connection(app, &name, e))
        return false;
    out->connection = name;
    if (!check_driver(app, name, by_default, perm, e))
        return false;
    struct {
        const char *key, **path;
        struct str otherwise, *out;
    } texts[] = {
        {"connection", &out->db_setting, S(""), &out->db_connection},
        {"table", &out->table_setting, S("jobs"), &out->table},
        {"queue", &out->queue_setting, S("default"), &out->queue},
    };
    struct str path;
    for (size_t i = 0; i < COUNT(texts); i++) {
        path = str_fmt(perm, "queue.connections.%.*s.%s", STR_ARG(name), texts[i].key);
        const char *setting = *texts[i].path = str_z(perm, path);
        const struct php_value *v = app_config(app, setting);
        struct str otherwise = v ? S("") : texts[i].otherwise; /* null is not absent */
        if (!app_config_string(app, setting, otherwise, texts[i].out, e))
            return false;
    }
    if (out->table.len == 0) {
        err_set(e, ERR_FATAL, "%s names no table", out->table_setting);
        return app_config_blame(app, out->table_setting, e);
    }
    path = str_fmt(perm, "queue.connections.%.*s.retry_after", STR_ARG(name));
    return app_config_int(app, str_z(perm, path), 60, &out->retry_after, e) &&
           failed_settings_load(app, perm, &out->failed, e);
}
