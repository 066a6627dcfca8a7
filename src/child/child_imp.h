/* child_imp.h: what the files of src/child share. */
#ifndef FACTEUR_CHILD_IMP_H
#define FACTEUR_CHILD_IMP_H

#include "facteur/child.h"

/* === frames (frame.c) ===
 *
 * A frame is two lengths (32 bits, big-endian), a JSON object and raw bytes. */

enum {
    FRAME_IN_MAX = 16 << 20,  /* from PHP: an exception's text is cut before that */
    FRAME_OUT_MAX = 64 << 20, /* to PHP: a payload */
};

struct wire {
    int in, out; /* -1: closed */
    char *buf;   /* what has come: [at, len) */
    size_t at, len, cap;
};

struct frame {
    struct php_value fields; /* an array */
    struct str raw;          /* lent until the next frame */
};

/* wire_write writes bytes, and wire_send a frame; `waits` is asked five times a second
 * while the other side does not read, and ends it by false. */
void wire_length(char out[static 4], size_t n); /* big-endian, as they begin */
bool wire_write(struct wire *w, struct str s, bool (*waits)(void *arg), void *arg) MUST;
bool wire_send(struct wire *w, struct str json, struct str raw, bool (*waits)(void *arg),
               void *arg) MUST;

/* wire_fill reads what has come; false: the other end is closed, or no memory.
 * wire_deafen has nothing read any more. */
bool wire_fill(struct wire *w) MUST;
void wire_deafen(struct wire *w);

/* wire_take gives the next whole frame. ERR_JOB: what came is none. */
bool wire_take(struct wire *w, struct arena *perm, struct frame *f, bool *whole,
               struct error *e) MUST;
void wire_close(struct wire *w);

/* Fields of a frame; absent, or of another type: empty, 0, false. */
struct php_value frame_field(const struct frame *f, const char *name);
struct str frame_text(const struct frame *f, const char *name);
int64_t frame_int(const struct frame *f, const char *name);
bool frame_bool(const struct frame *f, const char *name);

/* === the process (process.c) === */

struct php_process {
    pid_t pid; /* 0: none */
    int pidfd;
    struct wire wire;
    int64_t born_ms;
    unsigned unread; /* our outputs for which it has /dev/null */
};

/* process_begin starts PHP; the runner is the first that it is sent. */
bool process_begin(struct php_process *p, const struct child_options *o,
                   struct arena *perm, struct error *e) MUST;

/* process_look tells at once whether it is gone, and which of our outputs nobody reads
 * any more: what a job prints is no reason for it to fail, so the next process has
 * /dev/null there. */
enum { PROCESS_GONE = 1, PROCESS_OUT_UNREAD = 2, PROCESS_ERR_UNREAD = 4 };
unsigned process_look(const struct php_process *p);
bool process_lives(const struct php_process *p);

/* process_kill ends the group; process_reap waits for the process, and writes how it
 * ended: "was killed by signal 11 (Segmentation fault)". Whatever it started is killed
 * too. */
void process_kill(const struct php_process *p);
void process_reap(struct php_process *p, char *how, size_t size);

/* === what it was booted from (files.c) === */

enum { FILES_ARENA = 32 << 20 };

struct child_file {
    const char *path;
    uint64_t stamp;
};

struct child_files {
    struct arena arena;
    struct child_file *at; /* those of the boot, then those that were loaded */
    size_t len, cap, boot;
    int64_t looked_ms;
};

/* files_begin notes what decides how the app boots, before it does; files_loaded what was
 * loaded meanwhile: a list of paths. files_changed looks at them every two seconds. */
void files_begin(struct child_files *files, struct app *app);
void files_loaded(struct child_files *files, struct php_value list);
bool files_changed(struct child_files *files);
void files_end(struct child_files *files);

/* === a child (child.c) === */

struct child {
    struct executor base;
    struct child_options o;
    struct arena talk; /* of one job's frames */
    struct php_process p;
    struct str script; /* the runner, as it is sent */
    struct child_files files;
    /* what it said of itself */
    bool pcntl;
    bool told;  /* that the worker is to stop */
    int status; /* the worker's exit code, and its reason, when it ends */
    const char *reason;
    bool keeps_failed; /* the app's failer is none of Laravel's */
    bool greeted;      /* once at least: what follows is known */
    struct child_worker worker;
    int64_t n;        /* of the last job */
    int64_t jobs;     /* that this process ran */
    int64_t used_ms;  /* monotonic: the end of the last one */
    int64_t asked_ms; /* monotonic: when it was last asked whether to go on */
    bool spent;       /* it is to be renewed before the next job */
};

/* Until when a frame is waited for, and who is asked meanwhile. */
struct waiting {
    int64_t until_ms; /* monotonic; 0: for ever */
    bool (*tick)(void *arg);
    void *arg;
};

enum heard {
    HEARD_FRAME,
    HEARD_LATE,  /* the time is over */
    HEARD_GONE,  /* the process is, and all that it said was heard */
    HEARD_STOP,  /* `tick` said so */
    HEARD_NOISE, /* what came is no frame: *e says why */
};

/* child_hear waits for the next frame, and asks `tick` five times a second meanwhile. */
enum heard child_hear(struct child *c, const struct waiting *w, struct frame *f,
                      struct error *e);

/* child_say sends a frame, of which the JSON is open: "{\"t\":\"job\",…". false: nobody
 * takes it. */
bool child_say(struct child *c, const struct waiting *w, struct buf *json,
               struct str raw) MUST;

/* child_ready starts the process where there is none, or that is spent. ERR_UNSUPPORTED:
 * the app cannot be booted; the text says which PHP, and what it said. */
bool child_ready(struct child *c, const struct waiting *w, struct error *e) MUST;

/* child_gone reaps the process, killing it first where it may live; the text says how it
 * ended, in the arena of the talk. */
struct str child_gone(struct child *c, bool kill);

/* child_silent tells why there is no answer: "… did not <what>: …". False always. */
bool child_silent(struct child *c, enum heard h, const struct frame *f, const char *what,
                  struct error *e);

/* === the booted app's settings (settings.c) === */

/* settings_names appends what is asked for, as the elements of a JSON list; settings_key
 * makes the key under which both sides hash. */
void settings_names(struct buf *b);
bool settings_key(struct arena *perm, struct str *key, struct error *e) MUST;

/* settings_compare notes those that are not what facteur evaluated. ERR_FATAL: it is one
 * of the queue's or of its database's. */
bool settings_compare(struct child *c, struct php_value theirs, struct str key,
                      struct error *e) MUST;

/* === what is said of jobs (news.c) === */

enum { NEWS_TEXT_MAX = 16 << 10 /* of a message that is kept */ };

/* news_failure reads how a job failed, news_read an event of one; false: it is none.
 * news_other tells an event of another job than the one at hand. */
struct job_settle news_failure(const struct child *c, const struct frame *f,
                               struct arena *perm);
bool news_read(const struct child *c, const struct frame *f, struct arena *perm,
               struct job_news *n);
void news_other(struct child *c, const struct frame *f);

/* === one job (talk.c) === */

/* What the process reads and says of one job, from `job` or `fail` to `done`, or to its
 * death. */
bool talk_job(struct child *c, struct job_run *r, struct error *e) MUST;
bool talk_failed(struct child *c, struct job_run *r, const struct job_failure *why,
                 bool timed_out, struct error *e) MUST;

#endif
