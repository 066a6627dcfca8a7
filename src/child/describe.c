/* describe.c: what the booted app says of itself, and what of it keeps letters in PHP.
 *
 * describe.php tells what is not as the framework makes it. Each kind of row is judged by
 * a table: what is not known to leave letters alone sends them to PHP.
 */
#include "child/child_imp.h"

enum { ASK_MS = 30000, ASK_MAX = 64 << 10 };

/* === events === */

enum verdict {
    LETTERS_TO_PHP,
    HEARS_OF_JOBS, /* to PHP, unless the operator does without */
    NO_MATTER,
};

/* Events that fire while PHP handles a letter. A name that ends with "\", "." or " "
 * stands for all that begin so. What is not named here no letter fires. */
static const struct event {
    const char *name;
    enum verdict verdict;
} events[] = {
    {"Illuminate\\Mail\\Events\\", LETTERS_TO_PHP},
    {"Illuminate\\Queue\\Events\\JobProcessing", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobProcessed", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobAttempted", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobFailed", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobExceptionOccurred", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobReleasedAfterException", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobTimedOut", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobPopping", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\JobPopped", HEARS_OF_JOBS},
    {"Illuminate\\Queue\\Events\\Looping", HEARS_OF_JOBS},
    {"Illuminate\\Log\\Events\\", LETTERS_TO_PHP},
    {"Illuminate\\Foundation\\Events\\LocaleUpdated", LETTERS_TO_PHP},
    {"eloquent.", LETTERS_TO_PHP},
    {"composing: ", LETTERS_TO_PHP},
    {"creating: ", LETTERS_TO_PHP},
};

/* Of a model: a letter deletes none, and none comes back. */
static const char *const never[] = {
    "eloquent.deleting:",     "eloquent.deleted:",     "eloquent.forceDeleting:",
    "eloquent.forceDeleted:", "eloquent.trashed:",     "eloquent.restoring:",
    "eloquent.restored:",     "eloquent.replicating:",
};

/* meets: does a listener of `name`, which may be a pattern, hear an event of the row? */
static bool meets(const struct event *event, struct str name)
{
    struct cut star = str_cut(name, '*');
    struct str row = str_from(event->name);
    char last = row.ptr[row.len - 1];
    bool all = last == '\\' || last == '.' || last == ' ';
    if (star.ok && str_starts(row, star.head))
        return true;
    return all ? str_starts(name, row) : str_eq(name, row);
}

static enum verdict verdict_of_event(struct str name)
{
    enum verdict worst = NO_MATTER;
    bool of_view =
        str_starts(name, S("composing: ")) || str_starts(name, S("creating: "));
    if (of_view && str_has(name, S("::"))) /* a package's view, which no letter is */
        return NO_MATTER;
    for (size_t i = 0; i < COUNT(never); i++)
        if (str_starts(name, str_from(never[i])))
            return NO_MATTER;
    for (size_t i = 0; i < COUNT(events); i++)
        if (meets(&events[i], name) && events[i].verdict < worst)
            worst = events[i].verdict;
    return worst;
}

/* === rows === */

/* What a row's name is told with. The verdict on listeners is their event's. */
static const struct kind {
    const char *name, *text;
    enum verdict verdict;
} kinds[] = {
    {"listener", "a listener of ", NO_MATTER},
    {"payload", "a callback of ", HEARS_OF_JOBS},
    {"handler", "the exception handler's ", HEARS_OF_JOBS},
    {"always", "", LETTERS_TO_PHP},
    {"transport", "a mail transport of the app's for ", LETTERS_TO_PHP},
    {"data", "", LETTERS_TO_PHP},
    {"service", "another class, or an extension, of the service ", LETTERS_TO_PHP},
    {"shared", "View::share of ", LETTERS_TO_PHP},
    {"engine", "another view engine for ", LETTERS_TO_PHP},
    {"directive", "the Blade directive @", LETTERS_TO_PHP},
    {"component", "the Blade component x-", LETTERS_TO_PHP},
    {"compiler", "a change of Blade's ", LETTERS_TO_PHP},
    {"path", "another folder for ", LETTERS_TO_PHP},
    {"zone", "another time zone, ", LETTERS_TO_PHP},
    {"clock", "", LETTERS_TO_PHP},
    {"bus", "", LETTERS_TO_PHP},
    {"scope", "the global scope ", LETTERS_TO_PHP},
    {"dispatches", "$dispatchesEvents of ", LETTERS_TO_PHP},
    {"builder", "the query builder ", LETTERS_TO_PHP},
    {"unasked", "an error, which hides its ", LETTERS_TO_PHP},
};

struct description {
    struct child *c;
    const struct child_asks *asks;
    struct arena *tmp;
};

static struct str text_of(struct php_value row, const char *name)
{
    const struct php_value *v = php_array_named(row.a, name);
    return v && v->type == PHP_STRING ? v->s : S("");
}

static const struct kind *kind_of(struct str name)
{
    static const struct kind other = {"", "something new: ", LETTERS_TO_PHP};
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(name, str_from(kinds[i].name)))
            return &kinds[i];
    return &other;
}

static struct php_place place_of(struct description *d, struct php_value row)
{
    const struct php_value *line = php_array_named(row.a, "line");
    struct str file = text_of(row, "file");
    int64_t n = line && line->type == PHP_INT ? line->i : 0;
    if (!file.len)
        return (struct php_place){.file = "the booted app"};
    return (struct php_place){str_z(d->tmp, file), (int)n, n ? 1 : 0};
}

static void judge_row(struct description *d, struct php_value row)
{
    struct child *c = d->c;
    struct str name = text_of(row, "name"), by = text_of(row, "by");
    const struct kind *kind = kind_of(text_of(row, "kind"));
    bool hears = kind == &kinds[0];
    enum verdict verdict = hears ? verdict_of_event(name) : kind->verdict;
    struct str who = by.len ? str_fmt(d->tmp, " (%.*s)", STR_ARG(by)) : S("");
    struct str what =
        str_fmt(d->tmp, "%s%.*s%.*s", kind->text, STR_ARG(name), STR_ARG(who));
    if (verdict == NO_MATTER)
        return;
    if (verdict == HEARS_OF_JOBS && d->asks->events_ignored) {
        c->o.warn(c->o.arg,
                  str_fmt(d->tmp, "%.*s is not told of letters that facteur runs",
                          STR_ARG(what)));
        return;
    }
    app_boot_add(c->o.app, place_of(d, row), text_of(row, "model"),
                 str_fmt(d->tmp,
                         "%.*s is in force in the booted app – letters are left "
                         "to PHP",
                         STR_ARG(what)));
}

/* === asking === */

static void add_names(struct buf *b, struct description *d)
{
    const struct job_class *const *class;
    const char *model, *comma = "";
    buf_fmt(b, ",\"jobs\":[");
    for (class = d->asks->classes; *class; class ++, comma = ",") {
        buf_fmt(b, "%s", comma);
        buf_json(b, str_from((*class)->queue.name), 0);
    }
    buf_fmt(b, "],\"models\":[");
    comma = "";
    for (class = d->asks->classes; *class; class ++)
        for (size_t i = 0; (*class)->model && (model = (*class)->model(i, d->tmp)); i++) {
            buf_fmt(b, "%s", comma);
            buf_json(b, str_from(model), 0);
            comma = ",";
        }
    buf_byte(b, ']');
}

static bool ask(struct description *d, const struct waiting *w, struct str key)
{
    struct child *c = d->c;
    struct buf b = buf_new(d->tmp, ASK_MAX);
    struct str script;
    buf_fmt(&b, "{\"t\":\"describe\",\"key\":\"%.*s\",\"settings\":[", STR_ARG(key));
    settings_names(&b);
    buf_fmt(&b, "],\"storage\":");
    buf_json(&b, str_from(app_storage(c->o.app, d->tmp, "")), JSON_PLAIN_SLASHES);
    add_names(&b, d);
    return asset_lookup(S("src/child/describe.php"), &script) &&
           child_say(c, w, &b, script);
}

static bool judge(struct description *d, const struct frame *f, struct str key,
                  struct error *e)
{
    struct php_value rows = frame_field(f, "rows");
    if (!settings_compare(d->c, frame_field(f, "settings"), key, e))
        return false;
    for (size_t i = 0; rows.type == PHP_ARRAY && i < rows.a->len; i++)
        if (rows.a->at[i].value.type == PHP_ARRAY)
            judge_row(d, rows.a->at[i].value);
    return true;
}

bool child_describe(struct child *c, const struct child_asks *asks, struct error *e)
{
    struct waiting boots = {.tick = asks->tick, .arg = asks->arg};
    struct description d = {c, asks, &c->talk};
    struct str key;
    struct frame f = {0};
    bool ok = settings_key(&c->talk, &key, e) && child_ready(c, &boots, e);
    if (ok) {
        struct waiting w = {clock_mono_ms() + ASK_MS, asks->tick, asks->arg};
        (void)!ask(&d, &w, key); /* who does not read ends */
        enum heard h = child_hear(c, &w, &f, e);
        bool told = h == HEARD_FRAME && str_eq(frame_text(&f, "t"), S("described"));
        ok = told ? judge(&d, &f, key, e)
                  : child_silent(c, h, &f, "say what the booted app is", e);
    }
    arena_reset(&c->talk);
    return ok;
}
