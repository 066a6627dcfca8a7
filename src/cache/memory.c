/* memory.c: the stores that end with the process: array keeps what it is given as long as
 * the process lives, null nothing. */
#include <stdlib.h>

#include "cache/cache_imp.h"

struct entry {
    struct entry *next;
    int64_t until; /* Unix seconds; 0: for ever */
    struct str key, text;
    char bytes[]; /* key, text */
};

struct memory {
    struct entry *first;
};

static bool array_open(struct cache *c, struct error *e)
{
    (void)e;
    c->store = NEW(&c->arena, struct memory, 1);
    return true;
}

/* find gives the place that points to the entry, or to NULL; what has expired on the way
 * is freed. */
static struct entry **find(struct cache *c, struct str key)
{
    struct entry **at = &((struct memory *)c->store)->first;
    int64_t now = clock_unix();
    while (*at) {
        struct entry *x = *at;
        if (x->until && x->until <= now) {
            *at = x->next;
            free(x);
        } else if (str_eq(x->key, key)) {
            break;
        } else {
            at = &x->next;
        }
    }
    return at;
}

static bool array_forget(struct cache *c, struct str key, struct error *e)
{
    (void)e;
    struct entry **at = find(c, key), *x = *at;
    if (x) {
        *at = x->next;
        free(x);
    }
    return true;
}

static bool store(struct cache *c, struct str key, struct php_value v, int64_t until,
                  struct error *e)
{
    struct str text;
    if (!cache_encode(c, v, &text, e) || !array_forget(c, key, e))
        return false;
    struct entry *x = malloc(sizeof(*x) + key.len + text.len), **at = find(c, key);
    if (!x)
        return err_set(e, ERR_JOB, "no memory for an entry of the cache");
    memcpy(x->bytes, key.ptr, key.len);
    memcpy(x->bytes + key.len, text.ptr, text.len);
    x->next = NULL;
    x->until = until;
    x->key = (struct str){x->bytes, key.len};
    x->text = (struct str){x->bytes + key.len, text.len};
    *at = x;
    return true;
}

static bool array_read(struct cache *c, struct str key, struct arena *perm,
                       struct php_value *out, struct error *e)
{
    (void)e;
    struct entry *x = *find(c, key);
    if (x)
        *out = cache_decode(str_copy(perm, x->text), perm);
    return true;
}

static bool array_put(struct cache *c, struct str key, struct php_value v,
                      int64_t seconds, struct error *e)
{
    return store(c, key, v, seconds ? i64_add(clock_unix(), seconds) : 0, e);
}

static bool array_increment(struct cache *c, struct str key, int64_t *sum,
                            struct error *e)
{
    struct entry *x = *find(c, key);
    int64_t until = x ? x->until : 0;
    *sum = x ? i64_add(php_to_int(cache_decode(x->text, &c->scratch)), 1) : 1;
    return store(c, key, php_int(*sum), until, e);
}

/* A lock that another process took cannot be seen from here. */
static bool no_lock(struct cache *c, struct str name, struct str owner, struct error *e)
{
    (void)c, (void)name, (void)owner, (void)e;
    return true;
}

static void array_close(struct cache *c)
{
    struct memory *m = c->store;
    for (struct entry *x = m->first, *next; x; x = next) {
        next = x->next;
        free(x);
    }
}

const struct cache_driver cache_array = {
    .name = "array",
    .open = array_open,
    .close = array_close,
    .read = array_read,
    .put = array_put,
    .increment = array_increment,
    .forget = array_forget,
    .unlock = no_lock,
};

/* === null === */

static bool null_read(struct cache *c, struct str key, struct arena *perm,
                      struct php_value *out, struct error *e)
{
    (void)c, (void)key, (void)perm, (void)out, (void)e;
    return true;
}

static bool null_put(struct cache *c, struct str key, struct php_value v, int64_t seconds,
                     struct error *e)
{
    (void)c, (void)key, (void)v, (void)seconds, (void)e;
    return true;
}

static bool null_increment(struct cache *c, struct str key, int64_t *sum, struct error *e)
{
    (void)c, (void)key, (void)sum, (void)e;
    return true;
}

static bool null_forget(struct cache *c, struct str key, struct error *e)
{
    (void)c, (void)key, (void)e;
    return true;
}

const struct cache_driver cache_null = {
    .name = "null",
    .read = null_read,
    .put = null_put,
    .increment = null_increment,
    .forget = null_forget,
    .unlock = no_lock,
};
