/* PHP's source → tokens. */
#include "php/expr_imp.h"

/* Strings hold expressions that hold strings. */
enum { MAX_STRING_DEPTH = 16 };

struct lexer lex_start(struct str src, struct php_place place)
{
    /* Columns of the first line count from the place: its line began before src. */
    size_t before = place.col > 0 ? (size_t)place.col - 1 : 0;
    return (struct lexer){
        .src = src, .place = place, .line = place.line, .line_start = 0 - before};
}

void lex_skip(struct lexer *lx, size_t n)
{
    for (; n > 0 && lx->at < lx->src.len; n--)
        if (lx->src.ptr[lx->at++] == '\n') {
            lx->line++;
            lx->line_start = lx->at;
        }
}

void lex_where(const struct lexer *lx, int *line, int *col)
{
    *line = lx->line;
    *col = (int)(lx->at - lx->line_start) + 1;
}

static struct str rest(const struct lexer *lx)
{
    return str_skip(lx->src, lx->at);
}

static char peek(const struct lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->src.len ? lx->src.ptr[lx->at + ahead] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool lex_is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

size_t lex_name_len(struct str s)
{
    size_t n = 0;
    if (s.len == 0 || !lex_is_name_start(s.ptr[0]))
        return 0;
    while (n < s.len && (lex_is_name_start(s.ptr[n]) || is_digit(s.ptr[n])))
        n++;
    return n;
}

/* === blanks and comments === */

static void skip_line_comment(struct lexer *lx)
{
    while (lx->at < lx->src.len && peek(lx, 0) != '\n') {
        /* "?>" ends the comment, and the PHP part with it. */
        if (peek(lx, 0) == '?' && peek(lx, 1) == '>')
            return;
        lex_skip(lx, 1);
    }
    lx->open_comment = lx->at == lx->src.len;
}

static void skip_block_comment(struct lexer *lx)
{
    ptrdiff_t end = str_find(str_skip(rest(lx), 2), S("*/"));
    lex_skip(lx, end < 0 ? lx->src.len : (size_t)end + 4);
}

static void skip_blanks(struct lexer *lx)
{
    for (;;) {
        char c = peek(lx, 0), c1 = peek(lx, 1);
        if (lx->at < lx->src.len && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            lex_skip(lx, 1);
        else if ((c == '/' && c1 == '/') || (c == '#' && c1 != '['))
            skip_line_comment(lx);
        else if (c == '/' && c1 == '*')
            skip_block_comment(lx);
        else
            return;
    }
}

/* === tokens of several bytes === */

static size_t digits_len(struct str s, bool (*is_one)(char))
{
    size_t n = 0;
    while (n < s.len &&
           (is_one(s.ptr[n]) || (s.ptr[n] == '_' && n > 0 && is_one(s.ptr[n - 1]) &&
                                 n + 1 < s.len && is_one(s.ptr[n + 1]))))
        n++;
    return n;
}

static size_t exponent_len(struct str s)
{
    if (s.len == 0 || (s.ptr[0] != 'e' && s.ptr[0] != 'E'))
        return 0;
    size_t sign = s.len > 1 && (s.ptr[1] == '+' || s.ptr[1] == '-');
    size_t digits = digits_len(str_skip(s, 1 + sign), is_digit);
    return digits ? 1 + sign + digits : 0;
}

/* number_len counts the bytes of a number; the literal's own rules are in literal.c. */
static size_t number_len(struct str s, enum token_type *type)
{
    *type = TOKEN_INT;
    char c = s.len > 1 && s.ptr[0] == '0' ? s.ptr[1] : '\0';
    if (c == 'x' || c == 'X' || c == 'b' || c == 'B' || c == 'o' || c == 'O') {
        size_t n = digits_len(str_skip(s, 2), is_hex);
        if (n)
            return n + 2;
    }
    size_t n = digits_len(s, is_digit);
    if (n < s.len && s.ptr[n] == '.') {
        *type = TOKEN_FLOAT;
        n++;
        n += digits_len(str_skip(s, n), is_digit);
    }
    size_t exponent = exponent_len(str_skip(s, n));
    if (exponent)
        *type = TOKEN_FLOAT;
    return n + exponent;
}

/* A name with its namespace: `\A\B`, `A\B`. */
static size_t qualified_len(struct str s)
{
    size_t n = s.len && s.ptr[0] == '\\' ? 1 : 0;
    size_t part = lex_name_len(str_skip(s, n));
    if (part == 0)
        return 0;
    n += part;
    while (n < s.len && s.ptr[n] == '\\') {
        part = lex_name_len(str_skip(s, n + 1));
        if (part == 0)
            break;
        n += 1 + part;
    }
    return n;
}

static size_t cast_len(struct str s)
{
    static const char *const types[] = {"int",   "integer", "bool",   "boolean",
                                        "float", "double",  "string", "binary",
                                        "array", "object",  "unset",  "real"};
    size_t at = 1;
    while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t'))
        at++;
    struct str name = str_sub(s, at, lex_name_len(str_skip(s, at)));
    at += name.len;
    while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t'))
        at++;
    if (at >= s.len || s.ptr[at] != ')')
        return 0;
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_ieq(name, str_from(types[i])))
            return at + 1;
    return 0;
}

static size_t op_len(struct str s)
{
    /* Longer ones first, where one begins another. */
    static const char *const ops[] = {
        "<=>", "===", "!==", "**=", "...", "<<=", ">>=", "?\?=", "?->", "==", "!=", "<>",
        "<=",  ">=",  "&&",  "||",  "??",  "->",  "=>",  "::",   "**",  "++", "--", "+=",
        "-=",  "*=",  "/=",  ".=",  "%=",  "&=",  "|=",  "^=",   "<<",  ">>", "?>", "#["};
    for (size_t i = 0; i < COUNT(ops); i++)
        if (str_starts(s, str_from(ops[i])))
            return strlen(ops[i]);
    static const char single[] = "+-*/%.=<>!?:,;()[]{}&|^~@$`";
    return memchr(single, s.ptr[0], sizeof(single) - 1) ? 1 : 0;
}

/* === strings === */

static size_t single_quoted_len(struct str s)
{
    for (size_t n = 1; n < s.len; n++) {
        if (s.ptr[n] == '\'')
            return n + 1;
        if (s.ptr[n] == '\\')
            n++;
    }
    return 0;
}

/* skip_braces moves behind the "}" that closes the "{" before lx->at. */
static bool skip_braces(struct lexer *lx)
{
    for (int open = 1; open > 0;) {
        struct token t = lex_next(lx);
        if (t.type == TOKEN_END || t.type == TOKEN_BAD)
            return false;
        if (t.type == TOKEN_OP && str_eq(t.text, S("{")))
            open++;
        if (t.type == TOKEN_OP && str_eq(t.text, S("}")))
            open--;
    }
    return true;
}

/* double_quoted_len finds the closing quote; quotes within {$…} do not count. */
static size_t double_quoted_len(const struct lexer *outer)
{
    struct lexer lx = *outer;
    if (lx.depth >= MAX_STRING_DEPTH)
        return 0;
    lx.depth++;
    lex_skip(&lx, 1);
    while (lx.at < lx.src.len) {
        char c = peek(&lx, 0), c1 = peek(&lx, 1);
        lex_skip(&lx, 1);
        if (c == '"')
            return lx.at - outer->at;
        if (c == '\\')
            lex_skip(&lx, 1);
        else if (((c == '{' && c1 == '$') || (c == '$' && c1 == '{'))) {
            lex_skip(&lx, c == '$');
            if (!skip_braces(&lx))
                return 0;
        }
    }
    return 0;
}

/* heredoc_len: <<<NAME, <<<"NAME" or <<<'NAME', lines, and the name on its own line. */
static size_t heredoc_len(struct str s)
{
    size_t n = 3;
    while (n < s.len && (s.ptr[n] == ' ' || s.ptr[n] == '\t'))
        n++;
    if (n < s.len && (s.ptr[n] == '"' || s.ptr[n] == '\''))
        n++;
    struct str name = str_sub(s, n, lex_name_len(str_skip(s, n)));
    while (name.len && n < s.len) {
        ptrdiff_t line = str_find(str_skip(s, n), S("\n"));
        if (line < 0)
            return 0;
        n += (size_t)line + 1;
        while (n < s.len && (s.ptr[n] == ' ' || s.ptr[n] == '\t'))
            n++;
        size_t end = n + name.len;
        if (str_eq(str_sub(s, n, lex_name_len(str_skip(s, n))), name))
            return end;
    }
    return 0;
}

/* === entry point === */

/* measure finds the type and length of the token at lx->at. */
static size_t measure(const struct lexer *lx, struct token *t)
{
    struct str s = rest(lx);
    char c = s.ptr[0];
    t->type = TOKEN_OP;
    if (c == '$' && s.len > 1 && lex_is_name_start(s.ptr[1])) {
        t->type = TOKEN_VARIABLE;
        return 1 + lex_name_len(str_skip(s, 1));
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(lx, 1))))
        return number_len(s, &t->type);
    if (lex_is_name_start(c) || c == '\\') {
        t->type = TOKEN_NAME;
        return qualified_len(s);
    }
    if (c == '\'') {
        t->type = TOKEN_STRING;
        return single_quoted_len(s);
    }
    if (c == '"') {
        t->type = TOKEN_TEMPLATE;
        return double_quoted_len(lx);
    }
    if (str_starts(s, S("<<<"))) {
        t->type = TOKEN_HEREDOC;
        return heredoc_len(s);
    }
    size_t cast = c == '(' ? cast_len(s) : 0;
    if (cast)
        t->type = TOKEN_CAST;
    return cast ? cast : op_len(s);
}

struct token lex_next(struct lexer *lx)
{
    skip_blanks(lx);
    struct token t = {.at = lx->at};
    lex_where(lx, &t.line, &t.col);
    struct str s = rest(lx);
    if (s.len == 0)
        return t;
    size_t len = measure(lx, &t);
    t.text = str_sub(s, 0, len ? len : 1);
    if (len > 0) {
        lex_skip(lx, len);
        return t;
    }
    bool is_string = t.type != TOKEN_OP && t.type != TOKEN_NAME;
    if (is_string)
        t.text = s;
    t.type = TOKEN_BAD;
    t.error = is_string ? "a string is not closed" : "unexpected character";
    lex_skip(lx, t.text.len);
    return t;
}
