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
    NODE_HOLE,    /* what could not be parsed; value says why */

    /* In files only. */
    NODE_ASSIGN,  /* a op= b; op NONE: =; a: a variable, or a chain of keys on one */
    NODE_CLOSURE, /* kids: NODE_PARAM; a: the body; b: NODE_BLOCK of used variables */
    NODE_PARAM,   /* name; a: the default or NULL; op "...": takes all that follow */
    NODE_INVOKE,  /* a(kids) */
    NODE_NEW,     /* new class_name(kids) */
    NODE_THROW,   /* throw a */
    NODE_INCLUDE, /* require a; name: the word */
    NODE_BLOCK,   /* kids: statements */
    NODE_IF,      /* if (a) b else c */
    NODE_FOREACH, /* foreach (a as [kids[1] =>] kids[0]) b */
    NODE_RETURN,  /* return a; a NULL: null */
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_DEFINE, /* define(kids), defined(kids); name: which */
    NODE_UNSET,  /* unset(kids) */

    /* In classes only. */
    NODE_TRY, /* try a; kids: the blocks of catch (name: its variable; class_name: what it
                 catches, with "|" between) and finally */
    NODE_LOST, /* a statement that could not be parsed: value says why; class_name and
                  name: the static call that it begins with */
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
    OP_COALESCE, /* ??= */
    OP_QUIET,    /* @ */
    OP_PUSH,     /* INDEX on the left of an assignment: $a[] */
};

struct node {
    enum node_kind kind;
    enum php_op op;
    bool nullsafe;  /* PROP, METHOD: `?->` */
    bool in_parens; /* TERNARY: it stands in parentheses of its own */
    bool promoted;  /* PARAM: of a constructor, and a property as well */
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
    struct str dir;  /* __DIR__; empty: not known */
    struct str real; /* __FILE__, likewise */
    /* Statements, closures and assignments are there; unsupported elements of array
     * literals become NODE_HOLE. */
    bool is_file;
    /* A class of the app: a file in which self::, properties of $this and named arguments
     * are there too, and in which one bad statement costs only itself. */
    bool is_class;
    struct str space;      /* the namespace; empty: none */
    struct str class_name; /* of the class at hand */
    bool is_syntax;        /* the recorded error is a syntax error */
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
struct node *parse_heredoc(struct parser *p);
struct node *parse_array(struct parser *p, const char *close);

/* parse_class_name resolves a name by the `use` statements. */
struct str parse_class_name(struct parser *p, struct str written);

/* parse_closure (closure.c) parses `fn` and `function`, with `static` before them;
 * parse_block (statement.c) what a body may be. at_closure: one begins here. */
struct node *parse_closure(struct parser *p);
struct node *parse_block(struct parser *p);
struct node *parse_file_statement(struct parser *p);

/* parse_signature (closure.c) parses the parameters and the type of a function into n;
 * parse_lost (statement.c) steps over what could not be parsed since *start, as a
 * NODE_LOST with the error, which is cleared. */
bool parse_signature(struct parser *p, struct node *n) MUST;
struct node *parse_lost(struct parser *p, const struct parser *start);

/* What stands before the statements (file.c): "<?php", `use …;`, `declare (…);`. */
bool parse_open_tag(struct str *source, struct php_place *place, struct error *e) MUST;
void parse_where(struct parser *p, const char *file);
bool parse_use(struct parser *p) MUST;
bool parse_declare(struct parser *p) MUST;
bool at_closure(const struct parser *p);

/* php_class_alias returns the class that Laravel's alias means ("Str"), or the name. */
struct str php_class_alias(struct str name);

/* === evaluation === */

/* What the evaluation of one file and of those it includes share. */
struct php_file {
    struct php_origin *origin;   /* of the entry that is being evaluated; NULL: none */
    struct php_array *constants; /* by define() and const */
    int depth;                   /* files and closures that are open */
    int64_t steps;               /* a bound of the time */

    /* Of php_run alone (run.c). */
    const struct php_runner *runner;
    const struct php_declared *declared; /* the class whose method is run */
    int maybe;               /* branches that may not be run, of those that are open */
    int sure;                /* …when the function at hand was called */
    int trying;              /* try blocks that are open */
    struct php_value thrown; /* exactly: the exception that the error stands for */
    bool unsure; /* a return was met in one: what the function returns is not known */
};

/* eval_run runs statements. *flow says how they ended; *out is what was returned. */
enum flow { FLOW_NEXT, FLOW_RETURN, FLOW_BREAK, FLOW_CONTINUE };

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

bool eval_run(struct eval *ev, const struct node *n, enum flow *flow,
              struct php_value *out) MUST;

/* eval_assign (statement.c) and eval_include (file.c). */
bool eval_assign(struct eval *ev, const struct node *n, struct php_value *out) MUST;
bool eval_include(struct eval *ev, const struct node *n, struct php_value *out) MUST;

/* eval_store (statement.c) puts a value into a variable, or below keys of one;
 * parse_unset and eval_unset (unset.c) take variables and elements away. */
bool eval_store(struct eval *ev, const struct node *target, struct php_value v) MUST;
struct node *parse_unset(struct parser *p);
bool eval_unset(struct eval *ev, const struct node *n) MUST;

/* declares_only (declared.c): the source, behind its open tag, declares classes that the
 * runner finds in this file anyway, and does nothing else. */
bool declares_only(const struct php_runner *r, struct str source, const char *file,
                   struct arena *perm);

/* eval_declared_constant (declared.c) looks for a constant, or a case of an enum, in the
 * file that declares its class. */
bool eval_declared_constant(struct eval *ev, const struct node *n, bool *found,
                            struct php_value *out) MUST;

/* eval_step bounds a file's evaluation: nesting by `deeper` (1, -1, 0) and time. */
bool eval_step(struct eval *ev, const struct node *n, int deeper) MUST;

/* eval_hole makes a hole of the error, which is cleared. */
struct php_value eval_hole(struct arena *perm, struct error *e);
bool eval_no_hole(struct eval *ev, struct php_value v) MUST;

/* Closures (closure.c): objects of the class Closure. */
extern const struct php_class php_closure_class;
bool eval_closure(struct eval *ev, const struct node *n, struct php_value *out) MUST;
bool eval_invoke(struct eval *ev, const struct node *n, struct php_value *out) MUST;
bool closure_call(const struct php_object *closure, struct php_call *c) MUST;

/* php_attribute reads an attribute of a PHP_ROW: null when there is none, an object of
 * its own for a date. */
bool php_attribute(const struct php_object *o, struct str name,
                   const struct php_host *host, struct arena *perm, struct php_value *out,
                   struct error *e) MUST;

/* === running what may not be known (run.c) ===
 *
 * With a runner, what cannot be known is a value: an object of php_unknown_class, which
 * goes through variables, arrays and operators. eval_runner lends the runner, or NULL. */
extern const struct php_class php_unknown_class;
const struct php_runner *eval_runner(const struct eval *ev);

/* eval_exact: nothing is passed over, and all that decides must be known. */
bool eval_exact(const struct eval *ev);

/* eval_top makes a value of which nothing is known. */
bool eval_top(struct eval *ev, struct php_value *out);

/* eval_undecided: is it not known whether the value counts as true? A condition that is
 * not known, where all must be, is an error instead. */
bool eval_undecided(struct eval *ev, const struct node *n, struct php_value v,
                    bool *undecided) MUST;

/* eval_against_null compares with null what is sure to count as true: false, it is
 * another comparison. */
bool eval_against_null(enum php_op op, struct php_value a, struct php_value b,
                       struct php_value *out);

/* eval_joined makes what is known of a text from its parts: NULL, not all have one. */
bool eval_joined(struct eval *ev, const struct php_value *parts, size_t len,
                 struct php_value *out);

/* eval_name_arguments puts the arguments of a call into the order of its parameters. */
bool eval_name_arguments(struct eval *ev, const struct node *n, struct php_call *c) MUST;

/* eval_judged asks the runner about what the evaluator does not have. */
bool eval_judged(struct eval *ev, const struct node *n, struct php_effect *d,
                 struct php_value *out) MUST;

/* === classes (class.c) === */

/* A constant, a property or a method. */
struct member {
    struct str name;
    const struct node *node; /* the value, NULL: null; or NODE_CLOSURE */
    int line;
    struct member *next;
};

struct php_declared {
    const char *file;
    int line;
    int beside;              /* where its file holds something else; 0: nowhere */
    struct str name, parent; /* full names */
    VEC(struct str) traits, interfaces;
    struct member *constants, *properties, *methods;
};

const struct member *declared_method(const struct php_declared *c, struct str name);
const struct member *declared_constant(const struct php_declared *c, struct str name);

/* eval_declared calls a method of a declared class, if n names one; *found says so. */
bool eval_declared(struct eval *ev, const struct node *n, const struct php_value *self,
                   bool *found, struct php_value *out) MUST;
bool eval_new(struct eval *ev, const struct node *n, struct php_value *out) MUST;
bool eval_class_constant(struct eval *ev, const struct node *n, bool *found,
                         struct php_value *out) MUST;

/* eval_maybe evaluates what may not be run, for the calls in it. */
bool eval_maybe(struct eval *ev, const struct node *n) MUST;

/* eval_unmade stands for a call that cannot be made, since an argument is not known: the
 * closures among them may be called. */
bool eval_unmade(struct eval *ev, struct php_call *c) MUST;

/* eval_leniently is eval_node for an argument: with a runner, what fails is not known. */
bool eval_leniently(struct eval *ev, const struct node *n, struct php_value *out) MUST;

/* closure_params gives a function its arguments; closure_body runs it. */
bool closure_params(struct eval *ev, const struct node *n, const struct php_call *c) MUST;
bool closure_body(struct eval *ev, const struct node *n, struct php_value *out) MUST;

/* eval_fail records an error with the node's place; false always. */
bool eval_fail(struct eval *ev, const struct node *n, enum err_kind kind, const char *fmt,
               ...) PRINTF(4, 5);

/* php_builtin finds the built-in function or static method that a call names, once for
 * all evaluations; NULL: there is none. */
const struct php_function *php_builtin(struct str class_name, struct str name);

/* eval_call calls a function, static method or method; `self` is NULL but for methods. */
bool eval_call(struct eval *ev, const struct node *n, const struct php_value *self,
               struct php_value *out) MUST;
bool eval_arguments(struct eval *ev, const struct node *n, struct php_call *c) MUST;

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
