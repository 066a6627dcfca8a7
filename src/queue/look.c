/* look.c: finding our jobs among other people's, without a lock.
 *
 * Two marks per queue. `cursor` pages through what was there at the start, once (pass.c).
 * `floor` is where every later look begins: the highest id that stood there some seconds
 * ago, since transactions commit in another order than their ids were given. Ids above it
 * are remembered, so that each payload is searched once in its life. Beneath all a slow
 * sweep goes round for what came otherwise: later than that, or by hand, or after a
 * TRUNCATE.
 *
 * The server searches the payloads; none is sent or decoded here.
 */
#include <stdlib.h>

#include "queue/look_imp.h"

enum {
    VIEW_TOP = 1000,            /* this many of the newest ids are read by every look */
    SWEEP_ROWS = 250,           /* rows per piece of the sweep */
    SWEEP_LOOK_US = 1000,       /* a look begins no piece after this much sweeping */
    SWEEP_SHARE = 100,          /* sweeping takes one hundredth of the time */
    SWEEP_CREDIT_US = 60000000, /* no more than a minute's share is saved up */
};

/* === later looks === */

/* settled remembers the highest id of this second, and returns the one that stood there
 * SETTLE_SECONDS ago: no transaction that was given an id up to it is still open. */
static int64_t settled(struct watch_queue *w, int64_t highest)
{
    int64_t second = clock_mono_ms() / 1000, ring = COUNT(w->samples);
    int64_t passed = w->samples_len ? second - w->sample_second : 1;
    /* Seconds without a look stand as the last one before them did. */
    int64_t fill = passed < ring ? passed : ring;
    int64_t last = w->samples[w->sample_second % ring];
    for (int64_t back = 1; back < fill; back++)
        w->samples[(second - back) % ring] = last;
    w->samples[second % ring] = highest;
    w->sample_second = second;
    w->samples_len += fill;
    if (w->samples_len <= ring)
        return w->floor;
    w->samples_len = ring + 1;
    return w->samples[(second + 1) % ring];
}

static void set_floor(struct watch_queue *w, int64_t floor)
{
    size_t below = 0;
    while (below < w->seen_len && w->seen[below] <= floor)
        below++;
    w->seen_len -= below;
    memmove(w->seen, w->seen + below, w->seen_len * sizeof(*w->seen));
    w->floor = floor;
}

/* start_over pages on from an id, as at the start. */
static void start_over(struct looking *l, int64_t from)
{
    look_set_paged(l, false);
    l->w->cursor = from;
    l->w->seen_len = 0;
}

/* The part of `seen` that a page (from, last] covers. */
struct span {
    size_t at, len;
};

static struct span covered(const struct watch_queue *w, int64_t from, int64_t last)
{
    struct span s = {0};
    size_t low = 0, high = w->seen_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->seen[middle] <= from)
            low = middle + 1;
        else
            high = middle;
    }
    s.at = low;
    while (low < w->seen_len && w->seen[low] <= last)
        low++;
    s.len = low - s.at;
    return s;
}

/* fresh_ids writes those of a page that are not among the seen. */
static size_t fresh_ids(const struct watch_queue *w, struct span s, const int64_t *ids,
                        size_t len, int64_t *fresh)
{
    size_t n = 0, at = s.at, end = s.at + s.len;
    for (size_t i = 0; i < len; i++) {
        while (at < end && w->seen[at] < ids[i])
            at++;
        if (at == end || w->seen[at] != ids[i])
            fresh[n++] = ids[i];
    }
    return n;
}

/* look_page reads the page behind `from` and the rows of ids that were not seen, and
 * makes `seen` say what stands there. *last: the page's last id, INT64_MAX behind the
 * newest. *room false: there is no room for what was found; it is read again later. */
static bool look_page(struct looking *l, int64_t from, int64_t *last, bool *room,
                      struct arena tmp)
{
    struct watch_queue *w = l->w;
    int64_t *ids;
    size_t len;
    if (!look_page_ids(l, from, LOOK_CHUNK, &tmp, &ids, &len))
        return false;
    *last = len == LOOK_CHUNK ? ids[len - 1] : INT64_MAX;
    struct span s = covered(w, from, *last);
    int64_t *fresh = NEW(&tmp, int64_t, len);
    size_t n = fresh_ids(w, s, ids, len, fresh);
    if (!look_read_ids(l, fresh, n, tmp))
        return false;
    *room = !w->full;
    if (*room && w->seen_len + len > WATCH_MAX) {
        start_over(l, from);
        *room = false;
    }
    if (!*room)
        return true;
    int64_t *at = w->seen + s.at;
    memmove(at + len, at + s.len, (w->seen_len - s.at - s.len) * sizeof(*at));
    memcpy(at, ids, len * sizeof(*at));
    w->seen_len += len - s.len;
    return true;
}

/* lower_floor asks what to think when nothing stands at the top any more. Either the
 * newest rows are gone, or ids are given from the start again (TRUNCATE): in both cases
 * the next ones may come below the floor, and the sweep is to begin at the start. */
static bool lower_floor(struct looking *l, struct arena tmp)
{
    int64_t id;
    if (!look_highest(l, &id, tmp))
        return false;
    if (id < l->w->floor) {
        l->w->floor = id;
        l->w->seen_len = 0;
        l->w->samples_len = 0;
        l->w->sweep_cursor = 0;
    }
    return true;
}

/* look_deep reads pages between floor and `top`: first those that the floor is to pass,
 * which is the last time that they are read, else one after the other, round and round.
 */
static bool look_deep(struct looking *l, int64_t top, int64_t passable, size_t pages,
                      struct arena tmp)
{
    struct watch_queue *w = l->w;
    bool room = true;
    for (; pages && room && w->floor < top; pages--) {
        int64_t last, from = w->view_cursor;
        bool leaving = w->floor < passable;
        if (leaving || from < w->floor || from >= top)
            from = w->floor;
        if (!look_page(l, from, &last, &room, tmp))
            return false;
        if (room && leaving)
            set_floor(w, last < passable ? last : passable);
        else
            w->view_cursor = last;
    }
    if (room && w->floor >= top && w->floor < passable)
        set_floor(w, passable); /* from there on all was read just now */
    return true;
}

static int64_t highest_seen(const struct watch_queue *w)
{
    return w->seen_len ? w->seen[w->seen_len - 1] : w->floor;
}

/* look_above reads the ids above the floor, and the payloads of those not seen before:
 * all that stand near the newest, where late ones come, and a part of the others. */
static bool look_above(struct looking *l, struct arena tmp)
{
    struct watch_queue *w = l->w;
    size_t pages = 0;
    bool room;
    int64_t top = w->floor, last;
    if (w->seen_len > VIEW_TOP)
        top = w->seen[w->seen_len - VIEW_TOP - 1];
    for (int64_t from = top; from != INT64_MAX; from = last, pages++) {
        if (!look_page(l, from, &last, &room, tmp))
            return false;
        if (!room)
            return true;
    }
    if (highest_seen(w) <= top && !lower_floor(l, tmp))
        return false;
    /* At least as many pages must leave the view as come into it. */
    size_t deep = pages > VIEW_TOP / LOOK_CHUNK ? pages - VIEW_TOP / LOOK_CHUNK : 1;
    return look_deep(l, top, settled(w, highest_seen(w)), deep, tmp);
}

/* === the sweep === */

static bool sweep_piece(struct looking *l, struct arena tmp)
{
    int64_t *ids;
    size_t len;
    struct watch_queue *w = l->w;
    struct db_result r;
    if (!look_page_ids(l, w->sweep_cursor, SWEEP_ROWS, &tmp, &ids, &len))
        return false;
    if (len) {
        struct str sql = w->all ? l->q->sql.pass_all : l->q->sql.sweep;
        if (!look_read_range(l, sql, w->sweep_cursor, ids[len - 1], &tmp, &r))
            return false;
        look_note_rows(l, &r, tmp);
    }
    w->sweep_cursor = len == SWEEP_ROWS && !w->full ? ids[len - 1] : 0;
    return true;
}

static bool sweep(struct looking *l, struct arena tmp)
{
    struct watch_queue *w = l->w;
    int64_t begun = clock_mono_us(), now = begun;
    if (begun - w->sweep_since_us > SWEEP_CREDIT_US) {
        w->sweep_since_us = begun - SWEEP_CREDIT_US;
        w->sweep_spent_us = 0;
    }
    while (w->sweep_spent_us * SWEEP_SHARE <= now - w->sweep_since_us &&
           now - begun < SWEEP_LOOK_US) {
        int64_t before = now;
        if (!sweep_piece(l, tmp))
            return false;
        now = clock_mono_us();
        w->sweep_spent_us += now - before;
        if (w->sweep_cursor == 0)
            break; /* once round is enough for one look */
    }
    return true;
}

static bool look(struct looking *l)
{
    struct arena tmp = l->q->scratch;
    bool first = !l->w->paged;
    if (first && !look_page_on(l, tmp))
        return false;
    if (look_may_name(l) && !look_name_foreign(l, tmp))
        return false;
    if (!l->w->paged)
        return true;
    return look_above(l, tmp) && (first || sweep(l, tmp));
}

/* switch_over: somebody runs what is not ours, or nobody does any more. */
static void switch_over(struct looking *l)
{
    const struct queue_options *o = &l->q->o;
    bool all = o->takes_all && o->takes_all(o->arg);
    if (all != l->w->all)
        watch_switch(o->watch, l->which, all);
}

static void tell(struct looking *l)
{
    const struct queue_options *o = &l->q->o;
    for (size_t i = 0; i < l->foreign.len; i++)
        o->foreign(o->arg, l->name, l->foreign.at[i], NULL);
}

bool database_look(struct queue *base, size_t which, struct error *e)
{
    struct database *q = database_of(base);
    int64_t asked = clock_mono_us();
    q->unread = q->cut = false;
    if (!queue_fresh(q, e))
        return false;
    if (q->unusable.len)
        return true;
    struct watch_queue *w = look_lock(q->o.watch, which);
    if (!w) {
        q->unread = !watch_paged(q->o.watch, which);
        return true;
    }
    char *mark = arena_mark(&q->arena);
    struct looking l = {
        .q = q, .w = w, .which = which, .name = q->o.queues[which], .e = e};
    bool ok = true;
    /* Another slot may have looked while this one waited for the lock; what it read
     * before that tells nothing of what has been written since. */
    if (w->looked_us < asked) {
        int64_t begun = clock_mono_us();
        switch_over(&l);
        bool first = !w->paged;
        ok = look(&l);
        if (ok)
            w->looked_us = begun;
        else
            q->stale = e->kind == ERR_JOB;
        if (first)
            arena_reset(&q->scratch); /* pages of ids: give them back */
    }
    q->unread = !w->paged && !w->full;
    look_unlock(q->o.watch, which);
    tell(&l);
    arena_release(&q->arena, mark);
    return ok;
}
