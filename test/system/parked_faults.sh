#!/bin/bash
# parked_faults.sh: what may happen to a job that is kept aside, and to its file.
. test/lib/servers.sh
. test/lib/work.sh
. test/lib/parked.sh
trap cleanup EXIT
tmpdir
parked_open --delay=9 --delay-for=teacher2@example.test --refuse=teacher3@example.test

# aside TEACHER: a letter whose job is kept aside by a worker that has ended since.
aside() {
    parked_reset
    facteur letter:dispatch 1 "$1" -q
    sql "insert into refused select id from jobs; update jobs set payload = json_set(payload, '\$.maxTries', 1)"
    work_start --stop-when-empty
    work_wait
}

# === who renews it ===

aside 1
equals "a worker that ends when nothing is ready ends with 0, and leaves it aside" "$WORK_STATUS $(state)" "0 sent 1 1 0 1"
facteur queue:work --once >"$TMP/once.out" 2>&1
equals "so does --once" "$? $(state)" "0 sent 1 1 0 1"
work_start --sleep=60
eventually 20 renewed 1
check "a slot that sleeps long keeps the reservation" renewed 4
parked_finish
equals "and ends as it should" "$WORK_STATUS $(state)" "0 sent 1 1 0 1"
work_start --sleep=0.2
facteur letter:dispatch 1 2 -q
eventually 20 renewed 1
check "so does one in the middle of a letter that takes longer" eval 'renewed 3 && is 2 jobs_count'
check "which is sent" eventually 20 is "sent,sent 2 1 0 1" state
facteur queue:restart -q
work_wait
equals "queue:restart ends it" "$WORK_STATUS $(state)" "0 sent,sent 2 1 0 1"

# === its row in other hands ===

# The run folder is looked through each ten seconds then: between two looks it would be claimed.
aside 1
sql "update jobs set payload = json_set(payload, '\$.maxTries', 250)"
DB_QUEUE_RETRY_AFTER=60 work_start --sleep=0.2
eventually 20 grep -q 'is kept aside, and tried again' "$LOG"
for _ in $(seq 60); do
    sql "update jobs set reserved_at = null"
    sleep 0.1
done
sql "start transaction; update jobs set reserved_at = null; do sleep(3); commit"
check "it is taken back, for all that it cannot be completed" eventually 90 is 1 sql "select count(*) from jobs where reserved_at > 0"
equals "a row that somebody has freed is not mailed again" "$(state)" "sent 1 1 0 1"
sql "delete from refused"
check "it is completed" eventually 90 is "sent 1 0 0 0" state
parked_finish

aside 1
sql "delete from refused; delete from jobs"
work_start --sleep=0.2
check "one whose row is gone is forgotten" eventually 20 is "sent 1 0 0 0" state
check "which is said" eventually 10 grep -q 'the reservation is not ours any more: the row is gone' "$LOG"
parked_finish

# The id was given again, and reserved in the same second.
aside 3
sql "delete from refused; update jobs set payload = json_set(payload, '\$.uuid', uuid())"
work_start --sleep=0.2
check "another job of its id is not failed for it" eventually 20 is "failed 0 1 0 0" state
parked_finish

aside 1
sql "create trigger renews before update on jobs for each row signal sqlstate '45000' set message_text = 'nor renewed'"
work_start --sleep=0.2
check "a reservation that cannot be renewed is told" \
    eventually 20 grep -q 'its reservation cannot be renewed: .*nor renewed.*another worker may run it' "$LOG"
parked_finish
sql "drop trigger renews"

# === its file ===

# Its worker was killed between keeping it aside and saying so in its own record.
parked_reset
facteur letter:dispatch 1 1 -q
sql "insert into refused select id from jobs
     ; create trigger waits before delete on jobs for each row precedes refuse do sleep(2)"
work_start --sleep=0.2
eventually 40 is 1 mails
eventually 40 is sent eval 'ps -o args= --ppid "$WORK_PID" | grep -o sent'
cp -a "$APP/storage/framework/facteur"/*.run "$TMP/kept"
name=$(basename "$APP/storage/framework/facteur"/*.run)
sql "drop trigger waits"
eventually 40 is 1 parked
parked_finish
cp -a "$TMP/kept" "$APP/storage/framework/facteur/$name"
: >"$LOG"
work_start --sleep=0.2
check "whose record still names it has one file" eventually 20 test ! -e "$APP/storage/framework/facteur/$name"
sleep 2
equals "and nothing else is said of it" "$(said 'not ours any more') $(state)" "0 sent 1 1 0 1"
sql "delete from refused"
check "nor done" eventually 60 is "sent 1 0 0 0" state
check "but that it is over" eventually 10 is 1 said 'which was kept aside, is out of the queue now'
equals "no other warning speaks of something else" "$(said WARNING)" "$(said 'kept aside')"
parked_finish

aside 3
file=$(parked_files)
printf 'x' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 1)) conv=notrunc 2>/dev/null
sql "delete from refused"
work_start --sleep=0.2
check "one whose text was changed is failed all the same" eventually 60 is "failed 0 0 1 0" state
check "and says so" grep -q 'the text of its failure was changed' <(sql "select exception from failed_jobs")
parked_finish

cut() { truncate -s 100 "$1"; }
empty() { truncate -s 0 "$1"; }
blank() { dd if=/dev/zero of="$1" bs=100 count=1 conv=notrunc status=none; }
for damage in cut empty blank; do
    aside 1
    sql "delete from refused"
    file=$(parked_files)
    $damage "$file"
    sql "update jobs set reserved_at = unix_timestamp() - 100"
    work_start --sleep=0.2
    check "a damaged file is told ($damage)" eventually 20 grep -q "$file is damaged: the job that its name bears is over" "$LOG"
    sleep 2
    equals "its job is not run again ($damage)" "$(state)" "sent 1 1 0 1"
    parked_finish
done

# === two masters, two tables ===

aside 3
sql "delete from refused; rename table failed_jobs to kept"
work_start --sleep=0.2 --workers=2
first=$WORK_PID
work_start --sleep=0.2 --workers=2
eventually 20 renewed 1
check "two masters keep its reservation" renewed 4
sql "rename table kept to failed_jobs"
check "and settle it once" eventually 60 is "failed 0 0 1 0" state
sleep 1
equals "which is said once" "$(said 'not ours any more') $(said 'is among the failed jobs now') $(failed_count)" "0 1 1"
parked_finish
WORK_PID=$first
parked_finish

aside 1
sql "create table others like jobs"
before=$(sql "select reserved_at from jobs")
DB_QUEUE_TABLE=others work_start --sleep=0.2
sql "delete from refused"
sleep 8
equals "a worker of another table leaves it alone" "$(state) $(sql "select reserved_at from jobs")" "sent 1 1 0 1 $before"
parked_finish

# Two connections may share a table.
cat >"$APP/config/queue.php" <<'PHP'
<?php
$database = ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default', 'retry_after' => 4];
return ['default' => 'database', 'connections' => ['database' => $database, 'second' => $database],
    'failed' => ['driver' => 'database-uuids', 'database' => 'mysql', 'table' => 'failed_jobs']];
PHP
aside 3
sql "delete from refused"
work_start second --sleep=0.2
check "a worker of another connection to the same table settles it" eventually 60 is "failed 0 0 1 0" state
equals "as one of its own connection" "$(sql "select connection from failed_jobs")" database
parked_finish

# === no room to keep it ===

parked_reset
if mount -t tmpfs -o size=64k,mode=0755 facteur-parked "$APP/storage/framework" 2>/dev/null; then
    trap 'umount -l "$APP/storage/framework"; cleanup' EXIT
    facteur letter:dispatch 1 1 4 -q
    sql "insert into refused select min(id) from jobs"
    work_start --sleep=0.2
    eventually 20 test -d "$APP/storage/framework/facteur"
    eventually 20 eval 'ls "$APP/storage/framework/facteur" | grep -q run$'
    dd if=/dev/zero of="$APP/storage/framework/filler" bs=1k 2>/dev/null
    check "what cannot be kept aside waits, and says why" \
        eventually 40 grep -q 'job .* waits to be settled: .*not now.*; it cannot be kept aside either: .*no room' "$LOG"
    sleep 1
    check "its reservation is renewed meanwhile" renewed 4
    equals "it is not mailed again" "$(mails) $(jobs_count) $(parked)" "1 2 0"
    rm "$APP/storage/framework/filler"
    check "when there is room, it is kept aside, and the others go on" eventually 60 is "sent,sent 2 1 0 1" state
    parked_finish
    equals "and the worker ends as it should" "$WORK_STATUS" 0
else
    note "SKIPPED: no disk is full (mounting is not allowed here)"
fi
