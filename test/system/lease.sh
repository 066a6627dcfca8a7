#!/bin/bash
# lease.sh: a letter that takes longer than retry_after: its reservation is renewed, so that
# nobody else takes it; a slot that is stuck does not renew; whoever lost it sends nothing.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=7
app_make "$TMP/app" DB_QUEUE_RETRY_AFTER=3
people 3
log_has() { grep -q "$1" "$LOG"; }
reserved() { sql "select coalesce(max(reserved_at), 0) from jobs"; }
renewed() { [ "$(reserved)" -gt "$1" ]; }
in_mail() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: mail'; }
finish() {
    kill -TERM "$WORK_PID"
    work_wait
}
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
    : >"$LOG"
}

# === renewed ===

facteur letter:dispatch 1 1 -q
work_start --sleep=0.2
check "a letter is under way" eventually 20 in_mail
first=$(reserved)
check "its reservation is renewed while the mail server is slow" eventually 5 renewed "$first"
facteur queue:work --memory=1024 --max-time=3 --sleep=0.2 >"$TMP/other" 2>&1 </dev/null
equals "another worker keeps off" "$(cat "$TMP/other")" ""
check "the letter is sent" eventually 20 is sent sends
finish
equals "once, by one attempt, longer than retry_after" "$(mails) $(jobs_count)" "1 0"
check "and nobody complains" eventually 1 is 0 grep -c WARNING "$LOG"

# === stuck: not renewed; another host takes it over ===

# What is of another host is another storage folder here: its journals are not known.
cp -a "$APP" "$TMP/host"
rm -rf "$TMP/host/storage/framework/facteur"
elsewhere() { "$FACTEUR" --app="$TMP/host" "$@"; }
reset
facteur letter:dispatch 1 2 -q
work_start --sleep=0.2 --tries=5
eventually 60 in_mail
slot=$(slots_of "$WORK_PID")
kill -STOP "$slot" "$WORK_PID" # the master would end it after a while
sql "update jobs set payload = json_set(payload, '\$.maxTries', 5)"
sleep 4
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/other" 2>&1 </dev/null
equals "a stuck slot's job is left to its master by others of this host" "$(cat "$TMP/other")" ""
check "a stuck slot's job is taken over by another host" \
    elsewhere queue:work --memory=1024 --once --sleep=0.2
kill -CONT "$slot"
check "whoever was stuck says that it is not theirs any more" \
    eventually 20 log_has "the reservation is not ours any more"
kill -CONT "$WORK_PID"
equals "in one warning" "$(grep -c "not ours any more" "$LOG")" 1
finish
equals "nothing of it reached the queue or the failed jobs" \
    "$(jobs_count) $(sql "select count(*) from failed_jobs")" "0 0"
equals "each attempt's row tells what happened to its mail" "$(sends)" sent,sent

# === stuck for good: its master ends it ===

reset
facteur letter:dispatch 1 2 -q
work_start --sleep=0.2 --tries=5
eventually 60 in_mail
kill -STOP "$(slots_of "$WORK_PID")"
last_error() { sql "select error_message from volunteer_letter_sends order by id limit 1"; }
check "a slot that does not renew is ended by its master" eventually 40 is failed eval 'sends | cut -d, -f1'
check "which its row tells" eventually 1 grep -qE '^ended in phase mail: its process did not renew its reservation for [0-9]+ s, and was ended' <(last_error)
check "and another slot sends the letter" eventually 30 is failed,sent sends
finish

# === stuck, though its process is alive: its log is a pipe that nobody reads ===

reset
sql "update users set name = 'Zoë 😀' where id = 2"
rm "$LOG"
mkfifo "$LOG"
facteur letter:dispatch 1 2 -q
work_start --sleep=0.2 --timeout=30
in_pdf() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: pdf'; }
check "a slot waits in the middle of a letter, to warn of a character" eventually 20 in_pdf
sleep 1
first=$(reserved)
sleep 3
equals "its reservation is not renewed" "$(reserved)" "$first"
exec 7<>"$LOG" # whoever reads it sets the slot free
check "set free, it sends the letter" eventually 20 is sent sends
finish
exec 7>&-
rm "$LOG"
: >"$LOG"

# === killed after a renewal ===

reset
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2 --backoff=1000
eventually 60 in_mail
first=$(reserved)
eventually 5 renewed "$first"
kill -9 "$(slots_of "$WORK_PID")"
released() { sql "select count(*) from jobs where reserved_at is null and attempts = 1"; }
check "a killed slot's job is settled by its renewed reservation" eventually 20 is 1 released
finish

# === a clock that is set back in the middle ===

# ASan's build cannot be lied to about the time.
faketime=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1
if [ -e $faketime ]; then
    reset
    rm -rf "$APP/storage/framework/facteur"
    echo "+0" >"$TMP/clock"
    facteur letter:dispatch 1 1 -q
    LD_PRELOAD=$faketime FAKETIME_TIMESTAMP_FILE=$TMP/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
        DONT_FAKE_MONOTONIC=1 build/release/facteur --app="$APP" queue:work --sleep=0.2 >"$TMP/work.out" 2>&1 </dev/null &
    WORK_PID=$!
    remember $WORK_PID
    eventually 60 in_mail
    first=$(reserved)
    echo "-3600" >"$TMP/clock"
    check "a reservation is renewed though the clock was set back" eventually 5 renewed "$first"
    elsewhere queue:work --memory=1024 --max-time=3 --sleep=0.2 >"$TMP/other" 2>&1 </dev/null
    equals "and another host keeps off" "$(cat "$TMP/other")" ""
    check "it is sent by its one attempt" eventually 20 is "sent 1 0" eval 'echo "$(sends) $(mails) $(jobs_count)"'
    finish
else
    skip "a clock that is set back" "no libfaketime"
fi

# === lost before the mail went out ===

reset
smtp_stop
smtp_start "$TMP/smtp" --dir="$TMP/mails" --hang=mail
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
facteur letter:dispatch 1 3 -q
work_start --sleep=0.2
eventually 60 in_mail
sql "update jobs set attempts = 2, reserved_at = reserved_at + 100"
check "a lost reservation ends the transport" eventually 15 is failed sends
equals "and the row says why" "$(sql "select error_message from volunteer_letter_sends")" \
    "given up: another worker has taken the job over"
finish
equals "the other's reservation is untouched, and no mail went out" \
    "$(sql "select attempts from jobs") $(mails)" "2 0"
