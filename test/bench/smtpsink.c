/* smtpsink: the fastest server to send mail to: it says yes to everything, keeps nothing,
 * and counts. For benchmarks, where a catcher's own work would be measured.
 *
 *   smtpsink [PORT]    prints "ready PORT"; USR1 prints "messages N bytes N sessions N";
 *                      so does its end by TERM or INT.
 *
 * One thread, epoll. The body of a mail is only searched for its end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_ = 1000, EVENTS = 64 };

struct session {
    int fd;
    bool body;
    size_t matched; /* of "\r\n.\r\n" */
    char line[LINE_MAX_];
    size_t len;
};

static long long messages, bytes, sessions;
static char block[256 << 10];

static const char end_of_body[] = "\r\n.\r\n";

static void die(const char *what)
{
    fprintf(stderr, "smtpsink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool say(struct session *s, const char *text)
{
    size_t len = strlen(text);
    return send(s->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* command answers one line; false: the session is over. */
static bool command(struct session *s)
{
    static const struct {
        const char *word, *reply;
    } replies[] = {
        {"EHLO", "250-sink\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n"},
        {"HELO", "250 sink\r\n"},
        {"MAIL", "250 OK\r\n"},
        {"RCPT", "250 OK\r\n"},
        {"DATA", "354 go\r\n"},
        {"RSET", "250 OK\r\n"},
        {"NOOP", "250 OK\r\n"},
        {"QUIT", "221 bye\r\n"},
    };
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
        if (s->len >= 4 && strncasecmp(s->line, replies[i].word, 4) == 0) {
            s->body = replies[i].reply[0] == '3';
            s->matched = 2; /* a dot at once ends it, too */
            return say(s, replies[i].reply) && replies[i].word[0] != 'Q';
        }
    return say(s, "500 what?\r\n");
}

/* take_body returns how many bytes belong to the body, its end included. */
static size_t take_body(struct session *s, const char *p, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if (s->matched == 0) { /* nothing but "\r" can start the end */
            const char *cr = memchr(p + i, '\r', len - i);
            if (!cr)
                return len;
            i = (size_t)(cr - p) + 1;
            s->matched = 1;
            continue;
        }
        if (p[i] == end_of_body[s->matched]) {
            i++;
            if (++s->matched < sizeof(end_of_body) - 1)
                continue;
            s->body = false;
            messages++;
            return i;
        }
        s->matched = 0;
    }
    return len;
}

static bool take(struct session *s, const char *p, size_t len)
{
    while (len) {
        size_t n;
        if (s->body) {
            n = take_body(s, p, len);
            if (!s->body && !say(s, "250 OK: queued\r\n"))
                return false;
        } else {
            const char *lf = memchr(p, '\n', len);
            n = lf ? (size_t)(lf - p) + 1 : len;
            if (s->len + n > sizeof(s->line))
                return false;
            memcpy(s->line + s->len, p, n);
            s->len += n;
            if (lf && !command(s))
                return false;
            if (lf)
                s->len = 0;
        }
        p += n;
        len -= n;
    }
    return true;
}

static void end(struct session *s)
{
    close(s->fd);
    free(s);
}

static void welcome(int epoll, int listener)
{
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct session *s = fd < 0 ? NULL : calloc(1, sizeof(*s));
    if (!s) {
        if (fd >= 0)
            close(fd);
        return;
    }
    s->fd = fd;
    sessions++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};
    if (!say(s, "220 sink ESMTP\r\n") || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
        end(s);
}

static void serve(struct session *s)
{
    ssize_t n = recv(s->fd, block, sizeof(block), 0);
    if (n > 0)
        bytes += n;
    if (n <= 0 || !take(s, block, (size_t)n))
        end(s);
}

/* on_signal prints the counts; false: it is time to go. */
static bool on_signal(int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return true;
    printf("messages %lld bytes %lld sessions %lld\n", messages, bytes, sessions);
    fflush(stdout);
    return info.ssi_signo == SIGUSR1;
}

static int listen_on(int port, int *got)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 512) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        die("listening");
    *got = ntohs(a.sin_port);
    return fd;
}

static int signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        die("signals");
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
    int port, listener = listen_on(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, &port);
    int signal_fd = signals(), epoll = epoll_create1(EPOLL_CLOEXEC);
    int *fixed[] = {&listener, &signal_fd};
    if (signal_fd < 0 || epoll < 0)
        die("epoll");
    for (int i = 0; i < 2; i++) {
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = fixed[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, *fixed[i], &ev) < 0)
            die("epoll");
    }
    printf("ready %d\n", port);
    fflush(stdout);
    for (;;) {
        struct epoll_event ev[EVENTS];
        int n = epoll_wait(epoll, ev, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            if (ev[i].data.ptr == &listener)
                welcome(epoll, listener);
            else if (ev[i].data.ptr != &signal_fd)
                serve(ev[i].data.ptr);
            else if (!on_signal(signal_fd))
                return 0;
        }
    }
}
