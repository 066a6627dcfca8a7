/* address.c: is it a mailbox? RFC 5321, section 4.1.2 and 4.1.3, with the lengths of
 * 4.5.3.1. What an SMTP server would have to guess about is refused before one is asked.
 */
#include <arpa/inet.h>

#include "facteur/mail.h"

enum {
    ADDRESS_MAX = 254, /* a path holds 256 with its angle brackets */
    LOCAL_MAX = 64,
    DOMAIN_MAX = 255,
    LABEL_MAX = 63,
};

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* is_atext: RFC 5322's atext, of which unquoted local parts are made. */
static bool is_atext(char c)
{
    return is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* quoted_end returns the offset behind the closing quote, or 0. */
static size_t quoted_end(struct str s)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] == '"')
            return i + 1;
        if (s.ptr[i] == '\\' && ++i == s.len)
            return 0;
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
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

static bool label_ok(struct str label)
{
    if (label.len == 0 || label.len > LABEL_MAX || !is_alnum(label.ptr[0]) ||
        !is_alnum(label.ptr[label.len - 1]))
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!is_alnum(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    return true;
}

static bool domain_ok(struct str domain)
{
    if (domain.len == 0 || domain.len > DOMAIN_MAX)
        return false;
    for (struct cut c = {.tail = domain, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '.');
        if (!label_ok(c.head))
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
    if (!label_ok(c.head) || c.tail.len == 0)
        return false;
    for (size_t i = 0; i < c.tail.len; i++)
        if (c.tail.ptr[i] < '!' || c.tail.ptr[i] > '~' || strchr("[\\]", c.tail.ptr[i]))
            return false;
    return true;
}

static const char *fault(struct str s)
{
    if (s.len == 0)
        return "it is empty";
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80)
            return "it holds characters outside ASCII (SMTPUTF8), which are not sent to";
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
            return "it holds a control character";
    }
    if (s.len > ADDRESS_MAX)
        return "it is longer than 254 bytes";
    size_t local = s.ptr[0] == '"' ? quoted_end(s) : dot_string_end(s);
    if (local == 0)
        return "its part before the @ is empty or malformed";
    if (local > LOCAL_MAX)
        return "its part before the @ is longer than 64 bytes";
    if (local == s.len)
        return "it has no @";
    if (s.ptr[local] != '@')
        return "a character before the @ is not allowed there";
    struct str domain = str_skip(s, local + 1);
    if (domain.len && domain.ptr[0] == '[') {
        if (domain.ptr[domain.len - 1] != ']' ||
            !literal_ok(str_sub(domain, 1, domain.len - 2)))
            return "its address literal is malformed";
        return NULL;
    }
    return domain_ok(domain) ? NULL : "its domain is malformed";
}

bool mail_address_ok(struct str s, const char **why)
{
    *why = fault(s);
    return *why == NULL;
}
