/* settings.c: the default mailer of config/mail.php, as Laravel's MailManager and the
 * transports behind it (Swift Mailer in Laravel 8, Symfony Mailer since 9) understand it.
 *
 * What the app asks for and facteur cannot do is refused by name: a mail that goes out in
 * another way than under PHP would be worse than one that waits for PHP.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "facteur/mail.h"

enum {
    TIMEOUT_MAX = 86400,
    PATIENCE_MS = 600000, /* RFC 5321, 4.5.3.2.6 */
};

struct loader {
    struct app *app;
    struct arena *perm;
    struct error *e;
    struct str prefix;         /* "mail.mailers.smtp", or "mail" in the old form */
    const struct app_url *url; /* NULL: none */
    int major;                 /* of the app's Laravel */
};

/* === one value: the url's query, else its parts, else the mailer's entry === */

static const char *path_of(struct loader *l, const char *key)
{
    return str_z(l->perm, str_fmt(l->perm, "%.*s.%s", STR_ARG(l->prefix), key));
}

/* url_value finds a key among what the url says; false: it says nothing of it. */
static bool url_value(struct loader *l, const char *key, struct php_value *out)
{
    const struct app_url *u = l->url;
    if (!u)
        return false;
    const struct php_value *v = u->query ? php_array_named(u->query, key) : NULL;
    struct {
        const char *key;
        bool has;
        struct php_value value;
    } parts[] = {
        {"transport", true, php_string(u->scheme)},
        {"host", u->host.len > 0, php_string(u->host)},
        {"port", u->port > 0, php_int(u->port)},
        {"username", u->has_user, php_string(u->user)},
        {"password", u->has_password, php_string(u->password)},
    };
    /* Laravel takes the transport from the scheme whatever the query says. */
    if (v && strcmp(key, "transport") != 0) {
        *out = *v;
        return true;
    }
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].has && strcmp(parts[i].key, key) == 0) {
            *out = parts[i].value;
            return true;
        }
    return false;
}

/* value reads a key; a missing one is null. One that could not be evaluated is an error
 * of the config file's own place. */
static bool value(struct loader *l, const char *key, struct php_value *out)
{
    if (url_value(l, key, out))
        return true;
    const struct php_value *v = app_config(l->app, path_of(l, key));
    *out = v ? php_deref(*v) : php_null();
    if (out->type != PHP_HOLE)
        return true;
    *l->e = *out->hole;
    l->e->kind = ERR_FATAL;
    return false;
}

/* blamed adds to a recorded error where the key's value was written. */
static bool blamed(struct loader *l, const char *key)
{
    struct php_value v;
    return app_config_blame(l->app, path_of(l, url_value(l, key, &v) ? "url" : key),
                            l->e);
}

static bool text(struct loader *l, const char *key, struct str otherwise, struct str *out)
{
    struct php_value v;
    *out = otherwise;
    if (!value(l, key, &v) || v.type == PHP_NULL)
        return l->e->kind == ERR_NONE;
    return php_to_string(v, l->perm, out, l->e) || err_wrap(l->e, "%s", path_of(l, key));
}

/* filter_bool is PHP's FILTER_VALIDATE_BOOL, as Symfony reads its options: what is none
 * of the known words is false; null and, of verify_peer, "" leave the default. */
static bool filter_bool(struct loader *l, const char *key, bool otherwise, bool *out)
{
    static const char *const yes[] = {"1", "true", "on", "yes"};
    struct php_value v;
    struct str s;
    *out = otherwise;
    if (!value(l, key, &v) || v.type == PHP_NULL ||
        (v.type == PHP_STRING && v.s.len == 0))
        return l->e->kind == ERR_NONE;
    if (!php_to_string(v, l->perm, &s, l->e))
        return err_wrap(l->e, "%s", path_of(l, key));
    *out = false;
    for (size_t i = 0; i < COUNT(yes); i++)
        *out = *out || str_ieq(str_trim(s), str_from(yes[i]));
    return true;
}

static bool number(struct loader *l, const char *key, int64_t otherwise, int64_t max,
                   int64_t *out)
{
    struct str s;
    *out = otherwise;
    if (!text(l, key, S(""), &s) || s.len == 0)
        return l->e->kind == ERR_NONE;
    if (str_to_i64(s, out) && *out >= 0 && *out <= max)
        return true;
    err_set(l->e, ERR_FATAL, "%s is \"%.*s\": a number up to %lld is expected",
            path_of(l, key), STR_ARG(s), (long long)max);
    return blamed(l, key);
}

/* cast_int reads an option as PHP casts it to an int: "12 a minute" is 12. */
static bool cast_int(struct loader *l, const char *key, int64_t otherwise, int64_t *out)
{
    enum { MOST = 1000000000 };
    struct php_value v;
    *out = otherwise;
    if (!value(l, key, &v))
        return false;
    if (v.type == PHP_NULL)
        return true;
    *out = php_to_int(v);
    *out = *out < 0 ? 0 : *out;
    *out = *out > MOST ? MOST : *out;
    return true;
}

/* refuse_if_set is for options that would change how mail goes out. */
static bool refuse_if_set(struct loader *l, const char *key)
{
    struct php_value v;
    if (!value(l, key, &v))
        return false;
    if (v.type == PHP_NULL)
        return true;
    return err_set(l->e, ERR_UNSUPPORTED, "%s is set: facteur's mailer does not have it",
                   path_of(l, key));
}

/* === which mailer === */

static bool find_mailer(struct loader *l, struct mail_settings *s)
{
    struct str driver;
    if (!app_config_string(l->app, "mail.driver", S(""), &driver, l->e) ||
        !app_config_string(l->app, "mail.default", S(""), &s->mailer, l->e))
        return false;
    if (driver.len) { /* Laravel 6 and older: one mailer, and mail.php is its entry */
        s->mailer = driver;
        l->prefix = S("mail");
        return true;
    }
    l->prefix = str_fmt(l->perm, "mail.mailers.%.*s", STR_ARG(s->mailer));
    const struct php_value *v = app_config(l->app, str_z(l->perm, l->prefix));
    if (s->mailer.len && v && v->type == PHP_ARRAY)
        return true;
    if (v && v->type == PHP_HOLE) {
        *l->e = *v->hole;
        l->e->kind = ERR_FATAL;
        return false;
    }
    err_set(l->e, ERR_FATAL, "Mailer [%.*s] is not defined.", STR_ARG(s->mailer));
    return app_config_blame(l->app, "mail.default", l->e);
}

static bool load_url(struct loader *l, struct app_url *url)
{
    struct str all;
    if (l->major < 10) /* MAIL_URL came with Laravel 10 */
        return true;
    if (!text(l, "url", S(""), &all) || all.len == 0)
        return l->e->kind == ERR_NONE;
    /* The text may hold the password: the error must not repeat it. */
    if (!app_url_parse(all, l->perm, url, l->e))
        return err_wrap(l->e, "%s", path_of(l, "url")) || blamed(l, "url");
    l->url = url;
    return true;
}

static bool load_transport(struct loader *l, struct mail_settings *s)
{
    static const char *const ours[] = {"smtp", "sendmail", "log", "array"};
    if (!text(l, "transport", S(""), &s->transport))
        return false;
    if (s->transport.len == 0 &&
        !app_config_string(l->app, "mail.driver", S(""), &s->transport, l->e))
        return false;
    if (str_eq(s->transport, S("mail"))) /* Laravel's own alias */
        s->transport = S("sendmail");
    for (size_t i = 0; i < COUNT(ours); i++)
        if (str_eq(s->transport, str_from(ours[i])))
            return true;
    return err_set(
        l->e, ERR_UNSUPPORTED,
        "mailer [%.*s] has the transport \"%.*s\": facteur has smtp, sendmail, "
        "log and array",
        STR_ARG(s->mailer), STR_ARG(s->transport));
}

/* === addresses === */

/* global_address reads mailers.X.<key>, else mail.<key>: {address, name}. */
static bool global_address(struct loader *l, const char *key, struct mail_address *out)
{
    const char *why, *path = path_of(l, key);
    const struct php_value *v = app_config(l->app, path);
    if (!v) {
        path = str_z(l->perm, str_fmt(l->perm, "mail.%s", key));
        v = app_config(l->app, path);
    }
    if (v && v->type == PHP_HOLE) {
        *l->e = *v->hole;
        l->e->kind = ERR_FATAL;
        return false;
    }
    if (!v || v->type != PHP_ARRAY)
        return true;
    struct str base = str_from(path);
    const char *address = str_z(l->perm, str_fmt(l->perm, "%.*s.address", STR_ARG(base)));
    const char *name = str_z(l->perm, str_fmt(l->perm, "%.*s.name", STR_ARG(base)));
    if (!app_config_string(l->app, address, S(""), &out->address, l->e) ||
        !app_config_string(l->app, name, S(""), &out->name, l->e))
        return false;
    if (out->address.len == 0 ||
        mail_address_encode(out->address, l->perm, &out->address, &why))
        return true;
    /* Without an "@" it is no address to PHP either; else PHP may know better. */
    bool none = !memchr(out->address.ptr, '@', out->address.len);
    err_set(l->e, none ? ERR_FATAL : ERR_UNSUPPORTED, "%s is \"%.*s\": %s", address,
            STR_ARG(out->address), why);
    return app_config_blame(l->app, address, l->e);
}

static bool load_addresses(struct loader *l, struct mail_settings *s)
{
    if (!global_address(l, "from", &s->from) ||
        !global_address(l, "reply_to", &s->reply_to) ||
        !global_address(l, "to", &s->to) ||
        !global_address(l, "return_path", &s->return_path))
        return false;
    struct str sender =
        s->return_path.address.len ? s->return_path.address : s->from.address;
    if (mail_address_utf8(sender) && l->major >= 9)
        return err_set(
            l->e, ERR_FATAL,
            "the sender is \"%.*s\": characters outside ASCII before the @ are "
            "refused by Symfony too, no mail could go out",
            STR_ARG(sender));
    if (s->from.address.len)
        return true;
    err_set(l->e, ERR_FATAL, "mail.from.address is not set: a mail needs a sender");
    return app_config_blame(l->app, "mail.from.address", l->e);
}

/* === smtp === */

/* tls_swift: Laravel 8. "tls" means STARTTLS or nothing, "ssl" TLS from the start. */
static bool tls_swift(struct loader *l, struct mail_settings *s)
{
    struct str encryption;
    if (!text(l, "encryption", S(""), &encryption))
        return false;
    if (str_ieq(encryption, S("tls")))
        s->tls = MAIL_STARTTLS_REQUIRED;
    else if (str_ieq(encryption, S("ssl")))
        s->tls = MAIL_TLS;
    else if (encryption.len == 0 || str_ieq(encryption, S("tcp")))
        s->tls = MAIL_PLAIN;
    else
        return err_set(l->e, ERR_UNSUPPORTED, "%s is \"%.*s\": facteur knows tls and ssl",
                       path_of(l, "encryption"), STR_ARG(encryption));
    if (s->port == 0)
        s->port = 25;
    return true;
}

/* scheme_symfony finds whether the scheme asks for TLS from the start. In Laravel 9 and
 * 10 "encryption" => "tls" stands for a scheme; since 11 nobody reads it. */
static bool scheme_symfony(struct loader *l, struct mail_settings *s, bool *tls)
{
    struct str scheme, encryption;
    if (!text(l, "scheme", S(""), &scheme) || !text(l, "encryption", S(""), &encryption))
        return false;
    if (scheme.len == 0 || str_eq(scheme, S("0"))) {
        *tls = s->port == 465 && (l->major >= 11 || str_eq(encryption, S("tls")));
        return true;
    }
    *tls = str_eq(scheme, S("smtps"));
    if (*tls || str_eq(scheme, S("smtp")) || l->major < 11)
        return true;
    err_set(
        l->e, ERR_FATAL,
        "%s is \"%.*s\": \"smtp\" or \"smtps\" is expected; PHP can send no mail with "
        "it either",
        path_of(l, "scheme"), STR_ARG(scheme));
    return blamed(l, "scheme");
}

/* tls_symfony: Laravel 9 and later. TLS from the start with the scheme smtps, on port
 * 465, and where no port is given for a host other than localhost; else STARTTLS when the
 * server offers it. auto_tls and require_tls came while 11 was current. */
static bool tls_symfony(struct loader *l, struct mail_settings *s)
{
    bool tls, automatic = true, required = false;
    if (!scheme_symfony(l, s, &tls))
        return false;
    if (l->major >= 11 && (!filter_bool(l, "auto_tls", true, &automatic) ||
                           !filter_bool(l, "require_tls", false, &required)))
        return false;
    bool by_port = s->port == 465 || (s->port == 0 && !str_eq(s->host, S("localhost")));
    if (tls || (automatic && by_port))
        s->tls = MAIL_TLS;
    else if (automatic)
        s->tls = required ? MAIL_STARTTLS_REQUIRED : MAIL_STARTTLS;
    else if (required)
        return err_set(l->e, ERR_FATAL, "%s contradicts auto_tls: no mail could go out",
                       path_of(l, "require_tls"));
    if (s->port == 0)
        s->port = s->tls == MAIL_TLS ? 465 : 25;
    return refuse_if_set(l, "peer_fingerprint") &&
           filter_bool(l, "verify_peer", true, &s->verify);
}

/* load_pace: Symfony ends a session after its 100th mail, and after each one where the
 * threshold is 0, whatever its documentation says. */
static bool load_pace(struct loader *l, struct mail_settings *s)
{
    struct php_value rate;
    if (!value(l, "max_per_second", &rate) ||
        !cast_int(l, "restart_threshold", 100, &s->restart_threshold) ||
        !cast_int(l, "restart_threshold_sleep", 0, &s->restart_sleep) ||
        !cast_int(l, "ping_threshold", 100, &s->ping_threshold))
        return false;
    double mails = rate.type == PHP_NULL ? 0 : php_to_float(rate);
    if (mails > 0)
        s->gap_ms = mails > 1e-6 ? (int64_t)(1000 / mails) : 1000000000;
    if (s->restart_threshold < 1)
        s->restart_threshold = 1;
    return true;
}

/* stream_swift reads Laravel 8's stream context: a CA, or no verification. */
static bool stream_swift(struct loader *l, struct mail_settings *s)
{
    bool self_signed;
    if (!filter_bool(l, "stream.ssl.verify_peer", true, &s->verify) ||
        !filter_bool(l, "stream.ssl.allow_self_signed", false, &self_signed) ||
        !text(l, "stream.ssl.cafile", s->ca_file, &s->ca_file))
        return false;
    s->verify = s->verify && !self_signed;
    struct str mode;
    if (!text(l, "auth_mode", S(""), &mode))
        return false;
    static const char *const modes[] = {"login", "plain", "cram-md5", "xoauth2"};
    s->login = mode;
    for (size_t i = 0; i < COUNT(modes); i++)
        if (mode.len == 0 || str_ieq(mode, str_from(modes[i])))
            return true;
    return err_set(l->e, ERR_UNSUPPORTED,
                   "%s is \"%.*s\": facteur knows login, plain, cram-md5 and xoauth2",
                   path_of(l, "auth_mode"), STR_ARG(mode));
}

/* load_ehlo: an IP address gets its brackets, as RFC 5321 wants it. */
static bool load_ehlo(struct loader *l, struct mail_settings *s)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    if (!text(l, "local_domain", S("[127.0.0.1]"), &s->ehlo))
        return false;
    for (size_t i = 0; i < s->ehlo.len; i++)
        if (s->ehlo.ptr[i] <= ' ' || s->ehlo.ptr[i] > '~')
            return err_set(l->e, ERR_FATAL, "%s holds a blank or a byte outside ASCII",
                           path_of(l, "local_domain"));
    const char *z = str_z(l->perm, s->ehlo);
    if (inet_pton(AF_INET, z, bytes) == 1)
        s->ehlo = str_fmt(l->perm, "[%s]", z);
    else if (inet_pton(AF_INET6, z, bytes) == 1)
        s->ehlo = str_fmt(l->perm, "[IPv6:%s]", z);
    else if (s->ehlo.len == 0)
        s->ehlo = S("[127.0.0.1]"); /* an empty EHLO is an error to every server */
    return true;
}

/* load_timeout: seconds, fractions too. PHP's default_socket_timeout, and Swift Mailer's
 * own, where the app says nothing. */
static bool load_timeout(struct loader *l, struct mail_settings *s)
{
    struct str text_of = S("");
    struct php_value v;
    s->timeout_ms = l->major <= 8 ? 30000 : 60000;
    if (!text(l, "timeout", S(""), &text_of))
        return false;
    if (text_of.len == 0)
        return true;
    double seconds = php_numeric(text_of, &v) ? php_to_float(v) : -1;
    if (!(seconds >= 0 && seconds <= TIMEOUT_MAX))
        return err_set(l->e, ERR_FATAL, "%s is \"%.*s\": a number up to %d is expected",
                       path_of(l, "timeout"), STR_ARG(text_of), TIMEOUT_MAX);
    s->timeout_ms = (int64_t)(seconds * 1000);
    if (s->timeout_ms <= 0)
        s->timeout_ms = 1000;
    return true;
}

/* host_scheme takes "tls://" and its like off, with which PHP's streams choose TLS. */
static bool host_scheme(struct loader *l, struct mail_settings *s)
{
    static const char *const tls[] = {"tls",     "ssl",     "tlsv1.0",
                                      "tlsv1.1", "tlsv1.2", "tlsv1.3"};
    ptrdiff_t at = str_find(s->host, S("://"));
    bool known = at < 0, encrypted = false;
    if (at < 0)
        return true;
    struct str scheme = str_sub(s->host, 0, (size_t)at);
    for (size_t i = 0; i < COUNT(tls); i++)
        encrypted = encrypted || str_ieq(scheme, str_from(tls[i]));
    known = (encrypted || str_ieq(scheme, S("tcp"))) && s->tls != MAIL_TLS;
    if (!known)
        return err_set(l->e, ERR_FATAL,
                       "%s is \"%.*s\": PHP's streams cannot use it either; a name "
                       "without \"%.*s://\" is expected",
                       path_of(l, "host"), STR_ARG(s->host), STR_ARG(scheme)) ||
               blamed(l, "host");
    if (encrypted)
        s->tls = MAIL_TLS;
    s->host = str_skip(s->host, (size_t)at + 3);
    return true;
}

static bool is_ipv6(struct loader *l, struct str s)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET6, str_z(l->perm, s), bytes) == 1;
}

/* host_port takes a port off, which PHP's streams prefer to the one behind it. */
static bool host_port(struct loader *l, struct mail_settings *s)
{
    struct str given = s->host, inside = s->host;
    ptrdiff_t end = str_starts(given, S("[")) ? str_find(given, S("]")) : -1;
    struct cut c = str_cut(end < 0 ? given : str_skip(given, (size_t)end + 1), ':');
    int64_t port = 0;
    if (is_ipv6(l, given) || !c.ok)
        return true;
    inside = end < 0 ? c.head : str_sub(given, 0, (size_t)end + 1);
    if (str_to_i64(c.tail, &port) && port > 0 && port <= 65535 && inside.len) {
        s->host = inside;
        s->port = (int)port;
        return true;
    }
    err_set(l->e, ERR_FATAL, "%s is \"%.*s\": a host's name is expected",
            path_of(l, "host"), STR_ARG(given));
    return blamed(l, "host");
}

static bool load_host(struct loader *l, struct mail_settings *s)
{
    if (!host_scheme(l, s) || !host_port(l, s))
        return false;
    bool ok = s->host.len > 0;
    for (size_t i = 0; i < s->host.len; i++)
        ok = ok && (unsigned char)s->host.ptr[i] > ' ' &&
             !strchr("/?#@\\\x7F", s->host.ptr[i]);
    return ok ||
           err_set(l->e, ERR_FATAL,
                   "%s is \"%.*s\": no host has such a name, no mail could go out",
                   path_of(l, "host"), STR_ARG(s->host)) ||
           blamed(l, "host");
}

/* load_source: Symfony wants an IPv6 address in brackets. */
static bool load_source(struct loader *l, struct mail_settings *s)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    if (!text(l, "source_ip", S(""), &s->source_ip) || s->source_ip.len == 0)
        return l->e->kind == ERR_NONE;
    struct str given = s->source_ip;
    if (str_starts(given, S("[")) && str_ends(given, S("]")))
        s->source_ip = str_sub(given, 1, given.len - 2);
    if (is_ipv6(l, s->source_ip) ||
        (s->source_ip.len == given.len &&
         inet_pton(AF_INET, str_z(l->perm, given), bytes) == 1))
        return true;
    err_set(l->e, ERR_FATAL,
            "%s is \"%.*s\": an IP address is expected, no mail could go out",
            path_of(l, "source_ip"), STR_ARG(given));
    return blamed(l, "source_ip");
}

static bool load_smtp(struct loader *l, struct mail_settings *s)
{
    int64_t port;
    s->ca_file = str_copy(l->perm, str_from(getenv("SSL_CERT_FILE")));
    s->ca_dir = str_copy(l->perm, str_from(getenv("SSL_CERT_DIR")));
    if (!text(l, "host", S(""), &s->host) || !number(l, "port", 0, 65535, &port) ||
        !load_timeout(l, s) || !text(l, "username", S(""), &s->username) ||
        !text(l, "password", S(""), &s->password) || !load_source(l, s) ||
        !load_ehlo(l, s))
        return false;
    if (s->host.len == 0)
        return err_set(l->e, ERR_FATAL, "%s is not set", path_of(l, "host")) ||
               blamed(l, "host");
    s->port = (int)port;
    bool ok = l->major <= 8 ? tls_swift(l, s) && stream_swift(l, s)
                            : tls_symfony(l, s) && load_pace(l, s);
    return ok && load_host(l, s);
}

/* === the others === */

static bool load_sendmail(struct loader *l, struct mail_settings *s)
{
    struct str global, path;
    if (!app_config_string(l->app, "mail.sendmail", S("/usr/sbin/sendmail -bs"), &global,
                           l->e) ||
        !text(l, "path", global, &path))
        return false;
    s->sendmail = path;
    return true;
}

static bool load_log(struct loader *l, struct mail_settings *s)
{
    struct str global;
    return app_config_string(l->app, "mail.log_channel", S(""), &global, l->e) &&
           text(l, "channel", global, &s->log_channel);
}

static bool load_rest(struct loader *l, struct mail_settings *s)
{
    if (str_eq(s->transport, S("smtp")))
        return load_smtp(l, s);
    if (str_eq(s->transport, S("sendmail")))
        return load_sendmail(l, s);
    return !str_eq(s->transport, S("log")) || load_log(l, s);
}

bool mail_settings_load(struct app *app, struct arena *perm, struct mail_settings *out,
                        struct error *e)
{
    struct loader l = {.app = app, .perm = perm, .e = e, .major = app_laravel_major(app)};
    struct app_url url = {0};
    *out = (struct mail_settings){.verify = true,
                                  .timeout_ms = 60000,
                                  .patience_ms = PATIENCE_MS,
                                  .ping_threshold = -1,
                                  .swift = l.major < 9};
    return find_mailer(&l, out) && load_url(&l, &url) && load_transport(&l, out) &&
           load_addresses(&l, out) && load_rest(&l, out);
}

bool mail_settings_many(const struct mail_settings *s)
{
    return !s->swift && s->to.address.len == 0 && !str_eq(s->transport, S("sendmail"));
}

void mail_settings_apply(const struct mail_settings *s, struct mail_message *m)
{
    m->from = s->from;
    m->reply_to = s->reply_to;
    if (s->to.address.len == 0)
        return;
    if (!s->swift)
        m->meant_for = m->to;
    m->to = s->to;
}
