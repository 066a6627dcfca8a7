/* settings.c: one entry of database.connections, its url merged over it. */
#include <stdlib.h>

#include "facteur/db.h"

/* PDO's attribute numbers, as PHP 8.2 has them: keys of the `options` array. */
enum {
    PDO_INIT_COMMAND = 1002,
    PDO_SSL_KEY = 1007,
    PDO_SSL_CERT = 1008,
    PDO_SSL_CA = 1009,
    PDO_SSL_CAPATH = 1010,
    PDO_SSL_CIPHER = 1011,
    PDO_SSL_VERIFY = 1014,
};

struct loader {
    struct app *app;
    struct arena *perm;
    struct str name;
    bool by_default;               /* the name is database.default's */
    const struct app_url *url;     /* NULL: none */
    const struct php_array *write; /* the entry's `write` part; NULL: none */
    struct error *e;
};

static const char *path_of(struct loader *l, const char *key)
{
    return str_z(l->perm,
                 str_fmt(l->perm, "database.connections.%.*s.%s", STR_ARG(l->name), key));
}

/* over lends what is laid over the entry: its `write` part first, since all that facteur
 * does needs the writing server, then the url's query. NULL: nothing. */
static const struct php_value *over(const struct loader *l, const char *key)
{
    const struct php_value *v = l->write ? php_array_named(l->write, key) : NULL;
    return v || !l->url ? v : php_array_named(l->url->query, key);
}

static bool refuse_hole(struct loader *l, const struct php_value *v)
{
    if (v->type != PHP_HOLE)
        return true;
    *l->e = *v->hole;
    l->e->kind = ERR_FATAL;
    return false;
}

static bool text(struct loader *l, const char *key, struct str otherwise, struct str *out)
{
    const struct php_value *v = over(l, key);
    if (!v)
        return app_config_string(l->app, path_of(l, key), otherwise, out, l->e);
    return refuse_hole(l, v) && php_to_string(*v, l->perm, out, l->e);
}

/* setting_at names a key of the entry, and where its value was written. */
static struct str setting_at(struct loader *l, const char *key)
{
    struct str from = app_config_from(l->app, path_of(l, key), l->perm);
    return str_fmt(l->perm, "database.connections.%.*s.%s%s%.*s%s", STR_ARG(l->name), key,
                   from.len ? " (" : "", STR_ARG(from), from.len ? ")" : "");
}

/* load_write finds the part that Laravel uses for writing: only an entry with `read` has
 * one; of a list of them it takes one by chance, for as long as the process lives. */
static bool load_write(struct loader *l)
{
    const struct php_value *read = app_config(l->app, path_of(l, "read"));
    const struct php_value *write = app_config(l->app, path_of(l, "write"));
    if (!read || read->type == PHP_NULL || !write)
        return true;
    if (!refuse_hole(l, write))
        return false;
    if (write->type != PHP_ARRAY)
        return true;
    l->write = write->a;
    if (php_array_lookup(write->a, php_key_int(0))) {
        size_t at = arc4random_uniform((uint32_t)write->a->len);
        const struct php_value *one = &write->a->at[at].value;
        if (!refuse_hole(l, one))
            return false;
        l->write = one->type == PHP_ARRAY ? one->a : NULL;
    }
    return true;
}

static bool load_url(struct loader *l, struct app_url *url)
{
    struct str all;
    if (!text(l, "url", S(""), &all))
        return false;
    if (all.len == 0)
        return true;
    /* The text may hold the password: the error must not repeat it. */
    if (!app_url_parse(all, l->perm, url, l->e))
        return err_wrap(l->e, "%.*s", STR_ARG(setting_at(l, "url")));
    l->url = url;
    return true;
}

static bool check_driver(struct loader *l)
{
    struct str driver;
    if (!text(l, "driver", S(""), &driver))
        return false;
    if (l->url && l->url->scheme.len)
        driver = l->url->scheme;
    if (str_eq(driver, S("mysql")) || str_eq(driver, S("mysql2")) ||
        str_eq(driver, S("mariadb")))
        return true;
    if (driver.len == 0)
        err_set(l->e, ERR_FATAL, "Database connection [%.*s] not configured%s.",
                STR_ARG(l->name), l->name.len ? "" : ": database.default is null");
    else
        err_set(l->e, ERR_FATAL,
                "database connection [%.*s] has the driver \"%.*s\": facteur works "
                "with mysql and mariadb only",
                STR_ARG(l->name), STR_ARG(driver));
    return l->by_default && app_config_blame(l->app, "database.default", l->e);
}

/* load_hosts reads a list of hosts. */
static bool load_hosts(struct loader *l, const struct php_array *list,
                       struct db_settings *s)
{
    struct str *hosts = NEW(l->perm, struct str, list->len + 1);
    if (list->len == 0)
        return err_set(l->e, ERR_FATAL, "Database hosts array is empty.");
    for (size_t i = 0; i < list->len; i++)
        if (!refuse_hole(l, &list->at[i].value) ||
            !php_to_string(list->at[i].value, l->perm, &hosts[i], l->e))
            return false;
    s->host = hosts[0];
    s->hosts = hosts;
    s->hosts_len = list->len;
    return true;
}

static bool load_host(struct loader *l, struct db_settings *s)
{
    const struct php_value *v = over(l, "host");
    bool overlaid = v != NULL;
    if (!overlaid && l->url && l->url->host.len) {
        s->host = l->url->host;
        return true;
    }
    if (!overlaid)
        v = app_config(l->app, path_of(l, "host"));
    if (v && v->type == PHP_ARRAY)
        return load_hosts(l, v->a, s);
    /* null is the empty host, which is this machine's socket; it is not absent. */
    return text(l, "host", v ? S("") : S("127.0.0.1"), &s->host);
}

static bool to_port(struct loader *l, const char *key, struct str port, int *out)
{
    int64_t n = 3306;
    struct str digits = str_trim(port);
    if (digits.len && (!str_to_i64(digits, &n) || n < 0 || n > 65535))
        return err_set(l->e, ERR_FATAL, "%.*s is \"%.*s\", not a port",
                       STR_ARG(setting_at(l, key)), STR_ARG(port));
    *out = n ? (int)n : 3306; /* as PHP's */
    return true;
}

static bool load_port(struct loader *l, struct db_settings *s)
{
    struct str port;
    if (l->url && l->url->port && !over(l, "port")) {
        s->port = l->url->port;
        return true;
    }
    return text(l, "port", S("3306"), &port) && to_port(l, "port", port, &s->port);
}

/* split_host takes "[::1]" and "host:3307" apart, as PHP does: what stands in the host
 * comes before `port`. Hosts of a list have one port only. */
static bool split_host(struct loader *l, struct db_settings *s)
{
    struct str host = s->host;
    if (str_starts(host, S("["))) {
        struct cut inner = str_cut(str_skip(host, 1), ']');
        if (!inner.ok)
            return true; /* the resolver says what it thinks of that */
        s->host = inner.head;
        host = inner.tail;
    } else {
        struct cut parts = str_cut(host, ':');
        if (!parts.ok || str_has(parts.tail, S(":")))
            return true; /* a bare IPv6 address */
        s->host = parts.head;
        host = str_skip(host, parts.head.len);
    }
    s->tcp = host.len > 0;
    if (host.len == 0)
        return true;
    if (host.ptr[0] != ':')
        return err_set(l->e, ERR_FATAL,
                       "%.*s is no host: behind the address stands \"%.*s\"",
                       STR_ARG(setting_at(l, "host")), STR_ARG(host));
    return to_port(l, "host", str_skip(host, 1), &s->port);
}

static bool split_hosts(struct loader *l, struct db_settings *s)
{
    if (s->hosts_len == 0)
        return split_host(l, s);
    struct str *hosts = NEW(l->perm, struct str, s->hosts_len);
    int port = 0;
    for (size_t i = 0; i < s->hosts_len; i++) {
        struct db_settings one = {.host = s->hosts[i], .port = s->port};
        if (!split_host(l, &one))
            return false;
        if (i && one.port != port)
            return err_set(
                l->e, ERR_FATAL,
                "%.*s lists hosts of several ports: facteur needs the same for "
                "all",
                STR_ARG(setting_at(l, "host")));
        hosts[i] = one.host;
        port = one.port;
        s->tcp = s->tcp || one.tcp;
    }
    s->host = hosts[0];
    s->hosts = hosts;
    s->port = port;
    return true;
}

/* named: for an empty name the library would take that of the system's user: root. */
static bool named(struct loader *l, const struct db_settings *s)
{
    if (s->user.len)
        return true;
    return err_set(l->e, ERR_FATAL, "%.*s is empty: facteur needs the name of a user",
                   STR_ARG(setting_at(l, "username")));
}

static bool load_login(struct loader *l, struct db_settings *s)
{
    if (!text(l, "database", S(""), &s->database) ||
        !text(l, "username", S(""), &s->user) ||
        !text(l, "password", S(""), &s->password))
        return false;
    if (!l->url)
        return named(l, s);
    if (l->url->path.len && !over(l, "database"))
        s->database = l->url->path;
    if (l->url->has_user && !over(l, "username"))
        s->user = l->url->user;
    if (l->url->has_password && !over(l, "password"))
        s->password = l->url->password;
    return named(l, s);
}

/* option reads one of PDO's options. *given: it is there, be it null, which PDO takes for
 * an empty text. */
static bool option(struct loader *l, int64_t key, struct str *out, bool *given)
{
    const struct php_value *v = over(l, "options");
    *given = false;
    if (!v)
        v = app_config(l->app, path_of(l, "options"));
    /* Options that nobody can read may be those that ask for TLS. */
    if (v && !refuse_hole(l, v))
        return false;
    if (!v || v->type != PHP_ARRAY)
        return true;
    const struct php_value *one = php_array_lookup(v->a, php_key_int(key));
    if (!one)
        return true;
    *given = true;
    return refuse_hole(l, one) && php_to_string(*one, l->perm, out, l->e);
}

/* As PHP's mysqlnd: whoever names a file or a cipher, be it an empty one, wants TLS, and
 * the certificate is verified unless that is turned off. */
static bool load_tls(struct loader *l, struct db_settings *s)
{
    struct {
        int64_t key;
        struct str *out;
        bool never_empty; /* PHP cannot connect with an empty one */
        const char *name;
    } files[] = {
        {PDO_SSL_CA, &s->ssl_ca, false, "SSL_CA"},
        {PDO_SSL_CAPATH, &s->ssl_capath, false, "SSL_CAPATH"},
        {PDO_SSL_CERT, &s->ssl_cert, true, "SSL_CERT"},
        {PDO_SSL_KEY, &s->ssl_key, false, "SSL_KEY"},
        {PDO_SSL_CIPHER, &s->ssl_cipher, true, "SSL_CIPHER"},
    };
    struct str verify = S("1");
    bool given;
    for (size_t i = 0; i < COUNT(files); i++) {
        if (!option(l, files[i].key, files[i].out, &given))
            return false;
        if (given && files[i].never_empty && files[i].out->len == 0)
            return err_set(l->e, ERR_FATAL,
                           "%.*s: PDO::MYSQL_ATTR_%s is empty, and PHP cannot connect so",
                           STR_ARG(setting_at(l, "options")), files[i].name);
        s->tls = s->tls || given;
    }
    if (!option(l, PDO_SSL_VERIFY, &verify, &given))
        return false;
    /* null is 0 to PDO where it wants a number, and so is a text without one. */
    struct php_value number = php_string(verify);
    s->ssl_verify = s->tls && php_to_int(number) != 0;
    return true;
}

/* load_modes finds the session's SQL mode, by Laravel's rule. */
static bool load_modes(struct loader *l, struct db_settings *s)
{
    const struct php_value *modes = over(l, "modes"), *strict = over(l, "strict");
    modes = modes ? modes : app_config(l->app, path_of(l, "modes"));
    strict = strict ? strict : app_config(l->app, path_of(l, "strict"));
    if ((modes && !refuse_hole(l, modes)) || (strict && !refuse_hole(l, strict)))
        return false;
    if (modes && modes->type == PHP_ARRAY) {
        struct buf b = buf_new(l->perm, 4096);
        for (size_t i = 0; i < modes->a->len; i++) {
            struct str one;
            if (!refuse_hole(l, &modes->a->at[i].value) ||
                !php_to_string(modes->a->at[i].value, l->perm, &one, l->e))
                return false;
            buf_fmt(&b, "%s%.*s", i ? "," : "", STR_ARG(one));
        }
        s->has_modes = true;
        s->modes = buf_str(&b);
        return true;
    }
    if (modes && modes->type != PHP_NULL)
        return err_set(l->e, ERR_FATAL, "%.*s is no list",
                       STR_ARG(setting_at(l, "modes")));
    s->has_modes = strict && strict->type != PHP_NULL;
    if (s->has_modes)
        s->modes = php_truthy(*strict) ? S(DB_STRICT) : S("NO_ENGINE_SUBSTITUTION");
    return true;
}

/* load_collation: an empty one is sent too, as Laravel does; the server refuses it. */
static bool load_collation(struct loader *l, struct db_settings *s)
{
    const struct php_value *v = over(l, "collation");
    v = v ? v : app_config(l->app, path_of(l, "collation"));
    s->has_collation = v && v->type != PHP_NULL;
    return text(l, "collation", S(""), &s->collation);
}

/* load_default: a default that is null names no connection. */
static bool load_default(struct loader *l)
{
    const struct php_value *v = app_config(l->app, "database.default");
    return app_config_string(l->app, "database.default", v ? S("") : S("mysql"), &l->name,
                             l->e);
}

bool db_settings_load(struct app *app, struct str name, struct arena *perm,
                      struct db_settings *out, struct error *e)
{
    struct loader l = {
        .app = app, .perm = perm, .name = name, .by_default = name.len == 0, .e = e};
    struct app_url url = {0};
    *out = (struct db_settings){0};
    if (name.len == 0 && !load_default(&l))
        return false;
    out->name = l.name;
    return load_write(&l) && load_url(&l, &url) && check_driver(&l) &&
           load_host(&l, out) && load_port(&l, out) && split_hosts(&l, out) &&
           load_login(&l, out) && text(&l, "unix_socket", S(""), &out->socket) &&
           text(&l, "charset", S("utf8mb4"), &out->charset) && load_collation(&l, out) &&
           text(&l, "prefix", S(""), &out->prefix) &&
           text(&l, "timezone", S(""), &out->time_zone) &&
           text(&l, "version", S(""), &out->version) && load_tls(&l, out) &&
           load_modes(&l, out) &&
           option(&l, PDO_INIT_COMMAND, &out->init, &out->has_init);
}
