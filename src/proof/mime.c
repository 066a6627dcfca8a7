/* mime.c: what a mail says, whoever wrote it (RFC 5322, 2045 to 2047, 2231). */
#include "proof/proof_imp.h"

enum { DEPTH_MAX = 8, PARTS_MAX = 100, SEGMENTS_MAX = 64, DECODED_MAX = 64 << 20 };

void facts_add(struct facts *f, struct str name, struct str value)
{
    VEC_PUSH(f->perm, &f->list, (struct fact){name, value});
}

/* === encodings === */

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* escaped takes the two digits behind a sign; false: there are none. */
static bool escaped(struct str s, size_t at, char *out)
{
    int high = at + 1 < s.len ? hex_of(s.ptr[at]) : -1;
    int low = at + 1 < s.len ? hex_of(s.ptr[at + 1]) : -1;
    if (high < 0 || low < 0)
        return false;
    *out = (char)(high * 16 + low);
    return true;
}

/* unescape replaces what follows the sign ("=" or "%"); of an encoded word "_" is a
 * blank, and of quoted-printable a line's end goes behind "=". */
static struct str unescape(struct str s, char sign, bool word, struct arena *perm)
{
    struct buf b = buf_new(perm, DECODED_MAX);
    for (size_t i = 0; i < s.len; i++) {
        char c;
        if (s.ptr[i] == sign && escaped(s, i + 1, &c)) {
            buf_byte(&b, c);
            i += 2;
        } else if (sign == '=' && s.ptr[i] == '=' &&
                   str_starts(str_skip(s, i + 1), S("\r\n"))) {
            i += 2;
        } else if (sign == '=' && s.ptr[i] == '=' && i + 1 < s.len &&
                   s.ptr[i + 1] == '\n') {
            i++;
        } else {
            buf_byte(&b, word && s.ptr[i] == '_' ? ' ' : s.ptr[i]);
        }
    }
    return buf_str(&b);
}

static int base64_of(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static struct str unbase64(struct str s, struct arena *perm)
{
    struct buf b = buf_new(perm, DECODED_MAX);
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < s.len && s.ptr[i] != '='; i++) {
        int digit = base64_of(s.ptr[i]);
        if (digit < 0)
            continue; /* line ends */
        bits = bits << 6 | (uint32_t)digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_byte(&b, (char)(bits >> count & 0xFF));
        }
    }
    return buf_str(&b);
}

/* === fields === */

/* encoded_word decodes one at the start of s: "=?utf-8?Q?…?=". */
static bool encoded_word(struct str s, struct arena *perm, struct str *out, size_t *len)
{
    if (!str_starts(s, S("=?")))
        return false;
    struct cut charset = str_cut(str_skip(s, 2), '?');
    struct cut how = str_cut(charset.tail, '?');
    ptrdiff_t end = how.ok ? str_find(how.tail, S("?=")) : -1;
    bool utf8 = str_ieq(charset.head, S("utf-8")) || str_ieq(charset.head, S("us-ascii"));
    if (end < 0 || !utf8)
        return false;
    struct str text = str_sub(how.tail, 0, (size_t)end);
    if (str_ieq(how.head, S("B")))
        *out = unbase64(text, perm);
    else if (str_ieq(how.head, S("Q")))
        *out = unescape(text, '=', true, perm);
    else
        return false;
    *len = (size_t)(how.tail.ptr - s.ptr) + (size_t)end + 2;
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* field_text decodes the words of an unfolded field; blanks between two of them are
 * none. */
static struct str field_text(struct str s, struct arena *perm)
{
    struct buf b = buf_new(perm, DECODED_MAX);
    size_t after = SIZE_MAX; /* what was written when the last word ended */
    for (size_t i = 0, len; i < s.len;) {
        struct str word;
        if (encoded_word(str_skip(s, i), perm, &word, &len)) {
            if (after != SIZE_MAX &&
                str_trim((struct str){b.ptr + after, b.len - after}).len == 0)
                b.len = after;
            buf_add(&b, word);
            after = b.len;
            i += len;
        } else {
            buf_byte(&b, s.ptr[i++]);
        }
    }
    return buf_str(&b);
}

struct entity {
    struct arena *perm;
    VEC(struct fact) fields; /* names in lower case */
    struct str body;
};

static struct str line_of(struct str *rest)
{
    struct cut c = str_cut(*rest, '\n');
    *rest = c.tail;
    return str_ends(c.head, S("\r")) ? str_sub(c.head, 0, c.head.len - 1) : c.head;
}

/* add_field takes a line of the head: a new field, or more of the last one. */
static bool add_field(struct entity *n, struct str line)
{
    if (blank(line.ptr[0])) {
        if (!n->fields.len)
            return false;
        struct fact *last = &n->fields.at[n->fields.len - 1];
        last->value = str_join(n->perm, last->value, line);
        return true;
    }
    struct cut c = str_cut(line, ':');
    if (!c.ok)
        return false;
    VEC_PUSH(n->perm, &n->fields,
             (struct fact){str_lower(n->perm, str_trim(c.head)), str_trim(c.tail)});
    return true;
}

static bool read_entity(struct entity *n, struct str bytes)
{
    while (bytes.len) {
        struct str line = line_of(&bytes);
        if (!line.len)
            break;
        if (!add_field(n, line))
            return false;
    }
    n->body = bytes;
    return true;
}

static struct str field(const struct entity *n, const char *name)
{
    for (size_t i = 0; i < n->fields.len; i++)
        if (str_eq(n->fields.at[i].name, str_from(name)))
            return n->fields.at[i].value;
    return S("");
}

/* === parameters: "attachment; filename=…" === */

/* next_parameter cuts "name=value" off; quotes are taken away. */
static bool next_parameter(struct str *rest, struct arena *perm, struct str *name,
                           struct str *value)
{
    struct cut semicolon = str_cut(*rest, ';');
    struct cut equals = str_cut(semicolon.tail, '=');
    if (!semicolon.ok || !equals.ok)
        return false;
    *name = str_lower(perm, str_trim(equals.head));
    struct str s = equals.tail;
    while (s.len && blank(s.ptr[0]))
        s = str_skip(s, 1);
    if (!s.len || s.ptr[0] != '"') {
        *value = str_trim(str_cut(s, ';').head);
        *rest = s;
        return true;
    }
    struct buf b = buf_new(perm, DECODED_MAX);
    size_t i = 1;
    for (; i < s.len && s.ptr[i] != '"'; i++) {
        i += s.ptr[i] == '\\' && i + 1 < s.len;
        buf_byte(&b, s.ptr[i]);
    }
    *value = buf_str(&b);
    *rest = str_skip(s, i + 1);
    return true;
}

/* decoded takes charset and escapes off: of the first part of an extended value. */
static struct str decoded(struct str value, bool first, struct arena *perm)
{
    if (first)
        value = str_cut(str_cut(value, '\'').tail, '\'').tail;
    return unescape(value, '%', false, perm);
}

/* parameter gives one as a whole, which may stand in numbered parts: "filename*0*". */
static struct str parameter(struct str text, const char *wanted, struct arena *perm)
{
    struct str name, value, segments[SEGMENTS_MAX];
    size_t len = 0;
    while (next_parameter(&text, perm, &name, &value)) {
        int64_t n = 0;
        struct cut star = str_cut(name, '*');
        bool extended = star.ok && str_ends(name, S("*"));
        struct str number = star.tail;
        if (extended && number.len) /* else "filename*" */
            number.len--;
        if (!str_eq(star.head, str_from(wanted)) ||
            (number.len && (!str_to_i64(number, &n) || n != (int64_t)len)) ||
            len == SEGMENTS_MAX)
            continue;
        segments[len++] =
            extended ? decoded(value, n == 0, perm) : field_text(value, perm);
    }
    struct str all = S("");
    for (size_t i = 0; i < len; i++)
        all = str_join(perm, all, segments[i]);
    return all;
}

/* === parts === */

struct walk {
    struct facts *f;
    struct str name; /* "mail 1" */
    int parts, depth;
};

static struct str content(const struct entity *n, bool text, struct arena *perm)
{
    struct str how = field(n, "content-transfer-encoding");
    struct str body = n->body;
    if (str_ieq(how, S("base64")))
        body = unbase64(body, perm);
    else if (str_ieq(how, S("quoted-printable")))
        body = unescape(body, '=', false, perm);
    if (!text)
        return body;
    body = str_replace(perm, body, S("\r\n"), S("\n"));
    while (str_ends(body, S("\n")))
        body.len--;
    return body;
}

static void add(struct walk *w, const char *what, struct str value)
{
    struct arena *perm = w->f->perm;
    struct str name = str_fmt(perm, "%.*s %s", STR_ARG(w->name), what);
    facts_add(w->f, name, value);
}

static bool walk_entity(struct walk *w, struct str bytes);

/* walk_parts goes through what stands between the boundary's lines. */
static bool walk_parts(struct walk *w, struct str body, struct str boundary)
{
    struct arena *perm = w->f->perm;
    struct str mark = str_fmt(perm, "--%.*s", STR_ARG(boundary));
    const char *part = NULL;
    while (body.len) {
        struct str rest = body, line = line_of(&rest);
        bool last =
            str_starts(line, mark) && str_starts(str_skip(line, mark.len), S("--"));
        if (last || str_eq(str_trim(line), mark)) {
            struct str bytes = {part, part ? (size_t)(line.ptr - part) : 0};
            if (part && !walk_entity(w, bytes))
                return false;
            if (last)
                return true;
            part = rest.ptr;
        }
        body = rest;
    }
    return false;
}

static void add_fields(struct walk *w, const struct entity *n)
{
    struct arena *perm = w->f->perm;
    for (size_t i = 0; i < n->fields.len; i++) {
        const struct fact *one = &n->fields.at[i];
        if (str_starts(one->name, S("content-")))
            continue;
        add(w, str_z(perm, one->name), field_text(one->value, perm));
    }
}

static bool walk_entity(struct walk *w, struct str bytes)
{
    struct arena *perm = w->f->perm;
    struct entity n = {.perm = perm};
    if (w->depth >= DEPTH_MAX || ++w->parts > PARTS_MAX || !read_entity(&n, bytes))
        return false;
    struct str about = field(&n, "content-type");
    struct str type = str_lower(perm, str_trim(str_cut(about, ';').head));
    struct str name = w->name;
    add_fields(w, &n);
    if (w->depth || !str_starts(type, S("multipart/")))
        w->name = str_fmt(perm, "%.*s part %d", STR_ARG(name), w->parts - 1);
    struct str charset = str_lower(perm, parameter(about, "charset", perm));
    add(w, "type", str_fmt(perm, "%.*s %.*s", STR_ARG(type), STR_ARG(charset)));
    bool ok = true;
    if (str_starts(type, S("multipart/"))) {
        w->depth++;
        ok = walk_parts(w, n.body, parameter(about, "boundary", perm));
        w->depth--;
    } else {
        struct str place = field(&n, "content-disposition");
        add(w, "disposition", str_lower(perm, str_trim(str_cut(place, ';').head)));
        add(w, "file name", parameter(place, "filename", perm));
        add(w, "content", content(&n, str_starts(type, S("text/")), perm));
    }
    w->name = name;
    return ok;
}

bool mime_facts(struct facts *f, struct str name, struct str message)
{
    struct walk w = {.f = f, .name = name};
    return walk_entity(&w, message);
}
