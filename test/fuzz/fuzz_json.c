/* fuzz_json: any bytes are JSON, or an error. What was read can be written, and read back
 * it is written the same again. */
#include <stdlib.h>

#include "facteur/php.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

static struct str again(struct str in, bool arrays, int flags, struct arena *a)
{
    struct error e = {0};
    struct php_value v;
    struct buf b = buf_new(a, (size_t)2 << 20);
    check(php_json_read(in, arrays, a, &v, &e));
    /* A float beyond its range is INF, which is not written. */
    return php_json(&b, v, flags, &e) ? buf_str(&b) : S("");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (!arena.pool)
        arena = arena_open(32 << 20);
    struct arena a = arena;
    struct str in = {(const char *)data, size};
    for (int arrays = 0; arrays < 2; arrays++) {
        struct error e = {0};
        struct php_value v;
        if (!php_json_read(in, arrays, &a, &v, &e)) {
            check(e.kind == ERR_JOB && e.text[0]);
            continue;
        }
        struct str first = again(in, arrays, JSON_PRETTY, &a);
        if (first.len == 0)
            continue;
        /* -0.0 is written as -0, which is an integer. */
        struct str second = again(first, arrays, JSON_PRETTY, &a);
        check(str_eq(second, again(second, arrays, JSON_PRETTY, &a)));
    }
    arena_reset(&a);
    return 0;
}
