/* sends.c: the rows of volunteer_letter_sends, one for each attempt, and what the app's
 * log says of a letter that went out.
 */
#include "letter/letter_imp.h"

struct db_arg send_id(struct php_value v)
{
    return v.type == PHP_NULL ? db_null() : db_int(php_to_int(v));
}

bool send_begin(struct letters *ls, const struct letter *l, struct php_value user,
                struct arena *perm, int64_t *row, struct error *e)
{
    struct db_result result;
    struct str now = clock_datetime(perm, clock_unix());
    struct db_arg args[] = {db_int(l->club_id), db_int(l->teacher_id), send_id(user),
                            db_text(l->email),  db_text(now),          db_text(now)};
    if (!db_run(ls->o->db, ls->sql.insert, args, COUNT(args), perm, &result, e))
        return false;
    *row = (int64_t)result.insert_id;
    return true;
}

bool send_end(struct letters *ls, int64_t row, struct letter_ids ids, struct arena *perm,
              struct error *e)
{
    struct str now = clock_datetime(perm, clock_unix());
    struct db_arg args[] = {db_text(now), db_text(now), db_int(row), send_id(ids.club),
                            send_id(ids.teacher)};
    return db_run(ls->o->db, ls->sql.sent, args, COUNT(args), perm, NULL, e);
}

struct php_value letter_sent_context(const struct letter *l, struct arena *perm)
{
    struct php_array *a = php_array_new(perm);
    php_array_put(perm, a, php_key_from(S("teacher")), php_string(l->teacher_name));
    php_array_put(perm, a, php_key_from(S("email")), php_string(l->email));
    return php_from_array(a);
}
