#include "test_app.h"

static struct app_url parse(struct arena *a, const char *url)
{
    struct app_url u;
    struct error e = {0};
    assert_ok(app_url_parse(str_from(url), a, &u, &e), e);
    return u;
}

void test_url_is_split_and_decoded(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct app_url u =
        parse(&a, "mysql2://us%40er:p%2Fa:ss@db.example.org:3307/my_db?charset=utf8&"
                  "strict=false&options%5B1009%5D=%2Fca.pem");
    assert_str(u.scheme, "mysql2");
    assert_str(u.user, "us@er");
    assert_str(u.password, "p/a:ss");
    assert_true(u.has_user && u.has_password);
    assert_str(u.host, "db.example.org");
    assert_int_equal(u.port, 3307);
    assert_str(u.path, "my_db");
    assert_str(php_array_named(u.query, "charset")->s, "utf8");
    assert_int_equal(php_array_named(u.query, "strict")->type, PHP_BOOL);
    const struct php_value *options = php_array_named(u.query, "options");
    assert_str(php_array_lookup(options->a, php_key_int(1009))->s, "/ca.pem");
    arena_close(&a);
}

void test_url_without_login_port_and_path(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct app_url u = parse(&a, "smtp://[::1]/");
    assert_str(u.host, "[::1]");
    assert_false(u.has_user || u.has_password);
    assert_int_equal(u.port, 0);
    assert_int_equal(u.path.len, 0);
    assert_int_equal(u.query->len, 0);
    /* A part that is JSON null is none at all. */
    assert_false(parse(&a, "mysql://null@h").has_user);
    arena_close(&a);
}

void test_url_that_is_malformed_is_refused_without_repeating_it(void **state)
{
    (void)state;
    static const char *const bad[] = {"mysql://user:s3cret@",
                                      "mysql://u:s3cret@h:99999/d", "mysql:///s3cret",
                                      "mysql://[\"s3cret\"]/x"};
    struct arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct app_url u;
        struct error e = {0};
        if (app_url_parse(str_from(bad[i]), &a, &u, &e))
            fail_msg("%s was taken", bad[i]);
        assert_null(strstr(e.text, "cret"));
    }
    arena_close(&a);
}

/* === beside Laravel's ConfigurationUrlParser === */

static void put(struct arena *a, struct php_array *all, const char *key, bool has,
                struct str value)
{
    if (has)
        php_array_put(a, all, php_key_from(str_from(key)), php_string(value));
}

/* as_laravel lists the parts in Laravel's order and under its names. */
static struct str as_laravel(struct arena *a, const struct app_url *u)
{
    struct php_array *all = php_array_new(a);
    struct buf b = buf_new(a, 1 << 16);
    struct error e = {0};
    struct str driver = str_eq(u->scheme, S("mysql2")) ? S("mysql") : u->scheme;
    put(a, all, "driver", driver.len, driver);
    put(a, all, "database", u->path.len, u->path);
    put(a, all, "host", u->host.len, u->host);
    if (u->port)
        php_array_put(a, all, php_key_from(S("port")), php_int(u->port));
    put(a, all, "username", u->has_user, u->user);
    put(a, all, "password", u->has_password, u->password);
    for (size_t i = 0; i < u->query->len; i++) {
        const struct php_entry *entry = &u->query->at[i];
        if (entry->key.is_int)
            php_array_push(a, all, entry->value);
        else
            php_array_put(a, all, entry->key, entry->value);
    }
    assert_ok(php_json(&b, php_from_array(all), 0, &e), e);
    return buf_str(&b);
}

void test_url_is_read_as_laravel_reads_it(void **state)
{
    (void)state;
    const char *dir = vendor("URLs beside Laravel's parser");
    struct arena a = arena_open(64 << 20);
    size_t n = 0;
    struct str out = dir ? oracle(&a, "url", dir, "5", "20000") : S("");
    while (out.len) {
        struct cut line = str_cut(out, '\n'), c = str_cut(line.head, '\t');
        char *mark = arena_mark(&a);
        struct str url = from_hex(&a, c.head), got = S("");
        struct app_url u;
        struct error e = {0};
        if (app_url_parse(url, &a, &u, &e))
            got = as_laravel(&a, &u);
        if (!str_eq(got, c.tail))
            fail_msg("%.*s\n  is %.*s (%s)\n  Laravel: %.*s", STR_ARG(url), STR_ARG(got),
                     e.text, STR_ARG(c.tail));
        arena_release(&a, mark);
        out = line.tail;
        n++;
    }
    assert_true(!dir || n == 20000);
    arena_close(&a);
}
