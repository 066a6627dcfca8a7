/* server.h: what tests against a real server share: our session of it, and another
 * client's (`sql`), which is root and uses no code of facteur. The server's socket and
 * account come in the environment (test/lib/servers.sh). */
#ifndef FACTEUR_TEST_SERVER_H
#define FACTEUR_TEST_SERVER_H

#include <sys/types.h>

#include "test.h"

#include "facteur/db.h"
#include "facteur/queue.h"

/* memory lives as long as the program; a test program is short. */
extern struct arena memory;

/* settings_of_server are those of the account that the app uses, by socket. */
struct db_settings settings_of_server(void);
const char *server_env(const char *name);

/* sql runs a statement as another client, and fails the test when it fails. */
void sql(const char *fmt, ...) PRINTF(1, 2);

/* numbers is a subquery that gives `seq` from 1 to n (at most 100,000), on any server. */
const char *numbers(int64_t n);

/* sql_kill_others ends every other session of the tests' accounts. */
void sql_kill_others(void);

/* sql_int and sql_text return the first cell of the first row; no row: -1, "(none)"; the
 * text lives in memory. */
int64_t sql_int(const char *fmt, ...) PRINTF(1, 2);
struct str sql_text(const char *fmt, ...) PRINTF(1, 2);

/* sql_table prints every row of a select, cells by "|", rows by newline. */
struct str sql_table(const char *fmt, ...) PRINTF(1, 2);

/* A client more, for open transactions: sql_on(other(), "begin"). */
struct other;
struct other *other_open(void);
void other_close(struct other *o);
void sql_on(struct other *o, const char *fmt, ...) PRINTF(2, 3);

/* fork_child forks a process that has a client of its own for sql(), and in which a check
 * that fails ends the process. */
pid_t fork_child(void);

/* status is a counter of our session, such as Handler_read_next. */
int64_t status_of(struct db *db, const char *name);

/* connection_id of our session, to kill it. */
int64_t connection_id(struct db *db);

/* note prints a line of TAP diagnostics. */
void note(const char *fmt, ...) PRINTF(1, 2);

#endif
