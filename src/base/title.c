#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "facteur/base.h"

extern char **environ;

/* The bytes of argv and environ stand in one piece; ps reads the first of them. */
static char *title_at;
static size_t title_room;
static char **volatile title_environ; /* what environ was; setenv may move it again */

/* Copies of all of them. setenv may drop a pointer to one, so these keep it. */
static char **volatile title_kept;

/* read_area asks the kernel where it keeps the strings of argv and environ, one piece
 * (fields 48 to 51 of /proc/self/stat, proc(5)). A loader that was started by name, as in
 * a bundle, leaves its own arguments in front of ours: what ps reads begins there. */
static bool read_area(const char *argv0, char **from, char **to)
{
    char line[2048];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
    if (fd >= 0)
        close(fd);
    line[n < 0 ? 0 : n] = '\0';
    const char *at = strrchr(line, ')');
    uintptr_t field[4] = {0};
    for (int i = 3; at && i <= 51; i++) {
        at = strchr(at + 1, ' ');
        if (at && i >= 48)
            field[i - 48] = (uintptr_t)strtoull(at + 1, NULL, 10);
    }
    uintptr_t own = (uintptr_t)argv0;
    *from = (char *)field[0];
    *to = (char *)field[3];
    return at && field[0] <= own && own < field[1] && field[1] == field[2] &&
           field[2] <= field[3];
}

void title_init(int argc, char **argv)
{
    char *start, *stop;
    if (argc < 1)
        return;
    bool asked = read_area(argv[0], &start, &stop);
    char *end = argv[0];
    for (int i = 0; i < argc; i++)
        if (argv[i] == end)
            end = argv[i] + strlen(argv[i]) + 1;
    size_t n = 0, kept = 0;
    while (environ[n]) {
        if (environ[n] == end)
            end = environ[n] + strlen(environ[n]) + 1;
        n++;
    }
    /* Move the environment away before its place is written over. */
    char **moved = calloc(n + 1, sizeof(*moved));
    char **copies = calloc(n + (size_t)argc, sizeof(*copies));
    if (!moved || !copies) {
        free(moved);
        free(copies);
        return;
    }
    for (size_t i = 0; i < n; i++)
        moved[i] = copies[kept++] = strdup(environ[i]);
    title_at = asked ? start : argv[0];
    title_room = (size_t)((asked ? stop : end) - title_at);
    prctl(PR_SET_NAME, "facteur"); /* not the loader's name */
    for (int i = 0; i < argc; i++)
        argv[i] = copies[kept++] = strdup(argv[i]);
    environ = moved;
    title_environ = moved;
    title_kept = copies;
}

void title_set(const char *fmt, ...)
{
    if (title_room < 2)
        return;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(title_at, title_room, fmt, ap);
    va_end(ap);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used < title_room)
        memset(title_at + used, 0, title_room - used);
}
