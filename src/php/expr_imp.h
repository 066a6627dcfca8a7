/* What the files of the evaluator share: tokens, the tree, and evaluation.
 *
 * Source → tokens (lex.c) → tree (parse.c, operand.c, literal.c, file.c) → value (eval.c,
 * ops.c, call.c). The tree lives in the arena of the parse and is not changed afterwards.
 */
#ifndef FACTEUR_PHP_EXPR_IMP_H
#define FACTEUR_PHP_EXPR_IMP_H

#include "facteur/php.h"

/* === tokens === */

enum token_type {
    TOKEN_END,      /* of the source, or of the part that is read */
    TOKEN_VARIABLE, /* $name */
    TOKEN_NAME,     /* name, Qualified\Name, \Full\Name, keywords */
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_STRING,   /* '…' */
    TOKEN_TEMPLATE, /* "…" */
    TOKEN_HEREDOC,  /* <<<X … X */
    TOKEN_CAST,     /* (int), ( string ) */
    TOKEN_OP,       /* operators and punctuation */
    TOKEN_BAD,      /* what cannot be read: `error` says why */
};

struct token {
    enum token_type type;
    struct str text; /* as written */
    size_t at;       /* offset of its first byte */
    int line, col;
    const char *error; /* TOKEN_BAD */
};

struct lexer {
    struct str src;
    size_t at; /* behind the current token */
    struct php_place place;
    size_t line_start; /* offset of the current line; wraps on the first one */
    int line;
    int depth;         /* strings within strings */
    bool open_comment; /* a // comment ran to the end of the source */
};

struct lexer lex_start(struct str src, struct php_place place);
struct token lex_next(struct lexer *lx);

/* lex_skip moves over n bytes, counting lines. */
void lex_skip(struct lexer *lx, size_t n);
void lex_where(const struct lexer *lx, int *line, int *col);
bool lex_is_name_start(char c);

/* lex_name_len counts the bytes of the name that s begins with. */
size_t lex_name_len(struct str s);

/* === the tree === */

enum node_kind {
    NODE_VALUE,
    NODE_TEMPLATE, /* kids, joined as strings */
    NODE_ARRAY,    /* kids: NODE_ITEM */
    NODE_ITEM,     /* a: the key or NULL; b: the value; op "...": spread */
    NODE_VARIABLE, /* name */
    NODE_INDEX,    /* a[b] */
    NODE_PROP,     /* a->name */
    NODE_METHOD,   /* a->name(kids) */
    NODE_CALL,     /* name(kids) */
    NODE_STATIC,   /* class_name::name(kids) */
    NODE_CONST,    /* name, or class_name::name */
    NODE_UNARY,    /* op a */
    NODE_BINARY,   /* a op b, both evaluated */
    NODE_AND,
    NODE_OR,
    NODE_COALESCE,
    NODE_TERNARY, /* a ? b : c; b NULL: a ?: c */
    NODE_ISSET,   /* kids */
    NODE_EMPTY,   /* a */
    NODE_MATCH,   /* a, kids: NODE_ARM */
    NODE_ARM,     /* kids: conditions (none: default); a: the value */
    NODE_HOLE,    /* file.c: what could not be parsed; value says why */
};

/* ORDER OP: op_names in ops.c */
enum php_op {
    OP_NONE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_POW,
    OP_CONCAT,
    OP_SHIFT_LEFT,
    OP_SHIFT_RIGHT,
    OP_BIT_AND,
    OP_BIT_OR,
    OP_BIT_XOR,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_IDENTICAL,
    OP_NOT_IDENTICAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_SPACESHIP,
    OP_XOR,
    /* unary */
    OP_NOT,
    OP_PLUS,
    OP_MINUS,
    OP_BIT_NOT,
    OP_TO_INT,
    OP_TO_FLOAT,
    OP_TO_STRING,
    OP_TO_BOOL,
    OP_TO_ARRAY,
    OP_SPREAD,
};

struct node {
    enum node_kind kind;
    enum php_op op;
    bool nullsafe;  /* PROP, METHOD: `?->` */
    bool in_parens; /* TERNARY: it stands in parentheses of its own */
    int height;     /* of the tree below, bounded by MAX_HEIGHT */
    int line, col;
    struct str name, class_name;        /* without a leading "\" */
    const struct php_function *builtin; /* CALL, STATIC: ours of that name, or NULL */
    struct node *a, *b, *c;
    struct {
        struct node **at;
        size_t len, cap;
    } kids;
    struct php_value value;
};

struct php_expr {
    const char *file;
    const struct node *root;
};

/* === parser === */

/* A name that a `use` statement gives to a class. */
struct import {
    struct str alias, full;
    bool is_function;
    struct import *next;
};

struct parser {
    struct lexer lx;
    struct token tok;  /* the current one */
    struct token next; /* one ahead */
    struct arena *perm;
    struct error *e;
    const char *file;
    struct import *imports;
    struct str dir; /* __DIR__; empty: not known */
    bool is_file;   /* unsupported elements of array literals become NODE_HOLE */
    bool is_syntax; /* the recorded error is a syntax error */
    int depth;
};

void parse_start(struct parser *p, struct str src, struct php_place place);
void parse_advance(struct parser *p);

/* parse_expr parses an expression as far as it goes, parse_operand (operand.c) what
 * stands between two operators. NULL: *p->e says why. */
struct node *parse_expr(struct parser *p);
struct node *parse_operand(struct parser *p);

/* is_op looks at any token, at_op, at_word and at_operator at the current one; take_op
 * moves on when it is the one. */
bool is_op(const struct token *t, const char *op);
bool at_operator(const struct parser *p);
bool at_op(const struct parser *p, const char *op);
bool at_word(const struct parser *p, const char *word);
bool take_op(struct parser *p, const char *op);

/* expect_op is take_op whose absence is a syntax error. */
bool expect_op(struct parser *p, const char *op) MUST;

/* fail_syntax and fail_unsupported record an error at a token; NULL always. */
struct node *fail_syntax(struct parser *p, const struct token *t, const char *fmt, ...)
    PRINTF(3, 4);
struct node *fail_unsupported(struct parser *p, const struct token *t, const char *fmt,
                              ...) PRINTF(3, 4);

/* fail_unexpected words it as PHP does: syntax error, unexpected token ",". */
struct node *fail_unexpected(struct parser *p);

struct node *new_node(struct parser *p, enum node_kind kind, const struct token *t);

/* add_kid and set_kids keep `height`; false: the tree is too high. */
bool add_kid(struct parser *p, struct node *n, struct node *kid) MUST;
bool adopt(struct parser *p, struct node *n, struct node *a, struct node *b,
           struct node *c) MUST;

/* Literals (literal.c); they move behind their token. */
struct node *parse_number(struct parser *p);
struct node *parse_string(struct parser *p);
struct node *parse_template(struct parser *p);
struct node *parse_array(struct parser *p, const char *close);

/* parse_class_name resolves a name by the `use` statements. */
struct str parse_class_name(struct parser *p, struct str written);

/* php_class_alias returns the class that Laravel's alias means ("Str"), or the name. */
struct str php_class_alias(struct str name);

/* === evaluation === */

struct eval {
    struct php_scope *scope;
    struct arena *perm;
    const char *file;
    struct error *e;
};

bool eval_node(struct eval *ev, const struct node *n, struct php_value *out) MUST;

/* eval_literal is eval_node for the literals of a file: what fails in an array becomes a
 * PHP_HOLE. */
bool eval_literal(struct eval *ev, const struct node *n, struct php_value *out) MUST;

/* php_attribute reads an attribute of a PHP_ROW: null when there is none, an object of
 * its own for a date. */
bool php_attribute(const struct php_object *o, struct str name,
                   const struct php_host *host, struct arena *perm, struct php_value *out,
                   struct error *e) MUST;

/* eval_fail records an error with the node's place; false always. */
bool eval_fail(struct eval *ev, const struct node *n, enum err_kind kind, const char *fmt,
               ...) PRINTF(4, 5);

/* php_builtin finds the built-in function or static method that a call names, once for
 * all evaluations; NULL: there is none. */
const struct php_function *php_builtin(struct str class_name, struct str name);

/* eval_call calls a function, static method or method; `self` is NULL but for methods. */
bool eval_call(struct eval *ev, const struct node *n, const struct php_value *self,
               struct php_value *out) MUST;

/* php_unary and php_binary compute an operator; errors are PHP's, without a place. */
bool php_unary(enum php_op op, struct php_value a, struct arena *perm,
               struct php_value *out, struct error *e) MUST;
bool php_binary(enum php_op op, struct php_value a, struct php_value b,
                struct arena *perm, struct php_value *out, struct error *e) MUST;

/* php_comparable fails, as a comparison by value does, for an object beside a number. */
bool php_comparable(struct php_value a, struct php_value b, struct error *e) MUST;

/* php_constant looks a constant up; class_name is empty for global ones. */
bool php_constant(struct str class_name, struct str name, struct php_value *out);

/* php_as_key makes the key that a value means; false: it cannot be one. */
bool php_as_key(struct php_value v, struct php_key *k) MUST;
struct php_value php_key_value(struct php_key k);

#endif
