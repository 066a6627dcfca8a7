/* process.c: the PHP process: its start and its end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child/child_imp.h"

/* Descriptor 3 leads to PHP, 4 from it. The runner comes through 3 as well, so that no
 * file of it stays open in what a job starts: a length, then its text. What `ps` shows
 * says whose it is. */
static char bootstrap[] =
    "/* facteur queue:work */ (function () { $f = fopen('php://fd/3', 'r');"
    " stream_set_read_buffer($f, 0);"
    " $n = unpack('N', stream_get_contents($f, 4))[1];"
    " $s = stream_get_contents($f, $n); fclose($f); eval('?>'.$s); })();";

enum { ARGS_MAX = 16 };

struct command_line {
    char *args[ARGS_MAX];
    size_t len;
};

static void add(struct command_line *l, char *arg)
{
    l->args[l->len++] = arg;
}

static void setting(struct command_line *l, char *what)
{
    static char d[] = "-d";
    add(l, d);
    add(l, what);
}

/* command_line: what PHP compiles is kept in files where it can be: without them the CLI
 * compiles the app anew each time (and with a cache in memory, for nothing). A file that
 * changed is compiled anew whatever php.ini says of servers. */
static struct command_line command_line(const struct child_options *o, struct arena *perm)
{
    static char cli[] = "opcache.enable_cli=1", only[] = "opcache.file_cache_only=1";
    static char stamps[] = "opcache.validate_timestamps=1",
                fresh[] = "opcache.revalidate_freq=0", preload[] = "opcache.preload=";
    static char r[] = "-r";
    struct command_line l = {0};
    add(&l, str_z(perm, str_from(o->php)));
    if (o->opcache) {
        setting(&l, cli);
        setting(&l, only);
        setting(&l, stamps);
        setting(&l, preload);
        setting(&l, fresh);
        setting(&l, str_z(perm, str_fmt(perm, "opcache.file_cache=%s", o->opcache)));
    }
    add(&l, r);
    add(&l, bootstrap);
    add(&l, NULL);
    return l;
}

static bool pipes(int to[2], int from[2], struct error *e)
{
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        return err_set(e, ERR_JOB, "no pipe to PHP: %s", strerror(errno));
    /* Only this side must never wait. */
    return fcntl(to[1], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(from[0], F_SETFL, O_NONBLOCK) == 0;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

static int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

unsigned process_look(const struct php_process *p)
{
    struct pollfd fds[] = {{.fd = p->pidfd, .events = POLLIN},
                           {.fd = STDOUT_FILENO}, /* only an error, or its end, is told */
                           {.fd = STDERR_FILENO}};
    static const unsigned bits[] = {PROCESS_GONE, PROCESS_OUT_UNREAD, PROCESS_ERR_UNREAD};
    unsigned seen = 0;
    if (poll(fds, COUNT(fds), 0) > 0)
        for (size_t i = 0; i < COUNT(fds); i++)
            seen |= fds[i].revents ? bits[i] : 0;
    return seen;
}

bool process_lives(const struct php_process *p)
{
    return p->pid > 0 && !(process_look(p) & PROCESS_GONE);
}

bool process_begin(struct php_process *p, const struct child_options *o,
                   struct arena *perm, struct error *e)
{
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    if (!o->php)
        return err_set(e, ERR_JOB, "there is no PHP");
    struct command_line line = command_line(o, perm);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    *p = (struct php_process){.pidfd = -1, .wire = {.in = -1, .out = -1}};
    p->unread = process_look(p);
    bool ok = null >= 0 && pipes(to, from, e);
    if (ok) {
        int out = p->unread & PROCESS_OUT_UNREAD ? null : STDOUT_FILENO;
        int err = p->unread & PROCESS_ERR_UNREAD ? null : STDERR_FILENO;
        int fds[] = {null, out, err, to[0], from[1]};
        struct program program = {.argv = line.args,
                                  .fds = fds,
                                  .fds_len = COUNT(fds),
                                  .death_signal = SIGKILL,
                                  .group = true};
        p->pid = program_start(&program, e);
        p->pidfd = p->pid > 0 ? pidfd_of(p->pid) : -1;
    }
    close_one(null);
    close_one(to[0]);
    close_one(from[1]);
    p->wire.out = to[1];
    p->wire.in = from[0];
    p->born_ms = clock_mono_ms();
    if (p->pid > 0 && p->pidfd >= 0)
        return true;
    char how[64];
    if (p->pid > 0) {
        process_kill(p);
        process_reap(p, how, sizeof(how));
    }
    wire_close(&p->wire);
    p->pid = 0;
    return e->kind != ERR_NONE
               ? false
               : err_set(e, ERR_JOB, "PHP cannot be started: %s", strerror(errno));
}

/* process_kill: a job may have moved the process to another group. */
void process_kill(const struct php_process *p)
{
    if (p->pid > 0) {
        kill(-p->pid, SIGKILL);
        kill(p->pid, SIGKILL);
    }
}

/* process_reap: the group's number is not given again while one of it lives. */
void process_reap(struct php_process *p, char *how, size_t size)
{
    int status = 0;
    pid_t got;
    siginfo_t info;
    /* Its number must stay its own until the others of its group were killed. */
    while (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        continue;
    process_kill(p);
    do
        got = waitpid(p->pid, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        snprintf(how, size, "ended, it is not known how");
    else if (WIFSIGNALED(status))
        snprintf(how, size, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, size, "ended with status %d", WEXITSTATUS(status));
    close_one(p->pidfd);
    wire_close(&p->wire);
    p->pid = 0;
    p->pidfd = -1;
}
