#!/bin/bash
# status.sh: status tells what workers do, and what queues and letters are like, and asks no worker.
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=teacher2@example.test || exit 1
app_make "$TMP/app"
people 3
status() { COLUMNS=80 facteur status "$@" 2>&1; }
field() { # a.0.b: of the JSON
    status --json | /usr/bin/python3 -c "
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split('.'):
    value = value[int(key)] if key.isdigit() else value[key]
print(value)" "$1"
}

# === nothing yet ===

has "without a worker it says so" "$(status)" "Workers" "none of facteur's" "default" "0 waiting; 0 delayed, 0 reserved"
equals "and has nothing to complain of" "$(status >/dev/null; echo $?)" 0

# === a queue ===

facteur letter:dispatch 1 1 2 3 -q
sql "update jobs set available_at = available_at + 1000 where id = 3; update jobs set available_at = unix_timestamp() - 600 where id = 1"
has "it counts what waits and since when" "$(status)" "2 waiting, the oldest for 10 min; 1 delayed, 0 reserved"
equals "in JSON too" "$(field queues.0.waiting) $(field queues.0.delayed)" "2 1"

# === a worker ===

work_start --sleep=0.1 --workers=2 --tries=1
idle() { status | grep -q 'slot 2: .*idle'; }
check "a worker and its slots are told" eventually 20 idle
over() { [ "$(sql "select count(*) from jobs where available_at <= unix_timestamp()")" = 0 ]; }
eventually 20 over
has "with master and state" "$(status)" "database, master $WORK_PID, since " "works"
has "what it did" "$(status)" "1 done" "1 failed"
has "letters by status" "$(status)" "sent " "failed " "teacher1@example.test"
has "the newest with what went wrong" "$(status)" "Expected response code" "…"
equals "in 80 columns" "$(status | wc -L)" 80
has "failures of the last day" "$(status | grep 'last 24')" " 1"
kill -USR2 "$WORK_PID"
paused() { status | grep -q 'slot 1: .*paused'; }
check "that it is paused" eventually 20 paused
kill -CONT "$WORK_PID"
equals "in JSON there is each slot" "$(status --json | grep -c '"released"')" 2

# === a job at work ===

kill -TERM "$WORK_PID"
work_wait
kill -STOP "$SMTP_PID"
sql "update jobs set available_at = 0"
work_start --sleep=0.1 --tries=1
at_work() { status | grep -qE 'slot 1: .*job 3, SendVolunteerLetterJob: mail, [0-9]+ s'; }
check "a job at work is told with its step and time" eventually 20 at_work
kill -CONT "$SMTP_PID"
eventually 20 over

# === a worker that is gone ===

kill -9 "$WORK_PID" && work_wait
gone() { ! status | grep -q works; }
check "a master that is gone does not work" eventually 20 gone

# === what cannot be read ===

sql "alter table volunteer_letter_sends rename to elsewhere"
has "what cannot be read is told, and the rest is shown" "$(status)" "Queues" "0 waiting" "ERROR" "letters: "
equals "and is an error" "$(status >/dev/null; echo $?)" 1
sql "alter table elsewhere rename to volunteer_letter_sends"
has "without the database workers are shown" "$(DB_SOCKET="$TMP/none" status)" "Workers" "queues: "
exit "$((TAP_FAILED > 0))"
