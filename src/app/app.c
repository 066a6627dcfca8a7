/* app.c: finding the app, and opening it. */
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
