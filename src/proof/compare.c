/* compare.c: two letters, fact by fact. */
#include <math.h>
#include <stdio.h>

#include "proof/proof_imp.h"

/* Points; of colours, parts of one. */
static const double near_enough = 0.1, colour_enough = 0.005;

enum { EXCERPT = 60, DIFFERENCES_MAX = 1000 };

/* === what is not compared === */

/* Facts of these names must be there on both sides, or on none, and say what they like.
 */
static const struct mask {
    const char *begin, *end; /* of the fact's name */
    const char *told;
} masks[] = {
    {"mail ", " date", "a mail's Date"},
    {"mail ", " message-id", "a mail's Message-ID"},
    {"row ", " id", "a row's id"},
    {"row ", " created_at", "a row's created_at"},
    {"row ", " updated_at", "a row's updated_at"},
    {"row ", " sent_at", "a row's sent_at, but for whether there is one"},
};

static const char *const left_out[] = {
    "how a mail is written: encodings, boundaries, line ends, the order of its fields, "
    "quotes around a name, a name= beside the filename=",
    "the bytes of a PDF: compared are the size of its pages and each run of text, its "
    "characters, font, size, colour and place (0.1 pt), and how wide its blanks are; not "
    "lines, backgrounds and pictures, nor CreationDate and Producer",
    "the time of a log line, and what its channel does with it",
};

const char *proof_mask(size_t i)
{
    if (i < COUNT(masks))
        return masks[i].told;
    i -= COUNT(masks);
    return i < COUNT(left_out) ? left_out[i] : NULL;
}

static bool masked(struct str name)
{
    for (size_t i = 0; i < COUNT(masks); i++)
        if (str_starts(name, str_from(masks[i].begin)) &&
            str_ends(name, str_from(masks[i].end)))
            return true;
    return false;
}

/* === a letter's facts === */

static struct str text_of(struct php_value v, struct arena *perm)
{
    struct buf b = buf_new(perm, 1 << 20);
    struct error unprintable = {0};
    if (v.type == PHP_STRING)
        return v.s;
    bool ok = php_json(&b, v, JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE, &unprintable);
    return ok ? buf_str(&b) : str_from("(what JSON has no word for)");
}

static void add_mail(struct facts *f, size_t n, const struct proof_mail *m)
{
    struct str name = str_fmt(f->perm, "mail %zu", n);
    facts_add(f, str_fmt(f->perm, "%.*s sender", STR_ARG(name)), m->from);
    for (size_t i = 0; i < m->to_len; i++)
        facts_add(f, str_fmt(f->perm, "%.*s recipient %zu", STR_ARG(name), i + 1),
                  m->to[i]);
    if (!mime_facts(f, name, m->bytes))
        facts_add(f, str_fmt(f->perm, "%.*s form", STR_ARG(name)), S("not understood"));
}

/* add_records adds the entries of each array of a list. */
static void add_records(struct facts *f, const char *kind, struct php_value list)
{
    for (size_t i = 0; list.type == PHP_ARRAY && i < list.a->len; i++) {
        struct php_value record = php_deref(list.a->at[i].value);
        for (size_t j = 0; record.type == PHP_ARRAY && j < record.a->len; j++)
            facts_add(f,
                      str_fmt(f->perm, "%s %zu %.*s", kind, i + 1,
                              STR_ARG(record.a->at[j].key.s)),
                      text_of(php_deref(record.a->at[j].value), f->perm));
    }
}

static struct facts facts_of(const struct proof_letter *l, struct arena *perm)
{
    struct facts f = {.perm = perm};
    for (size_t i = 0; i < l->views_len; i++) {
        facts_add(&f, str_fmt(perm, "view %zu", i + 1), l->views[i].name);
        facts_add(&f, str_fmt(perm, "view %zu HTML", i + 1), l->views[i].html);
    }
    for (size_t i = 0; i < l->mails_len; i++)
        add_mail(&f, i + 1, &l->mails[i]);
    add_records(&f, "row", l->rows);
    add_records(&f, "log line", l->lines);
    return f;
}

/* === telling === */

struct comparing {
    struct arena *perm;
    struct proof_result *out;
};

static void tell(struct comparing *c, struct str difference)
{
    if (c->out->differences.len < DIFFERENCES_MAX)
        VEC_PUSH(c->perm, &c->out->differences, difference);
}

/* excerpt quotes what stands around a byte, on one line. */
static struct str excerpt(struct comparing *c, struct str s, size_t at)
{
    struct buf b = buf_new(c->perm, 8 * EXCERPT);
    size_t from = at > EXCERPT / 3 ? at - EXCERPT / 3 : 0;
    while (from && from < s.len && ((unsigned char)s.ptr[from] & 0xC0) == 0x80)
        from--;
    struct str part = str_sub(s, from, EXCERPT);
    buf_json(&b, part, JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE);
    return str_fmt(c->perm, "%s%.*s%s", from ? "…" : "", (int)b.len, b.ptr,
                   from + part.len < s.len ? "…" : "");
}

/* tell_texts names the line where two texts part. */
static void tell_texts(struct comparing *c, struct str name, struct str ours,
                       struct str theirs)
{
    size_t at = 0, line = 1;
    for (; at < ours.len && at < theirs.len && ours.ptr[at] == theirs.ptr[at]; at++)
        line += ours.ptr[at] == '\n';
    struct str place = line > 1 ? str_fmt(c->perm, ", line %zu", line) : S("");
    struct str a = excerpt(c, ours, at), b = excerpt(c, theirs, at);
    tell(c, str_fmt(c->perm, "%.*s%.*s: facteur %.*s, PHP %.*s", STR_ARG(name),
                    STR_ARG(place), STR_ARG(a), STR_ARG(b)));
}

/* === PDFs === */

static bool same_run(const struct pdf_run *a, const struct pdf_run *b)
{
    bool same = a->colours == b->colours;
    for (size_t i = 0; i < a->colours && same; i++)
        same = fabs(a->colour[i] - b->colour[i]) <= colour_enough;
    return same && fabs(a->x - b->x) <= near_enough && fabs(a->y - b->y) <= near_enough &&
           fabs(a->size - b->size) <= near_enough &&
           fabs(a->widened - b->widened) <= near_enough * (1 + (double)a->text.len / 5) &&
           str_eq(a->font, b->font) && str_eq(a->text, b->text);
}

static struct str run_text(struct comparing *c, const struct pdf_run *r)
{
    struct str text = excerpt(c, r->text, 0);
    return str_fmt(c->perm, "%.*s in %.*s of %.4g pt at %.2f, %.2f (blanks +%.2f)",
                   STR_ARG(text), STR_ARG(r->font), r->size, r->x, r->y, r->widened);
}

/* twin finds a run's partner: mostly the one in its place, else any that is left. */
static size_t twin(const struct pdf_page *page, const struct pdf_run *run, size_t hint,
                   const bool *taken)
{
    for (size_t i = 0; i < page->runs.len; i++) {
        size_t at = (hint + i) % page->runs.len;
        if (!taken[at] && same_run(&page->runs.at[at], run))
            return at;
    }
    return SIZE_MAX;
}

static void compare_page(struct comparing *c, struct str name,
                         const struct pdf_page *ours, const struct pdf_page *theirs)
{
    bool *taken = NEW(c->perm, bool, ours->runs.len + 1);
    size_t told = c->out->differences.len;
    if (fabs(ours->width - theirs->width) > near_enough ||
        fabs(ours->height - theirs->height) > near_enough)
        tell(c, str_fmt(c->perm, "%.*s: facteur %.2f × %.2f pt, PHP %.2f × %.2f",
                        STR_ARG(name), ours->width, ours->height, theirs->width,
                        theirs->height));
    for (size_t i = 0; i < theirs->runs.len; i++) {
        size_t at = twin(ours, &theirs->runs.at[i], i, taken);
        if (at != SIZE_MAX) {
            taken[at] = true;
        } else if (c->out->differences.len - told < 20) {
            struct str text = run_text(c, &theirs->runs.at[i]);
            tell(c,
                 str_fmt(c->perm, "%.*s: only PHP %.*s", STR_ARG(name), STR_ARG(text)));
        }
    }
    for (size_t i = 0; i < ours->runs.len && c->out->differences.len - told < 40; i++) {
        if (taken[i])
            continue;
        struct str text = run_text(c, &ours->runs.at[i]);
        tell(c,
             str_fmt(c->perm, "%.*s: only facteur %.*s", STR_ARG(name), STR_ARG(text)));
    }
    c->out->pages++;
    c->out->runs += theirs->runs.len;
}

static void compare_pdfs(struct comparing *c, struct str name, struct str ours,
                         struct str theirs)
{
    struct pdf_pages a, b;
    const char *why;
    bool read = pdf_pages_read(ours, c->perm, &a, &why);
    if (!read || !pdf_pages_read(theirs, c->perm, &b, &why)) {
        tell(c, str_fmt(c->perm, "%.*s: %s PDF cannot be compared: %s", STR_ARG(name),
                        read ? "PHP's" : "facteur's", why));
        return;
    }
    if (a.list.len != b.list.len)
        tell(c, str_fmt(c->perm, "%.*s: facteur %zu pages, PHP %zu", STR_ARG(name),
                        a.list.len, b.list.len));
    for (size_t i = 0; i < a.list.len && i < b.list.len; i++)
        compare_page(c, str_fmt(c->perm, "%.*s page %zu", STR_ARG(name), i + 1),
                     &a.list.at[i], &b.list.at[i]);
}

/* === facts === */

static bool is_pdf(struct str s)
{
    return str_starts(s, S("%PDF-"));
}

static void compare_fact(struct comparing *c, const struct fact *ours,
                         const struct fact *theirs)
{
    bool there = !str_eq(ours->value, S("null")),
         wanted = !str_eq(theirs->value, S("null"));
    if (masked(ours->name) && there == wanted)
        return;
    if (str_eq(ours->value, theirs->value))
        return;
    if (is_pdf(ours->value) && is_pdf(theirs->value))
        compare_pdfs(c, ours->name, ours->value, theirs->value);
    else
        tell_texts(c, ours->name, ours->value, theirs->value);
}

static void tell_one_sided(struct comparing *c, const struct fact *f, const char *whose)
{
    struct str text = excerpt(c, f->value, 0);
    tell(c, str_fmt(c->perm, "%.*s: only %s has it, %.*s", STR_ARG(f->name), whose,
                    STR_ARG(text)));
}

void proof_compare(const struct proof_letter *ours, const struct proof_letter *theirs,
                   struct arena *perm, struct proof_result *out)
{
    struct comparing c = {perm, out};
    struct facts a = facts_of(ours, perm), b = facts_of(theirs, perm);
    bool *taken = NEW(perm, bool, a.list.len + 1);
    *out = (struct proof_result){.facts = b.list.len};
    for (size_t i = 0; i < b.list.len; i++) {
        size_t at = 0;
        while (at < a.list.len &&
               (taken[at] || !str_eq(a.list.at[at].name, b.list.at[i].name)))
            at++;
        if (at == a.list.len) {
            tell_one_sided(&c, &b.list.at[i], "PHP");
            continue;
        }
        taken[at] = true;
        compare_fact(&c, &a.list.at[at], &b.list.at[i]);
    }
    for (size_t i = 0; i < a.list.len; i++)
        if (!taken[i])
            tell_one_sided(&c, &a.list.at[i], "facteur");
}
