/* app_imp.h: what the files of src/app share. */
#ifndef FACTEUR_APP_IMP_H
#define FACTEUR_APP_IMP_H

#include "facteur/app.h"

/* What an app may move; behind FOLDER_NEEDED what facteur itself neither reads nor
 * writes: there it may be unknown. */
enum app_folder {
    FOLDER_ENV_NAME, /* a file's name: ".env" */
    FOLDER_ENV,
    FOLDER_CONFIG,
    FOLDER_BOOTSTRAP,
    FOLDER_STORAGE,
    FOLDER_BASE,
    FOLDER_NEEDED,
    FOLDER_APP,
    FOLDER_DATABASE,
    FOLDER_PUBLIC,
    FOLDER_LANG,
    APP_FOLDERS,
};

struct app {
    struct arena perm;    /* as long as the app is open */
    struct arena scratch; /* one log record, one file that is looked at */
    struct str base;      /* absolute, NUL-terminated */
    struct str storage;   /* storage/, or where LARAVEL_STORAGE_PATH moved it */
    struct str folders[APP_FOLDERS];  /* where the app moved them; empty: nowhere */
    const char *unknown[APP_FOLDERS]; /* "file:line" that moves it who knows where */
    struct env *env;
    struct str env_name; /* --env, else app.env */
    struct str version;
    int major;
    const char *config_file; /* bootstrap/cache/config.php; NULL: it is not cached */
    struct php_value config; /* an array of the files' arrays */
    struct php_host host;
    struct php_value log_extra;
    struct map channels; /* name in logging.channels → struct log_channel */
    struct boot *boot;   /* NULL before boot_load */
};

/* === the environment: the process's own, then what .env adds === */

struct env {
    struct arena *perm; /* holds names and values */
    struct map vars;    /* name → struct env_var */
    const char *file;   /* the .env file that was read; NULL: none */
};

/* env_init takes over the process's environment ("NAME=value" strings, NULL ends). */
void env_init(struct env *env, struct arena *perm, char **environment);

/* env_lookup lends a variable as text, before env()'s words are understood. */
bool env_lookup(const struct env *env, struct str name, struct str *out);

/* env_write and env_clear change a variable, unless the process itself was given it:
 * the real environment always wins, even where it is empty. */
void env_write(struct env *env, struct str name, struct str value, int line);
void env_clear(struct env *env, struct str name);

/* env_source says where a variable was given, and in which line of .env. */
enum env_from { ENV_NOWHERE, ENV_PROCESS, ENV_FILE };
enum env_from env_source(const struct env *env, struct str name, int *line);

/* env_value is Laravel's env(): "true", "(false)", "null"… become values, and a value
 * that is still wrapped in quotes loses them. false: the variable does not exist. */
bool env_value(const struct env *env, struct str name, struct php_value *out);

/* dotenv_load reads the text of a .env file into the environment by the rules of
 * phpdotenv
 * 5. A file with one bad line is refused whole (ERR_FATAL with file and line; the text
 * never repeats what the line holds, which may be a secret). */
bool dotenv_load(struct env *env, struct str text, const char *file,
                 struct error *e) MUST;

/* === what is moved before anything is read === */

/* bootstrap_load finds what bootstrap/app.php and artisan move. bootstrap_class judges an
 * application class of the app's own; file and line name it. */
bool bootstrap_load(struct app *a, struct error *e) MUST;
bool bootstrap_class(struct app *a, struct str name, const char *file, int line,
                     struct error *e) MUST;

/* bootstrap_moves tells what a method of the application moves; FOLDER_NEEDED: nothing.
 */
enum app_folder bootstrap_moves(struct str method);

/* app_folder is where a folder is, absolute, NUL-terminated. ERR_UNSUPPORTED: unknown. */
bool app_folder(const struct app *a, enum app_folder f, struct arena *perm, char **out,
                struct error *e) MUST;

/* PHP source that is looked at and not run: each moves behind what stands at `at`. A word
 * may hold backslashes; brackets close the one at `at`. */
bool code_word_char(char c);
size_t code_skip_blank(struct str s, size_t at);
size_t code_skip_string(struct str s, size_t at);
size_t code_skip_word(struct str s, size_t at);
size_t code_skip_brackets(struct str s, size_t at);
int code_line(struct str s, size_t at);

/* code_behind: does `what` stand before `at`, blanks aside? */
bool code_behind(struct str s, size_t at, struct str what);

/* code_class is the full name of a class by the source's imports. */
struct str code_class(struct str source, struct str name);

/* === configuration === */

/* host_functions are what config files and views may call beside PHP's own functions;
 * config_functions what config files alone may, beside these; default_functions are
 * host_functions and since(MAJOR), for the built-in defaults. Their data is the app. */
extern const struct php_function *const host_functions, *const default_functions;
extern const struct php_function *const config_functions[]; /* ends with NULL */
extern const struct php_function value_functions[], digest_functions[],
    class_functions[]; /* parts of them */

/* class_source is the host's: the file where Composer's lists say that a class stands. */
bool class_source(const struct php_host *host, struct str class_name, struct arena *perm,
                  const char **file, struct str *source);

/* config_load evaluates the cached configuration, or .env and the files of config/. */
bool config_load(struct app *a, const char *env_option, struct error *e) MUST;

/* config_set makes the value of a path another, as config([path => v]) does. */
void config_set(struct app *a, struct str path, struct php_value v,
                const struct php_origin *origin);

/* === what the app does when it starts (boot.c) ===
 *
 * boot_load runs its providers as far as they are known: what they set is in the
 * configuration from then on; what could change a letter, and is not known, is noted. */
bool boot_load(struct app *a, struct error *e) MUST;

struct boot {
    struct app *app;
    struct php_runner runner;
    struct php_host host;
    struct map classes;               /* full name → struct boot_class */
    const struct php_value *autoload; /* psr-4 of composer.json; NULL: "App\\" is app/ */
    VEC(struct php_value) providers;
    VEC(struct str) names;  /* of providers, registered or not of the app's own */
    VEC(struct str) listed; /* by withProviders() */
    VEC(struct php_value) booting, booted; /* closures */
    bool has_booted, in_bootstrap;         /* bootstrap/app.php is being run */
    bool discovers; /* listeners: in these folders; in none: in app/Listeners */
    VEC(struct str) discovered;
    const struct php_value *packages; /* of installed.json; NULL: none, or not read */
    bool has_packages;                /* it was read, into: */
    struct arena composer;            /* until boot_load ends */
    VEC(struct app_boot_finding *) findings;
};

/* boot_note notes what leaves letters to PHP. */
void boot_note(struct boot *b, struct php_place at, struct str touches, const char *fmt,
               ...) PRINTF(4, 5);

/* boot_register runs a provider's register() and, behind the others' boot(), its boot().
 */
bool boot_register(struct boot *b, struct str class_name, struct php_place at, bool maybe,
                   struct error *e) MUST;

/* boot_events (boot_events.c) notes listeners that Laravel finds itself. */
bool boot_events(struct boot *b, struct error *e) MUST;

/* boot_packages searches the source of packages' providers, boot_package that of one;
 * boot_search one file of it. */
bool boot_packages(struct boot *b, struct error *e) MUST;
void boot_package(struct boot *b, struct str provider);
void boot_search(struct boot *b, const char *file, struct str source);

/* boot_files judges the files that Composer loads. */
bool boot_files(struct boot *b, struct error *e) MUST;

/* boot_judge (boot_judge.c) is the runner's judge. boot_functions (boot_host.c) are what
 * providers may call beside what config files may; boot_application makes $app. */
bool boot_judge(void *arg, const struct php_effect *d, struct php_value *out,
                struct error *e);
extern const struct php_function boot_functions[];
struct php_value boot_application(struct boot *b, struct arena *perm);
const struct php_function *boot_application_method(struct str name);

/* boot_names.c. boot_any_of: is the name one of these, which blanks part?
 * boot_is_abstract_free: no letter uses what the container holds under this name.
 * boot_is_event_free: the event is not one of a letter's. */
bool boot_any_of(struct str name, const char *words);
bool boot_is_abstract_free(struct str name);
bool boot_is_event_free(struct str name);

/* boot_is_setting_used says that facteur, or Laravel, has read a setting before providers
 * are run. */
bool boot_is_setting_used(struct str path);

/* version_load finds the app's Laravel in composer.lock or vendor/composer. */
bool version_load(struct app *a, struct error *e) MUST;

/* === the log === */

enum handler_kind {
    HANDLER_NULL,
    HANDLER_STREAM,
    HANDLER_ERRORLOG,
    HANDLER_FILE,
    HANDLER_ROTATING
};

struct log_handler {
    enum handler_kind kind;
    enum log_level level;
    bool bubble; /* false: the handlers behind it see nothing of what it wrote */
    bool quiet;  /* ignore_exceptions: what it cannot write is lost silently */
    bool json;   /* its lines are JsonFormatter's */
    bool locking;
    int64_t permission; /* -1: as umask says */
    int fd;             /* HANDLER_STREAM */
    char *path;         /* HANDLER_FILE, HANDLER_ROTATING (without the date) */
    bool monthly;
    int64_t max_files; /* HANDLER_ROTATING; 0: keep all */
    char date[16];     /* HANDLER_ROTATING: of the last record; empty before */
    bool said;         /* that it cannot write */
    struct file_owner owner;
};

struct log_channel {
    struct str name; /* as lines show it */
    VEC(struct log_handler *) handlers;
    bool placeholders; /* {key} in messages is replaced from the context */
};

/* log_channel_lookup lends the channel of logging.channels.<name>, made when first asked
 * for. What cannot be made as configured is said on stderr, once, and replaced by the
 * emergency channel, storage/logs/laravel.log. */
struct log_channel *log_channel_lookup(struct app *a, struct str name);

struct log_record {
    enum log_level level;
    struct str channel; /* as the line shows it */
    struct str message;
    struct php_value context, extra;       /* arrays, or null */
    const struct app_exception *exception; /* the context's last entry; NULL: none */
    bool placeholders;
};

/* log_line makes the record's line as Monolog's LineFormatter in Laravel's setting. */
struct str log_line(const struct log_record *r, struct arena *perm);

/* log_json makes it as Monolog's JsonFormatter as it comes. */
struct str log_json(const struct log_record *r, struct arena *perm);

/* exception_trace appends the lines of the stack trace, without a line end behind them.
 */
void exception_trace(struct buf *b, const struct app_exception *x);

/* exception_raw is app_exception_text with broken UTF-8 left as it is. */
struct str exception_raw(struct arena *perm, const struct app_exception *x);

/* log_level_from reads a level of a config file ("debug" … "emergency"). */
bool log_level_from(struct str name, enum log_level *out);

/* log_append writes one line to the file of a HANDLER_FILE or HANDLER_ROTATING; the
 * latter also removes files that are too old. false: *cause says why not. */
bool log_append(struct log_handler *h, struct str line, struct arena tmp,
                const char **cause);

#endif
