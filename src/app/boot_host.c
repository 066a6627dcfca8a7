/* boot_host.c: what providers may call beside what config files may: the application, and
 * its configuration, which they can change. */
#include "app/app_imp.h"

static struct boot *boot_of(const struct php_call *c)
{
    return ((struct app *)c->scope->host->data)->boot;
}

static bool text_of(const struct php_call *c, size_t i, struct str *out)
{
    if (i >= c->len || c->args[i].type != PHP_STRING)
        return false;
    *out = c->args[i].s;
    return true;
}

/* === configuration === */

/* set writes one setting. What is not known becomes a hole, which is an error where its
 * value is needed; where letters may need it they are left to PHP. `from`, or NULL: where
 * the value was written. */
static void set(struct php_call *c, struct str path, struct php_value v,
                const struct php_origin *from)
{
    struct boot *b = boot_of(c);
    struct php_place at = php_call_place(c);
    bool maybe = php_call_maybe(c), unknown = maybe || php_holds_unknown(v);
    const struct php_value *old = app_config(b->app, str_z(c->perm, path));
    if (!unknown && old && old->type != PHP_HOLE && php_identical(*old, v))
        return;
    if (!app_boot_setting_free(path) && (unknown || boot_is_setting_used(path)))
        boot_note(b, at, S(""), "sets %.*s%s – letters are left to PHP", STR_ARG(path),
                  maybe     ? " where it is not known whether it does"
                  : unknown ? " to a value that is not known"
                            : ", which is in use before");
    if (unknown) {
        struct error *why = NEW(&b->app->perm, struct error, 1);
        err_set(why, ERR_UNSUPPORTED, "a provider sets it to what is not known");
        err_place(why, at.file, at.line, at.col);
        v = (struct php_value){.type = PHP_HOLE, .hole = why};
    }
    if (!from) {
        struct php_origin *here = NEW(&b->app->perm, struct php_origin, 1);
        here->file = at.file;
        here->line = at.line;
        from = here;
    }
    config_set(b->app, path, v, from);
}

/* set_many takes an array of paths and values, as config([…]) does. */
static bool set_many(struct php_call *c, struct php_value list)
{
    if (list.type != PHP_ARRAY) {
        boot_note(boot_of(c), php_call_place(c), S(""),
                  "which settings are set is not known – letters are left to PHP");
        return true;
    }
    for (size_t i = 0; i < list.a->len; i++) {
        const struct php_entry *entry = &list.a->at[i];
        if (entry->key.is_int)
            return set_many(c, php_null());
        set(c, entry->key.s, entry->value, entry->origin);
    }
    return true;
}

/* Config::set(path, value), or of an array. */
static bool call_set(struct php_call *c)
{
    struct str path;
    if (c->len == 1)
        return set_many(c, c->args[0]);
    if (!text_of(c, 0, &path))
        return set_many(c, php_null());
    set(c, path, c->args[1], NULL);
    return true;
}

/* Config::get(path, default) */
static bool call_get(struct php_call *c)
{
    struct str path;
    if (!text_of(c, 0, &path)) {
        *c->result = php_unknown(c->perm, S(""));
        return true;
    }
    const struct php_value *v = app_config(boot_of(c)->app, str_z(c->perm, path));
    if (v && v->type == PHP_HOLE)
        *c->result = php_unknown(c->perm, S(""));
    else if (v)
        *c->result = *v;
    else if (c->len > 1)
        return php_value_of(c, c->args[1], c->result);
    return true;
}

static bool call_has(struct php_call *c)
{
    if (!call_get(c))
        return false;
    if (!php_is_unknown(*c->result))
        *c->result = php_bool(c->result->type != PHP_NULL);
    return true;
}

static const struct php_class repository = {
    .name = "Illuminate\\Config\\Repository",
    .methods = (const struct php_function[]){{"set", 1, 2, call_set},
                                             {"get", 1, 2, call_get},
                                             {"has", 1, 1, call_has},
                                             {"string", 1, 2, call_get},
                                             {"integer", 1, 2, call_get},
                                             {"boolean", 1, 2, call_get},
                                             {"array", 1, 2, call_get},
                                             {"offsetGet", 1, 1, call_get},
                                             {"offsetSet", 2, 2, call_set},
                                             {NULL, 0, 0, NULL}},
};

static struct php_value native(struct arena *perm, const struct php_class *class_of,
                               void *data)
{
    struct php_object *o = php_object_new(perm, PHP_NATIVE, str_from(class_of->name));
    o->native = class_of;
    o->data = data;
    return php_from_object(o);
}

/* config(): all of it; of an array it sets, of a path it reads. */
static bool call_config(struct php_call *c)
{
    if (c->len == 0)
        *c->result = native(c->perm, &repository, NULL);
    else if (c->args[0].type == PHP_STRING)
        return call_get(c);
    else if (c->args[0].type != PHP_NULL)
        return set_many(c, c->args[0]);
    return true;
}

/* === the application === */

/* is_like is Laravel's Str::is: a "*" stands for any text. */
static bool is_like(struct str pattern, struct str s)
{
    struct cut c = str_cut(pattern, '*');
    if (!c.ok)
        return str_eq(pattern, s);
    if (!str_starts(s, c.head))
        return false;
    for (size_t i = c.head.len; i <= s.len; i++)
        if (is_like(c.tail, str_skip(s, i)))
            return true;
    return false;
}

static bool any_like(struct php_value v, struct str env)
{
    if (v.type == PHP_STRING)
        return is_like(v.s, env);
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++)
        if (any_like(v.a->at[i].value, env))
            return true;
    return false;
}

/* environment(): its name; environment(name, …): whether it is one of these. */
static bool call_environment(struct php_call *c)
{
    struct str env = app_env(boot_of(c)->app);
    bool any = false;
    *c->result = php_string(env);
    for (size_t i = 0; i < c->len; i++) {
        if (php_holds_unknown(c->args[i])) {
            *c->result = php_unknown(c->perm, S(""));
            return true;
        }
        any = any || any_like(c->args[i], env);
    }
    if (c->len)
        *c->result = php_bool(any);
    return true;
}

/* call_is_environment serves the questions whose answer is the environment's name. */
static bool call_is_environment(struct php_call *c)
{
    const char *name = strcmp(c->name, "isLocal") == 0        ? "local"
                       : strcmp(c->name, "isProduction") == 0 ? "production"
                                                              : "testing";
    *c->result = php_bool(str_eq(app_env(boot_of(c)->app), str_from(name)));
    return true;
}

static bool call_true(struct php_call *c)
{
    *c->result = php_bool(true);
    return true;
}

static bool call_is_cached(struct php_call *c)
{
    *c->result = php_bool(boot_of(c)->app->config_file != NULL);
    return true;
}

static bool call_debug(struct php_call *c)
{
    const struct php_value *v = app_config(boot_of(c)->app, "app.debug");
    *c->result = php_bool(v && v->type != PHP_HOLE && php_truthy(*v));
    return true;
}

static bool call_locale(struct php_call *c)
{
    *c->result = php_string(boot_of(c)->host.locale);
    return true;
}

/* setLocale(name): of dates too. */
static bool call_set_locale(struct php_call *c)
{
    struct boot *b = boot_of(c);
    struct str name;
    if (!text_of(c, 0, &name) || php_call_maybe(c))
        boot_note(b, php_call_place(c), S(""),
                  "which language dates are in is not known – letters are left to PHP");
    else
        b->host.locale = str_copy(&b->app->perm, name);
    return true;
}

/* make(name), app(name), resolve(name): what the container holds is not known, but for
 * the application and its configuration. */
static bool call_make(struct php_call *c)
{
    struct str name;
    if (c->len == 0) {
        *c->result = boot_application(boot_of(c), c->perm);
        return true;
    }
    if (!text_of(c, 0, &name))
        name = S("an object of the container");
    if (str_eq(name, S("config")) ||
        str_ieq(name, S("Illuminate\\Contracts\\Config\\Repository")) ||
        str_ieq(name, str_from(repository.name)))
        *c->result = native(c->perm, &repository, NULL);
    else if (str_eq(name, S("app")))
        *c->result = boot_application(boot_of(c), c->perm);
    else if (str_eq(name, S("env")))
        *c->result = php_string(app_env(boot_of(c)->app));
    else
        *c->result = php_unknown(c->perm, name);
    return true;
}

/* register(class or object): a provider of the app's own is run. */
static bool call_register(struct php_call *c)
{
    struct boot *b = boot_of(c);
    struct str name = S("");
    *c->result = php_unknown(c->perm, S(""));
    if (c->args[0].type == PHP_OBJECT)
        name = c->args[0].o->class_name;
    else if (!text_of(c, 0, &name))
        boot_note(b, php_call_place(c), S(""),
                  "which provider is registered is not known – letters are left to PHP");
    return !name.len ||
           boot_register(b, name, php_call_place(c), php_call_maybe(c), c->e);
}

/* booting(closure) and booted(closure): run when all providers are registered, or have
 * booted. */
static bool call_later(struct php_call *c)
{
    struct boot *b = boot_of(c);
    if (php_call_maybe(c) || php_is_unknown(c->args[0]))
        boot_note(
            b, php_call_place(c), S(""),
            "whether %s() is called, and with what, is not known – letters are left "
            "to PHP",
            c->name);
    else if (strcmp(c->name, "booted") == 0)
        VEC_PUSH(&b->app->perm, &b->booted, c->args[0]);
    else
        VEC_PUSH(&b->app->perm, &b->booting, c->args[0]);
    *c->result = c->self ? *c->self : php_null();
    return true;
}

/* withProviders(list, with those of bootstrap/providers.php) */
static bool call_with_providers(struct php_call *c)
{
    struct boot *b = boot_of(c);
    *c->result = *c->self;
    if (c->len > 1)
        boot_note(
            b, php_call_place(c), S(""),
            "withProviders() with a second argument is not known – letters are left "
            "to PHP");
    if (c->len == 0 || b->app->config_file)
        return true; /* a cached configuration names them */
    if (c->args[0].type != PHP_ARRAY || php_holds_unknown(c->args[0])) {
        boot_note(b, php_call_place(c), S(""),
                  "which providers the app has is not known – letters are left to PHP");
        return true;
    }
    for (size_t i = 0; i < c->args[0].a->len; i++)
        if (c->args[0].a->at[i].value.type == PHP_STRING)
            VEC_PUSH(&b->app->perm, &b->listed, c->args[0].a->at[i].value.s);
    return true;
}

/* configure(path): an application that looks for its listeners itself. */
static bool call_configure(struct php_call *c)
{
    struct boot *b = boot_of(c);
    b->discovers = true;
    *c->result = boot_application(b, c->perm);
    return true;
}

/* withEvents(folders): false, none; an empty list, those that there were. */
static bool call_with_events(struct php_call *c)
{
    struct boot *b = boot_of(c);
    struct arena *perm = &b->app->perm;
    struct php_value v = c->len ? c->args[0] : php_null();
    *c->result = *c->self;
    if (php_holds_unknown(v) || php_call_maybe(c)) {
        boot_note(
            b, php_call_place(c), S(""),
            "where listeners are discovered is not known – letters are left to PHP");
        return true;
    }
    b->discovers = v.type != PHP_BOOL || php_truthy(v);
    if (v.type == PHP_ARRAY && v.a->len)
        b->discovered.len = 0;
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++)
        if (v.a->at[i].value.type == PHP_STRING)
            VEC_PUSH(perm, &b->discovered, str_copy(perm, v.a->at[i].value.s));
    return true;
}

/* withExceptions(closure): what becomes of an exception's line in the log. */
static bool call_with_exceptions(struct php_call *c)
{
    struct boot *b = boot_of(c);
    struct php_value exceptions =
        php_unknown(c->perm, S("Illuminate\\Foundation\\Configuration\\Exceptions"));
    *c->result = *c->self;
    if (c->len == 0 || c->args[0].type == PHP_NULL)
        return true;
    return php_call_closure(&b->runner, c->args[0], &exceptions, 1, c->perm, c->e);
}

/* call_moved: what bootstrap/app.php moves was followed before anything was read; a
 * provider comes too late for most of it. */
static bool call_moved(struct php_call *c)
{
    struct boot *b = boot_of(c);
    struct php_place at = php_call_place(c);
    enum app_folder f = bootstrap_moves(str_from(c->name));
    *c->result = *c->self;
    if (b->in_bootstrap)
        return true;
    if (f < FOLDER_NEEDED)
        boot_note(b, at, S(""),
                  "%s() moves what has been read already – letters are left to PHP",
                  c->name);
    else
        b->app->unknown[f] =
            str_z(&b->app->perm, str_fmt(&b->app->perm, "%s:%d", at.file, at.line));
    return true;
}

static bool call_folder(struct php_call *c);

static const struct php_function application_methods[] = {
    {"environment", 0, -1, call_environment},
    {"isLocal", 0, 0, call_is_environment},
    {"isProduction", 0, 0, call_is_environment},
    {"runningUnitTests", 0, 0, call_is_environment},
    {"runningInConsole", 0, 0, call_true},
    {"configurationIsCached", 0, 0, call_is_cached},
    {"hasDebugModeEnabled", 0, 0, call_debug},
    {"getLocale", 0, 0, call_locale},
    {"currentLocale", 0, 0, call_locale},
    {"setLocale", 1, 1, call_set_locale},
    {"make", 1, 2, call_make},
    {"get", 1, 1, call_make},
    {"makeWith", 1, 2, call_make},
    {"offsetGet", 1, 1, call_make},
    {"register", 1, 2, call_register},
    {"booting", 1, 1, call_later},
    {"booted", 1, 1, call_later},
    {"configure", 0, 1, call_configure},
    {"withProviders", 0, 2, call_with_providers},
    {"withEvents", 0, 1, call_with_events},
    {"withExceptions", 0, 1, call_with_exceptions},
    {"loadEnvironmentFrom", 1, 1, call_moved},
    {"useEnvironmentPath", 1, 1, call_moved},
    {"useConfigPath", 1, 1, call_moved},
    {"useBootstrapPath", 1, 1, call_moved},
    {"useStoragePath", 1, 1, call_moved},
    {"useAppPath", 1, 1, call_moved},
    {"useDatabasePath", 1, 1, call_moved},
    {"usePublicPath", 1, 1, call_moved},
    {"useLangPath", 1, 1, call_moved},
    {"basePath", 0, 1, call_folder},
    {"path", 0, 1, call_folder},
    {"configPath", 0, 1, call_folder},
    {"databasePath", 0, 1, call_folder},
    {"publicPath", 0, 1, call_folder},
    {"resourcePath", 0, 1, call_folder},
    {"storagePath", 0, 1, call_folder},
    {NULL, 0, 0, NULL},
};

/* call_folder serves the methods whose helper has their name with an underscore. */
static bool call_folder(struct php_call *c)
{
    struct str name = str_from(c->name);
    name.len -= str_eq(name, S("path")) ? name.len : strlen("Path");
    struct str helper =
        str_fmt(c->perm, "%.*s_path", STR_ARG(name.len ? name : S("app")));
    for (size_t i = 0; i < c->len; i++)
        if (php_is_unknown(c->args[i])) {
            *c->result = php_unknown(c->perm, S(""));
            return true;
        }
    for (const struct php_function *f = host_functions; f->name; f++)
        if (str_eq(helper, str_from(f->name))) {
            struct php_call inner = *c;
            inner.name = f->name;
            return f->fn(&inner);
        }
    return err_set(c->e, ERR_UNSUPPORTED, "%s() is not supported", c->name);
}

/* $app->config is $app['config']. */
static bool application_prop(const struct php_object *o, struct str name,
                             struct arena *perm, struct php_value *out)
{
    (void)o;
    *out = str_eq(name, S("config")) ? native(perm, &repository, NULL)
                                     : php_unknown(perm, name);
    return true;
}

static const struct php_class application = {
    .name = "Illuminate\\Foundation\\Application",
    .methods = application_methods,
    .prop = application_prop,
};

struct php_value boot_application(struct boot *b, struct arena *perm)
{
    return native(perm, &application, b);
}

const struct php_function *boot_application_method(struct str name)
{
    for (const struct php_function *f = application_methods; f->name; f++)
        if (str_ieq(name, str_from(f->name)))
            return f;
    return NULL;
}

/* === functions === */

const struct php_function boot_functions[] = {
    {"config", 0, 2, call_config},
    {"Illuminate\\Support\\Facades\\Config::set", 1, 2, call_set},
    {"Illuminate\\Support\\Facades\\Config::get", 1, 2, call_get},
    {"Illuminate\\Support\\Facades\\Config::has", 1, 1, call_has},
    {"Illuminate\\Support\\Facades\\Config::string", 1, 2, call_get},
    {"Config::set", 1, 2, call_set},
    {"Config::get", 1, 2, call_get},
    {"Config::has", 1, 1, call_has},
    {"app", 0, 2, call_make},
    {"resolve", 1, 2, call_make},
    {"Carbon\\Carbon::setLocale", 1, 1, call_set_locale},
    {"Illuminate\\Support\\Carbon::setLocale", 1, 1, call_set_locale},
    {NULL, 0, 0, NULL},
};
