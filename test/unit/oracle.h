/* oracle.h: real PHP beside our code: scripts that print what it says, case by case. */
#ifndef FACTEUR_TEST_ORACLE_H
#define FACTEUR_TEST_ORACLE_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/* oracle_vendor is the folder of a real Laravel's packages; NULL, said aloud, where there
 * is none. */
static inline const char *oracle_vendor(const char *test)
{
    const char *dir = getenv("FACTEUR_VENDOR");
    char autoload[1024];
    dir = dir ? dir : "build/laravel/vendor";
    snprintf(autoload, sizeof(autoload), "%s/autoload.php", dir);
    if (access(autoload, F_OK) == 0)
        return dir;
    printf("ok - %s # SKIP no Laravel in %s (test/laravel/install)\n", test, dir);
    return NULL;
}

/* FACTEUR_SEED and FACTEUR_CASES, when set, make a run other and longer. */
static inline const char *oracle_seed(void)
{
    const char *seed = getenv("FACTEUR_SEED");
    return seed ? seed : "1";
}

static inline const char *oracle_cases(const char *usual)
{
    const char *cases = getenv("FACTEUR_CASES");
    return cases ? cases : usual;
}

/* oracle_say ends a comparison: how much was compared, and what facteur alone refuses. */
static inline void oracle_say(const char *what, int cases, int refused)
{
    printf("# %.*s: %d cases from seed %s, %d refused\n", (int)strcspn(what, ":"), what,
           cases, oracle_seed(), refused);
}

/* oracle_run runs test/php/oracle/<name>.php with three arguments and returns what it
 * prints. */
static inline struct str oracle_run(struct arena *a, const char *name, const char *arg1,
                                    const char *arg2, const char *arg3)
{
    struct error e = {0};
    struct str out = S("");
    char script[256], file[256];
    int status = 0;
    mkdir("build/oracle", 0755);
    snprintf(script, sizeof(script), "test/php/oracle/%s.php", name);
    snprintf(file, sizeof(file), "build/oracle/%s.out", name);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || dup2(fd, 1) < 0)
            _exit(126);
        execlp("php8.2", "php8.2", "-d", "memory_limit=1G", "-d",
               "error_reporting=E_ALL & ~E_DEPRECATED", script, arg1, arg2, arg3,
               (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("php8.2 %s failed with status %d", script, status);
    assert_ok(file_read(file, 512 << 20, a, &out, &e), e);
    return out;
}

static inline struct str oracle_unhex(struct arena *a, struct str hex)
{
    char *bytes = NEW(a, char, hex.len / 2 + 1);
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        char two[3] = {hex.ptr[i], hex.ptr[i + 1], '\0'};
        bytes[i / 2] = (char)strtol(two, NULL, 16);
    }
    return (struct str){bytes, hex.len / 2};
}

/* oracle_fields cuts a line at its tabs; it returns how many fields there are. */
static inline size_t oracle_fields(struct str line, struct str *fields, size_t max)
{
    struct cut c = {.tail = line, .ok = true};
    size_t n = 0;
    for (; c.ok && n < max; n++) {
        c = str_cut(c.tail, '\t');
        fields[n] = c.head;
    }
    return n;
}

static inline bool oracle_is_conversion(struct str message)
{
    return str_ends(message, S("to string conversion")) ||
           str_ends(message, S("could not be converted to string"));
}

/* Which of two errors comes first is an accident of PHP's compiler in three cases: it
 * reads a plain variable only when its operator runs, it swaps the operands of *, &, |
 * and ^ when that is shorter, and both operands of "." may have no string. */
static inline bool oracle_may_differ(struct str got, struct str want)
{
    if (oracle_is_conversion(got) && oracle_is_conversion(want))
        return true;
    static const char *const ops[] = {" * ", " & ", " | ", " ^ "};
    bool swapped = false;
    for (size_t i = 0; i < COUNT(ops); i++)
        swapped =
            swapped || str_has(got, str_from(ops[i])) || str_has(want, str_from(ops[i]));
    return swapped || str_starts(got, S("Undefined variable"));
}

#endif
