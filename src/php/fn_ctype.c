/* ctype_…: whether all characters of a string, at least one, are of a kind; in PHP's C
 * locale, so of ASCII alone. */
#include <ctype.h>

#include "php/fn_imp.h"

/* An int is the character of that number, or its own digits. */
static bool all(struct php_call *c, int (*is)(int), bool digits)
{
    struct php_value v = c->args[0];
    bool yes = v.type == PHP_STRING && v.s.len > 0;
    for (size_t i = 0; yes && i < v.s.len; i++) {
        int byte = (unsigned char)v.s.ptr[i];
        yes = byte < 128 && is(byte);
    }
    if (v.type == PHP_INT && v.i >= -128 && v.i <= 255)
        yes = v.i >= 0 && v.i < 128 && is((int)v.i);
    else if (v.type == PHP_INT)
        yes = v.i >= 0 && digits;
    return fn_return(c, php_bool(yes));
}

static bool call_alnum(struct php_call *c)
{
    return all(c, isalnum, true);
}

static bool call_alpha(struct php_call *c)
{
    return all(c, isalpha, false);
}

static bool call_digit(struct php_call *c)
{
    return all(c, isdigit, true);
}

static bool call_lower(struct php_call *c)
{
    return all(c, islower, false);
}

static bool call_upper(struct php_call *c)
{
    return all(c, isupper, false);
}

static bool call_punct(struct php_call *c)
{
    return all(c, ispunct, false);
}

static bool call_space(struct php_call *c)
{
    return all(c, isspace, false);
}

static bool call_xdigit(struct php_call *c)
{
    return all(c, isxdigit, true);
}

const struct php_function fn_ctype[] = {
    {"ctype_alnum", 1, 1, call_alnum},
    {"ctype_alpha", 1, 1, call_alpha},
    {"ctype_digit", 1, 1, call_digit},
    {"ctype_lower", 1, 1, call_lower},
    {"ctype_upper", 1, 1, call_upper},
    {"ctype_punct", 1, 1, call_punct},
    {"ctype_space", 1, 1, call_space},
    {"ctype_xdigit", 1, 1, call_xdigit},
    {NULL, 0, 0, NULL},
};
