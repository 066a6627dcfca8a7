#!/bin/bash
# death.sh: slots and masters that die in the middle of a letter: no letter is lost, and what
# happened stands in its row.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=4
app_make "$TMP/app"
people 3
runs() { find "$APP/storage/framework/facteur" -name '*.run' | wc -l; }
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
}
in_mail() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: mail'; }
released() { sql "select count(*) from jobs where reserved_at is null and attempts = 1"; }
failed_count() { sql "select count(*) from failed_jobs"; }
last_status() { sql "select status from volunteer_letter_sends order by id desc limit 1"; }
last_error() { sql "select error_message from volunteer_letter_sends order by id desc limit 1"; }
other_slot() { [ -n "$(slots_of "$WORK_PID")" ] && [ "$(slots_of "$WORK_PID")" != "$1" ]; }
matches() { [[ $1 == $2 ]]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
finish() {
    kill -TERM "$WORK_PID"
    work_wait
}

# === a slot is killed ===

facteur letter:dispatch 1 1 -q
work_start --sleep=0.2 --backoff=1000
check "ps shows slot and phase" eventually 40 in_mail
slot=$(slots_of "$WORK_PID")
kill -9 "$slot"
check "the killed attempt is released" eventually 40 is 1 released
equals "its row failed" "$(last_status)" failed
check "and says phase and cause" matches "$(last_error)" 'ended in phase mail: its process was killed by signal 9 (Killed) after *.? s, with * MB at most'
equals "with the backoff of the rules" "$(sql "select available_at - created_at from jobs")" 1000
check "another slot has its place" eventually 5 other_slot "$slot"
rm -rf "$TMP/mails"/* # what the dead slot's session may still have handed over
sql "update jobs set available_at = 0"
check "which sends the letter" eventually 40 is sent last_status
finish
equals "TERM ends it with 0" "$WORK_STATUS" 0
equals "nothing is left in the run folder" "$(runs)" 0
equals "both attempts have their rows" "$(sends)" failed,sent

# === its row holds another job meanwhile ===

reset
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2
eventually 40 in_mail
sql "update jobs set payload = replace(payload, 'SendVolunteerLetterJob', 'SomethingElse')"
kill -9 "$(slots_of "$WORK_PID")"
check "a row that was given to another class is left, which is said" eventually 10 \
    grep -q 'whose attempt ended in phase mail, was given the payload of another job meanwhile' "$LOG"
equals "as it is" "$(sql "select count(*) from jobs where attempts = 1 and reserved_at is not null")" 1
finish

# === a slot dies on the same letter again and again ===

reset
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2
for _ in 1 2 3; do
    eventually 40 in_mail
    slot=$(slots_of "$WORK_PID")
    kill -ABRT "$slot"
    eventually 40 other_slot "$slot"
done
check "each death counts as an attempt: the third is the last" eventually 40 is 1 failed_count
equals "the queue is empty" "$(jobs_count)" 0
check "failed_jobs names phase, signal, time and memory" matches "$(sql "select exception from failed_jobs")" \
    'Facteur*WorkerException: ended in phase mail: its process was killed by signal 6 (Aborted) after *.? s, with [1-9]* MB at most in facteur:0*Phase: mail'
check "and so does the app's log" grep -qE 'ERROR: ended in phase mail: its process was killed by signal 6' "$LOG"
equals "each attempt has its row" "$(sends)" failed,failed,failed
finish
rm -rf "$TMP/mails"/*

# === a deadline ===

reset
facteur letter:dispatch 1 1 -q
sql "update jobs set payload = json_set(payload, '\$.timeout', 1, '\$.maxTries', 2)"
work_start --sleep=0.2
check "an attempt beyond its deadline is killed, and tried again" eventually 40 is 1 failed_count
check "the last one's row has the text of the last failure" matches "$(last_error)" "Échec après 3 tentatives: App*Letter* has timed out. It was killed in phase mail*"
check "failed_jobs tells phase and time" matches "$(sql "select exception from failed_jobs")" '*TimeoutExceededException: App*Job has timed out. It was killed in phase mail after 1 s.*Phase: mail'
check "the app's log tells it too" grep -q 'has timed out. It was killed in phase mail after 1 s' "$LOG"
equals "the queue is empty" "$(jobs_count)" 0
facteur letter:dispatch 1 2 -q
check "and the worker goes on" eventually 40 is sent last_status
finish

# === everything is killed ===

reset
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2 --backoff=500
eventually 40 in_mail
kids=$(slots_of "$WORK_PID")
kill -STOP "$WORK_PID"
kill -9 "$kids" "$WORK_PID"
work_wait
equals "a file stays in the run folder" "$(runs)" 1
equals "the job is still reserved" "$(sql "select count(*) from jobs where reserved_at is not null")" 1
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
equals "the next start settles it at once, by the rules of the dead one" \
    "$(sends) $(sql "select available_at - created_at from jobs")" "failed 500"
sql "update jobs set available_at = 0"
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
equals "and then the letter is sent" "$(jobs_count) $(sends)" "0 failed,sent"
equals "and the file is gone" "$(runs)" 0

# === everything is killed, and the row is gone ===

# orphaned: one letter at its mail, whose master and slot are gone, and its row too
orphaned() {
    reset
    facteur letter:dispatch 1 1 -q
    work_start --sleep=0.2
    eventually 40 in_mail
    kids=$(slots_of "$WORK_PID")
    kill -STOP "$WORK_PID"
    kill -9 "$kids" "$WORK_PID"
    work_wait
    sql "delete from jobs"
}

orphaned
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
equals "the record names the class, whose row says what happened" "$(sends) $(failed_count) $(runs)" "failed 0 0"

orphaned
sed -i 's/App\\Jobs\\SendVolunteerLetterJob/App\\Jobs\\SomeOtherVolunteersJob/' "$APP/storage/framework/facteur"/*.run
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
check "one of a class that is not known is told" grep -q \
    'whose attempt ended in phase mail, is of the class App.Jobs.SomeOtherVolunteersJob, which this facteur does not run' "$LOG"
equals "and nothing is written in its name" "$(sends) $(failed_count) $(runs)" "pending 0 0"

# === a master is killed: its slot finishes the letter ===

reset
facteur letter:dispatch 1 1 2 -q
work_start --sleep=0.2
eventually 40 in_mail
kids=$(slots_of "$WORK_PID")
kill -9 "$WORK_PID"
work_wait
check "the letter under way is finished" eventually 15 is sent sends
check "and the slot ends" eventually 5 gone "$kids"
equals "the other letter waits" "$(jobs_count)" 1

# === the reservation is lost on the way ===

reset
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2
eventually 40 in_mail
sql "truncate table jobs"
check "after a TRUNCATE the row still says what happened to the mail" eventually 15 is sent sends
check "and one warning says why" eventually 5 grep -q 'the reservation is not ours any more' "$WORK_OUT"
finish

# === the database goes away ===

reset
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2
eventually 40 in_mail
mariadb_stop
check "the letter waits to be settled" eventually 15 grep -q 'waits to be settled' "$WORK_OUT"
finish
equals "told to stop while the server is away, it ends with 0" "$WORK_STATUS" 0
equals "what it held is in the run folder" "$(runs)" 1
mariadb_start "$TMP/db"
sed -i "s/^DB_PORT=.*/DB_PORT=$DB_PORT/" "$APP/.env"
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
equals "the next start records that the mail went out, and sends no other" "$(sends) $(jobs_count) $(mails)" "sent 0 1"
equals "and the file is gone again" "$(runs)" 0

# === a process dies in the claim's own transaction ===

# The row that says "pending" waits for its club, which another session has locked: until
# then nothing is committed.
reset
smtp_stop
smtp_start "$TMP/smtp" --dir="$TMP/mails"
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
in_claim() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: claim'; }
sql "begin; select id from clubs for update; do sleep(100)" >/dev/null 2>&1 &
locker=$!
unlock() {
    sql "kill $(sql "select id from information_schema.processlist where info like '%sleep(100)'")"
    wait $locker 2>/dev/null
}
eventually 40 is 1 sql "select count(*) from information_schema.processlist where info like '%sleep(100)'"
facteur letter:dispatch 1 1 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 2)"
work_start --sleep=0.2
for death in 1 2; do
    check "a slot is in the claim's transaction ($death)" eventually 40 in_claim
    slot=$(slots_of "$WORK_PID")
    kill -9 "$slot"
    # The server itself does not see a client go whose statement waits.
    for id in $(sql "select id from information_schema.processlist where user = 'app'"); do
        sql "kill $id" 2>/dev/null
    done
    eventually 40 other_slot "$slot"
done
check "a death before the claim's COMMIT is an attempt: the second is the last" eventually 40 is 1 failed_count
check "and failed_jobs names it" matches "$(sql "select exception from failed_jobs")" \
    'Facteur*WorkerException: ended in phase claim: its process was killed by signal 9*'
unlock
facteur letter:dispatch 1 2 -q
check "what is behind it goes" eventually 40 is sent last_status
finish

# === told to stop while the database hangs ===

reset
smtp_stop
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=4
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
facteur letter:dispatch 1 1 -q
work_start --sleep=0.2
in_sent() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: sent'; }
eventually 40 in_mail
kill -STOP "$DB_PID"
check "the mail is out while the database hangs" eventually 40 in_sent
kill -TERM "$WORK_PID"
check "told to stop, it ends all the same" eventually 40 gone "$WORK_PID"
work_wait
equals "with 0" "$WORK_STATUS" 0
check "and says so" grep -q 'waits for the database: it is ended' "$WORK_OUT"
kill -CONT "$DB_PID"
facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null
equals "the next start completes the letter" "$(sends) $(jobs_count) $(mails) $(runs)" "sent 0 1 0"

# === no room for the run file ===

(ulimit -f 1; exec "$FACTEUR" --app="$APP" queue:work --stop-when-empty) >"$TMP/out" 2>&1 </dev/null
equals "a file beyond its limit ends the start with 1" "$?" 1
check "and names the file" grep -q 'storage/framework/facteur/.*\.run: no room for [0-9]* bytes: File too large' "$TMP/out"
equals "and leaves nothing" "$(find "$APP/storage/framework/facteur" -type f | wc -l)" 0
