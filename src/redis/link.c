/* link.c: a connection to Redis (RESP,
 * https://redis.io/docs/reference/protocol-spec).
 */
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "facteur/redis.h"

enum { READ_BYTES = 16 << 10, REPLY_BYTES = 64 << 20, WORDS_MAX = 8 };

struct redis_link {
    const struct redis_settings *set;
    CURL *wire;
    redisReader *reader;
    bool used; /* a reply has come over this connection */
};

struct redis_link *redis_link_new(const struct redis_settings *s)
{
    struct redis_link *l = calloc(1, sizeof(*l));
    if (l)
        l->set = s;
    return l;
}

static void hang_up(struct redis_link *l)
{
    if (l->wire)
        curl_easy_cleanup(l->wire);
    if (l->reader)
        redisReaderFree(l->reader);
    l->wire = NULL;
    l->reader = NULL;
    l->used = false;
}

void redis_link_drop(struct redis_link *l)
{
    if (!l)
        return;
    hang_up(l);
    free(l);
}

/* lost names the server; the reason is libcurl's or the system's. */
static bool lost(struct redis_link *l, struct error *e, const char *reason)
{
    const struct redis_settings *s = l->set;
    hang_up(l);
    if (s->socket.len)
        return err_set(e, ERR_LOST, "Redis at %.*s does not answer: %s",
                       STR_ARG(s->socket), reason);
    return err_set(e, ERR_LOST, "Redis at %.*s:%d does not answer: %s", STR_ARG(s->host),
                   s->port, reason);
}

/* === connecting === */

/* text sets an option of libcurl, which copies the text. */
static void text(CURL *w, CURLoption option, struct str s)
{
    char z[4096];
    if (!s.len)
        return;
    snprintf(z, sizeof(z), "%.*s", STR_ARG(s));
    curl_easy_setopt(w, option, z);
}

static void address(CURL *w, const struct redis_settings *s)
{
    char url[1024];
    bool v6 = memchr(s->host.ptr, ':', s->host.len) && s->host.ptr[0] != '[';
    snprintf(url, sizeof(url), "%s://%s%.*s%s:%d", s->tls ? "https" : "http",
             v6 ? "[" : "", STR_ARG(s->host), v6 ? "]" : "", s->port);
    curl_easy_setopt(w, CURLOPT_URL, s->socket.len ? "http://localhost" : url);
    text(w, CURLOPT_UNIX_SOCKET_PATH, s->socket);
}

static void security(CURL *w, const struct redis_settings *s)
{
    curl_easy_setopt(w, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(w, CURLOPT_SSL_VERIFYPEER, s->verify_peer ? 1L : 0L);
    curl_easy_setopt(w, CURLOPT_SSL_VERIFYHOST,
                     s->verify_peer && s->verify_name ? 2L : 0L);
    text(w, CURLOPT_CAINFO, s->cafile.len ? s->cafile : str_from(bundle_authorities()));
    text(w, CURLOPT_CAPATH, s->capath);
    text(w, CURLOPT_SSLCERT, s->cert);
    text(w, CURLOPT_SSLKEY, s->key);
}

static bool dial(struct redis_link *l, struct error *e)
{
    const struct redis_settings *s = l->set;
    char why[CURL_ERROR_SIZE] = "";
    l->wire = curl_easy_init();
    l->reader = redisReaderCreate();
    if (!l->wire || !l->reader)
        return lost(l, e, "no memory");
    address(l->wire, s);
    security(l->wire, s);
    curl_easy_setopt(l->wire, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(l->wire, CURLOPT_PROXY, "");
    curl_easy_setopt(l->wire, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(l->wire, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(l->wire, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(l->wire, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(s->connect_timeout * 1000));
    CURLcode code = curl_easy_perform(l->wire);
    if (code != CURLE_OK)
        return lost(l, e, *why ? why : curl_easy_strerror(code));
    curl_easy_setopt(l->wire, CURLOPT_ERRORBUFFER, NULL);
    return true;
}

/* === a command and its reply === */

/* wait_for waits until the socket is ready; false: too long, or an error. */
static bool wait_for(struct redis_link *l, short events, int64_t until)
{
    curl_socket_t fd;
    if (curl_easy_getinfo(l->wire, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
        fd == CURL_SOCKET_BAD)
        return false;
    for (;;) {
        int64_t left = until - clock_mono_ms();
        if (left <= 0)
            return false;
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, (int)(left < 60000 ? left : 60000));
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

static bool send_all(struct redis_link *l, struct str bytes, int64_t until,
                     struct error *e)
{
    while (bytes.len) {
        size_t n = 0;
        CURLcode code = curl_easy_send(l->wire, bytes.ptr, bytes.len, &n);
        if (code == CURLE_AGAIN && wait_for(l, POLLOUT, until))
            continue;
        if (code != CURLE_OK)
            return lost(l, e, code == CURLE_AGAIN ? "timeout" : curl_easy_strerror(code));
        bytes = str_skip(bytes, n);
    }
    return true;
}

static bool read_reply(struct redis_link *l, int64_t until, redisReply **out,
                       struct error *e)
{
    char bytes[READ_BYTES];
    size_t total = 0;
    void *reply = NULL;
    while (!reply) {
        size_t n = 0;
        CURLcode code = curl_easy_recv(l->wire, bytes, sizeof(bytes), &n);
        if (code == CURLE_AGAIN && wait_for(l, POLLIN, until))
            continue;
        if (code != CURLE_OK)
            return lost(l, e, code == CURLE_AGAIN ? "timeout" : curl_easy_strerror(code));
        if (!n)
            return lost(l, e, "it closed the connection");
        total += n;
        if (total > REPLY_BYTES || redisReaderFeed(l->reader, bytes, n) != REDIS_OK ||
            redisReaderGetReply(l->reader, &reply) != REDIS_OK)
            return lost(l, e, "its reply cannot be read");
    }
    *out = reply;
    return true;
}

/* refused makes the server's error reply ours: what goes away by itself is an outage,
 * what needs a hand on the configuration is fatal. */
static bool refused(struct redis_link *l, const redisReply *r, struct error *e)
{
    static const struct {
        const char *code;
        enum err_kind kind;
    } kinds[] = {
        {"LOADING", ERR_LOST},    {"BUSY", ERR_LOST},     {"MASTERDOWN", ERR_LOST},
        {"READONLY", ERR_LOST},   {"TRYAGAIN", ERR_LOST}, {"CLUSTERDOWN", ERR_LOST},
        {"OOM", ERR_LOST},        {"MISCONF", ERR_LOST},  {"NOAUTH", ERR_FATAL},
        {"WRONGPASS", ERR_FATAL}, {"NOPERM", ERR_FATAL},  {"MOVED", ERR_FATAL},
    };
    struct str said = {r->str, (size_t)r->len};
    struct str code = str_cut(said, ' ').head;
    enum err_kind kind = ERR_JOB;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(code, str_from(kinds[i].code)))
            kind = kinds[i].kind;
    if (kind == ERR_LOST)
        hang_up(l);
    return err_set(e, kind, "Redis connection [%.*s]: %.*s", STR_ARG(l->set->name),
                   STR_ARG(str_sub(said, 0, 200)));
}

static bool converse(struct redis_link *l, const struct str *words, size_t len,
                     redisReply **out, struct error *e)
{
    const char *argv[WORDS_MAX];
    size_t lens[WORDS_MAX];
    char *command = NULL;
    for (size_t i = 0; i < len; i++)
        argv[i] = words[i].ptr, lens[i] = words[i].len;
    long long size = redisFormatCommandArgv(&command, (int)len, argv, lens);
    if (size < 0)
        return err_set(e, ERR_JOB, "no memory for a command to Redis");
    int64_t until = clock_mono_ms() + (int64_t)(l->set->read_timeout * 1000);
    *out = NULL;
    bool ok = send_all(l, (struct str){command, (size_t)size}, until, e) &&
              read_reply(l, until, out, e);
    redisFreeCommand(command);
    if (!ok)
        return false;
    l->used = true;
    if ((*out)->type != REDIS_REPLY_ERROR)
        return true;
    refused(l, *out, e);
    freeReplyObject(*out);
    *out = NULL;
    return false;
}

/* ask sends a command of which only the success matters. */
static bool ask(struct redis_link *l, const struct str *words, size_t len,
                struct error *e)
{
    redisReply *reply;
    if (!converse(l, words, len, &reply, e))
        return false;
    freeReplyObject(reply);
    return true;
}

static bool connected(struct redis_link *l, struct error *e)
{
    const struct redis_settings *s = l->set;
    char number[24];
    if (l->wire)
        return true;
    if (!dial(l, e))
        return false;
    snprintf(number, sizeof(number), "%lld", (long long)s->database);
    struct str auth[] = {S("AUTH"), s->user, s->password};
    struct str auth_old[] = {S("AUTH"), s->password};
    struct str select[] = {S("SELECT"), str_from(number)};
    bool ok = !s->password.len || (s->user.len ? ask(l, auth, COUNT(auth), e)
                                               : ask(l, auth_old, COUNT(auth_old), e));
    ok = ok && (!s->database || ask(l, select, COUNT(select), e));
    l->used = false;
    if (ok)
        return true;
    if (e->kind == ERR_JOB)
        e->kind = ERR_FATAL;
    hang_up(l);
    return false;
}

bool redis_command(struct redis_link *l, const struct str *words, size_t len, bool again,
                   redisReply **out, struct error *e)
{
    if (!connected(l, e))
        return false;
    bool idle = l->used;
    if (converse(l, words, len, out, e))
        return true;
    if (e->kind != ERR_LOST || !again || !idle)
        return false;
    err_clear(e);
    return connected(l, e) && converse(l, words, len, out, e);
}
