/* Texts of statements, quoted names, and what a server's version means. */
#include "test.h"

#include "facteur/db.h"

static struct arena arena;

static struct arena *memory(void)
{
    if (!arena.pool)
        arena = arena_open(1 << 20);
    return &arena;
}

void test_placeholders_and_variables_are_filled_in(void **state)
{
    (void)state;
    struct db_var vars[] = {
        {"jobs", S("`x_jobs`")}, {"lock", S("for update")}, {"max", S("9")}};
    assert_str(db_sql(memory(), "peek", vars, COUNT(vars)),
               "select id, reserved_at, available_at, if(octet_length(payload)<=9, null, "
               "crc32(payload)) as too_long from `x_jobs` where id in (?,?,?,?,?,?,?,?) "
               "and queue=?");
    assert_str(db_sql(memory(), "claim", vars, COUNT(vars)),
               "select * from `x_jobs` force index (primary) where id in "
               "(?,?,?,?,?,?,?,?) and queue=? and ((reserved_at is null and "
               "available_at<=?) or reserved_at<=?) and octet_length(payload)<=9 order "
               "by id limit 1 for update");
}

void test_names_are_quoted(void **state)
{
    (void)state;
    struct db_settings s = {.prefix = S("club_")};
    assert_str(db_name(memory(), S("a`b")), "`a``b`");
    assert_str(db_table(memory(), &s, S("jobs")), "`club_jobs`");
    assert_str(db_table(memory(), &s, S("other.jobs")), "`other`.`club_jobs`");
}

void test_which_servers_skip_locked_rows(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        bool skips;
    } cases[] = {
        {"10.11.6-MariaDB-0+deb12u1", true},
        {"5.5.5-10.11.6-MariaDB-1:10.11.6+maria~ubu2204", true},
        {"10.6.0-MariaDB", true},
        {"10.5.27-MariaDB-log", false},
        {"5.5.5-10.5.9-MariaDB", false},
        {"11.4.2-MariaDB", true},
        {"8.0.36-0ubuntu0.22.04.1", true},
        {"8.0.1", true},
        {"8.0.0-dmr", false},
        {"5.7.44-log", false},
        {"9.7.0", true},
        {"8", false},
        {"10", true},
        {"", false},
        {"8.0.30-vitess-19.0.1", false}, /* as Laravel reads it */
        {"19.0.1-vitess", true},
        {"8.0.21-PlanetScale", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (db_version_skips_locked(str_from(cases[i].version)) != cases[i].skips)
            fail_msg("%s: not %d", cases[i].version, cases[i].skips);
}
