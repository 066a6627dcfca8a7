/* boot_events.c: listeners that no provider names. Laravel finds them itself in
 * app/Listeners, by the type of their method's argument, or takes them from the list that
 * `event:cache` made. */
#include <dirent.h>
#include <sys/stat.h>

#include "app/app_imp.h"

enum { SOURCE_MAX = 1 << 20, FILES_MAX = 5000, DEPTH_MAX = 16 };

/* === one listener's file === */

/* is_handler: Laravel takes `handle…` and `__invoke`. */
static bool is_handler(struct str name)
{
    return str_starts(name, S("handle")) || str_eq(name, S("__invoke"));
}

/* judge_types looks at the types of the first argument, which begin at `at`. */
static void judge_types(struct boot *b, const char *file, struct str source, size_t at)
{
    for (;;) {
        at = code_skip_blank(source, at);
        size_t end = code_skip_word(source, at);
        struct str event = code_class(source, str_sub(source, at, end - at));
        struct php_place place = {file, code_line(source, at), 0};
        if (end == at)
            return;
        if (event.len && str_has(event, S("\\")) && !boot_is_event_free(event))
            boot_note(b, place, S(""),
                      "a listener of %.*s, which Laravel discovers and facteur does not "
                      "run – letters are left to PHP",
                      STR_ARG(event));
        at = code_skip_blank(source, end);
        if (at >= source.len || source.ptr[at] != '|')
            return;
        at++;
    }
}

/* judge_function looks at the function whose word ends at `at`. */
static void judge_function(struct boot *b, const char *file, struct str source, size_t at)
{
    size_t name = code_skip_blank(source, at), end = code_skip_word(source, name);
    size_t open = code_skip_blank(source, end);
    if (open >= source.len || source.ptr[open] != '(' ||
        !is_handler(str_sub(source, name, end - name)))
        return;
    open = code_skip_blank(source, open + 1);
    while (str_starts(str_skip(source, open), S("#[")))
        open = code_skip_blank(source, code_skip_brackets(source, open + 1));
    judge_types(b, file, source, open);
}

static void judge_file(struct boot *b, const char *path)
{
    struct app *a = b->app;
    struct str source;
    struct error e = {0};
    const char *file = str_z(&a->perm, str_from(path));
    if (!file_read(path, SOURCE_MAX, &a->perm, &source, &e)) {
        boot_note(b, (struct php_place){file, 0, 0}, S(""),
                  "%s – letters are left to PHP", e.text);
        return;
    }
    for (size_t at = 0; at < source.len;) {
        at = code_skip_blank(source, at);
        if (at < source.len && (source.ptr[at] == '\'' || source.ptr[at] == '"')) {
            at = code_skip_string(source, at);
            continue;
        }
        size_t end = code_skip_word(source, at);
        if (str_ieq(str_sub(source, at, end - at), S("function")))
            judge_function(b, file, source, end);
        at = end > at ? end : at + 1;
    }
}

/* judge_folder goes through a folder and those in it. *files: how many may be left. */
static void judge_folder(struct boot *b, struct str folder, int depth, int *files)
{
    struct arena *perm = &b->app->perm;
    DIR *dir = depth < DEPTH_MAX ? opendir(str_z(perm, folder)) : NULL;
    if (!dir)
        return;
    for (const struct dirent *entry; *files && (entry = readdir(dir));) {
        struct str name = str_from(entry->d_name);
        struct stat st;
        char *path = path_join(perm, folder, name);
        if (str_starts(name, S(".")) || stat(path, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            judge_folder(b, str_from(path), depth + 1, files);
        } else if (str_ends(name, S(".php"))) {
            (*files)--;
            judge_file(b, path);
        }
    }
    closedir(dir);
}

static void discover(struct boot *b)
{
    struct app *a = b->app;
    int files = FILES_MAX;
    struct error e = {0};
    char *folder;
    if (!b->discovers)
        return;
    if (b->discovered.len == 0) {
        if (!app_folder(a, FOLDER_APP, &a->perm, &folder, &e)) {
            boot_note(b, (struct php_place){e.file, e.line, 0}, S(""),
                      "%s – letters are left to PHP", e.text);
            return;
        }
        judge_folder(b, str_from(path_join(&a->perm, str_from(folder), S("Listeners"))),
                     0, &files);
    }
    for (size_t i = 0; i < b->discovered.len; i++)
        judge_folder(b, b->discovered.at[i], 0, &files);
    if (files == 0)
        boot_note(b, (struct php_place){0}, S(""),
                  "there are too many listeners to look at – letters are left to PHP");
}

/* === the cached list === */

/* place_of is the file of a listener, "Class@method"; else that of the list. */
static struct php_place place_of(struct boot *b, struct php_value listener,
                                 const char *list)
{
    struct arena *perm = &b->app->perm;
    const char *file = list;
    struct str source;
    if (listener.type == PHP_STRING &&
        class_source(&b->host, str_cut(listener.s, '@').head, perm, &file, &source))
        return (struct php_place){file, 1, 0};
    return (struct php_place){list, 0, 0};
}

static void judge_list(struct boot *b, struct php_value events, const char *file)
{
    for (size_t i = 0; events.type == PHP_ARRAY && i < events.a->len; i++) {
        const struct php_entry *entry = &events.a->at[i];
        struct php_value listeners = entry->value;
        if (entry->key.is_int || boot_is_event_free(entry->key.s))
            continue;
        for (size_t k = 0; listeners.type == PHP_ARRAY && k < listeners.a->len; k++) {
            struct php_value v = listeners.a->at[k].value;
            struct str name = v.type == PHP_STRING ? v.s : S("one");
            boot_note(
                b, place_of(b, v, file), S(""),
                "%.*s, a listener of %.*s by the list of event:cache, which facteur "
                "does not run – letters are left to PHP",
                STR_ARG(name), STR_ARG(entry->key.s));
        }
    }
}

/* judge_cached: providers, each with its events. */
static void judge_cached(struct boot *b, const char *file)
{
    struct app *a = b->app;
    struct str source;
    struct php_value list = php_null();
    struct error e = {0};
    bool ok = file_read(file, SOURCE_MAX, &a->perm, &source, &e) &&
              php_eval_file(source, file, &b->host, &a->perm, &list, &e);
    if (!ok || list.type != PHP_ARRAY) {
        boot_note(b, (struct php_place){file, e.line, e.col}, S(""),
                  "which events are listened to is not known: %s – letters are left to "
                  "PHP",
                  e.kind ? e.text : "the file returns no list");
        return;
    }
    for (size_t i = 0; i < list.a->len; i++)
        judge_list(b, list.a->at[i].value, file);
}

bool boot_events(struct boot *b, struct error *e)
{
    const char *cache = app_path(b->app, &b->app->perm, "bootstrap/cache/events.php");
    bool there;
    if (!file_exists(cache, &there, e))
        return false;
    if (there)
        judge_cached(b, cache);
    else
        discover(b);
    return true;
}
