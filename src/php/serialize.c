/* serialize: a value → the bytes that PHP writes for it. */
#include <stdlib.h>

#include "php/values_imp.h"

/* Deeper, PHP's own unserialize refuses by default. */
enum { MAX_DEPTH = 4096 };

/* Which object or reference got which number: by address, linear probing. Addresses are
 * not chosen by anybody, so they need no seed. */
struct seen {
    const void *key; /* NULL: free */
    size_t number;
};

struct writer {
    struct buf *out;
    struct seen *seen;
    size_t len, cap; /* of seen; cap is a power of two, or 0 */
    size_t number;   /* of the last value */
    size_t depth;
    struct error *e;
};

static bool write(struct writer *w, struct php_value v);

/* === numbers of values === */

static struct seen *seen_at(const struct writer *w, const void *key)
{
    size_t mask = w->cap - 1;
    size_t i = (size_t)((uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15 >> 20) & mask;
    while (w->seen[i].key && w->seen[i].key != key)
        i = (i + 1) & mask;
    return &w->seen[i];
}

/* The table lives where the text does: an arena that is full jumps away from here, and
 * malloc'ed memory would stay behind. */
static bool grow(struct writer *w)
{
    struct writer old = *w;
    w->cap = old.cap ? old.cap * 2 : 64;
    w->seen = w->out->arena ? NEW(w->out->arena, struct seen, w->cap)
                            : calloc(w->cap, sizeof(*w->seen));
    if (!w->seen) {
        *w = old;
        return err_set(w->e, ERR_FATAL, "serialize: out of memory");
    }
    for (size_t i = 0; i < old.cap; i++)
        if (old.seen[i].key)
            *seen_at(w, old.seen[i].key) = old.seen[i];
    if (!w->out->arena)
        free(old.seen);
    return true;
}

/* number_of counts the value. *again is its number when it was written before, else 0. A
 * reference that comes again takes no number, an object that comes again does. */
static bool number_of(struct writer *w, struct php_value v, size_t *again)
{
    struct php_value inner = php_deref(v);
    const void *key = inner.type == PHP_OBJECT ? (const void *)inner.o
                      : v.type == PHP_REF      ? (const void *)v.ref
                                               : NULL;
    *again = 0;
    w->number++;
    if (!key)
        return true;
    if ((w->len + 1) * 2 > w->cap && !grow(w))
        return false;
    struct seen *s = seen_at(w, key);
    if (!s->key) {
        *s = (struct seen){key, w->number};
        w->len++;
        return true;
    }
    *again = s->number;
    if (v.type == PHP_REF)
        w->number--;
    return true;
}

/* === values === */

static void write_string(struct writer *w, struct str s)
{
    buf_fmt(w->out, "%zu:\"", s.len);
    buf_add(w->out, s);
    buf_byte(w->out, '"');
}

static bool write_entries(struct writer *w, const struct php_array *a)
{
    if (++w->depth > MAX_DEPTH)
        return err_set(w->e, ERR_JOB, "serialize: over %d levels", MAX_DEPTH);
    buf_fmt(w->out, "%zu:{", a->len);
    for (size_t i = 0; i < a->len && !w->out->full; i++) {
        struct php_key key = a->at[i].key;
        if (key.is_int) {
            buf_fmt(w->out, "i:%lld;", (long long)key.i);
        } else {
            buf_add(w->out, S("s:"));
            write_string(w, key.s);
            buf_byte(w->out, ';');
        }
        if (!write(w, a->at[i].value))
            return false;
    }
    w->depth--;
    buf_byte(w->out, '}');
    return true;
}

static bool write_object(struct writer *w, const struct php_object *o)
{
    switch (o->kind) {
    case PHP_PLAIN:
    case PHP_ROW:
        buf_add(w->out, S("O:"));
        write_string(w, o->class_name);
        buf_byte(w->out, ':');
        return write_entries(w, o->props);
    case PHP_ENUM:
        buf_fmt(w->out, "E:%zu:\"", o->class_name.len + 1 + o->payload.len);
        buf_add(w->out, o->class_name);
        buf_byte(w->out, ':');
        buf_add(w->out, o->payload);
        buf_add(w->out, S("\";"));
        return true;
    case PHP_OPAQUE:
        buf_add(w->out, S("C:"));
        write_string(w, o->class_name);
        buf_fmt(w->out, ":%zu:{", o->payload.len);
        buf_add(w->out, o->payload);
        buf_byte(w->out, '}');
        return true;
    case PHP_NATIVE:
        break;
    }
    return err_set(w->e, ERR_UNSUPPORTED, "serialize: an object of class %.*s",
                   STR_ARG(o->class_name));
}

static bool write_new(struct writer *w, struct php_value v)
{
    char text[PHP_FLOAT_TEXT];
    switch (v.type) {
    case PHP_NULL:
    case PHP_REF:
        buf_add(w->out, S("N;"));
        return true;
    case PHP_BOOL:
        buf_fmt(w->out, "b:%d;", v.b);
        return true;
    case PHP_INT:
        buf_fmt(w->out, "i:%lld;", (long long)v.i);
        return true;
    case PHP_FLOAT:
        buf_add(w->out, S("d:"));
        buf_add(w->out, php_float_text(v.d, PHP_SHORTEST, 'E', text));
        buf_byte(w->out, ';');
        return true;
    case PHP_STRING:
        buf_add(w->out, S("s:"));
        write_string(w, v.s);
        buf_byte(w->out, ';');
        return true;
    case PHP_ARRAY:
        buf_add(w->out, S("a:"));
        return write_entries(w, v.a);
    case PHP_OBJECT:
        return write_object(w, v.o);
    case PHP_HOLE:
        break;
    }
    err_set(w->e, v.hole->kind, "%s", v.hole->text);
    return err_place(w->e, v.hole->file, v.hole->line, v.hole->col);
}

static bool write(struct writer *w, struct php_value v)
{
    size_t again;
    if (!number_of(w, v, &again))
        return false;
    if (again == 0)
        return write_new(w, php_deref(v));
    buf_fmt(w->out, v.type == PHP_REF ? "R:%zu;" : "r:%zu;", again);
    return true;
}

bool php_serialize(struct buf *b, struct php_value v, struct error *e)
{
    struct writer w = {.out = b, .e = e};
    bool ok = write(&w, v);
    if (!b->arena)
        free(w.seen);
    if (!ok)
        return false;
    return !b->full || err_set(e, ERR_JOB, "serialize: over %zu bytes", b->max);
}
