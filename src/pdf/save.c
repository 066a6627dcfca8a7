/* save.c: libharu's objects → the bytes of a PDF 1.5. */
#include "pdf/save.h"
#include "pdf/flate.h"

/* TOGETHER: so many objects in a stream; who wants one reads all of them. */
enum { TEXT_MAX = 64 << 20, TEXT_PIECE = 1 << 15, TOGETHER = 100, NUMBER = 0xFFFFFF };

/* Where an object is: nowhere; at a place in the file; in a stream, the how manieth. */
enum { FREE, IN_FILE, IN_STREAM };

struct place {
    unsigned kind;
    size_t at; /* IN_STREAM: the number of the stream */
    unsigned index;
};

struct saving {
    HPDF_Doc doc;
    struct arena *perm;
    struct buf *out;
    struct place *places; /* by number */
    size_t numbers;       /* given so far */
    struct str *texts;    /* by number: an object's text; empty: it is not needed */
};

static HPDF_Obj_Header *object_at(const struct saving *s, size_t number)
{
    HPDF_XrefEntry entry = HPDF_Xref_GetEntry(s->doc->xref, (HPDF_UINT)number);
    return entry ? entry->obj : NULL;
}

/* === what libharu writes === */

static struct str read_all(HPDF_Stream from, struct arena *perm)
{
    struct buf b = buf_new(perm, TEXT_MAX);
    for (HPDF_UINT i = 0; i < HPDF_MemStream_GetBufCount(from); i++) {
        HPDF_UINT len = 0;
        HPDF_BYTE *piece = HPDF_MemStream_GetBufPtr(from, i, &len);
        if (piece)
            buf_add(&b, (struct str){(const char *)piece, len});
    }
    return buf_str(&b);
}

/* read_texts has libharu write all objects in a row. Numbers of their own are lengths of
 * streams, which nothing refers to here. */
static bool read_texts(struct saving *s, size_t count)
{
    size_t *ends = NEW(s->perm, size_t, count);
    HPDF_Stream text = HPDF_MemStream_New(s->doc->mmgr, TEXT_PIECE);
    bool ok = text != NULL;
    for (size_t i = 1; i < count && ok; i++) {
        HPDF_Obj_Header *object = object_at(s, i);
        if (object && (object->obj_class & HPDF_OCLASS_ANY) != HPDF_OCLASS_NUMBER)
            ok = HPDF_Obj_WriteValue(object, text, NULL) == HPDF_OK;
        ends[i] = text->size;
    }
    struct str all = ok ? read_all(text, s->perm) : S("");
    if (text)
        HPDF_Stream_Free(text);
    for (size_t i = 1; i < count && ok; i++)
        s->texts[i] = str_sub(all, ends[i - 1], ends[i] - ends[i - 1]);
    return ok && (count < 2 || all.len == ends[count - 1]);
}

/* === the file === */

static void begin_object(struct saving *s, size_t number)
{
    s->places[number] = (struct place){.kind = IN_FILE, .at = s->out->len};
    buf_fmt(s->out, "%zu 0 obj\n", number);
}

static void add_stream(struct saving *s, size_t number, struct str dict, struct str bytes)
{
    begin_object(s, number);
    buf_add(s->out, dict);
    buf_add(s->out, S("\nstream\n"));
    buf_add(s->out, bytes);
    buf_add(s->out, S("\nendstream\nendobj\n"));
}

static bool add_flate(struct saving *s, size_t number, struct str keys, struct str bytes)
{
    struct str flat;
    if (!flate(bytes, s->perm, &flat))
        return false;
    struct str dict = str_fmt(s->perm, "<<%.*s/Filter/FlateDecode/Length %zu>>",
                              STR_ARG(keys), flat.len);
    add_stream(s, number, dict, flat);
    return true;
}

/* add_together makes one stream of objects that are none. */
static bool add_together(struct saving *s, const size_t *numbers, size_t len)
{
    struct buf head = buf_new(s->perm, TEXT_MAX), body = buf_new(s->perm, TEXT_MAX);
    size_t number = s->numbers++;
    for (size_t i = 0; i < len; i++) {
        s->places[numbers[i]] =
            (struct place){.kind = IN_STREAM, .at = number, .index = (unsigned)i};
        buf_fmt(&head, "%zu %zu ", numbers[i], body.len);
        buf_add(&body, s->texts[numbers[i]]);
        buf_byte(&body, '\n');
    }
    struct str keys = str_fmt(s->perm, "/Type/ObjStm/N %zu/First %zu", len, head.len);
    buf_add(&head, buf_str(&body));
    return add_flate(s, number, keys, buf_str(&head));
}

static void add_number(struct buf *b, size_t value, int bytes)
{
    while (bytes-- > 0)
        buf_byte(b, (char)(value >> 8 * bytes));
}

/* add_places ends the file: where each object is, and which ones to begin with. */
static bool add_places(struct saving *s)
{
    struct buf b = buf_new(s->perm, TEXT_MAX);
    size_t number = s->numbers++, at = s->out->len;
    s->places[number] = (struct place){.kind = IN_FILE, .at = at};
    for (size_t i = 0; i < s->numbers; i++) {
        add_number(&b, s->places[i].kind, 1);
        add_number(&b, s->places[i].at, 4);
        add_number(&b, s->places[i].index, 1);
    }
    struct str keys = str_fmt(
        s->perm, "/Type/XRef/Size %zu/W[1 4 1]/Root %u 0 R/Info %u 0 R", s->numbers,
        s->doc->catalog->header.obj_id & NUMBER, s->doc->info->header.obj_id & NUMBER);
    bool ok = add_flate(s, number, keys, buf_str(&b));
    buf_fmt(s->out, "startxref\n%zu\n%%%%EOF\n", at);
    return ok;
}

bool save_objects(HPDF_Doc doc, const struct stream_objects *streams, struct arena *perm,
                  struct buf *out)
{
    size_t count = doc->xref->entries->count, room = count + count / TOGETHER + 2;
    size_t together[TOGETHER], len = 0, next = 0;
    struct saving s = {.doc = doc,
                       .perm = perm,
                       .out = out,
                       .places = NEW(perm, struct place, room),
                       .numbers = count,
                       .texts = NEW(perm, struct str, count)};
    bool ok = read_texts(&s, count);
    s.places[0].index = 255; /* no object is ever in its place */
    buf_add(out, S("%PDF-1.5\n%\xE2\xE3\xCF\xD3\n"));
    for (size_t i = 1; i < count && ok; i++) {
        if (next < streams->len && (void *)streams->at[next].dict == object_at(&s, i))
            add_stream(&s, i, s.texts[i], streams->at[next++].bytes);
        else if (s.texts[i].len)
            together[len++] = i;
        if (len == TOGETHER) {
            ok = add_together(&s, together, len);
            len = 0;
        }
    }
    if (len && ok)
        ok = add_together(&s, together, len);
    return ok && add_places(&s);
}
