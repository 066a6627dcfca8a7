/* views.c: the interface of view.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/view_imp.h"

/* === new and drop === */

static struct str own_folder(struct str folder)
{
    char path[4096];
    snprintf(path, sizeof(path), "%.*s", STR_ARG(folder));
    char *real = realpath(path, NULL); /* as Laravel; a folder may come later */
    if (!real)
        real = strdup(path);
    if (!real)
        abort();
    return str_from(real);
}

struct views *views_new(const struct str *folders, size_t len, bool built_in,
                        const struct php_host *host)
{
    struct views *v = calloc(1, sizeof(*v));
    if (!v || !(v->folders = calloc(len + 1, sizeof(*v->folders))))
        abort();
    for (size_t i = 0; i < len; i++)
        v->folders[v->folders_len++] = own_folder(folders[i]);
    v->host = host;
    v->built_in = built_in;
    v->scratch = arena_open(VIEW_SCRATCH);
    return v;
}

/* add_folder puts a folder in front of the others. */
static void add_folder(struct views *v, struct str folder)
{
    struct str *folders = calloc(v->folders_len + 2, sizeof(*folders));
    if (!folders)
        abort();
    folders[0] = own_folder(folder);
    memcpy(folders + 1, v->folders, v->folders_len * sizeof(*folders));
    free(v->folders);
    v->folders = folders;
    v->folders_len++;
}

void views_drop(struct views *v)
{
    if (!v)
        return;
    for (struct view *view = v->list, *next; view; view = next) {
        next = view->next;
        arena_close(&view->arena);
        free(view->path);
        free(view);
    }
    for (size_t i = 0; i < v->folders_len; i++)
        free((char *)v->folders[i].ptr);
    free(v->folders);
    arena_close(&v->scratch);
    free(v);
}

/* === closures: a view and all that it includes === */

struct closure {
    struct view *at[VIEW_CLOSURE];
    size_t len;
};

static bool closure_add(struct views *v, struct closure *c, struct view *view,
                        struct error *e)
{
    if (view->visit == v->turn)
        return true;
    view->visit = v->turn;
    if (c->len == VIEW_CLOSURE)
        return err_set(e, ERR_UNSUPPORTED, "%s – more than %d views in one", view->path,
                       VIEW_CLOSURE);
    c->at[c->len++] = view;
    return true;
}

/* closure_of resolves a view and its includes, breadth first. An include that is not
 * there stays NULL: PHP would fail only when it gets to it. */
static bool closure_of(struct views *v, struct str name, struct closure *c,
                       struct error *e)
{
    struct view *view;
    c->len = 0;
    v->turn++;
    if (!views_find(v, name, &view, e) || !closure_add(v, c, view, e))
        return false;
    for (size_t i = 0; i < c->len; i++) {
        struct compiled *from = &c->at[i]->compiled;
        for (size_t k = 0; k < from->includes.len; k++) {
            struct include *include = from->includes.at[k];
            struct error why = {0};
            include->view = NULL;
            if (views_find(v, include->name, &view, &why)) {
                include->view = view;
                if (!closure_add(v, c, view, e))
                    return false;
            } else if (why.kind != ERR_JOB) {
                err_set(e, why.kind, "%s", why.text);
                return err_place(e, from->file, include->line, include->col);
            }
        }
    }
    return true;
}

/* === checking === */

struct checking {
    finding_fn *report;
    void *arg;
    bool ok;
};

static void report(struct checking *k, const char *file, const struct note *n)
{
    struct finding f = {n->severity, file, n->line, n->col, n->text};
    k->report(k->arg, &f);
    if (n->severity == FINDING_ERROR)
        k->ok = false;
}

static void report_missing(struct checking *k, const struct compiled *c)
{
    for (size_t i = 0; i < c->includes.len; i++) {
        const struct include *include = c->includes.at[i];
        char text[300];
        if (include->view)
            continue;
        snprintf(text, sizeof(text), "@include('%.*s') – there is no such view",
                 (int)(include->name.len < 200 ? include->name.len : 200),
                 include->name.ptr);
        struct note n = {FINDING_ERROR, include->line, include->col, text};
        report(k, c->file, &n);
    }
}

bool view_check(struct views *v, struct str name, finding_fn *fn, void *arg,
                struct error *e)
{
    struct closure c;
    struct checking k = {.report = fn, .arg = arg, .ok = true};
    if (!closure_of(v, name, &c, e))
        return false;
    for (size_t i = 0; i < c.len; i++) {
        const struct compiled *from = &c.at[i]->compiled;
        for (size_t n = 0; n < from->notes.len; n++)
            report(&k, from->file, &from->notes.at[n]);
        report_missing(&k, from);
    }
    return k.ok;
}

/* === asking === */

bool view_file(struct views *v, struct str name, struct arena *perm, struct str *out,
               struct error *e)
{
    struct view *view;
    v->turn++;
    if (!views_find(v, name, &view, e))
        return false;
    *out = str_from(str_z(perm, str_from(view->path)));
    return true;
}

/* folder_of returns the length of the folder of views that a path stands in; 0: none. */
static size_t folder_of(const struct views *v, struct str path)
{
    for (size_t i = 0; i < v->folders_len; i++) {
        size_t len = v->folders[i].len;
        if (str_starts(path, v->folders[i]) && path.len > len && path.ptr[len] == '/')
            return len;
    }
    return 0;
}

bool view_of_file(struct views *v, const char *path, struct arena *perm, struct str *name,
                  struct error *e)
{
    struct str end = S(".blade.php");
    char *real = realpath(path, NULL);
    if (!real)
        return err_set(e, ERR_FATAL, "%s: %s", path, strerror(errno));
    struct str file = str_copy(perm, str_from(real));
    free(real);
    if (!str_ends(file, end))
        return err_set(e, ERR_FATAL, "%s: the name of a Blade view ends with .blade.php",
                       path);
    size_t folder = folder_of(v, file);
    if (!folder) {
        const char *slash = strrchr(file.ptr, '/');
        folder = (size_t)(slash - file.ptr);
        add_folder(v, str_sub(file, 0, folder));
    }
    struct str rest = str_sub(file, folder + 1, file.len - folder - 1 - end.len);
    *name = str_replace(perm, rest, S("/"), S("."));
    return true;
}

bool view_stamp(struct views *v, struct str name, uint64_t *out, struct error *e)
{
    struct closure c;
    uint64_t stamp = 0;
    if (!closure_of(v, name, &c, e))
        return false;
    for (size_t i = 0; i < c.len; i++) {
        uint64_t parts[] = {stamp, str_hash(str_from(c.at[i]->path)), c.at[i]->hash};
        stamp = str_hash((struct str){(const char *)parts, sizeof(parts)});
    }
    *out = stamp;
    return true;
}

enum { USES_CHAIN = 64, USES_DEPTH = 6, USES_EACH = 200 };

/* A chain that begins at a loop's variable is one on the elements ("*") of what the loop
 * goes through. Variables reach from a view into those it includes. */
struct uses {
    const struct closure *c;
    php_uses_fn *fn;
    void *arg;
    int left; /* chains that one use may still become */
};

struct element { /* a chain that begins at a loop's variable */
    struct uses *u;
    const struct str *chain;
    size_t len;
    struct php_place place;
    int depth;
};

static void use(struct uses *u, const struct str *chain, size_t len,
                struct php_place place, int depth);

static void on_collection(void *arg, const struct str *chain, size_t len,
                          struct php_place place)
{
    const struct element *el = arg;
    struct str whole[USES_CHAIN];
    (void)place;
    if (len + el->len > USES_CHAIN)
        return;
    memcpy(whole, chain, len * sizeof(*chain));
    whole[len] = S("*");
    memcpy(whole + len + 1, el->chain + 1, (el->len - 1) * sizeof(*chain));
    use(el->u, whole, len + el->len, el->place, el->depth);
}

static void use(struct uses *u, const struct str *chain, size_t len,
                struct php_place place, int depth)
{
    if (u->left-- <= 0)
        return;
    u->fn(u->arg, chain, len, place);
    struct element el = {u, chain, len, place, depth + 1};
    for (size_t i = 0; i < u->c->len && depth < USES_DEPTH; i++) {
        const struct compiled *from = &u->c->at[i]->compiled;
        for (size_t k = 0; k < from->aliases.len; k++)
            if (str_eq(from->aliases.at[k].name, chain[0]))
                php_uses(from->aliases.at[k].of, on_collection, &el);
    }
}

static void on_use(void *arg, const struct str *chain, size_t len, struct php_place place)
{
    struct uses *u = arg;
    u->left = USES_EACH;
    use(u, chain, len, place, 0);
}

bool view_uses(struct views *v, struct str name, php_uses_fn *fn, void *arg,
               struct error *e)
{
    struct closure c;
    if (!closure_of(v, name, &c, e))
        return false;
    struct uses u = {.c = &c, .fn = fn, .arg = arg};
    for (size_t i = 0; i < c.len; i++)
        for (size_t k = 0; k < c.at[i]->compiled.exprs.len; k++)
            php_uses(c.at[i]->compiled.exprs.at[k], on_use, &u);
    return true;
}

bool view_skeleton(struct views *v, struct str name, struct arena *perm, struct str *out,
                   struct error *e)
{
    struct view *view;
    v->turn++;
    if (!views_find(v, name, &view, e))
        return false;
    *out = str_copy(perm, view->compiled.skeleton);
    return true;
}

bool view_skeletons(struct views *v, struct str name, view_skeleton_fn *fn, void *arg,
                    struct error *e)
{
    struct closure c;
    if (!closure_of(v, name, &c, e))
        return false;
    for (size_t i = 0; i < c.len; i++)
        fn(arg, c.at[i]->path, c.at[i]->compiled.skeleton);
    return true;
}

/* === rendering === */

bool view_render(struct views *v, struct str name, struct php_array *vars,
                 struct arena *perm, struct view_page *page, struct error *e)
{
    struct closure c;
    *page = (struct view_page){0};
    if (!closure_of(v, name, &c, e))
        return false;
    page->file = str_copy(perm, str_from(c.at[0]->path));
    for (size_t i = 0; i < c.len; i++) {
        const struct note *n = compiled_error(&c.at[i]->compiled);
        if (!n)
            continue;
        err_set(e, ERR_UNSUPPORTED, "%s", n->text);
        return err_place(e, c.at[i]->path, n->line, n->col);
    }
    struct render r = {
        .perm = perm, .e = e, .scope.host = v->host, .html = buf_new(perm, VIEW_HTML)};
    if (!render_view(&r, c.at[0], vars))
        return false;
    page->html = buf_str(&r.html);
    page->data = (struct pieces){r.data.at, r.data.len};
    page->path = r.path;
    return true;
}
