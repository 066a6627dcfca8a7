/* payload.c: the JSON of a job, read as Laravel's worker reads it. */
#include <jansson.h>
#include <stdio.h>

#include "queue/queue_imp.h"

/* Copies of a payload's texts. All of them together are not longer than the payload, so
 * the room is taken before jansson's tree is made: an arena that is full jumps away, and
 * would leave the tree behind. */
struct copies {
    char *at;
};

static struct str copy(struct copies *c, const char *ptr, size_t len)
{
    char *to = c->at;
    memcpy(to, ptr, len);
    c->at += len;
    return (struct str){to, len};
}

/* text copies a string member; numbers and booleans become text as PHP's do. */
static struct str text(const json_t *object, const char *key, struct copies *c)
{
    const json_t *v = json_object_get(object, key);
    char digits[32];
    if (json_is_string(v))
        return copy(c, json_string_value(v), json_string_length(v));
    if (json_is_true(v))
        return S("1");
    if (!json_is_integer(v))
        return S("");
    int n =
        snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    return copy(c, digits, (size_t)n);
}

static struct payload_number number(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    struct php_value value = php_null();
    if (json_is_integer(v))
        value = php_int(json_integer_value(v));
    else if (json_is_real(v))
        value = php_float(json_real_value(v));
    else if (json_is_boolean(v))
        value = php_bool(json_is_true(v));
    else if (json_is_string(v))
        value = php_string((struct str){json_string_value(v), json_string_length(v)});
    return (struct payload_number){value.type != PHP_NULL, php_to_int(value)};
}

/* truthy follows PHP: false, null, 0, "" and "0" are not. */
static bool truthy(const json_t *v)
{
    if (json_is_string(v)) {
        const char *z = json_string_value(v);
        return json_string_length(v) && strcmp(z, "0") != 0;
    }
    return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) != 0) ||
           (json_is_real(v) && json_real_value(v) != 0) || json_object_size(v) ||
           json_array_size(v);
}

/* load_json parses as PHP does where jansson is narrower: names of protected properties
 * hold NULs, and an integer beyond 64 bits is a float. *is_json stays true for what only
 * jansson refuses: such text is JSON that cannot be read here. */
static json_t *load_json(struct str raw, bool *is_json)
{
    json_error_t why;
    json_t *root = json_loadb(raw.ptr, raw.len, JSON_ALLOW_NUL, &why);
    if (!root && json_error_code(&why) == json_error_numeric_overflow)
        root =
            json_loadb(raw.ptr, raw.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
    enum json_error_code code = root ? json_error_unknown : json_error_code(&why);
    *is_json = root || code == json_error_numeric_overflow ||
               code == json_error_null_byte_in_key;
    return root;
}

/* note_keys: what Laravel itself writes, 8 to 13; any other key is a hook's. */
static void note_keys(json_t *root, struct payload *p)
{
    static const char *const keys[] = {"uuid",
                                       "displayName",
                                       "job",
                                       "maxTries",
                                       "maxExceptions",
                                       "failOnTimeout",
                                       "countCrashesAsExceptions",
                                       "backoff",
                                       "timeout",
                                       "timeoutAt",
                                       "retryUntil",
                                       "deleteWhenMissingModels",
                                       "data",
                                       "createdAt",
                                       "illuminate:log:context",
                                       "delay"};
    p->has_context = json_is_object(json_object_get(root, "illuminate:log:context"));
    for (void *it = json_object_iter(root); it; it = json_object_iter_next(root, it)) {
        bool known = false;
        for (size_t i = 0; i < COUNT(keys) && !known; i++)
            known = strcmp(json_object_iter_key(it), keys[i]) == 0;
        p->hooked = p->hooked || !known;
    }
}

struct payload payload_parse(struct str raw, struct arena *perm)
{
    struct payload p = {.raw = raw};
    struct copies c = {NEW(perm, char, raw.len + 1)};
    json_t *root = load_json(raw, &p.is_json);
    if (!json_is_object(root)) {
        json_decref(root);
        return p;
    }
    const json_t *data = json_object_get(root, "data");
    p.uuid = text(root, "uuid", &c);
    p.display_name = text(root, "displayName", &c);
    p.job = text(root, "job", &c);
    p.command_name = text(data, "commandName", &c);
    p.command = text(data, "command", &c);
    p.max_tries = number(root, "maxTries");
    p.max_exceptions = number(root, "maxExceptions");
    p.timeout = number(root, "timeout");
    p.retry_until = number(root, "retryUntil");
    if (!p.retry_until.given)
        p.retry_until = number(root, "timeoutAt"); /* as Laravel 8 still reads it */
    p.delay = number(root, "delay");
    p.fail_on_timeout = truthy(json_object_get(root, "failOnTimeout"));
    const json_t *backoff = json_object_get(root, "backoff");
    p.has_backoff = backoff && !json_is_null(backoff);
    p.backoff = text(root, "backoff", &c);
    note_keys(root, &p);
    json_decref(root);
    return p;
}

struct str payload_name(const struct payload *p)
{
    return p->display_name.len ? p->display_name : p->job;
}

/* === ours or not === */

static bool name_char(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || ch == '_' || ch == '\\' ||
           (unsigned char)ch >= 0x80;
}

/* next_word finds a class name in text from *at on, its backslashes single or doubled,
 * and moves *at behind it; the name in single form goes to `out` (cut to its size). */
static bool next_word(struct str s, size_t *at, char *out, size_t size)
{
    size_t n = 0;
    while (*at < s.len && !name_char(s.ptr[*at]))
        ++*at;
    if (*at == s.len)
        return false;
    for (; *at < s.len && name_char(s.ptr[*at]); ++*at) {
        bool doubled = s.ptr[*at] == '\\' && n && out[n - 1] == '\\';
        if (!doubled && n + 1 < size)
            out[n++] = s.ptr[*at];
    }
    out[n] = '\0';
    return true;
}

/* names_class says whether text that is no JSON is a job of the class: a name that is
 * only mentioned in another class's chain does not count, where that can be seen. */
static bool names_class(struct str raw, struct str name)
{
    char word[256];
    size_t at = 0;
    struct str key = S("\"commandName\"");
    ptrdiff_t key_at = str_find(raw, key);
    if (key_at >= 0) {
        at = (size_t)key_at + key.len;
        return next_word(raw, &at, word, sizeof(word)) && str_eq(str_from(word), name);
    }
    while (next_word(raw, &at, word, sizeof(word)))
        if (str_eq(str_from(word), name))
            return true;
    return false;
}

int queue_ours(const struct queue_class *classes, size_t len, const struct payload *p,
               struct str raw)
{
    for (size_t i = 0; i < len; i++) {
        struct str name = str_from(classes[i].name);
        /* PHP's class names know no case. */
        if (p->is_json ? str_ieq(p->command_name, name) : names_class(raw, name))
            return (int)i;
    }
    return -1;
}
