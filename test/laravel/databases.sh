#!/bin/bash
# The letters in one database, the queue in another, the failed jobs in a third, each with a
# prefix; lists of hosts of which one is dead; a replica that must not be asked. PHP and
# facteur leave the same rows behind.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && app_new "$TMP/app" DB_SOCKET= || exit 1

sql "create database q; create database f;
    grant all on q.* to $DB_USERNAME@'127.0.0.1'; grant all on f.* to $DB_USERNAME@'127.0.0.1';
    rename table jobs to q.q_todo, failed_jobs to f.f_lost"
for table in $(sql "show tables"); do
    sql "rename table $table to c_$table"
done

# hosts LIST, of the queue: PHP code. Nobody listens at 127.0.0.2.
hosts() {
    cat >"$APP/config/database.php" <<PHP
<?php
\$base = [
    'driver' => 'mysql', 'host' => '127.0.0.1', 'port' => env('DB_PORT'), 'charset' => 'utf8mb4',
    'collation' => 'utf8mb4_unicode_ci', 'username' => env('DB_USERNAME'), 'password' => env('DB_PASSWORD'), 'strict' => true,
];
return [
    'default' => 'letters',
    'connections' => [
        'letters' => ['database' => 'app', 'prefix' => 'c_'] + \$base,
        'queue' => ['database' => 'q', 'prefix' => 'q_', $1] + \$base,
        'lost' => ['database' => 'f', 'prefix' => 'f_'] + \$base,
    ],
];
PHP
}
cat >"$APP/config/queue.php" <<'PHP'
<?php
return [
    'default' => 'club',
    'connections' => ['club' => ['driver' => 'database', 'connection' => 'queue', 'table' => 'todo', 'queue' => 'letters', 'retry_after' => 90]],
    'failed' => ['driver' => 'database-uuids', 'database' => 'lost', 'table' => 'lost'],
];
PHP
sed -i '/^DB_CONNECTION=/d; /^DB_QUEUE=/d; /^QUEUE_CONNECTION=/d' "$APP/.env"

state() {
    echo "--- jobs"
    sql "select queue, payload, attempts, reserved_at, $WAITS
        from q.q_todo order by id"
    echo "--- failed"
    sql "select uuid, connection, queue, payload, exception <> '' from f.f_lost order by id"
    echo "--- sends"
    sql "select club_id, teacher_id, recipient_email, status, error_message like '%550%'
        from c_volunteer_letter_sends order by id"
    echo "--- mails $(mails)"
}

# run PROGRAM: on the rows that were put, from nothing.
run() {
    sql "truncate q.q_todo; truncate f.f_lost; truncate c_volunteer_letter_sends;
        insert into q.q_todo (queue, payload, attempts, reserved_at, available_at, created_at)
        select queue, payload, 0, null, unix_timestamp(), unix_timestamp() from q.saved order by id"
    rm -f "$APP/storage/logs/laravel.log" "$TMP/mails"/*.eml
    "$1" queue:work --stop-when-empty --sleep=0 --tries=1 >"$TMP/$1.log" 2>&1
    echo "--- exit $?"
    state
}

# both NAME
both() {
    local php ours
    php=$(run artisan)
    ours=$(run facteur)
    same "$1" "$ours" "$php"
}

hosts "'host' => '127.0.0.1'"
artisan letters:dispatch 1 3 --user=101 >"$TMP/put.log" 2>&1
artisan letters:dispatch 1 5 --user=101 >>"$TMP/put.log" 2>&1
sql "create table q.saved as select * from q.q_todo; update q.saved set queue = 'letters',
    payload = json_set(payload, '\$.maxTries', 1)"
equals "two jobs wait in the table of the queue's connection" "$(sql "select count(*) from q.q_todo")" 2
both "three databases, three prefixes"
has "the letter went, the other one failed" "$(state)" "	sent	" "	failed	1" "--- mails 1"

hosts "'host' => ['127.0.0.2', '127.0.0.1', '127.0.0.3']"
both "a list of hosts, two of which are dead"

hosts "'sticky' => true, 'read' => ['host' => ['127.0.0.2']], 'write' => ['host' => ['127.0.0.1']]"
ours=$(run facteur)
has "with a dead replica the work is done" "$ours" "--- exit 0" "	sent	" "--- mails 1"

hosts "'url' => 'mysql://'.env('DB_USERNAME').':'.rawurlencode(env('DB_PASSWORD')).'@127.0.0.1:'.env('DB_PORT').'/q', 'host' => 'nowhere.invalid'"
both "a url over the rest"
exit "$((TAP_FAILED > 0))"
