/* job_source.c: what the PHP of a job class declares, read without running it.
 *
 * facteur does what the class is known to do. A class that does more – middleware, jobs
 * and events that it dispatches, a method that takes the job back – stays with PHP: done
 * without that it would only seem to be done.
 */
#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <sys/stat.h>

#include "jobs/jobs_imp.h"

enum { SOURCE_MAX = 4 << 20, FILES_MAX = 32 };

/* === what a class may not do === */

enum form {
    OF_THIS,  /* $this->name( */
    PROPERTY, /* $this->name */
    METHOD,   /* ->name( and ::name( of anything */
    FUNCTION, /* name( */
    CLASS,    /* Name:: */
};

static const struct forbidden {
    const char *name;
    enum form form;
} forbidden[] = {
    {"release", OF_THIS},
    {"fail", OF_THIS},
    {"delete", OF_THIS},
    {"attempts", OF_THIS},
    {"batch", OF_THIS},
    {"batching", OF_THIS},
    {"chain", OF_THIS},
    {"prependToChain", METHOD},
    {"appendToChain", METHOD},
    {"job", PROPERTY},
    {"chained", PROPERTY},
    {"batchId", PROPERTY},
    {"dispatch", METHOD},
    {"dispatchSync", METHOD},
    {"dispatchIf", METHOD},
    {"dispatchUnless", METHOD},
    {"dispatchAfterResponse", METHOD},
    {"dispatch", FUNCTION},
    {"dispatch_sync", FUNCTION},
    {"event", FUNCTION},
    {"broadcast", FUNCTION},
    {"notify", METHOD},
    {"notifyNow", METHOD},
    {"Notification", CLASS},
    {"Event", CLASS},
    {"Bus", CLASS},
    {"Queue", CLASS},
    {"Broadcast", CLASS},
    {"Artisan", CLASS},
    {"Http", CLASS},
};

/* Methods that Laravel calls before or around handle(), or when the job is read. */
static const char *const hooks[] = {"middleware", "__wakeup", "__unserialize", "setJob"};

static size_t blanks_behind(struct str s, size_t at)
{
    while (at < s.len && isspace((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* before returns what stands before an offset, without the blanks between. */
static struct str before(struct str s, size_t at)
{
    while (at > 0 && isspace((unsigned char)s.ptr[at - 1]))
        at--;
    return str_sub(s, 0, at);
}

static bool of_this(struct str left)
{
    if (!str_ends(left, S("->")))
        return false;
    return str_ends(before(left, left.len - 2), S("$this"));
}

/* is_form: does the word that ends at `end` stand there in the given form? */
static bool is_form(struct str s, struct str word, size_t end, enum form form)
{
    struct str left = before(s, end - word.len);
    struct str right = str_skip(s, blanks_behind(s, end));
    bool called = str_starts(right, S("("));
    bool member = str_ends(left, S("->")) || str_ends(left, S("::"));
    switch (form) {
    case OF_THIS:
        return called && of_this(left);
    case PROPERTY:
        return !called && of_this(left);
    case METHOD:
        return called && member;
    case FUNCTION:
        return called && !member && !str_ends(left, S("function")) &&
               !str_ends(left, S("$")) && !str_ends(left, S("new"));
    case CLASS:
        return str_starts(right, S("::")) && !str_starts(right, S("::class"));
    }
    return false;
}

static struct str form_text(struct str word, enum form form, struct arena *perm)
{
    bool this = form == OF_THIS || form == PROPERTY;
    const char *behind = form == PROPERTY ? "" : form == CLASS ? "::" : "()";
    return str_fmt(perm, "%s%.*s%s", this ? "$this->" : "", STR_ARG(word), behind);
}

/* === reports === */

struct reading {
    struct jobs *js;
    struct job_source *out;
    struct arena *perm;
    const struct php_file *file; /* at hand */
    bool quiet;                  /* only declarations matter; nothing is reported */
    bool ok;
};

static void refuse(struct reading *r, const struct use_place *at, struct str what,
                   const char *why)
{
    r->ok = r->quiet ? false : jobs_report(r->js, at, "%.*s – %s", STR_ARG(what), why);
}

static void refuse_at(struct reading *r, size_t at, struct str what)
{
    struct str source = r->file->source;
    size_t from = at;
    while (from > 0 && source.ptr[from - 1] != '\n')
        from--;
    struct use_place place = {r->file->file, php_source_line(source, at),
                              (int)(at - from) + 1};
    refuse(r, &place, what, "facteur does not do this; the class stays with PHP");
}

static void look_for_forbidden(struct reading *r)
{
    struct str source = r->file->source;
    for (size_t i = 0; i < COUNT(forbidden); i++) {
        struct str word = str_from(forbidden[i].name);
        for (size_t from = 0;;) {
            ptrdiff_t end = php_source_word(source, word, from);
            if (end < 0)
                break;
            from = (size_t)end;
            if (!is_form(source, word, from, forbidden[i].form))
                continue;
            refuse_at(r, from - word.len, form_text(word, forbidden[i].form, r->perm));
            break;
        }
    }
}

static void look_for_hooks(struct reading *r)
{
    for (size_t i = 0; i < COUNT(hooks); i++) {
        size_t behind;
        struct str name = str_from(hooks[i]);
        if (php_source_function(r->file->source, name, &behind))
            refuse_at(r, behind - name.len, str_fmt(r->perm, "a method %s()", hooks[i]));
    }
}

/* === what is known of a class that asks for its batch === */

/* Both forms that Laravel's documentation has: the middleware, and the first lines of
 * handle(). What matches is done by facteur itself. */
#define B "[[:space:]]*"
#define CANCELLED "->" B "cancell?ed" B "\\(" B "\\)" B
static const struct idiom {
    const char *pattern;
    bool skips_cancelled, wants_batch;
} idioms[] = {
    {"function[[:space:]]+middleware" B "\\(" B "\\)" B "(:" B "array)?" B "\\{" B
     "return" B "\\[" B "\\]" B ";" B "\\}",
     false, false},
    {"function[[:space:]]+middleware" B "\\(" B "\\)" B "(:" B "array)?" B "\\{" B
     "return" B "\\[" B "new[[:space:]]+\\\\?(Illuminate\\\\Queue\\\\Middleware\\\\)?"
     "SkipIfBatchCancelled" B "(\\(" B "\\))?" B ",?" B "\\]" B ";" B "\\}",
     true, false},
    {"function[[:space:]]+handle" B "\\([^{}]*\\{" B "if" B "\\(" B
     "((\\$this->batch\\(\\)" B "&&" B "\\$this->batch\\(\\))|(\\$this->batch\\(\\)\\?)|"
     "(optional\\(\\$this->batch\\(\\)\\)))" CANCELLED "\\)" B "\\{" B "return" B ";" B
     "\\}",
     true, false},
    {"function[[:space:]]+handle" B "\\([^{}]*\\{" B "if" B "\\(" B
     "\\$this->batch\\(\\)" CANCELLED "\\)" B "\\{" B "return" B ";" B "\\}",
     true, true},
};
#undef B
#undef CANCELLED

/* blank makes what facteur does itself invisible to what looks for more. */
static void blank(struct php_file *f, size_t from, size_t to, struct arena *perm)
{
    char *text = str_z(perm, f->source);
    for (size_t i = from; i < to; i++)
        text[i] = text[i] == '\n' ? '\n' : ' ';
    f->source.ptr = text;
}

static void look_for_idioms(struct reading *r, struct php_file *f)
{
    struct job_source *s = r->out;
    for (size_t i = 0; i < COUNT(idioms); i++) {
        regex_t re;
        regmatch_t m;
        if (regcomp(&re, idioms[i].pattern, REG_EXTENDED | REG_ICASE) != 0)
            continue;
        /* A source with a NUL in it is seen to that byte, and what is behind it refused
         * or not as any other. */
        if (regexec(&re, str_z(r->perm, f->source), 1, &m, 0) == 0) {
            blank(f, (size_t)m.rm_so, (size_t)m.rm_eo, r->perm);
            s->skips_cancelled = s->skips_cancelled || idioms[i].skips_cancelled;
            s->wants_batch = s->wants_batch || idioms[i].wants_batch;
        }
        regfree(&re);
    }
}

/* === traits, parents, interfaces === */

/* The properties of Illuminate\Bus\Queueable in their order; an older Laravel has none of
 * those in the middle. */
static const char queueable_8[] =
    "connection queue chainConnection chainQueue "
    "chainCatchCallbacks delay afterCommit middleware chained";
static const char queueable_11[] = "connection queue messageGroup deduplicator delay "
                                   "afterCommit middleware chained chainConnection "
                                   "chainQueue chainCatchCallbacks";

static const struct trait {
    const char *name;
    bool batchable, interacts, queueable, serializes;
    const char *properties; /* in PHP's order, before those of Queueable */
} traits[] = {
    {"Illuminate\\Bus\\Batchable", .batchable = true, .properties = "batchId fakeBatch"},
    {"Illuminate\\Queue\\InteractsWithQueue", .interacts = true, .properties = "job"},
    {"Illuminate\\Foundation\\Queue\\Queueable", .interacts = true, .queueable = true,
     .serializes = true, .properties = "job"},
    {"Illuminate\\Bus\\Queueable", .queueable = true, .properties = ""},
    {"Illuminate\\Foundation\\Bus\\Dispatchable", .properties = ""},
    {"Illuminate\\Queue\\SerializesModels", .serializes = true, .properties = ""},
};

static void read_source(struct reading *r, struct str relative, int line);

/* path_of is where PSR-4 and Laravel's composer.json put the class. */
static char *path_of(struct arena *perm, struct str class_name)
{
    struct str rest = str_skip(class_name, sizeof("App\\") - 1);
    struct str path = str_replace(perm, rest, S("\\"), S("/"));
    return str_z(perm, str_fmt(perm, "app/%.*s.php", STR_ARG(path)));
}

static void add_properties(struct reading *r, const char *names)
{
    struct cut word = str_cut(str_from(names), ' ');
    for (; word.head.len; word = str_cut(word.tail, ' '))
        VEC_PUSH(r->perm, &r->out->order, word.head);
}

static void add_trait(struct reading *r, const struct trait *t)
{
    struct job_source *s = r->out;
    s->batchable = s->batchable || t->batchable;
    s->interacts = s->interacts || t->interacts;
    s->queueable = s->queueable || t->queueable;
    s->serializes = s->serializes || t->serializes;
    add_properties(r, t->properties);
    if (t->queueable)
        add_properties(r,
                       app_laravel_major(r->js->o.app) < 11 ? queueable_8 : queueable_11);
}

static void on_base(void *arg, struct str name, int line)
{
    struct reading *r = arg;
    for (size_t i = 0; i < COUNT(traits); i++)
        if (str_ieq(name, str_from(traits[i].name))) {
            add_trait(r, &traits[i]);
            return;
        }
    if (str_starts(name, S("App\\")) && !str_has(name, S(".."))) {
        read_source(r, str_from(path_of(r->perm, name)), line);
        return;
    }
    struct use_place at = {r->file->file, line, 0};
    refuse(r, &at, name, "what it adds to a job is not known; the class stays with PHP");
}

static void on_interface(void *arg, struct str name, int line)
{
    static const struct str space = {"Illuminate\\Contracts\\Queue\\", 27};
    struct reading *r = arg;
    struct job_source *s = r->out;
    struct str word = str_skip(name, str_starts(name, space) ? space.len : name.len);
    (void)line;
    s->odd = s->odd || !word.len;
    s->queued = s->queued || str_starts(word, S("ShouldQueue")); /* …AfterCommit is one */
    s->encrypted = s->encrypted || str_eq(word, S("ShouldBeEncrypted"));
    if (str_eq(word, S("ShouldBeUnique")) && s->unique == UNIQUE_NO)
        s->unique = UNIQUE_UNTIL_DONE;
    if (str_eq(word, S("ShouldBeUniqueUntilProcessing"))) {
        s->unique = UNIQUE_UNTIL_PROCESSING;
    }
}

/* read_source reads a file and, behind it, those of its bases. */
static void read_source(struct reading *r, struct str relative, int line)
{
    struct jobs *js = r->js;
    struct error e = {0};
    struct php_file f = {.file = str_z(r->perm, relative)};
    for (size_t i = 0; i < r->out->files.len; i++)
        if (strcmp(r->out->files.at[i].file, f.file) == 0)
            return;
    if (r->out->files.len == FILES_MAX ||
        !file_read(app_path(js->o.app, r->perm, f.file), SOURCE_MAX, r->perm, &f.source,
                   &e)) {
        struct use_place at = {r->file ? r->file->file : f.file, line, 0};
        struct str why = str_fmt(r->perm, "%s; the class stays with PHP",
                                 e.kind ? e.text : "too many files");
        refuse(r, &at, relative, str_z(r->perm, why));
        return;
    }
    f.source = php_source_clean(f.source, r->perm);
    VEC_PUSH(r->perm, &r->out->files, f);
    const struct php_file *outer = r->file;
    r->file = &f;
    if (!r->quiet) {
        f.source = php_source_code(f.source, r->perm);
        look_for_idioms(r, &f);
        look_for_forbidden(r);
        look_for_hooks(r);
    }
    php_source_interfaces(f.source, on_interface, r, r->perm);
    php_source_bases(f.source, on_base, r, r->perm);
    r->file = outer;
}

bool job_source_readable(struct app *app, struct str class_name, struct arena *perm,
                         struct error *e)
{
    return file_readable(app_path(app, perm, path_of(perm, class_name)), e);
}

bool job_source_load(struct jobs *js, const char *class_name, struct job_source *out)
{
    bool there;
    struct error e = {0};
    struct reading r = {.js = js, .out = out, .perm = &js->check, .ok = true};
    *out = (struct job_source){.file = path_of(&js->check, str_from(class_name))};
    struct use_place at = {out->file, 0, 0};
    if (!file_exists(app_path(js->o.app, &js->check, out->file), &there, &e))
        return jobs_report(js, &at, "%s", e.text);
    if (!there) {
        out->batchable = out->interacts = true; /* of a job that has a batch */
        return true;
    }
    read_source(&r, str_from(out->file), 0);
    return r.ok;
}

bool job_source_look(struct jobs *js, struct str class_name, struct arena *perm,
                     struct job_source *out)
{
    struct reading r = {.js = js, .out = out, .perm = perm, .quiet = true, .ok = true};
    *out = (struct job_source){.file = path_of(perm, class_name)};
    read_source(&r, str_from(out->file), 0);
    return r.ok && !out->odd;
}

/* === properties and methods === */

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

/* === when it changes === */

void source_stamp(struct jobs *js, const char *file, struct arena tmp, uint64_t *stamp)
{
    struct stat st;
    if (stat(app_path(js->o.app, &tmp, file), &st) != 0)
        st = (struct stat){.st_size = -errno}; /* absent and unreadable are two states */
    struct str bytes = str_fmt(
        &tmp, "%llx %lld %lld.%ld %lld", (unsigned long long)*stamp, (long long)st.st_ino,
        (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size);
    *stamp = str_hash(bytes);
}

void job_source_stamp(struct jobs *js, struct str class_name, uint64_t *stamp)
{
    struct arena tmp = js->tmp;
    source_stamp(js, path_of(&tmp, class_name), tmp, stamp);
}
