/* prove.c: a letter as PHP makes it, sent to nobody (prove.php). */
#include "child/child_imp.h"

enum { PROVE_MS = 120000, PROVE_MAX = 1 << 20 };

static bool ask(struct child *c, const struct child_letter_asks *asks,
                const struct waiting *w)
{
    struct buf b = buf_new(&c->talk, PROVE_MAX);
    struct str script;
    const char *model;
    buf_fmt(&b, "{\"t\":\"prove\",\"payload\":");
    buf_json(&b, asks->payload, 0);
    buf_fmt(&b, ",\"connection\":");
    buf_json(&b, c->o.connection, JSON_PLAIN_SLASHES);
    buf_fmt(&b, ",\"queue\":");
    buf_json(&b, c->o.queues, JSON_PLAIN_SLASHES);
    buf_fmt(&b, ",\"table\":");
    buf_json(&b, asks->table, JSON_PLAIN_SLASHES);
    buf_fmt(&b, ",\"club\":%lld,\"teacher\":%lld,\"models\":[", (long long)asks->club_id,
            (long long)asks->teacher_id);
    for (size_t i = 0; (model = asks->class->model(i, &c->talk)); i++) {
        buf_fmt(&b, "%s", i ? "," : "");
        buf_json(&b, str_from(model), 0);
    }
    buf_byte(&b, ']');
    return asset_lookup(S("src/child/prove.php"), &script) && child_say(c, w, &b, script);
}

static void read_letter(const struct frame *f, struct child_letter *out)
{
    *out = (struct child_letter){.refused = frame_text(f, "refused"),
                                 .failed = frame_text(f, "failed"),
                                 .begun = frame_int(f, "begun"),
                                 .ended = frame_int(f, "ended"),
                                 .rows = frame_field(f, "rows"),
                                 .lines = frame_field(f, "lines"),
                                 .mails = frame_field(f, "mails"),
                                 .views = frame_field(f, "views"),
                                 .bytes = f->raw};
}

bool child_letter(struct child *c, const struct child_letter_asks *asks,
                  struct child_letter *out, struct error *e)
{
    struct waiting boots = {.tick = asks->tick, .arg = asks->arg};
    struct frame f = {0};
    if (!child_ready(c, &boots, e))
        return false;
    struct waiting w = {clock_mono_ms() + PROVE_MS, asks->tick, asks->arg};
    (void)!ask(c, asks, &w); /* who does not read ends */
    enum heard h = child_hear(c, &w, &f, e);
    c->spent = true; /* it can send no mail any more */
    if (h != HEARD_FRAME || !str_eq(frame_text(&f, "t"), S("proved")))
        return child_silent(c, h, &f, "make a letter", e);
    read_letter(&f, out);
    return true;
}
