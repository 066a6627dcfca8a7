/* Functions of arrays. */
#include "php/expr_imp.h"
#include "php/fn_imp.h"

enum { FILTER_VALUE = 0, FILTER_BOTH = 1, FILTER_KEY = 2 };

static bool keeps(struct php_call *c, const struct fn_callable *f, int64_t mode,
                  const struct php_entry *entry, bool *out)
{
    struct php_value value = php_deref(entry->value), key = php_key_value(entry->key),
                     result;
    if (!f->f) {
        *out = php_truthy(value);
        return true;
    }
    struct php_value args[] = {mode == FILTER_KEY ? key : value, key};
    if (!fn_apply(c, f, args, mode == FILTER_BOTH ? 2 : 1, &result))
        return false;
    *out = php_truthy(result);
    return true;
}

/* array_filter($array, $callback = null, $mode = 0) */
static bool call_array_filter(struct php_call *c)
{
    const struct php_array *a = NULL;
    struct fn_callable f = {0};
    int64_t mode = FILTER_VALUE;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_int(c, 2, "mode", &mode))
        return false;
    bool has_callback = fn_has(c, 1) && c->args[1].type != PHP_NULL;
    if (has_callback && !fn_callable(c, c->args[1], &f))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        bool keep;
        if (!keeps(c, &f, mode, &a->at[i], &keep))
            return false;
        if (keep)
            php_array_copy(c->perm, out, &a->at[i], false);
    }
    return fn_return(c, php_from_array(out));
}

/* map_rows is array_map of several arrays, a list as long as the longest of them: what
 * the callback makes of each row, or without one the rows. */
static bool map_rows(struct php_call *c, const struct fn_callable *f)
{
    enum { MAX_ARRAYS = 16 };
    struct php_array *out = php_array_new(c->perm);
    size_t rows = 0, len = c->len - 1;
    if (len > MAX_ARRAYS)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of so many arrays is not supported",
                       c->name);
    for (size_t i = 1; i <= len; i++) {
        struct php_value v = c->args[i];
        if (v.type != PHP_ARRAY)
            return err_set(
                c->e, ERR_JOB,
                "array_map(): Argument #%zu%s must be of type array, %.*s given", i + 1,
                i == 1 ? " ($array)" : "", STR_ARG(php_type_name(v)));
        rows = v.a->len > rows ? v.a->len : rows;
    }
    for (size_t row = 0; row < rows; row++) {
        struct php_array *list = php_array_new(c->perm);
        struct php_value args[MAX_ARRAYS] = {0}, result = php_from_array(list);
        for (size_t i = 0; i < len; i++) {
            const struct php_array *a = c->args[i + 1].a;
            args[i] = row < a->len ? php_deref(a->at[row].value) : php_null();
            php_array_push(c->perm, list, args[i]);
        }
        if (f->f && !fn_apply(c, f, args, len, &result))
            return false;
        php_array_push(c->perm, out, result);
    }
    return fn_return(c, php_from_array(out));
}

/* array_map($callback, $array, ...$arrays): the keys of one array stay. */
static bool call_array_map(struct php_call *c)
{
    const struct php_array *a = NULL;
    struct fn_callable f = {0};
    bool has_callback = c->args[0].type != PHP_NULL;
    if (has_callback && !fn_callable(c, c->args[0], &f))
        return false;
    if (c->len > 2)
        return map_rows(c, &f);
    if (!fn_array_arg(c, 1, "array", &a))
        return false;
    if (!has_callback)
        return fn_return(c, c->args[1]);
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        struct php_value arg = php_deref(a->at[i].value), result;
        if (!fn_apply(c, &f, &arg, 1, &result))
            return false;
        php_array_put(c->perm, out, a->at[i].key, result);
    }
    return fn_return(c, php_from_array(out));
}

static bool is_wanted(struct php_call *c, struct php_value wanted, struct php_value v,
                      bool strict, bool *out)
{
    if (!strict && (!php_comparable(v, wanted, c->e) || !php_comparable(wanted, v, c->e)))
        return false;
    *out = strict ? php_identical(v, wanted) : php_equal(v, wanted);
    return true;
}

/* in_array($needle, $haystack, $strict = false) */
static bool call_in_array(struct php_call *c)
{
    const struct php_array *a = NULL;
    bool strict = false, found = false;
    if (!fn_array_arg(c, 1, "haystack", &a) || !fn_bool(c, 2, "strict", &strict))
        return false;
    for (size_t i = 0; !found && i < a->len; i++)
        if (!is_wanted(c, c->args[0], php_deref(a->at[i].value), strict, &found))
            return false;
    return fn_return(c, php_bool(found));
}

/* array_merge(...$arrays): names are replaced, numbered entries appended. */
static bool call_array_merge(struct php_call *c)
{
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < c->len; i++) {
        const struct php_array *a = NULL;
        if (c->args[i].type != PHP_ARRAY) {
            struct str given = php_type_name(c->args[i]);
            return err_set(c->e, ERR_JOB,
                           "array_merge(): Argument #%zu must be of type array, %.*s "
                           "given",
                           i + 1, STR_ARG(given));
        }
        a = c->args[i].a;
        for (size_t k = 0; k < a->len; k++)
            php_array_copy(c->perm, out, &a->at[k], true);
    }
    return fn_return(c, php_from_array(out));
}

/* array_keys($array, $filter_value, $strict = false) */
static bool call_array_keys(struct php_call *c)
{
    const struct php_array *a = NULL;
    bool strict = false;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_bool(c, 2, "strict", &strict))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        bool same = !fn_has(c, 1);
        if (!same && !is_wanted(c, c->args[1], php_deref(a->at[i].value), strict, &same))
            return false;
        if (same)
            php_array_push(c->perm, out, php_key_value(a->at[i].key));
    }
    return fn_return(c, php_from_array(out));
}

static bool call_array_values(struct php_call *c)
{
    const struct php_array *a = NULL;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++)
        php_array_push(c->perm, out, a->at[i].value);
    return fn_return(c, php_from_array(out));
}

/* count($value, $mode = COUNT_NORMAL) */
static bool call_count(struct php_call *c)
{
    int64_t mode = 0;
    if (!fn_int(c, 1, "mode", &mode))
        return false;
    if (mode != 0)
        return err_set(c->e, ERR_UNSUPPORTED, "count() in depth is not supported");
    if (c->args[0].type == PHP_OBJECT)
        return err_set(c->e, ERR_UNSUPPORTED, "count() of an object is not supported");
    if (c->args[0].type != PHP_ARRAY)
        return fn_type_error(c, 0, "value", "Countable|array");
    return fn_return(c, php_int((int64_t)c->args[0].a->len));
}

const struct php_function fn_array[] = {
    {"array_filter", 1, 3, call_array_filter},
    {"array_map", 2, -1, call_array_map},
    {"in_array", 2, 3, call_in_array},
    {"array_merge", 0, -1, call_array_merge},
    {"array_keys", 1, 3, call_array_keys},
    {"array_values", 1, 1, call_array_values},
    {"count", 1, 2, call_count},
    {"sizeof", 1, 2, call_count},
    {NULL, 0, 0, NULL},
};
