#!/bin/bash
# same_bytes.sh: with the clock fixed, a letter has the same bytes in any process, whatever
# was made before it.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db"
schema
app_make "$TMP/app"
people 4
sql "update users set name = 'Łukasz Żółć ✓' where id = 2"

make_letter() { # make_letter TEACHER FILE
    # ASan must come first among preloaded libraries.
    LD_PRELOAD="$(gcc -print-file-name=libasan.so):$(faketime 2020-01-01 printenv LD_PRELOAD)" \
        FAKETIME="2026-11-23 10:00:00" FAKETIME_DONT_FAKE_MONOTONIC=1 ASAN_OPTIONS=detect_leaks=0 TZ=Europe/Paris \
        "$FACTEUR" --app="$APP" letter:preview 1 "$1" --pdf="$2" >"$TMP/said" 2>&1
}
for process in 1 2; do
    make_letter 1 "$TMP/one-$process.pdf" || { not_ok "a letter is made"; note "$(cat "$TMP/said")"; }
    make_letter 2 "$TMP/other.pdf"
done
cmp -s "$TMP/one-1.pdf" "$TMP/one-2.pdf"
equals "two processes make the same letter of the same row" $? 0
cmp -s "$TMP/one-1.pdf" "$TMP/other.pdf"
equals "and another one of another row" $? 1

for html in test/layout/letter/letter.html test/layout/documents/text-beyond-cp1252.html; do
    build/asan/pdf_make $html "$TMP/a.pdf" 20 >/dev/null
    build/release/pdf_make $html "$TMP/b.pdf" >/dev/null
    cmp -s "$TMP/a.pdf" "$TMP/b.pdf"
    equals "$(basename $html): the same bytes from two builds" $? 0
done
