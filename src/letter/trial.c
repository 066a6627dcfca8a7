/* trial.c: a letter with all that its job would leave behind, of which nothing is left.
 */
#include "letter/letter_imp.h"

static struct php_value list_of(struct php_array *only, struct arena *perm)
{
    struct php_array *list = php_array_new(perm);
    php_array_push(perm, list, php_from_array(only));
    return php_from_array(list);
}

static void put(struct arena *perm, struct php_array *a, const char *key,
                struct php_value v)
{
    php_array_put(perm, a, php_key_from(str_from(key)), v);
}

static bool read_row(struct letters *ls, int64_t row, struct arena *perm,
                     struct php_value *out, struct error *e)
{
    struct db_result r;
    struct db_arg arg = db_int(row);
    struct php_array *columns = php_array_new(perm);
    if (!db_run(ls->o->db, ls->sql.row, &arg, 1, perm, &r, e))
        return false;
    for (size_t i = 0; r.rows && i < r.cols; i++)
        php_array_put(perm, columns, php_key_from(r.names[i]), r.cells[i]);
    *out = list_of(columns, perm);
    return true;
}

static struct php_value line_of(const struct letter *l, struct arena *perm)
{
    struct php_array *line = php_array_new(perm);
    put(perm, line, "level", php_string(S("info")));
    put(perm, line, "message", php_string(S(LETTER_SENT)));
    put(perm, line, "context", letter_sent_context(l, perm));
    return list_of(line, perm);
}

/* recipients lists whom the envelope names: `first`, and those behind it, as mail carries
 * them. */
static void recipients(const struct letter *l, struct str first, struct arena *perm,
                       struct letter_trial *out)
{
    struct str *to = NEW(perm, struct str, l->more_len + 1);
    const char *why;
    to[0] = first;
    for (size_t i = 0; i < l->more_len; i++)
        if (!mail_address_encode(l->more[i], perm, &to[i + 1], &why))
            to[i + 1] = l->more[i]; /* which plan_apply lets no letter have */
    out->to = to;
    out->to_len = l->more_len + 1;
}

/* try_inside does all of it in the transaction that is open. */
static bool try_inside(struct letters *ls, const struct letter_request *r,
                       struct arena *perm, struct arena tmp, struct letter_trial *out,
                       struct error *e)
{
    int64_t row;
    struct letter_ids ids = {php_int(r->club_id), php_int(r->teacher_id)};
    struct letter *l = &out->letter;
    if (!letter_find(ls, &ids, perm, l, e))
        return false;
    struct str to = l->email;
    if (!send_begin(ls, l, php_null(), perm, &row, e) ||
        !letter_make(ls, l, r->id, perm, tmp, e))
        return false;
    out->from = l->from;
    if (!mail_envelope(&ls->mail, perm, &out->from, &to, e))
        return false;
    recipients(l, to, perm, out);
    return send_end(ls, row, ids, perm, e) && read_row(ls, row, perm, &out->rows, e);
}

uint64_t letter_way(struct jobs *js, uint64_t path)
{
    return job_way(jobs_home(js, &send_volunteer_letter), path);
}

bool letter_try(struct jobs *js, const struct letter_request *r, struct arena *perm,
                struct arena tmp, struct letter_trial *out, struct error *e)
{
    struct letters *ls = jobs_home(js, &send_volunteer_letter)->state;
    *out = (struct letter_trial){0};
    if (!db_begin(ls->o->db, e))
        return false;
    bool ok = try_inside(ls, r, perm, tmp, out, e);
    db_rollback(ls->o->db);
    if (ok)
        out->lines = line_of(&out->letter, perm);
    return ok;
}
