#!/bin/bash
# doctor.sh: each finding of doctor, provoked once, with where it stands and what to do. Nothing is changed by it.
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_make "$TMP/app"
people 2
doctor() { COLUMNS=80 facteur doctor "$@" 2>&1; }
code() { doctor "$@" >/dev/null 2>&1; echo $?; }
# of CHECK: its findings alone
of() { facteur doctor --json 2>/dev/null | /usr/bin/python3 -c "
import json, sys
for f in json.load(sys.stdin):
    if f['check'] == sys.argv[1]:
        print(f['gravity'], f['found'], f['setting'], f['from'], f['advice'])" "$1"; }
env_is() { # NAME=VALUE...: .env, with these
    cp "$TMP/env" "$APP/.env"
    local word
    for word; do sed -i "/^${word%%=*}=/d" "$APP/.env" && echo "$word" >>"$APP/.env"; done
}
cp "$APP/.env" "$TMP/env"

# === an app that is well ===

tables() { sql "select count(*) from jobs; select count(*) from volunteer_letter_sends; select count(*) from failed_jobs"; }
before=$(tables)
out=$(doctor)
has "each check is told" "$out" "Queue" "Database" "Lease" "Failed Jobs" "Workers" "Folders" "Cache" "Mail" "PHP" "Letters" "Proof"
has "the server and what it can" "$(of Database)" "ok" "skips locked rows" 'rows of `jobs` can be written and deleted'
has "the newest letter is made" "$(of Letters)" "ok the letter of club 1 and teacher "
equals "nothing was changed, and no mail went out" "$(tables) $(mails)" "$before 0"

has "about ends with what it finds at once" "$(COLUMNS=80 facteur about 2>&1 | sed -n '/Doctor/,$p')" "Doctor" "Lease" "note" "retry_after is "
equals "but not of one section" "$(COLUMNS=80 facteur about --only=queue 2>&1 | grep -c Doctor)" 0

equals "in 80 columns" "$(COLUMNS=80 facteur doctor 2>/dev/null | wc -L)" 80

# === the queue connection ===

env_is QUEUE_CONNECTION=sync
has "a default connection that is not the database" "$(of Queue)" "wrong" "queue.default" "facteur queue:work database"
equals "ends with 1" "$(code)" 1
env_is

# === the database ===

has "a server that is away" "$(DB_SOCKET="$TMP/none" of Database)" "wrong" "facteur about --only=database"
sql "rename table jobs to elsewhere"
has "no table" "$(of Database)" "wrong there is no table jobs" "php artisan queue:table"
sql "rename table elsewhere to jobs; alter table jobs engine=MyISAM"
has "a table without transactions" "$(of Database)" "wrong the table jobs is no InnoDB" "alter table jobs engine=InnoDB"
sql "alter table jobs engine=InnoDB; create trigger t before insert on jobs for each row set new.attempts = 0"
has "a table with triggers" "$(of Database)" "note the table jobs has triggers"
sql "drop trigger t; create user reader@'%' identified by 'reads'; grant select on $DB_DATABASE.* to reader@'%'"
has "rights that are missing" "$(DB_USERNAME=reader DB_PASSWORD=reads of Database)" "wrong" "INSERT command denied" "grant select, insert, update, delete"
sql "set global wait_timeout=20"
has "sessions that end soon" "$(of Database)" "note wait_timeout is 20 s"
sql "set global wait_timeout=28800"
skew() { sql "set global init_connect='set timestamp=unix_timestamp()-100'"; }
skew
has "a clock that is behind" "$(DB_USERNAME=reader DB_PASSWORD=reads of Database)" "wrong the server's clock is " "behind"
sql "set global init_connect=''"
sql "rename table failed_jobs to elsewhere"
has "no table of failed jobs" "$(of "Failed Jobs")" "wrong" "queue.failed"
sql "rename table elsewhere to failed_jobs"

# === leases ===

has "a lease that is shorter than a letter" "$(of Lease)" "note retry_after is " "queue.connections.database.retry_after" "stopwaitsecs"
env_is DB_QUEUE_RETRY_AFTER=300
lease=$(of Lease)
case $lease in ok*) ok "one that is longer is well" ;; *) skip "one that is longer is well" "this app's retry_after is no variable: $lease" ;; esac
env_is

# === jobs that wait for nobody ===

facteur letter:dispatch 1 1 -q
sql "update jobs set available_at = unix_timestamp() - 3600"
has "jobs that wait for nobody" "$(of Workers)" "wrong 1 jobs wait, the oldest for 60 min" "facteur queue:work"
sql "delete from jobs"

# === folders, cache, mail, PHP ===

if [ "$(id -u)" = 0 ]; then
    chmod 700 "$APP/storage/logs" && chown -R 0 "$APP/storage"
    chmod -R a+rX "$TMP" "$APP"
    chmod 755 "$APP/storage/logs" "$APP/storage/framework"
    out=$(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$FACTEUR" --app="$APP" doctor --json 2>/dev/null)
    has "folders that cannot be written to" "$out" "storage/logs" "chown"
else
    skip "folders that cannot be written to" "only root may become another user"
fi
env_is CACHE_STORE=array
has "a cache that nobody shares" "$(of Cache)" "note store array" "cache.default"
env_is MAIL_MAILER=pigeon
has "a mailer that there is not" "$(of Mail)" "wrong" "mail.default"
env_is
equals "--send-to sends a mail" "$(code --send-to=jean@example.org >/dev/null; mails)" 1
SMTP=$SMTP_PORT
env_is MAIL_PORT=1
has "a mail server that is away" "$(doctor --send-to=jean@example.org)" "Mail" "wrong" "facteur about --only=mail"
env_is PHP_BINARY=/nowhere/php
has "a PHP that is not there" "$(of PHP)" "wrong" "PHP_BINARY"
env_is

# === letters ===

view=$APP/resources/views/pdf/volunteer-letter.blade.php
cp "$view" "$TMP/view"
printf '@dump($club)\n' >>"$view"
has "a view that facteur cannot render" "$(of Letters)" "note" "volunteer-letter.blade.php:" "volunteers' letters are run by PHP" "facteur view:check"
cp "$TMP/view" "$view"
sql "update clubs set name = '漢字'"
has "a glyph that is missing for the data" "$(of Letters)" "note" "U+6F22"
sql "update clubs set name = 'Activibe'"
has "letters that were never compared" "$(of Proof)" "note no letter was compared with PHP's yet" "facteur letter:prove"
exit "$((TAP_FAILED > 0))"
