/* node.h: the elements and texts of a document. */
#ifndef FACTEUR_PDF_NODE_H
#define FACTEUR_PDF_NODE_H

#include "pdf/source.h"

struct style;

/* Of a text in which data stands: the characters that the view itself has there, as bytes
 * of CP1252. */
struct own_chars {
    uint64_t bits[4];
};

struct attribute {
    struct str name, value; /* name: lower case */
};

struct node {
    struct str tag;              /* lower case; empty: a text */
    struct str text;             /* of a text: UTF-8, entities decoded */
    const struct own_chars *own; /* likewise; NULL: all of it is the view's own */
    struct str id, class_list, style;
    size_t at, style_at; /* offsets in the source */
    size_t at_end;       /* …of its end, where that is written; 0: it is not */
    size_t at_late;      /* a text: of the last piece that shows something; 0: none */
    /* How the parser came to it: by an end tag without a start, moved out of a table,
     * opened again behind what closed it; <body>: content before its tag opened it. */
    bool from_end_tag, fostered, reopened, early;
    struct node *parent, *first, *last, *next, *prev;
    const struct style *computed;
    uint64_t kin; /* the same for elements that selectors cannot tell apart (style.c) */
    struct attribute *attributes;
    size_t attributes_len;
    int rank;     /* among the elements of its parent, from 1 */
    int elements; /* how many it has */
    int colspan, rowspan;
    struct str start, value; /* of ol and li */
};

/* nodes_parse returns the <html> element. A piece of a document that stands in a
 * `context`
 * ("tbody") is parsed as such; NULL: a whole one. */
struct node *nodes_parse(struct source *s, const char *context, struct arena *perm,
                         struct error *e);

/* node_named returns the first element of that name in document order, or NULL. */
struct node *node_named(struct node *root, const char *tag);

/* node_text joins the texts below a node. */
struct str node_text(const struct node *n, struct arena *perm);

#endif
