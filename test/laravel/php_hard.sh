#!/bin/bash
# php_hard.sh: PHP processes that die, hang, fork, close what is not theirs, at moments that a worker does not expect.
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
WORK=(queue:work --sleep=0.1 --memory=1024 --php=auto)
MARK='\Illuminate\Support\Facades\DB::table("marks")->insert(["what" => class_basename($this), "pid" => getmypid()]);'
class Marks "$MARK"

marked() { [ "$(sql "select count(*) from marks where what = '$1'")" -ge "${2:-1}" ]; }
marks() { sql "select what, count(*) from marks group by 1 order by 1" | paste -sd' '; }
php_of() { pgrep -P "$(pgrep -P "$1" | head -1)" | head -1; }
begin() { # OPTION...: a worker in the background
    fresh
    sql "truncate marks"
    background "$TMP/worker.log" facteur "${WORK[@]}" "$@"
}
end() {
    kill -TERM "$WORKER"
    wait "$WORKER"
    equals "$1: the worker ends with 0" $? 0
    forget "$WORKER"
}
empty() { [ "$(sql 'select count(*) from jobs')" = 0 ]; }

# === a process that was killed between two jobs ===

begin
put Marks
check "a job runs" eventually 20 marked Marks
eventually 5 empty
kill -9 "$(php_of "$WORKER")"
put Marks
check "the next one runs in a new process" eventually 20 marked Marks 2
eventually 5 empty
equals "which is no attempt of anybody" "$(left) $(grep -c WARNING "$LOG")" $'0\t0 0'

# === the same, and what it had started holds its pipes; the payload is more than a pipe takes ===

class Daemon "exec('setsid sleep 60 >/dev/null 2>&1 & echo \$!', \$out); file_put_contents(storage_path('daemon'), \$out[0]); $MARK"
put Daemon
eventually 20 marked Daemon
eventually 5 empty
kill -9 "$(php_of "$WORKER")"
put_big Marks 300000
check "a job of 300 KB runs in a new process" eventually 20 marked Marks 3
kill -9 "$(cat "$APP/storage/daemon")"
end "killed between jobs"
equals "no failure" "$(left)" $'0\t0'

# === a process that reads nothing any more ===

begin --timeout=2 --tries=1
put Marks
eventually 20 marked Marks
eventually 5 empty
kill -STOP "$(php_of "$WORKER")"
put_big Marks 300000
check "its time ends though it takes nothing" eventually 25 empty
has "and it fails, as one that hangs" "$(exceptions)" "was killed, since its time of 2 s was over"
end "stopped"

# === forks ===

class Forks "\$pid = pcntl_fork(); if (\$pid === 0) { usleep(300000); return; } pcntl_waitpid(\$pid, \$status); $MARK"
class ForksExits "\$pid = pcntl_fork(); if (\$pid === 0) { exit(7); } pcntl_waitpid(\$pid, \$status); if (pcntl_wexitstatus(\$status) !== 7) { throw new \Exception('status '.\$status); } $MARK"
class ForksOn "if (pcntl_fork() === 0) { usleep(300000); return; } $MARK"
class ForksThrows "if (pcntl_fork() === 0) { throw new \Exception('of the fork'); } sleep(1); $MARK"
begin --tries=1
for job in Forks ForksExits ForksOn Marks ForksThrows Marks Marks; do put $job; done
check "jobs that fork, and those behind them, run" eventually 30 empty
sleep 1
equals "each once" "$(marks)" $'Forks\t1 ForksExits\t1 ForksOn\t1 ForksThrows\t1 Marks\t3'
equals "and none failed" "$(left) $(exceptions)" $'0\t0 '
end "forks"

# === a process that leaves its group ===

class Leaves "pcntl_signal(SIGALRM, SIG_IGN); posix_setpgid(0, posix_getpgid(posix_getppid())); $MARK sleep(60);"
begin --timeout=1 --tries=1
put Leaves
put Marks
check "one that left its group is ended all the same" eventually 20 marked Marks
end "left its group"

# === what is written where frames are ===

class Writes '$f = fopen("php://fd/4", "w"); fwrite($f, str_repeat("y\n", 100)); sleep(30);'
class Floods 'exec("yes floods >&4 2>/dev/null &"); exit(1);'
begin --tries=1 --timeout=20
put Writes
put Floods
put Marks
check "frames of a job's own are a failure of its own" eventually 20 marked Marks
equals "so many" "$(left)" $'0\t2'
end "writes"
dry() { ! pgrep -x yes >/dev/null; }
check "nothing that it had started is left" eventually 5 dry

# === one that never stops talking ===

class Talks "pcntl_signal(SIGALRM, SIG_IGN); \$until = microtime(true) + 6; while (microtime(true) < \$until) { dispatch_sync(new Quiet); } $MARK"
class Quiet ''
app_env DB_QUEUE_RETRY_AFTER=3
begin --timeout=0
put Talks
reserved() { sql "select coalesce(max(reserved_at), 0) from jobs"; }
held() { [ "$(reserved)" != 0 ]; }
eventually 10 held
first=$(reserved)
renewed() { [ "$(reserved)" -gt "$first" ]; }
check "its lease is kept meanwhile" eventually 4 renewed
check "it ends" eventually 20 marked Talks
end "talks"
equals "as a success" "$(left)" $'0\t0'
begin --timeout=1 --tries=1
put Talks
put Marks
check "its time is as long as any other's" eventually 5 marked Marks
equals "and it failed" "$(left) $(marks)" $'0\t1 Marks\t1'
end "talks too long"

# === a settlement that has to wait ===

class Slow "sleep(1); $MARK"
begin --timeout=2 --tries=1
put Slow
eventually 10 held
sql "begin; select id from jobs for update; do sleep(4); rollback" >/dev/null 2>&1
check "a row that somebody locks is settled later" eventually 20 empty
sleep 0.5
equals "which is not of the job's time: its listeners have theirs" \
    "$(left) $(marks) $(grep -c WARNING "$LOG") $(grep -c DONE "$TMP/worker.log")" $'0\t0 Slow\t1 0 1'
end "settled late"

# === a slot that dies while its job's end is written, or while failed() runs ===

app_env # a lease that is not renewed, which would wait for the lock, too
begin --tries=1
put Slow
eventually 10 held
sql "begin; select id from jobs for update; do sleep(4); rollback" >/dev/null 2>&1 &
lock=$!
eventually 5 marked Slow
sleep 0.5
kill -9 "$(pgrep -P "$WORKER" | head -1)"
wait $lock
check "a job that was over is taken off by the next slot" eventually 20 empty
equals "as the success that it was" "$(left) $(marks)" $'0\t0 Slow\t1'
end "killed at the settlement"

# fails BODY: a class that fails, and what its failed() does then.
fails() {
    class "$1" 'throw new \Exception("the first word");'
    sed -i "\$d" "$APP/app/Jobs/$1.php"
    printf '\n    public function failed(): void\n    {\n        %s\n        %s\n    }\n}\n' "$MARK" "$2" >>"$APP/app/Jobs/$1.php"
}
fails FailsExits 'exit(3);'
fails FailsSleeps 'sleep(60);'
begin --tries=1
put FailsExits
check "a job whose failed() ends the process fails" eventually 20 empty
has "with its own exception" "$(exceptions)" "Exception: the first word"
equals "and failed() is called once" "$(marks)" $'FailsExits\t1'
fresh
put FailsSleeps
eventually 10 marked FailsSleeps
kill -9 "$(pgrep -P "$WORKER" | head -1)"
check "one whose slot dies while failed() runs fails" eventually 20 empty
has "with that, too" "$(exceptions)" "Exception: the first word"
equals "and failed() is not called again" "$(marks)" $'FailsExits\t1 FailsSleeps\t1'
end "failed() ends it"
equals "no process is left" "$(pgrep -f "$TMP/app" | wc -l)" 0
