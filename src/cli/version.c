/* version.c: --version; with -v of which commit it was built, how, and the libraries that
 * it runs with. */
#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <hpdf.h>
#include <jansson.h>
#include <mysql.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <zlib.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "cli/cli_imp.h"
#include <commit.h> /* COMMIT: made by make */

enum { VERSION_MAX = 4096 };

struct fact {
    const char *name, *value;
};

static void print_facts(struct console *c, struct buf *b, const char *heading,
                        const struct fact *facts, size_t len)
{
    buf_byte(b, '\n');
    console_styled(c, b, STYLE_YELLOW, str_from(heading));
    buf_byte(b, '\n');
    for (size_t i = 0; i < len; i++) {
        buf_fmt(b, "  ");
        console_styled(c, b, STYLE_GREEN, str_from(facts[i].name));
        buf_fmt(b, "%*s%s\n", (int)(18 - strlen(facts[i].name)), "",
                facts[i].value ? facts[i].value : "none");
    }
}

static void print_more(struct console *c, struct buf *b, struct arena *perm)
{
    static char pcre[64];
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    const char *root = bundle_root();
    const struct fact build[] = {
        {"commit", COMMIT},
        {"compiler", __VERSION__},
        {"bundle", root ? root : "no"},
    };
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    const struct fact libraries[] = {
        {"libmysqlclient", mysql_get_client_info()},
        {"libcurl", curl->version},
        {"its TLS", curl->ssl_version},
        {"OpenSSL", OpenSSL_version(OPENSSL_VERSION)},
        {"libharu", HPDF_GetVersion()},
        {"jansson", JANSSON_VERSION},
        {"PCRE2", pcre},
        {"zlib", zlibVersion()},
        {"hiredis", str_z(perm, str_fmt(perm, "%d.%d.%d", HIREDIS_MAJOR, HIREDIS_MINOR,
                                        HIREDIS_PATCH))},
    };
    print_facts(c, b, "Build:", build, COUNT(build));
    print_facts(c, b, "Libraries:", libraries, COUNT(libraries));
}

void print_version(struct invocation *in)
{
    struct buf b = buf_new(&in->perm, VERSION_MAX);
    buf_add(&b, S("facteur "));
    console_styled(&in->console, &b, STYLE_GREEN, S(FACTEUR_VERSION));
    buf_byte(&b, '\n');
    if (in->verbosity > 0)
        print_more(&in->console, &b, &in->perm);
    console_put(&in->console, buf_str(&b));
}
