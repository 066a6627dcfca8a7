/* Views by name: findings, places, includes, files that change, the default views. */
#include <dirent.h>
#include <time.h>

#include "test_view.h"

static const struct php_host host = {.locale = {"fr", 2}};

/* A set of views over one scratch folder. */
struct set {
    char folder[256];
    struct views *views;
    struct arena a;
};

static struct set set_open(const char *name)
{
    struct set s = {.a = arena_open(64 << 20)};
    snprintf(s.folder, sizeof(s.folder), "build/test-view/%s-%d", name, (int)getpid());
    folder_make(s.folder);
    struct str folder = str_from(s.folder);
    s.views = views_new(&folder, 1, false, &host);
    return s;
}

static void set_close(struct set *s)
{
    char *argv[] = {"rm", "-rf", s->folder, NULL};
    views_drop(s->views);
    arena_close(&s->a);
    assert_int_equal(run(argv, "/dev/null"), 0);
}

static void put(struct set *s, const char *file, const char *text)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", s->folder, file);
    file_write(path, str_from(text));
}

static void take_away(struct set *s, const char *file)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", s->folder, file);
    assert_int_equal(unlink(path), 0);
}

static struct str render(struct set *s, const char *name, struct error *e)
{
    struct view_page page;
    err_clear(e);
    if (!view_render(s->views, str_from(name), variables(&s->a), &s->a, &page, e))
        return str_fmt(&s->a, "%s: %s", err_kind_name(e->kind), e->text);
    return page.html;
}

/* note_finding appends "LINE:COL: text" to a buffer. */
static void note_finding(void *arg, const struct finding *f)
{
    struct buf *b = arg;
    const char *slash = strrchr(f->file, '/');
    buf_fmt(b, "%s:%d:%d: %s\n", slash ? slash + 1 : f->file, f->line, f->col, f->text);
}

static struct str check(struct set *s, const char *name)
{
    struct error e = {0};
    struct buf b = buf_new(&s->a, 100000);
    bool ok = view_check(s->views, str_from(name), note_finding, &b, &e);
    assert_int_equal(ok, b.len == 0 && e.kind == ERR_NONE);
    assert_true(b.len == 0 || e.kind == ERR_NONE);
    return b.len || ok ? buf_str(&b) : str_copy(&s->a, str_from(e.text));
}

/* === text and echoes === */

void test_view_left_trims_its_output_and_keeps_the_rest(void **state)
{
    (void)state;
    struct set s = set_open("trim");
    struct error e = {0};
    put(&s, "a.blade.php", "\n\t {{-- c --}}\n  x {{ $n }}\ny \n");
    assert_str(render(&s, "a", &e), "x 5\ny \n");
    set_close(&s);
}

void test_view_prints_4_byte_emoji_and_nul_as_they_are(void **state)
{
    (void)state;
    struct set s = set_open("emoji");
    struct error e = {0};
    put(&s, "a.blade.php", "\xF0\x9F\x93\x84 {{ $club->name }} \xF0\x9F\x8E\x89");
    assert_str(render(&s, "a", &e),
               "\xF0\x9F\x93\x84 Équitation &amp; Cie \xF0\x9F\x8E\x89");
    set_close(&s);
}

/* === golden cases: folders of test/view, with the variables of test_view.h === */

/* case_text reads a file of a case; false: it is not there. */
static bool case_text(struct set *s, const char *name, const char *file, struct str *out)
{
    struct error e = {0};
    struct str path = str_fmt(&s->a, "test/view/%s/%s", name, file);
    return file_read(str_z(&s->a, path), 1 << 20, &s->a, out, &e);
}

/* case_result is what becomes of a case: HTML, the findings of its check, or the error
 * of rendering it. */
static struct str case_result(struct set *s, const char *name)
{
    struct error e = {0};
    struct str folder = str_fmt(&s->a, "test/view/%s", name);
    views_drop(s->views);
    s->views = views_new(&folder, 1, false, &host);
    struct str found = check(s, "input");
    if (found.len > 0)
        return found;
    struct str html = render(s, "input", &e);
    if (e.kind == ERR_NONE)
        return html;
    char *view = strstr(e.text, " (View: "); /* a path of this machine */
    return str_fmt(&s->a, "%d:%d: %.*s\n", e.line, e.col,
                   (int)(view ? view - e.text : (ptrdiff_t)strlen(e.text)), e.text);
}

void test_golden_cases(void **state)
{
    (void)state;
    int n = 0;
    struct set s = set_open("golden");
    DIR *dir = opendir("test/view");
    assert_non_null(dir);
    for (const struct dirent *d; (d = readdir(dir));) {
        struct str source, want = {0};
        if (!case_text(&s, d->d_name, "input.blade.php", &source))
            continue;
        if (!case_text(&s, d->d_name, "output", &want) &&
            !case_text(&s, d->d_name, "error", &want))
            fail_msg("test/view/%s has neither output nor error", d->d_name);
        struct str got = case_result(&s, d->d_name);
        if (!str_eq(got, want)) {
            printf("--- test/view/%s gives\n%.*s---\n", d->d_name, STR_ARG(got));
            fail_msg("test/view/%s is not as it should be", d->d_name);
        }
        n++;
    }
    closedir(dir);
    assert_true(n >= 10);
    set_close(&s);
}

/* === findings === */

#define ONLY "only @foreach and @forelse go round, and to their end\n"

void test_check_names_every_construct_with_its_place(void **state)
{
    (void)state;
    struct set s = set_open("findings");
    put(&s, "a.blade.php",
        "<p>\n  {{-- @while in a comment --}}\n  é @while($list)\n"
        "  {{ $n }}\n  @endwhile\n<x-mail::message>\n@For(1) <?php echo 1; ?>\n");
    assert_str(str_sub(check(&s, "a"), 0, 500),
               "a.blade.php:3:6: @while – " ONLY "a.blade.php:5:3: @endwhile – " ONLY
               "a.blade.php:6:1: <x-mail::message> – components are not rendered\n"
               "a.blade.php:7:1: @for – " ONLY
               "a.blade.php:7:9: <? – PHP code in a view is not run\n");
    set_close(&s);
}

void test_check_takes_unknown_names_for_text(void **state)
{
    (void)state;
    struct set s = set_open("unknown");
    struct error e = {0};
    put(&s, "a.blade.php",
        "@media print { } @page { } @font-face { } a@b.be @todo(@if(1))");
    assert_str(check(&s, "a"), "");
    assert_str(render(&s, "a", &e),
               "@media print { } @page { } @font-face { } a@b.be @todo(@if(1))");
    set_close(&s);
}

void test_check_finds_ifs_that_do_not_close(void **state)
{
    (void)state;
    struct set s = set_open("unclosed");
    put(&s, "open.blade.php", "a\n@if($n)\n b@endif");
    assert_str(check(&s, "open"), "open.blade.php:2:1: @if – it is never closed; PHP "
                                  "cannot parse the view\n");
    put(&s, "closed.blade.php", "@endif");
    assert_str(check(&s, "closed"), "closed.blade.php:1:1: @endif – no @if is open; PHP "
                                    "cannot parse the view\n");
    put(&s, "else.blade.php", "@if($n) @else @elseif($n) @endif");
    assert_str(check(&s, "else"), "else.blade.php:1:15: @elseif – it follows @else; PHP "
                                  "cannot parse the view\n");
    put(&s, "none.blade.php", "@if @endif");
    assert_str(check(&s, "none"), "none.blade.php:1:1: @if – it needs a condition in "
                                  "parentheses\n");
    set_close(&s);
}

void test_check_refuses_laravels_own_variables(void **state)
{
    (void)state;
    struct set s = set_open("reserved");
    put(&s, "a.blade.php", "x\n {{ $__env }}");
    struct str found = check(&s, "a");
    assert_true(str_starts(found, S("a.blade.php:2:5: ")));
    set_close(&s);
}

void test_check_says_which_view_is_missing(void **state)
{
    (void)state;
    struct set s = set_open("missing");
    assert_str(check(&s, "no.such"), "View [no.such] not found.");
    assert_true(str_starts(check(&s, "mail::message"), S("view [mail::message] – ")));
    put(&s, "a.blade.php", "x\n @include('no.such')");
    assert_str(check(&s, "a"),
               "a.blade.php:2:2: @include('no.such') – there is no such view\n");
    put(&s, "p.php", "<?php echo 1;");
    assert_str(check(&s, "p"),
               "p.php:1:1: plain PHP view – PHP code in a view is not run\n");
    set_close(&s);
}

void test_check_refuses_a_view_that_is_too_big(void **state)
{
    (void)state;
    struct set s = set_open("big");
    char *text = NEW(&s.a, char, VIEW_BYTES + 2);
    memset(text, '@', VIEW_BYTES + 1);
    put(&s, "a.blade.php", text);
    assert_true(str_has(check(&s, "a"), S("more than")));
    text[VIEW_BYTES] = '\0'; /* as big as can be, and nothing but "@" */
    put(&s, "b.blade.php", text);
    assert_str(check(&s, "b"), "");
    for (size_t i = 0; i + 4 <= VIEW_BYTES; i += 4)
        memcpy(text + i, "@a( ", 4);
    put(&s, "c.blade.php", text);
    assert_true(str_has(check(&s, "c"), S("more than 5000 directives")));
    set_close(&s);
}

void test_nesting_beyond_its_ceiling_is_an_error(void **state)
{
    (void)state;
    struct set s = set_open("deep");
    struct buf b = buf_new(&s.a, 100000);
    for (int i = 0; i < VIEW_NESTING + 1; i++)
        buf_add(&b, S("@if($n) "));
    for (int i = 0; i < VIEW_NESTING + 1; i++)
        buf_add(&b, S("@endif "));
    put(&s, "a.blade.php", str_z(&s.a, buf_str(&b)));
    assert_true(str_has(check(&s, "a"), S("@if – nested deeper than 64")));
    set_close(&s);
}

/* === names and folders === */

void test_find_takes_the_first_folder_and_ending(void **state)
{
    (void)state;
    struct set s = set_open("order");
    char second[300];
    struct error e = {0};
    put(&s, "one/a.b/x", "");
    snprintf(second, sizeof(second), "%s/two", s.folder);
    struct str folders[] = {str_fmt(&s.a, "%s/one", s.folder), str_from(second)};
    views_drop(s.views);
    s.views = views_new(folders, 2, false, &host);
    put(&s, "two/mail/x.blade.php", "second");
    assert_str(render(&s, "mail.x", &e), "second");
    put(&s, "one/mail/x.html", " <b>{{ $n }}</b>");
    assert_str(render(&s, "mail.x", &e), " <b>{{ $n }}</b>");
    put(&s, "one/mail/x.blade.php", "first");
    assert_str(render(&s, " mail/x ", &e), "first");
    set_close(&s);
}

void test_file_names_the_path_of_a_view(void **state)
{
    (void)state;
    struct set s = set_open("file");
    struct str path = {0};
    struct error e = {0};
    put(&s, "mail/x.blade.php", "");
    assert_ok(view_file(s.views, S("mail.x"), &s.a, &path, &e), e);
    assert_true(path.ptr[0] == '/' && str_ends(path, S("/mail/x.blade.php")));
    assert_false(view_file(s.views, S("pdf.volunteer-letter"), &s.a, &path, &e));
    assert_string_equal(e.text, "View [pdf.volunteer-letter] not found.");
    assert_int_equal(e.kind, ERR_JOB);
    assert_string_equal(e.exception, "InvalidArgumentException");
    set_close(&s);
}

void test_built_in_views_stand_behind_the_folders_where_they_were_asked_for(void **state)
{
    (void)state;
    struct set s = set_open("built-in");
    struct str path = {0}, folder = str_from(s.folder);
    struct error e = {0};
    struct views *with = views_new(&folder, 1, true, &host);
    assert_ok(view_file(with, S("pdf.volunteer-letter"), &s.a, &path, &e), e);
    assert_str(path, "built-in:views/pdf/volunteer-letter.blade.php");
    put(&s, "pdf/volunteer-letter.blade.php", "the app's");
    assert_ok(view_file(with, S("pdf.volunteer-letter"), &s.a, &path, &e), e);
    assert_true(path.ptr[0] == '/');
    views_drop(with);
    set_close(&s);
}

/* === includes === */

void test_include_shares_variables_and_trims(void **state)
{
    (void)state;
    struct set s = set_open("include");
    struct error e = {0};
    put(&s, "a.blade.php", "A @include('parts.b')\nC @include(\"parts/b\") D");
    put(&s, "parts/b.blade.php", "\n  <{{ $n }}> ");
    assert_str(check(&s, "a"), "");
    assert_str(render(&s, "a", &e), "A <5> C <5>  D");
    set_close(&s);
}

void test_include_of_itself_ends(void **state)
{
    (void)state;
    struct set s = set_open("recursion");
    struct error e = {0};
    put(&s, "a.blade.php", "@if($yes) x @include('a') @endif");
    assert_str(check(&s, "a"), "");
    assert_true(str_has(render(&s, "a", &e), S("include each other deeper than")));
    assert_int_equal(e.kind, ERR_JOB);
    put(&s, "a.blade.php", "x @if($no) @include('a') @endif");
    assert_str(render(&s, "a", &e), "x ");
    set_close(&s);
}

void test_include_of_what_is_gone_fails_when_it_is_reached(void **state)
{
    (void)state;
    struct set s = set_open("gone");
    struct error e = {0};
    put(&s, "a.blade.php", "x\n@if($yes)\n  @include('b')\n@endif");
    put(&s, "b.blade.php", "b");
    assert_str(render(&s, "a", &e), "x\n  b");
    take_away(&s, "b.blade.php");
    char want[600], *real = realpath(s.folder, NULL);
    snprintf(want, sizeof(want), "job: View [b] not found. (View: %s/a.blade.php)", real);
    free(real);
    assert_str(render(&s, "a", &e), want);
    assert_int_equal(e.line, 3);
    assert_int_equal(e.col, 3);
    put(&s, "a.blade.php", "x @if($no) @include('b') @endif");
    assert_str(render(&s, "a", &e), "x ");
    set_close(&s);
}

void test_error_names_the_innermost_view_as_laravel_does(void **state)
{
    (void)state;
    struct set s = set_open("innermost");
    struct error e = {0};
    put(&s, "a.blade.php", "@include('b')");
    put(&s, "b.blade.php", "1\n {{ $undefined }}");
    char want[900], *real = realpath(s.folder, NULL);
    snprintf(
        want, sizeof(want),
        "Undefined variable $undefined (View: %s/b.blade.php) (View: %s/b.blade.php)",
        real, real);
    free(real);
    render(&s, "a", &e);
    assert_string_equal(e.text, want);
    assert_int_equal(e.kind, ERR_JOB);
    assert_int_equal(e.line, 2);
    set_close(&s);
}

void test_rendering_tells_the_file_that_was_found(void **state)
{
    (void)state;
    struct set s = set_open("file");
    struct view_page page;
    struct error e = {0};
    put(&s, "a.blade.php", "@include('none')");
    assert_false(view_render(s.views, S("a"), variables(&s.a), &s.a, &page, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_true(str_ends(page.file, S("/a.blade.php")));
    err_clear(&e);
    assert_false(view_render(s.views, S("none"), variables(&s.a), &s.a, &page, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_str(page.file, "");
    set_close(&s);
}

void test_rendering_tells_what_was_echoed(void **state)
{
    (void)state;
    struct set s = set_open("data");
    struct error e = {0};
    struct view_page page;
    struct php_array *vars = variables(&s.a);
    struct buf b = buf_new(&s.a, 1000);
    put(&s, "a.blade.php",
        "<p>{{ '<x>' }}{{ '' }}</p>@foreach(['y', 'z'] as $n){!! $n !!},@endforeach "
        "@include('b') @include('c') {{ 5 }}");
    put(&s, "b.blade.php", "@if(true)  {{ '  b' }} b @endif");
    put(&s, "c.blade.php", "{{ ' ' }} {{ ' c' }}");
    assert_ok(view_render(s.views, S("a"), vars, &s.a, &page, &e), e);
    assert_str(page.html, "<p>&lt;x&gt;</p>y,z, b b  c 5");
    for (size_t i = 0; i < page.data.len; i++) {
        struct piece p = page.data.at[i];
        buf_fmt(&b, "[%.*s]", STR_ARG(str_sub(page.html, p.from, p.end - p.from)));
    }
    assert_str(buf_str(&b), "[&lt;x&gt;][y][z][b][][c][5]");
    set_close(&s);
}

static uint64_t path_of(struct set *s, const char *name)
{
    struct error e = {0};
    struct view_page page;
    assert_ok(view_render(s->views, str_from(name), variables(&s->a), &s->a, &page, &e),
              e);
    return page.path;
}

void test_rendering_tells_which_branches_were_taken(void **state)
{
    (void)state;
    struct set s = set_open("path");
    static const char *const same[][2] = {{"1", "1, 1"}, {"1, 2", "5, 1, 2"}, {"", ""}};
    uint64_t paths[COUNT(same)];
    char text[256];
    put(&s, "b.blade.php", "@forelse([] as $n)x @empty y @endforelse");
    for (size_t i = 0; i < COUNT(same); i++)
        for (size_t k = 0; k < 2; k++) {
            snprintf(text, sizeof(text), "@include('c', ['list' => [%s]])", same[i][k]);
            put(&s, "a.blade.php", text);
            put(&s, "c.blade.php",
                "@foreach($list as $n)@if($n > 1){{ $n }}@elseif($n) b @endif "
                "@endforeach @include('b')");
            uint64_t path = path_of(&s, "a");
            if (k)
                assert_int_equal(path, paths[i]);
            paths[i] = path;
        }
    assert_int_not_equal(paths[0], paths[1]);
    assert_int_not_equal(paths[1], paths[2]);
    assert_int_not_equal(paths[0], paths[2]);
    put(&s, "b.blade.php", "@forelse([3] as $n)x @empty y @endforelse");
    assert_int_not_equal(path_of(&s, "a"), paths[2]);
    set_close(&s);
}

/* === loops === */

void test_loop_variables_stay_in_their_view(void **state)
{
    (void)state;
    struct set s = set_open("scope");
    struct error e = {0};
    struct view_page page;
    struct php_array *vars = variables(&s.a);
    put(&s, "a.blade.php",
        "@foreach($list as $n)@endforeach{{ $n }}@include('b'){{ $n }}");
    put(&s, "b.blade.php", "@foreach(['x'] as $n)@endforeach{{ $n }}");
    assert_ok(view_render(s.views, S("a"), vars, &s.a, &page, &e), e);
    assert_str(page.html, "2x2");
    assert_true(php_array_named(vars, "n")->i == 5 && !php_array_named(vars, "loop"));
    set_close(&s);
}

void test_loop_over_what_is_no_array_fails_as_in_php(void **state)
{
    (void)state;
    struct set s = set_open("iterable");
    struct error e = {0};
    put(&s, "a.blade.php", "\n @foreach($none as $x) @endforeach");
    assert_true(str_starts(
        render(&s, "a", &e),
        S("job: foreach() argument must be of type array|object, null given (View: ")));
    assert_true(e.line == 2 && e.col == 2);
    put(&s, "a.blade.php", "@foreach($club as $x) @endforeach");
    assert_true(str_starts(render(&s, "a", &e), S("unsupported: a loop over an object")));
    set_close(&s);
}

void test_loops_end(void **state)
{
    (void)state;
    struct set s = set_open("turns");
    struct error e = {0};
    put(&s, "a.blade.php",
        "@foreach(range(1,500) as $x) @foreach(range(1,500) as $y)@endforeach "
        "@endforeach");
    assert_true(str_has(render(&s, "a", &e), S("more than 200000 turns of loops")));
    assert_int_equal(e.kind, ERR_JOB);
    set_close(&s);
}

void test_check_refuses_heads_of_loops_that_it_does_not_know(void **state)
{
    (void)state;
    struct set s = set_open("heads");
    static const char *const cases[][2] = {
        {"@foreach($list)", "@foreach – malformed"},
        {"@foreach", "@foreach – malformed"},
        {"@foreach($list as [$a, $b])", "@foreach(… as [$a, $b]) – only"},
        {"@foreach($list as &$x)", "@foreach(… as &$x) – only"},
        {"@foreach($list as $this)", "@foreach – $this is a name"},
        {"@foreach($list as $__env => $x)", "@foreach – $__env is a name"},
        {"@foreach($yes AND $list as $x)", "@foreach – \"and\", \"or\" and"},
        {"@foreach( as $x)", ""},
        {"@foreach($list as $x) @endif",
         "1:23: @endif – the @foreach of line 1 is still"},
        {"@if($n) @endforeach", "1:9: @endforeach – the @if of line 1 is still open"},
        {"@empty", "@empty – no @foreach is open"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        put(&s, "a.blade.php", cases[i][0]);
        struct str got = check(&s, "a");
        if (got.len == 0 || !str_has(got, str_from(cases[i][1])))
            fail_msg("%s gives %.*s", cases[i][0], STR_ARG(got));
    }
    put(&s, "a.blade.php", "@foreach(['and', $or ?? 1, \"x or y\"] as $x) @endforeach");
    assert_str(check(&s, "a"), "");
    set_close(&s);
}

/* === types that cannot be printed === */

void test_echo_of_an_array_is_an_error_of_the_job(void **state)
{
    (void)state;
    struct set s = set_open("types");
    struct error e = {0};
    put(&s, "a.blade.php", "\n  {{ $list }}");
    assert_true(str_starts(render(&s, "a", &e),
                           S("job: htmlspecialchars(): Argument #1 ($string) must be of "
                             "type string, array given (View: ")));
    assert_int_equal(e.line, 2);
    assert_int_equal(e.col, 3);
    put(&s, "a.blade.php", "{!! $list !!}");
    assert_true(str_starts(render(&s, "a", &e), S("job: Array to string conversion")));
    set_close(&s);
}

/* === files that change === */

void test_changed_file_is_seen_at_once(void **state)
{
    (void)state;
    struct set s = set_open("changed");
    struct error e = {0};
    uint64_t before, after;
    put(&s, "a.blade.php", "one");
    assert_str(render(&s, "a", &e), "one");
    assert_ok(view_stamp(s.views, S("a"), &before, &e), e);
    put(&s, "a.blade.php", "two"); /* same size, perhaps the same time */
    assert_str(render(&s, "a", &e), "two");
    assert_ok(view_stamp(s.views, S("a"), &after, &e), e);
    assert_true(before != after);
    put(&s, "a.blade.php", "@csrf");
    assert_str(render(&s, "a", &e), "unsupported: @csrf – it needs the app's PHP");
    assert_true(strstr(e.file, "a.blade.php") && e.line == 1 && e.col == 1);
    put(&s, "a.blade.php", "three");
    assert_str(render(&s, "a", &e), "three");
    set_close(&s);
}

void test_changed_file_is_seen_by_time_size_or_inode(void **state)
{
    (void)state;
    struct set s = set_open("settled");
    struct error e = {0};
    char path[300], other[300];
    struct timespec old[2] = {{1700000000, 0}, {1700000000, 0}};
    snprintf(path, sizeof(path), "%s/a.blade.php", s.folder);
    snprintf(other, sizeof(other), "%s/b", s.folder);
    put(&s, "a.blade.php", "one");
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    assert_str(render(&s, "a", &e), "one");
    old[1].tv_nsec = 1;
    put(&s, "a.blade.php", "two");
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    assert_str(render(&s, "a", &e), "two");
    put(&s, "b", "six"); /* another file of the same size and time, moved over it */
    assert_int_equal(utimensat(AT_FDCWD, other, old, 0), 0);
    assert_int_equal(rename(other, path), 0);
    assert_str(render(&s, "a", &e), "six");
    set_close(&s);
}

void test_stamp_covers_what_is_included(void **state)
{
    (void)state;
    struct set s = set_open("stamp");
    struct error e = {0};
    uint64_t before, after;
    put(&s, "a.blade.php", "@include('b')");
    put(&s, "b.blade.php", "1");
    assert_ok(view_stamp(s.views, S("a"), &before, &e), e);
    put(&s, "b.blade.php", "2");
    assert_ok(view_stamp(s.views, S("a"), &after, &e), e);
    assert_true(before != after);
    assert_ok(view_stamp(s.views, S("a"), &before, &e), e);
    assert_true(before == after);
    set_close(&s);
}

void test_deleted_view_is_gone(void **state)
{
    (void)state;
    struct set s = set_open("deleted");
    struct error e = {0};
    put(&s, "emails/volunteer-letter.blade.php", "ours");
    assert_str(render(&s, "emails.volunteer-letter", &e), "ours");
    take_away(&s, "emails/volunteer-letter.blade.php");
    assert_str(render(&s, "emails.volunteer-letter", &e),
               "job: View [emails.volunteer-letter] not found.");
    put(&s, "b.blade.php", "b");
    assert_str(render(&s, "b", &e), "b");
    take_away(&s, "b.blade.php");
    assert_str(render(&s, "b", &e), "job: View [b] not found.");
    set_close(&s);
}

/* === what a view uses, and its skeleton === */

static void note_chain(void *arg, const struct str *chain, size_t len,
                       struct php_place place)
{
    struct buf *b = arg;
    for (size_t i = 0; i < len; i++)
        buf_fmt(b, "%s%.*s", i ? "." : "", STR_ARG(chain[i]));
    const char *slash = strrchr(place.file, '/');
    buf_fmt(b, "@%s:%d:%d ", slash ? slash + 1 : place.file, place.line, place.col);
}

void test_uses_lists_the_chains_of_a_view_and_its_includes(void **state)
{
    (void)state;
    struct set s = set_open("uses");
    struct error e = {0};
    struct buf b = buf_new(&s.a, 10000);
    put(&s, "a.blade.php", "{{ $club->name }}\n@if($n) @include('b') @endif");
    put(&s, "b.blade.php", "\n\n  {!! $teacher->user->name !!}");
    assert_ok(view_uses(s.views, S("a"), note_chain, &b, &e), e);
    assert_str(buf_str(&b), "club.name@a.blade.php:1:4 n@a.blade.php:2:5 "
                            "teacher.user.name@b.blade.php:3:7 ");
    set_close(&s);
}

void test_uses_sees_elements_in_a_loops_variable(void **state)
{
    (void)state;
    struct set s = set_open("elements");
    struct error e = {0};
    struct buf b = buf_new(&s.a, 10000);
    put(&s, "a.blade.php",
        "@foreach($club->rows as $r)@include('b')@endforeach @foreach($n as "
        "$n)@endforeach");
    put(&s, "b.blade.php",
        "@foreach($r->list ?? [] as $k => $x){{ $x->name }}@endforeach");
    assert_ok(view_uses(s.views, S("a"), note_chain, &b, &e), e);
    assert_true(str_starts(buf_str(&b), S("club.rows@")));
    assert_true(str_has(buf_str(&b), S(" r.list@")));
    assert_true(str_has(buf_str(&b), S(" club.rows.*.list@")));
    assert_true(str_has(buf_str(&b), S(" x.name@")));
    assert_true(str_has(buf_str(&b), S(" club.rows.*.list.*.name@")));
    assert_true(b.len < 1000); /* $n is its own element, but not for ever */
    set_close(&s);
}

void test_skeleton_keeps_lines_and_columns(void **state)
{
    (void)state;
    struct set s = set_open("skeleton");
    struct error e = {0};
    struct str got;
    put(&s, "a.blade.php",
        "{{-- a\nb --}}<p>é{{ $n }}</p>\r\n @if($n)\n@@page @{{ $x }} @media\n@endif\n"
        "@verbatim {{ y }} @endverbatim.");
    assert_ok(view_skeleton(s.views, S("a"), &s.a, &got, &e), e);
    assert_str(got, "      \n      <p>é\x1A       </p>\r\n \f      \n"
                    " @page  {{ $x }} @media\n\f     \n"
                    "          {{ y }}             .");
    set_close(&s);
}

static void note_skeleton(void *arg, const char *file, struct str skeleton)
{
    buf_fmt(arg, "%s=%.*s;", strrchr(file, '/') + 1, STR_ARG(skeleton));
}

void test_skeletons_come_from_all_files_once(void **state)
{
    (void)state;
    struct set s = set_open("skeletons");
    struct error e = {0};
    struct buf b = buf_new(&s.a, 1000);
    put(&s, "a.blade.php", "1 @include('b')2 @include('b')");
    put(&s, "b.blade.php", "3");
    assert_ok(view_skeletons(s.views, S("a"), note_skeleton, &b, &e), e);
    assert_str(buf_str(&b),
               "a.blade.php=1 \f            2 \f            ;b.blade.php=3;");
    set_close(&s);
}
