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

static const struct {
    const char *word;
    struct node *(*parse)(struct parser *p);
} statements[] = {
    {"if", parse_if},       {"foreach", parse_foreach},   {"return", parse_return},
    {"break", parse_break}, {"continue", parse_continue}, {"const", parse_const},
};

static const char *const unsupported[] = {
    "while",  "for",       "do",        "switch", "try",     "echo",   "unset",
    "global", "goto",      "class",     "trait",  "enum",    "static", "print",
    "final",  "interface", "namespace", "use",    "declare",
};

static struct node *parse_statement(struct parser *p)
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

/* store_element puts v into the array that is the value of target->a. */
static bool store_element(struct eval *ev, const struct node *target, struct php_value v)
{
    struct php_value base = php_null();
    struct php_key key;
    struct node null = {.kind = NODE_VALUE};
    struct node quiet = {.kind = NODE_COALESCE, .a = target->a, .b = &null};
    if (target->op != OP_PUSH && !key_of(ev, target, &key))
        return false;
    bool unshared = is_unshared(ev, target->a);
    if (!eval_node(ev, &quiet, &base))
        return false;
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

static bool store(struct eval *ev, const struct node *target, struct php_value v)
{
    if (target->kind == NODE_INDEX)
        return store_element(ev, target, v);
    struct php_key name = {.s = target->name};
    php_array_put(ev->perm, ev->scope->vars, name, v);
    php_array_mark(ev->scope->vars, name, ev->scope->file->origin);
    return true;
}

/* new_value computes what is assigned. Where it cannot be, a plain variable holds a hole,
 * told of where it is used. */
static bool new_value(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value old;
    if (n->op != OP_NONE && !eval_node(ev, n->a, &old))
        return false;
    if (!eval_literal(ev, n->b, out)) {
        if (n->op != OP_NONE || n->a->kind != NODE_VARIABLE)
            return false;
        *out = eval_hole(ev->perm, ev->e);
        return true;
    }
    if (n->op == OP_NONE)
        return true;
    return php_binary(n->op, old, *out, ev->perm, out, ev->e) ||
           err_place(ev->e, ev->file, n->line, n->col);
}

static bool assign(struct eval *ev, const struct node *n, struct php_value *out)
{
    if (n->op == OP_COALESCE) {
        struct node null = {.kind = NODE_VALUE};
        struct node quiet = {.kind = NODE_COALESCE, .a = n->a, .b = &null};
        struct node plain = *n;
        if (!eval_node(ev, &quiet, out))
            return false;
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

static bool run_block(struct eval *ev, const struct node *n, enum flow *flow,
                      struct php_value *out)
{
    *flow = FLOW_NEXT;
    for (size_t i = 0; i < n->kids.len && *flow == FLOW_NEXT; i++)
        if (!eval_run(ev, n->kids.at[i], flow, out))
            return false;
    return true;
}

static bool run_if(struct eval *ev, const struct node *n, enum flow *flow,
                   struct php_value *out)
{
    struct php_value condition;
    if (!eval_node(ev, n->a, &condition))
        return false;
    const struct node *branch = php_truthy(condition) ? n->b : n->c;
    return !branch || eval_run(ev, branch, flow, out);
}

static void set_variable(struct eval *ev, const struct node *n, struct php_value v)
{
    php_array_put(ev->perm, ev->scope->vars, (struct php_key){.s = n->name}, v);
}

static bool run_foreach(struct eval *ev, const struct node *n, enum flow *flow,
                        struct php_value *out)
{
    struct php_value over;
    if (!eval_node(ev, n->a, &over))
        return false;
    if (over.type != PHP_ARRAY)
        return eval_fail(ev, n, ERR_UNSUPPORTED, "only arrays can be looped over");
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
    *flow = FLOW_NEXT;
    return true;
}

bool eval_run(struct eval *ev, const struct node *n, enum flow *flow,
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
    case NODE_RETURN:
        *flow = FLOW_RETURN;
        *out = php_null();
        return !n->a || eval_literal(ev, n->a, out);
    default:
        return eval_node(ev, n, &ignored);
    }
}
