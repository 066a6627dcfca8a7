/* bootstrap_class.c: an application class of the app's own, in the place of Laravel's.
 *
 * One that leaves the methods alone which decide where things are, and what the
 * environment is, is Laravel's to us; another one is refused with file and line.
 */
#include "app/app_imp.h"

enum { FILE_MAX = 1 << 20 };

/* What an application class may override or declare only at the price of another app. */
static const char *const methods[] = {
    "setBasePath",
    "basePath",
    "bootstrapPath",
    "configPath",
    "storagePath",
    "joinPaths",
    "environmentPath",
    "environmentFile",
    "environmentFilePath",
    "useEnvironmentPath",
    "loadEnvironmentFrom",
    "environment",
    "isLocal",
    "isProduction",
    "detectEnvironment",
    "runningInConsole",
    "getCachedConfigPath",
    "configurationIsCached",
    "normalizeCachePath",
    "bindPathsInContainer",
    "bootstrapWith",
    "configure",
    "inferBasePath",
    "version",
    "useConfigPath",
    "useBootstrapPath",
    "useStoragePath",
    "resourcePath",
    "viewPath",
    "isDownForMaintenance",
    "maintenanceMode",
    "__get",
    "__call",
};
static const char *const properties[] = {
    "$basePath",        "$bootstrapPath",   "$configPath",
    "$environmentPath", "$environmentFile", "$storagePath",
};

/* Those of which only a view or a config file may ask. */
static const struct {
    const char *method, *property;
    enum app_folder folder;
} softer[] = {
    {"path", "$appPath", FOLDER_APP},
    {"databasePath", "$databasePath", FOLDER_DATABASE},
    {"publicPath", "$publicPath", FOLDER_PUBLIC},
    {"langPath", "$langPath", FOLDER_LANG},
};

struct reading {
    struct app *app;
    const char *file;
    struct str source, name;
    struct error *e;
};

static bool refuse(struct reading *r, size_t at, struct str what)
{
    err_set(
        r->e, ERR_FATAL,
        "%.*s of the application class %.*s is not known to facteur: it may move what "
        "the app is made of",
        STR_ARG(what), STR_ARG(r->name));
    return err_place(r->e, r->file, code_line(r->source, at), 0);
}

static void forget(struct reading *r, enum app_folder f, size_t at)
{
    struct str by = str_fmt(&r->app->perm, "%s:%d", r->file, code_line(r->source, at));
    r->app->unknown[f] = str_z(&r->app->perm, by);
}

static bool among(struct str word, const char *const *list, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (str_ieq(word, str_from(list[i])))
            return true;
    return false;
}

/* on_word judges a method, a property or a call that the class has. */
static bool on_word(struct reading *r, size_t from, size_t end)
{
    struct str word = str_sub(r->source, from, end - from);
    bool method = code_behind(r->source, from, S("function"));
    bool call = code_behind(r->source, from, S("->"));
    if (((method || call) && among(word, methods, COUNT(methods)) &&
         (method || str_starts(word, S("use")) || str_starts(word, S("load")))) ||
        among(word, properties, COUNT(properties)))
        return refuse(r, from, word);
    for (size_t i = 0; i < COUNT(softer); i++)
        if ((method && str_ieq(word, str_from(softer[i].method))) ||
            str_eq(word, str_from(softer[i].property)))
            forget(r, softer[i].folder, from);
    if (!code_behind(r->source, from, S("extends")))
        return true;
    struct str parent = code_class(r->source, word);
    return str_ieq(parent, S("Illuminate\\Foundation\\Application")) ||
           refuse(r, from, parent);
}

static bool read_class(struct reading *r)
{
    for (size_t at = 0; (at = code_skip_blank(r->source, at)) < r->source.len;) {
        char c = r->source.ptr[at];
        if (c == '\'' || c == '"') {
            at = code_skip_string(r->source, at);
            continue;
        }
        size_t end = code_skip_word(r->source, at + (c == '$'));
        if (end > at && !on_word(r, at, end))
            return false;
        at = end > at ? end : at + 1;
    }
    return true;
}

bool bootstrap_class(struct app *a, struct str name, const char *file, int line,
                     struct error *e)
{
    struct reading r = {.app = a, .name = name, .e = e};
    struct str rest = str_skip(name, strlen("App\\"));
    struct str path = str_fmt(&a->perm, "app/%.*s.php",
                              STR_ARG(str_replace(&a->perm, rest, S("\\"), S("/"))));
    bool there = false;
    r.file = str_z(&a->perm, path);
    const char *full = app_path(a, &a->perm, r.file);
    if (str_starts(name, S("App\\")) && !str_has(name, S("..")) &&
        !file_exists(full, &there, e))
        return false;
    if (!there) {
        err_set(
            e, ERR_FATAL,
            "the application class %.*s is not known to facteur: it may move what the "
            "app is made of",
            STR_ARG(name));
        return err_place(e, file, line, 0);
    }
    return file_read(full, FILE_MAX, &a->perm, &r.source, e) && read_class(&r);
}
