/* report.c: what the parts of a slot report is told to whoever operates it. */
#include <stdio.h>

#include "worker/worker_imp.h"

/* === of jobs === */

void report_warning(void *arg, const char *text)
{
    slot_warn(arg, str_from(text));
}

void report_finding(void *arg, const struct finding *f)
{
    struct slot *s = arg;
    const char *const kinds[] = {
        [FINDING_ERROR] = php_is_there(s)
                              ? " (not supported: the letters are run by PHP)"
                              : " (not supported: the letters are left to an artisan "
                                "worker)",
        [FINDING_DIFFERS] = " (differs from dompdf)",
        [FINDING_IGNORED] = " (ignored, as dompdf does)",
        [FINDING_FAILS] = "",
    };
    char place[64] = "";
    if (f->line)
        snprintf(place, sizeof(place), ":%d:%d", f->line, f->col);
    struct str text = str_fmt(s->perm, "%s%s%s%s%s", f->file, place,
                              f->file[0] ? ": " : "", f->text, kinds[f->severity]);
    bool matters = f->severity == FINDING_ERROR || f->severity == FINDING_FAILS;
    if (!matters && s->o->verbosity < 1)
        return;
    if (run_said(s->run, text))
        slot_warn(s, text);
}

/* === of the queue === */

void report_foreign(void *arg, struct str queue, struct str class_name,
                    const char *reason)
{
    struct slot *s = arg;
    if (reason)
        slot_warn(s, str_fmt(s->perm,
                             "queue [%.*s]: a job of %.*s %s; it is left for an artisan "
                             "worker, which must stay",
                             STR_ARG(queue), STR_ARG(class_name), reason));
    else
        VEC_PUSH(&s->life, &s->foreign, str_copy(&s->life, class_name));
}

/* tell_foreign names in one block the classes that were met for the first time. */
void tell_foreign(struct slot *s, struct str queue)
{
    struct buf b = buf_new(s->perm, 64 << 10);
    for (size_t i = 0; i < s->foreign.len; i++)
        buf_fmt(&b, "%s%.*s", i ? ", " : "", STR_ARG(s->foreign.at[i]));
    if (s->foreign.len)
        slot_warn(s, str_fmt(s->perm,
                             "queue [%.*s] holds jobs that facteur does not run; an "
                             "artisan worker must stay for them: %.*s",
                             STR_ARG(queue), STR_ARG(buf_str(&b))));
    s->foreign.len = 0;
}

void report_unreadable(void *arg, struct str queue, int64_t id)
{
    struct slot *s = arg;
    slot_warn(s, str_fmt(s->perm,
                         "queue [%.*s]: job %lld cannot be read and is not known to be "
                         "ours; it is left alone",
                         STR_ARG(queue), (long long)id));
}

/* report_refused: what the server refuses to do with a row is said once for each reason.
 */
void report_refused(void *arg, struct str queue, int64_t id, const char *why,
                    const char *then)
{
    struct slot *s = arg;
    if (run_said(s->run, str_fmt(s->perm, "refused %s; %s", why, then)))
        slot_warn(s, str_fmt(s->perm, "queue [%.*s]: job %lld: %s; %s", STR_ARG(queue),
                             (long long)id, why, then));
}

void report_clock(void *arg, struct str text)
{
    slot_warn(arg, text);
}

/* === of the run folder === */

/* report_journal: what is wrong with the run folder is said once by a master. */
void report_journal(void *arg, struct str text)
{
    struct slot *s = arg;
    if (run_said(s->run, text))
        slot_warn(s, text);
}
