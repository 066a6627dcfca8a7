#include "test_app.h"

static const int64_t moment = 1795611909; /* 2026-11-25 13:05:09 UTC */

/* log_app opens a new app whose config/logging.php is given. */
static struct app *log_app(const char *logging)
{
    static char dir[256];
    struct error e = {0};
    struct app_options o = {.dir = dir};
    snprintf(dir, sizeof(dir), "build/test-app/log-XXXXXX");
    folder_make("build/test-app");
    assert_non_null(mkdtemp(dir));
    file_write(dir, "artisan", S(""));
    file_write(dir, "config/app.php", S("<?php return ['timezone' => 'Europe/Paris'];"));
    if (logging)
        file_write(dir, "config/logging.php", str_from(logging));
    clock_freeze(moment * 1000000);
    struct app *a = app_open(&o, &e);
    if (!a)
        fail_msg("%s", e.text);
    return a;
}

static char *path_of(const struct app *a, const char *name)
{
    static char path[1024];
    snprintf(path, sizeof(path), "%.*s/%s", STR_ARG(a->base), name);
    return path;
}

static struct str content(struct app *a, const char *name)
{
    return file_there(path_of(a, name)) ? file_text(&a->perm, path_of(a, name)) : S("");
}

static void say(struct app *a, const char *channel, enum log_level level,
                const char *text)
{
    app_log_to(a, str_from(channel), level, str_from(text), php_null());
}

/* What is written to stderr between these two is returned. */
static int saved_stderr;

static void catch_stderr(void)
{
    fflush(stderr);
    saved_stderr = dup(2);
    folder_make("build/test-app");
    int fd = open("build/test-app/stderr", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644);
    assert_true(dup2(fd, 2) == 2);
    close(fd);
}

static struct str caught_stderr(struct app *a)
{
    fflush(stderr);
    dup2(saved_stderr, 2);
    close(saved_stderr);
    return file_text(&a->perm, "build/test-app/stderr");
}

#define LINE(rest) "[2026-11-25 14:05:09] " rest "  \n"

/* === files === */

void test_log_goes_to_laravel_log_in_the_apps_zone(void **state)
{
    (void)state;
    struct app *a = log_app(NULL);
    app_log(a, APP_INFO, S("one"), php_null());
    app_log(a, APP_DEBUG, S("two {x}"), php_null());
    assert_str(content(a, "storage/logs/laravel.log"),
               LINE("production.INFO: one") LINE("production.DEBUG: two {x}"));
    app_close(a);
}

void test_log_respects_level_permission_and_name(void **state)
{
    (void)state;
    struct stat st;
    struct app *a = log_app("<?php return ['default' => 'x', 'channels' => ['x' => ["
                            "'driver' => 'single', 'path' => 'own/a.log', 'level' => "
                            "'warning', 'permission' => 0640, 'name' => 'club', "
                            "'locking' => true]]];");
    app_log(a, APP_NOTICE, S("no"), php_null());
    app_log(a, APP_WARNING, S("yes"), php_null());
    assert_str(content(a, "own/a.log"), LINE("club.WARNING: yes"));
    assert_int_equal(stat(path_of(a, "own/a.log"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    app_close(a);
}

void test_log_follows_a_file_that_was_rotated_away(void **state)
{
    (void)state;
    struct app *a = log_app(NULL);
    app_log(a, APP_INFO, S("one"), php_null());
    char *from = str_z(&a->perm, str_from(path_of(a, "storage/logs/laravel.log")));
    assert_int_equal(rename(from, path_of(a, "storage/logs/old")), 0);
    app_log(a, APP_INFO, S("two"), php_null());
    assert_str(content(a, "storage/logs/old"), LINE("production.INFO: one"));
    assert_str(content(a, "storage/logs/laravel.log"), LINE("production.INFO: two"));
    app_close(a);
}

void test_log_lines_of_processes_do_not_mix(void **state)
{
    (void)state;
    enum { PROCESSES = 4, LINES = 300, LENGTH = 3000 };
    struct app *a = log_app(NULL);
    char text[LENGTH + 1];
    for (int p = 0; p < PROCESSES; p++) {
        if (fork() != 0)
            continue;
        memset(text, 'a' + p, LENGTH);
        for (int i = 0; i < LINES; i++)
            app_log(a, APP_INFO, (struct str){text, LENGTH}, php_null());
        _exit(0);
    }
    for (int p = 0; p < PROCESSES; p++)
        wait(NULL);
    int lines = 0;
    for (struct str rest = content(a, "storage/logs/laravel.log"); rest.len; lines++) {
        struct cut c = str_cut(rest, '\n');
        struct str message =
            str_trim(str_skip(c.head, strlen(LINE("production.INFO: ")) - 3));
        assert_int_equal(message.len, LENGTH);
        for (size_t i = 1; i < LENGTH; i++)
            assert_int_equal(message.ptr[i], message.ptr[0]);
        rest = c.tail;
    }
    assert_int_equal(lines, PROCESSES * LINES);
    app_close(a);
}

void test_log_that_cannot_be_written_goes_to_stderr(void **state)
{
    (void)state;
    struct app *a = log_app(NULL);
    folder_make(path_of(a, "storage/logs/laravel.log"));
    catch_stderr();
    app_log(a, APP_INFO, S("one"), php_null());
    app_log(a, APP_INFO, S("two"), php_null());
    struct str said = caught_stderr(a);
    struct cut c = str_cut(said, '\n');
    assert_true(str_starts(c.head, S("facteur: cannot write the log ")));
    assert_true(str_has(c.head, S("laravel.log (Is a directory)")));
    assert_str(c.tail, LINE("production.INFO: one") LINE("production.INFO: two"));
    app_close(a);
}

/* === daily files === */

#define DAILY                                                                            \
    "<?php return ['default' => 'd', 'channels' => ['d' => ['driver' => 'daily', "       \
    "'path' => storage_path('logs/l.x.log'), 'days' => '2']]];"

void test_daily_log_has_the_date_and_an_end(void **state)
{
    (void)state;
    struct app *a = log_app(DAILY);
    static const char *const there[] = {"l.x-2026-11-20.log", "l.x-2026-11-21.log",
                                        "l.x-2026-1-21.log",  "l.x-2026-11-20.log.gz",
                                        "l.y-2026-11-20.log", "l.x.log"};
    for (size_t i = 0; i < COUNT(there); i++)
        file_write(path_of(a, "storage/logs"), there[i], S("old\n"));
    app_log(a, APP_INFO, S("one"), php_null());
    app_log(a, APP_INFO, S("two"), php_null());
    assert_str(content(a, "storage/logs/l.x-2026-11-25.log"),
               LINE("production.INFO: one") LINE("production.INFO: two"));
    assert_false(file_there(path_of(a, "storage/logs/l.x-2026-11-20.log")));
    for (size_t i = 1; i < COUNT(there); i++) {
        char name[256];
        snprintf(name, sizeof(name), "storage/logs/%s", there[i]);
        assert_true(file_there(path_of(a, name)));
    }
    app_close(a);
}

void test_daily_log_goes_on_in_the_next_days_file(void **state)
{
    (void)state;
    struct app *a = log_app(DAILY);
    for (int day = 0; day < 4; day++) {
        /* 23:30 in Paris, 22:30 in UTC: the date is the zone's. */
        clock_freeze((moment + 34000 + 86400 * day) * 1000000);
        app_log(a, APP_INFO, S("x"), php_null());
    }
    /* A process that goes on keeps two files beside the one it begins, as Monolog's. */
    assert_false(file_there(path_of(a, "storage/logs/l.x-2026-11-25.log")));
    assert_true(file_there(path_of(a, "storage/logs/l.x-2026-11-26.log")));
    assert_true(file_there(path_of(a, "storage/logs/l.x-2026-11-27.log")));
    assert_true(file_there(path_of(a, "storage/logs/l.x-2026-11-28.log")));
    app_close(a);
}

void test_monthly_log_has_the_month(void **state)
{
    (void)state;
    struct app *a = log_app("<?php return ['default' => 'm', 'channels' => ['m' => ["
                            "'driver' => 'monthly', 'path' => storage_path('m.log'), "
                            "'max_files' => 1]]];");
    file_write(path_of(a, "storage"), "m-2026-10.log", S("old\n"));
    file_write(path_of(a, "storage"), "m-2026-10-01.log", S("old\n"));
    app_log(a, APP_INFO, S("x"), php_null());
    assert_str(content(a, "storage/m-2026-11.log"), LINE("production.INFO: x"));
    assert_false(file_there(path_of(a, "storage/m-2026-10.log")));
    assert_true(file_there(path_of(a, "storage/m-2026-10-01.log")));
    app_close(a);
}

/* === stacks and other drivers === */

void test_stack_writes_to_all_under_its_own_name(void **state)
{
    (void)state;
    struct app *a =
        log_app("<?php return ['default' => 's', 'channels' => ["
                "'s' => ['driver' => 'stack', 'name' => 'all', 'channels' => 'a, inner'],"
                "'inner' => ['driver' => 'stack', 'channels' => ['b']],"
                "'a' => ['driver' => 'single', 'path' => 'a.log', 'level' => 'error'],"
                "'b' => ['driver' => 'single', 'path' => 'b.log', 'name' => 'b',"
                " 'replace_placeholders' => true]]];");
    struct php_array *context = php_array_new(&a->perm);
    php_array_put(&a->perm, context, php_key_from(S("x")), php_int(7));
    app_log(a, APP_INFO, S("x is {x}"), php_from_array(context));
    app_log(a, APP_ERROR, S("bad"), php_null());
    say(a, "b", APP_INFO, "own");
    assert_str(content(a, "a.log"), LINE("all.ERROR: bad"));
    assert_str(content(a, "b.log"),
               "[2026-11-25 14:05:09] all.INFO: x is 7 {\"x\":7} \n" LINE(
                   "all.ERROR: bad") LINE("b.INFO: own"));
    app_close(a);
}

void test_stack_that_ignores_exceptions_loses_lines_silently(void **state)
{
    (void)state;
    struct app *a = log_app(
        "<?php return ['default' => 's', 'channels' => ["
        "'s' => ['driver' => 'stack', 'channels' => ['a', 'b'],"
        " 'ignore_exceptions' => true],"
        "'a' => ['driver' => 'single', 'path' => '/dev/null/a.log', 'bubble' => false],"
        "'b' => ['driver' => 'single', 'path' => 'b.log']]];");
    catch_stderr();
    app_log(a, APP_INFO, S("x"), php_null());
    assert_str(caught_stderr(a), "");
    assert_str(content(a, "b.log"), LINE("production.INFO: x"));
    app_close(a);
}

void test_null_channel_swallows_and_stderr_prints(void **state)
{
    (void)state;
    struct app *a =
        log_app("<?php return ['default' => 'null', 'channels' => ["
                "'s' => ['driver' => 'stack', 'channels' => ['null', 'stderr']]]];");
    catch_stderr();
    app_log(a, APP_INFO, S("nowhere"), php_null());
    say(a, "s", APP_INFO, "nowhere");
    say(a, "stderr", APP_INFO, "here");
    say(a, " errorlog ", APP_INFO, "there");
    assert_str(caught_stderr(a),
               LINE("production.INFO: here") LINE("production.INFO: there") "\n");
    app_close(a);
}

void test_json_lines_beside_plain_ones(void **state)
{
    (void)state;
    struct app *a = log_app(
        "<?php return ['default' => 'stack', 'channels' => ["
        "'stack' => ['driver' => 'stack', 'channels' => ['single', 'json', 'stderr']],"
        "'single' => ['driver' => 'single', 'path' => storage_path('logs/laravel.log')],"
        "'json' => ['driver' => 'single', 'path' => storage_path('logs/lines.json'),"
        "    'formatter' => \\Monolog\\Formatter\\JsonFormatter::class],"
        "'stderr' => ['driver' => 'monolog', 'handler' => "
        "Monolog\\Handler\\StreamHandler::class, 'with' => ['stream' => 'php://stderr'],"
        "    'formatter' => 'Monolog\\Formatter\\JsonFormatter']]];");
    catch_stderr();
    app_log(a, APP_INFO, S("one"), php_null());
    static const char json[] =
        "{\"message\":\"one\",\"context\":{},\"level\":200,\"level_name\":\"INFO\","
        "\"channel\":\"production\",\"datetime\":\"2026-11-25T14:05:09.000000+01:00\","
        "\"extra\":{}}\n";
    assert_str(caught_stderr(a), json);
    assert_str(content(a, "storage/logs/lines.json"), json);
    assert_str(content(a, "storage/logs/laravel.log"), LINE("production.INFO: one"));
    app_close(a);
}

void test_unsupported_channel_is_said_once_and_replaced(void **state)
{
    (void)state;
    struct app *a =
        log_app("<?php return ['default' => 'slack', 'channels' => ["
                "'level' => ['driver' => 'single', 'path' => 'x', 'level' => 'WARN'],"
                "'json' => ['driver' => 'single', 'path' => 'x', 'formatter' => 'F'],"
                "'with' => ['driver' => 'single', 'path' => 'x', 'formatter_with' => "
                "['includeStacktraces' => true],"
                " 'formatter' => 'Monolog\\Formatter\\JsonFormatter'],"
                "'self' => ['driver' => 'stack', 'channels' => ['self']],"
                "'s' => ['driver' => 'stack', 'channels' => ['slack', 'single']]]];");
    catch_stderr();
    app_log(a, APP_INFO, S("one"), php_null());
    app_log(a, APP_DEBUG, S("two"), php_null());
    say(a, "none", APP_INFO, "three");
    say(a, "level", APP_INFO, "four");
    say(a, "json", APP_INFO, "five");
    say(a, "with", APP_INFO, "five and a half");
    say(a, "self", APP_INFO, "six");
    say(a, "s", APP_INFO, "seven");
    struct str said = caught_stderr(a);
    static const char *const causes[] = {
        "[slack]: the driver \"slack\" is not supported; lines go to ",
        "[none]: it is not defined; ",
        "[level]: Invalid log level \"WARN\".; ",
        "[json]: the formatter \"F\" is not supported; ",
        "[with]: \"formatter_with\" of a JsonFormatter is not supported; ",
        "[self]: stacks are nested more than ",
        "[slack]: the driver \"slack\" is not supported; the stack does without it",
    };
    for (size_t i = 0; i < COUNT(causes); i++)
        if (!str_has(said, str_from(causes[i])))
            fail_msg("not said: %s\n%.*s", causes[i], STR_ARG(said));
    assert_str(content(a, "storage/logs/laravel.log"),
               LINE("laravel.INFO: one") LINE("laravel.DEBUG: two")
                   LINE("laravel.INFO: three") LINE("laravel.INFO: four")
                       LINE("laravel.INFO: five") LINE("laravel.INFO: five and a half")
                           LINE("laravel.INFO: six") LINE("production.INFO: seven"));
    app_close(a);
}

void test_exception_is_logged_as_an_error_with_its_context(void **state)
{
    (void)state;
    struct app *a = log_app(NULL);
    struct php_array *more = php_array_new(&a->perm);
    php_array_put(&a->perm, more, php_key_from(S("id")), php_int(1));
    const struct app_exception x = {
        .class_name = S("Facteur\\X"), .message = S("no"), .file = S("facteur")};
    app_log_exception(a, &x, php_from_array(more));
    assert_str(
        content(a, "storage/logs/laravel.log"),
        "[2026-11-25 14:05:09] production.ERROR: no {\"id\":1,\"exception\":\"[object] "
        "(Facteur\\\\X(code: 0): no at facteur:0)\n[stacktrace]\n#0 {main}\n\"} \n");
    app_close(a);
}
