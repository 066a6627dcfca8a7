/* boot_files.c: files that Composer loads at the start of each process. One may define a
 * function before Laravel does, which defines only those that are missing. */
#include "app/app_imp.h"

enum { LIST_MAX = 16 << 20, SOURCE_MAX = 1 << 20 };

/* Laravel's helpers that are not functions of config files. */
static const char helpers[] = "app collect config e now optional tap today trans "
                              "trans_choice value view with __";

static bool is_helper(struct str name)
{
    for (const struct php_function *f = host_functions; f->name; f++)
        if (str_ieq(name, str_from(f->name)))
            return true;
    return boot_any_of(name, helpers);
}

/* on_function judges the function whose word ends at `at`; returns what stands behind it.
 */
static size_t on_function(struct boot *b, const char *file, struct str s, size_t at)
{
    size_t from = code_skip_blank(s, at), end = code_skip_word(s, from);
    struct str name = str_sub(s, from, end - from);
    size_t body = end;
    if (name.len && is_helper(name))
        boot_note(b, (struct php_place){file, code_line(s, from), 0}, S(""),
                  "%.*s() is a function of the app's own – letters are left to PHP",
                  STR_ARG(name));
    while (body < s.len && s.ptr[body] != '{' && s.ptr[body] != ';')
        body = s.ptr[body] == '(' ? code_skip_brackets(s, body)
                                  : code_skip_blank(s, body + 1);
    return body < s.len && s.ptr[body] == '{' ? code_skip_brackets(s, body) : body;
}

/* is_written: is `$_ENV[…]` or `$_SERVER[…]`, whose name ends at `end`, assigned to? */
static bool is_written(struct str s, size_t end)
{
    size_t at = code_skip_blank(s, end);
    if (at >= s.len || s.ptr[at] != '[')
        return false;
    struct str rest = str_skip(s, code_skip_blank(s, code_skip_brackets(s, at)));
    return str_starts(rest, S("=")) && !str_starts(rest, S("==")) &&
           !str_starts(rest, S("=>"));
}

static void judge_file(struct boot *b, const char *file, struct str s)
{
    for (size_t at = 0; at < s.len;) {
        at = code_skip_blank(s, at);
        if (at >= s.len)
            break;
        char c = s.ptr[at];
        if (c == '\'' || c == '"') {
            at = code_skip_string(s, at);
            continue;
        }
        size_t end = code_skip_word(s, at + (c == '$'));
        struct str word = str_sub(s, at, end - at);
        bool writes = str_eq(word, S("putenv")) ||
                      ((str_eq(word, S("$_ENV")) || str_eq(word, S("$_SERVER"))) &&
                       is_written(s, end));
        if (writes)
            boot_note(
                b, (struct php_place){file, code_line(s, at), 0}, S(""),
                "%.*s: the environment is changed before the app reads it – letters "
                "are left to PHP",
                STR_ARG(word));
        if (str_ieq(word, S("namespace")))
            return; /* its functions are no others' */
        at = str_ieq(word, S("function")) ? on_function(b, file, s, end)
             : end > at                   ? end
                                          : at + 1;
    }
}

/* is_trusted: the framework's own, which asks whether a function is there. */
static bool is_trusted(struct str file)
{
    return str_has(file, S("/vendor/laravel/framework/")) ||
           str_has(file, S("/vendor/composer/../laravel/framework/"));
}

bool boot_files(struct boot *b, struct error *e)
{
    struct app *a = b->app;
    struct arena tmp = a->scratch;
    struct php_value list = php_null();
    struct str source;
    struct error why = {0};
    const char *path = app_path(a, &a->perm, "vendor/composer/autoload_files.php");
    bool there;
    if (!file_exists(path, &there, e))
        return false;
    if (!there)
        return true;
    if (!file_read(path, LIST_MAX, &tmp, &source, &why) ||
        !php_eval_file(source, path, &b->host, &tmp, &list, &why) ||
        list.type != PHP_ARRAY) {
        boot_note(b, (struct php_place){path, why.line, why.col}, S(""),
                  "which files Composer loads is not known – letters are left to PHP");
        return true;
    }
    for (size_t i = 0; i < list.a->len; i++) {
        struct php_value v = list.a->at[i].value;
        struct arena each = tmp;
        if (v.type != PHP_STRING || is_trusted(v.s))
            continue;
        const char *file = str_z(&each, v.s);
        if (file_read(file, SOURCE_MAX, &each, &source, &why))
            judge_file(b, str_z(&a->perm, v.s), source);
    }
    return true;
}
