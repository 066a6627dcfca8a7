/* PHP's arrays: entries in order, found by a hash index once there are more than a few.
 */
#include <sys/random.h>

#include "php/values_imp.h"

/* Up to here looking at each entry is faster than hashing the key. */
enum { SMALL = 8 };

/* The index holds positions, by linear probing; at most half of it is filled. A part of
 * the hash stands beside each, so that a collision seldom touches the entries. */
struct place {
    uint32_t hash;
    uint32_t at; /* the entry's position + 1; 0: free */
};

struct php_index {
    struct place *places;
    size_t cap; /* a power of two */
};

/* === the hash: SipHash-1-3 with a seed of this process ===
 *
 * Keys come from job payloads: whoever can choose them must not be able to choose keys
 * that collide, which would make a lookup as slow as the array is long. */

struct sip {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(struct sip *v)
{
    v->a += v->b;
    v->b = rotate(v->b, 13) ^ v->a;
    v->a = rotate(v->a, 32);
    v->c += v->d;
    v->d = rotate(v->d, 16) ^ v->c;
    v->a += v->d;
    v->d = rotate(v->d, 21) ^ v->a;
    v->c += v->b;
    v->b = rotate(v->b, 17) ^ v->c;
    v->c = rotate(v->c, 32);
}

static void sip_word(struct sip *v, uint64_t word)
{
    v->d ^= word;
    sip_round(v);
    v->a ^= word;
}

static uint64_t sip(struct str s, const uint64_t seed[2])
{
    struct sip v = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
                    seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
    uint64_t word = 0;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        memcpy(&word, s.ptr + i, 8);
        sip_word(&v, word);
    }
    word = (uint64_t)s.len << 56;
    for (int shift = 0; i < s.len; i++, shift += 8)
        word |= (uint64_t)(unsigned char)s.ptr[i] << shift;
    sip_word(&v, word);
    v.c ^= 0xff;
    for (int i3 = 0; i3 < 3; i3++)
        sip_round(&v);
    return v.a ^ v.b ^ v.c ^ v.d;
}

static uint32_t key_hash(struct php_key k)
{
    static uint64_t seed[2];
    static bool seeded;
    if (!seeded) {
        /* Where the kernel has no random bytes, the clock is better than nothing. */
        if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
            seed[0] = (uint64_t)clock_mono_us();
        seeded = true;
    }
    struct str bytes = k.is_int ? (struct str){(const char *)&k.i, sizeof(k.i)} : k.s;
    return (uint32_t)sip(bytes, seed);
}

/* === entries === */

static bool key_eq(const struct php_key *a, const struct php_key *b)
{
    if (a->is_int || b->is_int)
        return a->is_int && b->is_int && a->i == b->i;
    return str_eq(a->s, b->s);
}

static struct place *place_of(const struct php_array *a, const struct php_key *k,
                              uint32_t hash)
{
    size_t mask = a->index->cap - 1;
    size_t i = hash & mask;
    for (;; i = (i + 1) & mask) {
        struct place *p = &a->index->places[i];
        if (p->at == 0 || (p->hash == hash && key_eq(&a->at[p->at - 1].key, k)))
            return p;
    }
}

static struct php_entry *find(const struct php_array *a, struct php_key k)
{
    if (a->index) {
        const struct place *p = place_of(a, &k, key_hash(k));
        return p->at ? &a->at[p->at - 1] : NULL;
    }
    for (size_t i = 0; i < a->len; i++)
        if (key_eq(&a->at[i].key, &k))
            return &a->at[i];
    return NULL;
}

static void index_all(struct arena *perm, struct php_array *a)
{
    size_t cap = a->index ? a->index->cap : 16;
    while (cap < a->cap * 2)
        cap *= 2;
    a->index = NEW(perm, struct php_index, 1);
    a->index->cap = cap;
    a->index->places = NEW(perm, struct place, cap);
    for (size_t i = 0; i < a->len; i++) {
        uint32_t hash = key_hash(a->at[i].key);
        *place_of(a, &a->at[i].key, hash) = (struct place){hash, (uint32_t)i + 1};
    }
}

static void append(struct arena *perm, struct php_array *a, struct php_key k,
                   struct php_value v)
{
    VEC_PUSH(perm, a, (struct php_entry){.key = k, .value = v});
    if (k.is_int && k.i >= a->next)
        a->next = k.i < INT64_MAX ? k.i + 1 : INT64_MAX;
    if (a->len <= SMALL)
        return;
    if (!a->index || a->len * 2 > a->index->cap) {
        index_all(perm, a);
        return;
    }
    uint32_t hash = key_hash(k);
    *place_of(a, &k, hash) = (struct place){hash, (uint32_t)a->len};
}

struct php_array *php_array_new(struct arena *perm)
{
    struct php_array *a = NEW(perm, struct php_array, 1);
    a->next = INT64_MIN;
    return a;
}

struct php_key php_key_int(int64_t i)
{
    return (struct php_key){.is_int = true, .i = i};
}

struct php_key php_key_from(struct str s)
{
    struct php_key text = {.s = s};
    bool minus = s.len > 0 && s.ptr[0] == '-';
    struct str digits = str_skip(s, minus);
    if (digits.len == 0 || digits.len > 19 || digits.ptr[0] < '0' || digits.ptr[0] > '9')
        return text;
    /* Only what PHP would print for the int is one: not "012", not "-0". */
    if (digits.ptr[0] == '0' && s.len > 1)
        return text;
    int64_t i;
    return str_to_i64(s, &i) ? php_key_int(i) : text;
}

struct php_value *php_array_place(struct arena *perm, struct php_array *a,
                                  struct php_key k)
{
    struct php_entry *entry = find(a, k);
    if (entry)
        return &entry->value;
    append(perm, a, k, php_null());
    return &a->at[a->len - 1].value;
}

void php_array_reserve(struct arena *perm, struct php_array *a, size_t n)
{
    if (n <= a->cap)
        return;
    struct php_entry *at = NEW(perm, struct php_entry, n);
    if (a->len)
        memcpy(at, a->at, a->len * sizeof(*at));
    a->at = at;
    a->cap = n;
}

void php_array_put(struct arena *perm, struct php_array *a, struct php_key k,
                   struct php_value v)
{
    *php_array_place(perm, a, k) = v;
}

void php_array_push(struct arena *perm, struct php_array *a, struct php_value v)
{
    struct php_key k = php_key_int(a->next == INT64_MIN ? 0 : a->next);
    if (a->next == INT64_MAX && find(a, k))
        return;
    append(perm, a, k, v);
}

void php_array_copy(struct arena *perm, struct php_array *a,
                    const struct php_entry *entry, bool renumber)
{
    if (renumber && entry->key.is_int) {
        php_array_push(perm, a, entry->value);
        a->at[a->len - 1].origin = entry->origin;
        return;
    }
    php_array_put(perm, a, entry->key, entry->value);
    php_array_mark(a, entry->key, entry->origin);
}

const struct php_origin *php_array_origin(const struct php_array *a, struct php_key k)
{
    const struct php_entry *entry = find(a, k);
    return entry ? entry->origin : NULL;
}

void php_array_mark(struct php_array *a, struct php_key k,
                    const struct php_origin *origin)
{
    struct php_entry *entry = find(a, k);
    if (entry)
        entry->origin = origin;
}

const struct php_value *php_array_lookup(const struct php_array *a, struct php_key k)
{
    const struct php_entry *entry = find(a, k);
    if (!entry)
        return NULL;
    return entry->value.type == PHP_REF ? entry->value.ref : &entry->value;
}

const struct php_value *php_array_named(const struct php_array *a, const char *name)
{
    return php_array_lookup(a, php_key_from(str_from(name)));
}

const struct php_value *php_path(const struct php_value *root, const char *path)
{
    if (root->type == PHP_REF)
        root = root->ref;
    if (root->type != PHP_ARRAY)
        return NULL;
    const struct php_value *v = php_array_named(root->a, path);
    if (v)
        return v;
    v = root;
    struct cut c = {.tail = str_from(path), .ok = true};
    while (v && c.ok) {
        c = str_cut(c.tail, '.');
        v = v->type == PHP_ARRAY ? php_array_lookup(v->a, php_key_from(c.head)) : NULL;
    }
    return v;
}
