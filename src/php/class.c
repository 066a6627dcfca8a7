/* Classes: what a file of the app declares, with bodies to run (run.c). */
#include "php/expr_imp.h"

/* === what stands around a class === */

static struct str name_text(struct parser *p)
{
    struct str name = str_copy(p->perm, p->tok.text);
    parse_advance(p);
    return str_starts(name, S("\\")) ? str_skip(name, 1) : name;
}

/* namespace = "namespace" Name ";" */
static bool parse_namespace(struct parser *p)
{
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME)
        return fail_unexpected(p) != NULL;
    p->space = name_text(p);
    return expect_op(p, ";");
}

/* skip_attribute: "#[" … "]" says nothing that is run here. */
static void skip_attribute(struct parser *p)
{
    int depth = 0;
    do {
        depth += at_op(p, "#[") || at_op(p, "[");
        depth -= at_op(p, "]");
        parse_advance(p);
    } while (depth > 0 && p->tok.type != TOKEN_END);
}

static bool skip_words(struct parser *p, const char *const *words)
{
    size_t i = 0;
    while (words[i] && !at_word(p, words[i]))
        i++;
    if (words[i])
        parse_advance(p);
    return words[i] != NULL;
}

/* === members === */

static struct member *add_member(struct parser *p, struct member **list, struct str name,
                                 const struct node *node, int line)
{
    struct member *m = NEW(p->perm, struct member, 1);
    *m = (struct member){name, node, line, *list};
    *list = m;
    return m;
}

static bool parse_names(struct parser *p, struct php_declared *c, bool traits)
{
    do {
        if (p->tok.type != TOKEN_NAME)
            return fail_unexpected(p) != NULL;
        struct str name = parse_class_name(p, p->tok.text);
        if (traits)
            VEC_PUSH(p->perm, &c->traits, name);
        else
            VEC_PUSH(p->perm, &c->interfaces, name);
        parse_advance(p);
    } while (take_op(p, ","));
    return true;
}

/* traits = "use" Name {"," Name} (";" | "{" … "}"): what renames methods is not there. */
static bool parse_traits(struct parser *p, struct php_declared *c)
{
    parse_advance(p);
    return parse_names(p, c, true) && expect_op(p, ";");
}

/* constants = "const" [type] NAME "=" expr {"," NAME "=" expr} ";" */
static bool parse_constants(struct parser *p, struct php_declared *c)
{
    parse_advance(p);
    if (p->tok.type == TOKEN_NAME && p->next.type == TOKEN_NAME)
        parse_advance(p);
    do {
        int line = p->tok.line;
        if (p->tok.type != TOKEN_NAME)
            return fail_unexpected(p) != NULL;
        struct str name = name_text(p);
        if (!expect_op(p, "="))
            return false;
        struct node *value = parse_expr(p);
        if (!value)
            return false;
        add_member(p, &c->constants, name, value, line);
    } while (take_op(p, ","));
    return expect_op(p, ";");
}

/* function = "function" name parameters [":" type] (block | ";") */
static bool parse_method(struct parser *p, struct php_declared *c)
{
    struct node *n = new_node(p, NODE_CLOSURE, &p->tok);
    int line = p->tok.line;
    parse_advance(p);
    take_op(p, "&");
    if (p->tok.type != TOKEN_NAME)
        return fail_unexpected(p) != NULL;
    struct str name = name_text(p);
    /* One that cannot be read is a statement that cannot be run. */
    struct member *m = add_member(p, &c->methods, name, n, line);
    struct parser start = *p;
    struct node *body = NULL;
    if (parse_signature(p, n))
        body = take_op(p, ";") ? new_node(p, NODE_BLOCK, &p->tok) : parse_block(p);
    if (!body) {
        body = parse_lost(p, &start);
        m->node = n = new_node(p, NODE_CLOSURE, &start.tok);
    }
    return adopt(p, n, body, NULL, NULL);
}

/* property = [type] $name ["=" expr] {"," $name ["=" expr]} ";" */
static bool parse_properties(struct parser *p, struct php_declared *c)
{
    while (p->tok.type == TOKEN_NAME || at_op(p, "?") || at_op(p, "|") || at_op(p, "&"))
        parse_advance(p);
    do {
        struct node *value = NULL;
        int line = p->tok.line;
        if (p->tok.type != TOKEN_VARIABLE)
            return fail_unexpected(p) != NULL;
        struct str name = str_copy(p->perm, str_skip(p->tok.text, 1));
        parse_advance(p);
        if (take_op(p, "=") && !(value = parse_expr(p)))
            return false;
        add_member(p, &c->properties, name, value, line);
    } while (take_op(p, ","));
    return expect_op(p, ";");
}

static bool parse_member_of(struct parser *p, struct php_declared *c)
{
    static const char *const modifiers[] = {"public", "protected", "private",
                                            "static", "abstract",  "final",
                                            "var",    "readonly",  NULL};
    while (at_op(p, "#["))
        skip_attribute(p);
    if (at_word(p, "use"))
        return parse_traits(p, c);
    while (skip_words(p, modifiers))
        ;
    if (at_word(p, "const"))
        return parse_constants(p, c);
    if (at_word(p, "function"))
        return parse_method(p, c);
    return parse_properties(p, c);
}

/* parse_members: one that cannot be read is a method without a name. */
static bool parse_members(struct parser *p, struct php_declared *c)
{
    if (!expect_op(p, "{"))
        return false;
    while (!at_op(p, "}")) {
        struct parser start = *p;
        if (p->tok.type == TOKEN_END)
            return fail_unexpected(p) != NULL;
        if (parse_member_of(p, c))
            continue;
        struct node *lost = parse_lost(p, &start);
        add_member(p, &c->methods, S(""), lost, start.tok.line);
    }
    parse_advance(p);
    return true;
}

/* === the class === */

/* class = {modifier} ("class" | "trait") Name ["extends" Name] ["implements" Names] … */
static struct php_declared *parse_declared(struct parser *p)
{
    static const char *const modifiers[] = {"abstract", "final", "readonly", NULL};
    struct php_declared *c = NEW(p->perm, struct php_declared, 1);
    while (skip_words(p, modifiers))
        ;
    if (!at_word(p, "class") && !at_word(p, "trait"))
        return (void *)fail_unexpected(p);
    parse_advance(p);
    if (p->tok.type != TOKEN_NAME)
        return (void *)fail_unexpected(p);
    c->file = p->file;
    c->line = p->tok.line;
    c->name = p->class_name = parse_class_name(p, p->tok.text);
    parse_advance(p);
    if (at_word(p, "extends")) {
        parse_advance(p);
        c->parent = parse_class_name(p, p->tok.text);
        parse_advance(p);
    }
    if (at_word(p, "implements")) {
        parse_advance(p);
        if (!parse_names(p, c, false))
            return NULL;
    }
    return parse_members(p, c) ? c : NULL;
}

static bool at_class(const struct parser *p)
{
    bool word = at_word(p, "class") || at_word(p, "trait") || at_word(p, "abstract") ||
                at_word(p, "final") || at_word(p, "readonly");
    return word && p->next.type == TOKEN_NAME;
}

struct php_declared *php_declare(struct str source, const char *file, struct arena *perm,
                                 struct error *e)
{
    struct php_place place = {.file = file};
    if (!parse_open_tag(&source, &place, e))
        return NULL;
    struct parser p = {.perm = perm, .e = e, .is_file = true, .is_class = true};
    int beside = 0;
    parse_where(&p, file);
    parse_start(&p, source, place);
    while (!at_class(&p)) {
        bool ok = true;
        if (p.tok.type == TOKEN_END)
            return (void *)fail_unsupported(&p, &p.tok, "the file declares no class");
        if (at_word(&p, "namespace"))
            ok = parse_namespace(&p);
        else if (at_word(&p, "use"))
            ok = parse_use(&p);
        else if (at_word(&p, "declare"))
            ok = parse_declare(&p);
        else if (at_op(&p, "#["))
            skip_attribute(&p);
        else {
            beside = beside ? beside : p.tok.line;
            parse_advance(&p);
        }
        if (!ok)
            return NULL;
    }
    struct php_declared *c = parse_declared(&p);
    if (c && !beside && p.tok.type != TOKEN_END)
        beside = p.tok.line;
    if (c)
        c->beside = beside;
    return c;
}

/* === asking === */

struct str php_declared_parent(const struct php_declared *c)
{
    return c->parent;
}

const char *php_declared_file(const struct php_declared *c)
{
    return c->file;
}

int php_declared_beside(const struct php_declared *c)
{
    return c->beside;
}

int php_declared_line(const struct php_declared *c)
{
    return c->line;
}

bool php_declared_implements(const struct php_declared *c, struct str interface)
{
    for (size_t i = 0; i < c->interfaces.len; i++)
        if (str_ieq(c->interfaces.at[i], interface))
            return true;
    return false;
}

static const struct member *find_member(const struct member *m, struct str name,
                                        bool (*same)(struct str, struct str))
{
    while (m && !same(m->name, name))
        m = m->next;
    return m;
}

const struct member *declared_method(const struct php_declared *c, struct str name)
{
    return find_member(c->methods, name, str_ieq);
}

const struct member *declared_constant(const struct php_declared *c, struct str name)
{
    return find_member(c->constants, name, str_eq);
}

bool php_declared_method(const struct php_declared *c, struct str name, int *line)
{
    const struct member *m = declared_method(c, name);
    if (m)
        *line = m->line;
    return m != NULL;
}

void php_declared_methods(const struct php_declared *c, php_name_fn *fn, void *arg)
{
    for (const struct member *m = c->methods; m; m = m->next)
        fn(arg, m->name, m->line);
}

void php_declared_traits(const struct php_declared *c, php_name_fn *fn, void *arg)
{
    for (size_t i = 0; i < c->traits.len; i++)
        fn(arg, c->traits.at[i], 0);
}

bool php_declared_property(const struct php_declared *c, struct str name, int *line)
{
    const struct member *m = find_member(c->properties, name, str_eq);
    if (m)
        *line = m->line;
    return m != NULL;
}
