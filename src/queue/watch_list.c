/* watch_list.c: the rows of a queue that are watched, and the refusals that are
 * remembered. watch_lock is held.
 *
 * The entries are a tree by id, in which each knows when the first of it and those under
 * it comes due. So the first that are due are found past any number of others, and an
 * entry comes and goes wherever it stands, in some twenty steps each. What stands higher
 * has the higher rank, a hash of its id, which keeps the tree about that deep. Entry 0 is
 * none.
 */
#include "queue/queue_imp.h"

/* === the tree === */

static uint64_t rank(const struct watch_queue *w, uint32_t at)
{
    uint64_t x = (uint64_t)w->list[at].id;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    return x ^ x >> 32;
}

static int64_t due_of(const struct watch_entry *x)
{
    return x->due > x->until ? x->due : x->until;
}

static bool is_of(const struct watch_entry *x, enum watch_kind kind)
{
    if (kind == WATCH_ANY || kind == WATCH_FOREIGN)
        return kind == WATCH_ANY || !x->native;
    return x->native && (kind == WATCH_NATIVE || x->doubt);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void sum_up(struct watch_queue *w, uint32_t at)
{
    struct watch_entry *x = &w->list[at];
    for (enum watch_kind k = 0; k < WATCH_KINDS; k++) {
        int64_t own = is_of(x, k) ? due_of(x) : INT64_MAX;
        int64_t below = w->list[x->below].soonest[k];
        x->soonest[k] = sooner(own, sooner(below, w->list[x->above].soonest[k]));
    }
}

/* summed sums up what stands on the way from `at` to an entry that was changed. */
static void summed(struct watch_queue *w, uint32_t at, uint32_t changed)
{
    const struct watch_entry *x = &w->list[at];
    if (at != changed)
        summed(w, w->list[changed].id < x->id ? x->below : x->above, changed);
    sum_up(w, at);
}

/* split parts a tree into the ids below `id` and those above it. */
static void split(struct watch_queue *w, uint32_t at, int64_t id, uint32_t *below,
                  uint32_t *above)
{
    if (!at) {
        *below = *above = 0;
        return;
    }
    struct watch_entry *x = &w->list[at];
    if (x->id < id) {
        *below = at;
        split(w, x->above, id, &x->above, above);
    } else {
        *above = at;
        split(w, x->below, id, below, &x->below);
    }
    sum_up(w, at);
}

/* join makes one tree of two; all ids of the first are lower. */
static uint32_t join(struct watch_queue *w, uint32_t low, uint32_t high)
{
    if (!low || !high)
        return low ? low : high;
    bool on_top = rank(w, low) > rank(w, high);
    uint32_t top = on_top ? low : high;
    if (on_top)
        w->list[top].above = join(w, w->list[low].above, high);
    else
        w->list[top].below = join(w, low, w->list[high].below);
    sum_up(w, top);
    return top;
}

/* insert returns the tree with a new entry. */
static uint32_t insert(struct watch_queue *w, uint32_t at, uint32_t new)
{
    struct watch_entry *x = &w->list[at], *n = &w->list[new];
    if (!at || rank(w, new) > rank(w, at)) {
        split(w, at, n->id, &n->below, &n->above);
        sum_up(w, new);
        return new;
    }
    if (n->id < x->id)
        x->below = insert(w, x->below, new);
    else
        x->above = insert(w, x->above, new);
    sum_up(w, at);
    return at;
}

/* cut returns the tree without one of its entries. */
static uint32_t cut(struct watch_queue *w, uint32_t at, uint32_t old)
{
    struct watch_entry *x = &w->list[at];
    if (at == old)
        return join(w, x->below, x->above);
    if (w->list[old].id < x->id)
        x->below = cut(w, x->below, old);
    else
        x->above = cut(w, x->above, old);
    sum_up(w, at);
    return at;
}

/* === the list === */

void watch_empty(struct watch_queue *w)
{
    w->root = w->unused = w->used = 0;
    w->len = 0;
    for (enum watch_kind k = 0; k < WATCH_KINDS; k++)
        w->list[0].soonest[k] = INT64_MAX;
}

static uint32_t find(const struct watch_queue *w, int64_t id)
{
    uint32_t at = w->root;
    while (at && w->list[at].id != id)
        at = id < w->list[at].id ? w->list[at].below : w->list[at].above;
    return at;
}

/* add gives a new entry; 0: there is no room. */
static uint32_t add(struct watch_queue *w, int64_t id, int64_t due,
                    enum watch_whose whose)
{
    if (w->len == WATCH_MAX)
        return 0;
    uint32_t at = w->unused;
    if (at)
        w->unused = w->list[at].below;
    else
        at = ++w->used;
    w->list[at] = (struct watch_entry){.id = id,
                                       .due = due,
                                       .native = whose != WATCH_OTHERS,
                                       .doubt = whose == WATCH_PERHAPS};
    w->root = insert(w, w->root, at);
    w->len++;
    return at;
}

bool watch_put(struct watch_queue *w, int64_t id, int64_t due)
{
    uint32_t at = find(w, id);
    if (!at)
        return add(w, id, due, WATCH_OURS) != 0;
    w->list[at].due = due;
    summed(w, w->root, at);
    return true;
}

bool watch_found(struct watch_queue *w, int64_t id, int64_t due, enum watch_whose whose)
{
    uint32_t at = find(w, id);
    if (!at)
        return add(w, id, due, whose) != 0;
    struct watch_entry *x = &w->list[at];
    x->due = due;
    /* Of one of ours that is known more may be known; what was not ours has changed. */
    x->doubt = x->native ? x->doubt : true;
    x->native = whose != WATCH_OTHERS;
    summed(w, w->root, at);
    return true;
}

void watch_disown(struct watch_queue *w, int64_t id)
{
    uint32_t at = find(w, id);
    if (!at)
        return;
    w->list[at].native = false;
    summed(w, w->root, at);
}

void watch_leave(struct watch_queue *w, int64_t id, int64_t until)
{
    uint32_t at = find(w, id);
    if (!at)
        at = add(w, id, until, WATCH_OURS);
    if (!at)
        return; /* where there is no room the sweep finds it again */
    w->list[at].due = w->list[at].until = until;
    summed(w, w->root, at);
}

/* give_back: an entry is free, and does not stand in the tree any more. */
static void give_back(struct watch_queue *w, uint32_t at)
{
    w->list[at].below = w->unused;
    w->unused = at;
    w->len--;
}

void watch_remove(struct watch_queue *w, int64_t id)
{
    uint32_t at = find(w, id);
    if (!at)
        return;
    w->root = cut(w, w->root, at);
    give_back(w, at);
}

/* ours_of returns the tree without what is not ours. */
static uint32_t ours_of(struct watch_queue *w, uint32_t at)
{
    struct watch_entry *x = &w->list[at];
    if (!at)
        return 0;
    x->below = ours_of(w, x->below);
    x->above = ours_of(w, x->above);
    if (x->native) {
        sum_up(w, at);
        return at;
    }
    uint32_t rest = join(w, x->below, x->above);
    give_back(w, at);
    return rest;
}

void watch_keep_ours(struct watch_queue *w)
{
    w->root = ours_of(w, w->root);
}

/* What is asked of the list, and the answer. */
struct question {
    enum watch_kind kind;
    int64_t now, after; /* ids behind it */
    size_t skip;
    int64_t *ids;
    size_t len, max;
};

static void answer(const struct watch_queue *w, uint32_t at, struct question *q)
{
    const struct watch_entry *x = &w->list[at];
    if (!at || x->soonest[q->kind] > q->now || q->len == q->max)
        return;
    if (x->id > q->after) {
        answer(w, x->below, q);
        if (is_of(x, q->kind) && due_of(x) <= q->now && q->len < q->max) {
            if (q->skip)
                q->skip--;
            else
                q->ids[q->len++] = x->id;
        }
    }
    answer(w, x->above, q);
}

size_t watch_due(const struct watch_queue *w, enum watch_kind kind, int64_t now,
                 size_t skip, int64_t *ids, size_t max)
{
    struct question q = {kind, now, INT64_MIN, skip, ids, 0, max};
    answer(w, w->root, &q);
    return q.len;
}

/* === in doubt, and refused === */

bool watch_doubts(const struct watch_queue *w, const int64_t *ids, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t at = find(w, ids[i]);
        if (at && w->list[at].doubt)
            return true;
    }
    return false;
}

static void set_doubt(struct watch_queue *w, int64_t id, bool doubt)
{
    uint32_t at = find(w, id);
    if (!at)
        return;
    w->list[at].doubt = doubt;
    summed(w, w->root, at);
}

void watch_doubt(struct watch_queue *w, int64_t after, int64_t now, size_t max)
{
    for (; max; max--) {
        int64_t id;
        struct question q = {WATCH_NATIVE, now, after, 0, &id, 0, 1};
        answer(w, w->root, &q);
        if (!q.len)
            return;
        set_doubt(w, id, true);
        after = id;
    }
}

void watch_trust(struct watch_queue *w, int64_t id)
{
    set_doubt(w, id, false);
}

static struct watch_refusal *place_of(const struct watch_queue *w, int64_t id)
{
    return &w->refused[(uint64_t)id % WATCH_MAX];
}

void watch_refuse(struct watch_queue *w, struct watch_refusal r)
{
    *place_of(w, r.id) = r;
    if (w->all)
        watch_disown(w, r.id);
    else
        watch_remove(w, r.id);
}

bool watch_refused(const struct watch_queue *w, struct watch_refusal r)
{
    const struct watch_refusal *known = place_of(w, r.id);
    return known->id == r.id && known->mark == r.mark && known->stamp == r.stamp;
}
