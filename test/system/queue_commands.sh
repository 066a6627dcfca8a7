#!/bin/bash
# queue_commands.sh: the commands around a queue without Laravel: that queue:retry loses and
# doubles nothing, whatever happens to it; memory; errors; terminals; older Laravels' words.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
sql "set global time_zone='+00:00'"
app_make "$TMP/app"
export COLUMNS=80 NO_COLOR=1

ROWS=${RETRY_ROWS:-20000}
sql "create table numbers (seq int primary key)"
(echo 'insert into numbers values (0)' && seq "$ROWS" | sed 's/.*/,(&)/') >"$TMP/numbers.sql"
sql_file "$TMP/numbers.sql"
sql "delete from numbers where seq = 0"

# failed_rows N: failed jobs of two kilobytes each.
failed_rows() {
    sql "delete from failed_jobs; delete from jobs;
         insert into failed_jobs (uuid, connection, queue, payload, exception)
         select concat('u-', seq), 'database', if(seq % 4, 'default', 'emails'),
                concat('{\"uuid\":\"u-', seq, '\",\"job\":\"x\",\"pad\":\"', repeat('a', 2000), '\"}'),
                repeat('e', 1000) from numbers where seq <= $1"
}

# everywhere: how many jobs there are in both tables, how many of them are two of a kind.
everywhere() {
    sql "select count(*), count(*) - count(distinct uuid) from
         (select json_value(payload, '\$.uuid') as uuid from jobs union all select uuid from failed_jobs) x"
}

# === queue:retry all ===

# peak COMMAND...: the most memory that it held, in kilobytes.
peak() {
    /usr/bin/python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

release=$PWD/build/release/facteur
failed_rows 1000
little=$(peak "$release" --app="$APP" queue:retry all)
equals "a thousand go back" "$(everywhere) $(jobs_count)" "1000	0 1000"
failed_rows "$ROWS"
much=$(peak "$release" --app="$APP" queue:retry all)
equals "all of many go back" "$(everywhere) $(jobs_count)" "$ROWS	0 $ROWS"
note "queue:retry all: $little KB for 1,000 rows, $much KB for $ROWS"
check "memory does not grow with the rows" test $((much - little)) -lt 4096

# Killed at any moment, and begun again at once beside another. The program itself is
# started, not a shell around it: that is what must be killed.
failed_rows 20000
more() { [ "$(jobs_count)" -gt "$1" ]; }
for i in 0 1 2 3 4 5 6 7; do
    before=$(jobs_count)
    "$FACTEUR" --app="$APP" queue:retry all >/dev/null 2>&1 </dev/null &
    one=$!
    "$FACTEUR" --app="$APP" queue:retry all >/dev/null 2>&1 </dev/null &
    other=$!
    eventually 20 more "$before"
    sleep "0.0$i"
    kill -9 $one $other 2>/dev/null
    wait $one $other 2>/dev/null
done
left=$(sql "select count(*) from failed_jobs")
check "the kills came in between" test "$left" -gt 0 -a "$left" -lt 20000
equals "killed at any moment, beside another: nothing is lost or doubled" "$(everywhere)" "20000	0"
facteur queue:retry all >/dev/null 2>&1 &
one=$!
facteur queue:retry all >/dev/null 2>&1
status=$?
wait $one
equals "two at once: each job goes back once" "$? $status $(everywhere) $(jobs_count)" "0 0 20000	0 20000"

# Sessions that the server ends in the middle.
failed_rows 20000
facteur queue:retry all >/dev/null 2>"$TMP/err" &
one=$!
for i in 1 2 3 4 5 6; do
    sleep 0.15
    for id in $(sql "select id from information_schema.processlist where user='app'"); do
        sql "kill $id" 2>/dev/null && killed=$((${killed:-0} + 1))
    done
done
wait $one
status=$?
check "sessions were ended" test "${killed:-0}" -gt 2
equals "sessions that end in the middle are begun anew" "$status $(everywhere) $(jobs_count)" "0 20000	0 20000"

# A failed row that cannot be deleted.
failed_rows 50
sql "create trigger keep before delete on failed_jobs for each row signal sqlstate '45000'"
facteur queue:retry all >/dev/null 2>&1
equals "what cannot be forgotten is not pushed either" "$? $(everywhere) $(jobs_count)" "1 50	0 0"
sql "drop trigger keep"

# Of a queue, only its own.
failed_rows 300
equals "of a queue only its own" \
    "$(facteur queue:retry --queue=emails | grep -c DONE) $(sql 'select count(*) from failed_jobs')" "75 225"

# A connection of its own: pushed and committed first.
sql "create database other; grant all on other.* to app@localhost; grant all on other.* to app@'127.0.0.1';
     create table other.failed_jobs like failed_jobs"
connection() {
    echo "'$1' => ['driver' => 'mysql', 'host' => env('DB_HOST'), 'port' => env('DB_PORT'), 'username' => env('DB_USERNAME'),
        'password' => env('DB_PASSWORD'), 'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci', 'database' => '$2'],"
}
printf '<?php\n\nreturn ["default" => "mysql", "connections" => [\n%s\n%s\n]];\n' "$(connection mysql "$DB_DATABASE")" \
    "$(connection other other)" >"$APP/config/database.php"
cat >"$APP/config/queue.php" <<'PHP'
<?php

return ['default' => 'database', 'connections' => [
    'database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default', 'retry_after' => 90],
    'redis' => ['driver' => 'redis'],
], 'failed' => ['driver' => env('FAILED_DRIVER', 'database-uuids'), 'database' => env('FAILED_DB'), 'table' => 'failed_jobs']];
PHP
failed_rows 1000
sql "insert into other.failed_jobs select * from failed_jobs; delete from failed_jobs"
FAILED_DB=other facteur queue:retry all >/dev/null
equals "failed jobs of another connection go back once" \
    "$? $(everywhere) $(sql 'select count(*) from other.failed_jobs')" "0 1000	0 0"

# === rows that cannot go back ===

failed_rows 5
sql "update failed_jobs set payload='no json' where uuid='u-3'"
out=$(facteur queue:retry all)
equals "a payload that is no JSON ends the command and stays, and what stands behind it" \
    "$? $(grep -cE 'u-(5|4) .* DONE|u-3 .* FAIL|not JSON: Syntax error' <<<"$out") $(sql 'select group_concat(id order by id) from failed_jobs where uuid < "u-4"') $(jobs_count)" \
    "1 4 $(sql 'select group_concat(id order by id) from failed_jobs') 2"
sql "update failed_jobs set connection='redis' where uuid='u-3'"
check "so does a job of a connection that facteur does not work" grep -q '"redis"' <(facteur queue:retry u-3)
sql "update failed_jobs set connection='nowhere' where uuid='u-3'"
check "and one of a connection that is not configured" \
    grep -qF 'The [nowhere] queue connection has not been configured.' <(facteur queue:retry u-3)
for command in 'O:8:\\"stdClass' 'eyJpdiI6IiJ9'; do
    sql "update failed_jobs set connection='database', payload='{\"data\":{\"command\":\"$command\"}}' where uuid='u-3'"
    equals "and one whose command cannot be decoded" \
        "$(facteur queue:retry u-3 >/dev/null; echo $?) $(sql 'select count(*) from failed_jobs where uuid="u-3"') $(jobs_count)" "1 1 2"
done

# retryUntil is asked again where the class has a method for it.
until_after() { # until_after CLASS [MORE OF THE PAYLOAD]
    sql "delete from jobs; delete from failed_jobs; insert into failed_jobs (uuid, connection, queue, payload, exception) values
         ('r', 'database', 'default', '{\"uuid\":\"r\",\"retryUntil\":1000600,${2-\"createdAt\":1000000,}\"data\":{\"commandName\":\"App\\\\\\\\Jobs\\\\\\\\$1\",\"command\":\"O:$((9 + ${#1})):\\\\\"App\\\\\\\\Jobs\\\\\\\\$1\\\\\":1:{s:4:\\\\\"days\\\\\";i:3;}\"}}', '')"
    facteur queue:retry r
    sql "select json_value(payload, '\$.retryUntil') from jobs"
}
about() { test $(($1 - $(date +%s) - $2)) -ge -60 -a $(($1 - $(date +%s) - $2)) -le 60; }
job() { printf '<?php\nnamespace App\\Jobs;\n%s\n' "$2" >"$APP/app/Jobs/$1.php"; }
mkdir -p "$APP/app/Jobs"
job Base 'abstract class Base { public function retryUntil(): \DateTime { return now()->addDays($this->days); } }'
job Slow 'class Slow extends Base {}'
job Odd 'class Odd { public function retryUntil() { $x = Clock::of($this); return $x; } }'
job Plain 'class Plain { public $retryUntil = 1; } // function retryUntil()'
check "retryUntil of a class with the method is computed" about "$(until_after Slow | tail -1)" 259200
check "so it is without a createdAt" about "$(until_after Slow '' | tail -1)" 259200
check "where it cannot be, it moves by the time that passed" about "$(until_after Odd | tail -1)" 600
check "and is refused without a createdAt" grep -q 'php artisan' <(until_after Odd '')
equals "retryUntil of another class stays" "$(until_after Plain | tail -1)" 1000600

# === a terminal ===

on_terminal() { script -qec "$FACTEUR --app=$APP $1" /dev/null | tr -d '\r'; }
failed_rows 250
check "a bar stands for many lines on a terminal" \
    grep -q '250/250 \[============================\] 100%' <(on_terminal 'queue:retry all' </dev/null)
failed_rows 10
equals "few have their lines" "$(on_terminal 'queue:retry all' </dev/null | grep -c DONE)" 10
sed -i 's/^APP_ENV=.*/APP_ENV=production/' "$APP/.env"
for answer in no '' yes; do
    failed_rows 3
    facteur queue:retry all -q
    out=$(echo "$answer" | on_terminal queue:clear)
    case $answer in
    yes) equals "in production yes clears" "$(grep -c 'Cleared 3 jobs' <<<"$out") $(jobs_count)" "1 0" ;;
    *) equals "in production '$answer' does not" "$(grep -c 'Command cancelled' <<<"$out") $(jobs_count)" "1 3" ;;
    esac
done
equals "with -n there is no question" "$(echo yes | on_terminal 'queue:clear -n' | grep -c 'Are you sure') $(jobs_count)" "0 0"
sed -i 's/^APP_ENV=.*/APP_ENV=testing/' "$APP/.env"

# === queue:monitor of all ===

sql "delete from jobs; insert into jobs (queue, payload, attempts, available_at, created_at) values ('b', '{}', 0, 0, 0), ('a', '{}', 0, 0, 0), ('b', '{}', 0, 0, 0)"
equals "queue:monitor shows every queue that has rows" \
    "$(facteur queue:monitor | grep -oE '\] [ab] |\[[0-9]\] OK' | paste -sd' ')" "] a  [1] OK ] b  [2] OK"
equals "as JSON too" "$(facteur queue:monitor --json --max=2 | grep -oE '"(queue|size|status)":[^,}]*' | paste -sd' ')" \
    '"queue":"a" "size":1 "status":"OK" "queue":"b" "size":2 "status":"ALERT"'

# === older Laravels ===

laravel() { printf '{"packages":[{"name":"laravel/framework","version":"v%s"}]}\n' "$1" >"$APP/composer.lock"; }
sql "delete from failed_jobs; delete from jobs"
laravel 8.83.29
equals "8: no failed jobs" "$(facteur queue:failed)" "No failed jobs!"
equals "8: nothing to retry" "$(facteur queue:retry nowhere; echo $?)" "Unable to find failed job with ID [nowhere].
0"
failed_rows 2
equals "8: the table" "$(facteur queue:failed | sed -E 's/[0-9]{4}-[0-9 :-]{14}/TIME               /')" \
    "+-----+------------+---------+-------+---------------------+
| ID  | Connection | Queue   | Class | Failed At           |
+-----+------------+---------+-------+---------------------+
| u-2 | database   | default | x     | TIME                |
| u-1 | database   | default | x     | TIME                |
+-----+------------+---------+-------+---------------------+"
equals "8: pushed back" "$(facteur queue:retry u-1)" "The failed job [u-1] has been pushed back onto the queue!"
equals "8: forgotten" "$(facteur queue:forget u-2; echo $?; facteur queue:forget u-2; echo $?)" "Failed job deleted successfully!
0
No failed job matches the given ID.
0"
equals "8: flushed, pruned, cleared" "$(facteur queue:flush; facteur queue:prune-failed; facteur queue:clear)" \
    "All failed jobs deleted successfully!
0 entries deleted!
Cleared 1 jobs from the [default] queue "
sql "create table job_batches (id varchar(255) primary key, failed_job_ids longtext not null, finished_at int, cancelled_at int, created_at int);
     insert into job_batches values ('b-1', '[\"u-1\",\"gone\"]', null, null, 1), ('b-2', '[]', null, null, 1)"
failed_rows 2
equals "8: a batch is retried by queue:retry itself" "$(facteur queue:retry-batch b-1)" \
    "The failed job [u-1] has been pushed back onto the queue!
Unable to find failed job with ID [gone]."
equals "8: a batch without failed jobs, or none at all" \
    "$(facteur queue:retry-batch b-2; echo $?; facteur queue:retry-batch b-3; echo $?)" \
    "The given batch does not contain any failed jobs.
1
Unable to find a batch with ID [b-3].
1"
check "8: a batch must be named" grep -q 'missing: "id"' <(facteur queue:retry-batch)
equals "8: batches are pruned" "$(facteur queue:prune-batches --unfinished=0; facteur queue:prune-batches --unfinished=1)" \
    "0 entries deleted!
0 entries deleted!
2 unfinished entries deleted!"
laravel 9.52.22
equals "9: forgetting nothing is no failure" "$(facteur queue:forget u-2 >/dev/null; echo $?)" 0
sql "delete from jobs"
equals "9: monitor without the connection" "$(facteur queue:monitor default | sed -n 3p)" \
    "  default ............................................................. [0] OK  "
laravel 10.50.4
failed_rows 1
equals "10: tasks in whole milliseconds" "$(facteur queue:retry u-1 | grep -c ' [0-9]*ms DONE')" 1
equals "10: forgetting nothing fails" "$(facteur queue:forget u-1 >/dev/null; echo $?)" 1
equals "10: one job" "$(facteur queue:clear | sed -n 2p)" "   INFO  Cleared 1 job from the [default] queue.  "
sql "delete from failed_jobs; insert into failed_jobs (uuid, connection, queue, payload, exception) values
     ('u', 'database', 'q', '{\"displayName\":\"Shown\",\"data\":{\"command\":\"O:5:\\\\\"Found\\\\\":0:{}\"}}', '')"
laravel 12.60.0
equals "12.60: the class is what the command names first" "$(facteur queue:failed | grep -oE 'q [A-Z][a-z]+')" "q Found"
laravel 12.61.0
equals "12.61: the class is the displayed name" "$(facteur queue:failed | grep -oE 'q [A-Z][a-z]+')" "q Shown"
laravel 13.0.0
sql "insert into jobs (queue, payload, attempts, available_at, created_at) values ('b', '{}', 0, 0, 0), ('a', '{}', 0, 0, 0), ('b', '{}', 0, 0, 0)"
equals "13: --queue is a list" "$(facteur queue:clear --queue='a, b,,a' | sed -n 2p)" "   INFO  Cleared 3 jobs from the [a, b] queues.  "
check "13: one id to forget" grep -q 'Too many arguments' <(facteur queue:forget a b)
laravel 13.42.0
failed_rows 8
equals "13.42: a list as JSON, of a queue" \
    "$(facteur queue:failed --queue=emails --json | sed -E 's/"failed_at":"[^"]*"/AT/g')" \
    '[{"id":"u-8","connection":"database","queue":"emails","class":"x",AT},{"id":"u-4","connection":"database","queue":"emails","class":"x",AT}]'
equals "13.42: an empty one" "$(facteur queue:failed --queue=none --json)" "[]"
equals "13.42: some ids to forget" "$(facteur queue:forget u-1 gone u-2 | grep -oE '(INFO|ERROR) .*[^ ]'; echo "${PIPESTATUS[0]}")" \
    "INFO  Failed job [u-1] deleted successfully.
ERROR  No failed job matches the ID [gone].
INFO  Failed job [u-2] deleted successfully.
1"
equals "13.42: flushing a queue" \
    "$(facteur queue:flush --queue=emails --hours=3 | sed -n 2p) $(sql 'select count(*) from failed_jobs') $(facteur queue:flush --queue=emails | sed -n 2p) $(sql 'select count(*) from failed_jobs')" \
    "   INFO  All jobs on the [emails] queue that failed more than 3 hours ago have been deleted successfully.   6    INFO  All failed jobs on the [emails] queue have been deleted successfully.   4"
sql "insert into job_batches values ('b-1', '[\"u-3\"]', null, null, 1), ('b-2', '[]', null, null, 1)"
equals "13.42: batches that cannot be retried are passed over, and end with 1" \
    "$(facteur queue:retry-batch nowhere b-2 b-1 | grep -oE '(ERROR|u-3|DONE).*[^ ]' | sed 's/ \.\.\..*//'; echo "${PIPESTATUS[0]}") $(sql 'select count(*) from failed_jobs')" \
    "ERROR  Unable to find a batch with ID [nowhere].
ERROR  The batch with ID [b-2] does not contain any failed jobs.
u-3
1 3"
laravel 12.72.0

# === a worker whose job fails for good, and what keeps it from being stored ===

# exceeded: a letter that has no attempt left, so that it fails before anything is sent.
people 2
exceeded() {
    sql "delete from jobs; delete from failed_jobs"
    facteur letter:dispatch 1 1 -q
    sql "update jobs set attempts=5"
}
work_once() { facteur queue:work --once --memory=1024 --tries=1 -q "$@" </dev/null; }
logged() { grep -c "$1" "$LOG"; }
# What cannot be stored is kept aside, and tried again after growing waits.
until_logged() { work_once; [ "$(logged "$1")" -ge "$2" ]; }
until_gone() { work_once; [ "$(jobs_count)" = 0 ]; }

export FAILED_DRIVER=file
file=$APP/storage/framework/cache/failed-jobs.json
exceeded
mkdir -p "$(dirname "$file")"
work_once
exceeded
work_once
equals "driver file: two failed letters, newest first, to the byte as PHP writes them" \
    "$(jobs_count) $(php8.2 -r '$t = file_get_contents($argv[1]); $j = json_decode($t);
        echo count($j), " ", json_encode($j, JSON_PRETTY_PRINT) === $t ? "same" : "other", " ",
            json_decode($j[0]->payload)->uuid === $j[0]->id ? "uuid" : "-", " ",
            strtok($j[0]->exception, ":"), " ", implode(",", array_keys((array) $j[0]));' "$file")" \
    "0 2 same uuid Illuminate\\Queue\\MaxAttemptsExceededException id,connection,queue,payload,exception,failed_at,failed_at_timestamp"
equals "they go back" "$(facteur queue:retry all | grep -c DONE) $(jobs_count) $(cat "$file")" "2 2 []"
exceeded
echo '{broken' >"$file"
work_once
equals "a file that is no list keeps the job where it is, and says so" \
    "$(jobs_count) $(cat "$file") $(logged 'failed-jobs.json is no JSON list')" "1 {broken 1"
rm "$file"
mkdir "$file"
eventually 60 until_logged 'failed-jobs.json' 2
equals "a file that cannot be written does too" "$(jobs_count) $(logged 'failed-jobs.json')" "1 2"
rmdir "$file"
unset FAILED_DRIVER
exceeded
sql "rename table failed_jobs to kept"
work_once
equals "and a table that is missing" "$(jobs_count) $(logged "failed_jobs' doesn't exist")" "1 1"
sql "rename table kept to failed_jobs"
eventually 60 until_gone
equals "the next attempt to store it succeeds" "$(jobs_count) $(sql 'select count(*) from failed_jobs')" "0 1"

# === when the server or a table is not there ===

sql "rename table failed_jobs to kept"
out=$(facteur queue:failed)
equals "a table that is missing: a box and 1" "$? $(grep -c "failed_jobs' doesn't exist" <(tr -d '\n' <<<"$out" | sed 's/  *//g; s/doesn/ doesn/; s/exist/ exist/'))" "1 1"
sql "rename table kept to failed_jobs"
for command in queue:failed 'queue:retry all' 'queue:forget x' queue:flush queue:prune-failed queue:prune-batches 'queue:retry-batch x' queue:clear queue:monitor; do
    # shellcheck disable=SC2086
    out=$(DB_PORT=1 facteur $command 2>&1)
    equals "no server: $command ends with 1 and a message without the password" \
        "$? $(grep -c s3cret <<<"$out") $(test -n "$out" && echo said)" "1 0 said"
done
