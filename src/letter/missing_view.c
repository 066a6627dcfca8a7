/* missing_view.c: what is thrown where a view is missing.
 *
 * Laravel throws "View [name] not found."; a class that asks view()->exists(name) first
 * throws an exception of its own, whose text the row and the failed job then hold.
 */
#include <ctype.h>
#include <regex.h>

#include "letter/letter_imp.h"

/* The one form that is read: `if (! view()->exists(…)) { throw new \Exception(…`. */
#define B "[[:space:]]*"
static const char form[] = "^if" B "\\(" B "!" B "(\\\\?view\\(" B "\\)" B "->|\\\\?"
                           "([A-Za-z]+\\\\)*View::)" B "exists\\(([^()]*)\\)" B "\\)" B
                           "\\{?" B "throw[[:space:]]+new[[:space:]]+"
                           "(\\\\?[A-Za-z_\\\\]+)" B "\\(";
#undef B
enum { FORM_VIEW = 3, FORM_CLASS, FORM_GROUPS };

/* Exceptions of PHP itself: their first argument is the text, the second the code. */
static const char *const exceptions[] = {
    "Exception",       "RuntimeException", "InvalidArgumentException",
    "LogicException",  "DomainException",  "UnexpectedValueException",
    "LengthException", "RangeException",   "OutOfBoundsException",
    "Error",
};

struct guards {
    struct job_home *home;
    struct arena *perm;
    struct str view;
    const struct php_file *file;
    struct missing_view *out;
};

static struct str group_of(struct str s, const regmatch_t *m)
{
    return m->rm_so < 0 ? S("")
                        : str_sub(s, (size_t)m->rm_so, (size_t)(m->rm_eo - m->rm_so));
}

/* add_texts adds the variables that the file gives a plain text, and no other value. */
static void add_texts(struct guards *g, struct php_array *vars)
{
    static const char assignment[] =
        "\\$([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(('[^'\\\\]*')?)";
    regex_t re;
    regmatch_t m[3];
    const char *at = str_z(g->perm, g->file->source);
    if (regcomp(&re, assignment, REG_EXTENDED) != 0)
        return;
    for (; regexec(&re, at, COUNT(m), m, 0) == 0; at += m[0].rm_eo) {
        struct str rest = str_from(at), value = group_of(rest, &m[2]);
        struct php_key key = php_key_from(str_copy(g->perm, group_of(rest, &m[1])));
        bool plain = value.len && !php_array_lookup(vars, key);
        php_array_put(g->perm, vars, key,
                      plain ? php_string(str_sub(value, 1, value.len - 2)) : php_null());
    }
    regfree(&re);
}

static bool evaluate(struct guards *g, struct str text, struct php_value *out)
{
    struct error ignored = {0};
    struct php_place place = {g->file->file, 1, 1};
    struct php_scope scope = {.vars = php_array_new(g->perm),
                              .host = app_host(g->home->o->app)};
    add_texts(g, scope.vars);
    const struct php_expr *x = php_parse(text, place, g->perm, &ignored);
    return x && php_eval(x, &scope, g->perm, out, &ignored);
}

/* class_of resolves the name of an exception: \Exception, or one that is imported. */
static const char *class_of(struct guards *g, struct str name)
{
    bool global = str_starts(name, S("\\"));
    struct str bare = str_skip(name, global);
    struct str import = str_fmt(g->perm, "use %.*s;", STR_ARG(bare));
    if (!global && !str_has(g->file->source, import))
        return NULL;
    for (size_t i = 0; i < COUNT(exceptions); i++)
        if (str_ieq(bare, str_from(exceptions[i])))
            return exceptions[i];
    return NULL;
}

/* arguments returns what stands from `at` to the ")" that closes it. */
static bool arguments(struct str s, size_t at, struct str *out)
{
    int depth = 1;
    size_t from = at;
    while (at < s.len) {
        char c = s.ptr[at];
        if (c == '\'' || c == '"') {
            at = php_source_string(s, at);
            continue;
        }
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        if (depth == 0) {
            *out = str_sub(s, from, at - from);
            return true;
        }
        at++;
    }
    return false;
}

static bool read_thrown(struct guards *g, struct str source, const regmatch_t *m)
{
    struct str args;
    struct php_value v;
    g->out->exception = class_of(g, group_of(source, &m[FORM_CLASS]));
    if (!g->out->exception || !arguments(source, (size_t)m[0].rm_eo, &args))
        return false;
    struct str list = str_fmt(g->perm, "[%.*s]", STR_ARG(args));
    if (!evaluate(g, list, &v) || v.type != PHP_ARRAY || v.a->len == 0 ||
        v.a->at[0].value.type != PHP_STRING)
        return false;
    g->out->text = v.a->at[0].value.s;
    if (v.a->len > 1 && v.a->at[1].value.type == PHP_INT)
        g->out->code = (int)v.a->at[1].value.i;
    return true;
}

/* asks finds where a class asks whether a view exists, in whatever form. */
static ptrdiff_t asks(struct str source, size_t from)
{
    for (;;) {
        ptrdiff_t end = php_source_word(source, S("exists"), from);
        if (end < 0)
            return -1;
        from = (size_t)end;
        struct str left = str_sub(source, 0, from - strlen("exists"));
        while (left.len && isspace((unsigned char)left.ptr[left.len - 1]))
            left.len--;
        if (str_ends(left, S("View::")) || str_ends(left, S("view()->")))
            return end;
    }
}

/* last_if is where the "if" begins that stands last before `end`. */
static size_t last_if(struct str source, size_t end)
{
    size_t found = end;
    for (ptrdiff_t at = php_source_word(source, S("if"), 0); at >= 0 && (size_t)at < end;
         at = php_source_word(source, S("if"), (size_t)at))
        found = (size_t)at - strlen("if");
    return found;
}

/* read_guard reads the guard that ends its `exists` at `end`. */
static void read_guard(struct guards *g, size_t end)
{
    regex_t re;
    regmatch_t m[FORM_GROUPS + 1];
    struct php_value name;
    struct str from = str_skip(g->file->source, last_if(g->file->source, end));
    if (regcomp(&re, form, REG_EXTENDED | REG_ICASE) != 0)
        return;
    bool known = regexec(&re, str_z(g->perm, from), COUNT(m), m, 0) == 0 &&
                 evaluate(g, group_of(from, &m[FORM_VIEW]), &name) &&
                 name.type == PHP_STRING;
    regfree(&re);
    if (known && !str_eq(name.s, g->view))
        return; /* it asks for another one */
    g->out->guarded = true;
    g->out->clear = known && read_thrown(g, from, m);
    g->out->file = g->file->file;
    g->out->line = php_source_line(g->file->source, end);
    size_t word = end - strlen("exists"), begins = word;
    while (begins > 0 && g->file->source.ptr[begins - 1] != '\n')
        begins--;
    g->out->col = (int)(word - begins) + 1;
}

void missing_view_read(struct job_home *h, const struct job_source *s, struct str view,
                       struct arena *perm, struct missing_view *out)
{
    struct guards g = {.home = h, .perm = perm, .view = view, .out = out};
    *out = (struct missing_view){0};
    for (size_t i = 0; i < s->files.len && !out->guarded; i++) {
        g.file = &s->files.at[i];
        for (ptrdiff_t at = 0; !out->guarded;) {
            at = asks(g.file->source, (size_t)at);
            if (at < 0)
                break;
            read_guard(&g, (size_t)at);
        }
    }
}

bool missing_view_fail(const struct missing_view *m, struct error *e)
{
    if (!m->guarded)
        return false;
    err_clear(e);
    if (!m->clear)
        return err_set(e, ERR_UNSUPPORTED,
                       "the view is missing, and what %s throws then cannot be told",
                       m->file);
    err_set(e, ERR_JOB, "%.*s", STR_ARG(m->text));
    return err_thrown(e, m->exception, m->code, "");
}
