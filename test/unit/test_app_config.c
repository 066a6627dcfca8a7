#include "facteur/db.h"
#include "facteur/queue.h"
#include "test_app.h"

/* === golden cases: a small app in each folder, with questions and answers ===
 *
 * `expect` has lines of the form "KIND ARGUMENT => ANSWER"; KIND is a row of kinds[].
 * `real` holds the process's own environment, `option` the argument of --env. "{app}"
 * stands for the app's folder.
 */

struct asked {
    struct arena *arena;
    struct app *app;
    const char *dir;
    struct str argument;
    struct buf *out;
};

static void say_error(struct asked *q, const struct error *e)
{
    char text[4096];
    err_print(e, text, sizeof(text));
    buf_fmt(q->out, "error %s", text);
}

static void say_json(struct asked *q, struct php_value v)
{
    struct error e = {0};
    assert_ok(php_json(q->out, v, JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE, &e), e);
}

static void ask_config(struct asked *q)
{
    const struct php_value *v = app_config(q->app, str_z(q->arena, q->argument));
    if (!v)
        buf_add(q->out, S("absent"));
    else if (v->type == PHP_HOLE)
        say_error(q, v->hole);
    else
        say_json(q, *v);
}

static void ask_string(struct asked *q)
{
    struct str s;
    struct error e = {0};
    const char *path = str_z(q->arena, q->argument);
    if (app_config_string(q->app, path, S("(otherwise)"), &s, &e))
        say_json(q, php_string(s));
    else
        say_error(q, &e);
}

static void ask_int(struct asked *q)
{
    int64_t i;
    struct error e = {0};
    if (app_config_int(q->app, str_z(q->arena, q->argument), -7, &i, &e))
        say_json(q, php_int(i));
    else
        say_error(q, &e);
}

static void ask_bool(struct asked *q)
{
    bool b, again;
    struct error e = {0};
    const char *path = str_z(q->arena, q->argument);
    if (!app_config_bool(q->app, path, true, &b, &e) ||
        !app_config_bool(q->app, path, false, &again, &e))
        say_error(q, &e);
    else if (b != again)
        buf_add(q->out, S("otherwise"));
    else
        say_json(q, php_bool(b));
}

static void ask_version(struct asked *q)
{
    buf_fmt(q->out, "%d \"%.*s\"", app_laravel_major(q->app),
            STR_ARG(app_laravel_version(q->app)));
}

static void ask_env(struct asked *q)
{
    buf_add(q->out, app_env(q->app));
}

static void ask_locale(struct asked *q)
{
    buf_add(q->out, app_host(q->app)->locale);
}

static void ask_storage(struct asked *q)
{
    const char *relative = str_z(q->arena, q->argument);
    buf_add(q->out, str_from(app_storage(q->app, q->arena, relative)));
}

/* The zone shows in the time of a fixed moment, noon UTC in July. */
static void ask_zone(struct asked *q)
{
    buf_add(q->out, clock_datetime(q->arena, 1783080000));
}

static void say_hole(void *arg, const struct finding *f)
{
    struct asked *q = arg;
    buf_fmt(q->out, "%s%s:%d: %s",
            q->out->len && q->out->ptr[q->out->len - 1] != ' ' ? "; " : "", f->file,
            f->line, f->text);
}

static void ask_holes(struct asked *q)
{
    app_config_holes(q->app, say_hole, q);
}

static void say_boot(void *arg, const struct app_boot_finding *f)
{
    struct asked *q = arg;
    bool first = q->out->len == 0 || q->out->ptr[q->out->len - 1] == ' ';
    buf_fmt(q->out, "%s%s:%d:%d: %s%s%.*s%s", first ? "" : "; ", f->finding.file,
            f->finding.line, f->finding.col, f->finding.text, f->touches.len ? " [" : "",
            STR_ARG(f->touches), f->touches.len ? "]" : "");
}

/* ask_boot shows what keeps letters with PHP; */
static void ask_boot(struct asked *q)
{
    app_boot_findings(q->app, say_boot, q);
}

/* ask_database shows what the session would be opened with. */
static void ask_database(struct asked *q)
{
    struct db_settings s;
    struct error e = {0};
    if (!db_settings_load(q->app, q->argument, q->arena, &s, &e)) {
        say_error(q, &e);
        return;
    }
    const struct {
        const char *name;
        struct str value;
    } texts[] = {
        {"name", s.name},         {"host", s.host},         {"socket", s.socket},
        {"database", s.database}, {"user", s.user},         {"password", s.password},
        {"charset", s.charset},   {"prefix", s.prefix},     {"time_zone", s.time_zone},
        {"ssl_ca", s.ssl_ca},     {"ssl_cert", s.ssl_cert},
    };
    buf_fmt(q->out, "port=%d verify=%d%s%s", s.port, s.ssl_verify, s.tcp ? " tcp" : "",
            s.tls ? " tls" : "");
    if (s.has_modes && !str_eq(s.modes, S(DB_STRICT)))
        buf_fmt(q->out, " modes=%.*s;", STR_ARG(s.modes));
    if (s.has_init)
        buf_fmt(q->out, " init=%.*s;", STR_ARG(s.init));
    for (size_t i = 0; i < s.hosts_len; i++)
        buf_fmt(q->out, "%s%.*s", i ? "," : " hosts=", STR_ARG(s.hosts[i]));
    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i].value.len)
            buf_fmt(q->out, " %s=%.*s", texts[i].name, STR_ARG(texts[i].value));
}

static void ask_queue(struct asked *q)
{
    static const char *const drivers[] = {"none", "uuids", "ids", "file"};
    struct queue_settings s;
    struct error e = {0};
    if (!queue_settings_load(q->app, q->argument, q->arena, &s, &e)) {
        say_error(q, &e);
        return;
    }
    buf_fmt(q->out,
            "%.*s db=%.*s table=%.*s queue=%.*s retry_after=%lld failed=%s %.*s %.*s",
            STR_ARG(s.connection), STR_ARG(s.db_connection), STR_ARG(s.table),
            STR_ARG(s.queue), (long long)s.retry_after, drivers[s.failed.driver],
            STR_ARG(s.failed.database), STR_ARG(s.failed.table));
}

static const struct {
    const char *name;
    void (*ask)(struct asked *q);
} kinds[] = {
    {"config", ask_config}, {"string", ask_string},     {"int", ask_int},
    {"bool", ask_bool},     {"version", ask_version},   {"env", ask_env},
    {"locale", ask_locale}, {"storage", ask_storage},   {"zone", ask_zone},
    {"holes", ask_holes},   {"database", ask_database}, {"queue", ask_queue},
    {"boot", ask_boot},
};

static void answer(struct asked *q, struct str question)
{
    struct cut c = str_cut(question, ' ');
    q->argument = c.tail;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(c.head, str_from(kinds[i].name))) {
            kinds[i].ask(q);
            return;
        }
    fail_msg("%s: no question \"%.*s\"", q->dir, STR_ARG(c.head));
}

/* real_env sets or unsets the variables of the case's file `real`. */
static void real_env(struct arena *a, const char *dir, bool set)
{
    char *path = path_join(a, str_from(dir), S("real"));
    struct str text = file_there(path) ? file_text(a, path) : S("");
    while (text.len) {
        struct cut line = str_cut(text, '\n'), c = str_cut(line.head, '=');
        struct str value = str_replace(a, c.tail, S("{app}"),
                                       str_from(realpath(dir, NEW(a, char, 4096))));
        if (set)
            setenv(str_z(a, c.head), str_z(a, value), 1);
        else
            unsetenv(str_z(a, c.head));
        text = line.tail;
    }
}

static struct app *open_case(struct arena *a, const char *dir, struct error *e)
{
    char *path = path_join(a, str_from(dir), S("option"));
    struct app_options o = {.dir = dir};
    if (file_there(path))
        o.env = str_z(a, str_trim(file_text(a, path)));
    real_env(a, dir, true);
    struct app *app = app_open(&o, e);
    real_env(a, dir, false);
    return app;
}

static int differing;

/* compare_lines prints the answers that are not the expected ones. */
static void compare_lines(const char *dir, struct str got, struct str want)
{
    while (got.len || want.len) {
        struct cut g = str_cut(got, '\n'), w = str_cut(want, '\n');
        if (!str_eq(g.head, w.head)) {
            printf("# %s:\n# got  %.*s\n# want %.*s\n", dir, STR_ARG(g.head),
                   STR_ARG(w.head));
            differing++;
        }
        got = g.tail;
        want = w.tail;
    }
}

static void check_golden(const char *dir)
{
    struct arena a = arena_open(64 << 20);
    struct error e = {0};
    struct str expect = file_text(&a, path_join(&a, str_from(dir), S("expect")));
    struct buf got = buf_new(&a, 1 << 20);
    struct asked q = {&a, open_case(&a, dir, &e), dir, S(""), &got};
    for (struct str rest = expect; rest.len;) {
        struct cut line = str_cut(rest, '\n');
        ptrdiff_t arrow = str_find(line.head, S(" => "));
        if (arrow < 0)
            fail_msg("%s: no \" => \" in \"%.*s\"", dir, STR_ARG(line.head));
        struct str question = str_sub(line.head, 0, (size_t)arrow);
        buf_fmt(&got, "%.*s => ", STR_ARG(question));
        if (q.app)
            answer(&q, question);
        else
            say_error(&q, &e);
        buf_byte(&got, '\n');
        rest = line.tail;
    }
    struct str base = str_from(realpath(dir, NEW(&a, char, 4096)));
    struct str text = str_replace(&a, buf_str(&got), base, S("{app}"));
    compare_lines(dir, text, expect);
    app_close(q.app);
    arena_close(&a);
}

void test_config_golden_cases(void **state)
{
    (void)state;
    each_case("test/app/config", check_golden);
    assert_int_equal(differing, 0);
}

/* One of several entries of `write` is taken by chance: each of two within 64 times. */
void test_one_of_the_writing_servers_is_taken_by_chance(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    struct error e = {0};
    struct app *app = open_case(&a, "test/app/config/database_write", &e);
    bool seen[2] = {false, false};
    assert_ok(app != NULL, e);
    for (int i = 0; i < 64; i++) {
        struct db_settings s;
        assert_ok(db_settings_load(app, S("chance"), &a, &s, &e), e);
        seen[str_eq(s.host, S("w2"))] = true;
    }
    assert_true(seen[0] && seen[1]);
    app_close(app);
    arena_close(&a);
}
