/* Truth and strings. */
#include "php/values_imp.h"

bool php_truthy(struct php_value v)
{
    v = php_deref(v);
    switch (v.type) {
    case PHP_BOOL:
        return v.b;
    case PHP_INT:
        return v.i != 0;
    case PHP_FLOAT:
        return v.d != 0;
    case PHP_STRING:
        return v.s.len > 0 && !str_eq(v.s, S("0"));
    case PHP_ARRAY:
        return v.a->len > 0;
    case PHP_OBJECT:
        return true;
    case PHP_NULL:
    case PHP_REF:
    case PHP_HOLE:
        break;
    }
    return false;
}

static bool object_to_string(const struct php_object *o, struct arena *perm,
                             struct str *out, struct error *e)
{
    if (o->kind == PHP_NATIVE && o->native->text)
        return o->native->text(o, perm, out, e);
    /* Eloquent prints its JSON: hidden attributes, casts and accessors decide it. */
    if (o->kind == PHP_ROW)
        return err_set(e, ERR_UNSUPPORTED, "the model %.*s as text is not supported",
                       STR_ARG(o->class_name));
    return err_set(e, ERR_JOB, "Object of class %.*s could not be converted to string",
                   STR_ARG(o->class_name));
}

bool php_to_string(struct php_value v, struct arena *perm, struct str *out,
                   struct error *e)
{
    v = php_deref(v);
    switch (v.type) {
    case PHP_BOOL:
        *out = v.b ? S("1") : S("");
        return true;
    case PHP_INT:
        *out = str_fmt(perm, "%lld", (long long)v.i);
        return true;
    case PHP_FLOAT: {
        char text[PHP_FLOAT_TEXT];
        *out = str_copy(perm, php_float_text(v.d, PHP_ECHO, 'E', text));
        return true;
    }
    case PHP_STRING:
        *out = v.s;
        return true;
    case PHP_ARRAY:
        return err_set(e, ERR_JOB, "Array to string conversion");
    case PHP_OBJECT:
        return object_to_string(v.o, perm, out, e);
    case PHP_HOLE:
        err_set(e, v.hole->kind, "%s", v.hole->text);
        return err_place(e, v.hole->file, v.hole->line, v.hole->col);
    case PHP_NULL:
    case PHP_REF:
        break;
    }
    *out = S("");
    return true;
}
