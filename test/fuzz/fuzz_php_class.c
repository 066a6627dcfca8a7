/* fuzz_php_class: any bytes are a provider's file: its methods are run with nothing known
 * but PHP's own functions; what is not known is asked, never a crash, never without end.
 */
#include <stdlib.h>

#include "facteur/php.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct php_declared *declared;

/* judge: each second effect is known, and its value is of a class. */
static bool judge(void *arg, const struct php_effect *d, struct php_value *out,
                  struct error *e)
{
    int *count = arg;
    (void)e;
    if (!d->place.file)
        abort();
    if (++*count % 2)
        *out = php_unknown(d->perm, S("Some\\Thing"));
    return true;
}

static const struct php_declared *find(void *arg, struct str name)
{
    (void)arg;
    return str_eq(name, S("App\\Providers\\P")) ? declared : NULL;
}

static void run(struct str source, bool exact, struct arena *arena)
{
    static const char *const methods[] = {"register", "boot"};
    struct error e = {0};
    int count = 0;
    struct php_host host = {.locale = S("fr")};
    struct php_runner r = {
        .host = &host, .exact = exact, .judge = judge, .find = find, .arg = &count};
    declared = php_declare(source, "app/Providers/P.php", arena, &e);
    if (!declared && e.kind == ERR_NONE)
        abort();
    if (!declared)
        return;
    struct php_value o = php_new(&r, declared, NULL, arena);
    for (size_t i = 0; i < COUNT(methods); i++)
        if (!php_run(&r, o, str_from(methods[i]), i > 0, arena, &e) &&
            e.kind != ERR_FATAL)
            abort();
    struct php_invocation i = {.object = o, .method = S("boot")};
    err_clear(&e);
    if (exact && php_method(&r, &i, arena, &e) != (e.kind == ERR_NONE))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static jmp_buf full;
    if (!arena.pool) {
        arena = arena_open(64 << 20);
        arena_guard(&arena, &full);
    }
    for (volatile int exact = 0; exact < 2; exact++)
        if (setjmp(full) == 0)
            run((struct str){(const char *)data, size}, exact, &arena);
    arena_reset(&arena);
    return 0;
}
