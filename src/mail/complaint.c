/* complaint.c: what a conversation that failed is called.
 *
 * Apps and their operators know the words of the mailer that PHP has: Symfony Mailer from
 * Laravel 9 on, Swift Mailer in 8. The same words come from here; which server it was,
 * and at which step, stands in the stack trace.
 */
#include <stdio.h>

#include "mail/mail_imp.h"

/* ORDER STEP: its name, and the codes that mean success. */
static const struct {
    const char *name, *expected;
} steps[] = {
    [AT_CONNECT] = {"the connection", "220"},
    [AT_HELLO] = {"EHLO", "250"},
    [AT_STARTTLS] = {"STARTTLS", "220"},
    [AT_AUTH] = {"AUTH", "235"},
    [AT_MAIL] = {"MAIL FROM", "250"},
    [AT_RCPT] = {"RCPT TO", "250/251/252"},
    [AT_DATA] = {"DATA", "354"},
    [AT_BODY] = {"the message", "250"},
};

static const char transport_exception[] = "Facteur\\TransportException";
static const char unexpected_response[] = "Facteur\\UnexpectedResponseException";

static bool thrown(const struct peer *p, enum smtp_step at, const char *exception,
                   int code, struct error *e)
{
    char step[sizeof(e->step)];
    snprintf(step, sizeof(step), "SMTP %s: %s", p->name, steps[at].name);
    return err_thrown(e, exception, code, step);
}

bool complain_expects(enum smtp_step at, int code)
{
    char text[8];
    snprintf(text, sizeof(text), "%d", code);
    return str_has(str_from(steps[at].expected), str_from(text));
}

/* add_answer: "Expected response code "235" but got code "535", with message "535 …"." */
static void add_answer(struct buf *b, bool swift, int expected, int code, struct str said)
{
    if (swift)
        buf_fmt(b, "Expected response code %d but got code \"%d\", with message \"%.*s\"",
                expected, code, STR_ARG(said));
    else
        buf_fmt(b,
                "Expected response code \"%d\" but got code \"%d\", with message "
                "\"%.*s\".",
                expected, code, STR_ARG(str_trim(said)));
}

bool complain_login(const struct peer *p, const struct complaint_login *c,
                    struct error *e)
{
    enum { TEXT_MAX = 8192 };
    struct buf b = buf_new(NULL, TEXT_MAX);
    buf_fmt(&b, "Failed to authenticate on SMTP server with username \"%.*s\" using ",
            STR_ARG(c->user));
    if (p->swift)
        buf_fmt(&b, "%d possible authenticators.", c->len);
    else
        buf_add(&b, S("the following authenticators: "));
    for (int i = 0; i < c->len && !p->swift; i++)
        buf_fmt(&b, "%s\"%s\"%s", i ? ", " : "", c->answers[i].way,
                i + 1 == c->len ? "." : "");
    for (int i = 0; i < c->len; i++) {
        buf_fmt(&b,
                p->swift ? " Authenticator %s returned "
                         : " Authenticator \"%s\" returned \"",
                c->answers[i].way);
        add_answer(&b, p->swift, c->answers[i].expected, c->answers[i].code,
                   c->answers[i].said);
        buf_add(&b, p->swift ? S(".") : S("\"."));
    }
    err_set(e, ERR_JOB, "%.*s", STR_ARG(buf_str(&b)));
    buf_drop(&b);
    return thrown(p, AT_AUTH, transport_exception, c->answers[c->len - 1].code, e);
}

bool complain_no_login(const struct peer *p, struct str offered, struct error *e)
{
    enum { TEXT_MAX = 2048, NO_SUCH_LOGIN = 504 };
    struct buf b = buf_new(NULL, TEXT_MAX);
    for (struct cut c = {.tail = offered, .ok = true}; c.ok;) {
        c = str_cut(c.tail, ' ');
        buf_fmt(&b, "%s\"", b.len ? ", " : "");
        for (size_t i = 0; i < c.head.len; i++)
            buf_byte(&b, c.head.ptr[i] >= 'A' && c.head.ptr[i] <= 'Z'
                             ? (char)(c.head.ptr[i] + ('a' - 'A'))
                             : c.head.ptr[i]);
        buf_byte(&b, '"');
    }
    err_set(e, ERR_JOB,
            "Failed to find an authenticator supported by the SMTP server, which "
            "currently supports: %.*s.",
            STR_ARG(buf_str(&b)));
    buf_drop(&b);
    return thrown(p, AT_AUTH, transport_exception, NO_SUCH_LOGIN, e);
}

bool complain_utf8(const struct peer *p, struct error *e)
{
    err_set(e, ERR_JOB,
            "Invalid addresses: non-ASCII characters not supported in local-part of "
            "email.");
    return thrown(p, AT_MAIL, "Facteur\\InvalidArgumentException", 0, e);
}

bool complain_refused(const struct peer *p, enum smtp_step at, int code, struct str said,
                      struct error *e)
{
    const char *expected = steps[at].expected;
    struct str words = str_trim(said);
    if (p->swift)
        err_set(e, ERR_JOB,
                "Expected response code %s but got code \"%d\", with message \"%.*s\"",
                expected, code, STR_ARG(said));
    else
        err_set(e, ERR_JOB,
                "Expected response code \"%s\" but got code \"%d\", with message "
                "\"%.*s\".",
                expected, code, STR_ARG(words));
    return thrown(p, at, p->swift ? transport_exception : unexpected_response, code, e);
}

bool complain_closed(const struct peer *p, enum smtp_step at, struct error *e)
{
    if (p->swift)
        err_set(e, ERR_JOB, "Expected response code %s but got an empty response",
                steps[at].expected);
    else
        err_set(e, ERR_JOB, "Connection to \"%s\" has been closed unexpectedly.",
                p->name);
    return thrown(p, at, transport_exception, 0, e);
}

bool complain_timeout(const struct peer *p, enum smtp_step at, struct error *e)
{
    if (p->swift)
        err_set(e, ERR_JOB, "Connection to %s Timed Out", p->name);
    else
        err_set(e, ERR_JOB, "Connection to \"%s\" timed out.", p->name);
    return thrown(p, at, transport_exception, 0, e);
}

bool complain_connect(const struct peer *p, const char *why, struct error *e)
{
    static const char tried[] = "stream_socket_client(): Unable to connect to";
    if (p->swift)
        err_set(e, ERR_JOB,
                "Connection could not be established with host %s :%s %s (%s)", p->host,
                tried, p->name, why);
    else
        err_set(e, ERR_JOB,
                "Connection could not be established with host \"%s\": %s %s (%s)",
                p->name, tried, p->name, why);
    return thrown(p, AT_CONNECT, transport_exception, 0, e);
}

bool complain_unread(const struct peer *p, const char *capability, struct str said,
                     struct error *e)
{
    err_set(e, ERR_JOB,
            "SMTP %s offers %s in letters that facteur's mailer does not read; nothing "
            "was sent. It says: %.*s",
            p->name, capability, STR_ARG(str_trim(said)));
    return thrown(p, AT_HELLO, transport_exception, 0, e);
}

bool complain_other(const struct peer *p, enum smtp_step at, struct str why,
                    struct error *e)
{
    err_set(e, ERR_JOB, "SMTP %s: %.*s (at %s)", p->name, STR_ARG(why), steps[at].name);
    return thrown(p, at, transport_exception, 0, e);
}
