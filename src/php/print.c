/* A value for people (php_dump) and as JSON (php_json). */
#include <math.h>

#include "php/values_imp.h"

/* === dump === */

enum { DUMP_MAX = 256 << 10 };

/* The containers around a value, so that a cycle is seen. */
struct around {
    const void *container;
    const struct around *outer;
    int depth;
};

static bool is_inside(const struct around *around, const void *container)
{
    for (; around; around = around->outer)
        if (around->container == container)
            return true;
    return false;
}

static void dump(struct buf *b, struct php_value v, const struct around *around);

static void dump_char(struct buf *b, uint32_t c)
{
    static const char from[] = "\"\\\n\r\t\0", to[] = "\"\\nrt0";
    const char *found = c < 0x80 ? memchr(from, (int)c, sizeof(from) - 1) : NULL;
    if (found)
        buf_fmt(b, "\\%c", to[found - from]);
    else if (c < 0x20 || c == 0x7F)
        buf_fmt(b, "\\x%02x", c);
    else
        buf_utf8(b, c);
}

static void dump_string(struct buf *b, struct str s)
{
    buf_byte(b, '"');
    for (size_t at = 0; at < s.len && !b->full;) {
        size_t from = at;
        uint32_t c = str_utf8(s, &at);
        if (c == 0xFFFD && at == from + 1)
            buf_fmt(b, "\\x%02x", (unsigned char)s.ptr[from]);
        else
            dump_char(b, c);
    }
    buf_byte(b, '"');
}

static void dump_float(struct buf *b, double d)
{
    char text[PHP_FLOAT_TEXT];
    struct str s = php_float_text(d, PHP_SHORTEST, 'E', text);
    buf_add(b, s);
    if (isfinite(d) && !str_has(s, S(".")))
        buf_add(b, S(".0"));
}

static bool is_list(const struct php_array *a)
{
    for (size_t i = 0; i < a->len; i++)
        if (!a->at[i].key.is_int || a->at[i].key.i != (int64_t)i)
            return false;
    return true;
}

static void dump_array(struct buf *b, const struct php_array *a,
                       const struct around *around)
{
    bool list = is_list(a);
    buf_byte(b, '[');
    for (size_t i = 0; i < a->len && !b->full; i++) {
        const struct php_entry *entry = &a->at[i];
        buf_add(b, i ? S(", ") : S(""));
        if (!list && entry->key.is_int)
            buf_fmt(b, "%lld => ", (long long)entry->key.i);
        if (!entry->key.is_int) {
            dump_string(b, entry->key.s);
            buf_add(b, S(" => "));
        }
        dump(b, entry->value, around);
    }
    buf_byte(b, ']');
}

/* Names hold backslashes, which nobody wants doubled. */
static void dump_name(struct buf *b, struct str name)
{
    for (size_t at = 0; at < name.len && !b->full;) {
        uint32_t c = str_utf8(name, &at);
        if (c == '\\')
            buf_byte(b, '\\');
        else
            dump_char(b, c);
    }
}

static void dump_prop(struct buf *b, const struct php_object *o, struct php_key key)
{
    if (key.is_int) {
        buf_fmt(b, "%lld: ", (long long)key.i);
        return;
    }
    static const char mark[] = {
        [PHP_PUBLIC] = '+', [PHP_PROTECTED] = '#', [PHP_PRIVATE] = '-'};
    struct php_prop_name n = php_prop_name(key.s);
    buf_byte(b, mark[n.access]);
    if (n.access == PHP_PRIVATE && !str_eq(n.class_name, o->class_name)) {
        dump_name(b, n.class_name);
        buf_add(b, S("::"));
    }
    dump_name(b, n.name);
    buf_add(b, S(": "));
}

static void dump_object(struct buf *b, const struct php_object *o,
                        const struct around *around)
{
    dump_name(b, o->class_name);
    if (o->kind == PHP_ENUM) {
        buf_add(b, S("::"));
        dump_name(b, o->payload);
        return;
    }
    if (o->kind == PHP_OPAQUE) {
        buf_byte(b, '(');
        dump_string(b, o->payload);
        buf_byte(b, ')');
        return;
    }
    buf_add(b, S(" {"));
    for (size_t i = 0; i < o->props->len && !b->full; i++) {
        buf_add(b, i ? S(", ") : S(""));
        dump_prop(b, o, o->props->at[i].key);
        dump(b, o->props->at[i].value, around);
    }
    buf_byte(b, '}');
}

static void dump_container(struct buf *b, struct php_value v, const struct around *outer)
{
    const void *container = v.type == PHP_ARRAY ? (const void *)v.a : (const void *)v.o;
    struct around here = {container, outer, outer ? outer->depth + 1 : 1};
    if (is_inside(outer, container))
        buf_add(b, S("*RECURSION*"));
    else if (here.depth > PHP_MAX_DEPTH)
        buf_add(b, S("…"));
    else if (v.type == PHP_ARRAY)
        dump_array(b, v.a, &here);
    else
        dump_object(b, v.o, &here);
}

static void dump(struct buf *b, struct php_value v, const struct around *around)
{
    if (v.type == PHP_REF) {
        buf_byte(b, '&');
        v = php_deref(v);
    }
    switch (v.type) {
    case PHP_NULL:
        buf_add(b, S("null"));
        break;
    case PHP_BOOL:
        buf_add(b, v.b ? S("true") : S("false"));
        break;
    case PHP_INT:
        buf_fmt(b, "%lld", (long long)v.i);
        break;
    case PHP_FLOAT:
        dump_float(b, v.d);
        break;
    case PHP_STRING:
        dump_string(b, v.s);
        break;
    case PHP_ARRAY:
    case PHP_OBJECT:
        dump_container(b, v, around);
        break;
    case PHP_HOLE:
        buf_fmt(b, "<unevaluated: %s>", v.hole->text);
        break;
    case PHP_REF:
        break;
    }
}

struct str php_dump(struct php_value v, struct arena *perm)
{
    struct buf b = buf_new(perm, DUMP_MAX);
    dump(&b, v, NULL);
    return b.full ? str_join(perm, buf_str(&b), S("…")) : buf_str(&b);
}

/* === JSON === */

struct json {
    struct buf *out;
    int flags;
    int depth;
    struct error *e;
};

static bool json(struct json *j, struct php_value v);

static bool json_string(struct json *j, struct str s)
{
    if (!str_utf8_ok(s))
        return err_set(j->e, ERR_JOB,
                       "Malformed UTF-8 characters, possibly incorrectly encoded");
    buf_json(j->out, s, j->flags);
    return true;
}

static bool json_key(struct json *j, struct php_key key)
{
    if (key.is_int)
        buf_fmt(j->out, "\"%lld\"", (long long)key.i);
    else if (!json_string(j, key.s))
        return false;
    buf_add(j->out, j->flags & JSON_PRETTY ? S(": ") : S(":"));
    return true;
}

/* json_break begins a line of its own for a member, and for the bracket behind them. */
static void json_break(struct json *j, int depth)
{
    if (!(j->flags & JSON_PRETTY))
        return;
    buf_byte(j->out, '\n');
    for (int i = 0; i < depth; i++)
        buf_add(j->out, S("    "));
}

static bool json_list(struct json *j, const struct php_array *a)
{
    buf_byte(j->out, '[');
    for (size_t i = 0; i < a->len && !j->out->full; i++) {
        if (i)
            buf_byte(j->out, ',');
        json_break(j, j->depth);
        if (!json(j, a->at[i].value))
            return false;
    }
    if (a->len)
        json_break(j, j->depth - 1);
    buf_byte(j->out, ']');
    return true;
}

/* The members of an object: of an array all, of a PHP object the public ones. */
static bool json_members(struct json *j, const struct php_array *a, bool only_public)
{
    bool first = true;
    buf_byte(j->out, '{');
    for (size_t i = 0; i < a->len && !j->out->full; i++) {
        struct php_key key = a->at[i].key;
        if (only_public && !key.is_int && key.s.len > 0 && key.s.ptr[0] == '\0')
            continue;
        if (!first)
            buf_byte(j->out, ',');
        first = false;
        json_break(j, j->depth);
        if (!json_key(j, key) || !json(j, a->at[i].value))
            return false;
    }
    if (!first)
        json_break(j, j->depth - 1);
    buf_byte(j->out, '}');
    return true;
}

static bool json_object(struct json *j, const struct php_object *o)
{
    if (o->kind == PHP_PLAIN)
        return json_members(j, o->props, true);
    /* An enum's value, a model's hidden attributes and what JsonSerializable returns are
     * in the app's code. */
    return err_set(j->e, ERR_UNSUPPORTED,
                   "%.*s cannot be JSON encoded: its class decides how",
                   STR_ARG(o->class_name));
}

static bool json_container(struct json *j, struct php_value v)
{
    if (j->depth >= PHP_MAX_DEPTH)
        return err_set(j->e, ERR_JOB, "Maximum stack depth exceeded");
    j->depth++;
    bool ok = v.type == PHP_OBJECT ? json_object(j, v.o)
              : is_list(v.a)       ? json_list(j, v.a)
                                   : json_members(j, v.a, false);
    j->depth--;
    return ok;
}

static bool json_float(struct json *j, double d)
{
    if (!isfinite(d))
        return err_set(j->e, ERR_JOB, "Inf and NaN cannot be JSON encoded");
    char text[PHP_FLOAT_TEXT];
    buf_add(j->out, php_float_text(d, PHP_SHORTEST, 'e', text));
    return true;
}

static bool json(struct json *j, struct php_value v)
{
    v = php_deref(v);
    switch (v.type) {
    case PHP_BOOL:
        buf_add(j->out, v.b ? S("true") : S("false"));
        return true;
    case PHP_INT:
        buf_fmt(j->out, "%lld", (long long)v.i);
        return true;
    case PHP_FLOAT:
        return json_float(j, v.d);
    case PHP_STRING:
        return json_string(j, v.s);
    case PHP_ARRAY:
    case PHP_OBJECT:
        return json_container(j, v);
    case PHP_HOLE:
        err_set(j->e, v.hole->kind, "%s", v.hole->text);
        return err_place(j->e, v.hole->file, v.hole->line, v.hole->col);
    case PHP_NULL:
    case PHP_REF:
        break;
    }
    buf_add(j->out, S("null"));
    return true;
}

bool php_json(struct buf *b, struct php_value v, int flags, struct error *e)
{
    struct json j = {.out = b, .flags = flags, .e = e};
    if (!json(&j, v))
        return false;
    return !b->full || err_set(e, ERR_JOB, "JSON of over %zu bytes", b->max);
}
