#include "test_app.h"

static const int64_t moment = 1795611909; /* 2026-11-25 13:05:09 UTC */

static struct str line(struct arena *a, struct str message, struct php_value context,
                       const struct app_exception *x)
{
    struct error e = {0};
    struct log_record r = {.level = APP_ERROR,
                           .channel = S("production"),
                           .message = message,
                           .context = context,
                           .exception = x,
                           .placeholders = true};
    assert_ok(clock_zone("Europe/Paris", &e), e);
    clock_freeze(moment * 1000000);
    return log_line(&r, a);
}

void test_line_without_context_keeps_its_blanks(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    assert_str(line(&a, S("hi"), php_null(), NULL),
               "[2026-11-25 14:05:09] production.ERROR: hi  \n");
    arena_close(&a);
}

void test_line_shows_what_is_beside_the_context(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    struct php_array *extra = php_array_new(&a);
    php_array_put(&a, extra, php_key_from(S("k")), php_string(S("%message%")));
    struct log_record r = {.level = APP_INFO,
                           .channel = S("local"),
                           .message = S("hi %extra%"),
                           .extra = php_from_array(extra)};
    clock_freeze(moment * 1000000);
    assert_str(log_line(&r, &a), "[2026-11-25 14:05:09] local.INFO: hi "
                                 "{\"k\":\"%message%\"}  {\"k\":\"%message%\"}\n");
    r.extra = php_from_array(php_array_new(&a));
    assert_str(log_line(&r, &a), "[2026-11-25 14:05:09] local.INFO: hi %extra%  \n");
    arena_close(&a);
}

void test_line_shows_an_exception_with_its_stack(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20);
    struct php_array *more = php_array_new(&a);
    const struct app_exception x = {.class_name = S("Facteur\\TransportException"),
                                    .message = S("550 5.1.1 no such user"),
                                    .step = S("SMTP 127.0.0.1:25: RCPT TO"),
                                    .file = S("facteur"),
                                    .code = 550};
    php_array_put(&a, more, php_key_from(S("club_id")), php_int(3));
    assert_str(
        line(&a, x.message, php_from_array(more), &x),
        "[2026-11-25 14:05:09] production.ERROR: 550 5.1.1 no such user "
        "{\"club_id\":3,\"exception\":\"[object] (Facteur\\\\TransportException(code: "
        "550): 550 5.1.1 no such user at facteur:0)\n[stacktrace]\n#0 SMTP 127.0.0.1:25: "
        "RCPT TO\n#1 {main}\n\"} \n");
    arena_close(&a);
}

void test_line_of_a_huge_message_is_cut(void **state)
{
    (void)state;
    struct arena a = arena_open(256 << 20), b = arena_open(64 << 20);
    size_t len = 20 << 20;
    char *bytes = NEW(&b, char, len);
    memset(bytes, 'x', len);
    struct php_array *context = php_array_new(&b);
    php_array_put(&b, context, php_key_from(S("k")),
                  php_string((struct str){bytes, len}));
    struct str s = line(&a, (struct str){bytes, len}, php_from_array(context), NULL);
    assert_true(s.len > 4 << 20 && s.len < len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = "%context%\xff"[i % 10];
    s = line(&a, (struct str){bytes, len}, php_from_array(context), NULL);
    assert_true(s.len > 4 << 20 && s.len < len);
    arena_close(&a);
    arena_close(&b);
}

void test_exception_text_is_phps(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct app_exception x = {.class_name = S("Facteur\\DbException"),
                              .message = S("gone \xe9"),
                              .file = S("facteur")};
    assert_str(app_exception_text(&a, &x),
               "Facteur\\DbException: gone ? in facteur:0\nStack trace:\n#0 {main}");
    x.message = S("");
    assert_str(app_exception_text(&a, &x),
               "Facteur\\DbException in facteur:0\nStack trace:\n#0 {main}");
    arena_close(&a);
}

/* === beside the real Monolog === */

static struct php_value at(struct php_value list, int64_t i)
{
    return php_deref(*php_array_lookup(list.a, php_key_int(i)));
}

static enum log_level level_of(int64_t number)
{
    static const int numbers[] = {100, 200, 250, 300, 400, 500, 550, 600};
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (numbers[i] == number)
            return (enum log_level)i;
    fail_msg("level %lld", (long long)number);
    return APP_DEBUG;
}

static void same(struct arena *a, struct str got, struct str want, struct php_value of)
{
    if (!str_eq(got, want))
        fail_msg("got\n%.*s\nMonolog\n%.*s\nof %.*s", STR_ARG(got), STR_ARG(want),
                 STR_ARG(php_dump(of, a)));
}

static void compare_lines(struct arena *a, struct str record, struct str line,
                          struct str json)
{
    struct php_value r;
    struct error e = {0};
    struct app_exception x = {0};
    assert_ok(php_unserialize(record, &php_default_limits, a, &r, NULL, &e), e);
    struct php_value about = at(r, 4);
    if (about.type == PHP_ARRAY)
        x = (struct app_exception){.class_name = at(about, 0).s,
                                   .message = at(about, 1).s,
                                   .file = at(about, 2).s,
                                   .line = (int)at(about, 3).i};
    struct log_record log = {.level = level_of(at(r, 0).i),
                             .channel = S("local"),
                             .message = at(r, 1).s,
                             .context = at(r, 2),
                             .placeholders = at(r, 3).b,
                             .exception = about.type == PHP_ARRAY ? &x : NULL};
    same(a, log_line(&log, a), line, r);
    same(a, log_json(&log, a), json, r);
}

void test_line_is_monologs(void **state)
{
    (void)state;
    const char *dir = vendor("log lines beside Monolog");
    struct arena a = arena_open(256 << 20);
    size_t n = 0;
    struct error e = {0};
    assert_ok(clock_zone("UTC", &e), e);
    clock_freeze(moment * 1000000);
    struct str out = dir ? oracle(&a, "log", dir, "3", "10000") : S("");
    while (out.len) {
        struct cut l = str_cut(out, '\n'), c = str_cut(l.head, '\t'),
                   as = str_cut(c.tail, '\t');
        char *mark = arena_mark(&a);
        compare_lines(&a, from_hex(&a, c.head), from_hex(&a, as.head),
                      from_hex(&a, as.tail));
        arena_release(&a, mark);
        out = l.tail;
        n++;
    }
    assert_true(!dir || n == 10005);
    arena_close(&a);
}
