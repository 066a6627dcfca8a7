/* encode.c: bytes as mail can carry them: RFC 2047 (words in headers), RFC 2231
 * (parameters), RFC 2045 (quoted-printable and base64 bodies).
 */
#include "mail/mail_imp.h"

static const char hex[] = "0123456789ABCDEF";
static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* === base64 === */

/* encode_base64 writes 4 characters for every 3 bytes to out, returns how many. */
static size_t encode_base64(struct str s, char *out)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i += 3) {
        size_t left = s.len - i;
        unsigned group = (unsigned)p[i] << 16;
        group |= left > 1 ? (unsigned)p[i + 1] << 8 : 0;
        group |= left > 2 ? (unsigned)p[i + 2] : 0;
        out[n++] = base64[group >> 18];
        out[n++] = base64[group >> 12 & 63];
        out[n++] = left > 1 ? base64[group >> 6 & 63] : '=';
        out[n++] = left > 2 ? base64[group & 63] : '=';
    }
    return n;
}

enum { BASE64_LINE = 57 }; /* bytes that fill a line of 76 */

void base64_add(struct buf *b, struct str bytes)
{
    char group[76];
    for (size_t at = 0; at < bytes.len; at += BASE64_LINE) {
        size_t n = encode_base64(str_sub(bytes, at, BASE64_LINE), group);
        buf_add(b, (struct str){group, n});
    }
}

void body_base64(struct buf *b, struct str bytes)
{
    char line[76];
    for (size_t at = 0; at < bytes.len; at += BASE64_LINE) {
        if (at)
            buf_add(b, S("\r\n"));
        size_t n = encode_base64(str_sub(bytes, at, BASE64_LINE), line);
        buf_add(b, (struct str){line, n});
    }
}

size_t body_base64_len(size_t bytes)
{
    size_t lines = (bytes + BASE64_LINE - 1) / BASE64_LINE;
    return (bytes + 2) / 3 * 4 + (lines ? lines - 1 : 0) * 2;
}

/* === quoted-printable === */

struct str text_crlf(struct arena *a, struct str text)
{
    struct buf b = buf_new(a, SIZE_MAX);
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n' && text.ptr[i] != '\r')
            continue;
        buf_add(&b, str_sub(text, from, i - from));
        buf_add(&b, S("\r\n"));
        if (text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n')
            i++;
        from = i + 1;
    }
    buf_add(&b, str_skip(text, from));
    return buf_str(&b);
}

/* is_bare says whether the i-th byte of a line may stand for itself. Blanks at the end of
 * a line get lost on the way, a dot at its start may, and "From " there becomes ">From "
 * in some mailboxes (RFC 2049). */
static bool is_bare(struct str line, size_t i)
{
    char c = line.ptr[i];
    if (c == ' ' || c == '\t')
        return i + 1 < line.len;
    if (i == 0 && (c == '.' || str_starts(line, S("From "))))
        return false;
    return c > ' ' && c <= '~' && c != '=';
}

static void quoted_printable_line(struct buf *b, struct str line)
{
    char out[76 + 2];
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++) {
        bool bare = is_bare(line, i);
        if (n + (bare ? 1 : 3) > 75) {
            out[n++] = '=';
            out[n++] = '\r';
            out[n++] = '\n';
            buf_add(b, (struct str){out, n});
            n = 0;
        }
        unsigned char c = (unsigned char)line.ptr[i];
        if (bare) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '=';
        out[n++] = hex[c >> 4];
        out[n++] = hex[c & 15];
    }
    buf_add(b, (struct str){out, n});
}

void body_quoted_printable(struct buf *b, struct str text)
{
    for (;;) {
        ptrdiff_t end = str_find(text, S("\r\n"));
        quoted_printable_line(b, end < 0 ? text : str_sub(text, 0, (size_t)end));
        if (end < 0)
            return;
        buf_add(b, S("\r\n"));
        text = str_skip(text, (size_t)end + 2);
    }
}

/* === header fields === */

struct str field_clean(struct arena *a, struct str s)
{
    struct buf b = buf_new(a, SIZE_MAX);
    for (size_t at = 0; at < s.len;) {
        uint32_t c = str_utf8(s, &at);
        buf_utf8(&b, c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
    }
    return buf_str(&b);
}

/* must_encode: not printable ASCII, blanks that folding would lose, a word that could not
 * be folded, or what a reader would take for an encoded word. */
static bool must_encode(struct str s)
{
    size_t word = 0;
    if (s.len && s.ptr[s.len - 1] == ' ')
        return true;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return true;
        if (s.ptr[i] == ' ' && word == 0)
            return true;
        word = s.ptr[i] == ' ' ? 0 : word + 1;
        if (word > 60)
            return true;
    }
    return str_has(s, S("=?"));
}

/* fold starts a new line of the field. */
static size_t fold(struct buf *b)
{
    buf_add(b, S("\r\n "));
    return 1;
}

/* q_len is what a character takes in a Q word: the set that is safe in a phrase, too. */
static size_t q_len(struct str character)
{
    char c = character.ptr[0];
    bool bare = is_alnum(c) || is_one_of(c, " !*+-/");
    return bare ? 1 : 3 * character.len;
}

static void q_add(struct buf *b, struct str character)
{
    if (q_len(character) == 1) {
        buf_byte(b, character.ptr[0] == ' ' ? '_' : character.ptr[0]);
        return;
    }
    for (size_t i = 0; i < character.len; i++) {
        unsigned char c = (unsigned char)character.ptr[i];
        buf_add(b, (struct str){(char[]){'=', hex[c >> 4], hex[c & 15]}, 3});
    }
}

static struct str first_character(struct str s)
{
    size_t len = 0;
    (void)str_utf8(s, &len);
    return str_sub(s, 0, len);
}

/* encoded_take returns how many bytes of s, whole characters, an encoded word of at most
 * `room` columns between its "?Q?" and "?=" can hold: one character at least. */
static size_t encoded_take(struct str s, bool q, size_t room)
{
    size_t taken = 0, columns = 0;
    while (taken < s.len) {
        struct str c = first_character(str_skip(s, taken));
        columns = q ? columns + q_len(c) : (taken + c.len + 2) / 3 * 4;
        if (taken && columns > room)
            break;
        taken += c.len;
    }
    return taken;
}

static size_t encoded_words(struct buf *b, struct str s, size_t col)
{
    enum { AROUND = 12, CHARACTER = 12 }; /* "=?utf-8?Q?" and "?=" */
    char out[FIELD_COLUMNS];
    size_t q_total = 0;
    for (size_t at = 0; at < s.len; at += first_character(str_skip(s, at)).len)
        q_total += q_len(first_character(str_skip(s, at)));
    bool q = q_total <= (s.len + 2) / 3 * 4;
    while (s.len) {
        if (col + AROUND + CHARACTER > FIELD_COLUMNS)
            col = fold(b);
        size_t before = b->len;
        struct str piece =
            str_sub(s, 0, encoded_take(s, q, FIELD_COLUMNS - AROUND - col));
        s = str_skip(s, piece.len);
        buf_add(b, q ? S("=?utf-8?Q?") : S("=?utf-8?B?"));
        if (!q) {
            size_t n = encode_base64(piece, out);
            buf_add(b, (struct str){out, n});
        }
        for (struct str c; q && piece.len; piece = str_skip(piece, c.len)) {
            c = first_character(piece);
            q_add(b, c);
        }
        buf_add(b, S("?="));
        col += b->len - before;
        if (s.len)
            col = fold(b);
    }
    return col;
}

/* escaped_len: what a word takes in a quoted string. */
static size_t escaped_len(struct str word)
{
    size_t n = word.len;
    for (size_t i = 0; i < word.len; i++)
        n += word.ptr[i] == '"' || word.ptr[i] == '\\';
    return n;
}

static void add_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\')
            buf_byte(b, '\\');
        buf_byte(b, s.ptr[i]);
    }
}

/* add_words appends s, folded at its blanks. `escape`: it stands in a quoted string. */
static size_t add_words(struct buf *b, struct str s, bool escape, size_t col)
{
    for (struct cut c = {.tail = s, .ok = true}; c.ok;) {
        bool first = c.tail.ptr == s.ptr;
        c = str_cut(c.tail, ' ');
        size_t len = escape ? escaped_len(c.head) : c.head.len;
        if (!first && col + 1 + len > FIELD_COLUMNS)
            col = fold(b);
        else if (!first)
            buf_byte(b, ' '), col++;
        if (escape)
            add_escaped(b, c.head);
        else
            buf_add(b, c.head);
        col += len;
    }
    return col;
}

size_t field_text(struct buf *b, struct str s, size_t col)
{
    return must_encode(s) ? encoded_words(b, s, col) : add_words(b, s, false, col);
}

static bool only_atoms(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) && !is_one_of(s.ptr[i], " !#$%&'*+-/=?^_`{|}~"))
            return false;
    return true;
}

static void add_quoted(struct buf *b, struct str s)
{
    buf_byte(b, '"');
    add_escaped(b, s);
    buf_byte(b, '"');
}

size_t field_phrase(struct buf *b, struct str s, size_t col)
{
    if (must_encode(s))
        return encoded_words(b, s, col);
    if (only_atoms(s))
        return add_words(b, s, false, col);
    buf_byte(b, '"');
    col = add_words(b, s, true, col + 1);
    buf_byte(b, '"');
    return col + 1;
}

/* === parameters (RFC 2231) === */

/* percent_len is what a character takes in an extended value. */
static size_t percent_len(struct str character)
{
    char c = character.ptr[0];
    bool bare = is_alnum(c) || is_one_of(c, "!#$&+-.^_`|~");
    return bare ? 1 : 3 * character.len;
}

static void percent_add(struct buf *b, struct str character)
{
    if (percent_len(character) == 1) {
        buf_byte(b, character.ptr[0]);
        return;
    }
    for (size_t i = 0; i < character.len; i++) {
        unsigned char u = (unsigned char)character.ptr[i];
        buf_add(b, (struct str){(char[]){'%', hex[u >> 4], hex[u & 15]}, 3});
    }
}

/* extended_parameter cuts a long value into numbered pieces of whole characters. */
static void extended_parameter(struct buf *b, const char *name, struct str value)
{
    size_t room = FIELD_COLUMNS - sizeof(" *000*=utf-8'';") - strlen(name);
    size_t total = 0, used = 0;
    for (size_t at = 0; at < value.len; at += first_character(str_skip(value, at)).len)
        total += percent_len(first_character(str_skip(value, at)));
    buf_fmt(b, ";\r\n %s*%s=utf-8''", name, total > room ? "0*" : "");
    for (int piece = 1; value.len;) {
        struct str c = first_character(value);
        if (used + percent_len(c) > room) {
            buf_fmt(b, ";\r\n %s*%d*=", name, piece++);
            used = 0;
        }
        percent_add(b, c);
        used += percent_len(c);
        value = str_skip(value, c.len);
    }
}

void field_parameter(struct buf *b, const char *name, struct str value)
{
    bool plain = value.len + strlen(name) + sizeof(" =\"\";") < FIELD_COLUMNS;
    for (size_t i = 0; i < value.len; i++)
        plain = plain && value.ptr[i] >= ' ' && value.ptr[i] <= '~';
    if (!plain) {
        extended_parameter(b, name, value);
        return;
    }
    buf_fmt(b, ";\r\n %s=", name);
    add_quoted(b, value);
}

struct str field_ascii(struct arena *a, struct str name)
{
    enum { HEAD = 40, TAIL = 12 };
    struct buf b = buf_new(a, SIZE_MAX);
    for (size_t at = 0; at < name.len;) {
        uint32_t c = str_utf8(name, &at);
        bool bare = c >= ' ' && c <= '~' && c != '"' && c != '\\';
        buf_byte(&b, bare ? (char)c : '_');
    }
    struct str s = buf_str(&b);
    if (s.len <= HEAD + TAIL)
        return s;
    return str_fmt(a, "%.*s_%.*s", HEAD, s.ptr, TAIL, s.ptr + s.len - TAIL);
}
