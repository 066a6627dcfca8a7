/* context.c: Laravel 11's Context: what was known where the job was dispatched, and is
 * shown behind every line of the log that the job writes. */
#include "jobs/jobs_imp.h"

enum { CONTEXT_DEPTH = 32 };

const struct php_array *context_part(const struct payload *p, const char *part)
{
    const struct php_value *v = php_path(&p->context, part);
    return v && v->type == PHP_ARRAY ? v->a : NULL;
}

/* plain: no object is in it. A model is restored by PHP, any other shown as its class
 * wants it. */
static bool plain(struct php_value v, int depth)
{
    v = php_deref(v);
    if (v.type == PHP_OBJECT || depth == CONTEXT_DEPTH)
        return false;
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++)
        if (!plain(v.a->at[i].value, depth + 1))
            return false;
    return true;
}

bool context_read(struct jobs *js, const struct payload *p, struct arena *perm,
                  struct php_value *out)
{
    struct error ignored = {0};
    *out = php_null();
    /* Before 11 nobody writes or reads it. */
    const struct php_array *data =
        app_laravel_has(js->o.app, 11, 0) ? context_part(p, "data") : NULL;
    if (!data || data->len == 0)
        return true;
    struct php_array *all = php_array_new(perm);
    for (size_t i = 0; i < data->len; i++) {
        struct php_value text = data->at[i].value, v;
        if (text.type != PHP_STRING ||
            !php_unserialize(text.s, &php_default_limits, perm, &v, NULL, &ignored) ||
            !plain(v, 0))
            return false;
        php_array_put(perm, all, data->at[i].key, v);
    }
    *out = php_from_array(all);
    return true;
}
