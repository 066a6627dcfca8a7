/* unserialize: bytes that PHP's serialize wrote → a value.
 *
 * The input comes from a table that others write to. Whatever it claims is checked
 * against what is there before memory is taken, and the work is linear in its length:
 * each element takes bytes, keys are looked up in a seeded index, and a reference is one
 * step to a numbered slot.
 */
#include <math.h>

#include "php/values_imp.h"

const struct php_limits php_default_limits = {
    .depth = 512,
    .count = 1 << 18,
    .bytes = (size_t)16 << 20,
};

/* The shortest element of an array or object: `i:0;N;`. */
enum { MIN_ELEMENT = 6 };

struct decoder {
    struct str in;
    size_t at;
    const struct php_limits *limits;
    size_t depth, count;
    size_t promised; /* elements that open arrays and objects still have to bring */
    VEC(struct php_value *) slots; /* where each numbered value is kept */
    struct php_array *enums;       /* "Class:Case" → its one object */
    struct arena *perm;
    struct error *e;
};

static bool decode(struct decoder *d, struct php_value *place);

/* === bytes === */

static bool fail(struct decoder *d, const char *expected)
{
    return err_set(d->e, ERR_JOB, "serialized value, byte %zu: %s expected", d->at,
                   expected);
}

static size_t left(const struct decoder *d)
{
    return d->in.len - d->at;
}

static char peek(const struct decoder *d)
{
    return d->at < d->in.len ? d->in.ptr[d->at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool expect(struct decoder *d, char c)
{
    if (left(d) > 0 && d->in.ptr[d->at] == c) {
        d->at++;
        return true;
    }
    return fail(d, (const char[]){'\'', c, '\'', '\0'});
}

static bool expect2(struct decoder *d, char first, char second)
{
    return expect(d, first) && expect(d, second);
}

/* A length, a count or a slot number: digits only. */
static bool read_size(struct decoder *d, size_t *out)
{
    size_t n = 0, start = d->at;
    for (; is_digit(peek(d)); d->at++)
        if (__builtin_mul_overflow(n, (size_t)10, &n) ||
            __builtin_add_overflow(n, (size_t)(peek(d) - '0'), &n))
            return fail(d, "a number of usual size");
    *out = n;
    return d->at > start || fail(d, "a number");
}

/* LEN:OPEN bytes CLOSE, as strings, names and raw payloads have it. */
static bool read_block(struct decoder *d, const char brackets[2], struct str *out)
{
    size_t len;
    if (!read_size(d, &len) || !expect2(d, ':', brackets[0]))
        return false;
    if (len > left(d))
        return fail(d, "as many bytes as the length says");
    *out = str_sub(d->in, d->at, len);
    d->at += len;
    return expect(d, brackets[1]);
}

static int hex(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As read_block with quotes, but "\41" is one byte and counted as one. */
static bool read_escaped(struct decoder *d, struct str *out)
{
    size_t len;
    if (!read_size(d, &len) || !expect2(d, ':', '"'))
        return false;
    if (len > left(d))
        return fail(d, "as many bytes as the length says");
    char *text = NEW(d->perm, char, len);
    for (size_t i = 0; i < len; i++) {
        char c = peek(d);
        if (left(d) > 0 && c != '\\') {
            text[i] = c;
            d->at++;
            continue;
        }
        int high = left(d) > 2 ? hex(d->in.ptr[d->at + 1]) : -1;
        int low = left(d) > 2 ? hex(d->in.ptr[d->at + 2]) : -1;
        if (high < 0 || low < 0)
            return fail(d, "an escape of two hexadecimal digits");
        text[i] = (char)(high * 16 + low);
        d->at += 3;
    }
    *out = (struct str){text, len};
    return expect(d, '"');
}

static bool is_class_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !is_digit((char)c) && c != '_' && c != '\\' && c < 0x7F)
            return false;
    }
    return s.len > 0;
}

/* === scalars === */

static bool decode_null(struct decoder *d, struct php_value *place)
{
    *place = php_null();
    return expect(d, ';');
}

static bool decode_bool(struct decoder *d, struct php_value *place)
{
    char c = peek(d);
    if (!expect(d, ':'))
        return false;
    c = peek(d);
    if (c != '0' && c != '1')
        return fail(d, "0 or 1");
    d->at++;
    *place = php_bool(c == '1');
    return expect(d, ';');
}

static bool read_int(struct decoder *d, int64_t *out)
{
    if (!expect(d, ':'))
        return false;
    size_t end = d->at;
    if (end < d->in.len && (d->in.ptr[end] == '-' || d->in.ptr[end] == '+'))
        end++;
    while (end < d->in.len && is_digit(d->in.ptr[end]))
        end++;
    if (!str_to_i64(str_sub(d->in, d->at, end - d->at), out))
        return fail(d, "an integer of at most 64 bits");
    d->at = end;
    return expect(d, ';');
}

static bool decode_int(struct decoder *d, struct php_value *place)
{
    int64_t i;
    if (!read_int(d, &i))
        return false;
    *place = php_int(i);
    return true;
}

static bool decode_float(struct decoder *d, struct php_value *place)
{
    static const struct {
        struct str name;
        double value;
    } names[] = {{{"INF;", 4}, (double)INFINITY},
                 {{"-INF;", 5}, -(double)INFINITY},
                 {{"NAN;", 4}, (double)NAN}};
    if (!expect(d, ':'))
        return false;
    struct str s = str_skip(d->in, d->at);
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_starts(s, names[i].name)) {
            d->at += names[i].name.len;
            *place = php_float(names[i].value);
            return true;
        }
    double value;
    char c = peek(d);
    bool number = is_digit(c) || c == '-' || c == '+' || c == '.'; /* no blank */
    size_t len = number ? php_scan_float(s, &value) : 0;
    if (len == 0)
        return fail(d, "a float");
    d->at += len;
    *place = php_float(value);
    return expect(d, ';');
}

static bool decode_string(struct decoder *d, struct php_value *place)
{
    struct str s;
    if (!expect(d, ':') || !read_block(d, "\"\"", &s))
        return false;
    *place = php_string(s);
    return expect(d, ';');
}

static bool decode_escaped(struct decoder *d, struct php_value *place)
{
    struct str s;
    if (!expect(d, ':') || !read_escaped(d, &s))
        return false;
    *place = php_string(s);
    return expect(d, ';');
}

/* === arrays and objects === */

/* Arrays turn the key "12" into an int; a property may be called "12". */
static bool read_key(struct decoder *d, bool of_array, struct php_key *key)
{
    char token = peek(d);
    if (token != 'i' && token != 's' && token != 'S')
        return fail(d, "a key (i:, s: or S:)");
    struct php_value v;
    d->at++;
    if (token == 'i') {
        *key = (struct php_key){.is_int = true};
        return read_int(d, &key->i);
    }
    if (!(token == 's' ? decode_string(d, &v) : decode_escaped(d, &v)))
        return false;
    *key = of_array ? php_key_from(v.s) : (struct php_key){.s = v.s};
    return true;
}

/* What is promised must fit into the bytes that are left, whatever is nested in what:
 * so the memory of all arrays together is in proportion to the input. */
static bool promise(struct decoder *d, size_t n)
{
    size_t room = left(d) / MIN_ELEMENT;
    if (d->promised > room || n > room - d->promised)
        return fail(d, "as many elements as the count says");
    d->promised += n;
    if (d->promised > d->limits->count - d->count)
        return err_set(d->e, ERR_JOB, "serialized value, byte %zu: over %zu values",
                       d->at, d->limits->count);
    return true;
}

/* N:{ key value … }. The room is made at once: slots point into it. */
static bool decode_elements(struct decoder *d, struct php_array *a, bool of_array)
{
    size_t n;
    if (!read_size(d, &n) || !expect2(d, ':', '{') || !promise(d, n))
        return false;
    if (++d->depth > d->limits->depth)
        return err_set(d->e, ERR_JOB, "serialized value, byte %zu: over %zu levels",
                       d->at, d->limits->depth);
    php_array_reserve(d->perm, a, n);
    for (; n > 0; n--) {
        struct php_key key;
        d->promised--;
        if (!read_key(d, of_array, &key))
            return false;
        /* A name that comes twice: the last one wins, in the place of the first. */
        struct php_value *place = php_array_place(d->perm, a, key);
        *place = php_null();
        if (!decode(d, place))
            return false;
    }
    d->depth--;
    return expect(d, '}');
}

static bool decode_array(struct decoder *d, struct php_value *place)
{
    *place = php_from_array(php_array_new(d->perm));
    return expect(d, ':') && decode_elements(d, place->a, true);
}

static bool read_class(struct decoder *d, struct str *name)
{
    size_t start = d->at;
    if (!expect(d, ':') || !read_block(d, "\"\"", name))
        return false;
    if (is_class_name(*name))
        return true;
    d->at = start;
    return fail(d, "a class name");
}

static bool decode_object(struct decoder *d, struct php_value *place)
{
    struct str name;
    if (!read_class(d, &name) || !expect(d, ':'))
        return false;
    struct php_object *o = php_object_new(d->perm, PHP_PLAIN, name);
    *place = php_from_object(o);
    return decode_elements(d, o->props, false);
}

static bool decode_opaque(struct decoder *d, struct php_value *place)
{
    struct str name, payload;
    if (!read_class(d, &name) || !expect(d, ':') || !read_block(d, "{}", &payload))
        return false;
    *place = php_from_object(php_object_new(d->perm, PHP_OPAQUE, name));
    place->o->payload = payload;
    return true;
}

/* A case of an enum is one object, however often it is written out. */
static bool decode_enum(struct decoder *d, struct php_value *place)
{
    size_t start = d->at;
    struct str both;
    if (!expect(d, ':') || !read_block(d, "\"\"", &both) || !expect(d, ';'))
        return false;
    struct cut c = str_cut(both, ':');
    if (!c.ok || !is_class_name(c.head) || !is_class_name(c.tail)) {
        d->at = start;
        return fail(d, "Class:Case");
    }
    struct php_value *known =
        php_array_place(d->perm, d->enums, (struct php_key){.s = both});
    if (known->type == PHP_NULL) {
        *known = php_from_object(php_object_new(d->perm, PHP_ENUM, c.head));
        known->o->payload = c.tail;
    }
    *place = *known;
    return true;
}

/* === references === */

/* read_slot finds the place that a reference names; NULL: there is none. */
static struct php_value *read_slot(struct decoder *d)
{
    size_t n;
    if (!expect(d, ':') || !read_size(d, &n) || !expect(d, ';'))
        return NULL;
    if (n >= 1 && n <= d->slots.len)
        return d->slots.at[n - 1];
    fail(d, "a reference to an earlier value");
    return NULL;
}

static bool decode_same_object(struct decoder *d, struct php_value *place)
{
    const struct php_value *slot = read_slot(d);
    if (!slot)
        return false;
    struct php_value v = php_deref(*slot);
    if (slot == place || v.type != PHP_OBJECT)
        return fail(d, "a reference to an object");
    *place = v;
    return true;
}

static bool decode_reference(struct decoder *d, struct php_value *place)
{
    struct php_value *slot = read_slot(d);
    if (!slot)
        return false;
    if (slot == place)
        return fail(d, "a reference to another value");
    if (slot->type != PHP_REF) {
        struct php_value *shared = NEW(d->perm, struct php_value, 1);
        *shared = *slot;
        *slot = (struct php_value){.type = PHP_REF, .ref = shared};
    }
    *place = *slot;
    return true;
}

/* === entry points === */

static const struct token {
    char letter;
    bool slot; /* the value gets a number that references can name */
    bool (*decode)(struct decoder *d, struct php_value *place);
} tokens[] = {
    {'N', true, decode_null},        {'b', true, decode_bool},
    {'i', true, decode_int},         {'d', true, decode_float},
    {'s', true, decode_string},      {'S', true, decode_escaped},
    {'a', true, decode_array},       {'O', true, decode_object},
    {'C', true, decode_opaque},      {'E', true, decode_enum},
    {'r', true, decode_same_object}, {'R', false, decode_reference},
};

static bool decode(struct decoder *d, struct php_value *place)
{
    const struct token *token = NULL;
    for (size_t i = 0; i < COUNT(tokens); i++)
        if (tokens[i].letter == peek(d))
            token = &tokens[i];
    if (!token)
        return fail(d, "a value");
    if (++d->count > d->limits->count)
        return err_set(d->e, ERR_JOB, "serialized value, byte %zu: over %zu values",
                       d->at, d->limits->count);
    if (token->slot)
        VEC_PUSH(d->perm, &d->slots, place);
    d->at++;
    return token->decode(d, place);
}

bool php_unserialize(struct str in, const struct php_limits *limits, struct arena *perm,
                     struct php_value *out, struct str *rest, struct error *e)
{
    if (in.len > limits->bytes)
        return err_set(e, ERR_JOB, "serialized value of %zu bytes: at most %zu are read",
                       in.len, limits->bytes);
    struct decoder d = {.in = in, .limits = limits, .perm = perm, .e = e};
    d.enums = php_array_new(perm);
    struct php_value *root = NEW(perm, struct php_value, 1);
    if (!decode(&d, root))
        return false;
    *out = php_deref(*root);
    if (rest)
        *rest = str_skip(in, d.at);
    return true;
}
