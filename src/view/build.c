/* build.c: what the building of nodes is made of: expressions, nodes, blocks. */
#include "view/view_imp.h"

/* === expressions === */

struct expr_check {
    struct compiler *c;
    uint32_t at;
};

bool is_reserved(struct str name)
{
    static const char *const names[] = {
        "__env", "app", "__data", "__path", "this", "component", "__currentLoopData"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(name, str_from(names[i])))
            return true;
    return false;
}

/* note_reserved refuses variables that are doors to the framework. */
static void note_reserved(void *arg, const struct str *chain, size_t len,
                          struct php_place place)
{
    struct compiler *c = arg;
    (void)len;
    if (!is_reserved(chain[0]))
        return;
    struct str text =
        str_fmt(c->perm, "$%.*s – Laravel's own object is not there", STR_ARG(chain[0]));
    compile_note(
        c, (struct note){FINDING_ERROR, place.line, place.col, str_z(c->perm, text)});
}

static void note_finding(void *arg, const struct finding *f)
{
    struct compiler *c = arg;
    compile_note(c, (struct note){f->severity, f->line, f->col,
                                  str_z(c->perm, str_from(f->text))});
}

static struct php_expr *parse_at(struct builder *b, struct str code, uint32_t at,
                                 struct php_place place)
{
    struct compiler *c = b->c;
    struct error e = {0};
    struct php_expr *x = php_parse(code, place, c->perm, &e);
    if (!x) {
        compile_failed(c, at, &e);
        return NULL;
    }
    php_check(x, c->host, note_finding, c);
    php_uses(x, note_reserved, c);
    if (!c->quiet)
        VEC_PUSH(c->perm, &c->out->exprs, x);
    return x;
}

struct php_expr *build_expr(struct builder *b, struct str code, uint32_t at)
{
    return build_expr_call(b, code, at, 0);
}

struct php_expr *build_expr_call(struct builder *b, struct str code, uint32_t at,
                                 size_t skip)
{
    struct php_place place = {.file = b->c->out->file};
    compile_place(b->c, at, &place.line, &place.col);
    place.col -= (int)skip;
    return parse_at(b, code, at, place);
}

/* === nodes === */

struct node *build_node(struct builder *b, uint32_t at,
                        bool (*render)(struct render *, const struct node *))
{
    struct node *n = NEW(b->c->perm, struct node, 1);
    n->render = render;
    compile_place(b->c, at, &n->line, &n->col);
    *b->tail = n;
    b->tail = &n->next;
    return n;
}

/* === blocks: what is open until its end comes === */

void open_block(struct builder *b, const struct mark *m, struct open open,
                struct node **body)
{
    if (b->depth == VIEW_NESTING) {
        compile_error(b->c, m->at, "@%s – nested deeper than %d", m->directive->name,
                      VIEW_NESTING);
        b->c->unsupported = true;
        return;
    }
    open.tail = b->tail;
    open.mark = m;
    b->open[b->depth++] = open;
    b->tail = body;
}

struct open *inner_block(struct builder *b, const struct mark *m, enum open_kind kind)
{
    static const char *const names[] = {[OPEN_IF] = "@if", [OPEN_LOOP] = "@foreach"};
    struct open *open = b->depth > 0 ? &b->open[b->depth - 1] : NULL;
    if (open && open->kind == kind)
        return open;
    int line, col;
    if (open && !b->c->unsupported) {
        compile_place(b->c, open->mark->at, &line, &col);
        compile_error(b->c, m->at,
                      "@%s – the @%s of line %d is still open; PHP cannot parse the view",
                      m->directive->name, open->mark->directive->name, line);
    } else if (!b->c->unsupported) {
        compile_error(b->c, m->at, "@%s – no %s is open; PHP cannot parse the view",
                      m->directive->name, names[kind]);
    }
    return NULL;
}

void close_block(struct builder *b, const struct open *open)
{
    b->tail = open->tail;
    b->depth--;
}

struct branch *open_branch(struct builder *b, const struct mark *m)
{
    struct node *n = build_node(b, m->at, render_if);
    struct branch *branch = n->branches = NEW(b->c->perm, struct branch, 1);
    open_block(b, m, (struct open){.kind = OPEN_IF, .node = n, .last = branch},
               &branch->body);
    return branch;
}
