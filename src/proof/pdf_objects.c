/* pdf_objects.c: the objects of a PDF (ISO 32000-1, 7.3 and 7.5).
 *
 * They are found by reading the file from its start: its table of places is not asked.
 * Encrypted files, and streams that are not deflated, are not understood.
 */
#include <stdlib.h>
#include <zlib.h>

#include "proof/proof_imp.h"

enum {
    DEPTH_MAX = 64,
    OBJECTS_MAX = 1 << 18,
    ENTRIES_MAX = 1 << 18,
    INFLATED_MAX = 64 << 20,
    STRING_MAX = 16 << 20,
};

/* === values === */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

static bool is_delimiter(char c)
{
    return c && strchr("()<>[]{}/%", c) != NULL;
}

static char peek(const struct pdf_lexer *l, size_t ahead)
{
    return l->at + ahead < l->in.len ? l->in.ptr[l->at + ahead] : '\0';
}

static void skip_blanks(struct pdf_lexer *l)
{
    while (l->at < l->in.len) {
        if (peek(l, 0) == '%')
            while (l->at < l->in.len && peek(l, 0) != '\n' && peek(l, 0) != '\r')
                l->at++;
        else if (is_blank(peek(l, 0)))
            l->at++;
        else
            return;
    }
}

static struct str regular(struct pdf_lexer *l)
{
    size_t from = l->at;
    while (l->at < l->in.len && !is_blank(peek(l, 0)) && !is_delimiter(peek(l, 0)))
        l->at++;
    return str_sub(l->in, from, l->at - from);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str hex_string(struct pdf_lexer *l)
{
    struct buf b = buf_new(l->perm, STRING_MAX);
    int high = -1;
    for (l->at++; l->at < l->in.len && peek(l, 0) != '>'; l->at++) {
        int d = digit(peek(l, 0));
        if (d < 0)
            continue;
        if (high >= 0)
            buf_byte(&b, (char)(high * 16 + d));
        high = high >= 0 ? -1 : d;
    }
    l->at++;
    if (high >= 0)
        buf_byte(&b, (char)(high * 16));
    return buf_str(&b);
}

/* escape reads what follows a backslash. */
static void escape(struct pdf_lexer *l, struct buf *b)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char c = peek(l, 0);
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        buf_byte(b, to[at - from]);
    } else if (c >= '0' && c <= '7') {
        int n = 0;
        for (int i = 0; i < 3 && peek(l, 0) >= '0' && peek(l, 0) <= '7'; i++, l->at++)
            n = n * 8 + (peek(l, 0) - '0');
        l->at--;
        buf_byte(b, (char)(n & 0xFF));
    } else if (c == '\r' || c == '\n') {
        l->at += c == '\r' && peek(l, 1) == '\n';
    } else {
        buf_byte(b, c);
    }
    l->at++;
}

static struct str literal_string(struct pdf_lexer *l)
{
    struct buf b = buf_new(l->perm, STRING_MAX);
    int open = 1;
    for (l->at++; l->at < l->in.len;) {
        char c = peek(l, 0);
        l->at++;
        open += (c == '(') - (c == ')');
        if (!open)
            break;
        if (c == '\\')
            escape(l, &b);
        else
            buf_byte(&b, c);
    }
    return buf_str(&b);
}

/* list reads values up to the end sign. */
static bool list(struct pdf_lexer *l, bool references, struct str end,
                 struct pdf_value *out)
{
    VEC(struct pdf_value) all = {0};
    if (++l->depth > DEPTH_MAX)
        return false;
    for (;;) {
        struct pdf_value v;
        skip_blanks(l);
        if (str_starts(str_skip(l->in, l->at), end))
            break;
        if (all.len == ENTRIES_MAX || !pdf_next(l, references, &v))
            return false;
        VEC_PUSH(l->perm, &all, v);
    }
    l->at += end.len;
    l->depth--;
    out->at = all.at;
    out->len = all.len;
    return true;
}

/* number: the text is "12", "-.5"; strtod would take more. */
static bool number(struct str s, double *out)
{
    char text[32];
    size_t digits = 0;
    if (!s.len || s.len >= sizeof(text))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool is_digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';
        bool sign = i == 0 && (s.ptr[i] == '-' || s.ptr[i] == '+');
        digits += is_digit;
        if (!is_digit && !sign && s.ptr[i] != '.')
            return false;
        text[i] = s.ptr[i];
    }
    text[s.len] = '\0';
    *out = strtod(text, NULL);
    return digits > 0;
}

/* reference looks for the "0 R" that makes a number one. */
static bool reference(struct pdf_lexer *l)
{
    size_t before = l->at;
    double generation;
    skip_blanks(l);
    bool is = number(regular(l), &generation);
    skip_blanks(l);
    is = is && str_eq(regular(l), S("R"));
    if (!is)
        l->at = before;
    return is;
}

static void word_or_number(struct pdf_lexer *l, bool references, struct pdf_value *out)
{
    struct str s = regular(l);
    if (!s.len)
        s = str_sub(l->in, l->at++, 1); /* a sign that begins no value */
    *out = (struct pdf_value){.type = PDF_WORD, .s = s};
    if (number(s, &out->number))
        out->type = references && reference(l) ? PDF_REF : PDF_NUMBER;
    else if (str_eq(s, S("null")))
        out->type = PDF_NULL;
}

bool pdf_next(struct pdf_lexer *l, bool references, struct pdf_value *out)
{
    *out = (struct pdf_value){0};
    skip_blanks(l);
    if (l->at >= l->in.len)
        return false;
    switch (peek(l, 0)) {
    case '/':
        l->at++;
        out->type = PDF_NAME;
        out->s = regular(l);
        return true;
    case '(':
        out->type = PDF_STRING;
        out->s = literal_string(l);
        return true;
    case '<':
        out->type = peek(l, 1) == '<' ? PDF_DICT : PDF_STRING;
        if (out->type == PDF_STRING) {
            out->s = hex_string(l);
            return true;
        }
        l->at += 2;
        return list(l, references, S(">>"), out);
    case '[':
        l->at++;
        out->type = PDF_ARRAY;
        return list(l, references, S("]"), out);
    default:
        word_or_number(l, references, out);
        return true;
    }
}

/* === the file === */

static struct pdf_object *object(const struct pdf_file *f, double n)
{
    bool sound = n >= 0 && n < (double)f->len;
    struct pdf_object *o = sound ? &f->objects[(size_t)n] : NULL;
    return o && o->there ? o : NULL;
}

struct pdf_value pdf_resolve(const struct pdf_file *f, struct pdf_value v)
{
    for (int i = 0; i < DEPTH_MAX && v.type == PDF_REF; i++) {
        const struct pdf_object *o = object(f, v.number);
        v = o ? o->value : (struct pdf_value){0};
    }
    return v;
}

struct pdf_value pdf_entry(const struct pdf_file *f, struct pdf_value dict,
                           const char *name)
{
    dict = pdf_resolve(f, dict);
    for (size_t i = 0; dict.type == PDF_DICT && i + 1 < dict.len; i += 2)
        if (dict.at[i].type == PDF_NAME && str_eq(dict.at[i].s, str_from(name)))
            return pdf_resolve(f, dict.at[i + 1]);
    return (struct pdf_value){0};
}

/* inflated stops at what the file may hold in all. */
static bool inflated(struct pdf_file *f, struct str bytes, struct str *out)
{
    char piece[1 << 14];
    struct buf b = buf_new(f->perm, INFLATED_MAX);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes.ptr,
                  .avail_in = (uInt)(bytes.len < UINT32_MAX ? bytes.len : UINT32_MAX)};
    if (inflateInit(&z) != Z_OK)
        return false;
    int status = Z_OK;
    while (status == Z_OK && f->inflated < INFLATED_MAX) {
        z.next_out = (Bytef *)piece;
        z.avail_out = sizeof(piece);
        status = inflate(&z, Z_NO_FLUSH);
        size_t n = sizeof(piece) - z.avail_out;
        buf_add(&b, (struct str){piece, n});
        f->inflated += n;
    }
    inflateEnd(&z);
    *out = buf_str(&b);
    return status == Z_STREAM_END;
}

bool pdf_stream(struct pdf_file *f, struct pdf_value v, struct str *out)
{
    const struct pdf_object *o = v.type == PDF_REF ? object(f, v.number) : NULL;
    if (!o || o->value.type != PDF_DICT)
        return false;
    struct pdf_value filter = pdf_entry(f, o->value, "Filter");
    if (filter.type == PDF_ARRAY && filter.len == 1)
        filter = pdf_resolve(f, filter.at[0]);
    *out = o->stream;
    if (filter.type == PDF_NULL)
        return true;
    bool deflated = filter.type == PDF_NAME && str_eq(filter.s, S("FlateDecode")) &&
                    pdf_entry(f, o->value, "DecodeParms").type == PDF_NULL;
    return deflated && inflated(f, o->stream, out);
}

static bool keep(struct pdf_file *f, double n, const struct pdf_object *o)
{
    if (n < 0 || n >= OBJECTS_MAX)
        return false;
    size_t at = (size_t)n;
    if (at >= f->len) {
        size_t len = at + 1 > 2 * f->len ? at + 1 : 2 * f->len;
        struct pdf_object *more = NEW(f->perm, struct pdf_object, len);
        if (f->len)
            memcpy(more, f->objects, f->len * sizeof(*more));
        f->objects = more;
        f->len = len;
    }
    f->objects[at] = *o;
    f->objects[at].there = true;
    return true;
}

/* take_stream takes the bytes behind a dictionary, if there are any: by their length, or
 * up to the word that ends them. */
static void take_stream(struct pdf_lexer *l, struct pdf_object *o)
{
    size_t before = l->at;
    skip_blanks(l);
    if (!str_starts(str_skip(l->in, l->at), S("stream"))) {
        l->at = before;
        return;
    }
    l->at += strlen("stream");
    l->at += peek(l, 0) == '\r';
    l->at += peek(l, 0) == '\n';
    struct str rest = str_skip(l->in, l->at);
    struct pdf_file none = {0};
    struct pdf_value length = pdf_entry(&none, o->value, "Length");
    if (length.type == PDF_NUMBER && length.number >= 0 &&
        length.number <= (double)rest.len) {
        struct pdf_lexer behind = {.in = rest, .at = (size_t)length.number};
        skip_blanks(&behind);
        if (str_starts(str_skip(rest, behind.at), S("endstream"))) {
            o->stream = str_sub(rest, 0, (size_t)length.number);
            l->at += behind.at;
            return;
        }
    }
    ptrdiff_t end = str_find(rest, S("endstream"));
    o->stream = str_sub(rest, 0, end < 0 ? rest.len : (size_t)end);
    l->at += o->stream.len;
}

/* read_objects goes from "N 0 obj" to "N 0 obj"; what stands between is no object. */
static bool read_objects(struct pdf_file *f, struct str bytes)
{
    struct pdf_lexer l = {.in = bytes, .perm = f->perm};
    double last[2] = {-1, -1};
    struct pdf_value v;
    for (;;) {
        l.depth = 0;
        skip_blanks(&l);
        if (l.at >= bytes.len)
            return true;
        struct str word = regular(&l);
        double n;
        if (!word.len)
            l.at++;
        if (number(word, &n)) {
            last[0] = last[1];
            last[1] = n;
        } else if (str_eq(word, S("obj"))) {
            struct pdf_object o = {0};
            if (!pdf_next(&l, true, &v))
                return false;
            o.value = v;
            if (v.type == PDF_DICT)
                take_stream(&l, &o);
            if (!keep(f, last[0], &o))
                return false;
        }
    }
}

/* unpack takes the objects that stand together in a stream (7.5.7). */
static bool unpack(struct pdf_file *f, size_t at)
{
    struct pdf_value self = {.type = PDF_REF, .number = (double)at};
    struct pdf_value count = pdf_entry(f, self, "N"), first = pdf_entry(f, self, "First");
    struct str text;
    if (count.type != PDF_NUMBER || first.type != PDF_NUMBER || first.number < 0 ||
        !pdf_stream(f, self, &text) || first.number > (double)text.len)
        return false;
    struct str body = str_skip(text, (size_t)first.number);
    struct pdf_lexer head = {.in = text, .perm = f->perm};
    for (double i = 0; i < count.number; i++) {
        struct pdf_value n, place;
        struct pdf_object o = {0};
        if (!pdf_next(&head, false, &n) || !pdf_next(&head, false, &place) ||
            place.type != PDF_NUMBER || place.number < 0 ||
            place.number >= (double)body.len)
            return false;
        struct pdf_lexer l = {.in = body, .at = (size_t)place.number, .perm = f->perm};
        if (!pdf_next(&l, true, &o.value) || !keep(f, n.number, &o))
            return false;
    }
    return true;
}

static bool is_named(struct pdf_value v, const char *name)
{
    return v.type == PDF_NAME && str_eq(v.s, str_from(name));
}

bool pdf_file_read(struct str bytes, struct arena *perm, struct pdf_file *out,
                   const char **why)
{
    *out = (struct pdf_file){.perm = perm};
    *why = "it is no PDF";
    if (!str_starts(bytes, S("%PDF-")))
        return false;
    *why = "its objects are not understood";
    if (!read_objects(out, bytes))
        return false;
    size_t len = out->len;
    for (size_t i = 0; i < len; i++) {
        struct pdf_value v = {.type = PDF_REF, .number = (double)i};
        if (is_named(pdf_entry(out, v, "Type"), "ObjStm") && !unpack(out, i))
            return false;
    }
    *why = "it is encrypted";
    return !str_has(bytes, S("/Encrypt "));
}
