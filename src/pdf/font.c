/* font.c: faces: their glyphs and advances, from the fonts' own tables.
 *
 * Of each DejaVu face there are two: drawn with single bytes, and with two bytes for what
 * CP1252 lacks. Advances are those dompdf uses: rounded half up to 1/1000 em. A face is
 * read when it is first needed, and kept as long as the process. */
#include <hpdf.h>
#include <stdio.h>
#include <stdlib.h>

#include "pdf/font.h"

enum {
    STYLES = 4,
    OWN = 3,
    BASE = 3,
    KINDS = 2, /* of each own face: single bytes, two bytes */
    FACES = (OWN * KINDS + BASE) * STYLES,
};

struct fonts {
    struct face faces[FACES];
    HPDF_Doc metrics; /* lends the widths of PDF's own fonts */
};

static const char *const own_names[OWN][STYLES] = {
    [FAMILY_SERIF] = {"Serif", "Serif-Bold", "Serif-Italic", "Serif-BoldItalic"},
    [FAMILY_SANS] = {"Sans", "Sans-Bold", "Sans-Oblique", "Sans-BoldOblique"},
    [FAMILY_MONO] = {"SansMono", "SansMono-Bold", "SansMono-Oblique",
                     "SansMono-BoldOblique"},
};

static const struct {
    const char *names[STYLES];
    double ascent, descent; /* as dompdf's metric files have them */
} base_fonts[BASE] = {
    {{"Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"}, 683, -217},
    {{"Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"},
     718,
     -207},
    {{"Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"}, 629, -157},
};

/* === reading a face === */

static void note_advance(void *arg, uint32_t c, unsigned glyph)
{
    struct face *f = arg;
    int units = (int)truetype_advance(&f->font_file, glyph);
    int height = table_s16(truetype_outline(&f->font_file, glyph), 8);
    if (c == 'H')
        f->capitals = truetype_scaled(&f->font_file, height);
    if (c == 'x')
        f->small = truetype_scaled(&f->font_file, height);
    if (c < f->advances_len)
        f->advances[c] = (uint16_t)truetype_scaled(&f->font_file, units);
}

static void load_own(struct face *f)
{
    const struct truetype *t = &f->font_file;
    if (!truetype_read(&f->font_file, f->bytes))
        return;
    f->ascent = truetype_scaled(t, table_s16(t->hhea, 4));
    f->descent = truetype_scaled(t, table_s16(t->hhea, 6));
    truetype_chars(t, note_advance, f);
}

static void load_base(struct fonts *fonts, struct face *f)
{
    HPDF_Font font = HPDF_GetFont(fonts->metrics, f->base_name, "CP1252");
    for (uint32_t c = 0x20; font && c < f->advances_len; c++)
        if (cp1252(c) >= 0)
            f->advances[c] = (uint16_t)HPDF_Font_GetUnicodeWidth(font, (HPDF_UNICODE)c);
}

static bool load(struct fonts *fonts, struct face *f)
{
    if (f->loaded)
        return f->advances != NULL;
    f->loaded = true;
    /* Strings in a PDF have two bytes at most: a character beyond the basic plane has no
     * glyph. */
    f->advances_len = f->single_byte ? 0x2200 : 0x10000;
    f->advances = malloc(f->advances_len * sizeof(*f->advances));
    if (!f->advances)
        return false;
    memset(f->advances, 0xFF, f->advances_len * sizeof(*f->advances));
    if (f->asset)
        load_own(f);
    else
        load_base(fonts, f);
    return true;
}

int face_advance(struct fonts *f, struct face *face, uint32_t c)
{
    if (!load(f, face) || c >= face->advances_len || face->advances[c] == NO_GLYPH)
        return -1;
    if (face->single_byte && cp1252(c) < 0)
        return -1;
    return face->advances[c];
}

/* === the set === */

static struct face *own(struct fonts *f, int family, int style, int kind)
{
    return &f->faces[(family * KINDS + kind) * STYLES + style];
}

static struct face *base(struct fonts *f, int family, int style)
{
    return &f->faces[(OWN * KINDS + family - FAMILY_TIMES) * STYLES + style];
}

/* flags_of: a style's bits are those of style_index. */
static unsigned flags_of(int family, int style)
{
    return FACE_LATIN | (family == FAMILY_MONO ? FACE_FIXED : 0U) |
           (style & 1 ? FACE_BOLD : 0U) | (style & 2 ? FACE_ITALIC : 0U);
}

static void on_error(HPDF_STATUS status, HPDF_STATUS detail, void *arg)
{
    (void)status, (void)detail, (void)arg;
}

struct fonts *fonts_new(struct error *e)
{
    struct fonts *f = calloc(1, sizeof(*f));
    if (f)
        f->metrics = HPDF_New(on_error, NULL);
    if (!f || !f->metrics) {
        free(f);
        err_set(e, ERR_FATAL, "no memory for fonts");
        return NULL;
    }
    for (int family = 0; family < OWN; family++)
        for (int i = 0; i < KINDS * STYLES; i++) {
            struct face *face = own(f, family, i % STYLES, i / STYLES);
            char name[64];
            snprintf(name, sizeof(name), "fonts/DejaVu%s.ttf",
                     own_names[family][i % STYLES]);
            *face = (struct face){.single_byte = i < STYLES,
                                  .flags = flags_of(family, i % STYLES),
                                  .font = family * STYLES + i % STYLES};
            face->asset = own_names[family][i % STYLES];
            if (!asset_lookup(str_from(name), &face->bytes)) {
                err_set(e, ERR_FATAL, "the font %s is not built in", name);
                fonts_drop(f);
                return NULL;
            }
        }
    for (int family = 0; family < BASE; family++)
        for (int i = 0; i < STYLES; i++)
            *base(f, FAMILY_TIMES + family, i) =
                (struct face){.base_name = base_fonts[family].names[i],
                              .single_byte = true,
                              .font = (OWN + family) * STYLES + i,
                              .ascent = base_fonts[family].ascent,
                              .descent = base_fonts[family].descent};
    for (int i = 0; i < FACES; i++)
        f->faces[i].index = i;
    return f;
}

void fonts_drop(struct fonts *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < FACES; i++) {
        free(f->faces[i].advances);
    }
    HPDF_Free(f->metrics);
    free(f);
}

size_t fonts_count(void)
{
    return FACES;
}

struct face *fonts_at(struct fonts *f, size_t i)
{
    return i < FACES ? &f->faces[i] : NULL;
}

static int style_index(const struct style *s)
{
    return (s->bold ? 1 : 0) + (s->italic ? 2 : 0);
}

struct face *fonts_primary(struct fonts *f, const struct style *s)
{
    int family = s->families[0];
    struct face *face = family < FAMILY_TIMES ? own(f, family, style_index(s), 0)
                                              : base(f, family, style_index(s));
    load(f, face);
    return face;
}

static struct face *in_family(struct fonts *f, int family, int style, uint32_t c)
{
    if (family >= FAMILY_TIMES)
        return face_advance(f, base(f, family, style), c) >= 0 ? base(f, family, style)
                                                               : NULL;
    for (int kind = 0; kind < KINDS; kind++)
        if (face_advance(f, own(f, family, style, kind), c) >= 0)
            return own(f, family, style, kind);
    return NULL;
}

struct face *fonts_face(struct fonts *f, const struct style *s, uint32_t c)
{
    int style = style_index(s);
    struct face *found = fonts_primary(f, s);
    if (c > 0x20 && c < 0x7F && found->advances && found->advances[c] != NO_GLYPH)
        return found; /* most are */
    found = NULL;
    for (int i = 0; i < s->families_len && !found; i++)
        found = in_family(f, s->families[i], style, c);
    return found;
}

struct face *fonts_other(struct fonts *f, const struct style *s, uint32_t c)
{
    static const int last[] = {FAMILY_SERIF, FAMILY_SANS};
    struct face *found = NULL;
    for (size_t i = 0; i < COUNT(last) && !found; i++)
        found = in_family(f, last[i], style_index(s), c);
    return found ? found : in_family(f, FAMILY_SANS, 0, c);
}

int fonts_tab_advance(struct fonts *f, const struct style *s)
{
    if (!fonts_primary(f, s)->asset)
        return 0;
    return s->families[0] == FAMILY_MONO ? 602 : 500;
}

int fonts_missing_advance(const struct style *s)
{
    if (s->families[0] == FAMILY_MONO)
        return 602;
    return s->bold ? 1113 : 1025;
}
