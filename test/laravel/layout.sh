#!/bin/bash
# layout.sh: the same letters made by facteur and by the app's dompdf: every word on the same
# page, in the same order. Distances are told, not judged.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema && app_new "$TMP/app" || exit 1

# compare VIEW TEACHER: both programs make one letter
compare() {
    app_reset
    facteur letter:preview 1 "$2" --pdf="$TMP/ours.pdf" >/dev/null
    facteur letter:dispatch 1 "$2" >/dev/null
    artisan queue:work --stop-when-empty >/dev/null
    attachment "$(last_mail)" "$TMP/theirs.pdf"
    local said
    if said=$(test/lib/words.py "$TMP/ours.pdf" "$TMP/theirs.pdf"); then
        ok "the words of $1, teacher $2, stand where dompdf puts them"
    else
        not_ok "the words of $1, teacher $2, stand where dompdf puts them"
    fi
    note "$said"
}

for teacher in 1 2 3; do compare "the app's view" $teacher; done
cp views/pdf/volunteer-letter.blade.php "$APP/resources/views/pdf/"
for teacher in 1 2 3; do compare "the default view" $teacher; done
