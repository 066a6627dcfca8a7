/* The parts of the transport smtp that need no server. */
#include "test.h"

#include "mail/smtp_imp.h"

static struct offer offered(const char *const lines[], size_t len)
{
    struct offer o = {0};
    for (size_t i = 0; i < len; i++)
        offer_line(&o, str_from(lines[i]));
    return o;
}

void test_capability_is_known_in_any_letters(void **state)
{
    (void)state;
    static const char *const odd[] = {"250-starttls\r\n", "250-StartTLS\r\n",
                                      "250 startTLS \r\n", "250-STARTTLs\n"};
    for (size_t i = 0; i < COUNT(odd); i++) {
        struct offer o = offered(&odd[i], 1);
        assert_true(o.starttls);
        assert_false(o.starttls_read);
    }
    static const char *const auth[] = {"250-auth LOGIN\r\n", "250-AUTH=LOGIN\r\n",
                                       "250 Auth PLAIN\r\n", "250-AUTH plain\r\n"};
    for (size_t i = 0; i < COUNT(auth); i++) {
        struct offer o = offered(&auth[i], 1);
        assert_true(o.auth && o.ways);
        assert_int_equal(o.ways_read, 0);
    }
}

void test_capability_in_capitals_is_read(void **state)
{
    (void)state;
    static const char *const lines[] = {"250-SIZE 1000\r\n", "250-STARTTLS\r\n",
                                        "250-AUTH=LOGIN\r\n", "250 AUTH LOGIN PLAIN\r\n"};
    struct offer o = offered(lines, COUNT(lines));
    assert_true(o.starttls && o.starttls_read && o.auth);
    assert_int_equal(o.ways_read, 1 << LOGIN_LOGIN | 1 << LOGIN_PLAIN);
    assert_string_equal(o.words, "LOGIN LOGIN PLAIN");
    static const char *const others[] = {
        "250-STARTTLSX\r\n", "250-XAUTH LOGIN\r\n", "250\r\n", "250-\r\n", "2", ""};
    o = offered(others, COUNT(others));
    assert_false(o.starttls || o.auth);
}

void test_ways_to_log_in_come_in_symfonys_order(void **state)
{
    (void)state;
    struct login l = {.way = -1};
    struct reply no = {.code = 535};
    unsigned offered = 1 << LOGIN_PLAIN | 1 << LOGIN_LOGIN | 1 << LOGIN_XOAUTH2;
    static const char *const order[] = {"LOGIN", "PLAIN", "XOAUTH2"};
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_true(login_next(&l, offered));
        assert_string_equal(login_name((enum login_way)l.way), order[i]);
        login_refused(&l, &no, 0);
    }
    assert_false(login_next(&l, offered));
    assert_int_equal(l.way, -1);
    assert_int_equal(l.answers_len, 3);
    assert_int_equal(l.answers[0].expected, 334); /* LOGIN's user name is asked for */
    assert_int_equal(l.answers[1].expected, 235);
}
