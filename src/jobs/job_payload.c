/* job_payload.c: a job's payload, as Laravel's Queue::createPayload makes it. */
#include "jobs/jobs_imp.h"

enum { PAYLOAD_MAX = 16 << 20 };

/* backoff_text joins the waits of several attempts with commas, as Laravel does. */
static bool backoff_text(struct php_value v, struct arena *perm, struct php_value *out,
                         struct error *e)
{
    struct buf b = buf_new(perm, PAYLOAD_MAX);
    struct str one;
    *out = php_null();
    if (v.type == PHP_NULL)
        return true;
    size_t len = v.type == PHP_ARRAY ? v.a->len : 1;
    for (size_t i = 0; i < len; i++) {
        if (!php_to_string(v.type == PHP_ARRAY ? v.a->at[i].value : v, perm, &one, e))
            return false;
        buf_fmt(&b, "%s%.*s", i ? "," : "", STR_ARG(one));
    }
    *out = php_string(buf_str(&b));
    return true;
}

/* members lists the payload in Laravel's order; keys of later versions are left out. */
static struct php_array *members(const struct app *app, const struct job_payload *p,
                                 struct php_value backoff, struct arena *perm)
{
    char *uuid = NEW(perm, char, UUID_TEXT);
    uuid_new(uuid);
    struct php_array *data = php_array_new(perm), *a = php_array_new(perm);
    bool dated = app_laravel_has(app, 12, 11);
    const struct {
        struct php_array *to;
        const char *key;
        struct php_value value;
        bool there;
    } rows[] = {
        {data, "commandName", php_string(p->class_name), true},
        {data, "command", php_string(p->command), true},
        {data, "batchId", p->batch_id, app_laravel_has(app, 12, 51)},
        {a, "uuid", php_string(str_from(uuid)), true},
        {a, "displayName", php_string(p->class_name), true},
        {a, "job", php_string(S("Illuminate\\Queue\\CallQueuedHandler@call")), true},
        {a, "maxTries", p->tries, true},
        {a, "maxExceptions", p->max_exceptions, true},
        {a, "failOnTimeout", p->fail_on_timeout, true},
        {a, "countCrashesAsExceptions", p->count_crashes, app_laravel_has(app, 13, 37)},
        {a, "backoff", backoff, true},
        {a, "timeout", p->timeout, true},
        {a, "retryUntil", p->retry_until, true},
        {a, "deleteWhenMissingModels", php_bool(false), app_laravel_has(app, 13, 0)},
        {a, "data", php_from_array(data), true},
        {a, "createdAt", php_int(clock_unix()), dated},
        {a, "illuminate:log:context", p->context, p->context.type != PHP_NULL},
        {a, "delay", p->delay, dated},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].there)
            php_array_put(perm, rows[i].to, php_key_from(str_from(rows[i].key)),
                          rows[i].value);
    return a;
}

bool job_payload_json(const struct app *app, const struct job_payload *p,
                      struct arena *perm, struct str *out, struct error *e)
{
    struct php_value backoff;
    struct buf b = buf_new(perm, PAYLOAD_MAX);
    if (!backoff_text(p->backoff, perm, &backoff, e) ||
        !php_json(&b, php_from_array(members(app, p, backoff, perm)), JSON_PLAIN_UNICODE,
                  e))
        return false;
    *out = buf_str(&b);
    return true;
}
