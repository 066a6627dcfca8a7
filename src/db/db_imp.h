/* db_imp.h: what the files of src/db share. */
#ifndef FACTEUR_DB_IMP_H
#define FACTEUR_DB_IMP_H

#include <mysql.h>

#include "facteur/db.h"

#ifdef MARIADB_PACKAGE_VERSION
typedef my_bool mysql_flag;
#else
typedef bool mysql_flag; /* Oracle's library has dropped my_bool */
#endif

enum { STATEMENTS = 64 };

struct statement {
    char *sql;
    size_t len;
    MYSQL_STMT *stmt;
};

struct db {
    const struct db_settings *settings;
    MYSQL *mysql; /* NULL: not connected */
    /* Stays true when the connection is lost, until db_rollback: what belongs to a
     * transaction must not run on its own. */
    bool in_transaction;
    bool skip_locked;
    uint64_t packet_max;                     /* what the server takes at once */
    enum db_fault fault;                     /* of the last statement that failed */
    struct statement statements[STATEMENTS]; /* the one used last is the last */
    size_t statements_len;
    MYSQL_RES *meta; /* of the result being read; kept here, since an arena may jump */
};

/* db_fault_of says what an error means: by its number, else by its SQLSTATE. */
enum db_fault db_fault_of(unsigned number, const char *state);

/* db_fault_kind: what happens next. */
enum err_kind db_fault_kind(enum db_fault fault);

/* === fail.c === */

/* db_drop_meta ends a result that was being read, db_drop_statement one of the
 * statements.
 */
void db_drop_meta(struct db *db);
void db_drop_statement(struct db *db, size_t i);

/* db_fail records what the server said of the last command, db_fail_statement of a
 * statement, the one used last; they return false always. */
bool db_fail(struct db *db, struct error *e);
bool db_fail_statement(struct db *db, MYSQL_STMT *stmt, struct error *e);

/* db_fail_packet: it was not sent, since the server would break the connection off. */
bool db_fail_packet(struct db *db, struct error *e);

#endif
