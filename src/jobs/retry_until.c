/* retry_until.c: what a class's method retryUntil() gives, which queue:retry asks again.
 *
 * The method may stand in a trait or a parent, as far as they are the app's. What it does
 * must be one `return` of an expression that can be evaluated here: `now()->addHours(2)`.
 */
#include "jobs/jobs_imp.h"

enum { BASES_MAX = 8, SOURCE_MAX = 4 << 20 };

struct search {
    struct app *app;
    const struct php_object *command;
    struct arena *tmp;
    int depth;
    enum retry_until found;
    int64_t until;
};

/* path_of is where PSR-4 and Laravel's composer.json put the class. */
static char *path_of(struct search *s, struct str class_name)
{
    struct str rest = str_skip(class_name, sizeof("App\\") - 1);
    struct str relative = str_fmt(s->tmp, "app/%.*s.php",
                                  STR_ARG(str_replace(s->tmp, rest, S("\\"), S("/"))));
    return app_path(s->app, s->tmp, str_z(s->tmp, relative));
}

static enum retry_until evaluate(struct search *s, struct str expression,
                                 const char *file)
{
    struct error ignored = {0};
    struct php_value v;
    struct php_scope scope = {.vars = php_array_new(s->tmp), .host = app_host(s->app)};
    struct php_object *self = NEW(s->tmp, struct php_object, 1);
    *self = *s->command;
    php_array_put(s->tmp, scope.vars, php_key_from(S("this")), php_from_object(self));
    const struct php_expr *x =
        php_parse(expression, (struct php_place){file, 1, 1}, s->tmp, &ignored);
    if (!x || !php_eval(x, &scope, s->tmp, &v, &ignored))
        return UNTIL_UNKNOWN;
    bool date = v.type == PHP_OBJECT && v.o->kind == PHP_NATIVE;
    if (!date && v.type != PHP_INT)
        return UNTIL_UNKNOWN;
    s->until = date ? php_date_unix(v) : v.i;
    return UNTIL_KNOWN;
}

static void look(void *arg, struct str class_name, int line)
{
    struct search *s = arg;
    struct error missing = {0};
    struct str source, expression;
    size_t behind;
    (void)line;
    if (s->found != UNTIL_NONE || s->depth == BASES_MAX ||
        !str_starts(class_name, S("App\\")) || str_has(class_name, S("..")))
        return;
    char *file = path_of(s, class_name);
    bool there, seen = file_exists(file, &there, &missing);
    if (!seen || (there && !file_read(file, SOURCE_MAX, s->tmp, &source, &missing)))
        s->found = UNTIL_UNKNOWN;
    if (!seen || !there || s->found != UNTIL_NONE)
        return;
    source = php_source_clean(source, s->tmp);
    if (php_source_function(source, S("retryUntil"), &behind)) {
        s->found = php_source_returned(source, behind, &expression)
                       ? evaluate(s, expression, file)
                       : UNTIL_UNKNOWN;
        return;
    }
    s->depth++;
    php_source_bases(source, look, s, s->tmp);
    s->depth--;
}

enum retry_until jobs_retry_until(struct app *app, const struct php_object *command,
                                  struct arena *tmp, int64_t *out)
{
    struct search s = {.app = app, .command = command, .tmp = tmp};
    look(&s, command->class_name, 0);
    *out = s.until;
    return s.found;
}
