#!/usr/bin/python3
"""golden.py LETTER.pdf...: are the measured places of the golden letter in each PDF?

compare.py tells whether facteur and dompdf agree; this tells whether both still make the
letter whose numbers were once measured: else a change of the view, or of dompdf, would go
unseen. Places are points from the page's left and top edges, baselines for text. Reads
what dompdf and facteur write (Td, re, m and l), not every PDF. Exit 1: one differs.
"""
import re
import sys
import zlib

TOLERANCE = 0.05
HEIGHT = 841.89

# Page, number of the line on it, its x (None: centred), its baseline.
LINES = [
    (1, 0, None, 97.67),  # the title
    (1, 1, None, 121.37),  # .intro
    (1, 2, 75.024, 161.90),
    (1, 3, 75.024, 161.90 + 21.831),
    (1, 4, 75.024, 161.90 + 2 * 21.831),
    (2, 0, 75.024, 104.58),  # section 2 begins the page
    (3, 0, 75.024, 89.49),  # the second paragraph of section 4 too
]
# The rules above the signatures: left, right, top.
RULES = [(77.274, 273.953, 594.353), (321.327, 518.006, 615.192)]
RULE_WIDTH = 0.75
NUMBER = rb"(-?[\d.]+)\s+"
STREAM = re.compile(rb"/Length \d+.*?stream\r?\n(.*?)\r?\nendstream", re.S)
TEXT = re.compile(rb"BT\b.*?" + NUMBER + NUMBER + rb"Td\b.*?\bET\b", re.S)
BAR = re.compile(NUMBER * 4 + rb"re\s+f")
LINE = re.compile(NUMBER + rb"w\b[^\n]*\n" + NUMBER * 2 + rb"m\s+" + NUMBER * 2 + rb"l")


def contents(data):
    """The content streams that hold text: the pages, in order."""
    for match in STREAM.finditer(data):
        stream = match[1]
        try:
            stream = zlib.decompress(stream)
        except zlib.error:
            pass
        if TEXT.search(stream):
            yield stream


def line_starts(stream):
    """(x, baseline) of each line's first run."""
    starts = []
    for match in TEXT.finditer(stream):
        x, y = float(match[1]), HEIGHT - float(match[2])
        if not starts or abs(starts[-1][1] - y) > TOLERANCE:
            starts.append((x, y))
    return starts


def rules(stream):
    """(left, right, middle) of horizontal rules, stroked or filled."""
    for match in BAR.finditer(stream):
        x, y, width, height = (float(n) for n in match.groups())
        if abs(height) == RULE_WIDTH:
            yield x, x + width, HEIGHT - y - height / 2
    for match in LINE.finditer(stream):
        thick, x, y, right, end = (float(n) for n in match.groups())
        if thick == RULE_WIDTH and y == end:
            yield x, right, HEIGHT - y


def near(a, b):
    return all(w is None or abs(v - w) <= TOLERANCE for v, w in zip(a, b))


def check(path):
    """What differs, a line each."""
    with open(path, "rb") as f:
        data = f.read()
    pages = list(contents(data))
    if len(pages) != 3:
        return [f"{len(pages)} pages instead of 3"]
    said = []
    for page, line, x, y in LINES:
        got = line_starts(pages[page - 1])[line]
        if not near(got, (x, y)):
            said.append(f"page {page}, line {line + 1}: at {got[0]:.3f} {got[1]:.3f} "
                        f"instead of {x or 'the middle'} {y:.3f}")
    drawn = sorted(rules(pages[2]))
    if len(drawn) != len(RULES) or not all(map(near, drawn, RULES)):
        said.append(f"rules {drawn} instead of {RULES}")
    return said


def main(paths):
    bad = 0
    for path in paths:
        said = check(path)
        bad += bool(said)
        print("\n  ".join([f"{path}: {len(said)} places differ", *said]))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
