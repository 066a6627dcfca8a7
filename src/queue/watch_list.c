/* watch_list.c: the rows of a queue that are watched, in the order of their ids, and the
 * refusals that are remembered. watch_lock is held.
 */
#include "queue/queue_imp.h"

/* place returns the first position whose id is not below `id`. */
static size_t place(const struct watch_queue *w, int64_t id)
{
    size_t low = w->head, high = w->head + w->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->list[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool stands_at(const struct watch_queue *w, size_t at, int64_t id)
{
    return at < w->head + w->len && w->list[at].id == id;
}

bool watch_put(struct watch_queue *w, int64_t id, int64_t due)
{
    size_t at = place(w, id), end = w->head + w->len;
    if (stands_at(w, at, id)) {
        w->list[at].due = due;
        return true;
    }
    if (w->len == WATCH_MAX)
        return false;
    if (end == WATCH_MAX) { /* the room is all before the head: move to the front */
        memmove(w->list, w->list + w->head, w->len * sizeof(*w->list));
        at -= w->head;
        end -= w->head;
        w->head = 0;
    }
    memmove(w->list + at + 1, w->list + at, (end - at) * sizeof(*w->list));
    w->list[at] = (struct watch_entry){.id = id, .due = due};
    w->len++;
    return true;
}

bool watch_found(struct watch_queue *w, int64_t id, int64_t due, bool sure)
{
    bool known = stands_at(w, place(w, id), id);
    if (!watch_put(w, id, due))
        return false;
    if (!known) /* of one that is known more may be known */
        w->list[place(w, id)].doubt = !sure;
    return true;
}

void watch_leave(struct watch_queue *w, int64_t id, int64_t until)
{
    size_t at = place(w, id);
    if (!stands_at(w, at, id)) {
        watch_put(w, id, until); /* where there is no room the sweep finds it again */
        at = place(w, id);
    }
    if (stands_at(w, at, id))
        w->list[at].due = w->list[at].until = until;
}

void watch_remove(struct watch_queue *w, int64_t id)
{
    size_t at = place(w, id);
    if (!stands_at(w, at, id))
        return;
    /* Most that goes stands near the head: move the short part before it. */
    memmove(w->list + w->head + 1, w->list + w->head, (at - w->head) * sizeof(*w->list));
    w->head++;
    w->len--;
    if (w->len == 0)
        w->head = 0;
}

static bool is_due(const struct watch_entry *entry, int64_t now)
{
    return entry->due <= now && entry->until <= now;
}

size_t watch_due(const struct watch_queue *w, int64_t now, size_t skip, int64_t *ids,
                 size_t max)
{
    size_t n = 0;
    for (size_t i = w->head; i < w->head + w->len && n < max; i++) {
        if (!is_due(&w->list[i], now))
            continue;
        if (skip)
            skip--;
        else
            ids[n++] = w->list[i].id;
    }
    return n;
}

/* === in doubt, and refused === */

size_t watch_doubtful(const struct watch_queue *w, int64_t now, int64_t *ids, size_t max)
{
    size_t n = 0;
    for (size_t i = w->head; i < w->head + w->len && n < max; i++)
        if (w->list[i].doubt && is_due(&w->list[i], now))
            ids[n++] = w->list[i].id;
    return n;
}

bool watch_doubts(const struct watch_queue *w, const int64_t *ids, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        size_t at = place(w, ids[i]);
        if (stands_at(w, at, ids[i]) && w->list[at].doubt)
            return true;
    }
    return false;
}

void watch_doubt(struct watch_queue *w, int64_t after, int64_t now, size_t max)
{
    for (size_t i = place(w, after + 1); i < w->head + w->len && max; i++)
        if (is_due(&w->list[i], now)) {
            w->list[i].doubt = true;
            max--;
        }
}

void watch_trust(struct watch_queue *w, int64_t id)
{
    size_t at = place(w, id);
    if (stands_at(w, at, id))
        w->list[at].doubt = false;
}

static struct watch_refusal *place_of(const struct watch_queue *w, int64_t id)
{
    return &w->refused[(uint64_t)id % WATCH_MAX];
}

void watch_refuse(struct watch_queue *w, struct watch_refusal r)
{
    *place_of(w, r.id) = r;
    watch_remove(w, r.id);
}

bool watch_refused(const struct watch_queue *w, struct watch_refusal r)
{
    const struct watch_refusal *known = place_of(w, r.id);
    return known->id == r.id && known->mark == r.mark && known->stamp == r.stamp;
}
