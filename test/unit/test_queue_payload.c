/* Payloads, and which of them are ours. */
#include "test.h"

#include "facteur/queue.h"

static const struct queue_class classes[] = {
    {"App\\Jobs\\Other", "Other"},
    {"App\\Jobs\\SendVolunteerLetterJob", "SendVolunteerLetterJob"},
};

static struct arena arena;

static struct payload parse(const char *json)
{
    if (!arena.pool)
        arena = arena_open(64 << 20);
    return payload_parse(str_from(json), &arena);
}

static int ours(const char *text)
{
    struct payload p = parse(text);
    return queue_ours(classes, COUNT(classes), &p, str_from(text));
}

/* === reading === */

void test_a_payload_of_laravel_12_is_read(void **state)
{
    (void)state;
    struct payload p = parse(
        "{\"uuid\":\"9c8b\",\"displayName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\","
        "\"job\":\"Illuminate\\\\Queue\\\\CallQueuedHandler@call\",\"maxTries\":3,"
        "\"maxExceptions\":null,\"failOnTimeout\":false,\"backoff\":\"1,5\",\"timeout\":"
        "120,"
        "\"retryUntil\":null,\"data\":{\"commandName\":"
        "\"App\\\\Jobs\\\\SendVolunteerLetterJob\",\"command\":\"O:1:\\u0000*\\u00e9\"},"
        "\"createdAt\":1764079509,\"delay\":60}");
    assert_true(p.is_json);
    assert_str(p.uuid, "9c8b");
    assert_str(p.display_name, "App\\Jobs\\SendVolunteerLetterJob");
    assert_str(p.job, "Illuminate\\Queue\\CallQueuedHandler@call");
    assert_str(p.command_name, "App\\Jobs\\SendVolunteerLetterJob");
    assert_true(str_eq(p.command, (struct str){"O:1:\0*\xC3\xA9", 8}));
    assert_true(p.max_tries.given && p.max_tries.value == 3);
    assert_false(p.max_exceptions.given);
    assert_true(p.timeout.given && p.timeout.value == 120);
    assert_false(p.retry_until.given);
    assert_true(p.delay.given && p.delay.value == 60);
    assert_false(p.fail_on_timeout);
    assert_true(p.has_backoff);
    assert_str(p.backoff, "1,5");
    assert_str(payload_name(&p), "App\\Jobs\\SendVolunteerLetterJob");
}

void test_numbers_are_converted_as_php_does(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool given;
        int64_t value;
    } cases[] = {
        {"null", false, 0},
        {"7", true, 7},
        {"\"7\"", true, 7},
        {"\" 7\"", true, 7},
        {"\"7x\"", true, 7},
        {"\"x\"", true, 0},
        {"\"1e3\"", true, 1000},
        {"7.9", true, 7},
        {"-7.9", true, -7},
        {"true", true, 1},
        {"false", true, 0},
        {"[]", false, 0},
        {"9223372036854775807", true, INT64_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char json[128];
        snprintf(json, sizeof(json), "{\"timeout\":%s}", cases[i].json);
        struct payload_number n = parse(json).timeout;
        if (n.given != cases[i].given || n.value != cases[i].value)
            fail_msg("%s: %d %lld", json, n.given, (long long)n.value);
    }
}

void test_older_and_odd_keys(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"timeoutAt\":5}").retry_until.value, 5);
    assert_int_equal(parse("{\"timeoutAt\":5,\"retryUntil\":6}").retry_until.value, 6);
    assert_str(parse("{\"backoff\":5}").backoff, "5");
    assert_true(parse("{\"backoff\":\"\"}").has_backoff);
    assert_false(parse("{\"backoff\":null}").has_backoff);
    assert_str(parse("{\"uuid\":12}").uuid, "12");
    assert_true(parse("{\"failOnTimeout\":1}").fail_on_timeout);
    assert_true(parse("{\"failOnTimeout\":\"no\"}").fail_on_timeout);
    assert_false(parse("{\"failOnTimeout\":\"0\"}").fail_on_timeout);
    struct payload p = parse("{\"displayName\":\"\",\"job\":\"Class@fire\"}");
    assert_str(payload_name(&p), "Class@fire");
    p = parse("{\"data\":[1,2]}");
    assert_true(p.is_json);
    assert_str(p.command_name, "");
}

void test_text_that_is_no_json(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",     "{", "{\"a\":1", "{'a':1}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}",
        "null", "3", "{}x"};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (parse(bad[i]).is_json)
            fail_msg("\"%s\" was taken for JSON", bad[i]);
    assert_true(parse(" {} \n").is_json);
    assert_true(parse("[1]").is_json);
    assert_str(parse("[1]").uuid, "");
}

/* Whatever PHP reads is JSON: nobody may fail it as broken. */
void test_json_is_what_php_reads(void **state)
{
    (void)state;
    struct payload p = parse("{\"uuid\":\"u\",\"n\":123456789012345678901234567890,"
                             "\"timeout\":9}");
    assert_true(p.is_json);
    assert_str(p.uuid, "u");
    assert_int_equal(p.timeout.value, 9);
    p = parse("{\"n\":1e999,\"\\u0000*\\u0000a\":1,\"uuid\":\"u\"}");
    assert_true(p.is_json);
    assert_str(p.uuid, "u");
    assert_str(parse("{\"uuid\":\"u\",\"uuid\":\"v\"}").uuid, "v");
}

/* A row of four megabytes must not become hundreds: it is JSON that nobody here reads. */
void test_json_of_too_many_values_is_not_read(void **state)
{
    (void)state;
    enum { PAIRS = 70000 };
    static char json[PAIRS * 3 + 64];
    char *at = stpcpy(json, "{\"uuid\":\"u\",\"n\":[0");
    for (int i = 0; i < PAIRS; i++)
        at = stpcpy(at, ",[]");
    memcpy(at, "]}", 3);
    struct payload p = parse(json);
    assert_true(p.is_json);
    assert_str(p.uuid, "");
    assert_true(arena_used(&arena) < 32 << 20);
}

void test_the_context_is_what_has_names(void **state)
{
    (void)state;
    struct payload p = parse("{\"illuminate:log:context\":{\"data\":{\"a\":\"i:1;\"}}}");
    assert_int_equal(p.context.type, PHP_ARRAY);
    assert_non_null(php_path(&p.context, "data.a"));
    assert_false(p.hooked);
    static const char *const none[] = {
        "{}", "{\"illuminate:log:context\":null}", "{\"illuminate:log:context\":[]}",
        "{\"illuminate:log:context\":[1]}", "{\"illuminate:log:context\":\"x\"}"};
    for (size_t i = 0; i < COUNT(none); i++)
        assert_int_equal(parse(none[i]).context.type, PHP_NULL);
    assert_true(parse("{\"uuid\":\"u\",\"extra\":1}").hooked);
    assert_true(parse("{\"12\":1}").hooked);
}

void test_a_full_arena_leaves_nothing_behind(void **state)
{
    (void)state;
    struct arena small = arena_open(4096);
    jmp_buf full;
    char json[8192];
    char *at = stpcpy(json, "{\"uuid\":\"u\"");
    while (at < json + sizeof(json) - 16)
        at = stpcpy(at, ",\"a\":[[1]]");
    stpcpy(at, "}");
    if (setjmp(full) == 0) {
        arena_guard(&small, &full);
        payload_parse(str_from(json), &small);
        fail_msg("there was room");
    }
    arena_close(&small);
}

/* === ours or not === */

#define LETTER "\"commandName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\""

void test_json_is_ours_by_its_command_name_alone(void **state)
{
    (void)state;
    assert_int_equal(ours("{\"data\":{" LETTER "}}"), 1);
    assert_int_equal(ours("{\"data\":{\"commandName\":\"App\\\\Jobs\\\\Other\"}}"), 0);
    assert_int_equal(ours("{\"data\":{\"commandName\":\"app\\\\jobs\\\\OTHER\"}}"), 0);
    assert_int_equal(ours("{\"displayName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\"}"),
                     -1);
    assert_int_equal(ours("{" LETTER "}"), -1);
    assert_int_equal(ours("{\"data\":{\"commandName\":\"X\",\"command\":\"App\\\\Jobs\\\\"
                          "SendVolunteerLetterJob\"}}"),
                     -1);
    assert_int_equal(ours("[\"App\\\\Jobs\\\\SendVolunteerLetterJob\"]"), -1);
}

void test_other_text_is_ours_when_it_names_the_whole_class(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int index;
    } cases[] = {
        {"App\\Jobs\\SendVolunteerLetterJob", 1},
        {"x App\\\\Jobs\\\\SendVolunteerLetterJob;", 1},
        {"{\"displayName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\",\"da", 1},
        {"{\"data\":{" LETTER ",\"command\":\"O:31:", 1},
        {"{\"data\":{\"commandName\" : \"App\\\\Jobs\\\\SendVolunteerLetterJob\"", 1},
        /* a part of another name */
        {"SendVolunteerLetterJob", -1},
        {"App\\Jobs\\SendVolunteerLetterJobs", -1},
        {"My\\App\\Jobs\\SendVolunteerLetterJob", -1},
        {"App\\Jobs\\SendVolunteerLetterJob\\Inner", -1},
        /* another class, in whose chain ours stands */
        {"{\"data\":{\"commandName\":\"App\\\\Jobs\\\\First\",\"command\":\"…"
         "App\\\\Jobs\\\\SendVolunteerLetterJob",
         -1},
        {"{\"data\":{\"commandName\":", -1},
        {"", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ours(cases[i].text) != cases[i].index)
            fail_msg("%s: %d", cases[i].text, ours(cases[i].text));
}
