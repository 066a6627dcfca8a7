#!/bin/bash
# Letters in batches: the same batch worked off by artisan and by facteur; counters, lists
# and times of the batch, the queue, the sends and the log are the same afterwards. What
# would call a callback is PHP's.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && sql_file sql/schema/job_batches.sql &&
    app_new "$TMP/app" && app_own_classes || exit 1
class=$APP/app/Jobs/SendVolunteerLetterJob.php

sed -i "s/    'failed' => \[/    'batching' => ['database' => env('BATCH_CONNECTION', 'mysql'), 'table' => 'job_batches'],\n&/" \
    "$APP/config/queue.php"
sed -i 's/    use Dispatchable,/    use \\Illuminate\\Bus\\Batchable, Dispatchable,/' "$class"
cp "$class" "$TMP/plain.php"

# batch 'PHP that dispatches one': $letter makes a letter to a teacher, 5 is refused.
batch() {
    sql 'delete from job_batches; truncate jobs; delete from failed_jobs'
    cat >"$APP/batch.php" <<PHP
<?php
require __DIR__.'/vendor/autoload.php';
\$app = require __DIR__.'/bootstrap/app.php';
\$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
use Illuminate\Support\Facades\Bus;
\$letter = fn (int \$teacher) => new App\Jobs\SendVolunteerLetterJob(1, \$teacher);
$1;
PHP
    (cd "$APP" && clean php batch.php) || exit 1
    sql 'drop table if exists saved_jobs; create table saved_jobs as select * from jobs;
         drop table if exists saved_batches; create table saved_batches as select * from job_batches'
}

# state: all that is left; times as whether they are now.
state() {
    echo '--- batch'
    sql "select id = (select id from saved_batches), total_jobs, pending_jobs, failed_jobs,
         (select group_concat(s.id order by locate(json_value(s.payload, '\$.uuid'), failed_job_ids))
            from saved_jobs s where failed_job_ids like concat('%', json_value(s.payload, '\$.uuid'), '%')),
         json_length(failed_job_ids), cast(unix_timestamp() as signed) - cancelled_at < 20,
         cast(unix_timestamp() as signed) - finished_at < 20, options = (select options from saved_batches)
         from job_batches"
    echo '--- jobs'
    sql "select queue, json_value(payload, '\$.uuid'), attempts, reserved_at is null,
         $WAITS from jobs order by id"
    echo '--- failed'
    sql "select uuid, connection, queue from failed_jobs order by id"
    echo '--- sends'
    sql "select teacher_id, status from volunteer_letter_sends order by id"
    echo '--- log'
    log_shape
}

# run PROGRAM OPTION...: on what batch made
run() {
    local program=$1
    shift
    app_reset
    sql 'truncate jobs; insert into jobs select * from saved_jobs; delete from job_batches;
         insert into job_batches select * from saved_batches'
    [ -z "${before:-}" ] || sql "$before"
    $program queue:work "$@" >"$TMP/work.log" 2>&1
    [ -z "${after:-}" ] || { $after >/dev/null && $program queue:work "$@" >>"$TMP/work.log" 2>&1; }
    state
}

# both NAME OPTION...
both() {
    local name=$1 php ours
    shift
    php=$(run artisan "$@")
    ours=$(run facteur "$@")
    same "$name" "$ours" "$php"
}

# shows NAME TEXT...: what the last run of facteur left, so that two wrongs are no right.
shows() {
    local name=$1
    shift
    has "$name" "$(sql "select concat(pending_jobs, '/', total_jobs, ' pending, ', failed_jobs,
        ' failed', if(cancelled_at is null, '', ', cancelled'), if(finished_at is null, '', ', finished'))
        from job_batches"), $(mails) mails" "$@"
}

all=(--stop-when-empty --sleep=0 --tries=1)

# === counting ===

batch 'Bus::batch([$letter(1), $letter(2), $letter(3)])->name("lettres")->dispatch()'
both "three letters: the last one finishes the batch" "${all[@]}"
shows "so it does" "0/3 pending, 0 failed, finished, 3 mails"
both "one of three" --once
shows "counts one" "2/3 pending, 0 failed, 1 mails"

sql "update saved_jobs set payload = json_set(payload, '\$.maxTries', null)"
both "letters without tries of their own" "${all[@]}"

batch 'Bus::batch([$letter(5), $letter(1)])->dispatch()'
both "a first attempt that fails counts nothing" --once --backoff=10
shows "both pend" "2/2 pending, 0 failed"
sql "update saved_jobs set payload = json_set(payload, '\$.maxTries', 1)"
both "the first failure cancels the batch; the class goes on with the rest" "${all[@]}"
shows "cancelled" "1/2 pending, 1 failed, cancelled, finished, 1 mails"
before='update jobs set attempts=7 where id=(select min(id) from saved_jobs)'
both "so does one that fails before it begins" "${all[@]}"
shows "cancelled too" "1/2 pending, 1 failed, cancelled"
before='update job_batches set failed_jobs=2, failed_job_ids=json_array("x/é", json_value((select payload from saved_jobs limit 1), "$.uuid"))'
both "a third failure does not; an id is listed once" "${all[@]}"
shows "not cancelled" "1/2 pending, 3 failed, 1 mails"
before='update job_batches set failed_job_ids="no list"'
both "a list of ids that is none" "${all[@]}"
before='delete from job_batches'
both "a batch that was pruned" "${all[@]}"
before='update jobs set payload=json_remove(payload, "$.data.batchId")'
both "a payload of before 12.51" "${all[@]}"
shows "counted by the command's own" "1/2 pending, 1 failed, cancelled"
before=

batch 'Bus::batch([$letter(5), $letter(1), $letter(5)])->allowFailures()->dispatch()'
sql "update saved_jobs set payload = json_set(payload, '\$.maxTries', 1)"
both "failures that are allowed" "${all[@]}"
shows "leave it open" "2/3 pending, 2 failed, 1 mails"
retry() {
    sql "update users set email='boite@exemple.be' where email='$REFUSED'"
    (cd "$APP" && clean php artisan queue:retry-batch "$(sql 'select id from job_batches')")
}
again() { sql "update users set email='$REFUSED' where email='boite@exemple.be'"; }
after=retry
php=$(run artisan "${all[@]}")
again
ours=$(run facteur "${all[@]}")
again
same "jobs that are retried with success leave the list" "$ours" "$php"
shows "and the batch is finished" "0/3 pending, 2 failed, finished, 3 mails"
after=

batch 'Bus::batch([$letter(1), $letter(2)])->before(fn () => 1)->onQueue("lettres")->dispatch()'
both "a callback of the dispatch does not matter" --queue=lettres "${all[@]}"
shows "counted" "0/2 pending, 0 failed, finished, 2 mails"

# === cancelled batches ===

before='update job_batches set cancelled_at=unix_timestamp(), finished_at=unix_timestamp()'
batch 'Bus::batch([$letter(1), $letter(2)])->dispatch()'
both "a cancelled batch whose class does not ask goes on" "${all[@]}"
shows "and counts" "0/2 pending, 0 failed, cancelled, finished, 2 mails"
sed 's/    public function handle.*/    public function middleware(): array { return [new \\Illuminate\\Queue\\Middleware\\SkipIfBatchCancelled]; }\n&/' \
    "$TMP/plain.php" >"$class"
both "one with the middleware SkipIfBatchCancelled is skipped" "${all[@]}"
shows "no mail" "0/2 pending, 0 failed, cancelled, finished, 0 mails"
sed '/    public function handle/,/{/s/{/{ if ($this->batch()?->cancelled()) { return; }/' \
    "$TMP/plain.php" >"$class"
both "one whose handle() asks, too" "${all[@]}"
shows "nor here" "0/2 pending, 0 failed, cancelled, finished, 0 mails"
before=
both "and in a batch that is not cancelled both send" "${all[@]}"
shows "two" "0/2 pending, 0 failed, finished, 2 mails"
cp "$TMP/plain.php" "$class"

# === callbacks are PHP's ===

# left NAME: facteur leaves the batch as it is, and says why; artisan ends it.
left() {
    run facteur "${all[@]}" >/dev/null
    equals "$1: facteur sends nothing, changes nothing" "$(mails), $(sql "select (select group_concat(
        concat(attempts, reserved_at is null)) from jobs), (select pending_jobs from job_batches)")" "0, 01,01	2"
    has "$1: and says so, once" "$(tr -s ' \n' ' ' <"$TMP/work.log" | grep -o 'belongs to a batch with callbacks ([a-z]*)')" \
        "callbacks ($2)"
    artisan queue:work "${all[@]}" >/dev/null 2>&1
    equals "$1: PHP calls it" "$(cat "$APP/called" 2>/dev/null)" "$3"
    rm -f "$APP/called"
}
call='function () { file_put_contents(base_path("called"), "x", FILE_APPEND); }'
batch "Bus::batch([\$letter(1), \$letter(2)])->then($call)->dispatch()"
left "then" then x
batch "Bus::batch([\$letter(1), \$letter(2)])->finally($call)->dispatch()"
left "finally" finally x
batch "Bus::batch([\$letter(1), \$letter(2)])->progress($call)->dispatch()"
left "progress" progress xx
batch "Bus::batch([\$letter(5), \$letter(1)])->catch($call)->dispatch()"
sql "update saved_jobs set payload = json_set(payload, '\$.maxTries', 1)"
left "catch" catch x
before="update job_batches set failed_jobs=1"
both "catch after a first failure calls nobody" "${all[@]}"
shows "counted" "1/2 pending, 2 failed"
before=

batch "Bus::batch([\$letter(1), \$letter(2)])->catch($call)->dispatch()"
app_reset
sql 'insert into jobs select * from saved_jobs'
background "$TMP/work.log" facteur queue:work --sleep=0.2
check "a worker that is running leaves it" eventually 30 grep -q 'belongs to a batch with callbacks (catch)' "$TMP/work.log"
equals "untouched" "$(sql 'select count(*), sum(attempts) from jobs') $(mails)" $'2\t0 0'
sql "update job_batches set failed_jobs=1"
check "and takes it up once a job of it has failed" eventually 120 eval '[ "$(mails)" = 2 ]'
kill -TERM $WORKER
wait $WORKER
forget $WORKER

# === another connection ===

app_env BATCH_CONNECTION=batches
sed -i "s/    'connections' => \[/&\n        'batches' => ['driver' => 'mysql', 'host' => '127.0.0.1', 'port' => env('DB_PORT'), 'database' => env('DB_DATABASE'), 'username' => env('DB_USERNAME'), 'password' => env('DB_PASSWORD'), 'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci', 'prefix' => ''],/" \
    "$APP/config/database.php"
batch 'Bus::batch([$letter(5), $letter(1)])->dispatch()'
sql "update saved_jobs set payload = json_set(payload, '\$.maxTries', 1)"
both "batches on a connection of their own" "${all[@]}"
shows "counted there" "1/2 pending, 1 failed, cancelled, finished, 1 mails"
app_env

# === a slot that dies while it counts ===

# The batch's row is locked, so that the letter is out and nothing of its end committed.
batch 'Bus::batch([[$letter(1), $letter(2)], $letter(3)])->dispatch()'
app_reset
sql 'insert into jobs select * from saved_jobs'
sql 'begin; select id from job_batches for update; do sleep(6); rollback' >/dev/null &
locked=$!
background "$TMP/work.log" facteur queue:work --sleep=0.1
waits() { sql 'show full processlist' | grep -q 'select pending_jobs.*for update'; }
check "the end of the first letter waits for the batch" eventually 5 waits
equals "its mail is out" "$(mails)" 1
check "the slot is killed" kill -9 "$(pgrep -P $WORKER)"
wait $locked
done_() { [ "$(sql 'select finished_at is not null from job_batches')" = 1 ]; }
check "another ends it, and the batch" eventually 20 done_
shows "each letter is counted once, sent once, its chain dispatched once" \
    "0/3 pending, 0 failed, finished, 3 mails"
equals "no job is left" "$(sql 'select count(*) from jobs')" 0
end_process $WORKER
forget $WORKER

# === many at once ===

batch 'Bus::batch(array_map($letter, array_merge(...array_fill(0, 15, [1, 2, 3, 7]))))->allowFailures()->dispatch()'
app_reset
sql 'insert into jobs select * from saved_jobs'
background "$TMP/php.log" artisan queue:work --stop-when-empty --sleep=0
eventually 30 test -s "$TMP/php.log"
facteur queue:work --stop-when-empty --sleep=0 --workers=3 >"$TMP/work.log" 2>&1
wait $WORKER
forget $WORKER
shows "sixty letters by three slots and a PHP worker at once: exact" \
    "0/60 pending, 0 failed, finished, 60 mails"
note "by facteur: $(grep -c DONE "$TMP/work.log"), by artisan: $(grep -c DONE "$TMP/php.log")"
