#!/bin/bash
# settings.sh: what is wrong with an app is said with its place and consequence; what
# operators look at (titles, lines, owners of files) tells what is.
. test/lib/servers.sh
. test/lib/work.sh
export ASAN_OPTIONS=detect_leaks=0 # a slot that cannot go on leaves its memory to the system
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 4
cp "$APP/.env" "$TMP/env"
export -n DB_PORT DB_SOCKET # they would win over .env
work() { facteur queue:work --memory=1024 --stop-when-empty --sleep=0 "$@" >"$TMP/out" 2>&1 </dev/null; }
told() { tr -d ' \n' <"$TMP/out"; }
has() { if [[ $2 == *"${3// /}"* ]]; then ok "$1"; else not_ok "$1" "no [$3] in: $2"; fi; }
with() { # with NAME VALUE: .env with another value, or without it
    grep -v "^$1=" "$TMP/env" >"$APP/.env"
    [ $# -eq 1 ] || echo "$1=$2" >>"$APP/.env"
}
# ends NAME WORDS: a worker ends with 1 and says so; about as well.
ends() {
    work
    equals "$1: exit 1" $? 1
    has "$1: is said" "$(told)" "$2"
    facteur about >"$TMP/out" 2>&1
    equals "$1: about exits with 1" $? 1
    has "$1: about says it" "$(told)" "$2"
}

with DB_PORT trois
ends "a port that is none" "DB_PORT (.env:"
with MAIL_SCHEME tls
ends "a scheme that Symfony has not" 'mail.mailers.smtp.scheme is "tls": "smtp" or "smtps" is expected; PHP can send no mail with it either (Laravel 12'"'"'s default, MAIL_SCHEME (.env:'
with MAIL_FROM_ADDRESS nobody
ends "a sender without an @" 'mail.from.address is "nobody": it has no @ (Laravel 12'"'"'s default, MAIL_FROM_ADDRESS (.env:'
with MAIL_PORT trois
ends "a mail server's port that is none" "MAIL_PORT (.env:"
with MAIL_MAILER nowhere
ends "a mailer that is none" "Mailer [nowhere] is not defined. (Laravel 12's default, MAIL_MAILER (.env:"
with DB_CONNECTION sqlite
work
has "a database that facteur has not" "$(told)" "works with mysql and mariadb only (Laravel 12's default, DB_CONNECTION (.env:"
with DB_COLLATION
echo "DB_COLLATION=" >>"$APP/.env"
ends "an empty collation, as in PHP" "Unknown collation: ''"
with QUEUE_CONNECTION redis
ends "a queue that facteur has not" 'works the driver "database" only (Laravel 12'"'"'s default, QUEUE_CONNECTION (.env:'
with QUEUE_CONNECTION ""
ends "an empty queue connection" "The [] queue connection has not been configured. (Laravel 12's default, QUEUE_CONNECTION (.env:"
with DB_PASSWORD wrong
ends "a password that the server refuses" "Access denied"
with QUEUE_CONNECTION null
ends "the null queue" "queue.default is null, which is Laravel's null queue: jobs go nowhere"
with DB_QUEUE null
ends "a queue without a name" "queue.connections.database.queue names no queue"
work --queue=lettres
equals "which --queue gives it" $? 0
with DB_QUEUE_TABLE null
ends "a table without a name" "queue.connections.database.table names no table"
cp "$TMP/env" "$APP/.env"
mkdir -p "$APP/config"
[ ! -e "$APP/config/queue.php" ] || cp "$APP/config/queue.php" "$TMP/queue.php"
for key in failed batching; do
    cat >"$APP/config/queue.php" <<P
<?php
return [
    'default' => 'database',
    'connections' => ['database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default']],
    '$key' => ['driver' => 'database-uuids', 'database' => 'elsewhere', 'table' => 'rows'],
];
P
    [ $key = failed ] || sed -i "s/'database-uuids'/'database'/; \$i 'failed' => ['driver' => 'null']," "$APP/config/queue.php"
    if [ $key = failed ]; then work; else facteur queue:prune-batches >"$TMP/out" 2>&1; fi
    has "queue.$key on no connection: its setting is named" "$(told)" "queue.$key.database: Database connection [elsewhere] not configured"
    has "queue.$key on no connection: and its place" "$(told)" "config/queue.php:5"
done
rm "$APP/config/queue.php"
[ ! -e "$TMP/queue.php" ] || mv "$TMP/queue.php" "$APP/config/queue.php"
rm "$APP/.env"
facteur about >"$TMP/out" 2>&1
equals "no .env: about exits with 1" $? 1
has "and says that there is none" "$(told)" "There is no .env in $APP"
work
has "a worker as well" "$(told)" "there is no .env in $APP"
cp "$TMP/env" "$APP/.env"
facteur about >"$TMP/out" 2>&1
equals "a sound app: about exits with 0" $? 0
has "its views are named" "$(told)" "resources/views/pdf/volunteer-letter.blade.php"

# === too few addresses ===

# ASan's build needs terabytes of them.
(
    ulimit -v 3000000
    FACTEUR=build/release/facteur
    facteur queue:work --stop-when-empty >"$TMP/out" 2>&1 </dev/null
    echo $? >"$TMP/status"
)
equals "a limit on addresses: exit 1" "$(cat "$TMP/status")" 1
has "is said, and what to do" "$(told)" "a slot needs 5 GB of addresses"

# === root beside the app's own user ===

if [ "$(id -u)" = 0 ]; then
    rm -rf "$APP/storage"
    mkdir -p "$APP/storage/framework"
    chown -R nobody:nogroup "$APP/storage"
    facteur letter:dispatch 1 1 -q
    work
    equals "root has sent a letter" "$(mails)" 1
    equals "the log and its folder are the app's user's" \
        "$(stat -c %U:%G "$APP/storage/logs" "$LOG" | sort -u)" nobody:nogroup
    ln -s "$TMP/stolen" "$APP/storage/logs/other.log"
    echo mine >"$TMP/stolen"
    with LOG_CHANNEL daily
    facteur letter:dispatch 1 2 -q
    work
    equals "daily logs as well" "$(stat -c %U "$APP"/storage/logs/laravel-*.log)" nobody
    equals "what was there keeps its owner" "$(stat -c %U "$TMP/stolen")" root
    with CACHE_STORE file
    facteur queue:restart >"$TMP/out" 2>&1
    check "root has told the workers" test -d "$APP/storage/framework/cache/data"
    equals "entries of the file cache as well" "$(find "$APP/storage/framework/cache" ! -user nobody)" ""
    cp "$TMP/env" "$APP/.env"
else
    skip "files that root makes" "this is not root"
fi

# === titles and lines ===

sql "delete from jobs"
work_start --workers=2 --sleep=0.2
titles() { ps -o args= --ppid "$WORK_PID"; }
idle() { [ "$(titles | grep -c ': idle')" = 2 ]; }
paused() { [ "$(titles | grep -c ': paused')" = 2 ]; }
check "two slots are idle" eventually 60 idle
kill -USR2 "$WORK_PID"
check "a paused worker's title says so" eventually 60 paused
check "its master's too" grep -q 'master: paused' <(ps -o args= -p "$WORK_PID")
kill -CONT "$WORK_PID"
check "and when it goes on" eventually 60 idle
victim=$(slots_of "$WORK_PID" | head -1)
kill -KILL "$victim"
check "the death of an idle slot has a line" eventually 60 grep -q 'was killed by signal 9 (Killed) without a job' "$WORK_OUT"
check "in the app's log as well" grep -q 'facteur: slot [12] was killed by signal 9 (Killed) without a job; another takes its place' "$LOG"
check "another takes its place" eventually 60 idle
sql "delete from volunteer_letter_sends"
facteur letter:dispatch 1 1 2 3 4 -q
check "four letters go" eventually 60 is sent,sent,sent,sent sends
kill -TERM "$WORK_PID"
work_wait
numbers() { grep -oE "Job \[[12]\] \.+ .*$1" "$WORK_OUT" | grep -oE '\[[12]\]' | sort | uniq -c | tr -s ' \n' ' '; }
equals "lines of several slots can be paired" "$(numbers RUNNING)" "$(numbers DONE)"
check "each has a number" grep -qE 'SendVolunteerLetterJob \[[12]\] \.+ RUNNING' "$WORK_OUT"
facteur letter:dispatch 1 1 -q
work
check "those of one slot are Laravel's" grep -qE 'SendVolunteerLetterJob \.+ RUNNING' "$TMP/out"
