#!/bin/bash
# parked.sh: a job that is over but cannot be settled is kept aside: it does not run again, it
# does not hold up the others, and what becomes of it is not forgotten. parked_faults.sh: what
# else may happen meanwhile.
. test/lib/servers.sh
. test/lib/work.sh
. test/lib/parked.sh
trap cleanup EXIT
tmpdir
parked_open

# === mailed, and the row cannot be deleted ===

facteur letter:dispatch 1 1 2 -q
sql "insert into refused select min(id) from jobs"
work_start --sleep=0.2 --workers=2
check "the letter behind it is sent" eventually 40 is sent,sent sends
check "its own row is told, and it is kept aside" eventually 10 is "sent,sent 2 1 0 1" state
check "which is said" grep -q 'is done, but cannot be taken out of the queue: .*not now.*; it is kept aside' "$LOG"
check "its reservation is renewed" renewed 7 # its end is tried after 2, 6 and 14 s
parked_finish
equals "no second mail" "$(state)" "sent,sent 2 1 0 1"
sleep 5 # nobody renews it now
work_start --sleep=0.2 --workers=2
eventually 20 renewed 1
check "a new start renews it, and does not mail it" is "sent,sent 2 1 0 1" state
check "it says that it is still there" eventually 20 grep -q 'is kept aside, and tried again: .*not now' "$LOG"
sql "delete from refused"
check "when the row can be deleted, that is done" eventually 60 is "sent,sent 2 0 0 0" state
check "which is said too" eventually 10 grep -q 'which was kept aside, is out of the queue now' "$LOG"
parked_finish

# === failed for good, and failed_jobs refuses ===

parked_reset
sql "rename table failed_jobs to kept"
smtp_stop
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=teacher1@example.test
sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
facteur letter:dispatch 1 1 2 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
uuid=$(sql "select json_value(payload, '\$.uuid') from jobs order by id limit 1")
work_start --sleep=0.2
check "the letter behind it is sent, and its row says failed" eventually 40 is failed,sent sends
check "it is kept aside" eventually 10 is 1 parked
check "how it failed is told at once" eventually 10 grep -q 'ERROR: .*teacher1@example.test' "$LOG"
check "in a line too" grep -q 'FAIL' "$WORK_OUT"
sleep 6
equals "it is not begun again" "$(sends) $(mails) $(jobs_count)" "failed,sent 1 1"
parked_finish
sql "rename table kept to failed_jobs"
work_start --sleep=0.2
check "when the table is back, it goes there" eventually 60 is "failed,sent 1 0 1 0" state
check "which is said too" eventually 10 grep -q 'which was kept aside, is among the failed jobs now' "$LOG"
check "with the text of its own failure" grep -q 'teacher1@example.test' <(sql "select exception from failed_jobs")
equals "and what else Laravel writes there" "$(sql "select uuid, connection, queue from failed_jobs" | tr '\t' ' ')" \
    "$uuid database default"
parked_finish
equals "it is told as failed once" "$(said 'définitif')" 1

# === too many of them ===

parked_reset
# shellcheck disable=SC2046
facteur letter:dispatch 1 $(seq 2 37) -q
sql "insert into refused select id from jobs"
work_start --sleep=0.2 --workers=4
check "so many are kept aside" eventually 60 eval '[ "$(parked)" -ge 20 ]'
sleep 3
mails=$(mails)
check "then no further job is begun" test "$mails" -lt 25
equals "all of them are kept aside" "$(parked) $(jobs_count)" "$mails 36"
equals "which is said once" "$(said 'no further job is begun')" 1
sql "delete from refused"
check "until they can be settled" eventually 90 is "36 0 0" eval 'echo "$(mails) $(parked) $(jobs_count)"'
equals "which is said once too" "$(said 'jobs are begun again')" 1
parked_finish
