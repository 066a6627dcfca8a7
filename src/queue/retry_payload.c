/* retry_payload.c: the payload with which queue:retry puts a failed job back. */
#include "queue/queue_imp.h"

/* A payload grows by its escapes: six bytes for one at most. */
static size_t longest(struct str raw)
{
    return 6 * raw.len + 64;
}

static bool encode(struct php_value v, size_t max, struct arena *perm, struct str *out,
                   struct error *e)
{
    struct buf b = buf_new(perm, max);
    bool ok = php_json(&b, v, 0, e);
    *out = buf_str(&b);
    return ok;
}

static const struct php_value *set(struct php_value v, const char *name)
{
    const struct php_value *found =
        v.type == PHP_ARRAY ? php_array_named(v.a, name) : NULL;
    return found && found->type != PHP_NULL ? found : NULL;
}

static void put(struct arena *perm, struct php_value v, const char *name, int64_t i)
{
    php_array_put(perm, v.a, php_key_from(str_from(name)), php_int(i));
}

/* decode_command reads data.command as far as Laravel does at this point; what is no
 * object stays null. */
static bool decode_command(const struct retry_payload *r, struct str command,
                           struct arena *tmp, struct php_value *out, struct error *e)
{
    struct str rest;
    *out = php_null();
    if (!str_starts(command, S("O:"))) {
        if (!r->encrypter)
            return err_set(e, ERR_JOB, "Unable to extract job payload.");
        if (!encrypter_decrypt(r->encrypter, command, tmp, &command, e))
            return false;
    }
    return php_unserialize(command, &php_default_limits, tmp, out, &rest, e) ||
           err_wrap(e, "unserialize()");
}

/* renew_until sets retryUntil anew where the class has a method for it. */
static bool renew_until(const struct retry_payload *r, struct php_value payload,
                        struct php_value command, struct arena *perm, struct error *e)
{
    int64_t until = 0;
    enum retry_until known = command.type == PHP_OBJECT && r->until
                                 ? r->until(r->arg, command.o, &until)
                                 : UNTIL_NONE;
    if (known == UNTIL_NONE)
        return true;
    const struct php_value *old = set(payload, "retryUntil");
    const struct php_value *made = set(payload, "createdAt");
    if (known == UNTIL_UNKNOWN && (!old || !made))
        return err_set(e, ERR_JOB,
                       "retryUntil() of %.*s cannot be computed here: php artisan "
                       "queue:retry can.",
                       STR_ARG(command.o->class_name));
    if (known == UNTIL_UNKNOWN)
        until =
            i64_add(r->now, i64_add(php_to_int(*old), i64_mul(-1, php_to_int(*made))));
    put(perm, payload, "retryUntil", until);
    return true;
}

bool queue_retry_payload(const struct retry_payload *r, struct str raw,
                         struct arena *perm, struct str *out, struct error *e)
{
    struct php_value v, command = php_null();
    if (!php_json_read(raw, true, perm, &v, e))
        return err_wrap(e, "The payload is not JSON");
    if (v.type != PHP_ARRAY)
        return err_set(e, ERR_JOB, "The payload is not a JSON object.");
    if (set(v, "attempts"))
        put(perm, v, "attempts", 0);
    const struct php_value *data = set(v, "data");
    const struct php_value *text = data ? set(*data, "command") : NULL;
    if (text && text->type == PHP_STRING &&
        !decode_command(r, text->s, perm, &command, e))
        return false;
    if (!renew_until(r, v, command, perm, e) || !encode(v, longest(raw), perm, out, e))
        return false;
    if (!str_has(*out, S("-0")))
        return true;
    /* Laravel decodes and encodes twice, which makes an integer of -0.0. */
    return php_json_read(*out, true, perm, &v, e) &&
           encode(v, longest(raw), perm, out, e);
}
