/* fuzz_php_file: any bytes are a config file: a value, with holes for what cannot be
 * evaluated, or an error; never a crash. */
#include <stdlib.h>

#include "facteur/php.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct php_function *const more[] = {
    php_text_functions,
    php_arr_functions,
    php_collect_functions,
    php_regex_functions,
    NULL,
};

/* class_source: every class is declared in the file itself. */
static bool class_source(const struct php_host *host, struct str class_name,
                         struct arena *perm, const char **file, struct str *source)
{
    (void)class_name, (void)perm;
    *file = "app/Kind.php";
    *source = *(struct str *)host->data;
    return true;
}

/* walk looks at every hole: each says why. */
static void walk(const struct php_value *v, int depth)
{
    if (v->type == PHP_HOLE && (!v->hole || !v->hole->text[0]))
        abort();
    for (size_t i = 0; v->type == PHP_ARRAY && depth < 64 && i < v->a->len; i++)
        walk(&v->a->at[i].value, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static jmp_buf full;
    struct error e = {0};
    struct php_value v;
    if (!arena.pool) {
        arena = arena_open(64 << 20);
        arena_guard(&arena, &full);
    }
    if (setjmp(full) == 0) {
        struct str source = {(const char *)data, size};
        struct php_host host = {.locale = S("fr"),
                                .more = more,
                                .data = &source,
                                .class_source = class_source};
        if (php_eval_file(source, "config/app.php", &host, &arena, &v, &e))
            walk(&v, 0);
        else if (e.kind == ERR_NONE)
            abort();
    }
    arena_reset(&arena);
    return 0;
}
