/* dialog.c: SMTP with a program on a socket pair, for `sendmail -bs`: no TLS, no login,
 * one mail, then QUIT.
 *
 * libcurl could speak it too, but its 7.88 ignores CURL_SOCKOPT_ALREADY_CONNECTED.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "mail/mail_imp.h"

enum { SLICE_MS = 200, LINE_LEN = 4096 };

struct dialog {
    int socket;
    const struct mail_settings *s;
    const struct peer *peer;
    enum smtp_step at;
    const struct envelope *v;
    struct arena *tmp;
    struct error *e;
    struct reply reply;
    char in[LINE_LEN]; /* received, not yet read */
    size_t in_len;
};

static bool fail(struct dialog *d, const char *why)
{
    return complain_other(d->peer, d->at, str_from(why), d->e);
}

/* wait_for waits until the socket is ready for `events`. */
static bool wait_for(struct dialog *d, short events)
{
    /* Whoever has the message is waited for: giving up would send it again. */
    bool handed_over = d->at == AT_BODY && events == POLLIN;
    int64_t until = clock_mono_ms() + (handed_over && d->s->patience_ms > d->s->timeout_ms
                                           ? d->s->patience_ms
                                           : d->s->timeout_ms);
    for (;;) {
        struct pollfd fd = {.fd = d->socket, .events = events};
        int rc = poll(&fd, 1, SLICE_MS);
        if (rc > 0)
            return true;
        if (rc < 0 && errno != EINTR)
            return fail(d, strerror(errno));
        if (!handed_over && !envelope_alive(d->v))
            return fail(d, "stopped while waiting");
        if (clock_mono_ms() > until)
            return complain_timeout(d->peer, d->at, d->e);
    }
}

static bool tell(struct dialog *d, struct str s)
{
    while (s.len) {
        ssize_t n = send(d->socket, s.ptr, s.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            s = str_skip(s, (size_t)n);
        else if (n < 0 && errno == EAGAIN && !wait_for(d, POLLOUT))
            return false;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            return complain_closed(d->peer, d->at, d->e);
    }
    return true;
}

/* hear_line takes one line out of what came in. */
static bool hear_line(struct dialog *d)
{
    for (;;) {
        const char *lf = memchr(d->in, '\n', d->in_len);
        size_t n = lf ? (size_t)(lf - d->in) + 1 : d->in_len;
        if (lf || n == sizeof(d->in)) {
            reply_add(&d->reply, (struct str){d->in, n});
            memmove(d->in, d->in + n, d->in_len - n);
            d->in_len -= n;
            return true;
        }
        if (!wait_for(d, POLLIN))
            return false;
        ssize_t got = recv(d->socket, d->in + d->in_len, sizeof(d->in) - d->in_len, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return complain_closed(d->peer, d->at, d->e);
        d->in_len += got > 0 ? (size_t)got : 0;
    }
}

/* hear reads a whole reply, which must be of the class (2 or 3). */
static bool hear(struct dialog *d, int class)
{
    d->reply = (struct reply){0};
    do
        if (!hear_line(d))
            return false;
    while (d->reply.more);
    if (d->reply.code / 100 == class)
        return true;
    struct str said = str_utf8_question(d->tmp, reply_text(&d->reply));
    limit_reply(d->v, d->at, d->reply.code, said);
    return complain_refused(d->peer, d->at, d->reply.code, said, d->e);
}

/* step says "command" or "command<path>" and hears the answer. */
static bool step(struct dialog *d, enum smtp_step at, const char *command,
                 struct str path, int class)
{
    d->at = at;
    return tell(d, str_from(command)) && tell(d, path.len ? S("<") : S("")) &&
           tell(d, path) && tell(d, path.len ? S(">\r\n") : S("\r\n")) && hear(d, class);
}

static bool greet(struct dialog *d)
{
    d->at = AT_CONNECT;
    if (!hear(d, 2))
        return false;
    if (step(d, AT_HELLO, "EHLO [127.0.0.1]", S(""), 2))
        return true;
    if (d->reply.code == 0)
        return false;
    err_clear(d->e); /* it only knows the older greeting */
    return step(d, AT_HELLO, "HELO [127.0.0.1]", S(""), 2);
}

/* body sends the message with a dot more where a line begins with one. */
static bool body(struct dialog *d)
{
    struct str rest = d->v->message;
    d->at = AT_BODY;
    if (str_starts(rest, S(".")) && !tell(d, S(".")))
        return false;
    for (ptrdiff_t dot; (dot = str_find(rest, S("\r\n."))) >= 0;) {
        size_t n = (size_t)dot + 3;
        if (!tell(d, str_sub(rest, 0, n)) || !tell(d, S(".")))
            return false;
        rest = str_skip(rest, n);
    }
    bool ended = str_ends(d->v->message, S("\r\n"));
    return tell(d, rest) && tell(d, ended ? S(".\r\n") : S("\r\n.\r\n")) && hear(d, 2);
}

bool dialog_send(int socket, const struct peer *peer, const struct mail_settings *s,
                 const struct envelope *v, struct arena *tmp, struct error *e)
{
    struct dialog d = {
        .socket = socket, .s = s, .peer = peer, .v = v, .tmp = tmp, .e = e};
    if (envelope_utf8(v)) /* as Symfony: it does not ask such a program */
        return complain_utf8(peer, e);
    bool ok = greet(&d) && step(&d, AT_MAIL, "MAIL FROM:", v->from, 2) &&
              step(&d, AT_RCPT, "RCPT TO:", v->to, 2) &&
              step(&d, AT_DATA, "DATA", S(""), 3) && body(&d);
    /* The mail is delivered or refused: the answer would change nothing. */
    (void)send(socket, "QUIT\r\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(socket, SHUT_WR);
    return ok;
}
