/* inspect.c: what a table of jobs is like, and the statements that are sent to it. */
#include "queue/queue_imp.h"

/* sieve is the LIKE that finds candidates: binary, since comparing in the table's
 * collation takes four times as long. The pattern is cast, not the payload, which would
 * be copied for it. */
static struct str sieve(struct database *q)
{
    struct buf b = buf_new(&q->arena, 64 << 10);
    for (size_t i = 0; i < q->o.classes_len; i++)
        buf_fmt(&b, "%spayload like cast('%%%s%%' as binary)", i ? " or " : "",
                q->o.classes[i].sieve);
    return buf_str(&b);
}

/* sure_sieve is the LIKE of what Laravel writes of our classes: such a candidate is one
 * of ours, all but certainly. "_" stands for a backslash, which is no letter of its own
 * in every mode. */
static struct str sure_sieve(struct database *q)
{
    struct buf b = buf_new(&q->arena, 64 << 10);
    for (size_t i = 0; i < q->o.classes_len; i++) {
        struct str name = str_from(q->o.classes[i].name);
        name = str_replace(&q->arena, name, S("\\"), S("__"));
        buf_fmt(&b, "%spayload like cast('%%\"commandName\":\"%.*s\"%%' as binary)",
                i ? " or " : "(", STR_ARG(name));
    }
    buf_fmt(&b, ")");
    return buf_str(&b);
}

/* find_index names the index whose only column is `queue`; with more columns behind it
 * ids are not in order there, and the primary key serves better. */
static bool find_index(struct database *q, struct str jobs, struct str *out,
                       struct error *e)
{
    struct db_result r;
    struct str sql = str_fmt(&q->arena, "show index from %.*s", STR_ARG(jobs));
    *out = S("primary");
    if (!db_run(q->o.db, sql, NULL, 0, &q->arena, &r, e))
        return false;
    for (size_t row = 0; row < r.rows; row++) {
        struct php_value name = db_cell(&r, row, "Key_name");
        bool first = php_to_int(db_cell(&r, row, "Seq_in_index")) == 1;
        struct php_value column = db_cell(&r, row, "Column_name");
        if (!first || column.type != PHP_STRING || !str_ieq(column.s, S("queue")))
            continue;
        bool alone =
            row + 1 == r.rows || php_to_int(db_cell(&r, row + 1, "Seq_in_index")) == 1;
        if (alone && name.type == PHP_STRING) {
            *out = db_name(&q->arena, name.s);
            return true;
        }
    }
    return true;
}

/* integer_max gives the largest number of a column's type; 0: it is no whole number. */
static int64_t integer_max(struct str type)
{
    static const struct {
        const char *type;
        int64_t max, unsigned_max;
    } types[] = {
        {"tinyint", 127, 255},
        {"smallint", 32767, 65535},
        {"mediumint", 8388607, 16777215},
        {"int", 2147483647, 4294967295},
        {"bigint", INT64_MAX, INT64_MAX}, /* of an unsigned one, what a fence can hold */
    };
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_starts(type, str_from(types[i].type)))
            return str_has(type, S("unsigned")) ? types[i].unsigned_max : types[i].max;
    return 0;
}

/* check_columns looks at the form of the table: every column that a statement names must
 * be there; ids must be whole numbers; `attempts` has a largest one. */
static bool check_columns(struct database *q, struct str jobs, struct error *e)
{
    static const char *const needed[] = {"id",        "queue",       "payload",
                                         "attempts",  "reserved_at", "available_at",
                                         "created_at"};
    struct str types[COUNT(needed)] = {0};
    struct db_result r;
    struct str sql = str_fmt(&q->arena, "show columns from %.*s", STR_ARG(jobs));
    if (!db_run(q->o.db, sql, NULL, 0, &q->arena, &r, e))
        return false;
    for (size_t row = 0; row < r.rows; row++)
        for (size_t i = 0; i < COUNT(needed); i++)
            if (str_ieq(db_cell(&r, row, "Field").s, str_from(needed[i])))
                types[i] = db_cell(&r, row, "Type").s;
    for (size_t i = 0; i < COUNT(needed); i++)
        if (!types[i].len)
            return err_set(e, ERR_JOB, "the table %.*s has no column `%s`", STR_ARG(jobs),
                           needed[i]);
    q->attempts_max = integer_max(types[3]);
    if (!q->attempts_max)
        q->attempts_max = INT64_MAX; /* the row is read back, or the server refuses */
    q->unusable = S("");
    if (!integer_max(types[0]))
        q->unusable = str_fmt(&q->arena,
                              "the column `id` of the table %.*s is %.*s, no "
                              "whole number",
                              STR_ARG(jobs), STR_ARG(types[0]));
    return true;
}

/* check_ids: what stands outside the numbers that a fence can hold is not looked at. */
static bool check_ids(struct database *q, struct str jobs, struct error *e)
{
    struct db_result r;
    struct str sql =
        str_fmt(&q->arena, "select min(id), max(id) from %.*s", STR_ARG(jobs));
    q->odd_ids = false;
    if (q->unusable.len)
        return true;
    if (!db_run(q->o.db, sql, NULL, 0, &q->arena, &r, e))
        return false;
    q->odd_ids =
        (r.cells[0].type == PHP_INT && r.cells[0].i < 1) || r.cells[1].type == PHP_STRING;
    return true;
}

static bool check_mode(struct database *q, struct error *e)
{
    struct db_result r;
    if (!db_run(q->o.db, S("select @@session.sql_mode"), NULL, 0, &q->arena, &r, e))
        return false;
    q->lax = r.cells[0].type != PHP_STRING || !str_has(r.cells[0].s, S("STRICT_"));
    return true;
}

/* The variables that statements differ in, and how many there are. */
enum { WALK, MAX, VARS = 8 };

/* write_variants writes the statements that differ in one of them from others. */
static void write_variants(struct database *q, struct db_var *vars)
{
    struct arena *a = &q->arena;
    vars[WALK].value = S("primary");
    q->sql.pass_dense = db_sql(a, "pass", vars, VARS);
    q->sql.pass_all_dense = db_sql(a, "pass_all", vars, VARS);
    vars[MAX].value = str_fmt(a, "%d", PAYLOAD_ANY);
    q->sql.claim_any = db_sql(a, "claim", vars, VARS);
    q->sql.peek_any = db_sql(a, "peek", vars, VARS);
}

/* write_sql writes the statements; `index` is the table's that begins with the queue. */
static void write_sql(struct database *q, struct str jobs, struct str index)
{
    struct arena *a = &q->arena;
    struct db_var vars[VARS] = {
        {"walk", index},
        {"max", str_fmt(a, "%d", PAYLOAD_MAX)},
        {"jobs", jobs},
        {"index", index},
        {"classes", sieve(q)},
        {"sure", sure_sieve(q)},
        {"lock", db_skip_locked(q->o.db) ? S("for update skip locked") : S("for update")},
        {"inline", str_fmt(a, "%d", PAYLOAD_INLINE)},
    };
    struct {
        const char *name;
        struct str *sql;
    } texts[] = {
        {"ids", &q->sql.ids},
        {"page_end", &q->sql.page_end},
        {"highest", &q->sql.highest},
        {"long_one", &q->sql.long_one},
        {"read", &q->sql.read},
        {"pass", &q->sql.pass},
        {"read_all", &q->sql.read_all},
        {"pass_all", &q->sql.pass_all},
        {"foreign", &q->sql.foreign},
        {"screen", &q->sql.screen},
        {"mark", &q->sql.mark},
        {"sweep", &q->sql.sweep},
        {"claim", &q->sql.claim},
        {"reserve", &q->sql.reserve},
        {"take_back", &q->sql.take_back},
        {"reserve_again", &q->sql.reserve_again},
        {"peek", &q->sql.peek},
        {"load", &q->sql.load},
        {"row", &q->sql.row},
        {"remove", &q->sql.remove},
        {"remove_unreserved", &q->sql.remove_unreserved},
        {"remove_free", &q->sql.remove_free},
        {"renew", &q->sql.renew},
        {"give_back", &q->sql.give_back},
        {"release", &q->sql.release},
        {"insert", &q->sql.insert},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].sql = db_sql(a, texts[i].name, vars, VARS);
    write_variants(q, vars);
}

bool queue_inspect(struct database *q, struct error *e)
{
    struct str jobs = db_table(&q->arena, db_settings(q->o.db), q->o.settings->table);
    struct str index;
    if (!db_connect(q->o.db, e) || !find_index(q, jobs, &index, e) ||
        !check_columns(q, jobs, e) || !check_ids(q, jobs, e) || !check_mode(q, e))
        return false;
    write_sql(q, jobs, index);
    return true;
}

bool queue_fresh(struct database *q, struct error *e)
{
    struct database old = *q; /* what settles needs its statements whatever comes out */
    if (!q->stale)
        return true;
    q->arena = arena_open(QUEUE_ARENA);
    if (!queue_inspect(q, e)) {
        arena_close(&q->arena);
        *q = old;
        return false;
    }
    arena_close(&old.arena);
    q->stale = false;
    return true;
}
