/* pass.c: the first pass: what stood in a queue when the worker was started.
 *
 * It ends where a row of ours is due, and goes on between jobs: a start must not wait for
 * the whole table. Pages go by id, as Laravel takes jobs: the first that is due on the
 * list is the first that is due in the queue.
 */
#include "queue/look_imp.h"

enum {
    FIRST_CHUNK = 50,        /* ids of the first page; doubled from page to page */
    FAR_CHUNK = 4000,        /* up to so many */
    PAGE_US = 20000,         /* halved when one took longer */
    DENSE = 3,               /* a page has no more ids than rows times this */
    PAGES_MAX = 16,          /* of one look, since its slot hears nothing meanwhile */
    PAGES_US = 200000,       /* it begins none after so long */
    PAGES_BESIDE_US = 25000, /* or so long, while there is work */
};

/* keep_seen remembers the ids of a page that will stand above the floor, wherever the
 * pass ends. */
static void keep_seen(struct watch_queue *w, const int64_t *ids, size_t len)
{
    int64_t floor = ids[len - 1] - LOOK_MARGIN;
    size_t below = 0;
    while (below < w->seen_len && w->seen[below] <= floor)
        below++;
    w->seen_len -= below;
    memmove(w->seen, w->seen + below, w->seen_len * sizeof(*w->seen));
    for (size_t i = 0; i < len; i++)
        if (ids[i] > floor)
            w->seen[w->seen_len++] = ids[i];
}

static void end_of_pass(struct looking *l)
{
    struct watch_queue *w = l->w;
    look_set_paged(l, true);
    w->floor = w->cursor > LOOK_MARGIN ? w->cursor - LOOK_MARGIN : 0;
    w->sweep_since_us = clock_mono_us();
    w->sweep_spent_us = 0;
}

/* read_page reads the candidates of a page. Where nearly all ids between its ends are its
 * own the rows are walked in their own order, which is far cheaper than to fetch each by
 * what the queue's index says. */
static bool read_page(struct looking *l, int64_t to, size_t len, struct arena tmp)
{
    struct db_result r;
    bool dense = to - l->w->cursor <= DENSE * (int64_t)len;
    const struct queue_sql *sql = &l->q->sql;
    bool all = l->w->all;
    if (!look_read_range(l,
                         all     ? dense ? sql->pass_all_dense : sql->pass_all
                         : dense ? sql->pass_dense
                                 : sql->pass,
                         l->w->cursor, to, &tmp, &r))
        return false;
    l->w->full = false;
    if (all)
        look_note_rows(l, &r, tmp);
    for (size_t row = 0; row < r.rows && !l->w->full && !all; row++) {
        bool sure = php_to_int(db_cell(&r, row, "sure")) != 0;
        look_note_row(l, &r, row, sure ? WATCH_OURS : WATCH_PERHAPS);
    }
    return true;
}

/* far_page reads the next page where it lies so far below the newest that its ids need
 * not be remembered. *far false: it does not, or it is the last one. */
static bool far_page(struct looking *l, int64_t limit, bool *far, struct arena tmp)
{
    struct watch_queue *w = l->w;
    struct db_arg args[] = {db_text(l->name), db_int(w->cursor), db_int(limit - 1)};
    struct db_result r;
    *far = false;
    if (w->top - w->cursor <= LOOK_MARGIN)
        return true;
    if (!db_run(l->q->o.db, l->q->sql.page_end, args, COUNT(args), &tmp, &r, l->e))
        return false;
    int64_t to = r.rows && r.cells[0].type == PHP_INT ? r.cells[0].i : INT64_MAX;
    *far = to < w->top - LOOK_MARGIN;
    if (!*far)
        return true;
    if (!read_page(l, to, (size_t)limit, tmp))
        return false;
    if (!w->full)
        w->cursor = to;
    return true;
}

/* near_page reads one whose ids are remembered. */
static bool near_page(struct looking *l, int64_t limit, struct arena tmp)
{
    struct watch_queue *w = l->w;
    int64_t *ids;
    size_t len;
    if (!look_page_ids(l, w->cursor, limit, &tmp, &ids, &len))
        return false;
    if (len) {
        if (!read_page(l, ids[len - 1], len, tmp))
            return false;
        if (w->full)
            return true;
        keep_seen(w, ids, len);
        w->cursor = ids[len - 1];
    }
    if ((int64_t)len < limit)
        end_of_pass(l);
    return true;
}

static bool next_page(struct looking *l, struct arena tmp)
{
    struct watch_queue *w = l->w;
    int64_t begun = clock_mono_us(), limit = w->chunk ? w->chunk : FIRST_CHUNK;
    bool far;
    w->full = false;
    if (!w->chunk && !look_highest(l, &w->top, tmp))
        return false;
    if (!far_page(l, limit, &far, tmp))
        return false;
    if (!far && !near_page(l, limit < LOOK_CHUNK ? limit : LOOK_CHUNK, tmp))
        return false;
    if (clock_mono_us() - begun > PAGE_US)
        w->chunk = limit / 2 > FIRST_CHUNK ? limit / 2 : FIRST_CHUNK;
    else
        w->chunk = limit * 2 < FAR_CHUNK ? limit * 2 : FAR_CHUNK;
    return true;
}

static bool is_work(struct looking *l)
{
    int64_t id;
    watch_lock(l->q->o.watch, l->which);
    size_t n = watch_due(l->w, WATCH_ANY, clock_unix(), 0, &id, 1);
    watch_unlock(l->q->o.watch, l->which);
    return n > 0;
}

bool look_page_on(struct looking *l, struct arena tmp)
{
    int64_t begun = clock_mono_us();
    bool beside = is_work(l), enough = false;
    for (int pages = 0; pages < PAGES_MAX && !l->w->paged && !enough; pages++) {
        if (!next_page(l, tmp))
            return false;
        int64_t spent = clock_mono_us() - begun;
        enough = l->w->full || spent >= (beside ? PAGES_BESIDE_US : PAGES_US) ||
                 (!beside && is_work(l));
    }
    return true;
}

bool look_name_foreign(struct looking *l, struct arena tmp)
{
    struct db_arg args[] = {db_text(l->name), db_text(l->name)};
    struct db_result r;
    bool ok = db_run(l->q->o.db, l->q->sql.foreign, args, COUNT(args), &tmp, &r, l->e);
    if (!ok && l->e->kind != ERR_JOB)
        return false;
    for (size_t row = 0; ok && row < r.rows; row++)
        look_note_class(l, str_skip(db_cell(&r, row, "what").s, 1), tmp);
    /* What the server refuses here (no room for sorting, say) holds no letter up. */
    err_clear(l->e);
    l->w->named = true;
    return true;
}

bool look_may_name(struct looking *l)
{
    struct watch_queue *w = watch_lock(l->q->o.watch, l->which);
    bool may = !w->named && !w->all && (w->paged || w->claimed);
    watch_unlock(l->q->o.watch, l->which);
    return may;
}
