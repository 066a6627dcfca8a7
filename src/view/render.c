/* render.c: from nodes and variables to HTML. */
#include <stdio.h>

#include "view/view_imp.h"

/* === nodes === */

bool render_nodes(struct render *r, const struct node *n)
{
    for (; n; n = n->next)
        if (!n->render(r, n))
            return false;
    return true;
}

bool render_text(struct render *r, const struct node *n)
{
    buf_add(&r->html, n->text);
    return true;
}

/* echo_text makes the text of {{ … }}: strings, and what PHP turns into one when it calls
 * htmlspecialchars (a TypeError otherwise, unlike in {!! … !!}). */
static bool echo_text(struct render *r, struct php_value value, struct str *out)
{
    struct error e = {0};
    if (value.type != PHP_ARRAY && php_to_string(value, r->perm, out, &e))
        return true;
    if (e.kind == ERR_UNSUPPORTED)
        return err_set(r->e, e.kind, "%s", e.text);
    return err_set(
        r->e, ERR_JOB,
        "htmlspecialchars(): Argument #1 ($string) must be of type string, %.*s given",
        STR_ARG(php_type_name(value)));
}

bool render_echo(struct render *r, const struct node *n)
{
    struct php_value value;
    struct str text;
    size_t from = r->html.len;
    if (!php_eval(n->expr, &r->scope, r->perm, &value, r->e))
        return false;
    value = php_deref(value);
    if (n->escape ? !echo_text(r, value, &text)
                  : !php_to_string(value, r->perm, &text, r->e))
        return err_place(r->e, r->view->path, n->line, n->col);
    if (n->escape)
        php_escape(&r->html, text);
    else
        buf_add(&r->html, text);
    if (r->html.len > from)
        VEC_PUSH(r->perm, &r->data, (struct piece){from, r->html.len});
    return true;
}

void render_took(struct render *r, const struct node *n, size_t which)
{
    const uint64_t parts[] = {r->view->hash, (uint64_t)n->line << 32 | (uint32_t)n->col,
                              which};
    uint64_t way = str_hash((struct str){(const char *)parts, sizeof(parts)});
    for (size_t i = r->ways.len; i > 0; i--)
        if (r->ways.at[i - 1] == way)
            return;
    VEC_PUSH(r->perm, &r->ways, way);
    r->path += way;
}

bool render_if(struct render *r, const struct node *n)
{
    size_t which = 0;
    for (const struct branch *b = n->branches; b; b = b->next, which++) {
        struct php_value value;
        if (!b->otherwise) {
            if (!php_eval(b->condition, &r->scope, r->perm, &value, r->e))
                return false;
            if (php_truthy(php_deref(value)) == b->negate)
                continue;
        }
        render_took(r, n, which);
        return render_nodes(r, b->body);
    }
    render_took(r, n, which);
    return true;
}

/* === @include === */

static struct php_array *copy_vars(struct render *r, const struct php_array *vars)
{
    struct php_array *out = php_array_new(r->perm);
    for (size_t i = 0; i < vars->len; i++)
        php_array_put(r->perm, out, vars->at[i].key, vars->at[i].value);
    return out;
}

/* merge_vars gives the variables of the caller and, over them, those of the second
 * argument (Laravel: array_merge, then extract, which takes names only). */
static bool merge_vars(struct render *r, const struct node *n, struct php_array **out)
{
    struct php_array *vars = r->scope.vars;
    struct php_value value;
    *out = vars;
    if (!n->expr)
        return true;
    if (!php_eval(n->expr, &r->scope, r->perm, &value, r->e))
        return false;
    value = php_deref(value);
    if (value.type != PHP_ARRAY)
        return err_set(r->e, ERR_JOB,
                       "array_merge(): Argument #2 must be of type array, %.*s given",
                       STR_ARG(php_type_name(value)));
    *out = copy_vars(r, vars);
    for (size_t i = 0; i < value.a->len; i++)
        if (!value.a->at[i].key.is_int)
            php_array_put(r->perm, *out, value.a->at[i].key, value.a->at[i].value);
    return true;
}

bool render_include(struct render *r, const struct node *n)
{
    struct php_array *vars, *mine = r->scope.vars;
    const struct view *view = r->view;
    if (!n->include->view) {
        err_set(r->e, ERR_JOB, "View [%.*s] not found.", STR_ARG(n->include->name));
        return err_place(r->e, view->path, n->line, n->col);
    }
    if (r->depth == VIEW_NESTING) {
        err_set(r->e, ERR_JOB, "views include each other deeper than %d", VIEW_NESTING);
        return err_place(r->e, view->path, n->line, n->col);
    }
    if (!merge_vars(r, n, &vars))
        return err_place(r->e, view->path, n->line, n->col);
    r->depth++;
    bool ok = render_view(r, n->include->view, vars);
    r->depth--;
    r->view = view;
    r->scope.vars = mine;
    return ok;
}

/* === a view === */

/* name_view ends an exception's message as Laravel's CompilerEngine does, once for each
 * view that it passes, and always with the innermost. */
static void name_view(struct render *r)
{
    if (r->e->kind != ERR_JOB)
        return;
    if (!r->failed)
        r->failed = r->view;
    size_t len = strlen(r->e->text), room = sizeof(r->e->text) - len;
    size_t need = strlen(r->failed->path) + sizeof(" (View: )");
    if (need <= room)
        snprintf(r->e->text + len, room, " (View: %s)", r->failed->path);
}

/* pull_back: so many bytes of a text from `from` on are gone. */
static size_t pull_back(size_t place, size_t from, size_t gone)
{
    return place < from + gone ? (place < from ? place : from) : place - gone;
}

/* left_trim takes off what PHP's ltrim does, from `from` on. */
static void left_trim(struct render *r, size_t from)
{
    struct buf *b = &r->html;
    size_t at = from;
    while (at < b->len && memchr(" \t\n\r\v", b->ptr[at], 6)) /* with the NUL */
        at++;
    if (at == from)
        return;
    memmove(b->ptr + from, b->ptr + at, b->len - at);
    b->len -= at - from;
    for (size_t i = r->data.len; i > 0 && r->data.at[i - 1].end > from; i--) {
        struct piece *s = &r->data.at[i - 1];
        *s = (struct piece){pull_back(s->from, from, at - from),
                            pull_back(s->end, from, at - from)};
    }
}

bool render_view(struct render *r, const struct view *view, struct php_array *vars)
{
    size_t from = r->html.len;
    r->view = view;
    /* A view's variables are its own: those of a loop are not its caller's. */
    r->scope.vars = view->compiled.loops ? copy_vars(r, vars) : vars;
    if (!render_nodes(r, view->compiled.body)) {
        r->view = view;
        name_view(r);
        return false;
    }
    if (r->html.full)
        return err_set(r->e, ERR_JOB, "%s: it prints more than %d bytes", view->path,
                       VIEW_HTML);
    if (!view->compiled.plain)
        left_trim(r, from);
    return true;
}
