/* Tokens → tree: what the parser stands on, and operators by their precedence; operand.c
 * parses what stands between them.
 *
 * The grammar is PHP 8.2's. What PHP has and the subset has not is told apart from
 * syntax errors, since in a config file only the former leaves the rest usable. */
#include <stdio.h>

#include "php/expr_imp.h"

/* Nesting of the source, and the height of its tree: bounds of the stack. */
enum { MAX_DEPTH = 200, MAX_HEIGHT = 600 };

/* === tokens === */

void parse_advance(struct parser *p)
{
    p->tok = p->next;
    p->next = lex_next(&p->lx);
}

void parse_start(struct parser *p, struct str src, struct php_place place)
{
    p->file = place.file;
    p->lx = lex_start(src, place);
    p->next = lex_next(&p->lx);
    parse_advance(p);
}

bool is_op(const struct token *t, const char *op)
{
    return t->type == TOKEN_OP && str_eq(t->text, str_from(op));
}

bool at_op(const struct parser *p, const char *op)
{
    return is_op(&p->tok, op);
}

bool at_word(const struct parser *p, const char *word)
{
    return p->tok.type == TOKEN_NAME && str_ieq(p->tok.text, str_from(word));
}

bool take_op(struct parser *p, const char *op)
{
    if (!at_op(p, op))
        return false;
    parse_advance(p);
    return true;
}

bool expect_op(struct parser *p, const char *op)
{
    if (take_op(p, op))
        return true;
    fail_unexpected(p);
    return false;
}

/* === errors === */

static struct node *fail_at(struct parser *p, const struct token *t, const char *fmt,
                            va_list ap) PRINTF(3, 0);

static struct node *fail_at(struct parser *p, const struct token *t, const char *fmt,
                            va_list ap)
{
    char text[512];
    vsnprintf(text, sizeof(text), fmt, ap);
    err_set(p->e, ERR_UNSUPPORTED, "%s", text);
    err_place(p->e, p->file, t->line, t->col);
    return NULL;
}

struct node *fail_syntax(struct parser *p, const struct token *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    p->is_syntax = p->is_syntax || p->e->kind == ERR_NONE;
    fail_at(p, t, fmt, ap);
    va_end(ap);
    return NULL;
}

struct node *fail_unsupported(struct parser *p, const struct token *t, const char *fmt,
                              ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail_at(p, t, fmt, ap);
    va_end(ap);
    return NULL;
}

struct node *fail_unexpected(struct parser *p)
{
    static const char *const kinds[] = {
        [TOKEN_VARIABLE] = "variable",
        [TOKEN_NAME] = "identifier",
        [TOKEN_INT] = "integer",
        [TOKEN_FLOAT] = "floating-point number",
        [TOKEN_STRING] = "single-quoted string",
        [TOKEN_TEMPLATE] = "double-quoted string",
        [TOKEN_HEREDOC] = "heredoc",
        [TOKEN_CAST] = "token",
        [TOKEN_OP] = "token",
    };
    const struct token *t = &p->tok;
    if (t->type == TOKEN_END)
        return fail_syntax(p, t, "syntax error, unexpected end of the expression");
    if (t->type == TOKEN_BAD)
        return fail_syntax(p, t, "syntax error, %s", t->error);
    bool quoted = t->type == TOKEN_STRING || t->type == TOKEN_TEMPLATE;
    struct str text = quoted ? str_sub(t->text, 1, t->text.len - 2) : t->text;
    text = str_sub(text, 0, 60);
    return fail_syntax(p, t, "syntax error, unexpected %s \"%.*s\"", kinds[t->type],
                       STR_ARG(text));
}

/* === nodes === */

struct node *new_node(struct parser *p, enum node_kind kind, const struct token *t)
{
    struct node *n = NEW(p->perm, struct node, 1);
    n->kind = kind;
    n->line = t->line;
    n->col = t->col;
    return n;
}

static bool grow(struct parser *p, struct node *n, const struct node *kid)
{
    if (kid && n->height <= kid->height)
        n->height = kid->height + 1;
    if (n->height <= MAX_HEIGHT)
        return true;
    struct token t = {.line = n->line, .col = n->col};
    fail_unsupported(p, &t, "the expression is nested too deeply");
    return false;
}

bool add_kid(struct parser *p, struct node *n, struct node *kid)
{
    VEC_PUSH(p->perm, &n->kids, kid);
    return grow(p, n, kid);
}

bool adopt(struct parser *p, struct node *n, struct node *a, struct node *b,
           struct node *c)
{
    n->a = a;
    n->b = b;
    n->c = c;
    return grow(p, n, a) && grow(p, n, b) && grow(p, n, c);
}

/* === operators === */

/* How tightly operators bind, loosest first. */
enum precedence {
    PREC_NONE,
    PREC_WORD_OR,
    PREC_WORD_XOR,
    PREC_WORD_AND,
    PREC_ASSIGN,
    PREC_TERNARY,
    PREC_COALESCE,
    PREC_OR,
    PREC_AND,
    PREC_BIT_OR,
    PREC_BIT_XOR,
    PREC_BIT_AND,
    PREC_EQUALITY,
    PREC_COMPARISON,
    PREC_CONCAT,
    PREC_SHIFT,
    PREC_ADD,
    PREC_MUL,
    PREC_NOT,
    PREC_INSTANCEOF,
    PREC_UNARY,
    PREC_POW,
};

enum associativity { LEFT, RIGHT, NEITHER };

struct operator
{
    const char *text;
    enum precedence precedence;
    enum associativity associativity;
    enum node_kind kind;
    enum php_op op;
    const char *unsupported;
};

static const struct operator operators[] = {
    {"or", PREC_WORD_OR, LEFT, NODE_OR, OP_NONE, NULL},
    {"xor", PREC_WORD_XOR, LEFT, NODE_BINARY, OP_XOR, NULL},
    {"and", PREC_WORD_AND, LEFT, NODE_AND, OP_NONE, NULL},
    {"?", PREC_TERNARY, LEFT, NODE_TERNARY, OP_NONE, NULL},
    {"??", PREC_COALESCE, RIGHT, NODE_COALESCE, OP_NONE, NULL},
    {"||", PREC_OR, LEFT, NODE_OR, OP_NONE, NULL},
    {"&&", PREC_AND, LEFT, NODE_AND, OP_NONE, NULL},
    {"|", PREC_BIT_OR, LEFT, NODE_BINARY, OP_BIT_OR, NULL},
    {"^", PREC_BIT_XOR, LEFT, NODE_BINARY, OP_BIT_XOR, NULL},
    {"&", PREC_BIT_AND, LEFT, NODE_BINARY, OP_BIT_AND, NULL},
    {"==", PREC_EQUALITY, NEITHER, NODE_BINARY, OP_EQUAL, NULL},
    {"!=", PREC_EQUALITY, NEITHER, NODE_BINARY, OP_NOT_EQUAL, NULL},
    {"<>", PREC_EQUALITY, NEITHER, NODE_BINARY, OP_NOT_EQUAL, NULL},
    {"===", PREC_EQUALITY, NEITHER, NODE_BINARY, OP_IDENTICAL, NULL},
    {"!==", PREC_EQUALITY, NEITHER, NODE_BINARY, OP_NOT_IDENTICAL, NULL},
    {"<=>", PREC_EQUALITY, NEITHER, NODE_BINARY, OP_SPACESHIP, NULL},
    {"<", PREC_COMPARISON, NEITHER, NODE_BINARY, OP_LESS, NULL},
    {"<=", PREC_COMPARISON, NEITHER, NODE_BINARY, OP_LESS_EQUAL, NULL},
    {">", PREC_COMPARISON, NEITHER, NODE_BINARY, OP_GREATER, NULL},
    {">=", PREC_COMPARISON, NEITHER, NODE_BINARY, OP_GREATER_EQUAL, NULL},
    {".", PREC_CONCAT, LEFT, NODE_BINARY, OP_CONCAT, NULL},
    {"<<", PREC_SHIFT, LEFT, NODE_BINARY, OP_SHIFT_LEFT, NULL},
    {">>", PREC_SHIFT, LEFT, NODE_BINARY, OP_SHIFT_RIGHT, NULL},
    {"+", PREC_ADD, LEFT, NODE_BINARY, OP_ADD, NULL},
    {"-", PREC_ADD, LEFT, NODE_BINARY, OP_SUB, NULL},
    {"*", PREC_MUL, LEFT, NODE_BINARY, OP_MUL, NULL},
    {"/", PREC_MUL, LEFT, NODE_BINARY, OP_DIV, NULL},
    {"%", PREC_MUL, LEFT, NODE_BINARY, OP_MOD, NULL},
    {"**", PREC_POW, RIGHT, NODE_BINARY, OP_POW, NULL},
    {"instanceof", PREC_INSTANCEOF, LEFT, NODE_BINARY, OP_NONE, "instanceof"},
    {"=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_NONE, "an assignment"},
    {"+=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_ADD, "an assignment"},
    {"-=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_SUB, "an assignment"},
    {"*=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_MUL, "an assignment"},
    {"/=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_DIV, "an assignment"},
    {".=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_CONCAT, "an assignment"},
    {"%=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_MOD, "an assignment"},
    {"&=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_BIT_AND, "an assignment"},
    {"|=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_BIT_OR, "an assignment"},
    {"^=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_BIT_XOR, "an assignment"},
    {"**=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_POW, "an assignment"},
    {"<<=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_SHIFT_LEFT, "an assignment"},
    {">>=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_SHIFT_RIGHT, "an assignment"},
    {"?\?=", PREC_ASSIGN, RIGHT, NODE_ASSIGN, OP_COALESCE, "an assignment"},
    {"++", PREC_UNARY, LEFT, NODE_BINARY, OP_NONE, "++"},
    {"--", PREC_UNARY, LEFT, NODE_BINARY, OP_NONE, "--"},
};

static const struct operator* operator_at(const struct parser *p)
{
    if (p->tok.type != TOKEN_OP && p->tok.type != TOKEN_NAME)
        return NULL;
    for (size_t i = 0; i < COUNT(operators); i++)
        if (str_ieq(p->tok.text, str_from(operators[i].text)))
            return &operators[i];
    return NULL;
}

static struct node *parse_operators(struct parser *p, enum precedence loosest);

/* PHP 8: only `a ?: b ?: c` may be nested without parentheses. */
static bool may_nest(struct parser *p, const struct token *t, const struct node *left,
                     bool is_short)
{
    if (left->kind != NODE_TERNARY || left->in_parens || (!left->b && is_short))
        return true;
    fail_syntax(p, t, "nested ternary operators need parentheses");
    return false;
}

/* ternary = left "?" [expr] ":" right */
static struct node *parse_ternary(struct parser *p, struct node *left)
{
    struct node *n = new_node(p, NODE_TERNARY, &p->tok);
    struct token question = p->tok;
    struct node *middle = NULL;
    parse_advance(p);
    bool is_short = at_op(p, ":");
    if (!may_nest(p, &question, left, is_short))
        return NULL;
    if (!is_short && !(middle = parse_expr(p)))
        return NULL;
    if (!expect_op(p, ":"))
        return NULL;
    struct node *right = parse_operators(p, PREC_TERNARY + 1);
    return right && adopt(p, n, left, middle, right) ? n : NULL;
}

/* is_target: a variable, or keys below one; in a class, a property as well. */
static bool is_target(const struct parser *p, const struct node *n)
{
    while (n->kind == NODE_INDEX || (p->is_class && n->kind == NODE_PROP))
        n = n->a;
    return n->kind == NODE_VARIABLE || (p->is_class && n->kind == NODE_METHOD);
}

/* instanceof = left "instanceof" (Name | $name): which class an object is of, a class of
 * the app never knows here (run.c). */
static struct node *parse_instanceof(struct parser *p, struct node *left)
{
    struct node *n = new_node(p, NODE_BINARY, &p->tok);
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME && p->tok.type != TOKEN_VARIABLE)
        return fail_unexpected(p);
    parse_advance(p);
    return adopt(p, n, left, NULL, NULL) ? n : NULL;
}

static struct node *parse_binary(struct parser *p, struct node *left,
                                 const struct operator* o)
{
    if (o->precedence == PREC_INSTANCEOF && p->is_class)
        return parse_instanceof(p, left);
    if (o->unsupported && !(o->kind == NODE_ASSIGN && p->is_file))
        return fail_unsupported(p, &p->tok, "%s is not supported", o->unsupported);
    if (o->kind == NODE_TERNARY)
        return parse_ternary(p, left);
    if (o->kind == NODE_ASSIGN && !is_target(p, left))
        return fail_unsupported(p, &p->tok, "this assignment is not supported");
    struct node *n = new_node(p, o->kind, &p->tok);
    n->op = o->op;
    parse_advance(p);
    enum precedence tighter =
        o->associativity == RIGHT ? o->precedence : o->precedence + 1;
    struct node *right = parse_operators(p, tighter);
    if (!right || !adopt(p, n, left, right, NULL))
        return NULL;
    const struct operator* after = operator_at(p);
    if (o->associativity == NEITHER && after && after->precedence == o->precedence)
        return fail_unexpected(p);
    return n;
}

static struct node *parse_prefix(struct parser *p);

static struct node *parse_operators(struct parser *p, enum precedence loosest)
{
    if (++p->depth > MAX_DEPTH)
        return fail_unsupported(p, &p->tok, "the expression is nested too deeply");
    struct node *n = parse_prefix(p);
    while (n) {
        const struct operator* o = operator_at(p);
        /* `! $a = f()` assigns: what can be assigned to is taken whole. */
        bool assigns = o && o->kind == NODE_ASSIGN && p->is_file && is_target(p, n);
        if (!o || (o->precedence < loosest && !assigns))
            break;
        n = parse_binary(p, n, o);
    }
    p->depth--;
    return n;
}

bool at_operator(const struct parser *p)
{
    return operator_at(p) != NULL;
}

struct node *parse_expr(struct parser *p)
{
    return parse_operators(p, PREC_WORD_OR);
}

/* === prefix operators === */

static const struct prefix {
    const char *text;
    enum precedence precedence;
    enum php_op op;
} prefixes[] = {
    {"!", PREC_NOT, OP_NOT},      {"-", PREC_UNARY, OP_MINUS},
    {"+", PREC_UNARY, OP_PLUS},   {"~", PREC_UNARY, OP_BIT_NOT},
    {"@", PREC_UNARY, OP_QUIET},  {"&", PREC_UNARY, OP_NONE},
    {"++", PREC_UNARY, OP_NONE},  {"--", PREC_UNARY, OP_NONE},
    {"...", PREC_UNARY, OP_NONE}, {"#[", PREC_UNARY, OP_NONE},
};

static const struct cast {
    const char *type;
    enum php_op op;
} casts[] = {
    {"int", OP_TO_INT},      {"integer", OP_TO_INT},   {"float", OP_TO_FLOAT},
    {"double", OP_TO_FLOAT}, {"string", OP_TO_STRING}, {"bool", OP_TO_BOOL},
    {"boolean", OP_TO_BOOL}, {"array", OP_TO_ARRAY},   {"binary", OP_TO_STRING},
    {"object", OP_NONE},     {"unset", OP_NONE},       {"real", OP_NONE},
};

static bool prefix_at(const struct parser *p, struct prefix *out)
{
    const struct token *t = &p->tok;
    if (t->type == TOKEN_CAST) {
        struct str type = str_trim(str_sub(t->text, 1, t->text.len - 2));
        for (size_t i = 0; i < COUNT(casts); i++)
            if (str_ieq(type, str_from(casts[i].type)))
                *out = (struct prefix){casts[i].type, PREC_UNARY, casts[i].op};
        return true;
    }
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (is_op(t, prefixes[i].text)) {
            *out = prefixes[i];
            return true;
        }
    return false;
}

static struct node *parse_prefix(struct parser *p)
{
    struct prefix prefix = {0};
    if (!prefix_at(p, &prefix))
        return parse_operand(p);
    if (prefix.op == OP_QUIET && !p->is_file)
        prefix.op = OP_NONE;
    if (prefix.op == OP_NONE)
        return fail_unsupported(p, &p->tok, "%.*s is not supported",
                                STR_ARG(p->tok.text));
    struct node *n = new_node(p, NODE_UNARY, &p->tok);
    n->op = prefix.op;
    parse_advance(p);
    struct node *a = parse_operators(p, prefix.precedence);
    return a && adopt(p, n, a, NULL, NULL) ? n : NULL;
}

/* === entry point === */

struct php_expr *php_parse(struct str src, struct php_place place, struct arena *perm,
                           struct error *e)
{
    struct parser p = {.perm = perm, .e = e};
    parse_start(&p, src, place);
    struct node *root = parse_expr(&p);
    if (!root)
        return NULL;
    if (p.tok.type != TOKEN_END) {
        fail_unexpected(&p);
        return NULL;
    }
    /* Whoever asks has code that goes on behind the expression. */
    if (p.lx.open_comment) {
        fail_syntax(&p, &p.tok, "syntax error, a // comment hides what follows it");
        return NULL;
    }
    struct php_expr *x = NEW(perm, struct php_expr, 1);
    x->file = place.file;
    x->root = root;
    return x;
}
