/* fuzz_dotenv: any bytes are a .env file: taken or refused, never a crash. What is taken
 * can be read through env(); what is refused has its line. */
#include <stdlib.h>

#include "app/app_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    struct env env;
    struct error e = {0};
    char *outside[] = {"OUTSIDE=real", NULL};
    if (!arena.pool)
        arena = arena_open(32 << 20);
    struct arena a = arena;
    env_init(&env, &a, outside);
    bool ok = dotenv_load(&env, (struct str){(const char *)data, size}, ".env", &e);
    if (!ok && (e.line < 1 || e.kind != ERR_FATAL))
        abort();
    for (size_t i = 0; ok && i < env.vars.cap; i++) {
        struct php_value v = php_null();
        struct str text = S("");
        struct str name = env.vars.slots[i].key;
        if (env.vars.slots[i].value &&
            env_value(&env, name, &v) != env_lookup(&env, name, &text))
            abort();
    }
    struct str outside_value;
    if (!env_lookup(&env, S("OUTSIDE"), &outside_value) ||
        !str_eq(outside_value, S("real")))
        abort();
    arena_reset(&a);
    return 0;
}
