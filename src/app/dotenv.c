/* dotenv.c: .env files, by the rules of phpdotenv 5.
 *
 * Text → lines → entries (a value in double quotes may run over lines) → name and value →
 * ${NAME} resolved → environment. All entries are parsed before the first one is loaded.
 */
#include "app/app_imp.h"
#include "app/name_ranges.h"

enum { VALUES_MAX_BYTES = 4 << 20 };

struct entry {
    struct str name;
    int line;
    bool has_value; /* "NAME" alone clears the variable */
    struct str chars;
    size_t *vars; /* offsets in chars of each "$" that may begin "${NAME}" */
    size_t vars_len;
};

struct dotenv {
    struct env *env;
    struct arena *perm;
    const char *file;
    VEC(struct entry) entries;
    size_t room; /* for values */
    struct error *e;
};

/* php_trim trims what PHP's trim() does: unlike str_trim not the form feed. */
static struct str php_trim(struct str s)
{
    const struct str blanks = {" \n\r\t\0\x0b", 6};
    while (s.len && memchr(blanks.ptr, s.ptr[0], blanks.len))
        s = str_skip(s, 1);
    while (s.len && memchr(blanks.ptr, s.ptr[s.len - 1], blanks.len))
        s.len--;
    return s;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* === names === */

static bool name_char(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '_' || c == '.';
    size_t low = 0, high = COUNT(name_ranges);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c > name_ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < COUNT(name_ranges) && c >= name_ranges[low].first;
}

/* parse_name strips "export" and one pair of quotes, then checks what is left. */
static bool parse_name(struct str s, struct str *out)
{
    if (s.len > 6 && str_starts(s, S("export")) && is_space(s.ptr[6])) {
        s = str_skip(s, 6);
        while (s.len && is_space(s.ptr[0]))
            s = str_skip(s, 1);
    }
    char q = s.len >= 3 ? s.ptr[0] : '\0';
    if ((q == '"' || q == '\'') && s.ptr[s.len - 1] == q)
        s = str_sub(s, 1, s.len - 2);
    for (size_t at = 0; at < s.len;)
        if (!name_char(str_utf8(s, &at)))
            return false;
    *out = s;
    return s.len > 0;
}

/* === values: a finite automaton with an output tape === */

enum state { INITIAL, UNQUOTED, SINGLE, DOUBLE, ESCAPE, BLANK, COMMENT };

struct scan {
    struct dotenv *d;
    enum state state;
    struct buf chars;
    VEC(size_t) vars;
    const char *cause; /* what is wrong; NULL: nothing */
};

static void emit(struct scan *s, char c, enum state next)
{
    if (c == '$' && s->state != SINGLE && s->state != ESCAPE)
        VEC_PUSH(s->d->perm, &s->vars, s->chars.len);
    buf_byte(&s->chars, c);
    s->state = next;
}

static void escape(struct scan *s, char c)
{
    static const char from[] = "fnrtv", to[] = "\f\n\r\t\v";
    const char *p = memchr(from, c, sizeof(from) - 1);
    if (c == '"' || c == '\\' || c == '$')
        emit(s, c, DOUBLE);
    else if (p)
        emit(s, to[p - from], DOUBLE);
    else
        s->cause = "an unexpected escape sequence";
}

static void step(struct scan *s, char c)
{
    switch (s->state) {
    case INITIAL:
        if (c == '\'' || c == '"')
            s->state = c == '"' ? DOUBLE : SINGLE;
        else if (c == '#')
            s->state = COMMENT;
        else
            emit(s, c, UNQUOTED);
        break;
    case UNQUOTED:
        if (c == '#')
            s->state = COMMENT;
        else if (is_space(c))
            s->state = BLANK;
        else
            emit(s, c, UNQUOTED);
        break;
    case SINGLE:
        if (c == '\'')
            s->state = BLANK;
        else
            emit(s, c, SINGLE);
        break;
    case DOUBLE:
        if (c == '"')
            s->state = BLANK;
        else if (c == '\\')
            s->state = ESCAPE;
        else
            emit(s, c, DOUBLE);
        break;
    case ESCAPE:
        escape(s, c);
        break;
    case BLANK:
        if (c == '#')
            s->state = COMMENT;
        else if (!is_space(c))
            s->cause = "unexpected whitespace (a value with blanks needs quotes)";
        break;
    case COMMENT:
        break;
    }
}

static int newlines(struct str s)
{
    int n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

static bool refuse(struct dotenv *d, int line, const char *cause)
{
    err_set(d->e, ERR_FATAL, "The environment file is invalid: %s", cause);
    return err_place(d->e, d->file, line, 0);
}

static bool parse_value(struct dotenv *d, struct str value, int line, struct entry *out)
{
    struct scan s = {.d = d, .chars = buf_new(d->perm, value.len + 1)};
    for (size_t i = 0; i < value.len; i++) {
        step(&s, value.ptr[i]);
        if (s.cause)
            return refuse(d, line + newlines(str_sub(value, 0, i)), s.cause);
    }
    if (s.state == SINGLE || s.state == DOUBLE || s.state == ESCAPE)
        return refuse(d, line, "a missing closing quote");
    out->chars = buf_str(&s.chars);
    out->vars = s.vars.at;
    out->vars_len = s.vars.len;
    return true;
}

static bool parse_entry(struct dotenv *d, struct str raw, int line)
{
    struct entry entry = {.line = line};
    struct cut c = str_cut(raw, '=');
    /* Without "=" the blanks around the name stay, and make it an invalid one. */
    struct str name = c.ok ? php_trim(c.head) : raw, value = php_trim(c.tail);
    if (name.len == 0)
        return refuse(d, line, "an unexpected equals");
    if (!parse_name(name, &entry.name))
        return refuse(d, line, "an invalid name");
    entry.has_value = c.ok;
    if (c.ok) {
        int skipped = newlines((struct str){raw.ptr, (size_t)(value.ptr - raw.ptr)});
        if (!parse_value(d, value, line + skipped, &entry))
            return false;
    }
    VEC_PUSH(d->perm, &d->entries, entry);
    return true;
}

/* === lines === */

/* quotes counts the double quotes that no backslash escapes. */
static int quotes(struct str line)
{
    int n = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\\' && i + 1 < line.len &&
            (line.ptr[i + 1] == '\\' || line.ptr[i + 1] == '"'))
            i++;
        else
            n += line.ptr[i] == '"';
    }
    return n;
}

/* begins_block says whether a value in double quotes begins here and does not end. */
static bool begins_block(struct str line)
{
    ptrdiff_t open = str_find(line, S("=\"")), hash = str_find(line, S("#"));
    if (open < 0 || (hash >= 0 && hash < open))
        return false;
    return quotes(line) < 2;
}

static bool is_blank_or_comment(struct str line)
{
    line = php_trim(line);
    return line.len == 0 || line.ptr[0] == '#';
}

/* next_line cuts at CR LF, LF or CR. */
static struct str next_line(struct str *rest, bool *more)
{
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] != '\n' && rest->ptr[n] != '\r')
        n++;
    struct str line = str_sub(*rest, 0, n);
    *more = n < rest->len;
    bool crlf = n + 1 < rest->len && rest->ptr[n] == '\r' && rest->ptr[n + 1] == '\n';
    *rest = str_skip(*rest, n + (crlf ? 2 : 1));
    return line;
}

static bool parse_lines(struct dotenv *d, struct str text)
{
    struct buf block = buf_new(d->perm, text.len + 1);
    bool inside = false, more = true;
    int first = 1;
    for (int n = 1; more; n++) {
        struct str line = next_line(&text, &more);
        bool begins = !inside && begins_block(line);
        if (begins || inside) {
            if (begins)
                first = n;
            else
                buf_byte(&block, '\n');
            buf_add(&block, line);
            inside = begins || quotes(line) == 0;
            if (inside && more)
                continue;
            /* A block that the file ends in is parsed, to report its missing quote. */
            line = str_copy(d->perm, buf_str(&block));
            block.len = 0;
        } else {
            first = n;
        }
        if (!is_blank_or_comment(line) && !parse_entry(d, line, first))
            return false;
    }
    return true;
}

/* === loading === */

/* prepend puts s before what is there: the buffer holds the text backwards. */
static void prepend(struct buf *backwards, struct str s)
{
    for (size_t i = s.len; i-- > 0;)
        buf_byte(backwards, s.ptr[i]);
}

/* resolve_head replaces a "${NAME}" that the text begins with; an unknown one stays. */
static void resolve_head(struct dotenv *d, struct buf *backwards)
{
    const char *end = backwards->ptr + backwards->len;
    size_t len = backwards->len, n = 2;
    struct str value;
    if (len < 4 || end[-1] != '$' || end[-2] != '{')
        return;
    while (n < len && (unsigned char)end[-1 - (ptrdiff_t)n] < 0x80 &&
           name_char((unsigned char)end[-1 - (ptrdiff_t)n]))
        n++;
    if (n == 2 || n == len || end[-1 - (ptrdiff_t)n] != '}')
        return;
    char *name = NEW(d->perm, char, n - 2);
    for (size_t i = 0; i < n - 2; i++)
        name[i] = end[-3 - (ptrdiff_t)i];
    if (!env_lookup(d->env, (struct str){name, n - 2}, &value))
        return;
    backwards->len -= n + 1;
    prepend(backwards, value);
}

/* resolve goes from the last "$" to the first, so that a name may hold another value.
 * Values that double each other may grow without end: their sum has a ceiling. */
static bool resolve(struct dotenv *d, const struct entry *entry, struct str *out)
{
    size_t cut = entry->chars.len;
    struct buf backwards = buf_new(d->perm, d->room);
    for (size_t i = entry->vars_len; i-- > 0;) {
        size_t at = entry->vars[i];
        prepend(&backwards, str_sub(entry->chars, at, cut - at));
        resolve_head(d, &backwards);
        cut = at;
    }
    prepend(&backwards, str_sub(entry->chars, 0, cut));
    if (backwards.full)
        return refuse(d, entry->line, "its values are too long, taken together");
    d->room -= backwards.len;
    char *text = NEW(d->perm, char, backwards.len + 1);
    for (size_t i = 0; i < backwards.len; i++)
        text[i] = backwards.ptr[backwards.len - 1 - i];
    *out = (struct str){text, backwards.len};
    return true;
}

bool dotenv_load(struct env *env, struct str text, const char *file, struct error *e)
{
    struct dotenv d = {
        .env = env, .perm = env->perm, .file = file, .room = VALUES_MAX_BYTES, .e = e};
    text = str_utf8_question(env->perm, text);
    if (str_starts(text, S("\xef\xbb\xbf")))
        text = str_skip(text, 3);
    if (!parse_lines(&d, text))
        return false;
    for (size_t i = 0; i < d.entries.len; i++) {
        const struct entry *entry = &d.entries.at[i];
        struct str value;
        if (!entry->has_value)
            env_clear(env, entry->name);
        else if (resolve(&d, entry, &value))
            env_write(env, entry->name, value, entry->line);
        else
            return false;
    }
    return true;
}
