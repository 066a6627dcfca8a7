/* failed_db.c: failed jobs in a table, in its two forms: database-uuids names a row by
 * the job's uuid, database (before Laravel 8) by the row's id. */
#include "queue/queue_imp.h"

/* Payloads of one page together, unless a single one is larger. */
enum { PAGE_BYTES = 4 << 20 };

struct failed_sql {
    struct str log, twin, page, page_queue, read, read_locked, find, find_locked;
    struct str count, count_queue, remove, forget, prune;
    struct str flush[2][2]; /* until a time? of a queue? */
};

static void open_table(struct failed_store *s, struct str name, const char *log)
{
    struct arena *a = &s->arena;
    struct failed_sql *sql = s->sql = NEW(a, struct failed_sql, 1);
    struct {
        const char *name;
        struct str lock, *sql;
    } texts[] = {
        {log, S(""), &sql->log},
        {"failed_twin", S(""), &sql->twin},
        {"failed_page", S(""), &sql->page},
        {"failed_page_queue", S(""), &sql->page_queue},
        {"failed_read", S(""), &sql->read},
        {"failed_read", S("for update"), &sql->read_locked},
        {"failed_find", S(""), &sql->find},
        {"failed_find", S("for update"), &sql->find_locked},
        {"failed_count", S(""), &sql->count},
        {"failed_count_queue", S(""), &sql->count_queue},
        {"failed_remove", S(""), &sql->remove},
        {"failed_forget", S(""), &sql->forget},
        {"failed_flush", S(""), &sql->flush[0][0]},
        {"failed_flush_queue", S(""), &sql->flush[0][1]},
        {"failed_flush_until", S(""), &sql->flush[1][0]},
        {"failed_flush_both", S(""), &sql->flush[1][1]},
        {"failed_prune", S(""), &sql->prune},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct db_var vars[] = {
            {"failed", db_table(a, db_settings(s->db), s->set->table)},
            {"name", name},
            {"lock", texts[i].lock},
        };
        *texts[i].sql = db_sql(a, texts[i].name, vars, COUNT(vars));
    }
}

static void uuids_open(struct failed_store *s)
{
    open_table(s, S("uuid"), "failed_log_uuid");
}

static void ids_open(struct failed_store *s)
{
    open_table(s, S("id"), "failed_log_id");
}

/* === storing === */

enum { UUID_BYTES = 255 }; /* of the column */

/* find_twin asks for a failed row of the same uuid. */
static bool find_twin(struct failed_store *s, const struct failed_job *job,
                      struct arena tmp, bool *taken, bool *twin, struct error *e)
{
    struct db_arg args[] = {db_text(job->payload), db_text(job->exception),
                            db_text(job->id)};
    struct db_result r;
    if (!db_run(s->db, s->sql->twin, args, COUNT(args), &tmp, &r, e))
        return false;
    *taken = r.rows > 0;
    *twin = r.rows > 0 && php_to_int(db_cell(&r, 0, "twin")) == 1;
    return true;
}

static bool uuids_twin(struct failed_store *s, const struct failed_job *job,
                       struct arena tmp, bool *twin, struct error *e)
{
    bool taken;
    return find_twin(s, job, tmp, &taken, twin, e);
}

static bool ids_twin(struct failed_store *s, const struct failed_job *job,
                     struct arena tmp, bool *twin, struct error *e)
{
    (void)s, (void)job, (void)tmp, (void)e;
    *twin = true;
    return true;
}

static bool log_row(struct failed_store *s, const struct failed_job *job, bool uuid,
                    struct arena tmp, struct error *e)
{
    struct str now = clock_datetime(&tmp, clock_unix());
    struct db_arg args[] = {db_text(job->id),        db_text(job->connection),
                            db_text(job->queue),     db_text(job->payload),
                            db_text(job->exception), db_text(now)};
    size_t skip = uuid ? 0 : 1;
    return db_run(s->db, s->sql->log, args + skip, COUNT(args) - skip, &tmp, NULL, e);
}

/* An artisan's queue:retry forgets its row only after it has pushed the job again, so the
 * uuid may be there still. */
static bool uuids_log(struct failed_store *s, struct failed_job *job, struct arena tmp,
                      struct error *e)
{
    bool taken = false, twin, fits = job->id.len > 0 && job->id.len <= UUID_BYTES;
    if (fits && !find_twin(s, job, tmp, &taken, &twin, e))
        return false;
    if (taken || !fits) {
        uuid_new(job->made);
        job->id = str_from(job->made);
    }
    return log_row(s, job, true, tmp, e);
}

static bool ids_log(struct failed_store *s, struct failed_job *job, struct arena tmp,
                    struct error *e)
{
    return log_row(s, job, false, tmp, e);
}

/* === reading === */

static struct str cell_text(const struct db_result *r, size_t row, const char *name,
                            struct arena *perm)
{
    struct php_value v = db_cell(r, row, name);
    if (v.type == PHP_INT)
        return str_fmt(perm, "%lld", (long long)v.i);
    return v.type == PHP_STRING ? v.s : S("");
}

static struct failed_job job_of(const struct db_result *r, size_t row, struct arena *perm)
{
    return (struct failed_job){
        .id = cell_text(r, row, "name", perm),
        .row = php_to_int(db_cell(r, row, "id")),
        .connection = cell_text(r, row, "connection", perm),
        .queue = cell_text(r, row, "queue", perm),
        .payload = cell_text(r, row, "payload", perm),
        .failed_at = cell_text(r, row, "failed_at", perm),
    };
}

/* take_page chooses the ids of the next page, the rest of which no row has. */
static bool take_page(struct failed_store *s, struct failed_walk *w, struct arena tmp,
                      struct db_arg ids[FAILED_PAGE], size_t *len, struct error *e)
{
    struct db_result r;
    struct db_arg args[3] = {db_int(w->begun ? w->below : INT64_MAX)};
    int64_t bytes = 0;
    size_t n = 1;
    if (w->of_queue)
        args[n++] = db_text(w->queue);
    args[n++] = db_int(FAILED_PAGE);
    if (!db_run(s->db, w->of_queue ? s->sql->page_queue : s->sql->page, args, n, &tmp, &r,
                e))
        return false;
    for (*len = 0; *len < r.rows; ++*len) {
        bytes += php_to_int(db_cell(&r, *len, "bytes"));
        if (*len && bytes > PAGE_BYTES)
            break;
        w->below = php_to_int(db_cell(&r, *len, "id"));
        ids[*len] = db_int(w->below);
    }
    w->begun = true;
    for (size_t i = *len; i < FAILED_PAGE; i++)
        ids[i] = db_int(0);
    return true;
}

static bool table_next(struct failed_store *s, struct failed_walk *w, struct arena *perm,
                       struct failed_job **jobs, size_t *len, struct error *e)
{
    struct db_arg ids[FAILED_PAGE];
    struct db_result r = {0};
    size_t named;
    *len = 0;
    do {
        if (!take_page(s, w, *perm, ids, &named, e))
            return false;
        if (named && !db_run(s->db, w->lock ? s->sql->read_locked : s->sql->read, ids,
                             FAILED_PAGE, perm, &r, e))
            return false;
    } while (named && r.rows == 0);
    if (named == 0)
        return true;
    *jobs = NEW(perm, struct failed_job, r.rows);
    for (; *len < r.rows; ++*len)
        (*jobs)[*len] = job_of(&r, *len, perm);
    return true;
}

static bool table_count(struct failed_store *s, const struct failed_walk *w,
                        struct arena tmp, int64_t *count, struct error *e)
{
    struct db_arg args[] = {db_text(w->queue)};
    struct db_result r;
    if (!db_run(s->db, w->of_queue ? s->sql->count_queue : s->sql->count, args,
                w->of_queue ? 1 : 0, &tmp, &r, e))
        return false;
    *count = php_to_int(db_cell(&r, 0, "n"));
    return true;
}

static bool table_find(struct failed_store *s, struct str id, bool lock,
                       struct arena *perm, struct failed_job **out, struct error *e)
{
    struct db_arg args[] = {db_text(id)};
    struct db_result r;
    *out = NULL;
    if (!db_run(s->db, lock ? s->sql->find_locked : s->sql->find, args, 1, perm, &r, e))
        return false;
    if (r.rows) {
        *out = NEW(perm, struct failed_job, 1);
        **out = job_of(&r, 0, perm);
    }
    return true;
}

/* === deleting === */

static bool table_remove(struct failed_store *s, const struct failed_job *jobs,
                         size_t len, struct arena tmp, struct error *e)
{
    struct db_arg ids[FAILED_PAGE];
    for (size_t i = 0; i < FAILED_PAGE; i++)
        ids[i] = db_int(i < len ? jobs[i].row : 0);
    return db_run(s->db, s->sql->remove, ids, FAILED_PAGE, &tmp, NULL, e);
}

static bool table_forget(struct failed_store *s, struct str id, struct arena tmp,
                         bool *gone, struct error *e)
{
    struct db_arg args[] = {db_text(id)};
    struct db_result r;
    if (!db_run(s->db, s->sql->forget, args, 1, &tmp, &r, e))
        return false;
    *gone = r.matched > 0;
    return true;
}

static bool table_flush(struct failed_store *s, const struct failed_flush *what,
                        struct arena tmp, struct error *e)
{
    struct db_arg args[2];
    size_t n = 0;
    if (what->timed)
        args[n++] = db_text(clock_datetime(&tmp, what->until));
    if (what->of_queue)
        args[n++] = db_text(what->queue);
    return db_run(s->db, s->sql->flush[what->timed][what->of_queue], args, n, &tmp, NULL,
                  e);
}

static bool table_prune(struct failed_store *s, int64_t before, struct arena tmp,
                        int64_t *pruned, struct error *e)
{
    struct db_arg args[] = {db_text(clock_datetime(&tmp, before))};
    struct db_result r;
    do {
        struct arena again = tmp;
        if (!db_run(s->db, s->sql->prune, args, 1, &again, &r, e))
            return false;
        *pruned += (int64_t)r.matched;
    } while (r.matched);
    return true;
}

const struct failed_ops failed_uuids = {
    .class_name = "DatabaseUuidFailedJobProvider",
    .open = uuids_open,
    .log = uuids_log,
    .twin = uuids_twin,
    .next = table_next,
    .count = table_count,
    .find = table_find,
    .remove = table_remove,
    .forget = table_forget,
    .flush = table_flush,
    .prune = table_prune,
};

const struct failed_ops failed_ids = {
    .class_name = "DatabaseFailedJobProvider",
    .open = ids_open,
    .log = ids_log,
    .twin = ids_twin,
    .next = table_next,
    .count = table_count,
    .find = table_find,
    .remove = table_remove,
    .forget = table_forget,
    .flush = table_flush,
    .prune = table_prune,
};
