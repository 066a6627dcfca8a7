/* message.c: one letter's mail as bytes: RFC 5322 headers, RFC 2045/2046 body.
 *
 * Every line is made here or encoded by encode.c, so no line is longer than 998 bytes
 * and no CR, LF or NUL of a field survives. Dots at line starts are the transport's.
 */
#include <stdio.h>

#include "mail/mail_imp.h"

enum { MESSAGE_MAX = 64 << 20, ID_MAX = 200 };

/* encode_address writes *a as the fields carry it. */
static bool encode_address(const char *who, struct mail_address *a, struct arena *perm,
                           struct error *e)
{
    const char *why;
    if (mail_address_encode(a->address, perm, &a->address, &why))
        return true;
    struct str shown = field_clean(perm, str_sub(a->address, 0, 300));
    return err_set(e, ERR_JOB, "%s address \"%.*s\" cannot be used: %s", who,
                   STR_ARG(shown), why);
}

static void add_date(struct buf *b, int64_t unix_seconds)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm t = clock_local(unix_seconds);
    long zone = t.tm_gmtoff / 60;
    char sign = zone < 0 ? '-' : '+';
    zone = zone < 0 ? -zone : zone;
    buf_fmt(b, "Date: %s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld\r\n", days[t.tm_wday],
            t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
            sign, zone / 60, zone % 60);
}

/* id_part appends one side of a msg-id. It comes from a payload, which may hold anything:
 * what cannot stand there becomes "-". */
static void id_part(struct buf *b, struct str s)
{
    s = str_sub(s, 0, ID_MAX);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool bare = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || (c && strchr("+-_=", c)) ||
                    (c == '.' && i > 0 && i + 1 < s.len && s.ptr[i + 1] != '.');
        buf_byte(b, bare ? c : '-');
    }
}

static void add_message_id(struct buf *b, struct str id)
{
    struct cut c = str_cut(id, '@');
    if (id.len == 0)
        return; /* the first server that wants one adds it */
    buf_add(b, S("Message-ID: <"));
    id_part(b, c.head.len ? c.head : S("-"));
    buf_byte(b, '@');
    id_part(b, c.tail.len ? c.tail : S("facteur.invalid"));
    buf_add(b, S(">\r\n"));
}

/* add_mailbox appends an address behind column `col`. */
static void add_mailbox(struct buf *b, const struct mail_address *a, size_t col)
{
    if (a->name.len == 0) {
        buf_add(b, a->address);
        return;
    }
    col = field_phrase(b, field_clean(b->arena, a->name), col);
    buf_add(b, col + a->address.len + 3 > FIELD_COLUMNS ? S("\r\n ") : S(" "));
    buf_fmt(b, "<%.*s>", STR_ARG(a->address));
}

/* add_addresses appends a field: `first`, where there is one, and the list, a line each.
 */
static void add_addresses(struct buf *b, const char *field,
                          const struct mail_address *first,
                          const struct mail_addresses *list)
{
    size_t start = b->len;
    bool one = first && first->address.len;
    if (!one && list->len == 0)
        return;
    buf_fmt(b, "%s: ", field);
    if (one)
        add_mailbox(b, first, b->len - start);
    for (size_t i = 0; i < list->len; i++) {
        bool behind = one || i;
        buf_add(b, behind ? S(",\r\n ") : S(""));
        add_mailbox(b, &list->at[i], behind ? 1 : b->len - start);
    }
    buf_add(b, S("\r\n"));
}

static void add_address(struct buf *b, const char *field, const struct mail_address *a)
{
    const struct mail_addresses none = {0};
    add_addresses(b, field, a, &none);
}

/* add_meant_for: Laravel's X-To is plain text: "name" <address>, or the address. */
static void add_meant_for(struct buf *b, const struct mail_address *a)
{
    struct buf text = buf_new(b->arena, MESSAGE_MAX);
    if (a->name.len)
        buf_fmt(&text, "\"%.*s\" <%.*s>", STR_ARG(a->name), STR_ARG(a->address));
    else
        buf_add(&text, a->address);
    buf_add(b, S("X-To: "));
    (void)field_text(b, field_clean(b->arena, buf_str(&text)), sizeof("X-To: ") - 1);
    buf_add(b, S("\r\n"));
}

static void add_subject(struct buf *b, struct str subject)
{
    buf_add(b, S("Subject: "));
    (void)field_text(b, field_clean(b->arena, subject), sizeof("Subject: ") - 1);
    buf_add(b, S("\r\n"));
}

static void add_html(struct buf *b, struct str html)
{
    struct str text = text_crlf(b->arena, html);
    struct buf quoted = buf_new(b->arena, MESSAGE_MAX);
    body_quoted_printable(&quoted, text);
    bool shorter = body_base64_len(text.len) < quoted.len || quoted.full;
    buf_fmt(b,
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Transfer-Encoding: %s\r\n\r\n",
            shorter ? "base64" : "quoted-printable");
    if (shorter)
        body_base64(b, text);
    else
        buf_add(b, buf_str(&quoted));
    buf_add(b, S("\r\n"));
}

/* is_media_type: two tokens of RFC 2045 with a slash between them. */
static bool is_media_type(struct str s)
{
    struct cut c = str_cut(s, '/');
    if (!c.ok || c.head.len == 0 || c.tail.len == 0 || s.len > 100)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || strchr("()<>@,;:\\\"[]?=", s.ptr[i]) ||
            (s.ptr[i] == '/' && i != c.head.len))
            return false;
    return true;
}

static void add_attachment(struct buf *b, const struct mail_attachment *a)
{
    struct str name = field_clean(b->arena, a->name);
    if (name.len == 0)
        name = S("attachment");
    buf_fmt(b, "Content-Type: %.*s", STR_ARG(a->type));
    /* Old readers know this name only, and in ASCII only. */
    field_parameter(b, "name", field_ascii(b->arena, name));
    buf_add(b, S("\r\nContent-Transfer-Encoding: base64\r\n"
                 "Content-Disposition: attachment"));
    field_parameter(b, "filename", name);
    buf_add(b, S("\r\n\r\n"));
    body_base64(b, a->bytes);
    buf_add(b, S("\r\n"));
}

static void add_multipart(struct buf *b, const struct mail_message *m)
{
    /* "=_" occurs neither in quoted-printable nor in base64 (RFC 2045, 6.7), so this
     * boundary cannot be in a body; the hash keeps forwarded letters apart. */
    char boundary[40];
    snprintf(boundary, sizeof(boundary), "=_facteur_%016llx",
             (unsigned long long)(str_hash(m->message_id) ^ (uint64_t)m->date));
    buf_fmt(b, "Content-Type: multipart/mixed;\r\n boundary=\"%s\"\r\n\r\n", boundary);
    buf_fmt(b, "--%s\r\n", boundary);
    add_html(b, m->html);
    for (size_t i = 0; i < m->attachments_len; i++) {
        buf_fmt(b, "--%s\r\n", boundary);
        add_attachment(b, &m->attachments[i]);
    }
    buf_fmt(b, "--%s--\r\n", boundary);
}

static bool encode_list(const char *who, struct mail_addresses *list, struct arena *perm,
                        struct error *e)
{
    struct mail_address *copy = NEW(perm, struct mail_address, list->len);
    for (size_t i = 0; i < list->len; i++) {
        copy[i] = list->at[i];
        if (!encode_address(who, &copy[i], perm, e))
            return false;
    }
    list->at = copy;
    return true;
}

static bool encode_addresses(struct mail_message *m, struct arena *perm, struct error *e)
{
    return encode_address("sender", &m->from, perm, e) &&
           encode_address("recipient", &m->to, perm, e) &&
           (m->reply_to.address.len == 0 ||
            encode_address("reply-to", &m->reply_to, perm, e)) &&
           (m->meant_for.address.len == 0 ||
            encode_address("recipient", &m->meant_for, perm, e)) &&
           encode_list("cc", &m->cc, perm, e) &&
           encode_list("reply-to", &m->more, perm, e);
}

bool mail_build(const struct mail_message *message, struct arena *perm, struct str *out,
                struct error *e)
{
    struct mail_message copy = *message, *m = &copy;
    struct buf b = buf_new(perm, MESSAGE_MAX);
    if (!encode_addresses(m, perm, e))
        return false;
    for (size_t i = 0; i < m->attachments_len; i++)
        if (!is_media_type(m->attachments[i].type))
            return err_set(e, ERR_JOB, "attachment %zu has no media type", i + 1);
    add_date(&b, m->date);
    add_message_id(&b, m->message_id);
    add_address(&b, "From", &m->from);
    add_addresses(&b, "Reply-To", &m->reply_to, &m->more);
    add_address(&b, "To", &m->to);
    add_addresses(&b, "Cc", NULL, &m->cc);
    if (m->meant_for.address.len)
        add_meant_for(&b, &m->meant_for);
    add_subject(&b, m->subject);
    buf_add(&b, S("MIME-Version: 1.0\r\n"));
    if (m->attachments_len)
        add_multipart(&b, m);
    else
        add_html(&b, m->html);
    if (b.full)
        return err_set(e, ERR_JOB, "the mail is larger than %d MB", MESSAGE_MAX >> 20);
    *out = buf_str(&b);
    return true;
}
