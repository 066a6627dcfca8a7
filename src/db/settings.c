/* settings.c: one entry of database.connections, its url merged over it. */
#include <stdlib.h>

#include "facteur/db.h"

/* PDO's attribute numbers, as PHP 8.2 has them: keys of the `options` array. */
enum {
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
        return err_wrap(l->e, "database.connections.%.*s.url", STR_ARG(l->name));
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
        return err_set(l->e, ERR_FATAL, "Database connection [%.*s] not configured.",
                       STR_ARG(l->name));
    return err_set(l->e, ERR_FATAL,
                   "database connection [%.*s] has the driver \"%.*s\": facteur works "
                   "with mysql and mariadb only",
                   STR_ARG(l->name), STR_ARG(driver));
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
    return text(l, "host", S("127.0.0.1"), &s->host);
}

static bool load_port(struct loader *l, struct db_settings *s)
{
    struct str port;
    int64_t n = 3306;
    if (l->url && l->url->port && !over(l, "port")) {
        s->port = l->url->port;
        return true;
    }
    if (!text(l, "port", S("3306"), &port))
        return false;
    if (port.len && (!str_to_i64(port, &n) || n < 1 || n > 65535))
        return err_set(l->e, ERR_FATAL,
                       "database.connections.%.*s.port is \"%.*s\", not a port",
                       STR_ARG(l->name), STR_ARG(port));
    s->port = (int)n;
    return true;
}

static bool load_login(struct loader *l, struct db_settings *s)
{
    if (!text(l, "database", S(""), &s->database) ||
        !text(l, "username", S(""), &s->user) ||
        !text(l, "password", S(""), &s->password))
        return false;
    if (!l->url)
        return true;
    if (l->url->path.len && !over(l, "database"))
        s->database = l->url->path;
    if (l->url->has_user && !over(l, "username"))
        s->user = l->url->user;
    if (l->url->has_password && !over(l, "password"))
        s->password = l->url->password;
    return true;
}

static bool option(struct loader *l, int64_t key, struct str *out)
{
    const struct php_value *v = over(l, "options");
    if (!v)
        v = app_config(l->app, path_of(l, "options"));
    /* Options that nobody can read may be those that ask for TLS. */
    if (v && !refuse_hole(l, v))
        return false;
    if (!v || v->type != PHP_ARRAY)
        return true;
    const struct php_value *one = php_array_lookup(v->a, php_key_int(key));
    if (!one || one->type == PHP_NULL)
        return true;
    return refuse_hole(l, one) && php_to_string(*one, l->perm, out, l->e);
}

static bool load_tls(struct loader *l, struct db_settings *s)
{
    struct str verify = S("1");
    if (!option(l, PDO_SSL_CA, &s->ssl_ca) ||
        !option(l, PDO_SSL_CAPATH, &s->ssl_capath) ||
        !option(l, PDO_SSL_CERT, &s->ssl_cert) || !option(l, PDO_SSL_KEY, &s->ssl_key) ||
        !option(l, PDO_SSL_CIPHER, &s->ssl_cipher) || !option(l, PDO_SSL_VERIFY, &verify))
        return false;
    /* As PHP's mysqlnd: whoever names a file or a cipher wants TLS, and the certificate
     * is verified unless that is turned off. */
    bool wanted = s->ssl_ca.len || s->ssl_capath.len || s->ssl_cert.len ||
                  s->ssl_key.len || s->ssl_cipher.len;
    s->ssl_verify = wanted && verify.len && !str_eq(verify, S("0"));
    return true;
}

bool db_settings_load(struct app *app, struct str name, struct arena *perm,
                      struct db_settings *out, struct error *e)
{
    struct loader l = {.app = app, .perm = perm, .name = name, .e = e};
    struct app_url url = {0};
    *out = (struct db_settings){0};
    if (name.len == 0 &&
        !app_config_string(app, "database.default", S("mysql"), &l.name, e))
        return false;
    out->name = l.name;
    return load_write(&l) && load_url(&l, &url) && check_driver(&l) &&
           load_host(&l, out) && load_port(&l, out) && load_login(&l, out) &&
           text(&l, "unix_socket", S(""), &out->socket) &&
           text(&l, "charset", S("utf8mb4"), &out->charset) &&
           text(&l, "collation", S(""), &out->collation) &&
           text(&l, "prefix", S(""), &out->prefix) &&
           text(&l, "timezone", S(""), &out->time_zone) &&
           text(&l, "version", S(""), &out->version) && load_tls(&l, out);
}
