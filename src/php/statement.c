/* Statements of a file: parsing and running them. What could loop without end (while,
 * for, goto) is not there; neither is what prints. */
#include "php/expr_imp.h"

/* A file's evaluation does at most so many steps and is nested so deeply. */
enum { MAX_STEPS = 2000000, MAX_OPEN = 32 };

/* === parsing === */

static struct node *parse_statement(struct parser *p);

static bool end_statement(struct parser *p)
{
    if (at_op(p, "?>") || p->tok.type == TOKEN_END)
        return true;
    return expect_op(p, ";");
}

/* block = "{" {statement} "}" */
struct node *parse_block(struct parser *p)
{
    struct node *n = new_node(p, NODE_BLOCK, &p->tok);
    if (!expect_op(p, "{"))
        return NULL;
    while (!at_op(p, "}")) {
        if (p->tok.type == TOKEN_END)
            return fail_unexpected(p);
        struct node *statement = parse_statement(p);
        if (!statement || !add_kid(p, n, statement))
            return NULL;
    }
    parse_advance(p);
    return n;
}

static struct node *parse_condition(struct parser *p)
{
    if (!expect_op(p, "("))
        return NULL;
    struct node *n = parse_expr(p);
    if (!n || !expect_op(p, ")"))
        return NULL;
    return at_op(p, ":") ? fail_unsupported(p, &p->tok,
                                            "\":\" in place of \"{\" is not "
                                            "supported")
                         : n;
}

/* if = "if" "(" expr ")" statement {"elseif" …} ["else" statement] */
static struct node *parse_if(struct parser *p)
{
    struct node *n = new_node(p, NODE_IF, &p->tok), *otherwise = NULL;
    parse_advance(p);
    struct node *condition = parse_condition(p);
    struct node *then = condition ? parse_statement(p) : NULL;
    if (!then)
        return NULL;
    if (at_word(p, "elseif")) {
        otherwise = parse_if(p);
        if (!otherwise)
            return NULL;
    } else if (at_word(p, "else")) {
        parse_advance(p);
        otherwise = parse_statement(p);
        if (!otherwise)
            return NULL;
    }
    return adopt(p, n, condition, then, otherwise) ? n : NULL;
}

static struct node *parse_loop_variable(struct parser *p)
{
    if (p->tok.type != TOKEN_VARIABLE)
        return fail_unsupported(p, &p->tok, "only a plain variable is supported here");
    struct node *n = new_node(p, NODE_VARIABLE, &p->tok);
    n->name = str_copy(p->perm, str_skip(p->tok.text, 1));
    parse_advance(p);
    return n;
}

/* foreach = "foreach" "(" expr "as" [$key "=>"] $value ")" statement */
static struct node *parse_foreach(struct parser *p)
{
    struct node *n = new_node(p, NODE_FOREACH, &p->tok);
    parse_advance(p);
    if (!expect_op(p, "("))
        return NULL;
    struct node *over = parse_expr(p);
    if (!over)
        return NULL;
    if (!at_word(p, "as"))
        return fail_unexpected(p);
    parse_advance(p);
    struct node *value = parse_loop_variable(p), *key = NULL;
    if (value && take_op(p, "=>")) {
        key = value;
        value = parse_loop_variable(p);
    }
    if (!value || !add_kid(p, n, value) || (key && !add_kid(p, n, key)) ||
        !expect_op(p, ")"))
        return NULL;
    struct node *body = parse_statement(p);
    return body && adopt(p, n, over, body, NULL) ? n : NULL;
}

/* return = "return" [expr] ";" */
static struct node *parse_return(struct parser *p)
{
    struct node *n = new_node(p, NODE_RETURN, &p->tok);
    parse_advance(p);
    if (!at_op(p, ";")) {
        struct node *a = parse_expr(p);
        if (!a || !adopt(p, n, a, NULL, NULL))
            return NULL;
    }
    return end_statement(p) ? n : NULL;
}

static struct node *parse_jump(struct parser *p, enum node_kind kind)
{
    struct node *n = new_node(p, kind, &p->tok);
    parse_advance(p);
    if (p->tok.type == TOKEN_INT)
        return fail_unsupported(p, &p->tok, "leaving several loops is not supported");
    return end_statement(p) ? n : NULL;
}

/* const = "const" NAME "=" expr ";": what define() does. */
static struct node *parse_const(struct parser *p)
{
    struct node *n = new_node(p, NODE_DEFINE, &p->tok);
    n->name = S("define");
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME)
        return fail_unexpected(p);
    struct node *name = new_node(p, NODE_VALUE, &p->tok);
    name->value = php_string(str_copy(p->perm, p->tok.text));
    parse_advance(p);
    if (!expect_op(p, "="))
        return NULL;
    struct node *value = parse_expr(p);
    if (!value || !add_kid(p, n, name) || !add_kid(p, n, value))
        return NULL;
    return end_statement(p) ? n : NULL;
}

static struct node *parse_break(struct parser *p)
{
    return parse_jump(p, NODE_BREAK);
}

static struct node *parse_continue(struct parser *p)
{
    return parse_jump(p, NODE_CONTINUE);
}

/* try = "try" block {"catch" "(" Name {"|" Name} [$name] ")" block} ["finally" block] */
static struct node *parse_try(struct parser *p)
{
    struct node *n = new_node(p, NODE_TRY, &p->tok);
    if (!p->is_class)
        return fail_unsupported(p, &p->tok, "\"try\" is not supported");
    parse_advance(p);
    struct node *body = parse_block(p);
    if (!body || !adopt(p, n, body, NULL, NULL))
        return NULL;
    while (at_word(p, "catch") || at_word(p, "finally")) {
        bool catches = at_word(p, "catch");
        struct token word = p->tok;
        struct str types = S("");
        parse_advance(p);
        while (catches && !take_op(p, ")")) {
            if (p->tok.type == TOKEN_END)
                return fail_unexpected(p);
            if (p->tok.type == TOKEN_VARIABLE)
                word = p->tok;
            if (p->tok.type == TOKEN_NAME)
                types =
                    str_fmt(p->perm, "%.*s%s%.*s", STR_ARG(types), types.len ? "|" : "",
                            STR_ARG(parse_class_name(p, p->tok.text)));
            parse_advance(p);
        }
        struct node *block = parse_block(p);
        if (!block || !add_kid(p, n, block))
            return NULL;
        if (catches && word.type == TOKEN_VARIABLE)
            block->name = str_copy(p->perm, str_skip(word.text, 1));
        block->class_name = types;
        block->op = catches ? OP_NONE : OP_QUIET; /* OP_QUIET: it is always run */
    }
    return n;
}

static const struct {
    const char *word;
    struct node *(*parse)(struct parser *p);
} statements[] = {
    {"if", parse_if},       {"foreach", parse_foreach},   {"return", parse_return},
    {"break", parse_break}, {"continue", parse_continue}, {"const", parse_const},
    {"try", parse_try},     {"unset", parse_unset},
};

static const char *const unsupported[] = {
    "while", "for",       "do",        "switch", "echo",    "global",
    "goto",  "class",     "trait",     "enum",   "static",  "print",
    "final", "interface", "namespace", "use",    "declare",
};

/* lost_call notes the static call that a lost statement begins with. */
static void lost_call(struct parser *start, struct node *n)
{
    struct token first = start->tok;
    if (first.type != TOKEN_NAME || !is_op(&start->next, "::"))
        return;
    n->class_name = parse_class_name(start, first.text);
    parse_advance(start);
    parse_advance(start);
    if (start->tok.type == TOKEN_NAME && is_op(&start->next, "("))
        n->name = str_copy(start->perm, start->tok.text);
}

/* goes_on: behind the brace that ends a statement's block. */
static bool goes_on(const struct parser *p)
{
    return at_word(p, "else") || at_word(p, "elseif") || at_word(p, "catch") ||
           at_word(p, "finally") || at_word(p, "while");
}

struct node *parse_lost(struct parser *p, const struct parser *start)
{
    struct error why = *p->e;
    struct parser again = *start;
    err_clear(p->e);
    *p = *start;
    p->is_syntax = false;
    struct node *n = new_node(p, NODE_LOST, &p->tok);
    n->value = eval_hole(p->perm, &why);
    lost_call(&again, n);
    for (int depth = 0; p->tok.type != TOKEN_END; parse_advance(p)) {
        bool opens = at_op(p, "{") || at_op(p, "(") || at_op(p, "[") || at_op(p, "#[");
        bool closes = at_op(p, "}") || at_op(p, ")") || at_op(p, "]");
        if (closes && depth == 0)
            break; /* of the block around it */
        bool brace = at_op(p, "}"), ends = at_op(p, ";");
        depth += opens - closes;
        if (depth || !(brace || ends))
            continue;
        parse_advance(p);
        if (ends || !goes_on(p))
            break;
    }
    return n;
}

static struct node *parse_known(struct parser *p);

/* In a class, what cannot be parsed costs the statement it stands in. */
static struct node *parse_statement(struct parser *p)
{
    struct parser start = *p;
    struct node *n = parse_known(p);
    return n || !p->is_class ? n : parse_lost(p, &start);
}

static struct node *parse_known(struct parser *p)
{
    struct token start = p->tok;
    if (take_op(p, ";"))
        return new_node(p, NODE_BLOCK, &start);
    if (at_op(p, "{"))
        return parse_block(p);
    for (size_t i = 0; i < COUNT(statements); i++)
        if (at_word(p, statements[i].word))
            return statements[i].parse(p);
    for (size_t i = 0; i < COUNT(unsupported) && !at_closure(p); i++)
        if (at_word(p, unsupported[i]))
            return fail_unsupported(p, &p->tok, "\"%s\" is not supported",
                                    unsupported[i]);
    if (at_word(p, "function") && p->next.type == TOKEN_NAME)
        return fail_unsupported(p, &p->tok, "a function of the file is not supported");
    struct node *n = parse_expr(p);
    return n && end_statement(p) ? n : NULL;
}

struct node *parse_file_statement(struct parser *p)
{
    return parse_statement(p);
}

/* === bounds === */

bool eval_step(struct eval *ev, const struct node *n, int deeper)
{
    struct php_file *file = ev->scope->file;
    file->depth += deeper;
    if (deeper < 0)
        return true;
    if (file->depth > MAX_OPEN)
        return eval_fail(ev, n, ERR_UNSUPPORTED,
                         "files and closures are nested too deeply");
    if (++file->steps > MAX_STEPS)
        return eval_fail(ev, n, ERR_UNSUPPORTED,
                         "the file does too much to be evaluated");
    return true;
}

/* === assignments === */

/* An array is never changed once it is a value: what is below the variable is copied,
 * unless an assignment made it and nobody has read the variable since. */
static struct php_array *copy_array(struct arena *perm, const struct php_array *from)
{
    struct php_array *to = php_array_new(perm);
    for (size_t i = 0; i < from->len; i++)
        php_array_copy(perm, to, &from->at[i], false);
    to->next = from->next;
    return to;
}

static bool key_of(struct eval *ev, const struct node *n, struct php_key *key)
{
    struct php_value v;
    if (!eval_node(ev, n->b, &v))
        return false;
    return php_as_key(v, key) || eval_fail(ev, n, ERR_JOB, "Illegal offset type");
}

static bool store(struct eval *ev, const struct node *target, struct php_value v);

/* is_unshared: the array of a plain variable, which no other value holds. */
static bool is_unshared(const struct eval *ev, const struct node *n)
{
    const struct php_value *v = NULL;
    if (n->kind == NODE_VARIABLE)
        v = php_array_lookup(ev->scope->vars, (struct php_key){.s = n->name});
    return v && v->type == PHP_ARRAY && v->a->unshared;
}

static bool is_superglobal(const struct node *n)
{
    return n->kind == NODE_VARIABLE &&
           (str_eq(n->name, S("_ENV")) || str_eq(n->name, S("_SERVER")) ||
            str_eq(n->name, S("GLOBALS")));
}

/* store_element puts v into the array that is the value of target->a. */
static bool store_element(struct eval *ev, const struct node *target, struct php_value v)
{
    struct php_value base = php_null();
    struct php_key key;
    struct node null = {.kind = NODE_VALUE};
    struct node quiet = {.kind = NODE_COALESCE, .a = target->a, .b = &null};
    if (is_superglobal(target->a))
        return eval_fail(ev, target, ERR_UNSUPPORTED,
                         "$%.*s cannot be changed: env() would read it",
                         STR_ARG(target->a->name));
    if (target->op != OP_PUSH && !key_of(ev, target, &key))
        return false; /* with a runner, a key that is not known too */
    bool unshared = is_unshared(ev, target->a);
    if (!eval_node(ev, &quiet, &base))
        return false;
    if (php_is_unknown(base))
        return true; /* nor is it known afterwards */
    if (base.type != PHP_NULL && base.type != PHP_ARRAY)
        return eval_fail(ev, target, ERR_UNSUPPORTED,
                         "only an element of an array can be assigned to");
    struct php_array *a = base.type != PHP_ARRAY ? php_array_new(ev->perm)
                          : unshared             ? base.a
                                                 : copy_array(ev->perm, base.a);
    if (target->op == OP_PUSH) {
        php_array_push(ev->perm, a, v);
        key = a->at[a->len - 1].key;
    } else {
        php_array_put(ev->perm, a, key, v);
    }
    php_array_mark(a, key, ev->scope->file->origin);
    if (!store(ev, target->a, php_from_array(a)))
        return false;
    a->unshared = target->a->kind == NODE_VARIABLE;
    return true;
}

/* store_property: of $this, or of something that the judge may know. */
static bool store_property(struct eval *ev, const struct node *target, struct php_value v)
{
    struct php_value object;
    struct php_effect d = {.kind = PHP_EFFECT_STORE, .name = target->name};
    if (!eval_node(ev, target->a, &object))
        return false;
    if (object.type == PHP_OBJECT && object.o->kind == PHP_PLAIN) {
        struct php_key key = {.s = target->name};
        php_array_put(ev->perm, object.o->props, key, v);
        return true;
    }
    if (!php_is_unknown(object))
        return eval_fail(ev, target, ERR_UNSUPPORTED,
                         "this property cannot be assigned to");
    d.class_name = object.o->class_name;
    d.object = object.o;
    d.args = &v;
    d.len = 1;
    return eval_judged(ev, target, &d, &object);
}

static bool store(struct eval *ev, const struct node *target, struct php_value v)
{
    if (target->kind == NODE_INDEX)
        return store_element(ev, target, v);
    if (target->kind == NODE_PROP)
        return store_property(ev, target, v);
    if (target->kind != NODE_VARIABLE)
        return eval_fail(ev, target, ERR_UNSUPPORTED, "this cannot be assigned to");
    struct php_key name = {.s = target->name};
    php_array_put(ev->perm, ev->scope->vars, name, v);
    php_array_mark(ev->scope->vars, name, ev->scope->file->origin);
    return true;
}

bool eval_store(struct eval *ev, const struct node *target, struct php_value v)
{
    return store(ev, target, v);
}

/* tell makes an effect of what a statement could not do. */
static bool tell(struct eval *ev, const struct node *n)
{
    struct error why = *ev->e;
    struct php_value ignored;
    struct php_effect d = {.kind = PHP_EFFECT_STATEMENT, .why = why.text};
    struct node at = *n;
    err_clear(ev->e);
    if (why.line) {
        at.line = why.line;
        at.col = why.col;
    }
    if (n->kind == NODE_LOST) {
        d.kind = PHP_EFFECT_LOST;
        d.class_name = n->class_name;
        d.name = n->name;
    }
    return eval_judged(ev, &at, &d, &ignored);
}

/* run_value computes what a statement goes by. With a runner, what fails is an effect and
 * not known: the calls that would have followed in it were not judged. */
static bool run_value(struct eval *ev, const struct node *n, bool literal,
                      struct php_value *out)
{
    if (!eval_runner(ev))
        return (literal ? eval_literal : eval_node)(ev, n, out);
    if (eval_exact(ev))
        return eval_node(ev, n, out) && eval_no_hole(ev, *out);
    bool ok = eval_literal(ev, n, out);
    if (ok && out->type != PHP_HOLE)
        return true;
    if (ok)
        *ev->e = *out->hole;
    *out = php_unknown(ev->perm, S(""));
    return ev->e->kind != ERR_FATAL && tell(ev, n);
}

/* new_value computes what is assigned. Where it cannot be, a plain variable holds a hole,
 * told of where it is used. */
static bool new_value(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value old;
    if (n->op != OP_NONE && !eval_node(ev, n->a, &old))
        return false;
    if (eval_runner(ev)) {
        if (!run_value(ev, n->b, true, out))
            return false;
    } else if (!eval_literal(ev, n->b, out)) {
        if (n->op != OP_NONE || n->a->kind != NODE_VARIABLE)
            return false;
        *out = eval_hole(ev->perm, ev->e);
        return true;
    }
    if (n->op == OP_NONE)
        return true;
    if (php_holds_unknown(old) || php_holds_unknown(*out)) {
        struct php_value parts[] = {old, *out};
        return n->op == OP_CONCAT ? eval_joined(ev, parts, 2, out) : eval_top(ev, out);
    }
    return php_binary(n->op, old, *out, ev->perm, out, ev->e) ||
           err_place(ev->e, ev->file, n->line, n->col);
}

/* assign_maybe: what a branch assigns that may not be run is not known behind it. Of an
 * array nothing is known any more. */
static bool assign_maybe(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value v;
    const struct node *target = n->a;
    eval_top(ev, out);
    if (!run_value(ev, n->b, true, &v))
        return false;
    while (target->kind == NODE_INDEX)
        target = target->a;
    return store(ev, target, *out);
}

static bool assign(struct eval *ev, const struct node *n, struct php_value *out)
{
    if (eval_runner(ev) && ev->scope->file->maybe > ev->scope->file->sure)
        return assign_maybe(ev, n, out);
    if (n->op == OP_COALESCE) {
        struct node null = {.kind = NODE_VALUE};
        struct node quiet = {.kind = NODE_COALESCE, .a = n->a, .b = &null};
        struct node plain = *n;
        if (!eval_node(ev, &quiet, out))
            return false;
        if (php_is_unknown(*out))
            return assign_maybe(ev, n, out);
        if (out->type != PHP_NULL)
            return true;
        plain.op = OP_NONE;
        return new_value(ev, &plain, out) && store(ev, n->a, *out);
    }
    return new_value(ev, n, out) && store(ev, n->a, *out);
}

bool eval_assign(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    struct php_origin *outer = file->origin;
    file->origin = NEW(ev->perm, struct php_origin, 1);
    file->origin->file = ev->file;
    file->origin->line = n->line;
    bool ok = eval_step(ev, n, 0) && assign(ev, n, out);
    file->origin = outer;
    return ok;
}

/* === running === */

/* run_failed: with a runner, a statement that fails is an effect, and the next one comes.
 * A throw ends the app's start, where nothing catches it, and then no letter is sent. */
static bool run_failed(struct eval *ev, const struct node *n, enum flow *flow)
{
    struct php_file *file = ev->scope->file;
    *flow = FLOW_NEXT;
    if (ev->e->kind == ERR_FATAL)
        return false;
    if (n->kind == NODE_THROW && (file->trying || file->maybe)) {
        err_clear(ev->e);
        file->maybe++; /* behind it; run_try and closure_body take it back */
        return true;
    }
    return tell(ev, n);
}

static bool run_block(struct eval *ev, const struct node *n, enum flow *flow,
                      struct php_value *out)
{
    *flow = FLOW_NEXT;
    for (size_t i = 0; i < n->kids.len && *flow == FLOW_NEXT; i++)
        if (!eval_run(ev, n->kids.at[i], flow, out))
            return false;
    return true;
}

/* run_maybe runs a branch that may not be run. One that returns leaves what follows it in
 * its function just as uncertain; one that leaves a loop, what follows it there. */
static bool run_maybe(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    enum flow flow;
    file->maybe++;
    bool ok = eval_step(ev, n, 0) && eval_run(ev, n, &flow, out);
    if (ok && flow == FLOW_NEXT)
        file->maybe--;
    else if (ok && flow == FLOW_RETURN)
        file->unsure = true;
    return ok;
}

static bool run_if(struct eval *ev, const struct node *n, enum flow *flow,
                   struct php_value *out)
{
    struct php_value condition;
    bool undecided;
    if (!run_value(ev, n->a, false, &condition) ||
        !eval_undecided(ev, n->a, condition, &undecided))
        return false;
    if (undecided)
        return run_maybe(ev, n->b, out) && (!n->c || run_maybe(ev, n->c, out));
    const struct node *branch = php_truthy(condition) ? n->b : n->c;
    return !branch || eval_run(ev, branch, flow, out);
}

/* catches: does a catch take what was thrown? What is neither of PHP's two roots nor the
 * very class is not known, unless it is sure to be another. */
static bool catches(struct eval *ev, const struct node *block, bool *yes)
{
    struct php_value thrown = ev->scope->file->thrown;
    struct cut type = str_cut(block->class_name, '|');
    *yes = false;
    for (; type.head.len && !*yes; type = str_cut(type.tail, '|'))
        *yes = str_ieq(type.head, S("Throwable")) || str_ieq(type.head, S("Exception")) ||
               str_ieq(type.head, thrown.o->class_name);
    return *yes || eval_fail(ev, block, ERR_UNSUPPORTED,
                             "whether this catches what was thrown is not known");
}

/* run_catch: the block failed. What was thrown goes to the first catch. */
static bool run_catch(struct eval *ev, const struct node *n, enum flow *flow,
                      struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    const struct node *block = n->kids.len ? n->kids.at[0] : NULL;
    bool yes;
    if (file->thrown.type != PHP_OBJECT || !block || block->op == OP_QUIET)
        return false;
    err_clear(ev->e);
    if (!catches(ev, block, &yes))
        return false;
    if (block->name.len)
        php_array_put(ev->perm, ev->scope->vars, (struct php_key){.s = block->name},
                      file->thrown);
    file->thrown = php_null();
    return eval_run(ev, block, flow, out);
}

/* run_try_exactly: what a finally returns stands over all. */
static bool run_try_exactly(struct eval *ev, const struct node *n, enum flow *flow,
                            struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    const struct node *last = n->kids.len ? n->kids.at[n->kids.len - 1] : NULL;
    bool ok = eval_run(ev, n->a, flow, out) || run_catch(ev, n, flow, out);
    if (!last || last->op != OP_QUIET || (!ok && file->thrown.type != PHP_OBJECT))
        return ok;
    enum flow ended;
    struct php_value returned, thrown = file->thrown;
    struct error why = *ev->e;
    err_clear(ev->e);
    file->thrown = php_null();
    if (!eval_run(ev, last, &ended, &returned))
        return false;
    if (ended != FLOW_NEXT)
        return eval_fail(ev, last, ERR_UNSUPPORTED, "a finally that returns");
    *ev->e = why;
    file->thrown = thrown;
    return ok;
}

/* run_try: nothing in the block is thought to throw, but for a throw; a catch may be run.
 */
static bool run_try(struct eval *ev, const struct node *n, enum flow *flow,
                    struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    int maybe = file->maybe;
    if (eval_exact(ev))
        return run_try_exactly(ev, n, flow, out);
    file->trying++;
    bool ok = eval_run(ev, n->a, flow, out);
    file->trying--;
    file->maybe = maybe + file->unsure;
    enum flow ended = *flow;
    for (size_t i = 0; ok && i < n->kids.len; i++) {
        const struct node *block = n->kids.at[i];
        if (block->name.len)
            php_array_put(ev->perm, ev->scope->vars, (struct php_key){.s = block->name},
                          php_unknown(ev->perm, S("Exception")));
        if (block->op != OP_QUIET)
            ok = run_maybe(ev, block, out);
        else if (ended == FLOW_NEXT)
            ok = eval_run(ev, block, &ended, out);
    }
    *flow = ended;
    return ok;
}

static void set_variable(struct eval *ev, const struct node *n, struct php_value v)
{
    php_array_put(ev->perm, ev->scope->vars, (struct php_key){.s = n->name}, v);
}

/* run_foreach_maybe runs the body once, with a value that is not known. */
static bool run_foreach_maybe(struct eval *ev, const struct node *n, enum flow *flow,
                              struct php_value *out)
{
    *flow = FLOW_NEXT;
    for (size_t i = 0; i < n->kids.len; i++)
        set_variable(ev, n->kids.at[i], php_unknown(ev->perm, S("")));
    return run_maybe(ev, n->b, out);
}

static bool run_foreach(struct eval *ev, const struct node *n, enum flow *flow,
                        struct php_value *out)
{
    struct php_value over;
    if (!run_value(ev, n->a, false, &over))
        return false;
    if (php_is_unknown(over) && eval_exact(ev))
        return eval_fail(ev, n, ERR_UNSUPPORTED, "what is looped over is not known");
    if (php_is_unknown(over))
        return run_foreach_maybe(ev, n, flow, out);
    if (over.type != PHP_ARRAY)
        return eval_fail(ev, n, ERR_UNSUPPORTED, "only arrays can be looped over");
    struct php_file *file = ev->scope->file;
    int maybe = file->maybe;
    for (size_t i = 0; i < over.a->len; i++) {
        const struct php_entry *entry = &over.a->at[i];
        set_variable(ev, n->kids.at[0], php_deref(entry->value));
        if (n->kids.len > 1)
            set_variable(ev, n->kids.at[1], php_key_value(entry->key));
        if (!eval_step(ev, n, 0) || !eval_run(ev, n->b, flow, out))
            return false;
        if (*flow == FLOW_RETURN)
            return true;
        if (*flow == FLOW_BREAK)
            break;
    }
    /* A break that may not have been met ends with its loop; a return does not. */
    file->maybe = maybe + (file->unsure && file->maybe > maybe);
    *flow = FLOW_NEXT;
    return true;
}

static bool run_node(struct eval *ev, const struct node *n, enum flow *flow,
                     struct php_value *out)
{
    struct php_value ignored;
    *flow = FLOW_NEXT;
    switch (n->kind) {
    case NODE_BLOCK:
        return run_block(ev, n, flow, out);
    case NODE_IF:
        return run_if(ev, n, flow, out);
    case NODE_FOREACH:
        return run_foreach(ev, n, flow, out);
    case NODE_BREAK:
    case NODE_CONTINUE:
        *flow = n->kind == NODE_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
        return true;
    case NODE_UNSET:
        return eval_unset(ev, n);
    case NODE_RETURN:
        *flow = FLOW_RETURN;
        *out = php_null();
        return !n->a || run_value(ev, n->a, true, out);
    case NODE_TRY:
        return run_try(ev, n, flow, out);
    default:
        return eval_node(ev, n, &ignored);
    }
}

bool eval_run(struct eval *ev, const struct node *n, enum flow *flow,
              struct php_value *out)
{
    if (!eval_runner(ev) || eval_exact(ev))
        return run_node(ev, n, flow, out);
    return run_node(ev, n, flow, out) || run_failed(ev, n, flow);
}
