/* log_line.c: a record as one line of laravel.log.
 *
 * This is Monolog's LineFormatter (inline line breaks, stack traces, empty context and
 * extra left out), with its PsrLogMessageProcessor before it. Even its oddities are kept,
 * since operators compare and grep these lines.
 */
#include <math.h>

#include "app/app_imp.h"

/* Monolog's NormalizerFormatter: deeper levels and longer lists are cut. The context is
 * at level 1 of the record. */
enum { MAX_DEPTH = 9, MAX_ITEMS = 1000, CONTEXT_DEPTH = 1, PHP_JSON_DEPTH = 512 };

/* Message and context have a ceiling each; a mail in the log (transport "log") is some
 * hundred kilobytes. What is longer is cut. */
enum { LINE_MAX_BYTES = 4 << 20 };

static const int json_flags = JSON_PLAIN_SLASHES | JSON_PLAIN_UNICODE;

/* Monolog's names and numbers. ORDER enum log_level */
static const struct {
    const char *config, *line;
    int number;
} levels[] = {
    {"debug", "DEBUG", 100},   {"info", "INFO", 200},
    {"notice", "NOTICE", 250}, {"warning", "WARNING", 300},
    {"error", "ERROR", 400},   {"critical", "CRITICAL", 500},
    {"alert", "ALERT", 550},   {"emergency", "EMERGENCY", 600},
};

bool log_level_from(struct str name, enum log_level *out)
{
    for (size_t i = 0; i < COUNT(levels); i++)
        if (str_eq(name, str_from(levels[i].config))) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

/* === values as JSON === */

struct writer {
    struct buf b;
    struct arena *perm;
    bool normal; /* Monolog's normalizer goes before; else it is json_encode alone */
    bool zero;   /* what is not finite is 0, whatever went before */
};

static struct writer writer_new(struct arena *perm, bool normal)
{
    return (struct writer){
        .b = buf_new(perm, LINE_MAX_BYTES), .perm = perm, .normal = normal};
}

static void json_value(struct writer *w, struct php_value v, int depth);

static void json_text(struct writer *w, struct str s)
{
    s = str_sub(s, 0, LINE_MAX_BYTES);
    buf_json(&w->b, str_utf8_replace(w->perm, s), json_flags);
}

/* json_float keeps a zero fraction (JSON_PRESERVE_ZERO_FRACTION). */
static void json_float(struct writer *w, double d)
{
    if (!isfinite(d) && (!w->normal || w->zero)) {
        buf_byte(&w->b, '0'); /* JSON_PARTIAL_OUTPUT_ON_ERROR */
        return;
    }
    if (!isfinite(d)) {
        buf_fmt(&w->b, "\"%s\"", isnan(d) ? "NaN" : d > 0 ? "INF" : "-INF");
        return;
    }
    size_t from = w->b.len;
    struct error full = {0}; /* the buffer's `full` says as much */
    bool fraction = !php_json(&w->b, php_float(d), json_flags, &full);
    for (size_t i = from; i < w->b.len; i++)
        fraction |= strchr(".eE", w->b.ptr[i]) != NULL;
    if (!fraction)
        buf_add(&w->b, S(".0"));
}

static bool is_list(const struct php_array *a)
{
    for (size_t i = 0; i < a->len; i++)
        if (!a->at[i].key.is_int || a->at[i].key.i != (int64_t)i)
            return false;
    return true;
}

static void json_key(struct writer *w, struct php_key key)
{
    if (key.is_int)
        buf_fmt(&w->b, "\"%lld\"", (long long)key.i);
    else
        json_text(w, key.s);
    buf_byte(&w->b, ':');
}

static void json_array(struct writer *w, const struct php_array *a, int depth)
{
    size_t len = w->normal && a->len > MAX_ITEMS ? MAX_ITEMS : a->len;
    bool list = is_list(a) && a->len == len;
    buf_byte(&w->b, list ? '[' : '{');
    for (size_t i = 0; i < len; i++) {
        if (i)
            buf_byte(&w->b, ',');
        if (!list)
            json_key(w, a->at[i].key);
        json_value(w, a->at[i].value, depth + 1);
    }
    if (a->len > len)
        buf_fmt(&w->b, ",\"...\":\"Over %d items (%zu total), aborting normalization\"",
                MAX_ITEMS, a->len);
    buf_byte(&w->b, list ? ']' : '}');
}

/* object_text gives dates and others that have a __toString. */
static bool object_text(const struct php_object *o, struct arena *perm, struct str *out)
{
    struct error e = {0};
    return o->kind == PHP_NATIVE && o->native->text && o->native->text(o, perm, out, &e);
}

static void json_object(struct writer *w, struct php_object *o, int depth)
{
    struct str text;
    if (object_text(o, w->perm, &text)) {
        json_text(w, text);
        return;
    }
    buf_byte(&w->b, '{');
    json_text(w, o->class_name);
    buf_byte(&w->b, ':');
    if (o->props)
        json_value(w, php_from_array(o->props), depth + 1);
    else
        buf_add(&w->b, S("{}"));
    buf_byte(&w->b, '}');
}

static void json_value(struct writer *w, struct php_value v, int depth)
{
    v = php_deref(v);
    if (w->b.full)
        return;
    bool deep = depth > (w->normal ? MAX_DEPTH : PHP_JSON_DEPTH);
    if (deep && w->normal && (v.type == PHP_ARRAY || v.type == PHP_OBJECT))
        buf_fmt(&w->b, "\"Over %d levels deep, aborting normalization\"", MAX_DEPTH);
    else if (v.type == PHP_ARRAY && !deep)
        json_array(w, v.a, depth);
    else if (v.type == PHP_OBJECT && !deep)
        json_object(w, v.o, depth);
    else if (v.type == PHP_FLOAT)
        json_float(w, v.d);
    else if (v.type == PHP_STRING)
        json_text(w, v.s);
    else if (v.type == PHP_INT)
        buf_fmt(&w->b, "%lld", (long long)v.i);
    else if (v.type == PHP_BOOL)
        buf_add(&w->b, v.b ? S("true") : S("false"));
    else
        buf_add(&w->b, S("null"));
}

/* === placeholders === */

static struct str placeholder_text(struct php_value v, struct arena *perm)
{
    struct str text;
    struct error e = {0};
    v = php_deref(v);
    if (v.type == PHP_ARRAY) {
        struct writer w = writer_new(perm, false);
        buf_add(&w.b, S("array"));
        json_array(&w, v.a, 1);
        return buf_str(&w.b);
    }
    if (v.type == PHP_OBJECT && object_text(v.o, perm, &text))
        return text;
    if (v.type == PHP_OBJECT)
        return str_fmt(perm, "[object %.*s]", STR_ARG(v.o->class_name));
    return php_to_string(v, perm, &text, &e) ? text : S("");
}

/* A pair of strtr: what stands in the message, and what replaces it. */
struct pair {
    struct str key; /* without its braces */
    struct str text;
};

/* longest finds the pair whose "{key}" stands at the start of s. */
static const struct pair *longest(const struct pair *pairs, size_t len, struct str s)
{
    const struct pair *best = NULL;
    for (size_t i = 0; i < len; i++) {
        struct str key = pairs[i].key;
        bool here = s.len >= key.len + 2 && str_starts(str_skip(s, 1), key) &&
                    s.ptr[key.len + 1] == '}';
        if (here && (!best || key.len > best->key.len))
            best = &pairs[i];
    }
    return best;
}

static struct str key_text(struct php_key key, struct arena *perm)
{
    return key.is_int ? str_fmt(perm, "%lld", (long long)key.i) : key.s;
}

static bool mentions(struct str message, struct str key, struct arena *perm)
{
    struct str braced = str_join(perm, S("{"), str_join(perm, key, S("}")));
    return str_has(message, braced);
}

static struct str interpolate(const struct log_record *r, const struct php_array *context,
                              struct arena *perm)
{
    struct str m = r->message;
    size_t len = 0;
    if (!str_has(m, S("{")))
        return m;
    struct pair *pairs = NEW(perm, struct pair, context->len);
    for (size_t i = 0; i < context->len; i++) {
        struct str key = key_text(context->at[i].key, perm);
        bool exception = r->exception && str_eq(key, S("exception"));
        if (mentions(m, key, perm))
            pairs[len++] = (struct pair){
                key, exception ? exception_raw(perm, r->exception)
                               : placeholder_text(context->at[i].value, perm)};
    }
    struct buf b = buf_new(perm, LINE_MAX_BYTES);
    for (size_t i = 0; i < m.len;) {
        const struct pair *p =
            m.ptr[i] == '{' ? longest(pairs, len, str_skip(m, i)) : NULL;
        buf_add(&b, p ? p->text : str_sub(m, i, 1));
        i += p ? p->key.len + 2 : 1;
    }
    return buf_str(&b);
}

/* === the line === */

/* line_breaks turns "\n" and "\r" of JSON into real line breaks, in texts that look like
 * JSON only. */
static struct str line_breaks(struct str s, struct arena *perm)
{
    if (s.len == 0 || (s.ptr[0] != '{' && s.ptr[0] != '['))
        return s;
    struct buf b = buf_new(perm, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        bool escape = s.ptr[i] == '\\' && i + 1 < s.len &&
                      (s.ptr[i + 1] == 'n' || s.ptr[i + 1] == 'r') &&
                      (i == 0 || s.ptr[i - 1] != '\\');
        buf_byte(&b, escape ? '\n' : s.ptr[i]);
        i += escape;
    }
    return buf_str(&b);
}

/* replaced is str_replace with a ceiling: a message that holds "%context%" a thousand
 * times must not become a thousand contexts. */
static struct str replaced(struct str s, struct str name, struct str text,
                           struct arena *perm)
{
    ptrdiff_t at = str_find(s, name);
    if (at < 0)
        return s;
    struct buf b = buf_new(perm, 2 * LINE_MAX_BYTES + 4096);
    for (; at >= 0; at = str_find(s, name)) {
        buf_add(&b, str_sub(s, 0, (size_t)at));
        buf_add(&b, text);
        s = str_skip(s, (size_t)at + name.len);
    }
    buf_add(&b, s);
    return buf_str(&b);
}

/* leftover measures a "%context.x%" or "%extra.x%" at the start of s; 0: there is none.
 */
static size_t leftover(struct str s)
{
    size_t n = str_starts(s, S("%context.")) ? 9 : str_starts(s, S("%extra.")) ? 7 : 0;
    if (n == 0 || n >= s.len || s.ptr[n] == '\n')
        return 0;
    for (size_t i = n + 1; i < s.len && s.ptr[i] != '\n'; i++)
        if (s.ptr[i] == '%')
            return i + 1;
    return 0;
}

/* without_leftovers cuts what Monolog takes for names in its format. */
static struct str without_leftovers(struct str s, struct arena *perm)
{
    if (!str_has(s, S("%context.")) && !str_has(s, S("%extra.")))
        return s;
    struct buf b = buf_new(perm, s.len + 1);
    for (size_t i = 0; i < s.len;) {
        size_t skip = s.ptr[i] == '%' ? leftover(str_skip(s, i)) : 0;
        if (skip == 0)
            buf_byte(&b, s.ptr[i]);
        i += skip ? skip : 1;
    }
    return buf_str(&b);
}

static struct str exception_object(const struct app_exception *x, struct arena *perm)
{
    struct buf b = buf_new(perm, LINE_MAX_BYTES);
    buf_add(&b, S("[object] ("));
    buf_add(&b, x->class_name);
    buf_fmt(&b, "(code: %d): ", x->code);
    buf_add(&b, x->message);
    buf_add(&b, S(" at "));
    buf_add(&b, x->file);
    buf_fmt(&b, ":%d)\n[stacktrace]\n", x->line);
    exception_trace(&b, x);
    buf_byte(&b, '\n');
    return buf_str(&b);
}

/* renumbered is an array as array_merge hands it on: ints count from 0. */
static struct php_array *renumbered(struct php_value v, struct arena *perm)
{
    struct php_array *out = php_array_new(perm);
    size_t len = v.type == PHP_ARRAY ? v.a->len : 0;
    for (size_t i = 0; i < len; i++) {
        const struct php_entry *entry = &v.a->at[i];
        if (entry->key.is_int)
            php_array_push(perm, out, entry->value);
        else
            php_array_put(perm, out, entry->key, entry->value);
    }
    return out;
}

/* merged is the context with the exception at its end. */
static struct php_array *merged(const struct log_record *r, struct arena *perm)
{
    struct php_array *out = renumbered(r->context, perm);
    if (r->exception)
        php_array_put(perm, out, php_key_from(S("exception")),
                      php_string(exception_object(r->exception, perm)));
    return out;
}

static struct str context_json(const struct php_array *context, struct arena *perm)
{
    if (context->len == 0)
        return S("");
    struct writer w = writer_new(perm, true);
    json_array(&w, context, CONTEXT_DEPTH);
    return buf_str(&w.b);
}

/* === as JSON === */

/* json_exception is how Monolog's normalizer has one, without its trace. */
static struct php_value json_exception(const struct app_exception *x, struct arena *perm)
{
    struct php_array *out = php_array_new(perm);
    const struct {
        struct str key;
        struct php_value value;
    } parts[] = {
        {S("class"), php_string(x->class_name)},
        {S("message"), php_string(x->message)},
        {S("code"), php_int(x->code)},
        {S("file"), php_string(str_fmt(perm, "%.*s:%d", STR_ARG(x->file), x->line))},
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        php_array_put(perm, out, php_key_from(parts[i].key), parts[i].value);
    return php_from_array(out);
}

/* json_part writes `"name":{…}`; what is empty is an object. */
static void json_part(struct writer *w, const char *name, const struct php_array *a)
{
    buf_fmt(&w->b, "\"%s\":", name);
    if (a->len)
        json_array(w, a, CONTEXT_DEPTH);
    else
        buf_add(&w->b, S("{}"));
}

struct str log_json(const struct log_record *r, struct arena *perm)
{
    struct writer w = writer_new(perm, true);
    struct php_array *context = renumbered(r->context, perm);
    int64_t us = clock_unix_us();
    if (r->exception)
        php_array_put(perm, context, php_key_from(S("exception")),
                      json_exception(r->exception, perm));
    buf_add(&w.b, S("{\"message\":"));
    json_text(&w, r->placeholders ? interpolate(r, context, perm) : r->message);
    buf_byte(&w.b, ',');
    w.zero = true;
    json_part(&w, "context", context);
    buf_fmt(&w.b,
            ",\"level\":%d,\"level_name\":\"%s\",\"channel\":", levels[r->level].number,
            levels[r->level].line);
    json_text(&w, r->channel);
    buf_add(&w.b, S(",\"datetime\":\""));
    buf_add(&w.b, php_date_format(perm, us, S("Y-m-d\\TH:i:s.uP")));
    buf_add(&w.b, S("\","));
    json_part(&w, "extra", renumbered(r->extra, perm));
    buf_add(&w.b, S("}\n"));
    return buf_str(&w.b);
}

/* === as a line === */

struct str log_line(const struct log_record *r, struct arena *perm)
{
    const struct php_array *all = merged(r, perm);
    struct str message = r->placeholders ? interpolate(r, all, perm) : r->message;
    message = str_sub(message, 0, LINE_MAX_BYTES);
    struct str context = context_json(all, perm);
    struct str extra = context_json(renumbered(r->extra, perm), perm);
    struct str number = str_fmt(perm, "%d", levels[r->level].number);
    /* Monolog replaces one name after the other in the whole line, so that a message
     * which holds a later name gets it replaced, too. Empty parts are gone before. */
    const struct {
        struct str name, text;
    } parts[] = {
        {S("%message%"), message},
        {S("%context%"), context},
        {S("%level%"), number},
        {S("%level_name%"), str_from(levels[r->level].line)},
        {S("%channel%"), r->channel},
        {S("%datetime%"), clock_datetime(perm, clock_unix())},
        {S("%extra%"), extra},
    };
    struct str line = str_fmt(perm,
                              "[%%datetime%%] %%channel%%.%%level_name%%: "
                              "%%message%% %s %s\n",
                              context.len ? "%context%" : "", extra.len ? "%extra%" : "");
    for (size_t i = 0; i < COUNT(parts); i++) {
        bool empty = (i == 1 && !context.len) || (i == 6 && !extra.len);
        if (!empty)
            line = replaced(line, parts[i].name, line_breaks(parts[i].text, perm), perm);
    }
    return without_leftovers(line, perm);
}
