/* smtp_watch.c: follows a conversation that libcurl has: at which step it is, what the
 * server says, how long it has been silent.
 *
 * libcurl tells codes, the server's words come line by line to on_reply. Which command
 * they answer is known from what libcurl reports to have sent (on_traffic).
 *
 * The app's timeout is PHP's stream timeout: so long may a server be silent, before its
 * reply and in the middle of it. After the message it is no loss to wait: the mail is
 * with the server, and whoever gives up sends it again (RFC 5321, 4.5.3.2.6, wants ten
 * minutes). The job's own deadline and lease end a wait that is too long for them.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mail/smtp_imp.h"

enum { DAY_S = 86400 };

/* ORDER STEP: what libcurl sends when the step begins. */
static const char *const commands[] = {
    [AT_CONNECT] = NULL, [AT_HELLO] = "EHLO", [AT_STARTTLS] = "STARTTLS",
    [AT_AUTH] = "AUTH",  [AT_MAIL] = "MAIL",  [AT_RCPT] = "RCPT",
    [AT_DATA] = "DATA",  [AT_BODY] = NULL,
};

static void set_step(struct smtp *t, enum smtp_step at)
{
    t->at = at;
    t->reply = (struct reply){0};
    t->sign_ms = t->step_ms = clock_mono_ms();
    if (at == AT_HELLO)
        t->offer = (struct offer){0};
    t->encrypted = t->encrypted || at == AT_STARTTLS;
}

/* === time === */

static bool handed_over(const struct smtp *t)
{
    return t->v && t->read == t->v->message.len && t->at >= AT_DATA;
}

static void replace_socket(struct smtp *t, int old, int new)
{
    for (size_t i = 0; i < COUNT(t->sockets); i++)
        if (t->sockets[i] == old) {
            t->sockets[i] = new;
            return;
        }
}

static int on_open(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)purpose;
    replace_socket(arg, 0, fd + 1);
    return CURL_SOCKOPT_OK;
}

static int on_close(void *arg, curl_socket_t fd)
{
    replace_socket(arg, fd + 1, 0);
    return close(fd);
}

/* heard_ms: when bytes last came: half a line is a sign of life that libcurl does not
 * report. */
static int64_t heard_ms(struct smtp *t, int64_t now)
{
    int64_t heard = 0;
    for (size_t i = 0; i < COUNT(t->sockets); i++) {
        struct tcp_info info;
        socklen_t len = sizeof(info);
        if (t->sockets[i] &&
            getsockopt(t->sockets[i] - 1, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
            info.tcpi_state == TCP_ESTABLISHED)
            heard = now - (int64_t)info.tcpi_last_data_recv;
    }
    return heard;
}

/* is_overdue: too long silent, or talking without end. The kernel is asked for half a
 * line only where no whole one came in time. */
static bool is_overdue(struct smtp *t)
{
    const struct mail_settings *s = t->m->s;
    int64_t now = clock_mono_ms(), patience = s->timeout_ms;
    if (handed_over(t) && patience < s->patience_ms)
        patience = s->patience_ms;
    int64_t end = s->timeout_ms > s->patience_ms ? s->timeout_ms : s->patience_ms;
    bool silent = now - t->sign_ms > patience && now - heard_ms(t, now) > patience;
    return silent || now - t->step_ms > end;
}

/* note_connected: up to here libcurl counts, so that an address which does not answer
 * leaves time for the next. */
static void note_connected(struct smtp *t)
{
    long port = 0;
    if (t->connected ||
        curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port) != CURLE_OK || port <= 0)
        return;
    t->connected = true;
    t->sign_ms = t->step_ms = clock_mono_ms();
    curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT, (long)DAY_S);
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct smtp *t = arg;
    (void)a, (void)b, (void)c, (void)d;
    note_connected(t);
    if (t->connected && is_overdue(t)) {
        t->timed_out = true;
        return 1;
    }
    if (!t->v || envelope_alive(t->v))
        return 0;
    /* Once the whole message is handed over, only the server's answer tells the truth. */
    return !handed_over(t);
}

/* === what is said === */

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
    struct smtp *t = arg;
    struct str rest = str_sub(t->v->message, t->read, size * count);
    if (rest.len)
        memcpy(to, rest.ptr, rest.len);
    t->read += rest.len;
    t->sign_ms = t->step_ms = clock_mono_ms();
    return rest.len;
}

/* note_login: which of the ways libcurl took. */
static void note_login(struct smtp *t, struct str way)
{
    t->login.way = login_way(str_trim(way), false);
    t->challenges = 0;
}

/* on_traffic sees what libcurl sends; only the first words of a command are looked at,
 * the lines of AUTH hold the password. */
static int on_traffic(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
    struct smtp *t = arg;
    struct cut c = str_cut((struct str){data, len}, ' ');
    (void)easy;
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    struct str word = str_trim(c.head);
    if (str_eq(word, S("QUIT"))) {
        t->quit = true;
        return 0;
    }
    if (str_eq(word, S("HELO"))) {
        t->ehlo = t->reply;
        word = S("EHLO");
    }
    enum smtp_step next = t->at; /* a line of a login: a new reply comes */
    for (size_t i = 0; i < COUNT(commands); i++)
        if (commands[i] && str_eq(word, str_from(commands[i])))
            next = (enum smtp_step)i;
    if (next == AT_AUTH && t->at != AT_AUTH)
        note_login(t, str_cut(c.tail, ' ').head);
    set_step(t, next);
    return 0;
}

/* offer_usable: libcurl takes a capability in other letters for none. Without STARTTLS it
 * would send in clear text what PHP encrypts, the password too; without AUTH it would
 * send without the login that was asked for. */
static bool offer_usable(struct smtp *t)
{
    const struct mail_settings *s = t->m->s;
    const struct offer *o = &t->offer;
    bool tls = s->tls == MAIL_STARTTLS || s->tls == MAIL_STARTTLS_REQUIRED;
    if (tls && !t->encrypted && o->starttls) {
        t->unread = o->starttls_read ? NULL : "STARTTLS";
        return o->starttls_read; /* then another EHLO follows */
    }
    t->unread = s->username.len && o->ways && !o->ways_read ? "AUTH" : NULL;
    t->no_utf8 = t->v && envelope_utf8(t->v) && !o->utf8;
    return !t->unread && !t->no_utf8;
}

static size_t on_reply(char *data, size_t size, size_t count, void *arg)
{
    struct smtp *t = arg;
    struct str line = {data, size * count};
    if (t->quit)
        return line.len;
    t->sign_ms = clock_mono_ms();
    bool goes_on = t->reply.more; /* the first line is the server's name */
    reply_add(&t->reply, line);
    if (t->at == AT_HELLO && goes_on)
        offer_line(&t->offer, line);
    if (t->reply.more)
        return line.len;
    if (t->at == AT_HELLO && t->reply.code == 250 && !offer_usable(t))
        return 0;
    if (t->at == AT_AUTH && t->reply.code == 334)
        t->challenges++;
    if (t->at == AT_DATA && t->reply.code == 354)
        set_step(t, AT_BODY);
    /* libcurl would go on in clear text, and log in. */
    if (t->at == AT_STARTTLS && t->reply.code != 220)
        return 0;
    return line.len;
}

void watch_set(struct smtp *t)
{
    CURL *c = t->easy;
    long timeout = (long)t->m->s->timeout_ms;
    curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(c, CURLOPT_READDATA, t);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_reply);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_traffic);
    curl_easy_setopt(c, CURLOPT_DEBUGDATA, t);
    curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->words);
    curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_open);
    curl_easy_setopt(c, CURLOPT_SOCKOPTDATA, t);
    curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, t);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, timeout);
    curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)DAY_S);
    t->connected = false;
}

void watch_begin(struct smtp *t, const struct envelope *v)
{
    t->v = v;
    t->read = 0;
    t->challenges = 0;
    t->quit = t->encrypted = t->timed_out = t->no_utf8 = false;
    t->unread = NULL;
    t->ehlo = (struct reply){0};
    t->words[0] = '\0';
    set_step(t, AT_CONNECT);
}
