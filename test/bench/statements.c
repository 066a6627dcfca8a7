/* statements: the SQL of empty jobs and nothing else: what a worker cannot do without.
 *
 *   statements PORT USER PASSWORD DATABASE   takes each job of the queue "default" by its
 *   id, as facteur does: START TRANSACTION, a locking SELECT, an UPDATE, COMMIT, a
 * DELETE; prints its CPU time a job in milliseconds, and their number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <mysql/mysql.h>

enum { JOBS_MAX = 100000, PAYLOAD = 65536 };

static MYSQL *db;

static void fail(const char *what)
{
    fprintf(stderr, "statements: %s: %s\n", what, mysql_error(db));
    exit(1);
}

static MYSQL_STMT *prepared(const char *sql)
{
    MYSQL_STMT *s = mysql_stmt_init(db);
    if (!s || mysql_stmt_prepare(s, sql, strlen(sql)))
        fail(sql);
    return s;
}

static void run(MYSQL_STMT *s, long long *values, int len)
{
    MYSQL_BIND b[4];
    memset(b, 0, sizeof(b));
    for (int i = 0; i < len; i++) {
        b[i].buffer_type = MYSQL_TYPE_LONGLONG;
        b[i].buffer = &values[i];
    }
    if (mysql_stmt_bind_param(s, b) || mysql_stmt_execute(s))
        fail("execute");
}

/* payload_of fetches the row that was locked: all its columns, as text. */
static void payload_of(MYSQL_STMT *s)
{
    static char text[8][PAYLOAD];
    unsigned long length[8];
    MYSQL_BIND b[8];
    memset(b, 0, sizeof(b));
    for (int i = 0; i < 8; i++) {
        b[i].buffer_type = MYSQL_TYPE_STRING;
        b[i].buffer = text[i];
        b[i].buffer_length = PAYLOAD;
        b[i].length = &length[i];
    }
    if (mysql_stmt_bind_result(s, b) || mysql_stmt_fetch(s) == 1)
        fail("fetch");
    mysql_stmt_free_result(s);
}

static size_t ids_of(long long *ids)
{
    size_t n = 0;
    MYSQL_ROW row;
    if (mysql_query(db, "select id from jobs where queue='default' order by id"))
        fail("ids");
    MYSQL_RES *r = mysql_store_result(db);
    while (r && (row = mysql_fetch_row(r)) && n < JOBS_MAX)
        ids[n++] = strtoll(row[0], NULL, 10);
    mysql_free_result(r);
    return n;
}

static double cpu_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

int main(int argc, char **argv)
{
    static long long ids[JOBS_MAX];
    if (argc != 5)
        return 2;
    db = mysql_init(NULL);
    if (!db || !mysql_real_connect(db, "127.0.0.1", argv[2], argv[3], argv[4],
                                   (unsigned)strtoul(argv[1], NULL, 10), NULL, 0))
        fail("connect");
    MYSQL_STMT *lock = prepared("select * from jobs force index (primary) where id=? and "
                                "reserved_at is null for update skip locked");
    MYSQL_STMT *reserve =
        prepared("update jobs set reserved_at=?, attempts=? where id=?");
    MYSQL_STMT *remove =
        prepared("delete from jobs where id=? and attempts=? and reserved_at=?");
    size_t n = ids_of(ids);
    double begun = cpu_ms();
    for (size_t i = 0; i < n; i++) {
        if (mysql_query(db, "START TRANSACTION"))
            fail("begin");
        run(lock, &ids[i], 1);
        payload_of(lock);
        run(reserve, (long long[]){1764079509, 1, ids[i]}, 3);
        if (mysql_query(db, "COMMIT"))
            fail("commit");
        run(remove, (long long[]){ids[i], 1, 1764079509}, 3);
    }
    printf("%.4f %zu\n", n ? (cpu_ms() - begun) / (double)n : 0, n);
    mysql_stmt_close(lock);
    mysql_stmt_close(reserve);
    mysql_stmt_close(remove);
    mysql_close(db);
    return 0;
}
