/* css.h: rules, selectors and declarations of style sheets. */
#ifndef FACTEUR_PDF_CSS_H
#define FACTEUR_PDF_CSS_H

#include "pdf/node.h"

struct declaration {
    struct str name, value; /* value without "!important" */
    bool important;
    size_t at;
    double em; /* the font size told before it in its block; 0: none */
    bool late; /* of a style attribute: dompdf knows the root's font size by then */
};

enum joint { JOINT_WITHIN, JOINT_CHILD, JOINT_NEXT, JOINT_LATER };

struct condition { /* ".class", "#id", "[name=value]", ":nth-child(2n+1)" */
    enum condition_kind {
        MATCH_CLASS,
        MATCH_ID,
        MATCH_ATTRIBUTE, /* there is one of that name */
        MATCH_VALUE,
        MATCH_WORD,
        MATCH_START,
        MATCH_END,
        MATCH_PART,
        MATCH_NTH,
        MATCH_NTH_LAST,
        MATCH_NTH_TYPE,
        MATCH_NTH_LAST_TYPE,
        MATCH_EMPTY,
        MATCH_ROOT,
        MATCH_TAGS,
        MATCH_NEVER
    } kind;
    struct str name, value;
    int step, from;
};

struct simple {     /* one compound selector: a tag and conditions */
    struct str tag; /* empty: any */
    struct condition *conditions;
    size_t conditions_len;
    enum joint joint; /* to the part before it */
    bool special;     /* more than tag, classes and id decides */
};

struct selector {
    struct simple *parts; /* left to right */
    size_t len;
    int specificity;
    struct str text;
    size_t order; /* of the first selector with this text in the document */
};

struct rule {
    struct selector *selectors;
    size_t selectors_len;
    struct declaration *declarations;
    size_t declarations_len;
    bool lost;  /* a selector of it could not be parsed */
    int origin; /* USER_AGENT or AUTHOR */
};

enum { PAGE, USER_AGENT, HINT, AUTHOR, STYLE_ATTRIBUTE };

struct sheet {
    VEC(struct rule) rules;
    struct map orders; /* text of a selector → its order */
    size_t selectors;
    VEC(struct declaration) page; /* of @page */
};

/* css_parse adds the rules of a style sheet; `base` is its offset in the source. */
void css_parse(struct source *s, struct str text, size_t base, int origin,
               struct sheet *out, struct arena *perm);

/* css_declarations parses what stands between braces, or in a style attribute. */
void css_declarations(struct source *s, struct str text, size_t base,
                      struct declaration **out, size_t *len, struct arena *perm);

/* selector_parse reads one selector; false: it is none that can be matched here. */
bool selector_parse(struct str text, struct selector *out, struct arena *perm);

bool selector_matches(const struct selector *sel, const struct node *n);

/* selector_matches_to: do the first parts of a selector end at the element? */
bool selector_matches_to(const struct selector *sel, size_t parts, const struct node *n);

#endif
