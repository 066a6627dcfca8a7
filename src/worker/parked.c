/* parked.c: jobs that are over but cannot be settled now, and must not run again: the
 * mail is out and the row cannot be deleted, or the job has failed for good and
 * failed_jobs refuses it.
 *
 * Such a job gets a file of its own in the run folder, with its reservation, what is left
 * to do and the text of its failure; the slot goes on. Its row stays reserved: any slot
 * renews it, for a free row would be anybody's to run. It is tried again with growing
 * waits.
 */
#include <stdio.h>

#include "worker/worker_imp.h"

enum { FIRST_WAIT = 2, LAST_WAIT = 60 }; /* seconds */

/* === the text of a failure: parts that are ended by a NUL, then its message === */

/* What PHP printed stands in the message's place, and its class is not named. */
static struct str write_failure(const struct attempt *a, struct arena *perm)
{
    const struct job_failure *f = &a->failure;
    bool printed = a->exception.len > 0;
    struct buf b = buf_new(perm, PARKED_TEXT_MAX);
    struct str parts[] = {printed ? S("") : f->class_name, f->step,
                          str_fmt(perm, "%d", f->code), str_fmt(perm, "%d", f->begun),
                          f->where};
    for (size_t i = 0; i < COUNT(parts); i++) {
        buf_add(&b, str_sub(parts[i], 0, 4096));
        buf_byte(&b, '\0');
    }
    buf_add(&b, str_sub(printed ? a->exception : f->message, 0, PARKED_TEXT_MAX / 2));
    return buf_str(&b);
}

static bool read_failure(const struct run_hold *h, struct arena *perm,
                         struct job_failure *out)
{
    struct cut class_name = str_cut(h->file->text, '\0');
    struct cut step = str_cut(class_name.tail, '\0');
    struct cut code = str_cut(step.tail, '\0');
    struct cut begun = str_cut(code.tail, '\0');
    struct cut where = str_cut(begun.tail, '\0');
    int64_t n;
    if (!where.ok || str_hash(h->file->text) != h->now.text || !str_to_i64(code.head, &n))
        return false;
    *out = (struct job_failure){.class_name = str_copy(perm, class_name.head),
                                .step = str_copy(perm, step.head),
                                .message = str_copy(perm, where.tail),
                                .code = (int)n,
                                .begun = str_eq(begun.head, S("1")),
                                .where = str_copy(perm, where.head)};
    return true;
}

void parked_failure(const struct run_hold *h, struct arena *perm, struct job_failure *out,
                    struct str *exception)
{
    *exception = S("");
    if (!read_failure(h, perm, out))
        *out = (struct job_failure){
            .class_name = S("Facteur\\WorkerException"),
            .message = str_fmt(perm,
                               "failed for good; the text of its failure was changed in "
                               "%s, but the app's log has it",
                               h->file->path),
            .begun = true,
            .where = str_from(run_where(&h->now))};
    if (!out->class_name.len)
        *exception = out->message;
    out->last = true;
}

/* === parking === */

/* is_news: is the reason one that this master has not told yet, of whichever job? */
static bool is_news(struct slot *s, const char *why)
{
    return run_said(s->run, str_fmt(s->perm, "parked %s", why));
}

static void tell(struct attempt *a, bool done, const char *why)
{
    struct slot *s = a->s;
    (void)is_news(s, why);
    slot_warn(s, str_fmt(s->perm, "job %lld %s: %s; it is kept aside, and tried again",
                         (long long)a->job.id,
                         done ? "is done, but cannot be taken out of the queue"
                              : "cannot be put among the failed jobs",
                         why));
}

/* record_of: what is left to do of a job that holds its reservation. */
static struct run_record record_of(const struct attempt *a, bool done, struct str text)
{
    struct run_record r = a->hold->now;
    r.phase = done ? PHASE_SENT : r.phase > PHASE_CLAIM ? r.phase : PHASE_LOAD;
    if (!done && r.phase == PHASE_SENT)
        r.phase = PHASE_WORK;
    r.id = a->job.id;
    r.mark = a->job.raw.len ? queue_mark(&a->job) : r.mark;
    r.attempts = a->job.attempts;
    r.reserved_at = a->job.reserved_at;
    r.renewing = a->job.renewing;
    r.not_begun = 0;
    r.exceptions = r.exceptions ? r.exceptions : EXCEPTION_COUNTED;
    r.tries = 0;
    r.due = clock_unix() + FIRST_WAIT;
    r.text = str_hash(text);
    return r;
}

bool parked_add(struct attempt *a, bool done, struct error *e)
{
    struct slot *s = a->s;
    struct error why = *e, park = {0};
    struct str text = done ? S("") : write_failure(a, s->perm);
    struct run_record r = record_of(a, done, text);
    err_clear(e);
    if (!run_park(&s->journal, &r, text, &park))
        return err_set(e, ERR_AGAIN, "%s; it cannot be kept aside either: %s", why.text,
                       park.text);
    tell(a, done, why.text);
    s->journal.parked++;
    s->orphans_ms = 0; /* how many there are is counted before the next job */
    return true;
}

struct same {
    const struct run_record *r;
    bool found;
};

static void compare(void *arg, struct run_hold *parked)
{
    struct same *same = arg;
    same->found = same->found ||
                  (parked->now.id == same->r->id && parked->now.mark == same->r->mark);
}

/* A process may end between keeping a job aside and saying so in its own record. */
bool parked_has(struct slot *s, const struct run_record *r)
{
    struct same same = {.r = r};
    if (r->mark)
        journal_parked(&s->journal, compare, &same);
    return same.found;
}

void parked_over(struct attempt *a)
{
    struct slot *s = a->s;
    slot_warn(s, str_fmt(s->perm, "job %lld, which was kept aside, %s now",
                         (long long)a->job.id,
                         a->hold->now.phase == PHASE_SENT ? "is out of the queue"
                                                          : "is among the failed jobs"));
}

/* === upkeep === */

bool parked_rests(const struct run_hold *h)
{
    int64_t now = clock_unix();
    return now < h->now.due && h->now.due <= now + LAST_WAIT;
}

void parked_again(struct slot *s, struct run_hold *h, const char *why)
{
    int64_t wait = FIRST_WAIT;
    for (int64_t i = 0; i <= h->now.tries && wait < LAST_WAIT; i++)
        wait *= 2;
    h->now.tries++;
    h->now.due = clock_unix() + (wait < LAST_WAIT ? wait : LAST_WAIT);
    run_publish(h);
    if (is_news(s, why))
        slot_warn(s, str_fmt(s->perm, "job %lld is kept aside, and tried again: %s",
                             (long long)h->now.id, why));
}
