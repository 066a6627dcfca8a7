/* process.c: a program that is run without a shell: its command line cut into words, its
 * start, its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mail/mail_imp.h"

enum { SLICE_MS = 100 }; /* between two looks at whether sending should go on */

/* === the command line === */

struct splitter {
    struct str s;
    size_t at;
    struct error *e;
};

static bool needs_shell(struct splitter *p)
{
    return err_set(
        p->e, ERR_UNSUPPORTED,
        "the command \"%.*s\" needs a shell (at \"%c\"): facteur runs sendmail "
        "without one",
        STR_ARG(p->s), p->s.ptr[p->at]);
}

/* quoted reads up to the closing quote; in double quotes a backslash is one only before
 * what it can escape. */
static bool quoted(struct splitter *p, struct buf *word)
{
    char quote = p->s.ptr[p->at++];
    for (; p->at < p->s.len; p->at++) {
        char c = p->s.ptr[p->at];
        if (c == quote) {
            p->at++;
            return true;
        }
        if (quote == '"' && (c == '$' || c == '`'))
            return needs_shell(p);
        if (quote == '"' && c == '\\' && p->at + 1 < p->s.len &&
            strchr("\"\\$`", p->s.ptr[p->at + 1]))
            c = p->s.ptr[++p->at];
        buf_byte(word, c);
    }
    return err_set(p->e, ERR_UNSUPPORTED, "the command \"%.*s\" has an open quote",
                   STR_ARG(p->s));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool one_word(struct splitter *p, struct buf *word)
{
    for (bool first = true; p->at < p->s.len; first = false) {
        char c = p->s.ptr[p->at];
        if (is_blank(c))
            return true;
        if (c == '\'' || c == '"') {
            if (!quoted(p, word))
                return false;
            continue;
        }
        if (c == '\0' || strchr("|&;<>()$`*?[]{}!\n\r", c) ||
            (first && (c == '#' || c == '~')))
            return needs_shell(p);
        if (c == '\\' && p->at + 1 < p->s.len)
            c = p->s.ptr[++p->at];
        buf_byte(word, c);
        p->at++;
    }
    return true;
}

bool command_split(struct str command, struct arena *perm, char ***words, size_t *len,
                   struct error *e)
{
    struct splitter p = {.s = command, .e = e};
    VEC(char *) list = {0};
    for (;;) {
        while (p.at < command.len && is_blank(command.ptr[p.at]))
            p.at++;
        if (p.at == command.len)
            break;
        struct buf word = buf_new(perm, 4096);
        if (!one_word(&p, &word))
            return false;
        VEC_PUSH(perm, &list, str_z(perm, buf_str(&word)));
    }
    if (list.len == 0 || !list.at[0][0])
        return err_set(e, ERR_UNSUPPORTED, "the sendmail command is empty");
    if (strchr(list.at[0], '=')) {
        p.at = (size_t)str_find(command, S("="));
        return needs_shell(&p);
    }
    *len = list.len;
    VEC_PUSH(perm, &list, NULL);
    *words = list.at;
    return true;
}

/* === start === */

bool process_start(struct process *p, char *const argv[], int in, int out,
                   struct error *e)
{
    int words[2];
    *p = (struct process){.pid = -1, .words = -1};
    if (pipe2(words, O_CLOEXEC) != 0)
        return err_set(e, ERR_JOB, "%s cannot be run: %s", argv[0], strerror(errno));
    int fds[] = {in, out < 0 ? words[1] : out, words[1]};
    struct program s = {
        .argv = argv, .fds = fds, .fds_len = COUNT(fds), .death_signal = SIGTERM};
    p->pid = program_start(&s, e);
    p->words = words[0];
    close(words[1]);
    if (p->pid < 0)
        close(p->words);
    return p->pid > 0;
}

/* === end === */

/* listen takes what the program says, for one slice of time at most; false: it has closed
 * its end. */
static bool listen_to(struct process *p)
{
    char text[512];
    struct pollfd fd = {.fd = p->words, .events = POLLIN};
    int rc = poll(&fd, 1, SLICE_MS);
    if (rc <= 0)
        return rc == 0 || errno == EINTR;
    ssize_t n = read(p->words, text, sizeof(text));
    if (n <= 0)
        return n < 0 && errno == EINTR;
    for (ssize_t i = 0; i < n && p->said_len < sizeof(p->said); i++)
        p->said[p->said_len++] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
    return true;
}

static bool reaped(struct process *p, int *status, struct error *e)
{
    int how;
    pid_t got = waitpid(p->pid, &how, WNOHANG);
    if (got == 0)
        return false;
    if (got < 0) {
        err_set(e, ERR_JOB, "the program's end is unknown: %s", strerror(errno));
        return true;
    }
    *status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    return true;
}

bool process_gone(struct process *p)
{
    int status;
    struct error unknown = {0};
    if (!reaped(p, &status, &unknown))
        return false;
    close(p->words);
    return true;
}

bool process_end(struct process *p, int64_t ms, const struct envelope *v, int *status,
                 struct error *e)
{
    int64_t until = clock_mono_ms() + ms;
    bool talking = true, ended = false;
    const char *stop = NULL;
    while (!ended && !stop) {
        /* Who has closed stderr ends at once, or works on in silence. */
        if (talking)
            talking = listen_to(p);
        else
            poll(NULL, 0, 2);
        ended = reaped(p, status, e);
        if (!ended && clock_mono_ms() > until)
            stop = "did not end in time";
        else if (!ended && v && !envelope_alive(v))
            stop = "was stopped";
    }
    while (ended && talking && p->said_len < sizeof(p->said)) {
        struct pollfd fd = {.fd = p->words, .events = POLLIN};
        talking = poll(&fd, 1, 0) > 0 && listen_to(p);
    }
    if (stop) {
        kill(p->pid, SIGKILL);
        waitpid(p->pid, NULL, 0);
        err_set(e, ERR_JOB, "the program %s", stop);
    }
    close(p->words);
    return e->kind == ERR_NONE;
}
