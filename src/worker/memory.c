/* memory.c: what a slot's process holds, and what it keeps of what was freed. */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    HEAP_KEEP = 16 << 20, /* freed and kept, for the next letter: usual ones take less */
    HEAP_GROW = 1 << 20,  /* asked for at once */
    HEAP_PIECE_MAX = 4 << 20, /* larger pieces go back when they are freed */
};

/* heap_keep: left to itself malloc may give the heap's end back after each letter, and
 * fault it in again; whether it does hangs on which piece lies there. */
void heap_keep(void)
{
    mallopt(M_TRIM_THRESHOLD, HEAP_KEEP);
    mallopt(M_TOP_PAD, HEAP_GROW);
    mallopt(M_MMAP_THRESHOLD, HEAP_PIECE_MAX);
}

/* What /proc/self was for whoever opened it: no slot reads its master's. */
static int statm = -1;

void rss_open(void)
{
    if (statm >= 0)
        close(statm);
    statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

int64_t rss_bytes(void)
{
    char text[128];
    long pages = 0;
    if (statm < 0)
        rss_open();
    ssize_t n = pread(statm, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%*s %ld", &pages) != 1)
        return 0;
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}
