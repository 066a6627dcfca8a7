/* fuzz_decrypt: any bytes are an encrypted command, as they come and as the JSON inside.
 * Nobody without the key makes one that passes: the seeds' own texts are all that do. */
#include <stdlib.h>

#include "facteur/app.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str key = S("base64:ZmFjdGV1cjogYSBrZXkgb25seSBmb3IgaXRzIHRlc3Q=");

static void decrypt(const struct encrypter *x, struct str text, struct arena *a)
{
    struct error e = {0};
    struct str out = S("");
    if (encrypter_decrypt(x, text, a, &out, &e)) {
        if (!str_eq(out, S("s:1:\"x\";")))
            abort();
    } else if (e.kind != ERR_JOB) {
        abort();
    }
    arena_reset(a);
}

static struct str base64(struct str s, struct arena *a)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf b = buf_new(a, s.len * 2 + 8);
    for (size_t i = 0; i + 3 <= s.len; i += 3) {
        const unsigned char *p = (const unsigned char *)s.ptr + i;
        uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        for (int shift = 18; shift >= 0; shift -= 6)
            buf_byte(&b, digits[three >> shift & 63]);
    }
    return buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a, held;
    static struct encrypter *cbc, *gcm;
    struct error e = {0};
    if (!cbc) {
        a = arena_open(16 << 20);
        held = arena_open(16 << 20);
        cbc = encrypter_new(S("aes-256-cbc"), &key, 1, &e);
        gcm = encrypter_new(S("aes-256-gcm"), &key, 1, &e);
    }
    struct str raw = {(const char *)data, size};
    struct str json = base64(str_join(&held, raw, S("  ")), &held);
    decrypt(cbc, raw, &a);
    decrypt(gcm, raw, &a);
    decrypt(cbc, json, &a);
    decrypt(gcm, json, &a);
    arena_reset(&held);
    return 0;
}
