/* boot_judge.c: what may be passed over while the app starts, since no letter changes by
 * it. The rest leaves letters to PHP: a table of what is harmless, not of what is not. */
#include "app/app_imp.h"

/* === names === */

/* Facades also go by their short names, as aliases of the whole program. */
static const char facades[] =
    "App Arr Artisan Auth Blade Broadcast Bus Cache Config Cookie Crypt Date DB Event "
    "File Gate Hash Http Lang Log Mail Notification Password Process Queue RateLimiter "
    "Redirect Redis Request Response Route Schema Session Storage URL Validator View "
    "Vite";

static struct str full_name(struct str name, struct arena *perm)
{
    if (!str_has(name, S("\\")) && boot_any_of(name, facades))
        return str_fmt(perm, "Illuminate\\Support\\Facades\\%.*s", STR_ARG(name));
    return name;
}

/* === classes whose methods no letter notices ===
 *
 * A closure that they are given is kept for later, or is about routes: one that is run at
 * once, as Cache::remember() does, may do anything. */

static const struct free_class {
    const char *name;    /* one that ends with "\" is a namespace */
    const char *methods; /* NULL: all */
} free_classes[] = {
    {"Illuminate\\Support\\Facades\\Log",
     "emergency alert critical error warning notice info debug log write build stack "
     "channel driver withContext withoutContext shareContext sharedContext "
     "flushSharedContext getDefaultDriver getChannels forgetChannel"},
    {"Illuminate\\Support\\Facades\\Gate", NULL},
    {"Illuminate\\Support\\Facades\\Route", NULL},
    {"Illuminate\\Support\\Facades\\RateLimiter", NULL},
    {"Illuminate\\Support\\Facades\\Schema",
     "defaultStringLength defaultMorphKeyType morphUsingUuids morphUsingUlids "
     "defaultTimePrecision hasTable hasColumn blueprintResolver"},
    {"Illuminate\\Support\\Facades\\Broadcast", NULL},
    {"Illuminate\\Support\\Facades\\Validator", NULL},
    {"Illuminate\\Support\\Facades\\Vite", NULL},
    {"Illuminate\\Support\\Facades\\URL", NULL},
    {"Illuminate\\Support\\Facades\\Request", NULL},
    {"Illuminate\\Support\\Facades\\Response", NULL},
    {"Illuminate\\Support\\Facades\\Auth", NULL},
    {"Illuminate\\Support\\Facades\\Password", NULL},
    {"Illuminate\\Support\\Facades\\Cookie", NULL},
    {"Illuminate\\Support\\Facades\\Session", NULL},
    {"Illuminate\\Support\\Facades\\Storage", NULL},
    {"Illuminate\\Support\\Facades\\Http", NULL},
    {"Illuminate\\Support\\Facades\\DB",
     "whenQueryingForLongerThan prohibitDestructiveCommands enableQueryLog "
     "disableQueryLog"},
    {"Illuminate\\Support\\Facades\\Cache", "get has"},
    {"Illuminate\\Support\\Facades\\Date", "macro mixin"},
    {"Illuminate\\Support\\Facades\\Artisan", "command"},
    {"Illuminate\\Support\\ServiceProvider",
     "loadMigrationsFrom loadRoutesFrom loadViewsFrom loadViewComponentsAs "
     "loadTranslationsFrom loadJsonTranslationsFrom loadFactoriesFrom publishes "
     "publishesMigrations commands optimizes register boot registerPolicies routes "
     "mapWebRoutes mapApiRoutes configureRateLimiting"},
    {"Illuminate\\Foundation\\Support\\Providers\\", NULL},
    {"Illuminate\\Database\\Eloquent\\Model",
     "unguard reguard preventLazyLoading automaticallyEagerLoadRelationships "
     "handleLazyLoadingViolationUsing handleMissingAttributeViolationUsing "
     "handleDiscardedAttributeViolationUsing"},
    {"Illuminate\\Database\\Eloquent\\Relations\\Relation",
     "morphMap enforceMorphMap requireMorphMap"},
    {"Illuminate\\Database\\Schema\\Builder", NULL},
    {"Illuminate\\Foundation\\Configuration\\Exceptions",
     "render renderable respond dontFlash shouldRenderJsonWhen "
     "truncateRequestExceptionsAt "
     "dontTruncateRequestExceptions handler"},
    {"Illuminate\\Foundation\\Configuration\\Middleware", NULL},
    {"Illuminate\\Foundation\\Http\\", NULL},
    {"Illuminate\\Auth\\", NULL},
    {"Illuminate\\Cache\\RateLimiting\\", NULL},
    {"Illuminate\\Http\\", NULL},
    {"Illuminate\\Routing\\", NULL},
    {"Illuminate\\Pagination\\", NULL},
    {"Illuminate\\Validation\\", NULL},
    {"Illuminate\\Session\\", NULL},
    {"Illuminate\\Contracts\\Auth\\", NULL},
    {"Illuminate\\Contracts\\Routing\\", NULL},
    {"Illuminate\\Contracts\\Http\\", NULL},
    {"Psr\\Log\\", NULL},
    {"Laravel\\", NULL},
    {"Livewire\\", NULL},
    {"Filament\\", NULL},
    {"Inertia\\", NULL},
    {"Dedoc\\Scramble\\", NULL},
};

/* Functions that change nothing that is the letters'. */
static const char free_functions[] =
    "logger info report report_if report_unless request session auth cookie route url "
    "asset secure_url action trans trans_choice __ abort abort_if abort_unless optional "
    "class_exists interface_exists trait_exists enum_exists function_exists "
    "method_exists property_exists extension_loaded ini_get set_time_limit "
    "error_reporting gc_enable gc_collect_cycles spl_autoload_register php_sapi_name "
    "gethostname getmypid mkdir touch chmod error_log debug_backtrace";

/* Methods that add something under a new name: macros never stand in front of a method
 * that exists. */
static const char additions[] = "macro mixin";

static bool is_free(struct str class_name, struct str method)
{
    if (boot_any_of(method, additions))
        return true;
    for (size_t i = 0; i < COUNT(free_classes); i++) {
        const struct free_class *f = &free_classes[i];
        struct str name = str_from(f->name);
        bool same = str_ends(name, S("\\"))
                        ? str_ieq(str_sub(class_name, 0, name.len), name)
                        : str_ieq(class_name, name);
        if (same && (!f->methods || boot_any_of(method, f->methods)))
            return true;
    }
    return false;
}

/* === the judge === */

static struct str text_of(const struct php_effect *d, size_t i)
{
    return i < d->len && d->args[i].type == PHP_STRING ? d->args[i].s : S("");
}

/* note_effect words an effect: Mail::alwaysTo(), ->bind(), … */
static void note_effect(struct boot *b, const struct php_effect *d, struct str touches)
{
    const char *between = d->kind == PHP_EFFECT_STATIC ? "::" : "->";
    struct str of = d->class_name;
    bool maybe = d->maybe;
    for (size_t i = of.len; i > 0; i--)
        if (of.ptr[i - 1] == '\\') {
            of = str_skip(of, i);
            break;
        }
    if (d->kind == PHP_EFFECT_FUNCTION)
        between = "";
    boot_note(b, d->place, touches,
              "%.*s%s%.*s()%s – facteur does not know what this does to letters, which "
              "are left to PHP",
              STR_ARG(of), between, STR_ARG(d->name),
              maybe ? ", which may be called" : "");
}

/* on_container judges what binds something under a name. */
static bool on_container(const struct php_effect *d)
{
    static const char binds[] =
        "bind bindIf singleton singletonIf scoped scopedIf instance extend tag resolving "
        "afterResolving beforeResolving rebinding callAfterResolving bindMethod when "
        "addContextualBinding alias";
    static const char reads[] =
        "bound has resolved isAlias version getNamespace routesAreCached eventsAreCached "
        "isBooted isLocale isDownForMaintenance maintenanceMode runningConsoleCommand "
        "getProvider getProviders getLoadedProviders hasBeenBootstrapped "
        "getCachedConfigPath terminating addDeferredServices setFallbackLocale "
        "withFacades withEloquent create configure withRouting withMiddleware "
        "withExceptions withCommands withSchedule withBroadcasting withKernels "
        "handleCommand handleRequest";
    if (boot_any_of(d->name, reads))
        return true;
    if (!boot_any_of(d->name, binds))
        return false;
    /* Only a name that is known can be judged; alias() gives its second another one. */
    bool renames = str_ieq(d->name, S("alias"));
    return boot_is_abstract_free(text_of(d, 0)) &&
           (!renames || boot_is_abstract_free(text_of(d, 1)));
}

/* on_application: methods of $app that are known are called, others are judged. */
static bool on_application(struct boot *b, const struct php_effect *d,
                           struct php_value *out, struct error *e)
{
    const struct php_function *f = boot_application_method(d->name);
    if (f && d->call && d->len >= (size_t)f->min) {
        struct php_value self = boot_application(b, d->perm);
        struct php_call c = *d->call;
        c.name = f->name;
        c.self = &self;
        c.result = out;
        c.e = e;
        *out = php_null();
        return f->fn(&c);
    }
    /* configure() and what is chained to it are about the application itself. */
    if (str_ieq(str_sub(d->name, 0, 4), S("with")) || str_ieq(d->name, S("create")) ||
        str_ieq(d->name, S("configure")))
        *out = boot_application(b, d->perm);
    if (!on_container(d))
        note_effect(b, d, S(""));
    return true;
}

/* on_model judges what is hooked to one model: only its own letters notice. */
static bool on_model(struct boot *b, const struct php_effect *d)
{
    static const char hooks[] =
        "observe retrieved creating created updating updated saving saved deleting "
        "deleted restoring restored replicating forceDeleting forceDeleted trashed "
        "addGlobalScope addGlobalScopes resolveRelationUsing";
    if (!boot_any_of(d->name, hooks))
        return false;
    /* One of all models is one of the letters' models. */
    note_effect(b, d,
                str_starts(d->class_name, S("Illuminate\\")) ? S("") : d->class_name);
    return true;
}

/* A switch of Eloquent that is turned off is as if it were not there. */
static bool is_off(const struct php_effect *d, struct str class_name)
{
    return str_ieq(class_name, S("Illuminate\\Database\\Eloquent\\Model")) &&
           boot_any_of(d->name, "shouldBeStrict preventAccessingMissingAttributes "
                                "preventSilentlyDiscardingAttributes") &&
           d->len == 1 && !php_is_unknown(d->args[0]) && !php_truthy(d->args[0]) &&
           !d->call->named;
}

static bool is_event_free(const struct php_effect *d, struct str class_name)
{
    if (!str_ieq(class_name, S("Illuminate\\Support\\Facades\\Event")) ||
        !str_ieq(d->name, S("listen")) || d->len < 2)
        return false;
    if (d->args[0].type != PHP_ARRAY)
        return boot_is_event_free(text_of(d, 0));
    for (size_t i = 0; i < d->args[0].a->len; i++) {
        struct php_value v = d->args[0].a->at[i].value;
        if (v.type != PHP_STRING || !boot_is_event_free(v.s))
            return false;
    }
    return true;
}

static bool on_static(struct boot *b, const struct php_effect *d, struct php_value *out,
                      struct error *e)
{
    static const char application[] = "Illuminate\\Support\\Facades\\App";
    struct str name = full_name(d->class_name, d->perm);
    if (str_ieq(name, str_from(application)) ||
        str_ieq(name, S("Illuminate\\Foundation\\Application")))
        return on_application(b, d, out, e);
    if (is_free(name, d->name) || is_off(d, name) || is_event_free(d, name) ||
        on_model(b, d))
        return true;
    note_effect(b, d, S(""));
    return true;
}

/* on_provider judges what a provider calls of its own framework's class. */
static bool on_provider(struct boot *b, const struct php_effect *d, struct php_value *out,
                        struct error *e)
{
    bool of_config = str_ieq(d->name, S("mergeConfigFrom"));
    if (of_config && app_boot_setting_free(text_of(d, 1)) && text_of(d, 1).len)
        return true;
    if (str_ieq(d->name, S("callAfterResolving")) && on_container(d))
        return true;
    if (str_ieq(d->name, S("booted")) || str_ieq(d->name, S("booting")))
        return on_application(b, d, out, e);
    note_effect(b, d, S(""));
    return true;
}

static bool on_method(struct boot *b, const struct php_effect *d, struct php_value *out,
                      struct error *e)
{
    struct str name = full_name(d->class_name, d->perm);
    if (str_ieq(name, S("Illuminate\\Foundation\\Application")) ||
        str_ieq(name, S("Illuminate\\Contracts\\Foundation\\Application")) ||
        str_ieq(name, S("Illuminate\\Contracts\\Container\\Container")))
        return on_application(b, d, out, e);
    if (is_free(name, d->name))
        return true;
    if (str_ieq(name, S("Illuminate\\Support\\ServiceProvider")))
        return on_provider(b, d, out, e);
    note_effect(b, d, S(""));
    return true;
}

static bool on_function(struct boot *b, const struct php_effect *d)
{
    if (boot_any_of(d->name, free_functions))
        return true;
    if (str_ieq(d->name, S("ini_set")) &&
        boot_any_of(text_of(d, 0), "memory_limit max_execution_time display_errors"))
        return true;
    note_effect(b, d, S(""));
    return true;
}

bool boot_judge(void *arg, const struct php_effect *d, struct php_value *out,
                struct error *e)
{
    struct boot *b = arg;
    switch (d->kind) {
    case PHP_EFFECT_FUNCTION:
        return on_function(b, d);
    case PHP_EFFECT_STATIC:
        return on_static(b, d, out, e);
    case PHP_EFFECT_METHOD:
        return on_method(b, d, out, e);
    case PHP_EFFECT_NEW:
        if (str_ieq(d->class_name, S("Illuminate\\Foundation\\Application")))
            *out = boot_application(b, d->perm);
        else
            *out = php_unknown(d->perm, d->class_name);
        return true;
    case PHP_EFFECT_STORE:
        if (!is_free(full_name(d->class_name, d->perm), d->name))
            boot_note(b, d->place, S(""),
                      "->%.*s = … – facteur does not know what this does to letters, "
                      "which are left to PHP",
                      STR_ARG(d->name));
        return true;
    case PHP_EFFECT_LOST:
        if (d->class_name.len && is_free(full_name(d->class_name, d->perm), d->name))
            return true;
        /* fall through */
    case PHP_EFFECT_STATEMENT:
        boot_note(b, d->place, S(""), "%s – letters are left to PHP", d->why);
        return true;
    }
    return true;
}
