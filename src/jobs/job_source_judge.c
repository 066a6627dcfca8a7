/* job_source_judge.c: what a job class may not do.
 *
 * facteur does what the class is known to do. A class that does more – middleware, jobs
 * and events that it dispatches, a method that takes the job back – stays with PHP: done
 * without that it would only seem to be done.
 */
#include <ctype.h>
#include <regex.h>

#include "jobs/job_source_imp.h"

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
static const char *const hooks[] = {"middleware", "__wakeup", "__unserialize",
                                    "__destruct", "setJob"};

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

void source_refuse(struct reading *r, const struct use_place *at, struct str what,
                   const char *why)
{
    r->ok =
        r->quiet ? false : jobs_report(&r->js->o, at, "%.*s – %s", STR_ARG(what), why);
}

static void refuse_at(struct reading *r, size_t at, struct str what)
{
    struct str source = r->file->source;
    size_t from = at;
    while (from > 0 && source.ptr[from - 1] != '\n')
        from--;
    struct use_place place = {r->file->file, php_source_line(source, at),
                              (int)(at - from) + 1};
    source_refuse(r, &place, what, "facteur does not do this; the class stays with PHP");
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

void source_judge(struct reading *r, struct php_file *f)
{
    look_for_idioms(r, f);
    look_for_forbidden(r);
    look_for_hooks(r);
}
