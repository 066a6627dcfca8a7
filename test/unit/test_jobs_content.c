/* test_jobs_content.c: what a job's payload holds, read once. */
#include <stdlib.h>
#include <sys/stat.h>

#include "test_shell.h"

#include "jobs/jobs_imp.h"

#define CLASS_NAME "App\\Jobs\\SendVolunteerLetterJob"
#define COMMAND(props) "O:31:\"" CLASS_NAME "\":" props

struct house {
    char dir[64];
    struct jobs js;
    struct arena perm;
    struct queue_job job;
};

static void put(const char *dir, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static struct house *open_house(void)
{
    struct house *h = calloc(1, sizeof(*h));
    struct error e = {0};
    assert_non_null(h);
    h->perm = arena_open(16 << 20);
    snprintf(h->dir, sizeof(h->dir), "build/content-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    put(h->dir, "artisan", "");
    put(h->dir, "composer.lock",
        "{\"packages\":[{\"name\":\"laravel/framework\",\"version\":\"v12.72.0\"}]}\n");
    struct app_options where = {.dir = h->dir};
    h->js.o.app = app_open(&where, &e);
    if (!h->js.o.app)
        fail_msg("%s", e.text);
    h->js.accept = arena_open(1 << 20);
    h->js.classes = calloc(1, sizeof(*h->js.classes));
    assert_non_null(h->js.classes);
    h->js.classes[0].stamp = 7;
    return h;
}

static void close_house(struct house *h)
{
    arena_close(&h->js.accept);
    app_close(h->js.o.app);
    shell("rm -rf $1", h->dir);
    arena_close(&h->perm);
    free(h->js.classes);
    free(h);
}

/* payload makes the job's, with members behind its data. */
static void payload(struct house *h, const char *command, const char *members)
{
    struct buf b = buf_new(&h->perm, 64 << 10);
    struct error e = {0};
    buf_fmt(&b, "{\"uuid\":\"u\",\"data\":{\"commandName\":");
    assert_ok(php_json(&b, php_string(str_from(CLASS_NAME)), 0, &e), e);
    buf_fmt(&b, ",\"command\":");
    assert_ok(php_json(&b, php_string(str_from(command)), 0, &e), e);
    buf_fmt(&b, "}%s}", members);
    h->job = (struct queue_job){.raw = buf_str(&b)};
    h->job.payload = payload_parse(h->job.raw, &h->perm);
    assert_true(h->job.payload.is_json);
}

static const struct job_content *content(struct house *h)
{
    return content_read(&h->js, &h->job, &h->perm);
}

void test_all_that_a_payload_says_is_read(void **state)
{
    (void)state;
    struct house *h = open_house();
    h->js.classes[0].source.batchable = true;
    payload(
        h,
        COMMAND("3:{s:6:\"clubId\";i:3;s:7:\"batchId\";s:2:\"b1\";s:10:\"middleware\";"
                "a:1:{i:0;O:48:\"Illuminate\\Queue\\Middleware\\SkipIfBatchCancelled\""
                ":0:{}}}"),
        ",\"illuminate:log:context\":{\"data\":{\"trace\":\"s:3:\\\"abc\\\";\"},"
        "\"hidden\":[]}");
    const struct job_content *c = content(h);
    assert_int_equal(c->undecodable.kind, ERR_NONE);
    assert_int_equal(c->error.kind, ERR_NONE);
    assert_int_equal(c->stamp, 7);
    assert_str(c->command->class_name, CLASS_NAME);
    assert_int_equal(php_prop(c->command, S("clubId"))->i, 3);
    assert_str(c->batch_id, "b1");
    assert_true(c->skips_cancelled);
    assert_false(c->skips);
    assert_str(php_path(&c->context, "trace")->s, "abc");
    assert_null(c->chain.table);
    assert_int_equal(c->lock.unique, UNIQUE_NO);
    close_house(h);
}

void test_a_batch_counts_only_for_a_class_that_uses_batches(void **state)
{
    (void)state;
    struct house *h = open_house();
    payload(h, COMMAND("1:{s:7:\"batchId\";s:2:\"b1\";}"), "");
    assert_str(content(h)->batch_id, "");
    close_house(h);
}

void test_what_cannot_be_decoded_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *command, *why;
    } cases[] = {
        {"", "the payload has no data.command"},
        {"O:1", "data.command"},
        {"O:8:\"stdClass\":1:{", "data.command"},
    };
    struct house *h = open_house();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error e = {0};
        const struct php_object *o;
        payload(h, cases[i].command,
                ",\"illuminate:log:context\":{\"data\":{\"a\":\"i:1;\"}}");
        struct job_run r = {.job = &h->job, .perm = &h->perm};
        job_entered(&h->js, &r);
        assert_false(job_command(&r, &o, &e));
        assert_int_equal(e.kind, ERR_JOB);
        assert_non_null(strstr(e.text, cases[i].why));
        /* Its lines in the log have their context all the same. */
        assert_int_equal(php_path(&r.content->context, "a")->i, 1);
        job_left(&h->js);
        assert_null(jobs_refuse(&h->js, &h->job, &h->perm)); /* it must fail, here */
    }
    close_house(h);
}

void test_what_only_php_can_do_is_refused_and_not_kept(void **state)
{
    (void)state;
    static const struct {
        const char *command, *members, *why;
        bool wants_batch;
    } cases[] = {
        {COMMAND("1:{s:10:\"middleware\";a:1:{i:0;O:1:\"M\":0:{}}}"), "",
         "has middleware (M)", false},
        {COMMAND("1:{s:10:\"middleware\";a:1:{i:0;O:10:\"App\\Jobs\\M\":0:{}}}"), "",
         "has middleware (App\\Jobs\\M, app/Jobs/M.php)", false},
        {COMMAND(
             "1:{s:4:\"club\";O:45:\"Illuminate\\Contracts\\Database\\ModelIdentifier\""
             ":0:{}}"),
         "", "carries models", false},
        {COMMAND("0:{}"),
         ",\"illuminate:log:context\":{\"data\":{\"a\":\"O:8:\\\"stdClass\\\":0:{}\"}}",
         "has a log context that only PHP can read", false},
        {COMMAND("0:{}"), "", "has no batch, which its handle() asks for", true},
    };
    struct house *h = open_house();
    for (size_t i = 0; i < COUNT(cases); i++) {
        payload(h, cases[i].command, cases[i].members);
        h->js.classes[0].source.wants_batch = cases[i].wants_batch;
        const char *why = jobs_refuse(&h->js, &h->job, &h->perm);
        assert_non_null(why);
        assert_string_equal(why, cases[i].why);
        assert_null(h->job.content);
    }
    close_house(h);
}

void test_whoever_takes_a_job_has_what_was_read(void **state)
{
    (void)state;
    struct house *h = open_house();
    payload(h, COMMAND("1:{s:6:\"clubId\";i:3;}"), "");
    assert_null(jobs_refuse(&h->js, &h->job, NULL));
    assert_null(h->job.content); /* only asked */
    assert_int_equal(arena_used(&h->js.accept), 0);
    assert_null(jobs_refuse(&h->js, &h->job, &h->perm));
    const struct job_content *read = h->job.content;
    assert_non_null(read);
    struct job_run r = {.job = &h->job, .perm = &h->perm};
    size_t used = arena_used(&h->perm);
    job_entered(&h->js, &r);
    assert_ptr_equal(r.content, read);
    assert_int_equal(arena_used(&h->perm), used); /* nothing is read again */
    job_left(&h->js);
    close_house(h);
}
