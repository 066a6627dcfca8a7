#!/bin/bash
# parked.sh: a job that is over but cannot be settled is kept aside: it does not run again, it
# does not hold up the others, and what becomes of it is not forgotten.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app" DB_QUEUE_RETRY_AFTER=4
people 30
parked() { find "$APP/storage/framework/facteur" -name '*.parked' | wc -l; }
failed_count() { sql "select count(*) from failed_jobs"; }
age() { sql "select unix_timestamp() - min(reserved_at) from jobs where reserved_at is not null"; }
said() { grep -c "$1" "$LOG"; }
finish() {
    kill -TERM "$WORK_PID"
    work_wait
}
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
    : >"$LOG"
}
state() { echo "$(sends) $(mails) $(jobs_count) $(failed_count) $(parked)"; }

# === mailed, and the row cannot be deleted ===

sql "create table refused (id bigint unsigned)"
sql "delimiter //
     create trigger refuse before delete on jobs for each row
     if old.id in (select id from refused) then signal sqlstate '45000' set message_text = 'not now'; end if//"
facteur letter:dispatch 1 1 2 -q
sql "insert into refused select min(id) from jobs"
work_start --sleep=0.2 --workers=2
check "the letter behind it is sent" eventually 40 is sent,sent sends
check "its own row is told, and it is kept aside" eventually 10 is "sent,sent 2 1 0 1" state
check "which is said" grep -q 'was mailed, but cannot be taken out of the queue: .*not now.*; it is kept aside' "$LOG"
sleep 6
check "its reservation is renewed" test "$(age)" -lt 4
finish
equals "no second mail" "$(state)" "sent,sent 2 1 0 1"
sleep 5 # nobody renews it now
work_start --sleep=0.2 --workers=2
eventually 20 test "$(age)" -lt 4
check "a new start renews it, and does not mail it" is "sent,sent 2 1 0 1" state
sql "delete from refused"
check "when the row can be deleted, that is done" eventually 60 is "sent,sent 2 0 0 0" state
finish

# === failed for good, and failed_jobs refuses ===

reset
sql "rename table failed_jobs to kept"
smtp_stop
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=teacher1@example.test
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
facteur letter:dispatch 1 1 2 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
work_start --sleep=0.2
check "the letter behind it is sent, and its row says failed" eventually 40 is failed,sent sends
check "it is kept aside" eventually 10 is 1 parked
sleep 6
equals "it is not begun again" "$(sends) $(mails) $(jobs_count)" "failed,sent 1 1"
finish
sql "rename table kept to failed_jobs"
work_start --sleep=0.2
check "when the table is back, it goes there" eventually 60 is "failed,sent 1 0 1 0" state
check "with the text of its own failure" grep -q 'teacher1@example.test' <(sql "select exception from failed_jobs")
finish

# === too many of them ===

reset
# shellcheck disable=SC2046
facteur letter:dispatch 1 $(seq 2 25) -q
sql "insert into refused select id from jobs"
work_start --sleep=0.2
check "so many are kept aside" eventually 60 is 20 parked
sleep 2
equals "then no further job is begun" "$(mails) $(parked) $(jobs_count)" "20 20 24"
equals "which is said once" "$(said 'no further job is begun')" 1
sql "delete from refused"
check "until they can be settled" eventually 90 is "24 0 0" eval 'echo "$(mails) $(parked) $(jobs_count)"'
finish
