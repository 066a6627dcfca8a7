/* subject.c: a mail's subject, as the mail's class says it. */
#include "letter/reading_imp.h"

/* add_text adds a part of the subject that is the same in each mail. */
static bool add_text(struct arena *perm, struct subject *out, struct str text)
{
    if (!str_utf8_ok(text))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return false;
    struct subject_part part = {SUBJECT_TEXT, str_copy(perm, text)};
    if (text.len)
        VEC_PUSH(perm, &out->parts, part);
    out->always += text.len;
    return true;
}

static bool add_name(struct arena *perm, struct subject *out, struct str symbol)
{
    bool club = str_eq(symbol, S("club.name"));
    if (!club && !str_eq(symbol, S("user.name")))
        return false;
    struct subject_part part = {club ? SUBJECT_CLUB : SUBJECT_USER, S("")};
    VEC_PUSH(perm, &out->parts, part);
    return true;
}

/* add_joined takes a text with symbols apart; in its texts there are no braces. */
static bool add_joined(struct arena *perm, struct subject *out, struct str text)
{
    struct cut at = str_cut(text, '{');
    for (; at.ok; at = str_cut(at.tail, '{')) {
        struct cut symbol = str_cut(at.tail, '}');
        if (!add_text(perm, out, at.head) || !add_name(perm, out, symbol.head))
            return false;
        at.tail = symbol.tail;
    }
    return add_text(perm, out, at.head);
}

/* is_trimmed: blanks at the ends of a field are the transport's, and may get lost. */
static bool is_trimmed(const struct subject *s)
{
    struct str first = s->parts.at[0].text, last = s->parts.at[s->parts.len - 1].text;
    return !str_starts(first, S(" ")) && !str_ends(last, S(" "));
}

bool subject_read(struct arena *perm, struct php_value v, struct subject *out)
{
    struct subject s = {0};
    struct str joined;
    bool ok = php_symbol_text(v, &joined)
                  ? add_joined(perm, &s, joined)
                  : v.type == PHP_STRING && add_text(perm, &s, v.s);
    /* Where it is "" or "0" Laravel takes the name of the class. */
    if (!ok || s.always < 2 || !is_trimmed(&s))
        return false;
    *out = s;
    return true;
}

struct str subject_of(const struct subject *s, const struct letter *l, struct arena *perm)
{
    size_t names = l->club_name.len + l->teacher_name.len;
    struct buf b = buf_new(perm, s->always + s->parts.len * names);
    for (size_t i = 0; i < s->parts.len; i++) {
        const struct subject_part *part = &s->parts.at[i];
        buf_add(&b, part->kind == SUBJECT_CLUB   ? l->club_name
                    : part->kind == SUBJECT_USER ? l->teacher_name
                                                 : part->text);
    }
    return buf_str(&b);
}
