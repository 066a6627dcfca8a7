/* select.c: selectors as dompdf reads them: it cuts at " >.#+~:[(" and turns each piece
 * into a condition, so that "a> b" is "a > * b"; its specificity counts those signs. */
#include <ctype.h>

#include "pdf/css.h"

/* === reading === */

struct reading {
    struct arena *perm;
    struct str rest;
    struct simple *part; /* the one being read */
    VEC(struct simple) parts;
    VEC(struct condition) conditions; /* of that one */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

static struct str take_name(struct reading *r)
{
    size_t n = 0;
    while (n < r->rest.len && name_char(r->rest.ptr[n]))
        n++;
    struct str name = str_sub(r->rest, 0, n);
    r->rest = str_skip(r->rest, n);
    return name;
}

static void add_condition(struct reading *r, struct condition c)
{
    VEC_PUSH(r->perm, &r->conditions, c);
}

static void end_part(struct reading *r)
{
    if (!r->part)
        return;
    r->part->conditions = r->conditions.at;
    r->part->conditions_len = r->conditions.len;
    memset(&r->conditions, 0, sizeof(r->conditions));
}

static void begin_part(struct reading *r, enum joint joint)
{
    end_part(r);
    VEC_PUSH(r->perm, &r->parts, ((struct simple){.joint = joint}));
    r->part = &r->parts.at[r->parts.len - 1];
    r->part->special = joint == JOINT_NEXT || joint == JOINT_LATER;
}

/* steps reads "odd", "3" or "2n+1" of :nth-child; what is none matches nothing. */
static struct condition steps(struct reading *r, enum condition_kind kind, struct str s)
{
    struct condition c = {.kind = kind}, never = {.kind = MATCH_NEVER};
    struct buf b = buf_new(r->perm, s.len + 1);
    int64_t n;
    if (str_eq(s, S("odd")) || str_eq(s, S("even"))) {
        c.step = 2;
        c.from = str_eq(s, S("odd"));
        return c;
    }
    for (size_t i = 0; i < s.len; i++)
        if (!blank(s.ptr[i]))
            buf_byte(&b, s.ptr[i]);
    struct cut at = str_cut(buf_str(&b), 'n');
    struct str from = at.ok ? at.tail : at.head, step = at.ok ? at.head : S("0");
    if (str_starts(from, S("+")) && at.ok)
        from = str_skip(from, 1);
    if (str_starts(from, S("+")) || str_starts(step, S("+")))
        return never;
    if (from.len || !at.ok) {
        if (!str_to_i64(from, &n) || n < -10000 || n > 10000 || (!at.ok && n < 0))
            return never;
        c.from = (int)n;
    }
    n = str_eq(step, S("-")) ? -1 : 1;
    if (step.len && !str_eq(step, S("-")) &&
        (!str_to_i64(step, &n) || n < -10000 || n > 10000))
        return never;
    c.step = (int)n;
    return at.ok && n == 0 ? never : c;
}

/* A pseudo-class is a row here and, if it is of a new kind, a case in holds(). */
static const struct pseudo {
    const char *name;
    enum condition_kind kind;
    int step, from;
    bool argument;
} pseudos[] = {
    {"any-link", MATCH_ATTRIBUTE, 0, 0, false},
    {"checked", MATCH_ATTRIBUTE, 0, 0, false},
    {"disabled", MATCH_ATTRIBUTE, 0, 0, false},
    {"empty", MATCH_EMPTY, 0, 0, false},
    {"first-child", MATCH_NTH, 0, 1, false},
    {"first-of-type", MATCH_NTH_TYPE, 0, 1, false},
    {"last-child", MATCH_NTH_LAST, 0, 1, false},
    {"last-of-type", MATCH_NTH_LAST_TYPE, 0, 1, false},
    {"link", MATCH_ATTRIBUTE, 0, 0, false},
    {"matches", MATCH_TAGS, 0, 0, true},
    {"nth-child", MATCH_NTH, 0, 0, true},
    {"nth-last-child", MATCH_NTH_LAST, 0, 0, true},
    {"nth-last-of-type", MATCH_NTH_LAST_TYPE, 0, 0, true},
    {"nth-of-type", MATCH_NTH_TYPE, 0, 0, true},
    {"root", MATCH_ROOT, 0, 0, false},
};

/* take_argument reads "(…)"; what is in it has no brackets. */
static bool take_argument(struct reading *r, struct str *out)
{
    ptrdiff_t end = str_find(r->rest, S(")"));
    if (!str_starts(r->rest, S("(")) || end < 0)
        return false;
    *out = str_trim(str_sub(r->rest, 1, (size_t)end - 1));
    r->rest = str_skip(r->rest, (size_t)end + 1);
    return !memchr(out->ptr, '(', out->len);
}

static bool take_pseudo(struct reading *r)
{
    struct str name = take_name(r), argument = S("");
    const struct pseudo *p = NULL;
    for (size_t i = 0; i < COUNT(pseudos); i++)
        if (str_eq(name, str_from(pseudos[i].name)))
            p = &pseudos[i];
    if (!p || (p->argument && !take_argument(r, &argument)))
        return false;
    struct condition c = {.kind = p->kind, .step = p->step, .from = p->from};
    if (p->kind == MATCH_ATTRIBUTE)
        c.name = str_has(name, S("link")) ? S("href") : name;
    if (p->kind == MATCH_TAGS)
        c.value = str_lower(r->perm, argument);
    else if (p->argument)
        c = steps(r, p->kind, argument);
    r->part->special = true;
    add_condition(r, c);
    return true;
}

/* take_attribute reads "name]", "name=value]" and kin, behind the bracket. */
static bool take_attribute(struct reading *r)
{
    static const struct {
        const char *sign;
        enum condition_kind kind;
    } signs[] = {{"]", MATCH_ATTRIBUTE}, {"=", MATCH_VALUE}, {"~=", MATCH_WORD},
                 {"^=", MATCH_START},    {"$=", MATCH_END},  {"*=", MATCH_PART}};
    ptrdiff_t end = str_find(r->rest, S("]"));
    struct condition c = {.name = take_name(r)};
    if (end < 0 || !c.name.len)
        return false;
    for (size_t i = 0; i < COUNT(signs); i++) {
        struct str sign = str_from(signs[i].sign);
        if (!str_starts(r->rest, sign))
            continue;
        size_t len = (size_t)end - c.name.len;
        c.kind = signs[i].kind;
        if (c.kind != MATCH_ATTRIBUTE)
            c.value = str_sub(r->rest, sign.len, len - sign.len);
        r->rest = str_skip(r->rest, len + 1);
        while (c.value.len && strchr("\"'", c.value.ptr[0]))
            c.value = str_skip(c.value, 1);
        while (c.value.len && strchr("\"'", c.value.ptr[c.value.len - 1]))
            c.value.len--;
        r->part->special = true;
        add_condition(r, c);
        return true;
    }
    return false;
}

static bool take_class_or_id(struct reading *r, enum condition_kind kind)
{
    struct str name = take_name(r);
    add_condition(r, (struct condition){.kind = kind, .value = name});
    return name.len != 0;
}

/* take_tag begins a part; no name stands for any element. */
static bool take_tag(struct reading *r, enum joint joint)
{
    begin_part(r, joint);
    if (str_starts(r->rest, S("*")))
        r->rest = str_skip(r->rest, 1);
    else
        r->part->tag = str_lower(r->perm, take_name(r));
    return true;
}

static bool take_piece(struct reading *r)
{
    char sign = r->rest.ptr[0];
    r->rest = str_skip(r->rest, 1);
    switch (sign) {
    case ' ':
        return take_tag(r, JOINT_WITHIN);
    case '>':
        return take_tag(r, JOINT_CHILD);
    case '+':
        return take_tag(r, JOINT_NEXT);
    case '~':
        return take_tag(r, JOINT_LATER);
    case '.':
        return take_class_or_id(r, MATCH_CLASS);
    case '#':
        return take_class_or_id(r, MATCH_ID);
    case ':':
        return take_pseudo(r);
    case '[':
        return take_attribute(r);
    default:
        return false;
    }
}

/* even_blanks makes one blank of several and takes those on both sides of a sign away,
 * as dompdf does; on one side only it leaves them. */
static struct str even_blanks(struct str s, struct arena *perm)
{
    struct buf b = buf_new(perm, s.len + 1);
    s = str_trim(s);
    for (size_t i = 0; i < s.len; i++) {
        if (!blank(s.ptr[i])) {
            buf_byte(&b, s.ptr[i]);
            continue;
        }
        while (i + 1 < s.len && blank(s.ptr[i + 1]))
            i++;
        bool around = i + 2 < s.len && strchr(">.:+~#", s.ptr[i + 1]) &&
                      s.ptr[i + 1] != '\0' && blank(s.ptr[i + 2]);
        if (!around) {
            buf_byte(&b, ' ');
            continue;
        }
        buf_byte(&b, s.ptr[i + 1]);
        i += 2;
        while (i + 1 < s.len && blank(s.ptr[i + 1]))
            i++;
    }
    return buf_str(&b);
}

static int count(struct str s, const char *sign)
{
    int n = 0;
    ptrdiff_t at;
    while ((at = str_find(s, str_from(sign))) >= 0) {
        s = str_skip(s, (size_t)at + strlen(sign));
        n++;
    }
    return n < 255 ? n : 255;
}

static int specificity(struct str s)
{
    int ids = count(s, "#"), classes = count(s, ".") + count(s, "[") + count(s, ":");
    int tags =
        count(s, " ") + count(s, ">") + count(s, "+") + count(s, "~") - count(s, "~=");
    bool tag = !strchr(" >.#+~:[", s.ptr[0]) && !str_eq(s, S("*"));
    return ids << 16 | classes << 8 | (tags + tag);
}

bool selector_parse(struct str text, struct selector *out, struct arena *perm)
{
    struct reading r = {.perm = perm, .rest = even_blanks(text, perm)};
    if (!r.rest.len)
        return false;
    out->text = r.rest;
    out->specificity = specificity(r.rest);
    if (!strchr(">+~", r.rest.ptr[0]))
        take_tag(&r, JOINT_WITHIN);
    while (r.rest.len)
        if (!r.part || !take_piece(&r))
            return false;
    end_part(&r);
    out->parts = r.parts.at;
    out->len = r.parts.len;
    return r.parts.len > 0;
}

/* === matching === */

static bool is_word(struct str list, struct str word)
{
    while (list.len) {
        size_t len = 0;
        while (len < list.len && !blank(list.ptr[len]))
            len++;
        if (len && str_eq(str_sub(list, 0, len), word))
            return true;
        list = str_skip(list, len + 1);
    }
    return false;
}

/* node_attribute returns an element's attribute, or NULL. */
static const struct attribute *node_attribute(const struct node *n, struct str name)
{
    for (size_t i = 0; i < n->attributes_len; i++)
        if (str_eq(n->attributes[i].name, name))
            return &n->attributes[i];
    return NULL;
}

static bool attribute_matches(const struct condition *c, const struct node *n)
{
    const struct attribute *a = node_attribute(n, c->name);
    if (!a || (!c->value.len && c->kind != MATCH_ATTRIBUTE && c->kind != MATCH_VALUE))
        return false;
    switch (c->kind) {
    case MATCH_VALUE:
        return str_eq(a->value, c->value);
    case MATCH_WORD:
        return is_word(a->value, c->value);
    case MATCH_START:
        return str_starts(a->value, c->value);
    case MATCH_END:
        return str_ends(a->value, c->value);
    case MATCH_PART:
        return str_has(a->value, c->value);
    default:
        return true;
    }
}

/* rank counts an element among its siblings, from 1: of one tag if it is told, from the
 * end if `last`. */
static int rank(const struct node *n, struct str tag, bool last)
{
    int at = 1;
    if (!tag.len && !last)
        return n->rank;
    if (!tag.len)
        return n->parent ? n->parent->elements - n->rank + 1 : 1;
    for (const struct node *s = n; (s = last ? s->next : s->prev);)
        at += str_eq(s->tag, tag);
    return at;
}

static bool nth(const struct condition *c, int at)
{
    if (c->step == 0)
        return at == c->from;
    if (c->from == 0)
        return at % c->step == 0;
    return (c->step < 0 ? at <= c->from : at >= c->from) && (at - c->from) % c->step == 0;
}

static bool is_empty(const struct node *n)
{
    for (const struct node *k = n->first; k; k = k->next)
        if (k->tag.len || str_trim(k->text).len)
            return false;
    return true;
}

static bool holds(const struct condition *c, struct str tag, const struct node *n)
{
    struct cut one = {.tail = c->value, .ok = true};
    switch (c->kind) {
    case MATCH_CLASS:
        return is_word(n->class_list, c->value);
    case MATCH_ID:
        return str_eq(n->id, c->value);
    case MATCH_NTH:
        return nth(c, rank(n, S(""), false));
    case MATCH_NTH_LAST:
        return nth(c, rank(n, S(""), true));
    case MATCH_NTH_TYPE:
        return nth(c, rank(n, tag, false));
    case MATCH_NTH_LAST_TYPE:
        return nth(c, rank(n, tag, true));
    case MATCH_EMPTY:
        return is_empty(n);
    case MATCH_ROOT:
        return !n->parent;
    case MATCH_TAGS:
        while (one.ok) {
            one = str_cut(one.tail, ',');
            if (str_eq(str_trim(one.head), n->tag))
                return true;
        }
        return false;
    case MATCH_NEVER:
        return false;
    default:
        return attribute_matches(c, n);
    }
}

static bool simple_matches(const struct simple *p, const struct node *n)
{
    if (p->tag.len && !str_eq(p->tag, n->tag))
        return false;
    for (size_t i = 0; i < p->conditions_len; i++)
        if (!holds(&p->conditions[i], p->tag, n))
            return false;
    return true;
}

static const struct node *element_before(const struct node *n)
{
    for (n = n->prev; n && !n->tag.len;)
        n = n->prev;
    return n;
}

/* A failure says how far up another try could still help, so that a match takes no more
 * steps than the tree is deep for each part. */
enum match { MATCHES, FAILS, FAILS_SIBLINGS, FAILS_ALL };

/* matches_from: does the chain up to part i end at n? */
static enum match matches_from(const struct selector *sel, size_t i, const struct node *n)
{
    const struct simple *p = &sel->parts[i];
    enum match m;
    if (!simple_matches(p, n))
        return FAILS;
    if (i == 0)
        return MATCHES;
    switch (p->joint) {
    case JOINT_CHILD:
        return n->parent ? matches_from(sel, i - 1, n->parent) : FAILS_ALL;
    case JOINT_NEXT:
        n = element_before(n);
        return n ? matches_from(sel, i - 1, n) : FAILS_SIBLINGS;
    case JOINT_LATER:
        while ((n = element_before(n)))
            if ((m = matches_from(sel, i - 1, n)) != FAILS)
                return m;
        return FAILS_SIBLINGS;
    case JOINT_WITHIN:
        break;
    }
    while ((n = n->parent)) {
        m = matches_from(sel, i - 1, n);
        if (m == MATCHES || m == FAILS_ALL)
            return m;
    }
    return FAILS_ALL;
}

bool selector_matches_to(const struct selector *sel, size_t parts, const struct node *n)
{
    return matches_from(sel, parts - 1, n) == MATCHES;
}

bool selector_matches(const struct selector *sel, const struct node *n)
{
    return selector_matches_to(sel, sel->len, n);
}
