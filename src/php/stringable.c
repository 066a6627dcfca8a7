/* Str::of('…')->snake()->append('_'): Laravel's Stringable, for files alone. Its methods
 * are the functions of the same name, with the text put in its place among the arguments.
 */
#include "php/expr_imp.h"
#include "php/fn_imp.h"

enum { MAX_ARGS = 8 };

static const struct php_class stringable;

static struct php_value stringable_of(struct arena *perm, struct str s)
{
    struct php_object *o = php_object_new(perm, PHP_NATIVE, str_from(stringable.name));
    o->native = &stringable;
    o->payload = s;
    return php_from_object(o);
}

static bool text_of(const struct php_object *o, struct arena *perm, struct str *out,
                    struct error *e)
{
    (void)perm, (void)e;
    *out = o->payload;
    return true;
}

/* === methods that are functions === */

/* Where another function than Str::NAME does it, and where the text is not the first
 * argument of it. */
static const struct way {
    const char *method, *function;
    size_t place;
} ways[] = {
    {"is", NULL, 1},
    {"remove", NULL, 1},
    {"replaceFirst", NULL, 2},
    {"replaceLast", NULL, 2},
    {"replace", "str_replace", 2},
    {"replaceMatches", "preg_replace", 2},
    {"isMatch", "preg_match", 1},
    {"test", "preg_match", 1},
    {"explode", "explode", 1},
    {"split", "preg_split", 1},
    {"basename", "basename", 0},
    {"dirname", "dirname", 0},
    {"lcfirst", "lcfirst", 0},
    {"rtrim", "rtrim", 0},
    {"ltrim", "ltrim", 0},
    {"trim", "trim", 0},
    {"repeat", "str_repeat", 0},
    {"hash", "hash", 1},
};

static const struct way *way_of(const char *method)
{
    for (size_t i = 0; i < COUNT(ways); i++)
        if (strcmp(ways[i].method, method) == 0)
            return &ways[i];
    return NULL;
}

/* Laravel's trim knows more blanks than PHP's: of those only " \n\r\t\v" are looked at.
 */
static bool can_trim(struct php_call *c, struct str s)
{
    bool known = c->len > 0 || !strstr(c->name, "trim");
    for (size_t i = 0; i < s.len && !known; i++)
        if ((unsigned char)s.ptr[i] >= 0x80 || s.ptr[i] == '\f' || s.ptr[i] == '\0')
            return err_set(c->e, ERR_UNSUPPORTED,
                           "%s() of letters beyond ASCII is not supported", c->name);
    return true;
}

/* given: another Stringable counts as its text. */
static struct php_value given(struct php_value v)
{
    bool is_text = v.type == PHP_OBJECT && v.o->native == &stringable;
    return is_text ? php_string(v.o->payload) : v;
}

static struct php_value result_of(struct php_call *c, struct php_value v)
{
    bool asks = strcmp(c->name, "isMatch") == 0 || strcmp(c->name, "test") == 0;
    if (asks)
        return php_bool(php_truthy(v));
    if (v.type == PHP_STRING)
        return stringable_of(c->perm, v.s);
    return v.type == PHP_ARRAY ? php_collection(c->perm, v.a) : v;
}

/* call_through serves every method that is a function. */
static bool call_through(struct php_call *c)
{
    struct php_value args[MAX_ARGS], name;
    struct fn_callable function;
    const struct way *way = way_of(c->name);
    size_t place = way ? way->place : 0, len = 0;
    struct str text = c->self->o->payload;
    const char *known = way ? way->function : NULL;
    name = php_string(known ? str_from(known)
                            : str_fmt(c->perm, "Illuminate\\Support\\Str::%s", c->name));
    if (c->len < place || c->len + 1 > MAX_ARGS)
        return err_set(c->e, ERR_UNSUPPORTED, "this %s() is not supported", c->name);
    for (size_t i = 0; i < c->len; i++) {
        if (i == place)
            args[len++] = php_string(text);
        args[len++] = given(c->args[i]);
    }
    if (c->len == place)
        args[len++] = php_string(text);
    if (!can_trim(c, text) || !fn_callable(c, name, &function) ||
        !fn_apply(c, &function, args, len, c->result))
        return false;
    *c->result = result_of(c, *c->result);
    return true;
}

/* === methods of its own === */

/* append(...$values), and prepend */
static bool add(struct php_call *c, bool before)
{
    struct str more = S("");
    for (size_t i = 0; i < c->len; i++) {
        struct str s;
        if (!php_to_string(c->args[i], c->perm, &s, c->e))
            return false;
        more = str_join(c->perm, more, s);
    }
    struct str text = c->self->o->payload;
    struct str both =
        before ? str_join(c->perm, more, text) : str_join(c->perm, text, more);
    return fn_return(c, stringable_of(c->perm, both));
}

static bool call_append(struct php_call *c)
{
    return add(c, false);
}

static bool call_prepend(struct php_call *c)
{
    return add(c, true);
}

static bool call_value(struct php_call *c)
{
    return fn_return_text(c, c->self->o->payload);
}

static bool call_is_empty(struct php_call *c)
{
    return fn_return(c, php_bool(c->self->o->payload.len == 0));
}

static bool call_is_not_empty(struct php_call *c)
{
    return fn_return(c, php_bool(c->self->o->payload.len > 0));
}

static bool call_exactly(struct php_call *c)
{
    struct php_value v = given(c->args[0]);
    return fn_return(c,
                     php_bool(v.type == PHP_STRING && str_eq(v.s, c->self->o->payload)));
}

/* Most and least arguments are those that Laravel's method has. */
static const struct php_function methods[] = {
    {"after", 1, 1, call_through},
    {"afterLast", 1, 1, call_through},
    {"append", 0, -1, call_append},
    {"ascii", 0, 1, call_through},
    {"basename", 0, 1, call_through},
    {"before", 1, 1, call_through},
    {"beforeLast", 1, 1, call_through},
    {"between", 2, 2, call_through},
    {"betweenFirst", 2, 2, call_through},
    {"camel", 0, 0, call_through},
    {"contains", 1, 1, call_through},
    {"dirname", 0, 1, call_through},
    {"endsWith", 1, 1, call_through},
    {"exactly", 1, 1, call_exactly},
    {"explode", 1, 2, call_through},
    {"finish", 1, 1, call_through},
    {"hash", 1, 1, call_through},
    {"is", 1, 1, call_through},
    {"isEmpty", 0, 0, call_is_empty},
    {"isMatch", 1, 1, call_through},
    {"isNotEmpty", 0, 0, call_is_not_empty},
    {"kebab", 0, 0, call_through},
    {"lcfirst", 0, 0, call_through},
    {"length", 0, 1, call_through},
    {"limit", 0, 2, call_through},
    {"lower", 0, 0, call_through},
    {"ltrim", 0, 1, call_through},
    {"padBoth", 1, 2, call_through},
    {"padLeft", 1, 2, call_through},
    {"padRight", 1, 2, call_through},
    {"prepend", 0, -1, call_prepend},
    {"remove", 1, 1, call_through},
    {"repeat", 1, 1, call_through},
    {"replace", 2, 2, call_through},
    {"replaceFirst", 2, 2, call_through},
    {"replaceLast", 2, 2, call_through},
    {"replaceMatches", 2, 2, call_through},
    {"reverse", 0, 0, call_through},
    {"rtrim", 0, 1, call_through},
    {"slug", 0, 2, call_through},
    {"snake", 0, 1, call_through},
    {"split", 1, 1, call_through},
    {"squish", 0, 0, call_through},
    {"start", 1, 1, call_through},
    {"startsWith", 1, 1, call_through},
    {"studly", 0, 0, call_through},
    {"substr", 1, 3, call_through},
    {"take", 1, 1, call_through},
    {"test", 1, 1, call_through},
    {"title", 0, 0, call_through},
    {"toString", 0, 0, call_value},
    {"trim", 0, 1, call_through},
    {"ucfirst", 0, 0, call_through},
    {"upper", 0, 0, call_through},
    {"value", 0, 0, call_value},
    {"words", 0, 2, call_through},
    {"wrap", 1, 2, call_through},
    {NULL, 0, 0, NULL},
};

static const struct php_class stringable = {
    .name = "Illuminate\\Support\\Stringable",
    .methods = methods,
    .text = text_of,
};

/* Str::of($string), str($string) */
static bool call_of(struct php_call *c)
{
    struct str s = S("");
    if (!php_to_string(c->args[0], c->perm, &s, c->e))
        return false;
    return fn_return(c, stringable_of(c->perm, s));
}

const struct php_function php_text_functions[] = {
    {"Illuminate\\Support\\Str::of", 1, 1, call_of},
    {"str", 1, 1, call_of},
    {NULL, 0, 0, NULL},
};
