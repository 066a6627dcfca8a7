/* embed.c: faces as they stand in a PDF, kept. */
#include <stdlib.h>

#include "pdf/embed.h"
#include "pdf/flate.h"
#include "pdf/subset.h"

enum { TEXT_MAX = 4 << 20, TAG_LETTERS = 6, BFCHAR_MAX = 100 };

/* === characters === */

/* add_block adds what stands beside a character that data needs: only what can be shown
 * with single bytes is worth it. */
static void add_block(struct charset *s, const struct face *face, uint32_t c)
{
    struct str block = face->single_byte ? charset_block(c) : S("");
    charset_add(s, c);
    for (size_t at = 0; at < block.len;) {
        uint32_t near = str_utf8(block, &at);
        if (face->advances[near] != NO_GLYPH)
            charset_add(s, near);
    }
}

/* held_by gives the characters of a font in which so much is shown: those that are the
 * view's own, and for each other one its block. WinAnsiEncoding has two characters under
 * the names of others, whose glyphs are looked up. */
static struct chars held_by(const struct face *face, const struct shown *shown,
                            struct arena *perm)
{
    struct charset *s = NEW(perm, struct charset, 1);
    struct chars data = charset_chars(&shown->data, perm);
    *s = shown->own;
    for (size_t i = 0; i < data.len; i++)
        if (!charset_has(s, data.at[i]))
            add_block(s, face, data.at[i]);
    if (face->single_byte && charset_has(s, 0xA0))
        charset_add(s, ' ');
    if (face->single_byte && charset_has(s, 0xAD))
        charset_add(s, '-');
    return charset_chars(s, perm);
}

/* === a font's parts === */

struct making {
    const struct face *face;
    struct chars chars;
    struct subset subset;
    struct arena *perm;
    char name[64]; /* with the tag of a subset */
    struct embed out;
    bool failed;
};

static uint64_t key_hash(const struct face *face, struct chars chars)
{
    struct str bytes = {(const char *)chars.at, chars.len * sizeof(*chars.at)};
    return str_hash(bytes) * 31 + (uint64_t)face->index;
}

/* name_font: a subset's tag is made of what it holds. */
static void name_font(struct making *m)
{
    uint64_t hash = key_hash(m->face, m->chars);
    char tag[TAG_LETTERS + 1] = {0};
    for (int i = 0; i < TAG_LETTERS; i++, hash /= 26)
        tag[i] = (char)('A' + hash % 26);
    snprintf(m->name, sizeof(m->name), "%s+DejaVu%s", tag, m->face->asset);
}

static void deflated(struct making *m, enum embed_part dict, struct str bytes)
{
    if (!flate(bytes, m->perm, &m->out.parts[dict + 1]))
        m->failed = true;
    m->out.parts[dict] = S("/Filter /FlateDecode\n");
}

static void add_file(struct making *m)
{
    deflated(m, EMBED_FILE_DICT, m->subset.file);
    m->out.parts[EMBED_FILE_DICT] =
        str_fmt(m->perm, "/Filter /FlateDecode\n/Length1 %zu\n", m->subset.file.len);
}

static void add_descriptor(struct making *m)
{
    const struct truetype *t = &m->face->font_file;
    int box[4];
    for (size_t i = 0; i < COUNT(box); i++)
        box[i] = truetype_scaled(t, table_s16(t->head, 36 + 2 * i));
    m->out.parts[EMBED_DESCRIPTOR] = str_fmt(
        m->perm,
        "/Type /FontDescriptor\n/FontName /%s\n/Flags %u\n/FontBBox [%d %d %d %d]\n"
        "/ItalicAngle %d\n/Ascent %.0f\n/Descent %.0f\n/CapHeight %d\n/XHeight %d\n"
        "/StemV 0\n",
        m->name, m->face->flags, box[0], box[1], box[2], box[3],
        m->face->flags & FACE_ITALIC ? -11 : 0, m->face->ascent, m->face->descent,
        m->face->capitals, m->face->small);
}

static int advance(const struct making *m, size_t i)
{
    uint16_t advance = m->face->advances[m->chars.at[i]];
    return advance == NO_GLYPH ? 0 : advance;
}

/* add_single: its codes are those of CP1252, which PDF calls WinAnsiEncoding. */
static void add_single(struct making *m)
{
    int widths[256] = {0}, first = 255, last = 0;
    for (size_t i = 0; i < m->chars.len; i++) {
        int code = cp1252(m->chars.at[i]);
        if (code < 0)
            continue;
        widths[code] = advance(m, i);
        first = code < first ? code : first;
        last = code > last ? code : last;
    }
    if (first > last) /* nothing is shown in it */
        first = last = ' ';
    struct buf b = buf_new(m->perm, TEXT_MAX);
    buf_fmt(&b,
            "/Type /Font\n/Subtype /TrueType\n/BaseFont /%s\n/Encoding /WinAnsiEncoding\n"
            "/FirstChar %d\n/LastChar %d\n/Widths [",
            m->name, first, last);
    for (int code = first; code <= last; code++)
        buf_fmt(&b, code > first ? " %d" : "%d", widths[code]);
    buf_add(&b, S("]\n"));
    m->out.parts[EMBED_FONT] = buf_str(&b);
}

/* add_unicode: a code of two bytes is the character itself. */
static void add_unicode(struct making *m)
{
    struct buf b = buf_new(m->perm, TEXT_MAX);
    buf_add(&b, S("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                  "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> "
                  "def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                  "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"));
    for (size_t i = 0; i < m->chars.len; i++) {
        size_t left = m->chars.len - i;
        if (i % BFCHAR_MAX == 0)
            buf_fmt(&b, "%zu beginbfchar\n", left < BFCHAR_MAX ? left : BFCHAR_MAX);
        buf_fmt(&b, "<%04X> <%04X>\n", m->chars.at[i], m->chars.at[i]);
        if (left == 1 || i % BFCHAR_MAX == BFCHAR_MAX - 1)
            buf_add(&b, S("endbfchar\n"));
    }
    buf_add(&b, S("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"));
    deflated(m, EMBED_UNICODE_DICT, buf_str(&b));
}

static void add_glyphs(struct making *m)
{
    size_t len = m->chars.len ? 2 * ((size_t)m->chars.at[m->chars.len - 1] + 1) : 0;
    char *map = NEW(m->perm, char, len + 1);
    for (size_t i = 0; i < m->chars.len; i++) {
        map[2 * (size_t)m->chars.at[i]] = (char)(m->subset.glyphs[i] >> 8);
        map[2 * (size_t)m->chars.at[i] + 1] = (char)m->subset.glyphs[i];
    }
    deflated(m, EMBED_GLYPHS_DICT, (struct str){map, len});
}

static void add_double(struct making *m)
{
    struct buf b = buf_new(m->perm, TEXT_MAX);
    m->out.parts[EMBED_FONT] = str_fmt(
        m->perm, "/Type /Font\n/Subtype /Type0\n/BaseFont /%s\n/Encoding /Identity-H\n",
        m->name);
    buf_fmt(&b,
            "/Type /Font\n/Subtype /CIDFontType2\n/BaseFont /%s\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>\n"
            "/DW 0\n/W [",
            m->name);
    for (size_t i = 0; i < m->chars.len; i++) {
        bool in_a_row = i > 0 && m->chars.at[i - 1] + 1 == m->chars.at[i];
        if (!in_a_row)
            buf_fmt(&b, "%s%d [", i ? "] " : "", m->chars.at[i]);
        buf_fmt(&b, in_a_row ? " %d" : "%d", advance(m, i));
    }
    buf_add(&b, m->chars.len ? S("]]\n") : S("]\n"));
    m->out.parts[EMBED_DESCENDANT] = buf_str(&b);
    add_unicode(m);
    add_glyphs(m);
}

static bool make(struct making *m)
{
    if (!subset_make(&m->face->font_file, m->chars.at, m->chars.len, m->perm, &m->subset))
        return false;
    name_font(m);
    add_file(m);
    add_descriptor(m);
    if (m->face->single_byte)
        add_single(m);
    else
        add_double(m);
    return !m->failed;
}

/* === what is kept === */

struct kept {                 /* one piece of memory: this, the characters, the parts */
    struct kept *next, *prev; /* the least used last */
    const struct face *face;
    struct chars chars;
    uint64_t hash;
    size_t size;
    struct embed embed;
};

struct embeds {
    struct kept *first, *last;
    struct embeds_state state;
};

struct embeds *embeds_new(void)
{
    return calloc(1, sizeof(struct embeds));
}

static void unlink_kept(struct embeds *k, struct kept *e)
{
    *(e->prev ? &e->prev->next : &k->first) = e->next;
    *(e->next ? &e->next->prev : &k->last) = e->prev;
    e->next = e->prev = NULL;
}

static void link_first(struct embeds *k, struct kept *e)
{
    e->next = k->first;
    *(k->first ? &k->first->prev : &k->last) = e;
    k->first = e;
}

static void drop_last(struct embeds *k)
{
    struct kept *e = k->last;
    unlink_kept(k, e);
    k->state.kept--;
    k->state.bytes -= e->size;
    free(e);
}

void embeds_trim(struct embeds *k)
{
    while (k->state.kept > EMBEDS_MAX || k->state.bytes > EMBEDS_BYTES)
        drop_last(k);
}

void embeds_drop(struct embeds *k)
{
    while (k && k->last)
        drop_last(k);
    free(k);
}

struct embeds_state embeds_state(const struct embeds *k)
{
    return k->state;
}

static struct kept *lookup(struct embeds *k, const struct face *face, struct chars chars)
{
    uint64_t hash = key_hash(face, chars);
    for (struct kept *e = k->first; e; e = e->next)
        if (e->hash == hash && e->face == face && e->chars.len == chars.len &&
            memcmp(e->chars.at, chars.at, chars.len * sizeof(*chars.at)) == 0)
            return e;
    return NULL;
}

/* keep copies what was made out of the job's memory. NULL: there is none for it. */
static struct kept *keep(struct embeds *k, const struct making *m)
{
    size_t chars = m->chars.len * sizeof(*m->chars.at),
           size = sizeof(struct kept) + chars;
    for (size_t i = 0; i < EMBED_PARTS; i++)
        size += m->out.parts[i].len;
    struct kept *e = malloc(size);
    if (!e)
        return NULL;
    char *at = (char *)(e + 1);
    *e = (struct kept){.face = m->face,
                       .chars = {(uint16_t *)(e + 1), m->chars.len},
                       .hash = key_hash(m->face, m->chars),
                       .size = size};
    memcpy(at, m->chars.at, chars);
    at += chars;
    for (size_t i = 0; i < EMBED_PARTS; i++) {
        struct str part = m->out.parts[i];
        if (part.len)
            memcpy(at, part.ptr, part.len);
        e->embed.parts[i] = (struct str){at, part.len};
        at += part.len;
    }
    k->state.kept++;
    k->state.bytes += size;
    return e;
}

const struct embed *embeds_font(struct embeds *k, const struct face *face,
                                const struct shown *shown, struct arena *perm)
{
    struct making *m = NEW(perm, struct making, 1);
    *m = (struct making){.face = face, .perm = perm, .chars = held_by(face, shown, perm)};
    struct kept *e = lookup(k, face, m->chars);
    if (e) {
        unlink_kept(k, e);
    } else {
        k->state.made++;
        if (!make(m))
            return NULL;
        e = keep(k, m);
    }
    if (!e) /* then it is not kept */
        return &m->out;
    link_first(k, e);
    return &e->embed;
}
