/* config_dump: the configuration of an app as facteur evaluates it, for tests that
 * compare it with PHP's own:
 *
 *   config_dump APP [FILE...]
 *
 * prints {"FILE": {…}, …} of the named files of config/ (default: those that facteur
 * itself reads). A value that could not be evaluated is the text "HOLE file:line: why".
 */
#include <stdio.h>

#include "facteur/app.h"

enum { ROOM = 64 << 20 };

static struct php_value shown(struct arena *a, struct php_value v)
{
    if (v.type == PHP_HOLE)
        return php_string(
            str_fmt(a, "HOLE %s:%d: %s", v.hole->file, v.hole->line, v.hole->text));
    if (v.type == PHP_OBJECT) /* a closure: {} in PHP's JSON too */
        return php_from_array(php_array_new(a));
    if (v.type != PHP_ARRAY)
        return v;
    struct php_array *out = php_array_new(a);
    for (size_t i = 0; i < v.a->len; i++)
        php_array_put(a, out, v.a->at[i].key, shown(a, php_deref(v.a->at[i].value)));
    return php_from_array(out);
}

static int print(struct arena *a, const struct app *app, char **files, struct error *e)
{
    static char *own[] = {"app",  "cache", "database", "logging",
                          "mail", "queue", "view",     NULL};
    struct php_array *all = php_array_new(a);
    struct buf b = buf_new(a, ROOM);
    for (char **file = *files ? files : own; *file; file++) {
        const struct php_value *v = app_config(app, *file);
        php_array_put(a, all, php_key_from(str_from(*file)),
                      v ? shown(a, *v) : php_null());
    }
    if (!php_json(&b, php_from_array(all), JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE, e))
        return 1;
    printf("%.*s\n", (int)b.len, b.ptr);
    return 0;
}

int main(int argc, char **argv)
{
    struct arena a = arena_open(ROOM);
    struct error e = {0};
    struct app_options o = {.dir = argc > 1 ? argv[1] : NULL};
    struct app *app = app_open(&o, &e);
    int code = app ? print(&a, app, argv + 2, &e) : 1;
    if (code) {
        char text[1024];
        err_print(&e, text, sizeof(text));
        fprintf(stderr, "%s\n", text);
    }
    app_close(app);
    arena_close(&a);
    return code;
}
