/* dispatch.c: a letter's job as the app's own dispatch would push it. */
#include <stdio.h>
#include <stdlib.h>
#include <uuid/uuid.h>

#include "jobs/jobs_imp.h"

/* What the class declares, and Laravel copies into every payload. */
enum { CLASS_TRIES = 3, CLASS_TIMEOUT = 120, PAYLOAD_MAX = 64 << 10 };

static const char class_name[] = "App\\Jobs\\SendVolunteerLetterJob";

/* === the payload === */

static void id_prop(struct buf *b, const char *name, int64_t id)
{
    size_t len = strlen(name) + 3;
    buf_fmt(b, "s:%zu:\"", len);
    buf_add(b, (struct str){"\0*\0", 3});
    buf_fmt(b, "%s\";i:%lld;", name, (long long)id);
}

/* serialized writes the object as SerializesModels does since Laravel 9: the properties
 * that differ from their defaults, and no other. Older versions accept it too. */
static struct str serialized(const struct letter_dispatch *d, struct arena *perm)
{
    struct buf b = buf_new(perm, PAYLOAD_MAX);
    int props = 2 + (d->user_id != 0) + (d->queue.len != 0) + (d->delay != 0);
    buf_fmt(&b, "O:%zu:\"%s\":%d:{", strlen(class_name), class_name, props);
    id_prop(&b, "clubId", d->club_id);
    id_prop(&b, "teacherId", d->teacher_id);
    if (d->user_id)
        id_prop(&b, "sentByUserId", d->user_id);
    if (d->queue.len)
        buf_fmt(&b, "s:5:\"queue\";s:%zu:\"%.*s\";", d->queue.len, STR_ARG(d->queue));
    if (d->delay)
        buf_fmt(&b, "s:5:\"delay\";i:%lld;", (long long)d->delay);
    buf_byte(&b, '}');
    return buf_str(&b);
}

/* version_at_least compares "12.72.0" with a minor version of the app's own major. */
static bool version_at_least(const struct app *app, int major, int minor)
{
    struct str version = app_laravel_version(app);
    struct cut parts = str_cut(version, '.');
    int64_t its_major, its_minor;
    if (!str_to_i64(parts.head, &its_major) ||
        !str_to_i64(str_cut(parts.tail, '.').head, &its_minor))
        return app_laravel_major(app) > major;
    return its_major > major || (its_major == major && its_minor >= minor);
}

struct str letter_payload(const struct app *app, const struct letter_dispatch *d,
                          struct arena *perm)
{
    struct buf b = buf_new(perm, PAYLOAD_MAX);
    uuid_t id;
    char uuid[37];
    uuid_generate_random(id);
    uuid_unparse_lower(id, uuid);
    buf_fmt(&b, "{\"uuid\":\"%s\",\"displayName\":", uuid);
    buf_json(&b, str_from(class_name), JSON_PLAIN_UNICODE);
    buf_add(&b, S(",\"job\":\"Illuminate\\\\Queue\\\\CallQueuedHandler@call\""));
    buf_fmt(&b, ",\"maxTries\":%d,\"maxExceptions\":null,\"failOnTimeout\":false",
            CLASS_TRIES);
    buf_fmt(&b, ",\"backoff\":null,\"timeout\":%d,\"retryUntil\":null", CLASS_TIMEOUT);
    if (app_laravel_major(app) >= 13)
        buf_add(&b, S(",\"deleteWhenMissingModels\":false"));
    buf_add(&b, S(",\"data\":{\"commandName\":"));
    buf_json(&b, str_from(class_name), JSON_PLAIN_UNICODE);
    buf_add(&b, S(",\"command\":"));
    buf_json(&b, serialized(d, perm), JSON_PLAIN_UNICODE);
    if (version_at_least(app, 12, 51))
        buf_add(&b, S(",\"batchId\":null"));
    buf_byte(&b, '}');
    if (version_at_least(app, 12, 11)) {
        buf_fmt(&b, ",\"createdAt\":%lld,\"delay\":", (long long)clock_unix());
        if (d->delay)
            buf_fmt(&b, "%lld", (long long)d->delay);
        else
            buf_add(&b, S("null"));
    }
    buf_byte(&b, '}');
    return buf_str(&b);
}

/* === the teachers of a club === */

/* Where an app may keep who teaches where; the first that exists is asked. */
static const struct {
    const char *table, *sql;
} pivots[] = {
    {"club_teacher", "letter_teachers_pivot"},
    {"club_teachers", "letter_teachers_pivot"},
    {"teacher_club", "letter_teachers_pivot"},
};

static bool has_columns(struct db *db, struct str table, const char *column, bool *has,
                        struct arena *perm, struct error *e)
{
    struct db_result r;
    struct error missing = {0};
    struct str sql =
        str_fmt(perm, "show columns from %.*s like '%s'", STR_ARG(table), column);
    *has = false;
    if (db_run(db, sql, NULL, 0, perm, &r, &missing)) {
        *has = r.rows > 0;
        return true;
    }
    /* A table that is not there is an answer; a server that is not, none. */
    if (missing.kind == ERR_JOB)
        return true;
    *e = missing;
    return false;
}

static bool find_source(struct db *db, struct arena *perm, const char **sql,
                        struct str *pivot, bool *soft_deletes, struct error *e)
{
    const struct db_settings *s = db_settings(db);
    struct str teachers = db_table(perm, s, S("teachers"));
    bool has;
    if (!has_columns(db, teachers, "deleted_at", soft_deletes, perm, e))
        return false;
    for (size_t i = 0; i < COUNT(pivots); i++) {
        *pivot = db_table(perm, s, str_from(pivots[i].table));
        *sql = pivots[i].sql;
        if (!has_columns(db, *pivot, "club_id", &has, perm, e))
            return false;
        if (has)
            return true;
    }
    *pivot = teachers;
    *sql = "letter_teachers_column";
    if (!has_columns(db, teachers, "club_id", &has, perm, e))
        return false;
    return has || err_set(e, ERR_FATAL,
                          "who teaches in which club is not known: there is neither a "
                          "table club_teacher nor a column teachers.club_id; name the "
                          "teachers instead of --all");
}

bool letter_teachers(struct db *db, int64_t club_id, struct arena *perm, int64_t **ids,
                     size_t *len, struct error *e)
{
    const char *name;
    struct str pivot;
    bool soft_deletes;
    if (!find_source(db, perm, &name, &pivot, &soft_deletes, e))
        return false;
    const struct db_settings *s = db_settings(db);
    struct db_var vars[] = {
        {"teachers", db_table(perm, s, S("teachers"))},
        {"users", db_table(perm, s, S("users"))},
        {"pivot", pivot},
        {"alive", soft_deletes ? S(" and t.deleted_at is null") : S("")},
    };
    struct db_arg arg = db_int(club_id);
    struct db_result r;
    if (!db_run(db, db_sql(perm, name, vars, COUNT(vars)), &arg, 1, perm, &r, e))
        return false;
    *ids = NEW(perm, int64_t, r.rows);
    *len = r.rows;
    for (size_t i = 0; i < r.rows; i++)
        (*ids)[i] = php_to_int(r.cells[i]);
    return true;
}
