/* place.c: what is asked of an app: its version, its folders, and whose they are. */
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_imp.h"

struct str app_base(const struct app *a)
{
    return a->base;
}

struct str app_env(const struct app *a)
{
    return a->env_name;
}

int app_laravel_major(const struct app *a)
{
    return a->major;
}

struct str app_laravel_version(const struct app *a)
{
    return a->version;
}

bool app_laravel_has(const struct app *a, int major, int minor)
{
    struct str rest = str_cut(a->version, '.').tail;
    int64_t mine;
    if (a->major != major)
        return a->major > major;
    if (!str_to_i64(str_cut(rest, '.').head, &mine))
        return true;
    return mine >= minor;
}

const struct php_host *app_host(const struct app *a)
{
    return &a->host;
}

/* is_there: does the app have the folder that stands in for another? */
static bool is_there(const struct app *a, struct arena *perm, const char *folder,
                     bool *there, struct error *e)
{
    return folder_exists(app_path(a, perm, folder), there, e);
}

bool app_folder(const struct app *a, enum app_folder f, struct arena *perm, char **out,
                struct error *e)
{
    static const char *const usual[APP_FOLDERS] = {
        [FOLDER_ENV_NAME] = ".env",   [FOLDER_ENV] = "",
        [FOLDER_CONFIG] = "config",   [FOLDER_BOOTSTRAP] = "bootstrap",
        [FOLDER_STORAGE] = "storage", [FOLDER_BASE] = "",
        [FOLDER_APP] = "app",         [FOLDER_DATABASE] = "database",
        [FOLDER_PUBLIC] = "public",   [FOLDER_LANG] = "lang",
    };
    bool there = false;
    const char *folder = usual[f];
    if (a->unknown[f])
        return err_set(e, ERR_UNSUPPORTED, "where %s moves the folder %s is not known",
                       a->unknown[f], folder);
    if (a->folders[f].len) {
        *out = str_z(perm, a->folders[f]);
        return true;
    }
    if (f == FOLDER_BOOTSTRAP && !is_there(a, perm, ".laravel", &there, e))
        return false;
    if (f == FOLDER_LANG && !is_there(a, perm, "resources/lang", &there, e))
        return false;
    if (there)
        folder = f == FOLDER_LANG ? "resources/lang" : ".laravel";
    *out = *folder ? app_path(a, perm, folder) : str_z(perm, a->base);
    return true;
}

char *app_path(const struct app *a, struct arena *perm, const char *relative)
{
    return path_join(perm, a->base, str_from(relative));
}

char *app_storage(const struct app *a, struct arena *perm, const char *relative)
{
    struct str base = str_from(path_join(perm, a->base, a->storage));
    return path_join(perm, base, str_from(relative));
}

struct file_owner app_owner(const struct app *a)
{
    struct stat st;
    struct arena tmp = a->scratch;
    if (geteuid() != 0 || stat(app_storage(a, &tmp, ""), &st) != 0 || st.st_uid == 0)
        return (struct file_owner){0};
    return (struct file_owner){.other = true, .uid = st.st_uid, .gid = st.st_gid};
}
