/* Constructors, references, objects. */
#include "php/values_imp.h"

struct php_value php_null(void)
{
    return (struct php_value){.type = PHP_NULL};
}

struct php_value php_bool(bool b)
{
    return (struct php_value){.type = PHP_BOOL, .b = b};
}

struct php_value php_int(int64_t i)
{
    return (struct php_value){.type = PHP_INT, .i = i};
}

struct php_value php_float(double d)
{
    return (struct php_value){.type = PHP_FLOAT, .d = d};
}

struct php_value php_string(struct str s)
{
    return (struct php_value){.type = PHP_STRING, .s = s};
}

struct php_value php_from_array(struct php_array *a)
{
    return (struct php_value){.type = PHP_ARRAY, .a = a};
}

struct php_value php_from_object(struct php_object *o)
{
    return (struct php_value){.type = PHP_OBJECT, .o = o};
}

struct php_value php_deref(struct php_value v)
{
    return v.type == PHP_REF ? *v.ref : v;
}

struct str php_type_name(struct php_value v)
{
    static const char *const names[] = {
        [PHP_NULL] = "null",        [PHP_BOOL] = "bool",     [PHP_INT] = "int",
        [PHP_FLOAT] = "float",      [PHP_STRING] = "string", [PHP_ARRAY] = "array",
        [PHP_HOLE] = "unevaluated",
    };
    v = php_deref(v);
    return v.type == PHP_OBJECT ? v.o->class_name : str_from(names[v.type]);
}

/* === objects === */

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
