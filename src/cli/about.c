/* about.c: about: the configuration as facteur reads it, each value with where it comes
 * from, secrets masked; and whether a worker could start with it. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/cli_imp.h"
#include "facteur/child.h"
#include "facteur/jobs_class.h"
#include "facteur/letter.h"
#include "facteur/mail.h"
#include "facteur/proof.h"
#include "facteur/queue.h"

#define MASK "******"

enum { STAMP_ARENA = 128 << 20 };

static const struct argument_row arguments[] = {{NULL, false, false, NULL}};

static const struct option_row options[] = {
    {"only", OPTION_VALUE, NULL, "The sections to display, separated by commas"},
    {"json", OPTION_FLAG, NULL, "Output the information as JSON"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct row {
    const char *section;
    struct str label, value, from;
};

struct about {
    struct invocation *in;
    struct app *app;
    struct arena *perm;
    const char *section; /* of the rows that are added */
    VEC(struct row) rows;
    VEC(struct str) errors;
    VEC(struct str) connections; /* of database.connections, each once */
};

/* === rows === */

static void add(struct about *ab, struct str label, struct str value, struct str from)
{
    struct row row = {ab->section, label, value, from};
    VEC_PUSH(ab->perm, &ab->rows, row);
}

static void failed(struct about *ab, struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    VEC_PUSH(ab->perm, &ab->errors, str_copy(ab->perm, str_from(text)));
    err_clear(e);
}

static struct str text_of(struct about *ab, struct php_value v)
{
    struct buf b = buf_new(ab->perm, 1 << 16);
    struct error ignored = {0};
    switch (v.type) {
    case PHP_STRING:
        return v.s.len ? v.s : S("''");
    case PHP_NULL:
        return S("null");
    case PHP_HOLE:
        return S("could not be evaluated");
    default:
        return php_json(&b, v, JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE, &ignored)
                   ? buf_str(&b)
                   : php_type_name(v);
    }
}

/* mask_url keeps what tells where a url leads, not its password and not its options. */
static struct str mask_url(struct about *ab, struct str text)
{
    struct app_url url;
    struct error ignored = {0};
    if (!app_url_parse(text, ab->perm, &url, &ignored))
        return S(MASK);
    struct buf b = buf_new(ab->perm, 1 << 12);
    buf_fmt(&b, "%.*s://", STR_ARG(url.scheme));
    if (url.has_user)
        buf_fmt(&b, "%.*s%s@", STR_ARG(url.user), url.has_password ? ":" MASK : "");
    buf_add(&b, url.host);
    if (url.port)
        buf_fmt(&b, ":%d", url.port);
    if (url.path.len)
        buf_fmt(&b, "/%.*s", STR_ARG(url.path));
    if (url.query && url.query->len)
        buf_fmt(&b, "?" MASK);
    return buf_str(&b);
}

enum secrecy { OPEN, SECRET, URL };

static struct str shown(struct about *ab, struct php_value v, enum secrecy secrecy)
{
    bool is_empty = v.type == PHP_NULL || (v.type == PHP_STRING && v.s.len == 0) ||
                    (v.type == PHP_ARRAY && v.a->len == 0);
    if (secrecy == OPEN || is_empty || v.type == PHP_HOLE)
        return text_of(ab, v);
    return secrecy == URL && v.type == PHP_STRING ? mask_url(ab, v.s) : S(MASK);
}

/* value adds a row for one path; one that is absent has none, unless `otherwise` says
 * what holds then. */
static void value(struct about *ab, const char *label, struct str path,
                  enum secrecy secrecy, const char *otherwise)
{
    const char *z = str_z(ab->perm, path);
    const struct php_value *v = app_config(ab->app, z);
    if (v)
        add(ab, str_from(label), shown(ab, *v, secrecy),
            app_config_from(ab->app, z, ab->perm));
    else if (otherwise)
        add(ab, str_from(label), str_from(otherwise), S("not configured"));
}

struct listed {
    const char *label, *key;
    enum secrecy secrecy;
    const char *otherwise;
};

static void values(struct about *ab, struct str prefix, const struct listed *rows,
                   size_t len)
{
    for (size_t i = 0; i < len; i++)
        value(ab, rows[i].label,
              str_fmt(ab->perm, "%.*s.%s", STR_ARG(prefix), rows[i].key), rows[i].secrecy,
              rows[i].otherwise);
}

/* name_at reads a name that other paths hold; empty where it cannot be read. */
static struct str name_at(struct about *ab, const char *path, const char *otherwise)
{
    struct str out = S("");
    struct error e = {0};
    if (!app_config_string(ab->app, path, str_from(otherwise), &out, &e))
        failed(ab, &e);
    return out;
}

/* === sections === */

static void environment(struct about *ab)
{
    static const struct listed rows[] = {
        {"Application Name", "name", OPEN, NULL},
        {"Debug Mode", "debug", OPEN, NULL},
        {"URL", "url", OPEN, NULL},
        {"Timezone", "timezone", OPEN, "UTC"},
        {"Locale", "locale", OPEN, "en"},
        {"Key", "key", SECRET, NULL},
        {"Previous Keys", "previous_keys", SECRET, NULL},
        {"Maintenance Driver", "maintenance.driver", OPEN, NULL},
    };
    struct str version = app_laravel_version(ab->app);
    const char *cached = app_config_file(ab->app), *env = app_env_file(ab->app);
    add(ab, S("Facteur Version"), S(FACTEUR_VERSION), S(""));
    add(ab, S("Laravel Version"),
        version.len ? version : str_fmt(ab->perm, "%d", app_laravel_major(ab->app)),
        S(""));
    add(ab, S("Path"), app_base(ab->app), S(""));
    add(ab, S("Configuration"), str_from(cached ? cached : "config/*.php"),
        cached ? S("cached: .env is not read") : S(""));
    add(ab, S("Environment File"), str_from(env ? env : "none"), S(""));
    add(ab, S("Environment"), app_env(ab->app),
        ab->in->env ? S("--env") : app_config_from(ab->app, "app.env", ab->perm));
    values(ab, S("app"), rows, COUNT(rows));
    struct error e = {0};
    struct stat st;
    bool down;
    if (file_stat(app_storage(ab->app, ab->perm, "framework/down"), &st, &down, &e))
        add(ab, S("Maintenance File"), down ? S("there") : S("none"), S(""));
    else
        failed(ab, &e);
}

/* uses adds a connection to those that are shown. */
static void uses(struct about *ab, struct str name)
{
    if (name.len == 0)
        name = name_at(ab, "database.default", "mysql");
    for (size_t i = 0; i < ab->connections.len; i++)
        if (str_eq(ab->connections.at[i], name))
            return;
    VEC_PUSH(ab->perm, &ab->connections, name);
}

static void queue(struct about *ab)
{
    static const struct listed rows[] = {
        {"Driver", "driver", OPEN, NULL},
        {"Database Connection", "connection", OPEN, "database.default"},
        {"Table", "table", OPEN, "jobs"},
        {"Queue", "queue", OPEN, "default"},
        {"Retry After", "retry_after", OPEN, "60"},
        {"After Commit", "after_commit", OPEN, NULL},
    };
    struct queue_settings s;
    struct error e = {0};
    struct str name = name_at(ab, "queue.default", "database");
    value(ab, "Default", S("queue.default"), OPEN, "database");
    values(ab, str_fmt(ab->perm, "queue.connections.%.*s", STR_ARG(name)), rows,
           COUNT(rows));
    if (queue_settings_load(ab->app, S(""), ab->perm, &s, &e) &&
        queue_settings_named(ab->app, &s, s.queue, &e))
        uses(ab, s.db_connection);
    else
        failed(ab, &e);
}

static void failed_jobs(struct about *ab)
{
    static const struct listed rows[] = {
        {"Driver", "driver", OPEN, NULL}, {"Database Connection", "database", OPEN, NULL},
        {"Table", "table", OPEN, NULL},   {"Path", "path", OPEN, NULL},
        {"Limit", "limit", OPEN, NULL},
    };
    struct failed_settings s;
    struct error e = {0};
    values(ab, S("queue.failed"), rows, COUNT(rows));
    if (!failed_settings_load(ab->app, ab->perm, &s, &e))
        failed(ab, &e);
    else if (s.driver == FAILED_UUIDS || s.driver == FAILED_IDS)
        uses(ab, s.database);
}

static void batching(struct about *ab)
{
    static const struct listed rows[] = {
        {"Database Connection", "database", OPEN, "database.default"},
        {"Table", "table", OPEN, "job_batches"},
    };
    values(ab, S("queue.batching"), rows, COUNT(rows));
}

static void cache(struct about *ab)
{
    static const struct listed rows[] = {
        {"Driver", "driver", OPEN, NULL},
        {"Connection", "connection", OPEN, NULL},
        {"Table", "table", OPEN, NULL},
        {"Lock Connection", "lock_connection", OPEN, NULL},
        {"Lock Table", "lock_table", OPEN, NULL},
        {"Path", "path", OPEN, NULL},
    };
    struct str store = name_at(ab, "cache.default", "file");
    value(ab, "Default Store", S("cache.default"), OPEN, "file");
    value(ab, "Prefix", S("cache.prefix"), OPEN, NULL);
    values(ab, str_fmt(ab->perm, "cache.stores.%.*s", STR_ARG(store)), rows, COUNT(rows));
}

static void mail(struct about *ab)
{
    static const struct listed rows[] = {
        {"Transport", "transport", OPEN, NULL},
        {"URL", "url", URL, NULL},
        {"Host", "host", OPEN, NULL},
        {"Port", "port", OPEN, NULL},
        {"Scheme", "scheme", OPEN, NULL},
        {"Encryption", "encryption", OPEN, NULL},
        {"Username", "username", OPEN, NULL},
        {"Password", "password", SECRET, NULL},
        {"Local Domain", "local_domain", OPEN, NULL},
        {"Timeout", "timeout", OPEN, NULL},
        {"Path", "path", OPEN, NULL},
        {"Channel", "channel", OPEN, NULL},
    };
    struct mail_settings s;
    struct error e = {0};
    struct str mailer = name_at(ab, "mail.default", "smtp");
    value(ab, "Mailer", S("mail.default"), OPEN, NULL);
    values(ab, str_fmt(ab->perm, "mail.mailers.%.*s", STR_ARG(mailer)), rows,
           COUNT(rows));
    value(ab, "From Address", S("mail.from.address"), OPEN, NULL);
    value(ab, "From Name", S("mail.from.name"), OPEN, NULL);
    if (!mail_settings_load(ab->app, ab->perm, &s, &e))
        failed(ab, &e);
}

static void logging(struct about *ab)
{
    static const struct listed rows[] = {
        {"Driver", "driver", OPEN, NULL}, {"Channels", "channels", OPEN, NULL},
        {"Path", "path", OPEN, NULL},     {"Level", "level", OPEN, NULL},
        {"Days", "days", OPEN, NULL},
    };
    struct str channel = name_at(ab, "logging.default", "stack");
    value(ab, "Default Channel", S("logging.default"), OPEN, NULL);
    values(ab, str_fmt(ab->perm, "logging.channels.%.*s", STR_ARG(channel)), rows,
           COUNT(rows));
}

static void one_database(struct about *ab, struct str name)
{
    static const struct listed rows[] = {
        {"Driver", "driver", OPEN, NULL},
        {"URL", "url", URL, NULL},
        {"Host", "host", OPEN, NULL},
        {"Port", "port", OPEN, NULL},
        {"Socket", "unix_socket", OPEN, NULL},
        {"Database", "database", OPEN, NULL},
        {"Username", "username", OPEN, NULL},
        {"Password", "password", SECRET, NULL},
        {"Charset", "charset", OPEN, NULL},
        {"Collation", "collation", OPEN, NULL},
        {"Prefix", "prefix", OPEN, NULL},
        {"Strict", "strict", OPEN, NULL},
        {"Timezone", "timezone", OPEN, NULL},
        {"Write Host", "write.host", OPEN, NULL},
        {"Isolation Level", "isolation_level", OPEN, NULL},
        {"Options", "options", SECRET, NULL},
    };
    struct db_settings s;
    struct error e = {0};
    add(ab, S("Connection"), name, S(""));
    values(ab, str_fmt(ab->perm, "database.connections.%.*s", STR_ARG(name)), rows,
           COUNT(rows));
    if (!db_settings_load(ab->app, name, ab->perm, &s, &e)) {
        failed(ab, &e);
        return;
    }
    struct db *db = db_new(&s);
    bool answers = db_connect(db, &e);
    db_drop(db);
    /* A server that is away is waited for; one that refuses ends a worker. */
    add(ab, S("Server"), answers ? S("answers") : str_copy(ab->perm, str_from(e.text)),
        S(""));
    if (!answers && e.kind != ERR_LOST)
        failed(ab, &e);
}

/* The database of the letters first, then those that other sections named. */
static void database(struct about *ab)
{
    value(ab, "Default", S("database.default"), OPEN, "mysql");
    for (size_t i = 0; i < ab->connections.len; i++)
        one_database(ab, ab->connections.at[i]);
}

/* below_app cuts the app's folder off a path. */
static const char *below_app(struct about *ab, const char *file)
{
    const char *base = app_path(ab->app, ab->perm, "");
    size_t len = strlen(base);
    return strncmp(file, base, len) == 0 ? file + len : file;
}

/* view names the file of a view that letters are made of. */
static void view(struct about *ab, size_t i)
{
    struct str name, file;
    struct error e = {0};
    bool ok = letter_view_file(ab->app, i, ab->perm, &name, &file, &e);
    struct str label = str_join(ab->perm, S("View "), name);
    if (ok)
        add(ab, label, str_from(below_app(ab, file.ptr)), S(""));
    else if (e.kind == ERR_JOB)
        add(ab, label, S("there is none"), S("each letter fails, as under PHP"));
    else
        add(ab, label, S("cannot be read"), S(""));
}

/* php names what would run the jobs of other classes. */
static void php(struct about *ab)
{
    const char *program;
    struct error e = {0};
    struct str named;
    bool variable = app_variable(ab->app, S("PHP_BINARY"), &named) && named.len;
    if (child_find(ab->app, ab->perm, &program, &e))
        add(ab, S("PHP"), str_from(program), variable ? S("PHP_BINARY") : S("the path"));
    else
        add(ab, S("PHP"), str_copy(ab->perm, str_from(e.text)), S(""));
    add(ab, S("Other Classes"), S("run by PHP with --php=auto, left alone without"),
        S(""));
}

/* proven says how many letters were found equal to PHP's since the app changed last. */
static void proven(struct about *ab)
{
    struct proof_record r;
    struct arena tmp = arena_open(STAMP_ARENA);
    struct error unknown = {0};
    char stamp[PROOF_STAMP];
    if (!proof_record_read(ab->app, ab->perm, &r))
        add(ab, S("Letters Compared"), S("none"), S("letter:prove"));
    else if (!proof_stamp(ab->app, tmp, stamp, &unknown) || strcmp(stamp, r.stamp) != 0)
        add(ab, S("Letters Compared"), S("none since the app changed"),
            S("letter:prove"));
    else
        add(ab, S("Letters Compared"),
            str_fmt(ab->perm, "%lld equal to PHP's", (long long)proof_record_letters(&r)),
            clock_datetime(ab->perm, r.at));
    arena_close(&tmp);
}

static void facteur(struct about *ab)
{
    for (const struct job_class *const *c = job_classes; *c; c++)
        add(ab, S("Job Class"), str_from((*c)->queue.name), S("run by facteur"));
    php(ab);
    proven(ab);
    value(ab, "View Paths", S("view.paths"), OPEN, NULL);
    for (size_t i = 0; i < LETTER_VIEWS; i++)
        view(ab, i);
    struct error e = {0};
    if (!jobs_readable(ab->app, job_classes, &e))
        failed(ab, &e);
}

static void on_hole(void *arg, const struct finding *f)
{
    struct about *ab = arg;
    struct cut c = str_cut(str_from(f->text), ' ');
    const char *file = below_app(ab, f->file);
    ptrdiff_t dash = str_find(c.tail, S(" "));
    struct str why = dash > 0 ? str_skip(c.tail, (size_t)dash + 1) : c.tail;
    add(ab, str_copy(ab->perm, c.head),
        str_fmt(ab->perm, "null in its place: %.*s", STR_ARG(why)),
        str_fmt(ab->perm, "%s:%d", file, f->line));
}

static void not_evaluated(struct about *ab)
{
    app_config_holes(ab->app, on_hole, ab);
}

static const struct section {
    const char *title;
    void (*add)(struct about *ab);
} sections[] = {
    {"Environment", environment},
    {"Queue", queue},
    {"Failed Jobs", failed_jobs},
    {"Batching", batching},
    {"Cache", cache},
    {"Mail", mail},
    {"Logging", logging},
    {"Database", database},
    {"Facteur", facteur},
    {"Not Evaluated", not_evaluated},
};

/* === printing === */

/* key writes a name as Laravel's about has it in JSON: "failed_jobs". */
static struct str key(struct about *ab, struct str name)
{
    struct str lower = str_lower(ab->perm, name);
    return str_replace(ab->perm, lower, S(" "), S("_"));
}

static bool is_wanted(struct about *ab, const char *section)
{
    struct str only = option_text(ab->in, "only");
    struct cut c = {.tail = only, .ok = true};
    while (c.ok && only.len) {
        c = str_cut(c.tail, ',');
        if (str_eq(key(ab, str_trim(c.head)), key(ab, str_from(section))))
            return true;
    }
    return only.len == 0;
}

enum {
    ROW_MAX = 150,
    INDENT = 4,
    EDGES = 6 /* blanks beside the dots and at both ends */
};

/* print_below writes what has no room beside its name, on lines of its own; a line ends
 * at a blank where it has one. */
static void print_below(struct about *ab, struct str text, enum console_style style,
                        size_t width)
{
    struct buf b = buf_new(ab->perm, 64 << 10);
    width = width > 4UL * INDENT ? width - 2UL * INDENT : 2UL * INDENT;
    while (text.len) {
        struct str line = cut_columns(text, width);
        size_t end = line.len;
        while (line.len < text.len && end && line.ptr[end - 1] != ' ')
            end--;
        if (end)
            line.len = end;
        text = str_skip(text, line.len);
        buf_fmt(&b, "%*s", INDENT, "");
        console_styled(&ab->in->console, &b, style, str_trim(line));
        buf_byte(&b, '\n');
    }
    console_put(&ab->in->console, buf_str(&b));
}

/* print_row writes name, place and value in one line; where that is too narrow, the place
 * under the value. */
static void print_row(struct about *ab, const struct row *row)
{
    struct console *c = &ab->in->console;
    struct console_side left = {.text = row->label, .tail_style = STYLE_GRAY};
    size_t width = console_width(), from = str_utf8_len(row->from);
    width = width < ROW_MAX ? width : ROW_MAX;
    size_t used = str_utf8_len(row->label) + str_utf8_len(row->value) + EDGES;
    bool beside = used + from + 2 <= width;
    if (from && beside)
        left.tail = str_join(ab->perm, S("  "), row->from);
    if (beside || used <= width) {
        console_columns(c, &left, &(struct console_side){.lead = row->value});
    } else {
        console_columns(c, &left, &(struct console_side){0});
        print_below(ab, row->value, STYLE_PLAIN, width);
    }
    if (from && !beside)
        print_below(ab, row->from, STYLE_GRAY, width);
}

static void print_text(struct about *ab)
{
    struct console *c = &ab->in->console;
    const char *section = NULL;
    for (size_t i = 0; i < ab->rows.len && !c->quiet; i++) {
        const struct row *row = &ab->rows.at[i];
        struct console_side title = {.lead = str_from(row->section),
                                     .lead_style = STYLE_GREEN_BOLD};
        if (row->section != section) {
            console_newline(c);
            console_columns(c, &title, &(struct console_side){0});
        }
        section = row->section;
        print_row(ab, row);
    }
    for (size_t i = 0; i < ab->errors.len; i++)
        console_block(c, "ERROR", ab->errors.at[i]);
    if (ab->errors.len == 0)
        console_newline(c);
}

static void print_json(struct about *ab)
{
    json_t *all = json_object(), *errors = json_array();
    for (size_t i = 0; i < ab->rows.len; i++) {
        const struct row *row = &ab->rows.at[i];
        const char *name = str_z(ab->perm, key(ab, str_from(row->section)));
        json_t *list = json_object_get(all, name);
        if (!list) {
            list = json_array();
            json_object_set_new(all, name, list);
        }
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "name",
                                              json_text(key(ab, row->label)), "value",
                                              json_text(row->value), "from",
                                              json_text(row->from)));
    }
    for (size_t i = 0; i < ab->errors.len; i++)
        json_array_append_new(errors, json_text(ab->errors.at[i]));
    json_object_set_new(all, "errors", errors);
    json_dumpf(all, stdout, JSON_INDENT(4));
    putchar('\n');
    json_decref(all);
}

static void print(struct about *ab)
{
    const char *unused;
    size_t kept = 0;
    for (size_t i = 0; i < ab->rows.len; i++)
        if (is_wanted(ab, ab->rows.at[i].section))
            ab->rows.at[kept++] = ab->rows.at[i];
    ab->rows.len = kept;
    if (option_given(ab->in, "json", &unused))
        print_json(ab);
    else
        print_text(ab);
}

static int run(struct invocation *in, struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct about ab = {.in = in, .perm = &in->perm};
    const char *unused;
    ab.app = app_open(&where, e);
    if (!ab.app)
        return 1;
    uses(&ab, S(""));
    for (size_t i = 0; i < COUNT(sections); i++) {
        ab.section = sections[i].title;
        sections[i].add(&ab);
    }
    if (ab.errors.len && !app_config_file(ab.app) && !app_env_file(ab.app))
        VEC_PUSH(ab.perm, &ab.errors,
                 str_fmt(ab.perm, "There is no .env in %.*s", STR_ARG(app_base(ab.app))));
    print(&ab);
    if (!option_given(in, "json", &unused) && !option_given(in, "only", &unused))
        doctor_brief(in, ab.app);
    app_close(ab.app);
    return ab.errors.len > 0;
}

const struct command command_about = {
    .name = "about",
    .help = "Display the configuration as facteur reads it, and where it comes from",
    .arguments = arguments,
    .options = options,
    .run = run,
};
