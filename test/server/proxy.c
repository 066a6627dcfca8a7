#include "proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server.h"

struct shared {
    atomic_int cut, was_cut;
};

static struct shared *shared;
static pid_t pid;

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)strtol(server_env("DB_PORT"), NULL, 10));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
        _exit(1);
    return fd;
}

static void pass(int fd, const char *bytes, ssize_t n)
{
    while (n > 0) {
        ssize_t did = write(fd, bytes, (size_t)n);
        if (did <= 0)
            return;
        bytes += did;
        n -= did;
    }
}

/* cut_commit does what was asked for at a COMMIT; the connection is over then. */
static void cut_commit(int how, int client, int server, const char *bytes, ssize_t n)
{
    char answer[256];
    atomic_store(&shared->was_cut, 1);
    if (how == CUT_LATE) {
        close(client);
        usleep(500000);
    }
    if (how != CUT_BEFORE) {
        pass(server, bytes, n);
        ssize_t ignored = read(server, answer, sizeof(answer));
        (void)ignored;
    }
}

static void serve(int client)
{
    static char bytes[1 << 16];
    int server = dial();
    struct pollfd fds[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    for (;;) {
        poll(fds, 2, -1);
        for (int i = 0; i < 2; i++) {
            if (!fds[i].revents)
                continue;
            ssize_t n = read(fds[i].fd, bytes, sizeof(bytes));
            if (n <= 0)
                return;
            bool commit = i == 0 && n == 11 && !memcmp(bytes + 5, "COMMIT", 6);
            int how = commit ? atomic_exchange(&shared->cut, CUT_NEVER) : CUT_NEVER;
            if (how != CUT_NEVER) {
                cut_commit(how, client, server, bytes, n);
                return;
            }
            pass(fds[1 - i].fd, bytes, n);
        }
    }
}

int proxy_start(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 8), 0);
    getsockname(fd, (struct sockaddr *)&at, &len);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    pid = fork();
    if (pid == 0) {
        signal(SIGCHLD, SIG_IGN);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails stops nothing */
        for (;;) {
            int client = accept(fd, NULL, NULL);
            if (fork() == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                close(fd);
                serve(client);
                _exit(0);
            }
            close(client);
        }
    }
    close(fd);
    return ntohs(at.sin_port);
}

void proxy_stop(void)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    munmap(shared, sizeof(*shared));
}

void proxy_cut_next(enum proxy_cut how)
{
    atomic_store(&shared->was_cut, 0);
    atomic_store(&shared->cut, how);
}

int proxy_was_cut(void)
{
    return atomic_load(&shared->was_cut);
}
