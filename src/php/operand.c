/* Tokens → tree: what stands between operators: variables with their properties and keys,
 * calls, constants, literals. */
#include "php/expr_imp.h"

/* === names === */

static struct str without_root(struct str name)
{
    return str_starts(name, S("\\")) ? str_skip(name, 1) : name;
}

static const struct import *import_of(const struct parser *p, struct str alias,
                                      bool is_function)
{
    for (const struct import *i = p->imports; i; i = i->next)
        if (i->is_function == is_function && str_ieq(i->alias, alias))
            return i;
    return NULL;
}

struct str parse_class_name(struct parser *p, struct str written)
{
    if (str_starts(written, S("\\")))
        return str_copy(p->perm, str_skip(written, 1));
    struct cut c = str_cut(written, '\\');
    const struct import *import = import_of(p, c.head, false);
    if (!import && p->space.len)
        return str_fmt(p->perm, "%.*s\\%.*s", STR_ARG(p->space), STR_ARG(written));
    if (!import)
        return str_copy(p->perm, written);
    if (!c.ok)
        return import->full;
    return str_fmt(p->perm, "%.*s\\%.*s", STR_ARG(import->full), STR_ARG(c.tail));
}

/* Function names have no case. */
static struct str function_name(struct parser *p, struct str written)
{
    const struct import *import = import_of(p, written, true);
    struct str full = import ? import->full : without_root(written);
    return str_lower(p->perm, full);
}

/* === calls, properties, keys === */

static bool at_argument_name(const struct parser *p)
{
    return p->tok.type == TOKEN_NAME && is_op(&p->next, ":");
}

/* named = name ":" expr */
static struct node *parse_named(struct parser *p)
{
    struct node *n = new_node(p, NODE_ITEM, &p->tok);
    n->name = str_copy(p->perm, p->tok.text);
    parse_advance(p);
    parse_advance(p);
    struct node *value = parse_expr(p);
    return value && adopt(p, n, NULL, value, NULL) ? n : NULL;
}

/* arguments = "(" [expr {"," expr} [","]] ")" */
static bool parse_arguments(struct parser *p, struct node *call)
{
    if (!expect_op(p, "("))
        return false;
    while (!at_op(p, ")")) {
        bool spread = at_op(p, "...");
        if (spread && (!p->is_file || is_op(&p->next, ")")))
            fail_unsupported(p, &p->tok, "\"...\" in a call is not supported");
        else if (at_argument_name(p) && !p->is_class)
            fail_unsupported(p, &p->tok, "named arguments are not supported");
        if (p->e->kind != ERR_NONE)
            return false;
        struct token start = p->tok;
        if (spread)
            parse_advance(p);
        struct node *arg = at_argument_name(p) ? parse_named(p) : parse_expr(p);
        if (arg && spread) {
            struct node *all = new_node(p, NODE_ITEM, &start);
            all->op = OP_SPREAD;
            arg = adopt(p, all, NULL, arg, NULL) ? all : NULL;
        }
        if (!arg || !add_kid(p, call, arg))
            return false;
        if (!take_op(p, ","))
            break;
    }
    return expect_op(p, ")");
}

/* member = "->" name [arguments] */
static struct node *parse_member(struct parser *p, struct node *object)
{
    struct node *n = new_node(p, NODE_PROP, &p->tok);
    n->nullsafe = at_op(p, "?->");
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME && p->tok.type != TOKEN_END)
        return fail_unsupported(p, &p->tok, "a computed property is not supported");
    if (p->tok.type == TOKEN_END || str_has(p->tok.text, S("\\")))
        return fail_unexpected(p);
    n->name = str_copy(p->perm, p->tok.text);
    parse_advance(p);
    if (!adopt(p, n, object, NULL, NULL))
        return NULL;
    if (!at_op(p, "("))
        return n;
    n->kind = NODE_METHOD;
    return parse_arguments(p, n) ? n : NULL;
}

/* index = "[" expr "]" */
static struct node *parse_index(struct parser *p, struct node *base)
{
    struct node *n = new_node(p, NODE_INDEX, &p->tok);
    parse_advance(p);
    /* $list[] = …, in a file */
    if (at_op(p, "]") && p->is_file && is_op(&p->next, "=")) {
        parse_advance(p);
        n->op = OP_PUSH;
        return adopt(p, n, base, NULL, NULL) ? n : NULL;
    }
    if (at_op(p, "]"))
        return fail_syntax(p, &p->tok, "Cannot use [] for reading");
    struct node *key = parse_expr(p);
    if (!key || !expect_op(p, "]"))
        return NULL;
    return adopt(p, n, base, key, NULL) ? n : NULL;
}

static struct node *parse_invoke(struct parser *p, struct node *callee)
{
    struct node *n = new_node(p, NODE_INVOKE, &p->tok);
    return adopt(p, n, callee, NULL, NULL) && parse_arguments(p, n) ? n : NULL;
}

static struct node *parse_tail(struct parser *p, struct node *n)
{
    while (n) {
        if (at_op(p, "->") || at_op(p, "?->"))
            n = parse_member(p, n);
        else if (at_op(p, "["))
            n = parse_index(p, n);
        else if (at_op(p, "(") && p->is_file)
            n = parse_invoke(p, n);
        else if (at_op(p, "(") || at_op(p, "::"))
            n = fail_unsupported(p, &p->tok, "a call through a value is not supported");
        else
            break;
    }
    return n;
}

/* === what stands between operators === */

/* isset = "isset" "(" expr {"," expr} [","] ")" */
static struct node *parse_isset(struct parser *p)
{
    struct node *n = new_node(p, NODE_ISSET, &p->tok);
    parse_advance(p);
    struct token open = p->tok;
    if (!parse_arguments(p, n))
        return NULL;
    if (n->kids.len == 0)
        return fail_syntax(p, &open, "isset() needs a variable");
    for (size_t i = 0; i < n->kids.len; i++) {
        enum node_kind kind = n->kids.at[i]->kind;
        if (kind != NODE_VARIABLE && kind != NODE_INDEX && kind != NODE_PROP)
            return fail_syntax(p, &open,
                               "Cannot use isset() on the result of an expression");
    }
    return n;
}

static struct node *parse_empty(struct parser *p)
{
    struct node *n = new_node(p, NODE_EMPTY, &p->tok);
    parse_advance(p);
    if (!expect_op(p, "("))
        return NULL;
    struct node *a = parse_expr(p);
    if (!a || !expect_op(p, ")"))
        return NULL;
    return adopt(p, n, a, NULL, NULL) ? n : NULL;
}

/* arm = ("default" | expr {"," expr}) [","] "=>" expr */
static struct node *parse_arm(struct parser *p)
{
    struct node *n = new_node(p, NODE_ARM, &p->tok);
    bool is_default = at_word(p, "default");
    if (is_default)
        parse_advance(p);
    while (!is_default && !at_op(p, "=>")) {
        struct node *condition = parse_expr(p);
        if (!condition || !add_kid(p, n, condition))
            return NULL;
        if (!take_op(p, ","))
            break;
    }
    if (is_default)
        take_op(p, ",");
    if (!is_default && n->kids.len == 0)
        return fail_unexpected(p);
    if (!expect_op(p, "=>"))
        return NULL;
    struct node *a = parse_expr(p);
    return a && adopt(p, n, a, NULL, NULL) ? n : NULL;
}

/* match = "match" "(" expr ")" "{" [arm {"," arm} [","]] "}" */
static struct node *parse_match(struct parser *p)
{
    struct node *n = new_node(p, NODE_MATCH, &p->tok);
    bool has_default = false;
    parse_advance(p);
    if (!expect_op(p, "("))
        return NULL;
    struct node *subject = parse_expr(p);
    if (!subject || !adopt(p, n, subject, NULL, NULL))
        return NULL;
    if (!expect_op(p, ")") || !expect_op(p, "{"))
        return NULL;
    while (!at_op(p, "}")) {
        struct token start = p->tok;
        struct node *arm = parse_arm(p);
        if (!arm || !add_kid(p, n, arm))
            return NULL;
        if (arm->kids.len == 0 && has_default)
            return fail_syntax(p, &start,
                               "Match expressions may only contain one "
                               "default arm");
        has_default = has_default || arm->kids.len == 0;
        if (!take_op(p, ","))
            break;
    }
    return expect_op(p, "}") ? n : NULL;
}

static struct node *parse_parens(struct parser *p)
{
    parse_advance(p);
    struct node *n = parse_expr(p);
    if (!n || !expect_op(p, ")"))
        return NULL;
    if (n->kind == NODE_TERNARY)
        n->in_parens = true;
    return n;
}

/* at_relative: self, static or parent, which mean a class by where they stand. */
static const char *at_relative(const struct parser *p)
{
    static const char *const relative[] = {"self", "static", "parent"};
    for (size_t i = 0; i < COUNT(relative); i++)
        if (at_word(p, relative[i]))
            return relative[i];
    return NULL;
}

/* class = Name "::" ("class" | name | name arguments) */
static struct node *parse_class(struct parser *p)
{
    struct node *n = new_node(p, NODE_CONST, &p->tok);
    const char *relative = at_relative(p);
    if (relative && !p->is_class)
        return fail_unsupported(p, &p->tok, "%s:: is not supported", relative);
    n->class_name = relative ? str_from(relative) : parse_class_name(p, p->tok.text);
    if (relative && is_op(&p->next, "::") && p->class_name.len && *relative != 'p')
        n->class_name = p->class_name;
    parse_advance(p);
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME || str_has(p->tok.text, S("\\")))
        return fail_unsupported(p, &p->tok, "a static property is not supported");
    bool is_class = at_word(p, "class");
    n->name = str_copy(p->perm, p->tok.text);
    parse_advance(p);
    if (is_class && !at_op(p, "(")) {
        n->kind = NODE_VALUE;
        n->value = php_string(n->class_name);
    }
    if (!at_op(p, "("))
        return n;
    n->kind = NODE_STATIC;
    if (!p->is_file || p->is_class)
        n->class_name = php_class_alias(n->class_name);
    n->builtin = php_builtin(n->class_name, n->name);
    return parse_arguments(p, n) ? n : NULL;
}

static struct node *value_node(struct parser *p, const struct token *t,
                               struct php_value v)
{
    struct node *n = new_node(p, NODE_VALUE, t);
    n->value = v;
    return n;
}

static bool magic_constant(struct parser *p, struct php_value *out)
{
    if (at_word(p, "__LINE__"))
        *out = php_int(p->tok.line);
    else if (at_word(p, "__DIR__") && p->dir.len)
        *out = php_string(p->dir);
    else if (at_word(p, "__FILE__") && p->real.len)
        *out = php_string(p->real);
    else
        return false;
    return true;
}

static bool plain_constant(const struct parser *p, struct php_value *out)
{
    struct str name = without_root(p->tok.text);
    if (str_ieq(name, S("true")) || str_ieq(name, S("false")))
        *out = php_bool(name.len == 4);
    else if (str_ieq(name, S("null")))
        *out = php_null();
    else
        return false;
    return true;
}

static struct node *parse_constant(struct parser *p)
{
    struct php_value v;
    struct token t = p->tok;
    if (plain_constant(p, &v) || magic_constant(p, &v)) {
        parse_advance(p);
        return value_node(p, &t, v);
    }
    if (str_starts(t.text, S("__")))
        return fail_unsupported(p, &t, "%.*s is not supported", STR_ARG(t.text));
    struct node *n = new_node(p, NODE_CONST, &t);
    n->name = str_copy(p->perm, without_root(t.text));
    parse_advance(p);
    return n;
}

/* new = "new" Name [arguments] */
static struct node *parse_new(struct parser *p)
{
    struct node *n = new_node(p, NODE_NEW, &p->tok);
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME || at_word(p, "class"))
        return fail_unsupported(p, &p->tok, "this \"new\" is not supported");
    const char *relative = at_relative(p);
    n->class_name =
        relative && p->class_name.len ? p->class_name : parse_class_name(p, p->tok.text);
    if (relative && *relative == 'p')
        return fail_unsupported(p, &p->tok, "new parent is not supported");
    parse_advance(p);
    return !at_op(p, "(") || parse_arguments(p, n) ? n : NULL;
}

/* define = "define" "(" name "," value ")" | "defined" "(" name ")" */
static struct node *parse_define(struct parser *p)
{
    struct node *n = new_node(p, NODE_DEFINE, &p->tok);
    struct token start = p->tok;
    n->name = str_lower(p->perm, p->tok.text);
    parse_advance(p);
    if (!parse_arguments(p, n))
        return NULL;
    if (n->kids.len == (str_eq(n->name, S("define")) ? 2u : 1u))
        return n;
    return fail_unsupported(p, &start, "this %.*s() is not supported", STR_ARG(n->name));
}

/* Words with an operand: require, include, throw, … */
static struct node *parse_word(struct parser *p, enum node_kind kind)
{
    struct node *n = new_node(p, kind, &p->tok);
    n->name = str_lower(p->perm, p->tok.text);
    parse_advance(p);
    struct node *a = parse_expr(p);
    return a && adopt(p, n, a, NULL, NULL) ? n : NULL;
}

static const struct {
    const char *word;
    enum node_kind kind;
} file_words[] = {
    {"include", NODE_INCLUDE},      {"require", NODE_INCLUDE},
    {"include_once", NODE_INCLUDE}, {"require_once", NODE_INCLUDE},
    {"throw", NODE_THROW},
};

/* parse_file_word parses what only a file may have; *taken: there was such a word. */
static struct node *parse_file_word(struct parser *p, bool *taken)
{
    *taken = p->is_file;
    if (!p->is_file)
        return NULL;
    if (at_closure(p))
        return parse_closure(p);
    if (at_word(p, "new"))
        return parse_new(p);
    for (size_t i = 0; i < COUNT(file_words); i++)
        if (at_word(p, file_words[i].word))
            return parse_word(p, file_words[i].kind);
    *taken = false;
    return NULL;
}

/* Words that begin what the subset does not have. */
static const char *const unsupported_words[] = {
    "new",     "clone",   "fn",           "function", "static",       "print",
    "include", "require", "include_once", "exit",     "require_once", "die",
    "throw",   "yield",   "list",         "eval",
};

static struct node *parse_name(struct parser *p)
{
    bool is_call = is_op(&p->next, "(");
    if (is_op(&p->next, "::"))
        return parse_class(p);
    if (at_word(p, "isset"))
        return parse_isset(p);
    if (at_word(p, "empty"))
        return parse_empty(p);
    if (at_word(p, "match") && is_call)
        return parse_match(p);
    if (at_word(p, "array") && is_call) {
        parse_advance(p);
        return parse_array(p, ")");
    }
    if (p->is_file && is_call && (at_word(p, "define") || at_word(p, "defined")))
        return parse_define(p);
    bool taken;
    struct node *file_word = parse_file_word(p, &taken);
    if (taken)
        return file_word;
    for (size_t i = 0; i < COUNT(unsupported_words); i++)
        if (at_word(p, unsupported_words[i]))
            return fail_unsupported(p, &p->tok, "\"%s\" is not supported",
                                    unsupported_words[i]);
    if (at_operator(p))
        return fail_unexpected(p);
    if (!is_call)
        return parse_constant(p);
    struct node *n = new_node(p, NODE_CALL, &p->tok);
    n->name = function_name(p, p->tok.text);
    n->builtin = php_builtin(S(""), n->name);
    parse_advance(p);
    return parse_arguments(p, n) ? n : NULL;
}

static struct node *parse_variable(struct parser *p)
{
    struct node *n = new_node(p, NODE_VARIABLE, &p->tok);
    n->name = str_copy(p->perm, str_skip(p->tok.text, 1));
    parse_advance(p);
    return n;
}

struct node *parse_operand(struct parser *p)
{
    switch (p->tok.type) {
    case TOKEN_VARIABLE:
        return parse_tail(p, parse_variable(p));
    case TOKEN_INT:
    case TOKEN_FLOAT:
        return parse_number(p);
    case TOKEN_STRING:
        return parse_tail(p, parse_string(p));
    case TOKEN_TEMPLATE:
        return parse_tail(p, parse_template(p));
    case TOKEN_HEREDOC:
        return parse_tail(p, parse_heredoc(p));
    case TOKEN_NAME:
        return parse_tail(p, parse_name(p));
    case TOKEN_OP:
        if (at_op(p, "("))
            return parse_tail(p, parse_parens(p));
        if (at_op(p, "["))
            return parse_tail(p, parse_array(p, "]"));
        if (at_op(p, "$") || at_op(p, "`"))
            return fail_unsupported(p, &p->tok, "%.*s is not supported",
                                    STR_ARG(p->tok.text));
        break;
    case TOKEN_CAST:
    case TOKEN_END:
    case TOKEN_BAD:
        break;
    }
    return fail_unexpected(p);
}
