/* payload.c: the JSON of a job, read as Laravel's worker reads it. */
#include "queue/queue_imp.h"

/* A payload has some dozens of values; one of many more would take many times its length
 * to hold. */
enum { VALUES_MAX = 1 << 16 };

static struct php_value member(struct php_value object, const char *key)
{
    const struct php_value *v =
        object.type == PHP_ARRAY ? php_array_named(object.a, key) : NULL;
    return v ? *v : php_null();
}

/* text lends a string member; numbers and booleans become text as PHP's do. */
static struct str text(struct php_value object, const char *key, struct arena *perm)
{
    struct php_value v = member(object, key);
    if (v.type == PHP_STRING)
        return v.s;
    if (v.type == PHP_BOOL && v.b)
        return S("1");
    return v.type == PHP_INT ? str_fmt(perm, "%lld", (long long)v.i) : S("");
}

static struct payload_number number(struct php_value object, const char *key)
{
    struct php_value v = member(object, key);
    if (v.type == PHP_ARRAY)
        v = php_null();
    return (struct payload_number){v.type != PHP_NULL, php_to_int(v)};
}

/* is_hooked: what Laravel itself writes, 8 to 13, stands here; any other key is a hook's.
 */
static bool is_hooked(struct php_value root)
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
    for (size_t i = 0; i < root.a->len; i++) {
        const struct php_key *key = &root.a->at[i].key;
        bool known = false;
        for (size_t k = 0; k < COUNT(keys) && !known && !key->is_int; k++)
            known = str_eq(key->s, str_from(keys[k]));
        if (!known)
            return true;
    }
    return false;
}

/* context_of: a list is none. */
static struct php_value context_of(struct php_value root)
{
    struct php_value v = member(root, "illuminate:log:context");
    bool named = v.type == PHP_ARRAY && v.a->len && !v.a->at[0].key.is_int;
    return named ? v : php_null();
}

struct payload payload_parse(struct str raw, struct arena *perm)
{
    struct payload p = {.raw = raw};
    struct php_value root;
    struct error why = {0};
    if (!php_json_read_some(raw, VALUES_MAX, perm, &root, &why)) {
        p.is_json = p.crowded = why.kind == ERR_UNSUPPORTED;
        return p;
    }
    p.is_json = root.type == PHP_ARRAY;
    if (!p.is_json)
        return p;
    struct php_value data = member(root, "data"), backoff = member(root, "backoff");
    p.uuid = text(root, "uuid", perm);
    p.display_name = text(root, "displayName", perm);
    p.job = text(root, "job", perm);
    p.command_name = text(data, "commandName", perm);
    p.command = text(data, "command", perm);
    p.max_tries = number(root, "maxTries");
    p.max_exceptions = number(root, "maxExceptions");
    p.timeout = number(root, "timeout");
    p.retry_until = number(root, "retryUntil");
    if (!p.retry_until.given)
        p.retry_until = number(root, "timeoutAt"); /* as Laravel 8 still reads it */
    p.delay = number(root, "delay");
    p.fail_on_timeout = php_truthy(member(root, "failOnTimeout"));
    p.has_backoff = backoff.type != PHP_NULL;
    p.backoff = text(root, "backoff", perm);
    p.context = context_of(root);
    p.hooked = is_hooked(root);
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
