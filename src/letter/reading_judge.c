/* reading_judge.c: what the class that sends the letters may do, as far as facteur knows
 * it. */
#include "letter/reading_imp.h"

static bool named(const struct php_effect *d, const char *words)
{
    struct cut word = str_cut(str_from(words), ' ');
    for (; word.head.len; word = str_cut(word.tail, ' '))
        if (str_ieq(d->name, word.head))
            return true;
    return false;
}

static struct php_value arg(const struct php_effect *d, size_t i)
{
    return i < d->len ? d->args[i] : php_null();
}

static struct php_value *prop(const struct php_value *o, const char *name)
{
    return (struct php_value *)php_array_named(o->o->props, name);
}

static void set(struct reading *r, struct php_value o, const char *name,
                struct php_value v)
{
    php_array_put(r->perm, o.o->props, php_key_from(str_from(name)), v);
}

static struct str class_of(const struct php_effect *d)
{
    return d->class_name;
}

static bool is_facade(struct str name, const char *facade)
{
    static const struct str space = {"Illuminate\\Support\\Facades\\", 27};
    bool below = str_ieq(str_sub(name, 0, space.len), space);
    return str_ieq(below ? str_skip(name, space.len) : name, str_from(facade));
}

static struct php_value symbol(struct reading *r, const char *class_name,
                               const char *text)
{
    return php_symbol(r->perm, str_from(class_name), str_from(text), true);
}

static bool fails(struct reading *r, const struct php_effect *d, enum fault at,
                  struct error *e)
{
    if (r->fault != at)
        return false;
    php_throw(d, symbol(r, "Exception", "error"), e);
    return true;
}

/* === the log === */

static bool on_log(struct reading *r, const struct php_effect *d, struct error *e)
{
    if (!named(d, "emergency alert critical error warning notice info debug"))
        return reading_refuse(d, e);
    reading_line(r, d->place, "log %.*s %.*s %.*s", STR_ARG(str_lower(r->perm, d->name)),
                 STR_ARG(reading_text(r, arg(d, 0))),
                 STR_ARG(reading_text(r, arg(d, 1))));
    return true;
}

/* === models === */

static struct php_value query(struct reading *r, struct str model)
{
    struct str name = str_fmt(r->perm, "query of %.*s", STR_ARG(model));
    struct php_value q = php_symbol(r->perm, name, name, true);
    set(r, q, "", php_string(model));
    return q;
}

/* where notes a condition: where(column, value), where(column, "=", value). */
static bool where(struct reading *r, const struct php_effect *d, struct php_value q)
{
    bool key = named(d, "whereKey");
    bool sign =
        d->len == 3 && d->args[1].type == PHP_STRING && str_eq(d->args[1].s, S("="));
    struct php_value column = key ? php_string(S("id")) : arg(d, 0);
    if (d->call->named || column.type != PHP_STRING || prop(&q, "order") ||
        (key ? d->len != 1 : d->len != 2 && !sign))
        return false;
    php_array_put(r->perm, q.o->props, php_key_from(column.s), d->args[d->len - 1]);
    return true;
}

static bool is_asked_for(struct reading *r, struct php_value q, const char *text)
{
    const struct php_value *id = prop(&q, "id");
    return id && q.o->props->len == 2 && str_eq(reading_text(r, *id), str_from(text));
}

/* found gives the row that a query finds, or refuses one that is not known. */
static bool found(struct reading *r, const struct php_effect *d, struct php_value q,
                  struct php_value *out, struct error *e)
{
    struct str model = prop(&q, "")->s;
    if (str_ieq(model, S("App\\Models\\Club")) && is_asked_for(r, q, "{this.clubId}")) {
        *out = r->miss == MISS_CLUB ? php_null() : r->club;
        return true;
    }
    if (str_ieq(model, S("App\\Models\\Teacher")) &&
        is_asked_for(r, q, "{this.teacherId}")) {
        *out = r->miss == MISS_TEACHER ? php_null() : r->teacher;
        return true;
    }
    struct str asked = reading_text(r, php_from_array(q.o->props));
    if (!str_ieq(model, S(SENDS_CLASS)) ||
        !str_eq(asked, S("[ => " SENDS_CLASS ", club_id => {this.clubId}, teacher_id => "
                         "{this.teacherId}, status => pending, order => newest]")))
        return reading_refuse(d, e);
    *out = symbol(r, SENDS_CLASS, "last");
    return true;
}

static bool on_query(struct reading *r, const struct php_effect *d, struct php_value q,
                     struct php_value *out, struct error *e)
{
    struct str relation = arg(d, 0).type == PHP_STRING ? arg(d, 0).s : S("");
    struct str model = prop(&q, "")->s;
    bool newest = arg(d, 0).type == PHP_NULL || str_eq(relation, S("created_at"));
    if (arg(d, 0).type == PHP_ARRAY && arg(d, 0).a->len == 1 &&
        arg(d, 0).a->at[0].value.type == PHP_STRING)
        relation = arg(d, 0).a->at[0].value.s;
    *out = q;
    if (named(d, "query newQuery") && d->len == 0)
        return true;
    if (named(d, "with") && d->len == 1 && str_eq(relation, S("user")) &&
        str_ieq(model, S("App\\Models\\Teacher")))
        return true;
    if (named(d, "where whereKey") && where(r, d, q))
        return true;
    if ((named(d, "latest") && newest && d->len < 2) ||
        (named(d, "orderByDesc") && newest && d->len == 1) ||
        (named(d, "orderBy") && newest && d->len == 2 && arg(d, 1).type == PHP_STRING &&
         str_ieq(arg(d, 1).s, S("desc")))) {
        set(r, q, "order", php_string(S("newest")));
        return true;
    }
    if (named(d, "find") && d->len == 1)
        set(r, q, "id", arg(d, 0));
    else if (!named(d, "first") || d->len)
        return reading_refuse(d, e);
    return found(r, d, q, out, e);
}

/* === the row of the letter === */

static void fill(struct reading *r, struct php_value row, struct php_value columns)
{
    for (size_t i = 0; columns.type == PHP_ARRAY && i < columns.a->len; i++)
        php_array_copy(r->perm, row.o->props, &columns.a->at[i], false);
}

static struct php_value new_row(struct reading *r, struct php_value columns)
{
    struct php_value row = symbol(r, SENDS_CLASS, "row");
    fill(r, row, columns);
    return row;
}

/* keep: the row is written. The first time it is made. */
static void keep(struct reading *r, const struct php_effect *d, struct php_value row)
{
    struct str text;
    php_symbol_text(row, &text);
    r->row_changed = d->place;
    if (str_eq(text, S("{last}")))
        reading_line(r, d->place, "last %.*s",
                     STR_ARG(reading_text(r, php_from_array(row.o->props))));
    else if (r->row.type == PHP_NULL)
        reading_line(r, d->place, "row %.*s",
                     STR_ARG(reading_text(r, php_from_array(row.o->props))));
    else if (r->row.o != row.o)
        reading_line(r, d->place, "another row");
    if (!str_eq(text, S("{last}")))
        r->row = row;
}

static bool on_row(struct reading *r, const struct php_effect *d, struct php_value row,
                   struct php_value *out, struct error *e)
{
    *out = php_bool(true);
    if (named(d, "update fill forceFill") && d->len == 1 && d->args[0].type == PHP_ARRAY)
        fill(r, row, d->args[0]);
    else if (!named(d, "save") || d->len)
        return reading_refuse(d, e);
    if (named(d, "fill forceFill"))
        *out = row;
    else
        keep(r, d, row);
    return true;
}

static bool on_model_class(struct reading *r, const struct php_effect *d,
                           struct php_value *out, struct error *e)
{
    if (str_ieq(d->class_name, S(SENDS_CLASS)) && named(d, "create forceCreate") &&
        d->len == 1 && d->args[0].type == PHP_ARRAY) {
        *out = new_row(r, d->args[0]);
        keep(r, d, *out);
        return true;
    }
    return on_query(r, d, query(r, d->class_name), out, e);
}

/* === views and the PDF === */

static struct php_value made(struct reading *r, const char *what, struct php_value name,
                             struct php_value data)
{
    struct php_value v = symbol(r, what, what);
    set(r, v, "name", name);
    set(r, v, "data", data);
    return v;
}

static bool on_view(struct reading *r, const struct php_effect *d, struct php_value *out,
                    struct error *e)
{
    if (named(d, "exists") && d->len == 1)
        *out = php_bool(true); /* where it is missing: missing_view.c */
    else if (named(d, "make") && d->len && d->len < 3)
        *out = made(r, "view", arg(d, 0), arg(d, 1));
    else
        return reading_refuse(d, e);
    return true;
}

static bool on_rendered(struct reading *r, const struct php_effect *d,
                        struct php_value view, struct php_value *out, struct error *e)
{
    if (!named(d, "render") || d->len)
        return reading_refuse(d, e);
    if (fails(r, d, FAULT_VIEW, e))
        return false;
    *out = made(r, "html", *prop(&view, "name"), *prop(&view, "data"));
    return true;
}

static bool on_pdf_class(struct reading *r, const struct php_effect *d,
                         struct php_value *out, struct error *e)
{
    if (d->len && arg(d, 0).type == PHP_OBJECT && named(d, "loadHTML") && d->len == 1 &&
        str_eq(arg(d, 0).o->class_name, S("html"))) {
        *out = made(r, "pdf", *prop(&d->args[0], "name"), *prop(&d->args[0], "data"));
        return true;
    }
    if (!named(d, "loadView") || d->len == 0 || d->len > 2)
        return reading_refuse(d, e);
    if (fails(r, d, FAULT_VIEW, e))
        return false;
    *out = made(r, "pdf", arg(d, 0), arg(d, 1));
    return true;
}

/* is_option_idle: a name that dompdf does not know has no effect. */
static bool is_option_idle(struct reading *r, struct php_value name)
{
    static const char *const known[] = {
        "temp",    "font", "chroot",  "allowed", "artifact", "log",
        "default", "dpi",  "is",      "enable",  "debug",    "pdf",
        "http",    "root", "default", "admin",   "convert"};
    if (name.type != PHP_STRING)
        return false;
    struct str lower = str_lower(r->perm, name.s);
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_starts(lower, str_from(known[i])))
            return false;
    return true;
}

static void written(struct reading *r, struct php_value path)
{
    struct reading_file f = {reading_text(r, path), true};
    VEC_PUSH(r->perm, &r->written, f);
}

static void pdf_line(struct reading *r, const struct php_effect *d, struct php_value pdf)
{
    const struct php_value *paper = prop(&pdf, "paper"), *way = prop(&pdf, "way");
    struct str size = paper && paper->type == PHP_STRING ? str_lower(r->perm, paper->s)
                      : paper                            ? reading_text(r, *paper)
                                                         : S("as configured");
    struct str turned = way ? str_lower(r->perm, reading_text(r, *way)) : S("portrait");
    reading_line(r, d->place, "pdf %.*s %.*s %.*s %.*s",
                 STR_ARG(reading_text(r, *prop(&pdf, "name"))),
                 STR_ARG(reading_text(r, *prop(&pdf, "data"))), STR_ARG(size),
                 STR_ARG(turned));
}

static bool on_pdf(struct reading *r, const struct php_effect *d, struct php_value pdf,
                   struct php_value *out, struct error *e)
{
    *out = pdf;
    if (named(d, "setPaper") && d->len && d->len < 3) {
        set(r, pdf, "paper", arg(d, 0));
        if (d->len == 2)
            set(r, pdf, "way", arg(d, 1));
        return true;
    }
    if (named(d, "setOption") && d->len == 2 && is_option_idle(r, arg(d, 0)))
        return true;
    if (!(named(d, "save") && d->len == 1) && !(named(d, "output") && d->len == 0))
        return reading_refuse(d, e);
    if (fails(r, d, FAULT_PDF, e))
        return false;
    pdf_line(r, d, pdf);
    if (named(d, "save"))
        written(r, arg(d, 0));
    else
        *out = symbol(r, "", "the pdf");
    return true;
}

/* === files === */

static struct reading_file *file_at(struct reading *r, struct php_value path)
{
    struct str text = reading_text(r, path);
    for (size_t i = 0; i < r->written.len; i++)
        if (str_eq(r->written.at[i].path, text))
            return &r->written.at[i];
    return NULL;
}

/* on_files: temporary ones, which facteur keeps in memory. *known false: not about files.
 */
static bool on_files(struct reading *r, const struct php_effect *d, bool *known,
                     struct php_value *out)
{
    struct reading_file *f = d->len ? file_at(r, d->args[0]) : NULL;
    struct str text;
    bool path = d->len && php_symbol_text(d->args[0], &text);
    *known = true;
    *out = php_bool(true);
    if (named(d, "file_exists is_file exists isFile is_dir isDirectory is_writable") &&
        d->len == 1)
        *out = php_bool(f ? f->there : r->others_there);
    else if (named(d, "unlink delete") && d->len == 1 && path) {
        if (f)
            f->there = false;
        else if (r->fault == FAULT_NONE) /* else it may not have been made yet */
            reading_line(r, d->place, "deletes %.*s", STR_ARG(text));
    } else if (named(d, "file_put_contents put") && d->len == 2 &&
               str_eq(reading_text(r, d->args[1]), S("{the pdf}")))
        written(r, arg(d, 0));
    else
        *known = named(d, "mkdir makeDirectory ensureDirectoryExists");
    return true;
}

/* === functions === */

/* put_one writes a value as %s or %d does; false: its text is not known. */
static bool put_one(struct reading *r, struct buf *b, char conversion, struct php_value v)
{
    struct str text;
    bool is_symbol = php_symbol_text(v, &text);
    bool is_plain = v.type == PHP_INT || (conversion == 's' && v.type == PHP_STRING);
    if (is_symbol && conversion == 'd')
        buf_fmt(b, "{number %.*s}", STR_ARG(text)); /* PHP cuts a text to its digits */
    else if (is_symbol || is_plain)
        buf_add(b, reading_text(r, v));
    return is_symbol ||
           (is_plain && (v.type == PHP_INT || !str_has(v.s, S("{")))); /* no symbol's */
}

/* put_in writes sprintf's %s and %d. */
static bool put_in(struct reading *r, const struct php_effect *d, struct php_value *out)
{
    struct buf b = buf_new(r->perm, 64 << 10);
    size_t at = 1;
    if (!d->len || d->args[0].type != PHP_STRING || str_has(d->args[0].s, S("{")))
        return false;
    struct str format = d->args[0].s;
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] != '%') {
            buf_add(&b, str_sub(format, i, 1));
            continue;
        }
        if (i + 1 == format.len || !strchr("sd", format.ptr[++i]) || at >= d->len ||
            !put_one(r, &b, format.ptr[i], d->args[at++]))
            return false;
    }
    *out = php_symbol_of(r->perm, buf_str(&b), true);
    return !b.full && at == d->len;
}

/* compact makes an array of variables. */
static bool compact(struct reading *r, const struct php_effect *d, struct php_value *out)
{
    struct php_array *a = php_array_new(r->perm);
    for (size_t i = 0; i < d->len; i++) {
        struct php_value name = d->args[i];
        const struct php_value *v =
            name.type == PHP_STRING
                ? php_array_lookup(d->call->scope->vars, php_key_from(name.s))
                : NULL;
        if (!v)
            return false;
        php_array_put(r->perm, a, php_key_from(name.s), *v);
    }
    *out = php_from_array(a);
    return true;
}

/* on_clock: a moment is known by what it is called; what is asked of it is not. */
static bool on_clock(struct reading *r, const struct php_effect *d, struct php_value *out)
{
    struct buf b = buf_new(r->perm, 4096);
    if (named(d, "now") && d->len == 0) {
        *out = symbol(r, "", "now");
        return true;
    }
    if (!named(d, "time date") || d->class_name.len)
        return false;
    buf_fmt(&b, "%.*s", STR_ARG(d->name));
    for (size_t i = 0; i < d->len; i++)
        buf_fmt(&b, " %.*s", STR_ARG(reading_text(r, d->args[i])));
    *out = php_symbol(r->perm, S(""), buf_str(&b), true);
    return true;
}

static bool on_function(struct reading *r, const struct php_effect *d,
                        struct php_value *out, struct error *e)
{
    bool known;
    if (on_clock(r, d, out))
        return true;
    if (named(d, "view") && d->len == 0)
        *out = symbol(r, "views", "views");
    else if (named(d, "view") && d->len < 3)
        *out = made(r, "view", arg(d, 0), arg(d, 1));
    else if (named(d, "optional") && d->len == 1 && arg(d, 0).type == PHP_OBJECT &&
             str_eq(arg(d, 0).o->class_name, S("batch")))
        *out = arg(d, 0);
    else if (named(d, "logger") && d->len == 0)
        *out = symbol(r, "log", "log");
    else if (named(d, "app resolve") && d->len == 1 && arg(d, 0).type == PHP_STRING &&
             str_eq(arg(d, 0).s, S("dompdf.wrapper")))
        *out = symbol(r, "dompdf", "dompdf");
    else if (named(d, "file_get_contents") && d->len == 1 && file_at(r, d->args[0]) &&
             file_at(r, d->args[0])->there)
        *out = symbol(r, "", "the pdf");
    else if (named(d, "storage_path dirname base_path public_path") && d->len == 1)
        *out = php_symbol(r->perm, S(""),
                          str_fmt(r->perm, "%.*s %.*s", STR_ARG(d->name),
                                  STR_ARG(reading_text(r, d->args[0]))),
                          true);
    else if ((named(d, "sprintf") && put_in(r, d, out)) ||
             (named(d, "compact") && compact(r, d, out)))
        return true;
    else
        return (on_files(r, d, &known, out) && known) || reading_refuse(d, e);
    return true;
}

/* === what is thrown === */

static bool on_exception(struct reading *r, const struct php_effect *d,
                         struct php_value x, struct php_value *out, struct error *e)
{
    const struct php_value *message = prop(&x, "message");
    struct str text;
    php_symbol_text(x, &text);
    if (named(d, "getMessage") && message)
        *out = *message;
    else if (named(d, "getMessage getTraceAsString") && str_eq(text, S("{error}")))
        *out = symbol(r, "", named(d, "getMessage") ? "message" : "trace");
    else
        return reading_refuse(d, e);
    return true;
}

/* === a batch: the known forms of asking for it (job_source_judge.c) === */

/* on_batch: facteur has looked whether it is cancelled, and then nothing is run at all.
 */
static bool on_batch(struct reading *r, const struct php_effect *d, bool *known,
                     struct php_value *out)
{
    struct php_value self = *d->call->self;
    bool of_batch = str_eq(self.o->class_name, S("batch"));
    bool asks = named(d, "batch") && self.o->kind == PHP_PLAIN &&
                str_ieq(self.o->class_name, S(LETTER_CLASS));
    *known = r->source->skips_cancelled && d->len == 0 &&
             (asks || (of_batch && named(d, "cancelled canceled")));
    *out = asks ? symbol(r, "batch", "batch") : php_bool(false);
    return true;
}

/* === the judge === */

/* in_order: arguments with names that stand where they would without. */
static bool in_order(const struct php_effect *d)
{
    static const char *const names[] = {"size", "orientation"};
    bool same = named(d, "setPaper") && d->len <= COUNT(names);
    for (size_t i = 0; same && i < d->len; i++)
        same = !d->call->names[i].len || str_eq(d->call->names[i], str_from(names[i]));
    return same;
}

static bool on_object(struct reading *r, const struct php_effect *d,
                      struct php_value *out, struct error *e)
{
    struct php_value self = *d->call->self;
    struct str of = self.o->class_name;
    struct str text;
    bool known;
    if (on_batch(r, d, &known, out) && known)
        return true;
    if (!php_symbol_text(self, &text))
        return reading_mailable(r, d, &known, out, e) && (known || reading_refuse(d, e));
    if (str_starts(of, S("query of ")))
        return on_query(r, d, self, out, e);
    if (str_ieq(of, S(SENDS_CLASS)))
        return on_row(r, d, self, out, e);
    if (str_eq(of, S("view")))
        return on_rendered(r, d, self, out, e);
    if (str_eq(of, S("views")))
        return on_view(r, d, out, e);
    if (str_eq(of, S("pdf")))
        return on_pdf(r, d, self, out, e);
    if (str_eq(of, S("dompdf")))
        return on_pdf_class(r, d, out, e);
    if (str_eq(of, S("log")))
        return on_log(r, d, e);
    if (str_eq(of, S("pending mail")) && named(d, "cc bcc") && d->len == 1) {
        set(r, self, named(d, "cc") ? "cc" : "bcc", d->args[0]);
        *out = self;
        return true;
    }
    if (str_eq(of, S("pending mail")) && named(d, "send sendNow") && d->len == 1)
        return !fails(r, d, FAULT_MAIL, e) && reading_mail(r, d, self, d->args[0], e);
    if (str_ends(of, S("Exception")))
        return on_exception(r, d, self, out, e);
    return reading_mailable(r, d, &known, out, e) && (known || reading_refuse(d, e));
}

static bool on_static(struct reading *r, const struct php_effect *d,
                      struct php_value *out, struct error *e)
{
    struct str of = class_of(d);
    bool known;
    bool carbon =
        str_ieq(of, S("Carbon\\Carbon")) || str_ieq(of, S("Illuminate\\Support\\Carbon"));
    if (carbon && on_clock(r, d, out))
        return true;
    if (model_is_ours(of))
        return on_model_class(r, d, out, e);
    if (is_facade(of, "Log"))
        return on_log(r, d, e);
    if (is_facade(of, "View"))
        return on_view(r, d, out, e);
    if (str_ieq(of, S("Barryvdh\\DomPDF\\Facade\\Pdf")) || is_facade(of, "Pdf") ||
        str_ieq(of, S("Barryvdh\\DomPDF\\Facade")))
        return on_pdf_class(r, d, out, e);
    if (is_facade(of, "File") && on_files(r, d, &known, out) && known)
        return true;
    if (is_facade(of, "Mail") && named(d, "to") && d->len == 1) {
        *out = symbol(r, "pending mail", "mail");
        set(r, *out, "to", d->args[0]);
        return true;
    }
    if (is_facade(of, "Mail") && named(d, "send sendNow") && d->len == 1)
        return !fails(r, d, FAULT_MAIL, e) &&
               reading_mail(r, d, php_null(), d->args[0], e);
    return reading_mailable(r, d, &known, out, e) && (known || reading_refuse(d, e));
}

static bool on_new(struct reading *r, const struct php_effect *d, struct php_value *out,
                   struct error *e)
{
    bool known;
    if (str_ieq(d->class_name, S(SENDS_CLASS)) && d->len < 2) {
        *out = new_row(r, arg(d, 0));
        return true;
    }
    if (str_ends(d->class_name, S("Exception")) && !str_has(d->class_name, S("\\"))) {
        *out = php_symbol(r->perm, d->class_name, d->class_name, true);
        set(r, *out, "message", arg(d, 0));
        return true;
    }
    return reading_mailable(r, d, &known, out, e) && (known || reading_refuse(d, e));
}

bool reading_judge(void *x, const struct php_effect *d, struct php_value *out,
                   struct error *e)
{
    struct reading *r = x;
    if (d->call && d->call->named && d->kind != PHP_EFFECT_NEW && !in_order(d))
        return reading_refuse(d, e);
    switch (d->kind) {
    case PHP_EFFECT_FUNCTION:
        return on_function(r, d, out, e);
    case PHP_EFFECT_STATIC:
        return on_static(r, d, out, e);
    case PHP_EFFECT_METHOD:
        return on_object(r, d, out, e);
    case PHP_EFFECT_NEW:
        return on_new(r, d, out, e);
    case PHP_EFFECT_STORE:
        if (!str_ieq(d->class_name, S(SENDS_CLASS)))
            break; /* whoever gets the object later would see another */
        php_array_put(r->perm, d->object->props, php_key_from(d->name), d->args[0]);
        return true;
    case PHP_EFFECT_STATEMENT:
    case PHP_EFFECT_LOST:
        break;
    }
    return reading_refuse(d, e);
}
