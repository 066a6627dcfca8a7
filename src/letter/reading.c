/* reading.c: does the class that sends the letters do what facteur does?
 *
 * Its handle() and failed() are run, once for each way that they can go, with symbols in
 * the place of what only a letter's data tell, and with the app's class of the mail. A
 * branch that depends on such data, or a call that is not known, is a finding. What is
 * done is written down as lines; where they are not those that facteur's own way would
 * give, the first that differs is one. */
#include <stdio.h>

#include "letter/reading_imp.h"

enum { SOURCE_MAX = 4 << 20 };

/* === classes === */

/* read_class reads the file of a class of the app, whose change is noticed from then on.
 */
static bool read_class(struct reading *r, struct str name, const char **file,
                       struct str *source)
{
    struct error ignored = {0};
    bool there = false;
    if (!str_starts(name, S("App\\")) || str_has(name, S("..")))
        return false;
    *file = job_source_path(r->perm, name);
    char *path = app_path(r->ls->o->app, r->perm, *file);
    if (!str_ieq(name, S(LETTER_CLASS))) /* whoever reads any class looks at that */
        VEC_PUSH(r->ls->home->check, &r->ls->read, *file);
    return file_exists(path, &there, &ignored) && there &&
           file_read(path, SOURCE_MAX, r->perm, source, &ignored);
}

/* of_constant lends the file of a class whose constant, or case, is asked for. */
static bool of_constant(const struct php_host *host, struct str name, struct arena *perm,
                        const char **file, struct str *source)
{
    char *inside = (char *)(uintptr_t)host;
    struct reading *r = (struct reading *)(inside - offsetof(struct reading, host));
    (void)perm;
    return read_class(r, name, file, source);
}

static const struct php_declared *find(void *arg, struct str name)
{
    struct reading *r = arg;
    struct str source;
    struct error ignored = {0};
    const char *file;
    const struct php_declared *c = map_lookup(&r->classes, name);
    if (c || model_is_ours(name))
        return c;
    if (read_class(r, name, &file, &source))
        c = php_declare(source, file, r->perm, &ignored);
    if (c && php_declared_beside(c)) {
        struct use_place at = {file, php_declared_beside(c), 0};
        jobs_report(r->ls->o, &at,
                    "what stands beside the class – facteur does not do "
                    "this; the class stays with PHP");
        r->beside = true;
    }
    if (c)
        map_put(r->perm, &r->classes, str_copy(r->perm, name), (void *)c);
    return c;
}

/* === one way === */

static struct php_value present(struct reading *r, const char *class_name,
                                const char *text)
{
    return php_symbol(r->perm, str_from(class_name), str_from(text), true);
}

static void put(struct reading *r, struct php_value o, const char *name,
                struct php_value v)
{
    php_array_put(r->perm, o.o->props, php_key_from(str_from(name)), v);
}

/* start makes what the class finds on this way: what is missing is null. */
static void start(struct reading *r, enum miss miss, enum fault fault, bool files)
{
    struct php_value user = present(r, "App\\Models\\User", "user");
    r->miss = miss;
    r->fault = fault;
    r->others_there = files;
    r->lines.len = r->written.len = 0;
    r->row = php_null();
    r->club = present(r, "App\\Models\\Club", "club");
    r->teacher = present(r, "App\\Models\\Teacher", "teacher");
    put(r, user, "email",
        miss == MISS_EMAIL   ? php_null()
        : miss == MISS_EMPTY ? php_string(S(""))
                             : present(r, "", "user.email"));
    put(r, r->teacher, "user", miss == MISS_USER ? php_null() : user);
}

static struct php_value command(struct reading *r, const struct php_declared *c)
{
    static const char *const ids[] = {"clubId", "teacherId", "sentByUserId"};
    struct php_value v = php_new(&r->runner, c, NULL, r->perm);
    for (size_t i = 0; i < COUNT(ids); i++) {
        char text[32];
        snprintf(text, sizeof(text), "this.%s", ids[i]);
        put(r, v, ids[i], present(r, "", text));
    }
    return v;
}

static bool say(struct reading *r, const struct error *e)
{
    struct use_place at = {*e->file ? e->file : r->source->file, e->line, e->col};
    return jobs_report(r->ls->o, &at, "%s; the class stays with PHP", e->text);
}

/* close_way: what only shows at the end. */
static void close_way(struct reading *r, struct php_place at, struct php_value thrown)
{
    if (r->row.type != PHP_NULL)
        reading_line(r, r->row_changed, "row is %.*s",
                     STR_ARG(reading_text(r, php_from_array(r->row.o->props))));
    for (size_t i = 0; i < r->written.len; i++)
        if (r->written.at[i].there)
            reading_line(r, at, "a file is left");
    if (thrown.type == PHP_OBJECT)
        reading_line(r, at, "thrown %.*s", STR_ARG(reading_text(r, thrown)));
}

/* same: whoever reads the finding sees both. */
static bool same(struct reading *r, struct php_place end, const char *const *expected,
                 const char *way)
{
    const struct reading_line none = {S("nothing"), end};
    size_t i = 0;
    for (; i < r->lines.len && expected[i]; i++)
        if (!str_eq(r->lines.at[i].text, str_from(expected[i])))
            break;
    if (i == r->lines.len && !expected[i])
        return true;
    const struct reading_line *l = i < r->lines.len ? &r->lines.at[i] : &none;
    struct use_place at = {l->place.file, l->place.line, l->place.col};
    return jobs_report(r->ls->o, &at,
                       "%s, the class does \"%.*s\" where facteur does \"%s\"; the class "
                       "stays with PHP",
                       way, STR_ARG(l->text), expected[i] ? expected[i] : "nothing");
}

/* way runs a method and compares. */
static bool way(struct reading *r, const struct php_declared *c, const char *method,
                const char *name, const char *const *expected)
{
    struct php_value error = present(r, "Exception", "error");
    struct error e = {0};
    struct php_invocation i = {.object = command(r, c), .method = str_from(method)};
    if (strcmp(method, "failed") == 0) {
        i.args = &error;
        i.len = 1;
    }
    if (!php_method(&r->runner, &i, r->perm, &e) && i.thrown.type != PHP_OBJECT)
        return say(r, &e);
    struct php_place end = {php_declared_file(c), php_declared_line(c), 1};
    php_declared_method(c, str_from(method), &end.line);
    close_way(r, end, i.thrown);
    return same(r, end, expected, name);
}

/* === what facteur does === */

#define PREFIX "SendVolunteerLetterJob - "
#define ROW                                                                              \
    "club_id => {club.id}, teacher_id => {teacher.id}, sent_by_user_id => "              \
    "{this.sentByUserId}, recipient_email => {user.email}, status => "
#define SUBJECT "Note d'Information au Volontaire - {club.name}"
#define PENDING "row [" ROW "pending]"
#define PDF "pdf pdf.volunteer-letter [club => {club}, teacher => {teacher}] a4 portrait"
#define FAILED "row is [" ROW "failed, error_message => {message}]"
#define STEP(what, more)                                                                 \
    "log error " PREFIX what " [teacher_id => {this.teacherId}, " more                   \
    "error => {message}, trace => {trace}]"
#define ERROR_LINE                                                                       \
    "log error " PREFIX "Erreur [teacher_id => {this.teacherId}, error => {message}]"

static const char *const goes_out[] = {
    PENDING,
    PDF,
    "mail to {user.email}",
    "mail subject " AS_SAID,
    "mail view emails.volunteer-letter",
    "mail with [clubName => {club.name}, teacherName => {user.name}]",
    "mail attachments {the pdf} as Note_Information_Volontaire.pdf, application/pdf",
    "log info " PREFIX "Lettre envoyée avec succès [teacher => {user.name}, email => "
    "{user.email}]",
    "row is [" ROW "sent, sent_at => {now}]",
    NULL};
static const char *const is_missing[] = {
    "log error " PREFIX "Données manquantes [club_id => {this.clubId}, teacher_id => "
    "{this.teacherId}]",
    NULL};
static const char *const pdf_fails[] = {
    PENDING, STEP("Erreur génération PDF", ""), ERROR_LINE, FAILED, "thrown {error}",
    NULL};
static const char *const mail_fails[] = {
    PENDING,    PDF,    STEP("Erreur envoi email", "email => {user.email}, "),
    ERROR_LINE, FAILED, "thrown {error}",
    NULL};

/* failed_ends: what failed() does; its text holds the class's own number of tries. */
static bool failed_ends(struct reading *r, const struct php_declared *c)
{
    struct php_value v = command(r, c);
    const struct php_value *tries = php_array_named(v.o->props, "tries");
    struct str n = tries ? reading_text(r, *tries) : S("no");
    char last[256];
    snprintf(last, sizeof(last),
             "last [status => failed, error_message => Échec après %.*s tentatives: "
             "{message}]",
             STR_ARG(n));
    const char *const expected[] = {
        last,
        "log error " PREFIX "Échec définitif après tous les essais [club_id => "
        "{this.clubId}, teacher_id => {this.teacherId}, error => {message}]",
        NULL};
    r->ls->own_tries = tries && tries->type == PHP_INT ? tries->i : 0;
    start(r, MISS_NOTHING, FAULT_NONE, true);
    return way(r, c, "failed", "when it has failed for good", expected);
}

static bool all_ways(struct reading *r, const struct php_declared *c)
{
    static const struct {
        enum miss miss;
        enum fault fault;
        const char *name;
        const char *const *expected;
    } ways[] = {
        {MISS_NOTHING, FAULT_NONE, "for a letter", goes_out},
        {MISS_CLUB, FAULT_NONE, "where the club is missing", is_missing},
        {MISS_TEACHER, FAULT_NONE, "where the teacher is missing", is_missing},
        {MISS_USER, FAULT_NONE, "where the user is missing", is_missing},
        {MISS_EMAIL, FAULT_NONE, "where there is no address", is_missing},
        {MISS_EMPTY, FAULT_NONE, "where the address is empty", is_missing},
        {MISS_NOTHING, FAULT_VIEW, "when the view fails", pdf_fails},
        {MISS_NOTHING, FAULT_PDF, "when the PDF fails", pdf_fails},
        {MISS_NOTHING, FAULT_MAIL, "when the mail fails", mail_fails},
    };
    /* Each with and without the files and folders that it asks for. */
    for (size_t i = 0; i < 2 * COUNT(ways); i++) {
        size_t k = i / 2;
        start(r, ways[k].miss, ways[k].fault, i % 2);
        if (!way(r, c, "handle", ways[k].name, ways[k].expected))
            return false; /* the other ways would tell of the same */
    }
    return failed_ends(r, c);
}

/* is_gone: in a real app, a class without a file cannot be run by PHP either. */
static bool is_gone(struct letters *ls, const struct job_source *source)
{
    struct error ignored = {0};
    bool vendor = false;
    struct use_place at = {source->file, 0, 0};
    if (!file_exists(app_path(ls->o->app, ls->home->check, "vendor/autoload.php"),
                     &vendor, &ignored) ||
        !vendor)
        return false;
    jobs_report(ls->o, &at,
                "there is no class " LETTER_CLASS
                " in this file: what PHP does then facteur does not");
    return true;
}

bool reading_check(struct letters *ls, const struct job_source *source)
{
    struct reading r = {.ls = ls, .source = source, .perm = ls->home->check};
    r.host = *app_host(ls->o->app);
    r.host.class_source = of_constant;
    r.runner = (struct php_runner){
        .host = &r.host, .exact = true, .judge = reading_judge, .find = find, .arg = &r};
    ls->own_tries = 3;
    memset(ls->plan, 0, sizeof(ls->plan));
    ls->plan_said = S("");
    ls->plan[PLAN_SUBJECT].v = /* that of a class without a file */
        php_symbol_of(r.perm, S(SUBJECT), true);
    ls->mail_gives = (struct map){0};
    if (source->files.len == 0)
        return !is_gone(ls, source);
    const struct php_declared *c = find(&r, S(LETTER_CLASS));
    struct use_place at = {source->file, 0, 0};
    return c ? all_ways(&r, c) && !r.beside
             : jobs_report(ls->o, &at, "the class cannot be read; it stays with PHP");
}
