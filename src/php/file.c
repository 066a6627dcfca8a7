/* PHP files that return a value: config/….php, what they include, and
 * bootstrap/cache/config.php. */
#include <stdlib.h>
#include <unistd.h>

#include "php/expr_imp.h"

enum { MAX_FILE = 8 << 20 };

/* === before the return === */

/* parse_open_tag moves behind "<?php"; a byte order mark before it would be output. */
bool parse_open_tag(struct str *source, struct php_place *place, struct error *e)
{
    struct str s = *source;
    place->line = place->col = 1;
    if (str_starts(s, S("\xEF\xBB\xBF")))
        s = str_skip(s, 3);
    bool blank = s.len == 5 || (s.len > 5 && strchr(" \t\r\n", s.ptr[5]));
    if (!str_ieq(str_sub(s, 0, 5), S("<?php")) || !blank) {
        err_set(e, ERR_UNSUPPORTED, "the file does not begin with \"<?php\"");
        return err_place(e, place->file, 1, 1);
    }
    place->col += (int)(s.ptr + 5 - source->ptr);
    *source = str_skip(s, 5);
    return true;
}

static bool unexpected(struct parser *p)
{
    fail_unexpected(p);
    return false;
}

static bool refuse(struct parser *p, const char *why)
{
    fail_unsupported(p, &p->tok, "%s", why);
    return false;
}

/* declare = "declare" "(" … ")" ";": strict types change nothing in a file that works. */
bool parse_declare(struct parser *p)
{
    parse_advance(p);
    if (!at_op(p, "("))
        return unexpected(p);
    while (!at_op(p, ")")) {
        if (p->tok.type == TOKEN_END || p->tok.type == TOKEN_BAD)
            return unexpected(p);
        parse_advance(p);
    }
    parse_advance(p);
    return expect_op(p, ";");
}

static struct str last_part(struct str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '\\')
            return str_skip(name, i);
    return name;
}

/* clause = Name ["as" alias] */
static bool parse_use_clause(struct parser *p, struct str prefix, bool is_function)
{
    if (p->tok.type != TOKEN_NAME)
        return unexpected(p);
    struct import *i = NEW(p->perm, struct import, 1);
    struct str name = p->tok.text;
    if (str_starts(name, S("\\")))
        name = str_skip(name, 1);
    i->full = str_join(p->perm, prefix, name);
    i->alias = last_part(i->full);
    i->is_function = is_function;
    parse_advance(p);
    if (at_word(p, "as")) {
        parse_advance(p);
        if (p->tok.type != TOKEN_NAME)
            return unexpected(p);
        i->alias = str_copy(p->perm, p->tok.text);
        parse_advance(p);
    }
    i->next = p->imports;
    p->imports = i;
    return true;
}

/* group = Name "\" "{" clause {"," clause} [","] "}" */
static bool parse_use_group(struct parser *p, bool is_function)
{
    struct str prefix = str_join(p->perm, p->tok.text, S("\\"));
    if (str_starts(prefix, S("\\")))
        prefix = str_skip(prefix, 1);
    parse_advance(p);
    parse_advance(p);
    if (!expect_op(p, "{"))
        return false;
    while (!at_op(p, "}")) {
        if (!parse_use_clause(p, prefix, is_function))
            return false;
        if (!take_op(p, ","))
            break;
    }
    return expect_op(p, "}");
}

/* use = "use" ["function"] (clause {"," clause} | group) ";" */
bool parse_use(struct parser *p)
{
    parse_advance(p);
    bool is_function = at_word(p, "function");
    if (is_function)
        parse_advance(p);
    if (at_word(p, "const"))
        return refuse(p, "\"use const\" is not supported");
    bool is_group = p->next.type == TOKEN_BAD && str_eq(p->next.text, S("\\"));
    if (is_group)
        return parse_use_group(p, is_function) && expect_op(p, ";");
    do {
        if (!parse_use_clause(p, S(""), is_function))
            return false;
    } while (take_op(p, ","));
    return expect_op(p, ";");
}

/* parse_program reads statements to the end of the file, or to its first "return" at the
 * top: what stands behind that is never run. */
static struct node *parse_program(struct parser *p)
{
    struct node *n = new_node(p, NODE_BLOCK, &p->tok);
    while (p->tok.type != TOKEN_END && !at_op(p, "?>")) {
        bool is_return = at_word(p, "return");
        if (at_word(p, "declare") || at_word(p, "use")) {
            if (!(at_word(p, "use") ? parse_use : parse_declare)(p))
                return NULL;
            continue;
        }
        struct node *statement = parse_file_statement(p);
        if (!statement || !add_kid(p, n, statement))
            return NULL;
        if (is_return)
            break;
    }
    n->b = new_node(p, NODE_BLOCK, &p->tok); /* where it ends */
    return n;
}

/* === entry point === */

/* parse_where: __FILE__ and __DIR__ show where a file really is. */
void parse_where(struct parser *p, const char *file)
{
    char *real = realpath(file, NULL);
    p->real = str_copy(p->perm, str_from(real ? real : file));
    struct str dir = p->real;
    while (dir.len > 0 && dir.ptr[dir.len - 1] != '/')
        dir.len--;
    if (dir.len > 1)
        dir.len--;
    p->dir = dir;
    free(real);
}

static struct node *parse_file(struct str source, const char *file, bool tolerant,
                               struct arena *perm, struct error *e)
{
    struct php_place place = {.file = file};
    if (!parse_open_tag(&source, &place, e))
        return NULL;
    struct parser p = {.perm = perm, .e = e, .is_file = true, .is_class = tolerant};
    parse_where(&p, file);
    parse_start(&p, source, place);
    return parse_program(&p);
}

/* run_file evaluates a parsed file; *returned is false where its end was reached. */
static bool run_file(struct eval *ev, const struct node *program, bool *returned,
                     struct php_value *out)
{
    enum flow flow;
    if (!eval_run(ev, program, &flow, out))
        return false;
    *returned = flow == FLOW_RETURN;
    return true;
}

bool php_eval_file(struct str source, const char *file, const struct php_host *host,
                   struct arena *perm, struct php_value *out, struct error *e)
{
    struct php_file state = {.constants = php_array_new(perm)};
    struct php_file *shared = NEW(perm, struct php_file, 1);
    bool returned;
    *shared = state;
    *out = php_null();
    struct node *program = parse_file(source, file, false, perm, e);
    if (!program)
        return false;
    struct php_scope scope = {php_array_new(perm), host, shared};
    struct eval ev = {.scope = &scope, .perm = perm, .file = file, .e = e};
    if (!run_file(&ev, program, &returned, out))
        *out = eval_hole(perm, e);
    else if (!returned)
        return eval_fail(&ev, program->b, ERR_UNSUPPORTED, "the file returns nothing");
    return true;
}

bool php_run_file(const struct php_runner *r, struct str source, const char *file,
                  struct arena *perm, struct php_value *out, struct error *e)
{
    struct php_file *state = NEW(perm, struct php_file, 1);
    *state = (struct php_file){.constants = php_array_new(perm), .runner = r};
    *out = php_null();
    struct node *program = parse_file(source, file, true, perm, e);
    if (!program)
        return false;
    enum flow flow;
    struct php_scope scope = {php_array_new(perm), r->host, state};
    struct eval ev = {.scope = &scope, .perm = perm, .file = file, .e = e};
    return eval_run(&ev, program, &flow, out);
}

/* === include === */

static bool read_included(struct eval *ev, const struct node *n, struct str path,
                          struct str *source)
{
    if (!str_starts(path, S("/")))
        return eval_fail(ev, n, ERR_UNSUPPORTED,
                         "only a file with an absolute path can be included");
    if (!file_read(str_z(ev->perm, path), MAX_FILE, ev->perm, source, ev->e)) {
        struct error why = *ev->e;
        err_clear(ev->e);
        return eval_fail(ev, n, ERR_UNSUPPORTED, "the file cannot be included: %s",
                         why.text);
    }
    return true;
}

/* only_declares: classes that are found in this file anyway; nothing in it runs. */
static bool only_declares(struct eval *ev, struct str source, const char *file)
{
    const struct php_runner *r = eval_runner(ev);
    struct php_place place = {.file = file};
    struct error ignored = {0};
    return r && parse_open_tag(&source, &place, &ignored) &&
           declares_only(r, source, file, ev->perm);
}

/* The included file sees and sets the variables of this one, and returns 1 where it
 * returns nothing. n is the include, or the @ before it. */
bool eval_include(struct eval *ev, const struct node *n, struct php_value *out)
{
    const struct node *include = n->kind == NODE_INCLUDE ? n : n->a;
    struct php_value path;
    struct str name, source;
    bool returned = false;
    if (!eval_node(ev, include->a, &path) || !php_to_string(path, ev->perm, &name, ev->e))
        return err_place(ev->e, ev->file, n->line, n->col);
    const char *file = str_z(ev->perm, name);
    *out = php_bool(false);
    if (n != include && access(file, R_OK) != 0)
        return true;
    if (!read_included(ev, include, name, &source))
        return false;
    if (only_declares(ev, source, file)) {
        *out = php_int(1);
        return true;
    }
    struct node *program =
        parse_file(source, file, eval_runner(ev) != NULL, ev->perm, ev->e);
    struct eval inner = *ev;
    inner.file = file;
    bool ok =
        program && eval_step(ev, include, 1) && run_file(&inner, program, &returned, out);
    ev->scope->file->depth -= program != NULL;
    if (ok && !returned)
        *out = php_int(1);
    return ok;
}
