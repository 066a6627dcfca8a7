/* smtp_imp.h: what the files of the transport smtp share. */
#ifndef SMTP_IMP_H
#define SMTP_IMP_H

#include <curl/curl.h>

#include "mail/mail_imp.h"

/* === offer.c: what a server can do, as its reply to EHLO says ===
 *
 * Capabilities are known in any letters (RFC 5321, 4.1.1.1). libcurl reads them in
 * capitals only, and takes another "starttls" for none: it would go on in clear text. */

struct offer {
    bool starttls, auth, utf8; /* in any letters */
    bool starttls_read;        /* in those that libcurl reads */
    unsigned ways, ways_read;  /* to log in, of those we know: bits by enum login_way */
    char words[200];           /* all of them, "plain, gssapi", for a text */
};

/* offer_line takes one line of the reply, with its line end. */
void offer_line(struct offer *o, struct str line);

/* === login.c: which way to log in ===
 *
 * Symfony's ways in its order. libcurl does not go on with another way where one is
 * refused, so the next one has a session of its own; the way that worked is kept. */

enum login_way { LOGIN_CRAM_MD5, LOGIN_LOGIN, LOGIN_PLAIN, LOGIN_XOAUTH2, LOGIN_WAYS };

struct login {
    int way;         /* of the next session, or the one at hand; -1: not known yet */
    unsigned tried;  /* of this mail: bits */
    int answers_len; /* refusals, in order */
    struct login_answer {
        enum login_way way;
        int expected; /* the code that would have been right */
        struct reply reply;
    } answers[LOGIN_WAYS];
};

/* login_way finds a way by its name as servers write it; -1: we do not know it. */
int login_way(struct str name, bool any_letters);
const char *login_name(enum login_way way);

/* login_refused notes an answer to the `step`-th line of a login. */
void login_refused(struct login *l, const struct reply *r, int step);

/* login_next chooses the next of the ways that a server offers; false: none is left. */
bool login_next(struct login *l, unsigned offered);

/* === a session === */

struct smtp {
    struct mailer *m;
    CURL *easy;          /* NULL: no session */
    struct peer peer;    /* for error texts */
    int64_t last_use_ms; /* of the session */
    int64_t mails;       /* since the last restart */
    struct offer offer;  /* of the last EHLO */
    struct login login;
    int sockets[4]; /* that libcurl has open, + 1: while it connects there may be two */

    /* of the mail on its way */
    const struct envelope *v; /* NULL: none */
    size_t read;
    enum smtp_step at;
    struct reply reply; /* the last one of this step */
    struct reply ehlo;  /* that to EHLO, when HELO was tried after it */
    int challenges;     /* of the login so far */
    bool encrypted;     /* STARTTLS was said */
    bool connected;     /* as far as TCP */
    bool timed_out;     /* by our own clock */
    const char *unread; /* offered in letters that libcurl does not read */
    bool no_utf8;       /* an address needs SMTPUTF8, which is not offered */
    bool quit;          /* said already: its answer must not replace a refusal */
    int64_t sign_ms;    /* when the server was last heard, or something was sent */
    int64_t step_ms;    /* when the step began */
    char words[CURL_ERROR_SIZE]; /* libcurl's */
};

/* smtp_session.c */
bool session_open(struct smtp *t, struct error *e) MUST;
void session_drop(struct smtp *t);

/* smtp_watch.c: callbacks of libcurl that follow the conversation. */
void watch_set(struct smtp *t);
void watch_begin(struct smtp *t, const struct envelope *v);

#endif
