/* redis.c: the cache in Redis. Numbers stand there as text, everything else serialized;
 * with phpredis' own serializer for PHP, numbers are serialized as well. */
#include <math.h>
#include <stdio.h>

#include "cache/cache_imp.h"
#include "facteur/redis.h"

/* Where the app sets no time, PHP waits 60 seconds; a worker should notice sooner. */
static const double default_timeout = 10;

enum { SERIALIZER_NONE, SERIALIZER_PHP }; /* phpredis' numbers */

struct redis {
    struct redis_settings set[2]; /* entries, locks */
    struct redis_link *link, *lock_link;
    struct str prefix, lock_prefix; /* of the connections: before all others */
    int64_t serializer;
};

/* === settings: database.redis.<name>, as RedisManager and its connectors read it === */

struct reader {
    struct cache *c;
    struct str name;
    struct error *e;
    bool ok;
};

/* at makes the path of an option of the connection, or, without a name, of all. */
static const char *at(struct reader *r, const char *option)
{
    return str_fmt(&r->c->arena, "database.redis.%.*s%s%s", STR_ARG(r->name),
                   *option ? "." : "", option)
        .ptr;
}

static struct str string_at(struct reader *r, const char *path, struct str otherwise)
{
    struct str out = otherwise;
    r->ok = r->ok && app_config_string(r->c->app, path, otherwise, &out, r->e);
    return out;
}

static struct str string(struct reader *r, const char *option, struct str otherwise)
{
    return string_at(r, at(r, option), otherwise);
}

/* client_option finds an option of the client: the connection's options count before
 * those of all connections, and these before the connection itself. */
static struct str client_option(struct reader *r, const char *option)
{
    struct arena *a = &r->c->arena;
    struct str own = str_fmt(a, "options.%s", option);
    struct str all = str_fmt(a, "database.redis.options.%s", option);
    return string(r, own.ptr, string_at(r, all.ptr, string(r, option, S(""))));
}

static double seconds(struct str s)
{
    double d = php_to_float(php_string(s));
    return isfinite(d) && d > 0 && d < 1e6 ? d : default_timeout;
}

static bool flag(struct reader *r, const char *option)
{
    bool out = true;
    const char *paths[] = {"context.stream.", "context.ssl.", "context.", "ssl."};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct str path = str_fmt(&r->c->arena, "%s%s", paths[i], option);
        bool set = true;
        r->ok = r->ok && app_config_bool(r->c->app, at(r, path.ptr), true, &set, r->e);
        out = out && set;
    }
    return out;
}

/* tls_option reads what PHP calls a stream context: phpredis has it in `context`, Predis
 * in `ssl`. */
static struct str tls_option(struct reader *r, const char *option)
{
    struct arena *a = &r->c->arena;
    struct str found = S("");
    const char *paths[] = {"context.stream.", "context.ssl.", "context.", "ssl."};
    for (size_t i = 0; i < COUNT(paths) && !found.len; i++)
        found = string(r, str_fmt(a, "%s%s", paths[i], option).ptr, S(""));
    return found;
}

/* apply_url lets the parts of `url` replace what stands beside it. */
static bool apply_url(struct reader *r, struct redis_settings *s, struct str *scheme)
{
    struct str url = string(r, "url", S(""));
    struct app_url u;
    if (!r->ok || !url.len)
        return r->ok;
    if (!app_url_parse(url, &r->c->arena, &u, r->e))
        return err_wrap(r->e, "database.redis.%.*s.url", STR_ARG(r->name));
    if (str_eq(u.scheme, S("rediss")) || str_eq(u.scheme, S("tls")))
        *scheme = S("tls");
    else if (str_eq(u.scheme, S("redis")) || str_eq(u.scheme, S("tcp")))
        *scheme = S("tcp");
    if (u.host.len)
        s->host = u.host;
    if (u.port)
        s->port = u.port;
    if (u.has_user)
        s->user = u.user;
    if (u.has_password)
        s->password = u.password;
    if (u.path.len && !str_to_i64(u.path, &s->database))
        s->database = 0;
    return true;
}

/* find_address splits what stands before the host, and knows a path for a socket. */
static void find_address(struct reader *r, struct redis_settings *s, struct str scheme)
{
    ptrdiff_t mark = str_find(s->host, S("://"));
    if (mark > 0) {
        scheme = str_sub(s->host, 0, (size_t)mark);
        s->host = str_skip(s->host, (size_t)mark + 3);
    }
    s->tls = str_eq(scheme, S("tls")) || str_eq(scheme, S("rediss")) ||
             str_eq(scheme, S("ssl"));
    if (str_eq(scheme, S("unix")))
        s->socket = string(r, "path", s->host);
    else if (str_starts(s->host, S("/")))
        s->socket = s->host;
}

static bool load_settings(struct reader *r, struct redis_settings *s)
{
    struct app *app = r->c->app;
    int64_t port = 6379;
    const struct php_value *all = app_config(app, at(r, ""));
    struct str cluster =
        str_fmt(&r->c->arena, "database.redis.clusters.%.*s", STR_ARG(r->name));
    if (!all && app_config(app, cluster.ptr))
        return err_set(r->e, ERR_UNSUPPORTED,
                       "the Redis connection \"%.*s\" is a cluster, which facteur cannot "
                       "talk to",
                       STR_ARG(r->name));
    if (!all)
        return err_set(r->e, ERR_FATAL, "Redis connection [%.*s] not configured.",
                       STR_ARG(r->name));
    s->name = r->name;
    s->host = string(r, "host", S("127.0.0.1"));
    s->user = string(r, "username", S(""));
    s->password = string(r, "password", S(""));
    struct str scheme = string(r, "scheme", S("tcp"));
    r->ok = r->ok && app_config_int(app, at(r, "port"), port, &port, r->e) &&
            app_config_int(app, at(r, "database"), 0, &s->database, r->e);
    s->port = (int)port;
    if (!apply_url(r, s, &scheme))
        return false;
    find_address(r, s, scheme);
    s->connect_timeout = seconds(client_option(r, "timeout"));
    s->read_timeout = seconds(client_option(r, "read_timeout"));
    s->verify_peer = flag(r, "verify_peer");
    s->verify_name = flag(r, "verify_peer_name");
    s->cafile = tls_option(r, "cafile");
    s->capath = tls_option(r, "capath");
    s->cert = tls_option(r, "local_cert");
    s->key = tls_option(r, "local_pk");
    return r->ok;
}

/* open_link loads a connection: its settings, its prefix, and whether we know how its
 * client writes values. */
static struct redis_link *open_link(struct cache *c, struct str name,
                                    struct redis_settings *s, struct str *prefix,
                                    int64_t *serializer, struct error *e)
{
    struct reader r = {.c = c, .name = name, .e = e, .ok = true};
    if (!load_settings(&r, s))
        return NULL;
    *prefix = string(&r, "prefix", client_option(&r, "prefix"));
    *serializer = php_to_int(php_string(client_option(&r, "serializer")));
    int64_t compression = php_to_int(php_string(client_option(&r, "compression")));
    if (r.ok && (compression || *serializer < 0 || *serializer > SERIALIZER_PHP)) {
        err_set(
            e, ERR_UNSUPPORTED,
            "the Redis connection \"%.*s\" compresses its values, or has a serializer "
            "other than PHP's: facteur cannot read them",
            STR_ARG(name));
        return NULL;
    }
    struct redis_link *l = r.ok ? redis_link_new(s) : NULL;
    if (!l)
        err_set(e, ERR_FATAL, "no memory for a Redis connection");
    return l;
}

static bool redis_open(struct cache *c, struct error *e)
{
    struct redis *d = c->store = NEW(&c->arena, struct redis, 1);
    struct str name, lock_name;
    int64_t ignored;
    if (!cache_setting(c, "connection", S("default"), &name, e) ||
        !cache_setting(c, "lock_connection", name, &lock_name, e))
        return false;
    d->link = open_link(c, name, &d->set[0], &d->prefix, &d->serializer, e);
    if (!d->link)
        return false;
    d->lock_link = open_link(c, lock_name, &d->set[1], &d->lock_prefix, &ignored, e);
    return d->lock_link;
}

static void redis_close(struct cache *c)
{
    struct redis *d = c->store;
    redis_link_drop(d->link);
    redis_link_drop(d->lock_link);
}

/* === entries === */

static struct str full_key(struct cache *c, struct str key)
{
    struct redis *d = c->store;
    return str_join(&c->scratch, d->prefix, cache_key(c, key));
}

/* encode writes a value as the client of the app does. */
static bool encode(struct cache *c, struct php_value v, struct str *out, struct error *e)
{
    struct redis *d = c->store;
    struct php_value number;
    bool plain = v.type == PHP_INT || (v.type == PHP_FLOAT && isfinite(v.d)) ||
                 (v.type == PHP_STRING && php_numeric(v.s, &number));
    if (!plain || d->serializer == SERIALIZER_PHP)
        return cache_encode(c, v, out, e);
    return php_to_string(v, &c->scratch, out, e);
}

static bool redis_read(struct cache *c, struct str key, struct arena *perm,
                       struct php_value *out, struct error *e)
{
    struct redis *d = c->store;
    struct str words[] = {S("GET"), full_key(c, key)};
    struct php_value number;
    redisReply *reply;
    if (!redis_command(d->link, words, COUNT(words), true, &reply, e))
        return false;
    if (reply->type == REDIS_REPLY_STRING) {
        struct str text = str_copy(perm, (struct str){reply->str, (size_t)reply->len});
        *out = php_numeric(text, &number) ? php_string(text) : cache_decode(text, perm);
        /* phpredis cannot tell false from a key that is absent. */
        if (d->serializer == SERIALIZER_PHP && out->type == PHP_BOOL && !out->b)
            *out = php_null();
    }
    freeReplyObject(reply);
    return true;
}

/* done runs a command of which only the success counts. */
static bool done(struct redis_link *l, const struct str *words, size_t len,
                 struct error *e)
{
    redisReply *reply;
    if (!redis_command(l, words, len, true, &reply, e))
        return false;
    freeReplyObject(reply);
    return true;
}

static bool redis_put(struct cache *c, struct str key, struct php_value v,
                      int64_t seconds_left, struct error *e)
{
    struct redis *d = c->store;
    struct str text;
    if (!encode(c, v, &text, e))
        return false;
    struct str ttl = str_fmt(&c->scratch, "%lld", (long long)seconds_left);
    struct str set[] = {S("SET"), full_key(c, key), text};
    struct str setex[] = {S("SETEX"), full_key(c, key), ttl, text};
    return seconds_left ? done(d->link, setex, COUNT(setex), e)
                        : done(d->link, set, COUNT(set), e);
}

static bool redis_increment(struct cache *c, struct str key, int64_t *sum,
                            struct error *e)
{
    struct redis *d = c->store;
    struct str words[] = {S("INCRBY"), full_key(c, key), S("1")};
    redisReply *reply;
    if (!redis_command(d->link, words, COUNT(words), false, &reply, e)) {
        if (e->kind != ERR_JOB)
            return false;
        err_clear(e); /* what stands there is no number: phpredis says false */
        return true;
    }
    if (reply->type == REDIS_REPLY_INTEGER)
        *sum = reply->integer;
    freeReplyObject(reply);
    return true;
}

static bool redis_forget(struct cache *c, struct str key, struct error *e)
{
    struct redis *d = c->store;
    struct str words[] = {S("DEL"), full_key(c, key)};
    return done(d->link, words, COUNT(words), e);
}

/* === locks === */

/* The owner stands there as plain text, or as the client's serializer writes it. */
static bool redis_unlock(struct cache *c, struct str name, struct str owner,
                         struct error *e)
{
    static const char release[] =
        "if redis.call('get', KEYS[1]) == ARGV[1] or redis.call('get', KEYS[1]) == "
        "ARGV[2] then return redis.call('del', KEYS[1]) end return 0";
    struct redis *d = c->store;
    struct str key = str_join(&c->scratch, d->lock_prefix, cache_key(c, name));
    struct str serialized;
    if (!cache_encode(c, php_string(owner), &serialized, e))
        return false;
    struct str del[] = {S("DEL"), key};
    struct str del_owned[] = {S("EVAL"), str_from(release), S("1"), key,
                              owner,     serialized};
    return owner.len ? done(d->lock_link, del_owned, COUNT(del_owned), e)
                     : done(d->lock_link, del, COUNT(del), e);
}

const struct cache_driver cache_redis = {
    .name = "redis",
    .shared = true,
    .open = redis_open,
    .close = redis_close,
    .read = redis_read,
    .put = redis_put,
    .increment = redis_increment,
    .forget = redis_forget,
    .unlock = redis_unlock,
};
