/* Addresses: what mail can carry, and how; beside Symfony's. */
#include "oracle.h"
#include "test.h"

#include "facteur/mail.h"

struct address_case {
    const char *given, *encoded; /* NULL: it is refused */
};

#define D63 "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define L65 "lllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"

/* Symfony takes, writes and refuses these alike. */
static const struct address_case alike[] = {
    {"marie.dupont@example.be", "marie.dupont@example.be"},
    {"a@b", "a@b"},
    {"a+tag@localhost", "a+tag@localhost"},
    {"!#$%&'*+-/=?^_`{|}~@x.org", "!#$%&'*+-/=?^_`{|}~@x.org"},
    {"\"Marie Dupont\"@example.be", "\"Marie Dupont\"@example.be"},
    {"\"a@b\"@example.be", "\"a@b\"@example.be"},
    {"\"\"@example.be", "\"\"@example.be"},
    {"postmaster@[192.0.2.1]", "postmaster@[192.0.2.1]"},
    {"postmaster@[IPv6:2001:db8::1]", "postmaster@[IPv6:2001:db8::1]"},
    {"a@xn--caf-dma.example", "a@xn--caf-dma.example"},
    {"1@2.3", "1@2.3"},
    {" a@b.be", "a@b.be"},
    {"a@b.be \t", "a@b.be"},
    {"\ta@b.be\r\n", "a@b.be"},
    {"a@b_c.example", "a@b_c.example"},
    {L65 "@b.be", L65 "@b.be"},
    {L65 L65 L65 L65 "@b.be", L65 L65 L65 L65 "@b.be"},
    {"a@" D63 ".be", "a@" D63 ".be"},
    {"a@bücher.example", "a@xn--bcher-kva.example"},
    {"a@BÜCHER.example", "a@xn--bcher-kva.example"},
    {"a@faß.de", "a@xn--fa-hia.de"},
    {"a@日本.example", "a@xn--wgv71a.example"},
    {"a@аб.рф", "a@xn--80ac.xn--p1ai"},
    {"a@ﬁ.example", "a@fi.example"},
    {"a@a\xCC\x81.example", "a@xn--1ca.example"},
    {"hélène@example.be", "hélène@example.be"},
    {"日本@日本.example", "日本@xn--wgv71a.example"},
    {"\"é\"@b.be", "\"é\"@b.be"},
    {"", NULL},
    {"@", NULL},
    {"a", NULL},
    {"a@", NULL},
    {"@b", NULL},
    {"a@b@c", NULL},
    {".a@b", NULL},
    {"a.@b", NULL},
    {"a..b@c", NULL},
    {"a b@c", NULL},
    {"a@b c", NULL},
    {"a@b.", NULL},
    {"a@.b", NULL},
    {"a@b..c", NULL},
    {"a@-b", NULL},
    {"a@b-", NULL},
    {"a@-é.example", NULL},
    {"a@é..b", NULL},
    {"a@☃.example", NULL},
    {"a@" D63 "d.be", NULL},
    {"<a@b>", NULL},
    {"Marie <a@b>", NULL},
    {"a@b>c", NULL},
    {"a,b@c", NULL},
    {"a:b@c", NULL},
    {"a@b,c@d", NULL},
    {"\"a@b", NULL},
    {"\"a\"b@c", NULL},
    {"a@[192.0.2.1", NULL},
    {"a@b\r\nRCPT TO:<x@y>", NULL},
    {"a\n@b", NULL},
    {"\"a\r\"@b", NULL},
    {"a@b\x7F.be", NULL},
    {"a\x01@b.be", NULL},
    {"a\xFF@b.be", NULL},
    {"a@\xFF.be", NULL},
    {"a\xE2\x80\x8D@b.be", NULL}, /* U+200D */
    {"\xEF\xBB\xBF"
     "a@b.be",
     NULL}, /* a byte order mark */
};

/* What Symfony hands to a server that can only refuse it, or writes as another address;
 * and a backslash, which it does not know. */
static const struct address_case ours[] = {
    {"\"quote \\\" and \\\\\"@example.be", "\"quote \\\" and \\\\\"@example.be"},
    {"a @b.be", NULL},
    {"a@ b.be", NULL},
    {"a@b,c", NULL},
    {"a@b!c", NULL},
    {"a@[bad]", NULL},
    {"a@[]", NULL},
    {"a@[192.0.2]", NULL},
    {"a@[IPv6:]", NULL},
    {"a@[IPv6:::g]", NULL},
    {"a@[tag:]", NULL},
    {"a@[tag:a]b]", NULL},
    {"x@[tag:anything]", "x@[tag:anything]"},
    {"a@1.2.3.4]", NULL},
    {"a.\"b\"@c.be", NULL},
    {"a@é_b.example", NULL},
    {"a@\xE3\x80\x82é", NULL},
    {"a@℀.example", NULL},
    {"a@אb.example", NULL},
};

static void expect(const struct address_case *cases, size_t len)
{
    struct arena a = arena_open(1 << 20);
    for (size_t i = 0; i < len; i++) {
        const char *why = "", *want = cases[i].encoded;
        struct str out = S("");
        bool ok = mail_address_encode(str_from(cases[i].given), &a, &out, &why);
        if (ok != (want != NULL))
            fail_msg("%s was %s (%s)", cases[i].given, ok ? "taken" : "refused",
                     why ? why : "");
        if (ok ? why != NULL : why == NULL)
            fail_msg("%s: a reason goes with a refusal alone", cases[i].given);
        if (ok)
            assert_str(out, want);
    }
    arena_close(&a);
}

void test_address_is_written_as_mail_carries_it(void **state)
{
    (void)state;
    expect(alike, COUNT(alike));
    expect(ours, COUNT(ours));
}

void test_address_has_an_end(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct buf b = buf_new(&a, 2000);
    struct str out;
    const char *why;
    for (int i = 0; i < 896; i++)
        buf_byte(&b, 'l');
    buf_add(&b, S("@b.c"));
    assert_true(mail_address_encode(buf_str(&b), &a, &out, &why));
    buf_byte(&b, 'd');
    assert_false(mail_address_encode(buf_str(&b), &a, &out, &why));
    assert_non_null(strstr(why, "900"));
    struct str domain = str_fmt(&a, "a@%s.%s.%s.%s", D63, D63, D63, D63);
    assert_true(mail_address_encode(domain, &a, &out, &why));
    domain = str_fmt(&a, "%.*s.be", STR_ARG(domain));
    assert_false(mail_address_encode(domain, &a, &out, &why));
    arena_close(&a);
}

void test_address_with_nul_inside_is_refused(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct str out;
    const char *why;
    assert_false(mail_address_encode((struct str){"a\0@b", 4}, &a, &out, &why));
    assert_false(mail_address_encode((struct str){"a@[\0]", 5}, &a, &out, &why));
    assert_false(mail_address_encode((struct str){"a@b\0c", 5}, &a, &out, &why));
    assert_true(mail_address_encode((struct str){"a@b\0", 4}, &a, &out, &why));
    assert_str(out, "a@b"); /* as PHP's trim */
    arena_close(&a);
}

void test_address_says_whether_it_wants_smtputf8(void **state)
{
    (void)state;
    assert_true(mail_address_utf8(S("hélène@example.be")));
    assert_false(mail_address_utf8(S("a@xn--bcher-kva.example")));
}

void test_symfony_takes_and_writes_the_same(void **state)
{
    (void)state;
    struct arena a = arena_open(8 << 20);
    const char *vendor = oracle_vendor("test_symfony_takes_and_writes_the_same");
    if (!vendor)
        return;
    struct buf b = buf_new(&a, 1 << 20);
    buf_byte(&b, '[');
    for (size_t i = 0; i < COUNT(alike); i++) {
        /* Some are no text: they travel in hex. */
        buf_fmt(&b, "%s\"", i ? "," : "");
        for (const char *c = alike[i].given; *c; c++)
            buf_fmt(&b, "%02x", (unsigned char)*c);
        buf_byte(&b, '"');
    }
    buf_byte(&b, ']');
    struct str said = oracle_run(&a, "addresses", vendor, str_z(&a, buf_str(&b)), "");
    for (size_t i = 0; i < COUNT(alike); i++) {
        struct cut c = str_cut(said, '\n');
        said = c.tail;
        const char *want = alike[i].encoded ? alike[i].encoded : "refused";
        if (!str_eq(c.head, str_from(want)))
            fail_msg("%s: Symfony says %.*s", alike[i].given, STR_ARG(c.head));
    }
    arena_close(&a);
}
