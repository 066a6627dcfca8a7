/* report.c: what the classes report to whoever runs them. */
#include "jobs/jobs_imp.h"

void jobs_step(struct jobs *js, const char *step)
{
    if (js->o.phase)
        js->o.phase(js->o.arg, PHASE_WORK, step);
}

void jobs_sent(struct jobs *js)
{
    if (js->o.phase)
        js->o.phase(js->o.arg, PHASE_SENT, NULL);
}

bool jobs_report(struct jobs *js, const struct use_place *at, const char *fmt, ...)
{
    struct arena tmp = js->tmp;
    struct buf b = buf_new(&tmp, 4096);
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    struct finding f = {.severity = FINDING_ERROR,
                        .file = at->file ? at->file : "",
                        .line = at->line,
                        .col = at->col,
                        .text = str_z(&tmp, buf_str(&b))};
    js->o.report(js->o.arg, &f);
    return false;
}
