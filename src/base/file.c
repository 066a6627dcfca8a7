#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facteur/base.h"

bool file_read(const char *path, size_t max, struct arena *perm, struct str *out,
               struct error *e)
{
    bool ok = false;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        return file_denied(path, "read", "r", e);
    if (fd < 0)
        return err_set(e, ERR_FATAL, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        err_set(e, ERR_FATAL, "%s is not a regular file", path);
        goto done;
    }
    if ((size_t)st.st_size > max) {
        err_set(e, ERR_FATAL, "%s has %lld bytes, more than the %zu allowed", path,
                (long long)st.st_size, max);
        goto done;
    }
    size_t len = 0, size = (size_t)st.st_size;
    char *bytes = NEW(perm, char, size + 1);
    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            err_set(e, ERR_FATAL, "cannot read %s: %s", path, strerror(errno));
            goto done;
        }
        if (n == 0)
            break; /* it was cut while we read: what is there is what it holds */
        len += (size_t)n;
    }
    *out = (struct str){bytes, len};
    ok = true;
done:
    close(fd);
    return ok;
}

char *path_join(struct arena *a, struct str dir, struct str name)
{
    if (dir.len == 0 || str_starts(name, S("/")))
        return str_z(a, name);
    while (dir.len > 1 && dir.ptr[dir.len - 1] == '/')
        dir.len--;
    const char *slash = str_eq(dir, S("/")) ? "" : "/";
    struct str s = str_fmt(a, "%.*s%s%.*s", STR_ARG(dir), slash, STR_ARG(name));
    return str_z(a, s);
}
