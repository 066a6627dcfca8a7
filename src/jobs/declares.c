/* declares.c: does a class of the app have a method? Its traits and parents count, as far
 * as they are the app's. */
#include "jobs/jobs_imp.h"

enum { BASES_MAX = 8, SOURCE_MAX = 4 << 20 };

struct search {
    struct app *app;
    struct str method;
    struct arena *tmp;
    int depth;
    bool found;
};

static void look(void *arg, struct str class_name, int line);

/* path_of is where PSR-4 and Laravel's composer.json put the class. */
static char *path_of(struct search *s, struct str class_name)
{
    struct str rest = str_skip(class_name, sizeof("App\\") - 1);
    struct str relative = str_fmt(s->tmp, "app/%.*s.php",
                                  STR_ARG(str_replace(s->tmp, rest, S("\\"), S("/"))));
    return app_path(s->app, s->tmp, str_z(s->tmp, relative));
}

static void look(void *arg, struct str class_name, int line)
{
    struct search *s = arg;
    struct error missing = {0};
    struct str source;
    size_t behind;
    (void)line;
    if (s->found || s->depth == BASES_MAX || !str_starts(class_name, S("App\\")) ||
        str_has(class_name, S("..")))
        return;
    if (!file_read(path_of(s, class_name), SOURCE_MAX, s->tmp, &source, &missing))
        return;
    source = php_source_clean(source, s->tmp);
    s->found = php_source_function(source, s->method, &behind);
    s->depth++;
    if (!s->found)
        php_source_bases(source, look, s, s->tmp);
    s->depth--;
}

bool jobs_declares(struct app *app, struct str class_name, struct str method,
                   struct arena *tmp)
{
    struct search s = {.app = app, .method = method, .tmp = tmp};
    look(&s, class_name, 0);
    return s.found;
}
