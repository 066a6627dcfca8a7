/* smtp.c: the transport `smtp`, on libcurl.
 *
 * One easy handle keeps one connection between letters. It is used again only while it is
 * young, since servers close silent sessions after seconds; one that died all the same
 * before MAIL FROM was answered is opened anew, once. After any failure the handle goes:
 * a session that is out of step would give the next letter this one's answer.
 *
 * libcurl tells codes, the server's words come line by line to on_reply. Which command
 * they answer is known from what libcurl reports to have sent (on_traffic).
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "mail/smtp_imp.h"

enum { YOUNG_MS = 3000 };

/* ORDER STEP: what libcurl sends when the step begins. */
static const char *const commands[] = {
    [AT_CONNECT] = NULL, [AT_HELLO] = "EHLO", [AT_STARTTLS] = "STARTTLS",
    [AT_AUTH] = "AUTH",  [AT_MAIL] = "MAIL",  [AT_RCPT] = "RCPT",
    [AT_DATA] = "DATA",  [AT_BODY] = NULL,
};

struct smtp {
    struct mailer *m;
    CURL *easy;          /* NULL: no session */
    struct peer peer;    /* for error texts */
    int64_t last_use_ms; /* of the session */
    int64_t mails;       /* since the last restart */

    /* of the mail on its way */
    const struct envelope *v; /* NULL: none */
    size_t read;
    enum smtp_step at;
    struct reply reply; /* the last one of this step */
    struct offer offer; /* of the last EHLO */
    bool encrypted;     /* STARTTLS was said */
    const char *unread; /* what the server offers in letters that libcurl does not read */
    bool quit; /* said already: its answer must not replace the refusal before it */
    char words[CURL_ERROR_SIZE]; /* libcurl's */
};

/* === callbacks === */

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
    struct smtp *t = arg;
    struct str rest = str_sub(t->v->message, t->read, size * count);
    if (rest.len)
        memcpy(to, rest.ptr, rest.len);
    t->read += rest.len;
    return rest.len;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct smtp *t = arg;
    (void)a, (void)b, (void)c, (void)d;
    if (!t->v || envelope_alive(t->v))
        return 0;
    /* Once the whole message is handed over, only the server's answer tells the truth. */
    return t->read < t->v->message.len;
}

static void set_step(struct smtp *t, enum smtp_step at)
{
    t->at = at;
    t->reply = (struct reply){0};
    if (at == AT_HELLO)
        t->offer = (struct offer){0};
    t->encrypted = t->encrypted || at == AT_STARTTLS;
}

/* on_traffic sees what libcurl sends; only the first word of a command is looked at, the
 * lines of AUTH hold the password. */
static int on_traffic(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
    struct smtp *t = arg;
    struct str s = {data, len};
    (void)easy;
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    struct str word = str_trim(str_cut(s, ' ').head);
    if (str_eq(word, S("QUIT"))) {
        t->quit = true;
        return 0;
    }
    if (str_eq(word, S("HELO")))
        word = S("EHLO");
    enum smtp_step next = t->at; /* a line of a login: a new reply comes */
    for (size_t i = 0; i < COUNT(commands); i++)
        if (commands[i] && str_eq(word, str_from(commands[i])))
            next = (enum smtp_step)i;
    set_step(t, next);
    return 0;
}

/* offer_usable: libcurl takes a capability in other letters for none. Without STARTTLS it
 * would send in clear text what PHP encrypts, the password too; without AUTH it would
 * send without the login that was asked for. */
static bool offer_usable(struct smtp *t)
{
    const struct mail_settings *s = t->m->s;
    bool tls = s->tls == MAIL_STARTTLS || s->tls == MAIL_STARTTLS_REQUIRED;
    if (tls && !t->encrypted && t->offer.starttls) {
        t->unread = t->offer.starttls_read ? NULL : "STARTTLS";
        return t->offer.starttls_read; /* then another EHLO follows */
    }
    t->unread = s->username.len && t->offer.auth && !t->offer.auth_read ? "AUTH" : NULL;
    return !t->unread;
}

static size_t on_reply(char *data, size_t size, size_t count, void *arg)
{
    struct smtp *t = arg;
    struct str line = {data, size * count};
    if (t->quit)
        return line.len;
    bool goes_on = t->reply.more; /* the first line is the server's name */
    reply_add(&t->reply, line);
    if (t->at == AT_HELLO && goes_on)
        offer_line(&t->offer, line);
    if (t->at == AT_HELLO && !t->reply.more && t->reply.code == 250 && !offer_usable(t))
        return 0;
    if (t->at == AT_DATA && t->reply.code == 354)
        set_step(t, AT_BODY);
    /* libcurl would go on in clear text, and log in. */
    if (t->at == AT_STARTTLS && !t->reply.more && t->reply.code != 220)
        return 0;
    return line.len;
}

/* === a session === */

static void session_drop(struct smtp *t)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (!t->easy)
        return;
    /* libcurl says QUIT and waits up to two minutes for the answer. A socket that cannot
     * be read any more gives it the end at once. */
    if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RD);
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
}

static bool set_url(struct smtp *t, struct arena *a, struct error *e)
{
    const struct mail_settings *s = t->m->s;
    bool bare_v6 = str_has(s->host, S(":")) && !str_starts(s->host, S("["));
    const char *host =
        bare_v6 ? str_z(a, str_fmt(a, "[%.*s]", STR_ARG(s->host))) : str_z(a, s->host);
    char port[16];
    snprintf(port, sizeof(port), "%d", s->port);
    CURLU *u = curl_url();
    const struct {
        CURLUPart part;
        const char *value;
        unsigned flags;
    } parts[] = {
        {CURLUPART_SCHEME, s->tls == MAIL_TLS ? "smtps" : "smtp", 0},
        {CURLUPART_HOST, host, 0},
        {CURLUPART_PORT, port, 0},
        /* libcurl takes the name for EHLO from the path, decoded. */
        {CURLUPART_PATH, str_z(a, str_fmt(a, "/%.*s", STR_ARG(s->ehlo))),
         CURLU_URLENCODE},
    };
    CURLUcode rc = u ? CURLUE_OK : CURLUE_OUT_OF_MEMORY;
    for (size_t i = 0; i < COUNT(parts) && rc == CURLUE_OK; i++)
        rc = curl_url_set(u, parts[i].part, parts[i].value, parts[i].flags);
    char *url = NULL;
    if (rc == CURLUE_OK)
        rc = curl_url_get(u, CURLUPART_URL, &url, 0);
    if (rc == CURLUE_OK)
        curl_easy_setopt(t->easy, CURLOPT_URL, url);
    curl_free(url);
    curl_url_cleanup(u);
    if (rc == CURLUE_OK)
        return true;
    return err_set(e, ERR_JOB, "SMTP %s: the host or port cannot be used (%s)",
                   t->peer.name, curl_url_strerror(rc));
}

static void set_login(struct smtp *t, struct arena *a)
{
    const struct mail_settings *s = t->m->s;
    if (s->username.len == 0)
        return;
    curl_easy_setopt(t->easy, CURLOPT_USERNAME, str_z(a, s->username));
    curl_easy_setopt(t->easy, CURLOPT_PASSWORD, str_z(a, s->password));
    curl_easy_setopt(t->easy, CURLOPT_LOGIN_OPTIONS, "AUTH=LOGIN;AUTH=PLAIN");
}

static void set_tls(struct smtp *t, struct arena *a)
{
    static const long use[] = {
        [MAIL_PLAIN] = CURLUSESSL_NONE,
        [MAIL_STARTTLS] = CURLUSESSL_TRY,
        [MAIL_STARTTLS_REQUIRED] = CURLUSESSL_ALL,
        [MAIL_TLS] = CURLUSESSL_ALL,
    };
    const struct mail_settings *s = t->m->s;
    curl_easy_setopt(t->easy, CURLOPT_USE_SSL, use[s->tls]);
    curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, s->verify ? 1L : 0L);
    curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, s->verify ? 2L : 0L);
    if (s->ca_file.len)
        curl_easy_setopt(t->easy, CURLOPT_CAINFO, str_z(a, s->ca_file));
    if (s->source_ip.len)
        curl_easy_setopt(t->easy, CURLOPT_INTERFACE,
                         str_z(a, str_fmt(a, "host!%.*s", STR_ARG(s->source_ip))));
}

static void set_callbacks(struct smtp *t)
{
    CURL *c = t->easy;
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
}

/* set_limits: nothing of the environment or the home folder steers where mail goes. */
static void set_limits(struct smtp *t)
{
    CURL *c = t->easy;
    long seconds = t->m->s->timeout;
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, seconds);
    curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, seconds);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
}

static bool session_open(struct smtp *t, struct error *e)
{
    static bool ready;
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(e, ERR_FATAL, "libcurl does not start");
    ready = true;
    t->easy = curl_easy_init();
    if (!t->easy)
        return err_set(e, ERR_JOB, "no memory for an SMTP session");
    struct arena a = t->m->perm; /* libcurl copies the texts; they go with the call */
    set_callbacks(t);
    set_limits(t);
    set_login(t, &a);
    set_tls(t, &a);
    if (set_url(t, &a, e))
        return true;
    session_drop(t);
    return false;
}

/* === error texts === */

/* without_password puts *** where a text repeats the password, as some servers do, or
 * what AUTH LOGIN and AUTH PLAIN make of it. */
static struct str without_password(struct smtp *t, struct arena *a, struct str s)
{
    struct str user = t->m->s->username, password = t->m->s->password;
    if (password.len < 4) /* too short to be told from other words */
        return s;
    struct str forms[] = {
        password,
        str_fmt(a, "%c%.*s%c%.*s", 0, STR_ARG(user), 0, STR_ARG(password)),
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct buf b = buf_new(a, 4096);
        body_base64(&b, forms[i]);
        s = str_replace(a, s, buf_str(&b), S("***"));
    }
    return str_replace(a, s, password, S("***"));
}

static bool refused(const struct smtp *t)
{
    return t->reply.code >= 400 ||
           (t->reply.code && t->at == AT_STARTTLS && t->reply.code != 220);
}

/* is_connected: a timeout may come before there is a connection, or after. */
static bool is_connected(struct smtp *t)
{
    long port = 0;
    return t->at != AT_CONNECT ||
           (curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port) == CURLE_OK &&
            port > 0);
}

static bool was_closed(const struct smtp *t, CURLcode rc)
{
    return t->reply.code == 0 &&
           (rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR || rc == CURLE_GOT_NOTHING ||
            rc == CURLE_WEIRD_SERVER_REPLY);
}

static bool report(struct smtp *t, const struct envelope *v, CURLcode rc, struct error *e)
{
    struct arena a = t->m->perm;
    const struct peer *p = &t->peer;
    long os = 0;
    struct str said = str_utf8_question(&a, reply_text(&t->reply));
    said = without_password(t, &a, said);
    if (refused(t)) {
        limit_reply(v, t->at, t->reply.code, said);
        return complain_refused(p, t->at, t->reply.code, said, e);
    }
    if (t->unread)
        return complain_unread(p, t->unread, said, e);
    if (rc == CURLE_ABORTED_BY_CALLBACK)
        return complain_other(p, t->at, S("stopped while waiting"), e);
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return is_connected(t) ? complain_timeout(p, t->at, e)
                               : complain_connect(p, strerror(ETIMEDOUT), e);
    if (rc == CURLE_COULDNT_CONNECT &&
        curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os) == CURLE_OK && os) {
        if (os == ECONNREFUSED)
            limit_connect(v, strerror((int)os));
        return complain_connect(p, strerror((int)os), e);
    }
    if (was_closed(t, rc))
        return complain_closed(p, t->at, e);
    struct str why = str_from(t->words[0] ? t->words : curl_easy_strerror(rc));
    return complain_other(p, t->at, without_password(t, &a, why), e);
}

/* === sending === */

static CURLcode perform(struct smtp *t, const struct envelope *v)
{
    struct arena a = t->m->perm;
    char *from = str_z(&a, str_fmt(&a, "<%.*s>", STR_ARG(v->from)));
    char *to = str_z(&a, str_fmt(&a, "<%.*s>", STR_ARG(v->to)));
    struct curl_slist *rcpt = curl_slist_append(NULL, to);
    if (!rcpt)
        return CURLE_OUT_OF_MEMORY;
    t->v = v;
    t->read = 0;
    t->quit = t->encrypted = false;
    t->unread = NULL;
    t->words[0] = '\0';
    set_step(t, AT_CONNECT);
    curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, rcpt);
    curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)v->message.len);
    CURLcode rc = curl_easy_perform(t->easy);
    curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(rcpt);
    t->v = NULL;
    t->last_use_ms = clock_mono_ms();
    return rc;
}

/* was_stale: a session that was used again died before the server had agreed to anything;
 * or it says that it is enough for this session (421, or "too many" at MAIL FROM). */
static bool was_stale(struct smtp *t, CURLcode rc)
{
    long opened = 1;
    if (curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened) != CURLE_OK || opened)
        return false;
    if (rc == CURLE_OPERATION_TIMEDOUT || rc == CURLE_ABORTED_BY_CALLBACK)
        return false;
    return t->at == AT_CONNECT ||
           (t->at == AT_MAIL && (t->reply.code == 0 || t->reply.code / 100 == 4));
}

static bool deliver(struct smtp *t, const struct envelope *v, struct error *e)
{
    if (!t->easy && !session_open(t, e))
        return false;
    CURLcode rc = perform(t, v);
    if (rc != CURLE_OK && was_stale(t, rc)) {
        session_drop(t);
        if (!session_open(t, e))
            return false;
        rc = perform(t, v);
    }
    if (rc == CURLE_OK)
        return true;
    report(t, v, rc, e);
    session_drop(t);
    return false;
}

/* === the row of the table === */

static bool smtp_open(struct mailer *m, struct error *e)
{
    const struct mail_settings *s = m->s;
    struct smtp *t = NEW(&m->perm, struct smtp, 1);
    (void)e;
    t->m = m;
    t->peer = (struct peer){
        .host = str_z(&m->perm, s->host),
        .name = str_z(&m->perm,
                      str_fmt(&m->perm, "%s%.*s:%d", s->tls == MAIL_TLS ? "ssl://" : "",
                              STR_ARG(s->host), s->port)),
        .swift = s->swift,
    };
    m->state = t;
    return true;
}

static void smtp_idle(struct mailer *m)
{
    struct smtp *t = m->state;
    if (t->easy && clock_mono_ms() - t->last_use_ms > YOUNG_MS)
        session_drop(t);
}

/* ping proves that a session is still there (ping_threshold). One that is not goes. */
static void ping(struct smtp *t)
{
    CURL *c = t->easy;
    curl_easy_setopt(c, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "NOOP");
    set_step(t, AT_CONNECT);
    if (curl_easy_perform(c) != CURLE_OK) {
        session_drop(t);
        return;
    }
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(c, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
}

/* restart ends a session of which the app has had enough (restart_threshold). */
static void restart(struct smtp *t)
{
    const struct mail_settings *s = t->m->s;
    if (++t->mails < s->restart_threshold || s->restart_threshold == 0)
        return;
    session_drop(t);
    t->mails = 0;
    t->m->rest_until_ms = clock_mono_ms() + s->restart_sleep * 1000;
}

static bool smtp_send(struct mailer *m, const struct envelope *v, struct error *e)
{
    struct smtp *t = m->state;
    int64_t ping_ms = m->s->ping_threshold * 1000;
    smtp_idle(m);
    if (t->easy && ping_ms < YOUNG_MS && clock_mono_ms() - t->last_use_ms >= ping_ms)
        ping(t);
    if (!deliver(t, v, e))
        return false;
    restart(t);
    return true;
}

static void smtp_close(struct mailer *m)
{
    if (m->state)
        session_drop(m->state);
}

const struct transport smtp_transport = {
    .name = "smtp",
    .open = smtp_open,
    .send = smtp_send,
    .idle = smtp_idle,
    .hang_up = smtp_close,
    .close = smtp_close,
};
