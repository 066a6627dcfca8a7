/* test_db.c: one session on a real MariaDB. */
#include "server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct db *open_db(const struct db_settings *s)
{
    struct error e = {0};
    struct db *db = db_new(s);
    assert_non_null(db);
    assert_ok(db_connect(db, &e), e);
    return db;
}

/* our_db is a session with the usual settings. */
static struct db *our_db(void)
{
    static struct db_settings s;
    s = settings_of_server();
    return open_db(&s);
}

static struct db_result run(struct db *db, const char *text)
{
    struct error e = {0};
    struct db_result r;
    assert_ok(db_run(db, str_from(text), NULL, 0, &memory, &r, &e), e);
    return r;
}

static struct str cell_text(struct db *db, const char *text)
{
    struct error e = {0};
    struct str out;
    struct db_result r = run(db, text);
    assert_true(r.rows == 1);
    assert_ok(php_to_string(r.cells[0], &memory, &out, &e), e);
    return out;
}

static void refused(const struct db_settings *s, enum err_kind kind, const char *part)
{
    struct error e = {0};
    struct db *db = db_new(s);
    assert_false(db_connect(db, &e));
    if (e.kind != kind || !strstr(e.text, part))
        fail_msg("%s: %s", err_kind_name(e.kind), e.text);
    if (strstr(e.text, "s3cret") || strstr(e.text, "wr0ng"))
        fail_msg("the password is in the error: %s", e.text);
    db_drop(db);
}

/* === connecting === */

void test_connects_by_socket_and_by_tcp(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    struct db *db = open_db(&s);
    assert_str(cell_text(db, "select substring_index(host, ':', 1) from "
                             "information_schema.processlist where id=connection_id()"),
               "localhost");
    db_drop(db);
    s.socket = S("");
    db = open_db(&s);
    assert_str(cell_text(db, "select substring_index(host, ':', 1) from "
                             "information_schema.processlist where id=connection_id()"),
               "127.0.0.1");
    db_drop(db);
}

void test_a_wrong_password_is_fatal_and_not_in_the_text(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    s.password = S("wr0ng");
    refused(&s, ERR_FATAL, "SQLSTATE[HY000] [1045] Access denied for user 'app'@");
    s = settings_of_server();
    s.database = S("nowhere");
    refused(&s, ERR_FATAL, "(Connection: mysql)");
}

void test_a_server_that_is_away_can_be_tried_again(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    s.socket = S("/nonexistent/sock");
    refused(&s, ERR_LOST, "[2002]");
    s.socket = S("");
    s.port = 1;
    refused(&s, ERR_LOST, "Connection: mysql");
}

void test_hosts_are_tried_until_one_answers(void **state)
{
    (void)state;
    /* Nobody listens at the others; a new order each time. */
    static const struct str hosts[] = {
        {"127.0.0.2", 9}, {"127.0.0.1", 9}, {"127.0.0.3", 9}};
    for (int i = 0; i < 12; i++) {
        struct db_settings s = settings_of_server();
        struct error e = {0};
        s.socket = S("");
        s.hosts = hosts;
        s.hosts_len = COUNT(hosts);
        struct db *db = db_new(&s);
        assert_ok(db_connect(db, &e), e);
        db_drop(db);
        s.hosts_len = 1;
        s.host = hosts[0];
        db = db_new(&s);
        assert_false(db_connect(db, &e));
        assert_int_equal(e.kind, ERR_LOST);
        db_drop(db);
    }
}

void test_settings_that_a_server_cannot_have_are_fatal(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    s.charset = S("latin1");
    refused(&s, ERR_FATAL, "charset");
    s = settings_of_server();
    s.collation = S("utf8mb4_klingon_ci");
    refused(&s, ERR_FATAL, "1273");
    s = settings_of_server();
    s.time_zone = S("Middle/Earth");
    refused(&s, ERR_FATAL, "1298");
    s = settings_of_server();
    s.collation = S("utf8mb4_bin' /*");
    refused(&s, ERR_FATAL, "a character that no such name has");
}

void test_the_environment_gives_no_password(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    setenv("MYSQL_PWD", "s3cret;\"word", 1);
    s.password = S("");
    refused(&s, ERR_FATAL, "using password: NO");
    unsetenv("MYSQL_PWD");
}

void test_option_files_are_not_read(void **state)
{
    (void)state;
    char home[] = "build/tmp/home.XXXXXX";
    assert_non_null(mkdtemp(home));
    struct str path = str_fmt(&memory, "%s/.my.cnf", home);
    FILE *f = fopen(str_z(&memory, path), "w");
    assert_non_null(f);
    fputs("[client]\nuser=nobody\npassword=wr0ng\nhost=192.0.2.1\nport=9\n"
          "init-command=set @mine=1\n",
          f);
    fclose(f);
    struct str old = str_copy(&memory, str_from(getenv("HOME")));
    setenv("HOME", home, 1);
    struct db *db = our_db();
    assert_str(cell_text(db, "select current_user()"), "app@localhost");
    assert_str(cell_text(db, "select coalesce(@mine, 'unset')"), "unset");
    db_drop(db);
    setenv("HOME", str_z(&memory, old), 1);
    unlink(str_z(&memory, path));
    rmdir(home);
}

void test_the_session_is_ours_whatever_the_server_says(void **state)
{
    (void)state;
    /* MariaDB 10 and MySQL 8 know it by one name each. */
    const char *isolation = sql_int("select version() like '%%MariaDB%%'")
                                ? "tx_isolation"
                                : "transaction_isolation";
    sql("set global sql_mode='', global %s='SERIALIZABLE', global autocommit=0",
        isolation);
    struct db_settings s = settings_of_server();
    s.time_zone = S("+05:30");
    struct db *db = open_db(&s);
    assert_str(cell_text(db, "select @@session.sql_mode"),
               "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
               "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION");
    struct str level = str_fmt(&memory, "select @@session.%s", isolation);
    assert_str(cell_text(db, str_z(&memory, level)), "READ-COMMITTED");
    assert_str(cell_text(db, "select @@session.time_zone"), "+05:30");
    assert_str(cell_text(db, "select @@session.autocommit"), "1");
    assert_str(cell_text(db, "select @@session.character_set_client"), "utf8mb4");
    assert_str(cell_text(db, "select @@session.collation_connection"),
               "utf8mb4_unicode_ci");
    db_drop(db);
    sql("set global sql_mode=default, global %s=default, global autocommit=1", isolation);
}

/* A server that asks for a file must not get it. */
void test_local_infile_is_off(void **state)
{
    (void)state;
    sql("drop table if exists rows_of_file; create table rows_of_file (line text)");
    sql("set global local_infile=1");
    struct error e = {0};
    struct db *db = our_db();
    assert_false(
        db_run(db, S("load data local infile '/etc/hostname' into table rows_of_file"),
               NULL, 0, &memory, NULL, &e));
    assert_int_equal(sql_int("select count(*) from rows_of_file"), 0);
    db_drop(db);
}

/* === values === */

void test_values_have_the_types_that_pdo_gives(void **state)
{
    (void)state;
    sql("drop table if exists kinds; create table kinds (t tinyint(1), b bigint, u "
        "bigint unsigned, "
        "d decimal(10,2), f double, g float, y year, day date, at datetime(3), "
        "c char(3), e enum('a','b'), j json, x varbinary(4), n int, "
        "z int(5) zerofill, bits bit(10), fat float, huge double, span time(3))");
    sql("insert into kinds values (1, -9223372036854775808, 18446744073709551615, 42.30, "
        "0.1, 0.1, 2025, '2025-11-25', '2025-11-25 14:05:09.120', 'é', 'b', '[1]', "
        "x'00ff', null, 42, 517, 1234567.5, 1e100, '-838:59:59')");
    struct db *db = our_db();
    struct db_result r = run(db, "select * from kinds");
    assert_int_equal(r.rows, 1);
    assert_int_equal(r.cols, 19);
    struct php_value v = db_cell(&r, 0, "t");
    assert_true(v.type == PHP_INT && v.i == 1);
    v = db_cell(&r, 0, "b");
    assert_true(v.type == PHP_INT && v.i == INT64_MIN);
    v = db_cell(&r, 0, "u");
    assert_true(v.type == PHP_STRING);
    assert_str(v.s, "18446744073709551615");
    v = db_cell(&r, 0, "d");
    assert_true(v.type == PHP_STRING);
    assert_str(v.s, "42.30");
    v = db_cell(&r, 0, "f");
    assert_true(v.type == PHP_FLOAT && v.d == 0.1);
    v = db_cell(&r, 0, "g");
    assert_true(v.type == PHP_FLOAT && v.d == 0.1);
    v = db_cell(&r, 0, "y");
    assert_true(v.type == PHP_STRING);
    assert_str(v.s, "2025");
    assert_str(db_cell(&r, 0, "day").s, "2025-11-25");
    assert_str(db_cell(&r, 0, "at").s, "2025-11-25 14:05:09.120");
    assert_str(db_cell(&r, 0, "c").s, "é");
    assert_str(db_cell(&r, 0, "e").s, "b");
    assert_str(db_cell(&r, 0, "j").s, "[1]");
    assert_true(str_eq(db_cell(&r, 0, "x").s, (struct str){"\0\xff", 2}));
    assert_true(db_cell(&r, 0, "n").type == PHP_NULL);
    v = db_cell(&r, 0, "z");
    assert_true(v.type == PHP_STRING);
    assert_str(v.s, "00042");
    v = db_cell(&r, 0, "bits");
    assert_true(v.type == PHP_INT && v.i == 517);
    v = db_cell(&r, 0, "fat");
    assert_true(v.type == PHP_FLOAT);
    assert_float_equal(v.d, 1234570.0, 0.0001);
    v = db_cell(&r, 0, "huge");
    assert_true(v.type == PHP_FLOAT && v.d == 1e100);
    assert_str(db_cell(&r, 0, "span").s, "-838:59:59.000");
    assert_true(db_cell(&r, 0, "nowhere").type == PHP_NULL);
    db_drop(db);
}

void test_arguments_arrive_as_they_are(void **state)
{
    (void)state;
    sql("drop table if exists texts; create table texts (id int, body longtext)");
    struct error e = {0};
    struct db *db = our_db();
    size_t len = 3 << 20;
    char *big = NEW(&memory, char, len);
    memset(big, 'x', len);
    memcpy(big + len - 8, "\0'\"\\\xF0\x9F\x93\xA8", 8);
    struct db_arg args[] = {db_int(7), db_text((struct str){big, len})};
    struct db_result r;
    assert_ok(db_run(db, S("insert into texts values (?, ?)"), args, 2, &memory, &r, &e),
              e);
    assert_int_equal(r.matched, 1);
    args[0] = db_int(8), args[1] = db_null();
    assert_ok(db_run(db, S("insert into texts values (?, ?)"), args, 2, &memory, &r, &e),
              e);
    args[0] = db_int(9), args[1] = db_text(S(""));
    assert_ok(db_run(db, S("insert into texts values (?, ?)"), args, 2, &memory, &r, &e),
              e);
    r = run(db, "select body from texts order by id");
    assert_int_equal(r.rows, 3);
    assert_true(r.cells[0].type == PHP_STRING && r.cells[0].s.len == len);
    assert_memory_equal(r.cells[0].s.ptr, big, len);
    assert_true(r.cells[1].type == PHP_NULL);
    assert_true(r.cells[2].type == PHP_STRING && r.cells[2].s.len == 0);
    db_drop(db);
}

void test_matched_rows_are_counted_not_changed_ones(void **state)
{
    (void)state;
    sql("drop table if exists texts; create table texts (id int, body longtext)");
    sql("insert into texts values (1, 'same'), (2, 'same')");
    struct db *db = our_db();
    assert_int_equal(run(db, "update texts set body='same'").matched, 2);
    assert_int_equal(run(db, "delete from texts where id>5").matched, 0);
    db_drop(db);
}

void test_the_id_of_an_insert_is_told(void **state)
{
    (void)state;
    sql("drop table if exists ids; create table ids (id bigint unsigned auto_increment "
        "primary key)");
    struct db *db = our_db();
    assert_int_equal(run(db, "insert into ids values ()").insert_id, 1);
    assert_int_equal(run(db, "insert into ids values ()").insert_id, 2);
    db_drop(db);
}

/* === statements === */

void test_a_statement_is_prepared_once(void **state)
{
    (void)state;
    struct db *db = our_db();
    int64_t before = status_of(db, "Com_stmt_prepare");
    for (int i = 0; i < 5; i++)
        run(db, "select 5");
    /* status_of's own text is prepared already */
    assert_int_equal(status_of(db, "Com_stmt_prepare") - before, 1);
    db_drop(db);
}

void test_more_statements_than_the_cache_holds(void **state)
{
    (void)state;
    struct error e = {0};
    struct db *db = our_db();
    run(db, "select 'often'");
    for (int i = 0; i < 200; i++) {
        struct db_result r;
        struct str text = str_fmt(&memory, "select %d", i);
        assert_ok(db_run(db, text, NULL, 0, &memory, &r, &e), e);
        assert_true(r.cells[0].i == i);
        run(db, "select 'often'");
    }
    int64_t before = status_of(db, "Com_stmt_prepare");
    run(db, "select 'often'");
    assert_int_equal(status_of(db, "Com_stmt_prepare"), before);
    assert_true(sql_int("show global status like 'Prepared_stmt_count'") <= 0);
    db_drop(db);
}

void test_a_table_may_change_under_a_prepared_statement(void **state)
{
    (void)state;
    sql("drop table if exists shapes; create table shapes (a int, b int)");
    sql("insert into shapes values (1, 2)");
    struct db *db = our_db();
    assert_int_equal(run(db, "select * from shapes").cols, 2);
    sql("alter table shapes add column c varchar(10) not null default 'new', "
        "modify b varchar(200)");
    struct db_result r = run(db, "select * from shapes");
    assert_int_equal(r.cols, 3);
    assert_str(db_cell(&r, 0, "b").s, "2");
    assert_str(db_cell(&r, 0, "c").s, "new");
    sql("alter table shapes drop column b, drop column c");
    r = run(db, "select * from shapes");
    assert_int_equal(r.cols, 1);
    assert_true(r.cells[0].i == 1);
    db_drop(db);
}

void test_a_wrong_statement_is_the_jobs_error(void **state)
{
    (void)state;
    struct error e = {0};
    struct db *db = our_db();
    assert_false(db_run(db, S("select * from nowhere"), NULL, 0, &memory, NULL, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_string_equal(e.text, "SQLSTATE[42S02]: 1146 Table 'app.nowhere' doesn't exist "
                                "(Connection: mysql)");
    err_clear(&e);
    /* Not every text of the server's names the table. */
    sql("drop table if exists small; create table small (n int, m int not null)");
    assert_false(
        db_run(db, S("insert into `small` (n) values (1)"), NULL, 0, &memory, NULL, &e));
    assert_non_null(strstr(e.text, "(Connection: mysql, Table: small)"));
    assert_int_equal(db_fault(db), DB_LASTING);
    err_clear(&e);
    assert_false(db_run(db, S("select o from `small`"), NULL, 0, &memory, NULL, &e));
    assert_non_null(strstr(e.text, "1054"));
    assert_non_null(strstr(e.text, "(Connection: mysql, Table: small)"));
    assert_int_equal(db_fault(db), DB_SCHEMA);
    err_clear(&e);
    /* It stands behind the columns. */
    assert_false(
        db_run(db, S("select `n`, `o` from `small`"), NULL, 0, &memory, NULL, &e));
    assert_non_null(strstr(e.text, "(Connection: mysql, Table: small)"));
    assert_str(cell_text(db, "select 1"), "1");
    db_drop(db);
}

void test_nothing_is_cut_to_fit_its_column(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists small; create table small (n tinyint unsigned, s "
        "varchar(3))");
    struct db *db = our_db();
    assert_false(
        db_run(db, S("insert into small values (256, '')"), NULL, 0, &memory, NULL, &e));
    assert_int_equal(e.kind, ERR_JOB);
    assert_non_null(strstr(e.text, "1264"));
    err_clear(&e);
    assert_false(db_run(db, S("insert into small values (1, 'long')"), NULL, 0, &memory,
                        NULL, &e));
    assert_int_equal(e.kind, ERR_JOB);
    db_drop(db);
}

/* === the app's part of the session === */

static struct str mode_of(const struct db_settings *s)
{
    struct db *db = open_db(s);
    struct str mode = cell_text(db, "select @@session.sql_mode");
    db_drop(db);
    return mode;
}

void test_the_mode_is_the_apps_where_it_wrote_one(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    s.has_modes = true;
    s.modes = S("NO_ENGINE_SUBSTITUTION");
    assert_str(mode_of(&s), "NO_ENGINE_SUBSTITUTION");
    s.modes = S("ANSI_QUOTES,PIPES_AS_CONCAT");
    assert_str(mode_of(&s), "PIPES_AS_CONCAT,ANSI_QUOTES");
    s.modes = S("");
    assert_str(mode_of(&s), "");
    s.modes = S("NO_SUCH_MODE");
    refused(&s, ERR_FATAL, "1231");
    s.modes = S("ANSI', GLOBAL sql_mode='");
    refused(&s, ERR_FATAL, "no such name");
}

void test_what_a_lax_mode_writes_is_the_apps_wish(void **state)
{
    (void)state;
    sql("drop table if exists small; create table small (n tinyint unsigned, m int not "
        "null)");
    struct db_settings s = settings_of_server();
    s.has_modes = true;
    s.modes = S("NO_ENGINE_SUBSTITUTION");
    struct db *db = open_db(&s);
    run(db, "insert into small (n) values (256)");
    assert_str(sql_table("select n, m from small"), "255|0");
    db_drop(db);
}

void test_an_init_command_comes_first(void **state)
{
    (void)state;
    const char *isolation = sql_int("select version() like '%%MariaDB%%'")
                                ? "tx_isolation"
                                : "transaction_isolation";
    struct db_settings s = settings_of_server();
    s.has_init = true;
    s.init = str_fmt(&memory,
                     "SET time_zone='+05:00', sql_mode='ANSI_QUOTES', autocommit=0; "
                     "select 1; SET completion_type=1, sql_select_limit=1, "
                     "%s='SERIALIZABLE';",
                     isolation);
    struct db *db = open_db(&s);
    assert_str(cell_text(db, "select @@session.time_zone"), "+05:00");
    assert_str(cell_text(db, "select @@session.sql_mode"), "ANSI_QUOTES");
    struct str level = str_fmt(&memory, "select @@session.%s", isolation);
    assert_str(cell_text(db, str_z(&memory, level)), "READ-COMMITTED");
    assert_str(cell_text(db, "select @@session.autocommit"), "1");
    assert_int_equal(run(db, "select 1 union select 2").rows, 2);
    assert_str(cell_text(db, "select @@session.completion_type"), "NO_CHAIN");
    db_drop(db);
    /* What the app's own settings say comes after it, as in Laravel. */
    s.has_modes = true;
    s.modes = S("NO_ENGINE_SUBSTITUTION");
    s.time_zone = S("+01:00");
    db = open_db(&s);
    assert_str(cell_text(db, "select @@session.time_zone"), "+01:00");
    assert_str(cell_text(db, "select @@session.sql_mode"), "NO_ENGINE_SUBSTITUTION");
    db_drop(db);
}

void test_a_wrong_init_command_is_named(void **state)
{
    (void)state;
    static const char *const wrong[] = {"set nonsense=1", "", "select 1; nonsense"};
    struct db_settings s = settings_of_server();
    s.has_init = true;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        s.init = str_from(wrong[i]);
        refused(&s, ERR_FATAL, "PDO::MYSQL_ATTR_INIT_COMMAND: SQLSTATE[");
    }
}

/* "localhost:PORT" is no socket. */
void test_a_port_in_the_host_is_tcp(void **state)
{
    (void)state;
    struct db_settings s = settings_of_server();
    s.socket = S("");
    s.host = S("localhost");
    s.tcp = true;
    struct db *db = open_db(&s);
    assert_str(cell_text(db, "select substring_index(user(), '@', -1)"), "127.0.0.1");
    db_drop(db);
}

/* === a server that asks for the password as it is === */

/* greet speaks as a server that knows one way to log in, and reads what comes. The child
 * ends with 1 when the password was in it. */
static pid_t greet(const char *way, int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 1), 0);
    getsockname(fd, (struct sockaddr *)&at, &len);
    *port = ntohs(at.sin_port);
    pid_t pid = fork();
    if (pid) {
        close(fd);
        return pid;
    }
    static const char head[] = "\x0a"
                               "8.0.30\0\1\0\0\0"
                               "12345678\0"
                               "\xff\xf7\x2d\2\0\xff\xc1\x15\0\0\0\0\0\0\0\0\0\0"
                               "123456789012";
    char out[256] = {0}, in[4096];
    size_t n = sizeof(head) + strlen(way) + 1;
    out[0] = (char)n;
    memcpy(out + 4, head, sizeof(head));
    memcpy(out + 4 + sizeof(head), way, strlen(way) + 1);
    int client = accept(fd, NULL, NULL), told = 0;
    ssize_t got = write(client, out, n + 4);
    while ((got = read(client, in, sizeof(in))) > 0)
        told = told || memmem(in, (size_t)got, "s3cret", 6);
    _exit(told);
}

void test_no_server_is_told_the_password_without_tls(void **state)
{
    (void)state;
    static const char *const ways[] = {"mysql_clear_password", "dialog",
                                       "mysql_old_password"};
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct db_settings s = settings_of_server();
        int status;
        s.socket = S("");
        pid_t pid = greet(ways[i], &s.port);
        refused(&s, ERR_FATAL, "SQLSTATE[HY000] [");
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

/* === a row that is longer than this process will hold === */

void test_a_row_beyond_the_ceiling_is_not_taken(void **state)
{
    (void)state;
    struct error e = {0};
    struct arena arena = arena_open(512l << 20);
    sql("set global max_allowed_packet=%d", 128 << 20);
    struct db *db = our_db();
    struct db_result r;
    assert_ok(db_run(db, S("select repeat('x', 60000000)"), NULL, 0, &arena, &r, &e), e);
    assert_false(db_run(db, S("select repeat('x', 70000000)"), NULL, 0, &arena, &r, &e));
    assert_int_equal(e.kind, ERR_LOST); /* all that the library says */
    err_clear(&e);
    assert_str(cell_text(db, "select 1"), "1");
    db_drop(db);
    arena_close(&arena);
    sql("set global max_allowed_packet=default");
}

/* === lost connections === */

void test_an_idle_connection_that_died_is_opened_again(void **state)
{
    (void)state;
    struct error e = {0};
    struct db *db = our_db();
    run(db, "select 1");
    int64_t old = connection_id(db);
    sql("kill %lld", (long long)old);
    assert_str(cell_text(db, "select 1"), "1");
    assert_true(connection_id(db) != old);
    sql("kill %lld", (long long)connection_id(db));
    assert_ok(db_begin(db, &e), e);
    assert_str(cell_text(db, "select 1"), "1");
    assert_ok(db_commit(db, &e), e);
    db_drop(db);
}

/* A write may have been done before its answer was lost: whoever asked for it decides. */
void test_a_write_is_not_repeated_blindly(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists texts; create table texts (id int, body longtext)");
    struct db *db = our_db();
    run(db, "insert into texts values (1, '')");
    sql("kill %lld", (long long)connection_id(db));
    assert_false(
        db_run(db, S("insert into texts values (1, '')"), NULL, 0, &memory, NULL, &e));
    assert_int_equal(e.kind, ERR_LOST);
    err_clear(&e);
    run(db, "insert into texts values (2, '')");
    db_drop(db);
}

void test_a_lost_transaction_is_over(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists texts; create table texts (id int, body longtext)");
    struct db *db = our_db();
    assert_ok(db_begin(db, &e), e);
    run(db, "insert into texts values (1, '')");
    sql("kill %lld", (long long)connection_id(db));
    assert_false(db_run(db, S("select * from texts"), NULL, 0, &memory, NULL, &e));
    assert_int_equal(e.kind, ERR_LOST);
    err_clear(&e);
    /* Nothing that belongs to it may run on its own, on a new connection. */
    assert_true(db_in_transaction(db));
    assert_false(
        db_run(db, S("insert into texts values (2, '')"), NULL, 0, &memory, NULL, &e));
    assert_int_equal(e.kind, ERR_LOST);
    err_clear(&e);
    assert_false(db_commit(db, &e));
    assert_int_equal(e.kind, ERR_LOST);
    err_clear(&e);
    db_rollback(db);
    assert_false(db_in_transaction(db));
    run(db, "insert into texts values (3, '')");
    assert_str(sql_table("select id from texts"), "3");
    db_drop(db);
}

/* === transactions === */

void test_commit_keeps_and_rollback_undoes(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists texts; create table texts (id int, body longtext)");
    struct db *db = our_db();
    assert_ok(db_begin(db, &e), e);
    run(db, "insert into texts values (1, '')");
    assert_int_equal(sql_int("select count(*) from texts"), 0);
    assert_ok(db_commit(db, &e), e);
    assert_int_equal(sql_int("select count(*) from texts"), 1);
    assert_ok(db_begin(db, &e), e);
    run(db, "insert into texts values (2, '')");
    db_rollback(db);
    assert_int_equal(sql_int("select count(*) from texts"), 1);
    assert_ok(db_begin(db, &e), e);
    run(db, "insert into texts values (3, '')");
    db_disconnect(db);
    assert_false(db_in_transaction(db));
    assert_int_equal(sql_int("select count(*) from texts"), 1);
    db_drop(db);
}

void test_a_deadlock_can_be_tried_again(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists pair; create table pair (id int primary key, n int, weight "
        "longtext)");
    sql("insert into pair values (1, 0, ''), (2, 0, '')");
    struct db *db = our_db();
    struct other *o = other_open();
    sql_on(o, "begin; update pair set weight=repeat('x', 100000), n=1 where id=2; "
              "insert into pair select seq, 1, '' from seq_10_to_500");
    assert_ok(db_begin(db, &e), e);
    run(db, "update pair set n=2 where id=1");
    /* The other waits for us in a process of its own; then we wait for the other. */
    pid_t pid = fork_child();
    if (pid == 0) {
        sql_on(o, "update pair set n=1 where id=1");
        sql_on(o, "commit");
        _exit(0);
    }
    usleep(200000);
    bool ok = db_run(db, S("update pair set n=2 where id=2"), NULL, 0, &memory, NULL, &e);
    assert_false(ok);
    assert_int_equal(e.kind, ERR_AGAIN);
    assert_non_null(strstr(e.text, "SQLSTATE[40001]: 1213"));
    db_rollback(db);
    waitpid(pid, NULL, 0);
    err_clear(&e);
    assert_ok(db_begin(db, &e), e);
    run(db, "update pair set n=2 where id=2");
    assert_ok(db_commit(db, &e), e);
    assert_int_equal(sql_int("select n from pair where id=2"), 2);
    other_close(o);
    db_drop(db);
}

void test_a_lock_wait_that_is_too_long_can_be_tried_again(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists pair; create table pair (id int primary key, n int)");
    sql("insert into pair values (1, 0)");
    struct db *db = our_db();
    struct other *o = other_open();
    sql_on(o, "begin; update pair set n=1 where id=1");
    run(db, "set innodb_lock_wait_timeout=1");
    assert_ok(db_begin(db, &e), e);
    assert_false(
        db_run(db, S("update pair set n=2 where id=1"), NULL, 0, &memory, NULL, &e));
    assert_int_equal(e.kind, ERR_AGAIN);
    assert_non_null(strstr(e.text, "1205"));
    db_rollback(db);
    sql_on(o, "rollback");
    other_close(o);
    db_drop(db);
}

void test_rows_passed_over_are_not_kept_locked(void **state)
{
    (void)state;
    struct error e = {0};
    sql("drop table if exists pair; create table pair (id int primary key, n int)");
    sql("insert into pair values (1, 0), (2, 1)");
    struct db *db = our_db();
    assert_ok(db_begin(db, &e), e);
    run(db, "update pair set n=5 where n=1");
    struct other *o = other_open();
    sql_on(o, "set innodb_lock_wait_timeout=1; update pair set n=7 where id=1");
    db_rollback(db);
    assert_str(sql_table("select * from pair order by id"), "1|7\n2|1");
    other_close(o);
    db_drop(db);
}

/* === memory === */

void test_a_result_too_big_for_its_arena_leaves_the_session_usable(void **state)
{
    (void)state;
    struct error e = {0};
    struct db *db = our_db();
    struct arena small = arena_open(64 << 10);
    struct str thousand =
        str_fmt(&memory, "select seq, repeat('x', 1000) as x from %s", numbers(1000));
    jmp_buf full;
    volatile bool jumped = false;
    if (setjmp(full) == 0) {
        struct db_result r;
        arena_guard(&small, &full);
        bool ok = db_run(db, thousand, NULL, 0, &small, &r, &e);
        fail_msg("there was room: %d", ok);
    } else {
        jumped = true;
    }
    assert_true(jumped);
    arena_close(&small);
    struct db_result r = run(db, str_z(&memory, thousand));
    assert_int_equal(r.rows, 1000);
    db_drop(db);
}
