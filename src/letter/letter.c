/* letter.c: a volunteer's letter: what it reads, and how it becomes a PDF in a mail. */
#include <stdio.h>

#include "letter/reading_imp.h"

static const char attachment_name[] = "Note_Information_Volontaire.pdf";

/* === checking: can views, models and mailer be done exactly? === */

struct checking {
    struct letters *ls;
    const struct job_source *source; /* of the class that sends the letter */
    struct model_source *models;
    bool ok;
};

static void on_finding(void *arg, const struct finding *f)
{
    struct checking *c = arg;
    c->ls->o->report(c->ls->o->arg, f);
}

/* on_letter_use judges a chain of the PDF's view: `$club->x`, `$teacher->x`,
 * `$teacher->user->x`. */
static void on_letter_use(void *arg, const struct str *chain, size_t len,
                          struct php_place place)
{
    struct checking *c = arg;
    struct use_place at = {place.file, place.line, place.col};
    for (size_t i = 0; i < len; i++)
        if (str_eq(chain[i], S("*")))
            len = i; /* elements of a column's value: what is in it PHP decides */
    bool club = str_eq(chain[0], S("club")), teacher = str_eq(chain[0], S("teacher"));
    bool user = teacher && len > 1 && str_eq(chain[1], S("user"));
    size_t columns = user ? 3 : 2;
    if (!club && !teacher) {
        /* An undefined variable: `??` and isset may want it so; else PHP fails too. */
        return;
    }
    if (len < columns) {
        c->ok = jobs_report(c->ls->o, &at,
                            "$%.*s as a whole – which of its columns are meant cannot be "
                            "told",
                            STR_ARG(chain[0]));
        return;
    }
    if (len > columns) {
        c->ok = jobs_report(c->ls->o, &at, "%.*s->%.*s – more than a column: needs PHP",
                            STR_ARG(chain[columns - 2]), STR_ARG(chain[columns - 1]));
        return;
    }
    enum model_id which = club ? MODEL_CLUB : user ? MODEL_USER : MODEL_TEACHER;
    c->ok = model_use(c->ls->home, &c->models[which], chain[columns - 1], &at) && c->ok;
}

/* on_mail_use: the mail's view is given two strings, and nothing below them. */
static void on_mail_use(void *arg, const struct str *chain, size_t len,
                        struct php_place place)
{
    struct checking *c = arg;
    struct use_place at = {place.file, place.line, place.col};
    bool ours = str_eq(chain[0], S("clubName")) || str_eq(chain[0], S("teacherName"));
    if (ours && len > 1)
        c->ok = jobs_report(c->ls->o, &at, "$%.*s is a string, it has no properties",
                            STR_ARG(chain[0]));
    if (!ours && reading_mail_gives(c->ls, chain[0]))
        c->ok = jobs_report(c->ls->o, &at,
                            "$%.*s is given to the view by the mail's class, and not by "
                            "facteur",
                            STR_ARG(chain[0]));
}

/* A symbol of what the mail's class says, and where it says it. */
struct said {
    struct checking *c;
    const struct use_place *at;
};

static bool on_symbol(void *arg, struct str symbol)
{
    struct said *s = arg;
    struct checking *c = s->c;
    struct cut at = str_cut(symbol, '.');
    enum model_id which = str_eq(at.head, S("club"))   ? MODEL_CLUB
                          : str_eq(at.head, S("user")) ? MODEL_USER
                                                       : MODEL_TEACHER;
    struct model_source *m = &c->models[which];
    if (!map_lookup(&m->table_columns, at.tail)) {
        c->ok = jobs_report(c->ls->o, s->at, "%s's %.*s – no column: needs PHP",
                            m->model.name, STR_ARG(at.tail));
        return true;
    }
    if (!model_use(c->ls->home, m, at.tail, s->at)) {
        c->ok = false;
        return true;
    }
    for (size_t i = 0; i < m->model.columns.len; i++) {
        const struct column *column = &m->model.columns.at[i];
        if (str_eq(column->name, at.tail) && column->cast.kind >= CAST_JSON)
            c->ok =
                jobs_report(c->ls->o, s->at, "%s's %.*s is cast to no text: needs PHP",
                            m->model.name, STR_ARG(at.tail));
    }
    return true;
}

/* check_said: the columns that the mail itself is made of. */
static void check_said(struct checking *c)
{
    for (size_t i = 0; i < PLAN_PARTS; i++) {
        struct said s = {c, &c->ls->plan[i].at};
        (void)plan_each(c->ls->plan[i].v, on_symbol, &s);
    }
}

/* say reports an error that came without a finding. */
static void say(struct letters *ls, const struct error *e)
{
    struct use_place at = {e->file, e->line, e->col};
    jobs_report(ls->o, &at, "%s", e->text);
}

/* tell_missing: without its view each letter fails, here and under PHP. */
static bool tell_missing(struct letters *ls, const struct missing_view *m,
                         const char *name)
{
    struct use_place at = {m->file, m->line, m->col};
    if (m->guarded && !m->clear)
        return jobs_report(ls->o, &at,
                           "view [%s] not found – what the class throws then cannot be "
                           "told",
                           name);
    struct str text = str_fmt(ls->home->check,
                              "view [%s] not found – each letter fails, as under PHP, "
                              "until it is there",
                              name);
    struct finding f = {FINDING_FAILS, "", 0, 0, str_z(ls->home->check, text)};
    ls->o->report(ls->o->arg, &f);
    return true;
}

/* check_view tells all there is to tell of a view: its chains too where something else is
 * wrong already. */
static bool check_view(struct checking *c, int which, php_uses_fn *uses)
{
    struct letters *ls = c->ls;
    struct error e = {0};
    const char *name = letter_views[which];
    bool ok = view_check(ls->views, str_from(name), on_finding, c, &e);
    missing_view_read(ls->home, c->source, str_from(name), ls->home->check,
                      &ls->missing[which]);
    if (e.kind == ERR_JOB)
        return tell_missing(ls, &ls->missing[which], name);
    if (e.kind == ERR_NONE)
        ok = view_uses(ls->views, str_from(name), uses, c, &e) && ok;
    if (e.kind != ERR_NONE)
        say(ls, &e);
    return ok && e.kind == ERR_NONE;
}

static void on_skeleton(void *arg, const char *file, struct str skeleton)
{
    struct checking *c = arg;
    c->ok = pdf_check(c->ls->pdf, skeleton, file, on_finding, c) && c->ok;
}

/* check_layout checks the HTML and CSS of a view and of all it includes. A view that
 * cannot be read was told of. */
static bool check_layout(struct checking *c, struct str name)
{
    struct error missing = {0};
    return (view_skeletons(c->ls->views, name, on_skeleton, c, &missing) ||
            missing.kind == ERR_JOB) &&
           c->ok;
}

bool letter_look_through(struct letters *ls, struct str name, struct error *e)
{
    struct checking c = {.ls = ls, .ok = true};
    c.ok = view_check(ls->views, name, on_finding, &c, e);
    if (e->kind != ERR_NONE)
        return false;
    if (!str_eq(name, str_from(letter_views[MAIL_VIEW])))
        c.ok = check_layout(&c, name); /* a mail's HTML and CSS pass through */
    return true;
}

static bool load_models(struct checking *c, struct error *e)
{
    c->models = NEW(c->ls->home->check, struct model_source, MODELS);
    for (enum model_id m = 0; m < MODELS; m++)
        if (!model_load(c->ls->home, m, &c->models[m], &c->ok, e))
            return false;
    c->ok = model_judge_all(c->ls->home, c->models) && c->ok;
    return true;
}

/* === statements === */

static struct str columns_of(struct letters *ls, const struct model *m, const char *alias)
{
    struct buf b = buf_new(ls->home->check, 64 << 10);
    for (size_t i = 0; i < m->columns.len; i++) {
        struct str name = db_name(ls->home->check, m->columns.at[i].name);
        buf_fmt(&b, "%s%s.%.*s", i ? ", " : "", alias, STR_ARG(name));
    }
    return buf_str(&b);
}

static void write_sql(struct letters *ls)
{
    const struct db_settings *s = db_settings(ls->o->db);
    struct model *club = &ls->models[MODEL_CLUB], *user = &ls->models[MODEL_USER];
    struct model *teacher = &ls->models[MODEL_TEACHER];
    struct arena *a = ls->home->check;
    struct db_var vars[] = {
        {"club_columns", columns_of(ls, club, "c")},
        {"teacher_columns", columns_of(ls, teacher, "t")},
        {"user_columns", columns_of(ls, user, "u")},
        {"clubs", db_table(a, s, club->table)},
        {"teachers", db_table(a, s, teacher->table)},
        {"users", db_table(a, s, user->table)},
        {"alive", teacher->soft_deletes ? S(" and t.deleted_at is null") : S("")},
        {"sends", db_table(a, s, S("volunteer_letter_sends"))},
    };
    struct {
        const char *name;
        struct str *sql;
    } texts[] = {
        {"letter_models", &ls->sql.models},
        {"letter_club", &ls->sql.club},
        {"letter_teacher", &ls->sql.teacher},
        {"send_insert", &ls->sql.insert},
        {"send_sent", &ls->sql.sent},
        {"send_failed", &ls->sql.failed},
        {"send_last_pending", &ls->sql.last_pending},
        {"send_withdraw", &ls->sql.withdraw},
        {"send_exists", &ls->sql.exists},
        {"send_row", &ls->sql.row},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].sql = db_sql(a, texts[i].name, vars, COUNT(vars));
}

bool letter_check(struct job_home *h, const struct job_source *source, bool *ok,
                  struct error *e)
{
    struct letters *ls = h->state;
    struct checking c = {.ls = ls, .source = source, .ok = true};
    memset(&ls->read, 0, sizeof(ls->read)); /* it lay in what was emptied */
    if (!load_models(&c, e))
        return false;
    /* What the job itself needs comes first, the columns of the views after it. */
    model_need(h, &c.models[MODEL_CLUB], S("id"));
    model_need(h, &c.models[MODEL_CLUB], S("name"));
    model_need(h, &c.models[MODEL_TEACHER], S("id"));
    model_need(h, &c.models[MODEL_USER], S("id"));
    model_need(h, &c.models[MODEL_USER], S("name"));
    model_need(h, &c.models[MODEL_USER], S("email"));
    c.ok = reading_check(ls, source) && c.ok;
    check_said(&c);
    c.ok = check_view(&c, LETTER_VIEW, on_letter_use) && c.ok;
    c.ok = check_layout(&c, str_from(letter_views[LETTER_VIEW])) && c.ok;
    c.ok = check_view(&c, MAIL_VIEW, on_mail_use) && c.ok;
    if (!letter_directives(ls, &c.ok, e))
        return false;
    if (ls->mail_error.kind != ERR_NONE) {
        say(ls, &ls->mail_error);
        c.ok = false;
    }
    for (enum model_id m = 0; m < MODELS; m++)
        ls->models[m] = c.models[m].model;
    write_sql(ls);
    *ok = c.ok;
    return true;
}

bool letter_stamp(struct job_home *h, uint64_t *out, struct error *e)
{
    const struct letters *ls = h->state;
    uint64_t views[LETTER_VIEWS];
    (void)e;
    /* A view that is gone changes the stamp too, to one of its own. */
    for (int i = 0; i < LETTER_VIEWS; i++) {
        struct error missing = {0};
        if (!view_stamp(ls->views, str_from(letter_views[i]), &views[i], &missing))
            views[i] = missing.kind;
    }
    *out = views[0] * 31 + views[1];
    for (enum model_id m = 0; m < MODELS_ALL; m++)
        model_stamp(h, m, out);
    for (size_t i = 0; i < ls->read.len; i++)
        source_stamp(ls->o->app, ls->read.at[i], *h->tmp, out);
    return true;
}

/* === loading === */

/* row_object makes what Eloquent makes of a row: the columns as attributes, cast. */
static bool row_object(const struct model *m, const struct php_value *cells,
                       struct arena *perm, struct php_object **out, struct error *e)
{
    struct php_object *o = php_object_new(perm, PHP_ROW, m->class_name);
    for (size_t i = 0; i < m->columns.len; i++) {
        const struct column *c = &m->columns.at[i];
        struct php_value v;
        if (!cast_apply(&c->cast, cells[i], perm, &v, e))
            return err_wrap(e, "%s's %.*s", m->name, STR_ARG(c->name));
        php_array_put(perm, o->props, php_key_from(c->name), v);
    }
    *out = o;
    return true;
}

static struct str text_of(const struct php_object *o, const char *name,
                          struct arena *perm)
{
    struct error ignored = {0};
    struct str s = S("");
    const struct php_value *v = php_array_named(o->props, name);
    if (!v || !php_to_string(*v, perm, &s, &ignored))
        return S("");
    return s;
}

static bool id_arg(struct php_value v, struct db_arg *out, int64_t *number)
{
    *number = php_to_int(v);
    *out = db_int(*number);
    return v.type == PHP_INT || v.type == PHP_STRING;
}

/* What was read of a letter's models: where the columns of each begin. */
struct letter_cells {
    const struct php_value *club, *teacher, *user;
};

/* read_each asks for the club, then for the teacher with the user. *found false: one of
 * them is missing. */
static bool read_each(struct letters *ls, const struct db_arg ids[2], struct arena *perm,
                      struct letter_cells *out, bool *found, struct error *e)
{
    struct db_result club, teacher;
    if (!db_run(ls->o->db, ls->sql.club, &ids[0], 1, perm, &club, e) ||
        !db_run(ls->o->db, ls->sql.teacher, &ids[1], 1, perm, &teacher, e))
        return false;
    *found = club.rows && teacher.rows;
    *out = (struct letter_cells){
        club.cells, teacher.cells,
        *found ? teacher.cells + ls->models[MODEL_TEACHER].columns.len : NULL};
    return true;
}

/* read_models asks for all three at once. Whatever else than one row is answered is asked
 * for one by one: which table is refused, or whether the other can be read where one has
 * no such row, that one alone tells; and a server may refuse all joins. */
static bool read_models(struct letters *ls, const struct db_arg ids[2],
                        struct arena *perm, struct letter_cells *out, bool *found,
                        struct error *e)
{
    struct db_result r;
    bool ok = db_run(ls->o->db, ls->sql.models, ids, 2, perm, &r, e);
    if (!ok && e->kind != ERR_JOB)
        return false;
    err_clear(e);
    if (!ok || r.rows != 1)
        return read_each(ls, ids, perm, out, found, e);
    const struct php_value *teacher = r.cells + ls->models[MODEL_CLUB].columns.len;
    *out = (struct letter_cells){r.cells, teacher,
                                 teacher + ls->models[MODEL_TEACHER].columns.len};
    *found = true;
    return true;
}

/* fill makes the models of what was read. Without an address there is no letter. */
static bool fill(struct letters *ls, const struct letter_cells *cells, struct arena *perm,
                 struct letter *out, bool *found, struct error *e)
{
    struct php_object *c, *t, *u;
    const struct model *models = ls->models;
    if (!row_object(&models[MODEL_CLUB], cells->club, perm, &c, e) ||
        !row_object(&models[MODEL_TEACHER], cells->teacher, perm, &t, e) ||
        !row_object(&models[MODEL_USER], cells->user, perm, &u, e))
        return false;
    php_array_put(perm, t->props, php_key_from(S("user")), php_from_object(u));
    out->email = text_of(u, "email", perm);
    *found = out->email.len > 0;
    if (!*found)
        return true;
    out->club_name = text_of(c, "name", perm);
    out->teacher_name = text_of(u, "name", perm);
    struct php_array *vars = php_array_new(perm);
    php_array_put(perm, vars, php_key_from(S("club")), php_from_object(c));
    php_array_put(perm, vars, php_key_from(S("teacher")), php_from_object(t));
    out->models = vars;
    return true;
}

bool letter_load(struct letters *ls, const struct letter_ids *ids, struct arena *perm,
                 struct letter *out, bool *found, struct error *e)
{
    struct db_arg args[2];
    struct letter_cells cells;
    *out = (struct letter){0};
    *found = false;
    bool both = id_arg(ids->club, &args[0], &out->club_id);
    both = id_arg(ids->teacher, &args[1], &out->teacher_id) && both;
    if (!both)
        return true;
    if (!read_models(ls, args, perm, &cells, found, e))
        return false;
    return !*found || fill(ls, &cells, perm, out, found, e);
}

/* === making === */

/* A character that no face has is drawn as a box; whoever reads the log wants to know
 * where it came from. */
struct missing {
    struct letters *ls;
    const struct letter *l;
    struct str id;
};

/* column_with names the column whose value holds the character; NULL: none does. */
static const char *column_with(const struct php_value *row, struct str character,
                               struct arena *tmp)
{
    if (!row || row->type != PHP_OBJECT)
        return NULL;
    const struct php_array *props = row->o->props;
    for (size_t i = 0; i < props->len; i++) {
        struct php_value v = props->at[i].value;
        if (v.type == PHP_OBJECT) {
            const char *inner = column_with(&v, character, tmp);
            if (inner)
                return inner;
        }
        if (v.type == PHP_STRING && str_has(v.s, character)) {
            struct str name = str_fmt(tmp, "%.*s.%.*s", STR_ARG(row->o->class_name),
                                      STR_ARG(props->at[i].key.s));
            return str_z(tmp, name);
        }
    }
    return NULL;
}

/* tell_difference tells of what shows when a view is rendered: of each kind of difference
 * once, since every letter may have it. */
static void tell_difference(struct missing *m, const struct finding *f)
{
    struct arena tmp = *m->ls->home->tmp;
    const char *kind = strstr(f->text, " – ");
    struct str key = str_fmt(&tmp, "%s%s", f->file, kind ? kind : f->text);
    if (map_lookup(&m->ls->differences, key))
        return;
    map_put(m->ls->home->perm, &m->ls->differences, str_copy(m->ls->home->perm, key),
            m->ls);
    if (m->ls->o->is_news && !m->ls->o->is_news(m->ls->o->arg, key))
        return;
    struct str text =
        str_fmt(&tmp, "%s: %s (differs from dompdf; first seen in job %.*s)", f->file,
                f->text, STR_ARG(m->id));
    m->ls->o->warn(m->ls->o->arg, str_z(&tmp, text));
}

static void on_missing(void *arg, const struct finding *f)
{
    struct missing *m = arg;
    struct arena tmp = *m->ls->home->tmp;
    struct str text = str_from(f->text);
    if (!str_starts(text, S("no font"))) {
        tell_difference(m, f);
        return;
    }
    const char *column = NULL;
    ptrdiff_t at = str_find(text, S("U+"));
    unsigned code_point;
    if (at >= 0 && sscanf(f->text + at, "U+%x", &code_point) == 1) {
        struct buf b = buf_new(&tmp, 16);
        buf_utf8(&b, code_point);
        const struct php_array *vars = m->l->models;
        column = column_with(php_array_named(vars, "club"), buf_str(&b), &tmp);
        if (!column)
            column = column_with(php_array_named(vars, "teacher"), buf_str(&b), &tmp);
    }
    struct str line = str_fmt(&tmp, "%s (%s; job %.*s)", f->text,
                              column ? column : "from the view itself", STR_ARG(m->id));
    m->ls->o->warn(m->ls->o->arg, str_z(&tmp, line));
}

/* render renders a view. One that is not there fails as the class, which may ask for it
 * before, has it. One that may not be read is left to PHP, which may run as another
 * user. */
static bool render(struct letters *ls, int which, struct php_array *vars,
                   struct arena *perm, struct view_page *page, struct error *e)
{
    if (view_render(ls->views, str_from(letter_views[which]), vars, perm, page, e))
        return true;
    if (e->kind == ERR_JOB && !page->file.len)
        return missing_view_fail(&ls->missing[which], e);
    if (e->kind == ERR_FATAL)
        e->kind = ERR_UNSUPPORTED;
    return false;
}

static bool make_pdf(struct letters *ls, struct letter *l, struct str id,
                     struct arena *perm, struct arena tmp, struct error *e)
{
    struct view_page page;
    jobs_step(ls->o, LETTER_STEP_VIEW);
    if (!render(ls, LETTER_VIEW, l->models, perm, &page, e))
        return false;
    jobs_step(ls->o, LETTER_STEP_PDF);
    struct missing missing = {ls, l, id};
    struct pdf_input in = {.html = page.html,
                           .data = page.data,
                           .created = clock_unix(),
                           .view = str_z(perm, page.file),
                           .report = on_missing,
                           .arg = &missing};
    l->page = page.html;
    l->path = page.path;
    return pdf_render(ls->pdf, &in, perm, tmp, &l->pdf, e);
}

/* host_of returns what stands behind the last "@". */
static struct str host_of(struct str address)
{
    struct cut at = str_cut(address, '@');
    while (at.ok) {
        address = at.tail;
        at = str_cut(address, '@');
    }
    return address;
}

static bool make_mail(struct letters *ls, struct letter *l, struct str id,
                      struct arena *perm, struct error *e)
{
    struct view_page page;
    struct php_array *vars = php_array_new(perm);
    php_array_put(perm, vars, php_key_from(S("clubName")), php_string(l->club_name));
    php_array_put(perm, vars, php_key_from(S("teacherName")),
                  php_string(l->teacher_name));
    jobs_step(ls->o, LETTER_STEP_MAIL);
    if (!render(ls, MAIL_VIEW, vars, perm, &page, e))
        return false;
    l->html = page.html;
    l->path = l->path * 31 + page.path;
    struct mail_attachment pdf = {
        .name = str_from(attachment_name), .type = S("application/pdf"), .bytes = l->pdf};
    struct mail_message m = {
        .to = {.address = l->email},
        .html = l->html,
        .attachments = &pdf,
        .attachments_len = 1,
        .date = clock_unix(),
    };
    mail_settings_apply(&ls->mail, &m);
    if (!plan_apply(ls->plan, l, &m, perm, e))
        return false;
    l->from = m.from.address;
    struct str host = host_of(l->from);
    m.message_id = str_fmt(perm, "%.*s@%.*s", STR_ARG(id), STR_ARG(host));
    return mail_build(&m, perm, &l->mail, e);
}

bool letter_make(struct letters *ls, struct letter *l, struct str id, struct arena *perm,
                 struct arena tmp, struct error *e)
{
    return make_pdf(ls, l, id, perm, tmp, e) && make_mail(ls, l, id, perm, e);
}
