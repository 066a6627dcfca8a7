/* model.c: what a view may read of an Eloquent model, told by its PHP file and its table.
 *
 * A view's `$club->name` is a column only while the model does not say otherwise: by an
 * accessor, a cast, a relation, $hidden. The file is not run; what it declares is read.
 */
#include <ctype.h>
#include <sys/stat.h>

#include "jobs/jobs_imp.h"

enum { MODEL_FILE_MAX = 1 << 20 };

static const struct {
    const char *name, *table;
} specs[MODELS] = {
    [MODEL_CLUB] = {"Club", "clubs"},
    [MODEL_TEACHER] = {"Teacher", "teachers"},
    [MODEL_USER] = {"User", "users"},
};

/* Never selected, whatever the model says. */
static const char *const secrets[] = {"password", "remember_token", "two_factor_secret",
                                      "two_factor_recovery_codes", "api_token"};

/* === reading PHP source === */

/* skip_string returns the offset behind the quoted string that starts at `at`. */
static size_t skip_string(struct str s, size_t at)
{
    char quote = s.ptr[at++];
    while (at < s.len && s.ptr[at] != quote)
        at += s.ptr[at] == '\\' ? 2 : 1;
    return at < s.len ? at + 1 : s.len;
}

static size_t comment_end(struct str s, size_t at)
{
    struct str rest = str_skip(s, at);
    if (str_starts(rest, S("/*"))) {
        ptrdiff_t end = str_find(str_skip(rest, 2), S("*/"));
        return end < 0 ? s.len : at + 2 + (size_t)end + 2;
    }
    /* "#[" opens an attribute, not a comment. */
    if (str_starts(rest, S("//")) ||
        (str_starts(rest, S("#")) && !str_starts(rest, S("#[")))) {
        ptrdiff_t end = str_find(rest, S("\n"));
        return end < 0 ? s.len : at + (size_t)end;
    }
    return at;
}

/* without_comments returns the source with every comment made blanks. */
static struct str without_comments(struct str s, struct arena *perm)
{
    char *out = str_z(perm, s);
    for (size_t at = 0; at < s.len;) {
        size_t end = comment_end(s, at);
        if (end > at) {
            for (size_t i = at; i < end; i++)
                out[i] = out[i] == '\n' ? '\n' : ' ';
            at = end;
        } else if (s.ptr[at] == '\'' || s.ptr[at] == '"') {
            at = skip_string(s, at);
        } else {
            at++;
        }
    }
    return (struct str){out, s.len};
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* find_word returns the offset behind `word` where it stands as a whole word, from `from`
 * on; -1: nowhere. */
static ptrdiff_t find_word(struct str s, struct str word, size_t from)
{
    while (from < s.len) {
        ptrdiff_t found = str_find(str_skip(s, from), word);
        if (found < 0)
            return -1;
        size_t at = from + (size_t)found, end = at + word.len;
        bool left = at == 0 || !word_char(s.ptr[at - 1]);
        if (left && (end >= s.len || !word_char(s.ptr[end])))
            return (ptrdiff_t)end;
        from = end;
    }
    return -1;
}

static size_t skip_blanks(struct str s, size_t at)
{
    while (at < s.len && isspace((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* until_semicolon returns what stands from `at` to the next ";" outside strings. */
static struct str until_semicolon(struct str s, size_t at)
{
    size_t end = at;
    while (end < s.len && s.ptr[end] != ';')
        end = s.ptr[end] == '\'' || s.ptr[end] == '"' ? skip_string(s, end) : end + 1;
    return str_sub(s, at, end - at);
}

/* expression evaluates the source text; a hole or an error means "not known". */
static bool expression(struct jobs *js, struct model_source *m, struct str text,
                       struct php_value *out)
{
    struct error ignored = {0};
    struct php_place place = {.file = m->file, .line = 1, .col = 1};
    struct php_expr *x = php_parse(text, place, &js->check, &ignored);
    if (!x)
        return false;
    struct php_scope scope = {php_array_new(&js->check), app_host(js->o.app)};
    return php_eval(x, &scope, &js->check, out, &ignored);
}

/* property evaluates `$name = <expression>;`. *there: the class declares it. */
static bool property(struct jobs *js, struct model_source *m, const char *name,
                     bool *there, struct php_value *out)
{
    size_t from = 0;
    *there = false;
    for (;;) {
        ptrdiff_t end = find_word(m->source, str_from(name), from);
        if (end < 0)
            return true;
        size_t at = skip_blanks(m->source, (size_t)end);
        from = (size_t)end;
        /* A declaration, not `$this->x` or a comparison. */
        if (at >= m->source.len || m->source.ptr[at] != '=' ||
            str_starts(str_skip(m->source, at), S("==")))
            continue;
        *there = true;
        return expression(js, m, until_semicolon(m->source, at + 1), out);
    }
}

/* has_function says whether the class has a method of that name, in any case. */
static bool has_function(struct str source, struct str name, size_t *behind)
{
    for (size_t from = 0;;) {
        ptrdiff_t end = find_word(source, S("function"), from);
        if (end < 0)
            return false;
        size_t at = skip_blanks(source, (size_t)end), len = 0;
        if (at < source.len && source.ptr[at] == '&')
            at = skip_blanks(source, at + 1);
        while (at + len < source.len && word_char(source.ptr[at + len]))
            len++;
        from = at + len;
        if (str_ieq(str_sub(source, at, len), name)) {
            *behind = from;
            return true;
        }
    }
}

/* studly turns "birth_date" into "BirthDate", as Eloquent names accessors. */
static struct str studly(struct arena *perm, struct str s)
{
    struct buf b = buf_new(perm, 256);
    bool up = true;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '_' || s.ptr[i] == '-')
            up = true;
        else {
            char c = s.ptr[i];
            buf_byte(&b, up ? (char)toupper((unsigned char)c) : c);
            up = false;
        }
    }
    return buf_str(&b);
}

/* === what the file declares === */

static bool unreadable(struct jobs *js, struct model_source *m, const char *what)
{
    struct use_place at = {m->file, 0, 0};
    return jobs_report(js, &at,
                       "%s of the model cannot be read – the class stays with PHP", what);
}

static void hide(struct jobs *js, struct model_source *m, struct str column)
{
    map_put(&js->check, &m->hidden, column, m);
}

static bool load_hidden(struct jobs *js, struct model_source *m)
{
    bool there;
    struct php_value v = php_null();
    for (size_t i = 0; i < COUNT(secrets); i++)
        hide(js, m, str_from(secrets[i]));
    if (!property(js, m, "$hidden", &there, &v) || (there && v.type != PHP_ARRAY))
        return unreadable(js, m, "$hidden");
    for (size_t i = 0; there && i < v.a->len; i++)
        if (v.a->at[i].value.type == PHP_STRING)
            hide(js, m, v.a->at[i].value.s);
    return true;
}

/* load_casts reads $casts and, where there is one, the array that casts() returns. */
static bool load_casts(struct jobs *js, struct model_source *m)
{
    bool there;
    size_t behind;
    struct php_array *all = php_array_new(&js->check);
    struct php_value list[2] = {php_null(), php_null()};
    m->casts = all;
    if (!property(js, m, "$casts", &there, &list[0]))
        return unreadable(js, m, "$casts");
    if (has_function(m->source, S("casts"), &behind)) {
        ptrdiff_t at = find_word(m->source, S("return"), behind);
        if (at < 0 ||
            !expression(js, m, until_semicolon(m->source, (size_t)at), &list[1]))
            return unreadable(js, m, "casts()");
    }
    for (size_t i = 0; i < COUNT(list); i++)
        for (size_t n = 0; list[i].type == PHP_ARRAY && n < list[i].a->len; n++)
            php_array_put(&js->check, all, list[i].a->at[n].key, list[i].a->at[n].value);
    return true;
}

static bool load_table(struct jobs *js, struct model_source *m)
{
    bool there;
    struct php_value v = php_null();
    if (!property(js, m, "$table", &there, &v) || (there && v.type != PHP_STRING))
        return unreadable(js, m, "$table");
    if (there)
        m->model.table = v.s;
    if (!property(js, m, "$connection", &there, &v))
        return unreadable(js, m, "$connection");
    if (there && v.type == PHP_STRING && !str_eq(v.s, db_settings(js->o.db)->name)) {
        struct use_place at = {m->file, 0, 0};
        return jobs_report(js, &at,
                           "$connection '%.*s' – facteur reads models from the default "
                           "connection only",
                           STR_ARG(v.s));
    }
    return true;
}

static bool load_file(struct jobs *js, struct model_source *m, enum model_id which)
{
    struct error ignored = {0};
    struct stat st;
    struct str relative = str_fmt(&js->check, "app/Models/%s.php", specs[which].name);
    char *path = app_path(js->o.app, &js->check, str_z(&js->check, relative));
    m->file = str_z(&js->check, relative);
    m->source = S("");
    m->model.table = str_from(specs[which].table);
    if (stat(path, &st) != 0)
        return true; /* an app without models of its own: the tables alone speak */
    if (!file_read(path, MODEL_FILE_MAX, &js->check, &m->source, &ignored))
        return unreadable(js, m, "the file");
    m->source = without_comments(m->source, &js->check);
    return load_table(js, m) && load_casts(js, m);
}

/* === what the table has === */

static bool load_columns(struct jobs *js, struct model_source *m, struct error *e)
{
    struct db_result r;
    struct str table = db_table(&js->check, db_settings(js->o.db), m->model.table);
    struct str sql = str_fmt(&js->check, "show columns from %.*s", STR_ARG(table));
    if (!db_run(js->o.db, sql, NULL, 0, &js->check, &r, e))
        return false;
    for (size_t i = 0; i < r.rows; i++) {
        struct php_value *name = NEW(&js->check, struct php_value, 1);
        *name = db_cell(&r, i, "Field");
        if (name->type == PHP_STRING)
            map_put(&js->check, &m->table_columns, name->s, name);
    }
    return true;
}

bool model_load(struct jobs *js, enum model_id which, struct model_source *out, bool *ok,
                struct error *e)
{
    *out = (struct model_source){.model.name = specs[which].name};
    out->model.class_name = str_fmt(&js->check, "App\\Models\\%s", specs[which].name);
    bool readable = load_file(js, out, which);
    readable = load_hidden(js, out) && readable;
    *ok = readable && *ok;
    if (!load_columns(js, out, e)) {
        if (e->kind != ERR_JOB)
            return false;
        struct use_place at = {out->file, 0, 0};
        *ok = jobs_report(js, &at, "%s – the class stays with PHP", e->text);
        err_clear(e);
        return true;
    }
    /* The trait is what makes Eloquent look at the column. */
    bool column = map_lookup(&out->table_columns, S("deleted_at")) != NULL;
    bool trait = find_word(out->source, S("SoftDeletes"), 0) >= 0;
    out->model.soft_deletes = column && (trait || out->source.len == 0);
    return true;
}

/* === columns === */

static void add_column(struct jobs *js, struct model *m, struct str column)
{
    for (size_t i = 0; i < m->columns.len; i++)
        if (str_eq(m->columns.at[i], column))
            return;
    VEC_PUSH(&js->check, &m->columns, column);
}

void model_need(struct jobs *js, struct model_source *m, struct str column)
{
    if (map_lookup(&m->table_columns, column))
        add_column(js, &m->model, column);
}

static bool is_date(struct str column)
{
    return str_eq(column, S("created_at")) || str_eq(column, S("updated_at")) ||
           str_eq(column, S("deleted_at"));
}

static bool cast_known(struct str cast)
{
    return str_ieq(cast, S("string"));
}

bool model_use(struct jobs *js, struct model_source *m, struct str column,
               const struct use_place *at)
{
    size_t behind;
    const char *name = m->model.name;
    if (map_lookup(&m->hidden, column))
        return jobs_report(js, at, "%s's %.*s – a hidden column is never read", name,
                           STR_ARG(column));
    struct str attribute = studly(&js->check, column);
    if (has_function(m->source, column, &behind) ||
        has_function(m->source, attribute, &behind) ||
        has_function(m->source,
                     str_fmt(&js->check, "get%.*sAttribute", STR_ARG(attribute)),
                     &behind))
        return jobs_report(js, at,
                           "%s's %.*s – an accessor or relation of the app: needs PHP",
                           name, STR_ARG(column));
    const struct php_value *cast =
        m->casts ? php_array_lookup(m->casts, php_key_from(column)) : NULL;
    bool known = cast && cast->type == PHP_STRING && cast_known(cast->s);
    if ((cast && !known) || is_date(column))
        return jobs_report(
            js, at, "%s's %.*s – a cast to %.*s is not supported", name, STR_ARG(column),
            STR_ARG(cast && cast->type == PHP_STRING ? cast->s : S("a date")));
    /* A column that the table lacks is null, as for Eloquent. */
    model_need(js, m, column);
    return true;
}

void model_stamp(struct jobs *js, enum model_id which, uint64_t *stamp)
{
    struct arena tmp = js->tmp;
    struct stat st = {0};
    struct str relative = str_fmt(&tmp, "app/Models/%s.php", specs[which].name);
    if (stat(app_path(js->o.app, &tmp, str_z(&tmp, relative)), &st) != 0)
        st = (struct stat){0};
    struct str bytes = str_fmt(
        &tmp, "%llx %lld %lld.%ld %lld", (unsigned long long)*stamp, (long long)st.st_ino,
        (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size);
    *stamp = str_hash(bytes);
}
