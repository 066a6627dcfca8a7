/* host_digest.c: digests and versions, for config files. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "app/app_imp.h"

static bool text_arg(struct php_call *c, size_t i, struct str *out)
{
    if (c->args[i].type == PHP_STRING) {
        *out = c->args[i].s;
        return true;
    }
    return php_to_string(c->args[i], c->perm, out, c->e);
}

/* === digests: as hexadecimal digits; their raw form is not there === */

/* PHP's names for those of OpenSSL. */
static const struct {
    const char *php, *openssl;
} digests[] = {
    {"md5", "MD5"},
    {"sha1", "SHA1"},
    {"sha224", "SHA224"},
    {"sha256", "SHA256"},
    {"sha384", "SHA384"},
    {"sha512", "SHA512"},
    {"sha512/224", "SHA512-224"},
    {"sha512/256", "SHA512-256"},
    {"sha3-224", "SHA3-224"},
    {"sha3-256", "SHA3-256"},
    {"sha3-384", "SHA3-384"},
    {"sha3-512", "SHA3-512"},
};

static const EVP_MD *digest_of(struct str name)
{
    for (size_t i = 0; i < COUNT(digests); i++)
        if (str_ieq(name, str_from(digests[i].php)))
            return EVP_get_digestbyname(digests[i].openssl);
    return NULL;
}

static bool no_digest(struct php_call *c, struct str name)
{
    return err_set(c->e, ERR_UNSUPPORTED, "%s() with \"%.*s\" is not supported", c->name,
                   STR_ARG(name));
}

static bool return_digest(struct php_call *c, const unsigned char *digest, unsigned len)
{
    struct buf b = buf_new(c->perm, 2 * EVP_MAX_MD_SIZE + 1);
    for (unsigned i = 0; i < len; i++)
        buf_fmt(&b, "%02x", digest[i]);
    *c->result = php_string(buf_str(&b));
    return true;
}

static bool digest(struct php_call *c, struct str name, struct str s)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len;
    const EVP_MD *md = digest_of(name);
    if (!md || !EVP_Digest(s.ptr, s.len, bytes, &len, md, NULL))
        return no_digest(c, name);
    return return_digest(c, bytes, len);
}

/* call_digest serves md5 and sha1. */
static bool call_digest(struct php_call *c)
{
    struct str s;
    return text_arg(c, 0, &s) && digest(c, str_from(c->name), s);
}

/* crc32 is that of zip and Ethernet; hash('crc32b') as digits. */
static uint32_t crc32_of(struct str s)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (unsigned char)s.ptr[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static bool call_crc32(struct php_call *c)
{
    struct str s;
    if (!text_arg(c, 0, &s))
        return false;
    *c->result = php_int(crc32_of(s));
    return true;
}

/* hash($algo, $data) */
static bool call_hash(struct php_call *c)
{
    struct str name, s;
    if (!text_arg(c, 0, &name) || !text_arg(c, 1, &s))
        return false;
    if (!str_ieq(name, S("crc32b")))
        return digest(c, name, s);
    *c->result = php_string(str_fmt(c->perm, "%08x", crc32_of(s)));
    return true;
}

/* hash_hmac($algo, $data, $key) */
static bool call_hmac(struct php_call *c)
{
    struct str name, s, key;
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len;
    if (!text_arg(c, 0, &name) || !text_arg(c, 1, &s) || !text_arg(c, 2, &key))
        return false;
    const EVP_MD *md = digest_of(name);
    const char *secret = str_z(c->perm, key); /* OpenSSL takes no NULL for an empty key */
    if (!md ||
        !HMAC(md, secret, (int)key.len, (const unsigned char *)s.ptr, s.len, bytes, &len))
        return no_digest(c, name);
    return return_digest(c, bytes, len);
}

/* === version_compare($version1, $version2, $operator = null) === */

static const char between[] = ".-_+"; /* what stands between the parts of a version */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_between(char c)
{
    return c && strchr(between, c);
}

/* cut_part takes the next part: digits, or letters. */
static struct str cut_part(struct str *s)
{
    size_t n = 0;
    while (s->len && is_between(s->ptr[0]))
        *s = str_skip(*s, 1);
    while (n < s->len && !is_between(s->ptr[n]) &&
           is_digit(s->ptr[n]) == is_digit(s->ptr[0]))
        n++;
    struct str part = str_sub(*s, 0, n);
    *s = str_skip(*s, n);
    return part;
}

/* rank orders words, and a number among them; any other word comes first. */
static int rank(struct str part)
{
    static const struct {
        const char *word;
        int rank;
    } words[] = {{"dev", 0}, {"alpha", 1}, {"a", 1}, {"beta", 2}, {"b", 2},
                 {"RC", 3},  {"rc", 3},    {"#", 4}, {"pl", 5},   {"p", 5}};
    if (part.len && is_digit(part.ptr[0]))
        part = S("#");
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_starts(part, str_from(words[i].word)))
            return words[i].rank;
    return -1;
}

static int sign(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* compare_parts: what is missing is less than a number, and like one beside a word. */
static int compare_parts(struct str a, struct str b)
{
    int64_t x, y;
    if (a.len == 0)
        return -compare_parts(b, a);
    if (b.len == 0)
        return is_digit(a.ptr[0]) ? 1 : sign(rank(a), rank(S("0")));
    bool numbers = is_digit(a.ptr[0]) && is_digit(b.ptr[0]);
    if (numbers && str_to_i64(a, &x) && str_to_i64(b, &y))
        return sign(x, y);
    return sign(rank(a), rank(b));
}

static int compare_versions(struct str a, struct str b)
{
    int order = 0;
    while (order == 0 && (a.len || b.len)) {
        struct str x = cut_part(&a), y = cut_part(&b);
        order = compare_parts(x, y);
    }
    return order;
}

/* is_version: the usual form, of which no corner is in doubt. */
static bool is_version(struct str s)
{
    bool fine = s.len > 0 && s.len < 64 && is_digit(s.ptr[0]);
    for (size_t i = 0; i < s.len && fine; i++) {
        char c = s.ptr[i];
        bool part = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool gap = is_between(c) && i > 0 && i + 1 < s.len && !is_between(s.ptr[i - 1]);
        fine = part || gap;
    }
    return fine;
}

static bool call_version_compare(struct php_call *c)
{
    static const struct {
        const char *op;
        bool less, equal, greater;
    } ops[] = {
        {"<", 1, 0, 0},  {"lt", 1, 0, 0}, {"<=", 1, 1, 0}, {"le", 1, 1, 0},
        {">", 0, 0, 1},  {"gt", 0, 0, 1}, {">=", 0, 1, 1}, {"ge", 0, 1, 1},
        {"==", 0, 1, 0}, {"eq", 0, 1, 0}, {"!=", 1, 0, 1}, {"<>", 1, 0, 1},
        {"ne", 1, 0, 1},
    };
    struct str a, b, op = S("");
    if (!text_arg(c, 0, &a) || !text_arg(c, 1, &b) ||
        (c->len > 2 && !text_arg(c, 2, &op)))
        return false;
    if (!is_version(a) || !is_version(b))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of \"%.*s\" and \"%.*s\" is not supported", c->name,
                       STR_ARG(a), STR_ARG(b));
    int order = compare_versions(a, b);
    *c->result = php_int(order);
    if (c->len < 3 || c->args[2].type == PHP_NULL)
        return true;
    for (size_t i = 0; i < COUNT(ops); i++) {
        bool holds = order < 0 ? ops[i].less : order == 0 ? ops[i].equal : ops[i].greater;
        *c->result = php_bool(holds);
        if (str_eq(op, str_from(ops[i].op)))
            return true;
    }
    return err_set(
        c->e, ERR_JOB,
        "version_compare(): Argument #3 ($operator) must be a valid comparison "
        "operator");
}

const struct php_function digest_functions[] = {
    {"md5", 1, 1, call_digest},  {"sha1", 1, 1, call_digest},
    {"hash", 2, 2, call_hash},   {"hash_hmac", 3, 3, call_hmac},
    {"crc32", 1, 1, call_crc32}, {"version_compare", 2, 3, call_version_compare},
    {NULL, 0, 0, NULL},
};
