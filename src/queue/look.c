/* look.c: finding our jobs among other people's, without a lock.
 *
 * Two marks per queue. `cursor` pages through what was there at the start, once. `floor`
 * is where every later look begins: the highest id that stood there some seconds ago,
 * since transactions commit in another order than their ids were given. Ids above it are
 * remembered, so that each payload is read once in its life. Beneath all a slow sweep
 * goes round for what came otherwise: later than that, or by hand, or after a TRUNCATE.
 */
#include <stdlib.h>

#include "queue/queue_imp.h"

enum {
    SWEEP_SHARE = 100,          /* sweeping takes one hundredth of the time */
    SWEEP_CREDIT_US = 60000000, /* no more than a minute's share is saved up */
};

struct looking {
    struct queue *q;
    struct watch_queue *w;
    size_t which;
    struct str name;
    struct arena tmp; /* by value: each step begins with the same room */
    struct error *e;
};

static int64_t number(const struct db_result *r, size_t row, const char *name)
{
    return php_to_int(db_cell(r, row, name));
}

/* due_of says when a row may be tried, whatever holds it now. */
static int64_t due_of(const struct queue *q, const struct db_result *r, size_t row)
{
    if (db_cell(r, row, "reserved_at").type == PHP_NULL)
        return number(r, row, "available_at");
    return number(r, row, "reserved_at") + q->o.settings->retry_after;
}

/* === what a read row means === */

/* plain_class undoes the JSON escapes that a class name has: "App\\Jobs\\X". */
static struct str plain_class(struct str s, struct arena *tmp)
{
    return str_replace(tmp, s, S("\\\\"), S("\\"));
}

static bool is_candidate(struct looking *l, int64_t id, struct str raw)
{
    struct arena tmp = l->tmp;
    struct payload p = payload_parse(raw, &tmp);
    if (queue_ours(l->q->o.classes, l->q->o.classes_len, &p, raw) >= 0)
        return true;
    if (p.is_json && p.command_name.len) {
        if (watch_is_new(l->q->o.watch, payload_name(&p)))
            l->q->o.foreign(l->q->o.arg, l->name, payload_name(&p));
        return false;
    }
    struct str mark =
        str_fmt(&tmp, "unreadable %.*s %lld", STR_ARG(l->name), (long long)id);
    if (watch_is_new(l->q->o.watch, mark))
        l->q->o.unreadable(l->q->o.arg, l->name, id);
    return false;
}

/* note_rows puts ours on the watch list and names other people's classes. false: there is
 * no room on the list; what is below the returned id was noted. */
static bool note_rows(struct looking *l, const struct db_result *r)
{
    bool room = true;
    for (size_t row = 0; row < r->rows && room; row++) {
        struct arena tmp = l->tmp;
        struct php_value payload = db_cell(r, row, "payload");
        struct php_value class_name = db_cell(r, row, "class");
        int64_t id = number(r, row, "id");
        if (payload.type == PHP_STRING && is_candidate(l, id, payload.s)) {
            watch_lock(l->q->o.watch, l->which);
            room = watch_put(l->w, id, due_of(l->q, r, row));
            watch_unlock(l->q->o.watch, l->which);
        } else if (class_name.type == PHP_STRING && class_name.s.len) {
            struct str name = plain_class(class_name.s, &tmp);
            if (watch_is_new(l->q->o.watch, name))
                l->q->o.foreign(l->q->o.arg, l->name, name);
        }
    }
    return room;
}

/* === statements === */

/* page reads the next ids behind `from`. */
static bool page(struct looking *l, int64_t from, struct arena *tmp, int64_t **ids,
                 size_t *len)
{
    struct db_arg args[] = {db_text(l->name), db_int(from)};
    struct db_result r;
    if (!db_run(l->q->o.db, l->q->sql.ids, args, COUNT(args), tmp, &r, l->e))
        return false;
    *ids = NEW(tmp, int64_t, r.rows);
    *len = r.rows;
    for (size_t i = 0; i < r.rows; i++)
        (*ids)[i] = php_to_int(r.cells[i]);
    return true;
}

/* read_range reads the payloads of a whole page, from < id <= to. */
static bool read_range(struct looking *l, int64_t from, int64_t to, struct arena tmp,
                       bool *room)
{
    struct db_arg args[] = {db_text(l->name), db_int(from), db_int(to)};
    struct db_result r;
    if (!db_run(l->q->o.db, l->q->sql.pass, args, COUNT(args), &tmp, &r, l->e))
        return false;
    l->tmp = tmp;
    *room = note_rows(l, &r);
    return true;
}

/* read_ids reads payloads by name; places that are left repeat the last id. */
static bool read_ids(struct looking *l, const int64_t *ids, size_t len, struct arena tmp,
                     bool *room)
{
    *room = true;
    for (size_t at = 0; at < len && *room; at += READ_IDS) {
        struct arena piece = tmp;
        struct db_arg args[READ_IDS + 1];
        struct db_result r;
        for (size_t i = 0; i < READ_IDS; i++)
            args[i] = db_int(ids[at + i < len ? at + i : len - 1]);
        args[READ_IDS] = db_text(l->name);
        if (!db_run(l->q->o.db, l->q->sql.read, args, COUNT(args), &piece, &r, l->e))
            return false;
        l->tmp = piece;
        *room = note_rows(l, &r);
    }
    return true;
}

/* === first pass === */

static bool first_pass(struct looking *l, struct arena tmp)
{
    for (;;) {
        struct arena step = tmp;
        int64_t *ids;
        size_t len;
        bool room = true;
        if (!page(l, l->w->cursor, &step, &ids, &len))
            return false;
        if (len && !read_range(l, l->w->cursor, ids[len - 1], step, &room))
            return false;
        if (!room)
            return true; /* go on when the list has room again */
        if (len)
            l->w->cursor = ids[len - 1];
        if (len < CHUNK)
            break;
    }
    l->w->paged = true;
    l->w->floor = l->w->cursor > LOOK_MARGIN ? l->w->cursor - LOOK_MARGIN : 0;
    l->w->sweep_since_us = clock_mono_us();
    /* What stands between the floor and the cursor was read just now. */
    l->w->seen_len = 0;
    for (int64_t from = l->w->floor;;) {
        struct arena step = tmp;
        int64_t *ids;
        size_t len;
        if (!page(l, from, &step, &ids, &len))
            return false;
        for (size_t i = 0; i < len && ids[i] <= l->w->cursor; i++)
            if (l->w->seen_len < WATCH_MAX)
                l->w->seen[l->w->seen_len++] = ids[i];
        if (len < CHUNK || ids[len - 1] >= l->w->cursor)
            return true;
        from = ids[len - 1];
    }
}

/* === later looks === */

/* raise_floor remembers the highest id of this second and lifts the floor to what stood
 * there SETTLE_SECONDS ago. */
static void raise_floor(struct watch_queue *w, int64_t highest)
{
    int64_t second = clock_mono_ms() / 1000;
    size_t ring = COUNT(w->samples);
    if (w->samples_len && second == w->sample_second) {
        w->samples[(size_t)second % ring] = highest;
        return;
    }
    /* Seconds without a look stand as the last one before them did. */
    if (w->samples_len && second - w->sample_second < (int64_t)ring)
        for (int64_t s = w->sample_second + 1; s < second; s++)
            w->samples[(size_t)s % ring] = w->samples[(size_t)w->sample_second % ring];
    else if (w->samples_len)
        for (size_t i = 0; i < ring; i++)
            w->samples[i] = w->samples[(size_t)w->sample_second % ring];
    int64_t passed = w->samples_len ? second - w->sample_second : 1;
    w->samples_len += passed;
    w->sample_second = second;
    w->samples[(size_t)second % ring] = highest;
    if (w->samples_len <= (int64_t)ring)
        return;
    w->samples_len = (int64_t)ring + 1;
    int64_t then = w->samples[(size_t)(second + 1) % ring];
    if (then > w->floor)
        w->floor = then;
}

/* look_above reads the ids above the floor, and the payloads of those not seen before. */
static bool look_above(struct looking *l, struct arena tmp)
{
    VEC(int64_t) now = {0}, fresh = {0};
    int64_t from = l->w->floor;
    size_t at = 0;
    for (;;) {
        int64_t *ids;
        size_t len;
        if (!page(l, from, &tmp, &ids, &len))
            return false;
        for (size_t i = 0; i < len && now.len < WATCH_MAX; i++) {
            VEC_PUSH(&tmp, &now, ids[i]);
            while (at < l->w->seen_len && l->w->seen[at] < ids[i])
                at++;
            if (at == l->w->seen_len || l->w->seen[at] != ids[i])
                VEC_PUSH(&tmp, &fresh, ids[i]);
        }
        if (len < CHUNK || now.len == WATCH_MAX)
            break;
        from = ids[len - 1];
    }
    bool room;
    if (!read_ids(l, fresh.at, fresh.len, tmp, &room))
        return false;
    if (!room)
        return true; /* none of these counts as seen: they are read again later */
    int64_t highest = now.len ? now.at[now.len - 1] : l->w->floor;
    raise_floor(l->w, highest);
    l->w->seen_len = 0;
    for (size_t i = 0; i < now.len; i++)
        if (now.at[i] > l->w->floor)
            l->w->seen[l->w->seen_len++] = now.at[i];
    return true;
}

/* === the sweep === */

/* end_round begins anew. When the highest id of a whole round lies below the floor, ids
 * were given again from the start (TRUNCATE), or the newest rows are gone: either way the
 * next look must begin there. */
static void end_round(struct watch_queue *w)
{
    if (w->sweep_highest < w->floor) {
        w->floor = w->sweep_highest;
        w->samples_len = 0;
        w->seen_len = 0;
    }
    w->sweep_cursor = w->sweep_highest = 0;
}

static bool sweep_page(struct looking *l, struct arena tmp)
{
    int64_t *ids;
    size_t len;
    bool room = true;
    struct watch_queue *w = l->w;
    if (!page(l, w->sweep_cursor, &tmp, &ids, &len))
        return false;
    if (len) {
        struct db_arg args[] = {db_text(l->name), db_int(w->sweep_cursor),
                                db_int(ids[len - 1])};
        struct db_result r;
        if (!db_run(l->q->o.db, l->q->sql.sweep, args, COUNT(args), &tmp, &r, l->e))
            return false;
        l->tmp = tmp;
        room = note_rows(l, &r);
        w->sweep_cursor = w->sweep_highest = ids[len - 1];
    }
    if (len < CHUNK || !room)
        end_round(w);
    return true;
}

static bool sweep(struct looking *l, struct arena tmp)
{
    struct watch_queue *w = l->w;
    int64_t begun = clock_mono_us();
    if (begun - w->sweep_since_us > SWEEP_CREDIT_US) {
        w->sweep_since_us = begun - SWEEP_CREDIT_US;
        w->sweep_spent_us = 0;
    }
    if (w->sweep_spent_us * SWEEP_SHARE > begun - w->sweep_since_us)
        return true;
    if (!sweep_page(l, tmp))
        return false;
    w->sweep_spent_us += clock_mono_us() - begun;
    return true;
}

bool queue_look(struct queue *q, size_t which, struct arena tmp, struct error *e)
{
    int64_t asked = clock_mono_us();
    struct watch_queue *w = look_lock(q->o.watch, which);
    struct looking l = {
        .q = q, .w = w, .which = which, .name = q->o.queues[which], .tmp = tmp, .e = e};
    bool ok = true;
    /* Another slot may have looked while this one waited for the lock. */
    if (w->looked_us < asked) {
        bool first = !w->paged;
        if (first)
            ok = first_pass(&l, tmp);
        if (ok && w->paged)
            ok = look_above(&l, tmp);
        if (ok && w->paged && !first)
            ok = sweep(&l, tmp);
        if (ok)
            w->looked_us = clock_mono_us();
    }
    look_unlock(q->o.watch, which);
    return ok;
}
