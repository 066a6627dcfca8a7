/* Literals: numbers, strings, strings with expressions in them, arrays. */
#include "php/expr_imp.h"

enum { MAX_LITERAL = 16 << 20 };

static struct node *literal(struct parser *p, struct php_value v)
{
    struct node *n = new_node(p, NODE_VALUE, &p->tok);
    n->value = v;
    parse_advance(p);
    return n;
}

/* === numbers === */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* An int that does not fit is a float. false: a digit is too large for the base. */
static bool based_number(struct str digits, int base, struct php_value *out)
{
    int64_t i = 0;
    double d = 0;
    bool fits = true;
    for (size_t k = 0; k < digits.len; k++) {
        int v = digit_value(digits.ptr[k]);
        if (v >= base)
            return false;
        fits = fits && !__builtin_mul_overflow(i, base, &i) &&
               !__builtin_add_overflow(i, v, &i);
        d = d * base + v;
    }
    *out = fits ? php_int(i) : php_float(d);
    return true;
}

struct node *parse_number(struct parser *p)
{
    static const struct {
        const char *prefix;
        int base;
    } bases[] = {{"0x", 16}, {"0X", 16}, {"0b", 2}, {"0B", 2},
                 {"0o", 8},  {"0O", 8},  {"0", 8}};
    struct str text = str_replace(p->perm, p->tok.text, S("_"), S(""));
    struct php_value v;
    bool ok = php_numeric(text, &v);
    bool is_int = p->tok.type == TOKEN_INT && text.len > 1;
    for (size_t i = 0; is_int && i < COUNT(bases); i++) {
        struct str prefix = str_from(bases[i].prefix);
        if (!str_starts(text, prefix))
            continue;
        ok = based_number(str_skip(text, prefix.len), bases[i].base, &v);
        break;
    }
    if (!ok)
        return fail_syntax(p, &p->tok, "Invalid numeric literal");
    return literal(p, v);
}

/* === '…' === */

struct node *parse_string(struct parser *p)
{
    struct str raw = str_sub(p->tok.text, 1, p->tok.text.len - 2);
    if (!memchr(raw.ptr, '\\', raw.len))
        return literal(p, php_string(str_copy(p->perm, raw)));
    struct buf b = buf_new(p->perm, MAX_LITERAL);
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '\\' && i + 1 < raw.len &&
            (raw.ptr[i + 1] == '\\' || raw.ptr[i + 1] == '\''))
            c = raw.ptr[++i];
        buf_byte(&b, c);
    }
    if (b.full)
        return fail_unsupported(p, &p->tok, "a string is too long");
    return literal(p, php_string(buf_str(&b)));
}

/* === "…" === */

struct template
{
    struct parser *p;
    struct node *n;
    struct lexer lx; /* its source ends before the closing quote */
    struct buf text; /* what has been read since the last expression */
    bool heredoc;    /* where \" is no escape */
};

static struct str rest(const struct template *t)
{
    return str_skip(t->lx.src, t->lx.at);
}

static struct token here(const struct template *t)
{
    struct token token = {.at = t->lx.at};
    lex_where(&t->lx, &token.line, &token.col);
    return token;
}

static bool flush(struct template *t)
{
    if (t->text.len == 0)
        return true;
    struct token token = here(t);
    struct node *n = new_node(t->p, NODE_VALUE, &token);
    n->value = php_string(str_copy(t->p->perm, buf_str(&t->text)));
    t->text.len = 0;
    return add_kid(t->p, t->n, n);
}

static size_t count_digits(struct str s, size_t max, int base)
{
    size_t n = 0;
    while (n < s.len && n < max && digit_value(s.ptr[n]) < base)
        n++;
    return n;
}

/* \u{…}: one code point. */
static bool unicode_escape(struct template *t, struct str s)
{
    struct token token = here(t);
    size_t digits = count_digits(str_skip(s, 3), s.len, 16);
    struct php_value v;
    bool ok = digits > 0 && s.len > 3 + digits && s.ptr[3 + digits] == '}' &&
              based_number(str_sub(s, 3, digits), 16, &v);
    if (!ok || v.type != PHP_INT || v.i > 0x10FFFF) {
        fail_syntax(t->p, &token, "Invalid UTF-8 codepoint escape sequence");
        return false;
    }
    if (v.i >= 0xD800 && v.i <= 0xDFFF) {
        fail_unsupported(t->p, &token, "half of a surrogate pair is not supported");
        return false;
    }
    buf_utf8(&t->text, (uint32_t)v.i);
    lex_skip(&t->lx, digits + 4);
    return true;
}

static void byte_escape(struct template *t, size_t before, size_t digits, int base)
{
    struct php_value v = php_int(0);
    if (based_number(str_sub(rest(t), before, digits), base, &v))
        buf_byte(&t->text, (char)(unsigned char)(v.i & 0xFF));
    lex_skip(&t->lx, before + digits);
}

static bool read_escape(struct template *t)
{
    static const char from[] = "ntrvef\\$\"", to[] = "\n\t\r\v\033\f\\$\"";
    struct str s = rest(t);
    char c = s.len > 1 ? s.ptr[1] : '\0';
    const char *found = c ? memchr(from, c, sizeof(from) - 1) : NULL;
    if (c == '"' && t->heredoc)
        found = NULL;
    size_t octal = count_digits(str_skip(s, 1), 3, 8);
    size_t hex = c == 'x' || c == 'X' ? count_digits(str_skip(s, 2), 2, 16) : 0;
    if (found) {
        buf_byte(&t->text, to[found - from]);
        lex_skip(&t->lx, 2);
    } else if (octal) {
        byte_escape(t, 1, octal, 8);
    } else if (hex) {
        byte_escape(t, 2, hex, 16);
    } else if (c == 'u' && s.len > 2 && s.ptr[2] == '{') {
        return unicode_escape(t, s);
    } else {
        /* What follows is plain text, even where it could begin "{$…}". */
        buf_add(&t->text, str_sub(s, 0, 2));
        lex_skip(&t->lx, 2);
    }
    return true;
}

/* `$a[key]` in a string: a bare name, digits, or a variable. */
static struct node *simple_index(struct template *t, struct node *base)
{
    struct token token = here(t);
    struct node *n = new_node(t->p, NODE_INDEX, &token);
    struct node *key = new_node(t->p, NODE_VALUE, &token);
    lex_skip(&t->lx, 1);
    struct str s = rest(t);
    bool is_variable = s.len > 0 && s.ptr[0] == '$';
    bool minus = s.len > 0 && s.ptr[0] == '-';
    size_t name = lex_name_len(str_skip(s, is_variable));
    size_t digits = count_digits(str_skip(s, minus), s.len, 10);
    size_t len = name ? name + is_variable : digits ? digits + minus : 0;
    if (len == 0 || s.len <= len || s.ptr[len] != ']')
        return fail_syntax(t->p, &token, "syntax error in the key of a string's array");
    struct str text = str_copy(t->p->perm, str_sub(s, 0, len));
    if (is_variable) {
        key->kind = NODE_VARIABLE;
        key->name = str_skip(text, 1);
    } else {
        key->value = name ? php_string(text) : php_key_value(php_key_from(text));
    }
    lex_skip(&t->lx, len + 1);
    return adopt(t->p, n, base, key, NULL) ? n : NULL;
}

static struct node *simple_prop(struct template *t, struct node *base, size_t arrow)
{
    struct token token = here(t);
    struct node *n = new_node(t->p, NODE_PROP, &token);
    n->nullsafe = arrow == 3;
    lex_skip(&t->lx, arrow);
    struct str name = str_sub(rest(t), 0, lex_name_len(rest(t)));
    n->name = str_copy(t->p->perm, name);
    lex_skip(&t->lx, name.len);
    return adopt(t->p, n, base, NULL, NULL) ? n : NULL;
}

/* simple = "$" name ["[" key "]" | ("->" | "?->") name] */
static bool read_simple(struct template *t)
{
    struct token token = here(t);
    struct node *n = new_node(t->p, NODE_VARIABLE, &token);
    lex_skip(&t->lx, 1);
    n->name = str_copy(t->p->perm, str_sub(rest(t), 0, lex_name_len(rest(t))));
    lex_skip(&t->lx, n->name.len);
    struct str s = rest(t);
    size_t arrow = str_starts(s, S("->")) ? 2 : str_starts(s, S("?->")) ? 3 : 0;
    if (str_starts(s, S("[")))
        n = simple_index(t, n);
    else if (arrow && lex_name_len(str_skip(s, arrow)))
        n = simple_prop(t, n, arrow);
    return n && add_kid(t->p, t->n, n);
}

/* complex = "{" variable-expression "}" */
static bool read_complex(struct template *t)
{
    struct parser inner = *t->p;
    struct token token = here(t);
    inner.lx = t->lx;
    inner.lx.depth++;
    lex_skip(&inner.lx, 1);
    inner.next = lex_next(&inner.lx);
    parse_advance(&inner);
    struct node *n = parse_expr(&inner);
    t->p->is_syntax = inner.is_syntax;
    if (!n)
        return false;
    bool fits = n->kind == NODE_VARIABLE || n->kind == NODE_INDEX ||
                n->kind == NODE_PROP || n->kind == NODE_METHOD;
    if (!at_op(&inner, "}") || !fits) {
        fail_syntax(t->p, &token, "syntax error in \"{$…}\"");
        return false;
    }
    lex_skip(&t->lx, inner.tok.at + 1 - t->lx.at);
    return add_kid(t->p, t->n, n);
}

static bool read_part(struct template *t)
{
    struct str s = rest(t);
    char c = s.ptr[0], c1 = s.len > 1 ? s.ptr[1] : '\0';
    if (c == '\\')
        return read_escape(t);
    if (c == '$' && lex_is_name_start(c1))
        return flush(t) && read_simple(t);
    if (c == '{' && c1 == '$')
        return flush(t) && read_complex(t);
    if (c == '$' && c1 == '{') {
        struct token token = here(t);
        fail_unsupported(t->p, &token, "\"${\" in a string is not supported");
        return false;
    }
    buf_byte(&t->text, c);
    lex_skip(&t->lx, 1);
    return true;
}

/* finish reads the parts of t, whose token is the current one. */
static struct node *finish(struct template *t)
{
    struct parser *p = t->p;
    struct token first = p->tok;
    while (t->lx.at < t->lx.src.len)
        if (!read_part(t))
            return NULL;
    if (t->text.full)
        return fail_unsupported(p, &first, "a string is too long");
    if (!flush(t))
        return NULL;
    if (t->n->kids.len == 0)
        return literal(p, php_string(S("")));
    if (t->n->kids.len == 1 && t->n->kids.at[0]->kind == NODE_VALUE)
        return literal(p, t->n->kids.at[0]->value);
    parse_advance(p);
    return t->n;
}

struct node *parse_template(struct parser *p)
{
    struct token quote = p->tok;
    struct template t = {.p = p, .lx = p->lx, .text = buf_new(p->perm, MAX_LITERAL)};
    t.n = new_node(p, NODE_TEMPLATE, &quote);
    t.lx.src = str_sub(p->lx.src, 0, quote.at + quote.text.len - 1);
    t.lx.at = quote.at;
    t.lx.line = quote.line;
    t.lx.line_start = quote.at - ((size_t)quote.col - 1);
    lex_skip(&t.lx, 1);
    return finish(&t);
}

/* === <<<X … X === */

static size_t indent_len(struct str s)
{
    size_t n = 0;
    while (n < s.len && (s.ptr[n] == ' ' || s.ptr[n] == '\t'))
        n++;
    return n;
}

/* heredoc_lines returns the lines between the names, without the indentation of the
 * closing one; false: a line has less. */
static bool heredoc_lines(struct parser *p, struct str body, size_t indent,
                          struct str *out)
{
    struct buf b = buf_new(p->perm, MAX_LITERAL);
    struct cut line = {.tail = body, .ok = true};
    for (bool first = true; line.ok; first = false) {
        line = str_cut(line.tail, '\n');
        size_t blanks = indent_len(line.head);
        bool empty = blanks == line.head.len;
        if (blanks < indent && !empty)
            return false;
        if (!first)
            buf_byte(&b, '\n');
        buf_add(&b, str_skip(line.head, indent < blanks ? indent : blanks));
    }
    *out = buf_str(&b);
    return !b.full;
}

/* heredoc = "<<<" (X | "X" | 'X') newline lines X; in quotes of one stroke, as written */
struct node *parse_heredoc(struct parser *p)
{
    struct token t = p->tok;
    struct cut head = str_cut(t.text, '\n');
    struct str opening = str_trim(str_skip(head.head, 3)), body = head.tail, lines;
    bool raw = str_starts(opening, S("'"));
    size_t last = body.len;
    while (last > 0 && body.ptr[last - 1] != '\n')
        last--;
    size_t indent = indent_len(str_skip(body, last));
    body = str_sub(body, 0, last ? last - 1 : 0);
    if (str_ends(body, S("\r")))
        body.len--;
    if (last == 0)
        return literal(p, php_string(S("")));
    if (!heredoc_lines(p, body, indent, &lines))
        return fail_syntax(p, &t, "syntax error, invalid indentation in a heredoc");
    if (raw)
        return literal(p, php_string(lines));
    struct php_place place = {p->file, t.line + 1, 1};
    struct template heredoc = {.p = p,
                               .lx = lex_start(lines, place),
                               .text = buf_new(p->perm, MAX_LITERAL),
                               .heredoc = true};
    heredoc.n = new_node(p, NODE_TEMPLATE, &t);
    return finish(&heredoc);
}

/* === arrays === */

/* skip_element moves to the "," , "=>" or bracket that ends an element. The arrow of an
 * arrow function does not end it. */
static void skip_element(struct parser *p)
{
    int open = 0, arrows = 0;
    for (; p->tok.type != TOKEN_END && p->tok.type != TOKEN_BAD; parse_advance(p)) {
        bool opens = at_op(p, "(") || at_op(p, "[") || at_op(p, "{") || at_op(p, "#[");
        bool closes = at_op(p, ")") || at_op(p, "]") || at_op(p, "}");
        bool arrow = open == 0 && at_op(p, "=>");
        if (open == 0 && (closes || at_op(p, ",") || (arrow && arrows == 0)))
            return;
        open += opens - closes;
        arrows += (open == 0 && at_word(p, "fn")) - arrow;
    }
}

/* parse_element is parse_expr that survives, in a file, what the subset does not have. */
static struct node *parse_element(struct parser *p)
{
    struct parser start = *p;
    struct node *n = parse_expr(p);
    if (n || !p->is_file || p->is_syntax)
        return n;
    struct error *why = NEW(p->perm, struct error, 1);
    *why = *p->e;
    err_clear(p->e);
    *p = start;
    n = new_node(p, NODE_HOLE, &p->tok);
    n->value = (struct php_value){.type = PHP_HOLE, .hole = why};
    skip_element(p);
    return n;
}

/* item = ["..."] expr | expr "=>" expr */
static struct node *parse_item(struct parser *p)
{
    struct node *n = new_node(p, NODE_ITEM, &p->tok);
    if (at_op(p, "&"))
        return fail_unsupported(p, &p->tok, "a reference is not supported");
    if (take_op(p, "..."))
        n->op = OP_SPREAD;
    struct node *key = NULL, *value = parse_element(p);
    if (value && n->op != OP_SPREAD && at_op(p, "=>")) {
        /* Without its key an element has no place in the array. */
        if (value->kind == NODE_HOLE) {
            *p->e = *value->value.hole;
            return NULL;
        }
        parse_advance(p);
        key = value;
        value = parse_element(p);
    }
    return value && adopt(p, n, key, value, NULL) ? n : NULL;
}

struct node *parse_array(struct parser *p, const char *close)
{
    struct node *n = new_node(p, NODE_ARRAY, &p->tok);
    parse_advance(p);
    while (!at_op(p, close)) {
        struct node *item = parse_item(p);
        if (!item || !add_kid(p, n, item))
            return NULL;
        if (!take_op(p, ","))
            break;
    }
    if (!expect_op(p, close))
        return NULL;
    return n;
}
