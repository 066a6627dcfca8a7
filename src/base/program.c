/* program.c: starting another program. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facteur/base.h"

enum { FDS_MAX = 8, ABOVE = 16 /* where no place that a program is given can hit it */ };

/* place puts the descriptors where the program expects them, and `failed` behind them; no
 * other stays open. */
static bool place(const struct program *s, int failed)
{
    int high[FDS_MAX];
    int last = (int)s->fds_len;
    failed = fcntl(failed, F_DUPFD, ABOVE);
    if (failed < 0)
        return false;
    for (int i = 0; i < last; i++)
        if ((high[i] = fcntl(s->fds[i], F_DUPFD, ABOVE)) < 0)
            return false;
    for (int i = 0; i < last; i++)
        if (dup2(high[i], i) != i)
            return false;
    return dup2(failed, last) == last && fcntl(last, F_SETFD, FD_CLOEXEC) == 0 &&
           close_range((unsigned)last + 1, ~0U, 0) == 0;
}

/* environment makes the program's, to be freed: this process's, but for TZ, which
 * clock_zone has changed. `tz` gets the text of that entry. NULL: no memory. */
static char **environment(char *tz, size_t room)
{
    const char *given = clock_zone_given();
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **made = calloc(n + 2, sizeof(*made));
    for (size_t i = 0; made && i < n; i++)
        if (strncmp(environ[i], "TZ=", 3) != 0)
            made[kept++] = environ[i];
    if (made && given) {
        snprintf(tz, room, "TZ=%s", given);
        made[kept] = tz;
    }
    return made;
}

/* become never returns. It may only do what is safe after fork; errno goes to `failed`
 * when the program cannot be run. What is ignored here, or blocked, would be in all that
 * the program starts, too. */
static void become(const struct program *s, char **env, int failed, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, s->death_signal);
    if (getppid() != parent)
        _exit(127);
    if (s->group)
        setpgid(0, 0);
    int at = failed;
    if (place(s, failed)) {
        at = (int)s->fds_len;
        execvpe(s->argv[0], s->argv, env);
    }
    int why = errno;
    ssize_t unused = write(at, &why, sizeof(why));
    (void)unused;
    _exit(127);
}

/* became waits until the child has become the program (the pipe closes) or says why not:
 * an errno; 0: it has. */
static int became(int failed)
{
    int why = 0;
    ssize_t n;
    do
        n = read(failed, &why, sizeof(why));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(why) ? why : 0;
}

pid_t program_start(const struct program *s, struct error *e)
{
    int failed[2] = {-1, -1};
    pid_t pid = -1, parent = getpid();
    char tz[512], **env = environment(tz, sizeof(tz));
    if (env && pipe2(failed, O_CLOEXEC) == 0)
        pid = fork();
    int why = errno;
    if (pid == 0)
        become(s, env, failed[1], parent);
    free(env);
    if (failed[1] >= 0)
        close(failed[1]);
    if (pid > 0) {
        if (s->group)
            setpgid(pid, pid); /* whoever comes first: it may be killed at once */
        why = became(failed[0]);
        if (why)
            waitpid(pid, NULL, 0);
    }
    if (failed[0] >= 0)
        close(failed[0]);
    if (pid > 0 && why == 0)
        return pid;
    err_set(e, ERR_JOB, "%s cannot be run: %s", s->argv[0], strerror(why));
    return -1;
}
