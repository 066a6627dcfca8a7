#!/bin/bash
# facteur fails a letter; the app's operators find it with queue:failed, put it back with
# queue:retry, one or all, and facteur sends it.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" --refuse=non@example.org || exit 1
app_schema && app_new "$TMP/app" || exit 1
sql "update users set email='non@example.org' where id=106"

work() { facteur queue:work --stop-when-empty --sleep=0 --tries=3; }

artisan letters:dispatch 1 5 6 1 --user=101
first=$(sql "select json_value(payload, '\$.uuid') from jobs order by id limit 1")
payload=$(sql "select payload from jobs order by id limit 1")
check "a worker whose letters fail ends with 0 all the same" work
equals "the letter between them was sent" \
    "$(sql "select teacher_id from volunteer_letter_sends where status='sent'")" 1
equals "each failed three times, a row for each" \
    "$(sql "select teacher_id, status, count(*) from volunteer_letter_sends
            where status<>'sent' group by 1, 2 order by 1" | paste -sd' ')" \
    $'5\tfailed\t3 6\tfailed\t3'
has "the row says what the mail server said" \
    "$(sql 'select distinct error_message from volunteer_letter_sends where teacher_id=5')" \
    "550" "User unknown in virtual mailbox table"
equals "two failed jobs, with connection and queue" \
    "$(sql 'select connection, queue, count(*) from failed_jobs group by 1, 2')" \
    $'database\tdefault\t2'
equals "with the payload's own bytes" \
    "$(sql "select payload from failed_jobs where uuid='$first'")" "$payload"
near "failed_at is the app's time" \
    "$(sql "select failed_at from failed_jobs where uuid='$first'")" Europe/Paris
exception=$(sql "select exception from failed_jobs where uuid='$first'")
has "the exception has Laravel's shape" "$exception" "Stack trace:" "#0 " "{main}"
check "and begins with a class and the server's words" \
    grep -qE '^[A-Za-z]+(\\+[A-Za-z]+)+: .*550' <<<"$exception"

listed=$(COLUMNS=150 artisan queue:failed)
has "queue:failed lists both" "$listed" "$first" "database@default App\Jobs\SendVolunteerLetterJob"
equals "as two lines" "$(grep -c 'database@default' <<<"$listed")" 2

# The address is put right, and one letter goes back.
sql "update users set email='renee@example.org' where id=105;
     update users set email='oui@example.org' where id=106"
artisan queue:retry "$first" >/dev/null
equals "queue:retry puts one job back" "$(sql 'select count(*), max(attempts) from jobs')" $'1\t0'
work >/dev/null
equals "facteur sends it" \
    "$(sql "select recipient_email from volunteer_letter_sends where teacher_id=5 and status='sent'")" \
    renee@example.org
equals "with the user who asked for it" \
    "$(sql "select sent_by_user_id from volunteer_letter_sends where status='sent' and teacher_id=5")" 101
equals "the other still failed" "$(sql 'select count(*) from failed_jobs')" 1

artisan queue:retry all >/dev/null
work >/dev/null
equals "queue:retry all puts the rest back, and it is sent" \
    "$(sql "select count(*) from volunteer_letter_sends where teacher_id=6 and status='sent'")" 1
equals "nothing is left behind" \
    "$(sql 'select (select count(*) from jobs), (select count(*) from failed_jobs)')" $'0\t0'
equals "three mails in all" "$(mails)" 3
has "queue:failed agrees" "$(artisan queue:failed)" "No failed jobs found."
