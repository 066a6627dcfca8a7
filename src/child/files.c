/* files.c: what a process was booted from. When some of it changes the app is another:
 * the process is renewed before the next job.
 *
 * What is watched: what decides how the app boots, and the files of its own code that
 * were loaded, as the process tells them. Files below vendor/ change with installed.php.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "child/child_imp.h"

enum {
    LOOK_MS = 2000,       /* between two looks at the files */
    FILES_MAX = 16 << 10, /* of an app's own code; what is beyond is not watched */
};

/* stamp_of mixes what changes with a file; one that is not there has a stamp too. */
static uint64_t stamp_of(const char *path)
{
    struct stat st;
    struct {
        int64_t sec, nsec, size;
        uint64_t ino, dev;
    } s = {0};
    if (stat(path, &st) == 0) {
        s.sec = st.st_mtim.tv_sec;
        s.nsec = st.st_mtim.tv_nsec;
        s.size = st.st_size;
        s.ino = st.st_ino;
        s.dev = st.st_dev;
    }
    return str_hash((struct str){(const char *)&s, sizeof(s)});
}

static void watch(struct child_files *files, const char *path)
{
    if (files->len == FILES_MAX)
        return;
    struct child_file f = {.path = path, .stamp = stamp_of(path)};
    VEC_PUSH(&files->arena, files, f);
}

/* watch_cache: bootstrap/cache, whichever files there are; and that there are no more. */
static void watch_cache(struct child_files *files, struct app *app)
{
    const char *dir = app_path(app, &files->arena, "bootstrap/cache");
    DIR *d = opendir(dir);
    const struct dirent *entry;
    watch(files, dir);
    while (d && (entry = readdir(d)))
        if (str_ends(str_from(entry->d_name), S(".php")))
            watch(files,
                  path_join(&files->arena, str_from(dir), str_from(entry->d_name)));
    if (d)
        closedir(d);
}

void files_begin(struct child_files *files, struct app *app)
{
    static const char *const boot[] = {".env", "bootstrap/app.php",
                                       "bootstrap/providers.php",
                                       "vendor/composer/installed.php"};
    files_end(files);
    files->arena = arena_open(FILES_ARENA);
    for (size_t i = 0; i < COUNT(boot); i++)
        watch(files, app_path(app, &files->arena, boot[i]));
    if (app_env_file(app))
        watch(files, app_env_file(app));
    watch_cache(files, app);
    files->boot = files->len;
    files->looked_ms = clock_mono_ms();
}

void files_loaded(struct child_files *files, struct php_value list)
{
    if (list.type != PHP_ARRAY)
        return;
    files->len = files->boot;
    for (size_t i = 0; i < list.a->len; i++) {
        struct php_value v = list.a->at[i].value;
        if (v.type == PHP_STRING)
            watch(files, str_z(&files->arena, v.s));
    }
}

bool files_changed(struct child_files *files)
{
    int64_t now = clock_mono_ms();
    if (now - files->looked_ms < LOOK_MS)
        return false;
    files->looked_ms = now;
    for (size_t i = 0; i < files->len; i++)
        if (stamp_of(files->at[i].path) != files->at[i].stamp)
            return true;
    return false;
}

void files_end(struct child_files *files)
{
    if (files->arena.pool)
        arena_close(&files->arena);
    *files = (struct child_files){0};
}
