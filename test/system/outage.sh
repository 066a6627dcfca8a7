#!/bin/bash
# outage.sh: deadlocks, lock waits, connections that are lost at the worst moment, a server
# that is away: no attempt is lost to them, and each outage is told once.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db" --innodb-lock-wait-timeout=1
export -n DB_SOCKET DB_PORT # the worker is to come through the proxy
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 5

finish() {
    kill -TERM "$WORK_PID"
    work_wait
}
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
    rm -f "$TMP/proxy/cut"
    : >"$LOG"
}
state() { echo "$(sends) $(mails) $(jobs_count) $(sql 'select count(*) from failed_jobs')"; }
said() { grep -c "$1" "$LOG"; }
was_cut() { ! [ -e "$TMP/proxy/cut" ]; }
COMMIT='\x03COMMIT' # as a whole statement of the protocol
proxy_start

# === a connection is lost; a letter has one attempt only ===

# lose HOW TEXT: a letter, whose connection is cut at that statement.
lose() {
    reset
    facteur letter:dispatch 1 1 -q
    sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
    printf "%s\n" "$*" >"$TMP/proxy/cut"
    work_start --sleep=0.2
    eventually 20 was_cut
    eventually 20 is 0 jobs_count
    sleep 0.3
    finish
}
for how in before after; do
    lose $how "$COMMIT"
    equals "lost $how the claim's COMMIT: the letter is sent by its only attempt" "$(state)" "sent 1 0 0"
    lose $how "delete from"
    equals "lost $how the settlement's first statement: it is sent once" "$(state)" "sent 1 0 0"
done
check "the commits were cut, and that was told once" is 1 said "trying again\|waits to be settled"

# The second COMMIT is the settlement's.
second() {
    reset
    facteur letter:dispatch 1 1 -q
    sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
    smtp_stop
    smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=1
    sed -i "s/^MAIL_PORT=.*/MAIL_PORT=$SMTP_PORT/" "$APP/.env"
    work_start --sleep=0.2
    in_mail() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: mail'; }
    eventually 20 in_mail
    printf "%s\n" "$1 $COMMIT" >"$TMP/proxy/cut"
    eventually 20 was_cut
    eventually 20 is 0 jobs_count
    sleep 0.3
    finish
}
for how in before after; do
    second $how
    equals "lost $how the settlement's COMMIT: it is sent once" "$(state)" "sent 1 0 0"
    equals "and nobody thinks it another's" "$(said 'not ours any more')" 0
done

# === deadlocks and lock waits while a letter begins ===

# Another session holds what the first transaction inserts into, for longer than a lock wait.
reset
work_start --sleep=0.2
idle() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: idle'; }
eventually 20 idle
sql "begin; select id from teachers where id = 1 for update; select sleep(3); rollback" >/dev/null &
locker=$!
sleep 0.5
facteur letter:dispatch 1 1 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
check "a lock wait timeout is waited out" eventually 20 is 0 jobs_count
wait $locker
finish
equals "no attempt is lost to it" "$(state)" "sent 1 0 0"
equals "and it is no outage" "$(said 'trying again\|connection is back')" 0

# === the server is away ===

reset
port=$DB_PORT
work_start --sleep=0.2 --workers=3
eventually 10 test "$(pgrep -c -P "$WORK_PID")" = 3
sleep 1
mariadb_stop
check "that the server is away is told" eventually 10 is 1 said "trying again"
sleep 3
mariadb_start "$TMP/db" --innodb-lock-wait-timeout=1 --port="$port"
export -n DB_SOCKET DB_PORT
check "and that it connection is back" eventually 15 is 1 said "connection is back"
facteur letter:dispatch 1 1 2 3 4 5 -q
check "the worker goes on" eventually 20 is 0 jobs_count
sleep 5 # all three have met it again by now
finish
equals "each once, whatever the number of slots" "$(said 'trying again') $(said 'connection is back')" "1 1"
equals "every letter is sent once" "$(state)" "sent,sent,sent,sent,sent 5 0 0"

# === a server that closes every connection ===

reset
touch "$TMP/proxy/refuse"
rm "$TMP/proxy/times"
work_start --sleep=0.2 --workers=4
sleep 10
finish
check "it is asked again with growing waits, and slots drift apart" \
    /usr/bin/python3 - "$TMP/proxy/times" <<'PY'
import sys
times = [float(t) for t in open(sys.argv[1])][:16] # the last ones came with the end
rounds = [times[i:i + 4] for i in range(0, 16, 4)]
means = [sum(r) / 4 for r in rounds]
gaps = [b - a for a, b in zip(means, means[1:])]
assert all(2 ** i <= gap <= 2 ** i * 1.5 for i, gap in enumerate(gaps)), rounds
spread = [r[-1] - r[0] for r in rounds]
assert max(spread) - min(spread) > 0.12, rounds
PY
equals "that is one outage" "$(said 'trying again')" 1

# === a server that hangs, a table that is locked: no answer is waited for longer than a lease ===

export -n DB_SOCKET DB_PORT
rm "$TMP/proxy/refuse"
echo DB_QUEUE_RETRY_AFTER=6 >>"$APP/.env"
reset
facteur letter:dispatch 1 1 -q
sql "create table kept as select payload from jobs"
work_start --sleep=0.1 --timeout=3
eventually 20 is "sent 1 0 0" state # not in the middle of its end, which would be told in other words
kill -STOP "$DB_PID"
check "a server that is frozen is an outage soon" eventually 20 grep -q "trying again" "$LOG"
kill -CONT "$DB_PID"
check "which ends with it" eventually 20 grep -q "connection is back" "$LOG"
facteur letter:dispatch 1 2 -q
check "and letters go out" eventually 20 is 2 mails

reset
mkfifo "$TMP/holder"
mariadb --no-defaults -uroot -S "$DB_SOCKET" -D "$DB_DATABASE" --unbuffered <"$TMP/holder" >/dev/null &
HOLDER=$!
remember $HOLDER
exec 8>"$TMP/holder"
echo "lock tables volunteer_letter_sends write;" >&8
eventually 10 is 1 sql "select count(*) from information_schema.processlist where command='Sleep' and user='root'"
sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
     select 'default', payload, 0, null, 0, 0 from kept"
check "a table that is locked is told, not waited for" eventually 40 grep -q "jobs cannot be begun: .*Lock wait timeout" "$LOG"
echo "unlock tables;" >&8
exec 8>&-
check "and costs no attempt" eventually 20 is "sent 1 0 0" state
finish
