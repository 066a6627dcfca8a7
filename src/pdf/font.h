/* font.h: faces, their glyphs and advances. */
#ifndef FACTEUR_PDF_FONT_H
#define FACTEUR_PDF_FONT_H

#include "pdf/charset.h"
#include "pdf/style.h"
#include "pdf/truetype.h"

/* A face as layout sees it. */
enum { NO_GLYPH = 0xFFFF };

/* Flags of a PDF's font descriptor; FACE_LATIN: its letters are found by their names. */
enum { FACE_FIXED = 1, FACE_LATIN = 32, FACE_ITALIC = 64, FACE_BOLD = 1 << 18 };

struct face {
    const char *asset;      /* NULL: one of PDF's own */
    const char *base_name;  /* PDF's own: "Times-Roman" */
    bool single_byte;       /* drawn with CP1252 */
    double ascent, descent; /* 1/1000 em; descent is negative */
    int capitals, small;    /* the heights of such letters */
    unsigned flags;         /* of one with an asset */
    struct str bytes;
    struct truetype font_file; /* of the bytes; when it is loaded */
    bool loaded;
    uint16_t *advances; /* by code point; 0xFFFF: no glyph */
    size_t advances_len;
    int index; /* in struct fonts */
    int font;  /* the same for faces that layout takes for one font */
};

struct fonts;
struct fonts *fonts_new(struct error *e);
void fonts_drop(struct fonts *f);
struct face *fonts_at(struct fonts *f, size_t i); /* NULL behind the last */
size_t fonts_count(void);

/* fonts_primary is the face of the first family: it rules the line's height. */
struct face *fonts_primary(struct fonts *f, const struct style *s);

/* fonts_face finds the face that has the character among the style's families; NULL: none
 * has. fonts_other then looks in all that are built in. */
struct face *fonts_face(struct fonts *f, const struct style *s, uint32_t code_point);
struct face *fonts_other(struct fonts *f, const struct style *s, uint32_t code_point);

/* fonts_missing_advance is the room, in 1/1000 em, that dompdf leaves for a character
 * which its first font, a DejaVu, lacks. */
int fonts_missing_advance(const struct style *s);

/* fonts_tab_advance is the room of a tab as it is drawn: none, or with a DejaVu a box's.
 */
int fonts_tab_advance(struct fonts *f, const struct style *s);

/* face_advance returns 1/1000 em, or -1 when there is no glyph. */
int face_advance(struct fonts *f, struct face *face, uint32_t code_point);

#endif
