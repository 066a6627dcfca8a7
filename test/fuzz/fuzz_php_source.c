/* fuzz_php_source: any bytes are the file of a class. What is read out of it lies within
 * it, and what looked for code found none in a comment. */
#include <stdlib.h>

#include "jobs/jobs_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str whole;

static void within(struct str part)
{
    if (part.len && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

static void on_name(void *arg, struct str name, int line)
{
    size_t *names = arg;
    if (!name.len || line < 1)
        abort();
    ++*names;
}

static void ask(struct str source, struct arena *a)
{
    size_t behind, names = 0;
    struct str value = S("");
    php_source_bases(source, on_name, &names, a);
    php_source_interfaces(source, on_name, &names, a);
    struct php_source_property p = php_source_property(source, S("$tries"));
    within(p.value);
    if (php_source_function(source, S("handle"), &behind)) {
        if (behind > source.len)
            abort();
        if (php_source_returned(source, behind, &value))
            within(value);
    }
    for (size_t from = 0;;) {
        ptrdiff_t end = php_source_word(source, S("use"), from);
        if (end < 0)
            break;
        if ((size_t)end <= from)
            abort();
        from = (size_t)end;
        within(php_source_statement(source, from));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a;
    if (!a.pool)
        a = arena_open(16 << 20);
    if (size > 1 << 14)
        return 0;
    whole = php_source_clean((struct str){(const char *)data, size}, &a);
    if (whole.len != size)
        abort();
    ask(whole, &a);
    whole = php_source_code(whole, &a);
    if (whole.len != size)
        abort();
    ask(whole, &a);
    arena_reset(&a);
    return 0;
}
