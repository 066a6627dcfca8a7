/* test_db_binlog.c: a server that logs statements refuses our writes, and is told apart
 * before the first of them. */
#include "server.h"

void test_a_binlog_of_statements_is_fatal_at_once(void **state)
{
    (void)state;
    struct error e = {0};
    struct db_settings s = settings_of_server();
    struct db *db = db_new(&s);
    assert_str(sql_text("select @@log_bin"), "1");
    sql("set global binlog_format='STATEMENT'");
    assert_false(db_connect(db, &e));
    assert_int_equal(e.kind, ERR_FATAL);
    assert_non_null(strstr(e.text, "binlog_format is STATEMENT"));
    const char *const good[] = {"MIXED", "ROW"};
    sql("drop table if exists texts; create table texts (id int primary key) "
        "engine=innodb");
    for (size_t i = 0; i < COUNT(good); i++) {
        struct str insert = str_fmt(&memory, "insert into texts values (%zu)", i);
        sql("set global binlog_format='%s'", good[i]);
        err_clear(&e);
        assert_ok(db_connect(db, &e), e);
        assert_ok(db_run(db, insert, NULL, 0, &memory, NULL, &e), e);
        db_disconnect(db);
    }
    db_drop(db);
}

/* A binlog_format without a binlog means nothing. */
void test_statements_that_are_not_logged_are_no_matter(void **state)
{
    (void)state;
    struct error e = {0};
    struct db_settings s = settings_of_server();
    s.socket = str_from(server_env("PLAIN_SOCKET"));
    struct db *db = db_new(&s);
    assert_ok(db_connect(db, &e), e);
    struct db_result r;
    assert_ok(
        db_run(db, S("select @@log_bin, @@binlog_format"), NULL, 0, &memory, &r, &e), e);
    assert_int_equal(php_to_int(r.cells[0]), 0);
    assert_str(r.cells[1].s, "STATEMENT");
    db_drop(db);
}
