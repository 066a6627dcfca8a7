/* log_file.c: one record appended to a log file; daily files and their end.
 *
 * The file is opened for each record: a letter writes one line, and whoever rotates or
 * removes the file meanwhile (logrotate, an operator) needs to tell nobody.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_imp.h"

/* make_folders makes the folder of a file and those above it, as Monolog does. One that
 * cannot be made is met when the file is opened. */
static void make_folders(const struct log_handler *h, char *path)
{
    bool made;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)!folder_given(path, h->owner, &made);
        *slash = '/';
    }
}

static int open_log(const struct log_handler *h, char *path)
{
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT)
        fd = file_given(path, flags, h->owner);
    if (fd < 0 && errno == ENOENT) {
        make_folders(h, path);
        fd = file_given(path, flags, h->owner);
    }
    /* Only the owner may do this; others write all the same. */
    if (fd >= 0 && h->permission >= 0 && fchmod(fd, (mode_t)h->permission) < 0)
        errno = 0;
    return fd;
}

static bool write_all(int fd, struct str s)
{
    while (s.len) {
        ssize_t n = write(fd, s.ptr, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        s = str_skip(s, (size_t)n);
    }
    return true;
}

static bool append(const struct log_handler *h, char *path, struct str line,
                   const char **cause)
{
    int fd = open_log(h, path);
    bool ok = fd >= 0;
    if (ok && h->locking)
        flock(fd, LOCK_EX);
    ok = ok && write_all(fd, line);
    if (!ok)
        *cause = strerror(errno);
    if (fd >= 0)
        close(fd); /* which ends the lock */
    return ok;
}

/* === files with a date in their name === */

struct dated {
    struct str folder, stem, extension; /* extension with its dot, or empty */
};

static struct dated split_path(struct str path)
{
    const char *slash = memrchr(path.ptr, '/', path.len);
    size_t n = slash ? (size_t)(slash - path.ptr) : 0;
    struct dated d = {.folder = str_sub(path, 0, n), .stem = str_skip(path, n + 1)};
    const char *dot = d.stem.len ? memrchr(d.stem.ptr, '.', d.stem.len) : NULL;
    if (dot) {
        d.extension = str_skip(d.stem, (size_t)(dot - d.stem.ptr));
        d.stem.len -= d.extension.len;
    }
    return d;
}

static struct str today(const struct log_handler *h, struct arena *perm)
{
    return str_sub(clock_datetime(perm, clock_unix()), 0, h->monthly ? 7 : 10);
}

static char *dated_path(const struct log_handler *h, struct str date, struct arena *perm)
{
    struct dated d = split_path(str_from(h->path));
    struct str path = str_fmt(perm, "%.*s/%.*s-%.*s%.*s", STR_ARG(d.folder),
                              STR_ARG(d.stem), STR_ARG(date), STR_ARG(d.extension));
    return str_z(perm, path);
}

/* is_date says whether s has the form of a date: "2026-11-25", or "2026-11". */
static bool is_date(struct str s, bool monthly)
{
    const char *form = monthly ? "dddd-dd" : "dddd-dd-dd";
    if (s.len != strlen(form))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';
        if (form[i] == 'd' ? !digit : s.ptr[i] != '-')
            return false;
    }
    return true;
}

static bool is_ours(const struct dated *d, struct str name, bool monthly)
{
    size_t around = d->stem.len + 1 + d->extension.len;
    return name.len > around && str_starts(name, d->stem) &&
           name.ptr[d->stem.len] == '-' && str_ends(name, d->extension) &&
           is_date(str_sub(name, d->stem.len + 1, name.len - around), monthly);
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(*(char *const *)b, *(char *const *)a);
}

/* remove_old keeps the newest max_files of the dated files. */
static void remove_old(const struct log_handler *h, struct arena tmp)
{
    struct dated d = split_path(str_from(h->path));
    VEC(char *) files = {0};
    DIR *dir = h->max_files > 0 ? opendir(str_z(&tmp, d.folder)) : NULL;
    if (!dir)
        return;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        struct stat st;
        char *path = path_join(&tmp, d.folder, str_from(entry->d_name));
        if (is_ours(&d, str_from(entry->d_name), h->monthly) && stat(path, &st) == 0 &&
            S_ISREG(st.st_mode))
            VEC_PUSH(&tmp, &files, path);
    }
    closedir(dir);
    if (files.len)
        qsort(files.at, files.len, sizeof(files.at[0]), newest_first);
    /* Two processes may clean up at the same time: a file that is gone is no error. */
    for (size_t i = (size_t)h->max_files; i < files.len; i++)
        if (access(files.at[i], W_OK) == 0)
            unlink(files.at[i]);
}

bool log_append(struct log_handler *h, struct str line, struct arena tmp,
                const char **cause)
{
    if (h->kind == HANDLER_FILE)
        return append(h, h->path, line, cause);
    struct str date = today(h, &tmp);
    char *path = dated_path(h, date, &tmp);
    /* As Monolog: a process that lives into the next day cleans up before it makes the
     * new file, one that starts with a new file afterwards. */
    bool first = h->date[0] == '\0';
    bool next_day = !first && !str_eq(date, str_from(h->date));
    bool fresh = first && access(path, F_OK) != 0;
    if (next_day)
        remove_old(h, tmp);
    if (!append(h, path, line, cause))
        return false;
    snprintf(h->date, sizeof(h->date), "%.*s", STR_ARG(date));
    if (fresh)
        remove_old(h, tmp);
    return true;
}
