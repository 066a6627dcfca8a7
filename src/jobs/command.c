/* command.c: the object in data.command, encrypted or not. */
#include "jobs/jobs_imp.h"

/* Laravel's own test: what does not begin so is encrypted. */
static bool is_plain(const struct payload *p)
{
    return str_starts(p->command, S("O:"));
}

/* open_encrypter makes the encrypter when the first encrypted command is met; without a
 * key that fits, such jobs are PHP's. */
static bool open_encrypter(struct jobs *js, struct error *e)
{
    if (!js->encrypter && js->encrypter_error.kind == ERR_NONE)
        js->encrypter = encrypter_open(js->o.app, &js->encrypter_error);
    return js->encrypter || err_set(e, ERR_UNSUPPORTED,
                                    "is encrypted, and cannot be "
                                    "decrypted: %s",
                                    js->encrypter_error.text);
}

/* decrypt takes both layers off: the cipher text, and the string that was serialised
 * into it. */
static bool decrypt(struct jobs *js, struct str text, struct arena *perm, struct str *out,
                    struct error *e)
{
    struct php_value v;
    struct str plain;
    if (!open_encrypter(js, e))
        return false;
    if (!encrypter_decrypt(js->encrypter, text, perm, &plain, e))
        return err_thrown(e, decrypt_exception, 0, "");
    if (!php_unserialize(plain, &php_default_limits, perm, &v, NULL, e))
        return err_wrap(e, "the decrypted command");
    if (v.type != PHP_STRING) {
        struct str type = php_type_name(v);
        return err_set(e, ERR_JOB, "the decrypted command is %.*s, expected a string",
                       STR_ARG(type));
    }
    *out = v.s;
    return true;
}

bool command_object(struct jobs *js, const struct payload *p, struct arena *perm,
                    const struct php_object **out, struct error *e)
{
    struct php_value v;
    struct str text = p->command;
    if (!p->is_json)
        return err_set(e, ERR_JOB, "the payload is not a JSON object");
    if (!text.len)
        return err_set(e, ERR_JOB, "the payload has no data.command");
    if (!is_plain(p) && !decrypt(js, p->command, perm, &text, e))
        return false;
    if (!php_unserialize(text, &php_default_limits, perm, &v, NULL, e))
        return err_wrap(e, "data.command");
    if (v.type != PHP_OBJECT) {
        struct str type = php_type_name(v);
        return err_set(e, ERR_JOB, "data.command holds %.*s, expected an object",
                       STR_ARG(type));
    }
    *out = v.o;
    return true;
}
