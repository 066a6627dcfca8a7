#!/bin/bash
# limits.sh: what only one letter's data make impossible, numbers at their ends, rows that are
# longer than a session takes, clocks and leases: each is said, none is gone through in silence.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --max-allowed-packet=256M
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=teacher2@example.test --delay-for=teacher3@example.test --delay=1
app_make "$TMP/app"
people 3
said() { grep -cF -- "$1" "$LOG"; }
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
    : >"$LOG"
}
payload() { sql "update jobs set payload = json_set(payload, '\$.$1', $2)"; }
finish() {
    kill -TERM "$WORK_PID"
    work_wait
}
state() { echo "$(sends) $(mails) $(jobs_count) $(sql 'select count(*) from failed_jobs')"; }

# === a letter that only its own data make unsupported ===

view=$APP/resources/views/pdf/volunteer-letter.blade.php
cp "$view" "$TMP/view"
printf '<p>Bonjour</p>\n<p>{{ Str::slug($club->name) }}</p>\n' >"$view"
sql "update clubs set name='Ιππικός Όμιλος'"
facteur letter:dispatch 1 1 3 -q
sql "set global log_output='TABLE'; truncate mysql.general_log; set global general_log=on"
work_start --sleep=0.1
eventually 20 is 2 said "left for an artisan worker"
sleep 3
finish
sql "set global general_log=off"
equals "it is said once, with its place" "$(grep -c 'volunteer-letter.blade.php:2:.*left for an artisan' "$LOG")" 1
check "it is looked at again, but not again and again" test \
    "$(sql "select count(*) from mysql.general_log where argument like 'update%jobs%attempts=1%'")" -le 4
equals "its rows are as they were" \
    "$(sql "select group_concat(concat(attempts, coalesce(reserved_at, '-'))) from jobs") $(state)" "0-,0- NULL 0 2 0"
sql "update clubs set name='Les Ecuries'"
work_start --sleep=0.1 --stop-when-empty
work_wait
equals "and go out once they can" "$(state)" "sent,sent 2 0 0"
cp "$TMP/view" "$view"

# === numbers at their ends ===

for timeout in 9223372036854775807 9223372036854775 -9223372036854775808; do
    reset
    facteur letter:dispatch 1 3 -q
    payload timeout $timeout
    payload maxTries 1
    work_start --sleep=0.1
    eventually 20 is 0 jobs_count
    finish
    name="a timeout of $timeout is none"
    [ $timeout != 9223372036854775807 ] || name="a timeout of PHP_INT_MAX is none"
    equals "$name" "$(state)" "sent 1 0 0"
done
for n in 9223372036854775807 -9223372036854775808; do
    reset
    facteur letter:dispatch 1 1 -q
    work_start --once --sleep=0 --timeout=$n --stop-when-empty-for=$n --max-jobs=$n --backoff=$n --tries=$n --delay=$n
    work_wait
    equals "options of $n are no crash" "$WORK_STATUS" 0
    for keys in "delay maxTries maxExceptions" backoff retryUntil; do
        reset
        facteur letter:dispatch 1 2 -q
        for key in $keys; do payload "$key" $n; done
        work_start --once --sleep=0
        work_wait
        equals "a payload's $keys of $n are no crash" \
            "$WORK_STATUS $(($(jobs_count) + $(sql 'select count(*) from failed_jobs')))" "0 1"
    done
    for command in "queue:prune-failed --hours=$n" "queue:flush --hours=$n" "queue:prune-batches --hours=$n"; do
        # shellcheck disable=SC2086
        facteur $command >"$TMP/out" 2>&1
        check "$command is no crash" test $? -le 1
    done
done
reset
facteur letter:dispatch 1 1 -q --delay=9223372036854775807
equals "a delay of 9223372036854775807 is one that the column holds" "$(sql 'select available_at from jobs')" 4294967295

# === a value that no letter needs to be as long ===

reset
sql "alter table clubs modify city longtext; update clubs set city=repeat('x', 70000000)"
facteur letter:dispatch 1 1 -q
payload maxTries 1
sql "insert into clubs (id, name) values (2, 'Un Autre Club'); insert into club_teacher (club_id, teacher_id) values (2, 1)"
facteur letter:dispatch 2 1 -q
work_start --sleep=0.1
check "a row beyond the ceiling fails its job" eventually 60 is 1 sql "select count(*) from failed_jobs"
check "and the letter behind it is sent" eventually 20 is 0 jobs_count
finish
check "the failed job tells why" grep -q "64 MB" <(sql "select exception from failed_jobs")
equals "it is not mailed" "$(mails)" 1
sql "update clubs set city='Wavre'"

# === clocks, and leases that are no leases ===

reset
cat >"$APP/config/queue.php" <<'PHP'
<?php return ['default' => 'database', 'connections' => ['database' => ['driver' => 'database', 'table' => 'jobs',
    'queue' => 'default', 'retry_after' => env('DB_QUEUE_RETRY_AFTER', 90)]],
    'failed' => ['driver' => 'database-uuids', 'database' => 'mysql', 'table' => 'failed_jobs']];
PHP
echo "DB_QUEUE_RETRY_AFTER=" >>"$APP/.env"
facteur letter:dispatch 1 1 3 3 -q
work_start --workers=3 --sleep=0.1
eventually 20 is 0 jobs_count
finish
equals "retry_after of nothing sends each letter once" "$(state)" "sent,sent,sent 3 0 0"
equals "and is warned of, with its place" "$(said 'DB_QUEUE_RETRY_AFTER (.env:')" 1
sed -i '/DB_QUEUE_RETRY_AFTER/d' "$APP/.env"
reset
cat >"$APP/config/database.php" <<'PHP'
<?php return ['default' => 'mysql', 'connections' => ['mysql' => ['driver' => 'mysql', 'host' => '127.0.0.1',
    'port' => env('DB_PORT'), 'database' => env('DB_DATABASE'), 'username' => env('DB_USERNAME'),
    'password' => env('DB_PASSWORD'), 'unix_socket' => env('DB_SOCKET', ''),
    'options' => [PDO::MYSQL_ATTR_INIT_COMMAND => env('INIT')]]]];
PHP
echo "INIT='SET timestamp=unix_timestamp()+30'" >>"$APP/.env"
facteur letter:dispatch 1 1 -q
work_start --workers=2 --sleep=0.1 --stop-when-empty
work_wait
equals "a clock that is off is told once, and letters go" "$(said "clock is behind the database server's by") $(state)" "1 sent 1 0 0"
