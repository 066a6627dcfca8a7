/* view: Blade → HTML, on php's evaluator.
 *
 * `struct views` is the app's set of views: it finds a file by its dotted name, keeps the
 * compiled form, and notices a file that changed (mtime, size, inode; and its bytes while
 * its clock may stand still). It outlives jobs.
 *
 * What a view cannot do exactly is a finding at check time, never a guess at render time.
 * Rules: Laravel 12's BladeCompiler, pass by pass; line and column (of bytes) always
 * count in the .blade.php file. Rendered: echoes, comments, @verbatim, @if and its kin,
 * @unless, @isset, @empty, @foreach, @forelse, @include of a literal name; every other
 * directive of Laravel is an error. A name that Laravel does not know is text. One thing
 * cannot be seen from here: a directive, precompiler or view composer that the app
 * registers itself in its providers (Blade::directive, Blade::if,
 * Blade::withoutDoubleEncoding, View::share …).
 */
#ifndef FACTEUR_VIEW_H
#define FACTEUR_VIEW_H

#include "facteur/base.h"
#include "facteur/php.h"

struct views;

/* views_new takes the folders of config view.paths, in order; with `built_in` the views
 * "views/…" of the source tree stand behind them. The host is lent. */
struct views *views_new(const struct str *folders, size_t len, bool built_in,
                        const struct php_host *host);
void views_drop(struct views *v);

/* view_check compiles the view and all it includes and reports every construct that is
 * not supported, each file's in its order. false: the view is missing (*e is ERR_JOB,
 * with Laravel's words) or may not be read (ERR_FATAL), or an ERROR was reported (*e
 * stays empty). */
bool view_check(struct views *v, struct str name, finding_fn *report, void *arg,
                struct error *e) MUST;

/* view_file returns the path of the view's file as findings name it, for messages;
 * "built-in:views/…" for one of ours. */
bool view_file(struct views *v, struct str name, struct arena *perm, struct str *out,
               struct error *e) MUST;

/* view_of_file gives the name by which the views have a .blade.php file. One that stands
 * in none of their folders is found from then on, in front of all others, as are its
 * neighbours. */
bool view_of_file(struct views *v, const char *path, struct arena *perm, struct str *name,
                  struct error *e) MUST;

/* view_stamp changes when the view or one it includes changes. */
bool view_stamp(struct views *v, struct str name, uint64_t *out, struct error *e) MUST;

/* view_uses lists the property chains that the view and those it includes read, as
 * php_uses does. One that begins at a loop's variable comes again as a chain on the
 * elements of what the loop goes through: {"club", "list", "*", "name"}. */
bool view_uses(struct views *v, struct str name, php_uses_fn *fn, void *arg,
               struct error *e) MUST;

/* view_skeleton returns what is static in the view, at the same line and column: its text
 * with comments, directives and echoes made blanks, newlines kept. An echo begins with a
 * TEXT_HOLE, a directive with a TEXT_SEAM. pdf_check reads it. */
bool view_skeleton(struct views *v, struct str name, struct arena *perm, struct str *out,
                   struct error *e) MUST;

/* view_skeletons gives the skeleton of the view and of each view it includes. */
typedef void view_skeleton_fn(void *arg, const char *file, struct str skeleton);
bool view_skeletons(struct views *v, struct str name, view_skeleton_fn *fn, void *arg,
                    struct error *e) MUST;

struct view_page {
    struct str file; /* as view_file has it; empty: the view was not found */
    struct str html;
    struct pieces data; /* what of html was echoed: the rest is the views' own */
    /* Which branches of the views were taken, in whatever order, and whether a loop had a
     * turn. Expressions have no branches here. */
    uint64_t path;
};

/* view_render renders. ERR_UNSUPPORTED: the view changed into something we cannot do;
 * ERR_JOB: PHP too would have failed with these variables, or there is no such view. */
bool view_render(struct views *v, struct str name, struct php_array *vars,
                 struct arena *perm, struct view_page *page, struct error *e) MUST;

#endif
