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
    size_t list = (1 + WATCH_MAX) * sizeof(struct watch_entry);
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
        watch_empty(&w->slots[i].q);
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
        watch_empty(&s->q);
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

void watch_switch(struct watch *w, size_t which, bool all)
{
    struct watch_queue *q = watch_lock(w, which);
    q->all = all;
    if (all) {
        read_anew(q);
    } else {
        watch_keep_ours(q);
        q->named = false; /* whose they are is to be said now */
    }
    watch_unlock(w, which);
}

bool watch_paged(struct watch *w, size_t which)
{
    bool paged = watch_lock(w, which)->paged;
    watch_unlock(w, which);
    return paged;
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
