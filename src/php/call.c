/* Functions: finding them, calling them, and reading their arguments. */
#include <math.h>
#include <stdio.h>

#include "php/date_imp.h"
#include "php/expr_imp.h"
#include "php/fn_imp.h"
#include "php/values_imp.h"

static const struct php_function *const families[] = {
    fn_string, fn_bytes,   fn_search, fn_replace, fn_html, fn_format,
    fn_mb,     fn_ctype,   fn_array,  fn_list,    fn_math, fn_type,
    fn_url,    fn_laravel, fn_str,    fn_case,    fn_date,
};

/* Native classes, for php_check; ends with NULL. */
static const struct php_class *const classes[] = {&php_date_class, NULL};

/* === finding === */

static const struct php_function *find_row(const struct php_function *rows,
                                           struct str name)
{
    for (; rows && rows->name; rows++)
        if (str_ieq(name, str_from(rows->name)))
            return rows;
    return NULL;
}

static const struct php_function *find_builtin(struct str name)
{
    const struct php_function *f = NULL;
    for (size_t i = 0; !f && i < COUNT(families); i++)
        f = find_row(families[i], name);
    return f;
}

static const struct php_function *find_hosted(const struct php_host *host,
                                              struct str name)
{
    const struct php_function *f = find_row(host ? host->functions : NULL, name);
    for (size_t i = 0; !f && host && host->more && host->more[i]; i++)
        f = find_row(host->more[i], name);
    return f;
}

/* The host's functions come first: they know the app. */
static const struct php_function *find_function(const struct php_host *host,
                                                struct str name)
{
    const struct php_function *f = find_hosted(host, name);
    return f ? f : find_builtin(name);
}

/* full_name writes Class::name; no name of ours is longer than the room. */
enum { FULL_NAME = 256 };
static struct str full_name(struct str class_name, struct str name, char room[FULL_NAME])
{
    if (class_name.len == 0)
        return name;
    int n = snprintf(room, FULL_NAME, "%.*s::%.*s", STR_ARG(class_name), STR_ARG(name));
    return n < FULL_NAME ? str_from(room) : S("");
}

const struct php_function *php_builtin(struct str class_name, struct str name)
{
    char room[FULL_NAME];
    return find_builtin(full_name(class_name, name, room));
}

/* called finds what a call calls. */
static const struct php_function *called(const struct node *n,
                                         const struct php_host *host)
{
    char room[FULL_NAME];
    const struct php_function *f = NULL;
    if (host)
        f = find_hosted(host, full_name(n->class_name, n->name, room));
    return f ? f : n->builtin;
}

static const struct php_function *find_method(struct str name)
{
    const struct php_function *f = NULL;
    for (size_t i = 0; !f && classes[i]; i++)
        f = find_row(classes[i]->methods, name);
    return f;
}

struct str php_class_alias(struct str name)
{
    static const char *const aliases[][2] = {
        {"Arr", "Illuminate\\Support\\Arr"},
        {"Number", "Illuminate\\Support\\Number"},
        {"Str", "Illuminate\\Support\\Str"},
    };
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (str_ieq(name, str_from(aliases[i][0])))
            return str_from(aliases[i][1]);
    return name;
}

/* === calling === */

static bool check_count(const struct php_function *f, size_t len, struct error *e)
{
    size_t max = f->max < 0 ? SIZE_MAX : (size_t)f->max;
    if (len >= (size_t)f->min && len <= max)
        return true;
    bool few = len < (size_t)f->min;
    const char *how = f->min == f->max ? "exactly" : few ? "at least" : "at most";
    int want = few ? f->min : f->max;
    return err_set(e, ERR_JOB, "%s() expects %s %d argument%s, %zu given", f->name, how,
                   want, want == 1 ? "" : "s", len);
}

static bool invoke(const struct php_function *f, struct php_call *c)
{
    c->name = f->name;
    *c->result = php_null();
    if (!check_count(f, c->len, c->e) || !f->fn(c))
        return false;
    *c->result = php_deref(*c->result);
    return true;
}

/* unknown: the evaluator does not have it; a runner's judge may. */
static bool unknown(struct eval *ev, const struct node *n, const struct php_value *self,
                    struct php_value *out)
{
    struct php_call c = {
        .self = self, .scope = ev->scope, .perm = ev->perm, .result = out, .e = ev->e};
    struct php_effect d = {.kind = self                ? PHP_EFFECT_METHOD
                                   : n->class_name.len ? PHP_EFFECT_STATIC
                                                       : PHP_EFFECT_FUNCTION,
                           .class_name = self ? self->o->class_name : n->class_name,
                           .name = n->name,
                           .call = &c};
    if (eval_runner(ev))
        return eval_arguments(ev, n, &c) && eval_judged(ev, n, &d, out);
    struct str of = self ? php_type_name(*self) : n->class_name;
    return eval_fail(ev, n, ERR_UNSUPPORTED, "%.*s%s%.*s() is not supported", STR_ARG(of),
                     of.len ? "::" : "", STR_ARG(n->name));
}

/* Functions that move the elements of arrays, and look at none. */
static bool moves_elements(struct str name)
{
    return str_ieq(name, S("array_merge")) || str_ieq(name, S("array_replace"));
}

/* check_argument: what could not be evaluated must not be looked at. */
static bool check_argument(struct eval *ev, struct php_value v)
{
    if (v.type == PHP_HOLE)
        return eval_no_hole(ev, v);
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++)
        if (!eval_no_hole(ev, v.a->at[i].value))
            return false;
    return true;
}

struct arguments {
    VEC(struct php_value) list;
    bool moves; /* holes may be among their elements */
};

static bool add_argument(struct eval *ev, struct arguments *args, struct php_value v)
{
    if (ev->scope->file && !args->moves && !check_argument(ev, v))
        return false;
    VEC_PUSH(ev->perm, &args->list, v);
    return true;
}

static bool spread_argument(struct eval *ev, const struct node *kid,
                            struct arguments *args)
{
    struct php_value v;
    if (!(eval_runner(ev) ? eval_leniently : eval_node)(ev, kid->b, &v))
        return false;
    if (php_is_unknown(v))
        return add_argument(ev, args, v);
    if (v.type != PHP_ARRAY)
        return eval_fail(ev, kid, ERR_JOB,
                         "Only arrays and Traversables can be unpacked");
    for (size_t i = 0; i < v.a->len; i++) {
        if (!v.a->at[i].key.is_int)
            return eval_fail(ev, kid, ERR_UNSUPPORTED,
                             "named arguments are not supported");
        if (!add_argument(ev, args, php_deref(v.a->at[i].value)))
            return false;
    }
    return true;
}

static bool argument(struct eval *ev, const struct node *n, bool moves,
                     struct php_value *out)
{
    if (eval_runner(ev))
        return eval_leniently(ev, n, out);
    return (moves && ev->scope->file ? eval_literal : eval_node)(ev, n, out);
}

bool eval_arguments(struct eval *ev, const struct node *n, struct php_call *c)
{
    struct arguments args = {.moves = n->kind == NODE_CALL && moves_elements(n->name)};
    struct str *names = NULL;
    for (size_t i = 0; i < n->kids.len; i++) {
        const struct node *kid = n->kids.at[i];
        struct php_value v;
        if (kid->kind == NODE_ITEM && kid->op == OP_SPREAD) {
            if (!spread_argument(ev, kid, &args))
                return false;
            continue;
        }
        if (kid->kind == NODE_ITEM) {
            /* Behind one with a name all have one, and none is unpacked. */
            names =
                names ? names : NEW(ev->perm, struct str, n->kids.len + args.list.len);
            names[args.list.len] = kid->name;
            c->named = true;
            kid = kid->b;
        }
        if (!argument(ev, kid, args.moves, &v) || !add_argument(ev, &args, v))
            return false;
    }
    c->args = args.list.at;
    c->len = args.list.len;
    c->names = names;
    return true;
}

bool eval_name_arguments(struct eval *ev, const struct node *n, struct php_call *c)
{
    size_t len = 0;
    struct php_value *args = NEW(ev->perm, struct php_value, n->kids.len + 1);
    bool *given = NEW(ev->perm, bool, n->kids.len + 1);
    for (size_t i = 0; i < c->len; i++) {
        size_t at = i;
        if (c->names[i].len)
            for (at = 0; at < n->kids.len; at++)
                if (str_eq(n->kids.at[at]->name, c->names[i]))
                    break;
        if (at >= n->kids.len || given[at])
            return eval_fail(ev, n, ERR_UNSUPPORTED,
                             "an argument with a name that has no parameter");
        args[at] = c->args[i];
        given[at] = true;
        len = at + 1 > len ? at + 1 : len;
    }
    for (size_t i = 0; i < len; i++)
        if (!given[i] &&
            (!n->kids.at[i]->a || !eval_node(ev, n->kids.at[i]->a, &args[i])))
            return eval_fail(ev, n, ERR_UNSUPPORTED,
                             "a parameter is left out that has no default");
    c->args = args;
    c->len = len;
    c->names = NULL;
    c->named = false;
    return true;
}

/* any_unknown: with an argument that is not known a function cannot be called. */
static bool any_unknown(const struct php_call *c)
{
    for (size_t i = 0; i < c->len; i++)
        if (php_holds_unknown(c->args[i]))
            return true;
    return false;
}

/* sees_unknown: the functions of the host's first table, and methods of its objects, look
 * at what they are given. */
static bool sees_unknown(const struct eval *ev, const struct php_function *f,
                         const struct php_value *self)
{
    const struct php_function *own = ev->scope->host->functions;
    if (self)
        return self->o->native != &php_date_class;
    while (own && own->name && own != f)
        own++;
    return own == f;
}

static bool is_of_clock(const struct php_function *f)
{
    const struct php_function *row = fn_date;
    while (row->name && row != f)
        row++;
    return row == f;
}

/* eval_ask: a function that cannot be called, as if it were not known. */
static bool eval_ask(struct eval *ev, const struct node *n, struct php_call *c)
{
    const struct php_value *self = c->self;
    struct php_effect d = {.kind = self                ? PHP_EFFECT_METHOD
                                   : n->class_name.len ? PHP_EFFECT_STATIC
                                                       : PHP_EFFECT_FUNCTION,
                           .class_name = self ? self->o->class_name : n->class_name,
                           .name = n->name,
                           .call = c};
    return eval_judged(ev, n, &d, c->result);
}

bool eval_call(struct eval *ev, const struct node *n, const struct php_value *self,
               struct php_value *out)
{
    const struct php_function *f = NULL;
    bool found = false;
    if (eval_runner(ev) && !eval_declared(ev, n, self, &found, out))
        return false;
    if (found)
        return true;
    if (self && self->o->kind == PHP_NATIVE)
        f = find_row(self->o->native->methods, n->name);
    else if (!self)
        f = called(n, ev->scope->host);
    if (!f)
        return unknown(ev, n, self, out);
    struct php_call c = {.file = ev->file,
                         .line = n->line,
                         .col = n->col,
                         .self = self,
                         .scope = ev->scope,
                         .perm = ev->perm,
                         .result = out,
                         .e = ev->e};
    if (!eval_arguments(ev, n, &c))
        return false;
    /* What is asked of the clock now says nothing of when it is asked again. */
    if (eval_exact(ev) && is_of_clock(f))
        return eval_ask(ev, n, &c);
    bool sees = eval_runner(ev) && !eval_exact(ev) && sees_unknown(ev, f, self);
    if (sees && c.named && f->max != 1) /* of one argument the name changes nothing */
        return eval_fail(ev, n, ERR_UNSUPPORTED,
                         "%s() with named arguments is not supported", f->name);
    if (eval_runner(ev) && !sees && (c.named || any_unknown(&c)))
        return eval_exact(ev) ? eval_ask(ev, n, &c) : eval_unmade(ev, &c);
    return invoke(f, &c) || err_place(ev->e, ev->file, n->line, n->col);
}

static bool call_closure(struct php_call *c)
{
    return closure_call(c->self->o, c);
}

bool fn_callable(struct php_call *c, struct php_value value, struct fn_callable *out)
{
    static const struct php_function closure = {"{closure}", 0, -1, call_closure};
    *out = (struct fn_callable){.self = value};
    if (value.type == PHP_OBJECT && value.o->native == &php_closure_class)
        out->f = &closure;
    if (value.type == PHP_STRING) {
        struct str s = value.s;
        if (str_starts(s, S("\\")))
            s = str_skip(s, 1);
        out->f = find_function(c->scope->host, s);
    }
    if (out->f)
        return true;
    struct str text = value.type == PHP_STRING ? value.s : php_type_name(value);
    return err_set(c->e, ERR_UNSUPPORTED,
                   "%s() with \"%.*s\" as callback is not "
                   "supported",
                   c->name, STR_ARG(text));
}

bool fn_apply(struct php_call *c, const struct fn_callable *callable,
              const struct php_value *args, size_t len, struct php_value *out)
{
    struct php_call inner = *c;
    bool is_object = callable->self.type == PHP_OBJECT;
    inner.args = args;
    inner.len = len;
    inner.self = is_object ? &callable->self : NULL;
    inner.result = out;
    return invoke(callable->f, &inner);
}

/* A call of a value: $f(1), (fn () => 1)(). */
bool eval_invoke(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value callee;
    struct fn_callable callable;
    struct php_call c = {.name = "a call",
                         .scope = ev->scope,
                         .perm = ev->perm,
                         .result = out,
                         .e = ev->e};
    if (!eval_node(ev, n->a, &callee) || !eval_arguments(ev, n, &c))
        return false;
    return (fn_callable(&c, callee, &callable) &&
            fn_apply(&c, &callable, c.args, c.len, out)) ||
           err_place(ev->e, ev->file, n->line, n->col);
}

/* === reading arguments === */

bool fn_has(const struct php_call *c, size_t i)
{
    return i < c->len;
}

bool fn_type_error(struct php_call *c, size_t i, const char *param, const char *type)
{
    struct str given = php_type_name(c->args[i]);
    return err_set(c->e, ERR_JOB,
                   "%s(): Argument #%zu ($%s) must be of type %s, %.*s given", c->name,
                   i + 1, param, type, STR_ARG(given));
}

bool fn_text_as(struct php_call *c, size_t i, const char *param, const char *type,
                struct str *out)
{
    struct php_value v = c->args[i];
    bool has_text =
        v.type != PHP_ARRAY && (v.type != PHP_OBJECT || v.o->kind == PHP_ROW ||
                                (v.o->kind == PHP_NATIVE && v.o->native->text));
    if (!has_text)
        return fn_type_error(c, i, param, type);
    return php_to_string(v, c->perm, out, c->e);
}

static bool is_null(const struct php_call *c, size_t i)
{
    return i >= c->len || c->args[i].type == PHP_NULL;
}

bool fn_text(struct php_call *c, size_t i, const char *param, struct str *out)
{
    return i >= c->len || fn_text_as(c, i, param, "string", out);
}

bool fn_text_or_null(struct php_call *c, size_t i, const char *param, struct str *out)
{
    return is_null(c, i) || fn_text_as(c, i, param, "?string", out);
}

/* A number for an int or float parameter: null is 0, strings must be numeric. */
static bool number(struct php_call *c, size_t i, const char *param, const char *type,
                   struct php_value *out)
{
    struct php_value v = c->args[i];
    switch (v.type) {
    case PHP_NULL:
    case PHP_BOOL:
        *out = php_int(php_to_int(v));
        return true;
    case PHP_INT:
    case PHP_FLOAT:
        *out = v;
        return true;
    case PHP_STRING:
        return php_numeric(v.s, out) || fn_type_error(c, i, param, type);
    default:
        return fn_type_error(c, i, param, type);
    }
}

static bool int_arg(struct php_call *c, size_t i, const char *param, const char *type,
                    int64_t *out)
{
    struct php_value v;
    if (!number(c, i, param, type, &v))
        return false;
    /* A float must lie within the ints; its fraction is only deprecated. */
    const double end = 9223372036854775808.0;
    bool fits = v.type == PHP_INT || (v.d >= -end && v.d < end);
    if (!fits)
        return fn_type_error(c, i, param, type);
    *out = php_to_int(v);
    return true;
}

bool fn_int(struct php_call *c, size_t i, const char *param, int64_t *out)
{
    return i >= c->len || int_arg(c, i, param, "int", out);
}

bool fn_int_or_null(struct php_call *c, size_t i, const char *param, int64_t *out)
{
    return is_null(c, i) || int_arg(c, i, param, "?int", out);
}

bool fn_int_as(struct php_call *c, size_t i, const char *param, const char *type,
               int64_t *out)
{
    return int_arg(c, i, param, type, out);
}

bool fn_float(struct php_call *c, size_t i, const char *param, double *out)
{
    struct php_value v;
    if (i >= c->len)
        return true;
    if (!number(c, i, param, "float", &v))
        return false;
    *out = php_to_float(v);
    return true;
}

bool fn_bool(struct php_call *c, size_t i, const char *param, bool *out)
{
    if (i >= c->len)
        return true;
    if (c->args[i].type == PHP_ARRAY || c->args[i].type == PHP_OBJECT)
        return fn_type_error(c, i, param, "bool");
    *out = php_truthy(c->args[i]);
    return true;
}

bool fn_array_arg(struct php_call *c, size_t i, const char *param,
                  const struct php_array **out)
{
    if (i >= c->len)
        return true;
    if (c->args[i].type != PHP_ARRAY)
        return fn_type_error(c, i, param, "array");
    *out = c->args[i].a;
    return true;
}

bool fn_element_text(struct php_call *c, struct php_value v, struct str *out)
{
    return php_to_string(php_deref(v), c->perm, out, c->e);
}

bool fn_return(struct php_call *c, struct php_value v)
{
    *c->result = v;
    return true;
}

bool fn_return_text(struct php_call *c, struct str s)
{
    return fn_return(c, php_string(s));
}

bool fn_return_buf(struct php_call *c, const struct buf *b)
{
    if (b->full)
        return err_set(c->e, ERR_JOB, "%s() makes a string over %zu bytes", c->name,
                       b->max);
    return fn_return_text(c, buf_str(b));
}

/* === php_check === */

struct check {
    const char *file;
    const struct php_host *host;
    finding_fn *report;
    void *arg;
};

static void report(const struct check *c, const struct node *n, const char *text)
{
    struct finding f = {FINDING_ERROR, c->file, n->line, n->col, text};
    c->report(c->arg, &f);
}

/* is_fixed: nothing in it depends on what a letter holds. */
static bool is_fixed(const struct node *n)
{
    if (!n)
        return true;
    if (n->kind == NODE_VARIABLE || n->kind == NODE_CALL || n->kind == NODE_STATIC ||
        n->kind == NODE_METHOD || n->kind > NODE_HOLE)
        return false;
    for (size_t i = 0; i < n->kids.len; i++)
        if (!is_fixed(n->kids.at[i]))
            return false;
    return is_fixed(n->a) && is_fixed(n->b) && is_fixed(n->c);
}

/* check_values makes a call whose arguments are all written out, a method's with a date
 * of ours: what it then refuses it would refuse in each letter. */
static void check_values(const struct check *c, const struct php_function *f,
                         const struct node *n)
{
    enum { ROOM = 1 << 20 };
    for (size_t i = 0; i < n->kids.len; i++)
        if (!is_fixed(n->kids.at[i]))
            return;
    struct arena a = arena_open(ROOM);
    struct error e = {0};
    struct php_scope scope = {.vars = php_array_new(&a), .host = c->host};
    struct eval ev = {.scope = &scope, .perm = &a, .file = c->file, .e = &e};
    struct php_value result, self = php_date(&a, clock_unix() * 1000000);
    struct php_call call = {.self = n->kind == NODE_METHOD ? &self : NULL,
                            .scope = &scope,
                            .perm = &a,
                            .result = &result,
                            .e = &e};
    jmp_buf full;
    arena_guard(&a, &full);
    bool ok = setjmp(full) != 0 || (eval_arguments(&ev, n, &call) && invoke(f, &call));
    if (!ok && e.kind == ERR_UNSUPPORTED) {
        char text[1024];
        snprintf(text, sizeof(text),
                 "%s() – with these arguments facteur cannot call it: "
                 "%.800s",
                 f->name, e.text);
        report(c, n, text);
    }
    arena_close(&a);
}

static void check_call(const struct check *c, const struct node *n)
{
    struct error e = {0};
    char text[1024], name[512];
    bool is_method = n->kind == NODE_METHOD;
    snprintf(name, sizeof(name), "%.*s%s%.*s", STR_ARG(n->class_name),
             n->class_name.len ? "::" : "", STR_ARG(n->name));
    const struct php_function *f = is_method ? find_method(n->name) : called(n, c->host);
    if (!f) {
        snprintf(text, sizeof(text), "%s%s() – facteur cannot call it",
                 is_method ? "->" : "", name);
        report(c, n, text);
    } else if (!check_count(f, n->kids.len, &e)) {
        snprintf(text, sizeof(text), "%s() – wrong number of arguments: %s", name,
                 e.text);
        report(c, n, text);
    } else {
        check_values(c, f, n);
    }
}

static void check_node(const struct check *c, const struct node *n)
{
    struct php_value v;
    if (!n)
        return;
    if (n->kind == NODE_CALL || n->kind == NODE_STATIC || n->kind == NODE_METHOD)
        check_call(c, n);
    if (n->kind == NODE_CONST && !php_constant(n->class_name, n->name, &v)) {
        char text[1024];
        snprintf(text, sizeof(text), "constant %.*s%s%.*s – facteur does not know it",
                 STR_ARG(n->class_name), n->class_name.len ? "::" : "", STR_ARG(n->name));
        report(c, n, text);
    }
    check_node(c, n->a);
    check_node(c, n->b);
    check_node(c, n->c);
    for (size_t i = 0; i < n->kids.len; i++)
        check_node(c, n->kids.at[i]);
}

void php_check(const struct php_expr *x, const struct php_host *host, finding_fn *fn,
               void *arg)
{
    struct check c = {x->file, host, fn, arg};
    check_node(&c, x->root);
}
