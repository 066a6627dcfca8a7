/* PHP files that return a value: config/….php and bootstrap/cache/config.php. */
#include <limits.h>
#include <stdlib.h>

#include "php/expr_imp.h"

/* === before the return === */

/* skip_open_tag moves behind "<?php"; a byte order mark before it would be output. */
static bool skip_open_tag(struct str *source, struct php_place *place, struct error *e)
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

static bool end_statement(struct parser *p)
{
    if (at_op(p, "?>") || p->tok.type == TOKEN_END)
        return true;
    return expect_op(p, ";");
}

/* declare = "declare" "(" … ")" ";": strict types change nothing in a file that works. */
static bool parse_declare(struct parser *p)
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
static bool parse_use(struct parser *p)
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

static bool parse_statements(struct parser *p)
{
    bool ok = true;
    while (ok && !at_word(p, "return")) {
        if (at_word(p, "declare"))
            ok = parse_declare(p);
        else if (at_word(p, "use"))
            ok = parse_use(p);
        else if (p->tok.type == TOKEN_END)
            return refuse(p, "the file returns nothing");
        else if (!take_op(p, ";"))
            return refuse(p, "only \"return\" is supported in this file");
    }
    return ok;
}

/* === entry point === */

/* A file's name as __DIR__ shows it: where it really is. */
static struct str folder_of(struct arena *perm, const char *file)
{
    char *real = realpath(file, NULL);
    struct str path = str_from(real ? real : file);
    while (path.len > 0 && path.ptr[path.len - 1] != '/')
        path.len--;
    if (path.len > 1)
        path.len--;
    struct str dir = str_copy(perm, path);
    free(real);
    return dir;
}

/* parse_return reads the expression and the end of its statement. What stands behind is
 * never run. */
static struct node *parse_return(struct parser *p)
{
    parse_advance(p);
    struct node *root = parse_expr(p);
    return root && end_statement(p) ? root : NULL;
}

/* hole stands for a value that cannot be evaluated. */
static struct php_value hole(struct arena *perm, struct error *e)
{
    struct error *why = NEW(perm, struct error, 1);
    *why = *e;
    err_clear(e);
    return (struct php_value){.type = PHP_HOLE, .hole = why};
}

bool php_eval_file(struct str source, const char *file, const struct php_host *host,
                   struct arena *perm, struct php_value *out, struct error *e)
{
    struct php_place place = {.file = file};
    *out = php_null();
    if (!skip_open_tag(&source, &place, e))
        return false;
    struct parser p = {.perm = perm, .e = e, .is_file = true};
    p.dir = folder_of(perm, file);
    parse_start(&p, source, place);
    if (!parse_statements(&p))
        return false;
    struct node *root = parse_return(&p);
    if (!root && p.is_syntax)
        return false;
    struct php_scope scope = {php_array_new(perm), host};
    struct eval ev = {.scope = &scope, .perm = perm, .file = file, .e = e};
    if (!root || !eval_literal(&ev, root, out))
        *out = hole(perm, e);
    return true;
}
