#!/bin/bash
# pdf.sh: HTML to PDF, judged by other programs: words, fonts, paper, pixels, structure.
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
MAKE=build/asan/pdf_make

page() { # page NAME CSS BODY: renders a small document
    printf '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Été à l’œuvre</title><style>@page { margin: 18mm } body { margin: 0; font-family: "DejaVu Serif", serif; font-size: 11pt } %s</style></head><body>%s</body></html>' \
        "$2" "$3" >"$TMP/$1.html"
    $MAKE "$TMP/$1.html" "$TMP/$1.pdf" >"$TMP/$1.said"
}
words() { pdftotext "$TMP/$1.pdf" - | tr -s ' \n\f' ' ' | sed 's/^ //; s/ $//'; }
fonts() { pdffonts "$TMP/$1.pdf" 2>/dev/null | tail -n +3 | awk '{ sub(/^[A-Z]+\+/, "", $1); sub(/,.*/, "", $1); print $1 }' | sort -u | paste -sd' '; }
info() { pdfinfo "$TMP/$1.pdf" | sed -n "s/^$2: *//p"; }
# ink NAME: how many dark pixels the first page has
ink() {
    pdftoppm -r 72 -gray -singlefile "$TMP/$1.pdf" "$TMP/$1" 2>/dev/null
    /usr/bin/python3 -c 'import sys
d = open(sys.argv[1], "rb").read()
print(sum(b < 128 for b in d[-595 * 842:]))' "$TMP/$1.pgm"
}
place() { pdftotext -bbox "$TMP/$1.pdf" - | sed -n "s/.*xMin=\"\([0-9.]*\)\" yMin=\"\([0-9.]*\)\".*>$2<.*/\1 \2/p" | head -1; }
near() { awk -v a="$2" -v b="$3" -v d="$4" 'BEGIN { exit !(a - b < d && b - a < d) }' && ok "$1" || not_ok "$1" "$2 is not near $3"; }

# === words, fonts, paper ===

check "a document is rendered" page plain '.k { font-style: italic } h1 { font-family: "DejaVu Sans"; font-size: 16pt }' \
    '<h1>Note à l’attention</h1><p>Un <strong>mot</strong> gras, <em class="k">un penché</em> ; 42,31 € « œuvre ».</p><ul><li>un</li><li>deux</li></ul><table><tr><td>gauche</td><td>droite</td></tr></table>'
equals "every word stands in its order" "$(words plain | sed 's/[•] //g')" "Note à l’attention Un mot gras, un penché ; 42,31 € « œuvre ». un deux gauche droite"
equals "in the fonts of the view" "$(fonts plain)" "DejaVuSans-Bold DejaVuSerif DejaVuSerif-Bold DejaVuSerif-Italic"
equals "on A4" "$(info plain 'Page size')" "595.28 x 841.89 pts (A4)"
equals "with the document's title" "$(info plain Title)" "Été à l’œuvre"
near "text begins at the page's margin" "$(place plain Note | cut -d' ' -f1)" 51.024 0.1
sound() { # what qpdf finds, and what poppler says when it reads and draws all of it
    qpdf --check "$TMP/$1.pdf" >"$TMP/sound" 2>&1 || { cat "$TMP/sound"; return 1; }
    { pdffonts "$TMP/$1.pdf" && pdftotext "$TMP/$1.pdf" - && pdftoppm -r 36 "$TMP/$1.pdf"; } 2>&1 >/dev/null | { ! grep .; }
}
check "its structure is sound" sound plain
cp "$TMP/plain.pdf" "$TMP/first.pdf"
$MAKE "$TMP/plain.html" "$TMP/plain.pdf" 3 >"$TMP/plain.said"
check "the same document gives the same bytes" cmp "$TMP/first.pdf" "$TMP/plain.pdf"
check "a letter stays small" test "$(stat -c %s "$TMP/plain.pdf")" -lt 40000

# === characters beyond CP1252: proven by ink, pdftotext would print them in any case ===

page none '' '<p>&nbsp;</p>'
page epsilon '' '<p>ε</p>'
page tonos '' '<p>έ</p>'
page czech '' '<p>Č</p>'
page latin '' '<p>C</p>'
page emoji '' '<p>😀</p>'
page unbroken 'p { width: 200pt; font-size: 40pt }' '<p>moulin</p><p>moulin</p>'
page hyphen 'p { width: 200pt; font-size: 40pt }' '<p>moulin&shy;moulin</p>'
page mixed '' '<p>Łódź, Ξένια ✓ (a\b) – <b>Čapek</b>&nbsp;: fi</p>'
equals "an empty page has no ink" "$(ink none)" 0
check "Greek is drawn" test "$(ink epsilon)" -gt 3
check "an accented letter is letter and accent" test "$(ink tonos)" -gt "$(ink epsilon)"
check "so is Č" test "$(ink czech)" -gt "$(ink latin)"
check "a hyphen that may be is drawn where a line ends with it" test "$(ink hyphen)" -gt "$(ink unbroken)"
equals "all can be read" "$(words mixed)" 'Łódź, Ξένια ✓ (a\b) – Čapek : fi'
check "fonts of two bytes are sound" sound mixed
check "a character that no face has is a box" test "$(ink emoji)" -gt 10
equals "with one warning that names it" "$(grep -c 'U+1F600' "$TMP/emoji.said")" 1

# === pages ===

long=$(printf '<p>Paragraphe %d avec assez de mots pour une ligne entière de la page, et un peu plus encore.</p>' $(seq 120))
page long '' "$long"
check "a long document has pages" test "$(info long Pages)" -gt 4
equals "no paragraph is lost" "$(words long | grep -o 'Paragraphe [0-9]*' | wc -l)" 120
equals "and they stand in order" "$(words long | grep -o 'Paragraphe [0-9]*' | cut -d' ' -f2 | paste -sd' ')" "$(seq 120 | paste -sd' ')"
page kept '.k { page-break-inside: avoid }' "$(printf '<p>ligne %d</p>' $(seq 20))<div class=\"k\">$(printf '<p>ensemble %d</p>' $(seq 10))</div>"
equals "what must stay together does" "$(for p in 1 2; do pdftotext -f $p -l $p "$TMP/kept.pdf" - | grep -c ensemble; done | paste -sd' ')" "0 10"
page forced '.n { page-break-before: always }' '<p>un</p><p class="n">deux</p>'
equals "a forced break" "$(info forced Pages)" 2
page many '.n { page-break-before: always }' "<p>0</p>$(printf '<p class="n">%d</p>' $(seq 249))"
equals "many pages" "$(info many Pages)" 250
check "many objects are sound" sound many
equals "each page has what is on it" "$(words many)" "$(seq 0 249 | paste -sd' ')"
check "no objects to speak of are sound" sound none

# === letters to anybody, in one process ===

build/release/letter_soak 3000 >"$TMP/soak"
note "$(tail -n 1 "$TMP/soak")"
at() { awk -v line="$1" -v field="$2" 'NR == line { print $field }' "$TMP/soak"; } # LINE FIELD
equals "3,000 letters are made" "$(at 4 1)" 3000
check "few fonts are made for them" test "$(at 4 3)" -lt 600
check "they stay small" test "$(at 4 5)" -lt 21000
check "memory is where it was after the first quarter" test "$(($(at 4 7) - $(at 1 7)))" -lt 200

# === what is refused ===

found() { # found NAME PATTERN BODY
    printf '%s' "$3" >"$TMP/check.html"
    if $MAKE --check "$TMP/check.html" >"$TMP/check.said"; then
        not_ok "$1" "it was accepted"
    elif grep -qE "$2" "$TMP/check.said"; then
        ok "$1"
    else
        not_ok "$1" "$(cat "$TMP/check.said")"
    fi
}
found "an element that is not rendered has its place" '^2:3: error: <video' $'<p>a</p>\n  <video></video>'
found "a property" '^2:3: error: .*transform' $'<style>\np{transform:rotate(3deg)}</style><p>x</p>'
found "a value" '^1:11: error: .*position' '<p style="position: fixed">x</p>'
printf '<style>div { display: flex; gap: 4px } a:hover { color: red }</style><div>x</div>' >"$TMP/check.html"
check "what dompdf ignores is no reason to refuse" $MAKE --check "$TMP/check.html"
printf '<p>%s</p>' "$(printf '<b>%.0s' $(seq 3000))" >"$TMP/deep.html"
timeout 20 $MAKE "$TMP/deep.html" "$TMP/deep.pdf" >"$TMP/deep.said"
equals "too deep a document is an error of the job" "$? $(cut -d: -f1 "$TMP/deep.said")" "1 job"
