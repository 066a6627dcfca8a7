/* pace.c: how fast letters are begun, all slots of a master together.
 *
 * A mail server that limits connections or mails answers the next mail as the last: at
 * full speed all tries of a letter would meet one and the same limit. So the first such
 * reply makes every slot wait before it claims the next job: PHP's own pace first,
 * doubled while such replies go on, halved with each mail that passes. Where the limit
 * comes back soon, its pace is kept as a floor for a while: between a floor that holds
 * and full speed each round would cost some letter a try.
 *
 * The counters are several and not under a lock: a slot may die at any place, and what a
 * race can do is one step of the pace lost.
 */
#include <stdlib.h>

#include "worker/worker_imp.h"

enum {
    FIRST_MS = 250, /* four letters a second: PHP with DomPDF */
    MOST_MS = 30000,
    LEAST_MS = 16,     /* below it there is no pace any more */
    FLOOR_MS = 125,    /* the first floor */
    RECENT_MS = 60000, /* limits are counted by the minute, mostly */
};

/* === the rule === */

bool pace_slower(struct pace *p, int64_t now, int64_t begun, int64_t most)
{
    /* What was under way when the pace changed says nothing of the new one. */
    if (p->wait_ms && begun <= p->met_ms)
        return false;
    bool recent = p->met_ms && now - p->met_ms < RECENT_MS;
    bool first = p->wait_ms == 0 && !recent;
    if (p->wait_ms == p->floor_ms && recent)
        p->floor_ms = p->floor_ms ? p->floor_ms * 2 : FLOOR_MS;
    p->wait_ms = p->wait_ms * 2 > FIRST_MS ? p->wait_ms * 2 : FIRST_MS;
    p->wait_ms = p->wait_ms < most ? p->wait_ms : most;
    p->floor_ms = p->floor_ms < most ? p->floor_ms : most;
    p->met_ms = now;
    return first;
}

void pace_faster(struct pace *p, int64_t now)
{
    if (p->floor_ms && now - p->met_ms >= RECENT_MS) {
        p->floor_ms = p->floor_ms > FLOOR_MS / 2 ? p->floor_ms / 2 : 0;
        p->met_ms = now;
    }
    p->wait_ms /= 2;
    if (p->wait_ms < LEAST_MS)
        p->wait_ms = 0;
    if (p->wait_ms < p->floor_ms)
        p->wait_ms = p->floor_ms;
}

/* === what the slots share === */

static struct pace load(struct run_pace *r)
{
    return (struct pace){.wait_ms = atomic_load(&r->wait_ms),
                         .floor_ms = atomic_load(&r->floor_ms),
                         .met_ms = atomic_load(&r->met_ms)};
}

static void store(struct run_pace *r, const struct pace *p)
{
    atomic_store(&r->met_ms, p->met_ms);
    atomic_store(&r->floor_ms, p->floor_ms);
    atomic_store(&r->wait_ms, p->wait_ms);
}

/* most_ms: a test may want it lower. */
static int64_t most_ms(void)
{
    int64_t ms;
    struct str text = str_from(getenv("FACTEUR_PACE_MAX_MS"));
    return str_to_i64(text, &ms) && ms > 0 && ms < MOST_MS ? ms : MOST_MS;
}

/* free_connection: where connections are counted, one that is kept for the next letter is
 * missing to another slot. */
static void free_connection(struct slot *s)
{
    struct run_pace *r = &s->run->head->pace;
    if (s->o->workers > 1 && atomic_load(&r->wait_ms) && atomic_load(&r->connecting))
        executor_hang_up(s->executor);
}

/* turn_ms is how long a turn keeps others away: where connections are counted, until its
 * letter is over (pace_learn) or its slot is given up for dead. */
static int64_t turn_ms(struct slot *s, int64_t gap)
{
    struct run_pace *r = &s->run->head->pace;
    bool alone =
        s->o->workers > 1 && atomic_load(&r->wait_ms) && atomic_load(&r->connecting);
    return alone && gap < MOST_MS ? MOST_MS : gap;
}

int64_t pace_turn(struct slot *s)
{
    struct run_pace *r = &s->run->head->pace;
    int64_t now = clock_mono_ms(), gap = executor_gap_ms(s->executor);
    int64_t rest = executor_rest_ms(s->executor), wait = atomic_load(&r->wait_ms);
    s->turn_ms = 0;
    s->begun_ms = now;
    if (s->o->once)
        return 0;
    if (rest)
        return rest;
    gap = turn_ms(s, gap > wait ? gap : wait);
    int64_t next = atomic_load(&r->next_ms);
    while (gap && next <= now)
        if (atomic_compare_exchange_weak(&r->next_ms, &next, now + gap)) {
            s->turn_ms = now + gap;
            return 0;
        }
    if (next <= now)
        return 0;
    free_connection(s);
    return next - now;
}

/* tell says once per spell why letters wait. */
static void tell(struct slot *s, const struct mail_pace *met)
{
    slot_warn(s, str_fmt(s->perm,
                         "the mail server asks for less (%s); letters are begun one by "
                         "one, some time apart, until it takes them again",
                         met->said));
}

static void slower(struct slot *s, const struct mail_pace *met)
{
    struct run_pace *r = &s->run->head->pace;
    int64_t now = clock_mono_ms();
    struct pace p = load(r);
    bool first = pace_slower(&p, now, s->begun_ms, most_ms());
    store(r, &p);
    atomic_store(&r->connecting, met->connecting);
    int64_t next = atomic_load(&r->next_ms);
    if (next < now + p.wait_ms || next == s->turn_ms)
        atomic_compare_exchange_strong(&r->next_ms, &next, now + p.wait_ms);
    if (first)
        tell(s, met);
}

static void faster(struct slot *s)
{
    struct run_pace *r = &s->run->head->pace;
    int64_t now = clock_mono_ms(), gap = executor_gap_ms(s->executor);
    struct pace p = load(r);
    if (p.wait_ms == 0 && s->turn_ms == 0)
        return;
    pace_faster(&p, now);
    store(r, &p);
    /* The turn that was taken before this mail counted with the longer wait, or kept the
     * others away until now. */
    int64_t next = s->turn_ms, wait = gap > p.wait_ms ? gap : p.wait_ms;
    bool alone = next - s->begun_ms >= MOST_MS;
    int64_t sooner = (alone ? now : s->begun_ms) + wait;
    if (next > sooner)
        atomic_compare_exchange_strong(&r->next_ms, &next, sooner);
}

void pace_learn(struct slot *s, bool worked)
{
    struct run_pace *r = &s->run->head->pace;
    struct mail_pace met = executor_pace(s->executor);
    int64_t turn = s->turn_ms;
    if (worked)
        free_connection(s); /* before another slot may want it */
    if (!worked && turn)    /* nobody was there to take it */
        atomic_compare_exchange_strong(&r->next_ms, &turn, s->begun_ms);
    else if (met.met == MAIL_MET_LIMIT && !s->o->once)
        slower(s, &met);
    else if (met.met == MAIL_MET_PASSED)
        faster(s);
    else if (turn > clock_mono_ms() + atomic_load(&r->wait_ms)) /* it failed otherwise */
        atomic_compare_exchange_strong(&r->next_ms, &turn,
                                       clock_mono_ms() + atomic_load(&r->wait_ms));
}
