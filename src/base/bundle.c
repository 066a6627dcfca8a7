/* bundle.c: whether this program runs from a bundle. There the loader is the program that
 * the kernel knows, ROOT/lib/ld-linux-x86-64.so.2, and nothing in the environment tells
 * of it: what this process starts would inherit that. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "facteur/base.h"

extern char **environ;

/* cut_name takes the last name off a path. False: there is none to take. */
static bool cut_name(char *path, const char **name)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    *slash = '\0';
    *name = slash + 1;
    return true;
}

const char *bundle_root(void)
{
    static char root[PATH_MAX];
    static bool known, is_one;
    const char *loader, *lib;
    if (known)
        return is_one ? root : NULL;
    known = true;
    ssize_t n = readlink("/proc/self/exe", root, sizeof(root) - 1);
    if (n < 0)
        return NULL;
    root[n] = '\0';
    is_one = cut_name(root, &loader) && cut_name(root, &lib) &&
             strncmp(loader, "ld-", 3) == 0 && strcmp(lib, "lib") == 0 && root[0] == '/';
    return is_one ? root : NULL;
}

void bundle_environment(void)
{
    const size_t prefix = sizeof(BUNDLE_PREFIX) - 1;
    for (size_t i = 0; environ[i]; i++)
        if (strncmp(environ[i], BUNDLE_PREFIX "LD_", prefix + 3) == 0)
            memmove(environ[i], environ[i] + prefix, strlen(environ[i]) - prefix + 1);
}

const char *bundle_authorities(void)
{
    static char path[PATH_MAX + 64];
    if (!bundle_root() || access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0)
        return NULL;
    snprintf(path, sizeof(path), "%s/share/certificates/ca-certificates.crt",
             bundle_root());
    return path;
}
