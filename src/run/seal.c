/* seal.c: records that others could have written are believed by their seals: an HMAC
 * under a key made of APP_KEY.
 */
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "run/run_imp.h"

/* === keys === */

static void derive_key(struct journal *j, struct str app_key)
{
    static const char use[] = "facteur: run folder";
    unsigned len = RUN_SEAL;
    if (app_key.len == 0 || j->keys_len == RUN_KEYS)
        return;
    HMAC(EVP_sha256(), app_key.ptr, (int)app_key.len, (const uint8_t *)use,
         sizeof(use) - 1, j->keys[j->keys_len++], &len);
}

/* run_keys: an app without a key has no seals; one whose key cannot be evaluated
 * likewise. */
void run_keys(struct journal *j)
{
    struct error ignored = {0};
    struct str key;
    if (app_config_string(j->app, "app.key", S(""), &key, &ignored))
        derive_key(j, key);
    const struct php_value *before = app_config(j->app, "app.previous_keys");
    if (j->keys_len == 0 || !before || before->type != PHP_ARRAY)
        return;
    for (size_t i = 0; i < before->a->len; i++)
        if (before->a->at[i].value.type == PHP_STRING)
            derive_key(j, before->a->at[i].value.s);
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

static void make_seal(const struct run_file *f, const struct run_record *r, size_t at,
                      size_t key, uint8_t out[static RUN_SEAL])
{
    struct {
        uint8_t digest[RUN_SEAL];
        uint64_t at;
        struct run_record record;
    } sealed = {.at = at, .record = *r};
    unsigned len = RUN_SEAL;
    memcpy(sealed.digest, f->digest, RUN_SEAL);
    HMAC(EVP_sha256(), f->journal->keys[key], RUN_SEAL, (const uint8_t *)&sealed,
         sizeof(sealed), out, &len);
}

void run_seal(const struct run_hold *h, uint8_t out[static RUN_SEAL])
{
    if (h->file->journal->keys_len)
        make_seal(h->file, &h->now, h->at, 0, out);
}

bool run_believed(const struct run_file *f, size_t at)
{
    uint8_t seal[RUN_SEAL];
    if (!f->sealed_only)
        return true;
    for (size_t key = 0; f->slots && key < f->journal->keys_len; key++) {
        make_seal(f, &f->slots[at].record, at, key, seal);
        if (CRYPTO_memcmp(seal, f->slots[at].seal, RUN_SEAL) == 0)
            return true;
    }
    return false;
}
