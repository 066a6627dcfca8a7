#!/bin/bash
# letter_models.sh: club, teacher and user are read by one statement: each in its own columns,
# and whichever is missing or refused is told as if it had been asked for alone.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 4
once() { facteur queue:work --memory=1024 --stop-when-empty --sleep=0 >"$TMP/out" 2>&1 </dev/null; }
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -f "$TMP"/mails/*.eml
    : >"$LOG"
}
log_on() { sql "set global log_output='TABLE'; truncate mysql.general_log; set global general_log=on"; }
log_off() { sql "set global general_log=off"; }
# selects TABLE: the statements that read it for a letter, as the server was sent them.
selects() {
    sql "select count(*) from mysql.general_log where command_type='Execute' and user_host like 'app%'
         and argument regexp '(from|join) \`$1\` [ctu] '"
}
# state: rows that tell of sends, mails, failed jobs, jobs.
state() { echo "$(sends) $(mails) $(sql 'select count(*) from failed_jobs') $(jobs_count)"; }
missing() { grep -c "Données manquantes {\"club_id\":$1,\"teacher_id\":$2}" "$LOG"; }

# === whose column it is ===

view=$APP/resources/views/pdf/volunteer-letter.blade.php
cp "$view" "$TMP/view"
cat >"$view" <<'VIEW'
<p>CLUB {{ $club->id }} {{ $club->name }} {{ $club->phone }} {{ $club->city }} {{ $club->created_at }}</p>
<p>TEACHER {{ $teacher->id }} {{ $teacher->created_at }}</p>
<p>USER {{ $teacher->user->id }} {{ $teacher->user->name }} {{ $teacher->user->phone }} {{ $teacher->user->city }} {{ $teacher->user->created_at }}</p>
VIEW
sql "set foreign_key_checks=0; update clubs set phone='111', created_at='2021-01-01 01:01:01';
     update teachers set id=22, created_at='2022-02-02 02:02:02' where id=1;
     update users set id=33, phone='333', created_at='2023-03-03 03:03:03' where id=1;
     update teachers set user_id=33 where id=22"
text() {
    facteur letter:preview 1 "$1" --pdf="$TMP/l.pdf" >"$TMP/out" 2>&1 &&
        pdftotext "$TMP/l.pdf" - | tr -s ' \n\f' ' ' | sed 's/^ //; s/ $//'
}
apart="CLUB 1 Les Écuries de l'Étang 111 Wavre 2021-01-01 01:01:01 TEACHER 22 2022-02-02 02:02:02 USER 33 Zoë Lefèvre 1 333 Namur 2023-03-03 03:03:03"
log_on
equals "columns of the same name are each model's own" "$(text 22)" "$apart"
log_off
equals "each table is read once" "$(selects clubs) $(selects teachers) $(selects users)" "1 1 1"

# A view in the table's place, in which a club stands twice: the first one counts.
sql "rename table clubs to all_clubs; create view clubs as select * from all_clubs union all select * from all_clubs"
log_on
equals "an id that stands twice is the first one" "$(text 22)" "$apart"
log_off
equals "which one SELECT alone tells" "$(selects clubs) $(selects teachers)" "2 2"
sql "drop view clubs; rename table all_clubs to clubs"

# === a model's casts and its own table ===

mkdir -p "$APP/app/Models"
model() { # NAME LINE: a model of the app
    printf '<?php\n\nnamespace App\\Models;\n\nclass %s extends \\Illuminate\\Database\\Eloquent\\Model\n{\n    %s\n}\n' \
        "$1" "$2" >"$APP/app/Models/$1.php"
}
model Club "protected \$table = 'organisations'; protected \$casts = ['created_at' => 'timestamp'];"
model Teacher ""
model User "protected \$casts = ['phone' => 'int'];"
sql "rename table clubs to organisations"
cast="CLUB 1 Les Écuries de l'Étang 111 Wavre 1609459261 TEACHER 22 2022-02-02 02:02:02 USER 33 Zoë Lefèvre 1 333 Namur 2023-03-03 03:03:03"
equals "each model's casts and table are its own" "$(text 22)" "$cast"
equals "a teacher without SoftDeletes is never deleted" \
    "$(sql "update teachers set deleted_at=now() where id=22"; text 22)" "$cast"
model Teacher "use \\Illuminate\\Database\\Eloquent\\SoftDeletes;"
text 22 >/dev/null
equals "with it, the teacher is missing" "$(tr -s ' \n' ' ' <"$TMP/out" | grep -c 'club 1 or teacher 22 is missing')" 1
sql "update teachers set deleted_at=null"
model Club "protected \$connection = 'elsewhere';"
facteur letter:preview 1 22 --pdf="$TMP/l.pdf" >"$TMP/out" 2>&1
equals "a model on another connection: none is read" "$?" 1
check "and that is said" grep -q 'elsewhere' "$TMP/out"
rm -r "$APP/app"
sql "rename table organisations to clubs"
cp "$TMP/view" "$view"

# === one of them is missing ===

facteur letter:dispatch 1 2 -q
sql "create table seeds as select replace(json_set(payload, '\$.maxTries', 1), 'i:2;', 'i:TEACHER;') payload from jobs; delete from jobs"
# put CLUB TEACHER: a job, whoever they are.
put() {
    sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at) select 'default',
         json_set(replace(replace(payload, 'i:TEACHER;', 'i:$2;'), 'clubId\\\\\";i:1;', 'clubId\\\\\";i:$1;'), '\$.uuid', uuid()), 0, null, 0, 0 from seeds"
}
# gone NAME CLUB TEACHER: the job is done, and the log says why.
gone() {
    reset
    put "$2" "$3"
    log_on
    once
    log_off
    equals "$1: the job is done, without a row" "$(state)" "NULL 0 0 0"
    equals "$1: the log says so, with both ids" "$(missing "$2" "$3")" 1
}
reset
put 1 2
log_on
once
log_off
equals "a letter is one SELECT" "$(selects clubs) $(selects teachers) $(selects users) $(state)" "1 1 1 sent 1 0 0"
gone "no such club" 77 2
equals "then each is asked for" "$(selects clubs) $(selects teachers)" "2 2"
gone "no such teacher" 1 99
gone "neither" 77 99
sql "set foreign_key_checks=0; insert into teachers (id, user_id) values (50, 404)"
gone "no such user" 1 50
sql "update teachers set deleted_at=now() where id=3"
gone "a deleted teacher" 1 3
sql "update users set email='' where id=4"
gone "no address" 1 4
equals "which one SELECT tells" "$(selects clubs) $(selects teachers)" "1 1"

# === one of them is refused ===

# A user who may read what a letter needs, and no more.
sql "create user app_narrow@localhost identified by '$DB_PASSWORD'; create user app_narrow@'127.0.0.1' identified by '$DB_PASSWORD'"
rights() { # GRANT|REVOKE TO|FROM RIGHT TABLE
    sql "$1 $3 on app.$4 $2 app_narrow@localhost; $1 $3 on app.$4 $2 app_narrow@'127.0.0.1'"
}
for table in jobs failed_jobs volunteer_letter_sends cache cache_locks job_batches; do
    rights grant to "select, insert, update, delete" $table 2>/dev/null
done
rights grant to select clubs
rights grant to select teachers
rights grant to "select (id, name, email, street, street_number, street_box, address, postal_code, city, country)" users
sed -i 's/^DB_USERNAME=.*/DB_USERNAME=app_narrow/' "$APP/.env"
reset
work_start --sleep=0.1
put 1 2
check "who may not read a secret column sends letters" eventually 20 is "sent 1 0 0" state
# refused NAME PATTERN: the attempt fails with the server's words and the table that they are about.
refused() {
    reset
    put 1 2
    eventually 20 is "NULL 0 1 0" state
    local text
    text=$(sql "select exception from failed_jobs" | head -1)
    # shellcheck disable=SC2053
    if [[ $text == *$2* ]]; then ok "$1"; else not_ok "$1" "no [$2] in: $text"; fi
}
rights revoke from select teachers
refused "no right on teachers" "SELECT command denied to user*teachers? (Connection: mysql, Table: teachers)"
rights grant to select teachers
rights revoke from "select (email)" users
refused "no right on a user's column" "SELECT command denied to user*'email' in table 'users' (Connection: mysql, Table: teachers)"
rights grant to "select (email)" users
rights revoke from select clubs
refused "no right on clubs" "SELECT command denied to user*clubs? (Connection: mysql, Table: clubs)"
rights grant to select clubs
sql "rename table users to persons"
refused "no table users" "Table 'app.users' doesn't exist (Connection: mysql, Table: teachers)"
sql "rename table persons to users; alter table clubs rename column city to town"
refused "no such column of a club" "Unknown column 'c.city' in * (Connection: mysql, Table: clubs)"
sql "alter table clubs rename column town to city; rename table clubs to organisations, teachers to people"
refused "with two tables gone, the club's is told" "Table 'app.clubs' doesn't exist (Connection: mysql, Table: clubs)"
sql "rename table organisations to clubs, people to teachers"
reset
put 1 2
check "with all of them again letters go" eventually 20 is "sent 1 0 0" state
kill -TERM "$WORK_PID"
work_wait
sed -i "s/^DB_USERNAME=.*/DB_USERNAME=$DB_USERNAME/" "$APP/.env"

# === two connections ===

sql "create database line; create table line.jobs like jobs; grant all on line.* to $DB_USERNAME@localhost;
     grant all on line.* to $DB_USERNAME@'127.0.0.1'; drop table jobs"
cat >"$APP/config/database.php" <<'PHP'
<?php $mysql = ['driver' => 'mysql', 'host' => '127.0.0.1', 'port' => env('DB_PORT'), 'username' => env('DB_USERNAME'),
    'password' => env('DB_PASSWORD'), 'unix_socket' => env('DB_SOCKET', '')];
return ['default' => 'mysql', 'connections' => ['mysql' => $mysql + ['database' => env('DB_DATABASE')],
    'line' => $mysql + ['database' => 'line']]];
PHP
cat >"$APP/config/queue.php" <<'PHP'
<?php return ['default' => 'database', 'connections' => ['database' => ['driver' => 'database', 'connection' => 'line',
    'table' => 'jobs', 'queue' => 'default', 'retry_after' => 90]]];
PHP
sql "delete from failed_jobs; delete from volunteer_letter_sends; create view jobs as select * from line.jobs"
rm -f "$TMP"/mails/*.eml
put 1 2
put 1 99
log_on
once
log_off
equals "models are read where they are, wherever the queue is" \
    "$(selects clubs) $(state) $(missing 1 99)" "3 sent 1 0 0 1"
