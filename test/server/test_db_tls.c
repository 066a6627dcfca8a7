/* test_db_tls.c: servers with TLS. In TLS_DIR: ca.pem, the authority of both servers'
 * certificates; stranger.pem, another one; here.pem and here.key, good for 127.0.0.1. The
 * server of DB_PORT has that certificate, the one of ELSEWHERE_PORT another host's. */
#include "server.h"

static struct str tls_file(const char *name)
{
    return str_fmt(&memory, "%s/%s", server_env("TLS_DIR"), name);
}

static struct db_settings by_tcp(const char *port)
{
    struct db_settings s = settings_of_server();
    s.socket = S("");
    s.port = (int)strtol(server_env(port), NULL, 10);
    return s;
}

/* cipher returns the cipher of a new session, "plain", or the kind of its error. */
static struct str cipher(const struct db_settings *s)
{
    struct error e = {0};
    struct db_result r;
    struct db *db = db_new(s);
    struct str out = S("plain");
    if (!db_connect(db, &e)) {
        out = str_from(err_kind_name(e.kind));
        note("%s", e.text);
        assert_null(strstr(e.text, "s3cret"));
    } else {
        assert_ok(
            db_run(db, S("show status like 'Ssl_cipher'"), NULL, 0, &memory, &r, &e), e);
        if (r.cells[1].s.len)
            out = S("tls");
    }
    db_drop(db);
    return out;
}

void test_without_settings_there_is_no_tls_as_in_php(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("DB_PORT");
    assert_str(cipher(&s), "plain");
}

void test_a_certificate_of_the_given_authority_is_taken(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("DB_PORT");
    s.tls = true;
    s.ssl_ca = tls_file("ca.pem");
    s.ssl_verify = true;
    assert_str(cipher(&s), "tls");
}

void test_a_certificate_of_another_authority_is_refused(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("DB_PORT");
    s.tls = true;
    s.ssl_ca = tls_file("stranger.pem");
    s.ssl_verify = true;
    assert_str(cipher(&s), "fatal");
    s.ssl_ca = tls_file("missing.pem");
    assert_str(cipher(&s), "fatal");
}

void test_without_a_given_authority_the_systems_decide(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("DB_PORT");
    s.tls = true;
    s.ssl_cert = tls_file("here.pem");
    s.ssl_key = tls_file("here.key");
    s.ssl_verify = true;
    assert_str(cipher(&s), "fatal");
}

void test_a_certificate_of_another_host_is_refused(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("ELSEWHERE_PORT");
    s.tls = true;
    s.ssl_ca = tls_file("ca.pem");
    s.ssl_verify = true;
    assert_str(cipher(&s), "fatal");
}

void test_verification_can_be_turned_off(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("ELSEWHERE_PORT");
    s.tls = true;
    s.ssl_ca = tls_file("stranger.pem");
    s.ssl_verify = false;
    assert_str(cipher(&s), "tls");
}

/* An option that is there but empty asks for TLS, as in PHP. */
void test_an_empty_authority_asks_for_tls(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("DB_PORT");
    s.tls = true;
    assert_str(cipher(&s), "tls");
    s.ssl_verify = true; /* by the system's authorities, which do not know this one */
    assert_str(cipher(&s), "fatal");
}

void test_a_client_certificate_is_shown(void **state)
{
    (void)state;
    sql("alter user app@'127.0.0.1' require x509");
    struct db_settings s = by_tcp("DB_PORT");
    s.tls = true;
    s.ssl_ca = tls_file("ca.pem");
    s.ssl_verify = true;
    assert_str(cipher(&s), "fatal");
    s.ssl_cert = tls_file("here.pem");
    s.ssl_key = tls_file("here.key");
    assert_str(cipher(&s), "tls");
    sql("alter user app@'127.0.0.1' require none");
}

void test_tls_that_was_asked_for_is_never_done_without(void **state)
{
    (void)state;
    struct db_settings s = by_tcp("PLAIN_PORT");
    s.tls = true;
    s.ssl_ca = tls_file("ca.pem");
    assert_str(cipher(&s), "fatal");
}
