#!/bin/bash
# lines.sh: what queue:work prints, in the form of the app's own Laravel version.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=teacher2@example.test
app_make "$TMP/app" MAIL_ENCRYPTION=null
people 2
export COLUMNS=80
J='App\Jobs\SendVolunteerLetterJob'

laravel() { printf '{"packages":[{"name":"laravel/framework","version":"v%s"}]}\n' "$1" >"$APP/composer.lock"; }
# once TEACHER [OPTION...]: one letter; its lines with dates, times and the id masked.
once() {
    facteur letter:dispatch 1 "$1" -q
    facteur queue:work --memory=1024 --once "${@:2}" | mask
}
mask() {
    sed -E 's/20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}/DATE/g; s/20[0-9-]{8}T[0-9:.]{15}/DATE/g; s/\[[0-9]+\]/[ID]/
            s/[0-9a-f]{8}-[0-9a-f-]{27}/UUID/; s/"id":[0-9]+/"id":ID/; s/"duration":[0-9.]+/"duration":D/; s/ [0-9]+ (database|\.)/ ID \1/'
}
# The runtime's width decides the dots: the whole line's length is what must hold.
lengths() { awk '{ print length($0) }' | paste -sd' '; }
short() { sed -E 's/\.{2,}/../; s/[0-9.,]+ms/MS/'; }

laravel 8.83.29
equals "Laravel 8 says Processing and Processed" "$(once 1)" \
    "[DATE][ID] Processing: $J
[DATE][ID] Processed:  $J"
facteur letter:dispatch 1 2 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
equals "and Failed" "$(facteur queue:work --memory=1024 --once | mask | tail -1)" "[DATE][ID] Failed:     $J"
sql "delete from jobs"
facteur letter:dispatch 1 2 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 3)"
equals "and nothing of a job that is tried again" \
    "$(facteur queue:work --memory=1024 --once | mask)" "[DATE][ID] Processing: $J"
sql "delete from jobs"

laravel 9.52.22
facteur letter:dispatch 1 1 -q
equals "Laravel 9 says RUNNING and DONE, in 78 columns" \
    "$(facteur queue:work --memory=1024 --once | tee "$TMP/nine" | lengths)" "78 78"
equals "with dots and a runtime" "$(mask <"$TMP/nine" | short)" \
    "  DATE $J .. RUNNING
  DATE $J .. MS DONE"
equals "and with -v the id" "$(once 1 -v | short)" \
    "  DATE $J ID .. RUNNING
  DATE $J ID .. MS DONE"

laravel 12.72.0
equals "Laravel 12.20 tells connection and queue as well" "$(COLUMNS=120 once 1 -v | short)" \
    "  DATE $J ID database default .. RUNNING
  DATE $J ID database default .. MS DONE"
equals "-q prints nothing, and the letter goes" "$(once 1 -q; mails)" "5"
equals "--json prints objects" "$(once 1 --json)" \
    '{"level":"info","id":ID,"uuid":"UUID","connection":"database","queue":"default","job":"App\\Jobs\\SendVolunteerLetterJob","status":"starting","attempts":1,"timestamp":"DATE+01:00"}
{"level":"info","id":ID,"uuid":"UUID","connection":"database","queue":"default","job":"App\\Jobs\\SendVolunteerLetterJob","status":"success","result":"deleted","attempts":1,"timestamp":"DATE+01:00","duration":D}'
facteur letter:dispatch 1 2 -q
facteur queue:work --memory=1024 --once --json --tries=1 >"$TMP/failed"
check "and of a failed job its exception" grep -qE \
    '"level":"warning",.*"status":"(failed|released_after_exception)","result":"(deleted|released)","attempts":1,' "$TMP/failed"
sql "delete from jobs"
facteur letter:dispatch 1 2 -q
sql "update jobs set payload = json_set(payload, '\$.maxTries', 1)"
facteur queue:work --memory=1024 --once --json >"$TMP/failed"
check "class and message" grep -qE \
    '"status":"failed","result":"deleted","attempts":1,"exception":"[^"]+","message":"([^"\\]|\\.)+","timestamp"' "$TMP/failed"
check "nothing but JSON" python3 -c 'import json, sys; [json.loads(l) for l in open(sys.argv[1])]' "$TMP/failed"

printf "<?php\n\nreturn ['output_timezone' => 'Asia/Tokyo'];\n" >"$APP/config/queue.php"
hour=$(TZ=Asia/Tokyo date +%H)
facteur letter:dispatch 1 1 -q
equals "queue.output_timezone moves the lines' times" \
    "$(facteur queue:work --memory=1024 --once | head -1 | cut -c14-15)" "$hour"
check "but not the rows'" is 1 sql \
    "select count(*) from (select sent_at from volunteer_letter_sends order by id desc limit 1) s
     where abs(timestampdiff(minute, sent_at, convert_tz(utc_timestamp(), '+00:00', '$(TZ=Europe/Paris date +%:z)'))) < 5"
printf "<?php\n\nreturn ['output_timezone' => 'Mars/Olympus'];\n" >"$APP/config/queue.php"
facteur queue:work --once >"$TMP/out"
equals "a zone that does not exist ends it" "$?" 1
check "and is named" grep -q 'queue.output_timezone' "$TMP/out"
rm "$APP/config/queue.php"

# === options ===

started=$SECONDS
facteur queue:work --memory=1024 --stop-when-empty-for=2 --sleep=0.2 >/dev/null
equals "--stop-when-empty-for ends it" "$?" 0
check "after that time" test $((SECONDS - started)) -ge 2

# === Laravel 13 tells of queues that are paused, and why a worker stops ===

said() { facteur queue:work --memory=1024 --sleep=0 "$@" | mask; }

sql "delete from jobs"
laravel 13.20.0
facteur queue:pause default -q
equals "before 13.26 nothing tells of a paused queue" "$(said --stop-when-empty)" ""
laravel 13.26.0
equals "then a line does" "$(said --stop-when-empty)" "  DATE Queue default PAUSED"
equals "or an object" "$(said --stop-when-empty --json)" \
    '{"level":"warning","queue":"default","status":"paused","timestamp":"DATE+01:00"}'
facteur queue:resume default -q
laravel 13.30.0
equals "from 13.30 on a worker says why it stops: the queue is empty" "$(said --stop-when-empty)" \
    "  DATE Worker STOPPED Queue empty"
equals "its time is over" "$(said --max-time=1 --sleep=0.1)" "  DATE Worker STOPPED Maximum run time exceeded"
equals "but not with --once" "$(said --once)" ""
equals "nor with -q" "$(said --stop-when-empty -q)" ""
equals "its memory is used up" "$(facteur queue:work --memory=1 | mask)" "  DATE Worker STOPPED Memory limit exceeded"
facteur letter:dispatch 1 1 1 -q
equals "it has done its jobs" "$(said --max-jobs=2 | tail -1)" "  DATE Worker STOPPED Maximum jobs exceeded"
equals "in JSON with numbers" "$(said --stop-when-empty --json | sed -E 's/"memory":[0-9.]+/"memory":M/')" \
    '{"level":"info","status":"stopped","reason":"empty","exit_code":0,"jobs_processed":0,"memory":M,"timestamp":"DATE+01:00"}'
laravel 13.42.0
has_names() { said --stop-when-empty --json --queue=a,b | grep -q '"connection":"database","queue":"a,b","status":"stopped"'; }
check "later with the connection and the queues" has_names
work_start --sleep=5
eventually 40 pgrep -P "$WORK_PID" >/dev/null # its slot is there, so it hears signals
kill -TERM "$WORK_PID"
work_wait
equals "and when it was told to" "$(mask <"$WORK_OUT")" "  DATE Worker STOPPED Interrupted"

mariadb_stop
facteur queue:work --memory=1024 --once --sleep=0.1 >/dev/null
equals "--once ends with 0 when the server is away" "$?" 0
facteur queue:work --memory=1024 --stop-when-empty >/dev/null
equals "and so does --stop-when-empty" "$?" 0
check "both say so" is 2 grep -c 'trying again' "$LOG"
