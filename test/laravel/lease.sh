#!/bin/bash
# A letter that takes longer than retry_after: facteur renews its reservation, and an artisan
# worker beside it keeps off; whose facteur is stuck, artisan takes the letter over.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=8 || exit 1
app_schema && app_new "$TMP/app" || exit 1
app_env DB_QUEUE_RETRY_AFTER=3
state() { sql "select status from volunteer_letter_sends order by id" | paste -sd,; }
is() { [ "$("${@:2}")" = "$1" ]; }

worker() { background "$TMP/work.log" facteur queue:work --sleep=0.2 --timeout=60; }
in_mail() { ps -o args= --ppid "$WORKER" | grep -q 'slot 1: mail'; }

artisan letters:dispatch 1 1 --user=101
check "the app's retry_after is the short one" grep -q 3 <(artisan config:show queue.connections.database.retry_after)
worker
check "a letter is under way" eventually 30 in_mail
artisan queue:work --max-time=6 --sleep=0.2 >"$TMP/php.log" 2>&1
equals "artisan keeps off, though retry_after is over" "$(grep -c 'RUNNING' "$TMP/php.log")" 0
check "the letter is sent" eventually 20 is sent state
end_process $WORKER
forget $WORKER
equals "once" "$(mails) $(sql 'select count(*) from jobs')" "1 0"

app_reset
artisan letters:dispatch 1 1 --user=101
sql "update jobs set payload = json_set(payload, '\$.maxTries', 5)"
worker
eventually 30 in_mail
slot=$(pgrep -P $WORKER)
kill -STOP "$slot"
sleep 3
artisan queue:work --once --sleep=0.2 >"$TMP/php.log" 2>&1
equals "a slot that is stuck does not renew: artisan takes the letter" \
    "$(grep -c 'SendVolunteerLetterJob .*DONE' "$TMP/php.log")" 1
kill -CONT "$slot"
check "facteur says that it lost it" eventually 20 grep -q "not ours any more" "$APP/storage/logs/laravel.log"
end_process $WORKER
forget $WORKER
equals "the queue has it no more, and nothing failed" \
    "$(sql 'select (select count(*) from jobs), (select count(*) from failed_jobs)')" $'0\t0'
