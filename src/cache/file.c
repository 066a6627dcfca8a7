/* file.c: the cache in files: <path>/ab/cd/<sha1 of the key>, with ten digits, the second
 * at which the entry expires, and the serialized value. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/cache_imp.h"

enum { EXPIRY_DIGITS = 10, ENTRY_BYTES = 16 << 20 };
static const int64_t for_ever = 9999999999;

struct files {
    struct str dir, lock_dir;
    struct file_owner owner;
    int64_t mode; /* of the option "permission"; -1: what umask leaves */
};

static bool file_open(struct cache *c, struct error *e)
{
    struct files *f = c->store = NEW(&c->arena, struct files, 1);
    struct str path = str_from(app_storage(c->app, &c->arena, "framework/cache/data"));
    struct str mode =
        str_fmt(&c->arena, "cache.stores.%.*s.permission", STR_ARG(c->name));
    f->owner = app_owner(c->app);
    return cache_setting(c, "path", path, &f->dir, e) &&
           cache_setting(c, "lock_path", f->dir, &f->lock_dir, e) &&
           app_config_int(c->app, mode.ptr, -1, &f->mode, e);
}

/* === paths === */

static char *entry_path(struct cache *c, struct str dir, struct str key)
{
    unsigned char hash[SHA_DIGEST_LENGTH];
    char hex[2 * SHA_DIGEST_LENGTH + 1];
    SHA1((const unsigned char *)key.ptr, key.len, hash);
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    return str_z(&c->scratch, str_fmt(&c->scratch, "%.*s/%.2s/%.2s/%s", STR_ARG(dir), hex,
                                      hex + 2, hex));
}

/* make_folders makes what is missing above a path. */
static bool make_folders(struct cache *c, const char *path, struct error *e)
{
    struct files *f = c->store;
    char *part = str_z(&c->scratch, str_from(path));
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made;
        if (!folder_given(part, f->owner, &made))
            return err_set(e, ERR_LOST, "cannot make the folder %s: %s", part,
                           strerror(errno));
        if (made && f->mode >= 0 && (size_t)(slash - part) > f->dir.len)
            chmod(part, (mode_t)f->mode);
        *slash = '/';
    }
    return true;
}

/* === entries === */

/* read_entry reads an open file: its expiry, and the value's text. false: it holds no
 * entry that is still valid. */
static bool read_entry(struct cache *c, int fd, int64_t *until, struct str *text)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size < EXPIRY_DIGITS || st.st_size > ENTRY_BYTES)
        return false;
    char *bytes = NEW(&c->scratch, char, st.st_size);
    ssize_t n = pread(fd, bytes, (size_t)st.st_size, 0);
    if (n < EXPIRY_DIGITS || !str_to_i64((struct str){bytes, EXPIRY_DIGITS}, until))
        return false;
    *text = (struct str){bytes + EXPIRY_DIGITS, (size_t)n - EXPIRY_DIGITS};
    return *until > clock_unix();
}

/* write_entry writes an open file anew; it is locked. */
static bool write_entry(struct cache *c, int fd, int64_t until, struct php_value v,
                        struct error *e)
{
    struct str text;
    if (!cache_encode(c, v, &text, e))
        return false;
    text = str_fmt(&c->scratch, "%010lld%.*s", (long long)until, STR_ARG(text));
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text.ptr, text.len, 0) != (ssize_t)text.len)
        return err_set(e, ERR_LOST, "cannot write to the cache: %s", strerror(errno));
    return true;
}

/* open_locked opens an entry for a change of it; -1: an error. */
static int open_locked(struct cache *c, struct str key, struct error *e)
{
    struct files *f = c->store;
    const char *path = entry_path(c, f->dir, key);
    if (!make_folders(c, path, e))
        return -1;
    int fd = file_given(path, O_RDWR, f->owner);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        err_set(e, ERR_LOST, "cannot open %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (f->mode >= 0)
        fchmod(fd, (mode_t)f->mode);
    return fd;
}

static bool remove_entry(struct cache *c, struct str key, struct error *e)
{
    struct files *f = c->store;
    const char *path = entry_path(c, f->dir, key);
    if (unlink(path) != 0 && errno != ENOENT)
        return err_set(e, ERR_LOST, "cannot remove %s: %s", path, strerror(errno));
    return true;
}

static bool file_forget(struct cache *c, struct str key, struct error *e)
{
    struct str twin = str_join(&c->scratch, S("illuminate:cache:flexible:created:"), key);
    return remove_entry(c, key, e) && remove_entry(c, twin, e);
}

/* An entry that has expired, or is none, is removed by whoever meets it. */
static bool file_read_entry(struct cache *c, struct str key, struct arena *perm,
                            struct php_value *out, struct error *e)
{
    struct files *f = c->store;
    const char *path = entry_path(c, f->dir, key);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ||
               err_set(e, ERR_LOST, "cannot open %s: %s", path, strerror(errno));
    int64_t until;
    struct str text;
    flock(fd, LOCK_SH);
    bool valid = read_entry(c, fd, &until, &text);
    close(fd);
    if (!valid)
        return file_forget(c, key, e);
    *out = cache_decode(str_copy(perm, text), perm);
    return true;
}

static bool file_put(struct cache *c, struct str key, struct php_value v, int64_t seconds,
                     struct error *e)
{
    int fd = open_locked(c, key, e);
    if (fd < 0)
        return false;
    int64_t until = i64_add(clock_unix(), seconds);
    bool ok = write_entry(c, fd, seconds && until < for_ever ? until : for_ever, v, e);
    close(fd);
    return ok;
}

static bool file_increment(struct cache *c, struct str key, int64_t *sum, struct error *e)
{
    int fd = open_locked(c, key, e);
    if (fd < 0)
        return false;
    int64_t until = for_ever;
    struct str text;
    if (read_entry(c, fd, &until, &text))
        *sum = i64_add(php_to_int(cache_decode(text, &c->scratch)), 1);
    else
        *sum = 1, until = for_ever;
    bool ok = write_entry(c, fd, until, php_int(*sum), e);
    close(fd);
    return ok;
}

/* === locks === */

/* A lock is an entry whose value is its owner; since 12.36 its key has a prefix. */
static bool file_unlock_entry(struct cache *c, struct str name, struct str owner,
                              struct error *e)
{
    struct files *f = c->store;
    bool prefixed = app_laravel_has(c->app, 12, 36);
    struct str key =
        str_join(&c->scratch, prefixed ? S("file-store-lock:") : S(""), name);
    const char *path = entry_path(c, f->lock_dir, key);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ||
               err_set(e, ERR_LOST, "cannot open the lock %s: %s", path, strerror(errno));
    int64_t until;
    struct str text;
    flock(fd, LOCK_SH);
    bool held = read_entry(c, fd, &until, &text);
    close(fd);
    struct php_value holder = held ? cache_decode(text, &c->scratch) : php_null();
    bool another = holder.type == PHP_STRING && !str_eq(holder.s, owner);
    if (owner.len && (!held || another))
        return true;
    if (unlink(path) != 0 && errno != ENOENT)
        return err_set(e, ERR_LOST, "cannot remove the lock %s: %s", path,
                       strerror(errno));
    return true;
}

const struct cache_driver cache_file = {
    .name = "file",
    .shared = true,
    .open = file_open,
    .read = file_read_entry,
    .put = file_put,
    .increment = file_increment,
    .forget = file_forget,
    .unlock = file_unlock_entry,
};
