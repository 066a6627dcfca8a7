/* settings.c: the booted app's settings beside those that facteur evaluated. Both sides
 * hash each value under a key made for this once, so that no secret leaves PHP. */
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "child/child_imp.h"

/* The parts of the configuration that letters may need (app_boot_setting_free). */
static const char *const parts[] = {"app",     "cache", "database", "dompdf",
                                    "logging", "mail",  "queue",    "view"};

enum { KEY_BYTES = 32, TOLD_MAX = 8 };

struct comparison {
    struct child *c;
    struct str key;
    const struct php_array *theirs;
    struct str queue, database; /* "queue.connections.database.", … */
    size_t differ;
    struct error *e;
};

bool settings_key(struct arena *perm, struct str *key, struct error *e)
{
    unsigned char bytes[KEY_BYTES];
    struct buf b = buf_new(perm, 2 * KEY_BYTES + 1);
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return err_set(e, ERR_UNSUPPORTED, "there is no randomness for a key");
    for (size_t i = 0; i < sizeof(bytes); i++)
        buf_fmt(&b, "%02x", bytes[i]);
    *key = buf_str(&b);
    return true;
}

void settings_names(struct buf *b)
{
    for (size_t i = 0; i < COUNT(parts); i++)
        buf_fmt(b, "%s\"%s\"", i ? "," : "", parts[i]);
}

/* === one value === */

/* text_of writes a value with its type, as describe.php does; false: it is not known. */
static bool text_of(struct php_value v, struct arena *perm, struct str *out)
{
    struct error ignored = {0};
    struct buf b = buf_new(perm, 64);
    switch (v.type) {
    case PHP_HOLE:
        return false;
    case PHP_STRING:
        *out = str_join(perm, S("s:"), v.s);
        return true;
    case PHP_ARRAY:
        *out = S("a:");
        return true;
    case PHP_OBJECT:
        *out = str_join(perm, S("o:"), v.o->class_name);
        return !php_is_unknown(v);
    default:
        buf_fmt(&b, "%s",
                v.type == PHP_BOOL    ? "b:"
                : v.type == PHP_INT   ? "i:"
                : v.type == PHP_FLOAT ? "d:"
                                      : "N:");
        if (!php_json(&b, v, 0, &ignored))
            return false;
        *out = buf_str(&b);
        return true;
    }
}

static struct str hash(struct comparison *k, struct str text)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct buf b = buf_new(&k->c->talk, 2 * EVP_MAX_MD_SIZE + 1);
    if (!HMAC(EVP_sha256(), k->key.ptr, (int)k->key.len, (const unsigned char *)text.ptr,
              text.len, bytes, &len))
        len = 0;
    for (unsigned i = 0; i < len; i++)
        buf_fmt(&b, "%02x", bytes[i]);
    return buf_str(&b);
}

/* === what a difference means === */

static bool fatal(const struct comparison *k, struct str path)
{
    return str_eq(path, S("queue.default")) || str_eq(path, S("database.default")) ||
           str_starts(path, k->queue) || str_starts(path, k->database);
}

static bool differs(struct comparison *k, struct str path)
{
    struct child *c = k->c;
    struct arena *tmp = &c->talk;
    struct str from = app_config_from(c->o.app, str_z(tmp, path), tmp);
    struct str place = from.len ? str_fmt(tmp, " (%.*s)", STR_ARG(from)) : S("");
    if (fatal(k, path))
        return err_set(
            k->e, ERR_FATAL,
            "%.*s is another in the booted app than facteur's%.*s: its code "
            "sets it at its start; jobs would be looked for in the wrong place",
            STR_ARG(path), STR_ARG(place));
    if (++k->differ <= TOLD_MAX)
        app_boot_add(c->o.app, (struct php_place){.file = "the booted app"}, S(""),
                     str_fmt(tmp,
                             "%.*s is another than facteur's%.*s – letters are left to "
                             "PHP",
                             STR_ARG(path), STR_ARG(place)));
    return true;
}

/* Letters have no use for these; the channels are Laravel's own, for what is deprecated.
 */
static bool passed_over(struct str path)
{
    static const char *const unused[] = {
        "app.aliases.",           "app.providers.",
        "database.redis.",        "database.migrations",
        "logging.channels.null.", "logging.channels.deprecations."};
    for (size_t i = 0; i < COUNT(unused); i++)
        if (str_starts(path, str_from(unused[i])))
            return true;
    return app_boot_setting_free(path);
}

/* compare_theirs: is a setting of the app what facteur has? */
static bool compare_theirs(struct comparison *k, struct str path, struct str theirs)
{
    struct str text = S("N:null");
    struct arena *tmp = &k->c->talk;
    const struct php_value *v = app_config(k->c->o.app, str_z(tmp, path));
    if (passed_over(path) || (v && !text_of(*v, tmp, &text)))
        return true;
    bool filled = v && v->type == PHP_ARRAY && v->a->len;
    return (!filled && str_eq(hash(k, text), theirs)) || differs(k, path);
}

/* compare_ours: is each setting that facteur has one of the app's? */
static bool compare_ours(struct comparison *k, struct str path, struct php_value v)
{
    struct arena *tmp = &k->c->talk;
    struct str ignored;
    if (v.type != PHP_ARRAY || !v.a->len) {
        bool there = php_array_lookup(k->theirs, php_key_from(path));
        return there || v.type == PHP_NULL || !text_of(v, tmp, &ignored) ||
               passed_over(path) || differs(k, path);
    }
    for (size_t i = 0; i < v.a->len; i++) {
        struct php_key key = v.a->at[i].key;
        struct str name = key.is_int ? str_fmt(tmp, "%lld", (long long)key.i) : key.s;
        struct str below = str_fmt(tmp, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
        if (!str_has(name, S(".")) && !compare_ours(k, below, v.a->at[i].value))
            return false;
    }
    return true;
}

static bool compare_all(struct comparison *k)
{
    struct app *app = k->c->o.app;
    for (size_t i = 0; i < k->theirs->len; i++) {
        const struct php_entry *entry = &k->theirs->at[i];
        if (!entry->key.is_int && entry->value.type == PHP_STRING &&
            !compare_theirs(k, entry->key.s, entry->value.s))
            return false;
    }
    for (size_t i = 0; i < COUNT(parts); i++) {
        const struct php_value *v = app_config(app, parts[i]);
        if (v && v->type == PHP_ARRAY && !compare_ours(k, str_from(parts[i]), *v))
            return false;
    }
    return true;
}

bool settings_compare(struct child *c, struct php_value theirs, struct str key,
                      struct error *e)
{
    struct arena *tmp = &c->talk;
    struct str base, database;
    struct error ignored = {0};
    struct comparison k = {.c = c, .key = key, .e = e};
    if (theirs.type != PHP_ARRAY)
        return err_set(e, ERR_UNSUPPORTED, "%s told no settings", c->o.php);
    k.theirs = theirs.a;
    k.queue = str_fmt(tmp, "queue.connections.%.*s.", STR_ARG(c->o.connection));
    struct str path = str_join(tmp, k.queue, S("connection"));
    if (!app_config_string(c->o.app, "database.default", S(""), &base, &ignored) ||
        !app_config_string(c->o.app, str_z(tmp, path), base, &database, &ignored))
        database = S("");
    k.database = str_fmt(tmp, "database.connections.%.*s.", STR_ARG(database));
    if (!compare_all(&k))
        return false;
    if (k.differ > TOLD_MAX)
        app_boot_add(c->o.app, (struct php_place){.file = "the booted app"}, S(""),
                     str_fmt(tmp, "%zu more settings are others than facteur's",
                             k.differ - TOLD_MAX));
    return true;
}
