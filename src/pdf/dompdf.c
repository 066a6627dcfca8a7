/* dompdf.c: what dompdf 3.1 knows beyond what is laid out here, for findings: what it
 * honours and facteur lacks is an error; what it drops is dropped here too, and said. */
#include <ctype.h>

#include "pdf/findings.h"
#include "pdf/style.h"

static bool in_list(const char *const *list, size_t len, struct str name)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(str_from(list[i]), name))
            return true;
    return false;
}

bool is_open(const struct source *source, struct str s)
{
    if (!source->skeleton)
        return false;
    /* In what libgumbo decodes, a hole becomes U+FFFD. */
    return str_has(s, S("\uFFFD")) || (s.len && (memchr(s.ptr, TEXT_HOLE, s.len) ||
                                                 memchr(s.ptr, TEXT_SEAM, s.len)));
}

/* === properties === */

/* Properties that dompdf honours. One that property.c has too is not looked up here. */
static const char *const honoured[] = {"-dompdf-background-image-resolution",
                                       "-dompdf-image-resolution",
                                       "-dompdf-keep",
                                       "-webkit-transform",
                                       "-webkit-transform-origin",
                                       "background-attachment",
                                       "background-image",
                                       "background-image-resolution",
                                       "background-position",
                                       "background-repeat",
                                       "background-size",
                                       "border-bottom-left-radius",
                                       "border-bottom-right-radius",
                                       "border-radius",
                                       "border-top-left-radius",
                                       "border-top-right-radius",
                                       "bottom",
                                       "caption-side",
                                       "clip",
                                       "content",
                                       "counter-increment",
                                       "counter-reset",
                                       "direction",
                                       "empty-cells",
                                       "image-resolution",
                                       "inset",
                                       "left",
                                       "letter-spacing",
                                       "list-style-image",
                                       "list-style-position",
                                       "opacity",
                                       "outline",
                                       "outline-color",
                                       "outline-offset",
                                       "outline-style",
                                       "outline-width",
                                       "overflow",
                                       "position",
                                       "quotes",
                                       "right",
                                       "size",
                                       "src",
                                       "top",
                                       "transform",
                                       "transform-origin",
                                       "unicode-bidi",
                                       "visibility",
                                       "word-break",
                                       "word-spacing",
                                       "z-index"};

void property_unknown(struct source *s, const struct declaration *d)
{
    if (is_open(s, d->name))
        return; /* told when it is rendered */
    bool lacks = in_list(honoured, COUNT(honoured), d->name) ||
                 str_starts(d->name, S("--")) || memchr(d->name.ptr, '{', d->name.len);
    if (lacks)
        source_find(s, FINDING_ERROR, d->at, "%.*s – this property is not supported",
                    STR_ARG(d->name));
    else
        source_find(s, FINDING_IGNORED, d->at, "%.*s – it has no effect in dompdf",
                    STR_ARG(d->name));
}

void property_in_page(struct source *s, const struct declaration *d)
{
    if (!is_open(s, d->name))
        source_find(s, FINDING_ERROR, d->at, "@page { %.*s } – not supported",
                    STR_ARG(d->name));
}

/* === values === */

void value_unknown(struct source *s, const struct declaration *d)
{
    if (!is_open(s, d->value))
        source_find(s, FINDING_ERROR, d->at, "%.*s: %.*s – this value is not supported",
                    STR_ARG(d->name), STR_ARG(d->value));
}

/* value_dropped: dompdf does not know the value either ("50vw"). */
void value_dropped(struct source *s, const struct declaration *d)
{
    if (!is_open(s, d->value))
        source_find(s, FINDING_IGNORED, d->at,
                    "%.*s: %.*s – dompdf does not know this value and drops it",
                    STR_ARG(d->name), STR_ARG(d->value));
}

/* === selectors === */

/* Pseudo-classes and -elements that dompdf can match. */
static const char *const pseudos[] = {
    "root",           "first-child",   "last-child",   "only-child",   "nth-child",
    "nth-last-child", "first-of-type", "last-of-type", "only-of-type", "nth-last-of-type",
    "nth-of-type",    "empty",         "matches",      "disabled",     "checked",
    "enabled",        "link",          "any-link",     "first-line",   "first-letter",
    "before",         "after"};

/* never_matches finds a pseudo-class in the selector that dompdf matches with nothing
 * (":hover"), or that makes it drop the selector (":has"). */
static bool never_matches(struct str s, struct str *pseudo)
{
    int depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        depth += s.ptr[i] == '(' || s.ptr[i] == '[';
        depth -= s.ptr[i] == ')' || s.ptr[i] == ']';
        if (s.ptr[i] != ':' || depth > 0)
            continue;
        size_t from = i + 1, to;
        if (from < s.len && s.ptr[from] == ':')
            from++;
        for (to = from;
             to < s.len && (isalpha((unsigned char)s.ptr[to]) || s.ptr[to] == '-');)
            to++;
        *pseudo = str_sub(s, i, to - i);
        if (to > from && !in_list(pseudos, COUNT(pseudos), str_sub(s, from, to - from)))
            return true;
        i = to - 1;
    }
    return false;
}

bool selector_unknown(struct source *s, size_t at, struct str selector)
{
    struct str pseudo = S("");
    if (is_open(s, selector))
        return true;
    if (never_matches(selector, &pseudo)) {
        source_find(s, FINDING_IGNORED, at, "%.*s – it never matches in dompdf",
                    STR_ARG(pseudo));
        return false;
    }
    source_find(s, FINDING_ERROR, at, "selector \"%.*s\" – not supported",
                STR_ARG(selector));
    return true;
}

/* === at-rules === */

/* other_medium: is the query for media that are neither paper nor dompdf's screen? Its
 * default medium under laravel-dompdf is "screen". */
static bool other_medium(struct str query)
{
    static const char *const media[] = {"print",      "speech",   "aural",
                                        "braille",    "tv",       "tty",
                                        "projection", "handheld", "embossed"};
    query = str_trim(query);
    if (str_starts(query, S("only ")))
        query = str_trim(str_skip(query, 5));
    size_t n = 0;
    while (n < query.len && isalpha((unsigned char)query.ptr[n]))
        n++;
    return in_list(media, COUNT(media), str_sub(query, 0, n));
}

static bool other_media(struct str list)
{
    struct cut one = {.tail = list, .ok = true};
    while (one.ok) {
        one = str_cut(one.tail, ',');
        if (!other_medium(one.head))
            return false;
    }
    return true;
}

/* page_name: a page rule for pages of a name, which dompdf skips. */
static bool page_name(struct str selector)
{
    return selector.len && selector.ptr[0] != ':';
}

void at_rule_unknown(struct source *s, size_t at, struct str head, struct arena *perm)
{
    size_t n = 1;
    if (is_open(s, head))
        return;
    head = str_lower(perm, head);
    while (n < head.len && (isalpha((unsigned char)head.ptr[n]) || head.ptr[n] == '-'))
        n++;
    struct str name = str_sub(head, 0, n), rest = str_trim(str_skip(head, n));
    bool media = str_eq(name, S("@media")), page = str_eq(name, S("@page"));
    bool loads = str_eq(name, S("@import")) || str_eq(name, S("@font-face"));
    if ((media && !other_media(rest)) || (page && !page_name(rest)) || loads)
        source_find(s, FINDING_ERROR, at, "%.*s – this at-rule is not supported",
                    STR_ARG(head));
    else
        source_find(s, FINDING_IGNORED, at, "%.*s – dompdf does not apply it",
                    STR_ARG(head));
}

/* === elements === */

static const char *const known_tags[] = {
    "html",   "head",       "title",   "style",   "meta",   "body",    "h1",
    "h2",     "h3",         "h4",      "h5",      "h6",     "p",       "div",
    "span",   "strong",     "b",       "em",      "i",      "u",       "ins",
    "small",  "ul",         "ol",      "li",      "table",  "thead",   "tbody",
    "tfoot",  "tr",         "td",      "th",      "br",     "sub",     "sup",
    "hr",     "section",    "header",  "footer",  "main",   "article", "address",
    "center", "blockquote", "pre",     "code",    "dl",     "dt",      "dd",
    "cite",   "dfn",        "var",     "kbd",     "samp",   "tt",      "a",
    "s",      "strike",     "del",     "big",     "mark",   "figure",  "figcaption",
    "nav",    "aside",      "details", "summary", "hgroup", "menu",    "dir",
    "nobr",   "font",       "abbr",    "acronym", "label",  "time",    "data",
    "form"};

/* Elements that dompdf neither shows nor runs. */
static const char *const silent_tags[] = {"script", "base"};

void element_judge(struct source *s, struct str tag, size_t at)
{
    if (in_list(known_tags, COUNT(known_tags), tag) || is_open(s, tag))
        return;
    if (in_list(silent_tags, COUNT(silent_tags), tag))
        source_find(s, FINDING_IGNORED, at, "<%.*s> – it has no effect in dompdf",
                    STR_ARG(tag));
    else
        source_find(s, FINDING_ERROR, at, "<%.*s> – this element is not supported",
                    STR_ARG(tag));
}

/* === attributes === */

/* Attributes that dompdf turns into style, and presentational_hint.c does not, by
 * element. */
static const struct {
    const char *tags, *names;
} attributes[] = {
    {" table ", " frame rules "},
    {" body ", " background link "},
};

/* listed: does a blank-separated list hold the word? */
static bool listed(const char *list, struct str word)
{
    char between[40];
    snprintf(between, sizeof(between), " %.*s ", (int)(word.len < 30 ? word.len : 30),
             word.ptr);
    return word.len < 30 && strstr(list, between) != NULL;
}

void attribute_judge(struct source *s, struct str tag, struct str name, struct str value,
                     size_t at)
{
    if (str_eq(tag, S("script")) && str_ieq(value, S("text/php")))
        source_find(s, FINDING_ERROR, at,
                    "<script type=\"text/php\"> – PHP code in a "
                    "document is not run");
    for (size_t i = 0; i < COUNT(attributes); i++)
        if (listed(attributes[i].tags, tag) && listed(attributes[i].names, name))
            source_find(s, FINDING_ERROR, at,
                        "<%.*s %.*s> – this attribute is not supported", STR_ARG(tag),
                        STR_ARG(name));
}
