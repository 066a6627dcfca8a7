/* mailer.c: the transports as a table, and the two that need no file of their own: `log`
 * writes the mail to the app's log, `array` only counts it.
 */
#include <stdlib.h>

#include "mail/mail_imp.h"

/* === log, as Laravel's LogTransport: the mail as it is, quoted-printable made readable
 */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void add_decoded(struct buf *b, struct str quoted)
{
    for (size_t i = 0; i < quoted.len; i++) {
        struct str rest = str_skip(quoted, i);
        if (rest.ptr[0] != '=') {
            buf_byte(b, rest.ptr[0]);
            continue;
        }
        int high = rest.len > 2 ? hex_digit(rest.ptr[1]) : -1;
        int low = rest.len > 2 ? hex_digit(rest.ptr[2]) : -1;
        if (high >= 0 && low >= 0)
            buf_byte(b, (char)(high << 4 | low));
        i += 2; /* "=XX", or "=" at a line's end and its CRLF */
    }
}

static bool log_send(struct mailer *m, const struct envelope *v, struct error *e)
{
    struct str head = S("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    struct buf b = buf_new(NULL, v->message.len + 1);
    ptrdiff_t at = str_find(v->message, head);
    size_t start = at < 0 ? v->message.len : (size_t)at + head.len;
    struct str body = str_skip(v->message, start);
    ptrdiff_t end = str_find(body, S("\r\n--=_"));
    if (end >= 0)
        body = str_sub(body, 0, (size_t)end);
    buf_add(&b, str_sub(v->message, 0, start));
    add_decoded(&b, body);
    buf_add(&b, str_skip(v->message, start + body.len));
    if (b.full) {
        buf_drop(&b);
        return err_set(e, ERR_JOB, "no memory to log a mail of %zu bytes",
                       v->message.len);
    }
    if (m->s->log_channel.len)
        app_log_to(m->app, m->s->log_channel, APP_DEBUG, buf_str(&b), php_null());
    else
        app_log(m->app, APP_DEBUG, buf_str(&b), php_null());
    buf_drop(&b);
    return true;
}

/* === array === */

static bool array_send(struct mailer *m, const struct envelope *v, struct error *e)
{
    (void)m, (void)v, (void)e;
    return true;
}

/* === the table === */

static const struct transport log_transport = {.name = "log", .send = log_send};
static const struct transport array_transport = {.name = "array", .send = array_send};

static const struct transport *const transports[] = {
    &smtp_transport,
    &sendmail_transport,
    &log_transport,
    &array_transport,
};

struct mailer *mailer_open(const struct mail_settings *s, struct app *app,
                           struct error *e)
{
    struct mailer *m = calloc(1, sizeof(*m));
    if (!m) {
        err_set(e, ERR_FATAL, "no memory for a mailer");
        return NULL;
    }
    *m = (struct mailer){.s = s, .app = app, .perm = arena_open(1 << 20)};
    m->limits = NEW(&m->perm, struct limits, 1);
    for (size_t i = 0; i < COUNT(transports); i++)
        if (str_eq(s->transport, str_from(transports[i]->name)))
            m->transport = transports[i];
    if (!m->transport)
        err_set(e, ERR_UNSUPPORTED, "there is no mail transport \"%.*s\"",
                STR_ARG(s->transport));
    else if (!m->transport->open || m->transport->open(m, e))
        return m;
    mailer_close(m);
    return NULL;
}

void mailer_close(struct mailer *m)
{
    if (!m)
        return;
    if (m->transport && m->transport->close)
        m->transport->close(m);
    arena_close(&m->perm);
    free(m);
}

/* === sending === */

static bool encode(const char *who, struct str *address, struct arena *a, struct error *e)
{
    const char *why;
    if (mail_address_encode(*address, a, address, &why))
        return true;
    return err_set(e, ERR_JOB, "the %s's address cannot be used: %s", who, why);
}

/* encode_more: the recipients behind the first. */
static bool encode_more(const struct mail_delivery *d, struct envelope *v,
                        struct arena *a, struct error *e)
{
    struct str *more = NEW(a, struct str, d->more_len);
    for (size_t i = 0; i < d->more_len; i++) {
        more[i] = d->more[i];
        if (!encode("recipient", &more[i], a, e))
            return false;
    }
    v->more = more;
    v->more_len = d->more_len;
    return true;
}

/* check_sender, as Symfony: a bounce must reach it whatever the servers on its way can.
 */
static bool check_sender(struct str sender, struct error *e)
{
    if (!mail_address_utf8(sender))
        return true;
    err_set(
        e, ERR_JOB,
        "Invalid sender \"%.*s\": non-ASCII characters not supported in local-part of "
        "email.",
        STR_ARG(sender));
    return err_thrown(e, "Facteur\\InvalidArgumentException", 0, "the envelope");
}

bool mail_envelope(const struct mail_settings *s, struct arena *perm, struct str *from,
                   struct str *to, struct error *e)
{
    if (s->return_path.address.len)
        *from = s->return_path.address;
    if (s->to.address.len)
        *to = s->to.address;
    return encode("sender", from, perm, e) && encode("recipient", to, perm, e) &&
           check_sender(*from, e);
}

bool mailer_send(struct mailer *m, const struct mail_delivery *d, struct error *e)
{
    struct envelope v = {.from = d->from,
                         .to = d->to,
                         .message = d->message,
                         .alive = d->alive,
                         .arg = d->arg,
                         .limits = m->limits};
    m->limits->pace = (struct mail_pace){0};
    if (d->more_len && !mail_settings_many(m->s))
        return err_set(e, ERR_UNSUPPORTED,
                       "a mail to more than one recipient – facteur does not do this "
                       "with this mailer");
    char *mark = arena_mark(&m->perm); /* the addresses go with the call */
    bool ok = mail_envelope(m->s, &m->perm, &v.from, &v.to, e) &&
              encode_more(d, &v, &m->perm, e) && m->transport->send(m, &v, e);
    arena_release(&m->perm, mark);
    if (!ok)
        return false;
    limit_passed(m->limits);
    m->sent++;
    return true;
}

struct mail_pace mailer_pace(struct mailer *m)
{
    struct mail_pace pace = m->limits->pace;
    m->limits->pace = (struct mail_pace){0};
    return pace;
}

int64_t mailer_gap_ms(const struct mailer *m)
{
    return m->s->gap_ms;
}

int64_t mailer_rest_ms(const struct mailer *m)
{
    int64_t left = m->rest_until_ms - clock_mono_ms();
    return left > 0 ? left : 0;
}

void mailer_hang_up(struct mailer *m)
{
    if (m->transport->hang_up)
        m->transport->hang_up(m);
}

void mailer_idle(struct mailer *m)
{
    if (m->transport->idle)
        m->transport->idle(m);
}

int64_t mailer_sent(const struct mailer *m)
{
    return m->sent;
}
