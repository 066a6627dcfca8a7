/* object.c: objects and their properties. */
#include "php/values_imp.h"

struct php_object *php_object_new(struct arena *perm, enum php_object_kind kind,
                                  struct str class_name)
{
    struct php_object *o = NEW(perm, struct php_object, 1);
    o->kind = kind;
    o->class_name = class_name;
    o->props = php_array_new(perm);
    return o;
}

struct php_prop_name php_prop_name(struct str mangled)
{
    struct php_prop_name plain = {.access = PHP_PUBLIC, .name = mangled};
    if (mangled.len == 0 || mangled.ptr[0] != '\0')
        return plain;
    struct cut c = str_cut(str_skip(mangled, 1), '\0');
    if (!c.ok)
        return plain;
    bool prot = str_eq(c.head, S("*"));
    return (struct php_prop_name){.access = prot ? PHP_PROTECTED : PHP_PRIVATE,
                                  .class_name = c.head,
                                  .name = c.tail};
}

const struct php_value *php_prop(const struct php_object *o, struct str name)
{
    const struct php_array *props = o->props;
    /* A public property is the usual one, and the only one that the index can find. */
    if (name.len == 0 || name.ptr[0] != '\0') {
        const struct php_value *v = php_array_lookup(props, (struct php_key){.s = name});
        if (v)
            return v;
    }
    const struct php_value *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < props->len; i++) {
        const struct php_entry *entry = &props->at[i];
        if (entry->key.is_int)
            continue;
        struct php_prop_name n = php_prop_name(entry->key.s);
        if (n.access == PHP_PUBLIC || !str_eq(n.name, name))
            continue;
        int rank = n.access == PHP_PROTECTED             ? 3
                   : str_eq(n.class_name, o->class_name) ? 2
                                                         : 1;
        if (rank <= best_rank)
            continue;
        best_rank = rank;
        best = entry->value.type == PHP_REF ? entry->value.ref : &entry->value;
    }
    return best;
}
