/* fail.c: what the server said, and what a connection that is lost takes with it. */
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/db_imp.h"

/* === what goes with a connection === */

void db_drop_meta(struct db *db)
{
    if (db->meta)
        mysql_free_result(db->meta);
    db->meta = NULL;
}

void db_drop_statement(struct db *db, size_t i)
{
    mysql_stmt_close(db->statements[i].stmt);
    free(db->statements[i].sql);
    db->statements_len--;
    memmove(&db->statements[i], &db->statements[i + 1],
            (db->statements_len - i) * sizeof(db->statements[0]));
}

void db_disconnect(struct db *db)
{
    db_drop_meta(db);
    while (db->statements_len)
        db_drop_statement(db, db->statements_len - 1);
    if (db->mysql)
        mysql_close(db->mysql);
    db->mysql = NULL;
    db->in_transaction = false;
}

/* === errors === */

/* table_of cuts the first table out of a statement of ours, which all quote theirs; a
 * SELECT's columns, which stand before it, may be quoted too. */
static struct str table_of(struct str sql)
{
    ptrdiff_t from = str_starts(sql, S("select")) ? str_find(sql, S(" from `")) : -1;
    struct cut before = str_cut(from < 0 ? sql : str_skip(sql, (size_t)from), '`');
    ptrdiff_t end = str_find(before.tail, S("` "));
    if (!before.ok)
        return S("");
    return str_sub(before.tail, 0, end < 0 ? before.tail.len - 1 : (size_t)end);
}

/* fail records what the server said, in the shape that Laravel's users know. What will be
 * refused again names the table: the server does so in some of its texts only. */
static bool fail(struct db *db, unsigned code, const char *state, const char *text,
                 struct str sql, struct error *e)
{
    bool in_transaction = db->in_transaction;
    db->fault = db_fault_of(code, state);
    enum err_kind kind = db_fault_kind(db->fault);
    struct str table = kind == ERR_JOB ? table_of(sql) : S("");
    if (kind == ERR_LOST) {
        db_disconnect(db);
        db->in_transaction = in_transaction;
    }
    return err_set(e, kind, "SQLSTATE[%s]: %u %s (Connection: %.*s%s%.*s)", state, code,
                   text, STR_ARG(db->settings->name), table.len ? ", Table: " : "",
                   STR_ARG(table));
}

bool db_fail(struct db *db, struct error *e)
{
    char text[MYSQL_ERRMSG_SIZE], state[16];
    snprintf(text, sizeof(text), "%s", mysql_error(db->mysql));
    snprintf(state, sizeof(state), "%s", mysql_sqlstate(db->mysql));
    return fail(db, mysql_errno(db->mysql), state, text, S(""), e);
}

bool db_fail_statement(struct db *db, MYSQL_STMT *stmt, struct error *e)
{
    char text[MYSQL_ERRMSG_SIZE], state[16];
    snprintf(text, sizeof(text), "%s", mysql_stmt_error(stmt));
    snprintf(state, sizeof(state), "%s", mysql_stmt_sqlstate(stmt));
    const struct statement *s = &db->statements[db->statements_len - 1]; /* at work */
    return fail(db, mysql_stmt_errno(stmt), state, text, (struct str){s->sql, s->len}, e);
}

bool db_fail_packet(struct db *db, struct error *e)
{
    const struct statement *s = &db->statements[db->statements_len - 1];
    return fail(db, ER_NET_PACKET_TOO_LARGE, "08S01",
                "Got a packet bigger than 'max_allowed_packet' bytes",
                (struct str){s->sql, s->len}, e);
}
