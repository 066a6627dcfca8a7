/* code.c: PHP source that is looked at and not run: blanks, strings, brackets, words. */
#include <ctype.h>

#include "app/app_imp.h"

bool code_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

size_t code_skip_string(struct str s, size_t at)
{
    char quote = s.ptr[at++];
    while (at < s.len && s.ptr[at] != quote)
        at += s.ptr[at] == '\\' ? 2 : 1;
    return at < s.len ? at + 1 : s.len;
}

/* code_skip_blank moves behind blanks and comments; "#[" opens an attribute. */
size_t code_skip_blank(struct str s, size_t at)
{
    for (;;) {
        struct str rest = str_skip(s, at);
        ptrdiff_t end = -1;
        if (rest.len && isspace((unsigned char)rest.ptr[0]))
            end = 1;
        else if (str_starts(rest, S("/*")))
            end = (end = str_find(str_skip(rest, 2), S("*/"))) < 0 ? (ptrdiff_t)rest.len
                                                                   : end + 4;
        else if (str_starts(rest, S("//")) ||
                 (str_starts(rest, S("#")) && !str_starts(rest, S("#["))))
            end = (end = str_find(rest, S("\n"))) < 0 ? (ptrdiff_t)rest.len : end;
        if (end <= 0)
            return at;
        at += (size_t)end;
    }
}

size_t code_skip_word(struct str s, size_t at)
{
    while (at < s.len && (code_word_char(s.ptr[at]) || s.ptr[at] == '\\'))
        at++;
    return at;
}

/* code_skip_brackets moves behind the bracket that closes the one at `at`. */
size_t code_skip_brackets(struct str s, size_t at)
{
    int depth = 0;
    while (at < s.len) {
        at = code_skip_blank(s, at);
        char c = at < s.len ? s.ptr[at] : '\0';
        if (c == '\'' || c == '"') {
            at = code_skip_string(s, at);
            continue;
        }
        at += at < s.len;
        depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
        if (depth == 0)
            return at;
    }
    return at;
}

int code_line(struct str s, size_t at)
{
    int line = 1;
    for (size_t i = 0; i < at && i < s.len; i++)
        line += s.ptr[i] == '\n';
    return line;
}

bool code_behind(struct str s, size_t at, struct str what)
{
    while (at > 0 && isspace((unsigned char)s.ptr[at - 1]))
        at--;
    return str_ends(str_sub(s, 0, at), what);
}

static struct str last_part(struct str name)
{
    for (struct cut c = str_cut(name, '\\'); c.ok; c = str_cut(name, '\\'))
        name = c.tail;
    return name;
}

/* imported reads `use Full\Name [as Alias];` behind its word, and says whether it stands
 * for the name. */
static bool imported(struct str s, size_t at, struct str name, struct str *full)
{
    size_t from = code_skip_blank(s, at), end = code_skip_word(s, from);
    size_t as = code_skip_blank(s, end), behind = code_skip_word(s, as);
    struct str alias = last_part(str_sub(s, from, end - from));
    *full = str_sub(s, from, end - from);
    if (str_ieq(str_sub(s, as, behind - as), S("as"))) {
        size_t other = code_skip_blank(s, behind);
        alias = str_sub(s, other, code_skip_word(s, other) - other);
    }
    return str_ieq(alias, name);
}

struct str code_class(struct str s, struct str name)
{
    struct str full;
    if (str_has(name, S("\\")))
        return str_skip(name, name.ptr[0] == '\\');
    for (size_t at = 0; at < s.len;) {
        at = code_skip_blank(s, at);
        if (at < s.len && (s.ptr[at] == '\'' || s.ptr[at] == '"')) {
            at = code_skip_string(s, at);
            continue;
        }
        size_t end = code_skip_word(s, at);
        if (str_ieq(str_sub(s, at, end - at), S("use")) && imported(s, end, name, &full))
            return str_skip(full, full.len && full.ptr[0] == '\\');
        at = end > at ? end : at + 1;
    }
    return name;
}
