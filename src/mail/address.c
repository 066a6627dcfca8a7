/* address.c: is it a mailbox, and how is it written? RFC 5321, section 4.1.2 and 4.1.3,
 * with RFC 6531's characters, as Symfony's Address and its validator take them: the
 * lengths of 4.5.3.1 are the server's affair, but for those of a domain. Blanks around an
 * address go; a domain beyond ASCII is written in punycode (UTS 46, as PHP's
 * idn_to_ascii). What could end a command or a header line is refused.
 */
#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>

#include "facteur/mail.h"

enum {
    ADDRESS_MAX = 900, /* a header line holds 998 */
    DOMAIN_MAX = 255,
    LABEL_MAX = 63,
};

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* is_atext: RFC 5322's atext, of which unquoted local parts are made, and RFC 6531's. */
static bool is_atext(char c)
{
    return is_alnum(c) || (unsigned char)c >= 0x80 ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* quoted_end returns the offset behind the closing quote, or 0. */
static size_t quoted_end(struct str s)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] == '"')
            return i + 1;
        if (s.ptr[i] == '\\' && ++i == s.len)
            return 0;
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
            return 0;
    }
    return 0;
}

/* dot_string_end returns how many bytes atoms with single dots between them take. */
static size_t dot_string_end(struct str s)
{
    size_t i = 0;
    while (i < s.len) {
        size_t atom = i;
        while (i < s.len && is_atext(s.ptr[i]))
            i++;
        if (i == atom)
            return i ? i - 1 : 0; /* the dot belongs to nothing */
        if (i == s.len || s.ptr[i] != '.')
            return i;
        i++;
    }
    return i ? i - 1 : 0;
}

/* label_ok: letters, digits and hyphens inside; `more` is what may stand there too. */
static bool label_ok(struct str label, char more)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!is_alnum(label.ptr[i]) && label.ptr[i] != '-' &&
            !(more && label.ptr[i] == more))
            return false;
    return true;
}

static bool domain_ok(struct str domain, char more)
{
    if (domain.len == 0 || domain.len > DOMAIN_MAX)
        return false;
    for (struct cut c = {.tail = domain, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '.');
        if (!label_ok(c.head, more))
            return false;
    }
    return true;
}

static bool ip_ok(int family, struct str s)
{
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[sizeof(struct in6_addr)];
    if (s.len >= sizeof(text))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return strlen(text) == s.len && inet_pton(family, text, bytes) == 1;
}

/* literal_ok takes what stands between the brackets: an IPv4 address, "IPv6:" and one, or
 * a tag and printable text (General-address-literal). */
static bool literal_ok(struct str s)
{
    struct cut c = str_cut(s, ':');
    if (!c.ok)
        return ip_ok(AF_INET, s);
    if (str_ieq(c.head, S("IPv6")))
        return ip_ok(AF_INET6, c.tail);
    if (!label_ok(c.head, 0) || c.tail.len == 0)
        return false;
    for (size_t i = 0; i < c.tail.len; i++)
        if (c.tail.ptr[i] < '!' || c.tail.ptr[i] > '~' || strchr("[\\]", c.tail.ptr[i]))
            return false;
    return true;
}

/* characters_fault: no control character, of Unicode's second row neither, and no broken
 * UTF-8. U+200B to U+200F and U+FEFF are invisible: a copied address holds them by
 * mistake. */
static const char *characters_fault(struct str s)
{
    if (!str_utf8_ok(s))
        return "it is not UTF-8";
    for (size_t at = 0; at < s.len;) {
        uint32_t c = str_utf8(s, &at);
        if (c < ' ' || (c >= 0x7F && c < 0xA0))
            return "it holds a control character";
        if ((c >= 0x200B && c <= 0x200F) || c == 0xFEFF)
            return "it holds an invisible character";
    }
    return NULL;
}

/* encode_domain writes a domain in ASCII. libidn2's own check of the letters drops those
 * that it refuses, so the outcome is looked at again: only letters, digits and hyphens.
 */
static bool encode_domain(struct str domain, struct arena *perm, struct str *out)
{
    char *ascii = NULL;
    int rc = idn2_to_ascii_8z(str_z(perm, domain), &ascii,
                              IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    bool ok = rc == IDN2_OK && domain_ok(str_from(ascii), 0);
    if (ok)
        *out = str_copy(perm, str_from(ascii));
    if (rc == IDN2_OK)
        idn2_free(ascii);
    return ok;
}

static const char *domain_fault(struct str domain, struct arena *perm, struct str *out)
{
    *out = domain;
    if (domain.len && domain.ptr[0] == '[')
        return domain.len > 1 && domain.ptr[domain.len - 1] == ']' &&
                       literal_ok(str_sub(domain, 1, domain.len - 2))
                   ? NULL
                   : "its address literal is malformed";
    if (!is_ascii(domain))
        return encode_domain(domain, perm, out)
                   ? NULL
                   : "its domain cannot be written in ASCII (IDNA)";
    return domain_ok(domain, '_') ? NULL : "its domain is malformed";
}

static const char *encode(struct str s, struct arena *perm, struct str *out)
{
    struct str domain;
    if (s.len == 0)
        return "it is empty";
    const char *why = characters_fault(s);
    if (why)
        return why;
    if (s.len > ADDRESS_MAX)
        return "it is longer than 900 bytes";
    size_t local = s.ptr[0] == '"' ? quoted_end(s) : dot_string_end(s);
    if (local == 0)
        return "its part before the @ is empty or malformed";
    if (local == s.len)
        return "it has no @";
    if (s.ptr[local] != '@')
        return "a character before the @ is not allowed there";
    why = domain_fault(str_skip(s, local + 1), perm, &domain);
    if (!why)
        *out = str_fmt(perm, "%.*s%.*s", (int)local + 1, s.ptr, STR_ARG(domain));
    return why;
}

bool mail_address_encode(struct str s, struct arena *perm, struct str *out,
                         const char **why)
{
    *why = encode(str_trim(s), perm, out);
    return *why == NULL;
}

bool mail_address_utf8(struct str encoded)
{
    return !is_ascii(encoded);
}
