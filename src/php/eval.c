/* Tree → value. */
#include <stdio.h>

#include "php/expr_imp.h"
#include "php/values_imp.h"

enum { MAX_TEXT = 64 << 20 };

bool eval_fail(struct eval *ev, const struct node *n, enum err_kind kind, const char *fmt,
               ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    err_set(ev->e, kind, "%s", text);
    return err_place(ev->e, ev->file, n->line, n->col);
}

/* placed adds the node's place to an error of an operator or a function. */
static bool placed(struct eval *ev, const struct node *n, bool ok)
{
    return ok || err_place(ev->e, ev->file, n->line, n->col);
}

struct php_value eval_hole(struct arena *perm, struct error *e)
{
    struct error *why = NEW(perm, struct error, 1);
    *why = *e;
    err_clear(e);
    return (struct php_value){.type = PHP_HOLE, .hole = why};
}

/* A value that config could not evaluate is an error as soon as it is looked at. */
bool eval_no_hole(struct eval *ev, struct php_value v)
{
    if (v.type != PHP_HOLE)
        return true;
    err_set(ev->e, v.hole->kind, "%s", v.hole->text);
    return err_place(ev->e, v.hole->file, v.hole->line, v.hole->col);
}

/* === where entries come from === */

/* inherit: what was asked for one value was asked for the entry that uses it. */
static void inherit(struct eval *ev, const struct php_origin *from)
{
    struct php_origin *to = ev->scope->file->origin;
    for (size_t i = 0; to && from && i < from->env.len; i++)
        VEC_PUSH(ev->perm, &to->env, from->env.at[i]);
}

void php_note_env(struct php_call *c, struct str name)
{
    struct php_file *file = c->scope->file;
    if (file && file->origin)
        VEC_PUSH(c->perm, &file->origin->env, str_copy(c->perm, name));
}

/* === variables, keys, properties ===
 *
 * A chain like `$a->b['c']?->d`. Quietly, as within `??`, isset and empty, what is
 * missing is null. `cut` is set when a `?->` met null: the rest of the chain is not
 * looked at, and all of it is null. */

struct chain {
    struct eval *ev;
    bool quiet;
    bool asked; /* quiet, by isset or empty, which word one error otherwise */
    bool cut;
};

static bool fetch(struct chain *c, const struct node *n, struct php_value *out);

static bool fetch_variable(struct chain *c, const struct node *n, struct php_value *out)
{
    struct php_key name = {.s = n->name};
    const struct php_value *v = php_array_lookup(c->ev->scope->vars, name);
    *out = v ? *v : php_null();
    if (c->ev->scope->file)
        inherit(c->ev, php_array_origin(c->ev->scope->vars, name));
    if (out->type == PHP_ARRAY && c->ev->scope->file)
        out->a->unshared = false;
    if (v || c->quiet)
        return v ? eval_no_hole(c->ev, *out) : true;
    if (str_eq(n->name, S("this")))
        return eval_fail(c->ev, n, ERR_JOB, "Using $this when not in object context");
    return eval_fail(c->ev, n, ERR_JOB, "Undefined variable $%.*s", STR_ARG(n->name));
}

static bool element_of_array(struct chain *c, const struct node *n,
                             const struct php_array *a, struct php_value key,
                             struct php_value *out)
{
    struct php_key k;
    if (!php_as_key(key, &k))
        return eval_fail(c->ev, n, ERR_JOB, "Illegal offset type%s",
                         c->asked ? " in isset or empty" : "");
    const struct php_value *v = php_array_lookup(a, k);
    *out = v ? *v : php_null();
    if (v || c->quiet)
        return v ? eval_no_hole(c->ev, *out) : true;
    if (k.is_int)
        return eval_fail(c->ev, n, ERR_JOB, "Undefined array key %lld", (long long)k.i);
    return eval_fail(c->ev, n, ERR_JOB, "Undefined array key \"%.*s\"", STR_ARG(k.s));
}

/* string_offset reads the key of a string; *is_offset false: it cannot be one. */
static bool string_offset(struct chain *c, const struct node *n, struct php_value key,
                          int64_t *at, bool *is_offset)
{
    struct php_value v = key;
    int overflow;
    *is_offset = key.type != PHP_ARRAY && key.type != PHP_OBJECT;
    if (key.type == PHP_STRING) {
        *is_offset = php_numeric(key.s, &v) && v.type == PHP_INT;
        struct php_value start;
        bool begins = php_scan_number(key.s, &start, &overflow) && start.type == PHP_INT;
        if (!*is_offset && (c->asked || (c->quiet && !begins)))
            return true;
        if (!*is_offset && begins)
            return eval_fail(c->ev, n, ERR_JOB, "Illegal string offset \"%.*s\"",
                             STR_ARG(key.s));
    } else if (*is_offset && key.type != PHP_INT && !c->quiet) {
        return eval_fail(c->ev, n, ERR_JOB, "String offset cast occurred");
    }
    struct str type = php_type_name(key);
    if (!*is_offset)
        return eval_fail(c->ev, n, ERR_JOB, "Cannot access offset of type %.*s on string",
                         STR_ARG(type));
    *at = php_to_int(v);
    return true;
}

static bool element_of_string(struct chain *c, const struct node *n, struct str s,
                              struct php_value key, struct php_value *out)
{
    int64_t at = 0;
    bool is_offset;
    *out = php_null();
    if (!string_offset(c, n, key, &at, &is_offset))
        return false;
    if (!is_offset)
        return true;
    int64_t from = at < 0 ? at + (int64_t)s.len : at;
    if (from >= 0 && from < (int64_t)s.len) {
        *out = php_string(str_sub(s, (size_t)from, 1));
        return true;
    }
    return c->quiet || eval_fail(c->ev, n, ERR_JOB, "Uninitialized string offset %lld",
                                 (long long)at);
}

/* These are properties of Eloquent's model itself. */
static bool is_model_s_own(struct str name)
{
    static const char *const own[] = {"exists",        "incrementing",
                                      "timestamps",    "wasRecentlyCreated",
                                      "usesUniqueIds", "preventsLazyLoading"};
    for (size_t i = 0; i < COUNT(own); i++)
        if (str_eq(name, str_from(own[i])))
            return true;
    return false;
}

bool php_attribute(const struct php_object *o, struct str name,
                   const struct php_host *host, struct arena *perm, struct php_value *out,
                   struct error *e)
{
    const struct php_value *v = php_array_lookup(o->props, (struct php_key){.s = name});
    *out = v ? *v : php_null();
    if (!v && is_model_s_own(name))
        return err_set(e, ERR_UNSUPPORTED, "a model's $%.*s is not supported",
                       STR_ARG(name));
    const struct php_object *object = out->type == PHP_OBJECT ? out->o : NULL;
    if (object && object->native && object->native->copy)
        *out = object->native->copy(object, host, perm);
    return true;
}

static bool row_value(struct chain *c, const struct node *n, const struct php_object *o,
                      struct str name, struct php_value *out)
{
    struct eval *ev = c->ev;
    return placed(ev, n, php_attribute(o, name, ev->scope->host, ev->perm, out, ev->e)) &&
           eval_no_hole(ev, *out);
}

/* offset_get reads a key of an object of ours that has offsetGet(); *has says so. */
static bool offset_get(struct chain *c, const struct node *n, struct php_value base,
                       struct php_value key, bool *has, struct php_value *out)
{
    struct eval *ev = c->ev;
    struct node call = {.kind = NODE_METHOD, .name = S("offsetGet"), .line = n->line};
    struct node arg = {.kind = NODE_VALUE, .value = key};
    const struct php_function *f = base.o->native ? base.o->native->methods : NULL;
    while (f && f->name && strcmp(f->name, "offsetGet") != 0)
        f++;
    *has = f && f->name;
    if (!*has)
        return true;
    call.col = n->col;
    VEC_PUSH(ev->perm, &call.kids, &arg);
    return eval_call(ev, &call, &base, out);
}

static bool element(struct chain *c, const struct node *n, struct php_value base,
                    struct php_value key, struct php_value *out)
{
    bool has = false;
    *out = php_null();
    if (php_is_unknown(base) || php_is_unknown(key))
        return eval_top(c->ev, out);
    if (base.type == PHP_OBJECT && !offset_get(c, n, base, key, &has, out))
        return false;
    if (has)
        return true;
    switch (base.type) {
    case PHP_ARRAY:
        return element_of_array(c, n, base.a, key, out);
    case PHP_STRING:
        return element_of_string(c, n, base.s, key, out);
    case PHP_OBJECT:
        if (base.o->kind == PHP_ROW && key.type == PHP_STRING)
            return row_value(c, n, base.o, key.s, out);
        return eval_fail(c->ev, n, ERR_JOB, "Cannot use object of type %.*s as array",
                         STR_ARG(base.o->class_name));
    default: {
        struct str type = php_type_name(base);
        return c->quiet ||
               eval_fail(c->ev, n, ERR_JOB,
                         "Trying to access array offset on value of type %.*s",
                         STR_ARG(type));
    }
    }
}

/* property_of_unknown: as little is known of it, and its methods are asked for too. */
static bool property_of_unknown(struct chain *c, const struct php_object *o,
                                struct str name, struct php_value *out)
{
    struct php_value whole = php_from_object((struct php_object *)o);
    const struct php_value *known =
        php_array_lookup(o->props, (struct php_key){.s = name});
    struct arena *perm = c->ev->perm;
    struct str of;
    if (known)
        *out = *known;
    else if (php_symbol_text(whole, &of))
        *out = php_symbol(perm, S(""),
                          str_fmt(perm, "%.*s.%.*s", STR_ARG(str_sub(of, 1, of.len - 2)),
                                  STR_ARG(name)),
                          false);
    else
        *out = php_is_unknown(whole) ? whole : php_unknown(c->ev->perm, S(""));
    return true;
}

static bool property(struct chain *c, const struct node *n, const struct php_object *o,
                     struct php_value *out)
{
    if (o->kind == PHP_ROW)
        return row_value(c, n, o, n->name, out);
    if (o->native == &php_unknown_class)
        return property_of_unknown(c, o, n->name, out);
    if (o->kind == PHP_NATIVE) {
        if (o->native->prop && o->native->prop(o, n->name, c->ev->perm, out))
            return true;
        return eval_fail(c->ev, n, ERR_UNSUPPORTED,
                         "property $%.*s of %.*s is not supported", STR_ARG(n->name),
                         STR_ARG(o->class_name));
    }
    const struct php_value *v =
        php_array_lookup(o->props, (struct php_key){.s = n->name});
    *out = v ? *v : php_null();
    if (!v && eval_runner(c->ev) && !eval_exact(c->ev))
        return property_of_unknown(c, o, n->name, out);
    if (v || c->quiet)
        return eval_no_hole(c->ev, *out);
    if (php_prop(o, n->name))
        return eval_fail(c->ev, n, ERR_JOB, "Cannot access property %.*s::$%.*s",
                         STR_ARG(o->class_name), STR_ARG(n->name));
    return eval_fail(c->ev, n, ERR_JOB, "Undefined property: %.*s::$%.*s",
                     STR_ARG(o->class_name), STR_ARG(n->name));
}

/* $_ENV['NAME'] and $_SERVER['NAME'] in a file: the host knows them. */
static bool fetch_superglobal(struct chain *c, const struct node *n,
                              struct php_value *out)
{
    struct node call = {.kind = NODE_CALL, .name = S("$_ENV"), .line = n->line};
    call.col = n->col;
    VEC_PUSH(c->ev->perm, &call.kids, n->b);
    if (!eval_call(c->ev, &call, NULL, out))
        return false;
    return out->type != PHP_NULL || c->quiet ||
           eval_fail(c->ev, n, ERR_JOB, "Undefined array key in %.*s",
                     STR_ARG(n->a->name));
}

static bool is_superglobal(const struct eval *ev, const struct node *n)
{
    return ev->scope->file && n->op != OP_PUSH && n->a->kind == NODE_VARIABLE &&
           (str_eq(n->a->name, S("_ENV")) || str_eq(n->a->name, S("_SERVER")));
}

static bool fetch_index(struct chain *c, const struct node *n, struct php_value *out)
{
    struct php_value base, key;
    if (is_superglobal(c->ev, n))
        return fetch_superglobal(c, n, out);
    if (!fetch(c, n->a, &base))
        return false;
    *out = php_null();
    if (c->cut)
        return true;
    if (!eval_node(c->ev, n->b, &key))
        return false;
    return element(c, n, base, php_deref(key), out);
}

static bool fetch_prop(struct chain *c, const struct node *n, struct php_value *out)
{
    struct php_value base;
    if (!fetch(c, n->a, &base))
        return false;
    *out = php_null();
    if (c->cut)
        return true;
    if (base.type == PHP_OBJECT)
        return property(c, n, base.o, out);
    if (base.type == PHP_NULL && n->nullsafe) {
        c->cut = true;
        return true;
    }
    struct str type = php_type_name(base);
    return c->quiet ||
           eval_fail(c->ev, n, ERR_JOB, "Attempt to read property \"%.*s\" on %.*s",
                     STR_ARG(n->name), STR_ARG(type));
}

/* A method's object is never fetched quietly: `$missing->m() ?? 1` is an error. */
static bool fetch_method(struct chain *c, const struct node *n, struct php_value *out)
{
    struct chain loud = {.ev = c->ev};
    struct php_value base;
    if (!fetch(&loud, n->a, &base))
        return false;
    *out = php_null();
    c->cut = loud.cut || (base.type == PHP_NULL && n->nullsafe);
    if (c->cut)
        return true;
    if (base.type == PHP_OBJECT)
        return eval_call(c->ev, n, &base, out);
    struct str type = php_type_name(base);
    return eval_fail(c->ev, n, ERR_JOB, "Call to a member function %.*s() on %.*s",
                     STR_ARG(n->name), STR_ARG(type));
}

static bool fetch(struct chain *c, const struct node *n, struct php_value *out)
{
    bool ok;
    switch (n->kind) {
    case NODE_VARIABLE:
        ok = fetch_variable(c, n, out);
        break;
    case NODE_INDEX:
        ok = fetch_index(c, n, out);
        break;
    case NODE_PROP:
        ok = fetch_prop(c, n, out);
        break;
    case NODE_METHOD:
        ok = fetch_method(c, n, out);
        break;
    default:
        ok = eval_node(c->ev, n, out);
        break;
    }
    if (ok)
        *out = php_deref(*out);
    return ok;
}

static bool fetch_loud(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct chain c = {.ev = ev};
    return fetch(&c, n, out);
}

static bool fetch_asked(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct chain c = {.ev = ev, .quiet = true, .asked = true};
    return fetch(&c, n, out);
}

/* === arrays === */

static bool spread(struct eval *ev, const struct node *item, bool is_literal,
                   struct php_array *out)
{
    struct php_value v;
    if (!(is_literal ? eval_literal : eval_node)(ev, item->b, &v))
        return false;
    if (php_is_unknown(v)) {
        php_array_push(ev->perm, out, v);
        return true;
    }
    if (v.type != PHP_ARRAY)
        return eval_fail(ev, item, v.type == PHP_OBJECT ? ERR_UNSUPPORTED : ERR_JOB,
                         "Only arrays and Traversables can be unpacked");
    for (size_t i = 0; i < v.a->len; i++)
        php_array_copy(ev->perm, out, &v.a->at[i], true);
    return true;
}

/* A value of a literal array, or the hole that stands for it. */
static bool literal_value(struct eval *ev, const struct node *n, struct php_value *out)
{
    if (eval_runner(ev))
        return eval_leniently(ev, n, out);
    if (!eval_literal(ev, n, out))
        *out = eval_hole(ev->perm, ev->e);
    return true;
}

/* item_value computes the value of an item; in a file, *origin is where it comes from. */
static bool item_value(struct eval *ev, const struct node *item, bool is_literal,
                       struct php_value *out, const struct php_origin **origin)
{
    struct php_file *file = ev->scope->file;
    *origin = NULL;
    if (!file)
        return (is_literal ? literal_value : eval_node)(ev, item->b, out);
    struct php_origin *outer = file->origin, *mine = NEW(ev->perm, struct php_origin, 1);
    mine->file = ev->file;
    mine->line = item->line;
    file->origin = mine;
    is_literal = is_literal || file->runner;
    bool ok = (is_literal ? literal_value : eval_node)(ev, item->b, out);
    file->origin = outer;
    inherit(ev, mine);
    *origin = mine;
    return ok;
}

static bool add_item(struct eval *ev, const struct node *item, bool is_literal,
                     struct php_array *out)
{
    struct php_value key, value;
    const struct php_origin *origin;
    struct php_key k;
    if (item->op == OP_SPREAD)
        return spread(ev, item, is_literal, out);
    if (item->a && !eval_node(ev, item->a, &key))
        return false;
    if (!item_value(ev, item, is_literal, &value, &origin))
        return false;
    if (!item->a && out->next == INT64_MAX)
        return eval_fail(ev, item, ERR_JOB,
                         "Cannot add element to the array as the next element is "
                         "already occupied");
    if (item->a && !php_as_key(key, &k))
        return eval_fail(ev, item, ERR_JOB, "Illegal offset type");
    if (item->a)
        php_array_put(ev->perm, out, k, php_deref(value));
    else
        php_array_push(ev->perm, out, php_deref(value));
    if (origin)
        php_array_mark(out, item->a ? k : out->at[out->len - 1].key, origin);
    return true;
}

static bool eval_array(struct eval *ev, const struct node *n, bool is_literal,
                       struct php_value *out)
{
    struct php_array *a = php_array_new(ev->perm);
    for (size_t i = 0; i < n->kids.len; i++)
        if (!add_item(ev, n->kids.at[i], is_literal, a))
            return false;
    *out = php_from_array(a);
    return true;
}

/* === the other nodes === */

static bool eval_template(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct buf b = buf_new(ev->perm, MAX_TEXT);
    VEC(struct php_value) parts = {0};
    bool unknown = false;
    for (size_t i = 0; i < n->kids.len; i++) {
        struct php_value v;
        struct str s;
        const struct node *kid = n->kids.at[i];
        if (!eval_node(ev, kid, &v))
            return false;
        unknown = unknown || php_is_unknown(v);
        if (eval_runner(ev))
            VEC_PUSH(ev->perm, &parts, v);
        if (php_is_unknown(v))
            continue;
        if (!placed(ev, kid, php_to_string(v, ev->perm, &s, ev->e)))
            return false;
        buf_add(&b, s);
    }
    if (unknown)
        return eval_joined(ev, parts.at, parts.len, out);
    if (b.full)
        return eval_fail(ev, n, ERR_JOB, "a string grows over %d bytes", MAX_TEXT);
    *out = php_string(buf_str(&b));
    return true;
}

static bool own_constant(const struct eval *ev, const struct node *n,
                         struct php_value *out)
{
    const struct php_file *file = ev->scope->file;
    const struct php_value *v = NULL;
    if (file && n->class_name.len == 0)
        v = php_array_lookup(file->constants, (struct php_key){.s = n->name});
    if (v)
        *out = *v;
    return v != NULL;
}

static bool eval_constant(struct eval *ev, const struct node *n, struct php_value *out)
{
    bool found = false;
    if (own_constant(ev, n, out))
        return eval_no_hole(ev, *out);
    if (eval_runner(ev) && n->class_name.len) {
        if (!eval_class_constant(ev, n, &found, out))
            return false;
        if (found)
            return true;
    }
    if (php_constant(n->class_name, n->name, out))
        return true;
    if (!eval_declared_constant(ev, n, &found, out) || found)
        return found && ev->e->kind == ERR_NONE;
    bool of_class = n->class_name.len > 0;
    return eval_fail(ev, n, ERR_UNSUPPORTED, "constant %.*s%s%.*s is not known",
                     STR_ARG(n->class_name), of_class ? "::" : "", STR_ARG(n->name));
}

/* define(name, value), and defined(name). */
static bool eval_define(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_array *constants = ev->scope->file->constants;
    struct php_value name, value;
    if (!eval_node(ev, n->kids.at[0], &name))
        return false;
    if (name.type != PHP_STRING)
        return eval_fail(ev, n, ERR_UNSUPPORTED, "a constant needs a name");
    struct php_key key = {.s = name.s};
    bool known = php_array_lookup(constants, key) || php_constant(S(""), name.s, &value);
    *out = php_bool(n->kids.len == 1 ? known : !known);
    if (n->kids.len == 1 || known)
        return true;
    literal_value(ev, n->kids.at[1], &value);
    php_array_put(ev->perm, constants, key, value);
    return true;
}

/* @expr: a missing file is false, a missing variable or key null, without a word. */
static bool eval_quiet(struct eval *ev, const struct node *n, struct php_value *out)
{
    if (n->a->kind == NODE_INCLUDE)
        return eval_include(ev, n, out);
    struct chain c = {.ev = ev, .quiet = true};
    return fetch(&c, n->a, out);
}

static bool eval_unary(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value a;
    if (n->op == OP_QUIET)
        return eval_quiet(ev, n, out);
    struct str text;
    bool undecided;
    if (!eval_node(ev, n->a, &a))
        return false;
    if (n->op == OP_NOT && eval_runner(ev)) {
        if (!eval_undecided(ev, n->a, a, &undecided))
            return false;
        *out = php_bool(!php_truthy(a));
        return !undecided || eval_top(ev, out);
    }
    if (n->op == OP_TO_STRING && php_symbol_text(a, &text))
        return eval_joined(ev, &a, 1, out);
    if (php_is_unknown(a))
        return eval_top(ev, out);
    return placed(ev, n, php_unary(n->op, a, ev->perm, out, ev->e));
}

static bool eval_binary(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value a, b;
    if (!eval_node(ev, n->a, &a))
        return false;
    if (n->op == OP_NONE) /* instanceof */
        return eval_top(ev, out);
    if (!eval_node(ev, n->b, &b))
        return false;
    if (eval_against_null(n->op, a, b, out))
        return true;
    if (php_holds_unknown(a) || php_holds_unknown(b)) {
        struct php_value parts[] = {a, b};
        return n->op == OP_CONCAT ? eval_joined(ev, parts, 2, out) : eval_top(ev, out);
    }
    return placed(ev, n, php_binary(n->op, a, b, ev->perm, out, ev->e));
}

/* && and ||: the right side only when the left one has not decided. */
static bool eval_logic(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value v;
    bool undecided;
    if (!eval_node(ev, n->a, &v) || !eval_undecided(ev, n->a, v, &undecided))
        return false;
    if (undecided)
        return eval_maybe(ev, n->b) && eval_top(ev, out);
    if (php_truthy(v) == (n->kind == NODE_AND) &&
        (!eval_node(ev, n->b, &v) || !eval_undecided(ev, n->b, v, &undecided)))
        return false;
    *out = php_bool(php_truthy(v));
    return !undecided || eval_top(ev, out);
}

static bool eval_coalesce(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct chain c = {.ev = ev, .quiet = true};
    bool undecided;
    if (!fetch(&c, n->a, out) || !eval_undecided(ev, n->a, *out, &undecided))
        return false;
    if (undecided)
        return eval_maybe(ev, n->b) && eval_top(ev, out);
    return out->type != PHP_NULL || eval_node(ev, n->b, out);
}

static bool eval_ternary(struct eval *ev, const struct node *n, struct php_value *out)
{
    bool undecided;
    if (!eval_node(ev, n->a, out) || !eval_undecided(ev, n->a, *out, &undecided))
        return false;
    if (undecided)
        return (!n->b || eval_maybe(ev, n->b)) && eval_maybe(ev, n->c) &&
               eval_top(ev, out);
    if (!php_truthy(*out))
        return eval_node(ev, n->c, out);
    return !n->b || eval_node(ev, n->b, out);
}

static bool eval_isset(struct eval *ev, const struct node *n, struct php_value *out)
{
    bool all = true;
    for (size_t i = 0; all && i < n->kids.len; i++) {
        struct php_value v;
        bool undecided;
        if (!fetch_asked(ev, n->kids.at[i], &v) ||
            !eval_undecided(ev, n->kids.at[i], v, &undecided))
            return false;
        if (undecided)
            return eval_top(ev, out);
        all = v.type != PHP_NULL;
    }
    *out = php_bool(all);
    return true;
}

static bool eval_empty(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value v;
    bool undecided;
    if (!fetch_asked(ev, n->a, &v) || !eval_undecided(ev, n->a, v, &undecided))
        return false;
    *out = php_bool(!php_truthy(v));
    return !undecided || eval_top(ev, out);
}

/* matching_arm finds the arm whose condition is identical with v, else the default. */
static bool matching_arm(struct eval *ev, const struct node *n, struct php_value v,
                         const struct node **found)
{
    *found = NULL;
    for (size_t i = 0; i < n->kids.len; i++) {
        const struct node *arm = n->kids.at[i];
        if (arm->kids.len == 0)
            *found = arm;
    }
    for (size_t i = 0; i < n->kids.len; i++) {
        const struct node *arm = n->kids.at[i];
        for (size_t k = 0; k < arm->kids.len; k++) {
            struct php_value condition;
            if (!eval_node(ev, arm->kids.at[k], &condition))
                return false;
            if (php_is_unknown(condition))
                return eval_fail(ev, arm, ERR_UNSUPPORTED,
                                 "a condition of match() is not known");
            if (php_identical(v, condition)) {
                *found = arm;
                return true;
            }
        }
    }
    return true;
}

/* match_maybe: any arm may be the one. */
static bool match_maybe(struct eval *ev, const struct node *n, struct php_value *out)
{
    if (eval_exact(ev))
        return eval_fail(ev, n, ERR_UNSUPPORTED, "what match() looks at is not known");
    for (size_t i = 0; i < n->kids.len; i++)
        if (!eval_maybe(ev, n->kids.at[i]->a))
            return false;
    return eval_top(ev, out);
}

static bool eval_match(struct eval *ev, const struct node *n, bool is_literal,
                       struct php_value *out)
{
    struct php_value v;
    const struct node *arm;
    if (!eval_node(ev, n->a, &v))
        return false;
    if (eval_runner(ev) && php_holds_unknown(v))
        return match_maybe(ev, n, out);
    if (!matching_arm(ev, n, v, &arm))
        return false;
    if (arm)
        return (is_literal ? eval_literal : eval_node)(ev, arm->a, out);
    struct str type = php_type_name(v), text = php_dump(v, ev->perm);
    if (v.type == PHP_ARRAY || v.type == PHP_OBJECT)
        return eval_fail(ev, n, ERR_JOB, "Unhandled match case of type %.*s",
                         STR_ARG(type));
    return eval_fail(ev, n, ERR_JOB, "Unhandled match case %.*s", STR_ARG(text));
}

bool eval_literal(struct eval *ev, const struct node *n, struct php_value *out)
{
    struct php_value a, b;
    switch (n->kind) {
    case NODE_ARRAY:
        return eval_array(ev, n, true, out);
    case NODE_TERNARY:
        if (!n->b || !eval_node(ev, n->a, &a))
            return n->b ? false : eval_node(ev, n, out);
        if (php_is_unknown(a))
            return eval_ternary(ev, n, out);
        return eval_literal(ev, php_truthy(a) ? n->b : n->c, out);
    case NODE_MATCH:
        return eval_match(ev, n, true, out);
    case NODE_BINARY:
        if (n->op != OP_ADD)
            return eval_node(ev, n, out);
        return eval_literal(ev, n->a, &a) && eval_literal(ev, n->b, &b) &&
               placed(ev, n, php_binary(n->op, a, b, ev->perm, out, ev->e));
    default:
        return eval_node(ev, n, out);
    }
}

/* eval_throw: exactly, the error stands for what is thrown. */
static bool eval_throw(struct eval *ev, const struct node *n)
{
    struct php_value v;
    if (eval_exact(ev)) {
        if (!eval_node(ev, n->a, &v))
            return false;
        ev->scope->file->thrown = v.type == PHP_OBJECT ? v : php_null();
    }
    return eval_fail(ev, n, ERR_JOB, "the file throws an exception here");
}

/* eval_in_file evaluates what only a file may have. */
static bool eval_in_file(struct eval *ev, const struct node *n, struct php_value *out)
{
    switch (n->kind) {
    case NODE_ASSIGN:
        return eval_assign(ev, n, out);
    case NODE_CLOSURE:
        return eval_closure(ev, n, out);
    case NODE_INVOKE:
        return eval_invoke(ev, n, out);
    case NODE_INCLUDE:
        return eval_include(ev, n, out);
    case NODE_DEFINE:
        return eval_define(ev, n, out);
    case NODE_NEW:
        if (eval_runner(ev))
            return eval_new(ev, n, out);
        return eval_fail(ev, n, ERR_UNSUPPORTED, "an object of %.*s cannot be made",
                         STR_ARG(n->class_name));
    case NODE_THROW:
        return eval_throw(ev, n);
    case NODE_LOST:
        return eval_no_hole(ev, n->value);
    default:
        return eval_fail(ev, n, ERR_FATAL, "a part of the tree was evaluated alone");
    }
}

bool eval_node(struct eval *ev, const struct node *n, struct php_value *out)
{
    switch (n->kind) {
    case NODE_VALUE:
        *out = n->value;
        return true;
    case NODE_TEMPLATE:
        return eval_template(ev, n, out);
    case NODE_ARRAY:
        return eval_array(ev, n, false, out);
    case NODE_VARIABLE:
    case NODE_INDEX:
    case NODE_PROP:
    case NODE_METHOD:
        return fetch_loud(ev, n, out);
    case NODE_CALL:
    case NODE_STATIC:
        return eval_call(ev, n, NULL, out);
    case NODE_CONST:
        return eval_constant(ev, n, out);
    case NODE_UNARY:
        return eval_unary(ev, n, out);
    case NODE_BINARY:
        return eval_binary(ev, n, out);
    case NODE_AND:
    case NODE_OR:
        return eval_logic(ev, n, out);
    case NODE_COALESCE:
        return eval_coalesce(ev, n, out);
    case NODE_TERNARY:
        return eval_ternary(ev, n, out);
    case NODE_ISSET:
        return eval_isset(ev, n, out);
    case NODE_EMPTY:
        return eval_empty(ev, n, out);
    case NODE_MATCH:
        return eval_match(ev, n, false, out);
    case NODE_HOLE:
        return eval_no_hole(ev, n->value);
    default:
        return eval_in_file(ev, n, out);
    }
}

/* === entry point === */

bool php_eval(const struct php_expr *x, struct php_scope *scope, struct arena *perm,
              struct php_value *out, struct error *e)
{
    struct eval ev = {.scope = scope, .perm = perm, .file = x->file, .e = e};
    *out = php_null();
    if (!eval_node(&ev, x->root, out))
        return false;
    *out = php_deref(*out);
    return true;
}
