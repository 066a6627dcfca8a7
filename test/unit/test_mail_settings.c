/* The default mailer of an app, by its Laravel version, .env and config/mail.php. */
#include "test_app.h"

#include "facteur/mail.h"

static char dir[64]; /* of the last app_with */

/* app_with makes a scratch app of that Laravel; config NULL: the version's own. */
static struct app *app_with(const char *version, const char *env, const char *config)
{
    static int n;
    char lock[256], php[4096];
    struct error e = {0};
    snprintf(dir, sizeof(dir), "build/test-mail/%d-%d", (int)getpid(), ++n);
    snprintf(lock, sizeof(lock),
             "{\"packages\":[{\"name\":\"laravel/framework\",\"version\":\"v%s\"}]}",
             version);
    snprintf(php, sizeof(php), "<?php\nreturn %s;\n", config ? config : "");
    folder_make(dir);
    file_write(dir, "artisan", S("<?php\n"));
    file_write(dir, "composer.lock", str_from(lock));
    file_write(dir, ".env", str_from(env));
    if (config)
        file_write(dir, "config/mail.php", str_from(php));
    struct app_options o = {.dir = dir};
    struct app *app = app_open(&o, &e);
    if (!app)
        fail_msg("app_open: %s", e.text);
    return app;
}

/* summary prints what the transport will do, in one line. */
static struct str summary(struct arena *a, const struct mail_settings *s)
{
    static const char *const tls[] = {"plain", "starttls", "starttls!", "tls"};
    struct buf b = buf_new(a, 4096);
    buf_fmt(&b, "%.*s", STR_ARG(s->transport));
    if (str_eq(s->transport, S("smtp")))
        buf_fmt(&b, " %.*s:%d %s%s ehlo %.*s timeout %g", STR_ARG(s->host), s->port,
                tls[s->tls], s->verify ? "" : " unverified", STR_ARG(s->ehlo),
                (double)s->timeout_ms / 1000);
    if (s->username.len || s->password.len)
        buf_fmt(&b, " login %.*s/%.*s", STR_ARG(s->username), STR_ARG(s->password));
    if (s->sendmail.len)
        buf_fmt(&b, " [%.*s]", STR_ARG(s->sendmail));
    if (s->log_channel.len)
        buf_fmt(&b, " channel %.*s", STR_ARG(s->log_channel));
    if (s->ca_file.len)
        buf_fmt(&b, " ca %.*s", STR_ARG(s->ca_file));
    if (s->ca_dir.len)
        buf_fmt(&b, " cas %.*s", STR_ARG(s->ca_dir));
    if (s->source_ip.len)
        buf_fmt(&b, " from ip %.*s", STR_ARG(s->source_ip));
    if (s->gap_ms)
        buf_fmt(&b, " gap %lld", (long long)s->gap_ms);
    if (!s->swift && str_eq(s->transport, S("smtp")) &&
        (s->restart_threshold != 100 || s->restart_sleep))
        buf_fmt(&b, " restart %lld+%lld", (long long)s->restart_threshold,
                (long long)s->restart_sleep);
    if (str_eq(s->transport, S("smtp")) && s->ping_threshold != (s->swift ? -1 : 100))
        buf_fmt(&b, " ping %lld", (long long)s->ping_threshold);
    const struct {
        const char *name;
        const struct mail_address *address;
    } addresses[] = {{"from", &s->from},
                     {"reply", &s->reply_to},
                     {"to", &s->to},
                     {"bounce", &s->return_path}};
    for (size_t i = 0; i < COUNT(addresses); i++)
        if (addresses[i].address->address.len)
            buf_fmt(&b, " %s %.*s <%.*s>", addresses[i].name,
                    STR_ARG(addresses[i].address->name),
                    STR_ARG(addresses[i].address->address));
    return buf_str(&b);
}

static struct str loaded(struct arena *a, const char *version, const char *env,
                         const char *config)
{
    struct app *app = app_with(version, env, config);
    struct mail_settings s;
    struct error e = {0};
    bool ok = mail_settings_load(app, a, &s, &e);
    struct str out = ok ? str_copy(a, summary(a, &s))
                        : str_fmt(a, "%s: %s", err_kind_name(e.kind), e.text);
    app_close(app);
    return out;
}

struct expected {
    const char *version, *env, *config, *want;
};

static void expect(const struct expected *cases, size_t len)
{
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    for (size_t i = 0; i < len; i++) {
        struct arena a = arena_open(4 << 20);
        struct str got = loaded(&a, cases[i].version, cases[i].env, cases[i].config);
        if (!str_eq(got, str_from(cases[i].want)))
            fail_msg("Laravel %s with\n%s\n%s\ngot  \"%.*s\"\nwant \"%s\"",
                     cases[i].version, cases[i].env,
                     cases[i].config ? cases[i].config : "", STR_ARG(got), cases[i].want);
        arena_close(&a);
    }
}

#define HELLO " from Example <hello@example.com>"

static const struct expected defaults[] = {
    {"8.83.25", "", NULL,
     "smtp smtp.mailgun.org:587 starttls! ehlo [127.0.0.1] timeout 30" HELLO},
    {"9.52.23", "", NULL,
     "smtp smtp.mailgun.org:587 starttls ehlo [127.0.0.1] timeout 60" HELLO},
    {"10.50.4", "", NULL,
     "smtp smtp.mailgun.org:587 starttls ehlo [127.0.0.1] timeout 60" HELLO},
    {"11.57.1", "", NULL, "log" HELLO},
    {"12.72.0", "", NULL, "log" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\n", NULL,
     "smtp 127.0.0.1:2525 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nAPP_URL=https://app.example.be:8443/x\n", NULL,
     "smtp 127.0.0.1:2525 starttls ehlo app.example.be timeout 60" HELLO},
    {"8.83.25", "MAIL_MAILER=sendmail\n", NULL,
     "sendmail [/usr/sbin/sendmail -t -i]" HELLO},
    {"12.72.0", "MAIL_MAILER=sendmail\n", NULL,
     "sendmail [/usr/sbin/sendmail -bs -i]" HELLO},
    {"12.72.0", "MAIL_MAILER=log\nMAIL_LOG_CHANNEL=mail\n", NULL,
     "log channel mail" HELLO},
    {"12.72.0", "MAIL_MAILER=array\nMAIL_FROM_ADDRESS=a@b\nMAIL_FROM_NAME=\"A B\"\n",
     NULL, "array from A B <a@b>"},
};

void test_defaults_are_those_of_the_version(void **state)
{
    (void)state;
    expect(defaults, COUNT(defaults));
}

static const struct expected encryption[] = {
    {"8.83.25", "MAIL_HOST=h\nMAIL_ENCRYPTION=ssl\nMAIL_PORT=465\n", NULL,
     "smtp h:465 tls ehlo [127.0.0.1] timeout 30" HELLO},
    {"8.83.25", "MAIL_HOST=h\nMAIL_ENCRYPTION=null\nMAIL_PORT=465\n", NULL,
     "smtp h:465 plain ehlo [127.0.0.1] timeout 30" HELLO},
    {"8.83.25", "MAIL_HOST=h\nMAIL_ENCRYPTION=tls\nMAIL_PORT=465\n", NULL,
     "smtp h:465 starttls! ehlo [127.0.0.1] timeout 30" HELLO},
    {"8.83.25", "MAIL_HOST=h\nMAIL_ENCRYPTION=sslv3\n", NULL,
     "unsupported: mail.mailers.smtp.encryption is \"sslv3\": facteur knows tls and "
     "ssl"},
    {"10.50.4", "MAIL_HOST=h\nMAIL_ENCRYPTION=tls\nMAIL_PORT=465\n", NULL,
     "smtp h:465 tls ehlo [127.0.0.1] timeout 60" HELLO},
    {"10.50.4", "MAIL_HOST=h\nMAIL_ENCRYPTION=null\nMAIL_PORT=465\n", NULL,
     "smtp h:465 tls ehlo [127.0.0.1] timeout 60" HELLO},
    {"10.50.4", "MAIL_HOST=h\nMAIL_ENCRYPTION=null\nMAIL_PORT=25\n", NULL,
     "smtp h:25 starttls ehlo [127.0.0.1] timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_ENCRYPTION=ssl\nMAIL_PORT=587\n", NULL,
     "smtp 127.0.0.1:587 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_PORT=465\n", NULL,
     "smtp 127.0.0.1:465 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_SCHEME=smtps\nMAIL_PORT=587\n", NULL,
     "smtp 127.0.0.1:587 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_SCHEME=smtp\nMAIL_PORT=465\n", NULL,
     "smtp 127.0.0.1:465 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_SCHEME=tls\n", NULL,
     "fatal: mail.mailers.smtp.scheme is \"tls\": \"smtp\" or \"smtps\" is "
     "expected; PHP can send no mail with it either (Laravel 12's default, MAIL_SCHEME "
     "(.env:2))"},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=h\nMAIL_PORT=0\n", NULL,
     "smtp h:465 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=localhost\nMAIL_PORT=0\n", NULL,
     "smtp localhost:25 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_PORT=smtp\n", NULL,
     "fatal: mail.mailers.smtp.port is \"smtp\": a number up to 65535 is expected "
     "(Laravel 12's default, MAIL_PORT (.env:2))"},
};

void test_encryption_is_understood_as_by_each_version(void **state)
{
    (void)state;
    expect(encryption, COUNT(encryption));
}

static const struct expected logins[] = {
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_USERNAME=u\nMAIL_PASSWORD='p #\"w'\n", NULL,
     "smtp 127.0.0.1:2525 starttls ehlo localhost timeout 60 login u/p #\"w" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_EHLO_DOMAIN=192.0.2.1\n", NULL,
     "smtp 127.0.0.1:2525 starttls ehlo [192.0.2.1] timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_EHLO_DOMAIN=2001:db8::1\n", NULL,
     "smtp 127.0.0.1:2525 starttls ehlo [IPv6:2001:db8::1] timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_EHLO_DOMAIN=\"a b\"\n", NULL,
     "fatal: mail.mailers.smtp.local_domain holds a blank or a byte outside ASCII"},
};

void test_login_and_ehlo(void **state)
{
    (void)state;
    expect(logins, COUNT(logins));
}

static const struct expected urls[] = {
    {"12.72.0",
     "MAIL_MAILER=smtp\nMAIL_USERNAME=old\n"
     "MAIL_URL=\"smtp://"
     "us%40er:p%3Aw@relay.example.be:587?timeout=5&verify_peer=0\"\n",
     NULL,
     "smtp relay.example.be:587 starttls unverified ehlo localhost timeout 5 login "
     "us@er/p:w" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_URL=smtp://relay\nMAIL_PORT=465\n", NULL,
     "smtp relay:465 tls ehlo localhost timeout 60" HELLO},
    /* Laravel takes the scheme for the transport, and has none of that name. */
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_URL=smtps://relay\n", NULL,
     "unsupported: mailer [smtp] has the transport \"smtps\": facteur has smtp, "
     "sendmail, log and array"},
    {"12.72.0",
     "MAIL_MAILER=smtp\nMAIL_URL=\"smtp://relay:25?host=other&scheme=smtps\"\n", NULL,
     "smtp other:25 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_URL=\"smtp://u:geheim@:x\"\n", NULL,
     "fatal: mail.mailers.smtp.url: the configuration URL is malformed (Laravel 12's "
     "default, MAIL_URL (.env:2))"},
    {"9.52.23", "MAIL_URL=smtp://relay\nMAIL_HOST=h\n", NULL,
     "smtp h:587 starttls ehlo [127.0.0.1] timeout 60" HELLO},
};

void test_url_is_merged_over_the_mailer(void **state)
{
    (void)state;
    expect(urls, COUNT(urls));
}

static const struct expected configs[] = {
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'auto_tls' => false, 'source_ip' => '192.0.2.7', 'timeout' => "
     "'7']], 'from' => ['address' => 'a@b', 'name' => null]]",
     "smtp h:25 plain ehlo [127.0.0.1] timeout 7 from ip 192.0.2.7 from  <a@b>"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'require_tls' => true, 'verify_peer' => false, 'from' => "
     "['address' => 'x@b', 'name' => 'X']]], 'from' => ['address' => 'a@b'], "
     "'reply_to' => ['address' => 'r@b', 'name' => 'R'], 'to' => ['address' => "
     "'t@b', 'name' => 'T'], 'return_path' => ['address' => 'bounce@b']]",
     "smtp h:25 starttls! unverified ehlo [127.0.0.1] timeout 60 from X <x@b> reply "
     "R <r@b> to T <t@b> bounce  <bounce@b>"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'peer_fingerprint' => 'abc']], 'from' => ['address' => 'a@b']]",
     "unsupported: mail.mailers.x.peer_fingerprint is set: facteur's mailer does not "
     "have it"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'max_per_second' => '2.5', 'restart_threshold' => '7 or so', "
     "'restart_threshold_sleep' => 3, 'ping_threshold' => 0]], 'from' => ['address' => "
     "'a@b']]",
     "smtp h:25 starttls ehlo [127.0.0.1] timeout 60 gap 400 restart 7+3 ping 0 from  "
     "<a@b>"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'max_per_second' => -1, 'restart_threshold' => 0, "
     "'restart_threshold_sleep' => null, 'ping_threshold' => null]], 'from' => "
     "['address' => 'a@b']]",
     "smtp h:25 starttls ehlo [127.0.0.1] timeout 60 restart 1+0 from  <a@b>"},
    {"8.83.25", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'max_per_second' => 1, 'restart_threshold' => 1]], 'from' => "
     "['address' => 'a@b']]",
     "smtp h:25 plain ehlo [127.0.0.1] timeout 30 from  <a@b>"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'port' => "
     "25]], 'from' => ['address' => 'a@b']]",
     "fatal: mail.mailers.x.host is not set"},
    {"12.72.0", "", "['default' => 'y', 'mailers' => []]",
     "fatal: Mailer [y] is not defined. (config/mail.php:2)"},
    {"12.72.0", "", "['default' => 'array', 'from' => ['address' => null]]",
     "fatal: mail.from.address is not set: a mail needs a sender (config/mail.php:2)"},
    {"12.72.0", "", "['default' => 'array', 'from' => ['address' => 'é@b']]",
     "fatal: the sender is \"é@b\": characters outside ASCII before the @ are refused by "
     "Symfony too, no mail could go out"},
    {"12.72.0", "", "['default' => 'array', 'from' => ['address' => 'a b@b']]",
     "unsupported: mail.from.address is \"a b@b\": a character before the @ is not "
     "allowed there (config/mail.php:2)"},
    {"8.83.25", "",
     "['default' => 'smtp', 'mailers' => ['smtp' => ['transport' => 'smtp', 'host' "
     "=> 'h', 'port' => 587, 'encryption' => 'tls', 'stream' => ['ssl' => "
     "['verify_peer' => false, 'cafile' => '/etc/ca']]]], 'from' => ['address' => "
     "'a@b']]",
     "smtp h:587 starttls! unverified ehlo [127.0.0.1] timeout 30 ca /etc/ca from  "
     "<a@b>"},
    {"8.83.25", "",
     "['default' => 'smtp', 'mailers' => ['smtp' => ['transport' => 'smtp', 'host' "
     "=> 'h', 'port' => 587, 'auth_mode' => 'cram-md5']], 'from' => ['address' => "
     "'a@b']]",
     "smtp h:587 plain ehlo [127.0.0.1] timeout 30 from  <a@b>"},
    {"8.83.25", "",
     "['default' => 'smtp', 'mailers' => ['smtp' => ['transport' => 'smtp', 'host' "
     "=> 'h', 'port' => 587, 'auth_mode' => 'ntlm']], 'from' => ['address' => "
     "'a@b']]",
     "unsupported: mail.mailers.smtp.auth_mode is \"ntlm\": facteur knows login, plain, "
     "cram-md5 and xoauth2"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'timeout' => 2.5]], 'from' => ['address' => 'a@b']]",
     "smtp h:25 starttls ehlo [127.0.0.1] timeout 2.5 from  <a@b>"},
    {"12.72.0", "",
     "['default' => 'm', 'mailers' => ['m' => ['transport' => 'mail']], 'from' => "
     "['address' => 'a@b']]",
     "sendmail [/usr/sbin/sendmail -bs] from  <a@b>"},
};

void test_config_of_the_app_decides(void **state)
{
    (void)state;
    expect(configs, COUNT(configs));
}

static const struct expected legacy[] = {
    {"8.83.25", "",
     "['driver' => 'smtp', 'host' => 'h', 'port' => 25, 'username' => 'u', "
     "'password' => 'p', 'from' => ['address' => 'a@b', 'name' => 'A']]",
     "smtp h:25 plain ehlo [127.0.0.1] timeout 30 login u/p from A <a@b>"},
    {"12.72.0", "",
     "['driver' => 'sendmail', 'sendmail' => '/usr/lib/sendmail -t', 'from' => "
     "['address' => 'a@b']]",
     "sendmail [/usr/lib/sendmail -t] from  <a@b>"},
    {"12.72.0", "",
     "['driver' => 'log', 'log_channel' => 'mails', 'from' => ['address' => 'a@b']]",
     "log channel mails from  <a@b>"},
};

/* What these become inside PHP's streams no object there tells. */
static const struct expected hosts[] = {
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=tls://h\nMAIL_PORT=587\n", NULL,
     "smtp h:587 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=ssl://h\nMAIL_PORT=587\n", NULL,
     "smtp h:587 tls ehlo localhost timeout 60" HELLO},
    {"8.83.25", "MAIL_HOST=tlsv1.2://h\nMAIL_ENCRYPTION=null\nMAIL_PORT=25\n", NULL,
     "smtp h:25 tls ehlo [127.0.0.1] timeout 30" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=tcp://h\n", NULL,
     "smtp h:2525 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=h:26\n", NULL,
     "smtp h:26 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=tls://h:26\n", NULL,
     "smtp h:26 tls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=[::1]\n", NULL,
     "smtp [::1]:2525 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=[::1]:26\n", NULL,
     "smtp [::1]:26 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=2001:db8::1\n", NULL,
     "smtp 2001:db8::1:2525 starttls ehlo localhost timeout 60" HELLO},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=tls://h\nMAIL_PORT=465\n", NULL,
     "fatal: mail.mailers.smtp.host is \"tls://h\": PHP's streams cannot use it either; "
     "a name without \"tls://\" is expected (Laravel 12's default, MAIL_HOST (.env:2))"},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=smtp://h\n", NULL,
     "fatal: mail.mailers.smtp.host is \"smtp://h\": PHP's streams cannot use it either; "
     "a name without \"smtp://\" is expected (Laravel 12's default, MAIL_HOST (.env:2))"},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=\"mail .be\"\n", NULL,
     "fatal: mail.mailers.smtp.host is \"mail .be\": no host has such a name, no mail "
     "could go out (Laravel 12's default, MAIL_HOST (.env:2))"},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_HOST=h:smtp\n", NULL,
     "fatal: mail.mailers.smtp.host is \"h:smtp\": a host's name is expected "
     "(Laravel 12's default, MAIL_HOST (.env:2))"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'source_ip' => '[::1]']], 'from' => ['address' => 'a@b']]",
     "smtp h:25 starttls ehlo [127.0.0.1] timeout 60 from ip ::1 from  <a@b>"},
    {"12.72.0", "",
     "['default' => 'x', 'mailers' => ['x' => ['transport' => 'smtp', 'host' => 'h', "
     "'port' => 25, 'source_ip' => 'eth0']], 'from' => ['address' => 'a@b']]",
     "fatal: mail.mailers.x.source_ip is \"eth0\": an IP address is expected, no mail "
     "could go out (config/mail.php:2)"},
    {"12.72.0", "MAIL_MAILER=smtp\nMAIL_FROM_ADDRESS=\" club@bücher.example \"\n", NULL,
     "smtp 127.0.0.1:2525 starttls ehlo localhost timeout 60 from Example "
     "<club@xn--bcher-kva.example>"},
};

void test_hosts_are_understood_as_by_phps_streams(void **state)
{
    (void)state;
    expect(hosts, COUNT(hosts));
}

void test_legacy_config_of_one_level(void **state)
{
    (void)state;
    expect(legacy, COUNT(legacy));
}

void test_other_transports_are_refused_by_name(void **state)
{
    (void)state;
    const char *names[] = {"ses",     "ses-v2",   "postmark",   "resend",
                           "mailgun", "failover", "roundrobin", "own"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char config[300], want[300];
        snprintf(config, sizeof(config),
                 "['default' => 'm', 'mailers' => ['m' => ['transport' => '%s']]]",
                 names[i]);
        snprintf(want, sizeof(want),
                 "unsupported: mailer [m] has the transport \"%s\": facteur has smtp, "
                 "sendmail, log and array",
                 names[i]);
        const struct expected one = {"12.72.0", "", config, want};
        expect(&one, 1);
    }
}

void test_value_that_cannot_be_evaluated_is_named_with_its_place(void **state)
{
    (void)state;
    struct arena a = arena_open(4 << 20);
    struct app *app = app_with(
        "12.72.0", "",
        "['default' => 'smtp',\n'mailers' => ['smtp' => ['transport' => 'smtp', 'host' "
        "=>\n   my_host(), 'port' => 25]],\n 'from' => ['address' => 'a@b']]");
    struct mail_settings s;
    struct error e = {0};
    assert_false(mail_settings_load(app, &a, &s, &e));
    assert_int_equal(e.kind, ERR_FATAL);
    assert_non_null(strstr(e.file, "config/mail.php"));
    assert_int_equal(e.line, 4);
    app_close(app);
    arena_close(&a);
}

void test_settings_apply_to_a_message(void **state)
{
    (void)state;
    struct mail_settings s = {.from = {S("a@b"), S("A")}};
    struct mail_message m = {.to = {.address = S("marie@b")}};
    mail_settings_apply(&s, &m);
    assert_str(m.from.name, "A");
    assert_str(m.to.address, "marie@b");
    assert_str(m.meant_for.address, "");
    s.to.address = S("all@b");
    mail_settings_apply(&s, &m);
    assert_str(m.to.address, "all@b");
    assert_str(m.meant_for.address, "marie@b");
    s.swift = true; /* Laravel 8 does not name them */
    m = (struct mail_message){.to = {.address = S("marie@b")}};
    mail_settings_apply(&s, &m);
    assert_str(m.to.address, "all@b");
    assert_str(m.meant_for.address, "");
}

void test_certificates_of_the_environment_are_used(void **state)
{
    (void)state;
    struct arena a = arena_open(4 << 20);
    unsetenv("SSL_CERT_DIR");
    setenv("SSL_CERT_FILE", "/etc/own.pem", 1);
    assert_str(loaded(&a, "12.72.0", "MAIL_MAILER=smtp\n", NULL),
               "smtp 127.0.0.1:2525 starttls ehlo localhost timeout 60 ca "
               "/etc/own.pem" HELLO);
    unsetenv("SSL_CERT_FILE");
    setenv("SSL_CERT_DIR", "/etc/own:/etc/other", 1);
    assert_str(loaded(&a, "12.72.0", "MAIL_MAILER=smtp\n", NULL),
               "smtp 127.0.0.1:2525 starttls ehlo localhost timeout 60 cas "
               "/etc/own:/etc/other" HELLO);
    unsetenv("SSL_CERT_DIR");
    arena_close(&a);
}

/* === beside the real Laravel 12 === */

static int ask_laravel(const struct expected *cases, size_t len, const char *laravel)
{
    int differing = 0;
    for (size_t i = 0; i < len; i++) {
        struct arena a = arena_open(4 << 20);
        bool refused = !strncmp(cases[i].want, "fatal: ", 7) ||
                       !strncmp(cases[i].want, "unsupported: ", 13);
        /* What facteur refuses, Laravel may be able to do. */
        if (strncmp(cases[i].version, "12.", 3) == 0 && !refused) {
            struct app *app = app_with(cases[i].version, cases[i].env, cases[i].config);
            struct str got = oracle(&a, "mail", laravel, str_z(&a, app_base(app)), NULL);
            if (!str_eq(str_trim(got), str_from(cases[i].want))) {
                printf("# Laravel says %.*s\n# we say       %s\n", STR_ARG(got),
                       cases[i].want);
                differing++;
            }
            app_close(app);
        }
        arena_close(&a);
    }
    return differing;
}

void test_laravel_12_understands_the_same(void **state)
{
    (void)state;
    const char *laravel = vendor("test_laravel_12_understands_the_same");
    if (!laravel)
        return;
    unsetenv("SSL_CERT_FILE");
    int differing = ask_laravel(defaults, COUNT(defaults), laravel) +
                    ask_laravel(encryption, COUNT(encryption), laravel) +
                    ask_laravel(logins, COUNT(logins), laravel) +
                    ask_laravel(urls, COUNT(urls), laravel) +
                    ask_laravel(configs, COUNT(configs), laravel) +
                    ask_laravel(legacy, COUNT(legacy), laravel);
    assert_int_equal(differing, 0);
}

/* === the transports `log` and `array` === */

void test_log_writes_the_mail_readable(void **state)
{
    (void)state;
    struct arena a = arena_open(16 << 20);
    struct app *app = app_with("12.72.0", "LOG_CHANNEL=single\n", NULL);
    struct mail_settings s;
    struct error e = {0};
    struct mail_attachment pdf = {S("a.pdf"), S("application/pdf"), S("%PDF")};
    struct mail_message m = {
        .to = {.address = S("marie@example.be")},
        .subject = S("Sujet"),
        .html = S("<p class=\"x\">été et une ligne bien longue, plus longue que "
                  "soixante-seize caractères</p>\n"),
        .attachments = &pdf,
        .attachments_len = 1,
    };
    struct str mail;
    assert_ok(mail_settings_load(app, &a, &s, &e), e);
    mail_settings_apply(&s, &m);
    assert_ok(mail_build(&m, &a, &mail, &e), e);
    struct mailer *mailer = mailer_open(&s, app, &e);
    assert_non_null(mailer);
    struct mail_delivery delivery = {
        .from = m.from.address, .to = m.to.address, .message = mail};
    assert_ok(mailer_send(mailer, &delivery, &e), e);
    assert_int_equal(mailer_sent(mailer), 1);
    struct str log = file_text(&a, app_storage(app, &a, "logs/laravel.log"));
    assert_true(str_has(log, S(".DEBUG: Date: ")));
    assert_true(str_has(log, S("<p class=\"x\">été et une ligne bien longue, plus longue "
                               "que soixante-seize caractères</p>\r\n")));
    assert_true(str_has(log, S("JVBERg==")));
    mailer_close(mailer);
    app_close(app);
    arena_close(&a);
}

void test_array_counts_and_still_checks_addresses(void **state)
{
    (void)state;
    struct mail_settings s = {.transport = S("array")};
    struct error e = {0};
    struct mailer *m = mailer_open(&s, NULL, &e);
    assert_non_null(m);
    struct mail_delivery d = {.from = S("a@b"), .to = S("c@d"), .message = S("x")};
    assert_ok(mailer_send(m, &d, &e), e);
    d.to = S("c@d\r\nx");
    assert_false(mailer_send(m, &d, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_int_equal(mailer_sent(m), 1);
    mailer_close(m);
}

void test_sendmail_that_needs_a_shell_is_no_mailer(void **state)
{
    (void)state;
    const char *bad[] = {
        "",         "''",         "sendmail",       "sendmail -t | tee x",
        "A=b x -t", "x -t 'open", "x -t \"$HOME\"", "x -t ~/y",
        "x -t a*",  "x -t a\nb",  "x -t #"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct mail_settings s = {.transport = S("sendmail"),
                                  .sendmail = str_from(bad[i])};
        struct error e = {0};
        if (mailer_open(&s, NULL, &e) || e.kind != ERR_UNSUPPORTED)
            fail_msg("\"%s\" was taken, or refused as %s", bad[i], err_kind_name(e.kind));
    }
}
