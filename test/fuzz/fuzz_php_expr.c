/* fuzz_php_expr: any bytes are an expression: parsed or refused, checked, evaluated or
 * failed, never a crash; errors of the parser have their place. */
#include <stdlib.h>

#include "facteur/php.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_finding(void *arg, const struct finding *f)
{
    (void)arg;
    if (!f->text || f->line < 1)
        abort();
}

static void on_use(void *arg, const struct str *chain, size_t len, struct php_place place)
{
    (void)arg, (void)chain;
    if (len == 0 || place.line < 1 || place.col < 1)
        abort();
}

/* variables gives the expression something to work on. */
static struct php_array *variables(struct arena *a)
{
    struct php_array *vars = php_array_new(a), *list = php_array_new(a);
    struct php_object *row = php_object_new(a, PHP_ROW, S("App\\Models\\Club"));
    for (int i = 0; i < 3; i++)
        php_array_push(a, list, php_int(i));
    php_array_put(a, row->props, php_key_from(S("name")), php_string(S("Étang")));
    php_array_put(a, vars, php_key_from(S("a")), php_from_array(list));
    php_array_put(a, vars, php_key_from(S("i")), php_int(7));
    php_array_put(a, vars, php_key_from(S("s")), php_string(S("12 é")));
    php_array_put(a, vars, php_key_from(S("club")), php_from_object(row));
    return vars;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static jmp_buf full;
    struct error e = {0};
    struct php_value v;
    struct php_place place = {.file = "view", .line = 1, .col = 1};
    if (!arena.pool) {
        arena = arena_open(64 << 20);
        arena_guard(&arena, &full);
    }
    if (setjmp(full) == 0) {
        struct php_expr *x =
            php_parse((struct str){(const char *)data, size}, place, &arena, &e);
        if (!x && (e.kind == ERR_NONE || e.line < 1))
            abort();
        struct php_host host = {.locale = S("fr")};
        struct php_scope scope = {.vars = variables(&arena), .host = &host};
        if (x) {
            php_check(x, &host, on_finding, NULL);
            php_uses(x, on_use, NULL);
            if (!php_eval(x, &scope, &arena, &v, &e) && e.kind == ERR_NONE)
                abort();
        }
    }
    arena_reset(&arena);
    return 0;
}
