#!/bin/bash
# Letters whose view is not there fail as they do under PHP: the same words in rows and
# failed jobs, the same lines in the log, nothing of facteur's own in a mail.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema && app_new "$TMP/app" || exit 1
app_own_classes

# left: all that a worker leaves behind, but for what facteur warns of beforehand.
left() {
    sql "select queue, attempts from jobs;
         select status, error_message, sent_at is null from volunteer_letter_sends order by id;
         select queue, substring_index(exception, ' in ', 1) from failed_jobs"
    log_shape | grep -v ' WARNING facteur: '
    mails
}
put() {
    sql 'truncate jobs'
    artisan letters:dispatch 1 1 --user=101
}
run() {
    app_reset
    put
    "$1" queue:work --stop-when-empty --sleep=0 >"$TMP/work.log" 2>&1
    left
}
both() {
    local php
    php=$(run artisan)
    same "$1" "$(run facteur)" "$php"
}
views=$APP/resources/views
class=$APP/app/Jobs/SendVolunteerLetterJob.php
cp "$class" "$TMP/class"
# guard EXPRESSION: the class asks for the view itself, and throws that text.
guard() {
    /usr/bin/python3 - "$TMP/class" "$1" >"$class" <<'PY'
import sys
text = open(sys.argv[1]).read()
asks = "\n            if (! view()->exists('pdf.volunteer-letter')) {\n                throw new \\Exception(%s);\n            }" % sys.argv[2]
print(text.replace("try {\n            Pdf::", "try {" + asks + "\n            Pdf::"), end="")
PY
    check "the class has a guard" php -l "$class"
}

mv "$views/emails" "$TMP/emails"
both "the mail's view is missing"
check "which is said before" grep -qF 'view [emails.volunteer-letter] not found – each letter fails, as under PHP' "$TMP/work.log"
mv "$TMP/emails" "$views/emails"
mv "$views/pdf" "$TMP/pdf"
both "the letter's view is missing"
guard "'Vue absente: '.'pdf.volunteer-letter'"
both "a class with an exception of its own"
has "it is in the row" "$(sql 'select error_message from volunteer_letter_sends')" "Vue absente: pdf.volunteer-letter"
guard "'Vue absente pour '.\$teacher->user->name"
run facteur >"$TMP/state"
equals "one whose words cannot be told is left to PHP" "$(sql 'select count(*) from jobs where attempts = 0')" 1
check "and named with its line" grep -qE 'SendVolunteerLetterJob.php:[0-9]+:[0-9]+: view \[pdf.volunteer-letter\] not found – what the class throws then cannot be told' "$APP/storage/logs/laravel.log"
mv "$TMP/pdf" "$views/pdf"
both "with its view a guarded class sends"
