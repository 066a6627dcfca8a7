/* rights.c: who may do what with a file: users by name, and what a lack of rights is. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facteur/base.h"

enum { ENTRY_BYTES = 4096 }; /* of the user database; a longer entry has no name here */

const char *user_print(unsigned uid, char *out, size_t size)
{
    struct passwd p, *found = NULL;
    char room[ENTRY_BYTES];
    if (getpwuid_r((uid_t)uid, &p, room, sizeof(room), &found) == 0 && found)
        snprintf(out, size, "%s (%u)", p.pw_name, uid);
    else
        snprintf(out, size, "user %u", uid);
    return out;
}

static const char *group_print(unsigned gid, char *out, size_t size)
{
    struct group g, *found = NULL;
    char room[ENTRY_BYTES];
    if (getgrgid_r((gid_t)gid, &g, room, sizeof(room), &found) == 0 && found)
        snprintf(out, size, "%s (%u)", g.gr_name, gid);
    else
        snprintf(out, size, "%u", gid);
    return out;
}

static bool may(const char *path, int how)
{
    return faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0 || errno != EACCES;
}

/* barred finds the first folder on the way to a path that may not be searched. */
static bool barred(const char *path, char *out, size_t size)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = slash == path ? 1 : (size_t)(slash - path);
        if (len >= size)
            return false;
        memcpy(out, path, len);
        out[len] = '\0';
        if (!may(out, X_OK))
            return true;
    }
    return false;
}

bool file_denied(const char *path, const char *what, const char *right, struct error *e)
{
    char at[PATH_MAX], me[64], owner[64], group[64];
    struct stat st;
    if (barred(path, at, sizeof(at)))
        right = "x";
    else
        snprintf(at, sizeof(at), "%s", path);
    user_print(geteuid(), me, sizeof(me));
    if (stat(at, &st) != 0)
        return err_set(e, ERR_FATAL, "cannot %s %s: %s needs the right %s on %s", what,
                       path, me, right, at);
    return err_set(
        e, ERR_FATAL,
        "cannot %s %s: %s needs the right %s on %s, which belongs to %s, group "
        "%s, with the mode %04o",
        what, path, me, right, at, user_print(st.st_uid, owner, sizeof(owner)),
        group_print(st.st_gid, group, sizeof(group)), st.st_mode & 07777U);
}

/* give: what was just made, opened without following a link. */
static void give(int fd, struct file_owner to)
{
    if (to.other && fchown(fd, to.uid, to.gid) < 0)
        errno = 0; /* it is used all the same */
}

bool folder_given(const char *path, struct file_owner to, bool *made)
{
    *made = mkdir(path, 0777) == 0;
    if (!*made)
        return errno == EEXIST;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        give(fd, to);
        close(fd);
    }
    return true;
}

/* One that somebody else has made meanwhile, or a link to one that is not there yet, is
 * opened as it is. */
int file_given(const char *path, int flags, struct file_owner to)
{
    int fd = open(path, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd >= 0)
        give(fd, to);
    else if (errno == EEXIST)
        fd = open(path, flags | O_CREAT | O_CLOEXEC, 0666);
    return fd;
}

bool file_stat(const char *path, struct stat *st, bool *there, struct error *e)
{
    *there = stat(path, st) == 0;
    if (*there || errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
        return true;
    if (errno == EACCES)
        return file_denied(path, "see", "x", e);
    return err_set(e, ERR_FATAL, "cannot see %s: %s", path, strerror(errno));
}

bool file_exists(const char *path, bool *there, struct error *e)
{
    struct stat st;
    if (!file_stat(path, &st, there, e))
        return false;
    *there = *there && S_ISREG(st.st_mode);
    return true;
}

bool file_readable(const char *path, struct error *e)
{
    bool there;
    if (!file_exists(path, &there, e))
        return false;
    return !there || may(path, R_OK) || file_denied(path, "read", "r", e);
}

bool folder_exists(const char *path, bool *there, struct error *e)
{
    struct stat st;
    if (!file_stat(path, &st, there, e))
        return false;
    *there = *there && S_ISDIR(st.st_mode);
    if (!*there || (may(path, R_OK) && may(path, X_OK)))
        return true;
    return file_denied(path, "list", may(path, R_OK) ? "x" : "r", e);
}
