/* watch.c: the watch list: memory shared by the slots of a master.
 *
 * A slot may be killed at any instruction. Its mutexes are robust; whoever finds one that
 * a dead process held forgets what may be half-written, and the queue is read anew.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "queue/queue_imp.h"

enum { NAMES_MAX = 4096 };

struct watch_slot {
    pthread_mutex_t list_lock, look_lock;
    struct watch_queue q;
};

struct watch {
    size_t bytes, queues;
    pthread_mutex_t names_lock;
    uint64_t names[NAMES_MAX];
    size_t names_len;
    struct watch_slot slots[];
};

static void init_mutex(pthread_mutex_t *m)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(m, &attr);
    pthread_mutexattr_destroy(&attr);
}

struct watch *watch_new(size_t queues, struct error *e)
{
    size_t head = sizeof(struct watch) + queues * sizeof(struct watch_slot);
    head = (head + 63) & ~(size_t)63;
    size_t list = WATCH_MAX * sizeof(struct watch_entry);
    size_t seen = WATCH_MAX * sizeof(int64_t);
    size_t refused = WATCH_MAX * sizeof(struct watch_refusal);
    size_t bytes = head + queues * (list + seen + refused);
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        err_set(e, ERR_FATAL, "no shared memory for the watch list (%zu bytes)", bytes);
        return NULL;
    }
    struct watch *w = (struct watch *)(void *)at;
    w->bytes = bytes;
    w->queues = queues;
    init_mutex(&w->names_lock);
    at += head;
    for (size_t i = 0; i < queues; i++) {
        init_mutex(&w->slots[i].list_lock);
        init_mutex(&w->slots[i].look_lock);
        w->slots[i].q.list = (struct watch_entry *)(void *)at;
        w->slots[i].q.seen = (int64_t *)(void *)(at + list);
        w->slots[i].q.refused = (struct watch_refusal *)(void *)(at + list + seen);
        at += list + seen + refused;
    }
    return w;
}

void watch_drop(struct watch *w)
{
    if (w)
        munmap(w, w->bytes);
}

/* === locks === */

/* held turns what a lock function returned into: is the lock ours? *died: its last holder
 * ended while it held it. */
static bool held(pthread_mutex_t *m, int result, bool *died)
{
    *died = result == EOWNERDEAD;
    if (*died)
        pthread_mutex_consistent(m);
    assert(result == 0 || result == EOWNERDEAD || result == ETIMEDOUT);
    return result != ETIMEDOUT;
}

static bool take(pthread_mutex_t *m)
{
    bool died;
    held(m, pthread_mutex_lock(m), &died);
    return died;
}

/* read_anew forgets what looking knows; what stands on the list stays. */
static void read_anew(struct watch_queue *q)
{
    q->paged = q->full = false;
    q->cursor = q->chunk = q->floor = q->sweep_cursor = q->view_cursor = 0;
    q->seen_len = 0;
    q->samples_len = 0;
}

struct watch_queue *watch_lock(struct watch *w, size_t which)
{
    struct watch_slot *s = &w->slots[which];
    if (take(&s->list_lock)) {
        s->q.head = s->q.len = 0;
        s->q.lost = true;
    }
    return &s->q;
}

void watch_unlock(struct watch *w, size_t which)
{
    pthread_mutex_unlock(&w->slots[which].list_lock);
}

struct watch_queue *look_lock(struct watch *w, size_t which)
{
    struct watch_slot *s = &w->slots[which];
    struct timespec until;
    bool died;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_WAIT_MS / 1000;
    int result = pthread_mutex_clocklock(&s->look_lock, CLOCK_MONOTONIC, &until);
    if (!held(&s->look_lock, result, &died))
        return NULL;
    watch_lock(w, which);
    if (died || s->q.lost)
        read_anew(&s->q);
    s->q.lost = false;
    watch_unlock(w, which);
    return &s->q;
}

void look_unlock(struct watch *w, size_t which)
{
    pthread_mutex_unlock(&w->slots[which].look_lock);
}

bool watch_paged(struct watch *w, size_t which)
{
    bool paged = watch_lock(w, which)->paged;
    watch_unlock(w, which);
    return paged;
}

/* === the list === */

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

/* === names said === */

bool watch_is_new(struct watch *w, struct str name)
{
    uint64_t hash = str_hash(name);
    bool is_new = true;
    take(&w->names_lock);
    for (size_t i = 0; i < w->names_len && is_new; i++)
        is_new = w->names[i] != hash;
    if (is_new && w->names_len < NAMES_MAX)
        w->names[w->names_len++] = hash;
    else
        is_new = false;
    pthread_mutex_unlock(&w->names_lock);
    return is_new;
}
