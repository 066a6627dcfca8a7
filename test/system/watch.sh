#!/bin/bash
# watch.sh: letter:preview --watch makes the letter anew when a view or its row changes.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db"
schema
app_make "$TMP/app"
people 2
view=$APP/resources/views/pdf/volunteer-letter.blade.php
mkdir -p "$(dirname "$view")"
printf '<p>Premier {{ $club->name }}</p>' >"$view"
"$FACTEUR" --app="$APP" letter:preview 1 1 --watch --pdf="$TMP/l.pdf" >"$TMP/out" 2>&1 </dev/null &
pid=$!
remember $pid
text() { pdftotext "$TMP/l.pdf" - 2>/dev/null; }
shows() { # shows NAME TEXT: within ten seconds
    local i
    for i in $(seq 100); do
        text | grep -qF -- "$2" && { ok "$1"; return; }
        sleep .1
    done
    not_ok "$1"
    note "$(cat "$TMP/out")"
}
shows "the letter is made" "Premier Les Écuries"
printf '<p>Deuxième {{ $club->name }}</p>' >"$view"
shows "a changed view makes another" "Deuxième Les Écuries"
sql "update clubs set name = 'Le Nouveau Club' where id = 1"
shows "so does a changed row" "Deuxième Le Nouveau Club"
printf '<p>@if(</p>' >"$view"
for _ in $(seq 100); do grep -q "cannot be made" "$TMP/out" && break; sleep .1; done
grep -q "cannot be made" "$TMP/out"
equals "an error is told" $? 0
text | grep -q Deuxième
equals "and the last letter stays" $? 0
printf '<p>Troisième {{ $club->name }}</p>' >"$view"
shows "what is right again is made" "Troisième Le Nouveau"
before=$(grep -c "nothing was sent" "$TMP/out")
sleep 1
equals "without a change nothing is made" "$(grep -c "nothing was sent" "$TMP/out")" "$before"
equals "no half file is left" "$(find "$TMP" -name '*.part' | wc -l)" 0
kill -INT $pid
wait $pid
equals "Ctrl-C ends it with 0" $? 0
forget $pid
