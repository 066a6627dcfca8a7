/* sendmail.c: the transport `sendmail`: a local program takes the mail, run without a
 * shell. As Symfony does it: with -bs it speaks SMTP on its standard input and output;
 * with -t it gets the mail on its input, and sender and recipient as arguments, so that
 * it need not find them in the headers.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mail/mail_imp.h"

enum { LEAVING = 4, END_MS = 5000 };

struct sendmail {
    char **words;
    size_t len;
    bool speaks_smtp;
    struct peer peer;
    /* programs that were told QUIT and have not ended yet; Exim takes its time */
    struct leaving {
        struct process process;
        int socket;
    } leaving[LEAVING];
    size_t leaving_len;
};

static bool has_option(const struct sendmail *t, const char *option)
{
    for (size_t i = 1; i < t->len; i++)
        if (strncmp(t->words[i], option, strlen(option)) == 0)
            return true;
    return false;
}

static bool sendmail_open(struct mailer *m, struct error *e)
{
    struct sendmail *t = NEW(&m->perm, struct sendmail, 1);
    if (!command_split(m->s->sendmail, &m->perm, &t->words, &t->len, e))
        return false;
    m->state = t;
    t->speaks_smtp = has_option(t, "-bs");
    t->peer = (struct peer){
        .name = str_z(&m->perm,
                      str_fmt(&m->perm, "%s %.*s", m->s->swift ? "Process" : "process",
                              STR_ARG(m->s->sendmail))),
        .swift = m->s->swift,
    };
    if (t->speaks_smtp || has_option(t, "-t"))
        return true;
    return err_set(e, ERR_UNSUPPORTED,
                   "the sendmail command \"%.*s\" has neither -bs nor -t",
                   STR_ARG(m->s->sendmail));
}

/* report tells the exit status and the program's own words, one line. */
static bool report(const struct sendmail *t, const struct process *p, int status,
                   struct arena *a, struct error *e)
{
    struct str said = str_trim(field_clean(a, (struct str){p->said, p->said_len}));
    return err_set(e, ERR_JOB, "%s ended with status %d%s%.*s", t->words[0], status,
                   said.len ? ": " : "", STR_ARG(said));
}

/* === -t === */

/* memory_file holds the mail with the line ends of this system. The program gets all of
 * it or nothing, even when we die in between. */
static int memory_file(struct str message)
{
    int fd = memfd_create("mail", MFD_CLOEXEC);
    struct buf b = buf_new(NULL, message.len + 1);
    for (struct cut c = {.tail = message, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '\r');
        buf_add(&b, c.head);
    }
    struct str rest = buf_str(&b);
    bool ok = fd >= 0 && !b.full;
    while (ok && rest.len) {
        ssize_t n = write(fd, rest.ptr, rest.len);
        if (n > 0)
            rest = str_skip(rest, (size_t)n);
        ok = n > 0 || (n < 0 && errno == EINTR);
    }
    ok = ok && lseek(fd, 0, SEEK_SET) == 0;
    buf_drop(&b);
    if (ok || fd < 0)
        return fd;
    close(fd);
    return -1;
}

static char **arguments(const struct sendmail *t, const struct envelope *v,
                        struct arena *a)
{
    char **argv = NEW(a, char *, t->len + 4);
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++)
        if (i == 0 || strcmp(t->words[i], "-t") != 0)
            argv[n++] = t->words[i];
    if (!has_option(t, "-f"))
        argv[n++] = str_z(a, str_fmt(a, "-f%.*s", STR_ARG(v->from)));
    argv[n++] = str_z(a, S("--"));
    argv[n] = str_z(a, v->to);
    return argv;
}

static bool send_file(struct mailer *m, const struct envelope *v, struct error *e)
{
    const struct sendmail *t = m->state;
    struct arena a = m->perm;
    struct process p;
    int status = 0, fd = memory_file(v->message);
    if (fd < 0)
        return err_set(e, ERR_JOB, "no memory for the mail: %s", strerror(errno));
    bool ok = process_start(&p, arguments(t, v, &a), fd, -1, e);
    close(fd);
    if (!ok)
        return false;
    /* It has the mail: to end it would send the letter again. */
    if (!process_end(&p, m->s->patience_ms, v, &status, e))
        return err_wrap(e, "%s", t->words[0]);
    return status == 0 || report(t, &p, status, &a, e);
}

/* === -bs === */

/* see_off clears away who has ended. With `all`, or where there is no room for another,
 * the rest is waited for. */
static void see_off(struct sendmail *t, bool all)
{
    size_t kept = 0;
    bool full = t->leaving_len == LEAVING;
    for (size_t i = 0; i < t->leaving_len; i++) {
        struct leaving *l = &t->leaving[i];
        struct error late = {0};
        int status;
        bool gone = process_gone(&l->process);
        if (!gone && (all || (full && i == 0))) {
            (void)!process_end(&l->process, END_MS, NULL, &status, &late);
            gone = true;
        }
        if (gone)
            close(l->socket);
        else
            t->leaving[kept++] = *l;
    }
    t->leaving_len = kept;
}

/* The answer to the message is what counts, as under PHP; the exit status only explains a
 * conversation that broke off. */
static bool converse(struct mailer *m, const struct envelope *v, struct error *e)
{
    struct sendmail *t = m->state;
    struct arena a = m->perm;
    struct process p;
    int status = 0, pair[2];
    struct error late = {0};
    see_off(t, false);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_set(e, ERR_JOB, "no socket for sendmail: %s", strerror(errno));
    bool ok = process_start(&p, t->words, pair[1], pair[1], e);
    close(pair[1]);
    if (!ok) {
        close(pair[0]);
        return false;
    }
    if (dialog_send(pair[0], &t->peer, m->s, v, &a, e)) {
        t->leaving[t->leaving_len++] = (struct leaving){p, pair[0]};
        return true;
    }
    if (process_end(&p, END_MS, v, &status, &late) && (status || p.said_len)) {
        struct error more = {0};
        report(t, &p, status, &a, &more);
        err_wrap(e, "%s", more.text);
    }
    close(pair[0]); /* not before: it may still be answering */
    return false;
}

static void sendmail_idle(struct mailer *m)
{
    see_off(m->state, false);
}

static void sendmail_close(struct mailer *m)
{
    if (m->state)
        see_off(m->state, true);
}

static bool sendmail_send(struct mailer *m, const struct envelope *v, struct error *e)
{
    const struct sendmail *t = m->state;
    return t->speaks_smtp ? converse(m, v, e) : send_file(m, v, e);
}

const struct transport sendmail_transport = {
    .name = "sendmail",
    .open = sendmail_open,
    .send = sendmail_send,
    .idle = sendmail_idle,
    .close = sendmail_close,
};
