/* host_config.c: what config files, but not views, may call: the environment by its other
 * names, files beside the app, and what Laravel's classes answer while it starts. */
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_imp.h"

enum { FILE_MAX = 1 << 20 };

static struct app *app_of(const struct php_call *c)
{
    return c->scope->host->data;
}

static bool text_arg(struct php_call *c, size_t i, struct str *out)
{
    *out = S("");
    return i >= c->len || php_to_string(c->args[i], c->perm, out, c->e);
}

/* === the environment === */

/* raw looks a variable up as text. */
static bool raw(struct php_call *c, struct str *out, bool *found)
{
    struct str name;
    if (!text_arg(c, 0, &name))
        return false;
    php_note_env(c, name);
    *found = env_lookup(app_of(c)->env, name, out);
    return true;
}

/* getenv(name): text as it stands there, or false. */
static bool call_getenv(struct php_call *c)
{
    struct str value;
    bool found;
    if (!raw(c, &value, &found))
        return false;
    *c->result = found ? php_string(value) : php_bool(false);
    return true;
}

/* $_ENV[name] and $_SERVER[name]: null where there is none. What PHP itself puts there is
 * of its process: artisan's command line, which a provider may go by. */
static bool call_superglobal(struct php_call *c)
{
    static const char own[] = "argv argc PHP_SELF SCRIPT_NAME SCRIPT_FILENAME "
                              "PATH_TRANSLATED DOCUMENT_ROOT REQUEST_TIME "
                              "REQUEST_TIME_FLOAT";
    struct str value;
    bool found;
    if (!raw(c, &value, &found))
        return false;
    if (!found && c->args[0].type == PHP_STRING && boot_any_of(c->args[0].s, own))
        return err_set(c->e, ERR_UNSUPPORTED, "$_SERVER['%.*s'] is PHP's own",
                       STR_ARG(c->args[0].s));
    *c->result = found ? php_string(value) : php_null();
    return true;
}

/* === files === */

/* path_arg reads an absolute path; one that cannot be is no file. */
static bool path_arg(struct php_call *c, struct str *path)
{
    if (!text_arg(c, 0, path))
        return false;
    if (path->len && path->ptr[0] != '/')
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of a relative path is not supported",
                       c->name);
    if (memchr(path->ptr, '\0', path->len))
        *path = S("");
    return true;
}

/* call_is serves file_exists, is_file, is_dir and is_readable. */
static bool call_is(struct php_call *c)
{
    struct str path;
    struct stat st;
    if (!path_arg(c, &path))
        return false;
    const char *file = str_z(c->perm, path);
    bool there = path.len && stat(file, &st) == 0;
    if (there && strcmp(c->name, "is_file") == 0)
        there = S_ISREG(st.st_mode);
    if (there && strcmp(c->name, "is_dir") == 0)
        there = S_ISDIR(st.st_mode);
    if (there && strcmp(c->name, "is_readable") == 0)
        there = access(file, R_OK) == 0;
    *c->result = php_bool(there);
    return true;
}

/* file_get_contents(path): a secret that is mounted, a certificate. */
static bool call_contents(struct php_call *c)
{
    struct str path, text;
    struct error why = {0};
    if (!path_arg(c, &path))
        return false;
    if (!file_read(str_z(c->perm, path), FILE_MAX, c->perm, &text, &why))
        return err_set(c->e, ERR_JOB, "file_get_contents(): %s", why.text);
    *c->result = php_string(text);
    return true;
}

/* === Laravel while it starts === */

/* call_environment: in a config file Laravel itself throws here, since it takes the
 * environment's name from the configuration that is just being read. */
static bool call_environment(struct php_call *c)
{
    return err_set(c->e, ERR_JOB,
                   "Laravel does not know its environment while it reads config files "
                   "(use env('APP_ENV'))");
}

static bool call_console(struct php_call *c)
{
    *c->result = php_bool(true);
    return true;
}

static bool call_app_path(struct php_call *c);

static const struct php_function app_methods[] = {
    {"environment", 0, -1, call_environment},
    {"isLocal", 0, 0, call_environment},
    {"isProduction", 0, 0, call_environment},
    {"runningUnitTests", 0, 0, call_environment},
    {"runningInConsole", 0, 0, call_console},
    {"basePath", 0, 1, call_app_path},
    {"configPath", 0, 1, call_app_path},
    {"databasePath", 0, 1, call_app_path},
    {"langPath", 0, 1, call_app_path},
    {"publicPath", 0, 1, call_app_path},
    {"resourcePath", 0, 1, call_app_path},
    {"storagePath", 0, 1, call_app_path},
    {NULL, 0, 0, NULL},
};

/* call_app_path serves the methods whose helper has their name with an underscore. */
static bool call_app_path(struct php_call *c)
{
    struct str name = str_from(c->name);
    name.len -= strlen("Path");
    struct str helper = str_fmt(c->perm, "%.*s_path", STR_ARG(name));
    for (const struct php_function *f = host_functions; f->name; f++)
        if (str_eq(helper, str_from(f->name)))
            return f->fn(&(struct php_call){.name = f->name,
                                            .args = c->args,
                                            .len = c->len,
                                            .scope = c->scope,
                                            .perm = c->perm,
                                            .result = c->result,
                                            .e = c->e});
    return err_set(c->e, ERR_UNSUPPORTED, "%s() is not supported", c->name);
}

static const struct php_class application = {
    .name = "Illuminate\\Foundation\\Application",
    .methods = app_methods,
};

/* app(): the application; what its container holds is not known here. */
static bool call_app(struct php_call *c)
{
    struct php_object *o =
        php_object_new(c->perm, PHP_NATIVE, str_from(application.name));
    o->native = &application;
    *c->result = php_from_object(o);
    return true;
}

/* Sanctum::currentApplicationUrlWithPort(): ",host:port" of app.url. */
static bool call_sanctum(struct php_call *c)
{
    struct app_url url;
    struct str text;
    if (!app_config_string(app_of(c), "app.url", S(""), &text, c->e))
        return false;
    *c->result = php_string(S(""));
    if (text.len == 0 || !app_url_parse(text, c->perm, &url, c->e))
        return c->e->kind == ERR_NONE;
    *c->result =
        php_string(url.port ? str_fmt(c->perm, ",%.*s:%d", STR_ARG(url.host), url.port)
                            : str_fmt(c->perm, ",%.*s", STR_ARG(url.host)));
    return true;
}

/* === lists of the framework === */

static bool call_all(struct php_call *c)
{
    *c->result = php_from_array(c->self->o->data);
    return true;
}

static struct php_value list_of(struct arena *perm, const struct php_class *class_of,
                                struct php_array *a)
{
    struct php_object *o = php_object_new(perm, PHP_NATIVE, str_from(class_of->name));
    o->native = class_of;
    o->data = a;
    return php_from_object(o);
}

static bool array_arg(struct php_call *c, const struct php_array **out)
{
    *out = c->args[0].type == PHP_ARRAY ? c->args[0].a : NULL;
    return *out || err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of anything but an array is not supported", c->name);
}

/* merge(array): as array_merge; a list of providers stays one. */
static bool call_merge(struct php_call *c)
{
    const struct php_array *more, *mine = c->self->o->data;
    struct php_array *out = php_array_new(c->perm);
    if (!array_arg(c, &more))
        return false;
    for (size_t i = 0; i < mine->len; i++)
        php_array_copy(c->perm, out, &mine->at[i], true);
    for (size_t i = 0; i < more->len; i++)
        php_array_copy(c->perm, out, &more->at[i], true);
    *c->result = list_of(c->perm, c->self->o->native, out);
    return true;
}

/* replace(array): one provider in the place of another. */
static bool call_replace(struct php_call *c)
{
    const struct php_array *by, *mine = c->self->o->data;
    struct php_array *out = php_array_new(c->perm);
    if (!array_arg(c, &by))
        return false;
    for (size_t i = 0; i < mine->len; i++) {
        const struct php_value *v = NULL;
        if (mine->at[i].value.type == PHP_STRING)
            v = php_array_lookup(by, php_key_from(mine->at[i].value.s));
        php_array_push(c->perm, out, v ? *v : mine->at[i].value);
    }
    *c->result = list_of(c->perm, c->self->o->native, out);
    return true;
}

/* except(array): all but these providers. */
static bool call_except(struct php_call *c)
{
    const struct php_array *less, *mine = c->self->o->data;
    struct php_array *out = php_array_new(c->perm);
    if (!array_arg(c, &less))
        return false;
    for (size_t i = 0; i < mine->len; i++) {
        bool gone = false;
        for (size_t k = 0; k < less->len; k++)
            gone = gone || php_equal(less->at[k].value, mine->at[i].value);
        if (!gone)
            php_array_push(c->perm, out, mine->at[i].value);
    }
    *c->result = list_of(c->perm, c->self->o->native, out);
    return true;
}

static const struct php_class providers = {
    .name = "Illuminate\\Support\\DefaultProviders",
    .methods = (const struct php_function[]){{"merge", 1, 1, call_merge},
                                             {"replace", 1, 1, call_replace},
                                             {"except", 1, 1, call_except},
                                             {"toArray", 0, 0, call_all},
                                             {NULL, 0, 0, NULL}},
};

static const struct php_class aliases = {
    .name = "Illuminate\\Support\\Collection",
    .methods = (const struct php_function[]){{"merge", 1, 1, call_merge},
                                             {"toArray", 0, 0, call_all},
                                             {"all", 0, 0, call_all},
                                             {NULL, 0, 0, NULL}},
};

/* framework_list lends a list of src/app/defaults/framework.php. */
static bool framework_list(struct php_call *c, const char *name,
                           const struct php_class *class_of)
{
    struct app *a = app_of(c);
    struct str source;
    struct php_value v = php_null();
    static const char path[] = "src/app/defaults/framework.php";
    struct php_host host = {.functions = default_functions, .data = a};
    if (!asset_lookup(str_from(path), &source) ||
        !php_eval_file(source, path, &host, c->perm, &v, c->e))
        return c->e->kind != ERR_NONE ? false : err_set(c->e, ERR_FATAL, "no %s", path);
    const struct php_value *list = php_path(&v, name);
    if (!list || list->type != PHP_ARRAY)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() is not known", c->name);
    *c->result = list_of(c->perm, class_of, list->a);
    return true;
}

static bool call_providers(struct php_call *c)
{
    return framework_list(c, "providers", &providers);
}

static bool call_aliases(struct php_call *c)
{
    return framework_list(c, "aliases", &aliases);
}

static const struct php_function functions[] = {
    {"getenv", 1, 2, call_getenv},
    {"$_ENV", 1, 1, call_superglobal},
    {"file_exists", 1, 1, call_is},
    {"is_file", 1, 1, call_is},
    {"is_dir", 1, 1, call_is},
    {"is_readable", 1, 1, call_is},
    {"file_get_contents", 1, 1, call_contents},
    {"app", 0, 0, call_app},
    {"App::environment", 0, -1, call_environment},
    {"Illuminate\\Support\\Facades\\App::environment", 0, -1, call_environment},
    {"Illuminate\\Support\\Facades\\App::isProduction", 0, 0, call_environment},
    {"Illuminate\\Support\\Facades\\App::isLocal", 0, 0, call_environment},
    {"Laravel\\Sanctum\\Sanctum::currentApplicationUrlWithPort", 0, 0, call_sanctum},
    {"Illuminate\\Support\\ServiceProvider::defaultProviders", 0, 0, call_providers},
    {"Illuminate\\Support\\Facades\\Facade::defaultAliases", 0, 0, call_aliases},
    {NULL, 0, 0, NULL},
};

const struct php_function *const config_functions[] = {
    functions,
    value_functions,
    digest_functions,
    class_functions,
    php_text_functions,
    php_arr_functions,
    php_collect_functions,
    php_regex_functions,
    NULL,
};
