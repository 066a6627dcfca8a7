/* connect.c: connect, and make the session facteur's own. */
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>

#include "db/db_imp.h"

enum {
    CONNECT_SECONDS = 10,
    /* Longer than innodb_lock_wait_timeout (50 s), so that a server that answers at all
     * answers first. */
    ANSWER_SECONDS = 90,
};

/* z returns a C string, or NULL for an empty setting, as the library wants them. */
static const char *z(struct arena *tmp, struct str s)
{
    return s.len ? str_z(tmp, s) : NULL;
}

static bool wants_tls(const struct db_settings *s)
{
    return s->ssl_ca.len || s->ssl_capath.len || s->ssl_cert.len || s->ssl_key.len ||
           s->ssl_cipher.len;
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
    mysql_flag enforce = wants_tls(s), verify = s->ssl_verify;
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#else
    unsigned mode = s->ssl_verify  ? SSL_MODE_VERIFY_IDENTITY
                    : wants_tls(s) ? SSL_MODE_REQUIRED
                                   : SSL_MODE_PREFERRED;
    mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
    mysql_flag key = true;
    mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &key);
#endif
}

static void set_options(MYSQL *mysql, const struct db_settings *s, struct arena *tmp)
{
    unsigned off = 0, connect = CONNECT_SECONDS, answer = ANSWER_SECONDS;
    /* A hostile server could else ask for any file that we can read. */
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &answer);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, z(tmp, s->charset));
    set_tls(mysql, s, tmp);
}

/* The session as facteur needs it, whatever the app's own session is: READ COMMITTED, so
 * that rows passed over are not kept locked; a strict mode, so that nothing is cut. */
static const char session_text[] =
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

static struct str set_names(const struct db_settings *s, struct arena *tmp)
{
    struct buf b = buf_new(tmp, 4096);
    buf_fmt(&b, "SET NAMES '%.*s'", STR_ARG(s->charset));
    if (s->collation.len)
        buf_fmt(&b, " COLLATE '%.*s'", STR_ARG(s->collation));
    buf_add(&b, S(", SESSION sql_mode='ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,"
                  "NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
                  "NO_ENGINE_SUBSTITUTION', SESSION autocommit=1"));
    if (s->time_zone.len)
        buf_fmt(&b, ", SESSION time_zone='%.*s'", STR_ARG(s->time_zone));
    return buf_str(&b);
}

/* plain says whether a setting can stand inside quotes: names of character sets,
 * collations and zones need no more than this. */
static bool plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-:/",
                    s.ptr[i]) ||
            !s.ptr[i])
            return false;
    return true;
}

/* check_binlog refuses a server that would refuse our writes: READ COMMITTED cannot be
 * logged as statements (error 1665). */
static bool check_binlog(struct db *db, struct error *e)
{
    bool ok = true;
    if (mysql_query(db->mysql, "SELECT @@global.log_bin, @@session.binlog_format"))
        return db_fail(db, e);
    MYSQL_RES *r = mysql_store_result(db->mysql);
    MYSQL_ROW row = r ? mysql_fetch_row(r) : NULL;
    if (row && row[0] && row[1] && strcmp(row[0], "1") == 0 &&
        strcmp(row[1], "STATEMENT") == 0)
        ok = err_set(
            e, ERR_FATAL,
            "the server's binlog_format is STATEMENT, which refuses writes in READ "
            "COMMITTED (error 1665): set it to ROW or MIXED");
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
    if (!plain(s->collation) || !plain(s->time_zone))
        return err_set(e, ERR_FATAL,
                       "collation or timezone of database connection [%.*s] holds "
                       "a character that no such name has",
                       STR_ARG(s->name));
    return true;
}

static bool set_session(struct db *db, struct arena *tmp, struct error *e)
{
    const struct db_settings *s = db->settings;
    struct str names = set_names(s, tmp);
    if (mysql_real_query(db->mysql, names.ptr, names.len) ||
        mysql_query(db->mysql, session_text)) {
        db_fail(db, e);
        /* What the server does not know now it will not know later. */
        if (e->kind == ERR_JOB)
            e->kind = ERR_FATAL;
        return false;
    }
    if (!check_binlog(db, e))
        return false;
    struct str version =
        s->version.len ? s->version : str_from(mysql_get_server_info(db->mysql));
    db->skip_locked = db_version_skips_locked(version);
    return true;
}

static bool refused(unsigned code)
{
    return code == ER_ACCESS_DENIED_ERROR || code == ER_DBACCESS_DENIED_ERROR ||
           code == ER_BAD_DB_ERROR || code == CR_SSL_CONNECTION_ERROR ||
           code == CR_AUTH_PLUGIN_CANNOT_LOAD || code == ER_NOT_SUPPORTED_AUTH_MODE;
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
        err_set(e, refused(code) ? ERR_FATAL : ERR_LOST,
                "SQLSTATE[HY000] [%u] %s (Connection: %.*s)", code,
                mysql_error(db->mysql), STR_ARG(s->name));
        return false;
    }
    /* MariaDB's library goes on in plain text when a server has no TLS. */
    if (wants_tls(s) && !mysql_get_ssl_cipher(db->mysql))
        return err_set(e, ERR_FATAL,
                       "database connection [%.*s] asks for TLS, which the server does "
                       "not have",
                       STR_ARG(s->name));
    return set_session(db, tmp, e);
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
    struct arena tmp = arena_open(64 << 10);
    const struct db_settings *s = db->settings;
    bool ok = check_names(s, e) && (s->hosts_len > 1 && !s->socket.len
                                        ? open_any(db, &tmp, e)
                                        : open_connection(db, s->host, &tmp, e));
    if (!ok)
        db_disconnect(db);
    arena_close(&tmp);
    return ok;
}
