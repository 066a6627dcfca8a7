/* fuzz_mail: a mail of arbitrary fields is refused, or has the form of one: no bare CR or
 * LF, no byte outside ASCII but in addresses, no line over 998, header lines that are
 * fields of ours, each once, and the parts that were put in. Addresses and command lines
 * come along.
 */
#include <stdlib.h>

#include "mail/mail_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)                                                                \
    do {                                                                                 \
        if (!(condition))                                                                \
            abort();                                                                     \
    } while (0)

/* take cuts the next field off, at a byte 0xFF; NUL, CR and LF can be in it. */
static struct str take(struct str *rest)
{
    struct cut c = str_cut(*rest, (char)0xFF);
    *rest = c.tail;
    return c.head;
}

static void check_bytes(struct str mail, bool utf8)
{
    size_t column = 0;
    for (size_t i = 0; i < mail.len; i++) {
        unsigned char c = (unsigned char)mail.ptr[i];
        if (c == '\r') {
            DEMAND(i + 1 < mail.len && mail.ptr[i + 1] == '\n');
            column = 0;
            i++;
            continue;
        }
        DEMAND(c == '\t' || (c >= ' ' && c <= '~') || (utf8 && c >= 0x80));
        DEMAND(++column <= 998);
    }
    DEMAND(str_ends(mail, S("\r\n")));
}

/* check_head: every line is a field of ours or goes on with one. */
static void check_head(struct str mail, bool parts)
{
    static const char *const names[] = {
        "Date: ",         "Message-ID: ",   "From: ",
        "Reply-To: ",     "To: ",           "Subject: ",
        "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
    int seen[COUNT(names)] = {0};
    ptrdiff_t end = str_find(mail, S("\r\n\r\n"));
    DEMAND(end >= 0);
    struct str head = str_sub(mail, 0, (size_t)end + 2);
    while (head.len) {
        ptrdiff_t n = str_find(head, S("\r\n"));
        struct str line = str_sub(head, 0, (size_t)n);
        head = str_skip(head, (size_t)n + 2);
        bool known = line.ptr[0] == ' ' && str_trim(line).len > 0;
        for (size_t i = 0; i < COUNT(names); i++)
            if (str_starts(line, str_from(names[i]))) {
                known = true;
                seen[i]++;
            }
        DEMAND(known);
    }
    for (size_t i = 0; i < COUNT(names); i++)
        DEMAND(seen[i] <= 1);
    DEMAND(seen[0] && seen[2] && seen[4] && seen[5] && seen[6] && seen[7]);
    DEMAND(seen[8] == !parts);
}

static size_t count(struct str s, struct str part)
{
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(s, part)) >= 0; n++)
        s = str_skip(s, (size_t)at + part.len);
    return n;
}

static void check_mail(struct str rest, struct arena *a)
{
    struct error e = {0};
    struct str out;
    struct mail_attachment parts[2] = {{.type = S("application/pdf")},
                                       {.type = S("text/plain")}};
    struct mail_message m = {.attachments = parts};
    const char *why;
    struct str from, to;
    m.from.name = take(&rest);
    m.subject = take(&rest);
    m.to.name = take(&rest);
    m.message_id = take(&rest);
    m.html = take(&rest);
    parts[0].name = take(&rest);
    parts[1].name = take(&rest);
    parts[0].bytes = parts[1].bytes = take(&rest);
    m.attachments_len = rest.len % 3;
    m.from.address = take(&rest);
    m.to.address = take(&rest);
    if (!mail_address_encode(m.from.address, a, &from, &why))
        m.from.address = from = S("a@b");
    if (!mail_address_encode(m.to.address, a, &to, &why))
        m.to.address = to = S("a@b");
    DEMAND(mail_build(&m, a, &out, &e));
    check_bytes(out, mail_address_utf8(from) || mail_address_utf8(to));
    check_head(out, m.attachments_len > 0);
    size_t boundaries = count(out, S("\r\n--=_facteur_"));
    DEMAND(boundaries == (m.attachments_len ? m.attachments_len + 2 : 0));
}

/* check_address: what is taken has an @, nothing that ends a line, and stays as it is. */
static void check_address(struct str given, struct arena *a)
{
    const char *why;
    struct str once, twice;
    if (!mail_address_encode(given, a, &once, &why)) {
        DEMAND(why != NULL);
        return;
    }
    DEMAND(once.len <= 1200 && memchr(once.ptr, '@', once.len));
    for (size_t i = 0; i < once.len; i++)
        DEMAND((unsigned char)once.ptr[i] >= ' ');
    DEMAND(mail_address_encode(once, a, &twice, &why) && str_eq(once, twice));
}

static void check_command(struct str text, struct arena *a)
{
    struct error e = {0};
    char **words;
    size_t len;
    if (command_split(text, a, &words, &len, &e))
        DEMAND(len > 0 && words[len] == NULL && words[0][0] != '\0');
    else
        DEMAND(e.kind == ERR_UNSUPPORTED);
}

static void check_reply(struct str text)
{
    struct reply r = {0};
    for (struct cut c = {.tail = text, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '\n');
        reply_add(&r, c.head);
        DEMAND(r.len <= sizeof(r.text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a;
    if (!a.pool)
        a = arena_open(8 << 20);
    struct str rest = {(const char *)data, size};
    check_address(rest, &a);
    check_mail(rest, &a);
    check_command(rest, &a);
    check_reply(rest);
    arena_reset(&a);
    return 0;
}
