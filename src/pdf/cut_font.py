#!/usr/bin/python3
"""cut_font.py IN.ttf OUT.ttf [full]: the face cut to Latin, under a name of its own.

With "full" all glyphs stay. In both, a glyph made of others becomes one of its own: libharu
does not follow parts that are made of parts, and would draw an accent without its letter.
Advances are rounded to what layout reckons with.

libharu knows a TrueType face by its name: a cut face that kept its name would be given
back when the full one is asked for, with its missing glyphs drawn as nothing.
"""
import sys
from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

# Latin and its extension A, general punctuation that letters use, the euro, and what
# Windows-1252 holds besides.
UNICODES = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x192, 0x2C6, 0x2DC,
            *range(0x2010, 0x2027), 0x202F, 0x2030, 0x2039, 0x203A, 0x20AC, 0x2122]
NAMES = (1, 3, 4, 6, 16)  # family, unique id, full name, PostScript name, typographic family

options = subset.Options()
options.hinting = False
options.layout_features = []
options.drop_tables += ["FFTM"]
options.name_IDs = [1, 2, 3, 4, 5, 6]  # each copy in a letter counts; LICENSE has the rest
options.name_languages = [0x409]
options.name_legacy = False
options.notdef_outline = True


def flatten(font):
    glyphs, table = font.getGlyphSet(), font["glyf"]
    for name in font.getGlyphOrder():
        if not table[name].isComposite():
            continue
        parts = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(parts)
        pen = TTGlyphPen(None)
        parts.replay(pen)
        table[name] = pen.glyph()
        table[name].recalcBounds(table)


def round_advances(font):
    """libharu cuts an advance to 1/1000 em where layout, as dompdf, rounds it: each becomes
    the least that gives the rounded number either way."""
    em = font["head"].unitsPerEm
    metrics = font["hmtx"].metrics
    for name, (advance, bearing) in metrics.items():
        rounded = (advance * 2000 + em) // (2 * em)
        metrics[name] = (-(-rounded * em // 1000), bearing)


if sys.argv[3:] == ["full"]:
    full = TTFont(sys.argv[1])
    flatten(full)
    round_advances(full)
    full.save(sys.argv[2])
    sys.exit()

font = subset.load_font(sys.argv[1], options)
cutter = subset.Subsetter(options)
cutter.populate(unicodes=UNICODES)
cutter.subset(font)
flatten(font)
round_advances(font)
for record in font["name"].names:
    if record.nameID in NAMES:
        record.string = record.toUnicode() + ("Latin" if record.nameID == 6 else " Latin")
subset.save_font(font, sys.argv[2], options)
