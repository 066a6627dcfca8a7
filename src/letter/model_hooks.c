/* model_hooks.c: what a model does beside its columns: events, scopes, keys, queries of
 * its own. A letter reads and writes its tables by statements that know none of them. */
#include <ctype.h>

#include "letter/letter_imp.h"

#define LEFT "facteur does not do this; the class stays with PHP"

/* Methods by which Eloquent reads a row, and writes one. A trait's boot…() and
 * initialize…() are called by its name. */
static const char *const methods[] = {
    "booting",
    "booted",
    "boot",
    "newQuery",
    "newModelQuery",
    "newQueryWithoutScopes",
    "newInstance",
    "newFromBuilder",
    "newEloquentBuilder",
    "getTable",
    "getKeyName",
    "newBaseQueryBuilder",
    "getConnection",
    "getConnectionName",
    "resolveConnection",
    "fill",
    "save",
    "performInsert",
    "performUpdate",
    "setAttribute",
    "freshTimestamp",
    "fromDateTime",
    "getDateFormat",
    "usesTimestamps",
    "find",
    "create",
    "update",
    "query",
    "__construct",
    "__callStatic",
    "newCollection",
    "setRawAttributes",
    "registerGlobalScopes",
};

static const char *const properties[] = {
    "$primaryKey", "$keyType", "$dispatchesEvents", "$observables", "$withCount",
};

/* Attributes of a class, and the traits that give a row its key. */
static const char *const words[] = {
    "ObservedBy", "ScopedBy", "CollectedBy", "UseEloquentBuilder", "Boot",
    "Initialize", "HasUuids", "HasUlids",    "HasVersion4Uuids",
};

/* Of the row that a letter writes itself. */
static const char *const written_properties[] = {
    "$table",   "$connection",   "$timestamps", "$dateFormat",
    "$touches", "$incrementing", "$attributes",
};
static const char *const written[] = {
    "club_id", "teacher_id",    "sent_by_user_id", "recipient_email",
    "status",  "error_message", "sent_at",
};

static bool refuse(struct job_home *h, const struct php_file *f, size_t at,
                   struct str what)
{
    struct use_place place = {f->file, php_source_line(f->source, at), 0};
    return jobs_report(h->o, &place, "%.*s – " LEFT, STR_ARG(what));
}

/* declared finds `name =`, which is no comparison, or `name;`. */
static ptrdiff_t declared(struct str s, const char *name)
{
    for (ptrdiff_t end = 0;
         (end = php_source_word(s, str_from(name), (size_t)end)) >= 0;) {
        size_t at = (size_t)end;
        while (at < s.len && isspace((unsigned char)s.ptr[at]))
            at++;
        struct str rest = str_skip(s, at);
        if (str_starts(rest, S("=")) && !str_starts(rest, S("==")) &&
            !str_starts(rest, S("=>")))
            return end;
    }
    return -1;
}

static bool any_declared(struct job_home *h, const struct php_file *f,
                         const char *const *names, size_t len)
{
    bool ok = true;
    for (size_t i = 0; i < len; i++) {
        ptrdiff_t at = declared(f->source, names[i]);
        if (at >= 0)
            ok = refuse(h, f, (size_t)at, str_from(names[i]));
    }
    return ok;
}

/* is_called: is it a method that Eloquent calls by its name's beginning? */
static bool is_called(struct str name)
{
    static const struct str starts[] = {{"boot", 4}, {"initialize", 10}};
    for (size_t i = 0; i < COUNT(starts); i++) {
        struct str rest =
            str_skip(name, starts[i].len < name.len ? starts[i].len : name.len);
        if (str_starts(name, starts[i]) && rest.len &&
            isupper((unsigned char)rest.ptr[0]))
            return true;
    }
    return false;
}

/* judge_methods looks at each function of the file. */
static bool judge_methods(struct job_home *h, const struct php_file *f)
{
    bool ok = true;
    struct str s = f->source;
    for (ptrdiff_t end = 0;
         (end = php_source_word(s, S("function"), (size_t)end)) >= 0;) {
        size_t at = (size_t)end, stop;
        while (at < s.len && isspace((unsigned char)s.ptr[at]))
            at++;
        for (stop = at; stop < s.len && s.ptr[stop] != '('; stop++)
            ;
        struct str name = str_trim(str_sub(s, at, stop - at));
        bool met = is_called(name);
        for (size_t i = 0; !met && i < COUNT(methods); i++)
            met = str_ieq(name, str_from(methods[i]));
        if (met)
            ok = refuse(h, f, at, str_fmt(h->check, "a method %.*s()", STR_ARG(name)));
    }
    return ok;
}

static bool judge_file(struct job_home *h, const struct php_file *f)
{
    bool ok = judge_methods(h, f);
    for (size_t i = 0; i < COUNT(words); i++) {
        struct str word = str_from(words[i]);
        ptrdiff_t at = php_source_word(f->source, word, 0);
        if (at >= 0)
            ok = refuse(h, f, (size_t)at, word);
    }
    return any_declared(h, f, properties, COUNT(properties)) && ok;
}

static bool judge_model(struct job_home *h, const struct model_source *m)
{
    bool ok = true;
    for (size_t i = 0; i < m->files.len; i++)
        ok = judge_file(h, &m->files.at[i]) && ok;
    return ok;
}

/* === a teacher's user === */

/* without_blanks returns the braces that follow, and what they hold. */
static struct str without_blanks(struct job_home *h, struct str s, size_t at)
{
    struct buf b = buf_new(h->check, 4096);
    while (at < s.len && s.ptr[at] != '{')
        at++;
    for (; at < s.len && b.len < 1000; at++) {
        char c = s.ptr[at] == '"' ? '\'' : s.ptr[at];
        if (!isspace((unsigned char)c))
            buf_byte(&b, c);
        if (c == '}')
            break;
    }
    return buf_str(&b);
}

static bool judge_user(struct job_home *h, const struct model_source *teacher)
{
    static const char *const known[] = {"", ",'user_id'", ",'user_id','id'"};
    static const char *const classes[] = {"User::class", "\\App\\Models\\User::class",
                                          "'App\\Models\\User'",
                                          "'App\\\\Models\\\\User'"};
    for (size_t i = 0; i < teacher->files.len; i++) {
        const struct php_file *f = &teacher->files.at[i];
        size_t behind;
        if (!php_source_function(f->source, S("user"), &behind))
            continue;
        struct str body = without_blanks(h, f->source, behind);
        for (size_t n = 0; n < COUNT(known) * COUNT(classes); n++)
            if (str_eq(body, str_fmt(h->check, "{return$this->belongsTo(%s%s);}",
                                     classes[n / COUNT(known)], known[n % COUNT(known)])))
                return true;
        return refuse(h, f, behind, S("a relation user() of its own kind"));
    }
    return true;
}

/* === the row that a letter writes === */

static bool has_text(struct php_value list, const char *text)
{
    for (size_t i = 0; list.type == PHP_ARRAY && i < list.a->len; i++) {
        struct php_value v = list.a->at[i].value;
        if (v.type == PHP_STRING && str_eq(v.s, str_from(text)))
            return true;
    }
    return false;
}

/* is_fillable: what $fillable lacks, and what $guarded has, create() leaves out. */
static bool is_fillable(struct job_home *h, struct model_source *m)
{
    bool fillable, guarded;
    struct php_value fills = php_null(), guards = php_null();
    struct use_place at = {m->file, 0, 0};
    bool known = model_property(h, m, "$fillable", &fillable, &fills) &&
                 model_property(h, m, "$guarded", &guarded, &guards);
    bool open = guarded && guards.type == PHP_ARRAY && guards.a->len == 0;
    for (size_t i = 0; i < COUNT(written); i++) {
        bool taken = fillable ? has_text(fills, written[i]) : open;
        if (known && taken)
            continue;
        at.line = php_source_line(m->files.at[0].source, 0);
        return jobs_report(h->o, &at, "%s is not fillable – " LEFT, written[i]);
    }
    return true;
}

/* is_plain: what is stored is what is given. */
static bool is_plain(struct job_home *h, const struct model_source *m)
{
    for (size_t i = 0; i < m->files.len; i++)
        for (size_t n = 0; n < COUNT(written); n++) {
            struct str name = model_studly(h->check, str_from(written[n]));
            const struct str names[] = {
                str_fmt(h->check, "set%.*sAttribute", STR_ARG(name)), name};
            size_t behind;
            for (size_t k = 0; k < COUNT(names); k++)
                if (php_source_function(m->files.at[i].source, names[k], &behind))
                    return refuse(h, &m->files.at[i], behind,
                                  str_fmt(h->check, "a mutator of %s", written[n]));
        }
    for (size_t n = 0; m->casts && n < COUNT(written); n++) {
        static const char free[] = " string int integer datetime immutable_datetime ";
        const struct php_value *v =
            php_array_lookup(m->casts, php_key_from(str_from(written[n])));
        struct str text = v && v->type == PHP_STRING ? v->s : S("?");
        struct str word = str_fmt(h->check, " %.*s ", STR_ARG(text));
        struct use_place at = {m->file, php_source_line(m->files.at[0].source, 0), 0};
        if (v && !str_has(str_from(free), word))
            return jobs_report(h->o, &at, "a cast of %s to %.*s – " LEFT, written[n],
                               STR_ARG(text));
    }
    return true;
}

static bool judge_sends(struct job_home *h)
{
    struct model_source m;
    bool ok = model_read(h, MODEL_SEND, &m);
    if (m.files.len == 0)
        return ok;
    for (size_t i = 0; i < m.files.len; i++)
        ok = any_declared(h, &m.files.at[i], written_properties,
                          COUNT(written_properties)) &&
             ok;
    ok = judge_model(h, &m) && ok;
    return is_fillable(h, &m) && is_plain(h, &m) && ok;
}

bool model_judge_all(struct job_home *h, const struct model_source *models)
{
    bool ok = true;
    for (enum model_id m = 0; m < MODELS; m++)
        ok = judge_model(h, &models[m]) && ok;
    ok = judge_user(h, &models[MODEL_TEACHER]) && ok;
    return judge_sends(h) && ok;
}
