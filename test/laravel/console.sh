#!/bin/bash
# What queue:work prints: facteur's lines are artisan's, at any width.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && app_new "$TMP/app" || exit 1

# A letter that goes out, one for nobody, one that fails twice: the same rows every time.
artisan letters:dispatch 1 1 4 5
sql "update jobs set payload=json_set(payload, '\$.maxTries', 2);
     create table saved as select * from jobs"

# printed PROGRAM OPTION...
printed() {
    local program=$1
    shift
    app_reset
    sql 'truncate jobs; insert into jobs select * from saved'
    $program queue:work --stop-when-empty --sleep=0 "$@" >"$TMP/out" 2>"$TMP/err"
    cat "$TMP/out"
    [ ! -s "$TMP/err" ] || sed 's/^/stderr: /' "$TMP/err"
}

# printed_same NAME OPTION...: the same lines from both.
printed_same() {
    local name=$1 theirs ours
    shift
    theirs=$(printed artisan "$@" | test/lib/seen.py console)
    ours=$(printed facteur "$@" | test/lib/seen.py console)
    same "$name" "$ours" "$theirs"
}

for columns in 60 80 200; do
    export COLUMNS=$columns
    printed_same "at $columns columns"
    printed_same "at $columns columns with -v" -v
done
for columns in 0 '' 80x; do
    export COLUMNS=$columns
    printed_same "with COLUMNS=\"$columns\""
done
export COLUMNS=80

# Names that PHP takes for false mean the connection's own queue.
for names in 0 other,0; do
    printed_same "with --queue=$names" --queue="$names"
    equals "which holds the letters" "$(sql 'select count(*) from jobs')" 0
done

# The commands around it: a queue named "0" or "", the year 1970, any width.
told() {
    local program=$1
    shift
    app_reset
    sql "truncate jobs; truncate failed_jobs; insert into jobs select * from saved; update jobs set available_at=0;
         insert into failed_jobs (uuid, connection, queue, payload, exception, failed_at)
         select uuid(), 'database', '', payload, 'x', now() from saved limit 1;
         insert into failed_jobs (uuid, connection, queue, payload, exception, failed_at)
         select uuid(), 'database', '0', payload, 'x', now() from saved limit 1"
    $program "$@" 2>&1
    sql "select 'rows', queue, count(*) from jobs group by queue"
    sql "select 'failed', queue, count(*) from failed_jobs group by queue"
}
told_same() { # told_same ARGUMENT...
    same "$*" "$(told facteur "$@" | test/lib/seen.py console)" "$(told artisan "$@" | test/lib/seen.py console)"
}
told_same queue:monitor default,0,database:0 --json
told_same queue:monitor default,0,database:0
told_same queue:clear --queue=0
export COLUMNS=0
told_same queue:monitor default,0
told_same queue:clear --queue=nowhere
export COLUMNS=80
rows_after() { told "$@" | grep -E '^(rows|failed)'; }
same "queue:retry of rows whose queue is \"\" and \"0\"" "$(rows_after facteur queue:retry all)" "$(rows_after artisan queue:retry all)"
same "nothing with -q" "$(printed facteur -q)" "$(printed artisan -q)"

# Colours, without the letters' own text and times.
colours() { grep -oE $'\x1b\[[0-9;]*m' | tr '\033' E | paste -sd' '; }
theirs=$(printed artisan --ansi -v | grep -E 'RUNNING|DONE|FAIL' | sed -E 's/\.+//g' | colours)
same "the same colours with --ansi" \
    "$(printed facteur --ansi -v | grep -E 'RUNNING|DONE|FAIL' | sed -E 's/\.+//g' | colours)" "$theirs"
equals "none without a terminal" "$(printed facteur | grep -c $'\x1b')" 0

# On a terminal both begin with the queues' names.
on_terminal() {
    sql 'truncate jobs'
    script -qec "cd $APP && COLUMNS=80 env -u DB_SOCKET -u DB_PORT $* queue:work --stop-when-empty --sleep=0 --queue=lettres,default" \
        /dev/null </dev/null | tr -d '\r' | sed -E 's/\x1b\[[0-9;]*m//g'
}
same "on a terminal the head says which queues" "$(on_terminal "$FACTEUR")" \
    "$(on_terminal php artisan)"
