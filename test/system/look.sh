#!/bin/bash
# look.sh: a worker that finds its letters while a long table is still being read: in the
# order of the queues, not ending before all is read, and leaving what is PHP's to PHP.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --innodb-buffer-pool-size=256M
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 3
ROWS=70000 # more than one look pages through
reset() {
    sql "truncate jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
    : >"$LOG"
}
# grow QUEUE ROWS: the one row of a queue becomes so many.
grow() {
    local have=1
    while [ $have -lt "$2" ]; do
        sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
             select queue, payload, 0, null, 0, 0 from jobs where queue='$1' limit $(($2 - have))"
        have=$((2 * have))
    done
}
# many QUEUE: rows of another class.
many() {
    foreign_job SendInvoice "$1"
    grow "$1" $ROWS
}
letter() { facteur letter:dispatch 1 "$1" --queue="$2" -q; } # TEACHER QUEUE
recipients() { sql "select group_concat(teacher_id order by id) from volunteer_letter_sends"; }

# === a table that one look does not read to its end ===

for how in --stop-when-empty --once --max-jobs=1; do
    reset
    many default
    letter 1 default
    check "$how: ends with 0" facteur queue:work --memory=1024 --sleep=0 "$how"
    equals "$how: not before the letter behind $ROWS other jobs" "$(recipients) $(sends)" "1 sent"
done
equals "nothing else was touched" "$(sql "select count(*), sum(attempts) from jobs")" $ROWS$'\t'0

reset
many default
sql "set global log_output='TABLE'; truncate mysql.general_log; set global general_log=on"
facteur queue:work --memory=1024 --sleep=0 --stop-when-empty >"$TMP/out" 2>&1
equals "where there is none it ends with 0, too" $? 0
sql "set global general_log=off"
check "and names the class of the others" grep -qF 'artisan worker must stay for them: App\Jobs\SendInvoice' "$TMP/out"
equals "no payload was sent to it" \
    "$(sql "select count(*) from mysql.general_log where argument regexp 'select (\\\\*|payload|.* as payload)'")" 0

# === queues in their order ===

reset
letter 2 low
letter 3 low
many high
letter 1 high
for slots in 1 2; do
    sql "truncate volunteer_letter_sends"
    [ $slots = 1 ] || { letter 2 low; letter 3 low; letter 1 high; }
    facteur queue:work --memory=1024 --sleep=0 --stop-when-empty --queue=high,low --workers=$slots >"$TMP/out" 2>&1
    order=$(recipients)
    equals "$slots slots: the letter behind $ROWS jobs of the first queue goes out before the second queue's" \
        "${order%%,*}" 1
    equals "$slots slots: then those, all of them" "$(sql "select count(*) from volunteer_letter_sends where status='sent'")" 3
done

# === what is refused ===

# Encrypted commands, and no key in .env: such letters are PHP's.
reset
sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at) select 'default', concat(
     '{\"uuid\":\"', uuid(), '\",\"displayName\":\"App\\\\\\\\Jobs\\\\\\\\SendVolunteerLetterJob\",\"job\":\"Illuminate\\\\\\\\Queue\\\\\\\\CallQueuedHandler@call\",\"maxTries\":null,',
     '\"data\":{\"commandName\":\"App\\\\\\\\Jobs\\\\\\\\SendVolunteerLetterJob\",\"command\":\"eyJpdiI6IiJ9\"}}'), 0, null, 0, 0"
grow default 300
letter 1 default
sql "truncate mysql.general_log; set global general_log=on"
work_start --sleep=0.1
eventually 20 is 1 mails
looks() { sql "select count(*) from mysql.general_log where argument like 'select id from \`jobs\`%order by id limit%'"; }
more_looks() { [ "$(looks)" -ge "$1" ]; }
locked() { sql "select count(*) from mysql.general_log where argument like 'select * from \`jobs\`%for update%'"; }
read_rows() { sql "select count(*) from mysql.general_log where argument like 'select id, crc32(payload) as mark%'"; }
eventually 20 more_looks $(($(looks) + 40))
note "$(looks) looks, $(locked) claims, $(read_rows) reads of a hundred"
check "300 letters that are refused are not claimed again and again" test "$(locked)" -le 12
check "nor read again and again" test "$(read_rows)" -le 12
equals "they are said once" "$(grep -c 'is encrypted' "$LOG")" 1
before=$(read_rows)
again() { [ "$(($(read_rows) + $(locked)))" -gt "$1" ]; }
printf '\n' >>"$APP/resources/views/pdf/volunteer-letter.blade.php"
check "once the app's files change they are asked for again" eventually 60 again $((before + $(locked)))
kill -TERM "$WORK_PID"
work_wait
sql "set global general_log=off"
equals "and are as they were" "$(sql "select count(*), sum(attempts), count(reserved_at) from jobs")" 300$'\t'0$'\t'0
