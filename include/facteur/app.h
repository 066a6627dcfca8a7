/* app: the Laravel application seen from outside: where it is, its environment and
 * configuration, its version, its log. Nothing here is written to but the log.
 *
 * Configuration comes from bootstrap/cache/config.php when there is one (then .env is not
 * read), else from .env and config/….php over the defaults of the app's Laravel version.
 */
#ifndef FACTEUR_APP_H
#define FACTEUR_APP_H

#include "facteur/base.h"
#include "facteur/php.h"

struct app_options {
    const char *dir; /* NULL: the current folder */
    const char *env; /* --env=NAME; NULL: none */
};

struct app; /* opaque: owns an arena that lives as long as it does */

/* app_open finds the app (a folder with `artisan` or `bootstrap/`), reads its version and
 * configuration, and makes its zone the process's (clock_zone). ERR_FATAL says which file
 * is missing or broken. */
struct app *app_open(const struct app_options *o, struct error *e) MUST;
void app_close(struct app *a);

struct str app_base(const struct app *a);            /* absolute, no slash at the end */
struct str app_env(const struct app *a);             /* app.env */
int app_laravel_major(const struct app *a);          /* 8 to 13 */
struct str app_laravel_version(const struct app *a); /* "12.72.0"; empty: not found */

/* app_laravel_has says whether the app's Laravel is major.minor or later; one whose
 * version is not known is the newest of its major. */
bool app_laravel_has(const struct app *a, int major, int minor);

const struct php_host *app_host(const struct app *a); /* for views: locale, env(), … */

/* app_path makes an absolute path below the app, NUL-terminated, in the arena. */
char *app_path(const struct app *a, struct arena *perm, const char *relative);

/* app_storage likewise below storage/ (LARAVEL_STORAGE_PATH moves it). */
char *app_storage(const struct app *a, struct arena *perm, const char *relative);

/* app_owner tells whose what facteur makes below storage/ must be: where root runs it,
 * storage's owner, whom the app's other processes run as. */
struct file_owner app_owner(const struct app *a);

/* === configuration values, by Laravel's dotted path ===
 *
 * A missing value, or null, gives `otherwise`. A value that could not be evaluated is an
 * error that names its file and line: it was needed. */

/* app_config lends the raw value; NULL: absent. May be a PHP_HOLE. Files of config/ that
 * facteur itself does not need ("services.x") are read when they are first asked for. */
const struct php_value *app_config(const struct app *a, const char *path);
bool app_config_string(const struct app *a, const char *path, struct str otherwise,
                       struct str *out, struct error *e) MUST;
bool app_config_int(const struct app *a, const char *path, int64_t otherwise,
                    int64_t *out, struct error *e) MUST;
bool app_config_bool(const struct app *a, const char *path, bool otherwise, bool *out,
                     struct error *e) MUST;

/* app_config_from tells where a value was written, and which variables were asked for it
 * and found where: "config/queue.php:38, DB_QUEUE (.env:12)". Empty: it is absent. */
struct str app_config_from(const struct app *a, const char *path, struct arena *perm);

/* app_config_blame adds to a recorded error where the value was written, by which
 * variable and where that is: " (config/database.php:42, DB_PORT (.env:11))"; that there
 * is no .env, where a variable was looked for in vain. It returns false always. */
bool app_config_blame(const struct app *a, const char *path, struct error *e);

/* The cached configuration, or NULL; the .env file that was read, or NULL. */
const char *app_config_file(const struct app *a);
const char *app_env_file(const struct app *a);

/* app_variable lends a variable of the app's environment: the process's own, or of .env
 * where that was read. false: it is set nowhere. */
bool app_variable(const struct app *a, struct str name, struct str *out);

/* app_config_holes calls fn for each file, key or line that could not be evaluated, as
 * FINDING_IGNORED: it matters only where it is needed, and is an error there. */
void app_config_holes(const struct app *a, finding_fn *fn, void *arg);

/* === what the app does when it starts ===
 *
 * Its own providers are run as far as facteur's evaluator goes, when the app is opened:
 * what they set in the configuration is in force. A statement that could change a letter,
 * its mail, its queue or its models, and that facteur cannot run, is a finding: letters
 * are PHP's then. Statements known to change none of these are passed over; providers of
 * packages are not read. */
struct app_boot_finding {
    struct finding finding;
    /* The one class that it touches (a model that is observed, say); empty: all.
     * APP_BOOT_JOBS: it hears what becomes of jobs. */
    struct str touches;
};
#define APP_BOOT_JOBS "jobs' events"
typedef void app_boot_fn(void *arg, const struct app_boot_finding *f);
void app_boot_findings(const struct app *a, app_boot_fn *fn, void *arg);

/* app_boot_add notes what the booted app says of itself (child_describe). Where the
 * source has a finding at that line already, that one is enough. */
void app_boot_add(struct app *a, struct php_place at, struct str touches,
                  struct str text);

/* app_boot_setting_free says that facteur does not read a setting for letters. */
bool app_boot_setting_free(struct str path);

/* A value of the form scheme://user:pass@host:port/path?query, split (Laravel's
 * ConfigurationUrlParser): parts percent-decoded; query: an array, JSON values native. */
struct app_url {
    struct str scheme, user, password, host, path; /* path without its leading slash */
    bool has_user, has_password;
    int port; /* 0: none */
    struct php_array *query;
};
bool app_url_parse(struct str url, struct arena *perm, struct app_url *out,
                   struct error *e) MUST;

/* === the encrypter: what Laravel's Crypt wrote, read with the app's keys === */

struct encrypter; /* opaque: holds the keys, which encrypter_close wipes */

/* encrypter_open takes app.cipher, app.key and, since Laravel 11, app.previous_keys;
 * encrypter_new the same values ("base64:…" or raw keys, the current one first). NULL and
 * ERR_FATAL with Laravel's text: no key, or one that does not fit the cipher. No error
 * ever holds a key. */
struct encrypter *encrypter_open(struct app *a, struct error *e) MUST;
struct encrypter *encrypter_new(struct str cipher, const struct str *keys, size_t len,
                                struct error *e) MUST;
void encrypter_close(struct encrypter *x);

/* encrypter_decrypt gives the text that was encrypted (Crypt::encrypt serialises what it
 * is given: then this is a serialised value). ERR_JOB with the text of Laravel's
 * exception, whose class is decrypt_exception. */
bool encrypter_decrypt(const struct encrypter *x, struct str text, struct arena *perm,
                       struct str *out, struct error *e) MUST;
extern const char decrypt_exception[];

/* === the app's log, in Monolog's format === */

enum log_level {
    APP_DEBUG,
    APP_INFO,
    APP_NOTICE,
    APP_WARNING,
    APP_ERROR,
    APP_CRITICAL,
    APP_ALERT,
    APP_EMERGENCY,
};

/* app_log writes one record to the default channel, app_log_to to the named one (empty:
 * the default). `context` is an array value or null. One write(2) per record and file, so
 * that processes do not mix their lines. A log that cannot be written goes to stderr,
 * once said; a channel that facteur cannot make as configured (slack, a formatter of its
 * own) is said once, and its lines go to storage/logs/laravel.log. */
void app_log(struct app *a, enum log_level level, struct str message,
             struct php_value context);
void app_log_to(struct app *a, struct str channel, enum log_level level,
                struct str message, struct php_value context);

/* app_log_extra is Laravel 11's Context: what each line shows behind its own context from
 * now on, an array value, lent; null: nothing. */
void app_log_extra(struct app *a, struct php_value extra);

/* An exception for the log's context and for failed_jobs.exception. */
struct app_exception {
    struct str class_name; /* "Facteur\\TransportException" */
    struct str message;
    struct str step; /* the first line of the stack trace; empty: there is none */
    struct str file; /* "facteur" */
    int line, code;
};

/* app_log_exception writes a record at ERROR whose message is the exception's, and whose
 * context holds `more` (an array value or null) and then the exception with its stack. */
void app_log_exception(struct app *a, const struct app_exception *x,
                       struct php_value more);

/* app_exception_text prints it as PHP's (string)$e: "Class: message in file:line" and a
 * stack trace; always well-formed UTF-8. */
struct str app_exception_text(struct arena *perm, const struct app_exception *x);

#endif
