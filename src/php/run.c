/* Running the methods of classes of which not all is known.
 *
 * A value that cannot be known goes on as one: an object of php_unknown_class. It comes
 * out of every operator and function that it goes into; a branch that depends on it is
 * run, but `maybe`, and what is assigned there is not known afterwards. So whatever may
 * happen is met, and asked of the judge. */
#include "php/expr_imp.h"

enum { MAX_PARENTS = 32, MAX_LOOK = 64 };

const struct php_class php_unknown_class = {
    .name = "",
    .methods = (const struct php_function[]){{NULL, 0, 0, NULL}},
};

/* Behind what the judge knows nothing is asked: its methods belong to it. */
struct unknown {
    bool is_judged;
    bool present;    /* it counts as true */
    struct str text; /* what it is called; empty: it is not a symbol */
};

/* === values === */

struct php_value php_unknown(struct arena *perm, struct str class_name)
{
    struct php_object *o = php_object_new(perm, PHP_NATIVE, str_copy(perm, class_name));
    o->native = &php_unknown_class;
    o->data = NEW(perm, struct unknown, 1);
    return php_from_object(o);
}

bool php_is_unknown(struct php_value v)
{
    return v.type == PHP_OBJECT && v.o->native == &php_unknown_class;
}

struct php_value php_symbol(struct arena *perm, struct str class_name, struct str text,
                            bool present)
{
    struct php_value v = php_unknown(perm, class_name);
    struct unknown *u = v.o->data;
    u->text = str_fmt(perm, "{%.*s}", STR_ARG(text));
    u->present = present;
    return v;
}

struct php_value php_symbol_of(struct arena *perm, struct str text, bool present)
{
    struct php_value v = php_symbol(perm, S(""), S(""), present);
    ((struct unknown *)v.o->data)->text = str_copy(perm, text);
    return v;
}

bool php_symbol_text(struct php_value v, struct str *out)
{
    if (!php_is_unknown(v))
        return false;
    *out = ((struct unknown *)v.o->data)->text;
    return out->len > 0;
}

bool eval_exact(const struct eval *ev)
{
    const struct php_runner *r = eval_runner(ev);
    return r && r->exact;
}

bool eval_undecided(struct eval *ev, const struct node *n, struct php_value v,
                    bool *undecided)
{
    *undecided = php_is_unknown(v) && !((struct unknown *)v.o->data)->present;
    return !*undecided || !eval_exact(ev) ||
           eval_fail(ev, n, ERR_UNSUPPORTED,
                     "what is done here depends on what is not known before");
}

static bool is_present(struct php_value v)
{
    return php_is_unknown(v) && ((struct unknown *)v.o->data)->present;
}

bool eval_against_null(enum php_op op, struct php_value a, struct php_value b,
                       struct php_value *out)
{
    bool same = op == OP_IDENTICAL || op == OP_EQUAL;
    *out = php_bool(!same);
    return (same || op == OP_NOT_IDENTICAL || op == OP_NOT_EQUAL) &&
           ((is_present(a) && b.type == PHP_NULL) ||
            (is_present(b) && a.type == PHP_NULL));
}

bool eval_joined(struct eval *ev, const struct php_value *parts, size_t len,
                 struct php_value *out)
{
    struct buf b = buf_new(ev->perm, 64 << 10);
    struct error ignored = {0};
    bool present = false;
    for (size_t i = 0; i < len; i++) {
        struct str s;
        if (php_is_unknown(parts[i]) ? !php_symbol_text(parts[i], &s)
                                     : !php_to_string(parts[i], ev->perm, &s, &ignored))
            return eval_top(ev, out);
        if (!php_is_unknown(parts[i]) && str_has(s, S("{")))
            return eval_top(ev, out); /* it could be taken for a symbol */
        present = present || (s.len && !php_is_unknown(parts[i]) && !str_eq(s, S("0")));
        buf_add(&b, s);
    }
    if (b.full)
        return eval_top(ev, out);
    *out = php_symbol_of(ev->perm, buf_str(&b), present);
    return true;
}

static bool holds_unknown(struct php_value v, int depth)
{
    if (v.type != PHP_ARRAY)
        return php_is_unknown(v);
    for (size_t i = 0; i < v.a->len; i++)
        if (depth == MAX_LOOK || holds_unknown(v.a->at[i].value, depth + 1))
            return true;
    return false;
}

bool php_holds_unknown(struct php_value v)
{
    return holds_unknown(v, 0);
}

const struct php_runner *eval_runner(const struct eval *ev)
{
    return ev->scope->file ? ev->scope->file->runner : NULL;
}

bool eval_top(struct eval *ev, struct php_value *out)
{
    *out = php_unknown(ev->perm, S(""));
    return true;
}

/* eval_leniently: only what ends the process is an error. What a statement could not do
 * in an argument is an effect like any other. */
bool eval_leniently(struct eval *ev, const struct node *n, struct php_value *out)
{
    if (eval_exact(ev))
        return eval_node(ev, n, out) && eval_no_hole(ev, *out);
    if (eval_literal(ev, n, out)) {
        if (out->type == PHP_HOLE)
            return eval_top(ev, out);
        return true;
    }
    if (ev->e->kind == ERR_FATAL)
        return false;
    err_clear(ev->e);
    return eval_top(ev, out);
}

bool eval_maybe(struct eval *ev, const struct node *n)
{
    struct php_value ignored;
    struct php_file *file = ev->scope->file;
    int maybe = file->maybe++;
    bool ok = eval_leniently(ev, n, &ignored);
    file->maybe = maybe;
    return ok;
}

/* === what is not known === */

/* run_closures: whoever gets a closure may call it, with anything. */
static bool run_closures(struct eval *ev, const struct php_call *c)
{
    struct php_file *file = ev->scope->file;
    int maybe = file->maybe;
    for (size_t i = 0; i < c->len; i++) {
        struct php_value ignored;
        struct php_call inner = *c;
        if (c->args[i].type != PHP_OBJECT || c->args[i].o->native != &php_closure_class)
            continue;
        inner.args = NULL;
        inner.len = 0;
        inner.result = &ignored;
        file->maybe = maybe + 1;
        bool ok = closure_call(c->args[i].o, &inner);
        file->maybe = maybe;
        if (!ok && ev->e->kind == ERR_FATAL)
            return false;
        err_clear(ev->e);
    }
    return true;
}

bool eval_unmade(struct eval *ev, struct php_call *c)
{
    return run_closures(ev, c) && eval_top(ev, c->result);
}

bool eval_judged(struct eval *ev, const struct node *n, struct php_effect *d,
                 struct php_value *out)
{
    const struct php_runner *r = eval_runner(ev);
    const struct php_value *self = d->call ? d->call->self : NULL;
    *out = php_unknown(ev->perm, S(""));
    ((struct unknown *)out->o->data)->is_judged = true;
    if (self && php_is_unknown(*self) && ((struct unknown *)self->o->data)->is_judged)
        return true;
    d->place = (struct php_place){ev->file, n->line, n->col};
    d->maybe = ev->scope->file->maybe > 0;
    d->perm = ev->perm;
    if (d->call) {
        d->args = d->call->args;
        d->len = d->call->len;
        d->call->name = str_z(ev->perm, n->name);
        d->call->file = ev->file;
        d->call->line = n->line;
        d->call->col = n->col;
    }
    return r->judge(r->arg, d, out, ev->e);
}

/* === methods of declared classes === */

static const struct php_declared *find_class(struct eval *ev, struct str name)
{
    const struct php_runner *r = eval_runner(ev);
    return name.len ? r->find(r->arg, name) : NULL;
}

/* find_method looks in the class, its traits, then its parents; *where is whose it is,
 * and *last the name of the last parent, of which no source is known. */
static const struct member *find_method(const struct php_runner *r,
                                        const struct php_declared *c, struct str name,
                                        const struct php_declared **where,
                                        struct str *last)
{
    for (int i = 0; c && i < MAX_PARENTS; i++) {
        const struct member *m = declared_method(c, name);
        *where = c;
        *last = c->parent.len ? c->parent : c->name;
        for (size_t k = 0; !m && k < c->traits.len; k++) {
            const struct php_declared *trait = r->find(r->arg, c->traits.at[k]);
            m = trait ? declared_method(trait, name) : NULL;
            if (m)
                *where = trait;
        }
        if (m)
            return m;
        c = c->parent.len ? r->find(r->arg, c->parent) : NULL;
    }
    return NULL;
}

static bool call_member(struct eval *ev, const struct php_declared *c,
                        const struct member *m, const struct php_value *self,
                        struct php_call *call, struct php_value *out)
{
    struct php_file *file = ev->scope->file;
    const struct php_declared *outer = file->declared;
    struct php_scope scope = {php_array_new(ev->perm), ev->scope->host, file};
    struct eval inner = {&scope, ev->perm, c->file, ev->e};
    if (self)
        php_array_put(ev->perm, scope.vars, (struct php_key){.s = S("this")}, *self);
    file->declared = c;
    *out = php_null();
    bool ok = eval_step(&inner, m->node, 1) && closure_params(&inner, m->node, call) &&
              closure_body(&inner, m->node, out);
    file->depth--;
    file->declared = outer;
    return ok;
}

/* name_arguments: what is passed over has arguments in any order, not known. */
static bool name_arguments(struct eval *ev, const struct member *m, struct php_call *call)
{
    if (eval_name_arguments(ev, m->node, call))
        return true;
    if (eval_exact(ev) || ev->e->kind == ERR_FATAL)
        return false;
    err_clear(ev->e);
    for (size_t i = 0; i < call->len; i++)
        eval_top(ev, (struct php_value *)&call->args[i]);
    return true;
}

/* class_of_call finds the class whose method n calls, if its source is known. */
static const struct php_declared *class_of_call(struct eval *ev, const struct node *n,
                                                const struct php_value *self)
{
    const struct php_declared *mine = ev->scope->file->declared;
    if (self)
        return self->o->kind == PHP_PLAIN ? self->o->data : NULL;
    if (!n->class_name.len)
        return NULL;
    if (str_ieq(n->class_name, S("parent")))
        return mine ? find_class(ev, mine->parent) : NULL;
    return find_class(ev, n->class_name);
}

/* unknown_of_class asks of a method that the app's class has from a class whose source is
 * not known: parent::boot(), $this->loadViewsFrom(…). */
static bool unknown_of_class(struct eval *ev, const struct node *n, struct str of,
                             const struct php_value *self, struct php_value *out)
{
    struct php_call c = {
        .self = self, .scope = ev->scope, .perm = ev->perm, .result = out, .e = ev->e};
    struct php_effect d = {
        .kind = PHP_EFFECT_METHOD, .class_name = of, .name = n->name, .call = &c};
    if (!self && !str_ieq(n->class_name, S("parent"))) {
        d.kind = PHP_EFFECT_STATIC;
        d.class_name = n->class_name;
    }
    return eval_arguments(ev, n, &c) && eval_judged(ev, n, &d, out);
}

bool eval_declared(struct eval *ev, const struct node *n, const struct php_value *self,
                   bool *found, struct php_value *out)
{
    const struct php_runner *r = eval_runner(ev);
    const struct php_declared *mine = ev->scope->file->declared, *where = NULL;
    const struct php_declared *c = class_of_call(ev, n, self);
    const struct php_value *this =
        php_array_lookup(ev->scope->vars, (struct php_key){.s = S("this")});
    bool is_parent = !self && str_ieq(n->class_name, S("parent"));
    struct str last = is_parent && mine ? mine->parent : S("");
    struct php_call call = {
        .self = self, .scope = ev->scope, .perm = ev->perm, .result = out, .e = ev->e};
    *found = c || is_parent;
    if (!*found)
        return true;
    const struct member *m = find_method(r, c, n->name, &where, &last);
    if (!m)
        return unknown_of_class(ev, n, last, self, out);
    if (!eval_arguments(ev, n, &call))
        return false;
    if (call.named && !name_arguments(ev, m, &call))
        return false;
    return call_member(ev, where, m, self ? self : this, &call, out);
}

bool eval_class_constant(struct eval *ev, const struct node *n, bool *found,
                         struct php_value *out)
{
    const struct php_declared *c = class_of_call(ev, n, NULL);
    const struct member *m = NULL;
    for (int i = 0; c && !m && i < MAX_PARENTS; i++) {
        m = declared_constant(c, n->name);
        c = m ? c : find_class(ev, c->parent);
    }
    *found = m != NULL;
    return !m || eval_leniently(ev, m->node, out);
}

/* === new === */

static void set_defaults(const struct php_runner *r, struct eval *ev,
                         const struct php_declared *c, struct php_array *props)
{
    struct error e = {0};
    const struct php_declared *parent = c->parent.len ? r->find(r->arg, c->parent) : NULL;
    const struct php_declared *outer = ev->scope->file->declared;
    struct eval own = *ev;
    own.file = c->file;
    own.e = &e;
    if (parent && ev->scope->file->depth++ < MAX_PARENTS)
        set_defaults(r, ev, parent, props);
    ev->scope->file->depth -= parent != NULL;
    ev->scope->file->declared = c;
    for (const struct member *m = c->properties; m; m = m->next) {
        struct php_value v = php_null();
        if (m->node && !eval_leniently(&own, m->node, &v))
            eval_top(&own, &v);
        php_array_put(ev->perm, props, (struct php_key){.s = m->name}, v);
    }
    ev->scope->file->declared = outer;
}

static struct php_value new_object(struct eval *ev, const struct php_declared *c)
{
    struct php_object *o = php_object_new(ev->perm, PHP_PLAIN, c->name);
    o->data = (void *)c;
    set_defaults(eval_runner(ev), ev, c, o->props);
    return php_from_object(o);
}

bool eval_new(struct eval *ev, const struct node *n, struct php_value *out)
{
    const struct php_declared *c = find_class(ev, n->class_name), *where;
    struct str last;
    struct php_value ignored;
    struct php_call call = {
        .name = "new", .scope = ev->scope, .perm = ev->perm, .result = out, .e = ev->e};
    struct php_effect d = {
        .kind = PHP_EFFECT_NEW, .class_name = n->class_name, .call = &call};
    if (!eval_arguments(ev, n, &call))
        return false;
    if (!c)
        return eval_judged(ev, n, &d, out);
    *out = new_object(ev, c);
    const struct member *m =
        find_method(eval_runner(ev), c, S("__construct"), &where, &last);
    if (m && call.named && !name_arguments(ev, m, &call))
        return false;
    return !m || call_member(ev, where, m, out, &call, &ignored);
}

/* === entry points === */

static struct php_file *new_file(const struct php_runner *r, struct arena *perm)
{
    struct php_file *file = NEW(perm, struct php_file, 1);
    *file = (struct php_file){.constants = php_array_new(perm), .runner = r};
    return file;
}

struct php_value php_new(const struct php_runner *r, const struct php_declared *c,
                         const struct php_array *props, struct arena *perm)
{
    struct error e = {0};
    struct php_scope scope = {php_array_new(perm), r->host, new_file(r, perm)};
    struct eval ev = {&scope, perm, c->file, &e};
    struct php_value v = new_object(&ev, c);
    for (size_t i = 0; props && i < props->len; i++)
        php_array_copy(perm, v.o->props, &props->at[i], false);
    return v;
}

bool php_run(const struct php_runner *r, struct php_value object, struct str method,
             bool maybe, struct arena *perm, struct error *e)
{
    const struct php_declared *where = NULL, *c = object.o->data;
    struct str last;
    struct php_file *file = new_file(r, perm);
    struct php_scope scope = {php_array_new(perm), r->host, file};
    struct eval ev = {&scope, perm, c->file, e};
    const struct member *m = find_method(r, c, method, &where, &last);
    struct php_value out;
    struct php_call call = {.scope = &scope, .perm = perm, .result = &out, .e = e};
    if (!m)
        return true;
    file->maybe = maybe;
    if (!call_member(&ev, where, m, &object, &call, &out)) {
        if (e->kind == ERR_FATAL)
            return false;
        struct php_effect d = {.kind = PHP_EFFECT_STATEMENT, .why = str_z(perm, S(""))};
        struct error why = *e;
        d.why = why.text;
        err_clear(e);
        return eval_judged(&ev, m->node, &d, &out);
    }
    return true;
}

bool php_throw(const struct php_effect *d, struct php_value exception, struct error *e)
{
    d->call->scope->file->thrown = exception;
    return err_set(e, ERR_JOB, "an exception is thrown");
}

bool php_method(const struct php_runner *r, struct php_invocation *i, struct arena *perm,
                struct error *e)
{
    const struct php_declared *where = NULL, *c = i->object.o->data;
    struct str last;
    struct php_file *file = new_file(r, perm);
    struct php_scope scope = {php_array_new(perm), r->host, file};
    struct eval ev = {&scope, perm, c->file, e};
    const struct member *m = find_method(r, c, i->method, &where, &last);
    struct php_call call = {.args = i->args,
                            .len = i->len,
                            .scope = &scope,
                            .perm = perm,
                            .result = &i->out,
                            .e = e};
    i->out = php_null();
    i->found = m != NULL;
    bool ok = !m || call_member(&ev, where, m, &i->object, &call, &i->out);
    i->thrown = file->thrown;
    return ok;
}

bool php_call_closure(const struct php_runner *r, struct php_value closure,
                      const struct php_value *args, size_t len, struct arena *perm,
                      struct error *e)
{
    struct php_scope scope = {php_array_new(perm), r->host, new_file(r, perm)};
    struct php_value ignored;
    struct php_call call = {.name = "a closure",
                            .args = args,
                            .len = len,
                            .scope = &scope,
                            .perm = perm,
                            .result = &ignored,
                            .e = e};
    if (closure.type != PHP_OBJECT || closure.o->native != &php_closure_class)
        return err_set(e, ERR_UNSUPPORTED, "this is no closure");
    return closure_call(closure.o, &call);
}

bool php_call_maybe(const struct php_call *c)
{
    return c->scope->file && c->scope->file->maybe > 0;
}

struct php_place php_call_place(const struct php_call *c)
{
    return (struct php_place){c->file, c->line, c->col};
}
