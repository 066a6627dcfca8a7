/* reply.c: an SMTP reply (RFC 5321, 4.2), its lines joined into one. */
#include "mail/mail_imp.h"

static int code_of(struct str line)
{
    int64_t code;
    return str_to_i64(str_sub(line, 0, 3), &code) && code >= 100 ? (int)code : 0;
}

void reply_add(struct reply *r, struct str line)
{
    if (!r->more)
        *r = (struct reply){0};
    bool first = r->len == 0;
    struct str text = str_trim(str_skip(line, first ? 0 : 4));
    struct cut c = str_cut(text, ' ');
    /* The extended code ("5.1.1") stands on each line; once is enough. */
    if (!first && c.ok && c.head.len >= 5 &&
        str_starts(str_skip(reply_text(r), 4), c.head))
        text = c.tail;
    if (!first && r->len < sizeof(r->text))
        r->text[r->len++] = ' ';
    for (size_t i = 0; i < text.len && r->len < sizeof(r->text); i++) {
        bool control = (unsigned char)text.ptr[i] < ' ';
        r->text[r->len++] = control ? ' ' : text.ptr[i];
    }
    if (first && r->len > 3 && r->text[3] == '-')
        r->text[3] = ' ';
    r->code = code_of(line);
    r->more = line.len > 3 && line.ptr[3] == '-';
}

struct str reply_text(const struct reply *r)
{
    return (struct str){r->text, r->len};
}
