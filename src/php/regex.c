/* Regular expressions: PHP's delimiters and modifiers around PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "php/regex_imp.h"

/* PHP's pcre.backtrack_limit and pcre.recursion_limit. */
enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 100000 };

struct regex {
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *data; /* of the match at hand */
    bool utf8;
};

static void *refuse(struct error *e, const char *why)
{
    err_set(e, ERR_UNSUPPORTED, "this pattern is not supported: %s", why);
    return NULL;
}

static void drop(void *ptr)
{
    struct regex *r = ptr;
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->limits);
    pcre2_code_free(r->code);
}

/* === pattern === */

static bool is_delimiter(char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c != '\0' && c != '\\' && !letter && !(c >= '0' && c <= '9');
}

/* end_of finds the delimiter that ends a pattern; brackets may stand in pairs within. */
static size_t end_of(struct str s)
{
    static const char openers[] = "([{<", closers[] = ")]}>";
    const char *pair = strchr(openers, s.ptr[0]);
    char open = s.ptr[0], close = pair ? closers[pair - openers] : open;
    int depth = 1;
    for (size_t at = 1; at < s.len; at++) {
        if (s.ptr[at] == '\\')
            at++;
        else if (s.ptr[at] == close && --depth == 0)
            return at;
        else if (s.ptr[at] == open)
            depth++;
    }
    return 0;
}

static bool read_modifiers(struct str modifiers, uint32_t *options)
{
    static const struct {
        char letter;
        uint32_t option;
    } known[] = {
        {'i', PCRE2_CASELESS},
        {'m', PCRE2_MULTILINE},
        {'s', PCRE2_DOTALL},
        {'x', PCRE2_EXTENDED},
        {'A', PCRE2_ANCHORED},
        {'D', PCRE2_DOLLAR_ENDONLY},
        {'U', PCRE2_UNGREEDY},
        {'u', PCRE2_UTF | PCRE2_UCP},
        {'J', PCRE2_DUPNAMES},
        {'n', PCRE2_NO_AUTO_CAPTURE},
        {'S', 0},
        {'X', 0},
        {' ', 0},
        {'\n', 0},
        {'\r', 0},
    };
    for (size_t i = 0; i < modifiers.len; i++) {
        size_t k = 0;
        while (k < COUNT(known) && known[k].letter != modifiers.ptr[i])
            k++;
        if (k == COUNT(known))
            return false;
        *options |= known[k].option;
    }
    return true;
}

/* compile words an error as PHP does. */
static pcre2_code *compile(struct str pattern, uint32_t options, const char *function,
                           struct error *e)
{
    int why;
    PCRE2_SIZE at;
    PCRE2_UCHAR text[256];
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &why, &at, NULL);
    if (code)
        return code;
    pcre2_get_error_message(why, text, sizeof(text));
    err_set(e, ERR_JOB, "%s(): Compilation failed: %s at offset %zu", function,
            (const char *)text, (size_t)at);
    return NULL;
}

struct regex *regex_compile(struct str pattern, const char *function, struct arena *perm,
                            struct error *e)
{
    struct str s = pattern;
    uint32_t options = 0;
    while (s.len && strchr(" \t\n\v\f\r", s.ptr[0]) && s.ptr[0])
        s = str_skip(s, 1);
    size_t end = s.len && is_delimiter(s.ptr[0]) ? end_of(s) : 0;
    if (!end)
        return refuse(e, "it has no delimiters");
    if (!read_modifiers(str_skip(s, end + 1), &options))
        return refuse(e, "a modifier is not known");
    struct regex *r = NEW(perm, struct regex, 1);
    arena_defer(perm, drop, r);
    r->utf8 = options & PCRE2_UTF;
    r->code = compile(str_sub(s, 1, end - 1), options, function, e);
    if (!r->code)
        return NULL;
    r->limits = pcre2_match_context_create(NULL);
    r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
    if (!r->limits || !r->data)
        return refuse(e, "no memory");
    pcre2_set_match_limit(r->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
    return r;
}

/* === matching === */

static void take_groups(const PCRE2_SIZE *offsets, int len, struct regex_match *m)
{
    for (int i = 0; i < REGEX_GROUPS; i++) {
        bool there = i < len && offsets[2 * i] != PCRE2_UNSET;
        m->from[i] = there ? offsets[2 * i] : SIZE_MAX;
        m->to[i] = there ? offsets[2 * i + 1] : SIZE_MAX;
    }
}

static bool failed(int code, struct error *e)
{
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(code, text, sizeof(text));
    return err_set(e, ERR_UNSUPPORTED, "the pattern cannot be looked for: %s",
                   (const char *)text);
}

bool regex_find(const struct regex *r, struct str subject, size_t at, bool not_empty,
                struct regex_match *m, struct error *e)
{
    uint32_t options = not_empty ? PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED : 0;
    int count = pcre2_match(r->code, (PCRE2_SPTR)subject.ptr, subject.len, at, options,
                            r->data, r->limits);
    m->found = count > 0;
    if (m->found)
        take_groups(pcre2_get_ovector_pointer(r->data), count, m);
    if (count < 0 && count != PCRE2_ERROR_NOMATCH)
        return failed(count, e);
    /* \K may begin a match behind its end, or before where the search began. */
    if (m->found && (m->from[0] > m->to[0] || m->from[0] < at))
        return err_set(e, ERR_UNSUPPORTED,
                       "a match that begins elsewhere (\\K) is not "
                       "supported");
    return true;
}

size_t regex_step(const struct regex *r, struct str subject, size_t at)
{
    at++;
    while (r->utf8 && at < subject.len && ((unsigned char)subject.ptr[at] & 0xC0) == 0x80)
        at++;
    return at;
}
