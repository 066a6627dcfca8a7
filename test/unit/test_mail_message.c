#include "test.h"

#include <dirent.h>
#include <unistd.h>

#include "facteur/mail.h"

static const struct mail_attachment pdf = {
    .name = {"Note_Information_Volontaire.pdf", 31},
    .type = {"application/pdf", 15},
    .bytes = {"%PDF-1.3\n%\xE2\xE3\xCF\xD3\n", 15},
};

static struct mail_message letter(void)
{
    return (struct mail_message){
        .from = {S("asbl@example.be"), S("Club des Hérons")},
        .to = {S("marie@example.be"), S("")},
        .subject = S("Note d'Information au Volontaire - Les Hérons"),
        .html = S("<p>Bonjour Hélène,</p>\n"),
        .attachments = &pdf,
        .attachments_len = 1,
        .date = 1795593600,
        .message_id = S("0b6a8f5e-1f7e-4d3c-9a37-9a1f5d3f9c11@example.be"),
    };
}

static struct str built(struct arena *a, const struct mail_message *m)
{
    struct error e = {0};
    struct str out;
    assert_ok(mail_build(m, a, &out, &e), e);
    return out;
}

/* field returns what stands behind "\r\nName: " up to the end of its last folded line. */
static struct str field(struct str mail, const char *name)
{
    char start[64];
    snprintf(start, sizeof(start), "\r\n%s: ", name);
    ptrdiff_t at = str_find(mail, str_from(start));
    assert_true(at >= 0);
    struct str s = str_skip(mail, (size_t)at + strlen(start));
    size_t n = 0;
    while (!(s.ptr[n] == '\r' && s.ptr[n + 2] != ' '))
        n++;
    return str_sub(s, 0, n);
}

static size_t count(struct str s, struct str part)
{
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(s, part)) >= 0; n++)
        s = str_skip(s, (size_t)at + part.len);
    return n;
}

/* check_form: what must hold for every mail, whatever its fields. */
static void check_form(struct str mail, size_t columns)
{
    size_t start = 0;
    for (size_t i = 0; i < mail.len; i++) {
        unsigned char c = (unsigned char)mail.ptr[i];
        if (c == '\r' && i + 1 < mail.len && mail.ptr[i + 1] == '\n') {
            if (i - start > columns)
                fail_msg("a line of %zu: %.*s", i - start, (int)(i - start),
                         mail.ptr + start);
            start = i + 2;
            i++;
            continue;
        }
        if (c < ' ' || c > '~')
            if (c != '\t')
                fail_msg("byte %02x at %zu", c, i);
    }
    assert_true(str_ends(mail, S("\r\n")));
}

/* === golden mails: test/mail/<case>/ with `input` and `output.eml` or `error` === */

struct golden {
    struct arena a;
    struct mail_message m;
    struct mail_attachment parts[4];
};

/* unescaped turns \n \r \0 \\ of an input line into bytes. */
static struct str unescaped(struct arena *a, struct str s)
{
    struct buf b = buf_new(a, SIZE_MAX);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\\' && i + 1 < s.len) {
            c = s.ptr[++i];
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
        }
        buf_byte(&b, c);
    }
    return buf_str(&b);
}

static void golden_line(struct golden *g, struct str key, struct str value)
{
    struct {
        const char *key;
        struct str *out;
    } texts[] = {
        {"from", &g->m.from.address},
        {"from-name", &g->m.from.name},
        {"to", &g->m.to.address},
        {"to-name", &g->m.to.name},
        {"reply-to", &g->m.reply_to.address},
        {"meant-for", &g->m.meant_for.address},
        {"meant-for-name", &g->m.meant_for.name},
        {"subject", &g->m.subject},
        {"message-id", &g->m.message_id},
        {"html", &g->m.html},
    };
    int64_t date = 0;
    struct error e = {0};
    for (size_t i = 0; i < COUNT(texts); i++)
        if (str_eq(key, str_from(texts[i].key))) {
            *texts[i].out = value;
            return;
        }
    if (str_eq(key, S("date"))) {
        assert_true(str_to_i64(value, &date));
        g->m.date = date;
        return;
    }
    if (str_eq(key, S("zone"))) {
        assert_ok(clock_zone(str_z(&g->a, value), &e), e);
        return;
    }
    assert_true(str_eq(key, S("attach")) && g->m.attachments_len < COUNT(g->parts));
    struct cut name = str_cut(value, '|'), type = str_cut(name.tail, '|');
    g->parts[g->m.attachments_len++] =
        (struct mail_attachment){name.head, type.head, type.tail};
}

static void golden_case(const char *name)
{
    struct golden g = {.a = arena_open(8 << 20)};
    struct error e = {0};
    struct str input, want, got;
    char *dir = str_z(&g.a, str_fmt(&g.a, "test/mail/%s", name));
    assert_ok(clock_zone("Europe/Paris", &e), e);
    assert_ok(
        file_read(path_join(&g.a, str_from(dir), S("input")), 1 << 20, &g.a, &input, &e),
        e);
    for (struct cut c = {.tail = input, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '\n');
        struct cut line = str_cut(c.head, '=');
        if (line.ok)
            golden_line(&g, line.head, unescaped(&g.a, line.tail));
    }
    g.m.attachments = g.parts;
    bool ok = mail_build(&g.m, &g.a, &got, &e);
    if (!ok)
        got = str_fmt(&g.a, "%s\n", e.text);
    char *path = path_join(&g.a, str_from(dir), ok ? S("output.eml") : S("error"));
    if (getenv("GOLDEN_WRITE")) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fwrite(got.ptr, 1, got.len, f);
        fclose(f);
    }
    err_clear(&e);
    assert_ok(file_read(path, 1 << 20, &g.a, &want, &e), e);
    if (!str_eq(got, want))
        fail_msg("%s differs; got:\n%.*s", dir, STR_ARG(got));
    arena_close(&g.a);
}

void test_golden_mails(void **state)
{
    (void)state;
    DIR *d = opendir("test/mail");
    assert_non_null(d);
    int cases = 0;
    for (struct dirent *f; (f = readdir(d));)
        if (f->d_name[0] != '.') {
            golden_case(f->d_name);
            cases++;
        }
    closedir(d);
    assert_true(cases >= 5);
}

/* === behaviours === */

void test_message_is_the_same_bytes_each_time(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    struct str one = built(&a, &m), two = built(&a, &m);
    assert_true(str_eq(one, two));
    check_form(one, 78);
    arena_close(&a);
}

void test_date_is_in_the_apps_zone(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct error e = {0};
    struct mail_message m = letter();
    struct {
        const char *zone, *want;
    } cases[] = {
        {"Europe/Paris", "Date: Wed, 25 Nov 2026 09:00:00 +0100\r\n"},
        {"UTC", "Date: Wed, 25 Nov 2026 08:00:00 +0000\r\n"},
        {"America/St_Johns", "Date: Wed, 25 Nov 2026 04:30:00 -0330\r\n"},
        {"Asia/Kathmandu", "Date: Wed, 25 Nov 2026 13:45:00 +0545\r\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(clock_zone(cases[i].zone, &e), e);
        struct str mail = built(&a, &m);
        assert_str(str_sub(mail, 0, strlen(cases[i].want)), cases[i].want);
    }
    assert_ok(clock_zone("UTC", &e), e);
    arena_close(&a);
}

void test_no_field_can_add_a_header(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    struct str evil = S("x\r\nBcc: all@example.be\n\n<b>\rX: y\0z");
    struct mail_attachment bad = pdf;
    bad.name = evil;
    m.subject = m.from.name = m.to.name = m.message_id = evil;
    m.attachments = &bad;
    struct str mail = built(&a, &m);
    check_form(mail, 78);
    assert_int_equal(count(mail, S("\r\nBcc:")), 0);
    assert_int_equal(count(mail, S("\r\nX:")), 0);
    assert_int_equal(count(mail, S("\r\nSubject: ")), 1);
    /* The head, the heads of two parts, and the blank line that ends the HTML. */
    assert_int_equal(count(mail, S("\r\n\r\n")), 4);
    arena_close(&a);
}

void test_addresses_are_checked_and_named(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct error e = {0};
    struct mail_message m = letter();
    struct str out;
    m.to.address = S("marie@example.be>\r\nBcc: x@y");
    assert_false(mail_build(&m, &a, &out, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_string_equal(e.text,
                        "recipient address \"marie@example.be>  Bcc: x@y\" cannot "
                        "be used: it holds a control character");
    arena_close(&a);
}

void test_subject_never_splits_a_character(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    const char *texts[] = {"é", "日本", "😀", "a é", "Ünïcödé 😀 "};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf b = buf_new(&a, 1 << 20);
        for (int n = 0; n < 60; n++) {
            buf_add(&b, str_from(texts[i]));
            m.subject = buf_str(&b);
            struct str mail = built(&a, &m);
            check_form(mail, 78);
            struct str s = field(mail, "Subject");
            /* Whole characters only: each Q word decodes to UTF-8 by itself. */
            for (struct cut c = {.tail = s, .ok = true}; c.ok;) {
                c = str_cut(c.tail, '\n');
                struct str word = str_trim(c.head);
                assert_true(word.len <= 75);
                if (!str_starts(word, S("=?utf-8?Q?")))
                    continue;
                word = str_sub(word, 10, word.len - 12);
                assert_false(str_ends(word, S("=C3")));
                assert_false(str_starts(word, S("=A9")));
                assert_false(str_starts(word, S("=9F")));
            }
        }
    }
    arena_close(&a);
}

void test_plain_subject_stays_readable_and_folds(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    m.subject = S("Note d'Information au Volontaire - Club");
    assert_str(field(built(&a, &m), "Subject"),
               "Note d'Information au Volontaire - Club");
    m.subject = S("one two three four five six seven eight nine ten eleven twelve "
                  "thirteen fourteen");
    assert_str(field(built(&a, &m), "Subject"),
               "one two three four five six seven eight nine ten eleven twelve\r\n "
               "thirteen fourteen");
    m.subject = S("=?utf-8?Q?sly?=");
    assert_str(field(built(&a, &m), "Subject"), "=?utf-8?B?PT91dGYtOD9RP3NseT89?=");
    arena_close(&a);
}

void test_quoted_printable_line_ends_and_blanks(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    m.attachments_len = 0;
    m.html = S("a plain line \n.dot\r\nFrom me\rtab\t\n=é\nanother plain line\n");
    struct str mail = built(&a, &m);
    ptrdiff_t at = str_find(mail, S("\r\n\r\n"));
    assert_str(str_skip(mail, (size_t)at + 4),
               "a plain line=20\r\n=2Edot\r\n=46rom me\r\ntab=09\r\n=3D=C3=A9\r\n"
               "another plain line\r\n\r\n");
    arena_close(&a);
}

void test_body_is_base64_where_that_is_shorter(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    m.attachments_len = 0;
    m.html = S("日本語日本語日本語日本語日本語日本語");
    struct str mail = built(&a, &m);
    assert_true(str_has(mail, S("Content-Transfer-Encoding: base64\r\n")));
    check_form(mail, 78);
    arena_close(&a);
}

void test_file_name_outside_ascii_has_both_forms(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    struct mail_message m = letter();
    struct mail_attachment x = pdf;
    x.name = S("Lettre été.pdf");
    m.attachments = &x;
    struct str mail = built(&a, &m);
    assert_true(str_has(mail, S(";\r\n name=\"Lettre _t_.pdf\"\r\n")));
    assert_true(
        str_has(mail, S(";\r\n filename*=utf-8''Lettre%20%C3%A9t%C3%A9.pdf\r\n")));
    arena_close(&a);
}

void test_media_type_is_checked(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    const char *bad[] = {"", "pdf", "a/", "/b", "a/b/c", "a/b; c=d", "a/b\r\nX: y"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error e = {0};
        struct mail_message m = letter();
        struct mail_attachment x = pdf;
        struct str out;
        x.type = str_from(bad[i]);
        m.attachments = &x;
        assert_false(mail_build(&m, &a, &out, &e));
    }
    arena_close(&a);
}
