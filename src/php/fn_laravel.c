/* Laravel's helpers that need nothing of the app, and what asks about the machine. */
#include <limits.h>
#include <stdlib.h>

#include "php/expr_imp.h"
#include "php/fn_imp.h"

/* e($value): null is empty. */
static bool call_e(struct php_call *c)
{
    struct str s = S("");
    if (!php_to_string(c->args[0], c->perm, &s, c->e))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    php_escape(&b, s);
    return fn_return_buf(c, &b);
}

/* Str::slug($title, $separator = '-', $language = 'en') */
static bool call_slug(struct php_call *c)
{
    struct str title = S(""), separator = S("-"), language = S("en"), ascii;
    if (!fn_text(c, 0, "title", &title) || !fn_text(c, 1, "separator", &separator) ||
        !fn_text(c, 2, "language", &language))
        return false;
    bool usual = str_eq(separator, S("-")) || str_eq(separator, S("_")) ||
                 str_eq(separator, S("."));
    if (!usual || !str_eq(language, S("en")))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() with this separator or language is not supported", c->name);
    if (!php_ascii(c->perm, title, &ascii))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of Greek or Bengali letters is not supported", c->name);
    return fn_return_text(c, php_slug(c->perm, ascii, separator.ptr[0]));
}

/* extension_loaded($extension): those that Laravel cannot do without, or that every PHP
 * has, are there; of others only PHP itself knows. */
static bool call_extension_loaded(struct php_call *c)
{
    static const char *const present[] = {
        "core",      "ctype",  "date",       "dom",       "fileinfo",
        "filter",    "hash",   "json",       "pcre",      "mbstring",
        "openssl",   "pdo",    "session",    "tokenizer", "xml",
        "pdo_mysql", "random", "reflection", "spl",       "standard",
    };
    struct str name = S("");
    if (!fn_text(c, 0, "extension", &name))
        return false;
    for (size_t i = 0; i < COUNT(present); i++)
        if (str_ieq(name, str_from(present[i])))
            return fn_return(c, php_bool(true));
    return err_set(c->e, ERR_UNSUPPORTED,
                   "whether the extension \"%.*s\" is loaded is not known",
                   STR_ARG(name));
}

/* realpath($path): false when there is no such file. */
static bool call_realpath(struct php_call *c)
{
    struct str path = S("");
    if (!fn_text(c, 0, "path", &path))
        return false;
    if (path.len && memchr(path.ptr, '\0', path.len))
        return fn_return(c, php_bool(false));
    if (!str_starts(path, S("/")))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "realpath() of a relative path is not supported");
    char *real = realpath(str_z(c->perm, path), NULL);
    if (!real)
        return fn_return(c, php_bool(false));
    struct str copy = str_copy(c->perm, str_from(real));
    free(real);
    return fn_return_text(c, copy);
}

/* blank: null, text of blanks alone, an empty array; no number and no bool is. */
static bool is_blank(struct php_value v)
{
    if (v.type != PHP_STRING)
        return v.type == PHP_NULL || (v.type == PHP_ARRAY && v.a->len == 0);
    for (size_t i = 0; i < v.s.len; i++)
        if (!memchr(" \n\r\t\v", v.s.ptr[i], 6)) /* with the NUL */
            return false;
    return true;
}

static bool call_blank(struct php_call *c)
{
    return fn_return(c, php_bool(is_blank(c->args[0])));
}

static bool call_filled(struct php_call *c)
{
    return fn_return(c, php_bool(!is_blank(c->args[0])));
}

/* member looks one step of data_get's path up; *found false: it is not there. A key of an
 * array may hold null, a property may not. */
static bool member(struct php_call *c, struct php_value from, struct str name,
                   struct php_value *out, bool *found)
{
    *out = php_null();
    *found = false;
    if (from.type == PHP_OBJECT && from.o->kind == PHP_ROW) {
        if (!php_attribute(from.o, name, c->scope->host, c->perm, out, c->e))
            return false;
    } else if (from.type == PHP_OBJECT && from.o->kind != PHP_PLAIN) {
        return err_set(c->e, ERR_UNSUPPORTED,
                       "data_get() of a property of %.*s is not supported",
                       STR_ARG(from.o->class_name));
    } else if (from.type == PHP_ARRAY || from.type == PHP_OBJECT) {
        bool is_array = from.type == PHP_ARRAY;
        struct php_key k = is_array ? php_key_from(name) : (struct php_key){.s = name};
        const struct php_value *v =
            php_array_lookup(is_array ? from.a : from.o->props, k);
        *out = v ? php_deref(*v) : php_null();
        *found = v && is_array;
    }
    *found = *found || out->type != PHP_NULL;
    return true;
}

/* data_get($target, $key, $default = null), of arrays, models and plain objects */
static bool call_data_get(struct php_call *c)
{
    struct php_value target = c->args[0];
    bool plain = c->args[1].type == PHP_STRING && !str_has(c->args[1].s, S("*")) &&
                 !str_has(c->args[1].s, S("{"));
    if (!plain)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "data_get() by such a key is not supported");
    for (struct cut path = {.tail = c->args[1].s, .ok = true}; path.ok;) {
        path = str_cut(path.tail, '.');
        struct php_value v;
        bool found;
        if (!member(c, target, path.head, &v, &found))
            return false;
        if (!found)
            return fn_return(c, fn_has(c, 2) ? c->args[2] : php_null());
        target = v;
    }
    return fn_return(c, target);
}

static bool value_of(struct php_call *c, struct php_value v, const struct php_value *args,
                     size_t len, struct php_value *out)
{
    struct fn_callable callable;
    *out = v;
    if (v.type != PHP_OBJECT || v.o->native != &php_closure_class)
        return true;
    return fn_callable(c, v, &callable) && fn_apply(c, &callable, args, len, out);
}

bool php_value_of(struct php_call *c, struct php_value v, struct php_value *out)
{
    return value_of(c, v, NULL, 0, out);
}

/* value($value, ...$args) */
static bool call_value(struct php_call *c)
{
    return value_of(c, c->args[0], c->args + 1, c->len - 1, c->result);
}

const struct php_function fn_laravel[] = {
    {"value", 1, -1, call_value},
    {"blank", 1, 1, call_blank},
    {"filled", 1, 1, call_filled},
    {"data_get", 2, 3, call_data_get},
    {"e", 1, 1, call_e},
    {"extension_loaded", 1, 1, call_extension_loaded},
    {"realpath", 1, 1, call_realpath},
    {"Illuminate\\Support\\Str::slug", 1, 3, call_slug},
    {NULL, 0, 0, NULL},
};
