#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facteur/base.h"

extern char **environ;

/* The bytes of argv and environ stand in one piece; ps reads the first of them. */
static char *title_at;
static size_t title_room;
static char **volatile title_environ; /* what environ was; setenv may move it again */

/* Copies of all of them. setenv may drop a pointer to one, so these keep it. */
static char **volatile title_kept;

void title_init(int argc, char **argv)
{
    if (argc < 1)
        return;
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
    title_at = argv[0];
    title_room = (size_t)(end - argv[0]);
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
