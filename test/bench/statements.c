/* statements: the SQL of empty jobs and nothing else: what a worker cannot do without.
 *
 *   statements PORT USER PASSWORD DATABASE [MICROSECONDS]   takes each job of the queue
 *   "default" by its id, as facteur does: START TRANSACTION, a locking SELECT, an UPDATE,
 *   COMMIT, a DELETE; prints its CPU time a job in milliseconds, and their number.
 *
 * With MICROSECONDS a second process works so long for each job, half of it before the
 * DELETE and half behind it, in memory of the size of PHP's working set, and is spoken to
 * as PHP is: a frame to it, one back, one to it, one back. What the statements cost is
 * then what they cost a worker between whose jobs other programs have the processor and
 * its caches.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

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

/* === the other process === */

/* How long PHP's frames are: the job, what it asks for, the answer, its end. */
enum { JOB_FRAME = 478, SETTLE_FRAME = 55, SETTLED_FRAME = 44, DONE_FRAME = 135 };
enum { WORKING_SET = 4 << 20, LINE = 64 };

static int to_other = -1, from_other = -1;

/* spin uses the processor, and goes through the working set. */
static void spin(long us)
{
    static volatile char set[WORKING_SET];
    static size_t at;
    struct timespec now, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    end.tv_nsec += us * 1000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    do {
        for (int i = 0; i < 256; i++, at = (at + LINE) % WORKING_SET)
            set[at]++;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while (now.tv_sec < end.tv_sec ||
             (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static void say(int fd, size_t len)
{
    static const char frame[4096];
    if (write(fd, frame, len) != (ssize_t)len)
        exit(1);
}

/* hear waits with poll, as whoever keeps a deadline does. */
static void hear(int fd)
{
    static char frame[131072];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, -1) != 1 || read(fd, frame, sizeof(frame)) <= 0)
        exit(0);
}

static void start_other(long us)
{
    int there[2], back[2];
    if (pipe(there) || pipe(back))
        exit(1);
    to_other = there[1];
    from_other = back[0];
    if (fork() != 0) {
        close(there[0]);
        close(back[1]);
        return;
    }
    close(there[1]);
    for (;;) {
        hear(there[0]);
        spin(us / 2);
        say(back[1], SETTLE_FRAME);
        hear(there[0]);
        spin(us / 2);
        say(back[1], DONE_FRAME);
    }
}

/* let_work is the job, up to its wish to be deleted; let_end is what follows. */
static void let_work(void)
{
    if (to_other < 0)
        return;
    say(to_other, JOB_FRAME);
    hear(from_other);
}

static void let_end(void)
{
    if (to_other < 0)
        return;
    say(to_other, SETTLED_FRAME);
    hear(from_other);
}

int main(int argc, char **argv)
{
    static long long ids[JOBS_MAX];
    if (argc != 5 && argc != 6)
        return 2;
    if (argc == 6)
        start_other(strtol(argv[5], NULL, 10));
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
        let_work();
        run(remove, (long long[]){ids[i], 1, 1764079509}, 3);
        let_end();
    }
    printf("%.4f %zu\n", n ? (cpu_ms() - begun) / (double)n : 0, n);
    mysql_stmt_close(lock);
    mysql_stmt_close(reserve);
    mysql_stmt_close(remove);
    mysql_close(db);
    return 0;
}
