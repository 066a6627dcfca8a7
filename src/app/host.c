/* host.c: Laravel's helper functions, for config files and views. */
#include "app/app_imp.h"

static struct app *app_of(const struct php_call *c)
{
    return c->scope->host->data;
}

static bool text_arg(struct php_call *c, size_t i, struct str *out)
{
    *out = S("");
    return i >= c->len || php_to_string(c->args[i], c->perm, out, c->e);
}

/* otherwise is the second argument: what a closure returns, or the value itself. */
static bool otherwise(struct php_call *c)
{
    if (c->len < 2)
        return true;
    return php_value_of(c, c->args[1], c->result);
}

/* env(name, default): null in the environment is null, not the default. */
static bool call_env(struct php_call *c)
{
    struct str name;
    if (!text_arg(c, 0, &name))
        return false;
    php_note_env(c, name);
    if (!env_value(app_of(c)->env, name, c->result))
        return otherwise(c);
    return true;
}

/* config(path, default) */
static bool call_config(struct php_call *c)
{
    struct str path;
    if (c->args[0].type != PHP_STRING)
        return err_set(c->e, ERR_UNSUPPORTED, "config() needs the path of a value");
    if (!text_arg(c, 0, &path))
        return false;
    const struct php_value *v = app_config(app_of(c), str_z(c->perm, path));
    if (v && v->type == PHP_HOLE) {
        *c->e = *v->hole;
        return false;
    }
    if (v)
        *c->result = *v;
    else if (c->len > 1)
        *c->result = c->args[1];
    return true;
}

/* since(major) is ours, for the built-in defaults: whether the app's Laravel has it. */
static bool call_since(struct php_call *c)
{
    *c->result = php_bool(app_of(c)->major >= php_to_int(c->args[0]));
    return true;
}

/* join appends the argument to a folder, with one slash between them. */
static bool join(struct php_call *c, struct str folder)
{
    struct str relative;
    if (!text_arg(c, 0, &relative))
        return false;
    if (relative.len == 0) {
        *c->result = php_string(folder);
        return true;
    }
    while (relative.len && relative.ptr[0] == '/')
        relative = str_skip(relative, 1);
    folder = str_join(c->perm, folder, S("/"));
    *c->result = php_string(str_join(c->perm, folder, relative));
    return true;
}

static bool call_base_path(struct php_call *c)
{
    return join(c, app_of(c)->base);
}

static bool call_storage_path(struct php_call *c)
{
    return join(c, app_of(c)->storage);
}

/* call_folder_path serves those whose folder the app may move. */
static bool call_folder_path(struct php_call *c)
{
    static const struct {
        const char *function;
        enum app_folder folder;
    } folders[] = {
        {"app_path", FOLDER_APP},       {"config_path", FOLDER_CONFIG},
        {"public_path", FOLDER_PUBLIC}, {"database_path", FOLDER_DATABASE},
        {"lang_path", FOLDER_LANG},
    };
    char *folder;
    for (size_t i = 0; i < COUNT(folders); i++)
        if (strcmp(c->name, folders[i].function) == 0)
            return app_folder(app_of(c), folders[i].folder, c->perm, &folder, c->e) &&
                   join(c, str_from(folder));
    return err_set(c->e, ERR_UNSUPPORTED, "%s() is not supported", c->name);
}

static bool call_resource_path(struct php_call *c)
{
    return join(c, str_from(app_path(app_of(c), c->perm, "resources")));
}

static const struct php_function functions[] = {
    {"since", 1, 1, call_since},
    {"env", 1, 2, call_env},
    {"Illuminate\\Support\\Env::get", 1, 2, call_env},
    {"config", 1, 2, call_config},
    {"base_path", 0, 1, call_base_path},
    {"storage_path", 0, 1, call_storage_path},
    {"app_path", 0, 1, call_folder_path},
    {"config_path", 0, 1, call_folder_path},
    {"public_path", 0, 1, call_folder_path},
    {"database_path", 0, 1, call_folder_path},
    {"lang_path", 0, 1, call_folder_path},
    {"resource_path", 0, 1, call_resource_path},
    {NULL, 0, 0, NULL},
};

const struct php_function *const default_functions = functions;
const struct php_function *const host_functions = functions + 1;
