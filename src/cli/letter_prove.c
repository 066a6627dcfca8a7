/* letter_prove.c: letter:prove: are facteur's letters PHP's? Both make the same ones, and
 * none is sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/cli_imp.h"
#include "facteur/child.h"
#include "facteur/jobs.h"
#include "facteur/letter.h"
#include "facteur/proof.h"

/* Exit codes beside 0, equal: what a deploy script asks for. */
enum { DIFFERENT = 1, COULD_NOT = 3 };

static const struct argument_row arguments[] = {
    {"letters", false, true,
     "The ids of club and teacher, of each letter [default: the newest]"},
    {NULL, false, false, NULL},
};

static const struct option_row options[] = {
    {"record", OPTION_VALUE, NULL,
     "Write what was found equal to this file as well, for the same app elsewhere"},
    {"masks", OPTION_FLAG, NULL, "Print what is not compared, and end"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct proving {
    struct letter_tools t;
    struct child_options php;
    struct proof_result result;
    struct str of;  /* whom the letter is for, as it is told */
    struct str why; /* REFUSED, FAILED: what PHP said */
    uint64_t path;  /* of facteur's letter */
    struct proof_record record;
    struct error unrecorded; /* why there is none */
};

enum verdict {
    EQUAL,
    DIFFERS,
    RANDOM,  /* PHP makes another letter each time */
    REFUSED, /* PHP does what cannot be kept in the house */
    FAILED,  /* PHP's job failed */
};

/* === PHP's letter === */

static void warn(void *arg, struct str text)
{
    struct proving *p = arg;
    if (p->t.in)
        print_info(p->t.in, "WARN", text);
}

static bool open_php(struct proving *p, struct error *e)
{
    struct queue_settings queue;
    p->php = (struct child_options){.warn = warn, .arg = p};
    return queue_settings_load(p->t.app, S(""), &p->t.perm, &queue, e) &&
           php_like_worker(p->t.app, &queue, &p->t.perm, &p->php, e);
}

/* === the record === */

/* name_php tells one PHP from another: what a newer one is, its file shows. */
static struct str name_php(const char *program, struct arena *perm)
{
    struct stat st;
    if (stat(program, &st) != 0)
        return str_from(program);
    return str_fmt(perm, "%s %lld %lld", program, (long long)st.st_size,
                   (long long)st.st_mtime);
}

/* begin_record notes of what state the app is; without it nothing is recorded. */
static bool begin_record(struct proving *p, struct error *e)
{
    p->record = (struct proof_record){.at = clock_unix()};
    if (p->php.php)
        p->record.php = name_php(p->php.php, &p->t.perm);
    return proof_stamp(p->t.app, p->t.tmp, p->record.stamp, e);
}

/* recall reads what was found equal of this app, by this PHP; where there is no PHP, by
 * any. */
static bool recall(struct proving *p, struct proof_record *out)
{
    return p->record.stamp[0] && proof_record_read(p->t.app, &p->t.perm, out) &&
           (!p->record.php.len || str_eq(out->php, p->record.php)) &&
           strcmp(out->stamp, p->record.stamp) == 0;
}

/* merge keeps what is recorded of paths that this run did not meet, or met less often. */
static void merge(struct proving *p)
{
    struct proof_record old;
    if (!recall(p, &old))
        return;
    for (size_t i = 0; i < old.len; i++)
        proof_record_raise(&p->record, old.ways[i].path, old.ways[i].letters);
}

static struct str text_of(struct php_value list, size_t i, const char *name)
{
    struct php_value row = list.a->at[i].value;
    const struct php_value *v =
        row.type == PHP_ARRAY ? php_array_named(row.a, name) : NULL;
    return v && v->type == PHP_STRING ? v->s : S("");
}

/* bytes_of cuts the next part off what came behind the answer. */
static struct str bytes_of(struct php_value list, size_t i, struct str *rest)
{
    struct php_value row = list.a->at[i].value;
    const struct php_value *v =
        row.type == PHP_ARRAY ? php_array_named(row.a, "bytes") : NULL;
    size_t len = v && v->type == PHP_INT && v->i > 0 ? (size_t)v->i : 0;
    struct str part = str_sub(*rest, 0, len);
    *rest = str_skip(*rest, len);
    return part;
}

static void read_recipients(struct php_value list, size_t i, struct arena *perm,
                            struct proof_mail *m)
{
    struct php_value row = list.a->at[i].value;
    const struct php_value *to =
        row.type == PHP_ARRAY ? php_array_named(row.a, "to") : NULL;
    if (!to || to->type != PHP_ARRAY)
        return;
    struct str *all = NEW(perm, struct str, to->a->len + 1);
    for (size_t j = 0; j < to->a->len; j++)
        if (to->a->at[j].value.type == PHP_STRING)
            all[m->to_len++] = to->a->at[j].value.s;
    m->to = all;
}

static struct proof_letter letter_of_php(const struct child_letter *from,
                                         struct arena *perm)
{
    struct str rest = from->bytes;
    struct proof_letter out = {.rows = from->rows, .lines = from->lines};
    size_t mails = from->mails.type == PHP_ARRAY ? from->mails.a->len : 0;
    size_t views = from->views.type == PHP_ARRAY ? from->views.a->len : 0;
    struct proof_mail *m = NEW(perm, struct proof_mail, mails + 1);
    struct proof_view *v = NEW(perm, struct proof_view, views + 1);
    for (size_t i = 0; i < mails; i++) {
        m[i].from = text_of(from->mails, i, "from");
        m[i].bytes = bytes_of(from->mails, i, &rest);
        read_recipients(from->mails, i, perm, &m[i]);
    }
    for (size_t i = 0; i < views; i++) {
        v[i].name = text_of(from->views, i, "path");
        v[i].html = bytes_of(from->views, i, &rest);
    }
    out.mails = m;
    out.mails_len = mails;
    out.views = v;
    out.views_len = views;
    return out;
}

/* ask_php has PHP make the letter, in a process of its own, which is to be closed. What
 * makes it no letter is the verdict. */
static struct child *ask_php(struct proving *p, const struct letter_request *r,
                             struct child_letter *out, enum verdict *verdict,
                             struct error *e)
{
    struct letter_dispatch job = {.club_id = r->club_id, .teacher_id = r->teacher_id};
    struct child_letter_asks asks = {.class = &send_volunteer_letter,
                                     .payload =
                                         letter_payload(p->t.app, &job, &p->t.round),
                                     .table = S("volunteer_letter_sends"),
                                     .club_id = r->club_id,
                                     .teacher_id = r->teacher_id,
                                     .tick = always};
    struct child *c = child_open(&p->php, e);
    if (!c || !child_letter(c, &asks, out, e)) {
        child_close(c);
        return NULL;
    }
    *verdict = out->refused.len ? REFUSED : out->failed.len ? FAILED : EQUAL;
    p->why = str_copy(&p->t.round, out->refused.len ? out->refused : out->failed);
    return c;
}

/* === facteur's letter === */

static bool view_path(struct proving *p, size_t which, struct str *out, struct error *e)
{
    struct str name, file;
    if (!letter_view_file(p->t.app, which, &p->t.round, &name, &file, e))
        return false;
    char *real = realpath(str_z(&p->t.round, file), NULL);
    *out = str_copy(&p->t.round, real ? str_from(real) : file);
    free(real);
    return true;
}

/* make_ours makes it at that second, which was PHP's. */
static bool make_ours(struct proving *p, const struct letter_request *r, int64_t now,
                      struct proof_letter *out, struct error *e)
{
    struct arena *perm = &p->t.round;
    struct letter_trial *trial = NEW(perm, struct letter_trial, 1);
    clock_freeze(now * 1000000);
    bool ok = letter_try(p->t.jobs, r, perm, p->t.tmp, trial, e);
    clock_freeze(-1);
    struct proof_mail *mail = NEW(perm, struct proof_mail, 1);
    struct proof_view *views = NEW(perm, struct proof_view, LETTER_VIEWS);
    for (size_t i = 0; i < LETTER_VIEWS && ok; i++)
        ok = view_path(p, i, &views[i].name, e);
    if (!ok)
        return false;
    const struct letter *l = &trial->letter;
    p->path = l->path;
    *mail = (struct proof_mail){
        .from = trial->from, .to = trial->to, .to_len = trial->to_len, .bytes = l->mail};
    views[LETTER_VIEW].html = l->page;
    views[MAIL_VIEW].html = l->html;
    *out = (struct proof_letter){.mails = mail,
                                 .mails_len = 1,
                                 .views = views,
                                 .views_len = LETTER_VIEWS,
                                 .rows = trial->rows,
                                 .lines = trial->lines};
    p->of = str_fmt(perm, "club %lld, teacher %lld (%.*s)", (long long)r->club_id,
                    (long long)r->teacher_id, STR_ARG(l->teacher_name));
    return true;
}

/* compare_at compares with what facteur makes at the seconds in which PHP rendered. */
static bool compare_at(struct proving *p, const struct letter_request *r,
                       const struct child_letter *php, struct proof_letter *theirs,
                       struct error *e)
{
    struct proof_letter ours;
    *theirs = letter_of_php(php, &p->t.round);
    for (int64_t now = php->begun;; now = php->ended) {
        if (!make_ours(p, r, now, &ours, e))
            return false;
        proof_compare(&ours, theirs, &p->t.round, &p->result);
        if (!p->result.differences.len || now == php->ended)
            return true;
    }
}

/* ask_again: PHP's second letter is facteur's, or as the first one another than it. */
static bool ask_again(struct proving *p, const struct letter_request *r,
                      const struct proof_letter *first, enum verdict *out,
                      struct error *e)
{
    struct child_letter php;
    struct proof_letter second;
    struct proof_result same;
    struct child *c = ask_php(p, r, &php, out, e);
    bool ok = c && (*out != EQUAL || compare_at(p, r, &php, &second, e));
    if (ok && *out == EQUAL && p->result.differences.len) {
        proof_compare(&second, first, &p->t.round, &same);
        *out = same.differences.len ? RANDOM : DIFFERS;
        if (*out == RANDOM)
            p->result = same;
    }
    child_close(c);
    return ok;
}

/* judge makes a letter that differs once more: data may have changed meanwhile. Where PHP
 * makes another one each time, nothing can be said. */
static bool judge(struct proving *p, const struct letter_request *r, enum verdict *out,
                  struct error *e)
{
    struct child_letter php;
    struct proof_letter first;
    struct child *c = ask_php(p, r, &php, out, e);
    bool ok = c && (*out != EQUAL || compare_at(p, r, &php, &first, e));
    if (ok && *out == EQUAL && p->result.differences.len)
        ok = ask_again(p, r, &first, out, e);
    child_close(c);
    return ok;
}

/* === telling === */

static struct str sentence(struct proving *p, enum verdict verdict)
{
    const struct proof_result *r = &p->result;
    struct arena *perm = &p->t.round;
    switch (verdict) {
    case EQUAL:
        return str_fmt(perm,
                       "%.*s: facteur's letter is PHP's: %zu facts, %zu pages, %zu runs "
                       "of text.",
                       STR_ARG(p->of), r->facts, r->pages, r->runs);
    case DIFFERS:
        return str_fmt(perm, "%.*s: facteur's letter is another than PHP's (%zu %s).",
                       STR_ARG(p->of), r->differences.len,
                       r->differences.len == 1 ? "difference" : "differences");
    case RANDOM:
        return str_fmt(perm,
                       "%.*s: PHP itself makes another letter each time, which proves "
                       "nothing; below, \"facteur\" is its second one.",
                       STR_ARG(p->of));
    case REFUSED:
        return str_fmt(perm, "PHP's letter cannot be kept in the house: %.*s",
                       STR_ARG(p->why));
    case FAILED:
        return str_fmt(perm, "PHP's letter failed: %.*s", STR_ARG(p->why));
    }
    return S("");
}

static void tell(struct proving *p, enum verdict verdict)
{
    const struct proof_result *r = &p->result;
    size_t lines = p->t.in->verbosity > 0 ? r->differences.len : 1;
    print_info(p->t.in, verdict == EQUAL ? "INFO" : "WARN", sentence(p, verdict));
    if (verdict != DIFFERS && verdict != RANDOM)
        return;
    for (size_t i = 0; i < lines; i++)
        printf("  %.*s\n", STR_ARG(r->differences.at[i]));
}

static bool prove(struct proving *p, const struct letter_request *r, int *code,
                  struct error *e)
{
    enum verdict verdict;
    if (!judge(p, r, &verdict, e))
        return false;
    tell(p, verdict);
    if (verdict == EQUAL)
        proof_record_add(&p->record, p->path, 1);
    int own = verdict == EQUAL ? 0 : verdict == DIFFERS ? DIFFERENT : COULD_NOT;
    *code = own > *code ? own : *code;
    arena_reset(&p->t.round);
    return true;
}

static bool prove_all(struct proving *p, int *code, struct error *e)
{
    const struct invocation *in = p->t.in;
    size_t len = in->arguments.len;
    struct letter_request r = {.id = S("proof")};
    if (len % 2)
        return err_set(e, ERR_FATAL, "Name a club and a teacher for each letter.");
    if (!len) {
        size_t found;
        return letter_newest(p->t.db, &p->t.perm, &r, 1, &found, e) &&
               prove(p, &r, code, e);
    }
    for (size_t i = 0; i < len; i += 2)
        if (!argument_id(in, i, "club", &r.club_id, e) ||
            !argument_id(in, i + 1, "teacher", &r.teacher_id, e) ||
            !prove(p, &r, code, e))
            return false;
    return true;
}

/* keep writes the record of a whole run: what differs takes it away. An app without a key
 * has none. */
static bool keep(struct proving *p, int code, struct error *e)
{
    const char *path;
    struct error *why = &p->unrecorded;
    struct app *app = p->t.app;
    bool named = option_given(p->t.in, "record", &path);
    if (code != 0) {
        proof_record_drop(app, &p->t.perm);
        return true;
    }
    merge(p);
    if (!p->record.stamp[0] ||
        !proof_record_write(app, NULL, &p->record, &p->t.perm, why)) {
        warn(p, str_fmt(&p->t.perm, "Nothing is recorded: %s", why->text));
        return !named || err_set(e, ERR_FATAL, "There is no record to be written.");
    }
    return !named || proof_record_write(app, path, &p->record, &p->t.perm, e);
}

static int print_masks(void)
{
    const char *line;
    for (size_t i = 0; (line = proof_mask(i)); i++)
        printf("%s\n", line);
    return 0;
}

static int run(struct invocation *in, struct error *e)
{
    struct proving p = {0};
    const char *unused;
    int code = 0;
    if (option_given(in, "masks", &unused))
        return print_masks();
    bool ok = letter_tools_open(&p.t, in, false, e) && letter_tools_check(&p.t, e) &&
              open_php(&p, e);
    if (ok)
        (void)!begin_record(&p, &p.unrecorded);
    ok = ok && prove_all(&p, &code, e) && keep(&p, code, e);
    letter_tools_close(&p.t);
    return ok ? code : COULD_NOT;
}

/* === for a worker === */

/* count_way counts one letter more of a way. */
static void count_way(struct work_proof *out, uint64_t way)
{
    size_t i = 0;
    while (i < out->len && out->ways[i].way != way)
        i++;
    if (i == out->len && i < WORK_WAYS)
        out->ways[out->len++] = (struct work_way){.way = way};
    if (i < WORK_WAYS)
        out->ways[i].letters++;
}

/* tell_ways gives what is recorded, by what the worker's slots call it; an app without a
 * key has no record, and one letter more of the way at hand. */
static void tell_ways(struct proving *p, struct work_proof *out)
{
    const struct proof_record *r = &p->record;
    if (!r->stamp[0]) {
        count_way(out, letter_way(p->t.jobs, p->path));
        return;
    }
    out->len = 0;
    for (size_t i = 0; i < r->len && out->len < WORK_WAYS; i++)
        out->ways[out->len++] =
            (struct work_way){letter_way(p->t.jobs, r->ways[i].path), r->ways[i].letters};
}

static void say_why(struct work_proof *out, enum work_proven proven, struct str why)
{
    out->proven = proven;
    snprintf(out->why, sizeof(out->why), "%.*s", STR_ARG(why));
}

/* prove_sample: a letter that has gone, or fails under PHP, says nothing. */
static void prove_sample(struct proving *p, const struct job_sample *what,
                         struct work_proof *out)
{
    struct error e = {0};
    enum verdict verdict;
    struct letter_request r = {
        .club_id = what->club_id, .teacher_id = what->teacher_id, .id = S("proof")};
    if (!judge(p, &r, &verdict, &e)) {
        say_why(out, PROVEN_NOT_COMPARED, str_from(e.text));
        return;
    }
    bool more = verdict == DIFFERS || verdict == RANDOM;
    struct str first = more ? p->result.differences.at[0] : S("");
    struct str text = str_fmt(&p->t.perm, "%.*s%s%.*s", STR_ARG(sentence(p, verdict)),
                              more ? " " : "", STR_ARG(first));
    if (verdict == FAILED) {
        say_why(out, PROVEN_NOT_COMPARED, text);
    } else if (verdict != EQUAL) {
        say_why(out, PROVEN_ANOTHER, text);
        proof_record_drop(p->t.app, &p->t.perm);
    } else {
        out->proven = PROVEN_EQUAL;
        proof_record_add(&p->record, p->path, 1);
        tell_ways(p, out);
        /* What cannot be recorded is found again by the next start. */
        if (p->record.stamp[0])
            (void)!proof_record_write(p->t.app, NULL, &p->record, &p->t.perm,
                                      &p->unrecorded);
    }
}

void letter_prove_one(struct app *app, const struct job_sample *what, bool php,
                      struct work_proof *out)
{
    struct proving p = {0};
    struct error e = {0}, no_php = {0};
    struct proof_record known;
    out->proven = PROVEN_NOT_COMPARED;
    /* The first check shows which files there are to be looked at. */
    bool ok = letter_tools_take(&p.t, app, &e) && jobs_refresh(p.t.jobs, &e);
    if (ok && !letter_tools_check(&p.t, &e)) {
        out->proven = PROVEN_EQUAL; /* they are PHP's already, and that is told */
        return;
    }
    if (!php)
        err_set(&no_php, ERR_UNSUPPORTED, "there is no PHP (--php=off)");
    php = php && open_php(&p, &no_php);
    (void)!begin_record(&p, &p.unrecorded);
    if (ok && recall(&p, &known)) {
        memcpy(p.record.ways, known.ways, sizeof(known.ways));
        p.record.len = known.len;
    }
    if (!ok)
        say_why(out, PROVEN_NOT_COMPARED, str_from(e.text));
    else if (what && php)
        prove_sample(&p, what, out);
    else if (!what && p.record.len) {
        out->proven = PROVEN_EQUAL;
        tell_ways(&p, out);
    } else
        say_why(out, PROVEN_NOT_COMPARED,
                php ? S("there is no record") : str_from(no_php.text));
}

const struct command command_letter_prove = {
    .name = "letter:prove",
    .help = "Make letters by PHP and by facteur, compare them, and send none",
    .arguments = arguments,
    .options = options,
    .run = run,
    .broken = COULD_NOT,
};
