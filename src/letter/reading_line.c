/* reading_line.c: what the class that sends the letters does, written down. */
#include "letter/reading_imp.h"

enum { LINE_MAX_BYTES = 64 << 10 };

void reading_line(struct reading *r, struct php_place at, const char *fmt, ...)
{
    struct buf b = buf_new(r->perm, LINE_MAX_BYTES);
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    struct reading_line line = {buf_str(&b), at};
    VEC_PUSH(r->perm, &r->lines, line);
}

static void add_text(struct reading *r, struct buf *b, struct php_value v, int depth)
{
    struct str s;
    struct error ignored = {0};
    if (php_symbol_text(v, &s)) {
        buf_add(b, s);
    } else if (v.type == PHP_ARRAY && depth < 8) {
        buf_add(b, S("["));
        for (size_t i = 0; i < v.a->len; i++) {
            const struct php_entry *entry = &v.a->at[i];
            if (entry->key.is_int)
                buf_fmt(b, "%s%lld => ", i ? ", " : "", (long long)entry->key.i);
            else
                buf_fmt(b, "%s%.*s => ", i ? ", " : "", STR_ARG(entry->key.s));
            add_text(r, b, entry->value, depth + 1);
        }
        buf_add(b, S("]"));
    } else if (v.type == PHP_OBJECT || !php_to_string(v, r->perm, &s, &ignored)) {
        s = php_type_name(v);
        buf_fmt(b, "(something: %.*s)", STR_ARG(s));
    } else if (v.type == PHP_NULL) {
        buf_add(b, S("null"));
    } else {
        buf_add(b, s);
    }
}

struct str reading_text(struct reading *r, struct php_value v)
{
    struct buf b = buf_new(r->perm, LINE_MAX_BYTES);
    add_text(r, &b, v, 0);
    return buf_str(&b);
}

bool reading_refuse(const struct php_effect *d, struct error *e)
{
    const char *between = d->kind == PHP_EFFECT_STATIC ? "::"
                          : d->kind == PHP_EFFECT_METHOD || d->kind == PHP_EFFECT_STORE
                              ? "->"
                              : "";
    struct str of = d->class_name;
    bool is_new = d->kind == PHP_EFFECT_NEW;
    for (size_t i = of.len; i > 0; i--)
        if (of.ptr[i - 1] == '\\') {
            of = str_skip(of, i);
            break;
        }
    err_set(e, ERR_UNSUPPORTED, "%s%.*s%s%.*s%s – facteur does not do this",
            is_new ? "new " : "", STR_ARG(of), between, STR_ARG(d->name),
            d->kind == PHP_EFFECT_STORE ? " = …" : "()");
    return err_place(e, d->place.file, d->place.line, d->place.col);
}
