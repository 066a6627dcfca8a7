/* db: one MySQL or MariaDB session: settings from the app's config, connect, prepared
 * statements, transactions.
 *
 * A session connects when it is first used. A select that meets a dead connection outside
 * a transaction is sent once more on a new one; a write is not, since it may have been
 * done: ERR_LOST. Inside a transaction the transaction is gone: ERR_LOST, and so says
 * every statement until db_rollback. Deadlock and lock wait timeout (1213, 1205) are
 * ERR_AGAIN, as is whatever else passes (a full disk, a query that was interrupted): roll
 * back, then do the whole transaction again. What the server will refuse the next time
 * too is ERR_JOB; db_fault says more about it.
 */
#ifndef FACTEUR_DB_H
#define FACTEUR_DB_H

#include "facteur/app.h"
#include "facteur/base.h"
#include "facteur/php.h"

/* === settings === */

/* The strict SQL mode, as Laravel's `strict` has it. */
#define DB_STRICT                                                                        \
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"               \
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

/* One entry of database.connections, after its url. */
struct db_settings {
    struct str name; /* "mysql": the key in database.connections */
    struct str host, socket, database, user, password;
    /* Where config lists several hosts: all of them; each connection tries them in an
     * order of its own. NULL: host is the only one. */
    const struct str *hosts;
    size_t hosts_len;
    int port;
    /* The port stands in the host itself ("localhost:3307"): as in PHP that is no socket.
     */
    bool tcp;
    struct str charset; /* utf8mb4, or its older names; another is refused */
    bool has_collation; /* an empty one too */
    struct str collation, prefix;
    struct str time_zone; /* empty: the server's */
    struct str version;   /* config's override of the server's version; empty: none */
    /* The session's SQL mode where the app wrote one (`modes`, else `strict`); else it is
     * a strict one, unless `init` sets it. */
    bool has_modes;
    struct str modes;
    bool has_init;
    struct str init; /* PDO::MYSQL_ATTR_INIT_COMMAND; may be several statements */
    struct str ssl_ca, ssl_capath, ssl_cert, ssl_key, ssl_cipher;
    /* Any of these means TLS, an empty one too. The certificate must be the host's and
     * from a known authority: the given one, else the system's. */
    bool tls, ssl_verify;
    /* Seconds that an answer is waited for; for a table's lock a fourth less, for a row's
     * two at most. 0: of no concern. Whoever holds a reservation must hear of a server
     * that hangs before it runs out. */
    int answer_s;
};

/* db_settings_load reads database.connections.<name>; an empty name means
 * database.default. ERR_FATAL: there is no such connection, or it is not MySQL. */
bool db_settings_load(struct app *app, struct str name, struct arena *perm,
                      struct db_settings *out, struct error *e) MUST;

/* === a session === */

struct db;

/* db_new makes a session that is not connected yet. Settings are lent. */
struct db *db_new(const struct db_settings *s);
void db_drop(struct db *db);

/* db_connect connects unless connected. ERR_LOST: the server does not answer; ERR_FATAL:
 * it refuses us (password, database), or a setting is wrong. */
bool db_connect(struct db *db, struct error *e) MUST;

/* db_disconnect closes the connection; the next statement opens another. */
void db_disconnect(struct db *db);

const struct db_settings *db_settings(const struct db *db);

/* db_skip_locked says whether the server has FOR UPDATE SKIP LOCKED, by the rule that
 * Laravel has. Only after db_connect. */
bool db_skip_locked(const struct db *db);

/* db_version_skips_locked is the rule behind it, for a version string. */
bool db_version_skips_locked(struct str version);

/* What the last statement that failed met. Every number is in src/db/errors.c. */
enum db_fault {
    DB_NO_FAULT,
    DB_LOST,    /* no connection, or a server that is not the one to write to: ERR_LOST */
    DB_PASSING, /* it may work the next time: ERR_AGAIN */
    DB_LASTING, /* these values are refused, and will be again: ERR_JOB, as all below */
    DB_SCHEMA,  /* a table or a column is missing, or has another form */
    DB_PRIVILEGE, /* a right is missing */
    DB_UNKNOWN,   /* nobody has seen this number yet */
};
enum db_fault db_fault(const struct db *db);

/* === the sessions of a process: one per connection that is used === */

struct db_pool;

struct db_pool *db_pool_new(struct app *app); /* NULL: no memory */
void db_pool_drop(struct db_pool *p);         /* and its sessions */

/* db_pool_hurry sets answer_s of the sessions made from now on. */
void db_pool_hurry(struct db_pool *p, int answer_s);

/* db_pool_session lends the session of database.connections.<name> (empty:
 * database.default); it is made when first asked for. Errors are db_settings_load's, with
 * the setting that named the connection: a path as "queue.failed.database"; NULL: none.
 */
struct db *db_pool_session(struct db_pool *p, const char *setting, struct str name,
                           struct error *e) MUST;

/* === statements === */

struct db_arg {
    enum db_arg_type { DB_NULL, DB_INT, DB_TEXT } type;
    int64_t i;
    struct str s;
};

struct db_arg db_null(void);
struct db_arg db_int(int64_t i);
struct db_arg db_text(struct str s);

/* Values have the types PDO gives: integers int (beyond 64 bits signed: string), DECIMAL
 * and dates string, NULL null. */
struct db_result {
    size_t rows, cols;
    const struct str *names;
    const struct php_value *cells; /* rows × cols */
    uint64_t matched;              /* rows an UPDATE or DELETE met */
    uint64_t insert_id;
};

/* db_run sends a prepared statement. The text is the key of a cache of some dozens, so
 * pass the same text again, not a new one per call. `out` may be NULL. */
bool db_run(struct db *db, struct str sql, const struct db_arg *args, size_t len,
            struct arena *perm, struct db_result *out, struct error *e) MUST;

/* db_cell lends the cell of a named column; a missing column is null. */
struct php_value db_cell(const struct db_result *r, size_t row, const char *name);

bool db_begin(struct db *db, struct error *e) MUST;

/* db_commit: on ERR_LOST the outcome is unknown; the caller reads it back. That is so
 * with every error but a deadlock (ERR_AGAIN), which has rolled back. */
bool db_commit(struct db *db, struct error *e) MUST;

/* db_rollback never fails: a connection that cannot roll back is closed, which does. */
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/* === texts of statements: sql/queries/<name>.sql ===
 *
 * "{key}" is replaced by the value of the variable, "{key:8}" by eight placeholders;
 * lines that begin with "--" are dropped. A key without a variable is a bug. */
struct db_var {
    const char *key;
    struct str value;
};

struct str db_sql(struct arena *perm, const char *name, const struct db_var *vars,
                  size_t len);

/* db_name quotes an identifier, db_table one with the connection's prefix. */
struct str db_name(struct arena *perm, struct str name);
struct str db_table(struct arena *perm, const struct db_settings *s, struct str table);

#endif
