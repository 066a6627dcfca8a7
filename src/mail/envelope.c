/* envelope.c: what every transport asks of an envelope. */
#include "mail/mail_imp.h"

bool envelope_alive(const struct envelope *v)
{
    return !v->alive || v->alive(v->arg);
}

bool envelope_utf8(const struct envelope *v)
{
    bool utf8 = mail_address_utf8(v->from) || mail_address_utf8(v->to);
    for (size_t i = 0; i < v->more_len; i++)
        utf8 = utf8 || mail_address_utf8(v->more[i]);
    return utf8;
}
