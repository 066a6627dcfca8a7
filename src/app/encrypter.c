/* encrypter.c: what Laravel's Encrypter wrote, read with the app's keys.
 *
 * A text is base64 of {"iv","value","mac","tag"}, each base64 again. With CBC the MAC is
 * taken over these base64 texts and checked before anything is decrypted; GCM checks its
 * own tag.
 */
#include <jansson.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "app/app_imp.h"

const char decrypt_exception[] = "Illuminate\\Contracts\\Encryption\\DecryptException";

enum { KEY_MAX = 32, TAG_BYTES = 16, MAC_TEXT = 64 };

struct cipher {
    const char *name;
    size_t key;
    bool aead;
    const EVP_CIPHER *(*evp)(void);
};

static const struct cipher ciphers[] = {
    {"aes-128-cbc", 16, false, EVP_aes_128_cbc},
    {"aes-256-cbc", 32, false, EVP_aes_256_cbc},
    {"aes-128-gcm", 16, true, EVP_aes_128_gcm},
    {"aes-256-gcm", 32, true, EVP_aes_256_gcm},
};

struct encrypter {
    const struct cipher *cipher;
    size_t len;
    unsigned char keys[][KEY_MAX];
};

/* === base64 as PHP reads it === */

/* digit returns a character's six bits, -1 for a blank, -2 for anything else. */
static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '/')
        return c == '+' ? 62 : 63;
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' ? -1 : -2;
}

struct base64 {
    size_t len;  /* bytes decoded */
    bool strict; /* base64_decode's second argument would have let it pass */
};

/* base64_decode writes at most s.len * 3 / 4 bytes. PHP skips what is no digit, and goes
 * on behind padding, unless it is told to be strict. */
static struct base64 base64_decode(struct str s, unsigned char *out)
{
    struct base64 r = {.strict = true};
    size_t digits = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '=') {
            padding++;
            continue;
        }
        int d = digit(s.ptr[i]);
        if (d != -1 && (d < 0 || padding))
            r.strict = false;
        if (d < 0)
            continue;
        bits = bits << 6 | (uint32_t)d;
        if (digits++ % 4 != 0)
            out[r.len++] = (unsigned char)(bits >> (6 - 2 * ((digits - 1) % 4)));
    }
    if (digits % 4 == 1 || (padding && (padding > 2 || (digits + padding) % 4 != 0)))
        r.strict = false;
    return r;
}

/* === keys === */

static bool put_key(struct encrypter *x, struct str key, struct error *e)
{
    struct str prefix = S("base64:");
    unsigned char *at = x->keys[x->len];
    if (key.len == 0)
        return err_set(e, ERR_FATAL, "No application encryption key has been specified.");
    size_t len = key.len;
    if (str_starts(key, prefix)) {
        unsigned char *bytes = malloc(key.len);
        if (!bytes)
            return err_set(e, ERR_FATAL, "no memory for a key");
        len = base64_decode(str_skip(key, prefix.len), bytes).len;
        if (len == x->cipher->key)
            memcpy(at, bytes, len);
        OPENSSL_cleanse(bytes, key.len);
        free(bytes);
    } else if (len == x->cipher->key) {
        memcpy(at, key.ptr, len);
    }
    if (len != x->cipher->key)
        return err_set(e, ERR_FATAL,
                       "Unsupported cipher or incorrect key length. Supported ciphers "
                       "are: aes-128-cbc, aes-256-cbc, aes-128-gcm, aes-256-gcm.");
    x->len++;
    return true;
}

struct encrypter *encrypter_new(struct str cipher, const struct str *keys, size_t len,
                                struct error *e)
{
    struct encrypter *x = calloc(1, sizeof(*x) + (len + 1) * KEY_MAX);
    if (!x) {
        err_set(e, ERR_FATAL, "no memory for the encrypter");
        return NULL;
    }
    for (size_t i = 0; i < COUNT(ciphers); i++)
        if (str_ieq(cipher, str_from(ciphers[i].name)))
            x->cipher = &ciphers[i];
    bool ok = x->cipher || err_set(e, ERR_FATAL, "app.cipher: there is no cipher %.*s",
                                   STR_ARG(cipher));
    for (size_t i = 0; ok && i < len; i++)
        ok = put_key(x, keys[i], e);
    if (ok)
        return x;
    encrypter_close(x);
    return NULL;
}

/* previous_keys reads app.previous_keys, which Laravel has since 11. */
static bool previous_keys(struct app *a, struct str *keys, size_t *len, size_t max,
                          struct error *e)
{
    const struct php_value *v =
        app_laravel_has(a, 11, 0) ? app_config(a, "app.previous_keys") : NULL;
    if (!v || v->type == PHP_NULL)
        return true;
    if (v->type != PHP_ARRAY || v->a->len > max - *len)
        return err_set(e, ERR_FATAL, "app.previous_keys is not a short list of keys");
    for (size_t i = 0; i < v->a->len; i++) {
        const struct php_value *key = &v->a->at[i].value;
        if (key->type != PHP_STRING)
            return err_set(e, ERR_FATAL, "app.previous_keys holds what is no text");
        keys[(*len)++] = key->s;
    }
    return true;
}

struct encrypter *encrypter_open(struct app *a, struct error *e)
{
    enum { KEYS_MAX = 64 };
    struct str cipher, keys[KEYS_MAX];
    size_t len = 1;
    if (!app_config_string(a, "app.cipher", S("AES-256-CBC"), &cipher, e) ||
        !app_config_string(a, "app.key", S(""), &keys[0], e) ||
        !previous_keys(a, keys, &len, KEYS_MAX, e))
        return NULL;
    return encrypter_new(cipher, keys, len, e);
}

void encrypter_close(struct encrypter *x)
{
    if (!x)
        return;
    OPENSSL_cleanse(x->keys, x->len * KEY_MAX);
    free(x);
}

/* === decrypting === */

/* The parts of an envelope, decoded. */
struct envelope {
    struct str iv_text, value_text, mac; /* lent from the tree */
    unsigned char *iv, *value, *tag;
    size_t iv_len, value_len, tag_len;
    bool has_tag;
};

static bool member(const json_t *root, const char *key, struct str *out)
{
    const json_t *v = json_object_get(root, key);
    if (!json_is_string(v))
        return false;
    *out = (struct str){json_string_value(v), json_string_length(v)};
    return true;
}

static bool invalid(struct error *e)
{
    return err_set(e, ERR_JOB, "The payload is invalid.");
}

static bool undecryptable(struct error *e)
{
    return err_set(e, ERR_JOB, "Could not decrypt the data.");
}

/* open_envelope reads the tree; its buffers have room for the whole text each. */
static bool open_envelope(const struct encrypter *x, const json_t *root,
                          struct envelope *v, struct error *e)
{
    struct str tag = S("");
    const json_t *given = json_object_get(root, "tag");
    if (!member(root, "iv", &v->iv_text) || !member(root, "value", &v->value_text) ||
        !member(root, "mac", &v->mac) ||
        (given && !json_is_null(given) && !member(root, "tag", &tag)))
        return invalid(e);
    struct base64 iv = base64_decode(v->iv_text, v->iv);
    v->iv_len = iv.len;
    if (!iv.strict || iv.len != (size_t)EVP_CIPHER_iv_length(x->cipher->evp()))
        return invalid(e);
    v->has_tag = tag.len && !str_eq(tag, S("0")); /* PHP's empty() */
    v->tag_len = base64_decode(tag, v->tag).len;
    if (x->cipher->aead && (!v->has_tag || v->tag_len != TAG_BYTES))
        return undecryptable(e);
    if (!x->cipher->aead && v->has_tag)
        return err_set(e, ERR_JOB,
                       "Unable to use tag because the cipher algorithm does not support "
                       "AEAD.");
    v->value_len = base64_decode(v->value_text, v->value).len;
    return true;
}

static bool mac_is_valid(const struct encrypter *x, size_t key, const struct envelope *v,
                         struct str signed_text)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char mac[EVP_MAX_MD_SIZE];
    char text[MAC_TEXT];
    unsigned len = 0;
    if (!HMAC(EVP_sha256(), x->keys[key], (int)x->cipher->key,
              (const unsigned char *)signed_text.ptr, signed_text.len, mac, &len) ||
        len * 2 != MAC_TEXT || v->mac.len != MAC_TEXT)
        return false;
    for (unsigned i = 0; i < len; i++) {
        text[2 * i] = hex[mac[i] >> 4];
        text[2 * i + 1] = hex[mac[i] & 15];
    }
    return CRYPTO_memcmp(text, v->mac.ptr, MAC_TEXT) == 0;
}

/* decipher gives the plain text's length, or -1. */
static int decipher(const struct encrypter *x, size_t key, const struct envelope *v,
                    unsigned char *out)
{
    int len = 0, last = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool ok = c && v->value_len < INT_MAX / 2 &&
              EVP_DecryptInit_ex(c, x->cipher->evp(), NULL, x->keys[key], v->iv) == 1 &&
              (!x->cipher->aead ||
               EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, v->tag) == 1) &&
              EVP_DecryptUpdate(c, out, &len, v->value, (int)v->value_len) == 1 &&
              EVP_DecryptFinal_ex(c, out + len, &last) == 1;
    EVP_CIPHER_CTX_free(c);
    return ok ? len + last : -1;
}

static bool try_keys(const struct encrypter *x, const struct envelope *v,
                     struct str signed_text, unsigned char *plain, struct str *out,
                     struct error *e)
{
    /* One key that the MAC fits opens the text to those after it, as in Laravel. */
    bool mac = x->cipher->aead;
    for (size_t i = 0; i < x->len; i++) {
        mac = mac || mac_is_valid(x, i, v, signed_text);
        int len = mac ? decipher(x, i, v, plain) : -1;
        if (len >= 0) {
            *out = (struct str){(const char *)plain, (size_t)len};
            return true;
        }
    }
    return mac ? undecryptable(e) : err_set(e, ERR_JOB, "The MAC is invalid.");
}

bool encrypter_decrypt(const struct encrypter *x, struct str text, struct arena *perm,
                       struct str *out, struct error *e)
{
    /* All memory first: an arena that is full jumps away, and would leave the tree. */
    unsigned char *json = NEW(perm, unsigned char, text.len + 1);
    size_t room = text.len + EVP_MAX_BLOCK_LENGTH;
    struct envelope v = {.iv = NEW(perm, unsigned char, room),
                         .value = NEW(perm, unsigned char, room),
                         .tag = NEW(perm, unsigned char, room)};
    unsigned char *plain = NEW(perm, unsigned char, room);
    char *both = NEW(perm, char, room);
    size_t len = base64_decode(text, json).len;
    json_t *root = json_loadb((const char *)json, len, JSON_ALLOW_NUL, NULL);
    bool ok = json_is_object(root) ? open_envelope(x, root, &v, e) : invalid(e);
    if (ok) {
        memcpy(both, v.iv_text.ptr, v.iv_text.len);
        memcpy(both + v.iv_text.len, v.value_text.ptr, v.value_text.len);
        struct str signed_text = {both, v.iv_text.len + v.value_text.len};
        ok = try_keys(x, &v, signed_text, plain, out, e);
    }
    json_decref(root);
    return ok;
}
