/* fuzz_unserialize: any bytes are a serialized value, or an error. What was decoded can
 * be printed, compared and encoded, and the encoded bytes decode to the same again. */
#include <stdlib.h>

#include "facteur/php.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

/* A reference to the root is written one level further down, so this reads deeper. */
static struct php_value decode(struct arena *a, struct str in)
{
    struct php_limits deeper = php_default_limits;
    deeper.depth++;
    struct error e = {0};
    struct php_value v = php_null();
    check(php_unserialize(in, &deeper, a, &v, NULL, &e));
    return v;
}

static struct str encode(struct arena *a, struct php_value v)
{
    struct error e = {0};
    struct buf b = buf_new(a, (size_t)16 << 20);
    check(php_serialize(&b, v, &e));
    return buf_str(&b);
}

/* A reference that nothing shares any more is not written as one. */
static struct str without_references(struct arena *a, struct php_value v)
{
    return str_replace(a, php_dump(v, a), S("&"), S(""));
}

static void check_round_trip(struct arena *a, struct php_value v)
{
    struct str first = encode(a, v);
    struct php_value again = decode(a, first);
    check(str_eq(first, encode(a, again)));
    /* A cycle through the root is seen one level later. */
    struct str dump = without_references(a, v);
    if (!str_has(dump, S("*RECURSION*")))
        check(str_eq(dump, without_references(a, again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (!arena.pool)
        arena = arena_open(32 << 20);
    struct arena a = arena;
    struct str in = {(const char *)data, size}, rest;
    struct error e = {0};
    struct php_value v;
    if (php_unserialize(in, &php_default_limits, &a, &v, &rest, &e)) {
        check(rest.len < size);
        check_round_trip(&a, v);
        struct buf b = buf_new(&a, 1 << 20);
        if (php_json(&b, v, 0, &e))
            check(str_utf8_ok(buf_str(&b)));
        struct php_value twin = decode(&a, in);
        php_identical(v, twin);
        check(php_compare(v, v) >= 0); /* NAN: 1 */
        php_compare(v, twin);
    } else {
        check(e.kind == ERR_JOB && e.text[0]);
    }
    arena_reset(&a);
    return 0;
}
