/* The module beside a real Laravel 12: configuration values, and files of the log. */
#include "test_app.h"

static const char env_text[] = "APP_NAME='Club (été)'\n"
                               "APP_ENV=staging\n"
                               "APP_DEBUG=true\n"
                               "APP_URL=https://club.example.org/app\n"
                               "APP_LOCALE=fr\n"
                               "APP_PREVIOUS_KEYS=a,,b\n"
                               "DB_CONNECTION=mariadb\n"
                               "DB_HOST=db\n"
                               "DB_PASSWORD=null\n"
                               "DB_SOCKET=(empty)\n"
                               "DB_QUEUE_RETRY_AFTER=12x\n"
                               "MYSQL_ATTR_SSL_CA=/etc/ca.pem\n"
                               "MAIL_MAILER=smtp\n"
                               "MAIL_PORT=1025\n"
                               "MAIL_FROM_NAME=\"${APP_NAME}\"\n"
                               "LOG_STACK=single,daily\n"
                               "LOG_LEVEL=notice\n"
                               "REDIS_PASSWORD=null\n";

static const char *fresh_folder(const char *name)
{
    static char dir[256];
    snprintf(dir, sizeof(dir), "build/test-app/%s-XXXXXX", name);
    folder_make("build/test-app");
    assert_non_null(mkdtemp(dir));
    file_write(dir, "artisan", S(""));
    file_write(dir, "bootstrap/.gitkeep", S(""));
    file_write(dir, "storage/framework/views/.gitkeep", S(""));
    file_write(
        dir, "composer.lock",
        S("{\"packages\":[{\"name\":\"laravel/framework\",\"version\":\"v12.72.0\"}]}"));
    return dir;
}

static struct app *open_app(const char *dir)
{
    struct error e = {0};
    struct app_options o = {.dir = dir};
    struct app *a = app_open(&o, &e);
    if (!a)
        fail_msg("%s: %s", dir, e.text);
    return a;
}

/* real_config asks Laravel for the configuration of the app. */
static struct php_value real_config(struct arena *perm, const char *dir,
                                    const struct app *a)
{
    struct php_value v;
    struct error e = {0};
    struct str text = oracle(perm, "laravel", dir, str_z(perm, a->base), "config");
    assert_ok(php_unserialize(text, &php_default_limits, perm, &v, NULL, &e), e);
    return v;
}

static int differences;

/* same compares two values; where `loose`, null is as good as absent. */
static void same(struct arena *perm, struct str path, struct php_value mine,
                 struct php_value its)
{
    its = php_deref(its);
    if (mine.type == PHP_ARRAY && its.type == PHP_ARRAY) {
        for (size_t i = 0; i < its.a->len; i++) {
            const struct php_entry *entry = &its.a->at[i];
            const struct php_value *v = php_array_lookup(mine.a, entry->key);
            struct str key = entry->key.is_int
                                 ? str_fmt(perm, "%lld", (long long)entry->key.i)
                                 : entry->key.s;
            struct str below = str_fmt(perm, "%.*s.%.*s", STR_ARG(path), STR_ARG(key));
            same(perm, below, v ? *v : php_null(), entry->value);
        }
        return;
    }
    if (php_identical(mine, its))
        return;
    printf("# %.*s: Laravel %.*s, facteur %.*s\n", STR_ARG(path),
           STR_ARG(php_dump(its, perm)),
           STR_ARG(mine.type == PHP_HOLE ? str_from(mine.hole->text)
                                         : php_dump(mine, perm)));
    differences++;
}

static void same_path(struct arena *perm, const struct app *a, struct php_value all,
                      const char *path)
{
    const struct php_value *its = php_path(&all, path), *mine = app_config(a, path);
    same(perm, str_from(path), mine ? *mine : php_null(), its ? *its : php_null());
}

static const char *const needed[] = {
    "app.name",
    "app.env",
    "app.debug",
    "app.url",
    "app.timezone",
    "app.locale",
    "app.fallback_locale",
    "app.cipher",
    "app.key",
    "app.previous_keys",
    "app.maintenance",
    "cache.default",
    "cache.prefix",
    "cache.stores.array",
    "cache.stores.database",
    "cache.stores.file",
    "cache.stores.redis",
    "database.default",
    "database.connections.mysql",
    "database.connections.mariadb",
    "database.migrations",
    "database.redis.client",
    "database.redis.options.prefix",
    "database.redis.default.host",
    "database.redis.cache.database",
    "logging.default",
    "logging.channels.stack",
    "logging.channels.single",
    "logging.channels.daily",
    "logging.channels.stderr",
    "logging.channels.errorlog",
    "logging.channels.null",
    "logging.channels.emergency",
    "mail.default",
    "mail.mailers",
    "mail.from",
    "queue.default",
    "queue.connections.database",
    "queue.connections.redis",
    "queue.connections.sync",
    "queue.connections.failover",
    "queue.batching",
    "queue.failed",
    "view.paths",
    "view.compiled",
};

/* Without config files both stand on their defaults. */
void test_defaults_are_laravels(void **state)
{
    (void)state;
    const char *real = vendor("defaults beside Laravel");
    if (!real)
        return;
    struct arena perm = arena_open(64 << 20);
    const char *dir = fresh_folder("defaults");
    file_write(dir, ".env", str_from(env_text));
    struct app *a = open_app(dir);
    struct php_value all = real_config(&perm, real, a);
    differences = 0;
    for (size_t i = 0; i < COUNT(needed); i++)
        same_path(&perm, a, all, needed[i]);
    assert_int_equal(differences, 0);
    app_close(a);
    arena_close(&perm);
}

/* The framework's own files as the app's: all values, all evaluated. */
void test_config_files_of_the_framework_are_evaluated(void **state)
{
    (void)state;
    static const char *const names[] = {"app",  "cache", "database", "logging",
                                        "mail", "queue", "view"};
    const char *real = vendor("the framework's config files");
    if (!real)
        return;
    struct arena perm = arena_open(64 << 20);
    const char *dir = fresh_folder("skeleton");
    file_write(dir, ".env", str_from(env_text));
    for (size_t i = 0; i < COUNT(names); i++) {
        struct str path =
            str_fmt(&perm, "%s/laravel/framework/config/%s.php", real, names[i]);
        struct str name = str_fmt(&perm, "config/%s.php", names[i]);
        file_write(dir, str_z(&perm, name), file_text(&perm, str_z(&perm, path)));
    }
    struct app *a = open_app(dir);
    struct php_value all = real_config(&perm, real, a);
    /* Lists of PHP classes, made by calls into the framework. */
    php_array_put(&perm, php_path(&all, "app")->a, php_key_from(S("providers")),
                  php_null());
    php_array_put(&perm, php_path(&all, "app")->a, php_key_from(S("aliases")),
                  php_null());
    differences = 0;
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], "app") != 0)
            same_path(&perm, a, all, names[i]);
    for (size_t i = 0; i < COUNT(needed); i++)
        same_path(&perm, a, all, needed[i]);
    assert_int_equal(differences, 0);
    app_close(a);
    arena_close(&perm);
}

/* === the log === */

static const char logging[] =
    "<?php\n"
    "use Monolog\\Handler\\{NullHandler, StreamHandler, ErrorLogHandler};\n"
    "use Monolog\\Processor\\PsrLogMessageProcessor;\n"
    "return ['default' => 'plain', 'channels' => [\n"
    "'stack' => ['driver' => 'stack', 'channels' => ['plain', 'stream']],\n"
    "'plain' => ['driver' => 'single', 'path' => base_path('plain.log'), 'level' => "
    "'warning'],\n"
    "'stream' => ['driver' => 'monolog', 'handler' => StreamHandler::class,"
    " 'handler_with' => ['stream' => base_path('sub/stream.log')],"
    " 'processors' => [PsrLogMessageProcessor::class], 'name' => 'own'],\n"
    "'daily' => ['driver' => 'daily', 'path' => base_path('d/day.log'), 'days' => 1,"
    " 'replace_placeholders' => true],\n"
    "'nested' => ['driver' => 'stack', 'name' => 'n', 'channels' => ['stack', 'list']],\n"
    "'closed' => ['driver' => 'stack', 'channels' => ['shut', 'plain']],\n"
    "'shut' => ['driver' => 'single', 'path' => base_path('shut.log'), 'level' => "
    "'error',"
    " 'bubble' => false],\n"
    "'swallowed' => ['driver' => 'stack', 'channels' => ['void', 'plain']],\n"
    "'void' => ['driver' => 'monolog', 'handler' => NullHandler::class, 'level' => "
    "'error'],\n"
    "'quiet' => ['driver' => 'stack', 'channels' => ['bad', 'shut', 'plain'],"
    " 'ignore_exceptions' => true],\n"
    "'bad' => ['driver' => 'single', 'path' => '/dev/null/x.log'],\n"
    "'list' => ['driver' => 'single', 'path' => base_path('list.log'), 'permission' => "
    "0604],\n"
    "'php' => ['driver' => 'monolog', 'handler' => StreamHandler::class,"
    " 'with' => ['stream' => 'file://' . base_path('php.log')]],\n"
    "]];\n";

static void log_records(struct app *a)
{
    static const char *const channels[] = {"stack",  "plain",  "daily",
                                           "nested", "closed", "swallowed",
                                           "quiet",  "list",   "php"};
    static const enum log_level levels[] = {APP_DEBUG, APP_WARNING, APP_ERROR};
    struct php_array *list = php_array_new(&a->perm), *context = php_array_new(&a->perm);
    php_array_push(&a->perm, list, php_int(1));
    php_array_push(&a->perm, list, php_float(2));
    php_array_push(&a->perm, list, php_null());
    php_array_put(&a->perm, context, php_key_from(S("who")), php_string(S("Zoé")));
    php_array_put(&a->perm, context, php_key_from(S("list")), php_from_array(list));
    php_array_put(&a->perm, context, php_key_int(7), php_bool(true));
    for (size_t i = 0; i < COUNT(channels); i++)
        for (size_t j = 0; j < COUNT(levels); j++) {
            struct str name = str_from(channels[i]);
            struct str message = str_join(&a->perm, name, S(" {who} {list}"));
            app_log_to(a, name, levels[j], message, php_from_array(context));
        }
    app_log(a, APP_INFO, S("default"), php_null());
}

/* without_times cuts "[2026-11-25 13:05:09] " from each line. */
static struct str without_times(struct arena *perm, struct str text)
{
    struct buf b = buf_new(perm, text.len + 1);
    while (text.len) {
        struct cut c = str_cut(text, '\n');
        buf_add(&b, str_skip(c.head, 22));
        buf_byte(&b, '\n');
        text = c.tail;
    }
    return buf_str(&b);
}

static void same_file(struct arena *perm, const char *one, const char *other,
                      struct str name)
{
    char *a = path_join(perm, str_from(one), name),
         *b = path_join(perm, str_from(other), name);
    struct stat st_a, st_b;
    bool there = stat(a, &st_a) == 0;
    assert_int_equal(there, stat(b, &st_b) == 0);
    if (!there)
        return;
    struct str text = without_times(perm, file_text(perm, a));
    assert_str(text, str_z(perm, without_times(perm, file_text(perm, b))));
    assert_int_equal(st_a.st_mode, st_b.st_mode);
}

void test_channels_write_what_laravels_write(void **state)
{
    (void)state;
    static const char *const files[] = {"plain.log", "sub/stream.log", "shut.log",
                                        "list.log",  "php.log",        "x.log"};
    const char *real = vendor("log channels beside Laravel");
    char dirs[2][256];
    if (!real)
        return;
    struct arena perm = arena_open(64 << 20);
    for (size_t i = 0; i < 2; i++) {
        snprintf(dirs[i], sizeof(dirs[i]), "%s", fresh_folder("channels"));
        file_write(dirs[i], "config/logging.php", str_from(logging));
        file_write(dirs[i], "d/day-2020-01-01.log", S("old"));
    }
    clock_freeze(-1);
    struct app *a = open_app(dirs[0]);
    log_records(a);
    oracle(&perm, "laravel", real, dirs[1], "log");
    for (size_t i = 0; i < COUNT(files); i++)
        same_file(&perm, dirs[0], dirs[1], str_from(files[i]));
    struct tm t = clock_local(clock_unix());
    same_file(&perm, dirs[0], dirs[1],
              str_fmt(&perm, "d/day-%04d-%02d-%02d.log", t.tm_year + 1900, t.tm_mon + 1,
                      t.tm_mday));
    same_file(&perm, dirs[0], dirs[1], S("d/day-2020-01-01.log"));
    app_close(a);
    arena_close(&perm);
}
