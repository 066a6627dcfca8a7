/* smtp_session.c: a session of the transport smtp: what libcurl is told before it
 * connects, and the end.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "mail/smtp_imp.h"

void session_drop(struct smtp *t)
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

/* set_login: of several ways libcurl would take PLAIN before LOGIN. The first session, of
 * which nothing is known, tries the two that come first in Symfony's order as well as in
 * libcurl's. */
static void set_login(struct smtp *t, struct arena *a)
{
    const struct mail_settings *s = t->m->s;
    const char *ways = "AUTH=CRAM-MD5;AUTH=LOGIN";
    if (s->username.len == 0)
        return;
    if (t->login.way >= 0)
        ways = str_z(a, str_fmt(a, "AUTH=%s", login_name((enum login_way)t->login.way)));
    curl_easy_setopt(t->easy, CURLOPT_USERNAME, str_z(a, s->username));
    curl_easy_setopt(t->easy, CURLOPT_PASSWORD, str_z(a, s->password));
    curl_easy_setopt(t->easy, CURLOPT_LOGIN_OPTIONS, ways);
    if (t->login.way == LOGIN_XOAUTH2)
        curl_easy_setopt(t->easy, CURLOPT_XOAUTH2_BEARER, str_z(a, s->password));
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
    else if (bundle_authorities())
        curl_easy_setopt(t->easy, CURLOPT_CAINFO, bundle_authorities());
    if (s->ca_dir.len) {
        curl_easy_setopt(t->easy, CURLOPT_CAPATH, str_z(a, s->ca_dir));
        if (s->ca_file.len == 0) /* these alone, as OpenSSL has it */
            curl_easy_setopt(t->easy, CURLOPT_CAINFO, NULL);
    }
    if (s->source_ip.len)
        curl_easy_setopt(t->easy, CURLOPT_INTERFACE,
                         str_z(a, str_fmt(a, "host!%.*s", STR_ARG(s->source_ip))));
}

/* set_limits: nothing of the environment or the home folder steers where mail goes. How
 * long a reply is waited for is the watch's: libcurl counts from the command to the
 * reply's end, and all of EHLO, TLS and login as one connecting. */
static void set_limits(struct smtp *t)
{
    CURL *c = t->easy;
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    /* Or libcurl asks for SIGPIPE, sets and sets back at each step; start_libcurl has it
     * ignored for good. A resolver without a thread would have no timeout then: libcurl's
     * has one. */
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
}

/* start_libcurl, once a process: a server that hangs up while a TLS library writes is an
 * error, not the process's end. */
static bool start_libcurl(struct error *e)
{
    static bool ready;
    if (ready)
        return true;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(e, ERR_FATAL, "libcurl does not start");
    signal(SIGPIPE, SIG_IGN);
    return ready = true;
}

bool session_open(struct smtp *t, struct error *e)
{
    if (!start_libcurl(e))
        return false;
    t->easy = curl_easy_init();
    if (!t->easy)
        return err_set(e, ERR_JOB, "no memory for an SMTP session");
    struct arena a = t->m->perm; /* libcurl copies the texts; they go with the call */
    t->offer = (struct offer){0};
    watch_set(t);
    set_limits(t);
    set_login(t, &a);
    set_tls(t, &a);
    if (set_url(t, &a, e))
        return true;
    session_drop(t);
    return false;
}
