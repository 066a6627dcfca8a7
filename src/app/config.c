/* config.c: the app's configuration, loaded as Laravel loads it.
 *
 * Either bootstrap/cache/config.php, and nothing else; or .env and the files of config/.
 * From Laravel 11 on the framework has a base configuration, over which the app's files
 * are laid; before, a file that is missing is all that the built-in defaults stand for.
 */
#include <stdio.h>

#include "app/app_imp.h"

enum { CONFIG_MAX_BYTES = 8 << 20, ENV_MAX_BYTES = 1 << 20, HOLES_DEPTH = 64 };

/* The first version with a base configuration to merge with. */
enum { LARAVEL_MERGES = 11 };

/* The files that facteur needs, in the order in which Laravel loads them, and the key of
 * each whose entries are merged one by one. */
static const struct {
    const char *name, *merged;
} files[] = {
    {"app", NULL},           {"cache", "stores"}, {"database", "connections"},
    {"logging", "channels"}, {"mail", "mailers"}, {"queue", "connections"},
    {"view", NULL},
};

/* === .env === */

/* env_path is ".env", or ".env.<suffix>", where the app has it. */
static bool env_path(struct app *a, struct str suffix, char **out, struct error *e)
{
    char *folder;
    struct str name = a->folders[FOLDER_ENV_NAME];
    name = name.len ? name : S(".env");
    if (!app_folder(a, FOLDER_ENV, &a->perm, &folder, e))
        return false;
    if (suffix.len)
        name = str_fmt(&a->perm, "%.*s.%.*s", STR_ARG(name), STR_ARG(suffix));
    /* Laravel joins them even where the name begins with a slash. */
    *out = str_z(&a->perm, str_fmt(&a->perm, "%s/%.*s", folder, STR_ARG(name)));
    return true;
}

/* try_env_file takes the file ".env.<suffix>" when it exists. */
static bool try_env_file(struct app *a, struct str suffix, char **path, bool *taken,
                         struct error *e)
{
    char *file;
    if (!env_path(a, suffix, &file, e) || !file_exists(file, taken, e))
        return false;
    if (*taken)
        *path = file;
    return true;
}

/* env_file chooses by --env, then by the real APP_ENV; else it is .env. */
static bool env_file(struct app *a, const char *option, char **path, struct error *e)
{
    struct php_value env;
    struct str name;
    bool taken = false;
    struct error ignored = {0};
    if (!env_path(a, S(""), path, e))
        return false;
    if (option && *option && !try_env_file(a, str_from(option), path, &taken, e))
        return false;
    if (!taken && env_value(a->env, S("APP_ENV"), &env) && php_truthy(env) &&
        php_to_string(env, &a->perm, &name, &ignored))
        return try_env_file(a, name, path, &taken, e);
    return true;
}

static bool load_env(struct app *a, const char *option, struct error *e)
{
    struct str text;
    char *path;
    bool there;
    if (!env_file(a, option, &path, e) || !file_exists(path, &there, e))
        return false;
    if (!there)
        return true;
    a->env->file = path;
    return file_read(path, ENV_MAX_BYTES, &a->perm, &text, e) &&
           dotenv_load(a->env, text, path, e);
}

/* === evaluating files === */

static struct php_value hole(struct app *a, const struct error *why)
{
    struct error *copy = NEW(&a->perm, struct error, 1);
    *copy = *why;
    return (struct php_value){.type = PHP_HOLE, .hole = copy};
}

/* as_config is the value of a whole file: an array, or a hole. */
static struct php_value as_config(struct app *a, const char *path, bool ok,
                                  struct php_value v, struct error *e)
{
    if (ok && v.type != PHP_ARRAY && v.type != PHP_HOLE) {
        err_set(e, ERR_FATAL, "the file does not return an array");
        err_place(e, path, 0, 0);
    }
    return e->kind ? hole(a, e) : v;
}

/* eval_file evaluates a file; one that cannot be read is an error, not a hole: PHP would
 * not start. */
static bool eval_file(struct app *a, const char *path, struct php_value *out,
                      struct error *e)
{
    struct str source;
    struct error why = {0};
    struct php_host host = a->host;
    host.more = config_functions;
    host.class_source = class_source;
    *out = php_null();
    if (!file_read(path, CONFIG_MAX_BYTES, &a->perm, &source, e))
        return false;
    bool ok = php_eval_file(source, path, &host, &a->perm, out, &why);
    *out = as_config(a, path, ok, *out, &why);
    return true;
}

/* eval_default evaluates the framework's own file where the app has its framework beside
 * it, else a built-in one; that this fails is our bug, told as a hole. */
static bool eval_default(struct app *a, const char *name, struct php_value *out,
                         struct error *failed)
{
    struct str own = str_fmt(&a->scratch, "vendor/laravel/framework/config/%s.php", name);
    const char *vendor = path_join(&a->perm, a->base, own);
    bool there;
    if (!file_exists(vendor, &there, failed))
        return false;
    if (a->major >= LARAVEL_MERGES && there)
        return eval_file(a, vendor, out, failed);
    struct php_host host = a->host;
    struct str source;
    struct php_value v = php_null();
    struct error e = {0};
    struct str path = str_fmt(&a->perm, "src/app/defaults/%s.php", name);
    host.functions = default_functions;
    *out = php_from_array(php_array_new(&a->perm));
    if (!asset_lookup(path, &source))
        return true;
    const char *file = str_z(&a->perm, path);
    bool ok = php_eval_file(source, file, &host, &a->perm, &v, &e);
    *out = as_config(a, file, ok, v, &e);
    return true;
}

/* === merging === */

/* merge is PHP's array_merge: names are replaced, numbered entries appended. */
static struct php_value merge(struct app *a, struct php_value base, struct php_value over)
{
    if (base.type != PHP_ARRAY || over.type != PHP_ARRAY)
        return over;
    struct php_array *out = php_array_new(&a->perm);
    const struct php_array *both[] = {base.a, over.a};
    for (size_t i = 0; i < COUNT(both); i++)
        for (size_t j = 0; j < both[i]->len; j++)
            php_array_copy(&a->perm, out, &both[i]->at[j], true);
    return php_from_array(out);
}

static struct php_value merge_file(struct app *a, struct php_value base,
                                   struct php_value file, const char *merged)
{
    struct php_value out = merge(a, base, file);
    const struct php_value *mine, *its;
    if (!merged || out.type != PHP_ARRAY || base.type != PHP_ARRAY)
        return out;
    mine = php_array_named(out.a, merged);
    its = php_array_named(base.a, merged);
    if (mine && its && mine->type != PHP_NULL)
        php_array_put(&a->perm, out.a, php_key_from(str_from(merged)),
                      merge(a, *its, *mine));
    return out;
}

static const char *file_path(const struct app *a, struct arena *perm, const char *name)
{
    struct str file = str_fmt(perm, "%s.php", name);
    struct str folder = a->folders[FOLDER_CONFIG];
    if (folder.len == 0)
        folder = str_from(app_path(a, perm, "config"));
    return path_join(perm, folder, file);
}

static void set_file(struct app *a, const char *name, struct php_value v)
{
    php_array_put(&a->perm, a->config.a, php_key_from(str_from(name)), v);
}

/* load_file evaluates files[i], over the base where Laravel has one. */
static bool load_file(struct app *a, size_t i, struct error *e)
{
    struct php_value v, base;
    if (!eval_file(a, file_path(a, &a->perm, files[i].name), &v, e))
        return false;
    if (a->major >= LARAVEL_MERGES) {
        if (!eval_default(a, files[i].name, &base, e))
            return false;
        v = merge_file(a, base, v, files[i].merged);
    }
    set_file(a, files[i].name, v);
    return true;
}

/* load_files goes as Laravel does: first what only the base has, then the app's files in
 * order, so that config() in one of them sees the same values. */
static bool load_files(struct app *a, struct error *e)
{
    struct php_value v;
    char *folder;
    bool there[COUNT(files)];
    /* Laravel lists the folder: one that may not be listed ends it. */
    if (!app_folder(a, FOLDER_CONFIG, &a->perm, &folder, e) ||
        !folder_exists(folder, &there[0], e))
        return false;
    for (size_t i = 0; i < COUNT(files); i++) {
        if (!file_exists(file_path(a, &a->perm, files[i].name), &there[i], e))
            return false;
        if (there[i])
            continue;
        if (!eval_default(a, files[i].name, &v, e))
            return false;
        set_file(a, files[i].name, v);
    }
    for (size_t i = 0; i < COUNT(files); i++)
        if (there[i] && !load_file(a, i, e))
            return false;
    return true;
}

/* === the cached configuration === */

static bool cache_path(struct app *a, const char **out, struct error *e)
{
    struct php_value moved;
    struct str path;
    struct error ignored = {0};
    char *folder;
    if (env_value(a->env, S("APP_CONFIG_CACHE"), &moved) && moved.type != PHP_NULL &&
        php_to_string(moved, &a->perm, &path, &ignored)) {
        *out = path_join(&a->perm, a->base, path);
        return true;
    }
    if (!app_folder(a, FOLDER_BOOTSTRAP, &a->perm, &folder, e))
        return false;
    *out = path_join(&a->perm, str_from(folder), S("cache/config.php"));
    return true;
}

/* set_storage comes after .env, which may move the folder as well. */
static void set_storage(struct app *a)
{
    struct str moved = S("storage");
    if (a->folders[FOLDER_STORAGE].len)
        a->storage = a->folders[FOLDER_STORAGE];
    else if (env_lookup(a->env, S("LARAVEL_STORAGE_PATH"), &moved))
        a->storage = moved;
    else
        a->storage = str_from(path_join(&a->perm, a->base, moved));
}

bool config_load(struct app *a, const char *env_option, struct error *e)
{
    const char *cached;
    bool is_cached;
    if (!cache_path(a, &cached, e) || !file_exists(cached, &is_cached, e))
        return false;
    if (is_cached) {
        set_storage(a);
        a->config_file = cached;
        if (!eval_file(a, cached, &a->config, e))
            return false;
        if (a->config.type == PHP_ARRAY)
            return true;
        *e = *a->config.hole;
        e->kind = ERR_FATAL;
        return false;
    }
    a->config = php_from_array(php_array_new(&a->perm));
    if (!load_env(a, env_option, e))
        return false;
    set_storage(a);
    return load_files(a, e);
}

/* === reading values === */

/* load_other reads a file of config/ that is none of files[], when it is asked for. One
 * that does not exist is null from then on: views may ask for every letter. */
static const struct php_value *load_other(const struct app *a, struct str name)
{
    struct app *app = (struct app *)a;
    if (a->config_file || name.len == 0 || memchr(name.ptr, '/', name.len))
        return NULL;
    const char *z = str_z(&app->perm, name);
    const char *path = file_path(app, &app->perm, z);
    struct php_value v = php_null();
    struct error e = {0};
    bool there;
    if (!file_exists(path, &there, &e) || (there && !eval_file(app, path, &v, &e)))
        v = hole(app, &e);
    set_file(app, z, v);
    return php_array_named(a->config.a, z);
}

/* find lends a value, and in *origin where its entry was written. */
static const struct php_value *find(const struct app *a, const char *path,
                                    const struct php_origin **origin)
{
    struct cut c = str_cut(str_from(path), '.');
    *origin = NULL;
    if (a->config.type != PHP_ARRAY) /* nothing is read yet */
        return NULL;
    const struct php_value *v = php_array_lookup(a->config.a, php_key_from(c.head));
    if (!v)
        v = load_other(a, c.head);
    while (v && c.ok && v->type != PHP_HOLE) {
        c = str_cut(c.tail, '.');
        struct php_key key = php_key_from(c.head);
        if (v->type != PHP_ARRAY)
            return NULL;
        *origin = php_array_origin(v->a, key);
        v = php_array_lookup(v->a, key);
    }
    return v;
}

/* set_in lends `base` with a value put at a path below it; what is no array becomes one.
 */
static struct php_value set_in(struct app *a, struct php_value base, struct str path,
                               struct php_value v, const struct php_origin *origin)
{
    struct cut c = str_cut(path, '.');
    struct php_key key = php_key_from(c.head);
    struct php_array *out = php_array_new(&a->perm);
    for (size_t i = 0; base.type == PHP_ARRAY && i < base.a->len; i++)
        php_array_copy(&a->perm, out, &base.a->at[i], false);
    const struct php_value *below = php_array_lookup(out, key);
    if (c.ok)
        v = set_in(a, below ? *below : php_null(), c.tail, v, origin);
    php_array_put(&a->perm, out, key, v);
    php_array_mark(out, key, origin);
    return php_from_array(out);
}

void config_set(struct app *a, struct str path, struct php_value v,
                const struct php_origin *origin)
{
    struct cut c = str_cut(path, '.');
    path = str_copy(&a->perm, path);
    if (!php_array_lookup(a->config.a, php_key_from(c.head)))
        load_other(a, c.head);
    a->config = set_in(a, a->config, path, v, origin);
}

const struct php_value *app_config(const struct app *a, const char *path)
{
    const struct php_origin *origin;
    return find(a, path, &origin);
}

/* below_base cuts the app's folder off a path. */
static const char *below_base(const struct app *a, const char *file)
{
    size_t len = a->base.len;
    bool below = strncmp(file, a->base.ptr, len) == 0 && file[len] == '/';
    return below ? file + len + 1 : file;
}

/* say_variable tells where a variable was given. */
static void say_variable(const struct app *a, struct buf *b, struct str name)
{
    int line;
    switch (env_source(a->env, name, &line)) {
    case ENV_FILE:
        buf_fmt(b, ", %.*s (%s:%d)", STR_ARG(name), below_base(a, a->env->file), line);
        break;
    case ENV_PROCESS:
        buf_fmt(b, ", %.*s (environment)", STR_ARG(name));
        break;
    case ENV_NOWHERE:
        buf_fmt(b, ", %.*s (not set)", STR_ARG(name));
        break;
    }
}

struct str app_config_from(const struct app *a, const char *path, struct arena *perm)
{
    const struct php_origin *origin;
    struct buf b = buf_new(perm, 1 << 16);
    const struct php_value *v = find(a, path, &origin);
    if (!v || !origin)
        return S("");
    if (str_starts(str_from(origin->file), S("src/app/defaults/")))
        buf_fmt(&b, "Laravel %d's default", a->major);
    else
        buf_fmt(&b, "%s:%d", below_base(a, origin->file), origin->line);
    for (size_t i = 0; i < origin->env.len; i++) {
        bool said = false;
        for (size_t k = 0; k < i; k++)
            said = said || str_eq(origin->env.at[k], origin->env.at[i]);
        if (!said)
            say_variable(a, &b, origin->env.at[i]);
    }
    return buf_str(&b);
}

bool app_config_blame(const struct app *a, const char *path, struct error *e)
{
    struct app *app = (struct app *)a;
    char text[sizeof(e->text)];
    struct str from = app_config_from(a, path, &app->perm);
    bool no_env = !a->config_file && !a->env->file && str_has(from, S("(not set)"));
    memcpy(text, e->text, sizeof(text));
    if (from.len || no_env)
        snprintf(e->text, sizeof(e->text), "%.1600s (%.*s%s%s%.*s)", text, STR_ARG(from),
                 from.len && no_env ? "; " : "", no_env ? "there is no .env in " : "",
                 no_env ? (int)a->base.len : 0, a->base.ptr);
    return false;
}

const char *app_config_file(const struct app *a)
{
    return a->config_file;
}

bool app_variable(const struct app *a, struct str name, struct str *out)
{
    return env_lookup(a->env, name, out);
}

const char *app_env_file(const struct app *a)
{
    return a->env->file;
}

/* needed gives a value that can be used: *out NULL is absent or null; an array or a hole
 * is an error. */
static bool needed(const struct app *a, const char *path, const struct php_value **out,
                   struct error *e)
{
    const struct php_value *v = app_config(a, path);
    *out = v && v->type != PHP_NULL ? v : NULL;
    if (!*out)
        return true;
    if (v->type == PHP_HOLE) {
        err_set(e, ERR_FATAL, "the configuration value %s cannot be evaluated: %s", path,
                v->hole->text);
        return err_place(e, v->hole->file, v->hole->line, v->hole->col);
    }
    bool is_text = v->type == PHP_OBJECT && v->o->native && v->o->native->text;
    if (v->type == PHP_ARRAY || (v->type == PHP_OBJECT && !is_text))
        return err_set(e, ERR_FATAL,
                       "the configuration value %s is of the type %.*s, not a single one",
                       path, STR_ARG(php_type_name(*v)));
    return true;
}

bool app_config_string(const struct app *a, const char *path, struct str otherwise,
                       struct str *out, struct error *e)
{
    const struct php_value *v;
    *out = otherwise;
    if (!needed(a, path, &v, e))
        return false;
    return !v || php_to_string(*v, &((struct app *)a)->perm, out, e);
}

bool app_config_int(const struct app *a, const char *path, int64_t otherwise,
                    int64_t *out, struct error *e)
{
    const struct php_value *v;
    *out = otherwise;
    if (!needed(a, path, &v, e))
        return false;
    if (v)
        *out = php_to_int(*v);
    return true;
}

bool app_config_bool(const struct app *a, const char *path, bool otherwise, bool *out,
                     struct error *e)
{
    const struct php_value *v;
    *out = otherwise;
    if (!needed(a, path, &v, e))
        return false;
    if (v)
        *out = php_truthy(*v);
    return true;
}

/* === holes === */

struct walk {
    finding_fn *fn;
    void *arg;
    struct arena *perm;
};

static void report(struct walk *w, struct str path, const struct error *why)
{
    struct str text = str_fmt(w->perm, "%.*s – %s", STR_ARG(path), why->text);
    struct finding f = {.severity = FINDING_IGNORED,
                        .file = why->file,
                        .line = why->line,
                        .col = why->col,
                        .text = str_z(w->perm, text)};
    w->fn(w->arg, &f);
}

static void walk_holes(struct walk *w, struct str path, struct php_value v, int depth)
{
    if (v.type == PHP_HOLE)
        report(w, path, v.hole);
    if (v.type != PHP_ARRAY || depth > HOLES_DEPTH)
        return;
    for (size_t i = 0; i < v.a->len; i++) {
        const struct php_key *key = &v.a->at[i].key;
        struct str name =
            key->is_int ? str_fmt(w->perm, "%lld", (long long)key->i) : key->s;
        struct str below = path.len ? str_join(w->perm, path, S(".")) : path;
        walk_holes(w, str_join(w->perm, below, name), v.a->at[i].value, depth + 1);
    }
}

void app_config_holes(const struct app *a, finding_fn *fn, void *arg)
{
    struct walk w = {fn, arg, &((struct app *)a)->scratch};
    walk_holes(&w, S(""), a->config, 0);
    arena_reset(w.perm);
}
