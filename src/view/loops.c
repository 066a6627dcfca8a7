/* loops.c: @foreach and @forelse, with $loop, as Blade's compiler makes them: PHP's
 * foreach, whose variables stay defined behind it, around a stack of loops. */
#include "view/view_imp.h"

/* === parts of "(… as $key => $value)" === */

static bool is_name_start(char c)
{
    return is_word(c) ? c < '0' || c > '9' : (unsigned char)c >= 0x80;
}

/* take_variable cuts "$name" and the blanks around it off the front. */
static bool take_variable(struct str *s, struct str *name)
{
    size_t n = 1;
    *s = str_trim(*s);
    if (s->len < 2 || s->ptr[0] != '$' || !is_name_start(s->ptr[1]))
        return false;
    while (n < s->len && (is_word(s->ptr[n]) || (unsigned char)s->ptr[n] >= 0x80))
        n++;
    *name = str_sub(*s, 1, n - 1);
    *s = str_trim(str_skip(*s, n));
    return true;
}

/* as_at finds the last " as " (Blade: / +as +/i); 0: there is none. */
static size_t as_at(struct str code)
{
    for (size_t at = code.len; at-- > 2;)
        if (code.ptr[at] == ' ' && str_ieq(str_sub(code, at + 1, 2), S("as")) &&
            at + 3 < code.len && code.ptr[at + 3] == ' ')
            return at;
    return 0;
}

/* loose_word: is there an "and", "or" or "xor" in the code? They bind looser than the
 * assignment that Blade makes of it, and would be cut off. */
static bool loose_word(struct str code)
{
    static const struct str words[] = {{"and", 3}, {"or", 2}, {"xor", 3}};
    char quote = '\0';
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (quote) {
            i += c == '\\';
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (i == 0 || (!is_word(code.ptr[i - 1]) && code.ptr[i - 1] != '$')) {
            for (size_t w = 0; w < COUNT(words); w++)
                if (str_ieq(str_sub(code, i, words[w].len), words[w]) &&
                    (i + words[w].len >= code.len ||
                     !is_word(code.ptr[i + words[w].len])))
                    return true;
        }
    }
    return false;
}

/* === building === */

static bool render_foreach(struct render *r, const struct node *n);

/* read_variables reads what stands behind "as". */
static bool read_variables(struct builder *b, const struct mark *m, struct str s,
                           struct loop *out)
{
    struct compiler *c = b->c;
    struct str whole = s;
    bool ok = take_variable(&s, &out->value);
    if (ok && str_starts(s, S("=>"))) {
        out->key = out->value;
        s = str_skip(s, 2);
        ok = take_variable(&s, &out->value);
    }
    if (!ok || s.len > 0) {
        whole = str_trim(whole);
        compile_error(
            c, m->at, "@%s(… as %.*s) – only $value and $key => $value are known",
            m->directive->name, (int)(whole.len < 60 ? whole.len : 60), whole.ptr);
        return false;
    }
    const struct str names[] = {out->value, out->key};
    for (size_t i = 0; i < COUNT(names); i++)
        if (is_reserved(names[i]) || str_starts(names[i], S("__"))) {
            compile_error(c, m->at, "@%s – $%.*s is a name of Laravel's own",
                          m->directive->name, STR_ARG(names[i]));
            return false;
        }
    out->value = str_copy(c->perm, out->value);
    out->key = str_copy(c->perm, out->key);
    return true;
}

/* open_loop builds the node of a loop; without a sound head it has no expression. */
static struct loop *open_loop(struct builder *b, const struct mark *m)
{
    struct compiler *c = b->c;
    struct node *n = build_node(b, m->at, render_foreach);
    struct loop *loop = n->loop = NEW(c->perm, struct loop, 1);
    struct str code = m->has_code ? m->code : S("");
    size_t as = as_at(code);
    c->out->loops = true;
    open_block(b, m, (struct open){.kind = OPEN_LOOP, .node = n}, &loop->body);
    if (!as) {
        compile_error(c, m->at, "@%s – malformed: it needs (… as $value)",
                      m->directive->name);
        return loop;
    }
    struct str over = str_sub(code, 1, as - 1);
    if (!read_variables(b, m, str_sub(code, as + 3, code.len - as - 4), loop))
        return loop;
    if (loose_word(over))
        compile_error(
            c, m->at,
            "@%s – \"and\", \"or\" and \"xor\" bind looser than Blade's assignment",
            m->directive->name);
    n->expr = build_expr(b, over, m->code_at + 1);
    if (n->expr)
        VEC_PUSH(c->perm, &c->out->aliases, (struct alias){loop->value, n->expr});
    return loop;
}

void build_foreach(struct builder *b, const struct mark *m)
{
    open_loop(b, m);
}

/* Blade counts @forelse up and its @empty down; the number names a variable. */
static struct str empty_name(struct builder *b)
{
    return str_fmt(b->c->perm, "__empty_%d", b->forelse);
}

void build_forelse(struct builder *b, const struct mark *m)
{
    b->forelse++;
    open_loop(b, m)->empty = empty_name(b);
}

void build_endforeach(struct builder *b, const struct mark *m)
{
    struct open *open = inner_block(b, m, OPEN_LOOP);
    if (open)
        close_block(b, open);
}

/* build_forelse_empty ends the loop and opens the `if` for a loop without a turn. */
void build_forelse_empty(struct builder *b, const struct mark *m)
{
    struct compiler *c = b->c;
    struct error e = {0};
    struct php_place place = {.file = c->out->file, .line = 1, .col = 1};
    build_endforeach(b, m);
    struct str variable = str_fmt(c->perm, "$%.*s", STR_ARG(empty_name(b)));
    b->forelse--;
    struct branch *branch = open_branch(b, m);
    compile_place(c, m->at, &place.line, &place.col);
    branch->condition = php_parse(variable, place, c->perm, &e);
}

/* === rendering === */

static void put(struct render *r, struct str name, struct php_value value)
{
    php_array_put(r->perm, r->scope.vars, (struct php_key){.s = name}, value);
}

static void put_loop(struct render *r)
{
    struct php_value loop = php_null();
    if (r->loop)
        loop = php_from_object(r->loop->object);
    put(r, S("loop"), loop);
}

static void set(struct render *r, const char *name, struct php_value value)
{
    php_array_put(r->perm, r->loop->object->props, (struct php_key){.s = str_from(name)},
                  value);
}

/* turn sets $loop for the i-th turn. One object serves all turns of a loop: no view can
 * keep it longer than a turn. */
static void turn(struct render *r, size_t i, size_t count)
{
    const struct turns *parent = r->loop->parent;
    set(r, "iteration", php_int((int64_t)i + 1));
    set(r, "index", php_int((int64_t)i));
    set(r, "remaining", php_int((int64_t)(count - i) - 1));
    set(r, "count", php_int((int64_t)count));
    set(r, "first", php_bool(i == 0));
    set(r, "last", php_bool(i + 1 == count));
    set(r, "odd", php_bool(i % 2 == 0));
    set(r, "even", php_bool(i % 2 == 1));
    set(r, "depth", php_int(r->loop->depth));
    set(r, "parent", parent ? php_from_object(parent->object) : php_null());
}

static bool not_iterable(struct render *r, const struct node *n, struct php_value v)
{
    bool object = v.type == PHP_OBJECT;
    err_set(r->e, object ? ERR_UNSUPPORTED : ERR_JOB,
            object ? "a loop over an object of class %.*s – only arrays are gone through"
                   : "foreach() argument must be of type array|object, %.*s given",
            STR_ARG(php_type_name(v)));
    return err_place(r->e, r->view->path, n->line, n->col);
}

/* turns goes through the array as it was when the loop began. */
static bool turns(struct render *r, const struct node *n, const struct php_array *a)
{
    const struct loop *loop = n->loop;
    for (size_t i = 0, count = a->len; i < count; i++) {
        if (++r->turns > VIEW_TURNS) {
            err_set(r->e, ERR_JOB, "more than %d turns of loops", VIEW_TURNS);
            return err_place(r->e, r->view->path, n->line, n->col);
        }
        put(r, loop->value, php_deref(a->at[i].value));
        if (loop->key.len)
            put(r, loop->key,
                a->at[i].key.is_int ? php_int(a->at[i].key.i)
                                    : php_string(a->at[i].key.s));
        turn(r, i, count);
        put_loop(r);
        if (loop->empty.len)
            put(r, loop->empty, php_bool(false));
        if (!render_nodes(r, loop->body))
            return false;
    }
    return true;
}

static bool render_foreach(struct render *r, const struct node *n)
{
    struct php_value value;
    if (n->loop->empty.len)
        put(r, n->loop->empty, php_bool(true));
    if (!php_eval(n->expr, &r->scope, r->perm, &value, r->e))
        return false;
    value = php_deref(value);
    if (value.type != PHP_ARRAY)
        return not_iterable(r, n, value);
    render_took(r, n, value.a->len > 0);
    struct turns mine = {.parent = r->loop,
                         .depth = r->loop ? r->loop->depth + 1 : 1,
                         .object = php_object_new(r->perm, PHP_PLAIN, S("stdClass"))};
    if (!mine.object->props)
        mine.object->props = php_array_new(r->perm);
    r->loop = &mine;
    bool ok = turns(r, n, value.a);
    r->loop = mine.parent;
    put_loop(r);
    return ok;
}
