/* preview.c: letters outside the queue: what is asked of them without a job. */
#include "letter/letter_imp.h"

bool letter_find(struct letters *ls, const struct letter_ids *ids, struct arena *perm,
                 struct letter *out, struct error *e)
{
    bool found;
    if (!letter_load(ls, ids, perm, out, &found, e))
        return false;
    return found ||
           err_set(e, ERR_JOB,
                   "club %lld or teacher %lld is missing, or the teacher has no "
                   "address",
                   (long long)php_to_int(ids->club), (long long)php_to_int(ids->teacher));
}

bool letter_preview(struct jobs *js, const struct letter_request *r, struct arena *perm,
                    struct arena tmp, struct letter *out, struct error *e)
{
    struct letters *ls = jobs_home(js, &send_volunteer_letter)->state;
    struct letter_ids ids = {php_int(r->club_id), php_int(r->teacher_id)};
    return letter_find(ls, &ids, perm, out, e) &&
           letter_make(ls, out, r->id, perm, tmp, e);
}

bool letter_check_view(struct jobs *js, const char *view, struct error *e)
{
    struct letters *ls = jobs_home(js, &send_volunteer_letter)->state;
    struct str name = str_from(view);
    if (!view)
        return letter_look_through(ls, str_from(letter_views[LETTER_VIEW]), e) &&
               letter_look_through(ls, str_from(letter_views[MAIL_VIEW]), e);
    if (str_ends(name, S(".blade.php")) &&
        !view_of_file(ls->views, view, ls->home->perm, &name, e))
        return false;
    return letter_look_through(ls, name, e);
}
