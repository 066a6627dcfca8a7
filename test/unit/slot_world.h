/* slot_world.h: a slot without a server: a queue in memory, an executor that only notes
 * what it is asked, a clock that the test moves. What stands in "tables" is shared
 * memory, so that a slot may be killed in a process of its own and another may find what
 * it left.
 */
#ifndef FACTEUR_SLOT_WORLD_H
#define FACTEUR_SLOT_WORLD_H

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_shell.h"

#include "queue/queue_imp.h"
#include "worker/worker_imp.h"

enum { ROWS = 8, LETTERS = 32, ATTEMPTS_MAX = 255, RETRY_AFTER = 60 };

#define EPOCH 1764079509 /* 2025-11-25 14:05:09 UTC */

/* === what stands in the tables === */

struct row {
    int64_t id, attempts, reserved_at, available_at;
    int64_t listed; /* not tried before this; INT64_MAX: nobody knows of it */
    bool gone, failed;
    char exception[256];
};

struct letter_row {
    int64_t id, job;
    const char *status; /* NULL: taken back */
};

struct tables {
    struct row rows[ROWS];
    size_t rows_len;
    struct letter_row letters[LETTERS];
    size_t letters_len;
};

/* === what goes wrong === */

enum spot {
    AT_NOWHERE,
    AT_LOOK,
    AT_TURN,      /* the claim's statements */
    AT_TURN_END,  /* the end in a joined turn */
    AT_COMMIT,    /* it never arrives */
    AT_COMMITTED, /* it is done, its answer is lost */
    AT_END,       /* a settlement's statements */
    AT_END_COMMITTED,
    AT_PART, /* what belongs to an end */
    AT_RENEW,
    AT_LOAD,
    AT_GIVE_BACK,
    AT_BEGIN,
    AT_MAIL,
    SPOTS
};

struct fault {
    enum err_kind kind; /* ERR_NONE: none */
    int skip, times;
    bool dies; /* the process does, instead */
};

/* What the executor does with a job. */
enum deed {
    SENDS,
    FAILS,      /* before the mail */
    FAILS_LATE, /* the mail is refused */
    NOTHING,    /* there is nothing to do */
    FOR_PHP,    /* its beginning finds that out */
    FOR_PHP_LATE,
    BROKEN, /* it cannot be decoded */
    BIG,    /* it needs more memory than there is */
    FREED,  /* sends; meanwhile somebody frees its row */
    TAKEN,  /* sends; meanwhile another worker takes it over */
    SLOW,   /* a third of the lease goes by in each phase */
};

struct shared {
    struct tables now, saved;
    bool open;
    struct fault faults[SPOTS];
    enum deed deeds[ROWS + 1];
    const char *payloads[ROWS + 1];
    bool foreign[ROWS + 1];         /* of no class of ours, or unreadable */
    const char *refusals[ROWS + 1]; /* of one of ours, why it cannot be run */
    bool taken_over;                /* each renewal finds that another has the job */
    bool hurried;                   /* ends do not wait */
    bool unjoined;                  /* the server cannot join them */
    bool cleared;                   /* while a COMMIT is away somebody clears the queue */
    const char *scripts[ROWS + 1];  /* of jobs in PHP: see p_work */
    const char *fails[ROWS + 1];    /* of the process that is to fail a dead one */
    int told[ROWS + 1];             /* so often it was asked to */
    int mails[ROWS + 1];
    int commits, looks, renewals, begins, idles;
    int alone, joined; /* ends, by how they were committed */
    int uncounted;     /* begun although what is kept aside was to be counted first */
};

struct world {
    char dir[64];
    struct app *app;
    struct queue_settings settings;
    struct work_options options;
    struct run_file run;
    struct slot slot;
    struct queue queue;
    struct executor executor, php;
    struct php_share share;
    bool has_php;
    struct shared *x;
    char text[1024];
};

static struct world *the_world; /* callbacks have no other way to it */

/* meets: does what is scripted for this spot happen now? */
static inline bool meets(enum spot at, struct error *e)
{
    struct fault *f = &the_world->x->faults[at];
    if (f->times == 0 || f->skip-- > 0)
        return false;
    f->skip = 0;
    f->times--;
    if (f->dies)
        _exit(9);
    return !err_set(e, f->kind, "injected");
}

/* === the queue in memory === */

static inline struct tables *tables(void)
{
    return &the_world->x->now;
}

static inline struct row *row_of(int64_t id)
{
    for (size_t i = 0; i < tables()->rows_len; i++)
        if (tables()->rows[i].id == id)
            return &tables()->rows[i];
    return NULL;
}

static inline bool fence(const struct queue_job *j)
{
    const struct row *r = row_of(j->id);
    return j->row == ROW_NONE || (r && !r->gone && r->attempts == j->attempts &&
                                  r->reserved_at == j->reserved_at);
}

static inline void begin(void)
{
    the_world->x->saved = the_world->x->now;
    the_world->x->open = true;
}

static inline void undo(void)
{
    if (the_world->x->open)
        the_world->x->now = the_world->x->saved;
    the_world->x->open = false;
}

/* is_ours: can it be run as a job of ours? */
static inline bool is_ours(int64_t id)
{
    return !the_world->x->foreign[id] && !the_world->x->refusals[id];
}

static inline void read_row(const struct row *r, struct queue_job *j, struct arena *perm)
{
    *j = (struct queue_job){.id = r->id,
                            .attempts = r->attempts,
                            .reserved_at = r->reserved_at,
                            .created_at = EPOCH,
                            .queue = S("default"),
                            .class_index = is_ours(r->id) ? 0 : -1,
                            .refusal = the_world->x->refusals[r->id],
                            .raw = str_from(the_world->x->payloads[r->id])};
    j->payload = payload_parse(j->raw, perm);
}

static inline struct row *first_due(bool any, bool others)
{
    int64_t now = clock_unix();
    for (size_t i = 0; i < tables()->rows_len; i++) {
        struct row *r = &tables()->rows[i];
        bool ready =
            r->reserved_at ? r->reserved_at <= now - RETRY_AFTER : r->available_at <= now;
        if (!r->gone && ready && r->listed <= now && (is_ours(r->id) ? !others : any))
            return r;
    }
    return NULL;
}

static inline void m_drop(struct queue *q)
{
    (void)q;
}

static inline struct str m_unusable(const struct queue *q)
{
    (void)q;
    return S("");
}

static inline bool m_look(struct queue *q, size_t which, struct error *e)
{
    (void)q;
    (void)which;
    the_world->x->looks++;
    return !meets(AT_LOOK, e);
}

static inline bool m_unfinished(const struct queue *q)
{
    (void)q;
    return false;
}

static inline bool m_knows_due(const struct queue *q, bool any)
{
    (void)q;
    return first_due(any, false) != NULL;
}

static inline void m_unwatch(struct queue *q, const struct queue_job *j, int64_t due)
{
    (void)q;
    if (row_of(j->id))
        row_of(j->id)->listed = due ? due : INT64_MAX;
}

static inline bool write_parts(struct ending *end, struct error *e)
{
    for (size_t i = 0; i < end->parts_len; i++) {
        struct part *p = &end->parts[i];
        if (p->write(p->arg, e))
            continue;
        if (e->kind != ERR_JOB || !p->may_fail)
            return false;
        if (++end->refusals < 4) {
            e->kind = ERR_AGAIN;
            return false;
        }
        err_clear(e);
    }
    return true;
}

static inline bool end_in_turn(struct ending *end)
{
    struct error e = {0};
    if (meets(AT_TURN_END, &e) || !fence(end->job) || !write_parts(end, &e))
        return false;
    row_of(end->job->id)->gone = true;
    return true;
}

static inline bool m_turn(struct queue *q, struct ending *end, struct claim *take,
                          struct error *e)
{
    (void)q;
    struct row *r = first_due(take->any, take->others);
    int64_t now = clock_unix();
    assert_false(the_world->x->open);
    take->found = false;
    if (!r)
        return true;
    begin();
    if (end && !end_in_turn(end)) {
        undo();
        end->state = ENDING_ALONE;
        return true;
    }
    if (end)
        end->state = ENDING_OPEN;
    if (meets(AT_TURN, e)) {
        undo();
        if (end)
            end->state = ENDING_ALONE;
        if (end)
            err_clear(e);
        return end != NULL;
    }
    read_row(r, take->job, take->perm);
    take->job->before = r->reserved_at;
    take->job->overflow = r->attempts >= ATTEMPTS_MAX;
    if (!take->job->overflow) {
        take->job->attempts = ++r->attempts;
        take->job->reserved_at = r->reserved_at = now;
    }
    take->found = true;
    return true;
}

static inline bool m_may_wait(const struct queue *q, const struct ending *end)
{
    (void)q;
    bool may = !the_world->x->unjoined;
    for (size_t i = 0; i < end->parts_len; i++)
        may = may && !end->parts[i].hurried;
    return may;
}

static inline bool m_commit(struct queue *q, struct error *e)
{
    (void)q;
    assert_true(the_world->x->open);
    if (meets(AT_COMMIT, e)) {
        undo();
        for (size_t i = 0; i < tables()->rows_len; i++)
            tables()->rows[i].gone |= the_world->x->cleared;
        return false;
    }
    the_world->x->open = false;
    the_world->x->commits++;
    the_world->x->joined += the_world->slot.ended != NULL;
    return !meets(AT_COMMITTED, e);
}

static inline void m_rollback(struct queue *q)
{
    (void)q;
    undo();
}

static inline bool m_is_open(const struct queue *q)
{
    (void)q;
    return the_world->x->open;
}

static inline void end_row(struct ending *end)
{
    struct row *r = row_of(end->job->id);
    if (end->kind == END_RELEASED) {
        end->released = r->id;
        r->gone = false;
        r->reserved_at = 0;
        r->listed = 0;
        r->available_at = clock_unix() + end->delay;
        return;
    }
    r->gone = true;
    r->failed = end->kind == END_FAILED;
    snprintf(r->exception, sizeof(r->exception), "%.*s", STR_ARG(end->exception));
}

static inline bool m_end(struct queue *q, struct ending *end, bool *owned,
                         struct error *e)
{
    (void)q;
    const struct row *r = row_of(end->job->id);
    *owned = end->job->overflow || fence(end->job);
    if (!*owned) {
        *owned = end->doubtful && r && r->gone; /* it was our own COMMIT */
        return true;
    }
    if (!the_world->x->open)
        begin();
    if (meets(AT_END, e) || !write_parts(end, e)) {
        undo();
        end->doubtful = the_world->x->cleared; /* it was at its COMMIT */
        row_of(end->job->id)->gone |= the_world->x->cleared;
        return false;
    }
    end_row(end);
    the_world->x->open = false;
    the_world->x->commits++;
    the_world->x->alone += end->kind == END_DONE;
    if (!meets(AT_END_COMMITTED, e))
        return true;
    end->doubtful = true;
    return false;
}

static inline bool m_tell_end(struct queue *q, struct ending *end, struct error *e)
{
    (void)q;
    for (size_t i = 0; i < end->parts_len; i++)
        if (end->parts[i].tells && !end->parts[i].write(end->parts[i].arg, e))
            return false;
    return true;
}

static inline bool m_give_back(struct queue *q, const struct queue_job *j, bool *owned,
                               struct error *e)
{
    (void)q;
    if (meets(AT_GIVE_BACK, e))
        return false;
    *owned = fence(j);
    if (*owned) {
        row_of(j->id)->attempts--;
        row_of(j->id)->reserved_at = 0;
    }
    return true;
}

static inline bool m_renewed(struct queue *q, struct queue_job *j, struct error *e)
{
    (void)q;
    (void)e;
    if (j->renewing && row_of(j->id) && row_of(j->id)->reserved_at == j->renewing)
        j->reserved_at = j->renewing;
    j->renewing = 0;
    return true;
}

static inline bool m_renew(struct queue *q, struct queue_job *j, int64_t now, bool *owned,
                           struct error *e)
{
    if (!m_renewed(q, j, e))
        return false;
    the_world->x->renewals++;
    j->renewing = now;
    if (the_world->x->taken_over && row_of(j->id))
        row_of(j->id)->attempts++;
    if (meets(AT_RENEW, e))
        return false;
    *owned = fence(j);
    if (*owned)
        row_of(j->id)->reserved_at = j->reserved_at = now;
    j->renewing = 0;
    return true;
}

static inline bool m_load(struct queue *q, const struct reservation *r,
                          struct arena *perm, struct queue_job *out, bool *found,
                          struct error *e)
{
    (void)q;
    struct queue_job j = {
        .id = r->id, .attempts = r->attempts, .reserved_at = r->reserved_at};
    if (meets(AT_LOAD, e))
        return false;
    *found = fence(&j);
    if (*found)
        read_row(row_of(r->id), out, perm);
    return true;
}

static inline bool m_take_back(struct queue *q, struct queue_key key, struct arena *perm,
                               struct queue_job *out, bool *found, struct error *e)
{
    (void)q;
    (void)e;
    struct row *r = row_of(key.id);
    *found = r && !r->gone && !r->reserved_at;
    if (!*found)
        return true;
    r->reserved_at = clock_unix();
    read_row(r, out, perm);
    *found = queue_mark(out) == key.mark;
    return true;
}

static inline bool m_reserve_again(struct queue *q, const struct reservation *t,
                                   int64_t before, bool *done, struct error *e)
{
    (void)q;
    (void)e;
    struct row *r = row_of(t->id);
    *done = r && !r->gone && r->attempts == t->attempts - 1 && r->reserved_at == before;
    if (*done) {
        r->attempts = t->attempts;
        r->reserved_at = t->reserved_at;
    }
    return true;
}

static inline struct str m_gone(struct queue *q, const struct queue_job *j,
                                struct arena *perm)
{
    (void)q;
    (void)j;
    (void)perm;
    return S("it is in other hands");
}

static const struct queue_ops memory_queue = {
    .driver = "memory",
    .drop = m_drop,
    .unusable = m_unusable,
    .look = m_look,
    .unfinished = m_unfinished,
    .knows_due = m_knows_due,
    .unwatch = m_unwatch,
    .leave = m_unwatch,
    .turn = m_turn,
    .may_wait = m_may_wait,
    .commit = m_commit,
    .rollback = m_rollback,
    .is_open = m_is_open,
    .end = m_end,
    .tell_end = m_tell_end,
    .give_back = m_give_back,
    .renew = m_renew,
    .renewed = m_renewed,
    .load = m_load,
    .take_back = m_take_back,
    .reserve_again = m_reserve_again,
    .gone = m_gone,
};

/* === the executor that only notes === */

static const struct queue_class fake_classes[] = {{"App\\Jobs\\Letter", "Letter"}};

static inline const struct queue_class *f_classes(const struct executor *x, size_t *len)
{
    (void)x;
    *len = COUNT(fake_classes);
    return fake_classes;
}

static inline bool f_refresh(struct executor *x, struct error *e)
{
    (void)x;
    (void)e;
    return true;
}

static inline bool f_yes(const struct executor *x)
{
    (void)x;
    return true;
}

static inline bool f_no(const struct executor *x)
{
    (void)x;
    return false;
}

static inline void f_enter(struct executor *x, struct job_run *r)
{
    (void)x;
    (void)r;
}

static inline void f_nothing(struct executor *x)
{
    (void)x;
}

static inline void f_idle(struct executor *x)
{
    (void)x;
    the_world->x->idles++;
}

static inline bool f_begin(struct executor *x, struct job_run *r, enum job_begun *begun,
                           bool *undecodable, struct error *e)
{
    (void)x;
    struct tables *t = tables();
    the_world->x->begins++;
    the_world->x->uncounted += slot_must_count(&the_world->slot);
    *begun = BEGUN_READY;
    *undecodable = false;
    if (meets(AT_BEGIN, e))
        return false;
    switch (the_world->x->deeds[r->job->id]) {
    case NOTHING:
        *begun = BEGUN_NOTHING;
        return true;
    case FOR_PHP:
        return err_set(e, ERR_UNSUPPORTED, "a view of the app's");
    case BROKEN:
        *undecodable = true;
        return err_set(e, ERR_JOB, "it cannot be decoded");
    default:
        r->row = (int64_t)t->letters_len + 1;
        t->letters[t->letters_len++] =
            (struct letter_row){.id = r->row, .job = r->job->id, .status = "pending"};
        return true;
    }
}

static inline bool f_keep(struct executor *x, struct error *e)
{
    (void)x;
    (void)e;
    return true;
}

/* come is a step: of a slow job a third of the lease goes by in it. */
static inline void come(const char *step, enum deed deed)
{
    slot_phase(&the_world->slot, PHASE_WORK, step);
    if (deed == SLOW)
        clock_pass(RETRY_AFTER * 1000 / 3);
    (void)lease_keep(&the_world->slot);
}

static inline bool f_work(struct executor *x, struct job_run *r, struct error *e)
{
    (void)x;
    enum deed deed = the_world->x->deeds[r->job->id];
    assert_false(the_world->x->open);
    come("view", deed);
    if (deed == FOR_PHP_LATE)
        return err_set(e, ERR_UNSUPPORTED, "a value of its own");
    if (deed == FAILS)
        return err_set(e, ERR_JOB, "the view fails");
    if (deed == BIG)
        for (;;)
            (void)NEW(r->perm, char, 1 << 20);
    come("pdf", deed);
    come("mail", deed);
    if (!lease_keep(&the_world->slot))
        return err_set(e, ERR_JOB, "given up before the mail went out");
    if (deed == FAILS_LATE)
        return err_set(e, ERR_JOB, "550 no");
    if (meets(AT_MAIL, e))
        return false;
    the_world->x->mails[r->job->id]++;
    if (deed == FREED)
        row_of(r->job->id)->reserved_at = 0;
    if (deed == TAKEN)
        row_of(r->job->id)->attempts++;
    slot_phase(&the_world->slot, PHASE_SENT, NULL);
    return true;
}

static inline bool write_own(void *arg, struct error *e)
{
    const struct job_run *r = arg;
    const struct job_failure *f = r->failure;
    if (meets(AT_PART, e))
        return false;
    if (r->row)
        tables()->letters[r->row - 1].status = !f ? "sent" : f->last ? "lost" : "failed";
    return true;
}

static inline bool f_parts(struct executor *x, struct job_run *r, struct ending *end,
                           struct error *e)
{
    (void)x;
    (void)e;
    end->parts_len = 1;
    end->parts[0] = (struct part){.what = "its end",
                                  .write = write_own,
                                  .arg = r,
                                  .tells = true,
                                  .may_fail = true,
                                  .hurried = the_world->x->hurried};
    return true;
}

static inline void f_ended(struct executor *x, const struct job_run *r,
                           const struct job_failure *f)
{
    (void)x;
    (void)r;
    (void)f;
}

static inline bool f_withdraw(struct executor *x, struct job_run *r, struct error *e)
{
    (void)x;
    (void)e;
    if (r->row)
        tables()->letters[r->row - 1].status = NULL;
    return true;
}

static inline bool f_began(struct executor *x, int class_index, int64_t row, bool *began,
                           struct error *e)
{
    (void)x;
    (void)class_index;
    (void)e;
    *began = row <= (int64_t)tables()->letters_len;
    return true;
}

static inline const char *f_exception(const struct executor *x, int class_index,
                                      const char *step)
{
    (void)x;
    (void)class_index;
    return strcmp(step, "view") == 0 ? "App\\ViewException" : NULL;
}

static inline struct mail_pace f_pace(struct executor *x)
{
    (void)x;
    return (struct mail_pace){0};
}

static inline int64_t f_none(const struct executor *x)
{
    (void)x;
    return 0;
}

static const struct executor_ops fake_executor = {
    .name = "fake",
    .classes = f_classes,
    .refresh = f_refresh,
    .takes_any = f_yes,
    .enter = f_enter,
    .leave = f_nothing,
    .begin = f_begin,
    .apart = f_no,
    .keep = f_keep,
    .undo = f_nothing,
    .work = f_work,
    .parts = f_parts,
    .ended = f_ended,
    .withdraw = f_withdraw,
    .began = f_began,
    .exception = f_exception,
    .idle = f_idle,
    .hang_up = f_nothing,
    .pace = f_pace,
    .gap_ms = f_none,
    .rest_ms = f_none,
};

/* === PHP, as far as a slot sees it === */

static inline struct job_settle p_failure(void)
{
    return (struct job_settle){.kind = END_FAILED,
                               .exception = S("DomainException: no in x.php:1"),
                               .failure = {.class_name = S("DomainException"),
                                           .message = S("no"),
                                           .begun = true,
                                           .last = true}};
}

static inline bool p_settle(struct job_run *r, struct job_settle how)
{
    bool owned;
    r->outcome.settled = true;
    r->outcome.later = false;
    if (r->calls->settle(r->calls->arg, &how, &owned))
        return true;
    r->outcome.dead = true;
    r->outcome.text = S("was killed");
    return false;
}

static inline void p_dies(struct job_run *r, const char *how)
{
    r->outcome.dead = true;
    r->outcome.text = str_from(how);
}

/* p_one plays one letter: p processing, D processed, d deleted, r released for five
 * seconds, R for nine, F failing, f failed, l its end waits for a transaction, n a
 * listener would not have it run; x its process dies, t by its deadline; k the slot dies;
 * s a third of the lease goes by; T another worker takes the job over. */
static inline bool p_one(struct job_run *r, char what)
{
    const struct job_calls *c = r->calls;
    struct job_settle failure = p_failure();
    switch (what) {
    case 'p':
        the_world->x->mails[r->job->id]++;
        c->said(c->arg, &(struct job_news){.what = JOB_PROCESSING});
        return true;
    case 'D':
        c->said(c->arg, &(struct job_news){.what = JOB_PROCESSED});
        return true;
    case 'd':
        return p_settle(r, (struct job_settle){.kind = END_DONE});
    case 'r':
        return p_settle(r, (struct job_settle){.kind = END_RELEASED, .delay = 5});
    case 'R':
        return p_settle(r, (struct job_settle){.kind = END_RELEASED, .delay = 9});
    case 'F':
        r->outcome.failing = true;
        r->outcome.why = failure;
        c->said(c->arg, &(struct job_news){.what = JOB_FAILING, .why = failure});
        return true;
    case 'f':
        c->said(c->arg, &(struct job_news){.what = JOB_FAILED, .why = failure});
        return p_settle(r, failure);
    case 'l':
        r->outcome.later = true;
        c->said(c->arg, &(struct job_news){.what = JOB_LATER});
        return true;
    case 'n':
        r->outcome.refused = true;
        return true;
    case 't':
        r->outcome.timed_out = true;
        p_dies(r, "was killed, since its time of 60 s was over");
        return false;
    case 'k':
        _exit(9);
    case 's':
        clock_pass(RETRY_AFTER * 1000 / 3);
        return c->tick(c->arg);
    case 'T':
        row_of(r->job->id)->attempts++;
        return true;
    default:
        p_dies(r, "was killed by signal 11 (Segmentation fault)");
        return false;
    }
}

static inline void p_play(struct job_run *r, const char *script)
{
    r->outcome = (struct job_outcome){0};
    while (*script && p_one(r, *script))
        script++;
}

static inline bool p_work(struct executor *x, struct job_run *r, struct error *e)
{
    (void)x;
    assert_false(the_world->x->open);
    const char *script = the_world->x->scripts[r->job->id];
    if (!script)
        return err_set(e, ERR_UNSUPPORTED, "php cannot boot the app: syntax error");
    p_play(r, script);
    return true;
}

static inline bool p_fail(struct executor *x, struct job_run *r,
                          const struct job_failure *why, bool timed_out, struct error *e)
{
    (void)x;
    (void)timed_out;
    const char *script = the_world->x->fails[r->job->id];
    the_world->x->told[r->job->id]++;
    snprintf(the_world->text, sizeof(the_world->text), "%.*s", STR_ARG(why->message));
    p_play(r, script ? script : "Ff");
    return r->outcome.settled || r->outcome.failing ||
           err_set(e, ERR_JOB, "its process %.*s", STR_ARG(r->outcome.text));
}

static inline bool p_begin(struct executor *x, struct job_run *r, enum job_begun *begun,
                           bool *undecodable, struct error *e)
{
    (void)x;
    (void)r;
    (void)e;
    *begun = BEGUN_READY;
    *undecodable = false;
    return true;
}

static inline bool p_parts(struct executor *x, struct job_run *r, struct ending *end,
                           struct error *e)
{
    (void)x;
    (void)r;
    (void)e;
    end->parts_len = 0;
    return true;
}

static inline bool p_withdraw(struct executor *x, struct job_run *r, struct error *e)
{
    (void)x;
    (void)r;
    (void)e;
    return true;
}

static const struct executor_ops php_fake = {
    .name = "php",
    .classes = f_classes,
    .enter = f_enter,
    .leave = f_nothing,
    .begin = p_begin,
    .apart = f_no,
    .work = p_work,
    .fail = p_fail,
    .parts = p_parts,
    .ended = f_ended,
    .withdraw = p_withdraw,
    .exception = f_exception,
};

/* === the world === */

/* slot_made is a slot as slot_open leaves it, which takes over what its records say. */
static inline void slot_made(struct world *w)
{
    static const struct str queues[] = {{"default", 7}};
    struct slot *s = &w->slot;
    struct error e = {0};
    struct journal journal = s->journal;
    *s = (struct slot){.o = &w->options,
                       .run = &w->run,
                       .shared = &w->run.slots[0],
                       .journal = journal,
                       .number = 1,
                       .app = w->app,
                       .settings = &w->settings,
                       .queues = queues,
                       .queues_len = 1,
                       .queue = &w->queue,
                       .executor = &w->executor,
                       .php = w->has_php ? &w->share : NULL,
                       .others = &w->php,
                       .started_ms = clock_mono_ms(),
                       .worked_ms = clock_mono_ms()};
    s->life = arena_open(1 << 20);
    s->other = arena_open(8 << 20);
    for (size_t i = 0; i < COUNT(s->hands); i++) {
        size_t at = i ? run_second(&w->run, 0) : 0;
        s->hands[i].perm = arena_open(64 << 20);
        assert_true(run_take(&w->run, at));
        run_adopt(&s->hands[i].hold, &w->run, at);
    }
    s->hold = &s->hands[0].hold;
    s->perm = &s->hands[0].perm;
    s->looked_ms = NEW(&s->life, int64_t, 1);
    s->orders.paused = NEW(&s->life, bool, 1);
    s->orders.down_file = app_storage(w->app, &s->life, "framework/down");
    run_beat(s->shared);
    assert_ok(printer_open(&s->print, &w->options, S("database"), &s->life, &e), e);
}

static inline void slot_dropped(struct world *w)
{
    for (size_t i = 0; i < COUNT(w->slot.hands); i++)
        arena_close(&w->slot.hands[i].perm);
    arena_close(&w->slot.other);
    arena_close(&w->slot.life);
}

/* on_abort: an assertion that fails is a test that fails: cmocka catches this signal. */
static inline void on_abort(int signal)
{
    (void)signal;
    raise(SIGSEGV);
}

static inline void world_open(struct world *w)
{
    struct error e = {0};
    struct run_place place = {.connection = S("database"),
                              .table = S("jobs"),
                              .retry_after = RETRY_AFTER,
                              .tries = 3,
                              .backoff = S("0")};
    *w = (struct world){.dir = "build/world-XXXXXX"};
    the_world = w;
    signal(SIGABRT, on_abort);
    assert_non_null(mkdtemp(w->dir));
    shell("mkdir -p $1/storage/logs $1/bootstrap && touch $1/artisan && printf "
          "'APP_KEY=base64:c2VjcmV0\nLOG_CHANNEL=single\n' >$1/.env",
          w->dir);
    struct app_options where = {.dir = w->dir};
    w->app = app_open(&where, &e);
    if (!w->app)
        fail_msg("%s", e.text);
    w->x = mmap(NULL, sizeof(*w->x), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    assert_ptr_not_equal(w->x, MAP_FAILED);
    clock_hold((int64_t)EPOCH * 1000000);
    w->settings = (struct queue_settings){.connection = S("database"),
                                          .table = S("jobs"),
                                          .queue = S("default"),
                                          .retry_after = RETRY_AFTER};
    w->options = (struct work_options){.app = w->app,
                                       .workers = 1,
                                       .stop_when_empty = true,
                                       .sleep = 3,
                                       .retry = {.tries = 3, .backoff = S("0")},
                                       .verbosity = -1};
    w->queue.ops = &memory_queue;
    w->executor.ops = &fake_executor;
    w->php.ops = &php_fake;
    assert_ok(journal_open(&w->slot.journal, w->app, &place, &e), e);
    assert_ok(run_create(&w->run, &w->slot.journal, 1, &e), e);
    slot_made(w);
}

static inline void world_close(struct world *w)
{
    slot_dropped(w);
    run_close(&w->run);
    journal_close(&w->slot.journal);
    app_close(w->app);
    munmap(w->x, sizeof(*w->x));
    clock_hold(-1);
    shell("rm -rf $1", w->dir);
}

/* add puts a job into the queue: its number, from 1 on. */
static inline int64_t add(struct world *w, enum deed deed)
{
    static const char *const uuids[] = {"{\"uuid\":\"u-0\"}", "{\"uuid\":\"u-1\"}",
                                        "{\"uuid\":\"u-2\"}", "{\"uuid\":\"u-3\"}",
                                        "{\"uuid\":\"u-4\"}", "{\"uuid\":\"u-5\"}"};
    struct tables *t = &w->x->now;
    int64_t id = (int64_t)++t->rows_len;
    t->rows[id - 1] = (struct row){.id = id, .available_at = EPOCH};
    w->x->deeds[id] = deed;
    w->x->payloads[id] = uuids[id];
    return id;
}

/* add_php puts a job for PHP there, which runs by a script of p_one. */
static inline int64_t add_php(struct world *w, const char *script)
{
    static const char payload[] =
        "{\"uuid\":\"u-p\",\"displayName\":\"App\\\\Jobs\\\\Other\",\"job\":\"X@call\"}";
    int64_t id = add(w, SENDS);
    w->x->foreign[id] = true;
    w->x->payloads[id] = payload;
    w->x->scripts[id] = script;
    w->has_php = true;
    w->slot.php = &w->share;
    return id;
}

/* go lets the slot work until it stops by itself. */
static inline int go(struct world *w)
{
    struct error e = {0};
    int code = slot_loop(&w->slot, &e);
    if (e.kind != ERR_NONE)
        printf("# %s\n", e.text);
    return code;
}

/* killed lets it work in a process that dies on the way; its successor takes over. */
static inline void killed(struct world *w)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        go(w);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 9);
    undo(); /* what was not committed */
    slot_dropped(w);
    slot_made(w);
}

/* state_of: each job ("-" done, "f2" free after two attempts, "r1" reserved, "x" failed),
 * each letter's row, and how many mails went out for each job. */
static inline const char *state_of(struct world *w)
{
    struct buf b = buf_new(NULL, sizeof(w->text));
    const struct tables *t = &w->x->now;
    for (size_t i = 0; i < t->rows_len; i++) {
        const struct row *r = &t->rows[i];
        if (r->gone)
            buf_fmt(&b, "%s ", r->failed ? "x" : "-");
        else
            buf_fmt(&b, "%c%lld ", r->reserved_at ? 'r' : 'f', (long long)r->attempts);
    }
    buf_byte(&b, '|');
    for (size_t i = 0; i < t->letters_len; i++)
        if (t->letters[i].status)
            buf_fmt(&b, " %s", t->letters[i].status);
    buf_add(&b, S(" |"));
    for (size_t i = 1; i <= t->rows_len; i++)
        buf_fmt(&b, " %d", w->x->mails[i]);
    snprintf(w->text, sizeof(w->text), "%.*s", STR_ARG(buf_str(&b)));
    buf_drop(&b);
    return w->text;
}

/* logged counts lines of the app's log that hold a text. */
static inline int logged(struct world *w, const char *text)
{
    char path[128];
    struct arena tmp = arena_open(1 << 20);
    struct str all;
    struct error e = {0};
    int n = 0;
    snprintf(path, sizeof(path), "%s/storage/logs/laravel.log", w->dir);
    if (access(path, F_OK) == 0 && file_read(path, 1 << 19, &tmp, &all, &e))
        for (struct cut c = {.tail = all, .ok = true}; c.ok;) {
            c = str_cut(c.tail, '\n');
            n += str_has(c.head, str_from(text));
        }
    arena_close(&tmp);
    return n;
}

#endif
