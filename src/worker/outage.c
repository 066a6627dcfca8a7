/* outage.c: a database that is away, or refuses: told once, and waited for. */
#include <stdlib.h>

#include "worker/worker_imp.h"

enum {
    OUTAGE_WAIT_MS = 1000, /* doubled with each failure in a row */
    OUTAGE_WAIT_MAX_MS = 30000,
};

bool slot_outage(struct slot *s, const struct error *e)
{
    int none = OUTAGE_NONE;
    int which = e->kind == ERR_LOST ? OUTAGE_LOST : OUTAGE_REFUSED;
    if (s->outage_waits++ > 0)
        return false;
    atomic_fetch_add(&s->shared->tally.outages, 1);
    return atomic_compare_exchange_strong(&s->run->head->outage, &none, which);
}

/* outage waits after a pass that failed, and says so once per outage. false: it is no
 * outage, the slot must end. */
bool outage(struct slot *s, struct error *e)
{
    int64_t wait = OUTAGE_WAIT_MS;
    bool once = s->o->once || s->o->stop_when_empty; /* it ends soon: no longer waits */
    if (e->kind == ERR_FATAL)
        return false;
    for (int64_t i = 0; !once && i < s->outage_waits && wait < OUTAGE_WAIT_MAX_MS; i++)
        wait *= 2;
    if (slot_outage(s, e))
        slot_warn(s, str_fmt(s->perm, "%s; trying again", e->text));
    err_clear(e);
    arena_reset(s->perm);
    arena_reset(&s->other);
    wait = wait < OUTAGE_WAIT_MAX_MS ? wait : OUTAGE_WAIT_MAX_MS;
    /* Slots that lost the server together do not come back together. */
    lease_wait(s, wait + random() % (wait / 4));
    return true;
}

/* outage_over: slots meet the end of an outage one after the other; the first says so. */
void outage_over(struct slot *s)
{
    int which = s->outage_waits ? atomic_exchange(&s->run->head->outage, OUTAGE_NONE)
                                : OUTAGE_NONE;
    if (which == OUTAGE_LOST)
        slot_warn(s, S("the connection is back"));
    if (which == OUTAGE_REFUSED)
        slot_warn(s, S("the database does again what it had refused"));
    s->outage_waits = 0;
}
