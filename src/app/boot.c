/* boot.c: the app's providers, run as Laravel runs them: all register(), then all boot().
 *
 * A provider may redirect mail, rename a queue, share data with views, for the
 * environment that it finds itself in. So they are run, by the evaluator, as far as it
 * goes; the judge (boot_judge.c) says what may be passed over. */
#include "app/app_imp.h"

/* What each note ends with. */
#define LEFT " – letters are left to PHP"

enum { SOURCE_MAX = 1 << 20, PROVIDERS_MAX = 1000 };

/* A class by its name; `declared` NULL: not the app's, or not to be read. */
struct boot_class {
    const struct php_declared *declared;
    const char *file;
};

/* === finding classes === */

/* load_autoload reads composer.json, which says where the app's own classes are. */
static bool load_autoload(struct boot *b, struct error *e)
{
    struct app *a = b->app;
    struct str text;
    struct error ignored = {0};
    struct php_value *root = NEW(&a->perm, struct php_value, 1);
    const char *file = app_path(a, &a->perm, "composer.json");
    bool there;
    if (!file_exists(file, &there, e))
        return false;
    if (!there)
        return true;
    if (!file_read(file, SOURCE_MAX, &a->perm, &text, e))
        return false;
    if (php_json_read(text, true, &a->perm, root, &ignored))
        b->autoload = php_path(root, "autoload.psr-4");
    return true;
}

/* file_below is the file of a class that lies in a namespace's folder. */
static char *file_below(struct boot *b, struct str name, struct str space,
                        struct str folder)
{
    struct app *a = b->app;
    if (!str_starts(name, space) || !space.len || str_has(name, S("..")))
        return NULL;
    struct str rest = str_skip(name, space.len);
    rest = str_replace(&a->perm, rest, S("\\"), S("/"));
    struct str path = str_from(path_join(&a->perm, a->base, folder));
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    return str_z(&a->perm,
                 str_fmt(&a->perm, "%.*s/%.*s.php", STR_ARG(path), STR_ARG(rest)));
}

/* file_of: NULL, the class is not one of the app's own. */
static char *file_of(struct boot *b, struct str name)
{
    const struct php_value *list = b->autoload;
    if (!list || list->type != PHP_ARRAY)
        return file_below(b, name, S("App\\"), S("app"));
    for (size_t i = 0; i < list->a->len; i++) {
        struct php_value folder = list->a->at[i].value;
        char *file = NULL;
        if (folder.type == PHP_ARRAY && folder.a->len)
            folder = folder.a->at[0].value;
        if (folder.type == PHP_STRING)
            file = file_below(b, name, list->a->at[i].key.s, folder.s);
        if (file)
            return file;
    }
    return NULL;
}

static struct boot_class *class_of(struct boot *b, struct str name)
{
    struct app *a = b->app;
    struct boot_class *c = map_lookup(&b->classes, name);
    struct str source;
    struct error e = {0};
    bool there = false;
    if (c)
        return c;
    c = NEW(&a->perm, struct boot_class, 1);
    map_put(&a->perm, &b->classes, str_copy(&a->perm, name), c);
    c->file = file_of(b, name);
    if (!c->file || (file_exists(c->file, &there, &e) && !there))
        return c;
    if (there && file_read(c->file, SOURCE_MAX, &a->perm, &source, &e))
        c->declared = php_declare(source, c->file, &a->perm, &e);
    if (!c->declared)
        boot_note(b, (struct php_place){c->file, e.line, e.col}, S(""),
                  "%.*s cannot be read: %s" LEFT, STR_ARG(name), e.text);
    return c;
}

static const struct php_declared *find(void *arg, struct str name)
{
    return class_of(arg, name)->declared;
}

/* === one provider === */

/* base_of follows the app's own classes to the first parent that is none. */
static struct str base_of(struct boot *b, const struct php_declared *c)
{
    struct str parent = php_declared_parent(c);
    for (int i = 0; i < 32 && (c = find(b, parent)); i++)
        parent = php_declared_parent(c);
    return parent;
}

/* place_of is where a provider declares a property; without one, its file. */
static struct php_place place_of(const struct php_declared *c, const char *property)
{
    struct php_place at = {php_declared_file(c), 0, 1};
    if (!php_declared_property(c, str_from(property), &at.line))
        at.col = 0;
    return at;
}

/* check_listeners judges the events that $listen and $subscribe name. */
static void check_listeners(struct boot *b, const struct php_declared *c,
                            const struct php_object *o)
{
    const struct php_value *listen = php_prop(o, S("listen"));
    const struct php_value *subscribe = php_prop(o, S("subscribe"));
    bool subscribes = subscribe && (subscribe->type != PHP_ARRAY || subscribe->a->len);
    for (size_t i = 0; listen && listen->type == PHP_ARRAY && i < listen->a->len; i++) {
        struct str event = listen->a->at[i].key.s;
        if (!boot_is_event_free(event))
            boot_note(b, place_of(c, "listen"), S(""),
                      "$listen has listeners for %.*s, which facteur does not run" LEFT,
                      STR_ARG(event));
    }
    if ((listen && listen->type != PHP_ARRAY) || subscribes)
        boot_note(b, place_of(c, subscribes ? "subscribe" : "listen"), S(""),
                  "which events are listened to is not known" LEFT);
    struct php_place at = {php_declared_file(c), 0, 0};
    b->discovers =
        b->discovers || php_declared_method(c, S("shouldDiscoverEvents"), &at.line);
    if (php_declared_method(c, S("discoverEventsWithin"), &at.line))
        boot_note(b, at, S(""), "where listeners are discovered is not known" LEFT);
}

/* check_lists judges what a provider declares in place of code. */
static void check_lists(struct boot *b, const struct php_declared *c,
                        const struct php_object *o)
{
    static const char *const bindings[] = {"bindings", "singletons"};
    const struct php_value *observers = php_prop(o, S("observers"));
    for (size_t i = 0; observers && observers->type == PHP_ARRAY && i < observers->a->len;
         i++) {
        struct str model = observers->a->at[i].key.s;
        boot_note(b, place_of(c, "observers"), model,
                  "$observers has an observer of %.*s, which facteur does not run" LEFT,
                  STR_ARG(model));
    }
    for (size_t i = 0; i < COUNT(bindings); i++) {
        const struct php_value *list = php_prop(o, str_from(bindings[i]));
        for (size_t k = 0; list && list->type == PHP_ARRAY && k < list->a->len; k++) {
            const struct php_entry *entry = &list->a->at[k];
            struct str name = entry->key.s;
            if (entry->key.is_int && entry->value.type == PHP_STRING)
                name = entry->value.s;
            if (!boot_is_abstract_free(name))
                boot_note(b, place_of(c, bindings[i]), S(""),
                          "$%s binds %.*s, which letters use" LEFT, bindings[i],
                          STR_ARG(name));
        }
    }
}

static bool is_deferred(const struct php_declared *c)
{
    return php_declared_implements(
        c, S("Illuminate\\Contracts\\Support\\DeferrableProvider"));
}

/* run_provider calls a method; what a deferred provider does is done when somebody asks
 * for what it provides, if ever. */
static bool run_provider(struct boot *b, struct php_value provider, const char *method,
                         bool maybe, struct error *e)
{
    const struct php_declared *c = find(b, provider.o->class_name);
    return php_run(&b->runner, provider, str_from(method), maybe || is_deferred(c),
                   &b->app->perm, e);
}

static bool is_framework(struct str name)
{
    return str_starts(name, S("Illuminate\\")) || str_starts(name, S("Laravel\\"));
}

/* check_shape notes what a provider has beside the methods that are run. */
static void check_shape(struct boot *b, const struct php_declared *c)
{
    struct str base = base_of(b, c);
    struct php_place at = {php_declared_file(c), 0, 1};
    if (php_declared_method(c, S(""), &at.line) ||
        php_declared_method(c, S("__construct"), &at.line))
        boot_note(b, at, S(""), "a part of this provider is not known to facteur" LEFT);
    at = (struct php_place){php_declared_file(c), 0, 0};
    if (!is_framework(base))
        boot_note(b, at, S(""), "what the provider inherits from %.*s is not known" LEFT,
                  STR_ARG(base));
}

/* is_new notes a provider's name: it is registered once. */
static bool is_new(struct boot *b, struct str name)
{
    for (size_t i = 0; i < b->names.len; i++)
        if (str_ieq(b->names.at[i], name))
            return false;
    VEC_PUSH(&b->app->perm, &b->names, str_copy(&b->app->perm, name));
    return true;
}

bool boot_register(struct boot *b, struct str name, struct php_place at, bool maybe,
                   struct error *e)
{
    struct arena *perm = &b->app->perm;
    struct error missing = {0}; /* where the class was looked for */
    bool there;
    if (!is_new(b, name))
        return true;
    const struct boot_class *c = class_of(b, name);
    if (!c->declared) {
        if (c->file && file_exists(c->file, &there, &missing) && !there)
            boot_note(b, at, S(""), "the provider %.*s is not in %s" LEFT, STR_ARG(name),
                      c->file);
        if (!c->file)
            boot_package(b, name);
        return true;
    }
    struct php_array *props = php_array_new(perm);
    php_array_put(perm, props, php_key_from(S("app")), boot_application(b, perm));
    struct php_value provider = php_new(&b->runner, c->declared, props, perm);
    check_shape(b, c->declared);
    check_listeners(b, c->declared, provider.o);
    check_lists(b, c->declared, provider.o);
    VEC_PUSH(perm, &b->providers, provider);
    if (!run_provider(b, provider, "register", maybe, e))
        return false;
    return !b->has_booted || run_provider(b, provider, "boot", maybe, e);
}

/* === the list === */

static bool register_all(struct boot *b, const struct php_value *list,
                         struct php_place at, struct error *e)
{
    if (!list || list->type != PHP_ARRAY || list->a->len > PROVIDERS_MAX)
        return true;
    for (size_t i = 0; i < list->a->len; i++) {
        struct php_value v = list->a->at[i].value;
        if (v.type != PHP_STRING)
            boot_note(b, at, S(""), "a provider's name is not known" LEFT);
        else if (!boot_register(b, v.s, at, false, e))
            return false;
    }
    return true;
}

/* register_configured: config app.providers; a cached configuration holds all of them. */
static bool register_configured(struct boot *b, struct error *e)
{
    struct app *a = b->app;
    const struct php_value *list = app_config(a, "app.providers");
    const char *file =
        a->config_file ? a->config_file : app_path(a, &a->perm, "config/app.php");
    if (list && list->type == PHP_HOLE)
        boot_note(
            b, (struct php_place){list->hole->file, list->hole->line, list->hole->col},
            S(""), "which providers the app has is not known: %s" LEFT, list->hole->text);
    return register_all(b, list, (struct php_place){file, 0, 0}, e);
}

/* register_listed: bootstrap/providers.php, from Laravel 11 on. */
static bool register_listed(struct boot *b, struct error *e)
{
    struct app *a = b->app;
    const char *path = app_path(a, &a->perm, "bootstrap/providers.php");
    struct str source;
    bool there;
    struct php_value list = php_null();
    struct error why = {0};
    if (!file_exists(path, &there, e))
        return false;
    if (a->major < 11 || a->config_file || !there)
        return true;
    bool ok = file_read(path, SOURCE_MAX, &a->perm, &source, &why) &&
              php_eval_file(source, path, &b->host, &a->perm, &list, &why);
    if (ok && list.type == PHP_HOLE)
        why = *list.hole;
    struct php_place at = {path, why.line, why.col};
    if (list.type != PHP_ARRAY) {
        boot_note(b, at, S(""), "which providers the app has is not known: %s" LEFT,
                  why.kind ? why.text : "the file returns no list");
        return true;
    }
    return register_all(b, &list, at, e);
}

/* run_bootstrap runs bootstrap/app.php: withProviders(), booted() and the like. */
static bool run_bootstrap(struct boot *b, struct error *e)
{
    struct app *a = b->app;
    const char *path = app_path(a, &a->perm, "bootstrap/app.php");
    struct str source;
    bool there;
    struct php_value ignored;
    struct error why = {0};
    if (!file_exists(path, &there, e))
        return false;
    if (!there)
        return true;
    b->in_bootstrap = true;
    bool ok = file_read(path, SOURCE_MAX, &a->perm, &source, &why) &&
              php_run_file(&b->runner, source, path, &a->perm, &ignored, &why);
    b->in_bootstrap = false;
    if (ok)
        return true;
    if (why.kind == ERR_FATAL && !why.line) {
        *e = why;
        return false;
    }
    boot_note(b, (struct php_place){path, why.line, why.col}, S(""),
              "the file cannot be read: %s" LEFT, why.text);
    return true;
}

static bool run_closures(struct boot *b, const struct php_value *at, size_t len,
                         struct error *e)
{
    struct app *a = b->app;
    struct php_value app = boot_application(b, &a->perm);
    for (size_t i = 0; i < len; i++) {
        if (php_call_closure(&b->runner, at[i], &app, 1, &a->perm, e))
            continue;
        if (e->kind == ERR_FATAL)
            return false;
        boot_note(b, (struct php_place){e->file, e->line, e->col}, S(""), "%s" LEFT,
                  e->text);
        err_clear(e);
    }
    return true;
}

/* register_more: what withProviders() was given. */
static bool register_more(struct boot *b, struct error *e)
{
    struct php_place at = {app_path(b->app, &b->app->perm, "bootstrap/app.php"), 0, 0};
    for (size_t i = 0; i < b->listed.len; i++)
        if (!boot_register(b, b->listed.at[i], at, false, e))
            return false;
    return true;
}

static bool run_all(struct boot *b, struct error *e)
{
    if (!run_bootstrap(b, e) || !register_configured(b, e) || !register_more(b, e) ||
        !register_listed(b, e) || !run_closures(b, b->booting.at, b->booting.len, e))
        return false;
    /* boot() may register more, which are booted at once. */
    b->has_booted = true;
    size_t len = b->providers.len;
    for (size_t i = 0; i < len; i++)
        if (!run_provider(b, b->providers.at[i], "boot", false, e))
            return false;
    return run_closures(b, b->booted.at, b->booted.len, e) && boot_events(b, e) &&
           boot_packages(b, e) && boot_files(b, e);
}

bool boot_load(struct app *a, struct error *e)
{
    struct boot *b = NEW(&a->perm, struct boot, 1);
    size_t n = 0, tables = 0;
    while (config_functions[tables])
        tables++;
    /* Those, the host's before them, and the NULL behind them. */
    const struct php_function **more =
        NEW(&a->perm, const struct php_function *, tables + 2);
    b->app = a;
    more[n++] = host_functions;
    for (size_t i = 0; config_functions[i]; i++)
        more[n++] = config_functions[i];
    b->host = a->host;
    b->host.functions = boot_functions;
    b->host.more = more;
    b->host.data = a;
    b->runner = (struct php_runner){
        .host = &b->host, .judge = boot_judge, .find = find, .arg = b};
    a->boot = b;
    bool ok = load_autoload(b, e) && run_all(b, e);
    if (b->has_packages)
        arena_close(&b->composer);
    b->packages = NULL;
    a->host.locale = b->host.locale;
    return ok;
}
