/* test_app.h: what the tests of app share: scratch apps, golden folders, PHP beside. */
#ifndef FACTEUR_TEST_APP_H
#define FACTEUR_TEST_APP_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app_imp.h"
#include "test.h"

/* folder_make makes a folder and those above it. */
static inline void folder_make(const char *path)
{
    char z[1024];
    snprintf(z, sizeof(z), "%s/", path);
    for (char *slash = strchr(z + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(z, 0755) < 0 && errno != EEXIST)
            fail_msg("mkdir %s: %s", z, strerror(errno));
        *slash = '/';
    }
}

static inline void file_write(const char *dir, const char *name, struct str bytes)
{
    char path[1024], folder[1024];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    folder_make(folder);
    FILE *f = fopen(path, "w");
    if (!f)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fwrite(bytes.ptr ? bytes.ptr : "", 1, bytes.len, f), bytes.len);
    fclose(f);
}

/* file_text reads a file that must be there. */
static inline struct str file_text(struct arena *a, const char *path)
{
    struct str s = {0};
    struct error e = {0};
    assert_ok(file_read(path, 64 << 20, a, &s, &e), e);
    return s;
}

static inline bool file_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* run starts a program and waits; its output goes to a file. Returns its exit status. */
static inline int run(char *const argv[], const char *out)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || dup2(fd, 1) < 0)
            _exit(126);
        execvp(argv[0], argv);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* vendor finds the real Laravel; NULL, said aloud, where there is none. */
static inline const char *vendor(const char *test)
{
    static char path[1024];
    const char *dir = getenv("FACTEUR_VENDOR");
    snprintf(path, sizeof(path), "%s", dir ? dir : "build/laravel/vendor");
    char autoload[1100];
    snprintf(autoload, sizeof(autoload), "%s/autoload.php", path);
    if (file_there(autoload))
        return path;
    printf("ok - %s # SKIP no Laravel in %s (test/laravel/install)\n", test, path);
    return NULL;
}

/* oracle runs test/app/oracle/<name>.php VENDOR ARGS… and returns what it prints. */
static inline struct str oracle(struct arena *a, const char *name, const char *dir,
                                const char *arg1, const char *arg2)
{
    char script[256], out[256];
    snprintf(script, sizeof(script), "test/app/oracle/%s.php", name);
    snprintf(out, sizeof(out), "build/test-app/%s.out", name);
    folder_make("build/test-app");
    char *argv[] = {"php",        "-d",        "error_reporting=E_ALL & ~E_DEPRECATED",
                    script,       (char *)dir, (char *)arg1,
                    (char *)arg2, NULL};
    if (run(argv, out) != 0)
        fail_msg("%s failed: %.*s", script, STR_ARG(file_text(a, out)));
    return file_text(a, out);
}

static inline struct str from_hex(struct arena *a, struct str hex)
{
    char *bytes = NEW(a, char, hex.len / 2 + 1);
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        char two[3] = {hex.ptr[i], hex.ptr[i + 1], '\0'};
        bytes[i / 2] = (char)strtol(two, NULL, 16);
    }
    return (struct str){bytes, hex.len / 2};
}

/* each_case calls fn for every folder below dir, and fails when there is none. */
static inline void each_case(const char *dir, void (*fn)(const char *path))
{
    int n = 0;
    DIR *d = opendir(dir);
    if (!d)
        fail_msg("%s: %s", dir, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(d));) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        fn(path);
        n++;
    }
    closedir(d);
    assert_true(n > 0);
}

#endif
