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
                                       "250 Auth PLAIN\r\n"};
    for (size_t i = 0; i < COUNT(auth); i++) {
        struct offer o = offered(&auth[i], 1);
        assert_true(o.auth);
        assert_false(o.auth_read);
    }
}

void test_capability_in_capitals_is_read(void **state)
{
    (void)state;
    static const char *const lines[] = {"250-SIZE 1000\r\n", "250-STARTTLS\r\n",
                                        "250-AUTH=LOGIN\r\n", "250 AUTH LOGIN PLAIN\r\n"};
    struct offer o = offered(lines, COUNT(lines));
    assert_true(o.starttls && o.starttls_read && o.auth && o.auth_read);
    static const char *const others[] = {
        "250-STARTTLSX\r\n", "250-XAUTH LOGIN\r\n", "250\r\n", "250-\r\n", "2", ""};
    o = offered(others, COUNT(others));
    assert_false(o.starttls || o.auth);
}
