#!/usr/bin/python3
"""words.py A.pdf B.pdf [SIDE.png]: compares two PDFs word by word, by poppler's tools.

Prints pages, words, how many have no partner on the same page of the other, and the largest
and mean displacement of a word's left bottom corner in points, with the word that moved
furthest; then the first line of each page that begins otherwise. SIDE.png shows the pages in
rows, A left, B right, with a frame around each word that moved by more than 0.1 pt (orange)
or has no partner (red). Exit 0: equal; 1: pages, words or places differ; 2: not to be read.

As a module: pages(path), paired(a, b), first_line(page) for other comparisons.
"""
import re
import struct
import subprocess
import sys
import zlib

TOLERANCE = 0.1  # pt
DPI = 60
WORD = re.compile(r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)</word>')
RED, ORANGE = b"\xd0\x10\x10", b"\xe0\x90\x10"


def tool(*command):
    run = subprocess.run(command, capture_output=True)
    if run.returncode:
        raise RuntimeError(run.stderr.decode(errors="replace").strip() or f"{command[0]} failed")
    return run.stdout


def pages(path):
    """For each page its words: (text, left, bottom, right, top), points from the top left."""
    found = []
    for line in tool("pdftotext", "-bbox", path, "-").decode(errors="replace").splitlines():
        if "<page " in line:
            found.append([])
        if match := WORD.search(line):
            left, top, right, bottom = map(float, match.groups()[:4])
            # A soft hyphen that is seen is one or the other.
            found[-1].append((match[5].replace("\u00ad", "-"), left, bottom, right, top))
    return found


def paired(ours, theirs):
    """Pairs the words of a page, each with the nearest of the same text: poppler's reading
    order turns on hundredths of a point where lines touch."""
    places = {}
    for word in ours:
        places.setdefault(word[0], []).append(word)
    pairs, lost = [], []
    for word in theirs:
        same = places.get(word[0])
        if not same:
            lost.append(word)
            continue
        best = min(same, key=lambda w: abs(w[1] - word[1]) + abs(w[2] - word[2]))
        same.remove(best)
        pairs.append((best, word))
    return pairs, lost, [w for words in places.values() for w in words]


def displacement(a, b):
    return max(abs(a[1] - b[1]), abs(a[2] - b[2]))


def first_line(page):
    return " ".join(word[0] for word in page if abs(word[2] - page[0][2]) < 3)


# === the picture ===


def picture(path, number):
    """A page as (width, height, rows of RGB bytes)."""
    data = tool("pdftoppm", "-r", str(DPI), "-f", str(number), "-l", str(number), path)
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    width, height = int(head[1]), int(head[2])
    body = data[head.end():]
    return width, height, [bytearray(body[i * width * 3:(i + 1) * width * 3]) for i in range(height)]


def frame(image, word, colour):
    width, height, rows = image
    scale = DPI / 72
    left, right = int(word[1] * scale) - 1, int(word[3] * scale) + 1
    top, bottom = int(word[4] * scale) - 1, int(word[2] * scale) + 1
    for y in range(max(top, 0), min(bottom + 1, height)):
        columns = range(left, right + 1) if y in (top, bottom) else (left, right)
        for x in columns:
            if 0 <= x < width:
                rows[y][3 * x:3 * x + 3] = colour


def png(path, width, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + bytes(row) for row in rows)
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)))
        out.write(chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b""))


def side_by_side(out, paths, documents):
    blank = (1, 1, [bytearray(b"\xff\xff\xff")])
    sheet, width = [], 0
    for number in range(max(map(len, documents))):
        images = [picture(path, number + 1) if number < len(d) else blank for path, d in zip(paths, documents)]
        if all(number < len(d) for d in documents):
            pairs, lost, extra = paired(documents[0][number], documents[1][number])
            for a, b in pairs:
                if displacement(a, b) > TOLERANCE:
                    frame(images[0], a, ORANGE)
                    frame(images[1], b, ORANGE)
            for word in extra:
                frame(images[0], word, RED)
            for word in lost:
                frame(images[1], word, RED)
        rows = max(image[1] for image in images)
        for y in range(rows + 1):
            line = bytearray()
            for image in images:
                line += image[2][y] if y < image[1] else b"\x80\x80\x80" * image[0]
                line += b"\x80\x80\x80" * 2
            sheet.append(line)
        width = max(width, sum(image[0] + 2 for image in images))
    png(out, width, [row + b"\x80\x80\x80" * (width - len(row) // 3) for row in sheet])


def main(arguments):
    if len(arguments) not in (2, 3):
        print(__doc__.split("\n")[0], file=sys.stderr)
        return 2
    try:
        documents = [pages(path) for path in arguments[:2]]
    except (RuntimeError, FileNotFoundError) as problem:
        print(f"words.py: {problem}", file=sys.stderr)
        return 2
    a, b = documents
    moved, alone, beginnings = [], abs(sum(map(len, a[len(b):])) - sum(map(len, b[len(a):]))), []
    for number, (left, right) in enumerate(zip(a, b), 1):
        pairs, lost, extra = paired(left, right)
        alone += len(lost) + len(extra)
        moved += [(displacement(u, v), u[0], number) for u, v in pairs]
        if left and right and first_line(left) != first_line(right):
            beginnings.append(f"page {number} begins \"{first_line(left)}\", not \"{first_line(right)}\"")
    largest = max(moved, default=(0, "", 0))
    where = f" (\"{largest[1]}\" on page {largest[2]})" if largest[0] > TOLERANCE else ""
    print(f"pages {len(a)} {len(b)}, words {sum(map(len, a))} {sum(map(len, b))}, {alone} without a partner, "
          f"largest displacement {largest[0]:.2f} pt{where}, mean {sum(m[0] for m in moved) / max(1, len(moved)):.3f} pt")
    for line in beginnings:
        print(line)
    if len(arguments) == 3:
        side_by_side(arguments[2], arguments[:2], documents)
        print(f"side by side: {arguments[2]}")
    return 0 if len(a) == len(b) and not alone and largest[0] <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
