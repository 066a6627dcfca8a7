/* mail_send: builds one mail and sends it, for test/system/mail.sh. All by options:
 *
 *   --host H --port N --tls plain|starttls|required|tls --ca FILE --no-verify
 *   --user U (the password comes in MAIL_TEST_PASSWORD) --ehlo NAME --timeout SECONDS
 *   --patience SECONDS
 *   --transport NAME --sendmail COMMAND --app DIR (its config instead of the above)
 *   --from A --from-name N --to A --subject S --html TEXT --attach NAME=TEXT
 *   --count N, one mail after the other, --pause MS between them, --keep-on after errors
 *   --stop-after MS: then sending is to stop  --print: the bytes to stdout, nothing sent
 *   --swift: failures in Swift Mailer's words
 *
 * Prints "sent N in MS ms" per mail, or "thrown CLASS CODE STEP", where the error has
 * these, and "error KIND: TEXT"; ends with 1 after an error.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "facteur/mail.h"

struct options {
    struct mail_settings s;
    struct mail_message m;
    struct mail_attachment attachment;
    const char *app;
    int count, pause_ms, stop_after_ms, timeout, patience; /* the two in seconds */
    bool print, keep_on;
    int64_t stop_at_ms;
};

enum {
    HOST = 1,
    PORT,
    TLS,
    CA,
    NO_VERIFY,
    USER,
    EHLO,
    TIMEOUT,
    PATIENCE,
    TRANSPORT,
    SENDMAIL,
    APP,
    FROM,
    FROM_NAME,
    TO,
    SUBJECT,
    HTML,
    ATTACH,
    COUNT_,
    PAUSE,
    STOP_AFTER,
    PRINT_,
    KEEP_ON,
    SWIFT,
};

static const struct option longs[] = {
    {"host", 1, 0, HOST},
    {"port", 1, 0, PORT},
    {"tls", 1, 0, TLS},
    {"ca", 1, 0, CA},
    {"no-verify", 0, 0, NO_VERIFY},
    {"user", 1, 0, USER},
    {"ehlo", 1, 0, EHLO},
    {"timeout", 1, 0, TIMEOUT},
    {"patience", 1, 0, PATIENCE},
    {"transport", 1, 0, TRANSPORT},
    {"sendmail", 1, 0, SENDMAIL},
    {"app", 1, 0, APP},
    {"from", 1, 0, FROM},
    {"from-name", 1, 0, FROM_NAME},
    {"to", 1, 0, TO},
    {"subject", 1, 0, SUBJECT},
    {"html", 1, 0, HTML},
    {"attach", 1, 0, ATTACH},
    {"count", 1, 0, COUNT_},
    {"pause", 1, 0, PAUSE},
    {"stop-after", 1, 0, STOP_AFTER},
    {"print", 0, 0, PRINT_},
    {"keep-on", 0, 0, KEEP_ON},
    {"swift", 0, 0, SWIFT},
    {0},
};

static int number(const char *text)
{
    int64_t n;
    if (str_to_i64(str_from(text), &n) && n >= 0 && n <= 1000000)
        return (int)n;
    fprintf(stderr, "mail_send: %s is no number\n", text);
    exit(2);
}

static enum mail_tls tls_of(const char *name)
{
    static const char *const names[] = {"plain", "starttls", "required", "tls"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return (enum mail_tls)i;
    fprintf(stderr, "mail_send: --tls %s?\n", name);
    exit(2);
}

static void set_attachment(struct options *o, struct str text)
{
    struct cut c = str_cut(text, '=');
    o->attachment = (struct mail_attachment){
        .name = c.head, .type = S("application/octet-stream"), .bytes = c.tail};
    o->m.attachments = &o->attachment;
    o->m.attachments_len = 1;
}

static void set_option(struct options *o, int option, const char *value)
{
    struct {
        int option;
        struct str *text;
        int *number;
    } rows[] = {
        {HOST, &o->s.host, NULL},
        {PORT, NULL, &o->s.port},
        {CA, &o->s.ca_file, NULL},
        {USER, &o->s.username, NULL},
        {EHLO, &o->s.ehlo, NULL},
        {TIMEOUT, NULL, &o->timeout},
        {PATIENCE, NULL, &o->patience},
        {TRANSPORT, &o->s.transport, NULL},
        {SENDMAIL, &o->s.sendmail, NULL},
        {FROM, &o->m.from.address, NULL},
        {FROM_NAME, &o->m.from.name, NULL},
        {TO, &o->m.to.address, NULL},
        {SUBJECT, &o->m.subject, NULL},
        {HTML, &o->m.html, NULL},
        {COUNT_, NULL, &o->count},
        {PAUSE, NULL, &o->pause_ms},
        {STOP_AFTER, NULL, &o->stop_after_ms},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].option != option)
            continue;
        if (rows[i].text)
            *rows[i].text = str_from(value);
        else
            *rows[i].number = number(value);
        return;
    }
    switch (option) {
    case TLS:
        o->s.tls = tls_of(value);
        break;
    case NO_VERIFY:
        o->s.verify = false;
        break;
    case APP:
        o->app = value;
        break;
    case ATTACH:
        set_attachment(o, str_from(value));
        break;
    case PRINT_:
        o->print = true;
        break;
    case SWIFT:
        o->s.swift = true;
        break;
    case KEEP_ON:
        o->keep_on = true;
        break;
    default:
        exit(2);
    }
}

static bool alive(void *arg)
{
    const struct options *o = arg;
    return o->stop_after_ms == 0 || clock_mono_ms() < o->stop_at_ms;
}

static bool fail(const struct error *e)
{
    char text[3000];
    err_print(e, text, sizeof(text));
    if (e->exception)
        printf("thrown %s %d %s\n", e->exception, e->code, e->step);
    printf("error %s: %s\n", err_kind_name(e->kind), text);
    fflush(stdout);
    return false;
}

static bool send_all(struct options *o, struct app *app, struct arena *perm)
{
    struct error e = {0};
    struct str mail;
    if (!mail_build(&o->m, perm, &mail, &e))
        return fail(&e);
    if (o->print)
        return fwrite(mail.ptr, 1, mail.len, stdout) == mail.len;
    struct mailer *mailer = mailer_open(&o->s, app, &e);
    if (!mailer)
        return fail(&e);
    bool ok = true;
    for (int i = 0; i < o->count && (ok || o->keep_on); i++) {
        struct timespec pause = {o->pause_ms / 1000, o->pause_ms % 1000 * 1000000L};
        if (i && o->pause_ms)
            nanosleep(&pause, NULL);
        int64_t t0 = clock_mono_ms();
        o->stop_at_ms = t0 + o->stop_after_ms;
        err_clear(&e);
        struct mail_delivery delivery = {.from = o->m.from.address,
                                         .to = o->m.to.address,
                                         .message = mail,
                                         .alive = alive,
                                         .arg = o};
        if (!mailer_send(mailer, &delivery, &e))
            ok = fail(&e);
        else
            printf("sent %d in %lld ms\n", i + 1, (long long)(clock_mono_ms() - t0));
        fflush(stdout);
    }
    mailer_close(mailer);
    return ok;
}

static bool use_app(struct options *o, struct app **app, struct arena *perm)
{
    struct error e = {0};
    struct app_options a = {.dir = o->app};
    struct mail_address to = o->m.to;
    *app = app_open(&a, &e);
    if (!*app || !mail_settings_load(*app, perm, &o->s, &e))
        return fail(&e);
    o->m.to = to;
    mail_settings_apply(&o->s, &o->m);
    return true;
}

int main(int argc, char **argv)
{
    struct arena perm = arena_open(64 << 20);
    struct app *app = NULL;
    struct options o = {
        .s = {.transport = S("smtp"),
              .host = S("127.0.0.1"),
              .ehlo = S("[127.0.0.1]"),
              .port = 25,
              .tls = MAIL_STARTTLS,
              .verify = true,
              .restart_threshold = 100,
              .ping_threshold = 100},
        .m = {.from = {.address = S("sender@example.be")},
              .to = {.address = S("marie@example.be")},
              .subject = S("Épreuve"),
              .html = S("<p>été</p>\n.\n..dots\n"),
              .date = 1795593600,
              .message_id = S("test@example.be")},
        .count = 1,
        .timeout = 5,
        .patience = 600,
    };
    o.s.password = str_from(getenv("MAIL_TEST_PASSWORD"));
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;)
        set_option(&o, c, optarg);
    o.s.timeout_ms = o.timeout * INT64_C(1000);
    o.s.patience_ms = o.patience * INT64_C(1000);
    bool ok = (!o.app || use_app(&o, &app, &perm)) && send_all(&o, app, &perm);
    app_close(app);
    arena_close(&perm);
    return ok ? 0 : 1;
}
