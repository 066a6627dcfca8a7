/* lock.c: who lives is told by locks: fcntl's, of an open file description. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run/run_imp.h"

static bool lock_range(int fd, short type, off_t from, off_t len)
{
    struct flock l = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = len};
    return fcntl(fd, F_OFD_SETLK, &l) == 0;
}

static bool is_locked(int fd, off_t from, off_t len)
{
    struct flock l = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = from, .l_len = len};
    return fcntl(fd, F_OFD_GETLK, &l) != 0 || l.l_type != F_UNLCK;
}

bool run_is_before(const struct run_file *f)
{
    return f->form == &run_form_before;
}

static off_t record_at(const struct run_file *f, size_t at)
{
    return (off_t)(f->form->head + at * f->form->slot);
}

bool run_master_lives(const struct run_file *f)
{
    if (run_is_before(f))
        return flock(f->fd, LOCK_EX | LOCK_NB) != 0;
    return is_locked(f->fd, 0, (off_t)f->form->head);
}

bool run_slot_lives(const struct run_file *f, size_t at)
{
    if (run_is_before(f))
        return run_master_lives(f);
    return is_locked(f->fd, record_at(f, at), (off_t)f->form->slot);
}

bool run_take(const struct run_file *f, size_t at)
{
    if (run_is_before(f))
        return !run_master_lives(f);
    return lock_range(f->fd, F_WRLCK, record_at(f, at), (off_t)f->form->slot);
}

void run_give(const struct run_file *f, size_t at)
{
    if (!run_is_before(f))
        lock_range(f->fd, F_UNLCK, record_at(f, at), (off_t)f->form->slot);
}

bool run_lock_head(const struct run_file *f)
{
    return lock_range(f->fd, F_WRLCK, 0, (off_t)f->form->head);
}

bool run_leave(struct run_file *f, struct error *e)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_FATAL, "%s: cannot be opened again: %s", f->path,
                       strerror(errno));
    /* A mapping keeps what it was made from open, and so its locks. */
    if (mmap(f->map, f->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
        MAP_FAILED) {
        close(fd);
        return err_set(e, ERR_FATAL, "%s: cannot map: %s", f->path, strerror(errno));
    }
    close(f->fd);
    f->fd = fd;
    return true;
}
