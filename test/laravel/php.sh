#!/bin/bash
# Jobs of all classes: letters here, the others in the app's PHP.
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/php_jobs.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
LETTERS=10
php_app "$TMP/app" $LETTERS || exit 1
WORK=(queue:work --sleep=0 --memory=1024)

php_of() { pgrep -f 'facteur queue:work \*/' -P "$(pgrep -P "$1" | head -1)"; }

# === all classes, in their order ===

artisan jobs:mixed $LETTERS
facteur "${WORK[@]}" --stop-when-empty --php=auto >"$TMP/out" 2>&1
equals "it ends with 0" $? 0
equals "every letter went out, once" "$(mails) $(sql "select count(*) from volunteer_letter_sends where status='sent'")" "$LETTERS $LETTERS"
equals "every other job ran, once" \
    "$(sql 'select class, count(*) from done_jobs group by 1 order by 1' | paste -sd' ')" \
    "App\\\\Jobs\\\\GenerateInvoiceJob	$LETTERS App\\\\Jobs\\\\SendLessonReminderJob	$LETTERS App\\\\Notifications\\\\LessonMoved	$LETTERS"
equals "nothing failed, nothing is left" "$(left)" $'0\t0'
equals "nobody else has to stay" "$(grep -c "an artisan worker" "$TMP/out")" 0
equals "each job has its two lines" "$(grep -c RUNNING "$TMP/out") $(grep -c DONE "$TMP/out")" \
    "$((4 * LETTERS)) $((4 * LETTERS))"
equals "they ran in the order of their ids" \
    "$(grep RUNNING "$TMP/out" | awk '{ print $3 }' | paste -sd' ')" \
    "$(for ((i = 0; i < LETTERS; i++)); do printf 'App\\Jobs\\SendLessonReminderJob App\\Jobs\\SendVolunteerLetterJob App\\Jobs\\GenerateInvoiceJob App\\Notifications\\LessonMoved '; done | sed 's/ $//')"

# === deaths ===

class Segv 'posix_kill(getmypid(), SIGSEGV); sleep(5);'
class Exits 'exit(3);'
class Fatal '$f = "undefined_function_of_nobody"; set_error_handler(null); ini_set("memory_limit", "64M"); str_repeat("x", 1 << 30);'
for class in Segv Exits Fatal Nothing; do put $class; done
facteur "${WORK[@]}" --stop-when-empty --php=auto >"$TMP/out" 2>&1
equals "the worker survives what kills PHP" "$? $(left)" $'0 0\t3'
equals "each failure says what happened" "$(exceptions | sed 's/ in .*//; s/(Allowed.*/(Allowed/')" \
"RuntimeException: App\\\\Jobs\\\\Segv: its PHP process was killed by signal 11 (Segmentation fault)
RuntimeException: App\\\\Jobs\\\\Exits: its PHP process ended with status 3 (exit() was called)
RuntimeException: App\\\\Jobs\\\\Fatal: its PHP process ended with status 255 (Allowed"
equals "and then what Laravel calls it" "$(sql "select count(*) from failed_jobs where exception like
    '%\n\nNext Illuminate_Queue_MaxAttemptsExceededException: %'")" 3
fresh
put Segv
facteur "${WORK[@]}" --once --tries=2 --backoff=7 --php=auto >"$TMP/out" 2>&1
equals "with a try left it is released with its backoff" \
    "$(sql "select attempts, reserved_at is null, available_at - unix_timestamp() between 3 and 7 from jobs")" $'1\t1\t1'

# === what PHP leaves, and who is killed with it ===

fresh
class Hangs 'file_put_contents(storage_path("pids"), getmypid()." "); $p = proc_open(["sleep", "300"], [], $x); file_put_contents(storage_path("pids"), proc_get_status($p)["pid"], FILE_APPEND); sleep(300);'
put Hangs
background "$TMP/hangs.log" facteur "${WORK[@]}" --php=auto --tries=2 --backoff=100
hung() { [ "$(wc -w <"$APP/storage/pids" 2>/dev/null)" = 2 ]; }
eventually 20 hung
read -r php grandchild <"$APP/storage/pids"
kill -9 "$(pgrep -P "$WORKER" | head -1)"
gone() { ! kill -0 "$php" 2>/dev/null && ! kill -0 "$grandchild" 2>/dev/null; }
check "PHP goes with its slot, and what it started" eventually 10 gone
released() { [ "$(sql 'select attempts, reserved_at is null from jobs')" = $'1\t1' ]; }
check "its job is released by the slot's successor" eventually 20 released
kill -TERM "$WORKER"
wait "$WORKER"
equals "the worker goes on, and stops when it is told" $? 0
forget "$WORKER"
rm -f "$APP/storage/pids"

# === deadlines ===

fresh
class Sleeps 'sleep(60);'
put Sleeps
put Nothing
facteur "${WORK[@]}" --stop-when-empty --timeout=1 --php=auto >"$TMP/out" 2>&1
equals "a job's time ends, and the next one runs" "$? $(left)" $'0 0\t1'
has "its failure is Laravel's" "$(exceptions)" 'TimeoutExceededException: App\\Jobs\\Sleeps has timed out.'

# === an app that cannot be booted ===

fresh
put Nothing
artisan jobs:mixed 1
sql "truncate done_jobs"
printf '#!/bin/sh\nexit 4\n' >"$TMP/php"
chmod +x "$TMP/php"
app_env "PHP_BINARY=$TMP/php"
background "$TMP/broken.log" facteur "${WORK[@]}" --php=auto
sent() { [ "$(mails)" -gt "$LETTERS" ]; }
check "letters go out beside a broken app" eventually 20 sent
said() { grep -q "$TMP/php ended with status 4 before the app was booted" "$LOG"; }
check "that it cannot be booted is said" eventually 20 said
sleep 1
equals "once" "$(grep -c 'before the app was booted' "$LOG")" 1
printf '#!/bin/sh\nexec php "$@"\n' >"$TMP/php"
empty() { [ "$(left)" = $'0\t0' ]; }
check "when it is mended its jobs run" eventually 90 empty
equals "each once" "$(sql 'select count(*) from done_jobs')" 3
kill -TERM "$WORKER"
wait "$WORKER"
forget "$WORKER"

fresh
put Nothing
cp "$APP/bootstrap/app.php" "$TMP/app.php"
printf '<?php\n\nreturn oops(;\n' >"$APP/bootstrap/app.php"
facteur "${WORK[@]}" --stop-when-empty --php=auto >"$TMP/out" 2>&1
equals "an app with an error leaves its jobs" "$? $(left)" $'0 1\t0'
has "and says which" "$(cat "$LOG")" "cannot boot the app: syntax error, unexpected token" "bootstrap/app.php:3"
cp "$TMP/app.php" "$APP/bootstrap/app.php"

# === another app ===

fresh
class Says 'file_put_contents(storage_path("said"), "one ", FILE_APPEND);'
put Says
background "$TMP/renewed.log" facteur "${WORK[@]}" --php=auto
check "a job runs" eventually 20 empty
sleep 2.5
class Says 'file_put_contents(storage_path("said"), "two ", FILE_APPEND);'
put Says
check "and one behind it" eventually 20 empty
equals "with the code as it is now" "$(cat "$APP/storage/said")" "one two "
kill -TERM "$WORKER"
wait "$WORKER"
forget "$WORKER"

# === rows that nobody can run ===

fresh
sql "insert into jobs (queue, payload, attempts, available_at, created_at) values
    ('default', '{\"uuid\":\"x', 0, 0, 0), ('default', 'null', 0, 0, 0), ('default', '', 0, 0, 0)"
put Nothing
facteur "${WORK[@]}" --stop-when-empty --php=auto >"$TMP/out" 2>&1
equals "they fail, and the next one runs" "$? $(left)" $'0 0\t3'
equals "each with a uuid" "$(sql 'select count(distinct uuid), min(length(uuid)) from failed_jobs')" $'3\t36'
has "and the reason" "$(exceptions)" "the payload is no JSON object"

# === told to stop while the app boots ===

fresh
printf '#!/bin/sh\n[ ! -e %s ] || exec sleep 300\ntouch %s\nexec php "$@"\n' "$TMP/asked" "$TMP/asked" >"$TMP/php"
app_env "PHP_BINARY=$TMP/php"
put Nothing
background "$TMP/boots.log" facteur "${WORK[@]}" --php=auto
boots() { pgrep -f 'sleep 300' -P "$(pgrep -P "$WORKER" | head -1)" >/dev/null; }
check "an app hangs while it boots" eventually 20 boots
began=$SECONDS
kill -TERM "$WORKER"
wait "$WORKER"
equals "the worker ends soon when it is told" "$? $((SECONDS - began < 10))" "0 1"
forget "$WORKER"
equals "and its job waits as it did" "$(sql 'select attempts, reserved_at is null from jobs')" $'0\t1'

# === letters that facteur cannot make ===

fresh
app_env
sql "delete from volunteer_letter_sends; truncate done_jobs"
printf '@php $x = shell_exec("true"); @endphp\n' >>"$APP/resources/views/emails/volunteer-letter.blade.php"
before=$(mails)
artisan jobs:mixed 2
facteur "${WORK[@]}" --stop-when-empty --php=auto >"$TMP/out" 2>&1
equals "a view that only PHP can run sends its letters all the same" "$? $(($(mails) - before)) $(left)" $'0 2 0\t0'
has "and that is said" "$(cat "$LOG")" "the letters are run by PHP"
equals "of no artisan worker" "$(grep -c 'artisan worker' "$LOG")" 0
