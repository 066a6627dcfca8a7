/* mail: a message (RFC 5322, MIME) and its transports.
 *
 * A message is built once, as bytes with CRLF line ends, and handed to a transport.
 * CR and LF in any field cannot add a header: they become blanks. Addresses are checked
 * before anything is opened.
 */
#ifndef FACTEUR_MAIL_H
#define FACTEUR_MAIL_H

#include "facteur/app.h"
#include "facteur/base.h"

struct mail_address {
    struct str address; /* as the app has it; see mail_address_encode */
    struct str name;    /* UTF-8; empty: none */
};

struct mail_addresses {
    const struct mail_address *at;
    size_t len;
};

struct mail_attachment {
    struct str name; /* file name, UTF-8 */
    struct str type; /* "application/pdf" */
    struct str bytes;
};

struct mail_message {
    struct mail_address from, to;
    struct mail_address reply_to;   /* address empty: none */
    struct mail_addresses cc, more; /* `more` stand in Reply-To, behind reply_to */
    struct mail_address
        meant_for; /* who `to` stands for: the field X-To; address empty: none */
    struct str subject;
    struct str html; /* UTF-8 */
    const struct mail_attachment *attachments;
    size_t attachments_len;
    int64_t date;          /* Unix seconds; printed in the app's zone */
    struct str message_id; /* without angle brackets: "uuid@host" */
};

/* mail_address_encode writes an address as mail carries it: without the blanks around it,
 * its domain in punycode. It is an RFC 5321 Mailbox then (quoted-string local parts and
 * address literals included), but for characters beyond ASCII before the @, which want
 * SMTPUTF8 (RFC 6531). false: it is none; *why says what is wrong. */
bool mail_address_encode(struct str s, struct arena *perm, struct str *out,
                         const char **why) MUST;

/* mail_address_utf8 says whether an encoded address wants SMTPUTF8. */
bool mail_address_utf8(struct str encoded);

/* mail_build prints the message: From and Subject by RFC 2047, body quoted-printable or
 * base64, attachments base64, file names by RFC 2231 where needed. The same message
 * gives the same bytes (in the same zone: Date is printed in clock_local's). ERR_JOB: an
 * address is no mailbox (the text says which and why). */
bool mail_build(const struct mail_message *m, struct arena *perm, struct str *out,
                struct error *e) MUST;

/* === settings === */

/* What config/mail.php says, after MAIL_URL and the defaults of the app's Laravel
 * version. Strings live in the arena of mail_settings_load. The password goes into no
 * message. */
struct mail_settings {
    struct str mailer;    /* name in mail.mailers */
    struct str transport; /* "smtp", "sendmail", "log", "array" */
    struct mail_address from;
    struct mail_address reply_to; /* mail.reply_to; address empty: none */
    struct mail_address to;       /* mail.to: where every mail goes instead, or empty */
    struct mail_address
        return_path; /* mail.return_path: the envelope's sender, or empty */
    struct str host, username, password, ehlo;
    struct str source_ip; /* the address to send from; empty: the system's choice */
    int port;
    enum mail_tls { MAIL_PLAIN, MAIL_STARTTLS, MAIL_STARTTLS_REQUIRED, MAIL_TLS } tls;
    bool verify; /* certificates; false only where the app's config says so */
    /* Empty: those of the system. PHP and facteur read SSL_CERT_FILE and SSL_CERT_DIR. */
    struct str ca_file, ca_dir;
    int64_t timeout_ms;  /* so long a server may be silent */
    int64_t patience_ms; /* so long after it got the whole message, if that is longer */
    struct str login;    /* the one way to log in (Laravel 8's auth_mode); empty: any */
    /* Of Symfony's transport (0 in Laravel 8, whose mailer knows none of them): */
    int64_t gap_ms;            /* max_per_second: between two mails; 0: none */
    int64_t restart_threshold; /* mails of a session; 0: no limit */
    int64_t restart_sleep;     /* seconds from that session's end to the next */
    int64_t ping_threshold;    /* seconds of silence after which a session is tested; -1:
                                * never, as Swift Mailer */
    struct str
        sendmail; /* command line, split by blanks and quotes, run without a shell */
    struct str log_channel; /* empty: the app's default */
    bool swift;             /* Laravel 8: failures in Swift Mailer's words */
};

/* mail_settings_load reads mail.default and its mailer. ERR_UNSUPPORTED names a transport
 * or a setting that facteur does not have; ERR_FATAL one that makes no sense. */
bool mail_settings_load(struct app *app, struct arena *perm, struct mail_settings *out,
                        struct error *e) MUST;

/* mail_settings_apply sets the message's from and reply_to, and its `to` where mail.to
 * replaces it; Laravel 9 and later name the one it was meant for in X-To. */
void mail_settings_apply(const struct mail_settings *s, struct mail_message *m);

/* mail_settings_many says whether a mail may have more than one recipient: not with a
 * sendmail command, under Laravel 8 (a mail of its own for each Bcc), or where mail.to
 * replaces them all. */
bool mail_settings_many(const struct mail_settings *s);

/* === transports === */

struct mailer;

/* mailer_open opens nothing yet: the first message does, so it is called in the process
 * that sends. Settings and app are lent. ERR_UNSUPPORTED: a sendmail command line that
 * needs a shell. */
struct mailer *mailer_open(const struct mail_settings *s, struct app *app,
                           struct error *e) MUST;
void mailer_close(struct mailer *m);

struct mail_delivery {
    struct str from, to;    /* the envelope, unless the settings have return_path or to */
    const struct str *more; /* recipients behind `to`, where mail_settings_many */
    size_t more_len;
    struct str message;
    bool (*alive)(void *arg); /* called while the transport waits; false stops it */
    void *arg;                /* alive may be NULL */
};

/* mail_envelope gives the addresses that a mail really goes from and to, encoded.
 * ERR_JOB: one cannot be used. */
bool mail_envelope(const struct mail_settings *s, struct arena *perm, struct str *from,
                   struct str *to, struct error *e) MUST;

/* mailer_send hands the bytes over. ERR_JOB when the server refuses or cannot be reached:
 * the text, exception and code are those of the mailer that the app has under PHP
 * (Symfony Mailer 6 and 7, Swift Mailer 6), with the server's own words. A session that
 * proved stale before MAIL FROM is opened anew once. */
bool mailer_send(struct mailer *m, const struct mail_delivery *d, struct error *e) MUST;

/* === the pace that a server wants === */

/* What a mail met. A limit is a refusal that asks for less: too many connections, mails
 * or recipients in too short a time; the next mail may well pass if it comes later. */
struct mail_pace {
    enum mail_met { MAIL_MET_NOTHING, MAIL_MET_PASSED, MAIL_MET_LIMIT } met;
    bool connecting; /* the limit came before MAIL FROM: connections are counted */
    char said[200];  /* the refusal, for a warning */
};

/* mailer_pace takes what the last mailer_send met: a second call tells nothing. */
struct mail_pace mailer_pace(struct mailer *m);

/* mailer_gap_ms is the least time between two mails that the app's configuration asks for
 * (max_per_second); mailer_rest_ms is what is left of a rest between two sessions
 * (restart_threshold_sleep). 0: none. Whoever sends waits; mailer_send does not. */
int64_t mailer_gap_ms(const struct mailer *m);
int64_t mailer_rest_ms(const struct mailer *m);

/* mailer_hang_up ends the session: another may want the connection. */
void mailer_hang_up(struct mailer *m);

/* mailer_idle ends a session that has been silent for a few seconds; a worker without
 * work calls it now and then, so that no server has to throw it out. */
void mailer_idle(struct mailer *m);

/* mailer_sent counts the mails that were handed over. */
int64_t mailer_sent(const struct mailer *m);

#endif
