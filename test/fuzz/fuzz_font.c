/* fuzz_font: any bytes are a font, cut to some characters. What comes out can be read
 * again, and its glyphs are made of glyphs that it has. */
#include <stdlib.h>

#include "pdf/subset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SETS = 4, CHARS = 300 };

/* chars_of: a set as large as the first byte says. */
static size_t chars_of(unsigned which, uint16_t *out)
{
    static const uint16_t sizes[SETS] = {0, 1, 26, CHARS};
    size_t len = sizes[which % SETS];
    for (size_t i = 0; i < len; i++)
        out[i] = (uint16_t)('a' + (which % 8 > 3 ? 11 * i : i));
    return len;
}

static void look(const struct subset *s, const uint16_t *chars, size_t len)
{
    struct truetype cut;
    if (!truetype_read(&cut, s->file))
        abort();
    for (size_t i = 0; i < len; i++)
        if (s->glyphs[i] >= cut.glyphs || chars[i] < 'a')
            abort();
    for (unsigned g = 0; g < cut.glyphs; g++) {
        struct table outline = truetype_outline(&cut, g);
        struct part p = {.last = !outline_has_parts(outline)};
        size_t at = OUTLINE_HEAD;
        while (!p.last)
            if (!outline_part(outline, &at, &p) || p.glyph >= cut.glyphs)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena perm;
    static bool open;
    uint16_t chars[CHARS];
    struct truetype font;
    struct subset s;
    if (!open) {
        perm = arena_open((size_t)1 << 30);
        open = true;
    }
    if (size == 0)
        return 0;
    size_t len = chars_of(data[0], chars);
    if (truetype_read(&font, (struct str){(const char *)data + 1, size - 1}) &&
        subset_make(&font, chars, len, &perm, &s))
        look(&s, chars, len);
    arena_reset(&perm);
    return 0;
}
