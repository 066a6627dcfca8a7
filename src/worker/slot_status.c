/* slot_status.c: what a slot says of itself: in its record, in `ps`, and as a warning. */
#include "worker/worker_imp.h"

void slot_warn(struct slot *s, struct str text)
{
    app_log(s->app, APP_WARNING, str_fmt(s->perm, "facteur: %.*s", STR_ARG(text)),
            php_null());
    print_block(&s->print, "WARN", text);
}

bool slot_must_count(const struct slot *s)
{
    return !s->orphans_ms;
}

void slot_phase(struct slot *s, enum job_phase phase, const char *step)
{
    run_step(s->hold, phase, step);
    title_set("facteur queue:work %.*s slot %d: %s", STR_ARG(s->settings->connection),
              s->number, run_where(&s->hold->now));
}

void slot_show(const struct slot *s, const char *what)
{
    title_set("facteur queue:work %.*s slot %d: %s", STR_ARG(s->settings->connection),
              s->number, what);
}
