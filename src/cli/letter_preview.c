/* letter_preview.c: letter:preview: a letter and its mail, neither sent nor recorded. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_imp.h"
#include "facteur/jobs.h"
#include "facteur/letter.h"

static const struct argument_row arguments[] = {
    {"club", true, false, "The id of the club"},
    {"teacher", true, false, "The id of the teacher"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"pdf", OPTION_VALUE, NULL, "Write the letter to this file"},
    {"eml", OPTION_VALUE, NULL, "Write the mail to this file"},
    {"built-in-views", OPTION_FLAG, NULL,
     "Use facteur's own pair of views where the app has none"},
    {"watch", OPTION_FLAG, NULL,
     "Go on, and make it anew when a view or its row changes"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* === writing === */

static bool write_all(int fd, struct str bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* write_file puts a whole file in place: who looks at it meanwhile never sees a half. */
static bool write_file(struct letter_tools *p, const char *path, struct str bytes,
                       struct error *e)
{
    char *part = str_z(&p->round, str_fmt(&p->round, "%s.part", path));
    /* What is no plain file, a pipe or /dev/stdout, is written as it is. */
    struct stat st;
    bool plain = stat(path, &st) != 0 || S_ISREG(st.st_mode);
    int fd = open(plain ? part : path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_all(fd, bytes);
    ok = fd >= 0 && close(fd) == 0 && ok;
    if (ok && (!plain || rename(part, path) == 0))
        return true;
    err_set(e, ERR_FATAL, "%s: cannot write: %s", path, strerror(errno));
    if (fd >= 0 && plain)
        unlink(part);
    return false;
}

/* write_option writes to the file that an option names; without the option, nothing. */
static bool write_option(struct letter_tools *p, const char *name, struct str bytes,
                         struct error *e)
{
    const char *path;
    if (!option_given(p->in, name, &path))
        return true;
    if (!path || !path[0])
        return err_set(e, ERR_FATAL, "--%s needs the name of a file.", name);
    return write_file(p, path, bytes, e);
}

/* === making === */

static bool make(struct letter_tools *p, struct letter *l, struct error *e)
{
    struct letter_request r = {.id = S("preview")};
    if (!argument_id(p->in, 0, "club", &r.club_id, e) ||
        !argument_id(p->in, 1, "teacher", &r.teacher_id, e) || !letter_tools_check(p, e))
        return false;
    return letter_preview(p->jobs, &r, &p->round, p->tmp, l, e);
}

static bool put(struct letter_tools *p, const struct letter *l, int64_t begun,
                struct error *e)
{
    if (!write_option(p, "pdf", l->pdf, e) || !write_option(p, "eml", l->mail, e))
        return false;
    print_info(p->in, "INFO",
               str_fmt(&p->round,
                       "Letter of %.*s for %.*s <%.*s>: PDF of %zu bytes, mail of %zu "
                       "bytes, in %.1f ms; nothing was sent.",
                       STR_ARG(l->club_name), STR_ARG(l->teacher_name), STR_ARG(l->email),
                       l->pdf.len, l->mail.len,
                       (double)(clock_mono_us() - begun) / 1000));
    return true;
}

static bool preview(struct letter_tools *p, struct error *e)
{
    struct letter l;
    int64_t begun = clock_mono_us();
    return make(p, &l, e) && put(p, &l, begun, e);
}

/* === watching === */

enum { LOOK_EVERY_MS = 300 };

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

/* look makes the letter, and puts it when it is another one than before. What is wrong is
 * told once, until it is something else or right again. */
static void look(struct letter_tools *p, uint64_t *last)
{
    struct letter l;
    struct error e = {0};
    char text[sizeof(e.text) + sizeof(e.file) + 32];
    int64_t begun = clock_mono_us();
    bool ok = make(p, &l, &e);
    uint64_t now = ok ? str_hash(l.page) * 31 + str_hash(l.html) : 0;
    if (!ok) {
        err_print(&e, text, sizeof(text));
        now = str_hash(str_from(text));
    }
    if (now != *last) {
        struct error failed = {0};
        ok = ok && put(p, &l, begun, &failed);
        if (!ok)
            print_box(p->in, e.kind != ERR_NONE ? &e : &failed);
        fflush(stdout);
    }
    *last = now;
    arena_reset(&p->round);
}

static bool watch(struct letter_tools *p)
{
    struct sigaction end = {.sa_handler = on_signal};
    uint64_t last = 0;
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    while (!stopped) {
        look(p, &last);
        if (!stopped)
            usleep(LOOK_EVERY_MS * 1000);
    }
    return true;
}

static int run(struct invocation *in, struct error *e)
{
    struct letter_tools p;
    const char *unused;
    bool ok = letter_tools_open(&p, in, option_given(in, "built-in-views", &unused), e);
    if (ok && option_given(in, "watch", &unused))
        ok = watch(&p);
    else
        ok = ok && preview(&p, e);
    letter_tools_close(&p);
    return ok ? 0 : 1;
}

const struct command command_letter_preview = {
    .name = "letter:preview",
    .help = "Make a volunteer's letter and mail without sending them",
    .arguments = arguments,
    .options = options,
    .run = run,
};
