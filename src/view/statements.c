/* statements.c: the pass that finds the directives, as BladeCompiler::compileStatements.
 *
 * That function first lists all that looks like a directive, each up to the first ")" if
 * it has parentheses; it then goes through the list, lengthens each until PHP's lexer
 * agrees that the parentheses close, and replaces the *first* equal text behind the last
 * replacement. Where its string searches can hit a wrong place we do the same, or say so.
 */
#include "view/view_imp.h"

/* === PHP's lexer, as far as parentheses go === */

enum { LEX_NESTING = 16 };

struct lexer {
    struct str s;
    size_t at;
    int parens;
    struct {
        char close; /* of a string: its quote; of an expression in a string: "}" */
        int braces;
    } mode[LEX_NESTING]; /* [0] is the code we began in */
    size_t depth;
    bool closed; /* the last token was a ")", as many as "(" before it */
    bool left;   /* PHP would be left, or we cannot say */
};

static bool lex_has(const struct lexer *l, struct str word)
{
    return str_starts(str_skip(l->s, l->at), word);
}

static void lex_skip_to(struct lexer *l, struct str word)
{
    ptrdiff_t hit = str_find(str_skip(l->s, l->at), word);
    l->at = hit < 0 ? l->s.len : l->at + (size_t)hit + word.len;
}

static void lex_push(struct lexer *l, char close)
{
    if (++l->depth == LEX_NESTING) {
        l->left = true;
        return;
    }
    l->mode[l->depth].close = close;
    l->mode[l->depth].braces = 0;
}

static void lex_single_quoted(struct lexer *l)
{
    for (l->at++; l->at < l->s.len && l->s.ptr[l->at] != '\''; l->at++)
        if (l->s.ptr[l->at] == '\\')
            l->at++;
    l->at++;
}

static void lex_line_comment(struct lexer *l)
{
    while (l->at < l->s.len && l->s.ptr[l->at] != '\n' && l->s.ptr[l->at] != '\r') {
        if (lex_has(l, S("?>"))) {
            l->left = true;
            return;
        }
        l->at++;
    }
}

/* lex_cast skips "(string)" and the like: one token, not parentheses. */
static bool lex_cast(struct lexer *l)
{
    static const char *const types[] = {"int",    "integer", "bool",   "boolean",
                                        "float",  "double",  "real",   "string",
                                        "binary", "array",   "object", "unset"};
    size_t from = l->at + 1, to;
    while (from < l->s.len && (l->s.ptr[from] == ' ' || l->s.ptr[from] == '\t'))
        from++;
    for (to = from; to < l->s.len && is_word(l->s.ptr[to]);)
        to++;
    struct str word = str_sub(l->s, from, to - from);
    while (to < l->s.len && (l->s.ptr[to] == ' ' || l->s.ptr[to] == '\t'))
        to++;
    if (to >= l->s.len || l->s.ptr[to] != ')')
        return false;
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_ieq(word, str_from(types[i]))) {
            l->at = to + 1;
            return true;
        }
    return false;
}

/* lex_code moves over one token of code. */
static void lex_code(struct lexer *l)
{
    char c = l->s.ptr[l->at];
    if (c == '\'') {
        lex_single_quoted(l);
    } else if (c == '"' || c == '`') {
        l->at++;
        lex_push(l, c);
    } else if (lex_has(l, S("/*"))) {
        l->at += 2;
        lex_skip_to(l, S("*/"));
    } else if (lex_has(l, S("//")) || (c == '#' && !lex_has(l, S("#[")))) {
        lex_line_comment(l);
    } else if (lex_has(l, S("?>")) || lex_has(l, S("<<<"))) {
        l->left = true;
    } else if (c == '(') {
        if (!lex_cast(l)) {
            l->parens++;
            l->at++;
        }
    } else {
        if (c == ')')
            l->closed = --l->parens == 0;
        if (c == '{')
            l->mode[l->depth].braces++;
        if (c == '}' && --l->mode[l->depth].braces < 0 && l->depth > 0)
            l->depth--;
        l->at++;
    }
}

/* lex_string moves over one step of a string with interpolation. */
static void lex_string(struct lexer *l)
{
    char c = l->s.ptr[l->at];
    if (c == '\\') {
        l->at += 2;
    } else if (c == l->mode[l->depth].close) {
        l->at++;
        l->depth--;
    } else if (lex_has(l, S("{$"))) {
        l->at++;
        lex_push(l, '}');
    } else if (lex_has(l, S("${"))) {
        l->at += 2;
        lex_push(l, '}');
    } else {
        l->at++;
    }
}

/* paren_end returns the offset behind the ")" that PHP's lexer sees as the end of the
 * "(" at s[open]; 0: there is none, or the lexer would leave PHP before. */
static size_t paren_end(struct str s, size_t open)
{
    struct lexer l = {.s = s, .at = open};
    while (l.at < s.len && !l.left && !l.closed) {
        char close = l.mode[l.depth].close;
        if (close == '"' || close == '`')
            lex_string(&l);
        else
            lex_code(&l);
    }
    return l.closed ? l.at : 0;
}

/* === what looks like a directive === */

struct statement {
    size_t start; /* the first "@" */
    size_t name;  /* behind the "@" that counts */
    size_t name_end;
    size_t open; /* the "(", when args */
    size_t end;  /* behind the first ")", or behind blanks */
    bool args;
    bool escaped; /* "@@name" */
};

/* scan_statement is the pattern \B@(@?\w+(?:::\w+)?)([ \t]*)(\(([\S\s]*?)\))? at s[at].
 */
static bool scan_statement(struct str s, size_t at, struct statement *out)
{
    if (s.ptr[at] != '@' || (at > 0 && is_word(s.ptr[at - 1])))
        return false;
    struct statement m = {.start = at, .name = at + 1};
    if (m.name < s.len && s.ptr[m.name] == '@') {
        m.escaped = true;
        m.name++;
    }
    for (m.name_end = m.name; m.name_end < s.len && is_word(s.ptr[m.name_end]);)
        m.name_end++;
    if (m.name_end == m.name)
        return false;
    if (m.name_end + 2 < s.len && str_eq(str_sub(s, m.name_end, 2), S("::")) &&
        is_word(s.ptr[m.name_end + 2]))
        for (m.name_end += 3; m.name_end < s.len && is_word(s.ptr[m.name_end]);)
            m.name_end++;
    m.end = m.name_end;
    while (m.end < s.len && (s.ptr[m.end] == ' ' || s.ptr[m.end] == '\t'))
        m.end++;
    if (m.end < s.len && s.ptr[m.end] == '(') {
        ptrdiff_t close = str_find(str_skip(s, m.end), S(")"));
        if (close >= 0) {
            m.args = true;
            m.open = m.end;
            m.end += (size_t)close + 1;
        }
    }
    *out = m;
    return true;
}

struct statements {
    VEC(struct statement) list;
};

static bool list_statements(struct compiler *c, const struct text *in,
                            struct statements *out)
{
    struct str s = text_str(in);
    for (size_t at = 0; at < s.len;) {
        ptrdiff_t hit = str_find(str_skip(s, at), S("@"));
        if (hit < 0)
            break;
        at += (size_t)hit;
        struct statement m;
        if (!scan_statement(s, at, &m)) {
            at++;
            continue;
        }
        if (out->list.len == VIEW_STATEMENTS) {
            compile_error(c, text_origin(c, in, at),
                          "@… – more than %d directives in one view", VIEW_STATEMENTS);
            return false;
        }
        VEC_PUSH(c->tmp, &out->list, m);
        at = m.end;
    }
    return true;
}

/* === replacing === */

struct replacing {
    struct compiler *c;
    const struct text *in;
    struct str s;
    struct statements all;
    struct text out;
    size_t done; /* bytes of s that are in out */
};

static struct str statement_name(const struct replacing *r, const struct statement *m)
{
    return str_sub(r->s, m->name, m->name_end - m->name);
}

static bool lose(struct replacing *r, const struct statement *m, const char *why)
{
    struct str name = statement_name(r, m);
    compile_error(r->c, text_origin(r->c, r->in, m->start), "@%.*s – %s",
                  (int)(name.len < 60 ? name.len : 60), name.ptr, why);
    r->c->lost = true;
    return false;
}

/* stands_before says whether Laravel, which searches its text from the start, would find
 * the text of m (as listed) before m itself. */
static bool stands_before(const struct replacing *r, const struct statement *m)
{
    struct str text = str_sub(r->s, m->start, m->end - m->start);
    if (str_has(text_str(&r->out), text) ||
        str_has(str_sub(r->s, r->done, m->start - r->done), text))
        return true;
    for (size_t i = 0; i < r->c->marks.len; i++) {
        const struct mark *mark = &r->c->marks.at[i];
        if (mark->kind == MARK_DIRECTIVE && str_has(mark->code, text))
            return true;
    }
    return false;
}

/* lengthen moves m->end to where the parentheses really close. Listed statements that
 * Laravel finds in what is added are taken off the list: *i counts on. */
static bool lengthen(struct replacing *r, struct statement *m, size_t *i)
{
    size_t end = paren_end(r->s, m->open);
    if (end == 0)
        return lose(r, m,
                    "its parentheses do not close as PHP reads them; what Blade makes "
                    "of the rest is uncertain");
    if (end == m->end)
        return true;
    if (stands_before(r, m))
        return lose(r, m,
                    "the same text stands before it, and Blade takes the one for the "
                    "other");
    while (m->end < end) {
        struct str rest = str_skip(r->s, m->end);
        rest.len = (size_t)str_find(rest, S(")")) + 1;
        m->end += rest.len;
        if (*i + 1 < r->all.list.len) {
            const struct statement *next = &r->all.list.at[*i + 1];
            if (str_has(rest, str_sub(r->s, next->start, next->end - next->start)))
                ++*i;
        }
    }
    return true;
}

/* bad_code says whether code holds what a later pass, or PHP, would see in it. */
static bool bad_code(struct str code)
{
    return str_has(code, S("{{")) || str_has(code, S("}}")) || str_has(code, S("{!!")) ||
           str_has(code, S("!!}")) || str_has(code, S("<?"));
}

/* replace writes m, which stands at `at` (m->start, or an equal text before it). */
static void replace(struct replacing *r, const struct statement *m, size_t at)
{
    struct compiler *c = r->c;
    size_t shift = m->start - at, name_end = m->name_end - shift, end = m->end - shift;
    const struct directive *d = directive_lookup(statement_name(r, m));
    text_add(c, &r->out, r->in, r->done, at);
    r->done = end;
    if (m->escaped) {
        text_add(c, &r->out, r->in, at + 1, name_end);
        text_add(c, &r->out, r->in, m->args ? m->open - shift : name_end, end);
        return;
    }
    if (!d) {
        text_add(c, &r->out, r->in, at, end);
        /* Laravel 8 writes the blanks behind what is no directive twice. */
        if (c->host && c->host->laravel == 8 && !m->args)
            text_add(c, &r->out, r->in, name_end, end);
        return;
    }
    struct mark mark = {
        .kind = MARK_DIRECTIVE, .at = text_origin(c, r->in, at), .directive = d};
    if (m->args) {
        size_t open = m->open - shift;
        mark.has_code = true;
        mark.code = str_sub(r->s, open, end - open);
        mark.code_at = text_origin(c, r->in, open);
        if (bad_code(mark.code) || text_marked(r->in, open, end))
            compile_error(c, mark.at, "@%s – Blade's own signs stand in its parentheses",
                          d->name);
    }
    text_mark(c, &r->out, mark);
    if (!m->args)
        text_add(c, &r->out, r->in, name_end, end);
}

struct text pass_statements(struct compiler *c, const struct text *in)
{
    struct replacing r = {.c = c, .in = in, .s = text_str(in)};
    if (!list_statements(c, in, &r.all))
        c->lost = true;
    for (size_t i = 0; i < r.all.list.len && !c->lost; i++) {
        struct statement m = r.all.list.at[i];
        if (m.args && !lengthen(&r, &m, &i))
            break;
        struct str text = str_sub(r.s, m.start, m.end - m.start);
        ptrdiff_t at = m.start < r.done ? -1 : str_find(str_skip(r.s, r.done), text);
        if (at < 0) {
            lose(&r, &m, "it stands in what belongs to another; Blade loses its place");
            break;
        }
        replace(&r, &m, r.done + (size_t)at);
    }
    text_add(c, &r.out, in, r.done, r.s.len);
    return r.out;
}
