/* cache_ops: a cache store of an app, worked by facteur's module, for tests that compare
 * it with Laravel's own:
 *
 *   cache_ops APP STORE     an empty STORE is the app's default
 *
 * Lines of standard input, with tabs: `read KEY`, `put KEY JSON SECONDS`, `increment
 * KEY`, `forget KEY`, `unlock NAME [OWNER]`. Prints one line of JSON for each: the value,
 * the sum, else true; or "error KIND: text".
 */
#include <stdio.h>
#include <stdlib.h>

#include "facteur/cache.h"

enum { ROOM = 64 << 20, WORDS = 4 };

static void print(struct arena *a, struct php_value v)
{
    struct buf b = buf_new(a, ROOM);
    struct error e = {0};
    if (php_json(&b, v, JSON_PLAIN_SLASHES, &e))
        printf("%.*s\n", (int)b.len, b.ptr);
    else
        printf("not printable: %s\n", e.text);
}

static bool run(struct cache *c, struct arena *a, const struct str *w,
                struct php_value *out, struct error *e)
{
    int64_t n = 0;
    struct php_value v;
    *out = php_bool(true);
    if (str_eq(w[0], S("read")))
        return cache_read(c, w[1], a, out, e);
    if (str_eq(w[0], S("put")))
        return str_to_i64(w[3], &n) && php_json_read(w[2], true, a, &v, e) &&
               cache_put(c, w[1], v, n, e);
    if (str_eq(w[0], S("increment"))) {
        bool ok = cache_increment(c, w[1], &n, e);
        *out = php_int(n);
        return ok;
    }
    if (str_eq(w[0], S("forget")))
        return cache_forget(c, w[1], e);
    if (str_eq(w[0], S("unlock")))
        return cache_unlock(c, w[1], w[2], e);
    return err_set(e, ERR_FATAL, "no such operation");
}

static void work(struct cache *c, struct arena *a)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, stdin)) > 0) {
        struct str rest = {line, (size_t)n - (line[n - 1] == '\n')};
        struct str words[WORDS] = {0};
        for (size_t i = 0; i < WORDS; i++) {
            struct cut cut = str_cut(rest, '\t');
            words[i] = cut.head;
            rest = cut.tail;
        }
        struct error e = {0};
        struct php_value v;
        if (run(c, a, words, &v, &e))
            print(a, v);
        else
            printf("error %s: %s\n", err_kind_name(e.kind), e.text);
        arena_reset(a);
    }
    free(line);
}

int main(int argc, char **argv)
{
    struct arena a = arena_open(ROOM);
    struct error e = {0};
    struct app_options o = {.dir = argc > 1 ? argv[1] : NULL};
    struct app *app = app_open(&o, &e);
    struct db_pool *pool = app ? db_pool_new(app) : NULL;
    struct cache *c =
        pool ? cache_open(app, pool, str_from(argc > 2 ? argv[2] : ""), &e) : NULL;
    if (c)
        work(c, &a);
    else
        printf("error %s: %s\n", err_kind_name(e.kind), e.text);
    cache_close(c);
    db_pool_drop(pool);
    app_close(app);
    arena_close(&a);
    return c ? 0 : 1;
}
