/* connect.c: connect, and make the session facteur's own. */
#include <stdlib.h>

#include "db/db_imp.h"

enum {
    CONNECT_SECONDS = 10,
    /* Longer than innodb_lock_wait_timeout (50 s), so that a server that answers at all
     * answers first. */
    ANSWER_SECONDS = 90,
    /* Whoever waits for a row holds others: a job's end may be in the transaction. */
    ROW_SECONDS = 2,
};

/* A row that is longer is an error of whoever reads it: nobody makes this process hold a
 * gigabyte, which is what the library would take. */
static const unsigned long row_bytes = 64ul << 20;

/* z returns a C string, or NULL for an empty setting, as the library wants them. */
static const char *z(struct arena *tmp, struct str s)
{
    return s.len ? str_z(tmp, s) : NULL;
}

static void set_tls(MYSQL *mysql, const struct db_settings *s, struct arena *tmp)
{
    struct {
        enum mysql_option option;
        struct str value;
        bool authority;
    } files[] = {
        {MYSQL_OPT_SSL_CA, s->ssl_ca, true},
        {MYSQL_OPT_SSL_CAPATH, s->ssl_capath, true},
        {MYSQL_OPT_SSL_CERT, s->ssl_cert, false},
        {MYSQL_OPT_SSL_KEY, s->ssl_key, false},
        {MYSQL_OPT_SSL_CIPHER, s->ssl_cipher, false},
    };
    /* The library checks against an authority that it was told, verify or not. */
    for (size_t i = 0; i < COUNT(files); i++)
        if (files[i].value.len && (s->ssl_verify || !files[i].authority))
            mysql_options(mysql, files[i].option, z(tmp, files[i].value));
#ifdef MARIADB_PACKAGE_VERSION
    mysql_flag enforce = s->tls, verify = s->ssl_verify;
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#else
    unsigned mode = s->ssl_verify ? SSL_MODE_VERIFY_IDENTITY
                    : s->tls      ? SSL_MODE_REQUIRED
                                  : SSL_MODE_PREFERRED;
    mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
    mysql_flag key = true;
    mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &key);
#endif
}

/* restrict_logins: on a wire without TLS no server is told the password as it is, which
 * "mysql_clear_password" and "dialog" would do. */
static void restrict_logins(MYSQL *mysql, const struct db_settings *s)
{
    bool local = s->socket.len || ((!s->host.len || str_eq(s->host, S("localhost"))) &&
                                   !s->tcp && !s->hosts_len);
    if (s->tls || local)
        return;
#if defined(MARIADB_PACKAGE_VERSION_ID) && MARIADB_PACKAGE_VERSION_ID >= 30200
    mysql_options(mysql, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,caching_sha2_password,sha256_password,"
                  "client_ed25519,parsec,auth_gssapi_client");
#else
    (void)mysql; /* Oracle's library has mysql_clear_password off, and no dialog */
#endif
}

/* set_bundle tells the library where a bundle keeps what it would look for at the place
 * that it was built for: logins, and authorities where the image has none. */
static void set_bundle(MYSQL *mysql, const struct db_settings *s, struct arena *tmp)
{
    if (!bundle_root())
        return;
    mysql_options(mysql, MYSQL_PLUGIN_DIR,
                  str_z(tmp, str_fmt(tmp, "%s/lib/mysql", bundle_root())));
    if (s->ssl_verify && !s->ssl_ca.len && !s->ssl_capath.len && bundle_authorities())
        mysql_options(mysql, MYSQL_OPT_SSL_CA, bundle_authorities());
}

static void set_options(MYSQL *mysql, const struct db_settings *s, struct arena *tmp)
{
    unsigned off = 0, answer = s->answer_s ? (unsigned)s->answer_s : ANSWER_SECONDS;
    unsigned connect = answer < CONNECT_SECONDS ? answer : CONNECT_SECONDS;
    /* A hostile server could else ask for any file that we can read. */
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &answer);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer);
    mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &row_bytes);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, z(tmp, s->charset));
    restrict_logins(mysql, s);
    if (s->tcp) {
        unsigned protocol = MYSQL_PROTOCOL_TCP;
        mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    }
    set_tls(mysql, s, tmp);
    set_bundle(mysql, s, tmp);
}

/* What is facteur's own, whatever the app's session is: READ COMMITTED, so that rows
 * passed over are not kept locked. */
static const char session_text[] =
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/* What an INIT_COMMAND may have set, and statements of ours cannot live with. */
static const char after_init[] = ", SESSION completion_type=0, SESSION "
                                 "sql_select_limit=18446744073709551615";

static bool names_mode(struct str init, struct arena *tmp)
{
    return str_has(str_lower(tmp, init), S("sql_mode"));
}

static void add_least(struct buf *b, const char *name, int most)
{
    buf_fmt(b, ", SESSION %s=cast(least(@@%s, %d) as unsigned)", name, name, most);
}

/* set_names writes the app's part: character set, zone, and its mode where it wrote one.
 * Where it did not, a strict one, so that nothing is cut. */
static struct str set_names(const struct db_settings *s, struct arena *tmp)
{
    struct buf b = buf_new(tmp, 8192);
    buf_fmt(&b, "SET NAMES '%.*s'", STR_ARG(s->charset));
    if (s->has_collation)
        buf_fmt(&b, " COLLATE '%.*s'", STR_ARG(s->collation));
    if (s->has_modes)
        buf_fmt(&b, ", SESSION sql_mode='%.*s'", STR_ARG(s->modes));
    else if (!names_mode(s->init, tmp))
        buf_add(&b, S(", SESSION sql_mode='" DB_STRICT "'"));
    if (s->time_zone.len)
        buf_fmt(&b, ", SESSION time_zone='%.*s'", STR_ARG(s->time_zone));
    buf_add(&b, S(", SESSION autocommit=1"));
    if (s->has_init)
        buf_add(&b, str_from(after_init));
    if (s->answer_s) {
        int answer = s->answer_s > 1 ? s->answer_s * 3 / 4 : 1;
        add_least(&b, "lock_wait_timeout", answer);
        add_least(&b, "innodb_lock_wait_timeout",
                  answer < ROW_SECONDS ? answer : ROW_SECONDS);
    }
    return buf_str(&b);
}

/* run_init sends the app's INIT_COMMAND, which may be several statements and may have
 * results, as PDO allows. */
static bool run_init(struct db *db, struct error *e)
{
    const struct db_settings *s = db->settings;
    int more = 0;
    if (!s->has_init)
        return true;
    if (mysql_set_server_option(db->mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON) ||
        mysql_real_query(db->mysql, s->init.ptr, s->init.len))
        return db_fail(db, e);
    while (more == 0) {
        MYSQL_RES *r = mysql_store_result(db->mysql);
        if (r)
            mysql_free_result(r);
        more = mysql_next_result(db->mysql);
    }
    if (more > 0 || mysql_set_server_option(db->mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF))
        return db_fail(db, e);
    return true;
}

/* plain says whether a setting can stand inside quotes: names of character sets,
 * collations and zones need no more than this. */
static bool plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-:/, ",
                s.ptr[i]) ||
            !s.ptr[i])
            return false;
    return true;
}

/* check_limits refuses a server that would refuse our writes: READ COMMITTED cannot be
 * logged as statements (error 1665). */
static bool check_limits(struct db *db, struct error *e)
{
    bool ok = true;
    if (mysql_query(db->mysql, "SELECT @@global.log_bin, @@session.binlog_format, "
                               "@@session.max_allowed_packet"))
        return db_fail(db, e);
    MYSQL_RES *r = mysql_store_result(db->mysql);
    MYSQL_ROW row = r ? mysql_fetch_row(r) : NULL;
    if (row && row[0] && row[1] && strcmp(row[0], "1") == 0 &&
        strcmp(row[1], "STATEMENT") == 0)
        ok = err_set(
            e, ERR_FATAL,
            "the server's binlog_format is STATEMENT, which refuses writes in READ "
            "COMMITTED (error 1665): set it to ROW or MIXED");
    db->packet_max = row && row[2] ? strtoull(row[2], NULL, 10) : UINT64_MAX;
    if (r)
        mysql_free_result(r);
    return ok;
}

/* check_names looks at the settings that stand inside the session's statements. */
static bool check_names(const struct db_settings *s, struct error *e)
{
    static const char *const charsets[] = {"utf8mb4", "utf8mb3", "utf8"};
    bool known = false;
    for (size_t i = 0; i < COUNT(charsets); i++)
        known = known || str_eq(s->charset, str_from(charsets[i]));
    if (!known)
        return err_set(e, ERR_FATAL,
                       "database connection [%.*s] has the charset \"%.*s\": facteur "
                       "works with utf8mb4 only",
                       STR_ARG(s->name), STR_ARG(s->charset));
    if (!plain(s->collation) || !plain(s->time_zone) || !plain(s->modes))
        return err_set(e, ERR_FATAL,
                       "collation, timezone or modes of database connection [%.*s] holds "
                       "a character that no such name has",
                       STR_ARG(s->name));
    return true;
}

static bool set_session(struct db *db, struct arena *tmp, struct error *e)
{
    const struct db_settings *s = db->settings;
    struct str names = set_names(s, tmp);
    if (!run_init(db, e))
        return err_wrap(e,
                        "database.connections.%.*s.options, "
                        "PDO::MYSQL_ATTR_INIT_COMMAND",
                        STR_ARG(s->name));
    if (mysql_real_query(db->mysql, names.ptr, names.len) ||
        mysql_query(db->mysql, session_text)) {
        db_fail(db, e);
        return false;
    }
    if (!check_limits(db, e))
        return false;
    struct str version =
        s->version.len ? s->version : str_from(mysql_get_server_info(db->mysql));
    db->skip_locked = db_version_skips_locked(version);
    return true;
}

/* lasts: what the server refuses now it will refuse later: a password, a database, a name
 * that it does not know. What nobody has seen yet may pass. */
static bool lasts(enum db_fault fault)
{
    return fault == DB_SCHEMA || fault == DB_PRIVILEGE || fault == DB_LASTING;
}

/* unusable: a session that cannot be made as it must be is an outage, unless it never
 * will be. */
static bool unusable(struct db *db, struct error *e)
{
    if (e->kind != ERR_FATAL)
        e->kind = lasts(db->fault) ? ERR_FATAL : ERR_LOST;
    return false;
}

static bool open_connection(struct db *db, struct str to, struct arena *tmp,
                            struct error *e)
{
    const struct db_settings *s = db->settings;
    const char *socket = z(tmp, s->socket);
    const char *host = socket ? "localhost" : z(tmp, to);
    db->mysql = mysql_init(NULL);
    if (!db->mysql)
        return err_set(e, ERR_FATAL, "no memory for a database session");
    set_options(db->mysql, s, tmp);
    /* The library takes "localhost" for its default socket, as PHP does. No password is
     * the empty one: for NULL the library would look into the environment. */
    if (!mysql_real_connect(db->mysql, host, z(tmp, s->user), str_z(tmp, s->password),
                            z(tmp, s->database), socket ? 0 : (unsigned)s->port, socket,
                            CLIENT_FOUND_ROWS)) {
        unsigned code = mysql_errno(db->mysql);
        db->fault = db_fault_of(code, mysql_sqlstate(db->mysql));
        err_set(e, lasts(db->fault) ? ERR_FATAL : ERR_LOST,
                "SQLSTATE[HY000] [%u] %s (Connection: %.*s)", code,
                mysql_error(db->mysql), STR_ARG(s->name));
        return false;
    }
    /* MariaDB's library goes on in plain text when a server has no TLS. */
    if (s->tls && !mysql_get_ssl_cipher(db->mysql))
        return err_set(e, ERR_FATAL,
                       "database connection [%.*s] asks for TLS, which the server does "
                       "not have",
                       STR_ARG(s->name));
    return set_session(db, tmp, e) || unusable(db, e);
}

/* open_any tries the hosts by chance, as Laravel does: whatever one says, the next is
 * asked; the last one's answer is told. */
static bool open_any(struct db *db, struct arena *tmp, struct error *e)
{
    const struct db_settings *s = db->settings;
    struct str *hosts = NEW(tmp, struct str, s->hosts_len);
    memcpy(hosts, s->hosts, s->hosts_len * sizeof(*hosts));
    for (size_t left = s->hosts_len; left > 0; left--) {
        size_t at = arc4random_uniform((uint32_t)left);
        struct str host = hosts[at];
        hosts[at] = hosts[left - 1];
        err_clear(e);
        if (open_connection(db, host, tmp, e))
            return true;
        db_disconnect(db);
    }
    return false;
}

bool db_connect(struct db *db, struct error *e)
{
    if (db->mysql)
        return true;
    struct arena tmp = arena_open(1 << 20); /* an INIT_COMMAND may be long */
    const struct db_settings *s = db->settings;
    bool ok = check_names(s, e) && (s->hosts_len > 1 && !s->socket.len
                                        ? open_any(db, &tmp, e)
                                        : open_connection(db, s->host, &tmp, e));
    if (!ok)
        db_disconnect(db);
    arena_close(&tmp);
    return ok;
}
