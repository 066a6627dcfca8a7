/* session.c: prepare, run, commit. */
#include <assert.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/db_imp.h"

/* === a session === */

struct db *db_new(const struct db_settings *s)
{
    struct db *db = calloc(1, sizeof(*db));
    if (db)
        db->settings = s;
    return db;
}

void db_drop(struct db *db)
{
    if (!db)
        return;
    db_disconnect(db);
    free(db);
}

const struct db_settings *db_settings(const struct db *db)
{
    return db->settings;
}

bool db_skip_locked(const struct db *db)
{
    return db->skip_locked;
}

enum db_fault db_fault(const struct db *db)
{
    return db->fault;
}

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

/* === statements === */

struct db_arg db_null(void)
{
    return (struct db_arg){.type = DB_NULL};
}

struct db_arg db_int(int64_t i)
{
    return (struct db_arg){.type = DB_INT, .i = i};
}

struct db_arg db_text(struct str s)
{
    return (struct db_arg){.type = DB_TEXT, .s = s};
}

/* find_statement moves a statement to the end of the cache, whose start goes first. */
static MYSQL_STMT *find_statement(struct db *db, struct str sql)
{
    for (size_t i = db->statements_len; i-- > 0;) {
        struct statement s = db->statements[i];
        if (!str_eq((struct str){s.sql, s.len}, sql))
            continue;
        size_t behind = db->statements_len - i - 1;
        memmove(&db->statements[i], &db->statements[i + 1],
                behind * sizeof(db->statements[0]));
        db->statements[db->statements_len - 1] = s;
        return s.stmt;
    }
    return NULL;
}

static MYSQL_STMT *prepare(struct db *db, struct str sql, struct error *e)
{
    MYSQL_STMT *stmt = find_statement(db, sql);
    if (stmt)
        return stmt;
    if (db->statements_len == STATEMENTS)
        db_drop_statement(db, 0);
    struct statement *s = &db->statements[db->statements_len];
    s->len = sql.len;
    s->sql = malloc(sql.len + 1);
    s->stmt = stmt = mysql_stmt_init(db->mysql);
    if (!stmt || !s->sql) {
        free(s->sql);
        if (stmt)
            mysql_stmt_close(stmt);
        err_set(e, ERR_FATAL, "no memory for a statement");
        return NULL;
    }
    memcpy(s->sql, sql.ptr, sql.len);
    db->statements_len++;
    mysql_flag lengths = 1;
    mysql_stmt_attr_set(stmt, STMT_ATTR_UPDATE_MAX_LENGTH, &lengths);
    if (mysql_stmt_prepare(stmt, sql.ptr, sql.len)) {
        db_fail_statement(db, stmt, e);
        if (db->mysql)
            db_drop_statement(db, db->statements_len - 1);
        return NULL;
    }
    return stmt;
}

static bool execute(struct db *db, MYSQL_STMT *stmt, const struct db_arg *args,
                    size_t len, struct arena *perm, struct error *e)
{
    MYSQL_BIND *bind = NEW(perm, MYSQL_BIND, len);
    int64_t *numbers = NEW(perm, int64_t, len);
    unsigned long *lengths = NEW(perm, unsigned long, len);
    uint64_t bytes = 64 + 16 * len; /* a number, or how long a text is, and the rest */
    assert(mysql_stmt_param_count(stmt) == len);
    for (size_t i = 0; i < len; i++) {
        if (args[i].type == DB_NULL) {
            bind[i].buffer_type = MYSQL_TYPE_NULL;
        } else if (args[i].type == DB_INT) {
            numbers[i] = args[i].i;
            bind[i].buffer_type = MYSQL_TYPE_LONGLONG;
            bind[i].buffer = &numbers[i];
        } else {
            lengths[i] = args[i].s.len;
            bytes += args[i].s.len;
            bind[i].buffer_type = MYSQL_TYPE_STRING;
            bind[i].buffer = (void *)(uintptr_t)args[i].s.ptr;
            bind[i].buffer_length = args[i].s.len;
            bind[i].length = &lengths[i];
        }
    }
    if (bytes > db->packet_max)
        return db_fail_packet(db, e);
    if ((len && mysql_stmt_bind_param(stmt, bind)) || mysql_stmt_execute(stmt))
        return db_fail_statement(db, stmt, e);
    return true;
}

/* === results === */

struct column {
    enum { CELL_INT, CELL_FLOAT, CELL_BITS, CELL_TEXT } type;
    bool is_unsigned;
    int64_t number;
    char *text;
    unsigned long length;
    mysql_flag is_null;
};

static void describe(struct column *c, MYSQL_BIND *bind, const MYSQL_FIELD *f,
                     struct arena *perm)
{
    bind->length = &c->length;
    bind->is_null = &c->is_null;
    c->is_unsigned = (f->flags & UNSIGNED_FLAG) != 0;
    switch (f->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
        if (f->flags & ZEROFILL_FLAG) {
            c->type = CELL_TEXT; /* "00042" */
            break;
        }
        c->type = CELL_INT;
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = &c->number;
        bind->is_unsigned = c->is_unsigned;
        return;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
        c->type = CELL_FLOAT;
        break;
    case MYSQL_TYPE_BIT:
        c->type = CELL_BITS;
        break;
    default:
        c->type = CELL_TEXT;
    }
    /* max_length is of the bytes sent; a date or a number grows when it becomes text. */
    size_t size = f->max_length + 64;
    c->text = NEW(perm, char, size);
    bind->buffer_type = MYSQL_TYPE_STRING;
    bind->buffer = c->text;
    bind->buffer_length = size;
}

static struct php_value cell(const struct column *c, struct arena *perm)
{
    if (c->is_null)
        return php_null();
    if (c->type == CELL_INT && c->is_unsigned && c->number < 0)
        return php_string(str_fmt(perm, "%llu", (unsigned long long)c->number));
    if (c->type == CELL_INT)
        return php_int(c->number);
    if (c->type == CELL_BITS) {
        uint64_t bits = 0;
        for (size_t i = 0; i < c->length && i < sizeof(bits); i++)
            bits = bits << 8 | (unsigned char)c->text[i];
        return php_int((int64_t)bits);
    }
    struct str text = str_copy(perm, (struct str){c->text, c->length});
    struct php_value number;
    if (c->type == CELL_FLOAT && php_numeric(text, &number))
        return php_float(php_to_float(number));
    return php_string(text);
}

static bool fetch(struct db *db, MYSQL_STMT *stmt, struct arena *perm,
                  struct db_result *out, struct error *e)
{
    size_t cols = mysql_stmt_field_count(stmt);
    if (mysql_stmt_store_result(stmt))
        return db_fail_statement(db, stmt, e);
    db->meta = mysql_stmt_result_metadata(stmt); /* now max_length is known */
    if (!db->meta)
        return db_fail_statement(db, stmt, e);
    struct column *columns = NEW(perm, struct column, cols);
    MYSQL_BIND *binds = NEW(perm, MYSQL_BIND, cols);
    struct str *names = NEW(perm, struct str, cols);
    for (size_t i = 0; i < cols; i++) {
        const MYSQL_FIELD *f = mysql_fetch_field_direct(db->meta, (unsigned)i);
        names[i] = str_copy(perm, (struct str){f->name, f->name_length});
        describe(&columns[i], &binds[i], f, perm);
    }
    db_drop_meta(db);
    if (mysql_stmt_bind_result(stmt, binds))
        return db_fail_statement(db, stmt, e);
    out->rows = mysql_stmt_num_rows(stmt);
    out->cols = cols;
    out->names = names;
    struct php_value *cells = NEW(perm, struct php_value, out->rows * cols);
    out->cells = cells;
    for (size_t row = 0; row < out->rows; row++) {
        int got = mysql_stmt_fetch(stmt);
        if (got == MYSQL_DATA_TRUNCATED)
            return err_set(e, ERR_JOB, "a value is longer than the server announced");
        if (got)
            return db_fail_statement(db, stmt, e);
        for (size_t i = 0; i < cols; i++)
            cells[row * cols + i] = cell(&columns[i], perm);
    }
    return true;
}

/* reshaped: a table has got another number of columns since its statement was prepared,
 * and the library cannot follow. The statement is prepared again. */
static bool reshaped(struct db *db, MYSQL_STMT *stmt)
{
    if (!db->mysql || mysql_stmt_errno(stmt) != CR_NEW_STMT_METADATA)
        return false;
    db_drop_statement(db, db->statements_len - 1);
    return true;
}

struct call {
    struct str sql;
    const struct db_arg *args;
    size_t len;
};

static bool run_once(struct db *db, const struct call *s, struct arena *perm,
                     struct db_result *out, struct error *e)
{
    if (!db->mysql && db->in_transaction)
        return err_set(e, ERR_LOST, "the transaction was lost with its connection");
    if (!db_connect(db, e))
        return false;
    MYSQL_STMT *stmt = prepare(db, s->sql, e);
    if (!stmt)
        return false;
    /* A run that was left half-way (the arena was full) may have kept its result. */
    db_drop_meta(db);
    mysql_stmt_free_result(stmt);
    if (!execute(db, stmt, s->args, s->len, perm, e)) {
        if (!reshaped(db, stmt))
            return false;
        err_clear(e);
        stmt = prepare(db, s->sql, e);
        if (!stmt || !execute(db, stmt, s->args, s->len, perm, e))
            return false;
    }
    out->matched = mysql_stmt_affected_rows(stmt);
    out->insert_id = mysql_stmt_insert_id(stmt);
    bool ok = true;
    if (mysql_stmt_field_count(stmt))
        ok = fetch(db, stmt, perm, out, e);
    if (db->mysql) {
        db_drop_meta(db);
        mysql_stmt_free_result(stmt);
    }
    return ok;
}

bool db_run(struct db *db, struct str sql, const struct db_arg *args, size_t len,
            struct arena *perm, struct db_result *out, struct error *e)
{
    struct call s = {sql, args, len};
    struct db_result none;
    if (!out)
        out = &none;
    *out = (struct db_result){0};
    bool in_transaction = db->in_transaction;
    bool was_open = db->mysql != NULL;
    if (run_once(db, &s, perm, out, e))
        return true;
    /* A connection that died while idle is opened again, for what only reads: a write may
     * have been done before the connection was lost. */
    bool reads = str_starts(sql, S("select")) || str_starts(sql, S("show"));
    if (e->kind != ERR_LOST || in_transaction || !was_open || !reads)
        return false;
    err_clear(e);
    *out = (struct db_result){0};
    return run_once(db, &s, perm, out, e);
}

struct php_value db_cell(const struct db_result *r, size_t row, const char *name)
{
    for (size_t i = 0; i < r->cols; i++)
        if (str_eq(r->names[i], str_from(name)))
            return r->cells[row * r->cols + i];
    return php_null();
}

/* === transactions === */

static bool command(struct db *db, const char *text, struct error *e)
{
    if (mysql_query(db->mysql, text))
        return db_fail(db, e);
    return true;
}

bool db_begin(struct db *db, struct error *e)
{
    assert(!db->in_transaction);
    bool was_open = db->mysql != NULL;
    if (!db_connect(db, e))
        return false;
    if (!command(db, "START TRANSACTION", e)) {
        if (e->kind != ERR_LOST || !was_open)
            return false;
        err_clear(e);
        if (!db_connect(db, e) || !command(db, "START TRANSACTION", e))
            return false;
    }
    db->in_transaction = true;
    return true;
}

/* A COMMIT that was refused may have been done, or may be waiting to be: what was asked
 * for by a proxy, say. Without its connection it cannot come later. */
bool db_commit(struct db *db, struct error *e)
{
    if (!db->mysql)
        return err_set(e, ERR_LOST, "the connection was lost before COMMIT");
    db->in_transaction = false;
    if (command(db, "COMMIT", e))
        return true;
    if (!db->mysql || mysql_errno(db->mysql) != ER_LOCK_DEADLOCK)
        e->kind = ERR_LOST; /* a deadlock has rolled back, in a cluster here too */
    db_disconnect(db);
    return false;
}

void db_rollback(struct db *db)
{
    struct error e = {0};
    if (db->mysql && db->in_transaction && !command(db, "ROLLBACK", &e))
        db_disconnect(db);
    db->in_transaction = false;
}
