/* model.c: what a view may read of an Eloquent model, told by its PHP file and its table.
 *
 * A view's `$club->name` is a column only while the model does not say otherwise: by an
 * accessor, a cast, a relation, $hidden. The file is not run; what it declares is read.
 */
#include <ctype.h>

#include "letter/letter_imp.h"

enum { MODEL_FILE_MAX = 1 << 20 };

static const struct {
    const char *name, *table;
} specs[MODELS_ALL] = {
    [MODEL_CLUB] = {"Club", "clubs"},
    [MODEL_TEACHER] = {"Teacher", "teachers"},
    [MODEL_USER] = {"User", "users"},
    [MODEL_SEND] = {"VolunteerLetterSend", "volunteer_letter_sends"},
};

/* Never selected, whatever the model says. */
static const char *const secrets[] = {"password", "remember_token", "two_factor_secret",
                                      "two_factor_recovery_codes", "api_token"};

/* expression evaluates the source text; a hole or an error means "not known". */
static bool expression(struct job_home *h, struct model_source *m, struct str text,
                       struct php_value *out)
{
    struct error ignored = {0};
    struct php_place place = {.file = m->file, .line = 1, .col = 1};
    struct php_expr *x = php_parse(text, place, h->check, &ignored);
    if (!x)
        return false;
    struct php_scope scope = {.vars = php_array_new(h->check),
                              .host = app_host(h->o->app)};
    return php_eval(x, &scope, h->check, out, &ignored);
}

/* model_property evaluates `$name = <expression>;` of the first file that declares it.
 * *there: one does. */
bool model_property(struct job_home *h, struct model_source *m, const char *name,
                    bool *there, struct php_value *out)
{
    *there = false;
    for (size_t i = 0; i < m->files.len; i++) {
        struct str source = m->files.at[i].source;
        for (size_t from = 0;;) {
            ptrdiff_t end = php_source_word(source, str_from(name), from);
            if (end < 0)
                break;
            size_t at = from = (size_t)end;
            while (at < source.len && isspace((unsigned char)source.ptr[at]))
                at++;
            /* A declaration, not `$this->x` or a comparison. */
            if (at >= source.len || source.ptr[at] != '=' ||
                str_starts(str_skip(source, at), S("==")))
                continue;
            *there = true;
            return expression(h, m, php_source_statement(source, at + 1), out);
        }
    }
    return true;
}

struct str model_studly(struct arena *perm, struct str s)
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

static bool unreadable(struct job_home *h, struct model_source *m, const char *what)
{
    struct use_place at = {m->file, 0, 0};
    return jobs_report(h->o, &at,
                       "%s of the model cannot be read – the class stays with PHP", what);
}

static void hide(struct job_home *h, struct model_source *m, struct str column)
{
    map_put(h->check, &m->hidden, column, m);
}

static bool load_hidden(struct job_home *h, struct model_source *m)
{
    bool there;
    struct php_value v = php_null();
    for (size_t i = 0; i < COUNT(secrets); i++)
        hide(h, m, str_from(secrets[i]));
    if (!model_property(h, m, "$hidden", &there, &v) || (there && v.type != PHP_ARRAY))
        return unreadable(h, m, "$hidden");
    for (size_t i = 0; there && i < v.a->len; i++)
        if (v.a->at[i].value.type == PHP_STRING)
            hide(h, m, v.a->at[i].value.s);
    return true;
}

/* returned_casts evaluates the array that a method casts() returns. */
static bool returned_casts(struct job_home *h, struct model_source *m,
                           struct php_value *out)
{
    for (size_t i = 0; i < m->files.len; i++) {
        size_t behind;
        struct str source = m->files.at[i].source;
        if (!php_source_function(source, S("casts"), &behind))
            continue;
        ptrdiff_t at = php_source_word(source, S("return"), behind);
        return at >= 0 && expression(h, m, php_source_statement(source, (size_t)at), out);
    }
    return true;
}

static void put_casts(struct job_home *h, struct php_array *all, struct php_value list)
{
    for (size_t n = 0; list.type == PHP_ARRAY && n < list.a->len; n++)
        php_array_put(h->check, all, list.a->at[n].key, list.a->at[n].value);
}

/* load_casts reads $casts, what casts() returns, and the dates that Eloquent casts
 * without being asked. */
static bool load_casts(struct job_home *h, struct model_source *m)
{
    bool there;
    struct php_array *all = php_array_new(h->check);
    struct php_value casts = php_null(), returned = php_null(), dates = php_null(),
                     stamps = php_null();
    m->casts = all;
    if (!model_property(h, m, "$casts", &there, &casts))
        return unreadable(h, m, "$casts");
    if (!returned_casts(h, m, &returned))
        return unreadable(h, m, "casts()");
    if (!model_property(h, m, "$dates", &there, &dates))
        return unreadable(h, m, "$dates");
    if (!model_property(h, m, "$timestamps", &there, &stamps))
        return unreadable(h, m, "$timestamps");
    for (size_t i = 0; dates.type == PHP_ARRAY && i < dates.a->len; i++)
        if (dates.a->at[i].value.type == PHP_STRING)
            php_array_put(h->check, all, php_key_from(dates.a->at[i].value.s),
                          php_string(S("datetime")));
    m->timestamps = !there || php_truthy(stamps);
    put_casts(h, all, casts);
    put_casts(h, all, returned);
    return true;
}

/* word_place finds where a word, a column whose cast it is, is written. */
static int word_place(const struct model_source *m, struct str word, const char **file)
{
    for (size_t i = 0; i < m->files.len; i++) {
        ptrdiff_t at = php_source_word(m->files.at[i].source, word, 0);
        *file = m->files.at[i].file;
        if (at >= 0)
            return php_source_line(m->files.at[i].source, (size_t)at);
    }
    return 0;
}

static bool load_table(struct job_home *h, struct model_source *m)
{
    bool there;
    struct php_value v = php_null();
    if (!model_property(h, m, "$table", &there, &v) || (there && v.type != PHP_STRING))
        return unreadable(h, m, "$table");
    if (there)
        m->model.table = v.s;
    if (!model_property(h, m, "$connection", &there, &v))
        return unreadable(h, m, "$connection");
    if (there && v.type == PHP_STRING && !str_eq(v.s, db_settings(h->o->db)->name)) {
        struct use_place at = {m->file, 0, 0};
        at.line = word_place(m, S("$connection"), &at.file);
        return jobs_report(h->o, &at,
                           "$connection '%.*s' – facteur reads models from the default "
                           "connection only",
                           STR_ARG(v.s));
    }
    return true;
}

/* === parents and traits === */

enum { FILES_MAX = 32 };

/* Namespaces whose traits and parents leave a column as it is. */
static const char *const harmless[] = {"Illuminate\\", "Laravel\\",
                                       "Spatie\\Permission\\Traits\\HasRoles"};

struct reading {
    struct job_home *h;
    struct model_source *m;
    const char *file; /* that names the base */
    bool ok;
};

static bool read_source(struct job_home *h, struct model_source *m, struct str relative);

/* on_base reads a parent or trait of the app's; of another one it must be known that it
 * does not touch columns. */
static void on_base(void *arg, struct str name, int line)
{
    struct reading *r = arg;
    struct use_place at = {r->file, line, 0};
    for (size_t i = 0; i < COUNT(harmless); i++)
        if (str_starts(name, str_from(harmless[i])))
            return;
    if (!str_starts(name, S("App\\"))) {
        r->ok = jobs_report(r->h->o, &at,
                            "%.*s – whether it changes a model's columns is not known",
                            STR_ARG(name));
        return;
    }
    struct str path = str_fmt(r->h->check, "app/%.*s.php", STR_ARG(str_skip(name, 4)));
    char *z = str_z(r->h->check, path);
    for (char *c = z; *c; c++)
        *c = *c == '\\' ? '/' : *c;
    r->ok = read_source(r->h, r->m, str_from(z)) && r->ok;
}

/* read_source adds a file and, behind it, those of its bases. */
static bool read_source(struct job_home *h, struct model_source *m, struct str relative)
{
    struct error e = {0};
    struct php_file f = {.file = str_z(h->check, relative)};
    struct use_place at = {m->file, 0, 0};
    for (size_t i = 0; i < m->files.len; i++)
        if (strcmp(m->files.at[i].file, f.file) == 0)
            return true;
    char *path = app_path(h->o->app, h->check, f.file);
    if (m->files.len == FILES_MAX ||
        !file_read(path, MODEL_FILE_MAX, h->check, &f.source, &e))
        return jobs_report(h->o, &at, "%s cannot be read – %s", f.file,
                           e.kind ? e.text : "there are too many files");
    f.source = php_source_clean(f.source, h->check);
    VEC_PUSH(h->check, &m->files, f);
    struct reading r = {h, m, f.file, true};
    php_source_bases(f.source, on_base, &r, h->check);
    return r.ok;
}

bool models_readable(struct app *app, struct arena *perm, struct error *e)
{
    for (size_t i = 0; i < MODELS_ALL; i++) {
        struct str file = str_fmt(perm, "app/Models/%s.php", specs[i].name);
        if (!file_readable(app_path(app, perm, str_z(perm, file)), e))
            return false;
    }
    return true;
}

bool model_read(struct job_home *h, enum model_id which, struct model_source *out)
{
    struct str relative = str_fmt(h->check, "app/Models/%s.php", specs[which].name);
    *out = (struct model_source){.model.name = specs[which].name,
                                 .model.table = str_from(specs[which].table),
                                 .file = str_z(h->check, relative)};
    struct error e = {0};
    struct use_place at = {out->file, 0, 0};
    bool there;
    if (!file_exists(app_path(h->o->app, h->check, out->file), &there, &e))
        return jobs_report(h->o, &at, "%s", e.text);
    if (!there)
        return true; /* an app without models of its own: the tables alone speak */
    bool ok = read_source(h, out, relative);
    return load_casts(h, out) && ok;
}

static bool load_file(struct job_home *h, struct model_source *m, enum model_id which)
{
    bool ok = model_read(h, which, m);
    if (m->files.len == 0)
        return ok;
    return load_table(h, m) && ok;
}

/* === what the table has === */

static bool load_columns(struct job_home *h, struct model_source *m, struct error *e)
{
    struct db_result r;
    struct str table = db_table(h->check, db_settings(h->o->db), m->model.table);
    struct str sql = str_fmt(h->check, "show columns from %.*s", STR_ARG(table));
    if (!db_run(h->o->db, sql, NULL, 0, h->check, &r, e))
        return false;
    for (size_t i = 0; i < r.rows; i++) {
        struct php_value *name = NEW(h->check, struct php_value, 1);
        *name = db_cell(&r, i, "Field");
        if (name->type == PHP_STRING)
            map_put(h->check, &m->table_columns, name->s, name);
    }
    return true;
}

bool model_load(struct job_home *h, enum model_id which, struct model_source *out,
                bool *ok, struct error *e)
{
    bool readable = load_file(h, out, which);
    out->model.class_name = str_fmt(h->check, "App\\Models\\%s", specs[which].name);
    readable = load_hidden(h, out) && readable;
    *ok = readable && *ok;
    if (!load_columns(h, out, e)) {
        if (e->kind != ERR_JOB)
            return false;
        struct use_place at = {out->file, 0, 0};
        *ok = jobs_report(h->o, &at, "%s – the class stays with PHP", e->text);
        err_clear(e);
        return true;
    }
    /* The trait is what makes Eloquent look at the column. */
    bool column = map_lookup(&out->table_columns, S("deleted_at")) != NULL;
    bool trait = out->files.len == 0;
    for (size_t i = 0; i < out->files.len; i++)
        trait =
            trait || php_source_word(out->files.at[i].source, S("SoftDeletes"), 0) >= 0;
    out->model.soft_deletes = column && trait;
    return true;
}

/* === columns === */

static void add_column(struct job_home *h, struct model *m, struct str name,
                       struct cast cast)
{
    for (size_t i = 0; i < m->columns.len; i++)
        if (str_eq(m->columns.at[i].name, name)) {
            m->columns.at[i].cast = cast;
            return;
        }
    VEC_PUSH(h->check, &m->columns, (struct column){name, cast});
}

static void need_as(struct job_home *h, struct model_source *m, struct str column,
                    struct cast cast)
{
    /* A column that the table lacks is null, as for Eloquent. */
    if (map_lookup(&m->table_columns, column))
        add_column(h, &m->model, column, cast);
}

void model_need(struct job_home *h, struct model_source *m, struct str column)
{
    need_as(h, m, column, (struct cast){.kind = CAST_NONE});
}

/* computed finds the method that makes something else of a column: an accessor in either
 * form, or a relation. */
static bool computed(struct job_home *h, const struct model_source *m, struct str column,
                     struct str *method, const char **file, int *line)
{
    struct str attribute = model_studly(h->check, column);
    const struct str names[] = {str_fmt(h->check, "get%.*sAttribute", STR_ARG(attribute)),
                                attribute, column};
    for (size_t i = 0; i < m->files.len; i++)
        for (size_t n = 0; n < COUNT(names); n++) {
            size_t behind;
            struct str source = m->files.at[i].source;
            if (!php_source_function(source, names[n], &behind))
                continue;
            *method = str_sub(source, behind - names[n].len, names[n].len);
            *file = m->files.at[i].file;
            *line = php_source_line(source, behind);
            return true;
        }
    return false;
}

/* cast_text returns a column's cast as the model names it; "" without one. */
static struct str cast_text(const struct model_source *m, struct str column)
{
    const struct php_value *cast =
        m->casts ? php_array_lookup(m->casts, php_key_from(column)) : NULL;
    if (cast)
        return cast->type == PHP_STRING ? cast->s : S("a class");
    bool stamp = str_eq(column, S("created_at")) || str_eq(column, S("updated_at"));
    bool deleted = m->model.soft_deletes && str_eq(column, S("deleted_at"));
    bool timestamps = m->timestamps || m->files.len == 0;
    return (stamp && timestamps) || deleted ? S("datetime") : S("");
}

/* Methods that would change what each column is. */
static const char *const magic[] = {"getAttribute", "getAttributeValue", "__get",
                                    "castAttribute", "mutateAttribute"};

static bool magical(struct job_home *h, const struct model_source *m,
                    const struct use_place *at)
{
    for (size_t i = 0; i < m->files.len; i++)
        for (size_t n = 0; n < COUNT(magic); n++) {
            size_t behind;
            struct str source = m->files.at[i].source;
            if (php_source_function(source, str_from(magic[n]), &behind))
                return !jobs_report(h->o, at, "%s's columns – all go through %s:%d %s()",
                                    m->model.name, m->files.at[i].file,
                                    php_source_line(source, behind), magic[n]);
        }
    return false;
}

bool model_use(struct job_home *h, struct model_source *m, struct str column,
               const struct use_place *at)
{
    const char *name = m->model.name, *file = m->file;
    struct str method;
    struct cast cast = {.kind = CAST_NONE};
    int line;
    if (map_lookup(&m->hidden, column))
        return jobs_report(h->o, at, "%s's %.*s – a hidden column is never read", name,
                           STR_ARG(column));
    if (computed(h, m, column, &method, &file, &line))
        return jobs_report(h->o, at, "%s's %.*s – computed by %s:%d %.*s(): needs PHP",
                           name, STR_ARG(column), file, line, STR_ARG(method));
    if (magical(h, m, at))
        return false;
    struct str text = cast_text(m, column);
    if (text.len && !cast_of(text, &cast)) {
        line = word_place(m, column, &file);
        return jobs_report(h->o, at, "%s's %.*s – %s:%d casts it to %.*s: needs PHP",
                           name, STR_ARG(column), file, line, STR_ARG(text));
    }
    need_as(h, m, column, cast);
    return true;
}

const char *model_class(size_t i, struct arena *perm)
{
    return i < MODELS ? str_z(perm, str_fmt(perm, "App\\Models\\%s", specs[i].name))
                      : NULL;
}

bool model_is_ours(struct str class_name)
{
    static const struct str space = {"App\\Models\\", 11};
    struct str name = str_skip(class_name, space.len);
    if (!str_ieq(str_sub(class_name, 0, space.len), space))
        return false;
    for (enum model_id m = 0; m < MODELS_ALL; m++)
        if (str_ieq(name, str_from(specs[m].name)))
            return true;
    return false;
}

void model_stamp(struct job_home *h, enum model_id which, uint64_t *stamp)
{
    struct arena tmp = *h->tmp;
    struct str relative = str_fmt(&tmp, "app/Models/%s.php", specs[which].name);
    char *file = str_z(&tmp, relative);
    source_stamp(h->o->app, file, tmp, stamp);
}
