/* collect([…])->map(…)->all(): Laravel's Collection as far as it is an array, for files
 * alone. Its methods make new collections; those that change it in place are not there.
 */
#include "php/expr_imp.h"
#include "php/fn_imp.h"

static const struct php_class collection;

struct php_value php_collection(struct arena *perm, struct php_array *items)
{
    struct php_object *o = php_object_new(perm, PHP_NATIVE, str_from(collection.name));
    o->native = &collection;
    o->data = items;
    return php_from_object(o);
}

static struct php_array *items_of(const struct php_call *c)
{
    return c->self->o->data;
}

static bool return_items(struct php_call *c, struct php_array *items)
{
    return fn_return(c, php_collection(c->perm, items));
}

/* given: a collection among the arguments counts as its items. */
static struct php_value given(struct php_value v)
{
    bool is_ours = v.type == PHP_OBJECT && v.o->native == &collection;
    return is_ours ? php_from_array(v.o->data) : v;
}

/* through calls a function with the items, put at `place` among the arguments. */
static bool through(struct php_call *c, const char *function, size_t place)
{
    struct php_value args[3] = {0};
    struct php_value items = php_from_array(items_of(c));
    struct fn_callable f;
    for (size_t i = 0, n = 0; i <= c->len && i < COUNT(args); i++)
        args[i] = i == place ? items : given(c->args[n++]);
    return fn_callable(c, php_string(str_from(function)), &f) &&
           fn_apply(c, &f, args, c->len + 1, c->result);
}

/* renewed is `through` whose result is a collection again. */
static bool renewed(struct php_call *c, const char *function)
{
    if (!through(c, function, 0))
        return false;
    return c->result->type != PHP_ARRAY || return_items(c, c->result->a);
}

static bool call_all(struct php_call *c)
{
    return fn_return(c, php_from_array(items_of(c)));
}

static bool call_merge(struct php_call *c)
{
    return renewed(c, "array_merge");
}

static bool call_keys(struct php_call *c)
{
    return renewed(c, "array_keys");
}

static bool call_values(struct php_call *c)
{
    return renewed(c, "array_values");
}

static bool call_flip(struct php_call *c)
{
    return renewed(c, "array_flip");
}

static bool call_combine(struct php_call *c)
{
    return renewed(c, "array_combine");
}

static bool call_only(struct php_call *c)
{
    return renewed(c, "Illuminate\\Support\\Arr::only");
}

static bool call_except(struct php_call *c)
{
    return renewed(c, "Illuminate\\Support\\Arr::except");
}

static bool call_first(struct php_call *c)
{
    return through(c, "Illuminate\\Support\\Arr::first", 0);
}

static bool call_last(struct php_call *c)
{
    return through(c, "Illuminate\\Support\\Arr::last", 0);
}

static bool call_count(struct php_call *c)
{
    return fn_return(c, php_int((int64_t)items_of(c)->len));
}

static bool call_is_empty(struct php_call *c)
{
    return fn_return(c, php_bool(items_of(c)->len == 0));
}

static bool call_is_not_empty(struct php_call *c)
{
    return fn_return(c, php_bool(items_of(c)->len > 0));
}

static bool of_texts(const struct php_array *items)
{
    for (size_t i = 0; i < items->len; i++) {
        struct php_value v = php_deref(items->at[i].value);
        if (v.type == PHP_ARRAY || v.type == PHP_OBJECT)
            return false;
    }
    return true;
}

/* implode($glue), join($glue) */
static bool call_implode(struct php_call *c)
{
    if (c->args[0].type != PHP_STRING || !of_texts(items_of(c)))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of anything but texts is not supported", c->name);
    return through(c, "implode", 1);
}

/* get($key, $default = null), has($key): the key as it is, no path. */
static const struct php_value *item(const struct php_call *c)
{
    struct php_key key;
    return php_as_key(c->args[0], &key) ? php_array_lookup(items_of(c), key) : NULL;
}

static bool call_get(struct php_call *c)
{
    const struct php_value *v = item(c);
    if (v && v->type == PHP_HOLE)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of a value that is not known: %s",
                       c->name, v->hole->text);
    if (v)
        return fn_return(c, *v);
    return fn_has(c, 1) ? php_value_of(c, c->args[1], c->result) : true;
}

static bool call_has(struct php_call *c)
{
    if (c->args[0].type == PHP_ARRAY)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of several keys is not supported",
                       c->name);
    return fn_return(c, php_bool(item(c)));
}

/* contains($value): loosely, or by a closure. */
static bool call_contains(struct php_call *c)
{
    if (c->args[0].type == PHP_OBJECT)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() with a closure is not supported",
                       c->name);
    return through(c, "in_array", 1);
}

/* unique(): texts that are no numbers, which nothing else equals loosely. */
static bool call_unique(struct php_call *c)
{
    const struct php_array *items = items_of(c);
    struct php_value number;
    for (size_t i = 0; i < items->len; i++) {
        struct php_value v = php_deref(items->at[i].value);
        if (v.type != PHP_STRING || php_numeric(v.s, &number))
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of anything but words is not supported", c->name);
    }
    return renewed(c, "array_unique");
}

/* === callbacks: they get the value and the key === */

/* apply gives a function of PHP's no more than it takes, as Laravel's map does. */
static bool apply(struct php_call *c, const struct fn_callable *f,
                  const struct php_entry *entry, struct php_value *out)
{
    struct php_value args[] = {php_deref(entry->value), php_key_value(entry->key)};
    return fn_apply(c, f, args, f->f->max == 1 ? 1 : 2, out);
}

static bool call_map(struct php_call *c)
{
    const struct php_array *items = items_of(c);
    struct php_array *out = php_array_new(c->perm);
    struct fn_callable f;
    if (!fn_callable(c, c->args[0], &f))
        return false;
    for (size_t i = 0; i < items->len; i++) {
        struct php_value v;
        if (!apply(c, &f, &items->at[i], &v))
            return false;
        php_array_put(c->perm, out, items->at[i].key, v);
    }
    return return_items(c, out);
}

/* mapWithKeys: what the closure gives are arrays, laid over each other. */
static bool call_map_with_keys(struct php_call *c)
{
    const struct php_array *items = items_of(c);
    struct php_array *out = php_array_new(c->perm);
    struct fn_callable f;
    if (!fn_callable(c, c->args[0], &f))
        return false;
    for (size_t i = 0; i < items->len; i++) {
        struct php_value v;
        if (!apply(c, &f, &items->at[i], &v))
            return false;
        if (v.type != PHP_ARRAY)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() with anything but arrays is not supported", c->name);
        for (size_t k = 0; k < v.a->len; k++)
            php_array_copy(c->perm, out, &v.a->at[k], false);
    }
    return return_items(c, out);
}

static bool sift(struct php_call *c, bool wanted)
{
    const struct php_array *items = items_of(c);
    struct php_array *out = php_array_new(c->perm);
    struct fn_callable f = {0};
    bool has_callback = fn_has(c, 0) && c->args[0].type != PHP_NULL;
    if (has_callback && !fn_callable(c, c->args[0], &f))
        return false;
    if (has_callback && f.self.type != PHP_OBJECT)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() with anything but a closure is not supported", c->name);
    for (size_t i = 0; i < items->len; i++) {
        struct php_value v = php_deref(items->at[i].value);
        if (has_callback && !apply(c, &f, &items->at[i], &v))
            return false;
        if (php_truthy(v) == wanted)
            php_array_copy(c->perm, out, &items->at[i], false);
    }
    return return_items(c, out);
}

static bool call_filter(struct php_call *c)
{
    return sift(c, true);
}

static bool call_reject(struct php_call *c)
{
    return sift(c, false);
}

/* pluck($value): of each item the element of that name, null where there is none. */
static bool call_pluck(struct php_call *c)
{
    const struct php_array *items = items_of(c);
    struct php_array *out = php_array_new(c->perm);
    bool plain = c->args[0].type == PHP_STRING && !str_has(c->args[0].s, S("."));
    for (size_t i = 0; i < items->len; i++) {
        struct php_value of = php_deref(items->at[i].value);
        if (!plain || of.type != PHP_ARRAY)
            return err_set(c->e, ERR_UNSUPPORTED, "this %s() is not supported", c->name);
        const struct php_value *v = php_array_lookup(of.a, php_key_from(c->args[0].s));
        php_array_push(c->perm, out, v ? *v : php_null());
    }
    return return_items(c, out);
}

static const struct php_function methods[] = {
    {"all", 0, 0, call_all},
    {"combine", 1, 1, call_combine},
    {"contains", 1, 1, call_contains},
    {"count", 0, 0, call_count},
    {"except", 1, 1, call_except},
    {"filter", 0, 1, call_filter},
    {"first", 0, 2, call_first},
    {"flip", 0, 0, call_flip},
    {"get", 1, 2, call_get},
    {"has", 1, 1, call_has},
    {"implode", 1, 1, call_implode},
    {"isEmpty", 0, 0, call_is_empty},
    {"isNotEmpty", 0, 0, call_is_not_empty},
    {"join", 1, 1, call_implode},
    {"keys", 0, 0, call_keys},
    {"last", 0, 2, call_last},
    {"map", 1, 1, call_map},
    {"mapWithKeys", 1, 1, call_map_with_keys},
    {"merge", 1, 1, call_merge},
    {"only", 1, 1, call_only},
    {"pluck", 1, 1, call_pluck},
    {"reject", 1, 1, call_reject},
    {"toArray", 0, 0, call_all},
    {"unique", 0, 0, call_unique},
    {"values", 0, 0, call_values},
    {NULL, 0, 0, NULL},
};

static const struct php_class collection = {
    .name = "Illuminate\\Support\\Collection",
    .methods = methods,
};

/* collect($value): an array, null, another collection, or one scalar. */
static bool call_collect(struct php_call *c)
{
    struct php_array *items = php_array_new(c->perm);
    struct php_value v = fn_has(c, 0) ? given(c->args[0]) : php_null();
    if (v.type == PHP_OBJECT)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of an object is not supported",
                       c->name);
    if (v.type == PHP_ARRAY)
        return return_items(c, v.a);
    if (v.type != PHP_NULL)
        php_array_push(c->perm, items, v);
    return return_items(c, items);
}

const struct php_function php_collect_functions[] = {
    {"collect", 0, 1, call_collect},
    {"Illuminate\\Support\\Collection::make", 0, 1, call_collect},
    {NULL, 0, 0, NULL},
};
