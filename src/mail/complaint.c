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

bool complain_refused(const struct peer *p, enum smtp_step at, int code, struct str said,
                      struct error *e)
{
    const char *expected = steps[at].expected;
    struct str words = str_trim(said);
    if (at == AT_AUTH) /* their words list what each way to log in was told */
        err_set(e, ERR_JOB, "SMTP %s refused AUTH: %.*s", p->name, STR_ARG(words));
    else if (p->swift)
        err_set(e, ERR_JOB,
                "Expected response code %s but got code \"%d\", with message \"%.*s\"",
                expected, code, STR_ARG(said));
    else
        err_set(e, ERR_JOB,
                "Expected response code \"%s\" but got code \"%d\", with message "
                "\"%.*s\".",
                expected, code, STR_ARG(words));
    bool general = p->swift || at == AT_AUTH;
    return thrown(p, at, general ? transport_exception : unexpected_response, code, e);
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
