/* news.c: what a PHP process says of jobs: of the one at hand, of those that run inside
 * it and of those that run when it ends.
 */
#include "child/child_imp.h"

struct job_settle news_failure(const struct child *c, const struct frame *f,
                               struct arena *perm)
{
    struct str message = str_sub(frame_text(f, "message"), 0, NEWS_TEXT_MAX);
    return (struct job_settle){
        .kind = END_FAILED,
        .exception = str_copy(perm, f->raw),
        .kept = c->keeps_failed,
        .failure = {.class_name = str_copy(perm, frame_text(f, "class")),
                    .message = str_copy(perm, message),
                    .code = (int)frame_int(f, "code"),
                    .begun = true,
                    .last = true},
    };
}

bool news_read(const struct child *c, const struct frame *f, struct arena *perm,
               struct job_news *n)
{
    static const struct {
        const char *name;
        enum job_said what;
    } events[] = {{"processing", JOB_PROCESSING},
                  {"processed", JOB_PROCESSED},
                  {"released", JOB_RELEASED},
                  {"failed", JOB_FAILED}};
    struct str e = frame_text(f, "e");
    *n = (struct job_news){.result = frame_text(f, "result"),
                           .released = frame_bool(f, "released")};
    for (size_t i = 0; i < COUNT(events); i++)
        if (str_eq(e, str_from(events[i].name))) {
            n->what = events[i].what;
            if (n->what == JOB_FAILED)
                n->why = news_failure(c, f, perm);
            return true;
        }
    return false;
}

/* Such a job is on the connection `sync`: it has no row. */
void news_other(struct child *c, const struct frame *f)
{
    struct job_news n;
    struct queue_job j = {.queue = frame_text(f, "queue"),
                          .connection = frame_text(f, "connection"),
                          .attempts = frame_int(f, "attempts"),
                          .payload = {.uuid = frame_text(f, "uuid"),
                                      .display_name = frame_text(f, "name")}};
    if (!str_to_i64(frame_text(f, "id"), &j.id))
        j.id = 0;
    if (!news_read(c, f, &c->talk, &n))
        return;
    n.other = &j;
    c->o.other(c->o.arg, &n);
}
