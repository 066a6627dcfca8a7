/* node.c: bytes → nodes, by libgumbo. */
#include <gumbo.h>
#include <stdio.h>
#include <string.h>

#include "pdf/charset.h"
#include "pdf/findings.h"
#include "pdf/node.h"

/* === gumbo's tree, taken over === */

/* Gumbo's memory comes from the job's arena: nothing is freed, all of it is reset. */
static void *take(void *arena, size_t size)
{
    return arena_alloc(arena, 1, 16, size);
}

static void leave(void *arena, void *ptr)
{
    (void)arena, (void)ptr;
}

struct taking {
    struct source *source;
    struct arena *perm;
    struct error *e;
    size_t count;
};

static void append(struct node *parent, struct node *n)
{
    n->parent = parent;
    parent->elements += n->tag.len != 0;
    n->rank = parent->elements;
    n->prev = parent->last;
    if (parent->last)
        parent->last->next = n;
    else
        parent->first = n;
    parent->last = n;
}

/* written lends an attribute's value as it stands in the source, and where. */
static struct str written(const GumboAttribute *a, size_t *at)
{
    struct str s = {a->original_value.data, a->original_value.length};
    bool quoted = s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'');
    *at = a->value_start.offset + quoted;
    return quoted ? str_sub(s, 1, s.len - 2) : s;
}

/* attribute returns a value, with entities decoded. `at`: where it stands; to places
 * within it only what is equal byte for byte is true. */
static struct str attribute(const GumboElement *e, const char *name, size_t *at)
{
    const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);
    if (!a)
        return S("");
    if (at) {
        struct str plain = written(a, at);
        if (plain.len && !memchr(plain.ptr, '&', plain.len))
            return plain;
    }
    return str_from(a->value);
}

/* span_of reads colspan or rowspan: at least 1, at most as many as a table may have. */
static int span_of(const GumboElement *e, const char *name)
{
    int64_t span;
    bool ok = str_to_i64(str_trim(attribute(e, name, NULL)), &span) && span > 0;
    return ok ? (int)(span < SPAN_MAX ? span : SPAN_MAX) : 1;
}

/* written_tag is the name of an element that HTML does not know. */
static struct str written_tag(struct taking *t, const GumboElement *e)
{
    GumboStringPiece name = e->original_tag;
    gumbo_tag_from_original_text(&name);
    return name.length ? str_lower(t->perm, (struct str){name.data, name.length})
                       : S("unknown");
}

static void take_attributes(struct taking *t, const GumboElement *e, struct node *n)
{
    n->attributes = NEW(t->perm, struct attribute, e->attributes.length);
    n->attributes_len = e->attributes.length;
    for (unsigned i = 0; i < e->attributes.length; i++) {
        const GumboAttribute *a = e->attributes.data[i];
        n->attributes[i] = (struct attribute){str_from(a->name), str_from(a->value)};
        attribute_judge(t->source, n->tag, str_from(a->name), str_from(a->value),
                        a->name_start.offset);
    }
}

static bool take_children(struct taking *t, const GumboVector *children,
                          struct node *parent, int depth);

static bool take_element(struct taking *t, const GumboElement *e, struct node *parent,
                         int depth, struct node **out)
{
    struct node *n = NEW(t->perm, struct node, 1);
    n->tag = e->tag == GUMBO_TAG_UNKNOWN ? written_tag(t, e)
                                         : str_from(gumbo_normalized_tagname(e->tag));
    n->at = e->start_pos.offset;
    n->at_end = e->original_end_tag.length ? e->end_pos.offset : 0;
    take_attributes(t, e, n);
    n->id = attribute(e, "id", NULL);
    n->class_list = attribute(e, "class", NULL);
    n->style = attribute(e, "style", &n->style_at);
    n->start = attribute(e, "start", NULL);
    n->value = attribute(e, "value", NULL);
    n->colspan = span_of(e, "colspan");
    n->rowspan = span_of(e, "rowspan");
    if (parent)
        append(parent, n);
    *out = n;
    return take_children(t, &e->children, n, depth + 1);
}

/* take_flags notes how the parser came to an element; true always. */
static bool take_flags(const GumboNode *g, struct node *n)
{
    const unsigned moved = GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT |
                           GUMBO_INSERTION_ADOPTION_AGENCY_CLONED;
    n->from_end_tag = g->parse_flags & GUMBO_INSERTION_CONVERTED_FROM_END_TAG;
    n->fostered = g->parse_flags & GUMBO_INSERTION_FOSTER_PARENTED;
    n->reopened = g->parse_flags & moved;
    n->early = (g->parse_flags & GUMBO_INSERTION_BY_PARSER) && str_eq(n->tag, S("body"));
    return true;
}

/* === what is the view's own === */

/* data_from finds the first piece of data that ends behind a place. */
static size_t data_from(const struct pieces *data, size_t place)
{
    size_t low = 0, high = data->len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (data->at[middle].end <= place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_own(struct own_chars *own, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        int byte = cp1252(str_utf8(text, &at));
        if (byte >= 0)
            own->bits[byte / 64] |= (uint64_t)1 << byte % 64;
    }
}

/* note_own looks for data where a piece of a text stands in the source. Entities there
 * are not decoded: what they stand for counts as data. */
static void note_own(struct taking *t, struct node *n, size_t from, size_t end)
{
    const struct pieces *data = &t->source->data;
    size_t i = data_from(data, from);
    bool mixed = i < data->len && data->at[i].from < end;
    if (!mixed && !n->own)
        return;
    struct own_chars *own = NEW(t->perm, struct own_chars, 1);
    if (n->own)
        *own = *n->own;
    for (; i < data->len && data->at[i].from < end; i++) {
        if (data->at[i].from > from)
            add_own(own, str_sub(t->source->text, from, data->at[i].from - from));
        from = data->at[i].end;
    }
    if (from < end)
        add_own(own, str_sub(t->source->text, from, end - from));
    n->own = own;
}

static void note_piece(struct taking *t, const GumboNode *g, struct node *n)
{
    struct str text = str_from(g->v.text.text);
    if (str_trim(text).len && !is_open(t->source, text))
        n->at_late = g->v.text.start_pos.offset;
}

static bool take_node(struct taking *t, const GumboNode *g, struct node *parent,
                      int depth)
{
    struct node *n;
    if (depth > DEPTH_MAX || ++t->count > NODES_MAX)
        return err_set(t->e, ERR_JOB, "the document is too %s: at most %d %s",
                       depth > DEPTH_MAX ? "deep" : "long",
                       depth > DEPTH_MAX ? DEPTH_MAX : NODES_MAX,
                       depth > DEPTH_MAX ? "nested elements" : "elements and texts");
    switch (g->type) {
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE:
        return take_element(t, &g->v.element, parent, depth, &n) && take_flags(g, n);
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_WHITESPACE:
    case GUMBO_NODE_CDATA:
        n = parent->last;
        if (n && !n->tag.len) { /* a comment stood between */
            note_own(t, n, n->own ? g->v.text.start_pos.offset : n->at,
                     g->v.text.start_pos.offset + g->v.text.original_text.length);
            n->text = str_join(t->perm, n->text, str_from(g->v.text.text));
            note_piece(t, g, n);
            return true;
        }
        n = NEW(t->perm, struct node, 1);
        n->text = str_from(g->v.text.text);
        if (str_eq(parent->tag, S("style"))) /* not decoded: places in it are true */
            n->text = (struct str){g->v.text.original_text.data,
                                   g->v.text.original_text.length};
        n->at = g->v.text.start_pos.offset;
        n->at_end = n->at + g->v.text.original_text.length;
        append(parent, n);
        note_own(t, n, n->at, n->at_end);
        note_piece(t, g, n);
        return true;
    default: /* comments */
        return true;
    }
}

static bool take_children(struct taking *t, const GumboVector *children,
                          struct node *parent, int depth)
{
    for (unsigned i = 0; i < children->length; i++)
        if (!take_node(t, children->data[i], parent, depth))
            return false;
    return true;
}

struct node *nodes_parse(struct source *s, const char *context, struct arena *perm,
                         struct error *e)
{
    GumboOptions options = kGumboDefaultOptions;
    struct node *root = NULL;
    struct taking t = {.source = s, .perm = perm, .e = e};
    if (s->text.len > HTML_MAX) {
        err_set(e, ERR_JOB, "the document has %zu bytes, at most %d are laid out",
                s->text.len, HTML_MAX);
        return NULL;
    }
    options.allocator = take;
    options.deallocator = leave;
    options.userdata = perm;
    options.fragment_context = context ? gumbo_tag_enum(context) : GUMBO_TAG_LAST;
    GumboOutput *out = gumbo_parse_with_options(&options, s->text.ptr, s->text.len);
    if (!take_element(&t, &out->root->v.element, NULL, 0, &root))
        return NULL;
    return root;
}

struct node *node_named(struct node *root, const char *tag)
{
    struct node *n = root;
    while (n) {
        if (str_eq(n->tag, str_from(tag)))
            return n;
        if (n->first) {
            n = n->first;
            continue;
        }
        while (n && n != root && !n->next)
            n = n->parent;
        n = n && n != root ? n->next : NULL;
    }
    return NULL;
}

struct str node_text(const struct node *n, struct arena *perm)
{
    struct buf b = buf_new(perm, HTML_MAX);
    for (const struct node *c = n->first; c; c = c->next)
        buf_add(&b, c->tag.len ? node_text(c, perm) : c->text);
    return buf_str(&b);
}
