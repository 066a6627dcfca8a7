/* report.c: what the classes report to whoever runs them. */
#include <stdio.h>

#include "jobs/jobs_imp.h"

void jobs_step(const struct jobs_options *o, const char *step)
{
    if (o->phase)
        o->phase(o->arg, PHASE_WORK, step);
}

void jobs_sent(const struct jobs_options *o)
{
    if (o->phase)
        o->phase(o->arg, PHASE_SENT, NULL);
}

bool jobs_report(const struct jobs_options *o, const struct use_place *at,
                 const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    struct finding f = {.severity = FINDING_ERROR,
                        .file = at->file ? at->file : "",
                        .line = at->line,
                        .col = at->col,
                        .text = text};
    o->report(o->arg, &f);
    return false;
}
