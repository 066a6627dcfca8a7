/* entry.c: what all drivers share: the settings of a store, its values and its keys. */
#include "cache/cache_imp.h"

enum { VALUE_BYTES = 16 << 20 };

/* === settings === */

bool cache_setting(struct cache *c, const char *option, struct str otherwise,
                   struct str *out, struct error *e)
{
    return app_config_string(c->app, cache_setting_path(c, option), otherwise, out, e);
}

const char *cache_setting_path(struct cache *c, const char *option)
{
    return str_fmt(&c->arena, "cache.stores.%.*s.%s", STR_ARG(c->name), option).ptr;
}

/* === values === */

bool cache_encode(struct cache *c, struct php_value v, struct str *out, struct error *e)
{
    struct buf b = buf_new(&c->scratch, VALUE_BYTES);
    if (!php_serialize(&b, v, e))
        return false;
    *out = buf_str(&b);
    return true;
}

struct php_value cache_decode(struct str text, struct arena *perm)
{
    struct php_value v;
    struct error ignored = {0};
    return php_unserialize(text, &php_default_limits, perm, &v, NULL, &ignored)
               ? v
               : php_null();
}

/* === keys === */

struct str cache_key(struct cache *c, struct str bare)
{
    return str_join(&c->scratch, c->prefix, bare);
}

struct str cache_flexible_key(struct cache *c, struct str bare)
{
    return cache_key(
        c, str_join(&c->scratch, S("illuminate:cache:flexible:created:"), bare));
}
