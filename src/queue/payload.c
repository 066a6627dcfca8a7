/* payload.c: the JSON of a job (contract §2.1), read as Laravel's worker reads it. */
#include <jansson.h>
#include <stdlib.h>

#include "queue/queue_imp.h"

enum { TEXT_NUMBER_MAX = 32 };

static void drop_json(void *json)
{
    json_decref(json);
}

/* text copies a string member; numbers become text, the rest is empty. */
static struct str text(const json_t *object, const char *key, struct arena *perm)
{
    const json_t *v = json_object_get(object, key);
    if (json_is_string(v))
        return str_copy(perm, (struct str){json_string_value(v), json_string_length(v)});
    if (json_is_integer(v))
        return str_fmt(perm, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    return S("");
}

/* leading_number converts a string as PHP's (int) does: digits up to something else. */
static int64_t leading_number(const char *z)
{
    char digits[TEXT_NUMBER_MAX];
    size_t n = 0;
    while (*z == ' ' || (*z >= '\t' && *z <= '\r'))
        z++;
    if (*z == '-' || *z == '+')
        digits[n++] = *z++;
    while (*z >= '0' && *z <= '9' && n + 1 < sizeof(digits))
        digits[n++] = *z++;
    digits[n] = '\0';
    int64_t value = 0;
    return str_to_i64(str_from(digits), &value) ? value : 0;
}

static struct payload_number number(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    if (json_is_integer(v))
        return (struct payload_number){true, json_integer_value(v)};
    if (json_is_real(v)) {
        double d = json_real_value(v);
        bool fits = d > -9e18 && d < 9e18;
        return (struct payload_number){true, fits ? (int64_t)d : 0};
    }
    if (json_is_boolean(v))
        return (struct payload_number){true, json_is_true(v)};
    if (json_is_string(v))
        return (struct payload_number){true, leading_number(json_string_value(v))};
    return (struct payload_number){0};
}

/* truthy follows PHP: false, null, 0, "" and "0" are not. */
static bool truthy(const json_t *v)
{
    if (json_is_string(v)) {
        const char *z = json_string_value(v);
        return z[0] && strcmp(z, "0") != 0;
    }
    return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) != 0);
}

struct payload payload_parse(struct str raw, struct arena *perm)
{
    struct payload p = {0};
    json_error_t ignored;
    /* Names of protected properties hold NULs. */
    json_t *root = json_loadb(raw.ptr, raw.len, JSON_ALLOW_NUL, &ignored);
    if (!json_is_object(root)) {
        json_decref(root);
        return p;
    }
    arena_defer(perm, drop_json, root);
    const json_t *data = json_object_get(root, "data");
    p.is_json = true;
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
    p.fail_on_timeout = truthy(json_object_get(root, "failOnTimeout"));
    const json_t *backoff = json_object_get(root, "backoff");
    p.has_backoff = backoff && !json_is_null(backoff);
    p.backoff = text(root, "backoff", perm);
    return p;
}

struct str payload_name(const struct payload *p)
{
    return p->display_name.len ? p->display_name : p->job;
}

int queue_ours(const struct queue_class *classes, size_t len, const struct payload *p,
               struct str raw)
{
    for (size_t i = 0; i < len; i++) {
        struct str name = str_from(classes[i].name);
        /* PHP's class names know no case. */
        if (p->is_json ? str_ieq(p->command_name, name)
                       : str_has(raw, str_from(classes[i].sieve)))
            return (int)i;
    }
    return -1;
}
