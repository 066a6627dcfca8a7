/* fuzz_url: any bytes are a configuration URL: split or refused, never a crash. */
#include <stdlib.h>

#include "app/app_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    struct error e = {0};
    struct app_url u;
    if (!arena.pool)
        arena = arena_open(16 << 20);
    struct arena a = arena;
    if (app_url_parse((struct str){(const char *)data, size}, &a, &u, &e) !=
        (e.kind == ERR_NONE))
        abort();
    if (e.kind == ERR_NONE && (u.port < 0 || u.port > 65535 || !u.query))
        abort();
    arena_reset(&a);
    return 0;
}
