/* view_imp.h: what the files of src/view share.
 *
 * A view is compiled in the passes of Laravel's BladeCompiler, in its order, because its
 * corner cases come from that order: text.c lifts out raw blocks and comments,
 * statements.c finds the directives, echos.c the echoes, tree.c makes nodes of what is
 * left, with directives.c and loops.c. Between the passes the view is a `struct text`:
 * bytes that remember where in the file they stood.
 */
#ifndef FACTEUR_VIEW_IMP_H
#define FACTEUR_VIEW_IMP_H

#include "facteur/view.h"

enum {
    VIEW_BYTES = 1 << 20,     /* a view file; letters with an inlined logo are 300 KB */
    VIEW_STATEMENTS = 5000,   /* things that look like a directive, per view */
    VIEW_FINDINGS = 1000,     /* per view; what comes after them is not listed */
    VIEW_NESTING = 64,        /* @if in @if; @include in @include */
    VIEW_CLOSURE = 200,       /* views that one view reaches */
    VIEW_TURNS = 200000,      /* of all loops together */
    VIEW_HTML = 8 << 20,      /* what a view may print */
    VIEW_MEMORY = 256 << 20,  /* address space of one compiled view */
    VIEW_SCRATCH = 256 << 20, /* address space of a compilation */
};

/* === text between the passes === */

/* An origin is an offset in the file, or ORIGIN_MARK and the index of a mark. */
#define ORIGIN_MARK 0x80000000u

struct text {
    VEC(char) bytes;
    VEC(uint32_t) origins; /* as many */
};

enum mark_kind { MARK_RAW, MARK_DIRECTIVE, MARK_ECHO };

/* What a pass took out of the text. The text keeps a byte for it (MARK_RAW: the bytes of
 * Laravel's own placeholder, since later passes can see them). */
struct mark {
    enum mark_kind kind;
    uint32_t at;                       /* where it begins in the file */
    uint32_t code_at;                  /* where code begins in the file */
    struct str code;                   /* RAW: verbatim text; DIRECTIVE: "(…)" or
                                          empty; ECHO: the expression */
    bool has_code;                     /* DIRECTIVE: parentheses follow */
    bool escape;                       /* ECHO */
    bool broken;                       /* ECHO: its code is none; a note says why */
    const struct directive *directive; /* DIRECTIVE */
};

struct str text_str(const struct text *t);
bool is_space(char c); /* \s of a regular expression */
bool is_word(char c);  /* \w, which is ASCII */

/* === one compilation === */

struct note { /* a finding, kept with the view */
    enum severity severity;
    int line, col;
    const char *text;
};

struct include {
    struct str name;
    int line, col;
    struct view *view; /* resolved anew by each call of the interface */
};

struct alias { /* a loop's variable, and what it goes through */
    struct str name;
    struct php_expr *of;
};

/* What a compilation makes; it lives in the view's arena. */
struct compiled {
    const char *file;
    bool plain; /* .html or .css: printed as it is */
    struct node *body;
    struct str skeleton;
    VEC(struct note) notes;
    VEC(struct include *) includes;
    VEC(struct php_expr *) exprs;
    VEC(struct alias) aliases;
    bool loops; /* it sets variables */
};

struct compiler {
    struct str source;
    const struct php_host *host;
    struct arena *perm; /* what is compiled */
    struct arena *tmp;  /* texts and marks */
    struct compiled *out;
    VEC(size_t) lines; /* offsets where lines begin */
    VEC(struct mark) marks;
    bool lost;        /* what follows an error cannot be trusted: no more of it */
    bool quiet;       /* so no more is noted */
    bool unsupported; /* a directive that facteur lacks: do not complain of structure */
};

/* compile makes the tree of a Blade source. What is wrong with it is in out->notes;
 * `file` must live as long as what is compiled. */
void view_compile(struct str source, const char *file, const struct php_host *host,
                  struct arena *perm, struct arena tmp, struct compiled *out);

/* compiled_error lends the first note that is an error, or NULL. */
const struct note *compiled_error(const struct compiled *c);

/* compile_lines finds where lines begin; it comes first. compile_place gives line and
 * column of an offset of the file. */
void compile_lines(struct compiler *c);
void compile_place(const struct compiler *c, uint32_t at, int *line, int *col);

/* compile_error records "construct – consequence" at an offset of the file. */
void compile_error(struct compiler *c, uint32_t at, const char *fmt, ...) PRINTF(3, 4);

/* compile_failed keeps an error, whose place is `at` if it has none; compile_note any
 * note. */
void compile_failed(struct compiler *c, uint32_t at, const struct error *e);
void compile_note(struct compiler *c, struct note n);

/* text_add appends bytes [from, to) of `in`, origins and all. */
void text_add(struct compiler *c, struct text *out, const struct text *in, size_t from,
              size_t to);

/* text_mark appends one byte that stands for a new mark. */
void text_mark(struct compiler *c, struct text *out, struct mark m);

/* text_marked says whether a mark stands in bytes [from, to). */
bool text_marked(const struct text *t, size_t from, size_t to);

/* text_origin is where byte `at` (or, for a mark, the mark) stands in the file. */
uint32_t text_origin(const struct compiler *c, const struct text *t, size_t at);

/* The passes, in Laravel's order. */
struct text pass_source(struct compiler *c);
struct text pass_raw_blocks(struct compiler *c, const struct text *in);
struct text pass_comments(struct compiler *c, const struct text *in);
void pass_components(struct compiler *c, const struct text *in);
struct text pass_statements(struct compiler *c, const struct text *in);
struct text pass_echos(struct compiler *c, struct text in);

/* === the tree === */

struct render;

struct node {
    bool (*render)(struct render *r, const struct node *n);
    struct node *next;
    int line, col;
    struct str text;         /* literal text */
    struct php_expr *expr;   /* echo: its value; include: its variables, or NULL */
    bool escape;             /* echo */
    struct branch *branches; /* if */
    struct loop *loop;       /* foreach; expr is what it goes through */
    struct include *include;
};

struct branch {
    struct branch *next;
    struct php_expr *condition;
    bool negate;    /* @unless */
    bool otherwise; /* @else: no condition */
    struct node *body;
};

struct loop {
    struct str value, key; /* names; an empty key: none */
    struct str empty;      /* forelse: the variable that says "no turn was taken" */
    struct node *body;
};

enum open_kind { OPEN_IF, OPEN_LOOP };

struct builder {
    struct compiler *c;
    struct node **tail; /* where the next node goes */
    struct open {       /* a block that is not closed yet */
        enum open_kind kind;
        struct node *node;
        struct branch *last; /* OPEN_IF */
        struct node **tail;  /* behind the node */
        const struct mark *mark;
    } open[VIEW_NESTING];
    size_t depth;
    int forelse; /* Blade's counter of them */
};

/* === directives: a row, a function that builds, one that renders === */

struct directive {
    const char *name; /* lower case */
    /* build puts nodes into the tree; NULL: facteur does not have it */
    void (*build)(struct builder *b, const struct mark *m);
    const char *why; /* what is missing, when build is NULL */
};

/* directive_lookup finds a directive of Laravel 12 by its name, in any case. */
const struct directive *directive_lookup(struct str name);

/* open_block puts what follows into `body`, until close_block. */
void open_block(struct builder *b, const struct mark *m, struct open open,
                struct node **body);
void close_block(struct builder *b, const struct open *open);

/* inner_block lends the innermost block if it is of that kind; NULL: PHP cannot parse the
 * view, which was said. */
struct open *inner_block(struct builder *b, const struct mark *m, enum open_kind kind);

/* open_branch opens an @if, whose condition is still to come. */
struct branch *open_branch(struct builder *b, const struct mark *m);

/* Loops (loops.c). */
void build_foreach(struct builder *b, const struct mark *m);
void build_forelse(struct builder *b, const struct mark *m);
void build_endforeach(struct builder *b, const struct mark *m);
void build_forelse_empty(struct builder *b, const struct mark *m);

/* is_reserved: does Laravel put a variable of this name into every view? */
bool is_reserved(struct str name);

/* build_node appends a node of a directive or an echo. */
struct node *build_node(struct builder *b, uint32_t at,
                        bool (*render)(struct render *, const struct node *));

/* build_expr parses code that stands at an offset of the file; NULL: a note says why. */
struct php_expr *build_expr(struct builder *b, struct str code, uint32_t at);

/* build_expr_call is the same for code that PHP sees behind a word of `skip` bytes
 * ("isset") which the file does not have there. */
struct php_expr *build_expr_call(struct builder *b, struct str code, uint32_t at,
                                 size_t skip);

/* === rendering === */

struct render {
    const struct view *view;   /* whose nodes are rendered */
    const struct view *failed; /* the one in which an error arose */
    struct php_scope scope;
    struct arena *perm;
    struct buf html;
    VEC(struct piece) data; /* what of html was echoed */
    int depth;              /* of includes */
    struct turns *loop;     /* the innermost; NULL: none */
    int turns;              /* of all loops so far */
    VEC(uint64_t) ways;     /* branches that were taken, each once */
    uint64_t path;          /* all of them */
    struct error *e;
};

struct turns { /* a loop that goes round; Laravel's stack of loops spans includes */
    struct turns *parent;
    int depth;
    struct php_object *object; /* $loop */
};

bool render_nodes(struct render *r, const struct node *n);
bool render_text(struct render *r, const struct node *n);
bool render_echo(struct render *r, const struct node *n);
bool render_if(struct render *r, const struct node *n);

/* render_took notes which way a node went. */
void render_took(struct render *r, const struct node *n, size_t which);
bool render_include(struct render *r, const struct node *n);

/* === the set of views === */

struct stamp { /* what tells one state of a file from another */
    int64_t mtime_ns;
    int64_t size;
    uint64_t inode, device;
};

struct view {
    struct view *next;
    char *path; /* "built-in:views/…" for what is built in */
    struct stamp stamp;
    bool settled;   /* the stamp tells: the file's clock has gone on since it was read */
    uint64_t hash;  /* of the file's bytes */
    uint64_t turn;  /* when the file was looked at */
    uint64_t visit; /* when a closure came by */
    struct arena arena;
    struct compiled compiled;
};

/* A turn is one call of the interface: within it each file is looked at once, so that
 * what was checked is what is rendered. */
struct views {
    struct str *folders;
    size_t folders_len;
    bool built_in; /* the views of the program stand behind the folders */
    const struct php_host *host;
    struct view *list;
    struct arena scratch;
    uint64_t turn;
};

/* views_find resolves a name to a compiled view, read anew if its file changed. */
bool views_find(struct views *v, struct str name, struct view **out,
                struct error *e) MUST;

/* render_view prints a view with its variables to r->html, left-trimmed as Laravel does
 * it. What is wrong with its source must have been asked before. */
bool render_view(struct render *r, const struct view *view, struct php_array *vars);

#endif
