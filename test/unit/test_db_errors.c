/* What an error's number, or its SQLSTATE, means. */
#include "test.h"

#include "db/db_imp.h"

static void each_is(const unsigned *numbers, size_t len, const char *state,
                    enum db_fault fault, enum err_kind kind)
{
    for (size_t i = 0; i < len; i++) {
        enum db_fault got = db_fault_of(numbers[i], state);
        if (got != fault || db_fault_kind(got) != kind)
            fail_msg("%u is %d", numbers[i], got);
    }
}

void test_what_passes_is_tried_again(void **state)
{
    (void)state;
    static const unsigned passing[] = {1213, 1205, 1206, 1020, 1317, 1021, 1114, 1969,
                                       3024, 1030, 1180, 3100, 3101, 1037, 1038, 1041,
                                       1015, 1026, 1135, 1297, 1412, 1615};
    each_is(passing, COUNT(passing), "HY000", DB_PASSING, ERR_AGAIN);
}

void test_a_server_to_be_looked_for_anew_is_lost(void **state)
{
    (void)state;
    static const unsigned lost[] = {2002, 2003, 2006, 2013, 2014, 2055, 1053, 1040,
                                    1203, 1047, 1290, 1792, 1836, 1927, 4031, 3032,
                                    1158, 1161, 1243, 1461, 9001, 9006, 3168, 3169};
    each_is(lost, COUNT(lost), "HY000", DB_LOST, ERR_LOST);
}

void test_what_will_be_refused_again_is_the_jobs_error(void **state)
{
    (void)state;
    static const unsigned lasting[] = {1048, 1062, 1264, 1292, 1364, 1366, 1406,
                                       1452, 1644, 3819, 4025, 1153, 2020};
    static const unsigned schema[] = {1054, 1146, 1176, 1049, 1193, 1231, 1298, 1115};
    static const unsigned privilege[] = {1142, 1143, 1044, 1045, 1227, 1370, 5010, 2026};
    each_is(lasting, COUNT(lasting), "HY000", DB_LASTING, ERR_JOB);
    each_is(schema, COUNT(schema), "42000", DB_SCHEMA, ERR_JOB);
    each_is(privilege, COUNT(privilege), "42000", DB_PRIVILEGE, ERR_JOB);
}

/* Numbers that nobody listed: newer servers, proxies, what an app's triggers signal. */
void test_an_unlisted_number_is_judged_by_its_state(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        enum db_fault fault;
    } states[] = {
        {"08S01", DB_LOST},    {"40001", DB_PASSING},   {"70100", DB_PASSING},
        {"22003", DB_LASTING}, {"23000", DB_LASTING},   {"45000", DB_LASTING},
        {"42S22", DB_SCHEMA},  {"28000", DB_PRIVILEGE}, {"HY000", DB_UNKNOWN},
        {"", DB_UNKNOWN},      {"0", DB_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT(states); i++)
        assert_int_equal(db_fault_of(31999, states[i].state), states[i].fault);
    assert_int_equal(db_fault_of(1105, "HY000"), DB_UNKNOWN);
    assert_int_equal(db_fault_kind(DB_UNKNOWN), ERR_JOB);
}
