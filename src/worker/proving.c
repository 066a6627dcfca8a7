/* proving.c: before letters are taken some are made by PHP and by facteur, in a process
 * of their own: it opens the database, which the master does not.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum { TICK_MS = 200, PROVE_MS = 120000 };

/* prove ends the process; its code is the answer, what it writes the reason. */
static void prove(const struct work_options *o, bool php, int out)
{
    struct error e = {0};
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    enum work_proven proven = o->proves(o->app, o->prove, php, &e);
    /* What does not fit a pipe is longer than an error's text. */
    if (write(out, e.text, strlen(e.text)) < 0)
        proven = PROVEN_NOT_COMPARED;
    _exit((int)proven);
}

/* hear reads the reason until the process ends; false: it is not waited for. */
static bool hear(int in, struct error *e, bool (*tick)(void *arg), void *arg)
{
    char text[sizeof(e->text)];
    size_t len = 0;
    int64_t until = clock_mono_ms() + PROVE_MS;
    for (;;) {
        struct pollfd fd = {.fd = in, .events = POLLIN};
        if (!tick(arg) || clock_mono_ms() > until)
            return err_set(e, ERR_UNSUPPORTED, "PHP's letters took too long");
        if (poll(&fd, 1, TICK_MS) <= 0)
            continue;
        ssize_t n = read(in, text + len, sizeof(text) - 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    if (len)
        err_set(e, ERR_UNSUPPORTED, "%.*s", (int)len, text);
    return true;
}

enum work_proven proving_start(const struct work_options *o, bool php,
                               bool (*tick)(void *arg), void *arg, struct error *e)
{
    int ends[2], status = 0;
    if (pipe(ends) != 0) {
        err_set(e, ERR_UNSUPPORTED, "no pipe: %s", strerror(errno));
        return PROVEN_NOT_COMPARED;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        prove(o, php, ends[1]);
    }
    close(ends[1]);
    bool heard = pid > 0 && hear(ends[0], e, tick, arg);
    close(ends[0]);
    if (pid > 0 && !heard)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (heard && WIFEXITED(status) && WEXITSTATUS(status) <= PROVEN_NOT_COMPARED)
        return (enum work_proven)WEXITSTATUS(status);
    err_set(e, ERR_UNSUPPORTED, "the process that compares them ended early");
    return PROVEN_NOT_COMPARED;
}
