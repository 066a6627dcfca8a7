/* look_rows.c: what a look reads of a table, and what a row that it read means. */
#include "queue/look_imp.h"

static int64_t number(const struct db_result *r, size_t row, const char *name)
{
    return php_to_int(db_cell(r, row, name));
}

/* due_of says when a row may be tried, whatever holds it now. */
static int64_t due_of(struct database *q, const struct db_result *r, size_t row)
{
    if (db_cell(r, row, "reserved_at").type == PHP_NULL)
        return number(r, row, "available_at");
    queue_saw_reserved(q, number(r, row, "reserved_at"));
    return i64_add(number(r, row, "reserved_at"), queue_lease(q));
}

/* === what a read row means === */

/* look_note_class reads a class name out of JSON text: "App\\Jobs\\X". */
void look_note_class(struct looking *l, struct str text, struct arena tmp)
{
    if (str_starts(text, S("{")))
        return;
    struct str name = str_replace(&tmp, text, S("\\\\"), S("\\"));
    if (name.len && queue_foreign_is_new(l->q, name, NULL, tmp))
        VEC_PUSH(&l->q->arena, &l->foreign, str_copy(&l->q->arena, name));
}

void look_note_row(struct looking *l, const struct db_result *r, size_t row,
                   enum watch_whose whose)
{
    watch_lock(l->q->o.watch, l->which);
    l->w->full = !watch_found(l->w, number(r, row, "id"), due_of(l->q, r, row), whose);
    watch_unlock(l->q->o.watch, l->which);
}

/* whose says so of a row, by its `what`. */
static enum watch_whose whose(const struct looking *l, int64_t id, struct str what)
{
    if (!what.len)
        return WATCH_OTHERS;
    if (queue_refused(l->q, l->w, id, php_to_int(php_string(str_skip(what, 1)))))
        return WATCH_OTHERS;
    return what.ptr[0] == 's' ? WATCH_OURS : WATCH_PERHAPS;
}

/* look_note_rows puts candidates on the watch list, and all others where those are
 * watched, too; else it names their classes. It ends when the list is full: what was read
 * must be read again. */
void look_note_rows(struct looking *l, const struct db_result *r, struct arena tmp)
{
    l->w->full = false;
    for (size_t row = 0; row < r->rows && !l->w->full; row++) {
        struct php_value cell = db_cell(r, row, "what");
        struct str what = cell.type == PHP_STRING ? cell.s : S("");
        if (str_starts(what, S("c"))) {
            look_note_class(l, str_skip(what, 1), tmp);
            continue;
        }
        enum watch_whose w = whose(l, number(r, row, "id"), what);
        if (w != WATCH_OTHERS || l->w->all)
            look_note_row(l, r, row, w);
    }
}

/* === statements === */

/* look_page_ids reads the next `limit` ids behind `from`. */
bool look_page_ids(struct looking *l, int64_t from, int64_t limit, struct arena *tmp,
                   int64_t **ids, size_t *len)
{
    struct db_arg args[] = {db_text(l->name), db_int(from), db_int(limit)};
    struct db_result r;
    if (!db_run(l->q->o.db, l->q->sql.ids, args, COUNT(args), tmp, &r, l->e))
        return false;
    *ids = NEW(tmp, int64_t, r.rows);
    *len = 0;
    /* An id beyond 64 bits signed comes as text; nothing but such stands behind it. */
    for (size_t i = 0; i < r.rows && r.cells[i].type == PHP_INT; i++)
        (*ids)[(*len)++] = r.cells[i].i;
    return true;
}

bool look_highest(struct looking *l, int64_t *id, struct arena tmp)
{
    struct db_arg arg = db_text(l->name);
    struct db_result r;
    if (!db_run(l->q->o.db, l->q->sql.highest, &arg, 1, &tmp, &r, l->e))
        return false;
    *id = php_to_int(r.cells[0]);
    return true;
}

bool look_read_range(struct looking *l, struct str sql, int64_t from, int64_t to,
                     struct arena *tmp, struct db_result *r)
{
    struct db_arg args[] = {db_text(l->name), db_int(from), db_int(to)};
    return db_run(l->q->o.db, sql, args, COUNT(args), tmp, r, l->e);
}

/* look_read_ids reads rows by name; places that are left repeat the last id. */
bool look_read_ids(struct looking *l, const int64_t *ids, size_t len, struct arena tmp)
{
    l->w->full = false;
    for (size_t at = 0; at < len && !l->w->full; at += READ_IDS) {
        struct arena piece = tmp;
        struct db_arg args[READ_IDS + 1];
        struct db_result r;
        for (size_t i = 0; i < READ_IDS; i++)
            args[i] = db_int(ids[at + i < len ? at + i : len - 1]);
        args[READ_IDS] = db_text(l->name);
        struct str sql = l->w->all ? l->q->sql.read_all : l->q->sql.read;
        if (!db_run(l->q->o.db, sql, args, COUNT(args), &piece, &r, l->e))
            return false;
        look_note_rows(l, &r, piece);
    }
    return true;
}

void look_set_paged(struct looking *l, bool paged)
{
    watch_lock(l->q->o.watch, l->which);
    l->w->paged = paged;
    watch_unlock(l->q->o.watch, l->which);
}
