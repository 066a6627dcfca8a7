/* tree.c: a compilation as a whole, and its last pass: from marks to nodes. */
#include "view/view_imp.h"

/* === text === */

/* Text between two pieces of code, as it will be printed. */
struct literal {
    struct builder *b;
    struct buf bytes;
    uint32_t at; /* of its first byte */
    bool after_code;
    char before; /* the byte before, '\0' after code */
    char *skeleton;
};

static void literal_byte(struct literal *l, char byte, uint32_t at)
{
    struct compiler *c = l->b->c;
    if (l->before == '<' && byte == '?')
        compile_error(c, at - 1, "<? – PHP code in a view is not run");
    l->before = byte;
    if (l->bytes.len == 0)
        l->at = at;
    buf_byte(&l->bytes, byte);
    l->skeleton[at] = byte;
}

/* literal_add appends text of the file, origins and all; behind code PHP eats one
 * newline (even "\r" alone). */
static void literal_add(struct literal *l, struct str s, const uint32_t *origins)
{
    size_t i = 0;
    if (l->after_code && s.len > 0) {
        l->after_code = false;
        if (str_starts(s, S("\r\n")))
            i = 2;
        else if (s.ptr[0] == '\n' || s.ptr[0] == '\r')
            i = 1;
    }
    for (; i < s.len; i++)
        literal_byte(l, s.ptr[i], origins[i]);
}

static void literal_end(struct literal *l)
{
    if (l->bytes.len > 0) {
        struct node *n = build_node(l->b, l->at, render_text);
        n->text = str_copy(l->b->c->perm, buf_str(&l->bytes));
    }
    l->bytes.len = 0;
    l->after_code = true;
    l->before = '\0';
}

static void add_raw(struct literal *l, const struct mark *m)
{
    for (size_t i = 0; i < m->code.len; i++) {
        uint32_t at = m->code_at + (uint32_t)i;
        literal_add(l, str_sub(m->code, i, 1), &at);
    }
}

/* === marks === */

static void build_echo(struct builder *b, const struct mark *m)
{
    struct node *n = build_node(b, m->at, render_echo);
    n->escape = m->escape;
    if (!m->broken)
        n->expr = build_expr(b, m->code, m->code_at);
}

static void build_directive(struct builder *b, const struct mark *m)
{
    const struct directive *d = m->directive;
    if (d->build) {
        d->build(b, m);
        return;
    }
    compile_error(b->c, m->at, "@%s – %s", d->name, d->why);
    b->c->unsupported = true;
}

static void build_mark(struct literal *l, const struct mark *m)
{
    if (m->kind == MARK_RAW) {
        add_raw(l, m);
        return;
    }
    literal_end(l);
    if (m->kind == MARK_ECHO) {
        l->skeleton[m->at] = TEXT_HOLE;
        build_echo(l->b, m);
    } else {
        l->skeleton[m->at] = TEXT_SEAM;
        build_directive(l->b, m);
    }
}

/* build_text walks over the text: runs of bytes with an origin, and marks. A placeholder
 * of raw text is many bytes of one mark. */
static void build_text(struct literal *l, const struct text *in)
{
    struct compiler *c = l->b->c;
    size_t len = in->bytes.len;
    for (size_t i = 0; i < len;) {
        size_t from = i;
        uint32_t origin = in->origins.at[i];
        if (origin & ORIGIN_MARK) {
            while (i < len && in->origins.at[i] == origin)
                i++;
            build_mark(l, &c->marks.at[origin & ~ORIGIN_MARK]);
        } else {
            while (i < len && !(in->origins.at[i] & ORIGIN_MARK))
                i++;
            literal_add(l, str_sub(text_str(in), from, i - from), in->origins.at + from);
        }
    }
    literal_end(l);
}

static void pass_tree(struct compiler *c, const struct text *in)
{
    struct builder *b = NEW(c->tmp, struct builder, 1);
    b->c = c;
    b->tail = &c->out->body;
    size_t size = c->source.len;
    char *skeleton = NEW(c->perm, char, size + 1);
    for (size_t i = 0; i < size; i++) {
        char byte = c->source.ptr[i];
        skeleton[i] = byte == '\n' || byte == '\r' ? byte : ' ';
    }
    struct literal l = {
        .b = b, .bytes = buf_new(c->tmp, 2 * size + 1), .skeleton = skeleton};
    build_text(&l, in);
    if (b->depth > 0 && !c->unsupported)
        compile_error(c, b->open[b->depth - 1].mark->at,
                      "@%s – it is never closed; PHP cannot parse the view",
                      b->open[b->depth - 1].mark->directive->name);
    c->out->skeleton = (struct str){skeleton, size};
}

/* === the whole === */

/* sort_notes puts the notes, which the passes made one after the other, in the order of
 * the file. They are few. */
static void sort_notes(struct compiled *out)
{
    for (size_t i = 1; i < out->notes.len; i++) {
        struct note n = out->notes.at[i];
        size_t k = i;
        for (; k > 0; k--) {
            const struct note *before = &out->notes.at[k - 1];
            if (before->line < n.line || (before->line == n.line && before->col <= n.col))
                break;
            out->notes.at[k] = *before;
        }
        out->notes.at[k] = n;
    }
}

void view_compile(struct str source, const char *file, const struct php_host *host,
                  struct arena *perm, struct arena tmp, struct compiled *out)
{
    struct compiler c = {
        .source = source, .host = host, .perm = perm, .tmp = &tmp, .out = out};
    memset(out, 0, sizeof(*out));
    out->file = file;
    compile_lines(&c);
    struct text text = pass_source(&c);
    text = pass_raw_blocks(&c, &text);
    text = pass_comments(&c, &text);
    pass_components(&c, &text);
    text = pass_statements(&c, &text);
    /* Behind an error that cannot be trusted, what is static is still told apart. */
    c.quiet = c.lost;
    text = pass_echos(&c, text);
    pass_tree(&c, &text);
    sort_notes(out);
}
