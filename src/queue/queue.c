/* queue.c: a queue connection: its statements, its index, the size of `attempts`. */
#include <stdlib.h>

#include "queue/queue_imp.h"

/* sieve is the LIKE that finds candidates: binary, since comparing in the table's
 * collation takes four times as long. The pattern is cast, not the payload, which would
 * be copied for it. */
static struct str sieve(struct queue *q)
{
    struct buf b = buf_new(&q->arena, 64 << 10);
    for (size_t i = 0; i < q->o.classes_len; i++)
        buf_fmt(&b, "%spayload like cast('%%%s%%' as binary)", i ? " or " : "",
                q->o.classes[i].sieve);
    return buf_str(&b);
}

/* find_index names the index whose only column is `queue`; with more columns behind it
 * ids are not in order there, and the primary key serves better. */
static bool find_index(struct queue *q, struct str jobs, struct str *out, struct error *e)
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

static bool find_attempts_max(struct queue *q, struct str jobs, struct error *e)
{
    static const struct {
        const char *type;
        int64_t max, unsigned_max;
    } types[] = {
        {"tinyint", 127, 255},
        {"smallint", 32767, 65535},
        {"mediumint", 8388607, 16777215},
        {"int", 2147483647, 4294967295},
    };
    struct db_result r;
    struct str sql =
        str_fmt(&q->arena, "show columns from %.*s like 'attempts'", STR_ARG(jobs));
    q->attempts_max = INT64_MAX;
    if (!db_run(q->o.db, sql, NULL, 0, &q->arena, &r, e))
        return false;
    struct php_value type = r.rows ? db_cell(&r, 0, "Type") : php_null();
    for (size_t i = 0; i < COUNT(types) && type.type == PHP_STRING; i++)
        if (str_starts(type.s, str_from(types[i].type)))
            q->attempts_max =
                str_has(type.s, S("unsigned")) ? types[i].unsigned_max : types[i].max;
    return true;
}

struct str queue_many_rows(struct arena *perm, size_t rows)
{
    struct buf b = buf_new(perm, 64 << 10);
    for (size_t i = 0; i < rows; i++)
        buf_add(&b, i ? S(", (?, 0, null, ?, ?, ?)") : S("(?, 0, null, ?, ?, ?)"));
    return buf_str(&b);
}

static bool write_sql(struct queue *q, struct error *e)
{
    const struct queue_settings *s = q->o.settings;
    struct arena *a = &q->arena;
    struct str jobs = db_table(a, db_settings(q->o.db), s->table), index;
    if (!db_connect(q->o.db, e) || !find_index(q, jobs, &index, e) ||
        !find_attempts_max(q, jobs, e))
        return false;
    struct db_var vars[] = {
        {"jobs", jobs},
        {"index", index},
        {"classes", sieve(q)},
        {"lock", db_skip_locked(q->o.db) ? S("for update skip locked") : S("for update")},
        {"rows", queue_many_rows(a, PUSH_ROWS)},
        {"inline", str_fmt(a, "%d", PAYLOAD_INLINE)},
    };
    struct {
        const char *name;
        struct str *sql;
    } texts[] = {
        {"ids", &q->sql.ids},
        {"highest", &q->sql.highest},
        {"long_one", &q->sql.long_one},
        {"read", &q->sql.read},
        {"pass", &q->sql.pass},
        {"sweep", &q->sql.sweep},
        {"claim", &q->sql.claim},
        {"reserve", &q->sql.reserve},
        {"take_back", &q->sql.take_back},
        {"peek", &q->sql.peek},
        {"load", &q->sql.load},
        {"row", &q->sql.row},
        {"remove", &q->sql.remove},
        {"remove_unreserved", &q->sql.remove_unreserved},
        {"renew", &q->sql.renew},
        {"give_back", &q->sql.give_back},
        {"insert", &q->sql.insert},
        {"insert_many", &q->sql.insert_many},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].sql = db_sql(a, texts[i].name, vars, COUNT(vars));
    return true;
}

struct queue *queue_new(const struct queue_options *o, struct error *e)
{
    struct queue *q = calloc(1, sizeof(*q));
    if (!q) {
        err_set(e, ERR_FATAL, "no memory for a queue");
        return NULL;
    }
    q->o = *o;
    q->arena = arena_open(QUEUE_ARENA);
    q->scratch = arena_open(LOOK_ARENA);
    if (!write_sql(q, e)) {
        /* A table or a right that is missing does not come by waiting. */
        if (e->kind == ERR_JOB)
            e->kind = ERR_FATAL;
        queue_drop(q);
        return NULL;
    }
    return q;
}

void queue_drop(struct queue *q)
{
    if (!q)
        return;
    arena_close(&q->scratch);
    arena_close(&q->arena);
    free(q);
}

struct db *queue_db(struct queue *q)
{
    return q->o.db;
}

const struct queue_settings *queue_settings(const struct queue *q)
{
    return q->o.settings;
}

/* === ours, and can it be run? === */

int queue_takes(const struct queue *q, const struct payload *p, struct str raw,
                const char **reason)
{
    int i = queue_ours(q->o.classes, q->o.classes_len, p, raw);
    *reason = i >= 0 && q->o.accepts ? q->o.accepts(q->o.arg, p) : NULL;
    return *reason ? -1 : i;
}

bool queue_foreign_is_new(const struct queue *q, struct str class_name,
                          const char *reason, struct arena tmp)
{
    return watch_is_new(q->o.watch, str_fmt(&tmp, "foreign %.*s %s", STR_ARG(class_name),
                                            reason ? reason : ""));
}
