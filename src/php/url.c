/* parse_url, as PHP takes URLs apart: leniently, and by its own rules. */
#include "php/fn_imp.h"

/* A part that is absent is NULL, one that is there may be empty. */
struct url {
    struct str scheme, host, user, pass, path, query, fragment;
    int port; /* -1: none */
};

static size_t span_until(struct str s, const char *stops)
{
    size_t n = 0;
    while (n < s.len && (s.ptr[n] == '\0' || !strchr(stops, s.ptr[n])))
        n++;
    return n;
}

static ptrdiff_t find_last(struct str s, char c)
{
    for (size_t i = s.len; i > 0; i--)
        if (s.ptr[i - 1] == c)
            return (ptrdiff_t)i - 1;
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(struct str s)
{
    size_t n = 0;
    while (n < s.len && is_digit(s.ptr[n]))
        n++;
    return n;
}

static bool is_scheme(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !is_digit(c) && c != '+' && c != '.' && c != '-')
            return false;
    }
    return true;
}

/* path = everything before "?" and "#". */
static bool parse_path(struct str s, struct url *u)
{
    bool was_empty = s.len == 0;
    struct cut c = str_cut(s, '#');
    if (c.ok)
        u->fragment = c.tail;
    c = str_cut(c.head, '?');
    if (c.ok)
        u->query = c.tail;
    if (c.head.len > 0 || was_empty)
        u->path = c.head;
    return true;
}

/* The digits that a port begins with; what follows them is overlooked. */
static bool parse_port(struct str s, struct url *u)
{
    int port = 0;
    size_t digits = count_digits(s);
    if (digits == 0 || digits > 5)
        return false;
    for (size_t i = 0; i < digits; i++)
        port = port * 10 + (s.ptr[i] - '0');
    u->port = port;
    return port <= 65535;
}

/* authority = [user [":" pass] "@"] host [":" port], then the path */
static bool parse_authority(struct str s, struct url *u)
{
    struct str authority = str_sub(s, 0, span_until(s, "/?#"));
    struct str rest = str_skip(s, authority.len);
    ptrdiff_t at = find_last(authority, '@');
    if (at >= 0) {
        struct cut login = str_cut(str_sub(authority, 0, (size_t)at), ':');
        u->user = login.head;
        if (login.ok)
            u->pass = login.tail;
        authority = str_skip(authority, (size_t)at + 1);
    }
    bool is_ipv6 = authority.len && str_starts(authority, S("[")) &&
                   authority.ptr[authority.len - 1] == ']';
    ptrdiff_t colon = is_ipv6 ? -1 : find_last(authority, ':');
    struct str host = colon >= 0 ? str_sub(authority, 0, (size_t)colon) : authority;
    struct str port = str_skip(authority, host.len + 1);
    if (u->port < 0 && port.len > 5)
        return false;
    if (u->port < 0 && port.len > 0 && !parse_port(port, u))
        return false;
    if (host.len == 0)
        return false;
    u->host = host;
    return rest.len == 0 || parse_path(rest, u);
}

static bool parse_without_scheme(struct str s, struct url *u)
{
    if (str_starts(s, S("//")))
        return parse_authority(str_skip(s, 2), u);
    return parse_path(s, u);
}

/* "host:80/x": what stands behind the colon may be a port. */
static bool parse_colon(struct str s, size_t colon, struct url *u)
{
    struct str after = str_skip(s, colon + 1);
    size_t digits = count_digits(str_sub(after, 0, 6));
    bool ends = digits == after.len || after.ptr[digits] == '/';
    if (digits > 0 && digits < 6 && ends) {
        if (!parse_port(after, u))
            return false;
        return parse_authority(str_starts(s, S("//")) ? str_skip(s, 2) : s, u);
    }
    return after.len > 0 && parse_without_scheme(s, u);
}

static bool parse_slashes(struct str s, size_t colon, struct url *u)
{
    struct str after = str_skip(s, colon + 1);
    if (!str_starts(after, S("//")))
        return parse_path(after, u);
    after = str_skip(after, 2);
    bool is_file = str_ieq(u->scheme, S("file"));
    if (!is_file || !str_starts(after, S("/")))
        return parse_authority(after, u);
    bool is_drive = after.len > 2 && after.ptr[2] == ':'; /* file:///c:/x */
    return parse_path(str_skip(after, is_drive), u);
}

static bool parse_url(struct str s, struct url *u)
{
    *u = (struct url){.port = -1};
    const char *found = s.len ? memchr(s.ptr, ':', s.len) : NULL;
    if (!found)
        return parse_without_scheme(s, u);
    size_t colon = (size_t)(found - s.ptr);
    struct str after = str_skip(s, colon + 1);
    if (colon == 0)
        return parse_colon(s, colon, u);
    if (!is_scheme(str_sub(s, 0, colon))) {
        if (after.len > 0 && colon < span_until(s, "?#"))
            return parse_colon(s, colon, u);
        return parse_without_scheme(s, u);
    }
    if (after.len > 0 && after.ptr[0] != '/') {
        size_t digits = count_digits(str_sub(after, 0, 6));
        if (digits < 6 && (digits == after.len || after.ptr[digits] == '/'))
            return parse_colon(s, colon, u);
    }
    u->scheme = str_sub(s, 0, colon);
    if (after.len == 0)
        return true;
    if (after.ptr[0] != '/')
        return parse_path(after, u);
    return parse_slashes(s, colon, u);
}

/* === the function === */

static struct php_value part(struct arena *perm, struct str s)
{
    if (!s.ptr)
        return php_null();
    struct str copy = str_copy(perm, s);
    char *bytes = NEW(perm, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)copy.ptr[i];
        bytes[i] = c < 0x20 || c == 0x7F ? '_' : (char)c;
    }
    return php_string((struct str){bytes, s.len});
}

/* parse_url($url, $component = -1) */
static bool call_parse_url(struct php_call *c)
{
    struct str s = S("");
    struct url u;
    int64_t component = -1;
    if (!fn_text(c, 0, "url", &s) || !fn_int(c, 1, "component", &component))
        return false;
    if (!parse_url(s, &u))
        return fn_return(c, php_bool(false));
    /* In the order of the array and, beside, the number of PHP_URL_…. */
    const struct {
        const char *name;
        int component;
        struct php_value value;
    } parts[] = {
        {"scheme", 0, part(c->perm, u.scheme)},
        {"host", 1, part(c->perm, u.host)},
        {"port", 2, u.port < 0 ? php_null() : php_int(u.port)},
        {"user", 3, part(c->perm, u.user)},
        {"pass", 4, part(c->perm, u.pass)},
        {"path", 5, part(c->perm, u.path)},
        {"query", 6, part(c->perm, u.query)},
        {"fragment", 7, part(c->perm, u.fragment)},
    };
    struct php_array *a = php_array_new(c->perm);
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (component == parts[i].component)
            return fn_return(c, parts[i].value);
        if (parts[i].value.type != PHP_NULL)
            php_array_put(c->perm, a, php_key_from(str_from(parts[i].name)),
                          parts[i].value);
    }
    if (component > -1)
        return err_set(c->e, ERR_JOB,
                       "parse_url(): Argument #2 ($component) must be a "
                       "valid URL component identifier, %lld given",
                       (long long)component);
    return fn_return(c, php_from_array(a));
}

const struct php_function fn_url[] = {
    {"parse_url", 1, 2, call_parse_url},
    {NULL, 0, 0, NULL},
};
