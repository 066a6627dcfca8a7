/* recovery.c: settling what a process that is gone was doing.
 *
 * Its record says how far it came. Up to PHASE_CLAIM nothing may have been committed: the
 * row that says "pending" is the proof. Past PHASE_SENT the mail is out, and only the
 * rows are missing. In between the attempt has failed, by the same rules as any other.
 */
#include <stdio.h>

#include "worker/worker_imp.h"

/* name_timeout has Laravel's words first: operators search for them. */
static void name_timeout(struct attempt *a, const char *where)
{
    struct slot *s = a->s;
    struct job_failure *f = &a->failure;
    struct str name = payload_name(&a->job.payload);
    bool has_class = app_laravel_has(s->app, 10, 10);
    f->class_name = has_class ? S("Illuminate\\Queue\\TimeoutExceededException")
                              : S("Illuminate\\Queue\\MaxAttemptsExceededException");
    f->message = str_fmt(s->perm, "%.*s has %s It was killed in phase %s after %lld s.",
                         STR_ARG(name),
                         has_class ? "timed out."
                                   : "been attempted too many times or run too long. The "
                                     "job may have previously timed out.",
                         where, (long long)a->hold->timeout);
}

/* name_failure puts what the master noted, or what can be said without it, into words. */
static void name_failure(struct attempt *a, const char *where)
{
    struct slot *s = a->s;
    const struct run_hold *h = a->hold;
    struct str cause = str_from(h->cause[0] ? h->cause : "its process is gone");
    a->failure = (struct job_failure){.class_name = S("Facteur\\WorkerException"),
                                      .begun = true,
                                      .where = str_copy(s->perm, str_from(where))};
    if (h->timed_out)
        name_timeout(a, where);
    else
        a->failure.message =
            str_fmt(s->perm, "ended in phase %s: %.*s", where, STR_ARG(cause));
}

/* committed says whether the reservation in the record ever came to be: it stands in the
 * table (*yes, as it is given), or a row of the letter's own proves it. */
static bool committed(struct slot *s, const struct run_record *r, int class_index,
                      bool *yes, struct error *e)
{
    *yes = *yes || r->phase != PHASE_CLAIM;
    return *yes || r->row == 0 ||
           executor_began(s->executor, class_index, r->row, yes, e);
}

/* count_death makes an attempt of a claim whose process died before its COMMIT: what
 * kills its worker must not do so for ever. A row that has changed since is another's. */
static bool count_death(struct attempt *a, bool *counted, struct error *e)
{
    struct slot *s = a->s;
    const struct run_record *r = &a->hold->now;
    struct reservation its = {r->id, r->attempts, r->reserved_at};
    bool owned;
    *counted = false;
    if (!queue_reserve_again(s->queue, &its, r->before, counted, e) || !*counted)
        return !*counted && e->kind == ERR_NONE;
    if (!queue_load(s->queue, &its, s->perm, &a->job, counted, e))
        return false;
    if (*counted && r->mark && queue_mark(&a->job) != r->mark) {
        *counted = false; /* the id was given again */
        return queue_give_back(s->queue, &a->job, &owned, e);
    }
    /* Whoever comes after this process must not ask again whether it was an attempt. */
    if (*counted)
        run_step(a->hold, PHASE_LOAD, NULL);
    return true;
}

/* class_of: a record of the version before names no class: there was one. */
static int class_of(const struct slot *s, const struct run_record *r)
{
    struct str name = {r->class_name, strnlen(r->class_name, RUN_NAME)};
    return name.len ? executor_class(s->executor, name) : 0;
}

/* load reads the reserved row back; a renewal may have been under way. Not found: the
 * settlement itself will say why its fence matches nothing. */
static bool load(struct slot *s, const struct run_record *r, struct queue_job *out,
                 bool *found, struct error *e)
{
    struct reservation its = {r->id, r->attempts, r->reserved_at};
    struct reservation renewed = {r->id, r->attempts, r->renewing};
    if (!queue_load(s->queue, &its, s->perm, out, found, e))
        return false;
    if (!*found && r->renewing && !queue_load(s->queue, &renewed, s->perm, out, found, e))
        return false;
    /* The id may have been given again, as after a TRUNCATE: then no fence may match. */
    bool other = *found && r->mark && queue_mark(out) != r->mark;
    *found = *found && !other;
    if (!*found)
        *out = (struct queue_job){.id = r->id,
                                  .class_index = class_of(s, r),
                                  .attempts = other ? -1 : r->attempts,
                                  .reserved_at = r->reserved_at};
    return true;
}

/* name_connection: two connections may share a table; the job failed on its own. */
static void name_connection(struct attempt *a)
{
    const struct run_head *head = a->hold->file->head;
    if (head)
        a->job.connection =
            (struct str){head->connection, strnlen(head->connection, RUN_NAME)};
}

/* not_ours: somebody has put another payload into the row since. Whoever runs that is
 * given it when the reservation runs out. */
static bool not_ours(struct slot *s, const struct run_record *r)
{
    slot_warn(s, str_fmt(s->perm,
                         "job %lld, whose attempt ended in phase %s, was given the "
                         "payload of another job meanwhile: it is left as it is",
                         (long long)r->id, run_where(r)));
    return true;
}

/* not_known: the class was run by another facteur, and there is no row to be settled. */
static bool not_known(struct slot *s, const struct run_record *r)
{
    slot_warn(s, str_fmt(s->perm,
                         "job %lld, whose attempt ended in phase %s, is of the class "
                         "%.*s, which this facteur does not run, and its row is gone or "
                         "another's: what its class wrote stays as it is",
                         (long long)r->id, run_where(r),
                         (int)strnlen(r->class_name, RUN_NAME), r->class_name));
    return true;
}

/* settle_failed settles an attempt that ended in its work, with its process. */
static bool settle_failed(struct attempt *a, const char *where, struct error *e)
{
    struct slot *s = a->s;
    const struct run_hold *h = a->hold;
    a->timed_out = h->timed_out;
    if (h->file->parked) {
        parked_failure(h, s->perm, &a->failure, &a->exception);
        return attempt_settle_failure(a, e);
    }
    name_failure(a, where);
    return a->x == s->executor ? attempt_settle_failure(a, e)
                               : attempt_recover_php(a, where, e);
}

static bool settle_record(struct slot *s, struct run_hold *h,
                          const struct retry_rules *rules, struct error *e)
{
    const struct run_record *r = &h->now;
    struct attempt a = {.s = s,
                        .x = s->executor,
                        .hold = h,
                        .rules = rules,
                        .killed = true,
                        .begun_us = clock_mono_us()};
    bool found, yes;
    char where[RUN_STEP];
    snprintf(where, sizeof(where), "%s", run_where(r));
    if (!executor_refresh(s->executor, e) || !load(s, r, &a.job, &found, e))
        return false;
    name_connection(&a);
    bool php = strncmp(r->executor, "php", sizeof(r->executor)) == 0;
    a.x = php ? php_executor(s, e) : s->executor;
    if (!a.x)
        return false;
    if (!php && a.job.class_index < 0)
        return found ? not_ours(s, r) : not_known(s, r);
    yes = found;
    if (!committed(s, r, a.job.class_index, &yes, e))
        return false;
    /* The server went away: no attempt. */
    bool innocent =
        r->not_begun || (!h->dead && r->phase == PHASE_CLAIM && (!yes || !r->row));
    if (!yes && innocent)
        return true;
    if (!yes && (!count_death(&a, &yes, e) || !yes))
        return e->kind == ERR_NONE;
    a.run = (struct job_run){
        .job = &a.job, .perm = s->perm, .other = &s->other, .row = r->row};
    executor_enter(a.x, &a.run);
    if (found)
        lease_renew(s, &a);
    if (innocent)
        return attempt_withdraw(&a, e);
    return r->phase == PHASE_SENT ? attempt_settle_success(&a, e)
                                  : settle_failed(&a, where, e);
}

/* settle one record; it is idle afterwards. */
static bool settle(struct slot *s, struct run_hold *h, const struct retry_rules *rules,
                   struct error *e)
{
    bool aside = !h->file->parked && parked_has(s, &h->now);
    bool ok = aside || settle_record(s, h, rules, e);
    executor_leave(s->executor);
    if (queue_is_open(s->queue))
        queue_rollback(s->queue);
    if (ok) {
        run_step(h, PHASE_IDLE, NULL);
    }
    arena_reset(s->perm);
    arena_reset(&s->other);
    return ok;
}

/* recover_hand: of what is done the record says so, and it waits for the next claim. */
static bool recover_hand(struct slot *s, struct hand *hand, struct error *e)
{
    if (hand->hold.now.phase == PHASE_IDLE || s->ended == &hand->attempt)
        return true;
    bool ok = settle(s, &hand->hold, &s->o->retry, e);
    if (ok) {
        atomic_store(&s->shared->deadline_ms, 0);
        s->shared->cause[0] = '\0';
    }
    return ok;
}

/* recover settles first what is done: the other one may have been claimed with its end.
 */
bool recover(struct slot *s, struct error *e)
{
    bool second = s->hands[1].hold.now.phase == PHASE_SENT;
    return recover_hand(s, &s->hands[second], e) &&
           recover_hand(s, &s->hands[!second], e);
}

/* settle_parked: until it is due, or when it is refused again, it is only renewed. */
static bool settle_parked(struct slot *s, struct run_hold *h,
                          const struct retry_rules *rules, struct error *e)
{
    if (!s->hurry && parked_rests(h) && lease_of(s, h))
        return true;
    if (settle(s, h, rules, e))
        return s->eased = true;
    if (e->kind == ERR_LOST || e->kind == ERR_FATAL)
        return false;
    parked_again(s, h, e->text);
    err_clear(e);
    (void)lease_of(s, h);
    return true;
}

static bool settle_orphan(void *arg, struct run_hold *orphan, struct error *e)
{
    struct slot *s = arg;
    struct retry_rules rules = {.tries = orphan->tries,
                                .backoff = str_from(orphan->backoff)};
    return (orphan->file->parked ? settle_parked : settle)(s, orphan, &rules, e);
}

/* What stood in one job's way may have stood in that of all: they need not wait. */
bool recover_orphans(struct slot *s, struct error *e)
{
    s->eased = false;
    bool ok = journal_orphans(&s->journal, settle_orphan, s, e);
    s->hurry = s->eased;
    s->parked_ms = clock_mono_ms();
    s->orphans_ms = s->hurry || !ok ? 0 : s->parked_ms;
    return ok;
}
