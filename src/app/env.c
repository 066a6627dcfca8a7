/* env.c: environment variables, and Laravel's reading of their words. */
#include "app/app_imp.h"

struct env_var {
    struct str value;
    bool defined;
    bool outside; /* given to the process: .env cannot change it */
    int line;     /* of .env */
};

static struct env_var *variable(struct env *env, struct str name)
{
    struct env_var *v = map_lookup(&env->vars, name);
    if (v)
        return v;
    v = NEW(env->perm, struct env_var, 1);
    map_put(env->perm, &env->vars, str_copy(env->perm, name), v);
    return v;
}

void env_init(struct env *env, struct arena *perm, char **environment)
{
    *env = (struct env){.perm = perm};
    for (char **p = environment; *p; p++) {
        struct cut c = str_cut(str_from(*p), '=');
        if (!c.ok || c.head.len == 0 || map_lookup(&env->vars, c.head))
            continue;
        struct str value = str_copy(perm, c.tail);
        *variable(env, c.head) =
            (struct env_var){.value = value, .defined = true, .outside = true};
    }
}

bool env_lookup(const struct env *env, struct str name, struct str *out)
{
    const struct env_var *v = map_lookup(&env->vars, name);
    if (!v || !v->defined)
        return false;
    *out = v->value;
    return true;
}

void env_write(struct env *env, struct str name, struct str value, int line)
{
    struct env_var *v = variable(env, name);
    if (!v->outside)
        *v = (struct env_var){
            .value = str_copy(env->perm, value), .defined = true, .line = line};
}

enum env_from env_source(const struct env *env, struct str name, int *line)
{
    const struct env_var *v = map_lookup(&env->vars, name);
    *line = v ? v->line : 0;
    if (!v || !v->defined)
        return ENV_NOWHERE;
    return v->outside ? ENV_PROCESS : ENV_FILE;
}

void env_clear(struct env *env, struct str name)
{
    struct env_var *v = variable(env, name);
    if (!v->outside)
        v->defined = false;
}

/* unquoted drops one pair of quotes around a value of one line. */
static struct str unquoted(struct str s)
{
    char q = s.len >= 2 ? s.ptr[0] : '\0';
    if ((q != '\'' && q != '"') || s.ptr[s.len - 1] != q || memchr(s.ptr, '\n', s.len))
        return s;
    return str_sub(s, 1, s.len - 2);
}

bool env_value(const struct env *env, struct str name, struct php_value *out)
{
    static const struct {
        const char *word;
        enum { WORD_TRUE, WORD_FALSE, WORD_EMPTY, WORD_NULL } means;
    } words[] = {
        {"true", WORD_TRUE},     {"(true)", WORD_TRUE}, {"false", WORD_FALSE},
        {"(false)", WORD_FALSE}, {"empty", WORD_EMPTY}, {"(empty)", WORD_EMPTY},
        {"null", WORD_NULL},     {"(null)", WORD_NULL},
    };
    struct str text;
    if (!env_lookup(env, name, &text))
        return false;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (!str_ieq(text, str_from(words[i].word)))
            continue;
        switch (words[i].means) {
        case WORD_TRUE:
        case WORD_FALSE:
            *out = php_bool(words[i].means == WORD_TRUE);
            return true;
        case WORD_EMPTY:
            *out = php_string(S(""));
            return true;
        case WORD_NULL:
            *out = php_null();
            return true;
        }
    }
    *out = php_string(unquoted(text));
    return true;
}
