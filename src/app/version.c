/* version.c: which Laravel the app runs on. */
#include <jansson.h>

#include "app/app_imp.h"

enum { LOCK_MAX_BYTES = 64 << 20, OLDEST = 8, NEWEST = 13 };

/* packages_of returns the list of a lock file or of installed.json (Composer 1 wrote the
 * bare list there). */
static const json_t *packages_of(const json_t *root)
{
    return json_is_array(root) ? root : json_object_get(root, "packages");
}

/* framework_version finds the version of laravel/framework among the packages. */
static const char *framework_version(const json_t *root)
{
    size_t i;
    const json_t *package;
    json_array_foreach(packages_of(root), i, package)
    {
        const char *name = json_string_value(json_object_get(package, "name"));
        if (name && strcmp(name, "laravel/framework") == 0)
            return json_string_value(json_object_get(package, "version"));
    }
    return NULL;
}

static bool read_version(struct app *a, const char *path, struct error *e)
{
    struct str text;
    json_error_t why;
    bool there;
    if (!file_exists(path, &there, e))
        return false;
    if (!there)
        return true;
    if (!file_read(path, LOCK_MAX_BYTES, &a->scratch, &text, e))
        return false;
    json_t *root = json_loadb(text.ptr, text.len, 0, &why);
    if (!root) {
        err_set(e, ERR_FATAL, "not JSON: %s", why.text);
        return err_place(e, path, why.line, why.column);
    }
    struct str version = str_from(framework_version(root));
    if (str_starts(version, S("v")))
        version = str_skip(version, 1);
    a->version = str_copy(&a->perm, version);
    json_decref(root);
    return true;
}

bool version_load(struct app *a, struct error *e)
{
    static const char *const files[] = {"composer.lock",
                                        "vendor/composer/installed.json"};
    int64_t major = NEWEST - 1;
    for (size_t i = 0; i < COUNT(files) && a->version.len == 0; i++) {
        if (!read_version(a, app_path(a, &a->scratch, files[i]), e))
            return false;
        arena_reset(&a->scratch);
    }
    /* Without a number ("dev-master", or no file) it is taken for the version that
     * facteur is compared with. */
    if (str_to_i64(str_cut(a->version, '.').head, &major) && major < OLDEST)
        return err_set(e, ERR_FATAL,
                       "the app runs on Laravel %.*s: facteur knows 8 and later",
                       STR_ARG(a->version));
    a->major = major > NEWEST ? NEWEST : (int)major;
    a->host.laravel = a->major;
    return true;
}
