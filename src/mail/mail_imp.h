/* mail_imp.h: what the files of src/mail share. */
#ifndef MAIL_IMP_H
#define MAIL_IMP_H

#include "facteur/mail.h"

/* === encode.c: bytes as mail can carry them === */

/* A header line ends at this column, except where one unbreakable word is longer. */
enum { FIELD_COLUMNS = 76 };

/* field_clean returns s as well-formed UTF-8 in which CR, LF and NUL are blanks. */
struct str field_clean(struct arena *a, struct str s);

/* field_text appends s to an unstructured field ("Subject"): as it is where ASCII allows
 * it, else in encoded words of RFC 2047. `col` is the column it starts at; the column
 * behind it is returned. The buffer must have an arena; s must be clean. */
size_t field_text(struct buf *b, struct str s, size_t col);

/* field_phrase does so for a display name: atoms, a quoted string, or encoded words. */
size_t field_phrase(struct buf *b, struct str s, size_t col);

/* field_parameter appends ";", a fold, and name="value", or where the value needs it
 * name*=utf-8''… in the pieces of RFC 2231. */
void field_parameter(struct buf *b, const char *name, struct str value);

/* field_ascii returns a short ASCII stand-in for a file name: what is not ASCII becomes
 * "_"; of a long name its two ends are left. */
struct str field_ascii(struct arena *a, struct str name);

/* text_crlf returns text with CRLF at every line end, whatever it had. */
struct str text_crlf(struct arena *a, struct str text);

/* body_quoted_printable appends text whose line ends are CRLF. */
void body_quoted_printable(struct buf *b, struct str text);

/* body_base64 appends bytes in lines of 76; body_base64_len says how long that gets. */
void body_base64(struct buf *b, struct str bytes);
size_t body_base64_len(size_t bytes);

#endif
