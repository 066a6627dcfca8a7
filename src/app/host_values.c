/* host_values.c: functions that config files make their values with. */
#include <unistd.h>

#include "app/app_imp.h"

static bool text_arg(struct php_call *c, size_t i, struct str *out)
{
    if (c->args[i].type == PHP_STRING) {
        *out = c->args[i].s;
        return true;
    }
    return php_to_string(c->args[i], c->perm, out, c->e);
}

/* === filter_var($value, $filter, $options) === */

enum { FILTER_BOOL = 258, FILTER_INT = 257, NULL_ON_FAILURE = 134217728 };

/* boolean follows PHP's FILTER_VALIDATE_BOOLEAN: any other word is false, or null. */
static struct php_value boolean(struct str s, bool or_null)
{
    static const struct {
        const char *word;
        bool means;
    } words[] = {{"1", true},      {"true", true}, {"on", true},
                 {"yes", true},    {"0", false},   {"", false},
                 {"false", false}, {"off", false}, {"no", false}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_ieq(s, str_from(words[i].word)))
            return php_bool(words[i].means);
    return or_null ? php_null() : php_bool(false);
}

/* integer follows FILTER_VALIDATE_INT: decimal digits, no zero before them. */
static struct php_value integer(struct str s, bool or_null)
{
    struct str digits = s;
    int64_t i;
    if (digits.len && (digits.ptr[0] == '-' || digits.ptr[0] == '+'))
        digits = str_skip(digits, 1);
    bool plain = digits.len && digits.ptr[0] >= '0' && digits.ptr[0] <= '9' &&
                 (digits.len == 1 || digits.ptr[0] != '0');
    struct str number = str_starts(s, S("+")) ? digits : s;
    if (plain && str_to_i64(number, &i))
        return php_int(i);
    return or_null ? php_null() : php_bool(false);
}

static bool call_filter_var(struct php_call *c)
{
    struct str s = S("");
    bool known = c->len > 1 && c->args[1].type == PHP_INT &&
                 (c->args[1].i == FILTER_BOOL || c->args[1].i == FILTER_INT) &&
                 (c->len < 3 || c->args[2].type == PHP_INT);
    if (!known)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "filter_var() with this filter is not supported");
    if (c->args[0].type == PHP_ARRAY || c->args[0].type == PHP_OBJECT)
        return err_set(c->e, ERR_UNSUPPORTED, "filter_var() of %s is not supported",
                       c->args[0].type == PHP_ARRAY ? "an array" : "an object");
    bool or_null = c->len > 2 && (c->args[2].i & NULL_ON_FAILURE);
    if (!text_arg(c, 0, &s))
        return false;
    s = str_trim(s);
    *c->result = c->args[1].i == FILTER_BOOL ? boolean(s, or_null) : integer(s, or_null);
    return true;
}

/* === encodings, the machine === */

static int sextet(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* base64_decode($text): what is no digit is passed over. */
static bool call_base64_decode(struct php_call *c)
{
    struct str s;
    uint32_t bits = 0;
    int have = 0;
    if (!text_arg(c, 0, &s))
        return false;
    struct buf b = buf_new(c->perm, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        int six = sextet(s.ptr[i]);
        if (six < 0)
            continue;
        bits = bits << 6 | (uint32_t)six;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        buf_byte(&b, (char)(unsigned char)(bits >> have & 0xFF));
    }
    *c->result = php_string(buf_str(&b));
    return true;
}

/* json_decode($json, $associative): null where it is no JSON. */
static bool call_json_decode(struct php_call *c)
{
    struct str s;
    struct error ignored = {0};
    bool arrays = c->len > 1 && php_truthy(c->args[1]);
    if (!text_arg(c, 0, &s))
        return false;
    if (!php_json_read(s, arrays, c->perm, c->result, &ignored))
        *c->result = php_null();
    return true;
}

static bool call_gethostname(struct php_call *c)
{
    char name[256];
    *c->result = php_bool(false);
    if (gethostname(name, sizeof(name)) == 0)
        *c->result = php_string(str_copy(c->perm, str_from(name)));
    return true;
}

/* === arrays === */

enum { MAX_DEPTH = 32 };

/* replace lays one array over another, arrays within it likewise. */
static bool replace(struct php_call *c, const struct php_array *base,
                    const struct php_array *over, int depth, struct php_value *out)
{
    struct php_array *both = php_array_new(c->perm);
    if (depth > MAX_DEPTH)
        return err_set(c->e, ERR_UNSUPPORTED, "an array is nested too deeply");
    for (size_t i = 0; i < base->len; i++)
        php_array_copy(c->perm, both, &base->at[i], false);
    for (size_t i = 0; i < over->len; i++) {
        const struct php_value *old = php_array_lookup(both, over->at[i].key);
        struct php_value new = php_deref(over->at[i].value);
        bool deeper = old && old->type == PHP_ARRAY && new.type == PHP_ARRAY;
        if (deeper && !replace(c, old->a, new.a, depth + 1, &new))
            return false;
        struct php_entry entry = {over->at[i].key, new, over->at[i].origin};
        php_array_copy(c->perm, both, &entry, false);
    }
    *out = php_from_array(both);
    return true;
}

static bool call_replace_recursive(struct php_call *c)
{
    struct php_value sum = c->args[0];
    for (size_t i = 0; i < c->len; i++) {
        if (c->args[i].type != PHP_ARRAY)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of anything but arrays is not supported", c->name);
        if (i > 0 && !replace(c, sum.a, c->args[i].a, 0, &sum))
            return false;
    }
    *c->result = sum;
    return true;
}

/* merge_recursive appends numbered entries; what both have under one name is merged,
 * as arrays. */
static bool merge_recursive(struct php_call *c, struct php_array *into,
                            const struct php_array *more, int depth);

/* merge_pair merges what stands under one name in two arrays. */
static bool merge_pair(struct php_call *c, struct php_value a, struct php_value b,
                       int depth, struct php_value *out)
{
    struct php_array *both = php_array_new(c->perm);
    struct php_value parts[] = {a, b};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].type == PHP_OBJECT)
            return err_set(c->e, ERR_UNSUPPORTED, "%s() of an object is not supported",
                           c->name);
        if (parts[i].type != PHP_ARRAY)
            php_array_push(c->perm, both, parts[i]);
        else if (!merge_recursive(c, both, parts[i].a, depth + 1))
            return false;
    }
    *out = php_from_array(both);
    return true;
}

static bool merge_recursive(struct php_call *c, struct php_array *into,
                            const struct php_array *more, int depth)
{
    if (depth > MAX_DEPTH)
        return err_set(c->e, ERR_UNSUPPORTED, "an array is nested too deeply");
    for (size_t i = 0; i < more->len; i++) {
        struct php_entry entry = more->at[i];
        const struct php_value *old =
            entry.key.is_int ? NULL : php_array_lookup(into, entry.key);
        if (old && !merge_pair(c, *old, php_deref(entry.value), depth, &entry.value))
            return false;
        php_array_copy(c->perm, into, &entry, true);
    }
    return true;
}

static bool call_merge_recursive(struct php_call *c)
{
    struct php_array *sum = php_array_new(c->perm);
    for (size_t i = 0; i < c->len; i++) {
        if (c->args[i].type != PHP_ARRAY)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of anything but arrays is not supported", c->name);
        if (!merge_recursive(c, sum, c->args[i].a, 0))
            return false;
    }
    *c->result = php_from_array(sum);
    return true;
}

const struct php_function value_functions[] = {
    {"filter_var", 1, 3, call_filter_var},
    {"base64_decode", 1, 1, call_base64_decode},
    {"json_decode", 1, 2, call_json_decode},
    {"gethostname", 0, 0, call_gethostname},
    {"array_replace_recursive", 1, -1, call_replace_recursive},
    {"array_merge_recursive", 0, -1, call_merge_recursive},
    {NULL, 0, 0, NULL},
};
