/* smtp.c: the transport `smtp`, on libcurl.
 *
 * One easy handle keeps one connection between letters. It is used again only while it is
 * young, since servers close silent sessions after seconds; one that died all the same
 * before MAIL FROM was answered is opened anew, once. After any failure the handle goes:
 * a session that is out of step would give the next letter this one's answer.
 */
#include <errno.h>

#include "mail/smtp_imp.h"

enum { YOUNG_MS = 3000 };

/* === error texts === */

/* without_password puts *** where a text repeats the password, as some servers do, or
 * what AUTH LOGIN, PLAIN and XOAUTH2 make of it. */
static struct str without_password(struct smtp *t, struct arena *a, struct str s)
{
    struct str user = t->m->s->username, password = t->m->s->password;
    if (password.len < 4) /* too short to be told from other words */
        return s;
    struct str forms[] = {
        password,
        str_fmt(a, "%c%.*s%c%.*s", 0, STR_ARG(user), 0, STR_ARG(password)),
        str_fmt(a, "user=%.*s\1auth=Bearer %.*s\1\1", STR_ARG(user), STR_ARG(password)),
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct buf b = buf_new(a, 1 << 16);
        base64_add(&b, forms[i]);
        s = str_replace(a, s, buf_str(&b), S("***"));
    }
    return str_replace(a, s, password, S("***"));
}

/* tellable: words of the server's own may be any bytes, and may hold what we told it. */
static struct str tellable(struct smtp *t, struct arena *a, struct str words)
{
    return without_password(t, a, str_utf8_question(a, words));
}

static struct str words_of(struct smtp *t, const struct reply *r, struct arena *a)
{
    return tellable(t, a, reply_text(r));
}

/* is_refusal: a whole reply stands there, and it is not the one that the step wants. */
static bool is_refusal(const struct smtp *t)
{
    return t->reply.code && !t->reply.more && !complain_expects(t->at, t->reply.code);
}

/* is_connected: a timeout may come before there is a connection, or after. */
static bool is_connected(struct smtp *t)
{
    long port = 0;
    return t->at != AT_CONNECT || t->connected ||
           (curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port) == CURLE_OK &&
            port > 0);
}

static bool was_closed(const struct smtp *t, CURLcode rc)
{
    return t->reply.code == 0 &&
           (rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR || rc == CURLE_GOT_NOTHING ||
            rc == CURLE_WEIRD_SERVER_REPLY);
}

/* report_reply: what the server said is the reason. false: it did not say any. */
static bool report_reply(struct smtp *t, const struct envelope *v, struct arena *a,
                         struct error *e)
{
    const struct reply *r = &t->reply;
    bool second = t->at == AT_HELLO && t->ehlo.code && r->code == 0; /* HELO: no word */
    if (t->login.answers_len && t->at <= AT_AUTH) {
        struct login *l = &t->login;
        struct complaint_login c = {.user = t->m->s->username, .len = l->answers_len};
        for (int i = 0; i < l->answers_len; i++) {
            c.answers[i].way = login_name(l->answers[i].way);
            c.answers[i].expected = l->answers[i].expected;
            c.answers[i].code = l->answers[i].reply.code;
            c.answers[i].said = words_of(t, &l->answers[i].reply, a);
        }
        limit_reply(v, AT_AUTH, c.answers[c.len - 1].code, c.answers[c.len - 1].said);
        return !complain_login(&t->peer, &c, e);
    }
    if (!second && !is_refusal(t))
        return false;
    r = second ? &t->ehlo : r;
    struct str said = words_of(t, r, a);
    limit_reply(v, t->at, r->code, said);
    return !complain_refused(&t->peer, t->at, r->code, said, e);
}

/* report_offer: the server cannot do what is wanted. */
static bool report_offer(struct smtp *t, CURLcode rc, struct arena *a, struct error *e)
{
    struct str ways = str_from(t->offer.words);
    if (t->unread)
        return !complain_unread(&t->peer, t->unread, words_of(t, &t->reply, a), e);
    if (t->no_utf8)
        return !complain_utf8(&t->peer, e);
    if (rc == CURLE_LOGIN_DENIED && t->at == AT_HELLO)
        return !complain_no_login(&t->peer, tellable(t, a, ways), e);
    return false;
}

static bool report(struct smtp *t, const struct envelope *v, CURLcode rc, struct error *e)
{
    struct arena a = t->m->perm;
    const struct peer *p = &t->peer;
    long os = 0;
    if (report_reply(t, v, &a, e) || report_offer(t, rc, &a, e))
        return false;
    if (t->timed_out || rc == CURLE_OPERATION_TIMEDOUT)
        return is_connected(t) ? complain_timeout(p, t->at, e)
                               : complain_connect(p, strerror(ETIMEDOUT), e);
    if (rc == CURLE_ABORTED_BY_CALLBACK)
        return complain_other(p, t->at, S("stopped while waiting"), e);
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

/* recipients makes curl's list of them, all or NULL. */
static struct curl_slist *recipients(const struct envelope *v, struct arena a)
{
    struct curl_slist *all = NULL;
    for (size_t i = 0; i <= v->more_len; i++) {
        struct str to = i ? v->more[i - 1] : v->to;
        struct curl_slist *longer =
            curl_slist_append(all, str_z(&a, str_fmt(&a, "<%.*s>", STR_ARG(to))));
        if (!longer) {
            curl_slist_free_all(all);
            return NULL;
        }
        all = longer;
    }
    return all;
}

static CURLcode perform(struct smtp *t, const struct envelope *v)
{
    struct arena a = t->m->perm;
    char *from = str_z(&a, str_fmt(&a, "<%.*s>", STR_ARG(v->from)));
    struct curl_slist *rcpt = recipients(v, a);
    if (!rcpt)
        return CURLE_OUT_OF_MEMORY;
    watch_begin(t, v);
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

/* was_taken: another code than 250 after the message, but one that means yes (RFC 5321,
 * 4.2.1). Who takes it for a no sends the mail again. */
static bool was_taken(const struct smtp *t, CURLcode rc)
{
    return rc == CURLE_WEIRD_SERVER_REPLY && t->at == AT_BODY && !t->reply.more &&
           t->reply.code / 100 == 2;
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

/* another_login: a way to log in was refused, or none of those that were tried is
 * offered, and another one is left. After 421 the server wants no more of us. */
static bool another_login(struct smtp *t, CURLcode rc)
{
    if (t->m->s->username.len == 0 || rc == CURLE_OK)
        return false;
    if (t->at == AT_AUTH && is_refusal(t)) {
        login_refused(&t->login, &t->reply, t->challenges);
        if (t->reply.code == 421)
            return false;
    } else if (t->at != AT_HELLO || rc != CURLE_LOGIN_DENIED || t->unread) {
        return false;
    }
    unsigned wanted = t->offer.ways_read;
    if (t->m->s->login.len) /* this one or none */
        wanted &= 1U << login_way(t->m->s->login, true);
    return login_next(&t->login, wanted);
}

static bool deliver(struct smtp *t, const struct envelope *v, struct error *e)
{
    bool renewed = false;
    t->login.tried = 0;
    t->login.answers_len = 0;
    if (t->m->s->login.len)
        t->login.way = login_way(t->m->s->login, true);
    if (t->easy && envelope_utf8(v) && !t->offer.utf8)
        return complain_utf8(&t->peer, e);
    for (;;) {
        if (!t->easy && !session_open(t, e))
            return false;
        CURLcode rc = perform(t, v);
        if (rc == CURLE_OK)
            return true;
        bool taken = was_taken(t, rc);
        bool again = !taken && ((!renewed && was_stale(t, rc)) || another_login(t, rc));
        renewed = true;
        if (!taken && !again)
            report(t, v, rc, e);
        session_drop(t);
        if (!again)
            return taken;
    }
}

/* ping proves that a session is still there (ping_threshold). One that is not goes. */
static void ping(struct smtp *t)
{
    CURL *c = t->easy;
    curl_easy_setopt(c, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "NOOP");
    watch_begin(t, NULL);
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

/* === the row of the table === */

static bool smtp_open(struct mailer *m, struct error *e)
{
    const struct mail_settings *s = m->s;
    struct smtp *t = NEW(&m->perm, struct smtp, 1);
    t->m = m;
    t->login.way = -1;
    (void)e;
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

static bool smtp_send(struct mailer *m, const struct envelope *v, struct error *e)
{
    struct smtp *t = m->state;
    int64_t ping_ms = m->s->ping_threshold * 1000;
    smtp_idle(m);
    if (t->easy && ping_ms >= 0 && ping_ms < YOUNG_MS &&
        clock_mono_ms() - t->last_use_ms >= ping_ms)
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
