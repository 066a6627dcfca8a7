#!/bin/bash
# joined.sh: the end of one letter and the claim of the next are one transaction. Each of its
# statements is answered with an error, or loses its connection before or after it; its slot is
# killed in the middle of it: every letter is mailed once, every row says so.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
export -n DB_SOCKET DB_PORT # the worker is to come through the proxy
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 3
proxy_start
facteur letter:dispatch 1 1 2 3 -q
sql "create table seeds as select payload from jobs order by id; delete from jobs"

# three: three letters at once, for an idle slot.
three() {
    sql "delete from volunteer_letter_sends; delete from failed_jobs"
    rm -rf "$TMP/mails"/*
    sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
         select 'default', payload, 0, null, unix_timestamp(), unix_timestamp() from seeds"
}
persons() { cat "$TMP/mails"/*.eml 2>/dev/null | grep '^To:' | sort -u | wc -l; }
state() { echo "$(sends) $(mails) $(persons) $(jobs_count) $(sql 'select count(*) from failed_jobs')"; }
DONE="sent,sent,sent 3 3 0 0"
is_done() { [ "$(state)" = "$DONE" ]; }

# === an error, or a lost connection, at each statement ===

# Each with how often it comes before the first joined transaction.
STATEMENTS=("1 START TRANSACTION" "0 delete from \`jobs\`" "0 update \`volunteer_letter_sends\`" "1 force index (primary)"
    "1 set reserved_at=?, attempts=?" "1 from \`clubs\`" "1 insert into \`volunteer_letter_sends\`" "1 =COMMIT")
FAULTS=("1213 40001 before" "1205 HY000 before" "1205 HY000 after" "1644 45000 before" "0 - before" "0 - after")
work_start --sleep=0.1
for statement in "${STATEMENTS[@]}"; do
    for fault in "${FAULTS[@]}"; do
        read -r number code way <<<"$fault"
        rm -f "$TMP/proxy/met"
        echo "1 ${statement%% *} $number $code $way ${statement#* }" >"$TMP/proxy/errors"
        three
        eventually 20 is_done
        equals "$number $way ${statement#* }" "$(state)" "$DONE"
        equals "it was met" "$(wc -l <"$TMP/proxy/met")" 1
        eventually 5 is 0 sql "select count(*) from jobs" # the next three find it idle
        rm -f "$TMP/proxy/errors"
    done
done
check "nothing was found to be somebody else's" is 0 grep -c "not ours any more" "$LOG"
check "the master is the one that was started" kill -0 "$WORK_PID"
idle() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: idle'; }
check "a slot that has ended all is called idle" eventually 5 idle

# === a lock is waited for ===

# locked SECONDS: teacher 2 is locked for so long: the row that says "pending" waits for it.
locked() {
    sql "begin; select id from teachers where id=2 for update; do get_lock('held', 0); do sleep($1); commit" >/dev/null &
    LOCK_PID=$!
    check "a teacher is locked" eventually 5 is 1 sql "select is_used_lock('held') is not null"
}
one_done() { [ "$(sql "select count(*) from jobs")" = 2 ] && [ "$(sends)" = sent ]; }
locked 6
three
check "a letter is ended alone when the next one has to wait" eventually 5 one_done
check "while the lock is held" kill -0 "$LOCK_PID"
wait "$LOCK_PID"
eventually 30 is_done
equals "then all are sent" "$(state)" "$DONE"

# === its slot is killed in the middle ===

# joined_waits: the first letter is mailed, the second one's row waits, nothing is committed.
joined_waits() {
    [ "$(sends)" = pending ] && [ "$(mails)" = 1 ] &&
        [ "$(sql "select count(*) from information_schema.innodb_trx where trx_state='LOCK WAIT'")" -ge 1 ]
}
for i in 1 2 3; do
    locked 3
    three
    check "two letters are in one transaction ($i)" eventually 5 joined_waits
    kill -9 "$(slots_of "$WORK_PID")"
    wait "$LOCK_PID"
    eventually 30 is_done
    equals "their slot is killed: each is sent once" "$(state)" "$DONE"
done
deaths() { grep -c "Erreur {\"teacher_id\":$1,\"error\":\"ended in phase" "$LOG"; }
equals "its death was an attempt of the second letter only" "$(deaths 1) $(deaths 2) $(deaths 3)" "0 3 0"

kill -TERM "$WORK_PID"
work_wait
equals "it ends as it should" "$WORK_STATUS" 0
# === a row in doubt between them ===

# A job of PHP's that names our class elsewhere than Laravel writes its own.
sql "delete from volunteer_letter_sends; delete from jobs; alter table jobs auto_increment=1;
     insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
     select if(n.seq < 4, 'high', 'low'), s.payload, 0, null, 0, 0 from seeds s,
     (select 0 as seq union select 1 union select 2 union select 3 union select 4) n order by n.seq"
sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at) values ('high', '{\"uuid\":\"a\",\"displayName\":\"App\\\\\\\\Jobs\\\\\\\\Other\",\"job\":\"Illuminate\\\\\\\\Queue\\\\\\\\CallQueuedHandler@call\",\"maxTries\":null,\"data\":{\"commandName\":\"App\\\\\\\\Jobs\\\\\\\\Other\",\"command\":\"O:1:\\\\\"X\\\\\":1:{s:1:\\\\\"c\\\\\";s:31:\\\\\"App\\\\\\\\Jobs\\\\\\\\SendVolunteerLetterJob\\\\\";}\"}}', 0, null, 0, 0)"
rm -rf "$TMP/mails"/*
facteur queue:work --memory=1024 --stop-when-empty --queue=high,low -v >"$TMP/doubt.out" 2>&1
equals "a row in doubt does not make the queue look empty" "$(jobs_count) $(mails)" "1 15"
equals "nor the other one's turn come sooner" "$(grep DONE "$TMP/doubt.out" | tail -n 3 | grep -c ' low')" 3
check "it is PHP's" is 1 sql "select count(*) from jobs where payload like '%Other%' and reserved_at is null"

check "the proxy had nothing to complain of" test ! -s "$TMP/proxy/log"
check "no run file is left" is 0 bash -c "ls $APP/storage/framework/facteur | wc -l"
