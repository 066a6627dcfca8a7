/* base: what every module stands on: errors, strings, arenas, buffers, maps, clock.
 *
 * Strings carry their length (PHP strings hold NULs) and are passed by value.
 * Memory of one job comes from an arena and is never freed piece by piece; what
 * outlives a job is malloc'ed in new/drop pairs.
 * Failing is one line: `return err_set(e, ERR_JOB, "…")`, and the first error wins.
 */
#ifndef FACTEUR_BASE_H
#define FACTEUR_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define MUST __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* === errors === */

/* The kind answers "what happens next?". */
enum err_kind {
    ERR_NONE,
    ERR_JOB,         /* this attempt failed; tries decide */
    ERR_LOST,        /* a connection is gone; reconnect, then again */
    ERR_AGAIN,       /* a deadlock or lock wait: roll back, then again */
    ERR_UNSUPPORTED, /* a construct that facteur cannot do exactly */
    ERR_FATAL,       /* this process cannot go on */
};

struct error {
    enum err_kind kind;
    int line, col;   /* 1-based; 0: unknown */
    char file[256];  /* "": the error has no place in a file */
    char text[2048]; /* UTF-8, one or more lines, no trailing newline */
    /* What failed_jobs and the app's log call it, where Laravel has an exception for it.
     */
    const char *exception; /* lent, static: "Facteur\\TransportException"; NULL: none */
    int code;              /* the exception's */
    char step[192];        /* a line for its stack trace; "": none */
};

/* err_set records an error unless one is recorded already; it returns false always. */
bool err_set(struct error *e, enum err_kind kind, const char *fmt, ...) PRINTF(3, 4);

/* err_place adds the place to an error that has none yet; returns false always. */
bool err_place(struct error *e, const char *file, int line, int col);

/* err_thrown adds the exception's name, its code and the step to an error that has no
 * name yet; returns false always. */
bool err_thrown(struct error *e, const char *exception, int code, const char *step);

/* err_wrap puts "prefix: " before the recorded text; returns false always. */
bool err_wrap(struct error *e, const char *fmt, ...) PRINTF(2, 3);

/* err_clear forgets the recorded error. */
void err_clear(struct error *e);

/* err_kind_name returns the name of a kind, as logs print it. */
const char *err_kind_name(enum err_kind kind);

/* err_print writes "file:line:col: text" (the known parts) to out, always terminated. */
void err_print(const struct error *e, char *out, size_t size);

/* === findings: what a check of a view, a style sheet or an expression reports ===
 *
 * FINDING_ERROR: the result would be wrong, the class is refused. FINDING_DIFFERS:
 * facteur renders other than dompdf on purpose. FINDING_IGNORED: dompdf ignores it, so do
 * we. FINDING_FAILS: it fails under PHP, so it does here; the class is taken. */
enum severity { FINDING_ERROR, FINDING_DIFFERS, FINDING_IGNORED, FINDING_FAILS };

struct finding {
    enum severity severity;
    const char *file; /* lent for the call */
    int line, col;    /* 1-based; 0: unknown */
    const char *text; /* "construct – consequence"; lent for the call */
};

typedef void finding_fn(void *arg, const struct finding *f);

/* In a text that is checked before all of it is known (a view's skeleton), a hole stands
 * for what comes at run time; at a seam pieces meet of which not all may come. To HTML
 * and CSS a hole is a character and a seam a blank. */
#define TEXT_HOLE '\x1A'
#define TEXT_SEAM '\f'

/* === strings: borrowed bytes with a length, NOT NUL-terminated === */

struct str {
    const char *ptr;
    size_t len;
};

#define S(literal) ((struct str){("" literal ""), sizeof(literal) - 1})
#define STR_ARG(s) ((int)(s).len), ((s).ptr) /* for "%.*s" */

struct cut { /* head, then what stands behind the separator; ok: it was there */
    struct str head, tail;
    bool ok;
};

/* str_from lends a C string; NULL gives the empty string. */
struct str str_from(const char *z);

bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b); /* ASCII letters without case */
int str_cmp(struct str a, struct str b);  /* by bytes, as memcmp */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_has(struct str s, struct str part);

/* str_find returns the offset of part in s, or -1. */
ptrdiff_t str_find(struct str s, struct str part);

/* str_sub returns the bytes [from, from + len) of s, clipped to s. */
struct str str_sub(struct str s, size_t from, size_t len);

/* str_skip returns s without its first n bytes (at most all). */
struct str str_skip(struct str s, size_t n);

/* str_trim returns s without ASCII blanks (space \t \r \n \v \f NUL) at both ends. */
struct str str_trim(struct str s);

/* str_cut splits s at the first `sep`; without one head is all of s and ok is false. */
struct cut str_cut(struct str s, char sep);

/* str_to_i64 reads a whole decimal number with optional sign; it refuses blanks,
 * trailing bytes and overflow. */
bool str_to_i64(struct str s, int64_t *out) MUST;

/* i64_add and i64_mul stop at the ends of their range: for numbers from outside. */
int64_t i64_add(int64_t a, int64_t b);
int64_t i64_mul(int64_t a, int64_t b);

/* str_utf8 decodes the code point at s.ptr[*at] and moves *at behind it. Invalid bytes
 * give U+FFFD and move by one, so that a loop ends. *at must be < s.len. */
uint32_t str_utf8(struct str s, size_t *at);

/* str_utf8_ok says whether s is well-formed UTF-8. */
bool str_utf8_ok(struct str s);

/* str_utf8_len counts code points (invalid bytes count one each). */
size_t str_utf8_len(struct str s);

/* Parts of a text, in order: each from its first byte to behind its last. */
struct piece {
    size_t from, end;
};

struct pieces {
    const struct piece *at;
    size_t len;
};

/* === arena: one region, handed out from its start, reset as a whole ===
 *
 * `struct arena *perm` in a signature holds what is returned; `struct arena tmp`, by
 * value, dies with the call: the callee moves its own copy only. The two must come from
 * different pools. A tmp holds memory only, no handles.
 *
 * A pool has a ceiling. Reaching it jumps to the place that arena_guard named (the job
 * boundary is the only one in the program), which makes it an error of the job; without
 * a guard the process ends with a message. Handles are in arena_defer, so that the jump
 * leaves none behind.
 */

struct arena_pool;

struct arena {
    char *at, *end;
    struct arena_pool *pool;
};

/* arena_open reserves address space for `ceiling` bytes; pages are taken when touched.
 * Ends the process when there is no address space. */
struct arena arena_open(size_t ceiling);

/* arena_space says whether so many bytes of addresses are left for arenas. */
bool arena_space(size_t bytes);

/* arena_close runs what was deferred and gives the region back. */
void arena_close(struct arena *a);

/* arena_reset runs what was deferred, last first, then makes all memory free again.
 * Memory above a small reserve goes back to the system. */
void arena_reset(struct arena *a);

/* arena_guard names where to go when the pool is full; NULL: end the process. */
void arena_guard(struct arena *a, jmp_buf *guard);

/* arena_alloc returns count * size zeroed bytes, never NULL. */
void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
    __attribute__((malloc, returns_nonnull));

#define NEW(arena, type, count)                                                          \
    ((type *)arena_alloc((arena), sizeof(type), _Alignof(type), (size_t)(count)))

/* arena_defer has fn(ptr) called by the next reset, or release to a mark before it, last
 * deferred first. */
void arena_defer(struct arena *a, void (*fn)(void *), void *ptr);

/* arena_used returns the bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

/* arena_mark and arena_release give back everything handed out since the mark, for loops
 * that need little memory many times. */
char *arena_mark(const struct arena *a);
void arena_release(struct arena *a, char *mark);

struct str str_copy(struct arena *a, struct str s);
char *str_z(struct arena *a, struct str s); /* a NUL-terminated copy */
struct str str_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
struct str str_join(struct arena *a, struct str left, struct str right);
struct str str_lower(struct arena *a, struct str s); /* ASCII letters */

/* str_replace returns s with every `from` (not empty) replaced by `to`. */
struct str str_replace(struct arena *a, struct str s, struct str from, struct str to);

/* === buffer: a string that grows, born with its ceiling ===
 *
 * Write on, ask once at the end: past `max` bytes it drops what comes and sets `full`. */

struct buf {
    char *ptr;
    size_t len, cap, max;
    bool full;
    struct arena *arena; /* NULL: malloc'ed, ends with buf_drop */
};

struct buf buf_new(struct arena *a, size_t max);
void buf_drop(struct buf *b);
void buf_add(struct buf *b, struct str s);
void buf_byte(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);
void buf_utf8(struct buf *b, uint32_t code_point);
struct str buf_str(const struct buf *b); /* lends what is there now */

/* buf_json appends s as a JSON string with its quotes. `flags` as PHP's json_encode:
 * 0 is PHP's default ("/" and non-ASCII escaped). Invalid UTF-8 becomes U+FFFD.
 * JSON_PRETTY is for whole values (php_json). */
enum { JSON_PLAIN_SLASHES = 1, JSON_PLAIN_UNICODE = 2, JSON_PRETTY = 4 };
void buf_json(struct buf *b, struct str s, int flags);

/* === vector: VEC(struct box) boxes = {0}; VEC_PUSH(arena, &boxes, box); === */

#define VEC(type)                                                                        \
    struct {                                                                             \
        type *at;                                                                        \
        size_t len, cap;                                                                 \
    }

#define VEC_PUSH(arena, vec, ...)                                                        \
    do {                                                                                 \
        if ((vec)->len == (vec)->cap)                                                    \
            (vec)->at = vec_grow((arena), (vec)->at, sizeof(*(vec)->at), &(vec)->cap);   \
        (vec)->at[(vec)->len++] = __VA_ARGS__;                                           \
    } while (0)

void *vec_grow(struct arena *a, void *at, size_t size, size_t *cap);

/* === map: byte string → pointer, in an arena; keys are not copied === */

struct map {
    struct map_slot *slots;
    size_t len, cap;
};

struct map_slot {
    struct str key;
    void *value; /* NULL: the slot is free */
};

/* map_put stores a non-NULL value, over an older one of the same key. */
void map_put(struct arena *a, struct map *m, struct str key, void *value);

/* map_lookup returns the value, or NULL. */
void *map_lookup(const struct map *m, struct str key);

/* str_hash is the map's hash, for tables of other shapes. */
uint64_t str_hash(struct str s);

/* Broken UTF-8 mended as PHP mends it: str_utf8_question replaces each broken sequence by
 * "?", as mb_convert_encoding does; str_utf8_replace by U+FFFD, as json_encode with
 * JSON_INVALID_UTF8_SUBSTITUTE does. They disagree about where a broken sequence ends.
 * Sound text is returned as it is. */
struct str str_utf8_question(struct arena *perm, struct str s);
struct str str_utf8_replace(struct arena *perm, struct str s);

/* === clock === */

/* clock_unix returns Unix seconds, clock_unix_us microseconds of the same clock. Both
 * stand still after clock_freeze(µs); clock_freeze(-1) lets them run again. Tests use it,
 * and letter:preview for documents that can be compared byte for byte. */
int64_t clock_unix(void);
int64_t clock_unix_us(void);
void clock_freeze(int64_t unix_us);

/* clock_hold lets all clocks stand still, these and those below, until clock_pass moves
 * them: for tests of what waits, which then takes no time. clock_hold(-1) ends it. */
void clock_hold(int64_t unix_us);
void clock_pass(int64_t ms);
bool clock_held(void);

/* clock_mono_ms returns milliseconds that never jump; only differences mean something. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* clock_zone makes `zone` (IANA name, or UTC) the zone of clock_local in this process.
 * An unknown name is an error: glibc itself would silently mean UTC. */
bool clock_zone(const char *zone, struct error *e) MUST;

/* clock_zone_name lends the name that clock_zone was told last; before: "UTC". */
struct str clock_zone_name(void);

/* clock_zone_given lends TZ as this process was started with it, NULL: without.
 * clock_zone sets it, which is no affair of the programs that are started. */
const char *clock_zone_given(void);

/* clock_local breaks Unix seconds down in the zone. */
struct tm clock_local(int64_t unix_seconds);

/* clock_datetime returns "2026-11-25 14:05:09" in the zone, as Eloquent stores times. */
struct str clock_datetime(struct arena *a, int64_t unix_seconds);

/* === uuids === */

enum { UUID_TEXT = 37 }; /* with its NUL */

/* uuid_new writes a random one, in lower case. */
void uuid_new(char out[static UUID_TEXT]);

/* === process === */

/* title_init keeps the place of argv and environ for title_set; call it first in main. */
void title_init(int argc, char **argv);

/* title_set makes `ps` show the text (cut to the room there is). */
void title_set(const char *fmt, ...) PRINTF(1, 2);

/* bundle_root lends the folder of the bundle that this program runs from, as
 * "/opt/facteur"; NULL: it was installed, and its loader, libraries and time zones are
 * the machine's own. */
const char *bundle_root(void);

/* What the bundle's launcher (docker/launcher.c) puts before the name of a variable that
 * is meant for another loader. */
#define BUNDLE_PREFIX "FACTEUR_BUNDLE_"

/* bundle_environment puts back what the bundle's launcher took out of the environment for
 * the time of loading; call it first in main. */
void bundle_environment(void);

/* bundle_authorities lends the bundle's file of certificate authorities, NULL: the
 * machine has its own, where libcurl and OpenSSL of Debian look for them, or this is no
 * bundle. */
const char *bundle_authorities(void);

/* program_start starts a program, without a shell, and returns when it runs: the
 * descriptors become its 0, 1, 2 and so on, all others are closed; no signal is ignored
 * or blocked in it, and its environment is the one that this process was given. It is
 * killed by `death_signal` when the thread that started it is gone. -1, ERR_JOB: it
 * cannot be run. */
struct program {
    char *const *argv; /* argv[0] is looked for on the path */
    const int *fds;    /* at most 8 */
    size_t fds_len;
    int death_signal;
    bool group; /* it leads a process group of its own */
};
pid_t program_start(const struct program *s, struct error *e) MUST;

/* === files === */

/* file_read reads a whole file of at most `max` bytes into the arena. Missing or not
 * readable: ERR_FATAL that names it. */
bool file_read(const char *path, size_t max, struct arena *perm, struct str *out,
               struct error *e) MUST;

/* Whether something stands at a path. What cannot be seen for want of rights is no
 * absence but ERR_FATAL, which names the path, who facteur runs as, the right that is
 * missing and where. file_exists: a regular file; folder_exists: a folder, which must
 * also be one that can be listed; file_stat: anything. */
struct stat;
bool file_stat(const char *path, struct stat *st, bool *there, struct error *e) MUST;
bool file_exists(const char *path, bool *there, struct error *e) MUST;
bool folder_exists(const char *path, bool *there, struct error *e) MUST;

/* file_readable: can the file be read, or is there none? */
bool file_readable(const char *path, struct error *e) MUST;

/* file_denied makes that error: "cannot <what> <path>: www-data (33) needs the right
 * <right> on …"; a folder on the way that bars it is named in its place. It returns false
 * always. */
bool file_denied(const char *path, const char *what, const char *right, struct error *e);

/* Whose what is made is to be: `other` where it is not whoever runs this (app_owner). */
struct file_owner {
    bool other;
    unsigned uid, gid;
};

/* folder_given makes a folder where there is none; false: errno says why it cannot.
 * file_given opens a file with these flags, and makes it where there is none; -1: errno.
 * What is made is given to that owner. */
bool folder_given(const char *path, struct file_owner to, bool *made) MUST;
int file_given(const char *path, int flags, struct file_owner to) MUST;

/* user_print writes "www-data (33)", or "user 33" where that has no name; returns out. */
const char *user_print(unsigned uid, char *out, size_t size);

/* path_join returns "dir/name", NUL-terminated (name alone when it is absolute). */
char *path_join(struct arena *a, struct str dir, struct str name);

/* === assets: files of the source tree that are built into the program === */

/* asset_lookup lends a built-in file by its path in the tree ("sql/queries/claim.sql").
 * false: there is none. */
bool asset_lookup(struct str path, struct str *out);

#endif
