/* boot_search.c: the source of a package's provider is not run; it is searched for calls
 * that can change a letter, its mail, its queue or its views. */
#include "app/app_imp.h"

struct search {
    struct boot *b;
    const char *file;
    struct str source;
};

/* Calls of a facade, by its short name. */
static const struct {
    const char *class_name, *methods;
} statics[] = {
    {"Mail", "alwaysTo alwaysFrom alwaysReplyTo alwaysReturnPath extend"},
    {"View", "composer composers creator share addLocation prependLocation"},
    {"Blade", "precompiler extend prepareStringsForCompilationUsing setEchoFormat "
              "withoutDoubleEncoding stringable"},
    {"Queue", "before after looping failing exceptionOccurred createPayloadUsing"},
    {"Bus", "pipeThrough map"},
    {"Carbon", "setLocale setTestNow"},
    {"Date", "use setTestNow"},
    {"DB", "listen beforeExecuting"},
    {"Log", "listen"},
};

/* Methods that are nobody else's. */
static const char methods[] = "alwaysTo alwaysFrom alwaysReplyTo alwaysReturnPath "
                              "createPayloadUsing looping popUsing precompiler "
                              "setEchoFormat addGlobalScope";

/* Of these, what hears of jobs and changes nothing else. */
static const char job_methods[] = "createPayloadUsing looping";

/* What a package listens to. */
static const char *const spaces[] = {"Illuminate\\Mail\\Events\\",
                                     "Illuminate\\Queue\\Events\\",
                                     "Illuminate\\Database\\Events\\QueryExecuted",
                                     "Illuminate\\Log\\Events\\MessageLogged", NULL};
/* Of these what happens where no letter is. */
static const char elsewhere[] = "JobQueued JobQueueing QueueBusy JobRetryRequested "
                                "WorkerStarting WorkerStopping QueuePaused QueueResumed";

static const char binds[] = "bind bindIf singleton singletonIf scoped scopedIf instance "
                            "extend";

static struct str last_of(struct str name)
{
    for (struct cut c = str_cut(name, '\\'); c.ok; c = str_cut(name, '\\'))
        name = c.tail;
    return name;
}

static void hit(struct search *s, size_t at, struct str what, struct str touches)
{
    struct php_place place = {s->file, code_line(s->source, at), 0};
    boot_note(
        s->b, place, touches,
        "%.*s, in a package – what it does to letters is not known: they are left to "
        "PHP",
        STR_ARG(what));
}

/* first_text is the string that an argument list begins with; empty: none. */
static struct str first_text(struct str s, size_t open)
{
    size_t at = code_skip_blank(s, open + 1);
    if (at >= s.len || (s.ptr[at] != '\'' && s.ptr[at] != '"'))
        return S("");
    size_t end = code_skip_string(s, at);
    return str_sub(s, at + 1, end - at - 2);
}

/* first_class is the class whose name it begins with. */
static struct str first_class(struct str s, size_t open)
{
    size_t at = code_skip_blank(s, open + 1), end = code_skip_word(s, at);
    if (end == at || !str_starts(str_skip(s, end), S("::class")))
        return S("");
    return code_class(s, str_sub(s, at, end - at));
}

/* on_view: does the call stand behind view(), $app['view'] and the like? */
static bool on_view(struct str s, size_t from)
{
    static const struct str of[] = {
        {"view()->", 8}, {"['view']->", 10}, {"make('view')->", 14}, {"$view->", 7}};
    for (size_t i = 0; i < COUNT(of); i++)
        if (code_behind(s, from, of[i]))
            return true;
    return false;
}

static void on_method(struct search *s, size_t from, size_t end, size_t open)
{
    struct arena *perm = &s->b->app->perm;
    struct str name = str_sub(s->source, from, end - from);
    struct str text = first_text(s->source, open);
    struct str called = str_fmt(perm, "->%.*s()", STR_ARG(name));
    if (boot_any_of(name, methods))
        hit(s, from, called, boot_any_of(name, job_methods) ? S(APP_BOOT_JOBS) : S(""));
    else if (boot_any_of(name, "composer creator share") && on_view(s->source, from) &&
             !str_has(text, S("::")))
        hit(s, from, called, S(""));
    else if (boot_any_of(name, "directive if") && text.len)
        hit(s, from, str_fmt(perm, "@%.*s is made", STR_ARG(text)),
            str_fmt(perm, "@%.*s", STR_ARG(text)));
    else if (boot_any_of(name, "listen") &&
             (str_has(text, S("*")) || str_starts(text, S("eloquent."))))
        hit(s, from, called, S(""));
    if (!text.len)
        text = first_class(s->source, open);
    if (boot_any_of(name, binds) && text.len && !boot_is_abstract_free(text))
        hit(s, from, str_fmt(perm, "->%.*s(%.*s)", STR_ARG(name), STR_ARG(text)), S(""));
}

/* is_ever: is it a method of any class that is looked at? */
static bool is_ever(struct str method)
{
    bool ever = boot_any_of(method, "directive if listen");
    for (size_t i = 0; !ever && i < COUNT(statics); i++)
        ever = boot_any_of(method, statics[i].methods);
    return ever;
}

static void on_static(struct search *s, size_t from, size_t end, size_t colons)
{
    struct arena *perm = &s->b->app->perm;
    struct str class_name = str_sub(s->source, from, end - from);
    size_t name = code_skip_blank(s->source, colons + 2),
           stop = code_skip_word(s->source, name);
    size_t open = code_skip_blank(s->source, stop);
    struct str method = str_sub(s->source, name, stop - name);
    if (open >= s->source.len || s->source.ptr[open] != '(' || !is_ever(method))
        return;
    struct str full = code_class(s->source, class_name),
               text = first_text(s->source, open);
    struct str called =
        str_fmt(perm, "%.*s::%.*s()", STR_ARG(last_of(full)), STR_ARG(method));
    for (size_t i = 0; i < COUNT(statics); i++)
        if (str_ieq(last_of(full), str_from(statics[i].class_name)) &&
            boot_any_of(method, statics[i].methods) && !str_has(text, S("::")))
            hit(s, from, called,
                str_eq(str_from(statics[i].class_name), S("Queue")) ? S(APP_BOOT_JOBS)
                                                                    : S(""));
    if (str_ieq(last_of(full), S("Blade")) && boot_any_of(method, "directive if"))
        hit(s, from, called, text.len ? str_fmt(perm, "@%.*s", STR_ARG(text)) : S(""));
    if (str_ieq(last_of(full), S("Event")) && str_ieq(method, S("listen")) &&
        str_has(text, S("*")))
        hit(s, from, called, S(""));
}

/* on_name meets the full name of a class, in an import or elsewhere. */
static void on_name(struct search *s, size_t from, struct str full)
{
    full = str_skip(full, str_starts(full, S("\\")));
    for (size_t i = 0; spaces[i]; i++)
        if (str_starts(full, str_from(spaces[i])) &&
            !boot_any_of(last_of(full), elsewhere))
            hit(s, from, str_fmt(&s->b->app->perm, "knows %.*s", STR_ARG(full)),
                str_starts(full, S("Illuminate\\Queue\\Events\\")) ? S(APP_BOOT_JOBS)
                                                                   : S(""));
}

static size_t on_word(struct search *s, size_t from)
{
    size_t end = code_skip_word(s->source, from), next = code_skip_blank(s->source, end);
    struct str word = str_sub(s->source, from, end - from),
               rest = str_skip(s->source, next);
    bool member = code_behind(s->source, from, S("->"));
    if (member && str_starts(rest, S("(")))
        on_method(s, from, end, next);
    else if (!member && str_starts(rest, S("::")))
        on_static(s, from, end, next);
    else if (str_eq(word, S("date_default_timezone_set")) && str_starts(rest, S("(")))
        hit(s, from, word, S(""));
    if (str_has(word, S("\\")))
        on_name(s, from, word);
    return end;
}

/* on_string meets a setting that is written: 'mail.default' => …, set('mail.default', …).
 */
static size_t on_string(struct search *s, size_t from)
{
    size_t end = code_skip_string(s->source, from),
           next = code_skip_blank(s->source, end);
    struct str text = str_sub(s->source, from + 1, end - from - 2),
               rest = str_skip(s->source, next);
    bool dotted =
        str_has(text, S(".")) && !str_has(text, S("/")) && !str_has(text, S(" "));
    bool set = str_starts(rest, S("=>")) || code_behind(s->source, from, S("set("));
    if (dotted && set && !app_boot_setting_free(text))
        hit(s, from, str_fmt(&s->b->app->perm, "sets %.*s", STR_ARG(text)), S(""));
    return end;
}

void boot_search(struct boot *b, const char *file, struct str source)
{
    struct search s = {b, file, source};
    for (size_t at = 0; at < source.len;) {
        at = code_skip_blank(source, at);
        if (at >= source.len)
            break;
        char c = source.ptr[at];
        if (c == '\'' || c == '"')
            at = on_string(&s, at);
        else if (code_word_char(c) || c == '\\')
            at = on_word(&s, at);
        else if (c == '$')
            at = code_skip_word(source, at + 1);
        else
            at++;
    }
}
