/* dispatch.c: a letter's job as the app's own dispatch would push it. */
#include <assert.h>

#include "letter/letter_imp.h"

/* What the class declares, and Laravel copies into every payload. */
enum { CLASS_TRIES = 3, CLASS_TIMEOUT = 120, PAYLOAD_MAX = 16 << 20 };

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
    buf_fmt(&b, "O:%zu:\"%s\":%d:{", strlen(LETTER_CLASS), LETTER_CLASS, props);
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

struct str letter_payload(const struct app *app, const struct letter_dispatch *d,
                          struct arena *perm)
{
    struct error impossible = {0};
    struct str out = S("");
    struct job_payload p = {
        .class_name = S(LETTER_CLASS),
        .tries = php_int(CLASS_TRIES),
        .fail_on_timeout = php_bool(false),
        .count_crashes = php_bool(false),
        .timeout = php_int(CLASS_TIMEOUT),
        .command = serialized(d, perm),
        .delay = d->delay ? php_int(d->delay) : php_null(),
    };
    bool ok = job_payload_json(app, &p, perm, &out, &impossible);
    assert(ok);
    return ok ? out : S("");
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

/* add_newest adds whose letter a row tells of, unless it is there already. */
static void add_newest(const struct php_value *row, struct letter_request *out,
                       size_t most, size_t *found)
{
    struct letter_request r = {.club_id = php_to_int(row[0]),
                               .teacher_id = php_to_int(row[1])};
    for (size_t i = 0; i < *found; i++)
        if (out[i].club_id == r.club_id && out[i].teacher_id == r.teacher_id)
            return;
    if (*found < most) {
        r.id = out[*found].id;
        out[(*found)++] = r;
    }
}

bool letter_newest(struct db *db, struct arena *perm, struct letter_request *out,
                   size_t most, size_t *found, struct error *e)
{
    const struct db_settings *s = db_settings(db);
    struct str teachers = db_table(perm, s, S("teachers"));
    struct db_var vars[] = {
        {"sends", db_table(perm, s, S("volunteer_letter_sends"))},
        {"clubs", db_table(perm, s, S("clubs"))},
        {"teachers", teachers},
        {"users", db_table(perm, s, S("users"))},
        {"alive", S("")},
    };
    bool soft_deletes;
    struct db_result r;
    if (!has_columns(db, teachers, "deleted_at", &soft_deletes, perm, e))
        return false;
    if (soft_deletes)
        vars[COUNT(vars) - 1].value = S(" and t.deleted_at is null");
    struct str newest = db_sql(perm, "letter_newest", vars, COUNT(vars));
    if (!db_run(db, newest, NULL, 0, perm, &r, e))
        return false;
    struct str any = db_sql(perm, "letter_any", vars, COUNT(vars));
    if (!r.rows && !db_run(db, any, NULL, 0, perm, &r, e))
        return false;
    if (!r.rows)
        return err_set(e, ERR_JOB, "there is no teacher with an address, or no club");
    *found = 0;
    for (size_t i = 0; i < r.rows; i++)
        add_newest(r.cells + i * r.cols, out, most, found);
    return true;
}

/* === who cannot get a letter === */

enum { COMPLAINTS_MAX = 1500, TEACHERS_AT_ONCE = 500 };

struct addressing {
    struct db *db;
    struct arena *perm;
    struct buf complaints;
    bool soft_deletes;
};

static void complain(struct addressing *g, const char *what, int64_t id, const char *why)
{
    buf_fmt(&g->complaints, "%s%s %lld %s", g->complaints.len ? ", " : "", what,
            (long long)id, why);
}

static bool check_exists(struct addressing *g, const char *table, const char *what,
                         int64_t id, struct error *e)
{
    struct db_result r;
    struct db_arg arg = db_int(id);
    struct db_var vars[] = {
        {"table", db_table(g->perm, db_settings(g->db), str_from(table))}};
    if (!db_run(g->db, db_sql(g->perm, "letter_exists", vars, 1), &arg, 1, g->perm, &r,
                e))
        return false;
    if (r.rows == 0)
        complain(g, what, id, "does not exist");
    return true;
}

/* row_of: the rows are in the order of their ids, which come first. */
static const struct php_value *row_of(const struct db_result *r, int64_t id)
{
    size_t low = 0, high = r->rows;
    while (low < high) {
        size_t at = low + (high - low) / 2;
        const struct php_value *row = &r->cells[at * r->cols];
        int64_t there = php_to_int(row[0]);
        if (there == id)
            return row;
        if (there < id)
            low = at + 1;
        else
            high = at;
    }
    return NULL;
}

static bool check_teachers(struct addressing *g, const int64_t *ids, size_t len,
                           struct error *e)
{
    const struct db_settings *s = db_settings(g->db);
    struct db_result r;
    struct buf list = buf_new(g->perm, len * 21 + 1);
    for (size_t i = 0; i < len; i++)
        buf_fmt(&list, "%s%lld", i ? "," : "", (long long)ids[i]);
    struct db_var vars[] = {
        {"teachers", db_table(g->perm, s, S("teachers"))},
        {"users", db_table(g->perm, s, S("users"))},
        {"deleted", g->soft_deletes ? S("t.deleted_at is not null") : S("0")},
        {"ids", buf_str(&list)},
    };
    struct str sql = db_sql(g->perm, "letter_addressees", vars, COUNT(vars));
    if (!db_run(g->db, sql, NULL, 0, g->perm, &r, e))
        return false;
    for (size_t i = 0; i < len; i++) {
        const struct php_value *row = row_of(&r, ids[i]);
        if (!row)
            complain(g, "teacher", ids[i], "does not exist");
        else if (php_truthy(row[3]))
            complain(g, "teacher", ids[i], "is deleted");
        else if (!php_truthy(row[1]))
            complain(g, "teacher", ids[i], "has no user");
        else if (!php_truthy(row[2]))
            complain(g, "teacher", ids[i], "has no address");
    }
    return true;
}

bool letter_addressable(struct db *db, const struct letter_dispatch *d,
                        const int64_t *teachers, size_t len, struct arena *perm,
                        struct error *e)
{
    struct addressing g = {
        .db = db, .perm = perm, .complaints = buf_new(perm, COMPLAINTS_MAX)};
    struct str table = db_table(perm, db_settings(db), S("teachers"));
    if (!has_columns(db, table, "deleted_at", &g.soft_deletes, perm, e) ||
        !check_exists(&g, "clubs", "club", d->club_id, e) ||
        (d->user_id && !check_exists(&g, "users", "user", d->user_id, e)))
        return false;
    for (size_t i = 0; i < len; i += TEACHERS_AT_ONCE) {
        size_t some = len - i < TEACHERS_AT_ONCE ? len - i : TEACHERS_AT_ONCE;
        if (!check_teachers(&g, teachers + i, some, e))
            return false;
    }
    struct str all = buf_str(&g.complaints);
    return all.len == 0 || err_set(e, ERR_FATAL, "Nothing was put on the queue: %.*s%s.",
                                   STR_ARG(all), g.complaints.full ? " …" : "");
}
