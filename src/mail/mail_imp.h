/* mail_imp.h: what the files of src/mail share. */
#ifndef MAIL_IMP_H
#define MAIL_IMP_H

#include "facteur/mail.h"

/* === encode.c: bytes as mail can carry them === */

/* A header line ends at this column, except where one unbreakable word is longer. */
enum { FIELD_COLUMNS = 76 };

/* field_clean returns s as well-formed UTF-8 in which CR, LF and NUL are blanks. */
struct str field_clean(struct arena *a, struct str s);

/* field_text appends s to an unstructured field ("Subject"): as it is where ASCII allows
 * it, else in encoded words of RFC 2047. `col` is the column it starts at; the column
 * behind it is returned. The buffer must have an arena; s must be clean. */
size_t field_text(struct buf *b, struct str s, size_t col);

/* field_phrase does so for a display name: atoms, a quoted string, or encoded words. */
size_t field_phrase(struct buf *b, struct str s, size_t col);

/* field_parameter appends ";", a fold, and name="value", or where the value needs it
 * name*=utf-8''… in the pieces of RFC 2231. */
void field_parameter(struct buf *b, const char *name, struct str value);

/* field_ascii returns a short ASCII stand-in for a file name: what is not ASCII becomes
 * "_"; of a long name its two ends are left. */
struct str field_ascii(struct arena *a, struct str name);

/* text_crlf returns text with CRLF at every line end, whatever it had. */
struct str text_crlf(struct arena *a, struct str text);

/* body_quoted_printable appends text whose line ends are CRLF. */
void body_quoted_printable(struct buf *b, struct str text);

/* body_base64 appends bytes in lines of 76; body_base64_len says how long that gets. */
void body_base64(struct buf *b, struct str bytes);
size_t body_base64_len(size_t bytes);

/* base64_add appends them in one line. */
void base64_add(struct buf *b, struct str bytes);

/* === transports === */

/* One mail on its way. */
struct envelope {
    struct str from, to, message;
    const struct str *more; /* recipients behind `to` */
    size_t more_len;
    bool (*alive)(void *arg); /* NULL: always */
    void *arg;
    struct limits *limits; /* what it meets; NULL: nobody asks */
};

struct mailer {
    const struct mail_settings *s;
    struct app *app;
    const struct transport *transport;
    void *state;       /* the transport's own; NULL: it has none */
    struct arena perm; /* as long as the mailer */
    struct limits *limits;
    int64_t sent;
    int64_t rest_until_ms; /* monotonic */
};

struct transport {
    const char *name;
    bool (*open)(struct mailer *m, struct error *e); /* checks settings; no connection */
    bool (*send)(struct mailer *m, const struct envelope *v, struct error *e);
    void (*idle)(struct mailer *m);
    void (*hang_up)(struct mailer *m);
    void (*close)(struct mailer *m);
};

extern const struct transport smtp_transport, sendmail_transport;

/* envelope_alive asks whether sending should go on. */
bool envelope_alive(const struct envelope *v);

/* envelope_utf8 says whether an address is not ASCII, so that SMTPUTF8 is needed. */
bool envelope_utf8(const struct envelope *v);

/* === reply.c: an SMTP reply (RFC 5321, 4.2), in the server's own words === */

struct reply {
    int code;  /* 0: none yet */
    bool more; /* its last line said that another follows */
    char text[900];
    size_t len;
};

/* reply_add takes one line of it, with its line end; after the last one, the first of the
 * next. */
void reply_add(struct reply *r, struct str line);

/* reply_text lends the words, all lines with their ends; what is beyond the room for them
 * is missing. Control characters are blanks; UTF-8 may be broken. */
struct str reply_text(const struct reply *r);

/* === complaint.c: a conversation that failed, in the words of the app's own mailer ===
 */

/* Where a conversation stands. ORDER STEP: the tables in complaint.c and smtp.c. */
enum smtp_step {
    AT_CONNECT, /* and the greeting */
    AT_HELLO,
    AT_STARTTLS,
    AT_AUTH,
    AT_MAIL,
    AT_RCPT,
    AT_DATA,
    AT_BODY,
};

struct peer {
    const char *host; /* "mail.example.com"; NULL: a program */
    const char
        *name; /* "mail.example.com:25", "ssl://…:465", "process /usr/sbin/exim -bs" */
    bool swift;
};

/* complain_expects says whether the code is one that the step hopes for. */
bool complain_expects(enum smtp_step at, int code);

/* Each of these sets ERR_JOB and returns false. */

/* complain_refused: another code than the step expects; `said` is the reply, fit for a
 * text. */
bool complain_refused(const struct peer *p, enum smtp_step at, int code, struct str said,
                      struct error *e);
/* complain_login: the ways to log in that were tried, and what each was answered. */
enum { LOGIN_ANSWERS = 4 };
struct complaint_login {
    struct str user;
    int len;
    struct {
        const char *way;
        int expected, code;
        struct str said;
    } answers[LOGIN_ANSWERS];
};
bool complain_login(const struct peer *p, const struct complaint_login *c,
                    struct error *e);
/* complain_no_login: none of the ways that are offered ("gssapi ntlm") is known. */
bool complain_no_login(const struct peer *p, struct str offered, struct error *e);
/* complain_utf8: an address is not ASCII before its @, and the server is (SMTPUTF8). */
bool complain_utf8(const struct peer *p, struct error *e);
/* complain_closed: the other side went without a reply. */
bool complain_closed(const struct peer *p, enum smtp_step at, struct error *e);
bool complain_timeout(const struct peer *p, enum smtp_step at, struct error *e);
/* complain_connect: there is no connection, since `why` ("Connection refused"). */
bool complain_connect(const struct peer *p, const char *why, struct error *e);
/* complain_unread: the server has `capability`, but in letters that cannot be read;
 * `said` is its reply to EHLO. */
bool complain_unread(const struct peer *p, const char *capability, struct str said,
                     struct error *e);
/* complain_other: what PHP's mailers have no words for. */
bool complain_other(const struct peer *p, enum smtp_step at, struct str why,
                    struct error *e);

/* === limit.c: is a refusal one of the mail, or of the pace? === */

struct limits {
    struct mail_pace pace; /* of the last mail */
    uint64_t deferred;     /* hash of the last recipient who was told to wait; 0: none */
};

/* limit_reply judges a refusal of any step; limit_connect a connection that was refused;
 * limit_passed a mail that was taken. */
void limit_reply(const struct envelope *v, enum smtp_step at, int code, struct str said);
void limit_connect(const struct envelope *v, const char *why);
void limit_passed(struct limits *l);

/* === dialog.c: SMTP with a program, without TLS and login === */

/* dialog_send sends one mail over a stream socket at whose other end a program speaks
 * SMTP, and says QUIT, whose answer nobody waits for. The socket stays the caller's. */
bool dialog_send(int socket, const struct peer *peer, const struct mail_settings *s,
                 const struct envelope *v, struct arena *tmp, struct error *e) MUST;

/* === process.c: a program that is run without a shell === */

struct process {
    int pid;
    int words; /* what it says on stderr (and stdout, unless that is taken) */
    char said[1024];
    size_t said_len;
};

/* command_split cuts a command line into words by blanks, quotes and backslashes. What
 * only a shell can do (pipes, variables, wildcards) is ERR_UNSUPPORTED. The list ends
 * with NULL. */
bool command_split(struct str command, struct arena *perm, char ***words, size_t *len,
                   struct error *e) MUST;

/* process_start runs argv[0] with `in` as its stdin and `out` as its stdout (-1: with
 * stderr). Both stay the caller's. ERR_JOB: it cannot be run. */
bool process_start(struct process *p, char *const argv[], int in, int out,
                   struct error *e) MUST;

/* process_end waits for it at most `ms`, then kills it. v may be NULL. *status is its
 * exit status, 128 + signal where one ended it. */
bool process_end(struct process *p, int64_t ms, const struct envelope *v, int *status,
                 struct error *e) MUST;

/* process_gone says whether it has ended by itself; then it is cleared away. */
bool process_gone(struct process *p);

#endif
