/* Which data an expression looks at. */
#include "php/expr_imp.h"

enum { MAX_CHAIN = 64 };

struct uses {
    php_uses_fn *fn;
    void *arg;
    const char *file;
};

/* field_of returns the name that n adds to a chain: a property, or a literal key. */
static bool field_of(const struct node *n, struct str *name)
{
    if (n->kind == NODE_PROP)
        *name = n->name;
    else if (n->kind == NODE_INDEX && n->b->kind == NODE_VALUE &&
             n->b->value.type == PHP_STRING)
        *name = n->b->value.s;
    else
        return false;
    return true;
}

/* report_chain reports n when it is a chain from a variable. */
static bool report_chain(const struct uses *u, const struct node *n)
{
    struct str names[MAX_CHAIN], name;
    size_t len = 0;
    while (len < MAX_CHAIN - 1 && field_of(n, &name)) {
        names[MAX_CHAIN - 1 - len++] = name;
        n = n->a;
    }
    if (n->kind != NODE_VARIABLE)
        return false;
    names[MAX_CHAIN - 1 - len++] = n->name;
    u->fn(u->arg, names + MAX_CHAIN - len, len,
          (struct php_place){u->file, n->line, n->col});
    return true;
}

static void walk(const struct uses *u, const struct node *n)
{
    if (!n || report_chain(u, n))
        return;
    walk(u, n->a);
    walk(u, n->b);
    walk(u, n->c);
    for (size_t i = 0; i < n->kids.len; i++)
        walk(u, n->kids.at[i]);
}

void php_uses(const struct php_expr *x, php_uses_fn *fn, void *arg)
{
    struct uses u = {fn, arg, x->file};
    walk(&u, x->root);
}
