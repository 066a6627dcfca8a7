/* Laravel's Arr, for files alone: of arrays; what PHP makes of other things that can be
 * asked like arrays is refused. */
#include "php/expr_imp.h"
#include "php/fn_imp.h"

enum { MAX_DEPTH = 32 };

static bool array_arg(struct php_call *c, const struct php_array **out)
{
    bool is_array = c->args[0].type == PHP_ARRAY;
    *out = is_array ? c->args[0].a : NULL;
    return is_array || err_set(c->e, ERR_UNSUPPORTED,
                               "%s() of anything but an array is not supported", c->name);
}

static bool key_arg(struct php_call *c, struct php_value v, struct php_key *key)
{
    if (v.type == PHP_STRING || v.type == PHP_INT)
        return php_as_key(v, key);
    return err_set(c->e, ERR_UNSUPPORTED,
                   "%s() by anything but a text or a number is not supported", c->name);
}

/* find looks up a key, or a path "a.b" where there is no such key. */
static const struct php_value *find(const struct php_array *a, struct php_key key)
{
    const struct php_value *v = php_array_lookup(a, key);
    if (v || key.is_int || !str_has(key.s, S(".")))
        return v;
    for (struct cut path = {.tail = key.s, .ok = true}; path.ok;) {
        path = str_cut(path.tail, '.');
        v = a ? php_array_lookup(a, php_key_from(path.head)) : NULL;
        if (!v)
            return NULL;
        a = v->type == PHP_ARRAY ? v->a : NULL;
    }
    return v;
}

/* Arr::get($array, $key, $default = null) */
static bool call_get(struct php_call *c)
{
    const struct php_array *a;
    struct php_key key;
    if (!array_arg(c, &a))
        return false;
    if (c->args[1].type == PHP_NULL)
        return fn_return(c, c->args[0]);
    if (!key_arg(c, c->args[1], &key))
        return false;
    const struct php_value *v = find(a, key);
    if (v && v->type == PHP_HOLE)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of a value that is not known: %s",
                       c->name, v->hole->text);
    if (v)
        return fn_return(c, *v);
    return fn_has(c, 2) ? php_value_of(c, c->args[2], c->result) : true;
}

/* keys_of gives a list of keys: an array, or one. */
static const struct php_array *keys_of(struct php_call *c)
{
    if (c->args[1].type == PHP_ARRAY)
        return c->args[1].a;
    struct php_array *one = php_array_new(c->perm);
    php_array_push(c->perm, one, c->args[1]);
    return one;
}

/* Arr::has($array, $keys): all of them; Arr::hasAny: one of them. */
static bool has(struct php_call *c, bool all)
{
    const struct php_array *a, *keys = keys_of(c);
    struct php_key key;
    if (!array_arg(c, &a))
        return false;
    bool found = all && keys->len > 0 && a->len > 0;
    for (size_t i = 0; i < keys->len; i++) {
        if (!key_arg(c, php_deref(keys->at[i].value), &key))
            return false;
        bool there = a->len > 0 && find(a, key);
        found = all ? found && there : found || there;
    }
    return fn_return(c, php_bool(found));
}

static bool call_has(struct php_call *c)
{
    return has(c, true);
}

static bool call_has_any(struct php_call *c)
{
    return has(c, false);
}

/* Arr::exists($array, $key) */
static bool call_exists(struct php_call *c)
{
    const struct php_array *a;
    struct php_key key;
    if (!array_arg(c, &a) || !key_arg(c, c->args[1], &key))
        return false;
    return fn_return(c, php_bool(php_array_lookup(a, key)));
}

static bool same_key(struct php_key a, struct php_key b)
{
    return a.is_int == b.is_int && (a.is_int ? a.i == b.i : str_eq(a.s, b.s));
}

/* Arr::only($array, $keys): in the order of the array. */
static bool call_only(struct php_call *c)
{
    const struct php_array *a, *keys = keys_of(c);
    struct php_array *wanted = php_array_new(c->perm), *out = php_array_new(c->perm);
    struct php_key key;
    if (!array_arg(c, &a))
        return false;
    for (size_t i = 0; i < keys->len; i++) {
        if (!key_arg(c, php_deref(keys->at[i].value), &key))
            return false;
        php_array_put(c->perm, wanted, key, php_bool(true));
    }
    for (size_t i = 0; i < a->len; i++)
        if (php_array_lookup(wanted, a->at[i].key))
            php_array_copy(c->perm, out, &a->at[i], false);
    return fn_return(c, php_from_array(out));
}

/* without copies an array but for a key, or for what a path "a.b" names in it. */
static const struct php_array *without(struct php_call *c, const struct php_array *a,
                                       struct php_key key, int depth)
{
    /* Below the top it is step by step, whatever a key is called. */
    bool exact =
        key.is_int || !str_has(key.s, S(".")) || (depth == 0 && php_array_lookup(a, key));
    struct cut path = str_cut(key.is_int ? S("") : key.s, '.');
    struct php_array *out = php_array_new(c->perm);
    struct php_key head = exact ? key : php_key_from(path.head);
    for (size_t i = 0; i < a->len; i++) {
        struct php_entry entry = a->at[i];
        bool is_it = same_key(entry.key, head);
        struct php_value v = php_deref(entry.value);
        if (is_it && exact)
            continue;
        if (is_it && v.type == PHP_ARRAY && depth < MAX_DEPTH)
            entry.value = php_from_array(
                (struct php_array *)without(c, v.a, php_key_from(path.tail), depth + 1));
        php_array_copy(c->perm, out, &entry, false);
    }
    return out;
}

/* Arr::except($array, $keys) */
static bool call_except(struct php_call *c)
{
    const struct php_array *a, *keys = keys_of(c);
    struct php_key key;
    if (!array_arg(c, &a))
        return false;
    for (size_t i = 0; i < keys->len; i++) {
        if (!key_arg(c, php_deref(keys->at[i].value), &key))
            return false;
        a = without(c, a, key, 0);
    }
    return fn_return(c, php_from_array((struct php_array *)a));
}

/* Arr::first($array), Arr::last($array); with a callback and a default */
static bool end_of(struct php_call *c, bool first)
{
    const struct php_array *a;
    struct fn_callable f = {0};
    bool has_callback = fn_has(c, 1) && c->args[1].type != PHP_NULL;
    if (!array_arg(c, &a) || (has_callback && !fn_callable(c, c->args[1], &f)))
        return false;
    for (size_t i = 0; i < a->len; i++) {
        const struct php_entry *entry = &a->at[first ? i : a->len - 1 - i];
        struct php_value kept = php_bool(true);
        struct php_value args[] = {php_deref(entry->value), php_key_value(entry->key)};
        if (has_callback && !fn_apply(c, &f, args, 2, &kept))
            return false;
        if (php_truthy(kept))
            return fn_return(c, args[0]);
    }
    return fn_has(c, 2) ? php_value_of(c, c->args[2], c->result) : true;
}

static bool call_first(struct php_call *c)
{
    return end_of(c, true);
}

static bool call_last(struct php_call *c)
{
    return end_of(c, false);
}

/* Arr::wrap($value) */
static bool call_wrap(struct php_call *c)
{
    struct php_array *a = php_array_new(c->perm);
    if (c->args[0].type == PHP_ARRAY)
        return fn_return(c, c->args[0]);
    if (c->args[0].type != PHP_NULL)
        php_array_push(c->perm, a, c->args[0]);
    return fn_return(c, php_from_array(a));
}

#define ARR_ROW(name, min, max, fn)                                                      \
    {                                                                                    \
        "Illuminate\\Support\\Arr::" name, min, max, fn                                  \
    }

const struct php_function php_arr_functions[] = {
    ARR_ROW("get", 2, 3, call_get),        ARR_ROW("has", 2, 2, call_has),
    ARR_ROW("hasAny", 2, 2, call_has_any), ARR_ROW("exists", 2, 2, call_exists),
    ARR_ROW("only", 2, 2, call_only),      ARR_ROW("except", 2, 2, call_except),
    ARR_ROW("first", 1, 3, call_first),    ARR_ROW("last", 1, 3, call_last),
    ARR_ROW("wrap", 1, 1, call_wrap),      {NULL, 0, 0, NULL},
};
