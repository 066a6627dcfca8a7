/* boot_packages.c: providers of packages. They are not run; their source is searched, and
 * that of the package's classes which it names (boot_search.c). */
#include <sys/stat.h>

#include "app/app_imp.h"

enum {
    LIST_MAX = 16 << 20,
    SOURCE_MAX = 1 << 20,
    FILES_MAX = 64,
    DEPTH_MAX = 2,
    COMPOSER_MAX = 512 << 20
};

/* Whose provider does what facteur does too, or what no letter sees. */
static const char *const known[] = {
    "Illuminate\\",    "Carbon\\Laravel\\",  "Termwind\\Laravel\\",
    "Laravel\\Tinker", "Laravel\\Sanctum\\", "Laravel\\Sail\\",
    "Laravel\\Pail\\", "Barryvdh\\DomPDF\\", "NunoMaduro\\Collision\\",
};

/* COMPOSER_MAX is address space: installed.json and its values. */

/* One package as a search goes through it. */
struct package {
    struct boot *b;
    struct arena *tmp;
    struct str folder;       /* where it is; empty: not found yet */
    VEC(const char *) files; /* that were searched */
};

static bool is_known(struct str name)
{
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_starts(name, str_from(known[i])))
            return true;
    return false;
}

/* === where a class stands === */

static const char *file_below(struct arena *tmp, struct str folder, struct str rest)
{
    struct stat st;
    rest = str_replace(tmp, rest, S("\\"), S("/"));
    char *path =
        str_z(tmp, str_fmt(tmp, "%.*s/%.*s.php", STR_ARG(folder), STR_ARG(rest)));
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? path : NULL;
}

/* in_package looks a class up in one package of installed.json; *folder: where that is.
 */
static const char *in_package(struct package *p, const struct php_value *package,
                              struct str name, struct str *folder)
{
    const struct php_value *at = php_path(package, "install-path"),
                           *psr4 = php_path(package, "autoload.psr-4");
    if (!at || at->type != PHP_STRING || !psr4 || psr4->type != PHP_ARRAY)
        return NULL;
    for (size_t i = 0; i < psr4->a->len; i++) {
        const struct php_entry *entry = &psr4->a->at[i];
        struct php_value v = entry->value;
        if (v.type == PHP_ARRAY && v.a->len)
            v = v.a->at[0].value;
        if (entry->key.is_int || !str_starts(name, entry->key.s) || v.type != PHP_STRING)
            continue;
        struct str of =
            str_fmt(p->tmp, "vendor/%.*s",
                    STR_ARG(str_skip(at->s, str_starts(at->s, S("../")) ? 3 : 0)));
        *folder = str_from(app_path(p->b->app, p->tmp, str_z(p->tmp, of)));
        struct str source = str_fmt(p->tmp, "%.*s/%.*s", STR_ARG(*folder), STR_ARG(v.s));
        while (str_ends(source, S("/")))
            source.len--;
        const char *path = file_below(p->tmp, source, str_skip(name, entry->key.s.len));
        if (path)
            return path;
    }
    return NULL;
}

static const struct php_value *installed(struct boot *b);

static const char *find_class(struct package *p, struct str name, struct str *folder)
{
    const struct php_value *list = installed(p->b);
    for (size_t i = 0; list && list->type == PHP_ARRAY && i < list->a->len; i++) {
        const char *path = in_package(p, &list->a->at[i].value, name, folder);
        if (path)
            return path;
    }
    return NULL;
}

/* full_name is the name of a class in a source that may mean one of its own namespace. */
static struct str full_name(struct package *p, struct str source, struct str name)
{
    struct str full = code_class(source, name);
    ptrdiff_t at = str_find(source, S("\nnamespace "));
    if (str_has(full, S("\\")) || at < 0)
        return full;
    size_t from = (size_t)at + strlen("\nnamespace ");
    struct str space = str_sub(source, from, code_skip_word(source, from) - from);
    return str_fmt(p->tmp, "%.*s\\%.*s", STR_ARG(space), STR_ARG(full));
}

/* === the search === */

static void search_class(struct package *p, struct str name, int depth);

/* search_named goes on with the classes that the source names, each once. */
static void search_named(struct package *p, struct str source, int depth)
{
    struct map seen = {0};
    for (size_t at = 0; depth < DEPTH_MAX && at < source.len;) {
        at = code_skip_blank(source, at);
        if (at >= source.len)
            break;
        char c = source.ptr[at];
        size_t end = code_skip_word(source, at + (c == '$'));
        struct str word = str_sub(source, at, end > at ? end - at : 0);
        if (c == '\'' || c == '"') {
            end = code_skip_string(source, at);
        } else if (((c >= 'A' && c <= 'Z') || c == '\\') && !map_lookup(&seen, word)) {
            map_put(p->tmp, &seen, word, p);
            search_class(p, full_name(p, source, word), depth + 1);
        }
        at = end > at ? end : at + 1;
    }
}

static bool is_searched(struct package *p, const char *path)
{
    for (size_t i = 0; i < p->files.len; i++)
        if (strcmp(p->files.at[i], path) == 0)
            return true;
    return p->files.len == FILES_MAX;
}

static void search_class(struct package *p, struct str name, int depth)
{
    struct str source, folder;
    struct error e = {0};
    const char *path = find_class(p, name, &folder);
    if (!path || (p->folder.len && !str_eq(folder, p->folder)) || is_searched(p, path))
        return;
    p->folder = folder;
    VEC_PUSH(p->tmp, &p->files, path);
    const char *file = str_z(&p->b->app->perm, str_from(path));
    if (!file_read(path, SOURCE_MAX, p->tmp, &source, &e)) {
        boot_note(p->b, (struct php_place){file, 0, 0}, S(""),
                  "%s – letters are left to PHP", e.text);
        return;
    }
    boot_search(p->b, file, source);
    search_named(p, source, depth);
}

void boot_package(struct boot *b, struct str provider)
{
    struct arena tmp = b->app->scratch;
    struct package p = {.b = b, .tmp = &tmp};
    if (!is_known(provider))
        search_class(&p, provider, 0);
}

/* === which there are === */

/* read_list evaluates bootstrap/cache/packages.php, by which Laravel goes. */
static bool read_list(struct boot *b, struct php_value *out, bool *there, struct error *e)
{
    struct app *a = b->app;
    struct str source;
    const char *path = app_path(a, &a->perm, "bootstrap/cache/packages.php");
    if (!file_exists(path, there, e) || !*there)
        return e->kind == ERR_NONE;
    struct error why = {0};
    if (file_read(path, LIST_MAX, &a->perm, &source, &why) &&
        php_eval_file(source, path, &b->host, &a->perm, out, &why) &&
        out->type == PHP_ARRAY)
        return true;
    boot_note(b, (struct php_place){path, why.line, why.col}, S(""),
              "which packages have providers is not known – letters are left to PHP");
    return true;
}

/* installed reads what Composer installed, when it is first asked for. */
static const struct php_value *installed(struct boot *b)
{
    struct app *a = b->app;
    struct str text;
    struct error ignored = {0};
    const char *path = app_path(a, &a->perm, "vendor/composer/installed.json");
    if (b->has_packages)
        return b->packages;
    b->has_packages = true;
    b->composer = arena_open(COMPOSER_MAX);
    struct php_value *root = NEW(&b->composer, struct php_value, 1);
    if (file_read(path, LIST_MAX, &b->composer, &text, &ignored) &&
        php_json_read(text, true, &b->composer, root, &ignored))
        b->packages = php_path(root, "packages");
    return b->packages;
}

static void search_all(struct boot *b, const struct php_value *providers)
{
    for (size_t i = 0; providers && providers->type == PHP_ARRAY && i < providers->a->len;
         i++)
        if (providers->a->at[i].value.type == PHP_STRING)
            boot_package(b, providers->a->at[i].value.s);
}

bool boot_packages(struct boot *b, struct error *e)
{
    struct php_value list = php_null();
    bool there = false;
    if (!read_list(b, &list, &there, e))
        return false;
    for (size_t i = 0; list.type == PHP_ARRAY && i < list.a->len; i++)
        search_all(b, php_path(&list.a->at[i].value, "providers"));
    const struct php_value *all = there ? NULL : installed(b);
    for (size_t i = 0; all && all->type == PHP_ARRAY && i < all->a->len; i++)
        search_all(b, php_path(&all->a->at[i].value, "extra.laravel.providers"));
    return true;
}
