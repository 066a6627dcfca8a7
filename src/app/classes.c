/* classes.c: where the app's classes stand, by the lists that Composer writes. */
#include <sys/stat.h>

#include "app/app_imp.h"

enum { LIST_MAX = 16 << 20, SOURCE_MAX = 1 << 20 };

/* composer_list evaluates a file of vendor/composer; NULL: there is none. */
static const struct php_array *composer_list(struct app *a, const char *name,
                                             struct arena *perm)
{
    struct str source, relative = str_fmt(perm, "vendor/composer/autoload_%s.php", name);
    const char *path = app_path(a, perm, str_z(perm, relative));
    struct php_value v = php_null();
    struct php_host host = {.functions = host_functions, .data = a};
    struct error ignored = {0};
    if (!file_read(path, LIST_MAX, perm, &source, &ignored) ||
        !php_eval_file(source, path, &host, perm, &v, &ignored) || v.type != PHP_ARRAY)
        return NULL;
    return v.a;
}

static bool is_file(struct str path, struct arena *perm, const char **out)
{
    struct stat st;
    *out = str_z(perm, path);
    return stat(*out, &st) == 0 && S_ISREG(st.st_mode);
}

/* below looks in the folders of one prefix for the rest of a name. */
static bool below(const struct php_array *folders, struct str rest, struct arena *perm,
                  const char **out)
{
    struct str relative = str_replace(perm, rest, S("\\"), S("/"));
    for (size_t i = 0; i < folders->len; i++) {
        struct php_value v = folders->at[i].value;
        if (v.type == PHP_STRING &&
            is_file(str_fmt(perm, "%.*s/%.*s.php", STR_ARG(v.s), STR_ARG(relative)), perm,
                    out))
            return true;
    }
    return false;
}

/* by_prefix goes as Composer does: the longest prefix whose folder has the file. */
static bool by_prefix(const struct php_array *list, struct str class_name,
                      struct arena *perm, const char **out)
{
    for (size_t len = class_name.len; list && len > 0; len--) {
        if (class_name.ptr[len - 1] != '\\')
            continue;
        struct php_key prefix = {.s = str_sub(class_name, 0, len)};
        const struct php_value *folders = php_array_lookup(list, prefix);
        if (folders && folders->type == PHP_ARRAY &&
            below(folders->a, str_skip(class_name, len), perm, out))
            return true;
    }
    return false;
}

/* find_file looks a class up. *known is false where there are no lists. */
static bool find_file(struct app *a, struct str class_name, struct arena *perm,
                      const char **out, bool *known)
{
    const struct php_array *prefixes = composer_list(a, "psr4", perm);
    const struct php_array *list = composer_list(a, "classmap", perm);
    const struct php_value *v =
        list ? php_array_lookup(list, (struct php_key){.s = class_name}) : NULL;
    *known = prefixes && list;
    if (v && v->type == PHP_STRING && is_file(v->s, perm, out))
        return true;
    return by_prefix(prefixes, class_name, perm, out);
}

bool class_source(const struct php_host *host, struct str class_name, struct arena *perm,
                  const char **file, struct str *source)
{
    struct app *a = host->data;
    struct arena tmp = a->scratch;
    struct error ignored = {0};
    bool known;
    const char *path;
    if (!find_file(a, class_name, &tmp, &path, &known))
        return false;
    *file = str_z(perm, str_from(path));
    return file_read(*file, SOURCE_MAX, perm, source, &ignored);
}

/* === class_exists($class), interface_exists, trait_exists, enum_exists === */

/* Classes that every PHP has which can run the app. */
static bool is_php_s_own(struct str name)
{
    static const char *const own[] = {
        "ArrayObject", "Closure", "DateTime", "DateTimeImmutable", "Exception",
        "Generator",   "PDO",     "stdClass", "WeakMap",           "WeakReference",
    };
    for (size_t i = 0; i < COUNT(own); i++)
        if (str_ieq(name, str_from(own[i])))
            return true;
    return false;
}

/* Namespaces of PHP's extensions: what is in them, only PHP knows. */
static bool may_be_php_s(struct str name)
{
    static const char *const spaces[] = {
        "BcMath",     "CommonMark", "Couchbase", "Dba",      "Dom",     "Ds",
        "Ev",         "FFI",        "Grpc",      "Inotify",  "MongoDB", "Odbc",
        "OpenSwoole", "Parle",      "Pdo",       "PgSql",    "Random",  "RdKafka",
        "Soap",       "Swoole",     "Uri",       "parallel", "pcov",
    };
    struct cut c = str_cut(name, '\\');
    for (size_t i = 0; c.ok && i < COUNT(spaces); i++)
        if (str_ieq(c.head, str_from(spaces[i])))
            return true;
    return !c.ok;
}

static bool unknown_class(struct php_call *c, struct str name)
{
    return err_set(c->e, ERR_UNSUPPORTED, "whether there is a class %.*s is not known",
                   STR_ARG(name));
}

/* is_declared: class_exists takes enums too, and neither interfaces nor traits. */
static bool is_declared(const char *function, enum php_declares what)
{
    if (strcmp(function, "class_exists") == 0)
        return what == PHP_DECLARES_CLASS || what == PHP_DECLARES_ENUM;
    if (strcmp(function, "interface_exists") == 0)
        return what == PHP_DECLARES_INTERFACE;
    return what == (strcmp(function, "enum_exists") == 0 ? PHP_DECLARES_ENUM
                                                         : PHP_DECLARES_TRAIT);
}

static bool call_class_exists(struct php_call *c)
{
    struct app *a = c->scope->host->data;
    struct arena tmp = a->scratch;
    struct str name = S(""), source;
    struct error ignored = {0};
    const char *file;
    bool known, is_class = strcmp(c->name, "class_exists") == 0;
    if (!php_to_string(c->args[0], c->perm, &name, c->e))
        return false;
    if (str_starts(name, S("\\")))
        name = str_skip(name, 1);
    if (is_class && is_php_s_own(name)) {
        *c->result = php_bool(true);
        return true;
    }
    bool there = find_file(a, name, &tmp, &file, &known);
    enum php_declares what = PHP_DECLARES_NOTHING;
    if (there && file_read(file, SOURCE_MAX, &tmp, &source, &ignored))
        what = php_file_declares(source, name);
    if (there ? !what : !known || may_be_php_s(name))
        return unknown_class(c, name);
    *c->result = php_bool(there && is_declared(c->name, what));
    return true;
}

const struct php_function class_functions[] = {
    {"class_exists", 1, 2, call_class_exists},
    {"interface_exists", 1, 2, call_class_exists},
    {"trait_exists", 1, 2, call_class_exists},
    {"enum_exists", 1, 2, call_class_exists},
    {NULL, 0, 0, NULL},
};
