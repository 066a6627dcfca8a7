/* bootstrap.c: what bootstrap/app.php and artisan move before anything is read: .env,
 * config/, storage/ and the other folders.
 *
 * The files are not run. They are scanned for the methods of the application that move
 * something; one that stands alone, in no branch, loop or closure, has its argument
 * evaluated and is followed. What else moves a place that facteur reads or writes, or
 * changes the environment, is an error with its file and line: another place would be
 * another app. A folder that only a view or a config file may ask for becomes unknown.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#include "app/app_imp.h"

enum { FILE_MAX = 1 << 20 };

static const struct mover {
    const char *method;
    enum app_folder folder;
} movers[] = {
    {"loadEnvironmentFrom", FOLDER_ENV_NAME},
    {"useEnvironmentPath", FOLDER_ENV},
    {"useConfigPath", FOLDER_CONFIG},
    {"useBootstrapPath", FOLDER_BOOTSTRAP},
    {"useStoragePath", FOLDER_STORAGE},
    {"setBasePath", FOLDER_BASE},
    {"useAppPath", FOLDER_APP},
    {"useDatabasePath", FOLDER_DATABASE},
    {"usePublicPath", FOLDER_PUBLIC},
    {"useLangPath", FOLDER_LANG},
};

/* What else decides which values an app has. */
static const char *const refused[] = {
    "putenv",
    "Dotenv",
    "detectEnvironment",
    "afterLoadingEnvironment",
    "beforeBootstrapping",
    "afterBootstrapping",
    "LoadEnvironmentVariables",
    "LoadConfiguration",
};

static const char *const branches[] = {
    "if",    "else", "elseif", "for",      "foreach", "while", "do",  "switch",
    "match", "fn",   "try",    "function", "catch",   "class", "and", "or",
};

enum app_folder bootstrap_moves(struct str method)
{
    for (size_t i = 0; i < COUNT(movers); i++)
        if (str_ieq(method, str_from(movers[i].method)))
            return movers[i].folder;
    return FOLDER_NEEDED;
}

/* An offset in a statement, and what surrounds it. */
struct scan {
    struct app *app;
    const char *file; /* absolute */
    struct str source;
    size_t at;
    int depth;     /* of brackets of all kinds */
    size_t begin;  /* of the statement at hand */
    bool branch;   /* it decides, loops, or is a closure */
    bool question; /* it holds a ternary */
    bool colons;   /* an `if (…):` was met: where it ends is not looked for */
    char *kept;    /* the source with all but assignments and imports made blanks */
    struct error *e;
};

static bool refuse(struct scan *s, size_t at, const char *what, const char *why)
{
    err_set(s->e, ERR_FATAL, "%s: %s", what, why);
    return err_place(s->e, s->file, code_line(s->source, at), 0);
}

/* === evaluating === */

/* keep copies a piece of the source to its place in what is evaluated. */
static void keep(struct scan *s, size_t from, size_t to)
{
    memcpy(s->kept + from, s->source.ptr + from, to - from);
}

/* evaluate computes the expression in [from, to): with the imports and assignments that
 * stand before it, at its own line. */
static bool evaluate(struct scan *s, size_t from, size_t to, struct php_value *out,
                     struct error *e)
{
    struct app *a = s->app;
    struct php_host host = a->host;
    host.more = config_functions;
    struct buf b = buf_new(&a->perm, s->source.len + 64);
    struct str expression = str_sub(s->source, from, to - from);
    buf_add(&b, S("<?php $app = app();"));
    buf_add(&b, (struct str){s->kept + 5, from - 5});
    buf_fmt(&b, "return (%.*s);", STR_ARG(expression));
    if (!php_eval_file(buf_str(&b), s->file, &host, &a->perm, out, e))
        return false;
    if (out->type == PHP_HOLE)
        *e = *out->hole;
    return out->type != PHP_HOLE;
}

static bool evaluate_text(struct scan *s, size_t from, size_t to, const char *what,
                          struct str *out)
{
    struct php_value v;
    struct error why = {0};
    if (!evaluate(s, from, to, &v, &why))
        return refuse(s, from, what, why.text);
    if (v.type != PHP_STRING || v.s.len == 0 || memchr(v.s.ptr, '\0', v.s.len))
        return refuse(s, from, what, "its argument is no path");
    *out = str_copy(&s->app->perm, v.s);
    return true;
}

/* === what is moved === */

static void forget(struct scan *s, enum app_folder f, size_t at)
{
    struct app *a = s->app;
    struct str base = str_join(&a->perm, a->base, S("/"));
    const char *file = str_starts(str_from(s->file), base) ? s->file + base.len : s->file;
    struct str by = str_fmt(&a->perm, "%s:%d", file, code_line(s->source, at));
    a->unknown[f] = str_z(&a->perm, by);
}

/* check_base: facteur was started for the folder that artisan stands in. */
static bool check_base(struct scan *s, size_t at, struct str path)
{
    char real[PATH_MAX];
    if (realpath(str_z(&s->app->perm, path), real) &&
        str_eq(str_from(real), s->app->base))
        return true;
    struct str why = str_fmt(&s->app->perm,
                             "the app's base path is %.*s, but facteur was started for "
                             "%.*s",
                             STR_ARG(path), STR_ARG(s->app->base));
    return refuse(s, at, "Application", str_z(&s->app->perm, why));
}

/* move follows `->method(argument)`, whose word begins at `word`. */
static bool move(struct scan *s, const struct mover *m, size_t word, size_t open)
{
    struct str path;
    size_t close = code_skip_brackets(s->source, open);
    bool may_be_unknown = m->folder > FOLDER_NEEDED;
    bool alone = s->depth == 0 && !s->branch;
    struct error *e = s->e, ignored = {0};
    s->e = may_be_unknown ? &ignored : e;
    bool ok = alone ? evaluate_text(s, open + 1, close - 1, m->method, &path)
                    : refuse(s, word, m->method,
                             "facteur follows it where it stands alone, in no branch and "
                             "no closure");
    bool absolute = ok && (path.ptr[0] == '/' || m->folder == FOLDER_ENV_NAME);
    if (ok && !absolute)
        ok = refuse(s, word, m->method, "its argument is no absolute path");
    s->e = e;
    if (ok && m->folder == FOLDER_BASE)
        return check_base(s, word, path);
    if (ok)
        s->app->folders[m->folder] = path;
    else if (may_be_unknown)
        forget(s, m->folder, word);
    return ok || may_be_unknown;
}

/* base_of looks at what the application is made with: `new Application(path)`,
 * `Application::configure(basePath: path)`; without a path APP_BASE_PATH has it. */
static bool base_of(struct scan *s, size_t at, size_t open)
{
    struct str path;
    size_t close = code_skip_brackets(s->source, open);
    size_t from = code_skip_blank(s->source, open + 1),
           name = code_skip_word(s->source, from);
    size_t colon = code_skip_blank(s->source, name);
    if (colon < close && s->source.ptr[colon] == ':' && s->source.ptr[colon + 1] != ':')
        from = colon + 1;
    if (code_skip_blank(s->source, from) < close - 1)
        return evaluate_text(s, from, close - 1, "Application", &path) &&
               check_base(s, at, path);
    return !env_lookup(s->app->env, S("APP_BASE_PATH"), &path) || check_base(s, at, path);
}

/* === the scan === */

static bool among(struct str word, const char *const *list, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (str_ieq(word, str_from(list[i])))
            return true;
    return false;
}

/* assigned: is `$_ENV[…] =` what stands behind the name? */
static bool assigned(struct str s, size_t at)
{
    at = code_skip_blank(s, at);
    if (at >= s.len || s.ptr[at] != '[')
        return false;
    at = code_skip_blank(s, code_skip_brackets(s, at));
    struct str rest = str_skip(s, at);
    return str_starts(rest, S("?\?=")) || str_starts(rest, S(".=")) ||
           (str_starts(rest, S("=")) && !str_starts(rest, S("==")));
}

static bool on_class(struct scan *s, struct str name, size_t word, size_t open)
{
    struct str full = code_class(s->source, name);
    bool base = str_ieq(full, S("Illuminate\\Foundation\\Application"));
    if (!str_ends(full, S("Application")) || str_starts(full, S("Symfony\\")))
        return true;
    if (!base &&
        !bootstrap_class(s->app, full, s->file, code_line(s->source, word), s->e))
        return false;
    return base_of(s, word, open);
}

static bool on_word(struct scan *s, size_t from, size_t end)
{
    struct str word = str_sub(s->source, from, end - from);
    size_t next = code_skip_blank(s->source, end);
    bool called = next < s->source.len && s->source.ptr[next] == '(';
    bool member = code_behind(s->source, from, S("->")),
         is_static = code_behind(s->source, from, S("::"));
    struct str last = word;
    for (struct cut c = str_cut(word, '\\'); c.ok; c = str_cut(last, '\\'))
        last = c.tail;
    if (s->depth == 0 && !member && among(word, branches, COUNT(branches)))
        s->branch = true;
    if (among(last, refused, COUNT(refused)) && !code_behind(s->source, from, S("use")))
        return refuse(s, from, str_z(&s->app->perm, last),
                      "it changes the app's environment or configuration; facteur does "
                      "not follow that");
    for (size_t i = 0; called && member && i < COUNT(movers); i++)
        if (str_ieq(word, str_from(movers[i].method)))
            return move(s, &movers[i], from, next);
    if (called && code_behind(s->source, from, S("new")))
        return on_class(s, word, from, next);
    struct str after = str_skip(s->source, next);
    if (!member && !is_static && str_starts(after, S("::"))) {
        size_t name = code_skip_blank(s->source, next + 2),
               stop = code_skip_word(s->source, name);
        size_t open = code_skip_blank(s->source, stop);
        if (str_ieq(str_sub(s->source, name, stop - name), S("configure")) &&
            open < s->source.len && s->source.ptr[open] == '(')
            return on_class(s, word, from, open);
    }
    return true;
}

/* on_variable meets the environment being written, and `$name = …;`, which is kept. */
static bool on_variable(struct scan *s, size_t from, size_t end)
{
    struct str word = str_sub(s->source, from, end - from);
    if ((str_eq(word, S("$_ENV")) || str_eq(word, S("$_SERVER"))) &&
        assigned(s->source, end))
        return refuse(s, from, str_z(&s->app->perm, word),
                      "it changes the app's environment; facteur does not follow that");
    return true;
}

/* end_statement keeps an assignment or an import for what is evaluated behind it. */
static void end_statement(struct scan *s, size_t end)
{
    struct str text = str_trim(str_sub(s->source, s->begin, end - s->begin));
    size_t name = text.len ? code_skip_word(text, 1) : 0,
           op = code_skip_blank(text, name);
    struct str value = str_skip(text, op + 1);
    bool import = str_starts(text, S("use "));
    bool plain = str_starts(text, S("$")) && str_starts(str_skip(text, op), S("=")) &&
                 !str_starts(value, S("=")) && !str_has(value, S("Application")) &&
                 !str_starts(text, S("$app ")) && !str_starts(text, S("$app="));
    if (import || (plain && !s->branch))
        keep(s, s->begin, end);
    s->begin = end;
    s->branch = s->colons;
    s->question = false;
}

/* on_string: a path that the container is given under its name. */
static bool on_string(struct scan *s, size_t from, size_t end)
{
    struct str text = str_sub(s->source, from + 1, end - from - 2);
    static const struct {
        const char *name;
        enum app_folder folder;
    } bound[] = {{"path.public", FOLDER_PUBLIC},   {"path.database", FOLDER_DATABASE},
                 {"path.lang", FOLDER_LANG},       {"path", FOLDER_APP},
                 {"path.base", FOLDER_BASE},       {"path.config", FOLDER_CONFIG},
                 {"path.storage", FOLDER_STORAGE}, {"path.bootstrap", FOLDER_BOOTSTRAP}};
    for (size_t i = 0; i < COUNT(bound); i++) {
        if (!str_eq(text, str_from(bound[i].name)))
            continue;
        if (bound[i].folder < FOLDER_NEEDED)
            return refuse(s, from, bound[i].name,
                          "it is bound in the container; facteur does not follow that");
        forget(s, bound[i].folder, from);
    }
    return true;
}

static void on_char(struct scan *s, char c)
{
    size_t at = s->at++;
    s->depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
    struct str rest = str_skip(s->source, at);
    if (s->depth == 0 && (str_starts(rest, S("?")) || str_starts(rest, S("&&")) ||
                          str_starts(rest, S("||"))))
        s->branch = s->branch || !str_starts(rest, S("?>"));
    s->question = s->question || c == '?';
    bool colon =
        c == ':' && at > 0 && s->source.ptr[at - 1] != ':' && !str_starts(rest, S("::"));
    s->colons = s->colons || (s->depth == 0 && s->branch && colon && !s->question);
    if (s->depth == 0 && (c == ';' || c == '}'))
        end_statement(s, s->at);
}

static bool scan(struct scan *s)
{
    while ((s->at = code_skip_blank(s->source, s->at)) < s->source.len) {
        size_t from = s->at;
        char c = s->source.ptr[from];
        if (c == '\'' || c == '"') {
            s->at = code_skip_string(s->source, from);
            if (!on_string(s, from, s->at))
                return false;
        } else if (c == '$') {
            s->at = code_skip_word(s->source, from + 1);
            if (!on_variable(s, from, s->at))
                return false;
        } else if (code_word_char(c) || c == '\\') {
            s->at = code_skip_word(s->source, from);
            if (!on_word(s, from, s->at))
                return false;
        } else {
            on_char(s, c);
        }
    }
    return true;
}

static bool scan_file(struct app *a, const char *file, struct error *e)
{
    bool there;
    struct scan s = {.app = a, .file = file, .e = e};
    if (!file_exists(file, &there, e))
        return false;
    if (!there)
        return true;
    if (!file_read(file, FILE_MAX, &a->perm, &s.source, e))
        return false;
    ptrdiff_t tag = str_find(s.source, S("<?php"));
    if (tag < 0)
        return true;
    /* "#!/usr/bin/env php" goes; its line stays. */
    int first = code_line(s.source, (size_t)tag);
    struct buf b = buf_new(&a->perm, s.source.len + 64);
    buf_add(&b, S("<?php"));
    for (int i = 1; i < first; i++)
        buf_byte(&b, '\n');
    buf_add(&b, str_skip(s.source, (size_t)tag + 5));
    s.source = buf_str(&b);
    s.kept = str_z(&a->perm, s.source);
    for (size_t i = 0; i < s.source.len; i++)
        s.kept[i] = s.kept[i] == '\n' ? '\n' : ' ';
    s.at = s.begin = 5;
    return scan(&s);
}

bool bootstrap_load(struct app *a, struct error *e)
{
    a->storage = str_from(app_path(a, &a->perm, "storage"));
    return scan_file(a, app_path(a, &a->perm, "bootstrap/app.php"), e) &&
           scan_file(a, app_path(a, &a->perm, "artisan"), e);
}
