/* file_lock.c: a lock of Laravel's file cache store, which guards the file of failed
 * jobs: a file with ten digits, the second until which it is held, and the serialized
 * owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/cache_imp.h"

enum { EXPIRY_DIGITS = 10, OWNER_MAX = 128, TRY_EVERY_US = 250000 };

/* lock_path is <dir>/ab/cd/<sha1 of the key>; the folders are made. */
static bool lock_path(const struct file_lock *l, char *path, size_t size, struct error *e)
{
    unsigned char hash[SHA_DIGEST_LENGTH];
    char hex[2 * SHA_DIGEST_LENGTH + 1];
    SHA1((const unsigned char *)l->name, strlen(l->name), hash);
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    const int depths[] = {0, 2, 4};
    bool made;
    for (size_t i = 0; i < COUNT(depths); i++) {
        snprintf(path, size, "%s%s%.2s%s%.2s", l->dir, depths[i] ? "/" : "",
                 depths[i] ? hex : "", depths[i] > 2 ? "/" : "",
                 depths[i] > 2 ? hex + 2 : "");
        if (!folder_given(path, l->given_to, &made))
            return err_set(e, ERR_LOST, "cannot make the folder %s: %s", path,
                           strerror(errno));
    }
    snprintf(path, size, "%s/%.2s/%.2s/%s", l->dir, hex, hex + 2, hex);
    return true;
}

/* expired says whether what stands in the file holds the lock no longer. */
static bool expired(int fd, int64_t now)
{
    char digits[EXPIRY_DIGITS];
    int64_t until;
    ssize_t n = pread(fd, digits, sizeof(digits), 0);
    return n < EXPIRY_DIGITS ||
           !str_to_i64((struct str){digits, EXPIRY_DIGITS}, &until) || now >= until;
}

static bool write_owner(const struct file_lock *l, int fd, int64_t until)
{
    char text[EXPIRY_DIGITS + OWNER_MAX];
    int n = snprintf(text, sizeof(text), "%010lld%s", (long long)until, l->owner);
    return n > 0 && ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

static bool try_lock(const struct file_lock *l, bool *taken, struct error *e)
{
    char path[4096];
    int64_t now = clock_unix();
    *taken = false;
    if (!lock_path(l, path, sizeof(path), e))
        return false;
    int fd = file_given(path, O_RDWR, l->given_to);
    if (fd < 0)
        return err_set(e, ERR_LOST, "cannot open the lock %s: %s", path, strerror(errno));
    bool ok = true;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && expired(fd, now)) {
        *taken = ok = write_owner(l, fd, now + l->seconds);
        if (!ok)
            err_set(e, ERR_LOST, "cannot write the lock %s: %s", path, strerror(errno));
    }
    close(fd);
    return ok;
}

bool file_lock(struct file_lock *l, int64_t wait_seconds, struct error *e)
{
    int64_t until = clock_mono_ms() + wait_seconds * 1000;
    bool taken;
    snprintf(l->owner, sizeof(l->owner), "s:16:\"%08x%08x\";", (unsigned)getpid(),
             (unsigned)clock_mono_us());
    for (;;) {
        if (!try_lock(l, &taken, e))
            return false;
        if (taken)
            return true;
        if (clock_mono_ms() >= until)
            return err_set(e, ERR_LOST, "the lock \"%s\" was not free for %lld seconds",
                           l->name, (long long)wait_seconds);
        usleep(TRY_EVERY_US);
    }
}

void file_unlock(struct file_lock *l)
{
    char path[4096], text[EXPIRY_DIGITS + OWNER_MAX];
    struct error ignored = {0};
    if (!lock_path(l, path, sizeof(path), &ignored))
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n = pread(fd, text, sizeof(text), EXPIRY_DIGITS);
    close(fd);
    if (n > 0 && str_eq((struct str){text, (size_t)n}, str_from(l->owner)))
        unlink(path);
}
