/* draw.c: pages → a PDF, by libharu.
 *
 * libharu makes the objects and numbers them. Pages' operators and fonts come finished:
 * libharu would load and cut a font anew for each document. Its first error is kept: a
 * later call replaces its code. */
#include <hpdf.h>
#include <hpdf_utils.h>

#include "pdf/content.h"
#include "pdf/document.h"
#include "pdf/flate.h"
#include "pdf/save.h"

enum { PDF_MAX = 64 << 20, NAME_MAX_LEN = 16 };

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

/* === objects === */

struct drawing {
    struct fonts *fonts;
    HPDF_Doc doc;
    HPDF_STATUS first, detail;
    struct content content;
    HPDF_Dict *made; /* by index of face: its object */
    struct stream_objects streams;
    struct arena *perm;
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

/* write_text ends a dictionary with what stands ready. */
static HPDF_STATUS write_text(HPDF_Dict dict, HPDF_Stream out)
{
    const struct str *text = dict->attr;
    return HPDF_Stream_Write(out, (const HPDF_BYTE *)text->ptr, (HPDF_UINT)text->len);
}

static HPDF_Dict with_text(HPDF_Dict dict, const struct str *text)
{
    if (dict) {
        dict->attr = (void *)(uintptr_t)text; /* write_text only reads it */
        dict->write_fn = write_text;
    }
    return dict;
}

static HPDF_Dict new_dict(struct drawing *d, const struct str *text)
{
    HPDF_Dict dict = HPDF_Dict_New(d->doc->mmgr);
    if (dict && HPDF_Xref_Add(d->doc->xref, dict) != HPDF_OK)
        return NULL;
    return with_text(dict, text);
}

/* be_stream makes a stream of a dictionary. */
static HPDF_Dict be_stream(struct drawing *d, HPDF_Dict dict, struct str bytes)
{
    if (dict && HPDF_Dict_AddNumber(dict, "Length", (HPDF_INT32)bytes.len) == HPDF_OK)
        VEC_PUSH(d->perm, &d->streams, (struct stream_object){dict, bytes});
    return dict;
}

/* new_stream takes two parts of a font: the dictionary's text, and the bytes. */
static HPDF_Dict new_stream(struct drawing *d, const struct embed *e, enum embed_part at)
{
    return be_stream(d, new_dict(d, &e->parts[at]), e->parts[at + 1]);
}

/* === fonts === */

/* The object of a face; what it holds is known when all pages are drawn. */
static HPDF_Dict font_of(struct drawing *d, const struct face *f)
{
    HPDF_Dict *made = &d->made[f->index];
    if (!*made)
        *made =
            f->asset ? new_dict(d, NULL) : HPDF_GetFont(d->doc, f->base_name, "CP1252");
    return *made;
}

static void add_descendant(struct drawing *d, HPDF_Dict font, HPDF_Dict descriptor,
                           const struct embed *e)
{
    HPDF_Dict descendant = new_dict(d, &e->parts[EMBED_DESCENDANT]);
    HPDF_Array list = HPDF_Array_New(d->doc->mmgr);
    if (!descendant || !list)
        return;
    HPDF_Dict_Add(descendant, "FontDescriptor", descriptor);
    HPDF_Dict_Add(descendant, "CIDToGIDMap", new_stream(d, e, EMBED_GLYPHS_DICT));
    HPDF_Array_Add(list, descendant);
    HPDF_Dict_Add(font, "DescendantFonts", list);
    HPDF_Dict_Add(font, "ToUnicode", new_stream(d, e, EMBED_UNICODE_DICT));
}

static void fill_font(struct drawing *d, HPDF_Dict font, const struct face *f,
                      const struct embed *e)
{
    HPDF_Dict descriptor = new_dict(d, &e->parts[EMBED_DESCRIPTOR]);
    if (!descriptor)
        return;
    with_text(font, &e->parts[EMBED_FONT]);
    HPDF_Dict_Add(descriptor, "FontFile2", new_stream(d, e, EMBED_FILE_DICT));
    if (f->single_byte)
        HPDF_Dict_Add(font, "FontDescriptor", descriptor);
    else
        add_descendant(d, font, descriptor, e);
}

static bool fill_fonts(struct drawing *d, struct embeds *kept, struct error *e)
{
    for (size_t i = 0; i < fonts_count() && d->first == HPDF_OK; i++) {
        const struct face *f = fonts_at(d->fonts, i);
        if (!d->made[i] || !f->asset)
            continue;
        const struct embed *embed = embeds_font(kept, f, d->content.shown[i], d->perm);
        if (!embed)
            return err_set(e, ERR_UNSUPPORTED, "the font DejaVu%s cannot be cut",
                           f->asset);
        fill_font(d, d->made[i], f, embed);
    }
    return true;
}

/* === pages === */

static void add_fonts(struct drawing *d, HPDF_Page page)
{
    HPDF_Dict resources = HPDF_Dict_GetItem(page, "Resources", HPDF_OCLASS_DICT);
    HPDF_Dict fonts = HPDF_Dict_New(d->doc->mmgr);
    if (!resources || !fonts || HPDF_Dict_Add(resources, "Font", fonts) != HPDF_OK)
        return;
    for (size_t i = 0; i < fonts_count(); i++) {
        char name[NAME_MAX_LEN];
        snprintf(name, sizeof(name), "F%zu", i);
        if (d->content.on_page[i])
            HPDF_Dict_Add(fonts, name, font_of(d, fonts_at(d->fonts, i)));
    }
}

/* fill_page puts deflated operators in the place of libharu's own stream. */
static void fill_page(struct drawing *d, HPDF_Page page, struct str operators)
{
    static const struct str filter = {"/Filter /FlateDecode\n", 21};
    HPDF_PageAttr attr = page->attr;
    HPDF_Stream_Free(attr->contents->stream);
    attr->contents->stream = attr->stream = NULL;
    be_stream(d, with_text(attr->contents, &filter), operators);
}

static bool draw_page(struct drawing *d, const struct page *page,
                      const struct pdf_input *in, struct error *e)
{
    struct str operators, flat;
    if (!content_page(&d->content, page, &operators))
        return err_set(e, ERR_JOB, "a page of the PDF would have %zu bytes and more",
                       operators.len);
    if (!flate(operators, d->perm, &flat))
        return err_set(e, ERR_JOB, "no memory for a page of the PDF");
    HPDF_Page made = HPDF_AddPage(d->doc);
    if (!made)
        return true; /* libharu's error is told at the end */
    HPDF_Page_SetWidth(made, (float)in->width);
    HPDF_Page_SetHeight(made, (float)in->height);
    add_fonts(d, made);
    fill_page(d, made, flat);
    return true;
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
    if (!single)
        HPDF_UseUTFEncodings(d->doc);
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
    struct buf b = buf_new(d->perm, PDF_MAX);
    bool memory = d->first == HPDF_OK && !save_objects(d->doc, &d->streams, d->perm, &b);
    if (d->first == HPDF_OK) /* the object layer calls nobody */
        on_error(HPDF_GetError(d->doc), HPDF_GetErrorDetail(d->doc), d);
    memory = memory || d->first == HPDF_FAILD_TO_ALLOC_MEM;
    /* What libharu cannot do PHP may: only want of memory is the attempt's own failure.
     */
    if (memory || d->first != HPDF_OK)
        return err_set(e, memory ? ERR_JOB : ERR_UNSUPPORTED,
                       "the PDF cannot be written: libharu's error 0x%04lX (detail %lu)",
                       (unsigned long)d->first, (unsigned long)d->detail);
    if (b.full)
        return err_set(e, ERR_JOB, "the PDF would have more than %d bytes", PDF_MAX);
    *out = buf_str(&b);
    return true;
}

bool draw_pdf(struct fonts *f, const struct print *p, struct arena *perm, struct str *out,
              struct error *e)
{
    struct drawing *d = NEW(perm, struct drawing, 1);
    *d = (struct drawing){.fonts = f,
                          .content = content_new(p->input->height, perm),
                          .made = NEW(perm, HPDF_Dict, fonts_count()),
                          .perm = perm};
    d->doc = HPDF_New(on_error, d);
    if (!d->doc)
        return err_set(e, ERR_JOB, "libharu: no memory for a document");
    arena_defer(perm, drop_doc, d->doc);
    embeds_trim(p->kept);
    set_title(d, p->title);
    set_created(d, p->input->created);
    for (size_t i = 0; i < p->pages->at.len && d->first == HPDF_OK; i++)
        if (!draw_page(d, &p->pages->at.at[i], p->input, e))
            return false;
    return fill_fonts(d, p->kept, e) && save(d, out, e);
}
