/* unset($a, $b['k']['l']): taking variables and elements away. */
#include "php/expr_imp.h"

/* unset = "unset" "(" target {"," target} [","] ")" ";" */
struct node *parse_unset(struct parser *p)
{
    struct node *n = new_node(p, NODE_UNSET, &p->tok);
    parse_advance(p);
    if (!expect_op(p, "("))
        return NULL;
    while (!at_op(p, ")")) {
        struct token start = p->tok;
        struct node *target = parse_operand(p);
        const struct node *base = target;
        while (base && base->kind == NODE_INDEX && base->op != OP_PUSH)
            base = base->a;
        if (base && base->kind != NODE_VARIABLE)
            return fail_unsupported(p, &start, "this unset() is not supported");
        if (!target || !add_kid(p, n, target))
            return NULL;
        if (!take_op(p, ","))
            break;
    }
    if (!expect_op(p, ")"))
        return NULL;
    return at_op(p, "?>") || p->tok.type == TOKEN_END || expect_op(p, ";") ? n : NULL;
}

static bool same_key(struct php_key a, struct php_key b)
{
    return a.is_int == b.is_int && (a.is_int ? a.i == b.i : str_eq(a.s, b.s));
}

/* without copies an array but for one key; the next pushed one is what it was. */
static struct php_array *without(struct arena *perm, const struct php_array *from,
                                 struct php_key key)
{
    struct php_array *to = php_array_new(perm);
    for (size_t i = 0; i < from->len; i++)
        if (!same_key(from->at[i].key, key))
            php_array_copy(perm, to, &from->at[i], false);
    to->next = from->next;
    return to;
}

/* unset_element: of what is not there, nothing is taken, and nothing is said. */
static bool unset_element(struct eval *ev, const struct node *n)
{
    struct php_value base, v;
    struct php_key key;
    struct node null = {.kind = NODE_VALUE};
    struct node quiet = {.kind = NODE_COALESCE, .a = n->a, .b = &null};
    if (!eval_node(ev, &quiet, &base) || !eval_node(ev, n->b, &v))
        return false;
    if (base.type == PHP_NULL)
        return true;
    if (base.type != PHP_ARRAY)
        return eval_fail(ev, n, ERR_UNSUPPORTED,
                         "only an element of an array can be unset");
    if (!php_as_key(v, &key))
        return eval_fail(ev, n, ERR_JOB, "Illegal offset type in unset");
    if (!php_array_lookup(base.a, key))
        return true;
    return eval_store(ev, n->a, php_from_array(without(ev->perm, base.a, key)));
}

bool eval_unset(struct eval *ev, const struct node *n)
{
    const struct php_file *file = ev->scope->file;
    if (eval_runner(ev) && file->maybe > file->sure)
        return eval_fail(ev, n, ERR_UNSUPPORTED,
                         "unset() in a branch that may not be run is not supported");
    for (size_t i = 0; i < n->kids.len; i++) {
        const struct node *target = n->kids.at[i];
        if (target->kind == NODE_INDEX && !unset_element(ev, target))
            return false;
        if (target->kind == NODE_VARIABLE)
            ev->scope->vars =
                without(ev->perm, ev->scope->vars, (struct php_key){.s = target->name});
    }
    return true;
}
