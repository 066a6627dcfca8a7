#!/bin/bash
# The commands around the queue, each run by artisan and by facteur on equal copies of the
# tables: what they print, their exit codes, and the rows they leave.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
SMTP_PORT=1
app_schema && app_new "$TMP/app" || exit 1
export COLUMNS=80

sql "create table job_batches (id varchar(255) primary key, name varchar(255) not null,
     total_jobs int not null, pending_jobs int not null, failed_jobs int not null,
     failed_job_ids longtext not null, options mediumtext null, cancelled_at int null,
     created_at int not null, finished_at int null)"

# === the rows that every command begins with ===

# Payloads as each Laravel writes them, and odd ones; the second worker's jobs are PHP's.
letter() { # letter UUID [MORE]
    printf '%s' "{\"uuid\":\"$1\",\"displayName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\",\"job\":\"Illuminate\\\\Queue\\\\CallQueuedHandler@call\",\"maxTries\":3,\"maxExceptions\":null,\"failOnTimeout\":false,\"backoff\":null,\"timeout\":null,\"retryUntil\":null,${2:-}\"data\":{\"commandName\":\"App\\\\Jobs\\\\SendVolunteerLetterJob\",\"command\":\"O:8:\\\"stdClass\\\":1:{s:1:\\\"a\\\";i:1;}\"}}"
}

# failed NUMBER UUID QUEUE PAYLOAD HOURS-AGO: failed_at is written in the app's zone.
failed() {
    local payload=${4//\\/\\\\}
    echo "insert into failed_jobs (id, uuid, connection, queue, payload, exception, failed_at) values
($1, '$2', 'database', '$3', '${payload//\'/\'\'}', 'RuntimeException: no', '$(TZ=Europe/Paris date -d "@$((NOW - $5 * 3600))" '+%F %T')');"
}

NOW=$(date +%s)
{
    echo "delete from failed_jobs; delete from jobs; delete from job_batches; alter table jobs auto_increment=1;"
    failed 1 u-1 default "$(letter u-1)" 100
    failed 2 u-2 emails "$(letter u-2 '"attempts":4,"delay":30,"createdAt":1795000000,')" 50
    failed 3 u-3 emails '{"uuid":"u-3","job":"legacy@handle","data":[]}' 30
    failed 4 u-4 default '{"uuid":"u-4","displayName":"Écuries/😀","job":"x","empty":{},"list":[],"f":1.0,"g":0.1,"h":1e30,"big":12345678901234567890,"n":-0.0,"k":{"0":"a","1":"b"},"m":{"1":"a","x":null},"data":{"commandName":"C","command":"O:8:\"stdClass\":0:{}"},"t":true,"html":"<a href='"''"'>&"}' 10
    failed 5 u-5 default '{"uuid":"u-5","job":"[odd]."}' 2
    failed 6 u-6 'très long nom de file é' "$(letter u-6 '"retryUntil":5,')" 1
    failed 7 "$(printf 'x%.0s' $(seq 60))" default '{"uuid":"u-7","job":"App\\Jobs\\WithAVeryLongNameThatDoesNotFitBesideTheOtherColumn"}' 0
    for i in $(seq 5); do
        echo "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at) values
              ('default', '{}', 0, null, $((NOW - 100 * i)), 1), ('emails', '{}', 1, $((NOW - 5)), 1, 1),
              ('later', '{}', 0, null, $((NOW + 86400)), 1);"
    done
    echo "insert into job_batches values
          ('b-1', 'some', 3, 1, 2, '[\"u-1\",\"gone\"]', 'a:0:{}', null, $((NOW - 90000)), null),
          ('b-2', 'none', 3, 1, 0, '[]', 'a:0:{}', null, $((NOW - 90000)), $((NOW - 90000))),
          ('b-3', 'cancelled', 3, 1, 0, '[]', 'a:0:{}', $((NOW - 10)), $((NOW - 7200)), $((NOW - 10)));"
} >"$TMP/rows.sql"

# === one command, by both ===

UUID='uuid,'

rows() {
    sql "select 'failed', id, $UUID connection, queue, payload, exception, failed_at from failed_jobs order by id;
         select 'job', id, queue, payload, attempts, reserved_at,
                if(available_at between $NOW and $NOW + 3600, 'now', available_at),
                if(created_at between $NOW and $NOW + 3600, 'now', created_at) from jobs order by id;
         select 'batch', id, pending_jobs, finished_at from job_batches order by id"
}

# Times, and the place in PHP's source that its console tells.
masked() {
    sed -E 's/(\x1b\[90m\.\x1b\[39m)+\x1b\[90m [0-9.,]+ms/TIME/; s/(\.*) [0-9.,]+ms (DONE|FAIL)/ TIME \2/; /^In [A-Za-z]+\.php line [0-9]+:$/d' |
        sed -E 's/il y a [0-9]+ (seconde|minute)s?/AGO/; s/\.+ AGO/ AGO/'
}

did() {
    local program=$1
    shift
    sql_file "$TMP/rows.sql"
    $program "$@" </dev/null >"$TMP/out" 2>"$TMP/err"
    echo "exit $?" >"$TMP/exit"
    masked <"$TMP/out"
    cat "$TMP/exit" "$TMP/err"
    rows
}

# both NAME COMMAND...: the same from both.
both() {
    local name=$1 theirs ours
    shift
    theirs=$(did artisan "$@")
    ours=$(did facteur "$@")
    same "$name" "$ours" "$theirs"
}

facteur() { clean "$FACTEUR" --app="$APP" "$@"; }

both "queue:failed lists, newest first" queue:failed
COLUMNS=120 both "in 120 columns" queue:failed
COLUMNS=200 both "in 200 columns" queue:failed
COLUMNS=40 both "in 40 columns" queue:failed
both "with colours" queue:failed --ansi
both "nothing with -q" queue:failed -q
both "queue:retry one" queue:retry u-1
both "queue:retry some, and one that is not there" queue:retry u-2 nowhere u-4 u-2
both "queue:retry all" queue:retry all
both "queue:retry all, in colours" queue:retry all --ansi
both "queue:retry of a queue" queue:retry --queue=emails
both "queue:retry of a queue that has none" queue:retry --queue=none
both "queue:retry of a queue and an id: the queue counts" queue:retry u-1 --queue=emails
both "queue:retry of ranges" queue:retry --range=1-3 --range=2-4 --range=x --range=5-4
both "queue:retry of nothing" queue:retry
both "queue:retry of an empty id, and of 0" queue:retry "" 0
both "queue:retry quietly" queue:retry all -q
both "queue:forget" queue:forget u-3
both "queue:forget of what is not there" queue:forget nowhere
both "queue:forget without an id" queue:forget
both "queue:flush" queue:flush
for hours in 1 1.5 9 0 "" " 2" -1 1e1; do
    both "queue:flush --hours=$hours" queue:flush "--hours=$hours"
done
both "queue:prune-failed" queue:prune-failed
for hours in 0 1.5 49 1000; do
    both "queue:prune-failed --hours=$hours" queue:prune-failed "--hours=$hours"
done
both "queue:prune-batches" queue:prune-batches
both "queue:prune-batches of all kinds" queue:prune-batches --hours=0 --unfinished=0 --cancelled=1
both "queue:prune-batches without values" queue:prune-batches --unfinished --cancelled
both "queue:retry-batch" queue:retry-batch b-1
both "queue:retry-batch of two" queue:retry-batch b-1 b-2 b-1
both "queue:retry-batch without failed jobs" queue:retry-batch b-2
both "queue:retry-batch of one that is not there" queue:retry-batch nowhere b-1
both "queue:retry-batch of nothing" queue:retry-batch
both "queue:clear" queue:clear
both "queue:clear of a queue" queue:clear --queue=emails
both "queue:clear of two names, which are one" queue:clear database --queue=default,emails
both "queue:clear of a connection that is not there" queue:clear nowhere
both "queue:monitor" queue:monitor default
both "queue:monitor of several" queue:monitor default,database:emails,later,none --max=5
both "queue:monitor in colours" queue:monitor default,emails --max=3 --ansi
both "queue:monitor of a connection that is not there" queue:monitor x:y
both "queue:monitor --json" queue:monitor default,emails,later,none --json --max=5
both "an option that is not there" queue:failed --nowhere
both "too many arguments" queue:forget a b

# Payloads of every shape, each of which goes back as artisan writes it.
cp "$TMP/rows.sql" "$TMP/usual.sql"
php8.2 test/laravel/payloads.php "${FACTEUR_SEED:-1}" "${FACTEUR_CASES:-1500}" >>"$TMP/rows.sql"
both "queue:retry all over generated payloads" queue:retry all
cp "$TMP/usual.sql" "$TMP/rows.sql"

# Encrypted commands: read for their class, and kept as they are.
cat >"$TMP/encrypt.php" <<'PHP'
<?php
[, $vendor, $key] = $argv;
require $vendor . '/autoload.php';
foreach ([base64_decode($key), random_bytes(32)] as $i => $bytes) {
    $crypt = new Illuminate\Encryption\Encrypter($bytes, 'AES-256-CBC');
    $payload = json_encode(['uuid' => "e-$i", 'job' => 'x', 'data' => ['commandName' => 'X',
        'command' => $crypt->encrypt(serialize((object) ['a' => 1]))]]);
    echo "insert into failed_jobs (id, uuid, connection, queue, payload, exception, failed_at) values (10$i, 'e-$i', 'database', 'q', ",
        '_utf8mb4 x', "'", bin2hex($payload), "', 'E', '2026-01-02 03:04:05');\n";
}
PHP
php8.2 "$TMP/encrypt.php" build/laravel/vendor \
    "$(sed -n 's/^APP_KEY=base64://p' "$APP/.env" | tail -1)" >>"$TMP/rows.sql"
both "queue:retry of an encrypted job" queue:retry e-0
both "queue:retry of one that another key encrypted" queue:retry u-1 e-1 u-2
cp "$TMP/usual.sql" "$TMP/rows.sql"

# In production, without a terminal: the answer is no.
app_env APP_ENV=production
both "queue:clear in production" queue:clear
both "queue:clear in production, in colours" queue:clear --ansi
both "queue:clear --force in production" queue:clear --force
app_env

# The driver file: what one writes the other reads, to the byte.
app_env QUEUE_FAILED_DRIVER=file
FAILED=$APP/storage/framework/cache/failed-jobs.json
mkdir -p "$(dirname "$FAILED")"
cp "$TMP/rows.sql" "$TMP/usual.sql"
echo 'delete from failed_jobs;' >>"$TMP/rows.sql"
php8.2 -r '
$jobs = [];
foreach ([["f-1", "default", 100], ["f-2", "emails", 30], ["f-3", "default", 1]] as [$id, $queue, $hours]) {
    $payload = json_encode(["uuid" => $id, "job" => "é/x", "data" => new stdClass, "attempts" => 3]);
    array_unshift($jobs, ["id" => $id, "connection" => "database", "queue" => $queue, "payload" => $payload,
        "exception" => "RuntimeException: né\n#0 {main}", "failed_at" => date("Y-m-d H:i:s", (int) $argv[1] - 3600 * $hours),
        "failed_at_timestamp" => (int) $argv[1] - 3600 * $hours, "more" => [[], new stdClass, 1.0, null]]);
}
file_put_contents($argv[2], json_encode($jobs, JSON_PRETTY_PRINT));' "$NOW" "$TMP/failed.json"
plain_rows=$(declare -f rows)
eval "plain_${plain_rows}"
rows() {
    plain_rows
    cat "$FAILED" 2>&1
    find "$APP/storage/framework/cache" -name "$(printf file-store-lock:laravel-failed-jobs | sha1sum | cut -d' ' -f1)" -printf 'a lock is left\n'
}
with_file() { # with_file NAME COMMAND...
    did_with() { cp "$TMP/failed.json" "$FAILED"; did "$@"; }
    local name=$1 theirs ours
    shift
    theirs=$(did_with artisan "$@")
    ours=$(did_with facteur "$@")
    same "driver file: $name" "$ours" "$theirs"
}
with_file "queue:failed" queue:failed
with_file "queue:retry" queue:retry f-2 nowhere f-1
with_file "queue:retry all" queue:retry all
with_file "queue:retry of a queue" queue:retry --queue=default
with_file "queue:forget" queue:forget f-2
with_file "queue:forget of what is not there" queue:forget f-9
with_file "queue:flush" queue:flush
with_file "queue:flush --hours" queue:flush --hours=30
with_file "queue:prune-failed" queue:prune-failed
echo '  ' >"$TMP/failed.json"
with_file "an empty file" queue:failed
# While PHP holds the lock, facteur waits.
cat >"$TMP/hold.php" <<'PHP'
<?php
chdir($argv[1]);
require 'vendor/autoload.php';
$app = require 'bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
echo $app['cache']->store('file')->lock('laravel-failed-jobs', 3)->get() ? 'held' : 'refused', "\n";
PHP
echo '[]' >"$FAILED"
equals "PHP takes the lock" "$(clean php8.2 "$TMP/hold.php" "$APP")" held
before=$SECONDS
facteur queue:flush -q
check "facteur waits for it" test "$? $((SECONDS - before))" '>' "0 1"
eval "${plain_rows}"
cp "$TMP/usual.sql" "$TMP/rows.sql"

# The form without uuid: rows are named by their ids.
sql "alter table failed_jobs drop column uuid"
sed -i -E "s/\(id, uuid, connection/(id, connection/; s/^(\([0-9]+, )'[^']*', /\1/" "$TMP/rows.sql"
UUID=
app_env QUEUE_FAILED_DRIVER=database
both "driver database: queue:failed" queue:failed
both "driver database: queue:retry" queue:retry 1 nowhere 3
both "driver database: ranges" queue:retry 7 --range=1-3 --range=5-4 --range=1-9
both "driver database: queue:forget" queue:forget 2
both "driver database: queue:prune-failed" queue:prune-failed
app_env QUEUE_FAILED_DRIVER=null
both "driver null: queue:failed" queue:failed
both "driver null: queue:forget" queue:forget x
both "driver null: queue:retry" queue:retry all
both "driver null: queue:flush" queue:flush
both "driver null: queue:prune-failed" queue:prune-failed
