/* Functions that ask or change a value's type. */
#include "php/expr_imp.h"
#include "php/fn_imp.h"

static bool is(struct php_call *c, enum php_type type)
{
    return fn_return(c, php_bool(c->args[0].type == type));
}

static bool call_is_null(struct php_call *c)
{
    return is(c, PHP_NULL);
}

static bool call_is_string(struct php_call *c)
{
    return is(c, PHP_STRING);
}

static bool call_is_array(struct php_call *c)
{
    return is(c, PHP_ARRAY);
}

static bool call_is_int(struct php_call *c)
{
    return is(c, PHP_INT);
}

static bool call_is_float(struct php_call *c)
{
    return is(c, PHP_FLOAT);
}

static bool call_is_bool(struct php_call *c)
{
    return is(c, PHP_BOOL);
}

static bool call_is_object(struct php_call *c)
{
    return is(c, PHP_OBJECT);
}

static bool call_is_numeric(struct php_call *c)
{
    struct php_value v = c->args[0], number;
    bool numeric = v.type == PHP_INT || v.type == PHP_FLOAT ||
                   (v.type == PHP_STRING && php_numeric(v.s, &number));
    return fn_return(c, php_bool(numeric));
}

static bool call_is_scalar(struct php_call *c)
{
    enum php_type t = c->args[0].type;
    return fn_return(
        c, php_bool(t == PHP_BOOL || t == PHP_INT || t == PHP_FLOAT || t == PHP_STRING));
}

static bool convert(struct php_call *c, enum php_op op)
{
    return php_unary(op, c->args[0], c->perm, c->result, c->e);
}

/* intval($value): in another base than ten strings follow rules of their own. */
static bool call_intval(struct php_call *c)
{
    int64_t base = 10;
    if (!fn_int(c, 1, "base", &base))
        return false;
    if (base != 10 && c->args[0].type == PHP_STRING)
        return err_set(c->e, ERR_UNSUPPORTED, "intval() in base %lld is not supported",
                       (long long)base);
    return convert(c, OP_TO_INT);
}

static bool call_floatval(struct php_call *c)
{
    return convert(c, OP_TO_FLOAT);
}

static bool call_strval(struct php_call *c)
{
    return convert(c, OP_TO_STRING);
}

static bool call_boolval(struct php_call *c)
{
    return convert(c, OP_TO_BOOL);
}

static bool call_get_debug_type(struct php_call *c)
{
    return fn_return_text(c, php_type_name(c->args[0]));
}

const struct php_function fn_type[] = {
    {"is_null", 1, 1, call_is_null},
    {"is_string", 1, 1, call_is_string},
    {"is_array", 1, 1, call_is_array},
    {"is_int", 1, 1, call_is_int},
    {"is_integer", 1, 1, call_is_int},
    {"is_float", 1, 1, call_is_float},
    {"is_double", 1, 1, call_is_float},
    {"is_bool", 1, 1, call_is_bool},
    {"is_object", 1, 1, call_is_object},
    {"is_numeric", 1, 1, call_is_numeric},
    {"is_scalar", 1, 1, call_is_scalar},
    {"intval", 1, 2, call_intval},
    {"floatval", 1, 1, call_floatval},
    {"doubleval", 1, 1, call_floatval},
    {"strval", 1, 1, call_strval},
    {"boolval", 1, 1, call_boolval},
    {"get_debug_type", 1, 1, call_get_debug_type},
    {NULL, 0, 0, NULL},
};
