#!/usr/bin/python3
"""words.py OURS.pdf THEIRS.pdf: compares two PDFs word by word (poppler's pdftotext -bbox).

Prints pages, words, how many differ in page or text, and the largest and mean distance of a
word's left bottom corner in points. Exit 1 when pages or words differ.
"""
import re
import subprocess
import sys

WORD = re.compile(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="[\d.]+" yMax="([\d.]+)">(.*)</word>')


def words(path):
    text = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    page, found = 0, []
    for line in text.splitlines():
        page += "<page " in line
        if match := WORD.search(line):
            found.append((page, match[3], float(match[1]), float(match[2])))
    return page, found


(pages, ours), (their_pages, theirs) = words(sys.argv[1]), words(sys.argv[2])
differ = abs(len(ours) - len(theirs)) + sum(a[:2] != b[:2] for a, b in zip(ours, theirs))
distances = [max(abs(a[2] - b[2]), abs(a[3] - b[3])) for a, b in zip(ours, theirs) if a[:2] == b[:2]] or [0]
print(f"pages {pages} {their_pages}, words {len(ours)} {len(theirs)}, {differ} differ, "
      f"largest distance {max(distances):.2f} pt, mean {sum(distances) / len(distances):.2f}")
sys.exit(pages != their_pages or differ > 0)
