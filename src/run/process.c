/* process.c: which process a pid means. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/run_imp.h"

/* read_small reads a file of /proc, whose first line is all that counts. */
static bool read_small(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return n > 0;
}

int64_t run_born(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (!read_small(path, text, sizeof(text)))
        return -1;
    /* The name stands in brackets, and may hold any character. */
    char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    int64_t born;
    return at && str_to_i64(str_cut(str_from(at + 1), ' ').head, &born) ? born : -1;
}

struct run_host run_here(void)
{
    struct run_host here = {0};
    struct stat ns;
    if (!read_small("/proc/sys/kernel/random/boot_id", here.boot, sizeof(here.boot)))
        here.boot[0] = '\0';
    if (stat("/proc/self/ns/pid", &ns) == 0) {
        here.ns_dev = ns.st_dev;
        here.ns_ino = ns.st_ino;
    }
    return here;
}

bool run_is_here(const struct run_host *host)
{
    struct run_host here = run_here();
    return here.boot[0] && here.ns_ino && here.ns_dev == host->ns_dev &&
           here.ns_ino == host->ns_ino &&
           strncmp(here.boot, host->boot, sizeof(here.boot)) == 0;
}

/* A group that is led by nobody any more is killed by its master alone: its number could
 * be another's by now. */
void run_end_child(struct run_file *f, size_t at, bool sure)
{
    struct run_slot *second = &f->slots[run_second(f, at)];
    pid_t pid = (pid_t)atomic_exchange(&second->pid, 0);
    if (pid <= 1 || !run_is_here(&f->head->host))
        return;
    if (sure || (second->born > 0 && run_born(pid) == second->born))
        kill(-pid, SIGKILL);
}
