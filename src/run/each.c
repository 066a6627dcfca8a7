/* each.c: the run folder for those who only look: a command, a page, a test. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/run_imp.h"

enum { READ_TRIES = 16 };

/* settled_copy: a slot may be writing its record; two readings that agree are one moment.
 */
static struct run_record settled_copy(const struct run_slot *slot)
{
    struct run_record a = slot->record, b;
    for (int i = 0; i < READ_TRIES; i++) {
        atomic_thread_fence(memory_order_seq_cst);
        b = slot->record;
        if (memcmp(&a, &b, sizeof(a)) == 0)
            break;
        a = b;
    }
    return a;
}

static bool each_record(const struct run_file *f, run_view_fn *fn, void *arg)
{
    struct run_view v = {.path = f->path, .parked = f->parked, .head = f->head};
    if (f->form != &run_form_now)
        return fn(arg, &(struct run_view){.path = f->path, .parked = f->parked});
    v.master_lives = run_master_lives(f);
    for (v.at = 0; v.at < run_slots(f); v.at++) {
        v.slot = run_own(f, v.at);
        v.slot_lives = run_slot_lives(f, v.at);
        v.record = settled_copy(&f->slots[v.at]);
        if (!fn(arg, &v))
            return false;
    }
    return true;
}

/* open_one: false: it is gone, or no file of ours to read. */
static bool open_one(struct run_file *f, int folder, const char *path, const char *name)
{
    static const struct journal nobody; /* to tell warnings to */
    struct stat st;
    *f = (struct run_file){
        .journal = &nobody, .read_only = true, .parked = run_is_parked(name)};
    snprintf(f->path, sizeof(f->path), "%s/%s", path, name);
    f->fd =
        openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (f->fd >= 0 && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode)) {
        f->bytes = (size_t)st.st_size;
        if (run_read(f))
            return true;
    }
    run_drop(f);
    return false;
}

bool run_each(const char *folder, run_view_fn *fn, void *arg, struct error *e)
{
    DIR *dir = opendir(folder);
    struct run_file f;
    bool more = true;
    if (!dir)
        return errno == ENOENT ||
               err_set(e, ERR_FATAL, "%s: cannot be read: %s", folder, strerror(errno));
    for (struct dirent *d; more && (d = readdir(dir));)
        if (run_is_name(d->d_name) && open_one(&f, dirfd(dir), folder, d->d_name)) {
            more = each_record(&f, fn, arg);
            run_drop(&f);
        }
    closedir(dir);
    return true;
}
