/* folder.c: the run folder itself: whoever writes there decides about jobs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/run_imp.h"

void run_tell(const struct journal *j, const char *path, const char *text)
{
    struct arena tmp = arena_open(64 << 10);
    if (j->say)
        j->say(j->arg, str_fmt(&tmp, "%s %s", path, text));
    arena_close(&tmp);
}

bool run_is_ours(const struct journal *j, uid_t owner)
{
    struct file_owner to = app_owner(j->app);
    return owner == geteuid() || (to.other && owner == to.uid);
}

/* cannot_make says why a folder could not be made, by errno. */
static bool cannot_make(const char *path, struct error *e)
{
    char parent[4096];
    snprintf(parent, sizeof(parent), "%s", path);
    char *slash = strrchr(parent, '/');
    if (errno != EACCES || !slash)
        return err_set(e, ERR_FATAL, "%s: cannot make the folder: %s", path,
                       strerror(errno));
    *slash = '\0';
    return file_denied(parent, "make a folder in", "w", e);
}

static bool make_folder(const struct journal *j, const char *path, mode_t mode,
                        struct error *e)
{
    struct file_owner to = app_owner(j->app);
    if (mkdir(path, mode) != 0)
        return errno == EEXIST || cannot_make(path, e);
    if (to.other && lchown(path, to.uid, to.gid) != 0)
        return err_set(e, ERR_FATAL, "%s: cannot give the folder to user %u: %s", path,
                       to.uid, strerror(errno));
    return true;
}

static bool not_ours(const char *path, uid_t uid, struct error *e)
{
    char owner[64], me[64];
    return err_set(e, ERR_FATAL,
                   "%s: belongs to %s, but facteur runs as %s; remove the folder or "
                   "run as its owner",
                   path, user_print(uid, owner, sizeof(owner)),
                   user_print(geteuid(), me, sizeof(me)));
}

/* check_folder: whoever writes here decides about jobs: it must be ours alone. */
static bool check_folder(const struct journal *j, int fd, const char *path,
                         struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_FATAL, "%s: %s", path, strerror(errno));
    if (!run_is_ours(j, st.st_uid))
        return not_ours(path, st.st_uid, e);
    if ((st.st_mode & 0077) == 0)
        return true;
    if (fchmod(fd, 0700) != 0)
        return err_set(e, ERR_FATAL, "%s: cannot set mode 0700: %s", path,
                       strerror(errno));
    if (st.st_mode & 0022)
        run_tell(j, path, "could be written to by others; its mode is 0700 again");
    return true;
}

static int open_folder(const struct journal *j, const char *path, struct error *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        int why = errno;
        struct stat st;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && !run_is_ours(j, st.st_uid))
            not_ours(path, st.st_uid, e);
        else
            err_set(e, ERR_FATAL, "%s: not a folder that can be opened: %s", path,
                    strerror(why));
        return -1;
    }
    if (check_folder(j, fd, path, e))
        return fd;
    close(fd);
    return -1;
}

int run_folder(const struct journal *j, char path[static 4096], struct error *e)
{
    struct arena tmp = arena_open(1 << 20);
    int fd = -1;
    snprintf(path, 4096, "%s", app_storage(j->app, &tmp, "framework/facteur"));
    if (make_folder(j, app_storage(j->app, &tmp, "framework"), 0755, e) &&
        make_folder(j, path, 0700, e))
        fd = open_folder(j, path, e);
    arena_close(&tmp);
    return fd;
}
