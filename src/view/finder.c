/* finder.c: from a view's name to its file, and the cache of what was compiled.
 *
 * Laravel's FileViewFinder: dots are slashes; in each folder in turn "name.blade.php",
 * "name.php", "name.css", "name.html". The built-in views stand behind the app's folders
 * where they were asked for, and nowhere else: a letter is the app's, or it is none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "view/view_imp.h"

enum { PATH_BYTES = 4095 }; /* as PHP's PHP_MAXPATHLEN - 1 */

/* A file's times may stand still this long while it changes (NFS, FAT: 2 s). */
#define SETTLE_NS ((int64_t)2500 * 1000 * 1000)

enum view_kind { KIND_BLADE, KIND_PHP, KIND_PLAIN };

static const struct {
    const char *ending;
    enum view_kind kind;
} endings[] = {
    {".blade.php", KIND_BLADE},
    {".php", KIND_PHP},
    {".css", KIND_PLAIN},
    {".html", KIND_PLAIN},
};

/* What a name was resolved to, before it is read. */
struct place {
    char *path;
    enum view_kind kind;
    bool is_asset;
    struct str asset;
    struct stamp stamp;
};

/* === finding === */

/* look_in looks for the view in one folder. What may not be seen is an error: PHP as
 * another user may see it. */
static bool look_in(struct views *v, struct str folder, struct str file,
                    struct place *out, bool *there, struct error *e)
{
    *there = false;
    for (size_t i = 0; i < COUNT(endings); i++) {
        struct stat st;
        struct str path = str_fmt(&v->scratch, "%.*s/%.*s%s", STR_ARG(folder),
                                  STR_ARG(file), endings[i].ending);
        out->path = str_z(&v->scratch, path);
        if (path.len >= PATH_BYTES)
            continue;
        if (!file_stat(out->path, &st, there, e))
            return false;
        if (!*there)
            continue;
        out->kind = endings[i].kind;
        out->stamp.mtime_ns = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
        out->stamp.size = st.st_size;
        out->stamp.inode = st.st_ino;
        out->stamp.device = st.st_dev;
        return true;
    }
    return true;
}

static bool is_built_in(struct views *v, struct str file, struct place *out)
{
    for (size_t i = 0; i < COUNT(endings); i++) {
        struct str path =
            str_fmt(&v->scratch, "views/%.*s%s", STR_ARG(file), endings[i].ending);
        if (!asset_lookup(path, &out->asset))
            continue;
        path = str_join(&v->scratch, S("built-in:"), path);
        out->path = str_z(&v->scratch, path);
        out->kind = endings[i].kind;
        out->is_asset = true;
        return true;
    }
    return false;
}

static bool find(struct views *v, struct str name, struct place *out, struct error *e)
{
    struct str dotted = str_trim(str_replace(&v->scratch, name, S("/"), S(".")));
    struct str file = str_replace(&v->scratch, dotted, S("."), S("/"));
    *out = (struct place){0};
    if (str_has(name, S("::")))
        return err_set(e, ERR_UNSUPPORTED,
                       "view [%.*s] – views of packages (namespace::name) are not looked "
                       "for",
                       STR_ARG(name));
    bool sound = file.len > 0 && !memchr(file.ptr, '\0', file.len), there = false;
    for (size_t i = 0; sound && !there && i < v->folders_len; i++)
        if (!look_in(v, v->folders[i], file, out, &there, e))
            return false;
    if (there || (sound && v->built_in && is_built_in(v, file, out)))
        return true;
    err_set(e, ERR_JOB, "View [%.*s] not found.", STR_ARG(dotted));
    return err_thrown(e, "InvalidArgumentException", 0, "");
}

/* === reading and compiling === */

static bool is_settled(const struct stamp *s)
{
    struct timespec now; /* the system's: clock_unix may be frozen, files are not */
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
    return now_ns - s->mtime_ns > SETTLE_NS;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
    return a->mtime_ns == b->mtime_ns && a->size == b->size && a->inode == b->inode &&
           a->device == b->device;
}

/* compile_other makes the form of what is no Blade. */
static void compile_other(struct view *view, enum view_kind kind, struct str source)
{
    struct compiled *c = &view->compiled;
    memset(c, 0, sizeof(*c));
    c->file = view->path;
    if (kind == KIND_PHP) {
        VEC_PUSH(&view->arena, &c->notes,
                 (struct note){FINDING_ERROR, 1, 1,
                               "plain PHP view – PHP code in a view is not run"});
        return;
    }
    c->plain = true;
    c->skeleton = str_copy(&view->arena, source);
    c->body = NEW(&view->arena, struct node, 1);
    *c->body =
        (struct node){.render = render_text, .line = 1, .col = 1, .text = c->skeleton};
}

/* compile compiles into the view's arena. false: its memory did not suffice. */
static bool compile(struct views *v, struct view *view, enum view_kind kind,
                    struct str source)
{
    jmp_buf full;
    if (setjmp(full))
        return false;
    arena_guard(&v->scratch, &full);
    arena_guard(&view->arena, &full);
    if (kind == KIND_BLADE)
        view_compile(source, view->path, v->host, &view->arena, v->scratch,
                     &view->compiled);
    else
        compile_other(view, kind, source);
    return true;
}

/* renew compiles a view anew; the old form is gone. */
static bool renew(struct views *v, struct view *view, const struct place *at,
                  struct str source, struct error *e)
{
    arena_reset(&view->arena);
    bool ok = compile(v, view, at->kind, source);
    arena_guard(&v->scratch, NULL);
    arena_guard(&view->arena, NULL);
    arena_reset(&v->scratch); /* the texts of a compilation go back to the system */
    if (ok)
        return true;
    memset(&view->compiled, 0, sizeof(view->compiled));
    view->stamp.size = -1; /* like no file: the next look tries again */
    return err_set(e, ERR_UNSUPPORTED, "%s – too much memory to compile it", view->path);
}

static struct view *lookup(struct views *v, const char *path)
{
    for (struct view *view = v->list; view; view = view->next)
        if (strcmp(view->path, path) == 0)
            return view;
    return NULL;
}

static struct view *add_view(struct views *v, const char *path)
{
    struct view *view = calloc(1, sizeof(*view));
    if (!view || !(view->path = strdup(path))) {
        fprintf(stderr, "facteur: out of memory\n");
        abort();
    }
    view->arena = arena_open(VIEW_MEMORY);
    view->next = v->list;
    view->stamp.size = -1;
    v->list = view;
    return view;
}

/* read_source gets the bytes. */
static bool read_source(struct views *v, const struct place *at, struct str *out,
                        struct error *e)
{
    *out = at->asset;
    return at->is_asset || file_read(at->path, VIEW_BYTES, &v->scratch, out, e);
}

/* find_or_compile is views_find; what it takes from the scratch arena its caller gives
 * back. */
static bool find_or_compile(struct views *v, struct str name, struct view **out,
                            struct error *e)
{
    struct place at;
    struct str source;
    if (!find(v, name, &at, e))
        return false;
    struct view *view = *out = lookup(v, at.path);
    if (view &&
        (view->turn == v->turn || (view->settled && same_stamp(&view->stamp, &at.stamp))))
        return true;
    if (!read_source(v, &at, &source, e))
        return false;
    if (!view)
        view = *out = add_view(v, at.path);
    uint64_t hash = str_hash(source);
    bool same = view->stamp.size >= 0 && view->hash == hash;
    view->hash = hash;
    view->stamp = at.stamp;
    view->settled = at.is_asset || is_settled(&at.stamp);
    return same || renew(v, view, &at, source, e);
}

bool views_find(struct views *v, struct str name, struct view **out, struct error *e)
{
    char *mark = arena_mark(&v->scratch);
    bool ok = find_or_compile(v, name, out, e);
    arena_release(&v->scratch, mark);
    if (ok)
        (*out)->turn = v->turn;
    return ok;
}
