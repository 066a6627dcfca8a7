/* run_file.c: the run folder: who holds what, in files that outlive their writers. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "worker/worker_imp.h"

static const char run_magic[8] = "facteur";
static const char run_suffix[] = ".run";

/* === the folder === */

static bool make_folder(const char *path, mode_t mode, struct error *e)
{
    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return true;
    return err_set(e, ERR_FATAL, "%s: cannot make the folder: %s", path, strerror(errno));
}

/* open_folder makes storage/framework/facteur and returns its path. */
static bool open_folder(struct app *app, struct arena *tmp, char **path, struct error *e)
{
    struct stat st;
    *path = app_storage(app, tmp, "framework/facteur");
    if (!make_folder(app_storage(app, tmp, "framework"), 0755, e) ||
        !make_folder(*path, 0700, e))
        return false;
    /* Whoever writes here decides about jobs: it must be ours alone. */
    if (lstat(*path, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_set(e, ERR_FATAL, "%s: not a folder", *path);
    if (st.st_uid != geteuid())
        return err_set(e, ERR_FATAL,
                       "%s: belongs to user %u, but facteur runs as %u; remove the "
                       "folder or run as its owner",
                       *path, st.st_uid, geteuid());
    if ((st.st_mode & 0077) && chmod(*path, 0700) != 0)
        return err_set(e, ERR_FATAL, "%s: cannot set mode 0700: %s", *path,
                       strerror(errno));
    return true;
}

/* === one file === */

static bool map_file(struct run_file *f, struct error *e)
{
    void *at = mmap(NULL, f->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    if (at == MAP_FAILED)
        return err_set(e, ERR_FATAL, "%s: cannot map: %s", f->path, strerror(errno));
    f->head = at;
    f->slots = (struct run_slot *)(f->head + 1);
    return true;
}

static void fill_head(struct run_head *h, const struct work_options *o,
                      struct str connection)
{
    memcpy(h->magic, run_magic, sizeof(h->magic));
    h->version = RUN_VERSION;
    h->slots = (uint32_t)o->workers;
    h->started_at = clock_unix();
    h->master_pid = (int32_t)getpid();
    snprintf(h->connection, sizeof(h->connection), "%.*s", STR_ARG(connection));
    h->tries = o->retry.tries;
    snprintf(h->backoff, sizeof(h->backoff), "%.*s", STR_ARG(o->retry.backoff));
}

static bool create_at(struct run_file *f, const char *folder, const char *name,
                      const struct work_options *o, struct str connection,
                      struct error *e)
{
    char fresh[sizeof(f->path)];
    snprintf(f->path, sizeof(f->path), "%s/%s%s", folder, name, run_suffix);
    /* Under its own name it is locked already: nobody can take it for an orphan. */
    snprintf(fresh, sizeof(fresh), "%s/%s.new", folder, name);
    f->fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->fd < 0)
        return err_set(e, ERR_FATAL, "%s: cannot create: %s", fresh, strerror(errno));
    f->bytes = sizeof(struct run_head) + (size_t)o->workers * sizeof(struct run_slot);
    if (flock(f->fd, LOCK_EX | LOCK_NB) != 0 || ftruncate(f->fd, (off_t)f->bytes) != 0) {
        err_set(e, ERR_FATAL, "%s: cannot prepare: %s", fresh, strerror(errno));
        goto failed;
    }
    if (!map_file(f, e))
        goto failed;
    fill_head(f->head, o, connection);
    if (rename(fresh, f->path) == 0)
        return true;
    err_set(e, ERR_FATAL, "%s: cannot rename: %s", fresh, strerror(errno));
failed:
    unlink(fresh);
    close(f->fd);
    return false;
}

bool run_create(struct run_file *f, const struct work_options *o, struct str connection,
                struct error *e)
{
    struct arena tmp = arena_open(1 << 20);
    char *folder, name[37];
    uuid_t id;
    *f = (struct run_file){.fd = -1};
    uuid_generate_random(id);
    uuid_unparse_lower(id, name);
    bool ok = open_folder(o->app, &tmp, &folder, e) &&
              create_at(f, folder, name, o, connection, e);
    arena_close(&tmp);
    return ok;
}

static bool holds_nothing(const struct run_file *f)
{
    for (size_t i = 0; i < f->head->slots; i++)
        if (f->slots[i].phase != PHASE_IDLE)
            return false;
    return true;
}

void run_close(struct run_file *f)
{
    if (f->fd < 0)
        return;
    if (holds_nothing(f))
        unlink(f->path);
    munmap(f->head, f->bytes);
    close(f->fd);
    f->fd = -1;
}

void run_stop(struct run_file *f, enum stop_reason why)
{
    int32_t none = STOP_NONE;
    atomic_compare_exchange_strong(&f->head->stopped, &none, (int32_t)why);
}

bool run_said(struct run_file *f, struct str text)
{
    uint64_t hash = str_hash(text) | 1;
    for (size_t i = 0; i < SAID_MAX; i++) {
        uint64_t there = 0;
        if (atomic_compare_exchange_strong(&f->head->said[i], &there, hash))
            return true;
        if (there == hash)
            return false;
    }
    return false;
}

/* === orphans === */

/* open_orphan opens a file if nobody holds its lock. *taken false: somebody lives, or it
 * is no file of ours. */
static bool open_orphan(struct run_file *f, bool *taken, struct error *e)
{
    struct stat st;
    *taken = false;
    f->fd = open(f->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (f->fd < 0)
        return true;
    if (flock(f->fd, LOCK_EX | LOCK_NB) != 0 || fstat(f->fd, &st) != 0 ||
        st.st_nlink == 0 || (size_t)st.st_size < sizeof(struct run_head))
        goto leave;
    f->bytes = (size_t)st.st_size;
    if (!map_file(f, e)) {
        close(f->fd);
        return false;
    }
    struct run_head *h = f->head;
    h->connection[sizeof(h->connection) - 1] = h->backoff[sizeof(h->backoff) - 1] = '\0';
    size_t room = (f->bytes - sizeof(*h)) / sizeof(struct run_slot);
    *taken = memcmp(h->magic, run_magic, sizeof(h->magic)) == 0 &&
             h->version == RUN_VERSION && h->slots <= room;
    if (*taken)
        return true;
    munmap(f->head, f->bytes);
leave:
    close(f->fd);
    return true;
}

static bool one_orphan(struct run_file *f, run_orphan_fn *fn, void *arg, struct error *e)
{
    bool taken;
    if (!open_orphan(f, &taken, e))
        return false;
    if (!taken)
        return true;
    bool ok = holds_nothing(f) || fn(arg, f, e);
    run_close(f); /* removes it when nothing is left in it */
    return ok;
}

bool run_orphans(const struct work_options *o, run_orphan_fn *fn, void *arg,
                 struct error *e)
{
    struct arena tmp = arena_open(1 << 20);
    char *folder;
    bool ok = open_folder(o->app, &tmp, &folder, e);
    DIR *dir = ok ? opendir(folder) : NULL;
    for (struct dirent *d; ok && dir && (d = readdir(dir));) {
        struct run_file f = {.fd = -1};
        if (!str_ends(str_from(d->d_name), str_from(run_suffix)))
            continue;
        snprintf(f.path, sizeof(f.path), "%s/%s", folder, d->d_name);
        ok = one_orphan(&f, fn, arg, e);
    }
    if (dir)
        closedir(dir);
    arena_close(&tmp);
    return ok;
}
