/* screen.c: whether a candidate is ours, by its payload.
 *
 * A look only finds rows that hold the name of a class of ours. A claim decides, on the
 * one row that it has locked. Where that is likely to be said no (the name stands
 * elsewhere than Laravel writes it, or one like it was refused just now), the rows that
 * are due are read together first, and not locked at all.
 */
#include "queue/queue_imp.h"

/* stamp_of: a refusal that others' work made nobody hear of does not count once they are
 * gone. */
static uint32_t stamp_of(const struct database *q, const struct watch_queue *w)
{
    uint32_t stamp = q->o.stamp ? (uint32_t)q->o.stamp(q->o.arg) : 0;
    return w->all ? ~stamp : stamp;
}

bool queue_refused(const struct database *q, const struct watch_queue *w, int64_t id,
                   int64_t mark)
{
    return watch_refused(w, (struct watch_refusal){id, (uint32_t)mark, stamp_of(q, w)});
}

void queue_forget(struct database *q, size_t which, int64_t id, int64_t mark)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_refuse(w, (struct watch_refusal){id, (uint32_t)mark, stamp_of(q, w)});
    watch_unlock(q->o.watch, which);
}

static void tell_unreadable(const struct database *q, struct str queue, int64_t id,
                            struct arena tmp)
{
    struct str mark =
        str_fmt(&tmp, "unreadable %.*s %lld", STR_ARG(queue), (long long)id);
    if (watch_is_new(q->o.watch, mark))
        q->o.unreadable(q->o.arg, queue, id);
}

static bool runs_all(const struct database *q, size_t which)
{
    bool all = watch_lock(q->o.watch, which)->all;
    watch_unlock(q->o.watch, which);
    return all;
}

void queue_tell_refused(const struct database *q, size_t which, int64_t id,
                        const struct payload *p, const char *reason, struct arena tmp)
{
    struct str name = p ? payload_name(p) : S(""), queue = q->o.queues[which];
    if (runs_all(q, which))
        return;
    if (!p || !p->is_json || !name.len)
        tell_unreadable(q, queue, id, tmp);
    else if (queue_foreign_is_new(q, name, reason, tmp))
        q->o.foreign(q->o.arg, queue, name, reason);
}

/* Rows of one queue, about which is decided; tmp is for one row. */
struct screening {
    struct database *q;
    size_t which;
    struct arena tmp;
};

/* is_ours says so of a payload's text, or tells why it is not. */
static bool is_ours(const struct screening *s, int64_t id, struct str raw)
{
    const struct database *q = s->q;
    struct arena tmp = s->tmp;
    struct queue_job j = {.id = id, .raw = raw, .payload = payload_parse(raw, &tmp)};
    const char *reason = NULL;
    if (queue_takes(q, &j, NULL, &reason) >= 0)
        return true;
    queue_tell_refused(q, s->which, id, &j.payload, reason, tmp);
    return false;
}

/* screen_long: a payload that was too long to be sent with others comes alone. */
static bool screen_long(const struct screening *s, int64_t id, bool *ours,
                        struct error *e)
{
    struct database *q = s->q;
    struct screening one = *s; /* whose payload stands in the arena */
    struct db_arg args[] = {db_int(id), db_int(PAYLOAD_MAX)};
    struct db_result r;
    *ours = false;
    if (!db_run(q->o.db, q->sql.long_one, args, COUNT(args), &one.tmp, &r, e))
        return false;
    if (r.rows && r.cells[0].type == PHP_STRING)
        *ours = is_ours(&one, id, r.cells[0].s);
    else
        queue_tell_refused(q, s->which, id, NULL, NULL, one.tmp);
    return true;
}

static bool screen_row(const struct screening *s, const struct db_result *r, size_t row,
                       bool *ours, struct error *e)
{
    struct database *q = s->q;
    struct str raw = db_cell(r, row, "payload").s;
    int64_t id = php_to_int(db_cell(r, row, "id"));
    if (raw.len)
        *ours = is_ours(s, id, raw);
    else if (!screen_long(s, id, ours, e))
        return false;
    if (!*ours) {
        queue_forget(q, s->which, id, php_to_int(db_cell(r, row, "mark")));
        return true;
    }
    struct watch_queue *w = watch_lock(q->o.watch, s->which);
    watch_trust(w, id);
    watch_unlock(q->o.watch, s->which);
    return true;
}

void queue_doubt(struct database *q, size_t which, int64_t id, int64_t now)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    watch_doubt(w, id, now, READ_IDS);
    watch_unlock(q->o.watch, which);
}

/* drop_gone takes those off the list that do not stand in the queue any more. */
static void drop_gone(struct database *q, size_t which, const struct db_result *r,
                      const int64_t *ids, size_t len)
{
    struct watch_queue *w = watch_lock(q->o.watch, which);
    for (size_t i = 0; i < len; i++) {
        bool there = false;
        for (size_t row = 0; row < r->rows && !there; row++)
            there = php_to_int(db_cell(r, row, "id")) == ids[i];
        if (!there)
            watch_remove(w, ids[i]);
    }
    watch_unlock(q->o.watch, which);
}

bool queue_screen(struct database *q, size_t which, int64_t now, struct error *e)
{
    struct arena tmp = q->scratch;
    struct db_arg args[READ_IDS + 1];
    struct db_result r;
    int64_t ids[READ_IDS];
    struct watch_queue *w = watch_lock(q->o.watch, which);
    size_t len = watch_due(w, WATCH_DOUBTFUL, now, 0, ids, READ_IDS);
    watch_unlock(q->o.watch, which);
    if (len == 0)
        return true; /* another slot was faster */
    for (size_t i = 0; i < READ_IDS; i++)
        args[i] = db_int(ids[i < len ? i : len - 1]);
    args[READ_IDS] = db_text(q->o.queues[which]);
    if (!db_run(q->o.db, q->sql.screen, args, COUNT(args), &tmp, &r, e))
        return false;
    drop_gone(q, which, &r, ids, len);
    struct screening s = {q, which, tmp};
    size_t refused = 0;
    for (size_t row = 0; row < r.rows; row++) {
        bool ours;
        if (!screen_row(&s, &r, row, &ours, e))
            return false;
        refused += !ours;
    }
    if (refused * 2 > len)
        queue_doubt(q, which, ids[len - 1], now);
    return true;
}
