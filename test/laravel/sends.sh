#!/bin/bash
# The app dispatches, facteur sends: mail, row, log and queue are as the PHP worker leaves
# them. The database server lives in UTC, the app in Paris.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && app_new "$TMP/app" || exit 1

work() { facteur queue:work --stop-when-empty --sleep=0 --tries=3 --timeout=60; }
work_php() { artisan queue:work --stop-when-empty --sleep=0 --tries=3 --timeout=60; }

# The sends, but for ids and times.
sends() {
    sql "select club_id, teacher_id, sent_by_user_id, recipient_email, status, error_message,
         sent_at is null, created_at is null, updated_at is null
         from volunteer_letter_sends order by id"
}

# === one letter ===

artisan letters:dispatch 1 1 --user=101
check "facteur ends with 0 on an empty queue" work
equals "the job is gone" "$(sql 'select count(*) from jobs')" 0
equals "one mail went out" "$(mails)" 1
same "the row tells of it" "$(sends)" \
    $'1\t1\t101\tjean.peeters@example.org\tsent\tNULL\t0\t0\t0'
near "sent_at is the app's time" "$(sql 'select sent_at from volunteer_letter_sends')" Europe/Paris
near "created_at too" "$(sql 'select created_at from volunteer_letter_sends')" Europe/Paris
near "and the log's" "$(sed -nE '1s/^\[([^]]+)\].*/\1/p' "$APP/storage/logs/laravel.log")" \
    Europe/Paris
equals "nothing personal is left in the app's folders" \
    "$(find "$APP/storage" -name '*.pdf' -o -name '*.eml')" ""

text=$(test/lib/seen.py words "$(last_mail)" | paste -sd' ')
has "the PDF holds every section of the letter" "$text" \
    "Note d'information au volontaire" "loi du 3 juillet 2005" \
    "Écuries de l'Été ASBL" "Rue de l'Étrier 12 b3, 1300 Wavre, Belgique" "BE 0123.456.789" \
    "Élise Cœurderoy, Présidente" "Jean Peeters" "Chaussée de Namur 5, 1348 Louvain-la-Neuve" \
    "l'œuvre éducative" "Ethias" "RC-45.123.456" "Fédération équestre – AG" "AC-987" \
    "42,31 € par jour" "1.692,51 € par an" "20 € par jour, « tout compris »." \
    "L'article 458 du Code pénal" "déclare avoir reçu et lu" "allocation" "Fait à Wavre, le" \
    "$(LC_ALL=C TZ=Europe/Paris date +%Y)" "deux exemplaires" "« Lu et approuvé »"
test/lib/seen.py pdf "$(last_mail)" >"$TMP/letter.pdf"
has "it is a PDF of A4 pages" "$(pdfinfo "$TMP/letter.pdf")" "A4" "Pages:"
check "that qpdf finds sound" qpdf --check "$TMP/letter.pdf"

# === the same letters by both workers ===

# Complete and incomplete ones, a deleted teacher, no address, no such club or teacher.
dispatch() {
    artisan letters:dispatch 1 1 4 6 7 9999
    artisan letters:dispatch 2 1 2 3
    artisan letters:dispatch 3 8 9
    artisan letters:dispatch 9999 1
    artisan letters:dispatch 2 7 --strings --user=101
    artisan letters:dispatch 9999 9999 --strings
}

app_reset
dispatch
work_php >/dev/null
php_sends=$(sends) php_log=$(log_shape) php_mails=$(mails)
mkdir "$TMP/php" && mv "$TMP/mails"/*.eml "$TMP/php/"
php_first=$(find "$TMP/php" -name '*.eml' | sort | head -n 1)

app_reset
dispatch
work >"$TMP/work.log"
same "the rows are those that PHP writes" "$(sends)" "$php_sends"
boxed='^local WARNING facteur: no font has the character U+1F434'
same "the log's lines too" "$(log_shape | grep -v "$boxed")" "$php_log"
equals "and one warning of a character that no font has" "$(log_shape | grep -c "$boxed")" 1
equals "no job is left" "$(sql 'select count(*) from jobs')" 0
equals "none failed" "$(sql 'select count(*) from failed_jobs')" 0
equals "as many mails" "$(mails)" "$php_mails"

# Mails come in the order of the jobs from both.
pairs() { paste <(ls "$TMP/php"/*.eml) <(ls "$TMP/mails"/*.eml); }
each() { while read -r php ours; do test/lib/seen.py "$1" "${!2}"; done < <(pairs); }
same "their headers and parts are the same" "$(each mail ours)" "$(each mail php)"
same "their HTML is the same" "$(each html ours)" "$(each html php)"

same "their letters hold the same words in the same order" "$(each words ours)" \
    "$(each words php)"

ids() { grep -hoiE '^message-id: .*' "$@" | sort | uniq -d; }
equals "no two mails share a Message-ID" "$(ids "$TMP/mails"/*.eml)" ""

# === a look at a letter ===

app_reset
check "letter:preview makes letter and mail" \
    facteur letter:preview 1 1 --pdf="$TMP/preview.pdf" --eml="$TMP/preview.eml"
equals "and sends nothing, writes no row" \
    "$(mails), $(sql 'select count(*) from volunteer_letter_sends')" "0, 0"
same "the mail is the one that goes out" "$(test/lib/seen.py mail "$TMP/preview.eml")" \
    "$(test/lib/seen.py mail "$php_first")"
same "with the same letter in it" "$(test/lib/seen.py words "$TMP/preview.eml")" \
    "$(test/lib/seen.py words "$php_first")"
has "the PDF alone is that letter" "$(pdftotext "$TMP/preview.pdf" - | paste -sd' ')" \
    "Jean Peeters" "Lu et approuvé"

# === cached configuration ===

# With the cached file .env is not read at all, nor the flag in it which keeps the provider
# from catching mail.
app_reset
artisan letters:dispatch 1 1
artisan config:cache >/dev/null
echo "not a line of an environment file" >"$APP/.env"
export MAIL_USE_MAILHOG=false
check "facteur works from the cached configuration" work
unset MAIL_USE_MAILHOG
equals "and sends" "$(sql "select status from volunteer_letter_sends")" sent
has "from the cached sender" "$(test/lib/seen.py mail "$(last_mail)")" "Écuries du Brabant"
rm "$APP/bootstrap/cache/config.php"
app_env

# === queue and delay ===

app_reset
artisan letters:dispatch 1 1 --queue=lettres
artisan letters:dispatch 1 2 --delay=3600
work >/dev/null
equals "another queue's letter and a delayed one stay" \
    "$(sql 'select queue, attempts from jobs order by id' | paste -sd' ')" \
    $'lettres\t0 default\t0'
facteur queue:work --queue=urgent,lettres --stop-when-empty --sleep=0 >/dev/null
equals "until their queue is named" "$(sql 'select queue from jobs')" default
