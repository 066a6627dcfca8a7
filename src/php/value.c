/* Constructors and references. */
#include "php/values_imp.h"

struct php_value php_null(void)
{
    return (struct php_value){.type = PHP_NULL};
}

struct php_value php_bool(bool b)
{
    return (struct php_value){.type = PHP_BOOL, .b = b};
}

struct php_value php_int(int64_t i)
{
    return (struct php_value){.type = PHP_INT, .i = i};
}

struct php_value php_float(double d)
{
    return (struct php_value){.type = PHP_FLOAT, .d = d};
}

struct php_value php_string(struct str s)
{
    return (struct php_value){.type = PHP_STRING, .s = s};
}

struct php_value php_from_array(struct php_array *a)
{
    return (struct php_value){.type = PHP_ARRAY, .a = a};
}

struct php_value php_from_object(struct php_object *o)
{
    return (struct php_value){.type = PHP_OBJECT, .o = o};
}

struct php_value php_deref(struct php_value v)
{
    return v.type == PHP_REF ? *v.ref : v;
}

struct str php_type_name(struct php_value v)
{
    static const char *const names[] = {
        [PHP_NULL] = "null",        [PHP_BOOL] = "bool",     [PHP_INT] = "int",
        [PHP_FLOAT] = "float",      [PHP_STRING] = "string", [PHP_ARRAY] = "array",
        [PHP_HOLE] = "unevaluated",
    };
    v = php_deref(v);
    return v.type == PHP_OBJECT ? v.o->class_name : str_from(names[v.type]);
}
