/* test_pace.c: how fast letters are begun while a mail server asks for less. */
#include "test.h"

#include "worker/worker_imp.h"

enum { MOST = 30000 };

void test_first_limit_waits_a_quarter_of_a_second(void **state)
{
    (void)state;
    struct pace p = {0};
    assert_true(pace_slower(&p, 1000, 900, MOST));
    assert_int_equal(p.wait_ms, 250);
}

void test_limits_that_go_on_double_the_wait_up_to_the_ceiling(void **state)
{
    (void)state;
    struct pace p = {0};
    int64_t now = 1000, wants[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (size_t i = 0; i < COUNT(wants); i++) {
        assert_int_equal(pace_slower(&p, now, now, MOST), i == 0);
        assert_int_equal(p.wait_ms, wants[i]);
        now += p.wait_ms;
    }
    assert_false(pace_slower(&p, now, now, 100));
    assert_int_equal(p.wait_ms, 100);
}

void test_letters_under_way_do_not_double_it_again(void **state)
{
    (void)state;
    struct pace p = {0};
    (void)pace_slower(&p, 1000, 990, MOST);
    assert_false(pace_slower(&p, 1005, 991, MOST)); /* of another slot */
    assert_false(pace_slower(&p, 1010, 1000, MOST));
    assert_int_equal(p.wait_ms, 250);
    (void)pace_slower(&p, 1300, 1250, MOST);
    assert_int_equal(p.wait_ms, 500);
}

void test_letters_that_pass_halve_it_until_there_is_none(void **state)
{
    (void)state;
    struct pace p = {0};
    (void)pace_slower(&p, 1000, 1000, MOST);
    int64_t wants[] = {125, 62, 31, 0, 0};
    for (size_t i = 0; i < COUNT(wants); i++) {
        pace_faster(&p, 2000);
        assert_int_equal(p.wait_ms, wants[i]);
    }
}

void test_limit_that_comes_back_soon_leaves_a_floor(void **state)
{
    (void)state;
    struct pace p = {0};
    (void)pace_slower(&p, 1000, 1000, MOST);
    for (int i = 0; i < 5; i++)
        pace_faster(&p, 2000);
    assert_false(pace_slower(&p, 3000, 2900, MOST)); /* the same spell: not said again */
    assert_int_equal(p.wait_ms, 250);
    for (int i = 0; i < 5; i++)
        pace_faster(&p, 4000);
    assert_int_equal(p.wait_ms, 125);
    (void)pace_slower(&p, 5000, 4900, MOST); /* met at the floor: it doubles */
    for (int i = 0; i < 5; i++)
        pace_faster(&p, 6000);
    assert_int_equal(p.wait_ms, 250);
    /* A minute without one lowers it. */
    for (int i = 0; i < 2; i++)
        pace_faster(&p, 65000);
    assert_int_equal(p.wait_ms, 125);
    pace_faster(&p, 126000);
    assert_int_equal(p.wait_ms, 62);
    pace_faster(&p, 187000);
    assert_int_equal(p.wait_ms, 31);
    pace_faster(&p, 187000);
    assert_int_equal(p.wait_ms, 0);
    assert_true(pace_slower(&p, 300000, 299000, MOST)); /* a spell of its own */
}
