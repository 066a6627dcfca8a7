/* smtp_imp.h: what the files of the transport smtp share. */
#ifndef SMTP_IMP_H
#define SMTP_IMP_H

#include "mail/mail_imp.h"

/* === offer.c: what a server can do, as its reply to EHLO says ===
 *
 * Capabilities are known in any letters (RFC 5321, 4.1.1.1). libcurl reads them in
 * capitals only, and takes another "starttls" for none: it would go on in clear text. */

struct offer {
    bool starttls, auth;           /* in any letters */
    bool starttls_read, auth_read; /* in those that libcurl reads */
};

/* offer_line takes one line of the reply, with its line end. */
void offer_line(struct offer *o, struct str line);

#endif
