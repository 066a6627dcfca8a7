/* test_jobs_source.c: what is read out of the PHP of a job class. */
#include <stdlib.h>
#include <sys/stat.h>

#include "test_shell.h"

#include "jobs/jobs_imp.h"

#define CLASS_NAME "App\\Jobs\\Letter"

struct house {
    char dir[64];
    struct jobs js;
    struct arena check;
    struct arena perm;
    struct buf said;
    struct job_source source;
};

static void on_finding(void *arg, const struct finding *f)
{
    struct house *h = arg;
    buf_fmt(&h->said, "%s:%d:%d %s\n", f->file, f->line, f->col, f->text);
}

static void put(struct house *h, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", h->dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static struct house *open_house(void)
{
    struct house *h = calloc(1, sizeof(*h));
    struct error e = {0};
    static const char *const folders[] = {"app", "app/Jobs", "bootstrap", "storage"};
    assert_non_null(h);
    h->perm = arena_open(16 << 20);
    snprintf(h->dir, sizeof(h->dir), "build/house-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    for (size_t i = 0; i < COUNT(folders); i++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/%s", h->dir, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    put(h, "artisan", "");
    struct app_options where = {.dir = h->dir};
    h->js.o.app = app_open(&where, &e);
    if (!h->js.o.app)
        fail_msg("%s", e.text);
    h->js.o.report = on_finding;
    h->js.o.arg = h;
    h->check = arena_open(64 << 20);
    h->js.tmp = arena_open(1 << 20);
    return h;
}

static void close_house(struct house *h)
{
    arena_close(&h->check);
    arena_close(&h->js.tmp);
    app_close(h->js.o.app);
    shell("rm -rf $1", h->dir);
    arena_close(&h->perm);
    free(h);
}

static const char *said(struct house *h)
{
    return str_z(&h->perm, buf_str(&h->said));
}

static bool load(struct house *h)
{
    h->said = buf_new(&h->perm, 64 << 10);
    return job_source_load(&h->js, CLASS_NAME, &h->check, &h->source);
}

/* load_class reads a class with the given traits and body, whose first line is the
 * file's sixth. */
static bool load_class(struct house *h, const char *use, const char *body)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "<?php\nnamespace App\\Jobs;\nuse Illuminate\\Bus\\Batchable;\n"
             "use Illuminate\\Foundation\\Queue\\Queueable;\n"
             "class Letter implements ShouldQueue { use %s;\n%s\n}\n",
             use, body);
    put(h, "app/Jobs/Letter.php", text);
    return load(h);
}

void test_without_a_file_the_class_is_the_known_one(void **state)
{
    (void)state;
    struct house *h = open_house();
    assert_true(load(h));
    assert_int_equal(h->source.files.len, 0);
    assert_true(h->source.batchable);
    close_house(h);
}

void test_traits_and_interfaces_are_seen_by_their_full_names(void **state)
{
    (void)state;
    struct house *h = open_house();
    assert_true(load_class(h, "Queueable", "public function handle() {}"));
    assert_false(h->source.batchable);
    assert_true(h->source.interacts);
    assert_int_equal(h->source.unique, UNIQUE_NO);
    assert_true(load_class(h, "Queueable, Batchable", ""));
    assert_true(h->source.batchable);
    put(h, "app/Jobs/Letter.php",
        "<?php\nnamespace App\\Jobs;\n"
        "use Illuminate\\Contracts\\Queue\\{ShouldQueue, ShouldBeUnique as Alone};\n"
        "use A, B\\C as D;\n"
        "class Letter implements\n    ShouldQueue, Alone,\n"
        "    \\Illuminate\\Contracts\\Queue\\ShouldBeEncrypted\n{ }\n");
    assert_true(load(h));
    assert_int_equal(h->source.unique, UNIQUE_UNTIL_DONE);
    assert_true(h->source.encrypted);
    close_house(h);
}

/* What a class does beside the letter, and where that is said to be. */
static const struct {
    const char *body, *said;
} more[] = {
    {"function handle() { $this->release(10); }", ":6:28 $this->release()"},
    {"function handle() { $this\n->fail($e); }", ":7:3 $this->fail()"},
    {"function handle() { return $this->attempts() > 2; }", "$this->attempts()"},
    {"function handle() { Log::info($this->job->uuid()); }", "$this->job "},
    {"function handle() { event(new Sent); }", ":6:21 event()"},
    {"function handle() { Other::dispatch(1)->onQueue('a'); }", "dispatch()"},
    {"function handle() { dispatch(new Other); }", "dispatch()"},
    {"function handle() { $user->notify(new Told); }", "notify()"},
    {"function handle() { Http::post('x'); }", "Http::"},
    {"function handle() { Log::info(\"{$this->attempts()}\"); }", "$this->attempts()"},
    {"const A = <<<X\n it's\nX; function handle() { event('a'); }", "event()"},
    {"function handle() { if ($this->batching()) { } }", "$this->batching()"},
    {"function handle() { $x = 1; if ($this->batch()?->cancelled()) { return; } }",
     "$this->batch()"},
    {"function middleware() { return [new RateLimited('x')]; }", "a method middleware()"},
    {"function middleware() { return [new SkipIfBatchCancelled, new X]; }",
     "a method middleware()"},
    {"function __wakeup() {}", "a method __wakeup()"},
};

void test_what_a_class_does_beside_is_refused_with_its_place(void **state)
{
    (void)state;
    struct house *h = open_house();
    for (size_t i = 0; i < COUNT(more); i++) {
        assert_false(load_class(h, "Queueable, Batchable", more[i].body));
        if (!strstr(said(h), more[i].said))
            fail_msg("%s: said %s, not %s", more[i].body, said(h), more[i].said);
    }
    close_house(h);
}

static const char *const harmless[] = {
    "function handle() { /* $this->release() */ File::delete($p); $x->fail = 1; }",
    "function handle() { // event('x')\n $this->pdf->release(); Storage::delete('a'); }",
    "function handle() { $club->delete(); $this->path()->delete(); Event::class; }",
    "private function event() {} protected $notify; function failed($e) {}",
    "public function middleware(): array\n { return []; }",
    "const EVENT = 'event'; function handle() { Log::info('dispatch(1)'); }",
};

void test_what_only_looks_like_it_is_not(void **state)
{
    (void)state;
    struct house *h = open_house();
    for (size_t i = 0; i < COUNT(harmless); i++)
        if (!load_class(h, "Queueable, Batchable", harmless[i]))
            fail_msg("%s: said %s", harmless[i], said(h));
    close_house(h);
}

static const struct {
    const char *body;
    bool wants_batch;
} skipping[] = {
    {"public function middleware(): array { return [new SkipIfBatchCancelled]; }", false},
    {"public function middleware()\n{\n  return [\n  new "
     "\\Illuminate\\Queue\\Middleware\\SkipIfBatchCancelled(),\n  ];\n}",
     false},
    {"function handle(): void\n{\n if ($this->batch()?->cancelled()) {\n return;\n }\n}",
     false},
    {"function handle() { if ($this->batch() && $this->batch()->canceled()) { return; } "
     "}",
     false},
    {"function handle(A $a) { if (optional($this->batch())->cancelled()) { return; } }",
     false},
    {"function handle() { if ($this->batch()->cancelled()) { // gone\n return; } }",
     true},
};

void test_a_class_that_asks_whether_its_batch_was_cancelled(void **state)
{
    (void)state;
    struct house *h = open_house();
    for (size_t i = 0; i < COUNT(skipping); i++) {
        if (!load_class(h, "Queueable, Batchable", skipping[i].body))
            fail_msg("%s: said %s", skipping[i].body, said(h));
        assert_true(h->source.skips_cancelled);
        assert_int_equal(h->source.wants_batch, skipping[i].wants_batch);
    }
    assert_true(load_class(h, "Queueable", "function handle() {}"));
    assert_false(h->source.skips_cancelled);
    close_house(h);
}

void test_traits_of_the_app_are_read_and_those_of_packages_refused(void **state)
{
    (void)state;
    struct house *h = open_house();
    put(h, "app/Jobs/Tells.php",
        "<?php\nnamespace App\\Jobs;\ntrait Tells {\n function tell() { event(1); } }\n");
    assert_false(load_class(h, "Queueable, Tells", ""));
    assert_non_null(strstr(said(h), "app/Jobs/Tells.php:4:"));
    assert_false(load_class(h, "Queueable, \\Acme\\Queue\\Traced", ""));
    assert_non_null(strstr(said(h), "app/Jobs/Letter.php:5:0 Acme\\Queue\\Traced"));
    assert_false(load_class(h, "Missing", ""));
    assert_non_null(
        strstr(said(h), "app/Jobs/Letter.php:5:0 app/Jobs/Missing.php – cannot open"));
    close_house(h);
}

void test_a_source_that_ends_anywhere_does_no_harm(void **state)
{
    (void)state;
    struct house *h = open_house();
    static const char text[] =
        "<?php\nnamespace App\\Jobs;\nuse A\\B as C;\nclass Letter extends C implements "
        "D "
        "{ use E, F { e as f; }\n public $tries = 'a\\'b'; function handle() { if "
        "($this->batch()?->cancelled()) { return; } $this->release(\"x\"); /* */ } }";
    for (size_t len = 0; len < sizeof(text); len++) {
        char cut[sizeof(text)];
        snprintf(cut, sizeof(cut), "%.*s", (int)len, text);
        put(h, "app/Jobs/Letter.php", cut);
        (void)load(h);
        arena_reset(&h->check);
    }
    close_house(h);
}
