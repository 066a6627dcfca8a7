/* envelope.c: what every transport asks of an envelope. */
#include "mail/mail_imp.h"

bool envelope_alive(const struct envelope *v)
{
    return !v->alive || v->alive(v->arg);
}

bool envelope_utf8(const struct envelope *v)
{
    return mail_address_utf8(v->from) || mail_address_utf8(v->to);
}
