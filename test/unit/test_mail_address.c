#include "test.h"

#include "facteur/mail.h"

static void expect(bool ok, const char *const *list, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *why = "";
        if (mail_address_ok(str_from(list[i]), &why) != ok)
            fail_msg("%s was %s (%s)", list[i], ok ? "refused" : "taken", why ? why : "");
        if (ok ? why != NULL : why == NULL)
            fail_msg("%s: a reason goes with a refusal, and only with one", list[i]);
    }
}

void test_address_takes_every_form_of_mailbox(void **state)
{
    (void)state;
    const char *good[] = {
        "marie.dupont@example.be",
        "a@b",
        "a+tag@localhost",
        "!#$%&'*+-/=?^_`{|}~@x.org",
        "\"Marie Dupont\"@example.be",
        "\"a@b\"@example.be",
        "\"quote \\\" and \\\\\"@example.be",
        "\"\"@example.be",
        "postmaster@[192.0.2.1]",
        "postmaster@[IPv6:2001:db8::1]",
        "x@[tag:anything]",
        "a@xn--caf-dma.example",
        "1@2.3",
    };
    expect(true, good, COUNT(good));
}

void test_address_refuses_what_is_no_mailbox(void **state)
{
    (void)state;
    const char *bad[] = {
        "",
        "@",
        "a",
        "a@",
        "@b",
        "a@b@c",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a b@c",
        "a@b c",
        "a@b.",
        "a@.b",
        "a@b..c",
        "a@-b",
        "a@b-",
        "a@b_c",
        "<a@b>",
        "Marie <a@b>",
        "a@b,c@d",
        "\"a@b",
        "\"a\"b@c",
        "\"a\\\"@c",
        "a@[192.0.2]",
        "a@[192.0.2.1",
        "a@[]",
        "a@[",
        "a@[IPv6:]",
        "a@[IPv6:::g]",
        "a@[tag:]",
        "a@[tag:a]b]",
        "a@b\r\nRCPT TO:<x@y>",
        "a\n@b",
        "\"a\r\"@b",
        "a@b\x7F",
        "\xC3\xA9@b",
        "a@\xC3\xA9.be",
    };
    expect(false, bad, COUNT(bad));
}

void test_address_lengths_are_rfc_5321s(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    const char *why;
    char local[66], label[65];
    memset(local, 'l', sizeof(local));
    memset(label, 'd', sizeof(label));
    assert_true(mail_address_ok(str_fmt(&a, "%.64s@b", local), &why));
    assert_false(mail_address_ok(str_fmt(&a, "%.65s@b", local), &why));
    assert_non_null(strstr(why, "64"));
    assert_true(mail_address_ok(str_fmt(&a, "a@%.63s", label), &why));
    assert_false(mail_address_ok(str_fmt(&a, "a@%.64s", label), &why));
    /* 3 × 63 + dots + 61 bytes of local part and @: 254. */
    struct str tail = str_fmt(&a, "%.63s.%.63s.%.63s", label, label, label);
    assert_true(mail_address_ok(str_fmt(&a, "%.62s@%.*s", local, STR_ARG(tail)), &why));
    assert_false(mail_address_ok(str_fmt(&a, "%.63s@%.*s", local, STR_ARG(tail)), &why));
    assert_non_null(strstr(why, "254"));
    arena_close(&a);
}

void test_address_with_nul_is_refused(void **state)
{
    (void)state;
    const char *why;
    assert_false(mail_address_ok((struct str){"a\0@b", 4}, &why));
    assert_false(mail_address_ok((struct str){"a@b\0", 4}, &why));
    assert_false(mail_address_ok((struct str){"a@[\0]", 5}, &why));
}

void test_address_says_that_utf8_is_the_reason(void **state)
{
    (void)state;
    const char *why;
    assert_false(mail_address_ok(S("hélène@example.be"), &why));
    assert_non_null(strstr(why, "SMTPUTF8"));
}
