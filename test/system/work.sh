#!/bin/bash
# work.sh: letters from `jobs` to the mailbox: run, retry, failure; what else stands in the
# table is left alone.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db" --default-time-zone=+00:00
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=refused@example.test --defer=later@example.test
app_make "$TMP/app"
people 4
sql "insert into users (id, name, email, password) values
     (10, 'Refusé', 'refused@example.test', 'x'), (11, 'Plus Tard', 'later@example.test', 'x'),
     (12, 'Sans Adresse', '', 'x'), (13, 'Pas Une', 'no mailbox@@example', 'x');
     insert into teachers (id, user_id, deleted_at) values
     (10, 10, null), (11, 11, null), (12, 12, null), (13, 13, null), (14, 1, now())"
once() { facteur queue:work --memory=1024 --stop-when-empty --sleep=0 "$@" >"$TMP/out" 2>&1 </dev/null; }
log_has() { grep -qF -- "$1" "$LOG"; }
has() { if [[ $2 == *"$3"* ]]; then ok "$1"; else not_ok "$1" "no [$3] in: $2"; fi; }
matches() { [[ $1 == $2 ]]; } # matches TEXT PATTERN
last_send() { sql "select $1 from volunteer_letter_sends order by id desc limit 1"; }
failed_text() { sql "select exception from failed_jobs"; }
# seconds between a column and the time in the app's zone, whatever the server's zone is
drift() {
    sql "select max(abs(timestampdiff(second, convert_tz(utc_timestamp(), '+00:00', '$(TZ=Europe/Paris date +%:z)'), $1))) from $2"
}
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    : >"$LOG"
}

# === sent ===

check "letter:dispatch puts jobs on the queue" facteur letter:dispatch 1 1 2 3 --user=2
equals "three jobs wait" "$(jobs_count)" 3
check "queue:work --stop-when-empty ends with 0" once --tries=3
equals "three mails went out" "$(mails)" 3
equals "three rows say sent" "$(sends)" sent,sent,sent
equals "the queue is empty" "$(jobs_count)" 0
equals "a queue called 0 is the connection's own, as in PHP, and is called so" \
    "$(facteur letter:dispatch 1 1 --queue=0 | grep -c 'put on the \[default\] queue') $(sql "delete from jobs where queue = 'default'; select row_count()")" "1 1"
inserts() { sql "show global status like 'Com_insert'" | cut -f2; }
before=$(inserts)
# shellcheck disable=SC2046
facteur letter:dispatch 1 $(yes 1 | head -203) --delay=30 --queue=letters -q
equals "a hundred jobs are one statement" "$(($(inserts) - before))" 5
equals "each with its delay" "$(sql "select count(*) from jobs where queue = 'letters' and available_at = created_at + 30 and attempts = 0")" 203
sql "delete from jobs"
sql "create trigger refuse before insert on jobs for each row
     set new.payload = if((select count(*) from jobs) >= 150, null, new.payload)"
# shellcheck disable=SC2046
equals "what one refuses is said" "$(facteur letter:dispatch 1 $(yes 1 | head -203) 2>&1 | grep -c "cannot be null") $?" "1 0"
equals "and none is put there" "$(jobs_count)" 0
sql "drop trigger refuse"
equals "who sent it stands in the row" "$(sql "select distinct sent_by_user_id from volunteer_letter_sends")" 2
check "sent_at is in the app's zone" test "$(drift sent_at volunteer_letter_sends)" -lt 60
check "the job's line is in the app's log" log_has 'testing.INFO: SendVolunteerLetterJob - Lettre envoyée avec succès {"teacher":"Zoë Lefèvre 1","email":"teacher1@example.test"} '
check "the console says RUNNING" grep -qE '^  [0-9-]{10} [0-9:]{8} App\\Jobs\\SendVolunteerLetterJob \.+ RUNNING$' "$TMP/out"
check "the console says DONE" grep -qE '^  [0-9-]{10} [0-9:]{8} App\\Jobs\\SendVolunteerLetterJob \.+ [0-9.,]+(ms|s) DONE$' "$TMP/out"
mail=$(find "$TMP/mails" -name '*.eml' | sort | head -1)
check "subject, recipient and attachment are the app's" /usr/bin/python3 - "$mail" <<'PY'
import email, email.policy, sys
m = email.message_from_file(open(sys.argv[1]), policy=email.policy.default)
assert m["Subject"] == "Note d'Information au Volontaire - Les Écuries de l'Étang", m["Subject"]
assert m["To"].startswith("teacher"), m["To"]
pdf = [p for p in m.walk() if p.get_content_type() == "application/pdf"]
assert len(pdf) == 1 and pdf[0].get_filename() == "Note_Information_Volontaire.pdf"
assert pdf[0].get_content().startswith(b"%PDF-1")
PY

# === what is not a letter ===

reset
foreign_job LessonReminder
foreign_job SendInvoice
before=$(sql "checksum table jobs")
facteur letter:dispatch 1 1 -q
check "letters are sent among other classes' jobs" once
equals "other classes' jobs are as they were" "$(sql "checksum table jobs")" "$before"
check "their classes are named" grep -qF 'artisan worker must stay for them: App\Jobs\LessonReminder, App\Jobs\SendInvoice' "$TMP/out"

# === missing ===

reset
no_letter() { # NAME WORDS ARGUMENT...
    facteur letter:dispatch "${@:3}" >"$TMP/out" 2>&1
    equals "$1: exit 1" $? 1
    has "$1: said" "$(tr -s ' \n' ' ' <"$TMP/out")" "$2"
}
no_letter "a teacher who does not exist" "Nothing was put on the queue: teacher 99 does not exist." 1 1 99
no_letter "a teacher without an address" "teacher 12 has no address" 1 12
no_letter "a deleted teacher, beside another" "teacher 14 is deleted, teacher 98 does not" 1 14 98
no_letter "a club that does not exist" "club 77 does not exist" 77 1
no_letter "a user who does not exist" "user 404 does not exist" 1 1 --user=404
equals "nothing was put" "$(jobs_count)" 0
facteur letter:dispatch 1 1 2 3 4 -q
sql "update jobs set payload = replace(replace(replace(replace(payload, 'i:1;s', if(payload like '%i:1;}%', 'i:77;s', 'i:1;s')),
     'i:2;}', 'i:99;}'), 'i:3;}', 'i:12;}'), 'i:4;}', 'i:14;}')"
check "missing people end the job" once
equals "such jobs are done" "$(jobs_count)" 0
equals "and leave no row" "$(sql "select count(*) from volunteer_letter_sends")" 0
equals "nor a failed job" "$(sql "select count(*) from failed_jobs")" 0
check "the log says so, with both ids" log_has 'testing.ERROR: SendVolunteerLetterJob - Données manquantes {"club_id":1,"teacher_id":99} '
equals "four times" "$(grep -c 'Données manquantes' "$LOG")" 4

# === retried, failed ===

reset
facteur letter:dispatch 1 11 -q
once --backoff=7
row=$(sql "select attempts, available_at - created_at, reserved_at is null from jobs" | tr '\t' ' ')
equals "a deferred letter is released with --backoff" "$row" "1 7 1"
check "its row holds the server's words" matches "$(last_send "concat(status, ' ', error_message)")" "failed*451*"
check "the log has the mail's line" log_has 'testing.ERROR: SendVolunteerLetterJob - Erreur envoi email {"teacher_id":11,"email":"later@example.test","error":'
check "and the general one" log_has 'testing.ERROR: SendVolunteerLetterJob - Erreur {"teacher_id":11,"error":'
for _ in 2 3; do
    sql "update jobs set available_at = 0"
    once
done
equals "the third failure is the last" "$(jobs_count) $(sql "select count(*) from failed_jobs")" "0 1"
equals "each attempt has a row" "$(sends)" failed,failed,failed
check "the log says so" log_has 'SendVolunteerLetterJob - Échec définitif après tous les essais {"club_id":1,"teacher_id":11,"error":'
check "the exception names its class" matches "$(failed_text)" 'Facteur\\\\UnexpectedResponseException: Expected response code "250/251/252" but got code "451", with message "451 *'
check "and the phase" matches "$(failed_text)" '*Phase: mail'
check "the step and the server" matches "$(failed_text)" "*Stack trace:*#0 SMTP 127.0.0.1:$SMTP_PORT: RCPT TO*"
equals "uuid, connection and queue are the job's" \
    "$(sql "select uuid = json_value(payload, '\$.uuid') and connection = 'database' and queue = 'default' from failed_jobs")" 1
check "failed_at is in the app's zone" test "$(drift failed_at failed_jobs)" -lt 60

# A server that speaks Latin-1: a strict column takes UTF-8 only.
test/lib/unruly_smtp.py 0 "$TMP/book" 1 >"$TMP/unruly" &
unruly=$!
remember $unruly
eventually 10 grep -q ready "$TMP/unruly"
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$(cut -d' ' -f2 "$TMP/unruly")/" "$APP/.env"
reset
sql "update users set email = 'latin@example.test' where id = 3"
facteur letter:dispatch 1 3 -q
sql "update jobs set attempts = 2"
once
end_process $unruly
forget $unruly
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
check "a refusal in Latin-1 is kept, its broken letters as question marks" \
    matches "$(last_send "concat(status, ' ', error_message)")" 'failed *with message "550 Refus[?], bo[?]te pleine".'
check "in failed_jobs as well" matches "$(failed_text)" '*with message "550 Refus[?], bo[?]te pleine".*'
equals "and the job is there once" "$(jobs_count) $(sql "select count(*) from failed_jobs")" "0 1"
sql "update users set email = 'v3@example.test' where id = 3"

reset
count=$(mails)
facteur letter:dispatch 1 13 -q
sql "update jobs set attempts = 2"
once
equals "an address that is none fails before SMTP" "$(mails) $(sends)" "$count failed"

reset
facteur letter:dispatch 1 1 -q
sql "update jobs set attempts = 3"
once
check "attempts beyond tries fail" matches "$(failed_text)" '*MaxAttemptsExceededException: *has been attempted too many times.*'

reset
facteur letter:dispatch 1 1 -q
sql "update jobs set attempts = 255"
once
equals "attempts at the column's maximum fail the row, unsent" \
    "$(mails) $(jobs_count) $(sql "select count(*) from failed_jobs")" "$count 0 1"

reset
facteur letter:dispatch 1 1 -q
sql "update jobs set payload = replace(payload, 'i:1;', 'i:x;')"
once
check "an undecodable command fails at once and says why" matches "$(failed_text)" '*UndecodableException: data.command*'

reset
sql "insert into jobs (queue, payload, attempts, available_at, created_at) values
     ('default', 'App\\\\Jobs\\\\SendVolunteerLetterJob, but no JSON', 0, 0, 0)"
once
equals "text that names the class and is no JSON is kept in failed_jobs" \
    "$(jobs_count) $(sql "select count(*) from failed_jobs where payload like '%Job, but no JSON'")" "0 1"

# === statements ===

reset
facteur letter:dispatch 1 1 -q
sql "set global log_output = 'TABLE'; truncate mysql.general_log; set global general_log = 1"
once
sql "set global general_log = 0"
equals "two commits per letter" "$(sql "select count(*) from mysql.general_log where argument = 'COMMIT' and command_type = 'Query'")" 2
equals "no secret column is read" "$(sql "select count(*) from mysql.general_log where (argument like '%password%' or argument like '%remember_token%') and argument not like '%general_log%'")" 0

# === queues, forms of failed_jobs ===

reset
facteur letter:dispatch 1 1 --queue=low -q
facteur letter:dispatch 1 1 2 --queue=high -q
COLUMNS=150 facteur queue:work --memory=1024 --queue=high,low --stop-when-empty -v >"$TMP/out" 2>&1 </dev/null
equals "queues are worked in order" "$(grep -oE '(high|low) \.+ RUNNING' "$TMP/out" | cut -d' ' -f1 | paste -sd' ')" "high high low"

reset
facteur letter:dispatch 1 1 -q
sql "drop table failed_jobs"
sql_file sql/schema/failed_jobs_legacy.sql
echo "QUEUE_FAILED_DRIVER=database" >>"$APP/.env"
sql "update jobs set attempts = 255"
once
equals "the legacy form of failed_jobs" "$(sql "select count(*) from failed_jobs")" 1

reset
sql "rename table failed_jobs to kept"
facteur letter:dispatch 1 1 2 -q
sql "update jobs set attempts = 3 order by id limit 1"
once
check "without failed_jobs what fails stays reserved, and what is behind it is sent" \
    is "sent 1 4 1" eval 'echo "$(sends) $(sql "select count(*), max(attempts), max(reserved_at is not null) from jobs" | tr "\t" " ")"'
check "which is said" grep -q "cannot be put among the failed jobs: SQLSTATE.*it is kept aside, and tried again" "$LOG"
parked() { find "$APP/storage/framework/facteur" -name '*.parked' | wc -l; }
equals "in a file of its own" "$(parked)" 1
once
equals "it is not begun again" "$(sends) $(jobs_count) $(parked)" "sent 1 1"
sql "rename table kept to failed_jobs"
sleep 3 # it is tried again with growing waits
once
once
equals "when the table is back, it goes there" "$(jobs_count) $(sql "select count(*) from failed_jobs") $(parked)" "0 1 0"

# The letters' own table: without it an attempt fails, and the queue goes on.
reset
sql "rename table volunteer_letter_sends to kept"
facteur letter:dispatch 1 1 2 -q
once --tries=3
equals "without volunteer_letter_sends each attempt fails, and the job with the last" \
    "$(jobs_count) $(sql "select count(*), sum(exception like '%volunteer_letter_sends%') from failed_jobs" | tr '\t' ' ')" "0 2 2"
check "what could not be written is said" grep -q "its failure could not be written: SQLSTATE" "$LOG"
sql "rename table kept to volunteer_letter_sends"
reset
count=$(mails)
sql "create trigger kept_as_it_is before update on volunteer_letter_sends for each row signal sqlstate '45000'"
facteur letter:dispatch 1 1 -q
once
equals "a letter that is out is not sent again because its row cannot say so" \
    "$(($(mails) - count)) $(jobs_count) $(sends)" "1 0 pending"
check "which is said as well" grep -q "its end could not be written: SQLSTATE" "$LOG"
sql "drop trigger kept_as_it_is"

# === views ===

reset
facteur letter:dispatch 1 1 -q
mkdir -p "$APP/resources/views/pdf"
printf '<p>{{ $club->name }}</p>\n  @markdown\n' >"$APP/resources/views/pdf/volunteer-letter.blade.php"
printf '<p>{{ $club->name }}</p>\n  {{ route("x") }}\n' >"$APP/resources/views/pdf/volunteer-letter.blade.php"
once
equals "an unsupported view keeps its letters for PHP" "$(jobs_count) $(sql "select max(attempts) from jobs")" "1 0"
check "and is named with line and column" grep -qE 'volunteer-letter\.blade\.php:2:[0-9]+: ' "$TMP/out"
printf '<p>{{ $teacher->user->password }}</p>\n' >"$APP/resources/views/pdf/volunteer-letter.blade.php"
once
check "a view that names a hidden column is refused" grep -qF 'hidden column' "$TMP/out"
equals "its letters stay" "$(jobs_count)" 1
printf '<p>Bonjour {{ $teacher->user->name }}, {{ $club->city }}</p>\n' >"$APP/resources/views/pdf/volunteer-letter.blade.php"
once
equals "the app's own view is used" "$(jobs_count)" 0
check "its words are in the PDF" bash -c "
    /usr/bin/python3 -c 'import email, email.policy, sys
m = email.message_from_file(open(sys.argv[1]), policy=email.policy.default)
sys.stdout.buffer.write([p for p in m.walk() if p.get_content_type() == \"application/pdf\"][0].get_content())' \
    \"\$(find '$TMP/mails' -name '*.eml' | sort | tail -1)\" | pdftotext - - | grep -q 'Bonjour Zoë Lefèvre 1, Wavre'"

# === a view that changes while the worker runs ===

reset
view=$APP/resources/views/pdf/volunteer-letter.blade.php
work_start --sleep=0.2
facteur letter:dispatch 1 1 -q
check "a running worker sends" eventually 20 is sent sends
printf '<p>{{ secret_helper($club) }}</p>\n' >"$view"
facteur letter:dispatch 1 2 -q
check "a view that becomes unsupported is named" eventually 10 grep -q 'secret_helper() ' "$WORK_OUT"
sleep 0.5
equals "its letter goes back as it was" "$(sql "select attempts, reserved_at is null from jobs" | tr '\t' ' ') $(sends)" "0 1 sent"
printf '<p>Encore {{ $teacher->user->name }} de {{ $club->name }}</p>\n' >"$view"
check "and is sent when the view can be rendered again" eventually 10 is sent,sent sends
kill -TERM "$WORK_PID"
work_wait
equals "the worker went on through all that" "$WORK_STATUS" 0

# === what a letter shows to differ from dompdf's ===

reset
facteur letter:dispatch 1 1 2 3 1 2 3 -q
cp "$view" "$TMP/view"
printf '<div style="float:left"><div style="float:left;width:100px">a</div></div><p>b</p>\n' >"$view"
facteur queue:work --memory=1024 --workers=3 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
equals "letters of a view that differs are sent" "$(jobs_count) $(sql "select count(*) from volunteer_letter_sends where status='sent'")" "0 6"
equals "which one warning tells, whatever the number of slots" "$(grep -c 'differs from dompdf; first seen in job' "$LOG")" 1
cp "$TMP/view" "$view"

# === characters that no font has; mailers and settings that facteur lacks ===

reset
facteur letter:dispatch 1 2 -q
sql "update users set name = 'Zoë 😀' where id = 2"
once
equals "a name that no font can draw is sent all the same" "$(sends) $(jobs_count)" "sent 0"
check "one warning names character, column and job" grep -qE 'U\+1F600.*User\.name; job [0-9a-f-]{36}' "$LOG"
equals "and only one" "$(grep -c 'U+1F600' "$LOG")" 1

reset
facteur letter:dispatch 1 1 -q
printf "<?php\n\nreturn ['name' => 'x',\n    'odd' => secret_helper(), 'timezone' => 'Europe/Paris'];\n" >"$APP/config/app.php"
sed -i 's/^MAIL_MAILER=.*/MAIL_MAILER=ses/' "$APP/.env"
once
equals "letters of a mailer that facteur lacks stay for PHP" "$(jobs_count) $(sql "select max(attempts) from jobs")" "1 0"
equals "which is said once" "$(grep -c 'WARN.*ses' "$TMP/out")" 1
check "a part of the configuration that cannot be evaluated is named" grep -qE 'config/app.php:4:' "$TMP/out"

check "no password is in the log" bash -c "! grep -qF '$DB_PASSWORD' '$LOG'"
