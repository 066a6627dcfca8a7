/* job_source_value.c: what properties and methods of a job class give. */
#include "jobs/jobs_imp.h"

static bool evaluate(struct jobs *js, const char *file, struct str text,
                     struct arena *perm, struct php_value *out)
{
    struct error ignored = {0};
    struct php_place place = {.file = file, .line = 1, .col = 1};
    struct php_scope scope = {.vars = php_array_new(perm), .host = app_host(js->o.app)};
    const struct php_expr *x = php_parse(text, place, perm, &ignored);
    return x && php_eval(x, &scope, perm, out, &ignored);
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
        return evaluate(js, f->file, p.value, perm, out);
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
        if (p.unclear || (p.value.len && !p.promoted &&
                          !evaluate(f->js, file->file, p.value, f->perm, &v)))
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
