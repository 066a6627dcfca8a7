#!/bin/bash
# php_obeys.sh: what the app has set on Laravel's worker for all its workers is obeyed, as artisan's worker obeys it.
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/php_jobs.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
php_app "$TMP/app" 5 || exit 1
sql "create table marks (id int auto_increment primary key, what varchar(40))"
class Marks '\Illuminate\Support\Facades\DB::table("marks")->insert(["what" => "marked"]);'
class Sleeps 'sleep(30);'
app_env CACHE_STORE=database
export FACTEUR_PHP=all

sed -i "s|public function boot(): void\n *{|&|; /public function boot/,/{/ s|{|{ require base_path('odd.php');|" \
    "$APP/app/Providers/AppServiceProvider.php"
sets() { printf '<?php\nuse Illuminate\\Queue\\Worker;\n%s\n' "$1" >"$APP/odd.php"; }

marked() { [ "$(sql "select count(*) from marks")" = "$1" ]; }
ended() { ! kill -0 "$WORKER" 2>/dev/null; }
begin() { # PROGRAM OPTION...: a worker that has run a job
    fresh
    sql "truncate marks; delete from cache"
    put Marks
    background "$TMP/worker.log" "$1" queue:work --sleep=0.1 "${@:2}"
    eventually 20 marked 1 || note "it runs nothing: $(cat "$TMP/worker.log" "$LOG")"
}

# stops PROGRAM: what becomes of a worker whose queue is paused, and that is then told to restart.
stops() {
    local said=
    begin "$1"
    artisan queue:pause default >/dev/null
    sleep 0.5
    put Marks
    if eventually 2 marked 2; then said="not paused"; else said="paused"; fi
    sleep 1 # else it may be the second in which the worker began
    artisan queue:restart >/dev/null
    if eventually 3 ended; then
        wait "$WORKER"
        said+=", restarted $?"
        forget "$WORKER"
    else
        said+=", not restarted"
        end_process "$WORKER"
        forget "$WORKER"
    fi
    echo "$said"
}

# heavy PROGRAM: what it ends with that has reached its --memory.
heavy() {
    local program=(php artisan)
    [ "$1" = artisan ] || program=("$FACTEUR")
    fresh
    (cd "$APP" && clean timeout 60 "${program[@]}" queue:work --memory=1 >/dev/null 2>&1)
    echo $?
}

# each NAME WANTED WHAT: of both programs.
each() {
    local program
    for program in artisan facteur; do equals "$1 ($program)" "$($3 $program)" "$2"; done
}

sets ''
each "an app that sets nothing has its workers pause and restart" "paused, restarted 0" stops
each "and end with 12 when they are too large" 12 heavy
sets 'Worker::$restartable = false;'
each "where Worker::\$restartable is false queue:restart is not looked for" "paused, not restarted" stops
sets 'Worker::$pausable = false;'
each "where Worker::\$pausable is false queue:pause is not" "not paused, restarted 0" stops
sets 'Illuminate\Support\Facades\Queue::withoutInterruptionPolling(); Worker::$memoryExceededExitCode = 77;'
each "neither is, where the app wants no polling" "not paused, not restarted" stops
each "the exit code of --memory is the app's" 77 heavy
sets 'Worker::$memoryExceededExitCode = 300;'
each "and cut as the system cuts it" 44 heavy
sets 'Worker::$memoryExceededExitCode = 0;'
each "it may be 0" 0 heavy
equals "without PHP it is Laravel's" "$(FACTEUR_PHP=off heavy facteur)" 12

# === the exit code of a timeout is told to listeners, by the process whose time is over ===

sets 'Worker::$timedOutExitCode = 44;
Illuminate\Support\Facades\Event::listen(Illuminate\Queue\Events\WorkerStopping::class, function ($e) {
    file_put_contents(storage_path("stopping"), $e->status." ", FILE_APPEND);
});'
late() {
    rm -f "$APP/storage/stopping"
    fresh
    sql "delete from cache"
    put Sleeps
    "$1" queue:work --stop-when-empty --sleep=0 --timeout=1 --tries=1 >/dev/null 2>&1
    cut -d' ' -f1 "$APP/storage/stopping"
}
each "a listener is told the exit code of a timeout" 44 late

# === a listener is told why the worker stops ===

sets 'Illuminate\Support\Facades\Event::listen(Illuminate\Queue\Events\WorkerStopping::class, function ($e) {
    file_put_contents(storage_path("stopping"), $e->status." ".($e->reason?->value ?? "-")."\n", FILE_APPEND);
});
if (is_file(storage_path("code"))) { Worker::$memoryExceededExitCode = 77; }'
told() { # PROGRAM OPTION...
    local program=(php artisan)
    [ "$1" = artisan ] || program=("$FACTEUR")
    rm -f "$APP/storage/stopping"
    fresh
    sql "truncate marks; delete from cache"
    put Marks
    (cd "$APP" && clean timeout 60 "${program[@]}" queue:work --sleep=0.1 "${@:2}" >/dev/null 2>&1)
    sort -u "$APP/storage/stopping"
}
told_empty() { told "$1" --memory=2048 --stop-when-empty; }
told_jobs() { told "$1" --memory=2048 --max-jobs=1; }
told_time() { told "$1" --memory=2048 --max-time=1; }
told_memory() { told "$1" --memory=1; }
told_signal() {
    rm -f "$APP/storage/stopping"
    begin "$1"
    end_process "$WORKER"
    forget "$WORKER"
    sort -u "$APP/storage/stopping"
}
each "a listener is told that the queue is empty" "0 empty" told_empty
each "that so many jobs were run" "0 max_jobs" told_jobs
each "that the time is over" "0 max_time" told_time
each "that it was told to" "0 interrupted" told_signal
each "that it is too large" "12 memory" told_memory
touch "$APP/storage/code"
each "and the code that the app wants for that" "77 memory" told_memory
rm "$APP/storage/code"

# === an app that cannot be booted at first ===

sets 'Worker::$restartable = false; if (is_file(storage_path("broken"))) { throw new Exception("not yet"); }'
touch "$APP/storage/broken"
fresh
sql "truncate marks; delete from cache"
put Marks
background "$TMP/worker.log" facteur queue:work --sleep=0.1
said() { grep -q 'not yet' "$LOG"; }
check "an app that cannot be booted is said" eventually 20 said
rm "$APP/storage/broken"
check "its job runs when it can be" eventually 30 marked 1
sleep 1
artisan queue:restart >/dev/null
sleep 1
check "and it is obeyed from then on" kill -0 "$WORKER"
end_process "$WORKER"
forget "$WORKER"
