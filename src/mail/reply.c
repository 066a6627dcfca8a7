/* reply.c: an SMTP reply (RFC 5321, 4.2). */
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
    for (size_t i = 0; i < line.len && r->len < sizeof(r->text); i++) {
        char c = line.ptr[i];
        bool control = (unsigned char)c < ' ' && !strchr("\r\n\t", c);
        r->text[r->len++] = control || !c ? ' ' : c;
    }
    r->code = code_of(line);
    r->more = line.len > 3 && line.ptr[3] == '-';
}

struct str reply_text(const struct reply *r)
{
    return (struct str){r->text, r->len};
}
