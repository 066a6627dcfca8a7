#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "facteur/base.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(ptr, size) __asan_poison_memory_region((ptr), (size))
#define UNPOISON(ptr, size) __asan_unpoison_memory_region((ptr), (size))
#define RED_ZONE 8 /* poisoned bytes behind each piece, so that an overrun is met */
#else
#define POISON(ptr, size) ((void)(ptr), (void)(size))
#define UNPOISON(ptr, size) ((void)(ptr), (void)(size))
#define RED_ZONE 0
#endif

/* What a reset leaves mapped: a usual letter fits, an unusual one is given back. */
#define KEEP_MAPPED ((size_t)4 << 20)

/* An arena is as large as it may become, and most stay small: only what was handed out,
 * and this much above it, is poisoned and given back. */
#define TOUCH_AHEAD ((size_t)256 << 10)

struct deferred {
    void (*fn)(void *);
    void *ptr;
    struct deferred *older;
};

struct arena_pool {
    char *base;
    size_t size;
    char *touched; /* nothing above was ever handed out */
    jmp_buf *guard;
    struct deferred *deferred;
};

static void die(const char *why)
{
    /* Nothing can be allocated here, so no stdio buffer either. */
    ssize_t ignored = write(STDERR_FILENO, why, strlen(why));
    (void)ignored;
    abort();
}

struct arena arena_open(size_t ceiling)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (ceiling + page - 1) / page * page;
    struct arena_pool *pool = calloc(1, sizeof(*pool));
    char *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!pool || base == MAP_FAILED)
        die("facteur: no address space for an arena: ulimit -v, or "
            "vm.overcommit_memory=2, leaves too little\n");
    pool->base = base;
    pool->size = size;
    pool->touched = base;
    return (struct arena){base, base + size, pool};
}

bool arena_space(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return false;
    munmap(p, bytes);
    return true;
}

/* run_deferred runs what was put off since the mark: its record stands behind that. */
static void run_deferred(struct arena_pool *pool, const char *mark)
{
    while (pool->deferred && (const char *)pool->deferred >= mark) {
        struct deferred *d = pool->deferred;
        pool->deferred = d->older;
        d->fn(d->ptr);
    }
}

void arena_close(struct arena *a)
{
    if (!a->pool)
        return;
    run_deferred(a->pool, a->pool->base);
    UNPOISON(a->pool->base, (size_t)(a->pool->touched - a->pool->base));
    munmap(a->pool->base, a->pool->size);
    free(a->pool);
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    struct arena_pool *pool = a->pool;
    run_deferred(pool, pool->base);
    size_t touched = (size_t)(pool->touched - pool->base);
    if (touched > KEEP_MAPPED) {
        madvise(pool->base + KEEP_MAPPED, touched - KEEP_MAPPED, MADV_DONTNEED);
        UNPOISON(pool->base + KEEP_MAPPED, touched - KEEP_MAPPED);
        touched = KEEP_MAPPED;
        pool->touched = pool->base + KEEP_MAPPED;
    }
    POISON(pool->base, touched);
    a->at = pool->base;
}

void arena_guard(struct arena *a, jmp_buf *guard)
{
    a->pool->guard = guard;
}

/* touch: what lies below at, and a piece above it, counts as handed out from now on. */
static void touch(struct arena_pool *pool, char *at)
{
    char *end = pool->base + pool->size;
    char *until = (size_t)(end - at) > TOUCH_AHEAD ? at + TOUCH_AHEAD : end;
    POISON(pool->touched, (size_t)(until - pool->touched));
    pool->touched = until;
}

void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
    size_t bytes, need;
    size_t pad = (size_t)(-(uintptr_t)a->at & (align - 1));
    if (__builtin_mul_overflow(size, count, &bytes) ||
        __builtin_add_overflow(bytes, pad + RED_ZONE, &need) ||
        need > (size_t)(a->end - a->at)) {
        if (!a->pool->guard)
            die("facteur: an arena is full\n");
        longjmp(*a->pool->guard, 1);
    }
    char *p = a->at + pad;
    a->at = p + bytes + RED_ZONE;
    if (a->at > a->pool->touched)
        touch(a->pool, a->at);
    UNPOISON(p, bytes);
    POISON(p + bytes, RED_ZONE);
    memset(p, 0, bytes);
    return p;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *ptr)
{
    struct deferred *d = NEW(a, struct deferred, 1);
    *d = (struct deferred){fn, ptr, a->pool->deferred};
    a->pool->deferred = d;
}

size_t arena_used(const struct arena *a)
{
    return (size_t)(a->at - a->pool->base);
}

char *arena_mark(const struct arena *a)
{
    return a->at;
}

void arena_release(struct arena *a, char *mark)
{
    run_deferred(a->pool, mark);
    POISON(mark, (size_t)(a->at - mark));
    a->at = mark;
}

/* === vectors: pieces that move to twice their size === */

enum { VEC_FIRST_BYTES = 64 };

void *vec_grow(struct arena *a, void *at, size_t size, size_t *cap)
{
    size_t old = *cap, first = size < VEC_FIRST_BYTES ? VEC_FIRST_BYTES / size : 1;
    size_t more = old ? old * 2 : first;
    char *p = arena_alloc(a, size, 16, more);
    if (old)
        memcpy(p, at, old * size);
    *cap = more;
    return p;
}
