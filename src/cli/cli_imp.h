/* cli_imp.h: what the files of src/cli share. */
#ifndef FACTEUR_CLI_IMP_H
#define FACTEUR_CLI_IMP_H

#include <jansson.h>

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/cli.h"
#include "facteur/console.h"
#include "facteur/db.h"
#include "facteur/queue.h"
#include "facteur/worker.h"

/* === a command's row === */

enum option_kind { OPTION_FLAG, OPTION_VALUE };

struct option_row { /* ends with a row whose name is NULL */
    const char *name;
    enum option_kind kind;
    const char *otherwise; /* default, as help shows it; NULL: none */
    const char *help;
};

struct argument_row {
    const char *name;
    bool required, many; /* many: the last one takes all that follow */
    const char *help;
};

struct invocation;

struct command {
    const char *name, *help;
    const char *alias;                    /* another name; NULL: none */
    const struct argument_row *arguments; /* ends with a NULL name */
    const struct option_row *options;
    int (*run)(struct invocation *in, struct error *e);
    int broken; /* exit code where it could not do what was asked; 0: 1 */
};

extern const struct command command_about, command_completion, command_doctor,
    command_manual, command_letter_dispatch, command_letter_preview, command_letter_prove,
    command_queue_clear, command_queue_failed, command_queue_flush, command_queue_forget,
    command_queue_monitor, command_queue_pause, command_queue_prune_batches,
    command_queue_prune_failed, command_queue_restart, command_queue_resume,
    command_queue_retry, command_queue_retry_batch, command_queue_work, command_status,
    command_view_check;

/* === the classes of jobs that are run here (classes.c); NULL ends them === */

struct job_class;
extern const struct job_class *const job_classes[];

/* all_commands ends with NULL (cli.c). */
extern const struct command *const all_commands[];

/* === which one is meant (find.c) === */

/* command_named returns the command of that name or alias, or NULL. find_command returns
 * also the one that it abbreviates, as Symfony's console does ("q:w", "QUEUE:WORK");
 * NULL: there is none, or several. command_begins: does the text abbreviate this one? */
const struct command *command_named(const struct command *const *all, struct str name);
const struct command *find_command(const struct command *const *all, struct str name);
bool command_begins(const struct command *c, struct str text);

/* commands_like lists those that may have been meant by a name that there is not: few
 * letters are others, it is a part of theirs, or the namespace is the same. */
size_t commands_like(const struct command *const *all, struct str text,
                     const struct command **out, size_t max);

/* === the command line, parsed (arguments.c) === */

struct given_option {
    const struct option_row *row;
    const char *value; /* NULL: given without one */
};

struct invocation {
    const struct command *const *commands; /* lent: those there are */
    const struct command *command;         /* NULL: none was named */
    const char *name;                      /* as typed; NULL: none */
    const char *const *argv;               /* as they came; argv[0] is the program */
    size_t argc;
    VEC(const char *) arguments; /* behind the command's name */
    VEC(struct given_option) options;
    const char *app_dir, *env; /* --app, --env; NULL: not given */
    bool parsed;               /* the command line was sound */
    bool help, version, no_interaction;
    int verbosity;                /* -1 with -q or --silent; 1 to 3 with -v to -vvv */
    enum console_colours colours; /* --ansi, --no-ansi */
    struct console console;
    struct arena perm;
};

extern const struct option_row global_options[];

/* parse_arguments reads argv. Errors have the words of Laravel's console. */
bool parse_arguments(struct invocation *in, int argc, char **argv, struct error *e) MUST;

/* option_given says whether an option was named; *value: its value, NULL without one. */
bool option_given(const struct invocation *in, const char *name, const char **value);

/* option_text returns an option's value, or its default; "" when it has none. */
struct str option_text(const struct invocation *in, const char *name);

/* option_int converts as PHP's (int): "abc" is 0. */
int64_t option_int(const struct invocation *in, const char *name);
double option_float(const struct invocation *in, const char *name);

/* option_value lends the i-th value of an option that may be given again and again; NULL
 * behind the last. */
const char *option_value(const struct invocation *in, const char *name, size_t i);

/* argument returns the i-th argument, or NULL. */
const char *argument(const struct invocation *in, size_t i);

/* argument_id reads a positive number, or says which argument is none. */
bool argument_id(const struct invocation *in, size_t i, const char *name, int64_t *out,
                 struct error *e) MUST;

/* === what the commands around a queue share (queue_tools.c) === */

struct queue_tools {
    struct invocation *in;
    struct console *console; /* the invocation's, as the app's Laravel prints */
    struct app *app;
    struct db_pool *pool;
    struct failed_settings failed_settings;
    struct failed_store *failed; /* after queue_tools_failed */
    VEC(struct queue_table *) tables;
    struct arena perm, tmp; /* as long as the command; for one step */
};

/* queue_tools_run opens the app, calls fn and closes everything; it returns fn's exit
 * code, or 1 with *e set. */
typedef int queue_tools_fn(struct queue_tools *t, struct error *e);
int queue_tools_run(struct invocation *in, queue_tools_fn *fn, struct error *e);

bool queue_tools_failed(struct queue_tools *t, struct error *e) MUST;

/* queue_tools_table lends the table of a queue connection; empty: queue.default. */
struct queue_table *queue_tools_table(struct queue_tools *t, struct str connection,
                                      struct error *e) MUST;

/* queue_tools_before gives the moment so many hours ago; text as PHP's Carbon takes it.
 */
bool queue_tools_before(struct str hours, int64_t *out, struct error *e) MUST;

/* === are facteur's letters PHP's? (letter_prove.c) === */

/* letter_prove_one compares a letter with PHP's, and records it: for struct work_options.
 */
void letter_prove_one(struct app *app, const struct job_sample *what, bool php,
                      struct work_proof *out);

/* doctor_brief prints what `doctor` would find at once (doctor.c). */
void doctor_brief(struct invocation *in, struct app *app);

/* === what is of no queue and no letter (tools.c) === */

/* php_like_worker fills in what a command starts the app's PHP with: the app is to see a
 * worker, since that may be what it asks for. out->warn and out->arg are the caller's. */
struct child_options;
bool php_like_worker(struct app *app, const struct queue_settings *queue,
                     struct arena *perm, struct child_options *out, struct error *e) MUST;

/* always is a `tick` of whoever waits as long as it takes. */
bool always(void *arg);

/* json_text makes a string; what is not UTF-8 is told as such. */
json_t *json_text(struct str s);

/* === what the commands that make letters share (letter_tools.c) === */

struct letter_tools {
    struct invocation *in; /* NULL: nothing is printed */
    struct app *app;
    struct db_settings settings;
    struct db *db;
    struct jobs *jobs;
    struct arena perm, tmp;
    struct arena round; /* what one letter, or one look, made */
};

/* letter_tools_open opens the app and the class of letters, letter_tools_check says
 * whether it can be done exactly; what is found is printed. Close it in any case. */
bool letter_tools_open(struct letter_tools *t, struct invocation *in, bool built_in_views,
                       struct error *e) MUST;
bool letter_tools_check(struct letter_tools *t, struct error *e) MUST;

/* letter_tools_take is letter_tools_open for an app that is open, and stays so. */
bool letter_tools_take(struct letter_tools *t, struct app *app, struct error *e) MUST;
void letter_tools_close(struct letter_tools *t);

/* === queue:retry, which queue:retry-batch uses (queue_retry.c) === */

/* retry_job pushes one failed job again; one that is not there is no error. */
bool retry_job(struct queue_tools *t, struct str id, bool aloud, struct error *e) MUST;

/* === printing (help.c, box.c) === */

void print_version(struct invocation *in);

/* print_list lists the commands; `space`: those of that namespace alone, of which
 * has_space says whether there is one. */
void print_list(struct invocation *in, const struct command *const *all,
                struct str space);
bool has_space(const struct command *const *all, struct str space);
void print_help(struct invocation *in, const struct command *c);

/* option_letters gives the short names of a global option, "-h, "; or "". */
const char *option_letters(const char *name);

/* cut_columns returns the first `width` characters of s. */
struct str cut_columns(struct str s, size_t width);

/* print_box writes the boxed message that Laravel's console writes, to stdout. */
void print_box(const struct invocation *in, const struct error *e);

/* print_info writes an information block, unless -q. */
void print_info(struct invocation *in, const char *level, struct str text);

#endif
