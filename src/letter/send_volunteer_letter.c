/* send_volunteer_letter.c: App\Jobs\SendVolunteerLetterJob.
 *
 * One attempt: load club, teacher and user; a row "pending"; the letter as a PDF; the
 * mail; the row "sent" or "failed". Its lines in the app's log are the class's own, word
 * for word: operators search for them.
 */
#include "letter/letter_imp.h"

struct letter_run {
    struct php_value club_id, teacher_id, user_id; /* as in the payload */
    int64_t tries;
    bool found;
    struct letter letter;
};

/* === decoding === */

/* An id is an int or a numeric string; null and absent mean the same. */
static bool decode_id(const struct php_object *o, const char *name, struct php_value *out,
                      struct error *e)
{
    const struct php_value *v = php_prop(o, str_from(name));
    struct php_value number;
    *out = v ? *v : php_null();
    if (out->type == PHP_NULL || out->type == PHP_INT)
        return true;
    if (out->type == PHP_STRING && php_numeric(out->s, &number) && number.type == PHP_INT)
        return true;
    struct str type = php_type_name(*out);
    return err_set(e, ERR_JOB,
                   "%s is %s %.*s, expected an id: an int or a numeric string", name,
                   out->type == PHP_STRING ? "the" : "of type", STR_ARG(type));
}

static bool decode_object(const struct job_run *r, const struct php_object **out,
                          struct error *e)
{
    if (!job_command(r, out, e))
        return false;
    struct str name = (*out)->class_name;
    struct str expected = S(LETTER_CLASS);
    return str_ieq(name, expected) ||
           err_set(e, ERR_JOB, "data.command is an object of %.*s, expected %.*s",
                   STR_ARG(name), STR_ARG(expected));
}

static bool decode(const struct letters *ls, struct job_run *r, struct letter_run **out,
                   struct error *e)
{
    const struct php_object *o = NULL;
    struct letter_run *l = NEW(r->perm, struct letter_run, 1);
    r->data = *out = l;
    l->club_id = l->teacher_id = l->user_id = php_null();
    l->tries = ls->own_tries;
    if (!decode_object(r, &o, e))
        return false;
    const struct php_value *tries = php_prop(o, S("tries"));
    if (tries && tries->type == PHP_INT)
        l->tries = tries->i;
    return decode_id(o, "clubId", &l->club_id, e) &&
           decode_id(o, "teacherId", &l->teacher_id, e) &&
           decode_id(o, "sentByUserId", &l->user_id, e);
}

/* === rows === */

static bool update_failed(struct letters *ls, struct job_run *r, struct str message,
                          struct error *e)
{
    struct str now = clock_datetime(r->perm, clock_unix());
    struct db_arg args[] = {db_text(message), db_text(now), db_int(r->row)};
    return r->row == 0 ||
           db_run(ls->o->db, ls->sql.failed, args, COUNT(args), r->perm, NULL, e);
}

static struct str last_text(const struct letter_run *l, struct str message,
                            struct arena *perm)
{
    return str_fmt(perm, "Échec après %lld tentatives: %.*s", (long long)l->tries,
                   STR_ARG(message));
}

/* update_last_pending is the app's failed(): whatever attempt of this club and teacher is
 * still open is told that there will be no other. */
static bool update_last_pending(struct letters *ls, struct job_run *r,
                                const struct letter_run *l, struct str message,
                                struct error *e)
{
    if (l->club_id.type == PHP_NULL || l->teacher_id.type == PHP_NULL)
        return true;
    struct str now = clock_datetime(r->perm, clock_unix());
    struct db_arg args[] = {db_text(last_text(l, message, r->perm)), db_text(now),
                            send_id(l->club_id), send_id(l->teacher_id)};
    return db_run(ls->o->db, ls->sql.last_pending, args, COUNT(args), r->perm, NULL, e);
}

/* === a run === */

static bool begin(struct job_home *h, struct job_run *r, enum job_begun *begun,
                  bool *undecodable, struct error *e)
{
    struct letters *ls = h->state;
    struct letter_run *l;
    if (!decode(ls, r, &l, e)) {
        /* What cannot be decrypted now may be once APP_PREVIOUS_KEYS is put right. */
        *undecodable = !e->exception;
        return false;
    }
    struct letter_ids ids = {l->club_id, l->teacher_id};
    if (!letter_load(ls, &ids, r->perm, &l->letter, &l->found, e))
        return false;
    *begun = l->found ? BEGUN_READY : BEGUN_NOTHING;
    return !l->found || send_begin(ls, &l->letter, l->user_id, r->perm, &r->row, e);
}

/* id_of is what a letter's Message-ID is made of: the job's uuid, which stays the same
 * through all attempts. A payload without one gives an id by its bytes. */
static struct str id_of(const struct queue_job *j, struct arena *perm)
{
    if (j->payload.uuid.len)
        return j->payload.uuid;
    return str_fmt(perm, "job-%016llx", (unsigned long long)str_hash(j->raw));
}

static bool is_proven(struct job_home *h, struct job_run *r, struct error *e)
{
    const struct letter_run *l = r->data;
    struct job_sample sample = {.way = job_way(h, l->letter.path),
                                .state = h->checked_as,
                                .job = r->job->id,
                                .club_id = l->letter.club_id,
                                .teacher_id = l->letter.teacher_id};
    return !h->o->proven || h->o->proven(h->o->arg, &sample) ||
           err_set(e, ERR_UNSUPPORTED, JOBS_UNPROVEN);
}

static bool handle(struct job_home *h, struct job_run *r, struct error *e)
{
    struct letters *ls = h->state;
    struct letter_run *l = r->data;
    struct str id = id_of(r->job, r->perm);
    if (!letter_make(ls, &l->letter, id, r->perm, *r->other, e))
        return false;
    if (!is_proven(h, r, e))
        return false;
    if (h->o->alive && !h->o->alive(h->o->arg))
        return err_set(e, ERR_JOB, "given up before the mail went out");
    struct mail_delivery delivery = {.from = l->letter.from,
                                     .to = l->letter.email,
                                     .more = l->letter.more,
                                     .more_len = l->letter.more_len,
                                     .message = l->letter.mail,
                                     .alive = h->o->alive,
                                     .arg = h->o->arg};
    if (!mailer_send(h->mailer, &delivery, e))
        return false;
    jobs_sent(h->o);
    return true;
}

static bool completed(struct job_home *h, struct job_run *r, struct error *e)
{
    struct letters *ls = h->state;
    struct letter_run *l = r->data;
    struct error ignored = {0};
    if (r->row == 0)
        return true;
    /* For a process that is gone the payload says whose letter it was, if it is there. */
    if (!l && !decode(ls, r, &l, &ignored))
        l->club_id = l->teacher_id = php_null();
    return send_end(ls, r->row, (struct letter_ids){l->club_id, l->teacher_id}, r->perm,
                    e);
}

static bool failed(struct job_home *h, struct job_run *r, const struct job_failure *f,
                   struct error *e)
{
    struct letters *ls = h->state;
    const struct letter_run *l = r->data;
    if (!update_failed(ls, r, f->message, e))
        return false;
    return !f->last || !l || update_last_pending(ls, r, l, f->message, e);
}

/* killed: the row of an attempt that nobody finished tells phase and cause; after the
 * last attempt it tells that, as the app's failed() would have. */
static bool killed(struct job_home *h, struct job_run *r, const struct job_failure *f,
                   struct error *e)
{
    struct letters *ls = h->state;
    struct letter_run *l;
    struct error ignored = {0};
    bool known = decode(ls, r, &l, &ignored);
    struct str text = f->last ? last_text(l, f->message, r->perm) : f->message;
    if (!update_failed(ls, r, text, e))
        return false;
    return !f->last || r->row || !known || update_last_pending(ls, r, l, f->message, e);
}

static bool withdrawn(struct job_home *h, struct job_run *r, struct error *e)
{
    struct letters *ls = h->state;
    struct db_arg arg = db_int(r->row);
    return r->row == 0 || db_run(h->o->db, ls->sql.withdraw, &arg, 1, r->perm, NULL, e);
}

static bool row_exists(struct job_home *h, int64_t row, bool *exists, struct error *e)
{
    struct letters *ls = h->state;
    struct arena tmp = *h->tmp;
    struct db_arg arg = db_int(row);
    struct db_result result;
    if (!db_run(h->o->db, ls->sql.exists, &arg, 1, &tmp, &result, e))
        return false;
    *exists = result.rows > 0;
    return true;
}

/* === the job's lines in the app's log === */

struct context {
    struct php_array *a;
    struct arena *perm;
};

static void put(struct context *c, const char *key, struct php_value v)
{
    php_array_put(c->perm, c->a, php_key_from(str_from(key)), v);
}

static void write_line(const struct job_home *h, enum log_level level,
                       const char *message, struct php_value context)
{
    app_log(h->o->app, level, str_from(message), context);
}

static struct context context(const struct job_run *r)
{
    return (struct context){php_array_new(r->perm), r->perm};
}

static void log_done(struct job_home *h, const struct job_run *r)
{
    const struct letter_run *l = r->data;
    struct context c = context(r);
    if (!l->found) {
        put(&c, "club_id", l->club_id);
        put(&c, "teacher_id", l->teacher_id);
        write_line(h, APP_ERROR, LETTER_LOG "Données manquantes", php_from_array(c.a));
        return;
    }
    write_line(h, APP_INFO, LETTER_SENT, letter_sent_context(&l->letter, r->perm));
}

/* log_where names the step that failed, as the class does before its general line. */
static void log_where(const struct job_home *h, const struct job_run *r,
                      const struct letter_run *l, const struct job_failure *f)
{
    bool mail = str_eq(f->where, S(LETTER_STEP_MAIL));
    bool pdf =
        str_eq(f->where, S(LETTER_STEP_VIEW)) || str_eq(f->where, S(LETTER_STEP_PDF));
    if (!l->found || (!mail && !pdf)) /* not found: told for a process that is gone */
        return;
    struct context c = context(r);
    put(&c, "teacher_id", l->teacher_id);
    if (mail)
        put(&c, "email", php_string(l->letter.email));
    put(&c, "error", php_string(f->message));
    put(&c, "trace", php_string(S("#0 {main}")));
    write_line(h, APP_ERROR,
               mail ? LETTER_LOG "Erreur envoi email"
                    : LETTER_LOG "Erreur génération PDF",
               php_from_array(c.a));
}

static void log_failed(struct job_home *h, const struct job_run *r,
                       const struct job_failure *f)
{
    const struct letter_run *l = r->data;
    if (!l)
        return;
    struct context c = context(r);
    if (f->begun) {
        log_where(h, r, l, f);
        put(&c, "teacher_id", l->teacher_id);
        put(&c, "error", php_string(f->message));
        write_line(h, APP_ERROR, LETTER_LOG "Erreur", php_from_array(c.a));
    }
    if (!f->last)
        return;
    c = context(r);
    put(&c, "club_id", l->club_id);
    put(&c, "teacher_id", l->teacher_id);
    put(&c, "error", php_string(f->message));
    write_line(h, APP_ERROR, LETTER_LOG "Échec définitif après tous les essais",
               php_from_array(c.a));
}

static const char *exception(const char *step)
{
    static const char *const names[][2] = {{LETTER_STEP_VIEW, "Facteur\\ViewException"},
                                           {LETTER_STEP_PDF, "Facteur\\PdfException"},
                                           {LETTER_STEP_MAIL, "Facteur\\MailException"}};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(step, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

static bool touches(struct str class_name)
{
    return model_is_ours(class_name) || str_ieq(class_name, S(LETTER_CLASS));
}

const struct job_class send_volunteer_letter = {
    .queue = {LETTER_CLASS, "SendVolunteerLetterJob"},
    .open = letters_open,
    .close = letters_close,
    .readable = letters_readable,
    .check = letter_check,
    .touches = touches,
    .model = model_class,
    .stamp = letter_stamp,
    .begin = begin,
    .handle = handle,
    .completed = completed,
    .failed = failed,
    .withdrawn = withdrawn,
    .killed = killed,
    .row_exists = row_exists,
    .exception = exception,
    .log_done = log_done,
    .log_failed = log_failed,
};
