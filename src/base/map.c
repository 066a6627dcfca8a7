#include "facteur/base.h"

uint64_t str_hash(struct str s)
{
    uint64_t h =
        0xcbf29ce484222325; /* FNV-1a, then mixed: the low bits choose the slot */
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3;
    return h ^ h >> 32;
}

static struct map_slot *slot_of(const struct map *m, struct str key)
{
    size_t i = str_hash(key) & (m->cap - 1);
    while (m->slots[i].value && !str_eq(m->slots[i].key, key))
        i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}

static void grow(struct arena *a, struct map *m)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    m->slots = NEW(a, struct map_slot, m->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].value)
            *slot_of(m, old.slots[i].key) = old.slots[i];
}

void map_put(struct arena *a, struct map *m, struct str key, void *value)
{
    if (m->len * 4 >= m->cap * 3)
        grow(a, m);
    struct map_slot *slot = slot_of(m, key);
    if (!slot->value)
        m->len++;
    *slot = (struct map_slot){key, value};
}

void *map_lookup(const struct map *m, struct str key)
{
    return m->cap ? slot_of(m, key)->value : NULL;
}
