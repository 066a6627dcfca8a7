/* php_source.c: what the PHP source of a class declares, read without running it. */
#include <ctype.h>

#include "jobs/jobs_imp.h"

size_t php_source_string(struct str s, size_t at)
{
    char quote = s.ptr[at++];
    while (at < s.len && s.ptr[at] != quote)
        at += s.ptr[at] == '\\' ? 2 : 1;
    return at < s.len ? at + 1 : s.len;
}

static size_t comment_end(struct str s, size_t at)
{
    struct str rest = str_skip(s, at);
    if (str_starts(rest, S("/*"))) {
        ptrdiff_t end = str_find(str_skip(rest, 2), S("*/"));
        return end < 0 ? s.len : at + 2 + (size_t)end + 2;
    }
    /* "#[" opens an attribute, not a comment. */
    if (str_starts(rest, S("//")) ||
        (str_starts(rest, S("#")) && !str_starts(rest, S("#[")))) {
        ptrdiff_t end = str_find(rest, S("\n"));
        return end < 0 ? s.len : at + (size_t)end;
    }
    return at;
}

/* without_comments returns the source with every comment made blanks. */
struct str php_source_clean(struct str s, struct arena *perm)
{
    char *out = str_z(perm, s);
    for (size_t at = 0; at < s.len;) {
        size_t end = comment_end(s, at);
        if (end > at) {
            for (size_t i = at; i < end; i++)
                out[i] = out[i] == '\n' ? '\n' : ' ';
            at = end;
        } else if (s.ptr[at] == '\'' || s.ptr[at] == '"') {
            at = php_source_string(s, at);
        } else {
            at++;
        }
    }
    return (struct str){out, s.len};
}

struct str php_source_code(struct str s, struct arena *perm)
{
    char *out = str_z(perm, s);
    /* In a heredoc a quote is a letter like any other. */
    if (str_has(s, S("<<<")))
        return s;
    for (size_t at = 0; at < s.len;) {
        char quote = s.ptr[at];
        if (quote != '\'' && quote != '"') {
            at++;
            continue;
        }
        size_t end = php_source_string(s, at);
        for (size_t i = at + 1; quote == '\'' && i + 1 < end; i++)
            out[i] = out[i] == '\n' ? '\n' : ' ';
        at = end;
    }
    return (struct str){out, s.len};
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* find_word returns the offset behind `word` where it stands as a whole word, from `from`
 * on; -1: nowhere. */
ptrdiff_t php_source_word(struct str s, struct str word, size_t from)
{
    while (from < s.len) {
        ptrdiff_t found = str_find(str_skip(s, from), word);
        if (found < 0)
            return -1;
        size_t at = from + (size_t)found, end = at + word.len;
        bool left = at == 0 || !word_char(s.ptr[at - 1]);
        if (left && (end >= s.len || !word_char(s.ptr[end])))
            return (ptrdiff_t)end;
        from = end;
    }
    return -1;
}

static size_t skip_blanks(struct str s, size_t at)
{
    while (at < s.len && isspace((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* until_semicolon returns what stands from `at` to the next ";" outside strings. */
struct str php_source_statement(struct str s, size_t at)
{
    size_t end = at;
    while (end < s.len && s.ptr[end] != ';')
        end =
            s.ptr[end] == '\'' || s.ptr[end] == '"' ? php_source_string(s, end) : end + 1;
    return str_sub(s, at, end - at);
}

/* has_function says whether the class has a method of that name, in any case. */
bool php_source_function(struct str source, struct str name, size_t *behind)
{
    for (size_t from = 0;;) {
        ptrdiff_t end = php_source_word(source, S("function"), from);
        if (end < 0)
            return false;
        size_t at = skip_blanks(source, (size_t)end), len = 0;
        if (at < source.len && source.ptr[at] == '&')
            at = skip_blanks(source, at + 1);
        while (at + len < source.len && word_char(source.ptr[at + len]))
            len++;
        from = at + len;
        if (str_ieq(str_sub(source, at, len), name)) {
            *behind = from;
            return true;
        }
    }
}

bool php_source_returned(struct str source, size_t behind, struct str *out)
{
    ptrdiff_t open = str_find(str_skip(source, behind), S("{"));
    if (open < 0)
        return false;
    size_t at = behind + (size_t)open + 1;
    struct str statement = php_source_statement(source, at);
    struct str rest = str_trim(str_skip(source, at + statement.len + 1));
    statement = str_trim(statement);
    if (php_source_word(statement, S("return"), 0) != (ptrdiff_t)(sizeof("return") - 1) ||
        !str_starts(rest, S("}")))
        return false;
    *out = str_trim(str_skip(statement, sizeof("return") - 1));
    return true;
}

/* === properties === */

/* statement_start returns where the statement or parameter begins that holds `at`. */
static size_t statement_start(struct str s, size_t at, bool *parameter)
{
    while (at > 0 && !strchr(";{}(,", s.ptr[at - 1]))
        at--;
    *parameter = at > 0 && (s.ptr[at - 1] == '(' || s.ptr[at - 1] == ',');
    return at;
}

static enum php_source_visibility visibility_of(struct str statement)
{
    static const struct {
        const char *word;
        enum php_source_visibility v;
    } words[] = {{"public", PHP_SOURCE_PUBLIC},
                 {"var", PHP_SOURCE_PUBLIC},
                 {"protected", PHP_SOURCE_HIDDEN},
                 {"private", PHP_SOURCE_HIDDEN}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (php_source_word(statement, str_from(words[i].word), 0) >= 0)
            return words[i].v;
    return PHP_SOURCE_NONE;
}

struct php_source_property php_source_property(struct str source, struct str name)
{
    struct php_source_property p = {0};
    for (size_t from = 0;;) {
        ptrdiff_t end = php_source_word(source, name, from);
        if (end < 0)
            return p;
        from = (size_t)end;
        size_t start = statement_start(source, from - name.len, &p.promoted);
        struct str head = str_sub(source, start, from - name.len - start);
        p.visibility = visibility_of(head);
        if (p.visibility == PHP_SOURCE_NONE)
            continue;
        size_t at = skip_blanks(source, from);
        struct str value = php_source_statement(source, at);
        /* `= 3;` alone: what follows a comma at this level is another declaration. */
        if (str_starts(value, S("=")))
            p.value = str_trim(str_skip(value, 1));
        p.unclear = !p.promoted && value.len && !p.value.len;
        return p;
    }
}

int php_source_line(struct str source, size_t at)
{
    int line = 1;
    for (size_t i = 0; i < at && i < source.len; i++)
        line += source.ptr[i] == '\n';
    return line;
}

/* === names === */

static struct str name_at(struct str s, size_t *at)
{
    size_t from = skip_blanks(s, *at), end = from;
    while (end < s.len && (word_char(s.ptr[end]) || s.ptr[end] == '\\'))
        end++;
    *at = end;
    struct str name = str_sub(s, from, end - from);
    return str_eq(name, S("\\")) ? S("") : name;
}

/* last_part returns what stands behind the last backslash. */
static struct str last_part(struct str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '\\')
            return str_skip(name, i);
    return name;
}

/* alias_at reads `A\B` or `A\B as C`, and moves *at behind it. */
static struct str alias_at(struct str source, size_t *at, struct str *full)
{
    *full = name_at(source, at);
    size_t behind = *at;
    if (!str_eq(name_at(source, &behind), S("as")))
        return last_part(*full);
    *at = behind;
    return name_at(source, at);
}

/* imported_from reads what one `use` brings: a list, or a group of one namespace. */
static bool imported_from(struct str source, size_t at, struct str name,
                          struct str *space, struct str *out)
{
    *space = S("");
    for (;;) {
        struct str alias = alias_at(source, &at, out);
        size_t next = skip_blanks(source, at);
        char c = next < source.len ? source.ptr[next] : ';';
        if (c == '{') {
            *space = *out;
            at = next + 1;
            continue;
        }
        if (str_ieq(alias, name))
            return true;
        if (c != ',')
            return false;
        at = next + 1;
    }
}

/* imported finds the `use` of a file's head that brings a short name. */
static bool imported(struct str source, size_t head, struct str name, struct arena *perm,
                     struct str *out)
{
    for (size_t from = 0;;) {
        struct str space;
        ptrdiff_t end = php_source_word(source, S("use"), from);
        if (end < 0 || (size_t)end >= head)
            return false;
        from = (size_t)end;
        if (imported_from(source, from, name, &space, out)) {
            *out = str_fmt(perm, "%.*s%.*s", STR_ARG(space), STR_ARG(*out));
            return true;
        }
    }
}

/* resolved gives a name its namespace. */
static struct str resolved(struct str source, size_t head, struct str name,
                           struct arena *perm)
{
    struct str full;
    if (str_starts(name, S("\\")))
        return str_skip(name, 1);
    struct cut first = str_cut(name, '\\');
    if (imported(source, head, first.head, perm, &full))
        return first.ok ? str_fmt(perm, "%.*s\\%.*s", STR_ARG(full), STR_ARG(first.tail))
                        : full;
    ptrdiff_t end = php_source_word(source, S("namespace"), 0);
    size_t at = end < 0 ? 0 : (size_t)end;
    struct str space = end < 0 ? S("") : name_at(source, &at);
    return space.len ? str_fmt(perm, "%.*s\\%.*s", STR_ARG(space), STR_ARG(name)) : name;
}

/* class_head returns the offsets of a file's class (or trait): behind the word, and of
 * its brace. */
static bool class_head(struct str source, size_t *head, size_t *body)
{
    ptrdiff_t end = php_source_word(source, S("class"), 0);
    if (end < 0)
        end = php_source_word(source, S("trait"), 0);
    ptrdiff_t open = end < 0 ? -1 : str_find(str_skip(source, (size_t)end), S("{"));
    if (open < 0)
        return false;
    *head = (size_t)end;
    *body = *head + (size_t)open;
    return true;
}

/* names_from calls fn for each name of a list with commas, and returns what is behind. */
static size_t names_from(struct str source, size_t head, size_t at,
                         php_source_name_fn *fn, void *arg, struct arena *perm)
{
    struct str name = name_at(source, &at);
    size_t behind = at;
    while (name.len) {
        fn(arg, resolved(source, head, name, perm), php_source_line(source, at));
        behind = at = skip_blanks(source, at);
        bool more = at < source.len && source.ptr[at] == ',';
        at += more;
        name = more ? name_at(source, &at) : S("");
    }
    return behind;
}

void php_source_interfaces(struct str source, php_source_name_fn *fn, void *arg,
                           struct arena *perm)
{
    size_t head, body;
    if (!class_head(source, &head, &body))
        return;
    ptrdiff_t end = php_source_word(source, S("implements"), head);
    if (end >= 0 && (size_t)end < body)
        names_from(source, head, (size_t)end, fn, arg, perm);
}

void php_source_bases(struct str source, php_source_name_fn *fn, void *arg,
                      struct arena *perm)
{
    size_t head, body;
    if (!class_head(source, &head, &body))
        return;
    ptrdiff_t extends = php_source_word(source, S("extends"), head);
    /* Traits are named in the body, several to a `use`; a closure's `use (` is none. */
    for (size_t from = body;;) {
        ptrdiff_t end = php_source_word(source, S("use"), from);
        if (end < 0)
            break;
        size_t behind = names_from(source, head, (size_t)end, fn, arg, perm);
        from = behind > (size_t)end ? behind : (size_t)end;
    }
    if (extends >= 0 && (size_t)extends < body) {
        size_t at = (size_t)extends;
        struct str name = name_at(source, &at);
        if (name.len)
            fn(arg, resolved(source, head, name, perm), php_source_line(source, at));
    }
}
