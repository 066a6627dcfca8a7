/* What a PHP file declares, read without running it: which class, and the values of its
 * constants and of an enum's cases. */
#include <sys/stat.h>

#include "php/expr_imp.h"

/* === walking over tokens === */

static bool is_word(const struct token *t, const char *word)
{
    return t->type == TOKEN_NAME && str_ieq(t->text, str_from(word));
}

static enum php_declares declares(const struct token *t)
{
    static const struct {
        const char *word;
        enum php_declares what;
    } words[] = {{"class", PHP_DECLARES_CLASS},
                 {"enum", PHP_DECLARES_ENUM},
                 {"interface", PHP_DECLARES_INTERFACE},
                 {"trait", PHP_DECLARES_TRAIT}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (is_word(t, words[i].word))
            return words[i].what;
    return PHP_DECLARES_NOTHING;
}

/* find_class moves behind the name of the class, where a word at the top declares it. */
static enum php_declares find_class(struct lexer *lx, struct str name)
{
    enum php_declares what = PHP_DECLARES_NOTHING;
    for (struct token t = lex_next(lx); t.type != TOKEN_END; t = lex_next(lx)) {
        if (what && t.type == TOKEN_NAME && str_ieq(t.text, name))
            return what;
        what = is_op(&t, "::") ? PHP_DECLARES_NOTHING : declares(&t);
    }
    return PHP_DECLARES_NOTHING;
}

static struct str short_name(struct str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '\\')
            return str_skip(name, i);
    return name;
}

enum php_declares php_file_declares(struct str source, struct str class_name)
{
    struct lexer lx = lex_start(source, (struct php_place){.line = 1, .col = 1});
    return find_class(&lx, short_name(class_name));
}

/* === a file that only declares === */

/* skip_braces moves behind the braces that begin next, parameters and attributes on the
 * way; false: there are none. */
static bool skip_braces(struct lexer *lx)
{
    int depth = 0;
    for (struct token t = lex_next(lx); t.type != TOKEN_END; t = lex_next(lx)) {
        if (t.type == TOKEN_BAD || (depth == 0 && is_op(&t, ";")))
            return false;
        depth += is_op(&t, "{") ? 1 : is_op(&t, "}") ? -1 : 0;
        if (is_op(&t, "}") && depth == 0)
            return true;
    }
    return false;
}

/* skip_statement moves behind the next semicolon; *last is the word before it. Braces may
 * group imports; a namespace's would hold what follows. */
static bool skip_statement(struct lexer *lx, bool is_space, struct str *last)
{
    *last = S("");
    for (struct token t = lex_next(lx); t.type != TOKEN_END; t = lex_next(lx)) {
        if (is_space && is_op(&t, "{"))
            return false;
        if (is_op(&t, ";"))
            return true;
        *last = t.type == TOKEN_NAME ? t.text : *last;
    }
    return false;
}

/* skip_attribute moves behind the bracket that ends "#[…]". */
static bool skip_attribute(struct lexer *lx)
{
    int depth = 1;
    for (struct token t = lex_next(lx); t.type != TOKEN_END; t = lex_next(lx)) {
        depth += is_op(&t, "[") || is_op(&t, "#[") ? 1 : is_op(&t, "]") ? -1 : 0;
        if (t.type == TOKEN_BAD || depth == 0)
            return t.type != TOKEN_BAD;
    }
    return false;
}

static bool is_modifier(const struct token *t)
{
    return is_word(t, "abstract") || is_word(t, "final") || is_word(t, "readonly");
}

/* is_its_own: the class is looked for in this very file. */
static bool is_its_own(const struct php_runner *r, struct str space, struct str name,
                       const char *file, struct arena *perm)
{
    struct str full =
        space.len ? str_fmt(perm, "%.*s\\%.*s", STR_ARG(space), STR_ARG(name)) : name;
    const struct php_declared *c = r->find(r->arg, full);
    struct stat a, b;
    return c && stat(php_declared_file(c), &a) == 0 && stat(file, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool declares_only(const struct php_runner *r, struct str source, const char *file,
                   struct arena *perm)
{
    struct lexer lx = lex_start(source, (struct php_place){.line = 1, .col = 1});
    struct str space = S(""), last;
    bool any = false;
    for (struct token t = lex_next(&lx); t.type != TOKEN_END; t = lex_next(&lx)) {
        bool is_space = is_word(&t, "namespace");
        if (is_space || is_word(&t, "use") || is_word(&t, "declare")) {
            if (!skip_statement(&lx, is_space, &last))
                return false;
            space = is_space ? last : space;
        } else if (is_op(&t, "#[")) {
            if (!skip_attribute(&lx))
                return false;
        } else if (declares(&t)) {
            t = lex_next(&lx);
            if (t.type != TOKEN_NAME || !is_its_own(r, space, t.text, file, perm) ||
                !skip_braces(&lx))
                return false;
            any = true;
        } else if (!is_modifier(&t)) {
            return false;
        }
    }
    return any;
}

/* === constants and cases === */

/* is_given: what stands behind a name says that it is declared here. */
static bool is_given(const struct lexer *lx, bool is_case)
{
    struct lexer ahead = *lx;
    struct token t = lex_next(&ahead);
    return is_op(&t, "=") || (is_case && is_op(&t, ";"));
}

/* find_member moves behind `const … NAME` or `case NAME` in the class's own braces. */
static bool find_member(struct lexer *lx, struct str name, bool *is_case)
{
    int depth = 0;
    bool in_const = false;
    *is_case = false;
    for (struct token t = lex_next(lx); t.type != TOKEN_END; t = lex_next(lx)) {
        bool is_name = t.type == TOKEN_NAME && depth == 1;
        bool declared = is_name && (in_const || *is_case) && is_given(lx, *is_case);
        if (declared && str_eq(t.text, name))
            return true;
        if (is_op(&t, "}") && depth == 1)
            return false;
        depth += is_op(&t, "{") ? 1 : is_op(&t, "}") ? -1 : 0;
        *is_case = is_name && is_word(&t, "case");
        in_const = (is_name && is_word(&t, "const")) || (in_const && !is_op(&t, ";"));
    }
    return false;
}

/* names_a_class: which class a name means, the lines before the class say; they are not
 * looked at. */
static bool names_a_class(const struct node *n)
{
    bool found = n && n->class_name.len > 0;
    for (size_t i = 0; n && i < n->kids.len; i++)
        found = found || names_a_class(n->kids.at[i]);
    return n &&
           (found || names_a_class(n->a) || names_a_class(n->b) || names_a_class(n->c));
}

/* member_value evaluates what stands behind the name: "= expr"; *has says whether. */
static bool member_value(struct eval *ev, const struct lexer *lx, bool *has,
                         struct php_value *out)
{
    struct php_place place = {.file = lx->place.file};
    lex_where(lx, &place.line, &place.col);
    struct parser p = {.perm = ev->perm, .e = ev->e, .file = place.file, .is_file = true};
    parse_start(&p, str_skip(lx->src, lx->at), place);
    *has = at_op(&p, "=");
    if (!*has)
        return true;
    parse_advance(&p);
    struct node *n = parse_expr(&p);
    struct eval inner = *ev;
    inner.file = place.file;
    if (n && names_a_class(n))
        return eval_fail(&inner, n, ERR_UNSUPPORTED,
                         "a constant that is made of another class is not supported");
    return n && eval_node(&inner, n, out);
}

static struct php_value enum_case(struct arena *perm, const struct node *n, bool backed,
                                  struct php_value value)
{
    struct php_object *o = php_object_new(perm, PHP_ENUM, n->class_name);
    o->payload = n->name;
    php_array_put(perm, o->props, (struct php_key){.s = S("name")}, php_string(n->name));
    if (backed)
        php_array_put(perm, o->props, (struct php_key){.s = S("value")}, value);
    return php_from_object(o);
}

bool eval_declared_constant(struct eval *ev, const struct node *n, bool *found,
                            struct php_value *out)
{
    const struct php_host *host = ev->scope->host;
    struct php_place place = {.line = 1, .col = 1};
    struct str source;
    bool is_case, has_value = false;
    *found = false;
    if (!ev->scope->file || !host || !host->class_source || n->class_name.len == 0)
        return true;
    if (!host->class_source(host, n->class_name, ev->perm, &place.file, &source))
        return true;
    struct lexer lx = lex_start(source, place);
    enum php_declares what = find_class(&lx, short_name(n->class_name));
    if (!what || !find_member(&lx, n->name, &is_case))
        return true;
    *found = true;
    struct php_value value = php_null();
    bool ok = eval_step(ev, n, 1) && member_value(ev, &lx, &has_value, &value);
    ev->scope->file->depth--;
    if (ok)
        *out = is_case ? enum_case(ev->perm, n, has_value, value) : value;
    return ok;
}
