/* php.c: which PHP runs the app. */
#include <stdlib.h>
#include <unistd.h>

#include "child/child_imp.h"

/* on_path looks a program up as the shell does; NULL: it is nowhere. */
static const char *on_path(const char *name, struct arena *perm)
{
    struct cut c = {.tail = str_from(getenv("PATH")), .ok = true};
    while (c.ok) {
        c = str_cut(c.tail, ':');
        struct str dir = c.head.len ? c.head : S(".");
        const char *path = path_join(perm, dir, str_from(name));
        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

bool child_find(const struct app *app, struct arena *perm, const char **php,
                struct error *e)
{
    static const char *const names[] = {"php",    "php8.5", "php8.4", "php8.3", "php8.2",
                                        "php8.1", "php8.0", "php7.4", "php7.3"};
    struct str named;
    *php = NULL;
    if (app_variable(app, S("PHP_BINARY"), &named) && named.len) {
        const char *name = str_z(perm, named);
        *php = strchr(name, '/') ? name : on_path(name, perm);
        if (*php && access(*php, X_OK) == 0)
            return true;
        return err_set(e, ERR_JOB, "PHP_BINARY is \"%s\", which cannot be run", name);
    }
    for (size_t i = 0; i < COUNT(names) && !*php; i++)
        *php = on_path(names[i], perm);
    return *php || err_set(e, ERR_JOB,
                           "no PHP was found: PHP_BINARY is not set, and there is "
                           "neither php nor php8.x on the path");
}
