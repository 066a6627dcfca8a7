/* directives.c: the table of Blade's directives.
 *
 * It names every directive that Laravel 12 knows, those that facteur lacks with the
 * reason. A name that is not here is text, as for Laravel; only a directive that the app
 * itself registers (Blade::directive, Blade::if) would be taken for text by mistake.
 *
 * To add one: a row, a function that builds its nodes, one that renders them, a test.
 */
#include "view/view_imp.h"

/* === @if and its kin: PHP's `if (…):`, whatever the directive's name === */

/* condition parses what stands in the parentheses of m. `call` is what PHP sees before
 * them: "" or "isset". */
static struct php_expr *condition(struct builder *b, const struct mark *m,
                                  const char *call)
{
    struct str word = str_from(call);
    if (!m->has_code) {
        compile_error(b->c, m->at, "@%s – it needs a condition in parentheses",
                      m->directive->name);
        return NULL;
    }
    struct str code = str_join(b->c->tmp, word, m->code);
    return build_expr_call(b, code, m->code_at, word.len);
}

static void open_if(struct builder *b, const struct mark *m, const char *call,
                    bool negate)
{
    struct branch *branch = open_branch(b, m);
    branch->condition = condition(b, m, call);
    branch->negate = negate;
}

static void build_if(struct builder *b, const struct mark *m)
{
    open_if(b, m, "", false);
}

static void build_unless(struct builder *b, const struct mark *m)
{
    open_if(b, m, "", true);
}

static void build_isset(struct builder *b, const struct mark *m)
{
    open_if(b, m, "isset", false);
}

static struct branch *add_branch(struct builder *b, const struct mark *m)
{
    struct open *open = inner_block(b, m, OPEN_IF);
    if (!open)
        return NULL;
    if (open->last->otherwise)
        compile_error(b->c, m->at, "@%s – it follows @else; PHP cannot parse the view",
                      m->directive->name);
    struct branch *branch = NEW(b->c->perm, struct branch, 1);
    open->last->next = branch;
    open->last = branch;
    b->tail = &branch->body;
    return branch;
}

static void build_elseif(struct builder *b, const struct mark *m)
{
    struct branch *branch = add_branch(b, m);
    struct php_expr *x = condition(b, m, "");
    if (branch)
        branch->condition = x;
}

static void build_else(struct builder *b, const struct mark *m)
{
    /* Laravel drops what stands in parentheses behind @else. */
    struct branch *branch = add_branch(b, m);
    if (branch)
        branch->otherwise = true;
}

static void build_endif(struct builder *b, const struct mark *m)
{
    struct open *open = inner_block(b, m, OPEN_IF);
    if (open)
        close_block(b, open);
}

static void build_empty(struct builder *b, const struct mark *m)
{
    if (m->has_code)
        open_if(b, m, "empty", false);
    else
        build_forelse_empty(b, m);
}

/* === @include === */

/* include_name cuts a literal name off the front of the arguments. Laravel would
 * evaluate any expression; what it names must be known when the view is checked. */
static bool include_name(struct str args, struct str *name, struct str *rest)
{
    size_t at = 0;
    while (at < args.len && is_space(args.ptr[at]))
        at++;
    if (at == args.len || (args.ptr[at] != '\'' && args.ptr[at] != '"'))
        return false;
    char quote = args.ptr[at++];
    size_t from = at;
    while (at < args.len && args.ptr[at] != quote) {
        char c = args.ptr[at];
        if (!is_word(c) && c != '.' && c != '-' && c != '/' && c != ':')
            return false;
        at++;
    }
    *name = str_sub(args, from, at - from);
    *rest = str_skip(args, at + 1);
    while (rest->len > 0 && is_space(rest->ptr[0]))
        *rest = str_skip(*rest, 1);
    return at < args.len && name->len > 0 && (rest->len == 0 || rest->ptr[0] == ',');
}

static void build_include(struct builder *b, const struct mark *m)
{
    struct str args = m->has_code ? str_sub(m->code, 1, m->code.len - 2) : S(""), name,
               rest;
    if (!include_name(args, &name, &rest)) {
        compile_error(b->c, m->at,
                      "@include – only a literal name is followed; another view might be "
                      "meant");
        return;
    }
    if (str_has(name, S("::"))) {
        compile_error(b->c, m->at,
                      "@include('%.*s') – views of packages (namespace::name) are not "
                      "looked for",
                      STR_ARG(name));
        return;
    }
    struct include *include = NEW(b->c->perm, struct include, 1);
    include->name = str_copy(b->c->perm, name);
    compile_place(b->c, m->at, &include->line, &include->col);
    VEC_PUSH(b->c->perm, &b->c->out->includes, include);
    struct node *n = build_node(b, m->at, render_include);
    n->include = include;
    if (rest.len > 0) {
        rest = str_skip(rest, 1);
        n->expr = build_expr(b, rest, m->code_at + (uint32_t)(rest.ptr - m->code.ptr));
    }
}

/* === the table === */

#define LOOP "only @foreach and @forelse go round, and to their end"
#define SWITCH "switches are not rendered"
#define LAYOUT "layouts and sections are not rendered"
#define STACK "stacks are not rendered"
#define COMPONENT "components are not rendered"
#define PHP_CODE "PHP code in a view is not run"
#define GUARD "only the app's PHP knows who is logged in, and what is allowed"
#define SERVICE "it needs the app's PHP"
#define LANG "translations are not looked up"
#define OUTPUT "what it prints is not known here"
#define INCLUDE "only a plain @include is followed"
#define INTERNAL "Blade's compiler has an inner function of this name and would call it"

static const struct directive directives[] = {
    {"if", build_if, NULL},
    {"elseif", build_elseif, NULL},
    {"else", build_else, NULL},
    {"endif", build_endif, NULL},
    {"unless", build_unless, NULL},
    {"endunless", build_endif, NULL},
    {"isset", build_isset, NULL},
    {"endisset", build_endif, NULL},
    {"empty", build_empty, NULL},
    {"endempty", build_endif, NULL},
    {"foreach", build_foreach, NULL},
    {"endforeach", build_endforeach, NULL},
    {"forelse", build_forelse, NULL},
    {"endforelse", build_endif, NULL},
    {"include", build_include, NULL},

    {"includeif", NULL, INCLUDE},
    {"includewhen", NULL, INCLUDE},
    {"includeunless", NULL, INCLUDE},
    {"includefirst", NULL, INCLUDE},
    {"includeisolated", NULL, INCLUDE},
    {"each", NULL, INCLUDE},

    {"for", NULL, LOOP},
    {"endfor", NULL, LOOP},
    {"while", NULL, LOOP},
    {"endwhile", NULL, LOOP},
    {"break", NULL, LOOP},
    {"continue", NULL, LOOP},

    {"switch", NULL, SWITCH},
    {"case", NULL, SWITCH},
    {"default", NULL, SWITCH},
    {"endswitch", NULL, SWITCH},

    {"extends", NULL, LAYOUT},
    {"extendsfirst", NULL, LAYOUT},
    {"section", NULL, LAYOUT},
    {"endsection", NULL, LAYOUT},
    {"stop", NULL, LAYOUT},
    {"show", NULL, LAYOUT},
    {"append", NULL, LAYOUT},
    {"overwrite", NULL, LAYOUT},
    {"yield", NULL, LAYOUT},
    {"parent", NULL, LAYOUT},
    {"hassection", NULL, LAYOUT},
    {"sectionmissing", NULL, LAYOUT},
    {"fragment", NULL, LAYOUT},
    {"endfragment", NULL, LAYOUT},

    {"push", NULL, STACK},
    {"endpush", NULL, STACK},
    {"pushif", NULL, STACK},
    {"elsepushif", NULL, STACK},
    {"elsepush", NULL, STACK},
    {"endpushif", NULL, STACK},
    {"pushonce", NULL, STACK},
    {"endpushonce", NULL, STACK},
    {"prepend", NULL, STACK},
    {"endprepend", NULL, STACK},
    {"prependonce", NULL, STACK},
    {"endprependonce", NULL, STACK},
    {"stack", NULL, STACK},
    {"hasstack", NULL, STACK},
    {"once", NULL, STACK},
    {"endonce", NULL, STACK},

    {"component", NULL, COMPONENT},
    {"endcomponent", NULL, COMPONENT},
    {"componentfirst", NULL, COMPONENT},
    {"endcomponentfirst", NULL, COMPONENT},
    {"endcomponentclass", NULL, COMPONENT},
    {"slot", NULL, COMPONENT},
    {"endslot", NULL, COMPONENT},
    {"props", NULL, COMPONENT},
    {"aware", NULL, COMPONENT},

    {"php", NULL, PHP_CODE},
    {"unset", NULL, PHP_CODE},
    {"use", NULL, PHP_CODE},
    {"inject", NULL, PHP_CODE},

    {"auth", NULL, GUARD},
    {"elseauth", NULL, GUARD},
    {"endauth", NULL, GUARD},
    {"guest", NULL, GUARD},
    {"elseguest", NULL, GUARD},
    {"endguest", NULL, GUARD},
    {"can", NULL, GUARD},
    {"elsecan", NULL, GUARD},
    {"endcan", NULL, GUARD},
    {"cannot", NULL, GUARD},
    {"elsecannot", NULL, GUARD},
    {"endcannot", NULL, GUARD},
    {"canany", NULL, GUARD},
    {"elsecanany", NULL, GUARD},
    {"endcanany", NULL, GUARD},

    {"env", NULL, SERVICE},
    {"endenv", NULL, SERVICE},
    {"production", NULL, SERVICE},
    {"endproduction", NULL, SERVICE},
    {"session", NULL, SERVICE},
    {"endsession", NULL, SERVICE},
    {"context", NULL, SERVICE},
    {"endcontext", NULL, SERVICE},
    {"error", NULL, SERVICE},
    {"enderror", NULL, SERVICE},
    {"csrf", NULL, SERVICE},
    {"method", NULL, SERVICE},
    {"vite", NULL, SERVICE},
    {"vitereactrefresh", NULL, SERVICE},
    {"dd", NULL, SERVICE},
    {"dump", NULL, SERVICE},

    {"lang", NULL, LANG},
    {"endlang", NULL, LANG},
    {"choice", NULL, LANG},

    {"json", NULL, OUTPUT},
    {"js", NULL, OUTPUT},
    {"bool", NULL, OUTPUT},
    {"class", NULL, OUTPUT},
    {"style", NULL, OUTPUT},
    {"checked", NULL, OUTPUT},
    {"disabled", NULL, OUTPUT},
    {"readonly", NULL, OUTPUT},
    {"required", NULL, OUTPUT},
    {"selected", NULL, OUTPUT},

    {"classcomponentopening", NULL, INTERNAL},
    {"comments", NULL, INTERNAL},
    {"componenttags", NULL, INTERNAL},
    {"echos", NULL, INTERNAL},
    {"escapedechos", NULL, INTERNAL},
    {"extensions", NULL, INTERNAL},
    {"rawechos", NULL, INTERNAL},
    {"regularechos", NULL, INTERNAL},
    {"statement", NULL, INTERNAL},
    {"statements", NULL, INTERNAL},
    {"string", NULL, INTERNAL},
};

const struct directive *directive_lookup(struct str name)
{
    for (size_t i = 0; i < COUNT(directives); i++)
        if (str_ieq(name, str_from(directives[i].name)))
            return &directives[i];
    return NULL;
}
