/* url.c: configuration URLs (DB_URL, MAIL_URL), split as PHP's parse_url splits them and
 * read as Laravel's ConfigurationUrlParser reads them: every part is percent-decoded, and
 * one that is JSON becomes a native value ("null" is then no value at all).
 *
 * Errors never repeat the URL: it may hold a password.
 */
#include <jansson.h>
#include <stdlib.h>

#include "app/app_imp.h"

/* PHP's max_input_nesting_level and json_decode's depth. */
enum { QUERY_DEPTH = 64, JSON_DEPTH = 512 };

/* === splitting, as php_url_parse does === */

struct parts {
    struct str scheme, user, pass, host, path, query;
    bool has_user, has_pass, has_port;
    int port;
};

struct splitter {
    struct str rest; /* what is not split yet */
    struct parts *out;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* span returns how many bytes come before the first one of `set`. */
static size_t span(struct str s, const char *set)
{
    size_t n = 0;
    while (n < s.len && (s.ptr[n] == '\0' || !strchr(set, s.ptr[n])))
        n++;
    return n;
}

static ptrdiff_t last_of(struct str s, char c)
{
    const char *p = s.len ? memrchr(s.ptr, c, s.len) : NULL;
    return p ? p - s.ptr : -1;
}

/* read_port takes what strtol takes from the at most five bytes of a port. */
static bool read_port(struct str s, struct parts *out)
{
    char z[8] = {0}, *end;
    memcpy(z, s.ptr, s.len < sizeof(z) ? s.len : sizeof(z) - 1);
    long port = strtol(z, &end, 10);
    if (end == z || port < 0 || port > 65535)
        return false;
    out->has_port = true;
    out->port = (int)port;
    return true;
}

static bool scheme_ok(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i], lower = (char)(c | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !is_digit(c) && c != '+' && c != '.' &&
            c != '-')
            return false;
    }
    return true;
}

/* What a colon that ends no scheme leads to. */
enum next { NEXT_HOST, NEXT_PATH, NEXT_DONE, NEXT_MALFORMED };

static enum next skip_slashes(struct splitter *s)
{
    if (!str_starts(s->rest, S("//")))
        return NEXT_PATH;
    s->rest = str_skip(s->rest, 2);
    return NEXT_HOST;
}

/* early_port reads "host:80/…", where no scheme stands before. */
static enum next early_port(struct splitter *s, size_t colon)
{
    struct str after = str_skip(s->rest, colon + 1);
    size_t n = 0;
    while (n < after.len && n < 6 && is_digit(after.ptr[n]))
        n++;
    if (n > 0 && n < 6 && (n == after.len || after.ptr[n] == '/')) {
        if (!read_port(str_sub(after, 0, n), s->out))
            return NEXT_MALFORMED;
        skip_slashes(s);
        return NEXT_HOST;
    }
    return after.len == 0 ? NEXT_MALFORMED : skip_slashes(s);
}

static enum next split_scheme(struct splitter *s)
{
    struct str all = s->rest;
    const char *p = all.len ? memchr(all.ptr, ':', all.len) : NULL;
    size_t colon = p ? (size_t)(p - all.ptr) : 0;
    if (!p)
        return skip_slashes(s);
    if (colon == 0)
        return early_port(s, colon);
    if (!scheme_ok(str_sub(all, 0, colon))) {
        if (colon + 1 < all.len && colon < span(all, "?#"))
            return early_port(s, colon);
        return skip_slashes(s);
    }
    struct str after = str_skip(all, colon + 1);
    if (after.len && after.ptr[0] != '/') {
        size_t n = 0;
        while (n < after.len && n < 6 && is_digit(after.ptr[n]))
            n++;
        if ((n == after.len || after.ptr[n] == '/') && n < 6)
            return early_port(s, colon);
    }
    s->out->scheme = str_sub(all, 0, colon);
    s->rest = after;
    if (after.len == 0)
        return NEXT_DONE;
    if (!str_starts(after, S("//")))
        return NEXT_PATH;
    if (str_ieq(s->out->scheme, S("file")) && str_starts(after, S("///"))) {
        s->rest = str_skip(after, after.len > 4 && after.ptr[4] == ':' ? 3 : 2);
        return NEXT_PATH;
    }
    s->rest = str_skip(after, 2);
    return NEXT_HOST;
}

static enum next split_host(struct splitter *s)
{
    struct parts *out = s->out;
    struct str host = str_sub(s->rest, 0, span(s->rest, "/?#"));
    s->rest = str_skip(s->rest, host.len);
    ptrdiff_t at = last_of(host, '@');
    if (at >= 0) {
        struct cut login = str_cut(str_sub(host, 0, (size_t)at), ':');
        out->user = login.head;
        out->pass = login.tail;
        out->has_user = true;
        out->has_pass = login.ok;
        host = str_skip(host, (size_t)at + 1);
    }
    bool bracketed = host.len && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    ptrdiff_t colon = bracketed ? -1 : last_of(host, ':');
    if (colon >= 0) {
        struct str port = str_skip(host, (size_t)colon + 1);
        /* Port 0 counts as none here, as in PHP, and is then read again. */
        if (out->port == 0 && (port.len > 5 || (port.len && !read_port(port, out))))
            return NEXT_MALFORMED;
        host = str_sub(host, 0, (size_t)colon);
    }
    out->host = host;
    if (host.len == 0)
        return NEXT_MALFORMED;
    return s->rest.len ? NEXT_PATH : NEXT_DONE;
}

static bool split(struct str url, struct parts *out)
{
    struct splitter s = {url, out};
    enum next next = split_scheme(&s);
    if (next == NEXT_HOST)
        next = split_host(&s);
    if (next == NEXT_PATH) {
        struct cut fragment = str_cut(s.rest, '#'), query = str_cut(fragment.head, '?');
        out->path = query.head;
        out->query = query.tail;
    }
    return next != NEXT_MALFORMED;
}

/* === decoding === */

static int hex(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str decode(struct arena *perm, struct str s, bool plus_is_blank)
{
    struct buf b = buf_new(perm, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%' && i + 2 < s.len && hex(s.ptr[i + 1]) >= 0 &&
            hex(s.ptr[i + 2]) >= 0) {
            c = (char)(hex(s.ptr[i + 1]) * 16 + hex(s.ptr[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        buf_byte(&b, c);
    }
    return buf_str(&b);
}

static bool from_json(const json_t *j, int depth, struct arena *perm,
                      struct php_value *out)
{
    size_t i;
    const char *key;
    json_t *item;
    struct php_value v;
    if (depth > JSON_DEPTH)
        return false;
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        *out = php_from_array(php_array_new(perm));
        json_object_foreach((json_t *)j, key, item)
        {
            if (!from_json(item, depth + 1, perm, &v))
                return false;
            struct str name = str_copy(perm, str_from(key));
            php_array_put(perm, out->a, php_key_from(name), v);
        }
        return true;
    case JSON_ARRAY:
        *out = php_from_array(php_array_new(perm));
        json_array_foreach(j, i, item)
        {
            if (!from_json(item, depth + 1, perm, &v))
                return false;
            php_array_push(perm, out->a, v);
        }
        return true;
    case JSON_STRING:
        *out = php_string(
            str_copy(perm, (struct str){json_string_value(j), json_string_length(j)}));
        return true;
    case JSON_INTEGER:
        *out = php_int(json_integer_value(j));
        return true;
    case JSON_REAL:
        *out = php_float(json_real_value(j));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *out = php_bool(json_is_true(j));
        return true;
    case JSON_NULL:
        *out = php_null();
        return true;
    }
    return false;
}

/* big_int says whether s is a JSON int, and one too big: PHP takes it for a float, where
 * jansson refuses it. */
static bool big_int(struct str s)
{
    while (s.len && strchr(" \t\r\n", s.ptr[0]) && s.ptr[0])
        s = str_skip(s, 1);
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1]) && s.ptr[s.len - 1])
        s.len--;
    size_t sign = str_starts(s, S("-")), n = sign;
    int64_t fits;
    while (n < s.len && is_digit(s.ptr[n]))
        n++;
    return n == s.len && n > sign && s.ptr[sign] != '0' && !str_to_i64(s, &fits);
}

/* native gives a text that is JSON as its value, any other text as it is. */
static struct php_value native(struct str s, struct arena *perm)
{
    struct php_value v;
    if (big_int(s))
        return php_float(strtod(str_z(perm, s), NULL));
    json_t *j =
        json_loadb(s.ptr ? s.ptr : "", s.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    bool ok = j && from_json(j, 1, perm, &v);
    json_decref(j);
    return ok ? v : php_string(s);
}

/* === the query string, as parse_str reads it === */

static struct php_array *inner(struct arena *perm, struct php_array *outer,
                               struct str name, bool push)
{
    const struct php_value *have =
        push ? NULL : php_array_lookup(outer, php_key_from(name));
    if (have && have->type == PHP_ARRAY)
        return have->a;
    struct php_array *a = php_array_new(perm);
    if (push)
        php_array_push(perm, outer, php_from_array(a));
    else
        php_array_put(perm, outer, php_key_from(name), php_from_array(a));
    return a;
}

/* plain_name turns what no PHP variable can hold into "_". */
static struct str plain_name(struct arena *perm, struct str s)
{
    char *z = str_z(perm, s);
    for (size_t i = 0; i < s.len; i++)
        if (z[i] == ' ' || z[i] == '.' || z[i] == '[')
            z[i] = '_';
    return (struct str){z, s.len};
}

/* put_variable stores "a[b][]" into nested arrays. */
static void put_variable(struct arena *perm, struct php_array *into, struct str name,
                         struct php_value value)
{
    while (name.len && name.ptr[0] == ' ')
        name = str_skip(name, 1);
    size_t n = span(name, "[");
    struct str key = plain_name(perm, str_sub(name, 0, n)), rest = str_skip(name, n);
    bool push = false;
    if (key.len == 0)
        return;
    for (int depth = 0; rest.len && rest.ptr[0] == '['; depth++) {
        size_t close = span(rest, "]");
        if (close == rest.len) {
            if (depth == 0) /* no index: the name goes on */
                key = plain_name(perm, name);
            break;
        }
        if (depth == QUERY_DEPTH)
            return;
        into = inner(perm, into, key, push);
        key = str_sub(rest, 1, close - 1);
        push = key.len == 0;
        rest = str_skip(rest, close + 1);
    }
    if (push)
        php_array_push(perm, into, value);
    else
        php_array_put(perm, into, php_key_from(key), value);
}

static struct php_array *read_query(struct arena *perm, struct str query)
{
    struct php_array *out = php_array_new(perm);
    for (struct cut c = {.tail = query, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '&');
        struct cut pair = str_cut(c.head, '=');
        struct str value = decode(perm, pair.tail, true);
        put_variable(perm, out, decode(perm, pair.head, true), native(value, perm));
    }
    return out;
}

/* === entry point === */

/* printable replaces control characters, as parse_url does in every part. */
static struct str printable(struct arena *perm, struct str raw)
{
    char *z = str_z(perm, raw);
    for (size_t i = 0; i < raw.len; i++)
        if ((unsigned char)z[i] < 0x20 || z[i] == 0x7f)
            z[i] = '_';
    return (struct str){z, raw.len};
}

/* part decodes one component; *has says whether a value is left. */
static bool part(struct arena *perm, struct str raw, const char *name, struct str *out,
                 bool *has, struct error *e)
{
    struct php_value v = native(decode(perm, printable(perm, raw), false), perm);
    *has = v.type != PHP_NULL;
    if (v.type == PHP_ARRAY)
        return err_set(e, ERR_FATAL, "the %s in the URL is a JSON list or object", name);
    return php_to_string(v, perm, out, e);
}

bool app_url_parse(struct str url, struct arena *perm, struct app_url *out,
                   struct error *e)
{
    struct parts p = {0};
    bool has;
    *out = (struct app_url){0};
    /* "sqlite:///path" has no host; Laravel gives it one for parse_url's sake. */
    for (size_t i = 0; i < 2; i++) {
        struct str prefix = i ? S("sqlite3:///") : S("sqlite:///");
        if (str_starts(url, prefix))
            url = str_fmt(perm, "%.*snull/%.*s", (int)prefix.len - 1, prefix.ptr,
                          STR_ARG(str_skip(url, prefix.len)));
    }
    if (!split(url, &p))
        return err_set(e, ERR_FATAL, "the configuration URL is malformed");
    if (!part(perm, p.scheme, "scheme", &out->scheme, &has, e) ||
        !part(perm, p.host, "host", &out->host, &has, e) ||
        !part(perm, p.path, "path", &out->path, &has, e) ||
        !part(perm, p.user, "user name", &out->user, &has, e))
        return false;
    out->has_user = has && p.has_user;
    if (!part(perm, p.pass, "password", &out->password, &has, e))
        return false;
    out->has_password = has && p.has_pass;
    out->path = str_skip(out->path, 1);
    out->port = p.port;
    out->query = read_query(perm, printable(perm, p.query));
    return true;
}
