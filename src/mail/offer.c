/* offer.c: what a server can do, as its reply to EHLO says (RFC 5321, 4.1.1.1). */
#include "mail/smtp_imp.h"

/* word_end: where the capability's name ends; old servers write "AUTH=LOGIN". */
static size_t word_end(struct str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != ' ' && s.ptr[n] != '=')
        n++;
    return n;
}

void offer_line(struct offer *o, struct str line)
{
    struct str s = str_trim(str_skip(line, 4)); /* behind "250-" */
    struct str name = str_sub(s, 0, word_end(s));
    if (str_ieq(name, S("STARTTLS"))) {
        o->starttls = true;
        o->starttls_read = o->starttls_read || str_starts(line, S("250-STARTTLS")) ||
                           str_starts(line, S("250 STARTTLS"));
    } else if (str_ieq(name, S("AUTH"))) {
        o->auth = true;
        o->auth_read = o->auth_read || str_starts(line, S("250-AUTH ")) ||
                       str_starts(line, S("250 AUTH "));
    }
}
