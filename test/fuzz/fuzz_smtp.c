/* fuzz_smtp: a server that answers anything: the replies come from the input, one for
 * each line that the transport says, cut at 0xFF. A mail is sent or refused with a
 * reason; sent only where the message was answered with 2xx; a password is in no text,
 * and does not go out in clear where STARTTLS is offered in any letters.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mail/smtp_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)                                                                \
    do {                                                                                 \
        if (!(condition))                                                                \
            abort();                                                                     \
    } while (0)

#define PASSWORD "geheim-42"

/* WAIT_MS: a client that says nothing gets the next reply all the same. */
enum { WAIT_MS = 10, SESSIONS_MAX = 12 };

struct server {
    int listening;
    struct sockaddr_in at;
    pthread_mutex_t lock;
    struct str rest;      /* of the input */
    bool empty;           /* all of it was given */
    bool data, taken;     /* 354 was given; and after it 2xx */
    bool offered, broken; /* STARTTLS; a command came in clear all the same */
};

static struct server server = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* === the server === */

static struct str next_reply(void)
{
    struct cut c = str_cut(server.rest, (char)0xFF);
    server.empty = server.empty || !c.ok;
    server.rest = c.tail;
    return c.head;
}

/* judge looks at a reply to EHLO that has the form of one. */
static bool offers_starttls(struct str reply)
{
    struct offer o = {0};
    bool first = true;
    for (struct cut c = {.tail = reply, .ok = true}; c.ok; first = false) {
        c = str_cut(c.tail, '\n');
        bool last = !c.ok;
        if (!str_starts(c.head, last ? S("250 ") : S("250-")))
            return false;
        if (!first)
            offer_line(&o, c.head);
    }
    return o.starttls;
}

static bool say(int fd, struct str reply)
{
    struct iovec parts[] = {{(char *)(uintptr_t)reply.ptr, reply.len}, {"\r\n", 2}};
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = COUNT(parts)};
    return sendmsg(fd, &m, MSG_NOSIGNAL) >= 0;
}

/* hear returns what the client says: a line, the message, or nothing in time. */
static ssize_t hear(int fd, char *to, size_t room, bool message)
{
    size_t n = 0;
    while (n < room) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, WAIT_MS) <= 0)
            return n ? (ssize_t)n : -1;
        ssize_t got = recv(fd, to + n, room - n, 0);
        if (got <= 0)
            return 0;
        n += (size_t)got;
        struct str s = {to, n};
        if (str_ends(s, message ? S("\r\n.\r\n") : S("\n")))
            break;
    }
    return (ssize_t)n;
}

static bool converse(int fd)
{
    char line[4096];
    bool message = false, starttls = false, clear = true;
    if (server.empty || !say(fd, next_reply()))
        return false;
    while (!server.empty) {
        ssize_t n = hear(fd, line, sizeof(line), message);
        struct str said = {line, n > 0 ? (size_t)n : 0};
        if (n == 0)
            return true;
        struct str word = str_sub(said, 0, 4);
        starttls = starttls || str_eq(str_sub(said, 0, 8), S("STARTTLS"));
        clear = clear && !starttls;
        if (clear && server.offered &&
            (str_eq(word, S("AUTH")) || str_eq(word, S("MAIL"))))
            server.broken = true;
        /* Some lines of a reply may answer what was not said yet. */
        struct str reply = next_reply();
        server.taken = server.taken || (server.data && str_has(reply, S("2")));
        server.data = server.data || str_has(reply, S("354"));
        server.taken = server.taken || (server.data && str_has(reply, S("\n2")));
        if (str_eq(word, S("EHLO")))
            server.offered = offers_starttls(reply);
        message = str_eq(word, S("DATA")) && str_starts(reply, S("354"));
        if (!say(fd, reply))
            return true;
    }
    return true;
}

static void *serve(void *arg)
{
    (void)arg;
    for (;;) {
        int fd = accept(server.listening, NULL, NULL);
        if (fd < 0)
            continue;
        pthread_mutex_lock(&server.lock);
        server.offered = false;
        converse(fd);
        pthread_mutex_unlock(&server.lock);
        close(fd);
    }
    return NULL;
}

static void start(void)
{
    pthread_t thread;
    socklen_t len = sizeof(server.at);
    server.at = (struct sockaddr_in){.sin_family = AF_INET,
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    signal(SIGPIPE, SIG_IGN);
    server.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr *at = (struct sockaddr *)&server.at;
    DEMAND(bind(server.listening, at, len) == 0 && listen(server.listening, 16) == 0 &&
           getsockname(server.listening, at, &len) == 0 &&
           pthread_create(&thread, NULL, serve, NULL) == 0);
}

/* === the client === */

static void send_one(unsigned how)
{
    struct error e = {0};
    struct mail_settings s = {
        .transport = S("smtp"),
        .host = S("127.0.0.1"),
        .ehlo = S("[127.0.0.1]"),
        .port = ntohs(server.at.sin_port),
        .tls = how & 1 ? MAIL_STARTTLS : MAIL_PLAIN,
        .username = how & 2 ? S("worker") : S(""),
        .password = how & 2 ? S(PASSWORD) : S(""),
        .swift = how & 4,
        .timeout_ms = 2000,
        .patience_ms = 2000,
    };
    struct mailer *m = mailer_open(&s, NULL, &e);
    DEMAND(m);
    struct str to = how & 8 ? S("hélène@example.be") : S("marie@example.be");
    struct mail_delivery delivery = {
        .from = S("a@example.be"), .to = to, .message = S("Subject: x\r\n\r\n.x\r\n")};
    bool ok = mailer_send(m, &delivery, &e);
    struct mail_pace pace = mailer_pace(m);
    mailer_close(m);
    pthread_mutex_lock(&server.lock);
    struct str text = str_from(e.text);
    DEMAND(ok == (e.kind == ERR_NONE));
    DEMAND(!ok || (server.data && server.taken && pace.met == MAIL_MET_PASSED));
    DEMAND(ok || (e.kind == ERR_JOB && text.len && str_utf8_ok(text)));
    /* Where none was given, the server's own words may be any. */
    DEMAND(!(how & 2) ||
           (!str_has(text, S(PASSWORD)) && !str_has(str_from(pace.said), S(PASSWORD))));
    DEMAND(!(how & 1) || !server.broken);
    pthread_mutex_unlock(&server.lock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!server.listening)
        start();
    if (size < 2)
        return 0;
    pthread_mutex_lock(&server.lock);
    server.rest = (struct str){(const char *)data + 1, size - 1};
    server.empty = server.data = server.taken = server.broken = false;
    pthread_mutex_unlock(&server.lock);
    send_one(data[0]);
    return 0;
}
