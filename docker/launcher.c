/* launcher.c: `facteur` of a bundle, a program without any library. It starts the
 * bundle's own loader on the bundle's own program and libraries:
 *
 *     ROOT/bin/facteur             this
 *     ROOT/lib/LOADER              glibc's, the same that the program was linked for
 *     ROOT/lib/facteur, *.so*      the program and what it needs
 *
 * The image's libc may be another one (Alpine's is musl), so variables that steer a
 * loader are meant for that one: they are set aside, under BUNDLE_PREFIX, until the
 * program has been loaded, which puts them back for the programs that it starts
 * (bundle.c). */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facteur/base.h"

extern char **environ;

static int fail(const char *what)
{
    fprintf(stderr, "facteur: %s: %s\n", what, strerror(errno));
    return 127;
}

/* find_root cuts "/bin/facteur" off the path of this program. */
static int find_root(char *root, size_t room)
{
    ssize_t n = readlink("/proc/self/exe", root, room - 1);
    if (n < 0)
        return fail("/proc/self/exe (is /proc mounted?)");
    root[n] = '\0';
    for (int names = 0; names < 2; names++) {
        char *slash = strrchr(root, '/');
        if (slash)
            *slash = '\0';
    }
    return 0;
}

/* set_aside renames LD_… for the time of loading. */
static int set_aside(void)
{
    for (size_t i = 0; environ[i]; i++) {
        if (strncmp(environ[i], "LD_", 3) != 0)
            continue;
        if (asprintf(&environ[i], BUNDLE_PREFIX "%s", environ[i]) < 0)
            return fail("no memory");
    }
    return 0;
}

int main(int argc, char **argv)
{
    char root[PATH_MAX], lib[PATH_MAX + 8], loader[PATH_MAX + 64], program[PATH_MAX + 16];
    char **args = calloc((size_t)argc + 6, sizeof(*args));
    int failed = args ? find_root(root, sizeof(root)) : fail("no memory");
    if (failed || (failed = set_aside()))
        return failed;
    snprintf(lib, sizeof(lib), "%s/lib", root);
    snprintf(loader, sizeof(loader), "%s/" BUNDLE_LOADER, lib);
    snprintf(program, sizeof(program), "%s/facteur", lib);
    char *first[] = {"facteur", "--library-path", lib, "--argv0", "facteur", program};
    memcpy(args, first, sizeof(first));
    if (argc > 1)
        memcpy(args + 6, argv + 1, (size_t)(argc - 1) * sizeof(*args));
    execv(loader, args);
    return fail(loader);
}
