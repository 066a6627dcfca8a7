/* draw.c: pages → a PDF, by libharu.
 *
 * libharu's first error is kept: a later call replaces its code. A document and its fonts
 * are made anew for each letter, since libharu cannot keep them; what is slow in a font,
 * reading and measuring it, was done by font.c. */
#include <errno.h>
#include <hpdf.h>
#include <hpdf_utils.h>
#include <math.h>

#include "pdf/document.h"

enum { PDF_MAX = 64 << 20, SPARE_MAX = 10 };

/* What libharu takes of a line's width and of a font's size; beyond, it fails. */
#define LINE_WIDTH_MAX ((double)HPDF_MAX_LINEWIDTH)
#define FONT_SIZE_MAX ((double)HPDF_MAX_FONTSIZE)

/* === in the place of libharu's own === */

/* libharu copies and fills byte by byte, in loops that are a seventh of a letter's
 * instructions. It calls these by their exported names, so that those of the program
 * stand before its own; where a linker does not have it so, its own still work. Both
 * return where they stopped. */
HPDF_BYTE *HPDF_MemCpy(HPDF_BYTE *out, const HPDF_BYTE *in, HPDF_UINT n)
{
    if (n > 0)
        memmove(out, in, n);
    return out + n;
}

void *HPDF_MemSet(void *s, HPDF_BYTE c, HPDF_UINT n)
{
    if (n > 0)
        memset(s, c, n);
    return (char *)s + n;
}

/* === drawing === */

struct drawing {
    struct fonts *fonts;
    HPDF_Doc doc;
    HPDF_STATUS first, detail;
    HPDF_Page page;
    double height;      /* of the page: PDF's y grows upwards */
    HPDF_Font *made;    /* by index of face */
    const char **names; /* as libharu calls them, likewise */
    bool utf8;
    struct arena *perm;
    /* what the page was told last */
    const struct face *face;
    double size, word;
    struct colour fill;
};

static void on_error(HPDF_STATUS status, HPDF_STATUS detail, void *arg)
{
    struct drawing *d = arg;
    if (d->first == HPDF_OK) {
        d->first = status;
        d->detail = detail;
    }
}

static void drop_doc(void *doc)
{
    HPDF_Free(doc);
}

/* === fonts and text === */

/* register_face does what HPDF_LoadTTFontFromFile does, from memory: that would seek and
 * read hundreds of times a document. Returns the name that libharu gives the font. */
static const char *register_face(struct drawing *d, const struct face *f)
{
    static const char first_tag[] = "HPDFAA";
    HPDF_UINT size = (HPDF_UINT)f->bytes.len;
    /* In one piece, with a byte to spare: libharu cannot seek to the end of a full one.
     */
    HPDF_Stream in = HPDF_MemStream_New(d->doc->mmgr, size + 1);
    if (!in || HPDF_Stream_Write(in, (const HPDF_BYTE *)f->bytes.ptr, size) != HPDF_OK ||
        HPDF_Stream_Seek(in, 0, HPDF_SEEK_SET) != HPDF_OK)
        return NULL;
    HPDF_FontDef def = HPDF_TTFontDef_Load(d->doc->mmgr, in, HPDF_TRUE);
    if (!def)
        return NULL;
    if (HPDF_List_Add(d->doc->fontdef_list, def) != HPDF_OK) {
        HPDF_FontDef_Free(def);
        return NULL;
    }
    HPDF_BYTE *tag = d->doc->ttfont_tag; /* the subset's, counted up */
    if (!tag[0])
        memcpy(tag, first_tag, sizeof(d->doc->ttfont_tag));
    else
        tag[sizeof(d->doc->ttfont_tag) - 1]++;
    char z[sizeof(d->doc->ttfont_tag) + 1] = {0};
    memcpy(z, tag, sizeof(d->doc->ttfont_tag));
    HPDF_TTFontDef_SetTagName(def, z);
    return def->base_font;
}

static HPDF_Font font_of(struct drawing *d, const struct face *f)
{
    HPDF_Font *made = &d->made[f->index];
    if (*made || !f->asset) {
        if (!*made)
            *made = HPDF_GetFont(d->doc, f->base_name, "CP1252");
        return *made;
    }
    if (!f->single_byte && !d->utf8) {
        HPDF_UseUTFEncodings(d->doc); /* once: a second time is an error that stays */
        d->utf8 = true;
    }
    /* The faces of one font with single and with double bytes share a definition. */
    for (size_t i = 0; i < fonts_count() && !*made; i++) {
        const struct face *other = fonts_at(d->fonts, i);
        if (d->made[i] && other->bytes.ptr == f->bytes.ptr)
            *made =
                HPDF_GetFont(d->doc, d->names[i], f->single_byte ? "CP1252" : "UTF-8");
        if (*made)
            d->names[f->index] = d->names[i];
    }
    const char *name = *made ? NULL : register_face(d, f);
    if (name) {
        d->names[f->index] = name;
        *made = HPDF_GetFont(d->doc, name, f->single_byte ? "CP1252" : "UTF-8");
    }
    return *made;
}

/* encoded gives a fragment's bytes in its face's encoding. */
static const char *encoded(struct drawing *d, const struct fragment *f)
{
    if (!f->face->single_byte)
        return str_z(d->perm, f->text);
    char *out = NEW(d->perm, char, f->text.len + 1);
    size_t len = 0;
    for (size_t at = 0; at < f->text.len;) {
        int byte = cp1252(str_utf8(f->text, &at));
        if (byte > 0)
            out[len++] = (char)byte;
    }
    return out;
}

static void set_fill(struct drawing *d, struct colour c)
{
    if (c.r == d->fill.r && c.g == d->fill.g && c.b == d->fill.b)
        return;
    HPDF_Page_SetRGBFill(d->page, (float)c.r, (float)c.g, (float)c.b);
    d->fill = c;
}

/* missing_boxes draws an outline for each character that no face has. */
static void missing_boxes(struct drawing *d, const struct mark *m)
{
    double em = m->text->size, x = m->x;
    HPDF_Page_SetRGBStroke(d->page, (float)m->colour.r, (float)m->colour.g,
                           (float)m->colour.b);
    HPDF_Page_SetLineWidth(d->page, (float)fmin(em / 20, LINE_WIDTH_MAX));
    for (size_t at = 0; at < m->text->text.len; x += m->text->width) {
        str_utf8(m->text->text, &at);
        HPDF_Page_Rectangle(d->page, (float)(x + .1 * em), (float)(d->height - m->y),
                            (float)(.8 * em), (float)(.75 * em));
    }
    HPDF_Page_Stroke(d->page);
}

/* decorate draws the lines that go with a text. Their places are dompdf's: it takes 1.1
 * times the font's height for the run's. */
static void decorate(struct drawing *d, const struct mark *m)
{
    const struct fragment *f = m->text;
    const struct style *s = f->style;
    bool own = f->face->asset != NULL;
    double em = s->font_size, thick = em * (own ? .044 : .05);
    double under = em * (own ? .063 : .1);
    double high = em * (f->face->ascent - f->face->descent) / 1000;
    double width = f->width + m->word_extra * (double)f->blanks;
    const double below[LINES] = {[LINE_UNDER] = .1 * high + under + thick / 2,
                                 [LINE_OVER] = thick / 2 - high,
                                 [LINE_THROUGH] = -.23 * high};
    for (int i = LINE_UNDER; i < LINES; i++) {
        if (!s->lined[i])
            continue;
        set_fill(d, s->line_colours[i]);
        HPDF_Page_Rectangle(d->page, (float)m->x,
                            (float)(d->height - m->y - below[i] - thick / 2),
                            (float)width, (float)thick);
        HPDF_Page_Fill(d->page);
    }
}

/* letters draws a text in its font. One that is larger than libharu has them is drawn in
 * the largest, and enlarged. */
static void letters(struct drawing *d, const struct mark *m, HPDF_Font font)
{
    const struct fragment *f = m->text;
    double size = fmin(f->size, FONT_SIZE_MAX), scale = f->size / size;
    double word = m->word_extra / scale, y = d->height - m->y;
    if (d->face != f->face || d->size != size)
        HPDF_Page_SetFontAndSize(d->page, font, (float)size);
    if (word != d->word)
        HPDF_Page_SetWordSpace(d->page, (float)word);
    if (scale > 1) {
        HPDF_Page_SetTextMatrix(d->page, (float)scale, 0, 0, (float)scale, (float)m->x,
                                (float)y);
        HPDF_Page_ShowText(d->page, encoded(d, f));
    } else {
        HPDF_Page_TextOut(d->page, (float)m->x, (float)y, encoded(d, f));
    }
    d->face = f->face;
    d->size = size;
    d->word = word;
}

static void text(struct drawing *d, const struct mark *m)
{
    const struct fragment *f = m->text;
    if (f->size <= 0)
        return; /* nothing can be seen of it, and libharu has no such size */
    if (!f->face) {
        missing_boxes(d, m);
        return;
    }
    HPDF_Font font = font_of(d, f->face);
    if (!font)
        return;
    set_fill(d, m->colour);
    HPDF_Page_BeginText(d->page);
    letters(d, m, font);
    HPDF_Page_EndText(d->page);
    decorate(d, m);
}

/* RING_WIDTH: of a circle that is not filled, in radii. */
#define RING_WIDTH (.04 / .175)

static void shape(struct drawing *d, const struct mark *m)
{
    set_fill(d, m->colour);
    if (m->kind == MARK_RECT) {
        HPDF_Page_Rectangle(d->page, (float)m->x, (float)(d->height - m->y - m->h),
                            (float)m->w, (float)m->h);
        HPDF_Page_Fill(d->page);
        return;
    }
    double y = d->height - m->y;
    bool ring = m->h == 1;
    if (ring) { /* before the path begins */
        HPDF_Page_SetRGBStroke(d->page, (float)m->colour.r, (float)m->colour.g,
                               (float)m->colour.b);
        HPDF_Page_SetLineWidth(d->page, (float)fmin(m->w * RING_WIDTH, LINE_WIDTH_MAX));
    }
    if (m->h == 2) /* a square */
        HPDF_Page_Rectangle(d->page, (float)(m->x - m->w), (float)(y - m->w),
                            (float)(2 * m->w), (float)(2 * m->w));
    else
        HPDF_Page_Circle(d->page, (float)m->x, (float)y, (float)m->w);
    if (ring)
        HPDF_Page_Stroke(d->page);
    else
        HPDF_Page_Fill(d->page);
}

static void draw_page(struct drawing *d, const struct page *page, double width)
{
    d->page = HPDF_AddPage(d->doc);
    if (!d->page)
        return;
    HPDF_Page_SetWidth(d->page, (float)width);
    HPDF_Page_SetHeight(d->page, (float)d->height);
    d->face = NULL;
    d->word = 0;
    d->fill = (struct colour){0};
    for (size_t i = 0; i < page->marks.len && d->first == HPDF_OK; i++) {
        const struct mark *m = &page->marks.at[i];
        (m->kind == MARK_TEXT ? text : shape)(d, m);
    }
}

/* === the document === */

static void set_title(struct drawing *d, struct str title)
{
    bool single = true;
    char *latin = NEW(d->perm, char, title.len + 1);
    size_t len = 0;
    for (size_t at = 0; at < title.len;) {
        int byte = cp1252(str_utf8(title, &at));
        single = single && byte > 0;
        latin[len++] = (char)byte;
    }
    if (!single && !d->utf8) {
        HPDF_UseUTFEncodings(d->doc);
        d->utf8 = true;
    }
    HPDF_SetCurrentEncoder(d->doc, single ? "CP1252" : "UTF-8");
    HPDF_SetInfoAttr(d->doc, HPDF_INFO_TITLE, single ? latin : str_z(d->perm, title));
    HPDF_SetInfoAttr(d->doc, HPDF_INFO_PRODUCER, "facteur " FACTEUR_VERSION);
}

static void set_created(struct drawing *d, int64_t created)
{
    struct tm tm = clock_local(created);
    long off = tm.tm_gmtoff / 60;
    HPDF_Date date = {.year = tm.tm_year + 1900,
                      .month = tm.tm_mon + 1,
                      .day = tm.tm_mday,
                      .hour = tm.tm_hour,
                      .minutes = tm.tm_min,
                      .seconds = tm.tm_sec,
                      .ind = off == 0  ? 'Z'
                             : off > 0 ? '+'
                                       : '-',
                      .off_hour = (int)(labs(off) / 60),
                      .off_minutes = (int)(labs(off) % 60)};
    if (off == 0) /* libharu refuses offsets with "Z" */
        date.off_hour = date.off_minutes = 0;
    HPDF_SetInfoDateAttr(d->doc, HPDF_INFO_CREATION_DATE, date);
}

static bool save(struct drawing *d, struct str *out, struct error *e)
{
    if (d->first == HPDF_OK)
        HPDF_SaveToStream(d->doc);
    HPDF_UINT32 size = d->first == HPDF_OK ? HPDF_GetStreamSize(d->doc) : 0;
    if (size > PDF_MAX)
        return err_set(e, ERR_JOB, "the PDF would have %u bytes", (unsigned)size);
    char *bytes = NEW(d->perm, char, size + 1);
    HPDF_ResetStream(d->doc);
    if (size)
        HPDF_ReadFromStream(d->doc, (HPDF_BYTE *)bytes, &size);
    /* What libharu cannot do PHP may: only want of memory is the attempt's own failure.
     */
    bool memory = d->first == HPDF_FAILD_TO_ALLOC_MEM;
    if (d->first != HPDF_OK && d->first != HPDF_STREAM_EOF)
        return err_set(e, memory ? ERR_JOB : ERR_UNSUPPORTED,
                       "the PDF cannot be written: libharu's error 0x%04lX (detail %lu)",
                       (unsigned long)d->first, (unsigned long)d->detail);
    *out = (struct str){bytes, size};
    return true;
}

/* use_spare makes glyphs that the text does not need part of each font's subset. */
static void use_spare(struct drawing *d, int letters)
{
    for (size_t i = 0; i < fonts_count(); i++)
        if (d->made[i] && fonts_at(d->fonts, i)->asset)
            HPDF_Font_TextWidth(d->made[i], (const HPDF_BYTE *)"~^|}{`_\\][",
                                (HPDF_UINT)letters);
}

static bool draw(struct drawing *d, const struct print *p, int spare, struct str *out,
                 struct error *e)
{
    d->made = NEW(d->perm, HPDF_Font, fonts_count());
    d->names = NEW(d->perm, const char *, fonts_count());
    d->doc = HPDF_New(on_error, d);
    if (!d->doc)
        return err_set(e, ERR_JOB, "libharu: no memory for a document");
    arena_defer(d->perm, drop_doc, d->doc);
    HPDF_SetCompressionMode(d->doc, HPDF_COMP_ALL);
    set_title(d, p->title);
    set_created(d, p->input->created);
    for (size_t i = 0; i < p->pages->at.len; i++)
        draw_page(d, &p->pages->at.at[i], p->input->width);
    use_spare(d, spare);
    return save(d, out, e);
}

/* libharu 2.3 fails on a font whose subset fills its buffers to the last byte, one in a
 * thousand: it seeks to an end that is no buffer's any more. Then another glyph makes the
 * subset a little larger. */
bool draw_pdf(struct fonts *f, const struct print *p, struct arena *perm, struct str *out,
              struct error *e)
{
    for (int spare = 0;; spare++) {
        struct drawing *d = NEW(perm, struct drawing, 1);
        *d = (struct drawing){.fonts = f, .height = p->input->height, .perm = perm};
        if (draw(d, p, spare, out, e))
            return true;
        if (d->first != HPDF_INVALID_OBJECT || spare == SPARE_MAX)
            return false;
        *e = (struct error){0};
    }
}
