/* Any bytes as a Blade view: compiled, and rendered when nothing is wrong with them. */
#include <assert.h>
#include <stdlib.h>

#include "view/view_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct php_host host = {.locale = {"fr", 2}};

static struct php_array *variables(struct arena *a)
{
    struct php_array *vars = php_array_new(a), *user = php_array_new(a);
    struct php_object *row = php_object_new(a, PHP_ROW, S("App\\Models\\User"));
    row->props = user;
    php_array_put(a, user, php_key_from(S("name")), php_string(S("A & <B>")));
    php_array_put(a, vars, php_key_from(S("user")), php_from_object(row));
    php_array_put(a, vars, php_key_from(S("n")), php_int(5));
    struct php_array *list = php_array_new(a);
    php_array_push(a, list, php_int(1));
    php_array_push(a, list, php_from_array(php_array_new(a)));
    php_array_put(a, vars, php_key_from(S("list")), php_from_array(list));
    php_array_put(a, vars, php_key_from(S("rows")), php_from_array(list));
    php_array_put(a, vars, php_key_from(S("a")), php_string(S("\xC3\xA9 \xFF")));
    return vars;
}

/* check_skeleton: as long as the file, its lines at the same places. */
static void check_skeleton(struct str source, struct str skeleton)
{
    assert(skeleton.len == source.len);
    for (size_t i = 0; i < source.len; i++)
        assert((source.ptr[i] == '\n') == (skeleton.ptr[i] == '\n'));
}

static void check_notes(const struct compiled *c, size_t size)
{
    for (size_t i = 0; i < c->notes.len; i++)
        assert(c->notes.at[i].line >= 1 && (size_t)c->notes.at[i].line <= size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a, tmp;
    if (!a.pool) {
        a = arena_open(64 << 20);
        tmp = arena_open(64 << 20);
    }
    if (size > 20000)
        return 0;
    char *mark = arena_mark(&a);
    struct str source = {(const char *)data, size};
    struct view view = {.path = "fuzz.blade.php"};
    struct error e = {0};
    view_compile(source, view.path, &host, &a, tmp, &view.compiled);
    check_notes(&view.compiled, size);
    if (!compiled_error(&view.compiled)) {
        check_skeleton(source, view.compiled.skeleton);
        struct render r = {
            .perm = &a, .e = &e, .scope.host = &host, .html = buf_new(&a, VIEW_HTML)};
        if (render_view(&r, &view, variables(&a)))
            assert(r.html.len == 0 || r.html.ptr[0] != '\n');
        else
            assert(e.kind != ERR_NONE && e.text[0] != '\0');
    }
    arena_release(&a, mark);
    return 0;
}
