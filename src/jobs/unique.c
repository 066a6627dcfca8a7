/* unique.c: the lock of a job that may be queued once only (ShouldBeUnique).
 *
 * Laravel takes it when the job is dispatched; a worker releases it. Its name is made of
 * the class and of what uniqueId() gives; since 11.39 the dispatch also notes it in the
 * payload's log context. A name that nobody here can tell leaves the job to PHP, before
 * it is taken: a lock that is never released keeps every later job from being queued.
 */
#include "jobs/jobs_imp.h"

/* === what the dispatch noted === */

struct noted {
    struct str store, name;
};

static struct str hidden(const struct php_array *context, const char *key,
                         struct arena *perm)
{
    struct error ignored = {0};
    const struct php_value *v = php_array_lookup(context, php_key_from(str_from(key)));
    struct php_value text;
    if (!v || v->type != PHP_STRING ||
        !php_unserialize(v->s, &php_default_limits, perm, &text, NULL, &ignored) ||
        text.type != PHP_STRING)
        return S("");
    return text.s;
}

static struct noted read_noted(const struct payload *p, struct arena *perm)
{
    const struct php_array *part = context_part(p, "hidden");
    if (!part)
        return (struct noted){0};
    return (struct noted){hidden(part, "laravel_unique_job_cache_store", perm),
                          hidden(part, "laravel_unique_job_key", perm)};
}

/* === the name that the class gives === */

static bool unique_id(struct jobs *js, const struct job_source *source,
                      const struct php_object *command, struct arena *perm,
                      struct str *out)
{
    struct error ignored = {0};
    struct php_value v = php_null();
    const struct php_value *own = php_array_named(command->props, "uniqueId");
    if (job_source_has_method(source, "uniqueId")) {
        if (!job_source_returns(js, source, "uniqueId", command, perm, &v))
            return false;
    } else if (own) {
        v = *own;
    } else if (!job_source_default(js, source, "uniqueId", perm, &v)) {
        return false;
    }
    return v.type != PHP_OBJECT && php_to_string(v, perm, out, &ignored);
}

/* name_of: before 11 nothing stands between class and id; since 12.54 a display name
 * takes the class's place, as a hash. */
static bool name_of(struct jobs *js, const struct job_source *source,
                    const struct php_object *command, struct arena *perm, struct str *out)
{
    struct str id;
    const struct app *app = js->o.app;
    if (app_laravel_has(app, 12, 54) && job_source_has_method(source, "displayName"))
        return false;
    if (!unique_id(js, source, command, perm, &id))
        return false;
    *out = str_fmt(perm, "laravel_unique_job:%.*s%s%.*s", STR_ARG(command->class_name),
                   app_laravel_has(app, 11, 0) ? ":" : "", STR_ARG(id));
    return true;
}

/* === the plan === */

/* open_store finds the store once; a handful is all that an app has. */
static struct cache *open_store(struct jobs *js, struct str name, struct error *e)
{
    struct job_stores *all = &js->stores;
    for (size_t i = 0; i < all->len; i++)
        if (str_eq(all->at[i].name, name))
            return all->at[i].cache;
    if (all->len == COUNT(all->at)) {
        err_set(e, ERR_UNSUPPORTED, "one of too many cache stores");
        return NULL;
    }
    struct cache *c = cache_open(js->o.app, js->o.pool, name, e);
    if (c) {
        all->at[all->len].name = str_copy(&js->perm, name);
        all->at[all->len++].cache = c;
    }
    return c;
}

void stores_close(struct jobs *js)
{
    for (size_t i = 0; i < js->stores.len; i++)
        cache_close(js->stores.at[i].cache);
    js->stores.len = 0;
}

bool unique_plan(struct jobs *js, const struct dispatched *d, struct arena *perm,
                 struct job_lock *out, struct error *e)
{
    const struct job_source *source = d->source;
    struct error why = {0};
    struct noted noted = read_noted(d->payload, perm);
    const struct php_value *owner = php_array_named(d->command->props, "uniqueLockOwner");
    bool via = job_source_has_method(source, "uniqueVia");
    *out = (struct job_lock){.unique = source->unique};
    /* Without the class's source only the payload can tell. */
    if (source->files.len == 0 && noted.name.len)
        out->unique = UNIQUE_UNTIL_DONE;
    if (out->unique == UNIQUE_NO)
        return true;
    bool known =
        source->files.len > 0 && name_of(js, source, d->command, perm, &out->name);
    if (!known)
        out->name = noted.name;
    if (!out->name.len || (via && !noted.store.len))
        return err_set(e, ERR_UNSUPPORTED,
                       "is unique, by a lock whose %s only PHP can tell",
                       out->name.len ? "store" : "name");
    out->cache = open_store(js, via ? noted.store : S(""), &why);
    if (!out->cache)
        return err_set(e, ERR_UNSUPPORTED,
                       "is unique, by a lock that facteur cannot "
                       "release: %s",
                       why.text);
    out->owner = owner && owner->type == PHP_STRING ? owner->s : S("");
    return true;
}

/* === releasing === */

bool unique_release(struct jobs *js, const struct job_lock *l, struct error *e)
{
    struct db *db = cache_lock_db(l->cache);
    struct arena tmp = js->tmp;
    if (cache_unlock(l->cache, l->name, l->owner, e))
        return true;
    /* A row of the transaction at hand: it fails or succeeds with it. */
    if (db && db_in_transaction(db))
        return false;
    struct str text = str_fmt(&tmp, "the lock %.*s of a unique job is not released: %s",
                              STR_ARG(l->name), e->text);
    js->o.warn(js->o.arg, str_z(&tmp, text));
    err_clear(e);
    return true;
}
