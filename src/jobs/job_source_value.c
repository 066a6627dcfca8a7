/* job_source_value.c: what properties and methods of a job class give: where the method
 * is one `return` of an expression that can be evaluated here. */
#include "jobs/job_source_imp.h"

/* An expression, and the file that it stands in. */
struct expression {
    const char *file;
    struct str text;
};

/* evaluate does so with $this, if there is one. */
static bool evaluate(struct app *app, struct php_object *self, struct expression x,
                     struct arena *perm, struct php_value *out)
{
    struct error ignored = {0};
    struct php_place place = {.file = x.file, .line = 1, .col = 1};
    struct php_scope scope = {.vars = php_array_new(perm), .host = app_host(app)};
    const struct php_expr *parsed = php_parse(x.text, place, perm, &ignored);
    if (self)
        php_array_put(perm, scope.vars, php_key_from(S("this")), php_from_object(self));
    return parsed && php_eval(parsed, &scope, perm, out, &ignored);
}

bool job_source_default(struct jobs *js, const struct job_source *s, const char *name,
                        struct arena *perm, struct php_value *out)
{
    struct str variable = str_fmt(perm, "$%s", name);
    *out = php_null();
    for (size_t i = 0; i < s->files.len; i++) {
        const struct php_file *f = &s->files.at[i];
        struct php_source_property p = php_source_property(f->source, variable);
        if (p.visibility == PHP_SOURCE_NONE)
            continue;
        if (p.unclear)
            return false;
        if (p.promoted || p.visibility == PHP_SOURCE_HIDDEN || !p.value.len)
            return true;
        struct expression x = {f->file, p.value};
        return evaluate(js->o.app, NULL, x, perm, out);
    }
    return true;
}

/* Properties that a payload leaves out have their defaults; none declared is null. */
struct filling {
    struct jobs *js;
    const struct job_source *s;
    struct php_object *self;
    struct arena *perm;
    bool ok;
};

static void fill(void *arg, const struct str *chain, size_t len, struct php_place place)
{
    struct filling *f = arg;
    struct php_value v = php_null();
    (void)place;
    if (len < 2 || !str_eq(chain[0], S("this")) || php_prop(f->self, chain[1]))
        return;
    struct str variable = str_fmt(f->perm, "$%.*s", STR_ARG(chain[1]));
    for (size_t i = 0; i < f->s->files.len; i++) {
        const struct php_file *file = &f->s->files.at[i];
        struct php_source_property p = php_source_property(file->source, variable);
        if (p.visibility == PHP_SOURCE_NONE)
            continue;
        struct expression x = {file->file, p.value};
        if (p.unclear ||
            (p.value.len && !p.promoted && !evaluate(f->js->o.app, NULL, x, f->perm, &v)))
            f->ok = false;
        php_array_put(f->perm, f->self->props, php_key_from(chain[1]), v);
        return;
    }
    f->ok = false;
}

bool job_source_returns(struct jobs *js, const struct job_source *s, const char *method,
                        const struct php_object *self, struct arena *perm,
                        struct php_value *out)
{
    struct error ignored = {0};
    struct str text;
    size_t i = 0, behind = 0;
    while (i < s->files.len &&
           !php_source_function(s->files.at[i].source, str_from(method), &behind))
        i++;
    if (i == s->files.len || !php_source_returned(s->files.at[i].source, behind, &text))
        return false;
    struct php_place place = {s->files.at[i].file, 1, 1};
    const struct php_expr *x = php_parse(text, place, perm, &ignored);
    if (!x)
        return false;
    struct php_object *copy = php_object_new(perm, self->kind, self->class_name);
    for (size_t n = 0; n < self->props->len; n++)
        php_array_put(perm, copy->props, self->props->at[n].key,
                      self->props->at[n].value);
    struct filling f = {js, s, copy, perm, true};
    php_uses(x, fill, &f);
    struct php_scope scope = {.vars = php_array_new(perm), .host = app_host(js->o.app)};
    php_array_put(perm, scope.vars, php_key_from(S("this")), php_from_object(copy));
    return f.ok && php_eval(x, &scope, perm, out, &ignored);
}

bool job_source_has_method(const struct job_source *s, const char *name)
{
    size_t behind;
    for (size_t i = 0; i < s->files.len; i++)
        if (php_source_function(s->files.at[i].source, str_from(name), &behind))
            return true;
    return false;
}

/* === retryUntil(), which queue:retry asks again ===
 *
 * The method may stand in a trait or a parent, as far as they are the app's. */

enum { BASES_MAX = 8 };

struct search {
    struct app *app;
    const struct php_object *command;
    struct arena *tmp;
    int depth;
    enum retry_until found;
    int64_t until;
};

/* moment makes Unix seconds of what the method returns. */
static enum retry_until moment(struct search *s, struct expression x)
{
    struct php_value v;
    struct php_object *self = NEW(s->tmp, struct php_object, 1);
    *self = *s->command;
    if (!evaluate(s->app, self, x, s->tmp, &v))
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
    struct expression x;
    struct str source;
    size_t behind;
    (void)line;
    if (s->found != UNTIL_NONE || s->depth == BASES_MAX ||
        !str_starts(class_name, S("App\\")) || str_has(class_name, S("..")))
        return;
    char *file = app_path(s->app, s->tmp, job_source_path(s->tmp, class_name));
    bool there, seen = file_exists(file, &there, &missing);
    if (!seen || (there && !file_read(file, SOURCE_MAX, s->tmp, &source, &missing)))
        s->found = UNTIL_UNKNOWN;
    if (!seen || !there || s->found != UNTIL_NONE)
        return;
    source = php_source_clean(source, s->tmp);
    if (php_source_function(source, S("retryUntil"), &behind)) {
        x.file = file;
        s->found =
            php_source_returned(source, behind, &x.text) ? moment(s, x) : UNTIL_UNKNOWN;
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
