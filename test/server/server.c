#include "server.h"

#include <mysql.h>
#include <unistd.h>

struct arena memory;

struct other {
    MYSQL *mysql;
};

__attribute__((constructor)) static void open_memory(void)
{
    memory = arena_open((size_t)1 << 30);
}

static struct other *first; /* the client of sql(), opened when it is needed */

const char *server_env(const char *name)
{
    const char *v = getenv(name);
    if (!v) {
        fprintf(stderr, "%s is not set: run this by test/system/db.sh or queue.sh\n",
                name);
        exit(1);
    }
    return v;
}

struct db_settings settings_of_server(void)
{
    return (struct db_settings){
        .name = S("mysql"),
        .host = S("127.0.0.1"),
        .port = (int)strtol(server_env("DB_PORT"), NULL, 10),
        .socket = str_from(server_env("DB_SOCKET")),
        .database = str_from(server_env("DB_DATABASE")),
        .user = str_from(server_env("DB_USERNAME")),
        .password = str_from(server_env("DB_PASSWORD")),
        .charset = S("utf8mb4"),
        .has_collation = true,
        .collation = S("utf8mb4_unicode_ci"),
    };
}

/* === another client === */

struct other *other_open(void)
{
    struct other *o = calloc(1, sizeof(*o));
    assert_non_null(o);
    o->mysql = mysql_init(NULL);
    if (!mysql_real_connect(o->mysql, "localhost", "root", "", server_env("DB_DATABASE"),
                            0, server_env("DB_SOCKET"), CLIENT_MULTI_STATEMENTS)) {
        fprintf(stderr, "root cannot connect: %s\n", mysql_error(o->mysql));
        exit(1);
    }
    mysql_query(o->mysql, "set names utf8mb4");
    return o;
}

void other_close(struct other *o)
{
    if (o)
        mysql_close(o->mysql);
    free(o);
}

pid_t fork_child(void)
{
    fflush(stdout);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        first = NULL; /* the parent's */
        setenv("CMOCKA_TEST_ABORT", "1", 1);
    }
    return pid;
}

static MYSQL_RES *query(struct other *o, const char *fmt, va_list ap)
{
    struct buf b = buf_new(NULL, 64 << 20);
    MYSQL_RES *result = NULL;
    buf_vfmt(&b, fmt, ap);
    struct str s = buf_str(&b);
    if (mysql_real_query(o->mysql, s.ptr, s.len))
        fail_msg("%s: %.*s", mysql_error(o->mysql), (int)(s.len < 300 ? s.len : 300),
                 s.ptr);
    do {
        if (result)
            mysql_free_result(result);
        result = mysql_store_result(o->mysql);
    } while (mysql_next_result(o->mysql) == 0);
    buf_drop(&b);
    return result;
}

static struct other *client(void)
{
    if (!first)
        first = other_open();
    return first;
}

void sql(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    MYSQL_RES *r = query(client(), fmt, ap);
    va_end(ap);
    if (r)
        mysql_free_result(r);
}

#define DIGITS                                                                           \
    "(select 0 n union all select 1 union all select 2 union all select 3 union all "    \
    "select 4 union all select 5 union all select 6 union all select 7 union all "       \
    "select 8 union all select 9) "

const char *numbers(int64_t n)
{
    return str_z(
        &memory,
        str_fmt(&memory,
                "(select seq from (select 1 + a.n + 10 * b.n + 100 * c.n + 1000 * "
                "d.n + 10000 * e.n as seq from " DIGITS "a, " DIGITS "b, " DIGITS
                "c, " DIGITS "d, " DIGITS "e) every_number where seq <= %lld "
                "order by seq) numbers",
                (long long)n));
}

void sql_kill_others(void)
{
    struct str ids =
        sql_table("select id from information_schema.processlist where user in "
                  "('app', 'root') and id<>connection_id()");
    struct cut id = {.tail = ids, .ok = true};
    while (id.ok) {
        id = str_cut(id.tail, '\n');
        char kill[64];
        snprintf(kill, sizeof(kill), "kill %.*s", STR_ARG(id.head));
        /* One that has gone by itself is no error. */
        if (id.head.len && mysql_query(client()->mysql, kill) != 0)
            assert_int_equal(mysql_errno(client()->mysql), 1094);
    }
}

void sql_on(struct other *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    MYSQL_RES *r = query(o, fmt, ap);
    va_end(ap);
    if (r)
        mysql_free_result(r);
}

static struct str first_cell(MYSQL_RES *r)
{
    struct str out = S("(none)");
    MYSQL_ROW row = r ? mysql_fetch_row(r) : NULL;
    if (row)
        out = row[0] ? str_fmt(&memory, "%.*s", (int)mysql_fetch_lengths(r)[0], row[0])
                     : S("(null)");
    if (r)
        mysql_free_result(r);
    return out;
}

struct str sql_text(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str s = first_cell(query(client(), fmt, ap));
    va_end(ap);
    return s;
}

int64_t sql_int(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str s = first_cell(query(client(), fmt, ap));
    va_end(ap);
    int64_t n;
    return str_to_i64(s, &n) ? n : -1;
}

struct str sql_table(const char *fmt, ...)
{
    struct buf b = buf_new(&memory, 1 << 20);
    va_list ap;
    va_start(ap, fmt);
    MYSQL_RES *r = query(client(), fmt, ap);
    va_end(ap);
    unsigned cols = r ? mysql_num_fields(r) : 0;
    for (MYSQL_ROW row; r && (row = mysql_fetch_row(r));) {
        if (b.len)
            buf_byte(&b, '\n');
        for (unsigned i = 0; i < cols; i++)
            buf_fmt(&b, "%s%s", i ? "|" : "", row[i] ? row[i] : "null");
    }
    if (r)
        mysql_free_result(r);
    return buf_str(&b);
}

/* === our session === */

static struct str one_cell(struct db *db, struct str text, size_t column)
{
    struct error e = {0};
    struct db_result r;
    struct str out;
    assert_ok(db_run(db, text, NULL, 0, &memory, &r, &e), e);
    assert_true(r.rows == 1 && r.cols > column);
    assert_ok(php_to_string(r.cells[column], &memory, &out, &e), e);
    return out;
}

int64_t status_of(struct db *db, const char *name)
{
    int64_t n = -1;
    struct str text = str_fmt(&memory, "show session status like '%s'", name);
    assert_true(str_to_i64(one_cell(db, text, 1), &n));
    return n;
}

int64_t connection_id(struct db *db)
{
    int64_t n = -1;
    assert_true(str_to_i64(one_cell(db, S("select connection_id()"), 0), &n));
    return n;
}

void note(const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    printf("# %s\n", text);
    fflush(stdout);
}
