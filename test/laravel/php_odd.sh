#!/bin/bash
# php_odd.sh: jobs and apps that do what is rarely done, beside artisan's worker: state that a job leaves in its process,
# workers inside jobs, apps that boot only sometimes, signals and orders while a job hangs, output that nobody reads.
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/php_jobs.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
php_app "$TMP/app" 5 || exit 1
sql "create table marks (id int auto_increment primary key, what varchar(40), pid int)"
app_env CACHE_STORE=database
export FACTEUR_PHP=all
MARK='\Illuminate\Support\Facades\DB::table("marks")->insert(["what" => class_basename($this), "pid" => getmypid()]);'
class Marks "$MARK"
class Waits "touch(storage_path('waits')); while (! file_exists(storage_path('go'))) { usleep(10000); clearstatcache(); } $MARK"

marks() { sql "select what from marks order by id" | paste -sd' '; }
marked() { [ "$(sql "select count(*) from marks")" -ge "$1" ]; }
waits() { [ -e "$APP/storage/waits" ]; }
ended() { ! kill -0 "$WORKER" 2>/dev/null; }
clear() {
    fresh
    sql "truncate marks; delete from cache"
    rm -f "$APP"/storage/{waits,go}
}

# drains PROGRAM OPTION...: its exit code, what ran, and what is left.
drains() {
    "$1" queue:work --stop-when-empty --sleep=0 "${@:2}" >"$TMP/out" 2>&1
    echo "$? [$(marks)] $(left | tr '\t' ' ')"
}

# begin PROGRAM OPTION...
begin() { background "$TMP/worker.log" "$1" queue:work --sleep=0.1 "${@:2}"; }
# end: ENDS is what becomes of the worker, within some seconds.
end() {
    if eventually 8 ended; then
        wait "$WORKER"
        ENDS="ends with $?"
    else
        end_process "$WORKER"
        ENDS="goes on"
    fi
    forget "$WORKER"
}

# each NAME WANTED WHAT...: of both programs.
each() {
    local name=$1 wanted=$2 program
    shift 2
    for program in artisan facteur; do
        clear
        equals "$name ($program)" "$("$1" $program "${@:2}")" "$wanted"
    done
}

# === what a job changes in its process ===

class Changes "chdir('/'); umask(0); setlocale(LC_ALL, 'C.UTF-8'); date_default_timezone_set('Asia/Tokyo'); ini_set('memory_limit', '333M'); ini_set('precision', '5'); error_reporting(0); putenv('ODD=1'); $MARK"
class Tells "file_put_contents(storage_path('told'), implode(' ', [getcwd(), umask(), setlocale(LC_ALL, 0), date_default_timezone_get(), ini_get('memory_limit'), ini_get('precision'), getenv('ODD'), 1/3])); $MARK"
changes() {
    put Changes
    put Tells
    echo "$(drains "$1") $(cat "$APP/storage/told")"
}
each "what a job changes in its process the next one meets" \
    "0 [Changes Tells] 0 0 / 0 C.UTF-8 Asia/Tokyo 333M 5 1 0.33333" changes

# === a worker inside a job ===

class Works "\Illuminate\Support\Facades\Artisan::call('queue:work', ['--once' => true, '--sleep' => 0]); $MARK"
class Throws "$MARK throw new \Exception('inside');"
inside() {
    local job
    for job; do [ "$job" = "$1" ] || put "$job"; done
    drains "$1"
}
each "a worker inside a job runs the next job" "0 [Marks Works Marks] 0 0" inside Works Marks Marks
each "and fails it, where it fails" "0 [Throws Works Marks] 0 1" inside Works Throws Marks
each "it may have a worker inside itself" "0 [Marks Works Works] 0 0" inside Works Works Marks

# === payloads ===

big() {
    put_big Marks 1200000
    put Marks
    drains "$1"
}
each "a payload of more than a megabyte" "0 [Marks Marks] 0 0" big

# === signals while a job hangs, without a limit ===

# stopped PROGRAM SIGNAL: while a job hangs the worker stays; when the job is over it ends, without the next one.
stopped() {
    put Waits
    put Marks
    begin "$1" --timeout=0
    eventually 20 waits
    kill "-$2" "$WORKER"
    sleep 0.7
    if ended; then echo -n "gone at once, "; fi
    touch "$APP/storage/go"
    end
    echo "$ENDS [$(marks)] $(left | tr '\t' ' ')"
}
for signal in TERM QUIT INT; do
    each "SIG$signal while a job hangs" "ends with 0 [Waits] 1 0" stopped $signal
done

paused() {
    put Waits
    put Marks
    begin "$1" --timeout=0
    eventually 20 waits
    kill -USR2 "$WORKER"
    sleep 0.3
    touch "$APP/storage/go"
    eventually 10 marked 1
    sleep 1.2
    echo -n "[$(marks)] "
    kill -CONT "$WORKER"
    eventually 10 marked 2
    kill -TERM "$WORKER"
    end
    echo "[$(marks)] $ENDS"
}
each "SIGUSR2 and SIGCONT while a job hangs" "[Waits] [Waits Marks] ends with 0" paused

# === orders of the app while a job runs, and while none does ===

# ordered PROGRAM OFF ON: the job at hand ends, the next one waits until the other order.
ordered() {
    put Waits
    put Marks
    begin "$1"
    eventually 20 waits
    artisan $2 >/dev/null
    touch "$APP/storage/go"
    eventually 10 marked 1
    sleep 1.5
    echo -n "[$(marks)] "
    artisan $3 >/dev/null
    eventually 10 marked 2
    artisan $2 >/dev/null # nothing to do
    sleep 1.5
    put Marks
    sleep 1.5
    echo -n "[$(marks)] "
    artisan $3 >/dev/null
    eventually 10 marked 3
    kill -TERM "$WORKER"
    end
    echo "[$(marks)] $ENDS"
}
each "queue:pause and queue:resume" "[Waits] [Waits Marks] [Waits Marks Marks] ends with 0" ordered \
    "queue:pause default" "queue:resume default"
each "down and up" "[Waits] [Waits Marks] [Waits Marks Marks] ends with 0" ordered down up

# === output that nobody reads ===

class Prints "echo str_repeat('x', 100000), PHP_EOL; $MARK"
class WaitsPrints "touch(storage_path('waits')); while (! file_exists(storage_path('go'))) { usleep(10000); clearstatcache(); } echo 'printed', PHP_EOL; $MARK"
class Whispers "fwrite(STDERR, str_repeat('x', 100000)); $MARK"
clear
for job in Marks Prints Whispers Marks; do put $job; done
facteur queue:work --stop-when-empty --sleep=0 2>&1 | true
equals "jobs that print go on where nobody reads" "$(marks) $(left)" $'Marks Prints Whispers Marks 0\t0'
clear
put WaitsPrints
for job in Prints Whispers Prints Marks; do put $job; done
mkfifo "$TMP/fifo"
(cd "$APP" && clean timeout 60 "$FACTEUR" queue:work --stop-when-empty --sleep=0 --memory=2048 >"$TMP/fifo" 2>&1) &
worker=$!
cat "$TMP/fifo" >"$TMP/read" &
reader=$!
eventually 20 waits
kill $reader
wait $reader 2>/dev/null
touch "$APP/storage/go"
wait $worker
equals "and where the reader goes away while they run" "$? $(marks) $(left)" $'0 WaitsPrints Prints Whispers Prints Marks 0\t0'

# === an app that boots only sometimes ===

sed -i "s|public function boot(): void|&|; /public function boot/,/{/ s|{|{ require base_path('odd.php');|" \
    "$APP/app/Providers/AppServiceProvider.php"
sets() { printf '<?php\n%s\n' "$1" >"$APP/odd.php"; }

sets 'exit(3);'
clear
put Marks
facteur queue:work --stop-when-empty --sleep=0 >"$TMP/out" 2>&1
equals "an app that exits while it boots leaves its jobs" "$? $(sql 'select attempts, reserved_at is null from jobs')" $'0 0\t1'
has "and says so" "$(cat "$LOG")" "exit() was called while the app was booted"

# The master's own boot is the first one.
sets 'file_put_contents(storage_path("boots"), "x", FILE_APPEND); if (filesize(storage_path("boots")) > 1 && ! is_file(storage_path("mended"))) { throw new Exception("not again"); }'
clear
put Marks
begin facteur
said() { grep -q "cannot boot the app: not again" "$LOG"; }
check "an app that boots once alone is said" eventually 20 said
equals "and its jobs wait, without an attempt" "$(sql 'select attempts, reserved_at is null from jobs') [$(marks)]" $'0\t1 []'
touch "$APP/storage/mended"
check "until it boots again" eventually 30 marked 1
kill -TERM "$WORKER"
end
equals "and the worker has gone on" "$ENDS $(grep -c 'not again' "$LOG")" "ends with 0 1"
sets ''

equals "no process is left" "$(pgrep -f "$TMP/app" | wc -l)" 0
