/* Regular expressions: pattern → code for a machine that goes back, which gives what PCRE
 * gives: the leftmost match, alternatives in order, greedy unless it is said. */
#include "php/regex_imp.h"

enum { MAX_CODE = 5000, MAX_NESTED = 50, MAX_REPEAT = 1000, MAX_TRIES = 200000 };

enum regex_op {
    RE_SET,   /* one byte of the set */
    RE_SPLIT, /* go on at x, else at y; both relative */
    RE_JUMP,  /* x */
    RE_SAVE,  /* the place into slot x */
    RE_START, /* \A, ^ */
    RE_END,   /* \z */
    RE_LAST,  /* \Z, $: the end, or before a newline there */
    RE_WORD,  /* \b; x: \B */
    RE_MATCH,
};

struct set {
    uint32_t bits[8];
};

struct code {
    enum regex_op op;
    int x, y;
    struct set set;
};

struct regex {
    VEC(struct code) code;
    bool no_case, any_newline, dollar_end, utf8;
    int groups;
};

struct reader {
    struct regex *r;
    struct str s; /* what is left of the pattern */
    struct arena *perm;
    struct error *e;
    int depth;
};

static bool refuse(struct reader *p, const char *what)
{
    return err_set(p->e, ERR_UNSUPPORTED, "a pattern with %s is not supported", what);
}

/* === sets of bytes === */

static bool set_has(const struct set *set, unsigned char c)
{
    return set->bits[c / 32] >> (c % 32) & 1;
}

static void set_add(struct set *set, unsigned from, unsigned to)
{
    for (unsigned c = from; c <= to; c++)
        set->bits[c / 32] |= 1u << (c % 32);
}

static void set_invert(struct set *set)
{
    for (size_t i = 0; i < COUNT(set->bits); i++)
        set->bits[i] = ~set->bits[i];
}

static void set_join(struct set *set, const struct set *more)
{
    for (size_t i = 0; i < COUNT(set->bits); i++)
        set->bits[i] |= more->bits[i];
}

/* set_both_cases adds the other case of each ASCII letter. */
static void set_both_cases(struct set *set)
{
    for (unsigned c = 'a'; c <= 'z'; c++) {
        unsigned upper = c - 'a' + 'A';
        if (set_has(set, (unsigned char)c) || set_has(set, (unsigned char)upper)) {
            set_add(set, c, c);
            set_add(set, upper, upper);
        }
    }
}

/* set_kind makes the set of \d, \w, \s, or of their capitals. */
static bool set_kind(char kind, struct set *set)
{
    char lower = (char)(kind | 0x20);
    *set = (struct set){0};
    if (lower == 'd') {
        set_add(set, '0', '9');
    } else if (lower == 's') {
        set_add(set, '\t', '\r');
        set_add(set, ' ', ' ');
    } else if (lower == 'w') {
        set_add(set, '0', '9');
        set_add(set, 'a', 'z');
        set_add(set, 'A', 'Z');
        set_add(set, '_', '_');
    } else {
        return false;
    }
    if (kind != lower)
        set_invert(set);
    return true;
}

/* === reading === */

static size_t here(const struct reader *p)
{
    return p->r->code.len;
}

static struct code *emit(struct reader *p, enum regex_op op)
{
    struct code code = {.op = op};
    VEC_PUSH(p->perm, &p->r->code, code);
    return &p->r->code.at[here(p) - 1];
}

/* open_gap moves the code from `at` on by one, for an instruction before it. Jumps within
 * it are relative. */
static struct code *open_gap(struct reader *p, size_t at, enum regex_op op)
{
    emit(p, op);
    struct code *code = p->r->code.at;
    for (size_t i = here(p) - 1; i > at; i--)
        code[i] = code[i - 1];
    code[at] = (struct code){.op = op};
    return &code[at];
}

static bool peek(const struct reader *p, char c)
{
    return p->s.len > 0 && p->s.ptr[0] == c;
}

static bool take(struct reader *p, char c)
{
    bool is_it = peek(p, c);
    if (is_it)
        p->s = str_skip(p->s, 1);
    return is_it;
}

static char take_any(struct reader *p)
{
    char c = p->s.ptr[0];
    p->s = str_skip(p->s, 1);
    return c;
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* escaped reads what a backslash makes of the next character, if it is one byte. */
static bool escaped(char c, unsigned char *out)
{
    static const char letters[] = "ntrfe", bytes[] = "\n\t\r\f\x1b";
    const char *at = c ? strchr(letters, c) : NULL;
    *out = (unsigned char)(at ? bytes[at - letters] : c);
    return at || !is_letter_or_digit(c);
}

/* class_part reads one character of [ ], or a kind; *single says which. */
static bool class_part(struct reader *p, struct set *set, unsigned char *c, bool *single)
{
    *single = true;
    if (p->s.len == 0)
        return refuse(p, "an open \"[\"");
    if (peek(p, '[') && p->s.len > 1 && strchr(":.=", p->s.ptr[1]))
        return refuse(p, "a POSIX class");
    *c = (unsigned char)take_any(p);
    if (*c != '\\')
        return true;
    struct set kind;
    if (p->s.len == 0)
        return refuse(p, "an open \"[\"");
    if (set_kind(p->s.ptr[0], &kind)) {
        set_join(set, &kind);
        *single = false;
        take_any(p);
        return true;
    }
    return escaped(take_any(p), c) || refuse(p, "such an escape in \"[\"");
}

/* class = "[" ["^"] {part ["-" part]} "]" */
static bool read_class(struct reader *p)
{
    struct set set = {0};
    bool inverted = take(p, '^'), first = true;
    for (; first || !peek(p, ']'); first = false) {
        unsigned char from, to;
        bool single;
        if (!class_part(p, &set, &from, &single))
            return false;
        to = from;
        bool is_range = p->s.len > 1 && peek(p, '-') && p->s.ptr[1] != ']';
        if (is_range && !single)
            return refuse(p, "such a range");
        if (is_range) {
            take_any(p);
            if (!class_part(p, &set, &to, &single))
                return false;
            if (!single || to < from)
                return refuse(p, "such a range");
        }
        if (single)
            set_add(&set, from, to);
    }
    take_any(p);
    if (p->r->no_case)
        set_both_cases(&set);
    if (inverted)
        set_invert(&set);
    emit(p, RE_SET)->set = set;
    return true;
}

static bool read_alternatives(struct reader *p);

/* group = "(" ["?:"] alternatives ")" */
static bool read_group(struct reader *p)
{
    int group = 0;
    if (peek(p, '?') && !str_starts(p->s, S("?:")))
        return refuse(p, "\"(?\"");
    if (peek(p, '*'))
        return refuse(p, "\"(*\"");
    if (peek(p, '?'))
        p->s = str_skip(p->s, 2);
    else
        group = ++p->r->groups;
    if (group >= REGEX_GROUPS || ++p->depth > MAX_NESTED)
        return refuse(p, "so many groups");
    if (group)
        emit(p, RE_SAVE)->x = 2 * group;
    if (!read_alternatives(p))
        return false;
    if (!take(p, ')'))
        return refuse(p, "an open \"(\"");
    if (group)
        emit(p, RE_SAVE)->x = 2 * group + 1;
    p->depth--;
    return true;
}

static bool read_escape(struct reader *p)
{
    struct set set = {0};
    unsigned char c;
    if (p->s.len == 0)
        return refuse(p, "a backslash at its end");
    char what = take_any(p);
    if (what == 'A' || what == 'z' || what == 'Z') {
        emit(p, what == 'A' ? RE_START : what == 'z' ? RE_END : RE_LAST);
        return true;
    }
    if (what == 'b' || what == 'B') {
        emit(p, RE_WORD)->x = what == 'B';
        return true;
    }
    if (!set_kind(what, &set)) {
        if (!escaped(what, &c))
            return refuse(p, "such an escape");
        set_add(&set, c, c);
    }
    emit(p, RE_SET)->set = set;
    return true;
}

static bool read_atom(struct reader *p)
{
    struct set set = {0};
    char c = take_any(p);
    switch (c) {
    case '[':
        return read_class(p);
    case '(':
        return read_group(p);
    case '\\':
        return read_escape(p);
    case '^':
        emit(p, RE_START);
        return true;
    case '$':
        emit(p, p->r->dollar_end ? RE_END : RE_LAST);
        return true;
    case '*':
    case '+':
    case '?':
        return refuse(p, "nothing to repeat");
    case '.':
        set_add(&set, 0, 255);
        if (!p->r->any_newline)
            set.bits[0] &= ~(1u << '\n');
        break;
    default:
        set_add(&set, (unsigned char)c, (unsigned char)c);
        if (p->r->no_case)
            set_both_cases(&set);
    }
    emit(p, RE_SET)->set = set;
    return true;
}

/* === repeating === */

/* takes_a_byte: every way through the code [from, to) takes one byte at least. Jumps go
 * forward where loops are left out; of a split both ways must. */
static bool takes_a_byte(const struct code *code, int at, int end, int depth)
{
    for (; at < end && depth < MAX_NESTED; at++) {
        if (code[at].op == RE_SET)
            return true;
        if (code[at].op == RE_JUMP)
            at += code[at].x - 1;
        if (code[at].op != RE_SPLIT)
            continue;
        int near = code[at].x < code[at].y ? code[at].x : code[at].y;
        int far = code[at].x < code[at].y ? code[at].y : code[at].x;
        return near > 0 && takes_a_byte(code, at + near, end, depth + 1) &&
               takes_a_byte(code, at + far, end, depth + 1);
    }
    return false;
}

static bool read_number(struct reader *p, int *out)
{
    size_t digits = 0;
    for (*out = 0; p->s.len > 0 && p->s.ptr[0] >= '0' && p->s.ptr[0] <= '9'; digits++)
        *out = *out > MAX_REPEAT ? *out : *out * 10 + (take_any(p) - '0');
    return digits > 0;
}

/* read_counts reads a quantifier; *max -1: no end. Without one both are 1. */
static bool read_counts(struct reader *p, int *min, int *max)
{
    *min = *max = 1;
    if (take(p, '*')) {
        *min = 0;
        *max = -1;
    } else if (take(p, '+')) {
        *max = -1;
    } else if (take(p, '?')) {
        *min = 0;
    } else if (take(p, '{')) {
        /* "{,3}" and "{" that opens no count differ between PCRE's versions. */
        if (!read_number(p, min))
            return refuse(p, "such a \"{\"");
        *max = *min;
        if (take(p, ',') && !read_number(p, max))
            *max = -1;
        if (!take(p, '}') || *min > MAX_REPEAT || *max > MAX_REPEAT ||
            (*max >= 0 && *max < *min))
            return refuse(p, "such a \"{\"");
    }
    return true;
}

static void append(struct reader *p, const struct code *piece, int len)
{
    for (int i = 0; i < len; i++)
        VEC_PUSH(p->perm, &p->r->code, piece[i]);
}

static void emit_split(struct reader *p, int into, int past, bool lazy)
{
    struct code *split = emit(p, RE_SPLIT);
    split->x = lazy ? past : into;
    split->y = lazy ? into : past;
}

/* repeat makes piece{min,max} of the code from `start` on. */
static bool repeat(struct reader *p, size_t start, int min, int max, bool lazy)
{
    int len = (int)(here(p) - start);
    struct code *piece = NEW(p->perm, struct code, len + 1);
    for (int i = 0; i < len; i++)
        piece[i] = p->r->code.at[start + (size_t)i];
    if ((int64_t)len * (max > min ? max : min + 1) > MAX_CODE)
        return refuse(p, "so long a repetition");
    bool empty = !takes_a_byte(piece, 0, len, 0);
    if (empty && (max < 0 || max > 1))
        return refuse(p, "a repetition of what may be empty");
    p->r->code.len = start;
    for (int i = 0; i < min; i++)
        append(p, piece, len);
    if (max < 0) {
        emit_split(p, 1, len + 2, lazy);
        append(p, piece, len);
        emit(p, RE_JUMP)->x = -(len + 1);
    }
    for (int i = min; i < max; i++) {
        emit_split(p, 1, (len + 1) * (max - i), lazy);
        append(p, piece, len);
    }
    return true;
}

static bool read_piece(struct reader *p)
{
    size_t start = here(p);
    int min, max;
    if (!read_atom(p) || !read_counts(p, &min, &max))
        return false;
    bool repeated = min != 1 || max != 1;
    bool lazy = repeated && take(p, '?');
    if (repeated && p->s.len && strchr("*+?{", p->s.ptr[0]))
        return refuse(p, "several quantifiers");
    return !repeated || repeat(p, start, min, max, lazy);
}

/* alternatives = {piece} {"|" {piece}} */
static bool read_alternatives(struct reader *p)
{
    size_t start = here(p);
    VEC(size_t) ends = {0};
    while (p->s.len > 0 && !peek(p, ')')) {
        if (here(p) > MAX_CODE)
            return refuse(p, "so much in it");
        if (!take(p, '|')) {
            if (!read_piece(p))
                return false;
            continue;
        }
        struct code *split = open_gap(p, start, RE_SPLIT);
        split->x = 1;
        split->y = (int)(here(p) - start) + 1;
        emit(p, RE_JUMP);
        VEC_PUSH(p->perm, &ends, here(p) - 1);
        start = here(p);
    }
    for (size_t i = 0; i < ends.len; i++)
        p->r->code.at[ends.at[i]].x = (int)(here(p) - ends.at[i]);
    return true;
}

/* === compiling === */

static bool read_modifiers(struct reader *p, struct str modifiers)
{
    for (size_t i = 0; i < modifiers.len; i++)
        switch (modifiers.ptr[i]) {
        case 'i':
            p->r->no_case = true;
            break;
        case 's':
            p->r->any_newline = true;
            break;
        case 'D':
            p->r->dollar_end = true;
            break;
        case 'u':
            p->r->utf8 = true;
            break;
        default:
            return refuse(p, "this modifier");
        }
    return true;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

struct regex *regex_compile(struct str pattern, struct arena *perm, struct error *e)
{
    static const char openers[] = "([{<", closers[] = ")]}>";
    struct reader p = {.r = NEW(perm, struct regex, 1), .perm = perm, .e = e};
    struct str s = str_trim(pattern);
    char open = s.len ? s.ptr[0] : 'a';
    bool bad = s.len < 2 || is_letter_or_digit(open) || open == '\\' || open == '\0';
    const char *pair = bad ? NULL : strchr(openers, open);
    char close = pair ? closers[pair - openers] : open;
    size_t end = s.len;
    while (!bad && end > 1 && s.ptr[end - 1] != close)
        end--;
    if (bad || end <= 1) {
        refuse(&p, "no delimiters");
        return NULL;
    }
    p.s = str_sub(s, 1, end - 2);
    /* The first bare delimiter ends a pattern: none may stand within. */
    for (size_t i = 0; i < p.s.len; i++) {
        if (p.s.ptr[i] == '\\')
            i++;
        else if (p.s.ptr[i] == close || p.s.ptr[i] == open) {
            refuse(&p, "its delimiter in it");
            return NULL;
        }
    }
    if (!read_modifiers(&p, str_skip(s, end)))
        return NULL;
    if (p.r->utf8 && !is_ascii(p.s)) {
        refuse(&p, "the modifier u and letters beyond ASCII");
        return NULL;
    }
    emit(&p, RE_SAVE)->x = 0;
    if (!read_alternatives(&p))
        return NULL;
    if (p.s.len) {
        refuse(&p, "a bare \")\"");
        return NULL;
    }
    emit(&p, RE_SAVE)->x = 1;
    emit(&p, RE_MATCH);
    return p.r;
}

/* === matching === */

/* Where to go on when a way fails: at a place in the code, or a slot to put back. */
struct back {
    int pc;
    size_t at;
    int slot; /* -1: a way */
    size_t old;
};

struct machine {
    const struct regex *r;
    struct str s;
    size_t slots[2 * REGEX_GROUPS];
    VEC(struct back) back;
    int64_t tries;
};

static bool is_word_at(struct str s, size_t at)
{
    struct set word;
    set_kind('w', &word);
    return at < s.len && set_has(&word, (unsigned char)s.ptr[at]);
}

static bool holds(const struct machine *m, const struct code *code, size_t at)
{
    size_t len = m->s.len;
    switch (code->op) {
    case RE_START:
        return at == 0;
    case RE_END:
        return at == len;
    case RE_LAST:
        return at == len || (at + 1 == len && m->s.ptr[at] == '\n');
    default: {
        bool before = at > 0 && is_word_at(m->s, at - 1);
        return (before != is_word_at(m->s, at)) != (code->x != 0);
    }
    }
}

/* step does one instruction; false: this way ends here. */
static bool step(struct machine *m, int *pc, size_t *at, struct arena *tmp)
{
    const struct code *code = &m->r->code.at[*pc];
    switch (code->op) {
    case RE_SET:
        if (*at >= m->s.len || !set_has(&code->set, (unsigned char)m->s.ptr[*at]))
            return false;
        ++*at;
        break;
    case RE_JUMP:
        *pc += code->x;
        return true;
    case RE_SPLIT: {
        struct back other = {.pc = *pc + code->y, .at = *at, .slot = -1};
        VEC_PUSH(tmp, &m->back, other);
        *pc += code->x;
        return true;
    }
    case RE_SAVE: {
        struct back undo = {.slot = code->x, .old = m->slots[code->x]};
        VEC_PUSH(tmp, &m->back, undo);
        m->slots[code->x] = *at;
        break;
    }
    case RE_MATCH:
        break;
    default:
        if (!holds(m, code, *at))
            return false;
    }
    ++*pc;
    return true;
}

/* go_back takes the last way that was left open. */
static bool go_back(struct machine *m, int *pc, size_t *at)
{
    while (m->back.len > 0) {
        struct back back = m->back.at[--m->back.len];
        if (back.slot < 0) {
            *pc = back.pc;
            *at = back.at;
            return true;
        }
        m->slots[back.slot] = back.old;
    }
    return false;
}

static bool match_at(struct machine *m, size_t start, bool not_empty, struct arena *tmp,
                     bool *found, struct error *e)
{
    int pc = 0;
    size_t at = start;
    m->back.len = 0;
    for (size_t i = 0; i < COUNT(m->slots); i++)
        m->slots[i] = SIZE_MAX;
    for (*found = false; !*found;) {
        if (++m->tries > MAX_TRIES)
            return err_set(e, ERR_UNSUPPORTED,
                           "a pattern that takes so long to match is not supported");
        bool ends = m->r->code.at[pc].op == RE_MATCH;
        *found = ends && !(not_empty && at == start);
        bool goes_on = !ends && step(m, &pc, &at, tmp);
        if (!*found && !goes_on && !go_back(m, &pc, &at))
            return true;
    }
    return true;
}

bool regex_find(const struct regex *r, struct str subject, size_t at, bool not_empty,
                struct arena tmp, struct regex_match *out, bool *found, struct error *e)
{
    struct machine m = {.r = r, .s = subject};
    *found = false;
    if (r->utf8 && !is_ascii(subject))
        return err_set(e, ERR_UNSUPPORTED,
                       "a pattern with the modifier u, of a text with letters beyond "
                       "ASCII, is not supported");
    for (; at <= subject.len && !*found; at++) {
        if (!match_at(&m, at, not_empty, &tmp, found, e))
            return false;
        if (not_empty)
            break;
    }
    for (size_t i = 0; i < REGEX_GROUPS; i++) {
        out->from[i] = m.slots[2 * i];
        out->to[i] = m.slots[2 * i + 1];
    }
    return true;
}
