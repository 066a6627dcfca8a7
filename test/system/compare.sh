#!/bin/bash
# compare.sh: make compare tells how two PDFs differ, and shows it.
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
pdf=build/asan/pdf_make
doc() { printf '<meta charset="utf-8"><style>@page { margin: 2cm } p { margin: %s 0 }</style>%s' "$1" "$2"; }
doc 6pt '<p>Un deux trois</p><p>quatre</p>' >"$TMP/a.html"
doc 9pt '<p>Un deux trois</p><p>quatre</p>' >"$TMP/b.html"
doc 6pt '<p>Un deux cinq</p><p style="page-break-before:always">quatre</p>' >"$TMP/c.html"
for d in a b c; do $pdf "$TMP/$d.html" "$TMP/$d.pdf" >/dev/null || not_ok "$d is made"; done
compare() { make -s compare "$@" >"$TMP/out" 2>&1; }
says() { if grep -qF -- "$2" "$TMP/out"; then ok "$1"; else not_ok "$1"; note "$(cat "$TMP/out")"; fi; }

compare A="$TMP/a.pdf" B="$TMP/a.pdf"
equals "a PDF equals itself" $? 0
says "and that is said in numbers" "pages 1 1, words 4 4, 0 without a partner, largest displacement 0.00 pt"
compare A="$TMP/a.pdf" B="$TMP/b.pdf"
equals "moved words differ" $? 2
says "the largest displacement and its word are told" 'largest displacement 6.00 pt ("quatre" on page 1)'
compare A="$TMP/a.pdf" B="$TMP/c.pdf" OUT="$TMP/side.png"
equals "so do pages" $? 2
says "with their numbers" "pages 1 2, words 4 4,"
says "what a page begins with" 'page 1 begins "Un deux trois", not "Un deux cinq"'
/usr/bin/python3 - "$TMP/side.png" <<'P'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
width, height = struct.unpack(">II", data[16:24])
assert width > 2 * 480 and height > 2 * 690, (width, height)  # two pages wide, two high
size = struct.unpack(">I", data[33:37])[0]
rows = zlib.decompress(data[41:41 + size])
assert b"\xd0\x10\x10" in rows  # a word without a partner is framed
P
equals "the picture shows both, side by side" $? 0
compare A="$TMP/a.pdf" B="$TMP/none.pdf"
says "a file that is not there is named" "none.pdf"
echo nonsense >"$TMP/d.pdf"
compare A="$TMP/a.pdf" B="$TMP/d.pdf"
equals "what is no PDF is an error" $? 2
