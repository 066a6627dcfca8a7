/* Which refusals are the mail's, and which ask for less of them. */
#include "test.h"

#include "mail/mail_imp.h"

static bool judged(struct limits *l, const char *to, enum smtp_step at, const char *said)
{
    struct envelope v = {.to = str_from(to), .limits = l};
    int64_t code = 0;
    l->pace = (struct mail_pace){0};
    assert_true(str_to_i64(str_sub(str_from(said), 0, 3), &code));
    limit_reply(&v, at, (int)code, str_from(said));
    return l->pace.met == MAIL_MET_LIMIT;
}

struct reply_case {
    enum smtp_step at;
    const char *said;
};

static void expect(bool limit, const struct reply_case *cases, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct limits l = {0};
        if (judged(&l, "a@b", cases[i].at, cases[i].said) != limit)
            fail_msg("at step %d \"%s\" was %s limit", (int)cases[i].at, cases[i].said,
                     limit ? "no" : "taken for a");
    }
}

void test_temporary_refusals_away_from_the_recipient_are_limits(void **state)
{
    (void)state;
    static const struct reply_case limits[] = {
        {AT_CONNECT, "421 4.7.0 Too many concurrent SMTP connections"},
        {AT_CONNECT, "450 no"},
        {AT_CONNECT, "450 rate limit of 5 connections per minute"},
        {AT_HELLO, "421 come back later"},
        {AT_HELLO, "452 too busy"},
        {AT_AUTH, "421 4.7.0 Too many login attempts"},
        {AT_AUTH, "454 4.7.0 Too many login attempts, please try again later."},
        {AT_MAIL, "451 4.3.0 later"},
        {AT_MAIL, "450 4.7.1 Error: too much mail from 192.0.2.1"},
        {AT_MAIL, "454 4.7.1 slow down"},
        {AT_MAIL, "455 4.7.25 not now"},
        {AT_DATA, "421 4.4.5 Server busy"},
        {AT_BODY, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"},
        {AT_BODY, "452 4.3.1 Insufficient system storage"},
        {AT_BODY, "550 5.7.1 too many mails per second"},
        {AT_BODY, "550 5.4.5 Daily sending quota exceeded"},
    };
    expect(true, limits, COUNT(limits));
}

void test_refusals_of_one_mail_are_no_limits(void **state)
{
    (void)state;
    static const struct reply_case others[] = {
        {AT_CONNECT, "554 5.7.1 no service: rate limit"},
        {AT_STARTTLS, "454 4.7.0 TLS not available"},
        {AT_AUTH, "535 5.7.8 too many wrong letters"},
        {AT_AUTH, "454 4.7.0 Temporary authentication failure"},
        {AT_MAIL, "530 5.7.0 Authentication required"},
        {AT_MAIL, "552 5.3.4 message size exceeds limit"},
        {AT_MAIL, "550 5.1.8 sender unknown"},
        {AT_BODY, "554 5.7.1 spam"},
        {AT_BODY, "550 5.7.1 corporate policy: moderated"},
        {AT_BODY, "451 4.7.1 Greylisting in action, please come back later"},
        {AT_RCPT, "450 4.2.0 <a@b>: Recipient address rejected: Greylisted"},
        {AT_RCPT, "451 4.7.1 come back later"},
        {AT_RCPT, "452 4.2.2 mailbox over quota limit exceeded"},
        {AT_RCPT, "550 5.1.1 User unknown"},
    };
    expect(false, others, COUNT(others));
}

void test_recipients_are_limited_by_words_or_two_in_a_row(void **state)
{
    (void)state;
    struct limits l = {0};
    assert_true(judged(&l, "a@b", AT_RCPT, "450 4.7.1 Too many messages per minute"));
    l = (struct limits){0};
    assert_false(judged(&l, "a@b", AT_RCPT, "451 later"));
    assert_false(judged(&l, "a@b", AT_RCPT, "451 later")); /* the same letter again */
    assert_true(judged(&l, "c@d", AT_RCPT, "451 later"));
    assert_true(judged(&l, "e@f", AT_RCPT, "450 later"));
    assert_false(judged(&l, "g@h", AT_RCPT, "550 5.1.1 unknown"));
    assert_false(judged(&l, "i@j", AT_RCPT, "451 later")); /* the row was broken */
    limit_passed(&l);
    assert_int_equal(l.pace.met, MAIL_MET_PASSED);
    assert_false(judged(&l, "k@l", AT_RCPT, "451 later"));
    l = (struct limits){0};
    assert_false(judged(&l, "a@b", AT_RCPT, "450 Greylisted, see http://postgrey/"));
    assert_false(judged(&l, "c@d", AT_RCPT, "450 Greylisted, see http://postgrey/"));
    assert_false(judged(&l, "e@f", AT_RCPT, "450 graylisting"));
}

void test_limit_keeps_the_words_for_a_warning(void **state)
{
    (void)state;
    struct limits l = {0};
    struct arena a = arena_open(1 << 20);
    struct buf many = buf_new(&a, 600);
    assert_true(judged(&l, "a@b", AT_MAIL, "421-too\r\n421 many\r\n"));
    assert_string_equal(l.pace.said, "421-too 421 many");
    assert_false(l.pace.connecting);
    buf_add(&many, S("421 "));
    for (size_t i = 0; i < 200; i++)
        buf_add(&many, S("é"));
    assert_true(judged(&l, "a@b", AT_CONNECT, str_z(&a, buf_str(&many))));
    assert_true(l.pace.connecting);
    assert_true(str_utf8_ok(str_from(l.pace.said)));
    arena_close(&a);
}
