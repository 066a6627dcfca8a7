/* ours.c: is a job ours, and can it be run? */
#include "queue/queue_imp.h"

int queue_takes(const struct database *q, struct queue_job *j, struct arena *perm,
                const char **reason)
{
    j->class_index = queue_ours(q->o.classes, q->o.classes_len, &j->payload, j->raw);
    *reason = NULL;
    if (j->payload.crowded)
        *reason = "its payload holds too many values";
    else if (j->class_index >= 0 && j->raw.len > PAYLOAD_MAX)
        *reason = "its payload is longer than 4 MB";
    else if (j->class_index >= 0 && q->o.accepts)
        *reason = q->o.accepts(q->o.arg, j, perm);
    return *reason ? -1 : j->class_index;
}

bool queue_foreign_is_new(const struct database *q, struct str class_name,
                          const char *reason, struct arena tmp)
{
    return watch_is_new(q->o.watch, str_fmt(&tmp, "foreign %.*s %s", STR_ARG(class_name),
                                            reason ? reason : ""));
}
