/* php: PHP's values, serialize/unserialize, and an evaluator for a subset of PHP's
 * expressions, shared by Blade views, config/….php and bootstrap/cache/config.php.
 *
 * Values are passed by value; what they point to lives in the arena of whoever made them
 * and is not changed afterwards, so copying a value is copying this struct.
 * Rules are PHP 8.2's; where a rule is Laravel's or Carbon's, the function says so.
 */
#ifndef FACTEUR_PHP_H
#define FACTEUR_PHP_H

#include "facteur/base.h"

/* === values === */

enum php_type {
    PHP_NULL,
    PHP_BOOL,
    PHP_INT,
    PHP_FLOAT,
    PHP_STRING,
    PHP_ARRAY,
    PHP_OBJECT,
    PHP_REF,  /* unserialize only: a PHP reference, seen through by php_deref */
    PHP_HOLE, /* config only: an expression that could not be evaluated, and why */
};

struct php_value {
    enum php_type type;
    union {
        bool b;
        int64_t i;
        double d;
        struct str s;
        struct php_array *a;
        struct php_object *o;
        struct php_value *ref;
        const struct error *hole;
    };
};

struct php_value php_null(void);
struct php_value php_bool(bool b);
struct php_value php_int(int64_t i);
struct php_value php_float(double d);
struct php_value php_string(struct str s);
struct php_value php_from_array(struct php_array *a);
struct php_value php_from_object(struct php_object *o);

/* php_deref sees through a reference (one step is all that can be). */
struct php_value php_deref(struct php_value v);

/* php_type_name returns PHP's get_debug_type name: "null", "bool", "int", "float",
 * "string", "array", or the object's class. */
struct str php_type_name(struct php_value v);

/* === arrays: ordered, keys int or string === */

struct php_key {
    bool is_int;
    int64_t i;
    struct str s;
};

/* Where an entry of a configuration was written, and what was asked for its value. */
struct php_origin {
    const char *file;
    int line;
    VEC(struct str) env; /* names of environment variables */
};

struct php_entry {
    struct php_key key;
    struct php_value value;
    const struct php_origin *origin; /* files only; NULL: not known */
};

struct php_array {
    struct php_entry *at; /* in order */
    size_t len, cap;
    int64_t next;            /* the key of the next push; INT64_MIN: no int key yet */
    struct php_index *index; /* by key; NULL while the array is small */
    bool unshared;           /* the evaluator's: one variable alone holds it */
};

struct php_array *php_array_new(struct arena *perm);

/* php_key_from makes a key as PHP does: "12" is the int 12, "012" stays a string. */
struct php_key php_key_from(struct str s);
struct php_key php_key_int(int64_t i);

/* php_array_put sets or replaces; a replaced key keeps its place. */
void php_array_put(struct arena *perm, struct php_array *a, struct php_key k,
                   struct php_value v);

/* php_array_push puts v behind the highest int key (behind INT64_MAX, where PHP throws,
 * it does nothing). */
void php_array_push(struct arena *perm, struct php_array *a, struct php_value v);

/* php_array_lookup lends the value (dereferenced), or NULL. */
const struct php_value *php_array_lookup(const struct php_array *a, struct php_key k);

/* php_array_named is the same for a literal name. */
const struct php_value *php_array_named(const struct php_array *a, const char *name);

/* php_array_copy puts or, where the key is a number and `renumber`, pushes an entry of
 * another array, with its origin. php_array_origin lends an entry's origin, or NULL;
 * php_array_mark sets it. */
void php_array_copy(struct arena *perm, struct php_array *a,
                    const struct php_entry *entry, bool renumber);
const struct php_origin *php_array_origin(const struct php_array *a, struct php_key k);
void php_array_mark(struct php_array *a, struct php_key k,
                    const struct php_origin *origin);

/* php_path looks up "a.b.c" through nested arrays (Laravel's dot notation: a key that is
 * the whole path comes first); NULL: absent. */
const struct php_value *php_path(const struct php_value *root, const char *path);

/* === objects === */

enum php_object_kind {
    PHP_PLAIN,  /* properties; an undefined one is an error */
    PHP_ROW,    /* an Eloquent model: a missing attribute is null */
    PHP_ENUM,   /* unserialize: a case of an enum; `payload` is the case's name */
    PHP_OPAQUE, /* unserialize: "C:", its raw payload */
    PHP_NATIVE, /* a class of ours (dates), with methods */
};

struct php_object {
    enum php_object_kind kind;
    struct str class_name; /* as written */
    struct php_array
        *props; /* names as serialised: "\0*\0protected", "\0Class\0private" */
    struct str payload;
    const struct php_class *native; /* PHP_NATIVE */
    void *data;                     /* PHP_NATIVE */
};

struct php_object *php_object_new(struct arena *perm, enum php_object_kind kind,
                                  struct str class_name);

/* php_prop lends a property by its short name: public, else protected, else private of
 * the object's own class, else private of any class. NULL: there is none. */
const struct php_value *php_prop(const struct php_object *o, struct str name);

/* === conversions and comparisons (PHP 8.2) === */

bool php_truthy(struct php_value v);

/* php_to_string is PHP's string conversion: null and false "", true "1", floats with 14
 * significant digits, arrays and objects without __toString an error. */
bool php_to_string(struct php_value v, struct arena *perm, struct str *out,
                   struct error *e) MUST;

/* php_to_int and php_to_float convert as a cast does ("12abc" → 12, null → 0). */
int64_t php_to_int(struct php_value v);
double php_to_float(struct php_value v);

/* php_numeric says whether a string is numeric (blanks around allowed), and its value. */
bool php_numeric(struct str s, struct php_value *out);

bool php_identical(struct php_value a, struct php_value b);
bool php_equal(struct php_value a, struct php_value b); /* == */

/* php_compare is <=>; uncomparable values give 1, as PHP does. So do graphs that are too
 * deep or too large to compare (cycles among them), where PHP throws. */
int php_compare(struct php_value a, struct php_value b);

/* php_dump prints a value with its types, for messages and tests: one line, PHP-like, cut
 * at 256 KiB. `[1, "k" => 2.0]`, `App\\Job {+public: 1, #protected: 2, -private: 3,
 * -Parent::private: 4}`, `Suit::Hearts`, `&1` for a reference. */
struct str php_dump(struct php_value v, struct arena *perm);

/* php_json appends v as PHP's json_encode prints it; flags as buf_json. What PHP refuses
 * (INF, malformed UTF-8, over 512 levels) is ERR_JOB with PHP's text; so is a full
 * buffer. Enums, models, "C:" and natives are ERR_UNSUPPORTED: the app's code knows
 * their form. */
bool php_json(struct buf *b, struct php_value v, int flags, struct error *e) MUST;

/* php_json_read decodes JSON as PHP's json_decode does with its defaults: objects become
 * arrays or stdClass, an integer beyond 64 bits a float, and of two members of one name
 * the last counts. Strings are lent from `in` where they can be. ERR_JOB has the text of
 * json_last_error_msg. */
bool php_json_read(struct str in, bool arrays, struct arena *perm, struct php_value *out,
                   struct error *e) MUST;

/* php_json_read_some makes arrays, and refuses more values than `most` with
 * ERR_UNSUPPORTED: what is read takes some 300 bytes each. */
bool php_json_read_some(struct str in, size_t most, struct arena *perm,
                        struct php_value *out, struct error *e) MUST;

/* php_escape appends s as htmlspecialchars does, the way Laravel's e() calls it. */
void php_escape(struct buf *out, struct str s);

/* === serialize === */

struct php_limits {
    size_t depth, count, bytes; /* nesting; values in all; length of the input */
};

/* Generous for a job: PHP itself writes and reads far deeper and longer values. */
extern const struct php_limits php_default_limits;

/* php_unserialize decodes one value: every token that PHP 8.2 writes or reads, with
 * references, enums, privates, "C:" and "S:". Strings are lent from `in` where they can
 * be. An int-like key of an array becomes an int; names of properties stay as they are.
 * An error (ERR_JOB) says the offset and what was expected, never what stands there.
 * *rest, when not NULL, is what follows the value. */
bool php_unserialize(struct str in, const struct php_limits *limits, struct arena *perm,
                     struct php_value *out, struct str *rest, struct error *e) MUST;

/* php_serialize appends the value as PHP would write it, references kept. What has no
 * form there (dates of ours, holes, over 4096 levels) is ERR_UNSUPPORTED or ERR_JOB; so
 * is a full buffer. */
bool php_serialize(struct buf *b, struct php_value v, struct error *e) MUST;

/* === the evaluator === */

struct php_expr; /* a parsed expression; read-only, may be shared by evaluations */

/* What a native function sees. `fn` sets *result (null before) and returns true, or sets
 * *e and returns false; the evaluator adds the place. */
struct php_call {
    const char *name; /* as in its row */
    const char *file; /* where the call stands; NULL: not known */
    int line, col;
    const struct php_value *args;
    size_t len;
    bool named;                   /* an argument has a name: their order may be another */
    const struct str *names;      /* where one has: each one's name, empty for none */
    const struct php_value *self; /* methods: the object */
    struct php_scope *scope;
    struct arena *perm;
    struct php_value *result;
    struct error *e;
};

typedef bool php_fn(struct php_call *c);

/* A function ("env"), a static method by its full class name
 * ("Illuminate\\Support\\Str::slug"), or a method of a native class ("isoFormat"). */
struct php_function {
    const char *name;
    int min, max; /* arguments; max -1: any number */
    php_fn *fn;
};

struct php_host;

struct php_class {
    const char *name;
    const struct php_function *methods; /* ends with a row whose name is NULL */
    /* prop returns false when there is no such property; may be NULL */
    bool (*prop)(const struct php_object *o, struct str name, struct arena *perm,
                 struct php_value *out);
    /* text is __toString; may be NULL */
    bool (*text)(const struct php_object *o, struct arena *perm, struct str *out,
                 struct error *e);
    /* compare is <=> of two objects of this class; NULL: by their properties */
    int (*compare)(const struct php_object *a, const struct php_object *b);
    /* copy makes what a model gives for an attribute: another object each time it is
     * read, so that changing one changes no other; NULL: the same. The host may be NULL
     */
    struct php_value (*copy)(const struct php_object *o, const struct php_host *host,
                             struct arena *perm);
};

/* What surrounds an expression: functions beside the built-in ones, constants, and the
 * app's locale (Carbon's default). */
struct php_host {
    const struct php_function *functions;   /* ends with a NULL name; may be NULL */
    const struct php_function *const *more; /* more tables; NULL ends; may be NULL */
    void *data;                             /* for all of them */
    struct str locale;                      /* app.locale; empty: "en" */
    int laravel;                            /* its major version; 0: any */
    /* class_source lends the file that declares a class; false: it is not known. Files
     * alone ask it. May be NULL. */
    bool (*class_source)(const struct php_host *host, struct str class_name,
                         struct arena *perm, const char **file, struct str *source);
};

/* Tables for `more`, of functions that files may call and views may not: Str::of(),
 * Arr::, collect(), preg_replace() and their like. */
extern const struct php_function php_text_functions[], php_arr_functions[],
    php_collect_functions[], php_regex_functions[];

/* php_file_declares says what a file declares by the last part of a class's name. */
enum php_declares {
    PHP_DECLARES_NOTHING,
    PHP_DECLARES_CLASS,
    PHP_DECLARES_ENUM,
    PHP_DECLARES_INTERFACE,
    PHP_DECLARES_TRAIT,
};
enum php_declares php_file_declares(struct str source, struct str class_name);

struct php_scope {
    struct php_array *vars; /* by name without "$" */
    const struct php_host *host;
    struct php_file *file; /* php_eval_file only; NULL: an expression of its own */
};

/* php_value_of is Laravel's value(): what a closure returns, anything else as it is. */
bool php_value_of(struct php_call *c, struct php_value v, struct php_value *out) MUST;

/* php_note_env records, for the entry that is being evaluated, that an environment
 * variable was asked for. */
void php_note_env(struct php_call *c, struct str name);

/* Where a piece of source stands: positions in errors count from here. */
struct php_place {
    const char *file; /* must outlive the expression */
    int line, col;    /* of the first byte of the source, 1-based */
};

/* php_parse parses one expression that fills all of src (comments and blanks aside).
 * ERR_UNSUPPORTED with its place: a construct that the subset does not have, or a syntax
 * error, which the text then calls so. Strings of the source are copied. */
struct php_expr *php_parse(struct str src, struct php_place place, struct arena *perm,
                           struct error *e) MUST;

/* php_eval computes the value; undefined variables, keys, properties are ERR_JOB with the
 * text of PHP's warning, as Laravel throws them. */
bool php_eval(const struct php_expr *x, struct php_scope *scope, struct arena *perm,
              struct php_value *out, struct error *e) MUST;

/* php_check reports every function, method and class that the host and the built-in
 * tables do not have, before anything is evaluated. */
void php_check(const struct php_expr *x, const struct php_host *host, finding_fn *report,
               void *arg);

/* php_uses calls fn for each chain of properties that starts at a variable:
 * `$teacher->user->name` gives {"teacher", "user", "name"}; a bare variable gives one. */
typedef void php_uses_fn(void *arg, const struct str *chain, size_t len,
                         struct php_place place);
void php_uses(const struct php_expr *x, php_uses_fn *fn, void *arg);

/* php_eval_file evaluates a file of statements that ends with `return <expression>;`: it
 * may assign variables, branch, loop over arrays, include other files. An element of an
 * array literal, or a variable, that cannot be evaluated becomes a PHP_HOLE with its file
 * and line; so does the whole file where its course cannot be known. Only a file that
 * cannot be parsed at all is an error. */
bool php_eval_file(struct str source, const char *file, const struct php_host *host,
                   struct arena *perm, struct php_value *out, struct error *e) MUST;

/* === classes of the app, run as far as they are known ===
 *
 * A class's methods are run as PHP would run them, statement by statement. What the
 * evaluator does not have is asked of a judge, and its value is not known from then on; a
 * branch whose condition is not known is run with every value in it unknown. */

struct php_declared; /* a class, as its file declares it; read-only */

/* php_declare parses a file that declares one class or trait. A statement that cannot be
 * parsed is an effect where it would be run; only a file without a class is an error. */
struct php_declared *php_declare(struct str source, const char *file, struct arena *perm,
                                 struct error *e) MUST;

/* php_declared_parent lends the full name of the parent; empty: none. */
struct str php_declared_parent(const struct php_declared *c);
const char *php_declared_file(const struct php_declared *c);
int php_declared_line(const struct php_declared *c); /* of its name */

/* php_declared_beside is the line where the file holds something else than the class,
 * which PHP runs when it loads the file, or which stands before PHP's own functions. */
int php_declared_beside(const struct php_declared *c); /* 0: nowhere */
bool php_declared_implements(const struct php_declared *c, struct str interface);

/* php_declared_method and php_declared_property say whether the class itself declares
 * one, and in which line. A member that could not be read is a method without a name. */
bool php_declared_method(const struct php_declared *c, struct str name, int *line);

/* php_declared_methods and php_declared_traits call fn for each that the class itself
 * names. */
typedef void php_name_fn(void *arg, struct str name, int line);
void php_declared_methods(const struct php_declared *c, php_name_fn *fn, void *arg);
void php_declared_traits(const struct php_declared *c, php_name_fn *fn, void *arg);
bool php_declared_property(const struct php_declared *c, struct str name, int *line);

/* What the code does to others, and the runner has to judge: calls, stores and statements
 * that are not known here. */
enum php_effect_kind {
    PHP_EFFECT_FUNCTION,  /* name(args) */
    PHP_EFFECT_STATIC,    /* class_name::name(args) */
    PHP_EFFECT_METHOD,    /* of an object of class_name (empty: not known), or of $this */
    PHP_EFFECT_NEW,       /* new class_name(args) */
    PHP_EFFECT_STORE,     /* ->name = … of an object that is not known */
    PHP_EFFECT_STATEMENT, /* a statement that cannot be run; `why` says why not */
    PHP_EFFECT_LOST, /* one that cannot be parsed; it begins with class_name::name( */
};

struct php_effect {
    enum php_effect_kind kind;
    struct php_place place;
    struct str class_name, name;
    const struct php_value *args;
    size_t len;
    struct php_object *object; /* STORE: whose property it is */
    bool maybe;                /* it may not be run at all */
    const char *why;
    struct php_call *call; /* FUNCTION, STATIC, METHOD: for judges that call closures */
    struct arena *perm;
};

/* What is run with what: `judge` may give a value; without one it is not known, and
 * whatever is done with it is not asked again. `find` lends the class of a name, or NULL.
 */
struct php_runner {
    const struct php_host *host;
    /* Nothing is passed over: what cannot be run ends the run with its error and place,
     * what is thrown goes to its catch, and a branch whose condition is not known is an
     * error, too. Symbols stand for what is only known by its name. */
    bool exact;
    bool (*judge)(void *arg, const struct php_effect *d, struct php_value *out,
                  struct error *e);
    const struct php_declared *(*find)(void *arg, struct str class_name);
    void *arg;
};

/* php_unknown makes a value that is not known, of a class (empty: nor is that); methods
 * of it are asked of the judge. php_is_unknown tells it; php_holds_unknown looks into
 * arrays too. */
struct php_value php_unknown(struct arena *perm, struct str class_name);
bool php_is_unknown(struct php_value v);
bool php_holds_unknown(struct php_value v);

/* php_symbol makes a value that is known by what it is called alone: of a class (empty:
 * nothing is known of that), `present` if it is sure to count as true. A property of one
 * is the symbol "text.name", unless the object's own `props` hold it; texts that hold one
 * are symbols as well. php_symbol_text gives what it is called, in braces, or the text
 * with such in it. */
struct php_value php_symbol(struct arena *perm, struct str class_name, struct str text,
                            bool present);
bool php_symbol_text(struct php_value v, struct str *out);

/* php_symbol_of makes the symbol of a text that holds others, in braces. */
struct php_value php_symbol_of(struct arena *perm, struct str text, bool present);

/* php_throw: what a judge throws, an object. It returns false, for the judge to return.
 */
bool php_throw(const struct php_effect *d, struct php_value exception, struct error *e);

/* php_new makes an object of a declared class, with its properties' defaults; `props`, an
 * array or NULL, stands over them. php_run calls a method of it, found in its class, its
 * traits and parents; where there is none, nothing happens. `maybe`: it may not be
 * called. */
struct php_value php_new(const struct php_runner *r, const struct php_declared *c,
                         const struct php_array *props, struct arena *perm);
bool php_run(const struct php_runner *r, struct php_value object, struct str method,
             bool maybe, struct arena *perm, struct error *e) MUST;

/* php_method calls a method of an object of a declared class. What it throws is an error,
 * and stands in `thrown`, which is null where the error is another. */
struct php_invocation {
    struct php_value object;
    struct str method;
    const struct php_value *args;
    size_t len;
    struct php_value out;
    bool found; /* false: the class, its traits and parents have none of that name */
    struct php_value thrown;
};
bool php_method(const struct php_runner *r, struct php_invocation *i, struct arena *perm,
                struct error *e) MUST;

/* php_call_closure calls a closure that an effect was given, later. php_call_maybe says
 * whether the call at hand may not be made at all; php_call_place, where it stands. */
bool php_call_closure(const struct php_runner *r, struct php_value closure,
                      const struct php_value *args, size_t len, struct arena *perm,
                      struct error *e) MUST;
bool php_call_maybe(const struct php_call *c);
struct php_place php_call_place(const struct php_call *c);

/* php_run_file runs the statements of a file as php_run does. */
bool php_run_file(const struct php_runner *r, struct str source, const char *file,
                  struct arena *perm, struct php_value *out, struct error *e) MUST;

/* === dates as Carbon has them === */

/* php_date makes a Carbon object of a moment, in the zone of clock_local. */
struct php_value php_date(struct arena *perm, int64_t unix_us);

/* php_date_read makes one of "2026-11-23" or "2026-11-23 14:00:00", a time of the zone.
 * php_date_unix gives its Unix seconds. */
bool php_date_read(struct arena *perm, struct str s, struct php_value *out) MUST;
int64_t php_date_unix(struct php_value date);

/* php_date_iso is isoFormat, php_date_format is format (always English). */
bool php_date_iso(struct arena *perm, int64_t unix_us, struct str locale,
                  struct str format, struct str *out, struct error *e) MUST;
struct str php_date_format(struct arena *perm, int64_t unix_us, struct str format);

/* php_date_ago tells how long ago `then` was at `now` (Unix seconds), as Carbon's
 * diffForHumans does in English, French, Dutch and German; English for others. */
struct str php_date_ago(struct arena *perm, int64_t then, int64_t now, struct str locale);

/* php_letters appends well-formed UTF-8 in another case, as mb_strtoupper and
 * mb_strtolower of PHP 8.2 have it. */
enum php_case { PHP_UPPER, PHP_LOWER };
void php_letters(struct buf *b, struct str s, enum php_case to);

/* php_round is PHP 8.2's round() of a float, which looks at 15 digits of it. */
double php_round(double value, int places);

#endif
