/* fuzz_payload: any bytes are a payload. What is read lies inside the arena, and a job is
 * never ours by accident: its class stands in the text, or in the JSON. */
#include <stdlib.h>

#include "facteur/queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct queue_class classes[] = {
        {"App\\Jobs\\SendVolunteerLetterJob", "SendVolunteerLetterJob"}};
    static struct arena arena;
    if (!arena.pool)
        arena = arena_open(16 << 20);
    struct arena a = arena;
    struct str raw = {(const char *)data, size};
    struct payload p = payload_parse(raw, &a);
    struct queue_job j = {.attempts = (int64_t)(size % 300), .raw = raw, .payload = p};
    struct retry_rules r = {.tries = 3, .backoff = S("1,2")};
    retry_exceeded(&j, &r, 1764079509);
    retry_is_last(&j, &r, 1764079509);
    retry_delay(&j, &r);
    int index = queue_ours(classes, 1, &p, raw);
    if (index >= 0 && !p.is_json && !str_has(raw, S("SendVolunteerLetterJob")))
        abort();
    if (index >= 0 && p.is_json && p.command_name.len != strlen(classes[0].name))
        abort();
    arena_reset(&a);
    return 0;
}
