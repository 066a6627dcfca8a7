#include "test_app.h"

static const char key_text[] = "base64:ZmFjdGV1cjogYSBrZXkgb25seSBmb3IgaXRzIHRlc3Q=";

/* decrypted reads a text with keys that stand between commas. */
static bool decrypted(struct arena *a, struct str cipher, struct str keys,
                      struct str text, struct str *out, struct error *e)
{
    struct str list[8];
    size_t len = 0;
    for (struct cut c = {.tail = keys, .ok = true}; c.ok && len < COUNT(list);) {
        c = str_cut(c.tail, ',');
        list[len++] = c.head;
    }
    struct encrypter *x = encrypter_new(cipher, list, len, e);
    bool ok = x && encrypter_decrypt(x, text, a, out, e);
    encrypter_close(x);
    return ok;
}

void test_encrypter_reads_as_laravel_does(void **state)
{
    (void)state;
    struct arena a = arena_open(64 << 20), job = arena_open(1 << 20);
    const char *dir = vendor(__func__);
    struct str lines = dir ? oracle(&a, "encrypt", dir, "11", "12000") : S("");
    size_t read = 0, refused = 0;
    while (lines.len) {
        struct cut line = str_cut(lines, '\n'), cipher = str_cut(line.head, '\t'),
                   keys = str_cut(cipher.tail, '\t'), text = str_cut(keys.tail, '\t');
        struct str out = S(""), want = str_skip(text.tail, 1);
        struct error e = {0};
        lines = line.tail;
        bool ok =
            decrypted(&job, cipher.head, keys.head, from_hex(&job, text.head), &out, &e);
        if (ok != (text.tail.ptr[0] == '+'))
            fail_msg("%.*s: %s", STR_ARG(line.head), e.text);
        if (ok ? !str_eq(out, from_hex(&job, want)) : !str_eq(str_from(e.text), want))
            fail_msg("%.*s: got %.*s %s", STR_ARG(line.head), STR_ARG(out), e.text);
        *(ok ? &read : &refused) += 1;
        arena_reset(&job);
    }
    assert_true(!dir || (read > 1000 && refused > 1000));
    arena_close(&job);
    arena_close(&a);
}

void test_encrypter_takes_a_raw_key_and_any_case_of_the_cipher(void **state)
{
    (void)state;
    struct error e = {0};
    struct str raw = S("0123456789abcdef");
    struct encrypter *x = encrypter_new(S("AES-128-gcm"), &raw, 1, &e);
    assert_ok(x != NULL, e);
    encrypter_close(x);
}

void test_encrypter_refuses_a_key_without_repeating_it(void **state)
{
    (void)state;
    static const struct {
        const char *cipher, *key, *text;
    } cases[] = {
        {"AES-256-CBC", "", "No application encryption key"},
        {"AES-256-CBC", "s3cret", "incorrect key length"},
        {"AES-256-CBC", "base64:czNjcmV0", "incorrect key length"},
        {"AES-128-CBC", key_text, "incorrect key length"},
        {"DES", key_text, "there is no cipher DES"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error e = {0};
        struct str key = str_from(cases[i].key);
        assert_null(encrypter_new(str_from(cases[i].cipher), &key, 1, &e));
        assert_int_equal(e.kind, ERR_FATAL);
        assert_non_null(strstr(e.text, cases[i].text));
        assert_null(strstr(e.text, "cret"));
        assert_null(strstr(e.text, "czNj"));
    }
}

/* Each bit of a text that the MAC or the tag covers is turned: none may pass. */
static void every_bit(const char *cipher, const char *key, struct str text)
{
    struct arena a = arena_open(1 << 20);
    struct str k = str_from(key), out;
    struct error e = {0};
    struct encrypter *x = encrypter_new(str_from(cipher), &k, 1, &e);
    assert_ok(x && encrypter_decrypt(x, text, &a, &out, &e), e);
    assert_str(out, "s:1:\"x\";");
    for (size_t bit = 0; bit < text.len * 8; bit++) {
        char *z = str_z(&a, text);
        z[bit / 8] = (char)(z[bit / 8] ^ 1 << bit % 8);
        struct str damaged = {z, text.len};
        struct error why = {0};
        if (encrypter_decrypt(x, damaged, &a, &out, &why))
            assert_str(out, "s:1:\"x\";"); /* only padding of base64 was changed */
        else
            assert_int_equal(why.kind, ERR_JOB);
        arena_reset(&a);
    }
    encrypter_close(x);
    arena_close(&a);
}

void test_encrypter_lets_no_damaged_text_pass(void **state)
{
    (void)state;
    every_bit("aes-256-cbc", key_text,
              S("eyJpdiI6IkZkRGdUQ0RhOXVuZFh6d1NPcnZmUkE9PSIsInZhbHVlIjoianFLeXVwZElmdH"
                "FkWjBBMzRLd2FkUT09IiwibWFjIjoiMDkzMTNjOTg4MzJiNWFhZGZhMzk2ZDY4NjJjNGIw"
                "MzRmM2JkNDQ2MjI4NDBkOGViM2E3NWU1N2Y1ZGI1YThkZCIsInRhZyI6IiJ9"));
    every_bit("aes-256-gcm", key_text,
              S("eyJpdiI6IitQcUJXTURTUitUNXdWdlciLCJ2YWx1ZSI6IkgrNkM1NkdCU2hRPSIsIm1hYy"
                "I6IiIsInRhZyI6IkxtWEdQVDFyOVBIZkNNdmtwbE1Xemc9PSJ9"));
}
