/* app.c: where the app is, and opening it. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_imp.h"

/* Address space, not memory. Configuration is some hundred kilobytes; the scratch holds
 * composer.lock (megabytes) or one line of the log (copied as its parts are put in). */
enum { PERM_BYTES = 64 << 20, SCRATCH_BYTES = 256 << 20 };

static bool find_base(struct app *a, const char *dir, struct error *e)
{
    char real[PATH_MAX];
    struct stat st;
    bool artisan, bootstrap;
    dir = dir ? dir : ".";
    if (!realpath(dir, real) && errno == EACCES)
        return file_denied(dir, "see", "x", e);
    if (!realpath(dir, real))
        return err_set(e, ERR_FATAL, "no Laravel app at %s: %s", dir, strerror(errno));
    a->base.ptr = str_z(&a->perm, str_from(real));
    a->base.len = strlen(real);
    if (!file_stat(app_path(a, &a->scratch, "artisan"), &st, &artisan, e) ||
        !file_stat(app_path(a, &a->scratch, "bootstrap"), &st, &bootstrap, e))
        return false;
    if (artisan || bootstrap)
        return true;
    return err_set(e, ERR_FATAL,
                   "no Laravel app in %s: it holds neither artisan nor bootstrap/ "
                   "(--app=DIR names another folder)",
                   real);
}

/* set_zone makes app.timezone the process's: all that facteur writes is in it. */
static bool set_zone(struct app *a, struct error *e)
{
    struct str zone;
    struct error why = {0};
    if (!app_config_string(a, "app.timezone", S("UTC"), &zone, e))
        return false;
    if (clock_zone(str_z(&a->perm, zone), &why))
        return true;
    const char *file = a->config_file;
    if (!file)
        file = app_path(a, &a->perm, "config/app.php");
    return err_set(e, ERR_FATAL, "%s: app.timezone: %s", file, why.text);
}

/* set_env makes --env the app's environment; without one config says. */
static bool set_env(struct app *a, const char *option, struct error *e)
{
    if (option && *option) {
        a->env_name = str_copy(&a->perm, str_from(option));
        return true;
    }
    return app_config_string(a, "app.env", S("production"), &a->env_name, e);
}

struct app *app_open(const struct app_options *o, struct error *e)
{
    struct arena perm = arena_open(PERM_BYTES);
    struct app *a = NEW(&perm, struct app, 1);
    a->perm = perm;
    a->scratch = arena_open(SCRATCH_BYTES);
    a->env = NEW(&a->perm, struct env, 1);
    a->host = (struct php_host){.functions = host_functions, .data = a};
    env_init(a->env, &a->perm, environ);
    if (!find_base(a, o->dir, e) || !version_load(a, e) || !bootstrap_load(a, e) ||
        !config_load(a, o->env, e) || !set_env(a, o->env, e) || !set_zone(a, e) ||
        !app_config_string(a, "app.locale", S("en"), &a->host.locale, e) ||
        !boot_load(a, e)) {
        app_close(a);
        return NULL;
    }
    arena_reset(&a->scratch);
    return a;
}

void app_close(struct app *a)
{
    if (!a)
        return;
    /* The app lives in its own arena. */
    struct arena perm = a->perm, scratch = a->scratch;
    arena_close(&scratch);
    arena_close(&perm);
}

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
