/* plan.c: what the mail's class says, kept as it says it: texts with symbols in the place
 * of what each letter tells, {club.name}. */
#include "letter/reading_imp.h"

/* === texts and symbols === */

/* piece takes the text before the next symbol, and the symbol; false: there is none. */
static bool piece(struct str *rest, struct str *text, struct str *symbol)
{
    struct cut open = str_cut(*rest, '{');
    struct cut close = str_cut(open.tail, '}');
    *text = open.head;
    *symbol = close.head;
    *rest = close.tail;
    return open.ok;
}

/* words gives what is said as a text with symbols; `plain` has none. */
static bool words(struct php_value v, struct str *out, bool *plain)
{
    *plain = v.type == PHP_STRING;
    if (*plain)
        *out = v.s;
    return *plain || php_symbol_text(v, out);
}

static bool is_clean(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return false;
    return str_utf8_ok(text);
}

bool plan_each(struct php_value v, plan_symbol_fn *fn, void *arg)
{
    struct str rest, text, symbol;
    bool plain;
    for (size_t i = 0; v.type == PHP_ARRAY && i < v.a->len; i++)
        if (!plan_each(v.a->at[i].value, fn, arg))
            return false;
    if (v.type == PHP_ARRAY || v.type == PHP_NULL)
        return true;
    if (!words(v, &rest, &plain))
        return false;
    if (plain)
        return is_clean(rest);
    while (piece(&rest, &text, &symbol))
        if (!is_clean(text) || !fn(arg, symbol))
            return false;
    return is_clean(text);
}

/* is_column: a column of a model, {club.name}; nothing below it. */
static bool is_column(void *arg, struct str symbol)
{
    struct cut model = str_cut(symbol, '.');
    (void)arg;
    return model.tail.len && !str_has(model.tail, S(".")) &&
           (str_eq(model.head, S("club")) || str_eq(model.head, S("teacher")) ||
            str_eq(model.head, S("user")));
}

/* === the subject === */

/* fixed counts the bytes that are the same in each letter. */
static size_t fixed(struct php_value v)
{
    struct str rest, text, symbol;
    bool plain;
    size_t n = 0;
    if (!words(v, &rest, &plain) || plain)
        return plain ? rest.len : 0;
    while (piece(&rest, &text, &symbol))
        n += text.len;
    return n + text.len;
}

/* Where it is "" or "0" Laravel takes the name of the class. Blanks at the ends of a
 * field are the transport's, and may get lost. */
static bool subject_ok(struct reading *r, struct php_value v, struct php_value *out)
{
    struct str text;
    bool plain;
    (void)r;
    *out = v;
    return words(v, &text, &plain) && fixed(v) >= 2 && !str_starts(text, S(" ")) &&
           !str_ends(text, S(" "));
}

/* === addresses === */

/* address_ok adds [address, name] to the list. */
static bool address_ok(struct reading *r, struct php_value v, struct php_array *list)
{
    struct php_array *one = php_array_new(r->perm);
    const struct php_value *name = NULL;
    struct str text, encoded;
    const char *why;
    bool plain;
    if (v.type == PHP_OBJECT && str_ieq(v.o->class_name, S(MAILABLE "s\\Address"))) {
        name = php_array_named(v.o->props, "name");
        const struct php_value *address = php_array_named(v.o->props, "address");
        v = address ? *address : php_null();
    }
    if (!words(v, &text, &plain) ||
        (plain && !mail_address_encode(text, r->perm, &encoded, &why)))
        return false;
    if (name && name->type != PHP_NULL && !words(*name, &text, &plain))
        return false;
    php_array_push(r->perm, one, v);
    php_array_push(r->perm, one, name ? *name : php_null());
    php_array_push(r->perm, list, php_from_array(one));
    return true;
}

static bool from_ok(struct reading *r, struct php_value v, struct php_value *out)
{
    struct php_array *list = php_array_new(r->perm);
    *out = php_from_array(list);
    return v.type != PHP_ARRAY && address_ok(r, v, list);
}

/* addresses_ok: of an Address that stands alone Laravel's Envelope makes a list of its
 * two fields. */
static bool addresses_ok(struct reading *r, struct php_value v, struct php_value *out)
{
    struct php_array *list = php_array_new(r->perm);
    struct str text;
    bool plain;
    *out = php_from_array(list);
    if (v.type != PHP_ARRAY)
        return words(v, &text, &plain) && !str_eq(text, S("{part}")) &&
               address_ok(r, v, list);
    for (size_t i = 0; i < v.a->len; i++)
        if (!v.a->at[i].key.is_int || !address_ok(r, v.a->at[i].value, list))
            return false;
    return true;
}

static bool more_ok(struct reading *r, struct php_value v, struct php_value *out)
{
    return mail_settings_many(&r->ls->mail) && addresses_ok(r, v, out);
}

/* === what a mail has === */

static const struct mail_part {
    const char *name;
    bool (*ok)(struct reading *r, struct php_value v, struct php_value *out);
} parts[PLAN_PARTS] = {
    [PLAN_SUBJECT] = {"subject", subject_ok},
    [PLAN_FROM] = {"from", from_ok},
    [PLAN_CC] = {"cc", more_ok},
    [PLAN_BCC] = {"bcc", more_ok},
    [PLAN_REPLY_TO] = {"replyTo", addresses_ok},
};

bool plan_take(struct reading *r, struct str name, struct php_value v,
               struct php_place place)
{
    struct letters *ls = r->ls;
    struct planned p = {.at = {place.file, place.line, place.col}};
    for (size_t i = 0; i < PLAN_PARTS; i++)
        if (str_eq(name, str_from(parts[i].name)) && parts[i].ok(r, v, &p.v) &&
            plan_each(p.v, is_column, NULL)) {
            ls->plan[i] = p;
            return true;
        }
    return false;
}

/* === a letter's own === */

/* value_of finds what a symbol stands for; NULL: the letter does not have it. */
static const struct php_value *value_of(const struct letter *l, struct str symbol)
{
    struct cut at = str_cut(symbol, '.');
    const struct php_array *models = l->models;
    bool user = str_eq(at.head, S("user"));
    struct php_key model = php_key_from(user ? S("teacher") : at.head);
    const struct php_value *v = php_array_lookup(models, model);
    if (v && user)
        v = php_array_named(v->o->props, "user");
    return v ? php_array_lookup(v->o->props, php_key_from(at.tail)) : NULL;
}

/* plan_text writes what is said for one letter; false: it is no text that a field of a
 * mail may have. */
static bool plan_text(struct php_value v, const struct letter *l, struct arena *perm,
                      struct str *out)
{
    struct buf b = buf_new(perm, 64 << 10);
    struct str rest, text, symbol, value;
    struct error ignored = {0};
    bool plain;
    if (!words(v, &rest, &plain))
        return false;
    if (plain) {
        *out = rest;
        return true;
    }
    while (piece(&rest, &text, &symbol)) {
        const struct php_value *of = value_of(l, symbol);
        if (!of || !php_to_string(*of, perm, &value, &ignored))
            return false;
        buf_add(&b, text);
        buf_add(&b, value);
    }
    buf_add(&b, text);
    *out = buf_str(&b);
    return !b.full;
}

static bool odd(const struct planned *p, const char *what, struct error *e)
{
    err_set(e, ERR_UNSUPPORTED, "%s of the mail cannot be used for this letter", what);
    return err_place(e, p->at.file, p->at.line, p->at.col);
}

/* is_new: Laravel puts the second of the same in the place of the first. */
static bool is_new(const struct mail_addresses *list, struct str address)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_eq(list->at[i].address, address))
            return false;
    return true;
}

static bool make_list(const struct planned *p, const char *what, const struct letter *l,
                      struct arena *perm, struct mail_addresses *out, struct error *e)
{
    size_t len = p->v.type == PHP_ARRAY ? p->v.a->len : 0;
    struct mail_address *list = NEW(perm, struct mail_address, len);
    *out = (struct mail_addresses){list, 0};
    for (size_t i = 0; i < len; i++) {
        struct php_value one = p->v.a->at[i].value, name = one.a->at[1].value;
        struct str encoded;
        const char *why;
        if (!plan_text(one.a->at[0].value, l, perm, &list[i].address) ||
            !mail_address_encode(list[i].address, perm, &encoded, &why) ||
            mail_address_utf8(encoded) || !is_new(out, list[i].address) ||
            (name.type != PHP_NULL && !plan_text(name, l, perm, &list[i].name)) ||
            !is_clean(list[i].name))
            return odd(p, what, e);
        list[i].name = str_trim(list[i].name);
        out->len = i + 1;
    }
    return true;
}

/* recipients: whom the envelope names behind the first. */
static void recipients(struct letter *l, const struct mail_addresses *cc,
                       const struct mail_addresses *bcc, struct arena *perm)
{
    struct str *more = NEW(perm, struct str, cc->len + bcc->len);
    for (size_t i = 0; i < cc->len; i++)
        more[l->more_len++] = cc->at[i].address;
    for (size_t i = 0; i < bcc->len; i++)
        more[l->more_len++] = bcc->at[i].address;
    l->more = more;
}

bool plan_apply(const struct planned *plan, struct letter *l, struct mail_message *m,
                struct arena *perm, struct error *e)
{
    struct mail_addresses lists[PLAN_PARTS];
    for (size_t i = PLAN_FROM; i < PLAN_PARTS; i++)
        if (!make_list(&plan[i], parts[i].name, l, perm, &lists[i], e))
            return false;
    if (!plan_text(plan[PLAN_SUBJECT].v, l, perm, &m->subject))
        return odd(&plan[PLAN_SUBJECT], "subject", e);
    if (lists[PLAN_FROM].len)
        m->from = lists[PLAN_FROM].at[0];
    m->cc = lists[PLAN_CC];
    m->more = lists[PLAN_REPLY_TO];
    l->more_len = 0;
    recipients(l, &m->cc, &lists[PLAN_BCC], perm);
    return true;
}
