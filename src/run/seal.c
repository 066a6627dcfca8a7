/* seal.c: records that others could have written are believed by their seals: an HMAC
 * under a key made of APP_KEY. Each step of each job is sealed, so what OpenSSL looks up
 * and computes of a key is kept: it costs more than ten seals.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "run/run_imp.h"

/* === keys === */

/* keyed makes what computes under a key: NULL where OpenSSL cannot. */
static EVP_MAC_CTX *keyed(struct str key)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    EVP_MAC_free(algorithm);
    if (!mac || EVP_MAC_init(mac, (const uint8_t *)key.ptr, key.len, params))
        return mac;
    EVP_MAC_CTX_free(mac);
    return NULL;
}

/* hmac begins anew, with the key that is there. */
static bool hmac(EVP_MAC_CTX *mac, struct str text, uint8_t out[static RUN_SEAL])
{
    size_t len;
    return EVP_MAC_init(mac, NULL, 0, NULL) &&
           EVP_MAC_update(mac, (const uint8_t *)text.ptr, text.len) &&
           EVP_MAC_final(mac, out, &len, RUN_SEAL);
}

bool run_key_add(struct journal *j, struct str app_key, struct error *e)
{
    uint8_t key[RUN_SEAL];
    EVP_MAC_CTX *derive, *mac = NULL;
    if (app_key.len == 0 || j->keys_len == RUN_KEYS)
        return true;
    derive = keyed(app_key);
    if (derive && hmac(derive, S("facteur: run folder"), key))
        mac = keyed((struct str){(const char *)key, RUN_SEAL});
    EVP_MAC_CTX_free(derive);
    OPENSSL_cleanse(key, sizeof(key));
    if (!mac)
        return err_set(e, ERR_FATAL,
                       "OpenSSL has no HMAC with SHA-256, which seals the run folder");
    j->keys[j->keys_len++] = mac;
    return true;
}

bool run_keys_open(struct journal *j, struct error *e)
{
    struct error ignored = {0};
    struct str key;
    if (app_config_string(j->app, "app.key", S(""), &key, &ignored) &&
        !run_key_add(j, key, e))
        return false;
    const struct php_value *before = app_config(j->app, "app.previous_keys");
    if (j->keys_len == 0 || !before || before->type != PHP_ARRAY)
        return true;
    for (size_t i = 0; i < before->a->len; i++)
        if (before->a->at[i].value.type == PHP_STRING &&
            !run_key_add(j, before->a->at[i].value.s, e))
            return false;
    return true;
}

void run_keys_close(struct journal *j)
{
    while (j->keys_len > 0)
        EVP_MAC_CTX_free(j->keys[--j->keys_len]);
}

/* === seals === */

void run_digest(struct run_file *f)
{
    struct {
        char name[64];
        char head[offsetof(struct run_head, tickets)];
    } sealed = {0};
    const char *name = strrchr(f->path, '/');
    snprintf(sealed.name, sizeof(sealed.name), "%s", name ? name + 1 : f->path);
    memcpy(sealed.head, f->head, sizeof(sealed.head));
    SHA256((const uint8_t *)&sealed, sizeof(sealed), f->digest);
}

static bool make_seal(const struct run_file *f, const struct run_record *r, size_t at,
                      size_t key, uint8_t out[static RUN_SEAL])
{
    struct {
        uint8_t digest[RUN_SEAL];
        uint64_t at;
        struct run_record record;
    } sealed = {.at = at, .record = *r};
    memcpy(sealed.digest, f->digest, RUN_SEAL);
    return hmac(f->journal->keys[key],
                (struct str){(const char *)&sealed, sizeof(sealed)}, out);
}

void run_seal(const struct run_hold *h, uint8_t out[static RUN_SEAL])
{
    if (h->file->journal->keys_len && !make_seal(h->file, &h->now, h->at, 0, out))
        memset(out, 0, RUN_SEAL); /* whoever believes only seals does not believe it */
}

bool run_believed(const struct run_file *f, size_t at)
{
    uint8_t seal[RUN_SEAL];
    if (!f->sealed_only)
        return true;
    for (size_t key = 0; f->slots && key < f->journal->keys_len; key++) {
        if (make_seal(f, &f->slots[at].record, at, key, seal) &&
            CRYPTO_memcmp(seal, f->slots[at].seal, RUN_SEAL) == 0)
            return true;
    }
    return false;
}
