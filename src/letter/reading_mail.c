/* reading_mail.c: the class of the mail that is sent, run like the one that sends it. */
#include "letter/reading_imp.h"

/* === what it is made of === */

/* Laravel's own objects, with the parameters of their constructors, which are also the
 * names of what their methods set. */
static const struct part_class {
    const char *name;
    const char *parameters;
} part_classes[] = {
    {"Illuminate\\Mail\\Mailables\\Envelope",
     "from to cc bcc replyTo subject tags metadata using"},
    {"Illuminate\\Mail\\Mailables\\Address", "address name"},
    {"Illuminate\\Mail\\Mailables\\Content", "view html text markdown with htmlString"},
};

/* What Mailable's own methods and properties are called: a class that has one of these in
 * its place is not known. */
static const char methods[] =
    "__call additionalMessageData addressesToArray attach attachData attachFromStorage "
    "attachFromStorageDisk attachMany bcc buildAttachments buildDiskAttachments "
    "buildFrom "
    "buildMarkdownHtml buildMarkdownText buildMarkdownView buildMetadata buildRecipients "
    "buildSubject buildTags buildView buildViewData buildViewDataUsing cc "
    "ensureAttachmentsAreHydrated ensureContentIsHydrated ensureEnvelopeIsHydrated "
    "ensureHeadersAreHydrated from hasRecipient html later locale mailer markdown "
    "markdownRenderer metadata newQueuedJob normalizeRecipient "
    "prepareMailableForDelivery "
    "priority queue render replyTo runCallbacks send setAddress subject tag tap text to "
    "usesMailer view with withLocale withSwiftMessage withSymfonyMessage "
    "middleware failed __get __set __isset __destruct __serialize __unserialize __wakeup "
    "__sleep macro when unless";
static const char properties[] = "locale from to cc bcc replyTo subject markdown html "
                                 "view textView viewData attachments "
                                 "rawAttachments diskAttachments tags metadata callbacks "
                                 "theme mailer viewDataCallback "
                                 "assertionableRenderStrings afterCommit";

static bool is_one_of(struct str name, const char *words)
{
    struct cut word = str_cut(str_from(words), ' ');
    for (; word.head.len; word = str_cut(word.tail, ' '))
        if (str_ieq(name, word.head))
            return true;
    return false;
}

/* nth_name is the name of a parameter by its place. */
static struct str nth_name(const char *words, size_t n)
{
    struct cut word = str_cut(str_from(words), ' ');
    for (; n && word.head.len; n--)
        word = str_cut(word.tail, ' ');
    return word.head;
}

static const struct part_class *part_class(struct str name)
{
    for (size_t i = 0; i < COUNT(part_classes); i++)
        if (str_ieq(name, str_from(part_classes[i].name)))
            return &part_classes[i];
    return NULL;
}

static void put(struct reading *r, struct php_value o, struct str name,
                struct php_value v)
{
    php_array_put(r->perm, o.o->props, php_key_from(name), v);
}

/* say puts what the mail has where it is said; place_of: where that was. */
static void say(struct reading *r, const struct php_effect *d, struct php_value o,
                struct str name, struct php_value v)
{
    struct php_place *at = NEW(r->perm, struct php_place, 1);
    *at = d->place;
    map_put(r->perm, &r->places, str_copy(r->perm, name), at);
    put(r, o, name, v);
}

static struct php_place place_of(const struct reading *r, struct str name,
                                 struct php_place otherwise)
{
    const struct php_place *at = map_lookup(&r->places, name);
    return at ? *at : otherwise;
}

static bool new_part(struct reading *r, const struct part_class *c,
                     const struct php_effect *d, struct php_value *out, struct error *e)
{
    *out = php_symbol(r->perm, str_from(c->name), S("part"), true);
    for (size_t i = 0; i < d->len; i++) {
        const struct str *names = d->call->names;
        struct str name = names && names[i].len ? names[i] : nth_name(c->parameters, i);
        if (!is_one_of(name, c->parameters) || !name.len)
            return reading_refuse(d, e);
        say(r, d, *out, name, d->args[i]);
    }
    return true;
}

/* with_entry adds to the data of the view: with(key, value), with([…]). */
static bool with_entry(struct reading *r, const struct php_effect *d, struct php_value o)
{
    const struct php_value *old = php_array_named(o.o->props, "with");
    struct php_array *data = php_array_new(r->perm);
    for (size_t i = 0; old && old->type == PHP_ARRAY && i < old->a->len; i++)
        php_array_copy(r->perm, data, &old->a->at[i], false);
    if (d->len == 2 && d->args[0].type == PHP_STRING)
        php_array_put(r->perm, data, php_key_from(d->args[0].s), d->args[1]);
    else if (d->len != 1 || d->args[0].type != PHP_ARRAY)
        return false;
    for (size_t i = 0; d->len == 1 && i < d->args[0].a->len; i++)
        php_array_copy(r->perm, data, &d->args[0].a->at[i], false);
    say(r, d, o, S("with"), php_from_array(data));
    return true;
}

static bool on_part(struct reading *r, const struct part_class *c,
                    const struct php_effect *d, struct php_value *out, struct error *e)
{
    bool address =
        str_starts(str_from(c->parameters), S("address ")); /* without methods */
    *out = *d->call->self;
    if (str_ieq(d->name, S("with")))
        return with_entry(r, d, *out) || reading_refuse(d, e);
    if (address || !is_one_of(d->name, c->parameters) || d->len != 1 ||
        php_array_lookup(out->o->props, php_key_from(d->name)))
        return reading_refuse(d, e);
    say(r, d, *out, d->name, d->args[0]);
    return true;
}

/* === attachments === */

static struct php_value attachment(struct reading *r, struct php_value of)
{
    struct php_value a = php_symbol(r->perm, S("attachment"), S("attachment"), true);
    struct str path = reading_text(r, of);
    for (size_t i = 0; i < r->written.len; i++)
        if (r->written.at[i].there && str_eq(r->written.at[i].path, path))
            of = php_symbol(r->perm, S(""), S("the pdf"), true);
    put(r, a, S("of"), of);
    return a;
}

/* from_data: the bytes, or the closure that makes them. */
static bool from_data(struct reading *r, const struct php_effect *d,
                      struct php_value *out, struct error *e)
{
    struct php_value bytes;
    if (d->len == 0 || d->len > 2)
        return reading_refuse(d, e);
    if (!php_value_of(d->call, d->args[0], &bytes))
        return false;
    *out = attachment(r, bytes);
    if (d->len == 2)
        put(r, *out, S("name"), d->args[1]);
    return true;
}

static bool on_attachment(struct reading *r, const struct php_effect *d,
                          struct php_value *out, struct error *e)
{
    *out = *d->call->self;
    if (d->len != 1 || !is_one_of(d->name, "as withMime"))
        return reading_refuse(d, e);
    put(r, *out, str_ieq(d->name, S("as")) ? S("name") : S("mime"), d->args[0]);
    return true;
}

/* attach is what build() calls: attach(path, […]), attachData(bytes, name, […]). */
static bool attach(struct reading *r, const struct php_effect *d, struct php_value list)
{
    bool data = str_ieq(d->name, S("attachData"));
    size_t at = data ? 2 : 1;
    if (d->len < at || d->len > at + 1)
        return false;
    struct php_value a = attachment(r, d->args[0]);
    struct php_value options = d->len > at ? d->args[at] : php_null();
    if (d->args[0].type == PHP_OBJECT &&
        str_eq(d->args[0].o->class_name, S("attachment")))
        a = d->args[0];
    if (data)
        put(r, a, S("name"), d->args[1]);
    for (size_t i = 0; options.type == PHP_ARRAY && i < options.a->len; i++) {
        struct str key = options.a->at[i].key.s;
        bool as = str_eq(key, S("as"));
        if (!as && !str_eq(key, S("mime")))
            return false;
        put(r, a, as ? S("name") : S("mime"), options.a->at[i].value);
    }
    php_array_push(r->perm, list.a, a);
    return true;
}

/* === its own methods, and Laravel's === */

/* What build() and others tell the mailable stands beside its properties. */
static struct php_value *told(struct reading *r, struct php_value mailable)
{
    struct php_key key = php_key_from(S("\001told"));
    struct php_value *v = (struct php_value *)php_array_lookup(mailable.o->props, key);
    if (v)
        return v;
    php_array_put(r->perm, mailable.o->props, key,
                  php_symbol(r->perm, S("told"), S("told"), true));
    return (struct php_value *)php_array_lookup(mailable.o->props, key);
}

static bool on_told(struct reading *r, const struct php_effect *d, struct php_value *out,
                    struct error *e)
{
    struct php_value t = *told(r, *d->call->self);
    *out = *d->call->self;
    if (str_ieq(d->name, S("with")))
        return with_entry(r, d, t) || reading_refuse(d, e);
    if (is_one_of(d->name, "attach attachData")) {
        if (!php_array_named(t.o->props, "attachments"))
            say(r, d, t, S("attachments"), php_from_array(php_array_new(r->perm)));
        return attach(r, d, *php_array_named(t.o->props, "attachments")) ||
               reading_refuse(d, e);
    }
    if (str_ieq(d->name, S("view")) && d->len == 2 && d->args[1].type == PHP_ARRAY)
        say(r, d, t, S("with"), d->args[1]);
    else if (d->len != 1 || !is_one_of(d->name, "view subject to from cc bcc replyTo"))
        return reading_refuse(d, e);
    if (php_array_lookup(t.o->props, php_key_from(d->name)))
        return reading_refuse(d, e);
    say(r, d, t, d->name, d->args[0]);
    return true;
}

static bool is_mailable(struct reading *r, const struct php_declared *c)
{
    for (int i = 0; c && i < 32; i++) {
        if (str_ieq(php_declared_parent(c), S(MAILABLE)))
            return true;
        c = r->runner.find(r, php_declared_parent(c));
    }
    return false;
}

bool reading_mailable(struct reading *r, const struct php_effect *d, bool *known,
                      struct php_value *out, struct error *e)
{
    const struct php_value *self = d->call ? d->call->self : NULL;
    const struct part_class *c = part_class(self ? self->o->class_name : d->class_name);
    *known = true;
    if (c && d->kind == PHP_EFFECT_NEW)
        return new_part(r, c, d, out, e);
    if (c && self)
        return on_part(r, c, d, out, e);
    if (self && str_eq(self->o->class_name, S("attachment")))
        return on_attachment(r, d, out, e);
    if (self && self->o->kind == PHP_PLAIN && str_ieq(d->class_name, S(MAILABLE)) &&
        is_mailable(r, self->o->data))
        return on_told(r, d, out, e);
    if (str_ieq(d->class_name, S(MAILABLE "s\\Attachment"))) {
        if (str_ieq(d->name, S("fromData")))
            return from_data(r, d, out, e);
        *known = str_ieq(d->name, S("fromPath")) && d->len == 1;
        if (*known)
            *out = attachment(r, d->args[0]);
        return true;
    }
    *known = false;
    return true;
}

/* === what the class may look like === */

struct shape {
    struct reading *r;
    const struct php_declared *class;
    struct error *e;
};

static void on_method(void *arg, struct str name, int line)
{
    struct shape *s = arg;
    if (s->e->kind || (name.len && !is_one_of(name, methods)))
        return;
    err_set(s->e, ERR_UNSUPPORTED,
            "%.*s%s – facteur does not know what it does to the mail", STR_ARG(name),
            name.len ? "()" : "a part of the class");
    err_place(s->e, php_declared_file(s->class), line, 1);
}

static void on_trait(void *arg, struct str name, int line)
{
    struct shape *s = arg;
    const struct php_declared *c = s->r->runner.find(s->r, name);
    if (str_ieq(name, S("Illuminate\\Bus\\Queueable")) ||
        str_ieq(name, S("Illuminate\\Queue\\SerializesModels")) || s->e->kind)
        return;
    if (c) {
        struct shape inner = {s->r, c, s->e};
        php_declared_methods(c, on_method, &inner);
        php_declared_traits(c, on_trait, &inner);
        return;
    }
    err_set(s->e, ERR_UNSUPPORTED, "what the trait %.*s does to the mail is not known",
            STR_ARG(name));
    (void)line;
    err_place(s->e, php_declared_file(s->class), php_declared_line(s->class), 1);
}

static bool check_shape(struct reading *r, struct php_value mailable, struct error *e)
{
    const struct php_declared *c = mailable.o->data;
    const struct php_array *props = mailable.o->props;
    for (size_t i = 0; i < props->len; i++)
        if (is_one_of(props->at[i].key.s, properties)) {
            int line = php_declared_line(c);
            php_declared_property(c, props->at[i].key.s, &line);
            err_set(e, ERR_UNSUPPORTED,
                    "$%.*s of the mail – facteur does not know what it does",
                    STR_ARG(props->at[i].key.s));
            return err_place(e, php_declared_file(c), line, 1);
        }
    for (; c && !e->kind; c = r->runner.find(r, php_declared_parent(c))) {
        struct shape s = {r, c, e};
        if (php_declared_implements(c, S("Illuminate\\Contracts\\Queue\\ShouldQueue")) ||
            php_declared_implements(
                c, S("Illuminate\\Contracts\\Queue\\ShouldQueueAfterCommit"))) {
            err_set(e, ERR_UNSUPPORTED, "the mail is queued, not sent");
            return err_place(e, php_declared_file(c), php_declared_line(c), 1);
        }
        php_declared_methods(c, on_method, &s);
        php_declared_traits(c, on_trait, &s);
    }
    return !e->kind;
}

/* === sending it === */

/* ask runs a method of the mailable, if there is one. */
static bool ask(struct reading *r, struct php_value mailable, const char *method,
                struct php_value *out, bool *found, struct error *e)
{
    const struct php_declared *c = mailable.o->data;
    struct php_invocation i = {.object = mailable, .method = str_from(method)};
    r->at = (struct php_place){php_declared_file(c), php_declared_line(c), 1};
    php_declared_method(c, i.method, &r->at.line);
    bool ok = php_method(&r->runner, &i, r->perm, e);
    *out = i.out;
    *found = i.found;
    return ok;
}

static bool not_known(struct reading *r, const char *what, struct error *e)
{
    err_set(e, ERR_UNSUPPORTED, "%s of the mail – facteur does not do this", what);
    return err_place(e, r->at.file, r->at.line, r->at.col);
}

/* gather puts what a part says beside what is known already; twice is not known. */
static bool gather(struct reading *r, struct php_value all, struct php_value part)
{
    for (size_t i = 0; i < part.o->props->len; i++) {
        const struct php_entry *entry = &part.o->props->at[i];
        struct php_value v = entry->value;
        if (v.type == PHP_NULL || (v.type == PHP_ARRAY && v.a->len == 0))
            continue;
        if (php_array_lookup(all.o->props, entry->key))
            return false;
        php_array_copy(r->perm, all.o->props, entry, false);
    }
    return true;
}

/* hydrate asks the mailable for all that it says of itself, into `all`. */
static bool hydrate(struct reading *r, struct php_value mailable, struct php_value all,
                    struct error *e)
{
    static const char *const parts[] = {"build", "envelope", "content"};
    struct php_value out;
    bool found;
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!ask(r, mailable, parts[i], &out, &found, e))
            return false;
        if (found && i &&
            (out.type != PHP_OBJECT || !part_class(out.o->class_name) ||
             !gather(r, all, out)))
            return not_known(r, parts[i], e);
    }
    if (!ask(r, mailable, "attachments", &out, &found, e))
        return false;
    struct php_place *at = NEW(r->perm, struct php_place, 1);
    *at = r->at;
    if (found && out.type == PHP_ARRAY && out.a->len) {
        put(r, all, S("attachments"), out);
        map_put(r->perm, &r->places, S("attachments"), at);
    }
    if (found && out.type != PHP_ARRAY)
        return not_known(r, "attachments()", e);
    if (!ask(r, mailable, "headers", &out, &found, e))
        return false;
    if (found)
        return not_known(r, "headers()", e);
    return gather(r, all, *told(r, mailable)) || not_known(r, "what is said twice", e);
}

static struct str attachments_text(struct reading *r, struct php_value list)
{
    struct buf b = buf_new(r->perm, 64 << 10);
    for (size_t i = 0; list.type == PHP_ARRAY && i < list.a->len; i++) {
        struct php_value a = list.a->at[i].value;
        if (a.type != PHP_OBJECT || !str_eq(a.o->class_name, S("attachment"))) {
            buf_add(&b, reading_text(r, a));
            continue;
        }
        const struct php_value *name = php_array_named(a.o->props, "name");
        const struct php_value *mime = php_array_named(a.o->props, "mime");
        buf_fmt(&b, "%s%.*s as %.*s, %.*s", i ? "; " : "",
                STR_ARG(reading_text(r, *php_array_named(a.o->props, "of"))),
                STR_ARG(name ? reading_text(r, *name) : S("it is called")),
                STR_ARG(mime ? reading_text(r, *mime) : S("what it seems")));
    }
    return buf_str(&b);
}

/* keep_names notes what the view is given: the mailable's properties. */
static void keep_names(struct reading *r, struct php_value mailable)
{
    const struct php_array *props = mailable.o->props;
    for (size_t i = 0; i < props->len; i++)
        map_put(r->perm, &r->ls->mail_gives, props->at[i].key.s, (void *)r->ls);
}

bool reading_mail_gives(const struct letters *ls, struct str name)
{
    return map_lookup(&ls->mail_gives, name) != NULL || str_eq(name, S("message"));
}

/* is_optional: facteur adds what the class says to what it does without. */
static bool is_optional(struct str name)
{
    return is_one_of(name, "from cc bcc replyTo");
}

/* line notes one part; what facteur makes as it is said has words of its own. */
static void line(struct reading *r, struct php_value all, struct str name,
                 struct php_place otherwise)
{
    const struct php_value *v = php_array_lookup(all.o->props, php_key_from(name));
    struct php_place at = place_of(r, name, otherwise);
    struct str text = S("none");
    bool taken = v && plan_take(r, name, *v, at);
    if (taken && is_optional(name))
        return;
    if (v)
        text = taken                            ? S(AS_SAID)
               : str_eq(name, S("attachments")) ? attachments_text(r, *v)
                                                : reading_text(r, *v);
    reading_line(r, at, "mail %.*s %.*s", STR_ARG(name), STR_ARG(text));
}

/* lines notes what the mail is made of: what each has in an order of ours, then the rest.
 */
static void lines(struct reading *r, struct php_place sent, const struct php_declared *c,
                  struct php_value all)
{
    const struct php_place class = {php_declared_file(c), php_declared_line(c), 1};
    static const char *const order[] = {"to", "subject", "view", "with", "attachments"};
    for (size_t i = 0; i < COUNT(order); i++)
        line(r, all, str_from(order[i]), i ? class : sent);
    for (size_t i = 0; i < all.o->props->len; i++)
        if (!is_one_of(all.o->props->at[i].key.s, "to subject view with attachments"))
            line(r, all, all.o->props->at[i].key.s, sent);
}

/* said_again: another way through the class must plan the same mail. */
static bool said_again(struct reading *r, const struct php_effect *d, struct error *e)
{
    struct buf b = buf_new(r->perm, 64 << 10);
    for (size_t i = 0; i < PLAN_PARTS; i++)
        buf_fmt(&b, "%.*s\n", STR_ARG(reading_text(r, r->ls->plan[i].v)));
    if (!r->ls->plan_said.len)
        r->ls->plan_said = buf_str(&b);
    if (str_eq(r->ls->plan_said, buf_str(&b)))
        return true;
    err_set(e, ERR_UNSUPPORTED,
            "the mail is another one where the class finds other files – facteur does "
            "not do this");
    return err_place(e, d->place.file, d->place.line, d->place.col);
}

bool reading_mail(struct reading *r, const struct php_effect *d, struct php_value pending,
                  struct php_value mailable, struct error *e)
{
    struct php_value all = php_symbol(r->perm, S("mail"), S("mail"), true);
    r->places = (struct map){0};
    if (mailable.type != PHP_OBJECT || mailable.o->kind != PHP_PLAIN ||
        !is_mailable(r, mailable.o->data)) {
        err_set(e, ERR_UNSUPPORTED, "what is sent here is not known");
        return err_place(e, d->place.file, d->place.line, d->place.col);
    }
    if (pending.type == PHP_OBJECT && !gather(r, all, pending))
        return reading_refuse(d, e);
    memset(r->ls->plan, 0, sizeof(r->ls->plan));
    if (!hydrate(r, mailable, all, e) || !check_shape(r, mailable, e))
        return err_place(e, d->place.file, d->place.line, d->place.col);
    keep_names(r, mailable);
    lines(r, d->place, mailable.o->data, all);
    return said_again(r, d, e);
}
