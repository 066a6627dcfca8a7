/* Functions that make other arrays, or one value, of arrays. */
#include "php/expr_imp.h"
#include "php/fn_imp.h"
#include "php/values_imp.h"

/* The longest list that a function makes of nothing but numbers. */
enum { MAX_LIST = 1000000 };

static void put(struct php_call *c, struct php_array *out, const struct php_entry *entry)
{
    php_array_copy(c->perm, out, entry, false);
}

/* put_renumbered keeps names, and numbers the rest anew unless `keep`. */
static void put_renumbered(struct php_call *c, struct php_array *out,
                           const struct php_entry *entry, bool keep)
{
    if (entry->key.is_int && !keep)
        php_array_push(c->perm, out, entry->value);
    else
        put(c, out, entry);
}

static bool too_long(struct php_call *c)
{
    return err_set(c->e, ERR_UNSUPPORTED, "%s() of over %d elements is not supported",
                   c->name, MAX_LIST);
}

/* === sums === */

/* The number that PHP 8.2 adds: strings by what they begin with; of arrays and objects
 * there is none. */
static bool summand(struct php_value v, struct php_value *out)
{
    int overflow;
    switch (v.type) {
    case PHP_FLOAT:
    case PHP_INT:
        *out = v;
        return true;
    case PHP_STRING:
        if (php_scan_number(v.s, out, &overflow) == 0)
            *out = php_int(0);
        return true;
    case PHP_NULL:
    case PHP_BOOL:
        *out = php_int(php_to_int(v));
        return true;
    default:
        return false;
    }
}

static bool fold(struct php_call *c, enum php_op op, int64_t start)
{
    const struct php_array *a = NULL;
    struct php_value sum = php_int(start), v;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (summand(php_deref(a->at[i].value), &v) &&
            !php_binary(op, sum, v, c->perm, &sum, c->e))
            return false;
    return fn_return(c, sum);
}

static bool call_array_sum(struct php_call *c)
{
    return fold(c, OP_ADD, 0);
}

static bool call_array_product(struct php_call *c)
{
    return fold(c, OP_MUL, 1);
}

/* === parts === */

/* array_slice($array, $offset, $length = null, $preserve_keys = false) */
static bool call_array_slice(struct php_call *c)
{
    const struct php_array *a = NULL;
    int64_t offset = 0, length = INT64_MAX;
    bool keep = false;
    size_t from, len;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_int(c, 1, "offset", &offset) ||
        !fn_int_or_null(c, 2, "length", &length) ||
        !fn_bool(c, 3, "preserve_keys", &keep))
        return false;
    fn_clip(a->len, offset, length, &from, &len);
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = from; i < from + len; i++)
        put_renumbered(c, out, &a->at[i], keep);
    return fn_return(c, php_from_array(out));
}

/* array_reverse($array, $preserve_keys = false) */
static bool call_array_reverse(struct php_call *c)
{
    const struct php_array *a = NULL;
    bool keep = false;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_bool(c, 1, "preserve_keys", &keep))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = a->len; i-- > 0;)
        put_renumbered(c, out, &a->at[i], keep);
    return fn_return(c, php_from_array(out));
}

/* array_chunk($array, $length, $preserve_keys = false) */
static bool call_array_chunk(struct php_call *c)
{
    const struct php_array *a = NULL;
    int64_t length = 0;
    bool keep = false;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_int(c, 1, "length", &length) ||
        !fn_bool(c, 2, "preserve_keys", &keep))
        return false;
    if (length < 1)
        return err_set(c->e, ERR_JOB,
                       "array_chunk(): Argument #2 ($length) must be greater than 0");
    struct php_array *out = php_array_new(c->perm), *chunk = NULL;
    for (size_t i = 0; i < a->len; i++) {
        if (!chunk || (int64_t)chunk->len == length) {
            chunk = php_array_new(c->perm);
            php_array_push(c->perm, out, php_from_array(chunk));
        }
        if (keep)
            put(c, chunk, &a->at[i]);
        else
            php_array_push(c->perm, chunk, a->at[i].value);
    }
    return fn_return(c, php_from_array(out));
}

static bool edge(struct php_call *c, bool last)
{
    const struct php_array *a = NULL;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    if (a->len == 0)
        return fn_return(c, php_null());
    return fn_return(c, php_key_value(a->at[last ? a->len - 1 : 0].key));
}

static bool call_array_key_first(struct php_call *c)
{
    return edge(c, false);
}

static bool call_array_key_last(struct php_call *c)
{
    return edge(c, true);
}

static bool call_array_is_list(struct php_call *c)
{
    const struct php_array *a = NULL;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    bool is_list = true;
    for (size_t i = 0; i < a->len && is_list; i++)
        is_list = a->at[i].key.is_int && a->at[i].key.i == (int64_t)i;
    return fn_return(c, php_bool(is_list));
}

/* === the same once === */

/* A set of texts, as the keys of an array: "1" and 1 are one there as well. */
static bool seen(struct php_call *c, struct php_array *set, struct str s)
{
    struct php_key k = php_key_from(s);
    bool is_old = php_array_lookup(set, k);
    if (!is_old)
        php_array_put(c->perm, set, k, php_bool(true));
    return is_old;
}

/* array_unique($array): equal are values of the same text; the first one stays. */
static bool call_array_unique(struct php_call *c)
{
    enum { SORT_STRING = 2 };
    const struct php_array *a = NULL;
    int64_t flags = SORT_STRING;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_int(c, 1, "flags", &flags))
        return false;
    if (flags != SORT_STRING)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "array_unique() with these flags is not supported");
    struct php_array *out = php_array_new(c->perm), *texts = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        struct str s = S("");
        bool alone = a->len == 1;
        if (!alone && !fn_element_text(c, a->at[i].value, &s))
            return false;
        if (alone || !seen(c, texts, s))
            put(c, out, &a->at[i]);
    }
    return fn_return(c, php_from_array(out));
}

/* array_count_values($array): of strings and ints. */
static bool call_array_count_values(struct php_call *c)
{
    const struct php_array *a = NULL;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        struct php_value v = php_deref(a->at[i].value);
        struct php_key k;
        if ((v.type != PHP_INT && v.type != PHP_STRING) || !php_as_key(v, &k))
            return err_set(c->e, ERR_JOB,
                           "array_count_values(): Can only count string and integer "
                           "values, entry skipped");
        const struct php_value *n = php_array_lookup(out, k);
        php_array_put(c->perm, out, k, php_int(n ? n->i + 1 : 1));
    }
    return fn_return(c, php_from_array(out));
}

/* What array_diff and its kin compare: values by their texts, or keys. */
enum by { BY_VALUE, BY_KEY };

static bool all_arrays(struct php_call *c)
{
    for (size_t i = 0; i < c->len; i++)
        if (c->args[i].type != PHP_ARRAY) {
            struct str given = php_type_name(c->args[i]);
            return err_set(c->e, ERR_JOB,
                           i == 0
                               ? "%s(): Argument #%zu ($array) must be of type array, "
                                 "%.*s given"
                               : "%s(): Argument #%zu must be of type array, %.*s given",
                           c->name, i + 1, STR_ARG(given));
        }
    return true;
}

/* Its entry's key in a set of keys or of texts. */
static bool set_key(struct php_call *c, enum by by, const struct php_entry *entry,
                    struct php_key *k)
{
    struct str s;
    *k = entry->key;
    if (by == BY_KEY)
        return true;
    if (!fn_element_text(c, entry->value, &s))
        return false;
    *k = php_key_from(s);
    return true;
}

/* Whether PHP looks at the text of an array in an array, and fails, depends on what else
 * there is. */
static bool no_arrays(struct php_call *c)
{
    for (size_t n = 0; n < c->len; n++) {
        const struct php_array *a = c->args[n].type == PHP_ARRAY ? c->args[n].a : NULL;
        for (size_t i = 0; a && i < a->len; i++)
            if (php_deref(a->at[i].value).type == PHP_ARRAY)
                return err_set(c->e, ERR_UNSUPPORTED,
                               "%s() of arrays in arrays is not supported", c->name);
    }
    return true;
}

/* keep_by keeps the entries of the first array that are in none of the others, or in all
 * of them. */
static bool keep_by(struct php_call *c, enum by by, bool in_all)
{
    struct php_array **sets = NEW(c->perm, struct php_array *, c->len + 1);
    struct php_array *out = php_array_new(c->perm);
    struct php_key k;
    if ((by == BY_VALUE && !no_arrays(c)) || !all_arrays(c))
        return false;
    for (size_t n = 1; n < c->len; n++) {
        const struct php_array *a = c->args[n].a;
        sets[n] = php_array_new(c->perm);
        for (size_t i = 0; i < a->len; i++) {
            if (!set_key(c, by, &a->at[i], &k))
                return false;
            php_array_put(c->perm, sets[n], k, php_bool(true));
        }
    }
    for (size_t i = 0; i < c->args[0].a->len; i++) {
        const struct php_entry *entry = &c->args[0].a->at[i];
        size_t in = 0;
        if (!set_key(c, by, entry, &k))
            return false;
        for (size_t n = 1; n < c->len; n++)
            in += php_array_lookup(sets[n], k) != NULL;
        if (in_all ? in == c->len - 1 : in == 0)
            put(c, out, entry);
    }
    return fn_return(c, php_from_array(out));
}

static bool call_array_diff_key(struct php_call *c)
{
    return keep_by(c, BY_KEY, false);
}

static bool call_array_intersect_key(struct php_call *c)
{
    return keep_by(c, BY_KEY, true);
}

static bool call_array_diff(struct php_call *c)
{
    return keep_by(c, BY_VALUE, false);
}

static bool call_array_intersect(struct php_call *c)
{
    return keep_by(c, BY_VALUE, true);
}

/* === keys and values === */

/* array_key_exists($key, $array) */
static bool call_array_key_exists(struct php_call *c)
{
    const struct php_array *a = NULL;
    struct php_key k;
    if (!fn_array_arg(c, 1, "array", &a))
        return false;
    if (!php_as_key(c->args[0], &k))
        return err_set(c->e, ERR_JOB, "Illegal offset type");
    return fn_return(c, php_bool(php_array_lookup(a, k)));
}

/* array_search($needle, $haystack, $strict = false): the key, or false */
static bool call_array_search(struct php_call *c)
{
    const struct php_array *a = NULL;
    bool strict = false;
    if (!fn_array_arg(c, 1, "haystack", &a) || !fn_bool(c, 2, "strict", &strict))
        return false;
    for (size_t i = 0; i < a->len; i++) {
        struct php_value v = php_deref(a->at[i].value), needle = c->args[0];
        if (!strict &&
            (!php_comparable(v, needle, c->e) || !php_comparable(needle, v, c->e)))
            return false;
        if (strict ? php_identical(v, needle) : php_equal(v, needle))
            return fn_return(c, php_key_value(a->at[i].key));
    }
    return fn_return(c, php_bool(false));
}

static bool call_array_flip(struct php_call *c)
{
    const struct php_array *a = NULL;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        struct php_value v = php_deref(a->at[i].value);
        struct php_key k;
        if ((v.type != PHP_INT && v.type != PHP_STRING) || !php_as_key(v, &k))
            return err_set(c->e, ERR_JOB,
                           "array_flip(): Can only flip string and integer values, entry "
                           "skipped");
        php_array_put(c->perm, out, k, php_key_value(a->at[i].key));
    }
    return fn_return(c, php_from_array(out));
}

/* A value as the key that array_combine and array_fill_keys make of it: by its text. */
static bool text_key(struct php_call *c, struct php_value v, struct php_key *k)
{
    struct str s;
    if (!fn_element_text(c, v, &s))
        return false;
    *k = php_key_from(s);
    return true;
}

/* array_combine($keys, $values) */
static bool call_array_combine(struct php_call *c)
{
    const struct php_array *keys = NULL, *values = NULL;
    struct php_key k;
    if (!fn_array_arg(c, 0, "keys", &keys) || !fn_array_arg(c, 1, "values", &values))
        return false;
    if (keys->len != values->len)
        return err_set(c->e, ERR_JOB,
                       "array_combine(): Argument #1 ($keys) and argument #2 ($values) "
                       "must have the same number of elements");
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < keys->len; i++) {
        if (!text_key(c, keys->at[i].value, &k))
            return false;
        php_array_put(c->perm, out, k, values->at[i].value);
    }
    return fn_return(c, php_from_array(out));
}

/* array_fill_keys($keys, $value) */
static bool call_array_fill_keys(struct php_call *c)
{
    const struct php_array *keys = NULL;
    struct php_key k;
    if (!fn_array_arg(c, 0, "keys", &keys))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < keys->len; i++) {
        if (!text_key(c, keys->at[i].value, &k))
            return false;
        php_array_put(c->perm, out, k, c->args[1]);
    }
    return fn_return(c, php_from_array(out));
}

/* array_pad($array, $length, $value): at the end, or for a negative length in front */
static bool call_array_pad(struct php_call *c)
{
    const struct php_array *a = NULL;
    int64_t length = 0;
    if (!fn_array_arg(c, 0, "array", &a) || !fn_int(c, 1, "length", &length))
        return false;
    if (length > MAX_LIST || length < -MAX_LIST)
        return too_long(c);
    size_t want = (size_t)(length < 0 ? -length : length);
    size_t more = want > a->len ? want - a->len : 0;
    if (more == 0)
        return fn_return(c, c->args[0]);
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; length < 0 && i < more; i++)
        php_array_push(c->perm, out, c->args[2]);
    for (size_t i = 0; i < a->len; i++)
        put_renumbered(c, out, &a->at[i], false);
    for (size_t i = 0; length > 0 && i < more; i++)
        php_array_push(c->perm, out, c->args[2]);
    return fn_return(c, php_from_array(out));
}

/* array_fill($start_index, $count, $value) */
static bool call_array_fill(struct php_call *c)
{
    int64_t start = 0, count = 0;
    if (!fn_int(c, 0, "start_index", &start) || !fn_int(c, 1, "count", &count))
        return false;
    if (count < 0)
        return err_set(c->e, ERR_JOB,
                       "array_fill(): Argument #2 ($count) must be greater than or equal "
                       "to 0");
    if (count > MAX_LIST || start < -MAX_LIST || start > MAX_LIST)
        return too_long(c);
    struct php_array *out = php_array_new(c->perm);
    for (int64_t i = 0; i < count; i++)
        if (i == 0)
            php_array_put(c->perm, out, php_key_int(start), c->args[2]);
        else
            php_array_push(c->perm, out, c->args[2]);
    return fn_return(c, php_from_array(out));
}

/* range($start, $end, $step = 1), of ints */
static bool call_range(struct php_call *c)
{
    int64_t step = 1;
    for (size_t i = 0; i < c->len; i++)
        if (c->args[i].type != PHP_INT)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "range() of anything but ints is not supported");
    int64_t from = c->args[0].i, to = c->args[1].i;
    if (fn_has(c, 2))
        step = c->args[2].i;
    if (from > MAX_LIST || from < -MAX_LIST || to > MAX_LIST || to < -MAX_LIST)
        return too_long(c);
    if (step < 0 && step > INT64_MIN)
        step = -step;
    int64_t apart = from > to ? from - to : to - from;
    if (step < 1 || (apart > 0 && step > apart))
        return err_set(
            c->e, ERR_JOB,
            "range(): Argument #3 ($step) must not exceed the specified range");
    struct php_array *out = php_array_new(c->perm);
    for (int64_t i = 0; i <= apart; i += apart ? step : 1)
        php_array_push(c->perm, out, php_int(from > to ? from - i : from + i));
    return fn_return(c, php_from_array(out));
}

/* array_replace($array, ...$replacements) */
static bool call_array_replace(struct php_call *c)
{
    struct php_array *out = php_array_new(c->perm);
    if (!all_arrays(c))
        return false;
    for (size_t n = 0; n < c->len; n++)
        for (size_t i = 0; i < c->args[n].a->len; i++)
            put(c, out, &c->args[n].a->at[i]);
    return fn_return(c, php_from_array(out));
}

/* array_column($array, $column_key, $index_key = null), of rows that are arrays */
static bool call_array_column(struct php_call *c)
{
    const struct php_array *a = NULL;
    struct php_key column, index;
    if (!fn_array_arg(c, 0, "array", &a))
        return false;
    for (size_t i = 1; i < c->len; i++)
        if (c->args[i].type != PHP_STRING && c->args[i].type != PHP_INT &&
            c->args[i].type != PHP_NULL)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "array_column() by such a key is not supported");
    bool all = c->args[1].type == PHP_NULL, has_index = false;
    if (fn_has(c, 2) && c->args[2].type != PHP_NULL)
        has_index = php_as_key(c->args[2], &index);
    if (!all && !php_as_key(c->args[1], &column))
        return false;
    struct php_array *out = php_array_new(c->perm);
    for (size_t i = 0; i < a->len; i++) {
        struct php_value row = php_deref(a->at[i].value);
        if (row.type == PHP_OBJECT)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "array_column() of objects is not supported");
        const struct php_value *v = &row, *at = NULL;
        struct php_key k;
        if (!all && row.type == PHP_ARRAY)
            v = php_array_lookup(row.a, column);
        else if (!all)
            v = NULL;
        if (!v)
            continue;
        if (has_index && row.type == PHP_ARRAY)
            at = php_array_lookup(row.a, index);
        if (at && php_as_key(*at, &k))
            php_array_put(c->perm, out, k, *v);
        else
            php_array_push(c->perm, out, *v);
    }
    return fn_return(c, php_from_array(out));
}

const struct php_function fn_list[] = {
    {"array_sum", 1, 1, call_array_sum},
    {"array_product", 1, 1, call_array_product},
    {"array_slice", 2, 4, call_array_slice},
    {"array_reverse", 1, 2, call_array_reverse},
    {"array_chunk", 2, 3, call_array_chunk},
    {"array_key_first", 1, 1, call_array_key_first},
    {"array_key_last", 1, 1, call_array_key_last},
    {"array_is_list", 1, 1, call_array_is_list},
    {"array_unique", 1, 2, call_array_unique},
    {"array_count_values", 1, 1, call_array_count_values},
    {"array_diff", 1, -1, call_array_diff},
    {"array_diff_key", 1, -1, call_array_diff_key},
    {"array_intersect", 1, -1, call_array_intersect},
    {"array_intersect_key", 1, -1, call_array_intersect_key},
    {"array_key_exists", 2, 2, call_array_key_exists},
    {"key_exists", 2, 2, call_array_key_exists},
    {"array_search", 2, 3, call_array_search},
    {"array_flip", 1, 1, call_array_flip},
    {"array_combine", 2, 2, call_array_combine},
    {"array_fill_keys", 2, 2, call_array_fill_keys},
    {"array_pad", 3, 3, call_array_pad},
    {"array_fill", 3, 3, call_array_fill},
    {"range", 2, 3, call_range},
    {"array_replace", 1, -1, call_array_replace},
    {"array_column", 2, 3, call_array_column},
    {NULL, 0, 0, NULL},
};
