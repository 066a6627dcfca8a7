/* Functions that cut strings into pieces or write their bytes in another way. */
#include "php/fn_imp.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* === one byte after the other === */

static bool call_strrev(struct php_call *c)
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    char *bytes = NEW(c->perm, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        bytes[s.len - 1 - i] = s.ptr[i];
    return fn_return_text(c, (struct str){bytes, s.len});
}

static bool call_ord(struct php_call *c)
{
    struct str s = S("");
    return fn_text(c, 0, "character", &s) &&
           fn_return(c, php_int(s.len ? (unsigned char)s.ptr[0] : 0));
}

static bool call_chr(struct php_call *c)
{
    int64_t code = 0;
    if (!fn_int(c, 0, "codepoint", &code))
        return false;
    char byte = (char)(unsigned char)((uint64_t)code & 0xFF);
    return fn_return_text(c, str_copy(c->perm, (struct str){&byte, 1}));
}

/* === encodings === */

static bool call_bin2hex(struct php_call *c)
{
    static const char digits[] = "0123456789abcdef";
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    char *bytes = NEW(c->perm, char, s.len * 2 + 1);
    for (size_t i = 0; i < s.len; i++) {
        bytes[2 * i] = digits[(unsigned char)s.ptr[i] >> 4];
        bytes[2 * i + 1] = digits[s.ptr[i] & 0xF];
    }
    return fn_return_text(c, (struct str){bytes, s.len * 2});
}

static bool call_base64_encode(struct php_call *c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    size_t len = (s.len + 2) / 3 * 4;
    char *out = NEW(c->perm, char, len + 1), *to = out;
    for (size_t i = 0; i < s.len; i += 3, to += 4) {
        uint32_t three = 0;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (i + k < s.len ? (unsigned char)s.ptr[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            to[k] = i + k > s.len ? '=' : digits[three >> (18 - 6 * k) & 63];
    }
    return fn_return_text(c, (struct str){out, len});
}

/* A URL's bytes: letters, digits and those of `plain` stay. */
static bool encode_url(struct php_call *c, const char *plain, bool plus)
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < s.len; i++) {
        char byte = s.ptr[i];
        if (is_letter(byte) || is_digit(byte) || (byte && strchr(plain, byte)))
            buf_byte(&b, byte);
        else if (plus && byte == ' ')
            buf_byte(&b, '+');
        else
            buf_fmt(&b, "%%%02X", (unsigned)(unsigned char)byte);
    }
    return fn_return_buf(c, &b);
}

static bool call_urlencode(struct php_call *c)
{
    return encode_url(c, "-._", true);
}

static bool call_rawurlencode(struct php_call *c)
{
    return encode_url(c, "-._~", false);
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_url(struct php_call *c, bool plus)
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < s.len; i++) {
        bool escape = s.ptr[i] == '%' && i + 2 < s.len && hex_value(s.ptr[i + 1]) >= 0 &&
                      hex_value(s.ptr[i + 2]) >= 0;
        if (escape) {
            buf_byte(&b, (char)(hex_value(s.ptr[i + 1]) << 4 | hex_value(s.ptr[i + 2])));
            i += 2;
        } else {
            buf_byte(&b, plus && s.ptr[i] == '+' ? ' ' : s.ptr[i]);
        }
    }
    return fn_return_buf(c, &b);
}

static bool call_urldecode(struct php_call *c)
{
    return decode_url(c, true);
}

static bool call_rawurldecode(struct php_call *c)
{
    return decode_url(c, false);
}

static bool call_addslashes(struct php_call *c)
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < s.len; i++) {
        char byte = s.ptr[i];
        if (byte == '\'' || byte == '"' || byte == '\\' || byte == '\0')
            buf_byte(&b, '\\');
        buf_byte(&b, byte ? byte : '0');
    }
    return fn_return_buf(c, &b);
}

static bool call_stripslashes(struct php_call *c)
{
    struct str s = S("");
    if (!fn_text(c, 0, "string", &s))
        return false;
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    for (size_t i = 0; i < s.len; i++) {
        bool escape = s.ptr[i] == '\\';
        if (escape && ++i == s.len)
            break;
        buf_byte(&b, escape && s.ptr[i] == '0' ? '\0' : s.ptr[i]);
    }
    return fn_return_buf(c, &b);
}

/* === pieces === */

/* chunk_split($string, $length = 76, $separator = "\r\n") */
static bool call_chunk_split(struct php_call *c)
{
    struct str s = S(""), separator = S("\r\n");
    int64_t length = 76;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "length", &length) ||
        !fn_text(c, 2, "separator", &separator))
        return false;
    if (length < 1)
        return err_set(c->e, ERR_JOB,
                       "chunk_split(): Argument #2 ($length) must be greater than 0");
    struct buf b = buf_new(c->perm, FN_MAX_TEXT);
    do {
        struct str piece = str_sub(s, 0, (size_t)length);
        buf_add(&b, piece);
        buf_add(&b, separator);
        s = str_skip(s, piece.len);
    } while (s.len > 0 && !b.full);
    return fn_return_buf(c, &b);
}

/* str_split($string, $length = 1) */
static bool call_str_split(struct php_call *c)
{
    struct str s = S("");
    int64_t length = 1;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "length", &length))
        return false;
    if (length < 1)
        return err_set(c->e, ERR_JOB,
                       "str_split(): Argument #2 ($length) must be greater than 0");
    struct php_array *out = php_array_new(c->perm);
    while (s.len > 0) {
        struct str piece = str_sub(s, 0, (size_t)length);
        php_array_push(c->perm, out, php_string(piece));
        s = str_skip(s, piece.len);
    }
    return fn_return(c, php_from_array(out));
}

/* === wordwrap === */

struct wrap {
    struct buf out;
    struct str s, line_break;
    int64_t width;
    bool cut;
    size_t start, blank; /* of the line; behind or at its last blank */
};

static void end_line(struct wrap *w, size_t at)
{
    buf_add(&w->out, str_sub(w->s, w->start, at - w->start));
    buf_add(&w->out, w->line_break);
}

static void wrap(struct wrap *w)
{
    size_t len = w->line_break.len;
    for (size_t i = 0; i < w->s.len; i++) {
        bool full = (int64_t)(i - w->start) >= w->width;
        /* PHP sees a break at the very end only in its simplest case. */
        bool is_break = str_starts(str_skip(w->s, i), w->line_break) &&
                        (i + len < w->s.len || (len == 1 && !w->cut));
        if (is_break) {
            end_line(w, i);
            i += len - 1;
            w->start = w->blank = i + 1;
        } else if (w->s.ptr[i] == ' ') {
            if (full) {
                end_line(w, i);
                w->start = i + 1;
            }
            w->blank = i;
        } else if (full && w->cut && w->start >= w->blank) {
            end_line(w, i);
            w->start = w->blank = i;
        } else if (full && w->start < w->blank) {
            end_line(w, w->blank);
            w->start = w->blank = w->blank + 1;
        }
    }
    buf_add(&w->out, str_skip(w->s, w->start));
}

/* wordwrap($string, $width = 75, $break = "\n", $cut_long_words = false) */
static bool call_wordwrap(struct php_call *c)
{
    struct wrap w = {.out = buf_new(c->perm, FN_MAX_TEXT),
                     .s = S(""),
                     .line_break = S("\n"),
                     .width = 75};
    if (!fn_text(c, 0, "string", &w.s) || !fn_int(c, 1, "width", &w.width) ||
        !fn_text(c, 2, "break", &w.line_break) ||
        !fn_bool(c, 3, "cut_long_words", &w.cut))
        return false;
    if (w.s.len == 0)
        return fn_return_text(c, w.s);
    if (w.line_break.len == 0)
        return err_set(c->e, ERR_JOB, "wordwrap(): Argument #3 ($break) cannot be empty");
    if (w.width == 0 && w.cut)
        return err_set(c->e, ERR_JOB,
                       "wordwrap(): Argument #4 ($cut_long_words) cannot be true when "
                       "argument #2 ($width) is 0");
    wrap(&w);
    return fn_return_buf(c, &w.out);
}

/* === words === */

enum { WORDS_COUNT, WORDS_LIST, WORDS_PLACES };

static bool in_word(struct str characters, char c)
{
    return is_letter(c) || c == '\'' || c == '-' ||
           (characters.len && memchr(characters.ptr, c, characters.len));
}

/* str_word_count($string, $format = 0, $characters = null): a word has letters, ' and -;
 * the text does not begin with the one nor end with the other. */
static bool call_str_word_count(struct php_call *c)
{
    struct str s = S(""), characters = S("");
    int64_t format = WORDS_COUNT, count = 0;
    if (!fn_text(c, 0, "string", &s) || !fn_int(c, 1, "format", &format) ||
        !fn_text_or_null(c, 2, "characters", &characters))
        return false;
    if (str_has(characters, S("..")))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "str_word_count() with a range is not supported");
    if (format < WORDS_COUNT || format > WORDS_PLACES)
        return err_set(c->e, ERR_JOB,
                       "str_word_count(): Argument #2 ($format) must be a valid format "
                       "value");
    struct php_array *out = php_array_new(c->perm);
    size_t at = 0, end = s.len;
    bool has_quote = str_has(characters, S("'")), has_dash = str_has(characters, S("-"));
    if (end > 0 && ((s.ptr[0] == '\'' && !has_quote) || (s.ptr[0] == '-' && !has_dash)))
        at++;
    if (at < end && s.ptr[end - 1] == '-' && !has_dash)
        end--;
    for (size_t from = at; at < end; from = at) {
        while (at < end && in_word(characters, s.ptr[at]))
            at++;
        if (at == from) {
            at++;
            continue;
        }
        count++;
        struct php_value word = php_string(str_sub(s, from, at - from));
        struct php_key key =
            php_key_int(format == WORDS_LIST ? count - 1 : (int64_t)from);
        php_array_put(c->perm, out, key, word);
    }
    return fn_return(c, format == WORDS_COUNT ? php_int(count) : php_from_array(out));
}

const struct php_function fn_bytes[] = {
    {"strrev", 1, 1, call_strrev},
    {"ord", 1, 1, call_ord},
    {"chr", 1, 1, call_chr},
    {"bin2hex", 1, 1, call_bin2hex},
    {"base64_encode", 1, 1, call_base64_encode},
    {"urlencode", 1, 1, call_urlencode},
    {"rawurlencode", 1, 1, call_rawurlencode},
    {"urldecode", 1, 1, call_urldecode},
    {"rawurldecode", 1, 1, call_rawurldecode},
    {"addslashes", 1, 1, call_addslashes},
    {"stripslashes", 1, 1, call_stripslashes},
    {"chunk_split", 1, 3, call_chunk_split},
    {"str_split", 1, 2, call_str_split},
    {"wordwrap", 1, 4, call_wordwrap},
    {"str_word_count", 1, 3, call_str_word_count},
    {NULL, 0, 0, NULL},
};
