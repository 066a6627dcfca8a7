/* Closures of a file: `fn` and `function` as values that functions like array_map call.
 */
#include "php/expr_imp.h"
#include "php/fn_imp.h"

struct closure {
    const struct node *node;
    struct php_array *bound; /* variables it was made with */
    const char *file;
    struct php_file *state;
    const struct php_declared *declared; /* the class it was written in; NULL: none */
};

const struct php_class php_closure_class = {
    .name = "Closure",
    .methods = (const struct php_function[]){{NULL, 0, 0, NULL}},
};

/* === parsing === */

bool at_closure(const struct parser *p)
{
    bool is_static = at_word(p, "static");
    const struct token *word = is_static ? &p->next : &p->tok;
    if (word->type != TOKEN_NAME)
        return false;
    if (is_static)
        return str_ieq(word->text, S("fn")) || str_ieq(word->text, S("function"));
    bool opens = is_op(&p->next, "(") || is_op(&p->next, "&");
    return opens && (at_word(p, "fn") || at_word(p, "function"));
}

/* type = ["?"] Name {("|" | "&") Name}; *simple: the name of one that stands alone. */
static bool parse_type(struct parser *p, struct str *simple)
{
    bool alone = !take_op(p, "?");
    *simple = S("");
    while (p->tok.type == TOKEN_NAME) {
        *simple = str_copy(p->perm, p->tok.text);
        parse_advance(p);
        bool more = at_op(p, "|") || (at_op(p, "&") && p->next.type == TOKEN_NAME);
        if (!more)
            break;
        alone = false;
        parse_advance(p);
    }
    if (!alone)
        *simple = S("");
    return true;
}

/* skip_modifiers: what a promoted parameter of a constructor begins with. */
static bool skip_modifiers(struct parser *p)
{
    static const char *const words[] = {"public", "protected", "private", "readonly"};
    bool any = false;
    for (size_t i = 0; i < COUNT(words) && p->is_class; i++)
        if (at_word(p, words[i])) {
            parse_advance(p);
            any = true;
            i = SIZE_MAX; /* from the start */
        }
    return any;
}

/* parameter_type is parse_type whose class has its full name, in a class. */
static bool parameter_type(struct parser *p, struct node *n)
{
    static const char *const own[] = {"int",   "float",    "string",   "bool",
                                      "array", "callable", "iterable", "object",
                                      "mixed", "self",     "static",   "null"};
    if (!parse_type(p, &n->class_name))
        return false;
    for (size_t i = 0; i < COUNT(own); i++)
        if (str_ieq(n->class_name, str_from(own[i])))
            return true;
    if (p->is_class && n->class_name.len)
        n->class_name = parse_class_name(p, n->class_name);
    return true;
}

/* param = [type] ["..."] $name ["=" expr] */
static struct node *parse_param(struct parser *p)
{
    struct node *n = new_node(p, NODE_PARAM, &p->tok);
    n->promoted = skip_modifiers(p);
    if (!parameter_type(p, n))
        return NULL;
    if (take_op(p, "..."))
        n->op = OP_SPREAD;
    if (p->tok.type != TOKEN_VARIABLE)
        return fail_unsupported(p, &p->tok, "this parameter is not supported");
    n->name = str_copy(p->perm, str_skip(p->tok.text, 1));
    parse_advance(p);
    if (!take_op(p, "="))
        return n;
    struct node *otherwise = parse_expr(p);
    return otherwise && adopt(p, n, otherwise, NULL, NULL) ? n : NULL;
}

static bool parse_params(struct parser *p, struct node *n)
{
    if (at_op(p, "&"))
        fail_unsupported(p, &p->tok, "a reference is not supported");
    if (p->e->kind != ERR_NONE || !expect_op(p, "("))
        return false;
    while (!at_op(p, ")")) {
        struct node *param = parse_param(p);
        if (!param || !add_kid(p, n, param))
            return false;
        if (!take_op(p, ","))
            break;
    }
    return expect_op(p, ")");
}

bool parse_signature(struct parser *p, struct node *n)
{
    return parse_params(p, n) && (!take_op(p, ":") || parse_type(p, &n->class_name));
}

/* uses = ["use" "(" $name {"," $name} ")"] */
static struct node *parse_uses(struct parser *p)
{
    struct node *n = new_node(p, NODE_BLOCK, &p->tok);
    if (!at_word(p, "use"))
        return n;
    parse_advance(p);
    if (!expect_op(p, "("))
        return NULL;
    while (!at_op(p, ")")) {
        if (p->tok.type != TOKEN_VARIABLE)
            return fail_unsupported(p, &p->tok, "a reference is not supported");
        struct node *name = new_node(p, NODE_VARIABLE, &p->tok);
        name->name = str_copy(p->perm, str_skip(p->tok.text, 1));
        parse_advance(p);
        if (!add_kid(p, n, name))
            return NULL;
        if (!take_op(p, ","))
            break;
    }
    return expect_op(p, ")") ? n : NULL;
}

/* closure = ["static"] ("fn" params [":" type] "=>" expr
 *           | "function" params [uses] [":" type] block) */
struct node *parse_closure(struct parser *p)
{
    struct node *n = new_node(p, NODE_CLOSURE, &p->tok), *uses = NULL, *body;
    if (at_word(p, "static"))
        parse_advance(p);
    bool is_arrow = at_word(p, "fn");
    parse_advance(p);
    if (!parse_params(p, n))
        return NULL;
    if (!is_arrow && !(uses = parse_uses(p)))
        return NULL;
    if (take_op(p, ":") && !parse_type(p, &n->class_name))
        return NULL;
    if (is_arrow && !expect_op(p, "=>"))
        return NULL;
    body = is_arrow ? parse_expr(p) : parse_block(p);
    return body && adopt(p, n, body, uses, NULL) ? n : NULL;
}

/* === making one === */

static void bind_entry(struct eval *ev, struct php_array *bound,
                       const struct php_entry *entry)
{
    if (entry->value.type == PHP_ARRAY)
        entry->value.a->unshared = false;
    php_array_copy(ev->perm, bound, entry, false);
}

static void bind(struct eval *ev, struct php_array *bound, struct str name)
{
    const struct php_array *vars = ev->scope->vars;
    for (size_t i = 0; i < vars->len; i++)
        if (str_eq(vars->at[i].key.s, name))
            bind_entry(ev, bound, &vars->at[i]);
}

bool eval_closure(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct closure *closure = NEW(ev->perm, struct closure, 1);
    struct php_object *o = php_object_new(ev->perm, PHP_NATIVE, S("Closure"));
    *closure = (struct closure){n, php_array_new(ev->perm), ev->file, ev->scope->file,
                                ev->scope->file->declared};
    /* An arrow function sees all variables, as they are now. */
    const struct php_array *vars = ev->scope->vars;
    for (size_t i = 0; !n->b && i < vars->len; i++)
        bind_entry(ev, closure->bound, &vars->at[i]);
    for (size_t i = 0; n->b && i < n->b->kids.len; i++)
        bind(ev, closure->bound, n->b->kids.at[i]->name);
    if (n->b)
        bind(ev, closure->bound, S("this"));
    o->native = &php_closure_class;
    o->data = closure;
    *out = php_from_object(o);
    return true;
}

/* === calling one === */

/* check_type refuses what PHP would convert, or throw at. */
static bool check_type(struct eval *ev, const struct node *n, struct php_value v)
{
    static const char *const scalars[] = {"int", "float", "string", "bool", "array"};
    struct str type = php_type_name(v);
    if (php_is_unknown(v))
        return true;
    for (size_t i = 0; i < COUNT(scalars); i++)
        if (str_ieq(n->class_name, str_from(scalars[i])) && !str_ieq(n->class_name, type))
            return eval_fail(ev, n, ERR_UNSUPPORTED,
                             "a closure is given or gives %.*s where its type is %s",
                             STR_ARG(type), scalars[i]);
    return true;
}

/* not_given is a parameter without an argument and without a default. With a runner it is
 * what Laravel's container would give it. */
static bool not_given(struct eval *ev, const struct node *n, const struct node *param,
                      const struct php_call *c, struct php_value *out)
{
    if (!eval_runner(ev))
        return eval_fail(ev, n, ERR_JOB, "Too few arguments to a closure, %zu passed",
                         c->len);
    if (eval_exact(ev))
        return eval_fail(ev, n, ERR_UNSUPPORTED, "what $%.*s is given here is not known",
                         STR_ARG(param->name));
    *out = php_unknown(ev->perm, param->class_name);
    return true;
}

/* promote: a constructor's parameter that is a property, too. */
static void promote(struct eval *ev, const struct node *param, struct php_value v)
{
    struct php_value this = php_null();
    const struct php_value *found =
        php_array_lookup(ev->scope->vars, (struct php_key){.s = S("this")});
    if (found)
        this = *found;
    if (this.type == PHP_OBJECT && this.o->kind == PHP_PLAIN)
        php_array_put(ev->perm, this.o->props, (struct php_key){.s = param->name}, v);
}

bool closure_params(struct eval *ev, const struct node *n, const struct php_call *c)
{
    for (size_t i = 0; i < n->kids.len; i++) {
        const struct node *param = n->kids.at[i];
        struct php_value v = php_null();
        if (param->op == OP_SPREAD) {
            struct php_array *rest = php_array_new(ev->perm);
            for (; i < c->len; i++)
                php_array_push(ev->perm, rest, c->args[i]);
            v = php_from_array(rest);
        } else if (i < c->len) {
            v = c->args[i];
            if (!check_type(ev, param, v))
                return false;
        } else if (!param->a) {
            if (!not_given(ev, n, param, c, &v))
                return false;
        } else if (!eval_node(ev, param->a, &v)) {
            return false;
        }
        php_array_put(ev->perm, ev->scope->vars, (struct php_key){.s = param->name}, v);
        if (param->promoted)
            promote(ev, param, v);
    }
    return true;
}

static bool run_body(struct eval *ev, const struct node *n, struct php_value *out)
{
    enum flow flow;
    if (n->a->kind == NODE_BLOCK)
        return eval_run(ev, n->a, &flow, out);
    return eval_node(ev, n->a, out);
}

/* closure_body: what a branch leaves behind ends with the function. */
bool closure_body(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    int maybe = file->maybe, sure = file->sure;
    bool unsure = file->unsure;
    file->sure = maybe;
    file->unsure = false;
    bool ok = run_body(ev, n, out);
    if (file->unsure)
        eval_top(ev, out);
    file->maybe = maybe;
    file->sure = sure;
    file->unsure = unsure;
    return ok;
}

bool closure_call(const struct php_object *o, struct php_call *c)
{
    const struct closure *closure = o->data;
    struct php_scope scope = {php_array_new(c->perm), c->scope->host, closure->state};
    struct eval ev = {&scope, c->perm, closure->file, c->e};
    const struct node *n = closure->node;
    for (size_t i = 0; i < closure->bound->len; i++)
        php_array_copy(c->perm, scope.vars, &closure->bound->at[i], false);
    const struct php_declared *outer = closure->state->declared;
    closure->state->declared = closure->declared;
    *c->result = php_null();
    bool ok = eval_step(&ev, n, 1) && closure_params(&ev, n, c) &&
              closure_body(&ev, n, c->result) && check_type(&ev, n, *c->result);
    closure->state->depth--;
    closure->state->declared = outer;
    return ok;
}
